//! Tokens and whether they are refused: examples of the standards, and attacks they name.

#![cfg(test)]

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::hmac;
use serde_json::{Value, json};

use super::{
    algorithm,
    claims::claims,
    signature::{SignatureError, verify},
    signer::Signer,
    token::Token,
};
use crate::{
    check::{
        Evidence, Place,
        sample::{answer, with_evidence},
    },
    result::Mismatch,
};

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The RSA key of RFC 7515, appendix A.2.
fn rfc_rsa() -> Value {
    json!({
        "kty": "RSA", "kid": "rsa", "e": "AQAB",
        "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
    })
}

const RFC_PAYLOAD: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

const RFC_RSA_SIGNATURE: &str = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

/// The key of RFC 7515, appendix A.3.
fn rfc_ec() -> Value {
    json!({
        "kty": "EC", "crv": "P-256", "kid": "ec",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    })
}

const RFC_EC_SIGNATURE: &str =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

#[test]
fn the_examples_of_the_standards_verify() {
    let rsa = format!("eyJhbGciOiJSUzI1NiJ9.{RFC_PAYLOAD}.{RFC_RSA_SIGNATURE}");
    let ec = format!("eyJhbGciOiJFUzI1NiJ9.{RFC_PAYLOAD}.{RFC_EC_SIGNATURE}");
    for (text, key) in [(rsa, rfc_rsa()), (ec, rfc_ec())] {
        let mut token = Token::take_apart(&text).expect("a token");
        let keys = json!({ "keys": [key] });
        // The standards' tokens name no key; the documents' tokens have to.
        let error = verify(&token, &keys).expect_err("no key is named");
        assert!(matches!(error, SignatureError::NoKid), "{error}");
        token.header["kid"] = key["kid"].clone();
        verify(&token, &keys).expect("a signature that verifies");
        assert_eq!(token.claims["iss"], "joe");
    }
}

/// The signing key of the mock, whose public half is `k`.
const PEM: &str = include_str!("../../mock/key.pem");

struct Keys {
    rsa: Signer,
    ec: Signer,
    /// The same key, which signs in DER.
    ec_der: Signer,
    ec_384: Signer,
    ed: Signer,
}

static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let (ec, ec_der) = Signer::p256_and_der();
    Keys {
        rsa: Signer::rsa(PEM),
        ec,
        ec_der,
        ec_384: Signer::p384(),
        ed: Signer::ed25519(),
    }
});

/// The public half of [`PEM`], from the key that is tested with.
fn rsa_jwk() -> Value {
    let mut key = KEYS.rsa.jwk("k");
    key["use"] = json!("sig");
    key["alg"] = json!("RS256");
    key
}

fn ec_jwk(crv: &str) -> Value {
    let mut key = KEYS.ec.jwk("e");
    key["crv"] = json!(crv);
    key
}

fn published() -> Value {
    json!({ "keys": [rsa_jwk(), ec_jwk("P-256"), KEYS.ec_384.jwk("f"), KEYS.ed.jwk("d")] })
}

fn payload() -> Value {
    json!({ "iss": "joe", "iat": 1_000, "exp": 2_000 })
}

/// A token with this header, signed by what `sign` does.
fn made(header: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let signed = format!(
        "{}.{}",
        encode(header.to_string()),
        encode(payload().to_string())
    );
    let signature = encode(sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

fn by_rsa(algorithm: &str) -> impl Fn(&[u8]) -> Vec<u8> {
    move |message| KEYS.rsa.sign(algorithm, message)
}

fn by_ec(message: &[u8]) -> Vec<u8> {
    KEYS.ec.sign("ES256", message)
}

fn by_secret(secret: Vec<u8>) -> impl Fn(&[u8]) -> Vec<u8> {
    move |message| {
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), message)
            .as_ref()
            .to_vec()
    }
}

/// Why a token is refused; `None` when it is not.
fn refusal(token: &str, keys: &Value) -> Option<String> {
    let token = match Token::take_apart(token) {
        Ok(token) => token,
        Err(error) => return Some(error.to_string()),
    };
    let mut broken = Vec::new();
    algorithm(None, &token.header["alg"], &Place::body(), &mut broken);
    if let Some(mismatch) = broken.first() {
        return Some(mismatch.to_string());
    }
    verify(&token, keys).err().map(|error| error.to_string())
}

