//! What a requirement is about: the parts of a request, an answer or a token that it promises.

use crate::yaml::{Field, Node, Shape};

pub(super) const ABOUT: &[Field] = &[
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
    pub(super) fn read(node: &Node) -> Self {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml;

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
