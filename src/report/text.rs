//! Text from elsewhere, made safe and short enough to show.

pub(super) use crate::visible::{one_line, visible};

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
