//! Blame: one departure in front of one operation, and the requirements that a run calls violated.
//!
//! Exactly the requirements about a departure may be violated, whatever else the test cases that met it
//! cover. An edit of answers is made in recorded answers, which are judged again; what only a server can
//! do wrong, such as taking a request that it should refuse or breaking a connection, is made by a
//! relay in front of the mock, or by the mock itself.

mod table;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use probity::{
    contract::{self, Contract},
    embedded,
    engine::{StopSignal, hand_on},
    ids::Edition,
    judge,
    mock::{self, Dialect, MockOptions, MockServer},
    mutant::{self, AnswerEdit, Change, Delivery, Mutant, Relay, Route, TokenSigner},
    plan::TestCase,
    result::{CaseResult, Covered, ErrorReason, Part, State, Verdict},
    session,
    suite::Suite,
    target::{Target, TargetEdition, origin},
    transcript::Transcript,
};

use crate::support;

/// The shipped suite, the mock's target file, and every departure there is by its id.
struct Bench {
    suite: Suite,
    target: Target,
    catalogue: BTreeMap<String, Mutant>,
}

/// The test cases of an edition as they went on an honest mock.
struct Recorded {
    cases: Vec<Arc<TestCase>>,
    went: Vec<(CaseResult, Transcript)>,
}

impl Bench {
    fn new() -> Self {
        let mut suite = support::shipped();
        let target = suite.target.take().expect("the mock's target file");
        let signer = TokenSigner::from_pem(mock::signing_key()).expect("the mock's key");
        let mut all = mutant::catalogue(&suite.contracts);
        all.extend(mutant::forged(&suite.contracts, &signer));
        let rulings = mutant::load_rulings(support::root(), &suite.contracts, &mut Vec::new());
        let dialects = Dialect::ALL.into_iter();
        all.extend(dialects.flat_map(|dialect| mutant::faults(dialect, &rulings)));
        Self {
            catalogue: all.into_iter().map(|one| (one.id.clone(), one)).collect(),
            suite,
            target,
        }
    }

    fn departure(&self, id: &str) -> &Mutant {
        let known = self.catalogue.get(id);
        known.unwrap_or_else(|| panic!("there is no departure `{id}`"))
    }

    fn contract(&self, edition: Edition) -> &Contract {
        let mut all = self.suite.contracts.iter();
        all.find(|one| one.edition == edition)
            .expect("it is loaded")
    }

    fn route(&self, mutant: &Mutant) -> Route {
        let contract = self.contract(mutant.edition);
        let operation = contract.operation(&mutant.operation);
        Route::of(
            contract,
            operation.expect("an operation of the contract"),
            ["http://h"],
        )
    }

    fn cases(&self, edition: Edition) -> Vec<Arc<TestCase>> {
        let all = self.suite.plan.cases.iter();
        all.filter(|case| case.edition == edition)
            .cloned()
            .collect()
    }

    /// A mock of one edition, and the target that leads to it.
    async fn mock(&self, options: MockOptions, edition: Edition) -> (MockServer, Target) {
        let mut target = self.target.clone();
        target.editions.retain(|known, _| *known == edition);
        target.limits.retries = 0;
        target.limits.breaker = 0;
        let mock = embedded::start(&mut target, options).await;
        (mock.expect("the mock starts"), target)
    }

    async fn recorded(&self, edition: Edition) -> Recorded {
        let options = MockOptions::new(dialect(edition));
        let (_mock, target) = self.mock(options, edition).await;
        let cases = self.cases(edition);
        let engine = support::engine(contract_of(edition), &cases, target);
        let never = StopSignal::never();
        let went =
            session::with_transcripts(&engine.into(), &cases, 16, never, &mut |_: &CaseResult| {})
                .await;
        Recorded { cases, went }
    }

    /// The requirements that the recorded answers violate once this edit is made in them.
    fn edited(&self, recorded: &Recorded, mutant: &Mutant, edit: &AnswerEdit) -> Vec<CaseResult> {
        let (route, contract) = (self.route(mutant), self.contract(mutant.edition));
        let mut out: BTreeMap<String, CaseResult> = BTreeMap::new();
        let mut results = Vec::new();
        for (case, (result, transcript)) in recorded.cases.iter().zip(&recorded.went) {
            let needs = std::iter::once(&case.control_id).chain(&case.prerequisites);
            let mut needs = needs.filter(|id| **id != case.id);
            let stands =
                |id: &probity::ids::CaseId| out.get(id.as_str()).is_none_or(|one| one.stands);
            let result = if needs.all(stands) {
                let transcript = spoiled(transcript, &route, edit);
                let judgement = judge::case(case, &transcript, contract, false);
                judged(result, judgement)
            } else {
                CaseResult {
                    verdict: Verdict::Error(ErrorReason::ControlFailed),
                    stands: false,
                    steps: Vec::new(),
                    requirements: Vec::new(),
                    ..result.clone()
                }
            };
            out.insert(case.id.to_string(), result.clone());
            results.push(result);
        }
        results
    }

