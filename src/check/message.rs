//! `message`: the error text is the documented one, in the documented language.

use std::collections::BTreeSet;

use serde_json::Value;
use unicode_normalization::UnicodeNormalization as _;

use super::{
    CheckKind, Evidence, Lint, Place, Unusable, demands_something,
    matcher::InvalidWord,
    patterns::{compiled, whole},
    show,
};
use crate::{
    contract::{Contract, reason},
    diag::{Diagnostic, push_once},
    result::{Mismatch, Subject},
    yaml::{Field, Node, Shape},
};

pub(super) static MESSAGE: CheckKind = CheckKind {
    field: Field::new(
        "message",
        Shape::Object(&[
            Field::new(
                "language",
                Shape::Text,
                "The documented text in this language, for the code received.",
            ),
            Field::new("equals", Shape::Text, "Exactly this text."),
            Field::new("contains", Shape::Text, "A text that holds this one."),
            Field::new(
                "pattern",
                Shape::Text,
                "A regular expression that the whole text matches, for one with parts that vary.",
            ),
        ]),
        "What the text of a refusal says.",
    ),
    lint: |node, lint, found| {
        demands_something(node, lint, found);
        promised(node, lint, found);
        sound(node, lint, found);
    },
    subjects: |_, _| vec![Subject::Message],
    evaluate,
};

