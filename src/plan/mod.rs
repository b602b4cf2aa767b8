//! What will be sent and judged: test cases that cannot be malformed.
//!
//! Takes: [`CaseFile`]s and contracts. Gives: a [`Plan`] of [`TestCase`]s in file order, and every
//! mistake of meaning. Never: sends anything; `list` and `lint` work offline.

mod alter;
mod capture;
mod count;
mod derived;
mod digest;
mod draft;
mod each;
mod fields;
mod lower;
mod matrix;
mod names;
mod path;
mod place;
mod repeat;
mod select;
mod sendable;
mod shard;
mod side_effects;
mod step;
mod until;

pub use alter::Alteration;
pub use capture::{Capture, CaptureFrom, pointer};
pub use count::{Size, sizes};
pub use each::fill_axes;
pub use fields::{duration, scalars};
pub use names::captured;
pub use repeat::{lower_steps, refuse_repeat};
pub use select::{Selection, with_prerequisites};
pub use shard::digest_of_ids;
pub use side_effects::{Costs, Risk, SideEffects};
pub use step::{Body, Need, Step, lower_need, lower_needs, lower_step, uses_binding};
pub use until::Until;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use serde_json::Value;

use crate::{
    case::CaseFile,
    contract::Contract,
    diag::{Diagnostic, Span},
    ids::{CaseId, Edition, OperationId, RequirementId},
    template::Use,
};

/// One runnable test case: one variant of one case in one edition, self-contained.
#[derive(Debug, Clone)]
pub struct TestCase {
    pub id: CaseId,
    pub title: String,
    pub edition: Edition,
    /// The operationId under test.
    pub operation: OperationId,
    /// True for the positive control itself.
    pub control: bool,
    /// The id of the control that must have passed first; its own for a control.
    pub control_id: CaseId,
    /// Further test cases that must have passed first: the same flow without the fault.
    pub prerequisites: Vec<CaseId>,
    /// Where the request differs from the documented one; empty for a control.
    pub alterations: Vec<Alteration>,
    pub span: Span,
    pub covers: Vec<RequirementId>,
    pub tags: Vec<String>,
    pub needs: Vec<Need>,
    /// Values computed after the providers were called, in order.
    pub lets: Vec<(String, Value)>,
    /// Capabilities that the target has to have.
    pub requires: Vec<String>,
    pub setup: Vec<Step>,
    /// The request under test, with its checks.
    pub request: Step,
    pub then: Vec<Step>,
    pub cleanup: Vec<Step>,
    /// No other test case may be carried out beside it.
    pub exclusive: bool,
    /// Why the test case is only observed.
    pub observe: Option<String>,
    /// What has to be filled in before it can be sent; of its control where it has nothing of its own.
    pub todo: Option<String>,
    /// The matrix row's values.
    pub matrix: Value,
    /// What it takes from the target's variables and providers.
    pub uses: Arc<[Use]>,
}

impl TestCase {
    /// The test case's own steps.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        let before = self.setup.iter().chain([&self.request]);
        before.chain(&self.then).chain(&self.cleanup)
    }

    /// All providers that it calls: those before everything else, and those of its steps.
    pub fn all_needs(&self) -> impl Iterator<Item = &Need> {
        self.needs.iter().chain(self.later_needs())
    }

    /// The providers that are called right before one of its steps.
    pub fn later_needs(&self) -> impl Iterator<Item = &Need> {
        let steps = self.setup.iter().chain(&self.then);
        steps.flat_map(|step| &step.needs)
    }

    /// Whether an account may be locked for what the test case does.
    #[must_use]
    pub fn may_lock_out(&self) -> bool {
        self.steps()
            .any(|step| step.side_effects.risks.contains(&Risk::Lockout))
    }

    /// The error codes that the test case's own request may be answered with; see
    /// [`Step::expected_codes`].
    #[must_use]
    pub fn expected_codes(&self) -> Vec<&str> {
        self.request.expected_codes()
    }

    /// The HTTP statuses that the test case's own request may be answered with.
    #[must_use]
    pub fn expected_statuses(&self) -> Vec<u16> {
        self.request.expected_statuses()
    }
}

