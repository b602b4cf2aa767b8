//! A case file, field by field, into test cases.

use std::{cell::RefCell, collections::VecDeque, sync::Arc};

use serde_json::Value;

use super::{
    TestCase, alter,
    capture::captures,
    derived,
    draft::Draft,
    fields::{text, texts},
    matrix, names,
    path::check_params,
    repeat::{lower_steps, often, request_again},
    sendable,
    side_effects::{risks, side_effects},
    step::{Body, Need, Step, operation},
};
use crate::{
    case::CaseFile,
    check::{self, BoundCheck, Lint},
    contract::{Contract, Operation, Requirement},
    diag::{Diagnostic, push_once},
    ids::{CaseId, RequirementId},
    template,
    yaml::{Node, holds_expression},
};

/// What all test cases of a file share.
struct Shared<'f> {
    file: &'f CaseFile,
    contract: &'f Contract,
    operation: &'f Operation,
    /// What its document requires without a register.
    derived: Vec<&'f Requirement>,
    /// The documented request, unaltered.
    request: Draft,
    /// The steps that each test case sends before its own, as they are written and as they are sent.
    setup: Vec<(&'f Node, Vec<Step>)>,
    tags: Vec<String>,
    requires: Vec<String>,
    /// What of the documented request is to be filled in.
    todo: Option<String>,
    title: String,
    /// Filled while the test cases are made.
    bound: RefCell<Bound>,
}

/// So many of the last expectations are looked through for one that is the same.
const RECENT: usize = 16;

/// The expectations that were bound last: variants of a case often expect the same, and then share it.
#[derive(Default)]
struct Bound(VecDeque<(Node, Arc<[BoundCheck]>)>);

impl Bound {
    /// The checks of an expectation that says the same and stands at the same place, in each of its parts:
    /// a finding shows the line of the part that it breaks.
    fn get(&self, expect: &Node) -> Option<Arc<[BoundCheck]>> {
        let mut same = self.0.iter().rev().filter(|(known, _)| known == expect);
        same.next().map(|(_, checks)| Arc::clone(checks))
    }

    fn add(&mut self, expect: &Node, checks: &Arc<[BoundCheck]>) {
        if self.0.len() == RECENT {
            self.0.pop_front();
        }
        self.0.push_back((expect.clone(), Arc::clone(checks)));
    }
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
    sendable::headers(request.get("headers"), found);
    let request = documented(request, operation, found);
    let setup = node.get("setup").map(Node::items).unwrap_or_default();
    let setup = setup.iter().map(|step| {
        let one = std::slice::from_ref(step);
        (step, lower_steps(one, Some(contract), found))
    });
    let setup = setup.collect();
    let shared = Shared {
        file,
        contract,
        operation,
        derived: derived::of(contract, &operation.id),
        request,
        setup,
        tags: texts(node.get("tags")),
        requires: texts(node.get("requires")),
        todo: node
            .get("control")
            .and_then(|control| text(control, "todo")),
        title: text(node, "title").unwrap_or_else(|| operation.id.to_string()),
        bound: RefCell::default(),
    };
    let mut out = Vec::new();
    out.extend(
        node.get("control")
            .map(|control| shared.test_case(control, "control", true, &Value::Null, found)),
    );
    for case in node.get("cases").map(Node::items).unwrap_or_default() {
        shared.variants(case, &mut out, found);
    }
    out
}

/// The requirements that a case names beside its request.
fn own_covers(case: &Node) -> Vec<RequirementId> {
    let own = texts(case.get("covers")).into_iter();
    own.map(RequirementId::from).collect()
}

