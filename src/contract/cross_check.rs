//! The three files of an edition beside each other: what one says, another may not deny.
//!
//! Takes: a loaded [`Contract`] and the two files whose values it points at. Gives: a diagnostic for
//! each disagreement. Never: decides which of the files is right.

use super::{
    BodySchema, Contract, ErrorCode, MessageSubject, Mode, Operation, Oracle, Requirement,
    ResponseRule, pointer_part,
};
use crate::{
    diag::{Diagnostic, push_once},
    result::Subject,
    yaml::Node,
};

/// Compares register and error table with the operations and with each other.
pub(super) fn check(
    contract: &Contract,
    requirements: Option<&Node>,
    errors: Option<&Node>,
    found: &mut Vec<Diagnostic>,
) {
    let list = |node: Option<&Node>, key: &str| -> Vec<Node> {
        let list = node.and_then(|node| node.get(key));
        list.map(Node::items).unwrap_or_default().to_vec()
    };
    for entry in list(requirements, "requirements") {
        let text = |key: &str| entry.get(key).and_then(Node::text).unwrap_or_default();
        // An operation that is not there is a mistake of its own.
        if let Some(node) = entry.get("about")
            && let Some(requirement) = contract.requirement(text("id"))
            && let Some(operation) = contract.operation(&requirement.operation)
        {
            let entry = Entry {
                contract,
                requirement,
                operation,
                node,
            };
            entry.check(found);
        }
    }
    if let Some(errors) = errors {
        error_bodies(contract, errors, found);
    }
    for entry in list(errors, "codes") {
        let code = entry.get("code").and_then(Node::text).unwrap_or_default();
        for (name, _) in entry.get("messages").map(Node::entries).unwrap_or_default() {
            let mut known = contract.convention.languages.known.iter();
            if let Some(text) = name.text()
                && !known.any(|one| one.name == text)
            {
                let message = format!("edition.yaml knows no language `{text}`");
                let known = contract.convention.languages.known.iter();
                let mistake = Diagnostic::new("specs-disagree", &name.span, message);
                found.push(mistake.suggest(text, known.map(|one| &*one.name)));
            }
        }
        if let Some(code) = contract.errors.code(code) {
            code_of_operations(contract, code, &entry, found);
        }
    }
}

/// The `about` of one requirement.
struct Entry<'e> {
    contract: &'e Contract,
    requirement: &'e Requirement,
    operation: &'e Operation,
    node: &'e Node,
}

