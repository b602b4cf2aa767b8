//! What is shown of texts, headers, URLs and bodies that hold secrets.

#![cfg(test)]

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::json;

use super::*;

const HELD: &str = "P@ss \"w0rd\"/7+é<&>";

fn mask(secret: &str) -> String {
    Mask::of(secret).to_string()
}

fn each(secret: &str, spell: impl Fn(char) -> String) -> String {
    secret.chars().map(spell).collect()
}

/// A secret in every spelling there is a name for.
fn spellings(secret: &str) -> Vec<(&'static str, String)> {
    let json = json!(secret).to_string();
    let json = json[1..json.len() - 1].to_owned();
    let bytes = |spell: &dyn Fn(u8) -> String| secret.bytes().map(spell).collect::<String>();
    let units = |small: bool| {
        let unit = |unit: u16| {
            if small {
                format!("\\u{unit:04x}")
            } else {
                format!("\\u{unit:04X}")
            }
        };
        secret.encode_utf16().map(unit).collect::<String>()
    };
    let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let html = secret
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;");
    vec![
        ("raw", secret.to_owned()),
        ("JSON with a slash escaped", json.replace('/', "\\/")),
        ("JSON with all escaped, small", units(true)),
        ("JSON with all escaped, capital", units(false)),
        (
            "JSON, ASCII alone",
            each(&json, |c| {
                if c.is_ascii() {
                    c.into()
                } else {
                    format!("\\u{:04x}", u32::from(c))
                }
            }),
        ),
        (
            "JSON in JSON",
            json!(json).to_string().trim_matches('"').to_owned(),
        ),
        ("JSON", json),
        ("a form", form.clone()),
        ("percent", form.replace('+', "%20")),
        (
            "percent in small letters",
            form.replace('+', "%20")
                .to_lowercase()
                .replace("p%40", "P%40"),
        ),
        ("percent, all of it", bytes(&|byte| format!("%{byte:02X}"))),
        (
            "percent, all of it, small",
            bytes(&|byte| format!("%{byte:02x}")),
        ),
        (
            "percent twice",
            form.replace('+', "%20").replace('%', "%25"),
        ),
        (
            "percent with its plus left",
            secret.replace(' ', "%20").replace('"', "%22"),
        ),
        ("HTML", html.clone()),
        (
            "HTML by numbers",
            each(secret, |c| format!("&#{};", u32::from(c))),
        ),
        (
            "HTML by hexadecimal numbers",
            each(secret, |c| format!("&#x{:X};", u32::from(c))),
        ),
        (
            "JSON in HTML",
            json!(secret)
                .to_string()
                .trim_matches('"')
                .replace('&', "&amp;")
                .replace('"', "&quot;"),
        ),
        (
            "HTML in JSON",
            json!(html).to_string().trim_matches('"').to_owned(),
        ),
        ("base64", STANDARD.encode(secret)),
        ("base64url", URL_SAFE_NO_PAD.encode(secret)),
        ("Basic", STANDARD.encode(format!("user:{secret}"))),
        (
            "base64 after one byte",
            STANDARD.encode(format!("x{secret}yz")),
        ),
        (
            "base64 after two bytes",
            URL_SAFE_NO_PAD.encode(format!("xy{secret}z")),
        ),
        (
            "base64 in a query",
            STANDARD
                .encode(format!("xy{secret}"))
                .replace('+', "%2B")
                .replace('=', "%3D"),
        ),
        (
            "base64 of a JSON text",
            STANDARD.encode(json!({ "password": secret }).to_string()),
        ),
        (
            "base64 of a form",
            STANDARD.encode(format!("password={form}")),
        ),
        ("hexadecimal", bytes(&|byte| format!("{byte:02x}"))),
        ("hexadecimal, capital", bytes(&|byte| format!("{byte:02X}"))),
        ("backwards", secret.chars().rev().collect()),
        ("capital letters", secret.to_uppercase()),
        ("small letters", secret.to_lowercase()),
    ]
}

#[test]
fn a_secret_that_json_escapes_is_found_in_base64_also_amid_other_letters() {
    let secret = "quoted \"s3cret\" value";
    let text = json!({ "k": format!("{secret} and more") }).to_string();
    let encoded = STANDARD.encode(text);
    let shown = Redactor::new([secret]).redact(&encoded);
    assert!(shown.contains(&mask(secret)), "{shown}");
}

#[test]
fn a_secret_is_masked_in_every_encoding_it_travels_in() {
    let redactor = Redactor::new([HELD]);
    for (name, spelling) in spellings(HELD) {
        let shown = redactor.redact(&format!("before {spelling}, after"));
        assert!(shown.contains(&mask(HELD)), "{name}: {shown}");
        assert!(!shown.contains(&spelling), "{name}: {shown}");
        let alone = shown.starts_with("before [secret:") && shown.ends_with("], after");
        let parts = ["Basic", "base64 after", "base64 in", "base64 of"];
        assert!(
            alone || parts.iter().any(|part| name.starts_with(part)),
            "{name}: {shown}"
        );
    }
}

#[test]
fn what_a_run_knows_is_found_in_the_same_encodings() {
    let known = SecretIndex::default();
    known.learn(&[Secret::from(HELD)]);
    for (name, spelling) in spellings(HELD) {
        assert_eq!(
            known.leaks(&format!("before {spelling}, after")).len(),
            1,
            "{name}"
        );
    }
}

#[test]
fn base64_around_a_secret_is_masked_up_to_the_last_letter_that_tells_of_it() {
    let redactor = Redactor::new(["abcdefgh"]);
    for (text, shown) in [
        ("YWJjZGVmZ2g=", mask("abcdefgh")),
        ("eGFiY2RlZmdoeQ==", format!("e{}==", mask("abcdefgh"))),
    ] {
        assert_eq!(
            redactor.redact(text).replace("Q==", "=="),
            shown.replace("Q==", "==")
        );
    }
    assert_eq!(
        redactor.redact("!FiY2RlZmdo!"),
        format!("!{}!", mask("abcdefgh"))
    );
}

