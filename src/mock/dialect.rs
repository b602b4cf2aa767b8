//! Which product line a mock speaks: the three whose pages it was written from.

use std::{fmt, str::FromStr};

use crate::ids::Edition;

/// One product line, each with its own table in `editions`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    Eiam,
    Ciam,
    OneAccess,
}

impl Dialect {
    /// Every one of them.
    pub const ALL: [Self; 3] = [Self::Eiam, Self::Ciam, Self::OneAccess];

    /// The name of the edition.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eiam => "eiam",
            Self::Ciam => "ciam",
            Self::OneAccess => "oneaccess",
        }
    }

    /// The edition as the rest of the program names it.
    #[must_use]
    pub const fn edition(self) -> Edition {
        Edition::named(self.as_str())
    }

    /// The dialect of an edition that a mock can stand in for.
    #[must_use]
    pub fn of(edition: Edition) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|dialect| dialect.edition() == edition)
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Dialect {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|dialect| dialect.as_str() == text)
            .ok_or_else(|| format!("there is no mock of '{text}': one of eiam, ciam, oneaccess"))
    }
}
