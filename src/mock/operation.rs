//! One row of an edition's table: what an operation refuses, in order, and what it does.

use std::fmt;

use http::Method;
use serde_json::{Map, Value, json};

use super::{call::Call, jwt::IdClaims, ops::codes, state::State};

/// Who the caller of an operation acts for, and where the request says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Actor {
    /// Nobody: captcha, keys, management token.
    Nobody,
    /// The user of `X-state-token`.
    StateToken,
    /// The user of the id_token in `Authorization`.
    Bearer,
    /// As `Bearer`; without `Authorization`, the owner of the `mobile` member.
    BearerOrMobile,
    /// As `Bearer`; without `Authorization`, the owner of the `email` member.
    BearerOrEmail,
    /// The owner of the `mobile` member.
    Mobile,
    /// The owner of the `user_name` member.
    UserName,
    /// The user of the session token in the named header or body member.
    Session(&'static str),
    /// The user whose id stands in the path.
    Path,
}

/// Decides whether a call is refused. It looks at one thing only and lets pass
/// whatever another rule is responsible for, so that rules work in any order
/// and a table without one of them still answers.
pub(super) type Check = Box<dyn Fn(&Call, &State) -> Result<(), Refusal> + Send + Sync>;

/// A named reason to refuse.
pub(super) struct Rule {
    pub name: &'static str,
    pub check: Check,
}

impl Rule {
    pub(super) fn new(
        name: &'static str,
        check: impl Fn(&Call, &State) -> Result<(), Refusal> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            check: Box::new(check),
        }
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// What an operation does once no rule has refused. It never refuses by itself.
pub(super) type Effect = fn(&Call, &mut State) -> Reply;

/// How rules and effect of a row make an answer; [`Operation::in_order`] unless a departure differs.
pub(super) type Handler = Box<dyn Fn(&Operation, &mut Call, &mut State) -> Reply + Send + Sync>;

/// A row of an edition's table.
pub(super) struct Operation {
    /// The operation's name in the contract.
    pub name: &'static str,
    pub method: Method,
    /// The path; a segment `{}` stands for anything.
    pub path: &'static str,
    pub actor: Actor,
    /// Asked from first to last; the first refusal is the answer.
    pub rules: Vec<Rule>,
    pub effect: Effect,
    pub way: Handler,
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operation")
            .field("name", &self.name)
            .field("method", &self.method)
            .field("path", &self.path)
            .field("actor", &self.actor)
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

impl Operation {
    pub(super) fn get(
        name: &'static str,
        path: &'static str,
        actor: Actor,
        effect: Effect,
    ) -> Self {
        Self::new(name, Method::GET, path, actor, effect)
    }

    pub(super) fn post(
        name: &'static str,
        path: &'static str,
        actor: Actor,
        effect: Effect,
    ) -> Self {
        Self::new(name, Method::POST, path, actor, effect)
    }

    pub(super) fn put(
        name: &'static str,
        path: &'static str,
        actor: Actor,
        effect: Effect,
    ) -> Self {
        Self::new(name, Method::PUT, path, actor, effect)
    }

    pub(super) fn delete(
        name: &'static str,
        path: &'static str,
        actor: Actor,
        effect: Effect,
    ) -> Self {
        Self::new(name, Method::DELETE, path, actor, effect)
    }

    fn new(
        name: &'static str,
        method: Method,
        path: &'static str,
        actor: Actor,
        effect: Effect,
    ) -> Self {
        Self {
            name,
            method,
            path,
            actor,
            rules: Vec::new(),
            effect,
            way: Box::new(|row, call, state| row.in_order(call, state)),
        }
    }

    /// Appends rules, in the order they are asked.
    #[must_use]
    pub(super) fn rules(mut self, rules: impl IntoIterator<Item = Rule>) -> Self {
        self.rules.extend(rules);
        self
    }

    /// The answer to a call.
    pub(super) fn answer(&self, call: &mut Call, state: &mut State) -> Reply {
        (self.way)(self, call, state)
    }

    /// The documented way: the first refusal, else what the effect says.
    pub(super) fn in_order(&self, call: &Call, state: &mut State) -> Reply {
        for rule in &self.rules {
            if let Err(refusal) = (rule.check)(call, state) {
                if let Some(user_id) = &refusal.failed_login {
                    state.users.count_failure(user_id, call.now);
                }
                if state.variation.refusal_spends_code
                    && self
                        .rules
                        .iter()
                        .any(|rule| rule.name == "verify_code-correct")
                {
                    codes::consume(call, state);
                }
                return Reply::refused(refusal);
            }
        }
        (self.effect)(call, state)
    }
}

/// Why a call is refused: a code of the edition and what its text has to name.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub code: &'static str,
    /// The code this tenant gives in its place, where the documents allow another.
    pub given_as: Option<&'static str>,
    pub args: Vec<String>,
    /// The user whose failed attempts this one adds to.
    pub failed_login: Option<String>,
    /// Said in the OAuth form (`error`, `error_description`) instead of the edition's own.
    pub oauth: bool,
}

impl Refusal {
    pub(super) fn code(code: &'static str) -> Self {
        Self {
            code,
            ..Self::default()
        }
    }

    /// Fills the next placeholder of the message.
    #[must_use]
    pub(super) fn arg(mut self, arg: impl fmt::Display) -> Self {
        self.args.push(arg.to_string());
        self
    }

    #[must_use]
    pub(super) fn counting_against(mut self, user_id: &str) -> Self {
        self.failed_login = Some(user_id.to_owned());
        self
    }

    /// The OAuth answer to bad management credentials (management token pages, error example).
    pub(super) fn oauth(error: &'static str, description: &str) -> Self {
        Self {
            code: error,
            args: vec![description.to_owned()],
            oauth: true,
            ..Self::default()
        }
    }
}

/// What is sent back, before it is given its language and its signature.
#[derive(Debug, Clone)]
pub(super) enum Content {
    Empty,
    Json(Map<String, Value>),
    Refused(Refusal),
}

/// An answer of the mock.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub status: u16,
    pub content: Content,
    /// Becomes the member `id_token`. Signing is slow, so it waits until the state is unlocked.
    pub id_token: Option<IdClaims>,
}

impl Reply {
    /// 200 without a body, as every documented command answers.
    pub(super) fn empty() -> Self {
        Self {
            status: 200,
            content: Content::Empty,
            id_token: None,
        }
    }

    /// 204, which has no body by its nature.
    pub(super) fn nothing() -> Self {
        Self {
            status: 204,
            ..Self::empty()
        }
    }

    /// 200 with a JSON object. Anything but an object becomes an empty one.
    pub(super) fn json(value: Value) -> Self {
        let members = match value {
            Value::Object(members) => members,
            _ => Map::new(),
        };
        Self {
            status: 200,
            content: Content::Json(members),
            id_token: None,
        }
    }

    /// Told to the owner or to whoever uses the control path; the tenant never speaks like this.
    pub(super) fn problem(status: u16, text: &str) -> Self {
        Self {
            status,
            ..Self::json(json!({ "error": text }))
        }
    }

    /// Every documented refusal is a 400.
    pub(super) fn refused(refusal: Refusal) -> Self {
        Self {
            status: 400,
            content: Content::Refused(refusal),
            id_token: None,
        }
    }

    #[must_use]
    pub(super) fn with_id_token(mut self, claims: IdClaims) -> Self {
        self.id_token = Some(claims);
        self
    }
}
