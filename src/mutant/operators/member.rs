//! A documented member of the answer is absent, of another type, or outside its values.

use serde_json::{Value, json};

use super::outcome::{Place, at, in_outcome, outcomes};
use crate::{
    contract::{Member, Requirement},
    exchange::Response,
    mutant::{
        Family, Mutant,
        edit::{edit_object, object, other_case, replace},
        scope::{Judged, Named, Scope, allowed, edit, judged, may_have, names, open},
    },
};

const UNPROMISED: &str = "no requirement speaks of this member";

pub(super) fn enumerate(scope: &Scope<'_>) -> Vec<Mutant> {
    let mut out = Vec::new();
    for rule in scope.statuses() {
        for member in &rule.rule.members {
            let outcomes = outcomes(&rule, member);
            for outcome in &outcomes {
                let place = Place::of(rule, member, outcome.as_deref(), outcomes.len() > 1);
                out.extend(of_member(scope, &place));
            }
        }
    }
    out
}

/// What takes the place of a value; `None` takes the member out.
type Replacement = Box<dyn Fn(&Value) -> Option<Value> + Send + Sync>;

/// Operator, what the member is, and its new value.
type Wrong = (String, String, Replacement);

fn of_member(scope: &Scope<'_>, place: &Place<'_>) -> Vec<Mutant> {
    let (status, name) = (place.status, place.member.name.as_str());
    let direct = |row: &Requirement| scope.promises_member(row, status, name) && place.speaks(row);
    let whole =
        |row: &Requirement| may_have(&row.about, status) && row.about.closed && place.speaks(row);

    let absent = if place.demanded() {
        judged(scope.ids(|row| direct(row) || whole(row)), UNPROMISED)
    } else if is_of_a_refusal(scope, status, name) {
        judged(scope.ids(direct), UNPROMISED)
    } else if scope.rows(direct).next().is_some() {
        open("the contract does not require this member, and a requirement speaks of it")
    } else {
        allowed("the contract does not require this member")
    };
    let other = name
        .strip_suffix('s')
        .map_or_else(|| format!("{name}s"), str::to_owned);
    let dropped = wrong("dropped", "left out", |_| None);
    let renamed = wrong("renamed", &format!("called {other}"), |value| {
        Some(value.clone())
    });
    let mut out = vec![
        one(scope, place, dropped, absent.clone(), name),
        one(scope, place, renamed, absent, &other),
    ];
    for wrong in types(place.member).into_iter().chain(values(place.member)) {
        out.push(one(
            scope,
            place,
            wrong,
            judged(scope.ids(direct), UNPROMISED),
            name,
        ));
    }
    // The schema lets it be empty; a sentence may still say that it is not.
    let filled = scope.ids(|row| direct(row) && row.about.non_empty);
    if !place.member.filled && !filled.is_empty() {
        let empty = wrong("empty", "an empty text", |_| Some("".into()));
        out.push(one(scope, place, empty, judged(filled, UNPROMISED), name));
    }
    for (current, other) in place.others() {
        // A row that allows both values is not broken by the other one.
        let says = |row: &Requirement, value: &str| names(row, &at(name), &value.into());
        let breaks = scope.ids(|row| direct(row) && says(row, current) && !says(row, other));
        let judged = judged(breaks, "no requirement tells these two outcomes apart");
        let value = other.to_owned();
        let swapped: Wrong = (
            format!("is-{other}"),
            format!("{other} where {current} is due"),
            Box::new(move |_| Some(value.clone().into())),
        );
        out.push(one(scope, place, swapped, judged, name));
    }
    out
}

/// Whether error bodies with this status hold their code or their text in this member: the error table
/// promises it then, whatever the schema requires.
fn is_of_a_refusal(scope: &Scope<'_>, status: u16, name: &str) -> bool {
    let at = at(name);
    let bodies = scope.error_bodies(status).into_iter();
    let mut bodies = bodies.filter(|_| status >= 400);
    bodies.any(|body| body.has_code_in(&at) || body.has_message_in(&at))
}

fn one(
    scope: &Scope<'_>,
    place: &Place<'_>,
    (operator, what, value): Wrong,
    judged: Judged,
    target: &str,
) -> Mutant {
    let (status, when) = (place.status, place.when.clone());
    let (wanted, old) = (place.member.name.clone(), place.member.name.clone());
    let target = target.to_owned();
    scope.answer(
        Named(Family::Member, &place.subject, &operator),
        format!("{wanted} is {what}"),
        judged,
        edit(
            move |_, response: &Response| {
                response.status == status
                    && object(response).is_some_and(|members| {
                        members.contains_key(&wanted) && in_outcome(&members, when.as_ref())
                    })
            },
            move |response| {
                edit_object(response, |members| {
                    let value = members.get(&old).and_then(&value);
                    replace(members, &old, value.map(|value| (target.as_str(), value)));
                });
            },
        ),
    )
}

fn wrong(
    operator: &str,
    what: &str,
    value: impl Fn(&Value) -> Option<Value> + Send + Sync + 'static,
) -> Wrong {
    (operator.to_owned(), what.to_owned(), Box::new(value))
}