    /// The results of a run with the departure in front of the mock, or in it.
    async fn relayed(&self, mutant: &Mutant) -> Vec<CaseResult> {
        let mut options = MockOptions::new(dialect(mutant.edition));
        let is_of_the_mock = matches!(mutant.change, Change::Mock(_));
        if let Change::Mock(fault) = &mutant.change {
            options.fault = Some(fault.clone());
        }
        let (_mock, mut target) = self.mock(options, mutant.edition).await;
        let mut relays = Vec::new();
        let upstream = hand_on(&target).expect("a client");
        let settings = target.editions.values().filter(|_| !is_of_the_mock);
        let urls = settings.flat_map(TargetEdition::urls);
        let origins = urls.map(|url| origin(&url.parse().expect("an address")));
        for origin in origins.collect::<BTreeSet<_>>() {
            let relay =
                Relay::start(&origin, self.route(mutant), mutant, Arc::clone(&upstream)).await;
            let relay = relay.expect("a free port");
            target.reach.relays.insert(origin, relay.address());
            relays.push(relay);
        }
        let mine = |case: &TestCase| case.operation == mutant.operation;
        let all = self.cases(mutant.edition);
        let cases = probity::plan::with_prerequisites(&all, mine);
        let engine = support::engine(contract_of(mutant.edition), &all, target);
        support::run_on(engine, &cases, 16).await
    }

    /// The ids of the requirements that results violate, in the register's order.
    fn violated(&self, edition: Edition, results: &[CaseResult]) -> Vec<String> {
        let states = judge::requirements(&self.suite.contracts, &self.cases(edition), results);
        let violated = states
            .into_iter()
            .filter(|one| one.state == State::Violated);
        violated.map(|one| one.id.to_string()).collect()
    }
}

fn spoiled(transcript: &Transcript, route: &Route, edit: &AnswerEdit) -> Transcript {
    let mut out = transcript.clone();
    let judged = |part: Part| matches!(part, Part::Request | Part::Then);
    for step in out.steps.iter_mut().filter(|step| judged(step.part)) {
        for exchange in &mut step.attempts {
            let url = url::Url::parse(&exchange.request.url).expect("an address");
            let Ok(response) = &mut exchange.outcome else {
                continue;
            };
            let request = &exchange.request;
            if route.leads(&request.method, url.path()) && (edit.applies)(request, response) {
                (edit.edit)(response);
            }
        }
    }
    out
}

/// A recorded result as another judgement has it.
fn judged(result: &CaseResult, judgement: judge::Judgement) -> CaseResult {
    let mut out = result.clone();
    for (step, checks) in out.steps.iter_mut().zip(judgement.checks) {
        step.checks = checks;
    }
    let covered = judgement.evidence.into_iter();
    let covered = covered.map(|(id, evidence)| Covered {
        id,
        evidence,
        text: String::new(),
    });
    out.requirements = covered.collect();
    out.verdict = judgement.verdict;
    (out.outcome, out.stands) = (judgement.outcome, judgement.stands);
    out
}

fn dialect(edition: Edition) -> Dialect {
    Dialect::of(edition).expect("the mock speaks it")
}

/// The contract of an edition, loaded anew: a run wants its own.
fn contract_of(edition: Edition) -> Vec<Contract> {
    let loaded = contract::load(support::root(), edition, &mut Vec::new());
    vec![loaded.expect("the specs are readable")]
}

/// What the first finding of the first failed test case says, as the console's first line does.
fn first_finding(results: &[CaseResult]) -> String {
    let first = results.iter().find_map(|case| case.broken().next());
    first.map_or_else(String::new, |(_, _, found)| found.to_string())
}

#[track_caller]
fn compare(id: &str, found: &[String], expected: &[&str], wrong: &mut Vec<String>) {
    if found != expected {
        wrong.push(format!("(\"{id}\", &{found:?}), // expected {expected:?}"));
    }
}

#[tokio::test]
async fn exactly_the_requirements_about_an_edited_answer_are_violated() {
    let bench = Bench::new();
    let mut recorded = BTreeMap::new();
    for edition in support::EDITIONS {
        recorded.insert(edition, bench.recorded(edition).await);
    }
    let mut wrong = Vec::new();
    for (id, part, expected) in table::ANSWERS {
        let mutant = bench.departure(id);
        let Change::Answer(edit) = &mutant.change else {
            panic!("`{id}` edits no answer");
        };
        assert_eq!(edit.delivery, Delivery::Whole, "{id}");
        let results = bench.edited(&recorded[&mutant.edition], mutant, edit);
        let found = bench.violated(mutant.edition, &results);
        compare(id, &found, expected, &mut wrong);
        let first = first_finding(&results);
        if !first.contains(part) {
            wrong.push(format!(
                "{id}: the first finding is no word about {part}: {first}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn exactly_the_requirements_about_what_a_server_does_are_violated() {
    let bench = Bench::new();
    let mut wrong = Vec::new();
    for (id, part, expected) in table::SERVERS {
        let mutant = bench.departure(id);
        let results = bench.relayed(mutant).await;
        let found = bench.violated(mutant.edition, &results);
        compare(id, &found, expected, &mut wrong);
        let first = first_finding(&results);
        if !first.contains(part) {
            wrong.push(format!(
                "{id}: the first finding is no word about {part}: {first}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
