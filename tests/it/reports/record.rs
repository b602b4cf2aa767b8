//! `run.jsonl` can be read back, and a record that does not agree with itself is refused.

use std::io::Cursor;

use probity::{
    report::record::{Damage, Header, RecordError, Signature, read, render, seal, verify},
    result::{
        Ending, IdPattern, PassReason, Reached, RunReport, RunShard, Source, Verdict, Waiver,
    },
};
use serde_json::{Map, Value, json};

use super::run;

fn lines() -> Vec<String> {
    render(&run::mixed()).lines().map(String::from).collect()
}

#[track_caller]
fn refused(lines: &[String], message: &str) {
    match read(&lines.join("\n")) {
        Ok(_) => panic!("read, but it should say: {message}"),
        Err(error) => assert_eq!(error.to_string(), message),
    }
}

/// The record with `from` replaced on the line `index`, counted from 0.
#[track_caller]
fn changed(index: usize, from: &str, to: &str) -> Vec<String> {
    let mut lines = lines();
    assert!(lines[index].contains(from), "{}", lines[index]);
    lines[index] = lines[index].replacen(from, to, 1);
    lines
}

fn last() -> usize {
    lines().len() - 1
}

#[test]
fn what_was_written_is_what_is_read() {
    let run = run::mixed();
    let record = read(&render(&run)).expect("a whole record");
    assert_eq!(*record.report(), run);
    assert_eq!(record.report().cases.len(), run.cases.len());
    assert_eq!(record.footer.exit_code, 1);
    let Header {
        version, started, ..
    } = record.header;
    assert_eq!(version, 6);
    assert_eq!(started.to_string(), "2026-01-15T09:30:00.25Z");
}

#[test]
fn a_run_that_lost_rows_is_read_as_invalid() {
    let passed = run::case("ciam/skip-update/a/b", Verdict::Pass(PassReason::Clean));
    let short = RunReport {
        planned: 3,
        ..run::many(1, &passed)
    };
    let record = read(&render(&short)).expect("a whole record");
    assert_eq!(record.footer.conclusion, "invalid");
    assert_eq!(record.footer.exit_code, 4);
}

#[test]
fn an_empty_record_is_refused() {
    refused(&[], "the record is empty");
}

#[test]
fn a_record_without_its_footer_is_refused() {
    let mut lines = lines();
    lines.pop();
    let message = "the footer is missing after line 25, so the record is not whole";
    refused(&lines, message);
}

#[test]
fn a_second_footer_is_refused() {
    let mut lines = lines();
    lines.push(lines[last()].clone());
    refused(
        &lines,
        "line 27: a second footer; the footer on line 26 must be last",
    );
}

#[test]
fn a_row_after_the_footer_is_refused() {
    let mut lines = lines();
    lines.push(lines[1].clone());
    refused(
        &lines,
        "line 27: a line after the footer; the footer on line 26 must be last",
    );
}

#[test]
fn a_record_that_does_not_begin_with_its_header_is_refused() {
    refused(&lines()[1..], "line 1: the first line must be the header");
    let mut twice = lines();
    twice.insert(1, twice[0].clone());
    refused(&twice, "line 2: a second header; only line 1 may be one");
}

#[test]
fn an_unknown_version_is_refused() {
    for version in ["3", "7"] {
        let lines = changed(0, "\"version\":6", &format!("\"version\":{version}"));
        let message =
            format!("line 1: version {version} of the format; only the versions 4 to 6 are known");
        refused(&lines, &message);
    }
}

#[test]
fn a_start_that_is_no_moment_is_refused() {
    let lines = changed(0, "2026-01-15T09:30:00.25Z", "yesterday");
    refused(
        &lines,
        "line 1: not a line of a record: failed to parse four digit integer as year: invalid digit, \
         expected 0-9 but got y",
    );
}

#[test]
fn an_unknown_verdict_word_is_refused() {
    let lines = changed(1, "\"verdict\":\"pass\"", "\"verdict\":\"passed\"");
    let message = "line 2: not a line of a record: unknown variant `passed`, expected one of `skip`, `pass`, \
                   `error`, `fail`";
    refused(&lines, message);
}

