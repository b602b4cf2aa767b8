//! Servers that break exactly one promise: edits of an edition's table, one a departure.
//!
//! A departure takes a rule away, lets through at its boundary what a rule refuses, or makes an
//! effect skip a part. Every rule of an operation under test gives the first kind by itself.
//! Nothing here knows which document row a departure breaks.

mod effect;
#[cfg(test)]
mod tests;
mod weak;

use std::io;

use super::{dialect::Dialect, editions, operation::Operation, rules::Rule};

/// The operations whose departures are listed.
const UNDER_TEST: &[(Dialect, &[&str])] = &[
    (
        Dialect::Eiam,
        &["forcedChangeByMobile", "skipPasswordUpdate"],
    ),
    (
        Dialect::Ciam,
        &["changePasswordByMobile", "skipPasswordUpdate"],
    ),
    (Dialect::OneAccess, &["forcedChangeByOldPassword"]),
];

/// How a departure departs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// A rule is not there.
    Off,
    /// A rule judges wrongly at its boundary.
    Weak,
    /// An effect skips a part, or something it should not do is done.
    Effect,
}

/// One way in which a mock can be dishonest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// `operation/rule:off`, `operation/rule:weak-…` or `operation/effect:skip-…`; stable.
    pub name: String,
    /// The operation's name in the contract.
    pub operation: &'static str,
    pub family: Family,
    /// What the server then does wrong, as the end of a sentence that begins with its name.
    pub wrong: String,
}

/// Every departure of an edition, in table order.
pub fn faults(edition: Dialect) -> Vec<Fault> {
    let all = planned(edition).into_iter();
    all.map(|(fault, _)| fault).collect()
}

/// Changes the table so that it departs. Fails if there is no departure of this name.
pub(super) fn apply(edition: Dialect, name: &str, table: &mut [Operation]) -> io::Result<()> {
    let found = planned(edition)
        .into_iter()
        .find(|(fault, _)| fault.name == name);
    let Some((_, edit)) = found else {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("the mock has no fault '{name}'"),
        ));
    };
    edit(table);
    Ok(())
}

/// Turns an honest table into a dishonest one.
type Edit = Box<dyn FnOnce(&mut [Operation])>;

/// Something that can be done to an operation, before it has its full name.
struct Plan {
    /// What follows the operation in the name.
    name: String,
    family: Family,
    wrong: String,
    edit: Edit,
}

fn planned(edition: Dialect) -> Vec<(Fault, Edit)> {
    let names = UNDER_TEST.iter().filter(|(known, _)| *known == edition);
    let names: Vec<_> = names.flat_map(|(_, names)| *names).collect();
    let mut out = Vec::new();
    for row in editions::operations(edition) {
        if !names.contains(&&row.name) {
            continue;
        }
        let mut plans = Vec::new();
        for rule in &row.rules {
            plans.push(off(row.name, rule.name));
            plans.extend(weak::of(edition, &row, rule.name));
        }
        plans.extend(effect::of(edition, row.name));
        for plan in plans {
            let fault = Fault {
                name: format!("{}/{}", row.name, plan.name),
                operation: row.name,
                family: plan.family,
                wrong: plan.wrong,
            };
            out.push((fault, plan.edit));
        }
    }
    out
}

fn off(operation: &'static str, rule: &'static str) -> Plan {
    Plan {
        name: format!("{rule}:off"),
        family: Family::Off,
        wrong: format!("refuses nothing in the name of the rule {rule}"),
        edit: Box::new(move |table| {
            on(table, operation, |row| {
                row.rules.retain(|known| known.name != rule);
            });
        }),
    }
}

/// Changes one row of the table.
fn on(table: &mut [Operation], operation: &str, change: impl FnOnce(&mut Operation)) {
    if let Some(row) = table.iter_mut().find(|row| row.name == operation) {
        change(row);
    }
}

/// Puts a rule made of the honest one in its place.
fn replace(row: &mut Operation, rule: &str, make: impl FnOnce(Rule) -> Rule) {
    if let Some(at) = row.rules.iter().position(|known| known.name == rule) {
        let honest = row.rules.remove(at);
        row.rules.insert(at, make(honest));
    }
}
