//! `message`: the error text is the documented one, in the documented language.

use regex::Regex;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization as _;

use super::{CheckKind, Evidence, Place, demands_something, show};
use crate::{
    result::{Mismatch, Subject},
    yaml::{Field, Shape},
};

pub(super) static MESSAGE: CheckKind = CheckKind {
    field: Field::new(
        "message",
        Shape::Object(&[
            Field::new(
                "language",
                Shape::Word(&["en", "zh"]),
                "The documented text in this language, for the code received.",
            ),
            Field::new("equals", Shape::Text, "Exactly this text."),
            Field::new("contains", Shape::Text, "A text that holds this one."),
        ]),
        "What the text of a refusal says.",
    ),
    lint: demands_something,
    subjects: |_, _| vec![Subject::Message],
    evaluate,
};

fn evaluate(value: &Value, evidence: &Evidence<'_>) -> Vec<Mismatch> {
    let envelope = &evidence.contract.errors.envelope;
    let at = envelope.message_at.as_deref().unwrap_or_default();
    let place = Place::at(at);
    let body = evidence.response.json_or_null();
    let Some(actual) = envelope.message(body) else {
        let there = body.pointer(at).unwrap_or(&Value::Null);
        return vec![place.mismatch("a text", show(there))];
    };
    let place = place.about(Subject::Message);
    let mut broken = Vec::new();
    if let Some(language) = value["language"].as_str() {
        let code = envelope.code(body).unwrap_or_default();
        let texts: Vec<&str> = evidence
            .contract
            .errors
            .code(&code)
            .map(|entry| entry.texts(language).collect())
            .unwrap_or_default();
        if !texts.iter().any(|text| fits(text, actual)) {
            let expected = if texts.is_empty() {
                vec![format!(
                    "the documented text of `{code}` in `{language}` (none is documented)"
                )]
            } else {
                texts.iter().map(|text| format!("{text:?}")).collect()
            };
            broken.push(place.one_of(expected, format!("{actual:?}")));
        }
    }
    if let Some(text) = value["equals"].as_str()
        && normal(text, text) != normal(actual, text)
    {
        broken.push(place.mismatch(format!("{text:?}"), format!("{actual:?}")));
    }
    if let Some(text) = value["contains"].as_str()
        && !normal(actual, text).contains(&normal(text, text))
    {
        let expected = format!("a text containing {text:?}");
        broken.push(place.mismatch(expected, format!("{actual:?}")));
    }
    broken
}

/// Full-width and half-width punctuation count as equal in Chinese, where the documents themselves
/// mix them; a text of ASCII letters is compared letter for letter.
fn normal(text: &str, documented: &str) -> String {
    if documented.is_ascii() {
        text.to_owned()
    } else {
        text.nfkc().collect()
    }
}

/// True when a text is the template with every `{n}` filled by something that is neither empty nor
/// another placeholder.
fn fits(template: &str, actual: &str) -> bool {
    let mut pattern = String::from("^");
    let mut rest = normal(template, template);
    while let Some(at) = rest.find('{') {
        pattern.push_str(&regex::escape(&rest[..at]));
        if let Some(end) = rest[at..].find('}') {
            pattern.push_str("[^{}]+");
            rest = rest[at + end + 1..].to_owned();
        } else {
            pattern.push_str(&regex::escape(&rest[at..]));
            rest.clear();
        }
    }
    pattern.push_str(&regex::escape(&rest));
    pattern.push('$');
    Regex::new(&pattern).is_ok_and(|pattern| pattern.is_match(&normal(actual, template)))
}

#[cfg(test)]
mod tests {
    use super::fits;
    use crate::{
        check::sample::{answer, check, judged_by, lint, refusal},
        contract::sample::numbered,
    };

