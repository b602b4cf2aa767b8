//! The message of every error code, in English and Chinese: one file an edition.
//!
//! What no page prints is the mock's own, and a variation may word it otherwise.

use std::{collections::BTreeMap, io};

use super::{
    data::{File, Kept},
    dialect::Dialect,
    language::Language,
    refusal::Refusal,
    variation::texts::{Texts, Wording},
};
use crate::{
    diag::Diagnostic,
    yaml::{Field, Node, Shape},
};

const fn file(edition: Dialect) -> File {
    let (path, text) = match edition {
        Dialect::Eiam => ("messages/eiam.yaml", include_str!("eiam.yaml")),
        Dialect::Ciam => ("messages/ciam.yaml", include_str!("ciam.yaml")),
        Dialect::OneAccess => ("messages/oneaccess.yaml", include_str!("oneaccess.yaml")),
    };
    File { path, text }
}

const MESSAGES: Shape = Shape::Map(&Shape::Object(&[
    Field::new(
        "en",
        Shape::Text,
        "`{0}` stands for what a refusal names first.",
    )
    .required(),
    Field::new("zh", Shape::Text, "The same in Chinese.").required(),
]));

const SHAPE: Shape = Shape::Object(&[
    Field::new(
        "printed_in_both",
        MESSAGES,
        "The documents have both texts.",
    ),
    Field::new(
        "printed_in_english",
        MESSAGES,
        "They have the English text.",
    ),
    Field::new("own", MESSAGES, "They have neither."),
    Field::new(
        "second_in_english",
        Shape::Map(&Shape::Text),
        "The other English text of a code that is printed with two.",
    ),
]);

/// In which languages the documents print a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Printed {
    InBoth,
    InEnglish,
    Nowhere,
}

const LISTS: [(&str, Printed); 3] = [
    ("printed_in_both", Printed::InBoth),
    ("printed_in_english", Printed::InEnglish),
    ("own", Printed::Nowhere),
];

#[derive(Debug)]
struct Message {
    english: String,
    chinese: String,
    printed: Printed,
}

/// The messages of one edition by their codes.
#[derive(Debug, Default)]
struct Table {
    messages: BTreeMap<String, Message>,
    second_in_english: BTreeMap<String, String>,
}

static TABLES: Kept<Table> = Kept::new();

/// The text of a code with its placeholders, and whether the documents print it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Text {
    template: &'static str,
    printed: bool,
}

impl Table {
    fn of(edition: Dialect) -> io::Result<&'static Self> {
        TABLES.of(edition, |found| Self::read(file(edition), found))
    }

    fn read(file: File, found: &mut Vec<Diagnostic>) -> Self {
        let mut out = Self::default();
        let Some(node) = file.read(&SHAPE, found) else {
            return out;
        };
        for (list, printed) in LISTS {
            for (key, value) in node.get(list).map(Node::entries).unwrap_or_default() {
                let text = |name| value.get(name).and_then(Node::text).map(str::to_owned);
                let (Some(code), Some(english), Some(chinese)) =
                    (key.text(), text("en"), text("zh"))
                else {
                    continue;
                };
                let message = Message {
                    english,
                    chinese,
                    printed,
                };
                if out.messages.insert(code.to_owned(), message).is_some() {
                    let text = format!("the code `{code}` is in two lists");
                    found.push(Diagnostic::new("duplicate-id", &key.span, text));
                }
            }
        }
        let second = node.get("second_in_english").map(Node::entries);
        for (key, value) in second.unwrap_or_default() {
            let (Some(code), Some(text)) = (key.text(), value.text()) else {
                continue;
            };
            if !out.messages.contains_key(code) {
                let known = out.messages.keys().map(String::as_str);
                let text = format!("the code `{code}` has no first text");
                let mistake = Diagnostic::new("unknown-word", &key.span, text);
                found.push(mistake.suggest(code, known));
            }
            out.second_in_english
                .insert(code.to_owned(), text.to_owned());
        }
        out
    }

    fn find(&'static self, code: &str, language: Language) -> Option<Text> {
        let message = self.messages.get(code)?;
        Some(match language {
            Language::English => Text {
                template: &message.english,
                printed: message.printed != Printed::Nowhere,
            },
            Language::Chinese => Text {
                template: &message.chinese,
                printed: message.printed == Printed::InBoth,
            },
        })
    }

    fn second(&'static self, code: &str, language: Language) -> Option<&'static str> {
        let english = language == Language::English;
        let text = english.then(|| self.second_in_english.get(code));
        text.flatten().map(String::as_str)
    }
}

