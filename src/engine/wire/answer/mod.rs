//! The framing reader: where an answer begins and ends, for every exchange alike.
//!
//! It is a loop over what came and knows no socket, so that it is tested byte by byte. All that it
//! keeps is bounded: the head in bytes and lines, the interim answers in number, the body in bytes,
//! chunk extensions and trailers in bytes.

mod chunks;
mod framing;
mod tests;

pub(super) use framing::Framing;

use std::time::Duration;

use bytes::{Buf as _, BytesMut};

use self::{
    chunks::{Chunks, Progress},
    framing::{MAX_HEAD, MAX_INTERIM, MAX_LINES},
};
use crate::exchange::{Defect, Request, Response};

/// A connection that was idle for so long may have been dropped on the way without a word.
const STALE: Duration = Duration::from_secs(30);

/// Reads one answer out of what a connection gives.
#[derive(Debug)]
pub(super) struct Reader {
    /// The answer has no body, whatever its head says.
    to_head: bool,
    may_switch: bool,
    limit: usize,
    state: State,
    interim: usize,
    answer: Response,
    body: Vec<u8>,
    /// For how long the connection may be idle before another request; none where it must not carry
    /// one.
    keep: Option<Duration>,
}

#[derive(Debug)]
enum State {
    /// So many bytes hold no end of the head.
    Head(usize),
    Sized(u64),
    Chunked(Chunks),
    ToTheEnd,
    Complete,
}

/// What marks the end of a body.
enum Length {
    None,
    Bytes(u64),
    Chunked,
    Close,
}

impl Reader {
    pub(super) fn new(request: &Request, limit: usize) -> Self {
        Self {
            to_head: request.method == "HEAD",
            may_switch: request.header("upgrade").is_some(),
            limit,
            state: State::Head(0),
            interim: 0,
            answer: Response {
                status: 0,
                headers: Vec::new(),
                body: Vec::new().into(),
                defects: Vec::new(),
            },
            body: Vec::new(),
            keep: None,
        }
    }

    /// Takes what belongs to the answer from the front of the buffer; true when it is complete.
    pub(super) fn take(&mut self, buffer: &mut BytesMut) -> Result<bool, Framing> {
        loop {
            match &mut self.state {
                State::Complete => return Ok(true),
                State::Head(seen) => {
                    let Some(end) = end_of_head(buffer, *seen)? else {
                        *seen = buffer.len();
                        return Ok(false);
                    };
                    let head = buffer.split_to(end);
                    self.state = State::Head(0);
                    self.head(&head)?;
                }
                State::Sized(left) => {
                    let part = usize::try_from(*left).unwrap_or(usize::MAX);
                    let part = part.min(buffer.len());
                    *left -= part as u64;
                    let done = *left == 0;
                    self.keep_of(buffer, part);
                    if done {
                        self.state = State::Complete;
                    } else if self.keep_on(buffer) {
                        return Ok(false);
                    }
                }
                State::ToTheEnd => {
                    let part = buffer.len();
                    self.keep_of(buffer, part);
                    if self.keep_on(buffer) {
                        return Ok(false);
                    }
                }
                State::Chunked(chunks) => match chunks.take(buffer)? {
                    Progress::Data(part) => {
                        self.keep_of(buffer, part);
                        self.keep_on(buffer);
                    }
                    Progress::More => return Ok(false),
                    Progress::Done => self.state = State::Complete,
                },
            }
        }
    }

    /// Nothing will come any more.
    pub(super) fn end(&mut self) -> Result<(), Framing> {
        match self.state {
            State::ToTheEnd | State::Complete => {
                self.state = State::Complete;
                Ok(())
            }
            _ => Err(Framing::Short),
        }
    }

    /// The answer, and for how long its connection may be kept for another request.
    pub(super) fn finish(mut self) -> (Response, Option<Duration>) {
        if self.is_full() {
            self.keep = None;
            let limit = self.limit;
            self.answer.defects.push(Defect::CutAtBound { limit });
            self.body.truncate(limit);
        }
        self.answer.body = self.body.into();
        (self.answer, self.keep)
    }

    /// Whether more came than is kept, so that no more needs to be read.
    fn is_full(&self) -> bool {
        self.body.len() > self.limit
    }

    /// Moves so many bytes into the body, one more than the limit at most.
    fn keep_of(&mut self, buffer: &mut BytesMut, part: usize) {
        let room = (self.limit + 1).saturating_sub(self.body.len());
        self.body.extend_from_slice(&buffer[..part.min(room)]);
        buffer.advance(part);
    }

    /// Whether more has to come. What follows the bound is nobody's answer.
    fn keep_on(&mut self, buffer: &mut BytesMut) -> bool {
        if self.is_full() {
            buffer.clear();
            self.state = State::Complete;
        }
        !self.is_full()
    }

