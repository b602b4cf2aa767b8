//! The suite on an honest target, with every exchange: what the mutants are compared with.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use super::{error::ProveError, known::KnownFailure};
use crate::{
    clock::today,
    compare::{self, Before, RunFacts},
    contract::{Contract, Operation},
    engine::StopSignal,
    exchange::Exchange,
    ids::{CaseId, Edition, RequirementId},
    judge,
    mutant::{Change, Mutant, Route},
    plan::{TestCase, with_prerequisites},
    result::{
        Blocker, CaseResult, ChangeKind, ErrorReason, Part, RunReport, SkipReason, Verdict, Waiver,
    },
    session::Session,
    transcript::{StepRecord, Transcript},
};

/// One judged test case as it went.
#[derive(Debug)]
pub(super) struct Row {
    pub case: Arc<TestCase>,
    pub result: CaseResult,
    /// Unmasked; it never leaves the process.
    pub transcript: Transcript,
}

/// What the honest target showed of the selected test cases.
#[derive(Debug, Default)]
pub(super) struct Baseline {
    /// All that were judged, in plan order. Observed ones can notice nothing.
    pub rows: Vec<Row>,
    /// Why each of them is red whose reason nobody knows.
    pub red: Vec<(CaseId, String)>,
    /// Those that fail for a reason that somebody knows.
    known: BTreeMap<CaseId, KnownFailure>,
    /// Those that cannot be judged, because a known one stands in the way.
    pub behind: Vec<CaseId>,
    /// How many were left out, by the reason.
    pub left_out: BTreeMap<&'static str, usize>,
    /// What test cases are about that were left out, or not selected.
    pub not_asked: BTreeSet<RequirementId>,
    /// The known ones, and those that a waiver is for: what they find decides whether they notice.
    pub shown: Arc<BTreeSet<CaseId>>,
    waivers: Vec<Waiver>,
    /// Where the target was, by edition.
    urls: BTreeMap<Edition, Vec<String>>,
}

impl Baseline {
    pub(super) fn ids(&self) -> Vec<CaseId> {
        self.rows.iter().map(|row| row.case.id.clone()).collect()
    }

    /// The rows that fail for a known reason: which, what they find, and who knows.
    pub(super) fn known(&self) -> Vec<(CaseId, String)> {
        let each = self.known.iter();
        each.map(|(id, known)| (id.clone(), format!("{} ({})", known.why, known.by)))
            .collect()
    }

    pub(super) fn is_known(&self, id: &CaseId) -> bool {
        self.known.contains_key(id)
    }

    pub(super) fn serves(&self, edition: Edition) -> bool {
        self.urls.contains_key(&edition)
    }

    /// Whether the row fails otherwise than on the honest target, and nobody has accepted that.
    pub(super) fn notices(&self, result: &CaseResult) -> bool {
        let exceeds = |known: &KnownFailure| known.is_exceeded(result);
        matches!(result.verdict, Verdict::Fail(_))
            && judge::waived(result, &self.waivers, today()).is_none()
            && self.known.get(&result.id).is_none_or(exceeds)
    }

    /// Where an operation answers on this target.
    pub(super) fn route(&self, contract: &Contract, operation: &Operation) -> Route {
        let urls = self.urls.get(&contract.edition).into_iter().flatten();
        Route::of(contract, operation, urls.map(String::as_str))
    }

    /// The rows that the mutant touches where it can change their verdict, by what they sent and got here.
    pub(super) fn meeting(&self, mutant: &Mutant, route: &Route) -> Vec<&Row> {
        let own = self.rows.iter();
        let own = own.filter(|row| row.case.edition == mutant.edition);
        own.filter(|row| row.first_met(mutant, route).is_some())
            .collect()
    }
}

impl Row {
    /// The part of the test case that a mutant takes hold of first. A clean-up changes no verdict.
    pub(super) fn first_met(&self, mutant: &Mutant, route: &Route) -> Option<Part> {
        let steps = self.transcript.steps.iter();
        let mut steps = steps.filter(|step| step.part != Part::Cleanup);
        let touched = |step: &&StepRecord| {
            let mut attempts = step.attempts.iter();
            attempts.any(|exchange| touches(mutant, route, exchange))
        };
        steps.find(touched).map(|step| step.part)
    }
}

/// Whether a mutant takes hold of an exchange that went well.
pub(super) fn touches(mutant: &Mutant, route: &Route, exchange: &Exchange) -> bool {
    let request = &exchange.request;
    let path =
        url::Url::parse(&request.url).map_or_else(|_| String::new(), |url| url.path().to_owned());
    if !route.leads(&request.method, &path) {
        return false;
    }
    match &mutant.change {
        Change::Nothing | Change::Mock(_) => true,
        Change::Request(edit) => edit.meets(request),
        Change::Answer(edit) => exchange
            .outcome
            .as_ref()
            .is_ok_and(|response| (edit.applies)(request, response)),
    }
}

