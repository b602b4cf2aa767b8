//! What texts name, found before anything is computed.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::ErrorKind;
use serde_json::Value;

use super::{ENVIRONMENT, Piece, error::detail, function, path, pieces};
use crate::{
    diag::{Diagnostic, Span, push_once},
    yaml::{Kind, Node, holds_expression},
};

/// What is known of a name's members.
#[derive(Debug, Clone)]
pub(crate) enum Members {
    These(BTreeSet<String>),
    /// The target decides; uses of such names are handed back.
    Later,
    Any,
}

/// The names in force at a place.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    known: BTreeMap<String, Members>,
    /// Whether further names may be bound that nobody can tell beforehand.
    open: bool,
}

/// A member of a name whose members the target decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    pub name: String,
    pub member: String,
    pub span: Span,
}

impl Names {
    pub(crate) fn bind(&mut self, name: impl Into<String>, members: Members) {
        self.known.insert(name.into(), members);
    }

    /// Whether something is bound to this name.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.known.contains_key(name)
    }

    /// From here on any name may be bound.
    pub(crate) fn open(&mut self) {
        self.open = true;
    }

    /// Judges every text of a node and gives what is left for the target to decide.
    pub(crate) fn lint(&self, node: &Node, found: &mut Vec<Diagnostic>) -> Vec<Use> {
        let mut uses = Vec::new();
        self.visit(node, &mut uses, found);
        uses
    }

    fn visit(&self, node: &Node, uses: &mut Vec<Use>, found: &mut Vec<Diagnostic>) {
        match &node.kind {
            Kind::Text(text) => self.text(text, &node.span, uses, found),
            Kind::List(items) => items.iter().for_each(|item| self.visit(item, uses, found)),
            Kind::Map(entries) => {
                for (key, value) in entries {
                    self.visit(key, uses, found);
                    self.visit(value, uses, found);
                }
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) => {}
        }
    }

    fn text(&self, text: &str, span: &Span, uses: &mut Vec<Use>, found: &mut Vec<Diagnostic>) {
        let mentions = match mentions(text, span) {
            Ok(mentions) => mentions,
            Err(mistake) => return push_once(found, mistake),
        };
        for (name, member) in mentions {
            let Some(members) = self.known.get(&name) else {
                if !self.open {
                    push_once(found, self.unbound(&name, span));
                }
                continue;
            };
            match (members, member) {
                (Members::These(known), Some(member)) if !known.contains(&member) => {
                    let known: Vec<&str> = known.iter().map(String::as_str).collect();
                    push_once(found, no_member(&name, &member, span, &known));
                }
                (Members::Later, Some(member)) => uses.push(Use {
                    name,
                    member,
                    span: span.clone(),
                }),
                _ => {}
            }
        }
    }

    fn unbound(&self, name: &str, span: &Span) -> Diagnostic {
        let message = format!("nothing called `{name}` is bound here");
        let known = self.known.keys().map(String::as_str);
        let mistake = Diagnostic::new("unbound-name", span, message)
            .suggest(name, known.clone().chain(function::NAMES));
        if mistake.help.is_some() {
            return mistake;
        }
        let known: Vec<&str> = known.collect();
        mistake.help(format!("bound here: {}", known.join(", ")))
    }
}

/// The mistake of naming a member that is not there; the known ones are its help.
#[must_use]
pub(crate) fn no_member(name: &str, member: &str, span: &Span, known: &[&str]) -> Diagnostic {
    let message = format!("`{name}` has no `{member}`");
    let mistake =
        Diagnostic::new("unbound-name", span, message).suggest(member, known.iter().copied());
    if mistake.help.is_some() || known.is_empty() {
        return mistake;
    }
    mistake.help(format!("`{name}` has: {}", known.join(", ")))
}