/// Whether an edition's messages can be used. Fails if there is a mistake in their file.
pub(super) fn check(edition: Dialect) -> io::Result<()> {
    Table::of(edition).map(|_| ())
}

/// The message of a refusal, placeholders filled. A code without a text speaks for itself.
pub(super) fn text(
    edition: Dialect,
    refusal: &Refusal,
    language: Language,
    texts: Texts,
) -> String {
    let code = refusal.given_as.unwrap_or(refusal.code);
    // A mock whose table cannot be read does not start.
    let table = Table::of(edition).ok();
    let find = |code| table.and_then(|table| table.find(code, language));
    // A code given in place of another has that one's text if it has none itself.
    let found = find(code).or_else(|| find(refusal.code));
    let Text { template, printed } = found.unwrap_or(Text {
        template: code,
        printed: false,
    });
    // The example is about this very header, so there it holds to the letter.
    let exemplary = refusal.args.first().is_some_and(|arg| arg == "X-client-id");
    let other = table.filter(|_| texts.second && !exemplary);
    let other = other.and_then(|table| table.second(code, language));
    let text = fill(other.unwrap_or(template), &refusal.args);
    if printed {
        text
    } else {
        reworded(text, code, language, texts.wording)
    }
}

fn fill(template: &str, args: &[String]) -> String {
    let mut text = template.to_owned();
    for (index, arg) in args.iter().enumerate() {
        text = text.replace(&format!("{{{index}}}"), arg);
    }
    text
}

/// A message that is the mock's own, as a variation has it.
fn reworded(text: String, code: &str, language: Language, wording: Wording) -> String {
    match (wording, language) {
        (Wording::Specific, _) => text,
        (Wording::WithCode, _) => format!("{text} [{code}]"),
        (Wording::General, Language::English) => "The request was refused".to_owned(),
        (Wording::General, Language::Chinese) => "请求被拒绝".to_owned(),
    }
}

