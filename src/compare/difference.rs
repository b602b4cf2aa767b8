//! How one answer differs from another.

use std::collections::{BTreeMap, BTreeSet};

use super::{CaseFacts, StepFacts, stable::Stability};

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Difference {
    pub place: String,
    /// `None` where there was nothing.
    pub before: Option<String>,
    pub after: Option<String>,
    /// Nobody knows whether the value changes by itself.
    pub undetermined: bool,
}

/// A difference in what never changes by itself.
fn sure(place: &str, before: Option<String>, after: Option<String>) -> Difference {
    Difference {
        place: place.to_owned(),
        before,
        after,
        undetermined: false,
    }
}

/// How the answer after differs. Where the outcome is another, nothing of the body is compared: it is the
/// answer to something else.
pub(super) fn between(
    row: &CaseFacts,
    before: &StepFacts,
    after: &StepFacts,
    stability: impl Fn(&CaseFacts, &StepFacts, &str) -> Stability,
) -> Vec<Difference> {
    if before.status != after.status {
        let word = |facts: &StepFacts| {
            let status = facts.status.map(|status| status.to_string());
            Some(status.unwrap_or_else(|| "no answer".to_owned()))
        };
        return vec![sure("status", word(before), word(after))];
    }
    if before.code != after.code {
        return vec![sure("error code", before.code.clone(), after.code.clone())];
    }
    let mut out = sets("header", &before.headers, &after.headers);
    if before.message != after.message {
        out.push(sure(
            "message",
            before.message.clone(),
            after.message.clone(),
        ));
    }
    out.extend(members(&before.members, &after.members));
    for (place, value) in &before.values {
        let Some(other) = after.values.get(place).filter(|other| *other != value) else {
            continue;
        };
        // A value of another type was told as such, and the text of a refusal by its name.
        let is_part = |one: &Difference| {
            let rest = place.strip_prefix(one.place.as_str());
            one.place == "message" && before.message.as_ref() == Some(value)
                || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if out.iter().any(is_part) {
            continue;
        }
        let undetermined = match stability(row, before, place) {
            Stability::Volatile => continue,
            Stability::Stable => false,
            Stability::Unknown => true,
        };
        out.push(Difference {
            place: place.clone(),
            before: Some(value.clone()),
            after: Some(other.clone()),
            undetermined,
        });
    }
    out
}

/// Names that only one of them has.
fn sets(what: &str, before: &BTreeSet<String>, after: &BTreeSet<String>) -> Vec<Difference> {
    let there = || Some("present".to_owned());
    let gone = before.difference(after);
    let gone = gone.map(|name| sure(&format!("{what} {name}"), there(), None));
    let new = after.difference(before);
    gone.chain(new.map(|name| sure(&format!("{what} {name}"), None, there())))
        .collect()
}

/// Members that only one has or that have another type; of what is gone as a whole only the whole.
fn members(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<Difference> {
    let mut out: Vec<Difference> = Vec::new();
    let all: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut whole: Vec<&str> = Vec::new();
    for at in all {
        let inside = whole.iter().any(|above| {
            at.strip_prefix(above)
                .is_some_and(|rest| rest.starts_with('/'))
        });
        let (one, other) = (before.get(at), after.get(at));
        // The items of a list that is empty this time say nothing.
        let no_items = |facts: &BTreeMap<String, String>| {
            let list = at.rfind("/*").map(|end| &at[..end]);
            list.is_some_and(|list| {
                let is_list = facts.get(list).is_some_and(|kinds| kinds == "array");
                is_list && !facts.contains_key(&format!("{list}/*"))
            })
        };
        if inside || one == other || no_items(before) || no_items(after) {
            continue;
        }
        let place = if at.starts_with("token ") {
            at.clone()
        } else {
            format!("body {at}")
        };
        out.push(sure(place.trim_end(), one.cloned(), other.cloned()));
        whole.push(at);
    }
    out
}
