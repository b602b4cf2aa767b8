//! `probity run` with a `proof.json` in its report folder: told on the page, and never in the way.

use std::fs;

use super::{run_into, temporary};

const ROWS: &str = "ciam/skip-update/token";

/// The page of a run into this folder, which has to end well.
#[track_caller]
fn page(folder: &std::path::Path) -> String {
    run_into(folder, &[ROWS]).expect(0);
    fs::read_to_string(folder.join("report.html")).expect("the page")
}

#[test]
fn a_proof_of_the_suite_is_on_the_page_and_one_of_another_suite_is_called_so() {
    let out = temporary();
    assert!(!page(out.path()).contains("id=\"strength\""));
    let record = fs::read_to_string(out.path().join("run.jsonl")).expect("the record");
    let header: serde_json::Value =
        serde_json::from_str(record.lines().next().expect("a header")).expect("JSON");
    let proof = serde_json::json!({
        "version": 4,
        "suite": header["provenance"]["suite"],
        "target": "mock",
        "started": "2026-01-15T09:30:00Z",
        "strength": "proved",
        "enumerated": 1,
        "mutants": [{ "id": "ciam/a", "outcome": "caught", "reason": null }],
    });
    let file = out.path().join("proof.json");
    fs::write(&file, proof.to_string()).expect("it can be written");
    assert!(page(out.path()).contains("1 of 1</b> servers"));
    assert!(file.exists(), "a run leaves the proof where it is");
    let mut other = proof;
    other["suite"]["cases"] = "0".repeat(64).into();
    fs::write(&file, other.to_string()).expect("it can be written");
    assert!(page(out.path()).contains("is of another suite"));
}

#[test]
fn what_is_no_proof_is_told_in_a_sentence_and_changes_no_verdict() {
    let out = temporary();
    let file = out.path().join("proof.json");
    fs::write(&file, [0xff, 0xfe, 0x00]).expect("it can be written");
    assert!(page(out.path()).contains("was left out of account: "));
    fs::remove_file(&file).expect("it is there");
    fs::create_dir(&file).expect("a folder");
    assert!(page(out.path()).contains("was left out of account: it is no file."));
}
