//! Text from elsewhere, made safe and short enough to show.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

pub(super) use crate::visible::{one_line, visible};

/// How many columns a text takes on a terminal: a Chinese character takes two.
pub(super) fn columns(text: &str) -> usize {
    text.width()
}

/// The beginning of a SHA-256, which tells two suites apart; nothing where there is none.
pub(super) fn digest(hexadecimal: &str) -> String {
    match hexadecimal.get(..16) {
        Some(start) => format!("sha256:{start}…"),
        None => String::new(),
    }
}

/// At most `limit` columns, the last of them `…` when something was left out.
pub(super) fn cut(text: &str, limit: usize) -> String {
    if columns(text) <= limit {
        return text.to_owned();
    }
    let (kept, _) = split(text, limit.saturating_sub(1));
    format!("{}…", kept.trim_end())
}

/// What fits into so many columns, and the rest.
fn split(text: &str, limit: usize) -> (&str, &str) {
    let mut used = 0;
    let end = text.char_indices().find(|(_, char)| {
        used += char.width().unwrap_or(0);
        used > limit
    });
    text.split_at(end.map_or(text.len(), |(at, _)| at))
}

/// The same as one word for [`wrap`], which then never breaks it: for a call, a header, a path.
pub(super) fn unbroken(text: &str) -> String {
    text.replace(' ', NO_BREAK)
}

/// A blank at which [`wrap`] does not break. Texts from elsewhere hold none once they are on one line.
pub(super) const NO_BREAK: &str = "\u{a0}";

/// At most `limit` characters; what was left out is said on a line of its own.
pub(super) fn bounded(text: &str, limit: usize) -> String {
    let length = text.chars().count();
    if length <= limit {
        return text.to_owned();
    }
    let kept: String = text.chars().take(limit).collect();
    format!("{kept}\n… {} more characters", length - limit)
}

/// Breaks one line at blanks so that no line takes more columns than `width`, if its words allow it.
/// Codes and paths stay whole; text that is written without blanks is broken between characters.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let used = lines.last().map_or(0, |line| columns(line));
        if used > 0 && used + 1 + columns(word) > width {
            lines.push(String::new());
        } else if used > 0 {
            push(&mut lines, " ");
        }
        let mut word = word;
        while columns(word) > width && is_without_blanks(word) {
            let (front, rest) = split(word, width.max(2));
            push(&mut lines, front);
            lines.push(String::new());
            word = rest;
        }
        push(&mut lines, &word.replace(NO_BREAK, " "));
    }
    lines
}

fn push(lines: &mut [String], text: &str) {
    if let Some(line) = lines.last_mut() {
        line.push_str(text);
    }
}

/// Whether a text is of a script that may be broken anywhere.
fn is_without_blanks(text: &str) -> bool {
    text.chars().any(|char| char.width() == Some(2))
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
    fn a_cut_counts_columns_and_shows_itself() {
        assert_eq!(cut("密码密码", 8), "密码密码");
        assert_eq!(cut("密码密码", 7), "密码密…");
        assert_eq!(cut("密码密码", 6), "密码…");
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
        let call = unbroken("POST /a");
        assert_eq!(wrap(&format!("so {call} b"), 7), ["so", "POST /a", "b"]);
    }

    #[test]
    fn text_without_blanks_is_broken_by_columns() {
        assert_eq!(
            wrap("新密码不能与旧密码相同", 8),
            ["新密码不", "能与旧密", "码相同"]
        );
        assert_eq!(wrap("SDK.PWD.1003 密码", 12), ["SDK.PWD.1003", "密码"]);
    }
}
