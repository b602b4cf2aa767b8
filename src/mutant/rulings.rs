//! What each fault of the embedded mock breaks: `specs/<edition>/rulings.yaml`.
//!
//! Decided by a person, from the sentences of the register alone, never from what the test cases of a
//! suite happen to notice: a fault that breaks a requirement and fails no test case is a gap in the suite.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use super::{Change, DocumentedStatus, Family, Mutant};
use crate::{
    contract::{Contract, Operation, Oracle},
    diag::Diagnostic,
    ids::{Edition, RequirementId},
    mock::{self, Dialect, Fault},
    yaml::{self, Field, Node, Shape},
};

/// The shape of `rulings.yaml`.
pub const SHAPE: Shape = Shape::Object(&[
    Field::new(
        "edition",
        Shape::Text,
        "The edition of the mock whose faults these are.",
    )
    .required(),
    Field::new(
        "rulings",
        Shape::List(&Shape::Object(&[
            Field::new("operation", Shape::Text, "operationId it belongs to.").required(),
            Field::new(
                "fault",
                Shape::OneOrMany(&Shape::Text),
                "The fault of the mock, such as `x-agent-present:off`; several where they have the same ruling.",
            )
            .required(),
            Field::new(
                "breaks",
                Shape::OneOrMany(&Shape::Text),
                "The requirements that it breaks: some row about each has to fail.",
            ),
            Field::new(
                "open",
                Shape::Text,
                "No requirement promises the opposite, for this reason.",
            ),
            Field::new(
                "equivalent",
                Shape::Text,
                "A promise is broken where no run can see it, for this reason.",
            ),
        ])),
        "The rulings, in any order; each fault has one.",
    )
    .required(),
]);

/// So many faults without a ruling are named.
const SHOWN: usize = 3;

/// The ruling on one fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ruling {
    /// It breaks these requirements: the suite must notice.
    Breaks(Vec<RequirementId>),
    /// No requirement promises the opposite, for this reason.
    Open(String),
    /// A promise is broken where no run can see it, for this reason.
    Equivalent(String),
}

/// The rulings of a project, by edition and by a fault's full name, `operation/rule:off`.
#[derive(Debug, Clone, Default)]
pub struct Rulings(BTreeMap<(Edition, String), Ruling>);

impl Rulings {
    /// The ruling on a fault, by its full name.
    #[must_use]
    pub fn of(&self, edition: Edition, fault: &str) -> Option<&Ruling> {
        self.0.get(&(edition, fault.to_owned()))
    }
}

/// A mutant for every fault of the mock that has a ruling.
pub fn faults(dialect: Dialect, rulings: &Rulings) -> impl Iterator<Item = Mutant> {
    let edition = dialect.edition();
    let faults = mock::faults(dialect).into_iter();
    faults.filter_map(move |fault| {
        let (breaks, documented) = match rulings.of(edition, &fault.name)? {
            Ruling::Breaks(ids) => (ids.clone(), DocumentedStatus::Forbidden),
            Ruling::Open(why) => (Vec::new(), DocumentedStatus::Open(why.clone())),
            Ruling::Equivalent(why) => (Vec::new(), DocumentedStatus::Equivalent(why.clone())),
        };
        let (_, rest) = fault.name.split_once('/')?;
        let (_, operator) = rest.rsplit_once(':')?;
        Some(Mutant {
            id: format!("{edition}/{}/rule/{rest}", fault.operation),
            edition,
            operation: fault.operation.into(),
            family: Family::Rule,
            operator: operator.to_owned(),
            what: format!("The operation {}.", fault.wrong),
            breaks,
            documented,
            change: Change::Mock(fault.name),
        })
    })
}

/// Reads the rulings of every edition; one without the file has none, and the faults of its mock are no
/// mutants. Mistakes go to `found`.
pub fn load(root: &Path, contracts: &[Contract], found: &mut Vec<Diagnostic>) -> Rulings {
    let mut out = Rulings::default();
    for contract in contracts {
        let shown = format!("specs/{}/rulings.yaml", contract.edition);
        let path = root.join(&shown);
        if !path.exists() {
            continue;
        }
        match yaml::read(&path, &shown) {
            Ok(node) => read(&node, contract, &mut out, found),
            Err(mistake) => found.push(mistake),
        }
    }
    out
}

