//! `Set-Cookie` headers taken apart, so that cookies can be judged and captured like JSON.

use cookie_store::RawCookie;
use serde_json::{Map, Value, json};

/// Cookies by name: `value`, `http-only` and `secure`, and `path`, `domain`, `same-site`,
/// `max-age` and `expires` where they are sent. Of several with one name the last counts.
pub(super) fn cookies<'h>(headers: impl Iterator<Item = &'h str>) -> Map<String, Value> {
    let mut out = Map::new();
    for cookie in headers.filter_map(|text| RawCookie::parse(text).ok()) {
        let mut parts = Map::new();
        parts.insert("value".into(), json!(cookie.value()));
        parts.insert("http-only".into(), json!(cookie.http_only() == Some(true)));
        parts.insert("secure".into(), json!(cookie.secure() == Some(true)));
        for (name, value) in [
            ("path", cookie.path().map(Value::from)),
            ("domain", cookie.domain().map(Value::from)),
            (
                "same-site",
                cookie.same_site().map(|word| word.to_string().into()),
            ),
            (
                "max-age",
                cookie.max_age().map(|age| age.whole_seconds().into()),
            ),
            (
                "expires",
                cookie
                    .expires_datetime()
                    .map(|at| at.unix_timestamp().into()),
            ),
        ] {
            parts.extend(value.map(|value| (name.to_owned(), value)));
        }
        // A later one stands after the others, as its header does.
        out.shift_remove(cookie.name());
        out.insert(cookie.name().to_owned(), Value::Object(parts));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_values_of_their_own_type_and_the_last_cookie_of_a_name_counts() {
        let all = cookies(
            [
                "sid=; path=/",
                "sid=a=b; Path=/x; HttpOnly; SameSite=lax; Max-Age=60",
                "old=; expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; Domain=a.example",
                "no cookie",
            ]
            .into_iter(),
        );
        assert_eq!(
            Value::Object(all),
            json!({
                "sid": { "value": "a=b", "http-only": true, "secure": false, "path": "/x",
                    "same-site": "Lax", "max-age": 60 },
                "old": { "value": "", "http-only": false, "secure": true,
                    "domain": "a.example", "expires": 0 },
            })
        );
    }
}
