//! `probity explain` knows every word that the program says, and no other.

use std::{collections::BTreeSet, path::Path};

use probity::{
    check::CHECKS,
    report::manual,
    result::{Again, ChangeKind, CheckKey, Decision, EXIT_CODES, Matrix, State},
    target::Profile,
};
use regex::Regex;

use crate::{
    cli::probity,
    support::root,
    tidy::source::{files, read},
};

fn expression(text: &str) -> Regex {
    Regex::new(text).unwrap_or_else(|error| panic!("{error}"))
}

/// The product's text of a source file, its unit tests left out.
fn product(path: &Path) -> String {
    let text = read(path);
    let tests = text.split("#[cfg(test)]\nmod ").next();
    tests.unwrap_or_default().to_owned()
}

/// The words of a kind as the manual spells them first.
fn known(kinds: &[&str]) -> BTreeSet<String> {
    let sections = manual::all().iter();
    let sections = sections.filter(|section| kinds.contains(&section.kind));
    let words = sections.flat_map(|section| &section.entries);
    words.map(|entry| entry.words[0].to_owned()).collect()
}

fn words<'w>(words: impl IntoIterator<Item = &'w str>) -> BTreeSet<String> {
    // A comma parts the spellings of an entry.
    words
        .into_iter()
        .map(|word| word.replace(',', ""))
        .collect()
}

