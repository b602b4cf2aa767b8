//! All the secrets that a run met, for a last look at what it is about to say.
//!
//! A row's [`super::Redactor`] is an automaton over its few secrets. Over those of ten thousand rows
//! one would fill the memory, so here a secret is a few numbers: the first eight bytes of each of its
//! forms, and the length and a digest of the whole form, which is compared before anything is called
//! a hit. The secrets themselves are not kept.

use std::{
    collections::{BTreeSet, HashMap},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    rc::Rc,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{
    Documented, Secret,
    hit::{self, Hit},
    mask::Mask,
    pattern::{Form, needles},
    view::{Blanks, View, joined, views},
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

/// Bits of the sieve in front of the table, as powers of two: from so many on it grows with the
/// table, so that the sieve of a few secrets stays in the processor's nearest cache.
const LEAST_SIEVE: u32 = 12;
const MOST_SIEVE: u32 = 22;

/// Bits of the sieve for each form, as a power of two: of so many places of a text one is looked up for
/// nothing.
const SIEVE_SPREAD: u32 = 6;

/// Remembers secrets without holding them.
#[derive(Default)]
pub struct SecretIndex(Mutex<Table>);

#[derive(Default)]
struct Table {
    met: BTreeSet<u64>,
    forms: HashMap<u64, Vec<Shape>>,
    count: usize,
    sieve: Sieve,
    overflowed: bool,
}

/// A bit for each key, so that most places of a text cost no look into the table.
#[derive(Default)]
struct Sieve {
    words: Vec<u64>,
    /// Its size in bits, as a power of two.
    bits: u32,
}

impl Sieve {
    /// One for so many keys.
    fn for_keys(count: usize) -> Self {
        let wanted = count.next_power_of_two().ilog2() + SIEVE_SPREAD;
        let bits = wanted.clamp(LEAST_SIEVE, MOST_SIEVE);
        Self {
            words: vec![0; 1 << (bits - 6)],
            bits,
        }
    }

    /// Whether it was made for fewer keys, and could be larger.
    fn is_small_for(&self, count: usize) -> bool {
        self.words.is_empty() || self.bits < MOST_SIEVE && count > 1 << (self.bits - SIEVE_SPREAD)
    }

    fn add(&mut self, key: u64) {
        let (word, bit) = self.place(key);
        self.words[word] |= bit;
    }

    /// False where there is no such key; true for all that there are, and for few others.
    fn may_hold(&self, key: u64) -> bool {
        if self.words.is_empty() {
            return false;
        }
        let (word, bit) = self.place(key);
        self.words[word] & bit != 0
    }

    fn place(&self, key: u64) -> (usize, u64) {
        place(key, 64 - self.bits)
    }

    /// The first place from there on at which a key stands that there may be.
    ///
    /// All that a run says goes through here, a byte at a time, so nothing is called in the loop: the key
    /// of a place is that of the place before, with one byte less in front and one more behind.
    fn next(&self, bytes: &[u8], from: usize) -> Option<usize> {
        let words = &*self.words;
        if words.is_empty() {
            return None;
        }
        let shift = 64 - self.bits;
        let mut key = 0;
        let mut behind = from;
        while behind < bytes.len() {
            key = key >> 8 | u64::from(bytes[behind]) << (u64::BITS - 8);
            behind += 1;
            let (word, bit) = place(key, shift);
            if words[word] & bit != 0 && behind - from >= KEY {
                return Some(behind - KEY);
            }
        }
        None
    }
}

/// The word of a sieve and the bit in it that are a key's; `shift` is 64 less its size.
#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "this is the innermost loop, also of tests that nothing optimises"
)]
const fn place(key: u64, shift: u32) -> (usize, u64) {
    // The odd number nearest to 2^64 divided by the golden ratio spreads keys evenly.
    let spread = key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> shift;
    ((spread >> 6) as usize, 1 << (spread & 63))
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

    /// False where no secret stands in a text; true for all that hold one, and for few others.
    #[must_use]
    pub fn may_stand_in(&self, text: &str) -> bool {
        self.table().may_hold(text)
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
            if self.sieve.is_small_for(self.count + 1) {
                // Twice as large as it must be, so that it is seldom made anew.
                self.sieve = Sieve::for_keys((self.count + 1) * 2);
                let Self { sieve, forms, .. } = self;
                #[expect(
                    clippy::iter_over_hash_type,
                    reason = "a sieve is the same in whatever order it is filled"
                )]
                for key in forms.keys() {
                    sieve.add(*key);
                }
            }
            self.sieve.add(key);
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
        if self.may_hold(text) {
            self.searched(text)
        } else {
            Vec::new()
        }
    }

    fn searched(&self, text: &str) -> Vec<Hit> {
        let mut out = Vec::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let hits = self.hits(line.trim_end_matches('\n'));
            out.extend(hits.into_iter().map(|hit| hit.moved(start)));
            start += line.len();
        }
        for (start, window) in windows(text) {
            for view in joined(&[Rc::new(View::of(window))]) {
                let mut hits = Vec::new();
                self.look(window, &view, true, &mut hits);
                out.extend(hits.into_iter().map(|hit| hit.moved(start)));
            }
        }
        hit::merge(text, out)
    }

    /// Whether a secret may begin somewhere in a text, in a view of a line of it or across its line
    /// breaks. Nearly every text holds none, and this tells so in one pass over each view.
    fn may_hold(&self, text: &str) -> bool {
        if self.forms.is_empty() || text.len() < KEY {
            return false;
        }
        // With its blanks left out the text is looked at as a whole: a secret may be parted by any of
        // them, also by the end of a line.
        if self.begins_split(text.as_bytes()) {
            return true;
        }
        text.split('\n')
            .filter(|line| line.len() >= KEY)
            .any(|line| {
                let views = views(line);
                let decoded = |view: &Rc<View<'_>>| self.begins_split(&view.bytes);
                views.iter().any(|view| self.begins(&view.bytes)) || views[1..].iter().any(decoded)
            })
    }

    /// Whether the key of a secret stands in these bytes.
    fn begins(&self, bytes: &[u8]) -> bool {
        let mut from = 0;
        while let Some(at) = self.sieve.next(bytes, from) {
            if key(&bytes[at..]).is_some_and(|key| self.forms.contains_key(&key)) {
                return true;
            }
            from = at + 1;
        }
        false
    }

    /// Whether the key of a secret stands in these bytes where white space parts it.
    fn begins_split(&self, bytes: &[u8]) -> bool {
        let blanks = Blanks::of(bytes);
        let mut from = 0;
        while let Some(at) = blanks.next(from) {
            // The bytes right before this blank are letters: the last blank, if there was one, lies at
            // least `KEY - 1` letters back, because only so many letters after it end the loop below.
            let before = &bytes[at.saturating_sub(KEY - 1)..at];
            let mut last = Letters::default();
            for letter in before {
                last.push(*letter);
            }
            // How many of the next letters may still belong to a key that a blank parts.
            let mut near = KEY - 1;
            let mut ended = at;
            for byte in &bytes[at..] {
                if byte.is_ascii_whitespace() {
                    near = KEY - 1;
                } else if near == 0 {
                    break;
                } else {
                    near -= 1;
                    last.push(*byte);
                    if last.key().is_some_and(|key| self.knows(key)) {
                        return true;
                    }
                }
                ended += 1;
            }
            from = ended;
        }
        false
    }

    fn knows(&self, key: u64) -> bool {
        self.sieve.may_hold(key) && self.forms.contains_key(&key)
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
        let mut from = 0;
        while let Some(at) = self.sieve.next(bytes, from) {
            from = at + 1;
            let Some(key) = key(&bytes[at..]) else {
                break;
            };
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

/// The last letters that were read, as many as a key has.
#[derive(Default)]
struct Letters {
    /// As [`key`] gives it.
    key: u64,
    count: usize,
}

impl Letters {
    fn push(&mut self, letter: u8) {
        self.key = self.key >> 8 | u64::from(letter) << (u64::BITS - 8);
        self.count += 1;
    }

    /// `None` while there are fewer than a key has.
    fn key(&self) -> Option<u64> {
        (self.count >= KEY).then_some(self.key)
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

    proptest::proptest! {
        #[test]
        fn a_text_that_is_passed_over_holds_no_secret(
            secrets in proptest::collection::vec("[ab ]{8,12}|[aB1\\\\+%]{8,10}", 1..4),
            text in "([abB1 \\n]|\\\\[nt]|%41|%20|\\+|&amp;|&#97;|\\\\u0061){0,60}",
        ) {
            let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
            let known = known(&secrets);
            let table = known.table();
            let found = table.searched(&text);
            proptest::prop_assert!(found.is_empty() || table.may_hold(&text), "{found:?}");
        }
    }

    #[test]
    fn the_sieve_grows_with_the_secrets_and_forgets_none() {
        let secrets: Vec<String> = (0..2_000).map(|n| format!("s3cret-{n:05}-Value")).collect();
        let each: Vec<&str> = secrets.iter().map(String::as_str).collect();
        let known = known(&each);
        assert!(known.table().sieve.bits > LEAST_SIEVE);
        for secret in &secrets {
            assert_eq!(known.leaks(&format!("x {secret} y")).len(), 1, "{secret}");
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