/// All test cases, in the order of the files. They are shared, never copied: a run of many thousands
/// holds each of them once.
#[derive(Debug, Default)]
pub struct Plan {
    pub cases: Vec<Arc<TestCase>>,
    /// The places of the test cases by their ids.
    places: HashMap<CaseId, usize>,
}

impl Plan {
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<TestCase>> {
        self.cases.get(*self.places.get(id)?)
    }

    /// Adds a test case whose id no other has.
    fn add(&mut self, case: TestCase) {
        self.places.insert(case.id.clone(), self.cases.len());
        self.cases.push(Arc::new(case));
    }
}

/// Plans every file against its edition's contract.
pub fn plan(files: &[CaseFile], contracts: &[Contract], found: &mut Vec<Diagnostic>) -> Plan {
    let mut plan = Plan::default();
    for file in files {
        let Some(contract) = Contract::of_edition(contracts, file.edition.as_str()) else {
            continue;
        };
        for case in lower::file(file, contract, found) {
            if plan.get(&case.id).is_some() {
                found.push(Diagnostic::new(
                    "duplicate-id",
                    &case.span,
                    format!("the id `{}` is used twice", case.id),
                ));
            } else {
                plan.add(case);
            }
        }
    }
    prerequisites(&plan, found);
    without_prerequisite(&plan, found);
    plan
}

/// A refused value that only a further provider made needs a prerequisite: were the provider broken, the
/// refusal would be for its fault and not for the one the test case is about.
fn without_prerequisite(plan: &Plan, found: &mut Vec<Diagnostic>) {
    let mut reported: HashSet<&Span> = HashSet::new();
    for case in &plan.cases {
        let refused = case
            .request
            .checks
            .iter()
            .any(|check| check.key() == "error");
        let Some(control) = plan.get(&case.control_id) else {
            continue;
        };
        if !refused || !case.prerequisites.is_empty() || reported.contains(&case.span) {
            continue;
        }
        let foreign = case
            .all_needs()
            .filter(|need| {
                let mut own = control.all_needs();
                own.all(|own| own.provider != need.provider)
            })
            .filter(|need| case.request.names(&need.name))
            .find(|need| {
                // A setup step that is judged and sends the same value is a prerequisite inside the test case.
                let shown = |step: &Step| !step.checks.is_empty() && step.names(&need.name);
                !case.setup.iter().any(shown)
            });
        if let Some(need) = foreign {
            reported.insert(&case.span);
            found.push(
                Diagnostic::new(
                    "no-prerequisite",
                    &case.span,
                    format!("this row sends a value of `{}`, which no passing row has shown to be sound", need.provider),
                )
                .help("name in `prerequisite` a row in which such a value is accepted, or send it in a judged `setup` step")
                .warning(),
            );
        }
    }
}

/// A prerequisite is a judged test case of the same edition that has no prerequisite itself, so that what comes
/// first is never in doubt.
fn prerequisites(plan: &Plan, found: &mut Vec<Diagnostic>) {
    let mut reported: HashSet<(&Span, &str)> = HashSet::new();
    for case in &plan.cases {
        for id in &case.prerequisites {
            if reported.contains(&(&case.span, id.as_str())) {
                continue;
            }
            let problem = match plan.get(id) {
                None => format!("there is no row `{id}`"),
                Some(prerequisite) if prerequisite.observe.is_some() => {
                    format!("`{id}` is only observed, so it can prove nothing for this row")
                }
                Some(prerequisite) if !prerequisite.prerequisites.is_empty() => {
                    format!("`{id}` has a prerequisite itself")
                }
                Some(prerequisite) if prerequisite.edition != case.edition => {
                    format!("`{id}` belongs to another edition")
                }
                Some(_) => continue,
            };
            reported.insert((&case.span, id));
            let mistake = Diagnostic::new("bad-prerequisite", &case.span, problem);
            found.push(if plan.get(id).is_some() {
                mistake.help("name a judged row of the edition that has no prerequisite itself")
            } else {
                mistake.suggest(id, plan.cases.iter().map(|other| other.id.as_str()))
            });
        }
    }
}
