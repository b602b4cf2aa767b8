//! What the vendor promises in one edition: operations, error codes, requirements.
//!
//! Takes: `specs/<edition>`. Gives: a [`Contract`], and every mistake in those files.
//! Never: sends anything, or judges.

mod about;
mod cross_check;
mod derived;
mod edition;
mod error_body;
mod errors;
mod member;
mod openapi;
mod pointer;
mod reference;
mod requirement;
pub(crate) mod sample;
mod schema;
mod stated;

pub use about::{About, MessageSubject, Mode};
pub use edition::{
    Chooser, Clause, Convention, Language, Languages, Policy, SHAPE as EDITION_SHAPE, Success,
    UserClaims,
};
pub(crate) use error_body::reason;
pub use error_body::{ErrorBodies, ErrorBody};
pub use errors::{ErrorCode, ErrorTable, SHAPE as ERRORS_SHAPE};
pub use member::Member;
pub use openapi::{
    Blank, Credential, ExampleAnswer, ExampleBody, ExampleRequest, ExampleValue, Operation,
    ResponseHeader, ResponseRule, Statuses, Used, server_behind,
};
pub(crate) use openapi::{is_json, media_type_of};
pub(crate) use pointer::pointer_part;
pub use requirement::{Derived, Oracle, Requirement, SHAPE as REQUIREMENTS_SHAPE};
pub use schema::BodySchema;

use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
};

use crate::{
    diag::{Diagnostic, push_once},
    ids::{Edition, OperationId, RequirementId},
    yaml::{Node, Reader, deep},
};

/// One edition's contract, loaded and indexed.
#[derive(Debug)]
pub struct Contract {
    pub edition: Edition,
    pub operations: Vec<Operation>,
    pub errors: ErrorTable,
    /// What all its answers have in common.
    pub convention: Convention,
    pub requirements: Vec<Requirement>,
    /// Names, paths, constants, codes and messages: what the documents state for all to read.
    pub stated: BTreeSet<String>,
    /// The places of the requirements by their ids.
    places: HashMap<RequirementId, usize>,
}

impl Contract {
    /// The one of an edition among those of a project.
    #[must_use]
    pub fn of_edition<'c>(contracts: &'c [Self], edition: &str) -> Option<&'c Self> {
        let mut contracts = contracts.iter();
        contracts.find(|contract| contract.edition.as_str() == edition)
    }

    /// The operation of that operationId.
    #[must_use]
    pub fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// What keeps the schemas of these operations from being compiled. Those of the operations that the suite
    /// itself uses are looked at when the contract is loaded.
    pub fn check_schemas(&self, operations: &BTreeSet<&OperationId>, found: &mut Vec<Diagnostic>) {
        let operations = operations.iter().filter_map(|id| self.operation(id));
        let operations: Vec<&Operation> = operations.collect();
        let mut own = Vec::new();
        // Without a thread the schemas are compiled when they are needed.
        let _ = deep(|| {
            for operation in operations {
                openapi::schemas_of(operation, &mut own);
            }
        });
        for mistake in own {
            push_once(found, mistake);
        }
    }

    /// The operations that have requirements; the others only serve their flows.
    pub fn operations_under_test(&self) -> impl Iterator<Item = &Operation> {
        self.operations.iter().filter(|operation| {
            self.requirements
                .iter()
                .any(|requirement| requirement.operation == operation.id)
        })
    }

    #[must_use]
    pub fn requirement(&self, id: &str) -> Option<&Requirement> {
        self.requirements.get(*self.places.get(id)?)
    }

    /// Whether requirements follow from the document, beside those that a register lists.
    #[must_use]
    pub fn is_derived(&self) -> bool {
        self.requirements.iter().any(|one| one.derived.is_some())
    }

    /// The requirements of an operation, in the register's order.
    pub fn requirements_of(&self, operation: &str) -> impl Iterator<Item = &Requirement> {
        let all = self.requirements.iter();
        all.filter(move |requirement| requirement.operation == operation)
    }
}

/// The editions of a project: the folders under `specs/`, in the order of their names.
pub fn editions(root: &Path, found: &mut Vec<Diagnostic>) -> Vec<Edition> {
    // Without the folder every case file will say which contract it misses.
    let Ok(entries) = std::fs::read_dir(root.join("specs")) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for entry in entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path().is_dir())
    {
        match entry.file_name().to_string_lossy().parse() {
            Ok(edition) => out.push(edition),
            Err(why) => found.push(Diagnostic::without_span(
                "bad-edition",
                format!("`specs/{}`: {why}", entry.file_name().to_string_lossy()),
            )),
        }
    }
    out.sort();
    out
}

/// Loads one edition; mistakes go to `found`. `None` when a file could not be read at all.
pub fn load(root: &Path, edition: Edition, found: &mut Vec<Diagnostic>) -> Option<Contract> {
    load_with(root, edition, Used::All, &mut Reader::default(), found)
}

