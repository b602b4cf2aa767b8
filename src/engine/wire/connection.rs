//! One connection: it writes a request, reads one answer, and remembers who asked.
//!
//! Every byte goes through here, so that a [`Tape`] holds what really left and came, also of an
//! exchange that was given up. A byte that nobody asked for puts in doubt all that was answered on
//! the connection, and not only the last answer: where answers come late, they may have been one
//! behind for long before one is left over.

use std::{
    fmt,
    future::poll_fn,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::BytesMut;
use hyper_rustls::MaybeHttpsStream;
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead as _, AsyncWrite as _, ReadBuf},
    net::TcpStream,
};

use super::{
    answer::{Framing, Reader},
    doubt::Doubt,
};
use crate::{
    clock::Stopwatch,
    exchange::{Tape, TransportError},
};

/// What a connector gives: TCP, and TLS when the scheme says so.
pub(crate) type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

/// So many bytes are read at once.
const PART: usize = 8 * 1024;

/// So many bytes of what came are kept besides what was read of them.
const MAX_TAPE: usize = 4 * 1024 * 1024;

/// The least and the longest wait for an answer too many.
const LEAST_WAIT: Duration = Duration::from_millis(20);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// What an idle connection does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Look {
    Quiet,
    /// And why, in a sentence.
    Closed(String),
    /// It gives bytes that nobody asked for.
    Speaks,
}

/// A connection.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TokioIo<Box<Stream>>,
    /// Among the connections of the run, from 1.
    number: u64,
    /// What came and was not read yet.
    unread: BytesMut,
    part: Box<[u8]>,
    turns: usize,
    /// Who was answered here, each once in a row.
    asked: Vec<Doubt>,
    slowest: Duration,
    idle: Stopwatch,
    /// It is not used after so long a rest.
    fresh_for: Duration,
    /// The last exchange ended as it should.
    usable: bool,
}

/// What is still to be written.
struct Outgoing<'b> {
    bytes: &'b [u8],
    flushed: bool,
    trouble: Option<io::Error>,
}

impl Connection {
    pub(super) fn new(stream: Stream, number: u64) -> Self {
        Self {
            stream: TokioIo::new(Box::new(stream)),
            number,
            unread: BytesMut::new(),
            part: vec![0; PART].into(),
            turns: 0,
            asked: Vec::new(),
            slowest: Duration::ZERO,
            idle: Stopwatch::start(),
            fresh_for: Duration::ZERO,
            usable: false,
        }
    }

    /// Sends a request and reads until the reader has its answer. Whatever ends this early, the tape
    /// holds what left and came until then.
    ///
    /// # Errors
    /// Why there is no answer; the connection is of no use any more.
    pub(super) async fn exchange(
        &mut self,
        request: &[u8],
        reader: &mut Reader,
        tape: &mut Tape,
        doubt: &Doubt,
    ) -> Result<(), TransportError> {
        self.turns += 1;
        (tape.connection, tape.turn) = (self.number, self.turns);
        if self.turns == 1 {
            self.unspoken().await?;
        }
        if self.asked.last().is_none_or(|last| !last.is(doubt)) {
            self.asked.push(doubt.clone());
        }
        let mut outgoing = Outgoing {
            bytes: request,
            flushed: false,
            trouble: None,
        };
        while !reader.take(&mut self.unread)? {
            match self.step(&mut outgoing, tape).await {
                Ok(0) => {
                    reader.end().map_err(|framing| short(&framing, &outgoing))?;
                    break;
                }
                Ok(_) => {}
                Err(error) => {
                    let why = outgoing.trouble.as_ref().unwrap_or(&error);
                    return Err(broken(why));
                }
            }
        }
        let over = self.unread.len();
        if over > 0 {
            tape.received
                .truncate(tape.received.len().saturating_sub(over));
            return Err(TransportError::Desync(self.doubted()));
        }
        // The rest of a request would be read as the beginning of the next one.
        self.usable = outgoing.bytes.is_empty() && outgoing.trouble.is_none();
        Ok(())
    }

    /// What arrives on a new connection before a request was sent is no answer to any request.
    async fn unspoken(&mut self) -> Result<(), TransportError> {
        match self.look().await {
            Look::Quiet => Ok(()),
            Look::Closed(why) => Err(broken(&why)),
            Look::Speaks => Err(TransportError::Desync(
                "the target spoke before it was asked anything".to_owned(),
            )),
        }
    }

    /// Writes what can be written and reads what is there; 0 when nothing will come any more.
    async fn step(&mut self, outgoing: &mut Outgoing<'_>, tape: &mut Tape) -> io::Result<usize> {
        poll_fn(|context| {
            self.write(context, outgoing, tape);
            let read = ready!(self.read(context))?;
            let room = MAX_TAPE.saturating_sub(tape.received.len());
            let new = &self.unread[self.unread.len() - read..];
            tape.received.extend_from_slice(&new[..read.min(room)]);
            Poll::Ready(Ok(read))
        })
        .await
    }

