//! An edition's table of error codes. Tables are never shared between editions.

use super::{
    Operation, Oracle,
    error_body::{BODY, CODE_AT, CODE_TYPE, ErrorBodies, MESSAGE_AT, PATTERN},
};
use crate::{
    diag::{Diagnostic, Span},
    ids::OperationId,
    yaml::{self, Field, Node, Shape},
};

/// The shape of `errors.yaml`.
pub const SHAPE: Shape = Shape::Object(&[
    Field::new("edition", Shape::Text, "The edition the table belongs to."),
    CODE_AT,
    CODE_TYPE,
    MESSAGE_AT,
    PATTERN,
    Field::new(
        "bodies",
        Shape::List(&Shape::Object(BODY)),
        "Error bodies of another form, where the edition has several: the first that an answer is of is \
         its own, and the keys beside this one are of all others.",
    ),
    Field::new(
        "codes",
        Shape::List(&Shape::Object(CODE)),
        "The codes, in the order of the documents.",
    )
    .required(),
]);

const CODE: &[Field] = &[
    Field::new("code", Shape::Text, "The code, exactly.").required(),
    Field::new(
        "status",
        Shape::OneOrMany(&Shape::Integer),
        "The HTTP status it comes with; any of them where there are several.",
    )
    .required(),
    Field::new(
        "messages",
        Shape::Map(&Shape::OneOrMany(&Shape::Text)),
        "Documented texts by language, each spelling of them; `{0}` stands for a value.",
    ),
    Field::new(
        "operations",
        Shape::OneOrMany(&Shape::Text),
        "Operations that document the code, or `all`.",
    ),
    Field::new(
        "siblings",
        Shape::List(&Shape::Text),
        "Further operations, whose own page does not list the code: a sibling page leads to it.",
    ),
    Field::new(
        "oracle",
        Shape::Word(&["D", "S", "O", "R"]),
        "How firmly the documents fix it.",
    ),
    Field::new("page", Shape::Text, "Page and table."),
];

/// The codes of one edition.
#[derive(Debug, Default)]
pub struct ErrorTable {
    pub codes: Vec<ErrorCode>,
    /// What the bodies look like that hold them; nothing is known of these where there is no table.
    pub bodies: ErrorBodies,
}

/// One documented code.
#[derive(Debug)]
pub struct ErrorCode {
    pub code: String,
    /// The statuses it may come with, at least one.
    pub statuses: Vec<u16>,
    /// Language and text; a language may have several spellings.
    pub messages: Vec<(String, String)>,
    /// Operations that give the code, those of `siblings` included.
    pub operations: Vec<OperationId>,
    /// Those of them whose own page does not list it.
    pub siblings: Vec<OperationId>,
    /// `None` where the table does not say.
    pub oracle: Option<Oracle>,
    pub span: Span,
}

impl ErrorTable {
    #[must_use]
    pub fn code(&self, code: &str) -> Option<&ErrorCode> {
        self.codes.iter().find(|entry| entry.code == code)
    }
}

impl ErrorCode {
    /// True when the operation's own page lists the code.
    #[must_use]
    pub fn documented_for(&self, operation: &str) -> bool {
        let names = |list: &[OperationId]| list.iter().any(|known| known == operation);
        self.oracle == Some(Oracle::Documented) && names(&self.operations) && !names(&self.siblings)
    }

    /// The first of its statuses.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.statuses.first().copied().unwrap_or(400)
    }

    /// Whether it may come with this status.
    #[must_use]
    pub fn has_status(&self, status: u16) -> bool {
        self.statuses.contains(&status)
    }

    /// Its statuses, for messages.
    #[must_use]
    pub fn statuses(&self) -> String {
        let statuses: Vec<String> = self.statuses.iter().map(ToString::to_string).collect();
        statuses.join(" or ")
    }

    /// The documented texts in a language, every spelling.
    pub fn texts(&self, language: &str) -> impl Iterator<Item = &str> {
        self.messages
            .iter()
            .filter(move |(known, _)| known == language)
            .map(|(_, text)| text.as_str())
    }
}

pub(super) fn table(
    node: &Node,
    operations: &[Operation],
    found: &mut Vec<Diagnostic>,
) -> ErrorTable {
    yaml::check(node, &SHAPE, found);
    let mut codes: Vec<ErrorCode> = Vec::new();
    for entry in node.get("codes").map(Node::items).unwrap_or_default() {
        let Some(code) = entry.get("code").and_then(Node::text) else {
            continue;
        };
        if codes.iter().any(|known| known.code == code) {
            found.push(Diagnostic::new(
                "duplicate-id",
                &entry.span,
                format!("code `{code}` is listed twice"),
            ));
        }
        codes.push(error_code(code, entry, operations, found));
    }
    let operations =
        |entry: &Node, found: &mut Vec<Diagnostic>| users(entry, "operations", operations, found);
    ErrorTable {
        codes,
        bodies: ErrorBodies::read(node, operations, found),
    }
}

/// The entry of a code.
fn error_code(
    code: &str,
    entry: &Node,
    operations: &[Operation],
    found: &mut Vec<Diagnostic>,
) -> ErrorCode {
    let statuses = entry
        .get("status")
        .map(Node::one_or_many)
        .unwrap_or_default();
    let statuses = statuses.into_iter().filter_map(Node::integer);
    let mut statuses: Vec<u16> = statuses
        .filter_map(|status| status.try_into().ok())
        .collect();
    if statuses.is_empty() {
        // The entry has a mistake, which is told.
        statuses.push(400);
    }
    let mut all = users(entry, "operations", operations, found);
    let siblings = users(entry, "siblings", operations, found);
    all.extend(siblings.iter().cloned());
    ErrorCode {
        code: code.to_owned(),
        statuses,
        messages: messages(entry),
        operations: all,
        siblings,
        oracle: entry.get("oracle").and_then(Node::text).map(Oracle::read),
        span: entry.get("code").unwrap_or(entry).span.clone(),
    }
}

/// The documented texts, each with its language.
fn messages(entry: &Node) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for (language, texts) in entry.get("messages").map(Node::entries).unwrap_or_default() {
        let Some(language) = language.text() else {
            continue;
        };
        let texts = texts.one_or_many().into_iter().filter_map(Node::text);
        out.extend(texts.map(|text| (language.to_owned(), text.to_owned())));
    }
    out
}

/// The operations that a key of an entry lists; those the edition does not have go to `found`.
fn users(
    entry: &Node,
    key: &str,
    operations: &[Operation],
    found: &mut Vec<Diagnostic>,
) -> Vec<OperationId> {
    if entry.get(key).and_then(Node::text) == Some("all") {
        return operations.iter().map(|one| one.id.clone()).collect();
    }
    let listed = entry.get(key).map(Node::one_or_many).unwrap_or_default();
    for name in &listed {
        let Some(id) = name.text() else { continue };
        if !operations.iter().any(|operation| operation.id == id) {
            found.push(
                Diagnostic::new(
                    "unknown-operation",
                    &name.span,
                    format!("the OpenAPI document has no operation `{id}`"),
                )
                .suggest(id, operations.iter().map(|o| o.id.as_str())),
            );
        }
    }
    let texts = listed.iter().filter_map(|name| name.text());
    texts.map(OperationId::from).collect()
}