impl Entry<'_> {
    fn check(&self, found: &mut Vec<Diagnostic>) {
        self.complete(found);
        self.headers(found);
        self.members(found);
        self.query(found);
        self.status(found);
        self.codes(found);
        self.response(found);
        self.languages(found);
    }

    /// The language of a text is one of the edition's, and is chosen by what the edition says.
    fn languages(&self, found: &mut Vec<Diagnostic>) {
        let about = &self.requirement.about;
        let languages = &self.contract.convention.languages;
        let Some(node) = self.node.get("message") else {
            return;
        };
        if about.message == Some(MessageSubject::Chosen) && languages.chosen_by.is_none() {
            let text = "edition.yaml does not say what chooses the language of a text";
            let mistake = Diagnostic::new("specs-disagree", &node.span, text);
            found.push(mistake.help("name it in edition.yaml: `languages: { chosen_by: … }`"));
        }
        // The table says it of a code.
        if let Some(name) = about.language.as_ref().filter(|_| about.codes.is_empty())
            && !languages.known.iter().any(|one| one.name == *name)
        {
            let text = format!("the edition has no language `{name}`");
            let mistake = Diagnostic::new("specs-disagree", &node.span, text);
            let known = languages.known.iter().map(|one| &*one.name);
            found.push(mistake.suggest(name, known));
        }
    }

    fn items(&self, key: &str) -> impl Iterator<Item = (&Node, &str)> {
        let list = self.node.get(key).map(Node::one_or_many);
        let list = list.unwrap_or_default().into_iter();
        list.filter_map(|item| Some((item, item.text()?)))
    }

    /// A word that says how something stands says nothing where that something is not named.
    fn complete(&self, found: &mut Vec<Diagnostic>) {
        let named = |keys: &[&str]| keys.iter().any(|key| self.node.get(key).is_some());
        let halves: [(&str, &[&str]); 6] = [
            ("mode", &["header", "member", "query"]),
            ("of-code", &["message"]),
            ("claim", &["token"]),
            ("token", &["claim"]),
            ("non-empty", &["at"]),
            ("where", &["at", "token", "closed", "absent"]),
        ];
        for (key, needed) in halves {
            if let Some(node) = self.node.get(key).filter(|_| !named(needed)) {
                found.push(Diagnostic::new(
                    "half-an-about",
                    &node.span,
                    format!("`{key}` says nothing without `{}`", needed.join("` or `")),
                ));
            }
        }
        if self.node.entries().is_empty() {
            let text = "this `about` names nothing; leave it out";
            found.push(Diagnostic::new("half-an-about", &self.node.span, text));
        }
    }

    fn headers(&self, found: &mut Vec<Diagnostic>) {
        let id = &self.operation.id;
        for (item, name) in self.items("header") {
            match self
                .operation
                .headers
                .iter()
                .find(|(known, _)| known == name)
            {
                Some((_, true)) if self.may_be_left_out() => {
                    found.push(self.required(item, name));
                }
                Some(_) => {}
                None => found.push(
                    Diagnostic::new(
                        "unknown-header",
                        &item.span,
                        format!("the OpenAPI document gives `{id}` no header `{name}`"),
                    )
                    .suggest(name, names(&self.operation.headers)),
                ),
            }
        }
    }

    fn members(&self, found: &mut Vec<Diagnostic>) {
        let members = &self.operation.members;
        for (item, pointer) in self.items("member") {
            // An empty pointer is the whole body, which an operation with members has.
            if pointer.is_empty() && !members.is_empty() {
                continue;
            }
            match members
                .iter()
                .find(|(known, _)| Some(known.as_str()) == top(pointer))
            {
                Some((_, true)) if self.may_be_left_out() => {
                    found.push(self.required(item, pointer));
                }
                Some(_) => {}
                None => found.push(no_member(item, self.operation, "takes", names(members))),
            }
        }
    }

    fn query(&self, found: &mut Vec<Diagnostic>) {
        let id = &self.operation.id;
        let known = &self.operation.query;
        for (item, name) in self.items("query") {
            if !known.iter().any(|(own, _)| own == name) {
                let text = format!("the OpenAPI document gives `{id}` no query parameter `{name}`");
                let mistake = Diagnostic::new("unknown-parameter", &item.span, text);
                found.push(mistake.suggest(name, names(known)));
            }
        }
    }

    /// The sentence promises success to a request without the part.
    fn may_be_left_out(&self) -> bool {
        let about = &self.requirement.about;
        about.mode == Some(Mode::Omitted) && about.subjects == [Subject::Accepted]
    }

    fn required(&self, item: &Node, name: &str) -> Diagnostic {
        Diagnostic::new(
            "specs-disagree",
            &item.span,
            format!(
                "`{}` lets `{name}` be left out, and the OpenAPI document requires it",
                self.requirement.id
            ),
        )
    }

    fn status(&self, found: &mut Vec<Diagnostic>) {
        let node = self
            .node
            .get("response")
            .or_else(|| self.node.get("status"));
        if let (Some(status), Some(node)) = (self.requirement.about.answer, node)
            && self.operation.response(status).is_none()
        {
            let known = self.operation.documented_statuses();
            found.push(
                Diagnostic::new(
                    "specs-disagree",
                    &node.span,
                    format!(
                        "the OpenAPI document gives `{}` no status {status}",
                        self.operation.id
                    ),
                )
                .help(format!("it documents {}", known.join(", "))),
            );
        }
    }

    fn codes(&self, found: &mut Vec<Diagnostic>) {
        let about = &self.requirement.about;
        let operation = &self.operation.id;
        for (item, name) in self.items("code").chain(self.items("of-code")) {
            let table = &self.contract.errors;
            let Some(code) = table.code(name) else {
                found.push(
                    Diagnostic::new(
                        "unknown-error-code",
                        &item.span,
                        format!(
                            "errors.yaml of {} has no code `{name}`",
                            self.contract.edition
                        ),
                    )
                    .suggest(name, table.codes.iter().map(|known| known.code.as_str())),
                );
                continue;
            };
            let mut disagree = |text: String| {
                found.push(Diagnostic::new("specs-disagree", &item.span, text));
            };
            if !code.operations.contains(operation) {
                disagree(format!(
                    "errors.yaml does not list `{operation}` under `{name}`"
                ));
            }
            if let Some(status) = about.answer.filter(|status| !code.has_status(*status)) {
                let known = code.statuses();
                disagree(format!(
                    "errors.yaml gives `{name}` the status {known}, not {status}"
                ));
            }
            if let Some(language) = &about.language
                && code.texts(language).next().is_none()
            {
                disagree(format!(
                    "errors.yaml has no text of `{name}` in `{language}`"
                ));
            }
        }
    }

    fn response(&self, found: &mut Vec<Diagnostic>) {
        let status = self.requirement.about.answer;
        let rules: Vec<&ResponseRule> = match status {
            Some(status) => Vec::from_iter(self.operation.response(status)),
            None => self.operation.responses.iter().collect(),
        };
        let rules = rules.into_iter();
        let schemas = rules.flat_map(|rule| rule.schemas.iter().map(|(_, schema)| schema));
        let mut known: Vec<&str> = schemas.flat_map(BodySchema::documented).collect();
        known.sort_unstable();
        known.dedup();
        let values = self.node.get("where").map(Node::entries);
        let values = values.unwrap_or_default().iter();
        let values = values.filter_map(|(at, _)| Some((at, at.text()?)));
        for (item, pointer) in self.items("at").chain(values) {
            // A body as a whole may also be promised to be empty, so it needs no schema.
            if pointer.is_empty() || top(pointer).is_some_and(|name| known.contains(&name)) {
                continue;
            }
            found.push(no_member(
                item,
                self.operation,
                "answers with",
                known.iter().copied(),
            ));
        }
    }
}

