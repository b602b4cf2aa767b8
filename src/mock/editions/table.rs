//! Reads an edition's table: its own file, and the one that all editions have in common.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;

use super::{
    effects,
    words::{self, Described, WITH_WORDS},
};
use crate::{
    diag::{Diagnostic, Span},
    mock::{
        actor::Actor,
        data::File,
        operation::{Effect, Operation},
    },
    yaml::{Field, Node, Shape},
};

/// Groups inside groups, at most.
const DEPTH: usize = 8;

const RULES: Shape = Shape::List(&Shape::ShortOrLong(&Shape::Text, &WITH_WORDS));

const GROUPS: Field = Field::new(
    "groups",
    Shape::Map(&RULES),
    "Lists of rules that go by one word.",
);

const AT: Field = Field::new(
    "at",
    Shape::Text,
    "Method and path; a segment `{}` stands for anything.",
);

const ACTS_FOR: Field = Field::new(
    "acts_for",
    Shape::ShortOrLong(
        &Shape::Word(&[
            "nobody",
            "state_token",
            "bearer",
            "bearer_or_mobile",
            "bearer_or_email",
            "mobile",
            "user_name",
            "path",
        ]),
        &Shape::Object(&[Field::new(
            "session",
            Shape::Text,
            "The header or member with the session token.",
        )
        .required()]),
    ),
    "Where a call names the user it acts for; nobody when absent.",
);

const MANAGED: Field = Field::new(
    "managed",
    Shape::Bool,
    "It belongs to the management pages, whose codes come first.",
);

const OWN_RULES: Field = Field::new("rules", RULES, "What it may refuse, in the order asked.");

const CODES: Shape = Shape::Map(&Shape::List(&Shape::Text));

/// The shape of the common file.
const COMMON: Shape = Shape::Object(&[
    GROUPS,
    Field::new(
        "operations",
        Shape::Map(&Shape::Object(&[AT, ACTS_FOR, MANAGED, OWN_RULES])),
        "Operations that several editions have.",
    ),
]);

/// The shape of an edition's file.
const EDITION: Shape = Shape::Object(&[
    GROUPS,
    Field::new("codes", CODES, "Which rules refuse with which code.").required(),
    Field::new(
        "managed_codes",
        CODES,
        "The same for operations that are managed, where it differs.",
    ),
    Field::new(
        "renumbered",
        Shape::Map(&Shape::Text),
        "Codes that are only inferred, and a number that they may have as well.",
    ),
    Field::new(
        "operations",
        Shape::List(&Shape::ShortOrLong(
            &Shape::Text,
            &Shape::Object(&[
                Field::new("operation", Shape::Text, "Its name in the contract.").required(),
                AT,
                ACTS_FOR,
                MANAGED,
                OWN_RULES,
            ]),
        )),
        "The operations in order: a name, or what differs from the common ones.",
    )
    .required(),
]);

/// One operation of an edition.
#[derive(Debug)]
struct Row {
    name: String,
    method: Method,
    path: String,
    actor: Actor,
    /// The place of the session token where it acts for the user of a session.
    session: Option<String>,
    effect: Effect,
    /// Each with its code; one that gives its own has an empty one here.
    rules: Vec<(Described, String)>,
}

/// What an edition's file and the common one say together.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: Vec<Row>,
    /// Codes that are only inferred, and a number that they may have as well.
    pub renumbered: BTreeMap<String, String>,
}

impl Table {
    /// The operations, to be changed and served.
    pub(super) fn operations(&'static self) -> Vec<Operation> {
        let rows = self.rows.iter().map(|row| {
            let rules = row.rules.iter();
            let actor = row.session.as_deref().map_or(row.actor, Actor::Session);
            let (method, path) = (row.method.clone(), row.path.as_str());
            Operation {
                rules: rules.map(|(rule, code)| rule.rule(code)).collect(),
                ..Operation::at(&row.name, method, path, actor, row.effect)
            }
        });
        rows.collect()
    }

