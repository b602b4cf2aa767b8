//! `probity mock`: the mock on its own, for people who develop a client.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use clap::Args;
use futures_util::future::poll_immediate;

use super::{
    loading::runtime,
    output::{note, out},
    refusal::USAGE,
};
use crate::{
    diag::nearest,
    mock::{Dialect, MockOptions, MockServer, Tls, rule_names, variation_lines},
};

/// Options of `probity mock`.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Only this edition; all three when absent
    #[arg(long, value_name = "NAME")]
    edition: Option<Dialect>,
    /// The port of that edition; the next one serves the OneAccess common domain
    #[arg(long, requires = "edition", value_name = "PORT")]
    port: Option<u16>,
    /// Vary by this seed what the documents leave open; 0 is the plain reading
    #[arg(long, default_value_t = 0, value_name = "SEED")]
    variation: u64,
    /// Leave out this rule, so that the mock breaks the contract: such as
    /// skipPasswordUpdate/x-agent-present; may be repeated. A wrong name lists all
    #[arg(long, requires = "edition", value_name = "OPERATION/RULE")]
    without_rule: Vec<String>,
    /// Speak TLS with this certificate chain, a PEM file
    #[arg(long, requires = "tls_key", value_name = "FILE")]
    tls_cert: Option<PathBuf>,
    /// The key of that certificate, a PEM file
    #[arg(long, requires = "tls_cert", value_name = "FILE")]
    tls_key: Option<PathBuf>,
    /// Turn away clients without a certificate of this authority, a PEM file
    #[arg(long, requires = "tls_cert", value_name = "FILE")]
    client_ca: Option<PathBuf>,
    /// Answer 429 beyond so many requests within any one second, for each edition
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rate: Option<u32>,
    /// Leave out `/__mock/`, as on a live tenant
    #[arg(long)]
    no_control: bool,
    /// Serve the owner's side from this port on, one port an edition: what the test gateway caught
    /// (`/messages?to=…&type=…`), the accounts (`/users`) and the traffic (`/traffic`)
    #[arg(long, value_name = "PORT")]
    gateway_port: Option<u16>,
    /// Begin with accounts that only a console can make, so many whose password is about to expire and
    /// a tenth of each other kind, and write them down
    #[arg(long, default_value_t = 0, value_name = "N")]
    prepare: usize,
    /// Where in the project they are written, with what the console shows about the application
    #[arg(long, value_name = "DIR", default_value = "tenants/live-mock")]
    prepared_dir: PathBuf,
}

/// The port of each edition when none is given, as `tenants/local-mock.yaml` expects them.
const fn usual_port(edition: Dialect) -> u16 {
    match edition {
        Dialect::Eiam => 4010,
        Dialect::Ciam => 4011,
        Dialect::OneAccess => 4012,
    }
}

pub(super) fn main(root: &Path, options: &Options) -> u8 {
    match runtime() {
        Ok(runtime) => runtime.block_on(serve(root, options)),
        Err(refusal) => refusal.code,
    }
}

async fn serve(root: &Path, options: &Options) -> u8 {
    // Asked once already, so that an interruption is heard however early it comes.
    let mut stop = std::pin::pin!(tokio::signal::ctrl_c());
    let stopped = poll_immediate(stop.as_mut()).await;
    let servers = match start_all(root, options).await {
        Ok(servers) => servers,
        Err(error) => {
            note(&error.to_string());
            return USAGE;
        }
    };
    if options.variation != 0 {
        for line in variation_lines(options.variation) {
            out(&line);
        }
    }
    note("stop with Ctrl-C");
    let stopped = match stopped {
        Some(stopped) => stopped,
        None => stop.await,
    };
    if let Err(error) = stopped {
        note(&format!("cannot wait for Ctrl-C: {error}"));
    }
    for (edition, server) in &servers {
        let traffic = server.traffic();
        out(&format!(
            "{edition}: {} requests answered, {} refused with 429, at most {} within a second",
            traffic.answered, traffic.refused, traffic.peak
        ));
    }
    0
}

/// Why the mock does not serve.
#[derive(Debug, thiserror::Error)]
enum ServeError {
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    #[error("cannot serve {edition} on port {port}: {source}")]
    NotStarted {
        edition: Dialect,
        port: u16,
        source: io::Error,
    },
    #[error("{}", no_rule(.name, .rules))]
    NoRule { name: String, rules: Vec<String> },
    #[error("cannot write to `{}`: {source}", .folder.display())]
    NotWritten { folder: PathBuf, source: io::Error },
}

