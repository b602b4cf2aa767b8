//! What changed between two runs: planted changes of a target, each classed as what it is.

use std::{fs, sync::Arc};

use probity::{
    compare::{self, RunFacts},
    contract::Contract,
    judge,
    mock::{Answer, Dialect, MockOptions, MockServer, Rewrite},
    plan::{Selection, TestCase, with_prerequisites},
    report::comparison::{Options, html, text},
    result::{
        ChangeClass, ChangeKind, Comparison, Decision, ErrorReason, Part, Reached,
        RequirementChange, RunReport, Verdict,
    },
    session::{self, Session},
    target::Target,
};
use serde_json::Value;

use crate::{
    cli::{probity, run_into, temporary},
    loopback, support,
};

/// A run of these rows against a mock that is changed in this way.
async fn run_of(filters: &[&str], rewrite: Option<Rewrite>, disabled: &[&str]) -> RunReport {
    let mut options = MockOptions::new(Dialect::Ciam);
    options.rewrite = rewrite;
    options.disabled_rules = disabled.iter().map(|rule| (*rule).to_owned()).collect();
    let mock = MockServer::start(options).await.expect("a mock");
    run_at(mock.base_url(), filters).await
}

/// A run of these rows against what answers there.
async fn run_at(url: &str, filters: &[&str]) -> RunReport {
    let mut suite = support::shipped();
    let target = support::target_at(&mut suite, &[support::CIAM], url);
    let options = session::Options {
        selection: Selection {
            filters: filters.iter().map(|one| (*one).to_owned()).collect(),
            ..Selection::default()
        },
        ..session::Options::default()
    };
    let session = Session::open(suite, target, &options, None)
        .await
        .expect("a session");
    session.complete().await
}

/// The shipped rows, read once for all runs of a table.
struct Shared {
    contracts: Arc<[Contract]>,
    cases: Vec<Arc<TestCase>>,
    target: Target,
}

impl Shared {
    fn new(filters: &[&str]) -> Self {
        let mut suite = support::shipped();
        let wanted = |case: &TestCase| filters.iter().any(|filter| case.id.contains(filter));
        Self {
            cases: with_prerequisites(&suite.plan.cases, wanted),
            target: suite
                .target
                .take()
                .expect("the mock's target file is there"),
            contracts: suite.contracts.into(),
        }
    }

    /// As [`run_of`], without reading everything anew.
    async fn run(&self, rewrite: Option<Rewrite>) -> RunReport {
        let mut options = MockOptions::new(Dialect::Ciam);
        options.rewrite = rewrite;
        let mock = MockServer::start(options).await.expect("a mock");
        let target = support::at(self.target.clone(), &[support::CIAM], mock.base_url());
        let jobs = target.jobs;
        let engine = support::engine(Arc::clone(&self.contracts), &self.cases, target);
        let results = support::run_on(engine, &self.cases, jobs).await;
        let reached = Reached {
            address: mock.base_url().to_owned(),
            ..Reached::default()
        };
        let mut report = support::report(results);
        report.provenance.editions = [("ciam".to_owned(), reached)].into();
        report.requirements = judge::requirements(&self.contracts, &self.cases, &report.cases);
        report
    }
}

/// Rows about headers, members and errors of one operation, and some that are only observed.
const ROWS: [&str; 4] = [
    "ciam/skip-update/headers",
    "ciam/skip-update/documented",
    "ciam/skip-update/open/other-method",
    "ciam/skip-update/open/query-supplied",
];

async fn run(rewrite: Option<Rewrite>) -> RunReport {
    run_of(&ROWS, rewrite, &[]).await
}

fn facts(report: &RunReport) -> RunFacts {
    RunFacts::of(report).expect("results in memory")
}

fn compared(before: &[&RunReport], after: &RunReport) -> Comparison {
    let before: Vec<RunFacts> = before.iter().map(|run| facts(run)).collect();
    compare::compare(&before, &facts(after)).expect("runs of one suite")
}