    fn head(&mut self, bytes: &[u8]) -> Result<(), Framing> {
        let mut lines = [httparse::EMPTY_HEADER; MAX_LINES];
        let mut head = httparse::Response::new(&mut lines);
        match head.parse(bytes) {
            Ok(httparse::Status::Complete(end)) if end == bytes.len() => {}
            Ok(_) => return Err(Framing::Head(httparse::Error::NewLine)),
            Err(httparse::Error::TooManyHeaders) => return Err(Framing::ManyLines),
            Err(error) => return Err(Framing::Head(error)),
        }
        let status = head.code.unwrap_or(0);
        if (100..200).contains(&status) && !(status == 101 && self.may_switch) {
            if status == 101 {
                return Err(Framing::Switched);
            }
            self.interim += 1;
            return if self.interim > MAX_INTERIM {
                Err(Framing::ManyInterim)
            } else {
                Ok(())
            };
        }
        self.answer.status = status;
        self.answer.headers = head
            .headers
            .iter()
            .map(|line| {
                let value = String::from_utf8_lossy(line.value).into_owned();
                (line.name.to_owned(), value)
            })
            .collect();
        if !(100..=599).contains(&status) {
            self.answer.defects.push(Defect::Status(status));
        }
        if has_bare_line_feed(bytes) {
            self.answer.defects.push(Defect::BareLineFeed);
        }
        let old = head.version == Some(0);
        let length = self.length(old)?;
        let bodiless = self.to_head || matches!(status, 101 | 204 | 304);
        self.state = match length {
            _ if bodiless => State::Complete,
            Length::None | Length::Bytes(0) => State::Complete,
            Length::Bytes(length) => State::Sized(length),
            Length::Chunked => State::Chunked(Chunks::default()),
            Length::Close => State::ToTheEnd,
        };
        let sound = self.answer.defects.is_empty() && status != 101;
        let open = bodiless || !matches!(length, Length::Close);
        self.keep = (sound && open).then(|| self.idle(old)).flatten();
        Ok(())
    }

    /// What marks the end of the body (RFC 9112, 6.3).
    fn length(&mut self, old: bool) -> Result<Length, Framing> {
        let codings: Vec<&str> = self.answer.headers("transfer-encoding").collect();
        let lengths: Vec<&str> = self.answer.headers("content-length").collect();
        let listed: Vec<&str> = lengths
            .iter()
            .flat_map(|text| text.split(','))
            .map(str::trim)
            .collect();
        let mut numbers = listed.iter().map(|text| number(text));
        let first = numbers.next().transpose()?;
        for other in numbers {
            if Some(other?) != first {
                return Err(Framing::Lengths);
            }
        }
        let (chunked, both) = (
            !codings.is_empty(),
            !codings.is_empty() && !listed.is_empty(),
        );
        if chunked {
            if codings.len() > 1 || !codings[0].trim().eq_ignore_ascii_case("chunked") {
                return Err(Framing::Coding);
            }
            if old {
                return Err(Framing::OldChunks);
            }
        }
        let times = listed.len();
        if times > 1 {
            self.answer.defects.push(Defect::RepeatedLength(times));
        }
        if both {
            self.answer.defects.push(Defect::BothFramings);
        }
        Ok(match first {
            _ if chunked => Length::Chunked,
            Some(0) => Length::None,
            Some(length) => Length::Bytes(length),
            None => Length::Close,
        })
    }

    /// For how long the target keeps the connection open, by what it says; none where it does not.
    fn idle(&self, old: bool) -> Option<Duration> {
        let options: Vec<&str> = self
            .answer
            .headers("connection")
            .flat_map(|text| text.split(','))
            .map(str::trim)
            .collect();
        let has = |name: &str| {
            let mut options = options.iter();
            options.any(|option| option.eq_ignore_ascii_case(name))
        };
        if has("close") || (old && !has("keep-alive")) {
            return None;
        }
        let timeout = self.answer.header("keep-alive").and_then(|text| {
            let mut parts = text.split(',').map(str::trim);
            let seconds = parts.find_map(|part| part.strip_prefix("timeout="))?;
            seconds.parse().ok()
        });
        // A second before it closes, so that a request does not cross with that.
        let timeout = timeout.map(|seconds: u64| Duration::from_secs(seconds.saturating_sub(1)));
        Some(timeout.unwrap_or(STALE).min(STALE))
    }
}

/// A length is digits and nothing else (RFC 9110, 8.6).
fn number(text: &str) -> Result<u64, Framing> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.then(|| text.parse().ok()).flatten();
    number.ok_or(Framing::Length)
}

/// Where the head ends, blank line included; the first `seen` bytes were looked through before. It
/// fails as soon as this can be no head.
fn end_of_head(buffer: &[u8], seen: usize) -> Result<Option<usize>, Framing> {
    const START: &[u8] = b"HTTP/1.";
    let start = buffer.len().min(START.len());
    if buffer[..start] != START[..start] {
        return Err(Framing::NotHttp);
    }
    let within = &buffer[..buffer.len().min(MAX_HEAD)];
    // The end may have begun with the last three bytes that were there before.
    let from = seen.saturating_sub(3).min(within.len());
    let ends = (from..within.len()).filter(|at| within[*at] == b'\n');
    for at in ends {
        match &within[at + 1..] {
            [b'\n', ..] => return Ok(Some(at + 2)),
            [b'\r', b'\n', ..] => return Ok(Some(at + 3)),
            _ => {}
        }
    }
    if buffer.len() > MAX_HEAD {
        return Err(Framing::LongHead);
    }
    Ok(None)
}

fn has_bare_line_feed(head: &[u8]) -> bool {
    let mut last = 0;
    head.iter().any(|byte| {
        let without_cr = *byte == b'\n' && last != b'\r';
        last = *byte;
        without_cr
    })
}
