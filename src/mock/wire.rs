//! How an answer is written onto the wire: everything HTTP and JSON leave to the sender.
//!
//! Nothing here changes the meaning of an answer.

use std::{
    collections::VecDeque,
    convert::Infallible,
    fmt::Write as _,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use fastrand::Rng;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use http_body_util::{Either, Full};
use hyper::{body::Frame, ext::ReasonPhrase, server::conn::http1};
use serde_json::{Map, Value};

use super::{answer::Answer, draw::Draw};

/// Bytes in one piece of a body whose length is not announced.
const PIECE: usize = 200;

/// Ways to write the one media type that is documented.
const CONTENT_TYPES: [&str; 5] = [
    "application/json",
    "application/json;charset=UTF-8",
    "application/json; charset=utf-8",
    "application/json ; charset=\"utf-8\"",
    "Application/JSON",
];

type Headers = &'static [(&'static str, &'static str)];

const OF_A_GATEWAY: Headers = &[
    ("server", "gateway"),
    ("via", "1.1 edge"),
    ("x-request-id", "5f1c7a52-7a55-4d6e-9a0b-2f6f2a4b8c11"),
    ("vary", "Origin, Accept-Encoding"),
];

const OF_AN_APPLICATION_SERVER: Headers = &[
    ("cache-control", "no-cache, no-store, max-age=0"),
    ("pragma", "no-cache"),
    ("expires", "0"),
    ("x-content-type-options", "nosniff"),
    ("strict-transport-security", "max-age=31536000"),
    ("set-cookie", "route=3; Path=/; HttpOnly"),
    ("set-cookie", "lang=zh; Path=/"),
];

/// White space between the tokens of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spacing {
    Compact,
    /// A blank after each separator.
    Loose,
    /// A line for each member.
    Indented,
    /// Tabulators, carriage returns, and empty lines around the body.
    Wide,
}

/// How characters of a text are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escapes {
    /// Only where JSON demands it.
    Needed,
    /// `\u` for everything outside ASCII.
    Ascii,
    /// `\/` for a slash.
    Slashes,
}

/// The sender's habits.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question of its own that no other one decides"
)]
pub(super) struct Wire {
    spacing: Spacing,
    escapes: Escapes,
    /// The documents fix the media type and no parameter.
    content_type: &'static str,
    /// Whether an answer without a body leaves its content type out (EIAM, OneAccess).
    untyped_when_empty: bool,
    chunked: bool,
    title_case: bool,
    undated: bool,
    no_reason_phrase: bool,
    more_headers: Headers,
    /// Each how-many-eth answer is the last one of its connection.
    closes_after: Option<u64>,
    /// An answer may take up to so many milliseconds longer.
    delay: u64,
    seed: u64,
}

impl Wire {
    pub(super) fn draw(draw: &mut Draw) -> Self {
        Self {
            spacing: draw.one(
                "white space in bodies",
                [
                    ("none", Spacing::Compact),
                    ("a blank after each separator", Spacing::Loose),
                    ("a line for each member", Spacing::Indented),
                    ("tabulators, CRLF and lines around", Spacing::Wide),
                ],
            ),
            escapes: draw.one(
                "escapes in texts",
                [
                    ("where JSON demands them", Escapes::Needed),
                    ("for everything outside ASCII", Escapes::Ascii),
                    ("for slashes", Escapes::Slashes),
                ],
            ),
            content_type: draw.one("content type", CONTENT_TYPES.map(|text| (text, text))),
            untyped_when_empty: draw.flag(
                "content type of an empty answer (EIAM, OneAccess)",
                "given",
                "left out",
            ),
            chunked: draw.flag("length of a body", "announced", "chunked"),
            title_case: draw.flag("header names", "in small letters", "in title case"),
            undated: draw.flag("Date", "given", "left out"),
            no_reason_phrase: draw.flag("reason phrase", "given", "left out"),
            more_headers: draw.one(
                "further headers",
                [
                    ("none", &[][..]),
                    ("of a gateway", OF_A_GATEWAY),
                    ("of an application server", OF_AN_APPLICATION_SERVER),
                ],
            ),
            closes_after: draw.one(
                "a connection is closed",
                [
                    ("by the client", None),
                    ("after some answers", Some(7)),
                    ("after every answer", Some(1)),
                ],
            ),
            delay: draw.one(
                "delay of an answer",
                [("none", 0), ("up to 2 ms", 2), ("up to 5 ms", 5)],
            ),
            seed: draw.seed(),
        }
    }

