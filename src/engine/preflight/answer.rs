//! One harmless request: whether the service answers it, and what its clock says.

use serde_json::Value;

use super::{
    address::Address,
    client_certificate::ClientCertificate,
    notes::{Notes, State},
    refusal,
};
use crate::{
    clock::unix_seconds,
    contract::{Operation, server_behind},
    diag::{Diagnostic, Span},
    engine::{
        run_context::RunContext,
        wire::{self, Stream},
    },
    exchange::{Request, Response, TransportError},
    target::Target,
    template::{self, Bindings},
};

/// The longest answer that is read, in bytes.
const MAX_BODY: usize = 64 * 1024;

/// Sends the request over an open connection and notes what is wrong with the answer.
pub(super) async fn look(
    run: &RunContext,
    notes: &mut Notes<'_>,
    address: &Address<'_>,
    keys: &[&str],
    stream: Stream,
    certificate: &ClientCertificate,
) {
    let operation = address.contract.and_then(|contract| {
        let mut all = contract.operations.iter();
        all.find(|one| address.operations.contains(&one.id) && is_harmless(one))
    });
    let request = probe(&run.target, address, operation);
    run.sender.pacing.turn().await;
    let proxied = run.target.reach.proxy.is_some();
    let exchange = wire::once(&request, proxied, stream, MAX_BODY);
    match tokio::time::timeout(run.target.timeout, exchange).await {
        Ok(Ok(answer)) => {
            judge(notes, address, keys, operation, request.target(), &answer);
            clock(notes, keys, &answer);
        }
        // TLS 1.3 tells only now that a certificate is missing.
        Ok(Err(why)) if certificate.was_asked() => notes.wrong(
            "tls",
            refusal::client_certificate(notes, keys, &why.to_string()),
        ),
        Ok(Err(why)) => notes.wrong("http", not_http(notes, keys, &why)),
        Err(_) => notes.wrong("http", no_answer(notes, keys)),
    }
}

fn not_http(notes: &Notes<'_>, keys: &[&str], why: &TransportError) -> Diagnostic {
    let message = format!("what answers is not an HTTP service: {why}");
    Diagnostic::new("not-http", &notes.place(keys), message).help("are scheme and port right?")
}

fn no_answer(notes: &Notes<'_>, keys: &[&str]) -> Diagnostic {
    let message = format!("no answer within {:?}", notes.target.timeout);
    let mut all = vec!["limits.timeout_ms"];
    all.extend(keys);
    Diagnostic::new("no-answer", &notes.place(&all), message)
        .help("is the service up, and `limits.timeout_ms` long enough?")
}

fn judge(
    notes: &mut Notes<'_>,
    address: &Address<'_>,
    keys: &[&str],
    operation: Option<&Operation>,
    target: &str,
    answer: &Response,
) {
    let text = format!("{target} answers {}", answer.status);
    let Some(operation) = operation else {
        let why = "no operation of these rows can be asked without a login or a body";
        return notes.sound("http", format!("{text}; {why}"));
    };
    match fault(notes, address, keys, operation, answer) {
        Some(fault) => notes.wrong("http", fault),
        None => notes.sound("http", text),
    }
}

