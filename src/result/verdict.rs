//! Verdicts: four shapes, a closed set of reasons, and how they combine.

/// Why a verdict is what it is. `Fail` carries the kind of the first broken check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    Clean,
    WithWarnings,
    /// The key of the first broken check: `status`, `error`, `body`, …
    Broken(String),
    ControlFailed,
    SetupFailed,
    Unreachable,
    /// The target sent what nobody asked for, so that its answers may be answers to something else.
    Desync,
    RateLimited,
    Interrupted,
    HarnessFault,
    NotProvided,
    BreakerOpen,
    BudgetSpent,
    NotInProfile,
    OnlyObserved,
}

impl Reason {
    /// The word used in reports and in the record.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Clean => "clean",
            Self::WithWarnings => "with-warnings",
            Self::Broken(check) => check,
            Self::ControlFailed => "control-failed",
            Self::SetupFailed => "setup-failed",
            Self::Unreachable => "unreachable",
            Self::Desync => "desync",
            Self::RateLimited => "rate-limited",
            Self::Interrupted => "interrupted",
            Self::HarnessFault => "harness-fault",
            Self::NotProvided => "need-not-provided",
            Self::BreakerOpen => "breaker-open",
            Self::BudgetSpent => "budget-spent",
            Self::NotInProfile => "not-in-profile",
            Self::OnlyObserved => "only-observed",
        }
    }
}

/// A row's verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Skip(Reason),
    Pass(Reason),
    Error(Reason),
    Fail(Reason),
}

impl Verdict {
    /// The shape as a word: `pass`, `fail`, `error`, `skip`.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Skip(_) => "skip",
            Self::Pass(_) => "pass",
            Self::Error(_) => "error",
            Self::Fail(_) => "fail",
        }
    }

    #[must_use]
    pub const fn reason(&self) -> &Reason {
        match self {
            Self::Skip(reason) | Self::Pass(reason) | Self::Error(reason) | Self::Fail(reason) => {
                reason
            }
        }
    }

    #[must_use]
    pub const fn is_pass(&self) -> bool {
        matches!(self, Self::Pass(_))
    }

    const fn rank(&self) -> u8 {
        match self {
            Self::Skip(_) => 0,
            Self::Pass(_) => 1,
            Self::Error(_) => 2,
            Self::Fail(_) => 3,
        }
    }

    /// The stronger of two: skip < pass < error < fail, so that a proven departure is never masked.
    /// Of two equals the first stays.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        if other.rank() > self.rank() {
            other
        } else {
            self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proven_departure_is_never_masked_by_a_later_error() {
        let fail = Verdict::Fail(Reason::Broken("status".into()));
        let error = Verdict::Error(Reason::Unreachable);
        assert_eq!(fail.clone().and(error.clone()), fail);
        assert_eq!(error.and(fail.clone()), fail);
    }

    #[test]
    fn an_error_outweighs_a_pass_and_a_pass_a_skip() {
        let pass = Verdict::Pass(Reason::Clean);
        assert_eq!(
            pass.clone().and(Verdict::Error(Reason::Interrupted)).word(),
            "error"
        );
        assert_eq!(Verdict::Skip(Reason::OnlyObserved).and(pass).word(), "pass");
    }
}
