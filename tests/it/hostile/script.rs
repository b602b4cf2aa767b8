//! A server that does what a script says, and counts what it could get rid of.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};

use crate::loopback::{Server, serve};

/// What a server does after it read a request; then it reads the next one.
#[derive(Debug, Clone)]
pub(super) enum Act {
    Send(Vec<u8>),
    /// Sends this again and again until nobody takes it any more.
    Flood(Vec<u8>),
    /// Sends byte by byte, each after a pause of so many milliseconds, until nobody takes it any more.
    Drip(Vec<u8>, u64),
    /// Does nothing for so many milliseconds.
    Wait(u64),
    Close,
    /// Closes in a way that loses what is on its way.
    Reset,
    /// Says nothing more and keeps the connection.
    Hold,
}

pub(super) fn send(text: impl AsRef<[u8]>) -> Act {
    Act::Send(text.as_ref().to_vec())
}

/// What was sent for each name.
#[derive(Debug, Default)]
pub(super) struct Sent(BTreeMap<String, AtomicUsize>);

impl Sent {
    pub(super) fn of(&self, name: &str) -> usize {
        let count = self.0.get(name);
        count.map_or(0, |count| count.load(Ordering::Relaxed))
    }
}

/// A server that does what the script of this name says for a request with `?b=name`, and answers
/// every other one soundly.
pub(super) async fn scripted(scripts: BTreeMap<String, Vec<Act>>) -> (Server, Arc<Sent>) {
    let names = scripts.keys();
    let sent = Sent(
        names
            .map(|name| (name.clone(), AtomicUsize::new(0)))
            .collect(),
    );
    let (scripts, sent) = (Arc::new(scripts), Arc::new(sent));
    let counts = Arc::clone(&sent);
    let server = serve(move |stream| {
        let (scripts, sent) = (Arc::clone(&scripts), Arc::clone(&counts));
        async move {
            let _ = stream.set_nodelay(true);
            play(stream, &scripts, &sent).await;
        }
    })
    .await;
    (server, sent)
}

async fn play(mut stream: TcpStream, scripts: &BTreeMap<String, Vec<Act>>, sent: &Sent) {
    while let Some(name) = asked(&mut stream).await {
        let Some(script) = scripts.get(&name) else {
            if stream.write_all(super::SOUND.as_bytes()).await.is_err() {
                return;
            }
            continue;
        };
        for act in script {
            if matches!(act, Act::Reset) {
                let _ = stream.set_zero_linger();
                return;
            }
            let count = done(act, &mut stream).await;
            sent.0[&name].fetch_add(count.unwrap_or(0), Ordering::Relaxed);
            if count.is_none() {
                return;
            }
        }
    }
}

/// How much was sent; `None` when the connection is at its end.
pub(super) async fn done(
    act: &Act,
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
) -> Option<usize> {
    match act {
        Act::Send(bytes) => {
            stream.write_all(bytes).await.ok()?;
            stream.flush().await.ok()?;
            Some(bytes.len())
        }
        Act::Flood(bytes) => {
            let many = bytes.repeat((64 * 1024 / bytes.len()).max(1));
            let mut count = 0;
            while let Ok(part @ 1..) = stream.write(&many).await {
                count += part;
            }
            Some(count)
        }
        Act::Drip(bytes, pause) => {
            for byte in bytes {
                tokio::time::sleep(Duration::from_millis(*pause)).await;
                if stream.write_all(&[*byte]).await.is_err() || stream.flush().await.is_err() {
                    break;
                }
            }
            Some(bytes.len())
        }
        Act::Wait(millis) => {
            tokio::time::sleep(Duration::from_millis(*millis)).await;
            Some(0)
        }
        Act::Close | Act::Reset => {
            let _ = stream.shutdown().await;
            None
        }
        Act::Hold => {
            let _ = tokio::io::copy(stream, &mut tokio::io::sink()).await;
            None
        }
    }
}

/// Reads a request, and gives the name of its script; `None` when there is no more.
pub(super) async fn asked(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let line = head.lines().next().unwrap_or_default();
    let name = line.split_once("?b=").map_or("", |(_, rest)| rest);
    Some(name.split(' ').next().unwrap_or_default().to_owned())
}
