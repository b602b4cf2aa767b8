//! The source as the rules see it: files of the product, the paths that they name, and where those lead.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use regex::Regex;

use crate::support::root;

/// A path of names, such as `["engine", "wire", "Doubt"]` for `crate::engine::wire::Doubt`.
pub(super) type Names = Vec<String>;

/// Every Rust file under a folder, in order.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.unwrap_or_else(|error| panic!("{error}")).path();
        if path.is_dir() {
            out.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            out.push(path);
        }
    }
    out.sort();
    out
}

pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The first module of a source file: the first part of its path under `src`.
pub(super) fn module(path: &Path) -> String {
    let inside = path.strip_prefix(root().join("src")).unwrap_or(path);
    let first = inside
        .components()
        .next()
        .map(|part| part.as_os_str().to_string_lossy().into_owned());
    first.unwrap_or_default().trim_end_matches(".rs").to_owned()
}

macro_rules! expression {
    ($text:literal) => {{
        static BUILT: LazyLock<Regex> =
            LazyLock::new(|| Regex::new($text).unwrap_or_else(|error| panic!("{error}")));
        &*BUILT
    }};
}

/// The code of a file: what stands in comments and in texts is prose.
pub(super) fn code(text: &str) -> String {
    let comments = expression!(r"(?m)^\s*//.*$|\s//\s.*$");
    let texts = expression!(r##"(?s)r#".*?"#|"(?:[^"\\]|\\.)*"|'"'"##);
    let code = comments.replace_all(text, "");
    texts.replace_all(&code, "\"\"").into_owned()
}

/// Modules that are compiled for unit tests alone, as their parent declares them.
fn declared_for_tests(code: &str) -> impl Iterator<Item = String> {
    let declared = expression!(r"#\[cfg\(test\)\]\s*(?:pub(?:\([a-z: ]*\))?\s+)?mod\s+([a-z_]+);");
    let names: Vec<String> = declared
        .captures_iter(code)
        .map(|found| found[1].to_owned())
        .collect();
    names.into_iter()
}

/// The code of a file without its unit tests, which may use anything: they are not the product.
fn without_tests(code: &str) -> String {
    let declared = expression!(r"#\[cfg\(test\)\]\s*(?:pub(?:\([a-z: ]*\))?\s+)?mod\s+[a-z_]+;");
    let code = declared.replace_all(code, "");
    let tests = code.split("#[cfg(test)]\nmod ").next();
    tests.unwrap_or_default().to_owned()
}

/// The texts of a file, without those of its unit tests.
fn texts(text: &str) -> Vec<String> {
    let comments = expression!(r"(?m)^\s*//.*$|\s//\s.*$");
    let quoted = expression!(r##"(?s)r#"(.*?)"#|"((?:[^"\\]|\\.)*)""##);
    let text = without_tests(text);
    let code = comments.replace_all(&text, "");
    let found = quoted.captures_iter(&code);
    found
        .filter_map(|one| Some(one.get(1).or_else(|| one.get(2))?.as_str().to_owned()))
        .collect()
}

/// A file of the product.
pub(super) struct File {
    pub(super) path: PathBuf,
    /// Without comments, texts and unit tests.
    pub(super) code: String,
    /// The texts in it, as they are written between their quotes.
    pub(super) texts: Vec<String>,
    /// What it names of the crate, by the path from the crate's root; its re-exports are not among it.
    pub(super) names: Vec<Names>,
    /// What it gives on under a name of its own, and where that comes from.
    pub(super) exports: BTreeMap<String, Names>,
}

/// All files of the product by their module path, unit tests left out.
pub(super) struct Product(pub(super) BTreeMap<Names, File>);

impl Product {
    /// What lies under `src`, read once.
    pub(crate) fn read() -> &'static Self {
        static PRODUCT: LazyLock<Product> = LazyLock::new(Product::read_now);
        &PRODUCT
    }

    fn read_now() -> Self {
        let src = root().join("src");
        let texts = files(&src).into_iter().map(|path| {
            let text = read(&path);
            (path, text)
        });
        Self::of(texts.map(|(path, text)| {
            let inside = path.strip_prefix(&src).unwrap_or(&path).to_owned();
            (inside, text)
        }))
    }

    /// Files by their path under `src`, with their text.
    pub(super) fn of(sources: impl IntoIterator<Item = (PathBuf, String)>) -> Self {
        let mut codes: BTreeMap<Names, (PathBuf, String, Vec<String>)> = BTreeMap::new();
        let mut for_tests: BTreeSet<Names> = BTreeSet::new();
        for (path, text) in sources {
            let place = place(&path);
            let code = code(&text);
            if code.contains("#![cfg(test)]") {
                for_tests.insert(place.clone());
            }
            for name in declared_for_tests(&code) {
                for_tests.insert([place.as_slice(), &[name]].concat());
            }
            codes.insert(place, (path, without_tests(&code), texts(&text)));
        }
        codes.retain(|place, _| !(1..=place.len()).any(|n| for_tests.contains(&place[..n])));
        let known: BTreeSet<Names> = codes.keys().cloned().collect();
        let files = codes.into_iter().map(|(place, (path, code, texts))| {
            let (names, exports) = references(&place, &code, &known);
            let file = File {
                path,
                code,
                texts,
                names,
                exports,
            };
            (place, file)
        });
        Self(files.collect())
    }

    /// The file that a path leads to, re-exports followed: where the item is written.
    pub(super) fn home(&self, path: &[String]) -> Option<&Names> {
        let (mut path, mut steps) = (path.to_vec(), 0);
        loop {
            let length = (1..=path.len()).rev();
            let length = length
                .into_iter()
                .find(|length| self.0.contains_key(&path[..*length]))?;
            let (place, file) = self.0.get_key_value(&path[..length])?;
            let item = path.get(length);
            match item.and_then(|item| file.exports.get(item)) {
                Some(source) if steps < 8 => {
                    path = [source.as_slice(), &path[length + 1..]].concat();
                    steps += 1;
                }
                _ => return Some(place),
            }
        }
    }
}

/// The module path of a file: `engine/wire/mod.rs` is `engine::wire`, `lib.rs` is the root.
fn place(path: &Path) -> Names {
    let text = path.with_extension("");
    let parts = text.components();
    let mut names: Names = parts
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    if names.last().is_some_and(|last| last == "mod") {
        names.pop();
    }
    names
}

/// What a file names and what it gives on, by paths from the crate's root.
fn references(
    place: &[String],
    code: &str,
    known: &BTreeSet<Names>,
) -> (Vec<Names>, BTreeMap<String, Names>) {
    let (mut names, mut exports) = (Vec::new(), BTreeMap::new());
    let uses = expression!(r"(?m)^[ ]*(pub(?:\([a-z: ]*\))?[ ]+)?use[ ]+([^;]*);");
    for found in uses.captures_iter(code) {
        for (path, name) in leaves(&found[2]) {
            let Some(path) = absolute(place, &path, known) else {
                continue;
            };
            if found.get(1).is_some() {
                exports.insert(name, path);
            } else {
                names.push(path);
            }
        }
    }
    let rest = uses.replace_all(code, "");
    let paths = expression!(r"(?:^|[^A-Za-z0-9_:$])([a-z_][A-Za-z0-9_]*(?:::[A-Za-z0-9_]+)+)");
    for found in paths.captures_iter(&rest) {
        let path: Names = found[1].split("::").map(str::to_owned).collect();
        names.extend(absolute(place, &path, known));
    }
    (names, exports)
}

/// A path as it is written, from the crate's root; `None` for what is of another crate.
fn absolute(place: &[String], path: &[String], known: &BTreeSet<Names>) -> Option<Names> {
    let first = path.first()?;
    Some(match first.as_str() {
        "crate" => path[1..].to_vec(),
        "self" => [place, &path[1..]].concat(),
        "super" => {
            let up = path.iter().take_while(|name| *name == "super").count();
            [&place[..place.len().checked_sub(up)?], &path[up..]].concat()
        }
        _ => {
            let child = [place, &path[..1]].concat();
            known.contains(&child).then(|| [place, path].concat())?
        }
    })
}

/// Every path of a `use` tree, with the name that it gets here.
fn leaves(tree: &str) -> Vec<(Names, String)> {
    let tree = tree.trim();
    if let Some(group) = tree.strip_prefix('{') {
        let group = group.strip_suffix('}').unwrap_or(group);
        return parts(group).into_iter().flat_map(leaves).collect();
    }
    if let Some((head, rest)) = tree.split_once("::") {
        let head = head.trim().to_owned();
        let below = leaves(rest).into_iter().map(|(path, name)| {
            let own = path == ["self"];
            let name = if own && name == "self" {
                head.clone()
            } else {
                name
            };
            let path = if own { Vec::new() } else { path };
            ([vec![head.clone()], path].concat(), name)
        });
        return below.collect();
    }
    let (path, name) = tree.split_once(" as ").unwrap_or((tree, tree));
    if path.is_empty() {
        return Vec::new();
    }
    vec![(vec![path.trim().to_owned()], name.trim().to_owned())]
}

/// The parts of a brace group, nested groups left whole.
fn parts(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut out) = (0usize, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                out.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    out.push(&group[start..]);
    out
}
