//! Servers on the loopback interface that are no identity service, and targets that lead to them.

use std::{future::Future, sync::Arc};

use probity::target::{Provider, Target};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// An address at which nobody listens: no test gets this port by chance, as it might one just freed.
pub(crate) const DEAD: &str = "http://127.0.0.1:1";

/// A token in the form of a JWT, signed by nobody.
const TOKEN: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsifQ.eyJpYXQiOjEsImV4cCI6Mn0.AAAA";

/// A server that treats every connection alike until it is dropped.
pub(crate) struct Server {
    pub(crate) url: String,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(crate) async fn serve<F>(treat: impl Fn(TcpStream) -> F + Send + 'static) -> Server
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let task = tokio::spawn(async move {
        let mut open = tokio::task::JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            open.spawn(treat(stream));
        }
    });
    Server { url, task }
}

/// A server that reads each request and gives these bytes.
pub(crate) async fn always(bytes: impl Into<Vec<u8>>) -> Server {
    let bytes: Arc<[u8]> = bytes.into().into();
    answering(move |_| bytes.to_vec()).await
}

/// A server that reads each request and gives what `answer` makes of it.
pub(crate) async fn answering(answer: impl Fn(&[u8]) -> Vec<u8> + Send + Sync + 'static) -> Server {
    let answer = Arc::new(answer);
    serve(move |mut stream| {
        let answer = Arc::clone(&answer);
        async move {
            let request = read_request(&mut stream).await;
            let _ = stream.write_all(&answer(&request)).await;
            let _ = stream.shutdown().await;
        }
    })
    .await
}

/// A server in front of another: a request is answered by `answer` where that gives bytes, and
/// handed on where it gives none.
pub(crate) async fn front(
    behind: &str,
    answer: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
) -> Server {
    let address: Arc<str> = behind.trim_start_matches("http://").into();
    let answer = Arc::new(answer);
    serve(move |mut stream| {
        let (answer, address) = (Arc::clone(&answer), Arc::clone(&address));
        async move {
            let request = read_request(&mut stream).await;
            let request = String::from_utf8_lossy(&request);
            // A connection that was only opened asks nothing.
            if request.is_empty() {
                return;
            }
            let bytes = match answer(&request) {
                Some(bytes) => bytes.into_bytes(),
                None => handed_on(&address, &request).await,
            };
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
    })
    .await
}

async fn handed_on(address: &str, request: &str) -> Vec<u8> {
    let close = if request
        .to_ascii_lowercase()
        .contains("\r\nconnection: close")
    {
        request.to_owned()
    } else {
        request.replacen("\r\n", "\r\nConnection: close\r\n", 1)
    };
    let mut answer = Vec::new();
    if let Ok(mut stream) = TcpStream::connect(address).await {
        let _ = stream.write_all(close.as_bytes()).await;
        let _ = stream.read_to_end(&mut answer).await;
    }
    answer
}

/// Reads head and body, so that closing does not reset the connection.
pub(crate) async fn read_request(stream: &mut TcpStream) -> Vec<u8> {
    let (mut seen, mut part) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&seen).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())
                .unwrap_or(0);
            if body.len() >= length {
                return seen;
            }
        }
        match stream.read(&mut part).await {
            Ok(0) | Err(_) => return seen,
            Ok(read) => seen.extend_from_slice(&part[..read]),
        }
    }
}

/// Writes an answer and ends the connection.
pub(crate) async fn write(stream: &mut TcpStream, answer: &[u8]) {
    let _ = stream.write_all(answer).await;
    let _ = stream.shutdown().await;
}

/// The request as an answer: 200, its own headers, its own body.
pub(crate) fn echo(request: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(request);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let mut out = String::from("HTTP/1.1 200 OK\r\nConnection: close\r\n");
    for line in head.lines().skip(1) {
        let name = line.split(':').next().unwrap_or_default();
        let hop = ["host", "connection", "content-length", "transfer-encoding"];
        if !hop.iter().any(|own| name.eq_ignore_ascii_case(own)) {
            out.push_str(line);
            out.push_str("\r\n");
        }
    }
    format!("{out}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

pub(crate) fn http(status: &str, content_type: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )
}

/// An answer that asks to come again at once.
pub(crate) fn turned_away() -> String {
    "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        .to_owned()
}

pub(crate) fn success() -> String {
    json!({ "status": "SUCCESS", "expire": 43200, "session_token": "s3ss10n-t0ken", "id_token": TOKEN })
        .to_string()
}

pub(crate) fn refusal() -> String {
    json!({ "error_code": "IDAAS.SDK.PARAM.0002", "error_msg": "clientId cannot be empty" })
        .to_string()
}

/// The target with providers made of constants, so that only requests under test are sent.
pub(crate) fn with_constants(mut target: Target) -> Target {
    for settings in target.editions.values_mut() {
        settings.variables_from = None;
        settings
            .variables
            .insert("client_id".into(), json!("an-application"));
        settings
            .variables
            .insert("client_secret".into(), json!("its-own-secret"));
        for provider in settings.providers.values_mut() {
            *provider = Provider::of(constants());
        }
    }
    target
}

/// All that any provider of the shipped target yields.
pub(crate) fn constants() -> Value {
    json!({
        "user_id": "u1", "user_name": "somebody", "password": "0ld-Passw0rd7", "name": "Some Body",
        "mobile": "13800000000", "mobile_digits": "13800000000", "email": "a@example.com",
        "email_prefix": "aaaaaa", "pinyin": "somebody", "state_token": TOKEN, "id_token": TOKEN,
        "session_token": "s3ss10n-t0ken", "verify_code": "123456", "captcha_token": "captcha",
        "client_id": "another", "tenant_id": "t1", "access_token": "acc3ss", "jwks": { "keys": [] },
    })
}
