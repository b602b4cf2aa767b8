//! What an accepted call answers, where table and example of a page differ or both are missing.

use crate::mock::draw::Draw;

#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question of its own that no other one decides"
)]
pub(in crate::mock) struct Answers {
    /// Whether an administrator's demand for a new password is announced like a coming expiry.
    pub demand_warns: bool,
    /// Whether `ACCESS_DENIED` stands alone in CIAM and OneAccess, which show no example of it.
    pub bare_denial: bool,
    /// Whether `is_set_pwd` is a text, as its table says, and not a Boolean, as its example shows.
    pub flag_as_text: bool,
    /// Whether OneAccess' forced change leaves `id_token` out, as its example does.
    pub drops_id_token: bool,
}

impl Answers {
    pub(super) fn draw(draw: &mut Draw) -> Self {
        Self {
            demand_warns: draw.flag(
                "a demanded change of password",
                "is announced by PASSWORD_EXPIRED",
                "is announced by PASSWORD_WARN",
            ),
            bare_denial: draw.flag(
                "ACCESS_DENIED (CIAM, OneAccess)",
                "comes with state_token and data",
                "comes alone",
            ),
            flag_as_text: draw.flag("is_set_pwd", "a Boolean", "a text"),
            drops_id_token: draw.flag(
                "id_token after OneAccess' forced change",
                "there",
                "left out",
            ),
        }
    }
}
