//! Prerequisites: a refusal that a broken provider alone explains proves nothing.

use probity::{
    mock::{Dialect, MockOptions, MockServer},
    result::{CaseResult, ErrorReason, Verdict},
    target::Provider,
};
use serde_json::json;

use crate::support;

const EXPIRED: &str = "eiam/skip-update/token/expired";
const IN_TIME: &str = "eiam/skip-update/token/in-time";

/// Runs these rows against an honest mock whose provider of aged tokens makes nonsense, or not.
async fn rows(ids: &[&str], nonsense: bool) -> Vec<CaseResult> {
    let server = MockServer::start(MockOptions::new(Dialect::Eiam))
        .await
        .expect("a mock");
    let mut suite = support::shipped();
    let cases = ids
        .iter()
        .flat_map(|id| support::rows(&suite, id))
        .collect();
    let mut target = support::target_at(&mut suite, &[support::EIAM], server.base_url());
    let settings = target
        .editions
        .get_mut(&support::EIAM)
        .expect("the edition");
    if nonsense {
        settings.providers.insert(
            "made-state-token".into(),
            Provider::of(json!({ "state_token": "abc" })),
        );
    }
    support::run(suite, target, cases).await
}

#[tokio::test]
async fn an_expired_token_is_refused_and_its_prerequisite_in_time_is_taken() {
    for result in rows(&[EXPIRED, IN_TIME], false).await {
        assert!(result.verdict.is_pass(), "{}: {:?}", result.id, result);
    }
}

#[tokio::test]
async fn a_refusal_of_what_a_broken_provider_made_is_an_error_that_names_the_prerequisite() {
    let results = rows(&[EXPIRED], true).await;
    let [result] = &results[..] else {
        panic!("one row was asked for: {results:?}");
    };
    assert_eq!(result.verdict, Verdict::Error(ErrorReason::ControlFailed));
    let told = result.detail.clone().unwrap_or_default();
    assert!(
        told.contains(&format!("the prerequisite `{IN_TIME}` did not pass")),
        "{told}"
    );
    assert!(!result.causes.is_empty());
}
