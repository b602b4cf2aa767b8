//! The request of a test case while alterations are applied to it: every value still has its place,
//! so that a mistake in one is shown where that one is written.

use super::{
    fields::{pairs, to_json},
    step::{Body, Step},
};
use crate::yaml::{Kind, Node};

/// A request whose values have their places.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    /// All else of the step; its path, pairs and body are those of the draft.
    pub step: Step,
    pub path: Node,
    pub params: Vec<(String, Node)>,
    pub headers: Vec<(String, Node)>,
    pub query: Vec<(String, Node)>,
    pub body: Body<Node>,
}

impl Draft {
    /// The request that a node describes, as a draft of this step.
    pub(super) fn new(step: Step, node: &Node) -> Self {
        Self {
            path: Node {
                kind: Kind::Text(step.path.clone()),
                span: step.span.clone(),
            },
            params: pairs(node.get("params")),
            headers: pairs(node.get("headers")),
            query: pairs(node.get("query")),
            body: Body::read(node),
            step,
        }
    }

    /// The step that is sent; places are forgotten.
    pub(super) fn into_step(self) -> Step {
        Step {
            path: self.path.text().unwrap_or_default().to_owned(),
            params: to_json(&self.params),
            headers: to_json(&self.headers),
            query: to_json(&self.query),
            body: self.body.to_json(),
            ..self.step
        }
    }

    /// Everything that is computed when the request is sent, at its place.
    pub(super) fn values(&self) -> impl Iterator<Item = &Node> {
        let pairs = self.headers.iter().chain(&self.query).chain(&self.params);
        let (whole, fields) = match &self.body {
            Body::Json(body) | Body::Raw(body) => (Some(body), [].as_slice()),
            Body::Form(fields) => (None, fields.as_slice()),
            Body::None => (None, [].as_slice()),
        };
        [&self.path]
            .into_iter()
            .chain(pairs.map(|(_, value)| value))
            .chain(whole)
            .chain(fields.iter().map(|(_, value)| value))
    }
}
