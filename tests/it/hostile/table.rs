//! What servers do that no server should, and a few things that they may, each with the verdict on a
//! row that asks for nothing but the status 200.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};

use super::{
    Behaviour, Expected,
    Expected::{Desync, Fail, NoAnswer, Pass, RateLimited},
    script::{
        Act::{Close, Drip, Flood, Hold, Reset, Wait},
        send,
    },
};

/// An answer with these lines in its head, the status line among them, and this body.
fn answer(lines: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let lines = lines.trim().replace('\n', "\r\n");
    [format!("{lines}\r\n\r\n").as_bytes(), body.as_ref()].concat()
}

/// An answer with the status 200, these lines and this body.
fn ok(lines: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    answer(&format!("HTTP/1.1 200 OK\n{lines}"), body)
}

/// An answer with this JSON.
fn json(body: impl AsRef<[u8]>) -> Vec<u8> {
    let lines = format!(
        "Content-Type: application/json\nContent-Length: {}",
        body.as_ref().len()
    );
    ok(&lines, body)
}

fn coded(coding: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let length = body.as_ref().len();
    ok(
        &format!("Content-Encoding: {coding}\nContent-Length: {length}"),
        body,
    )
}

fn chunked(body: &str) -> Vec<u8> {
    ok("Transfer-Encoding: chunked", body)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("room");
    encoder.finish().expect("room")
}

const FINE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const CONTINUE: &str = "HTTP/1.1 100 Continue\r\n\r\n";
const DELIVERY: Expected = Fail("delivery");
const STATUS: Expected = Fail("status");

/// Heads: what is one, and how much of one.
fn heads() -> Vec<Behaviour> {
    let of = Behaviour::at_once;
    let many = |count: usize| ok(&format!("{}Content-Length: 0", "X: a\n".repeat(count)), "");
    vec![
        of("sound", Pass, vec![send(FINE)]),
        of(
            "no-reason-phrase",
            Pass,
            vec![send("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n")],
        ),
        of(
            "line-feeds-only",
            DELIVERY,
            vec![send("HTTP/1.1 200 OK\nContent-Length: 0\n\n")],
        ),
        of(
            "one-bare-line-feed",
            DELIVERY,
            vec![send("HTTP/1.1 200 OK\r\nContent-Length: 0\n\r\n")],
        ),
        of("http-0.9", NoAnswer, vec![send("<p>hello</p>"), Close]),
        of(
            "http-2",
            NoAnswer,
            vec![send("HTTP/2 200 OK\r\nContent-Length: 0\r\n\r\n")],
        ),
        of(
            "http-1.2",
            NoAnswer,
            vec![send("HTTP/1.2 200 OK\r\nContent-Length: 0\r\n\r\n")],
        ),
        of(
            "another-protocol",
            NoAnswer,
            vec![send("SSH-2.0-x\r\n"), Hold],
        ),
        of("binary", NoAnswer, vec![send([0, 1, 2, 255]), Hold]),
        of("blank-line-first", NoAnswer, vec![send("\r\n"), send(FINE)]),
        of(
            "status-000",
            DELIVERY,
            vec![send(answer("HTTP/1.1 000 A\nContent-Length: 0", ""))],
        ),
        of(
            "status-999",
            DELIVERY,
            vec![send(answer("HTTP/1.1 999 A\nContent-Length: 0", ""))],
        ),
        of(
            "status-of-four-digits",
            NoAnswer,
            vec![send(answer("HTTP/1.1 2000 A", "")), Hold],
        ),
        of(
            "status-of-letters",
            NoAnswer,
            vec![send(answer("HTTP/1.1 abc A", "")), Hold],
        ),
        of("no-status", NoAnswer, vec![send("HTTP/1.1 \r\n\r\n"), Hold]),
        of(
            "folded-line",
            NoAnswer,
            vec![send(ok("X: a\n b\nContent-Length: 0", "")), Hold],
        ),
        of(
            "blank-before-colon",
            NoAnswer,
            vec![send(ok("Content-Length : 0", "")), Hold],
        ),
        of(
            "no-colon",
            NoAnswer,
            vec![send(ok("Content-Length 0", "")), Hold],
        ),
        of(
            "no-header-name",
            NoAnswer,
            vec![send(ok(": a\nContent-Length: 0", "")), Hold],
        ),
        of(
            "nul-in-header",
            NoAnswer,
            vec![send(ok("X: a\0b\nContent-Length: 0", "")), Hold],
        ),
        of(
            "latin-1-in-header",
            Pass,
            vec![send(
                b"HTTP/1.1 200 OK\r\nX: \xe9\r\nContent-Length: 0\r\n\r\n",
            )],
        ),
        of("as-many-lines-as-bearable", Pass, vec![send(many(127))]),
        of("one-line-more", NoAnswer, vec![send(many(128)), Hold]),
        of(
            "long-header",
            NoAnswer,
            vec![send(ok(&format!("X: {}", "a".repeat(70_000)), "")), Hold],
        ),
        of(
            "endless-header",
            NoAnswer,
            vec![send("HTTP/1.1 200 OK\r\nX: "), Flood(b"a".into())],
        ),
        of(
            "endless-headers",
            NoAnswer,
            vec![send("HTTP/1.1 200 OK\r\n"), Flood(b"X: a\r\n".into())],
        ),
        of(
            "endless-status-line",
            NoAnswer,
            vec![send("HTTP/1.1 200 "), Flood(b"a".into())],
        ),
        of(
            "cut-head",
            NoAnswer,
            vec![send("HTTP/1.1 200 OK\r\nConte"), Close],
        ),
        Behaviour::late(
            "head-without-end",
            NoAnswer,
            vec![send("HTTP/1.1 200 OK\r\nX: a\r\n"), Hold],
        ),
        Behaviour::late(
            "dripping-head",
            NoAnswer,
            vec![Drip(ok(&"X: a\n".repeat(100), ""), 30)],
        ),
        of("head-in-pieces", Pass, vec![Drip(FINE.into(), 1)]),
    ]
}

