//! Text from elsewhere, made safe to print: what a terminal would obey is spelled out.
//!
//! Takes: any text. Gives: the text, with controls as `\u{1b}`. Never: loses a visible character.

use std::fmt::Write as _;

/// Makes text safe for a terminal and for XML 1.0, line breaks kept.
///
/// A tab becomes four blanks and CR LF a line feed. Anything a terminal would obey, XML forbids or
/// an eye cannot see (controls, noncharacters, text direction marks) is spelled out: `\u{1b}`.
pub(crate) fn visible(text: &str) -> String {
    if text.bytes().all(is_plain) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\n' => out.push('\n'),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\t' => out.push_str("    "),
            _ if is_hidden(char) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(char));
            }
            _ => out.push(char),
        }
    }
    out
}

/// Whether nothing has to be done about a byte; nearly every text has only such.
const fn is_plain(byte: u8) -> bool {
    byte == b'\n' || byte >= b' ' && byte < 0x7f
}

const fn is_hidden(char: char) -> bool {
    char.is_ascii_control()
        || matches!(char,
            '\u{80}'..='\u{9f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
            | '\u{fffe}'..='\u{ffff}')
}

/// The same on a single line: runs of white space become one blank.
pub(crate) fn one_line(text: &str) -> String {
    let ends = text.starts_with(' ') || text.ends_with(' ');
    let is_line = text.bytes().all(|byte| is_plain(byte) && byte != b'\n');
    if is_line && !ends && !text.contains("  ") {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for word in visible(text).split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_eye_cannot_see_is_spelled_out() {
        #[track_caller]
        fn check(input: &str, expected: &str) {
            assert_eq!(visible(input), expected);
        }
        check("plain\ntext 密码", "plain\ntext 密码");
        check("a\tb", "a    b");
        check("a\r\nb\rc", "a\nb\\u{d}c");
        check("\u{1b}[31mred\u{0}", "\\u{1b}[31mred\\u{0}");
        check(
            "\u{fffe}\u{ffff}\u{9b}\u{7f}",
            "\\u{fffe}\\u{ffff}\\u{9b}\\u{7f}",
        );
        check("abc\u{202e}def", "abc\\u{202e}def");
    }

    #[test]
    fn one_line_has_no_line_break_and_no_outer_blank() {
        assert_eq!(one_line("  a\n\n b\tc \r\n"), "a b c");
    }
}
