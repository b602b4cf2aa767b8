//! The mock's own files: tables that are built in and read when their edition is first used.
//!
//! They are the mock's, as its code is, and no part of a project: nothing in `specs` or `cases` is read here.

use std::{io, sync::OnceLock};

use super::dialect::Dialect;
use crate::{
    diag::Diagnostic,
    yaml::{self, Node, Shape},
};

/// A file that is built in.
#[derive(Debug, Clone, Copy)]
pub(super) struct File {
    /// Below `src/mock`.
    pub path: &'static str,
    pub text: &'static str,
}

impl File {
    /// What it holds; what is wrong with it goes to `found`.
    pub(super) fn read(self, shape: &Shape, found: &mut Vec<Diagnostic>) -> Option<Node> {
        match yaml::parse(self.path, self.text.to_owned()) {
            Ok(node) => {
                yaml::check(&node, shape, found);
                Some(node)
            }
            Err(mistake) => {
                found.push(mistake);
                None
            }
        }
    }
}

/// What the files of an edition were read into, or what is wrong with them.
type Made<T> = OnceLock<Result<T, Vec<Diagnostic>>>;

/// What the files of each edition hold. An edition that nobody uses is not read, and none is read twice.
pub(super) struct Kept<T>([Made<T>; Dialect::ALL.len()]);

impl<T> Kept<T> {
    pub(super) const fn new() -> Self {
        Self([const { OnceLock::new() }; Dialect::ALL.len()])
    }

    /// What an edition's files hold. Fails if there is a mistake in them.
    pub(super) fn of(
        &'static self,
        edition: Dialect,
        read: impl FnOnce(&mut Vec<Diagnostic>) -> T,
    ) -> io::Result<&'static T> {
        let made = self.0[edition as usize].get_or_init(|| {
            let mut found = Vec::new();
            let made = read(&mut found);
            if found.is_empty() {
                Ok(made)
            } else {
                Err(found)
            }
        });
        made.as_ref().map_err(|found| {
            let all: Vec<String> = found.iter().map(|one| one.render(false)).collect();
            io::Error::new(io::ErrorKind::InvalidData, all.join("\n\n"))
        })
    }
}
