//! The wire: the one client that sends, whatever is asked of the target.
//!
//! Takes: a [`Request`]. Gives: an [`Exchange`] with the bytes that its connection took and gave.
//! Never: follows, repeats or mends anything, or reads more than its bounds.
//!
//! Requests are written and answers are read here and not by an HTTP library: only who holds the
//! connection knows which bytes belong to which exchange, which were there before they were asked
//! for, and whether the connection may serve another request. One reader serves every exchange, so
//! that what a framing means does not depend on how a request was sent.

mod answer;
mod connection;
mod doubt;
mod head;
mod pool;
mod sent;
mod verify;

use std::{collections::BTreeMap, error::Error, net::SocketAddr, sync::Arc, time::Duration};

use http::Uri;
use url::Url;

use self::{
    answer::Reader,
    connection::Connection,
    head::authority,
    pool::{Found, Origin, Pool, Seat, Seated},
    sent::Head,
};
pub(super) use self::{connection::Stream, doubt::Doubt};
use super::{
    coding,
    dial::basic,
    tls::{self, Connector},
};
use crate::{
    clock::{Stopwatch, unix_millis},
    exchange::{Exchange, Request, Response, Tape, TransportError},
    target::{Reach, origin},
};

/// Sends requests and records what left and what came back.
#[derive(Debug)]
pub(crate) struct Wire {
    connector: Connector,
    pool: Arc<Pool>,
    proxy: Option<Proxy>,
    /// Where connections to these origins lead instead.
    relays: BTreeMap<String, SocketAddr>,
    timeout: Duration,
    max_body: usize,
    /// What a faulty client would add to every request behind our back.
    #[cfg(test)]
    stray: Option<(String, String)>,
}

/// A proxy that forwards plain requests, without a tunnel.
#[derive(Debug)]
struct Proxy {
    /// The value of `Proxy-Authorization`.
    login: Option<String>,
}

/// An exchange under way: what it sends, and what was seen of it so far.
struct Sending<'r> {
    request: &'r Request,
    url: Url,
    bytes: Vec<u8>,
    doubt: &'r Doubt,
    tape: Tape,
}

impl Wire {
    /// One for the whole run, so that connections are used again; there are never more than `most`.
    ///
    /// # Errors
    /// When the certificates to trust cannot be loaded.
    pub(crate) fn new(
        timeout: Duration,
        max_body: usize,
        reach: &Reach,
        plain: bool,
        most: usize,
    ) -> Result<Self, TransportError> {
        let proxy = reach.proxy.as_ref().map(|proxy| {
            let login = proxy.login.as_ref();
            Proxy {
                login: login.map(|(user, password)| basic(user, password)),
            }
        });
        Ok(Self {
            connector: tls::connector(tls::config(reach, plain)?, reach),
            pool: Arc::new(Pool::new(most)),
            proxy,
            relays: reach.relays.clone(),
            timeout,
            max_body,
            #[cfg(test)]
            stray: None,
        })
    }

    /// There are never more connections than this from now on.
    pub(super) fn limit(&self, most: usize) {
        self.pool.limit(most);
    }

    /// How many connections the system let us have, where that is fewer than were wanted.
    pub(super) fn lowered(&self) -> Option<usize> {
        self.pool.lowered()
    }

    /// Waits on every idle connection for an answer too many, as long as the slowest answer took there.
    pub(super) async fn drain(&self) {
        self.pool.drain().await;
    }

    /// Adds a header that nobody declares from now on.
    #[cfg(test)]
    pub(crate) fn stray(&mut self, name: &str, value: &str) {
        self.stray = Some((name.to_owned(), value.to_owned()));
    }

    /// Sends one request. Trouble is part of the exchange, never an error of this function. `doubt` is
    /// raised, now or later, when the answer may have been another's.
    pub(crate) async fn send(&self, request: Request, doubt: &Doubt) -> Exchange {
        let line = head::line(&request, self.proxy.is_some());
        let (outcome, tape, elapsed) = match self.prepared(&request, &line, doubt) {
            Ok(mut sending) => {
                let (outcome, elapsed) = self.exchange(&mut sending).await;
                (outcome, sending.tape, elapsed)
            }
            Err(error) => (Err(error), Tape::default(), Duration::ZERO),
        };
        let outcome = outcome.map(|answer| coding::undo(&request, answer, self.max_body));
        let head = Head::read(&tape.sent);
        let sent = head.as_ref().map(|head| (head, &tape.sent[head.length..]));
        let fault = verify::fault(&request, &line, self.login(&request), sent, outcome.is_ok());
        let (sent_line, sent_headers) = head
            .map(|head| (head.line, head.headers))
            .unwrap_or_default();
        Exchange {
            request,
            sent_line,
            sent_headers,
            tape,
            fault,
            outcome,
            again: None,
            elapsed,
            at_ms: unix_millis(),
        }
    }

