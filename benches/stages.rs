//! What each stage costs as rows grow: `cargo bench`, or `cargo bench -- judge` for one of them.
//!
//! The rows are those of `examples/bench`. Nothing fails by its time: figures are compared by people,
//! from one machine and one hour.

#[path = "../examples/bench/generate.rs"]
mod generate;
#[path = "../examples/bench/serve.rs"]
mod serve;

use std::{
    path::PathBuf,
    sync::{Arc, LazyLock, mpsc},
    thread,
    time::Duration,
};

use divan::{Bencher, black_box, counter::ItemsCount};
use probity::{
    case::{self, CaseFile},
    contract::{self, Contract},
    engine::{Engine, StopSignal},
    exchange::Exchange,
    ids::Edition,
    judge, plan,
    plan::TestCase,
    report::{junit, record},
    result::{CaseResult, RunReport},
    secret::{Documented, Redactor, Secret, SecretIndex},
    session::{self, Options, Session},
    suite::{self, Suite},
    transcript::Transcript,
};
use tempfile::TempDir;

use self::generate::{Layout, Request};

const ROWS: [usize; 4] = [1, 1_000, 10_000, 100_000];

/// So many rows are really sent; where there are more, these come again.
const SENT: usize = 600;

const EDITION: Edition = Edition::named("bench");

fn main() {
    divan::main();
}

/// A generated project; its folder goes with it.
struct Project(TempDir);

impl Project {
    fn of(rows: usize, base_url: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let request = Request {
            rows,
            layout: Layout::ManyFiles,
            wrong: false,
            base_url: base_url.to_owned(),
        };
        generate::project(&request, folder.path()).expect("a project");
        Self(folder)
    }

    fn target(&self) -> PathBuf {
        self.0.path().join("tenants/local.yaml")
    }

    fn load(&self) -> Suite {
        let suite = suite::load(self.0.path(), Some(&self.target()));
        assert!(!suite.is_broken(), "{:#?}", suite.diagnostics);
        suite
    }

    fn files_and_contracts(&self) -> (Vec<CaseFile>, Vec<Contract>) {
        let mut found = Vec::new();
        let files = case::load(self.0.path(), &mut found);
        let contract = contract::load(self.0.path(), EDITION, &mut found);
        (files, contract.into_iter().collect())
    }
}

/// Rows that were sent to a target, what came back, and the report of such a run.
struct Sent {
    cases: Vec<Arc<TestCase>>,
    transcripts: Vec<Transcript>,
    contract: Contract,
    report: RunReport,
}

static SENT_ROWS: LazyLock<Sent> = LazyLock::new(|| {
    let (ready, address) = mpsc::channel();
    thread::spawn(move || {
        serve::run(0, Duration::ZERO, |address| {
            ready.send(address).expect("somebody who waits");
        })
    });
    let url = format!("http://{}", address.recv().expect("a target"));
    let project = Project::of(SENT, &url);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let mut suite = project.load();
        let target = suite.target.take().expect("a target");
        let options = Options::default();
        let session = Session::open(suite, target, &options, None).await;
        let report = session.expect("a session").complete().await;
        assert_eq!(report.conclusion().exit_code(), 0, "{:?}", report.because());

        let mut suite = project.load();
        let target = suite.target.take().expect("a target");
        let engine = Engine::new(suite.contracts, &suite.plan.cases, target, false);
        let engine = Arc::new(engine.expect("an engine"));
        let cases = suite.plan.cases;
        let sent = session::with_transcripts(
            &engine,
            &cases,
            16,
            StopSignal::never(),
            &mut |_: &CaseResult| {},
        )
        .await;
        let (_, contracts) = project.files_and_contracts();
        Sent {
            cases,
            transcripts: sent.into_iter().map(|(_, transcript)| transcript).collect(),
            contract: contracts.into_iter().next().expect("a contract"),
            report,
        }
    })
});

impl Sent {
    /// So many exchanges, in order and over again.
    fn exchanges(&self, rows: usize) -> impl Iterator<Item = &Exchange> {
        let steps = self.transcripts.iter().flat_map(|one| &one.steps);
        let all: Vec<&Exchange> = steps.flat_map(|step| &step.attempts).collect();
        all.into_iter().cycle().take(rows)
    }

