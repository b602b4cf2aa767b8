//! The names everything else speaks in: editions, test cases, requirements, operations, providers and
//! steps. Names only, no behaviour.

use std::{
    borrow::Borrow,
    cmp::Ordering,
    collections::BTreeSet,
    fmt,
    hash::{Hash, Hasher},
    ops::Deref,
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

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

    /// The folder name under `specs/` and `cases/`, and the first word of a test case's id.
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

/// A text that cannot be the name of an edition.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("`{text}` is not the name of an edition: small letters, digits and dashes")]
pub struct InvalidEdition {
    pub text: String,
}

impl FromStr for Edition {
    type Err = InvalidEdition;

    fn from_str(text: &str) -> Result<Self, InvalidEdition> {
        let plain =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
        if text.is_empty() || text.len() > 64 || !text.chars().all(plain) {
            return Err(InvalidEdition {
                text: text.to_owned(),
            });
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

/// The id of a test case: the file it is written in and its name there, such as
/// `ciam/skip-update/headers/header-missing[X-client-id]`. It is a text wherever one is wanted.
#[derive(Clone)]
pub struct CaseId {
    text: Arc<str>,
    /// Where the name begins.
    name: usize,
}

impl CaseId {
    /// The id of a test case of this name in this file, which is a path without its ending.
    #[must_use]
    pub fn new(file: &str, name: &str) -> Self {
        Self {
            text: format!("{file}/{name}").into(),
            name: file.len() + 1,
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// `ciam/skip-update/headers`; empty where the id is a name alone.
    #[must_use]
    pub fn file(&self) -> &str {
        self.text[..self.name].trim_end_matches('/')
    }

    /// `header-missing[X-client-id]`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.text[self.name..]
    }
}

/// An id that was written as one text. A slash inside the brackets of a name parts nothing.
impl From<&str> for CaseId {
    fn from(text: &str) -> Self {
        let plain = text.split('[').next().unwrap_or_default();
        Self {
            text: text.into(),
            name: plain.rfind('/').map_or(0, |slash| slash + 1),
        }
    }
}

impl From<String> for CaseId {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl Deref for CaseId {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl Borrow<str> for CaseId {
    fn borrow(&self) -> &str {
        &self.text
    }
}

impl PartialEq for CaseId {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for CaseId {}

impl PartialEq<str> for CaseId {
    fn eq(&self, other: &str) -> bool {
        &*self.text == other
    }
}

impl PartialEq<&str> for CaseId {
    fn eq(&self, other: &&str) -> bool {
        &*self.text == *other
    }
}

impl PartialEq<String> for CaseId {
    fn eq(&self, other: &String) -> bool {
        &*self.text == other.as_str()
    }
}

impl PartialOrd for CaseId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for CaseId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl Hash for CaseId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl fmt::Debug for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.text, f)
    }
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for CaseId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'d> Deserialize<'d> for CaseId {
    fn deserialize<D: Deserializer<'d>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

/// A name that is a text and a type of its own, so that one kind never takes another's place.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.as_str().to_owned()
            }
        }

        impl Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                &*self.0 == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                &*self.0 == *other
            }
        }

        impl PartialEq<String> for $name {
            fn eq(&self, other: &String) -> bool {
                &*self.0 == other.as_str()
            }
        }

        impl PartialEq<$name> for str {
            fn eq(&self, other: &$name) -> bool {
                self == &*other.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&*self.0, f)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name! {
    /// The id of a requirement in a register, such as `CIAM-SKIP-H18`.
    RequirementId
}

name! {
    /// The operationId of an operation in `openapi.yaml`, such as `skipPasswordUpdate`.
    OperationId
}

name! {
    /// The name of a provider in a target file, such as `user`.
    ProviderId
}

name! {
    /// The name of a step: as it is written, else its method and path, such as `POST /login`.
    StepId
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

    #[test]
    fn an_id_knows_its_file_and_its_name() {
        #[track_caller]
        fn check(text: &str, file: &str, name: &str) {
            let id = CaseId::from(text);
            assert_eq!((id.file(), id.name()), (file, name));
            if !file.is_empty() {
                let made = CaseId::new(file, name);
                assert_eq!((made.file(), made.name(), &made), (file, name, &id));
            }
        }
        check("a/b/c[x/y]", "a/b", "c[x/y]");
        check("a/b/c[[/]]", "a/b", "c[[/]]");
        check("control", "", "control");
        check("", "", "");
    }
}
