//! One edition on a target: its addresses, variables and providers.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    EMBEDDED, TargetEdition,
    environment::{Outside, variable},
    layers,
    provider::{self, Reading},
    source::secret,
    version,
};
use crate::{
    contract::Contract, diag::Diagnostic, ids::ProviderId, plan::Need, secret::Secret, yaml::Node,
};

pub(super) fn read(
    layers: &[&Node],
    blocks: &[&Node],
    contract: &Contract,
    outside: &Outside,
    found: &mut Vec<Diagnostic>,
) -> Option<TargetEdition> {
    let url_node = layers::first(blocks, "base_url");
    let base_url = match (outside.base_url(contract.edition), url_node) {
        (Some(text), node) => {
            let text = text.trim_end_matches('/').to_owned();
            check_url(&text, node.or_else(|| blocks.first().copied())?, found);
            text
        }
        (None, node) => url("base_url", "say --base-url …", node?, outside, found)?,
    };
    let hosts = hosts(blocks, outside, found);
    let (variables, secrets) = variables(blocks, contract, outside, found);
    let reading = Reading { contract, outside };
    let mut providers = BTreeMap::new();
    let mut written = BTreeMap::new();
    let of_all = layers::entries(layers, "providers");
    for (place, node) in of_all.chain(layers::entries(blocks, "providers")) {
        let name = ProviderId::from(place.text().unwrap_or_default());
        written.insert(name.clone(), node);
        providers.insert(name, provider::read(place, node, &reading, found));
    }
    for (name, node) in &written {
        provider::check_cleanup(&providers, node, name, found);
    }
    provider::check_graph(&providers, contract.edition.as_str(), found);
    let settings = TargetEdition {
        base_url,
        hosts,
        variables,
        declared: values(blocks)
            .into_iter()
            .map(|(name, ..)| name.to_owned())
            .collect(),
        variables_from: variables_from(blocks),
        version: version::read(blocks, &providers, contract, found),
        secrets,
        providers,
    };
    let names = settings.variable_names();
    for (name, provider) in &settings.providers {
        if let Some(node) = written.get(name) {
            provider::check_names(node, provider, &settings.providers, names.as_ref(), found);
        }
    }
    Some(settings)
}

fn hosts(
    blocks: &[&Node],
    outside: &Outside,
    found: &mut Vec<Diagnostic>,
) -> BTreeMap<String, String> {
    let entries = layers::entries(blocks, "hosts");
    entries
        .filter_map(|(name, value)| {
            let name = name.text().unwrap_or_default().to_owned();
            let url = url(&name, "give a `default`", value, outside, found)?;
            Some((name, url))
        })
        .collect()
}

/// The values of variables and secrets by name, and the secrets among them; those that cannot be had
/// are left out.
fn variables(
    blocks: &[&Node],
    contract: &Contract,
    outside: &Outside,
    found: &mut Vec<Diagnostic>,
) -> (Map<String, Value>, Vec<Secret>) {
    let (mut variables, mut secrets) = (Map::new(), Vec::new());
    for (name, node, hidden) in values(blocks) {
        if hidden {
            if let Some(value) = secret(node, outside, found) {
                variables.insert(name.to_owned(), Value::String(value.clone()));
                secrets.push(Secret::from(value));
            }
        } else {
            let assigned = outside.assigned(contract.edition, name);
            let option = format!("say --var {name}=…");
            let value = variable(name, &option, node, assigned, outside, found);
            variables.extend(value.map(|value| (name.to_owned(), value)));
        }
    }
    (variables, secrets)
}

/// The provider whose bindings join the variables.
fn variables_from(blocks: &[&Node]) -> Option<Need> {
    let node = layers::first(blocks, "variables_from")?;
    Some(Need {
        name: "target".to_owned(),
        provider: node.text()?.into(),
        with: Value::Object(Map::new()),
        span: node.span.clone(),
    })
}

/// The variables and secrets of an edition, and whether each is a secret, in the order written. The
/// file's own value counts before that of a file it extends, and in one block the secret's.
pub(super) fn values<'n>(blocks: &[&'n Node]) -> Vec<(&'n str, &'n Node, bool)> {
    let mut out: Vec<(&str, &Node, bool)> = Vec::new();
    for block in blocks.iter().rev() {
        for (key, hidden) in [("variables", false), ("secrets", true)] {
            for (name, node) in block.get(key).map(Node::entries).unwrap_or_default() {
                let value = (name.text().unwrap_or_default(), node, hidden);
                match out.iter_mut().find(|known| known.0 == value.0) {
                    Some(known) => *known = value,
                    None => out.push(value),
                }
            }
        }
    }
    out
}

/// An address as it is used, without a slash at its end: as it is written, or from the environment.
/// Mistakes go to `found`.
fn url(
    name: &str,
    option: &str,
    node: &Node,
    outside: &Outside,
    found: &mut Vec<Diagnostic>,
) -> Option<String> {
    let value = variable(name, option, node, None, outside, found)?;
    let text = value.as_str().unwrap_or_default().trim_end_matches('/');
    check_url(text, node, found);
    Some(text.to_owned())
}

fn check_url(text: &str, node: &Node, found: &mut Vec<Diagnostic>) {
    if text == EMBEDDED {
        return;
    }
    match url::Url::parse(text) {
        Ok(url) if !url.username().is_empty() || url.password().is_some() => found.push(
            // The line is not shown, because the password stands in it.
            Diagnostic::without_span(
                "bad-url",
                format!(
                    "{}: a user and a password do not belong in an address",
                    node.span
                ),
            )
            .help("put them under `secrets`, and into the headers that carry them"),
        ),
        Ok(url) if url.query().is_some() || url.fragment().is_some() => found.push(
            Diagnostic::new(
                "bad-url",
                &node.span,
                format!("`{text}` goes on after its path"),
            )
            .help("the paths of the operations are put behind it"),
        ),
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => {}
        Ok(_) => found.push(Diagnostic::new(
            "bad-url",
            &node.span,
            format!("`{text}` is not an http or https URL"),
        )),
        Err(error) => found.push(Diagnostic::new(
            "bad-url",
            &node.span,
            format!("`{text}` is not a URL: {error}"),
        )),
    }
}
