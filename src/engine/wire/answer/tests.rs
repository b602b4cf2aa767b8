//! Answers byte by byte: what is one, where it ends, and what is too much.

#![cfg(test)]

use proptest::prelude::*;

use super::*;

/// An answer, for how long its connection is kept, and what was left unread.
type Whole = (Response, Option<Duration>, Vec<u8>);

fn asked(method: &str) -> Request {
    Request {
        method: method.into(),
        url: "http://host/".into(),
        headers: Vec::new(),
        body: None,
        exact: false,
        hostless: false,
    }
}

/// What a reader makes of these parts, and what it leaves unread. `Ok(None)` when more has to come.
fn read_parts<'p>(
    method: &str,
    limit: usize,
    parts: impl Iterator<Item = &'p [u8]>,
    ended: bool,
) -> Result<Option<Whole>, Framing> {
    let mut reader = Reader::new(&asked(method), limit);
    let mut buffer = BytesMut::new();
    let mut done = false;
    for part in parts {
        buffer.extend_from_slice(part);
        done = done || reader.take(&mut buffer)?;
    }
    if ended {
        reader.end()?;
        done = true;
    }
    if !done {
        return Ok(None);
    }
    let (answer, keep) = reader.finish();
    Ok(Some((answer, keep, buffer.to_vec())))
}

fn read(bytes: &[u8]) -> Result<Option<Whole>, Framing> {
    read_parts("GET", 1000, std::iter::once(bytes), false)
}

#[track_caller]
fn complete(bytes: &[u8]) -> Whole {
    read(bytes).expect("an answer").expect("all of it")
}

#[test]
fn an_answer_ends_where_its_length_says_however_it_was_split() {
    let bytes = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX-Ab: c\r\nContent-Length: 3\r\n\r\nabcREST";
    let chunked = b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-ENCODING: chunked\r\n\r\n2;a=b\r\nab\r\n1\r\nc\r\n0\r\nX-T: 1\r\n\r\nREST";
    for bytes in [&bytes[..], chunked] {
        for size in 1..bytes.len() {
            let parts = bytes.chunks(size);
            let (answer, keep, left) = read_parts("GET", 1000, parts, false)
                .expect("an answer")
                .expect("all of it");
            assert_eq!((answer.status, &answer.body[..]), (200, &b"abc"[..]));
            assert_eq!(answer.defects, []);
            assert!(keep.is_some());
            assert!(b"REST".ends_with(&left[..]) || left == b"REST", "{left:?}");
        }
    }
}

#[test]
fn what_has_no_body_ends_with_its_head() {
    let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n";
    let parts = std::iter::once(&whole[..]);
    let (answer, keep, _) = read_parts("HEAD", 10, parts, false).unwrap().unwrap();
    assert!(answer.body.is_empty() && keep.is_some());
    for head in [
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    ] {
        let (answer, keep, _) = complete(head.as_bytes());
        assert!(answer.body.is_empty() && keep.is_some(), "{head}");
    }
}

#[test]
fn a_body_without_a_length_ends_with_the_connection_and_no_other_does() {
    let open = b"HTTP/1.1 200 OK\r\n\r\nabc";
    assert_eq!(read(open), Ok(None));
    let parts = std::iter::once(&open[..]);
    let (answer, keep, _) = read_parts("GET", 10, parts, true).unwrap().unwrap();
    assert_eq!(&answer.body[..], b"abc");
    assert_eq!(keep, None);
    for short in [
        "",
        "HTTP/1.1 200 OK\r\nConten",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
    ] {
        let parts = std::iter::once(short.as_bytes());
        assert_eq!(
            read_parts("GET", 10, parts, true),
            Err(Framing::Short),
            "{short}"
        );
    }
}

