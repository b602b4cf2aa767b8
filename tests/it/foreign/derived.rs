//! A project without a register and without an error table: the document alone says what is required.

use std::{collections::BTreeMap, sync::Arc};

use probity::{
    contract::Contract,
    ids::RequirementId,
    judge::{self, Seen},
    prove::{self, Options},
    report::proof,
    result::{Matrix, State, Strength},
    session::{self, Session},
    suite::Suite,
};
use serde_json::{Value, json};

use super::openapi::{load, project};
use crate::{
    loopback::{Server, always, answering, http},
    support,
};

const DOCUMENT: &str = "openapi: 3.0.3
info: { title: Users, version: '1' }
paths:
  /users:
    post:
      operationId: createUser
      parameters:
        - { name: X-client-id, in: header, required: true, schema: { type: string } }
        - { name: X-trace, in: header, schema: { type: string } }
        - { name: realm, in: query, required: true, schema: { type: string } }
      requestBody:
        content:
          application/json:
            schema: { type: object, required: [name, id], properties: { name: { type: string }, id: { type: string, readOnly: true } } }
      responses:
        '201':
          description: d
          headers: { Location: { required: true, schema: { type: string } }, X-Left: { schema: { type: integer } } }
          content: { application/json: { schema: { type: object, required: [id], properties: { id: { type: string }, note: { type: object, properties: { at: { type: string } } } } } } }
        4XX: { description: d, content: { application/json: { schema: { type: object, required: [error] } } } }
  /users/{id}:
    get: { responses: { '200': { description: d } } }
";

const CASES: &str = "edition: x
operation: createUser
request: { headers: { X-client-id: c }, query: { realm: r }, body: { name: n } }
control: { expect: { status: 201 } }
cases:
  - { id: no-client, without: { header: X-client-id }, expect: { status: 400 } }
  - { id: no-realm, without: { query: realm }, expect: { status: 422 } }
  - { id: no-name, without: { member: /name }, expect: { status: 400 } }
  - { id: nobody, without: { header: X-client-id, member: /name }, expect: { status: 400 } }
  - { id: looked-at, without: { header: X-client-id }, observe: nobody says }
";

fn files(more: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    let mut out = vec![("openapi.yaml", DOCUMENT.to_owned())];
    out.extend(more.iter().map(|(name, text)| (*name, (*text).to_owned())));
    out
}

