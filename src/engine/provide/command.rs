//! A program that prints one JSON object; run without a shell, and ended when it takes too long.

use std::{io, process::Stdio, time::Duration};

use serde_json::{Map, Value};
use thiserror::Error;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _},
    process::{Child, Command as Process},
};

use crate::{
    engine::case_context::CaseContext, result::Stop, target::Command, template::TemplateError,
};

/// The longest output that is taken.
const MOST: u64 = 1024 * 1024;

/// How much of what a program complains about is shown.
const LAST_LINES: usize = 5;
const LAST_BYTES: usize = 2_000;

/// Why a program gave nothing.
#[derive(Debug, Error)]
enum CommandError {
    /// One of its arguments cannot be computed.
    #[error(transparent)]
    Argument(#[from] TemplateError),
    #[error("`{program}` does not start: {source}")]
    NotStarted { program: String, source: io::Error },
    #[error("`{program}` {source}")]
    Program {
        program: String,
        source: ProgramError,
    },
}

/// What is wrong with a program that was started, as the rest of a sentence about it.
#[derive(Debug, Error)]
enum ProgramError {
    #[error("did not end within {0:?}")]
    TooSlow(Duration),
    #[error("cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    #[error("printed more than {MOST} bytes")]
    TooLong,
    /// It says itself what went wrong in the last lines of its complaint.
    #[error("{}{complaint}", ended(*.code))]
    Failed {
        /// `None` when a signal ended it.
        code: Option<i32>,
        complaint: String,
    },
    #[error("printed JSON that is no object")]
    NoObject,
    #[error("printed no JSON object: {source}{complaint}")]
    NotJson {
        source: serde_json::Error,
        complaint: String,
    },
}

fn ended(code: Option<i32>) -> String {
    match code {
        Some(code) => format!("ended with exit code {code}"),
        None => "was ended by a signal".to_owned(),
    }
}

/// Runs a program and gives the members of the object that it prints.
pub(crate) async fn command(
    context: &mut CaseContext<'_>,
    command: &Command,
    at: &str,
) -> Result<Map<String, Value>, Stop> {
    let given = run(context, command).await;
    given.map_err(|error| Stop::Setup(format!("{at}: {error}")))
}

async fn run(
    context: &mut CaseContext<'_>,
    command: &Command,
) -> Result<Map<String, Value>, CommandError> {
    let arguments = arguments(context, command)?;
    let input = command.stdin.then(|| {
        let bindings = Value::Object(context.bindings.clone());
        bindings.to_string().into_bytes()
    });
    let program = || command.program.clone();
    let mut child = start(command, arguments).map_err(|source| CommandError::NotStarted {
        program: program(),
        source,
    })?;
    let limit = command.timeout;
    tokio::time::timeout(limit, talk(&mut child, input))
        .await
        .unwrap_or(Err(ProgramError::TooSlow(limit)))
        .map_err(|source| CommandError::Program {
            program: program(),
            source,
        })
}

fn arguments(
    context: &mut CaseContext<'_>,
    command: &Command,
) -> Result<Vec<String>, TemplateError> {
    let mut arguments = Vec::new();
    for argument in &command.arguments {
        arguments.push(match context.render(argument)? {
            Value::String(text) => text,
            other => other.to_string(),
        });
    }
    Ok(arguments)
}

fn start(command: &Command, arguments: Vec<String>) -> io::Result<Child> {
    let stdin = if command.stdin {
        Stdio::piped()
    } else {
        Stdio::null()
    };
    Process::new(&command.program)
        .args(arguments)
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
}

/// Gives the program its input, reads what it prints, and waits for its end.
async fn talk(
    child: &mut Child,
    input: Option<Vec<u8>>,
) -> Result<Map<String, Value>, ProgramError> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let write = async {
        if let (Some(mut stdin), Some(input)) = (stdin, input) {
            // A program that does not read its input is free to close it.
            let _ = stdin.write_all(&input).await;
        }
        Ok(())
    };
    let ended = async { Ok(child.wait().await?) };
    let complaint = async { Ok(last(stderr).await?) };
    let (output, complaint, status, ()) = tokio::try_join!(whole(stdout), complaint, ended, write)?;
    let complaint = lines(&complaint);
    if !status.success() {
        let code = status.code();
        return Err(ProgramError::Failed { code, complaint });
    }
    match serde_json::from_slice(&output) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(ProgramError::NoObject),
        Err(source) => Err(ProgramError::NotJson { source, complaint }),
    }
}

/// All of the output, if it is not too long.
async fn whole(output: Option<impl AsyncRead + Unpin>) -> Result<Vec<u8>, ProgramError> {
    let mut bytes = Vec::new();
    if let Some(output) = output {
        let mut bounded = output.take(MOST + 1);
        bounded.read_to_end(&mut bytes).await?;
    }
    if u64::try_from(bytes.len()).is_ok_and(|length| length > MOST) {
        return Err(ProgramError::TooLong);
    }
    Ok(bytes)
}

/// The end of the output; all of it is read, so that the program never waits.
async fn last(output: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let (mut kept, mut chunk) = (Vec::new(), [0; 4096]);
    let Some(mut output) = output else {
        return Ok(kept);
    };
    loop {
        let read = output.read(&mut chunk).await?;
        if read == 0 {
            return Ok(kept);
        }
        kept.extend_from_slice(chunk.get(..read).unwrap_or_default());
        let surplus = kept.len().saturating_sub(LAST_BYTES);
        kept.drain(..surplus);
    }
}

/// The last lines of a complaint, as the end of a sentence.
fn lines(complaint: &[u8]) -> String {
    let text = String::from_utf8_lossy(complaint);
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim_end)
        .filter(|l| !l.is_empty())
        .collect();
    let from = lines.len().saturating_sub(LAST_LINES);
    match lines.get(from..) {
        Some(last @ [_, ..]) => format!(": {}", last.join(" / ")),
        _ => String::new(),
    }
}