/// The words that the enum of this name has for its variants, as the source has them.
fn labels(file: &str, name: &str) -> BTreeSet<String> {
    let text = product(&root().join("src").join(file));
    let start = text.find(&format!("\nimpl {name} {{"));
    let start = start.unwrap_or_else(|| panic!("{file} has no `impl {name}`"));
    let own = text[start + 1..].split("\n}\n").next().unwrap_or_default();
    let label = expression(r#"Self::\w+(?:\(_\))? => "([^"]+)""#);
    let found = words(label.captures_iter(own).map(|found| {
        let (_, [word]) = found.extract();
        word
    }));
    assert!(found.len() > 1, "{name}: {found:?}");
    found
}

/// Every code of a mistake in the source. That it is written out at its call is part of the rule.
fn codes() -> BTreeSet<String> {
    let call = expression(r"Diagnostic::(?:new|without_span)\(");
    let literal = expression(r#"^\s*"([a-z0-9-]+)""#);
    let mut out = BTreeSet::new();
    for path in files(&root().join("src")) {
        let text = product(&path);
        for found in call.find_iter(&text) {
            let code = literal.captures(&text[found.end()..]);
            let code = code.unwrap_or_else(|| {
                panic!("{}: a code is not written out at its call", path.display())
            });
            out.insert(code[1].to_owned());
        }
    }
    out
}

#[test]
fn every_code_of_a_mistake_has_an_entry_and_no_entry_is_without_its_code() {
    let codes = codes();
    assert!(codes.len() > 90, "{codes:?}");
    assert_eq!(codes, known(&["suite", "target", "reach"]));
}

#[test]
fn a_mistake_is_made_by_its_two_constructors_alone_so_that_every_code_is_seen() {
    let by_hand = expression(r"Diagnostic \{[^}]*\bcode[:,]|\.code = ");
    assert!(by_hand.is_match("Diagnostic {\n    code: \"bad\","));
    let home = root().join("src/diag.rs");
    for path in files(&root().join("src")) {
        let text = product(&path).replace("-> Diagnostic {", "");
        let found = by_hand.is_match(&text);
        assert!(
            !found || path == home,
            "{} makes a mistake by itself",
            path.display()
        );
    }
}

#[test]
fn every_verdict_and_every_reason_has_an_entry() {
    let file = "result/verdict.rs";
    assert_eq!(labels(file, "Verdict"), known(&["verdict"]));
    assert_eq!(labels(file, "PassReason"), known(&["pass-reason"]));
    assert_eq!(labels(file, "ErrorReason"), known(&["error-reason"]));
    assert_eq!(labels(file, "SkipReason"), known(&["skip-reason"]));
}

#[test]
fn every_word_of_a_comparison_has_an_entry() {
    let kinds = ChangeKind::ALL.map(ChangeKind::label);
    assert_eq!(words(kinds), known(&["change"]));
    // What has the same word as a row is told there.
    let classes = labels("result/comparison.rs", "ChangeClass");
    let own = ["fixed", "not judged"].map(str::to_owned);
    let explained: BTreeSet<String> = known(&["change-class"]).into_iter().chain(own).collect();
    assert_eq!(classes, explained);
    let all = [
        Decision::Same,
        Decision::Changed,
        Decision::LessProven,
        Decision::Stricter,
        Decision::Broken,
    ];
    for decision in all {
        let word = serde_json::to_value(decision).expect("JSON");
        let word = word.as_str().expect("a word").to_owned();
        assert!(!manual::find(&word).is_empty(), "{word}");
        let code = decision.exit_code().to_string();
        assert!(!manual::find(&code).is_empty(), "{code}");
    }
}

#[test]
fn every_state_conclusion_and_exit_code_has_an_entry() {
    assert_eq!(words(State::ALL.map(State::label)), known(&["state"]));
    assert_eq!(
        labels("result/run.rs", "Conclusion"),
        known(&["conclusion"])
    );
    let codes = EXIT_CODES.map(|(code, _)| code.to_string());
    assert_eq!(
        words(codes.iter().map(String::as_str)),
        known(&["exit-code"])
    );
}

#[test]
fn every_check_has_an_entry_under_each_of_its_names() {
    let mut keys = words(CHECKS.map(|check| check.field.name));
    // What is judged without being asked for, and what stands beside the checks.
    let unasked = expression(r#"(?:push\(&mut out, |check: )"([a-z-]+)""#);
    let text = product(&root().join("src/judge/checks.rs"));
    keys.extend(
        unasked
            .captures_iter(&text)
            .map(|found| found[1].to_owned()),
    );
    keys.extend(["any-of", "beyond-contract"].map(str::to_owned));
    assert!(keys.contains("conforms") && keys.contains("delivery"));
    assert_eq!(keys, known(&["check"]));
    for key in keys {
        let shown = CheckKey::from(key.as_str());
        let mut found = manual::find(shown.as_str()).into_iter();
        assert!(found.any(|(section, _)| section.kind == "check"), "{shown}");
    }
}

#[test]
fn every_subject_has_an_entry() {
    let text = product(&root().join("src/result/subject.rs"));
    let own = text.split("pub enum Subject {").nth(1).unwrap_or_default();
    let own = own.split("\n}\n").next().unwrap_or_default();
    let variant = expression(r"(?m)^    ([A-Z]\w+)");
    let capital = expression("[A-Z]");
    let variants = variant.captures_iter(own).map(|found| {
        let words = capital.replace_all(&found[1], "-$0").to_lowercase();
        words.trim_start_matches('-').to_owned()
    });
    assert_eq!(variants.collect::<BTreeSet<_>>(), known(&["subject"]));
}

#[test]
fn every_profile_matrix_and_outcome_has_an_entry() {
    assert_eq!(
        words(Profile::ALL.map(Profile::as_str)),
        known(&["profile"])
    );
    assert_eq!(words(Matrix::ALL.map(Matrix::label)), known(&["matrix"]));
    assert_eq!(labels("result/proof.rs", "Outcome"), known(&["outcome"]));
    assert_eq!(labels("result/proof.rs", "Strength"), known(&["strength"]));
    let again = Again::ALL.map(|again| again.label().to_lowercase());
    assert_eq!(words(again.iter().map(String::as_str)), known(&["again"]));
}

#[test]
fn a_word_is_explained_and_all_words_are_listed() {
    let told = probity(&["explain", "setup-failed"]).expect(0);
    for line in [
        "setup-failed: a reason of an error\n",
        "\n  cause  ",
        "\n  do     ",
    ] {
        assert!(told.out.contains(line), "no `{line}` in\n{}", told.out);
    }
    let code = probity(&["explain", "2"]).expect(0);
    assert!(code.out.starts_with("2: an exit code\n"), "{}", code.out);
    let two = probity(&["explain", "not", "conformant"]).expect(0);
    assert!(two.out.starts_with("not conformant: "), "{}", two.out);
    let all = probity(&["explain"]).expect(0);
    for word in manual::all().iter().flat_map(|section| &section.entries) {
        assert!(all.out.contains(word.words[0]), "{}", word.words[0]);
    }
}

#[test]
fn a_word_that_is_not_known_gets_those_near_it_and_exit_code_3() {
    let refused = probity(&["explain", "unkown-key"]).expect(3);
    assert_eq!(refused.out, "");
    assert!(
        refused.err.contains("near it: unknown-key"),
        "{}",
        refused.err
    );
    let refused = probity(&["explain", "xyz\u{1b}[31m"]).expect(3);
    assert!(!refused.err.contains('\u{1b}'), "{:?}", refused.err);
    assert!(
        refused.err.contains("`probity explain` lists"),
        "{}",
        refused.err
    );
}
