//! Why something that was made could not be removed.

use crate::{
    engine::hits::Unclear,
    ids::Edition,
    ids::{ProviderId, StepId},
    judge::JudgeError,
    result::Stop,
};

#[derive(Debug, thiserror::Error)]
pub(super) enum CleanupError {
    #[error("the target does not serve `{0}`")]
    NotServed(String),
    #[error("there is no contract of `{0}`")]
    NoContract(Edition),
    #[error("the target has no provider `{0}` any more")]
    NoProvider(ProviderId),
    #[error("the provider `{0}` has no `cleanup` any more")]
    NoCleanup(ProviderId),
    /// A provider or a step could not be carried out.
    #[error("{}", .0.why())]
    Stopped(Stop),
    #[error("step `{0}` was not answered")]
    Unanswered(StepId),
    #[error(transparent)]
    Unjudged(#[from] JudgeError),
    #[error("step `{step}` {fault}")]
    Step {
        step: StepId,
        #[source]
        fault: StepFault,
    },
}

/// What is wrong with one step of a cleanup, as the rest of a sentence about it.
#[derive(Debug, thiserror::Error)]
pub(super) enum StepFault {
    /// The answer does not tell whether ours is there.
    #[error(transparent)]
    Unsure(Unclear),
    #[error("{0}")]
    Broken(String),
    #[error("answered {0} about what was just shown")]
    Contradicted(u16),
    /// A value that would lead to something else.
    #[error("is not sent: {0:?} is not one part of a path as it stands")]
    NotOnePart(String),
}

impl StepFault {
    pub(super) fn in_step(self, step: &StepId) -> CleanupError {
        CleanupError::Step {
            step: step.clone(),
            fault: self,
        }
    }
}