fn suite(url: &str, more: &[(&'static str, &str)]) -> Suite {
    let (folder, _) = project(url, &files(more), "createUser", "{ status: 201 }");
    std::fs::write(folder.path().join("cases/x/one.yaml"), CASES).expect("a file");
    load(folder.path())
}

fn ids(contract: &Contract) -> Vec<&str> {
    let all = contract.requirements.iter();
    all.map(|requirement| requirement.id.as_str()).collect()
}

#[test]
fn every_documented_answer_and_every_required_part_is_a_requirement_of_what_is_tested() {
    let suite = suite("http://127.0.0.1:1", &[]);
    assert!(!suite.is_broken(), "{:#?}", suite.diagnostics);
    assert_eq!(
        ids(&suite.contracts[0]),
        [
            "createUser/201",
            "createUser/201/body",
            "createUser/201/member/id",
            "createUser/201/header/Location",
            "createUser/4XX/body",
            "createUser/4XX/member/error",
            "createUser/header/X-client-id/omitted",
            "createUser/query/realm/omitted",
            "createUser/member/name/omitted",
        ]
    );
    let told: Vec<&str> = suite.diagnostics.iter().map(|one| one.code).collect();
    assert_eq!(told, ["untested-operations"], "{:#?}", suite.diagnostics);
}

#[test]
fn a_row_covers_what_it_shows_without_naming_it() {
    let suite = suite("http://127.0.0.1:1", &[]);
    let covers: BTreeMap<&str, Vec<&str>> = suite
        .plan
        .cases
        .iter()
        .map(|case| {
            let covers = case.covers.iter().map(RequirementId::as_str);
            (case.id.name(), covers.collect())
        })
        .collect();
    let (refused, error) = ("createUser/4XX/body", "createUser/4XX/member/error");
    for (name, expected) in [
        (
            "control",
            vec![
                "createUser/201",
                "createUser/201/body",
                "createUser/201/header/Location",
                "createUser/201/member/id",
            ],
        ),
        (
            "no-client",
            vec![refused, error, "createUser/header/X-client-id/omitted"],
        ),
        (
            "no-realm",
            vec![refused, error, "createUser/query/realm/omitted"],
        ),
        (
            "no-name",
            vec![refused, error, "createUser/member/name/omitted"],
        ),
        // Of two parts that are left out nobody knows which one was missed.
        ("nobody", vec![refused, error]),
        ("looked-at", vec![]),
    ] {
        assert_eq!(covers[name], expected, "{name}");
    }
}

#[test]
fn a_register_replaces_names_and_adds_and_says_once_what_all_entries_have() {
    let register = "derived: true
defaults: { page: The guide, oracle: D, level: must, kind: flow }
requirements:
  - { id: createUser/201, operation: createUser, text: A user is made., about: { status: 201 } }
  - { id: OWN-1, operation: createUser, row: Notes, text: A note is kept., about: { response: 201, at: /note } }
";
    let suite = suite("http://127.0.0.1:1", &[("requirements.yaml", register)]);
    assert!(!suite.is_broken(), "{:#?}", suite.diagnostics);
    let contract = &suite.contracts[0];
    assert_eq!(ids(contract).len(), 10, "{:?}", ids(contract));
    let text = |id: &str| contract.requirement(id).expect(id).sentence();
    assert_eq!(text("createUser/201"), "The guide: A user is made.");
    assert_eq!(text("OWN-1"), "The guide, Notes: A note is kept.");
    assert!(text("createUser/201/body").starts_with("Users, POST /users: "));
    let alone = register.replace("derived: true\n", "");
    let suite = self::suite("http://127.0.0.1:1", &[("requirements.yaml", &alone)]);
    assert_eq!(ids(&suite.contracts[0]), ["createUser/201", "OWN-1"]);
}

#[tokio::test]
async fn a_finding_violates_the_derived_requirement_that_it_is_about_and_no_other() {
    for (status, headers, body, violated) in [
        (
            "201 Created",
            "Location: /1\r\n",
            json!({ "id": "1" }),
            vec![],
        ),
        (
            "201 Created",
            "",
            json!({ "id": "1" }),
            vec!["createUser/201/header/Location"],
        ),
        (
            "201 Created",
            "Location: /1\r\n",
            json!({ "id": "1", "note": { "at": 1 } }),
            vec!["createUser/201/body"],
        ),
        (
            "201 Created",
            "Location: /1\r\n",
            json!({ "id": 1 }),
            vec!["createUser/201/member/id"],
        ),
        (
            "201 Created",
            "Location: /1\r\n",
            json!({}),
            vec!["createUser/201/member/id"],
        ),
        (
            "201 Created",
            "Location: /1\r\n",
            json!([]),
            vec!["createUser/201/body"],
        ),
        (
            "200 OK",
            "Location: /1\r\n",
            json!({ "id": "1" }),
            vec!["createUser/201"],
        ),
        (
            "404 Not Found",
            "",
            json!({ "error": "e" }),
            vec!["createUser/201"],
        ),
    ] {
        let plain = http(status, "application/json", &body.to_string());
        let answer = plain.replacen("\r\n", &format!("\r\n{headers}"), 1);
        let server = always(answer).await;
        let mut suite = suite(&server.url, &[]);
        let target = suite.target.take().expect("a target");
        let control = suite.plan.cases[..1].to_vec();
        let results = support::run(suite, target, control).await;
        let checks = results[0].steps.iter().flat_map(|step| &step.checks);
        let found: Vec<&str> = checks
            .flat_map(|check| check.violates.iter().map(RequirementId::as_str))
            .collect();
        assert_eq!(found, violated, "{status} {headers} {body}");
    }
}

#[tokio::test]
async fn what_the_author_alone_expects_violates_no_promise_of_the_document() {
    const PET: &str = "openapi: 3.0.3
info: { title: Pets, version: '1' }
paths:
  /pets/{id}:
    get:
      operationId: getPet
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses:
        '200':
          description: d
          content: { application/json: { schema: { type: object, required: [photos], properties: { photos: { type: array, items: { type: string } }, status: { type: string } } } } }
        '404': { description: d }
";
    let sold = "{ status: 200, body: { status: { not: sold } } }";
    let photo = "{ status: 200, body: { photos: { '0': { matches: ^h } } } }";
    let by_path = "{ status: 200, body: { '$.photos[0]': { matches: ^h } } }";
    let gone = "{ status: 404 }";
    let body = |value: Value| http("200 OK", "application/json", &value.to_string());
    for (expect, answer, place, violated) in [
        // The document allows both answers.
        (
            sold,
            body(json!({ "photos": [], "status": "sold" })),
            "body /status",
            vec![],
        ),
        (
            photo,
            body(json!({ "photos": [] })),
            "body /photos/0",
            vec![],
        ),
        // It allows none of these, whatever else the author expects of the same place.
        (
            sold,
            body(json!({ "photos": [], "status": 1 })),
            "body /status",
            vec!["getPet/200/body"],
        ),
        (
            photo,
            body(json!({ "photos": [1] })),
            "body /photos/0",
            vec!["getPet/200/member/photos"],
        ),
        (
            by_path,
            body(json!({ "photos": [1] })),
            "body /photos/0 (by $.photos[0])",
            vec!["getPet/200/member/photos"],
        ),
        (
            gone,
            body(json!({ "photos": [] })),
            "status",
            vec!["getPet/404"],
        ),
    ] {
        let server = always(answer).await;
        let files = [("openapi.yaml", PET.to_owned())];
        let (folder, _) = project(&server.url, &files, "getPet", expect);
        let case = format!(
            "edition: x
operation: getPet
request: {{ params: {{ id: '1' }} }}
control: {{ expect: {expect} }}
cases: []
"
        );
        std::fs::write(folder.path().join("cases/x/one.yaml"), case).expect("a file");
        let mut suite = load(folder.path());
        assert!(!suite.is_broken(), "{:#?}", suite.diagnostics);
        let target = suite.target.take().expect("a target");
        let cases = suite.plan.cases.clone();
        let results = support::run(suite, target, cases).await;
        let checks: Vec<_> = results[0]
            .steps
            .iter()
            .flat_map(|step| &step.checks)
            .collect();
        let found: Vec<(&str, Vec<&str>)> = checks
            .iter()
            .filter_map(|check| {
                let violates = check.violates.iter().map(RequirementId::as_str);
                Some((&*check.mismatch.as_ref()?.place, violates.collect()))
            })
            .collect();
        assert_eq!(found, [(place, violated)], "{expect}");
    }
}

#[test]
fn a_code_of_all_operations_may_have_several_statuses_and_is_a_requirement_too() {
    let errors = "code_at: /error
codes:
  - { code: bad, status: [400, 422], operations: all }
  - { code: gone, status: 410, operations: [createUser] }
";
    let suite = suite("http://127.0.0.1:1", &[("errors.yaml", errors)]);
    let contract = &suite.contracts[0];
    let code = contract.errors.code("bad").expect("the code");
    assert_eq!(code.operations, ["createUser", "GET /users/{id}"]);
    assert_eq!(code.statuses, [400, 422]);
    let derived = ids(contract);
    for id in ["createUser/code/bad", "createUser/code/gone"] {
        assert!(derived.contains(&id), "{derived:?}");
    }
}

/// A server that keeps the document, below `/tenant`.
async fn honest() -> Server {
    let told = |status: &str, headers: &str, body: &Value| {
        let plain = http(status, "application/json", &body.to_string());
        plain
            .replacen("\r\n", &format!("\r\n{headers}"), 1)
            .into_bytes()
    };
    answering(move |request| {
        let text = String::from_utf8_lossy(request).to_ascii_lowercase();
        let refused = json!({ "error": "lacking" });
        if !text.starts_with("post /tenant/users") {
            return told("404 Not Found", "", &refused);
        }
        if !text.contains("realm=") {
            return told("422 Lacking", "", &refused);
        }
        if !text.contains("x-client-id:") || !text.contains("\"name\"") {
            return told("400 Bad Request", "", &refused);
        }
        told("201 Created", "Location: /1\r\n", &json!({ "id": "1" }))
    })
    .await
}

#[tokio::test]
async fn a_suite_with_nothing_but_a_document_is_proved_on_a_server_that_is_not_ours() {
    let server = honest().await;
    let mut suite = suite(&format!("{}/tenant", server.url), &[]);
    let target = suite.target.take().expect("a target");
    let session = Session::open(suite, target, &session::Options::default(), None).await;
    let session = Arc::new(session.expect("a session"));
    let proof = prove::prove(&session, &Options::default(), |_| {}).await;
    let proof = proof.expect("the proof runs");
    let missed: Vec<&str> = proof.holes().map(|mutant| mutant.id.as_str()).collect();
    assert_eq!(missed, [""; 0], "{}", proof::summary(&proof));
    assert_eq!(
        proof.strength(),
        Strength::Proved,
        "{}",
        proof::summary(&proof)
    );
    // Each kind of promise that the document makes has its mutants.
    for family in [
        "status/201",
        "content-type/201",
        "member/id",
        "body/201",
        "swap/201",
    ] {
        let mut mutants = proof.mutants.iter();
        assert!(
            mutants.any(|one| one.id.contains(family)),
            "no mutant of {family}"
        );
    }
}

#[tokio::test]
async fn an_answer_fills_the_cell_of_the_class_that_documents_its_status() {
    let server = honest().await;
    let url = format!("{}/tenant", server.url);
    let (mut running, kept) = (suite(&url, &[]), suite(&url, &[]));
    let target = running.target.take().expect("a target");
    let cases = kept.plan.cases.clone();
    let results = support::run(running, target, cases.clone()).await;
    let matrices = judge::matrices(&kept.contracts, &cases, &results, &Seen::default());
    let of = |wanted: Matrix| {
        let mut all = matrices.iter();
        let matrix = all.find(|one| one.matrix == wanted).expect("a matrix");
        let cells = matrix.cells.iter();
        let told: Vec<(&str, State)> = cells.map(|cell| (&*cell.item, cell.state)).collect();
        told
    };
    assert_eq!(
        of(Matrix::Statuses),
        [("201", State::Satisfied), ("4XX", State::Satisfied)]
    );
}
