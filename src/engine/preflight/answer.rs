//! One harmless request: whether the service answers it, and what its clock says.

use serde_json::Value;

use super::{Address, Notes, connect::Asked, refusal};
use crate::{
    clock::unix_seconds,
    contract::{Contract, Operation},
    diag::Diagnostic,
    engine::{
        Engine,
        wire::{self, Stream},
    },
    exchange::{Request, Response},
    template::{self, Bindings},
};

/// The longest answer that is read, in bytes.
const MAX_BODY: usize = 64 * 1024;

impl Engine {
    pub(super) async fn answer(
        &self,
        notes: &mut Notes<'_>,
        address: &Address<'_>,
        keys: &[&str],
        stream: Stream,
        asked: &Asked,
    ) {
        let operation = address.contract.and_then(|contract| {
            let mut all = contract.operations.iter();
            all.find(|one| address.operations.contains(&one.id) && is_harmless(one))
        });
        let request = self.probe(address, operation);
        self.pacing.turn().await;
        let proxied = self.target.reach.proxy.is_some();
        let exchange = wire::once(&request, proxied, stream, MAX_BODY);
        let answer = match tokio::time::timeout(self.target.timeout, exchange).await {
            Ok(Ok(answer)) => answer,
            // TLS 1.3 tells only now that a certificate is missing.
            Ok(Err(why)) if asked.was_asked() => {
                notes.wrong(
                    "tls",
                    refusal::client_certificate(notes, keys, &why.to_string()),
                );
                return;
            }
            Ok(Err(why)) => {
                let message = format!("what answers is not an HTTP service: {why}");
                let fault = Diagnostic::new("not-http", &notes.place(keys), message);
                notes.wrong("http", fault.help("are scheme and port right?"));
                return;
            }
            Err(_) => {
                let message = format!("no answer within {:?}", self.target.timeout);
                let mut all = vec!["limits.timeout_ms"];
                all.extend(keys);
                let fault = Diagnostic::new("no-answer", &notes.place(&all), message);
                notes.wrong(
                    "http",
                    fault.help("is the service up, and `limits.timeout_ms` long enough?"),
                );
                return;
            }
        };
        let told = format!("{} answers {}", request.target(), answer.status);
        let fault = operation.and_then(|operation| fault(notes, address, keys, operation, &answer));
        match (fault, operation) {
            (Some(fault), _) => notes.wrong("http", fault),
            (None, Some(_)) => notes.sound("http", told),
            (None, None) => notes.sound(
                "http",
                format!(
                    "{told}; no operation of these rows can be asked without a login or a body"
                ),
            ),
        }
        clock(notes, keys, &answer);
    }

    fn probe(&self, address: &Address<'_>, operation: Option<&Operation>) -> Request {
        let base = address.url.as_str().trim_end_matches('/');
        let path = operation.map_or("/", |operation| operation.path.as_str());
        let mut headers = vec![("Accept".to_owned(), "application/json".to_owned())];
        let mut bindings = Bindings::new();
        let settings = address
            .editions
            .first()
            .and_then(|one| self.target.editions.get(one));
        let variables = settings
            .map(|settings| settings.variables.clone())
            .unwrap_or_default();
        bindings.insert("target".into(), Value::Object(variables));
        for (name, value) in &self.target.headers {
            // A value that only a provider knows is left to the rows.
            if let Ok(Value::String(text)) = template::render(value, &bindings) {
                headers.push((name.clone(), text));
            }
        }
        Request {
            method: "GET".to_owned(),
            url: format!("{base}{path}"),
            headers,
            body: None,
            exact: true,
            hostless: false,
        }
    }
}

/// An operation that changes nothing and that anybody may call.
fn is_harmless(operation: &Operation) -> bool {
    operation.method == "GET"
        && !operation.path.contains('{')
        && operation.headers.iter().all(|(_, required)| !required)
        && operation.members.is_empty()
        && operation.response(200).is_some()
}

