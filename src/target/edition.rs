//! One edition on a target: its addresses, variables and providers.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    EMBEDDED, TargetEdition,
    provider::{provider, reaches},
    source::secret,
    undo,
};
use crate::{contract::Contract, diag::Diagnostic, plan::Need, yaml::Node};

pub(super) fn read(
    layers: &[&Node],
    blocks: &[&Node],
    contract: &Contract,
    found: &mut Vec<Diagnostic>,
) -> Option<TargetEdition> {
    let url_node = blocks.iter().find_map(|block| block.get("base_url"))?;
    let base_url = url_node.text().unwrap_or_default().trim_end_matches('/');
    check_url(base_url, url_node, found);
    let mut hosts = BTreeMap::new();
    let mut variables = Map::new();
    let mut secrets = Vec::new();
    for block in blocks.iter().rev() {
        for (name, value) in block.get("hosts").map(Node::entries).unwrap_or_default() {
            let url = value.text().unwrap_or_default().trim_end_matches('/');
            check_url(url, value, found);
            hosts.insert(name.text().unwrap_or_default().to_owned(), url.to_owned());
        }
        for (name, value) in block
            .get("variables")
            .map(Node::entries)
            .unwrap_or_default()
        {
            variables.insert(name.text().unwrap_or_default().to_owned(), value.to_json());
        }
        for (name, value) in block.get("secrets").map(Node::entries).unwrap_or_default() {
            if let Some(secret) = secret(value, found) {
                variables.insert(
                    name.text().unwrap_or_default().to_owned(),
                    Value::String(secret.clone()),
                );
                secrets.push(secret);
            }
        }
    }
    let mut providers = BTreeMap::new();
    let mut written = BTreeMap::new();
    let tables = layers
        .iter()
        .rev()
        .filter_map(|layer| layer.get("providers"))
        .chain(
            blocks
                .iter()
                .rev()
                .filter_map(|block| block.get("providers")),
        );
    for table in tables {
        for (name, node) in table.entries() {
            let name = name.text().unwrap_or_default().to_owned();
            written.insert(name.clone(), node);
            providers.insert(name, provider(node, contract, found));
        }
    }
    for (name, node) in written {
        undo::check(&providers, node, &name, found);
    }
    for (name, provider) in &providers {
        for need in &provider.needs {
            if !providers.contains_key(&need.provider) {
                found.push(
                    Diagnostic::new(
                        "unknown-provider",
                        &url_node.span,
                        format!(
                            "provider `{name}` needs `{}`, which `{}` does not have",
                            need.provider, contract.edition
                        ),
                    )
                    .suggest(&need.provider, providers.keys().map(String::as_str)),
                );
            }
        }
        if reaches(&providers, name, name, 0) {
            found.push(Diagnostic::new(
                "provider-cycle",
                &url_node.span,
                format!("provider `{name}` needs itself"),
            ));
        }
    }
    let variables_from = blocks
        .iter()
        .find_map(|block| block.get("variables_from")?.text())
        .map(|provider| Need {
            name: "target".to_owned(),
            provider: provider.to_owned(),
            with: Value::Object(Map::new()),
        });
    Some(TargetEdition {
        base_url: base_url.to_owned(),
        hosts,
        variables,
        variables_from,
        secrets,
        providers,
    })
}

fn check_url(text: &str, node: &Node, found: &mut Vec<Diagnostic>) {
    if text == EMBEDDED {
        return;
    }
    match url::Url::parse(text) {
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