#[track_caller]
fn refused(name: &str, token: &str, keys: &Value, why: &str) {
    let refusal = refusal(token, keys).expect(name);
    assert!(refusal.contains(why), "{name}: {refusal}");
}

#[test]
fn a_token_of_each_algorithm_verifies_with_its_key() {
    for algorithm in ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] {
        let header = json!({ "alg": algorithm, "kid": "k" });
        let mut key = rsa_jwk();
        key["alg"] = header["alg"].clone();
        let keys = json!({ "keys": [key] });
        let token = made(&header, by_rsa(algorithm));
        assert_eq!(refusal(&token, &keys), None, "{algorithm}");
        // Neither another padding nor another hash has the same signature.
        for other in ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] {
            if other != algorithm {
                let token = made(&header, by_rsa(other));
                refused(other, &token, &keys, "InvalidSignature");
            }
        }
    }
    for (algorithm, kid, key) in [
        ("ES256", "e", &KEYS.ec),
        ("ES384", "f", &KEYS.ec_384),
        ("EdDSA", "d", &KEYS.ed),
    ] {
        let header = json!({ "alg": algorithm, "kid": kid });
        let token = made(&header, |message| key.sign(algorithm, message));
        assert_eq!(refusal(&token, &published()), None, "{algorithm}");
        let token = made(&header, |message| key.sign(algorithm, &message[1..]));
        refused(algorithm, &token, &published(), "InvalidSignature");
    }
}

#[test]
fn what_names_the_wrong_algorithm_or_key_is_refused() {
    let rsa = || by_rsa("RS256");
    let keys = published();
    for none in ["none", "None", "NONE", "nOnE"] {
        let token = made(&json!({ "alg": none, "kid": "k" }), |_| Vec::new());
        refused(none, &token, &keys, "algorithm");
    }
    for (name, header, why) in [
        ("no alg", json!({ "kid": "k" }), "but was absent"),
        (
            "alg of another type",
            json!({ "alg": ["RS256"], "kid": "k" }),
            "algorithm",
        ),
        (
            "alg in small letters",
            json!({ "alg": "rs256", "kid": "k" }),
            "not one that a published key",
        ),
        ("empty alg", json!({ "alg": "", "kid": "k" }), "algorithm"),
        (
            "alg of another hash",
            json!({ "alg": "RS512", "kid": "k" }),
            "is for \"RS256\", not for RS512",
        ),
        (
            "alg of another padding",
            json!({ "alg": "PS256", "kid": "k" }),
            "is for \"RS256\", not for PS256",
        ),
        (
            "alg of another kind",
            json!({ "alg": "ES256", "kid": "k" }),
            "which is not for ES256",
        ),
        (
            "unknown kid",
            json!({ "alg": "RS256", "kid": "other" }),
            "no published key has the kid",
        ),
        ("no kid", json!({ "alg": "RS256" }), "names no `kid`"),
        (
            "kid of another type",
            json!({ "alg": "RS256", "kid": 1 }),
            "names no `kid`",
        ),
        (
            "kid of another key",
            json!({ "alg": "RS256", "kid": "e" }),
            "which is not for RS256",
        ),
        (
            "crit",
            json!({ "alg": "RS256", "kid": "k", "crit": ["x"], "x": 1 }),
            "crit",
        ),
        (
            "empty crit",
            json!({ "alg": "RS256", "kid": "k", "crit": [] }),
            "crit",
        ),
        (
            "b64 by RFC 7797",
            json!({ "alg": "RS256", "kid": "k", "b64": false, "crit": ["b64"] }),
            "crit",
        ),
        (
            "b64 alone",
            json!({ "alg": "RS256", "kid": "k", "b64": false }),
            "b64",
        ),
        (
            "HS256 with the key's PEM",
            json!({ "alg": "HS256", "kid": "k" }),
            "not one that a published key",
        ),
    ] {
        refused(name, &made(&header, rsa()), &keys, why);
    }
    let jwk = rsa_jwk();
    for secret in [
        PEM.as_bytes().to_vec(),
        jwk.to_string().into_bytes(),
        jwk["n"].to_string().into_bytes(),
        Vec::from("x"),
    ] {
        let token = made(&json!({ "alg": "HS256", "kid": "k" }), by_secret(secret));
        refused(
            "a public key as a shared secret",
            &token,
            &keys,
            "not one that a published key",
        );
    }
    let oct = json!({ "keys": [{ "kty": "oct", "kid": "k", "k": encode("secret") }] });
    let token = made(&json!({ "alg": "RS256", "kid": "k" }), rsa());
    refused(
        "a shared secret among the keys",
        &token,
        &oct,
        "which is not for RS256",
    );
}

