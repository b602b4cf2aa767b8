//! `location`: where the answer sends its reader, part by part.

use serde_json::Value;

use super::{
    CheckKind, Evidence, Place, Unusable, demands_something,
    matcher::{self, Compared, Matcher},
};
use crate::{
    result::{Mismatch, Subject},
    yaml::{Field, Shape},
};

pub(super) static LOCATION: CheckKind = CheckKind {
    field: Field::new(
        "location",
        Shape::Map(&Shape::Any),
        "Matchers for the parts of the redirect: `text`, `url`, `origin`, `path`, `query`, `fragment`.",
    ),
    lint: |node, lint, found| {
        demands_something(node, lint, found);
        matcher::lint(node, Compared::Parts(&PARTS), lint, found);
    },
    subjects: |_, _| vec![Subject::header("location")],
    evaluate,
};

/// What is known of a redirect.
const PARTS: [&str; 6] = ["text", "url", "origin", "path", "query", "fragment"];

fn evaluate(value: &Value, evidence: &Evidence<'_>) -> Result<Vec<Mismatch>, Unusable> {
    let response = evidence.response;
    let mut broken = Vec::new();
    let parts = response.location(&evidence.request.url);
    match (&parts, response.header("location")) {
        (None, Some(text)) => broken.push(Place::header("Location").mismatch("an address", text)),
        (parts, _) => {
            Matcher::parse(value)?.compare(parts.as_ref(), &Place::location(), &mut broken);
        }
    }
    Ok(broken)
}

#[cfg(test)]
mod tests {
    use crate::check::sample::{answer, check, lint};

    #[test]
    fn the_parts_of_a_redirect_match() {
        let mut response = answer(302, "");
        check("location: { absent: true }", &response, &[]);
        check(
            "location: { path: /in }",
            &response,
            &["location: expected a JSON object but was absent"],
        );
        response
            .headers
            .push(("Location".into(), "/in?code=a%20b".into()));
        check(
            "location: { origin: \"http://tenant.invalid\", path: /in, query: { code: a b } }",
            &response,
            &[],
        );
        check(
            "location: { path: /out, query: { code: c, state: { absent: true } } }",
            &response,
            &[
                "location/path: expected \"/out\" but was \"/in\"",
                "location/query/code: expected \"c\" but was \"a b\"",
            ],
        );
    }

    #[test]
    fn what_is_no_address_is_told_as_it_was_sent() {
        let mut response = answer(302, "");
        response
            .headers
            .push(("Location".into(), "http://[".into()));
        let message = ["header Location: expected an address but was http://["];
        check("location: { path: /in }", &response, &message);
        check("location: { absent: true }", &response, &message);
    }

    #[test]
    fn nothing_said_of_the_redirect_and_a_bad_matcher_are_mistakes() {
        lint(
            "location: {}",
            &[(
                11,
                "empty-expectation",
                "this demands nothing, so it could never fail",
            )],
        );
        lint(
            "location: { path: { pattern: \"(\" } }",
            &[(30, "bad-pattern", "unclosed group")],
        );
    }
}