    /// The answer to a request as it came, in whatever coding; nothing is recorded.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) async fn unchanged(
        &self,
        request: &Request,
        doubt: &Doubt,
    ) -> Result<Response, TransportError> {
        let line = head::line(request, self.proxy.is_some());
        let mut sending = self.prepared(request, &line, doubt)?;
        self.exchange(&mut sending).await.0
    }

    fn prepared<'r>(
        &self,
        request: &'r Request,
        line: &str,
        doubt: &'r Doubt,
    ) -> Result<Sending<'r>, TransportError> {
        let url = head::checked(request)?;
        let mut headers = head::headers(request, &url);
        if let Some(login) = self.login(request) {
            headers.push(("Proxy-Authorization".to_owned(), login.to_owned()));
        }
        #[cfg(test)]
        headers.extend(self.stray.clone());
        Ok(Sending {
            bytes: head::bytes(line, &headers, request.body.as_deref()),
            request,
            url,
            doubt,
            tape: Tape::default(),
        })
    }

    /// What the proxy wants to know with a request that is not encrypted.
    fn login(&self, request: &Request) -> Option<&str> {
        let plain = request.url.starts_with("http://");
        self.proxy.as_ref().filter(|_| plain)?.login.as_deref()
    }

    /// The answer or the trouble, and how long it took; waiting for a connection of ours to become free
    /// takes none of the target's time.
    async fn exchange(
        &self,
        sending: &mut Sending<'_>,
    ) -> (Result<Response, TransportError>, Duration) {
        let origin = Origin::of(&sending.url);
        loop {
            let found = self.pool.find(&origin, sending.request.exact).await;
            let watch = Stopwatch::start();
            let outcome = tokio::time::timeout(self.timeout, self.on(found, &origin, sending));
            let outcome = outcome
                .await
                .unwrap_or_else(|_| Err(TransportError::Lost("no answer in time".to_owned())));
            if let Err(TransportError::TooManyFiles(_)) = &outcome
                && self.pool.lower()
            {
                continue;
            }
            return (outcome, watch.elapsed());
        }
    }

    async fn on(
        &self,
        found: Found,
        origin: &Origin,
        sending: &mut Sending<'_>,
    ) -> Result<Response, TransportError> {
        let mut seated = match found {
            Found::Idle(seated) => seated,
            Found::Seat(seat) => self.connect(seat, &sending.url).await?,
        };
        let request = sending.request;
        let mut reader = Reader::new(request, self.max_body);
        let clock = Stopwatch::start();
        seated
            .exchange(
                &sending.bytes,
                &mut reader,
                &mut sending.tape,
                sending.doubt,
            )
            .await?;
        let (answer, idle) = reader.finish();
        if let Some(idle) = idle
            && !request.exact
        {
            seated.rest(clock.elapsed(), idle);
            self.pool.give_back(origin, seated);
        }
        Ok(answer)
    }

    async fn connect(&self, seat: Seat, url: &Url) -> Result<Seated, TransportError> {
        let to = match self.relays.get(&origin(url)) {
            Some(relay) => address(&Url::parse(&format!("http://{relay}")).map_err(unsendable)?)?,
            None => address(url)?,
        };
        let stream = tls::connect(&mut self.connector.clone(), &to)
            .await
            .map_err(|error| {
                let message = in_one_line("cannot connect", &*error);
                if is_too_many_files(&*error) {
                    TransportError::TooManyFiles(message)
                } else {
                    TransportError::Lost(message)
                }
            })?;
        Ok(seat.taken(stream))
    }
}

/// One request on a connection that somebody else opened, which ends with it.
///
/// # Errors
/// As an [`Exchange`] has them.
pub(super) async fn once(
    request: &Request,
    proxied: bool,
    stream: Stream,
    max_body: usize,
) -> Result<Response, TransportError> {
    let url = head::checked(request)?;
    let line = head::line(request, proxied);
    let headers = head::headers(request, &url);
    let bytes = head::bytes(&line, &headers, request.body.as_deref());
    let mut reader = Reader::new(request, max_body);
    let mut connection = Connection::new(stream, 1);
    connection
        .exchange(&bytes, &mut reader, &mut Tape::default(), &Doubt::default())
        .await?;
    Ok(reader.finish().0)
}

/// Scheme, host and port of an address.
pub(super) fn address(url: &Url) -> Result<Uri, TransportError> {
    format!("{}://{}/", url.scheme(), authority(url))
        .parse()
        .map_err(unsendable)
}

fn unsendable(error: impl Error + 'static) -> TransportError {
    TransportError::Unsendable(in_one_line("not a URL", &error))
}

/// The error with its causes in one line.
fn in_one_line(what: &str, error: &(dyn Error + 'static)) -> String {
    let mut message = what.to_owned();
    let mut cause = Some(error);
    while let Some(error) = cause {
        let text = error.to_string();
        if !message.contains(&text) {
            message.push_str(": ");
            message.push_str(&text);
        }
        cause = error.source();
    }
    message
}

/// Whether the process, or the whole system, has no file descriptor left.
fn is_too_many_files(error: &(dyn Error + 'static)) -> bool {
    // EMFILE and ENFILE, or WSAEMFILE.
    const NUMBERS: [i32; 3] = [24, 23, 10024];
    let mut cause = Some(error);
    while let Some(error) = cause {
        let number = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::raw_os_error);
        if number.is_some_and(|number| NUMBERS.contains(&number)) {
            return true;
        }
        cause = error.source();
    }
    false
}