#[test]
fn an_unknown_reason_is_refused() {
    let lines = changed(1, "\"reason\":\"clean\"", "\"reason\":\"lucky\"");
    refused(
        &lines,
        "line 2: not a line of a record: unknown variant `lucky`, expected `clean` or `with-warnings`",
    );
}

#[test]
fn a_lost_row_is_noticed() {
    let mut lines = lines();
    lines.remove(3);
    let message = "line 25: the footer counts 13 case lines, but 12 stand above it";
    refused(&lines, message);
}

#[test]
fn a_row_that_stands_twice_is_refused() {
    let mut lines = lines();
    lines.insert(2, lines[1].clone());
    let message =
        "line 3: a second line for the row `eiam/forced-change-by-mobile/success/control`";
    refused(&lines, message);
}

#[test]
fn a_verdict_changed_by_hand_is_noticed() {
    let lines = changed(
        7,
        "\"verdict\":\"error\",\"reason\":\"control-failed\"",
        "\"verdict\":\"pass\",\"reason\":\"clean\"",
    );
    refused(
        &lines,
        "line 26: the footer says 3 passed, but the lines say 4",
    );
}

#[test]
fn a_failure_that_its_requirement_still_speaks_of_is_missed() {
    let lines = changed(
        4,
        "\"verdict\":\"fail\",\"reason\":\"status\"",
        "\"verdict\":\"pass\",\"reason\":\"clean\"",
    );
    refused(
        &lines,
        "line 16: `CIAM-SKIP-H18` is called violated, but its rows do not say so",
    );
}

#[test]
fn a_requirement_called_better_than_its_rows_allow_is_noticed() {
    let lines = changed(14, "\"state\":\"violated\"", "\"state\":\"satisfied\"");
    let message = "line 15: `CIAM-SKIP-U01` is called satisfied, but its rows do not say so";
    refused(&lines, message);
    let lines = changed(14, "\"state\":\"violated\"", "\"state\":\"not testable\"");
    let message = "line 15: `CIAM-SKIP-U01` is called not testable, but its rows do not say so";
    refused(&lines, message);
    let lines = changed(16, "\"state\":\"unproven\"", "\"state\":\"satisfied\"");
    let message = "line 17: `CIAM-SKIP-X01` is called satisfied, but its rows do not say so";
    refused(&lines, message);
    let lines = changed(16, "\"state\":\"unproven\"", "\"state\":\"cased\"");
    refused(
        &lines,
        "line 17: `CIAM-SKIP-X01` is called cased, but its rows do not say so",
    );
}

#[test]
fn a_lost_or_doubled_requirement_is_noticed() {
    let mut fewer = lines();
    fewer.remove(16);
    let message = "line 25: the footer counts 7 requirements (0 satisfied, 2 violated, 3 unproven, \
                   1 observed, 1 not testable, 0 empty), but the lines say 6 requirements (0 \
                   satisfied, 2 violated, 2 unproven, 1 observed, 1 not testable, 0 empty)";
    refused(&fewer, message);
    let mut twice = lines();
    twice.insert(16, twice[15].clone());
    let message = "line 17: a second line for the requirement `CIAM-SKIP-H18`";
    refused(&twice, message);
}

#[test]
fn a_cell_called_better_than_its_rows_allow_is_noticed() {
    let cell = |problem: &str| {
        format!("line 24: the cell `X-client-id` of ciam skipPasswordUpdate headers {problem}")
    };
    let lines = changed(23, "\"state\":\"violated\"", "\"state\":\"satisfied\"");
    let message = cell("is called satisfied, but its rows do not say so");
    refused(&lines, &message);
    let lines = changed(23, "\"state\":\"satisfied\"", "\"state\":\"violated\"");
    let message = cell("is called violated, but its rows do not say so");
    refused(&lines, &message);
    // A row that is not there.
    let lines = changed(23, "\"rows\":[1,2]", "\"rows\":[1,99]");
    let message = cell("is called satisfied, but its rows do not say so");
    refused(&lines, &message);
}

