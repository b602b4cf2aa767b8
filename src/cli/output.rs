//! What the program prints, and whether it arrived; and the last look for secrets over all that is
//! written.

use std::{
    io::{ErrorKind, Write as _},
    sync::atomic::{AtomicBool, Ordering},
};

use crate::{
    report::console::defused,
    secret::{Leak, SecretIndex},
};

/// Set when a line could not be printed for any reason but a reader that went away.
static LOST: AtomicBool = AtomicBool::new(false);

/// Prints a line to standard output. A reader that closed the pipe has seen what it wanted; any
/// other failure is remembered for [`lost`].
pub(super) fn out(text: &str) {
    printed(&writeln!(anstream::stdout(), "{text}"));
}

/// Remembers that standard output could not be written, if it could not.
pub(super) fn printed(written: &std::io::Result<()>) {
    if let Err(error) = written
        && error.kind() != ErrorKind::BrokenPipe
        && !LOST.swap(true, Ordering::Relaxed)
    {
        note(&format!("cannot write to standard output: {error}"));
    }
}

/// True when something that was to be printed is lost.
pub(super) fn lost() -> bool {
    printed(&std::io::stdout().flush());
    LOST.load(Ordering::Relaxed)
}

/// Prints to standard error, where a build service finds no order in any line. Where that fails there is
/// nobody left to tell.
pub(super) fn note(text: &str) {
    let lines: Vec<String> = text.split('\n').map(defused).collect();
    let _ = writeln!(anstream::stderr(), "{}", lines.join("\n"));
}

/// Prints orders of ours to a build service to standard error.
pub(super) fn raw(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// True when people read standard error on a terminal that may show colour.
pub(super) fn colour() -> bool {
    anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never
}

/// True when the summary on standard output may show colour: people read both.
pub(super) fn colour_of_summary() -> bool {
    colour() && anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never
}

/// The secrets that outputs would show, a sentence each, and none of their values.
pub(super) fn leaks(known: &SecretIndex, outputs: &[(&str, String)]) -> Vec<String> {
    let all = outputs.iter();
    let all =
        all.flat_map(|(name, text)| known.leaks(text).into_iter().map(move |leak| (*name, leak)));
    sentences(known, all)
}

/// Secrets that outputs held, a sentence each.
pub(super) fn sentences<'n>(
    known: &SecretIndex,
    leaks: impl Iterator<Item = (&'n str, Leak)>,
) -> Vec<String> {
    if known.overflowed() {
        note("there were too many secrets to look for all of them once more in what is written");
    }
    leaks
        .map(|(name, Leak { mask, line })| {
            format!("{name} held the secret {mask} on line {line}; it was masked and is no proof")
        })
        .collect()
}

/// The text, whatever it holds, with every known secret masked.
pub(super) fn shown(known: &SecretIndex, text: &str) -> String {
    known.redact(text).unwrap_or_else(|| text.to_owned())
}
