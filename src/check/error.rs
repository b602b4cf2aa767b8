//! `error`: the body is the edition's error body, with one of the documented codes.

use regex::Regex;
use serde_json::{Value, json};

use super::{CheckKind, Evidence, Lint, Place, Unusable, show};
use crate::{
    contract::{Contract, ErrorBody},
    diag::Diagnostic,
    result::{Mismatch, Subject},
    yaml::{Field, Node, Shape},
};

pub(super) static ERROR: CheckKind = CheckKind {
    field: Field::new(
        "error",
        Shape::OneOrMany(&Shape::Text),
        "The error code: one, a list of allowed ones, or `any` code of the edition.",
    ),
    lint,
    subjects,
    evaluate,
};

/// The word that stands for every code of the edition's pattern.
const ANY: &str = "any";

fn lint(node: &Node, lint: &Lint<'_>, found: &mut Vec<Diagnostic>) {
    if lint.error_bodies().all(|body| body.code_at.is_none()) {
        let text = "nothing says where a refusal has its code";
        let mistake = Diagnostic::new("unknown-error-code", &node.span, text);
        let edition = lint.contract.edition;
        let help = format!("write `specs/{edition}/errors.yaml` with `code_at` and the codes");
        found.push(mistake.help(help));
        return;
    }
    for item in node.one_or_many() {
        let Some(code) = item
            .text()
            // A code that was computed may be one that the target made up.
            .filter(|code| *code != ANY && !lint.rendered && !code.contains("${"))
        else {
            continue;
        };
        let Some(entry) = lint.contract.errors.code(code) else {
            found.push(
                Diagnostic::new(
                    "unknown-error-code",
                    &item.span,
                    format!(
                        "errors.yaml of {} has no code `{code}`",
                        lint.contract.edition
                    ),
                )
                .suggest(
                    code,
                    lint.contract.errors.codes.iter().map(|e| e.code.as_str()),
                ),
            );
            continue;
        };
        if let Some(operation) = lint.operation.filter(|_| !lint.beyond_contract)
            && !entry.operations.contains(&operation.id)
        {
            found.push(
                Diagnostic::new(
                    "contradicts-contract",
                    &item.span,
                    format!("`{}` does not document the code `{code}`", operation.id),
                )
                .help("list the operation under the code in errors.yaml if the documents do, or add `beyond-contract: why`"),
            );
        }
    }
}

/// The statuses that the named codes are documented with; 400 for `any`.
pub(super) fn documented_statuses(node: &Node, contract: &Contract) -> Value {
    let mut statuses: Vec<u16> = node
        .one_or_many()
        .iter()
        .filter_map(|item| contract.errors.code(item.text()?))
        .flat_map(|entry| entry.statuses.iter().copied())
        .collect();
    statuses.sort_unstable();
    statuses.dedup();
    if statuses.is_empty() {
        statuses.push(400);
    }
    json!(statuses)
}

/// A refusal, as an object with code and text; the code itself where one is named.
fn subjects(value: &Value, bodies: &[&ErrorBody]) -> Vec<Subject> {
    let named = match value {
        Value::Array(items) => items.iter().any(|item| item != ANY),
        one => one != ANY,
    };
    let mut out = vec![Subject::Refused, Subject::Form];
    let codes = bodies.iter().filter_map(|body| body.code_at.clone());
    out.extend(codes.map(Subject::Member));
    out.extend(named.then_some(Subject::Code));
    let messages = bodies.iter().filter_map(|body| body.message_at.clone());
    out.extend(messages.map(Subject::Member));
    out
}

fn evaluate(value: &Value, evidence: &Evidence<'_>) -> Result<Vec<Mismatch>, Unusable> {
    let code_at = evidence.error_body().code_at.as_deref();
    Ok(compare(value, evidence, code_at.ok_or(Unusable::NoCodes)?))
}