    #[test]
    fn the_text_is_one_that_the_documents_give_the_received_code() {
        let (en, zh) = ("message: { language: en }", "message: { language: zh }");
        check(en, &refusal(400, "A.0001", "clientId cannot be empty"), &[]);
        check(zh, &refusal(400, "A.0001", "clientId不能为空"), &[]);
        check(en, &refusal(401, "A.0002", "Wait 3 seconds, please"), &[]);
        check(en, &refusal(401, "A.0002", "Wait 3 s"), &[]);
        check(zh, &refusal(401, "A.0002", "请等待(3)秒"), &[]);
        check(
            en,
            &refusal(401, "A.0002", "clientId cannot be empty"),
            &[
                "body /error_msg: expected \"Wait {0} seconds, {1}\" or \"Wait {0} s\" but was \"clientId cannot be empty\"",
            ],
        );
        check(
            zh,
            &refusal(400, "A.0003", "Too late"),
            &[
                "body /error_msg: expected the documented text of `A.0003` in `zh` (none is documented) but was \"Too late\"",
            ],
        );
        check(
            en,
            &answer(400, r#"{"error_msg":"m"}"#),
            &[
                "body /error_msg: expected the documented text of `` in `en` (none is documented) but was \"m\"",
            ],
        );
    }

    #[test]
    fn the_text_is_the_one_that_is_written_out_or_holds_it() {
        let response = refusal(400, "A.0001", "密码（8）");
        check("message: { equals: 密码(8) }", &response, &[]);
        check("message: { contains: 码(8 }", &response, &[]);
        check(
            "message: { equals: 密码（8）, contains: 密 }",
            &response,
            &[],
        );
        check(
            "message: { equals: 密码, contains: x, language: en }",
            &response,
            &[
                "body /error_msg: expected \"clientId cannot be empty\" but was \"密码（8）\"",
                "body /error_msg: expected \"密码\" but was \"密码（8）\"",
                "body /error_msg: expected a text containing \"x\" but was \"密码（8）\"",
            ],
        );
        // Letters of full width are no letters of ASCII.
        check(
            "message: { contains: (8) }",
            &response,
            &["body /error_msg: expected a text containing \"(8)\" but was \"密码（8）\""],
        );
    }

    #[test]
    fn a_text_that_is_none_breaks_every_expectation_of_it() {
        for (body, shown) in [("", "null"), ("{}", "null"), (r#"{"error_msg":2}"#, "2")] {
            let message = format!("body /error_msg: expected a text but was {shown}");
            check(
                "message: { contains: \"\" }",
                &answer(400, body),
                &[&message],
            );
        }
    }

    #[test]
    fn where_no_text_is_promised_there_is_none_to_be_found() {
        let response = refusal(400, "A.0001", "clientId cannot be empty");
        let found = judged_by(numbered(), "message: { language: en }", &response);
        assert_eq!(found.len(), 1);
        assert!(
            found[0].starts_with("body: expected a text but was {"),
            "{found:?}"
        );
    }

    #[test]
    fn nothing_said_of_the_text_is_a_mistake() {
        let none = "this demands nothing, so it could never fail";
        lint("message: {}", &[(10, "empty-expectation", none)]);
        lint("message: { language: en }", &[]);
    }

    #[test]
    fn each_placeholder_is_filled_and_what_stands_around_it_stays() {
        assert!(fits("a {0} b {1} c", "a x b y c"));
        assert!(fits("{0}{1}", "xy"));
        assert!(!fits("a {0} b {1} c", "a x b y d"));
        assert!(!fits("a {0} b", "b x b"));
        assert!(!fits("a {0} b", "a {0} b"));
        // A brace that is never closed stands for itself.
        assert!(fits("a {0", "a {0"));
        assert!(!fits("a {0", "a x"));
    }

    #[test]
    fn placeholders_take_any_text_but_not_none() {
        let template = "The password must contain {0} to {1} characters";
        assert!(fits(
            template,
            "The password must contain 8 to 18 characters"
        ));
        assert!(!fits(
            template,
            "The password must contain  to 18 characters"
        ));
        assert!(!fits(template, template));
        assert!(!fits(
            template,
            "The password must contain 8 to 18 characters."
        ));
    }

    #[test]
    fn full_width_punctuation_is_the_same_text() {
        assert!(fits("应用未注册,请先注册应用", "应用未注册，请先注册应用"));
        assert!(fits("密码长度为{0}~{1}个字符", "密码长度为8～18个字符"));
    }

    #[test]
    fn signs_of_regular_expressions_stand_for_themselves() {
        assert!(!fits("a.c", "abc"));
    }

    #[test]
    fn full_width_letters_are_the_same_in_chinese_alone() {
        assert!(fits("密码长度（{0}）", "密码长度(8)"));
        assert!(fits("Invalid token", "Invalid token"));
        assert!(!fits("Invalid token", "Ｉnvalid token"));
    }
}
