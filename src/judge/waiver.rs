//! Accepted departures: which failed test cases somebody answers for, and which waivers need a look.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::result::{CaseResult, Verdict, Waived, Waiver};

/// Writes its waiver to each failed test case all of whose findings are waived. Gives what needs
/// attention: waivers that are over, that the target no longer needs, or that no longer fit. `whole`
/// says that every test case of the suite is here.
pub fn waive(
    cases: &mut [CaseResult],
    waivers: &[Waiver],
    today: Date,
    whole: bool,
) -> Vec<String> {
    for case in cases.iter_mut() {
        case.waiver = waived(case, waivers, today);
    }
    let mut notes = BTreeSet::new();
    for waiver in waivers {
        for row in &waiver.cases {
            let case = cases.iter().find(|case| case.id == *row);
            if let Some(why) = attention(waiver, case, today, whole) {
                notes.insert(format!(
                    "{}:{}: {row}: {why}",
                    waiver.source.file, waiver.source.line
                ));
            }
        }
    }
    notes.into_iter().collect()
}

/// The waiver of a failed test case; `None` while one of its findings is nobody's.
#[must_use]
pub fn waived(case: &CaseResult, waivers: &[Waiver], today: Date) -> Option<Waived> {
    if !matches!(case.verdict, Verdict::Fail(_)) {
        return None;
    }
    let live = |waiver: &&Waiver| waiver.cases.contains(&case.id) && waiver.expires >= today;
    let mut first = None;
    for (_, _, mismatch) in case.broken() {
        let mut fitting = waivers.iter().filter(live);
        let waiver = fitting.find(|waiver| {
            let wanted = waiver.departs.get(&mismatch.place);
            wanted.is_some_and(|wanted| wanted == "*" || *wanted == mismatch.actual)
        })?;
        first.get_or_insert(waiver);
    }
    first.map(|waiver| Waived {
        owner: waiver.owner.clone(),
        reason: waiver.reason.clone(),
        expires: waiver.expires.to_string(),
    })
}

