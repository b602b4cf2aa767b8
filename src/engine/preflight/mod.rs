//! Before a run: whether the target can be reached, trusted and prepared at all, and what to change
//! in its file if not.
//!
//! Takes: the rows that would run. Gives: what was looked at, line by line, and every fault as a
//! mistake at the place of the key to change. Never: judges the target, or stops at the first fault
//! that does not hide the others.

mod answer;
mod connect;
mod providers;
mod refusal;

use std::{collections::BTreeSet, sync::Arc};

use futures_util::future::join_all;
use rustls::ClientConfig;
use url::Url;

use super::{Engine, tls};
use crate::{
    contract::Contract,
    diag::{Diagnostic, Span},
    ids::Edition,
    plan::TestCase,
    target::Target,
};

/// How far the look goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Hosts, certificates, an answer, the clock.
    Addresses,
    /// And one call of each provider that the rows need.
    Providers,
}

/// What was looked at and what is wrong.
#[derive(Debug, Default)]
pub struct Preflight {
    pub lines: Vec<Line>,
    /// What keeps a run from starting. Warnings among them are what the target answered wrongly to a
    /// provider; the run goes on and shows it in the rows that need that provider.
    pub faults: Vec<Diagnostic>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The edition, the proxy.
    pub subject: String,
    pub what: &'static str,
    pub state: State,
    pub told: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Sound,
    Wrong,
    /// Something before it is wrong, or it was not asked for.
    Unchecked,
}

impl State {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Sound => "ok",
            Self::Wrong => "wrong",
            Self::Unchecked => "-",
        }
    }
}

/// Notes on one subject, in order.
#[derive(Debug)]
struct Notes<'t> {
    target: &'t Target,
    subject: String,
    found: Preflight,
}

impl<'t> Notes<'t> {
    fn on(target: &'t Target, subject: impl Into<String>) -> Self {
        Self {
            target,
            subject: subject.into(),
            found: Preflight::default(),
        }
    }

    fn line(&mut self, what: &'static str, state: State, told: impl Into<String>) {
        self.found.lines.push(Line {
            subject: self.subject.clone(),
            what,
            state,
            told: told.into(),
        });
    }

    fn sound(&mut self, what: &'static str, told: impl Into<String>) {
        self.line(what, State::Sound, told);
    }

    fn wrong(&mut self, what: &'static str, fault: Diagnostic) {
        self.line(what, State::Wrong, fault.message.clone());
        self.found.faults.push(fault);
    }

    /// Where the first of these keys stands; where the file begins, if it has none.
    fn place(&self, keys: &[&str]) -> Span {
        place(self.target, keys)
    }

    fn is_sound(&self) -> bool {
        self.found.faults.is_empty()
    }
}

fn place(target: &Target, keys: &[&str]) -> Span {
    let known = target.place(keys).or_else(|| target.place(&["name"]));
    // A loaded target has a name; one made by hand has no text to point at.
    known.cloned().unwrap_or_else(Span::nowhere)
}

/// An address of the target, and every key that names it.
#[derive(Debug)]
struct Address<'c> {
    url: Url,
    keys: Vec<String>,
    editions: Vec<Edition>,
    /// Whose operations are served there; none at a further host, of which no contract is known.
    contract: Option<&'c Contract>,
    /// Those of them that the rows are about.
    operations: BTreeSet<String>,
}

