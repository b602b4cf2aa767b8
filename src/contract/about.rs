//! What a requirement is about: the request it speaks of, and what of the answer it fixes.
//!
//! Two things that are kept apart. `header`, `member`, `mode`, `given`, `of-code`, `response`, `where`,
//! `token` and `of` say which request and which answer a sentence speaks of. All other keys name the subject:
//! what is judged, and what alone can violate the requirement.

use serde_json::Value;

use crate::{
    result::{RecordedToken, Subject},
    yaml::{Field, Node, Shape},
};

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
        "query",
        Shape::OneOrMany(&Shape::Text),
        "Query parameters it speaks of.",
    ),
    Field::new(
        "mode",
        Shape::Word(Mode::WORDS),
        "How those headers, members or parameters stand in the request.",
    ),
    Field::new(
        "given",
        Shape::Text,
        "What else has to be so, such as a state of the user.",
    ),
    Field::new(
        "of-code",
        Shape::OneOrMany(&Shape::Text),
        "Speaks of refusals with these codes; whether the code is right is not its subject.",
    ),
    Field::new(
        "response",
        Shape::Integer,
        "Speaks of answers with this status; whether the status is right is not its subject.",
    ),
    Field::new(
        "where",
        Shape::Map(&Shape::OneOrMany(&Shape::Scalar)),
        "Speaks of answers in which these members have these values: values by JSON Pointer.",
    ),
    Field::new(
        "token",
        Shape::Text,
        "The token that `claim` speaks of: a JSON Pointer into the answer, `header NAME`, or the empty \
         text for a body that is the token.",
    ),
    Field::new(
        "of",
        Shape::Text,
        "The operation whose answer holds that token, where it is another one.",
    ),
    Field::new(
        "outcome",
        Shape::Word(&["accepted", "refused", "either"]),
        "Subject: what becomes of the request.",
    ),
    Field::new(
        "status",
        Shape::Integer,
        "Subject: the HTTP status, of all answers with this outcome.",
    ),
    Field::new(
        "code",
        Shape::OneOrMany(&Shape::Text),
        "Subject: the error code; any of them where there are several.",
    ),
    Field::new(
        "message",
        Shape::Text,
        "Subject: the text of a refusal. A language for the documented text in it, `named` where it \
         names the header or member, `chosen` where a header chooses its language.",
    ),
    Field::new(
        "response-header",
        Shape::OneOrMany(&Shape::Text),
        "Subject: headers of the answer.",
    ),
    Field::new(
        "at",
        Shape::OneOrMany(&Shape::Text),
        "Subject: members of the answer, as JSON Pointers; empty text for the form of the body. \
         Beside `outcome`, `effect` or `message` only what these work with.",
    ),
    Field::new(
        "non-empty",
        Shape::Bool,
        "Those members are not empty texts.",
    ),
    Field::new(
        "closed",
        Shape::Bool,
        "Subject: the answer has no member beside those documented.",
    ),
    Field::new(
        "absent",
        Shape::List(&Shape::Text),
        "Subject: members that the answer has not got, as JSON Pointers.",
    ),
    Field::new(
        "claim",
        Shape::OneOrMany(&Shape::Text),
        "Subject: parts of the token: `alg`, `kid`, `signature`, `form`, `user`, `lifetime`, or a claim's name.",
    ),
    Field::new(
        "effect",
        Shape::Text,
        "Subject: what later requests show of it, in a word of your own.",
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
    pub const fn label(self) -> &'static str {
        Self::WORDS[self as usize]
    }

    fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.label() == word)
    }
}

/// What a requirement fixes of a message, beside its language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageSubject {
    /// It names the header or member that is wrong.
    Named,
    /// The request chooses its language.
    Chosen,
}

