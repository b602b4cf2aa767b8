//! What the engine says that it sent and got is what a third party saw on the wire: the whole shipped
//! suite through a relay that copies bytes, over TCP and over TLS, connection by connection and byte by
//! byte.

use std::{
    collections::BTreeMap,
    fs,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use probity::{
    embedded,
    engine::Engine,
    plan::TestCase,
    result::{CaseResult, ErrorReason, Part, SkipReason, Verdict},
    suite::{self, Suite},
    target::Target,
    transcript::Transcript,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

use crate::support;

/// What a client sent on a connection and what it was answered there.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Both {
    sent: Vec<u8>,
    answered: Vec<u8>,
}

/// The bytes of each connection.
type Recorded = Arc<Mutex<Vec<Both>>>;

/// A server that copies bytes both ways and keeps them.
pub(crate) struct Relay {
    pub(crate) url: String,
    recorded: Recorded,
    task: JoinHandle<()>,
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Relay {
    /// Stands before `url`, which is `http://host:port`; with TLS when it is given.
    pub(crate) async fn before(url: &str, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let scheme = if tls.is_some() { "https" } else { "http" };
        let behind = url.trim_start_matches("http://").to_owned();
        let recorded = Recorded::default();
        let all = Arc::clone(&recorded);
        let task = tokio::spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let (behind, tls, all) = (behind.clone(), tls.clone(), Arc::clone(&all));
                open.spawn(async move {
                    let server = TcpStream::connect(behind).await.expect("the mock is there");
                    match tls {
                        // A client that does not trust us ends the handshake.
                        Some(tls) => {
                            if let Ok(client) = tls.accept(client).await {
                                relay(client, server, &all).await;
                            }
                        }
                        None => relay(client, server, &all).await,
                    }
                });
            }
        });
        Self {
            url: format!("{scheme}://{address}"),
            recorded,
            task,
        }
    }

    fn recorded(&self) -> MutexGuard<'_, Vec<Both>> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Copies until one side ends. What each sent is recorded before it is passed on, so that it is there
/// when the other has it.
async fn relay(
    client: impl AsyncRead + AsyncWrite,
    server: TcpStream,
    recorded: &Mutex<Vec<Both>>,
) {
    let all = || recorded.lock().unwrap_or_else(PoisonError::into_inner);
    let at = {
        let mut all = all();
        all.push(Both::default());
        all.len() - 1
    };
    let (mut from_client, mut to_client) = tokio::io::split(client);
    let (mut from_server, mut to_server) = server.into_split();
    let forward = async {
        let mut part = vec![0; 16 * 1024];
        while let Ok(count @ 1..) = from_client.read(&mut part).await {
            all()[at].sent.extend_from_slice(&part[..count]);
            if to_server.write_all(&part[..count]).await.is_err() {
                break;
            }
        }
    };
    let back = async {
        let mut part = vec![0; 16 * 1024];
        while let Ok(count @ 1..) = from_server.read(&mut part).await {
            all()[at].answered.extend_from_slice(&part[..count]);
            if to_client.write_all(&part[..count]).await.is_err() {
                break;
            }
        }
        let _ = to_client.shutdown().await;
    };
    tokio::select! {
        () = forward => {}
        () = back => {}
    }
}

/// The mocks of the shipped target and a relay before every address of it.
struct Relayed {
    relays: BTreeMap<String, Relay>,
    _mocks: Vec<probity::mock::MockServer>,
}

impl Relayed {
    async fn of(target: &mut Target, tls: Option<&TlsAcceptor>) -> Self {
        let mocks = embedded::start_all(target, 0)
            .await
            .expect("the mocks start");
        let mut relays: BTreeMap<String, Relay> = BTreeMap::new();
        for settings in target.editions.values_mut() {
            let urls = std::iter::once(&mut settings.base_url).chain(settings.hosts.values_mut());
            for url in urls {
                if !relays.contains_key(url) {
                    let relay = Relay::before(url, tls.cloned()).await;
                    relays.insert(url.clone(), relay);
                }
                relays[url].url.clone_into(url);
            }
        }
        Self {
            relays,
            _mocks: mocks,
        }
    }

    /// What went over each connection that carried anything.
    fn connections(&self) -> Vec<Both> {
        let relays = self.relays.values();
        let all = relays.flat_map(|relay| relay.recorded().clone());
        let mut all: Vec<Both> = all.filter(|both| *both != Both::default()).collect();
        all.sort();
        all
    }
}

/// What went over each connection by the transcripts, and the number of exchanges.
fn told<'t>(transcripts: impl Iterator<Item = &'t Transcript>) -> (Vec<Both>, usize) {
    let exchanges = transcripts
        .flat_map(|transcript| &transcript.steps)
        .flat_map(|step| &step.attempts);
    let mut tapes: Vec<_> = exchanges.map(|exchange| &exchange.tape).collect();
    tapes.sort_by_key(|tape| (tape.connection, tape.turn));
    let mut connections: BTreeMap<u64, Both> = BTreeMap::new();
    for tape in &tapes {
        let both = connections.entry(tape.connection).or_default();
        both.sent.extend_from_slice(&tape.sent);
        both.answered.extend_from_slice(&tape.received);
    }
    let mut all: Vec<Both> = connections.into_values().collect();
    all.sort();
    (all, tapes.len())
}

async fn carried(
    engine: Engine,
    cases: Vec<Arc<TestCase>>,
    jobs: usize,
) -> Vec<(CaseResult, Transcript)> {
    let engine = Arc::new(engine);
    let permits = Arc::new(tokio::sync::Semaphore::new(jobs));
    let mut tasks = JoinSet::new();
    for case in cases {
        let (engine, permits) = (Arc::clone(&engine), Arc::clone(&permits));
        tasks.spawn(async move {
            let _permit = permits.acquire().await;
            engine.execute(&case).await
        });
    }
    tasks.join_all().await
}

