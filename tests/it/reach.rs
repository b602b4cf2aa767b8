//! Ways to the target: through a proxy, at an address given for a name, with a client certificate, and
//! with headers that every request carries. Exact requests take them like all others.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use probity::{
    embedded,
    mock::MockServer,
    plan::TestCase,
    result::{CaseResult, SkipReason, Verdict},
    suite::{self, Suite},
    target::{Proxy, Target},
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        RootCertStore, ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject},
        server::WebPkiClientVerifier,
    },
};

use crate::{
    cli::target::write,
    loopback::{answering, echo, http, serve, success, with_constants},
    support,
    wire::Relay,
};

/// Rows of one file, exact ones among them.
const FILE: &str = "ciam/skip-update/headers/";

/// The shipped suite with CIAM alone, its mock, and the rows.
async fn prepared() -> (Suite, Target, Vec<Arc<TestCase>>, Vec<MockServer>) {
    let mut suite = support::shipped();
    let mut target = suite.target.take().expect("a target");
    target.editions.retain(|name, _| *name == support::CIAM);
    let mocks = embedded::start_all(&mut target, 0)
        .await
        .expect("the mocks start");
    let rows = support::rows(&suite, FILE);
    assert!(rows.iter().any(|row| row.request.exact));
    (suite, target, rows, mocks)
}

fn base_url(target: &mut Target) -> &mut String {
    &mut target
        .editions
        .get_mut(&support::CIAM)
        .expect("CIAM")
        .base_url
}

fn assert_sound(results: &[CaseResult]) {
    for result in results {
        let sound =
            matches!(result.verdict, Verdict::Pass(_)) || result.verdict == Verdict::OBSERVED;
        assert!(
            sound,
            "{}: {:?} {:?}",
            result.id, result.verdict, result.detail
        );
    }
}

/// A proxy that opens tunnels for who has this login, and counts them.
async fn tunnels(login: &'static str) -> (crate::loopback::Server, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let opened = Arc::clone(&count);
    let server = serve(move |mut client| {
        let opened = Arc::clone(&opened);
        async move {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                match client.read_u8().await {
                    Ok(byte) => head.push(byte),
                    Err(_) => return,
                }
            }
            let head = String::from_utf8_lossy(&head).into_owned();
            let mut words = head.split(' ');
            let refused = words.next() != Some("CONNECT") || !head.contains(login);
            if refused {
                let answer = b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n";
                let _ = client.write_all(answer).await;
                return;
            }
            let to = words.next().unwrap_or_default();
            let Ok(mut server) = TcpStream::connect(to).await else {
                return;
            };
            opened.fetch_add(1, Ordering::SeqCst);
            let _ = client.write_all(b"HTTP/1.1 200 Yes\r\n\r\n").await;
            let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
        }
    })
    .await;
    (server, count)
}

fn acceptor(config: ServerConfig) -> TlsAcceptor {
    TlsAcceptor::from(Arc::new(config))
}

/// A certificate of this server alone, with its key, both as PEM.
fn own_certificate() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    (made.cert.pem(), made.signing_key.serialize_pem())
}

fn pair(pem: &str, key: &str) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
    let chain = CertificateDer::from_pem_slice(pem.as_bytes()).expect("a certificate");
    let key = PrivatePkcs8KeyDer::from_pem_slice(key.as_bytes()).expect("a key");
    (vec![chain], PrivateKeyDer::Pkcs8(key))
}