/// Calls with every text of a value, names of members among them.
pub(crate) fn each_text(value: &Value, visit: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => visit(text),
        Value::Array(items) => items.iter().for_each(|item| each_text(item, visit)),
        Value::Object(members) => {
            for (name, member) in members {
                visit(name);
                each_text(member, visit);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The names that a text takes values from, each with its member where one is named.
fn mentions(text: &str, span: &Span) -> Result<Vec<(String, Option<String>)>, Diagnostic> {
    let mut out = Vec::new();
    if !holds_expression(text) {
        return Ok(out);
    }
    let broken = |why: String| Diagnostic::new("bad-template", span, why);
    for piece in pieces(text).map_err(|error| broken(error.to_string()))? {
        let Piece::Expression(expression) = piece else {
            continue;
        };
        if let Some(mut names) = path(expression) {
            let (name, member) = (names.next().unwrap_or_default(), names.next());
            if member.is_some() || !function::NAMES.contains(&name) {
                out.push((name.to_owned(), member.map(str::to_owned)));
            }
            continue;
        }
        let compiled = ENVIRONMENT
            .compile_expression(expression)
            .map_err(|error| {
                broken(format!(
                    "`${{{expression}}}` is no expression: {}",
                    detail(&error)
                ))
            })?;
        if let Some(unknown) = filters(expression).find(|name| !is_filter(name)) {
            let mistake = broken(format!("there is no filter `{unknown}`"))
                .suggest(unknown, function::FILTERS);
            return Err(if mistake.help.is_some() {
                mistake
            } else {
                mistake.help(format!("one of: {}", function::FILTERS.join(", ")))
            });
        }
        let names: BTreeSet<String> = compiled.undeclared_variables(true).into_iter().collect();
        for path in names {
            let mut parts = path.split('.').map(str::to_owned);
            let (Some(name), member) = (parts.next(), parts.next()) else {
                continue;
            };
            if member.is_some() || !function::NAMES.contains(&name.as_str()) {
                out.push((name, member));
            }
        }
    }
    Ok(out)
}

/// Whether the language knows a filter: it alone can tell, and only when one is used.
fn is_filter(name: &str) -> bool {
    let used = ENVIRONMENT
        .compile_expression(&format!("'' | {name}"))
        .and_then(|used| used.eval(()).map(drop));
    used.map_err(|error| error.kind()) != Err(ErrorKind::UnknownFilter)
}

/// What stands behind a `|` outside quotes: the language has no other use for that character.
fn filters(expression: &str) -> impl Iterator<Item = &str> {
    let mut quote = None;
    let mut escaped = false;
    let bars = expression.char_indices().filter(move |(_, c)| {
        if escaped {
            escaped = false;
            return false;
        }
        match (quote, *c) {
            (Some(_), '\\') => escaped = true,
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(*c),
            (None, '|') => return true,
            _ => {}
        }
        false
    });
    bars.map(|(at, _)| {
        let rest = expression[at + 1..].trim_start();
        let end = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_'))
            .unwrap_or(rest.len());
        &rest[..end]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<(&'static str, Option<String>)> {
        let node = crate::yaml::parse("a.yaml", format!("- '{}'\n", text.replace('\'', "''")));
        let mut names = Names::default();
        let members = BTreeSet::from(["mobile".to_owned(), "email".to_owned()]);
        names.bind("account", Members::These(members));
        names.bind("code", Members::Any);
        let mut found = Vec::new();
        names.lint(&node.unwrap(), &mut found);
        found.into_iter().map(|d| (d.code, d.help)).collect()
    }

    #[test]
    fn what_is_bound_is_no_mistake() {
        for text in [
            "${account.mobile}",
            "${account}",
            "a ${ code.a.b } b",
            "${code ~ ' | nothing' | upper}",
            "${unique()}-${basic(account.email, code)}",
            "${code['x'] | tamper(at='end')}",
            "$${nothing}",
        ] {
            assert_eq!(codes(text), [], "{text}");
        }
    }

    #[test]
    fn a_typing_error_is_found_with_the_name_that_was_meant() {
        let meant = |name: &str| Some(format!("did you mean `{name}`?"));
        for (text, code, name) in [
            ("${acount.mobile}", "unbound-name", "account"),
            ("${account.mobil}", "unbound-name", "mobile"),
            ("${code ~ uniqe()}", "unbound-name", "unique"),
            ("${code | uper}", "bad-template", "upper"),
            ("${ 'a|b' | revers}", "bad-template", "reverse"),
        ] {
            assert_eq!(codes(text), [(code, meant(name))], "{text}");
        }
        for text in ["${code +}", "${code", "${a b}", "${}"] {
            assert_eq!(codes(text)[0].0, "bad-template", "{text}");
        }
    }

    #[test]
    fn every_filter_that_may_be_suggested_is_one() {
        for name in function::FILTERS {
            assert!(is_filter(name), "{name}");
        }
        assert!(!is_filter("shout"));
    }
}
