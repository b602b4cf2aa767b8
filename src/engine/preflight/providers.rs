//! One call of each provider, in the order in which test cases would call them.

use std::{collections::BTreeSet, sync::Arc};

use super::notes::{Notes, Preflight, State};
use crate::{
    contract::Contract,
    diag::{Diagnostic, Span},
    engine::{
        case_context::CaseContext,
        provide::{Lease, bind_target, provide},
        run_context::RunContext,
        undo,
    },
    ids::{Edition, ProviderId},
    plan::{Costs, Need, TestCase},
    result::{StepOwner, Stop},
    target::{Kind, Reuse, TargetEdition},
};

/// Calls what the test cases of an edition need, each provider once if it can be.
pub(super) async fn look(run: &RunContext, edition: Edition, cases: &[Arc<TestCase>]) -> Preflight {
    let notes = Notes::on(&run.target, edition.as_str());
    let settings = run.target.editions.get(&edition);
    let (Some(settings), Some(contract)) = (settings, run.contract(edition)) else {
        return notes.found;
    };
    let mut look = Look {
        run,
        edition,
        settings,
        contract,
        notes,
        sound: BTreeSet::new(),
        failed: BTreeSet::new(),
        blamed: BTreeSet::new(),
        spared: BTreeSet::new(),
    };
    look.failed = pools(&mut look.notes, edition, settings, cases);
    for case in cases.iter().filter(|case| case.edition == edition) {
        if let Some(needs) = look.worth_calling(case) {
            look.call(case, &needs).await;
        }
    }
    look.sum_up()
}

/// A look at the providers of one edition; sets hold names of providers.
struct Look<'e> {
    run: &'e RunContext,
    edition: Edition,
    settings: &'e TargetEdition,
    contract: &'e Contract,
    notes: Notes<'e>,
    /// Those that gave what they have to.
    sound: BTreeSet<ProviderId>,
    /// Those that a test case asked for in vain.
    failed: BTreeSet<ProviderId>,
    /// Those whose fault was told already: many may need the one that fails.
    blamed: BTreeSet<ProviderId>,
    /// Those that are left to the test cases.
    spared: BTreeSet<ProviderId>,
}

impl<'e> Look<'e> {
    /// The needs of a test case as far as they may be called; `None` where a call would show nothing
    /// new or the test case will not be sent.
    fn worth_calling<'c>(&mut self, case: &'c TestCase) -> Option<Vec<&'c Need>> {
        let target = &self.run.target;
        let lacks = |capability: &String| !target.capabilities.contains(capability);
        if case.todo.is_some()
            || case.requires.iter().any(lacks)
            || target.withholds(case).is_some()
        {
            return None;
        }
        let mut needs: Vec<&Need> = case.needs.iter().collect();
        let budget = &target.budget;
        let dear = |need: &&Need| is_dear(&need.provider, self.settings, budget, 0);
        // What comes after one that is not called may need what that gives.
        if let Some(at) = needs.iter().position(dear) {
            self.spared.insert(needs[at].provider.clone());
            needs.truncate(at);
        }
        let names = || {
            let variables = self.settings.variables_from.iter();
            let all = variables.chain(needs.iter().copied());
            all.map(|need| need.provider.as_str())
        };
        let new = names().any(|name| !self.sound.contains(name));
        let hopeless = names().any(|name| builds_on(name, &self.failed, self.settings, 0));
        (new && !hopeless).then_some(needs)
    }

    /// Calls providers as a test case would, and undoes what they made.
    async fn call(&mut self, case: &TestCase, needs: &[&Need]) {
        let mut context = CaseContext::new(self.run, self.settings, self.contract, &case.matrix);
        context.provided.file.clone_from(&case.span.file.path);
        context.provided.rehearsal = true;
        context.owner = StepOwner::Preflight;
        let stopped = self.provided(&mut context, needs).await;
        undo::undo_all(&mut context).await;
        if let Some((need, stop)) = stopped {
            self.failed.insert(need.provider.clone());
            self.report(&context, need, stop);
        }
    }

    /// The first of the needs that cannot be met, and why.
    async fn provided<'n>(
        &mut self,
        context: &mut CaseContext<'e>,
        needs: &[&'n Need],
    ) -> Option<(&'n Need, Stop)>
    where
        'e: 'n,
    {
        let variables = self.settings.variables_from.as_ref();
        if let Err(stop) = bind_target(context).await {
            return variables.map(|need| (need, stop));
        }
        self.sound
            .extend(variables.map(|need| need.provider.clone()));
        for need in needs {
            match provide(context, need, 0).await {
                Ok(value) => {
                    context.bindings.insert(need.name.clone(), value);
                    self.sound.insert(need.provider.clone());
                }
                Err(stop) => return Some((need, stop)),
            }
        }
        None
    }

    fn report(&mut self, context: &CaseContext<'_>, need: &Need, stop: Stop) {
        match stop {
            Stop::NotProvided(why) | Stop::BreakerOpen(why) | Stop::BudgetSpent(why) => {
                self.notes.line("provider", State::Unchecked, why);
            }
            Stop::Interrupted => {}
            stop => {
                let failed = context
                    .provided
                    .failed
                    .as_ref()
                    .map(|failed| &failed.provider);
                let name = failed.unwrap_or(&need.provider);
                if self.blamed.insert(name.clone()) {
                    let why = context.run.redactor(&context.secrets).redact(stop.why());
                    let place = place(&self.notes, self.edition, name);
                    self.notes.wrong("provider", fault(&stop, &place, why));
                }
            }
        }
    }

    fn sum_up(mut self) -> Preflight {
        let listed = |names: &BTreeSet<ProviderId>| {
            let names: Vec<&str> = names.iter().map(ProviderId::as_str).collect();
            names.join(", ")
        };
        if !self.sound.is_empty() {
            self.notes.sound("providers", listed(&self.sound));
        }
        if !self.spared.is_empty() {
            let why = "left to the rows, because a call cannot be taken back";
            let text = format!("{}: {why}", listed(&self.spared));
            self.notes.line("providers", State::Unchecked, text);
        }
        self.notes.found
    }
}