fn compare(value: &Value, evidence: &Evidence<'_>, code_at: &str) -> Vec<Mismatch> {
    let expected: Vec<String> = match value {
        Value::Array(items) => items
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        other => other.as_str().map(str::to_owned).into_iter().collect(),
    };
    let form = evidence.error_body();
    let Some(body) = evidence.response.json().filter(|body| body.is_object()) else {
        let members: Vec<_> = form.members().map(|name| format!("`{name}`")).collect();
        let expected = format!("a JSON object with {}", members.join(" and "));
        let place = Place::body();
        return vec![place.mismatch(expected, describe_body(evidence))];
    };
    let code_place = Place::at(code_at);
    let pattern = &form.pattern;
    let Some(code) = form.code(body) else {
        let actual = show_member(body, code_at);
        return vec![code_place.one_of(in_words(expected, pattern), actual)];
    };
    let held = expected.iter().any(|allowed| {
        if allowed == ANY {
            pattern.is_match(&code)
        } else {
            *allowed == code
        }
    });
    if !held {
        // Any code of the edition's form would do: then it is the member that is wrong, not the choice.
        let place = if expected.iter().all(|allowed| allowed == ANY) {
            code_place
        } else {
            code_place.about(Subject::Code)
        };
        return vec![place.one_of(in_words(expected, pattern), code)];
    }
    if let Some(at) = &form.message_at
        && form.message(body).is_none()
    {
        return vec![Place::at(at).mismatch("a text", show_member(body, at))];
    }
    Vec::new()
}

/// What would have held, for people.
fn in_words(expected: Vec<String>, pattern: &Regex) -> Vec<String> {
    let texts = expected.into_iter().map(|allowed| match allowed.as_str() {
        ANY => format!("a code of the form {}", pattern.as_str()),
        _ => allowed,
    });
    texts.collect()
}

fn show_member(body: &Value, at: &str) -> String {
    body.pointer(at).map_or_else(|| "absent".into(), show)
}

