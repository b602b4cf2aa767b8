//! Verification codes that outlive their use, or do not survive a refusal.

use super::{Plan, is_refused, way};
use crate::mock::ops::codes;

pub(super) fn plans(operation: &'static str) -> Vec<Plan> {
    vec![
        way(
            operation,
            "code-use",
            "leaves a code good for another use",
            |row, call, state| {
                let sent: Vec<_> = state.outbox.live(call.now).map(owned).collect();
                let reply = row.in_order(call, state);
                for (receiver, purpose, code) in sent {
                    state.outbox.send(&receiver, &purpose, code, call.now);
                }
                reply
            },
        ),
        way(
            operation,
            "code-mercy",
            "uses the right code up although it refuses the call",
            |row, call, state| {
                let reply = row.in_order(call, state);
                if is_refused(&reply) {
                    codes::consume(call, state);
                }
                reply
            },
        ),
    ]
}

fn owned((receiver, purpose, code): (&str, &str, &str)) -> (String, String, String) {
    (receiver.to_owned(), purpose.to_owned(), code.to_owned())
}