/// Whether a call costs what cannot be had again: a person's time, an account that is given once,
/// what has a budget, the good of others.
fn is_dear(name: &str, settings: &TargetEdition, budget: &Costs, depth: usize) -> bool {
    let Some(provider) = settings.providers.get(name) else {
        return false;
    };
    let dear = match &provider.kind {
        Kind::Prompt(_) | Kind::Clock(_) => true,
        Kind::Pool(pool) => pool.reuse == Reuse::Never,
        Kind::Steps(steps) => steps.iter().any(|step| {
            let mut costs = step.side_effects.costs.keys();
            !step.side_effects.risks.is_empty() || costs.any(|name| budget.contains_key(name))
        }),
        Kind::Command(_) | Kind::Values(_) => false,
    };
    let mut needs = provider.needs.iter();
    dear || depth <= settings.providers.len()
        && needs.any(|need| is_dear(&need.provider, settings, budget, depth + 1))
}

/// Counts the accounts of the pools that the test cases need; gives the providers that can have none.
fn pools(
    notes: &mut Notes<'_>,
    edition: Edition,
    settings: &TargetEdition,
    cases: &[Arc<TestCase>],
) -> BTreeSet<ProviderId> {
    let own = cases.iter().filter(|case| case.edition == edition);
    let mut all: BTreeSet<&ProviderId> = own
        .flat_map(|case| case.all_needs().map(|need| &need.provider))
        .collect();
    // What those build on, too.
    let mut new: Vec<&ProviderId> = all.iter().copied().collect();
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
        let at = place(notes, edition, name);
        let fault = if let Some(why) = pool.empty_part() {
            let message = format!("the pool is too small: {why}");
            Diagnostic::new("pool-exhausted", &at, message)
                .help("add accounts to its file, or divide the run into fewer shards")
        } else {
            let message = format!("all {count} accounts of the pool are spent");
            let folder = pool.folder.display();
            Diagnostic::new("pool-exhausted", &at, message).help(format!(
                "add accounts to its file, or make them anew and empty `{folder}`"
            ))
        };
        notes.wrong("pool", fault);
        empty.insert(name.clone());
    }
    empty
}

/// Whether a provider is one of these, or needs one of them.
fn builds_on(
    name: &str,
    these: &BTreeSet<ProviderId>,
    settings: &TargetEdition,
    depth: usize,
) -> bool {
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

/// What the target answered is for the run to show, in the test cases that need the provider; anything
/// else is to be put right before it.
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
