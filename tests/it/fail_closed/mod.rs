//! Ways in which a suite can turn green without having checked anything; here none of them does.
//!
//! G1 to G14 are the ways in which other suites did, by their number in our list. The fifteenth, a
//! baseline that was red before anything was broken, makes a `prove` void and is told where `prove`
//! is tested. Every test asserts the exit code and the sentence that says why.

mod outputs;
mod records;
mod rows;
mod sums;

use std::{fs, path::Path, sync::Arc};

use probity::{
    mock::{Dialect, MockOptions, MockServer, Rewrite},
    plan::TestCase,
    report::{console, junit, record as run_record},
    result::{CaseResult, Conclusion, PassReason, RunReport, SkipReason, Verdict},
    suite::Suite,
    target::Target,
};
use regex::Regex;

use crate::support;

/// The shipped rows under a prefix, with a mock of CIAM as their target.
pub(super) struct Bench {
    pub(super) suite: Suite,
    pub(super) target: Target,
    pub(super) cases: Vec<Arc<TestCase>>,
    /// Stops when dropped.
    _mock: MockServer,
}

impl Bench {
    pub(super) async fn new(prefix: &str, rewrite: Option<Rewrite>) -> Self {
        let mut options = MockOptions::new(Dialect::Ciam);
        options.rewrite = rewrite;
        let mock = MockServer::start(options).await.expect("a mock");
        let mut suite = support::shipped();
        let cases = support::rows(&suite, prefix);
        let target = support::target_at(&mut suite, &[support::CIAM], mock.base_url());
        Self {
            suite,
            target,
            cases,
            _mock: mock,
        }
    }

    pub(super) async fn run(self) -> RunReport {
        let jobs = self.target.jobs;
        let engine = support::engine(self.suite.contracts, &self.cases, self.target);
        let results = support::run_on(engine, &self.cases, jobs).await;
        support::report(results)
    }
}

/// The run ends with this code, and every output that a person reads gives this reason.
#[track_caller]
pub(super) fn ends(report: &RunReport, code: u8, why: &str) {
    assert_eq!(
        report.conclusion().exit_code(),
        code,
        "{:?}",
        report.because()
    );
    assert_eq!(report.because().as_deref(), Some(why));
    let summary = console::summary(report, &console::Options::default());
    assert!(summary.contains(&format!("{why}\n")), "{summary}");
    if report.conclusion() == Conclusion::Invalid {
        let xml = junit::render(report);
        assert!(count(&xml, "error") + count(&xml, "failure") > 0, "{xml}");
    }
}

/// How many elements of this name an XML text holds; text and attributes cannot hold a `<`.
pub(super) fn count(xml: &str, element: &str) -> usize {
    let opening = Regex::new(&format!(r"<{element}[\s/>]")).expect("a pattern");
    opening.find_iter(xml).count()
}

/// A row of the shipped suite that ended so.
pub(super) fn row(id: &str, verdict: Verdict) -> CaseResult {
    let title = format!("what {id} is about");
    CaseResult {
        outcome: None,
        stands: false,
        waiver: None,
        blocked_by: None,
        id: id.into(),
        title,
        edition: "ciam".to_owned(),
        operation: "skipPasswordUpdate".into(),
        control: id.ends_with("/control"),
        source: probity::result::Source::default(),
        requirements: Vec::new(),
        verdict,
        detail: None,
        causes: Vec::new(),
        steps: Vec::new(),
        tags: Vec::new(),
        basis: probity::result::Basis::default(),
        elapsed: std::time::Duration::ZERO,
    }
}

pub(super) fn passed(id: &str) -> CaseResult {
    row(id, Verdict::Pass(PassReason::Clean))
}

pub(super) fn lacking(id: &str) -> CaseResult {
    row(id, Verdict::Skip(SkipReason::NotProvided))
}

/// The record in a folder, read back.
pub(super) fn record(folder: &Path) -> RunReport {
    let text = fs::read_to_string(folder.join("run.jsonl")).expect("a record");
    run_record::read(&text)
        .expect("a whole record")
        .report()
        .clone()
}

/// A run of the mock with passes, failures, errors and skips, each with rows.
pub(super) async fn mixed() -> RunReport {
    let rewrite: Rewrite = Arc::new(|operation, answer| {
        if operation != "skipPasswordUpdate" {
            return;
        }
        let text = String::from_utf8_lossy(&answer.body);
        answer.body = text.replace("PARAM.0002", "PARAM.0003").into_bytes();
    });
    let mut bench = Bench::new("ciam/skip-update/", Some(rewrite)).await;
    // The control of one file wants what the target has not: its rows are errors.
    for case in bench.cases.iter_mut().filter(|case| case.control) {
        if case.id.starts_with("ciam/skip-update/effects/") {
            "/nowhere".clone_into(&mut Arc::make_mut(case).request.path);
        }
    }
    let report = bench.run().await;
    let counts = report.counts();
    for count in [counts.passed, counts.failed, counts.errors, counts.skipped] {
        assert!(count > 0, "{counts:?}");
    }
    report
}
