//! `probity mock`: the mock on its own, for people who develop a client.

use clap::Args;

use super::{USAGE, note, out};
use crate::mock::{Dialect, MockOptions, MockServer, variation_lines};

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
}

/// The port of each edition when none is given, as `tenants/local-mock.yaml` expects them.
const fn usual_port(edition: Dialect) -> u16 {
    match edition {
        Dialect::Eiam => 4010,
        Dialect::Ciam => 4011,
        Dialect::OneAccess => 4012,
    }
}

pub(super) fn main(options: &Options) -> u8 {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            note(&format!("cannot start: {error}"));
            return USAGE;
        }
    };
    runtime.block_on(serve(options))
}

async fn serve(options: &Options) -> u8 {
    let mut servers = Vec::new();
    for edition in Dialect::ALL {
        if options.edition.is_some_and(|wanted| wanted != edition) {
            continue;
        }
        let port = options.port.unwrap_or_else(|| usual_port(edition));
        let settings = MockOptions {
            port,
            common_port: if port == 0 { 0 } else { port.saturating_add(1) },
            variation: options.variation,
            ..MockOptions::new(edition)
        };
        match MockServer::start(settings).await {
            Ok(server) => {
                let common = server
                    .common_url()
                    .map_or_else(String::new, |url| format!(" (common domain {url})"));
                out(&format!("{edition} at {}{common}", server.base_url()));
                servers.push(server);
            }
            Err(error) => {
                note(&format!("cannot serve {edition} on port {port}: {error}"));
                return USAGE;
            }
        }
    }
    if options.variation != 0 {
        for line in variation_lines(options.variation) {
            out(&line);
        }
    }
    note("stop with Ctrl-C");
    if let Err(error) = tokio::signal::ctrl_c().await {
        note(&format!("cannot wait for Ctrl-C: {error}"));
    }
    0
}
