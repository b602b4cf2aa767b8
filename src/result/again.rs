//! A test case that did not pass, and what became of it when it ran once more.

use super::{CaseResult, CheckKey, CheckResult, ErrorReason, Part, Subject, Verdict};

/// How the second result of a test case compares with the first, which was no pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Again {
    /// It passes.
    Fixed,
    /// It does not pass, and nothing is found that was not found before.
    StillFailing,
    /// It does not pass for another reason: another check, another subject or another place.
    FailsOtherwise,
    /// It was left out or interrupted this time, so that nothing can be said.
    NotJudged,
}

impl Again {
    /// All of them, best first.
    pub const ALL: [Self; 4] = [
        Self::Fixed,
        Self::StillFailing,
        Self::FailsOtherwise,
        Self::NotJudged,
    ];

    /// Compares two results of one test case.
    #[must_use]
    pub fn of(before: &CaseResult, now: &CaseResult) -> Self {
        match (&before.verdict, &now.verdict) {
            (_, Verdict::Pass(_)) => Self::Fixed,
            (_, Verdict::Skip(_) | Verdict::Error(ErrorReason::Interrupted)) => Self::NotJudged,
            (Verdict::Fail(_), Verdict::Fail(_)) => {
                let known = findings(before);
                if findings(now).iter().all(|one| known.contains(one)) {
                    Self::StillFailing
                } else {
                    Self::FailsOtherwise
                }
            }
            (Verdict::Error(one), Verdict::Error(other))
                if one == other && before.blocked_by == now.blocked_by =>
            {
                Self::StillFailing
            }
            _ => Self::FailsOtherwise,
        }
    }

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Fixed => "FIXED",
            Self::StillFailing => "STILL FAILING",
            Self::FailsOtherwise => "FAILS OTHERWISE",
            Self::NotJudged => "NOT JUDGED",
        }
    }
}

/// What one finding is: its step, its check, its subject and its place.
type Finding<'c> = (Part, &'c str, &'c CheckKey, &'c Subject, &'c str);

/// All findings; warnings too, which are what fails under a strict run.
fn findings(case: &CaseResult) -> Vec<Finding<'_>> {
    let checks = case
        .steps
        .iter()
        .flat_map(|step| step.checks.iter().map(move |check| (step, check)));
    let strict = !case.steps.iter().any(|step| {
        let mut checks = step.checks.iter();
        checks.any(CheckResult::is_finding)
    });
    checks
        .filter(|(_, check)| strict || check.is_finding())
        .filter_map(|(step, check)| {
            let found = check.mismatch.as_ref()?;
            let name = step.name.as_str();
            Some((
                step.part,
                name,
                &check.check,
                &found.subject,
                found.place.as_str(),
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::result::{Blocker, Mismatch, PassReason, SkipReason, Source, StepResult};

    fn case(verdict: Verdict, places: &[&str]) -> CaseResult {
        let checks = places.iter().map(|place| CheckResult {
            check: "body".into(),
            source: Source::default(),
            mismatch: Some(Mismatch {
                subject: Subject::Status,
                place: (*place).to_owned(),
                expected: Vec::new(),
                actual: "changes each time".to_owned(),
            }),
            warning: false,
            violates: Vec::new(),
            further: 0,
        });
        let step = StepResult {
            name: "request".into(),
            part: Part::Request,
            owner: crate::result::StepOwner::Case,
            checks: checks.collect(),
            exchange: None,
            attempts: 1,
            repeated: crate::result::Repeated::default(),
            earlier: Vec::new(),
        };
        CaseResult {
            id: "a/b/c".into(),
            title: String::new(),
            edition: "a".into(),
            operation: "b".into(),
            control: false,
            source: Source::default(),
            requirements: Vec::new(),
            verdict,
            outcome: None,
            stands: false,
            waiver: None,
            blocked_by: None,
            detail: None,
            causes: Vec::new(),
            steps: vec![step],
            tags: Vec::new(),
            basis: crate::result::Basis::default(),
            elapsed: Duration::ZERO,
        }
    }

    fn fail(places: &[&str]) -> CaseResult {
        case(Verdict::Fail("body".into()), places)
    }

    #[track_caller]
    fn check(before: &CaseResult, now: &CaseResult, expected: Again) {
        assert_eq!(
            Again::of(before, now),
            expected,
            "{:?} {:?}",
            before.verdict,
            now.verdict
        );
    }

    #[test]
    fn a_fail_is_the_same_while_nothing_new_is_found() {
        check(&fail(&["/a", "/b"]), &fail(&["/b"]), Again::StillFailing);
        check(&fail(&["/a"]), &fail(&["/a", "/b"]), Again::FailsOtherwise);
        check(&fail(&["/a"]), &fail(&["/b"]), Again::FailsOtherwise);
        let mut other = fail(&["/a"]);
        other.steps[0].checks[0].check = "status".into();
        check(&fail(&["/a"]), &other, Again::FailsOtherwise);
        let mut other = fail(&["/a"]);
        other.steps[0].name = "then".into();
        check(&fail(&["/a"]), &other, Again::FailsOtherwise);
    }

    #[test]
    fn a_warning_counts_only_where_it_is_what_fails() {
        let warned = |place: &str, also: &[&str]| {
            let mut case = fail(&[&[place], also].concat());
            case.steps[0].checks[0].warning = true;
            case
        };
        check(&warned("/a", &[]), &warned("/a", &[]), Again::StillFailing);
        check(
            &warned("/a", &[]),
            &warned("/b", &[]),
            Again::FailsOtherwise,
        );
        check(
            &warned("/a", &["/x"]),
            &warned("/b", &["/x"]),
            Again::StillFailing,
        );
    }

    #[test]
    fn an_error_is_the_same_while_its_reason_and_what_blocks_it_are() {
        let error = |reason, blocker: Option<&str>| CaseResult {
            blocked_by: blocker.map(|id| Blocker::Control(id.into())),
            ..case(Verdict::Error(reason), &[])
        };
        let blocked = error(ErrorReason::ControlFailed, Some("one"));
        check(&blocked, &blocked, Again::StillFailing);
        let other = error(ErrorReason::ControlFailed, Some("two"));
        check(&blocked, &other, Again::FailsOtherwise);
        let lost = error(ErrorReason::Unreachable, None);
        check(&blocked, &lost, Again::FailsOtherwise);
        check(&lost, &fail(&["/a"]), Again::FailsOtherwise);
    }

    #[test]
    fn a_pass_is_fixed_and_what_was_left_out_says_nothing() {
        let passed = case(Verdict::Pass(PassReason::WithWarnings), &[]);
        check(&fail(&["/a"]), &passed, Again::Fixed);
        for verdict in [
            Verdict::Skip(SkipReason::BudgetSpent),
            Verdict::Error(ErrorReason::Interrupted),
        ] {
            check(&fail(&["/a"]), &case(verdict, &[]), Again::NotJudged);
        }
    }
}
