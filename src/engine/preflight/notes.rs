//! What a look at the target found, line by line.

use crate::{
    diag::{Diagnostic, Span},
    target::Target,
};

/// What was looked at and what is wrong.
#[derive(Debug, Default)]
pub struct Preflight {
    pub lines: Vec<Line>,
    /// What keeps a run from starting. Warnings among them are what the target answered wrongly to a
    /// provider; the run goes on and shows it in the test cases that need that provider.
    pub faults: Vec<Diagnostic>,
}

impl Preflight {
    pub(super) fn add(&mut self, other: Self) {
        self.lines.extend(other.lines);
        self.faults.extend(other.faults);
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The edition, the proxy.
    pub subject: String,
    pub what: &'static str,
    pub state: State,
    pub text: String,
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
    pub fn label(self) -> &'static str {
        match self {
            Self::Sound => "ok",
            Self::Wrong => "wrong",
            Self::Unchecked => "-",
        }
    }
}

/// Notes on one subject, in order.
#[derive(Debug)]
pub(super) struct Notes<'t> {
    pub target: &'t Target,
    subject: String,
    pub found: Preflight,
}

impl<'t> Notes<'t> {
    pub(super) fn on(target: &'t Target, subject: impl Into<String>) -> Self {
        Self {
            target,
            subject: subject.into(),
            found: Preflight::default(),
        }
    }

    pub(super) fn line(&mut self, what: &'static str, state: State, text: impl Into<String>) {
        self.found.lines.push(Line {
            subject: self.subject.clone(),
            what,
            state,
            text: text.into(),
        });
    }

    pub(super) fn sound(&mut self, what: &'static str, text: impl Into<String>) {
        self.line(what, State::Sound, text);
    }

    pub(super) fn wrong(&mut self, what: &'static str, fault: Diagnostic) {
        self.line(what, State::Wrong, fault.message.clone());
        self.found.faults.push(fault);
    }

    /// Where the first of these keys stands; where the file begins, if it has none.
    pub(super) fn place(&self, keys: &[&str]) -> Span {
        place(self.target, keys)
    }

    pub(super) fn is_sound(&self) -> bool {
        self.found.faults.is_empty()
    }
}

pub(super) fn place(target: &Target, keys: &[&str]) -> Span {
    let known = target.place(keys).or_else(|| target.place(&["name"]));
    // A loaded target has a name; one made by hand has no text to point at.
    known.cloned().unwrap_or_else(Span::nowhere)
}