#[test]
fn each_part_of_a_known_token_is_masked_where_it_stands_alone() {
    let token = "eyJhbGciOiJub25lIn0.eyJhIjoxfQxx.c2lnbmF0dXJl";
    let redactor = Redactor::new([token]);
    for (text, shown) in [
        (token, mask(token)),
        ("payload eyJhIjoxfQxx.", format!("payload {}.", mask(token))),
        ("sig=c2lnbmF0dXJl", format!("sig={}", mask(token))),
        ("h eyJhbGciOiJub25lIn0", format!("h {}", mask(token))),
    ] {
        assert_eq!(redactor.redact(text), shown);
    }
    let half = redactor.redact("unsigned eyJhbGciOiJub25lIn0.eyJhIjoxfQxx");
    assert!(
        half.starts_with("unsigned [secret:") && half.len() < 30,
        "{half}"
    );
}

#[test]
fn of_secrets_inside_each_other_the_longest_is_masked() {
    let redactor = Redactor::new(["inner-secret", "outer inner-secret outer", "secret outer x"]);
    let shown = redactor.redact("an outer inner-secret outer, an inner-secret");
    let wanted = format!(
        "an {}, an {}",
        mask("outer inner-secret outer"),
        mask("inner-secret")
    );
    assert_eq!(shown, wanted);
    let run_on = redactor.redact("inner-secret outer x, shown");
    assert_eq!(run_on, format!("{}, shown", mask("secret outer x")));
}

#[test]
fn a_secret_keeps_its_own_mask_though_it_is_a_form_of_another_one() {
    let redactor = Redactor::new(["Abcdefgh1", "ABCDEFGH1"]);
    assert_eq!(redactor.redact("ABCDEFGH1"), mask("ABCDEFGH1"));
    assert_eq!(redactor.redact("Abcdefgh1"), mask("Abcdefgh1"));
}

#[test]
fn what_is_left_of_a_secret_before_a_cut_is_masked() {
    let redactor = Redactor::new(["0123456789-abcdefghij", "0123456789-zyxw"]);
    let masked = mask("0123456789-abcdefghij");
    for (text, shown) in [
        ("x 0123456789-abcd", format!("x {masked}")),
        (
            "\"0123456789-abcd… and 0123456789-abcd!",
            format!("\"{masked}… and 0123456789-abcd!"),
        ),
        ("x 0123456", "x 0123456".to_owned()),
        ("x 01234567", format!("x {masked}")),
        ("x 0123456789-abce", "x 0123456789-abce".to_owned()),
        ("x 0123456789-zyx", format!("x {}", mask("0123456789-zyxw"))),
        (
            "\\u00300123456789-zy",
            format!("\\u0030{}", mask("0123456789-zyxw")),
        ),
    ] {
        assert_eq!(redactor.redact(text), shown, "{text}");
    }
}

#[test]
fn a_text_is_redacted_once_and_for_all() {
    let redactor = Redactor::new(["secret", "ba7816"]);
    let once = redactor.redact("a secret, abc: [secret:ba7816]");
    assert_eq!(once, format!("a {}, abc: [secret:ba7816]", mask("secret")));
    assert_eq!(redactor.redact(&once), once);
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
    let form = redactor.body("user=u&password=Ab1&x=hidden-value");
    assert_eq!(
        form,
        format!("user=u&password={}&x={}", mask("Ab1"), mask("hidden-value"))
    );
}

#[test]
fn a_url_shows_neither_its_userinfo_nor_its_secret_parameters() {
    let redactor = Redactor::new(["hidden/value"]);
    let shown = redactor.url("https://me:pa55@host/x/hidden%2Fvalue?a=1&access_token=ab");
    let wanted = format!(
        "https://{}@host/x/{}?a=1&access_token={}",
        mask("me:pa55"),
        mask("hidden/value"),
        mask("ab")
    );
    assert_eq!(shown, wanted);
}

#[test]
fn a_secret_header_is_masked_whole_and_of_an_authorization_the_scheme_is_shown() {
    let redactor = Redactor::new(["hidden-value"]);
    let check = |name: &str, value: &str, shown: &str| {
        assert_eq!(redactor.header(name, value), shown, "{name}: {value}");
    };
    check(
        "Authorization",
        "Bearer abc",
        &format!("Bearer {}", mask("abc")),
    );
    check(
        "proxy-authorization",
        "Basic abc",
        &format!("Basic {}", mask("abc")),
    );
    check("Authorization", "abc", &mask("abc"));
    check("X-state-token", "two words", &mask("two words"));
    check("X-state-token", "", "");
    check("X-agent", "plain text", "plain text");
    check(
        "X-agent",
        "a hidden-value",
        &format!("a {}", mask("hidden-value")),
    );
}

#[test]
fn a_secret_does_not_show_itself() {
    let secret = Secret::from("hidden-value");
    assert_eq!(format!("{secret:?}"), mask("hidden-value"));
    assert_eq!(secret.expose(), "hidden-value");
    let redactor = format!("{:?}", Redactor::new(["hidden-value"]).needles);
    assert!(!redactor.contains("hidden"), "{redactor}");
}

#[test]
fn texts_are_not_shown_when_their_secrets_cannot_be_looked_for() {
    let redactor = Redactor {
        fronts: Automaton::TooLarge,
        ..Redactor::default()
    };
    assert_eq!(redactor.redact("anything"), NOT_SHOWN);
}
