//! Verification codes that outlive their use, or do not survive a refusal.

use super::{Plan, answering, is_refused};
use crate::mock::ops::codes;

pub(super) fn plans(operation: &'static str) -> Vec<Plan> {
    vec![
        answering(
            operation,
            "code-use",
            "leaves a code good for another use",
            |row, call, state| {
                let sent = state.outbox.clone();
                let reply = row.in_order(call, state);
                state.outbox = sent;
                reply
            },
        ),
        answering(
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
