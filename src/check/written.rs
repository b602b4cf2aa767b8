//! Where each part of an expectation is written, so that a finding leads to the line that it breaks.

use crate::{
    contract::pointer_part,
    diag::Span,
    result::Subject,
    yaml::{Kind, Node},
};

/// The parts of an expectation by their JSON Pointers in it, each with the place of its key.
#[derive(Debug, Clone, Default)]
pub(super) struct Places(Vec<(String, Span)>);

impl Places {
    /// Those of an expectation's value. An element of a list that is a name stands under it.
    pub(super) fn of(value: &Node) -> Self {
        let mut out = Self::default();
        out.collect(value, "");
        out
    }

    fn collect(&mut self, value: &Node, at: &str) {
        for (key, inner) in value.entries() {
            let name = key.scalar().unwrap_or_default();
            self.add(&format!("{at}/{}", pointer_part(&name)), key, inner);
        }
        for (index, item) in value.items().iter().enumerate() {
            let name = item.text().map_or_else(|| index.to_string(), pointer_part);
            self.add(&format!("{at}/{name}"), item, item);
        }
    }

    fn add(&mut self, at: &str, key: &Node, value: &Node) {
        self.0.push((at.to_owned(), key.span.clone()));
        self.collect(value, at);
    }

    /// The place of what demands something of this subject; `None` where that is no single part.
    pub(super) fn about(&self, subject: &Subject) -> Option<&Span> {
        match subject {
            Subject::Member(at) | Subject::Absent(at) => self.nearest(at),
            Subject::MediaType => self.named("content-type"),
            Subject::Header(name) => self.named(name),
            Subject::Claim { part, .. } => self.named(part),
            _ => None,
        }
    }

    /// What stands at a pointer, or at the nearest one that leads to it.
    fn nearest(&self, pointer: &str) -> Option<&Span> {
        let mut at = pointer;
        loop {
            let found = self.0.iter().find(|(place, _)| place == at);
            match (found, at.rsplit_once('/')) {
                (Some((_, span)), _) => return Some(span),
                (None, Some((before, _))) if !before.is_empty() => at = before,
                _ => return None,
            }
        }
    }

    /// What stands under a name, on any level.
    fn named(&self, name: &str) -> Option<&Span> {
        let is_it = |place: &str| {
            let last = place.rsplit('/').next().unwrap_or_default();
            last.eq_ignore_ascii_case(name)
        };
        let found = self.0.iter().find(|(place, _)| is_it(place));
        found.map(|(_, span)| span)
    }
}

/// Where the value of a key is written: at the key itself where the value begins on a later line.
pub(super) fn beside(node: &Node, key: &str, value: &Node) -> Span {
    let mut entries = node.entries().iter();
    let key = entries.find(|(name, _)| name.text() == Some(key));
    match (key, &value.kind) {
        (Some((key, _)), Kind::Map(_) | Kind::List(_))
            if key.span.position().0 != value.span.position().0 =>
        {
            key.span.clone()
        }
        _ => value.span.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml;

    const EXPECTATION: &str = "\
body:
  status: SUCCESS
  data:
    user:
      id: { type: string }
headers:
  Content-Type: application/json
without-members:
  - trace
jwt: { at: /id_token, claims: { exp: 1 } }
";

    #[test]
    fn a_finding_leads_to_the_line_of_its_own_part() {
        #[track_caller]
        fn check(key: &str, subject: &Subject, line: Option<usize>) {
            let node = yaml::parse("a.yaml", EXPECTATION.to_owned()).expect("YAML");
            let value = node.get(key).expect("the key");
            let places = Places::of(value);
            let found = places.about(subject).map(|span| span.position().0);
            assert_eq!(found, line);
        }
        let member = |at: &str| Subject::Member(at.to_owned());
        check("body", &member("/status"), Some(2));
        check("body", &member("/data/user/id"), Some(5));
        check("body", &member("/data/user/id/0"), Some(5));
        check("body", &member("/data/name"), Some(3));
        check("body", &member("/other"), None);
        check("body", &Subject::Form, None);
        check("headers", &Subject::MediaType, Some(7));
        check(
            "without-members",
            &Subject::Absent("/trace".into()),
            Some(9),
        );
        let claim = Subject::Claim {
            token: "/id_token".into(),
            part: "exp".into(),
        };
        check("jwt", &claim, Some(10));
    }

    #[test]
    fn a_whole_expectation_is_written_where_its_key_is() {
        let node = yaml::parse("a.yaml", EXPECTATION.to_owned()).expect("YAML");
        let value = node.get("body").expect("the key");
        assert_eq!(beside(&node, "body", value).position(), (1, 1));
        let value = node.get("jwt").expect("the key");
        assert_eq!(beside(&node, "jwt", value).position(), (10, 6));
    }
}
