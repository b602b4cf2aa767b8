//! Links from one part of the page to another; what the page does not have is named without a link.

use std::collections::HashSet;

use serde::Serialize;

use super::slug;
use crate::{report::text::one_line, result::RunReport};

/// A name, and the part of the page that is about it, where there is one.
#[derive(Serialize)]
pub(super) struct Link {
    pub to: Option<String>,
    words: String,
}

/// The first links of a list, and how many more there are.
#[derive(Serialize)]
pub(super) struct Links {
    shown: Vec<Link>,
    more: usize,
    all: usize,
}

/// The rows and requirements that the page has.
pub(super) struct Places<'r> {
    rows: HashSet<&'r str>,
    requirements: HashSet<&'r str>,
}

impl<'r> Places<'r> {
    pub(super) fn of(report: &'r RunReport) -> Self {
        let requirements = report.requirements.iter();
        Self {
            rows: report.cases.iter().map(|case| case.id.as_str()).collect(),
            requirements: requirements.map(|one| one.id.as_str()).collect(),
        }
    }

    pub(super) fn row(&self, id: &str) -> Link {
        Link {
            to: self.rows.contains(id).then(|| slug("row", id)),
            words: one_line(id),
        }
    }

    pub(super) fn requirement(&self, id: &str) -> Link {
        let known = self.requirements.contains(id);
        Link {
            to: known.then(|| slug("requirement", id)),
            words: one_line(id),
        }
    }

    /// Links to rows, at most so many; of the others their number.
    pub(super) fn rows<'i>(
        &self,
        ids: impl ExactSizeIterator<Item = &'i str>,
        most: usize,
    ) -> Links {
        let all = ids.len();
        Links {
            shown: ids.take(most).map(|id| self.row(id)).collect(),
            more: all.saturating_sub(most),
            all,
        }
    }
}
