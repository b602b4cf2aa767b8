//! What a run's reports say of the proof of strength that lies beside them.

use probity::{
    report::{html, record},
    result::{MutantList, MutantNote, ProofBeside, ProofSummary, RunReport},
};

use super::run;

/// A proof of the suite with a survivor of each kind, and text that tries to break out.
pub(crate) fn beside() -> ProofBeside {
    let list = |count, id: &str, note: &str| MutantList {
        count,
        first: vec![MutantNote {
            id: id.to_owned(),
            note: note.to_owned(),
        }],
    };
    ProofBeside::Same(Box::new(ProofSummary {
        target: "mock <b>".to_owned(),
        started: "2026-01-15T09:30:00Z".parse().expect("a moment"),
        strength: "holes".to_owned(),
        enumerated: 90,
        mutants: 80,
        caught: 69,
        counted: 72,
        left_out: 8,
        accepted: list(1, "ciam/a/status:500", "nobody sees <it>"),
        missed: list(2, "ciam/a/code:X", "survived"),
    }))
}

fn page(proof: Option<ProofBeside>) -> String {
    let report = RunReport {
        proof,
        ..run::mixed()
    };
    let mut out = Vec::new();
    html::write(&report, &mut out).expect("memory takes all");
    String::from_utf8(out).expect("UTF-8")
}

#[test]
fn a_proof_of_the_suite_is_told_with_its_figures_and_what_was_not_caught() {
    let page = page(Some(beside()));
    for told in [
        "69 of 72",
        "(95.8 %)",
        "mock &lt;b&gt;",
        "2026-01-15 09:30:00 UTC",
        "80 of 90",
        "<code>ciam/a/code:X</code> survived",
        "and 1 more",
        "nobody sees &lt;it&gt;",
    ] {
        assert!(page.contains(told), "{told}");
    }
}

#[test]
fn a_proof_of_another_suite_is_called_so_one_that_cannot_be_read_too_and_none_is_not_spoken_of() {
    let other = page(Some(ProofBeside::Other));
    assert!(other.contains("is of another suite"));
    let damaged = page(Some(ProofBeside::Unreadable("it is <damaged>".to_owned())));
    assert!(damaged.contains("left out of account: it is &lt;damaged&gt;."));
    assert!(!page(None).contains("id=\"strength\""));
}

#[test]
fn the_record_keeps_it_so_that_the_page_made_later_is_the_same() {
    let unreadable = ProofBeside::Unreadable("it is no file".to_owned());
    for proof in [
        Some(beside()),
        Some(ProofBeside::Other),
        Some(unreadable),
        None,
    ] {
        let report = RunReport {
            proof,
            ..run::mixed()
        };
        let text = record::render(&report);
        let read = record::read(&text).expect("a whole record");
        assert_eq!(read.report().proof, report.proof);
        record::verify(&text, None).expect("it holds");
    }
}
