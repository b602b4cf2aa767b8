//! The shipped registers say of every promise what it is about: mutants are matched by it.

use probity::{
    contract::{About, Mode, Oracle, Requirement},
    result::Subject,
};

use crate::support;

/// Entries that name no part of a request or an answer of their operation, with the reason.
const NOTHING: [(&str, &str); 4] = [
    ("EIAM-FUM-H29", "The token is an answer of the login."),
    ("EIAM-SKIP-H29", "The token is an answer of the login."),
    ("CIAM-SKIP-H29", "The token is an answer of the login."),
    ("OA-FUP-H29", "The token is an answer of the login."),
];

fn promised(contract: &probity::contract::Contract) -> impl Iterator<Item = &Requirement> {
    let all = contract.requirements.iter();
    all.filter(|entry| matches!(entry.oracle, Oracle::Documented | Oracle::Sibling))
}

/// What an entry of a kind has to name; `None` for kinds whose sentences may be about a flow.
fn names_enough(kind: &str, about: &About) -> Option<bool> {
    let part = !about.headers.is_empty() || !about.members.is_empty();
    let answer = about.answer.is_some() || !about.response.is_empty() || !about.codes.is_empty();
    let answer = answer || !about.absent.is_empty() || about.closed;
    Some(match kind {
        "method" => about.answer.is_some(),
        "path" | "error" | "response" => answer,
        // A header or a member that the page does not have is promised to play no part.
        "header" | "body" | "content-type" => part && about.mode.is_some() || answer,
        "token" => !about.response.is_empty(),
        "message" => !about.codes.is_empty() && about.language.is_some(),
        _ => return None,
    })
}

#[test]
fn every_promise_about_a_part_of_the_exchange_names_that_part() {
    let suite = support::shipped();
    let entries = suite.contracts.iter().flat_map(promised);
    let silent: Vec<&str> = entries
        .filter(|entry| names_enough(&entry.kind, &entry.about) == Some(false))
        .map(|entry| entry.id.as_str())
        .collect();
    let mut expected: Vec<&str> = NOTHING.iter().map(|(id, _)| *id).collect();
    let at = |id: &&str| {
        let all = suite.contracts.iter().flat_map(promised);
        all.into_iter().position(|entry| entry.id == **id)
    };
    expected.sort_by_key(at);
    assert_eq!(silent, expected);
}

#[test]
fn every_promise_that_is_tested_says_what_of_the_answer_is_judged() {
    let suite = support::shipped();
    let entries = suite.contracts.iter().flat_map(promised);
    let silent: Vec<&str> = entries
        .filter(|entry| entry.not_tested.is_none() && entry.about.subjects.is_empty())
        .map(|entry| entry.id.as_str())
        .collect();
    assert_eq!(silent, [""; 0]);
}

#[test]
fn the_number_of_a_status_is_the_subject_of_one_requirement_of_an_operation() {
    let suite = support::shipped();
    for contract in &suite.contracts {
        for operation in contract.operations_under_test() {
            for status in [200, 400] {
                let own = promised(contract).filter(|entry| entry.operation == operation.id);
                let ids: Vec<&str> = own
                    .filter(|entry| entry.about.answer == Some(status))
                    .filter(|entry| entry.about.subjects.contains(&Subject::Status))
                    .map(|entry| entry.id.as_str())
                    .collect();
                assert_eq!(ids.len(), 1, "{} {status}: {ids:?}", operation.id);
            }
        }
    }
}

#[test]
fn a_code_or_a_status_stands_in_the_sentence_or_the_row_it_is_taken_from() {
    let suite = support::shipped();
    for entry in suite.contracts.iter().flat_map(|c| &c.requirements) {
        let about = &entry.about;
        // The page's one error example is about this code, and one sentence leaves it to the others.
        let example = entry.id.ends_with("-E04") && entry.kind == "message";
        for code in &about.codes {
            assert!(
                entry.text.contains(code.as_str()) || example && code == "SDK.COMMON.1001",
                "{} names {code}: {}",
                entry.id,
                entry.text
            );
        }
        let open =
            ["EIAM", "CIAM", "OneAccess"].map(|edition| format!("or another {edition} code"));
        let open = open.iter().any(|words| entry.text.contains(words))
            || entry.text.contains("preferably");
        assert!(!open || about.codes.is_empty(), "{} is open", entry.id);
        let refusal = entry.text.contains("answers 400");
        if refusal && matches!(entry.kind.as_str(), "header" | "body" | "error") {
            let lenient = ["is taken", "is accepted", "goes through", "acceptance"];
            let lenient = lenient.iter().any(|word| entry.text.contains(word));
            let status = if lenient { None } else { Some(400) };
            assert_eq!(about.answer, status, "{}: {}", entry.id, entry.text);
        }
    }
}

#[test]
fn each_required_header_has_an_entry_on_leaving_it_out_and_on_leaving_it_empty() {
    let suite = support::shipped();
    for contract in &suite.contracts {
        for operation in &contract.operations {
            let own = contract.requirements.iter();
            let own: Vec<_> = own
                .filter(|entry| entry.operation == operation.id)
                .collect();
            // A content type is settled below the page: the documents fix no answer to an empty one.
            let headers = operation
                .headers
                .iter()
                .filter(|(name, required)| !own.is_empty() && *required && name != "Content-Type");
            for (name, _) in headers {
                for mode in [Mode::Omitted, Mode::Blank] {
                    let entry = own.iter().find(|entry| {
                        entry.about.mode == Some(mode) && entry.about.headers == [name.as_str()]
                    });
                    assert!(entry.is_some(), "{}: {name} {}", operation.id, mode.label());
                }
            }
        }
    }
}
