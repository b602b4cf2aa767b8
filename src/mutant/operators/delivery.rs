//! The answer is right and does not arrive whole, or not in time.

use crate::mutant::{
    AnswerEdit, Delivery, Family, Mutant,
    scope::{Named, Scope, allowed, edit, has_no_body, judged},
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
            if delivery == Delivery::CutShort && has_no_body(status) {
                continue;
            }
            // What never arrives whole keeps no promise about an answer.
            let breaks = scope.ids(|row| row.about.answer == Some(status));
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

#[cfg(test)]
mod tests {
    use crate::mutant::{
        Change, Delivery,
        operators::sample::{answer, breaks, edited, mutant, request},
    };

    #[test]
    fn the_bytes_stay_and_the_wire_is_told_what_to_do_with_them() {
        for (operator, wanted) in [
            ("cut-short", Delivery::CutShort),
            ("reset", Delivery::Reset),
            ("too-late", Delivery::TooLate),
            ("in-pieces", Delivery::InPieces),
        ] {
            let id = format!("ciam/skipPasswordUpdate/delivery/200:{operator}");
            let right = answer(200, "{}");
            assert_eq!(edited(&id, &request(&[]), &right), Some(right));
            assert_eq!(edited(&id, &request(&[]), &answer(400, "{}")), None);
            let delivery = match &mutant(&id).change {
                Change::Answer(edit) => Some(edit.delivery),
                _ => None,
            };
            assert_eq!(delivery, Some(wanted));
            assert_eq!(breaks(&id).is_err(), wanted == Delivery::InPieces);
        }
    }

    #[test]
    fn an_answer_without_a_body_cannot_be_cut() {
        let id = "ciam/changePasswordByMobile/delivery/200:cut-short";
        assert_eq!(edited(id, &request(&[]), &answer(200, "")), None);
    }
}
