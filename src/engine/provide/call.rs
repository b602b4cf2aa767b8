//! The call of a provider: what it needs first, what its kind does, and what others see of that.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{
    command::command,
    entry::{begin_entry, update_entry},
    pool::pool,
    prompt::prompt,
    shared::{Failed, Kept},
    steps::steps,
    values::values,
};
use crate::{
    engine::{
        case_context::CaseContext,
        jar::Jars,
        not_given::{self, not_answered},
        secrets::SecretCollector,
        wire::Doubt,
    },
    ids::ProviderId,
    plan::{Need, uses_binding},
    result::{StepOwner, Stop},
    target::{Action, BASE, Kind, Provider, Scope},
    template::Bindings,
};

/// So many providers may build on each other.
const DEEPEST: usize = 16;

/// Completes the target's variables with those that a provider fetches.
pub(crate) async fn bind_target(context: &mut CaseContext<'_>) -> Result<(), Stop> {
    if let Some(need) = &context.settings.variables_from {
        let more = provide(context, need, 0).await?;
        if let (Some(Value::Object(variables)), Value::Object(more)) =
            (context.bindings.get_mut("target"), more)
        {
            variables.extend(more);
        }
    }
    Ok(())
}

/// Calls a provider and gives its bindings; of those that are shared, once for all who share.
///
/// # Errors
/// Why the provider gives nothing.
pub(crate) async fn provide(
    context: &mut CaseContext<'_>,
    need: &Need,
    depth: usize,
) -> Result<Value, Stop> {
    let name = &need.provider;
    let provider = find(context, need)?;
    if depth > DEEPEST {
        return Err(Stop::Harness(format!("provider `{name}` nests too deep")));
    }
    let call = Call {
        name,
        provider,
        depth,
    };
    call.may_ask(context)?;
    let with = call.rendered(context, &need.with)?;
    match provider.scope {
        Scope::Row => call.alone(context, with).await,
        Scope::File => {
            let file = context.provided.file.clone();
            call.shared(context, with, &file).await
        }
        Scope::Run => call.shared(context, with, "").await,
    }
}

/// The provider that a need names.
///
/// # Errors
/// When the target has none of that name.
pub(crate) fn find<'e>(context: &mut CaseContext<'e>, need: &Need) -> Result<&'e Provider, Stop> {
    let name = &need.provider;
    context.settings.providers.get(name).ok_or_else(|| {
        let failed = &mut context.provided.failed;
        failed.get_or_insert_with(|| Failed::unsent(name));
        Stop::NotProvided(format!("the target does not provide `{name}`"))
    })
}

/// One call of a provider.
#[derive(Clone, Copy)]
struct Call<'p> {
    name: &'p ProviderId,
    provider: &'p Provider,
    /// How many others want it for what they give.
    depth: usize,
}

