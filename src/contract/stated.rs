//! The texts that the documents state for all to read: names, paths, constants, codes and messages.
//! They are no secret, whatever a password is.

use std::collections::BTreeSet;

use serde_json::Value;

use super::ErrorTable;

/// All that an OpenAPI document and an error table state. Examples are left out: they are values.
pub(super) fn texts(document: &Value, errors: &ErrorTable) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    collect(document, &mut out);
    for (path, _) in document["paths"].as_object().into_iter().flatten() {
        out.insert(path.clone());
        out.extend(path.split('/').map(str::to_owned));
    }
    for code in &errors.codes {
        out.insert(code.code.clone());
        out.extend(code.messages.iter().map(|(_, text)| text.clone()));
    }
    out.remove("");
    out
}

fn collect(value: &Value, out: &mut BTreeSet<String>) {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, out)),
        Value::Object(members) => {
            for (key, member) in members {
                match key.as_str() {
                    "example" | "examples" | "default" => continue,
                    "enum" => out.extend(member.as_array().into_iter().flatten().filter_map(text)),
                    "const" => out.extend(text(member)),
                    "name" if members.contains_key("in") => out.extend(text(member)),
                    "properties" | "content" | "headers" => {
                        out.extend(
                            member
                                .as_object()
                                .into_iter()
                                .flatten()
                                .map(|(name, _)| name.clone()),
                        );
                    }
                    _ => {}
                }
                collect(member, out);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::contract::load;

    #[test]
    fn names_constants_codes_and_messages_are_stated_and_examples_are_not() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let edition = "ciam".parse().expect("an edition");
        let contract = load(root, edition, &mut Vec::new()).expect("a contract");
        let stated = |text: &str| contract.stated.contains(text);
        for text in [
            "SUCCESS",
            "PASSWORD_EXPIRED",
            "session_token",
            "X-state-token",
            "application/json",
            "skip-update",
            "IDAAS.SDK.PARAM.0002",
        ] {
            assert!(stated(text), "{text}");
        }
        let example = |text: &String| text.starts_with("eyJ");
        assert!(!contract.stated.iter().any(example));
    }
}
