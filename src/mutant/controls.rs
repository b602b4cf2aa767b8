//! Controls of the machinery: what must never be noticed, what must always be, and what is noticed
//! for another reason than the one it names.

use crate::{
    contract::{Contract, Operation},
    ids::RequirementId,
    mutant::{
        Change, Family, Mutant,
        edit::{edit_object, object, set_body},
        scope::{Judged, Named, Scope, allowed, edit, judged},
    },
};

/// Changes nothing. A row that fails on it shows a fault of the machinery.
#[must_use]
pub fn inert(contract: &Contract, operation: &Operation) -> Option<Mutant> {
    let scope = scope(contract, operation)?;
    Some(scope.mutant(
        Named(Family::Swap, "control", "inert"),
        "does nothing at all".into(),
        allowed("nothing is changed"),
        Change::Nothing,
    ))
}

/// Every answer is 500 with an empty body. A suite that passes on it proves nothing.
#[must_use]
pub fn gross(contract: &Contract, operation: &Operation) -> Option<Mutant> {
    let scope = scope(contract, operation)?;
    let mut breaks = scope.ids(|row| row.about.answer.is_some());
    if breaks.is_empty() {
        // No requirement names a status, and none can hold.
        breaks = scope.ids(|_| true);
    }
    Some(answer(
        &scope,
        "gross",
        "answers everything with 500 and no body",
        judged(breaks, ""),
        |response| {
            response.status = 500;
            set_body(response, Vec::new());
        },
    ))
}

/// Takes a member out of one answer and names a requirement about the other. A score that counts it
/// as found by the rows of that requirement counts rows that fail for another reason. The requirement is the
/// first that `may_be_named`.
#[must_use]
pub fn mislabelled(
    contract: &Contract,
    operation: &Operation,
    may_be_named: &dyn Fn(&RequirementId) -> bool,
) -> Option<Mutant> {
    let scope = scope(contract, operation)?;
    let rule = scope
        .statuses()
        .find(|one| one.members.iter().any(|member| member.required))?;
    let (status, name) = (
        rule.status,
        rule.members
            .iter()
            .find(|member| member.required)?
            .name
            .clone(),
    );
    let other = scope
        .rows(|row| {
            row.about.answer.is_some_and(|known| known != status)
                && !scope.promises_member(row, status, &name)
                && may_be_named(&row.id)
        })
        .next()?;
    let what = format!("leaves {name} out and says that it breaks {}", other.id);
    Some(scope.answer(
        Named(Family::Swap, "control", "mislabelled"),
        what,
        judged(vec![other.id.clone()], ""),
        edit(
            move |_, response| response.status == status && object(response).is_some(),
            move |response| {
                edit_object(response, |members| {
                    members.shift_remove(&name);
                });
            },
        ),
    ))
}

fn scope<'c>(contract: &'c Contract, operation: &'c Operation) -> Option<Scope<'c>> {
    Scope::of(&[], contract, operation)
}

fn answer(
    scope: &Scope<'_>,
    operator: &str,
    what: &str,
    judged: Judged,
    change: fn(&mut crate::exchange::Response),
) -> Mutant {
    scope.answer(
        Named(Family::Swap, "control", operator),
        what.to_owned(),
        judged,
        edit(|_, _| true, change),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        exchange::Response,
        mutant::{
            DocumentedStatus,
            operators::sample::{answer, contracts, request},
        },
    };

    fn changed(mutant: &Mutant, response: &Response) -> Option<Response> {
        let Change::Answer(edit) = &mutant.change else {
            return None;
        };
        let mut changed = response.clone();
        (edit.applies)(&request(&[]), response).then(|| (edit.edit)(&mut changed))?;
        Some(changed)
    }

    #[test]
    fn every_operation_under_test_has_its_controls() {
        let mut found = 0;
        for contract in contracts() {
            for operation in &contract.operations {
                let mislabelled = mislabelled(contract, operation, &|_| true);
                let (Some(inert), Some(gross), Some(mislabelled)) = (
                    inert(contract, operation),
                    gross(contract, operation),
                    mislabelled,
                ) else {
                    continue;
                };
                found += 1;
                assert!(matches!(inert.change, Change::Nothing));
                assert_ne!(inert.documented, DocumentedStatus::Forbidden);
                let broken = changed(&gross, &answer(200, "{}")).expect("applies");
                assert_eq!((broken.status, broken.body.len()), (500, 0));
                assert!(gross.breaks.len() > 10);
                assert_eq!(mislabelled.breaks.len(), 1);
            }
        }
        assert_eq!(found, 5);
    }

    #[test]
    fn a_mislabelled_mutant_names_the_other_answer() {
        let contract = &contracts()[1];
        let skip = contract.operation("skipPasswordUpdate").expect("known");
        let mutant = mislabelled(contract, skip, &|_| true).expect("possible");
        let right = answer(200, r#"{"status":"SUCCESS","expire":1}"#);
        let left = changed(&mutant, &right).map(|answer| answer.body);
        assert_eq!(left.as_deref(), Some(&br#"{"expire":1}"#[..]));
        let row = contract.requirement(&mutant.breaks[0]).expect("known");
        assert_eq!(row.about.answer, Some(400));
    }
}
