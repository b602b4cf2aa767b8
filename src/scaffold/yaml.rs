//! Values as YAML that reads like written by hand.

use serde_json::Value;

/// A value in flow style, in one line.
pub(super) fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        Value::Object(members) => {
            let members = members.iter();
            let members: Vec<String> = members
                .map(|(name, value)| format!("{}: {}", scalar(name), flow(value)))
                .collect();
            format!("{{ {} }}", members.join(", "))
        }
        other => other.to_string(),
    }
}

/// The members of an object, a line each; anything else in one line.
pub(super) fn block(key: &str, value: &Value, indent: usize) -> String {
    let blanks = " ".repeat(indent);
    match value {
        Value::Object(members) if !members.is_empty() => {
            let lines = members
                .iter()
                .map(|(name, value)| format!("{blanks}  {}: {}\n", scalar(name), flow(value)));
            format!("{blanks}{key}:\n{}", lines.collect::<String>())
        }
        other => format!("{blanks}{key}: {}\n", flow(other)),
    }
}

/// A text as a scalar, in quotes where YAML would read anything else.
pub(super) fn scalar(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    let text_of_url = text.replacen("://", "", 1).replace(':', "");
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
    let is_word = matches!(
        text.to_ascii_lowercase().as_str(),
        "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
    );
    if begins && !is_word && !text.ends_with(':') && text_of_url.chars().all(plain) {
        text.to_owned()
    } else {
        // A text of JSON is one of YAML too.
        Value::from(text).to_string()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_reads_back_as_it_was() {
        for value in [
            json!("plain"),
            json!("yes"),
            json!("1.0"),
            json!("- a: b # c"),
            json!("two\nlines \u{7} \"quoted\""),
            json!({ "a b": [1, true, null, { "c": "@x" }], "": {}, "on": "on" }),
        ] {
            let text = format!("{}\n", flow(&value));
            let node = crate::yaml::parse("a.yaml", text.clone()).expect(&text);
            assert_eq!(node.to_json(), value, "{text}");
        }
        let body = json!({ "name": "doggie", "tags": ["a"] });
        let text = block("body", &body, 2);
        assert_eq!(text, "  body:\n    name: doggie\n    tags: [a]\n");
    }
}
