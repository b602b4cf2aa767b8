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
    known.learn(&[Secret::from(HELD)], &Documented::default());
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
    let redactor = Redactor::new(["ABCDEFGH"]);
    for (text, shown) in [
        ("QUJDREVGR0g=", mask("ABCDEFGH")),
        ("eEFCQ0RFRkdIeQ==", format!("e{}==", mask("ABCDEFGH"))),
    ] {
        assert_eq!(
            redactor.redact(text).replace("Q==", "=="),
            shown.replace("Q==", "==")
        );
    }
    assert_eq!(
        redactor.redact("!FCQ0RFRkdI!"),
        format!("!{}!", mask("ABCDEFGH"))
    );
}

#[test]
fn each_part_of_a_known_token_is_masked_where_it_stands_alone() {
    let token = "eyJhbGciOiJub25lIn0.eyJhIjoxfQxx.c2lnbmF0dXJl";
    let redactor = Redactor::new([token]);
    for (text, shown) in [
        (
            token,
            "(token: alg none, signature not verifiable)".to_owned(),
        ),
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
    let redactor = Redactor::new(["s3cret", "ba7816"]);
    let once = redactor.redact("a s3cret, abc: [secret:ba7816]");
    assert_eq!(once, format!("a {}, abc: [secret:ba7816]", mask("s3cret")));
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

/// What the documents of a service state, as its contract gives it.
fn documented() -> Arc<Documented> {
    Arc::new(Documented::new([
        "SUCCESS",
        "PASSWORD_EXPIRED",
        "IDAAS.SDK.PARAM.0002",
        "The password {0} is not valid.",
        "X-State-Token",
        "X-State-Token2024",
        "/api/v2/sdk/pwd",
    ]))
}

/// What two in the morning has to read: the answer of a foreign server, whatever the password was.
#[test]
fn names_and_documented_texts_stay_whatever_the_password_is() {
    let body = r#"{"status":"SUCCESS","state":"PASSWORD_EXPIRED","password_state":"expired","expire":7200,"error_code":"IDAAS.SDK.PARAM.0002","error_msg":"The password 12 is not valid.","accessLevel":2,"X-State-Token2024":1}"#;
    for password in [
        "SUCCESS",
        "PASSWORD_EXPIRED",
        "status",
        "state",
        "expire",
        "password",
        "error_code",
        "IDAAS.SDK.PARAM.0002",
        "IDAAS",
        "PARAM.0002",
        "The password",
        "accessLevel",
        "X-State-Token2024",
        "7200",
        "code",
        "null",
    ] {
        let redactor = Redactor::new([password]).sparing(&documented());
        assert_eq!(redactor.body(body), body, "{password}");
        assert_eq!(redactor.name("X-State-Token"), "X-State-Token");
        let sent = redactor.body(&json!({ "password": password, "status": "SUCCESS" }).to_string());
        let wanted = json!({ "password": mask(password), "status": "SUCCESS" });
        assert_eq!(sent, wanted.to_string(), "{password}");
        let form = redactor.body(&format!("status=SUCCESS&password={password}"));
        let wanted = url::form_urlencoded::byte_serialize(password.as_bytes()).collect::<String>();
        assert!(
            form.starts_with("status=SUCCESS&password=[secret:") && !form.ends_with(&wanted),
            "{form}"
        );
    }
}

#[test]
fn a_path_and_a_header_keep_their_words_whatever_the_password_is() {
    for (password, url) in [
        ("update", "https://host/api/v2/sdk/pwd/update?a=1"),
        ("oauth2", "https://host/oauth2/introspect"),
        ("sessionToken", "https://host/sessionToken/list"),
        ("client_id", "https://host/x?client_id=c1"),
        ("json", "https://host/x.json"),
    ] {
        assert_eq!(Redactor::new([password]).url(url), url);
        let redactor = Redactor::new([password]);
        assert_eq!(
            redactor.header("Content-Type", "application/json"),
            "application/json"
        );
    }
    let redactor = Redactor::new(["hunter2-x"]);
    for name in ["hunter2-x", "X-hunter2-x", "body /hunter2-x"] {
        assert!(!redactor.name(name).contains("hunter2"), "{name}");
    }
}

#[test]
fn a_finding_masks_a_value_by_the_name_of_its_place_and_shows_of_which_kind_it_is() {
    let redactor = Redactor::new(["hunter"]);
    for (text, shown) in [
        ("7", "7".to_owned()),
        ("true", "true".to_owned()),
        ("\"\"", "\"\"".to_owned()),
        ("\"hunter\"", format!("\"{}\"", mask("hunter"))),
        ("482913", format!("\"{} (a number)\"", mask("482913"))),
        ("absent", "absent".to_owned()),
        ("a text of 3 parts", "a text of 3 parts".to_owned()),
    ] {
        assert_eq!(redactor.secret_value(text), shown, "{text}");
    }
    assert_eq!(redactor.redact("\"hunter\""), "\"hunter\"");
}

#[test]
fn every_url_of_an_answer_hides_its_tokens_and_its_code() {
    let redactor = Redactor::default().sparing(&documented());
    for (text, hidden) in [
        ("https://app/cb?code=SplxlOBeZQ&state=af0", "SplxlOBeZQ"),
        ("/cb?state=af0&code=SplxlOBeZQ", "SplxlOBeZQ"),
        (
            "https://app/cb#access_token=2YotnFZFEj&token_type=Bearer",
            "2YotnFZFEj",
        ),
        ("https://app/login;jsessionid=A1B2C3?x=1", "A1B2C3"),
        (
            "https://idp/x?next=https%3A%2F%2Fapp%2Fcb%3Fcode%3DSplxlOBeZQ",
            "SplxlOBeZQ",
        ),
        (
            "{\"redirect_uri\":\"https://app/cb?code=SplxlOBeZQ\"}",
            "SplxlOBeZQ",
        ),
        (
            "{\"u\":\"https://app/cb?a=1\\u0026code=SplxlOBeZQ\"}",
            "SplxlOBeZQ",
        ),
        (
            "<a href=\"/cb?a=1&amp;code=SplxlOBeZQ\">on</a>",
            "SplxlOBeZQ",
        ),
        ("0; url=https://app/cb?ticket=ST-1856339", "ST-1856339"),
        ("<https://app/next?session_id=9f8e7d>; rel=next", "9f8e7d"),
        ("https://app/cb?SAMLResponse=PHNhbWw%2BCg", "PHNhbWw"),
    ] {
        let shown = redactor.header("Location", text);
        assert!(
            !shown.contains(hidden) && shown.contains("[secret:"),
            "{shown}"
        );
        assert!(!redactor.body(text).contains(hidden), "{text}");
        assert_eq!(redactor.header("Location", &shown), shown);
    }
    let error = "https://app/cb?error=invalid&code=IDAAS.SDK.PARAM.0002";
    assert_eq!(redactor.url(error), error, "a documented code is a reason");
    assert_eq!(
        redactor.body("code=1001&message=no"),
        "code=1001&message=no"
    );
    let grant = redactor.body("grant_type=authorization_code&code=SplxlOBeZQ");
    assert!(
        grant.starts_with("grant_type=authorization_code&code=[secret:"),
        "{grant}"
    );
}

#[test]
fn a_secret_that_line_breaks_or_blanks_part_is_masked_and_leaks_nowhere() {
    let secret = "kX9-mQ2vT7pLw4";
    let redactor = Redactor::new([secret, "correct horse battery staple"]);
    let known = SecretIndex::default();
    known.learn(
        &[secret, "correct horse battery staple"].map(Secret::from),
        &Documented::default(),
    );
    let wrapped = STANDARD.encode(format!("{secret}{secret}"));
    for text in [
        "a kX9-mQ2v\nT7pLw4 b".to_owned(),
        "a kX9-mQ2v T7pLw4 b".to_owned(),
        "a kX9-\r\n   mQ2v\r\n   T7pLw4 b".to_owned(),
        r#"{"a":"kX9-mQ2v\nT7pLw4 b"}"#.to_owned(),
        "a=kX9-mQ2v%0AT7pLw4+b".to_owned(),
        each("kX9-mQ2vT7pLw4", |c| format!("{c} ")),
        "correct horse\n  battery staple".to_owned(),
        format!("{}\n{}", &wrapped[..10], &wrapped[10..]),
    ] {
        let shown = redactor.redact(&text);
        assert!(shown.contains("[secret:"), "{text:?}: {shown:?}");
        for part in ["mQ2v", "T7pLw4", "battery"] {
            assert!(!shown.contains(part), "{text:?}: {shown:?}");
        }
        assert_eq!(known.leaks(&text).len(), 1, "{text:?}");
        let cleaned = known.redact(&text).expect("it is masked");
        assert!(known.leaks(&cleaned).is_empty(), "{cleaned:?}");
    }
    assert_eq!(
        redactor.redact("a kX9-mQ2v\nT7pLw4 b"),
        format!("a {} b", mask(secret))
    );
    let sentence = Redactor::new(["thenumber", "12345678"]);
    let text = "give the number 1234 5678";
    assert_eq!(
        sentence.redact(text),
        text,
        "words and numbers of a sentence"
    );
}

#[test]
fn a_leak_over_a_line_break_far_into_a_text_is_found_with_its_line() {
    let known = SecretIndex::default();
    known.learn(&[Secret::from("kX9-mQ2vT7pLw4")], &Documented::default());
    let front = "some words of a report\n".repeat(5_000);
    let text = format!("{front}kX9-mQ2v\n   T7pLw4\nend");
    assert_eq!(known.leaks(&text)[0].line, 5_001);
    assert!(known.redact(&text).expect("masked").ends_with("]\nend"));
}

#[test]
fn the_last_look_spares_names_and_what_the_documents_state_and_nothing_else() {
    let known = SecretIndex::default();
    let passwords = [
        "PASSWORD_EXPIRED",
        "pa55word_expired",
        "sessionToken",
        "X-State-Token2024",
    ];
    known.learn(&passwords.map(Secret::from), &documented());
    let report =
        r#"{"status":"PASSWORD_EXPIRED","sessionToken":"[secret:abc123]","X-State-Token2024":1}"#;
    assert_eq!(known.leaks(report), []);
    for leak in [
        r#"{"echo":"sessionToken"}"#,
        r#"{"pa55word_expired":1}"#,
        "the password was sessionToken",
    ] {
        assert_eq!(known.leaks(leak).len(), 1, "{leak}");
    }
}
