//! Reports write sentences and never read them back: what a report decides, it decides by types.

use regex::Regex;

use super::source::Product;

/// What is done to a text to find out what it says, beside comparing it. To show equal sentences once is
/// layout, and to look whether there is one at all reads nothing.
const READS: &str = r#"[!=]=|\.(starts_with|ends_with|contains|split\w*|rsplit\w*|strip_\w+|rfind|matches|parse|eq|cmp)\b|\.find\(["']"#;

/// Names of fields, and of what is bound to them, that hold sentences for people.
const SENTENCES: &str = r"\b(detail|causes|why|message|actual|expected|excerpt|trouble)\b";

/// Where a text is compared all the same: what the page has just shown is not shown a second time.
const ALLOWED: [(&str, &str); 2] = [
    // The status stands in the line already: `POST /path -> 200`.
    (
        "report/causes/words",
        "status.to_string() == mismatch.actual",
    ),
    // A cause that is the detail itself.
    (
        "report/explain",
        "causes.filter(|cause| *cause != detail_line)",
    ),
];

/// Statements of a code that name a sentence and read it.
fn reading(code: &str) -> Vec<String> {
    let (reads, sentences) = (
        Regex::new(READS).expect("an expression"),
        Regex::new(SENTENCES).expect("an expression"),
    );
    let statements = code.split([';', '{', '}', ',']);
    let found = statements.filter(|text| reads.is_match(text) && sentences.is_match(text));
    found
        .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

#[test]
fn no_report_compares_or_parses_a_sentence() {
    let product = Product::read();
    let reports = product.0.iter().filter(|(place, _)| place[0] == "report");
    let found: Vec<String> = reports
        .flat_map(|(place, file)| {
            let found = reading(&file.code).into_iter();
            found.map(move |text| format!("{}: {text}", place.join("/")))
        })
        .collect();
    let allowed = |text: &String| {
        let mut all = ALLOWED.iter();
        all.any(|(file, part)| text.starts_with(file) && text.contains(part))
    };
    let (allowed, found): (Vec<_>, Vec<_>) = found.into_iter().partition(allowed);
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert_eq!(
        allowed.len(),
        ALLOWED.len(),
        "one that is allowed is not there"
    );
}

#[test]
fn a_sentence_that_is_read_is_seen_in_every_spelling() {
    for read in [
        "if case.detail == other.detail {}",
        "let known = why.contains(\"provider\");",
        "let name = mismatch\n    .actual\n    .split_once(' ');",
        "let at = why.find(\"provider\");",
    ] {
        assert_eq!(reading(read).len(), 1, "{read}");
    }
    for written in [
        "let lines = wrap(&case.detail); if one.state == state {}",
        "if expected.is_empty() {}",
    ] {
        assert_eq!(reading(written), [""; 0], "{written}");
    }
}
