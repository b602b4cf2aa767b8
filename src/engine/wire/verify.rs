//! Whether what left is what the author declared; every difference is a mistake of ours.
//!
//! Takes: a [`Request`] and the bytes that were seen to leave for it. Gives: a sentence, or nothing.
//! Never: says a value, which may be a secret.

use url::Url;

use super::{head::authority, sent::Head};
use crate::exchange::Request;

/// How what left, head and body, differs from what was meant, in one sentence without values; `None`
/// when it does not. `login` is what a proxy is to be told; `answered` says that an answer came, so that
/// a head must have left.
pub(super) fn fault(
    request: &Request,
    line: &str,
    login: Option<&str>,
    sent: Option<(&Head, &[u8])>,
    answered: bool,
) -> Option<String> {
    let Some((head, behind)) = sent else {
        return answered.then(|| "an answer came, but no head was seen to leave".to_owned());
    };
    if head.line != line {
        return Some(format!("the request line left as `{}`", head.line));
    }
    let declared = |name: &str| request.header(name).is_some();
    let (own, added): (Vec<_>, Vec<_>) = head.headers.iter().partition(|(name, _)| declared(name));
    for (at, (name, value)) in added.iter().enumerate() {
        let Some(expected) = expected(request, login, name) else {
            return Some(format!("header `{name}` left, but it is not declared"));
        };
        let mut before = added[..at].iter();
        if before.any(|(known, _)| known.eq_ignore_ascii_case(name)) || *value != expected {
            return Some(format!(
                "header `{name}`, which the transport adds, does not say what it should"
            ));
        }
    }
    // Letters and order are part of what is meant.
    if !own.iter().copied().eq(&request.headers) {
        let at = own.iter().zip(&request.headers).find(|(l, d)| *l != d);
        let name = at.map_or("", |(_, (name, _))| name.as_str());
        return Some(format!(
            "the declared headers left in other letters, values or order, from `{name}` on"
        ));
    }
    // An answer may come before all of the body left.
    let body = request.body.as_deref().unwrap_or_default();
    let whole = body.starts_with(behind);
    (!whole).then(|| "other bytes left behind the head than the body has".to_owned())
}

/// What a header must say that is sent although nobody declared it; `None` of one that must not be.
fn expected(request: &Request, login: Option<&str>, name: &str) -> Option<String> {
    let body = request.body.as_deref();
    match name.to_ascii_lowercase().as_str() {
        // Without it, HTTP/1.1 makes the request invalid.
        "host" if request.hostless => None,
        "host" => Url::parse(&request.url).map(|url| authority(&url)).ok(),
        // The server could not find the end of the body.
        "content-length" => body.map(|body| body.len().to_string()),
        // What follows on the connection of an exact request nobody can tell.
        "connection" if request.exact => Some("close".to_owned()),
        "proxy-authorization" => login.map(str::to_owned),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(
        request: &Request,
        login: Option<&str>,
        sent: &[u8],
        answered: bool,
    ) -> Option<String> {
        let head = Head::read(sent);
        let sent = head.as_ref().map(|head| (head, &sent[head.length..]));
        super::fault(request, LINE, login, sent, answered)
    }

    const LINE: &str = "POST /a/../b?c=d HTTP/1.1";

    fn request(exact: bool, headers: &[(&str, &str)], body: Option<&str>) -> Request {
        Request {
            method: "POST".into(),
            url: "http://127.0.0.1:8080/a/../b?c=d".into(),
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            body: body.map(|body| body.as_bytes().to_vec()),
            exact,
            hostless: false,
        }
    }

    fn sent(headers: &[(&str, &str)], body: &str) -> Vec<u8> {
        let lines = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"));
        format!("{LINE}\r\n{}\r\n{body}", lines.collect::<String>()).into_bytes()
    }

    #[test]
    fn what_was_meant_is_no_fault() {
        let host = ("Host", "127.0.0.1:8080");
        let close = ("Connection", "close");
        for (exact, declared, body, observed) in [
            (false, &[][..], None, &[host][..]),
            (false, &[("X-A", "1")], None, &[host, ("X-A", "1")]),
            (false, &[("X-A", "")], None, &[host, ("X-A", "")]),
            (false, &[], Some("four"), &[host, ("content-length", "4")]),
            (
                true,
                &[("X-A", "1"), ("x-a", "2")],
                None,
                &[host, ("X-A", "1"), ("x-a", "2"), close],
            ),
            (
                true,
                &[("HOST", "elsewhere"), ("Content-Length", "x")],
                Some("four"),
                &[("HOST", "elsewhere"), ("Content-Length", "x")],
            ),
        ] {
            let request = request(exact, declared, body);
            let sent = sent(observed, body.unwrap_or_default());
            assert_eq!(fault(&request, None, &sent, true), None, "{observed:?}");
        }
    }

    #[test]
    fn every_difference_between_meant_and_left_is_told_with_the_header() {
        let declared = &[("X-A", "1"), ("X-B", "2")][..];
        let (a, b) = (("X-A", "1"), ("X-B", "2"));
        for (exact, observed, message) in [
            (false, &[b][..], "X-A"),
            (false, &[("X-A", "9"), b], "X-A"),
            (false, &[("x-a", "1"), b], "X-A"),
            (false, &[("X-A", ""), b], "X-A"),
            (false, &[("X-A", "1 "), b], "X-A"),
            (false, &[a, a, b], "X-B"),
            (false, &[b, a], "X-A"),
            (false, &[a], "letters"),
            (false, &[a, b, ("x-c", "")], "x-c"),
            (false, &[a, b, ("accept", "*/*")], "accept"),
            (false, &[a, b, ("host", "other")], "host"),
            (false, &[a, b, ("content-length", "7")], "length"),
            (false, &[a, b, ("connection", "close")], "connection"),
            (false, &[a, b, ("Proxy-Authorization", "x")], "Proxy"),
            (
                true,
                &[a, b, ("Connection", "close"), ("Connection", "close")],
                "Connection",
            ),
        ] {
            let fault = fault(
                &request(exact, declared, None),
                None,
                &sent(observed, ""),
                true,
            );
            assert!(
                fault.as_ref().is_some_and(|fault| fault.contains(message)),
                "{observed:?}: {fault:?}"
            );
        }
    }

    #[test]
    fn a_proxy_is_told_its_login_and_nothing_else() {
        let request = request(false, &[], None);
        let head = sent(&[("Proxy-Authorization", "Basic x")], "");
        assert_eq!(fault(&request, Some("Basic x"), &head, true), None);
        assert!(fault(&request, Some("Basic y"), &head, true).is_some());
    }

    #[test]
    fn an_answer_needs_a_head_and_what_follows_it_is_the_body() {
        let request = request(false, &[], Some("four"));
        let length = [("Content-Length", "4")];
        assert!(fault(&request, None, b"", true).is_some());
        assert_eq!(fault(&request, None, b"", false), None);
        assert_eq!(fault(&request, None, b"POST /a", false), None);
        for (body, right) in [
            ("four", true),
            ("fo", true),
            ("fours", false),
            ("five", false),
        ] {
            let fault = fault(&request, None, &sent(&length, body), true);
            assert_eq!(fault.is_none(), right, "{body}");
        }
    }

    #[test]
    fn another_target_than_the_author_says_is_a_fault() {
        let left = b"POST /b?c=d HTTP/1.1\r\n\r\n";
        assert!(fault(&request(false, &[], None), None, left, true).is_some());
    }
}
