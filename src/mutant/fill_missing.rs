//! Requests mended on their way: a server that tolerates what it has to refuse.
//!
//! What a valid value is, only the target knows. It is learned from requests that went well, so the
//! mended request names the same application that the others name.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::{
    contract::Mode,
    exchange::{Request, Response},
};

/// A place in a request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A header; names are compared without regard to letter case.
    Header(String),
    /// A top-level member of the body.
    Member(String),
}

impl Part {
    /// The name, as the document writes it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Header(name) | Self::Member(name) => name,
        }
    }

    /// The same part for every spelling of its name.
    fn key(&self) -> Self {
        match self {
            Self::Header(name) => Self::Header(name.to_ascii_lowercase()),
            Self::Member(_) => self.clone(),
        }
    }

    fn read(&self, request: &Request) -> Option<Value> {
        match self {
            Self::Header(name) => request.header(name).map(Value::from),
            Self::Member(name) => object(request)?.get(name).cloned(),
        }
    }

    /// Whether this place of the request is left out or blank, as asked.
    pub(super) fn stands(&self, request: &Request, mode: Mode) -> bool {
        // A body that is no object leaves nothing out: it is wrong in another way.
        if matches!(self, Self::Member(_)) && object(request).is_none() {
            return false;
        }
        match (mode, self.read(request)) {
            (Mode::Omitted, value) => value.is_none(),
            (Mode::Blank, Some(Value::String(text))) => text.trim().is_empty(),
            _ => false,
        }
    }

    fn write(&self, request: &mut Request, value: &Value) {
        match self {
            Self::Header(name) => {
                let text = value.as_str().unwrap_or_default().to_owned();
                match request
                    .headers
                    .iter_mut()
                    .find(|(known, _)| known.eq_ignore_ascii_case(name))
                {
                    Some((_, known)) => *known = text,
                    None => request.headers.push((name.clone(), text)),
                }
            }
            Self::Member(name) => {
                let Some(mut members) = object(request) else {
                    return;
                };
                members.insert(name.clone(), value.clone());
                let body = Value::Object(members).to_string().into_bytes();
                for (header, length) in &mut request.headers {
                    if header.eq_ignore_ascii_case("content-length") {
                        *length = body.len().to_string();
                    }
                }
                request.body = Some(body);
            }
        }
    }
}

fn object(request: &Request) -> Option<Map<String, Value>> {
    serde_json::from_slice(request.body.as_deref()?).ok()
}

/// Fills in what a request of the operation leaves out or blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestEdit {
    /// All of them have to stand in this mode.
    pub parts: Vec<Part>,
    /// [`Mode::Omitted`] or [`Mode::Blank`].
    pub mode: Mode,
}

impl RequestEdit {
    /// Whether a request leaves out or blank what this fills in.
    #[must_use]
    pub fn meets(&self, request: &Request) -> bool {
        let mut parts = self.parts.iter();
        parts.all(|part| part.stands(request, self.mode))
    }

    /// Mends a request; false when there was nothing to mend or no good value is known.
    pub fn fill(&self, request: &mut Request, good: &Good) -> bool {
        if !self.meets(request) {
            return false;
        }
        let origin = origin(request);
        let known: Option<Vec<_>> = self
            .parts
            .iter()
            .map(|part| good.values.get(&(origin.clone(), part.key())))
            .collect();
        let Some(values) = known else { return false };
        for (part, value) in self.parts.iter().zip(values) {
            part.write(request, value);
        }
        true
    }
}

/// Values that went well, by the address they were sent to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Good {
    values: BTreeMap<(String, Part), Value>,
}

impl Good {
    /// Keeps what an exchange of the operation sent, when it was answered with success.
    pub fn note(&mut self, request: &Request, response: &Response) {
        if !(200..300).contains(&response.status) {
            return;
        }
        let origin = origin(request);
        for (name, value) in &request.headers {
            if !value.trim().is_empty() {
                let part = Part::Header(name.clone()).key();
                self.values
                    .insert((origin.clone(), part), Value::from(value.as_str()));
            }
        }
        for (name, value) in object(request).into_iter().flatten() {
            self.values
                .insert((origin.clone(), Part::Member(name)), value);
        }
    }
}

/// Who was addressed: the authority of the URL, or the `Host` of a request that has only a path.
fn origin(request: &Request) -> String {
    let authority = request
        .url
        .split_once("://")
        .and_then(|(_, rest)| rest.split(['/', '?']).next());
    authority
        .or_else(|| request.header("host"))
        .unwrap_or_default()
        .to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&str, &str)], body: Option<&str>) -> Request {
        Request {
            method: "POST".into(),
            url: "http://one/x".into(),
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            body: body.map(|text| text.as_bytes().to_vec()),
            exact: false,
            hostless: false,
        }
    }

    fn answer(status: u16) -> Response {
        Response {
            status,
            headers: Vec::new(),
            body: Vec::new().into(),
            defects: Vec::new(),
        }
    }

    fn edit(part: Part, mode: Mode) -> RequestEdit {
        RequestEdit {
            parts: vec![part],
            mode,
        }
    }

    #[test]
    fn what_is_left_out_or_blank_is_filled_with_what_went_well() {
        let mut good = Good::default();
        good.note(
            &request(&[("X-client-id", "app")], Some(r#"{"p":"v"}"#)),
            &answer(200),
        );
        let header = Part::Header("X-client-id".into());

        let mut omitted = request(&[("A", "1")], None);
        assert!(edit(header.clone(), Mode::Omitted).fill(&mut omitted, &good));
        assert_eq!(omitted.header("X-Client-Id"), Some("app"));
        assert_eq!(omitted.headers[0], ("A".to_owned(), "1".to_owned()));

        let mut blank = request(&[("X-client-id", " ")], None);
        assert!(!edit(header.clone(), Mode::Omitted).fill(&mut blank, &good));
        assert!(edit(header, Mode::Blank).fill(&mut blank, &good));
        assert_eq!(blank.headers.len(), 1);
        assert_eq!(blank.header("x-client-id"), Some("app"));

        let mut body = request(&[("Content-Length", "7")], Some(r#"{"q":1}"#));
        assert!(edit(Part::Member("p".into()), Mode::Omitted).fill(&mut body, &good));
        assert_eq!(body.body.as_deref(), Some(&br#"{"q":1,"p":"v"}"#[..]));
        assert_eq!(body.header("content-length"), Some("15"));
    }

    #[test]
    fn a_refused_request_another_address_and_a_broken_body_teach_nothing() {
        let mut good = Good::default();
        good.note(&request(&[("h", "v")], None), &answer(400));
        let part = Part::Header("h".into());
        let mut asked = request(&[], None);
        assert!(!edit(part.clone(), Mode::Omitted).fill(&mut asked, &good));

        good.note(&request(&[("h", "v")], None), &answer(200));
        asked.url = "http://two/x".into();
        assert!(!edit(part, Mode::Omitted).fill(&mut asked, &good));

        let mut broken = request(&[], Some("{"));
        assert!(!edit(Part::Member("p".into()), Mode::Omitted).fill(&mut broken, &good));
    }
}
