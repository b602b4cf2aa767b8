//! What a browser would send after a redirect, on the same host.

use crate::exchange::{Exchange, Request};

/// The next request, as RFC 9110 (15.4) has browsers make it; `None` where the answer is no redirect
/// or leads to another host. Cookies are left to the jar.
pub(super) fn next(exchange: &Exchange) -> Option<Request> {
    let (request, response) = (&exchange.request, exchange.outcome.as_ref().ok()?);
    let keeps = match response.status {
        301 | 302 => request.method != "POST",
        303 => matches!(request.method.as_str(), "GET" | "HEAD"),
        307 | 308 => true,
        _ => return None,
    };
    let parts = response.location(&request.url)?;
    let mut url = url::Url::parse(parts["url"].as_str()?).ok()?;
    if url.origin() != url::Url::parse(&request.url).ok()?.origin() {
        return None;
    }
    // A fragment is for the reader and is not sent.
    url.set_fragment(None);
    let mut next = Request {
        url: url.into(),
        ..request.clone()
    };
    next.headers
        .retain(|(name, _)| !name.eq_ignore_ascii_case("cookie"));
    if !keeps {
        "GET".clone_into(&mut next.method);
        next.body = None;
        next.headers
            .retain(|(name, _)| !name.to_ascii_lowercase().starts_with("content-"));
    }
    Some(next)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::exchange::{Response, Tape};

    fn redirected(method: &str, status: u16, location: Option<&str>) -> Option<Request> {
        next(&Exchange {
            request: Request {
                method: method.into(),
                url: "http://host:1/a?b=c".into(),
                headers: vec![
                    ("Authorization".into(), "Basic x".into()),
                    ("Content-Type".into(), "text/plain".into()),
                    ("Cookie".into(), "old=1".into()),
                ],
                body: Some(b"body".to_vec()),
                exact: false,
                hostless: false,
            },
            sent_line: String::new(),
            sent_headers: Vec::new(),
            tape: Tape::default(),
            again: None,
            fault: None,
            outcome: Ok(Response {
                status,
                headers: location
                    .map(|to| ("location".to_owned(), to.to_owned()))
                    .into_iter()
                    .collect(),
                body: Vec::new().into(),
                defects: Vec::new(),
            }),
            elapsed: Duration::ZERO,
            at_ms: 0,
        })
    }

    #[test]
    fn methods_and_bodies_are_kept_where_the_status_says_so() {
        for (method, status, then, body) in [
            ("POST", 303, "GET", false),
            ("POST", 302, "GET", false),
            ("POST", 301, "GET", false),
            ("PUT", 303, "GET", false),
            ("PUT", 302, "PUT", true),
            ("POST", 307, "POST", true),
            ("POST", 308, "POST", true),
        ] {
            let next = redirected(method, status, Some("/x#y")).unwrap();
            assert_eq!((next.method.as_str(), next.body.is_some()), (then, body));
            assert_eq!(next.header("content-type").is_some(), body);
            assert_eq!(next.url, "http://host:1/x");
            assert_eq!(next.header("authorization"), Some("Basic x"));
            assert_eq!(next.header("cookie"), None);
        }
    }

    #[test]
    fn nothing_leaves_for_another_host_or_without_an_address() {
        for location in [
            Some("http://host:2/x"),
            Some("https://host:1/x"),
            Some("http://other:1/x"),
            Some("com.app:/x"),
            None,
        ] {
            assert_eq!(redirected("GET", 302, location), None, "{location:?}");
        }
        assert_eq!(redirected("GET", 200, Some("/x")), None);
        assert_eq!(redirected("GET", 304, Some("/x")), None);
    }
}
