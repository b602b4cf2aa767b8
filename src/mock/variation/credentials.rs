//! How verification codes look, how long they and state tokens are good, and what uses them up.

use crate::mock::draw::Draw;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::mock) struct Credentials {
    /// Digits of a verification code: the examples show four and six.
    pub code_length: usize,
    /// How long a verification code is good for.
    pub code_seconds: i64,
    /// How long a state token lives; the printed example lasts 600 s.
    pub state_token_seconds: i64,
    /// Whether a state token is refused after it led to success.
    pub single_use: bool,
    /// Whether a new state token of a user is the end of the one before.
    pub newest_alone: bool,
    /// Whether a verification code is used up by a call that is refused for another reason.
    pub refusal_spends_code: bool,
}

impl Credentials {
    pub(super) fn draw(draw: &mut Draw) -> Self {
        Self {
            code_length: draw.one(
                "digits of a verification code",
                [("six", 6), ("four", 4), ("eight", 8)],
            ),
            code_seconds: draw.one(
                "life of a verification code",
                [("300 s", 300), ("60 s", 60), ("1800 s", 1_800)],
            ),
            state_token_seconds: draw.one(
                "life of a state token",
                [
                    ("600 s", 600),
                    ("120 s", 120),
                    ("1800 s", 1_800),
                    ("a day", 86_400),
                ],
            ),
            single_use: !draw.flag("a state token leads to success", "once", "until it expires"),
            newest_alone: draw.flag(
                "a former state token of the user",
                "stays good",
                "ends with the next login",
            ),
            refusal_spends_code: draw.flag(
                "a verification code in a refused call",
                "stays good",
                "is used up",
            ),
        }
    }
}
