//! Targets that misbehave: nothing they do may pass for conformance, and what they do is named.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use probity::{
    ids::Edition,
    mock::{Answer, Dialect, MockOptions, MockServer, Rewrite},
    result::{CaseResult, Conclusion, ErrorReason, RequestOutcome, Verdict},
};
use serde_json::Value;

use crate::{
    loopback::{self, always, http, refusal, serve, success, with_constants},
    support,
};

/// One bounded file of each edition.
const FILES: [(Edition, &str); 3] = [
    (support::EIAM, "eiam/skip-update/headers/"),
    (support::CIAM, "ciam/skip-update/headers/"),
    (support::ONEACCESS, "oneaccess/forced-change/headers/"),
];

/// Runs one file of each edition with everything, providers too, at this address.
async fn against(url: &str) -> Vec<CaseResult> {
    let (mut suite, mut cases) = (support::shipped(), Vec::new());
    for (_, file) in FILES {
        cases.extend(support::rows(&suite, file).into_iter().take(8));
    }
    let mut target = support::target_at(&mut suite, &support::EDITIONS, url);
    target.timeout = Duration::from_millis(200);
    support::run(suite, target, cases).await
}

/// As [`against`], but providers are made of constants, so that the requests under test are judged.
async fn requests_against(url: &str) -> Vec<CaseResult> {
    let (mut suite, mut cases) = (support::shipped(), Vec::new());
    for (_, file) in FILES {
        cases.extend(support::rows(&suite, file));
    }
    let target = with_constants(support::target_at(&mut suite, &support::EDITIONS, url));
    support::run(suite, target, cases).await
}

/// No row passed or was skipped, each says why, and the run is not conformant.
fn assert_nothing_proven(results: Vec<CaseResult>) {
    assert!(!results.is_empty());
    for result in &results {
        assert!(
            matches!(result.verdict, Verdict::Fail(_) | Verdict::Error(_)),
            "{}: {:?}",
            result.id,
            result.verdict
        );
        assert!(!result.verdict.is_harness_fault(), "{}", result.id);
        let told = probity::report::explain::message(result);
        assert!(!told.trim().is_empty(), "{} says nothing", result.id);
    }
    let conclusion = support::report(results).conclusion();
    assert_ne!(conclusion.exit_code(), 0);
    assert_ne!(conclusion, Conclusion::Invalid);
}

async fn assert_proves_nothing(bytes: impl Into<Vec<u8>>) {
    let server = always(bytes).await;
    assert_nothing_proven(against(&server.url).await);
    assert_nothing_proven(requests_against(&server.url).await);
}

