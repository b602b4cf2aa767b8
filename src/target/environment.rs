//! What sets a target's values from outside its file: the environment, a `.env` file, the command line.
//!
//! The process's own environment wins over the file, and is never changed.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde_json::{Number, Value};

use crate::{
    diag::{Diagnostic, nearest},
    ids::Edition,
    yaml::Node,
};

/// What the caller says beside the target file.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Read in place of the `.env` beside the target file.
    pub env_file: Option<PathBuf>,
    /// `name=value` for every edition that has the variable, `edition.name=value` for one.
    pub variables: Vec<String>,
    /// Base URLs in place of those in the file: `URL` where it has one edition, `edition=URL` for one of
    /// several.
    pub base_urls: Vec<String>,
    /// Commands that give secrets are not started: for who only looks.
    pub offline: bool,
}

/// Settings that were read.
#[derive(Debug)]
pub(super) struct Outside {
    file: BTreeMap<String, String>,
    variables: Vec<Assignment>,
    base_urls: Vec<(Option<Edition>, String)>,
    pub offline: bool,
}

/// One `--var`.
#[derive(Debug)]
struct Assignment {
    edition: Option<String>,
    name: String,
    value: String,
}

impl Outside {
    pub(super) fn read(
        target: &Path,
        known: &[Edition],
        settings: &Settings,
        found: &mut Vec<Diagnostic>,
    ) -> Self {
        let beside = target.with_file_name(".env");
        let file = match &settings.env_file {
            Some(path) => values(path, found),
            None if beside.is_file() => values(&beside, found),
            None => BTreeMap::new(),
        };
        let variables = settings
            .variables
            .iter()
            .filter_map(|text| assignment(text, known, found))
            .collect();
        let base_urls = settings.base_urls.iter();
        Self {
            file,
            variables,
            base_urls: base_urls
                .filter_map(|text| base_url(text, known, found))
                .collect(),
            offline: settings.offline,
        }
    }

    /// A variable of the environment.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        std::env::var(name)
            .ok()
            .or_else(|| self.file.get(name).cloned())
    }

    /// The base URL that the command line gives to an edition; the last one counts.
    pub(super) fn base_url(&self, edition: Edition) -> Option<&str> {
        let own = |one: &&(Option<Edition>, String)| one.0.is_none_or(|own| own == edition);
        Some(&self.base_urls.iter().rfind(own)?.1)
    }

    /// The value that the command line gives to a variable of this edition; the last one counts.
    pub(super) fn assigned(&self, edition: Edition, name: &str) -> Option<&str> {
        let own = |one: &&Assignment| {
            one.name == name
                && one
                    .edition
                    .as_deref()
                    .is_none_or(|own| own == edition.as_str())
        };
        let last = self.variables.iter().rfind(own)?;
        Some(&last.value)
    }

    /// Whether each assignment has a variable to set, and none a secret.
    pub(super) fn check(
        &self,
        variables: &BTreeMap<Edition, Vec<String>>,
        secrets: &BTreeMap<Edition, Vec<String>>,
        found: &mut Vec<Diagnostic>,
    ) {
        for one in &self.variables {
            let names = |table: &BTreeMap<Edition, Vec<String>>| -> Vec<String> {
                let wanted = |edition: &Edition| {
                    let own = one.edition.as_deref();
                    own.is_none_or(|own| own == edition.as_str())
                };
                let rows = table.iter().filter(|(edition, _)| wanted(edition));
                rows.flat_map(|(_, names)| names.clone()).collect()
            };
            let name = &one.name;
            if names(secrets).contains(name) {
                found.push(
                    Diagnostic::without_span(
                        "secret-in-the-open",
                        format!("`--var` cannot set the secret `{name}`: other people see command lines"),
                    )
                    .help("change where the target file takes it from, or the variable of the environment"),
                );
                continue;
            }
            let known = names(variables);
            if !known.contains(name) {
                let place = one.edition.as_deref().unwrap_or("no edition");
                let mistake = Diagnostic::without_span(
                    "unknown-variable",
                    match &one.edition {
                        Some(_) => format!("`{place}` of the target has no variable `{name}`"),
                        None => format!("no edition of the target has a variable `{name}`"),
                    },
                );
                found.push(match nearest(name, known.iter().map(String::as_str)) {
                    Some(near) => mistake.help(format!("did you mean `{near}`?")),
                    None => mistake.help("only variables that the target file names can be set"),
                });
            }
        }
    }
}

