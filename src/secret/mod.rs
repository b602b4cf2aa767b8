//! What must not be shown, and how it is masked.
//!
//! Takes: secrets, and texts that may hold them in any encoding. Gives: the texts, masked.
//! Never: shows a secret, shortens one, or masks half of it. [`Redactor`] knows the secrets of a row,
//! [`SecretIndex`] those of a whole run.

mod documented;
mod hit;
mod index;
mod mask;
mod names;
mod pattern;
mod shape;
mod tests;
mod token;
mod value;
mod view;
mod word;

pub use documented::Documented;
pub use hit::masks;
pub use index::{Leak, SecretIndex};
pub use mask::Mask;
pub use names::{
    is_secret_header, is_secret_member, is_secret_parameter, secrets_in, secrets_of_addresses,
    secrets_of_pairs,
};
pub use token::{Signature, Token};

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use self::{
    hit::Hit,
    pattern::{Form, needles},
    view::{View, joined, views},
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

/// Fewer letters of base64 would be found where blanks part words.
const FEWEST_SPLIT: usize = 12;

/// What stands where a text was cut.
const CUT: &str = "…";

/// Knows the secrets of a row and replaces them in any text, in the encodings they travel in.
///
/// What is evidence stays: names, what the documents state, and common words wherever no name says
/// that the value is secret.
#[derive(Debug, Default)]
pub struct Redactor {
    documented: Arc<Documented>,
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
    /// What is shown of the secret where the whole of it stands.
    stands: Option<Arc<str>>,
    /// Letters as those of a name: in the place of a name, they are one.
    is_name: bool,
    /// Looked for also where blanks part it.
    is_sought_when_split: bool,
}

impl SecretPattern {
    fn new(text: String, form: Form, secret: &str, mask: Mask) -> Self {
        let whole = text == secret;
        let of_base64 = form == Form::Base64 && text.len() < FEWEST_SPLIT;
        Self {
            form,
            mask,
            stands: whole.then(|| token::kind(secret)).flatten(),
            is_name: word::could_be_a_name(&text),
            is_sought_when_split: word::is_sought_when_split(&text) && !of_base64,
            text,
        }
    }
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
                    all.insert(text, (form, secret, mask));
                }
            }
        }
        let needles: Vec<SecretPattern> = all
            .into_iter()
            .map(|(text, (form, secret, mask))| SecretPattern::new(text, form, secret, mask))
            .collect();
        let mut fronts: BTreeMap<&[u8], Vec<usize>> = BTreeMap::new();
        for (index, needle) in needles.iter().enumerate() {
            let bytes = needle.text.as_bytes();
            let front = &bytes[..bytes.len().min(FRONT)];
            fronts.entry(front).or_default().push(index);
        }
        Self {
            documented: Arc::default(),
            fronts: Automaton::new(fronts.keys().copied()),
            begins: fronts.into_values().collect(),
            needles,
        }
    }

    /// Spares what the documents state wherever no name says that it is secret.
    #[must_use]
    pub fn sparing(mut self, documented: &Arc<Documented>) -> Self {
        self.documented = Arc::clone(documented);
        self
    }

    /// The text with every secret replaced by its mask.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        self.masked(text, shape::hits(text))
    }

    /// A name of a header or a place in an answer: masked only where it holds what is no name.
    #[must_use]
    pub fn name(&self, text: &str) -> String {
        let mut hits = shape::hits(text);
        hits.extend(self.found(text, |needle, _| !needle.is_name));
        hit::replace(text, &hit::merge(text, hits))
    }

    /// What a finding says of a value that its name makes secret: JSON, or words about it.
    #[must_use]
    pub fn secret_value(&self, text: &str) -> String {
        let mut value = serde_json::from_str(text).unwrap_or_default();
        if names::mask_value(&mut value) {
            self.redact(&value.to_string())
        } else {
            self.redact(text)
        }
    }

    /// What a finding says of any other value: JSON, whose members may have names that make them
    /// secret, or words about it.
    #[must_use]
    pub fn value(&self, text: &str) -> String {
        self.members(text).unwrap_or_else(|| self.redact(text))
    }

    /// A header's value as it may be shown.
    #[must_use]
    pub fn header(&self, name: &str, value: &str) -> String {
        if !is_secret_header(name) || value.is_empty() {
            return self.redact(value);
        }
        if name.eq_ignore_ascii_case("set-cookie") {
            return self.cookie(value);
        }
        let authorization = name.to_ascii_lowercase().ends_with("authorization");
        match value.split_once(' ') {
            Some((scheme, rest)) if authorization => {
                format!("{} {}", self.redact(scheme), token::stand_in(rest))
            }
            _ => token::stand_in(value),
        }
    }

    /// A cookie that is set: its value is masked, its name and its attributes are evidence.
    fn cookie(&self, header: &str) -> String {
        let (pair, attributes) = match header.split_once(';') {
            Some((pair, attributes)) => (pair, format!(";{}", self.redact(attributes))),
            None => (header, String::new()),
        };
        match pair.split_once('=') {
            Some((name, value)) if !value.is_empty() => {
                let name = self.name(name);
                format!("{name}={}{attributes}", token::stand_in(value))
            }
            Some((name, _)) => format!("{}={attributes}", self.name(name)),
            None => token::stand_in(header),
        }
    }

    /// A URL as it may be shown: parameters are masked by name, the rest by value.
    #[must_use]
    pub fn url(&self, url: &str) -> String {
        let named = names::secret_pairs_of_address(url);
        let mut hits = shape::hits(url);
        hits.extend(named.map(|place| Hit::of(&url[place.0..place.1], place)));
        self.masked(url, hits)
    }

    /// A body as it may be shown: secret members of JSON and secret pairs of a form are masked by
    /// name, the rest by value.
    #[must_use]
    pub fn body(&self, text: &str) -> String {
        self.members(text).unwrap_or_else(|| self.pairs(text))
    }

    /// An object or an array with its secret members masked by name; `None` for any other text.
    fn members(&self, text: &str) -> Option<String> {
        let mut value = serde_json::from_str::<serde_json::Value>(text)
            .ok()
            .filter(|value| value.is_object() || value.is_array())?;
        names::mask_members(&mut value);
        Some(self.redact(&value.to_string()))
    }

    fn pairs(&self, text: &str) -> String {
        let named = names::secret_pairs(text).map(|place| Hit::of(&text[place.0..place.1], place));
        let mut hits = shape::hits(text);
        hits.extend(named);
        self.masked(text, hits)
    }

    fn masked(&self, text: &str, mut hits: Vec<Hit>) -> String {
        if matches!(self.fronts, Automaton::TooLarge) {
            return NOT_SHOWN.to_owned();
        }
        let mut found = self.found(text, |needle, (start, end)| {
            !(needle.is_name && word::is_at_a_name(text, start, end))
        });
        // An error's number in a redirect has the name of a grant's secret.
        let is_reason = |hit: &Hit| {
            let name = text.get(..hit.start).unwrap_or_default();
            let plain = ["?code=", "&code=", "#code="]
                .iter()
                .any(|end| name.ends_with(end));
            plain
                && text
                    .get(hit.start..hit.end)
                    .is_some_and(|value| self.documented.states(value))
        };
        hits.retain(|hit| !is_reason(hit));
        // Of two that say as much, what is known says more than what is guessed.
        found.append(&mut hits);
        hit::replace(text, &hit::merge(text, found))
    }

    /// Where secrets stand, told by their value, outside of what the documents state.
    fn found(
        &self,
        text: &str,
        is_one: impl Fn(&SecretPattern, (usize, usize)) -> bool,
    ) -> Vec<Hit> {
        let mut hits = Vec::new();
        let Automaton::Finds(fronts) = &self.fronts else {
            return hits;
        };
        let mut look = |view: &View<'_>, split: bool| {
            // All that overlap are found, so that no secret leaves half of another.
            for found in fronts.find_overlapping_iter(&view.bytes) {
                for index in &self.begins[found.pattern().as_usize()] {
                    let needle = &self.needles[*index];
                    let hit = needle.at(view, found.start());
                    let wanted = |hit: &Hit| {
                        (!split || needle.is_sought_when_split)
                            && is_one(needle, (hit.start, hit.end))
                    };
                    hits.extend(hit.filter(wanted));
                }
            }
        };
        let views = views(text);
        for view in &views {
            look(view, false);
        }
        if self
            .needles
            .iter()
            .any(|needle| needle.is_sought_when_split)
        {
            for view in joined(&views) {
                look(&view, true);
            }
        }
        if !hits.is_empty() {
            let stated = self.documented.places(text);
            let around = |hit: &Hit, (start, end)| start <= hit.start && hit.end <= end;
            hits.retain(|hit| !stated.iter().any(|place| around(hit, *place)));
        }
        hits
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
            Form::Base64 => with_neighbours(view, start, start + length),
            Form::Text | Form::Header => (start, start + length),
        };
        let (start, end) = view.place(start, end);
        Some(Hit {
            start,
            end,
            mask: self.mask,
            stands: self.stands.clone(),
        })
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
fn with_neighbours(view: &View<'_>, start: usize, end: usize) -> (usize, usize) {
    let bytes = &view.bytes;
    let letter = |at: usize| {
        bytes
            .get(at)
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte))
    };
    let first = if start > 0 && letter(start - 1) && view.is_joined(start) {
        start - 1
    } else {
        start
    };
    let mut last = if letter(end) && view.is_joined(end) {
        end + 1
    } else {
        end
    };
    while bytes.get(last) == Some(&b'=') {
        last += 1;
    }
    (first, last)
}
