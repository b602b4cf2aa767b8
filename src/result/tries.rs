//! How a test case ended each time that it ran.

use serde::{Deserialize, Serialize};

use super::Verdict;

/// How often a test case ran, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tries {
    pub passed: usize,
    pub failed: usize,
    /// It could not be judged.
    pub not_judged: usize,
}

impl Tries {
    /// Counts one more.
    pub const fn count(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Pass(_) => self.passed += 1,
            Verdict::Fail(_) => self.failed += 1,
            Verdict::Error(_) | Verdict::Skip(_) => self.not_judged += 1,
        }
    }

    #[must_use]
    pub const fn total(self) -> usize {
        self.passed + self.failed + self.not_judged
    }

    /// It passed and it failed.
    #[must_use]
    pub const fn is_flaky(self) -> bool {
        self.passed > 0 && self.failed > 0
    }

    /// Such as `flaky: failed 1 of 3 times`.
    #[must_use]
    pub fn sentence(self) -> String {
        let flaky = if self.is_flaky() { "flaky: " } else { "" };
        let unknown = match self.not_judged {
            0 => String::new(),
            count => format!(", not judged {count} times"),
        };
        let (failed, total) = (self.failed, self.total());
        format!("{flaky}failed {failed} of {total} times{unknown}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::result::{ErrorReason, PassReason};

    #[test]
    fn a_test_case_is_flaky_when_it_passed_and_failed() {
        let mut tries = Tries::default();
        tries.count(&Verdict::Fail("status".into()));
        tries.count(&Verdict::Fail("status".into()));
        tries.count(&Verdict::Error(ErrorReason::Unreachable));
        assert!(!tries.is_flaky());
        assert_eq!(tries.sentence(), "failed 2 of 3 times, not judged 1 times");
        tries.count(&Verdict::Pass(PassReason::Clean));
        assert!(tries.is_flaky());
        assert_eq!(tries.total(), 4);
        assert!(tries.sentence().starts_with("flaky: failed 2 of 4 times"));
    }
}
