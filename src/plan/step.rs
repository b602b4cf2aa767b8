//! One request and what is expected of its answer, and the providers that come before it.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::{Map, Value};

use super::{
    capture::{Capture, captures},
    fields::{pairs, scalars, text, texts, to_json},
    path::{check_params, method_and_path},
    sendable,
    side_effects::{SideEffects, side_effects},
    until::Until,
};
use crate::{
    check::{self, BoundCheck, Lint},
    contract::{Contract, ErrorBody, Operation},
    diag::{Diagnostic, Span},
    ids::{OperationId, ProviderId, RequirementId, StepId},
    template::{each_text, named_in},
    yaml::Node,
};

/// A step that can be sent; texts may still hold `${…}`.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a word of the case file, and none excludes another"
)]
pub struct Step {
    pub name: StepId,
    /// The operationId, when the step is an operation of the contract.
    pub operation: Option<OperationId>,
    pub method: String,
    /// As documented, `{name}` for each of `params`.
    pub path: String,
    /// Where its operation's server is, such as `/api/v1`: put before the path, unless the target's base
    /// URL has a path of its own.
    pub server_path: String,
    pub params: Vec<(String, Value)>,
    /// Whose cookies are sent and kept.
    pub actor: Option<String>,
    /// A name under the target's `hosts`; the base URL when absent.
    pub host: Option<String>,
    pub headers: Vec<(String, Value)>,
    pub query: Vec<(String, Value)>,
    pub body: Body,
    /// It leaves as written although HTTP forbids it, on a connection of its own.
    pub exact: bool,
    /// No `Host` is added, although HTTP/1.1 demands one.
    pub hostless: bool,
    /// Sends the test case's own request once more.
    pub repeat: bool,
    pub captures: Vec<Capture>,
    /// Providers that are called right before it.
    pub needs: Vec<Need>,
    /// The requirements that its answer is judged for: those of the case for the request under test.
    pub covers: Vec<RequirementId>,
    /// It only prepares a later step: says so, or captures something and covers nothing.
    pub prepares: bool,
    /// It is sent again until its answer is the one that is waited for.
    pub until: Option<Until>,
    /// How many redirects it goes after.
    pub follow: usize,
    /// What it may do besides its answer.
    pub side_effects: SideEffects,
    /// Shared with the other variants of a case that expect the same.
    pub checks: Arc<[BoundCheck]>,
    pub span: Span,
}

impl Step {
    /// The path as it is written, `{}` for each computed part.
    #[must_use]
    pub fn route(&self) -> String {
        let mut parts = self.path.split("${");
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            out.push_str("{}");
            out.push_str(part.split_once('}').map_or("", |(_, rest)| rest));
        }
        let path = out.split('?').next().unwrap_or_default();
        path.to_owned()
    }

    /// Whether it changes nothing on the target, or nothing that the request it repeats does not.
    #[must_use]
    pub fn is_safe(&self) -> bool {
        self.side_effects.safe
            || self.repeat
            || matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS")
    }

    /// The error codes that it may be answered with, `any` among them where the code is left open;
    /// none where no expectation names one.
    #[must_use]
    pub fn expected_codes(&self) -> Vec<&str> {
        let wanted = self.checks.iter().flat_map(|check| check.wants("error"));
        wanted.filter_map(Value::as_str).collect()
    }

    /// Whether it expects a refusal, whichever.
    #[must_use]
    pub fn expects_no_success(&self) -> bool {
        let mut wanted = self
            .checks
            .iter()
            .flat_map(|check| check.wants("not-success"));
        wanted.any(|value| *value == true)
    }

    /// The HTTP statuses that it may be answered with.
    #[must_use]
    pub fn expected_statuses(&self) -> Vec<u16> {
        let wanted = self.checks.iter().flat_map(|check| check.wants("status"));
        let numbers = wanted.filter_map(Value::as_u64);
        numbers
            .filter_map(|status| u16::try_from(status).ok())
            .collect()
    }

    /// The forms that a refusal may have where this step is refused.
    #[must_use]
    pub fn error_bodies<'c>(&self, contract: &'c Contract) -> Vec<&'c ErrorBody> {
        let operation = self.operation.as_deref();
        let bodies = &contract.errors.bodies;
        bodies.possible(operation, &self.expected_statuses())
    }

    /// Whether it looks at the text of a refusal: that of the language, or one written out, also
    /// as the member where the edition holds it.
    #[must_use]
    pub fn expects_text(&self, language: &str, contract: &Contract) -> bool {
        let mut messages = self.checks.iter().flat_map(|check| check.wants("message"));
        let mut bodies = self.checks.iter().flat_map(|check| check.wants("body"));
        messages.any(|message| message["language"] == language || message.get("equals").is_some())
            || bodies.any(|body| {
                let mut forms = self.error_bodies(contract).into_iter();
                let named = |at: &String| body.pointer(at).is_some();
                forms.any(|form| form.message_at.as_ref().is_some_and(named))
            })
    }

    /// Whether the request holds a value of this binding.
    #[must_use]
    pub fn names(&self, binding: &str) -> bool {
        let names = |value: &Value| uses_binding(value, binding);
        let body = match &self.body {
            Body::Json(body) => any_text(body, &names),
            Body::Form(pairs) => pairs.iter().any(|(_, value)| names(value)),
            Body::Raw(value) => names(value),
            Body::None => false,
        };
        let mut pairs = self.headers.iter().chain(&self.query).chain(&self.params);
        body || mentions(&self.path, binding) || pairs.any(|(_, value)| names(value))
    }

    /// What the path, the query and the body take values from, members named: `created.user_name`.
    /// They say what the request is about; its headers say who asks.
    #[must_use]
    pub fn aims(&self) -> BTreeSet<String> {
        let mut texts = vec![self.path.clone()];
        let pairs = self.params.iter().chain(&self.query);
        let mut take = |value: &Value| {
            each_text(value, &mut |text| texts.push(text.to_owned()));
        };
        pairs.for_each(|(_, value)| take(value));
        match &self.body {
            Body::Json(value) | Body::Raw(value) => take(value),
            Body::Form(pairs) => pairs.iter().for_each(|(_, value)| take(value)),
            Body::None => {}
        }
        texts.iter().flat_map(|text| named_in(text)).collect()
    }
}

