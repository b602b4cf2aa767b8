//! A body as a reader wants it: JSON with a line for each member, and the one that is wrong marked.

use serde::Serialize;
use serde_json::Value;

use crate::report::text::{cut, visible};

/// A line of a body.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Line {
    pub text: String,
    /// A finding is about it.
    pub marked: bool,
    /// So many lines were left out in its place.
    pub left_out: usize,
}

/// The lines of a body; those are marked that stand at one of these JSON Pointers.
pub(super) fn lines(body: &str, wrong: &[&str]) -> Vec<Line> {
    let Ok(value @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str::<Value>(body)
    else {
        let whole = wrong.iter().any(|pointer| pointer.is_empty());
        let lines = visible(body);
        let line = |text: &str| Line {
            text: text.to_owned(),
            marked: whole,
            left_out: 0,
        };
        return lines.lines().map(line).collect();
    };
    let mut pretty = Pretty {
        wrong,
        out: Vec::new(),
    };
    pretty.value("", "", &value, "");
    pretty.out
}

/// So many letters of a body are shown whole.
const SHOWN: usize = 64 * 1024;

/// Of a longer body: the lines at its beginning, those around a marked one, and letters of a line.
const FIRST: usize = 100;
const AROUND: usize = 10;
const OF_A_LINE: usize = 4 * 1024;

/// The lines of a body that a page can bear: of a long one the beginning, and what is marked.
pub(super) fn bounded(lines: Vec<Line>) -> Vec<Line> {
    if lines.iter().map(|line| line.text.len()).sum::<usize>() <= SHOWN {
        return lines;
    }
    let mut kept = vec![false; lines.len()];
    for (at, line) in lines.iter().enumerate() {
        if at < FIRST {
            kept[at] = true;
        }
        if line.marked {
            let end = (at + AROUND + 1).min(lines.len());
            kept[at.saturating_sub(AROUND)..end].fill(true);
        }
    }
    let mut out: Vec<Line> = Vec::new();
    let mut missing = 0;
    let gap = |out: &mut Vec<Line>, missing: &mut usize| {
        if *missing > 0 {
            out.push(Line {
                text: String::new(),
                marked: false,
                left_out: std::mem::take(missing),
            });
        }
    };
    for (mut line, kept) in lines.into_iter().zip(kept) {
        if !kept || out.len() > 10 * FIRST {
            missing += 1;
            continue;
        }
        gap(&mut out, &mut missing);
        line.text = cut(&line.text, OF_A_LINE);
        out.push(line);
    }
    gap(&mut out, &mut missing);
    out
}

/// The JSON Pointer of a place in an answer, where it is one in the body: `body /a/b › …`.
pub(super) fn pointer(place: &str) -> Option<&str> {
    let rest = place.strip_prefix("body")?;
    let rest = rest.trim_start();
    Some(rest.split([' ', '›']).next().unwrap_or_default())
}

struct Pretty<'w> {
    wrong: &'w [&'w str],
    out: Vec<Line>,
}

impl Pretty<'_> {
    fn value(&mut self, pointer: &str, lead: &str, value: &Value, tail: &str) {
        let blanks = " ".repeat(lead.len() - lead.trim_start().len());
        match value {
            Value::Object(members) if !members.is_empty() => {
                self.line(pointer, &format!("{lead}{{"));
                let last = members.len() - 1;
                for (index, (name, value)) in members.iter().enumerate() {
                    let part = name.replace('~', "~0").replace('/', "~1");
                    let name = Value::from(name.as_str());
                    let tail = if index < last { "," } else { "" };
                    let lead = format!("{blanks}  {name}: ");
                    self.value(&format!("{pointer}/{part}"), &lead, value, tail);
                }
                self.line_of_none(format!("{blanks}}}{tail}"));
            }
            Value::Array(items) if !items.is_empty() => {
                self.line(pointer, &format!("{lead}["));
                let last = items.len() - 1;
                for (index, value) in items.iter().enumerate() {
                    let tail = if index < last { "," } else { "" };
                    self.value(
                        &format!("{pointer}/{index}"),
                        &format!("{blanks}  "),
                        value,
                        tail,
                    );
                }
                self.line_of_none(format!("{blanks}]{tail}"));
            }
            plain => self.line(pointer, &format!("{lead}{plain}{tail}")),
        }
    }

    fn line(&mut self, pointer: &str, text: &str) {
        let marked = self.wrong.contains(&pointer);
        let text = visible(text);
        self.out.push(Line {
            text,
            marked,
            left_out: 0,
        });
    }

    fn line_of_none(&mut self, text: String) {
        self.out.push(Line {
            text,
            marked: false,
            left_out: 0,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_a_line_for_each_member_and_the_wrong_one_is_marked() {
        let lines = lines(r#"{"a":{"b/c":[1,"x"],"d":{}},"e":null}"#, &["/a/b~1c/1"]);
        let text: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(
            text,
            [
                "{",
                r#"  "a": {"#,
                r#"    "b/c": ["#,
                "      1,",
                r#"      "x""#,
                "    ],",
                r#"    "d": {}"#,
                "  },",
                r#"  "e": null"#,
                "}",
            ]
        );
        let marked: Vec<&str> = lines
            .iter()
            .filter(|line| line.marked)
            .map(|line| line.text.trim())
            .collect();
        assert_eq!(marked, [r#""x""#]);
    }

    #[test]
    fn what_is_no_json_stays_and_is_marked_as_a_whole() {
        let all = lines("<p>\nno\u{1b}", &[""]);
        assert_eq!(all.len(), 2);
        assert!(all.iter().all(|line| line.marked));
        assert!(!all[1].text.contains('\u{1b}'), "{}", all[1].text);
        assert!(lines("", &[]).is_empty());
    }

    #[test]
    fn of_a_long_body_the_beginning_and_what_is_wrong_is_shown() {
        let members: Vec<String> = (0..9_000).map(|at| format!(r#""m{at}":{at}"#)).collect();
        let body = format!("{{{}}}", members.join(","));
        let shown = bounded(lines(&body, &["/m5000"]));
        assert!(shown.len() < 200, "{}", shown.len());
        assert!(
            shown
                .iter()
                .any(|line| line.marked && line.text.contains("m5000"))
        );
        let left_out: usize = shown.iter().map(|line| line.left_out).sum();
        assert!(left_out > 8_000, "{left_out}");
        let one = bounded(lines(&"x".repeat(SHOWN + 1), &[""]));
        assert_eq!(one.len(), 1);
        assert!(one[0].text.len() < OF_A_LINE + 8);
        let short = bounded(lines("{}", &[]));
        assert_eq!(short.len(), 1);
    }

    #[test]
    fn a_place_in_the_body_has_its_pointer() {
        assert_eq!(pointer("body /expire"), Some("/expire"));
        assert_eq!(pointer("body /id_token › claim exp"), Some("/id_token"));
        assert_eq!(pointer("body"), Some(""));
        assert_eq!(pointer("status"), None);
    }
}
