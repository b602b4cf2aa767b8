//! The result of one row: its steps, its checks, and what was exchanged, redacted.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    exchange::Defect,
    ids::{CaseId, OperationId, ProviderId, RequirementId, StepId},
};

use super::{CheckKey, Source, Stop, Subject, Tries, Verdict, Waived, is_zero, micros};

/// Expected against actual, at a place in the answer. A fact about the target, not an error of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mismatch {
    /// What of the answer is wrong: a requirement is violated by findings on its own subject alone.
    pub subject: Subject,
    /// Where in the answer: `status`, `header Content-Type`, `body /expire`, `body /id_token › claim exp`, …
    pub place: String,
    /// What would have held; several when the document allows several.
    pub expected: Vec<String>,
    pub actual: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let expected = self.expected.join(" or ");
        write!(
            f,
            "{}: expected {expected} but was {}",
            self.place, self.actual
        )
    }
}

/// One check of one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckResult {
    pub check: CheckKey,
    /// Where the expectation is written.
    pub source: Source,
    /// `None` when it held.
    pub mismatch: Option<Mismatch>,
    /// A finding that is only a warning (unless the run is strict).
    pub warning: bool,
    /// The requirements that a finding violates: those whose subject it is on. None where it held,
    /// where it is only a warning, and where no requirement is about what was found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub violates: Vec<RequirementId>,
    /// Further findings of the same check that are only counted, because there are so many of them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub further: usize,
}

impl CheckResult {
    /// Whether it did not hold, and counts.
    #[must_use]
    pub const fn is_finding(&self) -> bool {
        self.mismatch.is_some() && !self.warning
    }
}

/// An exchange, redacted and bounded in size: all that a report may show.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RecordedExchange {
    pub method: String,
    pub url: String,
    /// The path as the step has it written, `{}` for each computed part; empty in a record of before
    /// version 6.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub route: String,
    /// Headers as they left.
    pub request_headers: Vec<(String, String)>,
    pub request_body: Option<String>,
    /// A curl command line that sends the same, secrets masked.
    pub curl: String,
    /// `None` when no answer came; `trouble` then says why.
    pub status: Option<u16>,
    /// The error code of the answer, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The text that goes with the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    pub response_headers: Vec<(String, String)>,
    pub response_body: Option<String>,
    /// The tokens in it, decoded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tokens: Vec<RecordedToken>,
    pub trouble: Option<String>,
    #[serde(rename = "elapsed_us", with = "micros")]
    pub elapsed: Duration,
    /// Milliseconds since 1970 when the answer was complete; 0 in a record of before version 6.
    #[serde(default)]
    pub at_ms: i64,
    /// How many bytes the body of the answer had, before anything in it was masked.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub response_bytes: usize,
    /// What was wrong with the way in which the answer came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub defects: Vec<Defect>,
    /// The values that an expectation of this step could name and no earlier step of the test case has
    /// the same, secrets masked; none of a step that is not judged.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub bindings: Map<String, Value>,
}

impl RecordedExchange {
    /// The content type of the answer.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        let mut headers = self.response_headers.iter();
        let own = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        own.map(|(_, value)| value.as_str())
    }
}

/// A token of an exchange, decoded: what is secret in it is masked, and its signature is not shown.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RecordedToken {
    /// Where it stands: `request header Authorization`, `body /id_token`, …
    pub place: String,
    /// `(token: RS256, signed)`, as the exchange shows it.
    pub summary: String,
    /// JSON.
    pub header: String,
    /// JSON; `null` when they are none.
    pub claims: String,
    /// `present`, `EMPTY`, `ABSENT`, `not verifiable`.
    pub signature: String,
    /// What stands for the whole token in [`RecordedExchange::bindings`]: equal for equal tokens.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub mask: String,
    /// Why a strict reader takes it for no token, although it can be decoded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub malformed: Option<String>,
    /// Whether its signature is one by the key sets that the step had.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verified: Vec<Verified>,
}

impl RecordedToken {
    /// What [`Self::place`] begins with for one in the body of an answer; its JSON Pointer follows.
    pub const IN_ANSWER: &str = "body ";

    /// What [`Self::place`] begins with for one in a header of an answer; its name follows.
    pub const IN_HEADER: &str = "header ";

