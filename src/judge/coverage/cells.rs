//! Which cells of the matrices a planned row would fill, if it went as it says.
//!
//! Strict on purpose: a row that allows several outcomes fills no cell of one of them, and a refused
//! row with several faults shows nothing about each of them.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    check::{self, BoundCheck},
    contract::{Contract, Mode, Operation, Requirement, pointer_part},
    ids::OperationId,
    plan::{Alteration, Body, Step, TestCase},
    result::Matrix,
};

/// The place of a cell inside an edition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub operation: OperationId,
    pub matrix: Matrix,
    pub item: String,
    pub mode: Option<Mode>,
}

impl Key {
    pub(super) fn new(operation: &OperationId, matrix: Matrix, item: impl Into<String>) -> Self {
        Self {
            operation: operation.clone(),
            matrix,
            item: item.into(),
            mode: None,
        }
    }

    pub(super) fn in_mode(mut self, mode: Mode) -> Self {
        self.mode = Some(mode);
        self
    }
}

/// The item of a member of the request; the whole body has an empty pointer.
pub(super) fn member(pointer: &str) -> &str {
    if pointer.is_empty() { "/" } else { pointer }
}

/// The cells of one row, those of judged steps on other operations of the edition among them.
pub(super) fn filled(case: &TestCase, contract: &Contract) -> BTreeSet<Key> {
    let mut out = BTreeSet::new();
    // Another method or path is not the documented operation, whatever it answers.
    let documented = !case.alterations.contains(&Alteration::Line);
    let request = documented.then_some(&case.request);
    for step in case.setup.iter().chain(request).chain(&case.then) {
        let operation = step.operation.as_deref();
        if let Some(operation) = operation.and_then(|id| contract.operation(id)) {
            answers(operation, &promise(step, contract), &mut out);
        }
    }
    if documented && let Some(operation) = contract.operation(&case.operation) {
        sent(case, operation, contract, &mut out);
    }
    out
}

/// What a step's checks pin down.
#[derive(Debug, Default)]
struct Promise {
    statuses: Vec<u16>,
    codes: Vec<String>,
    /// Members that the answer must have.
    members: BTreeSet<String>,
}

impl Promise {
    /// Every allowed outcome is a success.
    fn accepts(&self) -> bool {
        let success = |status: &u16| *status < 400;
        !self.statuses.is_empty() && self.codes.is_empty() && self.statuses.iter().all(success)
    }
}

fn promise(step: &Step, contract: &Contract) -> Promise {
    // Of several forms of an error body none is certain.
    let bodies = step.error_bodies(contract);
    let form = bodies.first().filter(|_| bodies.len() == 1);
    let mut out = Promise::default();
    for check in step.checks.iter() {
        let BoundCheck::One { value, .. } = check else {
            continue;
        };
        match check.key() {
            "status" => {
                let numbers = listed(value).filter_map(Value::as_u64);
                out.statuses = numbers
                    .filter_map(|number| number.try_into().ok())
                    .collect();
            }
            "error" => {
                out.codes = texts(value).collect();
                let members = form.into_iter().flat_map(|form| form.members());
                out.members.extend(members.map(str::to_owned));
            }
            "message" => {
                let at = form
                    .and_then(|form| form.message_at.as_deref())
                    .unwrap_or_default();
                out.members.extend(at.split('/').nth(1).map(str::to_owned));
            }
            "body" => {
                let present = value.as_object().into_iter().flatten();
                let present = present.filter(|(_, wanted)| wanted.get("absent").is_none());
                let named = present.filter_map(|(name, _)| check::member_named(name));
                out.members.extend(named);
            }
            "only-members" => out.members.extend(texts(value)),
            "jwt" => {
                let at = value["at"].as_str().and_then(|at| at.strip_prefix('/'));
                out.members.extend(at.map(str::to_owned));
            }
            _ => {}
        }
    }
    out
}

fn listed(value: &Value) -> impl Iterator<Item = &Value> {
    let (list, one) = match value {
        Value::Array(items) => (items.as_slice(), None),
        other => (&[][..], Some(other)),
    };
    list.iter().chain(one)
}

fn texts(value: &Value) -> impl Iterator<Item = String> {
    listed(value).filter_map(|item| item.as_str().map(str::to_owned))
}

fn answers(operation: &Operation, promise: &Promise, out: &mut BTreeSet<Key>) {
    let id = &operation.id;
    if let [status] = promise.statuses.as_slice() {
        let status = operation.key_of(*status);
        out.insert(Key::new(id, Matrix::Statuses, status.clone()));
        for name in &promise.members {
            let item = format!("{status} /{name}");
            out.insert(Key::new(id, Matrix::Responses, item));
        }
    }
    if let [code] = promise.codes.as_slice()
        && code != "any"
    {
        out.insert(Key::new(id, Matrix::Errors, code));
    }
}

