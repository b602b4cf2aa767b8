//! A body as a reader wants it: JSON with a line for each member, and the one that is wrong marked.

use serde::Serialize;
use serde_json::Value;

use crate::report::text::visible;

/// A line of a body.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Line {
    pub text: String,
    /// A finding is about it.
    pub marked: bool,
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
        self.out.push(Line { text, marked });
    }

    fn line_of_none(&mut self, text: String) {
        self.out.push(Line {
            text,
            marked: false,
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
    fn a_place_in_the_body_has_its_pointer() {
        assert_eq!(pointer("body /expire"), Some("/expire"));
        assert_eq!(pointer("body /id_token › claim exp"), Some("/id_token"));
        assert_eq!(pointer("body"), Some(""));
        assert_eq!(pointer("status"), None);
    }
}
