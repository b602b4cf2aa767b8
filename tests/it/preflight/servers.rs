//! Servers that are wrong in one way each, and the fault that has to be told of it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        RootCertStore, ServerConfig, SupportedProtocolVersion,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject},
        server::{NoClientAuth, WebPkiClientVerifier, danger::ClientCertVerifier},
        version,
    },
};

use super::{Fault, fault, served};
use crate::loopback::{self, DEAD, serve};

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    DeadPort,
    DeadHost,
    DeadResolve,
    DeadFurtherHost,
    UnknownHost,
    Expired,
    Early,
    OtherName,
    UnknownAuthority,
    OtherAuthority,
    SelfSigned,
    WantsCertificate,
    WantsCertificateOldTls,
    RefusesCertificate,
    OldTls,
    PlainBehindHttps,
    TlsBehindHttp,
    HangsUpInHandshake,
    Page,
    PageNotFound,
    NotFound,
    Redirect,
    RedirectToLogin,
    TooMany,
    Unavailable,
    BadGateway,
    NoHttp,
    HangsUp,
    Silent,
    ClockAhead,
    ClockBehind,
    DeadProxy,
    ProxyWantsLogin,
    ProxyForbids,
    ProxyHangsUp,
    ProviderMissesValue,
    CommandPrintsNoJson,
    CommandFails,
    PoolSpent,
}

impl Kind {
    pub(super) const ALL: [Self; 39] = [
        Self::DeadPort,
        Self::DeadHost,
        Self::DeadResolve,
        Self::DeadFurtherHost,
        Self::UnknownHost,
        Self::Expired,
        Self::Early,
        Self::OtherName,
        Self::UnknownAuthority,
        Self::OtherAuthority,
        Self::SelfSigned,
        Self::WantsCertificate,
        Self::WantsCertificateOldTls,
        Self::RefusesCertificate,
        Self::OldTls,
        Self::PlainBehindHttps,
        Self::TlsBehindHttp,
        Self::HangsUpInHandshake,
        Self::Page,
        Self::PageNotFound,
        Self::NotFound,
        Self::Redirect,
        Self::RedirectToLogin,
        Self::TooMany,
        Self::Unavailable,
        Self::BadGateway,
        Self::NoHttp,
        Self::HangsUp,
        Self::Silent,
        Self::ClockAhead,
        Self::ClockBehind,
        Self::DeadProxy,
        Self::ProxyWantsLogin,
        Self::ProxyForbids,
        Self::ProxyHangsUp,
        Self::ProviderMissesValue,
        Self::CommandPrintsNoJson,
        Self::CommandFails,
        Self::PoolSpent,
    ];
}

/// A server and the number of requests that it read.
pub(super) struct Server {
    server: loopback::Server,
    requests: Arc<AtomicUsize>,
}

impl Server {
    pub(super) fn url(&self) -> String {
        self.server.url.clone()
    }

    pub(super) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

/// Reads a head and answers by its first line; over TLS when it is given.
pub(super) async fn server(
    tls: Option<ServerConfig>,
    answer: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
) -> Server {
    let requests = Arc::new(AtomicUsize::new(0));
    let (count, answer) = (Arc::clone(&requests), Arc::new(answer));
    let tls = tls.map(|config| TlsAcceptor::from(Arc::new(config)));
    let server = serve(move |stream| {
        let (count, answer, tls) = (Arc::clone(&count), Arc::clone(&answer), tls.clone());
        async move {
            match tls {
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        speak(stream, &count, &*answer).await;
                    }
                }
                None => speak(stream, &count, &*answer).await,
            }
        }
    })
    .await;
    Server { server, requests }
}

async fn speak(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    count: &AtomicUsize,
    answer: &(impl Fn(&str) -> Option<String> + Sync),
) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    count.fetch_add(1, Ordering::SeqCst);
    let head = String::from_utf8_lossy(&head).into_owned();
    // The body is left unread where it is short enough to wait in the socket.
    let length = head
        .to_ascii_lowercase()
        .lines()
        .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    if stream.read_exact(&mut body).await.is_err() {
        return;
    }
    match answer(head.lines().next().unwrap_or_default()) {
        Some(answer) => {
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
        None => std::future::pending().await,
    }
}

pub(super) fn answer(status: &str, headers: &str, kind: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n{headers}\
         Connection: close\r\n\r\n{body}"
    )
}

