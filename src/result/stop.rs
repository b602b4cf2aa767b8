//! Why a test case stopped before its end.

use serde::{Deserialize, Serialize};

/// Why a row could not be carried out to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "why")]
pub enum Stop {
    /// A provider or setup step could not be carried out; the text says which and why.
    Setup(String),
    /// The target answered a provider or setup step otherwise than it has to; the text says how.
    Answered(String),
    /// The judged request could not be carried out.
    Unreachable(String),
    /// The target sent what nobody asked for, so that its answers may be answers to something else.
    Desync(String),
    /// The target answered, time and again, that it will not answer now.
    RateLimited(String),
    /// The target answered nothing for so long that nothing more is sent.
    BreakerOpen(String),
    /// What it costs is more than the run may use up.
    BudgetSpent(String),
    /// The target does not offer what the row needs.
    NotProvided(String),
    /// Something in our own code went wrong.
    Harness(String),
    /// The run was told to stop.
    Interrupted,
}

impl Stop {
    /// The sentence.
    #[must_use]
    pub fn why(&self) -> &str {
        match self {
            Self::Setup(why)
            | Self::Answered(why)
            | Self::Unreachable(why)
            | Self::Desync(why)
            | Self::RateLimited(why)
            | Self::BreakerOpen(why)
            | Self::BudgetSpent(why)
            | Self::NotProvided(why)
            | Self::Harness(why) => why,
            Self::Interrupted => "the run was stopped before this row",
        }
    }

    /// The sentence, to be masked.
    pub fn why_mut(&mut self) -> Option<&mut String> {
        match self {
            Self::Setup(why)
            | Self::Answered(why)
            | Self::Unreachable(why)
            | Self::Desync(why)
            | Self::RateLimited(why)
            | Self::BreakerOpen(why)
            | Self::BudgetSpent(why)
            | Self::NotProvided(why)
            | Self::Harness(why) => Some(why),
            Self::Interrupted => None,
        }
    }
}