/// Starts a server for each edition that is wanted, and writes down the accounts that they begin with.
async fn start_all(
    root: &Path,
    options: &Options,
) -> Result<Vec<(Dialect, MockServer)>, ServeError> {
    let tls = certificates(options)?;
    let mut servers = Vec::new();
    for edition in Dialect::ALL {
        if options.edition.is_some_and(|wanted| wanted != edition) {
            continue;
        }
        let rules = rule_names(edition);
        let unknown = |name: &&String| !rules.contains(name);
        if let Some(name) = options.without_rule.iter().find(unknown).cloned() {
            return Err(ServeError::NoRule { name, rules });
        }
        let settings = settings(options, edition, servers.len(), tls.clone());
        let port = settings.port;
        let started = MockServer::start(settings).await;
        let server = started.map_err(|source| ServeError::NotStarted {
            edition,
            port,
            source,
        })?;
        announce(edition, &server);
        servers.push((edition, server));
    }
    if options.prepare > 0 {
        for (edition, server) in &servers {
            let folder = root.join(&options.prepared_dir).join(edition.as_str());
            write_down(&folder, server)
                .map_err(|source| ServeError::NotWritten { folder, source })?;
        }
        let folder = options.prepared_dir.display();
        out(&format!("prepared accounts are written to {folder}"));
    }
    Ok(servers)
}

/// The nearest rule where one is near, else all of them.
fn no_rule(name: &str, rules: &[String]) -> String {
    let near = nearest(name, rules.iter().map(String::as_str));
    match near {
        Some(near) => format!("the mock has no rule `{name}`; did you mean `{near}`?"),
        None => format!(
            "the mock has no rule `{name}`; it has:\n  {}",
            rules.join("\n  ")
        ),
    }
}

/// The settings of one server, before which so many others were started.
fn settings(options: &Options, edition: Dialect, before: usize, tls: Option<Tls>) -> MockOptions {
    let port = options.port.unwrap_or_else(|| usual_port(edition));
    let rate = options.rate;
    MockOptions {
        port,
        common_port: next(port, 1),
        variation: options.variation,
        tls,
        rate: rate.map(|rate| usize::try_from(rate).unwrap_or(usize::MAX)),
        control: !options.no_control,
        gateway_port: options.gateway_port.map(|port| next(port, before)),
        prepared: options.prepare,
        disabled_rules: options.without_rule.clone(),
        ..MockOptions::new(edition)
    }
}

/// So many ports further; 0, which takes any free one, stays 0.
fn next(port: u16, further: usize) -> u16 {
    match port {
        0 => 0,
        _ => port.saturating_add(u16::try_from(further).unwrap_or(u16::MAX)),
    }
}

/// Prints where a server listens.
fn announce(edition: Dialect, server: &MockServer) {
    let named = |what: &str, url: Option<&str>| {
        url.map_or_else(String::new, |url| format!(" ({what} {url})"))
    };
    out(&format!(
        "{edition} at {}{}{}",
        server.base_url(),
        named("common domain", server.common_url()),
        named("owner's side", server.gateway_url())
    ));
}

/// A file of a certificate or a key that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read `{}`: {source}", .path.display())]
struct CertificateError {
    path: PathBuf,
    source: io::Error,
}

fn certificates(options: &Options) -> Result<Option<Tls>, CertificateError> {
    let (Some(certificate), Some(key)) = (&options.tls_cert, &options.tls_key) else {
        return Ok(None);
    };
    let read = |path: &PathBuf| {
        fs::read(path).map_err(|source| CertificateError {
            path: path.clone(),
            source,
        })
    };
    Ok(Some(Tls {
        certificate: read(certificate)?,
        key: read(key)?,
        client_ca: options.client_ca.as_ref().map(read).transpose()?,
    }))
}

/// One file for each kind of account, and one for what the console shows about the application.
fn write_down(folder: &Path, server: &MockServer) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let write = |name: &str, value: &serde_json::Value| {
        fs::write(folder.join(format!("{name}.json")), format!("{value:#}\n"))
    };
    for (kind, accounts) in server.prepared() {
        write(kind, accounts)?;
    }
    let application = server.application();
    if let Some(secret) = application["client_secret"].as_str() {
        fs::write(folder.join("client-secret"), format!("{secret}\n"))?;
    }
    write("application", &application)
}
