//! Loopback servers that are no identity service, and target files that lead to them.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

use crate::support::root;

/// Listens and answers nothing; every connection stays in the queue until it is counted.
pub(crate) struct Listener(TcpListener);

impl Listener {
    pub(crate) fn start() -> Self {
        Self(bind())
    }

    pub(crate) fn url(&self) -> String {
        url(&self.0)
    }

    /// How many connections were opened so far.
    pub(crate) fn connections(&self) -> usize {
        self.0
            .set_nonblocking(true)
            .unwrap_or_else(|error| panic!("{error}"));
        let mut count = 0;
        loop {
            match self.0.accept() {
                Ok(_) => count += 1,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return count,
                Err(error) => panic!("{error}"),
            }
        }
    }
}

/// Answers every connection with the same bytes, and ends it.
pub(super) struct Parrot {
    url: String,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Parrot {
    pub(super) fn start(answer: &'static [u8]) -> Self {
        let listener = bind();
        let url = url(&listener);
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                if let Ok(mut stream) = stream {
                    // The client may be gone before it has heard everything.
                    let mut request = [0; 4096];
                    let _ = stream.read(&mut request);
                    let _ = stream.write_all(answer);
                }
            }
        });
        Self {
            url,
            stop,
            thread: Some(thread),
        }
    }

    pub(super) fn url(&self) -> String {
        self.url.clone()
    }
}

impl Drop for Parrot {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // The last connection wakes the thread, so that it sees the word to stop.
        drop(TcpStream::connect(self.url.trim_start_matches("http://")));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn bind() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").unwrap_or_else(|error| panic!("{error}"))
}

fn url(listener: &TcpListener) -> String {
    let address = listener
        .local_addr()
        .unwrap_or_else(|error| panic!("{error}"));
    format!("http://{address}")
}

/// An address at which nobody listens: no test gets this port by chance, as it might a port just freed.
pub(crate) const DEAD: &str = "http://127.0.0.1:1";

/// A target file in `folder`: the shipped mock's flows, with every edition served at `url`.
pub(crate) fn file(folder: &Path, url: &str) -> PathBuf {
    let mock = std::fs::read_to_string(root().join("tenants/mock.yaml"))
        .unwrap_or_else(|error| panic!("{error}"));
    write(folder, "mock.yaml", &mock);
    let editions = ["eiam", "ciam", "oneaccess"].map(|edition| {
        format!("  {edition}: {{ base_url: \"{url}\", hosts: {{ common: \"{url}\" }} }}\n")
    });
    let editions = editions.concat();
    write(
        folder,
        "elsewhere.yaml",
        &format!("name: elsewhere\nextends: mock.yaml\neditions:\n{editions}"),
    )
}

pub(crate) fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).unwrap_or_else(|error| panic!("{error}"));
    }
    std::fs::write(&path, text).unwrap_or_else(|error| panic!("{error}"));
    path
}
