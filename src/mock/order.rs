//! In which order the members of an object are written.

use fastrand::Rng;
use serde_json::{Map, Value};

/// In which order members or claims stand; JSON gives it no meaning.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// As the examples print them.
    #[default]
    Printed,
    Reversed,
    /// By this seed.
    Shuffled(u64),
}

impl Order {
    pub(super) fn arrange(self, members: Map<String, Value>) -> Map<String, Value> {
        let mut pairs: Vec<_> = members.into_iter().collect();
        match self {
            Self::Printed => {}
            Self::Reversed => pairs.reverse(),
            Self::Shuffled(seed) => Rng::with_seed(seed).shuffle(&mut pairs),
        }
        pairs.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_changes_nothing_but_the_order() {
        let members = serde_json::json!({ "a": 1, "b": 2, "c": 3, "d": 4 });
        let members = members.as_object().expect("an object");
        for order in [Order::Printed, Order::Reversed, Order::Shuffled(5)] {
            assert_eq!(&order.arrange(members.clone()), members, "{order:?}");
        }
        let reversed = Order::Reversed.arrange(members.clone());
        assert!(reversed.keys().eq(["d", "c", "b", "a"]));
    }
}