    /// Where one in an answer stands, as a [`Subject::Claim`] names it: a JSON
    /// Pointer into the body, the empty text for the body itself, or `header` and a name in small letters.
    #[must_use]
    pub fn in_answer(&self) -> Option<String> {
        if let Some(pointer) = self.place.strip_prefix(Self::IN_ANSWER) {
            return Some(pointer.to_owned());
        }
        let name = self.place.strip_prefix(Self::IN_HEADER)?;
        Some(format!("{}{}", Self::IN_HEADER, name.to_ascii_lowercase()))
    }
}

/// What a key set says of a token's signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// Where the keys are from: `jwks URL`, `discovery URL`, or `keys` and the digest of a set that the
    /// test case has from a provider.
    pub keys: String,
    /// Why none of them made the signature; `None` where the one that the token names did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The part of a test case that a step belongs to; it decides who is to blame for trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// A provider's step, or a step of `setup`: trouble here means that we could not judge.
    Setup,
    /// The request under test.
    Request,
    /// A `then` step, judged like the request.
    Then,
    /// Trouble here is reported and changes no verdict.
    Cleanup,
}

impl Part {
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Request => "request",
            Self::Then => "then",
            Self::Cleanup => "cleanup",
        }
    }
}

/// Whose step it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepOwner {
    /// The test case's own.
    #[default]
    Case,
    /// This provider's.
    Provider(ProviderId),
    /// Pre-flight's, which tries out what test cases will need.
    Preflight,
    /// The clean-up's of what this provider made.
    Cleanup(ProviderId),
}

impl StepOwner {
    const fn is_case(&self) -> bool {
        matches!(self, Self::Case)
    }

    /// The provider whose step it is, or for which it cleans up.
    #[must_use]
    pub const fn provider(&self) -> Option<&ProviderId> {
        match self {
            Self::Provider(id) | Self::Cleanup(id) => Some(id),
            Self::Case | Self::Preflight => None,
        }
    }
}

/// What kept a test case from being judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Blocker {
    /// The documented request of its file, by its id.
    Control(CaseId),
    /// Another test case that has to pass first, by its id.
    Prerequisite(CaseId),
    /// A provider of the target that gave nothing, at this step where it came that far.
    Provider {
        name: ProviderId,
        step: Option<StepId>,
    },
    /// Something that the target does not provide, by its name.
    Need(ProviderId),
}

/// What one test case says of a requirement that it covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// Everything that the requirement is about was judged, and held.
    Held,
    /// Some of what the requirement is about was judged and held, or its other side: a password that
    /// is just long enough, beside one that is too short.
    Partly,
    /// A finding is on its subject.
    Violated,
    /// Its subject was not judged: not sent, not answered, or hidden behind an earlier finding.
    #[default]
    None,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestOutcome {
    /// A documented status of success, and a complete answer.
    Accepted,
    /// A documented error of the edition.
    Refused,
    /// Another answer.
    Undocumented,
}

/// A requirement that a test case covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Covered {
    pub id: RequirementId,
    /// What this test case says of it.
    #[serde(default)]
    pub evidence: Evidence,
    /// Page, row and sentence of the register.
    pub text: String,
}

/// One step of a row, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepResult {
    pub name: StepId,
    pub part: Part,
    #[serde(default, skip_serializing_if = "StepOwner::is_case")]
    pub owner: StepOwner,
    pub checks: Vec<CheckResult>,
    pub exchange: Option<RecordedExchange>,
    /// Attempts made, at least 1 unless nothing was sent.
    pub attempts: usize,
    /// How many of them were followed by the same request for want of an answer.
    #[serde(default, flatten)]
    pub repeated: Repeated,
    /// The attempts before the last one, in order; none in a record of before they were kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Attempt>,
}

/// An attempt that another one followed, redacted: because its answer was lost, asked to come again later,
/// redirected, or was not the one that the step waits for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Attempt {
    pub method: String,
    pub url: String,
    /// `None` when no answer came; `trouble` then says why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The error code of the answer, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What the answer held; a long body is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_body: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    #[serde(rename = "elapsed_us", with = "micros")]
    pub elapsed: Duration,
    /// Milliseconds since 1970 when the answer was complete.
    pub at_ms: i64,
}

/// How often a request was sent again because there was no answer to go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Repeated {
    /// Answers that did not come, or not as a whole.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub lost: usize,
    /// Answers that only asked to come again later.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub turned_away: usize,
}

impl Repeated {
    /// Both together.
    #[must_use]
    pub const fn total(self) -> usize {
        self.lost + self.turned_away
    }

