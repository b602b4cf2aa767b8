//! Raw HTTP/1.1: what the ordinary client cannot send. Header names leave in exactly the letters
//! written, nothing is added but `Host`, `Content-Length` and `Connection`.

use hyper::rt::{Read, Write};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::wire;
use crate::exchange::{Request, Response, TransportError};

type Headers = Vec<(String, String)>;

/// The longest head that is read, in bytes.
const MAX_HEAD: usize = 64 * 1024;

/// The headers to send, in order.
pub(super) fn head(request: &Request, url: &url::Url) -> Headers {
    let mut headers = Vec::new();
    if request.header("host").is_none() {
        headers.push(("Host".to_owned(), wire::authority(url)));
    }
    headers.extend(request.headers.iter().cloned());
    if let Some(body) = &request.body
        && request.header("content-length").is_none()
    {
        headers.push(("Content-Length".to_owned(), body.len().to_string()));
    }
    if request.header("connection").is_none() {
        headers.push(("Connection".to_owned(), "close".to_owned()));
    }
    headers
}

/// Sends the request on a connection of its own, with this request line and these headers, and reads
/// the answer.
pub(super) async fn exchange(
    request: &Request,
    line: &str,
    headers: &Headers,
    stream: impl Read + Write + Unpin,
    max_body: usize,
) -> Result<Response, TransportError> {
    let mut stream = TokioIo::new(stream);
    let mut bytes = format!("{line}\r\n").into_bytes();
    for (name, value) in headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(request.body.as_deref().unwrap_or_default());
    let broken = |error: std::io::Error| trouble(format!("the exchange broke off: {error}"));
    stream.write_all(&bytes).await.map_err(broken)?;
    stream.flush().await.map_err(broken)?;
    let mut received = Vec::new();
    let mut buffer = [0u8; 8192];
    loop {
        let count = stream.read(&mut buffer).await.map_err(broken)?;
        received.extend_from_slice(&buffer[..count]);
        if let Some(response) = parse(&received, &request.method, max_body, count == 0)? {
            return Ok(response);
        }
        if count == 0 {
            return Err(trouble(
                "the connection was closed before the answer was complete",
            ));
        }
    }
}

/// The answer to a request of that method, once all of it is there. `ended` says that no more will
/// come.
fn parse(
    received: &[u8],
    method: &str,
    max_body: usize,
    ended: bool,
) -> Result<Option<Response>, TransportError> {
    let mut slots = [httparse::EMPTY_HEADER; 128];
    let mut parsed = httparse::Response::new(&mut slots);
    let start = match parsed.parse(received) {
        Ok(httparse::Status::Complete(start)) => start,
        Ok(httparse::Status::Partial) if received.len() <= MAX_HEAD => return Ok(None),
        Ok(httparse::Status::Partial) => return Err(trouble("the head of the answer is too long")),
        Err(error) => return Err(trouble(format!("the answer is not HTTP: {error}"))),
    };
    let status = parsed.code.unwrap_or(0);
    let headers: Headers = parsed
        .headers
        .iter()
        .map(|header| {
            let value = String::from_utf8_lossy(header.value).into_owned();
            (header.name.to_owned(), value)
        })
        .collect();
    let rest = &received[start..];
    if (100..200).contains(&status) {
        return parse(rest, method, max_body, ended);
    }
    let response = |body: &[u8]| {
        let cut = body.len().min(max_body);
        Some(Response {
            status,
            headers: headers.clone(),
            body: body[..cut].to_vec(),
            truncated: body.len() > max_body,
        })
    };
    let find = |name: &str| {
        headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    };
    // The length that an answer to HEAD tells is that of the body it does not have.
    if matches!(status, 204 | 304) || method == "HEAD" {
        return Ok(response(&[]));
    }
    if find("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
        return Ok(unchunk(rest, max_body)?.and_then(|body| response(&body)));
    }
    match find("content-length").map(|text| text.trim().parse::<usize>()) {
        Some(Ok(length)) if rest.len() >= length => Ok(response(&rest[..length])),
        Some(Ok(_)) if rest.len() > max_body => Ok(response(rest)),
        Some(Err(_)) => Err(trouble("the answer's content length is not a number")),
        None if ended || rest.len() > max_body => Ok(response(rest)),
        Some(Ok(_)) | None => Ok(None),
    }
}

