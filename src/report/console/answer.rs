//! The body of an answer on one line: all of its members, as much of their values as there is room
//! for.

use serde_json::Value;

use crate::report::text::{columns, cut, one_line};

/// Text values are cut to so many columns, the first that fits; what is one word of a document never
/// is as long as the first.
const LENGTHS: [usize; 4] = [120, 60, 24, 12];

/// The body, compact where it is JSON, in at most so many columns.
pub(super) fn compact(body: &str, room: usize) -> String {
    let Ok(value) = serde_json::from_str::<Value>(body) else {
        return cut(&one_line(body), room);
    };
    let fits = |length: &usize| {
        let text = one_line(&shortened(&value, *length).to_string());
        (columns(&text) <= room).then_some(text)
    };
    LENGTHS.iter().find_map(fits).unwrap_or_else(|| {
        let shortest = shortened(&value, LENGTHS[LENGTHS.len() - 1]);
        cut(&one_line(&shortest.to_string()), room)
    })
}

/// The value with its texts cut.
fn shortened(value: &Value, length: usize) -> Value {
    match value {
        Value::String(text) => Value::String(cut(text, length)),
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| shortened(item, length)).collect())
        }
        Value::Object(members) => {
            let members = members.iter();
            let each = members.map(|(name, value)| (name.clone(), shortened(value, length)));
            Value::Object(each.collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_before_members_are() {
        #[track_caller]
        fn check(body: &str, room: usize, expected: &str) {
            assert_eq!(compact(body, room), expected);
        }
        let token = "x".repeat(200);
        let body = format!("{{\"token\": \"{token}\",\n\"expire\": \"43200\"}}");
        check(&body, 46, r#"{"token":"xxxxxxxxxxx…","expire":"43200"}"#);
        check(&body, 20, r#"{"token":"xxxxxxxxx…"#);
        check("<p>\n  no JSON </p>", 40, "<p> no JSON </p>");
        check("", 40, "");
    }
}
