//! How many requirements of each operation are in which state.

use crate::result::{RunReport, Tally};

/// The requirements of a run by operation, in order of first appearance.
pub(super) fn by_operation(report: &RunReport) -> Vec<(&str, &str, Tally)> {
    let mut order: Vec<(&str, &str)> = Vec::new();
    for one in &report.requirements {
        let key = (one.edition.as_str(), one.operation.as_str());
        if !order.contains(&key) {
            order.push(key);
        }
    }
    let tally = |(edition, operation)| {
        let own = report.requirements.iter();
        let own = own.filter(|one| one.edition == edition && one.operation == operation);
        (edition, operation, Tally::of(own.map(|one| one.state)))
    };
    order.into_iter().map(tally).collect()
}
