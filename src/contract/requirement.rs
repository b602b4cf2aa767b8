//! Requirements: one testable sentence each, with a stable id that is never renumbered.

use super::Operation;
use crate::{
    diag::{Diagnostic, Span},
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
    Field::new(
        "edition",
        Shape::Word(&["eiam", "ciam", "oneaccess"]),
        "The edition of the register.",
    )
    .required(),
    Field::new(
        "requirements",
        Shape::List(&Shape::Object(ENTRY)),
        "The requirements, in document order.",
    )
    .required(),
]);

const ENTRY: &[Field] = &[
    Field::new("id", Shape::Text, "Stable id; never renumbered.").required(),
    Field::new("operation", Shape::Text, "operationId it belongs to.").required(),
    Field::new(
        "oracle",
        Shape::Word(&["D", "S", "O", "R"]),
        "D documented, S on a sibling page, O open, R needs review.",
    )
    .required(),
    Field::new(
        "level",
        Shape::Word(&["must", "should", "may"]),
        "RFC 2119 level.",
    )
    .required(),
    Field::new("kind", Shape::Word(KINDS), "What it is about.").required(),
    Field::new("page", Shape::Text, "Title of the vendor's page.").required(),
    Field::new("row", Shape::Text, "Section and table row on that page.").required(),
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
        "What it is about, in the words of openapi.yaml and errors.yaml.",
    ),
];

const ABOUT: &[Field] = &[
    Field::new(
        "header",
        Shape::OneOrMany(&Shape::Text),
        "Request headers it speaks of.",
    ),
    Field::new(
        "member",
        Shape::OneOrMany(&Shape::Text),
        "Members of the request body, as JSON Pointers.",
    ),
    Field::new(
        "mode",
        Shape::Word(Mode::WORDS),
        "How those headers or members stand in the request.",
    ),
    Field::new("status", Shape::Integer, "The HTTP status it promises."),
    Field::new(
        "code",
        Shape::OneOrMany(&Shape::Text),
        "Error codes it promises; any of them where there are several.",
    ),
    Field::new(
        "language",
        Shape::Text,
        "The language of the message it fixes.",
    ),
    Field::new(
        "response-header",
        Shape::OneOrMany(&Shape::Text),
        "Headers of the answer it promises.",
    ),
    Field::new(
        "response",
        Shape::OneOrMany(&Shape::Text),
        "Members of the answer it promises, as JSON Pointers; empty text for the whole body.",
    ),
    Field::new(
        "claim",
        Shape::OneOrMany(&Shape::Text),
        "Parts of the token it promises: `alg`, `kid`, `signature`, `form`, `user`, `lifetime`, or a claim's name.",
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

/// How a header or a member of a request stands beside the documented one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// As documented.
    Valid,
    /// Left out.
    Omitted,
    /// There, without a value.
    Blank,
    /// There twice.
    Duplicate,
    /// Its name in other letters.
    OtherCase,
    /// With a value that the documents do not allow: of another form, owner, type or age.
    Malformed,
}

impl Mode {
    pub const ALL: [Self; 6] = [
        Self::Valid,
        Self::Omitted,
        Self::Blank,
        Self::Duplicate,
        Self::OtherCase,
        Self::Malformed,
    ];
    const WORDS: &'static [&'static str] = &[
        "valid",
        "omitted",
        "blank",
        "duplicate",
        "other-case",
        "malformed",
    ];

    /// The word used in the register and in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        Self::WORDS[self as usize]
    }

    fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.word() == word)
    }
}

/// What a requirement is about, in the words of `openapi.yaml` and `errors.yaml`. Empty where the
/// sentence is about a flow that no single part of a request or an answer stands for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// Request headers.
    pub headers: Vec<String>,
    /// Request members, as JSON Pointers.
    pub members: Vec<String>,
    pub mode: Option<Mode>,
    pub status: Option<u16>,
    /// Error codes; any of them where there are several.
    pub codes: Vec<String>,
    /// The language of the message it fixes.
    pub language: Option<String>,
    pub response_headers: Vec<String>,
    /// Members of the answer, as JSON Pointers.
    pub response: Vec<String>,
    /// Parts of the token: `alg`, `kid`, `signature`, `form` (three parts that decode), `user`,
    /// `lifetime` (from `iat` to `exp`, in seconds), or a claim's name.
    pub claims: Vec<String>,
}

