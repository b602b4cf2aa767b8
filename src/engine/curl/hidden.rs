//! Which parts of a text are secret, told from what masking left of it.

use crate::secret::{Redactor, masks};

use super::shell::is_plain;

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    Plain(&'t str),
    /// What a variable stands for.
    Hidden(&'t str),
}

impl Piece<'_> {
    pub(super) fn is_printable(&self) -> bool {
        match self {
            Self::Plain(text) => text.chars().all(is_plain),
            Self::Hidden(_) => true,
        }
    }

    /// Whether it can stand between the quotes of a text in JSON.
    fn is_inside_json(&self) -> bool {
        match self {
            Self::Plain(_) => true,
            Self::Hidden(text) => serde_json::from_str::<String>(&format!("\"{text}\"")).is_ok(),
        }
    }
}

/// The parts of a text whose masked form is given; the whole of it is secret where the two do not fit.
pub(super) fn pieces<'t>(text: &'t str, masked: &str) -> Vec<Piece<'t>> {
    aligned(text, masked).unwrap_or_else(|| vec![Piece::Hidden(text)])
}

/// The parts of a body. `None` where it is masked in a way that does not keep its letters: JSON that is
/// written in an unusual way.
pub(super) fn body_pieces<'t>(text: &'t str, redactor: &Redactor) -> Option<Vec<Piece<'t>>> {
    let masked = redactor.body(text);
    let is_json = serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    // A value that goes on in the next member is none.
    let whole = |pieces: &Vec<Piece<'_>>| !is_json || pieces.iter().all(Piece::is_inside_json);
    let pieces = aligned(text, &masked).filter(whole);
    pieces.or_else(|| {
        // Masked by value alone it keeps its letters; that is enough where no name made a difference.
        let by_value = redactor.redact(text);
        let same = unquoted(&by_value) == unquoted(&masked);
        same.then(|| aligned(text, &by_value))
            .flatten()
            .filter(whole)
    })
}

/// The text with the same character for every mask, be it the text of a member or the number, and no
/// blanks.
fn unquoted(text: &str) -> String {
    let mut out = String::new();
    for (plain, masked) in split(text) {
        out.push_str(plain);
        if masked {
            out.push('*');
        }
    }
    out.retain(|c| !c.is_whitespace());
    // A number is masked as a text that says so.
    out.replace("*(anumber)", "*").replace("\"*\"", "*")
}

/// What stands in front of each mask, and behind the last one.
fn split(masked: &str) -> Vec<(&str, bool)> {
    let mut out = Vec::new();
    let mut at = 0;
    for (start, end) in masks(masked) {
        out.push((&masked[at..start], true));
        at = end;
    }
    out.push((&masked[at..], false));
    out
}

/// The text, cut where the masks stand in its masked form.
fn aligned<'t>(text: &'t str, masked: &str) -> Option<Vec<Piece<'t>>> {
    let plain = split(masked);
    let (last, fronts) = plain.split_last()?;
    let Some((first, inner)) = fronts.split_first() else {
        return (text == last.0).then(|| vec![Piece::Plain(text)]);
    };
    let mut rest = text.strip_prefix(first.0)?.strip_suffix(last.0)?;
    let mut out = vec![Piece::Plain(&text[..first.0.len()])];
    for (between, _) in inner {
        if between.is_empty() {
            continue;
        }
        let at = rest.find(between)?;
        out.push(Piece::Hidden(&rest[..at]));
        out.push(Piece::Plain(&rest[at..at + between.len()]));
        rest = &rest[at + between.len()..];
    }
    out.push(Piece::Hidden(rest));
    out.push(Piece::Plain(&text[text.len() - last.0.len()..]));
    out.retain(|piece| !matches!(piece, Piece::Plain("") | Piece::Hidden("")));
    Some(out)
}