/// The body of a documented refusal has a place for the code that its form promises.
fn error_bodies(contract: &Contract, errors: &Node, found: &mut Vec<Diagnostic>) {
    let is_tested = |operation: &&Operation| {
        let mut requirements = contract.requirements.iter();
        requirements.any(|one| one.operation == operation.id)
    };
    let listed = errors.get("bodies").map(Node::items).unwrap_or_default();
    let forms = listed.iter().chain([errors]);
    let places: Vec<&Node> = forms.filter_map(|form| form.get("code_at")).collect();
    for operation in contract.operations.iter().filter(is_tested) {
        for rule in &operation.responses {
            let Some(status) = rule.statuses.one().filter(|status| *status >= 400) else {
                continue;
            };
            for (media_type, schema) in &rule.schemas {
                let bodies = &contract.errors.bodies;
                let form = bodies.of(Some(&operation.id), status, Some(media_type));
                // What is no JSON Pointer is a mistake of its own.
                let at = form.code_at.as_deref();
                let Some(at) = at.filter(|at| at.starts_with('/')) else {
                    continue;
                };
                let mut known = schema.documented().peekable();
                let is_open = known.peek().is_none();
                if is_open || known.any(|name| top(at) == Some(&pointer_part(name))) {
                    continue;
                }
                let mut places = places.iter();
                let place = places.find(|node| node.text() == Some(at));
                let id = &operation.id;
                let text = format!(
                    "the code of a refusal stands at `{at}`, and the OpenAPI document gives the {status} of \
                     `{id}` no such member"
                );
                let help =
                    "list the form of that body under `bodies`; without `code_at` it has no code";
                let span = place.map_or(&errors.span, |node| &node.span);
                let mistake = Diagnostic::new("specs-disagree", span, text);
                push_once(found, mistake.help(help).warning());
            }
        }
    }
}

/// A code comes with a status that its operations document, and a code on an operation's own page is
/// a row of that page.
fn code_of_operations(
    contract: &Contract,
    code: &ErrorCode,
    entry: &Node,
    found: &mut Vec<Diagnostic>,
) {
    let name = &code.code;
    let users = ["operations", "siblings"].map(|key| entry.get(key).map(Node::one_or_many));
    for user in users.into_iter().flatten().flatten() {
        let Some(operation) = user.text().and_then(|id| contract.operation(id)) else {
            continue;
        };
        let id = &operation.id;
        for status in &code.statuses {
            if operation.response(*status).is_some() {
                continue;
            }
            found.push(Diagnostic::new(
                "specs-disagree",
                &user.span,
                format!(
                    "`{name}` comes with {status}, which the OpenAPI document does not give `{id}`"
                ),
            ));
        }
        let mut own = contract
            .requirements
            .iter()
            .filter(|r| r.operation == *id)
            .peekable();
        if code.documented_for(id)
            && own.peek().is_some()
            && !own.any(|r| r.oracle == Oracle::Documented && r.about.codes.contains(name))
        {
            found.push(
                Diagnostic::new(
                    "code-without-requirement",
                    &user.span,
                    format!("the page of `{id}` lists `{name}`, and no requirement of oracle D promises it"),
                )
                .help("add the row of the page to requirements.yaml, or list the operation under `siblings`")
                .warning(),
            );
        }
    }
}

fn names(parts: &[(String, bool)]) -> impl Iterator<Item = &str> {
    parts.iter().map(|(name, _)| name.as_str())
}

/// The member of the body that a JSON Pointer starts in; deeper parts have no table to compare with.
fn top(pointer: &str) -> Option<&str> {
    pointer.strip_prefix('/')?.split('/').next()
}

fn no_member<'k>(
    item: &Node,
    operation: &Operation,
    verb: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> Diagnostic {
    let pointer = item.text().unwrap_or_default();
    let mistake = Diagnostic::new(
        "unknown-member",
        &item.span,
        format!(
            "the OpenAPI document names no member `{pointer}` that `{}` {verb}",
            operation.id
        ),
    );
    match top(pointer) {
        Some(_) => {
            let pointers: Vec<String> = known.into_iter().map(|name| format!("/{name}")).collect();
            mistake.suggest(pointer, pointers.iter().map(String::as_str))
        }
        None => mistake.help("members are JSON Pointers, such as `/verify_code`"),
    }
}
