//! What the body of a refusal looks like: where its code and its text stand. An edition may have
//! several such bodies, told apart by operation, status and media type.

use std::sync::Arc;

use regex::Regex;
use serde_json::Value;

use super::pointer::pointer;
use crate::{
    diag::Diagnostic,
    ids::OperationId,
    yaml::{Field, Node, Shape},
};

pub(super) const CODE_AT: Field = Field::new(
    "code_at",
    Shape::Text,
    "Where a refusal holds its code, as a JSON Pointer.",
);
pub(super) const CODE_TYPE: Field = Field::new(
    "code_type",
    Shape::Word(&["string", "integer"]),
    "The JSON type of a received code; a text when absent.",
);
pub(super) const MESSAGE_AT: Field = Field::new(
    "message_at",
    Shape::Text,
    "Where a refusal holds its text; nowhere when absent.",
);
pub(super) const PATTERN: Field = Field::new(
    "pattern",
    Shape::Text,
    "Regular expression that every code in such a body matches; any text when absent.",
);

/// The shape of an entry of `bodies`.
pub(super) const BODY: &[Field] = &[
    Field::new(
        "operations",
        Shape::OneOrMany(&Shape::Text),
        "Operations that answer so; each where absent.",
    ),
    Field::new(
        "status",
        Shape::OneOrMany(&Shape::Integer),
        "Statuses of such answers; each where absent.",
    ),
    Field::new(
        "media_type",
        Shape::OneOrMany(&Shape::Text),
        "Media types of such answers, as in `Content-Type`; each where absent.",
    ),
    CODE_AT,
    CODE_TYPE,
    MESSAGE_AT,
    PATTERN,
];

/// What one kind of error body looks like.
#[derive(Debug, Clone)]
pub struct ErrorBody {
    /// JSON Pointer to the code; `None` where nothing says that such refusals have one.
    pub code_at: Option<String>,
    /// JSON Pointer to the text; `None` where no text is promised.
    pub message_at: Option<String>,
    /// The code is a whole number; the table lists its digits.
    pub integer: bool,
    /// What every code in it matches.
    pub pattern: Regex,
}

impl ErrorBody {
    /// Nothing is known of what such a refusal looks like.
    fn unknown() -> Self {
        Self {
            code_at: None,
            message_at: None,
            integer: false,
            pattern: never(),
        }
    }

