//! YAML with a place on every value: the only door through which YAML comes in.
//!
//! Takes: a path and its text. Gives: a [`Node`] tree, or diagnostics. Never: follows an include,
//! expands an anchor bomb, or lets a duplicate key win silently.
//!
//! The files of a suite come through a [`Reader`], which may have a [`Cache`] of trees; all others are
//! parsed each time.

mod cache;
mod deep;
mod node;
mod reader;
mod shape;

pub use cache::{Cache, CacheError};
pub use deep::deep;
pub use node::{Kind, Node, holds_expression, pointer_name};
pub use reader::Reader;
pub use shape::{Field, Shape, check, check_rendered, json_schema};

use std::{
    fs::{File, Metadata},
    io::Read as _,
    path::Path,
    sync::Arc,
};

use serde_yaml::budget::BudgetBreach;

use crate::diag::{Diagnostic, SourceFile, Span};

/// How much one file may hold.
#[derive(Debug, Clone, Copy)]
struct Limits {
    bytes: u64,
    /// Values, those that an alias stands for once for each alias.
    nodes: usize,
    /// How deep lists and maps may be nested.
    depth: usize,
    aliases: usize,
    /// What to do about a file that is too much.
    help: &'static str,
}

impl Limits {
    /// A file that a person writes. Its depth is twice what our deepest file has, and the stack of a
    /// test's thread holds it in a debug build.
    const WRITTEN: Self = Self {
        bytes: 4 * 1024 * 1024,
        nodes: 60_000,
        depth: 32,
        aliases: 2_000,
        help: "split it into several files",
    };
    /// A document that a vendor's tool generates.
    const GENERATED: Self = Self {
        bytes: 32 * 1024 * 1024,
        nodes: 2_000_000,
        depth: 96,
        aliases: 20_000,
        help: "leave out the operations that no case file names",
    };
}

/// Reads and parses a file; `shown` is the path used in messages.
///
/// # Errors
/// One diagnostic: unreadable, too long, not UTF-8, or not YAML.
pub fn read(path: &Path, shown: &str) -> Result<Node, Diagnostic> {
    parse(shown, text(path, shown, Limits::WRITTEN, |_| true)?)
}

/// The text of a file, if that is of a kind that is wanted.
fn text(
    path: &Path,
    shown: &str,
    limits: Limits,
    wanted: impl FnOnce(&Metadata) -> bool,
) -> Result<String, Diagnostic> {
    let most = limits.bytes;
    let trouble = |what: String| {
        Diagnostic::without_span("unreadable-file", format!("cannot read `{shown}`: {what}"))
    };
    let too_long = |length: String| {
        let what = format!("it has {length} bytes, and at most {most} are read");
        trouble(what).help(limits.help)
    };
    let failed = |error: std::io::Error| trouble(error.to_string());
    let about = std::fs::metadata(path).map_err(failed)?;
    // To open a pipe would wait for whoever is at its other end.
    if !wanted(&about) {
        return Err(trouble("it is no file".to_owned()));
    }
    if about.len() > most {
        return Err(too_long(about.len().to_string()));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(about.len()).unwrap_or(0));
    // A device says of itself that it has no byte, and a file may grow.
    let opened = File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes));
    opened.map_err(failed)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > most) {
        return Err(too_long(format!("more than {most}")));
    }
    String::from_utf8(bytes).map_err(|error| {
        trouble(format!(
            "it is not UTF-8 at byte {}",
            error.utf8_error().valid_up_to()
        ))
    })
}

/// Parses YAML text.
///
/// # Errors
/// One diagnostic with the place of the first syntax error, duplicate key or exceeded limit.
pub fn parse(path: &str, text: String) -> Result<Node, Diagnostic> {
    tree(
        &Arc::new(SourceFile::new(path.to_owned(), text)),
        Limits::WRITTEN,
    )
}

/// Parses a file whose text is at hand, on a thread of its own where that may go deeper than this one's
/// stack.
fn tree(file: &Arc<SourceFile>, limits: Limits) -> Result<Node, Diagnostic> {
    if limits.depth <= Limits::WRITTEN.depth {
        return parsed(file, limits);
    }
    deep(|| parsed(file, limits)).unwrap_or_else(|error| {
        let what = format!("cannot read `{}`: no thread for it: {error}", file.path);
        Err(Diagnostic::without_span("unreadable-file", what))
    })
}

fn parsed(file: &Arc<SourceFile>, limits: Limits) -> Result<Node, Diagnostic> {
    let options = serde_yaml::options! {
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        reject_unsupported_tags: true,
        with_snippet: false,
        budget: serde_yaml::budget! {
            max_depth: limits.depth,
            max_nodes: limits.nodes,
            // Each value begins and ends.
            max_events: limits.nodes.saturating_mul(2).max(1_000_000),
            max_aliases: limits.aliases,
            max_documents: 1,
        },
    };
    let parsed: Result<serde_yaml::Spanned<node::Raw>, _> =
        serde_yaml::from_str_with_options(&file.text, options);
    match parsed {
        Ok(raw) => Ok(node::locate(raw, file)),
        Err(error) => Err(mistake(error.without_snippet(), file, limits)),
    }
}