/// What a requirement is about, in the words of `openapi.yaml` and `errors.yaml`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct About {
    /// Request headers.
    pub headers: Vec<String>,
    /// Request members, as JSON Pointers.
    pub members: Vec<String>,
    /// Query parameters.
    pub query: Vec<String>,
    pub mode: Option<Mode>,
    /// What else has to be so, in words.
    pub given: Option<String>,
    /// The status of the answers it speaks of.
    pub answer: Option<u16>,
    /// The values that members of the answers it speaks of have, by JSON Pointer.
    pub values: Vec<(String, Vec<Value>)>,
    /// Error codes that it promises or speaks of; any of them where there are several.
    pub codes: Vec<String>,
    /// The language of the message it fixes.
    pub language: Option<String>,
    /// What else it fixes of the message.
    pub message: Option<MessageSubject>,
    pub response_headers: Vec<String>,
    /// Members of the answer that it speaks of, as JSON Pointers; empty text for the whole body.
    pub response: Vec<String>,
    /// Those members are not empty texts.
    pub non_empty: bool,
    /// No other members.
    pub closed: bool,
    /// Members that the answer has not got, as JSON Pointers.
    pub absent: Vec<String>,
    /// Parts of the token: `alg`, `kid`, `signature`, `form` (three parts that decode), `user`,
    /// `lifetime` (from `iat` to `exp`, in seconds), or a claim's name. None where another
    /// operation answers with the token.
    pub claims: Vec<String>,
    /// What is judged. A finding on any of them violates the requirement, and it is satisfied where
    /// all of them held. Empty where nothing of an answer can violate it.
    pub subjects: Vec<Subject>,
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
        let text = |key: &str| node.get(key).and_then(Node::text);
        let flag = |key: &str| node.get(key).is_some_and(|node| node.to_json() == true);
        let status = |key: &str| {
            let number = node.get(key).and_then(Node::integer);
            number.and_then(|status| u16::try_from(status).ok())
        };
        let message = text("message");
        let language = message.filter(|message| !matches!(*message, "named" | "chosen"));
        let mut codes = list("code");
        codes.extend(list("of-code"));
        let mut response = list("at");
        let elsewhere = node.get("of").is_some();
        let token = text("token").filter(|_| !elsewhere);
        let header = token.and_then(|token| token.strip_prefix(RecordedToken::IN_HEADER));
        response.extend(token.filter(|_| header.is_none()).map(str::to_owned));
        let mut response_headers = list("response-header");
        response_headers.extend(header.map(str::to_owned));
        Self {
            headers: list("header"),
            members: list("member"),
            query: list("query"),
            mode: text("mode").and_then(Mode::read),
            given: text("given").map(str::to_owned),
            answer: status("response").or_else(|| status("status")),
            values: values(node),
            codes,
            language: language.map(str::to_owned),
            message: match message {
                Some("chosen") => Some(MessageSubject::Chosen),
                Some("named") => Some(MessageSubject::Named),
                _ => None,
            },
            response_headers,
            response,
            non_empty: flag("non-empty"),
            closed: flag("closed"),
            absent: list("absent"),
            claims: if elsewhere { Vec::new() } else { list("claim") },
            subjects: subjects(node, &list),
        }
    }

    /// Whether it speaks of answers in which this member has this value: it does so where it does not say
    /// which.
    #[must_use]
    pub fn speaks_of(&self, at: &str, value: &Value) -> bool {
        self.values_at(at).is_none_or(|known| known.contains(value))
    }

    /// The values that it names for a member of the answer.
    #[must_use]
    pub fn values_at(&self, at: &str) -> Option<&[Value]> {
        let mut values = self.values.iter();
        let own = values.find(|(known, _)| known == at)?;
        Some(&own.1)
    }

    /// Whether it speaks of every answer of its operation with its status, whatever was asked.
    #[must_use]
    pub fn is_general(&self) -> bool {
        self.headers.is_empty()
            && self.members.is_empty()
            && self.query.is_empty()
            && self.given.is_none()
            && self.codes.is_empty()
            && !self.subjects.is_empty()
            && self.subjects.iter().all(|subject| {
                !matches!(
                    subject,
                    Subject::Accepted | Subject::Refused | Subject::Effect(_)
                )
            })
    }
}

/// The entries of `where`.
fn values(node: &Node) -> Vec<(String, Vec<Value>)> {
    let entries = node.get("where").map(Node::entries).unwrap_or_default();
    let values = entries.iter().filter_map(|(at, values)| {
        let values = values.one_or_many().into_iter().map(Node::to_json);
        Some((at.text()?.to_owned(), values.collect()))
    });
    values.collect()
}

