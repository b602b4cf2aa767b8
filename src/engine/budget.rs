//! What a run may use up: text messages, accounts, whatever steps say that they cost.
//!
//! A test case is promised all that it will cost before it sends anything, so that none begins which
//! could not be carried out to its end.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{plan::Costs, result::Spent};

/// All that was spent in a run, beside what may be.
#[derive(Debug)]
pub(super) struct Budgets {
    budget: Costs,
    accounts: Mutex<BTreeMap<String, Account>>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Account {
    spent: u64,
    /// To test cases in flight, and not spent yet.
    promised: u64,
}

impl Budgets {
    pub(super) fn new(budget: Costs) -> Self {
        Self {
            budget,
            accounts: Mutex::default(),
        }
    }

    pub(super) const fn reservation(&self) -> Reservation<'_> {
        Reservation {
            budgets: self,
            promised: Costs::new(),
        }
    }

    /// What was spent, and what has a budget, in the order of their names.
    pub(super) fn spent(&self) -> Vec<Spent> {
        let accounts = self.accounts();
        let mut names: Vec<&String> = accounts.keys().chain(self.budget.keys()).collect();
        names.sort();
        names.dedup();
        names
            .into_iter()
            .map(|name| Spent {
                what: name.clone(),
                spent: accounts.get(name).map_or(0, |account| account.spent),
                budget: self.budget.get(name).copied(),
            })
            .collect()
    }

    fn accounts(&self) -> MutexGuard<'_, BTreeMap<String, Account>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A budget that does not suffice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the budget `{name}: {budget}` does not suffice for what is left to send")]
pub(super) struct OverBudget {
    name: String,
    budget: u64,
}

/// What one test case was promised; the rest goes back when the test case is over.
#[derive(Debug)]
pub(super) struct Reservation<'l> {
    budgets: &'l Budgets,
    promised: Costs,
}

impl Reservation<'_> {
    /// Keeps so much for this test case, all of it or nothing.
    ///
    /// # Errors
    /// The first budget that does not suffice.
    pub(super) fn keep(&mut self, costs: &Costs) -> Result<(), OverBudget> {
        let mut accounts = self.budgets.accounts();
        for (name, amount) in costs {
            self.suffices(&accounts, name, *amount)?;
        }
        for (name, amount) in costs {
            accounts.entry(name.clone()).or_default().promised += amount;
            *self.promised.entry(name.clone()).or_default() += amount;
        }
        Ok(())
    }

    /// Spends so much, from what was promised as far as that goes.
    ///
    /// # Errors
    /// As [`Self::keep`]; nothing is spent then.
    pub(super) fn spend(&mut self, costs: &Costs) -> Result<(), OverBudget> {
        if costs.is_empty() {
            return Ok(());
        }
        let mut accounts = self.budgets.accounts();
        for (name, amount) in costs {
            self.suffices(&accounts, name, amount.saturating_sub(self.kept(name)))?;
        }
        for (name, amount) in costs {
            let from_kept = self.kept(name).min(*amount);
            let account = accounts.entry(name.clone()).or_default();
            account.promised -= from_kept;
            account.spent += amount;
            if let Some(left) = self.promised.get_mut(name) {
                *left -= from_kept;
            }
        }
        Ok(())
    }

    fn kept(&self, name: &str) -> u64 {
        self.promised.get(name).copied().unwrap_or_default()
    }

    fn suffices(
        &self,
        accounts: &BTreeMap<String, Account>,
        name: &str,
        more: u64,
    ) -> Result<(), OverBudget> {
        let account = accounts.get(name).copied().unwrap_or_default();
        let taken = account.spent.saturating_add(account.promised);
        match self.budgets.budget.get(name) {
            Some(budget) if taken.saturating_add(more) > *budget => Err(OverBudget {
                name: name.to_owned(),
                budget: *budget,
            }),
            _ => Ok(()),
        }
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        let mut accounts = self.budgets.accounts();
        for (name, amount) in &self.promised {
            if let Some(account) = accounts.get_mut(name) {
                account.promised -= amount;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sms(amount: u64) -> Costs {
        Costs::from([("sms".to_owned(), amount)])
    }

    fn spent(budgets: &Budgets) -> u64 {
        budgets.spent()[0].spent
    }

    #[test]
    fn what_is_promised_to_one_row_is_not_spent_by_another() {
        let budgets = Budgets::new(sms(3));
        let (mut one, mut other) = (budgets.reservation(), budgets.reservation());
        assert_eq!(one.keep(&sms(2)), Ok(()));
        assert_eq!(other.spend(&sms(1)), Ok(()));
        assert!(other.spend(&sms(1)).is_err());
        assert!(other.keep(&sms(1)).is_err());
        assert_eq!(one.spend(&sms(1)), Ok(()));
        drop(one);
        // The rest of the promise is free again.
        assert_eq!(other.spend(&sms(1)), Ok(()));
        assert!(other.spend(&sms(1)).is_err());
        assert_eq!(spent(&budgets), 3);
    }

    #[test]
    fn more_than_was_promised_comes_from_what_is_free() {
        let budgets = Budgets::new(sms(3));
        let mut reservation = budgets.reservation();
        assert_eq!(reservation.keep(&sms(1)), Ok(()));
        assert_eq!(reservation.spend(&sms(2)), Ok(()));
        assert!(reservation.spend(&sms(2)).is_err());
        assert_eq!(spent(&budgets), 2);
    }

    #[test]
    fn nothing_is_kept_of_a_row_that_cannot_be_paid_in_full() {
        let budget = Costs::from([("accounts".to_owned(), 5), ("sms".to_owned(), 1)]);
        let budgets = Budgets::new(budget);
        let both = Costs::from([("accounts".to_owned(), 4), ("sms".to_owned(), 2)]);
        assert!(
            budgets
                .reservation()
                .keep(&both)
                .is_err_and(|why| why.to_string().contains("`sms: 1`"))
        );
        let accounts = Costs::from([("accounts".to_owned(), 5)]);
        assert_eq!(budgets.reservation().spend(&accounts), Ok(()));
    }

    #[test]
    fn what_has_no_budget_is_only_counted() {
        let budgets = Budgets::new(Costs::new());
        assert_eq!(budgets.reservation().spend(&sms(100)), Ok(()));
        let spent = budgets.spent();
        assert_eq!((spent[0].spent, spent[0].budget), (100, None));
    }
}
