//! Verdicts: four shapes, each with its own closed set of reasons.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A test case's verdict. One spelling serves console, `JUnit` and record: the shape's word and the
/// reason's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "verdict",
    content = "reason",
    rename_all = "kebab-case",
    deny_unknown_fields
)]
pub enum Verdict {
    /// Nothing can be said, and nobody is to blame for it.
    Skip(SkipReason),
    Pass(PassReason),
    /// It could not be judged.
    Error(ErrorReason),
    /// The target broke a promise; the first check that did not hold.
    Fail(CheckKey),
}

/// Why a test case passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PassReason {
    Clean,
    WithWarnings,
}

/// Why a test case could not be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorReason {
    /// The documented request of its file, or another prerequisite, did not pass.
    ControlFailed,
    /// A provider or a setup step failed.
    SetupFailed,
    Unreachable,
    /// The target sent what nobody asked for, so that its answers may be answers to something else.
    Desync,
    RateLimited,
    Interrupted,
    HarnessFault,
}

/// Why a test case was not judged and nothing is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SkipReason {
    #[serde(rename = "need-not-provided")]
    NotProvided,
    BreakerOpen,
    BudgetSpent,
    NotInProfile,
    OnlyObserved,
    /// Its author left something open that nobody has filled in.
    ToBeFilledIn,
    /// It was to be judged again from a record that does not hold what that takes.
    NotRejudgeable,
}

impl PassReason {
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::WithWarnings => "with-warnings",
        }
    }
}

impl ErrorReason {
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::ControlFailed => "control-failed",
            Self::SetupFailed => "setup-failed",
            Self::Unreachable => "unreachable",
            Self::Desync => "desync",
            Self::RateLimited => "rate-limited",
            Self::Interrupted => "interrupted",
            Self::HarnessFault => "harness-fault",
        }
    }
}

impl SkipReason {
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::NotProvided => "need-not-provided",
            Self::BreakerOpen => "breaker-open",
            Self::BudgetSpent => "budget-spent",
            Self::NotInProfile => "not-in-profile",
            Self::OnlyObserved => "only-observed",
            Self::ToBeFilledIn => "to-be-filled-in",
            Self::NotRejudgeable => "not-rejudgeable",
        }
    }
}

/// The key of a check: `status`, `message`, `body`, `headers`, `jwt`, `conforms`, … The key `error` of
/// a case file is `error-code` here, since `fail error` would read as two verdicts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CheckKey(String);

impl CheckKey {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for CheckKey {
    fn from(key: &str) -> Self {
        let name = if key == "error" { "error-code" } else { key };
        Self(name.to_owned())
    }
}

impl PartialEq<str> for CheckKey {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for CheckKey {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl fmt::Display for CheckKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Verdict {
    /// What an observing test case gets.
    pub const OBSERVED: Self = Self::Skip(SkipReason::OnlyObserved);

    /// The shape as a word: `pass`, `fail`, `error`, `skip`.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Skip(_) => "skip",
            Self::Pass(_) => "pass",
            Self::Error(_) => "error",
            Self::Fail(_) => "fail",
        }
    }

    /// The reason as a word; for a fail the key of the check.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::Skip(reason) => reason.label(),
            Self::Pass(reason) => reason.label(),
            Self::Error(reason) => reason.label(),
            Self::Fail(check) => check.as_str(),
        }
    }

    #[must_use]
    pub const fn is_pass(&self) -> bool {
        matches!(self, Self::Pass(_))
    }

    /// Whether the harness itself failed, which makes the run invalid.
    #[must_use]
    pub const fn is_harness_fault(&self) -> bool {
        matches!(self, Self::Error(ErrorReason::HarnessFault))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_is_written_with_the_words_that_people_read_and_is_read_back() {
        #[track_caller]
        fn check(verdict: &Verdict, shape: &str, reason: &str) {
            let written = serde_json::to_value(verdict).unwrap();
            assert_eq!(
                written,
                serde_json::json!({ "verdict": shape, "reason": reason })
            );
            assert_eq!((verdict.label(), verdict.reason()), (shape, reason));
            assert_eq!(
                &serde_json::from_value::<Verdict>(written).unwrap(),
                verdict
            );
        }
        check(&Verdict::Fail("status".into()), "fail", "status");
        for reason in [PassReason::Clean, PassReason::WithWarnings] {
            check(&Verdict::Pass(reason), "pass", reason.label());
        }
        for reason in [
            ErrorReason::ControlFailed,
            ErrorReason::SetupFailed,
            ErrorReason::Unreachable,
            ErrorReason::Desync,
            ErrorReason::RateLimited,
            ErrorReason::Interrupted,
            ErrorReason::HarnessFault,
        ] {
            check(&Verdict::Error(reason), "error", reason.label());
        }
        for reason in [
            SkipReason::NotProvided,
            SkipReason::BreakerOpen,
            SkipReason::BudgetSpent,
            SkipReason::NotInProfile,
            SkipReason::OnlyObserved,
            SkipReason::ToBeFilledIn,
            SkipReason::NotRejudgeable,
        ] {
            check(&Verdict::Skip(reason), "skip", reason.label());
        }
    }

    #[test]
    fn a_verdict_with_the_reason_of_another_shape_is_refused() {
        for (shape, reason) in [
            ("pass", "unreachable"),
            ("error", "clean"),
            ("skip", "control-failed"),
            ("passed", "clean"),
        ] {
            let line = serde_json::json!({ "verdict": shape, "reason": reason });
            assert!(serde_json::from_value::<Verdict>(line).is_err(), "{shape}");
        }
    }
}
