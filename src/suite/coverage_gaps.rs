//! What the documents promise and no test case looks at: taking a test case away must not go unseen.

use std::{collections::HashMap, sync::Arc};

use crate::{
    contract::{Contract, Derived, Mode, Operation, Oracle, Requirement},
    diag::Diagnostic,
    ids::RequirementId,
    plan::{Alteration, Plan, Step, TestCase},
};

/// Names every hole, edition by edition; each is a warning, because it makes no test case wrong.
pub(super) fn find(contracts: &[Contract], plan: &Plan, found: &mut Vec<Diagnostic>) {
    for contract in contracts {
        let cases = plan.cases.iter().map(Arc::as_ref);
        let cases: Vec<&TestCase> = cases
            .filter(|case| case.edition == contract.edition)
            .collect();
        untested(contract, &cases, found);
        requirements(contract, &cases, found);
        for operation in &contract.operations {
            // Operations without a register only help others along.
            let mut register = contract.requirements.iter();
            if !register.any(|requirement| requirement.operation == operation.id) {
                continue;
            }
            let judged: Vec<&TestCase> = cases
                .iter()
                .copied()
                .filter(|case| case.operation == operation.id && case.observe.is_none())
                .collect();
            omissions(operation, &judged, found);
            codes(contract, operation, &judged, found);
        }
    }
}

/// The operations of a document without a register that no test case is about.
fn untested(contract: &Contract, cases: &[&TestCase], found: &mut Vec<Diagnostic>) {
    let is_tested = |operation: &&Operation| {
        let mut cases = cases.iter();
        cases.any(|case| case.operation == operation.id)
    };
    let untested = contract.operations.iter().filter(|one| !is_tested(one));
    let untested: Vec<&Operation> = untested.collect();
    let Some(first) = untested.first().filter(|_| contract.is_derived()) else {
        return;
    };
    let names: Vec<&str> = untested.iter().map(|one| one.id.as_str()).collect();
    let (shown, more) = names.split_at(names.len().min(SHOWN));
    let more = match more.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let text = format!(
        "no case is about {} of the {} operations of {}: {}{more}",
        untested.len(),
        contract.operations.len(),
        contract.edition,
        shown.join(", ")
    );
    let mistake = Diagnostic::new("untested-operations", &first.span, text);
    let help = "nothing is said of them, in no report; a file of cases with their `operation` does";
    found.push(mistake.help(help).warning());
}

/// So many names are shown of a list.
const SHOWN: usize = 8;

/// A D or S requirement needs a judged test case or a reason, and never has both.
fn requirements(contract: &Contract, cases: &[&TestCase], found: &mut Vec<Diagnostic>) {
    let mut covered: HashMap<&RequirementId, Vec<&TestCase>> = HashMap::new();
    for case in cases {
        for id in &case.covers {
            covered.entry(id).or_default().push(case);
        }
    }
    for requirement in &contract.requirements {
        let id = &requirement.id;
        let covering = covered.get(id).map_or(&[][..], Vec::as_slice);
        if requirement.not_tested.is_some() {
            if let Some(case) = covering.first() {
                let text = format!(
                    "`{id}` says why no case tests it, and `{}` covers it",
                    case.id
                );
                found.push(
                    Diagnostic::new("tested-after-all", &requirement.span, text)
                        .help("take away `not_tested`, or the id from the row's `covers`")
                        .warning(),
                );
            }
            continue;
        }
        if !matches!(requirement.oracle, Oracle::Documented | Oracle::Sibling) {
            continue;
        }
        let judged: Vec<&TestCase> = covering
            .iter()
            .copied()
            .filter(|case| case.observe.is_none())
            .collect();
        half_covered(contract, requirement, &judged, found);
        // A part that no row leaves out is told as that.
        if judged.is_empty() && requirement.derived != Some(Derived::Omission) {
            found.push(
                Diagnostic::new(
                    "uncovered-requirement",
                    &requirement.span,
                    format!("no case covers `{id}`"),
                )
                .help(if requirement.derived.is_some() {
                    "write a row that expects it, or say in requirements.yaml why none can"
                } else {
                    "name it in a row's `covers`, or write `not_tested: why`"
                })
                .warning(),
            );
        }
    }
}