/// A few words on a body that is not what was wanted.
pub(super) fn describe_body(evidence: &Evidence<'_>) -> String {
    if evidence.response.body.is_empty() {
        return "an empty body".into();
    }
    if let Some(value) = evidence.response.json() {
        show(value)
    } else {
        let response = evidence.response;
        let text = String::from_utf8_lossy(&response.body);
        let text: String = text.chars().take(120).collect();
        let too_deep = serde_json::from_slice::<Value>(&response.body)
            .is_err_and(|error| error.to_string().contains("recursion limit"));
        let coding = response.header("content-encoding");
        match (response.is_cut(), too_deep, coding) {
            (true, ..) => format!("longer than what is read: {text}"),
            (_, true, _) => format!("nested deeper than what is read: {text}"),
            (.., Some(coding)) => format!("not JSON, in the content coding `{coding}`"),
            _ => format!("not JSON: {text}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::check::sample::{answer, check, judged_by, lint, refusal};
    use crate::contract::sample::numbered;

    #[test]
    fn the_code_is_the_one_or_one_of_those_or_any_of_the_pattern() {
        for expect in [
            "error: A.0001",
            "error: [A.0003, A.0001]",
            "error: any",
            "error: [A.0003, any]",
        ] {
            check(expect, &refusal(400, "A.0001", "m"), &[]);
        }
        check("error: any", &refusal(400, "A.9999", ""), &[]);
        let message =
            |expected: &str| [format!("body /error_code: expected {expected} but was B.1")];
        for (expect, expected) in [
            ("error: A.0001", "A.0001"),
            ("error: [A.0001, A.0003]", "A.0001 or A.0003"),
            ("error: any", r"a code of the form ^A\.\d{4}$"),
            (
                "error: [A.0003, any]",
                r"A.0003 or a code of the form ^A\.\d{4}$",
            ),
        ] {
            check(expect, &refusal(400, "B.1", "m"), &[&message(expected)[0]]);
        }
        check(
            "error: A.0001",
            &refusal(400, "A.0003", "m"),
            &["body /error_code: expected A.0001 but was A.0003"],
        );
    }

    #[test]
    fn a_body_of_another_form_is_no_refusal() {
        let form = "body: expected a JSON object with `error_code` and `error_msg` but was";
        for (body, shown) in [
            ("", "an empty body"),
            ("[]", "[]"),
            ("\"A.0001\"", "\"A.0001\""),
            ("<p>A.0001</p>", "not JSON: <p>A.0001</p>"),
        ] {
            check(
                "error: A.0001",
                &answer(400, body),
                &[&format!("{form} {shown}")],
            );
        }
        let long = "x".repeat(130);
        let shown = format!("{form} not JSON: {}", &long[..120]);
        check("error: A.0001", &answer(400, &long), &[&shown]);
    }

    #[test]
    fn code_and_text_are_texts_and_both_are_there() {
        let code = "body /error_code: expected A.0001 but was";
        check(
            "error: A.0001",
            &answer(400, "{}"),
            &[&format!("{code} absent")],
        );
        for (value, shown) in [
            (json!(1), "1"),
            (Value::Null, "null"),
            (json!(["A.0001"]), "[\"A.0001\"]"),
        ] {
            let message = format!("{code} {shown}");
            check("error: A.0001", &refusal(400, value, "m"), &[&message]);
        }
        let text = "body /error_msg: expected a text but was";
        let without_message = answer(400, r#"{"error_code":"A.0001"}"#);
        check(
            "error: A.0001",
            &without_message,
            &[&format!("{text} absent")],
        );
        check(
            "error: any",
            &refusal(400, "A.0001", 3),
            &[&format!("{text} 3")],
        );
    }

    #[test]
    fn code_and_text_stand_where_the_error_table_says() {
        #[track_caller]
        fn check(body: &str, expected: &[&str]) {
            let found = judged_by(numbered(), "error: \"40001\"", &answer(400, body));
            assert_eq!(found, expected);
        }
        let code = |actual: &str| format!("body /fault/number: expected 40001 but was {actual}");
        check(r#"{"fault":{"number":40001}}"#, &[]);
        check(r#"{"fault":{"number":"40001"}}"#, &[&code("\"40001\"")]);
        check(r#"{"fault":{"number":40002}}"#, &[&code("40002")]);
        check(r#"{"fault":{}}"#, &[&code("absent")]);
        check(r#"{"error_code":40001}"#, &[&code("absent")]);
        check(
            "[]",
            &["body: expected a JSON object with `fault` but was []"],
        );
    }

    #[test]
    fn why_a_body_is_no_json_is_told_as_far_as_it_is_known() {
        let form = "body: expected a JSON object with `error_code` and `error_msg` but was";
        let mut cut = answer(400, "[1,");
        cut.defects
            .push(crate::exchange::Defect::CutAtBound { limit: 3 });
        check(
            "error: any",
            &cut,
            &[&format!("{form} longer than what is read: [1,")],
        );
        let deep = "[".repeat(200);
        let shown = format!("{form} nested deeper than what is read: {}", &deep[..120]);
        check("error: any", &answer(400, &deep), &[&shown]);
        let mut coded = answer(400, "\u{1f}");
        coded
            .headers
            .push(("Content-Encoding".into(), "gzip".into()));
        let shown = format!("{form} not JSON, in the content coding `gzip`");
        check("error: any", &coded, &[&shown]);
    }

    #[test]
    fn a_code_that_is_unknown_or_another_operations_is_a_mistake() {
        lint("error: any", &[]);
        lint("error: [A.0001, A.0003]", &[]);
        lint("error: \"${matrix.error}\"", &[]);
        lint(
            "error: [A.0001, A.0009, any]",
            &[(
                17,
                "unknown-error-code",
                "errors.yaml of ciam has no code `A.0009`",
            )],
        );
        lint(
            "error: A.0004",
            &[(
                8,
                "contradicts-contract",
                "`openDoor` does not document the code `A.0004`",
            )],
        );
        lint("{ error: A.0004, beyond-contract: why }", &[]);
    }
}
