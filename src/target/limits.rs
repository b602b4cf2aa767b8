//! How careful to be with a tenant that others use too: the key `limits` of a target file.

use std::time::Duration;

use super::{Profile, layers};
use crate::{
    diag::Diagnostic,
    plan::{Costs, duration},
    yaml::{Field, Node, Shape},
};

pub(super) const SHAPE: Shape = Shape::Object(&[
    Field::new("jobs", Shape::Integer, "Rows in flight at once."),
    Field::new("timeout_ms", Shape::Integer, "Longest wait for one answer."),
    Field::new(
        "max_body_bytes",
        Shape::Integer,
        "Longest answer that is read.",
    ),
    Field::new(
        "clock_skew_s",
        Shape::Integer,
        "How far the target's clock may be from ours, in seconds.",
    ),
    Field::new(
        "requests_per_second",
        Shape::Integer,
        "So many requests leave in any second, whoever sends them; as fast as it goes when absent. A shard \
         has its part.",
    ),
    Field::new(
        "burst",
        Shape::Integer,
        "So many of them may leave at the same moment; 1 when absent.",
    ),
    Field::new(
        "retries",
        Shape::Integer,
        "How often a request is sent again that was lost on the way and harms nothing when it comes \
         twice; 1 when absent, 0 where every edition is embedded.",
    ),
    Field::new(
        "breaker",
        Shape::Integer,
        "After so many requests in a row without an answer nothing more is sent; 10 when absent, 0 \
         never stops.",
    ),
    Field::new(
        "retry_after_max",
        Shape::Text,
        "Longest silence that a `Retry-After` gets for one step: `60s`.",
    ),
]);

/// How careful to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// `None` sends as fast as it goes.
    pub pace: Option<Pace>,
    /// How often a request is sent again that was lost on the way.
    pub retries: usize,
    /// So many requests in a row without an answer end the sending; 0 never does.
    pub breaker: usize,
    /// Longest silence that one step may be asked for.
    pub retry_after_max: Duration,
}

/// How fast requests may leave, over the whole run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// In any such time.
    pub requests: usize,
    /// At the same moment.
    pub burst: usize,
    /// A second, and longer for a shard of a run.
    pub within: Duration,
}

/// The first of the layers that has the limit decides.
pub(super) struct Reader<'n> {
    pub layers: &'n [&'n Node],
}

impl<'n> Reader<'n> {
    fn key(&self, key: &str) -> Option<&'n Node> {
        layers::first(self.layers, key)
    }

    fn find(&self, key: &str) -> Option<&'n Node> {
        self.layers
            .iter()
            .find_map(|layer| layer.get("limits")?.get(key))
    }

    /// A whole number that is at least `least`.
    pub(super) fn whole(
        &self,
        key: &str,
        least: usize,
        found: &mut Vec<Diagnostic>,
    ) -> Option<usize> {
        let node = self.find(key)?;
        // A value of another type was told already, unless it is one that other files may compute.
        if node.integer().is_none() && !node.text().is_some_and(|text| text.contains("${")) {
            return None;
        }
        let value = node.integer().and_then(|value| usize::try_from(value).ok());
        let value = value.filter(|value| *value >= least);
        if value.is_none() {
            let message = format!("`{key}` is a whole number, {least} or more");
            found.push(Diagnostic::new("bad-limit", &node.span, message));
        }
        value
    }

    /// The file's own profile; the command line may choose another.
    pub(super) fn profile(&self, embedded: bool) -> Profile {
        let word = self.key("profile").and_then(Node::text);
        let careful = if embedded {
            Profile::Destructive
        } else {
            Profile::NonDestructive
        };
        word.and_then(|word| word.parse().ok()).unwrap_or(careful)
    }

    /// Of the file itself: what it extends speaks of another tenant.
    pub(super) fn test_tenant(&self) -> Option<String> {
        let own = self.layers.first()?.get("test_tenant");
        let text = own.and_then(Node::text)?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    pub(super) fn budget(&self, found: &mut Vec<Diagnostic>) -> Costs {
        let mut out = Costs::new();
        // What this file says comes over what it extends.
        for layer in self.layers.iter().rev() {
            for (name, amount) in layer.get("budget").map(Node::entries).unwrap_or_default() {
                match amount.integer().map(u64::try_from) {
                    Some(Ok(amount)) => {
                        out.insert(name.text().unwrap_or_default().to_owned(), amount);
                    }
                    Some(Err(_)) => found.push(Diagnostic::new(
                        "bad-limit",
                        &amount.span,
                        "a budget is a whole number from 0",
                    )),
                    None => {}
                }
            }
        }
        out
    }

    pub(super) fn limits(&self, embedded: bool, found: &mut Vec<Diagnostic>) -> Limits {
        let requests = self.whole("requests_per_second", 1, found);
        let burst = self.whole("burst", 1, found);
        if let (Some(_), None, Some(node)) =
            (burst, self.find("requests_per_second"), self.find("burst"))
        {
            found.push(
                Diagnostic::new("bad-limit", &node.span, "`burst` is a part of no pace")
                    .help("limits: { requests_per_second: 10, burst: 2 }"),
            );
        }
        Limits {
            pace: requests.map(|requests| Pace {
                requests,
                burst: burst.unwrap_or(1).min(requests),
                within: Duration::from_secs(1),
            }),
            // A fault on the way to a mock in our own process is nobody's network.
            retries: (self.whole("retries", 0, found)).unwrap_or(usize::from(!embedded)),
            breaker: self.whole("breaker", 0, found).unwrap_or(10),
            retry_after_max: self
                .find("retry_after_max")
                .and_then(|node| duration(node, found))
                .unwrap_or(Duration::from_mins(1)),
        }
    }
}
