//! The fingerprint of a finding: a short word that is the same wherever the same is found.

use data_encoding::HEXLOWER;
use ring::digest::{SHA256, digest};

use super::{CheckResult, without_masks};

/// So many bytes of a digest are enough to tell the findings of a suite apart.
const KEPT: usize = 6;

impl CheckResult {
    /// Twelve hexadecimal digits over the check, the subject and the place of its finding, what was expected
    /// and what was there, secrets all alike; `None` where it held. Every report writes it alike, and a waiver can name it.
    #[must_use]
    pub fn fingerprint(&self) -> Option<String> {
        let found = self.mismatch.as_ref()?;
        let expected = found.expected.iter().map(|text| without_masks(text));
        let parts = (
            self.check.as_str(),
            &found.subject,
            &found.place,
            expected.collect::<Vec<_>>(),
            without_masks(&found.actual),
        );
        let text = serde_json::to_string(&parts).ok()?;
        let digest = digest(&SHA256, text.as_bytes());
        Some(HEXLOWER.encode(&digest.as_ref()[..KEPT]))
    }
}

#[cfg(test)]
mod tests {
    use crate::result::{CheckResult, Mismatch, Source, Subject};

    fn finding(check: &str, actual: &str, line: usize) -> CheckResult {
        CheckResult {
            check: check.into(),
            source: Source {
                line,
                ..Source::default()
            },
            mismatch: Some(Mismatch {
                subject: Subject::Status,
                place: "status".into(),
                expected: vec!["200".into()],
                actual: actual.into(),
            }),
            warning: false,
            violates: Vec::new(),
            further: 0,
        }
    }

    #[test]
    fn a_finding_has_the_same_fingerprint_wherever_it_is_written_and_another_one_has_another() {
        let one = finding("status", "500", 3).fingerprint();
        assert_eq!(one, finding("status", "500", 99).fingerprint());
        assert_eq!(one.as_deref().map(str::len), Some(12));
        assert_ne!(one, finding("status", "502", 3).fingerprint());
        assert_ne!(one, finding("conforms", "500", 3).fingerprint());
        let held = CheckResult {
            mismatch: None,
            ..finding("status", "500", 3)
        };
        assert_eq!(held.fingerprint(), None);
    }
}