impl Engine {
    /// Looks at everything that these rows need of the target.
    pub async fn preflight(&self, cases: &[TestCase], depth: Depth) -> Preflight {
        let mut out = Preflight::default();
        let addresses = self.addresses(cases);
        let open = match &self.target.reach.proxy {
            Some(proxy) => {
                let mut notes = Notes::on(&self.target, "proxy");
                connect::tcp(&mut notes, &proxy.url, &["proxy.url", "proxy"]).await;
                let open = notes.is_sound();
                out.add(notes.found);
                open
            }
            None => true,
        };
        let secure = addresses.iter().any(|one| one.url.scheme() == "https");
        let mut unreached: Vec<Edition> = Vec::new();
        match tls::config(&self.target.reach, !secure) {
            Ok(config) if open => {
                let looks = addresses.iter().map(|one| self.address(one, &config));
                for (address, found) in addresses.iter().zip(join_all(looks).await) {
                    if found.faults.iter().any(|fault| !fault.warning) {
                        unreached.extend(&address.editions);
                    }
                    out.add(found);
                }
            }
            Ok(_) => unreached.extend(addresses.iter().flat_map(|one| &one.editions)),
            Err(trouble) => {
                let span = place(&self.target, &["tls.ca", "tls"]);
                out.faults
                    .push(Diagnostic::new("tls-failed", &span, trouble.to_string()));
            }
        }
        if depth == Depth::Providers {
            let editions = self.editions(cases);
            let looks = editions
                .iter()
                .filter(|edition| !unreached.contains(edition))
                .map(|edition| self.providers(*edition, cases));
            for found in join_all(looks).await {
                out.add(found);
            }
        }
        out
    }

    /// The editions of the rows, in order.
    fn editions(&self, cases: &[TestCase]) -> Vec<Edition> {
        let served = self.target.editions.keys().copied();
        served
            .filter(|edition| cases.iter().any(|case| case.edition == *edition))
            .collect()
    }

    /// The address of each edition, and every further one once, however many keys name it.
    fn addresses(&self, cases: &[TestCase]) -> Vec<Address<'_>> {
        let mut out: Vec<Address<'_>> = Vec::new();
        for edition in self.editions(cases) {
            let Some(settings) = self.target.editions.get(&edition) else {
                continue;
            };
            if let Ok(url) = Url::parse(&settings.base_url) {
                out.push(Address {
                    url,
                    keys: vec![format!("editions.{edition}.base_url")],
                    editions: vec![edition],
                    contract: self.contracts.iter().find(|one| one.edition == edition),
                    operations: cases
                        .iter()
                        .filter(|case| case.edition == edition && case.request.host.is_none())
                        .filter_map(|case| case.request.operation.clone())
                        .collect(),
                });
            }
            for (name, text) in &settings.hosts {
                let Ok(url) = Url::parse(text) else { continue };
                let key = format!("editions.{edition}.hosts.{name}");
                match out.iter_mut().find(|known| known.url == url) {
                    Some(known) => {
                        known.keys.push(key);
                        known.editions.push(edition);
                    }
                    None => out.push(Address {
                        url,
                        keys: vec![key],
                        editions: vec![edition],
                        contract: None,
                        operations: BTreeSet::new(),
                    }),
                }
            }
        }
        for address in &mut out {
            address.editions.dedup();
        }
        out
    }

    async fn address(&self, address: &Address<'_>, config: &ClientConfig) -> Preflight {
        let editions: Vec<&str> = address.editions.iter().map(|one| one.as_str()).collect();
        let mut notes = Notes::on(&self.target, editions.join(", "));
        let keys: Vec<&str> = address.keys.iter().map(String::as_str).collect();
        notes.sound("address", address.url.as_str());
        if self.target.reach.proxy.is_none() {
            connect::tcp(&mut notes, &address.url, &keys).await;
        }
        if notes.is_sound() {
            self.speak(&mut notes, address, &keys, config).await;
        }
        notes.found
    }

    async fn speak(
        &self,
        notes: &mut Notes<'_>,
        address: &Address<'_>,
        keys: &[&str],
        config: &ClientConfig,
    ) {
        let asked = Arc::new(connect::Asked::new(self.target.reach.client.clone()));
        let mut config = config.clone();
        config.client_auth_cert_resolver = Arc::clone(&asked) as _;
        let Some(stream) = connect::open(notes, address, keys, config, &asked).await else {
            return;
        };
        self.answer(notes, address, keys, stream, &asked).await;
    }
}

impl Preflight {
    fn add(&mut self, other: Self) {
        self.lines.extend(other.lines);
        self.faults.extend(other.faults);
    }
}