    pub(super) fn read(common: File, own: File, found: &mut Vec<Diagnostic>) -> Self {
        let (common, own) = (common.read(&COMMON, found), own.read(&EDITION, found));
        let (Some(common), Some(own)) = (common, own) else {
            return Self::default();
        };
        let mut reading = Reading {
            common: &common,
            own: &own,
            codes: Codes::read(&own, "codes", found),
            managed_codes: Codes::read(&own, "managed_codes", found),
            used_groups: BTreeSet::new(),
            found,
        };
        let entries = own.get("operations").map(Node::items).unwrap_or_default();
        let mut rows: Vec<Row> = Vec::new();
        for entry in entries {
            let Some(row) = reading.row(entry) else {
                continue;
            };
            if rows.iter().any(|known| known.name == row.name) {
                let text = format!("the operation `{}` is listed twice", row.name);
                reading.mistake(Diagnostic::new("duplicate-id", &entry.span, text));
            }
            rows.push(row);
        }
        reading.unused();
        let renumbered = own.get("renumbered").map(Node::entries);
        let renumbered = renumbered.unwrap_or_default().iter();
        let renumbered = renumbered.filter_map(|(key, value)| Some((key.text()?, value.text()?)));
        Self {
            rows,
            renumbered: renumbered
                .map(|(code, other)| (code.to_owned(), other.to_owned()))
                .collect(),
        }
    }
}

/// Which rules refuse with which code.
struct Codes {
    /// By the name of the rule: the code, where that is written, and whether some operation has the rule.
    by_rule: BTreeMap<String, (String, Span, bool)>,
}

impl Codes {
    fn read(own: &Node, key: &str, found: &mut Vec<Diagnostic>) -> Self {
        let mut by_rule = BTreeMap::new();
        for (code, rules) in own.get(key).map(Node::entries).unwrap_or_default() {
            let Some(code) = code.text() else { continue };
            for rule in rules.items() {
                let Some(name) = rule.text() else { continue };
                let value = (code.to_owned(), rule.span.clone(), false);
                if by_rule.insert(name.to_owned(), value).is_some() {
                    let text = format!("the rule `{name}` has two codes");
                    found.push(Diagnostic::new("duplicate-id", &rule.span, text));
                }
            }
        }
        Self { by_rule }
    }

    fn take(&mut self, rule: &str) -> Option<String> {
        let (code, _, used) = self.by_rule.get_mut(rule)?;
        *used = true;
        Some(code.clone())
    }
}

/// A table that is being read.
struct Reading<'n> {
    common: &'n Node,
    own: &'n Node,
    codes: Codes,
    managed_codes: Codes,
    /// The groups of the edition's file that some operation has.
    used_groups: BTreeSet<&'n str>,
    found: &'n mut Vec<Diagnostic>,
}

impl<'n> Reading<'n> {
    fn mistake(&mut self, mistake: Diagnostic) {
        // What is wrong in a group is wrong wherever the group stands.
        if !self.found.contains(&mistake) {
            self.found.push(mistake);
        }
    }

