//! Keys of `body` that are JSONPaths: matchers for the nodes that these find in the body.
//!
//! A matcher under such a key is for exactly one node. `absent: true` demands that there is none, and
//! `nodes` is about all that are found.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{
    Lint, Place, Unusable, demands_something,
    matcher::{self, Compared, Matcher},
    show,
};
use crate::{
    diag::{Diagnostic, Span},
    jsonpath::{JsonPath, NotOne, places, pointer_of},
    result::{Mismatch, Subject},
    yaml::{Kind, Node},
};

/// The word for all nodes, and what it can say of them beside their values.
const ALL: &str = "nodes";
const WORDS: [&str; 3] = ["items", "some", "length"];

/// The paths among the keys of an expectation with their matchers, and what remains of it, if anything
/// does.
pub(super) fn split(value: &Value) -> (Vec<(&str, &Value)>, Option<Cow<'_, Value>>) {
    let is_path = |(name, _): &(&String, &Value)| JsonPath::is_one(name);
    let members = value.as_object().into_iter().flatten();
    let paths: Vec<(&str, &Value)> = members
        .clone()
        .filter(is_path)
        .map(|(name, wanted)| (name.as_str(), wanted))
        .collect();
    if paths.is_empty() {
        return (paths, Some(Cow::Borrowed(value)));
    }
    let rest = members.filter(|entry| !is_path(entry));
    let rest: Map<String, Value> = rest
        .map(|(name, wanted)| (name.clone(), wanted.clone()))
        .collect();
    let rest = (!rest.is_empty()).then_some(Cow::Owned(Value::Object(rest)));
    (paths, rest)
}

/// Looks for mistakes in the paths and their matchers, and gives what else there is to look at.
pub(super) fn lint<'n>(
    node: &'n Node,
    lint: &Lint<'_>,
    found: &mut Vec<Diagnostic>,
) -> Option<Cow<'n, Node>> {
    let Kind::Map(entries) = &node.kind else {
        return Some(Cow::Borrowed(node));
    };
    let is_path = |(key, _): &&(Node, Node)| key.text().is_some_and(JsonPath::is_one);
    if !entries.iter().any(|entry| is_path(&entry)) {
        return Some(Cow::Borrowed(node));
    }
    for (key, wanted) in entries.iter().filter(is_path) {
        JsonPath::read(key, found);
        match wanted.get(ALL) {
            Some(all) => all_nodes(wanted, all, lint, found),
            None => matcher::lint(wanted, Compared::Json, lint, found),
        }
    }
    let rest: Vec<(Node, Node)> = entries
        .iter()
        .filter(|one| !is_path(one))
        .cloned()
        .collect();
    (!rest.is_empty()).then(|| {
        Cow::Owned(Node {
            kind: Kind::Map(rest),
            span: node.span.clone(),
        })
    })
}

/// Looks for mistakes in what is said of all nodes.
fn all_nodes(wanted: &Node, all: &Node, lint: &Lint<'_>, found: &mut Vec<Diagnostic>) {
    let mut beside = wanted.entries().iter().map(|(key, _)| key);
    if let Some(key) = beside.find(|key| key.text() != Some(ALL)) {
        let message = format!("`{ALL}` stands alone: what it says is about all nodes");
        let help = "a member of one node that is called so is written under `members`";
        found.push(Diagnostic::new("unknown-word", &key.span, message).help(help));
    }
    match &all.kind {
        Kind::Map(entries) => {
            demands_something(all, lint, found);
            for (key, value) in entries {
                match key.text().unwrap_or_default() {
                    "items" | "some" => matcher::lint(value, Compared::Json, lint, found),
                    "length" => matcher::lint(value, Compared::Number, lint, found),
                    name => {
                        let message = format!("`{name}` is nothing that `{ALL}` can say");
                        let mistake = Diagnostic::new("unknown-word", &key.span, message);
                        let help = format!("it says {}", WORDS.join(", "));
                        found.push(mistake.help(help).suggest(name, WORDS));
                    }
                }
            }
        }
        Kind::List(items) if items.is_empty() => {
            let message = format!("`{ALL}` is about one node or more");
            let help = "`absent: true` demands that there is none";
            found.push(Diagnostic::new("wrong-type", &all.span, message).help(help));
        }
        Kind::List(_) => {}
        _ if !lint.is_final(all) => {}
        _ => {
            let message = format!(
                "`{ALL}` takes a list of values, or a map of {}",
                WORDS.join(", ")
            );
            let help = "a member of one node that is called so is written under `members`";
            found.push(Diagnostic::new("wrong-type", &all.span, message).help(help));
        }
    }
}

/// What of a body a path and its matcher judge, as far as no answer has a say.
pub(super) fn subjects(text: &str, wanted: &Value, out: &mut Vec<Subject>) {
    let Ok(path) = JsonPath::parse(text) else {
        return;
    };
    let place = Place::at(&path.fixed());
    if path.is_fixed() && wanted.get(ALL).is_none() {
        matcher::subjects(wanted, &place, out);
    } else {
        out.push(place.subject());
    }
}

