//! Masks the secrets in a value that is no text of an exchange: a variable, a binding.
//!
//! Unlike in a text to be read, a token is masked like any other secret, so that whoever has the masks alone
//! can tell whether two of them are equal.

use serde_json::{Map, Value};

use super::{Mask, Redactor, Token, is_secret_member, pattern::SHORTEST};

impl Redactor {
    /// Values by their names, with every secret in them replaced by its mask; a text that `knows` says is one
    /// as a whole is masked however common it looks.
    #[must_use]
    pub fn values<'v>(
        &self,
        values: impl IntoIterator<Item = (&'v String, &'v Value)>,
        knows: &dyn Fn(&str) -> bool,
    ) -> Map<String, Value> {
        let covered: Map<String, Value> = values
            .into_iter()
            .map(|(name, value)| (name.clone(), covered(name, value, knows)))
            .collect();
        if covered.is_empty() {
            return covered;
        }
        // As in a body: a text in JSON is no name, whatever it looks like.
        let text = self.redact(&Value::Object(covered).to_string());
        serde_json::from_str(&text).unwrap_or_default()
    }
}

/// A value with masks in place of what is secret by its name, and of tokens.
fn covered(name: &str, value: &Value, knows: &dyn Fn(&str) -> bool) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.iter();
            let covered =
                members.map(|(name, member)| (name.clone(), covered(name, member, knows)));
            Value::Object(covered.collect())
        }
        Value::Array(items) => items
            .iter()
            .map(|item| covered(name, item, knows))
            .collect(),
        Value::String(text) if is_whole(name, text) || knows(text) => {
            Mask::of(text).to_string().into()
        }
        Value::Number(number) if is_secret_member(name) => {
            let digits = number.to_string();
            if digits.len() < SHORTEST {
                return value.clone();
            }
            format!("{} (a number)", Mask::of(&digits)).into()
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// Whether the whole text is a secret by its name, or by being a token.
fn is_whole(name: &str, text: &str) -> bool {
    !text.is_empty() && (is_secret_member(name) || Token::read(text).is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn equal_secrets_have_equal_masks_whatever_they_are_called_and_whatever_they_are() {
        let token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJqb2UifQ.c2ln";
        let redactor = Redactor::new(["s3cret-0ne", token, "s-alice"]);
        let value = json!({
            "password": "s3cret-0ne",
            "note": "s3cret-0ne",
            "inner": [{ "id_token": token }, token],
            "name": "joe",
            "pin": 483_920_175,
            "count": 483_920_175,
            "empty": { "password": "" },
        });
        let all = Map::from_iter([
            ("account".to_owned(), value),
            ("sid".to_owned(), json!("s-alice")),
        ]);
        let all = redactor.values(&all, &|text| text == "s-alice");
        let masked = &all["account"];
        assert_eq!(masked["password"], masked["note"]);
        assert_eq!(masked["inner"][0]["id_token"], masked["inner"][1]);
        assert_eq!(masked["inner"][1], Mask::of(token).to_string());
        assert_eq!(masked["name"], "joe");
        assert_eq!(masked["count"], 483_920_175);
        assert_eq!(masked["empty"]["password"], "");
        let pin = format!("{} (a number)", Mask::of("483920175"));
        assert_eq!(masked["pin"], pin);
        assert!(!masked.to_string().contains("s3cret"));
        assert_eq!(all["sid"], Mask::of("s-alice").to_string());
    }
}
