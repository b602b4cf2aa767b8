//! `openapi.overlay.yaml`: what a vendor forgot or got wrong, said beside its document and not in it.
//!
//! Source: OpenAPI Overlay 1.0.0, sections 4.4.1 to 4.4.3. Each action names places by JSONPath
//! (RFC 9535) and updates or removes what stands there. What an overlay adds has its place in the
//! overlay, so that a mistake in it is shown there.

use std::path::Path;

use serde_json_path::{JsonPath, NormalizedPath};

use crate::{
    diag::Diagnostic,
    yaml::{Kind, Node, Reader},
};

const NAMES: [&str; 3] = [
    "openapi.overlay.yaml",
    "openapi.overlay.yml",
    "openapi.overlay.json",
];

const KEYS: [&str; 4] = ["overlay", "info", "extends", "actions"];
const KEYS_OF_ACTION: [&str; 4] = ["target", "description", "update", "remove"];

/// Applies the overlay of a folder, if there is one.
pub(super) fn apply(
    root: &Path,
    folder: &str,
    reader: &mut Reader,
    document: &mut Node,
    found: &mut Vec<Diagnostic>,
) {
    for name in NAMES {
        let shown = format!("{folder}/{name}");
        let path = root.join(&shown);
        if path.is_file() {
            match reader.read_generated(&path, &shown) {
                Ok(overlay) => apply_actions(&overlay, document, found),
                Err(mistake) => found.push(mistake),
            }
        }
    }
}

fn apply_actions(overlay: &Node, document: &mut Node, found: &mut Vec<Diagnostic>) {
    unknown_keys(overlay, &KEYS, "an overlay", found);
    let version = overlay.get("overlay");
    let text = version.and_then(Node::scalar).unwrap_or_default();
    if !text.starts_with("1.") {
        let span = version.map_or(&overlay.span, |node| &node.span);
        let mistake = Diagnostic::new("overlay", span, "an overlay begins with `overlay: 1.0.0`");
        found.push(mistake);
    }
    let actions = overlay.get("actions").map(Node::items).unwrap_or_default();
    if actions.is_empty() {
        let text = "the overlay has no `actions`, and so changes nothing";
        found.push(Diagnostic::new("overlay", &overlay.span, text));
    }
    for action in actions {
        if let Err(mistake) = act(action, document, found) {
            found.push(mistake);
        }
    }
}

fn unknown_keys(node: &Node, known: &[&'static str], whose: &str, found: &mut Vec<Diagnostic>) {
    for (key, _) in node.entries() {
        let name = key.text().unwrap_or_default();
        if !known.contains(&name) && !name.starts_with("x-") {
            let text = format!("{whose} has no key `{name}`");
            let mistake = Diagnostic::new("overlay", &key.span, text);
            found.push(mistake.suggest(name, known.iter().copied()));
        }
    }
}

/// Carries out one action on every place that it names.
fn act(action: &Node, document: &mut Node, found: &mut Vec<Diagnostic>) -> Result<(), Diagnostic> {
    unknown_keys(action, &KEYS_OF_ACTION, "an action", found);
    let Some(target) = action.get("target") else {
        let text = "an action needs a `target`, the JSONPath of what it changes";
        return Err(Diagnostic::new("overlay", &action.span, text));
    };
    let text = target.text().unwrap_or_default();
    let path = JsonPath::parse(text).map_err(|error| {
        let message = format!("`{text}` is not a JSONPath: {error}");
        Diagnostic::new("overlay", &target.span, message)
    })?;
    let removes = action.get("remove").and_then(Node::boolean) == Some(true);
    let update = action.get("update");
    if !removes && update.is_none() {
        let text = "an action has an `update` or `remove: true`";
        return Err(Diagnostic::new("overlay", &action.span, text));
    }
    let json = document.to_json();
    let mut places: Vec<String> = path
        .query_located(&json)
        .locations()
        .map(NormalizedPath::to_json_pointer)
        .collect();
    if places.is_empty() {
        let message = format!("nothing in the document is at `{text}`");
        return Err(Diagnostic::new("overlay", &target.span, message));
    }
    if removes {
        // The last elements of a list first: the others keep their places.
        places.reverse();
        for place in places {
            document.remove(&place);
        }
        return Ok(());
    }
    for place in places {
        let known = document.pointer_mut(&place);
        if let (Some(node), Some(update)) = (known, update) {
            match &mut node.kind {
                Kind::List(items) => items.push(update.clone()),
                Kind::Map(_) if matches!(update.kind, Kind::Map(_)) => merge(node, update),
                _ => {
                    let message =
                        format!("at `{text}` stands neither a map nor a list to be updated");
                    let mistake = Diagnostic::new("overlay", &target.span, message);
                    return Err(mistake.help("name the map that holds it, and update that"));
                }
            }
        }
    }
    Ok(())
}

/// Maps are merged, lists are joined, and anything else takes the place of what was there.
fn merge(node: &mut Node, update: &Node) {
    match (&mut node.kind, &update.kind) {
        (Kind::Map(entries), Kind::Map(updates)) => {
            for (key, value) in updates {
                let name = key.scalar().unwrap_or_default();
                match entries.iter_mut().find(|(known, _)| known.is_key(&name)) {
                    Some((_, known)) => merge(known, value),
                    None => entries.push((key.clone(), value.clone())),
                }
            }
        }
        (Kind::List(items), Kind::List(updates)) => items.extend(updates.iter().cloned()),
        _ => *node = update.clone(),
    }
}
