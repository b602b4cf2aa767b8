//! How much a run may do to the target: profiles, and the test cases that each of them leaves out.

use std::{fmt, path::PathBuf, str::FromStr};

use thiserror::Error;

use super::{Kind, Scope, Target, TargetEdition};
use crate::plan::{Costs, Need, Risk, Step, TestCase};

/// How much a run may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Profile {
    /// Nothing leaves that may change the target.
    ReadOnly,
    /// Whatever a run makes for itself may be used up; others are left alone.
    NonDestructive,
    /// Everything.
    Destructive,
}

impl Profile {
    /// From the most careful on.
    pub const ALL: [Self; 3] = [Self::ReadOnly, Self::NonDestructive, Self::Destructive];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadOnly => "read-only",
            Self::NonDestructive => "non-destructive",
            Self::Destructive => "destructive",
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no profile.
#[derive(Debug, Error)]
#[error("one of {}", Profile::ALL.map(Profile::as_str).join(", "))]
pub struct UnknownProfile;

impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(text: &str) -> Result<Self, UnknownProfile> {
        let mut all = Self::ALL.into_iter();
        all.find(|profile| profile.as_str() == text)
            .ok_or(UnknownProfile)
    }
}

/// The target file does not declare a test tenant, so the target may not be spoiled.
#[derive(Debug, Error)]
#[error(
    "`--profile destructive` disables, deletes and locks: `{}` must say under `test_tenant`, in a \
     sentence, whose tenant this is and that it may be spoiled",
    .file.display()
)]
pub struct NotATestTenant {
    pub file: PathBuf,
}

/// A provider of a provider of a provider; deeper than that is a circle, which is a mistake of its own.
const DEEP: usize = 16;

impl Target {
    /// Goes on under another profile.
    ///
    /// # Errors
    /// When the profile is destructive and the target file declares no test tenant.
    pub fn permit(&mut self, profile: Profile) -> Result<(), NotATestTenant> {
        if profile == Profile::Destructive && self.test_tenant.is_none() && !self.is_embedded() {
            return Err(NotATestTenant {
                file: self.file.clone(),
            });
        }
        self.profile = profile;
        Ok(())
    }

    /// Why the test case is not sent under the target's profile; `None` when it may be.
    #[must_use]
    pub fn withholds(&self, case: &TestCase) -> Option<String> {
        let settings = self.editions.get(&case.edition)?;
        let why = |step: &Step, what: &str| {
            let (profile, name) = (self.profile, &step.name);
            format!("the profile {profile} sends nothing that {what}, as step `{name}` does")
        };
        let mut needs = case.all_needs();
        if self.profile != Profile::Destructive
            && let Some(need) = needs.find(|need| settings.moves_clock(need))
        {
            let (profile, name) = (self.profile, &need.provider);
            return Some(format!(
                "the profile {profile} moves no clock, as provider `{name}` does"
            ));
        }
        let mut steps = steps(settings, case).into_iter();
        match self.profile {
            Profile::Destructive => None,
            Profile::NonDestructive => steps
                .find(|(step, _)| step.side_effects.risks.contains(&Risk::Destructive))
                .map(|(step, _)| why(step, "is destructive")),
            Profile::ReadOnly => steps
                .find(|(step, _)| {
                    let side_effects = &step.side_effects;
                    !step.is_safe()
                        || !side_effects.risks.is_empty()
                        || !side_effects.costs.is_empty()
                })
                .map(|(step, _)| why(step, "may change the target")),
        }
    }

    /// The harm of sending the test case where nothing is proven by it, as a predicate: it risks
    /// something, or uses up what the run does not give back. `None` where it does neither.
    #[must_use]
    pub fn harm_of(&self, case: &TestCase) -> Option<String> {
        let settings = self.editions.get(&case.edition)?;
        let all = steps(settings, case);
        let risks = |risk| {
            let mut all = all.iter();
            all.any(|(step, _)| step.side_effects.risks.contains(&risk))
        };
        if risks(Risk::Lockout) {
            return Some("may lock an account".to_owned());
        }
        if risks(Risk::Destructive) {
            return Some("is destructive".to_owned());
        }
        if case.all_needs().any(|need| settings.moves_clock(need)) {
            return Some("moves the clock of the target".to_owned());
        }
        let own = case.steps().flat_map(|step| step.side_effects.costs.keys());
        let needs = settings.variables_from.iter().chain(case.all_needs());
        let needed = needs.filter_map(|need| used_up(settings, need, 0));
        let spent = own.map(String::as_str).chain(needed).next()?;
        Some(format!("costs {spent}"))
    }

    /// What sending the test case costs for certain; what is fetched once a run may have been paid before.
    #[must_use]
    pub fn costs(&self, case: &TestCase) -> Costs {
        let mut out = Costs::new();
        let Some(settings) = self.editions.get(&case.edition) else {
            return out;
        };
        let steps = steps(settings, case).into_iter();
        for (step, _) in steps.filter(|(_, per_run)| !per_run) {
            for (name, amount) in &step.side_effects.costs {
                let sum = out.entry(name.clone()).or_default();
                *sum = sum.saturating_add(*amount);
            }
        }
        out
    }
}

impl TargetEdition {
    /// Whether a provider, or one that it builds on, moves the time of the target.
    #[must_use]
    pub fn moves_clock(&self, need: &Need) -> bool {
        self.moves_clock_at(need, 0)
    }

    fn moves_clock_at(&self, need: &Need, depth: usize) -> bool {
        self.providers.get(&need.provider).is_some_and(|provider| {
            let mut needs = provider.needs.iter();
            matches!(provider.kind, Kind::Clock(_))
                || depth < DEEP && needs.any(|need| self.moves_clock_at(need, depth + 1))
        })
    }
}

/// Every step that a test case may send: its own, and those of the providers it needs, theirs included.
/// Each comes with whether it is sent once a run. What undoes a thing that was made is no part of it.
fn steps<'t>(settings: &'t TargetEdition, case: &'t TestCase) -> Vec<(&'t Step, bool)> {
    let mut out = Vec::new();
    for need in settings.variables_from.iter().chain(case.all_needs()) {
        of_need(settings, need, false, 0, &mut out);
    }
    out.extend(case.steps().map(|step| (step, false)));
    out
}

/// What a provider uses up for good; what it takes away again is lent.
fn used_up<'t>(settings: &'t TargetEdition, need: &Need, depth: usize) -> Option<&'t str> {
    let provider = settings.providers.get(&need.provider)?;
    if depth < DEEP {
        let mut inner = provider.needs.iter();
        if let Some(name) = inner.find_map(|need| used_up(settings, need, depth + 1)) {
            return Some(name);
        }
    }
    let lent = provider.undo.is_some();
    let steps = provider.steps().iter().filter(|_| !lent);
    let mut costs = steps.flat_map(|step| step.side_effects.costs.keys());
    costs.next().map(String::as_str)
}

fn of_need<'t>(
    settings: &'t TargetEdition,
    need: &Need,
    per_run: bool,
    depth: usize,
    out: &mut Vec<(&'t Step, bool)>,
) {
    let Some(provider) = settings.providers.get(&need.provider) else {
        return;
    };
    let per_run = per_run || (provider.scope != Scope::Row);
    if depth < DEEP {
        for inner in &provider.needs {
            of_need(settings, inner, per_run, depth + 1, out);
        }
    }
    out.extend(provider.steps().iter().map(|step| (step, per_run)));
}
