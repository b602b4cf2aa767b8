//! Where a secret comes from: never from the file itself.

use std::{
    io::Read,
    process::{Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use wait_timeout::ChildExt as _;

use super::{environment::Outside, reach::beside};
use crate::{diag::Diagnostic, plan, yaml::Node};

/// How long a command may take that says nothing of it.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest secret, in bytes.
const LONGEST: u64 = 64 * 1024;

/// The secret; `None` after a mistake, or when its command is not to be started.
pub(super) fn secret(
    node: &Node,
    outside: &Outside,
    found: &mut Vec<Diagnostic>,
) -> Option<String> {
    let sources: Vec<&str> = ["env", "file", "command"]
        .into_iter()
        .filter(|key| node.get(key).is_some())
        .collect();
    let [source] = sources.as_slice() else {
        found.push(
            Diagnostic::new(
                "secret-missing",
                &node.span,
                "a secret comes from one of `env`, `file` and `command`",
            )
            .help("{ env: NAME }, { file: path }, or { command: [program, argument] }"),
        );
        return None;
    };
    let place = node.get(source)?;
    let value = match *source {
        "env" => {
            let name = place.text()?;
            outside
                .get(name)
                .ok_or_else(|| format!("the environment variable `{name}` is not set"))
        }
        "file" => {
            let path = beside(place, place.text()?);
            std::fs::read_to_string(&path)
                .map_err(|error| format!("cannot read `{}`: {error}", path.display()))
        }
        _ if outside.offline => return None,
        _ => {
            let patience = match node.get("timeout") {
                Some(timeout) => plan::duration(timeout, found)?,
                None => PATIENCE,
            };
            let words: Vec<&str> = place.items().iter().filter_map(Node::text).collect();
            command(&words, patience)
        }
    };
    let value = value.map(|text| text.trim_end_matches(['\r', '\n']).to_owned());
    let value = match value {
        Ok(text) if text.is_empty() => Err(format!("`{source}` gives an empty text")),
        other => other,
    };
    value
        .map_err(|why| {
            let mistake = Diagnostic::new("secret-missing", &place.span, why);
            found.push(match *source {
                "env" => mistake.help("set it, or write it to `.env` beside this file"),
                _ => mistake,
            });
        })
        .ok()
}

/// What a command prints. What it prints on the other channel is for people, and is told when it fails.
fn command(words: &[&str], patience: Duration) -> Result<String, String> {
    let Some((program, arguments)) = words.split_first() else {
        return Err("the command is empty".to_owned());
    };
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("`{program}` cannot be started: {error}"))?;
    let out = child.stdout.take().map(reader);
    let err = child.stderr.take().map(reader);
    let told = |channel: Option<mpsc::Receiver<String>>| {
        // Something it started may hold the channel open.
        channel.and_then(|channel| channel.recv_timeout(patience).ok())
    };
    let lost = |error| format!("`{program}` was lost: {error}");
    let Some(status) = child.wait_timeout(patience).map_err(lost)? else {
        // Whether it can be stopped or not, nobody waits for it any more.
        let _ = child.kill();
        let _ = child.wait();
        return Err(format!("`{program}` is not done after {patience:?}"));
    };
    if status.success() {
        return told(out).ok_or_else(|| format!("`{program}` does not end what it prints"));
    }
    let told = told(err).unwrap_or_default();
    let told = told.lines().next().unwrap_or_default();
    Err(format!("`{program}` failed, {status}: {told}"))
}

/// Reads in a thread of its own, so that a reader who gives up is not held.
fn reader(stream: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (give, take) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stream.take(LONGEST).read_to_end(&mut bytes);
        let _ = give.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    take
}
