//! Where in an answer something was found, and what of the answer that makes it a finding about.

use crate::result::{Mismatch, Subject};

/// A place in an answer: for people as a text, for blame as a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    text: String,
    subject: Subject,
    /// A JSON Pointer where the place is in the body.
    pointer: Option<String>,
}

impl Place {
    fn new(text: impl Into<String>, subject: Subject) -> Self {
        Self {
            text: text.into(),
            subject,
            pointer: None,
        }
    }

    /// The status line; the subject says whether only the number or the outcome is wrong.
    pub(super) fn status(subject: Subject) -> Self {
        Self::new("status", subject)
    }

    /// What status and body together say of the request that should have been refused.
    pub(super) fn status_and_body() -> Self {
        Self::new("status and body", Subject::Refused)
    }

    pub(super) fn header(name: &str) -> Self {
        Self::new(format!("header {name}"), Subject::header(name))
    }

    pub(super) fn cookie(name: &str) -> Self {
        Self::new(format!("cookie {name}"), Subject::header("set-cookie"))
    }

    pub(super) fn location() -> Self {
        Self::new("location", Subject::header("location"))
    }

    pub(super) fn delivery() -> Self {
        Self::new("delivery", Subject::Delivery)
    }

    /// The body as a whole.
    pub(super) fn body() -> Self {
        Self {
            pointer: Some(String::new()),
            ..Self::new("body", Subject::Form)
        }
    }

    /// A member of the body; the whole body for an empty pointer.
    pub(super) fn at(pointer: &str) -> Self {
        if pointer.is_empty() {
            return Self::body();
        }
        Self {
            pointer: Some(pointer.to_owned()),
            ..Self::new(
                format!("body {pointer}"),
                Subject::Member(pointer.to_owned()),
            )
        }
    }

    /// A part of a token, by where that stands as the subject has it; `words` name it for people.
    pub(super) fn token(token: &str, part: &str, words: &str) -> Self {
        let subject = Subject::Claim {
            token: token.to_owned(),
            part: part.to_owned(),
        };
        let place = match token {
            "" => "body (as text)".to_owned(),
            at if at.starts_with('/') => format!("body {at}"),
            header => header.to_owned(),
        };
        Self::new(format!("{place} › {words}"), subject)
    }

    pub(super) fn subject(&self) -> Subject {
        self.subject.clone()
    }

    /// The same place as a finding about something else.
    pub(super) fn about(mut self, subject: Subject) -> Self {
        self.subject = subject;
        self
    }

    /// A member or an element inside this place, by a part of a JSON Pointer.
    pub(super) fn join(&self, name: &str) -> Self {
        match self.pointer.as_deref() {
            // A note after the pointer, such as `(as JSON)`, stays before what follows.
            Some(pointer) if self.subject_is_of(pointer) => {
                let inside = Self::at(&format!("{pointer}/{name}"));
                let glue = if self.text == "body" { " /" } else { "/" };
                Self {
                    text: format!("{}{glue}{name}", self.text),
                    ..inside
                }
            }
            _ => Self {
                text: format!("{}/{name}", self.text),
                ..self.clone()
            },
        }
    }

    /// The same place under another name.
    pub(super) fn called(self, text: &str) -> Self {
        Self {
            text: text.to_owned(),
            ..self
        }
    }

    fn subject_is_of(&self, pointer: &str) -> bool {
        match &self.subject {
            Subject::Form => pointer.is_empty(),
            Subject::Member(at) => at == pointer,
            _ => false,
        }
    }

    /// The same place, read in another way: `(as JSON)`, `(its length)`.
    pub(super) fn note(&self, words: &str) -> Self {
        Self {
            text: format!("{} ({words})", self.text),
            ..self.clone()
        }
    }

    pub(super) fn mismatch(
        &self,
        expected: impl Into<String>,
        actual: impl Into<String>,
    ) -> Mismatch {
        self.one_of(vec![expected.into()], actual)
    }

    /// A mismatch where several values would have held.
    pub(super) fn one_of(&self, expected: Vec<String>, actual: impl Into<String>) -> Mismatch {
        Mismatch {
            subject: self.subject.clone(),
            place: self.text.clone(),
            expected,
            actual: actual.into(),
        }
    }

    /// A mismatch where the place should be empty: it is about what should not be there.
    pub(super) fn unwanted(&self, expected: &str, actual: impl Into<String>) -> Mismatch {
        let mut out = self.mismatch(expected, actual);
        if let Subject::Member(at) = out.subject {
            out.subject = Subject::Absent(at);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(place: &Place, text: &str, subject: Subject) {
        let found = place.mismatch("a", "b");
        assert_eq!((found.place.as_str(), found.subject), (text, subject));
    }

    #[test]
    fn a_member_inside_a_member_is_a_subject_of_its_own() {
        let inside = Place::body().join("a").join("0");
        check(&inside, "body /a/0", Subject::Member("/a/0".into()));
        check(&Place::body(), "body", Subject::Form);
    }

    #[test]
    fn a_place_that_is_read_in_another_way_keeps_its_words_and_its_subject() {
        let decoded = Place::at("/data").note("as JSON").join("0");
        check(
            &decoded,
            "body /data (as JSON)/0",
            Subject::Member("/data/0".into()),
        );
        let length = Place::body().note("its length");
        check(&length, "body (its length)", Subject::Form);
    }

    #[test]
    fn what_is_inside_a_claim_is_about_the_claim() {
        let claim = Subject::Claim {
            token: "/t".into(),
            part: "aud".into(),
        };
        let place = Place::token("/t", "aud", "claim aud").join("0");
        check(&place, "body /t › claim aud/0", claim);
    }

    #[test]
    fn what_should_not_be_there_is_another_subject_than_what_should() {
        let found = Place::at("/a").unwanted("absent", "1");
        assert_eq!(found.subject, Subject::Absent("/a".into()));
    }
}
