//! The catalogue of mutants: what the contracts forbid, enumerated from the documents.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use probity::{
    contract::{self, Contract, Oracle},
    exchange::{Request, Response},
    ids::Edition,
    mock,
    mutant::{self, Change, Delivery, DocumentedStatus, Family, Mutant, TokenSigner},
};

use crate::support;

const OPERATIONS: [(Edition, &str); 5] = [
    (support::EIAM, "forcedChangeByMobile"),
    (support::EIAM, "skipPasswordUpdate"),
    (support::CIAM, "changePasswordByMobile"),
    (support::CIAM, "skipPasswordUpdate"),
    (support::ONEACCESS, "forcedChangeByOldPassword"),
];

fn contracts() -> &'static [Contract] {
    static CONTRACTS: OnceLock<Vec<Contract>> = OnceLock::new();
    CONTRACTS.get_or_init(|| {
        let load = |edition| {
            let mut found = Vec::new();
            contract::load(support::root(), edition, &mut found).expect("the specs are readable")
        };
        support::EDITIONS.into_iter().map(load).collect()
    })
}

fn contract(edition: Edition) -> &'static Contract {
    contracts()
        .iter()
        .find(|contract| contract.edition == edition)
        .expect("every edition is loaded")
}

/// All of them, those that need the tenant's key included.
fn all() -> &'static [Mutant] {
    static ALL: OnceLock<Vec<Mutant>> = OnceLock::new();
    ALL.get_or_init(|| {
        let signer =
            TokenSigner::from_pem(mock::signing_key()).expect("the mock's key is readable");
        let mut mutants = mutant::catalogue(contracts());
        mutants.extend(mutant::forged(contracts(), &signer));
        mutants
    })
}

#[test]
fn ids_are_unique_say_where_they_belong_and_come_in_the_same_order_again() {
    let mut seen = BTreeSet::new();
    for mutant in all() {
        assert!(seen.insert(&mutant.id), "{} twice", mutant.id);
        let family = mutant.family.label();
        let start = format!("{}/{}/{family}/", mutant.edition, mutant.operation);
        let end = format!(":{}", mutant.operator);
        assert!(
            mutant.id.starts_with(&start) && mutant.id.ends_with(&end),
            "{}",
            mutant.id
        );
        assert!(
            !mutant.what.is_empty() && !mutant.id.contains(' '),
            "{}",
            mutant.id
        );
    }
    let again: Vec<_> = mutant::catalogue(contracts());
    assert!(
        again
            .iter()
            .map(|mutant| &mutant.id)
            .eq(all()[..again.len()].iter().map(|mutant| &mutant.id))
    );
}

#[test]
fn a_forbidden_mutant_names_binding_requirements_of_its_operation_and_an_equivalent_one_a_reason() {
    for mutant in all() {
        match &mutant.documented {
            DocumentedStatus::Forbidden => assert!(!mutant.breaks.is_empty(), "{}", mutant.id),
            DocumentedStatus::Open(reason) | DocumentedStatus::Equivalent(reason) => {
                assert!(
                    mutant.breaks.is_empty() && !reason.is_empty(),
                    "{}",
                    mutant.id
                );
            }
        }
        for id in &mutant.breaks {
            let row = contract(mutant.edition).requirement(id);
            let row = row.unwrap_or_else(|| panic!("{}: {id} is in no register", mutant.id));
            assert_eq!(row.operation, mutant.operation, "{}", mutant.id);
            assert!(
                matches!(row.oracle, Oracle::Documented | Oracle::Sibling),
                "{}: {id}",
                mutant.id
            );
        }
    }
}