/// Rows may cover a requirement from both sides, such as the shortest password that is taken and one
/// that is too short: at least one of them has to expect what the requirement promises.
fn half_covered(
    contract: &Contract,
    requirement: &Requirement,
    judged: &[&TestCase],
    found: &mut Vec<Diagnostic>,
) {
    let (id, about) = (&requirement.id, &requirement.about);
    let steps: Vec<&Step> = judged
        .iter()
        .flat_map(|case| case.setup.iter().chain([&case.request]).chain(&case.then))
        .filter(|step| step.repeat || step.operation.as_ref() == Some(&requirement.operation))
        .collect();
    let mut missing = Vec::new();
    if let Some(status) = about.answer {
        let expects = |step: &&Step| {
            let statuses = step.expected_statuses();
            !statuses.is_empty() && statuses.iter().all(|known| *known == status)
        };
        if !steps.iter().any(expects) {
            missing.push(format!("the status {status} alone"));
        }
    }
    if !about.codes.is_empty() {
        let expects = |step: &&Step| {
            let codes = step.expected_codes();
            let promised = |code: &&str| about.codes.iter().any(|known| known == code);
            !codes.is_empty() && codes.iter().all(promised)
        };
        if !steps.iter().any(expects) {
            missing.push(format!("`{}` alone", about.codes.join("` or `")));
        }
    }
    if let Some(language) = &about.language
        && !steps
            .iter()
            .any(|step| step.expects_text(language, contract))
    {
        missing.push(format!("its text in `{language}`"));
    }
    if !judged.is_empty() && !missing.is_empty() {
        let text = format!(
            "rows cover `{id}`, and none expects {}",
            missing.join(" or ")
        );
        found.push(
            Diagnostic::new("half-covered", &requirement.span, text)
                .help("let one of the rows that cover it expect what the sentence promises")
                .warning(),
        );
    }
}

/// Each required header and member is left out by a test case that leaves the other required parts alone:
/// a test case that leaves out several proves only that one of them is required.
fn omissions(operation: &Operation, judged: &[&TestCase], found: &mut Vec<Diagnostic>) {
    let headers = operation.headers.iter().map(|(name, required)| {
        let part = Alteration::Header(name.clone(), Mode::Omitted);
        (part, "header", name.clone(), *required)
    });
    let members = operation.members.iter().map(|(name, required)| {
        let pointer = format!("/{name}");
        let part = Alteration::Member(pointer.clone(), Mode::Omitted);
        (part, "member", pointer, *required)
    });
    for (part, key, name, required) in headers.chain(members) {
        if !required || judged.iter().any(|case| leaves_out(case, &part, operation)) {
            continue;
        }
        let id = &operation.id;
        found.push(
            Diagnostic::new(
                "no-omission",
                &operation.span,
                format!("`{id}` requires the {key} `{name}`, and no row leaves out only that"),
            )
            .help(format!("add a row with `without: {{ {key}: {name} }}`"))
            .warning(),
        );
    }
}

/// The test case leaves out the part and beyond that changes optional headers at most, such as the
/// language.
fn leaves_out(case: &TestCase, part: &Alteration, operation: &Operation) -> bool {
    let is_optional = |name: &str| {
        let mut headers = operation.headers.iter();
        headers.any(|(known, required)| known.eq_ignore_ascii_case(name) && !required)
    };
    let is_part = |one: &Alteration| match (one, part) {
        (Alteration::Header(name, mode), Alteration::Header(wanted, omitted)) => {
            name.eq_ignore_ascii_case(wanted) && mode == omitted
        }
        (one, part) => one == part,
    };
    case.alterations.iter().any(is_part)
        && case.alterations.iter().all(|one| {
            is_part(one) || matches!(one, Alteration::Header(name, _) if is_optional(name))
        })
}

/// Each code of the operation's own page is demanded by a test case that takes no other.
fn codes(
    contract: &Contract,
    operation: &Operation,
    judged: &[&TestCase],
    found: &mut Vec<Diagnostic>,
) {
    for code in &contract.errors.codes {
        let name = code.code.as_str();
        let demanded = |case: &&TestCase| {
            let codes = case.expected_codes();
            !codes.is_empty() && codes.iter().all(|known| *known == name)
        };
        if code.documented_for(&operation.id) && !judged.iter().any(demanded) {
            let id = &operation.id;
            found.push(
                Diagnostic::new(
                    "code-without-row",
                    &code.span,
                    format!("the page of `{id}` lists `{name}`, and no row expects it alone"),
                )
                .help(format!(
                    "add a row with `expect: {{ error: {} }}`",
                    written(name)
                ))
                .warning(),
            );
        }
    }
}

/// A code as a case has to write it: digits are a text here, and YAML would take them for a number.
fn written(code: &str) -> String {
    if code.parse::<f64>().is_ok() {
        format!("'{code}'")
    } else {
        code.to_owned()
    }
}