/// Values of every type that the schema does not allow.
fn types(member: &Member) -> Vec<Wrong> {
    // A member of any type has no wrong one.
    let may =
        |kind: &str| member.types.is_empty() || member.types.iter().any(|known| known == kind);
    let mut out = Vec::new();
    if !may("null") {
        out.push(wrong("null", "null", |_| Some(Value::Null)));
    }
    if !may("object") {
        out.push(wrong("object", "an object", |_| Some(json!({}))));
    }
    if !may("array") {
        out.push(wrong("array", "a list", |value| Some(json!([value]))));
    }
    if !may("boolean") {
        out.push(wrong("boolean", "true", |_| Some(json!(true))));
    }
    if !may("integer") && !may("number") {
        out.push(wrong("number", "a JSON number", |value| {
            let digits = value.as_str().and_then(|text| text.parse::<i64>().ok());
            Some(json!(digits.unwrap_or(1)))
        }));
    }
    if !may("string") {
        out.push(wrong("text", "a value in quotes", |value| {
            Some(value.to_string().into())
        }));
    }
    if may("integer") && !may("number") {
        out.push(wrong("fraction", "no whole number", |value| {
            Some(json!(value.as_f64().unwrap_or_default() + 0.5))
        }));
    }
    out
}

/// Values of the right type that the schema does not allow.
fn values(member: &Member) -> Vec<Wrong> {
    let mut out = Vec::new();
    if member.filled {
        out.push(wrong("empty", "an empty text", |_| Some("".into())));
    }
    if member.minimum.is_some_and(|least| least > 0) {
        out.push(wrong("zero", "0", |_| Some(json!(0))));
        out.push(wrong("negative", "below zero", |value| {
            Some(json!(-value.as_i64().unwrap_or(1)))
        }));
    }
    if !member.values.is_empty() {
        out.push(wrong("outside", "a value that no page lists", |_| {
            Some("PROBITY".into())
        }));
        out.push(wrong("other-case", "written in other letters", |value| {
            Some(other_case(value.as_str()?).into())
        }));
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::mutant::operators::sample::{answer, body, breaks, edited, known, request};

    const SUCCESS: &str =
        r#"{"status":"SUCCESS","expire":43200,"session_token":"s","id_token":"a.b.c"}"#;

    #[test]
    fn one_member_changes_in_its_place() {
        for (operator, wanted) in [
            ("expire:dropped", SUCCESS.replace(r#""expire":43200,"#, "")),
            ("expire:renamed", SUCCESS.replace("expire", "expires")),
            ("expire:null", SUCCESS.replace("43200", "null")),
            ("expire:text", SUCCESS.replace("43200", r#""43200""#)),
            ("expire:fraction", SUCCESS.replace("43200", "43200.5")),
            ("expire:zero", SUCCESS.replace("43200", "0")),
            ("expire:negative", SUCCESS.replace("43200", "-43200")),
            ("expire:array", SUCCESS.replace("43200", "[43200]")),
            ("session_token:empty", SUCCESS.replace(r#""s""#, r#""""#)),
            ("session_token:number", SUCCESS.replace(r#""s""#, "1")),
            (
                "status@SUCCESS:outside",
                SUCCESS.replace("SUCCESS", "PROBITY"),
            ),
            (
                "status@SUCCESS:other-case",
                SUCCESS.replace("SUCCESS", "success"),
            ),
            (
                "status@SUCCESS:is-MFA_AUTH",
                SUCCESS.replace("SUCCESS", "MFA_AUTH"),
            ),
        ] {
            let id = format!("eiam/skipPasswordUpdate/member/{operator}");
            assert_eq!(
                body(&id, &request(&[]), &answer(200, SUCCESS)),
                Some(wanted),
                "{id}"
            );
            assert_eq!(edited(&id, &request(&[]), &answer(400, SUCCESS)), None);
        }
    }

    #[test]
    fn a_member_of_one_outcome_is_left_alone_in_another() {
        let denied = answer(
            200,
            r#"{"status":"ACCESS_DENIED","state_token":"t","data":"no"}"#,
        );
        let of = |outcome: &str| format!("eiam/skipPasswordUpdate/member/data@{outcome}:null");
        assert!(edited(&of("ACCESS_DENIED"), &request(&[]), &denied).is_some());
        assert_eq!(edited(&of("MFA_AUTH"), &request(&[]), &denied), None);
        assert_eq!(
            breaks(&of("ACCESS_DENIED")),
            Ok(vec!["EIAM-SKIP-R14", "EIAM-SKIP-R16"])
        );
        assert_eq!(
            breaks("eiam/skipPasswordUpdate/member/data@ACCESS_DENIED:empty"),
            Ok(vec!["EIAM-SKIP-R16"])
        );
        assert!(!known("eiam/skipPasswordUpdate/member/data@MFA_AUTH:empty"));
    }

    #[test]
    fn what_is_broken_is_what_the_register_says_of_that_member() {
        assert_eq!(
            breaks("eiam/skipPasswordUpdate/member/expire:dropped"),
            Ok(vec!["EIAM-SKIP-R07", "EIAM-SKIP-X01"])
        );
        assert_eq!(
            breaks("eiam/skipPasswordUpdate/member/expire:zero"),
            Ok(vec!["EIAM-SKIP-R07"])
        );
        assert_eq!(
            breaks("eiam/skipPasswordUpdate/member/status@MFA_AUTH:is-SUCCESS"),
            Ok(vec!["EIAM-SKIP-R05"])
        );
        // The table lists an id_token and the example has none.
        let absent = "oneaccess/forcedChangeByOldPassword/member/id_token:dropped";
        assert!(breaks(absent).is_err());
    }
}
