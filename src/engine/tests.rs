//! A client that adds what nobody declared is found out, in whichever exchange it does so.

#![cfg(test)]

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{
    Engine,
    wire::{Doubt, Wire},
};
use crate::{
    embedded,
    exchange::Request,
    mock::{Dialect, MockOptions, MockServer},
    result::{Conclusion, ErrorReason, RunReport, Verdict},
    suite,
    target::Reach,
};

fn wire(timeout: Duration) -> Wire {
    Wire::new(timeout, 1 << 20, &Reach::default(), true, 16)
        .unwrap_or_else(|error| panic!("{error}"))
}

#[tokio::test]
async fn a_header_that_no_row_declares_makes_every_row_a_fault_and_the_run_invalid() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut suite = suite::load(root, Some(&root.join("tenants/mock.yaml")));
    let mut target = suite.target.take().expect("a target");
    let mocks = embedded::start_all(&mut target, 0)
        .await
        .expect("the mocks start");
    let mut cases = suite.plan.cases.clone();
    cases.retain(|case| case.id.contains("/headers/"));
    assert!(cases.len() > Dialect::ALL.len());
    let mut engine = Engine::new(suite.contracts, &suite.plan.cases, target, false)
        .unwrap_or_else(|error| panic!("{error}"));
    engine.run.sender.wire.stray("X-Stray", "1");
    let engine = Arc::new(engine);
    let mut results = Vec::new();
    for case in &cases {
        results.push(engine.run_case(case).await);
    }
    drop(mocks);
    for result in &results {
        let message = result.detail.clone().unwrap_or_default();
        assert_eq!(
            result.verdict,
            Verdict::Error(ErrorReason::HarnessFault),
            "{}",
            result.id
        );
        assert!(
            message.to_ascii_lowercase().contains("x-stray"),
            "{}: {message}",
            result.id
        );
    }
    let run = RunReport {
        suite_size: cases.len(),
        planned: cases.len(),
        cases: results.into(),
        ..RunReport::without_cases(0, crate::result::Ending::Complete)
    };
    assert_eq!(run.conclusion(), Conclusion::Invalid);
    assert_eq!(run.conclusion().exit_code(), 4);
}

#[tokio::test]
async fn a_request_that_cannot_be_sent_is_an_error_at_the_place_of_its_step() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut suite = suite::load(root, Some(&root.join("tenants/mock.yaml")));
    let mut target = suite.target.take().expect("a target");
    let _mocks = embedded::start_all(&mut target, 0)
        .await
        .expect("the mocks start");
    let mut case = suite
        .plan
        .get("ciam/skip-update/headers/control")
        .cloned()
        .expect("a row");
    let engine = Engine::new(suite.contracts, &suite.plan.cases, target, false)
        .unwrap_or_else(|error| panic!("{error}"));
    Arc::make_mut(&mut case)
        .request
        .headers
        .push(("X-Trace".into(), "${'a\\nb'}".into()));
    let result = engine.run_case(&case).await;
    assert_eq!(result.verdict, Verdict::Error(ErrorReason::SetupFailed));
    let detail = result.detail.expect("why");
    let place = "cases/ciam/skip-update/headers.yaml:";
    assert!(detail.starts_with(place), "{detail}");
    assert!(
        detail.ends_with("the value of `X-Trace` cannot be sent as a header"),
        "{detail}"
    );
}

#[tokio::test]
async fn an_answer_to_a_request_with_a_stray_header_carries_the_fault() {
    let mock = MockServer::start(MockOptions::new(Dialect::Ciam))
        .await
        .expect("starts");
    for (exact, stray) in [
        (false, None),
        (true, None),
        (false, Some("X-Stray")),
        (true, Some("X-Stray")),
        // A header that the row declares, once more; a default of the client would give way.
        (true, Some("x-l")),
    ] {
        let mut wire = wire(Duration::from_secs(10));
        if let Some(name) = stray {
            wire.stray(name, "en");
        }
        let request = Request {
            method: "GET".into(),
            url: format!("{}/api/v1/oauth2/keys", mock.base_url()),
            headers: vec![("X-L".into(), "en".into())],
            body: None,
            exact,
            hostless: false,
        };
        let exchange = wire.send(request, &Doubt::default()).await;
        assert!(exchange.outcome.is_ok(), "{exchange:?}");
        assert_eq!(exchange.fault.is_some(), stray.is_some(), "{exchange:?}");
        let name = stray.unwrap_or("X-L");
        assert!(
            exchange
                .sent_headers
                .iter()
                .any(|(sent, _)| sent.eq_ignore_ascii_case(name))
        );
    }
}

#[tokio::test]
async fn exchanges_on_one_connection_keep_their_heads_apart() {
    let mock = MockServer::start(MockOptions::new(Dialect::Ciam))
        .await
        .expect("starts");
    let wire = wire(Duration::from_secs(10));
    for number in 0..20 {
        let target = format!("/nowhere//{number}?a=%2e");
        let request = Request {
            method: "POST".into(),
            url: format!("{}{target}", mock.base_url()),
            headers: vec![("X-Number".into(), number.to_string())],
            body: Some(vec![b'a'; number * 1000]),
            exact: false,
            hostless: false,
        };
        let exchange = wire.send(request, &Doubt::default()).await;
        assert_eq!(exchange.fault, None, "{:?}", exchange.sent_headers);
        assert_eq!(exchange.sent_line, format!("POST {target} HTTP/1.1"));
    }
}