#[tokio::test]
async fn a_server_that_always_answers_200_with_nothing_proves_nothing() {
    assert_proves_nothing("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        .await;
}

#[tokio::test]
async fn a_server_that_always_answers_an_empty_object_proves_nothing() {
    assert_proves_nothing(http("200 OK", "application/json", "{}")).await;
}

#[tokio::test]
async fn a_server_that_calls_everything_a_success_cannot_even_be_prepared_against() {
    let server = always(http("200 OK", "application/json", &success())).await;
    assert_nothing_proven(against(&server.url).await);
}

#[tokio::test]
async fn a_server_that_calls_everything_a_success_fails_every_row_that_wants_a_refusal() {
    let server = always(http("200 OK", "application/json", &success())).await;
    let results = requests_against(&server.url).await;
    let refused = |id: &str| {
        ["-missing", "-blank", "-unregistered"]
            .iter()
            .any(|word| id.contains(word))
            && !id.contains("optional")
            && !id.contains("logged-header")
            && !id.contains("content-type")
            && !id.contains("tenant-id")
    };
    let wrong: Vec<&CaseResult> = results
        .iter()
        .filter(|result| refused(&result.id) && result.verdict.is_pass())
        .collect();
    assert!(results.iter().any(|result| refused(&result.id)));
    assert!(
        wrong.is_empty(),
        "{:?}",
        wrong.iter().map(|row| &row.id).collect::<Vec<_>>()
    );
    assert_eq!(
        support::report(results).conclusion(),
        Conclusion::NotConformant
    );
}

#[tokio::test]
async fn a_server_that_always_refuses_in_the_documented_form_proves_nothing() {
    assert_proves_nothing(http("400 Bad Request", "application/json", &refusal())).await;
}

#[tokio::test]
async fn a_server_that_always_answers_401_proves_nothing() {
    assert_proves_nothing(http("401 Unauthorized", "application/json", &refusal())).await;
}

#[tokio::test]
async fn a_server_that_always_answers_404_proves_nothing() {
    assert_proves_nothing(http("404 Not Found", "text/plain", "not found")).await;
}

#[tokio::test]
async fn a_server_that_always_answers_500_proves_nothing() {
    assert_proves_nothing(http(
        "500 Internal Server Error",
        "application/json",
        &refusal(),
    ))
    .await;
}

#[tokio::test]
async fn a_server_that_always_answers_a_page_proves_nothing() {
    assert_proves_nothing(http(
        "200 OK",
        "text/html",
        "<html><body>Welcome</body></html>",
    ))
    .await;
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_proves_nothing() {
    assert_proves_nothing(
        "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    )
    .await;
}

#[tokio::test]
async fn an_answer_shorter_than_its_length_proves_nothing() {
    let body = success();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len() + 100
    );
    assert_proves_nothing(head).await;
}

#[tokio::test]
async fn a_server_that_speaks_no_http_proves_nothing() {
    assert_proves_nothing(b"\x16\x03\x01\x00\xff\xfe nothing like http\r\n\r\n".to_vec()).await;
}

#[tokio::test]
async fn a_server_that_accepts_and_never_answers_is_unreachable() {
    let server = serve(|stream| async move {
        let _held = stream;
        std::future::pending::<()>().await;
    })
    .await;
    let results = against(&server.url).await;
    assert_unreachable(&results);
    assert_nothing_proven(results);
}

#[tokio::test]
async fn a_server_that_drops_every_connection_is_unreachable() {
    let server = serve(|stream| async move { drop(stream) }).await;
    let results = against(&server.url).await;
    assert_unreachable(&results);
    assert_nothing_proven(results);
}

#[tokio::test]
async fn a_closed_port_is_unreachable() {
    let results = against(loopback::DEAD).await;
    assert_unreachable(&results);
    assert_nothing_proven(results);
}

/// Controls could not be sent, and the rows behind them say so.
fn assert_unreachable(results: &[CaseResult]) {
    for result in results {
        let wanted = if result.control {
            ErrorReason::Unreachable
        } else {
            ErrorReason::ControlFailed
        };
        assert_eq!(result.verdict, Verdict::Error(wanted), "{}", result.id);
    }
}

/// Runs the rows under `prefix` against a mock of CIAM with this one departure.
async fn departing(
    prefix: &str,
    disabled: &[&str],
    edit: impl Fn(&str, &mut Answer) + Send + Sync + 'static,
) -> Vec<CaseResult> {
    let rewrite: Rewrite = Arc::new(edit);
    let mut options = MockOptions::new(Dialect::Ciam);
    options.disabled_rules = disabled.iter().map(|rule| (*rule).to_owned()).collect();
    options.rewrite = Some(rewrite);
    let server = MockServer::start(options).await.expect("a mock");
    let mut suite = support::shipped();
    let cases = support::rows(&suite, prefix);
    let target = support::target_at(&mut suite, &[support::CIAM], server.base_url());
    support::run(suite, target, cases).await
}

fn failed(results: &[CaseResult]) -> BTreeSet<&str> {
    results
        .iter()
        .filter(|result| matches!(result.verdict, Verdict::Fail(_)))
        .map(|result| result.id.as_str())
        .collect()
}

fn assert_others_pass(results: &[CaseResult]) {
    for result in results {
        assert!(
            !matches!(result.verdict, Verdict::Error(_)),
            "{}: {:?}",
            result.id,
            result.detail
        );
    }
}

fn assert_covers(results: &[CaseResult], id: &str, requirement: &str) {
    let row = results
        .iter()
        .find(|row| row.id == id)
        .unwrap_or_else(|| panic!("no row {id}"));
    assert!(
        row.requirements.iter().any(|known| known.id == requirement),
        "{id}: {:?}",
        row.requirements
    );
}

fn replace(answer: &mut Answer, from: &str, to: &str) {
    let text = String::from_utf8_lossy(&answer.body).replace(from, to);
    answer.body = text.into_bytes();
}

#[tokio::test]
async fn an_honest_tenant_passes_all_that_is_judged() {
    let results = departing("ciam/skip-update/", &[], |_, _| {}).await;
    assert!(failed(&results).is_empty());
    assert_others_pass(&results);
    assert_eq!(
        support::report(results).conclusion(),
        Conclusion::Conformant
    );
}

#[tokio::test]
async fn one_changed_error_code_fails_the_rows_that_name_it_and_no_other() {
    let results = departing("ciam/skip-update/", &[], |operation, answer| {
        if operation == "skipPasswordUpdate" {
            replace(answer, "IDAAS.SDK.PARAM.0002", "IDAAS.SDK.PARAM.0003");
        }
    })
    .await;
    assert_eq!(
        failed(&results),
        BTreeSet::from([
            "ciam/skip-update/errors/client-id-missing[en]",
            "ciam/skip-update/errors/client-id-missing[zh]",
            "ciam/skip-update/headers/client-id-blank",
            "ciam/skip-update/headers/client-id-missing",
        ])
    );
    for id in failed(&results) {
        assert_covers(&results, id, "CIAM-SKIP-E04");
    }
    assert_others_pass(&results);
    assert_eq!(
        support::report(results).conclusion(),
        Conclusion::NotConformant
    );
}

#[tokio::test]
async fn another_status_of_refusals_fails_every_documented_error() {
    let results = departing("ciam/skip-update/errors/", &[], |operation, answer| {
        if operation == "skipPasswordUpdate" && answer.status == 400 {
            answer.status = 422;
        }
    })
    .await;
    for result in results.iter().filter(|result| !result.control) {
        assert_eq!(
            result.verdict,
            Verdict::Fail("status".into()),
            "{}",
            result.id
        );
    }
    assert_covers(
        &results,
        "ciam/skip-update/errors/client-id-missing[en]",
        "CIAM-SKIP-E23",
    );
}

#[tokio::test]
async fn a_number_written_as_text_fails_what_was_accepted_and_leaves_refusals_judged() {
    let results = departing("ciam/skip-update/headers/", &[], |operation, answer| {
        if operation == "skipPasswordUpdate" && answer.status == 200 {
            let mut body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            body["expire"] = Value::String(body["expire"].to_string());
            answer.body = body.to_string().into_bytes();
        }
    })
    .await;
    assert_only_accepted_rows_fail(&results, "ciam/skip-update/headers/control");
    assert_covers(
        &results,
        "ciam/skip-update/headers/control",
        "CIAM-SKIP-R01",
    );
    let (_, _, told) = results
        .iter()
        .find(|result| result.control)
        .and_then(|control| control.broken().next())
        .expect("a broken check");
    assert_eq!(told.place, "body /expire");
}

#[tokio::test]
async fn a_tenant_that_refuses_the_documented_request_proves_none_of_its_refusals() {
    let results = departing("ciam/skip-update/", &[], |operation, answer| {
        if operation == "skipPasswordUpdate" && answer.status == 200 {
            answer.status = 400;
            answer.body = refusal().into_bytes();
        }
    })
    .await;
    for result in &results {
        assert!(!result.verdict.is_pass(), "{}", result.id);
        if result.control {
            assert!(matches!(result.verdict, Verdict::Fail(_)), "{}", result.id);
        } else {
            assert_eq!(
                result.verdict,
                Verdict::Error(ErrorReason::ControlFailed),
                "{}",
                result.id
            );
        }
    }
}

/// The control fails, and stands: what the others show is judged, and they pass where what departed is
/// no matter of theirs.
fn assert_only_accepted_rows_fail(results: &[CaseResult], control: &str) {
    for result in results {
        let accepted = result.outcome == Some(RequestOutcome::Accepted);
        match &result.verdict {
            Verdict::Fail(_) => assert!(accepted, "{}", result.id),
            Verdict::Pass(_) => assert!(!accepted, "{}", result.id),
            Verdict::Skip(_) => {}
            Verdict::Error(_) => panic!("{}: {:?}", result.id, result.verdict),
        }
        if result.id == control {
            assert!(matches!(result.verdict, Verdict::Fail(_)) && result.stands);
        }
    }
}

#[tokio::test]
async fn a_header_that_is_no_longer_demanded_fails_the_rows_that_leave_it_out() {
    let rules = ["skipPasswordUpdate/x-agent-present"];
    let results = departing("ciam/skip-update/headers/", &rules, |_, _| {}).await;
    assert_eq!(
        failed(&results),
        BTreeSet::from([
            "ciam/skip-update/headers/device-header-blank[X-agent]",
            "ciam/skip-update/headers/device-header-missing[X-agent]",
        ])
    );
    assert_covers(
        &results,
        "ciam/skip-update/headers/device-header-missing[X-agent]",
        "CIAM-SKIP-H11",
    );
    assert_others_pass(&results);
}

#[tokio::test]
async fn every_documented_rule_of_the_skip_that_is_left_out_is_noticed_by_some_row() {
    let mut unnoticed = Vec::new();
    for rule in probity::mock::rule_names(Dialect::Ciam) {
        if rule.starts_with("skipPasswordUpdate/") {
            let results = departing("ciam/skip-update/", &[&rule], |_, _| {}).await;
            if failed(&results).is_empty() {
                unnoticed.push(rule);
            }
        }
    }
    // No judged row asks for these two: tokens that are spent, or of another stage, are observed.
    assert_eq!(
        unnoticed,
        [
            "skipPasswordUpdate/x-state-token-stage",
            "skipPasswordUpdate/x-state-token-unspent",
        ]
    );
}
