//! Carrying a row out: providers, setup, the request, what follows, cleanup.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{
    Engine,
    budget::Reservation,
    follow,
    jar::Jars,
    provide::{Failed, Held},
    request::{common_headers, render_request},
    retry::Delivery,
    secrets::SecretCollector,
    wire::Doubt,
};
use crate::{
    check,
    clock::Stopwatch,
    contract::Contract,
    exchange::{Exchange, Request, Response, TransportError},
    judge,
    plan::{Capture, CaptureFrom, Need, Step, TestCase},
    result::Blocker,
    target::TargetEdition,
    template::{self, Bindings},
    transcript::{Part, StepRecord, Stop, Transcript},
};

/// The pause between two attempts of an `eventually` step.
pub(super) const PAUSE: Duration = Duration::from_millis(50);

/// A row in flight.
pub(super) struct CaseRun<'e> {
    pub engine: &'e Engine,
    /// The target's headers that the request under test carries too.
    common: Vec<(String, Value)>,
    pub settings: &'e TargetEdition,
    pub contract: &'e Contract,
    pub bindings: Bindings,
    pub transcript: Transcript,
    /// Every value that must not be shown.
    pub secrets: SecretCollector,
    /// What providers made for this row, as numbers of the journal.
    pub pending: Vec<u64>,
    /// The file of the row, which some providers are shared by.
    pub file: String,
    /// Whether providers are only tried out, and no row follows.
    pub rehearsal: bool,
    /// The accounts that the row has to itself.
    pub held: Held,
    /// What providers should have given by their answers and did not: the binding, and why.
    pub not_given: Vec<(String, String)>,
    /// The provider whose steps are sent now; `None` for those of the test case itself.
    pub provider: Option<String>,
    /// The provider that gave nothing, the innermost where they build on each other.
    pub failed: Option<Failed>,
    /// The request under test, once sent.
    sent: Option<Request>,
    pub jars: Jars,
    /// Whether what it was answered was its own: by this row's requests, and then by those of others
    /// whose answers it uses.
    pub doubts: Vec<Doubt>,
    reservation: Reservation<'e>,
}

impl<'e> CaseRun<'e> {
    pub(super) fn new(
        engine: &'e Engine,
        settings: &'e TargetEdition,
        contract: &'e Contract,
        matrix: &Value,
    ) -> Self {
        let mut bindings = Bindings::new();
        bindings.insert("target".into(), Value::Object(settings.variables.clone()));
        bindings.insert("run".into(), json!({ "id": engine.run_id() }));
        bindings.insert("matrix".into(), matrix.clone());
        Self {
            engine,
            common: Vec::new(),
            settings,
            contract,
            bindings,
            transcript: Transcript::default(),
            secrets: SecretCollector::declared(settings),
            pending: Vec::new(),
            file: String::new(),
            rehearsal: false,
            held: Held::default(),
            not_given: Vec::new(),
            provider: None,
            failed: None,
            sent: None,
            jars: Jars::default(),
            doubts: vec![Doubt::default()],
            reservation: engine.budgets.reservation(),
        }
    }

    /// What kept the row from being judged, where it was not the answer to the row itself.
    pub(super) fn blocker(&self) -> Option<Blocker> {
        let failed = self.failed.as_ref()?;
        Some(match &self.transcript.stopped {
            Some(Stop::NotProvided(_)) => Blocker::Need(failed.provider.clone()),
            _ => Blocker::Provider {
                name: failed.provider.clone(),
                step: failed.record.as_ref().map(|record| record.name.clone()),
            },
        })
    }

    /// The doubt that this row's own requests would raise.
    pub(super) fn doubt(&self) -> Doubt {
        self.doubts.first().cloned().unwrap_or_default()
    }

    /// Runs the row to its end; where it stopped is in the transcript.
    pub(super) async fn row(&mut self, case: &TestCase) {
        self.common = common_headers(&self.engine.target.headers, case);
        self.file.clone_from(&case.span.file.path);
        // A row that could not be carried out to its end does not begin.
        if let Err(why) = self.reservation.keep(&self.engine.target.costs(case)) {
            self.transcript.stopped = Some(Stop::BudgetSpent(why));
            return;
        }
        if let Err(stop) = self.judged_part(case).await {
            self.transcript.stopped = Some(stop);
        }
        for (index, step) in case.cleanup.iter().enumerate() {
            // The target's trouble in cleanup is kept in the transcript and changes no verdict.
            if let Err(stop @ Stop::Harness(_)) = self.step(step, Part::Cleanup, Some(index)).await
            {
                self.transcript.stopped = Some(stop);
            }
        }
        self.undo_all().await;
        self.held.end(&self.transcript);
    }

