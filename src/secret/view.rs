//! A text as its readers decode it: JSON escapes, percent-encoding, form blanks, HTML and XML
//! entities, one inside the other. Every decoded byte knows where it stood in the text.
//!
//! A secret that is looked for in the decoded text is found in whatever mixture of escapes it was
//! written, which no list of spellings could promise.

use std::{borrow::Cow, cell::OnceCell, rc::Rc};

use memchr::{memchr, memchr_iter, memchr2, memchr3};

/// Escapes inside escapes are followed this far.
const DEPTH: usize = 4;

/// No text is decoded in more ways than this.
const MOST: usize = 12;

/// A decoded text. Where its bytes stood is worked out when somebody asks: nearly every text holds no
/// secret, and then nobody does.
#[derive(Debug)]
pub(super) struct View<'t> {
    pub bytes: Cow<'t, [u8]>,
    /// The view that it was made of, and how; `None` for the text itself.
    made: Option<(Rc<Self>, How)>,
    places: OnceCell<Places>,
}

/// How a view was made of another.
#[derive(Debug, Clone, Copy)]
enum How {
    /// One kind of escape was undone: its mark, and what undoes it.
    Decoded(u8, Unescape),
    /// White space was left out.
    Joined,
}

/// Where the bytes of a view stood in the text.
#[derive(Debug)]
struct Places {
    /// Where each byte began, and the end.
    from: Vec<usize>,
    /// Where each byte ended, where that is not where the next began.
    ends: Option<Vec<usize>>,
}

impl<'t> View<'t> {
    /// The text itself.
    pub(super) fn of(text: &'t str) -> Self {
        Self {
            bytes: Cow::Borrowed(text.as_bytes()),
            made: None,
            places: OnceCell::new(),
        }
    }

    fn made(bytes: Vec<u8>, from: &Rc<Self>, how: How) -> Self {
        Self {
            bytes: Cow::Owned(bytes),
            made: Some((Rc::clone(from), how)),
            places: OnceCell::new(),
        }
    }

    /// The place in the text of a part of the decoded text.
    pub(super) fn place(&self, start: usize, end: usize) -> (usize, usize) {
        let ends = self.places().and_then(|places| places.ends.as_ref());
        let last = ends.zip(end.checked_sub(1));
        let end = last.map_or_else(|| self.origin(end), |(ends, last)| ends[last]);
        (self.origin(start), end)
    }

    /// Whether no blank was taken out in front of a byte.
    pub(super) fn is_joined(&self, at: usize) -> bool {
        let ends = self.places().and_then(|places| places.ends.as_ref());
        let before = ends.zip(at.checked_sub(1));
        before.is_none_or(|(ends, before)| ends[before] == self.origin(at))
    }

    /// This view without its white space; `None` when it has none.
    fn without_blanks(self: &Rc<Self>) -> Option<Self> {
        let blanks = Blanks::of(&self.bytes);
        let mut blank = blanks.next(0)?;
        let mut bytes = Vec::with_capacity(self.bytes.len());
        let mut from = 0;
        loop {
            bytes.extend_from_slice(&self.bytes[from..blank]);
            from = blank + 1;
            match blanks.next(from) {
                Some(next) => blank = next,
                None => break,
            }
        }
        bytes.extend_from_slice(&self.bytes[from..]);
        Some(Self::made(bytes, self, How::Joined))
    }

    fn origin(&self, at: usize) -> usize {
        self.places().map_or(at, |places| places.from[at])
    }

    /// `None` for the text itself.
    fn places(&self) -> Option<&Places> {
        let (from, how) = self.made.as_ref()?;
        Some(self.places.get_or_init(|| match *how {
            How::Decoded(mark, unescape) => from.places_decoded(mark, unescape),
            How::Joined => from.places_joined(),
        }))
    }

    /// This view with one more kind of escape undone; `None` when it has none of them.
    fn decoded(self: &Rc<Self>, mark: u8, unescape: Unescape) -> Option<Self> {
        memchr(mark, &self.bytes)?;
        let mut bytes = Vec::with_capacity(self.bytes.len());
        let mut changed = false;
        self.escapes(mark, unescape, |part, escape| {
            bytes.extend_from_slice(&self.bytes[part.0..part.1]);
            if let Some((_, stands)) = escape {
                changed = true;
                bytes.extend_from_slice(stands.as_bytes());
            }
        });
        changed.then(|| Self::made(bytes, self, How::Decoded(mark, unescape)))
    }

    /// Where the bytes stood of this view with one kind of escape undone.
    fn places_decoded(&self, mark: u8, unescape: Unescape) -> Places {
        let mut from = Vec::with_capacity(self.bytes.len() + 1);
        self.escapes(mark, unescape, |(start, end), escape| {
            from.extend((start..end).map(|at| self.origin(at)));
            if let Some((_, stands)) = escape {
                from.extend(std::iter::repeat_n(self.origin(end), stands.length));
            }
        });
        from.push(self.origin(self.bytes.len()));
        Places { from, ends: None }
    }

