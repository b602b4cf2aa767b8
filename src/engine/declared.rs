//! Whether what left is what the row declares; every difference is a mistake of ours.
//!
//! Takes: a [`Request`] and the heads that were seen to leave for it. Gives: a sentence, or nothing.
//! Never: says a value, which may be a secret.

use super::wire::{Head, authority};
use crate::exchange::Request;

/// Headers that the transport may send although no row declares them.
const ADDED: [&str; 4] = [
    // Without it, HTTP/1.1 makes the request invalid.
    "host",
    // The server could not find the end of the body.
    "content-length",
    // The raw transport says that it sends one request a connection.
    "connection",
    // The client always says that it takes any media type, and has no setting against it.
    "accept",
];

/// How what left differs from what was meant, in one sentence without values; `None` when it does
/// not. `answered` says that an answer came, so that a head must have left.
pub(super) fn fault(
    request: &Request,
    line: &str,
    departed: &[Head],
    answered: bool,
) -> Option<String> {
    let head = match departed {
        [] => return answered.then(|| "an answer came, but no head was seen to leave".to_owned()),
        [head] => head,
        _ => return Some(format!("the request left {} times", departed.len())),
    };
    if head.line != line {
        return Some(format!("the request line left as `{}`", head.line));
    }
    let declared = |name: &str| request.header(name).is_some();
    let (own, added): (Vec<_>, Vec<_>) = head.headers.iter().partition(|(name, _)| declared(name));
    for (at, (name, value)) in added.iter().enumerate() {
        let lower = name.to_ascii_lowercase();
        // Ordinary connections are kept open, and that is what HTTP/1.1 means by silence.
        let other = if request.exact {
            "accept"
        } else {
            "connection"
        };
        if lower == other || !ADDED.contains(&lower.as_str()) {
            return Some(format!("header `{name}` left, but it is not declared"));
        }
        let twice = added[..at]
            .iter()
            .any(|(known, _)| known.eq_ignore_ascii_case(name));
        if twice || *value != expected(request, &lower) {
            return Some(format!(
                "header `{name}`, which the transport adds, does not say what it should"
            ));
        }
    }
    if request.exact {
        // Letters and order are part of what is meant.
        return (!own.iter().copied().eq(&request.headers)).then(|| {
            let at = own.iter().zip(&request.headers).find(|(l, d)| *l != d);
            let name = at.map_or("", |(_, (name, _))| name.as_str());
            format!("the declared headers left in other letters, values or order, from `{name}` on")
        });
    }
    request.headers.iter().find_map(|(name, _)| {
        let left = values(own.iter().copied(), name);
        let meant = values(request.headers.iter(), name);
        (left != meant).then(|| {
            format!(
                "header `{name}` is declared {} and left {}, or with another value",
                times(meant.len()),
                times(left.len())
            )
        })
    })
}

/// The request line that the request means. A proxy that hands on what is not encrypted is told there
/// where to.
pub(super) fn line(request: &Request, proxied: bool) -> String {
    let target = request.target();
    let origin = match url::Url::parse(&request.url) {
        Ok(url) if proxied && url.scheme() == "http" => format!("http://{}", authority(&url)),
        _ => String::new(),
    };
    format!("{} {origin}{target} HTTP/1.1", request.method)
}

fn values<'h>(headers: impl Iterator<Item = &'h (String, String)>, name: &str) -> Vec<&'h str> {
    headers
        .filter(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
        .collect()
}

fn times(count: usize) -> String {
    match count {
        1 => "once".to_owned(),
        count => format!("{count} times"),
    }
}

