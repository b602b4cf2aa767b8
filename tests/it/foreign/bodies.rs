//! Bodies of every kind: absent, empty, mislabelled, compressed, too long and too deep. Each is a
//! pass or a finding, never a crash.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use probity::result::{ErrorReason, Verdict};

use super::{passed, run, told};
use crate::loopback::{answering, http};

const ERRORS: &str = "pattern: '^[a-z]+$'\ncode_at: /error\ncodes: []\n";

const PATHS: &str = "
  /json: { get: &json { operationId: getJson, responses: { '200': &ok { description: d, content: {
      application/json: { schema: { type: array, items: { type: integer } } },
      application/*+json: { schema: { type: string } },
      text/html: { schema: { type: string } } } }, '204': *ok, '304': *ok } } }
  /any: { get: { operationId: getAny, responses: { '200': { description: d } } } }
";

fn case(expect: &str) -> String {
    format!(
        "edition: ciam\noperation: getJson\nrequest: {{}}\ncontrol: {{ expect: {expect} }}\n\
         cases:\n  - {{ id: any, set: {{ path: /any }}, expect: {expect} }}\n"
    )
}

#[tokio::test]
async fn the_label_of_a_body_chooses_its_schema_and_a_wrong_label_is_a_finding() {
    let pass: [&str; 0] = [];
    for (label, body, findings) in [
        ("application/json", "[1,2]", &pass[..]),
        ("Application/JSON; charset=utf-8", "[]", &pass),
        ("application/problem+json", "\"bare\"", &pass),
        ("text/html", "<p>no JSON</p>", &pass),
        ("application/json", "[\"1\"]", &["body /0: \"1\""]),
        ("application/problem+json", "[1]", &["body: [1]"]),
        ("application/json", "<p>", &["body: not JSON: <p>"]),
        (
            "application/json",
            "\u{feff}[]",
            &[
                "delivery: the JSON begins with a byte order mark",
                "body: not JSON: \u{feff}[]",
            ],
        ),
        ("text/plain", "[1]", &["header Content-Type: text/plain"]),
        (
            "text/plain",
            "[\"1\"]",
            &["header Content-Type: text/plain", "body /0: \"1\""],
        ),
    ] {
        let answer = http("200 OK", label, body);
        let server = answering(move |_| answer.clone().into_bytes()).await;
        let results = run(&server, PATHS, ERRORS, &case("{ status: 200 }")).await;
        assert_eq!(told(&results["control"]), findings, "{label} {body}");
    }
}

#[tokio::test]
async fn answers_without_content_need_no_body_and_head_has_none_exact_or_not() {
    let server = answering(|request| {
        let head = request.starts_with(b"HEAD ");
        let status = if request.starts_with(b"GET /json?n=204") {
            "204 No Content"
        } else if request.starts_with(b"GET /json?n=304") {
            "304 Not Modified"
        } else {
            "200 OK"
        };
        let (length, body) = match (head, status) {
            (true, _) => ("Content-Length: 3\r\n", ""),
            (false, "200 OK") => ("Content-Length: 3\r\n", "[1]"),
            _ => ("", ""),
        };
        format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{length}Connection: close\r\n\r\n{body}")
            .into_bytes()
    })
    .await;
    let case = "
edition: ciam
operation: getJson
request: {}
control: { expect: { status: 200, body: [1], size: 3 } }
cases:
  - { id: head, set: { method: HEAD }, expect: { status: 200, size: 0, headers: { Content-Length: '3' } } }
  - { id: raw-head, raw: true, set: { method: HEAD }, expect: { status: 200, size: 0 } }
  - { id: none, set: { query: { n: '204' } }, expect: { status: 204, size: 0 } }
  - { id: unchanged, raw: true, set: { query: { n: '304' } }, expect: { status: 304, size: 0 } }
  - { id: text, expect: { text: { pattern: '.[0-9].' } } }
  - { id: wrong, expect: { size: { at-most: 2 }, text: '[2]' } }
";
    let results = run(&server, PATHS, ERRORS, case).await;
    passed(
        &results,
        &["control", "head", "raw-head", "none", "unchanged", "text"],
    );
    assert_eq!(
        told(&results["wrong"]),
        ["body (its bytes): 3", "body (as text): \"[1]\""]
    );
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("room");
    encoder.finish().expect("room")
}

#[tokio::test]
async fn compressed_bodies_are_undone_when_asked_for_and_bombs_are_cut() {
    let (small, bomb) = (gzip(b"[1,2]"), gzip(&vec![b'['; 30_000_000]));
    let server = answering(move |request| {
        let text = String::from_utf8_lossy(request).to_ascii_lowercase();
        let (coding, body) = match () {
            () if text.contains("bomb") => ("gzip", bomb.as_slice()),
            () if text.contains("accept-encoding: br") => ("br", &b"\x8b\x02"[..]),
            () => ("gzip", small.as_slice()),
        };
        let mut out = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: {coding}\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        )
        .into_bytes();
        out.extend(body);
        out
    })
    .await;
    let case = "
edition: ciam
operation: getJson
request: { headers: { Accept-Encoding: 'gzip' } }
control: { expect: { status: 200, body: [1, 2], headers: { Content-Encoding: gzip } } }
cases:
  - { id: bomb, set: { query: { x: bomb } }, expect: { size: 1048576, status: 200 } }
  - { id: other, set: { headers: { Accept-Encoding: br } }, expect: { status: 200 } }
  - { id: unasked, without: { header: Accept-Encoding }, expect: { status: 200 } }
";
    let results = run(&server, PATHS, ERRORS, case).await;
    passed(&results, &["control"]);
    let bomb = told(&results["bomb"]);
    let cut = "delivery: the body is longer than the 1048576 bytes that are read of it";
    assert_eq!(bomb[0], cut);
    assert!(
        bomb[1].starts_with("body: longer than what is read: ["),
        "{bomb:?}"
    );
    let coded = "body: not JSON, in the content coding";
    assert_eq!(told(&results["other"]), [format!("{coded} `br`")]);
    assert_eq!(told(&results["unasked"]), [format!("{coded} `gzip`")]);
}

#[tokio::test]
async fn what_is_too_deep_or_too_long_is_said_to_be_so() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for (body, finding) in [
        (deep, "body: nested deeper than what is read: ["),
        (" ".repeat(2_000_000), "body: longer than what is read:  "),
    ] {
        let answer = http("200 OK", "application/json", &body);
        let server = answering(move |_| answer.clone().into_bytes()).await;
        let results = run(&server, PATHS, ERRORS, &case("{ body: { absent: true } }")).await;
        for result in results.values() {
            let told = told(result);
            let said = told.iter().any(|told| told.starts_with(finding));
            assert!(
                said || result.verdict == Verdict::Error(ErrorReason::ControlFailed),
                "{told:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_head_that_is_too_long_is_trouble_and_no_endless_reading() {
    let flood = format!(
        "HTTP/1.1 200 OK\r\nX-Flood: {}\r\nContent-Length: 0\r\n\r\n",
        "a".repeat(3_000_000)
    );
    let many = format!(
        "HTTP/1.1 200 OK\r\n{}Content-Length: 0\r\n\r\n",
        "X-Many: a\r\n".repeat(5_000)
    );
    let server = answering(move |request| {
        let text = String::from_utf8_lossy(request);
        let answer = match () {
            () if text.contains("x=flood") => flood.clone(),
            () if text.contains("x=many") => many.clone(),
            () => http("200 OK", "text/plain", "fine"),
        };
        answer.into_bytes()
    })
    .await;
    let case = "
edition: ciam
operation: getAny
request: {}
control: { expect: { status: 200 } }
cases:
  - { id: ordinary, matrix: { x: [flood, many] }, set: { query: { x: '${matrix.x}' } }, expect: { status: 200 } }
  - { id: raw, raw: true, matrix: { x: [flood, many] }, set: { query: { x: '${matrix.x}' } }, expect: { status: 200 } }
";
    let mut results = run(&server, PATHS, ERRORS, case).await;
    let control = results.remove("control").expect("the control");
    assert!(control.verdict.is_pass());
    assert_eq!(results.len(), 4);
    for (name, result) in &results {
        let trouble = Verdict::Error(ErrorReason::Unreachable);
        assert_eq!(result.verdict, trouble, "{name}: {:?}", result.detail);
    }
}