    /// Where the bytes stood of this view without its white space.
    fn places_joined(&self) -> Places {
        let length = self.bytes.len();
        let (mut from, mut ends) = (Vec::with_capacity(length + 1), Vec::with_capacity(length));
        for (at, byte) in self.bytes.iter().enumerate() {
            if !byte.is_ascii_whitespace() {
                from.push(self.origin(at));
                ends.push(self.origin(at + 1));
            }
        }
        from.push(self.origin(length));
        Places {
            from,
            ends: Some(ends),
        }
    }

    /// The parts of this view that are no escape of this kind, in order, each with the escape behind
    /// it: its length, and what it stands for.
    fn escapes(
        &self,
        mark: u8,
        unescape: Unescape,
        mut each: impl FnMut((usize, usize), Option<(usize, Stands)>),
    ) {
        let mut at = 0;
        for place in memchr_iter(mark, &self.bytes) {
            // A mark inside an escape begins none.
            if place < at {
                continue;
            }
            if let Some((length, stands)) = unescape(&self.bytes[place..]) {
                each((at, place), Some((length, stands)));
                at = place + length;
            }
        }
        each((at, self.bytes.len()), None);
    }
}

/// The views of a text: the text itself, then what its escapes stand for.
pub(super) fn views(text: &str) -> Vec<Rc<View<'_>>> {
    let mut out = vec![Rc::new(View::of(text))];
    let mut fresh = 0..1;
    for _ in 0..DEPTH {
        let end = out.len();
        for at in fresh {
            for (mark, unescape) in ESCAPES {
                if out.len() < MOST
                    && let Some(view) = out[at].decoded(mark, unescape)
                    && out.iter().all(|known| known.bytes != view.bytes)
                {
                    out.push(Rc::new(view));
                }
            }
        }
        fresh = end..out.len();
    }
    out
}

/// The views of a text without their white space: of the text and of what one kind of escape stands
/// for in it. In a whole document, that is where a line is broken.
pub(super) fn joined<'t>(views: &[Rc<View<'t>>]) -> impl Iterator<Item = View<'t>> {
    let shallow = views.iter().take(1 + ESCAPES.len());
    shallow.filter_map(View::without_blanks)
}

/// The white space of a text.
pub(super) struct Blanks<'t> {
    text: &'t [u8],
    /// It has none but spaces and line breaks. Others are rare, and looking for two bytes is much faster
    /// than for five.
    is_plain: bool,
}

impl<'t> Blanks<'t> {
    pub(super) fn of(text: &'t [u8]) -> Self {
        let is_plain = memchr3(b'\t', b'\r', 0x0c, text).is_none();
        Self { text, is_plain }
    }

    /// The first from there on.
    pub(super) fn next(&self, from: usize) -> Option<usize> {
        let rest = &self.text[from..];
        let found = if self.is_plain {
            memchr2(b' ', b'\n', rest)
        } else {
            rest.iter().position(u8::is_ascii_whitespace)
        };
        found.map(|found| from + found)
    }
}

/// What an escape at the front stands for.
#[derive(Debug, Clone, Copy)]
struct Stands {
    bytes: [u8; 4],
    length: usize,
}

impl Stands {
    fn byte(byte: u8) -> Self {
        Self {
            bytes: [byte, 0, 0, 0],
            length: 1,
        }
    }