/// What a header that the transport adds must say.
fn expected(request: &Request, name: &str) -> String {
    match name {
        "host" => url::Url::parse(&request.url)
            .map(|url| authority(&url))
            .unwrap_or_default(),
        "content-length" => request
            .body
            .as_deref()
            .unwrap_or_default()
            .len()
            .to_string(),
        "accept" => "*/*".to_owned(),
        _ => "close".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(request: &Request, departed: &[Head], answered: bool) -> Option<String> {
        super::fault(request, &line(request, false), departed, answered)
    }

    #[test]
    fn a_proxy_is_told_where_to_only_when_it_has_to_know() {
        let mut request = request(true, &[], None);
        let whole = "POST http://127.0.0.1:8080/a/../b?c=d HTTP/1.1";
        assert_eq!(line(&request, true), whole);
        request.url = "https://127.0.0.1:8080/a".into();
        assert_eq!(line(&request, true), "POST /a HTTP/1.1");
    }

    fn request(exact: bool, headers: &[(&str, &str)], body: Option<&str>) -> Request {
        Request {
            method: "POST".into(),
            url: "http://127.0.0.1:8080/a/../b?c=d".into(),
            headers: owned(headers),
            body: body.map(|body| body.as_bytes().to_vec()),
            exact,
        }
    }

    fn owned(headers: &[(&str, &str)]) -> Vec<(String, String)> {
        headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn left(headers: &[(&str, &str)]) -> Head {
        Head {
            line: "POST /a/../b?c=d HTTP/1.1".into(),
            headers: owned(headers),
        }
    }

    #[test]
    fn a_head_that_says_what_was_meant_is_no_fault() {
        let host = ("host", "127.0.0.1:8080");
        for (exact, declared, body, observed) in [
            (false, &[][..], None, &[host][..]),
            (false, &[("X-A", "1")], None, &[("x-a", "1"), host]),
            (false, &[("X-A", "")], None, &[host, ("x-a", "")]),
            (false, &[], None, &[("accept", "*/*"), host]),
            (false, &[("Accept", "b")], None, &[("accept", "b"), host]),
            (
                false,
                &[("X-A", "1"), ("X-B", "2"), ("x-a", "3")],
                Some("four"),
                &[
                    ("x-a", "1"),
                    ("x-a", "3"),
                    ("x-b", "2"),
                    ("content-length", "4"),
                ],
            ),
            (
                true,
                &[("X-A", "1"), ("x-a", "2")],
                None,
                &[host, ("X-A", "1"), ("x-a", "2"), ("Connection", "close")],
            ),
            (
                true,
                &[("HOST", "elsewhere"), ("Content-Length", "x")],
                Some("four"),
                &[("HOST", "elsewhere"), ("Content-Length", "x")],
            ),
        ] {
            let request = request(exact, declared, body);
            assert_eq!(
                fault(&request, &[left(observed)], true),
                None,
                "{observed:?}"
            );
        }
    }

    #[test]
    fn every_difference_between_meant_and_left_is_told_with_the_header() {
        let (declared, both) = (&[("X-A", "1"), ("X-B", "2")][..], ("x-b", "2"));
        for (exact, observed, told) in [
            (false, &[both][..], "X-A"),
            (false, &[("x-a", "9"), both], "X-A"),
            (false, &[("x-a", ""), both], "X-A"),
            (false, &[("x-a", "1 "), both], "X-A"),
            (false, &[("x-a", "1"), ("x-a", "1"), both], "2 times"),
            (false, &[("x-a", "1"), both, ("x-c", "")], "x-c"),
            (
                false,
                &[("x-a", "1"), both, ("accept", "text/html")],
                "accept",
            ),
            (false, &[("x-a", "1"), both, ("host", "other")], "host"),
            (
                false,
                &[("x-a", "1"), both, ("content-length", "7")],
                "length",
            ),
            (
                false,
                &[
                    ("x-a", "1"),
                    both,
                    ("content-length", "0"),
                    ("Content-Length", "0"),
                ],
                "Length",
            ),
            (
                false,
                &[("x-a", "1"), both, ("connection", "close")],
                "connection",
            ),
            (true, &[("X-A", "1"), both], "X-B"),
            (true, &[("X-B", "2"), ("X-A", "1")], "X-A"),
            (true, &[("X-A", "1")], "letters"),
            (
                true,
                &[("X-A", "1"), ("X-B", "2"), ("Accept", "*/*")],
                "Accept",
            ),
        ] {
            let request = request(exact, declared, None);
            let fault = fault(&request, &[left(observed)], true);
            assert!(
                fault.as_ref().is_some_and(|fault| fault.contains(told)),
                "{observed:?}: {fault:?}"
            );
        }
    }

    #[test]
    fn values_are_compared_in_the_order_of_the_declaration() {
        let request = request(false, &[("X-A", "1"), ("X-A", "2")], None);
        assert_eq!(
            fault(&request, &[left(&[("x-a", "1"), ("x-a", "2")])], true),
            None
        );
        assert!(fault(&request, &[left(&[("x-a", "2"), ("x-a", "1")])], true).is_some());
    }

    #[test]
    fn exactly_one_head_leaves_for_an_answer() {
        let request = request(false, &[], None);
        assert!(fault(&request, &[], true).is_some());
        assert_eq!(fault(&request, &[], false), None);
        assert!(fault(&request, &[left(&[]), left(&[])], false).is_some());
    }

    #[test]
    fn another_target_than_the_row_says_is_a_fault() {
        let mut head = left(&[]);
        head.line = "POST /b?c=d HTTP/1.1".into();
        assert!(fault(&request(false, &[], None), &[head], true).is_some());
    }
}