/// Answers before the answer.
fn interim() -> Vec<Behaviour> {
    let of = Behaviour::at_once;
    vec![
        of("one-continue", Pass, vec![send(CONTINUE), send(FINE)]),
        of(
            "early-hints",
            Pass,
            vec![
                send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
                send(FINE),
            ],
        ),
        of(
            "as-many-as-bearable",
            Pass,
            vec![send(CONTINUE.repeat(32)), send(FINE)],
        ),
        of(
            "one-more",
            NoAnswer,
            vec![send(CONTINUE.repeat(33)), send(FINE)],
        ),
        of(
            "a-hundred-thousand",
            NoAnswer,
            vec![send(CONTINUE.repeat(100_000)), send(FINE)],
        ),
        of("endless-interim", NoAnswer, vec![Flood(CONTINUE.into())]),
        of(
            "long-interim",
            NoAnswer,
            vec![
                send("HTTP/1.1 100 C\r\n"),
                Flood(b"X: aaaaaaaaaaaaaaa\r\n".into()),
            ],
        ),
        of(
            "interim-with-a-body",
            NoAnswer,
            vec![
                send("HTTP/1.1 100 C\r\nContent-Length: 5\r\n\r\nhello"),
                send(FINE),
            ],
        ),
        Behaviour::late(
            "interim-and-nothing",
            NoAnswer,
            vec![send("HTTP/1.1 102 P\r\n\r\n"), Hold],
        ),
        Behaviour::late(
            "dripping-interim",
            NoAnswer,
            vec![Drip(CONTINUE.repeat(20).into(), 20)],
        ),
        of(
            "switched-unasked",
            NoAnswer,
            vec![
                send(
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
                ),
                Hold,
            ],
        ),
    ]
}

/// Bodies whose end is told by a length, or by the connection.
fn lengths() -> Vec<Behaviour> {
    let of = Behaviour::at_once;
    let told = |length: &str| vec![send(ok(&format!("Content-Length: {length}"), "ok")), Hold];
    vec![
        of("to-the-end", Pass, vec![send(ok("X: a", "ok")), Close]),
        of(
            "http-1.0-to-the-end",
            Pass,
            vec![send(answer("HTTP/1.0 200 OK", "ok")), Close],
        ),
        Behaviour::late("without-end", NoAnswer, vec![send(ok("X: a", "ok")), Hold]),
        of(
            "cut-body",
            NoAnswer,
            vec![send(ok("Content-Length: 5", "ok")), Close],
        ),
        Behaviour::late(
            "missing-body",
            NoAnswer,
            vec![send(ok("Content-Length: 5", "ok")), Hold],
        ),
        of(
            "more-than-its-length",
            Desync,
            vec![send(ok("Content-Length: 1", "ok")), Hold],
        ),
        of(
            "a-body-of-no-length",
            Desync,
            vec![send(ok("Content-Length: 0", "ok")), Hold],
        ),
        of(
            "two-lengths",
            NoAnswer,
            vec![send(ok("Content-Length: 2\nContent-Length: 3", "ok")), Hold],
        ),
        of("two-lengths-in-one", NoAnswer, told("2, 3")),
        of(
            "the-same-length-twice",
            DELIVERY,
            vec![send(ok("Content-Length: 2\nContent-Length: 2", "ok")), Hold],
        ),
        of("the-same-length-twice-in-one", DELIVERY, told("2, 2")),
        of("negative-length", NoAnswer, told("-2")),
        of("signed-length", NoAnswer, told("+2")),
        of("hexadecimal-length", NoAnswer, told("0x2")),
        of("empty-length", NoAnswer, told("")),
        of("length-of-65-bits", NoAnswer, told("18446744073709551616")),
        of("length-of-words", NoAnswer, told("2 bytes")),
        of(
            "a-terabyte",
            DELIVERY,
            vec![
                send(ok("Content-Length: 1099511627776", "")),
                Flood(b"a".into()),
            ],
        ),
        of(
            "endless-body",
            DELIVERY,
            vec![send(ok("X: a", "")), Flood(b"a".into())],
        ),
        Behaviour::late(
            "dripping-body",
            NoAnswer,
            vec![
                send(ok("Content-Length: 500", "")),
                Drip(vec![b'a'; 500], 20),
            ],
        ),
        of(
            "body-in-pieces",
            Pass,
            vec![send(ok("Content-Length: 20", "")), Drip(vec![b'a'; 20], 1)],
        ),
        of(
            "no-content-with-a-body",
            Desync,
            vec![
                send(answer("HTTP/1.1 204 No\nContent-Length: 2", "ok")),
                Hold,
            ],
        ),
        of(
            "unchanged-with-a-length",
            STATUS,
            vec![send(answer("HTTP/1.1 304 No\nContent-Length: 9", ""))],
        ),
        of(
            "reset-body",
            NoAnswer,
            vec![send(ok("Content-Length: 5", "ok")), Wait(20), Reset],
        ),
    ]
}