/// What the parser refused, at its place.
fn mistake(error: &serde_yaml::Error, file: &Arc<SourceFile>, limits: Limits) -> Diagnostic {
    let at = error.location().map_or(0, |location| {
        location
            .span()
            .byte_offset()
            .and_then(|offset| usize::try_from(offset).ok())
            .unwrap_or_else(|| offset(&file.text, location.line(), location.column()))
    });
    // A whole character, or nothing at the end: a place inside one could not be shown.
    let at = file.text.floor_char_boundary(at);
    let span = Span {
        file: Arc::clone(file),
        range: at..file.text.ceil_char_boundary(at + 1),
    };
    let message = plain(&error.to_string());
    if let Some(breach) = breach(error) {
        return limit(breach, limits, &span, &message);
    }
    let mut found = if message.contains("uplicate") {
        Diagnostic::new("duplicate-key", &span, message)
    } else if message.contains("budget") || message.contains("limit") {
        let message = format!("the file exceeds the limits of what is read ({message})");
        Diagnostic::new("yaml-limits", &span, message)
    } else {
        Diagnostic::new("yaml-syntax", &span, message)
    };
    let line = span.excerpt();
    if line.contains("${") && line.contains('{') {
        found = found.help("inside `{ … }` and `[ … ]` put quotes around `\"${…}\"`");
    }
    found
}

/// The limit that was exceeded, if it was one, be it in the text or in what an alias stands for.
fn breach(error: &serde_yaml::Error) -> Option<&BudgetBreach> {
    match error {
        serde_yaml::Error::Budget { breach, .. } => Some(breach),
        serde_yaml::Error::AliasError { error, .. } => breach(error),
        _ => None,
    }
}

/// A limit of what is read: what is counted, and what would help.
fn limit(breach: &BudgetBreach, limits: Limits, span: &Span, message: &str) -> Diagnostic {
    let Limits {
        nodes,
        depth,
        aliases,
        help: less,
        ..
    } = limits;
    let (what, help) = match breach {
        BudgetBreach::Nodes { .. }
        | BudgetBreach::Events { .. }
        | BudgetBreach::RecordedAnchorEvents { .. } => (
            format!(
                "the file has more than {nodes} values here, which is as many as are read; \
                 those behind an alias count once for each alias"
            ),
            less,
        ),
        BudgetBreach::Depth { .. } => (
            format!("lists and maps are nested more than {depth} deep here"),
            "nest less",
        ),
        BudgetBreach::Aliases { .. } => (
            format!("the file has more than {aliases} aliases, which is as many as are read"),
            less,
        ),
        BudgetBreach::Documents { .. } => (
            "a second document begins here, and a file holds one".to_owned(),
            less,
        ),
        _ => (
            format!("the file exceeds the limits of what is read ({message})"),
            less,
        ),
    };
    Diagnostic::new("yaml-limits", span, what).help(help)
}

/// The byte offset of a line and a column, both from 1: the scanner's errors have no other place.
fn offset(text: &str, line: u64, column: u64) -> usize {
    let before = |place: u64| usize::try_from(place.saturating_sub(1)).unwrap_or(usize::MAX);
    let (mut at, mut rest) = (0, text);
    for line in text.split_inclusive('\n').take(before(line)) {
        at += line.len();
        rest = &text[at..];
    }
    let line = rest.lines().next().unwrap_or_default();
    let inside = line.char_indices().nth(before(column));
    at + inside.map_or(line.len(), |(inside, _)| inside)
}

/// The parser's message on one line, without the position that the diagnostic shows anyway and
/// without advice to whoever programs the parser.
fn plain(message: &str) -> String {
    let line = message.lines().next().unwrap_or(message);
    let cut = [" at line ", ", set DuplicateKeyPolicy"]
        .into_iter()
        .filter_map(|end| line.find(end))
        .min()
        .unwrap_or(line.len());
    line[..cut].trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_and_key_has_its_place() {
        let node = parse("a.yaml", "one: 1\ntwo:\n  - x\n  - y: z\n".into()).unwrap();
        let list = node.get("two").unwrap();
        let inner = list.items()[1].get("y").unwrap();
        assert_eq!(inner.span.position(), (4, 8));
        assert_eq!(node.entries()[1].0.span.position(), (2, 1));
    }

    #[test]
    fn a_duplicate_key_is_an_error_at_the_second_one() {
        let error = parse("a.yaml", "a: 1\nb: 2\na: 3\n".into()).unwrap_err();
        assert_eq!(error.code, "duplicate-key");
        assert_eq!(error.span.unwrap().position().0, 3);
    }

    #[test]
    fn an_anchor_bomb_is_refused() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..9 {
            let before = level - 1;
            let list = vec![format!("*a{before}"); 10].join(", ");
            text = format!("{text}a{level}: &a{level} [{list}]\n");
        }
        let error = parse("bomb.yaml", text).unwrap_err();
        assert_eq!(error.code, "yaml-limits", "{}", error.message);
    }

    #[test]
    fn merge_keys_are_applied_and_explicit_keys_win() {
        let node = parse(
            "a.yaml",
            "base: &base { a: 1, b: 2 }\nuse:\n  <<: *base\n  b: 3\n".into(),
        )
        .unwrap();
        let used = node.get("use").unwrap().to_json();
        assert_eq!(used, serde_json::json!({ "a": 1, "b": 3 }));
    }

    #[test]
    fn numbers_that_lose_digits_stay_text() {
        let node = parse("a.yaml", "code: 00123\nyes: no\n".into()).unwrap();
        assert_eq!(
            node.to_json(),
            serde_json::json!({ "code": "00123", "yes": "no" })
        );
    }
}
