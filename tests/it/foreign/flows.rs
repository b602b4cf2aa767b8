//! Flows of several legs: cookies of several actors, redirects taken apart or gone after, values of
//! headers and texts sent back, fields of forms and parameters of queries altered.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::{passed, project, run, told};
use crate::loopback::answering;

const ERRORS: &str = "pattern: '^[a-z]+$'\ncode_at: /error\ncodes: []\n";

fn lines(request: &[u8]) -> (String, String) {
    let text = String::from_utf8_lossy(request).into_owned();
    let line = text.lines().next().unwrap_or_default();
    let asked = line.trim_end_matches(" HTTP/1.1").to_owned();
    (asked, text)
}

fn answer(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

/// A service of sessions: `/in` makes one, `/me` names it, `/go` redirects in steps, `/nonce`
/// demands what it handed out.
fn sessions(request: &[u8]) -> Vec<u8> {
    let (asked, text) = lines(request);
    let header = |name: &str| {
        let mut lines = text.lines().filter_map(|line| line.split_once(": "));
        let found = lines.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    };
    match asked.as_str() {
        "POST /in" => {
            let user = text.rsplit("\r\n\r\n").next().unwrap_or_default();
            let cookies = format!(
                "Set-Cookie: sid=s-{user}; Path=/; HttpOnly\r\nSet-Cookie: hint={user}; Path=/in\r\n"
            );
            answer("204 No Content", &cookies, "")
        }
        "GET /me" => {
            let body = format!(r#"{{"cookie":"{}"}}"#, header("cookie"));
            answer("200 OK", "Content-Type: application/json\r\n", &body)
        }
        "GET /go/3" => answer("302 Found", "Location: go/2\r\nSet-Cookie: hop=1\r\n", ""),
        "GET /go/go/2" => answer("302 Found", "Location: /go/1?hop=yes#part\r\n", ""),
        "GET /go/1?hop=yes" => answer("303 See Other", "Location: /me\r\n", ""),
        "GET /away" => answer(
            "302 Found",
            "Location: http://127.0.0.1:1/x?code=c%201&a=1&a=2\r\n",
            "",
        ),
        "GET /nonce" if header("x-nonce") == "n-7" => answer("200 OK", "", "fine"),
        "GET /nonce" => answer(
            "401 Unauthorized",
            "WWW-Authenticate: Digest realm=\"r\", nonce=\"n-7\"\r\nContent-Type: text/html\r\n",
            "<input name=\"csrf\" value=\"v-9\">",
        ),
        _ => answer("404 Not Found", "", ""),
    }
}

const PATHS: &str = "
  /me: { get: { operationId: whoAmI, responses: { '200': { description: d } } } }
  /away: { get: { operationId: goAway, responses: { '302': { description: d } } } }
";

#[tokio::test]
async fn each_actor_keeps_their_own_cookies_and_nobody_gets_any_unasked() {
    let case = "
edition: ciam
operation: whoAmI
request: { actor: alice }
control: { expect: { body: { cookie: '' } } }
cases:
  - id: two-actors
    setup:
      - { request: POST /in, actor: alice, raw-body: alice,
          expect: { cookies: { sid: { http-only: true, secure: false }, hint: { path: /in } } },
          capture: { sid: { cookie: sid } } }
      - { request: POST /in, actor: bob, raw-body: bob }
    expect: { body: { cookie: sid=s-alice } }
    then:
      - { request: GET /me, actor: bob, expect: { body: { cookie: sid=s-bob } } }
      - { request: GET /me, expect: { body: { cookie: '' } } }
      - { request: GET /me, actor: bob, headers: { Cookie: own=1 }, expect: { body: { cookie: own=1 } } }
      - { request: GET /me, headers: { Cookie: 'x=${sid}' }, expect: { body: { cookie: x=s-alice } } }
  - id: another-actor
    setup:
      - { request: POST /in, actor: bob, raw-body: bob }
    set: { actor: bob }
    expect: { body: { cookie: sid=s-bob } }
  - id: no-cookie-is-left-from-other-rows
    expect: { body: { cookie: '' } }
  - id: exactly-written
    setup:
      - { request: POST /in, actor: alice, raw-body: alice }
    raw: true
    expect: { body: { cookie: sid=s-alice } }
  - id: wrong
    expect: { cookies: { sid: { value: x } } }
";
    let server = answering(|request| {
        let text = String::from_utf8_lossy(request).replace("\r\nCookie:", "\r\ncookie:");
        sessions(text.as_bytes())
    })
    .await;
    let results = run(&server, PATHS, ERRORS, case).await;
    passed(
        &results,
        &[
            "control",
            "two-actors",
            "another-actor",
            "no-cookie-is-left-from-other-rows",
            "exactly-written",
        ],
    );
    assert_eq!(told(&results["wrong"]), ["cookie sid: absent"]);
    let exchanges = results["two-actors"].steps.iter();
    let exchanges: Vec<_> = exchanges.map(|step| &step.exchange).collect();
    let shown = format!("{exchanges:?}");
    assert!(!shown.contains("s-alice"), "a session is shown: {shown}");
}

#[tokio::test]
async fn a_redirect_is_taken_apart_and_gone_after_only_when_asked_and_on_the_same_host() {
    let case = "
edition: ciam
operation: goAway
request: { capture: { code: { location: /query/code }, last: { location: /query/a/1 } } }
control:
  expect:
    status: 302
    location: { origin: 'http://127.0.0.1:1', path: /x, query: { code: c 1, a: ['1', '2'] } }
  then:
    - { request: 'GET /me', headers: { Cookie: 'c=${code}${last}' }, expect: { body: { cookie: c=c 12 } } }
  cleanup: [{ name: at-the-end, request: POST /in, raw-body: '${code}' }]
cases:
  - id: to-the-end
    expect: { status: 302 }
    then:
      - { request: GET /go/3, actor: alice, follow: true, expect: { status: 200, body: { cookie: hop=1 } } }
      - { request: GET /go/3, follow: 2, expect: { status: 303, location: { path: /me } } }
      - { request: GET /go/3, expect: { status: 302, location: { text: go/2 } } }
      - { request: GET /away, follow: true, expect: { status: 302 } }
  - id: wrong-place
    expect: { location: { path: /y, query: { code: { absent: true } } } }
";
    let server = answering(sessions).await;
    let results = run(&server, PATHS, ERRORS, case).await;
    // A cookie set below `/go/` is for that path, so the end of the redirects does not get it.
    let failed = &results["to-the-end"];
    assert_eq!(told(failed), ["body /cookie: \"\""]);
    let wrong = told(&results["wrong-place"]);
    assert_eq!(wrong[0], "location/path: \"/x\"");
    // What a code was given for is known by its place in a URL, and nobody reads it.
    assert!(
        wrong[1].starts_with("location/query/code: \"[secret:"),
        "{wrong:?}"
    );
    assert!(
        results["control"].verdict.is_pass(),
        "{:?}",
        told(&results["control"])
    );
    let last = results["control"].steps.last();
    assert!(last.is_some_and(
        |step| step.name == "at-the-end" && step.part == probity::result::Part::Cleanup
    ));
    let attempts: Vec<_> = failed.steps.iter().map(|step| step.attempts).collect();
    assert_eq!(attempts, [1, 4, 3, 1, 1]);
}

#[tokio::test]
async fn what_a_refusal_hands_out_is_sent_back_from_headers_and_texts() {
    let case = "
edition: ciam
operation: whoAmI
let: { verifier: '${pkce_verifier()}', challenge: '${verifier | pkce_challenge}', twice: '${verifier}' }
request: {}
control: { expect: { status: 200 } }
cases:
  - id: nonce
    setup:
      - request: GET /nonce
        expect: { status: 401, headers: { WWW-Authenticate: { contains: Digest }, Retry-After: { absent: true } } }
        capture:
          nonce: { header: WWW-Authenticate, pattern: 'nonce=\"([^\"]+)\"' }
          csrf: { pattern: 'name=\"csrf\" value=\"([^\"]*)\"' }
    let: { same: '${verifier == twice}' }
    expect: { status: 200 }
    then:
      - { request: GET /nonce, headers: { X-Nonce: '${nonce}' }, expect: { status: 200, empty-body: false } }
      - { request: GET /me, headers: { Cookie: '${csrf}${same}' }, expect: { body: { cookie: v-9true } } }
";
    let server = answering(sessions).await;
    passed(
        &run(&server, PATHS, ERRORS, case).await,
        &["control", "nonce"],
    );
}

/// The request line and the body, as a JSON list.
fn mirror(request: &[u8]) -> Vec<u8> {
    let (asked, text) = lines(request);
    let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let json = serde_json::json!([asked, body]).to_string();
    answer("200 OK", "Content-Type: application/json\r\n", &json)
}

#[tokio::test]
async fn forms_queries_and_parts_of_the_path_are_altered_like_members() {
    let paths = "
  /f/{id}/x: { post: { operationId: send, responses: { '200': { description: d } } } }
";
    let case = "
edition: ciam
operation: send
request:
  params: { id: a/b.c }
  query: { q: '1', r: [x, y] }
  form: { g: code, h: 'a b' }
control: { expect: { body: ['POST /f/a%2Fb.c/x?q=1&r=x&r=y', g=code&h=a+b] } }
cases:
  - { id: without-field, without: { member: /g }, expect: { body: { items: { contains: h } , length: 2 } } }
  - { id: without, without: { member: /g, query: [q, r] }, expect: { body: ['POST /f/a%2Fb.c/x', h=a+b] } }
  - { id: blank, blank: { member: /h, query: q }, expect: { body: ['POST /f/a%2Fb.c/x?q=&r=x&r=y', g=code&h=] } }
  - { id: set, set: { params: { id: ü }, query: { r: '2' }, members: { /g: other, /i~1j: 3 } },
      expect: { body: ['POST /f/%C3%BC/x?q=1&r=2', g=other&h=a+b&i%2Fj=3] } }
  - { id: form, form: { z: ['1', '2'] }, expect: { body: { some: z=1&z=2 } } }
  - { id: json, body: { a/b: { x.y: ['$${z}', 1.50, null] } }, expect: { body: { some: '{\"a/b\":{\"x.y\":[\"$${z}\",1.5,null]}}' } } }
  - { id: empty, raw-body: '', expect: { body: { some: '' } } }
  - { id: empty-text, body: '', expect: { body: { some: '\"\"' } } }
  - { id: absent, without: { body: true }, expect: { body: { some: '' } } }
";
    let server = answering(mirror).await;
    let results = run(&server, paths, ERRORS, case).await;
    let sound = [
        "control",
        "without",
        "blank",
        "set",
        "form",
        "json",
        "empty",
        "empty-text",
        "absent",
    ];
    passed(&results, &sound);
    assert_eq!(told(&results["without-field"]).len(), 1);
}

#[tokio::test]
async fn a_state_is_waited_for_until_its_deadline() {
    let asked = AtomicUsize::new(0);
    // Each path is ready when it was asked for the third time.
    let server = answering(move |request| {
        let (line, _) = lines(request);
        let json = "Content-Type: application/json\r\n";
        match line.as_str() {
            "GET /me" => {
                asked.store(0, Ordering::SeqCst);
                answer("200 OK", json, "{}")
            }
            "GET /never" => answer("404 Not Found", "", ""),
            path => match (asked.fetch_add(1, Ordering::SeqCst), path) {
                (0 | 1, "GET /status") => answer("404 Not Found", "", ""),
                (0 | 1, _) => answer("200 OK", json, r#"{"list":[]}"#),
                _ => answer("200 OK", json, r#"{"list":["it"]}"#),
            },
        }
    })
    .await;
    for (step, attempts, verdict) in [
        (
            "request: GET /status, until: { within: 1m }, expect: { status: 200 }",
            3,
            "pass",
        ),
        ("request: GET /status, until: { within: 1m }", 3, "pass"),
        (
            "request: GET /list, until: { within: 1m }, capture: { it: /list/0 }",
            3,
            "pass",
        ),
        (
            "request: GET /list, until: { within: 1m }, expect: { body: { list: { length: 1 } } }",
            3,
            "pass",
        ),
        ("request: GET /status, expect: { status: 200 }", 1, "error"),
        ("request: GET /never, until: { within: 100ms }", 1, "error"),
    ] {
        let case = format!(
            "edition: ciam\noperation: whoAmI\nrequest: {{}}\ncontrol: {{ expect: {{ status: 200 }} }}\n\
             cases: [{{ id: row, setup: [{{ {step} }}], expect: {{ status: 200 }} }}]\n"
        );
        let results = run(&server, PATHS, ERRORS, &case).await;
        let row = &results["row"];
        assert_eq!(row.verdict.label(), verdict, "{step}: {:?}", row.detail);
        // How often is asked before a deadline that passes depends on the machine.
        let exact = verdict == "pass";
        let asked = row.steps[0].attempts;
        assert!(
            asked == attempts || !exact && asked >= attempts,
            "{step}: {asked}"
        );
    }
}

#[tokio::test]
async fn a_captured_path_is_gone_to_and_cannot_lead_to_another_host() {
    let case = "
edition: ciam
operation: whoAmI
request: {}
control: { expect: { status: 200 } }
cases:
  - id: captured
    setup: [{ request: GET /go/1?hop=yes, expect: { status: 303 }, capture: { next: { location: /path } } }]
    expect: { status: 200 }
    then: [{ request: 'GET ${next}', expect: { status: 200 } }]
  - { id: elsewhere, let: { to: '@127.0.0.1:1/' }, set: { path: '${to}' }, expect: { status: 200 } }
";
    let server = answering(sessions).await;
    let results = run(&server, PATHS, ERRORS, case).await;
    assert!(results["captured"].verdict.is_pass());
    let elsewhere = &results["elsewhere"];
    assert_eq!(elsewhere.verdict.label(), "error");
    let why = elsewhere.detail.as_deref().unwrap_or_default();
    assert!(why.contains("does not begin with `/`"), "{why}");
}

#[test]
fn a_followed_operation_and_a_capture_from_two_places_are_mistakes() {
    let case = "
edition: ciam
operation: whoAmI
request: { capture: { x: { header: A, cookie: b } } }
control: { expect: { status: 200 }, then: [{ operation: goAway, follow: true, expect: { status: 302 } }] }
";
    let suite = project("http://127.0.0.1:1", PATHS, ERRORS, case);
    let codes: Vec<_> = suite.diagnostics.iter().map(|told| told.code).collect();
    assert_eq!(codes, ["bad-capture", "bad-follow"]);
}

/// A service of two legs: a call without a session is refused and told one, which is good for one call.
#[derive(Default)]
struct TwoLegs(Mutex<(usize, BTreeSet<String>)>);

impl TwoLegs {
    fn answer(&self, request: &[u8]) -> Vec<u8> {
        let (asked, text) = lines(request);
        let mut lines = text.lines();
        let session = lines.find_map(|line| line.strip_prefix("X-Session: "));
        let json = "Content-Type: application/json\r\n";
        let mut known = self.0.lock().expect("no other panic");
        match (asked.as_str(), session) {
            ("GET /open", None) => {
                known.0 += 1;
                let session = format!("s-{}", known.0);
                let headers =
                    format!("{json}WWW-Authenticate: Session realm=\"r\", id=\"{session}\"\r\n");
                known.1.insert(session);
                answer("401 Unauthorized", &headers, r#"{"error":"nosession"}"#)
            }
            ("GET /closed", _) => answer("401 Unauthorized", json, r#"{"error":"nosession"}"#),
            ("POST /data", Some(given)) if known.1.remove(given) => {
                if text.contains("\r\nX-Agent: ") {
                    answer("200 OK", json, "{}")
                } else {
                    answer("400 Bad Request", json, r#"{"error":"noagent"}"#)
                }
            }
            ("POST /data", _) => answer("403 Forbidden", json, r#"{"error":"stale"}"#),
            _ => answer("404 Not Found", "", ""),
        }
    }
}

const DATA: &str = "
  /data: { post: { operationId: sendData, responses: { '200': { description: d }, '400': { description: d }, '403': { description: d } } } }
";

const LEGS: &str = "
edition: ciam
operation: sendData
setup:
  - name: challenge
    request: GET /open
    expect: { status: 401, body: { error: nosession } }
    capture: { session: { header: WWW-Authenticate, pattern: 'id=\"([^\"]+)\"' } }
request: { headers: { X-Session: '${session}', X-Agent: me } }
control: { expect: { status: 200 } }
cases:
  - { id: no-agent, without: { header: X-Agent }, expect: { status: 400, body: { error: noagent } } }
  - { id: used-twice, expect: { status: 200 }, then: [{ repeat-request: true, expect: { status: 403, body: { error: stale } } }] }
  - id: another-challenge
    setup: [{ name: challenge, request: GET /closed, expect: { status: 401 } }]
    let: { session: none }
    expect: { status: 403, body: { error: stale } }
";

#[tokio::test]
async fn the_legs_of_a_protocol_are_sent_before_each_row_and_a_refusal_carries_the_session() {
    let legs = TwoLegs::default();
    let server = answering(move |request| legs.answer(request)).await;
    let results = run(&server, DATA, ERRORS, LEGS).await;
    passed(
        &results,
        &["control", "no-agent", "used-twice", "another-challenge"],
    );
    for row in results.values() {
        assert_eq!(row.steps[0].name.as_str(), "challenge");
    }
    let opened = results["no-agent"].steps[0].exchange.as_ref();
    assert_eq!(opened.and_then(|one| one.status), Some(401));

    // A target that demands no session any more: the first leg has another answer.
    let server = answering(|_| answer("200 OK", "Content-Type: application/json\r\n", "{}")).await;
    let results = run(&server, DATA, ERRORS, LEGS).await;
    let control = &results["control"];
    assert_eq!(control.verdict.label(), "error");
    let why = control.detail.as_deref().unwrap_or_default();
    assert_eq!(
        why,
        "setup, step `challenge` status: expected 401 but was 200"
    );
}

#[test]
fn a_mistake_in_the_steps_of_a_file_is_told_once_and_what_they_capture_is_known() {
    let case = "
edition: ciam
operation: sendData
setup: [{ request: GET /open, expect: { stauts: 401 }, capture: { session: { header: X-S } } }]
request: { headers: { X-Session: '${sesion}' } }
control: { expect: { status: 200 } }
cases: [{ id: one, expect: { status: 200 } }, { id: two, expect: { status: 200 } }]
";
    let suite = project("http://127.0.0.1:1", DATA, ERRORS, case);
    let codes: Vec<_> = suite
        .diagnostics
        .iter()
        .filter(|one| !one.warning)
        .map(|one| one.code)
        .collect();
    assert_eq!(
        codes,
        ["unknown-key", "empty-expectation", "unbound-name"],
        "{:#?}",
        suite.diagnostics
    );
}
