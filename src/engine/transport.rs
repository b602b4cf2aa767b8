//! The HTTP client: the only sender. Redirects are recorded and never followed; sizes and times are bounded.

use std::{error::Error as _, time::Duration};

use reqwest::{Client, Method, header::HeaderValue, redirect};

use super::raw;
use crate::{
    clock::{Stopwatch, unix_seconds},
    exchange::{Exchange, Request, Response, TransportError},
};

/// Sends requests and records what left and what came back.
#[derive(Debug, Clone)]
pub(crate) struct Transport {
    client: Client,
    timeout: Duration,
    max_body: usize,
}

impl Transport {
    /// One client for the whole run. `plain` says that no target uses TLS, so that no certificates
    /// need to be loaded.
    ///
    /// # Errors
    /// When the TLS backend cannot be set up.
    pub(crate) fn new(
        timeout: Duration,
        max_body: usize,
        plain: bool,
    ) -> Result<Self, TransportError> {
        let mut builder = Client::builder()
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .tcp_nodelay(true)
            .timeout(timeout);
        if plain {
            builder = builder.tls_certs_only(std::iter::empty());
        }
        let client = builder.build().map_err(|error| trouble(&error))?;
        Ok(Self {
            client,
            timeout,
            max_body,
        })
    }

    /// Sends one request. Trouble is part of the exchange, never an error of this function.
    pub(crate) async fn send(&self, request: Request) -> Exchange {
        let watch = Stopwatch::start();
        let (sent_headers, outcome) = if request.exact {
            raw::send(&request, self.timeout, self.max_body).await
        } else {
            (added(&request), self.ordinary(&request).await)
        };
        Exchange {
            request,
            sent_headers,
            outcome,
            elapsed: watch.elapsed(),
            at: unix_seconds(),
        }
    }

    async fn ordinary(&self, request: &Request) -> Result<Response, TransportError> {
        let method = Method::from_bytes(request.method.as_bytes()).map_err(|_| TransportError {
            message: format!("`{}` is not a method", request.method),
        })?;
        let mut builder = self.client.request(method, &request.url);
        for (name, value) in &request.headers {
            let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| TransportError {
                message: format!("the value of `{name}` cannot be sent as a header"),
            })?;
            builder = builder.header(name, value);
        }
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        let mut answer = builder.send().await.map_err(|error| trouble(&error))?;
        let status = answer.status().as_u16();
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect();
        let mut body = Vec::new();
        let mut truncated = false;
        while let Some(chunk) = answer.chunk().await.map_err(|error| trouble(&error))? {
            let room = self.max_body - body.len();
            if chunk.len() > room {
                body.extend_from_slice(&chunk[..room]);
                truncated = true;
                break;
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Response {
            status,
            headers,
            body,
            truncated,
        })
    }
}

/// The head as reqwest writes it: names in lower case, `accept`, `host` and the length added.
fn added(request: &Request) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = request
        .headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
        .collect();
    let mut add = |name: &str, value: String| {
        if !out.iter().any(|(known, _)| known == name) {
            out.push((name.to_owned(), value));
        }
    };
    add("accept", "*/*".to_owned());
    if let Ok(url) = url::Url::parse(&request.url) {
        add("host", raw::authority(&url));
    }
    if let Some(body) = &request.body {
        add("content-length", body.len().to_string());
    }
    out
}

/// The error with its causes, without the URL, which may hold secrets.
fn trouble(error: &reqwest::Error) -> TransportError {
    let mut message = if error.is_timeout() {
        "no answer in time".to_owned()
    } else if error.is_connect() {
        "cannot connect".to_owned()
    } else {
        "the exchange broke off".to_owned()
    };
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        if !message.contains(&text) {
            message.push_str(": ");
            message.push_str(&text);
        }
        cause = inner.source();
    }
    TransportError { message }
}
