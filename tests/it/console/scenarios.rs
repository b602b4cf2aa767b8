//! Runs that are red for one known cause: the shipped suite on a mock that departs in one way.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use probity::{
    embedded,
    ids::Edition,
    mock::{Answer, Dialect, MockOptions},
    plan::Selection,
    result::{RunReport, Subject, Verdict},
    session::{Options, Session},
    target::Target,
};
use regex::Regex;
use serde_json::{Value, json};

use crate::{loopback, reports::run, support};

/// A target with one fault.
pub(super) struct Scenario {
    edition: Dialect,
    /// The start of the ids of the rows that are run.
    rows: &'static str,
    rewrite: fn(&str, &mut Answer),
    target: fn(&mut Target),
    /// After so many requests nothing is answered any more.
    lives: Option<usize>,
}

const HONEST: Scenario = Scenario {
    edition: Dialect::Ciam,
    rows: "ciam/skip-update/",
    rewrite: |_, _| {},
    target: |_| {},
    lives: None,
};

/// The session token is a number.
pub(super) const DEPARTED_MEMBER: Scenario = Scenario {
    edition: Dialect::OneAccess,
    rows: "oneaccess/forced-change/",
    rewrite: |operation, answer| {
        if operation == "forcedChangeByOldPassword" && answer.status == 200 {
            edit(answer, |body| {
                if body.get("session_token").is_some() {
                    body["session_token"] = json!(7);
                }
            });
        }
    },
    ..HONEST
};

/// One error code is another one, wherever it is given.
pub(super) const CHANGED_CODE: Scenario = Scenario {
    rewrite: |_, answer| {
        edit(answer, |body| {
            if body["error_code"] == "IDAAS.SDK.PARAM.0002" {
                body["error_code"] = json!("IDAAS.SDK.PARAM.9999");
            }
        });
    },
    ..HONEST
};

/// The operation refuses what it should accept.
pub(super) const RED_CONTROL: Scenario = Scenario {
    rewrite: |operation, answer| {
        if operation == "skipPasswordUpdate" && answer.status == 200 {
            answer.status = 500;
            answer.body = br#"{"error_code":"SYSTEM.0001","error_msg":"down"}"#.to_vec();
        }
    },
    ..HONEST
};

/// The path at which each row has its own account made leads nowhere.
pub(super) const OWN_PROVIDER: Scenario = Scenario {
    target: |target| lead_nowhere(target, "account-expired"),
    ..HONEST
};

/// The path at which all rows learn the application leads nowhere.
pub(super) const SHARED_PROVIDER: Scenario = Scenario {
    target: |target| lead_nowhere(target, "application"),
    ..HONEST
};

/// The target dies after some answers.
pub(super) const DIES: Scenario = Scenario {
    lives: Some(60),
    ..HONEST
};

fn lead_nowhere(target: &mut Target, provider: &str) {
    for settings in target.editions.values_mut() {
        let provider = settings.providers.get_mut(provider);
        let provider = provider.unwrap_or_else(|| panic!("the provider is there"));
        "/__mock/no-such-path".clone_into(&mut provider.steps_mut()[0].path);
    }
}

fn edit(answer: &mut Answer, change: impl Fn(&mut Value)) {
    if let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) {
        change(&mut body);
        answer.body = body.to_string().into_bytes();
    }
}

impl Scenario {
    /// The report of a run, everything in it the same each time.
    pub(super) async fn report(&self) -> RunReport {
        let edition: Edition = self.edition.edition();
        let mut suite = support::shipped();
        let mut target = suite.target.take().expect("the mock's target file");
        target.editions.retain(|name, _| *name == edition);
        target.limits.retries = 0;
        let mut options = MockOptions::new(self.edition);
        options.rewrite = Some(Arc::new(self.rewrite));
        let mock = embedded::start(&mut target, options).await.expect("a mock");
        let answered = AtomicUsize::new(0);
        let lives = self.lives.unwrap_or(usize::MAX);
        let front = loopback::front(mock.base_url(), move |_| {
            let dead = answered.fetch_add(1, Ordering::Relaxed) >= lives;
            dead.then(String::new)
        })
        .await;
        if self.lives.is_some() {
            target = support::at(target, &[edition], &front.url);
        }
        (self.target)(&mut target);
        let options = Options {
            selection: Selection {
                filters: vec![self.rows.to_owned()],
                ..Selection::default()
            },
            jobs: Some(1),
            without_preflight: true,
            ..Options::default()
        };
        let session = Session::open(suite, target, &options, None).await;
        let mut report = session.expect("a session").complete().await;
        report.suite_size = report.planned;
        report.elapsed = Duration::from_millis(1_234);
        for case in report.cases.iter_mut() {
            let text = serde_json::to_string(case).expect("a case is JSON");
            *case = serde_json::from_str(&alike(&text)).expect("a case");
        }
        report
    }
}

/// What differs from run to run, made alike: masks, and names and ids that the mock gives.
fn alike(text: &str) -> String {
    let mut text = text.to_owned();
    for (varies, fixed) in [
        (r"\[secret:[0-9a-f]{6}\]", "[secret:0a1b2c]"),
        (r"Probe[A-Za-z0-9]{8}\b", "Probe0a1b2c3d"),
        (
            r"\b20\d{15}-[0-9A-F]{4}-[0-9A-F]{9}",
            "20260115093000250-2BFD-0A1B2C3D4",
        ),
    ] {
        let varies = Regex::new(varies).expect("an expression");
        text = varies.replace_all(&text, fixed).into_owned();
    }
    text
}

/// A run in which forty members of an answer are wrong, each in a row of its own.
pub(super) fn forty_causes() -> RunReport {
    let cases = (0..40).map(|index| {
        let (object, member) = (OBJECTS[index % 4], MEMBERS[index / 4]);
        let at = format!("/data/{object}/{member}");
        let mut case = run::wrong_status();
        let id = format!("ciam/skip-update/members/{object}[{member}]");
        case.id = id.as_str().into();
        let mut check = case.steps[0].checks[0].clone();
        check.check = "body".into();
        if let Some(mismatch) = &mut check.mismatch {
            mismatch.subject = Subject::Member(at.clone());
            mismatch.place = format!("body {at}");
            mismatch.expected = vec!["a JSON string".into()];
            mismatch.actual = index.to_string();
        }
        case.verdict = Verdict::Fail("body".into());
        case.steps[0].checks = vec![check];
        case
    });
    RunReport {
        cases: cases.collect(),
        planned: 40,
        suite_size: 40,
        ..run::mixed()
    }
}

const OBJECTS: [&str; 4] = ["user", "token", "policy", "session"];
const MEMBERS: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
