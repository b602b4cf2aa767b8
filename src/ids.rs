//! The names everything else speaks in: editions. Names only, no behaviour.

use std::{fmt, str::FromStr};

/// One product line with its own contract. Editions share paths, never codes, headers or meanings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Edition {
    Eiam,
    Ciam,
    OneAccess,
}

impl Edition {
    /// Every edition, in the order reports use.
    pub const ALL: [Self; 3] = [Self::Eiam, Self::Ciam, Self::OneAccess];

    /// The folder name under `specs/` and `cases/`, and the first word of a row's id.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eiam => "eiam",
            Self::Ciam => "ciam",
            Self::OneAccess => "oneaccess",
        }
    }
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Edition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|edition| edition.as_str() == text)
            .ok_or_else(|| format!("unknown edition '{text}': one of eiam, ciam, oneaccess"))
    }
}
