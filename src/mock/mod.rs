//! A stateful stand-in for the tenant, one edition at a time.
//!
//! It speaks HTTP on a loopback socket and knows nothing of the harness: no case,
//! no expectation, no contract. What it answers is written down a second time, in the
//! files of `editions` and `messages`, from the vendor's pages; agreement with the contract is evidence.
//!
//! An operation is a row: a list of named rules that may refuse, and one effect.
//! A fault is therefore the same table without a rule
//! ([`MockOptions::disabled_rules`]), with one row edited ([`MockOptions::fault`]),
//! or with its answers edited on the way out ([`MockOptions::rewrite`]); no other code
//! asks whether there is a fault.
//!
//! Files import in one direction: from what calls and answers are made of (`actor`, `language`,
//! `order`, `refusal`, `reply`, `call`) and what a seed chose (`draw`, `variation`) to what the tenant
//! remembers (`state`), what it refuses and does (`rules`, `ops`, `operation`), the tables of the
//! editions, and what changes a table (`alternatives`, `fault`).

mod actor;
mod alternatives;
mod answer;
mod call;
mod control;
mod data;
mod dialect;
mod draw;
mod editions;
mod fault;
mod jwt;
mod keys;
mod language;
mod messages;
mod operation;
mod ops;
mod options;
mod order;
mod owner;
mod people;
mod policy;
mod prepared;
mod rate;
mod refusal;
mod reply;
mod rules;
mod server;
mod state;
mod tls;
mod users;
mod variation;
mod wire;

use std::{io, net::Ipv4Addr, sync::Arc};

use serde_json::{Map, Value};
use tokio::{net::TcpListener, task::AbortHandle};

pub use answer::{Answer, Rewrite};
pub use dialect::{Dialect, UnknownDialect};
pub use fault::{Family, Fault, faults};
pub use options::MockOptions;
pub use rate::Traffic;
pub use tls::Tls;

use server::Listener;

/// The key that signs every mock's id tokens, as PKCS #8 PEM. Test material that guards nothing: with
/// it a token can be made wrong in one way and right in all others.
#[must_use]
pub fn signing_key() -> &'static str {
    keys::PRIVATE_KEY
}

/// A running mock. Dropping it closes its sockets and connections.
#[derive(Debug)]
pub struct MockServer {
    base_url: String,
    common_url: Option<String>,
    gateway_url: Option<String>,
    prepared: Map<String, Value>,
    tenant: Arc<server::Tenant>,
    tasks: Vec<AbortHandle>,
}

impl MockServer {
    /// Binds to the loopback address and serves from the current runtime.
    ///
    /// Fails if a port is taken, if a disabled rule or the fault does not exist, if the certificates
    /// cannot be used, or if there is a mistake in the mock's own files.
    pub async fn start(options: MockOptions) -> io::Result<Self> {
        messages::check(options.edition)?;
        editions::check(options.edition)?;
        let mut operations = editions::operations(options.edition);
        for name in &options.disabled_rules {
            disable(&mut operations, name)?;
        }
        if let Some(name) = &options.fault {
            fault::apply(options.edition, name, &mut operations)?;
        }
        let acceptor = options.tls.as_ref().map(tls::acceptor).transpose()?;
        let scheme = if acceptor.is_some() { "https" } else { "http" };
        let (listener, base_url) = bind(scheme, options.port).await?;
        let common = match options.edition {
            Dialect::OneAccess => Some(bind(scheme, options.common_port).await?),
            Dialect::Eiam | Dialect::Ciam => None,
        };
        let gateway = match options.gateway_port {
            Some(port) => Some(bind("http", port).await?),
            None => None,
        };
        let url =
            |bound: &Option<(TcpListener, String)>| bound.as_ref().map(|(_, url)| url.clone());
        let (common_url, gateway_url) = (url(&common), url(&gateway));
        let mut state = state::State::new(
            options.edition,
            options.variation,
            base_url.clone(),
            common_url.clone(),
        );
        alternatives::apply(&state.variation, options.edition, &mut operations);
        let prepared = prepared::make(&mut state, options.prepared);
        let tenant = Arc::new(server::Tenant::new(operations, state, options));

        let serve = |listener, via, acceptor| {
            let tenant = Arc::clone(&tenant);
            tokio::spawn(server::serve(listener, via, acceptor, tenant)).abort_handle()
        };
        let mut tasks = vec![serve(listener, Listener::Tenant, acceptor.clone())];
        tasks.extend(common.map(|(listener, _)| serve(listener, Listener::CommonDomain, acceptor)));
        tasks.extend(gateway.map(|(listener, _)| serve(listener, Listener::Owner, None)));
        Ok(Self {
            base_url,
            common_url,
            gateway_url,
            prepared,
            tenant,
            tasks,
        })
    }