/// Compares the nodes that a path finds with its matcher.
///
/// # Errors
/// When the path is none, or the matcher.
pub(super) fn compare(
    text: &str,
    wanted: &Value,
    body: &Value,
    broken: &mut Vec<Mismatch>,
) -> Result<(), Unusable> {
    let path = JsonPath::parse(text)?;
    if let Some(all) = wanted.get(ALL) {
        return compare_all(&path, all, body, broken);
    }
    let place = place_of(&path);
    if wanted.get("absent") == Some(&Value::Bool(true)) {
        match path.find(body) {
            Ok(nodes) => {
                if let Some(first) = nodes.first() {
                    let actual = format!("{}: {}", nodes.len(), places(body, &nodes));
                    let there = place.about(Place::at(&pointer_of(body, first)).subject());
                    broken.push(there.unwanted("no node", actual));
                }
            }
            Err(error) => broken.push(place.mismatch("no node", error.to_string())),
        }
        return Ok(());
    }
    match path.one(body) {
        Ok((node, at)) => Matcher::parse(wanted)?.compare(Some(node), &by(&at, text), broken),
        Err(error) => broken.push(place.mismatch("exactly one node", error.to_string())),
    }
    Ok(())
}

fn compare_all(
    path: &JsonPath,
    all: &Value,
    body: &Value,
    broken: &mut Vec<Mismatch>,
) -> Result<(), Unusable> {
    let place = place_of(path);
    let nodes = match path.find(body) {
        Ok(nodes) if nodes.is_empty() => Err(NotOne::None),
        Ok(nodes) => Ok(nodes),
        Err(error) => Err(NotOne::from(error)),
    };
    let nodes = match nodes {
        Ok(nodes) => nodes,
        Err(error) => {
            let expected = all.as_array().map(|wanted| how_many(wanted));
            let expected = expected.unwrap_or_else(|| "one node or more".to_owned());
            broken.push(place.mismatch(expected, error.to_string()));
            return Ok(());
        }
    };
    let at = |node: &Value| by(&pointer_of(body, node), path.as_str());
    if let Value::Array(wanted) = all {
        if nodes.len() != wanted.len() {
            let expected = how_many(wanted);
            let actual = format!("{}: {}", nodes.len(), places(body, &nodes));
            broken.push(place.mismatch(expected, actual));
            return Ok(());
        }
        for (node, wanted) in nodes
            .into_iter()
            .zip(wanted)
            .filter(|(node, wanted)| node != wanted)
        {
            broken.push(at(node).mismatch(show(wanted), show(node)));
        }
        return Ok(());
    }
    if let Some(wanted) = all.get("length") {
        let length = Value::from(nodes.len());
        Matcher::parse(wanted)?.compare(Some(&length), &place.note("how many"), broken);
    }
    if let Some(wanted) = all.get("some") {
        let matcher = Matcher::parse(wanted)?;
        if !nodes.iter().any(|node| matcher.holds(node)) {
            let actual = format!("none of {}: {}", nodes.len(), places(body, &nodes));
            broken.push(place.mismatch(format!("some {}", show(wanted)), actual));
        }
    }
    if let Some(wanted) = all.get("items") {
        let matcher = Matcher::parse(wanted)?;
        for node in nodes {
            let mut found = Vec::new();
            matcher.compare(Some(node), &Place::body(), &mut found);
            // A place is only looked for where something is wrong there.
            if !found.is_empty() {
                matcher.compare(Some(node), &at(node), broken);
            }
        }
    }
    Ok(())
}

fn how_many(wanted: &[Value]) -> String {
    match wanted {
        [_] => "one node".to_owned(),
        several => format!("{} nodes", several.len()),
    }
}

/// Where a path looks, as long as it found nothing.
fn place_of(path: &JsonPath) -> Place {
    Place::at(&path.fixed()).called(&format!("body {}", path.as_str()))
}

/// A node by its own place, and the path that found it.
fn by(at: &str, text: &str) -> Place {
    Place::at(at).note(&format!("by {text}"))
}

/// Where the key is written that a finding is about, if it is one of these.
pub(super) fn written<'n>(node: &'n Node, finding: &Mismatch) -> Option<&'n Span> {
    let mut keys = node.entries().iter().filter_map(|(key, _)| {
        let text = key.text().filter(|text| JsonPath::is_one(text))?;
        let place = finding.place.strip_prefix("body ")?;
        let own = place.strip_prefix(text);
        let own = own.is_some_and(|rest| rest.is_empty() || rest.starts_with(" ("));
        (own || place.contains(&format!("(by {text})"))).then_some(&key.span)
    });
    keys.next()
}

/// The name of the first member that a key of `body` is about: of a path, where it begins with one.
#[must_use]
pub fn member_named(key: &str) -> Option<String> {
    if JsonPath::is_one(key) {
        let path = JsonPath::parse(key).ok()?;
        return path.first_name().map(str::to_owned);
    }
    Some(key.to_owned())
}
