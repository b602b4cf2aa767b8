//! The answer is right and does not arrive whole, or not in time.

use crate::mutant::{
    AnswerEdit, Delivery, Family, Mutant,
    scope::{Named, Scope, allowed, edit, judged},
};

const WAYS: [(&str, Delivery, &str); 4] = [
    (
        "cut-short",
        Delivery::CutShort,
        "ends in the middle of its body",
    ),
    (
        "reset",
        Delivery::Reset,
        "never comes, the connection is closed",
    ),
    (
        "too-late",
        Delivery::TooLate,
        "comes after every client has given up",
    ),
    (
        "in-pieces",
        Delivery::InPieces,
        "comes in many small pieces",
    ),
];

pub(super) fn enumerate(scope: &Scope<'_>) -> Vec<Mutant> {
    let mut out = Vec::new();
    for rule in scope.statuses() {
        let status = rule.status;
        for (operator, delivery, what) in WAYS {
            // What never arrives whole keeps no promise about an answer.
            let breaks = scope.ids(|row| row.about.status == Some(status));
            let judged = match delivery {
                Delivery::InPieces => {
                    allowed("how an answer is cut into packets is no one's promise")
                }
                _ => judged(breaks, "no requirement promises this answer"),
            };
            out.push(scope.answer(
                Named(Family::Delivery, &status.to_string(), operator),
                format!("an answer with status {status} {what}"),
                judged,
                AnswerEdit {
                    delivery,
                    ..edit(
                        // Half of no body is the whole of it.
                        move |_, response| {
                            response.status == status
                                && (delivery != Delivery::CutShort || response.body.len() > 1)
                        },
                        |_| {},
                    )
                },
            ));
        }
    }
    out
}
