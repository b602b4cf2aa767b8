//! `edition.yaml`: what no OpenAPI document says of a vendor's interface, and all answers have in common.

use serde_json::Value;

use super::{ErrorTable, pointer::pointer};
use crate::{
    diag::Diagnostic,
    yaml::{self, Field, Node, Shape},
};

/// The shape of `edition.yaml`.
pub const SHAPE: Shape = Shape::Object(&[
    Field::new("edition", Shape::Text, "The edition the file is of."),
    Field::new(
        "formats",
        Shape::Word(&["asserted", "noted"]),
        "Whether `format` in a schema is checked: `asserted`; it is a note otherwise, as in JSON Schema.",
    ),
    Field::new(
        "success",
        Shape::Object(&[
            Field::new(
                "at",
                Shape::Text,
                "Where an answer says how it went, as a JSON Pointer; by the HTTP status alone when absent.",
            ),
            Field::new("is", Shape::Scalar, "What stands there when it went well."),
            Field::new(
                "hands_out",
                Shape::List(&Shape::Text),
                "What only a success hands out, as JSON Pointers.",
            ),
        ]),
        "How a success is told from a refusal, for `not-success`.",
    ),
    Field::new(
        "languages",
        Shape::Object(&[
            Field::new(
                "chosen_by",
                Shape::Object(&[
                    Field::new("header", Shape::Text, "The request header that chooses it."),
                    Field::new("query", Shape::Text, "The query parameter that chooses it."),
                ]),
                "What in a request chooses the language of a text; nothing does when absent.",
            ),
            Field::new(
                "default",
                Shape::Text,
                "The language of a text where the request chooses none; not known when absent.",
            ),
            Field::new(
                "known",
                Shape::Map(&Shape::Object(&[
                    Field::new(
                        "sent",
                        Shape::Text,
                        "What a request sends to choose it; its name when absent.",
                    ),
                    Field::new(
                        "sample",
                        Shape::Text,
                        "Any text in it, for mutants that answer in the wrong language.",
                    ),
                ])),
                "The languages, by the names that `messages` in errors.yaml has.",
            )
            .required(),
        ]),
        "The languages of texts for people, and what chooses one; those of errors.yaml when absent.",
    ),
    Field::new(
        "user_claims",
        Shape::Object(&[
            Field::new(
                "in",
                Shape::List(&Shape::Text),
                "Where a token holds what it says of its user, as JSON Pointers into its claims: an object, \
                 or a text that is one in JSON; the claims themselves when absent.",
            ),
            Field::new(
                "identify",
                Shape::List(&Shape::Text),
                "The names there that tell who the user is, the most important first; `sub` when absent.",
            ),
        ]),
        "Where tokens say whose they are.",
    ),
    Field::new(
        "account_bound",
        Shape::List(&Shape::Text),
        "Request headers, and members of the request body as JSON Pointers, whose good value is good for \
         one account only.",
    ),
    Field::new(
        "policies",
        Shape::Map(&Shape::Map(&Shape::Object(&[
            Field::new(
                "broken",
                Shape::Scalar,
                "A value that breaks this clause and no other; may be computed from what the rows need.",
            ),
            Field::new(
                "kept",
                Shape::Scalar,
                "A value at the edge of this clause that it still allows, and all others too.",
            ),
        ]))),
        "Policies of the tenant by name, and their clauses by name, for `each: broken-clause` in a matrix.",
    ),
]);

/// What an edition says of all its answers.
#[derive(Debug, Default)]
pub struct Convention {
    pub success: Success,
    /// `format` is checked, and not only a note.
    pub asserts_formats: bool,
    pub languages: Languages,
    pub user_claims: UserClaims,
    /// Headers by name and members by JSON Pointer: their good values are good for one account only.
    pub account_bound: Vec<String>,
    pub policies: Vec<Policy>,
}

/// What a tenant demands of a value such as a new password.
#[derive(Debug, Clone)]
pub struct Policy {
    pub name: String,
    /// In the order of the file.
    pub clauses: Vec<Clause>,
}