#[test]
fn what_a_token_brings_along_is_no_key() {
    let keys = json!({ "keys": [ec_jwk("P-256")] });
    for (name, header) in [
        (
            "jwk",
            json!({ "alg": "RS256", "kid": "k", "jwk": rsa_jwk() }),
        ),
        (
            "jku",
            json!({ "alg": "RS256", "kid": "k", "jku": "http://127.0.0.1:1/keys" }),
        ),
        (
            "x5u",
            json!({ "alg": "RS256", "kid": "k", "x5u": "http://127.0.0.1:1/key" }),
        ),
        (
            "x5c",
            json!({ "alg": "RS256", "kid": "k", "x5c": ["AAAA"] }),
        ),
    ] {
        let token = made(&header, by_rsa("RS256"));
        refused(name, &token, &keys, "no published key has the kid");
    }
}

#[test]
fn keys_that_are_not_for_this_are_refused() {
    let token = made(&json!({ "alg": "RS256", "kid": "k" }), by_rsa("RS256"));
    let with = |change: &dyn Fn(&mut Value)| {
        let mut key = rsa_jwk();
        change(&mut key);
        json!({ "keys": [key] })
    };
    for (name, keys, why) in [
        (
            "encryption",
            with(&|key| key["use"] = json!("enc")),
            "has the use \"enc\"",
        ),
        (
            "other operations",
            with(&|key| key["key_ops"] = json!(["sign"])),
            "key_ops",
        ),
        (
            "operations of another type",
            with(&|key| key["key_ops"] = json!("verify")),
            "key_ops",
        ),
        (
            "a private part",
            with(&|key| key["d"] = json!("AAAA")),
            "private",
        ),
        (
            "2047 bits",
            with(&|key| key["n"] = json!(encode([[0x7f].as_slice(), &[1; 255]].concat()))),
            "2047 bits",
        ),
        ("no modulus", with(&|key| key["n"] = json!(null)), "0 bits"),
        (
            "a padded modulus",
            with(&|key| key["n"] = json!("AA==")),
            "not base64url",
        ),
        (
            "no exponent",
            with(&|key| key["e"] = json!(null)),
            "cannot be used",
        ),
        (
            "the same kid twice",
            json!({ "keys": [rsa_jwk(), rsa_jwk()] }),
            "several",
        ),
        ("no set", rsa_jwk(), "not a JWK set"),
        ("an empty set", json!({ "keys": [] }), "no published key"),
        ("no object", json!("keys"), "not a JWK set"),
    ] {
        refused(name, &token, &keys, why);
    }
    let verify_only = with(&|key| key["key_ops"] = json!(["verify"]));
    assert_eq!(refusal(&token, &verify_only), None);
    let wrong_curve = json!({ "keys": [ec_jwk("P-384")] });
    let token = made(&json!({ "alg": "ES256", "kid": "e" }), by_ec);
    refused(
        "another curve",
        &token,
        &wrong_curve,
        "\"EC\" \"P-384\", which is not for ES256",
    );
}

