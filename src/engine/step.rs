//! One step: its request is computed and sent until its answer is usable, and its captures are bound.

use serde_json::Value;

use super::{
    capture::{self, captured},
    case_context::{CaseContext, NotGiven},
    follow,
    keys::fetch_keys,
    not_given::{not_answered, unbound},
    record,
    request::{RequestError, render_request},
    sender::Delivery,
};
use crate::{
    check,
    clock::Stopwatch,
    exchange::{Exchange, Request, Response, TransportError},
    judge,
    plan::{Step, Until},
    result::{CheckResult, Part, Stop},
    secret::Redactor,
    transcript::StepRecord,
};

/// So many characters of an answer are shown where it is not a success.
const SHOWN: usize = 200;

/// Sends one step, again and again if it says `until`, and binds its captures. What was sent is in
/// the transcript, whatever came of it.
///
/// # Errors
/// Why the test case cannot go on.
pub(super) async fn send(
    context: &mut CaseContext<'_>,
    step: &Step,
    part: Part,
    index: Option<usize>,
) -> Result<(), Stop> {
    let request = write(context, step, part, index.is_some())
        .map_err(|why| unwritable(context, step, &why))?;
    let mut record = StepRecord {
        name: step.name.clone(),
        owner: context.owner.clone(),
        part,
        index,
        route: step.route(),
        attempts: Vec::new(),
        bindings: context.bindings.clone(),
    };
    let sent = deliver(context, step, &request, &mut record).await;
    if part == Part::Request {
        // What it really carried, for the steps after it.
        context.bindings.insert("sent".into(), request.as_binding());
        context.request.sent = Some(request);
    }
    let bound = match &sent {
        Ok(()) | Err(Stop::Harness(_)) => bind_captures(context, step, &record, sent.is_ok()),
        Err(_) => Ok(()),
    };
    context.transcript.steps.push(record);
    sent?;
    bound
}

/// Sends a step that prepares: whatever goes wrong in it means that the test case cannot be judged.
///
/// # Errors
/// As [`send`], and when the answer is not what it has to be.
pub(super) async fn prepare(
    context: &mut CaseContext<'_>,
    step: &Step,
    index: Option<usize>,
    whose: &str,
) -> Result<(), Stop> {
    send(context, step, Part::Setup, index).await?;
    let Some(record) = context.transcript.steps.last() else {
        return Ok(());
    };
    let broken = if step.checks.is_empty() {
        match record.attempts.last().map(|exchange| &exchange.outcome) {
            Some(Ok(response)) => no_success(response),
            _ => None,
        }
    } else {
        judge::first_broken(step, record, context.contract)
            .map_err(|why| Stop::Setup(format!("{whose}, step `{}`: {why}", step.name)))?
            .map(record::sentence)
    };
    match broken {
        Some(why) => Err(Stop::Answered(format!(
            "{whose}, step `{}` {why}",
            step.name
        ))),
        None => Ok(()),
    }
}

/// What is wrong with an answer that has to be a success, if anything is.
fn no_success(response: &Response) -> Option<String> {
    if (200..300).contains(&response.status) {
        return check::delivery(response).first().map(ToString::to_string);
    }
    // Masked by names before it is cut: half an object has none.
    let body = record::shown(&response.body, &Redactor::default());
    let shown: String = body.chars().take(SHOWN).collect();
    Some(format!("answered {}: {shown}", response.status))
}

/// The request of a step with every value computed.
fn write(
    context: &mut CaseContext<'_>,
    step: &Step,
    part: Part,
    of_case: bool,
) -> Result<Request, RequestError> {
    if step.repeat {
        let sent = context.request.sent.clone();
        return sent.ok_or(RequestError::NotSent);
    }
    let common = match part {
        Part::Request => &context.request.common,
        _ => &context.run.target.headers,
    };
    let mut computed = Vec::new();
    let mut note = |expression: &str, value: &Value| {
        computed.push((expression.to_owned(), value.clone()));
    };
    let bindings = &context.bindings;
    let mut request = render_request(step, part, context.settings, common, bindings, &mut note)?;
    context.note_computed(computed);
    context.secrets.request(&request, step, of_case);
    context.jars.fill(step.actor.as_deref(), &mut request);
    Ok(request)
}

/// Why a step could not be written: for want of what an answer did not hold, or by a mistake of its
/// author.
fn unwritable(context: &CaseContext<'_>, step: &Step, why: &RequestError) -> Stop {
    if let Some(why) = not_answered(context, &[], |binding| step.names(binding)) {
        return Stop::Answered(why);
    }
    let not_one = unbound(context, |binding| step.names(binding));
    let why = not_one.map_or_else(|| why.to_string(), str::to_owned);
    let (span, name) = (&step.span, &step.name);
    Stop::Setup(format!("{span}: step `{name}` cannot be written: {why}"))
}

