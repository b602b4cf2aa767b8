//! Accepted departures: which failed test cases somebody answers for, and which waivers need a look.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::{
    ids::CaseId,
    result::{CaseResult, Source, Verdict, Waived, Waiver},
};

/// Writes its waiver to each failed test case all of whose findings are waived. Gives what needs
/// attention: waivers that are over, that the target no longer needs, or that no longer fit. `whole` says
/// that every test case of the suite is here, and `exists` of one that has no result here whether there is
/// one.
pub fn waive(
    cases: &mut [CaseResult],
    waivers: &[Waiver],
    today: Date,
    whole: bool,
    exists: impl Fn(&CaseId) -> bool,
) -> Vec<String> {
    let mut notes = BTreeSet::new();
    let mut note = |waiver: &Waiver, row: &str, why: &str| {
        let Source { file, line, .. } = &waiver.source;
        let row = if row.is_empty() {
            String::new()
        } else {
            format!("{row}: ")
        };
        notes.insert(format!("{file}:{line}: {row}{why}"));
    };
    let mut holding: Vec<&Waiver> = Vec::new();
    for waiver in waivers {
        let matched = matched(cases, waiver, today);
        if waiver.patterns.is_empty() || matched <= waiver.max_matches {
            holding.push(waiver);
        } else {
            let most = waiver.max_matches;
            let why = format!(
                "{matched} rows depart by its patterns, more than its `max_matches: {most}`, so that none \
                 of them is accepted"
            );
            note(waiver, "", &why);
        }
    }
    for case in cases.iter_mut() {
        case.waiver = accepted(case, &holding, today);
    }
    for waiver in waivers {
        for row in &waiver.cases {
            let case = cases.iter().find(|case| case.id == *row);
            if let Some(why) = attention(waiver, case, today, || exists(row)) {
                note(waiver, row, &why);
            }
        }
        let by_pattern = |case: &&CaseResult| {
            let failed = matches!(case.verdict, Verdict::Fail(_)) && case.waiver.is_none();
            failed
                && waiver
                    .patterns
                    .iter()
                    .any(|pattern| pattern.matches(&case.id))
        };
        if waiver.expires >= today && holding.contains(&waiver) {
            for case in cases.iter().filter(by_pattern) {
                note(waiver, &case.id, &otherwise(case, waiver));
            }
        }
        if let Some(why) = idle(waiver, cases, today, whole) {
            note(waiver, "", &why);
        }
    }
    notes.into_iter().collect()
}

/// How many failed rows a waiver accepts by its patterns.
fn matched(cases: &[CaseResult], waiver: &Waiver, today: Date) -> usize {
    // A row that it accepts with the help of another waiver counts as well.
    let by_pattern = |case: &&CaseResult| {
        let named = waiver.cases.contains(&case.id);
        let failed = matches!(case.verdict, Verdict::Fail(_)) && waiver.expires >= today;
        let patterns = || {
            waiver
                .patterns
                .iter()
                .any(|pattern| pattern.matches(&case.id))
        };
        let mut broken = case.broken();
        !named && failed && patterns() && broken.any(|(_, check, _)| waiver.accepts(check))
    };
    cases.iter().filter(by_pattern).count()
}

/// The waiver of a failed test case; `None` while one of its findings is nobody's.
#[must_use]
pub fn waived(case: &CaseResult, waivers: &[Waiver], today: Date) -> Option<Waived> {
    let all: Vec<&Waiver> = waivers.iter().collect();
    accepted(case, &all, today)
}

fn accepted(case: &CaseResult, waivers: &[&Waiver], today: Date) -> Option<Waived> {
    if !matches!(case.verdict, Verdict::Fail(_)) {
        return None;
    }
    let live = |waiver: &&&Waiver| waiver.is_for(&case.id) && waiver.expires >= today;
    let mut first = None;
    for (_, check, _) in case.broken() {
        // What is only counted has been looked at by nobody.
        if check.further > 0 {
            return None;
        }
        let mut fitting = waivers.iter().filter(live);
        let waiver = fitting.find(|waiver| waiver.accepts(check))?;
        first.get_or_insert(*waiver);
    }
    let days = |from: Date, to: Date| from.until(to).ok().map(|span| span.get_days());
    first.map(|waiver| Waived {
        owner: waiver.owner.clone(),
        reason: waiver.reason.clone(),
        expires: waiver.expires.to_string(),
        days_left: days(today, waiver.expires),
        age_days: waiver.since.and_then(|since| days(since, today)),
    })
}

fn attention(
    waiver: &Waiver,
    case: Option<&CaseResult>,
    today: Date,
    exists: impl Fn() -> bool,
) -> Option<String> {
    if waiver.expires < today {
        return Some(format!("the waiver ended on {}", waiver.expires));
    }
    let Some(case) = case else {
        return (!exists()).then(|| "there is no such row".to_owned());
    };
    match &case.verdict {
        Verdict::Pass(_) => Some("the row passes now, so the waiver can go".to_owned()),
        Verdict::Fail(_) if case.waiver.is_none() => Some(otherwise(case, waiver)),
        Verdict::Fail(_) | Verdict::Error(_) | Verdict::Skip(_) => None,
    }
}

