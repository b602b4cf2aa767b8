//! The message of every error code, in English and Chinese: one table an edition.
//!
//! What no page prints is the mock's own, and a variation may word it otherwise. The tables are
//! constants and not files that are read: a mistake in them fails the build and not a running mock.

mod ciam;
mod eiam;
mod oneaccess;

use super::{
    dialect::Dialect,
    language::Language,
    refusal::Refusal,
    variation::texts::{Texts, Wording},
};

/// A code and its text in English and in Chinese; `{0}` stands for what a refusal names first.
type Row = (&'static str, &'static str, &'static str);

/// The messages of one edition.
struct Table {
    printed_in_both: &'static [Row],
    printed_in_english: &'static [Row],
    /// What no page prints.
    own: &'static [Row],
    /// The other English text of a code that is printed with two.
    second_in_english: &'static [(&'static str, &'static str)],
}

/// The text of a code with its placeholders, and whether the documents print it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Text {
    template: &'static str,
    printed: bool,
}

impl Table {
    const fn of(edition: Dialect) -> Self {
        match edition {
            Dialect::Eiam => eiam::TABLE,
            Dialect::Ciam => ciam::TABLE,
            Dialect::OneAccess => oneaccess::TABLE,
        }
    }

    fn find(&self, code: &str, language: Language) -> Option<Text> {
        let english = language == Language::English;
        let lists = [
            (self.printed_in_both, true),
            (self.printed_in_english, english),
            (self.own, false),
        ];
        lists.into_iter().find_map(|(rows, printed)| {
            let (_, in_english, in_chinese) = rows.iter().find(|(known, ..)| *known == code)?;
            let template = if english { in_english } else { in_chinese };
            Some(Text { template, printed })
        })
    }

    fn second(&self, code: &str, language: Language) -> Option<&'static str> {
        let rows = (language == Language::English).then_some(self.second_in_english)?;
        let (_, text) = rows.iter().find(|(known, _)| *known == code)?;
        Some(text)
    }
}

/// The message of a refusal, placeholders filled. A code without a text speaks for itself.
pub(super) fn text(
    edition: Dialect,
    refusal: &Refusal,
    language: Language,
    texts: Texts,
) -> String {
    let table = Table::of(edition);
    let code = refusal.given_as.unwrap_or(refusal.code);
    let found = table
        .find(code, language)
        // A code given in place of another has that one's text if it has none itself.
        .or_else(|| table.find(refusal.code, language));
    let Text { template, printed } = found.unwrap_or(Text {
        template: code,
        printed: false,
    });
    // The example is about this very header, so there it holds to the letter.
    let exemplary = refusal.args.first().is_some_and(|arg| arg == "X-client-id");
    let other = (texts.second && !exemplary).then(|| table.second(code, language));
    let text = fill(other.flatten().unwrap_or(template), &refusal.args);
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
    use std::collections::BTreeSet;

    use super::*;
    use crate::mock::language::Languages;

    /// As on the plain reading of the documents.
    const PLAIN: Texts = Texts {
        wording: Wording::Specific,
        second: false,
        languages: Languages::Variants,
    };

    fn message(
        edition: Dialect,
        code: &'static str,
        language: Language,
        wording: Wording,
    ) -> String {
        let refusal = Refusal::code(code).arg("8").arg("18");
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
                ..Refusal::code(code)
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
            let refusal = Refusal::code("SDK.COMMON.1001").arg(subject);
            let texts = Texts { second, ..PLAIN };
            text(Dialect::Eiam, &refusal, Language::English, texts)
        };
        assert!(message_of("X-agent", false).ends_with("blank."));
        assert!(message_of("X-agent", true).ends_with("blank"));
        assert!(message_of("X-client-id", true).ends_with("blank."));
    }

    #[test]
    fn no_code_is_listed_twice_in_an_edition() {
        for edition in Dialect::ALL {
            let table = Table::of(edition);
            let rows = [table.printed_in_both, table.printed_in_english, table.own].concat();
            let codes: BTreeSet<_> = rows.iter().map(|(code, ..)| *code).collect();
            assert_eq!(codes.len(), rows.len(), "{edition}");
        }
    }

    /// The codes that a source text names.
    fn codes(source: &str) -> impl Iterator<Item = &str> {
        source.split('"').filter(|text| {
            let number = text.rsplit_once('.').map(|(_, number)| number);
            number.is_some_and(|n| n.len() == 4 && n.bytes().all(|b| b.is_ascii_digit()))
        })
    }

    #[test]
    fn every_code_of_an_edition_has_a_message_in_both_languages() {
        for (edition, source) in [
            (Dialect::Eiam, include_str!("../editions/eiam.rs")),
            (Dialect::Ciam, include_str!("../editions/ciam.rs")),
            (Dialect::OneAccess, include_str!("../editions/oneaccess.rs")),
        ] {
            assert!(codes(source).count() > 20, "{edition}");
            for code in codes(source) {
                for language in [Language::English, Language::Chinese] {
                    let text = Table::of(edition).find(code, language);
                    let given = text.is_some_and(|text| !text.template.is_empty());
                    assert!(given, "{edition} {code} {language:?}");
                }
            }
        }
    }
}
