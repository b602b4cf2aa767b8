//! Refusals of another form: the error table says where the code and the text stand.

use super::{passed, project, run, told};
use crate::loopback::{always, http};

const PATHS: &str = "
  /things:
    get:
      operationId: listThings
      responses:
        '200': { description: d }
        '404':
          description: d
          content: { application/json: { schema: { type: object } } }
";

const NUMBERS: &str = "
pattern: '^\\d{3}$'
code_at: /error/number
code_type: integer
message_at: /message
codes:
  - { code: '110', status: 404, messages: { en: 'Thing {0} is unknown' }, operations: [listThings] }
  - { code: '111', status: 404, operations: [listThings] }
";

fn rows(expect: &str) -> String {
    format!(
        "edition: ciam\noperation: listThings\nrequest: {{}}\ncontrol: {{ expect: {expect} }}\n"
    )
}

#[tokio::test]
async fn a_code_is_found_where_the_table_says_and_in_the_type_it_says() {
    let body = r#"{"error":{"number":110},"message":"Thing x is unknown"}"#;
    let server = always(http("404 Not Found", "application/json", body)).await;
    for (expect, holds) in [
        ("{ error: '110', message: { language: en } }", true),
        ("{ status: 404, error: any }", true),
        ("{ error: '111' }", false),
        ("{ error: '110', message: { contains: nothing } }", false),
        (
            "{ error: '110', message: { pattern: 'Thing \\w+ is unknown' } }",
            true,
        ),
        (
            "{ error: '110', message: { pattern: 'Thing \\w+' } }",
            false,
        ),
    ] {
        let results = run(&server, PATHS, NUMBERS, &rows(expect)).await;
        passed(&results, if holds { &["control"] } else { &[] });
    }
    let texts = NUMBERS.replace("integer", "string");
    let results = run(&server, PATHS, &texts, &rows("{ error: '110' }")).await;
    assert_eq!(told(&results["control"]), ["body /error/number: 110"]);
}

#[tokio::test]
async fn no_text_is_demanded_where_the_table_promises_none() {
    let body = r#"{"error":"gone"}"#;
    let server = always(http("404 Not Found", "application/json", body)).await;
    let errors = "
pattern: '^[a-z]+$'
code_at: /error
codes: [{ code: gone, status: 404, operations: [listThings] }]
";
    let results = run(&server, PATHS, errors, &rows("{ error: gone }")).await;
    passed(&results, &["control"]);
    let other = errors.replace("code_at", "message_at: /why\ncode_at");
    let results = run(&server, PATHS, &other, &rows("{ error: gone }")).await;
    assert_eq!(told(&results["control"]), ["body /why: absent"]);
}

#[test]
fn a_place_of_the_code_that_is_no_pointer_is_a_mistake() {
    let errors = "pattern: '^a$'\ncode_at: error\ncodes: []\n";
    let suite = project(
        "http://127.0.0.1:1",
        PATHS,
        errors,
        &rows("{ status: 200 }"),
    );
    assert!(
        suite
            .diagnostics
            .iter()
            .any(|told| told.code == "bad-pointer")
    );
}
