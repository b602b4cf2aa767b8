//! Judges of one aspect of one answer. A check gets evidence and answers with mismatches;
//! it does no I/O and knows no severity. What only the author can put right is an
//! [`ExpectationError`] and never a mismatch.

mod body;
mod conforms;
mod cookies;
mod delivery;
mod error;
mod headers;
mod jwt;
mod little;
mod location;
mod matcher;
mod message;
mod nodes;
mod patterns;
mod place;
mod sample;
mod size;
mod status;
mod success;
mod tests;
mod text;
mod unusable;
mod written;

pub use conforms::{Finding, conforms};
pub use delivery::{delivery, delivery_defects};
pub use jwt::{FETCHED, KeySource, TokenFacts, VERIFIED, token_facts, token_text};
use matcher::Compared;
pub use nodes::member_named;
use place::Place;
pub use unusable::{ExpectationError, Unusable};
use written::Places;

use std::borrow::Cow;

use serde_json::Value;

use crate::{
    contract::{Contract, ErrorBody, Operation},
    diag::{Diagnostic, Span, push_once},
    exchange::{Request, Response},
    result::{Mismatch, Subject},
    template::{self, Bindings},
    yaml::{self, Field, Kind, Node, Shape},
};

/// All a check may look at.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'e> {
    pub request: &'e Request,
    pub response: &'e Response,
    pub contract: &'e Contract,
    /// The operation of the contract that was asked; none where the request is no call of it.
    pub operation: Option<&'e str>,
    /// Seconds since 1970 when the answer arrived.
    pub at: i64,
    /// Key sets that were fetched for this answer, by the name of their source.
    pub fetched: Option<&'e Value>,
    /// What was found of signatures when the answer came, where its tokens are not there any more: as
    /// [`VERIFIED`] says.
    pub verified: Option<&'e Value>,
}

impl<'e> Evidence<'e> {
    /// What a refusal looks like that comes as this answer does.
    #[must_use]
    pub fn error_body(&self) -> &'e ErrorBody {
        let response = self.response;
        let content_type = response.header("Content-Type");
        let bodies = &self.contract.errors.bodies;
        bodies.of(self.operation, response.status, content_type)
    }
}

/// One kind of check: a row of [`CHECKS`].
#[derive(Debug)]
pub struct CheckKind {
    /// The key under `expect`, its shape, and its manual entry.
    pub field: Field,
    /// Mistakes that the shape cannot see: unknown codes, bad patterns.
    pub lint: fn(&Node, &Lint<'_>, &mut Vec<Diagnostic>),
    /// What of an answer it judges, whose error body is one of these. The value may still hold templates.
    pub subjects: fn(&Value, &[&ErrorBody]) -> Vec<Subject>,
    /// Empty when it held. The value is rendered; one that is none is never the target's fault.
    pub evaluate: fn(&Value, &Evidence<'_>) -> Result<Vec<Mismatch>, Unusable>,
}

/// What an expectation may be compared with before anything is sent.
#[derive(Debug, Clone, Copy)]
pub struct Lint<'l> {
    pub contract: &'l Contract,
    pub operation: Option<&'l Operation>,
    /// The author says that the expectation departs from the contract on purpose.
    pub beyond_contract: bool,
    /// Every text has been computed, so that `${` in one stands for itself.
    pub rendered: bool,
}

impl Lint<'_> {
    /// Whether nothing in a value is computed later.
    fn is_final(&self, node: &Node) -> bool {
        self.rendered || !node.is_computed()
    }

    /// The error bodies that the operation may answer with.
    fn error_bodies(&self) -> impl Iterator<Item = &ErrorBody> {
        let operation = self.operation.map(|one| &*one.id);
        let possible = self.contract.errors.bodies.possible(operation, &[]);
        possible.into_iter()
    }

