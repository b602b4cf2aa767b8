//! An edition's table of error codes. Tables are never shared between editions.

use regex::Regex;
use serde_json::Value;

use super::{Operation, Oracle, pointer::pointer};
use crate::{
    diag::{Diagnostic, Span},
    ids::OperationId,
    yaml::{self, Field, Node, Shape},
};

/// The shape of `errors.yaml`.
pub const SHAPE: Shape = Shape::Object(&[
    Field::new("edition", Shape::Text, "The edition the table belongs to."),
    Field::new(
        "pattern",
        Shape::Text,
        "Regular expression that every code of the edition's operations matches; any text when absent.",
    ),
    Field::new(
        "code_at",
        Shape::Text,
        "Where a refusal holds its code, as a JSON Pointer.",
    )
    .required(),
    Field::new(
        "code_type",
        Shape::Word(&["string", "integer"]),
        "The JSON type of a received code; a text when absent.",
    ),
    Field::new(
        "message_at",
        Shape::Text,
        "Where a refusal holds its text; nowhere when absent.",
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
        Shape::Map(&Shape::Text),
        "Documented texts by language; `{0}` stands for a value.",
    ),
    Field::new(
        "variants",
        Shape::List(&Shape::Text),
        "Further documented spellings of the English text.",
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
#[derive(Debug)]
pub struct ErrorTable {
    pub pattern: Regex,
    pub codes: Vec<ErrorCode>,
    pub envelope: Envelope,
}

/// What an error body of the edition looks like.
#[derive(Debug, Default)]
pub struct Envelope {
    /// JSON Pointer to the code; `None` where no table says that refusals have one.
    pub code_at: Option<String>,
    /// JSON Pointer to the text; `None` where no text is promised.
    pub message_at: Option<String>,
    /// The code is a whole number; the table lists its digits.
    pub integer: bool,
}

impl Envelope {
    fn read(node: &Node, found: &mut Vec<Diagnostic>) -> Self {
        let mut at = |key: &str| node.get(key).and_then(|node| pointer(node, found));
        let (code_at, message_at) = (at("code_at"), at("message_at"));
        Self {
            message_at,
            code_at,
            integer: node.get("code_type").and_then(Node::text) == Some("integer"),
        }
    }

    /// The code of a body, when there is one of the promised type.
    #[must_use]
    pub fn code(&self, body: &Value) -> Option<String> {
        let value = body.pointer(self.code_at.as_deref()?)?;
        if self.integer {
            value.as_i64().map(|code| code.to_string())
        } else {
            value.as_str().map(str::to_owned)
        }
    }

    /// The text of a body, when there is one.
    #[must_use]
    pub fn message<'b>(&self, body: &'b Value) -> Option<&'b str> {
        body.pointer(self.message_at.as_deref()?)?.as_str()
    }

    /// The top-level members that a refusal has.
    pub fn members(&self) -> impl Iterator<Item = &str> {
        let pointers = self.code_at.iter().chain(&self.message_at);
        pointers.filter_map(|at| at.split('/').nth(1))
    }
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

/// The table of an edition that has none: nothing is known of what a refusal looks like.
pub(super) fn no_table() -> ErrorTable {
    ErrorTable {
        pattern: never(),
        codes: Vec::new(),
        envelope: Envelope::default(),
    }
}

pub(super) fn table(
    node: &Node,
    operations: &[Operation],
    found: &mut Vec<Diagnostic>,
) -> ErrorTable {
    yaml::check(node, &SHAPE, found);
    let pattern = node.get("pattern");
    let text = pattern.and_then(Node::text).unwrap_or("^.+$");
    let pattern = Regex::new(text).unwrap_or_else(|error| {
        let span = pattern.map_or(&node.span, |pattern| &pattern.span);
        found.push(Diagnostic::new("bad-pattern", span, reason(&error)));
        // Matches nothing, so that a broken table can prove nothing.
        never()
    });
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
    ErrorTable {
        pattern,
        codes,
        envelope: Envelope::read(node, found),
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

/// The documented texts, each with its language; the variants are English.
fn messages(entry: &Node) -> Vec<(String, String)> {
    let texts = entry.get("messages").map(Node::entries).unwrap_or_default();
    let variants = entry.get("variants").map(Node::items).unwrap_or_default();
    let texts = texts.iter().filter_map(|(language, text)| {
        Some((language.text()?.to_owned(), text.text()?.to_owned()))
    });
    let variants = variants
        .iter()
        .filter_map(|text| Some(("en".to_owned(), text.text()?.to_owned())));
    texts.chain(variants).collect()
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

/// What is wrong with an expression, on one line: the place is shown by the diagnostic.
pub(crate) fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    let line = text.lines().last().unwrap_or_default();
    line.trim_start_matches("error: ").to_owned()
}

#[expect(clippy::unwrap_used, reason = "the literal is a valid expression")]
fn never() -> Regex {
    Regex::new("[^\\s\\S]").unwrap()
}