    /// Such as `2 answers lost and 1 answer turned away, asked for again`; nothing when none was.
    #[must_use]
    pub fn sentence(self) -> Option<String> {
        let count = |count: usize, what: &str| match count {
            0 => None,
            1 => Some(format!("1 answer {what}")),
            count => Some(format!("{count} answers {what}")),
        };
        let lost = count(self.lost, "lost");
        let turned_away = count(self.turned_away, "turned away");
        let parts: Vec<String> = lost.into_iter().chain(turned_away).collect();
        (!parts.is_empty()).then(|| format!("{}, asked for again", parts.join(" and ")))
    }
}

impl std::iter::Sum for Repeated {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |so_far, one| Self {
            lost: so_far.lost + one.lost,
            turned_away: so_far.turned_away + one.turned_away,
        })
    }
}

/// One row of the suite, judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseResult {
    /// Such as `ciam/skip-update/headers/header-missing[X-client-id]`.
    pub id: CaseId,
    pub title: String,
    pub edition: String,
    pub operation: OperationId,
    /// True for the positive control of a case file.
    pub control: bool,
    /// Where the row is written.
    pub source: Source,
    /// What it covers.
    pub requirements: Vec<Covered>,
    #[serde(flatten)]
    pub verdict: Verdict,
    /// What became of the request under test; `None` where it was not answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<RequestOutcome>,
    /// The request under test came to the outcome that the test case expects, by a complete answer:
    /// what others need of a control and of a prerequisite. Its other findings do not matter for that.
    #[serde(default)]
    pub stands: bool,
    /// Who accepted the departure of a failed row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiver: Option<Waived>,
    /// For an error or a skip: what stood in the way, where it was not the target's answer to the
    /// test case itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_by: Option<Blocker>,
    /// One line on an error or a skip: which control failed, which need is missing, what was observed.
    pub detail: Option<String>,
    /// For an error: the cause chain, outermost first.
    pub causes: Vec<String>,
    pub steps: Vec<StepResult>,
    pub tags: Vec<String>,
    /// What the answers are to, for who judges them again.
    #[serde(default, skip_serializing_if = "Basis::is_unknown")]
    pub basis: Basis,
    #[serde(rename = "elapsed_us", with = "micros")]
    pub elapsed: Duration,
}

/// What a result goes back to, beside the answers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Basis {
    /// The digest of everything that decided what was sent; empty in a record of before version 6.
    pub sends: String,
    /// The digest of what was expected, but for the contract.
    pub expects: String,
    /// Why the test case did not come to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Stop>,
    /// How it ended each time, where it ran several times; the result is that of the worst.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tries: Option<Tries>,
}

impl Basis {
    /// Whether nothing is known of it.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        self.sends.is_empty()
    }
}

impl CaseResult {
    /// How often its requests were sent again, over all steps.
    #[must_use]
    pub fn repeated(&self) -> Repeated {
        self.steps.iter().map(|step| step.repeated).sum()
    }

    /// How it ended each time, where it passed and failed.
    #[must_use]
    pub fn flaky(&self) -> Option<Tries> {
        self.basis.tries.filter(|tries| tries.is_flaky())
    }

    /// The step at which it stopped, with what was exchanged: that of the provider that failed, else
    /// the last before the clean-up, which decides nothing.
    #[must_use]
    pub fn last_exchange(&self) -> Option<(&StepResult, &RecordedExchange)> {
        let sent = self
            .steps
            .iter()
            .rev()
            .filter(|step| step.part != Part::Cleanup)
            .filter_map(|step| Some((step, step.exchange.as_ref()?)));
        let failed = match &self.blocked_by {
            Some(Blocker::Provider { name, step }) => {
                let owner = StepOwner::Provider(name.clone());
                let is_it =
                    |one: &StepResult| one.owner == owner && Some(&one.name) == step.as_ref();
                sent.clone().find(|(step, _)| is_it(step))
            }
            _ => None,
        };
        failed.or_else(|| sent.clone().next())
    }

    /// The broken checks of judged steps, in order, warnings left out.
    pub fn broken(&self) -> impl Iterator<Item = (&StepResult, &CheckResult, &Mismatch)> {
        self.findings(false)
    }

    /// The findings that are only warnings.
    pub fn warnings(&self) -> impl Iterator<Item = (&StepResult, &CheckResult, &Mismatch)> {
        self.findings(true)
    }

    fn findings(
        &self,
        warning: bool,
    ) -> impl Iterator<Item = (&StepResult, &CheckResult, &Mismatch)> {
        self.steps.iter().flat_map(move |step| {
            step.checks.iter().filter_map(move |check| {
                let mismatch = check.mismatch.as_ref()?;
                (check.warning == warning).then_some((step, check, mismatch))
            })
        })
    }
}