type Edit = fn(&mut Answer);

/// Changes the answers of the operation under test.
fn of_the_operation(edit: Edit) -> Rewrite {
    of("skipPasswordUpdate", edit)
}

fn of(operation: &'static str, edit: Edit) -> Rewrite {
    Arc::new(move |name: &str, answer: &mut Answer| {
        if name == operation {
            edit(answer);
        }
    })
}

/// Changes the members of a body, where it is an object and the status is this.
fn members(
    answer: &mut Answer,
    status: u16,
    edit: impl FnOnce(&mut serde_json::Map<String, Value>),
) {
    let Ok(Value::Object(mut members)) = serde_json::from_slice(&answer.body) else {
        return;
    };
    if answer.status == status {
        edit(&mut members);
        answer.body = serde_json::to_vec(&members).expect("JSON");
    }
}

fn set(answer: &mut Answer, status: u16, name: &str, value: impl Into<Value>) {
    members(answer, status, |all| {
        all.insert(name.to_owned(), value.into());
    });
}

fn replace(answer: &mut Answer, from: &str, to: &str) {
    let text = String::from_utf8_lossy(&answer.body);
    answer.body = text.replace(from, to).into_bytes();
}

/// What a planted change must be found to be.
struct Planted {
    what: &'static str,
    operation: &'static str,
    edit: Edit,
    gate: Decision,
    /// The class and the beginning of the place of a difference that must be told; none where nothing
    /// changed.
    told: Option<(ChangeClass, &'static str)>,
}

const fn planted(
    what: &'static str,
    edit: Edit,
    gate: Decision,
    told: Option<(ChangeClass, &'static str)>,
) -> Planted {
    Planted {
        what,
        operation: "skipPasswordUpdate",
        edit,
        gate,
        told,
    }
}

const BREAKING: ChangeClass = ChangeClass::Breaking;
const UNDOCUMENTED: ChangeClass = ChangeClass::Undocumented;
const COMPATIBLE: ChangeClass = ChangeClass::Compatible;

#[expect(
    clippy::semicolon_if_nothing_returned,
    reason = "what is done to an answer is the value of its line"
)]
const CHANGES: [Planted; 30] = [
    planted(
        "success is 201",
        |a| {
            if a.status == 200 {
                a.status = 201
            }
        },
        Decision::Broken,
        Some((BREAKING, "status")),
    ),
    planted(
        "success is 500",
        |a| {
            if a.status == 200 {
                a.status = 500
            }
        },
        Decision::Broken,
        Some((BREAKING, "status")),
    ),
    planted(
        "refusals are 422",
        |a| {
            if a.status == 400 {
                a.status = 422
            }
        },
        Decision::Broken,
        Some((BREAKING, "status")),
    ),
    planted(
        "everything is refused",
        |a| a.status = 403,
        Decision::Broken,
        Some((BREAKING, "status")),
    ),
    planted(
        "another error code",
        |a| replace(a, "PARAM.0002", "PARAM.0009"),
        Decision::Broken,
        Some((BREAKING, "error code")),
    ),
    planted(
        "an error code of other letters",
        |a| replace(a, "IDAAS.SDK", "idaas.sdk"),
        Decision::Broken,
        Some((BREAKING, "error code")),
    ),
    planted(
        "another message",
        |a| replace(a, "clientId cannot be empty", "no client"),
        Decision::Broken,
        Some((BREAKING, "message")),
    ),
    planted(
        "no message",
        |a| {
            members(a, 400, |all| {
                all.remove("error_msg");
            })
        },
        Decision::Broken,
        Some((BREAKING, "message")),
    ),
    planted(
        "no error code",
        |a| {
            members(a, 400, |all| {
                all.remove("error_code");
            })
        },
        Decision::Broken,
        Some((BREAKING, "error code")),
    ),
    planted(
        "the lifetime is a text",
        |a| set(a, 200, "expire", "43200"),
        Decision::Broken,
        Some((BREAKING, "body /expire")),
    ),
    planted(
        "the lifetime is null",
        |a| set(a, 200, "expire", Value::Null),
        Decision::Broken,
        Some((BREAKING, "body /expire")),
    ),
    planted(
        "the lifetime is a list",
        |a| set(a, 200, "expire", vec![43200]),
        Decision::Broken,
        Some((BREAKING, "body /expire")),
    ),
    planted(
        "the lifetime is a tenth",
        |a| set(a, 200, "expire", 4320),
        Decision::Broken,
        Some((BREAKING, "body /expire")),
    ),
    planted(
        "no session token",
        |a| {
            members(a, 200, |all| {
                all.remove("session_token");
            })
        },
        Decision::Broken,
        Some((BREAKING, "body /session_token")),
    ),
    planted(
        "an empty session token",
        |a| set(a, 200, "session_token", ""),
        Decision::Broken,
        Some((BREAKING, "body /session_token")),
    ),
    planted(
        "no ID token",
        |a| {
            members(a, 200, |all| {
                all.remove("id_token");
            })
        },
        Decision::Broken,
        Some((BREAKING, "body /id_token")),
    ),
    planted(
        "another word of success",
        |a| set(a, 200, "status", "DONE"),
        Decision::Broken,
        Some((BREAKING, "body /status")),
    ),
    planted(
        "a page instead of JSON",
        |a| {
            if a.status == 200 {
                a.body = b"<p>hello</p>".to_vec();
            }
        },
        Decision::Broken,
        Some((BREAKING, "body")),
    ),
    planted(
        "an empty body",
        |a| {
            if a.status == 200 {
                a.body = Vec::new();
            }
        },
        Decision::Broken,
        Some((BREAKING, "body")),
    ),
    planted(
        "half of the body",
        |a| {
            if a.status == 200 {
                let half = a.body.len() / 2;
                a.body.truncate(half);
            }
        },
        Decision::Broken,
        Some((BREAKING, "body")),
    ),
    planted(
        "another media type",
        |a| a.content_type = Some("text/html".to_owned()),
        Decision::Broken,
        Some((BREAKING, "header content-type")),
    ),
    planted(
        "no media type",
        |a| a.content_type = None,
        Decision::Broken,
        Some((BREAKING, "header content-type")),
    ),
    planted(
        "a charset of the media type",
        |a| a.content_type = Some("application/json; charset=utf-8".to_owned()),
        Decision::Changed,
        Some((COMPATIBLE, "header content-type")),
    ),
    planted(
        "a new member of success",
        |a| set(a, 200, "region", "eu-1"),
        Decision::Broken,
        Some((BREAKING, "body /region")),
    ),
    planted(
        "a new member of refusals",
        |a| set(a, 400, "trace", "7"),
        Decision::Changed,
        Some((UNDOCUMENTED, "body /trace")),
    ),
    planted(
        "a media type in capitals",
        |a| a.content_type = Some("APPLICATION/JSON".to_owned()),
        Decision::Changed,
        Some((COMPATIBLE, "header content-type")),
    ),
    planted(
        "members in another order",
        |a| {
            members(a, 200, |all| {
                let first = all.remove("status");
                all.extend(first.map(|one| ("status".to_owned(), one)));
            })
        },
        Decision::Same,
        None,
    ),
    planted(
        "blanks in the body",
        |a| {
            if let Ok(value) = serde_json::from_slice::<Value>(&a.body) {
                a.body = format!("{value:#}").into_bytes();
            }
        },
        Decision::Same,
        None,
    ),
    Planted {
        what: "a new member of the login",
        operation: "passwordLogin",
        edit: |a| set(a, 200, "region", "eu-1"),
        gate: Decision::Changed,
        told: Some((COMPATIBLE, "body /region")),
    },
    Planted {
        what: "the login is down",
        operation: "passwordLogin",
        edit: |a| a.status = 503,
        gate: Decision::LessProven,
        told: Some((ChangeClass::NotJudged, "status")),
    },
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_planted_change_of_a_target_is_classed_as_what_it_is() {
    let shared = Shared::new(&ROWS);
    let before = [shared.run(None).await, shared.run(None).await];
    let before_facts: Vec<RunFacts> = before.iter().map(facts).collect();
    let text_of_baseline = compare::write_baseline(&before_facts);
    let baseline = [compare::read_baseline(&text_of_baseline).expect("a baseline")];
    let mut wrong = Vec::new();
    for planted in CHANGES {
        let after = shared.run(Some(of(planted.operation, planted.edit))).await;
        let after_facts = facts(&after);
        for (before, name) in [(&before_facts[..], "records"), (&baseline[..], "baseline")] {
            let comparison = compare::compare(before, &after_facts).expect("one suite");
            let (decision, why) = comparison.decision();
            if decision != planted.gate {
                wrong.push(format!("{} ({name}): {decision:?}, {why}", planted.what));
            }
            let told = |(class, place): (ChangeClass, &str)| {
                let mut all = comparison.answers.iter();
                all.any(|one| one.class == class && one.place.starts_with(place))
            };
            if !planted.told.is_none_or(told) {
                let all: Vec<_> = comparison
                    .answers
                    .iter()
                    .map(|one| (one.class, &one.place))
                    .collect();
                wrong.push(format!("{} ({name}): {all:?}", planted.what));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_runs_of_one_target_are_the_same_whatever_order_and_names_they_have() {
    let (one, other) = (run(None).await, run(None).await);
    let comparison = compared(&[&one], &other);
    assert_eq!(
        comparison.decision().0,
        Decision::Same,
        "{:?}",
        comparison.answers
    );
    assert!(comparison.answers.is_empty());
    let options = Options {
        width: 100,
        long: true,
    };
    let page = text(&comparison, &other, options);
    assert!(page.contains("Nothing changed"), "{page}");
    assert_eq!(page, text(&compared(&[&one], &other), &other, options));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_failed_before_is_known_or_fixed_and_what_fails_anew_is_broken() {
    let code = || {
        Some(of_the_operation(|answer| {
            replace(answer, "PARAM.0002", "PARAM.0009");
        }))
    };
    let (sound, one, same) = (run(None).await, run(code()).await, run(code()).await);
    let both = of_the_operation(|answer| {
        replace(answer, "PARAM.0002", "PARAM.0009");
        set(answer, 200, "expire", "x");
    });
    let both = run(Some(both)).await;

    let known = compared(&[&one], &same);
    assert!(known.count(ChangeKind::StillFailing) > 0);
    assert_eq!(known.decision().0, Decision::Same);

    let fixed = compared(&[&one], &sound);
    assert_eq!(
        fixed.count(ChangeKind::Fixed),
        known.count(ChangeKind::StillFailing)
    );
    assert_eq!(fixed.decision().0, Decision::Changed);
    assert!(fixed.requirements.iter().any(RequirementChange::is_fixed));

    let further = compared(&[&one], &both);
    assert_eq!(
        further.count(ChangeKind::StillFailing),
        known.count(ChangeKind::StillFailing)
    );
    assert!(further.count(ChangeKind::Broken) > 0);
    assert_eq!(further.decision().0, Decision::Broken);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_a_control_what_is_answered_as_before_is_told_from_what_is_not() {
    let before = facts(&run_of(&["ciam/skip-update/headers"], None, &[]).await);
    let mut after = before.clone();
    for (at, row) in after.cases.iter_mut().enumerate() {
        // The control is refused, and so nothing else is judged.
        row.verdict = Verdict::Error(ErrorReason::ControlFailed);
        let request = row.steps.iter_mut().find(|step| step.part == Part::Request);
        let request = request.expect("a request");
        match at {
            0 => {
                row.verdict = Verdict::Fail("status".into());
                request.status = Some(500);
            }
            1 => request.code = Some("X".to_owned()),
            2 => row.steps.clear(),
            _ => {}
        }
    }
    let comparison = compare::compare(std::slice::from_ref(&before), &after).expect("one suite");
    let kinds: Vec<ChangeKind> = comparison.cases.iter().map(|row| row.kind).collect();
    let [broken, other, unsent, same @ ..] = kinds.as_slice() else {
        panic!("{kinds:?}");
    };
    assert_eq!(*broken, ChangeKind::Broken);
    assert_eq!((*other, *unsent), (ChangeKind::Behind, ChangeKind::Behind));
    assert!(!same.is_empty() && same.iter().all(|kind| *kind == ChangeKind::BehindAsBefore));
    let classes = comparison
        .answers
        .iter()
        .map(|one| (one.class, one.place.as_str()));
    assert_eq!(
        classes.collect::<Vec<_>>(),
        [(BREAKING, "status"), (ChangeClass::NotJudged, "error code")]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_only_one_suite_has_are_new_lost_or_left_out() {
    let small = run_of(&["ciam/skip-update/headers"], None, &[]).await;
    let large = run_of(
        &["ciam/skip-update/headers", "ciam/skip-update/token"],
        None,
        &[],
    )
    .await;
    let grown = compared(&[&small], &large);
    assert!(grown.count(ChangeKind::New) > 0);
    assert_eq!(grown.decision().0, Decision::Changed);
    // The run after is a part of its suite: it did not lose them.
    let shrunk = compared(&[&large], &small);
    assert_eq!(
        shrunk.count(ChangeKind::LeftOut),
        grown.count(ChangeKind::New)
    );
    assert_eq!(
        (shrunk.count(ChangeKind::Lost), shrunk.decision().0),
        (0, Decision::LessProven)
    );
    let other = run_of(&["ciam/change-by-mobile/headers"], None, &[]).await;
    let before = [facts(&small)];
    let error = compare::compare(&before, &facts(&other)).expect_err("nothing in common");
    assert!(error.to_string().contains("different suites"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_failed_and_is_answered_with_another_status_is_broken_and_told_once() {
    let refusals: fn(u16) -> Rewrite = |status| {
        Arc::new(move |name: &str, answer: &mut Answer| {
            if name == "skipPasswordUpdate" && answer.status == 400 {
                answer.status = status;
            }
        })
    };
    let (before, after) = (
        run(Some(refusals(422))).await,
        run(Some(refusals(409))).await,
    );
    let comparison = compared(&[&before], &after);
    assert_eq!(comparison.count(ChangeKind::StillFailing), 0);
    assert!(comparison.count(ChangeKind::Broken) > 0);
    assert_eq!(comparison.decision().0, Decision::Broken);
    let page = text(
        &comparison,
        &after,
        Options {
            width: 100,
            long: true,
        },
    );
    let first = "ciam/skip-update/headers/client-id-missing";
    let (_, seen) = page.split_once("seen in").expect("rows");
    let seen = seen.split("again").next().unwrap_or_default();
    assert_eq!(seen.matches(first).count(), 1, "{page}");
    assert!(page.contains("status: 422 -> 409"), "{page}");
    // The same answer once more is known.
    let again = compared(&[&before], &run(Some(refusals(422))).await);
    assert_eq!(again.count(ChangeKind::Broken), 0);
    assert!(again.count(ChangeKind::StillFailing) > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_row_that_fails_stops_the_gate() {
    let small = run_of(&["ciam/skip-update/headers/control"], None, &[]).await;
    let broken = of_the_operation(|answer| {
        if answer.status == 400 {
            answer.status = 422;
        }
    });
    let large = run_of(&["ciam/skip-update/headers"], Some(broken), &[]).await;
    let comparison = compared(&[&small], &large);
    assert_eq!(comparison.count(ChangeKind::Broken), 0);
    assert!(comparison.count(ChangeKind::NewFailing) > 0);
    assert_eq!(comparison.decision().0, Decision::Broken);
    let page = text(
        &comparison,
        &large,
        Options {
            width: 100,
            long: false,
        },
    );
    assert!(page.contains("NEW ROWS, and they fail"), "{page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beside_a_cause_stands_what_changed_in_the_answer_that_shows_it() {
    let before = run(None).await;
    // A login that is answered otherwise as well, within what the documents allow.
    let after = run(Some(Arc::new(|name: &str, answer: &mut Answer| {
        if name == "skipPasswordUpdate" && answer.status == 200 {
            set(answer, 200, "expire", "soon");
        }
        if name == "passwordLogin" {
            answer.content_type = Some("application/json; charset=utf-8".into());
        }
    })))
    .await;
    let comparison = compared(&[&before], &after);
    let page = text(
        &comparison,
        &after,
        Options {
            width: 100,
            long: false,
        },
    );
    let (_, changed) = page.split_once("changed").expect("what changed");
    assert!(changed.trim_start().starts_with("body /expire"), "{page}");
    let breaking = comparison.answers.iter();
    let breaking = breaking.filter(|one| one.class == BREAKING);
    assert!(breaking.clone().count() > 0);
    for one in breaking {
        assert!(one.place.starts_with("body /expire"), "{one:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runs_before_of_two_versions_show_nothing_about_each_other() {
    let of = |version: &str, run: &RunReport| {
        let mut run = run.clone();
        for reached in run.provenance.editions.values_mut() {
            reached.version = Some(version.to_owned());
        }
        facts(&run)
    };
    let one = run_of(&["ciam/skip-update/headers/control"], None, &[]).await;
    let runs = [of("1", &one), of("2", &one)];
    let error = compare::compare(&runs, &of("2", &one)).expect_err("two versions");
    assert!(
        error
            .to_string()
            .contains("two versions of the target, `1` and `2`"),
        "{error}"
    );
    assert!(compare::compare(&runs[..1], &of("2", &one)).is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_gets_no_answer_any_more_is_named_with_who_sent_it() {
    let rows = ["ciam/skip-update/headers/device-header-missing"];
    let mock = MockServer::start(MockOptions::new(Dialect::Ciam));
    let mock = mock.await.expect("a mock");
    let front = loopback::front(mock.base_url(), |request| {
        let path = request.split(' ').nth(1).unwrap_or_default();
        path.ends_with("/pwd/skip-update").then(String::new)
    });
    let front = front.await;
    let (before, after) = (
        run_at(mock.base_url(), &rows).await,
        run_at(&front.url, &rows).await,
    );
    let comparison = compared(&[&before], &after);
    let options = Options {
        width: 200,
        long: true,
    };
    let page = text(&comparison, &after, options);
    assert!(page.contains("/pwd/skip-update -> no answer\n"), "{page}");
    let sent_by = page.lines().find(|line| line.contains("sent by"));
    assert!(
        sent_by.is_some_and(|line| line.contains("the request: GET ")),
        "{page}"
    );
    let page = html(&comparison, Some(&before), &after).expect("a page");
    assert!(page.contains("/pwd/skip-update -&gt; no answer"), "{page}");
}

#[test]
fn records_are_compared_by_the_program_with_an_exit_code_each() {
    let (one, other) = (temporary(), temporary());
    let rows = "ciam/skip-update/headers";
    run_into(one.path(), &[rows]).expect(0);
    run_into(other.path(), &[rows]).expect(0);
    let name = |folder: &tempfile::TempDir, file: &str| {
        let path = folder.path().join(file);
        path.to_string_lossy().into_owned()
    };
    let (before, after) = (name(&one, "run.jsonl"), name(&other, "run.jsonl"));
    let same = probity(&["compare", &before, &after]).expect(0);
    assert!(same.out.contains("Nothing changed"), "{}", same.out);
    let json = probity(&["compare", &before, &after, "--format", "json"]).expect(0);
    let json: Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!(
        (&json["gate"], &json["exit_code"]),
        (&"same".into(), &0.into())
    );

    let base = name(&one, "baseline.jsonl");
    probity(&["baseline", &before, &after, "--output", &base]).expect(0);
    probity(&["compare", &base, &after]).expect(0);
    let last = probity(&["compare", &after, &base]).expect(3);
    assert!(last.err.contains("is a baseline"), "{}", last.err);
    let text = fs::read_to_string(&base).unwrap();
    let record = fs::read_to_string(&before).unwrap();
    assert!(
        text.len() * 3 < record.len(),
        "{} {}",
        text.len(),
        record.len()
    );

    let check = |file: &str, text: &str, code: i32, word: &str| {
        let path = name(&one, file);
        fs::write(&path, text).unwrap();
        let told = probity(&["compare", &path, &after]).expect(code);
        assert!(told.err.contains(word), "{}", told.err);
    };
    check("none.jsonl", "", 3, "empty");
    check(
        "newer.jsonl",
        &record.replacen("\"version\":6", "\"version\":99", 1),
        3,
        "99",
    );
    check("cut.jsonl", &record[..record.len() / 2], 4, "line");
    check(
        "cut-base.jsonl",
        &text[..text.rfind("{\"id\"").unwrap()],
        4,
        "cut",
    );
    check(
        "newer-base.jsonl",
        &text.replacen("\"baseline\":1", "\"baseline\":9", 1),
        3,
        "version 9",
    );
    let told = probity(&["compare", &before, &base]).expect(3);
    assert!(told.err.contains("baseline"), "{}", told.err);
    let told = probity(&["compare", &before, "/nowhere"]).expect(3);
    assert!(told.err.contains("cannot read"), "{}", told.err);
}

#[test]
fn a_run_beside_its_baseline_ends_as_the_comparison_does_where_its_rows_are_green() {
    let folder = temporary();
    let run = |rows: &str, more: &[&str]| {
        let mut arguments = vec![rows];
        arguments.extend(more);
        run_into(&folder.path().join("reports"), &arguments)
    };
    run("ciam/skip-update/headers", &[]).expect(0);
    let record = folder.path().join("reports/run.jsonl");
    let base = folder
        .path()
        .join("baseline.jsonl")
        .to_string_lossy()
        .into_owned();
    probity(&["baseline", &record.to_string_lossy(), "-o", &base]).expect(0);
    let same = run("ciam/skip-update/headers", &["--baseline", &base]).expect(0);
    assert!(same.out.contains("Nothing changed"), "{}", same.out);
    let less = run("ciam/skip-update/headers/client-id", &["--baseline", &base]).expect(2);
    assert!(less.out.contains("LEFT OUT"), "{}", less.out);
    let more = run("ciam/skip-update", &["--baseline", &base]).expect(6);
    assert!(more.out.contains("NEW ROWS"), "{}", more.out);
    let other = run("ciam/change-by-mobile/headers", &["--baseline", &base]).expect(3);
    assert!(other.err.contains("different suites"), "{}", other.err);
    let none = run("ciam/skip-update/headers", &["--baseline", "/nowhere"]).expect(3);
    assert!(none.err.contains("cannot read"), "{}", none.err);
    // Whoever asked for JSON, and who reads the reports, learns it too, with the code of the process.
    let text = fs::read_to_string(&base).unwrap();
    fs::write(&base, &text[..text.rfind("{\"id\"").unwrap()]).unwrap();
    let cut = ["--baseline", &base, "--format", "json"];
    let cut = run("ciam/skip-update/headers", &cut).expect(3);
    let json: Value = serde_json::from_str(&cut.out).expect("JSON");
    assert_eq!(json["conclusion"], "not started");
    assert!(cut.err.contains("it was cut"), "{}", cut.err);
    let junit = fs::read_to_string(folder.path().join("reports/junit.xml")).unwrap();
    assert!(junit.contains("it was cut"), "{junit}");
}
