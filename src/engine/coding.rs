//! Content codings of an answer, undone as far as the limit of what is read.
//!
//! Only gzip and deflate, and only where the request asked for a coding by an `Accept-Encoding` of its
//! own: every other body stays as it came. A body that is not in the coding that is told is a defect,
//! asked for or not.

use std::io::{self, Read};

use flate2::read::{MultiGzDecoder, ZlibDecoder};

use crate::exchange::{Defect, Request, Response};

/// The answer with its body undone; it counts as cut where that is longer than `max_body`.
pub(super) fn undo(request: &Request, mut response: Response, max_body: usize) -> Response {
    if response.body.is_empty() {
        return response;
    }
    let codings: Vec<_> = response.headers("content-encoding").collect();
    let [coding] = codings.as_slice() else {
        return response;
    };
    let coding = coding.trim().to_ascii_lowercase();
    let Some((out, read)) = undone(&coding, &response.body, max_body) else {
        return response;
    };
    let asked = request.header("accept-encoding").is_some();
    match read {
        // A body that was cut on the way ends too early, and shows what there is of it.
        Err(_) if response.is_cut() && !out.is_empty() && asked => response.body = out.into(),
        Err(_) if response.is_cut() => {}
        Err(error) => response.defects.push(Defect::Coding {
            coding,
            why: error.to_string(),
        }),
        Ok(()) if asked => {
            let (limit, cut) = (max_body, out.len() > max_body);
            if cut && !response.is_cut() {
                response.defects.push(Defect::CutAtBound { limit });
            }
            response.body = out[..out.len().min(limit)].to_vec().into();
        }
        Ok(()) => {}
    }
    response
}

/// What a body is without its coding, one byte more than the limit at most, and whether it is all of
/// it; `None` of a coding that is not undone here.
fn undone(coding: &str, body: &[u8], max_body: usize) -> Option<(Vec<u8>, io::Result<()>)> {
    let limit = max_body as u64 + 1;
    let mut out = Vec::new();
    let read = match coding {
        "gzip" | "x-gzip" => MultiGzDecoder::new(body).take(limit).read_to_end(&mut out),
        // What RFC 9110 (8.4.1.2) calls deflate is the zlib format.
        "deflate" => ZlibDecoder::new(body).take(limit).read_to_end(&mut out),
        _ => return None,
    };
    Some((out, read.map(drop)))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{
        Compression,
        write::{GzEncoder, ZlibEncoder},
    };

    use super::*;

    fn undo_of(asks: bool, coding: &str, body: &[u8]) -> Response {
        let request = Request {
            method: "GET".into(),
            url: "http://host/".into(),
            headers: asks
                .then(|| ("Accept-Encoding".to_owned(), "gzip".to_owned()))
                .into_iter()
                .collect(),
            body: None,
            exact: false,
            hostless: false,
        };
        let response = Response {
            status: 200,
            headers: vec![("content-encoding".into(), coding.into())],
            body: body.to_vec().into(),
            defects: Vec::new(),
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
        let zlib = zlib.finish().unwrap();
        let twice = [gzip(b"te"), gzip(b"xt")].concat();
        let text = gzip(b"text");
        for (asks, coding, body, wanted) in [
            (true, "GZIP", text.as_slice(), &b"text"[..]),
            (true, "gzip", &twice, b"text"),
            (true, "deflate", &zlib, b"text"),
            (false, "gzip", &text, &text),
            (true, "br", b"any", b"any"),
            (true, "gzip, gzip", &text, &text),
        ] {
            let response = undo_of(asks, coding, body);
            assert_eq!(&response.body[..], wanted, "{coding}");
            assert_eq!(response.defects, [], "{coding}");
        }
    }

    #[test]
    fn a_body_that_is_not_in_its_coding_is_a_defect_and_stays() {
        let text = gzip(b"text");
        let half = &text[..text.len() / 2];
        let mut garbled = text.clone();
        let last = garbled.len() - 5;
        garbled[last] ^= 1;
        for (asks, coding, body) in [
            (true, "gzip", &b"no gzip"[..]),
            (false, "gzip", b"no gzip"),
            (true, "deflate", b"no zlib"),
            (true, "gzip", half),
            (true, "gzip", &garbled),
            (true, "gzip", &[&text[..], b"more"].concat()),
        ] {
            let response = undo_of(asks, coding, body);
            assert_eq!(&response.body[..], body);
            let found = matches!(response.defects[..], [Defect::Coding { .. }]);
            assert!(found, "{coding}: {:?}", response.defects);
        }
    }

    #[test]
    fn a_bomb_is_cut_at_the_limit() {
        let bomb = gzip(&vec![b' '; 50_000_000]);
        assert!(bomb.len() < 100_000);
        let response = undo_of(true, "gzip", &bomb);
        assert_eq!(response.body.len(), 1000);
        assert!(response.is_cut());
    }
}
