//! A case file, field by field, into rows.

use serde_json::Value;

use super::{
    TestCase, alter,
    capture::captures,
    matrix, names,
    path::check_params,
    side_effects::{risks, side_effects},
    step::{Need, Step, body, lower_needs, lower_step, operation, pairs, texts},
};
use crate::{
    case::CaseFile,
    check::{self, BoundCheck, Lint},
    contract::{Contract, Operation},
    diag::Diagnostic,
    ids::{CaseId, RequirementId},
    template,
    yaml::Node,
};

/// What all rows of a file share.
struct Shared<'f> {
    file: &'f CaseFile,
    contract: &'f Contract,
    operation: &'f Operation,
    /// The documented request, unaltered.
    request: Step,
    needs: Vec<Need>,
    lets: Vec<(String, Value)>,
    tags: Vec<String>,
    requires: Vec<String>,
    title: String,
}

pub(super) fn file(
    file: &CaseFile,
    contract: &Contract,
    found: &mut Vec<Diagnostic>,
) -> Vec<TestCase> {
    let node = &file.node;
    let Some(name) = node.get("operation") else {
        return Vec::new();
    };
    let Some(operation) = operation(name, Some(contract), found) else {
        return Vec::new();
    };
    let Some(request) = node.get("request") else {
        return Vec::new();
    };
    check_params(operation, request, found);
    let request = documented(request, operation, found);
    let shared = Shared {
        file,
        contract,
        operation,
        request,
        lets: lets(node),
        needs: lower_needs(node.get("needs")),
        tags: texts(node.get("tags")),
        requires: texts(node.get("requires")),
        title: text(node, "title").unwrap_or_else(|| operation.id.clone()),
    };
    let mut out = Vec::new();
    out.extend(
        node.get("control")
            .map(|control| shared.row(control, "control", true, &Value::Null, found)),
    );
    for case in node.get("cases").map(Node::items).unwrap_or_default() {
        shared.case(case, &mut out, found);
    }
    out
}