    /// Completes the target's variables with those that a provider fetches.
    pub(super) async fn bind_target(&mut self) -> Result<(), Stop> {
        if let Some(need) = &self.settings.variables_from {
            let more = self.provide(need, 0).await?;
            if let (Some(Value::Object(variables)), Value::Object(more)) =
                (self.bindings.get_mut("target"), more)
            {
                variables.extend(more);
            }
        }
        Ok(())
    }

    async fn judged_part(&mut self, case: &TestCase) -> Result<(), Stop> {
        self.bind_target().await?;
        for need in &case.needs {
            let value = self.provide(need, 0).await?;
            self.note_not_given(need, &value);
            self.bindings.insert(need.name.clone(), value);
        }
        for (name, value) in &case.lets {
            let value = self
                .render(value)
                .map_err(|why| Stop::Setup(format!("`let: {name}`: {why}")))?;
            self.bindings.insert(name.clone(), value);
        }
        self.held.begin()?;
        for (index, step) in case.setup.iter().enumerate() {
            self.setup_step(step, Some(index), "setup").await?;
        }
        self.step(&case.request, Part::Request, Some(0)).await?;
        for (index, step) in case.then.iter().enumerate() {
            self.step(step, Part::Then, Some(index)).await?;
        }
        Ok(())
    }

    /// A step that prepares: whatever goes wrong in it means that the row cannot be judged.
    pub(super) async fn setup_step(
        &mut self,
        step: &Step,
        index: Option<usize>,
        whose: &str,
    ) -> Result<(), Stop> {
        self.step(step, Part::Setup, index).await?;
        let Some(record) = self.transcript.steps.last() else {
            return Ok(());
        };
        let failed = if step.checks.is_empty() {
            match record.attempts.last().map(|exchange| &exchange.outcome) {
                Some(Ok(response)) if !(200..300).contains(&response.status) => Some(format!(
                    "answered {}: {}",
                    response.status,
                    String::from_utf8_lossy(&response.body)
                        .chars()
                        .take(200)
                        .collect::<String>()
                )),
                Some(Ok(response)) => check::delivery(response).first().map(ToString::to_string),
                _ => None,
            }
        } else {
            judge::first_broken(step, record, self.contract)
                .map_err(|why| Stop::Setup(format!("{whose}, step `{}`: {why}", step.name)))?
        };
        match failed {
            Some(why) => Err(Stop::Answered(format!(
                "{whose}, step `{}` {why}",
                step.name
            ))),
            None => Ok(()),
        }
    }

    /// What an earlier answer did not hold although it is wanted now, as a sentence. `None` where
    /// nothing is missing, or where the contract documents no such place, so that the mistake is the
    /// author's.
    pub(super) fn not_answered(
        &self,
        earlier: &[Step],
        wanted: impl Fn(&str) -> bool,
    ) -> Option<String> {
        let of_needs = self.not_given.iter();
        let mut of_needs = of_needs.filter(|(binding, _)| wanted(binding));
        if let Some((_, why)) = of_needs.next() {
            return Some(why.clone());
        }
        let all = earlier
            .iter()
            .flat_map(|step| step.captures.iter().map(move |capture| (step, capture)));
        let (step, capture) = all.into_iter().find(|(_, capture)| {
            !self.bindings.contains_key(&capture.name) && wanted(&capture.name)
        })?;
        self.absent(step, capture)
    }

    /// Remembers what a provider should have given by the answers to its steps, and did not.
    pub(super) fn note_not_given(&mut self, need: &Need, given: &Value) {
        let Some(provider) = self.settings.providers.get(&need.provider) else {
            return;
        };
        if provider.yields.is_some() {
            return;
        }
        for step in provider.steps() {
            for capture in &step.captures {
                if given.get(&capture.name).is_none()
                    && let Some(why) = self.absent(step, capture)
                {
                    let binding = format!("{}.{}", need.name, capture.name);
                    let why = format!("provider `{}`, {why}", need.provider);
                    self.not_given.push((binding, why));
                }
            }
        }
    }

    /// A capture that the answer had no value for, as a sentence; `None` where the contract documents
    /// no such place.
    fn absent(&self, step: &Step, capture: &Capture) -> Option<String> {
        let place = match &capture.from {
            CaptureFrom::Body(pointer) if self.documents(step, pointer) => format!("no {pointer}"),
            CaptureFrom::Body(_) => return None,
            CaptureFrom::Text => "no text".to_owned(),
            CaptureFrom::Header(name) => format!("no header {name}"),
            CaptureFrom::Cookie(name) => format!("no cookie {name}"),
            CaptureFrom::Location(pointer) => format!("no {pointer} in its Location"),
        };
        let name = &capture.name;
        Some(format!(
            "step `{}`: the answer has {place}, from which `{name}` is taken",
            step.name
        ))
    }

