//! OpenAPI documents as vendors publish them, each before a server whose answers keep or break what the
//! document says: no verdict is wrong because of how a document is written.

use std::{collections::BTreeMap, fs, path::Path};

use probity::{
    result::{CaseResult, Verdict},
    suite::{self, Suite},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::told;
use crate::{
    loopback::{always, answering, http},
    support,
};

/// A project whose edition `x` has these files, and one case file, of one operation.
pub(super) fn project(
    url: &str,
    files: &[(&str, String)],
    operation: &str,
    expect: &str,
) -> (TempDir, Suite) {
    let folder = tempfile::tempdir().expect("a folder");
    let put = |inside: &str, text: &str| {
        let path = folder.path().join(inside);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    };
    for (name, text) in files {
        put(&format!("specs/x/{name}"), text);
    }
    let case = format!(
        "edition: x\noperation: {operation}\nrequest: {{}}\ncontrol: {{ expect: {expect} }}\n"
    );
    put("cases/x/one.yaml", &case);
    let target = format!("name: tenant\neditions: {{ x: {{ base_url: \"{url}\" }} }}\n");
    put("tenants/tenant.yaml", &target);
    let suite = load(folder.path());
    (folder, suite)
}

pub(super) fn load(root: &Path) -> Suite {
    suite::load(root, Some(&root.join("tenants/tenant.yaml")))
}

/// What the one row comes to.
async fn verdict(url: &str, files: &[(&str, String)], operation: &str, expect: &str) -> CaseResult {
    let (_folder, mut suite) = project(url, files, operation, expect);
    assert!(!suite.is_broken(), "{:#?}", suite.diagnostics);
    let target = suite.target.take().expect("a target");
    let cases = suite.plan.cases.clone();
    let mut results = support::run(suite, target, cases).await;
    results.pop().expect("a result")
}

/// A document of one operation, `read`, whose answers are described by `responses`.
fn document(version: &str, responses: &Value, schemas: &Value) -> String {
    json!({
        "openapi": version,
        "info": { "title": "t", "version": "1" },
        "paths": { "/thing": { "get": { "operationId": "read", "responses": responses } } },
        "components": { "schemas": schemas },
    })
    .to_string()
}

/// The `responses` of a body with this schema.
fn body(schema: &Value) -> Value {
    json!({ "200": { "description": "d", "content": { "application/json": { "schema": schema } } } })
}

/// Asserts for each body what is found in it; nothing where the row has to pass.
async fn judged(document: &str, bodies: &[(Value, &[&str])]) {
    for (body, expected) in bodies {
        let server = always(http("200 OK", "application/json", &body.to_string())).await;
        let files = [("openapi.json", document.to_owned())];
        let result = verdict(&server.url, &files, "read", "{ status: 200 }").await;
        assert_eq!(told(&result), *expected, "{body} by {document}");
        assert_eq!(result.verdict.is_pass(), expected.is_empty(), "{body}");
    }
}

#[tokio::test]
async fn a_nullable_value_of_3_0_may_be_null_wherever_that_is_written() {
    let schemas = json!({
        "Name": { "type": "string", "minLength": 1 },
        "Kind": { "type": "string", "enum": ["a", "b"] },
    });
    let name = json!({ "$ref": "#/components/schemas/Name" });
    for (schema, right, wrong) in [
        (json!({ "type": "string", "nullable": true }), "x", json!(1)),
        (
            json!({ "type": "string", "nullable": true, "enum": ["a"] }),
            "a",
            json!("z"),
        ),
        (json!({ "nullable": true, "allOf": [name] }), "x", json!("")),
        (json!({ "nullable": true, "oneOf": [name] }), "x", json!("")),
        (
            json!({ "nullable": true, "$ref": "#/components/schemas/Kind" }),
            "b",
            json!("z"),
        ),
        (
            json!({ "type": "string", "nullable": true, "allOf": [name] }),
            "x",
            json!(1),
        ),
    ] {
        let object = json!({ "type": "object", "properties": { "v": schema } });
        let document = document("3.0.3", &body(&object), &schemas);
        let text = format!("body /v: {wrong}");
        let twice = [text.as_str(), text.as_str()];
        let count = if schema["allOf"].is_array() && schema["type"].is_string() {
            2
        } else {
            1
        };
        judged(
            &document,
            &[
                (json!({ "v": null }), &[]),
                (json!({ "v": right }), &[]),
                (json!({ "v": wrong }), &twice[..count]),
            ],
        )
        .await;
    }
    let plain =
        json!({ "type": "object", "properties": { "v": { "type": "string", "nullable": false } } });
    let document = document("3.0.3", &body(&plain), &schemas);
    judged(&document, &[(json!({ "v": null }), &["body /v: null"])]).await;
}

#[tokio::test]
async fn an_exclusive_bound_of_3_0_is_the_bound_beside_it() {
    let schema = json!({ "type": "object", "properties": {
        "more": { "type": "integer", "minimum": 0, "exclusiveMinimum": true },
        "most": { "type": "integer", "maximum": 9, "exclusiveMaximum": false },
    } });
    let document = document("3.0.4", &body(&schema), &json!({}));
    judged(
        &document,
        &[
            (json!({ "more": 1, "most": 9 }), &[]),
            (
                json!({ "more": 0, "most": 10 }),
                &["body /more: 0", "body /most: 10"],
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn what_is_only_written_is_not_missed_in_an_answer_and_noticed_there() {
    let schemas = json!({
        "Base": { "type": "object", "properties": { "secret": { "type": "string", "writeOnly": true }, "id": { "type": "string", "readOnly": true } } },
        "User": { "allOf": [{ "$ref": "#/components/schemas/Base" }, { "required": ["id", "secret"] }] },
    });
    let user = json!({ "$ref": "#/components/schemas/User" });
    for version in ["3.0.3", "3.1.0"] {
        let document = document(version, &body(&user), &schemas);
        judged(
            &document,
            &[
                (json!({ "id": "1" }), &[]),
                (json!({}), &["body /id: absent"]),
            ],
        )
        .await;
        let answer = http("200 OK", "application/json", r#"{"id":"1","secret":"s"}"#);
        let server = always(answer).await;
        let files = [("openapi.json", document)];
        let result = verdict(&server.url, &files, "read", "{ status: 200 }").await;
        assert!(
            matches!(result.verdict, Verdict::Pass(_)),
            "{:?}",
            result.verdict
        );
        let checks = result.steps.iter().flat_map(|step| &step.checks);
        let warned: Vec<String> = checks
            .filter(|check| check.warning)
            .filter_map(|check| Some(check.mismatch.as_ref()?.to_string()))
            .collect();
        assert_eq!(warned.len(), 1, "{warned:?}");
        assert!(
            warned[0].contains("only sent to the server (writeOnly)"),
            "{warned:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_is_judged_by_its_status_then_its_class_then_by_default() {
    let of = |member: &str| {
        let schema = json!({ "type": "object", "required": [member] });
        body(&schema)["200"].clone()
    };
    let responses = json!({ "200": of("exact"), "4XX": of("class"), "default": of("other") });
    let files = [("openapi.json", document("3.0.3", &responses, &json!({})))];
    for (status, code, member) in [
        ("200 OK", 200, "exact"),
        ("418 Teapot", 418, "class"),
        ("503 Busy", 503, "other"),
        ("201 Made", 201, "other"),
    ] {
        let expect = format!("{{ status: {code} }}");
        let right = always(http(
            status,
            "application/json",
            &json!({ member: 1 }).to_string(),
        ));
        let result = verdict(&right.await.url, &files, "read", &expect).await;
        assert_eq!(told(&result), [""; 0], "{status}");
        let wrong = always(http(status, "application/json", "{}"));
        let result = verdict(&wrong.await.url, &files, "read", &expect).await;
        assert_eq!(
            told(&result),
            [format!("body /{member}: absent")],
            "{status}"
        );
    }
}

#[tokio::test]
async fn a_path_item_by_reference_is_read_and_an_operation_without_an_id_has_its_line_for_a_name() {
    let schema = json!({ "type": "object", "required": ["a"] });
    let document = json!({
        "openapi": "3.0.3",
        "info": { "title": "t", "version": "1" },
        "paths": { "/thing": { "$ref": "#/x-items/thing" } },
        "x-items": { "thing": {
            "parameters": [{ "name": "X-Of-The-Path", "in": "header", "required": true, "schema": { "type": "string" } }],
            "get": { "responses": body(&json!({ "nullable": true, "allOf": [schema] })) },
        } },
    });
    let files = [("vendor.json", document.to_string())];
    for (answer, expected) in [
        (r#"{"a":1}"#, vec![]),
        ("null", vec![]),
        ("{}", vec!["body /a: absent"]),
    ] {
        let server = always(http("200 OK", "application/json", answer)).await;
        let result = verdict(&server.url, &files, "GET /thing", "{ status: 200 }").await;
        assert_eq!(told(&result), expected, "{answer}");
    }
    let (_folder, suite) = project(
        "http://127.0.0.1:1",
        &files,
        "GET /thing",
        "{ status: 200 }",
    );
    let operation = &suite.contracts[0].operations[0];
    assert_eq!(operation.headers, [("X-Of-The-Path".to_owned(), true)]);
}

#[tokio::test]
async fn a_documented_header_is_required_and_has_its_form() {
    let mut responses = body(&json!({}));
    responses["200"]["headers"] = json!({
        "X-Left": { "required": true, "schema": { "type": "integer", "minimum": 0 } },
        "X-Kind": { "schema": { "type": "string", "enum": ["a", "b"] } },
        "Content-Type": { "required": true, "schema": { "type": "string", "enum": ["never"] } },
    });
    let files = [("openapi.json", document("3.1.0", &responses, &json!({})))];
    for (headers, expected) in [
        ("X-Left: 3\r\nX-Kind: a\r\n", vec![]),
        ("X-Left: 3\r\n", vec![]),
        ("X-Kind: a\r\n", vec!["header X-Left: absent"]),
        (
            "X-Left: -1\r\nX-Kind: c\r\n",
            vec!["header X-Kind: \"c\"", "header X-Left: -1"],
        ),
        ("X-Left: many\r\n", vec!["header X-Left: \"many\""]),
    ] {
        let plain = http("200 OK", "application/json", "{}");
        let answer = plain.replacen("\r\n", &format!("\r\n{headers}"), 1);
        let server = always(answer).await;
        let result = verdict(&server.url, &files, "read", "{ status: 200 }").await;
        assert_eq!(told(&result), expected, "{headers}");
    }
}

#[tokio::test]
async fn of_several_forms_the_one_that_is_meant_is_told() {
    let schemas = json!({
        "Cat": { "type": "object", "required": ["kind", "claws"], "properties": { "kind": { "type": "string" }, "claws": {} } },
        "Dog": { "type": "object", "required": ["kind", "bark"], "properties": { "kind": { "type": "string" } } },
    });
    let forms =
        json!([{ "$ref": "#/components/schemas/Cat" }, { "$ref": "#/components/schemas/Dog" }]);
    let discriminator =
        json!({ "propertyName": "kind", "mapping": { "hound": "#/components/schemas/Dog" } });
    let told_apart = json!({ "oneOf": forms, "discriminator": discriminator });
    let document_of = |schema: &Value| document("3.1.0", &body(schema), &schemas);
    judged(
        &document_of(&told_apart),
        &[
            (json!({ "kind": "Cat", "claws": 1 }), &[]),
            (json!({ "kind": "Cat" }), &["body /claws: absent"]),
            (json!({ "kind": "hound" }), &["body /bark: absent"]),
        ],
    )
    .await;
    let or_null = json!({ "anyOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Dog" }] });
    judged(
        &document_of(&or_null),
        &[
            (json!(null), &[]),
            (json!({ "kind": "x" }), &["body /bark: absent"]),
        ],
    )
    .await;
}

#[tokio::test]
async fn files_below_the_folder_are_part_of_the_document() {
    let main = "openapi: 3.0.3\ninfo: { title: t, version: '1' }\npaths:\n  /thing: { $ref: 'paths/thing.yaml#/thing' }\n";
    let thing = "thing:\n  get:\n    operationId: read\n    responses:\n      '200':\n        description: d\n        content: { application/json: { schema: { $ref: '../schemas.json#/Thing' } } }\n";
    let schemas = json!({
        "Thing": { "type": "object", "properties": { "name": { "$ref": "#/Name" }, "main": { "$ref": "openapi.yaml#/x" } } },
        "Name": { "type": "string", "nullable": true },
    });
    let files = [
        (
            "openapi.yaml",
            format!("{main}x: {{ type: integer }}\n").replace("\nx:", "\nx-x:"),
        ),
        ("paths/thing.yaml", thing.to_owned()),
        (
            "schemas.json",
            schemas
                .to_string()
                .replace("openapi.yaml#/x", "openapi.yaml#/x-x"),
        ),
    ];
    for (answer, expected) in [
        (r#"{"name":null,"main":1}"#, vec![]),
        (
            r#"{"name":1,"main":"x"}"#,
            vec!["body /main: \"x\"", "body /name: 1"],
        ),
    ] {
        let server = always(http("200 OK", "application/json", answer)).await;
        let result = verdict(&server.url, &files, "read", "{ status: 200 }").await;
        assert_eq!(told(&result), expected, "{answer}");
    }
}

#[tokio::test]
async fn a_schema_may_have_any_name() {
    for name in ["用户", "a b", "a/b~c", "{x}", "50%", "é\"<>|"] {
        let part = name.replace('~', "~0").replace('/', "~1");
        let schema = json!({ "$ref": format!("#/components/schemas/{part}") });
        let schemas = json!({ name: { "type": "object", "required": ["id"] } });
        for version in ["3.0.3", "3.1.0"] {
            let document = document(version, &body(&schema), &schemas);
            judged(&document, &[(json!({}), &["body /id: absent"])]).await;
        }
    }
}

#[tokio::test]
async fn an_overlay_adds_what_the_vendor_forgot() {
    let open = document("3.1.0", &body(&json!({ "type": "object" })), &json!({}));
    let overlay = "overlay: 1.0.0
info: { title: o, version: '1' }
actions:
  - target: $.paths['/thing'].get.responses['200'].content.*.schema
    update: { required: [id] }
";
    let server = always(http("200 OK", "application/json", "{}")).await;
    let alone = [("openapi.json", open.clone())];
    let result = verdict(&server.url, &alone, "read", "{ status: 200 }").await;
    assert_eq!(told(&result), [""; 0]);
    let files = [
        ("openapi.json", open),
        ("openapi.overlay.yaml", overlay.to_owned()),
    ];
    let result = verdict(&server.url, &files, "read", "{ status: 200 }").await;
    assert_eq!(told(&result), ["body /id: absent"]);
}

#[tokio::test]
async fn an_operation_is_sent_below_its_server_unless_the_base_url_says_where_that_is() {
    let server = answering(|request| {
        let line = String::from_utf8_lossy(request);
        let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        http(
            "200 OK",
            "application/json",
            &json!({ "path": path }).to_string(),
        )
        .into_bytes()
    })
    .await;
    let of = |servers: Value| {
        let mut document: Value =
            serde_json::from_str(&document("3.0.3", &body(&json!({})), &json!({}))).expect("JSON");
        document["servers"] = servers;
        [("openapi.json", document.to_string())]
    };
    let named = json!([{ "url": "https://{host}/{base}", "variables": { "host": { "default": "h" }, "base": { "default": "api/v1" } } }]);
    for (servers, base, expected) in [
        (json!([]), "", "/thing"),
        (named.clone(), "", "/api/v1/thing"),
        (named, "/tenant", "/tenant/thing"),
    ] {
        let url = format!("{}{base}", server.url);
        let expect = format!("{{ status: 200, body: {{ path: {expected} }} }}");
        let result = verdict(&url, &of(servers), "read", &expect).await;
        assert_eq!(told(&result), [""; 0]);
    }
}

#[tokio::test]
async fn a_large_document_is_read_whole() {
    let mut paths = BTreeMap::new();
    let mut schemas = BTreeMap::new();
    for index in 0..600 {
        let next = format!("#/components/schemas/S{}", (index + 1) % 600);
        let schema = json!({ "type": "object", "description": "x".repeat(6_000), "properties": { "next": { "$ref": next } } });
        schemas.insert(format!("S{index}"), schema);
        let own = json!({ "$ref": format!("#/components/schemas/S{index}") });
        paths.insert(
            format!("/p{index}"),
            json!({ "get": { "operationId": format!("o{index}"), "responses": body(&own) } }),
        );
    }
    let document = json!({ "openapi": "3.0.3", "info": { "title": "t", "version": "1" }, "paths": paths, "components": { "schemas": schemas } });
    let text = document.to_string();
    // More than any file that a person writes may hold.
    assert!(text.len() > 3_000_000, "{}", text.len());
    let server = always(http("200 OK", "application/json", r#"{"next":{"next":1}}"#)).await;
    let files = [("openapi.json", text)];
    let result = verdict(&server.url, &files, "o7", "{ status: 200 }").await;
    assert_eq!(told(&result), ["body /next/next: 1"]);
}

#[tokio::test]
async fn a_format_is_a_note_unless_the_edition_asserts_formats() {
    let schema = json!({ "type": "object", "properties": {
        "at": { "type": "string", "format": "date-time" },
        "id": { "type": "string", "format": "uuid" },
        "raw": { "type": "string", "format": "byte" },
        "own": { "type": "string", "format": "of-our-own" },
    } });
    let document = document("3.0.3", &body(&schema), &json!({}));
    let wrong = json!({ "at": "noon", "id": "7", "raw": "*", "own": "x" });
    judged(&document, &[(wrong.clone(), &[])]).await;
    for (answer, expected) in [
        (
            json!({ "at": "2026-11-30T12:00:00Z", "id": "9b7c1e0a-52ad-4d5e-8d53-0a2f6c1b7e11", "raw": "QQ==", "own": "x" }),
            vec![],
        ),
        (
            wrong,
            vec!["body /at: \"noon\"", "body /id: \"7\"", "body /raw: \"*\""],
        ),
    ] {
        let server = always(http("200 OK", "application/json", &answer.to_string())).await;
        let files = [
            ("openapi.json", document.clone()),
            ("edition.yaml", "formats: asserted\n".to_owned()),
        ];
        let result = verdict(&server.url, &files, "read", "{ status: 200 }").await;
        assert_eq!(told(&result), expected, "{answer}");
    }
}

#[tokio::test]
async fn a_success_is_what_the_edition_says_it_is() {
    let document = document(
        "3.0.3",
        &json!({ "default": { "description": "d" } }),
        &json!({}),
    );
    let said = "success: { at: /outcome/word, is: done, hands_out: [/ticket] }\n";
    for (edition, status, body, refused) in [
        (said, "200 OK", r#"{"outcome":{"word":"denied"}}"#, true),
        (said, "200 OK", r#"{"outcome":{"word":"done"}}"#, false),
        (
            said,
            "403 No",
            r#"{"outcome":{"word":"denied"},"ticket":"t"}"#,
            false,
        ),
        (said, "200 OK", "{}", false),
        (said, "403 No", "{}", true),
        ("edition: x\n", "200 OK", r#"{"status":"FAILED"}"#, false),
        (
            "edition: x\n",
            "403 No",
            r#"{"status":"SUCCESS","session_token":"t"}"#,
            true,
        ),
    ] {
        let server = always(http(status, "application/json", body)).await;
        let files = [
            ("openapi.json", document.clone()),
            ("edition.yaml", edition.to_owned()),
        ];
        let result = verdict(&server.url, &files, "read", "{ not-success: true }").await;
        assert_eq!(
            result.verdict.is_pass(),
            refused,
            "{edition} {status} {body} {:?}",
            told(&result)
        );
    }
}
