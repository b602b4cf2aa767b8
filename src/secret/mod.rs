//! What must not be shown, and how it is masked.
//!
//! Takes: secrets, and texts that may hold them in any encoding. Gives: the texts, masked.
//! Never: shows a secret, shortens one, or masks half of it. [`Redactor`] knows the secrets of a row,
//! [`SecretIndex`] those of a whole run.

mod index;
mod mask;
mod names;
mod pattern;
mod shape;
mod tests;
mod view;

pub use index::{Leak, SecretIndex};
pub use mask::{Mask, masks};
pub use names::{is_secret_header, is_secret_member, secrets_in, secrets_of_pairs};

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use self::{
    mask::Hit,
    pattern::{Form, needles},
    view::{View, views},
};

/// A value that must not be shown. It has no way into a text but [`Self::expose`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Secret(String);

impl Secret {
    /// The value itself, for what is sent and for what is looked for.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl<T: Into<String>> From<T> for Secret {
    fn from(value: T) -> Self {
        Self(value.into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Mask::of(&self.0))
    }
}

/// Bytes by which a needle is found. A secret of which this much is left before a cut is masked.
const FRONT: usize = 8;

/// What stands for a text whose secrets cannot be looked for.
const NOT_SHOWN: &str = "[not shown: too many secrets]";

/// What stands where a text was cut.
const CUT: &str = "…";

/// Knows the secrets of a row and replaces them in any text, in the encodings they travel in.
#[derive(Debug, Default)]
pub struct Redactor {
    needles: Vec<SecretPattern>,
    /// Looks for the fronts of all needles; of whole tokens it would be a large thing for each row.
    fronts: Automaton,
    /// The needles that begin with each front.
    begins: Vec<Vec<usize>>,
}

struct SecretPattern {
    text: String,
    form: Form,
    mask: Mask,
}

impl fmt::Debug for SecretPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.mask)
    }
}

impl Redactor {
    /// A redactor for these secrets.
    #[must_use]
    pub fn new<'s>(secrets: impl IntoIterator<Item = &'s str>) -> Self {
        let distinct: BTreeSet<&str> = secrets.into_iter().collect();
        let mut all = BTreeMap::new();
        for secret in distinct {
            let mask = Mask::of(secret);
            for (text, form) in needles(secret) {
                // A secret keeps its own mask though it is a form of another one.
                if text == secret || !all.contains_key(&text) {
                    all.insert(text, (form, mask));
                }
            }
        }
        let needles: Vec<SecretPattern> = all
            .into_iter()
            .map(|(text, (form, mask))| SecretPattern { text, form, mask })
            .collect();
        let mut fronts: BTreeMap<&[u8], Vec<usize>> = BTreeMap::new();
        for (index, needle) in needles.iter().enumerate() {
            let bytes = needle.text.as_bytes();
            let front = &bytes[..bytes.len().min(FRONT)];
            fronts.entry(front).or_default().push(index);
        }
        Self {
            fronts: Automaton::new(fronts.keys().copied()),
            begins: fronts.into_values().collect(),
            needles,
        }
    }

    /// The text with every secret replaced by its mask.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        self.masked(text, shape::hits(text))
    }

    /// A header's value as it may be shown.
    #[must_use]
    pub fn header(&self, name: &str, value: &str) -> String {
        if !is_secret_header(name) || value.is_empty() {
            return self.redact(value);
        }
        let authorization = name.to_ascii_lowercase().ends_with("authorization");
        match value.split_once(' ') {
            Some((scheme, rest)) if authorization => {
                format!("{} {}", self.redact(scheme), Mask::of(rest))
            }
            _ => Mask::of(value).to_string(),
        }
    }

    /// A URL as it may be shown: parameters are masked by name, the rest by value.
    #[must_use]
    pub fn url(&self, url: &str) -> String {
        self.pairs(url)
    }

    /// A body as it may be shown: secret members of JSON and secret pairs of a form are masked by
    /// name, the rest by value.
    #[must_use]
    pub fn body(&self, text: &str) -> String {
        match serde_json::from_str::<serde_json::Value>(text) {
            Ok(mut value) if value.is_object() || value.is_array() => {
                names::mask_members(&mut value);
                self.redact(&value.to_string())
            }
            _ => self.pairs(text),
        }
    }

    fn pairs(&self, text: &str) -> String {
        let named = names::secret_pairs(text).map(|(start, end)| Hit {
            start,
            end,
            mask: Mask::of(&text[start..end]),
        });
        let mut hits = shape::hits(text);
        hits.extend(named);
        self.masked(text, hits)
    }

    fn masked(&self, text: &str, mut hits: Vec<Hit>) -> String {
        match &self.fronts {
            Automaton::Nothing => {}
            Automaton::TooLarge => return NOT_SHOWN.to_owned(),
            Automaton::Finds(fronts) => {
                for view in views(text) {
                    // All that overlap are found, so that no secret leaves half of another.
                    for found in fronts.find_overlapping_iter(&view.bytes) {
                        let begins = &self.begins[found.pattern().as_usize()];
                        let needles = begins.iter().map(|index| &self.needles[*index]);
                        hits.extend(needles.filter_map(|needle| needle.at(&view, found.start())));
                    }
                }
            }
        }
        mask::replace(text, &mask::merge(text, hits))
    }
}

impl SecretPattern {
    /// The needle, or as much of it as a cut has left, where its front stands.
    fn at(&self, view: &View<'_>, start: usize) -> Option<Hit> {
        let (bytes, own) = (&view.bytes[start..], self.text.as_bytes());
        let length = bytes
            .iter()
            .zip(own)
            .take_while(|(one, other)| one == other)
            .count();
        let rest = &bytes[length..];
        let cut = length >= FRONT && (rest.is_empty() || rest.starts_with(CUT.as_bytes()));
        if length < own.len() && !cut {
            return None;
        }
        let (start, end) = match self.form {
            Form::Base64 => with_neighbours(&view.bytes, start, start + length),
            Form::Text | Form::Header => (start, start + length),
        };
        let (start, end) = view.place(start, end);
        let mask = self.mask;
        Some(Hit { start, end, mask })
    }
}

/// What looks for needles.
#[derive(Debug, Default)]
enum Automaton {
    #[default]
    Nothing,
    Finds(AhoCorasick),
    /// The needles are more than can be looked for, and so no text can be shown.
    TooLarge,
}

impl Automaton {
    fn new<'n>(needles: impl ExactSizeIterator<Item = &'n [u8]>) -> Self {
        if needles.len() == 0 {
            return Self::Nothing;
        }
        // The other kinds search faster, but take longer to build than a row takes to search.
        AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::NoncontiguousNFA))
            .build(needles)
            .map_or(Self::TooLarge, Self::Finds)
    }
}

/// The letters of base64 beside the inner ones, and the padding.
fn with_neighbours(bytes: &[u8], start: usize, end: usize) -> (usize, usize) {
    let letter = |at: usize| {
        bytes
            .get(at)
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte))
    };
    let first = if start > 0 && letter(start - 1) {
        start - 1
    } else {
        start
    };
    let mut last = if letter(end) { end + 1 } else { end };
    while bytes.get(last) == Some(&b'=') {
        last += 1;
    }
    (first, last)
}