impl About {
    fn read(node: &Node) -> Self {
        let list = |key: &str| -> Vec<String> {
            node.get(key)
                .map(Node::one_or_many)
                .unwrap_or_default()
                .iter()
                .filter_map(|item| item.text().map(str::to_owned))
                .collect()
        };
        let word = |key: &str| node.get(key).and_then(Node::text);
        Self {
            headers: list("header"),
            members: list("member"),
            mode: word("mode").and_then(Mode::read),
            status: node
                .get("status")
                .and_then(Node::integer)
                .and_then(|status| u16::try_from(status).ok()),
            codes: list("code"),
            language: word("language").map(str::to_owned),
            response_headers: list("response-header"),
            response: list("response"),
            claims: list("claim"),
        }
    }
}

/// One requirement.
#[derive(Debug)]
pub struct Requirement {
    pub id: String,
    pub operation: String,
    pub oracle: Oracle,
    pub kind: String,
    pub page: String,
    pub row: String,
    pub text: String,
    pub not_tested: Option<String>,
    /// Nothing where the entry has none.
    pub about: About,
    pub span: Span,
}

impl Requirement {
    /// Where the document says it, and the sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        format!("{}, {}: {}", self.page, self.row, self.text)
    }
}

pub(super) fn register(
    node: &Node,
    operations: &[Operation],
    found: &mut Vec<Diagnostic>,
) -> Vec<Requirement> {
    yaml::check(node, &SHAPE, found);
    let mut out: Vec<Requirement> = Vec::new();
    for entry in node
        .get("requirements")
        .map(Node::items)
        .unwrap_or_default()
    {
        let word = |key: &str| {
            entry
                .get(key)
                .and_then(Node::text)
                .unwrap_or_default()
                .to_owned()
        };
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
                    format!("openapi.yaml has no operation `{operation}`"),
                )
                .suggest(&operation, operations.iter().map(|o| o.id.as_str())),
            );
        }
        out.push(Requirement {
            oracle: Oracle::read(&word("oracle")),
            kind: word("kind"),
            page: word("page"),
            row: word("row"),
            text: word("text"),
            not_tested: entry
                .get("not_tested")
                .and_then(Node::text)
                .map(str::to_owned),
            about: entry.get("about").map(About::read).unwrap_or_default(),
            span: span.clone(),
            id,
            operation,
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(text: &str) -> About {
        let node = yaml::parse("about.yaml", text.to_owned()).expect("the table holds YAML");
        let mut found = Vec::new();
        yaml::check(&node, &Shape::Object(ABOUT), &mut found);
        assert_eq!(found, [], "{text}");
        About::read(&node)
    }

    fn texts(list: &[&str]) -> Vec<String> {
        list.iter().map(|&text| text.to_owned()).collect()
    }

    #[test]
    fn each_key_of_an_about_is_read_into_its_part() {
        let empty = About::default;
        let table = [
            ("{}", empty()),
            (
                "{ header: X-L, mode: valid }",
                About {
                    headers: texts(&["X-L"]),
                    mode: Some(Mode::Valid),
                    ..empty()
                },
            ),
            (
                "{ header: [X-agent, X-L], member: [/a, \"\"], mode: other-case }",
                About {
                    headers: texts(&["X-agent", "X-L"]),
                    members: texts(&["/a", ""]),
                    mode: Some(Mode::OtherCase),
                    ..empty()
                },
            ),
            (
                "{ status: 400, code: A.1, language: zh }",
                About {
                    status: Some(400),
                    codes: texts(&["A.1"]),
                    language: Some("zh".to_owned()),
                    ..empty()
                },
            ),
            (
                "{ code: [A.1, A.2] }",
                About {
                    codes: texts(&["A.1", "A.2"]),
                    ..empty()
                },
            ),
            (
                "{ response: \"\", response-header: Content-Type }",
                About {
                    response: texts(&[""]),
                    response_headers: texts(&["Content-Type"]),
                    ..empty()
                },
            ),
            (
                "{ response: /id_token, claim: [exp, iat, lifetime] }",
                About {
                    response: texts(&["/id_token"]),
                    claims: texts(&["exp", "iat", "lifetime"]),
                    ..empty()
                },
            ),
        ];
        for (text, expected) in table {
            assert_eq!(about(text), expected, "{text}");
        }
    }

    #[test]
    fn every_mode_is_read_from_the_word_it_is_shown_with() {
        for mode in Mode::ALL {
            let text = format!("{{ header: X-L, mode: {} }}", mode.word());
            assert_eq!(about(&text).mode, Some(mode), "{text}");
        }
    }

    #[test]
    fn a_status_beyond_what_a_status_can_be_is_none() {
        assert_eq!(about("{ status: 70000 }").status, None);
        assert_eq!(about("{ status: -1 }").status, None);
    }
}
