//! `probity new`: a project drafted from an OpenAPI document, or from recorded calls.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use clap::Args;

use super::{
    output::{note, out},
    refusal::{Refusal, UNWRITTEN, USAGE, complain},
};
use crate::{
    diag::Diagnostic,
    ids::Edition,
    scaffold::{self, Drafted},
    suite,
    visible::visible,
};

/// Options of `probity new`.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// What the API is called, in small letters: the folder that is made, and the front of each row's id
    name: PathBuf,
    /// The OpenAPI document, 3.0 to 3.2, in YAML or JSON; the files that it refers to are taken along
    #[arg(long, value_name = "FILE", required_unless_present = "har")]
    openapi: Option<PathBuf>,
    /// An HTTP Archive of calls, as browsers and proxies save it, where there is no document: one is made of
    /// it. No secret and no answer is copied
    #[arg(long, value_name = "FILE", conflicts_with = "openapi")]
    har: Option<PathBuf>,
    /// Where the server is; the first server of the document when absent
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

pub(super) fn main(options: &Options) -> u8 {
    match draft(options) {
        Ok(()) => 0,
        Err(refusal) => refusal.code,
    }
}

fn draft(options: &Options) -> Result<(), Refusal> {
    let folder = &options.name;
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let edition: Edition = match name.parse() {
        Ok(edition) => edition,
        Err(error) => return Err(Refusal::usage(visible(&format!("{error}")))),
    };
    if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) || folder.is_file() {
        let shown = folder.display().to_string();
        return Err(Refusal::usage(format!(
            "`{}` is there already and not empty; nothing was written",
            visible(&shown)
        )));
    }
    // All or nothing: it is made beside its place, looked at, and then moved there.
    let parent = folder
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    let unwritten = |error: io::Error| {
        let why = format!("cannot write `{}`: {error}", folder.display());
        note(&visible(&why));
        Refusal {
            code: UNWRITTEN,
            why,
        }
    };
    fs::create_dir_all(parent).map_err(unwritten)?;
    let staged = tempfile::Builder::new()
        .prefix(".probity-new-")
        .tempdir_in(parent)
        .map_err(unwritten)?;
    let root = staged.path();
    let mut found = Vec::new();
    for file in documents(options, edition, &mut found)? {
        write(root, &file).map_err(unwritten)?;
    }
    let sketch = scaffold::sketch(root, edition, &mut found);
    refuse(&found)?;
    let Some(sketch) = sketch else {
        return Err(Refusal::usage("the document could not be read"));
    };
    if sketch.requests.is_empty() {
        return Err(Refusal::usage(
            "the document has no operation that could be tested; nothing was written",
        ));
    }
    let url = options.url.as_deref();
    for file in sketch.files(url) {
        write(root, &file).map_err(unwritten)?;
    }
    let suite = suite::load(root, Some(&root.join("tenants/local.yaml")));
    if suite.is_broken() {
        complain(&suite.diagnostics, false);
        return Err(Refusal::usage(
            "the draft has mistakes, so nothing was written",
        ));
    }
    let rows = suite.plan.cases.len();
    let todo = suite.plan.cases.iter().filter(|case| case.todo.is_some());
    let todo = todo.count();
    // An empty folder may stand in the way.
    let _ = fs::remove_dir(folder);
    fs::rename(root, folder).map_err(unwritten)?;
    let _ = staged.keep();
    let shown = visible(&folder.display().to_string());
    let operations = sketch.requests.len();
    out(&format!(
        "{shown}: {operations} operations, {rows} rows, {todo} of them to be filled in\n\
         Next: fill in {shown}/tenants/local.yaml, then `probity run --root {shown} --target tenants/local.yaml`"
    ));
    Ok(())
}

/// The document and the files that it refers to, or the one that an archive gives.
fn documents(
    options: &Options,
    edition: Edition,
    found: &mut Vec<Diagnostic>,
) -> Result<Vec<Drafted>, Refusal> {
    let read = |path: &Path| {
        fs::read(path).map_err(|error| {
            let why = format!("cannot read `{}`: {error}", path.display());
            Refusal::usage(visible(&why))
        })
    };
    if let Some(document) = &options.openapi {
        let files = scaffold::taken_over(document, edition, found);
        refuse(found)?;
        let files = files.into_iter();
        let files = files.map(|(path, from)| {
            let bytes = read(&from)?;
            Ok(Drafted { path, bytes })
        });
        return files.collect();
    }
    let archive = options.har.as_deref().unwrap_or(Path::new(""));
    let text = String::from_utf8_lossy(&read(archive)?).into_owned();
    let document = scaffold::document_of_har(&text, edition.as_str()).map_err(|error| {
        let why = format!("`{}` gives no document: {error}", archive.display());
        Refusal::usage(visible(&why))
    })?;
    let mut bytes = serde_json::to_vec_pretty(&document).unwrap_or_default();
    bytes.push(b'\n');
    Ok(vec![Drafted {
        path: format!("specs/{edition}/openapi.json"),
        bytes,
    }])
}

/// Ends where there are mistakes; they are printed.
fn refuse(found: &[Diagnostic]) -> Result<(), Refusal> {
    if found.iter().all(|mistake| mistake.warning) {
        return Ok(());
    }
    complain(found, false);
    let why = "the document has mistakes, so nothing was written".to_owned();
    note(&why);
    Err(Refusal { code: USAGE, why })
}

fn write(root: &Path, file: &Drafted) -> io::Result<()> {
    let path = root.join(&file.path);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, &file.bytes)
}