#[test]
fn a_lost_or_doubled_matrix_is_noticed() {
    let mut fewer = lines();
    fewer.remove(22);
    let message = "line 25: the footer says 4 matrices, but the lines say 3";
    refused(&fewer, message);
    let mut twice = lines();
    twice.insert(23, twice[22].clone());
    let message = "line 24: a second line for ciam skipPasswordUpdate errors";
    refused(&twice, message);
    let text = render(&run::mixed());
    let without: Vec<&str> = text
        .lines()
        .filter(|line| !line.contains("\"matrix\":\"headers\""))
        .collect();
    let damage = verify(&sealed(format!("{}\n", without.join("\n"))), None).expect_err("one less");
    assert_eq!(
        damage.to_string(),
        "the footer says 4 matrices, and the lines add up to 3"
    );
}

#[test]
fn a_record_from_before_there_were_matrices_is_read_and_holds() {
    let report = RunReport {
        matrices: Vec::new(),
        ..run::mixed()
    };
    let text = render(&report).replacen(",\"matrices\":0", "", 1);
    assert!(!text.contains("matri"), "{text}");
    let older = sealed(text);
    assert_eq!(*read(&older).expect("a whole record").report(), report);
    verify(&older, None).expect("it holds");
}

#[test]
fn a_conclusion_changed_by_hand_is_noticed() {
    let lines = changed(last(), "not conformant", "conformant");
    let message = "line 26: the footer concludes `conformant`, but the lines say `not conformant`";
    refused(&lines, message);
    let lines = changed(last(), "\"exit_code\":1", "\"exit_code\":0");
    refused(
        &lines,
        "line 26: the footer gives exit code 0, but the lines say 1",
    );
}

#[test]
fn a_line_that_is_not_whole_is_refused_by_its_number() {
    let mut lines = lines();
    lines[5].truncate(40);
    let error = read(&lines.join("\n")).expect_err("cut short").to_string();
    assert!(
        error.starts_with("line 6: not a line of a record: "),
        "{error}"
    );
}

#[test]
fn a_change_that_adds_up_is_noticed_by_the_digest() {
    let text = render(&run::mixed());
    let changed = text.replacen("Content-Type", "content-type", 1);
    assert_ne!(text, changed);
    assert_eq!(read(&changed), Err(RecordError::Damaged { line: 26 }));
    assert_eq!(verify(&changed, None), Err(Damage::Digest));
    let open = text.find(",\"sha256\"").expect("a seal");
    let without = format!("{}}}\n", &text[..open]);
    assert_eq!(read(&without), Err(RecordError::NoSeal { line: 26 }));
    assert_eq!(verify(&without, None), Err(Damage::NoSeal));
}

#[test]
fn a_record_of_the_version_before_is_read_without_a_digest() {
    let text = render(&run::mixed()).replacen("\"version\":6", "\"version\":4", 1);
    let open = text.find(",\"sha256\"").expect("a seal");
    let older = format!("{}}}\n", &text[..open]);
    let record = read(&older).expect("a record of version 4");
    assert_eq!(record.header.version, 4);
    let verified = verify(&older, None).expect("it adds up");
    assert_eq!((verified.version, verified.digest), (4, None));
}

#[test]
fn what_is_counted_once_more_is_what_was_written() {
    let run = run::mixed();
    let verified = verify(&render(&run), None).expect("a whole record");
    assert_eq!(verified.cases, run.cases.len());
    assert_eq!(verified.requirements, run.requirements.len());
    assert_eq!(verified.conclusion, run.conclusion().label());
    assert_eq!(verified.exit_code, u64::from(run.conclusion().exit_code()));
    assert_eq!(verified.signature, Signature::None);
}

/// The text with a new digest, as somebody would make it who wants to hide a change.
fn sealed(text: String) -> String {
    let mut file = Cursor::new(text.into_bytes());
    seal(&mut file, None).expect("a record");
    String::from_utf8(file.into_inner()).expect("text")
}

