//! What was sent and what came back, as the page shows it.

use serde::Serialize;

use super::body::{self, Line};
use crate::{
    report::text::{one_line, visible},
    result::RecordedExchange,
};

/// What was sent, and what came back.
#[derive(Serialize)]
pub(super) struct Exchange {
    call: String,
    request_headers: Vec<(String, String)>,
    request_body: Vec<Line>,
    status: Option<u16>,
    millis: u128,
    response_headers: Vec<Header>,
    response_body: Vec<Line>,
    /// The status itself is wrong.
    status_marked: bool,
    trouble: String,
    tokens: Vec<Token>,
    curl: String,
}

#[derive(Serialize)]
struct Header {
    name: String,
    value: String,
    marked: bool,
}

#[derive(Serialize)]
struct Token {
    place: String,
    summary: String,
    header: String,
    claims: String,
}

impl Exchange {
    /// An exchange in which these places are wrong.
    pub(super) fn of(exchange: &RecordedExchange, wrong: &[&str]) -> Self {
        let pointers: Vec<&str> = wrong.iter().copied().filter_map(body::pointer).collect();
        let is_wrong = |place: &str| {
            let mut wrong = wrong.iter();
            wrong.any(|one| one.eq_ignore_ascii_case(place))
        };
        let body = |text: &Option<String>, wrong: &[&str]| {
            let text = text.as_deref().unwrap_or_default();
            body::bounded(body::lines(text, wrong))
        };
        let token = |text: &str| {
            let lines = body::lines(text, &[]).into_iter().map(|line| line.text);
            lines.collect::<Vec<_>>().join("\n")
        };
        Self {
            call: one_line(&format!("{} {}", exchange.method, exchange.url)),
            request_headers: exchange
                .request_headers
                .iter()
                .map(|(name, value)| (one_line(name), one_line(value)))
                .collect(),
            request_body: body(&exchange.request_body, &[]),
            status: exchange.status,
            millis: exchange.elapsed.as_millis(),
            response_headers: exchange
                .response_headers
                .iter()
                .map(|(name, value)| Header {
                    marked: is_wrong(&format!("header {name}")),
                    name: one_line(name),
                    value: one_line(value),
                })
                .collect(),
            response_body: body(&exchange.response_body, &pointers),
            status_marked: is_wrong("status"),
            trouble: one_line(exchange.trouble.as_deref().unwrap_or_default()),
            tokens: exchange
                .tokens
                .iter()
                .map(|one| Token {
                    place: one_line(&one.place),
                    summary: one_line(&one.summary),
                    header: token(&one.header),
                    claims: token(&one.claims),
                })
                .collect(),
            curl: visible(&exchange.curl),
        }
    }
}