fn read(node: &Node, contract: &Contract, out: &mut Rulings, found: &mut Vec<Diagnostic>) {
    yaml::check(node, &SHAPE, found);
    let edition = contract.edition;
    if let Some(named) = node.get("edition")
        && named.text() != Some(edition.as_str())
    {
        let message = format!("a file in `specs/{edition}/` is of the edition `{edition}`");
        found.push(Diagnostic::new("wrong-folder", &named.span, message));
    }
    let Some(dialect) = Dialect::of(edition) else {
        let message = format!("no mock speaks `{edition}`, so it has no faults to rule on");
        let place = node.get("edition").unwrap_or(node);
        found.push(Diagnostic::new("unknown-fault", &place.span, message));
        return;
    };
    let faults = mock::faults(dialect);
    for entry in node.get("rulings").map(Node::items).unwrap_or_default() {
        row(entry, contract, &faults, out, found);
    }
    let Some((key, _)) = node.entries().iter().find(|(key, _)| key.is_key("rulings")) else {
        return;
    };
    // What the document lacks cannot be ruled on.
    let open = faults.iter().filter(|fault| {
        contract.operation(fault.operation).is_some() && out.of(edition, &fault.name).is_none()
    });
    let names: Vec<String> = open.map(|fault| format!("`{}`", fault.name)).collect();
    if !names.is_empty() {
        let shown = names.iter().take(SHOWN).cloned().collect::<Vec<_>>();
        let (shown, more) = (shown.join(", "), names.len().saturating_sub(SHOWN));
        let message = match more {
            0 => format!("no ruling is on {shown}"),
            _ => format!("no ruling is on {shown} and {more} more faults of the mock"),
        };
        found.push(
            Diagnostic::new("unruled-fault", &key.span, message)
                .help("say what it `breaks`, or why that is `open` or `equivalent`"),
        );
    }
}

/// One row: what is known of its faults goes to `out`, so that a mistake in the ruling is the only one told.
fn row(
    entry: &Node,
    contract: &Contract,
    faults: &[Fault],
    out: &mut Rulings,
    found: &mut Vec<Diagnostic>,
) {
    let Some(place) = entry.get("operation") else {
        return;
    };
    let Some(name) = place.text() else { return };
    let Some(operation) = contract.operation(name) else {
        let known = contract.operations.iter().map(|one| one.id.as_str());
        let message = format!("`{name}` is no operation of {}", contract.edition);
        let mistake = Diagnostic::new("unknown-operation", &place.span, message);
        found.push(mistake.suggest(name, known));
        return;
    };
    let ruling = ruling(entry, contract, operation, found);
    for node in entry
        .get("fault")
        .map(Node::one_or_many)
        .unwrap_or_default()
    {
        let Some(fault) = node.text() else { continue };
        let full = format!("{name}/{fault}");
        if faults.iter().all(|known| known.name != full) {
            let own = faults.iter().filter(|known| known.operation == name);
            let known: BTreeSet<&str> = own.filter_map(|known| rest(&known.name)).collect();
            let message = format!("the mock has no fault `{fault}` of {name}");
            let mistake = Diagnostic::new("unknown-fault", &node.span, message);
            found.push(mistake.suggest(fault, known));
        } else if out
            .0
            .insert((contract.edition, full), ruling.clone())
            .is_some()
        {
            let message = format!("the fault `{fault}` of {name} has two rulings");
            found.push(Diagnostic::new("duplicate-id", &node.span, message));
        }
    }
}

/// A fault's name behind that of its operation.
fn rest(fault: &str) -> Option<&str> {
    fault.split_once('/').map(|(_, rest)| rest)
}