    /// Trouble with writing is kept: the target may have answered before it closed.
    fn write(&mut self, context: &mut Context<'_>, outgoing: &mut Outgoing<'_>, tape: &mut Tape) {
        let mut stream = Pin::new(&mut self.stream);
        let trouble = loop {
            if outgoing.bytes.is_empty() {
                if outgoing.flushed {
                    return;
                }
                match stream.as_mut().poll_flush(context) {
                    Poll::Ready(Ok(())) => outgoing.flushed = true,
                    Poll::Ready(Err(error)) => break error,
                    Poll::Pending => return,
                }
                continue;
            }
            match stream.as_mut().poll_write(context, outgoing.bytes) {
                Poll::Ready(Ok(0)) => break io::ErrorKind::WriteZero.into(),
                Poll::Ready(Ok(count)) => {
                    tape.sent.extend_from_slice(&outgoing.bytes[..count]);
                    outgoing.bytes = &outgoing.bytes[count..];
                }
                Poll::Ready(Err(error)) => break error,
                Poll::Pending => return,
            }
        };
        outgoing.trouble = Some(trouble);
        (outgoing.bytes, outgoing.flushed) = (&[], true);
    }

    fn read(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut part = ReadBuf::new(&mut self.part);
        ready!(Pin::new(&mut self.stream).poll_read(context, &mut part))?;
        self.unread.extend_from_slice(part.filled());
        Poll::Ready(Ok(part.filled().len()))
    }

    /// Whether anything came since the last answer, as the system knows it now and not as the runtime
    /// was last told.
    pub(super) async fn look(&mut self) -> Look {
        // Of what waits in the socket the runtime hears at its next turn; of TLS it may be no more
        // than a ticket, which reading takes away.
        for _ in 0..3 {
            let read = poll_fn(|context| Poll::Ready(self.read(context))).await;
            match read {
                Poll::Ready(Ok(0)) => return Look::Closed("the target closed it".to_owned()),
                Poll::Ready(Ok(_)) => return Look::Speaks,
                Poll::Ready(Err(error)) => return Look::Closed(error.to_string()),
                Poll::Pending if !self.has_waiting() => return Look::Quiet,
                Poll::Pending => tokio::task::yield_now().await,
            }
        }
        Look::Quiet
    }

    /// Whether the socket holds bytes, or the end, that nobody read.
    #[cfg(unix)]
    fn has_waiting(&self) -> bool {
        use rustix::{
            io::Errno,
            net::{RecvFlags, recv},
        };
        let socket = match &**self.stream.inner() {
            MaybeHttpsStream::Http(stream) => stream.inner(),
            MaybeHttpsStream::Https(stream) => stream.inner().get_ref().0.inner().inner(),
        };
        let flags = RecvFlags::PEEK | RecvFlags::DONTWAIT;
        let found = recv(socket, &mut [0; 1], flags);
        !matches!(found, Err(Errno::AGAIN | Errno::INTR))
    }

    #[cfg(not(unix))]
    #[expect(clippy::unused_self, reason = "other systems look at the socket")]
    fn has_waiting(&self) -> bool {
        false
    }

    /// Begins to rest, after an answer that took so long, for so long at most.
    pub(super) fn rest(&mut self, took: Duration, at_most: Duration) {
        self.slowest = self.slowest.max(took);
        self.idle = Stopwatch::start();
        self.fresh_for = at_most;
    }

    /// Whether it cannot be used again, or the target may have dropped it for its long rest.
    pub(super) fn is_stale(&self) -> bool {
        !self.usable || self.idle.elapsed() >= self.fresh_for
    }

    /// Waits for an answer too many as long as one could be on its way: by the slowest here, from the
    /// last answer on.
    pub(super) async fn settled(&mut self) -> Look {
        let wait = (self.slowest * 2).clamp(LEAST_WAIT, LONGEST_WAIT);
        let wait = wait.saturating_sub(self.idle.elapsed());
        let reading = poll_fn(|context| self.read(context));
        match tokio::time::timeout(wait, reading).await {
            Ok(Ok(1..)) => Look::Speaks,
            Ok(_) => Look::Closed("the target closed it".to_owned()),
            Err(_) => Look::Quiet,
        }
    }

    /// Puts all that was answered here in doubt, and says why.
    pub(super) fn doubted(&self) -> String {
        let why = format!(
            "the target sent more than it was asked for on one connection, so it is not sure which of \
             its {} answers there was whose",
            self.turns
        );
        for doubt in &self.asked {
            doubt.raise(&why);
        }
        why
    }
}

/// The connection ended too early, and perhaps while the request was still being written.
fn short(framing: &Framing, outgoing: &Outgoing<'_>) -> TransportError {
    match &outgoing.trouble {
        Some(trouble) => broken(trouble),
        None => TransportError::Lost(framing.to_string()),
    }
}

fn broken(why: &dyn fmt::Display) -> TransportError {
    TransportError::Lost(format!("the exchange broke off: {why}"))
}
