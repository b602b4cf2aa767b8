//! Where to send, as whom, and how careful to be: the target file.
//!
//! Providers are written in the target file, the flows among them in the step language of the cases,
//! so that another server with another control path is reached by another file and no code.

mod edition;
mod environment;
mod layers;
mod limits;
mod places;
mod profile;
mod provider;
mod reach;
mod shape;
mod share;
mod source;
mod undo;
mod version;
mod waivers;

pub use environment::Settings;
pub use limits::{Limits, Pace};
pub use profile::{NotATestTenant, Profile, UnknownProfile};
pub use provider::{
    Account, Action, BASE, Clock, Command, Kind, Pool, Prompt, Provider, Reuse, Scope, Values,
};
pub use reach::{Proxy, Reach, origin};
pub use shape::SHAPE;
pub use source::SourceError;
pub use undo::{Finds, NotOurs, Undo, UndoStep};
pub use version::Version;
pub use waivers::SHAPE as WAIVERS_SHAPE;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::{Map, Value};

use self::environment::Outside;
use crate::{
    contract::Contract,
    diag::{Diagnostic, Span},
    ids::{Edition, ProviderId},
    plan::{Costs, Need},
    result::Waiver,
    secret::Secret,
    yaml::Node,
};

/// The folder beside a target file for what runs keep on disk; no file of an author is in it.
pub(crate) const STATE: &str = ".probity";

/// The base URL that stands for the mock inside this process.
pub const EMBEDDED: &str = "embedded";

/// One edition on the target.
#[derive(Debug, Clone)]
pub struct TargetEdition {
    pub base_url: String,
    pub hosts: BTreeMap<String, String>,
    pub variables: Map<String, Value>,
    /// The names of variables and secrets that the file writes, whether each has a value or not.
    pub declared: BTreeSet<String>,
    /// A provider whose bindings join the variables.
    pub variables_from: Option<Need>,
    /// How to learn which version it is of.
    pub version: Option<Version>,
    pub secrets: Vec<Secret>,
    pub providers: BTreeMap<ProviderId, Provider>,
}

impl TargetEdition {
    /// True when nothing of it is served outside this process.
    fn is_embedded(&self) -> bool {
        self.urls().all(|url| url == EMBEDDED)
    }

    /// Where requests go: the base URL, and those of the hosts that steps name.
    pub fn urls(&self) -> impl Iterator<Item = &str> {
        let urls = std::iter::once(&self.base_url).chain(self.hosts.values());
        urls.map(String::as_str)
    }

    /// The names of all variables; `None` when only a call can tell some of them.
    #[must_use]
    pub fn variable_names(&self) -> Option<BTreeSet<String>> {
        let mut names = self.declared.clone();
        if let Some(need) = &self.variables_from {
            let provider = self.providers.get(&need.provider)?;
            names.extend(provider.members(&self.providers)?);
        }
        Some(names)
    }

    /// Whether a provider is there and can be called with nobody at the terminal.
    #[must_use]
    pub fn unattended(&self, name: &str) -> bool {
        provider::unattended(name, &self.providers, 0)
    }
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
    pub reach: Reach,
    /// Headers of every request that does not say something else of them.
    pub headers: Vec<(String, Value)>,
    pub capabilities: Vec<String>,
    /// Departures that are accepted for a while.
    pub waivers: Vec<Waiver>,
    /// How far the target's clock may be from ours.
    pub clock_skew: Duration,
    /// Where each key stands, by its dotted path: `editions.ciam.base_url`, `tls.ca`.
    pub places: BTreeMap<String, Span>,
    pub limits: Limits,
    /// How much of what a run may use up.
    pub budget: Costs,
    /// How much a run may do.
    pub profile: Profile,
    /// Whose tenant it is, and that it may be spoiled.
    pub test_tenant: Option<String>,
}

impl Target {
    /// The folder of the journals of this target's runs.
    #[must_use]
    pub fn journals(&self) -> PathBuf {
        let stem = self.file.file_stem().unwrap_or_default();
        self.state.join("journals").join(stem)
    }

    /// Where the first of these keys stands that the file has.
    #[must_use]
    pub fn place(&self, keys: &[&str]) -> Option<&Span> {
        keys.iter().find_map(|key| self.places.get(*key))
    }

