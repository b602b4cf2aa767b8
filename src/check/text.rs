//! `text`: the body as text, whatever its content type.

use serde_json::Value;

use super::{
    CheckKind, Place,
    matcher::{self, Compared, Matcher},
};
use crate::{
    result::Subject,
    yaml::{Field, Shape},
};

pub(super) static TEXT: CheckKind = CheckKind {
    field: Field::new(
        "text",
        Shape::Any,
        "A matcher for the body as text, JSON or not.",
    ),
    lint: |node, lint, found| matcher::lint(node, Compared::Text, lint, found),
    subjects: |_, _| vec![Subject::Form],
    evaluate: |value, evidence| {
        let text = Value::from(String::from_utf8_lossy(&evidence.response.body));
        let mut broken = Vec::new();
        Matcher::parse(value)?.compare(Some(&text), &Place::body().note("as text"), &mut broken);
        Ok(broken)
    },
};

#[cfg(test)]
mod tests {
    use crate::check::sample::{answer, check, lint};

    #[test]
    fn a_body_is_text_whatever_it_holds() {
        check("text: \"<p>密码</p>\"", &answer(200, "<p>密码</p>"), &[]);
        check("text: { contains: a }", &answer(200, "{\"a\":1}"), &[]);
        check("text: \"\"", &answer(200, ""), &[]);
        check(
            "text: { contains: b }",
            &answer(200, "[1]"),
            &["body (as text): expected contains \"b\" but was \"[1]\""],
        );
        let mut odd = answer(200, "");
        odd.body = vec![b'a', 0xff].into();
        check("text: \"a\u{fffd}\"", &odd, &[]);
    }

    #[test]
    fn a_matcher_of_the_text_is_looked_at_before_anything_is_sent() {
        lint(
            "text: { pattern: \"(\" }",
            &[(18, "bad-pattern", "unclosed group")],
        );
    }
}
