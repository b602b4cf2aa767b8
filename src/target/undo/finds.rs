//! How a cleanup step looks for what was made: where the answer lists what it found, and what each of
//! these hits has to show before anything is done to it.

use crate::{
    diag::Diagnostic,
    plan::{Step, pointer},
    yaml::{Field, Node, Shape},
};

/// The keys that only steps of a cleanup have.
pub(super) const FIELDS: [Field; 2] = [
    Field::new(
        "finds",
        Shape::Object(&[
            Field::new(
                "hits",
                Shape::Text,
                "A JSON Pointer to a list of hits, or to the only one; the whole answer when absent.",
            ),
            Field::new(
                "shows",
                Shape::Map(&Shape::Text),
                "Names of `creates` or `restores`, and the JSON Pointer in a hit to the very same value.",
            )
            .required(),
            Field::new(
                "gives",
                Shape::Map(&Shape::Text),
                "Names to bind, and the JSON Pointer to each in the hit that shows all of `shows`.",
            ),
            Field::new(
                "complete",
                Shape::Bool,
                "The answer holds all there are: what is not among its hits is gone. Otherwise it may be on another page.",
            ),
        ]),
        "Looks for what was made: only the hit that shows its names is ours.",
    ),
    Field::new(
        "unless",
        Shape::Text,
        "A name that `finds` gives; the step is left out when creating it told that already.",
    ),
];

/// What a hit has to show, and what is taken from the one that does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Finds {
    /// JSON Pointer to the list of hits, or to the only one.
    pub hits: String,
    /// Names of what was made, each with its JSON Pointer in a hit.
    pub shows: Vec<(String, String)>,
    /// Names to bind, each with its JSON Pointer in a hit.
    pub gives: Vec<(String, String)>,
    /// What is not among the hits is not there.
    pub complete: bool,
}

/// Reads `finds`; `names` are those of what was made.
pub(super) fn finds(node: &Node, names: &[&str], found: &mut Vec<Diagnostic>) -> Finds {
    let shows = pairs(node.get("shows"), found);
    for (name, _) in node.get("shows").map(Node::entries).unwrap_or_default() {
        let text = name.text().unwrap_or_default();
        if !names.contains(&text) {
            let message = format!("nothing called `{text}` is made here");
            found.push(
                Diagnostic::new("bad-cleanup", &name.span, message)
                    .suggest(text, names.iter().copied()),
            );
        }
    }
    if let (Some(written), true) = (node.get("shows"), shows.is_empty()) {
        let mistake = Diagnostic::new(
            "bad-cleanup",
            &written.span,
            "a hit that has to show nothing may be anybody's",
        );
        let name = names.first().unwrap_or(&"name");
        found.push(mistake.help(format!("such as `shows: {{ {name}: /{name} }}`")));
    }
    Finds {
        hits: node
            .get("hits")
            .and_then(|node| pointer(node, found))
            .unwrap_or_default(),
        shows,
        gives: pairs(node.get("gives"), found),
        complete: node.get("complete").and_then(Node::boolean) == Some(true),
    }
}

fn pairs(node: Option<&Node>, found: &mut Vec<Diagnostic>) -> Vec<(String, String)> {
    let entries = node.map(Node::entries).unwrap_or_default().iter();
    entries
        .filter_map(|(name, at)| Some((name.text()?.to_owned(), pointer(at, found)?)))
        .collect()
}

/// Finds what a step cannot be while it looks for something.
pub(super) fn check(node: &Node, step: &Step, finds: Option<&Finds>, found: &mut Vec<Diagnostic>) {
    if let (Some(finds), "DELETE" | "PUT" | "PATCH") =
        (node.get("finds"), step.method.to_ascii_uppercase().as_str())
    {
        found.push(
            Diagnostic::new(
                "bad-cleanup",
                &finds.span,
                format!("a step that looks for something is no {}", step.method),
            )
            .help("look for it first, and change it in a step of its own"),
        );
    }
    let Some(unless) = node.get("unless") else {
        return;
    };
    let name = unless.text().unwrap_or_default();
    let gives = finds
        .map(|finds| finds.gives.as_slice())
        .unwrap_or_default();
    if !gives.iter().any(|(given, _)| given == name) {
        found.push(
            Diagnostic::new(
                "bad-cleanup",
                &unless.span,
                format!("this step does not find `{name}`, and so is not left out for it"),
            )
            .help(format!(
                "such as `finds: {{ shows: {{ … }}, gives: {{ {name}: /id }} }}`"
            )),
        );
    }
}