    /// Whether the schema of some answer of the operation has a member of this name, at any depth.
    fn documents(&self, name: &str) -> bool {
        let responses = self.operation.into_iter().flat_map(|one| &one.responses);
        let mut schemas = responses.flat_map(|response| &response.schemas);
        schemas.any(|(_, schema)| schema.names(name))
    }
}

/// Every check, in the order in which they are judged and listed.
pub const CHECKS: [&CheckKind; 14] = [
    &status::STATUS,
    &error::ERROR,
    &message::MESSAGE,
    &headers::HEADERS,
    &location::LOCATION,
    &cookies::COOKIES,
    &size::SIZE,
    &text::TEXT,
    &body::EMPTY_BODY,
    &body::BODY,
    &body::ONLY_MEMBERS,
    &body::WITHOUT_MEMBERS,
    &jwt::JWT,
    &success::NOT_SUCCESS,
];

const fn fields() -> [Field; CHECKS.len() + 2] {
    let any_of = Field::new(
        "any-of",
        Shape::List(&Shape::Lazy("expectation", shape)),
        "One of these expectations holds.",
    );
    let beyond = Field::new(
        "beyond-contract",
        Shape::Text,
        "Why this expects what the contract does not document.",
    );
    let mut out = [beyond; CHECKS.len() + 2];
    let mut at = 0;
    while at < CHECKS.len() {
        out[at] = CHECKS[at].field;
        at += 1;
    }
    out[CHECKS.len()] = any_of;
    out
}

static FIELDS: [Field; CHECKS.len() + 2] = fields();

/// The shape of `expect`.
#[must_use]
pub fn shape() -> Shape {
    Shape::Object(&FIELDS)
}

/// A check bound to its place in a file; the value still holds templates.
#[derive(Debug, Clone)]
pub enum BoundCheck {
    One {
        kind: &'static CheckKind,
        value: Value,
        /// The same value at its place, each part of it.
        written: Node,
        /// Where it is written as a whole.
        span: Span,
        /// The author says that it departs from the contract on purpose.
        beyond_contract: bool,
    },
    /// Holds when all checks of one alternative hold.
    AnyOf {
        alternatives: Vec<Vec<BoundCheck>>,
        span: Span,
    },
}