impl Shared<'_> {
    fn case(&self, case: &Node, out: &mut Vec<TestCase>, found: &mut Vec<Diagnostic>) {
        let Some(id_node) = case.get("id") else {
            return;
        };
        let id = id_node.text().unwrap_or_default();
        let sound = !id.is_empty()
            && id
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
        if !sound || id == "control" {
            found.push(
                Diagnostic::new("bad-id", &id_node.span, format!("`{id}` cannot be an id"))
                    .help("letters, digits, dashes, dots; `control` is taken"),
            );
            return;
        }
        let variants = matrix::variants(case.get("matrix"), found);
        let mut complained = false;
        for variant in variants {
            let name = variant
                .name
                .as_ref()
                .map_or_else(|| id.to_owned(), |name| format!("{id}[{name}]"));
            match template::fill_matrix(case, &variant.values) {
                Ok(filled) => out.push(self.row(&filled, &name, false, &variant.values, found)),
                // The same mistake in each of forty rows is one mistake.
                Err(mistake) if !complained => {
                    complained = true;
                    found.push(mistake);
                }
                Err(_) => {}
            }
        }
    }

    fn row(
        &self,
        case: &Node,
        name: &str,
        control: bool,
        matrix: &Value,
        found: &mut Vec<Diagnostic>,
    ) -> TestCase {
        let mut request = self.request.clone();
        if !control {
            alter::apply(case, &mut request, found);
        }
        request
            .captures
            .extend(captures(case.get("capture"), found));
        request.side_effects.risks.extend(risks(case));
        request.checks = self.checks(case, found);
        let observe = text(case, "observe");
        if observe.is_some() != case.get("expect").is_none() {
            found.push(
                Diagnostic::new(
                    "proves-nothing",
                    &case.span,
                    "a row has either `expect` or `observe`",
                )
                .help("`expect` what the document promises; `observe` where it is silent"),
            );
        }
        let mut steps = |key: &str| -> Vec<Step> {
            case.get(key)
                .map(Node::items)
                .unwrap_or_default()
                .iter()
                .filter_map(|node| lower_step(node, Some(self.contract), found))
                .collect()
        };
        let (setup, then, cleanup) = (steps("setup"), steps("then"), steps("cleanup"));
        let mut covers: Vec<RequirementId> = texts(case.get("covers"))
            .into_iter()
            .map(RequirementId::from)
            .collect();
        covers.extend(then.iter().flat_map(|step| step.covers.iter().cloned()));
        covers.sort();
        covers.dedup();
        self.check_covers(case, &covers, found);
        let mut tags = self.tags.clone();
        tags.extend(texts(case.get("tags")));
        let mut requires = self.requires.clone();
        requires.extend(texts(case.get("requires")));
        let mut needs = self.needs.clone();
        for need in lower_needs(case.get("needs")) {
            match needs.iter_mut().find(|known| known.name == need.name) {
                Some(known) => *known = need,
                None => needs.push(need),
            }
        }
        let mut computed = self.lets.clone();
        for (name, value) in lets(case) {
            match computed.iter_mut().find(|(known, _)| *known == name) {
                Some(known) => known.1 = value,
                None => computed.push((name, value)),
            }
        }
        let uses = names::row(
            &names::Row {
                file: &self.file.node,
                case,
                needs: &needs,
                lets: &computed,
                request: &request,
                matrix,
            },
            found,
        );
        TestCase {
            id: CaseId::new(&self.file.prefix, name),
            title: text(case, "title").unwrap_or_else(|| self.title.clone()),
            edition: self.file.edition,
            operation: self.operation.id.clone(),
            control,
            control_id: CaseId::new(&self.file.prefix, "control"),
            prerequisites: self.prerequisites(case),
            alterations: alter::alterations(case),
            span: case.get("id").map_or(&case.span, |id| &id.span).clone(),
            covers,
            tags,
            needs,
            lets: computed,
            requires,
            setup,
            request,
            then,
            cleanup,
            observe,
            matrix: matrix.clone(),
            uses,
        }
    }

    /// Whole ids of the prerequisites of a case; a name without a slash is a row of this file.
    fn prerequisites(&self, case: &Node) -> Vec<CaseId> {
        texts(case.get("prerequisite"))
            .into_iter()
            .map(|name| {
                let written = CaseId::from(name);
                if written.file().is_empty() {
                    CaseId::new(&self.file.prefix, &written)
                } else {
                    written
                }
            })
            .collect()
    }

    fn checks(&self, case: &Node, found: &mut Vec<Diagnostic>) -> Vec<BoundCheck> {
        let Some(expect) = case.get("expect") else {
            return Vec::new();
        };
        check::bind(
            expect,
            &Lint {
                contract: self.contract,
                operation: Some(self.operation),
                beyond_contract: false,
            },
            found,
        )
    }

    fn check_covers(&self, case: &Node, covers: &[RequirementId], found: &mut Vec<Diagnostic>) {
        let span = case.get("covers").map_or(&case.span, |node| &node.span);
        // A control repeated in a further file may prove nothing new; it still has to pass.
        if covers.is_empty() && case.get("id").is_some() {
            found.push(
                Diagnostic::new("covers-nothing", span, "this row covers no requirement").warning(),
            );
        }
        for id in covers {
            if self.contract.requirement(id).is_none() {
                found.push(
                    Diagnostic::new(
                        "unknown-requirement",
                        span,
                        format!("requirements.yaml of {} has no `{id}`", self.file.edition),
                    )
                    .suggest(id, self.contract.requirements.iter().map(|r| r.id.as_str())),
                );
            }
        }
    }
}

fn text(node: &Node, key: &str) -> Option<String> {
    node.get(key).and_then(Node::text).map(str::to_owned)
}

/// The documented request of a file.
fn documented(node: &Node, operation: &Operation, found: &mut Vec<Diagnostic>) -> Step {
    Step {
        name: "request".into(),
        operation: Some(operation.id.clone()),
        method: operation.method.clone(),
        path: operation.path.clone(),
        params: pairs(node.get("params")),
        actor: text(node, "actor"),
        host: text(node, "host"),
        headers: pairs(node.get("headers")),
        query: pairs(node.get("query")),
        body: body(node),
        exact: false,
        hostless: false,
        repeat: false,
        captures: captures(node.get("capture"), found),
        covers: Vec::new(),
        eventually: None,
        follow: 0,
        side_effects: side_effects(node, found),
        checks: Vec::new(),
        span: node.span.clone(),
    }
}

/// The values that a file or a case computes.
fn lets(node: &Node) -> Vec<(String, Value)> {
    let entries = node.get("let").map(Node::entries).unwrap_or_default();
    entries
        .iter()
        .filter_map(|(name, value)| Some((name.text()?.to_owned(), value.to_json())))
        .collect()
}
