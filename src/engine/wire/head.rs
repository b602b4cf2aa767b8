//! The bytes of a request: what its author wrote, and the little that HTTP needs besides.

use http::{HeaderName, HeaderValue, Method};
use url::{Position, Url};

use crate::exchange::{Request, TransportError};

type Headers = Vec<(String, String)>;

/// `host:port`, the port only when it is not the scheme's own.
pub(crate) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// The address of a request that leaves as it is written. Unless it is exact, it has to be HTTP.
///
/// # Errors
/// What of the request cannot be sent, in a sentence.
pub(super) fn checked(request: &Request) -> Result<Url, TransportError> {
    let refuse = |message: String| Err(TransportError::Unsendable(message));
    let url = match Url::parse(&request.url) {
        Ok(url) => url,
        Err(error) => return refuse(format!("not a URL: {error}")),
    };
    if request.exact {
        return Ok(url);
    }
    // A URL has its `..` resolved and what it cannot hold encoded.
    if &url[Position::BeforePath..Position::AfterQuery] != request.target() {
        let message =
            "the path cannot be sent as it is written; percent-encode it or write `raw: true`";
        return refuse(message.to_owned());
    }
    if Method::from_bytes(request.method.as_bytes()).is_err() {
        return refuse(format!("`{}` is not a method", request.method));
    }
    for (name, value) in &request.headers {
        if HeaderName::from_bytes(name.as_bytes()).is_err() {
            return refuse(format!("`{name}` is not the name of a header"));
        }
        if HeaderValue::from_bytes(value.as_bytes()).is_err() {
            return refuse(format!("the value of `{name}` cannot be sent as a header"));
        }
    }
    Ok(url)
}

/// The request line. For a proxy that forwards plain HTTP it holds the whole URL.
pub(super) fn line(request: &Request, proxied: bool) -> String {
    let target = request.target();
    let origin = match Url::parse(&request.url) {
        Ok(url) if proxied && url.scheme() == "http" => format!("http://{}", authority(&url)),
        _ => String::new(),
    };
    format!("{} {origin}{target} HTTP/1.1", request.method)
}

/// The headers to send, in order.
pub(super) fn headers(request: &Request, url: &Url) -> Headers {
    let lacks = |name: &str| request.header(name).is_none();
    let mut headers = Vec::with_capacity(request.headers.len() + 3);
    if lacks("host") && !request.hostless {
        headers.push(("Host".to_owned(), authority(url)));
    }
    headers.extend(request.headers.iter().cloned());
    if let Some(body) = &request.body
        && lacks("content-length")
        && lacks("transfer-encoding")
    {
        headers.push(("Content-Length".to_owned(), body.len().to_string()));
    }
    // Nobody knows how a target reads what is not HTTP, so nothing follows it.
    if request.exact && lacks("connection") {
        headers.push(("Connection".to_owned(), "close".to_owned()));
    }
    headers
}

pub(super) fn bytes(line: &str, headers: &Headers, body: Option<&[u8]>) -> Vec<u8> {
    let body = body.unwrap_or_default();
    let mut bytes = Vec::with_capacity(line.len() + 64 * headers.len() + body.len());
    bytes.extend_from_slice(line.as_bytes());
    bytes.extend_from_slice(b"\r\n");
    for (name, value) in headers {
        for part in [name, ": ", value, "\r\n"] {
            bytes.extend_from_slice(part.as_bytes());
        }
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(exact: bool) -> Request {
        Request {
            method: "POST".into(),
            url: "http://127.0.0.1:8080/a/../b?c=d".into(),
            headers: vec![("x-A".into(), "1".into())],
            body: Some(b"four".to_vec()),
            exact,
            hostless: false,
        }
    }

    #[test]
    fn a_proxy_is_told_where_to_only_when_it_has_to_know() {
        let mut request = request(true);
        let whole = "POST http://127.0.0.1:8080/a/../b?c=d HTTP/1.1";
        assert_eq!(line(&request, true), whole);
        assert_eq!(line(&request, false), "POST /a/../b?c=d HTTP/1.1");
        request.url = "https://127.0.0.1:8080/a".into();
        assert_eq!(line(&request, true), "POST /a HTTP/1.1");
    }

    #[test]
    fn what_is_added_is_what_http_needs_and_the_letters_are_the_authors() {
        let exact = request(true);
        let url = checked(&exact).expect("a URL");
        let sent = bytes("L", &headers(&exact, &url), exact.body.as_deref());
        assert_eq!(
            String::from_utf8_lossy(&sent),
            "L\r\nHost: 127.0.0.1:8080\r\nx-A: 1\r\nContent-Length: 4\r\nConnection: close\r\n\r\nfour"
        );
        let mut own = request(true);
        own.headers = [("HOST", "h"), ("content-length", "x"), ("connection", "y")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        assert_eq!(headers(&own, &url), own.headers);
        let mut hostless = request(true);
        hostless.hostless = true;
        assert_eq!(headers(&hostless, &url)[0].0, "x-A");
        own.headers = vec![("Transfer-Encoding".into(), "chunked".into())];
        assert!(
            headers(&own, &url)
                .iter()
                .all(|(name, _)| name != "Content-Length")
        );
    }

    #[test]
    fn what_is_not_http_is_refused_unless_it_is_meant_exactly() {
        assert!(checked(&request(true)).is_ok());
        assert!(checked(&request(false)).is_err());
        let change: [fn(&mut Request); 4] = [
            |request| request.method = "A B".into(),
            |request| request.headers[0].0 = "x a".into(),
            |request| request.headers[0].1 = "a\r\nb".into(),
            |request| request.url = "no URL".into(),
        ];
        for change in change {
            let mut request = request(false);
            request.url = "http://127.0.0.1/b".into();
            assert!(checked(&request).is_ok());
            change(&mut request);
            assert!(checked(&request).is_err(), "{request:?}");
        }
    }
}