    fn read(node: &Node, found: &mut Vec<Diagnostic>) -> Self {
        let mut at = |key: &str| node.get(key).and_then(|node| pointer(node, found));
        let (code_at, message_at) = (at("code_at"), at("message_at"));
        let pattern = node.get("pattern");
        let text = pattern.and_then(Node::text).unwrap_or("^.+$");
        let pattern = Regex::new(text).unwrap_or_else(|error| {
            let span = pattern.map_or(&node.span, |pattern| &pattern.span);
            found.push(Diagnostic::new("bad-pattern", span, reason(&error)));
            // Matches nothing, so that a broken table can prove nothing.
            never()
        });
        Self {
            code_at,
            message_at,
            integer: node.get("code_type").and_then(Node::text) == Some("integer"),
            pattern,
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

    /// The top-level members that such a refusal has.
    pub fn members(&self) -> impl Iterator<Item = &str> {
        let pointers = self.code_at.iter().chain(&self.message_at);
        pointers.filter_map(|at| at.split('/').nth(1))
    }

    /// Whether the code stands there, or inside what stands there.
    #[must_use]
    pub fn has_code_in(&self, at: &str) -> bool {
        self.code_at.as_deref().is_some_and(|own| is_in(own, at))
    }

    /// Whether the text stands there, or inside what stands there.
    #[must_use]
    pub fn has_message_in(&self, at: &str) -> bool {
        self.message_at.as_deref().is_some_and(|own| is_in(own, at))
    }
}

/// Whether a JSON Pointer is another one, or points into it.
fn is_in(at: &str, of: &str) -> bool {
    let rest = at.strip_prefix(of);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Which answers have an error body of a kind; each list is of all where it is empty.
#[derive(Debug, Default)]
struct Answers {
    operations: Vec<OperationId>,
    statuses: Vec<u16>,
    media_types: Vec<String>,
}

impl Answers {
    fn of_operation(&self, operation: Option<&str>) -> bool {
        self.operations.is_empty() || self.operations.iter().any(|own| Some(&**own) == operation)
    }

    fn with_status(&self, status: u16) -> bool {
        self.statuses.is_empty() || self.statuses.contains(&status)
    }

    /// Whether it is of all that the operation answers with these statuses.
    fn has_all(&self, statuses: &[u16]) -> bool {
        let all = !statuses.is_empty() && statuses.iter().all(|status| self.with_status(*status));
        self.media_types.is_empty() && (self.statuses.is_empty() || all)
    }
}

/// The error bodies of an edition. A clone shares them.
#[derive(Debug, Clone)]
pub struct ErrorBodies(Arc<Kinds>);

#[derive(Debug)]
struct Kinds {
    /// The first that an answer is of is its own.
    some: Vec<(Answers, ErrorBody)>,
    /// That of all other answers.
    others: ErrorBody,
}

impl Default for ErrorBodies {
    fn default() -> Self {
        Self(Arc::new(Kinds {
            some: Vec::new(),
            others: ErrorBody::unknown(),
        }))
    }
}

impl ErrorBodies {
    pub(super) fn read(
        node: &Node,
        operations: impl Fn(&Node, &mut Vec<Diagnostic>) -> Vec<OperationId>,
        found: &mut Vec<Diagnostic>,
    ) -> Self {
        let bodies = node.get("bodies").map(Node::items).unwrap_or_default();
        if node.get("code_at").is_none() && bodies.is_empty() {
            let text = "the key `code_at` is missing";
            let help = "say where a refusal holds its code, or list several forms under `bodies`";
            found.push(Diagnostic::new("missing-key", &node.span, text).help(help));
        }
        let mut some = Vec::new();
        for entry in bodies {
            let listed = |key: &str| entry.get(key).map(Node::one_or_many).unwrap_or_default();
            let texts = |key: &str| -> Vec<String> {
                let texts = listed(key).into_iter().filter_map(Node::text);
                texts.map(str::to_owned).collect()
            };
            let statuses = listed("status").into_iter().filter_map(Node::integer);
            let answers = Answers {
                operations: operations(entry, found),
                statuses: statuses.filter_map(|one| one.try_into().ok()).collect(),
                media_types: texts("media_type"),
            };
            let keys = ["operations", "status", "media_type"];
            if keys.iter().all(|key| entry.get(key).is_none()) {
                let text = "this body says of no answer that it is its own";
                let help = "name `operations`, `status` or `media_type`; what all others have stands \
                            beside `bodies`";
                found.push(Diagnostic::new("missing-key", &entry.span, text).help(help));
            }
            some.push((answers, ErrorBody::read(entry, found)));
        }
        let others = ErrorBody::read(node, found);
        Self(Arc::new(Kinds { some, others }))
    }

    /// The error body of an answer; `content_type` is the header as it came. What is no answer of the
    /// contract has no operation.
    #[must_use]
    pub fn of(
        &self,
        operation: Option<&str>,
        status: u16,
        content_type: Option<&str>,
    ) -> &ErrorBody {
        let essence = content_type.and_then(|text| text.split(';').next());
        let is_own = |answers: &Answers| {
            let mut types = answers.media_types.iter();
            answers.of_operation(operation)
                && answers.with_status(status)
                && (answers.media_types.is_empty()
                    || essence
                        .is_some_and(|one| types.any(|own| own.eq_ignore_ascii_case(one.trim()))))
        };
        let own = self.0.some.iter().find(|(answers, _)| is_own(answers));
        own.map_or(&self.0.others, |(_, body)| body)
    }

    /// The error bodies that answers of an operation with these statuses may have, whatever their media
    /// type is; with any status where there are none.
    #[must_use]
    pub fn possible(&self, operation: Option<&str>, statuses: &[u16]) -> Vec<&ErrorBody> {
        let mut out = Vec::new();
        for (answers, body) in &self.0.some {
            let mut of = statuses.iter();
            let some = statuses.is_empty() || of.any(|status| answers.with_status(*status));
            if !answers.of_operation(operation) || !some {
                continue;
            }
            out.push(body);
            if answers.has_all(statuses) {
                return out;
            }
        }
        out.push(&self.0.others);
        out
    }

    /// Every kind of error body.
    pub fn all(&self) -> impl Iterator<Item = &ErrorBody> {
        let some = self.0.some.iter().map(|(_, body)| body);
        some.chain([&self.0.others])
    }

    /// Whether some refusal has a code.
    #[must_use]
    pub fn have_codes(&self) -> bool {
        self.all().any(|body| body.code_at.is_some())
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml;

    fn bodies(text: &str) -> (ErrorBodies, Vec<Diagnostic>) {
        let node = yaml::parse("errors.yaml", text.to_owned()).expect("YAML");
        let mut found = Vec::new();
        let operations = |entry: &Node, _: &mut Vec<Diagnostic>| {
            let listed = entry
                .get("operations")
                .map(Node::one_or_many)
                .unwrap_or_default();
            let names = listed.into_iter().filter_map(Node::text);
            names.map(OperationId::from).collect()
        };
        let bodies = ErrorBodies::read(&node, operations, &mut found);
        (bodies, found)
    }

    const SEVERAL: &str = "code_at: /code
bodies:
  - { operations: token, code_at: /error, message_at: /error_description }
  - { status: [502, 503], code_at: /gateway }
  - { media_type: application/problem+json, code_at: /type, message_at: /title }
";

    #[test]
    fn the_first_kind_that_an_answer_is_of_is_its_own() {
        let (bodies, found) = bodies(SEVERAL);
        assert_eq!(found, []);
        let problem = Some("Application/Problem+JSON ; charset=utf-8");
        for (operation, status, content_type, code_at) in [
            (Some("token"), 400, None, "/error"),
            (Some("token"), 502, problem, "/error"),
            (Some("user"), 502, problem, "/gateway"),
            (Some("user"), 400, problem, "/type"),
            (Some("user"), 400, Some("application/json"), "/code"),
            (Some("user"), 400, None, "/code"),
            // A provider's answer is none of the contract.
            (None, 400, None, "/code"),
        ] {
            let body = bodies.of(operation, status, content_type);
            assert_eq!(
                body.code_at.as_deref(),
                Some(code_at),
                "{operation:?} {status}"
            );
        }
    }

    #[test]
    fn before_an_answer_comes_every_kind_it_may_be_of_is_possible() {
        let (bodies, _) = bodies(SEVERAL);
        for (operation, statuses, expected) in [
            (Some("token"), vec![400], vec!["/error"]),
            (Some("user"), vec![400], vec!["/type", "/code"]),
            (Some("user"), vec![503], vec!["/gateway"]),
            (
                Some("user"),
                vec![400, 503],
                vec!["/gateway", "/type", "/code"],
            ),
            (Some("user"), vec![], vec!["/gateway", "/type", "/code"]),
        ] {
            let possible = bodies.possible(operation, &statuses).into_iter();
            let found: Vec<&str> = possible.filter_map(|one| one.code_at.as_deref()).collect();
            assert_eq!(found, expected, "{operation:?} {statuses:?}");
        }
    }

    #[test]
    fn a_kind_without_an_answer_and_a_table_without_a_kind_are_mistakes() {
        let codes = |text: &str| -> Vec<&str> {
            let (_, found) = bodies(text);
            found.iter().map(|one| one.code).collect()
        };
        assert_eq!(codes("codes: []"), ["missing-key"]);
        assert_eq!(codes("bodies: [{ code_at: /a }]"), ["missing-key"]);
        assert_eq!(codes("bodies: [{ status: 400, code_at: /a }]"), [""; 0]);
        assert_eq!(
            codes("bodies: [{ status: 400, code_at: a, pattern: '(' }]"),
            ["bad-pointer", "bad-pattern"]
        );
    }

    #[test]
    fn a_code_stands_in_a_member_where_its_pointer_leads_through_it() {
        let (bodies, _) = bodies("code_at: /fault/code");
        let body = bodies.of(None, 400, None);
        for (at, expected) in [("/fault", true), ("/fault/code", true), ("/fau", false)] {
            assert_eq!(body.has_code_in(at), expected, "{at}");
        }
    }
}
