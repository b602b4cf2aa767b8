//! The files of a document: which one it is in the folder of an edition, and what it refers to in others.
//!
//! Takes: the folder. Gives: one tree, into which every file below the folder that it refers to is put,
//! under [`FILES`]. Never: follows a reference out of the folder, or fetches one.

use std::path::Path;

use super::overlay;
use crate::{
    contract::pointer::pointer_part,
    diag::{Diagnostic, Span},
    ids::Edition,
    yaml::{Kind, Node, Reader, pointer_name},
};

/// Where in the tree the other files stand, by their paths in the folder.
pub(super) const FILES: &str = "x-probity-files";

/// The names that are looked for first.
const USUAL: [&str; 3] = ["openapi.yaml", "openapi.yml", "openapi.json"];

/// The files of an edition that are none of its document.
const OTHERS: [&str; 4] = [
    "edition.yaml",
    "errors.yaml",
    "requirements.yaml",
    "survivors.yaml",
];

/// Keys of values in which a `$ref` is no reference, and of maps whose keys are names of the author's.
const VALUES: [&str; 7] = [
    "example",
    "examples",
    "enum",
    "const",
    "default",
    "value",
    "dataValue",
];
const NAMES: [&str; 7] = [
    "properties",
    "patternProperties",
    "$defs",
    "definitions",
    "dependentSchemas",
    "schemas",
    "responses",
];

/// More files than any document is split into.
const MOST: usize = 2_000;

/// Reads the document of an edition, whole; mistakes go to `found`.
pub(super) fn document(
    root: &Path,
    edition: Edition,
    reader: &mut Reader,
    found: &mut Vec<Diagnostic>,
) -> Option<Node> {
    let folder = format!("specs/{edition}");
    let (name, mut document) = main_file(root, &folder, reader, found)?;
    overlay::apply(root, &folder, reader, &mut document, found);
    let mut bundle = Bundle {
        root,
        folder,
        main: name,
        reader,
        files: Vec::new(),
        found,
    };
    bundle.fill(&mut document);
    let span = document.span.clone();
    let key = |text: &str| Node {
        kind: Kind::Text(text.to_owned()),
        span: span.clone(),
    };
    let files: Vec<_> = bundle
        .files
        .into_iter()
        .map(|(path, node)| (key(&path), node))
        .collect();
    if let (Kind::Map(entries), false) = (&mut document.kind, files.is_empty()) {
        let files = Node {
            kind: Kind::Map(files),
            span: span.clone(),
        };
        entries.push((key(FILES), files));
    }
    Some(document)
}

/// The files that a document refers to, by their paths from its folder, each once. Those that cannot be read
/// are mistakes.
pub(in crate::contract) fn referenced_by(
    document: &Path,
    reader: &mut Reader,
    found: &mut Vec<Diagnostic>,
) -> Vec<String> {
    let name = document.file_name().unwrap_or_default();
    let name = name.to_string_lossy().into_owned();
    let mut tree = match reader.read_generated(document, &name) {
        Ok(tree) => tree,
        Err(mistake) => {
            found.push(mistake);
            return Vec::new();
        }
    };
    let mut bundle = Bundle {
        root: document.parent().unwrap_or(Path::new("")),
        folder: ".".to_owned(),
        main: name,
        reader,
        files: Vec::new(),
        found,
    };
    bundle.fill(&mut tree);
    bundle.files.into_iter().map(|(path, _)| path).collect()
}

/// The file that is the document, by its name or by what it begins with.
fn main_file(
    root: &Path,
    folder: &str,
    reader: &mut Reader,
    found: &mut Vec<Diagnostic>,
) -> Option<(String, Node)> {
    let mut names = names(&root.join(folder));
    let usual = |name: &String| USUAL.contains(&name.as_str());
    if names.iter().any(usual) {
        names.retain(usual);
    }
    let mut documents = Vec::new();
    for name in names {
        let shown = format!("{folder}/{name}");
        match reader.read_generated(&root.join(&shown), &shown) {
            Ok(node) if USUAL.contains(&name.as_str()) || is_document(&node) => {
                documents.push((name, node));
            }
            Ok(_) => {}
            // What cannot be read may be the document.
            Err(mistake) => {
                found.push(mistake);
                return None;
            }
        }
    }
    if documents.len() > 1 {
        let names: Vec<&str> = documents.iter().map(|(name, _)| name.as_str()).collect();
        let what = format!(
            "`{folder}/` holds several OpenAPI documents: {}",
            names.join(", ")
        );
        let mistake = Diagnostic::new("openapi", &documents[1].1.span, what);
        found.push(mistake.help("an edition has one; make a folder for each"));
        return None;
    }
    let document = documents.pop();
    if document.is_none() {
        let what = format!("there is no OpenAPI document in `{folder}/`");
        let mistake = Diagnostic::without_span("unreadable-file", what);
        found.push(mistake.help("put it there, as `openapi.yaml` or under any other name"));
    }
    document
}

fn is_document(node: &Node) -> bool {
    node.get("openapi").is_some() || node.get("swagger").is_some()
}

/// The names of the files in a folder that may be its document, in order.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut out: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| {
            let path = Path::new(name);
            let ending = path.extension().and_then(|ending| ending.to_str());
            matches!(ending, Some("yaml" | "yml" | "json"))
                && !OTHERS.contains(&name.as_str())
                && !name.contains(".overlay.")
        })
        .collect();
    out.sort();
    out
}

/// Puts the files that a document refers to into it.
struct Bundle<'r> {
    root: &'r Path,
    folder: String,
    /// The name of the document itself.
    main: String,
    reader: &'r mut Reader,
    files: Vec<(String, Node)>,
    found: &'r mut Vec<Diagnostic>,
}