    /// Where the tenant answers, without a trailing slash.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Where the ISV common domain answers (OneAccess, `X-tenant-id` row).
    pub fn common_url(&self) -> Option<&str> {
        self.common_url.as_deref()
    }

    /// Where the owner reads what the test gateway caught, the accounts and the traffic.
    pub fn gateway_url(&self) -> Option<&str> {
        self.gateway_url.as_deref()
    }

    /// The accounts that were there from the beginning: a list for each kind.
    pub fn prepared(&self) -> &Map<String, Value> {
        &self.prepared
    }

    /// What the console shows about the registered applications.
    pub fn application(&self) -> Value {
        self.tenant.application()
    }

    /// What it was asked so far.
    pub fn traffic(&self) -> Traffic {
        self.tenant.traffic()
    }
}

impl Drop for MockServer {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// What a variation chose where the documents leave a choice, one line each.
pub fn variation_lines(variation: u64) -> Vec<String> {
    let chosen = variation::Variation::from_seed(variation);
    chosen.choices().iter().map(ToString::to_string).collect()
}

/// Every rule of an edition as `operation/rule`, in table order.
pub fn rule_names(edition: Dialect) -> Vec<String> {
    let table = editions::operations(edition);
    let names = table.iter().flat_map(|row| {
        let rules = row.rules.iter();
        rules.map(|rule| format!("{}/{}", row.name, rule.name))
    });
    names.collect()
}

/// Every operation of an edition: name, method, path with `{}` for what varies.
pub fn operation_routes(edition: Dialect) -> Vec<(&'static str, String, &'static str)> {
    let table = editions::operations(edition);
    let routes = table
        .iter()
        .map(|row| (row.name, row.method.to_string(), row.path));
    routes.collect()
}

async fn bind(scheme: &str, port: u16) -> io::Result<(TcpListener, String)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let url = format!("{scheme}://{}", listener.local_addr()?);
    Ok((listener, url))
}

fn disable(operations: &mut [operation::Operation], name: &str) -> io::Result<()> {
    let found = name.split_once('/').and_then(|(operation, rule)| {
        let row = operations.iter_mut().find(|row| row.name == operation)?;
        let index = row.rules.iter().position(|known| known.name == rule)?;
        Some(row.rules.remove(index))
    });
    match found {
        Some(_) => Ok(()),
        None => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("the mock has no rule '{name}'"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_rule_that_does_not_exist_cannot_be_disabled() {
        for name in [
            "skipPasswordUpdate/no-such-rule",
            "noSuchOperation/x",
            "nonsense",
        ] {
            let mut options = MockOptions::new(Dialect::Eiam);
            options.disabled_rules = vec![name.to_owned()];
            let error = MockServer::start(options).await.err();
            assert_eq!(
                error.map(|e| e.kind()),
                Some(io::ErrorKind::InvalidInput),
                "{name}"
            );
        }
    }

    #[tokio::test]
    async fn every_rule_can_be_disabled_and_a_dropped_server_lets_its_port_go() {
        let mut options = MockOptions::new(Dialect::OneAccess);
        options.disabled_rules = rule_names(Dialect::OneAccess);
        let server = MockServer::start(options).await.expect("starts");
        let address = server.base_url().trim_start_matches("http://").to_owned();
        assert!(server.common_url().is_some());
        drop(server);
        tokio::task::yield_now().await;
        assert!(tokio::net::TcpStream::connect(address).await.is_err());
    }

    #[tokio::test]
    async fn a_disabled_rule_refuses_no_more_and_an_answer_can_be_rewritten() {
        let mut options = MockOptions::new(Dialect::Ciam);
        options.disabled_rules = vec!["skipPasswordUpdate/x-agent-present".to_owned()];
        options.rewrite = Some(Arc::new(|operation, answer| {
            assert_eq!(operation, "skipPasswordUpdate");
            answer.status = 418;
        }));
        let server = MockServer::start(options).await.expect("starts");
        let response = reqwest::Client::new()
            .get(format!("{}/api/v2/sdk/pwd/skip-update", server.base_url()))
            .header("X-operating-sys-version", "windows10.1.1")
            .header("X-device-fingerprint", "156aysdna213sc50")
            .send()
            .await
            .expect("answers");
        assert_eq!(response.status(), 418);
        let body = response.text().await.expect("a body");
        assert!(body.contains("IDAAS.SDK.PARAM.0002"), "{body}");
    }
}
