//! What one test case has while it is carried out. What carries it out is in [`super::case_run`],
//! [`super::step`], [`super::provide`] and [`super::undo`].

use serde_json::{Value, json};

use super::{
    budget::Reservation,
    jar::Jars,
    provide::{Failed, Held},
    run_context::RunContext,
    secrets::SecretCollector,
    wire::Doubt,
};
use crate::{
    contract::Contract,
    exchange::Request,
    result::StepOwner,
    target::TargetEdition,
    template::{self, Bindings, TemplateError},
    transcript::Transcript,
};

/// What a test case has: its surroundings, its values, and what it did so far.
pub(super) struct CaseContext<'e> {
    pub run: &'e RunContext,
    pub settings: &'e TargetEdition,
    pub contract: &'e Contract,
    pub bindings: Bindings,
    /// Names that are not bound because a path found no node or several, and why.
    pub unbound: Vec<NotGiven>,
    /// Whose steps are sent now.
    pub owner: StepOwner,
    pub transcript: Transcript,
    /// Every value that must not be shown.
    pub secrets: SecretCollector,
    /// Expressions with the texts that they gave, for the command lines that show a request.
    pub computed: Vec<(String, String)>,
    pub jars: Jars,
    /// Whether what it was answered was its own: by its own requests, and then by those of others
    /// whose answers it uses.
    pub doubts: Vec<Doubt>,
    pub reservation: Reservation<'e>,
    pub request: OwnRequest,
    pub provided: Provided,
}

/// The request under test.
#[derive(Default)]
pub(super) struct OwnRequest {
    /// The target's headers that it carries too.
    pub common: Vec<(String, Value)>,
    /// As it was sent; `None` before.
    pub sent: Option<Request>,
}

/// What providers made for a test case, and what they did not give.
#[derive(Default)]
pub(super) struct Provided {
    /// The file of the test case, which some providers are shared by.
    pub file: String,
    /// Whether providers are only tried out, and no test case follows.
    pub rehearsal: bool,
    /// What is to be undone, as numbers of the journal.
    pub pending: Vec<u64>,
    /// The accounts that the test case has to itself.
    pub held: Held,
    /// What should have been in the answers to providers, and was not.
    pub not_given: Vec<NotGiven>,
    /// The provider that gave nothing, the innermost where they build on each other.
    pub failed: Option<Failed>,
}

/// A value that an answer did not hold although it is taken from there.
pub(super) struct NotGiven {
    /// The name that it would be bound to.
    pub binding: String,
    /// A sentence.
    pub why: String,
}

impl<'e> CaseContext<'e> {
    pub(super) fn new(
        run: &'e RunContext,
        settings: &'e TargetEdition,
        contract: &'e Contract,
        matrix: &Value,
    ) -> Self {
        let mut bindings = Bindings::new();
        bindings.insert("target".into(), Value::Object(settings.variables.clone()));
        bindings.insert("run".into(), json!({ "id": run.id }));
        bindings.insert("matrix".into(), matrix.clone());
        Self {
            run,
            settings,
            contract,
            bindings,
            unbound: Vec::new(),
            owner: StepOwner::Case,
            transcript: Transcript::default(),
            secrets: SecretCollector::declared(settings),
            computed: Vec::new(),
            jars: Jars::default(),
            doubts: vec![Doubt::default()],
            reservation: run.budgets.reservation(),
            request: OwnRequest::default(),
            provided: Provided::default(),
        }
    }

    /// The doubt that this test case's own requests would raise.
    pub(super) fn doubt(&self) -> Doubt {
        self.doubts.first().cloned().unwrap_or_default()
    }

    /// A value with every text in it computed.
    pub(super) fn render(&mut self, value: &Value) -> Result<Value, TemplateError> {
        let mut computed = Vec::new();
        let mut note = |expression: &str, value: &Value| {
            computed.push((expression.to_owned(), value.clone()));
        };
        let rendered = template::render_noting(value, &self.bindings, &mut note);
        self.note_computed(computed);
        rendered
    }

    /// Remembers what was computed, and which of it from secrets.
    pub(super) fn note_computed(&mut self, values: Vec<(String, Value)>) {
        for (expression, value) in values {
            self.secrets.computed(&expression, &value, &self.bindings);
            if let Value::String(text) = value {
                self.computed.push((expression, text));
            }
        }
    }
}
