//! Every mistake an author can make, as a small wrong file beside the message it gives.
//!
//! The first line of an example is the path it has in `project/`, a comment; a line `# without PATH`
//! after it takes something away, one `# var NAME=VALUE` is said on the command line, and a line `# and PATH` further down begins a second file. An example is called after the code that it gives first, so
//! `unknown-key--row.yaml` must give `unknown-key`; one called `accepted--…` gives nothing.
//! `PROBITY_UPDATE=1` rewrites the messages.

mod size;

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
};

use probity::{diag::Diagnostic, mutant, suite, target::Settings};
use regex::Regex;
use tempfile::TempDir;

use crate::support::root;

/// The name of examples that are no mistake.
const ACCEPTED: &str = "accepted";

/// Codes of mistakes that no file alone can show; the tests named here make them.
const SHOWN_ELSEWHERE: [(&str, &str); 22] = [
    ("cannot-connect", "preflight/servers"),
    ("certificate-early", "preflight/servers"),
    ("certificate-expired", "preflight/servers"),
    ("client-certificate", "preflight/servers"),
    ("clock-skew", "preflight/servers"),
    ("host-not-found", "preflight/servers"),
    ("key-mismatch", "reach"),
    ("no-answer", "preflight/servers"),
    ("no-tls", "preflight/servers"),
    ("not-http", "preflight/servers"),
    ("not-the-service", "preflight/servers"),
    ("pool-exhausted", "preflight/servers"),
    ("provider-failed", "preflight/servers"),
    ("provider-refused", "endings/providers"),
    ("proxy-refused", "preflight/servers"),
    ("redirected", "preflight/servers"),
    ("tls-failed", "preflight/servers"),
    ("tls-version", "preflight/servers"),
    ("too-many-requests", "preflight/servers"),
    ("unavailable", "preflight/servers"),
    ("unknown-ca", "preflight/servers"),
    ("wrong-host-name", "preflight/servers"),
];

fn folder() -> PathBuf {
    root().join("tests/it/diagnostics")
}

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap_or_else(|error| panic!("{}: {error}", to.display()));
    for path in entries(from) {
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name))
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        }
    }
}

/// What a folder holds, in order.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut out: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap_or_else(|error| panic!("{error}")).path())
        .collect();
    out.sort();
    out
}

/// The examples, in order of name.
fn examples() -> Vec<PathBuf> {
    let mut out = entries(&folder());
    out.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "yaml")
    });
    out
}

/// The code an example is called after.
fn code_of(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    stem.split("--").next().unwrap_or_default().to_owned()
}

/// A small sound project.
pub(crate) fn project() -> TempDir {
    let place = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    copy(&folder().join("project"), place.path());
    place
}