fn attention(
    waiver: &Waiver,
    case: Option<&CaseResult>,
    today: Date,
    whole: bool,
) -> Option<String> {
    if waiver.expires < today {
        return Some(format!("the waiver ended on {}", waiver.expires));
    }
    let Some(case) = case else {
        return whole.then(|| "there is no such row".to_owned());
    };
    match &case.verdict {
        Verdict::Pass(_) => Some("the row passes now, so the waiver can go".to_owned()),
        Verdict::Fail(_) if case.waiver.is_none() => {
            Some("the row departs in another way than the waiver says".to_owned())
        }
        Verdict::Fail(_) | Verdict::Error(_) | Verdict::Skip(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::{
        judge::sample::{plan, result, row},
        result::{CheckResult, ErrorReason, Mismatch, PassReason, SkipReason, Source},
    };

    /// The control failed with these findings: place and what was there.
    fn failed(findings: &[(&str, &str)]) -> CaseResult {
        let verdict = Verdict::Fail("status".into());
        let mut out = result(row(&plan(""), "control"), verdict, 200, "{}");
        let check = |(place, actual): &(&str, &str)| CheckResult {
            check: "status".into(),
            source: Source::default(),
            mismatch: Some(Mismatch {
                subject: crate::result::Subject::Status,
                place: (*place).into(),
                expected: vec!["200".into()],
                actual: (*actual).into(),
            }),
            warning: false,
            violates: Vec::new(),
            further: 0,
        };
        out.id = "failed".into();
        out.steps[0].checks = findings.iter().map(check).collect();
        out
    }

    /// Owned by this person, for the failed test case, until the tenth of March.
    fn waiver(owner: &str, departs: &[(&str, &str)]) -> Waiver {
        let departs = departs
            .iter()
            .map(|(at, actual)| ((*at).into(), (*actual).into()));
        Waiver {
            cases: vec!["failed".into()],
            departs: departs.collect(),
            owner: owner.into(),
            reason: "known".into(),
            expires: date(2027, 3, 10),
            source: Source {
                file: "waivers.yaml".into(),
                line: 3,
                ..Source::default()
            },
        }
    }

    /// Who answers for a test case on a day, and what needs a look.
    #[track_caller]
    fn check(
        case: CaseResult,
        waivers: &[Waiver],
        today: Date,
        owner: Option<&str>,
        notes: &[&str],
    ) {
        let mut cases = [case];
        let stale = waive(&mut cases, waivers, today, true);
        let expected = owner.map(|owner| Waived {
            owner: owner.into(),
            reason: "known".into(),
            expires: "2027-03-10".into(),
        });
        assert_eq!(cases[0].waiver, expected);
        let begin = "waivers.yaml:3: failed: ";
        assert_eq!(
            stale,
            notes
                .iter()
                .map(|note| format!("{begin}{note}"))
                .collect::<Vec<_>>()
        );
    }

    const ON_TIME: Date = date(2027, 3, 10);
    const OTHERWISE: &str = "the row departs in another way than the waiver says";

    #[test]
    fn a_row_is_waived_when_somebody_answers_for_each_of_its_findings() {
        let case = || failed(&[("status", "500"), ("body /a", "absent")]);
        let status = waiver("ann", &[("status", "500")]);
        let member = waiver("bob", &[("body /a", "*")]);
        let both = waiver("eve", &[("status", "*"), ("body /a", "absent")]);
        check(case(), &[both], ON_TIME, Some("eve"), &[]);
        check(
            case(),
            &[status.clone(), member.clone()],
            ON_TIME,
            Some("ann"),
            &[],
        );
        check(
            case(),
            &[member.clone(), status.clone()],
            ON_TIME,
            Some("ann"),
            &[],
        );
        check(case(), &[status], ON_TIME, None, &[OTHERWISE]);
        check(case(), &[member], ON_TIME, None, &[OTHERWISE]);
        check(
            failed(&[("status", "502")]),
            &[waiver("ann", &[("status", "500")])],
            ON_TIME,
            None,
            &[OTHERWISE],
        );
        // A failure without a finding is nobody's.
        check(
            failed(&[]),
            &[waiver("ann", &[("status", "*")])],
            ON_TIME,
            None,
            &[OTHERWISE],
        );
    }

    #[test]
    fn a_waiver_holds_to_its_last_day_and_for_its_rows() {
        let case = || failed(&[("status", "500")]);
        let status = || [waiver("ann", &[("status", "500")])];
        check(case(), &status(), date(2027, 1, 1), Some("ann"), &[]);
        check(
            case(),
            &status(),
            date(2027, 3, 11),
            None,
            &["the waiver ended on 2027-03-10"],
        );
        let mut other = case();
        other.id = "other".into();
        check(other, &status(), ON_TIME, None, &["there is no such row"]);
        assert_eq!(waive(&mut [], &status(), ON_TIME, false), [""; 0]);
    }

    #[test]
    fn a_row_that_did_not_fail_needs_no_waiver() {
        let with = |verdict| CaseResult {
            verdict,
            ..failed(&[("status", "500")])
        };
        let status = [waiver("ann", &[("status", "500")])];
        let gone = "the row passes now, so the waiver can go";
        check(
            with(Verdict::Pass(PassReason::Clean)),
            &status,
            ON_TIME,
            None,
            &[gone],
        );
        check(
            with(Verdict::Error(ErrorReason::Unreachable)),
            &status,
            ON_TIME,
            None,
            &[],
        );
        check(
            with(Verdict::Skip(SkipReason::NotProvided)),
            &status,
            ON_TIME,
            None,
            &[],
        );
    }

    #[test]
    fn of_two_waivers_at_one_place_the_second_may_be_needed_still() {
        let case = || failed(&[("status", "500")]);
        let (old, new) = (
            waiver("ann", &[("status", "400")]),
            waiver("bob", &[("status", "500")]),
        );
        check(case(), &[old, new], ON_TIME, Some("bob"), &[]);
    }
}
