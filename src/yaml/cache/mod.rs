//! Trees that were parsed before, so that a file that did not change need not be parsed again.
//!
//! Takes: a folder, and where a suite is. Gives: the tree of a text, if that very text was parsed before.
//! Never: reads a file of the suite, decides what is a mistake, or keeps a load from going on.
//!
//! A suite has one file in the folder, named after where the suite is. In it are the trees of its specs
//! and cases by the digests of their texts, so that a tree never belongs to another text, whatever was
//! renamed, changed or changed back. Everything that follows from the trees is found anew each time,
//! and so are mistakes: a text that cannot be parsed is not in it, nor is a target file, which may
//! name what is secret.
//!
//! The file is written only when a tree was missing. What that load did not use is written once
//! more, as spare, for a branch that is left and taken again; what was spare already goes.

mod error;
mod folder;
mod pack;
#[cfg(test)]
mod tests;
mod tree;

pub use error::CacheError;
pub(super) use pack::Key;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use self::{
    error::Unfit,
    pack::{Pack, Refused, Tree},
};
use super::Node;
use crate::diag::SourceFile;
use data_encoding::HEXLOWER;

/// The trees of one suite.
#[derive(Debug)]
pub struct Cache {
    /// The file; `None` where the folder is no place for it.
    path: Option<PathBuf>,
    /// What was in the file.
    pack: Pack,
    /// The texts of it that this load has.
    used: BTreeSet<Key>,
    /// What was parsed now.
    parsed: BTreeMap<Key, Vec<u8>>,
    errors: Vec<CacheError>,
}

impl Cache {
    /// The cache in this folder of the suite at `root`. Where it cannot be read, it is empty.
    #[must_use]
    pub fn open(folder: &Path, root: &Path) -> Self {
        let mut cache = Self {
            path: None,
            pack: Pack::default(),
            used: BTreeSet::new(),
            parsed: BTreeMap::new(),
            errors: Vec::new(),
        };
        // Where there is no such folder, the load says so.
        let Ok(root) = root.canonicalize() else {
            return cache;
        };
        match folder::prepare(folder) {
            Ok(()) => {
                let path = folder::file(folder, &name(&root));
                match read(&path) {
                    Ok(pack) => cache.pack = pack,
                    Err(error) => cache.errors.push(error),
                }
                cache.path = Some(path);
            }
            Err(error) => cache.errors.push(error),
        }
        cache
    }

    pub(super) fn key(text: &str) -> Key {
        pack::key(text)
    }

    /// The tree of the text of this file, which has this key.
    pub(super) fn get(&mut self, key: &Key, file: &Arc<SourceFile>) -> Option<Node> {
        let tree = match self.parsed.get(key) {
            Some(bytes) => bytes,
            None => self.pack.get(key)?.bytes,
        };
        let node = tree::decode(tree, file);
        if node.is_some() {
            self.used.insert(*key);
        } else if let Some(path) = &self.path {
            self.errors.push(CacheError::Unfit {
                path: path.clone(),
                why: Unfit::Damaged,
            });
        }
        node
    }

    /// Remembers the tree of the text that has this key.
    pub(super) fn put(&mut self, key: Key, node: &Node) {
        if self.path.is_some() {
            self.parsed.extend(Some(key).zip(tree::encode(node)));
        }
    }

    /// Writes what was missing, and gives what kept the cache from being used.
    pub(super) fn finish(mut self) -> Vec<CacheError> {
        let Some(path) = self.path.as_ref().filter(|_| !self.parsed.is_empty()) else {
            return self.errors;
        };
        let bytes = pack::write(&self.trees());
        if let Some(Err(error)) = bytes.map(|bytes| folder::write(path, &bytes)) {
            self.errors.push(error);
        }
        self.errors
    }

    /// What is to be written.
    fn trees(&self) -> BTreeMap<Key, Tree<'_>> {
        let before = self.pack.all().filter_map(|(key, tree)| {
            let used = self.used.contains(&key);
            let kept = Tree {
                spare: !used,
                ..tree
            };
            (used || !tree.spare).then_some((key, kept))
        });
        let now = self.parsed.iter().map(|(key, bytes)| {
            let tree = Tree {
                bytes,
                spare: false,
            };
            (*key, tree)
        });
        before.chain(now).collect()
    }
}

/// The trees of a file; none where there is none.
fn read(path: &Path) -> Result<Pack, CacheError> {
    let Some(bytes) = folder::read(path)? else {
        return Ok(Pack::default());
    };
    Pack::read(bytes).map_err(|refused| CacheError::Unfit {
        path: path.to_owned(),
        why: match refused {
            Refused::Version => Unfit::Version,
            Refused::Damaged => Unfit::Damaged,
        },
    })
}

/// What the file of a suite at this place is named after.
fn name(root: &Path) -> String {
    HEXLOWER.encode(&pack::key(&root.to_string_lossy())[..12])
}