    fn row(&mut self, entry: &'n Node) -> Option<Row> {
        let place = entry.get("operation").unwrap_or(entry);
        let name = place.text()?;
        let Some(effect) = effects::of(name) else {
            let text = format!("the mock can do no operation `{name}`");
            let mistake = Diagnostic::new("unknown-operation", &place.span, text);
            self.mistake(mistake.suggest(name, effects::names()));
            return None;
        };
        let shared = self.common.get("operations").and_then(|all| all.get(name));
        let of = |key: &str| {
            let own = entry.get(key);
            own.or_else(|| shared.and_then(|shared| shared.get(key)))
        };
        let (at, rules) = (of("at"), of("rules"));
        let (Some(at), Some(rules)) = (at, rules) else {
            let lacking = if at.is_none() { "at" } else { "rules" };
            let text = format!("the operation `{name}` has no `{lacking}`, here or in common");
            self.mistake(Diagnostic::new("missing-key", &place.span, text));
            return None;
        };
        let acts_for = of("acts_for");
        let session = acts_for.and_then(|node| node.get("session"));
        let session = session.and_then(Node::text).map(str::to_owned);
        let actor = acts_for.and_then(Node::text).map_or(Actor::Nobody, actor);
        let managed = of("managed").and_then(Node::boolean).unwrap_or(false);
        let (method, path) = at.text()?.split_once(' ').unwrap_or_default();
        let Ok(method) = method.parse::<Method>() else {
            let text = "this is no method and path, such as `GET /users`";
            self.mistake(Diagnostic::new("wrong-type", &at.span, text));
            return None;
        };
        let mut described = Vec::new();
        self.expand(rules, 0, &mut described);
        let mut coded = Vec::new();
        for rule in described {
            let own = managed.then(|| self.managed_codes.take(&rule.name));
            let code = own.flatten().or_else(|| self.codes.take(&rule.name));
            if code.is_none() && rule.wants_code() {
                let text = format!("no code is given for the rule `{}` of {name}", rule.name);
                self.mistake(Diagnostic::new("missing-key", &place.span, text));
            }
            coded.push((rule, code.unwrap_or_default()));
        }
        Some(Row {
            name: name.to_owned(),
            method,
            path: path.to_owned(),
            actor,
            session,
            effect,
            rules: coded,
        })
    }

    /// The rules of a list, those of the groups in it included.
    fn expand(&mut self, list: &'n Node, depth: usize, out: &mut Vec<Described>) {
        for entry in list.items() {
            let Some(word) = entry.text() else {
                out.extend(words::with_words(entry));
                continue;
            };
            if let Some(rule) = words::plain(word) {
                out.push(rule);
                continue;
            }
            let group = |file: &'n Node| file.get("groups").and_then(|all| all.get(word));
            let own = group(self.own);
            if own.is_some() {
                self.used_groups.insert(word);
            }
            match own.or_else(|| group(self.common)) {
                Some(group) if depth < DEPTH => self.expand(group, depth + 1, out),
                Some(_) => {
                    let text = format!("the group `{word}` contains itself");
                    self.mistake(Diagnostic::new("unknown-word", &entry.span, text));
                }
                None => {
                    let groups = [self.own, self.common].map(|file| file.get("groups"));
                    let groups = groups.into_iter().flatten().flat_map(Node::entries);
                    let groups = groups.filter_map(|(key, _)| key.text());
                    let mut known: Vec<&str> = groups.collect();
                    known.extend(words::plain_names());
                    let text = format!("`{word}` is no rule and no group");
                    let mistake = Diagnostic::new("unknown-word", &entry.span, text);
                    self.mistake(mistake.suggest(word, known));
                }
            }
        }
    }

    /// What the edition's file says of rules and groups that none of its operations has.
    fn unused(&mut self) {
        let codes = self.codes.by_rule.iter().chain(&self.managed_codes.by_rule);
        let unused = codes.filter(|(_, (_, _, used))| !used);
        let mut out: Vec<Diagnostic> = unused
            .map(|(rule, (_, place, _))| {
                let text = format!("no operation has the rule `{rule}`");
                Diagnostic::new("unknown-word", place, text)
            })
            .collect();
        let groups = self.own.get("groups").map(Node::entries);
        for (key, _) in groups.unwrap_or_default() {
            let Some(name) = key.text() else { continue };
            if !self.used_groups.contains(name) {
                let text = format!("no operation has the group `{name}`");
                out.push(Diagnostic::new("unknown-word", &key.span, text));
            }
        }
        self.found.extend(out);
    }
}

/// Whom a call acts for; a word that the shape does not allow was a mistake.
fn actor(word: &str) -> Actor {
    match word {
        "state_token" => Actor::StateToken,
        "bearer" => Actor::Bearer,
        "bearer_or_mobile" => Actor::BearerOrMobile,
        "bearer_or_email" => Actor::BearerOrEmail,
        "mobile" => Actor::Mobile,
        "user_name" => Actor::UserName,
        "path" => Actor::Path,
        _ => Actor::Nobody,
    }
}
