//! A record that is cut, edited or in words nobody knows is refused.

use probity::{
    report::record::{self, RecordError},
    result::Conclusion,
};

use super::Bench;

/// A record of a real run.
async fn recorded() -> Vec<String> {
    let report = Bench::new("ciam/skip-update/headers/", None)
        .await
        .run()
        .await;
    assert_eq!(report.conclusion(), Conclusion::Conformant);
    record::render(&report).lines().map(str::to_owned).collect()
}

#[track_caller]
fn refused(lines: &[String]) -> RecordError {
    record::read(&lines.join("\n")).expect_err("this record must be refused")
}

/// G7: wherever a record is cut, it is refused, and the reason has a line number.
#[tokio::test]
async fn a_record_cut_anywhere_is_refused() {
    let lines = recorded().await;
    for length in 1..lines.len() {
        let told = refused(&lines[..length]).to_string();
        let why = format!("the footer is missing after line {length}, so the record is not whole");
        assert_eq!(told, why);
    }
    let text = lines.join("\n");
    let half = text.len() / 2;
    let end = text.ceil_char_boundary(half);
    let told = record::read(&text[..end])
        .expect_err("cut in half")
        .to_string();
    assert!(told.starts_with("line "), "{told}");
}

/// G8.
#[tokio::test]
async fn a_verdict_or_a_reason_that_nobody_knows_is_refused() {
    let lines = recorded().await;
    for (from, to, why) in [
        (
            r#""verdict":"pass""#,
            r#""verdict":"waved-through""#,
            "unknown variant `waved-through`, expected one of `skip`, `pass`, `error`, `fail`",
        ),
        (
            r#""reason":"clean""#,
            r#""reason":"lucky""#,
            "unknown variant `lucky`, expected `clean` or `with-warnings`",
        ),
    ] {
        let mut edited = lines.clone();
        let line = edited
            .iter()
            .position(|line| line.contains(r#""reason":"clean""#))
            .expect("a clean pass");
        edited[line] = edited[line].replace(from, to);
        let told = refused(&edited).to_string();
        let line = line + 1;
        assert_eq!(told, format!("line {line}: not a line of a record: {why}"));
    }
}

/// G8 and G4: what an editor would change in a record to make it greener is noticed.
#[tokio::test]
async fn an_edited_record_is_refused() {
    let lines = recorded().await;
    let (first, last) = (0, lines.len() - 1);
    let edit = |line: usize, from: &str, to: &str| {
        let mut edited = lines.clone();
        assert!(edited[line].contains(from), "{}", edited[line]);
        edited[line] = edited[line].replacen(from, to, 1);
        refused(&edited).to_string()
    };
    let planned = lines.len() - 2;
    let told = edit(
        first,
        &format!(r#""planned":{planned}"#),
        r#""planned":400"#,
    );
    assert!(told.contains("the lines say `invalid`"), "{told}");
    let told = edit(
        1,
        r#""verdict":"pass","reason":"clean""#,
        r#""verdict":"fail","reason":"status""#,
    );
    assert!(told.contains("passed, but the lines say"), "{told}");
    let told = edit(last, "conformant", "not conformant");
    assert!(told.contains("concludes `not conformant`"), "{told}");
    let mut missing = lines.clone();
    missing.remove(2);
    let told = refused(&missing).to_string();
    assert!(told.contains("case lines, but"), "{told}");
}
