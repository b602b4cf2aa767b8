//! What the target answers to a provider's step is a finding of the run and never stops it.

use probity::result::{Conclusion, ErrorReason, PassReason, Verdict};

use super::{
    tenant::{Quirk, Tenant},
    told,
};
use crate::cli::finish;

/// What pre-flight calls it.
const REFUSED: &str = "provider-refused";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_do_not_need_what_a_provider_was_refused_are_judged_all_the_same() {
    for (quirk, seen_before, why, answered) in [
        (Quirk::CreateFails, true, "answered 500", "disk"),
        // Only a row that wants the token misses it.
        (
            Quirk::NoToken,
            false,
            "the answer has no /state_token",
            "{}",
        ),
    ] {
        let tenant = Tenant::start(quirk).await;
        let project = tenant.project();
        let before = tenant.users();
        let outcome = finish(project.call("run", &[])).expect(2);
        let warned = outcome.err.contains(&format!("warning[{REFUSED}]"));
        assert_eq!(warned, seen_before, "{}", outcome.err);
        let report = told(&project.reports());
        assert_eq!(report.conclusion(), Conclusion::Inconclusive);
        for case in &report.cases {
            if case.id.contains("/without-users/") {
                assert_eq!(
                    case.verdict,
                    Verdict::Pass(PassReason::Clean),
                    "{}",
                    case.id
                );
                continue;
            }
            let control = case.id.ends_with("/control");
            let reason = if control {
                ErrorReason::SetupFailed
            } else {
                ErrorReason::ControlFailed
            };
            assert_eq!(case.verdict, Verdict::Error(reason), "{}", case.id);
            if control {
                let detail = case.detail.as_deref().unwrap_or_default();
                assert!(detail.contains(why), "{detail}");
                let step = case.steps.iter().find(|step| step.name == "create");
                let exchange = step.and_then(|step| step.exchange.as_ref());
                let body = exchange.and_then(|exchange| exchange.response_body.as_deref());
                assert!(body.is_some_and(|body| body.contains(answered)), "{body:?}");
            }
        }
        assert_eq!(tenant.users(), before);
        // What is shown of the control is the answer that stopped it, not that of the clean-up.
        let mut blocks = outcome.out.split("\n\n");
        let errors = blocks.find(|block| block.starts_with("ERROR "));
        let errors = errors.expect("a block");
        let sent = "sent by   step 'create' of the provider 'account-warn': POST /";
        assert!(errors.contains(sent), "{errors}");
        assert!(!errors.contains("DELETE"), "{errors}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_share_a_refused_provider_each_show_what_was_answered() {
    let tenant = Tenant::start(Quirk::CreateFails).await;
    let project = tenant.project();
    let file = project.root().join("tenants/tenant.yaml");
    let text = std::fs::read_to_string(&file).expect("a target");
    let shared = text.replace("    creates:", "    scope: run\n    creates:");
    std::fs::write(&file, shared).expect("written");
    // A second file, whose control needs the same provider.
    let cases = project.root().join("cases/ciam/skip-update");
    std::fs::copy(cases.join("sound.yaml"), cases.join("again.yaml")).expect("a copy");
    finish(project.call("run", &[])).expect(2);
    let report = told(&project.reports());
    let controls = report
        .cases
        .iter()
        .filter(|case| case.id.ends_with("/control") && !case.id.contains("/without-users/"));
    let mut count = 0;
    for case in controls {
        count += 1;
        let shown = case.steps.iter().filter_map(|step| step.exchange.as_ref());
        let statuses: Vec<_> = shown.map(|exchange| exchange.status).collect();
        assert_eq!(statuses, [Some(500)], "{}", case.id);
    }
    assert_eq!(count, 2);
    let created = tenant.requests();
    // One look at the address, one creation for all, one deletion; the rest are rows.
    assert_eq!(created, 5, "the provider is called once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_look_that_finds_a_refused_provider_is_inconclusive() {
    let tenant = Tenant::start(Quirk::CreateFails).await;
    let outcome = finish(tenant.project().call("check", &[])).expect(2);
    let warned = outcome.err.contains(&format!("warning[{REFUSED}]"));
    assert!(warned, "{}", outcome.err);
    assert!(outcome.out.contains("wrong  ciam"), "{}", outcome.out);
}
