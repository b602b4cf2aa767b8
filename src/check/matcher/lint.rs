//! Mistakes of an author in a matcher: values that a word cannot take, words that are misspelt, and
//! what no answer could be.

use super::{
    InvalidWord, WORDS, Word, known,
    value::{TYPES, Type},
};
use crate::{
    check::Lint,
    diag::{Diagnostic, misspelt},
    jsonpath::JsonPath,
    yaml::{Kind, Node},
};

/// What is known of the values that a matcher is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::check) enum Compared {
    /// Any JSON.
    Json,
    /// Always a text.
    Text,
    /// Always a number.
    Number,
    /// Always an object, with no other members than these.
    Parts(&'static [&'static str]),
}

impl Compared {
    /// Whether a value that is written out can be equal to one of these.
    fn can_be(self, node: &Node) -> bool {
        match self {
            Self::Json => true,
            Self::Text => matches!(node.kind, Kind::Text(_)),
            Self::Number => matches!(node.kind, Kind::Number(_)),
            Self::Parts(_) => false,
        }
    }

    /// Whether a word of matchers can hold of one of these.
    fn can_fulfil(self, word: &str) -> bool {
        match self {
            Self::Json => true,
            Self::Text => !matches!(word, "at-least" | "at-most" | "items" | "some" | "members"),
            Self::Number => matches!(
                word,
                "equals" | "type" | "at-least" | "at-most" | "one-of" | "not" | "absent"
            ),
            Self::Parts(_) => matches!(word, "members" | "absent" | "type" | "non-empty"),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Json => "a value",
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Parts(_) => "a map of parts",
        }
    }
}

/// Looks for mistakes in a matcher.
pub(in crate::check) fn lint(
    node: &Node,
    compared: Compared,
    lint: &Lint<'_>,
    found: &mut Vec<Diagnostic>,
) {
    let Kind::Map(entries) = &node.kind else {
        return value(node, compared, lint, found);
    };
    let words: Option<Vec<(&Word, &Node)>> = entries
        .iter()
        .map(|(key, value)| Some((known(key.text()?)?, value)))
        .collect();
    match words.filter(|words| !words.is_empty()) {
        Some(words) => {
            for (word, value) in words {
                of_word(word, value, compared, lint, found);
            }
        }
        None => members(node, compared, lint, found),
    }
}

/// A value that is compared as it stands.
fn value(node: &Node, compared: Compared, lint: &Lint<'_>, found: &mut Vec<Diagnostic>) {
    if lint.is_final(node) && !compared.can_be(node) {
        let message = format!("this is compared with {} and never equal", compared.name());
        let help = match compared {
            Compared::Text => "put it in quotes, or write a matcher such as `{ pattern: '\\d+' }`",
            Compared::Number => "write a number, or a matcher such as `{ at-least: 1 }`",
            Compared::Json | Compared::Parts(_) => "write a map with one of its parts",
        };
        found.push(Diagnostic::new("wrong-type", &node.span, message).help(help));
    }
}

/// The value behind a word.
fn of_word(
    word: &Word,
    node: &Node,
    compared: Compared,
    lint: &Lint<'_>,
    found: &mut Vec<Diagnostic>,
) {
    if !compared.can_fulfil(word.name) {
        let message = format!("`{}` never holds of {}", word.name, compared.name());
        let help = format!("what is compared here is always {}", compared.name());
        found.push(Diagnostic::new("wrong-type", &node.span, message).help(help));
        return;
    }
    match (word.name, &node.kind) {
        ("json-text" | "items" | "some", _) => self::lint(node, Compared::Json, lint, found),
        ("length", _) => self::lint(node, Compared::Number, lint, found),
        ("members", Kind::Map(entries)) => {
            for (_, value) in entries {
                self::lint(value, inside(compared), lint, found);
            }
        }
        ("not", _) => self::lint(node, compared, lint, found),
        ("equals", _) => value(node, compared, lint, found),
        ("one-of", Kind::List(items)) if !items.is_empty() => {
            for item in items {
                value(item, compared, lint, found);
            }
        }
        _ if lint.is_final(node) => {
            let json = node.to_json();
            found.extend((word.parse)(&json).err().map(|why| invalid(&why, node)));
        }
        _ => {}
    }
}