/// Sends a request until its answer is usable, or the time for that is over; fetches the keys
/// that judging it takes.
async fn deliver(
    context: &mut CaseContext<'_>,
    step: &Step,
    request: &Request,
    record: &mut StepRecord,
) -> Result<(), Stop> {
    let watch = Stopwatch::start();
    for attempts in 1.. {
        let before = record.attempts.len();
        attempt(context, step, request.clone(), record).await?;
        fetch_keys(context, step, record).await?;
        let Some(until) = &step.until else { break };
        if is_awaited(context, step, until, record) {
            break;
        }
        let Some(pause) = until.pause_after(attempts, watch.elapsed()) else {
            break;
        };
        record.attempts[before..].iter_mut().for_each(shorten);
        tokio::time::sleep(pause).await;
    }
    Ok(())
}

/// Gives up what is long of an attempt that decides nothing, so that many of them are not much.
fn shorten(attempt: &mut Exchange) {
    if let Ok(response) = &mut attempt.outcome
        && response.body.len() > record::LONGEST_EARLIER
    {
        response.body = Vec::new().into();
    }
}

/// Sends the request, and whatever its redirects lead to as far as the step goes after them.
async fn attempt(
    context: &mut CaseContext<'_>,
    step: &Step,
    request: Request,
    record: &mut StepRecord,
) -> Result<(), Stop> {
    if record.part != Part::Cleanup {
        let costs = &step.side_effects.costs;
        context
            .reservation
            .spend(costs)
            .map_err(|why| Stop::BudgetSpent(why.to_string()))?;
    }
    let mut next = Some(request);
    let mut redirects = step.follow;
    while let Some(request) = next {
        next = once(context, step, &request, record).await?;
        match redirects.checked_sub(1) {
            Some(left) => redirects = left,
            None => next = None,
        }
        if let Some(request) = &mut next {
            context.jars.fill(step.actor.as_deref(), request);
        }
    }
    Ok(())
}

/// Sends one request, and gives the one that its answer leads to.
async fn once(
    context: &mut CaseContext<'_>,
    step: &Step,
    request: &Request,
    record: &mut StepRecord,
) -> Result<Option<Request>, Stop> {
    let delivery = Delivery {
        step: &step.name,
        request,
        expected: &step.expected_statuses(),
        doubt: &context.doubt(),
    };
    let sender = &context.run.sender;
    let delivered = sender.deliver(&delivery, &mut record.attempts).await;
    let Some(exchange) = record.attempts.last() else {
        return delivered.map(|()| None);
    };
    context.jars.keep(step.actor.as_deref(), exchange);
    if let (true, Ok(response)) = (context.run.shows_any(), &exchange.outcome) {
        context.secrets.response(response);
    }
    if let Some(fault) = &exchange.fault {
        return Err(Stop::Harness(format!("step `{}`: {fault}", step.name)));
    }
    delivered?;
    Ok(follow::next(exchange))
}

/// Whether the last attempt answered what the step waits for: it meets the condition; or, where there is
/// none, it meets its checks, or is a success where it has none, and holds what the step captures.
fn is_awaited(context: &CaseContext<'_>, step: &Step, until: &Until, record: &StepRecord) -> bool {
    if let Some(condition) = &until.condition {
        return judge::hold(step, condition, record, context.contract).unwrap_or(false);
    }
    let Some(exchange) = record.attempts.last() else {
        return false;
    };
    let Ok(response) = &exchange.outcome else {
        return false;
    };
    let expected = !step.checks.is_empty() || (200..300).contains(&response.status);
    let kept = judge::step(step, record, context.contract, false)
        .is_ok_and(|checks| !checks.results.iter().any(CheckResult::is_finding));
    expected && kept && captured(step, exchange).len() == step.captures.len()
}

/// Remembers which of what the last answer holds is secret, and binds it where the answer is `sound`.
///
/// # Errors
/// When there is no answer.
fn bind_captures(
    context: &mut CaseContext<'_>,
    step: &Step,
    record: &StepRecord,
    sound: bool,
) -> Result<(), Stop> {
    let Some(exchange) = record.attempts.last() else {
        return Ok(());
    };
    if let Err(error) = &exchange.outcome {
        return Err(unanswered(step, error));
    }
    if let Ok(response) = &exchange.outcome {
        let not_one = capture::not_one(step, response).into_iter();
        let unbound = not_one.map(|(binding, why)| NotGiven { binding, why });
        context.unbound.extend(unbound);
    }
    for (capture, value) in captured(step, exchange) {
        let place = capture::place(capture);
        context.secrets.bound(&capture.name, place, &value);
        if sound {
            context.bindings.insert(capture.name.clone(), value);
        }
    }
    Ok(())
}

/// What an exchange without a usable answer means for the test case.
fn unanswered(step: &Step, error: &TransportError) -> Stop {
    let why = format!("step `{}`: {error}", step.name);
    match error {
        TransportError::Desync(_) => Stop::Desync(why),
        // The request as it was computed, which no target has seen.
        TransportError::Unsendable(_) => Stop::Setup(format!("{}: {why}", step.span)),
        _ => Stop::Unreachable(why),
    }
}
