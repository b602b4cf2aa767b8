//! FalsePositives: a tenant that differs from the plain one only where nothing is documented stays green.
//!
//! `PROBITY_VARIATIONS=100` asks for more seeds than every run of the tests can afford.

use std::collections::BTreeMap;

use probity::{
    ids::Edition,
    mock::{Dialect, MockOptions, MockServer, variation_lines},
    report::explain,
    result::Verdict,
    target::Target,
};

use crate::support;

/// How many seeds are tried unless the environment says otherwise.
const SEEDS: u64 = 10;

fn seeds() -> u64 {
    std::env::var("PROBITY_VARIATIONS").map_or(SEEDS, |text| {
        text.parse()
            .unwrap_or_else(|_| panic!("PROBITY_VARIATIONS is a number, not `{text}`"))
    })
}

fn dialect(edition: Edition) -> Dialect {
    Dialect::of(edition).unwrap_or_else(|| panic!("there is a mock of {edition}"))
}

/// A mock of every edition, put into the target where it wants one embedded.
async fn serve(variation: u64, target: &mut Target) -> BTreeMap<Edition, MockServer> {
    let mut servers = BTreeMap::new();
    for (edition, settings) in &mut target.editions {
        let options = MockOptions {
            variation,
            ..MockOptions::new(dialect(*edition))
        };
        let server = MockServer::start(options)
            .await
            .unwrap_or_else(|error| panic!("the mock of {edition} does not start: {error}"));
        server.base_url().clone_into(&mut settings.base_url);
        for host in settings.hosts.values_mut() {
            server
                .common_url()
                .unwrap_or_else(|| panic!("{edition} has no common domain"))
                .clone_into(host);
        }
        servers.insert(*edition, server);
    }
    servers
}

/// What the suite says against a varied tenant that should not have been said, row by row.
async fn unfair(variation: u64) -> Vec<String> {
    let mut suite = support::shipped();
    let mut target = suite
        .target
        .take()
        .expect("the mock's target file is there");
    let _servers = serve(variation, &mut target).await;
    // A row that is only observed asserts nothing and cannot be unfair.
    let mut cases = suite.plan.cases.clone();
    cases.retain(|case| case.observe.is_none());
    let results = support::run(suite, target, cases).await;
    assert!(!results.is_empty());
    let red = results
        .iter()
        .filter(|result| !matches!(result.verdict, Verdict::Pass(_)));
    red.map(|result| format!("seed {variation}: {}", explain::failure(result)))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_row_asserts_what_the_documents_leave_open() {
    let mut told = Vec::new();
    for seed in 1..=seeds() {
        told.extend(unfair(seed).await);
    }
    assert!(
        told.is_empty(),
        "{} rows are red:\n\n{}",
        told.len(),
        told.join("\n\n")
    );
}

#[test]
fn a_seed_is_told_in_one_line_a_question_and_differs_from_the_plain_reading() {
    let plain = variation_lines(0);
    assert!(plain.len() > 20, "{plain:?}");
    for seed in 1..=100 {
        let lines = variation_lines(seed);
        assert_eq!(lines.len(), plain.len());
        assert_ne!(lines, plain, "seed {seed}");
        assert!(lines.iter().all(|line| line.contains(": ")), "{lines:?}");
    }
}

#[tokio::test]
async fn a_varied_tenant_really_answers_in_another_way() {
    let answer = async |variation: u64| {
        let options = MockOptions {
            variation,
            ..MockOptions::new(Dialect::Ciam)
        };
        let server = MockServer::start(options).await.expect("starts");
        let url = format!("{}/api/v1/oauth2/keys", server.base_url());
        let response = reqwest::get(url).await.expect("an answer");
        let headers = response.headers().clone();
        let body = response.text().await.expect("a body");
        (headers, body)
    };
    let mut seen = [false; 8];
    for seed in 1..=100 {
        let (headers, body) = answer(seed).await;
        let value: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        for (seen, now) in seen.iter_mut().zip([
            headers.contains_key("x-request-id"),
            headers.contains_key("set-cookie"),
            !headers.contains_key("date"),
            headers.contains_key("transfer-encoding"),
            headers
                .get("connection")
                .is_some_and(|value| value == "close"),
            headers["content-type"] != "application/json",
            body.contains('\n'),
            value["keys"].as_array().is_some_and(|keys| keys.len() == 2),
        ]) {
            *seen |= now;
        }
    }
    assert_eq!(seen, [true; 8]);
}
