//! The answer to one outcome stands where another belongs.

use serde_json::{Map, Value, json};

use super::refusals::code_value;
use crate::contract::pointer_part;
use crate::mutant::{
    Family, Mutant,
    edit::{object, set_body, set_header},
    scope::{Named, Scope, StatusRule, edit, has_no_body, judged},
};

/// Operator, what the answer has, and the body made from the right one.
type Shape = (&'static str, &'static str, fn(Map<String, Value>) -> Value);

pub(super) fn enumerate(scope: &Scope<'_>) -> Vec<Mutant> {
    let rules: Vec<StatusRule<'_>> = scope.statuses().collect();
    let mut out = Vec::new();
    for from in &rules {
        let status = from.status;
        let own = scope.ids(|row| scope.promises_body(row, status));
        let all =
            scope.ids(|row| row.about.answer == Some(status) || scope.promises_body(row, status));
        for to in rules.iter().filter(|to| to.status != status) {
            let other = to.status;
            for (operator, becomes, breaks) in [("body", status, &own), ("answer", other, &all)] {
                if operator == "body" && has_no_body(status) {
                    continue;
                }
                let body = example(scope, *to);
                out.push(scope.answer(
                    Named(
                        Family::Swap,
                        &status.to_string(),
                        &format!("{operator}-of-{other}"),
                    ),
                    format!("sends the {operator} of a {other} where {status} is documented"),
                    judged(breaks.clone(), "no requirement speaks of this answer"),
                    edit(
                        move |_, response| response.status == status,
                        move |response| {
                            response.status = becomes;
                            put(response, body.clone());
                        },
                    ),
                ));
            }
        }
        if from.members.is_empty() {
            continue;
        }
        let shapes: [Shape; 3] = [
            (
                "oauth-error",
                "the error of OAuth in place of its body",
                |_| json!({ "error": "invalid_token", "error_description": "Invalid access" }),
            ),
            (
                "wrapped",
                "its body inside a member `data`",
                |members| json!({ "data": members }),
            ),
            ("empty-object", "an object without members", |_| json!({})),
        ];
        for (operator, what, shape) in shapes {
            out.push(scope.answer(
                Named(Family::Swap, &status.to_string(), operator),
                format!("a {status} answer has {what}"),
                judged(own.clone(), "no requirement speaks of this body"),
                edit(
                    move |_, response| response.status == status && object(response).is_some(),
                    move |response| {
                        if let Some(members) = object(response) {
                            set_body(response, shape(members).to_string().into_bytes());
                        }
                    },
                ),
            ));
        }
    }
    out
}

/// A body that the contract documents for a status; `None` where it documents none.
fn example(scope: &Scope<'_>, rule: StatusRule<'_>) -> Option<Value> {
    if rule.members.is_empty() {
        return None;
    }
    let code =
        scope.contract.errors.codes.iter().find(|code| {
            code.has_status(rule.status) && code.operations.contains(&scope.operation.id)
        });
    let bodies = scope.error_bodies(rule.status);
    let form = bodies.first();
    let first = rule
        .members
        .iter()
        .flat_map(|member| &member.required_with)
        .next();
    let members: Map<String, Value> = rule
        .members
        .iter()
        .filter(|member| {
            member.required || first.is_some_and(|when| member.required_with.contains(when))
        })
        .map(|member| {
            let at = format!("/{}", pointer_part(&member.name));
            let is_code = form.filter(|form| form.code_at.as_ref() == Some(&at));
            let value = match (is_code, code) {
                (Some(form), Some(code)) => code_value(form, &code.code),
                _ if member.types.iter().any(|kind| kind == "integer") => json!(43200),
                _ => member
                    .values
                    .first()
                    .map_or("e30.e30.c2ln", String::as_str)
                    .into(),
            };
            (member.name.clone(), value)
        })
        .collect();
    Some(Value::Object(members))
}

fn put(response: &mut crate::exchange::Response, body: Option<Value>) {
    let bytes = body
        .map(|body| body.to_string().into_bytes())
        .unwrap_or_default();
    if !bytes.is_empty() && response.header("Content-Type").is_none() {
        set_header(response, "Content-Type", Some("application/json"));
    }
    set_body(response, bytes);
}

#[cfg(test)]
mod tests {
    use crate::mutant::operators::sample::{answer, body, breaks, edited, request};

    const REFUSAL: &str = r#"{"error_code":"IDAAS.SDK.PARAM.0013","error_msg":"x"}"#;

    #[test]
    fn the_body_or_the_whole_answer_of_the_other_outcome_comes() {
        let success = r#"{"status":"SUCCESS","expire":43200,"session_token":"e30.e30.c2ln","id_token":"e30.e30.c2ln"}"#;
        let refusal = answer(400, REFUSAL);
        let id = "ciam/skipPasswordUpdate/swap/400:body-of-200";
        assert_eq!(body(id, &request(&[]), &refusal).as_deref(), Some(success));
        let id = "ciam/skipPasswordUpdate/swap/400:answer-of-200";
        let changed = edited(id, &request(&[]), &refusal).expect("applies");
        assert_eq!(
            (changed.status, &changed.body[..]),
            (200, success.as_bytes())
        );
        assert!(
            breaks(id)
                .is_ok_and(|ids| ids.contains(&"CIAM-SKIP-E23") && !ids.contains(&"CIAM-SKIP-R01"))
        );
    }

    #[test]
    fn a_body_takes_another_shape() {
        for (operator, wanted) in [
            ("wrapped", format!(r#"{{"data":{REFUSAL}}}"#)),
            ("empty-object", "{}".to_owned()),
        ] {
            let id = format!("ciam/skipPasswordUpdate/swap/400:{operator}");
            assert_eq!(
                body(&id, &request(&[]), &answer(400, REFUSAL)),
                Some(wanted)
            );
        }
    }

    #[test]
    fn an_answer_without_a_body_gets_one_with_its_label() {
        let mut right = answer(200, "");
        right.headers.clear();
        let id = "ciam/changePasswordByMobile/swap/200:body-of-400";
        let changed = edited(id, &request(&[]), &right).expect("applies");
        assert_eq!(changed.header("content-type"), Some("application/json"));
        assert_eq!(changed.status, 200);
        assert!(
            changed
                .json()
                .is_some_and(|body| body["error_code"].is_string())
        );
    }
}
