//! Where to send, as whom, and how careful to be: the target file.
//!
//! A provider is a flow of HTTP steps in the step language of the cases, so that another server
//! with another control path is reached by another file and no code.

mod edition;
mod provider;
mod shape;
mod source;
mod undo;

pub use provider::Provider;
pub use shape::SHAPE;
pub use undo::Undo;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::{Map, Value};

use crate::{
    contract::Contract,
    diag::Diagnostic,
    ids::Edition,
    plan::Need,
    yaml::{self, Node},
};

/// The folder beside a target file for what runs keep on disk; no file of an author is in it.
const STATE: &str = ".probity";

/// The base URL that stands for the mock inside this process.
pub const EMBEDDED: &str = "embedded";

/// One edition on the target.
#[derive(Debug, Clone)]
pub struct TargetEdition {
    pub base_url: String,
    pub hosts: BTreeMap<String, String>,
    pub variables: Map<String, Value>,
    /// A provider whose bindings join the variables.
    pub variables_from: Option<Need>,
    pub secrets: Vec<String>,
    pub providers: BTreeMap<String, Provider>,
}

/// The system under test, as we reach it.
#[derive(Debug, Clone)]
pub struct Target {
    pub name: String,
    pub editions: BTreeMap<Edition, TargetEdition>,
    pub jobs: usize,
    pub timeout: Duration,
    pub max_body: usize,
    /// The target file, as it was named.
    pub file: PathBuf,
    /// Where runs keep what must outlive them; see [`Target::journals`].
    pub state: PathBuf,
    /// PEM text: certificates that are trusted besides the platform's.
    pub ca: Option<Vec<u8>>,
}

impl Target {
    /// The folder of the journals of this target's runs.
    #[must_use]
    pub fn journals(&self) -> PathBuf {
        let stem = self.file.file_stem().unwrap_or_default();
        self.state.join("journals").join(stem)
    }

    /// True when some edition is served by the mock in this process.
    #[must_use]
    pub fn embedded(&self, edition: Edition) -> bool {
        self.editions
            .get(&edition)
            .is_some_and(|settings| settings.base_url == EMBEDDED)
    }

    /// Replaces the word `embedded` by the addresses of a mock that serves the edition.
    pub fn settle(&mut self, edition: Edition, base_url: &str, common_url: Option<&str>) {
        let Some(settings) = self.editions.get_mut(&edition) else {
            return;
        };
        if settings.base_url == EMBEDDED {
            base_url.clone_into(&mut settings.base_url);
        }
        for host in settings.hosts.values_mut() {
            if let (true, Some(url)) = (host == EMBEDDED, common_url) {
                url.clone_into(host);
            }
        }
    }
}

/// Loads a target file. Providers are read once for each edition, against its contract; `known` are
/// the editions of the project, whether their contracts could be read or not.
pub fn load(
    path: &Path,
    known: &[Edition],
    contracts: &[Contract],
    found: &mut Vec<Diagnostic>,
) -> Option<Target> {
    let shown = path.display().to_string();
    let node = read(path, &shown, found)?;
    let base = match node.get("extends").and_then(Node::text) {
        Some(name) => {
            let other = path.with_file_name(name);
            Some(read(&other, &other.display().to_string(), found)?)
        }
        None => None,
    };
    // The file's own keys come first; what it extends fills in the rest.
    let layers: Vec<&Node> = std::iter::once(&node).chain(&base).collect();
    let ca = layers
        .iter()
        .find_map(|layer| layer.get("tls")?.get("ca"))
        .and_then(|name| bundle(path, name, found));
    let limit = |key: &str, default: i64| {
        layers
            .iter()
            .find_map(|layer| layer.get("limits")?.get(key)?.integer())
            .filter(|value| *value > 0)
            .unwrap_or(default)
    };
    for layer in &layers {
        for (name, _) in layer.get("editions").map(Node::entries).unwrap_or_default() {
            let text = name.text().unwrap_or_default();
            if !known.is_empty() && known.iter().all(|edition| edition.as_str() != text) {
                found.push(
                    Diagnostic::new(
                        "unknown-edition",
                        &name.span,
                        format!("there is no contract in `specs/{text}/`"),
                    )
                    .suggest(text, known.iter().map(|edition| edition.as_str())),
                );
            }
        }
    }
    let mut editions = BTreeMap::new();
    for contract in contracts {
        let blocks: Vec<&Node> = layers
            .iter()
            .filter_map(|layer| layer.get("editions")?.get(contract.edition.as_str()))
            .collect();
        if let Some(settings) = edition::read(&layers, &blocks, contract, found) {
            editions.insert(contract.edition, settings);
        }
    }
    // Without a contract nothing can be served, and that has been told already.
    if editions.is_empty() && !contracts.is_empty() {
        found.push(
            Diagnostic::new(
                "missing-key",
                &node.span,
                "the target serves no edition: there is no `base_url`",
            )
            .help("editions: { ciam: { base_url: https://tenant.example } }"),
        );
    }
    Some(Target {
        name: node
            .get("name")
            .and_then(Node::text)
            .unwrap_or("target")
            .to_owned(),
        editions,
        jobs: usize::try_from(limit("jobs", 16)).unwrap_or(16),
        timeout: Duration::from_millis(limit("timeout_ms", 10_000).unsigned_abs()),
        max_body: usize::try_from(limit("max_body_bytes", 1 << 20)).unwrap_or(1 << 20),
        ca,
        file: path.to_owned(),
        state: path.with_file_name(STATE),
    })
}

/// The certificates of `tls: { ca: … }`, unread: the engine knows what it can trust.
fn bundle(path: &Path, name: &Node, found: &mut Vec<Diagnostic>) -> Option<Vec<u8>> {
    let file = path.with_file_name(name.text()?);
    std::fs::read(&file)
        .map_err(|error| {
            let message = format!("cannot read `{}`: {error}", file.display());
            found.push(Diagnostic::new("ca-missing", &name.span, message));
        })
        .ok()
}

fn read(path: &Path, shown: &str, found: &mut Vec<Diagnostic>) -> Option<Node> {
    match yaml::read(path, shown) {
        Ok(node) => {
            yaml::check(&node, &SHAPE, found);
            Some(node)
        }
        Err(mistake) => {
            found.push(mistake);
            None
        }
    }
}
