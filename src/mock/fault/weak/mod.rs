//! Rules that judge wrongly at their boundary, found by the name of the rule.

mod codes;
mod password;
mod request;
mod tokens;

use serde_json::json;

use super::{Family, Plan, on, replace};
use crate::mock::{
    call::Call,
    dialect::Dialect,
    operation::{Handler, Operation},
    rules::{Check, Rule},
    state::State,
};

/// Whether a call is one that the weak rule judges otherwise than the honest one.
type Pass = Box<dyn Fn(&Call, &State) -> bool + Send + Sync>;

enum Change {
    /// The call passes the rule also if this holds.
    Also(Pass),
    /// The call fails the rule if this holds, as it would with this member far beyond every bound.
    Never(&'static str, Pass),
    /// The call is read differently before any rule sees it.
    Reading(Handler),
}

struct Weakness {
    name: &'static str,
    wrong: String,
    change: Change,
}

/// The weakenings of one rule of an operation.
pub(super) fn of(edition: Dialect, row: &Operation, rule: &'static str) -> Vec<Plan> {
    let operation = row.name;
    let plans = weaknesses(edition, row, rule)
        .into_iter()
        .map(|weakness| Plan {
            name: format!("{rule}:weak-{}", weakness.name),
            family: Family::Weak,
            wrong: weakness.wrong,
            edit: Box::new(move |table| {
                on(table, operation, |row| match weakness.change {
                    Change::Also(pass) => replace(row, rule, |honest| lenient(honest, pass)),
                    Change::Never(member, stop) => {
                        replace(row, rule, |honest| strict(honest, member, stop));
                    }
                    Change::Reading(way) => row.way = way,
                });
            }),
        });
    plans.collect()
}

fn lenient(honest: Rule, pass: Pass) -> Rule {
    let check: Check = honest.check;
    Rule::new(honest.name, move |call, state| {
        if pass(call, state) {
            Ok(())
        } else {
            check(call, state)
        }
    })
}

fn strict(honest: Rule, member: &'static str, stop: Pass) -> Rule {
    let check: Check = honest.check;
    Rule::new(honest.name, move |call, state| {
        if !stop(call, state) {
            return check(call, state);
        }
        // The honest rule knows its code and the figures of its message.
        let mut refused = call.clone();
        refused.set_member(member, json!(FAR_OUT));
        check(&refused, state)
    })
}

/// Too long for any policy, and one character too often in a row.
const FAR_OUT: &str = "Aa1#xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

fn weaknesses(edition: Dialect, row: &Operation, rule: &'static str) -> Vec<Weakness> {
    let member = new_password(row);
    if let Some(name) = rule.strip_suffix("-present") {
        return if name.starts_with("x-") {
            request::header(name)
        } else {
            request::member(name)
        };
    }
    if let Some(name) = rule.strip_suffix("-string") {
        return vec![request::number(name)];
    }
    match rule {
        "x-client-id-known" => request::client(edition),
        "x-tenant-id-known" => request::tenant(),
        "x-state-token-signed" => tokens::state_signature(),
        "x-state-token-fresh" => tokens::state_life(),
        "x-state-token-stage" => tokens::stage(row),
        "id-token-signed" => tokens::id_signature(),
        "id-token-fresh" => tokens::id_life(edition),
        "mobile-known" if edition == Dialect::Ciam => codes::no_receiver(),
        "verify_code-correct" => codes::correct(row.name),
        "old_password-correct" => password::old(),
        _ => password::clause(rule, member),
    }
}

fn also(
    name: &'static str,
    wrong: impl Into<String>,
    pass: impl Fn(&Call, &State) -> bool + Send + Sync + 'static,
) -> Weakness {
    let (wrong, change) = (wrong.into(), Change::Also(Box::new(pass)));
    Weakness {
        name,
        wrong,
        change,
    }
}

/// The member that carries the password to be set.
fn new_password(row: &Operation) -> &'static str {
    let forced = row
        .rules
        .iter()
        .any(|rule| rule.name == "new_password-present");
    if forced { "new_password" } else { "password" }
}
