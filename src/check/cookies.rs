//! `cookies`: what the answer stores with its reader.

use serde_json::Value;

use super::{CheckKind, Compared, Evidence, Place, Unusable, matcher::Matcher, matchers_by_name};
use crate::{
    result::{Mismatch, Subject},
    yaml::{Field, Shape},
};

pub(super) static COOKIES: CheckKind = CheckKind {
    field: Field::new(
        "cookies",
        Shape::Map(&Shape::Any),
        "Cookies that are set, by name: matchers for `value`, `http-only`, `secure`, `path`, `same-site`, …",
    ),
    lint: |node, lint, found| matchers_by_name(node, Compared::Parts(&PARTS), lint, found),
    subjects: |_, _| vec![Subject::header("set-cookie")],
    evaluate,
};

/// What is known of a cookie that is set.
const PARTS: [&str; 8] = [
    "value",
    "http-only",
    "secure",
    "path",
    "domain",
    "same-site",
    "max-age",
    "expires",
];

fn evaluate(value: &Value, evidence: &Evidence<'_>) -> Result<Vec<Mismatch>, Unusable> {
    let set = evidence.response.cookies();
    let mut broken = Vec::new();
    for (name, expected) in value.as_object().into_iter().flatten() {
        Matcher::parse(expected)?.compare(set.get(name), &Place::cookie(name), &mut broken);
    }
    Ok(broken)
}

#[cfg(test)]
mod tests {
    use crate::check::sample::{answer, check, lint};

    #[test]
    fn each_named_cookie_is_set_as_it_should_be_and_others_are_free() {
        let mut response = answer(200, "{}");
        for cookie in ["sid=a; HttpOnly; Path=/", "other=b"] {
            response.headers.push(("Set-Cookie".into(), cookie.into()));
        }
        check(
            "cookies: { sid: { value: a, http-only: true }, gone: { absent: true } }",
            &response,
            &[],
        );
        check(
            "cookies: { sid: { value: b, secure: true }, gone: { value: c }, other: { absent: true } }",
            &response,
            &[
                "cookie sid/value: expected \"b\" but was \"a\"",
                "cookie sid/secure: expected true but was false",
                "cookie gone: expected a JSON object but was absent",
                "cookie other: expected absent but was {\"value\":\"b\",\"http-only\":false,\"secure\":false}",
            ],
        );
    }

    #[test]
    fn nothing_said_of_cookies_and_a_bad_matcher_are_mistakes() {
        lint(
            "cookies: {}",
            &[(
                10,
                "empty-expectation",
                "this demands nothing, so it could never fail",
            )],
        );
        lint(
            "cookies: { sid: { value: { pattern: \"(\" } } }",
            &[(37, "bad-pattern", "unclosed group")],
        );
    }
}
