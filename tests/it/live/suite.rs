//! Parts of the shipped suite against a live-style tenant, with the shipped target file.

use std::{collections::BTreeSet, fs, sync::Arc};

use probity::{
    plan::TestCase,
    result::{CaseResult, SkipReason, Verdict},
    suite::Suite,
    target::Profile,
};

use super::tenant::{Tenant, Wanted, suite_at};
use crate::support;

/// A few rows an edition: users that the run makes, deletes and disables, messages, tokens of accounts
/// that were there before, the second factor, and the common domain.
const SLICE: [&str; 6] = [
    "ciam/change-by-mobile/token/",
    "ciam/skip-update/errors/control",
    "ciam/skip-update/errors/user-",
    "eiam/forced-change-by-mobile/effects/",
    "eiam/skip-update/second-factor/",
    "oneaccess/forced-change/isv/",
];

fn slice(suite: &Suite) -> Vec<Arc<TestCase>> {
    let each = SLICE.iter().map(|prefix| support::rows(suite, prefix));
    each.flatten().collect()
}

#[track_caller]
fn assert_all_passed(results: &[CaseResult]) {
    for result in results {
        let fine =
            result.verdict.is_pass() || result.verdict == Verdict::Skip(SkipReason::OnlyObserved);
        assert!(fine, "{}: {:?}", result.id, result.detail);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_of_every_edition_pass_within_the_rate_and_leave_no_user_behind() {
    let tenant = Tenant::start(&Wanted {
        rate: 100,
        pace: Some(80),
        prepared: 20,
    })
    .await;
    let before = tenant.users().await;
    let mut suite = tenant.suite();
    let mut target = suite.target.take().expect("a target");
    target
        .permit(Profile::Destructive)
        .expect("the file says that its tenant may be spoiled");
    let cases = slice(&suite);
    let results = support::run(suite, target, cases).await;
    assert_all_passed(&results);
    let (peak, refused) = tenant.traffic();
    assert!(peak <= 100, "{peak} requests within a second");
    assert_eq!(refused, 0);

    // What the run made is gone; of what was there, only those are whose deletion a row is about.
    let after = tenant.users().await;
    let made: Vec<_> = after.difference(&before).collect();
    assert!(made.is_empty(), "{made:?}");
    let deleted = results
        .iter()
        .filter(|result| result.id.contains("/user-deleted"));
    assert_eq!(before.difference(&after).count(), deleted.count());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_that_turns_requests_away_is_waited_for() {
    let tenant = Tenant::start(&Wanted {
        rate: 4,
        pace: None,
        prepared: 2,
    })
    .await;
    let mut suite = tenant.suite();
    let target = suite.target.take().expect("a target");
    let mut cases = support::rows(&suite, "eiam/skip-update/documented/control");
    cases.extend(support::rows(
        &suite,
        "eiam/skip-update/session-in-use/control",
    ));
    let results = support::run(suite, target, cases).await;
    assert_all_passed(&results);
    assert!(tenant.traffic().1 > 0, "nothing was turned away");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_client_certificate_nothing_is_judged_and_the_reason_is_told() {
    let tenant = Tenant::start(&Wanted {
        rate: 50,
        pace: Some(50),
        prepared: 2,
    })
    .await;
    let text = fs::read_to_string(tenant.file()).expect("the target file");
    let own = ", cert: live-mock/client.pem, key: live-mock/client-key.pem";
    assert!(text.contains(own));
    fs::write(tenant.file(), text.replace(own, "")).expect("written");
    let mut suite = suite_at(&tenant.file());
    let target = suite.target.take().expect("a target");
    let cases = support::rows(&suite, "ciam/skip-update/documented/control");
    let before: BTreeSet<_> = tenant.users().await;
    for result in support::run(suite, target, cases).await {
        assert!(matches!(result.verdict, Verdict::Error(_)), "{}", result.id);
        let told = result.detail.unwrap_or_default().to_lowercase();
        assert!(told.contains("certificate"), "{told}");
    }
    assert_eq!(tenant.users().await, before);
}
