//! The body has a member that does not belong there.

use serde_json::{Map, Value, json};

use super::outcome::{at, in_outcome, switch};
use crate::{
    contract::{Member, Requirement},
    exchange::Response,
    mutant::{
        Family, Mutant,
        edit::{edit_object, object, set_body, set_header},
        scope::{Named, Scope, StatusRule, allowed, edit, judged, names},
    },
    yaml::pointer_name,
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
fn extra(scope: &Scope<'_>, rule: StatusRule<'_>) -> Vec<Mutant> {
    let status = rule.status;
    let breaks = scope.ids(|row| row.about.answer == Some(status) && row.about.closed);
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
fn intruding(scope: &Scope<'_>, rule: StatusRule<'_>) -> Vec<Mutant> {
    let Some(switch) = switch(&rule) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for outcome in &switch.values {
        let when = (switch.name.clone(), outcome.clone());
        let others = rule.members.iter().filter(|member| {
            !member.required
                && !member.required_with.is_empty()
                && !member.required_with.contains(&when)
        });
        out.extend(others.map(|member| intruder(scope, rule.status, switch, outcome, member)));
    }
    out
}

fn intruder(
    scope: &Scope<'_>,
    status: u16,
    switch: &Member,
    outcome: &str,
    member: &Member,
) -> Mutant {
    let name = member.name.clone();
    let success = &scope.contract.convention.success;
    let mut breaks = scope.ids(|row| {
        row.about.answer == Some(status)
            && row.about.speaks_of(&at(&switch.name), &outcome.into())
            && (row.about.closed || lacks(row, &name))
    });
    let is_handed_out = success.hands_out.contains(&at(&name));
    if breaks.is_empty() && is_handed_out {
        // Whoever gets what a success hands out is in that outcome, whatever the word says.
        let says = |row: &Requirement, value: &str| names(row, &at(&switch.name), &value.into());
        breaks = scope.ids(|row| {
            scope.promises_member(row, status, &switch.name)
                && says(row, outcome)
                && !member.required_with.iter().any(|(_, own)| says(row, own))
        });
    }
    let value: Value = if member.types.iter().any(|kind| kind == "integer") {
        json!(43200)
    } else {
        ANY_TEXT.into()
    };
    let when = (switch.name.clone(), outcome.to_owned());
    let absent = name.clone();
    scope.answer(
        Named(Family::Member, &format!("{name}@{outcome}"), "intruding"),
        format!("{name} comes with {outcome}, where it has no place"),
        judged(breaks, "no page says which members this outcome has"),
        edit(
            move |_, response: &Response| {
                response.status == status
                    && object(response).is_some_and(|members| {
                        !members.contains_key(&absent) && in_outcome(&members, Some(&when))
                    })
            },
            move |response| {
                edit_object(response, |members| {
                    members.insert(name.clone(), value.clone());
                });
            },
        ),
    )
}

/// An object that holds these values, each where its JSON Pointer leads.
fn with_members<'m>(values: impl Iterator<Item = (&'m str, Value)>) -> Value {
    let mut out = json!({});
    for (at, value) in values {
        let mut place = &mut out;
        for part in at.split('/').skip(1) {
            place = &mut place[pointer_name(part)];
        }
        *place = value;
    }
    out
}

/// The row says that the answer has no such member.
fn lacks(row: &Requirement, name: &str) -> bool {
    let mut absent = row.about.absent.iter();
    absent.any(|at| at.strip_prefix('/') == Some(name))
}

/// Bodies where the documents know none.
fn undocumented(scope: &Scope<'_>, status: u16) -> Vec<Mutant> {
    let success = &scope.contract.convention.success;
    let mut bodies = vec![(
        "extra",
        json!({ UNKNOWN: "x" }),
        "a member that no page knows",
    )];
    if !success.hands_out.is_empty() {
        let places = success.hands_out.iter();
        let body = with_members(places.map(|at| (at.as_str(), ANY_TEXT.into())));
        bodies.push(("tokens", body, "tokens that no page promises"));
    }
    if let Some((at, value)) = &success.outcome {
        let body = with_members([(at.as_str(), value.clone())].into_iter());
        bodies.push(("status", body, "that of a finished login"));
    }
    bodies.push(("empty-object", json!({}), "an object without members"));
    let mut out = Vec::new();
    for (operator, body, what) in bodies {
        let held: Vec<String> = body
            .as_object()
            .into_iter()
            .flat_map(Map::keys)
            .cloned()
            .collect();
        let breaks = scope.ids(|row| {
            row.about.answer == Some(status)
                && (row.about.closed || held.iter().any(|name| lacks(row, name)))
        });
        let judged = if held.is_empty() {
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

#[cfg(test)]
mod tests {
    use crate::mutant::operators::sample::{answer, body, breaks, edited, request};

    #[test]
    fn a_member_is_added_at_the_end() {
        let id = "eiam/forcedChangeByMobile/member/400:extra";
        assert_eq!(
            body(id, &request(&[]), &answer(400, r#"{"error_code":"x"}"#)).as_deref(),
            Some(r#"{"error_code":"x","probity_extra":"x"}"#)
        );
        assert_eq!(breaks(id), Ok(vec!["EIAM-FUM-E05"]));
        assert!(breaks("oneaccess/forcedChangeByOldPassword/member/200:extra").is_err());
    }

    #[test]
    fn a_member_comes_in_an_outcome_that_has_none() {
        let id = "eiam/skipPasswordUpdate/member/session_token@MFA_AUTH:intruding";
        let pending = answer(200, r#"{"status":"MFA_AUTH"}"#);
        assert_eq!(
            body(id, &request(&[]), &pending).as_deref(),
            Some(r#"{"status":"MFA_AUTH","session_token":"e30.e30.c2ln"}"#)
        );
        assert_eq!(
            edited(id, &request(&[]), &answer(200, r#"{"status":"SUCCESS"}"#)),
            None
        );
        assert_eq!(breaks(id), Ok(vec!["EIAM-SKIP-R24", "EIAM-SKIP-X02"]));
    }

    #[test]
    fn where_an_outcome_is_not_described_only_its_tokens_are_forbidden() {
        let of =
            |name: &str| format!("ciam/skipPasswordUpdate/member/{name}@ACCESS_DENIED:intruding");
        assert_eq!(breaks(&of("session_token")), Ok(vec!["CIAM-SKIP-R05"]));
        assert!(breaks(&of("expire")).is_err());
    }

    #[test]
    fn an_answer_that_returns_nothing_returns_something() {
        let id = "ciam/changePasswordByMobile/member/200:tokens";
        let changed = edited(id, &request(&[]), &answer(200, "")).expect("applies");
        assert!(
            changed
                .json()
                .is_some_and(|body| body["session_token"].is_string())
        );
        assert_eq!(
            changed.header("content-length"),
            Some(changed.body.len().to_string().as_str())
        );
        assert_eq!(breaks(id), Ok(vec!["CIAM-CPM-R03", "CIAM-CPM-R04"]));
        assert_eq!(
            breaks("ciam/changePasswordByMobile/member/200:extra"),
            Ok(vec!["CIAM-CPM-R03"])
        );
        assert!(breaks("ciam/changePasswordByMobile/member/200:empty-object").is_err());
    }
}
