//! The suite on an honest target, with every exchange: what the mutants are compared with.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    contract::{Contract, Operation},
    engine::{Engine, Pacing, StopSignal},
    exchange::{Exchange, TransportError},
    ids::{CaseId, Edition},
    mutant::{Change, Mutant, Route},
    plan::TestCase,
    result::CaseResult,
    secret::SecretIndex,
    session,
    target::Target,
    transcript::Transcript,
};

/// Rows in flight.
const AT_ONCE: usize = 16;

/// One judged test case as it went.
#[derive(Debug)]
pub(super) struct Row {
    pub case: Arc<TestCase>,
    pub result: CaseResult,
    /// Unmasked; it never leaves the process.
    pub transcript: Transcript,
}

/// All judged test cases, in plan order. Observed ones can notice nothing.
#[derive(Debug)]
pub(super) struct Baseline {
    pub rows: Vec<Row>,
    /// Where the target was, by edition.
    urls: BTreeMap<Edition, Vec<String>>,
}

impl Baseline {
    /// Rows that did not pass, with the reason.
    pub(super) fn red(&self) -> Vec<(CaseId, String)> {
        self.rows
            .iter()
            .filter(|row| !row.result.verdict.is_pass())
            .map(|row| {
                let broken = row.result.broken().next();
                let why = row
                    .result
                    .detail
                    .clone()
                    .or_else(|| broken.map(|(_, _, mismatch)| mismatch.to_string()));
                (row.case.id.clone(), why.unwrap_or_default())
            })
            .collect()
    }

    pub(super) fn ids(&self) -> Vec<CaseId> {
        self.rows.iter().map(|row| row.case.id.clone()).collect()
    }

    pub(super) fn serves(&self, edition: Edition) -> bool {
        self.rows.iter().any(|row| row.case.edition == edition)
    }

    /// Where an operation of an edition answered.
    pub(super) fn route(&self, edition: Edition, operation: &Operation) -> Route {
        let urls = self.urls.get(&edition).into_iter().flatten();
        Route::of(operation, urls.map(String::as_str))
    }

    /// Ids of the test cases that the mutant touches, by what they sent and got here.
    pub(super) fn meeting<'b>(
        &'b self,
        mutant: &'b Mutant,
        route: &'b Route,
    ) -> impl Iterator<Item = &'b str> {
        self.rows
            .iter()
            .filter(|row| row.case.edition == mutant.edition)
            .filter(|row| {
                exchanges(&row.transcript).any(|exchange| touches(mutant, route, exchange))
            })
            .map(|row| row.case.id.as_str())
    }
}

fn exchanges(transcript: &Transcript) -> impl Iterator<Item = &Exchange> {
    transcript.steps.iter().flat_map(|step| &step.attempts)
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

/// Carries out every judged test case.
///
/// # Errors
/// When the client cannot be set up.
pub(super) async fn record(
    contracts: &Arc<[Contract]>,
    cases: &[Arc<TestCase>],
    target: &Target,
    pacing: &Arc<Pacing>,
    known: &Arc<SecretIndex>,
) -> Result<Baseline, TransportError> {
    let engine = Engine::new(Arc::clone(contracts), cases, target.clone(), false)?
        .remembering(Arc::clone(known))
        .paced(Arc::clone(pacing));
    let engine = Arc::new(engine);
    let judged: Vec<Arc<TestCase>> = cases
        .iter()
        .filter(|case| case.observe.is_none() && target.editions.contains_key(&case.edition))
        .cloned()
        .collect();
    let never = StopSignal::never();
    let outcomes = session::with_transcripts(&engine, &judged, AT_ONCE, never.clone()).await;
    let rows = judged.into_iter().zip(outcomes);
    let rows = rows.map(|(case, (result, transcript))| Row {
        case,
        result,
        transcript,
    });
    let rows = rows.collect();
    // What cannot be removed stays in the journal.
    engine.finish(never).await;
    let urls = target.editions.iter();
    let urls = urls.map(|(edition, own)| (*edition, own.urls().map(str::to_owned).collect()));
    Ok(Baseline {
        rows,
        urls: urls.collect(),
    })
}
