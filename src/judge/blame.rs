//! Which requirements a finding violates, and what a test case says of each requirement it covers.
//!
//! A requirement is judged by its own subject alone: a session token of the wrong type says nothing
//! about the header that was left out in the same request.

use std::collections::BTreeSet;

use super::{checks::is_same_place, judged_step::JudgedStep};
use crate::{
    contract::{
        BodySchema, Contract, Derived, ErrorBody, Oracle, Requirement, ResponseRule, pointer_part,
    },
    exchange::Response,
    ids::RequirementId,
    plan::{Step, TestCase},
    result::{CheckResult, Covered, Evidence, Part, RecordedToken, StepOwner, Subject},
    template::Bindings,
    transcript::StepRecord,
};

/// The requirements that a finding on this subject violates: of those that its step covers, those it
/// is about; where there are none, those that speak of every such answer of the operation; and where
/// there are none either, those whose subject cannot be there for it, such as the code of a refusal
/// without one.
pub(super) fn violated(
    case: &TestCase,
    judged: &JudgedStep<'_>,
    result: &CheckResult,
    contract: &Contract,
) -> Vec<RequirementId> {
    let (Some(step), Some(mismatch)) = (judged.step, &result.mismatch) else {
        return Vec::new();
    };
    let subject = &mismatch.subject;
    let asked = is_asked(result);
    // What the author alone expects of an answer breaks no promise of the document.
    let mut undocumented = judged.undocumented.iter();
    let own_wish = asked && !undocumented.any(|found| is_same_place(found, mismatch));
    let promised =
        |requirement: &&Requirement| !own_wish || !is_documented_answer(requirement, subject);
    let about = |requirement: &&Requirement| {
        asked && requirement.is_effect() && is_later(case, judged, requirement)
            || is_other_side(requirement, subject)
            || is_about(requirement, subject)
    };
    let covered = || {
        let ids = ids(case, judged).filter_map(|id| contract.requirement(id));
        ids.filter(|requirement| covers(case, judged, requirement))
            .filter(promised)
    };
    let ids = |all: Vec<&Requirement>| all.into_iter().map(|one| one.id.clone()).collect();
    let own: Vec<&Requirement> = covered().filter(about).collect();
    if !own.is_empty() {
        return ids(own);
    }
    let mut general = general(case, judged, step, subject, contract);
    general.retain(promised);
    if !general.is_empty() {
        return ids(general);
    }
    let loses = |requirement: &&Requirement| {
        let mut subjects = requirement.about.subjects.iter();
        subjects.any(|wanted| leaves_none(subject, wanted, judged.error_body(contract)))
    };
    let lost: Vec<&Requirement> = covered().filter(loses).collect();
    if !lost.is_empty() {
        return ids(lost);
    }
    // What a derived register says of a body as a whole, it says of everything in it.
    let is_of_the_body = |requirement: &&Requirement| {
        requirement.derived.is_some()
            && is_of_a_body(subject)
            && requirement.about.subjects.contains(&Subject::Form)
    };
    let of_the_body: Vec<&Requirement> = covered().filter(is_of_the_body).collect();
    if !of_the_body.is_empty() {
        return ids(of_the_body);
    }
    // A documented refusal that does not take place is an answer that never came.
    let is_refusal = |requirement: &&Requirement| {
        requirement.derived.is_some()
            && requirement.about.subjects == [Subject::Status]
            && *subject == Subject::Refused
    };
    ids(covered().filter(is_refusal).collect())
}

/// Whether it is a derived requirement on what a documented answer consists of, and the subject is
/// part of that. The outcome and the status are not: that these are expected here, the test case says.
fn is_documented_answer(requirement: &Requirement, subject: &Subject) -> bool {
    let outcome = matches!(
        subject,
        Subject::Accepted | Subject::Refused | Subject::Status
    );
    matches!(requirement.derived, Some(Derived::Answer(_))) && !outcome
}

/// Whether a finding is on something in a body.
const fn is_of_a_body(subject: &Subject) -> bool {
    matches!(
        subject,
        Subject::Form | Subject::Member(_) | Subject::Absent(_) | Subject::Closed
    )
}