/// Carries out every selected test case, and those with known findings once more.
///
/// # Errors
/// When the runs before are none to compare with, or the client cannot be set up.
pub(super) async fn record(session: &Session, before: &[Before]) -> Result<Baseline, ProveError> {
    let never = StopSignal::never();
    let (report, transcripts) = session.run_with_transcripts(never.clone()).await;
    session.clean_up(never).await;
    let target = session.target();
    let urls = target.editions.iter();
    let urls = urls.map(|(edition, own)| (*edition, own.urls().map(str::to_owned).collect()));
    let mut out = Baseline {
        waivers: target.waivers.clone(),
        urls: urls.collect(),
        ..Baseline::default()
    };
    let sorted = Sorted::of(&report, before)?;
    let plan: HashMap<&CaseId, &Arc<TestCase>> = session
        .cases()
        .iter()
        .map(|case| (&case.id, case))
        .collect();
    for (result, transcript) in report.cases.iter().zip(transcripts) {
        let case = plan.get(&result.id).copied();
        let Some(case) = case.filter(|case| case.observe.is_none()) else {
            continue;
        };
        match sorted.state(result) {
            State::LeftOut(why) => *out.left_out.entry(why.label()).or_default() += 1,
            State::Behind => out.behind.push(result.id.clone()),
            state => {
                if state == State::Red {
                    out.red.push((result.id.clone(), why(result)));
                }
                out.rows.push(Row {
                    case: Arc::clone(case),
                    result: result.clone(),
                    transcript,
                });
            }
        }
    }
    out.not_asked = not_asked(session.cases(), &out);
    if out.red.is_empty() {
        learn_known(&mut out, session, &sorted).await?;
    }
    Ok(out)
}

/// What the test cases that are not judged here are about.
fn not_asked(cases: &[Arc<TestCase>], baseline: &Baseline) -> BTreeSet<RequirementId> {
    let judged: HashSet<&CaseId> = baseline.rows.iter().map(|row| &row.case.id).collect();
    let others = cases
        .iter()
        .filter(|case| case.observe.is_none() && !judged.contains(&case.id));
    others.flat_map(|case| case.covers.clone()).collect()
}

/// Runs the test cases once more that fail for a known reason: what they find a second time is no chance.
async fn learn_known(
    baseline: &mut Baseline,
    session: &Session,
    sorted: &Sorted,
) -> Result<(), ProveError> {
    let failing: BTreeSet<CaseId> = sorted.known.keys().cloned().collect();
    let waived = session.cases().iter().filter(|case| {
        let mut waivers = baseline.waivers.iter();
        waivers.any(|waiver| waiver.is_for(&case.id))
    });
    let shown = waived
        .map(|case| case.id.clone())
        .chain(failing.iter().cloned());
    baseline.shown = Arc::new(shown.collect());
    if failing.is_empty() {
        return Ok(());
    }
    let cases = with_prerequisites(session.cases(), |case| failing.contains(&case.id));
    let target = session.target().clone();
    let again = session.run_beside(&cases, target, &baseline.shown).await?;
    let again: HashMap<&CaseId, &CaseResult> = again.iter().map(|one| (&one.id, one)).collect();
    for row in &baseline.rows {
        let (Some(by), Some(second)) = (sorted.known.get(&row.case.id), again.get(&row.case.id))
        else {
            continue;
        };
        let known = KnownFailure::of(by.clone(), why(&row.result), [&row.result, second]);
        baseline.known.insert(row.case.id.clone(), known);
    }
    Ok(())
}

/// What a test case is to the proof.
#[derive(Debug, PartialEq, Eq)]
enum State {
    Green,
    KnownFailure,
    Red,
    /// Not judged, because a known one stands in the way.
    Behind,
    /// Not for this target or profile, with the reason.
    LeftOut(SkipReason),
}

/// What is known of the results of the honest target.
struct Sorted {
    /// Who knows why each of these fails.
    known: BTreeMap<CaseId, String>,
    behind: BTreeSet<CaseId>,
}

impl Sorted {
    fn of(report: &RunReport, before: &[Before]) -> Result<Self, ProveError> {
        let mut out = Self {
            known: BTreeMap::new(),
            behind: BTreeSet::new(),
        };
        for result in &report.cases {
            if let Some(waived) = &result.waiver {
                let by = format!("waived by {} until {}", waived.owner, waived.expires);
                out.known.insert(result.id.clone(), by);
            }
        }
        if !before.is_empty() {
            let facts = RunFacts::of(report).map_err(ProveError::Results)?;
            for row in compare::attribute(before, &facts)?.cases {
                match row.kind {
                    ChangeKind::StillFailing => {
                        let by = || "as in the baseline".to_owned();
                        out.known.entry(row.id).or_insert_with(by);
                    }
                    ChangeKind::StillNotJudged => {
                        out.behind.insert(row.id);
                    }
                    _ => {}
                }
            }
        }
        // One that is in the way of another may have one in its own way.
        loop {
            let more: Vec<CaseId> = report
                .cases
                .iter()
                .filter(|result| !out.behind.contains(&result.id) && out.is_behind(result))
                .map(|result| result.id.clone())
                .collect();
            if more.is_empty() {
                return Ok(out);
            }
            out.behind.extend(more);
        }
    }

    /// Whether what keeps it from being judged is known.
    fn is_behind(&self, result: &CaseResult) -> bool {
        let Some(Blocker::Control(id) | Blocker::Prerequisite(id)) = &result.blocked_by else {
            return false;
        };
        result.verdict == Verdict::Error(ErrorReason::ControlFailed)
            && (self.known.contains_key(id) || self.behind.contains(id))
    }

    fn state(&self, result: &CaseResult) -> State {
        match &result.verdict {
            Verdict::Pass(_) => State::Green,
            Verdict::Skip(
                why @ (SkipReason::NotInProfile
                | SkipReason::NotProvided
                | SkipReason::ToBeFilledIn),
            ) => State::LeftOut(*why),
            Verdict::Error(_) if self.behind.contains(&result.id) => State::Behind,
            Verdict::Fail(_) if self.known.contains_key(&result.id) => State::KnownFailure,
            Verdict::Fail(_) | Verdict::Error(_) | Verdict::Skip(_) => State::Red,
        }
    }
}

/// What of a result is red, in a line.
fn why(result: &CaseResult) -> String {
    let broken = result.broken().chain(result.warnings()).next();
    let why = result
        .detail
        .clone()
        .or_else(|| broken.map(|(_, _, mismatch)| mismatch.to_string()));
    why.unwrap_or_default()
}
