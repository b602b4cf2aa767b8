//! How messages are worded, where the documents print no text or two.

use crate::mock::{draw::Draw, language::Languages};

/// How a message reads whose text is not documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::mock) enum Wording {
    /// As the tables have it.
    Specific,
    /// One sentence for every mistake.
    General,
    /// As `Specific`, with the code behind.
    WithCode,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::mock) struct Texts {
    pub wording: Wording,
    /// Whether a code that is printed with two texts has the second.
    pub second: bool,
    pub languages: Languages,
}

impl Texts {
    pub(super) fn draw(draw: &mut Draw) -> Self {
        Self {
            wording: draw.one(
                "messages without a documented text",
                [
                    ("worded like their neighbours", Wording::Specific),
                    ("one sentence for all", Wording::General),
                    ("with the code behind", Wording::WithCode),
                ],
            ),
            second: draw.flag(
                "EIAM's codes that are printed with two texts",
                "have the first",
                "have the second",
            ),
            languages: draw.one(
                "language of messages",
                [
                    (
                        "Chinese for zh and its variants, else English",
                        Languages::Variants,
                    ),
                    (
                        "zh and en alone are known, else English",
                        Languages::ElseEnglish,
                    ),
                    (
                        "zh and en alone are known, else Chinese",
                        Languages::ElseChinese,
                    ),
                ],
            ),
        }
    }
}