/// Reads one `--base-url`.
fn base_url(
    text: &str,
    known: &[Edition],
    found: &mut Vec<Diagnostic>,
) -> Option<(Option<Edition>, String)> {
    let (edition, url) = match text.split_once('=') {
        Some((name, url)) if !name.contains([':', '/']) => (Some(name), url),
        _ => (None, text),
    };
    let named: Vec<&str> = known.iter().map(|edition| edition.as_str()).collect();
    match edition {
        None if named.len() > 1 => {
            let text = "`--base-url` does not say of which edition it is";
            let help = format!(
                "write --base-url {}=URL",
                named.join("=URL, or --base-url ")
            );
            found.push(Diagnostic::without_span("bad-variable", text).help(help));
            None
        }
        None => Some((None, url.to_owned())),
        Some(name) => {
            let edition = known.iter().find(|edition| edition.as_str() == name);
            if edition.is_none() {
                let text = format!("`--base-url` is for the edition `{name}`, which is not there");
                let mistake = Diagnostic::without_span("unknown-edition", text);
                found.push(mistake.suggest(name, named.iter().copied()));
            }
            edition.map(|edition| (Some(*edition), url.to_owned()))
        }
    }
}

fn assignment(text: &str, known: &[Edition], found: &mut Vec<Diagnostic>) -> Option<Assignment> {
    let Some((name, value)) = text.split_once('=').filter(|(name, _)| !name.is_empty()) else {
        // What was meant as a secret is not repeated.
        found.push(
            Diagnostic::without_span("bad-variable", "a `--var` has no `=`")
                .help("--var name=value, or --var edition.name=value"),
        );
        return None;
    };
    let (edition, name) = match name.split_once('.') {
        Some((edition, name)) if known.iter().any(|one| one.as_str() == edition) => {
            (Some(edition.to_owned()), name)
        }
        _ => (None, name),
    };
    Some(Assignment {
        edition,
        name: name.to_owned(),
        value: value.to_owned(),
    })
}

/// The lines of a `.env` file. Values are secrets more often than not, so no line is ever shown.
fn values(path: &Path, found: &mut Vec<Diagnostic>) -> BTreeMap<String, String> {
    let shown = path.display();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            let message = format!("cannot read `{shown}`: {error}");
            found.push(Diagnostic::without_span("missing-file", message));
            return BTreeMap::new();
        }
    };
    let mut out = BTreeMap::new();
    for line in dotenvy::from_read_iter(text.as_bytes()) {
        match line {
            Ok((name, value)) => {
                out.insert(name, value);
            }
            Err(error) => {
                let at = match &error {
                    dotenvy::Error::LineParse(wrong, _) => {
                        let mut lines = text.lines();
                        lines.position(|line| !line.is_empty() && wrong.starts_with(line))
                    }
                    _ => None,
                };
                let place = at.map_or_else(String::new, |at| format!(":{}", at + 1));
                found.push(
                    Diagnostic::without_span(
                        "bad-env-file",
                        format!("{shown}{place}: the line is not `NAME=value`"),
                    )
                    .help("a value with blanks, `$` or `#` stands in single quotes"),
                );
            }
        }
    }
    out
}

/// A variable's value: as it is written, or `{ env: NAME, default: … }`, or what `--var` says.
///
/// What comes from outside is text; it takes the type of the value that stands in the file. `option` is
/// what an author can do instead, for the help.
pub(super) fn variable(
    name: &str,
    option: &str,
    node: &Node,
    assigned: Option<&str>,
    outside: &Outside,
    found: &mut Vec<Diagnostic>,
) -> Option<Value> {
    let from = node.get("env").and_then(Node::text).filter(|_| {
        let mut keys = node.entries().iter().filter_map(|(key, _)| key.text());
        keys.all(|key| matches!(key, "env" | "default"))
    });
    let like = match from {
        Some(_) => node.get("default").map(Node::to_json),
        None => Some(node.to_json()),
    };
    let (text, source) = match (assigned, from) {
        (Some(value), _) => (Some(value.to_owned()), "--var".to_owned()),
        (None, Some(variable)) => (outside.get(variable), format!("`{variable}`")),
        (None, None) => (None, String::new()),
    };
    let Some(text) = text else {
        if like.is_none() {
            let variable = from.unwrap_or_default();
            found.push(
                Diagnostic::new(
                    "bad-variable",
                    &node.span,
                    format!("the environment variable `{variable}` is not set, and `{name}` has no default"),
                )
                .help(format!("set it, write it to `.env` beside this file, or {option}")),
            );
        }
        return like;
    };
    typed(&text, like.as_ref()).or_else(|| {
        found.push(Diagnostic::new(
            "bad-variable",
            &node.span,
            format!("{source} gives `{name}` a value of another type than the file does"),
        ));
        None
    })
}

fn typed(text: &str, like: Option<&Value>) -> Option<Value> {
    match like {
        Some(Value::Number(_)) => text.parse::<Number>().ok().map(Value::Number),
        Some(Value::Bool(_)) => text.parse::<bool>().ok().map(Value::Bool),
        Some(Value::Array(_) | Value::Object(_)) => None,
        _ => Some(Value::from(text)),
    }
}
