//! What left on reqwest's connections: reqwest's own log of every write, read back.
//!
//! Takes: the log lines of `connection_verbose`, which are made above TLS after the connection took
//! the bytes, and what each exchange means to send. Gives: the [`Head`] of each exchange.
//! Never: derives a head from a request, or keeps a line of anybody else.
//!
//! reqwest shares its connections out itself and does not say which exchange has which, so heads
//! are told apart by what they say. An exchange takes a head that says all it meant and nothing
//! else; heads that do so for the same exchange are interchangeable. That is exact for the run: a
//! write is logged before its answer can be read, so when every exchange found such a head and none
//! was left over, as many heads left as were meant, each as it was meant. A head that differs
//! leaves its exchange with the nearest one or with none, and one too many has no exchange; either
//! is a fault. Several runs in one process share the record and this argument.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
};

use log::{LevelFilter, Log, Metadata, Record};

use super::{
    declared,
    wire::{Head, Written, authority},
};
use crate::exchange::{Request, TransportError};

/// Where reqwest logs what its connections read and write.
const TARGET: &str = "reqwest::connect::verbose";

/// So many heads wait at most; each exchange takes its own, so more are a mistake.
const MAX_HEADS: usize = 4096;

/// So many connections may be in the middle of a message, broken ones among them.
const MAX_OPEN: usize = 4096;

/// So many exchanges that were given up are remembered, because their head may leave yet.
const MAX_GIVEN_UP: usize = 64;

static HEARD: Mutex<Heard> = Mutex::new(Heard::new());

/// Starts to listen, once a process.
///
/// # Errors
/// When somebody else has the log.
pub(super) fn listen() -> Result<(), TransportError> {
    static LISTENS: OnceLock<bool> = OnceLock::new();
    let listens = LISTENS.get_or_init(|| {
        let ours = log::set_logger(&Ear).is_ok();
        if ours {
            log::set_max_level(LevelFilter::Trace);
        }
        ours
    });
    listens.then_some(()).ok_or_else(|| TransportError {
        message: "another logger is installed, so it cannot be seen what leaves".to_owned(),
    })
}

/// The heads of one exchange.
#[derive(Debug, Default)]
pub(super) struct Departed {
    /// The exchange's own, and every further one like it.
    pub(super) heads: Vec<Head>,
    /// The first line of a head that no exchange meant.
    pub(super) stray: Option<String>,
}

/// An exchange under way. Dropped, it was given up.
#[derive(Debug)]
pub(super) struct Meant(u64);

impl Meant {
    /// It must come before the request can leave.
    pub(super) fn to_send(request: &Request, line: &str) -> Self {
        // Made before the record is locked, which every exchange of the process waits for.
        let expected = Expected::of(request.clone(), line.to_owned());
        Self(heard().expect(expected))
    }

    /// Takes what left. `answered` says that an answer came, so that no head can follow.
    pub(super) fn settle(self, answered: bool) -> Departed {
        heard().settle(self.0, answered)
    }
}

impl Drop for Meant {
    fn drop(&mut self) {
        heard().give_up(self.0);
    }
}

fn heard() -> MutexGuard<'static, Heard> {
    HEARD.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Debug)]
struct Ear;

impl Log for Ear {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == TARGET
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let mut line = Line::default();
        // It fails for what was read, which is why it stops there.
        if fmt::write(&mut line, *record.args()).is_ok()
            && let Some((connection, bytes)) = written(&line.0)
        {
            heard().add(connection, &bytes);
        }
    }

    fn flush(&self) {}
}

/// Refuses to be written as soon as it is the line of a read: most bytes of a run are answers.
#[derive(Default)]
struct Line(String);

impl fmt::Write for Line {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        self.0.push_str(part);
        // After the connection's eight digits and a blank.
        if self.0.as_bytes().get(9) == Some(&b'r') {
            return Err(fmt::Error);
        }
        Ok(())
    }
}