#[test]
fn every_family_of_the_wire_has_mutants_of_every_operation_under_test() {
    let least = |family| match family {
        Family::Status => 12,
        Family::Code => 60,
        Family::Message => 1,
        Family::ContentType | Family::Body => 15,
        Family::Member => 19,
        Family::Swap => 5,
        Family::Token => 25,
        Family::Delivery => 8,
        Family::Request => 10,
        Family::Rule => 0,
    };
    let mut counts: BTreeMap<(Edition, &str, Family), usize> = BTreeMap::new();
    for mutant in all() {
        *counts
            .entry((mutant.edition, &mutant.operation, mutant.family))
            .or_default() += 1;
    }
    for (edition, operation) in OPERATIONS {
        for family in Family::ALL {
            // A change that answers with nothing hands out no token.
            if family == Family::Token && operation == "changePasswordByMobile" {
                continue;
            }
            let found = counts
                .get(&(edition, operation, family))
                .copied()
                .unwrap_or_default();
            assert!(
                found >= least(family),
                "{edition} {operation} {}: {found} in {counts:#?}",
                family.label()
            );
        }
    }
    let operations: BTreeSet<_> = counts
        .keys()
        .map(|(edition, operation, _)| (*edition, *operation))
        .collect();
    assert_eq!(operations, OPERATIONS.into_iter().collect());
}

#[test]
fn every_binding_requirement_about_a_part_of_an_answer_is_broken_by_some_mutant() {
    let broken: BTreeSet<&str> = all()
        .iter()
        .flat_map(|mutant| &mutant.breaks)
        .map(probity::ids::RequirementId::as_str)
        .collect();
    let mut spared = Vec::new();
    for contract in contracts() {
        for row in &contract.requirements {
            let about = &row.about;
            let binding = matches!(row.oracle, Oracle::Documented | Oracle::Sibling);
            let tells = about.answer.is_some()
                || !about.codes.is_empty()
                || !about.response.is_empty()
                || !about.response_headers.is_empty()
                || !about.claims.is_empty();
            if binding && tells && !broken.contains(row.id.as_str()) {
                spared.push(row.id.as_str());
            }
        }
    }
    assert_eq!(spared, Vec::<&str>::new());
}

