//! All trees of one suite as one file: a line that says what it is, a digest, and what that is of.
//!
//! The digest is no defence against who may write the file, who is the user alone. It tells a file
//! that was cut off or damaged from a whole one, before any of it is taken for a tree.

use std::{collections::BTreeMap, ops::Range};

use ring::digest::{SHA256, SHA256_OUTPUT_LEN, digest};
use serde::{Deserialize, Serialize};

/// What a text is known by: its digest.
pub(in crate::yaml) type Key = [u8; SHA256_OUTPUT_LEN];

/// The first line of each file of this kind, of whatever version.
const KIND: &str = "probity trees ";

/// The first line of those that this version reads. The number is that of the form: raise it with every
/// change of what the parser makes of a text, or of how a tree is written.
const FIRST: &str = concat!("probity trees 1 ", env!("CARGO_PKG_VERSION"), "\n");

/// Why there are no trees in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    Version,
    Damaged,
}

/// Trees by the digests of their texts.
#[derive(Debug, Default)]
pub(super) struct Pack {
    bytes: Vec<u8>,
    trees: BTreeMap<Key, Place>,
}

/// Where a tree stands.
#[derive(Debug)]
struct Place {
    range: Range<usize>,
    spare: bool,
}

/// A tree in the list before all trees.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    key: Key,
    length: u32,
    spare: bool,
}

/// A tree that is to be written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tree<'t> {
    pub bytes: &'t [u8],
    /// The load that writes it did not use it.
    pub spare: bool,
}

impl Pack {
    /// Reads a file.
    pub(super) fn read(bytes: Vec<u8>) -> Result<Self, Refused> {
        if !bytes.starts_with(FIRST.as_bytes()) {
            let version = bytes.starts_with(KIND.as_bytes());
            return Err(if version {
                Refused::Version
            } else {
                Refused::Damaged
            });
        }
        let trees = trees(&bytes).ok_or(Refused::Damaged)?;
        Ok(Self { bytes, trees })
    }

    /// The tree of a text, and whether the load that wrote it did without.
    pub(super) fn get(&self, key: &Key) -> Option<Tree<'_>> {
        let place = self.trees.get(key)?;
        let bytes = self.bytes.get(place.range.clone())?;
        Some(Tree {
            bytes,
            spare: place.spare,
        })
    }

    /// All trees, in the order of their keys.
    pub(super) fn all(&self) -> impl Iterator<Item = (Key, Tree<'_>)> {
        let keys = self.trees.keys();
        keys.filter_map(|key| Some((*key, self.get(key)?)))
    }
}

/// Where the trees of a whole file stand; `None` where it is not whole.
fn trees(bytes: &[u8]) -> Option<BTreeMap<Key, Place>> {
    let rest = bytes.get(FIRST.len()..)?;
    let (sum, rest) = rest.split_at_checked(SHA256_OUTPUT_LEN)?;
    if digest(&SHA256, rest).as_ref() != sum {
        return None;
    }
    let (heads, rest) = postcard::take_from_bytes::<Vec<Head>>(rest).ok()?;
    let mut at = bytes.len() - rest.len();
    let mut out = BTreeMap::new();
    for head in heads {
        let end = at.checked_add(usize::try_from(head.length).ok()?)?;
        bytes.get(at..end)?;
        let place = Place {
            range: at..end,
            spare: head.spare,
        };
        out.insert(head.key, place);
        at = end;
    }
    (at == bytes.len()).then_some(out)
}

/// The file that holds these trees; `None` where one of them is too long for it.
pub(super) fn write(trees: &BTreeMap<Key, Tree<'_>>) -> Option<Vec<u8>> {
    let heads = trees.iter().map(|(key, tree)| {
        Some(Head {
            key: *key,
            length: u32::try_from(tree.bytes.len()).ok()?,
            spare: tree.spare,
        })
    });
    let heads: Vec<Head> = heads.collect::<Option<_>>()?;
    let mut payload = postcard::to_stdvec(&heads).ok()?;
    for tree in trees.values() {
        payload.extend_from_slice(tree.bytes);
    }
    let sum = digest(&SHA256, &payload);
    Some([FIRST.as_bytes(), sum.as_ref(), &payload].concat())
}

/// What a text is known by.
pub(super) fn key(text: &str) -> Key {
    let mut out = Key::default();
    for (to, from) in out
        .iter_mut()
        .zip(digest(&SHA256, text.as_bytes()).as_ref())
    {
        *to = *from;
    }
    out
}