#[test]
fn a_signature_that_is_not_exactly_the_keys_is_refused() {
    let rsa = made(&json!({ "alg": "RS256", "kid": "k" }), by_rsa("RS256"));
    let ec = made(&json!({ "alg": "ES256", "kid": "e" }), by_ec);
    let keys = published();
    let with = |token: &str, change: &dyn Fn(&mut Vec<u8>)| {
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
        change(&mut bytes);
        format!("{signed}.{}", encode(bytes))
    };
    let der = made(&json!({ "alg": "ES256", "kid": "e" }), |message| {
        KEYS.ec_der.sign("ES256", message)
    });
    let zeros = |length: usize| move |bytes: &mut Vec<u8>| *bytes = vec![0; length];
    for (name, token, why) in [
        ("none", with(&rsa, &Vec::clear), "no signature"),
        (
            "one byte less",
            with(&rsa, &|bytes| bytes.truncate(255)),
            "has 255 bytes",
        ),
        (
            "one byte more",
            with(&rsa, &|bytes| bytes.push(0)),
            "has 257 bytes",
        ),
        (
            "one bit",
            with(&rsa, &|bytes| bytes[7] ^= 1),
            "InvalidSignature",
        ),
        ("zeros", with(&rsa, &zeros(256)), "InvalidSignature"),
        (
            "another payload",
            rsa.replacen(
                &encode(payload().to_string()),
                &encode("{\"iss\":\"eve\"}"),
                1,
            ),
            "InvalidSignature",
        ),
        ("r = s = 0", with(&ec, &zeros(64)), "InvalidSignature"),
        (
            "r = s = 1",
            with(&ec, &|bytes| {
                *bytes = vec![0; 64];
                bytes[31] = 1;
                bytes[63] = 1;
            }),
            "InvalidSignature",
        ),
        ("DER", der, "with this key has 64"),
        (
            "a half",
            with(&ec, &|bytes| bytes.truncate(32)),
            "has 32 bytes",
        ),
        (
            "bytes after it",
            with(&ec, &|bytes| bytes.extend([0, 0])),
            "has 66 bytes",
        ),
    ] {
        refused(name, &token, &keys, why);
    }
}

