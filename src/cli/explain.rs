//! `probity explain`: what a word means that the program says, what usually causes it, and what to do.

use clap::Args;

use super::{
    output::{note, out},
    refusal::USAGE,
    terminal,
};
use crate::{report::manual, visible::visible};

/// Words that are offered for one that is not known.
const MOST: usize = 3;
/// How alike a word must be to be offered.
const LIKENESS: f64 = 0.75;

/// Options of `probity explain`.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// A code of a mistake, a verdict or its reason, a state, a conclusion, an exit code, a check, …
    #[arg(value_name = "WORD")]
    word: Vec<String>,
}

pub(super) fn main(options: &Options) -> u8 {
    let width = terminal::width();
    let word = options.word.join(" ");
    if word.is_empty() {
        out(manual::list(width).trim_end());
        return 0;
    }
    let found = manual::find(&word);
    if found.is_empty() {
        note(&visible(&format!("there is no word `{word}`")));
        note(&match nearest(&word).as_slice() {
            [] => "`probity explain` lists all words".to_owned(),
            near => format!("near it: {}", near.join(", ")),
        });
        return USAGE;
    }
    let pages: Vec<String> = found
        .iter()
        .map(|(section, entry)| manual::page(section, entry, width))
        .collect();
    out(pages.join("\n").trim_end());
    0
}

/// The words most like this one, the nearest first.
fn nearest(word: &str) -> Vec<&'static str> {
    let word = word.to_lowercase();
    let entries = manual::all().iter().flat_map(|section| &section.entries);
    let mut near: Vec<(&str, f64)> = entries
        .flat_map(|entry| &entry.words)
        .map(|known| (*known, strsim::jaro_winkler(&word, known)))
        .filter(|(known, likeness)| *likeness >= LIKENESS || known.contains(&*word))
        .collect();
    near.sort_by(|one, other| other.1.total_cmp(&one.1));
    near.dedup_by_key(|(known, _)| *known);
    near.into_iter()
        .map(|(known, _)| known)
        .take(MOST)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_hand_is_offered_the_word_that_was_meant() {
        assert_eq!(nearest("unkown-key").first(), Some(&"unknown-key"));
        assert_eq!(nearest("inconclusiv").first(), Some(&"inconclusive"));
        assert_eq!(nearest("xyzzy"), [""; 0]);
    }
}
