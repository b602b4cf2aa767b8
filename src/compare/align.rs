//! Values of a run by the names of where they come from, so that they can be compared with those of another
//! run: its id, what its target file writes, and what it sent itself.

use serde_json::Value;

use crate::result::{MASK, RecordedExchange, RunReport, without_masks};

/// A shorter value is replaced only where it is the whole of a text.
const INSIDE: usize = 6;

/// A shorter value says nothing about where it comes from.
const SHORTEST: usize = 3;

/// Values of one exchange that are looked for; a hostile request has no more of them.
const MOST: usize = 200;

/// Values and their names, longest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Names(Vec<(String, String)>);

impl Names {
    /// What is known of an edition in a run.
    pub(super) fn of(report: &RunReport, edition: &str) -> Self {
        let mut out = Self::default();
        out.add(&report.run_id, "${run.id}".to_owned());
        if let Some(reached) = report.provenance.editions.get(edition) {
            for (name, value) in &reached.variables {
                match value {
                    // Secrets are all alike.
                    Value::String(text) if text.starts_with(MASK) => {}
                    Value::String(text) => out.add(text, format!("${{target.{name}}}")),
                    Value::Number(_) | Value::Bool(_) => {
                        out.add(&value.to_string(), format!("${{target.{name}}}"));
                    }
                    Value::Null | Value::Array(_) | Value::Object(_) => {}
                }
            }
            out.add(&reached.address, "${base_url}".to_owned());
            let host = reached.address.split_once("://").map(|(_, host)| host);
            out.add(host.unwrap_or_default(), "${host}".to_owned());
        }
        out.sorted()
    }

    /// With what a request sent, which an answer may give back.
    pub(super) fn with_request(&self, exchange: &RecordedExchange) -> Self {
        let mut out = Self::default();
        // Where a mock inside the process was is known from its requests alone.
        if let Some((scheme, rest)) = exchange.url.split_once("://") {
            let host = rest.split(['/', '?']).next().unwrap_or_default();
            out.add(&format!("{scheme}://{host}"), "${base_url}".to_owned());
            out.add(host, "${host}".to_owned());
        }
        let body = exchange.request_body.as_deref().unwrap_or_default();
        if let Ok(body) = serde_json::from_str(body) {
            out.members("", &body);
        }
        let (path, query) = match exchange.url.split_once('?') {
            Some((path, query)) => (path, query),
            None => (exchange.url.as_str(), ""),
        };
        for pair in query.split('&') {
            if let Some((name, value)) = pair.split_once('=') {
                out.add(value, format!("${{request.query.{name}}}"));
            }
        }
        for (name, value) in &exchange.request_headers {
            let name = name.to_ascii_lowercase();
            out.add(value, format!("${{request.header.{name}}}"));
        }
        // Which part is an id is not told by how it looks; the others are the same in every run.
        for segment in path.split('/').skip(3) {
            out.add(segment, "${request.path}".to_owned());
        }
        out.0.truncate(MOST);
        // What the target file writes is its own, although the request sends it as well.
        out.0
            .retain(|(value, _)| self.0.iter().all(|(known, _)| known != value));
        out.0.extend(self.0.iter().cloned());
        out.sorted()
    }

    fn members(&mut self, pointer: &str, value: &Value) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    self.members(&format!("{pointer}/{name}"), value);
                }
            }
            Value::Array(items) => {
                for (at, value) in items.iter().enumerate() {
                    self.members(&format!("{pointer}/{at}"), value);
                }
            }
            Value::String(text) => self.add(text, format!("${{request.body.{pointer}}}")),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn add(&mut self, value: &str, name: String) {
        let is_new = self.0.iter().all(|(known, _)| known != value);
        if value.len() >= SHORTEST && is_new && !value.starts_with(MASK) {
            self.0.push((value.to_owned(), name));
        }
    }

    fn sorted(mut self) -> Self {
        self.0
            .sort_by(|one, other| (other.0.len(), &one.1).cmp(&(one.0.len(), &other.1)));
        self
    }

    /// The text with every known value replaced by its name.
    pub(super) fn apply(&self, text: &str) -> String {
        let mut out = without_masks(text);
        for (value, name) in &self.0 {
            if out == *value {
                return name.clone();
            }
            if value.len() >= INSIDE && out.contains(value.as_str()) {
                out = out.replace(value.as_str(), name);
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(url: &str, body: &str) -> RecordedExchange {
        RecordedExchange {
            url: url.to_owned(),
            request_body: Some(body.to_owned()),
            ..RecordedExchange::default()
        }
    }

    #[test]
    fn what_a_request_sent_has_the_name_of_its_place() {
        let names = Names::default().with_request(&exchange(
            "https://t.example/users/42a?page=zz7",
            r#"{"name":"user-0198","tags":["blue-one"]}"#,
        ));
        assert_eq!(names.apply("user-0198"), "${request.body./name}");
        assert_eq!(
            names.apply("no user-0198, blue-one"),
            "no ${request.body./name}, ${request.body./tags/0}"
        );
        assert_eq!(names.apply("42a"), "${request.path}");
        assert_eq!(names.apply("zz7"), "${request.query.page}");
        let letters = Names::default().with_request(&exchange("https://t.example/b-abc", ""));
        assert_eq!(letters.apply("b-abc"), "${request.path}");
        // Too short to be found inside of another text.
        assert_eq!(names.apply("a42ab"), "a42ab");
    }

    #[test]
    fn secrets_are_all_alike() {
        let names = Names::default();
        assert_eq!(names.apply("a [secret:01ab2c] b"), "a [secret] b");
        assert_eq!(names.apply("[secret:x"), "[secret:x");
    }
}