    fn char(char: char) -> Self {
        let mut bytes = [0; 4];
        let length = char.encode_utf8(&mut bytes).len();
        Self { bytes, length }
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// The length of the escape at the front, if there is one, and what it stands for.
type Unescape = fn(&[u8]) -> Option<(usize, Stands)>;

/// What cannot be in a text that has none of the escapes.
const ESCAPES: [(u8, Unescape); 4] = [(b'\\', json), (b'%', percent), (b'+', form), (b'&', entity)];

fn json(rest: &[u8]) -> Option<(usize, Stands)> {
    let [b'\\', kind, ..] = rest else {
        return None;
    };
    let byte = |byte| Some((2, Stands::byte(byte)));
    match kind {
        b'"' | b'\\' | b'/' | b'\'' => byte(*kind),
        b'b' => byte(8),
        b'f' => byte(12),
        b'n' => byte(b'\n'),
        b'r' => byte(b'\r'),
        b't' => byte(b'\t'),
        b'x' => Some((4, Stands::char(char::from_u32(hex(rest.get(2..4)?)?)?))),
        // As a report spells out what an eye cannot see.
        b'u' if rest.get(2) == Some(&b'{') => {
            let end = rest.iter().take(10).position(|byte| *byte == b'}')?;
            let char = char::from_u32(hex(&rest[3..end])?)?;
            Some((end + 1, Stands::char(char)))
        }
        b'u' => {
            let first = hex(rest.get(2..6)?)?;
            if let Some(char) = char::from_u32(first) {
                return Some((6, Stands::char(char)));
            }
            let second = match rest.get(6..8)? {
                b"\\u" => hex(rest.get(8..12)?)?,
                _ => return None,
            };
            let pair = [u16::try_from(first).ok()?, u16::try_from(second).ok()?];
            let char = char::decode_utf16(pair).next()?.ok()?;
            Some((12, Stands::char(char)))
        }
        _ => None,
    }
}

fn percent(rest: &[u8]) -> Option<(usize, Stands)> {
    let [b'%', digits @ ..] = rest else {
        return None;
    };
    let byte = u8::try_from(hex(digits.get(..2)?)?).ok()?;
    Some((3, Stands::byte(byte)))
}

/// The blank of a form; its other escapes are percent-encoding, and undone in the next turn.
fn form(rest: &[u8]) -> Option<(usize, Stands)> {
    rest.starts_with(b"+").then(|| (1, Stands::byte(b' ')))
}

fn entity(rest: &[u8]) -> Option<(usize, Stands)> {
    if rest.first() != Some(&b'&') {
        return None;
    }
    let end = rest.iter().take(12).position(|byte| *byte == b';')?;
    let char = match &rest[1..end] {
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"quot" => '"',
        b"apos" => '\'',
        [b'#', b'x' | b'X', digits @ ..] => char::from_u32(hex(digits)?)?,
        [b'#', digits @ ..] => {
            let digits = std::str::from_utf8(digits).ok()?;
            char::from_u32(digits.parse().ok()?)?
        }
        _ => return None,
    };
    Some((end + 1, Stands::char(char)))
}

fn hex(digits: &[u8]) -> Option<u32> {
    let digits = std::str::from_utf8(digits).ok()?;
    let clean = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    u32::from_str_radix(digits, 16).ok().filter(|_| clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The decoded texts beside the text itself.
    fn decoded(text: &str) -> Vec<String> {
        let all = views(text);
        assert_eq!(
            &*all[0].bytes,
            text.as_bytes(),
            "the text itself comes first"
        );
        let text = |view: &Rc<View<'_>>| String::from_utf8_lossy(&view.bytes).into_owned();
        all[1..].iter().map(text).collect()
    }

    #[test]
    fn every_escape_is_undone() {
        for (written, meant) in [
            (r#"a\"b\\c\/d"#, r#"a"b\c/d"#),
            (r"\b\f\n\r\t", "\u{8}\u{c}\n\r\t"),
            (r"\u0041\u00E9\u5bc6", "Aé密"),
            (r"\ud83d\ude00", "😀"),
            (r"\x41\'", "A'"),
            (r"\u{1b}[", "\u{1b}["),
            ("a%2Fb%2fc", "a/b/c"),
            ("%E5%AF%86", "密"),
            ("&amp;&lt;&gt;&quot;&apos;", "&<>\"'"),
            ("&#65;&#x42;&#X43;", "ABC"),
        ] {
            assert_eq!(decoded(written), [meant], "{written}");
        }
        assert_eq!(
            decoded("a+b%2B"),
            ["a+b+", "a b%2B", "a b ", "a b+"],
            "blanks of a form"
        );
    }

    #[test]
    fn what_is_no_escape_stays() {
        for plain in [
            "plain",
            r"\q",
            r"\u12",
            r"\ud83d",
            r"\ud83dxxude00",
            r"\u{zz}",
            r"\u{110000}",
            "%4",
            "%zz",
            "%+1",
            "100 %",
            "&nothing;",
            "&#xzz;",
            "&#;",
            "&",
            "&amp",
            r"\x+1",
            "\\",
        ] {
            assert!(
                decoded(plain)
                    .iter()
                    .all(|view| view.contains(plain) || plain.contains('+')),
                "{plain}"
            );
        }
        assert_eq!(decoded(r"\u{zz}%4&#;"), Vec::<String>::new());
    }

    #[test]
    fn escapes_inside_escapes_are_undone_as_well() {
        let all = decoded(r"%5C%22&amp;quot;");
        assert!(all.contains(&"\"\"".to_owned()), "{all:?}");
    }

    #[test]
    fn a_place_is_that_of_the_escapes() {
        let all = views("xy%2F\u{e9}z");
        assert_eq!(&*all[1].bytes, "xy/\u{e9}z".as_bytes());
        assert_eq!(all[1].place(2, 3), (2, 5), "the escape whole");
        assert_eq!(all[1].place(1, 5), (1, 7));
        assert_eq!(all[1].place(5, 6), (7, 8), "the end is that of the text");
        let deep = views(r"a\u0025\u0034\u0031b");
        let last = deep.last().expect("views");
        assert_eq!(&*last.bytes, b"aAb");
        assert_eq!(last.place(1, 2), (1, 19));
    }

    #[test]
    fn what_blanks_part_stands_together_and_its_place_ends_with_its_last_letter() {
        let all = views("a b\\n c ");
        let split = all[1].without_blanks().expect("it has blanks");
        assert_eq!(&*split.bytes, b"abc");
        assert_eq!((split.place(0, 2), split.place(1, 3)), ((0, 3), (2, 7)));
        assert!(views("abc")[0].without_blanks().is_none());
    }

    #[test]
    fn no_text_is_decoded_without_end() {
        let bomb = r"%25\u0025&#37;+\\".repeat(50);
        assert!(views(&bomb).len() <= MOST);
    }
}
