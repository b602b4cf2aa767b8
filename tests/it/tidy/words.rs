//! No identifier has a name of the earlier dialect.

use std::collections::BTreeSet;

use regex::Regex;

use super::source::{Product, code, files, read};
use crate::support::root;

/// Names of an earlier dialect, as types, modules and variables. What they mean has one plain name now,
/// which the architecture page and the glossary use.
const OLD_NAMES: [&str; 51] = [
    "Aim",
    "Anchor",
    "Blind",
    "CaughtByTrouble",
    "Departed",
    "Departure",
    "Door",
    "Ear",
    "Fairness",
    "Flow",
    "Forge",
    "Gate",
    "Ground",
    "Known",
    "Ledger",
    "Machinery",
    "Meant",
    "Met",
    "Needle",
    "Purse",
    "Stakes",
    "Way",
    "agree",
    "aim",
    "anchors",
    "bare",
    "care",
    "carry",
    "converse",
    "departure",
    "fairness",
    "forge",
    "ground",
    "ledger",
    "machinery",
    "mend",
    "overheard",
    "owed",
    "purse",
    "said",
    "settle",
    "stakes",
    "standing",
    "stranger",
    "strangers",
    "told",
    "twin",
    "twins",
    "witness",
    "witnesses",
    "world",
];

/// The identifiers of a source text: what stands in comments and in texts is prose.
fn identifiers(text: &str) -> BTreeSet<String> {
    let code = code(text);
    let names = code.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    names
        .filter(|name| name.starts_with(|c: char| !c.is_ascii_digit()))
        .map(str::to_owned)
        .collect()
}

#[test]
fn no_identifier_has_a_name_of_the_earlier_dialect() {
    for path in files(&root().join("src")) {
        let found = identifiers(&read(&path));
        for name in OLD_NAMES {
            assert!(
                !found.contains(name),
                "{} has a `{name}`, which has another name now",
                path.display()
            );
        }
    }
    let shown = identifiers("// a twin\nlet x = \"purse\"; // Met\nlet stakes = r#\"aim\"#;");
    assert_eq!(shown, ["let", "stakes", "x"].map(str::to_owned).into());
}

/// A row is one of a table: of a matrix, of a register, of the import table. What is sent and judged is
/// a test case, also in the names that others see.
#[test]
fn no_public_name_calls_a_test_case_a_row() {
    let public =
        Regex::new(r"pub (?:(?:const |async )?fn |struct |enum |type )?\w*[Rr]ows?\b").unwrap();
    let product = Product::read();
    let judged = ["engine", "judge", "plan", "result", "session", "suite"];
    let files = product
        .0
        .iter()
        .filter(|(place, _)| judged.contains(&place[0].as_str()));
    for (place, file) in files {
        let found = public.find(&file.code).map(|found| found.as_str());
        assert_eq!(found, None, "{}", place.join("/"));
    }
    assert!(public.is_match("pub rows: Vec<CaseId>"));
    assert!(public.is_match("pub const fn without_rows()"));
}