/// The date of an answer made so many seconds from now.
fn date(seconds: i64) -> String {
    let moment = jiff::Timestamp::from_second(probity::clock::unix_seconds() + seconds);
    let moment = moment.expect("a moment").to_zoned(jiff::tz::TimeZone::UTC);
    format!("Date: {}\r\n", moment.strftime("%a, %d %b %Y %H:%M:%S GMT"))
}

fn sound_answer(line: &str, seconds: i64) -> String {
    let body = if line.starts_with("POST") {
        r#"{"state_token":"a-state-token"}"#
    } else {
        "{}"
    };
    answer("200 OK", &date(seconds), "application/json", body)
}

/// A server that does all that the small project asks for.
pub(super) async fn sound() -> Server {
    server(None, |line| Some(sound_answer(line, 0))).await
}

pub(super) async fn answering(
    status: &'static str,
    headers: &'static str,
    kind: &'static str,
) -> Server {
    let body = "<html><body>Welcome</body></html>";
    server(None, move |_| Some(answer(status, headers, kind, body))).await
}

/// A certificate with its key, both as PEM.
pub(super) struct Pair {
    pem: String,
    key: String,
}

/// Certificates, made once.
pub(super) struct Made {
    root: String,
    other_root: String,
    sound: Pair,
    expired: Pair,
    early: Pair,
    other_name: Pair,
    self_signed: Pair,
    stranger: Pair,
}

impl Made {
    pub(super) fn new() -> Self {
        let (root, other) = (authority(), authority());
        let mut expired = parameters("127.0.0.1");
        expired.not_before = rcgen::date_time_ymd(2019, 1, 1);
        expired.not_after = rcgen::date_time_ymd(2020, 2, 3);
        let mut early = parameters("127.0.0.1");
        early.not_before = rcgen::date_time_ymd(2090, 1, 1);
        early.not_after = rcgen::date_time_ymd(2091, 1, 1);
        let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]);
        let own = own.expect("a certificate");
        Self {
            sound: signed(&parameters("127.0.0.1"), &root),
            expired: signed(&expired, &root),
            early: signed(&early, &root),
            other_name: signed(&parameters("other.example"), &root),
            stranger: signed(&parameters("probity"), &other),
            self_signed: Pair {
                pem: own.cert.pem(),
                key: own.signing_key.serialize_pem(),
            },
            root: root.pem(),
            other_root: other.pem(),
        }
    }
}

fn parameters(name: &str) -> CertificateParams {
    CertificateParams::new(vec![name.to_owned()]).expect("parameters")
}

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    CertifiedIssuer::self_signed(params, key).expect("an authority")
}

fn signed(params: &CertificateParams, issuer: &Issuer<'_, KeyPair>) -> Pair {
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, issuer).expect("a certificate");
    Pair {
        pem: certificate.pem(),
        key: key.serialize_pem(),
    }
}

const ALL: &[&SupportedProtocolVersion] = &[&version::TLS13, &version::TLS12];
const OLD: &[&SupportedProtocolVersion] = &[&version::TLS12];

fn tls(
    pair: &Pair,
    versions: &[&'static SupportedProtocolVersion],
    clients: Option<&str>,
) -> ServerConfig {
    let provider = Arc::new(ring::default_provider());
    let verifier: Arc<dyn ClientCertVerifier> = match clients {
        Some(root) => {
            let mut roots = RootCertStore::empty();
            let root = CertificateDer::from_pem_slice(root.as_bytes()).expect("a certificate");
            roots.add(root).expect("an authority");
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
                .build()
                .expect("a verifier")
        }
        None => Arc::new(NoClientAuth),
    };
    let chain = CertificateDer::from_pem_slice(pair.pem.as_bytes()).expect("a certificate");
    let key = PrivatePkcs8KeyDer::from_pem_slice(pair.key.as_bytes()).expect("a key");
    ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .expect("versions")
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![chain], PrivateKeyDer::Pkcs8(key))
        .expect("a key that fits")
}

async fn secure(config: ServerConfig) -> Server {
    server(Some(config), |line| Some(sound_answer(line, 0))).await
}

fn https(server: &Server) -> String {
    server.url().replace("http://", "https://")
}

