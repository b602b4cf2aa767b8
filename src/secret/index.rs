//! All the secrets that a run met, for a last look at what it is about to say.
//!
//! A row's [`super::Redactor`] is an automaton over its few secrets. Over those of ten thousand rows
//! one would fill the memory, so here a secret is a few numbers: the first eight bytes of each of its
//! forms, and the length and a digest of the whole form, which is compared before anything is called
//! a hit. The secrets themselves are not kept.

use std::{
    collections::{BTreeSet, HashMap},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{
    Documented, Secret,
    hit::{self, Hit},
    mask::Mask,
    pattern::{Form, needles},
    view::{View, joined, views},
    word,
};

/// The bytes by which a form is found; a shorter secret is met by chance too often in a whole run.
const KEY: usize = 8;

/// Letters of base64 that are looked for where blanks part them.
const FEWEST_SPLIT: usize = 12;

/// Bytes of a text that are looked at without their line breaks at once, and those that are looked at
/// twice: what is parted over more of a text is not found.
const WINDOW: usize = 64 * 1024;
const OVERLAP: usize = 4 * 1024;

/// A longer word of small letters is no word.
const LONGEST_WORD: usize = 20;

/// Forms that are remembered: about 100 MB at the most.
const MOST: usize = 2_000_000;

/// Bits of the sieve in front of the table, a power of two.
const SIEVE_BITS: u32 = 22;

/// Remembers secrets without holding them.
#[derive(Default)]
pub struct SecretIndex(Mutex<Table>);

#[derive(Default)]
struct Table {
    met: BTreeSet<u64>,
    forms: HashMap<u64, Vec<Shape>>,
    count: usize,
    /// A bit for each key, so that most places of a text cost no look into the table.
    sieve: Vec<u64>,
    overflowed: bool,
}

#[derive(Clone, Copy)]
struct Shape {
    length: u32,
    digest: u64,
    mask: Mask,
    /// Letters as those of a name: in the place of a name, they are one.
    is_name: bool,
    /// Looked for also where blanks part it.
    is_sought_when_split: bool,
}

/// A secret that stands in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leak {
    pub mask: Mask,
    /// The first line it stands on, from 1.
    pub line: usize,
}

impl SecretIndex {
    /// Remembers secrets that can be told from ordinary text, and from what the documents state.
    pub fn learn<'s>(
        &self,
        secrets: impl IntoIterator<Item = &'s Secret>,
        documented: &Documented,
    ) {
        let mut table = self.table();
        for secret in secrets {
            table.learn(secret.expose(), documented);
        }
    }

    /// True when there were more secrets than can be remembered.
    #[must_use]
    pub fn overflowed(&self) -> bool {
        self.table().overflowed
    }

    /// The secrets in a text, each told once.
    #[must_use]
    pub fn leaks(&self, text: &str) -> Vec<Leak> {
        let mut seen = BTreeSet::new();
        let mut out = Vec::new();
        let (mut line, mut counted) = (1, 0);
        for hit in self.table().all(text) {
            let between = &text.as_bytes()[counted..hit.start];
            line += between.split(|byte| *byte == b'\n').count() - 1;
            counted = hit.start;
            if seen.insert(hit.mask) {
                out.push(Leak {
                    mask: hit.mask,
                    line,
                });
            }
        }
        out
    }

    /// The text with its secrets masked; `None` when it has none.
    #[must_use]
    pub fn redact(&self, text: &str) -> Option<String> {
        let hits = self.table().all(text);
        (!hits.is_empty()).then(|| hit::replace(text, &hits))
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for SecretIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Known")
            .field("forms", &self.table().count)
            .finish()
    }
}

impl Table {
    fn learn(&mut self, secret: &str, documented: &Documented) {
        if !is_distinct(secret) || !self.met.insert(digest(secret.as_bytes())) {
            return;
        }
        if documented.states(secret) {
            return;
        }
        let mask = Mask::of(secret);
        for (form, kind) in needles(secret) {
            let bytes = form.as_bytes();
            let Some(key) = key(bytes).filter(|_| kind != Form::Header) else {
                continue;
            };
            let Ok(length) = u32::try_from(bytes.len()) else {
                continue;
            };
            if self.count >= MOST {
                self.overflowed = true;
                return;
            }
            if self.sieve.is_empty() {
                self.sieve = vec![0; 1 << (SIEVE_BITS - 6)];
            }
            let (word, bit) = place(key);
            self.sieve[word] |= bit;
            self.forms.entry(key).or_default().push(Shape {
                length,
                digest: digest(bytes),
                mask,
                is_name: word::could_be_a_name(&form),
                is_sought_when_split: word::is_sought_when_split(&form)
                    && (kind != Form::Base64 || bytes.len() >= FEWEST_SPLIT),
            });
            self.count += 1;
        }
    }