/// The request: the harmless operation, or the root where there is none.
fn probe(target: &Target, address: &Address<'_>, operation: Option<&Operation>) -> Request {
    let base = address.url.as_str().trim_end_matches('/');
    let path = operation.map_or_else(
        || "/".to_owned(),
        |operation| {
            let server = server_behind(base, &operation.server_path);
            format!("{server}{}", operation.path)
        },
    );
    let mut headers = vec![("Accept".to_owned(), "application/json".to_owned())];
    let mut bindings = Bindings::new();
    let settings = address
        .editions
        .first()
        .and_then(|one| target.editions.get(one));
    let variables = settings
        .map(|settings| settings.variables.clone())
        .unwrap_or_default();
    bindings.insert("target".into(), Value::Object(variables));
    for (name, value) in &target.headers {
        // A value that only a provider knows is left to the test cases.
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

/// An operation that changes nothing and that anybody may call.
fn is_harmless(operation: &Operation) -> bool {
    operation.method == "GET"
        && !operation.path.contains('{')
        && operation.headers.iter().all(|(_, required)| !required)
        && operation.query.iter().all(|(_, required)| !required)
        && operation.members.is_empty()
        && operation.response(200).is_some()
}

/// What shows that the address or the moment is wrong. What the service itself answers, a refusal or a
/// fault of its own, is for the test cases to judge.
fn fault(
    notes: &Notes<'_>,
    address: &Address<'_>,
    keys: &[&str],
    operation: &Operation,
    answer: &Response,
) -> Option<Diagnostic> {
    let status = answer.status;
    if status == 429 {
        return Some(too_many_requests(notes, keys, answer));
    }
    let here = notes.place(keys);
    if matches!(status, 502..=504) {
        return Some(unavailable(&here, answer));
    }
    if (300..400).contains(&status) {
        return Some(redirected(&here, address, operation, answer));
    }
    let kind = answer.header("content-type").unwrap_or_default();
    if kind.to_ascii_lowercase().contains("html") {
        let id = &operation.id;
        let message = format!("`{id}` is answered with a page ({kind}), status {status}");
        let help = "is this the address of the interface, and not of a portal or a gateway?";
        return Some(Diagnostic::new("not-the-service", &here, message).help(help));
    }
    if matches!(status, 404 | 405) && !is_refusal(address, operation, answer) {
        let between = server_behind(address.url.as_str(), &operation.server_path);
        let message = format!("there is no GET {between}{} here: {status}", operation.path);
        let help = if between.is_empty() {
            "the paths of the documents are put behind this address".to_owned()
        } else {
            format!(
                "`{between}` is of the document's `servers`; an address with a path of its own stands for it, and \
                 openapi.overlay.yaml can remove `servers`"
            )
        };
        return Some(Diagnostic::new("not-the-service", &here, message).help(help));
    }
    None
}

fn too_many_requests(notes: &Notes<'_>, keys: &[&str], answer: &Response) -> Diagnostic {
    let help = match answer.header("retry-after") {
        Some(wait) => format!("wait, as it says: {wait} s; or lower the numbers under `limits`"),
        None => "wait, or lower the numbers under `limits`".to_owned(),
    };
    let mut all = keys.to_vec();
    all.push("limits");
    let message = "the target answers 429: it takes no more requests of ours for now";
    Diagnostic::new("too-many-requests", &notes.place(&all), message).help(help)
}

fn unavailable(here: &Span, answer: &Response) -> Diagnostic {
    let status = answer.status;
    let message = format!("the target answers {status}: it cannot serve anybody");
    let help = match answer.header("retry-after") {
        Some(wait) => format!("it says when to come again: {wait} s"),
        None => "a gateway answers so when the service behind it is down".to_owned(),
    };
    Diagnostic::new("unavailable", here, message).help(help)
}

fn redirected(
    here: &Span,
    address: &Address<'_>,
    operation: &Operation,
    answer: &Response,
) -> Diagnostic {
    let to = answer.header("location").unwrap_or_default();
    let message = format!("`{}` is answered with a redirect to {to}", operation.id);
    let other = address.url.join(to).ok().map(|other| other.origin());
    let help = match other.filter(|other| *other != address.url.origin()) {
        Some(other) => format!(
            "redirects are not followed; if that is the service: {}",
            other.ascii_serialization()
        ),
        None => "redirects are not followed; is this the address of the interface?".to_owned(),
    };
    Diagnostic::new("redirected", here, message).help(help)
}

/// Whether the service itself answers so, with one of its error codes.
fn is_refusal(address: &Address<'_>, operation: &Operation, answer: &Response) -> bool {
    let body = answer.json();
    address.contract.is_some_and(|contract| {
        let content_type = answer.header("Content-Type");
        let form = contract
            .errors
            .bodies
            .of(Some(&operation.id), answer.status, content_type);
        body.is_some_and(|body| form.code(body).is_some())
    })
}

/// Tokens are judged by the clock: a target whose clock is off makes sound ones look wrong.
fn clock(notes: &mut Notes<'_>, keys: &[&str], answer: &Response) {
    let date = answer
        .header("date")
        .and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
    let Some(date) = date else {
        notes.line("clock", State::Unchecked, "the answer has no date");
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
    let shown = match off {
        0 => "as ours".to_owned(),
        1.. => format!("{seconds} s ahead of ours"),
        _ => format!("{seconds} s behind ours"),
    };
    if seconds <= limit {
        notes.sound("clock", shown);
        return;
    }
    let mut all = vec!["limits.clock_skew_s"];
    all.extend(keys);
    let message = format!("the target's clock is {shown}, more than {limit} s");
    let fault = Diagnostic::new("clock-skew", &notes.place(&all), message);
    notes.wrong(
        "clock",
        fault.help(
            "set this machine's clock; if the target's is off, `limits.clock_skew_s` bears with it",
        ),
    );
}
