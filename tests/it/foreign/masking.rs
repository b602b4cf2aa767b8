//! What a failed row shows of answers that hold secrets: the departure is to be read from it at two in
//! the morning, and no secret is.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use probity::{report::explain, result::Verdict};
use serde_json::{Value, json};

use super::{run, told};
use crate::loopback::{always, answering, http};

const ERRORS: &str = "pattern: '^[A-Z.0-9]+$'\ncode_at: /error_code\nmessage_at: /error_msg\ncodes:
  - { code: LOGIN.0007, status: 400, messages: { en: The password is not valid. }, operations: [logIn] }\n";

const PATHS: &str = "
  /oauth2/login: { post: { operationId: logIn,
    requestBody: { content: { application/json: { schema: { properties: { password: { type: string } } } } } },
    responses: {
      '200': { description: d, content: { application/json: { schema: { properties: {
        status: { enum: [SUCCESS, PASSWORD_EXPIRED] }, session_token: { type: string } } } } } },
      '302': { description: d },
      '400': { description: d, content: { application/json: { schema: { type: object } } } } } } }
";

/// What the console says of a row that sends this password, and the headers that its record holds.
async fn console(password: &str, answer: &str, expect: &Value) -> String {
    let server = always(answer).await;
    // Computed, so that it is no text that a case file shows to all.
    let password = format!("${{'{password}'}}");
    let case = json!({
        "edition": "ciam",
        "operation": "logIn",
        "request": { "headers": { "Content-Type": "application/json" }, "body": { "user": "someone", "password": password } },
        "control": { "expect": expect },
    });
    let results = run(&server, PATHS, ERRORS, &case.to_string()).await;
    let result = &results["control"];
    assert!(matches!(result.verdict, Verdict::Fail(_)), "{result:#?}");
    let exchange = result.steps[0].exchange.as_ref().expect("an exchange");
    let headers = exchange.response_headers.iter();
    let headers: Vec<String> = headers
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    format!("{}\n{}", explain::failure(result), headers.join("\n"))
}

fn token(header: &Value, claims: &Value, signature: &str) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{signature}", part(header), part(claims))
}

/// Asserts what is read, and what is not.
#[track_caller]
fn check(name: &str, text: &str, shown: &[&str], hidden: &[&str]) {
    for part in shown {
        assert!(text.contains(part), "{name} does not show {part}:\n{text}");
    }
    for part in hidden {
        assert!(!text.contains(part), "{name} shows {part}:\n{text}");
    }
}