/// The requirements that speak of every answer of the operation, whatever was asked, and are about this
/// subject.
fn general<'c>(
    case: &TestCase,
    judged: &JudgedStep<'_>,
    step: &Step,
    subject: &Subject,
    contract: &'c Contract,
) -> Vec<&'c Requirement> {
    let Some(operation) = operation(case, step) else {
        return Vec::new();
    };
    let status = judged.status();
    let expected = step.expected_statuses();
    let refused = judged.is_refusal(contract);
    let speaks = |requirement: &&Requirement| {
        let answer = requirement.about.answer;
        let fits = match subject {
            // Of two statuses that would do, the one of the outcome that came.
            Subject::Status => answer.is_some_and(|answer| {
                let alike = refused == (answer >= 400);
                expected.contains(&answer) && (alike || expected.len() == 1)
            }),
            _ => answer.is_none() || answer == status,
        };
        requirement.operation == operation
            && requirement.not_tested.is_none()
            && matches!(requirement.oracle, Oracle::Documented | Oracle::Sibling)
            && requirement.about.is_general()
            && has_values(requirement, subject, judged)
            && fits
            && is_about(requirement, subject)
    };
    contract.requirements.iter().filter(speaks).collect()
}

/// Whether the answer has the values that the requirement speaks of. A finding on such a value itself
/// says that it is another one than it should be.
fn has_values(requirement: &Requirement, subject: &Subject, judged: &JudgedStep<'_>) -> bool {
    let body = judged.response().map(Response::json_or_null);
    let mut values = requirement.about.values.iter();
    values.all(|(at, known)| {
        let is_found = breaks(subject, &Subject::Member(at.clone()));
        let actual = body.and_then(|body| body.pointer(at));
        is_found || actual.is_some_and(|actual| known.contains(actual))
    })
}

