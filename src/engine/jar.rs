//! Cookies, kept and sent as a browser would: a jar for each actor, for the time of one test case.

use std::collections::BTreeMap;

use cookie_store::CookieStore;
use url::Url;

use crate::exchange::{Exchange, Request};

/// The jars of one test case, by the actor's name.
#[derive(Debug, Default)]
pub(super) struct Jars(BTreeMap<String, CookieStore>);

impl Jars {
    /// Adds the actor's cookies for the address, unless the request declares its own.
    pub(super) fn fill(&self, actor: Option<&str>, request: &mut Request) {
        if request.header("cookie").is_some() {
            return;
        }
        let cookies = actor.and_then(|actor| self.header(actor, &request.url));
        request
            .headers
            .extend(cookies.map(|cookies| ("Cookie".to_owned(), cookies)));
    }

    fn header(&self, actor: &str, url: &str) -> Option<String> {
        let url = Url::parse(url).ok()?;
        let mut cookies = self.0.get(actor)?.matches(&url);
        // Longer paths come first (RFC 6265, 5.4); names settle the rest, so that runs are alike.
        cookies.sort_by(|a, b| {
            let length = |path: &str| std::cmp::Reverse(path.len());
            (length(a.path.as_ref()), a.name()).cmp(&(length(b.path.as_ref()), b.name()))
        });
        let pairs: Vec<_> = cookies
            .iter()
            .map(|cookie| format!("{}={}", cookie.name(), cookie.value()))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// Keeps what the answer sets, as far as it may set it for this address.
    pub(super) fn keep(&mut self, actor: Option<&str>, exchange: &Exchange) {
        let (Some(actor), Ok(response)) = (actor, &exchange.outcome) else {
            return;
        };
        let Ok(url) = Url::parse(&exchange.request.url) else {
            return;
        };
        let jar = self.0.entry(actor.to_owned()).or_default();
        for text in response.headers("set-cookie") {
            // A cookie that may not be set is not kept, as with a browser; `cookies` judges it.
            let _ = jar.parse(text, &url);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::exchange::{Response, Tape};

    fn request(url: &str) -> Request {
        Request {
            method: "GET".into(),
            url: url.into(),
            headers: Vec::new(),
            body: None,
            exact: false,
            hostless: false,
        }
    }

    fn answered(url: &str, cookies: &[&str]) -> Exchange {
        Exchange {
            request: request(url),
            sent_line: String::new(),
            sent_headers: Vec::new(),
            tape: Tape::default(),
            again: None,
            fault: None,
            outcome: Ok(Response {
                status: 200,
                headers: cookies
                    .iter()
                    .map(|text| ("Set-Cookie".to_owned(), (*text).to_owned()))
                    .collect(),
                body: Vec::new().into(),
                defects: Vec::new(),
            }),
            elapsed: Duration::ZERO,
            at_ms: 0,
        }
    }

    fn sent(jars: &Jars, actor: &str, url: &str) -> Option<String> {
        let mut request = request(url);
        jars.fill(Some(actor), &mut request);
        request.header("cookie").map(str::to_owned)
    }

    #[test]
    fn each_actor_has_cookies_of_their_own_for_the_paths_they_were_set_for() {
        let mut jars = Jars::default();
        let set = ["sid=1; Path=/", "deep=2; Path=/a/b", "wide=3; Path=/a"];
        jars.keep(Some("alice"), &answered("http://host:1/a/b/c", &set));
        jars.keep(Some("bob"), &answered("http://host:1/", &["sid=9"]));
        jars.keep(None, &answered("http://host:1/", &["sid=0"]));
        assert_eq!(
            sent(&jars, "alice", "http://host:1/a/b").unwrap(),
            "deep=2; wide=3; sid=1"
        );
        assert_eq!(sent(&jars, "alice", "http://host:1/x").unwrap(), "sid=1");
        assert_eq!(sent(&jars, "bob", "http://host:1/a/b").unwrap(), "sid=9");
        assert_eq!(sent(&jars, "carol", "http://host:1/"), None);
        assert_eq!(sent(&jars, "alice", "http://other/"), None);
    }

    #[test]
    fn a_cookie_can_be_replaced_and_taken_back_and_a_declared_one_stands() {
        let mut jars = Jars::default();
        jars.keep(Some("a"), &answered("http://host/", &["s=1", "t=1"]));
        jars.keep(
            Some("a"),
            &answered("http://host/", &["s=2", "t=; Max-Age=0"]),
        );
        assert_eq!(sent(&jars, "a", "http://host/").unwrap(), "s=2");
        let mut own = request("http://host/");
        own.headers.push(("cookie".into(), "mine=1".into()));
        jars.fill(Some("a"), &mut own);
        assert_eq!(own.headers.len(), 1);
    }
}