/// What a row says of its faults; mistakes in it go to `found`.
fn ruling(
    entry: &Node,
    contract: &Contract,
    operation: &Operation,
    found: &mut Vec<Diagnostic>,
) -> Ruling {
    let kinds = ["breaks", "open", "equivalent"];
    let given: Vec<&str> = kinds
        .into_iter()
        .filter(|kind| entry.get(kind).is_some())
        .collect();
    if given.len() != 1 {
        let message = match given[..] {
            [] => "this ruling says nothing".to_owned(),
            _ => format!("this ruling says two things: `{}`", given.join("` and `")),
        };
        found.push(
            Diagnostic::new("bad-ruling", &entry.span, message)
                .help("it says what the fault `breaks`, or why that is `open` or `equivalent`"),
        );
    }
    for kind in ["open", "equivalent"] {
        if let Some(reason) = entry.get(kind)
            && reason.text().is_none_or(|text| text.trim().is_empty())
        {
            let message = format!("`{kind}` wants a reason");
            let mistake = Diagnostic::new("bad-ruling", &reason.span, message);
            found.push(mistake.help("say which sentence leaves it open, or why no run can see it"));
        }
    }
    if let Some(broken) = entry.get("breaks") {
        let ids = broken.one_or_many();
        if ids.is_empty() {
            let message = "a fault that breaks nothing is `open` or `equivalent`, with a reason";
            found.push(Diagnostic::new("bad-ruling", &broken.span, message));
        }
        let ids = ids.into_iter();
        let ids = ids.filter_map(|id| requirement(id, contract, operation, found));
        return Ruling::Breaks(ids.collect());
    }
    let text = |kind| entry.get(kind).and_then(Node::text).map(str::to_owned);
    match text("equivalent") {
        Some(why) => Ruling::Equivalent(why),
        None => Ruling::Open(text("open").unwrap_or_default()),
    }
}

/// A requirement that a fault can break: one of its operation that binds, and that some row tests.
fn requirement(
    node: &Node,
    contract: &Contract,
    operation: &Operation,
    found: &mut Vec<Diagnostic>,
) -> Option<RequirementId> {
    let id = node.text()?;
    let mut bad = |why: String| found.push(Diagnostic::new("bad-ruling", &node.span, why));
    let Some(requirement) = contract.requirement(id) else {
        let known = contract.requirements_of(&operation.id);
        let message = format!("there is no requirement `{id}`");
        let mistake = Diagnostic::new("unknown-requirement", &node.span, message);
        found.push(mistake.suggest(id, known.map(|one| one.id.as_str())));
        return None;
    };
    if requirement.operation != operation.id {
        bad(format!(
            "`{id}` is a requirement of {}, not of {}",
            requirement.operation, operation.id
        ));
    } else if !matches!(requirement.oracle, Oracle::Documented | Oracle::Sibling) {
        bad(format!("`{id}` binds nobody, so nothing can break it"));
    } else if requirement.not_tested.is_some() {
        bad(format!("`{id}` is tested by no row, so none can notice"));
    }
    Some(requirement.id.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite;

    /// The shipped suite's contracts and rulings, and what is wrong with the rulings.
    fn shipped() -> (Vec<Contract>, Rulings, Vec<Diagnostic>) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let contracts = suite::load(root, None).contracts;
        let mut found = Vec::new();
        let rulings = load(root, &contracts, &mut found);
        (contracts, rulings, found)
    }

    #[test]
    fn every_fault_of_the_mock_has_a_ruling_in_the_shipped_suite_and_makes_a_mutant() {
        let (_, rulings, found) = shipped();
        assert_eq!(found, []);
        for dialect in Dialect::ALL {
            let all = mock::faults(dialect);
            assert_eq!(faults(dialect, &rulings).count(), all.len(), "{dialect}");
            assert!(!all.is_empty(), "{dialect}");
        }
    }

    #[test]
    fn a_reason_names_only_requirements_that_exist() {
        let (contracts, rulings, _) = shipped();
        for ((edition, fault), ruling) in &rulings.0 {
            let (Ruling::Open(why) | Ruling::Equivalent(why)) = ruling else {
                continue;
            };
            let contract = Contract::of_edition(&contracts, edition.as_str()).expect("a contract");
            let is_id = |part: &&str| {
                part.contains('-') && !part.contains(|c: char| c.is_ascii_lowercase())
            };
            let parts = why.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
            for id in parts.filter(is_id) {
                assert!(contract.requirement(id).is_some(), "{fault}: no {id}");
            }
        }
    }
}