#[test]
fn what_is_no_answer_is_refused_at_once() {
    let old = "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let with = |lines: &str| format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\n");
    for (bytes, wanted) in [
        ("SSH-2.0".to_owned(), Framing::NotHttp),
        ("<html>".to_owned(), Framing::NotHttp),
        ("\r\nHTTP/1.1 200 OK".to_owned(), Framing::NotHttp),
        ("HTTP/2 200\r\n\r\n".to_owned(), Framing::NotHttp),
        ("HTTP/1.1 101 Up\r\n\r\n".to_owned(), Framing::Switched),
        (old.to_owned(), Framing::OldChunks),
        (with("Content-Length: 1, 2"), Framing::Lengths),
        (
            with("Content-Length: 1\r\ncontent-length: 2"),
            Framing::Lengths,
        ),
        (with("Content-Length: +1"), Framing::Length),
        (with("Content-Length: 0x1"), Framing::Length),
        (with("Content-Length:"), Framing::Length),
        (
            with("Content-Length: 99999999999999999999"),
            Framing::Length,
        ),
        (with("Transfer-Encoding: gzip, chunked"), Framing::Coding),
        (with("Transfer-Encoding: identity"), Framing::Coding),
        (
            with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
            Framing::Coding,
        ),
        (
            format!("{}zz\r\n", with("Transfer-Encoding: chunked")),
            Framing::Chunks,
        ),
        (
            format!("{}\r\n", with("Transfer-Encoding: chunked")),
            Framing::Chunks,
        ),
        (
            format!("{}2\r\nabc\r\n", with("Transfer-Encoding: chunked")),
            Framing::Chunks,
        ),
        (
            format!(
                "{}0\r\nno trailer\r\n\r\n",
                with("Transfer-Encoding: chunked")
            ),
            Framing::Trailers,
        ),
        (
            with(&format!("X: {}", "a".repeat(MAX_HEAD))),
            Framing::LongHead,
        ),
        (
            with(&["X: a"; MAX_LINES + 1].join("\r\n")),
            Framing::ManyLines,
        ),
        (
            "HTTP/1.1 100 C\r\n\r\n".repeat(MAX_INTERIM + 1),
            Framing::ManyInterim,
        ),
    ] {
        let shown: String = bytes.chars().take(80).collect();
        assert_eq!(read(bytes.as_bytes()), Err(wanted), "{shown}");
    }
    for malformed in [
        with("X : a"),
        with(" folded: a"),
        with("X"),
        "HTTP/1.1 2\r\n\r\n".into(),
    ] {
        assert!(
            matches!(read(malformed.as_bytes()), Err(Framing::Head(_))),
            "{malformed}"
        );
    }
}

#[test]
fn as_many_interim_answers_and_lines_as_the_bounds_say_are_borne_with() {
    let bytes = format!(
        "{}HTTP/1.1 200 OK\r\n{}Content-Length: 0\r\n\r\n",
        "HTTP/1.1 100 C\r\n\r\n".repeat(MAX_INTERIM),
        "X: a\r\n".repeat(MAX_LINES - 1)
    );
    assert_eq!(complete(bytes.as_bytes()).0.headers.len(), MAX_LINES);
}

#[test]
fn what_is_wrong_and_can_be_read_is_a_defect_and_the_connection_is_not_kept() {
    for (head, body, defect) in [
        (
            "200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked",
            "1\r\na\r\n0\r\n\r\n",
            Defect::BothFramings,
        ),
        (
            "200 OK\r\nContent-Length: 1, 1",
            "a",
            Defect::RepeatedLength(2),
        ),
        ("099 Odd\r\nContent-Length: 1", "a", Defect::Status(99)),
        ("600 Odd\r\nContent-Length: 1", "a", Defect::Status(600)),
        ("200 OK\nContent-Length: 1", "a", Defect::BareLineFeed),
    ] {
        let (answer, keep, _) = complete(format!("HTTP/1.1 {head}\r\n\r\n{body}").as_bytes());
        assert_eq!((&answer.body[..], keep), (&b"a"[..], None), "{head}");
        assert_eq!(answer.defects, [defect]);
    }
}

