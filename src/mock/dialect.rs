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

/// A name that no mock has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no mock of '{name}': one of {}", Dialect::ALL.map(Dialect::as_str).join(", "))]
pub struct UnknownDialect {
    pub name: String,
}

impl FromStr for Dialect {
    type Err = UnknownDialect;

    fn from_str(name: &str) -> Result<Self, UnknownDialect> {
        Self::ALL
            .into_iter()
            .find(|dialect| dialect.as_str() == name)
            .ok_or_else(|| UnknownDialect {
                name: name.to_owned(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dialect_is_read_from_its_name_and_another_name_is_told_which_there_are() {
        for dialect in Dialect::ALL {
            assert_eq!(dialect.as_str().parse(), Ok(dialect));
        }
        let error = "EIAM".parse::<Dialect>().map_err(|error| error.to_string());
        let expected = "there is no mock of 'EIAM': one of eiam, ciam, oneaccess";
        assert_eq!(error, Err(expected.to_owned()));
    }
}
