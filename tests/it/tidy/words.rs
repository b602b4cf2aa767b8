//! No identifier has a name of the earlier dialect.

use std::collections::BTreeSet;

use super::source::{code, files, read};
use crate::support::root;

/// Names of an earlier dialect, as types, modules and variables. What they mean has one plain name now,
/// which the architecture page and the glossary use.
const OLD_NAMES: [&str; 38] = [
    "Aim",
    "Anchor",
    "Blind",
    "CaughtByTrouble",
    "Departed",
    "Departure",
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
    "carry",
    "converse",
    "departure",
    "fairness",
    "forge",
    "ledger",
    "machinery",
    "mend",
    "overheard",
    "owed",
    "purse",
    "stakes",
    "twin",
    "twins",
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
