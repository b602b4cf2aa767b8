//! One operation with the requirements that bind its answers: what an operator enumerates from.
//!
//! Which requirements a departure breaks is read from the register's `about`, never from a check.
//! Only documented rows and rows of a sibling page bind; the open ones bind nobody.

use std::{collections::BTreeSet, ops::Deref, sync::Arc};

use serde_json::Value;

use crate::{
    contract::{
        About, Contract, ErrorBody, Member, Mode, Operation, Oracle, Requirement, ResponseRule,
    },
    exchange::{Request, Response},
    ids::RequirementId,
    mutant::{AnswerEdit, Change, Delivery, DocumentedStatus, Family, Mutant},
};

pub(super) struct Scope<'c> {
    pub contract: &'c Contract,
    pub operation: &'c Operation,
    /// The codes of the other editions.
    pub foreign: Vec<&'c str>,
    rows: Vec<&'c Requirement>,
}

/// A documented status with its rule, which may be that of its class or of all others.
#[derive(Clone, Copy)]
pub(super) struct StatusRule<'c> {
    pub status: u16,
    pub rule: &'c ResponseRule,
}

impl Deref for StatusRule<'_> {
    type Target = ResponseRule;

    fn deref(&self) -> &ResponseRule {
        self.rule
    }
}

impl<'c> Scope<'c> {
    /// `None` for an operation that no binding requirement speaks of.
    pub(super) fn of(
        contracts: &'c [Contract],
        contract: &'c Contract,
        operation: &'c Operation,
    ) -> Option<Self> {
        let rows: Vec<_> = contract
            .requirements
            .iter()
            .filter(|row| row.operation == operation.id)
            .filter(|row| matches!(row.oracle, Oracle::Documented | Oracle::Sibling))
            .collect();
        let foreign = contracts
            .iter()
            .filter(|other| other.edition != contract.edition)
            .flat_map(|other| &other.errors.codes)
            .map(|code| code.code.as_str())
            .collect();
        (!rows.is_empty()).then_some(Self {
            contract,
            operation,
            foreign,
            rows,
        })
    }

    /// Ids of the binding rows that an opinion picks, in the register's order.
    pub(super) fn ids(&self, picks: impl Fn(&Requirement) -> bool) -> Vec<RequirementId> {
        self.rows(picks).map(|row| row.id.clone()).collect()
    }

    pub(super) fn rows(
        &self,
        picks: impl Fn(&Requirement) -> bool,
    ) -> impl Iterator<Item = &'c Requirement> {
        self.rows.iter().copied().filter(move |row| picks(row))
    }

    /// The documented statuses that some binding row speaks of. A documented status without one,
    /// such as that of a busy service, cannot be provoked and has no mutants.
    pub(super) fn statuses(&self) -> impl Iterator<Item = StatusRule<'c>> {
        let operation = self.operation;
        let rows = self.rows.iter();
        let spoken_of: BTreeSet<u16> = rows.filter_map(|row| row.about.answer).collect();
        spoken_of.into_iter().filter_map(|status| {
            let rule = operation.response(status)?;
            Some(StatusRule { status, rule })
        })
    }

    /// The codes that errors.yaml documents for the operation with a status that a row speaks of.
    pub(super) fn codes(&self) -> Vec<&'c str> {
        let statuses: Vec<u16> = self.statuses().map(|rule| rule.status).collect();
        let codes = self.contract.errors.codes.iter();
        codes
            .filter(|code| code.operations.contains(&self.operation.id))
            .filter(|code| statuses.iter().any(|status| code.has_status(*status)))
            .map(|code| code.code.as_str())
            .collect()
    }

    pub(super) fn member(&self, status: u16, name: &str) -> Option<&'c Member> {
        let rule = self.operation.response(status)?;
        rule.members.iter().find(|member| member.name == name)
    }

    /// The error bodies that answers with this status may have.
    pub(super) fn error_bodies(&self, status: u16) -> Vec<&'c ErrorBody> {
        let bodies = &self.contract.errors.bodies;
        bodies.possible(Some(&self.operation.id), &[status])
    }

    /// Rows that promise this member of an answer with this status. A code is promised where error
    /// bodies hold it, and a language where they hold their text.
    pub(super) fn promises_member(&self, row: &Requirement, status: u16, name: &str) -> bool {
        let about = &row.about;
        if !may_have(about, status) || self.member(status, name).is_none() {
            return false;
        }
        let pointer = format!("/{name}");
        about.response.contains(&pointer)
            || self.error_bodies(status).iter().any(|body| {
                body.has_code_in(&pointer) && self.code_has(about, status)
                    || body.has_message_in(&pointer) && about.language.is_some()
            })
    }

    /// Rows that promise anything of the body of an answer with this status.
    pub(super) fn promises_body(&self, row: &Requirement, status: u16) -> bool {
        let about = &row.about;
        let whole = about.closed || !about.absent.is_empty();
        let places = whole
            || about.response.iter().any(|pointer| {
                pointer.is_empty()
                    || pointer
                        .strip_prefix('/')
                        .is_some_and(|name| self.member(status, name).is_some())
            });
        may_have(about, status) && (places || self.code_has(about, status))
    }

    fn code_has(&self, about: &About, status: u16) -> bool {
        about
            .codes
            .iter()
            .filter_map(|code| self.contract.errors.code(code))
            .any(|code| code.has_status(status))
    }

    /// A mutant that edits answers.
    pub(super) fn answer(
        &self,
        named: Named<'_>,
        what: String,
        (breaks, documented): Judged,
        edit: AnswerEdit,
    ) -> Mutant {
        self.mutant(named, what, (breaks, documented), Change::Answer(edit))
    }

    pub(super) fn mutant(
        &self,
        Named(family, subject, operator): Named<'_>,
        what: String,
        (breaks, documented): Judged,
        change: Change,
    ) -> Mutant {
        let (edition, operation) = (self.contract.edition, &self.operation.id);
        Mutant {
            id: format!(
                "{edition}/{operation}/{}/{subject}:{operator}",
                family.label()
            ),
            edition,
            operation: operation.clone(),
            family,
            operator: operator.to_owned(),
            what,
            breaks,
            documented,
            change,
        }
    }
}

