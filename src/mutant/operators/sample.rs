//! The shipped contracts with an answer or two, for the tests of the operators.

use std::sync::OnceLock;

use crate::{
    contract::{self, Contract},
    exchange::{Request, Response},
    mock,
    mutant::{Change, DocumentedStatus, Mutant, TokenSigner, catalogue, forged},
};

fn mutants() -> &'static [Mutant] {
    static MUTANTS: OnceLock<Vec<Mutant>> = OnceLock::new();
    MUTANTS.get_or_init(|| {
        let signer = TokenSigner::from_pem(mock::signing_key()).expect("a key");
        let mut all = catalogue(contracts());
        all.extend(forged(contracts(), &signer));
        all
    })
}

pub(in crate::mutant) fn contracts() -> &'static [Contract] {
    static CONTRACTS: OnceLock<Vec<Contract>> = OnceLock::new();
    CONTRACTS.get_or_init(|| {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let load =
            |edition| contract::load(root, edition, &mut Vec::new()).expect("readable specs");
        mock::Dialect::ALL
            .into_iter()
            .map(|dialect| load(dialect.edition()))
            .collect()
    })
}

pub(in crate::mutant) fn mutant(id: &str) -> &'static Mutant {
    let found = mutants().iter().find(|mutant| mutant.id == id);
    found.unwrap_or_else(|| panic!("there is no mutant {id}"))
}

/// Whether the catalogue has a mutant of that id.
pub(in crate::mutant) fn known(id: &str) -> bool {
    mutants().iter().any(|mutant| mutant.id == id)
}

/// The ids that a forbidden mutant breaks; the reason of an allowed one.
pub(in crate::mutant) fn breaks(id: &str) -> Result<Vec<&'static str>, &'static str> {
    let mutant = mutant(id);
    match &mutant.documented {
        DocumentedStatus::Forbidden => Ok(mutant
            .breaks
            .iter()
            .map(crate::ids::RequirementId::as_str)
            .collect()),
        DocumentedStatus::Open(reason) | DocumentedStatus::Equivalent(reason) => Err(reason),
    }
}

pub(in crate::mutant) fn request(headers: &[(&str, &str)]) -> Request {
    Request {
        method: "POST".into(),
        url: "http://tenant/x".into(),
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        body: None,
        exact: false,
        hostless: false,
    }
}

pub(in crate::mutant) fn answer(status: u16, body: &str) -> Response {
    Response {
        status,
        headers: vec![
            ("date".into(), "x".into()),
            ("content-type".into(), "application/json".into()),
            ("content-length".into(), body.len().to_string()),
        ],
        body: body.into(),
        defects: Vec::new(),
    }
}

/// What a mutant makes of an answer; `None` when the answer is none of its business.
pub(in crate::mutant) fn edited(
    id: &str,
    request: &Request,
    response: &Response,
) -> Option<Response> {
    let Change::Answer(edit) = &mutant(id).change else {
        panic!("{id} edits no answer");
    };
    let mut changed = response.clone();
    (edit.applies)(request, response).then(|| (edit.edit)(&mut changed))?;
    Some(changed)
}

/// The body after an edit that changed nothing else; `None` when it does not apply.
pub(in crate::mutant) fn body(id: &str, request: &Request, response: &Response) -> Option<String> {
    let mut changed = edited(id, request, response)?;
    let text = String::from_utf8_lossy(&changed.body).into_owned();
    assert_eq!(
        changed.header("content-length"),
        Some(changed.body.len().to_string().as_str()),
        "{id}"
    );
    crate::mutant::edit::set_body(&mut changed, response.body.to_bytes());
    assert_eq!(changed, *response, "{id} changes more than the body");
    Some(text)
}
