//! The letters of `sh`: quotes, variables, and bytes that no quote can hold.

use std::fmt::Write as _;

use super::variables::VARIABLES;
use crate::secret::masks;

/// Names that a shell gives a meaning or a value.
const TAKEN: [&str; 24] = [
    "BASH", "CDPATH", "COLUMNS", "DISPLAY", "EDITOR", "ENV", "EUID", "GROUPS", "HOME", "HOSTNAME",
    "IFS", "LANG", "LINES", "LOGNAME", "MAIL", "OLDPWD", "OPTIND", "PATH", "PPID", "PWD", "SHELL",
    "TERM", "UID", "USER",
];

/// The longest name of a variable.
const LONGEST_NAME: usize = 48;

/// Whether a character can stand in a command line that people copy.
pub(super) fn is_plain(c: char) -> bool {
    let unseen = matches!(
        c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
    );
    !c.is_control() && !unseen
}

/// A text as one word.
pub(super) fn quote(text: &str) -> String {
    argument([Ok(text)])
}

/// One word of texts, and of variables by their names.
pub(super) fn argument<'p>(parts: impl IntoIterator<Item = Result<&'p str, &'p str>>) -> String {
    let mut out = String::new();
    let mut open = String::new();
    let close = |open: &mut String, out: &mut String| {
        if !open.is_empty() {
            let _ = write!(out, "'{}'", open.replace('\'', "'\\''"));
            open.clear();
        }
    };
    for part in parts {
        match part {
            Ok(text) => {
                for c in text.chars() {
                    if is_plain(c) {
                        open.push(c);
                    } else {
                        close(&mut open, &mut out);
                        let bytes = octal(c.encode_utf8(&mut [0; 4]).as_bytes());
                        let _ = write!(out, "\"$(printf '{bytes}')\"");
                    }
                }
            }
            Err(name) => {
                close(&mut open, &mut out);
                out.push_str(&variable(name));
            }
        }
    }
    close(&mut open, &mut out);
    if out.is_empty() { "''".to_owned() } else { out }
}

/// The value of a variable; the shell stops where it has none.
fn variable(name: &str) -> String {
    format!("\"${{{name}:?}}\"")
}

/// Variables as words.
pub(super) fn arguments(names: &[String]) -> String {
    let words: Vec<String> = names.iter().map(|name| variable(name)).collect();
    words.join(" ")
}

/// A format of `printf` that writes these bytes.
pub(super) fn printed<'b>(bytes: impl IntoIterator<Item = &'b [u8]>) -> String {
    format(bytes.into_iter().map(Some))
}

/// A format of `printf`; `None` is the place of an argument.
pub(super) fn format<'b>(parts: impl IntoIterator<Item = Option<&'b [u8]>>) -> String {
    let mut out = String::from("'");
    for part in parts {
        match part {
            None => out.push_str("%s"),
            Some(bytes) => {
                for byte in bytes {
                    let safe = byte.is_ascii_graphic() || *byte == b' ';
                    // A dash in front would begin an option.
                    if safe && !b"'%\\-".contains(byte) {
                        out.push(char::from(*byte));
                    } else {
                        out.push_str(&octal(&[*byte]));
                    }
                }
            }
        }
    }
    out.push('\'');
    out
}

fn octal(bytes: &[u8]) -> String {
    let each = bytes.iter().map(|byte| format!("\\{byte:03o}"));
    each.collect()
}

/// A label as the name of a variable that is not taken.
pub(super) fn name(label: &str, taken: impl Fn(&str) -> bool) -> String {
    let mut out = String::new();
    for c in label.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_uppercase());
        } else if !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
    }
    out.truncate(LONGEST_NAME);
    out.truncate(out.trim_end_matches('_').len());
    if out.is_empty() || out.starts_with(|c: char| c.is_ascii_digit()) {
        out.insert_str(0, if out.is_empty() { "SECRET" } else { "SECRET_" });
    }
    let mut ours = VARIABLES.iter().map(|(name, _)| *name);
    let ours = out == super::BODY_FILE || ours.any(|name| name == out);
    if ours || TAKEN.contains(&out.as_str()) {
        out.push_str("_VALUE");
    }
    let numbered = (2..).map(|number| format!("{out}_{number}"));
    let mut candidates = std::iter::once(out.clone()).chain(numbered);
    candidates.find(|name| !taken(name)).unwrap_or(out)
}

/// The name of the member or pair whose value begins behind this text.
pub(super) fn label_before(text: &str) -> &str {
    let text = text.trim_end_matches([' ', '"', '\\', ':', '=', '[']);
    let of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let start = text
        .char_indices()
        .rev()
        .take_while(|(_, c)| of_name(*c))
        .last();
    start.map_or("", |(at, _)| &text[at..])
}

/// The command line with a variable for every mask that was put into it after it was written.
pub(in crate::engine) fn with_variables(line: &str) -> Option<String> {
    let (comments, command) = line.rsplit_once('\n').unwrap_or(("", line));
    let mut names: Vec<String> = Vec::new();
    let mut out = String::new();
    let mut at = 0;
    for (start, end) in masks(command) {
        let label = command[start..end].replace("secret:", "secret ");
        let name = name(&label, |_| false);
        // Masks stand only in what is quoted.
        let _ = write!(out, "{}'{}'", &command[at..start], variable(&name));
        if !names.contains(&name) {
            names.push(name);
        }
        at = end;
    }
    if names.is_empty() {
        return None;
    }
    out.push_str(&command[at..]);
    let sources = names
        .iter()
        .map(|name| format!("# {name}: another test case made it known as a secret\n"));
    let comments = comments.lines().map(|comment| format!("{comment}\n"));
    Some(comments.chain(sources).collect::<String>() + &out)
}