/// The target file of the mock, with these lines more; the files are beside it.
fn changed(lines: &str, files: &[(&str, &str)]) -> Suite {
    let folder = tempfile::tempdir().expect("a folder");
    crate::cli::target::file(folder.path(), "https://127.0.0.1:1");
    for (name, text) in files {
        write(folder.path(), name, text);
    }
    let text = format!("name: changed\nextends: mock.yaml\n{lines}");
    let file = write(folder.path(), "changed.yaml", &text);
    suite::load(support::root(), Some(&file))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_opens_tunnels_and_never_sees_a_request() {
    let (suite, mut target, rows, _mocks) = prepared().await;
    let (pem, key) = own_certificate();
    let (chain, key) = pair(&pem, &key);
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain.clone(), key)
        .expect("a key that fits");
    let relay = Relay::before(base_url(&mut target), Some(acceptor(config))).await;
    let (proxy, opened) = tunnels("bWU6aW4=").await;
    base_url(&mut target).clone_from(&relay.url);
    target.reach.ca = chain;
    target.reach.proxy = Some(Proxy {
        url: proxy.url.parse().expect("a URL"),
        login: Some(("me".to_owned(), "in".to_owned())),
    });
    let exact = rows.iter().filter(|row| row.request.exact).count();
    let results = support::run(suite, target, rows).await;
    assert_sound(&results);
    let opened = opened.load(Ordering::SeqCst);
    assert!(opened > exact, "only {opened} tunnels");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_carries_plain_requests_is_told_where_they_go() {
    let mut suite = support::shipped();
    let rows = support::rows(&suite, FILE);
    let lines = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&lines);
    let proxy = answering(move |request| {
        let text = String::from_utf8_lossy(request);
        let line = text.lines().next().unwrap_or_default().to_owned();
        seen.lock().unwrap().push(line);
        http("200 OK", "application/json", &success()).into_bytes()
    })
    .await;
    let target = support::target_at(&mut suite, &[support::CIAM], "http://tenant.example");
    let mut target = with_constants(target);
    target.reach.proxy = Some(Proxy {
        url: proxy.url.parse().expect("a URL"),
        login: None,
    });
    for result in support::run(suite, target, rows).await {
        let harness = result.verdict.is_harness_fault();
        assert!(!harness, "{}: {:?}", result.id, result.detail);
    }
    let lines = lines.lock().unwrap();
    assert!(!lines.is_empty());
    for line in lines.iter() {
        assert!(line.contains(" http://tenant.example/api/"), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_is_reached_at_the_address_that_the_file_gives() {
    let (suite, mut target, rows, _mocks) = prepared().await;
    let address: SocketAddr = base_url(&mut target)
        .trim_start_matches("http://")
        .parse()
        .expect("an address");
    let contracts: Arc<[_]> = suite.contracts.into();
    let port = address.port();
    for (url, at) in [
        ("http://tenant.example".to_owned(), address),
        (
            format!("http://tenant.example:{port}"),
            SocketAddr::new(address.ip(), 0),
        ),
    ] {
        let mut target = target.clone();
        *base_url(&mut target) = url;
        target.reach.resolve.insert("tenant.example".to_owned(), at);
        let engine = support::engine(Arc::clone(&contracts), &suite.plan.cases, target);
        assert_sound(&support::run_on(engine, &rows, 4).await);
    }
}

/// An authority with a certificate for this server and one for a client, as PEM.
struct Authority {
    root: String,
    server: (String, String),
    client: (String, String),
}

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let root = CertifiedIssuer::self_signed(params, key).expect("an authority");
    let signed = |name: &str| {
        let params = CertificateParams::new(vec![name.to_owned()]).expect("parameters");
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &root).expect("a certificate");
        (certificate.pem(), key.serialize_pem())
    };
    Authority {
        root: root.pem(),
        server: signed("127.0.0.1"),
        client: signed("probity"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_asks_who_we_are_is_shown_the_certificate_of_the_file() {
    let (suite, mut plain, rows, _mocks) = prepared().await;
    let made = authority();
    let mut roots = RootCertStore::empty();
    let root = CertificateDer::from_pem_slice(made.root.as_bytes()).expect("a certificate");
    roots.add(root).expect("an authority");
    let provider = Arc::new(ring::default_provider());
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()
            .expect("a verifier");
    let (chain, key) = pair(&made.server.0, &made.server.1);
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)
        .expect("a key that fits");
    let relay = Relay::before(base_url(&mut plain), Some(acceptor(config))).await;
    let files = [
        ("ca.pem", made.root.as_str()),
        ("own.pem", &made.client.0),
        ("own.key", &made.client.1),
    ];
    let mut loaded = changed(
        "tls: { ca: ca.pem, cert: own.pem, key: own.key, min: 1.3 }\n",
        &files,
    );
    assert!(!loaded.is_broken(), "{:#?}", loaded.diagnostics);
    let mut target = loaded.target.take().expect("a target");
    target.editions = plain.editions;
    base_url(&mut target).clone_from(&relay.url);
    assert_sound(&support::run(suite, target, rows).await);
}

#[test]
fn a_key_of_another_certificate_is_found_before_anything_is_sent() {
    let made = authority();
    let files = [
        ("own.pem", made.client.0.as_str()),
        ("own.key", &made.server.1),
    ];
    let loaded = changed("tls: { cert: own.pem, key: own.key }\n", &files);
    let mistake = loaded.diagnostics.iter().find(|one| !one.warning);
    let mistake = mistake.expect("a mistake");
    assert_eq!(mistake.code, "key-mismatch");
    let place = mistake.span.as_ref().expect("a place");
    assert_eq!(place.position(), (3, 28));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_request_carries_the_headers_of_the_file_unless_the_row_says_something_of_them() {
    let (suite, mut target, rows, _mocks) = prepared().await;
    target.headers = [
        ("X-Gateway", "${target.gateway}"),
        ("X-client-id", "not this one"),
    ]
    .map(|(name, value)| (name.to_owned(), value.into()))
    .into();
    let settings = target.editions.get_mut(&support::CIAM).expect("CIAM");
    settings
        .variables
        .insert("gateway".to_owned(), "blue".into());
    let jobs = target.jobs;
    let engine = support::engine(suite.contracts, &suite.plan.cases, target);
    let (_, sent) = engine.execute(&rows[0]).await;
    assert!(sent.steps.len() > 1);
    for exchange in sent.steps.iter().flat_map(|step| &step.attempts) {
        assert_eq!(exchange.request.header("x-gateway"), Some("blue"));
    }
    // Rows that leave `X-client-id` out, or blank, are refused for that and nothing else.
    assert_sound(&support::run_on(engine, &rows, jobs).await);
}

#[tokio::test]
async fn a_row_that_requires_what_the_target_lacks_is_skipped_and_told_why() {
    let mut suite = support::shipped();
    let server = answering(echo).await;
    let target = support::target_at(&mut suite, &[support::CIAM], &server.url);
    let mut rows = support::rows(&suite, FILE);
    rows.truncate(1);
    Arc::make_mut(&mut rows[0]).requires = vec!["console".to_owned()];
    let engine = |target: Target| support::engine(Vec::new(), &rows, with_constants(target));
    let skipped = engine(target.clone()).run_case(&rows[0]).await;
    assert_eq!(skipped.verdict, Verdict::Skip(SkipReason::NotProvided));
    let told = skipped.detail.unwrap_or_default();
    assert!(told.contains("capability `console`"), "{told}");
    let mut able = target;
    able.capabilities = vec!["console".to_owned()];
    let run = engine(able).run_case(&rows[0]).await;
    assert_ne!(run.verdict, Verdict::Skip(SkipReason::NotProvided));
}
