//! What a person may choose about the `JUnit` file.

use std::str::FromStr;

use thiserror::Error;

/// The choices; by default the file is red exactly when the run does not end with 0, and has all that
/// the common readers know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    pub shape: Shape,
    pub base: Base,
    pub unproven: Unproven,
    pub blocked: Blocked,
}

/// Which elements and attributes the file has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Shape {
    /// Properties, file and line of each test case too, which no schema has and most readers use.
    #[default]
    Rich,
    /// Only what the schema `junit-10.xsd` of Jenkins' xUnit plugin allows.
    Strict,
}

/// What becomes of a requirement without proof, in a whole run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Unproven {
    /// An error where no row of it is red, skipped where one is.
    #[default]
    Error,
    Skip,
    /// No test case.
    Omit,
}

/// What becomes of a row that could not be judged because of something else.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Blocked {
    #[default]
    Error,
    /// It is skipped, and what is behind it is red.
    Skip,
}

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
        Ok(Self(folders.join("/")))
    }
}

impl Base {
    /// A file of the project as the repository names it.
    pub(super) fn file(&self, file: &str) -> String {
        match self.0.as_str() {
            "" => file.to_owned(),
            base => format!("{base}/{file}"),
        }
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
            assert_eq!(base.file("cases/x.yaml"), file);
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
