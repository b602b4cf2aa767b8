//! Where to send, as whom, and how careful to be: the target file.
//!
//! A provider is a flow of HTTP steps in the step language of the cases, so that another server
//! with another control path is reached by another file and no code.

use std::{collections::BTreeMap, path::Path, time::Duration};

use serde_json::{Map, Value};

use crate::{
    case::STEP_SHAPE,
    contract::Contract,
    diag::Diagnostic,
    ids::Edition,
    plan::{Need, Step, lower_needs, lower_step},
    yaml::{self, Field, Node, Shape},
};

/// The base URL that stands for the mock inside this process.
pub const EMBEDDED: &str = "embedded";

const PROVIDER: Shape = Shape::Object(&[
    Field::new(
        "scope",
        Shape::Word(&["row", "run"]),
        "Called for each row, or once a run.",
    ),
    Field::new("needs", Shape::Map(&Shape::Any), "Providers it builds on."),
    Field::new("steps", Shape::List(&STEP_SHAPE), "The HTTP flow."),
    Field::new(
        "yields",
        Shape::Map(&Shape::Any),
        "The bindings it gives; all captures when absent.",
    ),
]);

const SECRET: Shape = Shape::Object(&[
    Field::new("env", Shape::Text, "Name of the environment variable."),
    Field::new("file", Shape::Text, "Path of a file that holds it."),
]);

const EDITION: Shape = Shape::Object(&[
    Field::new(
        "base_url",
        Shape::Text,
        "Where the edition is served, or `embedded` for the mock in this process.",
    ),
    Field::new(
        "hosts",
        Shape::Map(&Shape::Text),
        "Further base URLs by name.",
    ),
    Field::new(
        "variables",
        Shape::Map(&Shape::Any),
        "Values that cases read as `${target.name}`.",
    ),
    Field::new(
        "variables_from",
        Shape::Text,
        "A provider whose bindings are variables too; called once a run.",
    ),
    Field::new(
        "secrets",
        Shape::Map(&SECRET),
        "Values that are never shown.",
    ),
    Field::new(
        "providers",
        Shape::Map(&PROVIDER),
        "Providers of this edition alone.",
    ),
]);

/// The shape of a target file.
pub const SHAPE: Shape = Shape::Object(&[
    Field::new("name", Shape::Text, "The target's name in reports.").required(),
    Field::new(
        "extends",
        Shape::Text,
        "Another target file, beside this one, that this one changes.",
    ),
    Field::new(
        "define",
        Shape::Any,
        "A place for YAML anchors; otherwise ignored.",
    ),
    Field::new("editions", Shape::Map(&EDITION), "What is served where."),
    Field::new(
        "providers",
        Shape::Map(&PROVIDER),
        "Providers of every edition.",
    ),
    Field::new(
        "tls",
        Shape::Object(&[Field::new(
            "ca",
            Shape::Text,
            "A PEM file, beside this one, of certificates to trust besides the platform's.",
        )]),
        "Whom to trust over https.",
    ),
    Field::new(
        "limits",
        Shape::Object(&[
            Field::new("jobs", Shape::Integer, "Rows in flight at once."),
            Field::new("timeout_ms", Shape::Integer, "Longest wait for one answer."),
            Field::new(
                "max_body_bytes",
                Shape::Integer,
                "Longest answer that is read.",
            ),
        ]),
        "How careful to be.",
    ),
]);

/// One provider, ready to be called.
#[derive(Debug, Clone)]
pub struct Provider {
    pub per_run: bool,
    pub needs: Vec<Need>,
    pub steps: Vec<Step>,
    /// `None` gives every capture.
    pub yields: Option<Value>,
}

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
    /// PEM text: certificates that are trusted besides the platform's.
    pub ca: Option<Vec<u8>>,
}

impl Target {
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
        if let Some(settings) = edition(&layers, &blocks, contract, found) {
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

fn edition(
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
            providers.insert(
                name.text().unwrap_or_default().to_owned(),
                provider(node, contract, found),
            );
        }
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

/// True when following needs from `at` leads to `wanted`; the depth bounds other cycles.
fn reaches(providers: &BTreeMap<String, Provider>, at: &str, wanted: &str, depth: usize) -> bool {
    depth <= providers.len()
        && providers.get(at).is_some_and(|provider| {
            provider.needs.iter().any(|need| {
                need.provider == wanted || reaches(providers, &need.provider, wanted, depth + 1)
            })
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

fn secret(node: &Node, found: &mut Vec<Diagnostic>) -> Option<String> {
    let value = if let Some(name) = node.get("env").and_then(Node::text) {
        std::env::var(name).map_err(|_| format!("the environment variable `{name}` is not set"))
    } else if let Some(path) = node.get("file").and_then(Node::text) {
        std::fs::read_to_string(path)
            .map(|text| text.trim_end().to_owned())
            .map_err(|error| format!("cannot read `{path}`: {error}"))
    } else {
        Err("a secret comes from `env` or `file`".to_owned())
    };
    value
        .map_err(|message| found.push(Diagnostic::new("secret-missing", &node.span, message)))
        .ok()
}

fn provider(node: &Node, contract: &Contract, found: &mut Vec<Diagnostic>) -> Provider {
    Provider {
        per_run: node.get("scope").and_then(Node::text) == Some("run"),
        needs: lower_needs(node.get("needs")),
        steps: node
            .get("steps")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .filter_map(|step| lower_step(step, Some(contract), found))
            .collect(),
        yields: node.get("yields").map(Node::to_json),
    }
}
