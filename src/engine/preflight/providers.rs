//! One call of each provider, in the order in which rows would call them.

use std::collections::BTreeSet;

use super::{Notes, Preflight, State};
use crate::{
    diag::{Diagnostic, Span},
    engine::{Engine, case_run::CaseRun, provide::Lease},
    ids::Edition,
    plan::{Need, TestCase},
    secret::Redactor,
    target::{Kind, Reuse, TargetEdition},
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
        let mut spared: BTreeSet<String> = BTreeSet::new();
        for name in pools(&mut notes, edition, settings, cases) {
            failed.insert(name);
        }
        // A row that will not be sent must not have its providers called either.
        let sent =
            |case: &&TestCase| case.edition == edition && self.target.withholds(case).is_none();
        for case in cases.iter().filter(sent) {
            let lacks = |word: &String| !self.target.capabilities.contains(word);
            let mut needs: Vec<&Need> = case.needs.iter().collect();
            // What comes after one that is not called may need what that gives.
            if let Some(at) = needs
                .iter()
                .position(|need| self.is_dear(&need.provider, settings, 0))
            {
                spared.insert(needs[at].provider.clone());
                needs.truncate(at);
            }
            let names = || {
                let variables = settings.variables_from.iter();
                let all = variables.chain(needs.iter().copied());
                all.map(|need| need.provider.as_str())
            };
            let new = names().any(|name| !sound.contains(name));
            let hopeless = names().any(|name| builds_on(name, &failed, settings, 0));
            let left_out = case.requires.iter().any(lacks) || self.target.withholds(case).is_some();
            if !new || hopeless || left_out {
                continue;
            }
            let mut run = CaseRun::new(self, settings, contract, &case.matrix);
            run.file.clone_from(&case.span.file.path);
            run.rehearsal = true;
            let mut stopped = run.bind_target().await.err();
            let mut at = settings.variables_from.as_ref();
            if stopped.is_none() {
                sound.extend(at.map(|need| need.provider.clone()));
                for need in needs {
                    at = Some(need);
                    match run.provide(need, 0).await {
                        Ok(value) => {
                            run.bindings.insert(need.name.clone(), value);
                            sound.insert(need.provider.clone());
                        }
                        Err(stop) => {
                            stopped = Some(stop);
                            break;
                        }
                    }
                }
            }
            run.undo_all().await;
            let (Some(stop), Some(need)) = (stopped, at) else {
                continue;
            };
            failed.insert(need.provider.clone());
            let redactor = Redactor::new(run.secrets.all());
            match stop {
                Stop::NotProvided(why) | Stop::BreakerOpen(why) | Stop::BudgetSpent(why) => {
                    notes.line("provider", State::Unchecked, why);
                }
                Stop::Interrupted => {}
                ref stop => {
                    let why = redactor.redact(stop.why());
                    // Many may need the one that fails.
                    if told.insert(why.clone()) {
                        let failed = run.failed.as_ref().map(|failed| failed.provider.as_str());
                        let place = place(&notes, edition, failed.unwrap_or(&need.provider));
                        notes.wrong("provider", fault(stop, &place, why));
                    }
                }
            }
        }
        let told: Vec<&str> = sound.iter().map(String::as_str).collect();
        if !told.is_empty() {
            notes.sound("providers", told.join(", "));
        }
        if !spared.is_empty() {
            let spared: Vec<&str> = spared.iter().map(String::as_str).collect();
            let why = "left to the rows, because a call cannot be taken back";
            let told = format!("{}: {why}", spared.join(", "));
            notes.line("providers", State::Unchecked, told);
        }
        notes.found
    }
}

impl Engine {
    /// Whether a call costs what cannot be had again: a person's time, an account that is given once,
    /// what has a budget, the good of others.
    fn is_dear(&self, name: &str, settings: &TargetEdition, depth: usize) -> bool {
        let Some(provider) = settings.providers.get(name) else {
            return false;
        };
        let budget = &self.target.budget;
        let dear = match &provider.kind {
            Kind::Prompt(_) => true,
            Kind::Pool(pool) => pool.reuse == Reuse::Never,
            Kind::Steps(steps) => steps.iter().any(|step| {
                let side_effects = &step.side_effects;
                !side_effects.risks.is_empty()
                    || side_effects
                        .costs
                        .keys()
                        .any(|name| budget.contains_key(name))
            }),
            Kind::Command(_) | Kind::Values(_) => false,
        };
        let mut needs = provider.needs.iter();
        dear || depth <= settings.providers.len()
            && needs.any(|need| self.is_dear(&need.provider, settings, depth + 1))
    }
}

/// Counts the accounts of the pools that the rows need; gives the providers that can have none.
fn pools(
    notes: &mut Notes<'_>,
    edition: Edition,
    settings: &TargetEdition,
    cases: &[TestCase],
) -> BTreeSet<String> {
    let own = cases.iter().filter(|case| case.edition == edition);
    let mut all: BTreeSet<&str> = own
        .flat_map(|case| case.needs.iter().map(|need| need.provider.as_str()))
        .collect();
    // What those build on, too.
    let mut new: Vec<&str> = all.iter().copied().collect();
    while let Some(name) = new.pop() {
        let provider = settings.providers.get(name);
        for need in provider.map(|one| one.needs.as_slice()).unwrap_or_default() {
            if all.insert(&need.provider) {
                new.push(&need.provider);
            }
        }
    }
    let mut empty = BTreeSet::new();
    for name in all {
        let Some(Kind::Pool(pool)) = settings.providers.get(name).map(|one| &one.kind) else {
            continue;
        };
        let (left, count) = (Lease::left(pool), pool.accounts.len());
        if left > 0 {
            notes.sound("pool", format!("{name}: {left} of {count} accounts left"));
            continue;
        }
        let message = format!("all {count} accounts of the pool are spent");
        let fault = Diagnostic::new("pool-exhausted", &place(notes, edition, name), message);
        let folder = pool.folder.display();
        notes.wrong(
            "pool",
            fault.help(format!(
                "add accounts to its file, or make them anew and empty `{folder}`"
            )),
        );
        empty.insert(name.to_owned());
    }
    empty
}

/// Whether a provider is one of these, or needs one of them.
fn builds_on(name: &str, these: &BTreeSet<String>, settings: &TargetEdition, depth: usize) -> bool {
    let provider = settings.providers.get(name);
    let mut needs = provider.map(|one| one.needs.iter()).into_iter().flatten();
    these.contains(name)
        || depth <= settings.providers.len()
            && needs.any(|need| builds_on(&need.provider, these, settings, depth + 1))
}

/// Where a provider is written.
fn place(notes: &Notes<'_>, edition: Edition, name: &str) -> Span {
    notes.place(&[
        &format!("editions.{edition}.providers.{name}"),
        &format!("providers.{name}"),
        &format!("editions.{edition}.base_url"),
    ])
}

/// What the target answered is for the run to show, in the rows that need the provider; anything else
/// is to be put right before it.
fn fault(stop: &Stop, place: &Span, why: String) -> Diagnostic {
    match stop {
        Stop::Answered(_) | Stop::RateLimited(_) => Diagnostic {
            warning: true,
            ..Diagnostic::new("provider-refused", place, why)
                .help("rows that need it cannot be judged; all others can")
        },
        _ => Diagnostic::new("provider-failed", place, why),
    }
}
