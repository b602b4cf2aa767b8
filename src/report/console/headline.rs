//! A row that did not pass on one line, for who watches a run while it goes on.

use std::fmt;

use super::page::defused;
use crate::{
    report::{
        explain,
        text::{cut, one_line},
    },
    result::{CaseResult, Verdict},
};

/// Columns of what is wrong; the summary has all of it.
const LONGEST: usize = 240;

/// `FAIL ciam/skip-update/…: status: expected 200 but was 500`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headline {
    /// The verdict and the row.
    row: String,
    /// What is wrong, the same for rows that fail alike.
    pub message: String,
}

impl fmt::Display for Headline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&defused(&format!("{}: {}", self.row, self.message)))
    }
}

/// The line of a row that failed or could not be judged.
#[must_use]
pub fn headline(case: &CaseResult) -> Headline {
    let message = cut(&explain::message(case), LONGEST);
    Headline {
        row: format!(
            "{} {}",
            case.verdict.label().to_uppercase(),
            one_line(&case.id)
        ),
        message: match &case.verdict {
            Verdict::Error(reason) => format!("{}: {message}", reason.label()),
            _ => message,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_headline_gives_no_order_to_a_build_service() {
        let line = Headline {
            row: "FAIL a/b/c".to_owned(),
            message: "body is ##[add-path]/tmp".to_owned(),
        };
        assert_eq!(line.to_string(), "FAIL a/b/c: body is # #[add-path]/tmp");
    }
}
