//! Verdicts depend on the target alone: not on the order of the rows, how many are in flight, or
//! what the target was asked before.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    sync::Arc,
};

use probity::{
    contract::Contract,
    embedded,
    ids::CaseId,
    judge,
    mock::MockServer,
    plan::TestCase,
    report::record,
    result::{CaseResult, RequirementState, Verdict},
    target::Target,
};

use crate::{
    cli::{run_into, temporary},
    support,
};

/// A run in a further order takes one row in so many.
const PART: usize = 10;

/// The shipped suite before mocks that are never started again.
struct Bench {
    contracts: Arc<[Contract]>,
    cases: Vec<Arc<TestCase>>,
    target: Target,
    /// Stop when dropped.
    _mocks: Vec<MockServer>,
}

impl Bench {
    async fn new() -> Self {
        let suite = support::shipped();
        let mut target = suite.target.expect("the mock's target file");
        let mocks = embedded::start_all(&mut target, 0).await.expect("mocks");
        Self {
            contracts: suite.contracts.into(),
            cases: suite.plan.cases,
            target,
            _mocks: mocks,
        }
    }

    /// Runs these rows in this order with an engine of their own; the results as they came.
    async fn results(&self, cases: &[Arc<TestCase>], jobs: usize) -> Vec<CaseResult> {
        let contracts = Arc::clone(&self.contracts);
        let engine = support::engine(contracts, &self.cases, self.target.clone());
        support::run_on(engine, cases, jobs).await
    }

    async fn run(&self, cases: &[Arc<TestCase>], jobs: usize) -> Said {
        let results = self.results(cases, jobs).await;
        let ids: Vec<&str> = results.iter().map(|case| case.id.as_str()).collect();
        let given: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
        assert_eq!(ids, given, "results stand in the order given");
        let states = judge::requirements(&self.contracts, &self.cases, &results);
        let verdicts = results.into_iter().map(|case| (case.id, case.verdict));
        Said {
            verdicts: verdicts.collect(),
            requirements: states,
        }
    }

    /// The rows in the order of a seed, which `probity run --shuffle` takes as well.
    fn shuffled(&self, seed: u64) -> Vec<Arc<TestCase>> {
        let mut cases = self.cases.clone();
        fastrand::Rng::with_seed(seed).shuffle(&mut cases);
        cases
    }
}

/// What a run says, without times and identities.
#[derive(Debug, PartialEq)]
struct Said {
    verdicts: BTreeMap<CaseId, Verdict>,
    requirements: Vec<RequirementState>,
}

impl Said {
    /// Every row that says something else than before, not only the first.
    fn differences(&self, before: &Self) -> Vec<String> {
        let rows = self.verdicts.iter();
        rows.filter(|(id, verdict)| before.verdicts.get(*id) != Some(verdict))
            .map(|(id, now)| format!("{id}: {now:?}, before {:?}", before.verdicts.get(id)))
            .collect()
    }

    #[track_caller]
    fn is(&self, before: &Self, what: &str) {
        let differences = self.differences(before);
        assert!(differences.is_empty(), "{what}: {differences:#?}");
        assert_eq!(self, before, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn verdicts_are_the_same_one_by_one_all_at_once_a_second_time_and_in_twenty_orders() {
    let bench = Bench::new().await;
    let one_by_one = bench.run(&bench.cases, 1).await;
    assert_eq!(one_by_one.verdicts.len(), bench.cases.len());
    let together = bench.run(&bench.cases, 32).await;
    together.is(&one_by_one, "32 jobs");
    let again = bench.run(&bench.shuffled(0), 32).await;
    again.is(&one_by_one, "again, in the order of seed 0");
    // A part of the rows in each further order keeps the time within bounds; most rows come early
    // in some order and late in another.
    let mut seen = BTreeSet::new();
    for (seed, jobs) in (1..20).zip([1, 4, 16, 64].into_iter().cycle()) {
        let cases = bench.shuffled(seed);
        let said = bench.run(&cases[..cases.len() / PART], jobs).await;
        let differences = said.differences(&one_by_one);
        assert!(
            differences.is_empty(),
            "seed {seed}, {jobs} jobs: {differences:#?}"
        );
        seen.extend(said.verdicts.into_keys());
    }
    assert!(seen.len() * 10 > bench.cases.len() * 8, "{}", seen.len());
}

/// A red target is as steady as a green one: rows behind a control agree on why.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_red_target_is_red_in_the_same_rows_in_every_order() {
    let mut bench = Bench::new().await;
    for settings in bench.target.editions.values_mut() {
        let warn = settings.providers.get_mut("account-warn");
        warn.expect("the provider").yields = Some(serde_json::json!({}));
    }
    let unknown = |verdict: &&Verdict| matches!(verdict, Verdict::Error(_));
    bench.cases.retain(|case| case.edition == support::CIAM);
    let expected = bench.run(&bench.cases, 1).await;
    assert!(expected.verdicts.values().filter(unknown).count() > 20);
    let mut states = expected.requirements.iter();
    assert!(states.any(RequirementState::is_unproven));
    let mut cases = bench.cases.clone();
    cases.reverse();
    bench.run(&cases, 32).await.is(&expected, "reversed");
}

#[test]
fn a_shuffled_run_names_its_seed_and_reports_in_the_order_of_the_files() {
    let rows = |arguments: &[&str]| {
        let out = temporary();
        let ran = run_into(out.path(), arguments).expect(0);
        let text = fs::read_to_string(out.path().join("run.jsonl")).expect("a record");
        let record = record::read(&text).expect("a whole record");
        let rows = record
            .report()
            .cases
            .iter()
            .map(|case| (case.id.clone(), case.verdict.clone()));
        (ran.err, rows.collect::<Vec<_>>())
    };
    let (_, plain) = rows(&["ciam/skip-update"]);
    let (told, shuffled) = rows(&["ciam/skip-update", "--shuffle", "7"]);
    assert!(told.contains("--shuffle 7"), "{told}");
    assert_eq!(shuffled, plain);
}