    /// True when nothing of it is served outside this process.
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        self.editions.values().all(TargetEdition::is_embedded)
    }

    /// True when some edition is served by the mock in this process.
    #[must_use]
    pub fn embedded(&self, edition: Edition) -> bool {
        self.editions
            .get(&edition)
            .is_some_and(|settings| settings.base_url == EMBEDDED)
    }

    /// Replaces the word `embedded` by the addresses of a mock that serves the edition.
    pub fn resolve(&mut self, edition: Edition, base_url: &str, common_url: Option<&str>) {
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
    settings: &Settings,
    found: &mut Vec<Diagnostic>,
) -> Option<Target> {
    let files = layers::read(path, &SHAPE, found)?;
    let layers: Vec<&Node> = files.iter().collect();
    let outside = Outside::read(path, known, settings, found);
    let mut secrets = Vec::new();
    let mut reach = reach::read(&layers, &outside, &mut secrets, found);
    unknown_editions(&layers, known, found);
    let editions = editions(&layers, contracts, &outside, &secrets, found);
    let urls: Vec<String> = editions
        .values()
        .flat_map(TargetEdition::urls)
        .map(str::to_owned)
        .collect();
    reach::addresses(&layers, &urls, &mut reach, found);
    // Without a contract nothing can be served, and that is a mistake of its own.
    if editions.is_empty() && !contracts.is_empty() {
        found.push(
            Diagnostic::new(
                "missing-key",
                &layers[0].span,
                "the target serves no edition: there is no `base_url`",
            )
            .help("editions: { ciam: { base_url: https://tenant.example } }"),
        );
    }
    let embedded = editions.values().all(TargetEdition::is_embedded);
    let limits = limits::Reader { layers: &layers };
    Some(Target {
        name: layers[0]
            .get("name")
            .and_then(Node::text)
            .unwrap_or("target")
            .to_owned(),
        editions,
        file: path.to_owned(),
        state: path.with_file_name(STATE),
        jobs: limits.whole("jobs", 1, found).unwrap_or(16),
        timeout: Duration::from_millis(
            limits.whole("timeout_ms", 1, found).unwrap_or(10_000) as u64
        ),
        max_body: limits.whole("max_body_bytes", 1, found).unwrap_or(1 << 20),
        clock_skew: Duration::from_secs(limits.whole("clock_skew_s", 1, found).unwrap_or(60) as u64),
        budget: limits.budget(found),
        profile: limits.profile(embedded),
        test_tenant: limits.test_tenant(),
        limits: limits.limits(embedded, found),
        reach,
        headers: headers(&layers, found),
        capabilities: capabilities(&layers),
        waivers: layers::first(&layers, "waivers")
            .map_or_else(Vec::new, |name| waived(name, found)),
        places: places::of(&layers),
    })
}

/// Editions that the project has no contract of.
fn unknown_editions(layers: &[&Node], known: &[Edition], found: &mut Vec<Diagnostic>) {
    let named = layers
        .iter()
        .filter_map(|layer| layer.get("editions"))
        .flat_map(Node::entries);
    for (name, _) in named {
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

/// The editions that have a contract; `secrets` are those of the way to the target.
fn editions(
    layers: &[&Node],
    contracts: &[Contract],
    outside: &Outside,
    secrets: &[String],
    found: &mut Vec<Diagnostic>,
) -> BTreeMap<Edition, TargetEdition> {
    let mut out = BTreeMap::new();
    let (mut variables, mut hidden) = (BTreeMap::new(), BTreeMap::new());
    for contract in contracts {
        let blocks: Vec<&Node> = layers
            .iter()
            .filter_map(|layer| layer.get("editions")?.get(contract.edition.as_str()))
            .collect();
        let names = |secret: bool| -> Vec<String> {
            let values = edition::values(&blocks).into_iter();
            let wanted = values.filter(|(_, _, hidden)| *hidden == secret);
            wanted.map(|(name, _, _)| name.to_owned()).collect()
        };
        variables.insert(contract.edition, names(false));
        hidden.insert(contract.edition, names(true));
        if let Some(mut read) = edition::read(layers, &blocks, contract, outside, found) {
            // What is secret between us and the proxy is secret everywhere.
            let secrets = secrets.iter().map(String::as_str).map(Secret::from);
            read.secrets.extend(secrets);
            out.insert(contract.edition, read);
        }
    }
    outside.check(&variables, &hidden, found);
    out
}

fn capabilities(layers: &[&Node]) -> Vec<String> {
    let node = layers::first(layers, "capabilities");
    let names = node.map(Node::items).unwrap_or_default().iter();
    names
        .filter_map(|name| name.text().map(str::to_owned))
        .collect()
}

/// Headers of every request, names checked, the file's own before those of a file it extends.
fn headers(layers: &[&Node], found: &mut Vec<Diagnostic>) -> Vec<(String, Value)> {
    let mut out: Vec<(String, Value)> = Vec::new();
    for (name, value) in layers
        .iter()
        .flat_map(|layer| layer.get("headers").map(Node::entries).unwrap_or_default())
    {
        let (key, text) = (
            name.text().unwrap_or_default(),
            value.scalar().unwrap_or_default(),
        );
        if http::HeaderName::from_bytes(key.as_bytes()).is_err() {
            let message = format!("`{key}` cannot be the name of a header");
            found.push(Diagnostic::new("bad-header", &name.span, message));
        } else if http::HeaderValue::from_str(&text).is_err() {
            let message = format!("`{key}` cannot have this value: it would end the header");
            found.push(Diagnostic::new("bad-header", &value.span, message));
        } else if !out.iter().any(|(known, _)| known.eq_ignore_ascii_case(key)) {
            out.push((key.to_owned(), Value::String(text)));
        }
    }
    out
}

fn waived(name: &Node, found: &mut Vec<Diagnostic>) -> Vec<Waiver> {
    let path = layers::beside(name, name.text().unwrap_or_default());
    if !path.is_file() {
        let message = format!("there is no file `{}`", path.display());
        found.push(Diagnostic::new("missing-file", &name.span, message));
        return Vec::new();
    }
    waivers::read(&path, &path.display().to_string(), found)
}
