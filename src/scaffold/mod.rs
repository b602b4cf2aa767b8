//! A project drafted from an OpenAPI document: specs, a target, and cases for every operation.
//!
//! Takes: the document and a name. Gives: the files of a project that `lint` finds no mistake in; what the
//! document does not say is marked with `todo` in a case and FILL IN in the target. Never: writes over a
//! file, or drafts an expectation that the document does not give.

mod cases;
mod har;
mod target;
mod yaml;

pub use har::{HarError, document as document_of_har};

use std::path::Path;

use crate::{
    contract::{self, ExampleRequest},
    diag::Diagnostic,
    ids::Edition,
    yaml::Reader,
};

/// A file of a drafted project.
#[derive(Debug)]
pub struct Drafted {
    /// From the project's folder.
    pub path: String,
    pub bytes: Vec<u8>,
}

/// What there is to draft for: the requests that a document shows.
#[derive(Debug)]
pub struct Sketch {
    pub edition: Edition,
    pub requests: Vec<ExampleRequest>,
    /// The first server of the document that is a whole URL.
    pub server: Option<String>,
}

/// The files that a project takes over as they are: the document, and those that it refers to. Gives the
/// places in the project and from where each is.
#[must_use]
pub fn taken_over(
    document: &Path,
    edition: Edition,
    found: &mut Vec<Diagnostic>,
) -> Vec<(String, std::path::PathBuf)> {
    let ending = document.extension().and_then(|ending| ending.to_str());
    let ending = ending.filter(|ending| matches!(*ending, "json" | "yml"));
    let others = contract::referenced_files(document, &mut Reader::default(), found);
    let folder = document.parent().unwrap_or(Path::new(""));
    let mut out = vec![(
        format!("specs/{edition}/openapi.{}", ending.unwrap_or("yaml")),
        document.to_owned(),
    )];
    out.extend(others.into_iter().map(|path| {
        let from = folder.join(&path);
        (format!("specs/{edition}/{path}"), from)
    }));
    out
}

/// Reads the document of a project in which only that is yet. `None` where it cannot be read.
#[must_use]
pub fn sketch(root: &Path, edition: Edition, found: &mut Vec<Diagnostic>) -> Option<Sketch> {
    let (requests, server) = contract::example_requests(root, edition, found)?;
    Some(Sketch {
        edition,
        requests,
        server,
    })
}

impl Sketch {
    /// The drafted files beside the document; `url` is where the target is.
    #[must_use]
    pub fn files(&self, url: Option<&str>) -> Vec<Drafted> {
        let mut out = Vec::new();
        let mut add = |path: String, text: String| {
            let bytes = text.into_bytes();
            out.push(Drafted { path, bytes });
        };
        let values = cases::PathValues::of(&self.requests);
        for (name, request) in cases::names(&self.requests).into_iter().zip(&self.requests) {
            let path = format!("cases/{}/{name}.yaml", self.edition);
            add(path, cases::file(self.edition, request, &values));
        }
        add(
            "tenants/local.yaml".to_owned(),
            target::file(self, &values, url),
        );
        add("README.md".to_owned(), target::readme(self));
        add(
            ".gitignore".to_owned(),
            "/reports/\n.probity/\n.env\n".to_owned(),
        );
        out
    }
}