/// Sends these rows through relays and compares both records; gives the number of exchanges.
async fn compared(
    suite: Suite,
    mut target: Target,
    cases: Vec<Arc<TestCase>>,
    tls: Option<&TlsAcceptor>,
) -> usize {
    let relayed = Relayed::of(&mut target, tls).await;
    let (jobs, rows) = (target.jobs, cases.len());
    let engine = support::engine(suite.contracts, &suite.plan.cases, target);
    let done = carried(engine, cases, jobs).await;
    assert_eq!(done.len(), rows);
    for (result, transcript) in &done {
        assert!(
            !matches!(result.verdict, Verdict::Fail(_) | Verdict::Error(_)),
            "{}: {:?} {:?}",
            result.id,
            result.verdict,
            result.detail
        );
        // A row that the target cannot carry out may send nothing; every other one sent its request.
        let skipped = result.verdict == Verdict::Skip(SkipReason::NotProvided);
        let requests = transcript
            .steps
            .iter()
            .filter(|step| step.part == Part::Request);
        assert_eq!(requests.count(), usize::from(!skipped), "{}", result.id);
    }
    let (told, exchanges) = told(done.iter().map(|(_, transcript)| transcript));
    let seen = relayed.connections();
    for (told, seen) in told.iter().zip(&seen) {
        assert_eq!(
            String::from_utf8_lossy(&told.sent),
            String::from_utf8_lossy(&seen.sent)
        );
        assert_eq!(
            String::from_utf8_lossy(&told.answered),
            String::from_utf8_lossy(&seen.answered)
        );
    }
    assert_eq!(told.len(), seen.len(), "connections that carried anything");
    assert!(seen.len() < exchanges / 2, "connections are used again");
    exchanges
}

/// A server's side of TLS with a certificate of its own, and that certificate as PEM text.
fn self_signed() -> (TlsAcceptor, String) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("a key that fits");
    (TlsAcceptor::from(Arc::new(config)), made.cert.pem())
}

/// The shipped suite with the mock target, changed to trust this certificate by its target file.
fn trusting(pem: &str) -> (Suite, Target) {
    let folder = tempfile::tempdir().expect("a folder");
    let mock = support::root().join("tenants/mock.yaml");
    fs::copy(mock, folder.path().join("mock.yaml")).expect("a copy");
    fs::write(folder.path().join("bundle.pem"), pem).expect("a bundle");
    let file = folder.path().join("tls.yaml");
    let text = "name: over-tls\nextends: mock.yaml\ntls: { ca: bundle.pem }\n";
    fs::write(&file, text).expect("a target file");
    let mut suite = suite::load(support::root(), Some(&file));
    assert!(!suite.is_broken(), "{:#?}", suite.diagnostics);
    let target = suite.target.take().expect("a target");
    (suite, target)
}

/// The files whose rows are about headers, with rows in exact letters among them.
fn about_headers(suite: &Suite) -> Vec<Arc<TestCase>> {
    let mut rows = suite.plan.cases.clone();
    rows.retain(|case| case.id.contains("/headers/"));
    assert!(rows.iter().any(|case| case.request.exact));
    rows
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_whole_suite_says_it_sent_is_what_a_relay_saw() {
    let mut suite = support::shipped();
    let target = suite.target.take().expect("a target");
    let cases = suite.plan.cases.clone();
    let rows = cases.len();
    let seen = compared(suite, target, cases, None).await;
    // Nearly every row prepares an account of its own before its request.
    assert!(seen > 3 * rows, "only {seen} exchanges for {rows} rows");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_sent_over_tls_is_what_a_relay_behind_it_saw() {
    let (acceptor, pem) = self_signed();
    let (suite, target) = trusting(&pem);
    let cases = about_headers(&suite);
    let rows = cases.len();
    let seen = compared(suite, target, cases, Some(&acceptor)).await;
    assert!(seen > rows, "only {seen} exchanges for {rows} rows");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_that_nobody_trusts_is_refused_and_nothing_leaves() {
    let (acceptor, _) = self_signed();
    let (_, other) = self_signed();
    let (suite, mut target) = trusting(&other);
    let relayed = Relayed::of(&mut target, Some(&acceptor)).await;
    let mut cases = about_headers(&suite);
    for case in cases.iter_mut().map(Arc::make_mut) {
        // Without preparations it is the request itself that is refused.
        case.needs.clear();
        case.setup.clear();
        case.control = true;
        case.control_id.clone_from(&case.id);
    }
    for settings in target.editions.values_mut() {
        settings.variables_from = None;
    }
    for case in cases.iter_mut().map(Arc::make_mut) {
        for (_, value) in &mut case.request.headers {
            *value = "any".into();
        }
        case.request.body = probity::plan::Body::None;
        case.request.query.clear();
    }
    // Each row is to find out for itself.
    target.limits.breaker = 0;
    let engine = support::engine(suite.contracts, &cases, target);
    for (result, transcript) in carried(engine, cases, 4).await {
        assert_eq!(
            result.verdict,
            Verdict::Error(ErrorReason::Unreachable),
            "{}",
            result.id
        );
        let told = result.detail.unwrap_or_default();
        assert!(told.contains("certificate"), "{}: {told}", result.id);
        assert!(
            transcript
                .steps
                .iter()
                .all(|step| step.attempts[0].sent_line.is_empty())
        );
    }
    assert_eq!(relayed.connections(), []);
}
