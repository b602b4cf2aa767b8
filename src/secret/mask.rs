//! What stands in place of a secret.

use std::fmt;

/// The front of every mask.
pub(super) const FRONT: &str = "[secret:";

/// The length of every mask: its front, six digits, its bracket.
pub(super) const LENGTH: usize = FRONT.len() + 7;

/// A mask that is equal for equal secrets, so that a reader still sees which values were the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mask([u8; 3]);

impl Mask {
    #[must_use]
    pub fn of(secret: &str) -> Self {
        let digest = ring::digest::digest(&ring::digest::SHA256, secret.as_bytes());
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