impl Bundle<'_> {
    /// Reads every file that the document refers to, and those that these refer to.
    fn fill(&mut self, document: &mut Node) {
        self.rewrite(document, None, false);
        let mut next = 0;
        while next < self.files.len() {
            let path = self.files[next].0.clone();
            // It keeps its place in the list, so that nothing reads it again.
            let mut node = std::mem::replace(&mut self.files[next].1, unread(&document.span));
            self.rewrite(&mut node, Some(&path), false);
            self.files[next].1 = node;
            next += 1;
        }
    }

    /// Points every reference at where its target will stand. `from` is the file it stands in, if that is
    /// not the document.
    fn rewrite(&mut self, node: &mut Node, from: Option<&str>, keys_are_names: bool) {
        match &mut node.kind {
            Kind::Map(entries) => {
                for (key, value) in entries {
                    let name = key.text().unwrap_or_default();
                    if name == "$ref" && !keys_are_names {
                        let text = value.text().map(str::to_owned);
                        let target = text.and_then(|text| self.target(&text, from, &value.span));
                        if let Some(target) = target {
                            value.kind = Kind::Text(target);
                        }
                    } else if keys_are_names || !VALUES.contains(&name) {
                        let are_names = !keys_are_names && NAMES.contains(&name);
                        self.rewrite(value, from, are_names);
                    }
                }
            }
            Kind::List(items) => {
                for item in items {
                    self.rewrite(item, from, false);
                }
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) => {}
        }
    }

    /// Where the target of a reference will stand; `None` where the reference stays as it is.
    fn target(&mut self, reference: &str, from: Option<&str>, span: &Span) -> Option<String> {
        let (file, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        if file.contains("://") || file.starts_with("urn:") {
            return None;
        }
        let inside = |path: &str| format!("#/{FILES}/{}{fragment}", pointer_part(path));
        if file.is_empty() {
            let is_pointer = fragment.is_empty() || fragment.starts_with('/');
            return from.filter(|_| is_pointer).map(inside);
        }
        let Some(path) = joined(from.unwrap_or_default(), file) else {
            let what = format!("`{file}` is outside of `{}/`", self.folder);
            let mistake = Diagnostic::new("openapi", span, what);
            self.found
                .push(mistake.help("put a copy of the file below that folder"));
            self.files.push((file.to_owned(), unread(span)));
            return Some(inside(file));
        };
        if path == self.main {
            return Some(format!("#{fragment}"));
        }
        let target = inside(&path);
        if !self.files.iter().any(|(known, _)| *known == path) {
            let node = self.read(&path, span);
            self.files.push((path, node));
        }
        Some(target)
    }

    /// A file of the folder; an empty one, and a mistake at the reference, where it cannot be read.
    fn read(&mut self, path: &str, span: &Span) -> Node {
        let shown = format!("{}/{path}", self.folder);
        let read = if self.files.len() < MOST {
            self.reader.read_generated(&self.root.join(&shown), &shown)
        } else {
            let what = format!("the document refers to more than {MOST} files");
            Err(Diagnostic::without_span("openapi", what))
        };
        read.unwrap_or_else(|mistake| {
            // A file that is not there is a mistake of the reference, any other one of the file.
            let mistake = match mistake.span {
                Some(_) => mistake,
                None => Diagnostic::new("openapi", span, mistake.message),
            };
            self.found.push(mistake);
            unread(span)
        })
    }
}

/// What stands in place of a file that could not be read.
fn unread(span: &Span) -> Node {
    Node {
        kind: Kind::Null,
        span: span.clone(),
    }
}

/// Whether a pointer leads into a file that could not be read.
pub(super) fn is_unread(document: &Node, pointer: &str) -> bool {
    let file = pointer.strip_prefix(&format!("/{FILES}/"));
    let file = file.and_then(|rest| rest.split('/').next());
    let node = file.and_then(|file| document.pointer(&format!("/{FILES}/{file}")));
    node.is_some_and(|node| matches!(node.kind, Kind::Null))
}

/// A reference as its author wrote it, but for the folder that it starts from.
pub(super) fn as_written(reference: &str) -> String {
    let Some(rest) = reference.strip_prefix(&format!("#/{FILES}/")) else {
        return reference.to_owned();
    };
    let (file, fragment) = rest.split_once('/').unwrap_or((rest, ""));
    format!("{}#/{fragment}", pointer_name(file))
}

/// A path in the folder, from a file in it; `None` where it leads out.
fn joined(from: &str, file: &str) -> Option<String> {
    let file = percent_encoding::percent_decode_str(file)
        .decode_utf8()
        .ok()?;
    if file.starts_with('/') || file.contains('\\') || file.contains('\0') {
        return None;
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in file.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_in_the_folder_or_is_none() {
        for (from, file, expected) in [
            ("", "a.yaml", Some("a.yaml")),
            ("", "./a/b.yaml", Some("a/b.yaml")),
            ("a/b.yaml", "c.yaml", Some("a/c.yaml")),
            ("a/b.yaml", "../c.yaml", Some("c.yaml")),
            ("a/b.yaml", "../../c.yaml", None),
            ("", "../c.yaml", None),
            ("", "/etc/passwd", None),
            ("", "%2e%2e/c.yaml", None),
            ("", "a%20b.yaml", Some("a b.yaml")),
            ("", ".", None),
        ] {
            assert_eq!(joined(from, file).as_deref(), expected, "{from} {file}");
        }
    }
}
