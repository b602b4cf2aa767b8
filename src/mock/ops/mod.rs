//! What the operations do, by resource. An effect never refuses: that is what rules are for.

pub(super) mod captcha;
pub(super) mod codes;
pub(super) mod login;
pub(super) mod management;
pub(super) mod mfa;
pub(super) mod password;
pub(super) mod session;
