//! Rows that the contract gives: an axis of a matrix with a value for each part of a request, or for each
//! clause of a policy.

use std::collections::BTreeMap;

use probity::{ids::RequirementId, suite::Suite};
use serde_json::Value;

use super::openapi::{load, project};

const DOCUMENT: &str = "openapi: 3.1.0
info: { title: Users, version: '1' }
paths:
  /users:
    post:
      operationId: createUser
      parameters:
        - { name: X-client-id, in: header, required: true, schema: { type: string } }
        - { name: X-trace, in: header, schema: { type: string } }
        - { name: X-agent, in: header, required: true, schema: { type: string } }
        - { name: realm, in: query, required: true, schema: { type: string } }
      requestBody:
        content:
          application/json:
            schema: { type: object, required: [a/b], properties: { a/b: { type: string }, note: { type: string } } }
      responses:
        '201': { description: d }
        '400': { description: d }
";

const REGISTER: &str = "
defaults: { page: The guide, oracle: D, level: must, kind: header }
requirements:
  - { id: U-01, operation: createUser, text: A user is made., about: { outcome: accepted } }
  - { id: U-02, operation: createUser, text: No client., about: { header: X-client-id, mode: omitted, outcome: refused } }
  - { id: U-03, operation: createUser, text: Empty client., about: { header: X-client-id, mode: blank, outcome: refused } }
  - { id: U-04, operation: createUser, text: Neither., about: { header: [X-client-id, X-agent], mode: omitted, outcome: refused } }
  - { id: U-05, operation: createUser, text: Under a state., about: { header: X-agent, mode: omitted, given: it rains, outcome: refused } }
";

const EDITION: &str = "
policies:
  name:
    too-short: { broken: \"${limits.least[1:]}\", kept: \"${limits.least}\" }
    too-long: { broken: \"${limits.least}-and-more\" }
";

fn suite(rows: &str) -> Suite {
    let files = [
        ("openapi.yaml", DOCUMENT.to_owned()),
        ("requirements.yaml", REGISTER.to_owned()),
        ("edition.yaml", EDITION.to_owned()),
    ];
    let (folder, _) = project(
        "http://127.0.0.1:1",
        &files,
        "createUser",
        "{ status: 201 }",
    );
    let cases = format!(
        "edition: x
operation: createUser
needs: {{ limits: limits }}
request: {{ headers: {{ X-client-id: c, X-agent: a }}, query: {{ realm: r }}, body: {{ a/b: n }} }}
control: {{ covers: U-01, expect: {{ status: 201 }} }}
cases:
{rows}"
    );
    std::fs::write(folder.path().join("cases/x/one.yaml"), cases).expect("a file");
    load(folder.path())
}

/// What each row covers, by its name.
fn covers(suite: &Suite) -> BTreeMap<&str, Vec<&str>> {
    let rows = suite.plan.cases.iter().filter(|case| !case.control);
    let rows = rows.map(|case| {
        let covers = case.covers.iter().map(RequirementId::as_str);
        (case.id.name(), covers.collect())
    });
    rows.collect()
}

#[test]
fn each_required_header_gets_a_row_that_covers_what_is_said_of_it_alone() {
    let suite = suite(
        "  - id: gone
    matrix: { header: { each: required-header } }
    covers: \"${matrix.header.covers.omitted}\"
    without: { header: \"${matrix.header.name}\" }
    expect: { status: 400 }
  - id: empty
    matrix: { header: { each: required-header }, way: [one, two] }
    covers: \"${matrix.header.covers.blank}\"
    blank: { header: \"${matrix.header.name}\" }
    expect: { status: 400 }
",
    );
    let expected = [
        ("gone[X-client-id]", vec!["U-02"]),
        ("gone[X-agent]", vec![]),
        ("empty[X-client-id,one]", vec!["U-03"]),
        ("empty[X-client-id,two]", vec!["U-03"]),
        ("empty[X-agent,one]", vec![]),
        ("empty[X-agent,two]", vec![]),
    ];
    assert_eq!(covers(&suite), BTreeMap::from(expected));
    let sent: Vec<bool> = suite
        .plan
        .cases
        .iter()
        .filter(|case| case.id.name().starts_with("gone"))
        .map(|case| {
            case.request
                .headers
                .iter()
                .any(|(name, _)| name == "X-agent")
        })
        .collect();
    assert_eq!(sent, [true, false]);
}

#[test]
fn members_come_with_their_pointers_and_what_is_optional_comes_apart() {
    let suite = suite(
        "  - id: member
    matrix: { member: { each: required-member } }
    without: { member: \"${matrix.member.at}\" }
    expect: { status: 400 }
  - id: free
    matrix: { member: { each: optional-member }, header: { each: optional-header }, query: { each: required-query } }
    set: { members: { \"${matrix.member.at}\": x }, headers: { \"${matrix.header.name}\": y } }
    expect: { status: 201 }
",
    );
    let names: Vec<&str> = covers(&suite).into_keys().collect();
    assert_eq!(names, ["free[note,X-trace,realm]", "member[a/b]"]);
}

#[test]
fn the_clauses_of_a_policy_give_the_values_that_break_or_keep_them() {
    let suite = suite(
        "  - id: refused
    matrix: { name: { each: broken-clause, of: name } }
    set: { members: { /a~1b: \"${matrix.name.value}\" } }
    expect: { status: 400 }
  - id: taken
    matrix: { name: { each: kept-clause, of: name } }
    set: { members: { /a~1b: \"${matrix.name.value}\" } }
    expect: { status: 201 }
",
    );
    let rows = suite.plan.cases.iter().filter(|case| !case.control);
    let values: Vec<(&str, &Value)> = rows
        .map(|case| (case.id.name(), &case.matrix["name"]["value"]))
        .collect();
    let text = |text: &str| Value::String(text.to_owned());
    let (short, kept) = (text("${limits.least[1:]}"), text("${limits.least}"));
    let long = text("${limits.least}-and-more");
    assert_eq!(
        values,
        [
            ("refused[too-short]", &short),
            ("refused[too-long]", &long),
            ("taken[too-short]", &kept)
        ]
    );
}
