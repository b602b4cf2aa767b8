//! Carries one test case out: providers, setup, the request, what follows, cleanup.

use super::{
    case_context::CaseContext,
    not_given,
    provide::{bind_target, find, provide},
    request::common_headers,
    run_context::RunContext,
    step, undo,
};
use crate::{
    contract::Contract,
    plan::{Need, Step, TestCase},
    result::{Part, Stop},
    target::TargetEdition,
};

/// A test case, and what it has while it is carried out.
pub(super) struct CaseRun<'e> {
    case: &'e TestCase,
    context: CaseContext<'e>,
}

impl<'e> CaseRun<'e> {
    pub(super) fn new(
        run: &'e RunContext,
        case: &'e TestCase,
        settings: &'e TargetEdition,
        contract: &'e Contract,
    ) -> Self {
        let mut context = CaseContext::new(run, settings, contract, &case.matrix);
        context.request.common = common_headers(&run.target.headers, case);
        context.provided.file.clone_from(&case.span.file.path);
        Self { case, context }
    }

    /// Carries the test case out to its end; where it stopped is in the transcript.
    pub(super) async fn finish(mut self) -> CaseContext<'e> {
        // A test case that could not be carried out to its end does not begin.
        let costs = self.context.run.target.costs(self.case);
        if let Err(why) = self.context.reservation.keep(&costs) {
            self.context.transcript.stopped = Some(Stop::BudgetSpent(why.to_string()));
            return self.context;
        }
        if let Err(stop) = self.judged_part().await {
            self.context.transcript.stopped = Some(stop);
        }
        self.clean_up().await;
        let Self { mut context, .. } = self;
        undo::undo_all(&mut context).await;
        context.provided.held.end(&context.transcript);
        context
    }

    /// Everything that the verdict is about.
    async fn judged_part(&mut self) -> Result<(), Stop> {
        let case = self.case;
        bind_target(&mut self.context).await?;
        // What would be lacking later is no reason to begin.
        for need in case.later_needs() {
            find(&mut self.context, need)?;
        }
        self.bind_needs(&case.needs).await?;
        self.bind_lets()?;
        self.context.provided.held.begin()?;
        for (index, step) in case.setup.iter().enumerate() {
            self.bind_needs_of(step).await?;
            step::prepare(&mut self.context, step, Some(index), "setup").await?;
        }
        step::send(&mut self.context, &case.request, Part::Request, Some(0)).await?;
        for (index, step) in case.then.iter().enumerate() {
            self.bind_needs_of(step).await?;
            step::send(&mut self.context, step, Part::Then, Some(index)).await?;
        }
        Ok(())
    }

    /// Calls what a step needs of its own, right before it is sent.
    async fn bind_needs_of(&mut self, step: &Step) -> Result<(), Stop> {
        if step.needs.is_empty() {
            return Ok(());
        }
        self.bind_needs(&step.needs).await?;
        self.context.provided.held.begin()
    }

    async fn bind_needs(&mut self, needs: &[Need]) -> Result<(), Stop> {
        for need in needs {
            let value = provide(&mut self.context, need, 0).await?;
            not_given::note(&mut self.context, need, &value);
            self.context.bindings.insert(need.name.clone(), value);
        }
        Ok(())
    }

    fn bind_lets(&mut self) -> Result<(), Stop> {
        for (name, value) in &self.case.lets {
            let value = self
                .context
                .render(value)
                .map_err(|why| Stop::Setup(format!("`let: {name}`: {why}")))?;
            self.context.bindings.insert(name.clone(), value);
        }
        Ok(())
    }

    /// Sends the case's own cleanup. The target's trouble in it is kept in the transcript and changes
    /// no verdict.
    async fn clean_up(&mut self) {
        for (index, step) in self.case.cleanup.iter().enumerate() {
            let sent = step::send(&mut self.context, step, Part::Cleanup, Some(index)).await;
            if let Err(stop @ Stop::Harness(_)) = sent {
                self.context.transcript.stopped = Some(stop);
            }
        }
    }
}
