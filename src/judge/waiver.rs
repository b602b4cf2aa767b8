//! Accepted departures: which failed rows somebody answers for, and which waivers need a look.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::result::{CaseResult, Verdict, Waived, Waiver};

/// Writes its waiver to each failed row all of whose findings are waived. Gives what needs
/// attention: waivers that are over, that the target no longer needs, or that no longer fit. `whole`
/// says that every row of the suite is here.
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
        for row in &waiver.rows {
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

/// The waiver of a row; `None` while one of its findings is nobody's.
fn waived(case: &CaseResult, waivers: &[Waiver], today: Date) -> Option<Waived> {
    if !matches!(case.verdict, Verdict::Fail(_)) {
        return None;
    }
    let live = |waiver: &&Waiver| waiver.rows.contains(&case.id) && waiver.expires >= today;
    let mut first = None;
    for (_, _, told) in case.broken() {
        let mut fitting = waivers.iter().filter(live);
        let waiver = fitting.find(|waiver| {
            let wanted = waiver.departs.get(&told.place);
            wanted.is_some_and(|wanted| wanted == "*" || *wanted == told.actual)
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
