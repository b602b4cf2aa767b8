//! That somebody has accepted what a row finds, as reports say it.

use serde::{Deserialize, Serialize};

/// What a report says of a failed row that is waived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waived {
    pub owner: String,
    pub reason: String,
    /// The last day, as `2027-01-31`.
    pub expires: String,
    /// How many days were left when the row was judged; `None` in a record of before version 6.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days_left: Option<i32>,
    /// How many days before it had been accepted, where the waiver says when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_days: Option<i32>,
}

impl Waived {
    /// One line: who accepted it, until when, why.
    #[must_use]
    pub fn sentence(&self) -> String {
        let age = self
            .age_days
            .map(|age| format!(", accepted {} before", days(age)))
            .unwrap_or_default();
        let left = self
            .days_left
            .map(|left| format!(" ({} left{age})", days(left)))
            .unwrap_or_default();
        format!(
            "waived by {} until {}{left}: {}",
            self.owner, self.expires, self.reason
        )
    }
}

fn days(count: i32) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} day{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_waiver_is_shown_with_its_end_and_with_its_age_where_that_is_known() {
        let waived = |days_left, age_days| Waived {
            owner: "ann".into(),
            reason: "known".into(),
            expires: "2027-03-10".into(),
            days_left,
            age_days,
        };
        let sentence = waived(None, None).sentence();
        assert_eq!(sentence, "waived by ann until 2027-03-10: known");
        let sentence = waived(Some(1), None).sentence();
        assert_eq!(
            sentence,
            "waived by ann until 2027-03-10 (1 day left): known"
        );
        let sentence = waived(Some(0), Some(30)).sentence();
        assert_eq!(
            sentence,
            "waived by ann until 2027-03-10 (0 days left, accepted 30 days before): known"
        );
    }
}