/// The connection and the bytes of `0123abcd write: b"…"`. Anything else is not taken; its exchange
/// then has no head, which is a fault.
fn written(line: &str) -> Option<(u32, Vec<u8>)> {
    let (connection, told) = line.split_once(' ')?;
    let connection = u32::from_str_radix(connection, 16).ok()?;
    let told = told
        .strip_prefix("write: ")
        .or_else(|| told.strip_prefix("write (vectored): "))?;
    let (mut told, mut bytes) = (told.bytes(), Vec::with_capacity(told.len()));
    while let Some(start) = told.next() {
        if (start, told.next()?) != (b'b', b'"') {
            return None;
        }
        loop {
            match told.next()? {
                b'"' => break,
                b'\\' => bytes.push(match told.next()? {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'0' => 0,
                    b'x' => hex(told.next()?)? * 16 + hex(told.next()?)?,
                    itself @ (b'\\' | b'"') => itself,
                    _ => return None,
                }),
                plain => bytes.push(plain),
            }
        }
    }
    Some((connection, bytes))
}

fn hex(digit: u8) -> Option<u8> {
    let digit = char::from(digit).to_digit(16)?;
    u8::try_from(digit).ok()
}

/// What left and was not taken yet, and who may still take.
#[derive(Debug)]
struct Heard {
    /// Connections in the middle of a message.
    open: VecDeque<(u32, Written)>,
    heads: VecDeque<Head>,
    meant: Vec<Expected>,
    given_up: VecDeque<u64>,
    next: u64,
}

/// What an exchange means to send. Line and host are kept beside the request, because every head that
/// waits is compared with them.
#[derive(Debug)]
struct Expected {
    ticket: u64,
    line: String,
    host: Option<String>,
    request: Request,
}

impl Expected {
    fn of(request: Request, line: String) -> Self {
        let host = request.header("host").map(str::to_owned).or_else(|| {
            let url = url::Url::parse(&request.url).ok()?;
            Some(authority(&url))
        });
        Self {
            ticket: 0,
            line,
            host,
            request,
        }
    }

    /// Whether the head could be this one's with a header too many, too few or changed.
    fn is_near(&self, head: &Head) -> bool {
        let host = || {
            let mut headers = head.headers.iter();
            let found = headers.find(|(name, _)| name.eq_ignore_ascii_case("host"));
            found.map(|(_, value)| value.as_str())
        };
        head.line == self.line && host() == self.host.as_deref()
    }

    /// Whether the head is what was meant.
    fn is(&self, head: &Head) -> bool {
        self.is_near(head)
            && declared::fault(&self.request, &self.line, std::slice::from_ref(head), true)
                .is_none()
    }
}

impl Heard {
    const fn new() -> Self {
        Self {
            open: VecDeque::new(),
            heads: VecDeque::new(),
            meant: Vec::new(),
            given_up: VecDeque::new(),
            next: 0,
        }
    }

    fn add(&mut self, connection: u32, bytes: &[u8]) {
        let known = self.open.iter().position(|(id, _)| *id == connection);
        let mut written = known
            .and_then(|at| self.open.remove(at))
            .map(|(_, written)| written)
            .unwrap_or_default();
        written.add(bytes);
        self.heads.extend(written.take());
        if !written.is_between_messages() {
            self.open.push_back((connection, written));
        }
        let (heads, open) = (self.heads.len(), self.open.len());
        self.heads.drain(..heads.saturating_sub(MAX_HEADS));
        self.open.drain(..open.saturating_sub(MAX_OPEN));
    }

    fn expect(&mut self, expected: Expected) -> u64 {
        let ticket = self.next;
        self.next += 1;
        self.meant.push(Expected { ticket, ..expected });
        ticket
    }

