//! Before a run: whether the target can be reached, trusted and prepared at all, and what to change
//! in its file if not.
//!
//! Takes: the test cases that would run. Gives: what was looked at, line by line, and every fault as a
//! mistake at the place of the key to change. Never: judges the target, or stops at the first fault
//! that does not hide the others.

mod address;
mod answer;
mod client_certificate;
mod connect;
mod notes;
mod providers;
mod refusal;

pub use notes::{Line, Preflight, State};

use std::{collections::BTreeSet, sync::Arc};

use futures_util::future::join_all;
use rustls::ClientConfig;

use self::{
    address::{Address, addresses, editions},
    client_certificate::ClientCertificate,
    notes::{Notes, place},
};
use super::{run_context::RunContext, tls};
use crate::{diag::Diagnostic, ids::Edition, plan::TestCase};

/// How far the look goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Hosts, certificates, an answer, the clock.
    Addresses,
    /// And one call of each provider that the test cases need.
    Providers,
}

/// Looks at everything that these test cases need of the target.
pub(super) async fn look(run: &RunContext, cases: &[Arc<TestCase>], depth: Depth) -> Preflight {
    let mut out = Preflight::default();
    let unreached = look_at_addresses(run, cases, &mut out).await;
    if depth == Depth::Providers {
        let looks = editions(run, cases)
            .into_iter()
            .filter(|edition| !unreached.contains(edition))
            .map(|edition| providers::look(run, edition, cases));
        for found in join_all(looks).await {
            out.add(found);
        }
    }
    out
}

/// Looks at the proxy and every address behind it; gives the editions that cannot be reached.
async fn look_at_addresses(
    run: &RunContext,
    cases: &[Arc<TestCase>],
    out: &mut Preflight,
) -> BTreeSet<Edition> {
    let addresses = addresses(run, cases);
    let open = look_at_proxy(run, out).await;
    let secure = addresses.iter().any(|one| one.url.scheme() == "https");
    let mut unreached = BTreeSet::new();
    match tls::config(&run.target.reach, !secure) {
        Ok(config) if open => {
            let looks = addresses
                .iter()
                .map(|one| look_at_address(run, one, &config));
            for (address, found) in addresses.iter().zip(join_all(looks).await) {
                if found.faults.iter().any(|fault| !fault.warning) {
                    unreached.extend(&address.editions);
                }
                out.add(found);
            }
        }
        Ok(_) => unreached.extend(addresses.iter().flat_map(|one| &one.editions)),
        Err(trouble) => {
            let span = place(&run.target, &["tls.ca", "tls"]);
            out.faults
                .push(Diagnostic::new("tls-failed", &span, trouble.to_string()));
        }
    }
    unreached
}

/// Whether what lies behind the proxy can be looked at.
async fn look_at_proxy(run: &RunContext, out: &mut Preflight) -> bool {
    let Some(proxy) = &run.target.reach.proxy else {
        return true;
    };
    let mut notes = Notes::on(&run.target, "proxy");
    connect::tcp(&mut notes, &proxy.url, &["proxy.url", "proxy"]).await;
    let open = notes.is_sound();
    out.add(notes.found);
    open
}

async fn look_at_address(
    run: &RunContext,
    address: &Address<'_>,
    config: &ClientConfig,
) -> Preflight {
    let editions: Vec<&str> = address.editions.iter().map(|one| one.as_str()).collect();
    let mut notes = Notes::on(&run.target, editions.join(", "));
    let keys: Vec<&str> = address.keys.iter().map(String::as_str).collect();
    notes.sound("address", address.url.as_str());
    if run.target.reach.proxy.is_none() {
        connect::tcp(&mut notes, &address.url, &keys).await;
    }
    if notes.is_sound() {
        speak(run, &mut notes, address, &keys, config).await;
    }
    notes.found
}

async fn speak(
    run: &RunContext,
    notes: &mut Notes<'_>,
    address: &Address<'_>,
    keys: &[&str],
    config: &ClientConfig,
) {
    let own = run.target.reach.client.clone();
    let certificate = Arc::new(ClientCertificate::new(own));
    let mut config = config.clone();
    config.client_auth_cert_resolver = Arc::clone(&certificate) as _;
    let Some(stream) = connect::open(notes, address, keys, config, &certificate).await else {
        return;
    };
    answer::look(run, notes, address, keys, stream, &certificate).await;
}
