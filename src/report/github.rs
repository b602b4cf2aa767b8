//! The causes of red as annotations of a GitHub workflow: one line each, for standard output.
//!
//! GitHub shows ten errors of a step and drops the rest without a word, so that the tenth says how many
//! there are. A line is an order of ours; what the target sent stands in its data, escaped.

use std::io::{self, Write};

use super::{
    causes,
    text::{counted, cut, one_line},
};
use crate::result::{Conclusion, RunReport};

/// Annotations of one kind that are shown of a step.
const SHOWN: usize = 10;

/// Columns of a title and of a message.
const TITLE: usize = 200;
const MESSAGE: usize = 2_000;

/// Writes the annotations.
///
/// # Errors
/// When the text cannot be written.
pub fn write(report: &RunReport, base: &str, out: &mut dyn Write) -> io::Result<()> {
    let all = causes::briefs(report);
    let shown = shown(all.len());
    for one in &all[..shown] {
        let kind = if one.is_fail { "FAIL" } else { "ERROR" };
        let mut message = vec![one.reach()];
        message.extend(one.because.iter().map(|why| format!("because {why}")));
        let violates = one.violates.iter();
        message.extend(
            violates.map(|promise| format!("violates {} {}", promise.id, promise.sentence)),
        );
        message.push(format!("again: {}", one.again));
        message.retain(|line| !line.is_empty());
        let place = Place {
            file: &format!("{base}{}", one.source.file),
            line: one.source.line,
            column: one.source.column,
        };
        let title = format!("{kind} {}", one.sentence);
        annotation(out, "error", Some(&place), &title, &message)?;
    }
    if shown < all.len() {
        let more = counted(all.len() - shown, "further cause");
        let title = format!("{more} of red");
        let message = ["the page report.html and the job summary have them all".to_owned()];
        annotation(out, "error", None, &title, &message)?;
    }
    whole(report, all.is_empty(), out)
}

/// What the run came to, where no cause says it.
fn whole(report: &RunReport, is_green: bool, out: &mut dyn Write) -> io::Result<()> {
    let conclusion = report.conclusion();
    let order = match conclusion {
        Conclusion::Conformant | Conclusion::WithWaivers => return Ok(()),
        Conclusion::WaiversNeedAttention | Conclusion::LeftBehind => "warning",
        _ if is_green => "error",
        _ => return Ok(()),
    };
    let title = format!("{}: {}", report.target, conclusion.label());
    let why = [report.because().unwrap_or_default()];
    annotation(out, order, None, &title, &why)
}

/// So many of these are shown one by one; of more the last line counts the rest.
pub(super) const fn shown(count: usize) -> usize {
    if count > SHOWN { SHOWN - 1 } else { count }
}

pub(super) struct Place<'p> {
    pub file: &'p str,
    pub line: usize,
    pub column: usize,
}

/// Writes one annotation: `error`, `warning` or `notice`.
pub(super) fn annotation(
    out: &mut dyn Write,
    order: &str,
    place: Option<&Place<'_>>,
    title: &str,
    message: &[String],
) -> io::Result<()> {
    let mut properties = Vec::new();
    if let Some(place) = place.filter(|place| place.line > 0) {
        properties.push(format!("file={}", property(place.file)));
        properties.push(format!("line={},col={}", place.line, place.column));
    }
    properties.push(format!("title={}", property(&cut(&one_line(title), TITLE))));
    let lines: Vec<String> = message
        .iter()
        .map(|line| data(&cut(&one_line(line), MESSAGE)))
        .collect();
    writeln!(
        out,
        "::{order} {}::{}",
        properties.join(","),
        lines.join("%0A")
    )
}

/// Data of an order.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A property of an order, which a comma or a colon would end.
fn property(text: &str) -> String {
    data(&one_line(text))
        .replace(':', "%3A")
        .replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_its_place_in_an_order() {
        assert_eq!(property("a:b,c%\nd"), "a%3Ab%2Cc%25 d");
        assert_eq!(data("100%\n::error::x"), "100%25%0A::error::x");
        let mut out = Vec::new();
        let place = Place {
            file: "cases/a,b.yaml",
            line: 3,
            column: 5,
        };
        let message = ["x\n::add-mask::y".to_owned(), "z".to_owned()];
        annotation(&mut out, "error", Some(&place), "t", &message).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "::error file=cases/a%2Cb.yaml,line=3,col=5,title=t::x ::add-mask::y%0Az\n"
        );
    }
}