/// A chunked body, once its last chunk is there, or more than is kept of it.
fn unchunk(mut rest: &[u8], max_body: usize) -> Result<Option<Vec<u8>>, TransportError> {
    let mut body = Vec::new();
    loop {
        match httparse::parse_chunk_size(rest) {
            Ok(httparse::Status::Complete((_, 0))) => return Ok(Some(body)),
            Ok(httparse::Status::Complete((start, size))) => {
                let size = usize::try_from(size).map_err(|_| trouble("a chunk is too long"))?;
                let Some(chunk) = rest.get(start..start.saturating_add(size)) else {
                    body.extend_from_slice(rest.get(start..).unwrap_or_default());
                    return Ok((body.len() > max_body).then_some(body));
                };
                body.extend_from_slice(chunk);
                if body.len() > max_body {
                    return Ok(Some(body));
                }
                match rest.get(start + size + 2..) {
                    Some(next) => rest = next,
                    None => return Ok(None),
                }
            }
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(_) => return Err(trouble("the answer's chunks are malformed")),
        }
    }
}

fn trouble(message: impl Into<String>) -> TransportError {
    TransportError {
        message: message.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_complete_when_its_length_is_there() {
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab";
        assert!(parse(head, "GET", 100, false).unwrap().is_none());
        let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc";
        assert_eq!(
            parse(whole, "GET", 100, false).unwrap().unwrap().body,
            b"abc"
        );
    }

    #[test]
    fn chunks_are_joined_and_header_letters_kept() {
        let bytes =
            b"HTTP/1.1 200 OK\r\nTransfer-ENCODING: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n";
        let response = parse(bytes, "GET", 100, false).unwrap().unwrap();
        assert_eq!(response.body, b"abc");
        assert_eq!(response.headers[0].0, "Transfer-ENCODING");
    }

    #[test]
    fn an_answer_to_head_and_one_without_content_end_with_their_head() {
        let told = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n";
        let response = parse(told, "HEAD", 100, false).unwrap().unwrap();
        assert!(response.body.is_empty());
        let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert!(parse(chunked, "HEAD", 100, false).unwrap().is_some());
        let unchanged = b"HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n";
        assert!(parse(unchanged, "GET", 100, false).unwrap().is_some());
    }

    #[test]
    fn what_is_not_http_is_trouble() {
        assert!(parse(b"SSH-2.0-x\r\n\r\n", "GET", 100, false).is_err());
    }

    #[test]
    fn an_absurd_chunk_size_is_no_panic() {
        let bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n";
        assert!(parse(bytes, "GET", 100, false).is_ok_and(|response| response.is_none()));
    }

    #[test]
    fn an_endless_body_of_chunks_is_cut_at_the_limit() {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        for chunks in ["4\r\nabcd\r\n".repeat(3), "ffffff\r\nabcdefghijkl".into()] {
            let bytes = format!("{head}{chunks}").into_bytes();
            assert!(parse(&bytes, "GET", 12, false).unwrap().is_none());
            let cut = parse(&bytes, "GET", 11, false).unwrap().unwrap();
            assert_eq!(cut.body.len(), 11);
            assert!(cut.truncated);
        }
    }

    #[test]
    fn a_head_that_does_not_end_is_trouble_and_not_a_longer_wait() {
        let mut bytes = b"HTTP/1.1 200 OK\r\nX-A: ".to_vec();
        bytes.resize(MAX_HEAD, b'a');
        assert!(parse(&bytes, "GET", 100, false).is_ok_and(|response| response.is_none()));
        bytes.resize(MAX_HEAD + 1, b'a');
        assert!(parse(&bytes, "GET", 100, false).is_err());
    }
}
