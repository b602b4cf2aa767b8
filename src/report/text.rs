//! Text from elsewhere, made safe and short enough to show.

use std::fmt::Write as _;

/// Makes text safe for a terminal and for XML 1.0, line breaks kept.
///
/// A tab becomes four blanks and CR LF a line feed. Anything a terminal would obey, XML forbids or
/// an eye cannot see (controls, noncharacters, text direction marks) is spelled out: `\u{1b}`.
pub(super) fn visible(text: &str) -> String {
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
pub(super) fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in visible(text).split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// At most `limit` characters, the last of them `…` when something was left out.
pub(super) fn cut(text: &str, limit: usize) -> String {
    if text.chars().nth(limit).is_none() {
        return text.to_owned();
    }
    let mut out: String = text.chars().take(limit.saturating_sub(1)).collect();
    out.truncate(out.trim_end().len());
    out.push('…');
    out
}

/// At most `limit` characters; what was left out is said on a line of its own.
pub(super) fn bounded(text: &str, limit: usize) -> String {
    let length = text.chars().count();
    if length <= limit {
        return text.to_owned();
    }
    let kept: String = text.chars().take(limit).collect();
    format!("{kept}\n… {} more characters", length - limit)
}

/// Breaks one line at blanks so that no line is longer than `width`, if its words allow it.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > width {
            lines.push(String::new());
            used = 0;
        }
        if let Some(line) = lines.last_mut() {
            if used > 0 {
                line.push(' ');
                used += 1;
            }
            line.push_str(word);
            used += length;
        }
    }
    lines
}

/// `1 row`, `2 rows`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
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

    #[test]
    fn a_cut_counts_characters_and_shows_itself() {
        assert_eq!(cut("密码密码", 4), "密码密码");
        assert_eq!(cut("密码密码", 3), "密码…");
        assert_eq!(cut("ab cdef", 4), "ab…");
    }

    #[test]
    fn a_bounded_text_says_how_much_is_missing() {
        assert_eq!(bounded("abcdef", 4), "abcd\n… 2 more characters");
        assert_eq!(bounded("abcd", 4), "abcd");
    }

    #[test]
    fn wrapped_lines_keep_every_word() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("incomprehensible", 4), ["incomprehensible"]);
        assert_eq!(wrap("", 4), [""]);
    }
}