#[tokio::test]
async fn names_paths_and_constants_are_read_whatever_the_password_is() {
    let ok = |body: Value| http("200 OK", "application/json", &body.to_string());
    let wanted = json!({ "status": 200, "body": { "status": "SUCCESS", "session_token": { "type": "string" } } });
    let expired = ok(json!({ "status": "PASSWORD_EXPIRED", "session_token": "t0ken-of-it" }));
    let number = ok(json!({ "status": "SUCCESS", "session_token": 7 }));
    let refused = http(
        "400 Bad Request",
        "application/json",
        r#"{"error_code":"LOGIN.0007","error_msg":"The password is not valid."}"#,
    );
    for (password, answer, shown) in [
        (
            "SUCCESS",
            &expired,
            [
                r#"expected  "SUCCESS""#,
                r#"{"status":"PASSWORD_EXPIRED","session_token":"[secret:"#,
            ],
        ),
        (
            "PASSWORD_EXPIRED",
            &expired,
            [
                r#"actual    "PASSWORD_EXPIRED""#,
                r#"{"status":"PASSWORD_EXPIRED""#,
            ],
        ),
        (
            "session_token",
            &number,
            ["body /session_token", r#""session_token":7"#],
        ),
        (
            "sessionToken",
            &number,
            ["actual    7", r#""session_token":7"#],
        ),
        (
            "LOGIN.0007",
            &refused,
            ["400", r#""error_code":"LOGIN.0007""#],
        ),
        (
            "The password",
            &refused,
            ["400", "The password is not valid."],
        ),
        (
            "oauth2",
            &refused,
            ["/oauth2/login", "'Content-Type: application/json"],
        ),
        (
            "Content-Type",
            &refused,
            ["/oauth2/login", "'Content-Type: application/json"],
        ),
    ] {
        let text = console(password, answer, &wanted).await;
        check(password, &text, &shown, &["t0ken-of-it"]);
        check(
            password,
            &text,
            &[r#""password":"'"${PASSWORD:?}"'""#, r#""user":"someone""#],
            &[],
        );
    }
}

#[tokio::test]
async fn a_token_that_is_not_signed_is_seen_at_first_sight_in_finding_and_answer() {
    let claims = json!({ "sub": "someone", "session_token": "1nner-s3cret", "iat": 1 });
    let wanted = json!({ "status": 200, "jwt": { "at": "/id_token", "alg": "RS256", "kid": "present", "claims": { "sub": "user" } } });
    for (header, signature, first, stands) in [
        (
            json!({ "alg": "none", "kid": "k" }),
            "",
            "alg none, the token is not signed (RFC 8725, 3.2)",
            "(token: alg none, UNSIGNED: empty signature)",
        ),
        (
            json!({ "alg": "None", "kid": "k" }),
            "AAAA",
            "alg none, the token is not signed (RFC 8725, 3.2)",
            "(token: alg none, signature not verifiable)",
        ),
        (
            json!({ "alg": "RS256", "kid": "k" }),
            "",
            "empty signature",
            "(token: RS256, UNSIGNED: empty signature)",
        ),
        (
            json!({ "alg": "HS256", "kid": "k" }),
            "AAAA",
            "not allowed here (RFC 8725, 3.1)",
            "(token: HS256, signed)",
        ),
        (
            json!({ "alg": "XY1", "kid": "k" }),
            "AAAA",
            "not allowed here (RFC 8725, 3.1)",
            "(token: unknown alg, signature not verifiable)",
        ),
        (
            json!({ "alg": "RS256" }),
            "AAAA",
            "no published key is named (RFC 7515, 4.1.4)",
            "(token: RS256, signed)",
        ),
    ] {
        let token = token(&header, &claims, signature);
        let body = json!({ "status": "SUCCESS", "id_token": token });
        let answer = http("200 OK", "application/json", &body.to_string());
        let text = console("hunter2-x", &answer, &wanted).await;
        let decoded = format!("header {header}");
        check(
            first,
            &text,
            &[
                first,
                stands,
                &format!(r#""id_token":"{stands}""#),
                &decoded,
                r#""sub":"someone""#,
            ],
            &["1nner-s3cret", token.as_str(), "hunter2"],
        );
        let (rule, pattern) = (text.find(first), text.find("claim sub"));
        assert!(rule < pattern, "the rule comes first:\n{text}");
    }
}

#[tokio::test]
async fn secrets_of_urls_of_further_names_and_in_pieces_are_not_read() {
    let wanted = json!({ "status": 200, "body": { "status": "SUCCESS" } });
    let json = |body: Value| http("200 OK", "application/json", &body.to_string());
    let redirect = |to: &str| http("200 OK", &format!("text/html\r\nLocation: {to}"), "");
    for (name, answer, shown, hidden) in [
        (
            "a code in a redirect",
            redirect("https://app.example/cb?code=SplxlOBeZQQ&state=af0"),
            "https://app.example/cb?code=[secret:",
            "SplxlOBeZQQ",
        ),
        (
            "a token in a fragment",
            redirect("https://app.example/cb#access_token=2YotnFZFEjr1"),
            "https://app.example/cb#access_token=[secret:",
            "2YotnFZFEjr1",
        ),
        (
            "a session in a path",
            redirect("/login;jsessionid=A1B2C3D4E5?x=1"),
            "/login;jsessionid=[secret:",
            "A1B2C3D4E5",
        ),
        (
            "a URL in a URL",
            redirect("/x?next=https%3A%2F%2Fapp%2Fcb%3Fcode%3DSplxlOBeZQQ"),
            "/x?next=https%3A%2F%2Fapp%2Fcb%3Fcode%3D[secret:",
            "SplxlOBeZQQ",
        ),
        (
            "a URL in JSON",
            json(json!({ "status": "NO", "next": "https://app/cb?code=SplxlOBeZQQ" })),
            r#""next":"https://app/cb?code=[secret:"#,
            "SplxlOBeZQQ",
        ),
        (
            "plural names",
            json(json!({ "status": "NO", "passwords": ["Zq4-first", "Zq4-second"] })),
            r#""passwords":["[secret:"#,
            "Zq4",
        ),
        (
            "an OTP",
            json(json!({ "status": "NO", "otp": 482_913, "note": "sent 482913" })),
            r#""otp":"[secret:"#,
            "482913",
        ),
        (
            "a session",
            json(json!({ "status": "NO", "sessionid": "9f8e7d6c" })),
            r#""sessionid":"[secret:"#,
            "9f8e7d6c",
        ),
        (
            "SAML",
            json(json!({ "status": "NO", "SAMLResponse": "PHNhbWxwOlJl" })),
            r#""SAMLResponse":"[secret:"#,
            "PHNhbWxwOlJl",
        ),
        (
            "a device code",
            json(json!({ "status": "NO", "device_code": "GmRhmhcxhwAz" })),
            r#""device_code":"[secret:"#,
            "GmRhmhcxhwAz",
        ),
        (
            "a password in two lines",
            http("200 OK", "text/html", "<p>hunt-Er2\n   -x7 is wrong</p>"),
            "<p>[secret:",
            "Er2",
        ),
        (
            "a password with blanks",
            json(json!({ "status": "NO", "echo": "h u n t - E r 2 - x 7" })),
            r#""echo":"[secret:"#,
            "E r 2",
        ),
    ] {
        let text = console("hunt-Er2-x7", &answer, &wanted).await;
        // A finding on the redirect says no more of it than its header does.
        let to = json!({ "location": { "path": "/nowhere", "query": { "code": "x" }, "fragment": "x" } });
        let text = text + &console("hunt-Er2-x7", &answer, &to).await;
        check(name, &text, &[shown], &[hidden, "hunt-Er2-x7"]);
    }
}

/// A word is no secret wherever it stands, so only the name of its place tells that it is one here.
#[tokio::test]
async fn a_secret_that_could_be_a_word_is_not_read_in_what_a_preparation_or_an_object_departs_by() {
    let prepared = |expect: Value| json!([{ "request": "POST /before", "expect": expect }]);
    let ok =
        json!({ "status": "SUCCESS", "data": { "password": "Welcome" }, "session_token": "Rzmo" });
    let refused = json!({ "error_code": "X.1", "session_token": "Rzmo", "password": "Welcome" });
    let absent = json!({ "absent": true });
    for (name, before, row, shown) in [
        (
            "a member that has to be absent",
            ("200 OK", &ok),
            json!({ "setup": prepared(json!({ "body": { "session_token": absent } })) }),
            "body /session_token: expected absent but was \"[secret:",
        ),
        (
            "an object that has to be absent",
            ("200 OK", &ok),
            json!({ "setup": prepared(json!({ "body": { "data": absent } })) }),
            "body /data: expected absent but was {\"password\":\"[secret:",
        ),
        (
            "an answer that had to be a success",
            ("500 Oops", &refused),
            json!({ "setup": [{ "request": "POST /before" }] }),
            "answered 500: {\"error_code\":\"X.1\",\"session_token\":\"[secret:",
        ),
        (
            "an object in the answer to the request",
            ("200 OK", &ok),
            json!({ "expect": { "body": { "data": absent } } }),
            "{\"password\":\"[secret:",
        ),
    ] {
        let before = http(before.0, "application/json", &before.1.to_string());
        let login = http("200 OK", "application/json", &ok.to_string());
        let server = answering(move |request| {
            let is_before = request.starts_with(b"POST /before ");
            if is_before { &before } else { &login }
                .clone()
                .into_bytes()
        });
        let server = server.await;
        let mut case = json!({ "id": "row", "expect": { "status": 200 } });
        for (key, value) in row.as_object().expect("a map") {
            case[key] = value.clone();
        }
        let control = json!({ "expect": { "status": 200 } });
        let file = json!({ "edition": "ciam", "operation": "logIn", "request": {}, "control": control, "cases": [case] });
        let results = run(&server, PATHS, ERRORS, &file.to_string()).await;
        let result = &results["row"];
        let detail = result.detail.as_deref().unwrap_or_default();
        let text = format!(
            "{}\n{detail}\n{}",
            explain::failure(result),
            told(result).join("\n")
        );
        check(name, &text, &[shown], &["Rzmo", "Welcome"]);
        let record = serde_json::to_string(result).expect("JSON");
        check(name, &record, &[], &["Rzmo", "Welcome"]);
    }
}
