//! Requirements that follow from the OpenAPI document and the error table alone, where nobody wrote a
//! register, or the register asks for them.
//!
//! Takes: the operations and the codes. Gives: a requirement for each documented answer, for what it
//! promises, and for each part that a request must have. Never: promises what the document only allows.
//!
//! Their ids are stable, as they are made of the names in the document: `createUser/400`,
//! `createUser/200/member/id`, `createUser/header/X-client-id/omitted`, `createUser/code/TAKEN`.

use super::{
    About, Mode, Operation, Oracle, ResponseRule,
    errors::ErrorTable,
    pointer::pointer_part,
    requirement::{Derived, Requirement},
};
use crate::{diag::Span, result::Subject};

/// The requirements of these operations; `title` is that of the document.
pub(super) fn requirements<'o>(
    operations: impl Iterator<Item = &'o Operation>,
    errors: &ErrorTable,
    title: &str,
) -> Vec<Requirement> {
    let mut out = Vec::new();
    for operation in operations {
        let of = Of { operation, title };
        for rule in &operation.responses {
            of.answer(rule, &mut out);
        }
        of.omissions(&mut out);
        for code in &errors.codes {
            if code.operations.contains(&operation.id) {
                let about = About {
                    codes: vec![code.code.clone()],
                    subjects: vec![Subject::Code],
                    ..About::default()
                };
                let name = format!("code/{}", code.code);
                let text = format!(
                    "The mistake of {0} is answered with the code {0}.",
                    code.code
                );
                out.push(of.one(&name, "error", text, about, Derived::Code, &code.span));
            }
        }
    }
    out
}

struct Of<'o> {
    operation: &'o Operation,
    title: &'o str,
}

impl Of<'_> {
    fn one(
        &self,
        name: &str,
        kind: &str,
        text: String,
        about: About,
        derived: Derived,
        span: &Span,
    ) -> Requirement {
        let operation = self.operation;
        Requirement {
            id: format!("{}/{name}", operation.id).into(),
            operation: operation.id.clone(),
            oracle: Oracle::Documented,
            kind: kind.to_owned(),
            page: self.title.to_owned(),
            row: format!("{} {}", operation.method, operation.path),
            text,
            not_tested: None,
            about,
            derived: Some(derived),
            span: span.clone(),
        }
    }

    /// The status itself, the form of the body, and each header and member that has to be there.
    fn answer(&self, rule: &ResponseRule, out: &mut Vec<Requirement>) {
        let statuses = rule.statuses;
        let derived = Derived::Answer(statuses);
        let about = |subjects: Vec<Subject>| About {
            answer: statuses.one(),
            subjects,
            ..About::default()
        };
        if let Some(status) = statuses.one() {
            let text = format!("It answers with {statuses} where the document says so.");
            // A success that is refused is no success, whatever the number is.
            let outcome = (status < 400).then_some(Subject::Accepted);
            let about = about(outcome.into_iter().chain([Subject::Status]).collect());
            let name = statuses.to_string();
            out.push(self.one(&name, "response", text, about, derived, &rule.span));
        }
        if !rule.schemas.is_empty() {
            let text = format!("The body of {statuses} has the documented type and form.");
            let about = About {
                response: vec![String::new()],
                response_headers: vec!["Content-Type".to_owned()],
                ..about(vec![Subject::MediaType, Subject::Form])
            };
            let name = format!("{statuses}/body");
            out.push(self.one(&name, "response", text, about, derived, &rule.span));
        }
        for member in rule.members.iter().filter(|member| member.required) {
            let at = format!("/{}", pointer_part(&member.name));
            let subject = Subject::Member(at.clone());
            let text = format!(
                "The body of {statuses} has `{}` as documented.",
                member.name
            );
            let about = About {
                response: vec![at],
                ..about(vec![subject.clone()])
            };
            let name = format!("{statuses}/member/{}", member.name);
            let span = rule.written(&subject);
            out.push(self.one(&name, "response", text, about, derived, span));
        }
        for header in rule.headers.iter().filter(|header| header.required) {
            let text = format!("Answers with {statuses} have the header `{}`.", header.name);
            let about = About {
                response_headers: vec![header.name.clone()],
                ..about(vec![Subject::header(&header.name)])
            };
            let name = format!("{statuses}/header/{}", header.name);
            out.push(self.one(&name, "response", text, about, derived, &header.span));
        }
    }

    /// A request without a required part is refused.
    fn omissions(&self, out: &mut Vec<Requirement>) {
        let operation = self.operation;
        let lists = [
            ("header", &operation.headers),
            ("query", &operation.query),
            ("member", &operation.members),
        ];
        for (what, list) in lists {
            for (name, _) in list.iter().filter(|(_, required)| *required) {
                let mut about = About {
                    mode: Some(Mode::Omitted),
                    subjects: vec![Subject::Refused],
                    ..About::default()
                };
                match what {
                    "header" => about.headers.push(name.clone()),
                    "query" => about.query.push(name.clone()),
                    _ => about.members.push(format!("/{}", pointer_part(name))),
                }
                let id = format!("{what}/{name}/omitted");
                let text = format!("A request without the {what} `{name}` is refused.");
                let kind = if what == "header" { "header" } else { "body" };
                out.push(self.one(&id, kind, text, about, Derived::Omission, &operation.span));
            }
        }
    }
}
