//! A `Location` header taken apart, so that its parts can be judged and captured like JSON.

use serde_json::{Map, Value, json};
use url::{Url, form_urlencoded};

/// The parts of a redirect: `text` as it was sent, and, resolved against the address that was asked,
/// `url`, `origin` (scheme, host and port), `path`, and the parameters of `query` and `fragment`.
/// `None` when it is no address.
pub(super) fn parts(text: &str, asked: &str) -> Option<Value> {
    let url = Url::parse(asked).ok()?.join(text).ok()?;
    // An address outside http, such as that of an application, has no origin in the sense of RFC 6454.
    let origin = match (url.origin().is_tuple(), url.host_str()) {
        (true, _) => url.origin().ascii_serialization(),
        (false, Some(host)) => format!("{}://{host}", url.scheme()),
        (false, None) => format!("{}:", url.scheme()),
    };
    Some(json!({
        "text": text,
        "url": url.as_str(),
        "origin": origin,
        "path": url.path(),
        "query": parameters(url.query().unwrap_or_default()),
        "fragment": parameters(url.fragment().unwrap_or_default()),
    }))
}

/// Parameters by name; one that is there several times is a list.
fn parameters(text: &str) -> Value {
    let mut out = Map::new();
    for (name, value) in form_urlencoded::parse(text.as_bytes()) {
        let value = Value::from(value.into_owned());
        match out.get_mut(name.as_ref()) {
            None => {
                out.insert(name.into_owned(), value);
            }
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = json!([first.take(), value]),
        }
    }
    Value::Object(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_is_resolved_and_its_parameters_are_decoded() {
        let asked = "http://host:8080/a/b?c=d";
        for (text, pointer, value) in [
            ("/x?code=a%2Fb+c", "/query/code", json!("a/b c")),
            ("/x?a=1&a=2&a=3", "/query/a", json!(["1", "2", "3"])),
            ("../y", "/url", json!("http://host:8080/y")),
            ("y", "/path", json!("/a/y")),
            ("https://Other/#state=s", "/fragment/state", json!("s")),
            ("https://Other/#state=s", "/origin", json!("https://other")),
            ("com.app://cb?x=", "/query/x", json!("")),
            ("com.app://cb/p", "/origin", json!("com.app://cb")),
            ("urn:a:b", "/origin", json!("urn:")),
            ("", "/text", json!("")),
        ] {
            let parts = parts(text, asked).unwrap();
            assert_eq!(parts.pointer(pointer), Some(&value), "{text}: {parts}");
        }
        assert_eq!(parts("http://[", asked), None);
    }
}
