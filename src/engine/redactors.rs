//! Redactors that are made once for each set of secrets: many test cases meet the same few.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use crate::secret::{Documented, Redactor, Secret};

/// Sets whose redactors are remembered.
const REMEMBERED: usize = 16;

/// The redactors that were used last.
#[derive(Debug, Default)]
pub(super) struct Redactors(Mutex<VecDeque<(Vec<Secret>, Arc<Redactor>)>>);

impl Redactors {
    /// The redactor for these secrets, which are in an order that depends on the secrets alone.
    pub(super) fn of<'s>(
        &self,
        secrets: impl Iterator<Item = &'s Secret> + Clone,
        documented: &Arc<Documented>,
    ) -> Arc<Redactor> {
        if let Some(known) = self.known(&secrets) {
            return known;
        }
        // Made while nobody waits for it.
        let exposed = secrets.clone().map(Secret::expose);
        let made = Arc::new(Redactor::new(exposed).sparing(documented));
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.truncate(REMEMBERED - 1);
        kept.push_front((secrets.cloned().collect(), Arc::clone(&made)));
        made
    }

    fn known<'s>(
        &self,
        secrets: &(impl Iterator<Item = &'s Secret> + Clone),
    ) -> Option<Arc<Redactor>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept
            .iter()
            .position(|(known, _)| known.iter().eq(secrets.clone()))?;
        kept.swap(0, at);
        Some(Arc::clone(&kept[0].1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redactor_is_made_once_for_a_set_of_secrets_and_for_no_other_set() {
        let redactors = Redactors::default();
        let documented = Arc::default();
        let of = |names: &[&str]| {
            let secrets: Vec<Secret> = names.iter().map(|name| Secret::from(*name)).collect();
            redactors.of(secrets.iter(), &documented)
        };
        let (first, other) = (of(&["s3cret-0ne"]), of(&["s3cret-0ne", "s3cret-tw0"]));
        assert!(Arc::ptr_eq(&first, &of(&["s3cret-0ne"])));
        assert!(Arc::ptr_eq(&other, &of(&["s3cret-0ne", "s3cret-tw0"])));
        assert!(!first.redact("is s3cret-0ne").contains("s3cret"));
        assert!(first.redact("is s3cret-tw0").contains("s3cret-tw0"));
        for number in 0..2 * REMEMBERED {
            of(&[&format!("s3cret-{number}")]);
        }
        assert_eq!(redactors.0.lock().expect("sound").len(), REMEMBERED);
    }
}
