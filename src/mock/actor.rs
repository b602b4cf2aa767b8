//! Whom a call acts for.

/// Who the caller of an operation acts for, and where the request says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Actor {
    /// Nobody: captcha, keys, management token.
    Nobody,
    /// The user of `X-state-token`.
    StateToken,
    /// The user of the id_token in `Authorization`.
    Bearer,
    /// As `Bearer`; without `Authorization`, the owner of the `mobile` member.
    BearerOrMobile,
    /// As `Bearer`; without `Authorization`, the owner of the `email` member.
    BearerOrEmail,
    /// The owner of the `mobile` member.
    Mobile,
    /// The owner of the `user_name` member.
    UserName,
    /// The user of the session token in the named header or body member.
    Session(&'static str),
    /// The user whose id stands in the path.
    Path,
}
