//! Where a secret comes from: never from the file itself.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    sync::mpsc,
    time::Duration,
};

use thiserror::Error;
use wait_timeout::ChildExt as _;

use super::{environment::Outside, layers::beside};
use crate::{diag::Diagnostic, plan, yaml::Node};

/// How long a command may take that says nothing of it.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest secret, in bytes.
const LONGEST: u64 = 64 * 1024;

/// Why a value cannot be had from where the target file says that it is.
#[derive(Debug, Error)]
pub enum SourceError {
    #[error("the environment variable `{variable}` is not set")]
    NotSet { variable: String },
    #[error("cannot read `{}`: {source}", .path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("`{key}` gives an empty text")]
    Empty { key: String },
    #[error("the command is empty")]
    NoProgram,
    #[error("`{program}` cannot be started: {source}")]
    NotStarted { program: String, source: io::Error },
    #[error("`{program}` was lost: {source}")]
    Lost { program: String, source: io::Error },
    #[error("`{program}` is not done after {after:?}")]
    TooSlow { program: String, after: Duration },
    /// The program has ended, and something that it started holds its output open.
    #[error("`{program}` does not end what it prints")]
    Endless { program: String },
    #[error("`{program}` failed, {status}: {line}")]
    Failed {
        program: String,
        status: ExitStatus,
        /// The first line it printed for people.
        line: String,
    },
}

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
    let [key] = sources.as_slice() else {
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
    let place = node.get(key)?;
    let value = match *key {
        "env" => {
            let variable = place.text()?;
            set(variable, outside.get(variable).as_deref()).map(str::to_owned)
        }
        "file" => text_of(&beside(place, place.text()?)),
        _ if outside.offline => return None,
        _ => {
            let patience = match node.get("timeout") {
                Some(timeout) => plan::duration(timeout, found)?,
                None => PATIENCE,
            };
            let line: Vec<&str> = place.items().iter().filter_map(Node::text).collect();
            printed(&line, patience)
        }
    };
    value
        .and_then(|text| without_line_end(key, &text))
        .map_err(|error| {
            let mistake = Diagnostic::new("secret-missing", &place.span, error.to_string());
            found.push(match *key {
                "env" => mistake.help("set it, or write it to `.env` beside this file"),
                _ => mistake,
            });
        })
        .ok()
}

fn without_line_end(key: &str, text: &str) -> Result<String, SourceError> {
    match text.trim_end_matches(['\r', '\n']) {
        "" => Err(SourceError::Empty {
            key: key.to_owned(),
        }),
        text => Ok(text.to_owned()),
    }
}

/// The value of an environment variable that has to be set.
pub(super) fn set<'v>(variable: &str, value: Option<&'v str>) -> Result<&'v str, SourceError> {
    value.ok_or_else(|| SourceError::NotSet {
        variable: variable.to_owned(),
    })
}

pub(super) fn text_of(path: &Path) -> Result<String, SourceError> {
    std::fs::read_to_string(path).map_err(|source| SourceError::Unreadable {
        path: path.to_owned(),
        source,
    })
}

/// What a command prints. What it prints on the other channel is for people: its first line goes into
/// the error when the command fails.
fn printed(line: &[&str], patience: Duration) -> Result<String, SourceError> {
    let Some((name, arguments)) = line.split_first() else {
        return Err(SourceError::NoProgram);
    };
    let program = || (*name).to_owned();
    let mut child = Command::new(name)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|source| SourceError::NotStarted {
            program: program(),
            source,
        })?;
    let out = child.stdout.take().map(reader);
    let err = child.stderr.take().map(reader);
    let read = |channel: Option<mpsc::Receiver<String>>| {
        // Something it started may hold the channel open.
        channel.and_then(|channel| channel.recv_timeout(patience).ok())
    };
    let ended = child
        .wait_timeout(patience)
        .map_err(|source| SourceError::Lost {
            program: program(),
            source,
        })?;
    let Some(status) = ended else {
        // Whether it can be stopped or not, nobody waits for it any more.
        let _ = child.kill();
        let _ = child.wait();
        return Err(SourceError::TooSlow {
            program: program(),
            after: patience,
        });
    };
    if status.success() {
        return read(out).ok_or_else(|| SourceError::Endless { program: program() });
    }
    let text = read(err).unwrap_or_default();
    Err(SourceError::Failed {
        program: program(),
        status,
        line: text.lines().next().unwrap_or_default().to_owned(),
    })
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