#[test]
fn totals_that_do_not_follow_from_the_lines_are_noticed_although_the_digest_is_right() {
    let text = render(&run::mixed());
    let check = |from: &str, to: &str, message: &str| {
        let changed = text.replacen(from, to, 1);
        assert_ne!(text, changed, "{from}");
        let damage = verify(&sealed(changed), None).expect_err(message);
        assert_eq!(damage.to_string(), message);
    };
    check(
        "\"verdict\":\"error\",\"reason\":\"control-failed\"",
        "\"verdict\":\"pass\",\"reason\":\"clean\"",
        "the footer says 3 passed, and the lines add up to 4",
    );
    check(
        "\"state\":\"unproven\"",
        "\"state\":\"satisfied\"",
        "the footer says 0 requirements satisfied, and the lines add up to 1",
    );
    check(
        "\"exit_code\":1",
        "\"exit_code\":0",
        "the conclusion `not conformant` has exit code 1, and the footer says 0",
    );
    check(
        "\"conclusion\":\"not conformant\",\"exit_code\":1",
        "\"conclusion\":\"conformant\",\"exit_code\":0",
        "the conclusion is `conformant`, although test cases failed",
    );
    let lines: Vec<&str> = text.lines().collect();
    let cut = lines[..lines.len() - 1].join("\n");
    assert_eq!(verify(&cut, None), Err(Damage::Cut(25)));
    let half = verify(&text[..text.len() / 2], None).expect_err("half of it");
    assert!(!half.is_no_record(), "{half}");
    assert_eq!(verify("", None), Err(Damage::Empty));
    assert_eq!(verify("<html>", None), Err(Damage::NoRecord));
    let newer = text.replacen("\"version\":6", "\"version\":7", 1);
    assert_eq!(verify(&newer, None), Err(Damage::Version(7)));
}

#[test]
fn every_line_is_as_the_schema_has_it() {
    let schema = include_str!("../../../specs/record.schema.json");
    let schema: Value = serde_json::from_str(schema).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let mut run = run::mixed();
    let reached = Reached {
        address: "https://tenant.example".to_owned(),
        variables: Map::from_iter([("client_id".to_owned(), "c1".into())]),
        version: Some("7.2".to_owned()),
        keys: Map::from_iter([("jwks /keys".to_owned(), json!({ "keys": [] }))]),
    };
    run.provenance.editions = [("eiam".to_owned(), reached)].into();
    run.provenance.profile = "read-only".to_owned();
    run.provenance.shard = Some(RunShard {
        shard: "2/4".parse().expect("a shard"),
        planned: 9,
        ids: "0".repeat(64),
        waivers: vec![Waiver {
            cases: vec!["a/b/c".into()],
            patterns: vec![IdPattern::new("a/*")],
            max_matches: 2,
            departs: [("status".to_owned(), "500".to_owned())].into(),
            fingerprints: vec!["00".to_owned()],
            owner: "ann".to_owned(),
            reason: "known".to_owned(),
            since: None,
            expires: jiff::civil::date(2027, 3, 10),
            source: Source::default(),
        }],
    });
    run.provenance.merged = vec!["one".to_owned(), "two".to_owned()];
    assert!(run.proof.is_some());
    let other = RunReport {
        proof: Some(probity::result::ProofBeside::Other),
        ..run.clone()
    };
    let unfinished = RunReport::without_cases(0, Ending::Unfinished);
    for report in [run, other, unfinished] {
        for (line, text) in (1..).zip(render(&report).lines()) {
            let value: Value = serde_json::from_str(text).expect("JSON");
            let kind = value["kind"].as_str().unwrap_or_default();
            // The alternatives of a line say little; its own says where it is wrong.
            let own = json!({ "$ref": format!("#/$defs/{kind}"), "$defs": schema["$defs"] });
            let own = jsonschema::validator_for(&own).expect("a schema");
            let complaints: Vec<String> = own
                .iter_errors(&value)
                .map(|error| format!("line {line} {}: {error}", error.instance_path()))
                .collect();
            assert!(complaints.is_empty(), "{complaints:#?}");
            assert!(validator.is_valid(&value));
        }
    }
}
