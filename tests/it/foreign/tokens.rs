//! Tokens that stand in a header of an answer, or are its body: judged as those in a member are.

use super::{passed, project, run, told};
use crate::{
    keys,
    loopback::{Server, answering, http},
};

const ERRORS: &str = "pattern: '^[a-z]+$'\ncode_at: /error\ncodes: []\n";

const PATHS: &str = "
  /token: { get: { operationId: getToken, responses: { '200': { description: d } } } }
";

const CASE: &str = "
edition: ciam
operation: getToken
request: {}
control: { expect: { status: 200 } }
cases:
  - { id: bearer, expect: { jwt: { header: Authorization, alg: RS256, verify: { jwks: /keys }, claims: { sub: somebody } } } }
  - { id: alone, expect: { jwt: { header: x-token, alg: RS256, verify: { jwks: /keys }, claims: { sub: somebody } } } }
  - { id: body, expect: { jwt: { text: true, alg: RS256, verify: { jwks: /keys }, claims: { sub: somebody } } } }
";

fn token(subject: &str) -> String {
    keys::token("k", subject)
}

/// A server with these lines of headers and this body, and the mock's key at `/keys`.
async fn answers(headers: &str, body: &str) -> Server {
    let keys = keys::set("k");
    let own = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/jwt\r\n{headers}Content-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    );
    answering(move |request| {
        if request.starts_with(b"GET /keys ") {
            return http("200 OK", "application/json", &keys).into_bytes();
        }
        own.clone().into_bytes()
    })
    .await
}

#[tokio::test]
async fn a_token_in_a_header_or_as_the_body_is_verified_with_the_published_key() {
    let token = token("somebody");
    let headers = format!("Authorization: Bearer {token}\r\nX-Token: {token}\r\n");
    let server = answers(&headers, &token).await;
    let results = run(&server, PATHS, ERRORS, CASE).await;
    passed(&results, &["control", "bearer", "alone", "body"]);
    // What was found of a signature is recorded, so that it can be judged without the token.
    for (name, place) in [
        ("bearer", "header Authorization"),
        ("alone", "header X-Token"),
        ("body", "body "),
    ] {
        let exchanges = results[name].steps.iter();
        let mut exchanges = exchanges.filter_map(|step| step.exchange.as_ref());
        let verified = exchanges.any(|exchange| {
            let mut tokens = exchange.tokens.iter();
            tokens.any(|one| one.place == place && one.verified.len() == 1)
        });
        assert!(verified, "{name}");
    }
    let shown = format!("{results:?}");
    assert!(!shown.contains(&token), "a token is shown");
}

#[tokio::test]
async fn each_wrong_token_is_told_by_its_place() {
    let other = token("another");
    let mut bent = token("somebody");
    let at = bent.len() - 20;
    let letter = if &bent[at..=at] == "A" { "B" } else { "A" };
    bent.replace_range(at..=at, letter);
    let both = |token: &str| format!("Authorization: bearer {token}\r\nX-Token: {token}\r\n");
    for (headers, body, found) in [
        (
            both(&other),
            other.clone(),
            [
                "header authorization › claim sub: \"another\"",
                "header x-token › claim sub: \"another\"",
                "body (as text) › claim sub: \"another\"",
            ],
        ),
        (
            both(&bent),
            bent.clone(),
            [
                "header authorization › signature: ",
                "header x-token › signature: ",
                "body (as text) › signature: ",
            ],
        ),
        (
            String::new(),
            String::new(),
            [
                "header Authorization: absent",
                "header x-token: absent",
                "body (as text): an empty body",
            ],
        ),
        (
            format!("Authorization: Basic YTpi\r\nX-Token: {other}\r\nX-Token: {other}\r\n"),
            format!("{other}\n"),
            [
                "header Authorization: ",
                "header x-token: ",
                "body (as text): ",
            ],
        ),
    ] {
        let server = answers(&headers, &body).await;
        let results = run(&server, PATHS, ERRORS, CASE).await;
        for (name, found) in ["bearer", "alone", "body"].into_iter().zip(found) {
            let told = told(&results[name]);
            let first = told.first().map_or("", String::as_str);
            assert!(first.starts_with(found), "{name}: {told:?}, not {found:?}");
        }
    }
}

#[test]
fn a_token_has_one_place() {
    for (jwt, code) in [
        ("alg: RS256", "missing-key"),
        ("at: /a, header: B, alg: RS256", "missing-key"),
        ("text: false, alg: RS256", "missing-key"),
        ("header: 'a b', alg: RS256", "bad-header"),
        ("header: A", "empty-expectation"),
    ] {
        let case = format!(
            "edition: ciam\noperation: getToken\nrequest: {{}}\n\
             control: {{ expect: {{ status: 200, jwt: {{ {jwt} }} }} }}\n"
        );
        let suite = project("http://127.0.0.1:1", PATHS, ERRORS, &case);
        let mistakes = suite.diagnostics.iter().filter(|one| !one.warning);
        let codes: Vec<_> = mistakes.map(|one| one.code).collect();
        assert_eq!(codes, [code], "{jwt}");
    }
}
