//! `probity new`: what is drafted from a document lints clean, runs, and promises nothing that the document
//! does not say.

use std::{collections::BTreeMap, fs, path::Path};

use super::{Outcome, finish, program, temporary};
use crate::loopback::{answering, http};

const DOCUMENT: &str = "openapi: 3.1.0
info: { title: Users, version: '1' }
servers: [{ url: 'https://users.example' }]
components:
  securitySchemes: { token: { type: http, scheme: bearer } }
security: [{ token: [] }]
paths:
  /users:
    post:
      operationId: createUser
      summary: Makes a user of what ${you} send
      security: []
      parameters:
        - { name: X-trace, in: header, required: true, schema: { type: integer } }
        - { name: realm, in: query, required: true, schema: { type: string, minLength: 1 } }
        - { name: page, in: query, schema: { type: integer } }
      requestBody: { content: { application/json: { schema: { $ref: 'schemas/user.yaml' } } } }
      responses:
        '201': { description: Made, content: { application/json: { schema: { type: object, required: [id] } } } }
        '409': { description: There is one of that name }
  /users/{id}:
    get:
      operationId: getUser
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses:
        '200': { description: The user }
        '401': { description: Who are you? }
        default: { description: Anything else }
    delete:
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses: { '204': { description: Gone } }
  /groups/{id}:
    get:
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses: { '200': { description: A group } }
";

const USER: &str = "type: object
required: [name, age]
properties:
  name: { type: string, example: Ada }
  age: { type: integer, minimum: 18 }
  note: { type: string }
";

/// A folder with the document in a folder of its own.
fn folder() -> tempfile::TempDir {
    let folder = temporary();
    fs::create_dir_all(folder.path().join("api/schemas")).expect("a folder");
    fs::write(folder.path().join("api/users.yaml"), DOCUMENT).expect("a file");
    fs::write(folder.path().join("api/schemas/user.yaml"), USER).expect("a file");
    folder
}

fn call(folder: &Path, arguments: &[&str]) -> Outcome {
    let mut command = program();
    command.current_dir(folder).args(arguments);
    finish(command)
}

fn new(folder: &Path, more: &[&str]) -> Outcome {
    let all = [&["new", "users", "--openapi", "api/users.yaml"], more].concat();
    call(folder, &all)
}

/// The files below a folder, with their texts.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let all = walkdir::WalkDir::new(folder).into_iter().flatten();
    let files = all.filter(|entry| entry.path().is_file());
    let text = |entry: &walkdir::DirEntry| fs::read_to_string(entry.path()).unwrap_or_default();
    let path = |entry: &walkdir::DirEntry| {
        let inside = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        inside.to_string_lossy().into_owned()
    };
    files.map(|entry| (path(&entry), text(&entry))).collect()
}

#[test]
fn a_draft_has_everything_and_no_mistake_and_takes_along_what_the_document_refers_to() {
    let folder = folder();
    let drafted = new(folder.path(), &[]).expect(0);
    assert!(
        drafted.out.starts_with("users: 4 operations, "),
        "{}",
        drafted.out
    );
    let files = files(&folder.path().join("users"));
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            ".gitignore",
            "README.md",
            "cases/users/DELETE-users-id.yaml",
            "cases/users/GET-groups-id.yaml",
            "cases/users/createUser.yaml",
            "cases/users/getUser.yaml",
            "specs/users/openapi.yaml",
            "specs/users/schemas/user.yaml",
            "tenants/local.yaml",
        ]
    );
    assert_eq!(files["specs/users/openapi.yaml"], DOCUMENT);
    let lint = call(
        folder.path(),
        &["lint", "--root", "users", "--target", "tenants/local.yaml"],
    );
    let lint = lint.expect(0);
    assert!(lint.out.contains("0 mistakes, 0 warnings"), "{}", lint.out);
    assert!(lint.err.is_empty(), "{}", lint.err);
}

