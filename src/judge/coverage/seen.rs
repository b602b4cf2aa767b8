//! What recorded answers show of the matrices, whatever the rows expected.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::cells::Key;
use crate::{
    contract::{Contract, Operation},
    ids::Edition,
    result::{CaseResult, Matrix, RecordedExchange},
};

/// In how many test cases an answer showed each cell. It takes one result after the other, because a run
/// holds what came back only until a test case has ended.
#[derive(Debug, Default)]
pub struct Seen(BTreeMap<Edition, BTreeMap<Key, usize>>);

impl Seen {
    /// Adds what the answers to one test case show.
    pub fn take(&mut self, contracts: &[Contract], case: &CaseResult) {
        let Some(contract) = Contract::of_edition(contracts, &case.edition) else {
            return;
        };
        let exchanges = case.steps.iter().filter_map(|step| step.exchange.as_ref());
        let cells: BTreeSet<Key> = exchanges
            .flat_map(|exchange| shown(contract, exchange))
            .collect();
        let of = self.0.entry(contract.edition).or_default();
        for key in cells {
            *of.entry(key).or_insert(0) += 1;
        }
    }

    /// The cells of an edition that were seen.
    pub(super) fn of(&self, edition: Edition) -> &BTreeMap<Key, usize> {
        const NONE: &BTreeMap<Key, usize> = &BTreeMap::new();
        self.0.get(&edition).unwrap_or(NONE)
    }
}

/// Cells of one answer; none where the request was not one of the contract or no answer came.
fn shown(contract: &Contract, exchange: &RecordedExchange) -> Vec<Key> {
    let (Some(operation), Some(status)) = (asked(contract, exchange), exchange.status) else {
        return Vec::new();
    };
    let content_type = exchange.content_type();
    let bodies = &contract.errors.bodies;
    let form = bodies.of(Some(&operation.id), status, content_type);
    let status = operation.key_of(status);
    let mut out = vec![Key::new(&operation.id, Matrix::Statuses, status.clone())];
    let body = exchange.response_body.as_deref().unwrap_or_default();
    // A body that was cut for the record is no JSON any more and shows nothing.
    let Ok(body @ Value::Object(_)) = serde_json::from_str::<Value>(body) else {
        return out;
    };
    for name in body
        .as_object()
        .into_iter()
        .flat_map(|members| members.keys())
    {
        let item = format!("{status} /{name}");
        out.push(Key::new(&operation.id, Matrix::Responses, item));
    }
    if let Some(code) = form.code(&body) {
        out.push(Key::new(&operation.id, Matrix::Errors, code));
    }
    out
}

/// The operation by method and path: a record need not fit the cases of today.
fn asked<'c>(contract: &'c Contract, exchange: &RecordedExchange) -> Option<&'c Operation> {
    let path = exchange.url.split(['?', '#']).next().unwrap_or_default();
    contract
        .operations
        .iter()
        .find(|operation| operation.method == exchange.method && ends_like(path, &operation.path))
}

/// Whether an address ends in the documented path; `{name}` stands for any one part of it.
fn ends_like(address: &str, documented: &str) -> bool {
    let mut parts = address.rsplit('/');
    documented
        .trim_start_matches('/')
        .rsplit('/')
        .all(|wanted| {
            let open = wanted.starts_with('{') && wanted.ends_with('}');
            parts
                .next()
                .is_some_and(|part| part == wanted || (open && !part.is_empty()))
        })
}

#[cfg(test)]
mod tests {
    use crate::{
        contract,
        ids::Edition,
        result::{Matrix, RecordedExchange},
    };

    #[test]
    fn an_answer_shows_its_status_its_members_and_its_code_under_the_operation_asked() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let contract = contract::load(root, Edition::named("ciam"), &mut Vec::new()).unwrap();
        let mut exchange = RecordedExchange {
            method: "GET".into(),
            url: "http://host/base/api/v2/sdk/pwd/skip-update?x=1".into(),
            status: Some(400),
            response_body: Some(r#"{"error_code":"X.1","error_msg":"m"}"#.into()),
            ..RecordedExchange::default()
        };
        let keys = |exchange: &RecordedExchange| -> Vec<(Matrix, String)> {
            super::shown(&contract, exchange)
                .into_iter()
                .map(|key| (key.matrix, key.item))
                .collect()
        };
        let item = |matrix, item: &str| (matrix, item.to_owned());
        assert_eq!(
            keys(&exchange),
            [
                item(Matrix::Statuses, "400"),
                item(Matrix::Responses, "400 /error_code"),
                item(Matrix::Responses, "400 /error_msg"),
                item(Matrix::Errors, "X.1"),
            ]
        );
        exchange.method = "POST".into();
        assert_eq!(keys(&exchange), []);
    }

    #[test]
    fn a_part_in_braces_stands_for_one_part_of_the_address() {
        for (address, documented, alike) in [
            ("http://h/v1/things/7", "/things/{id}", true),
            ("http://h/things/7/parts", "/things/{id}", false),
            ("http://h/things/", "/things/{id}", false),
            ("http://h/things", "/{kind}", true),
            ("http://h/mythings/7", "/things/{id}", false),
            // Only a whole part is open.
            ("http://h/things/7", "/things/{id}.json", false),
            ("http://h/things/7", "/things/by-{id}", false),
        ] {
            assert_eq!(super::ends_like(address, documented), alike, "{address}");
        }
    }
}