impl Shared<'_> {
    fn variants(&self, case: &Node, out: &mut Vec<TestCase>, found: &mut Vec<Diagnostic>) {
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
        let case = &matrix::to_fill(case);
        let mut reported = false;
        for variant in variants {
            let name = variant
                .name
                .as_ref()
                .map_or_else(|| id.to_owned(), |name| format!("{id}[{name}]"));
            match template::fill_matrix(case, &variant.values) {
                Ok(filled) => {
                    out.push(self.test_case(&filled, &name, false, &variant.values, found));
                }
                // The same mistake in each of forty variants is one mistake.
                Err(mistake) if !reported => {
                    reported = true;
                    found.push(mistake);
                }
                Err(_) => {}
            }
        }
    }

    fn test_case(
        &self,
        case: &Node,
        name: &str,
        control: bool,
        matrix: &Value,
        found: &mut Vec<Diagnostic>,
    ) -> TestCase {
        let request = self.request(case, control, found);
        let observe = observed(case, found);
        let (written_setup, setup) = self.setup(case, found);
        let then = self.steps(case, "then", found);
        let cleanup = self.steps(case, "cleanup", found);
        let alterations = alter::alterations(case);
        let mut request = request;
        if observe.is_none() {
            let shown = derived::shown(&self.derived, self.operation, &request.step, &alterations);
            let covers = &mut request.step.covers;
            for id in shown {
                if !covers.contains(&id) {
                    covers.push(id);
                }
            }
        }
        let covers = self.covers(case, &request.step, &then, found);
        let (bound, needs) = self.needs(case);
        let lets = self.entries(case, "let");
        let written = names::Written {
            case,
            setup: &written_setup,
            needs: &bound,
            lets: &lets,
            request: &request,
            matrix,
        };
        let uses = names::lint(&written, found);
        let request = request.into_step();
        let often = often(case, found);
        let mut after: Vec<Step> = self.again(&request, often).collect();
        after.extend(then);
        TestCase {
            id: CaseId::new(&self.file.prefix, name),
            title: text(case, "title").unwrap_or_else(|| self.title.clone()),
            edition: self.file.edition,
            operation: self.operation.id.clone(),
            control,
            control_id: CaseId::new(&self.file.prefix, "control"),
            prerequisites: self.prerequisites(case),
            alterations,
            span: case.get("id").map_or(&case.span, |id| &id.span).clone(),
            covers,
            tags: with_own(&self.tags, case, "tags"),
            needs,
            lets: lets
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_json()))
                .collect(),
            requires: with_own(&self.requires, case, "requires"),
            setup,
            request,
            then: after,
            cleanup,
            exclusive: self.is_exclusive(case, found),
            observe,
            todo: text(case, "todo").or_else(|| self.todo.clone()),
            matrix: matrix.clone(),
            uses: uses.into(),
        }
    }

    /// The request under test: the documented one as the case alters it, and what is expected of it.
    fn request(&self, case: &Node, control: bool, found: &mut Vec<Diagnostic>) -> Draft {
        let mut request = self.request.clone();
        if !control {
            alter::apply(case, &mut request, found);
        }
        let step = &mut request.step;
        step.captures.extend(captures(case.get("capture"), found));
        step.side_effects.risks.extend(risks(case));
        step.checks = self.checks(case, found);
        step.covers = own_covers(case);
        request
    }

    /// The further times of a request that is sent so often. What its effect is to be, the steps after
    /// them show.
    fn again(&self, request: &Step, often: usize) -> impl Iterator<Item = Step> {
        let shows = |id: &&RequirementId| {
            let requirement = self.contract.requirement(id);
            !requirement.is_some_and(Requirement::is_effect)
        };
        let covers: Vec<RequirementId> = request.covers.iter().filter(shows).cloned().collect();
        request_again(request, often).map(move |step| Step {
            covers: covers.clone(),
            ..step
        })
    }

    /// The steps before the request, as written and lowered: those of the file, and the case's own. A step
    /// that has the name of one of the file's takes its place.
    fn setup<'n>(
        &'n self,
        case: &'n Node,
        found: &mut Vec<Diagnostic>,
    ) -> (Vec<&'n Node>, Vec<Step>) {
        let mut all: Vec<(&Node, Vec<Step>)> = self.setup.clone();
        for node in case.get("setup").map(Node::items).unwrap_or_default() {
            let steps = lower_steps(std::slice::from_ref(node), Some(self.contract), found);
            let name = node.get("name").and_then(Node::text);
            let of_file = all[..self.setup.len()].iter_mut().find(|(known, _)| {
                name.is_some() && known.get("name").and_then(Node::text) == name
            });
            match of_file {
                Some(known) => *known = (node, steps),
                None => all.push((node, steps)),
            }
        }
        let (written, steps): (Vec<_>, Vec<_>) = all.into_iter().unzip();
        (written, steps.into_iter().flatten().collect())
    }

    fn steps(&self, case: &Node, key: &str, found: &mut Vec<Diagnostic>) -> Vec<Step> {
        let nodes = case.get(key).map(Node::items).unwrap_or_default();
        lower_steps(nodes, Some(self.contract), found)
    }

    /// Whether nothing may be carried out beside a case: as it says itself, or else its file.
    fn is_exclusive(&self, case: &Node, found: &mut Vec<Diagnostic>) -> bool {
        let written = |node: &Node| node.get("exclusive").cloned();
        let Some(node) = written(case).or_else(|| written(&self.file.node)) else {
            return false;
        };
        // Another type is a mistake of the file's shape, but for a text that is computed too late.
        if node.text().is_some_and(holds_expression) {
            let message = "whether a row is exclusive has to be known before anything is sent";
            let mistake = Diagnostic::new("bad-exclusive", &node.span, message);
            push_once(found, mistake.help("`true` or `false`, or `${matrix.…}`"));
        }
        node.boolean() == Some(true)
    }

    /// The requirements that a case covers by itself and by the steps after its request, in order.
    fn covers(
        &self,
        case: &Node,
        request: &Step,
        then: &[Step],
        found: &mut Vec<Diagnostic>,
    ) -> Vec<RequirementId> {
        let mut covers = request.covers.clone();
        covers.extend(then.iter().flat_map(|step| step.covers.iter().cloned()));
        covers.sort();
        covers.dedup();
        self.check_covers(case, &covers, found);
        covers
    }

    /// The providers that a case calls, as written and lowered: those of the file, and its own.
    fn needs<'n>(&'n self, case: &'n Node) -> (Vec<(&'n str, &'n Node)>, Vec<Need>) {
        let entries = self.entries(case, "needs").into_iter();
        entries
            .filter_map(|(name, node)| Some(((name, node), Need::read(name, node)?)))
            .unzip()
    }

    /// The entries of a map that a file and a case have: of one name counts the case's, in the place
    /// of the file's.
    fn entries<'n>(&'n self, case: &'n Node, key: &str) -> Vec<(&'n str, &'n Node)> {
        let mut out: Vec<(&str, &Node)> = Vec::new();
        for node in [&self.file.node, case] {
            for (name, value) in node.get(key).map(Node::entries).unwrap_or_default() {
                let Some(name) = name.text() else { continue };
                match out.iter_mut().find(|(known, _)| *known == name) {
                    Some(known) => known.1 = value,
                    None => out.push((name, value)),
                }
            }
        }
        out
    }

    /// Whole ids of the prerequisites of a case; a name without a slash is a test case of this file.
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

    fn checks(&self, case: &Node, found: &mut Vec<Diagnostic>) -> Arc<[BoundCheck]> {
        let Some(expect) = case.get("expect") else {
            return Arc::default();
        };
        if let Some(checks) = self.bound.borrow().get(expect) {
            return checks;
        }
        let bound = check::bind(
            expect,
            &Lint {
                contract: self.contract,
                operation: Some(self.operation),
                beyond_contract: false,
                rendered: false,
            },
            found,
        );
        let checks: Arc<[BoundCheck]> = bound.into();
        self.bound.borrow_mut().add(expect, &checks);
        checks
    }

    fn check_covers(&self, case: &Node, covers: &[RequirementId], found: &mut Vec<Diagnostic>) {
        let span = case.get("covers").map_or(&case.span, |node| &node.span);
        // A control repeated in a further file may prove nothing new; it still has to pass. Without a
        // register a row may look at what follows from no requirement.
        let is_derived = case.get("covers").is_none() && !self.derived.is_empty();
        if covers.is_empty() && case.get("id").is_some() && !is_derived {
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
                        format!("`{}` has no requirement `{id}`", self.file.edition),
                    )
                    .suggest(id, self.contract.requirements.iter().map(|r| r.id.as_str())),
                );
            }
        }
    }
}

/// Why a case is only observed.
fn observed(case: &Node, found: &mut Vec<Diagnostic>) -> Option<String> {
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
    observe
}

/// What the file says under a key, and then the case.
fn with_own(of_file: &[String], case: &Node, key: &str) -> Vec<String> {
    let mut out = of_file.to_vec();
    out.extend(texts(case.get(key)));
    out
}

/// The documented request of a file.
fn documented(node: &Node, operation: &Operation, found: &mut Vec<Diagnostic>) -> Draft {
    let step = Step {
        name: "request".into(),
        operation: Some(operation.id.clone()),
        method: operation.method.clone(),
        path: operation.path.clone(),
        server_path: operation.server_path.clone(),
        params: Vec::new(),
        actor: text(node, "actor"),
        host: text(node, "host"),
        headers: Vec::new(),
        query: Vec::new(),
        body: Body::None,
        exact: false,
        hostless: false,
        repeat: false,
        captures: captures(node.get("capture"), found),
        needs: Vec::new(),
        covers: Vec::new(),
        prepares: false,
        until: None,
        follow: 0,
        side_effects: side_effects(node, found),
        checks: Arc::default(),
        span: node.span.clone(),
    };
    Draft::new(step, node)
}