    fn settle(&mut self, ticket: u64, answered: bool) -> Departed {
        let Some(at) = self.meant.iter().position(|one| one.ticket == ticket) else {
            return Departed::default();
        };
        let own = self.meant.remove(at);
        let mut departed = Departed::default();
        let exact = self.heads.iter().position(|head| own.is(head));
        let near = || {
            self.heads
                .iter()
                .position(|head| self.is_left_to(&own, head))
        };
        if let Some(at) = exact.or_else(near) {
            departed.heads.extend(self.heads.remove(at));
            departed.heads.extend(self.surplus(&own));
        } else if !answered {
            // Its place is kept for a head that leaves later.
            self.meant.push(own);
            self.give_up(ticket);
        }
        let meant = &self.meant;
        self.heads.retain(|head| {
            let awaited = meant.iter().any(|one| one.is_near(head));
            if !awaited {
                departed.stray.get_or_insert_with(|| head.line.clone());
            }
            awaited
        });
        departed
    }

    /// A head that is like what this exchange meant and that nobody else meant.
    fn is_left_to(&self, own: &Expected, head: &Head) -> bool {
        own.is_near(head) && !self.meant.iter().any(|other| other.is(head))
    }

    /// Takes the heads that say this request and are more than those who still mean the same.
    fn surplus(&mut self, meant: &Expected) -> Vec<Head> {
        let mut out = Vec::new();
        loop {
            let mut equal = (0..self.heads.len()).filter(|at| meant.is(&self.heads[*at]));
            let (first, count) = (equal.next(), equal.count() + 1);
            let Some(first) = first else { break };
            let others = |one: &&Expected| one.is(&self.heads[first]);
            if count <= self.meant.iter().filter(others).count() {
                break;
            }
            out.extend(self.heads.remove(first));
        }
        out
    }

