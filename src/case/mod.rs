//! Case files as written.
//!
//! Takes: the `cases` folder. Gives: [`CaseFile`]s and every mistake of form in them.
//! Never: expands a matrix, looks at the contract, or sends anything.

mod model;

pub use model::{ALONE, CaseFile, NEED_SHAPE, SHAPE, STEP_FIELDS, STEP_SHAPE, schema};

use std::path::Path;

use walkdir::WalkDir;

use crate::{
    diag::Diagnostic,
    yaml::{self, Reader},
};

/// Loads every `*.yaml` under `cases/`, in path order.
pub fn load(root: &Path, found: &mut Vec<Diagnostic>) -> Vec<CaseFile> {
    load_with(root, &mut Reader::default(), found)
}

/// As [`load`], through a reader that may have the files' trees already.
pub fn load_with(root: &Path, reader: &mut Reader, found: &mut Vec<Diagnostic>) -> Vec<CaseFile> {
    let folder = root.join("cases");
    if !folder.is_dir() {
        found.push(
            Diagnostic::without_span("unreadable-file", "there is no folder `cases` here")
                .help("run inside a project, or name one with --root"),
        );
        return Vec::new();
    }
    let mut paths = Vec::new();
    for entry in WalkDir::new(&folder).sort_by_file_name() {
        match entry {
            Ok(entry)
                if entry
                    .path()
                    .extension()
                    .is_some_and(|e| e == "yaml" || e == "yml") =>
            {
                paths.push(entry.into_path());
            }
            Ok(_) => {}
            Err(error) => found.push(Diagnostic::without_span(
                "unreadable-file",
                error.to_string(),
            )),
        }
    }
    let mut files = Vec::new();
    for path in paths {
        let inside = path.strip_prefix(root).unwrap_or(&path);
        let shown = inside
            .components()
            .map(|part| part.as_os_str().to_string_lossy())
            .collect::<Vec<_>>()
            .join("/");
        match reader.read(&path, &shown) {
            Ok(node) => {
                yaml::check(&node, &SHAPE, found);
                files.extend(CaseFile::new(&shown, node, found));
            }
            Err(mistake) => found.push(mistake),
        }
    }
    files
}
