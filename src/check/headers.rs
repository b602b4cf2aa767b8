//! `headers`: response headers that must be there, match, or be absent.

use serde_json::Value;

use super::{
    CheckKind, Compared, Evidence, Lint, Place, Unusable, matcher::Matcher, matchers_by_name,
};
use crate::{
    diag::Diagnostic,
    result::{Mismatch, Subject},
    yaml::{Field, Node, Shape},
};

pub(super) static HEADERS: CheckKind = CheckKind {
    field: Field::new(
        "headers",
        Shape::Map(&Shape::Any),
        "Response headers by name, each with a matcher.",
    ),
    lint: |node, lint, found| {
        matchers_by_name(node, Compared::Text, lint, found);
        names(node, lint, found);
    },
    subjects: |value, _| {
        let names = value.as_object().into_iter().flatten();
        names.map(|(name, _)| Subject::header(name)).collect()
    },
    evaluate,
};

/// No answer has a header whose name HTTP does not allow.
fn names(node: &Node, lint: &Lint<'_>, found: &mut Vec<Diagnostic>) {
    for (key, _) in node.entries().iter().filter(|(key, _)| lint.is_final(key)) {
        let name = key.text().unwrap_or_default();
        if http::HeaderName::from_bytes(name.as_bytes()).is_err() {
            let message = format!("`{name}` cannot be the name of a header");
            let help = "letters, digits and dashes; no answer can have another one";
            found.push(Diagnostic::new("bad-header", &key.span, message).help(help));
        }
    }
}

fn evaluate(value: &Value, evidence: &Evidence<'_>) -> Result<Vec<Mismatch>, Unusable> {
    let mut broken = Vec::new();
    for (name, expected) in value.as_object().into_iter().flatten() {
        // Sent several times it means the same as one list (RFC 9110, 5.3).
        let values: Vec<_> = evidence.response.headers(name).collect();
        let actual = (!values.is_empty()).then(|| Value::from(values.join(", ")));
        Matcher::parse(expected)?.compare(actual.as_ref(), &Place::header(name), &mut broken);
    }
    Ok(broken)
}

#[cfg(test)]
mod tests {
    use crate::check::sample::{answer, check, lint};

    #[test]
    fn a_header_is_there_and_matches_or_is_absent() {
        let mut response = answer(200, "{}");
        response.headers.push(("X-One".into(), "1".into()));
        check(
            "headers: { x-one: \"1\", X-Two: { absent: true } }",
            &response,
            &[],
        );
        check(
            "headers: { Content-Type: { media-type: application/json } }",
            &response,
            &[],
        );
        check(
            "headers: { X-One: \"2\", X-Two: a, Content-Type: { absent: true } }",
            &response,
            &[
                "header X-One: expected \"2\" but was \"1\"",
                "header X-Two: expected \"a\" but was absent",
                "header Content-Type: expected absent but was \"application/json;charset=UTF-8\"",
            ],
        );
    }

    #[test]
    fn headers_of_one_name_are_one_list() {
        let mut response = answer(200, "{}");
        for value in ["1", "2"] {
            response.headers.push(("X-One".into(), value.into()));
        }
        check("headers: { X-One: \"1, 2\" }", &response, &[]);
        let message = "header X-One: expected \"1\" but was \"1, 2\"";
        check("headers: { X-One: \"1\" }", &response, &[message]);
    }

    #[test]
    fn a_matcher_of_a_header_is_looked_at_before_anything_is_sent() {
        let unclosed = "unclosed group";
        lint(
            "headers: { X-One: { pattern: \"(\" } }",
            &[(30, "bad-pattern", unclosed)],
        );
    }
}
