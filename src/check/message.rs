//! `message`: the error text is the documented one, in the documented language.

use regex::Regex;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization as _;

use super::{CheckKind, Evidence, demands_something, show};
use crate::{
    result::Mismatch,
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
        "What `error_msg` says.",
    ),
    lint: demands_something,
    evaluate,
};

fn evaluate(value: &Value, evidence: &Evidence<'_>) -> Vec<Mismatch> {
    let mismatch = |expected: Vec<String>, actual: String| {
        vec![Mismatch {
            place: "body /error_msg".into(),
            expected,
            actual,
        }]
    };
    let body = evidence.response.json().unwrap_or_default();
    let Some(actual) = body["error_msg"].as_str() else {
        return mismatch(vec!["a text".into()], show(&body["error_msg"]));
    };
    let mut broken = Vec::new();
    if let Some(language) = value["language"].as_str() {
        let code = body["error_code"].as_str().unwrap_or_default();
        let texts: Vec<&str> = evidence
            .contract
            .errors
            .code(code)
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
            broken.extend(mismatch(expected, format!("{actual:?}")));
        }
    }
    if let Some(text) = value["equals"].as_str()
        && normal(text, text) != normal(actual, text)
    {
        broken.extend(mismatch(vec![format!("{text:?}")], format!("{actual:?}")));
    }
    if let Some(text) = value["contains"].as_str()
        && !normal(actual, text).contains(&normal(text, text))
    {
        broken.extend(mismatch(
            vec![format!("a text containing {text:?}")],
            format!("{actual:?}"),
        ));
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
