//! Secrets that nobody declared and that are known by their look alone.

use super::{
    CUT,
    hit::Hit,
    names::secret_parameters,
    view::{View, views},
};

/// Shorter texts that begin like a token are words.
const SHORTEST_TOKEN: usize = 20;

pub(super) fn hits(text: &str) -> Vec<Hit> {
    let mut out: Vec<Hit> = tokens(text).collect();
    out.extend(userinfo(text));
    if ["=", "%3", "\\u003", "&#"]
        .iter()
        .any(|sign| text.contains(sign))
    {
        for view in views(text) {
            parameters(&view, &mut out);
        }
    }
    out
}

/// The secret parameters of URLs, also where one URL is a parameter of another.
fn parameters(view: &View<'_>, out: &mut Vec<Hit>) {
    if !view.bytes.contains(&b'=') {
        return;
    }
    let Ok(text) = std::str::from_utf8(&view.bytes) else {
        return;
    };
    out.extend(secret_parameters(text).map(|(start, end)| {
        let secret = &text[start..end];
        Hit::of(secret, view.place(start, end))
    }));
}

/// What looks like a JWT, whole or in part.
fn tokens(text: &str) -> impl Iterator<Item = Hit> {
    let mut searched = 0;
    text.match_indices("eyJ").filter_map(move |(at, _)| {
        if at < searched {
            return None;
        }
        let tail = &text[at..];
        let foreign = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
        let length = tail.find(foreign).unwrap_or(tail.len());
        searched = at + length;
        let token = &tail[..length];
        (length > SHORTEST_TOKEN && token.contains('.')).then(|| {
            // Of a token that was cut, nobody can say whether it is signed.
            let cut = tail[length..].starts_with(CUT);
            let stands = Hit::of(token, (at, at + length));
            Hit {
                stands: stands.stands.filter(|_| !cut),
                ..stands
            }
        })
    })
}

/// Name and password in front of a URL's host.
fn userinfo(text: &str) -> impl Iterator<Item = Hit> {
    text.match_indices("://").filter_map(|(at, mark)| {
        let start = at + mark.len();
        let rest = &text[start..];
        let ends =
            |c: char| matches!(c, '/' | '?' | '#' | '"' | '\'' | '<' | '\\') || c.is_whitespace();
        let authority = &rest[..rest.find(ends).unwrap_or(rest.len())];
        let (held, _) = authority.rsplit_once('@')?;
        let place = (start, start + held.len());
        held.contains(':').then(|| Hit::of(held, place))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, found: &[&str]) {
        let hits: Vec<&str> = hits(text)
            .iter()
            .map(|hit| &text[hit.start..hit.end])
            .collect();
        assert_eq!(hits, found, "{text}");
    }

    #[test]
    fn a_token_nobody_declared_is_seen_by_its_look() {
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln-_";
        check(token, &[token]);
        check(&format!("{{\"x\":\"{token}\"}} {token}"), &[token, token]);
        check("eyJhbGciOiJIUzI1NiJ9.eyJ", &["eyJhbGciOiJIUzI1NiJ9.eyJ"]);
        check("eyJ.bGciOiJIUzI1NiJ9", &[]);
        check("eyJ.bGciOiJIUzI1NiJ9a", &["eyJ.bGciOiJIUzI1NiJ9a"]);
        check("eyJhbGciOiJIUzI1NiJ9eyJhbGciOiJIUzI1NiJ9", &[]);
        check("a sentence with eyJ. in it", &[]);
    }

    #[test]
    fn the_userinfo_of_a_url_is_seen_and_other_uses_of_its_letters_are_not() {
        check("see https://me:pa55@host:1/path?a=b@c", &["me:pa55"]);
        check("'http://me:p@ss@host'", &["me:p@ss"]);
        for plain in [
            "https://host/me:pa55@x",
            "https://host:80?x=me:y@z",
            "https://me@host/",
            "https://host#a:b@c",
            "https://host:80 me@x",
            "\"https://host:80\" a:b@c",
        ] {
            check(plain, &[]);
        }
    }
}
