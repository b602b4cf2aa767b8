//! What stands in place of a secret.

use std::{fmt, sync::LazyLock};

use ring::{
    hmac::{HMAC_SHA256, Key, sign},
    rand::SystemRandom,
};

/// The front of every mask.
pub(super) const FRONT: &str = "[secret:";

/// The length of every mask: its front, six digits, its bracket.
pub(super) const LENGTH: usize = FRONT.len() + 7;

/// Made anew for each process and written nowhere, so that nobody finds a short secret, such as a code of six
/// digits, by masking all there are. Without randomness from the system, masks are those of a key that
/// anybody could have.
static KEY: LazyLock<Key> = LazyLock::new(|| {
    Key::generate(HMAC_SHA256, &SystemRandom::new())
        .unwrap_or_else(|_| Key::new(HMAC_SHA256, &std::process::id().to_le_bytes()))
});

/// A mask that is equal for equal secrets of one process, so that a reader still sees which values were the
/// same, and says nothing else of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mask([u8; 3]);

impl Mask {
    #[must_use]
    pub fn of(secret: &str) -> Self {
        let digest = sign(&KEY, secret.as_bytes());
        let mut first = [0; 3];
        for (byte, of) in first.iter_mut().zip(digest.as_ref()) {
            *byte = *of;
        }
        Self(first)
    }
}

impl fmt::Display for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second, third] = self.0;
        write!(f, "{FRONT}{first:02x}{second:02x}{third:02x}]")
    }
}
