//! Why no connection came about, and which key would change that.

use std::error::Error as StdError;

use rustls::{AlertDescription, CertificateError, Error, PeerIncompatible};
use url::Url;

use super::{client_certificate::ClientCertificate, notes::Notes};
use crate::diag::Diagnostic;

/// What is wrong with a handshake that was begun.
pub(super) fn of_tls(
    notes: &Notes<'_>,
    url: &Url,
    keys: &[&str],
    error: &Error,
    certificate: &ClientCertificate,
) -> Diagnostic {
    let host = url.host_str().unwrap_or_default();
    let here = notes.place(keys);
    match error {
        Error::InvalidCertificate(why) => of_certificate(notes, host, keys, why),
        Error::AlertReceived(AlertDescription::ProtocolVersion)
        | Error::PeerIncompatible(
            PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
            | PeerIncompatible::ServerDoesNotSupportTls12Or13,
        ) => tls_version(notes, keys, host),
        Error::AlertReceived(AlertDescription::HandshakeFailure)
            if notes.target.reach.only_tls_13 =>
        {
            tls_version(notes, keys, host)
        }
        Error::AlertReceived(_) if certificate.was_asked() => {
            client_certificate(notes, keys, &error.to_string())
        }
        Error::InvalidMessage(_) => Diagnostic::new(
            "no-tls",
            &here,
            format!("what answers at `{host}` does not speak TLS"),
        )
        .help("does the address begin with `http://`, or has it another port?"),
        other => Diagnostic::new(
            "tls-failed",
            &here,
            format!("no TLS with `{host}`: {other}"),
        ),
    }
}

fn tls_version(notes: &Notes<'_>, keys: &[&str], host: &str) -> Diagnostic {
    let mut all = vec!["tls.min"];
    all.extend(keys);
    let least = if notes.target.reach.only_tls_13 {
        "1.3"
    } else {
        "1.2"
    };
    let message = format!("`{host}` does not speak TLS {least}");
    Diagnostic::new("tls-version", &notes.place(&all), message)
        .help("`tls.min` is the lowest version that is spoken; below 1.2 none is")
}

fn of_certificate(
    notes: &Notes<'_>,
    host: &str,
    keys: &[&str],
    why: &CertificateError,
) -> Diagnostic {
    let here = notes.place(keys);
    let day = |seconds: u64| {
        let seconds = i64::try_from(seconds).ok();
        let moment = seconds.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
        moment.map_or_else(String::new, |moment| {
            format!(" {}", moment.strftime("%Y-%m-%d"))
        })
    };
    match why {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            let since = match why {
                CertificateError::ExpiredContext { not_after, .. } => day(not_after.as_secs()),
                _ => String::new(),
            };
            let message = format!("the certificate of `{host}` has expired{since}");
            Diagnostic::new("certificate-expired", &here, message).help(
                "whoever runs the target has to renew it; this machine's clock may be wrong too",
            )
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            let from = match why {
                CertificateError::NotValidYetContext { not_before, .. } => {
                    day(not_before.as_secs())
                }
                _ => String::new(),
            };
            let message = format!("the certificate of `{host}` is not valid yet{from}");
            Diagnostic::new("certificate-early", &here, message)
                .help("is this machine's clock right?")
        }
        CertificateError::NotValidForName => wrong_name(notes, host, keys, &[]),
        CertificateError::NotValidForNameContext { presented, .. } => {
            wrong_name(notes, host, keys, presented)
        }
        // Its own issuer, or one that nobody here knows.
        other => {
            let mut all = vec!["tls.ca"];
            all.extend(keys);
            let message =
                format!("nobody trusted here vouches for the certificate of `{host}`: {other}");
            Diagnostic::new("unknown-ca", &notes.place(&all), message)
                .help("tls: { ca: file.pem } names the authority, or the certificate itself")
        }
    }
}

fn wrong_name(notes: &Notes<'_>, host: &str, keys: &[&str], names: &[String]) -> Diagnostic {
    let whose = if names.is_empty() {
        "another host".to_owned()
    } else {
        names.join(", ")
    };
    let message = format!("the certificate shown for `{host}` is that of {whose}");
    Diagnostic::new("wrong-host-name", &notes.place(keys), message)
        .help("write the host as in the certificate; `resolve` says at which address it is")
}

/// The target wants to know who we are, and is not content.
pub(super) fn client_certificate(notes: &Notes<'_>, keys: &[&str], why: &str) -> Diagnostic {
    if notes.target.reach.client.is_some() {
        let message = format!("the target refuses our certificate: {why}");
        return Diagnostic::new("client-certificate", &notes.place(&["tls.cert"]), message)
            .help("is it expired, or issued by somebody the target does not know?");
    }
    let mut all = vec!["tls"];
    all.extend(keys);
    let message = format!("the target asks for a client certificate: {why}");
    Diagnostic::new("client-certificate", &notes.place(&all), message)
        .help("tls: { cert: own.pem, key: own.key }")
}

/// Trouble that is not of TLS: behind a proxy, it is the proxy's.
pub(super) fn of_connection(
    notes: &Notes<'_>,
    url: &Url,
    keys: &[&str],
    error: &(dyn StdError + 'static),
) -> Diagnostic {
    let (mut message, mut cause) = (error.to_string(), error.source());
    while let Some(error) = cause {
        let text = error.to_string();
        if !message.contains(&text) {
            message = format!("{message}: {text}");
        }
        cause = error.source();
    }
    let host = url.host_str().unwrap_or_default();
    match &notes.target.reach.proxy {
        Some(proxy) => {
            let place = notes.place(&["proxy.url", "proxy"]);
            let fault = Diagnostic::new(
                "proxy-refused",
                &place,
                format!("the proxy does not lead to `{host}`: {message}"),
            );
            match &proxy.login {
                Some(_) => {
                    fault.help("are `proxy.user` and `proxy.password` right, and may it go there?")
                }
                None => fault.help("does it want `user` and `password`, and may it go there?"),
            }
        }
        None => Diagnostic::new(
            "tls-failed",
            &notes.place(keys),
            format!("no TLS with `{host}`: {message}"),
        ),
    }
}