/// Family, subject and operator: the parts of an id.
pub(super) struct Named<'n>(pub Family, pub &'n str, pub &'n str);

/// What is broken, and whether that is forbidden at all.
pub(super) type Judged = (Vec<RequirementId>, DocumentedStatus);

/// Forbidden when some row is broken; otherwise open for the reason given.
pub(super) fn judged(breaks: Vec<RequirementId>, otherwise: &str) -> Judged {
    let documented = if breaks.is_empty() {
        DocumentedStatus::Open(otherwise.to_owned())
    } else {
        DocumentedStatus::Forbidden
    };
    (breaks, documented)
}

/// Neither forbidden nor allowed for certain: noticed or not, it counts for nothing.
pub(super) fn open(reason: &str) -> Judged {
    (Vec::new(), DocumentedStatus::Open(reason.to_owned()))
}

/// Allowed: nobody may notice.
pub(super) fn allowed(reason: &str) -> Judged {
    (Vec::new(), DocumentedStatus::Equivalent(reason.to_owned()))
}

/// Whether HTTP takes any body out of answers with this status (RFC 9110, sections 15.3.5 and 15.4.5).
pub(super) const fn has_no_body(status: u16) -> bool {
    matches!(status, 204 | 304)
}

/// Rows without a status may speak of any.
pub(super) fn may_have(about: &About, status: u16) -> bool {
    about.answer.is_none_or(|known| known == status)
}

/// Whether a row speaks of answers in which a member has this value, and not of those with another.
pub(super) fn names(row: &Requirement, at: &str, value: &Value) -> bool {
    let values = row.about.values_at(at);
    values.is_some_and(|values| values.contains(value))
}

/// Whether a request is in the state that a row speaks of. Values are not compared, so a row about
/// a wrong value fits every request that has the header.
pub(super) fn asked(about: &About, request: &Request) -> bool {
    let (Some(mode @ (Mode::Omitted | Mode::Blank)), headers, members) =
        (about.mode, &about.headers, &about.members)
    else {
        return true;
    };
    let headers = headers.iter().map(|name| super::Part::Header(name.clone()));
    let members = members
        .iter()
        .filter_map(|pointer| pointer.strip_prefix('/'))
        .map(|name| super::Part::Member(name.to_owned()));
    headers
        .chain(members)
        .all(|part| part.stands(request, mode))
}

/// An edit of whole answers.
pub(super) fn edit(
    applies: impl Fn(&Request, &Response) -> bool + Send + Sync + 'static,
    edit: impl Fn(&mut Response) + Send + Sync + 'static,
) -> AnswerEdit {
    AnswerEdit {
        applies: Arc::new(applies),
        edit: Arc::new(edit),
        delivery: Delivery::Whole,
    }
}