#[test]
fn what_can_be_read_in_two_ways_is_no_token() {
    let (header, payload) = (r#"{"alg":"RS256","kid":"k"}"#, r#"{"iss":"joe"}"#);
    let token = |header: &str, payload: &str, signature: &str| {
        format!("{}.{}.{signature}", encode(header), encode(payload))
    };
    let deep =
        |open: &str, close: &str| format!("{{\"a\":{}1{}}}", open.repeat(200), close.repeat(200));
    for (name, text, why) in [
        ("one part", "abc".to_owned(), "a text of 1 parts"),
        ("two parts", "a.b".to_owned(), "a text of 2 parts"),
        ("four parts", "a.b.c.d".to_owned(), "a text of 4 parts"),
        ("JWE", "a.b.c.d.e".to_owned(), "an encrypted token"),
        ("nothing", String::new(), "a text of 1 parts"),
        ("dots", "..".to_owned(), "a header that is not JSON"),
        (
            "padding",
            format!("{}=.{}.AAAA", encode(header), encode(payload)),
            "a header that is not base64url",
        ),
        (
            "padded payload",
            format!("{}.{}==.AAAA", encode(header), encode(payload)),
            "a payload that is not base64url",
        ),
        (
            "padded signature",
            token(header, payload, "AAA="),
            "a signature that is not base64url",
        ),
        (
            "bits in the padding",
            token(header, payload, "AB"),
            "a signature that is not base64url",
        ),
        (
            "the other alphabet",
            token(header, payload, "ab+/"),
            "a signature that is not base64url",
        ),
        (
            "a blank",
            token(header, payload, "AA AA"),
            "a signature that is not base64url",
        ),
        (
            "a line end",
            token(header, payload, "AAAA\n"),
            "a signature that is not base64url",
        ),
        (
            "alg twice",
            token(r#"{"alg":"none","alg":"RS256"}"#, payload, "AAAA"),
            "stands twice",
        ),
        (
            "alg twice, escaped",
            token(r#"{"alg":"none","\u0061lg":"RS256"}"#, payload, "AAAA"),
            "stands twice",
        ),
        (
            "a claim twice",
            token(header, r#"{"iss":"joe","iss":"eve"}"#, "AAAA"),
            "stands twice",
        ),
        (
            "an inner member twice",
            token(header, r#"{"a":[{"b":1,"b":1}]}"#, "AAAA"),
            "stands twice",
        ),
        (
            "a header that is a list",
            token("[]", payload, "AAAA"),
            "a header that is not a JSON object",
        ),
        (
            "a payload that is a text",
            token(header, "\"joe\"", "AAAA"),
            "a payload that is not a JSON object",
        ),
        (
            "two objects",
            token(header, "{}{}", "AAAA"),
            "a payload that is not JSON",
        ),
        (
            "no UTF-8",
            format!("{}.{}.AAAA", encode(header), encode(b"{\"a\":\"\xff\"}")),
            "a payload that is not JSON",
        ),
        (
            "deep lists",
            token(header, &deep("[", "]"), "AAAA"),
            "recursion",
        ),
        (
            "deep objects",
            token(header, &deep("{\"a\":", "}"), "AAAA"),
            "recursion",
        ),
        (
            "a number beyond all",
            token(header, r#"{"exp":1e999}"#, "AAAA"),
            "a payload that is not JSON",
        ),
        ("a huge text", "a".repeat(70_000), "a text of 70000 bytes"),
        (
            "the longest text that is read",
            "a".repeat(64 * 1024),
            "a text of 1 parts",
        ),
        (
            "one byte more",
            "a".repeat(64 * 1024 + 1),
            "a text of 65537 bytes",
        ),
    ] {
        let error = Token::take_apart(&text).expect_err(name).to_string();
        assert!(error.contains(why), "{name}: {error}");
    }
    let whole = token(
        header,
        r#"{"n":null,"t":true,"i":-1,"u":18446744073709551615,"f":1.5,"l":["x",{}]}"#,
        "AAAA",
    );
    let token = Token::take_apart(&whole).expect("a token");
    assert_eq!(
        token.claims,
        json!({ "n": null, "t": true, "i": -1, "u": u64::MAX, "f": 1.5, "l": ["x", {}] })
    );
    assert_eq!(format!("{}.{}", token.signed, token.signature), whole);
}

/// CIAM-SKIP-X02: the page's example is a placeholder, not a token.
#[test]
fn the_placeholder_of_the_ciam_page_is_reported_as_malformed() {
    assert!(Token::take_apart("eyJ0NiJ9.eyJ1cI6IjIifX0.DeWt4QuZXso").is_err());
}

#[test]
fn an_algorithm_is_one_of_those_allowed_and_never_none() {
    let check = |allowed: Option<Value>, alg: Value, held: bool| {
        let mut broken = Vec::new();
        algorithm(allowed.as_ref(), &alg, &Place::body(), &mut broken);
        assert_eq!(broken.is_empty(), held, "{alg} of {allowed:?}");
    };
    check(Some(json!("RS256")), json!("RS256"), true);
    check(Some(json!("RS256")), json!("RS384"), false);
    check(Some(json!(["ES256", "RS256"])), json!("RS256"), true);
    check(Some(json!(["ES256", "RS256"])), json!("HS256"), false);
    check(Some(json!(["none", "None"])), json!("None"), false);
    check(Some(json!("none")), json!("none"), false);
    check(None, json!("HS256"), true);
    check(None, json!("nonE"), false);
    check(None, Value::Null, false);
    check(Some(json!("RS256")), Value::Null, false);
}

#[test]
fn times_and_audiences_are_judged_with_the_skew_that_is_written() {
    let now = 10_000;
    let judged = |wanted: Value, payload: Value| -> Vec<Mismatch> {
        let part = |part: &str, words: &str| Place::token("/t", part, words);
        with_evidence(&answer(200, ""), |evidence| {
            let mut broken = Vec::new();
            let evidence = Evidence {
                at: now,
                ..*evidence
            };
            claims(&wanted, &payload, &part, &evidence, &mut broken).unwrap();
            broken
        })
    };
    for (name, wanted, payload, held) in [
        (
            "now",
            json!({ "fresh": true }),
            json!({ "iat": 10_000, "exp": 10_001 }),
            true,
        ),
        (
            "five minutes old",
            json!({ "fresh": true }),
            json!({ "iat": 9_700, "exp": 10_001 }),
            true,
        ),
        (
            "older",
            json!({ "fresh": true }),
            json!({ "iat": 9_699, "exp": 10_001 }),
            false,
        ),
        (
            "ahead",
            json!({ "fresh": true }),
            json!({ "iat": 10_300, "exp": 11_000 }),
            true,
        ),
        (
            "too far ahead",
            json!({ "fresh": true }),
            json!({ "iat": 10_301, "exp": 11_000 }),
            false,
        ),
        (
            "expired within the skew",
            json!({ "fresh": true }),
            json!({ "iat": 9_800, "exp": 9_701 }),
            true,
        ),
        (
            "expired",
            json!({ "fresh": true }),
            json!({ "iat": 9_800, "exp": 9_700 }),
            false,
        ),
        (
            "no skew",
            json!({ "fresh": true, "skew": 0 }),
            json!({ "iat": 9_999, "exp": 11_000 }),
            false,
        ),
        (
            "no skew and now",
            json!({ "fresh": true, "skew": 0 }),
            json!({ "iat": 10_000, "exp": 10_001 }),
            true,
        ),
        (
            "a large skew",
            json!({ "fresh": true, "skew": 5_000 }),
            json!({ "iat": 5_000, "exp": 5_001 }),
            true,
        ),
        (
            "not yet valid",
            json!({ "fresh": true }),
            json!({ "iat": 10_000, "exp": 11_000, "nbf": 10_301 }),
            false,
        ),
        (
            "valid soon",
            json!({ "fresh": true }),
            json!({ "iat": 10_000, "exp": 11_000, "nbf": 10_300 }),
            true,
        ),
        (
            "nbf is a text",
            json!({ "fresh": true }),
            json!({ "iat": 10_000, "exp": 11_000, "nbf": "1" }),
            false,
        ),
        (
            "times are texts",
            json!({ "fresh": true }),
            json!({ "iat": "10000", "exp": "11000" }),
            false,
        ),
        ("no times", json!({ "fresh": true }), json!({}), false),
        (
            "times beyond all",
            json!({ "fresh": true }),
            json!({ "iat": i64::MIN, "exp": i64::MAX }),
            false,
        ),
        ("no fresh asked", json!({}), json!({ "nbf": "1" }), true),
        (
            "lifetime",
            json!({ "lifetime": 300 }),
            json!({ "iat": 1, "exp": 301 }),
            true,
        ),
        (
            "another lifetime",
            json!({ "lifetime": 300 }),
            json!({ "iat": 1, "exp": 302 }),
            false,
        ),
        (
            "a lifetime beyond all",
            json!({ "lifetime": 300 }),
            json!({ "iat": i64::MIN, "exp": i64::MAX }),
            false,
        ),
        (
            "no lifetime",
            json!({ "lifetime": 300 }),
            json!({ "iat": 1 }),
            false,
        ),
        ("aud", json!({ "aud": "a" }), json!({ "aud": "a" }), true),
        (
            "one of aud",
            json!({ "aud": "a" }),
            json!({ "aud": ["b", "a"] }),
            true,
        ),
        (
            "another aud",
            json!({ "aud": "a" }),
            json!({ "aud": ["ab"] }),
            false,
        ),
        ("no aud", json!({ "aud": "a" }), json!({}), false),
        (
            "iss",
            json!({ "iss": "joe" }),
            json!({ "iss": "joe" }),
            true,
        ),
        (
            "another iss",
            json!({ "iss": "joe" }),
            json!({ "iss": "joe2" }),
            false,
        ),
        (
            "required",
            json!({ "required": ["sub|id", "iss"] }),
            json!({ "id": 1, "iss": null }),
            true,
        ),
        (
            "required and absent",
            json!({ "required": ["sub|id", "iss"] }),
            json!({ "iss": "joe" }),
            false,
        ),
        (
            "user on top",
            json!({ "user": { "id": "u" } }),
            json!({ "id": "u" }),
            true,
        ),
        (
            "user in api",
            json!({ "user": { "id": "u" } }),
            json!({ "api": "{\"id\":\"u\"}" }),
            true,
        ),
        (
            "another user",
            json!({ "user": { "id": "u" } }),
            json!({ "api": "{\"id\":\"v\"}" }),
            false,
        ),
        (
            "claims",
            json!({ "claims": { "a|b": 1 } }),
            json!({ "b": 1 }),
            true,
        ),
    ] {
        assert_eq!(judged(wanted, payload).is_empty(), held, "{name}");
    }
}
