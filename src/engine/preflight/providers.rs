//! One call of each provider, in the order in which rows would call them.

use std::collections::BTreeSet;

use super::{Notes, Preflight, State};
use crate::{
    diag::Diagnostic,
    engine::{Engine, capture::Flow},
    ids::Edition,
    plan::TestCase,
    secret::Redactor,
    transcript::Stop,
};

impl Engine {
    /// Calls what the rows of an edition need, each provider once if it can be.
    pub(super) async fn providers(&self, edition: Edition, cases: &[TestCase]) -> Preflight {
        let mut notes = Notes::on(&self.target, edition.as_str());
        let settings = self.target.editions.get(&edition);
        let contract = self.contracts.iter().find(|one| one.edition == edition);
        let (Some(settings), Some(contract)) = (settings, contract) else {
            return notes.found;
        };
        // Names of providers, and whether a call went well.
        let (mut sound, mut failed) = (BTreeSet::new(), BTreeSet::new());
        let mut told: BTreeSet<String> = BTreeSet::new();
        for case in cases.iter().filter(|case| case.edition == edition) {
            let lacks = |word: &String| !self.target.capabilities.contains(word);
            let names = || {
                let variables = settings.variables_from.iter();
                variables
                    .chain(&case.needs)
                    .map(|need| need.provider.as_str())
            };
            let new = names().any(|name| !sound.contains(name));
            let hopeless = names().any(|name| failed.contains(name));
            if !new || hopeless || case.requires.iter().any(lacks) {
                continue;
            }
            let mut flow = Flow::new(self, settings, contract, &case.matrix);
            let mut stopped = flow.bind_target().await.err();
            let mut at = settings.variables_from.as_ref();
            if stopped.is_none() {
                sound.extend(at.map(|need| need.provider.clone()));
                for need in &case.needs {
                    at = Some(need);
                    match flow.provide(need, 0).await {
                        Ok(value) => {
                            flow.bindings.insert(need.name.clone(), value);
                            sound.insert(need.provider.clone());
                        }
                        Err(stop) => {
                            stopped = Some(stop);
                            break;
                        }
                    }
                }
            }
            flow.undo_all().await;
            let (Some(stop), Some(need)) = (stopped, at) else {
                continue;
            };
            failed.insert(need.provider.clone());
            let redactor = Redactor::new(flow.secrets.iter().map(String::as_str));
            match stop {
                Stop::NotProvided(why) => notes.line("provider", State::Unchecked, why),
                Stop::Interrupted => {}
                stop => {
                    let why = redactor.redact(stop.why());
                    // Many may need the one that fails.
                    if told.insert(why.clone()) {
                        let name = culprit(&why).unwrap_or(&need.provider);
                        let own = format!("editions.{edition}.providers.{name}");
                        let all = format!("providers.{name}");
                        let mut keys = vec![own.as_str(), all.as_str()];
                        let base = format!("editions.{edition}.base_url");
                        keys.push(&base);
                        let place = notes.place(&keys);
                        notes.wrong("provider", Diagnostic::new("provider-failed", &place, why));
                    }
                }
            }
        }
        let told: Vec<&str> = sound.iter().map(String::as_str).collect();
        if !told.is_empty() {
            notes.sound("providers", told.join(", "));
        }
        notes.found
    }
}

/// The provider that a sentence begins with.
fn culprit(why: &str) -> Option<&str> {
    let rest = why.strip_prefix("provider `")?;
    rest.split('`').next()
}