/// Bodies in chunks.
fn chunks() -> Vec<Behaviour> {
    let of = Behaviour::at_once;
    let coded = |coding: &str| {
        vec![
            send(ok(&format!("Transfer-Encoding: {coding}"), "0\r\n\r\n")),
            Hold,
        ]
    };
    vec![
        of("chunks", Pass, vec![send(chunked("2\r\nok\r\n0\r\n\r\n"))]),
        of(
            "chunks-with-all-that-is-allowed",
            Pass,
            vec![send(chunked(
                "002;a=b;c=\"d\"\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n",
            ))],
        ),
        of(
            "chunks-beside-a-length",
            DELIVERY,
            vec![
                send(ok(
                    "Content-Length: 2\nTransfer-Encoding: chunked",
                    "2\r\nok\r\n0\r\n\r\n",
                )),
                Hold,
            ],
        ),
        of("compressed-chunks", NoAnswer, coded("gzip, chunked")),
        of("identity", NoAnswer, coded("identity")),
        of("unknown-coding", NoAnswer, coded("xchunked")),
        of("chunked-twice", NoAnswer, coded("chunked, chunked")),
        of(
            "chunks-in-http-1.0",
            NoAnswer,
            vec![
                send(answer(
                    "HTTP/1.0 200 OK\nTransfer-Encoding: chunked",
                    "0\r\n\r\n",
                )),
                Hold,
            ],
        ),
        of(
            "size-of-letters",
            NoAnswer,
            vec![send(chunked("xyz\r\n")), Hold],
        ),
        of(
            "negative-size",
            NoAnswer,
            vec![send(chunked("-2\r\nok\r\n")), Hold],
        ),
        of("no-size", NoAnswer, vec![send(chunked("\r\nok\r\n")), Hold]),
        of(
            "size-of-65-bits",
            NoAnswer,
            vec![send(chunked("10000000000000000\r\nok\r\n")), Hold],
        ),
        Behaviour::late(
            "size-of-64-bits",
            NoAnswer,
            vec![send(chunked("ffffffffffffffff\r\nok")), Hold],
        ),
        of(
            "more-than-its-size",
            NoAnswer,
            vec![send(chunked("1\r\nok\r\n0\r\n\r\n")), Hold],
        ),
        of(
            "chunks-with-line-feeds-only",
            NoAnswer,
            vec![send(chunked("2\nok\n0\n\n")), Hold],
        ),
        of(
            "endless-extension",
            NoAnswer,
            vec![send(chunked("2;")), Flood(b"a".into())],
        ),
        of(
            "many-extensions",
            NoAnswer,
            vec![
                send(chunked("")),
                Flood(format!("1;{}\r\na\r\n", "x".repeat(2000)).into()),
            ],
        ),
        of(
            "endless-trailers",
            NoAnswer,
            vec![send(chunked("0\r\n")), Flood(b"X: a\r\n".into())],
        ),
        of(
            "malformed-trailer",
            NoAnswer,
            vec![send(chunked("0\r\nno trailer\r\n\r\n")), Hold],
        ),
        of(
            "endless-chunks",
            DELIVERY,
            vec![send(chunked("")), Flood(b"5\r\nabcde\r\n".into())],
        ),
        of(
            "endless-chunks-of-one-byte",
            DELIVERY,
            vec![send(chunked("")), Flood(b"1\r\na\r\n".into())],
        ),
        of("cut-chunk", NoAnswer, vec![send(chunked("5\r\nok")), Close]),
        of(
            "no-last-chunk",
            NoAnswer,
            vec![send(chunked("2\r\nok\r\n")), Close],
        ),
        Behaviour::late(
            "no-more-chunks",
            NoAnswer,
            vec![send(chunked("2\r\nok\r\n")), Hold],
        ),
        of(
            "bytes-behind-the-chunks",
            Desync,
            vec![send(chunked("2\r\nok\r\n0\r\n\r\nmore")), Hold],
        ),
    ]
}