fn invalid(why: &InvalidWord, node: &Node) -> Diagnostic {
    let message = why.to_string();
    match why {
        InvalidWord::Type(name) => {
            let names = TYPES.map(|(name, _): (_, Type)| name);
            let known = format!("the types of JSON are {}", names.join(", "));
            Diagnostic::new("unknown-word", &node.span, message)
                .help(known)
                .suggest(name, names)
        }
        InvalidWord::Pattern(_) => Diagnostic::new("bad-pattern", &node.span, message),
        InvalidWord::Value { word, .. } => Diagnostic::new("wrong-type", &node.span, message).help(
            format!("a member of the answer that is called `{word}` is written under `members`"),
        ),
    }
}

/// What the members of a value are compared with.
const fn inside(compared: Compared) -> Compared {
    match compared {
        Compared::Parts(_) | Compared::Json => Compared::Json,
        other => other,
    }
}

/// A map that names members: of an answer that can have them, and none of them a word misspelt.
fn members(node: &Node, compared: Compared, lint: &Lint<'_>, found: &mut Vec<Diagnostic>) {
    let before = found.len();
    for (key, _) in node.entries() {
        let name = key.text().unwrap_or_default();
        match compared {
            Compared::Json if !lint.rendered => {
                found.extend(misread(node, key, name, lint));
            }
            Compared::Json => {}
            Compared::Parts(parts) if parts.contains(&name) => {}
            Compared::Parts(parts) => {
                let message = format!("`{name}` is none of its parts, so this never holds");
                let help = format!("its parts are {}", parts.join(", "));
                let mistake = Diagnostic::new("unknown-word", &key.span, message).help(help);
                let known = WORDS.iter().map(|word| word.name);
                found.push(mistake.suggest(name, parts.iter().copied().chain(known)));
            }
            Compared::Text | Compared::Number => {
                let message = format!("`{name}` is no word of matchers");
                let help = format!("what is compared is {} without members", compared.name());
                let mistake = Diagnostic::new("unknown-word", &key.span, message).help(help);
                found.push(mistake.suggest(name, WORDS.iter().map(|word| word.name)));
            }
        }
    }
    if node.entries().is_empty() && matches!(compared, Compared::Text | Compared::Number) {
        value(node, compared, lint, found);
    }
    if found.len() == before {
        for (_, value) in node.entries() {
            self::lint(value, inside(compared), lint, found);
        }
    }
}

/// A key of a map of members that is a word of matchers misspelt, or stands beside one.
fn misread(node: &Node, key: &Node, name: &str, lint: &Lint<'_>) -> Option<Diagnostic> {
    let is_word = |name: &str| known(name).is_some() && !lint.documents(name);
    let near = |name: &str| {
        let near = misspelt(name, WORDS.iter().map(|word| word.name));
        near.filter(|_| !lint.documents(name))
    };
    if known(name).is_some() || lint.documents(name) {
        return None;
    }
    if JsonPath::is_one(name) {
        let message = "a JSONPath is a key of `body` itself, and begins at the whole body";
        let help = "a member of the answer that is called so is written under `members`";
        return Some(Diagnostic::new("bad-jsonpath", &key.span, message).help(help));
    }
    let mut names = node.entries().iter().filter_map(|(key, _)| key.text());
    let beside = names.clone().find(|other| is_word(other));
    let all_near = names.all(|name| near(name).is_some());
    if beside.is_none() && !all_near {
        return None;
    }
    let message = match beside {
        Some(word) => format!("`{name}` is no word of matchers, and `{word}` beside it is one"),
        None => format!("`{name}` is no word of matchers, and nearly one"),
    };
    let members = "members of the answer that are called so are written under `members`";
    let help = match near(name) {
        Some(word) => format!("did you mean `{word}`? {members}"),
        None => members.to_owned(),
    };
    Some(Diagnostic::new("unknown-word", &key.span, message).help(help))
}
