//! One row of an edition's table: what an operation refuses, in order, and what it does.

use std::fmt;

use http::Method;

use super::{actor::Actor, call::Call, ops::codes, reply::Reply, rules::Rule, state::State};

/// What an operation does once no rule has refused. It never refuses by itself.
pub(super) type Effect = fn(&Call, &mut State) -> Reply;

/// How rules and effect of a row make an answer; [`Operation::in_order`] unless a fault differs.
pub(super) type Handler = Box<dyn Fn(&Operation, &mut Call, &mut State) -> Reply + Send + Sync>;

/// A row of an edition's table.
pub(super) struct Operation {
    pub name: &'static str,
    pub method: Method,
    /// A segment `{}` stands for anything.
    pub path: &'static str,
    pub actor: Actor,
    /// Asked from first to last; the first refusal is the answer.
    pub rules: Vec<Rule>,
    pub effect: Effect,
    pub handler: Handler,
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
    /// An operation that refuses nothing.
    pub(super) fn at(
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
            handler: Box::new(|row, call, state| row.in_order(call, state)),
        }
    }

    /// The answer to a call.
    pub(super) fn answer(&self, call: &mut Call, state: &mut State) -> Reply {
        (self.handler)(self, call, state)
    }

    /// As documented: the first refusal, else what the effect answers.
    pub(super) fn in_order(&self, call: &Call, state: &mut State) -> Reply {
        for rule in &self.rules {
            if let Err(refusal) = rule.judge(call, state) {
                if let Some(user_id) = &refusal.failed_login {
                    state.users.count_failure(user_id, call.now);
                }
                if state.variation.credentials.refusal_spends_code
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