/// One demand of a policy. Its values are as written, and may hold `${…}`.
#[derive(Debug, Clone)]
pub struct Clause {
    pub name: String,
    /// Breaks this clause alone.
    pub broken: Option<Node>,
    /// Is only just allowed.
    pub kept: Option<Node>,
}

/// The languages of texts for people.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Languages {
    pub chosen_by: Option<Chooser>,
    /// The language where a request chooses none.
    pub default: Option<String>,
    /// In the order of the file.
    pub known: Vec<Language>,
}

/// What in a request chooses the language of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chooser {
    Header(String),
    Query(String),
}

impl Chooser {
    /// The name of the header or of the query parameter.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Header(name) | Self::Query(name) => name,
        }
    }
}

/// A language, as an edition knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language {
    /// As in `messages` of errors.yaml.
    pub name: String,
    /// What a request sends to choose it.
    pub sent: String,
    /// Any text in it.
    pub sample: Option<String>,
}

impl Languages {
    fn read(node: &Node, found: &mut Vec<Diagnostic>) -> Self {
        let chooser = node.get("chosen_by");
        let text = |key: &str| Some(chooser?.get(key)?.text()?.to_owned());
        let chosen_by = match (text("header"), text("query")) {
            (Some(name), None) => Some(Chooser::Header(name)),
            (None, Some(name)) => Some(Chooser::Query(name)),
            _ => {
                if let Some(node) = chooser {
                    let text = "`chosen_by` needs one of `header` and `query`";
                    found.push(Diagnostic::new("missing-key", &node.span, text));
                }
                None
            }
        };
        let known = node.get("known").map(Node::entries).unwrap_or_default();
        let known = known.iter().filter_map(|(name, of)| {
            let text = |key: &str| of.get(key).and_then(Node::text).map(str::to_owned);
            let name = name.text()?.to_owned();
            Some(Language {
                sent: text("sent").unwrap_or_else(|| name.clone()),
                sample: text("sample"),
                name,
            })
        });
        let known: Vec<Language> = known.collect();
        let default = node.get("default");
        if let Some((node, name)) = default.and_then(|node| Some((node, node.text()?)))
            && !known.iter().any(|one| one.name == name)
        {
            let text = format!("`known` has no language `{name}`");
            let mistake = Diagnostic::new("specs-disagree", &node.span, text);
            found.push(mistake.suggest(name, known.iter().map(|one| &*one.name)));
        }
        Self {
            chosen_by,
            default: default.and_then(Node::text).map(str::to_owned),
            known,
        }
    }

    /// The languages in which a table has texts.
    pub(super) fn of_table(table: &ErrorTable) -> Vec<Language> {
        let mut out: Vec<Language> = Vec::new();
        for (name, _) in table.codes.iter().flat_map(|code| &code.messages) {
            if !out.iter().any(|one| one.name == *name) {
                out.push(Language {
                    name: name.clone(),
                    sent: name.clone(),
                    sample: None,
                });
            }
        }
        out
    }
}

/// Where tokens say whose they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserClaims {
    /// JSON Pointers into the claims: to an object, or to a text that is one in JSON.
    pub places: Vec<String>,
    /// The names there that tell who the user is.
    pub identify: Vec<String>,
}

impl Default for UserClaims {
    /// The subject of the token (RFC 7519, section 4.1.2).
    fn default() -> Self {
        Self {
            places: vec![String::new()],
            identify: vec!["sub".to_owned()],
        }
    }
}

impl UserClaims {
    fn read(node: &Node, found: &mut Vec<Diagnostic>) -> Self {
        let places = node.get("in").map(|list| {
            // The empty one is the claims themselves.
            let place = |node: &Node| match node.text() {
                Some("") => Some(String::new()),
                _ => pointer(node, found),
            };
            list.items().iter().filter_map(place).collect()
        });
        let identify = node.get("identify").map(|list| {
            let names = list.items().iter().filter_map(Node::text);
            names.map(str::to_owned).collect()
        });
        let usual = Self::default();
        Self {
            places: places.unwrap_or(usual.places),
            identify: identify.unwrap_or(usual.identify),
        }
    }

