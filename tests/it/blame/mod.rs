//! Blame: one departure in front of one operation, and the requirements that a run calls violated.
//!
//! Each departure is made by a relay in front of the mock, or by the mock itself where it is one of
//! what a request does. Exactly the requirements about it may be violated.

mod table;

use std::collections::BTreeMap;

use probity::{
    contract::Contract,
    embedded,
    ids::Edition,
    judge,
    mock::{self, Dialect, MockOptions},
    mutant::{self, Change, Mutant, Relay, Route, TokenSigner},
    result::State,
    suite::Suite,
    target::Target,
};

use crate::support;

/// The catalogue by id, those that need the tenant's key included.
fn catalogue(contracts: &[Contract]) -> BTreeMap<String, Mutant> {
    let signer = TokenSigner::from_pem(mock::signing_key()).expect("the mock's key is readable");
    let mut all = mutant::catalogue(contracts);
    all.extend(mutant::forged(contracts, &signer));
    all.extend(Dialect::ALL.into_iter().flat_map(mutant::faults));
    all.into_iter()
        .map(|mutant| (mutant.id.clone(), mutant))
        .collect()
}

/// A run of one operation's rows with one departure in front of it.
async fn violated(suite: &Suite, target: &Target, mutant: &Mutant) -> (Vec<String>, Vec<String>) {
    let mut target = target.clone();
    target
        .editions
        .retain(|edition, _| *edition == mutant.edition);
    target.limits.retries = 0;
    target.limits.breaker = 0;
    let mut options = MockOptions::new(dialect(mutant.edition));
    if let Change::Mock(fault) = &mutant.change {
        options.fault = Some(fault.clone());
    }
    let _mock = embedded::start(&mut target, options)
        .await
        .expect("the mock starts");
    let mut relays = Vec::new();
    if !matches!(mutant.change, Change::Mock(_)) {
        let contract = suite
            .contracts
            .iter()
            .find(|one| one.edition == mutant.edition);
        let operation = contract.and_then(|one| one.operation(&mutant.operation));
        let route = Route::of(operation.expect("the operation"));
        for settings in target.editions.values_mut() {
            let hosts = settings.hosts.values_mut();
            for url in std::iter::once(&mut settings.base_url).chain(hosts) {
                let client = reqwest::Client::builder()
                    .no_proxy()
                    .build()
                    .expect("a client");
                let relay = Relay::start(url, route.clone(), mutant, client).await;
                let relay = relay.expect("a port");
                relay.url().clone_into(url);
                relays.push(relay);
            }
        }
    }
    let of_edition = |case: &&probity::plan::TestCase| case.edition == mutant.edition;
    let cases: Vec<_> = suite
        .plan
        .cases
        .iter()
        .filter(of_edition)
        .cloned()
        .collect();
    let contracts = contract_of(mutant.edition);
    let results = support::run_on(support::engine(contracts, &cases, target), &cases, 16).await;
    let states = judge::requirements(&suite.contracts, &cases, &results);
    let violated = states.iter().filter(|one| one.state == State::Violated);
    let lines = results.iter().filter(|case| case.broken().next().is_some());
    let first = lines
        .flat_map(|case| case.broken().next())
        .map(|(_, _, found)| found.to_string());
    (
        violated.map(|one| one.id.to_string()).collect(),
        first.collect(),
    )
}

fn dialect(edition: Edition) -> Dialect {
    Dialect::of(edition).expect("the mock speaks it")
}

/// The contract of an edition, loaded anew: a run wants its own.
fn contract_of(edition: Edition) -> Vec<Contract> {
    let loaded = probity::contract::load(support::root(), edition, &mut Vec::new());
    vec![loaded.expect("the specs are readable")]
}

#[tokio::test]
async fn exactly_the_requirements_about_a_departure_are_violated() {
    let mut suite = support::shipped();
    let target = suite.target.take().expect("the mock's target file");
    let catalogue = catalogue(&suite.contracts);
    let filter = std::env::var("BLAME").unwrap_or_default();
    for (id, mutant) in &catalogue {
        if filter == "list" {
            println!("{id}");
            continue;
        }
        if filter.is_empty() || !filter.split(',').any(|one| id == one) {
            continue;
        }
        let (ids, first) = violated(&suite, &target, mutant).await;
        let mut firsts: Vec<String> = Vec::new();
        for line in first {
            if !firsts.contains(&line) {
                firsts.push(line);
            }
        }
        println!("{id}\n   {ids:?}\n   {:?}", &firsts[..firsts.len().min(2)]);
    }
}
