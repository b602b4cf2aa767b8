//! What must not be shown, and how it is masked.

use std::collections::BTreeSet;

use base64::Engine as _;

/// Header names whose values are always masked.
const SECRET_HEADERS: [&str; 7] = [
    "authorization",
    "cookie",
    "set-cookie",
    "x-state-token",
    "x-session-token",
    "session-token",
    "x-signature",
];

/// Member names whose text values are always masked, wherever they stand in a body.
const SECRET_MEMBERS: [&str; 13] = [
    "password",
    "old_password",
    "new_password",
    "pwd",
    "verify_code",
    "state_token",
    "session_token",
    "id_token",
    "access_token",
    "captcha_token",
    "client_secret",
    "sso_ticket",
    "token",
];

/// Shorter values are not searched for in text: masking every `1` helps nobody.
const SHORTEST: usize = 4;

/// Knows the secrets of a row and replaces them in any text, in the encodings they travel in.
#[derive(Debug, Clone, Default)]
pub struct Redactor {
    /// Longest first, so that a secret inside another one never leaves half of it behind.
    needles: Vec<(String, String)>,
}

impl Redactor {
    /// A redactor for these secrets.
    #[must_use]
    pub fn new<'s>(secrets: impl IntoIterator<Item = &'s str>) -> Self {
        let distinct: BTreeSet<&str> = secrets
            .into_iter()
            .filter(|secret| secret.len() >= SHORTEST)
            .collect();
        let mut needles = Vec::new();
        for secret in distinct {
            let mask = mask(secret);
            for form in forms(secret) {
                needles.push((form, mask.clone()));
            }
        }
        needles.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.0.cmp(&b.0)));
        needles.dedup_by(|a, b| a.0 == b.0);
        Self { needles }
    }

    /// The text with every secret replaced by its mask.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for (needle, mask) in &self.needles {
            if out.contains(needle.as_str()) {
                out = out.replace(needle.as_str(), mask);
            }
        }
        mask_tokens(&out)
    }

    /// A header's value as it may be shown.
    #[must_use]
    pub fn header(&self, name: &str, value: &str) -> String {
        if SECRET_HEADERS.contains(&name.to_ascii_lowercase().as_str()) && !value.is_empty() {
            match value.split_once(' ') {
                Some((scheme, rest)) if name.eq_ignore_ascii_case("authorization") => {
                    format!("{scheme} {}", mask(rest))
                }
                _ => mask(value),
            }
        } else {
            self.redact(value)
        }
    }

    /// A body as it may be shown: secret members of JSON are masked by name, the rest by value.
    #[must_use]
    pub fn body(&self, text: &str) -> String {
        match serde_json::from_str::<serde_json::Value>(text) {
            Ok(mut value) if value.is_object() || value.is_array() => {
                mask_members(&mut value);
                self.redact(&value.to_string())
            }
            _ => self.redact(text),
        }
    }
}

/// True for member names that always hold secrets.
#[must_use]
pub fn is_secret_member(name: &str) -> bool {
    SECRET_MEMBERS.contains(&name)
}

/// A mask that is equal for equal secrets, so that a reader still sees which values were the same.
fn mask(secret: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, secret.as_bytes());
    let [first, second, third, ..] = digest.as_ref() else {
        return "[secret]".to_owned();
    };
    format!("[secret:{first:02x}{second:02x}{third:02x}]")
}

/// The spellings a secret may have on the wire.
fn forms(secret: &str) -> Vec<String> {
    let json = serde_json::Value::String(secret.to_owned()).to_string();
    let percent: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let mut forms = vec![
        secret.to_owned(),
        json.trim_matches('"').to_owned(),
        percent.replace('+', "%20"),
        percent,
    ];
    if secret.len() >= 8 {
        forms.push(base64::engine::general_purpose::STANDARD_NO_PAD.encode(secret));
        forms.push(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(secret));
    }
    forms
}

/// Masks anything that looks like a JWT, known or not.
fn mask_tokens(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("eyJ") {
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        let end = tail
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
            .unwrap_or(tail.len());
        let token = &tail[..end];
        if token.len() > 20 && token.contains('.') {
            out.push_str(&mask(token));
        } else {
            out.push_str(token);
        }
        rest = &tail[end..];
    }
    out.push_str(rest);
    out
}

fn mask_members(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(members) => {
            for (name, member) in members {
                match member {
                    serde_json::Value::String(text)
                        if is_secret_member(name) && !text.is_empty() =>
                    {
                        *text = mask(text);
                    }
                    other => mask_members(other),
                }
            }
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(mask_members),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_masked_in_every_encoding_it_travels_in() {
        let secret = "P@ss \"w0rd\"7";
        let redactor = Redactor::new([secret]);
        for form in forms(secret) {
            let shown = redactor.redact(&format!("before {form} after"));
            assert!(!shown.contains(&form), "{form} survived in {shown}");
        }
    }

    #[test]
    fn a_body_keeps_what_is_no_secret_and_its_own_spelling_where_it_is_no_structure() {
        let redactor = Redactor::new(["hidden-value"]);
        let shown = redactor
            .body("{ \"status\": \"SUCCESS\", \"password\": \"Ab1\", \"x\": \"hidden-value\" }");
        let wanted = format!(
            "{{\"status\":\"SUCCESS\",\"password\":\"{}\",\"x\":\"{}\"}}",
            mask("Ab1"),
            mask("hidden-value")
        );
        assert_eq!(shown, wanted);
        assert_eq!(redactor.body("1.50"), "1.50");
        assert_eq!(redactor.body("a page"), "a page");
    }

    #[test]
    fn a_secret_header_is_masked_whole_and_of_an_authorization_the_scheme_is_shown() {
        let redactor = Redactor::default();
        let check = |name: &str, value: &str, shown: &str| {
            assert_eq!(redactor.header(name, value), shown, "{name}: {value}");
        };
        check(
            "Authorization",
            "Bearer abc",
            &format!("Bearer {}", mask("abc")),
        );
        check("X-state-token", "two words", &mask("two words"));
        check("X-state-token", "", "");
        check("X-agent", "plain text", "plain text");
    }

    #[test]
    fn equal_secrets_have_equal_masks_and_others_do_not() {
        assert_eq!(mask("one-secret"), mask("one-secret"));
        assert_ne!(mask("one-secret"), mask("two-secret"));
    }

    #[test]
    fn a_token_nobody_declared_is_masked_by_its_form() {
        let shown = Redactor::default().redact("{\"x\":\"eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln\"}");
        assert!(!shown.contains("eyJhbGci"), "{shown}");
    }

    #[test]
    fn a_bearer_scheme_stays_readable() {
        let shown = Redactor::default().header("Authorization", "Bearer abcdef");
        assert!(shown.starts_with("Bearer [secret:"), "{shown}");
    }
}
