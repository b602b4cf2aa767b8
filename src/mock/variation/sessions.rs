//! How long sessions last, what ends or renews them, and how they are shown.

use crate::mock::draw::Draw;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::mock) struct Sessions {
    /// Whether a changed password ends the sessions that were open.
    pub end_with_password: bool,
    /// Whether a refreshed id_token comes with a new session token (EIAM: if so configured).
    pub renewed_by_refresh: bool,
    /// Whether OneAccess' ticket answer has the user right under `data`, as its older text does.
    pub flat_user: bool,
    /// Characters of a session token; only examples show 32.
    pub token_length: usize,
    /// `expire` after a login or a refresh, if not the figure of the edition's example.
    pub login_seconds: Option<i64>,
    /// `expire` after a password operation of EIAM and CIAM, which print no more than an example.
    pub operation_seconds: i64,
}

impl Sessions {
    pub(super) fn draw(draw: &mut Draw) -> Self {
        Self {
            end_with_password: draw.flag("a changed password", "leaves sessions open", "ends them"),
            renewed_by_refresh: draw.flag(
                "a refreshed id_token comes",
                "with the same session token",
                "with a new one",
            ),
            flat_user: draw.flag(
                "the user in OneAccess' ticket answer",
                "stands under data.user",
                "stands under data",
            ),
            token_length: draw.one(
                "characters of a session token",
                [("32", 32), ("22", 22), ("64", 64)],
            ),
            login_seconds: draw.one(
                "expire after a login",
                [
                    ("the figure of the edition's example", None),
                    ("3600", Some(3_600)),
                    ("2592000", Some(2_592_000)),
                ],
            ),
            operation_seconds: draw.one(
                "expire after a password operation (EIAM, CIAM)",
                [("43200", 43_200), ("1800", 1_800), ("86400", 86_400)],
            ),
        }
    }
}