/// What shows that the address or the moment is wrong. What the service itself answers, a refusal or a
/// fault of its own, is for the rows to judge.
fn fault(
    notes: &Notes<'_>,
    address: &Address<'_>,
    keys: &[&str],
    operation: &Operation,
    answer: &Response,
) -> Option<Diagnostic> {
    let here = notes.place(keys);
    let status = answer.status;
    if status == 429 {
        let wait = match answer.header("retry-after") {
            Some(wait) => {
                format!("wait, as it says: {wait} s; or lower the numbers under `limits`")
            }
            None => "wait, or lower the numbers under `limits`".to_owned(),
        };
        let mut all = keys.to_vec();
        all.push("limits");
        let message = "the target answers 429: it takes no more requests of ours for now";
        return Some(Diagnostic::new("too-many-requests", &notes.place(&all), message).help(wait));
    }
    if matches!(status, 502..=504) {
        let message = format!("the target answers {status}: it cannot serve anybody");
        let fault = Diagnostic::new("unavailable", &here, message);
        return Some(match answer.header("retry-after") {
            Some(wait) => fault.help(format!("it says when to come again: {wait} s")),
            None => fault.help("a gateway answers so when the service behind it is down"),
        });
    }
    if (300..400).contains(&status) {
        let to = answer.header("location").unwrap_or_default();
        let message = format!("`{}` is answered with a redirect to {to}", operation.id);
        let fault = Diagnostic::new("redirected", &here, message);
        let other = address.url.join(to).ok();
        let other = other.filter(|other| other.origin() != address.url.origin());
        return Some(match other {
            Some(other) => {
                let origin = other.origin().ascii_serialization();
                fault.help(format!(
                    "redirects are not followed; if that is the service: {origin}"
                ))
            }
            None => fault.help("redirects are not followed; is this the address of the interface?"),
        });
    }
    let kind = answer.header("content-type").unwrap_or_default();
    if kind.to_ascii_lowercase().contains("html") {
        let message = format!(
            "`{}` is answered with a page ({kind}), status {status}",
            operation.id
        );
        let fault = Diagnostic::new("not-the-service", &here, message);
        return Some(
            fault.help("is this the address of the interface, and not of a portal or a gateway?"),
        );
    }
    let body = answer.json();
    let speaks = |contract: &Contract| {
        body.as_ref()
            .is_some_and(|body| contract.errors.envelope.code(body).is_some())
    };
    if matches!(status, 404 | 405) && !address.contract.is_some_and(speaks) {
        let message = format!("there is no GET {} here: {status}", operation.path);
        let fault = Diagnostic::new("not-the-service", &here, message);
        return Some(fault.help("the paths of the documents are put behind this address"));
    }
    None
}

/// Tokens are told by the clock: a target whose clock is off makes sound ones look wrong.
fn clock(notes: &mut Notes<'_>, keys: &[&str], answer: &Response) {
    let date = answer
        .header("date")
        .and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
    let Some(date) = date else {
        notes.line("clock", super::State::Unchecked, "the answer has no date");
        return;
    };
    // An answer from a cache is as old as it says.
    let age = answer
        .header("age")
        .and_then(|age| age.trim().parse::<i64>().ok());
    let theirs = date
        .timestamp()
        .as_second()
        .saturating_add(age.unwrap_or(0));
    let off = theirs.saturating_sub(unix_seconds());
    let seconds = off.unsigned_abs();
    let limit = notes.target.clock_skew.as_secs();
    let told = match off {
        0 => "as ours".to_owned(),
        1.. => format!("{seconds} s ahead of ours"),
        _ => format!("{seconds} s behind ours"),
    };
    if seconds <= limit {
        notes.sound("clock", told);
        return;
    }
    let mut all = vec!["limits.clock_skew_s"];
    all.extend(keys);
    let message = format!("the target's clock is {told}, more than {limit} s");
    let fault = Diagnostic::new("clock-skew", &notes.place(&all), message);
    notes.wrong(
        "clock",
        fault.help(
            "set this machine's clock; if the target's is off, `limits.clock_skew_s` bears with it",
        ),
    );
}
