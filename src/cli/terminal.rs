//! The terminal: progress bars, and the person who answers the questions of providers.

use std::{
    future::Future,
    io::{self, BufRead as _, IsTerminal as _},
    pin::Pin,
    sync::Arc,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::sync::{Mutex, mpsc};

use super::output::note;
use crate::engine::Asker;

/// Someone who reads standard error and types into standard input.
#[derive(Debug)]
struct Terminal {
    bar: ProgressBar,
    /// What is typed, line by line, from the first question on. Reading cannot be called off, so one
    /// thread reads for all questions.
    lines: Mutex<Option<mpsc::UnboundedReceiver<io::Result<String>>>>,
}

/// Whom to ask; nobody where input or error is no terminal. The bar makes room for questions.
pub(super) fn person(bar: &ProgressBar) -> Option<Arc<dyn Asker>> {
    let there = io::stdin().is_terminal() && io::stderr().is_terminal();
    there.then(|| {
        Arc::new(Terminal {
            bar: bar.clone(),
            lines: Mutex::new(None),
        }) as Arc<dyn Asker>
    })
}

impl Asker for Terminal {
    fn ask<'a>(
        &'a self,
        question: &'a str,
        secret: bool,
    ) -> Pin<Box<dyn Future<Output = io::Result<String>> + Send + 'a>> {
        Box::pin(async move {
            let mut lines = self.lines.lock().await;
            let lines = lines.get_or_insert_with(typed);
            // What was typed before the question was shown is no answer to it.
            while lines.try_recv().is_ok() {}
            let _room = Room::new(&self.bar);
            let _quiet = secret.then(Quiet::new);
            note(&format!("\n{question}"));
            tokio::select! {
                line = lines.recv() => line.unwrap_or_else(|| Err(io::ErrorKind::UnexpectedEof.into())),
                _ = tokio::signal::ctrl_c() => Err(io::ErrorKind::Interrupted.into()),
            }
        })
    }
}

/// Columns where the output goes to no terminal.
const PIPED: usize = 100;

/// How many columns standard output has.
pub(super) fn width() -> usize {
    columns().map_or(PIPED, |columns| usize::from(columns).max(NARROWEST))
}

/// Narrower than this, nothing can be laid out.
const NARROWEST: usize = 40;

/// The columns of the terminal that standard output is, where it is one that knows them.
#[cfg(unix)]
fn columns() -> Option<u16> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    Some(size.ws_col).filter(|columns| *columns > 0)
}

#[cfg(not(unix))]
fn columns() -> Option<u16> {
    None
}

/// A bar on a terminal, nothing elsewhere.
pub(super) fn progress(count: usize, noun: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(u64::try_from(count).ok(), bar_target());
    if let Ok(style) =
        ProgressStyle::with_template(&format!("{{bar:40}} {{pos}}/{{len}} {noun}  {{msg}}"))
    {
        bar.set_style(style);
    }
    bar
}

/// Where bars are drawn.
fn bar_target() -> ProgressDrawTarget {
    ProgressDrawTarget::stderr_with_hz(10)
}

/// Starts to read what is typed.
fn typed() -> mpsc::UnboundedReceiver<io::Result<String>> {
    let (send, lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            if send.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

/// The bar draws nothing while this lives.
struct Room<'b>(&'b ProgressBar);

impl<'b> Room<'b> {
    fn new(bar: &'b ProgressBar) -> Self {
        bar.set_draw_target(ProgressDrawTarget::hidden());
        Self(bar)
    }
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        self.0.set_draw_target(bar_target());
    }
}

/// The terminal shows nothing of what is typed while this lives, but the end of the line.
struct Quiet {
    #[cfg(unix)]
    before: Option<rustix::termios::Termios>,
}

impl Quiet {
    #[cfg(unix)]
    fn new() -> Self {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let before = tcgetattr(io::stdin()).ok();
        if let Some(mut modes) = before.clone() {
            modes.local_modes.remove(LocalModes::ECHO);
            modes.local_modes.insert(LocalModes::ECHONL);
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, &modes);
        }
        Self { before }
    }

    #[cfg(not(unix))]
    fn new() -> Self {
        Self {}
    }
}

#[cfg(unix)]
impl Drop for Quiet {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        if let Some(before) = &self.before {
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, before);
        }
    }
}