/// What the steps of a test case say of the requirements that it covers.
pub(super) fn evidence(
    case: &TestCase,
    steps: &[JudgedStep<'_>],
    contract: &Contract,
) -> Vec<(RequirementId, Evidence)> {
    let violated: BTreeSet<&RequirementId> = steps
        .iter()
        .flat_map(|judged| &judged.results)
        .flat_map(|result| &result.violates)
        .collect();
    let of = |id: &RequirementId| match contract.requirement(id) {
        _ if violated.contains(id) => Evidence::Violated,
        Some(requirement) => held(case, steps, requirement, contract),
        None => Evidence::None,
    };
    case.covers.iter().map(|id| (id.clone(), of(id))).collect()
}

/// Puts the evidence where the result names the requirements.
pub(crate) fn note(requirements: &mut [Covered], evidence: &[(RequirementId, Evidence)]) {
    for covered in requirements {
        let found = evidence.iter().find(|(id, _)| *id == covered.id);
        covered.evidence = found.map_or(Evidence::None, |(_, evidence)| *evidence);
    }
}

/// How much of what a requirement is about was judged in the steps that cover it. What is judged and
/// is no finding held.
fn held(
    case: &TestCase,
    steps: &[JudgedStep<'_>],
    requirement: &Requirement,
    contract: &Contract,
) -> Evidence {
    let relevant: Vec<&JudgedStep<'_>> = steps
        .iter()
        .filter(|judged| covers(case, judged, requirement))
        .filter(|judged| ids(case, judged).any(|id| *id == requirement.id))
        .collect();
    let subjects = &requirement.about.subjects;
    // A request is accepted or refused, never both: what either would do is judged by one of them.
    let outcome = |subject: &Subject| matches!(subject, Subject::Accepted | Subject::Refused);
    let either = subjects.iter().filter(|subject| outcome(subject)).count() == 2;
    let judged = |subject: &&Subject| match subject {
        Subject::Effect(_) => effect_held(case, requirement, &relevant),
        subject if either && outcome(subject) => relevant
            .iter()
            .any(|step| step.subjects.iter().any(outcome)),
        subject => relevant
            .iter()
            .any(|step| step.judges(subject, requirement, contract)),
    };
    match subjects.iter().filter(judged).count() {
        0 => {
            let mut relevant = relevant.iter();
            if relevant.any(|step| step.touches(requirement, contract)) {
                Evidence::Partly
            } else {
                Evidence::None
            }
        }
        some if some < subjects.len() => Evidence::Partly,
        _ => Evidence::Held,
    }
}

/// Every step that is to show the effect was answered, judged, and found nothing.
fn effect_held(case: &TestCase, requirement: &Requirement, relevant: &[&JudgedStep<'_>]) -> bool {
    let clean = |judged: &&&JudgedStep<'_>| {
        let found = |result: &CheckResult| result.is_finding();
        !judged.subjects.is_empty() && !judged.results.iter().any(found)
    };
    let shows = |step: &&Step| {
        !step.prepares
            && (step.covers.contains(&requirement.id)
                || step.covers.is_empty() && case.request.covers.contains(&requirement.id))
    };
    let later =
        case.operation != requirement.operation && case.request.covers.contains(&requirement.id);
    let wanted = case.then.iter().filter(shows).count() + usize::from(later);
    let answered = relevant
        .iter()
        .filter(|judged| is_later(case, judged, requirement));
    wanted > 0 && answered.filter(clean).count() == wanted
}

/// Whether a step comes after the request that the requirement speaks of: after the request under
/// test, or the request under test itself where that is another operation.
fn is_later(case: &TestCase, judged: &JudgedStep<'_>, requirement: &Requirement) -> bool {
    match judged.part() {
        Part::Then => true,
        Part::Request => case.operation != requirement.operation,
        Part::Setup | Part::Cleanup => false,
    }
}

impl JudgedStep<'_> {
    /// Whether its answer was judged in this respect, and not hidden behind an earlier finding.
    fn judges(&self, subject: &Subject, requirement: &Requirement, contract: &Contract) -> bool {
        let hidden = self.found().any(|found| {
            let by_code = *found == Subject::Code && *subject == Subject::Message;
            by_code && !requirement.about.codes.is_empty()
                || hides(found, subject, self.error_body(contract))
        });
        let implied =
            matches!(subject, Subject::Absent(_)) && self.subjects.contains(&Subject::Closed);
        !hidden && (implied || self.subjects.iter().any(|judged| same(judged, subject)))
    }

    /// Whether it judges some of what the requirement is about, or its other side: the longest
    /// password that is taken, beside the one that is too long.
    fn touches(&self, requirement: &Requirement, contract: &Contract) -> bool {
        let about = &requirement.about;
        let form = self.error_body(contract);
        let subjects = about.subjects.iter();
        let mut subjects = subjects.filter(|subject| !matches!(subject, Subject::Effect(_)));
        let has = |wanted: &Subject| self.judges(wanted, requirement, contract);
        let at = |at: &String| has(&Subject::Member(at.clone()));
        let hidden = self.has_another_outcome();
        !hidden
            && (subjects.any(|subject| match subject {
                Subject::Code => form.code_at.as_ref().is_some_and(at),
                Subject::Claim { token, part } => part == "form" && has(&place_of(token)),
                _ => false,
            }) || about.response.iter().any(at)
                || speaks_of_refusal(requirement) && has(&Subject::Accepted)
                || about.subjects.contains(&Subject::Accepted) && has(&Subject::Refused))
    }
}

/// Whether a sentence says that something is refused, or how.
fn speaks_of_refusal(requirement: &Requirement) -> bool {
    let subjects = requirement.about.subjects.iter();
    let mut subjects = subjects.filter(|subject| !matches!(subject, Subject::Effect(_)));
    let answer = requirement.about.answer;
    answer.is_some_and(|status| status >= 400)
        || subjects
            .any(|subject| matches!(subject, Subject::Refused | Subject::Code | Subject::Message))
}

/// The requirements that a step is judged for: its own, and those of the case where it is the
/// request under test or has none of its own.
fn ids<'c>(case: &'c TestCase, judged: &JudgedStep<'c>) -> impl Iterator<Item = &'c RequirementId> {
    let own = judged.step.map_or(&[][..], |step| &step.covers);
    let of_case = own.is_empty() || judged.part() == Part::Request;
    let shared = if of_case {
        &case.request.covers[..]
    } else {
        own
    };
    shared.iter()
}

/// Whether a step can say anything of a requirement: a step after the request that covers nothing
/// itself shows effects, unless it is the operation under test once more.
fn covers(case: &TestCase, judged: &JudgedStep<'_>, requirement: &Requirement) -> bool {
    let Some(step) = judged.step else {
        return false;
    };
    match judged.part() {
        Part::Request => true,
        Part::Then if step.prepares => false,
        Part::Then => {
            !step.covers.is_empty()
                || requirement.is_effect()
                || operation(case, step) == Some(case.operation.as_str())
        }
        Part::Setup | Part::Cleanup => false,
    }
}

pub(super) fn operation<'c>(case: &'c TestCase, step: &'c Step) -> Option<&'c str> {
    if step.repeat {
        return Some(&case.operation);
    }
    step.operation.as_deref()
}

/// A test case may show a requirement from its other side: what is just allowed, beside what is
/// refused. An outcome that is not the expected one breaks it there as well.
fn is_other_side(requirement: &Requirement, found: &Subject) -> bool {
    match found {
        Subject::Accepted => speaks_of_refusal(requirement),
        Subject::Refused => requirement.about.subjects.contains(&Subject::Accepted),
        _ => false,
    }
}

/// Whether the author asked for it, rather than the contract alone.
fn is_asked(result: &CheckResult) -> bool {
    result.check != "conforms" && result.check != "delivery"
}

/// Whether a finding is on a subject of the requirement.
fn is_about(requirement: &Requirement, found: &Subject) -> bool {
    let subjects = requirement.about.subjects.iter();
    let mut subjects = subjects.filter(|subject| !matches!(subject, Subject::Effect(_)));
    subjects.any(|subject| breaks(found, subject))
}

/// Whether a finding on one subject breaks what is said of another.
fn breaks(found: &Subject, subject: &Subject) -> bool {
    if same(found, subject) {
        return true;
    }
    match (subject, found) {
        // The form of a token that is not there, or is no text.
        (Subject::Claim { token, part }, found) if *found == place_of(token) => part == "form",
        // A refusal that does not take place has no code, and a member too many opens a closed set.
        (Subject::Code, Subject::Refused) | (Subject::Closed, Subject::Absent(_)) => true,
        // Something is inside it that should not be there.
        (Subject::Member(of), Subject::Absent(at)) => is_inside(at, of),
        // What it stands in is not there, or is something else.
        (Subject::Member(of), Subject::Member(at)) => is_inside(of, at),
        _ => false,
    }
}

/// What of an answer a token stands in.
fn place_of(token: &str) -> Subject {
    match token.strip_prefix(RecordedToken::IN_HEADER) {
        Some(name) => Subject::header(name),
        None if token.is_empty() => Subject::Form,
        None => Subject::Member(token.to_owned()),
    }
}

/// Whether a finding leaves nothing there that another subject could be judged by.
fn hides(found: &Subject, subject: &Subject, form: &ErrorBody) -> bool {
    leaves_none(found, subject, form) || found.hides_the_rest() && found < subject
}

/// Whether a refusal has no code, or no text, at all. The documented text belongs to its code, and to
/// no other.
fn leaves_none(found: &Subject, subject: &Subject, form: &ErrorBody) -> bool {
    match (found, subject) {
        (Subject::Member(at), Subject::Code) => Some(at) == form.code_at.as_ref(),
        (Subject::Member(at), Subject::Message) => {
            Some(at) == form.code_at.as_ref() || Some(at) == form.message_at.as_ref()
        }
        _ => false,
    }
}

/// Whether a member stands inside another one; both are JSON Pointers.
fn is_inside(at: &str, of: &str) -> bool {
    at.strip_prefix(of)
        .is_some_and(|rest| rest.starts_with('/'))
}

/// The same subject, or a member inside one. A claim that may have one of two names, written `a|b`,
/// is each of them.
fn same(found: &Subject, subject: &Subject) -> bool {
    match (found, subject) {
        (Subject::Member(at), Subject::Member(of)) => at == of || is_inside(at, of),
        (
            Subject::Claim { token, part },
            Subject::Claim {
                token: other,
                part: wanted,
            },
        ) => token == other && part.split('|').any(|name| name == wanted),
        _ => found == subject,
    }
}

/// What of an answer the checks of a step judge.
fn asked_by(step: &Step, contract: &Contract) -> Vec<Subject> {
    let bodies = step.error_bodies(contract);
    let checks = step.checks.iter();
    checks.flat_map(|check| check.subjects(&bodies)).collect()
}

/// What the contract judges of the answer to a step, asked or not, where it has a status that the step
/// expects.
pub(super) fn of_contract(step: &Step, contract: &Contract) -> Vec<Subject> {
    let operation = step.operation.as_deref();
    let operation = operation.and_then(|id| contract.operation(id));
    let statuses = step.expected_statuses().into_iter();
    let mut rules: Vec<&ResponseRule> = statuses
        .filter_map(|status| operation?.response(status))
        .collect();
    rules.sort_by_key(|rule| rule.statuses);
    rules.dedup_by_key(|rule| rule.statuses);
    let mut out = Vec::new();
    for rule in rules {
        out.extend(
            rule.headers
                .iter()
                .map(|header| Subject::header(&header.name)),
        );
        if !rule.content_types.is_empty() {
            out.push(Subject::MediaType);
        }
        if !rule.schemas.is_empty() {
            out.push(Subject::Form);
        }
        let schemas = rule.schemas.iter().map(|(_, schema)| schema);
        let names = schemas.flat_map(BodySchema::documented);
        out.extend(names.map(|name| Subject::Member(format!("/{}", pointer_part(name)))));
    }
    out
}

/// The requirements that a test case covers and that none of its checks is about, whatever the target
/// answers. Those that the documents leave open, and all that an observing test case covers, are only
/// looked at.
#[must_use]
pub fn never_judged<'c>(case: &'c TestCase, contract: &Contract) -> Vec<&'c RequirementId> {
    if case.observe.is_some() {
        return Vec::new();
    }
    let steps = std::iter::once((Part::Request, &case.request));
    let steps = steps.chain(case.then.iter().map(|step| (Part::Then, step)));
    let records: Vec<StepRecord> = steps
        .clone()
        .map(|(part, step)| unsent(part, step))
        .collect();
    let judged: Vec<JudgedStep<'_>> = steps
        .zip(&records)
        .map(|((_, step), record)| {
            let mut subjects = asked_by(step, contract);
            subjects.extend(of_contract(step, contract));
            JudgedStep {
                record,
                step: Some(step),
                subjects,
                results: Vec::new(),
                undocumented: Vec::new(),
            }
        })
        .collect();
    let binding = |id: &&RequirementId| {
        let requirement = contract.requirement(id)?;
        let binds = matches!(requirement.oracle, Oracle::Documented | Oracle::Sibling);
        // One without a subject is a mistake of the register.
        (binds && !requirement.about.subjects.is_empty()).then_some(requirement)
    };
    let open = |id: &&RequirementId| {
        binding(id).is_some_and(|one| held(case, &judged, one, contract) == Evidence::None)
    };
    case.covers.iter().filter(open).collect()
}

fn unsent(part: Part, step: &Step) -> StepRecord {
    StepRecord {
        name: step.name.clone(),
        owner: StepOwner::Case,
        part,
        index: None,
        route: String::new(),
        attempts: Vec::new(),
        bindings: Bindings::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_around_a_member_or_inside_it_is_about_the_member() {
        let member = |at: &str| Subject::Member(at.to_owned());
        let absent = |at: &str| Subject::Absent(at.to_owned());
        for (found, subject, expected) in [
            (member("/data"), "/data", true),
            (member("/data/id"), "/data", true),
            (member("/data"), "/data/id", true),
            (absent("/data/id"), "/data", true),
            (absent("/data"), "/data", false),
            (absent("/data"), "/data/id", false),
            (member("/dat"), "/data", false),
            (member("/data/id"), "/data/name", false),
            (absent("/database"), "/data", false),
        ] {
            let breaks = breaks(&found, &member(subject));
            assert_eq!(breaks, expected, "{found:?} and {subject}");
        }
    }
}