/// As [`load`], through a reader that may have the files' trees already. What is wrong with an operation
/// that neither the register nor the suite uses is a warning, and leaves it out.
pub fn load_with(
    root: &Path,
    edition: Edition,
    used: Used<'_>,
    reader: &mut Reader,
    found: &mut Vec<Diagnostic>,
) -> Option<Contract> {
    // Without these two the document speaks for itself.
    let mut file = |name: &str| {
        let shown = format!("specs/{edition}/{name}");
        let path = root.join(&shown);
        if !path.exists() {
            return Some(None);
        }
        match reader.read(&path, &shown) {
            Ok(node) => Some(Some(node)),
            Err(mistake) => {
                found.push(mistake);
                None
            }
        }
    };
    let (errors, register) = (file("errors.yaml"), file("requirements.yaml"));
    let of_all = file("edition.yaml");
    let entries = register.iter().flatten();
    let entries = entries.filter_map(|node| node.get("requirements"));
    let entries = entries.flat_map(Node::items);
    let of_register: BTreeSet<String> = entries
        .filter_map(|entry| Some(entry.get("operation")?.text()?.to_owned()))
        .collect();
    let of_all = of_all?;
    let convention = of_all.as_ref();
    let convention = convention.map_or_else(Convention::default, |node| edition::read(node, found));
    let used = used.and(&of_register);
    let openapi = openapi::load(
        root,
        edition,
        used,
        convention.asserts_formats,
        reader,
        found,
    );
    let (openapi, errors, register) = (openapi?, errors?, register?);
    for file in errors.iter().chain(&register).chain(&of_all) {
        if let Some(named) = file.get("edition")
            && named.text() != Some(edition.as_str())
        {
            found.push(Diagnostic::new(
                "wrong-folder",
                &named.span,
                format!("a file in `specs/{edition}/` is of the edition `{edition}`"),
            ));
        }
    }
    let parts = Parts {
        errors,
        register,
        convention,
        openapi,
    };
    Some(parts.contract(edition, used, found))
}

/// The contract of a document that stands in no file of its own, such as a part of another file.
pub fn of_document(
    document: &Node,
    edition: Edition,
    found: &mut Vec<Diagnostic>,
) -> Option<Contract> {
    let parts = Parts {
        errors: None,
        register: None,
        convention: Convention::default(),
        openapi: openapi::of(document, Used::All, false, found)?,
    };
    Some(parts.contract(edition, Used::All, found))
}

/// The files of an edition, read.
struct Parts {
    errors: Option<Node>,
    register: Option<Node>,
    convention: Convention,
    openapi: openapi::Document,
}

impl Parts {
    fn contract(self, edition: Edition, used: Used<'_>, found: &mut Vec<Diagnostic>) -> Contract {
        let Self {
            errors,
            register,
            mut convention,
            openapi,
        } = self;
        let operations = openapi.operations;
        let table = errors.as_ref().map_or_else(ErrorTable::default, |node| {
            errors::table(node, &operations, found)
        });
        if convention.languages.known.is_empty() {
            convention.languages.known = Languages::of_table(&table);
        }
        let mut requirements = register.as_ref().map_or_else(Vec::new, |node| {
            requirement::register(node, &operations, found)
        });
        let is_derived = register
            .as_ref()
            .is_none_or(|node| node.get("derived").and_then(Node::boolean) == Some(true));
        if is_derived {
            let title = openapi.json["info"]["title"].as_str().unwrap_or_default();
            let tested = operations
                .iter()
                .filter(|one| used.tests(&one.id) && !one.is_left_out);
            let derived = derived::requirements(tested, &table, title);
            let known = |one: &Requirement| requirements.iter().any(|own| own.id == one.id);
            let new: Vec<Requirement> = derived.into_iter().filter(|one| !known(one)).collect();
            requirements.extend(new);
        }
        let contract = Contract {
            edition,
            stated: stated::texts(&openapi.json, &table),
            errors: table,
            convention,
            places: places(&requirements),
            requirements,
            operations,
        };
        cross_check::check(&contract, register.as_ref(), errors.as_ref(), found);
        contract
    }
}

/// The files that an OpenAPI document refers to, by their paths from its folder.
#[must_use]
pub fn referenced_files(
    document: &Path,
    reader: &mut Reader,
    found: &mut Vec<Diagnostic>,
) -> Vec<String> {
    openapi::referenced_by(document, reader, found)
}

/// The requests of an edition's operations as its document shows them, without those that have a mistake,
/// and the first server that it names by a whole URL. `None` where the document cannot be read.
pub fn example_requests(
    root: &Path,
    edition: Edition,
    found: &mut Vec<Diagnostic>,
) -> Option<(Vec<ExampleRequest>, Option<String>)> {
    let nothing = BTreeSet::new();
    let used = Used::Only {
        tested: &nothing,
        named: &nothing,
        registered: None,
    };
    let document = openapi::load(root, edition, used, false, &mut Reader::default(), found)?;
    // A document may be nested deeper than a usual stack reaches.
    let requests = deep(|| openapi::requests(&document)).unwrap_or_default();
    Some((requests, openapi::server(&document)))
}

/// The first place of each id.
fn places(requirements: &[Requirement]) -> HashMap<RequirementId, usize> {
    let mut out = HashMap::new();
    for (place, requirement) in requirements.iter().enumerate() {
        out.entry(requirement.id.clone()).or_insert(place);
    }
    out
}