/// What `data` says beside `ACCESS_DENIED` (EIAM skip page, third example).
pub(super) const fn access_denied(language: Language) -> &'static str {
    match language {
        Language::English => "Access denied",
        Language::Chinese => "拒绝访问",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mock::{editions, language::Languages};

    /// As on the plain reading of the documents.
    const PLAIN: Texts = Texts {
        wording: Wording::Specific,
        second: false,
        languages: Languages::Variants,
    };

    fn refusal(code: &'static str, args: &[&str]) -> Refusal {
        Refusal {
            code,
            args: args.iter().map(ToString::to_string).collect(),
            ..Refusal::default()
        }
    }

    fn message(
        edition: Dialect,
        code: &'static str,
        language: Language,
        wording: Wording,
    ) -> String {
        let refusal = refusal(code, &["8", "18"]);
        text(edition, &refusal, language, Texts { wording, ..PLAIN })
    }

    #[test]
    fn placeholders_are_filled_in_both_languages() {
        let message_of = |language| {
            let code = "IDAAS.SDK.PWD.0007";
            message(Dialect::Ciam, code, language, Wording::Specific)
        };
        assert_eq!(
            message_of(Language::English),
            "The password must contain 8 to 18 characters"
        );
        assert_eq!(message_of(Language::Chinese), "密码长度为8~18个字符");
    }

    #[test]
    fn a_documented_text_is_never_worded_otherwise_and_another_one_may_be() {
        for (edition, code, language, documented) in [
            (
                Dialect::Ciam,
                "IDAAS.SDK.PARAM.0014",
                Language::Chinese,
                true,
            ),
            (
                Dialect::Ciam,
                "IDAAS.SDK.PARAM.0016",
                Language::English,
                true,
            ),
            (
                Dialect::Ciam,
                "IDAAS.SDK.PARAM.0016",
                Language::Chinese,
                false,
            ),
            (
                Dialect::Ciam,
                "IDAAS.SDK.LOGIN.0002",
                Language::English,
                false,
            ),
            (Dialect::Eiam, "SDK.COMMON.1012", Language::English, true),
            (Dialect::Eiam, "SDK.COMMON.1012", Language::Chinese, false),
            (Dialect::OneAccess, "APP.0001", Language::English, true),
            (Dialect::OneAccess, "PWD.0001", Language::English, false),
        ] {
            let plain = message(edition, code, language, Wording::Specific);
            for wording in [Wording::General, Wording::WithCode] {
                let other = message(edition, code, language, wording);
                assert_eq!(
                    plain == other,
                    documented,
                    "{code} {language:?} {wording:?}"
                );
            }
        }
    }

    #[test]
    fn a_code_in_place_of_another_has_its_own_text_or_else_that_one_s() {
        let message_of = |code, given_as| {
            let refusal = Refusal {
                given_as: Some(given_as),
                ..refusal(code, &[])
            };
            text(Dialect::OneAccess, &refusal, Language::English, PLAIN)
        };
        assert_eq!(
            message_of("PARAM.0002", "APP.0002"),
            "Application ID required."
        );
        assert_eq!(
            message_of("PARAM.0014", "PARAM.0114"),
            "Invalid state token"
        );
    }

    #[test]
    fn the_second_text_spares_the_one_that_an_example_prints() {
        let message_of = |subject, second| {
            let refusal = refusal("SDK.COMMON.1001", &[subject]);
            let texts = Texts { second, ..PLAIN };
            text(Dialect::Eiam, &refusal, Language::English, texts)
        };
        assert!(message_of("X-agent", false).ends_with("blank."));
        assert!(message_of("X-agent", true).ends_with("blank"));
        assert!(message_of("X-client-id", true).ends_with("blank."));
    }

    #[test]
    fn every_file_is_read_without_a_mistake() {
        for edition in Dialect::ALL {
            let mut found = Vec::new();
            let table = Table::read(file(edition), &mut found);
            let all: Vec<String> = found.iter().map(|one| one.render(false)).collect();
            assert_eq!(all, [""; 0], "{edition}");
            let blank = |message: &&Message| {
                message.english.trim().is_empty() || message.chinese.trim().is_empty()
            };
            assert!(!table.messages.values().any(|message| blank(&message)));
        }
    }

    #[test]
    fn mistakes_in_a_file_are_told_with_their_places() {
        let text = "printed_in_both:\n  A.1: { en: One }\nown:\n  A.1: { en: One, zh: 一 }\n  A.2: { en: Two, zh: 二, de: Zwei }\nsecond_in_english:\n  A.3: Three\n";
        let path = "messages/a.yaml";
        let mut found = Vec::new();
        let _ = Table::read(File { path, text }, &mut found);
        let shown: Vec<String> = found.iter().map(ToString::to_string).collect();
        let expected = [
            "messages/a.yaml:2:8: error[missing-key]: the key `zh` is missing",
            "messages/a.yaml:5:26: error[unknown-key]: unknown key `de`",
            "messages/a.yaml:7:3: error[unknown-word]: the code `A.3` has no first text",
        ];
        assert_eq!(shown, expected);
        let text =
            "own:\n  A.1: { en: One, zh: 一 }\nprinted_in_both:\n  A.1: { en: One, zh: 一 }\n";
        let mut found = Vec::new();
        let _ = Table::read(File { path, text }, &mut found);
        let shown: Vec<String> = found.iter().map(ToString::to_string).collect();
        let expected = ["messages/a.yaml:2:3: error[duplicate-id]: the code `A.1` is in two lists"];
        assert_eq!(shown, expected);
    }

    #[test]
    fn every_code_that_a_rule_gives_has_a_message_in_both_languages() {
        for edition in Dialect::ALL {
            let operations = editions::operations(edition);
            let rules = operations.iter().flat_map(|operation| &operation.rules);
            for rule in rules.filter(|rule| rule.has_message()) {
                for language in [Language::English, Language::Chinese] {
                    let table = Table::of(edition).expect("the file is read");
                    let text = table.find(rule.code, language);
                    let given = text.is_some_and(|text| !text.template.is_empty());
                    assert!(given, "{edition} {} {language:?}", rule.code);
                }
            }
        }
    }
}
