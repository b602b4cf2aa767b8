//! A vendor that does all things in another way: its own error bodies, its own header for languages, its
//! own shape of a success, its own claims. It is described in files alone.

use std::{fs, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use probity::{
    prove::{self, Options},
    report::proof,
    result::{CaseResult, Strength},
    session::{self, Session},
    suite::Suite,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{openapi::load, told};
use crate::{
    loopback::{Server, answering, http},
    support,
};

const OPENAPI: &str = "openapi: 3.1.0
info: { title: Acme, version: '1' }
paths:
  /users:
    post:
      operationId: createUser
      parameters:
        - { name: X-Application, in: header, required: true, schema: { type: string } }
        - { name: Accept-Language, in: header, schema: { type: string } }
      requestBody: { content: { application/json: { schema: { type: object, required: [name], properties: { name: { type: string } } } } } }
      responses:
        '201': { description: d, content: { application/json: { schema: { type: object, required: [outcome], properties: { outcome: { enum: [done] } } } } } }
        '400': { description: d, content: { application/json: { schema: { type: object, required: [fault], properties: { fault: { type: object, required: [number, text], properties: { number: { type: integer }, text: { type: string } } } } } } } }
  /login:
    post:
      operationId: logIn
      requestBody: { content: { application/json: { schema: { type: object, required: [password], properties: { password: { type: string } } } } } }
      responses:
        '200': { description: d, content: { application/json: { schema: { type: object, required: [outcome, ticket], properties: { outcome: { enum: [done] }, ticket: { type: string } } } } } }
        '400': { description: d, content: { application/json: { schema: { type: object, required: [error], properties: { error: { type: string }, error_description: { type: string } } } } } }
";

const EDITION: &str = "success: { at: /outcome, is: done, hands_out: [/ticket] }
languages:
  chosen_by: { header: Accept-Language }
  default: en
  known: { en: {}, de: { sent: de-DE } }
user_claims: { in: [/profile], identify: [login] }
account_bound: [/password]
";

const ERRORS: &str = "code_at: /fault/number
code_type: integer
message_at: /fault/text
pattern: '^4\\d{4}$'
bodies:
  - { operations: logIn, code_at: /error, message_at: /error_description, pattern: '^[a-z_]+$' }
codes:
  - { code: '40001', status: 400, messages: { en: '{0} is missing', de: '{0} fehlt leider' }, operations: createUser }
  - { code: '40002', status: 400, messages: { en: The name is too long, de: Der Name ist zu lang }, operations: createUser }
  - { code: invalid_grant, status: 400, operations: logIn }
";

const REGISTER: &str = "derived: true
defaults: { page: Guide, oracle: D, level: must, kind: flow }
requirements:
  - { id: A-EN, operation: createUser, row: Texts, text: One., about: { header: X-Application, mode: omitted, of-code: '40001', message: en } }
  - { id: A-DE, operation: createUser, row: Texts, text: Two., about: { header: X-Application, mode: omitted, of-code: '40001', message: de } }
  - { id: A-LANG, operation: createUser, row: Texts, text: Three., about: { header: Accept-Language, mode: valid, response: 400, at: /fault, message: chosen } }
  - { id: A-USER, operation: logIn, row: Texts, text: Four., about: { response: 200, token: /ticket, claim: [form, user] } }
";

const USERS: &str = "edition: acme
operation: createUser
request: { headers: { X-Application: a }, body: { name: n } }
control: { expect: { status: 201, body: { outcome: done } } }
cases:
  - { id: english, covers: [A-EN], without: { header: X-Application }, expect: { status: 400, error: '40001', message: { language: en } } }
  - id: german
    covers: [A-DE, A-LANG]
    without: { header: X-Application }
    set: { headers: { Accept-Language: de-DE } }
    expect: { status: 400, error: '40001', message: { language: de } }
  - { id: too-long, set: { members: { /name: nnnnnnnnn } }, expect: { status: 400, error: '40002', message: { language: en } } }
  - { id: nameless, without: { member: /name }, expect: { status: 400, error: '40001', not-success: true } }
";

const LOGIN: &str = "edition: acme
operation: logIn
request: { body: { password: right } }
control: { covers: [A-USER], expect: { status: 200, jwt: { at: /ticket, alg: RS256, user: { login: ann } } } }
cases:
  - { id: wrong, set: { members: { /password: wrong } }, expect: { status: 400, error: invalid_grant } }
  - { id: absent, without: { member: /password }, expect: { status: 400, error: invalid_grant } }
";

/// A ticket whose signature nobody looks at.
fn ticket(claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.c2ln", part(&json!({ "alg": "RS256" })), part(claims))
}

/// Status line and body of the vendor's answer.
fn answer(request: &str) -> (&'static str, Value) {
    let (refused, small) = ("400 Bad Request", request.to_ascii_lowercase());
    let fault = |number: u32, english: &str, german: &str| {
        let text = if small.contains("accept-language: de-de") {
            german
        } else {
            english
        };
        (
            refused,
            json!({ "fault": { "number": number, "text": text } }),
        )
    };
    if small.starts_with("post /login") {
        return if request.contains("\"right\"") {
            let claims = json!({ "profile": { "login": "ann" } });
            (
                "200 OK",
                json!({ "outcome": "done", "ticket": ticket(&claims) }),
            )
        } else {
            (
                refused,
                json!({ "error": "invalid_grant", "error_description": "no" }),
            )
        };
    }
    if !small.contains("x-application:") {
        return fault(
            40001,
            "X-Application is missing",
            "X-Application fehlt leider",
        );
    }
    if !small.contains("\"name\"") {
        return fault(40001, "name is missing", "name fehlt leider");
    }
    if small.contains("nnnnnnnnn") {
        return fault(40002, "The name is too long", "Der Name ist zu lang");
    }
    ("201 Created", json!({ "outcome": "done" }))
}

/// The vendor, each of whose answers is changed by `change`.
async fn vendor(change: fn(&str, &mut Value)) -> Server {
    answering(move |request| {
        let request = String::from_utf8_lossy(request);
        let (status, mut body) = answer(&request);
        change(&request, &mut body);
        http(status, "application/json", &body.to_string()).into_bytes()
    })
    .await
}

fn suite(url: &str) -> (TempDir, Suite) {
    let folder = tempfile::tempdir().expect("a folder");
    let target = format!("name: acme\neditions: {{ acme: {{ base_url: \"{url}\" }} }}\n");
    for (name, text) in [
        ("specs/acme/openapi.yaml", OPENAPI),
        ("specs/acme/edition.yaml", EDITION),
        ("specs/acme/errors.yaml", ERRORS),
        ("specs/acme/requirements.yaml", REGISTER),
        ("cases/acme/users.yaml", USERS),
        ("cases/acme/login.yaml", LOGIN),
        ("tenants/tenant.yaml", &target),
    ] {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    let suite = load(folder.path());
    assert_eq!(suite.diagnostics, [], "{:#?}", suite.diagnostics);
    (folder, suite)
}

async fn run(change: fn(&str, &mut Value)) -> Vec<CaseResult> {
    let server = vendor(change).await;
    let (_folder, mut suite) = suite(&server.url);
    let target = suite.target.take().expect("a target");
    let cases = suite.plan.cases.clone();
    support::run(suite, target, cases).await
}

/// The first thing that is wrong with each red row, by its name.
fn red(results: &[CaseResult]) -> Vec<(String, String)> {
    let of = |result: &CaseResult| {
        let first = told(result).into_iter().next()?;
        Some((result.id.name().to_owned(), first))
    };
    results.iter().filter_map(of).collect()
}

#[tokio::test]
async fn a_vendor_that_keeps_its_own_contract_passes() {
    let results = run(|_, _| {}).await;
    assert_eq!(results.len(), 8);
    assert_eq!(red(&results), []);
}

#[tokio::test]
async fn what_breaks_it_is_told_in_its_own_words() {
    let german = |request: &str, body: &mut Value| {
        if request.to_ascii_lowercase().contains("de-de") {
            body["fault"]["text"] = "X-Application is missing".into();
        }
    };
    let other_user = |_: &str, body: &mut Value| {
        if body["ticket"].is_string() {
            body["ticket"] =
                ticket(&json!({ "profile": { "login": "bob" }, "login": "ann" })).into();
        }
    };
    let code_of_the_other_form = |request: &str, body: &mut Value| {
        if request.starts_with("POST /login") && body["error"].is_string() {
            *body = json!({ "fault": { "number": 40001, "text": "t" } });
        }
    };
    let done_all_the_same = |request: &str, body: &mut Value| {
        if request.starts_with("POST /users") && !request.contains("\"name\"") {
            body["ticket"] = "t".into();
        }
    };
    let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    assert_eq!(
        red(&run(german).await),
        [pair(
            "german",
            "body /fault/text: \"X-Application is missing\""
        )]
    );
    assert_eq!(
        red(&run(other_user).await),
        [pair("control", "body /ticket › claim login: \"bob\"")]
    );
    assert_eq!(
        red(&run(code_of_the_other_form).await),
        [
            pair("wrong", "body /error: absent"),
            pair("absent", "body /error: absent"),
        ]
    );
    assert_eq!(
        red(&run(done_all_the_same).await),
        [pair(
            "nameless",
            "status and body: 400 with {\"fault\":{\"number\":40001,\"text\":\"name is missing\"},\"ticket\":\"t\"}"
        )]
    );
}

#[tokio::test]
async fn its_suite_is_proved_without_a_word_of_rust() {
    let server = vendor(|_, _| {}).await;
    let (_folder, mut suite) = suite(&server.url);
    let target = suite.target.take().expect("a target");
    let session = Session::open(suite, target, &session::Options::default(), None).await;
    let session = Arc::new(session.expect("a session"));
    let proof = prove::prove(&session, &Options::default(), |_| {}).await;
    let proof = proof.expect("the proof runs");
    let missed: Vec<&str> = proof.holes().map(|mutant| mutant.id.as_str()).collect();
    assert_eq!(missed, [""; 0], "{}", proof::summary(&proof));
    assert_eq!(proof.strength(), Strength::Proved);
    for id in [
        "acme/createUser/code/40001:text",
        "acme/createUser/code/40001:other-documented",
        "acme/createUser/message/40001/de:other-language",
        "acme/createUser/message/40001/en:altered",
        "acme/createUser/message/Accept-Language/de:ignored",
        "acme/createUser/message/Accept-Language/de:other-code",
        "acme/logIn/code/invalid_grant:other-case",
        "acme/logIn/token/ticket:two-parts",
    ] {
        let mut mutants = proof.mutants.iter();
        assert!(mutants.any(|one| one.id == id), "no mutant {id}");
    }
    // Nobody can fill in the password of an account.
    let mut mutants = proof.mutants.iter();
    assert!(!mutants.any(|one| one.id.contains("logIn/request/password")));
}
