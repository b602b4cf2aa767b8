//! A small contract for unit tests: a door that opens for a token, a bell without a body, and a
//! login that no requirement is about.

#![cfg(test)]

use std::{fs, path::Path, slice, sync::LazyLock};

use tempfile::TempDir;

use super::{Contract, load};
use crate::ids::Edition;

const OPENAPI: &str = r#"
openapi: 3.1.0
info: { title: Door, version: 1.0.0 }
paths:
  /door/open:
    post:
      operationId: openDoor
      x-content-type: { required: true }
      parameters:
        - { name: X-client-id, in: header, required: true, schema: { type: string } }
        - { name: X-agent, in: header, schema: { type: string } }
        - { name: X-L, in: header, schema: { type: string } }
      requestBody:
        content:
          application/json:
            schema:
              type: object
              required: [code]
              properties: { code: { type: string }, note: { type: string } }
      responses:
        "200":
          description: open
          content:
            application/json:
              schema:
                type: object
                required: [status]
                properties: { status: { type: string }, expire: { type: integer }, id_token: { type: string } }
        "400": &refused
          description: refused
          content:
            application/json:
              schema:
                type: object
                required: [error_code, error_msg]
                properties: { error_code: { type: string }, error_msg: { type: string } }
        "401": *refused
  /door/bell:
    get:
      operationId: ringBell
      parameters:
        - { name: X-client-id, in: header, required: true, schema: { type: string } }
      responses:
        "204": { description: rung }
        "400": *refused
  /login:
    post:
      operationId: logIn
      responses:
        "200": { description: in, content: { application/json: {}, text/plain: {} } }
        "304": { description: in already, content: { application/json: { schema: { type: object } } } }
        "400": *refused
"#;

const EDITION: &str =
    "success: { at: /status, is: SUCCESS, hands_out: [/session_token, /id_token] }
user_claims: { in: ['', /api], identify: [id] }
";

const ERRORS: &str = r#"
edition: ciam
pattern: '^A\.\d{4}$'
code_at: /error_code
message_at: /error_msg
codes:
  - code: A.0001
    status: 400
    messages: { en: clientId cannot be empty, zh: clientId不能为空 }
    operations: [openDoor, ringBell, logIn]
    oracle: D
  - code: A.0002
    status: 401
    messages: { en: ["Wait {0} seconds, {1}", "Wait {0} s"], zh: "请等待（{0}）秒" }
    operations: [openDoor]
    oracle: D
  - code: A.0003
    status: 400
    messages: { en: Too late }
    siblings: [openDoor]
    oracle: D
  - code: A.0004
    status: 400
    operations: [logIn]
    oracle: D
"#;

const REQUIREMENTS: &str = r#"
edition: ciam
requirements:
  - &one
    id: D-OPEN
    operation: openDoor
    oracle: D
    level: must
    kind: flow
    page: Door
    row: first
    text: The door opens.
    about: { outcome: accepted }
  - { <<: *one, id: D-CLIENT, about: { header: X-client-id, mode: omitted, response: 400, code: A.0001 } }
  - { <<: *one, id: D-CODE, about: { member: /code, mode: malformed, response: 401, code: A.0002 } }
  - { <<: *one, id: D-BODY, about: { member: "", mode: omitted, outcome: refused } }
  - { <<: *one, id: D-PARTS, about: { header: [X-agent, X-L], mode: blank, outcome: refused } }
  - { <<: *one, id: D-BOTH, about: { header: X-agent, member: /note, mode: blank, outcome: refused } }
  - { <<: *one, id: D-AGENT, about: { header: X-agent, mode: blank, outcome: refused } }
  - { <<: *one, id: D-NOTE, about: { member: /note, mode: blank }, not_tested: nobody can say }
  - { <<: *one, id: D-TWICE, about: { header: X-L, mode: duplicate }, not_tested: the relay joins them }
  - { <<: *one, id: D-CASE, about: { header: X-L, mode: other-case, outcome: refused } }
  - { <<: *one, id: D-WAIT, about: { response: 401, code: A.0002 }, not_tested: nobody waits }
  - { <<: *one, id: D-LATE, oracle: S, about: { code: A.0003 }, not_tested: it takes a year }
  - { <<: *one, id: D-LOOK, oracle: O }
  - { <<: *one, id: D-REVIEW, oracle: R, not_tested: somebody has to listen }
  - { <<: *one, id: B-RING, operation: ringBell, about: { status: 204 } }
  - { <<: *one, id: B-CLIENT, operation: ringBell, about: { header: X-client-id, mode: omitted, code: A.0001 } }
"#;

/// A project's folder with the contract as the specs of `ciam`, and one case file.
pub(crate) fn project(cases: &str) -> TempDir {
    written(cases, str::to_owned)
}

fn written(cases: &str, edit: impl Fn(&str) -> String) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).unwrap();
        fs::write(path, text).unwrap();
    };
    write("specs/ciam/openapi.yaml", OPENAPI);
    write("specs/ciam/edition.yaml", EDITION);
    write("specs/ciam/errors.yaml", &edit(ERRORS));
    write("specs/ciam/requirements.yaml", &edit(REQUIREMENTS));
    write("cases/ciam/door/rows.yaml", cases);
    folder
}

/// The contract itself, read once.
pub(crate) fn contract() -> &'static Contract {
    static CONTRACT: LazyLock<Contract> = LazyLock::new(|| read(&project("")));
    &CONTRACT
}

/// The same, but its codes are numbers inside `fault`, and no text is promised: 40001 for A.0001.
pub(crate) fn numbered() -> &'static Contract {
    static CONTRACT: LazyLock<Contract> = LazyLock::new(|| {
        let form = "code_at: /fault/number\ncode_type: integer\npattern: '^4\\d{4}$'";
        let codes = regex::Regex::new(r"A\.(\d{4})").unwrap();
        let edit = |text: &str| {
            let text = text.replace("code_at: /error_code\nmessage_at: /error_msg\n", "");
            let text = text.replace(r"pattern: '^A\.\d{4}$'", form);
            codes.replace_all(&text, "\"4$1\"").into_owned()
        };
        read(&written("", edit))
    });
    &CONTRACT
}

fn read(folder: &TempDir) -> Contract {
    let mut found = Vec::new();
    let contract = load(folder.path(), Edition::named("ciam"), &mut found);
    assert!(found.iter().all(|mistake| mistake.warning), "{found:#?}");
    contract.unwrap()
}

/// The contracts of a project that has only this one.
pub(crate) fn contracts() -> &'static [Contract] {
    slice::from_ref(contract())
}
