//! Which names a test case may use where: a typing error in `${…}` is found before anything is sent.

use std::collections::BTreeSet;

use serde_json::Value;

use super::draft::Draft;
use crate::{
    diag::{Diagnostic, push_once},
    template::{Members, Names, Use},
    yaml::Node,
};

/// A test case as far as it is known before it is sent; every value has its place.
pub(super) struct Written<'r> {
    /// The case with its matrix values put in.
    pub case: &'r Node,
    /// The steps before its request, those of the file too.
    pub setup: &'r [&'r Node],
    /// The providers it calls, by the name that each is bound to.
    pub needs: &'r [(&'r str, &'r Node)],
    /// The values it computes, by name.
    pub lets: &'r [(&'r str, &'r Node)],
    /// What will be sent.
    pub request: &'r Draft,
    pub matrix: &'r Value,
}

/// Judges every text of a test case, in the order in which names are bound; gives what it takes from
/// the target.
pub(super) fn lint(written: &Written<'_>, found: &mut Vec<Diagnostic>) -> Vec<Use> {
    let Written { case, request, .. } = *written;
    let these = |names: &[&str]| Members::These(names.iter().map(|&name| name.into()).collect());
    let mut names = Names::default();
    names.bind("target", Members::Later);
    names.bind("run", these(&["id"]));
    let columns = written.matrix.as_object();
    let columns = columns.map(|columns| columns.keys().cloned().collect());
    names.bind("matrix", Members::These(columns.unwrap_or_default()));
    let mut uses = Vec::new();
    for (name, need) in written.needs {
        if let Some(with) = need.get("with") {
            uses.extend(names.lint(with, found));
        }
        names.bind(*name, Members::Later);
    }
    for (name, value) in written.lets {
        uses.extend(names.lint(value, found));
        names.bind(*name, Members::Any);
    }
    steps(&mut names, written.setup.iter().copied(), &mut uses, found);
    for value in request.values() {
        uses.extend(names.lint(value, found));
    }
    if let Some(expect) = case.get("expect") {
        uses.extend(names.lint(expect, found));
    }
    for capture in &request.step.captures {
        names.bind(&capture.name, Members::Any);
    }
    names.bind("sent", these(&["headers", "body"]));
    for part in ["then", "cleanup"] {
        let part = case.get(part).map(Node::items).unwrap_or_default();
        steps(&mut names, part, &mut uses, found);
    }
    uses
}

/// Steps one after the other: what one captures is bound for the next.
fn steps<'n>(
    names: &mut Names,
    list: impl IntoIterator<Item = &'n Node>,
    uses: &mut Vec<Use>,
    found: &mut Vec<Diagnostic>,
) {
    for step in list {
        for (key, need) in step.get("needs").map(Node::entries).unwrap_or_default() {
            if let Some(with) = need.get("with") {
                uses.extend(names.lint(with, found));
            }
            let name = key.text().unwrap_or_default();
            if names.knows(name) {
                let message = format!("`{name}` is the name of something else already");
                let mistake = Diagnostic::new("name-taken", &key.span, message);
                push_once(
                    found,
                    mistake.help("give what this provider gives another name"),
                );
            }
            names.bind(name, Members::Later);
        }
        let others = step.entries().iter();
        for (key, value) in others.filter(|(key, _)| key.text() != Some("needs")) {
            uses.extend(names.lint(key, found));
            uses.extend(names.lint(value, found));
        }
        for name in captured(step) {
            names.bind(name, Members::Any);
        }
    }
}

/// The names that a step as written binds, be it of a case or of a cleanup.
pub fn captured(step: &Node) -> BTreeSet<String> {
    let gives = step.get("finds").and_then(|finds| finds.get("gives"));
    let maps = step.get("capture").into_iter().chain(gives);
    let names = maps
        .flat_map(Node::entries)
        .filter_map(|(name, _)| name.text());
    names.map(str::to_owned).collect()
}
