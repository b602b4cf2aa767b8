//! A program that prints one JSON object; run without a shell, and ended when it takes too long.

use std::{io, process::Stdio};

use serde_json::{Map, Value};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _},
    process::{Child, Command as Process},
};

use crate::{
    engine::case_context::CaseContext, target::Command, template::TemplateError, transcript::Stop,
};

/// The longest output that is taken.
const MOST: u64 = 1024 * 1024;

/// How much of what a program complains about is told.
const LAST_LINES: usize = 5;
const LAST_BYTES: usize = 2_000;

pub(super) async fn command(
    context: &mut CaseContext<'_>,
    command: &Command,
    at: &str,
) -> Result<Map<String, Value>, Stop> {
    let wrong = |why: String| Stop::Setup(format!("{at}: {why}"));
    let arguments = arguments(context, command).map_err(|why| wrong(why.to_string()))?;
    let input = command.stdin.then(|| {
        let bindings = Value::Object(context.bindings.clone());
        bindings.to_string().into_bytes()
    });
    let program = &command.program;
    let mut child = start(command, arguments)
        .map_err(|error| wrong(format!("`{program}` does not start: {error}")))?;
    let limit = command.timeout;
    let outcome = tokio::time::timeout(limit, talk(&mut child, input)).await;
    outcome
        .unwrap_or_else(|_| Err(format!("did not end within {limit:?}")))
        .map_err(|why| wrong(format!("`{program}` {why}")))
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
async fn talk(child: &mut Child, input: Option<Vec<u8>>) -> Result<Map<String, Value>, String> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let told = |error: io::Error| format!("cannot be read: {error}");
    let write = async {
        if let (Some(mut stdin), Some(input)) = (stdin, input) {
            // A program that does not read its input is free to close it.
            let _ = stdin.write_all(&input).await;
        }
        Ok(())
    };
    let ended = async { child.wait().await.map_err(told) };
    let (output, complaint, status, ()) = tokio::try_join!(
        async { whole(stdout).await },
        async { last(stderr).await.map_err(told) },
        ended,
        write
    )?;
    if !status.success() {
        let how = match status.code() {
            Some(code) => format!("ended with exit code {code}"),
            None => "was ended by a signal".to_owned(),
        };
        return Err(format!("{how}{}", lines(&complaint)));
    }
    match serde_json::from_slice(&output) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err("printed JSON that is no object".to_owned()),
        Err(error) => Err(format!(
            "printed no JSON object: {error}{}",
            lines(&complaint)
        )),
    }
}

/// All of the output, if it is not too long.
async fn whole(output: Option<impl AsyncRead + Unpin>) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    if let Some(output) = output {
        let mut bounded = output.take(MOST + 1);
        let read = bounded.read_to_end(&mut bytes).await;
        read.map_err(|error| format!("cannot be read: {error}"))?;
    }
    if u64::try_from(bytes.len()).is_ok_and(|length| length > MOST) {
        return Err(format!("printed more than {MOST} bytes"));
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
