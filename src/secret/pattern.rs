//! What is looked for when a secret is looked for: the encodings that are no matter of escapes.
//!
//! Escapes are undone by [`super::view`] first. Base64 and hexadecimal are not: text that only looks
//! like them is everywhere, so here the secret is encoded and its letters are looked for.

use std::collections::{BTreeMap, BTreeSet};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};

use super::word::{self, LONG};

/// Shorter values are not searched for in text: masking every `1` helps nobody.
pub(super) const SHORTEST: usize = 4;

/// Fewer letters of base64 or of hexadecimal would be found where nothing is meant.
const FEWEST_LETTERS: usize = 8;

/// The texts that tell a secret, each with what it is.
pub(super) type Needles = BTreeMap<String, Form>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    /// The header of a token: the same in many tokens, and so worth hiding but no sign of a leak.
    Header,
    /// Inner letters of a base64 text; the letter before and the one after tell of the secret too.
    Base64,
}

/// Every text that tells the secret; escapes left out. None for a common word, which tells nothing.
pub(super) fn needles(secret: &str) -> Needles {
    let mut out = Needles::new();
    if secret.len() < SHORTEST || word::is_common(secret.trim()) {
        return out;
    }
    whole(secret, &mut out);
    let letters: String = secret.split_whitespace().collect();
    if letters.len() < secret.len() && word::is_sought_when_split(&letters) {
        out.insert(letters, Form::Text);
    }
    for line in secret.lines().map(str::trim) {
        // The frame of a key is no secret, its lines are.
        if secret.contains('\n') && line.len() >= LONG && !line.starts_with("-----") {
            whole(line, &mut out);
        }
    }
    if let Some((header, payload, signature)) = token(secret) {
        let signed = format!("{header}.{payload}");
        if header.len() >= LONG {
            out.insert(header.to_owned(), Form::Header);
        }
        for part in [payload, signature, &signed] {
            if part.len() >= LONG {
                whole(part, &mut out);
            }
        }
    }
    out
}

fn whole(secret: &str, out: &mut Needles) {
    let mut text = |text: String| {
        out.insert(text, Form::Text);
    };
    text(secret.to_owned());
    let trimmed = secret.trim();
    if trimmed.len() >= SHORTEST {
        text(trimmed.to_owned());
    }
    if secret.len() >= LONG {
        text(secret.chars().rev().collect());
        text(secret.to_uppercase());
        text(secret.to_lowercase());
    }
    let hex = secret.bytes().fold(String::new(), |mut out, byte| {
        out.extend(
            [byte >> 4, byte & 15].map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])),
        );
        out
    });
    if hex.len() >= FEWEST_LETTERS {
        text(hex.to_uppercase());
        text(hex);
    }
    // What base64 holds was often escaped before: a member of a JSON text, a pair of a form.
    let json = serde_json::Value::String(secret.to_owned()).to_string();
    let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let percent = form.replace('+', "%20");
    let json = json[1..json.len() - 1].to_owned();
    for inner in BTreeSet::from([secret.to_owned(), json, form, percent]) {
        for offset in 0..3 {
            for letters in core(inner.as_bytes(), offset) {
                out.entry(letters).or_insert(Form::Base64);
            }
        }
    }
}

/// The letters of base64 that depend on these bytes alone when so many bytes, modulo 3, stand before
/// them, in either alphabet.
fn core(bytes: &[u8], offset: usize) -> Vec<String> {
    let shifted = [&[0, 0][..offset], bytes].concat();
    let first = (offset * 8).div_ceil(6);
    let end = shifted.len() * 8 / 6;
    if end < first + FEWEST_LETTERS {
        return Vec::new();
    }
    [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD]
        .map(|alphabet| alphabet.encode(&shifted)[first..end].to_owned())
        .into()
}

/// Header, payload and signature of what looks like a JWT.
pub(super) fn token(text: &str) -> Option<(&str, &str, &str)> {
    let mut parts = text.split('.');
    let (header, payload, signature) = (parts.next()?, parts.next()?, parts.next()?);
    (parts.next().is_none() && header.starts_with("eyJ")).then_some((header, payload, signature))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_value_is_not_looked_for() {
        assert!(needles("abc").is_empty());
        let found: Vec<_> = needles("ab12").into_keys().collect();
        assert_eq!(found, ["61623132", "ab12"]);
    }

    #[test]
    fn base64_is_looked_for_at_every_offset() {
        let secret = "s3cret~value?>";
        let needles = needles(secret);
        for before in ["", "a", "ab", "abc", "user:", "\u{ff}\u{fe}"] {
            for after in ["", "z", "zz", "zzz"] {
                let text = format!("{before}{secret}{after}");
                for encoded in [STANDARD_NO_PAD.encode(&text), URL_SAFE_NO_PAD.encode(&text)] {
                    assert!(
                        needles
                            .keys()
                            .any(|needle| encoded.contains(needle.as_str())),
                        "{text}: {encoded}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_core_of_base64_holds_no_letter_of_its_neighbours_and_all_of_its_own() {
        assert_eq!(core(b"abcdefgh", 0)[0], "YWJjZGVmZ2");
        assert_eq!(core(b"abcdefgh", 1)[0], "FiY2RlZmdo");
        assert_eq!(core(b"abcdefgh", 2)[0], "hYmNkZWZna");
        assert_eq!(core(b"abcdef", 0)[0], "YWJjZGVm");
        assert!(core(b"abcde", 0).is_empty());
        assert!(core(b"abcdef", 1).is_empty());
    }

    #[test]
    fn the_lines_of_a_key_are_looked_for_one_by_one_and_its_frame_is_not() {
        let needles =
            needles("-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQ\nAb=\n-----END KEY-----\n");
        let has = |text: &str| needles.contains_key(text);
        assert!(has("MIIEvQIBADANBg") && has("kqhkiG9w0BAQ"));
        assert!(!has("-----BEGIN KEY-----") && !has("Ab="));
    }

    #[test]
    fn each_part_of_a_token_is_looked_for() {
        let needles = needles("eyJhbGciOiJub25lIn0.eyJhIjoxfQxx.c2lnbmF0dXJl");
        for part in [
            "eyJhbGciOiJub25lIn0",
            "eyJhIjoxfQxx",
            "c2lnbmF0dXJl",
            "eyJhbGciOiJub25lIn0.eyJhIjoxfQxx",
        ] {
            assert!(needles.contains_key(part), "{part}");
        }
        assert!(needles.contains_key(&STANDARD_NO_PAD.encode("c2lnbmF0dXJl")));
        assert_eq!(token("a.b.c"), None);
        assert_eq!(token("eyJ.b"), None);
        assert_eq!(token("eyJ.b.c.d"), None);
    }

    #[test]
    fn a_secret_is_looked_for_backwards_in_other_letters_without_its_blanks_and_in_hexadecimal() {
        let needles = needles(" Ab1-Cd2-é ");
        for form in [
            "Ab1-Cd2-é",
            " é-2dC-1bA ",
            " AB1-CD2-É ",
            " ab1-cd2-é ",
            "204162312d4364322dc3a920",
        ] {
            assert!(needles.contains_key(form), "{form}");
        }
        assert!(needles.contains_key("204162312D4364322DC3A920"));
    }
}
