//! Entries for a waivers file, for what failed in a run and nobody accepted yet.
//!
//! Owner and reason stay empty: a person has to write them, and `probity lint` refuses the file until
//! somebody did. Rows that depart in the same way share an entry.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};

use super::{
    explain,
    text::{counted, cut, one_line},
};
use crate::{
    ids::CaseId,
    result::{CaseResult, RunReport, Verdict},
};

/// Days that an entry holds unless somebody writes another day.
const DAYS: i64 = 30;

/// Columns of what is said above an entry.
const COMMENT: usize = 110;

/// What accepts any value.
const ANYTHING: &str = "*";

/// What a row finds.
#[derive(Debug, PartialEq, Eq)]
enum Departs {
    /// By its place.
    Places(BTreeMap<String, String>),
    /// By its fingerprint, each with what it stands for.
    Fingerprints(BTreeMap<String, String>),
}

impl Departs {
    fn is_empty(&self) -> bool {
        match self {
            Self::Places(all) | Self::Fingerprints(all) => all.is_empty(),
        }
    }
}

/// The file, with an entry for each way in which rows depart that are named by one of the filters, or
/// for all; `None` where none of them failed without a waiver. `exact` names findings by fingerprints.
#[must_use]
pub fn entries(report: &RunReport, filters: &[String], exact: bool) -> Option<String> {
    let mut groups: Vec<(Departs, Vec<&CaseResult>)> = Vec::new();
    for case in report.cases.iter().filter(|case| is_open(case, filters)) {
        let departs = if exact {
            fingerprints(case)
        } else {
            departs(case)
        };
        if departs.is_empty() {
            continue;
        }
        match groups.iter_mut().find(|(known, _)| *known == departs) {
            Some((_, cases)) => cases.push(case),
            None => groups.push((departs, vec![case])),
        }
    }
    if groups.is_empty() {
        return None;
    }
    let started = Timestamp::from_millisecond(report.started).unwrap_or(Timestamp::UNIX_EPOCH);
    let day = started.to_zoned(TimeZone::UTC).date();
    let expires = day.checked_add(DAYS.days()).unwrap_or(day);
    let mut out = format!(
        "# {} of the run {} of {}, {day}.\n# Fill in owner and reason, and look at the last day; \
         until then `probity lint` refuses this file.\nwaivers:\n",
        counted(groups.len(), "departure"),
        one_line(&report.run_id),
        one_line(&report.target),
    );
    for (departs, cases) in &groups {
        entry(&mut out, departs, cases, (day, expires));
    }
    Some(out)
}

/// It failed, nobody accepts that, and it was asked for.
fn is_open(case: &CaseResult, filters: &[String]) -> bool {
    let asked = filters.is_empty() || filters.iter().any(|filter| case.id.contains(filter));
    asked && matches!(case.verdict, Verdict::Fail(_)) && case.waiver.is_none()
}

/// What it finds; anything where it finds several values at one place.
fn departs(case: &CaseResult) -> Departs {
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (_, _, one) in explain::findings(case) {
        found.entry(&one.place).or_default().insert(&one.actual);
    }
    let each = found.into_iter().map(|(place, values)| {
        let mut values = values.into_iter();
        let value = values.next().filter(|_| values.next().is_none());
        (place.to_owned(), value.unwrap_or(ANYTHING).to_owned())
    });
    Departs::Places(each.collect())
}

/// Each finding by its fingerprint.
fn fingerprints(case: &CaseResult) -> Departs {
    let each = explain::findings(case)
        .into_iter()
        .filter_map(|(_, check, found)| {
            let text = format!("{}: {}", found.place, found.actual);
            Some((check.fingerprint()?, cut(&one_line(&text), COMMENT)))
        });
    Departs::Fingerprints(each.collect())
}

fn entry(out: &mut String, departs: &Departs, cases: &[&CaseResult], days: (Date, Date)) {
    let first = cases.first().map(|case| explain::message(case));
    let _ = writeln!(
        out,
        "  # {}\n  - rows:",
        cut(&first.unwrap_or_default(), COMMENT)
    );
    for id in cases.iter().map(|case| &case.id) {
        let _ = writeln!(out, "      - {}", quoted(id));
    }
    match departs {
        Departs::Places(all) => {
            out.push_str("    departs:\n");
            for (place, actual) in all {
                let _ = writeln!(out, "      {}: {}", quoted_text(place), quoted_text(actual));
            }
        }
        Departs::Fingerprints(all) => {
            out.push_str("    fingerprints:\n");
            for (fingerprint, text) in all {
                let _ = writeln!(out, "      # {text}\n      - \"{fingerprint}\"");
            }
        }
    }
    let (since, expires) = days;
    let _ = writeln!(
        out,
        "    owner: \"\"\n    reason: \"\"\n    since: \"{since}\"\n    expires: \"{expires}\""
    );
}

fn quoted(id: &CaseId) -> String {
    quoted_text(id.as_str())
}

/// A text of JSON, which is one of YAML too.
fn quoted_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