    /// The hits of a text, line by line and over its line breaks, in the text's order.
    fn all(&self, text: &str) -> Vec<Hit> {
        if self.sieve.is_empty() {
            return Vec::new();
        }
        let mut out = Vec::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let hits = self.hits(line.trim_end_matches('\n'));
            out.extend(hits.into_iter().map(|hit| hit.moved(start)));
            start += line.len();
        }
        for (start, window) in windows(text) {
            for view in joined(&[View::of(window)]) {
                let mut hits = Vec::new();
                self.look(window, &view, true, &mut hits);
                out.extend(hits.into_iter().map(|hit| hit.moved(start)));
            }
        }
        hit::merge(text, out)
    }

    fn hits(&self, line: &str) -> Vec<Hit> {
        let mut out = Vec::new();
        if line.len() < KEY {
            return out;
        }
        let views = views(line);
        for view in &views {
            self.look(line, view, false, &mut out);
        }
        // The line itself is looked at with its neighbours.
        for view in joined(&views[1..]) {
            self.look(line, &view, true, &mut out);
        }
        hit::merge(line, out)
    }

    /// The hits of a view of a text.
    fn look(&self, text: &str, view: &View<'_>, split: bool, out: &mut Vec<Hit>) {
        let bytes = &*view.bytes;
        for at in 0..bytes.len() {
            let Some(key) = key(&bytes[at..]) else {
                break;
            };
            let (word, bit) = place(key);
            if self.sieve[word] & bit == 0 {
                continue;
            }
            let shapes = self.forms.get(&key).into_iter().flatten();
            for shape in shapes.filter(|shape| !split || shape.is_sought_when_split) {
                let end = at + usize::try_from(shape.length).unwrap_or(usize::MAX - at);
                if bytes.get(at..end).map(digest) != Some(shape.digest) {
                    continue;
                }
                let (start, end) = view.place(at, end);
                if !(shape.is_name && word::is_at_a_name(text, start, end)) {
                    out.push(Hit {
                        start,
                        end,
                        mask: shape.mask,
                        stands: None,
                    });
                }
            }
        }
    }
}

/// Parts of a text that overlap, with their places.
fn windows(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (0..text.len()).step_by(WINDOW).map(|at| {
        let start = text.floor_char_boundary(at.saturating_sub(OVERLAP));
        let end = text.ceil_char_boundary((at + WINDOW).min(text.len()));
        (start, &text[start..end])
    })
}

/// A plain word may be a secret, but a text that has it tells nothing.
fn is_distinct(secret: &str) -> bool {
    let word = |c: char| c.is_ascii_lowercase() || matches!(c, ' ' | '-' | '_' | '.');
    secret.len() >= KEY && (secret.len() > LONGEST_WORD || !secret.chars().all(word))
}

fn key(bytes: &[u8]) -> Option<u64> {
    bytes
        .first_chunk::<KEY>()
        .map(|first| u64::from_le_bytes(*first))
}

/// Where the sieve has a key's bit.
fn place(key: u64) -> (usize, u64) {
    // The odd number nearest to 2^64 divided by the golden ratio spreads keys evenly.
    let spread = key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - SIEVE_BITS);
    let word = usize::try_from(spread >> 6).unwrap_or_default();
    (word, 1 << (spread & 63))
}

fn digest(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELD: &str = "s3cret \"Value\" 7/9";

    fn known(secrets: &[&str]) -> SecretIndex {
        let known = SecretIndex::default();
        let secrets: Vec<Secret> = secrets.iter().map(|text| Secret::from(*text)).collect();
        known.learn(&secrets, &Documented::default());
        known
    }

    #[test]
    fn a_plain_word_is_remembered_only_when_it_is_longer_than_words_are() {
        for (secret, seen) in [("abcdefghij-klmnopqrs", 0), ("abcdefghij-klmnopqrst", 1)] {
            let text = format!("x {secret} y");
            assert_eq!(known(&[secret]).leaks(&text).len(), seen, "{secret}");
        }
    }

    #[test]
    fn a_table_that_is_full_says_so() {
        let known = known(&[HELD]);
        assert!(!known.overflowed());
        known.table().overflowed = true;
        assert!(known.overflowed());
    }

    #[test]
    fn a_secret_is_seen_in_every_form_and_told_once_with_its_line() {
        let known = known(&[HELD, "another-0ne"]);
        let mask = Mask::of(HELD);
        for form in [
            HELD.to_owned(),
            serde_json::json!({ "x": HELD }).to_string(),
            "s3cret+%22Value%22+7%2F9".to_owned(),
            "x&quot;s3cret &quot;Value&quot; 7/9".to_owned(),
        ] {
            let text = format!("first\nsecond {form} {form}\nthird {form}");
            assert_eq!(known.leaks(&text), [Leak { mask, line: 2 }], "{form}");
            let shown = known.redact(&text).expect("it is masked");
            assert_eq!(shown.matches(&mask.to_string()).count(), 3, "{shown}");
            assert!(
                shown.starts_with("first\nsecond ") && !shown.contains("Value"),
                "{shown}"
            );
            assert!(known.leaks(&shown).is_empty());
        }
        assert!(known.redact("nothing of it\n").is_none());
        assert!(
            known.leaks("s3cret \"Value\" 7/8 another-0n").is_empty(),
            "a whole form only"
        );
    }

    #[test]
    fn what_cannot_be_told_from_ordinary_text_is_not_looked_for() {
        let known = known(&[
            "123456",
            "password",
            "old_password",
            "eyJhbGciOiJub25lIn0.e30.AAAA",
        ]);
        for text in ["123456", "password: old_password", "eyJhbGciOiJub25lIn0"] {
            assert!(known.leaks(text).is_empty(), "{text}");
        }
        assert_eq!(
            known.leaks("eyJhbGciOiJub25lIn0.e30").len(),
            1,
            "header and payload"
        );
        assert!(is_distinct("a-very-long-word-in-small-letters"));
        assert!(is_distinct("Abcdefgh") && !is_distinct("Abcdefg"));
    }

    #[test]
    fn who_knows_nothing_finds_nothing_and_shows_nothing() {
        assert!(SecretIndex::default().leaks(HELD).is_empty());
        assert_eq!(
            format!("{:?}", known(&["abcdef0123456789"])),
            format!("Known {{ forms: {} }}", needles("abcdef0123456789").len())
        );
    }

    #[test]
    fn a_secret_met_twice_is_remembered_once() {
        let (once, twice) = (known(&[HELD]), known(&[HELD, HELD]));
        assert_eq!(once.table().count, twice.table().count);
        assert!(!twice.overflowed());
    }
}