#[test]
fn a_body_is_cut_at_the_limit_however_its_end_is_told() {
    for (head, body) in [
        ("Content-Length: 12", "abcdefghijkl"),
        ("Content-Length: 99999999999", "abcdefghijklmnop"),
        (
            "Transfer-Encoding: chunked",
            "4\r\nabcd\r\n4\r\nefgh\r\n4\r\nijkl\r\n",
        ),
        (
            "Transfer-Encoding: chunked",
            "ffffffffffffffff\r\nabcdefghijkl",
        ),
        ("X: close", "abcdefghijkl"),
    ] {
        let bytes = format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{body}");
        let cut = |limit| {
            let parts = std::iter::once(bytes.as_bytes());
            read_parts("GET", limit, parts, false).expect("an answer")
        };
        let (answer, keep, _) = cut(11).expect("all that is read");
        assert_eq!(&answer.body[..], b"abcdefghijk", "{head}");
        assert_eq!(answer.defects, [Defect::CutAtBound { limit: 11 }]);
        assert_eq!(keep, None);
        assert!(cut(20).is_none_or(|(answer, ..)| !answer.is_cut()));
    }
}

#[test]
fn chunk_lines_and_trailers_are_bounded() {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let long = format!("{head}1;{}", "a".repeat(5000));
    assert_eq!(read(long.as_bytes()), Err(Framing::LongChunkLine));
    let many = format!(
        "{head}{}",
        format!("1;{}\r\na\r\n", "a".repeat(1000)).repeat(70)
    );
    assert_eq!(read(many.as_bytes()), Err(Framing::LongChunkLine));
    let trailers = format!("{head}0\r\n{}", "X: a\r\n".repeat(20_000));
    assert_eq!(read(trailers.as_bytes()), Err(Framing::Trailers));
}

#[test]
fn a_connection_is_kept_for_as_long_as_the_target_says() {
    for (version, lines, seconds) in [
        ("1.1", "", Some(30)),
        ("1.1", "Keep-Alive: timeout=5, max=3\r\n", Some(4)),
        ("1.1", "Keep-Alive: timeout=0\r\n", Some(0)),
        ("1.1", "Keep-Alive: timeout=900\r\n", Some(30)),
        ("1.1", "Connection: close\r\n", None),
        ("1.1", "Connection: x, CLOSE\r\n", None),
        ("1.0", "", None),
        ("1.0", "Connection: Keep-Alive\r\n", Some(30)),
    ] {
        let bytes = format!("HTTP/{version} 200 OK\r\n{lines}Content-Length: 0\r\n\r\n");
        let keep = complete(bytes.as_bytes()).1;
        assert_eq!(keep, seconds.map(Duration::from_secs), "{version} {lines}");
    }
}

proptest! {
    #[test]
    fn any_bytes_end_in_an_answer_an_error_or_a_wait_and_keep_no_more_than_the_bound(
        head in "(HTTP/1\\.[01] [0-9]{3}( [a-z]{0,3})?\r?\n)?([A-Za-z-]{1,20}: ?[ -~]{0,12}\r\n){0,4}",
        framing in "(Content-Length: [0-9]{1,3}\r\n)?(Transfer-Encoding: chunked\r\n)?\r\n",
        body in proptest::collection::vec(any::<u8>(), 0..200),
        size in 1usize..50,
    ) {
        let mut bytes = format!("{head}{framing}").into_bytes();
        bytes.extend(body);
        let whole = read_parts("GET", 64, std::iter::once(&bytes[..]), false);
        let split = read_parts("GET", 64, bytes.chunks(size), false);
        match (whole, split) {
            (Ok(Some((one, kept, _))), Ok(Some((other, kept_too, _)))) => {
                prop_assert!(one.body.len() <= 64);
                prop_assert_eq!((one, kept), (other, kept_too));
            }
            (one, other) => prop_assert_eq!(one.is_err(), other.is_err()),
        }
    }
}
