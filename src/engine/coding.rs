//! Content codings of an answer, undone as far as the limit of what is read.
//!
//! Only what the request asked for by an `Accept-Encoding` of its own, and only gzip and deflate:
//! every other body stays as it came, and so does one that cannot be undone.

use std::io::Read;

use flate2::read::{MultiGzDecoder, ZlibDecoder};

use crate::exchange::{Request, Response};

/// The answer with its body undone; it counts as cut where that is longer than `max_body`.
pub(super) fn undo(request: &Request, mut response: Response, max_body: usize) -> Response {
    if request.header("accept-encoding").is_none() || response.body.is_empty() {
        return response;
    }
    let codings: Vec<_> = response.headers("content-encoding").collect();
    let limit = max_body as u64 + 1;
    let body = response.body.as_slice();
    let mut out = Vec::new();
    let read = match codings.as_slice() {
        [one] if one.eq_ignore_ascii_case("gzip") || one.eq_ignore_ascii_case("x-gzip") => {
            MultiGzDecoder::new(body).take(limit).read_to_end(&mut out)
        }
        // What RFC 9110 (8.4.1.2) calls deflate is the zlib format.
        [one] if one.eq_ignore_ascii_case("deflate") => {
            ZlibDecoder::new(body).take(limit).read_to_end(&mut out)
        }
        _ => return response,
    };
    // A body that was cut on the way ends too early, and shows what there is of it.
    if read.is_ok() || (response.truncated && !out.is_empty()) {
        response.truncated |= out.len() > max_body;
        out.truncate(max_body);
        response.body = out;
    }
    response
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{
        Compression,
        write::{GzEncoder, ZlibEncoder},
    };

    use super::*;

    fn undone(asks: bool, coding: &str, body: &[u8]) -> Response {
        let request = Request {
            method: "GET".into(),
            url: "http://host/".into(),
            headers: asks
                .then(|| ("Accept-Encoding".to_owned(), "gzip".to_owned()))
                .into_iter()
                .collect(),
            body: None,
            exact: false,
        };
        let response = Response {
            status: 200,
            headers: vec![("content-encoding".into(), coding.into())],
            body: body.to_vec(),
            truncated: false,
        };
        undo(&request, response, 1000)
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn what_was_asked_for_is_undone_and_nothing_else() {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
        zlib.write_all(b"text").unwrap();
        assert_eq!(undone(true, "GZIP", &gzip(b"text")).body, b"text");
        assert_eq!(
            undone(true, "deflate", &zlib.finish().unwrap()).body,
            b"text"
        );
        assert_eq!(undone(false, "gzip", &gzip(b"text")).body, gzip(b"text"));
        assert_eq!(undone(true, "br", b"any").body, b"any");
        assert_eq!(undone(true, "gzip, gzip", &gzip(b"a")).body, gzip(b"a"));
        assert_eq!(undone(true, "gzip", b"no gzip").body, b"no gzip");
    }

    #[test]
    fn a_bomb_is_cut_at_the_limit() {
        let bomb = gzip(&vec![b' '; 50_000_000]);
        assert!(bomb.len() < 100_000);
        let response = undone(true, "gzip", &bomb);
        assert_eq!(response.body.len(), 1000);
        assert!(response.truncated);
    }
}
