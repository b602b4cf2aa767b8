//! A chunked body: sizes, extensions and trailers, within bounds and never joined here.

use bytes::{Buf as _, BytesMut};

use super::framing::{Framing, MAX_HEAD, MAX_LINES};

/// The longest line that tells the size of a chunk, its extensions included, in bytes.
const MAX_LINE: usize = 4 * 1024;

/// So many bytes of such lines beyond the sizes themselves are borne with, over all chunks.
const MAX_EXTENSIONS: usize = 64 * 1024;

/// The longest line of a size that has no extension: sixteen digits and the end of the line.
const PLAIN_LINE: usize = 18;

#[derive(Debug, Default)]
pub(super) struct Chunks {
    state: State,
    extensions: usize,
}

#[derive(Debug, Default, Clone, Copy)]
enum State {
    #[default]
    Size,
    Data(u64),
    EndOfData,
    Trailers,
}

pub(super) enum Progress {
    /// So many bytes at the front of the buffer are content; the caller takes them out.
    Data(usize),
    /// More has to come.
    More,
    Done,
}

impl Chunks {
    /// Goes on with what came.
    pub(super) fn take(&mut self, buffer: &mut BytesMut) -> Result<Progress, Framing> {
        loop {
            match self.state {
                State::Size => match self.size(buffer)? {
                    Some(0) => self.state = State::Trailers,
                    Some(size) => self.state = State::Data(size),
                    None => return Ok(Progress::More),
                },
                State::Data(0) => self.state = State::EndOfData,
                State::Data(_) if buffer.is_empty() => return Ok(Progress::More),
                State::Data(left) => {
                    let part = usize::try_from(left).unwrap_or(usize::MAX);
                    let part = part.min(buffer.len());
                    self.state = State::Data(left - part as u64);
                    return Ok(Progress::Data(part));
                }
                State::EndOfData => match &buffer[..] {
                    [b'\r', b'\n', ..] => {
                        buffer.advance(2);
                        self.state = State::Size;
                    }
                    [] | [b'\r'] => return Ok(Progress::More),
                    _ => return Err(Framing::Chunks),
                },
                State::Trailers => return trailers(buffer),
            }
        }
    }

    fn size(&mut self, buffer: &mut BytesMut) -> Result<Option<u64>, Framing> {
        let within = &buffer[..buffer.len().min(MAX_LINE)];
        match httparse::parse_chunk_size(within) {
            Ok(httparse::Status::Complete((length, size))) => {
                self.extensions += length.saturating_sub(PLAIN_LINE);
                if self.extensions > MAX_EXTENSIONS {
                    return Err(Framing::LongChunkLine);
                }
                // A line of a line end alone is no size.
                if !within[0].is_ascii_hexdigit() {
                    return Err(Framing::Chunks);
                }
                buffer.advance(length);
                Ok(Some(size))
            }
            Ok(httparse::Status::Partial) if buffer.len() >= MAX_LINE => {
                Err(Framing::LongChunkLine)
            }
            Ok(httparse::Status::Partial) => Ok(None),
            Err(_) => Err(Framing::Chunks),
        }
    }
}

/// Reads over the trailers: what they say was not there when the answer was framed, and counts for
/// nothing.
fn trailers(buffer: &mut BytesMut) -> Result<Progress, Framing> {
    let within = &buffer[..buffer.len().min(MAX_HEAD)];
    let mut lines = [httparse::EMPTY_HEADER; MAX_LINES];
    match httparse::parse_headers(within, &mut lines) {
        Ok(httparse::Status::Complete((length, _))) => {
            buffer.advance(length);
            Ok(Progress::Done)
        }
        Ok(httparse::Status::Partial) if buffer.len() < MAX_HEAD => Ok(Progress::More),
        _ => Err(Framing::Trailers),
    }
}
