//! Where the project lies in its repository, for readers that look for files from there.

use std::str::FromStr;

use thiserror::Error;

/// The folder of the project inside its repository, put before every file: readers look for a file
/// from the repository's root. Empty where the project is the repository.
///
/// It is a name and no place on the disk: a run in a container, or a report made elsewhere from a
/// record, does not see the repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Base(String);

/// A text that cannot be a folder inside a repository.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidBase {
    #[error(
        "it is the project's folder inside its repository, such as `services/login`, not a place on \
         the disk; `git rev-parse --show-prefix` prints it"
    )]
    Absolute,
    #[error("a folder inside the repository has no `..`; `git rev-parse --show-prefix` prints it")]
    Outside,
    #[error("folders are parted by `/`")]
    Backslash,
    #[error("a folder has no control characters in its name")]
    Control,
}

impl FromStr for Base {
    type Err = InvalidBase;

    fn from_str(text: &str) -> Result<Self, InvalidBase> {
        if text.chars().any(char::is_control) {
            return Err(InvalidBase::Control);
        }
        let mut start = text.chars();
        let drive = start.next().is_some_and(|char| char.is_ascii_alphabetic());
        if text.starts_with(['/', '~']) || drive && start.next() == Some(':') {
            return Err(InvalidBase::Absolute);
        }
        if text.contains('\\') {
            return Err(InvalidBase::Backslash);
        }
        let folders = text.split('/').filter(|part| !matches!(*part, "" | "."));
        let folders: Vec<&str> = folders.collect();
        if folders.contains(&"..") {
            return Err(InvalidBase::Outside);
        }
        let prefix: Vec<String> = folders.iter().map(|folder| format!("{folder}/")).collect();
        Ok(Self(prefix.concat()))
    }
}

impl Base {
    /// What comes before the name of a file: nothing, or folders with a `/` after each.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_is_put_before_a_file_in_whatever_way_it_is_spelled() {
        #[track_caller]
        fn check(text: &str, file: &str) {
            let base: Base = text.parse().expect("a base");
            assert_eq!(format!("{}cases/x.yaml", base.prefix()), file);
        }
        // What git prints at the root of a repository, and below it.
        check("", "cases/x.yaml");
        check("a/b/", "a/b/cases/x.yaml");
        check(".", "cases/x.yaml");
        check("./a//b", "a/b/cases/x.yaml");
        check("a b", "a b/cases/x.yaml");
    }

    #[test]
    fn what_is_no_folder_inside_a_repository_is_refused() {
        #[track_caller]
        fn check(text: &str, error: &InvalidBase) {
            assert_eq!(text.parse::<Base>().as_ref(), Err(error), "{text}");
        }
        check("/builds/group/project", &InvalidBase::Absolute);
        check("~/project", &InvalidBase::Absolute);
        check("C:\\work", &InvalidBase::Absolute);
        check("..", &InvalidBase::Outside);
        check("a/../../b", &InvalidBase::Outside);
        check("a\\b", &InvalidBase::Backslash);
        check("a\nb", &InvalidBase::Control);
    }
}
