//! The body has a member that does not belong there.

use serde_json::{Map, Value, json};

use super::outcome::{in_outcome, switch};
use crate::{
    contract::ResponseRule,
    exchange::Response,
    mutant::{
        Family, Mutant,
        edit::{edit_object, object, set_body, set_header},
        scope::{Named, Scope, allowed, closes, edit, judged, speaks_of, tells_absence, words},
    },
};

/// A name that no page knows.
const UNKNOWN: &str = "probity_extra";

/// Text that fits wherever a text, a token included, is wanted.
const ANY_TEXT: &str = "e30.e30.c2ln";

pub(super) fn enumerate(scope: &Scope<'_>) -> Vec<Mutant> {
    let mut out = Vec::new();
    for rule in scope.statuses() {
        if rule.members.is_empty() {
            out.extend(undocumented(scope, rule.status));
        } else {
            out.extend(extra(scope, rule));
            out.extend(intruding(scope, rule));
        }
    }
    out
}

/// A member that no page knows. Only a body whose members a row lists completely forbids it.
fn extra(scope: &Scope<'_>, rule: &ResponseRule) -> Vec<Mutant> {
    let status = rule.status;
    let breaks = scope.ids(|row| row.about.status == Some(status) && closes(row));
    vec![scope.answer(
        Named(Family::Member, &status.to_string(), "extra"),
        format!("the {status} body has a member that no page knows"),
        judged(breaks, "no page closes this body"),
        edit(
            move |_, response| response.status == status && object(response).is_some(),
            |response| {
                edit_object(response, |members| {
                    members.insert(UNKNOWN.to_owned(), "x".into());
                });
            },
        ),
    )]
}

/// A documented member in an outcome to which it does not belong.
fn intruding(scope: &Scope<'_>, rule: &ResponseRule) -> Vec<Mutant> {
    let Some(switch) = switch(rule) else {
        return Vec::new();
    };
    let status = rule.status;
    let mut out = Vec::new();
    for outcome in &switch.values {
        let when = (switch.name.clone(), outcome.clone());
        for member in &rule.members {
            if member.required
                || member.required_with.is_empty()
                || member.required_with.contains(&when)
            {
                continue;
            }
            let name = member.name.clone();
            let breaks = scope.ids(|row| {
                row.about.status == Some(status)
                    && speaks_of(row, &switch.values, outcome)
                    && (closes(row)
                        || tells_absence(row) && words(&row.text).any(|word| word == name))
            });
            let value: Value = if member.types.iter().any(|kind| kind == "integer") {
                json!(43200)
            } else {
                ANY_TEXT.into()
            };
            let when = when.clone();
            out.push(scope.answer(
                Named(Family::Member, &format!("{name}@{outcome}"), "intruding"),
                format!("{name} comes with {outcome}, where it has no place"),
                judged(breaks, "no page says which members this outcome has"),
                edit(
                    {
                        let name = name.clone();
                        move |_, response: &Response| {
                            response.status == status
                                && object(response).is_some_and(|members| {
                                    !members.contains_key(&name)
                                        && in_outcome(&members, Some(&when))
                                })
                        }
                    },
                    move |response| {
                        edit_object(response, |members| {
                            members.insert(name.clone(), value.clone());
                        });
                    },
                ),
            ));
        }
    }
    out
}

/// Bodies where the documents know none.
fn undocumented(scope: &Scope<'_>, status: u16) -> Vec<Mutant> {
    let bodies = [
        (
            "extra",
            json!({ UNKNOWN: "x" }),
            "a member that no page knows",
        ),
        (
            "tokens",
            json!({ "session_token": ANY_TEXT, "id_token": ANY_TEXT }),
            "tokens that no page promises",
        ),
        (
            "status",
            json!({ "status": "SUCCESS" }),
            "that of a finished login",
        ),
        ("empty-object", json!({}), "an object without members"),
    ];
    let mut out = Vec::new();
    for (operator, body, what) in bodies {
        let names: Vec<String> = body
            .as_object()
            .into_iter()
            .flat_map(Map::keys)
            .cloned()
            .collect();
        let breaks = scope.ids(|row| {
            row.about.status == Some(status)
                && (closes(row)
                    || tells_absence(row)
                        && words(&row.text).any(|word| names.iter().any(|name| name == word)))
        });
        let judged = if names.is_empty() {
            allowed("an answer that returns nothing may be an empty object")
        } else {
            judged(breaks, "no page says that the answer is empty")
        };
        let body = body.to_string().into_bytes();
        out.push(scope.answer(
            Named(Family::Member, &status.to_string(), operator),
            format!("the {status} body is {what}"),
            judged,
            edit(
                move |_, response| response.status == status,
                move |response| {
                    set_body(response, body.clone());
                    // With a body its label matters, and that one is right.
                    set_header(response, "Content-Type", Some("application/json"));
                },
            ),
        ));
    }
    out
}
