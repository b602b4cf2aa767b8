//! Reads a `proof.json` for the page of a run. The file may be anybody's: what does not fit is told in a
//! sentence and is no error of the run, figures are counted here, and texts are cut.

use serde::Deserialize;

use super::json::VERSION;
use crate::{
    report::text::{cut, one_line},
    result::{MutantList, MutantNote, ProofBeside, ProofSummary, SuiteDigest},
};

/// Mutants of a kind that are named, and columns of what is told of each.
const MOST: usize = 100;
const WIDEST: usize = 300;

#[derive(Deserialize)]
struct Versioned {
    version: u64,
}

/// The part of the file that is read.
#[derive(Deserialize)]
struct File {
    suite: SuiteDigest,
    target: String,
    started: jiff::Timestamp,
    strength: Strength,
    enumerated: usize,
    mutants: Vec<Mutant>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Strength {
    Proved,
    Partial,
    Inconclusive,
    Holes,
    Void,
}

#[derive(Deserialize)]
struct Mutant {
    id: String,
    outcome: Outcome,
    reason: Option<String>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    Caught,
    CaughtElsewhere,
    Errored,
    Survived,
    Unreached,
    Open,
    Equivalent,
    EquivalentNoticed,
}

impl Outcome {
    const fn counts(self) -> bool {
        !matches!(
            self,
            Self::Open | Self::Equivalent | Self::EquivalentNoticed
        )
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Caught => "caught",
            Self::CaughtElsewhere => "caught-elsewhere",
            Self::Errored => "errored",
            Self::Survived => "survived",
            Self::Unreached => "unreached",
            Self::Open => "open",
            Self::Equivalent => "equivalent",
            Self::EquivalentNoticed => "equivalent-noticed",
        }
    }
}

/// What a proof says of a run of this suite.
#[must_use]
pub fn beside(text: &str, suite: &SuiteDigest) -> ProofBeside {
    let unreadable = |why: &str| ProofBeside::Unreadable(why.to_owned());
    let Ok(Versioned { version }) = serde_json::from_str(text) else {
        return unreadable("it is no proof of strength");
    };
    if version != u64::from(VERSION) {
        return ProofBeside::Unreadable(format!(
            "it is of version {version} of its format, and only version {VERSION} is read"
        ));
    }
    let Ok(file) = serde_json::from_str::<File>(text) else {
        return unreadable("it is damaged");
    };
    if !suite.is_known() || file.suite != *suite {
        return ProofBeside::Other;
    }
    ProofBeside::Same(Box::new(summary(&file)))
}

fn summary(file: &File) -> ProofSummary {
    let counted = || file.mutants.iter().filter(|one| one.outcome.counts());
    let missed = || counted().filter(|one| one.outcome != Outcome::Caught);
    let count = counted().count();
    ProofSummary {
        target: short(&file.target),
        started: file.started,
        strength: match file.strength {
            Strength::Proved => "proved",
            Strength::Partial => "partial",
            Strength::Inconclusive => "inconclusive",
            Strength::Holes => "holes",
            Strength::Void => "void",
        }
        .to_owned(),
        enumerated: file.enumerated.max(file.mutants.len()),
        mutants: file.mutants.len(),
        caught: count - missed().count(),
        counted: count,
        left_out: file.mutants.len() - count,
        accepted: list(missed().filter(|one| one.reason.is_some())),
        missed: list(missed().filter(|one| one.reason.is_none())),
    }
}

fn list<'f>(mutants: impl Iterator<Item = &'f Mutant>) -> MutantList {
    let mut out = MutantList::default();
    for one in mutants {
        out.count += 1;
        if out.first.len() < MOST {
            let note = one.reason.as_deref().unwrap_or(one.outcome.label());
            out.first.push(MutantNote {
                id: short(&one.id),
                note: short(note),
            });
        }
    }
    out
}

fn short(text: &str) -> String {
    cut(&one_line(text), WIDEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suite() -> SuiteDigest {
        SuiteDigest {
            contract: "c0".to_owned(),
            cases: "ca".to_owned(),
        }
    }

    fn file(mutants: &str) -> String {
        format!(
            r#"{{"version":{VERSION},"suite":{{"contract":"c0","cases":"ca"}},"target":"mock","started":"2026-01-15T09:30:00Z","strength":"holes","enumerated":9,"mutants":[{mutants}]}}"#
        )
    }

    #[test]
    fn figures_are_counted_from_the_mutants() {
        let text = file(
            r#"{"id":"a","outcome":"caught","reason":null},
               {"id":"b","outcome":"survived","reason":"nobody sees it"},
               {"id":"c","outcome":"caught-elsewhere","reason":null},
               {"id":"d","outcome":"open","reason":"silent"}"#,
        );
        let ProofBeside::Same(summary) = beside(&text, &suite()) else {
            panic!("of this suite: {:?}", beside(&text, &suite()));
        };
        assert_eq!(
            (summary.caught, summary.counted, summary.left_out),
            (1, 3, 1)
        );
        assert_eq!((summary.mutants, summary.enumerated), (4, 9));
        let notes = |list: &MutantList| -> Vec<(usize, String, String)> {
            let first = list.first.iter();
            first
                .map(|one| (list.count, one.id.clone(), one.note.clone()))
                .collect()
        };
        let one = |id: &str, note: &str| vec![(1, id.to_owned(), note.to_owned())];
        assert_eq!(notes(&summary.accepted), one("b", "nobody sees it"));
        assert_eq!(notes(&summary.missed), one("c", "caught-elsewhere"));
    }

    #[test]
    fn a_file_that_is_of_another_suite_or_no_proof_is_told_from_one_that_counts() {
        let text = file("");
        let other = SuiteDigest {
            cases: "cb".to_owned(),
            ..suite()
        };
        assert_eq!(beside(&text, &other), ProofBeside::Other);
        let nothing = text.replace("\"c0\"", "\"\"").replace("\"ca\"", "\"\"");
        let unknown = SuiteDigest::default();
        assert_eq!(beside(&nothing, &unknown), ProofBeside::Other);
        let deep = "[".repeat(100_000);
        let older = text.replace(&format!("\"version\":{VERSION}"), "\"version\":2");
        let negative = text.replace("\"enumerated\":9", "\"enumerated\":-9");
        for wrong in [
            "",
            "{}",
            "nonsense",
            "\0",
            &deep,
            &older,
            &negative,
            &text[..99],
        ] {
            let found = beside(wrong, &suite());
            assert!(matches!(found, ProofBeside::Unreadable(_)), "{found:?}");
        }
    }

    #[test]
    fn long_and_many_texts_are_cut() {
        let one = format!(
            r#"{{"id":"{}\u001b[31m","outcome":"survived","reason":null}}"#,
            "x".repeat(9_999)
        );
        let text = file(&vec![one; 300].join(","));
        let ProofBeside::Same(summary) = beside(&text, &suite()) else {
            panic!("of this suite");
        };
        assert_eq!(
            (summary.missed.count, summary.missed.first.len()),
            (300, MOST)
        );
        assert!(summary.missed.first[0].id.len() <= WIDEST + 3);
    }
}