/// Headers and members of the request, by how they stand in it.
fn sent(case: &TestCase, operation: &Operation, contract: &Contract, out: &mut BTreeSet<Key>) {
    let accepted = promise(&case.request, contract).accepts();
    let altered: Vec<(Key, bool)> = case
        .alterations
        .iter()
        .filter_map(|alteration| altered(alteration, &case.request, operation, contract, accepted))
        .collect();
    // Alterations within what is documented are no fault.
    let faults: BTreeSet<&Key> = altered
        .iter()
        .filter(|(_, fault)| *fault)
        .map(|(key, _)| key)
        .collect();
    // A refusal may be for a parameter, which has no cell of its own.
    let is_elsewhere =
        |one: &Alteration| matches!(one, Alteration::Parameters | Alteration::Query(_));
    let elsewhere = case.alterations.iter().any(is_elsewhere);
    for (key, fault) in &altered {
        let alone = *fault && faults.len() == 1 && !elsewhere;
        if accepted || alone {
            out.insert(key.clone());
        }
    }
    for requirement in case.covers.iter().filter_map(|id| contract.requirement(id)) {
        named(requirement, &altered, operation, out);
    }
    if accepted {
        let untouched = |key: Key| {
            let moved = |other: &Key| (other.matrix, &other.item) == (key.matrix, &key.item);
            let is_moved = altered.iter().any(|(other, _)| moved(other));
            (!is_moved).then(|| key.clone().in_mode(Mode::Valid))
        };
        let headers = case.request.headers.iter();
        out.extend(headers.filter_map(|(name, _)| untouched(header(name, operation))));
        out.extend(
            pointers(&case.request.body)
                .filter_map(|at| untouched(Key::new(&operation.id, Matrix::Members, at))),
        );
    }
}

/// The cell of an alteration, and whether it is a fault.
fn altered(
    alteration: &Alteration,
    request: &Step,
    operation: &Operation,
    contract: &Contract,
    accepted: bool,
) -> Option<(Key, bool)> {
    let (key, mode) = match alteration {
        Alteration::Header(name, mode) => (header(name, operation), *mode),
        Alteration::Member(at, mode) => {
            (Key::new(&operation.id, Matrix::Members, member(at)), *mode)
        }
        Alteration::Query(_) | Alteration::Parameters | Alteration::Line => return None,
    };
    // A value that was replaced and accepted is another good value, and so is a documented language.
    let language = || {
        let value = request
            .headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(&key.item))
            .and_then(|(_, value)| value.as_str());
        let mut entries = contract.errors.codes.iter();
        value.is_some_and(|value| entries.any(|entry| entry.texts(value).next().is_some()))
    };
    let good = mode == Mode::Malformed && (accepted || language());
    let mode = if good { Mode::Valid } else { mode };
    Some((key.in_mode(mode), !good))
}

/// What a requirement says the row is about, as far as the row really does it: of several faults the
/// one in the mode it names. One that names several parts says nothing about each of them.
fn named(
    requirement: &Requirement,
    altered: &[(Key, bool)],
    operation: &Operation,
    out: &mut BTreeSet<Key>,
) {
    let about = &requirement.about;
    let Some(mode) = about.mode else { return };
    let alike = |(key, fault): &&(Key, bool)| *fault && key.mode == Some(mode);
    let parts = about.headers.len() + about.members.len();
    if parts != 1 || altered.iter().filter(alike).count() > 1 {
        return;
    }
    let headers = about.headers.iter().map(|name| header(name, operation));
    let members = about
        .members
        .iter()
        .map(|at| Key::new(&operation.id, Matrix::Members, member(at)));
    for key in headers.chain(members) {
        let key = key.in_mode(mode);
        // A body that was replaced as a whole may hold any fault of a member.
        let replaced = key.matrix == Matrix::Members
            && altered
                .iter()
                .any(|(other, _)| other.matrix == key.matrix && other.item == "/");
        if replaced || altered.iter().any(|(other, _)| *other == key) {
            out.insert(key);
        }
    }
}

/// A header under the spelling of the document.
fn header(name: &str, operation: &Operation) -> Key {
    let known = operation
        .headers
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name));
    let name = known.map_or(name, |(known, _)| known);
    Key::new(&operation.id, Matrix::Headers, name)
}

/// The top-level members of a body or the fields of a form, and the body itself.
fn pointers(body: &Body) -> impl Iterator<Item = String> {
    let names: Option<BTreeSet<&String>> = match body {
        Body::Json(Value::Object(members)) => Some(members.keys().collect()),
        Body::Form(fields) => Some(fields.iter().map(|(name, _)| name).collect()),
        _ => None,
    };
    let whole = names.as_ref().map(|_| "/".to_owned());
    let names = names.into_iter().flatten();
    whole
        .into_iter()
        .chain(names.map(|name| format!("/{}", pointer_part(name))))
}
