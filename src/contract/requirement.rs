//! Requirements: one testable sentence each, with a stable id that is never renumbered.

use super::{
    Operation, Statuses,
    about::{ABOUT, About},
};
use crate::{
    diag::{Diagnostic, Span},
    ids::{OperationId, RequirementId},
    result::Subject,
    yaml::{self, Field, Node, Shape},
};

const KINDS: &[&str] = &[
    "method",
    "path",
    "host",
    "content-type",
    "header",
    "body",
    "response",
    "token",
    "error",
    "message",
    "effect",
    "flow",
    "example",
    "review",
];

/// The shape of `requirements.yaml`.
pub const SHAPE: Shape = Shape::Object(&[
    Field::new("edition", Shape::Text, "The edition of the register."),
    Field::new(
        "derived",
        Shape::Bool,
        "Each documented answer and each required part of a request is a requirement too, as it is \
         without a register; an entry of the same id takes its place.",
    ),
    Field::new(
        "defaults",
        Shape::Object(DEFAULTS),
        "What entries say that do not say it themselves.",
    ),
    Field::new(
        "requirements",
        Shape::List(&Shape::Object(ENTRY)),
        "The requirements, in document order.",
    )
    .required(),
]);

const ORACLE: Field = Field::new(
    "oracle",
    Shape::Word(&["D", "S", "O", "R"]),
    "D documented, S on a sibling page, O open, R needs review.",
);
const LEVEL: Field = Field::new(
    "level",
    Shape::Word(&["must", "should", "may"]),
    "RFC 2119 level.",
);
const KIND: Field = Field::new("kind", Shape::Word(KINDS), "What it is about.");
const PAGE: Field = Field::new("page", Shape::Text, "Title of the vendor's page.");

const DEFAULTS: &[Field] = &[ORACLE, LEVEL, KIND, PAGE];

const ENTRY: &[Field] = &[
    Field::new("id", Shape::Text, "Stable id; never renumbered.").required(),
    Field::new("operation", Shape::Text, "operationId it belongs to.").required(),
    ORACLE,
    LEVEL,
    KIND,
    PAGE,
    Field::new("row", Shape::Text, "Section and table row on that page."),
    Field::new(
        "text",
        Shape::Text,
        "The requirement in one sentence of our own.",
    )
    .required(),
    Field::new("not_tested", Shape::Text, "Why no case tests it."),
    Field::new(
        "about",
        Shape::Object(ABOUT),
        "What it is about, in the words of the OpenAPI document and errors.yaml.",
    ),
];

/// How firmly the document fixes the outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Oracle {
    Documented,
    Sibling,
    Open,
    Review,
}

impl Oracle {
    /// The letter of the specs; any other one leaves the matter to a review.
    pub(super) fn read(letter: &str) -> Self {
        match letter {
            "D" => Self::Documented,
            "S" => Self::Sibling,
            "O" => Self::Open,
            _ => Self::Review,
        }
    }
}

/// What a derived requirement is about, for the test cases that show it without naming it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Derived {
    /// Answers with these statuses.
    Answer(Statuses),
    /// A request that lacks one required part, which its `about` names.
    Omission,
    /// A refusal with a code, which its `about` names.
    Code,
}

/// One requirement.
#[derive(Debug)]
pub struct Requirement {
    pub id: RequirementId,
    pub operation: OperationId,
    pub oracle: Oracle,
    pub kind: String,
    pub page: String,
    pub row: String,
    pub text: String,
    pub not_tested: Option<String>,
    /// Nothing where the entry has none.
    pub about: About,
    /// It follows from the document, and nobody wrote it down.
    pub derived: Option<Derived>,
    pub span: Span,
}

impl Requirement {
    /// Where the document says it, and the sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let place = [&self.page, &self.row].map(String::as_str);
        let place: Vec<&str> = place.into_iter().filter(|part| !part.is_empty()).collect();
        format!("{}: {}", place.join(", "), self.text)
    }

    /// Whether it is about what a request brings about, which later requests show.
    #[must_use]
    pub fn is_effect(&self) -> bool {
        let mut subjects = self.about.subjects.iter();
        subjects.any(|subject| matches!(subject, Subject::Effect(_)))
    }
}

pub(super) fn register(
    node: &Node,
    operations: &[Operation],
    found: &mut Vec<Diagnostic>,
) -> Vec<Requirement> {
    yaml::check(node, &SHAPE, found);
    let mut out: Vec<Requirement> = Vec::new();
    let defaults = node.get("defaults");
    for entry in node
        .get("requirements")
        .map(Node::items)
        .unwrap_or_default()
    {
        let word = |key: &str| {
            let own = entry.get(key);
            let value = own.or_else(|| defaults?.get(key)).and_then(Node::text);
            value.unwrap_or_default().to_owned()
        };
        for field in DEFAULTS {
            if entry.get(field.name).is_none() && word(field.name).is_empty() {
                let text = format!("the key `{}` is missing", field.name);
                let mistake = Diagnostic::new("missing-key", &entry.span, text);
                found.push(mistake.help("write it here, or for all entries under `defaults`"));
            }
        }
        let id = word("id");
        let span = entry.get("id").map_or(&entry.span, |id| &id.span);
        if out.iter().any(|known| known.id == id) {
            found.push(Diagnostic::new(
                "duplicate-id",
                span,
                format!("requirement `{id}` is listed twice"),
            ));
        }
        let operation = word("operation");
        if !operations.iter().any(|known| known.id == operation) {
            found.push(
                Diagnostic::new(
                    "unknown-operation",
                    entry.get("operation").map_or(span, |node| &node.span),
                    format!("the OpenAPI document has no operation `{operation}`"),
                )
                .suggest(&operation, operations.iter().map(|o| o.id.as_str())),
            );
        }
        let about = entry.get("about").map(About::read).unwrap_or_default();
        let oracle = Oracle::read(&word("oracle"));
        let binds = matches!(oracle, Oracle::Documented | Oracle::Sibling);
        if binds && entry.get("not_tested").is_none() && about.subjects.is_empty() {
            found.push(
                Diagnostic::new(
                    "no-subject",
                    span,
                    format!("`{id}` does not say what of an answer is judged for it"),
                )
                .help(
                    "add to its `about` one of `outcome`, `status`, `code`, `message`, `at`, \
                     `response-header`, `closed`, `absent`, `claim`, `effect`",
                ),
            );
        }
        out.push(Requirement {
            oracle,
            kind: word("kind"),
            page: word("page"),
            row: word("row"),
            text: word("text"),
            not_tested: entry
                .get("not_tested")
                .and_then(Node::text)
                .map(str::to_owned),
            about,
            derived: None,
            span: span.clone(),
            id: id.into(),
            operation: operation.into(),
        });
    }
    out
}