fn evaluate(value: &Value, evidence: &Evidence<'_>) -> Result<Vec<Mismatch>, Unusable> {
    let form = evidence.error_body();
    let at = form.message_at.as_deref();
    let at = at.ok_or(Unusable::NoMessages)?;
    let place = Place::at(at);
    let body = evidence.response.json_or_null();
    let Some(actual) = form.message(body) else {
        let there = body.pointer(at).unwrap_or(&Value::Null);
        return Ok(vec![place.mismatch("a text", show(there))]);
    };
    let place = place.about(Subject::Message);
    let mut broken = Vec::new();
    if let Some(language) = value["language"].as_str() {
        let code = form.code(body).unwrap_or_default();
        let entry = evidence.contract.errors.code(&code);
        let texts: Vec<&str> = entry
            .map(|entry| entry.texts(language).collect())
            .unwrap_or_default();
        if entry.is_some() && texts.is_empty() {
            let language = language.to_owned();
            return Err(Unusable::NoText { code, language });
        }
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
    if let Some(text) = value["pattern"].as_str() {
        let pattern = whole(text).map_err(|error| InvalidWord::Pattern(reason(&error)))?;
        if !pattern.is_match(actual) {
            broken.push(place.mismatch(format!("pattern {text:?}"), format!("{actual:?}")));
        }
    }
    Ok(broken)
}

/// The pattern is one.
fn sound(node: &Node, lint: &Lint<'_>, found: &mut Vec<Diagnostic>) {
    let pattern = node.get("pattern").filter(|node| lint.is_final(node));
    if let Some(node) = pattern
        && let Some(Err(error)) = node.text().map(whole)
    {
        found.push(Diagnostic::new("bad-pattern", &node.span, reason(&error)));
    }
}

/// There is a text to compare with: in refusals at all, and in the language that is named.
fn promised(node: &Node, lint: &Lint<'_>, found: &mut Vec<Diagnostic>) {
    if lint.error_bodies().all(|body| body.message_at.is_none()) {
        let message = "the documents promise no text with an error code";
        let help = "errors.yaml names no `message_at`, so there is nothing to compare with";
        found.push(Diagnostic::new("no-text", &node.span, message).help(help));
        return;
    }
    let language = node.get("language").filter(|node| lint.is_final(node));
    let Some((node, language)) = language.and_then(|node| Some((node, node.text()?))) else {
        return;
    };
    let known = languages(lint.contract);
    if !known.contains(language) {
        let edition = lint.contract.edition;
        let message = format!("errors.yaml of {edition} has no text in `{language}`");
        let known: Vec<&str> = known.into_iter().collect();
        let help = format!("it has texts in: {}", known.join(", "));
        found.push(Diagnostic::new("no-text", &node.span, message).help(help));
    }
}

/// The languages in which the edition documents any text.
fn languages(contract: &Contract) -> BTreeSet<&str> {
    let codes = contract.errors.codes.iter();
    let texts = codes.flat_map(|entry| &entry.messages);
    texts.map(|(language, _)| language.as_str()).collect()
}

/// Each code that is expected has a text in the language that is expected with it.
pub(super) fn of_codes(expect: &Node, lint: &Lint<'_>, found: &mut Vec<Diagnostic>) {
    let language = expect.get("message").and_then(|node| node.get("language"));
    let (Some(node), Some(codes)) = (language, expect.get("error")) else {
        return;
    };
    let Some(language) = node.text().filter(|_| lint.is_final(node)) else {
        return;
    };
    if !languages(lint.contract).contains(language) {
        return;
    }
    let codes = codes.one_or_many().into_iter().filter_map(Node::text);
    let entries = codes.filter_map(|code| lint.contract.errors.code(code));
    for entry in entries {
        if entry.texts(language).next().is_none() {
            let code = &entry.code;
            let message = format!("errors.yaml has no text of `{code}` in `{language}`");
            let help = "add the documented text there, or expect the code alone";
            push_once(
                found,
                Diagnostic::new("no-text", &node.span, message).help(help),
            );
        }
    }
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
    compiled(&pattern).is_ok_and(|pattern| pattern.is_match(&normal(actual, template)))
}

#[cfg(test)]
mod tests {
    use super::fits;
    use crate::{
        check::sample::{answer, bound_to, check, lint, refusal},
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
            &refusal(400, "A.0009", "Too late"),
            &[
                "body /error_msg: expected the documented text of `A.0009` in `zh` (none is documented) but was \"Too late\"",
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
    fn a_text_with_parts_that_vary_is_matched_as_a_whole_and_letter_for_letter() {
        let response = refusal(429, "A.0002", "Wait 37 seconds（37）");
        check(
            "message: { pattern: 'Wait \\d+ seconds.*' }",
            &response,
            &[],
        );
        check(
            "message: { pattern: 'Wait \\d+ seconds', contains: Wait }",
            &response,
            &[
                "body /error_msg: expected pattern \"Wait \\\\d+ seconds\" but was \"Wait 37 seconds（37）\"",
            ],
        );
        // One of two alternatives is not the end of the text by itself.
        check(
            "message: { pattern: 'Wait|Stop' }",
            &response,
            &["body /error_msg: expected pattern \"Wait|Stop\" but was \"Wait 37 seconds（37）\""],
        );
        check("message: { pattern: '.*（37）' }", &response, &[]);
        lint(
            "message: { pattern: '(' }",
            &[(21, "bad-pattern", "unclosed group")],
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
    fn a_text_that_the_documents_do_not_have_is_a_mistake() {
        let none = "errors.yaml of ciam has no text in `fr`";
        lint("message: { language: fr }", &[(22, "no-text", none)]);
        lint(
            "{ error: A.0001, message: { language: fr } }",
            &[(39, "no-text", none)],
        );
        let chinese = "errors.yaml has no text of `A.0003` in `zh`";
        lint(
            "{ error: [A.0001, A.0003], message: { language: zh } }",
            &[(49, "no-text", chinese)],
        );
        lint(
            "{ error: [A.0001, A.0002], message: { language: zh } }",
            &[],
        );
        lint("{ error: any, message: { language: zh } }", &[]);
        lint(
            "{ error: A.0003, message: { language: \"${target.l}\" } }",
            &[],
        );
        let (_, found) = bound_to(numbered(), "message: { language: en }");
        let messages: Vec<_> = found.iter().map(|one| one.message.as_str()).collect();
        assert_eq!(
            messages,
            ["the documents promise no text with an error code"]
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