/// The fault of a server with this certificate, trusted by `trusted`.
async fn certificate(
    name: &'static str,
    config: ServerConfig,
    lines: &str,
    trusted: &str,
    code: &'static str,
) -> (Fault, Server) {
    let server = secure(config).await;
    let told = fault(name, served(&https(&server), lines), code).file("ca.pem", trusted);
    (told, server)
}

pub(super) async fn fault_of(kind: Kind, made: &Made) -> (Fault, Server) {
    const TRUST: &str = "tls: { ca: ca.pem }\n";
    let proxied = |server: &Server| {
        served(
            "https://tenant.example",
            &format!("proxy: {}\n", server.url()),
        )
    };
    match kind {
        Kind::DeadPort => {
            let told = fault("nobody there", served(DEAD, ""), "cannot-connect");
            (told.at("base_url").says("refused"), sound().await)
        }
        Kind::DeadHost => {
            let told = fault(
                "nobody there over TLS",
                served("https://127.0.0.1:1", ""),
                "cannot-connect",
            );
            (told.at("base_url"), sound().await)
        }
        Kind::DeadResolve => {
            let lines = "resolve:\n  tenant.example: 127.0.0.1:1\n";
            let told = fault(
                "nobody where the name leads",
                served("http://tenant.example", lines),
                "cannot-connect",
            );
            (told.at("tenant.example: 127"), sound().await)
        }
        Kind::DeadFurtherHost => {
            let server = sound().await;
            let text = served(&server.url(), "").replace(
                "providers:",
                &format!("    hosts:\n      common: {DEAD}\nproviders:"),
            );
            (
                fault("nobody at a further host", text, "cannot-connect").at("common:"),
                server,
            )
        }
        Kind::UnknownHost => {
            // A label of more than 63 letters is in no directory, and so none is asked.
            let host = "a".repeat(70);
            let told = fault(
                "a host that is not found",
                served(&format!("http://{host}.invalid"), ""),
                "host-not-found",
            );
            (told.at("base_url").says("resolve:"), sound().await)
        }
        Kind::Expired => {
            let config = tls(&made.expired, ALL, None);
            let (told, server) =
                certificate("expired", config, TRUST, &made.root, "certificate-expired").await;
            (told.at("base_url").says("2020-02-03"), server)
        }
        Kind::Early => {
            let config = tls(&made.early, ALL, None);
            let (told, server) = certificate(
                "not valid yet",
                config,
                TRUST,
                &made.root,
                "certificate-early",
            )
            .await;
            (told.at("base_url").says("2090-01-01"), server)
        }
        Kind::OtherName => {
            let config = tls(&made.other_name, ALL, None);
            let (told, server) =
                certificate("another name", config, TRUST, &made.root, "wrong-host-name").await;
            (told.at("base_url").says("other.example"), server)
        }
        Kind::UnknownAuthority => {
            let config = tls(&made.sound, ALL, None);
            let (told, server) =
                certificate("an unknown authority", config, "", &made.root, "unknown-ca").await;
            (told.at("base_url").says("tls: { ca: file.pem }"), server)
        }
        Kind::OtherAuthority => {
            let config = tls(&made.sound, ALL, None);
            let (told, server) = certificate(
                "another authority",
                config,
                TRUST,
                &made.other_root,
                "unknown-ca",
            )
            .await;
            (told.at("ca: ca.pem"), server)
        }
        Kind::SelfSigned => {
            let config = tls(&made.self_signed, ALL, None);
            let (told, server) =
                certificate("its own authority", config, "", &made.root, "unknown-ca").await;
            (told.at("base_url"), server)
        }
        Kind::WantsCertificate => {
            let config = tls(&made.sound, ALL, Some(&made.root));
            let (told, server) = certificate(
                "who are we",
                config,
                TRUST,
                &made.root,
                "client-certificate",
            )
            .await;
            (told.at("tls:").says("cert: own.pem"), server)
        }
        Kind::WantsCertificateOldTls => {
            let config = tls(&made.sound, OLD, Some(&made.root));
            let (told, server) = certificate(
                "who are we, in TLS 1.2",
                config,
                TRUST,
                &made.root,
                "client-certificate",
            )
            .await;
            (told.at("tls:"), server)
        }
        Kind::RefusesCertificate => {
            let config = tls(&made.sound, ALL, Some(&made.root));
            let lines = "tls:\n  ca: ca.pem\n  cert: own.pem\n  key: own.key\n";
            let (told, server) =
                certificate("not us", config, lines, &made.root, "client-certificate").await;
            let told = told
                .file("own.pem", &made.stranger.pem)
                .file("own.key", &made.stranger.key);
            (
                told.at("cert: own.pem").says("refuses our certificate"),
                server,
            )
        }
        Kind::OldTls => {
            let config = tls(&made.sound, OLD, None);
            let lines = "tls:\n  ca: ca.pem\n  min: 1.3\n";
            let (told, server) =
                certificate("TLS too old", config, lines, &made.root, "tls-version").await;
            (told.at("min: 1.3"), server)
        }
        Kind::PlainBehindHttps => {
            let server = server(None, |_| None).await;
            // Our handshake is no head; what is said at once is what a plain server says of it.
            let plain = serve(|mut stream| async move {
                let mut part = [0; 1];
                let _ = stream.read(&mut part).await;
                let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
                let _ = stream.shutdown().await;
                let mut rest = Vec::new();
                let _ = stream.read_to_end(&mut rest).await;
            })
            .await;
            let server = Server {
                server: plain,
                requests: server.requests,
            };
            let told = fault("no TLS behind https", served(&https(&server), ""), "no-tls");
            (told.at("base_url").says("http://"), server)
        }
        Kind::TlsBehindHttp => {
            let server = secure(tls(&made.sound, ALL, None)).await;
            let told = fault("TLS behind http", served(&server.url(), ""), "not-http");
            (told.at("base_url").says("scheme"), server)
        }
        Kind::HangsUpInHandshake => {
            let server = Server {
                server: serve(|stream| async move { drop(stream) }).await,
                requests: Arc::default(),
            };
            let told = fault(
                "hangs up before TLS",
                served(&https(&server), ""),
                "tls-failed",
            );
            (told.at("base_url"), server)
        }
        Kind::Page => {
            let server = answering("200 OK", "", "text/html; charset=utf-8").await;
            let told = fault("a page", served(&server.url(), ""), "not-the-service");
            (told.at("base_url").says("text/html"), server)
        }
        Kind::PageNotFound => {
            let server = answering("404 Not Found", "", "text/html").await;
            let told = fault("no page", served(&server.url(), ""), "not-the-service");
            (told.at("base_url").says("status 404"), server)
        }
        Kind::NotFound => {
            let server = answering("404 Not Found", "", "application/json").await;
            let told = fault("no such path", served(&server.url(), ""), "not-the-service");
            (
                told.at("base_url").says("/api/v2/sdk/pwd/skip-update"),
                server,
            )
        }
        Kind::Redirect => {
            let to = "Location: https://new.example/api\r\n";
            let server = answering("301 Moved Permanently", to, "text/plain").await;
            let told = fault("moved", served(&server.url(), ""), "redirected");
            (told.at("base_url").says("https://new.example"), server)
        }
        Kind::RedirectToLogin => {
            let server = answering("302 Found", "Location: /login\r\n", "text/html").await;
            let told = fault("to the login page", served(&server.url(), ""), "redirected");
            (told.at("base_url").says("/login"), server)
        }
        Kind::TooMany => {
            let server = answering(
                "429 Too Many Requests",
                "Retry-After: 3600\r\n",
                "text/plain",
            )
            .await;
            let told = fault(
                "too many, for ever",
                served(&server.url(), ""),
                "too-many-requests",
            );
            (told.at("base_url").says("3600 s"), server)
        }
        Kind::Unavailable => {
            let server = answering(
                "503 Service Unavailable",
                "Retry-After: 120\r\n",
                "text/html",
            )
            .await;
            let told = fault("out of service", served(&server.url(), ""), "unavailable");
            (told.at("base_url").says("120 s"), server)
        }
        Kind::BadGateway => {
            let server = answering("502 Bad Gateway", "", "text/html").await;
            let told = fault(
                "nobody behind the gateway",
                served(&server.url(), ""),
                "unavailable",
            );
            (told.at("base_url").says("gateway"), server)
        }
        Kind::NoHttp => {
            let server = server(None, |_| Some("220 mail.example ESMTP\r\n".to_owned())).await;
            let told = fault("mail", served(&server.url(), ""), "not-http");
            (told.at("base_url"), server)
        }
        Kind::HangsUp => {
            let server = server(None, |_| Some(String::new())).await;
            let told = fault("hangs up", served(&server.url(), ""), "not-http");
            (told.at("base_url").says("closed"), server)
        }
        Kind::Silent => {
            let server = server(None, |_| None).await;
            let told = fault(
                "says nothing",
                served(&server.url(), "limits:\n  timeout_ms: 200\n"),
                "no-answer",
            );
            (told.at("timeout_ms").says("200ms"), server)
        }
        Kind::ClockAhead => {
            let server = server(None, |line| Some(sound_answer(line, 3600))).await;
            let told = fault("a clock ahead", served(&server.url(), ""), "clock-skew");
            (
                told.at("base_url").says("ahead of ours, more than 60 s"),
                server,
            )
        }
        Kind::ClockBehind => {
            let server = server(None, |line| Some(sound_answer(line, -90))).await;
            let told = fault(
                "a clock behind",
                served(&server.url(), "limits:\n  clock_skew_s: 30\n"),
                "clock-skew",
            );
            (
                told.at("clock_skew_s").says("behind ours, more than 30 s"),
                server,
            )
        }
        Kind::DeadProxy => {
            let text = served("https://tenant.example", &format!("proxy: {DEAD}\n"));
            (
                fault("no proxy", text, "cannot-connect").at("proxy:"),
                sound().await,
            )
        }
        Kind::ProxyWantsLogin => {
            let server = answering("407 Proxy Authentication Required", "", "text/plain").await;
            let told = fault(
                "a proxy that wants a login",
                proxied(&server),
                "proxy-refused",
            );
            (told.at("proxy:").says("`user` and `password`"), server)
        }
        Kind::ProxyForbids => {
            let server = answering("403 Forbidden", "", "text/plain").await;
            let told = fault("a proxy that forbids", proxied(&server), "proxy-refused");
            (told.at("proxy:").says("tenant.example"), server)
        }
        Kind::ProxyHangsUp => {
            let server = server(None, |_| Some(String::new())).await;
            let told = fault("a proxy that hangs up", proxied(&server), "proxy-refused");
            (told.at("proxy:"), server)
        }
        Kind::ProviderMissesValue => {
            let server = sound().await;
            let text = served(&server.url(), "").replace("/state_token }", "/other }");
            let text = format!("{text}    yields: {{ state_token: \"${{state_token}}\" }}\n");
            let told = fault("a provider without its value", text, "provider-failed");
            (told.at("account-warn").says("state_token"), server)
        }
        Kind::CommandPrintsNoJson => {
            let (text, server) = provided("command: { argv: [echo, hello] }").await;
            let told = fault("a command that prints no JSON", text, "provider-failed");
            (told.at("account-warn").says("no JSON"), server)
        }
        Kind::CommandFails => {
            let (text, server) =
                provided("command: { argv: [sh, -c, \"echo sealed >&2; exit 2\"] }").await;
            let told = fault("a command that fails", text, "provider-failed");
            (told.at("account-warn").says("sealed"), server)
        }
        Kind::PoolSpent => {
            let (text, server) = provided("pool: { file: accounts.yaml, reuse: never }").await;
            let told = fault("a pool that is spent", text, "pool-exhausted")
                .file("accounts.yaml", "- { state_token: a }\n");
            // The first look leaves the account to the rows; then a row takes it.
            let (place, file) = told.lay();
            told.call("check", place.path(), &file).expect(0);
            let leases = place.path().join("tenants/.probity/leases/accounts.yaml");
            std::fs::create_dir_all(&leases).expect("a folder");
            assert_eq!(std::fs::read_dir(&leases).expect("a folder").count(), 0);
            let mut told = told;
            told.call("run", place.path(), &file);
            for entry in std::fs::read_dir(&leases).expect("leases") {
                let entry = entry.expect("a lease");
                let name = entry.file_name().to_string_lossy().into_owned();
                let mark = std::fs::read_to_string(entry.path()).expect("a mark");
                let inside = format!(".probity/leases/accounts.yaml/{name}");
                told.files.push((inside.leak(), mark));
            }
            (told.at("account-warn").says("all 1 accounts"), server)
        }
    }
}

/// A target file whose only provider is this, and its server.
async fn provided(kind: &str) -> (String, Server) {
    let server = sound().await;
    let text = served(&server.url(), "");
    let (front, _) = text.split_once("    steps:").expect("a provider");
    (format!("{front}    {kind}\n"), server)
}