    /// Whether a place in the answer of a step may be there by the contract.
    fn documents(&self, step: &Step, pointer: &str) -> bool {
        let operation = step.operation.as_ref().and_then(|id| {
            let mut all = self.contract.operations.iter();
            all.find(|operation| operation.id == *id)
        });
        let first = pointer.trim_start_matches('/').split('/').next();
        let members = operation.into_iter().flat_map(|one| &one.responses);
        let mut members = members.flat_map(|response| &response.members).peekable();
        members.peek().is_none() || members.any(|member| Some(member.name.as_str()) == first)
    }

    /// Sends one step, again and again if it says `eventually`, and binds its captures.
    pub(super) async fn step(
        &mut self,
        step: &Step,
        part: Part,
        index: Option<usize>,
    ) -> Result<(), Stop> {
        let request = self
            .request(step, part, index.is_some())
            .map_err(|why| self.unwritable(step, &why))?;
        let watch = Stopwatch::start();
        let mut record = StepRecord {
            name: step.name.clone(),
            provider: self.provider.clone(),
            part,
            index,
            attempts: Vec::new(),
            bindings: self.bindings.clone(),
        };
        let (fault, halted) = loop {
            let (fault, mut halted) = self.attempt(step, request.clone(), &mut record).await;
            if fault.is_none() && halted.is_none() {
                halted = self.keys(step, &mut record).await.err();
            }
            let Some(deadline) = step.eventually else {
                break (fault, halted);
            };
            if fault.is_some() || halted.is_some() {
                break (fault, halted);
            }
            if self.holds(step, &record) || watch.elapsed() >= deadline {
                break (fault, halted);
            }
            tokio::time::sleep(PAUSE).await;
        };
        if part == Part::Request {
            self.bind_sent(&request);
            self.sent = Some(request);
        }
        let answered = record.attempts.last().filter(|_| halted.is_none());
        let outcome = answered.map(|exchange| match &exchange.outcome {
            Ok(_) => Ok(Self::captured(step, exchange)),
            Err(error) => Err(trouble(step, error)),
        });
        self.transcript.steps.push(record);
        if let Some(Ok(captured)) = &outcome {
            for (name, value) in captured {
                let from = step.captures.iter().find(|capture| capture.name == *name);
                let place = from.map_or("", |capture| match &capture.from {
                    CaptureFrom::Body(pointer) | CaptureFrom::Location(pointer) => {
                        pointer.rsplit('/').next().unwrap_or_default()
                    }
                    CaptureFrom::Header(name) => name,
                    // A session, wherever it is shown again.
                    CaptureFrom::Cookie(_) => "cookie",
                    CaptureFrom::Text => "",
                });
                self.secrets.bound(name, place, value);
            }
        }
        if let Some(fault) = fault {
            return Err(Stop::Harness(format!("step `{}`: {fault}", step.name)));
        }
        if let Some(stop) = halted {
            return Err(stop);
        }
        match outcome {
            Some(Err(why)) => Err(why),
            Some(Ok(captured)) => {
                self.bindings.extend(captured);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Why a step could not be written: for want of what an answer did not hold, or by a mistake of
    /// its author.
    fn unwritable(&self, step: &Step, why: &str) -> Stop {
        match self.not_answered(&[], |binding| step.names(binding)) {
            Some(why) => Stop::Answered(why),
            None => Stop::Setup(format!(
                "{}: step `{}` cannot be written: {why}",
                step.span, step.name
            )),
        }
    }

    /// Whether the last attempt answered what the step waits for: it meets its checks, or is a success
    /// where it has none, and holds what the step captures.
    fn holds(&self, step: &Step, record: &StepRecord) -> bool {
        let Some((exchange, Ok(response))) = record
            .attempts
            .last()
            .map(|exchange| (exchange, &exchange.outcome))
        else {
            return false;
        };
        let expected = !step.checks.is_empty() || (200..300).contains(&response.status);
        let kept = judge::step(step, record, self.contract, false)
            .is_ok_and(|results| results.iter().all(|r| r.mismatch.is_none() || r.warning));
        expected && kept && Self::captured(step, exchange).len() == step.captures.len()
    }

    /// Sends the request, and whatever its redirects lead to as far as the step goes after them.
    /// Gives the fault of the harness, if there was one, and why there is no answer to go by.
    async fn attempt(
        &mut self,
        step: &Step,
        request: Request,
        record: &mut StepRecord,
    ) -> (Option<String>, Option<Stop>) {
        if record.part != Part::Cleanup
            && let Err(why) = self.reservation.spend(&step.side_effects.costs)
        {
            return (None, Some(Stop::BudgetSpent(why)));
        }
        let mut next = Some(request);
        let mut redirects = step.follow;
        while let Some(request) = next {
            let delivery = Delivery {
                step: &step.name,
                request: &request,
                expected: &step.expected_statuses(),
                doubt: &self.doubt(),
            };
            let delivered = self.engine.deliver(&delivery, &mut record.attempts);
            let halted = delivered.await.err();
            let Some(exchange) = record.attempts.last() else {
                return (None, halted);
            };
            self.jars.keep(step.actor.as_deref(), exchange);
            if let (true, Ok(response)) = (self.engine.evidence, &exchange.outcome) {
                self.secrets.response(response);
            }
            if exchange.fault.is_some() || halted.is_some() {
                return (exchange.fault.clone(), halted);
            }
            next = match redirects.checked_sub(1) {
                Some(left) => {
                    redirects = left;
                    follow::next(exchange)
                }
                None => None,
            };
            if let Some(request) = &mut next {
                self.jars.fill(step.actor.as_deref(), request);
            }
        }
        (None, None)
    }

    /// Captures that the answer really holds; one that is not there stays unbound.
    fn captured(step: &Step, exchange: &Exchange) -> Vec<(String, Value)> {
        let Ok(response) = &exchange.outcome else {
            return Vec::new();
        };
        step.captures
            .iter()
            .filter_map(|capture| {
                let value = captured(capture, response, &exchange.request.url)?;
                Some((capture.name.clone(), value))
            })
            .collect()
    }

    /// What the request under test really carried, for the steps after it.
    fn bind_sent(&mut self, request: &Request) {
        let headers: Map<String, Value> = request
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
            .collect();
        let body: Value = request
            .body
            .as_deref()
            .and_then(|body| serde_json::from_slice(body).ok())
            .unwrap_or_default();
        self.bindings
            .insert("sent".into(), json!({ "headers": headers, "body": body }));
    }

    /// The request of a step with every value computed.
    fn request(&mut self, step: &Step, part: Part, of_case: bool) -> Result<Request, String> {
        if step.repeat {
            return self
                .sent
                .clone()
                .ok_or_else(|| "the request was not sent yet".to_owned());
        }
        let common = match part {
            Part::Request => &self.common,
            _ => &self.engine.target.headers,
        };
        let mut computed = Vec::new();
        let mut note = |expression: &str, value: &Value| {
            computed.push((expression.to_owned(), value.clone()));
        };
        let mut request =
            render_request(step, part, self.settings, common, &self.bindings, &mut note)?;
        self.computed(computed);
        self.secrets.request(&request, step, of_case);
        self.jars.fill(step.actor.as_deref(), &mut request);
        Ok(request)
    }

    /// A value with every text in it computed.
    pub(super) fn render(&mut self, value: &Value) -> Result<Value, String> {
        let mut computed = Vec::new();
        let mut note = |expression: &str, value: &Value| {
            computed.push((expression.to_owned(), value.clone()));
        };
        let rendered = template::render_noting(value, &self.bindings, &mut note);
        self.computed(computed);
        rendered.map_err(|error| error.to_string())
    }

    fn computed(&mut self, values: Vec<(String, Value)>) {
        for (expression, value) in values {
            self.secrets.computed(&expression, &value, &self.bindings);
        }
    }
}

/// What an exchange without an answer to go by means for the row.
fn trouble(step: &Step, error: &TransportError) -> Stop {
    let why = format!("step `{}`: {error}", step.name);
    match error {
        TransportError::Desync(_) => Stop::Desync(why),
        // The request as it was computed, which no target has seen.
        TransportError::Unsendable(_) => Stop::Setup(format!("{}: {why}", step.span)),
        _ => Stop::Unreachable(why),
    }
}

fn captured(capture: &Capture, response: &Response, asked: &str) -> Option<Value> {
    let value = match &capture.from {
        CaptureFrom::Body(pointer) => response.json()?.pointer(pointer)?.clone(),
        CaptureFrom::Text => String::from_utf8_lossy(&response.body).into(),
        CaptureFrom::Header(name) => response.header(name)?.into(),
        CaptureFrom::Cookie(name) => response.cookies().get(name)?["value"].clone(),
        CaptureFrom::Location(pointer) => response.location(asked)?.pointer(pointer)?.clone(),
    };
    let Some(pattern) = &capture.pattern else {
        return Some(value);
    };
    let found = pattern.captures(value.as_str()?)?;
    let part = found.get(1).or_else(|| found.get(0))?;
    Some(part.as_str().into())
}