/// What a row finds that its waiver does not accept.
fn otherwise(case: &CaseResult, waiver: &Waiver) -> String {
    const SENTENCE: &str = "the row departs in another way than the waiver says";
    let mut open = case.broken().filter(|(_, check, _)| !waiver.accepts(check));
    match open.next() {
        Some((_, check, found)) => format!(
            "{SENTENCE}: {} is {} (fingerprint {})",
            found.place,
            found.actual,
            check.fingerprint().unwrap_or_default()
        ),
        None => SENTENCE.to_owned(),
    }
}

/// Why a waiver of patterns alone needs a look.
fn idle(waiver: &Waiver, cases: &[CaseResult], today: Date, whole: bool) -> Option<String> {
    if waiver.patterns.is_empty() || !waiver.cases.is_empty() {
        return None;
    }
    if waiver.expires < today {
        return Some(format!("the waiver ended on {}", waiver.expires));
    }
    let mut own = cases.iter().filter(|case| waiver.is_for(&case.id));
    let needed = own.any(|case| !case.verdict.is_pass());
    (whole && !needed).then(|| "no row of its patterns fails, so the waiver can go".to_owned())
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
            patterns: Vec::new(),
            max_matches: 0,
            fingerprints: Vec::new(),
            since: None,
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
        let stale = waive(&mut cases, waivers, today, true, |_| false);
        let expected = owner.map(|owner| Waived {
            owner: owner.into(),
            reason: "known".into(),
            expires: "2027-03-10".into(),
            days_left: today
                .until(date(2027, 3, 10))
                .ok()
                .map(|span| span.get_days()),
            age_days: None,
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

    /// With what it finds, and the word for that.
    fn otherwise(case: &CaseResult, place: &str) -> String {
        let found = case.broken().find(|(_, _, found)| found.place == place);
        let (_, check, found) = found.expect("a finding");
        let fingerprint = check.fingerprint().expect("of a finding");
        format!(
            "{OTHERWISE}: {place} is {} (fingerprint {fingerprint})",
            found.actual
        )
    }

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
        let (member_is, status_is) = (otherwise(&case(), "body /a"), otherwise(&case(), "status"));
        check(case(), &[status], ON_TIME, None, &[&member_is]);
        check(case(), &[member], ON_TIME, None, &[&status_is]);
        let other = failed(&[("status", "502")]);
        let other_is = otherwise(&other, "status");
        check(
            other,
            &[waiver("ann", &[("status", "500")])],
            ON_TIME,
            None,
            &[&other_is],
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
        assert_eq!(waive(&mut [], &status(), ON_TIME, false, |_| true), [""; 0]);
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
    fn a_pattern_that_fits_more_failed_rows_than_it_says_accepts_none() {
        let of = |most| Waiver {
            cases: Vec::new(),
            patterns: vec![crate::result::IdPattern::new("fail*")],
            max_matches: most,
            ..waiver("ann", &[("status", "*")])
        };
        let mut cases = [failed(&[("status", "500")]), failed(&[("status", "502")])];
        cases[1].id = "failing".into();
        assert_eq!(
            waive(&mut cases, &[of(2)], ON_TIME, true, |_| true),
            [""; 0]
        );
        assert!(cases.iter().all(|case| case.waiver.is_some()));
        let notes = waive(&mut cases, &[of(1)], ON_TIME, true, |_| true);
        assert!(
            notes[0].contains("2 rows depart by its patterns"),
            "{notes:?}"
        );
        assert!(cases.iter().all(|case| case.waiver.is_none()));
    }

    #[test]
    fn two_patterns_that_accept_a_row_together_keep_each_its_bound() {
        let of = |place: &str, most| Waiver {
            cases: Vec::new(),
            patterns: vec![crate::result::IdPattern::new("fail*")],
            max_matches: most,
            ..waiver("ann", &[(place, "*")])
        };
        let two = || {
            let mut cases = [0, 1].map(|_| failed(&[("status", "500"), ("body /a", "absent")]));
            cases[1].id = "failing".into();
            cases
        };
        let mut cases = two();
        waive(
            &mut cases,
            &[of("status", 2), of("body /a", 2)],
            ON_TIME,
            true,
            |_| true,
        );
        assert!(cases.iter().all(|case| case.waiver.is_some()));
        let mut cases = two();
        waive(
            &mut cases,
            &[of("status", 2), of("body /a", 1)],
            ON_TIME,
            true,
            |_| true,
        );
        assert!(cases.iter().all(|case| case.waiver.is_none()));
    }

    #[test]
    fn findings_that_are_only_counted_are_accepted_by_nobody() {
        let mut case = failed(&[("status", "500")]);
        case.steps[0].checks[0].further = 3;
        let mut cases = [case];
        waive(
            &mut cases,
            &[waiver("ann", &[("status", "*")])],
            ON_TIME,
            true,
            |_| true,
        );
        assert!(cases[0].waiver.is_none());
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
