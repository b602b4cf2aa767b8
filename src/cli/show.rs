//! `probity show ID`: one row, expanded, and its request as a curl line with secrets masked.

use std::{error::Error, path::Path};

use clap::Args;

use super::{
    output::{self, note},
    reading::Verbose,
    refusal::{Refusal, USAGE},
    target_args::TargetArgs,
};
use crate::{
    diag::nearest,
    engine::Engine,
    plan::{Need, TestCase},
    secret::{Redactor, Secret},
    suite::Suite,
    target::{Target, TargetEdition},
    visible::visible,
};

/// Options of `probity show`.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The row's id, as `probity list` prints it
    id: String,
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    verbose: Verbose,
}

pub(super) fn main(root: &Path, options: &Options) -> u8 {
    let mut suite = options.target.look(root, options.verbose.is_on());
    if suite.is_broken() {
        return Refusal::of_suite(&suite).code;
    }
    let Some(case) = suite.plan.get(&options.id).cloned() else {
        note(&visible(&format!("there is no row `{}`", options.id)));
        let ids = suite.plan.cases.iter().map(|case| case.id.as_str());
        if let Some(near) = nearest(&options.id, ids) {
            note(&visible(&format!("did you mean `{near}`?")));
        }
        return USAGE;
    };
    let Some(mut target) = suite.target.take() else {
        return USAGE;
    };
    describe(&case, target.editions.get(&case.edition));
    // Nothing is sent, so the embedded mock need not run: its address stays a word.
    for edition in suite.contracts.iter().map(|contract| contract.edition) {
        let address = format!("http://{edition}.mock.invalid");
        target.resolve(edition, &address, Some(&address));
    }
    match preview(suite, target, &case) {
        Ok(curl) => {
            out(&format!("\n{curl}"));
            0
        }
        Err(why) => {
            note(&visible(&why.to_string()));
            USAGE
        }
    }
}

/// Prints what came from files: a terminal obeys none of it.
fn out(text: &str) {
    output::out(&visible(text));
}

fn preview(suite: Suite, target: Target, case: &TestCase) -> Result<String, Box<dyn Error>> {
    let engine = Engine::new(suite.contracts, &suite.plan.cases, target, false)?;
    Ok(engine.preview(case)?)
}

fn describe(case: &TestCase, settings: Option<&TargetEdition>) {
    out(&format!("{}\n  {}", case.id, case.title));
    out(&format!("  written at  {}", case.span));
    out(&format!(
        "  operation   {} {} ({})",
        case.request.method, case.request.path, case.operation
    ));
    if let Some(settings) = settings
        && case.all_needs().next().is_some()
    {
        out("  needs");
        let redactor = Redactor::new(settings.secrets.iter().map(Secret::expose));
        let needs: Vec<&Need> = case.all_needs().collect();
        tree(&needs, settings, &redactor, "    ");
    }
    if !case.control {
        out(&format!("  control     {}", case.control_id));
    }
    for (title, steps) in [
        ("setup", &case.setup),
        ("then", &case.then),
        ("cleanup", &case.cleanup),
    ] {
        for step in steps {
            out(&format!(
                "  {title:<11} {} ({} {})",
                step.name, step.method, step.path
            ));
        }
    }
    for check in case.request.checks.iter() {
        out(&format!(
            "  check       {} at {}",
            check.key(),
            check.span()
        ));
    }
    if case.exclusive {
        out("  exclusive   no other row is carried out beside it");
    }
    if let Some(observe) = &case.observe {
        out(&format!("  observes    {observe}"));
    }
    out(&format!("  covers      {}", case.covers.join(", ")));
}

/// Providers and what they build on; the suite was checked, so that none builds on itself.
fn tree(needs: &[&Need], settings: &TargetEdition, redactor: &Redactor, front: &str) {
    for (at, need) in needs.iter().enumerate() {
        let last = at + 1 == needs.len();
        let (branch, below) = if last {
            ("└─", "   ")
        } else {
            ("├─", "│  ")
        };
        let with = match &need.with {
            serde_json::Value::Object(with) if with.is_empty() => String::new(),
            with => format!(" with {}", redactor.body(&with.to_string())),
        };
        let line = format!("{front}{branch} {} from {}{with}", need.name, need.provider);
        let Some(provider) = settings.providers.get(&need.provider) else {
            out(&format!("{line}: the target does not provide it"));
            continue;
        };
        let gives = match provider.members(&settings.providers) {
            Some(names) if names.is_empty() => "gives nothing".to_owned(),
            Some(names) => {
                let names: Vec<String> = names.into_iter().collect();
                format!("gives {}", names.join(" "))
            }
            None => "what it gives, a call tells".to_owned(),
        };
        let (kind, scope) = (provider.kind.label(), provider.scope.label());
        let front = format!("{front}{below}");
        out(&format!(
            "{line}: {kind}, once a {scope}, {}",
            provider.place
        ));
        out(&format!("{front}{gives}"));
        let needs: Vec<&Need> = provider.needs.iter().collect();
        tree(&needs, settings, redactor, &front);
    }
}