    fn give_up(&mut self, ticket: u64) {
        if !self.meant.iter().any(|one| one.ticket == ticket) || self.given_up.contains(&ticket) {
            return;
        }
        self.given_up.push_back(ticket);
        if self.given_up.len() > MAX_GIVEN_UP
            && let Some(oldest) = self.given_up.pop_front()
            && let Some(at) = self.meant.iter().position(|one| one.ticket == oldest)
        {
            let oldest = self.meant.remove(at);
            // A head that left after its exchange was given up is no finding about another one.
            self.surplus(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(request: Request) -> Expected {
        let line = declared::line(&request, false);
        Expected::of(request, line)
    }

    fn request(path: &str, value: &str) -> Request {
        Request {
            method: "GET".into(),
            url: format!("http://127.0.0.1:80{path}"),
            headers: vec![("X-A".into(), value.into())],
            body: None,
            exact: false,
        }
    }

    fn bytes(path: &str, headers: &str) -> String {
        format!("GET {path} HTTP/1.1\r\n{headers}accept: */*\r\nhost: 127.0.0.1\r\n\r\n")
    }

    fn sent(heard: &mut Heard, path: &str, headers: &str) {
        heard.add(7, bytes(path, headers).as_bytes());
    }

    #[test]
    fn a_line_is_read_back_to_the_bytes_that_it_shows() {
        let line = r#"0000ab10 write (vectored): b"a\r\n\t\0\"\\"b"\xff\x0a""#;
        let wanted = b"a\r\n\t\0\"\\\xff\x0a".to_vec();
        assert_eq!(written(line), Some((0xab10, wanted)));
        for line in [
            "",
            "xyz write: b\"a\"",
            "0000ab10 read: b\"a\"",
            "0000ab10 write: b\"a",
            "0000ab10 write: b\"\\x4\"",
            "0000ab10 write: b\"\\q\"",
            "0000ab10 write: \"a\"",
        ] {
            assert_eq!(written(line), None, "{line}");
        }
    }

    #[test]
    fn the_line_of_a_read_is_given_up_at_once() {
        let mut line = Line::default();
        let answer = "a".repeat(1000);
        assert!(fmt::write(&mut line, format_args!("{:08x} read: {answer}", 7)).is_err());
        assert!(line.0.len() < 20, "{}", line.0);
        let mut line = Line::default();
        assert!(fmt::write(&mut line, format_args!("{:08x} write: r", 7)).is_ok());
    }

    #[test]
    fn an_exchange_takes_the_head_that_says_what_it_meant_in_whatever_order_they_left() {
        let mut heard = Heard::new();
        let tickets: Vec<_> = ["1", "2", "3", "2"]
            .map(|value| (value, heard.expect(meant(request("/a", value)))))
            .into();
        for value in ["2", "3", "2", "1"] {
            sent(&mut heard, "/a", &format!("x-a: {value}\r\n"));
        }
        for (value, ticket) in tickets {
            let departed = heard.settle(ticket, true);
            assert_eq!(departed.heads.len(), 1);
            assert_eq!(departed.heads[0].headers[0].1, value);
            assert_eq!(departed.stray, None);
        }
        assert!(heard.heads.is_empty() && heard.meant.is_empty() && heard.open.is_empty());
    }

    #[test]
    fn a_head_that_says_more_goes_to_the_exchange_that_finds_no_other() {
        let mut heard = Heard::new();
        let good = heard.expect(meant(request("/a", "1")));
        let bad = heard.expect(meant(request("/a", "2")));
        sent(&mut heard, "/a", "x-a: 2\r\nx-stray: 1\r\n");
        sent(&mut heard, "/a", "x-a: 1\r\n");
        let bad = heard.settle(bad, true);
        assert!(
            bad.heads[0]
                .headers
                .iter()
                .any(|(name, _)| name == "x-stray")
        );
        let good = heard.settle(good, true);
        assert!(meant(request("/a", "1")).is(&good.heads[0]));
        assert_eq!(good.stray, None);
    }

    #[test]
    fn a_head_more_than_was_meant_and_one_that_nobody_meant_are_told() {
        let mut heard = Heard::new();
        let (first, second) = (request("/a", "1"), request("/a", "1"));
        let (first, second) = (heard.expect(meant(first)), heard.expect(meant(second)));
        for _ in 0..3 {
            sent(&mut heard, "/a", "x-a: 1\r\n");
        }
        let heads = heard.settle(first, true).heads.len() + heard.settle(second, true).heads.len();
        assert_eq!(heads, 3);

        let ticket = heard.expect(meant(request("/a", "1")));
        sent(&mut heard, "/a", "x-a: 1\r\n");
        sent(&mut heard, "/b", "x-a: 1\r\n");
        let departed = heard.settle(ticket, true);
        assert_eq!(departed.heads.len(), 1);
        assert_eq!(departed.stray.as_deref(), Some("GET /b HTTP/1.1"));
        assert!(heard.heads.is_empty());
    }

    #[test]
    fn a_head_that_leaves_after_its_exchange_was_given_up_is_held_against_nobody() {
        let mut heard = Heard::new();
        for number in 0..2 * MAX_GIVEN_UP {
            let path = format!("/{number}");
            let late = heard.expect(meant(request(&path, "1")));
            assert!(heard.settle(late, false).heads.is_empty());
            sent(&mut heard, &path, "x-a: 1\r\n");
            let next = heard.expect(meant(request(&path, "1")));
            sent(&mut heard, &path, "x-a: 1\r\n");
            let departed = heard.settle(next, true);
            assert_eq!((departed.heads.len(), departed.stray), (1, None));
        }
        assert_eq!(heard.meant.len(), MAX_GIVEN_UP);
        assert_eq!(heard.heads.len(), MAX_GIVEN_UP);
    }

    #[test]
    fn an_answer_without_a_head_leaves_nothing_behind() {
        let mut heard = Heard::new();
        let ticket = heard.expect(meant(request("/a", "1")));
        assert!(heard.settle(ticket, true).heads.is_empty());
        assert!(heard.meant.is_empty());
    }

    #[test]
    fn connections_that_broke_off_and_heads_that_nobody_takes_are_bounded() {
        let mut heard = Heard::new();
        for connection in 0..u32::try_from(MAX_OPEN + 10).expect("a number") {
            heard.add(connection, b"GET /");
            heard.add(u32::MAX, b"GET /a HTTP/1.1\r\n\r\n");
        }
        assert_eq!((heard.open.len(), heard.heads.len()), (MAX_OPEN, MAX_HEADS));
    }
}
