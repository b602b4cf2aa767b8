//! Values that a row draws when it needs them: a second code after the first was used, and several of one
//! provider.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use super::{carried_out, passed, project_with, told};
use crate::loopback::{Server, answering, http};

const ERRORS: &str = "pattern: '^[a-z]+$'\ncode_at: /error\ncodes: []\n";

const PATHS: &str = "
  /verify: { post: { operationId: verify, responses: { '200': { description: d }, '400': { description: d } } } }
  /codes: { post: { operationId: sendCode, responses: { '200': { description: d } } } }
";

/// A service of verification codes: a new code of a user ends the one before, and each is good once.
#[derive(Default)]
struct Codes {
    count: usize,
    valid: BTreeMap<String, String>,
    /// What was asked for, in order.
    asked: Vec<String>,
}

impl Codes {
    fn answer(&mut self, request: &[u8], once: bool) -> Vec<u8> {
        let text = String::from_utf8_lossy(request).into_owned();
        let body = text.rsplit("\r\n\r\n").next().unwrap_or_default();
        let body: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
        let user = body["user"].as_str().unwrap_or_default().to_owned();
        let line = text.split(" HTTP").next().unwrap_or_default();
        self.asked.push(format!("{line} {user}"));
        let json = "application/json";
        let answer = match line {
            "POST /codes" => {
                self.count += 1;
                let code = format!("c{}", self.count);
                self.valid.insert(user, code.clone());
                http("200 OK", json, &format!(r#"{{"code":"{code}"}}"#))
            }
            "POST /verify"
                if self.valid.get(&user).map(String::as_str) == body["code"].as_str() =>
            {
                if once {
                    self.valid.remove(&user);
                }
                http("200 OK", json, "{}")
            }
            "POST /verify" => http("400 Bad Request", json, r#"{"error":"code"}"#),
            _ => http("404 Not Found", json, "{}"),
        };
        answer.into_bytes()
    }
}

async fn service(once: bool) -> (Server, Arc<Mutex<Codes>>) {
    let codes: Arc<Mutex<Codes>> = Arc::default();
    let shared = Arc::clone(&codes);
    let server = answering(move |request| {
        let mut codes = shared.lock().expect("no other panic");
        codes.answer(request, once)
    })
    .await;
    (server, codes)
}

const PROVIDERS: &str = "
  code:
    steps: [{ operation: sendCode, body: { user: '${with.user}' }, expect: { status: 200 }, capture: { code: /code } }]
  broken:
    steps: [{ name: draw, request: POST /nowhere, expect: { status: 200 } }]
";

const CASES: &str = "
edition: ciam
operation: verify
needs: { first: { provider: code, with: { user: control } } }
request: { body: { user: control, code: '${first.code}' } }
control: { expect: { status: 200 } }
cases:
  - id: a-second-code
    needs: { first: { provider: code, with: { user: a } } }
    set: { members: { /user: a } }
    expect: { status: 200 }
    then:
      - { name: used, repeat-request: true, expect: { status: 400, body: { error: code } } }
      - { name: drawn, operation: verify, needs: { second: { provider: code, with: { user: a } } }, body: { user: a, code: '${second.code}' }, expect: { status: 200 } }
      - { name: the-same, operation: verify, body: { user: a, code: '${second.code}' }, expect: { status: 400 } }
  - id: a-code-each-time
    needs: { first: { provider: code, with: { user: b } } }
    set: { members: { /user: b } }
    expect: { status: 200 }
    then:
      - { name: drawn, operation: verify, repeat: 3, needs: { next: { provider: code, with: { user: b } } }, body: { user: b, code: '${next.code}' }, expect: { status: 200 } }
  - id: two-at-once
    needs: { first: { provider: code, with: { user: c } }, other: { provider: code, with: { user: d } } }
    set: { members: { /user: c } }
    expect: { status: 200 }
    then: [{ operation: verify, body: { user: d, code: '${other.code}' }, expect: { status: 200 } }]
  - id: in-setup
    needs: { first: { provider: code, with: { user: e } } }
    setup: [{ operation: verify, needs: { before: { provider: code, with: { user: e } } }, body: { user: e, code: '${before.code}' }, expect: { status: 200 } }]
    set: { members: { /user: e } }
    expect: { status: 400, body: { error: code } }
";

#[tokio::test]
async fn a_step_draws_a_value_of_its_own_when_it_is_sent() {
    let (server, codes) = service(true).await;
    let results = carried_out(project_with(&server.url, PATHS, ERRORS, CASES, PROVIDERS)).await;
    let all = [
        "control",
        "a-second-code",
        "a-code-each-time",
        "two-at-once",
        "in-setup",
    ];
    passed(&results, &all);
    // The second code is asked for when the first was used, and not before.
    let asked = codes.lock().expect("no other panic").asked.clone();
    let of_user = asked.iter().filter_map(|line| line.strip_suffix(" a"));
    let lines: Vec<&str> = of_user.collect();
    let (draw, verify) = ("POST /codes", "POST /verify");
    assert_eq!(lines, [draw, verify, verify, draw, verify, verify]);

    let (server, _) = service(false).await;
    let results = carried_out(project_with(&server.url, PATHS, ERRORS, CASES, PROVIDERS)).await;
    let row = &results["a-second-code"];
    assert_eq!(told(row)[0], "status: 200");
    assert_eq!(row.broken().next().expect("one").0.name.as_str(), "used");
}

#[tokio::test]
async fn a_provider_gives_what_it_extends_and_adds_its_own() {
    let providers = "
  code:
    steps: [{ operation: sendCode, body: { user: '${with.user}' }, expect: { status: 200 }, capture: { code: /code } }]
    yields: { code: '${code}', user: '${with.user}', kind: plain }
  checked:
    extends: { provider: code, with: { user: '${with.user}' } }
    steps: [{ operation: verify, body: { user: '${base.user}', code: '${base.code}' }, expect: { status: 200 } }]
    yields: { kind: checked, front: 'of-${base.user}' }
  twice-checked:
    extends: { provider: checked, with: { user: '${with.user}' } }
    steps: [{ operation: sendCode, body: { user: '${base.user}' }, capture: { second: /code } }]
";
    let case = "
edition: ciam
operation: verify
needs: { it: { provider: twice-checked, with: { user: a } } }
request: { body: { user: '${it.user}', code: '${it.second}', kind: '${it.kind}', front: '${it.front}', first: '${it.code}' } }
control: { expect: { status: 200 } }
";
    let (server, codes) = service(true).await;
    let suite = project_with(&server.url, PATHS, ERRORS, case, providers);
    let results = carried_out(suite).await;
    passed(&results, &["control"]);
    let control = &results["control"];
    let sent = control.steps.last().and_then(|step| step.exchange.as_ref());
    let body = sent.and_then(|sent| sent.request_body.as_deref());
    let body: serde_json::Value = serde_json::from_str(body.expect("a body")).expect("JSON");
    assert_eq!(
        (&body["kind"], &body["front"]),
        (&"checked".into(), &"of-a".into())
    );
    let codes = codes.lock().expect("no other panic");
    assert_eq!(codes.count, 2, "each is called once: {:?}", codes.asked);

    // What none of the three gives is told before anything is sent.
    let case = case.replace("it.front", "it.frint");
    let suite = project_with(&server.url, PATHS, ERRORS, &case, providers);
    let mistakes: Vec<_> = suite
        .diagnostics
        .iter()
        .map(|one| (one.code, one.help.as_deref()))
        .collect();
    assert_eq!(mistakes, [("unbound-name", Some("did you mean `front`?"))]);
}

#[tokio::test]
async fn a_provider_whose_base_fails_is_the_bases_failure() {
    let providers = "
  broken: { steps: [{ name: draw, request: POST /nowhere, expect: { status: 200 } }] }
  more: { extends: broken, yields: { own: yes } }
";
    let case = "
edition: ciam
operation: verify
needs: { it: more }
request: { body: { own: '${it.own}' } }
control: { expect: { status: 200 } }
";
    let (server, _) = service(true).await;
    let suite = project_with(&server.url, PATHS, ERRORS, case, providers);
    let results = carried_out(suite).await;
    let why = results["control"].detail.as_deref();
    assert_eq!(
        why,
        Some("provider `broken`, step `draw` status: expected 200 but was 404")
    );
}

#[tokio::test]
async fn a_provider_that_fails_after_the_request_is_an_error_and_hides_no_finding() {
    let row = |expect: &str, provider: &str| {
        format!(
            "edition: ciam\noperation: verify\nneeds: {{ first: {{ provider: code, with: {{ user: a }} }} }}\n\
             request: {{ body: {{ user: a, code: '${{first.code}}' }} }}\ncontrol: {{ expect: {{ status: 200 }} }}\n\
             cases: [{{ id: row, expect: {{ {expect} }}, then: [{{ repeat-request: true, needs: {{ more: {provider} }}, expect: {{ status: 400 }} }}] }}]\n"
        )
    };
    for (expect, provider, verdict, why) in [
        (
            "status: 200",
            "broken",
            "error",
            "provider `broken`, step `draw` status: expected 200 but was 404",
        ),
        ("status: 200, body: { ok: true }", "broken", "fail", ""),
        (
            "status: 200",
            "elsewhere",
            "skip",
            "the target does not provide `elsewhere`",
        ),
    ] {
        let (server, codes) = service(true).await;
        let suite = project_with(
            &server.url,
            PATHS,
            ERRORS,
            &row(expect, provider),
            PROVIDERS,
        );
        let results = carried_out(suite).await;
        let result = &results["row"];
        assert_eq!(result.verdict.label(), verdict, "{:?}", result.detail);
        assert_eq!(result.detail.as_deref().unwrap_or_default(), why);
        let codes = codes.lock().expect("no other panic");
        // The control verifies once; a row that lacks something does not begin.
        let verified = codes
            .asked
            .iter()
            .filter(|line| line.starts_with("POST /verify"));
        assert_eq!(
            verified.count(),
            if verdict == "skip" { 1 } else { 2 },
            "{provider}"
        );
    }
}