fn put(place: &Path, inside: &str, bytes: &[u8]) {
    let path = place.join(inside);
    let parent = path.parent().unwrap_or(place);
    fs::create_dir_all(parent).unwrap_or_else(|error| panic!("{}: {error}", parent.display()));
    fs::write(&path, bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

fn load(place: &Path) -> Vec<Diagnostic> {
    load_with(place, &Settings::default())
}

fn load_with(place: &Path, settings: &Settings) -> Vec<Diagnostic> {
    let mut suite = suite::load_with(place, Some(&place.join("tenants/tenant.yaml")), settings);
    mutant::load_rulings(place, &suite.contracts, &mut suite.diagnostics);
    suite.diagnostics
}

/// The mistakes that the project has with an example in it, and the folder it was in.
fn mistakes(example: &Path) -> (TempDir, Vec<Diagnostic>) {
    let bytes = fs::read(example).unwrap_or_else(|error| panic!("{}: {error}", example.display()));
    let place = project();
    let text = String::from_utf8_lossy(&bytes);
    let mut comments = text.lines().map_while(|line| line.strip_prefix("# "));
    let inside = comments
        .next()
        .unwrap_or_else(|| panic!("{}: the first line is no path", example.display()));
    let comments: Vec<&str> = comments.collect();
    let said = comments.iter().filter_map(|line| line.strip_prefix("var "));
    let settings = Settings {
        variables: said.map(str::to_owned).collect(),
        ..Settings::default()
    };
    for unwanted in comments
        .iter()
        .filter_map(|line| line.strip_prefix("without "))
    {
        let path = place.path().join(unwanted);
        let gone = if path.is_dir() {
            fs::remove_dir_all(&path)
        } else {
            fs::remove_file(&path)
        };
        gone.unwrap_or_else(|error| panic!("{}: {unwanted}: {error}", example.display()));
    }
    // Bytes that are no text are one file.
    let parts = match std::str::from_utf8(&bytes) {
        Ok(text) => files(inside, text),
        Err(_) => vec![(inside, bytes.as_slice())],
    };
    for (inside, bytes) in parts {
        put(place.path(), inside, bytes);
    }
    let found = load_with(place.path(), &settings);
    (place, found)
}

/// The files of an example, the first under the given path.
fn files<'t>(first: &'t str, text: &'t str) -> Vec<(&'t str, &'t [u8])> {
    const MARK: &str = "\n# and ";
    let mut out = Vec::new();
    let (mut inside, mut rest) = (first, text);
    while let Some(at) = rest.find(MARK) {
        out.push((inside, &rest.as_bytes()[..=at]));
        rest = &rest[at + 1..];
        inside = rest.lines().next().unwrap_or_default();
        inside = inside.trim_start_matches("# and ");
    }
    out.push((inside, rest.as_bytes()));
    out
}

/// All mistakes as people read them, without the place of the folder they were found in.
fn rendered(place: &Path, found: &[Diagnostic]) -> String {
    if found.is_empty() {
        return String::new();
    }
    let all: Vec<String> = found.iter().map(|mistake| mistake.render(false)).collect();
    let text = all
        .join("\n\n")
        .replace(&format!("{}/", place.display()), "");
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    format!("{}\n", lines.join("\n"))
}

#[test]
fn every_wrong_file_gives_the_message_beside_it() {
    let update = env::var("PROBITY_UPDATE").is_ok_and(|value| value == "1");
    let mut wrong = Vec::new();
    for example in examples() {
        let (place, found) = mistakes(&example);
        let actual = rendered(place.path(), &found);
        let beside = example.with_extension("txt");
        if update {
            fs::write(&beside, &actual).unwrap();
        }
        let expected = fs::read_to_string(&beside).ok();
        if expected.as_ref() != Some(&actual) {
            let expected = expected.unwrap_or_default();
            let name = example.file_name().unwrap_or_default().to_string_lossy();
            wrong.push(format!(
                "{name} gives\n{actual}\ninstead of\n{expected}\nPROBITY_UPDATE=1 rewrites it"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn an_example_gives_first_the_code_it_is_called_after() {
    for example in examples() {
        let code = code_of(&example);
        let (_place, found) = mistakes(&example);
        let first = found.first().map_or(ACCEPTED, |mistake| mistake.code);
        assert_eq!(first, code, "{}: {found:#?}", example.display());
    }
}

#[test]
fn the_project_the_examples_change_has_no_mistake_itself() {
    let place = project();
    assert_eq!(load(place.path()), []);
}

#[test]
fn every_message_has_a_wrong_file_and_every_wrong_file_a_message() {
    let stems = |extension: &str| -> BTreeSet<PathBuf> {
        entries(&folder())
            .into_iter()
            .filter(|path| path.extension().is_some_and(|known| known == extension))
            .map(|path| path.with_extension(""))
            .collect()
    };
    assert_eq!(stems("txt"), stems("yaml"));
}

fn expression(text: &str) -> Regex {
    Regex::new(text).unwrap_or_else(|error| panic!("{error}"))
}

/// The codes that a source text gives, and how often it gives one that is not written there.
fn codes_in(text: &str) -> (BTreeSet<String>, usize) {
    // What unit tests make up is no code of the product.
    let product = text.split("#[cfg(test)]").next().unwrap_or(text);
    let literal = expression(r#"Diagnostic::(?:new|without_span)\(\s*"([a-z-]+)""#);
    let any = expression(r"Diagnostic::(?:new|without_span)\(");
    let codes: BTreeSet<String> = literal
        .captures_iter(product)
        .map(|found| found[1].to_owned())
        .collect();
    let computed = any.find_iter(product).count() - literal.find_iter(product).count();
    (codes, computed)
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    entries(folder)
        .into_iter()
        .flat_map(|path| {
            if path.is_dir() {
                sources(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

#[test]
fn every_code_of_the_source_has_an_example() {
    let mut codes = BTreeSet::new();
    for path in sources(&root().join("src")) {
        let text = fs::read_to_string(&path).unwrap();
        let (found, computed) = codes_in(&text);
        codes.extend(found);
        if computed == 0 {
            continue;
        }
        // The parser's errors are sorted into codes by what they say: pairs of a code and a message.
        assert!(
            path.ends_with("yaml/mod.rs"),
            "{} gives a code this test cannot read",
            path.display()
        );
        let pair = expression(r#"\(\s*"((?:[a-z]+-)+[a-z]+)","#);
        codes.extend(pair.captures_iter(&text).map(|found| found[1].to_owned()));
    }
    assert!(codes.contains("yaml-syntax"), "{codes:?}");
    codes.insert(ACCEPTED.to_owned());
    for (code, module) in SHOWN_ELSEWHERE {
        assert!(codes.remove(code), "nothing gives `{code}`");
        let tests = fs::read_to_string(root().join(format!("tests/it/{module}.rs"))).unwrap();
        assert!(
            tests.contains(&format!("\"{code}\"")),
            "{module} does not show `{code}`"
        );
    }
    let shown: BTreeSet<String> = examples().iter().map(|path| code_of(path)).collect();
    assert_eq!(shown, codes);
}

#[test]
fn a_code_is_found_however_its_line_is_broken() {
    let text = "Diagnostic::new(\n    \"bad-id\",\n    x)\nDiagnostic::without_span(\"b\", y)\nDiagnostic::new(code, z)\n#[cfg(test)] Diagnostic::new(\"made-up\"";
    let (codes, computed) = codes_in(text);
    assert_eq!(codes, BTreeSet::from(["b".to_owned(), "bad-id".to_owned()]));
    assert_eq!(computed, 1);
}

#[test]
fn one_reading_finds_the_mistakes_of_all_files() {
    let place = project();
    let wrong = "edition: ciam\nzzz: 1\n";
    put(place.path(), "cases/ciam/a.yaml", wrong.as_bytes());
    put(place.path(), "cases/ciam/b.yaml", wrong.as_bytes());
    put(place.path(), "tenants/tenant.yaml", b"zzz: 1\n");
    let text = rendered(place.path(), &load(place.path()));
    for place in [
        "cases/ciam/a.yaml:2:1",
        "cases/ciam/b.yaml:2:1",
        "tenants/tenant.yaml:1:1",
    ] {
        assert!(text.contains(place), "{place} is not in\n{text}");
    }
}