    /// The report of a run of so many rows.
    fn report(&self, rows: usize) -> RunReport {
        let cases = self.report.cases.iter().cycle().take(rows).cloned();
        let numbered = cases.enumerate().map(|(number, mut case)| {
            case.id = format!("{}-{number}", case.id).into();
            case
        });
        RunReport {
            cases: numbered.collect(),
            planned: rows,
            suite_size: rows,
            ..self.report.clone()
        }
    }
}

/// Values of an exchange that may be in no report.
fn secrets(exchange: &Exchange) -> Vec<Secret> {
    let token = exchange.outcome.as_ref().ok();
    let token = token.and_then(|answer| answer.json_or_null()["session_token"].as_str());
    let sent = exchange.request.header("X-state-token");
    token
        .into_iter()
        .chain(sent)
        .map(|text| Secret::from(text.to_owned()))
        .collect()
}

/// From files to a plan, with all that is looked for before anything is sent.
#[divan::bench(args = ROWS, sample_count = 20, sample_size = 1, max_time = 5)]
fn load(bencher: Bencher<'_, '_>, rows: usize) {
    let project = Project::of(rows, "http://127.0.0.1:4100");
    bencher
        .counter(ItemsCount::new(rows))
        .bench_local(|| project.load());
}

/// The planning in it, of files that were read.
#[divan::bench(args = ROWS, sample_count = 20, sample_size = 1, max_time = 5)]
fn plan(bencher: Bencher<'_, '_>, rows: usize) {
    let project = Project::of(rows, "http://127.0.0.1:4100");
    let (files, contracts) = project.files_and_contracts();
    bencher
        .counter(ItemsCount::new(rows))
        .bench_local(|| plan::plan(&files, &contracts, &mut Vec::new()));
}

/// From answers to verdicts.
#[divan::bench(args = ROWS, sample_count = 20, sample_size = 1, max_time = 5)]
fn judge(bencher: Bencher<'_, '_>, rows: usize) {
    let sent = &*SENT_ROWS;
    bencher.counter(ItemsCount::new(rows)).bench_local(|| {
        let all = sent.cases.iter().zip(&sent.transcripts);
        for (case, transcript) in all.cycle().take(rows) {
            black_box(judge::case(case, transcript, &sent.contract, false));
        }
    });
}

/// What was sent and what came back, as it may be shown: a redactor for each row, as a run has it.
#[divan::bench(args = ROWS, sample_count = 20, sample_size = 1, max_time = 5)]
fn redact(bencher: Bencher<'_, '_>, rows: usize) {
    let sent = &*SENT_ROWS;
    bencher.counter(ItemsCount::new(rows)).bench_local(|| {
        for exchange in sent.exchanges(rows) {
            let secrets = secrets(exchange);
            let redactor = Redactor::new(secrets.iter().map(Secret::expose));
            black_box(redactor.url(&exchange.request.url));
            let answer = exchange.outcome.as_ref().expect("an answer");
            for (name, value) in exchange.sent_headers.iter().chain(&answer.headers) {
                black_box(redactor.header(name, value));
            }
            black_box(redactor.body(&String::from_utf8_lossy(&answer.body)));
        }
    });
}

/// The search of a whole record for secrets that the run met.
#[divan::bench(args = ROWS, sample_count = 20, sample_size = 1, max_time = 5)]
fn search(bencher: Bencher<'_, '_>, rows: usize) {
    let sent = &*SENT_ROWS;
    let index = SecretIndex::default();
    for exchange in sent.exchanges(rows) {
        index.learn(&secrets(exchange), &Documented::default());
    }
    let text = record::render(&sent.report(rows));
    bencher
        .counter(ItemsCount::new(rows))
        .bench_local(|| index.leaks(&text));
}

#[divan::bench(args = ROWS, sample_count = 20, sample_size = 1, max_time = 5)]
fn record(bencher: Bencher<'_, '_>, rows: usize) {
    let report = SENT_ROWS.report(rows);
    bencher
        .counter(ItemsCount::new(rows))
        .bench_local(|| record::render(&report));
}

#[divan::bench(args = ROWS, sample_count = 20, sample_size = 1, max_time = 5)]
fn junit(bencher: Bencher<'_, '_>, rows: usize) {
    let report = SENT_ROWS.report(rows);
    bencher
        .counter(ItemsCount::new(rows))
        .bench_local(|| junit::render(&report));
}
