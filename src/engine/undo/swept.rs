//! What became of the things that providers made.

use crate::{
    engine::journal::{Entry, Journal, Left, printable},
    ids::ProviderId,
};

/// What became of something that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undone {
    Removed,
    /// The target does not know it: the run died before it was made, or somebody was faster.
    Absent,
    /// It is still there, for this reason.
    Left(String),
}

/// One thing that was made, and what became of it.
#[derive(Debug, Clone)]
pub struct Swept {
    pub edition: String,
    pub provider: ProviderId,
    /// Its names, as `user_name=…`.
    pub names: String,
    /// The run that made it.
    pub run: String,
    pub undone: Undone,
}

impl Swept {
    pub(super) fn new(entry: &Entry, journal: &Journal, undone: Undone) -> Self {
        let names = entry.names.iter().map(|(name, value)| {
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            printable(&format!("{name}={value}"))
        });
        Self {
            edition: entry.edition.clone(),
            provider: entry.provider.clone(),
            names: names.collect::<Vec<_>>().join(", "),
            run: journal.run().to_owned(),
            undone,
        }
    }
}

impl Left {
    /// What the run left, untouched.
    #[must_use]
    pub fn things(&self) -> Vec<Swept> {
        let untouched = || Undone::Left("not removed yet".to_owned());
        let open = self.0.open();
        let each = open.iter();
        each.map(|entry| Swept::new(entry, &self.0, untouched()))
            .collect()
    }
}