impl Call<'_> {
    /// The provider, for sentences.
    fn whose(self) -> String {
        format!("provider `{}`", self.name)
    }

    /// Pre-flight does not prompt for an answer that the run could not use again.
    fn may_ask(self, context: &CaseContext<'_>) -> Result<(), Stop> {
        let unusable = context.provided.rehearsal && self.provider.scope == Scope::Row;
        match &self.provider.kind {
            Kind::Prompt(_) if unusable => Err(Stop::NotProvided(format!(
                "{} ({}): a person is asked when a row needs it",
                self.whose(),
                self.provider.place
            ))),
            _ => Ok(()),
        }
    }

    fn rendered(self, context: &mut CaseContext<'_>, value: &Value) -> Result<Value, Stop> {
        context
            .render(value)
            .map_err(|why| Stop::Setup(format!("{}: {why}", self.whose())))
    }

    /// The result of the one call that all `sharers` share.
    async fn shared(
        self,
        context: &mut CaseContext<'_>,
        with: Value,
        sharers: &str,
    ) -> Result<Value, Stop> {
        let edition = context.contract.edition;
        let key = format!("{edition}/{sharers}/{}/{with}", self.whose());
        let cell = context.run.provided.cell(&key);
        let mut called_here = false;
        let kept = cell
            .get_or_init(|| async {
                called_here = true;
                let own = Own::put_aside(context);
                let outcome = self.alone(context, with).await;
                own.take_back(context, outcome)
            })
            .await;
        context.secrets.join(&kept.secrets);
        context.doubts.extend(kept.doubts.iter().cloned());
        for lease in &kept.leases {
            context.provided.held.add(Arc::clone(lease));
        }
        if let (Err(_), Some(failed)) = (&kept.outcome, &kept.failed) {
            if !called_here {
                // Every test case that has to do without shows what was answered.
                context.transcript.steps.extend(failed.record.clone());
            }
            let first = &mut context.provided.failed;
            first.get_or_insert_with(|| failed.clone());
        }
        kept.outcome.clone()
    }

    /// Calls a provider in bindings of its own.
    async fn alone(self, context: &mut CaseContext<'_>, with: Value) -> Result<Value, Stop> {
        let mut inner = Bindings::new();
        for name in ["target", "run"] {
            inner.insert(name.into(), context.bindings[name].clone());
        }
        inner.insert("with".into(), with);
        let outer = std::mem::replace(&mut context.bindings, inner);
        let not_given = std::mem::take(&mut context.provided.not_given);
        let caller = std::mem::replace(&mut context.owner, StepOwner::Provider(self.name.clone()));
        let outcome = Box::pin(self.recorded(context)).await;
        context.owner = caller;
        context.bindings = outer;
        context.provided.not_given = not_given;
        if let Ok(value) = &outcome {
            context.secrets.value(value);
        }
        outcome
    }

    /// Remembers the innermost provider that fails, and its last step.
    async fn recorded(self, context: &mut CaseContext<'_>) -> Result<Value, Stop> {
        let before = context.transcript.steps.len();
        let outcome = self.journaled(context).await;
        if outcome.is_err() {
            let sent = context.transcript.steps.get(before..).unwrap_or_default();
            let record = sent.last().cloned();
            let failed = &mut context.provided.failed;
            failed.get_or_insert_with(|| Failed {
                provider: self.name.clone(),
                record,
            });
        }
        outcome
    }

    /// Writes what is about to be made into the journal before anything is sent that makes it.
    async fn journaled(self, context: &mut CaseContext<'_>) -> Result<Value, Stop> {
        let Some(undo) = &self.provider.undo else {
            self.bind_needs(context).await?;
            return self.made(context).await;
        };
        // Names that the run chooses may be given to what it builds on; those of what is put back
        // come from there.
        let number = if undo.restores {
            self.bind_needs(context).await?;
            begin_entry(context, self.name, undo)?
        } else {
            let number = begin_entry(context, self.name, undo)?;
            self.bind_needs(context).await?;
            number
        };
        let outcome = self.made(context).await;
        update_entry(context, number, self.provider, undo);
        // Also what failed halfway has made something.
        context.provided.pending.push(number);
        outcome
    }

    async fn bind_needs(self, context: &mut CaseContext<'_>) -> Result<(), Stop> {
        for inner in &self.provider.needs {
            let value = provide(context, inner, self.depth + 1).await?;
            not_given::note(context, inner, &value);
            context.bindings.insert(inner.name.clone(), value);
        }
        Ok(())
    }

    /// What the provider's kind gives, as others see it.
    async fn made(self, context: &mut CaseContext<'_>) -> Result<Value, Stop> {
        let given = self.by_kind(context).await?;
        let base = match context.bindings.get(BASE) {
            Some(Value::Object(base)) if self.provider.extends => base.clone(),
            _ => Map::new(),
        };
        let Some(yields) = &self.provider.yields else {
            return Ok(extended(base, given));
        };
        context.bindings.extend(given);
        let steps = self.provider.steps();
        if let Some(why) = not_answered(context, steps, |name| uses_binding(yields, name)) {
            return Err(Stop::Answered(format!("{}, {why}", self.whose())));
        }
        match self.rendered(context, yields)? {
            Value::Object(own) => Ok(extended(base, own)),
            _ if self.provider.extends => Err(Stop::Setup(format!(
                "{}: its `yields` are no map, and so add nothing to what it extends",
                self.whose()
            ))),
            other => Ok(other),
        }
    }

    /// Does what the provider's kind does and gives what that binds.
    async fn by_kind(self, context: &mut CaseContext<'_>) -> Result<Map<String, Value>, Stop> {
        let whose = self.whose();
        let at = format!("{whose} ({})", self.provider.place);
        match &self.provider.kind {
            Kind::Steps(all) => steps(context, all, &whose).await,
            Kind::Command(one) => command(context, one, &at).await,
            Kind::Pool(one) => pool(context, one, &at).await,
            Kind::Values(all) => values(context, all, &at),
            Kind::Prompt(one) => prompt(context, one, &at).await,
            Kind::Clock(clock) => match &clock.forward {
                Action::Step(one) => steps(context, std::slice::from_ref(one), &whose).await,
                Action::Command(one) => command(context, one, &at).await,
            },
        }
    }
}

/// What a provider gives beside what it extends: of one name, its own.
fn extended(mut base: Map<String, Value>, own: Map<String, Value>) -> Value {
    base.extend(own);
    Value::Object(base)
}

/// What a test case has of its own, put aside while it calls a provider for all who share it: what
/// others share must not depend on whose cookies this one has, nor leave it some.
struct Own {
    secrets: SecretCollector,
    jars: Jars,
    doubts: Vec<Doubt>,
    failed: Option<Failed>,
    leases: usize,
    pending: usize,
}

impl Own {
    fn put_aside(context: &mut CaseContext<'_>) -> Self {
        let declared = SecretCollector::declared(context.settings);
        Self {
            secrets: std::mem::replace(&mut context.secrets, declared),
            jars: std::mem::take(&mut context.jars),
            doubts: std::mem::replace(&mut context.doubts, vec![Doubt::default()]),
            failed: context.provided.failed.take(),
            leases: context.provided.held.leases.len(),
            pending: context.provided.pending.len(),
        }
    }

    /// Gives the test case its own back, and keeps what came of the call.
    fn take_back(self, context: &mut CaseContext<'_>, outcome: Result<Value, Stop>) -> Kept {
        context.jars = self.jars;
        let provided = &mut context.provided;
        // Others go on using it, so this test case must not undo it; the end of the run does.
        provided.pending.truncate(self.pending);
        let leases = provided.held.leases.get(self.leases..);
        Kept {
            outcome,
            failed: std::mem::replace(&mut provided.failed, self.failed),
            secrets: std::mem::replace(&mut context.secrets, self.secrets),
            leases: leases.unwrap_or_default().to_vec(),
            doubts: std::mem::replace(&mut context.doubts, self.doubts),
        }
    }
}