/// Whether a value with `${…}` in its texts uses this binding.
#[must_use]
pub fn uses_binding(value: &Value, binding: &str) -> bool {
    any_text(value, &|text| {
        text.as_str().is_some_and(|text| mentions(text, binding))
    })
}

fn mentions(text: &str, binding: &str) -> bool {
    let part_of_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    text.split("${").skip(1).any(|rest| {
        let inside = rest.split_once('}').map_or(rest, |(inside, _)| inside);
        inside.match_indices(binding).any(|(at, _)| {
            let before = inside[..at].chars().next_back();
            let after = inside[at + binding.len()..].chars().next();
            !before.is_some_and(part_of_word)
                && !after.is_some_and(|c| c.is_alphanumeric() || c == '_')
        })
    })
}

fn any_text(value: &Value, holds: &impl Fn(&Value) -> bool) -> bool {
    match value {
        Value::Object(members) => members.values().any(|value| any_text(value, holds)),
        Value::Array(items) => items.iter().any(|value| any_text(value, holds)),
        other => holds(other),
    }
}

/// What a request carries, in values `V`.
#[derive(Debug, Clone, PartialEq)]
pub enum Body<V = Value> {
    None,
    Json(V),
    Form(Vec<(String, V)>),
    Raw(V),
}

impl Body<Node> {
    /// The body of a step, or of a documented request.
    pub(super) fn read(node: &Node) -> Self {
        if let Some(body) = node.get("body") {
            Self::Json(body.clone())
        } else if let Some(form) = node.get("form") {
            Self::Form(pairs(Some(form)))
        } else if let Some(raw) = node.get("raw-body") {
            Self::Raw(raw.clone())
        } else {
            Self::None
        }
    }

    /// What is sent; places are forgotten.
    pub(super) fn to_json(&self) -> Body {
        match self {
            Self::None => Body::None,
            Self::Json(body) => Body::Json(body.to_json()),
            Self::Form(fields) => Body::Form(to_json(fields)),
            Self::Raw(body) => Body::Raw(body.to_json()),
        }
    }
}

/// A provider to call and the name its bindings get.
#[derive(Debug, Clone)]
pub struct Need {
    pub name: String,
    pub provider: ProviderId,
    pub with: Value,
    pub span: Span,
}

impl Need {
    /// Whether it is given a value of this binding.
    #[must_use]
    pub fn names(&self, binding: &str) -> bool {
        uses_binding(&self.with, binding)
    }

    /// An entry of a `needs` map; `None` where it names no provider.
    pub(super) fn read(name: &str, node: &Node) -> Option<Self> {
        let provider = match node.text() {
            Some(provider) => provider,
            None => node.get("provider").and_then(Node::text)?,
        };
        Some(Self {
            name: name.to_owned(),
            provider: provider.into(),
            with: node
                .get("with")
                .map_or_else(|| Value::Object(Map::new()), Node::to_json),
            span: node.get("provider").unwrap_or(node).span.clone(),
        })
    }
}

/// Reads one need that is bound to this name; `None` where it names no provider.
#[must_use]
pub fn lower_need(name: &str, node: Option<&Node>) -> Option<Need> {
    Need::read(name, node?)
}

/// Reads a `needs` map.
#[must_use]
pub fn lower_needs(node: Option<&Node>) -> Vec<Need> {
    let entries = node.map(Node::entries).unwrap_or_default().iter();
    entries
        .filter_map(|(name, value)| Need::read(name.text()?, value))
        .collect()
}