#[test]
fn the_request_is_the_documented_one_and_each_row_is_what_the_document_says() {
    let folder = folder();
    new(folder.path(), &[]).expect(0);
    let files = files(&folder.path().join("users"));
    assert_eq!(
        files["cases/users/createUser.yaml"],
        "# Makes a user of what ${you} send
edition: users
operation: createUser
request:
  query:
    realm: text
  headers:
    Content-Type: application/json
    X-trace: \"1\"
  body:
    name: Ada
    age: 18
control:
  expect: { status: 201 }
cases:
  - id: without-header
    matrix: { header: { each: required-header } }
    without: { header: \"${matrix.header.name}\" }
    expect: { not-success: true }

  - id: blank-header
    matrix: { header: [X-trace] }
    blank: { header: \"${matrix.header}\" }
    expect: { not-success: true }

  - id: wrong-header
    title: A value of another type than documented
    matrix:
      - { header: X-trace, value: not-a-number }
    set: { headers: { \"${matrix.header}\": \"${matrix.value}\" } }
    expect: { not-success: true }

  - id: without-query
    matrix: { query: { each: required-query } }
    without: { query: \"${matrix.query.name}\" }
    expect: { not-success: true }

  - id: blank-query
    matrix: { query: [realm] }
    blank: { query: \"${matrix.query}\" }
    expect: { not-success: true }

  - id: without-member
    matrix: { member: { each: required-member } }
    without: { member: \"${matrix.member.at}\" }
    expect: { not-success: true }

  - id: empty-member
    matrix: { member: [/name] }
    blank: { member: \"${matrix.member}\" }
    observe: The document does not say what an empty one means.

  - id: wrong-member
    title: A value of another type than documented
    matrix:
      - { member: /name, value: 7 }
      - { member: /age, value: wrong }
    set: { members: { \"${matrix.member}\": \"${matrix.value}\" } }
    expect: { not-success: true }

  - id: answered-409
    title: \"There is one of that name\"
    todo: \"alter the request so that it is answered with 409\"
    expect: { status: 409 }
"
    );
    // Two things of the same name in the path are two, and who asks without a token gets the 401.
    let user = &files["cases/users/getUser.yaml"];
    for part in [
        "needs: { login: login, users_id: users_id }\n",
        "    id: \"${users_id.value}\"\n",
        "    Authorization: \"Bearer ${login.token}\"\n",
        "  - id: answered-401\n    title: \"Who are you?\"\n    without: { header: Authorization }\n",
        "  - id: answered-default\n",
    ] {
        assert!(user.contains(part), "{part} is not in\n{user}");
    }
    assert!(files["cases/users/DELETE-users-id.yaml"].contains("  risk: destructive\n"));
    let target = &files["tenants/local.yaml"];
    for part in [
        "base_url: https://users.example ",
        "  login: { values: { token: { env: USERS_TOKEN } } }\n",
        "  groups_id: { values: { value: { env: USERS_GROUPS_ID } } }\n",
    ] {
        assert!(target.contains(part), "{part} is not in\n{target}");
    }
}

/// A server of users: it wants a name, and takes everything else.
fn users(request: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(request).into_owned();
    let json = "application/json";
    if !text.starts_with("POST /users?realm=") {
        return http("404 Not Found", json, "{}").into_bytes();
    }
    let body = text.rsplit("\r\n\r\n").next().unwrap_or_default();
    let body: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    let (status, answer) = if body["name"].is_string() {
        ("201 Created", r#"{"id":"1"}"#)
    } else {
        ("409 Conflict", "{}")
    };
    http(status, json, answer).into_bytes()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_finds_what_a_server_lets_pass_and_calls_nothing_green_that_was_not_judged() {
    let server = answering(users).await;
    let url = server.url.clone();
    let run = tokio::task::spawn_blocking(move || {
        let folder = folder();
        new(folder.path(), &["--url", &url]).expect(0);
        let place = ["--root", "users", "--target", "tenants/local.yaml"];
        let filter = ["run", "users/createUser", "--long"];
        let run = call(folder.path(), &[&filter[..], &place].concat()).expect(1);
        let junit = fs::read_to_string(folder.path().join("reports/junit.xml")).expect("a report");
        // Nobody said which user there is, so nothing of him was asked.
        let user = call(
            folder.path(),
            &[&["run", "users/getUser"][..], &place].concat(),
        );
        (run, user, junit)
    });
    let (run, user, junit) = run.await.expect("no panic");
    for id in [
        "createUser/without-header[X-trace]",
        "createUser/without-member[age]",
        "createUser/wrong-member[/age]",
    ] {
        assert!(run.out.contains(id), "{id} is not in\n{}", run.out);
    }
    assert!(run.out.contains("to be filled in"), "{}", run.out);
    // What the server refuses rightly passes.
    let rows: Vec<&str> = junit.split("<testcase ").collect();
    let refused = rows.iter().find(|row| row.contains("without-member[name]"));
    assert!(
        refused.is_some_and(|row| !row.contains("<failure")),
        "{junit}"
    );
    assert_ne!(user.code, 0, "{}", user.out);
    let told = format!("{}{}", user.out, user.err);
    assert!(told.contains("USERS_"), "{told}");
}

#[test]
fn nothing_is_written_over_and_nothing_is_left_of_what_cannot_be_drafted() {
    let folder = folder();
    let mine = folder.path().join("users/mine.txt");
    fs::create_dir(folder.path().join("users")).unwrap();
    fs::write(&mine, "mine").unwrap();
    let refused = new(folder.path(), &[]).expect(3);
    assert!(
        refused.err.contains("not empty; nothing was written"),
        "{}",
        refused.err
    );
    assert_eq!(fs::read_to_string(&mine).unwrap(), "mine");
    fs::remove_file(&mine).unwrap();
    for (text, why) in [
        ("swagger: '2.0'\n", "2.0"),
        (
            "openapi: 3.1.0\ninfo: { title: x, version: '1' }\npaths: {}\n",
            "has no operation",
        ),
        ("openapi: 3.1.0\n  : x\n", "nothing was written"),
        ("a: [\n", "error"),
    ] {
        fs::write(folder.path().join("api/users.yaml"), text).unwrap();
        let refused = new(folder.path(), &[]).expect(3);
        assert!(refused.err.contains(why), "{text}: {}", refused.err);
        assert_eq!(files(&folder.path().join("users")), BTreeMap::new());
    }
    for (arguments, why) in [
        (
            &["new", "Users API", "--openapi", "api/users.yaml"][..],
            "small letters",
        ),
        (
            &["new", "users", "--openapi", "nowhere.yaml"],
            "nowhere.yaml",
        ),
        (&["new", "users"], "--openapi"),
    ] {
        let refused = call(folder.path(), arguments).expect(3);
        assert!(refused.err.contains(why), "{arguments:?}: {}", refused.err);
    }
    let left: Vec<String> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert!(
        left.iter().all(|name| !name.starts_with(".probity-new")),
        "{left:?}"
    );
}

#[test]
fn without_a_document_recorded_calls_give_one_and_no_secret_is_written() {
    let archive = serde_json::json!({ "log": { "entries": [{
        "request": {
            "method": "POST",
            "url": "http://127.0.0.1:1/login",
            "headers": [{ "name": "Authorization", "value": "Basic c2VzYW1lOm9uZQ==" }],
            "postData": { "mimeType": "application/json", "text": "{\"user\":\"ada\",\"password\":\"sesame-two\"}" },
        },
        "response": { "status": 200, "content": { "mimeType": "application/json", "text": "{\"token\":\"sesame-three\"}" } },
    }] } });
    let folder = temporary();
    fs::write(folder.path().join("a.har"), archive.to_string()).expect("a file");
    call(folder.path(), &["new", "users", "--har", "a.har"]).expect(0);
    let files = files(&folder.path().join("users"));
    for (path, text) in &files {
        for secret in ["sesame", "c2VzYW1l"] {
            assert!(!text.contains(secret), "{secret} is in {path}");
        }
    }
    let cases = &files["cases/users/POST-login.yaml"];
    for part in [
        "user: ada\n",
        "password: \"${password.value}\"\n",
        "observe: It was recorded",
    ] {
        assert!(cases.contains(part), "{part} is not in\n{cases}");
    }
    let lint = ["lint", "--root", "users", "--target", "tenants/local.yaml"];
    let lint = call(folder.path(), &lint).expect(0);
    assert!(lint.out.contains("0 mistakes, 0 warnings"), "{}", lint.out);
    fs::write(folder.path().join("a.har"), "{}").expect("a file");
    let refused = call(folder.path(), &["new", "others", "--har", "a.har"]).expect(3);
    assert!(refused.err.contains("no HTTP Archive"), "{}", refused.err);
}