/// The subjects that the keys of an `about` name.
fn subjects(node: &Node, list: &impl Fn(&str) -> Vec<String>) -> Vec<Subject> {
    let has = |key: &str| node.get(key).is_some();
    let text = |key: &str| node.get(key).and_then(Node::text);
    let mut out: Vec<Subject> = match text("outcome") {
        Some("accepted") => vec![Subject::Accepted],
        Some("refused") => vec![Subject::Refused],
        // Either is right, and nothing else is.
        Some(_) => vec![Subject::Accepted, Subject::Refused],
        None => Vec::new(),
    };
    for (key, subject) in [
        ("status", Subject::Status),
        ("code", Subject::Code),
        ("message", Subject::Message),
        ("closed", Subject::Closed),
    ] {
        if has(key) {
            out.push(subject);
        }
    }
    let headers = list("response-header");
    out.extend(headers.iter().map(|name| Subject::header(name)));
    if !has("effect") && !has("message") && !has("outcome") {
        out.extend(list("at").into_iter().map(|at| match at.as_str() {
            "" => Subject::Form,
            _ => Subject::Member(at),
        }));
    }
    out.extend(list("absent").into_iter().map(Subject::Absent));
    let token = text("token").unwrap_or_default();
    let token = match token.strip_prefix(RecordedToken::IN_HEADER) {
        Some(name) => format!("{}{}", RecordedToken::IN_HEADER, name.to_ascii_lowercase()),
        None => token.to_owned(),
    };
    out.extend(list("claim").into_iter().map(|part| Subject::Claim {
        token: token.clone(),
        part,
    }));
    out.extend(text("effect").map(|effect| Subject::Effect(effect.to_owned())));
    out
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

    /// The parts of an `about`, and the subjects that follow from them.
    #[track_caller]
    fn check(text: &str, expected: About, subjects: &[Subject]) {
        let expected = About {
            subjects: subjects.to_vec(),
            ..expected
        };
        assert_eq!(about(text), expected, "{text}");
    }

    fn member(at: &str) -> Subject {
        Subject::Member(at.to_owned())
    }

    #[test]
    fn what_the_request_did_is_never_the_subject() {
        let empty = About::default;
        check("{}", empty(), &[]);
        check(
            "{ header: [X-agent, X-L], member: [/a, \"\"], mode: other-case, given: a state }",
            About {
                headers: texts(&["X-agent", "X-L"]),
                members: texts(&["/a", ""]),
                mode: Some(Mode::OtherCase),
                given: Some("a state".to_owned()),
                ..empty()
            },
            &[],
        );
        check(
            "{ header: X-L, mode: valid, response: 200, outcome: accepted }",
            About {
                headers: texts(&["X-L"]),
                mode: Some(Mode::Valid),
                answer: Some(200),
                ..empty()
            },
            &[Subject::Accepted],
        );
        check(
            "{ response: 400, code: [A.1, A.2], message: zh }",
            About {
                answer: Some(400),
                codes: texts(&["A.1", "A.2"]),
                language: Some("zh".to_owned()),
                ..empty()
            },
            &[Subject::Code, Subject::Message],
        );
        check(
            "{ of-code: A.1, message: named }",
            About {
                codes: texts(&["A.1"]),
                message: Some(MessageSubject::Named),
                ..empty()
            },
            &[Subject::Message],
        );
    }

    #[test]
    fn the_subject_is_what_of_the_answer_is_fixed() {
        let empty = About::default;
        check(
            "{ status: 200 }",
            About {
                answer: Some(200),
                ..empty()
            },
            &[Subject::Status],
        );
        check(
            "{ response: 400, at: [\"\", /a], response-header: [Content-Type, X-One] }",
            About {
                answer: Some(400),
                response: texts(&["", "/a"]),
                response_headers: texts(&["Content-Type", "X-One"]),
                ..empty()
            },
            &[
                Subject::MediaType,
                Subject::Header("x-one".to_owned()),
                Subject::Form,
                member("/a"),
            ],
        );
        check(
            "{ response: 200, closed: true, absent: [/b], at: /a, non-empty: true }",
            About {
                answer: Some(200),
                response: texts(&["/a"]),
                non_empty: true,
                closed: true,
                absent: texts(&["/b"]),
                ..empty()
            },
            &[
                Subject::Closed,
                member("/a"),
                Subject::Absent("/b".to_owned()),
            ],
        );
        check(
            "{ token: /id_token, claim: exp }",
            About {
                response: texts(&["/id_token"]),
                claims: texts(&["exp"]),
                ..empty()
            },
            &[Subject::Claim {
                token: "/id_token".to_owned(),
                part: "exp".to_owned(),
            }],
        );
        check(
            "{ at: /a, effect: shown-later }",
            About {
                response: texts(&["/a"]),
                ..empty()
            },
            &[Subject::Effect("shown-later".to_owned())],
        );
        check(
            "{ outcome: either }",
            empty(),
            &[Subject::Accepted, Subject::Refused],
        );
    }

    #[test]
    fn a_requirement_is_general_where_no_special_request_is_spoken_of() {
        for (text, general) in [
            ("{ status: 200 }", true),
            ("{ response: 200, at: /a }", true),
            ("{ header: X-L, mode: valid, response: 200, at: /a }", false),
            ("{ given: a state, response: 200, at: /a }", false),
            ("{ response: 200, outcome: accepted }", false),
            ("{ of-code: A.1, message: en }", false),
            ("{ effect: shown-later }", false),
        ] {
            assert_eq!(about(text).is_general(), general, "{text}");
        }
    }

    #[test]
    fn every_mode_is_read_from_the_word_it_is_shown_with() {
        for mode in Mode::ALL {
            let text = format!("{{ header: X-L, mode: {} }}", mode.label());
            assert_eq!(about(&text).mode, Some(mode), "{text}");
        }
    }

    #[test]
    fn a_status_beyond_what_a_status_can_be_is_none() {
        assert_eq!(about("{ status: 70000 }").answer, None);
        assert_eq!(about("{ status: -1 }").answer, None);
    }
}