#[tokio::test]
async fn a_path_that_is_no_url_leaves_as_it_is_written_or_not_at_all() {
    let mock = MockServer::start(MockOptions::new(Dialect::Ciam))
        .await
        .expect("starts");
    let wire = wire(Duration::from_secs(10));
    for (exact, path) in [
        (true, "/a/../b c"),
        (false, "/a/../b"),
        (false, "/a/%2e%2E/b"),
        (false, "/b c"),
        (false, "/b?c='d'"),
        (false, "/b#c"),
    ] {
        let request = Request {
            method: "GET".into(),
            url: format!("{}{path}", mock.base_url()),
            headers: Vec::new(),
            body: None,
            exact,
            hostless: false,
        };
        let exchange = wire.send(request, &Doubt::default()).await;
        assert_eq!(exchange.fault, None);
        if exact {
            assert_eq!(exchange.sent_line, format!("GET {path} HTTP/1.1"));
        } else {
            let message = exchange.outcome.map_err(|error| error.to_string());
            assert!(
                message
                    .as_ref()
                    .is_err_and(|message| message.contains("percent-encode")),
                "{path}"
            );
            assert_eq!(exchange.sent_line, "");
        }
    }
}

#[tokio::test]
async fn an_exchange_that_was_given_up_tells_what_it_sent() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = silent.local_addr().expect("an address");
    // Long enough to connect and write on a busy machine.
    let wire = wire(Duration::from_millis(1500));
    let doubt = Doubt::default();
    let send = |exact| {
        let request = Request {
            method: "GET".into(),
            url: format!("http://{address}/a"),
            headers: vec![("X-A".into(), "1".into())],
            body: None,
            exact,
            hostless: false,
        };
        wire.send(request, &doubt)
    };
    let (ordinary, raw) = tokio::join!(send(false), send(true));
    for exchange in [ordinary, raw] {
        assert!(
            exchange
                .outcome
                .is_err_and(|error| error.to_string() == "no answer in time")
        );
        assert_eq!(exchange.sent_line, "GET /a HTTP/1.1");
        assert_eq!(exchange.fault, None);
    }
}

/// Each loop has a thread of its own, so that the runtime hands connections on at any moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn exchanges_at_the_same_time_keep_their_heads_apart() {
    let mock = MockServer::start(MockOptions::new(Dialect::Ciam))
        .await
        .expect("starts");
    let wire = Arc::new(wire(Duration::from_secs(30)));
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..8 {
        let (wire, base) = (Arc::clone(&wire), mock.base_url().to_owned());
        let all = async move {
            for number in 0..200 {
                let request = Request {
                    method: "GET".into(),
                    url: format!("{base}/nowhere/{task}/{number}"),
                    headers: Vec::new(),
                    body: None,
                    exact: false,
                    hostless: false,
                };
                let exchange = wire.send(request, &Doubt::default()).await;
                assert_eq!(exchange.fault, None, "{:?}", exchange.sent_line);
            }
        };
        tasks.spawn_blocking(move || tokio::runtime::Handle::current().block_on(all));
    }
    tasks.join_all().await;
}

#[tokio::test]
async fn there_are_never_more_connections_to_a_host_than_the_limit_and_they_are_used_again() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    let opened = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&opened);
    let server = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(async move {
                let mut part = [0; 1024];
                while let Ok(1..) = stream.read(&mut part).await {
                    // Others want a connection meanwhile.
                    tokio::task::yield_now().await;
                    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
                    let _ = stream.write_all(answer).await;
                }
            });
        }
    });
    let wire =
        Wire::new(Duration::from_secs(30), 100, &Reach::default(), true, 4).expect("a client");
    let doubt = Doubt::default();
    let sends = (0..64).map(|_| {
        let request = Request {
            method: "GET".into(),
            url: format!("http://{address}/"),
            headers: Vec::new(),
            body: None,
            exact: false,
            hostless: false,
        };
        wire.send(request, &doubt)
    });
    for exchange in join_all(sends).await {
        assert!(exchange.outcome.is_ok(), "{exchange:?}");
        assert!(exchange.tape.connection <= 4);
    }
    assert!(opened.load(Ordering::Relaxed) <= 4);
    assert_eq!(doubt.why(), None);
    server.abort();
}

#[tokio::test]
async fn a_request_without_a_host_leaves_without_one() {
    let mock = MockServer::start(MockOptions::new(Dialect::Ciam))
        .await
        .expect("starts");
    let request = Request {
        method: "GET".into(),
        url: format!("{}/api/v1/oauth2/keys", mock.base_url()),
        headers: vec![("x-L".into(), "en".into())],
        body: None,
        exact: true,
        hostless: true,
    };
    let exchange = wire(Duration::from_secs(10))
        .send(request, &Doubt::default())
        .await;
    assert_eq!(exchange.fault, None);
    let sent = String::from_utf8_lossy(&exchange.tape.sent);
    assert_eq!(
        sent,
        "GET /api/v1/oauth2/keys HTTP/1.1\r\nx-L: en\r\nConnection: close\r\n\r\n"
    );
}
