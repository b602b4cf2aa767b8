//! What every word means that the program says of a run, a row or a mistake: the manual behind
//! `probity explain`.
//!
//! The texts lie in the `.txt` files beside this one, a section a kind of word. An entry begins with its
//! word at the start of a line, other spellings behind commas; `means`, `cause` and `do` follow, set in. A
//! section begins with its kind, what is printed above its words, and what one of them is.
//! `tests/it/manual.rs` holds that no word of the program is without an entry.

use std::sync::LazyLock;

use super::explain::{Part, hang, plain};

/// The sections in the order in which they are listed.
const TEXTS: [&str; 7] = [
    include_str!("results.txt"),
    include_str!("comparison.txt"),
    include_str!("answers.txt"),
    include_str!("proofs.txt"),
    include_str!("suite.txt"),
    include_str!("target.txt"),
    include_str!("reach.txt"),
];

static SECTIONS: LazyLock<Vec<Section>> =
    LazyLock::new(|| TEXTS.iter().flat_map(|text| sections(text)).collect());

/// Words of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// A short name: `verdict`, `state`, `check`, `suite`, …
    pub kind: &'static str,
    /// What is printed above its words.
    pub title: &'static str,
    /// What one of its words is: `a verdict`.
    pub one: &'static str,
    pub entries: Vec<Entry>,
}

/// One word.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entry {
    /// Its spellings, that of the reports first.
    pub words: Vec<&'static str>,
    pub means: String,
    pub cause: String,
    /// What to do about it.
    pub remedy: String,
}

/// Everything, in order.
#[must_use]
pub fn all() -> &'static [Section] {
    &SECTIONS
}

/// The entries of a word, each with its section: a word may mean two things.
#[must_use]
pub fn find(word: &str) -> Vec<(&'static Section, &'static Entry)> {
    let wanted = folded(word);
    let entries = all()
        .iter()
        .flat_map(|section| section.entries.iter().map(move |entry| (section, entry)));
    entries
        .filter(|(_, entry)| entry.words.iter().any(|known| folded(known) == wanted))
        .collect()
}

/// A word however it is typed: `NOT conformant` is `not-conformant`, and so is `error[…]` around a code.
fn folded(word: &str) -> String {
    let word = word.trim().to_lowercase();
    let inside = word.strip_suffix(']').and_then(|word| word.split_once('['));
    let word = inside.map_or(word.as_str(), |(_, code)| code);
    word.replace([' ', '_'], "-").replace(',', "")
}

/// What an entry says, broken where the terminal ends.
#[must_use]
pub fn page(section: &Section, entry: &Entry, width: usize) -> String {
    let mut lines = Vec::new();
    let words = entry.words.join(", ");
    hang(
        &mut lines,
        width,
        Part::Title,
        "",
        &format!("{words}: {}", section.one),
    );
    for (label, text) in [
        ("  means  ", &entry.means),
        ("  cause  ", &entry.cause),
        ("  do     ", &entry.remedy),
    ] {
        hang(&mut lines, width, Part::Label, label, text);
    }
    plain(&lines)
}

/// Every word under the title of its section.
#[must_use]
pub fn list(width: usize) -> String {
    let mut lines = Vec::new();
    for section in all() {
        lines.push((Part::Title, section.title.to_owned()));
        let words = section
            .entries
            .iter()
            .filter_map(|entry| entry.words.first());
        // A word of several is kept on one line.
        let words: Vec<String> = words
            .map(|word| super::text::unbroken(&word.replace(',', "")))
            .collect();
        hang(&mut lines, width, Part::Label, "  ", &words.join(", "));
    }
    plain(&lines)
}

/// The sections of a text.
fn sections(text: &'static str) -> Vec<Section> {
    let mut out: Vec<Section> = Vec::new();
    for block in text.split("\n\n") {
        let block = block.trim_matches('\n');
        if let Some(head) = block.strip_prefix("# ") {
            let (kind, titles) = head.split_once(": ").unwrap_or_default();
            let (title, one) = titles.split_once(" / ").unwrap_or_default();
            out.push(Section {
                kind,
                title,
                one,
                entries: Vec::new(),
            });
        } else if let Some(section) = out.last_mut() {
            section.entries.extend(entry(block));
        }
    }
    out
}

/// One entry; `None` where there is no word.
fn entry(block: &'static str) -> Option<Entry> {
    let (head, body) = block.split_once('\n')?;
    let mut out = Entry {
        words: head.split(", ").collect(),
        ..Entry::default()
    };
    let mut label = "";
    for line in body.lines() {
        let text = line.trim();
        let (first, rest) = text.split_once("  ").unwrap_or_default();
        // What goes on from the line before stands further in than any label.
        let text = if line.starts_with("    ") {
            text
        } else {
            label = first;
            rest.trim()
        };
        let part = match label {
            "means" => &mut out.means,
            "cause" => &mut out.cause,
            "do" => &mut out.remedy,
            _ => continue,
        };
        if !part.is_empty() {
            part.push(' ');
        }
        part.push_str(text);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_whole() {
        for section in all() {
            assert!(
                !section.kind.is_empty() && !section.one.is_empty(),
                "{section:?}"
            );
            assert!(!section.entries.is_empty(), "{}", section.kind);
            for entry in &section.entries {
                for part in [&entry.means, &entry.cause, &entry.remedy] {
                    assert!(!part.is_empty(), "{entry:?}");
                    assert!(!part.contains("  "), "{entry:?}");
                }
            }
        }
    }

    #[test]
    fn an_entry_is_found_however_its_word_is_typed() {
        #[track_caller]
        fn check(word: &str, kinds: &[&str]) {
            let found: Vec<&str> = find(word).iter().map(|(section, _)| section.kind).collect();
            assert_eq!(found, kinds, "{word}");
        }
        check("unknown-key", &["suite"]);
        check("error[unknown-key]", &["suite"]);
        check("Not Conformant", &["conclusion"]);
        check("not_testable", &["state"]);
        check("STILL FAILING", &["again"]);
        check("2", &["exit-code"]);
        check("message", &["check", "subject"]);
        check("conformant, but something is left behind", &["conclusion"]);
        check("left-behind", &["conclusion"]);
        check("nonsense", &[]);
    }

    #[test]
    fn a_page_is_broken_where_the_terminal_ends() {
        let found = find("interrupted");
        let (section, entry) = found[0];
        let text = page(section, entry, 60);
        let expected = "interrupted: a reason of an error\n\
                        \x20 means  The run was stopped before the row ended.\n\
                        \x20 cause  Ctrl-C, SIGTERM or SIGHUP, often from a time limit\n\
                        \x20        of a CI job.\n";
        assert!(text.starts_with(expected), "{text}");
    }
}
