//! What else an answer has, decided by one of its members: the outcomes of one status.

use serde_json::{Map, Value};

use crate::{
    contract::{Member, Requirement, ResponseRule, pointer_part},
    mutant::scope::StatusRule,
};

/// The member whose value decides what else has to be there.
pub(super) fn switch(rule: &ResponseRule) -> Option<&Member> {
    let name = rule
        .members
        .iter()
        .find_map(|member| member.required_with.first())?;
    rule.members.iter().find(|member| member.name == name.0)
}

/// The JSON Pointer to a member of the body.
pub(super) fn at(name: &str) -> String {
    format!("/{}", pointer_part(name))
}

/// The outcomes in which a member has a meaning of its own; one `None` when it has one for all.
pub(super) fn outcomes(rule: &ResponseRule, member: &Member) -> Vec<Option<String>> {
    let own: Vec<Option<String>> = match switch(rule) {
        Some(switch) if switch.name == member.name && switch.values.len() > 1 => {
            member.values.iter().cloned().map(Some).collect()
        }
        _ if member.required => Vec::new(),
        _ => member
            .required_with
            .iter()
            .map(|(_, value)| Some(value.clone()))
            .collect(),
    };
    if own.is_empty() { vec![None] } else { own }
}

/// A member in one outcome of one status.
pub(super) struct Place<'r> {
    pub status: u16,
    pub member: &'r Member,
    outcomes: Vec<String>,
    /// Member and value that the body has in this outcome.
    pub when: Option<(String, String)>,
    pub subject: String,
}

impl<'r> Place<'r> {
    pub(super) fn of(
        rule: StatusRule<'r>,
        member: &'r Member,
        outcome: Option<&str>,
        several: bool,
    ) -> Self {
        let switch = switch(rule.rule);
        let name = &member.name;
        Self {
            status: rule.status,
            member,
            outcomes: switch
                .map(|switch| switch.values.clone())
                .unwrap_or_default(),
            when: switch
                .zip(outcome)
                .map(|(switch, value)| (switch.name.clone(), value.to_owned())),
            subject: match outcome {
                Some(outcome) if several => format!("{name}@{outcome}"),
                _ => name.clone(),
            },
        }
    }

    /// Whether a row speaks of this outcome.
    pub(super) fn speaks(&self, row: &Requirement) -> bool {
        self.when
            .as_ref()
            .is_none_or(|(name, outcome)| row.about.speaks_of(&at(name), &outcome.as_str().into()))
    }

    /// The value this member has in this outcome, with each value it has in another one.
    pub(super) fn others(&self) -> Vec<(&str, &str)> {
        let Some((switch, current)) = &self.when else {
            return Vec::new();
        };
        let values = self.outcomes.iter().filter(|value| *value != current);
        values
            .filter(|_| *switch == self.member.name)
            .map(|other| (current.as_str(), other.as_str()))
            .collect()
    }

    /// Whether the contract wants the member in this outcome.
    pub(super) fn demanded(&self) -> bool {
        self.member.required
            || self
                .when
                .as_ref()
                .is_some_and(|when| self.member.required_with.contains(when))
    }
}

/// True for a body of that outcome.
pub(super) fn in_outcome(members: &Map<String, Value>, when: Option<&(String, String)>) -> bool {
    when.is_none_or(|(name, value)| members.get(name).and_then(Value::as_str) == Some(value))
}
