//! Faults of TLS: in the handshake, in the certificate, and in how an encrypted connection ends.

use std::{sync::Arc, time::Instant};

use probity::target::Target;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use tokio::{io::AsyncReadExt, net::TcpStream};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

use super::{
    Expected::{self, Desync, Fail, NoAnswer, Pass},
    SOUND, TIMEOUT, row, script,
    script::{Act, send},
    suite, with_control,
};
use crate::{loopback::serve, support};

/// What is wrong with a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Certificate {
    Sound,
    OfNobodyKnown,
    OfAnotherHost,
    Expired,
    NotYetValid,
}

/// When a server does what it does.
#[derive(Debug, Clone)]
enum Fault {
    /// In place of a handshake.
    Before(Vec<Act>),
    /// After the client's first message.
    Within(Vec<Act>),
    /// After the request, encrypted; then the TCP connection is closed without a word of TLS.
    After(Vec<Act>),
}

struct Authority {
    root: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let root = CertifiedIssuer::self_signed(params, key).expect("an authority");
        Self { root }
    }

    fn trusted(&self) -> CertificateDer<'static> {
        self.root.der().clone()
    }

    fn acceptor(&self, fault: Certificate) -> TlsAcceptor {
        let host = match fault {
            Certificate::OfAnotherHost => "other.example",
            _ => "127.0.0.1",
        };
        let mut params = CertificateParams::new(vec![host.to_owned()]).expect("parameters");
        match fault {
            Certificate::Expired => params.not_after = date_time_ymd(2020, 1, 1),
            Certificate::NotYetValid => params.not_before = date_time_ymd(2999, 1, 1),
            _ => {}
        }
        let key = KeyPair::generate().expect("a key");
        let stranger = Self::new();
        let issuer = match fault {
            Certificate::OfNobodyKnown => &stranger.root,
            _ => &self.root,
        };
        let certificate = params.signed_by(&key, issuer).expect("a certificate");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("a key that fits");
        TlsAcceptor::from(Arc::new(config))
    }
}

async fn serve_badly(mut stream: TcpStream, acceptor: TlsAcceptor, fault: Fault) {
    let after = match fault {
        Fault::Before(acts) => return all(&acts, &mut stream).await,
        Fault::Within(acts) => {
            let _ = stream.read(&mut [0; 4096]).await;
            return all(&acts, &mut stream).await;
        }
        Fault::After(acts) => acts,
    };
    let Ok(mut stream) = acceptor.accept(stream).await else {
        return;
    };
    while let Some(name) = script::asked(&mut stream).await {
        if name.is_empty() {
            all(&[send(SOUND)], &mut stream).await;
            continue;
        }
        // Dropped at the end, which closes it without a word of TLS.
        return all(&after, &mut stream).await;
    }
}

async fn all(
    acts: &[Act],
    stream: &mut (impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin),
) {
    for act in acts {
        if script::done(act, stream).await.is_none() {
            return;
        }
    }
}

fn table() -> Vec<(&'static str, Certificate, Fault, Expected, u32)> {
    use Certificate::{Expired, NotYetValid, OfAnotherHost, OfNobodyKnown, Sound};
    let sound = || Fault::After(vec![send(SOUND), Act::Hold]);
    let to_the_end = "HTTP/1.1 200 OK\r\n\r\nok";
    let alert = [21, 3, 3, 0, 2, 2, 40];
    let record = [22, 3, 3, 0x7f, 0xff];
    vec![
        ("sound", Sound, sound(), Pass, 1),
        ("nobody-known", OfNobodyKnown, sound(), NoAnswer, 1),
        ("another-host", OfAnotherHost, sound(), NoAnswer, 1),
        ("expired", Expired, sound(), NoAnswer, 1),
        ("not-yet-valid", NotYetValid, sound(), NoAnswer, 1),
        (
            "plain",
            Sound,
            Fault::Before(vec![send(SOUND), Act::Hold]),
            NoAnswer,
            1,
        ),
        (
            "closed",
            Sound,
            Fault::Before(vec![Act::Close]),
            NoAnswer,
            1,
        ),
        ("silent", Sound, Fault::Before(vec![Act::Hold]), NoAnswer, 2),
        (
            "garbage",
            Sound,
            Fault::Within(vec![send([0; 64]), Act::Hold]),
            NoAnswer,
            1,
        ),
        (
            "flood",
            Sound,
            Fault::Within(vec![Act::Flood(vec![22])]),
            NoAnswer,
            1,
        ),
        (
            "alert",
            Sound,
            Fault::Within(vec![send(alert), Act::Hold]),
            NoAnswer,
            1,
        ),
        (
            "long-record",
            Sound,
            Fault::Within(vec![send(record), Act::Hold]),
            NoAnswer,
            2,
        ),
        (
            "closed-within",
            Sound,
            Fault::Within(vec![Act::Close]),
            NoAnswer,
            1,
        ),
        (
            "dripping",
            Sound,
            Fault::Within(vec![Act::Drip(vec![22; 500], 20)]),
            NoAnswer,
            2,
        ),
        // What ends with the connection was cut unless TLS says that it was meant.
        (
            "meant-end",
            Sound,
            Fault::After(vec![send(to_the_end), Act::Close]),
            Pass,
            1,
        ),
        (
            "cut-end",
            Sound,
            Fault::After(vec![send(to_the_end)]),
            NoAnswer,
            1,
        ),
        (
            "cut-behind-its-length",
            Sound,
            Fault::After(vec![send(SOUND)]),
            Pass,
            1,
        ),
        (
            "two-answers",
            Sound,
            Fault::After(vec![send(SOUND.repeat(2)), Act::Hold]),
            Desync,
            1,
        ),
        (
            "two-lengths",
            Sound,
            Fault::After(vec![
                send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n"),
                Act::Hold,
            ]),
            Fail("delivery"),
            1,
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_of_tls_are_no_answers_and_encrypted_answers_are_judged_like_plain_ones() {
    let authority = Authority::new();
    let mut wrong = Vec::new();
    for (name, certificate, fault, expected, within) in table() {
        let acceptor = authority.acceptor(certificate);
        let server =
            serve(move |stream| serve_badly(stream, acceptor.clone(), fault.clone())).await;
        let url = server.url.replace("http://", "https://");
        let (suite, target) = suite(&url, &[name]);
        let target = trusting(target, authority.trusted());
        // The row alone: where no handshake succeeds, its control has no answer either.
        let mut cases = with_control(&suite, name);
        cases.retain(|case| !case.control);
        let id = cases[0].id.clone();
        Arc::make_mut(&mut cases[0]).control_id = id;
        let clock = Instant::now();
        let results = support::run(suite, target, cases).await;
        let took = clock.elapsed();
        let row = row(&results, name);
        if row.verdict != expected.verdict() || took > TIMEOUT * within {
            wrong.push(format!(
                "{name}: {:?} {:?} in {took:?}",
                row.verdict, row.detail
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn trusting(mut target: Target, root: CertificateDer<'static>) -> Target {
    target.reach.ca = vec![root];
    target
}