    /// The content type of a body, or of none.
    pub(super) fn content_type(
        &self,
        empty: bool,
        printed_when_empty: bool,
    ) -> Option<&'static str> {
        let left_out = empty && self.untyped_when_empty && !printed_when_empty;
        (!left_out).then_some(self.content_type)
    }

    /// The text of a JSON body.
    pub(super) fn body(&self, members: Map<String, Value>) -> Vec<u8> {
        let value = Value::Object(members);
        // A line break inside a text is escaped, so every one that is seen stands between tokens.
        let text = match self.spacing {
            Spacing::Compact => value.to_string(),
            Spacing::Loose => indented(&value, b"").replace('\n', " "),
            Spacing::Indented => indented(&value, b"  "),
            Spacing::Wide => format!("\n{}\n", indented(&value, b"\t")).replace('\n', "\r\n"),
        };
        let text = match self.escapes {
            Escapes::Needed => text,
            Escapes::Ascii => escaped(&text),
            // Outside a text, JSON has no slash.
            Escapes::Slashes => text.replace('/', "\\/"),
        };
        text.into_bytes()
    }

    /// Waited before the answer of this number.
    pub(super) fn delay(&self, number: u64) -> Duration {
        let mut rng = Rng::with_seed(self.seed ^ number);
        Duration::from_millis(rng.u64(..=self.delay))
    }

    /// A connection of this sender.
    pub(super) fn connection(&self) -> http1::Builder {
        let mut builder = http1::Builder::new();
        builder
            .half_close(true)
            .title_case_headers(self.title_case)
            .auto_date_header(!self.undated);
        builder
    }

    /// The response of this number.
    pub(super) fn respond(&self, answer: Answer, number: u64) -> Response<Body> {
        let mut response = Response::new(if self.chunked && !answer.body.is_empty() {
            Either::Right(Pieces::of(&answer.body))
        } else {
            whole(answer.body)
        });
        *response.status_mut() =
            StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if self.no_reason_phrase {
            let none = ReasonPhrase::from_static(b"");
            response.extensions_mut().insert(none);
        }
        let headers = response.headers_mut();
        if let Some(value) = answer.content_type.and_then(|kind| kind.parse().ok()) {
            headers.insert(header::CONTENT_TYPE, value);
        }
        for (name, value) in self.more_headers {
            headers.append(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        if self
            .closes_after
            .is_some_and(|every| number % every == every - 1)
        {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

fn indented(value: &Value, indent: &[u8]) -> String {
    let mut text = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(indent);
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, formatter);
    match serde::Serialize::serialize(value, &mut serializer) {
        Ok(()) => String::from_utf8(text).unwrap_or_default(),
        // Writing a value into memory does not fail.
        Err(_) => value.to_string(),
    }
}

/// Every character outside ASCII as one or two `\u` escapes (RFC 8259, section 7).
fn escaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii() {
            plain.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing into a String does not fail.
                let _ = write!(plain, "\\u{unit:04x}");
            }
        }
    }
    plain
}

/// The body of an answer, in either way of sending it.
pub(super) type Body = Either<Full<Bytes>, Pieces>;

/// A body whose length is announced.
pub(super) fn whole(body: impl Into<Bytes>) -> Body {
    Either::Left(Full::new(body.into()))
}

/// A body that comes in pieces, without its length being announced.
#[derive(Debug)]
pub(super) struct Pieces(VecDeque<Bytes>);

impl Pieces {
    fn of(body: &[u8]) -> Self {
        Self(body.chunks(PIECE).map(Bytes::copy_from_slice).collect())
    }
}

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::mock::variation::Variation;

    #[test]
    fn a_body_means_the_same_however_it_is_written() {
        let content = json!({ "a/b": "参数/\n\"𝄞\"", "list": [1, { "c": null }], "empty": {} });
        let members = content.as_object().expect("an object");
        let mut written = std::collections::BTreeSet::new();
        for seed in 0..100 {
            let body = Variation::from_seed(seed).wire.body(members.clone());
            let read: Value = serde_json::from_slice(&body).expect("JSON");
            assert_eq!(read, content, "seed {seed}");
            written.insert(body);
        }
        assert_eq!(written.len(), 12, "four spacings in three kinds of escapes");
    }

    #[test]
    fn pieces_are_the_body_when_put_together() {
        let body: Vec<u8> = (0..=250).cycle().take(3 * PIECE + 1).collect();
        let pieces = Pieces::of(&body);
        assert_eq!(pieces.0.len(), 4);
        let together: Vec<u8> = pieces.0.into_iter().flatten().collect();
        assert_eq!(together, body);
    }
}