    /// What a token says of its user under a name, from the first place that has it.
    #[must_use]
    pub fn find(&self, claims: &Value, name: &str) -> Option<Value> {
        self.places.iter().find_map(|at| {
            let held = claims.pointer(at)?;
            match held.as_str() {
                Some(text) => {
                    let inner: Value = serde_json::from_str(text).ok()?;
                    inner.get(name).cloned()
                }
                None => held.get(name).cloned(),
            }
        })
    }
}

/// How a success is told from a refusal.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Success {
    /// JSON Pointer to what says how it went, and what stands there when it went well.
    pub outcome: Option<(String, Value)>,
    /// JSON Pointers to what only a success hands out.
    pub hands_out: Vec<String>,
}

impl Success {
    /// Whether an answer with this status and body succeeded, or hands out what only a success does.
    #[must_use]
    pub fn is(&self, status: u16, body: &Value) -> bool {
        let outcome = self.outcome.as_ref();
        let found = outcome.and_then(|(at, _)| body.pointer(at));
        let well = outcome.is_some_and(|(_, value)| found == Some(value));
        let mut handed_out = self.hands_out.iter();
        // Where nothing is said, the status says it.
        let by_status = (200..300).contains(&status) && found.is_none();
        well || by_status || handed_out.any(|at| body.pointer(at).is_some())
    }
}

pub(super) fn read(node: &Node, found: &mut Vec<Diagnostic>) -> Convention {
    yaml::check(node, &SHAPE, found);
    let success = node.get("success");
    let of = |key: &str| success.and_then(|node| node.get(key));
    let at = of("at").and_then(|node| pointer(node, found));
    let listed = of("hands_out").map(Node::items).unwrap_or_default().iter();
    let hands_out = listed.filter_map(|node| pointer(node, found)).collect();
    if let (Some(node), None) = (of("at"), of("is")) {
        let text = "`at` says nothing without `is`, what stands there when it went well";
        found.push(Diagnostic::new("missing-key", &node.span, text));
    }
    Convention {
        success: Success {
            outcome: at.zip(of("is").map(Node::to_json)),
            hands_out,
        },
        languages: match node.get("languages") {
            Some(node) => Languages::read(node, found),
            None => Languages::default(),
        },
        user_claims: match node.get("user_claims") {
            Some(node) => UserClaims::read(node, found),
            None => UserClaims::default(),
        },
        account_bound: account_bound(node, found),
        policies: policies(node),
        asserts_formats: node.get("formats").and_then(Node::text) == Some("asserted"),
    }
}

fn policies(node: &Node) -> Vec<Policy> {
    let named = |node: &Node| -> Vec<(String, Node)> {
        let entries = node.entries().iter();
        let named = entries.filter_map(|(name, of)| Some((name.scalar()?, of.clone())));
        named.collect()
    };
    let policies = node.get("policies").map(named).unwrap_or_default();
    let policy = |(name, of): (String, Node)| Policy {
        name,
        clauses: named(&of)
            .into_iter()
            .map(|(name, clause)| Clause {
                name,
                broken: clause.get("broken").cloned(),
                kept: clause.get("kept").cloned(),
            })
            .collect(),
    };
    policies.into_iter().map(policy).collect()
}

/// The entries of `account_bound`: the name of a header, or a JSON Pointer.
fn account_bound(node: &Node, found: &mut Vec<Diagnostic>) -> Vec<String> {
    let listed = node
        .get("account_bound")
        .map(Node::items)
        .unwrap_or_default();
    let mut one = |node: &Node| match node.text() {
        Some(text) if text.starts_with('/') => pointer(node, found),
        text => text.map(str::to_owned),
    };
    listed.iter().filter_map(&mut one).collect()
}