/// What the body is, once it is there; the row asks for gzip.
fn bodies() -> Vec<Behaviour> {
    let of = Behaviour::at_once;
    let text = gzip(b"text");
    let with = |body: Vec<u8>| vec![send(body)];
    vec![
        of("json", Pass, with(json(r#"{"a":[1,2.5,"x"]}"#))),
        of("no-json", Fail("conforms"), with(json("<p>"))),
        of(
            "no-utf-8",
            Fail("conforms"),
            with(json(b"{\"a\":\"\xff\"}")),
        ),
        of(
            "deep-json",
            Fail("conforms"),
            with(json("[".repeat(50_000))),
        ),
        of("byte-order-mark", DELIVERY, with(json("\u{feff}{}"))),
        of("bytes-behind-the-json", DELIVERY, with(json("{}{}"))),
        of("member-twice", DELIVERY, with(json(r#"{"a":1,"a":2}"#))),
        of(
            "member-twice-in-other-letters",
            DELIVERY,
            with(json(r#"{"a":1,"\u0061":2}"#)),
        ),
        of(
            "member-twice-within",
            DELIVERY,
            with(json(r#"[{"b":{"a":1,"a":1}}]"#)),
        ),
        of(
            "number-of-65-bits",
            DELIVERY,
            with(json("[18446744073709551616]")),
        ),
        of("number-beyond-all", DELIVERY, with(json("[1e999]"))),
        of("number-next-to-nothing", DELIVERY, with(json("[1e-999]"))),
        of("gzip", Pass, with(coded("gzip", &text))),
        of("no-gzip", DELIVERY, with(coded("gzip", "text"))),
        of(
            "cut-gzip",
            DELIVERY,
            with(coded("gzip", &text[..text.len() - 4])),
        ),
        of(
            "bytes-behind-the-gzip",
            DELIVERY,
            with(coded("gzip", [&text[..], b"more"].concat())),
        ),
        of(
            "gzip-bomb",
            DELIVERY,
            with(coded("gzip", gzip(&vec![b' '; 50_000_000]))),
        ),
        of("no-deflate", DELIVERY, with(coded("deflate", "text"))),
        of("coding-nobody-undoes", Pass, with(coded("zstd", "text"))),
    ]
}

/// The connection itself, and answers that nobody asked for.
fn connections() -> Vec<Behaviour> {
    let of = Behaviour::at_once;
    let away = |status: &str| {
        let silence = "9".repeat(30);
        vec![send(answer(
            &format!("HTTP/1.1 {status}\nRetry-After: {silence}\nContent-Length: 0"),
            "",
        ))]
    };
    vec![
        of("close", NoAnswer, vec![Close]),
        of("reset", NoAnswer, vec![Reset]),
        Behaviour::late("silence", NoAnswer, vec![Hold]),
        of("close-behind-the-answer", Pass, vec![send(FINE), Close]),
        of("two-answers", Desync, vec![send(FINE.repeat(2)), Hold]),
        of(
            "two-answers-and-close",
            Desync,
            vec![send(FINE.repeat(2)), Close],
        ),
        of(
            "a-thousand-answers",
            Desync,
            vec![send(FINE.repeat(1000)), Hold],
        ),
        of(
            "an-answer-and-a-flood",
            Desync,
            vec![send(FINE), Flood(FINE.into())],
        ),
        of(
            "a-second-answer-later",
            Desync,
            vec![send(FINE), Wait(5), send(FINE), Hold],
        ),
        of(
            "a-byte-later",
            Desync,
            vec![send(FINE), Wait(5), send("\0"), Hold],
        ),
        of(
            "a-blank-line-behind",
            Desync,
            vec![send(FINE), send("\r\n"), Hold],
        ),
        of(
            "a-timeout-behind",
            Desync,
            vec![
                send(FINE),
                send("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"),
                Close,
            ],
        ),
        of(
            "turned-away-for-ever",
            RateLimited,
            away("429 Too Many Requests"),
        ),
        of(
            "unavailable-for-ever",
            RateLimited,
            away("503 Service Unavailable"),
        ),
    ]
}

pub(super) fn table() -> Vec<Behaviour> {
    [
        heads(),
        interim(),
        lengths(),
        chunks(),
        bodies(),
        connections(),
    ]
    .concat()
}
