//! `probity mock` as a tenant's owner starts it: what it writes, says and refuses.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use serde_json::Value;

use super::Authority;
use crate::cli::{probity, program, temporary};

/// A running `probity mock`; ended when the test is over, however it ends.
struct Running {
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Running {
    fn of(arguments: &[&str]) -> Self {
        let mut child = program()
            .arg("mock")
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let out = BufReader::new(child.stdout.take().expect("its output"));
        Self { child, out }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).expect("a line");
        line.trim_end().to_owned()
    }

    /// Ends it as Ctrl-C does, and gives what it still had to say.
    fn interrupt(mut self) -> String {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &pid]).status();
        assert!(sent.is_ok_and(|status| status.success()));
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).expect("its last words");
        assert_eq!(self.child.wait().expect("it ends").code(), Some(0));
        rest
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn json(path: &Path) -> Value {
    let text =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).expect("JSON")
}

#[cfg(unix)]
#[test]
fn the_owner_finds_accounts_and_application_written_down_and_is_told_the_traffic() {
    let folder = temporary();
    let into = folder.path().to_str().expect("a name");
    let mut mock = Running::of(&[
        "--edition",
        "ciam",
        "--port",
        "0",
        "--gateway-port",
        "0",
        "--prepare",
        "2",
        "--prepared-dir",
        into,
    ]);
    let first = mock.line();
    assert!(first.starts_with("ciam at http://127.0.0.1:"), "{first}");
    assert!(first.contains("(owner's side http://127.0.0.1:"), "{first}");
    assert_eq!(
        mock.line(),
        format!("prepared accounts are written to {into}")
    );

    let ciam = folder.path().join("ciam");
    let warned = json(&ciam.join("warn.json"));
    assert_eq!(warned.as_array().map(Vec::len), Some(2));
    let application = json(&ciam.join("application.json"));
    let secret = fs::read_to_string(ciam.join("client-secret")).expect("a secret");
    assert_eq!(application["client_secret"], secret.trim_end());

    let last = mock.interrupt();
    let wanted = "ciam: 0 requests answered, 0 refused with 429, at most 0 within a second\n";
    assert_eq!(last, wanted);
}

#[test]
fn options_that_make_no_sense_or_cannot_be_read_are_refused() {
    let folder = temporary();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (certificate, key) = Authority::new().server();
    fs::write(path("cert.pem"), certificate).expect("written");
    fs::write(path("key.pem"), key).expect("written");
    fs::write(path("other.pem"), Authority::new().server().1).expect("written");
    let (cert, key, other) = (path("cert.pem"), path("key.pem"), path("other.pem"));
    let missing = path("missing.pem");
    let table: [(&[&str], &str); 6] = [
        (&["--tls-cert", &cert], "--tls-key"),
        (&["--client-ca", &cert], "--tls-cert"),
        (&["--rate", "0"], "--rate"),
        (&["--tls-cert", &missing, "--tls-key", &key], "missing.pem"),
        (
            &["--tls-cert", &cert, "--tls-key", &other],
            "the certificate and its key cannot be used",
        ),
        (
            &["--tls-cert", &cert, "--tls-key", &key, "--client-ca", &key],
            "the client CA cannot be used",
        ),
    ];
    for (arguments, named) in table {
        let mut all = vec!["mock"];
        all.extend(arguments);
        let refused = probity(&all).expect(3);
        assert!(refused.err.contains(named), "{}", refused.err);
    }
}