fn answer(status: u16, body: &str) -> Response {
    let length = body.len().to_string();
    Response {
        status,
        headers: [
            ("Date", "x"),
            ("Content-Type", "application/json"),
            ("Content-Length", &length),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec(),
        body: body.into(),
        defects: Vec::new(),
    }
}

const NAMES: &str =
    "X-state-token X-agent X-device-fingerprint X-operating-sys-version verify_code new_password";

/// Every kind of answer that the contract knows for an operation, to a request that leaves out all
/// it can in each language.
fn samples(contract: &Contract, operation: &str) -> Vec<(Request, Response)> {
    let token = "eyJraWQiOiJrIiwiYWxnIjoiUlMyNTYifQ.eyJpZCI6InUxIiwiZXhwIjo4MjAwLCJpYXQiOjEwMDAsImp0aSI6ImoifQ.c2ln";
    let session = format!(r#""expire":43200,"session_token":"s","id_token":"{token}""#);
    let answers = [
        answer(200, &format!(r#"{{"status":"SUCCESS",{session}}}"#)),
        answer(
            200,
            r#"{"status":"MFA_AUTH","state_token":"t","data":"[]"}"#,
        ),
        answer(
            200,
            r#"{"status":"ACCESS_DENIED","state_token":"t","data":"no"}"#,
        ),
        answer(200, ""),
    ];
    let request = |language: &str| Request {
        method: "POST".into(),
        url: "http://tenant/x".into(),
        headers: vec![("X-L".into(), language.into())],
        body: Some(b"{}".to_vec()),
        exact: false,
        hostless: false,
    };
    let mut out = Vec::new();
    for language in ["en", "zh"] {
        out.extend(
            answers
                .iter()
                .map(|answer| (request(language), answer.clone())),
        );
        let known = contract.errors.codes.iter();
        for code in known.filter(|code| code.operations.iter().any(|id| id == operation)) {
            let text = code.texts(language).next().unwrap_or("text, and");
            // What is missing is named, as some rows demand.
            let text = format!("{text} {NAMES}");
            let body = serde_json::json!({ "error_code": code.code, "error_msg": text });
            out.push((request(language), answer(code.status(), &body.to_string())));
        }
    }
    out
}

/// What the mutants of an operation make of one of its answers: those that apply and change it.
fn edited(
    edition: Edition,
    operation: &str,
    request: &Request,
    response: &Response,
) -> Vec<(&'static Mutant, Response)> {
    all()
        .iter()
        .filter(|mutant| mutant.edition == edition && mutant.operation == operation)
        .filter_map(|mutant| match &mutant.change {
            Change::Answer(edit) if (edit.applies)(request, response) => {
                let mut changed = response.clone();
                (edit.edit)(&mut changed);
                (changed != *response).then_some((mutant, changed))
            }
            _ => None,
        })
        .collect()
}

#[test]
fn an_edit_is_pure_and_leaves_alone_what_its_family_is_not_about() {
    for (edition, operation) in OPERATIONS {
        let samples = samples(contract(edition), operation);
        let mutants = || {
            all()
                .iter()
                .filter(|mutant| mutant.edition == edition && mutant.operation == operation)
        };
        let mut idle: BTreeSet<&str> = mutants()
            .filter(|mutant| matches!(&mutant.change, Change::Answer(edit) if edit.delivery == Delivery::Whole))
            .map(|mutant| mutant.id.as_str())
            .collect();
        for (request, before) in &samples {
            let changed = edited(edition, operation, request, before);
            let again = edited(edition, operation, request, before);
            assert_eq!(changed.len(), again.len());
            for ((mutant, after), (_, prerequisite)) in changed.iter().zip(&again) {
                let id = mutant.id.as_str();
                idle.remove(id);
                assert_eq!(after, prerequisite, "{id}");
                assert_ne!(after, before, "{id}");
                if let Some(length) = after.header("Content-Length") {
                    assert_eq!(length, after.body.len().to_string(), "{id}");
                }
                let kept = |response: &Response| -> Vec<(String, String)> {
                    let own = |name: &str| {
                        ["content-length", "content-type"].contains(&name.to_lowercase().as_str())
                    };
                    response
                        .headers
                        .iter()
                        .filter(|(name, _)| !own(name))
                        .cloned()
                        .collect()
                };
                assert_eq!(kept(after), kept(before), "{id}");
                let label = (after.header("Content-Type"), before.header("Content-Type"));
                assert!(
                    mutant.family == Family::ContentType || label.0 == label.1,
                    "{id}"
                );
                assert!(
                    matches!(mutant.family, Family::Status | Family::Swap)
                        || after.status == before.status,
                    "{id}"
                );
                let stays = mutant.family == Family::ContentType
                    || mutant.family == Family::Status && mutant.operator != "204";
                assert!(!stays || after.body == before.body, "{id}");
            }
        }
        assert_eq!(
            idle,
            BTreeSet::new(),
            "{edition} {operation}: these edit no answer at all"
        );
    }
}

/// The shipped specs with another sentence for every requirement.
fn reworded() -> Vec<Contract> {
    let folder = tempfile::tempdir().expect("a folder");
    let sentence = regex::Regex::new(r"(?m)^(\s+text: ).*$").expect("an expression");
    for edition in support::EDITIONS {
        let from = support::root().join(format!("specs/{edition}"));
        let to = folder.path().join(format!("specs/{edition}"));
        std::fs::create_dir_all(&to).expect("a folder");
        for file in std::fs::read_dir(from).expect("the specs") {
            let path = file.expect("a file").path();
            let text = std::fs::read_to_string(&path).expect("a text");
            let name = path.file_name().expect("a name");
            let text = if name == "requirements.yaml" {
                sentence
                    .replace_all(&text, "${1}Something is promised.")
                    .into_owned()
            } else {
                text
            };
            std::fs::write(to.join(name), text).expect("a file");
        }
    }
    let load = |edition| {
        let mut found = Vec::new();
        contract::load(folder.path(), edition, &mut found).expect("the specs are readable")
    };
    support::EDITIONS.into_iter().map(load).collect()
}

#[test]
fn no_mutant_depends_on_how_a_requirement_is_worded() {
    let signer = TokenSigner::from_pem(mock::signing_key()).expect("the mock's key is readable");
    let contracts = reworded();
    let mut other = mutant::catalogue(&contracts);
    other.extend(mutant::forged(&contracts, &signer));
    let parts = |mutant: &Mutant| {
        (
            mutant.id.clone(),
            mutant.breaks.clone(),
            mutant.documented.clone(),
        )
    };
    let (own, other): (Vec<_>, Vec<_>) = (
        all().iter().map(parts).collect(),
        other.iter().map(parts).collect(),
    );
    assert!(own.len() > 1_000, "{}", own.len());
    for (own, other) in own.iter().zip(&other) {
        assert_eq!(own, other);
    }
    assert_eq!(own.len(), other.len());
}
