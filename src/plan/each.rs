//! Axes of a matrix that the contract fills: `header: { each: required-header }` has a value for each
//! header that the operation requires, so that a new operation, or a new header of one, gets its rows at once.
//!
//! A value is a map. Its `name` stands in the id of the row. A part of the request has `covers`, the ids of
//! the requirements about it by mode (`omitted`, `blank`, `malformed`, …), and a member `at`, its JSON
//! Pointer. A clause of a policy has `value`.

use crate::{
    case::CaseFile,
    contract::{About, Clause, Contract, Mode, Operation, pointer_part},
    diag::Diagnostic,
    yaml::{Kind, Node},
};

/// Writes the values of all such axes into the files, as lists in their places.
pub fn fill_axes(files: &mut [CaseFile], contracts: &[Contract], found: &mut Vec<Diagnostic>) {
    for file in files {
        let Some(contract) = Contract::of_edition(contracts, file.edition.as_str()) else {
            continue;
        };
        let operation = file.node.get("operation").and_then(Node::text);
        // An operation that is not there is told where the file is planned.
        let Some(operation) = operation.and_then(|id| contract.operation(id)) else {
            continue;
        };
        let of = Of {
            contract,
            operation,
        };
        let Some(cases) = file.node.pointer_mut("/cases") else {
            continue;
        };
        let Kind::List(cases) = &mut cases.kind else {
            continue;
        };
        let matrices = cases
            .iter_mut()
            .filter_map(|case| case.pointer_mut("/matrix"));
        for matrix in matrices {
            if let Kind::Map(axes) = &mut matrix.kind {
                for (_, axis) in axes {
                    of.fill(axis, found);
                }
            }
        }
    }
}

struct Of<'c> {
    contract: &'c Contract,
    operation: &'c Operation,
}

impl Of<'_> {
    fn fill(&self, axis: &mut Node, found: &mut Vec<Diagnostic>) {
        let Some(each) = axis.get("each") else {
            return;
        };
        let values = match each.text().unwrap_or_default() {
            "broken-clause" => self.clauses(axis, |clause| clause.broken.as_ref(), found),
            "kept-clause" => self.clauses(axis, |clause| clause.kept.as_ref(), found),
            // The shape of the file has told of a word that is none of these.
            word => match word.split_once('-') {
                Some(("required", what)) => self.parts(true, what, axis),
                Some(("optional", what)) => self.parts(false, what, axis),
                _ => None,
            },
        };
        let Some(values) = values else {
            return;
        };
        if values.is_empty() {
            let word = each.text().unwrap_or_default();
            let whose = match axis.get("of").and_then(Node::text) {
                Some(policy) => format!("the policy `{policy}`"),
                None => format!("`{}`", self.operation.id),
            };
            let message = format!("{whose} has no {}", word.replace('-', " "));
            let mistake = Diagnostic::new("empty-matrix", &each.span, message);
            found.push(mistake.help("the case would never run"));
            return;
        }
        axis.kind = Kind::List(values);
    }

    /// The parts of the request that the operation requires, or leaves to the caller.
    fn parts(&self, required: bool, what: &str, axis: &Node) -> Option<Vec<Node>> {
        let list = match what {
            "header" => &self.operation.headers,
            "query" => &self.operation.query,
            "member" => &self.operation.members,
            _ => return None,
        };
        let names = list.iter().filter(|(_, is)| *is == required);
        let value = |name: &String| {
            let at = format!("/{}", pointer_part(name));
            let is_about = |about: &About| match what {
                "header" => matches!(&*about.headers, [own] if own.eq_ignore_ascii_case(name)),
                "query" => matches!(&*about.query, [own] if own == name),
                _ => matches!(&*about.members, [own] if *own == at),
            };
            let mut value = serde_json::json!({ "name": name, "covers": self.covers(is_about) });
            if what == "member" {
                value["at"] = at.into();
            }
            Node::from_json(&value, &axis.span)
        };
        Some(names.map(|(name, _)| value(name)).collect())
    }

    /// The requirements about one part of the request and nothing else of it, by its mode.
    fn covers(&self, is_about: impl Fn(&About) -> bool) -> serde_json::Value {
        let of_mode = |mode: Mode| {
            let all = self.contract.requirements_of(&self.operation.id);
            let own = all.filter(|one| {
                let about = &one.about;
                let parts = about.headers.len() + about.query.len() + about.members.len();
                about.mode == Some(mode) && parts == 1 && about.given.is_none() && is_about(about)
            });
            let ids: Vec<&str> = own.map(|one| one.id.as_str()).collect();
            (mode.label().to_owned(), ids.into())
        };
        serde_json::Value::Object(Mode::ALL.map(of_mode).into_iter().collect())
    }

    /// The clauses of a policy that have such a value.
    fn clauses(
        &self,
        axis: &Node,
        value: impl Fn(&Clause) -> Option<&Node>,
        found: &mut Vec<Diagnostic>,
    ) -> Option<Vec<Node>> {
        let policies = &self.contract.convention.policies;
        let Some(of) = axis.get("of") else {
            let message = "a clause is one of a policy: `of` names it";
            found.push(Diagnostic::new("missing-key", &axis.span, message));
            return None;
        };
        let name = of.text()?;
        let Some(policy) = policies.iter().find(|policy| policy.name == name) else {
            let message = format!(
                "`{}` has no policy `{name}`: edition.yaml declares them under `policies`",
                self.contract.edition
            );
            let mistake = Diagnostic::new("unknown-policy", &of.span, message);
            let known = policies.iter().map(|policy| &*policy.name);
            found.push(mistake.suggest(name, known));
            return None;
        };
        let text = |text: &str, at: &Node| Node {
            kind: Kind::Text(text.to_owned()),
            span: at.span.clone(),
        };
        let clauses = policy.clauses.iter().filter_map(|clause| {
            let value = value(clause)?;
            let entries = vec![
                (text("name", axis), text(&clause.name, axis)),
                (text("value", axis), value.clone()),
            ];
            Some(Node {
                kind: Kind::Map(entries),
                span: axis.span.clone(),
            })
        });
        Some(clauses.collect())
    }
}
