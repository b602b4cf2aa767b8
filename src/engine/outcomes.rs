//! The outcome of a test case: those that it needs are carried out first, each once a run, and it is
//! judged only if they stand. Behind a control that was refused it is sent all the same where that does
//! no harm, so that an upgrade that breaks the control does not hide what still works.

use std::{collections::HashMap, sync::Arc};

use tokio::sync::OnceCell;

use super::{
    case_result::{self, Unsent},
    case_run::CaseRun,
    run_context::RunContext,
    wire::Doubt,
};
use crate::{
    clock::Stopwatch,
    contract::Contract,
    ids::CaseId,
    judge,
    plan::TestCase,
    result::{CaseResult, ErrorReason, Part, SkipReason, Stop, Subject, Verdict},
    target::TargetEdition,
    transcript::Transcript,
};

/// A result, and what was sent and came back.
type Outcome = (CaseResult, Transcript);

/// The test cases of a run, and the outcomes that several of them need.
#[derive(Debug)]
pub(super) struct Outcomes {
    cases: HashMap<CaseId, Arc<TestCase>>,
    /// Controls and further prerequisites.
    shared: HashMap<CaseId, OnceCell<Arc<Outcome>>>,
}

impl Outcomes {
    pub(super) fn new(cases: &[Arc<TestCase>]) -> Self {
        Self {
            cases: cases
                .iter()
                .map(|case| (case.id.clone(), Arc::clone(case)))
                .collect(),
            shared: cases
                .iter()
                .flat_map(|case| case.prerequisites.iter().chain([&case.control_id]))
                .map(|id| (id.clone(), OnceCell::new()))
                .collect(),
        }
    }

    /// Carries a test case out and judges it, its control and its other prerequisites first.
    pub(super) async fn of(&self, run: &RunContext, case: &TestCase) -> Arc<Outcome> {
        if let Some(todo) = &case.todo {
            let unsent = Unsent {
                verdict: Verdict::Skip(SkipReason::ToBeFilledIn),
                why: format!("to be filled in: {todo}"),
            };
            return Arc::new((unsent.result(run, case), Transcript::default()));
        }
        let held_up = self.held_up(run, case).await;
        if let Some(HeldUp {
            result,
            behind_refusal: false,
        }) = held_up
        {
            return Arc::new((result, Transcript::default()));
        }
        let judged = || async {
            Arc::new(match held_up {
                Some(held_up) => unjudged(run, case, held_up.result).await,
                None => judged(run, case).await,
            })
        };
        match self.shared.get(&case.id) {
            Some(cell) => Arc::clone(cell.get_or_init(judged).await),
            None => judged().await,
        }
    }

    /// The result of a test case that is not judged, because one that it needs does not stand.
    async fn held_up(&self, run: &RunContext, case: &TestCase) -> Option<HeldUp> {
        let contract = run.contract(case.edition);
        for id in std::iter::once(&case.control_id).chain(&case.prerequisites) {
            if *id == case.id {
                continue;
            }
            let Some(before) = self.cases.get(id) else {
                let unsent = Unsent {
                    verdict: Verdict::Error(ErrorReason::HarnessFault),
                    why: format!("the row `{id}`, which has to come first, is not in the plan"),
                };
                return Some(HeldUp::unsent(unsent.result(run, case)));
            };
            let before = Box::pin(self.of(run, before)).await;
            if let Some(withdrawn) = run.doubts.withdrawn(&before.0) {
                return Some(HeldUp::unsent(judge::blocked(case, contract, &withdrawn)));
            }
            if !before.0.stands {
                return Some(HeldUp {
                    result: judge::blocked(case, contract, &before.0),
                    behind_refusal: run.sends_behind_refusals && is_refused_control(&before.0),
                });
            }
        }
        None
    }
}

/// A test case that is not judged.
#[derive(Debug)]
struct HeldUp {
    result: CaseResult,
    /// Its control was answered, and refused.
    behind_refusal: bool,
}

impl HeldUp {
    const fn unsent(result: CaseResult) -> Self {
        Self {
            result,
            behind_refusal: false,
        }
    }
}

/// A control whose request got an answer, and was refused by it.
fn is_refused_control(before: &CaseResult) -> bool {
    let refused = |subject: &Subject| *subject == Subject::Accepted;
    let mut broken = before.broken();
    before.control
        && matches!(before.verdict, Verdict::Fail(_))
        && broken.any(|(step, _, found)| step.part == Part::Request && refused(&found.subject))
}

/// Carries a test case out without judging it, where that does no harm; the result says what was
/// exchanged, or why it was not sent.
async fn unjudged(run: &RunContext, case: &TestCase, mut result: CaseResult) -> Outcome {
    let (settings, contract) = match served(run, case) {
        Ok(served) => served,
        Err(unsent) => return (unsent.result(run, case), Transcript::default()),
    };
    if let Some(why) = run.target.harm_of(case) {
        result
            .causes
            .push(format!("it was not sent, because it {why}"));
        return (result, Transcript::default());
    }
    let _turn = run.sender.pacing.test_case(case.exclusive).await;
    let mut context = CaseRun::new(run, case, settings, contract).finish().await;
    run.doubts
        .keep(&case.id, std::mem::take(&mut context.doubts));
    case_result::unjudged(context, case, result)
}

/// Carries a test case out and judges it once more; what it needs was carried out before.
pub(super) async fn again(run: &RunContext, case: &TestCase) -> Outcome {
    judged(run, case).await
}

/// Carries a test case out and judges it, if this target and this run are for it.
async fn judged(run: &RunContext, case: &TestCase) -> Outcome {
    let (settings, contract) = match served(run, case) {
        Ok(served) => served,
        Err(unsent) => return (unsent.result(run, case), Transcript::default()),
    };
    // What it needs was carried out before, so that no test case waits here for one that waits for it.
    let _turn = run.sender.pacing.test_case(case.exclusive).await;
    let watch = Stopwatch::start();
    let mut context = CaseRun::new(run, case, settings, contract).finish().await;
    let doubts = std::mem::take(&mut context.doubts);
    if let Some(why) = doubts.iter().find_map(Doubt::why) {
        context.transcript.stopped = Some(Stop::Desync(why.to_owned()));
    }
    run.doubts.keep(&case.id, doubts);
    let judgement = judge::case(case, &context.transcript, contract, run.strict);
    let (mut result, transcript) = case_result::judged(context, case, judgement);
    if run.shows(&case.id) {
        result.elapsed = watch.elapsed();
    }
    (result, transcript)
}

/// What a test case is sent with and judged by.
fn served<'r>(
    run: &'r RunContext,
    case: &TestCase,
) -> Result<(&'r TargetEdition, &'r Contract), Unsent> {
    let skip = |reason, why| Unsent {
        verdict: Verdict::Skip(reason),
        why,
    };
    let Some(settings) = run.target.editions.get(&case.edition) else {
        let why = format!("the target does not serve the edition `{}`", case.edition);
        return Err(skip(SkipReason::NotProvided, why));
    };
    let lacks = |capability: &&String| !run.target.capabilities.contains(capability);
    if let Some(capability) = case.requires.iter().find(lacks) {
        let why = format!("the target has no capability `{capability}`");
        return Err(skip(SkipReason::NotProvided, why));
    }
    if let Some(why) = run.target.withholds(case) {
        return Err(skip(SkipReason::NotInProfile, why));
    }
    let contract = run.contract(case.edition).ok_or_else(|| Unsent {
        verdict: Verdict::Error(ErrorReason::HarnessFault),
        why: format!("no contract of `{}` is loaded", case.edition),
    })?;
    Ok((settings, contract))
}