impl BoundCheck {
    /// The key it stands under.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::One { kind, .. } => kind.field.name,
            Self::AnyOf { .. } => "any-of",
        }
    }

    /// A check of one kind, with its value as written.
    #[must_use]
    pub fn one(kind: &'static CheckKind, written: Node, beyond_contract: bool) -> Self {
        Self::One {
            kind,
            value: written.to_json(),
            span: written.span.clone(),
            written,
            beyond_contract,
        }
    }

    #[must_use]
    pub const fn span(&self) -> &Span {
        match self {
            Self::One { span, .. } | Self::AnyOf { span, .. } => span,
        }
    }

    /// Where the part of it is written that a finding breaks.
    #[must_use]
    pub fn written(&self, finding: &Mismatch) -> Span {
        let part = self.about(finding);
        part.unwrap_or_else(|| self.span().clone())
    }

    fn about(&self, finding: &Mismatch) -> Option<Span> {
        match self {
            Self::One { written, .. } => {
                let by_path = nodes::written(written, finding).cloned();
                by_path.or_else(|| Places::of(written).about(&finding.subject).cloned())
            }
            Self::AnyOf { alternatives, .. } => {
                let mut checks = alternatives.iter().flatten();
                checks.find_map(|check| check.about(finding))
            }
        }
    }

    /// The values demanded under a key, in every alternative; templates stay unfilled.
    #[must_use]
    pub fn wants(&self, key: &str) -> Vec<&Value> {
        match self {
            Self::One { kind, value, .. } if kind.field.name == key => match value {
                Value::Array(items) => items.iter().collect(),
                one => vec![one],
            },
            Self::One { .. } => Vec::new(),
            Self::AnyOf { alternatives, .. } => {
                let checks = alternatives.iter().flatten();
                checks.flat_map(|check| check.wants(key)).collect()
            }
        }
    }

    /// Judges one answer.
    ///
    /// # Errors
    /// When the expectation names something that is not bound, or its computed value is none that the
    /// check can have: mistakes of its author, with their place.
    pub fn evaluate(
        &self,
        evidence: &Evidence<'_>,
        bindings: &Bindings,
    ) -> Result<Vec<Mismatch>, ExpectationError> {
        match self {
            Self::One {
                kind,
                value,
                written,
                ..
            } => {
                let unusable = |source| ExpectationError::Unusable {
                    place: written.span.to_string(),
                    source,
                };
                let value = rendered(kind, value, written, evidence.contract, bindings)?;
                (kind.evaluate)(&value, evidence).map_err(unusable)
            }
            Self::AnyOf { alternatives, .. } => {
                let mut all: Vec<(bool, Vec<Mismatch>)> = Vec::new();
                let mut open = None;
                for checks in alternatives {
                    let mut broken = match evaluate_all(checks, evidence, bindings) {
                        Ok(broken) if broken.is_empty() => return Ok(broken),
                        Ok(broken) => broken,
                        Err(error) if error.yields() => {
                            open.get_or_insert(error);
                            continue;
                        }
                        Err(error) => return Err(error),
                    };
                    broken.sort_by(|one, other| one.subject.cmp(&other.subject));
                    all.push((expects_refusal(checks, evidence.error_body()), broken));
                }
                if let Some(error) = open {
                    // An alternative that all else fits cannot be told from one that holds.
                    return Err(error);
                }
                // A refusal that says so in an error code fits no alternative of acceptance.
                let body = evidence.response.json_or_null();
                let refused = evidence.error_body().code(body).is_some();
                if refused && all.iter().any(|(refuses, _)| *refuses) {
                    all.retain(|(refuses, _)| *refuses);
                }
                Ok(nearest(all.into_iter().map(|(_, broken)| broken).collect()))
            }
        }
    }

    /// What the check expects of this answer although the contract does not document it.
    #[must_use]
    pub fn beyond_contract(&self, evidence: &Evidence<'_>, bindings: &Bindings) -> Vec<Subject> {
        match self {
            Self::One {
                kind,
                value,
                beyond_contract: true,
                ..
            } => (kind.subjects)(value, &[evidence.error_body()]),
            Self::One { .. } => Vec::new(),
            Self::AnyOf { alternatives, .. } => {
                let holds = |checks: &&Vec<Self>| {
                    evaluate_all(checks, evidence, bindings).is_ok_and(|broken| broken.is_empty())
                };
                let held = alternatives.iter().find(holds).into_iter().flatten();
                held.flat_map(|check| check.beyond_contract(evidence, bindings))
                    .collect()
            }
        }
    }

    /// What of this answer the check judged. Of alternatives that is what the one asks for that held: where
    /// none did, nothing held, and what is found is told by the findings.
    #[must_use]
    pub fn judged(&self, evidence: &Evidence<'_>, bindings: &Bindings) -> Vec<Subject> {
        match self {
            Self::One { kind, value, .. } => (kind.subjects)(value, &[evidence.error_body()]),
            Self::AnyOf { alternatives, .. } => {
                let holds = |checks: &&Vec<Self>| {
                    evaluate_all(checks, evidence, bindings).is_ok_and(|broken| broken.is_empty())
                };
                let held = alternatives.iter().find(holds).into_iter().flatten();
                held.flat_map(|check| check.judged(evidence, bindings))
                    .collect()
            }
        }
    }

    /// What of an answer the check judges, in every alternative; its error body is one of these.
    #[must_use]
    pub fn subjects(&self, bodies: &[&ErrorBody]) -> Vec<Subject> {
        match self {
            Self::One { kind, value, .. } => (kind.subjects)(value, bodies),
            Self::AnyOf { alternatives, .. } => {
                let checks = alternatives.iter().flatten();
                checks.flat_map(|check| check.subjects(bodies)).collect()
            }
        }
    }
}