/// Reads one step; mistakes go to `found`. `None` when it names nothing to send.
pub fn lower_step(
    node: &Node,
    contract: Option<&Contract>,
    found: &mut Vec<Diagnostic>,
) -> Option<Step> {
    let repeat = node.get("repeat-request").and_then(Node::boolean) == Some(true);
    let operation = match node.get("operation") {
        Some(name) => Some(operation(name, contract, found)?),
        None => None,
    };
    let (method, path) = line(node, operation, repeat, found)?;
    sendable::headers(node.get("headers"), found);
    let name = text(node, "name")
        .or_else(|| operation.map(|operation| operation.id.to_string()))
        .unwrap_or_else(|| format!("{method} {path}"));
    let (until, checks) = expectations(node, operation, contract, found);
    let covers: Vec<RequirementId> = texts(node.get("covers"))
        .into_iter()
        .map(RequirementId::from)
        .collect();
    let captures = captures(node.get("capture"), found);
    let prepares = node.get("prepares").and_then(Node::boolean);
    let prepares = prepares.unwrap_or(!captures.is_empty() && covers.is_empty());
    Some(Step {
        name: name.into(),
        operation: operation.map(|operation| operation.id.clone()),
        method,
        path,
        server_path: operation.map_or_else(String::new, |one| one.server_path.clone()),
        params: scalars(node.get("params")),
        actor: text(node, "actor"),
        host: text(node, "host"),
        headers: scalars(node.get("headers")),
        query: scalars(node.get("query")),
        body: Body::read(node).to_json(),
        exact: false,
        hostless: false,
        repeat,
        captures,
        needs: lower_needs(node.get("needs")),
        covers,
        prepares,
        until,
        follow: follow(node, operation.is_some() || repeat, found),
        side_effects: side_effects(node, found),
        checks,
        span: node.span.clone(),
    })
}

/// The method and the path: those of the operation, those written out, or none for a repetition.
fn line(
    node: &Node,
    operation: Option<&Operation>,
    repeat: bool,
    found: &mut Vec<Diagnostic>,
) -> Option<(String, String)> {
    match (operation, node.get("request")) {
        (Some(operation), None) => {
            check_params(operation, node, found);
            Some((operation.method.clone(), operation.path.clone()))
        }
        (None, Some(line)) => method_and_path(line, found),
        (None, None) if repeat => Some((String::new(), String::new())),
        _ => {
            found.push(Diagnostic::new(
                "bad-step",
                &node.span,
                "a step has either an `operation`, a `request` or `repeat-request: true`",
            ));
            None
        }
    }
}

/// What a step waits for, and everything that its answer is judged by: what it waits for comes first.
fn expectations(
    node: &Node,
    operation: Option<&Operation>,
    contract: Option<&Contract>,
    found: &mut Vec<Diagnostic>,
) -> (Option<Until>, Arc<[BoundCheck]>) {
    let lint = contract.map(|contract| Lint {
        contract,
        operation,
        beyond_contract: false,
        rendered: false,
    });
    let until = node
        .get("until")
        .map(|until| Until::read(until, lint.as_ref(), found));
    let condition = until.as_ref().and_then(|until| until.condition.as_deref());
    let mut checks = condition.unwrap_or_default().to_vec();
    if let (Some(expect), Some(lint)) = (node.get("expect"), &lint) {
        checks.extend(check::bind(expect, lint, found));
    }
    (until, checks.into())
}

pub(super) fn operation<'c>(
    name: &Node,
    contract: Option<&'c Contract>,
    found: &mut Vec<Diagnostic>,
) -> Option<&'c Operation> {
    let id = name.text()?;
    let contract = contract?;
    let operation = contract.operation(id);
    if operation.is_some_and(|operation| operation.is_left_out) {
        let text = format!("`{id}` is left out, for what is wrong with it in the OpenAPI document");
        let mistake = Diagnostic::new("unknown-operation", &name.span, text);
        found.push(mistake.help("the warnings about that document say what"));
        return None;
    }
    if operation.is_none() {
        found.push(
            Diagnostic::new(
                "unknown-operation",
                &name.span,
                format!(
                    "the contract of {} has no operation `{id}`",
                    contract.edition
                ),
            )
            .suggest(id, contract.operations.iter().map(|o| o.id.as_str())),
        );
    }
    operation
}

/// The most redirects that `follow: true` goes after.
const FOLLOW: usize = 10;

/// What is judged at the end of a redirect is not what the operation answers.
fn follow(node: &Node, documented: bool, found: &mut Vec<Diagnostic>) -> usize {
    let Some(node) = node.get("follow") else {
        return 0;
    };
    let times = match (node.boolean(), node.integer()) {
        (Some(true), _) => FOLLOW,
        (Some(false), _) => return 0,
        (_, Some(times)) => usize::try_from(times).unwrap_or(0),
        _ => 0,
    };
    if times == 0 || times > FOLLOW {
        found.push(
            Diagnostic::new(
                "bad-follow",
                &node.span,
                "this is no number of redirects to go after",
            )
            .help(format!("`true`, or a number from 1 to {FOLLOW}")),
        );
    }
    if documented {
        found.push(
            Diagnostic::new(
                "bad-follow",
                &node.span,
                "the answer at the end of a redirect is not the one that the operation documents",
            )
            .help(
                "judge the redirect with `location`, or write the step as `request: METHOD /path`",
            ),
        );
    }
    times.min(FOLLOW)
}
