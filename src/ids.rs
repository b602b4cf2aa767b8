//! The names everything else speaks in: editions. Names only, no behaviour.

use std::{
    collections::BTreeSet,
    fmt,
    str::FromStr,
    sync::{Mutex, PoisonError},
};

/// One product line with its own contract: the name of a folder under `specs/`. Editions share
/// paths, never codes, headers or meanings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edition(&'static str);

/// The names that were read. They are as few as the folders, and live as long as the process.
static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

impl Edition {
    /// The edition of a name that is known to be one.
    #[must_use]
    pub const fn named(name: &'static str) -> Self {
        Self(name)
    }

    /// The folder name under `specs/` and `cases/`, and the first word of a row's id.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
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
        let plain =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
        if text.is_empty() || text.len() > 64 || !text.chars().all(plain) {
            return Err(format!(
                "`{text}` is not the name of an edition: small letters, digits and dashes"
            ));
        }
        let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
        let known = names.get(text).copied();
        Ok(Self(known.unwrap_or_else(|| {
            let name: &'static str = String::leak(text.to_owned());
            names.insert(name);
            name
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edition_is_the_name_of_a_folder() {
        assert_eq!("ciam".parse(), Ok(Edition::named("ciam")));
        assert_eq!(
            "oidc-provider_8".parse::<Edition>().unwrap().as_str(),
            "oidc-provider_8"
        );
        for wrong in ["", "CIAM", "a/b", "..", "a b", &"x".repeat(65)] {
            assert!(wrong.parse::<Edition>().is_err(), "{wrong}");
        }
    }
}