/// Whether all that these checks allow is a refusal.
fn expects_refusal(checks: &[BoundCheck], body: &ErrorBody) -> bool {
    let subjects: Vec<Subject> = checks
        .iter()
        .flat_map(|check| check.subjects(&[body]))
        .collect();
    subjects.contains(&Subject::Refused) && !subjects.contains(&Subject::Accepted)
}

/// The findings of all these checks. What only this answer makes unusable yields to a finding.
fn evaluate_all(
    checks: &[BoundCheck],
    evidence: &Evidence<'_>,
    bindings: &Bindings,
) -> Result<Vec<Mismatch>, ExpectationError> {
    let mut broken = Vec::new();
    let mut open = None;
    for check in checks {
        match check.evaluate(evidence, bindings) {
            Ok(found) => broken.extend(found),
            Err(error) if error.yields() => {
                open.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    match open {
        Some(error) if broken.is_empty() => Err(error),
        _ => Ok(broken),
    }
}

/// The value of a check with every text computed. What was computed has to be what an author could
/// have written there.
fn rendered<'v>(
    kind: &CheckKind,
    value: &'v Value,
    written: &Node,
    contract: &Contract,
    bindings: &Bindings,
) -> Result<Cow<'v, Value>, ExpectationError> {
    if !template::is_computed(value) {
        return Ok(Cow::Borrowed(value));
    }
    let node = template::render_node(written, bindings).map_err(|(span, source)| {
        ExpectationError::Template {
            place: span.to_string(),
            source,
        }
    })?;
    let lint = Lint {
        contract,
        operation: None,
        beyond_contract: true,
        rendered: true,
    };
    let mut found = Vec::new();
    yaml::check_rendered(&node, &kind.field.shape, &mut found);
    if found.is_empty() {
        (kind.lint)(&node, &lint, &mut found);
    }
    match found.into_iter().find(|mistake| !mistake.warning) {
        Some(mut mistake) => {
            mistake.message = format!("`{}` as computed: {}", kind.field.name, mistake.message);
            Err(ExpectationError::Invalid(mistake))
        }
        None => Ok(Cow::Owned(node.to_json())),
    }
}

/// The findings of the alternative that the answer fits longest, beside what the others would have
/// taken at the same place.
fn nearest(all: Vec<Vec<Mismatch>>) -> Vec<Mismatch> {
    let firsts: Vec<Mismatch> = all.iter().filter_map(|one| one.first().cloned()).collect();
    let Some(longest) = firsts.iter().map(|first| &first.subject).max().cloned() else {
        return Vec::new();
    };
    let chosen = all
        .into_iter()
        .find(|broken| broken.first().is_some_and(|first| first.subject == longest));
    let mut chosen = chosen.unwrap_or_default();
    let Some(first) = chosen.first_mut() else {
        return chosen;
    };
    let mut expected: Vec<String> = Vec::new();
    let alike = firsts.iter().filter(|other| other.place == first.place);
    for value in alike.flat_map(|other| &other.expected) {
        if !expected.contains(value) {
            expected.push(value.clone());
        }
    }
    first.expected = expected;
    chosen
}

/// Binds the checks of an `expect` map; every mistake in it goes to `found`.
#[must_use]
pub fn bind(node: &Node, lint: &Lint<'_>, found: &mut Vec<Diagnostic>) -> Vec<BoundCheck> {
    let out = bind_all(node, lint, found);
    // Without an error table a refusal has what the document says of its body, and no code.
    let has_codes = lint.error_bodies().any(|body| body.code_at.is_some());
    half_a_refusal(node, lint.beyond_contract || !has_codes, found);
    little::lint(node, found);
    out
}

/// A refusal is status, code and shape together: a status alone lets any error page pass, unless the
/// body is pinned in another way. What goes beyond the contract has no documented body.
fn half_a_refusal(node: &Node, excused: bool, found: &mut Vec<Diagnostic>) {
    let has = |key: &str| node.get(key).is_some();
    let pinned = has("error") || little::pins_the_body(node);
    let excused = excused || pinned || has("beyond-contract");
    if excused {
        return;
    }
    let statuses = node.get("status").map(Node::one_or_many);
    let mut statuses = statuses.unwrap_or_default().into_iter();
    let refused = |item: &&Node| item.integer().is_some_and(|s| (400..=599).contains(&s));
    if let Some(status) = statuses.find(refused) {
        let mistake = Diagnostic::new(
            "half-a-refusal",
            &status.span,
            "this refusal has a status and no `error`, so any body would do",
        )
        .help("add `error: CODE`, or `error: any` where the documents fix no code")
        .warning();
        // The variants of a matrix are bound one by one, at the same place.
        push_once(found, mistake);
    }
    for alternative in node.get("any-of").map(Node::items).unwrap_or_default() {
        half_a_refusal(alternative, excused, found);
    }
}

fn bind_all(node: &Node, lint: &Lint<'_>, found: &mut Vec<Diagnostic>) -> Vec<BoundCheck> {
    let lint = &Lint {
        beyond_contract: lint.beyond_contract || node.get("beyond-contract").is_some(),
        ..*lint
    };
    let mut out = Vec::new();
    for kind in CHECKS {
        let Some(value) = node.get(kind.field.name) else {
            continue;
        };
        (kind.lint)(value, lint, found);
        let mut check = BoundCheck::one(kind, value.clone(), lint.beyond_contract);
        if let BoundCheck::One { span, .. } = &mut check {
            *span = written::beside(node, kind.field.name, value);
        }
        out.push(check);
    }
    message::of_codes(node, lint, found);
    if let (None, Some(error)) = (node.get("status"), node.get("error")) {
        let statuses = error::documented_statuses(error, lint.contract);
        let written = Node::from_json(&statuses, &error.span);
        out.insert(
            0,
            BoundCheck::one(&status::STATUS, written, lint.beyond_contract),
        );
    }
    if let Some(list) = node.get("any-of") {
        out.push(BoundCheck::AnyOf {
            alternatives: list
                .items()
                .iter()
                .map(|item| bind_all(item, lint, found))
                .collect(),
            span: written::beside(node, "any-of", list),
        });
    }
    if out.is_empty() && matches!(node.kind, Kind::Map(_)) {
        found.push(Diagnostic::new(
            "empty-expectation",
            &node.span,
            "this expectation demands nothing, so it could never fail",
        ));
    }
    out
}

/// A value for people: compact JSON, cut when it is long.
pub(crate) fn show(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() > 300 {
        let cut: String = text.chars().take(300).collect();
        format!("{cut}…")
    } else {
        text
    }
}

/// An empty list or map of expectations would hold of every answer.
fn demands_something(node: &Node, _: &Lint<'_>, found: &mut Vec<Diagnostic>) {
    let empty = match &node.kind {
        Kind::List(items) => items.is_empty(),
        Kind::Map(entries) => entries.is_empty(),
        _ => false,
    };
    if empty {
        found.push(Diagnostic::new(
            "empty-expectation",
            &node.span,
            "this demands nothing, so it could never fail",
        ));
    }
}

/// Lints a map of matchers, which demands something.
fn matchers_by_name(node: &Node, compared: Compared, lint: &Lint<'_>, found: &mut Vec<Diagnostic>) {
    demands_something(node, lint, found);
    for (_, value) in node.entries() {
        matcher::lint(value, compared, lint, found);
    }
}

/// Nothing to look for beyond the shape.
fn no_lint(_: &Node, _: &Lint<'_>, _: &mut Vec<Diagnostic>) {}
