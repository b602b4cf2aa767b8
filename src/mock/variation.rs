//! What the documents leave open, chosen by a seed.
//!
//! Seed 0 is the plain reading. Any other seed gives a tenant that differs only
//! where nothing is promised; a suite that fails on one asserts too much.

use fastrand::Rng;
use serde_json::{Map, Value};

use super::operation::Operation;

/// One way to fill the gaps of the documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variation {
    seed: u64,
    /// Digits of a verification code: the examples show four and six.
    pub code_length: usize,
    /// Whether a state token is refused after it led to success.
    pub single_use: bool,
    /// Whether user data stands in one claim `api` as JSON text.
    pub nested_claims: bool,
    /// Whether OneAccess' forced change leaves `id_token` out, as its example does.
    pub drops_id_token: bool,
    /// The answer's content type; parameters are not documented.
    pub content_type: &'static str,
}

impl Variation {
    pub(super) fn from_seed(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let varied = seed != 0;
        let mut flip = || varied && rng.bool();
        Self {
            seed,
            code_length: if flip() { 4 } else { 6 },
            single_use: !flip(),
            nested_claims: flip(),
            drops_id_token: flip(),
            content_type: if flip() {
                "application/json;charset=UTF-8"
            } else {
                "application/json"
            },
        }
    }

    /// Changes which of several mistakes is reported first.
    pub(super) fn arrange(&self, operations: &mut [Operation]) {
        if self.seed == 0 {
            return;
        }
        let mut rng = Rng::with_seed(self.seed);
        for operation in operations {
            rng.shuffle(&mut operation.rules);
        }
    }

    /// Changes the order of members, which JSON gives no meaning.
    pub(super) fn arrange_members(&self, members: Map<String, Value>) -> Map<String, Value> {
        if self.seed == 0 {
            return members;
        }
        let mut pairs: Vec<_> = members.into_iter().collect();
        Rng::with_seed(self.seed).shuffle(&mut pairs);
        pairs.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seed_zero_is_the_plain_reading() {
        let plain = Variation::from_seed(0);
        assert_eq!(plain.code_length, 6);
        assert!(plain.single_use && !plain.nested_claims && !plain.drops_id_token);
        assert_eq!(plain.content_type, "application/json");
    }

    #[test]
    fn the_same_seed_gives_the_same_tenant() {
        assert_eq!(Variation::from_seed(7), Variation::from_seed(7));
    }
}
