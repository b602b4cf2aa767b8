//! Tokens: signed with keys made for it, and every way in which one is not what was promised.

#![cfg(test)]

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::check::{
    jwt::signer::Signer,
    sample::{NOW, answer, judged, lint},
};

const RSA: &str = include_str!("../../mock/key.pem");
const OTHER_RSA: &str = include_str!("../../mock/other-key.pem");

/// A token with this header, whatever it claims about itself.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the tables below read better"
)]
fn signed(header: Value, claims: Value, key: &Signer, algorithm: &str) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(&header), part(&claims));
    let signature = URL_SAFE_NO_PAD.encode(key.sign(algorithm, message.as_bytes()));
    format!("{message}.{signature}")
}

/// A token that nobody has to verify.
fn token(header: Value, claims: Value) -> String {
    signed(header, claims, &Signer::rsa(RSA), "RS256")
}

fn published(kid: &str, key: &Signer, algorithm: &str) -> Value {
    let mut key = key.jwk(kid);
    key["alg"] = json!(algorithm);
    json!({ "keys": [key] })
}

/// What `jwt: { at: /id_token, … }` says of a token, its place left out.
#[track_caller]
#[expect(
    clippy::needless_pass_by_value,
    reason = "the tables below read better"
)]
fn mismatches(wanted: Value, token: impl Into<Value>) -> Vec<String> {
    let mut jwt = json!({ "at": "/id_token" });
    let members = jwt.as_object_mut().unwrap();
    members.extend(wanted.as_object().unwrap().clone());
    let body = json!({ "status": "OPEN", "id_token": token.into() });
    let response = answer(200, &body.to_string());
    let found = judged(&json!({ "jwt": jwt }).to_string(), &response);
    let place = "body /id_token › ";
    found.iter().map(|one| one.replace(place, "")).collect()
}

#[track_caller]
fn check(wanted: Value, claims: Value, expected: &[&str]) {
    assert_eq!(
        mismatches(wanted, token(json!({ "alg": "RS256" }), claims)),
        expected
    );
}

#[test]
fn a_token_verifies_with_the_published_key_of_its_algorithm() {
    for (name, key) in [
        ("RS256", Signer::rsa(RSA)),
        ("RS384", Signer::rsa(RSA)),
        ("RS512", Signer::rsa(RSA)),
        ("PS256", Signer::rsa(RSA)),
        ("PS384", Signer::rsa(RSA)),
        ("PS512", Signer::rsa(RSA)),
        ("ES256", Signer::p256()),
        ("ES384", Signer::p384()),
        ("EdDSA", Signer::ed25519()),
    ] {
        let keys = published("k1", &key, name);
        let header = json!({ "alg": name, "kid": "k1", "typ": "JWT" });
        // Neither an age nor an audience is a matter of the signature.
        let token = signed(header, json!({ "exp": 1, "aud": "x" }), &key, name);
        let wanted = json!({ "alg": name, "type": "JWT", "kid": "present", "keys": keys });
        assert_eq!(
            mismatches(wanted.clone(), token.as_str()),
            [""; 0],
            "{name}"
        );
        let (message, signature) = token.rsplit_once('.').unwrap();
        let (front, back) = signature.split_at(20);
        let other = if back.starts_with('A') { "B" } else { "A" };
        let tampered = format!("{message}.{front}{other}{}", &back[1..]);
        assert_eq!(mismatches(wanted, tampered).len(), 1, "{name}");
    }
}

#[test]
fn what_the_published_key_did_not_sign_is_told_as_such() {
    let key = Signer::rsa(RSA);
    let keys = published("k1", &key, "RS256");
    let verified = "signature: expected verified with the published key of its `kid` but was";
    for (header, keys, why) in [
        (
            json!({ "alg": "RS256", "kid": "k2" }),
            keys.clone(),
            "no published key has the kid \"k2\"",
        ),
        (
            json!({ "alg": "RS256" }),
            keys.clone(),
            "`kid` missing: the header names no `kid` to choose the key by (RFC 7515, 4.1.4)",
        ),
        (
            json!({ "alg": "HS256", "kid": "k1" }),
            keys.clone(),
            "unsupported alg: \"HS256\" is not one that a published key verifies (RFC 8725, 3.1)",
        ),
        (
            json!({ "alg": "RS256", "kid": "k1", "crit": ["x"] }),
            keys,
            "the header demands extensions (`crit`) that nobody knows (RFC 7515, 4.1.11)",
        ),
    ] {
        let token = signed(header, json!({}), &key, "RS256");
        assert_eq!(
            mismatches(json!({ "keys": keys }), token),
            [format!("{verified} {why}")]
        );
    }
    let header = json!({ "alg": "RS256", "kid": "k1" });
    let token = signed(header, json!({}), &key, "RS256");
    let others = published("k1", &Signer::rsa(OTHER_RSA), "RS256");
    assert_eq!(
        mismatches(json!({ "keys": others }), token.as_str()).len(),
        1
    );
    for keys in [json!("keys"), json!(null)] {
        let found = mismatches(json!({ "keys": keys }), token.as_str());
        assert!(found[0].contains("not a JWK set"), "{found:?}");
    }
}

#[test]
fn what_is_no_token_is_told_by_what_it_lacks() {
    let wanted = || json!({ "alg": "RS256" });
    let tell = |token: Value| mismatches(wanted(), token);
    let form = "body /id_token: expected a JWT but was";
    assert_eq!(tell(json!(3)), [format!("{form} 3")]);
    assert_eq!(tell(json!("abc")), [format!("{form} a text of 1 parts")]);
    assert_eq!(
        tell(json!("a.b.c.d")),
        [format!("{form} a text of 4 parts")]
    );
    for (text, why) in [
        ("!.e30.eA", "a header that is not base64url"),
        ("e30.!.eA", "a payload that is not base64url"),
        ("e30.ew.eA", "a payload that is not JSON"),
    ] {
        let found = tell(json!(text));
        assert!(found[0].starts_with(&format!("{form} {why}")), "{found:?}");
    }
    let missing = judged(
        "jwt: { at: /id_token, alg: RS256 }",
        &answer(200, r#"{"status":"OPEN"}"#),
    );
    assert_eq!(missing, [format!("{form} absent")]);
    let no_body = judged("jwt: { at: /id_token, alg: RS256 }", &answer(200, ""));
    assert_eq!(no_body, [format!("{form} absent")]);
}

#[test]
fn each_part_of_the_header_is_what_was_promised() {
    #[track_caller]
    fn check(wanted: Value, header: Value, expected: &[&str]) {
        assert_eq!(mismatches(wanted, token(header, json!({}))), expected);
    }
    let alg = || json!({ "alg": "RS256" });
    check(alg(), json!({ "alg": "RS256" }), &[]);
    check(
        alg(),
        json!({ "alg": "none" }),
        &[
            "header alg: expected \"RS256\" but was \"none\": alg none, the token is not signed (RFC 8725, 3.2)",
        ],
    );
    check(
        alg(),
        json!({}),
        &["header alg: expected \"RS256\" but was absent: no algorithm is named (RFC 7515, 4.1.1)"],
    );
    let typ = |word: &str| json!({ "type": word });
    check(typ("JWT"), json!({ "alg": "RS256", "typ": "JWT" }), &[]);
    check(
        typ("JWT"),
        json!({ "alg": "RS256", "typ": "jwt" }),
        &["header typ: expected \"JWT\" but was \"jwt\""],
    );
    check(
        typ("JWT"),
        json!({ "alg": "RS256" }),
        &["header typ: expected \"JWT\" but was absent"],
    );
    check(typ("absent"), json!({ "alg": "RS256" }), &[]);
    check(
        typ("absent"),
        json!({ "alg": "RS256", "typ": "JWT" }),
        &["header typ: expected absent but was \"JWT\""],
    );
    let kid = || json!({ "kid": "present" });
    check(kid(), json!({ "alg": "RS256", "kid": "k1" }), &[]);
    check(
        kid(),
        json!({ "alg": "RS256" }),
        &[
            "header kid: expected present but was absent: no published key is named (RFC 7515, 4.1.4)",
        ],
    );
    check(
        kid(),
        json!({ "alg": "RS256", "kid": "" }),
        &["header kid: expected present but was \"\": no published key is named (RFC 7515, 4.1.4)"],
    );
    check(
        kid(),
        json!({ "alg": "RS256", "kid": 1 }),
        &["header kid: expected present but was 1: no published key is named (RFC 7515, 4.1.4)"],
    );
    check(
        alg(),
        json!({ "alg": "RS256", "typ": "JWT", "kid": "" }),
        &[],
    );
}

#[test]
fn the_lifetime_is_from_issue_to_end() {
    let lifetime = |wanted: Value| json!({ "lifetime": wanted });
    let claims = || json!({ "iat": 1000, "exp": 1300 });
    check(lifetime(json!(300)), claims(), &[]);
    check(
        lifetime(json!({ "at-most": 300, "at-least": 300 })),
        claims(),
        &[],
    );
    check(
        lifetime(json!(301)),
        claims(),
        &["claim exp minus iat: expected 301 but was 300"],
    );
    for lacking in [
        json!({ "iat": 1 }),
        json!({ "exp": 1 }),
        json!({ "iat": "1", "exp": 301 }),
    ] {
        check(
            lifetime(json!(300)),
            lacking,
            &["claim exp minus iat: expected 300 but was absent"],
        );
    }
}

#[test]
fn a_fresh_token_was_issued_now_and_has_not_expired_give_or_take_five_minutes() {
    let fresh = || json!({ "fresh": true });
    let (later, long) = (NOW + 60, NOW + 100_000);
    for (iat, exp) in [
        (NOW, later),
        (NOW - 300, later),
        (NOW + 300, long),
        (NOW, NOW - 299),
    ] {
        check(fresh(), json!({ "iat": iat, "exp": exp }), &[]);
    }
    for (iat, exp) in [
        (NOW - 301, later),
        (NOW + 301, long),
        (-NOW, later),
        (NOW, NOW - 300),
        (NOW, NOW - 400),
        (NOW, -NOW),
    ] {
        let found = format!(
            "claim iat, exp: expected issued about {NOW} and not expired but was iat {iat}, exp {exp}"
        );
        check(fresh(), json!({ "iat": iat, "exp": exp }), &[&found]);
    }
    check(
        fresh(),
        json!({ "exp": later }),
        &[
            "claim iat, exp: expected issued about 1000000 and not expired but was iat null, exp 1000060",
        ],
    );
    // Nobody asked.
    check(
        json!({ "fresh": false }),
        json!({ "iat": 1, "exp": 2, "nbf": long }),
        &[],
    );
    check(json!({ "lifetime": 1 }), json!({ "iat": 1, "exp": 2 }), &[]);
}

#[test]
fn a_fresh_token_is_valid_already() {
    let claims = |nbf: i64| json!({ "iat": NOW, "exp": NOW + 60, "nbf": nbf });
    for nbf in [0, NOW, NOW + 300] {
        check(json!({ "fresh": true }), claims(nbf), &[]);
    }
    for nbf in [NOW + 301, NOW + 100_000] {
        let found = format!("claim nbf: expected not in the future but was {nbf}");
        check(json!({ "fresh": true }), claims(nbf), &[&found]);
    }
}

#[test]
fn claims_stand_under_one_of_their_names_and_user_facts_in_either_place() {
    let claims =
        || json!({ "sub": "u1", "api": "{\"userName\":\"ann\",\"id\":\"inner\"}", "id": "outer" });
    check(
        json!({ "claims": { "uid|sub": "u1", "api": { "non-empty": true } } }),
        claims(),
        &[],
    );
    check(
        json!({ "claims": { "uid|user": "u1" } }),
        claims(),
        &["claim uid|user: expected \"u1\" but was absent"],
    );
    check(
        json!({ "claims": { "sub": 1 } }),
        claims(),
        &["claim sub: expected 1 but was \"u1\""],
    );
    check(
        json!({ "user": { "id": "outer", "userName": "ann" } }),
        claims(),
        &[],
    );
    check(
        json!({ "user": { "userName": "bob", "mobile": "1" } }),
        claims(),
        &[
            "claim userName: expected \"bob\" but was \"ann\"",
            "claim mobile: expected \"1\" but was absent",
        ],
    );
    check(
        json!({ "user": { "id": "x" } }),
        json!({ "api": "{" }),
        &["claim id: expected \"x\" but was absent"],
    );
}

#[test]
fn of_several_tokens_each_is_looked_at() {
    let text = token(json!({ "alg": "RS256" }), json!({}));
    let response = answer(200, &json!({ "a": text, "b": text }).to_string());
    let found = judged(
        "jwt: [{ at: /a, alg: RS256 }, { at: /b, alg: HS256 }, { at: /c, kid: present }]",
        &response,
    );
    assert_eq!(
        found,
        [
            "body /b › header alg: expected \"HS256\" but was \"RS256\": not allowed here (RFC 8725, 3.1)",
            "body /c: expected a JWT but was absent",
        ]
    );
}

#[test]
fn keys_come_from_one_place_and_no_clock_is_off_by_less_than_nothing() {
    let both = "`verify` names either `jwks` or `discovery`";
    let less = "a clock difference is a number of seconds from 0";
    lint("jwt: { at: /a, verify: { jwks: /keys } }", &[]);
    lint(
        "jwt: { at: /a, verify: { jwks: /keys, discovery: \"https://a.example\" } }",
        &[(24, "missing-key", both)],
    );
    lint("jwt: { at: /a, fresh: true, skew: 0 }", &[]);
    lint(
        "jwt: { at: /a, fresh: true, skew: -1 }",
        &[(35, "bad-duration", less)],
    );
}

#[test]
fn a_token_of_which_nothing_is_demanded_or_that_stands_nowhere_is_a_mistake() {
    let nothing = "this `jwt` demands nothing of the token";
    lint(
        "jwt: { at: /id_token }",
        &[(6, "empty-expectation", nothing)],
    );
    lint("jwt: { at: /id_token, kid: present }", &[]);
    lint(
        "jwt: []",
        &[(
            6,
            "empty-expectation",
            "this demands nothing, so it could never fail",
        )],
    );
    lint(
        "jwt: [{ at: /a, fresh: true }, { at: /b }]",
        &[(32, "empty-expectation", nothing)],
    );
    lint(
        "jwt: { at: id_token, fresh: true }",
        &[(
            6,
            "bad-pointer",
            "`id_token` is not a JSON Pointer; write `/id_token`",
        )],
    );
    lint(
        "jwt: { at: /a, claims: { sub: { pattern: \"(\" } } }",
        &[(42, "bad-pattern", "unclosed group")],
    );
    lint(
        "jwt: { at: /a, user: { id: { pattern: \"(\" } } }",
        &[(39, "bad-pattern", "unclosed group")],
    );
}

/// Each token departs in one respect of how it is signed, and says nothing that was promised: the rule
/// comes first, and never the pattern of a claim.
#[test]
fn the_rule_of_signing_that_is_broken_is_named_before_what_the_token_says() {
    let encode = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let foreign = |header: Value, signature: &str| {
        format!(
            "{}.{}.{signature}",
            encode(header),
            encode(json!({ "sub": "eve" }))
        )
    };
    let key =
        json!({ "kty": "RSA", "kid": "k", "n": URL_SAFE_NO_PAD.encode([0xff; 256]), "e": "AQAB" });
    let ec = json!({ "kty": "EC", "crv": "P-256", "kid": "e", "x": "", "y": "" });
    let wanted = |keys: bool| {
        let mut wanted = json!({
            "alg": ["RS256", "ES256"], "kid": "present", "type": "JWT", "lifetime": 60,
            "claims": { "sub": { "pattern": "user-[0-9]+" } },
        });
        if keys {
            wanted["keys"] = json!({ "keys": [key, ec] });
        }
        wanted
    };
    let signature = URL_SAFE_NO_PAD.encode([1; 256]);
    for (header, signature, keys, rule) in [
        (
            json!({ "alg": "none" }),
            "",
            false,
            "alg none, the token is not signed (RFC 8725, 3.2)",
        ),
        (
            json!({ "alg": "NoNe" }),
            "",
            true,
            "alg none, the token is not signed (RFC 8725, 3.2)",
        ),
        (
            json!({ "alg": "none" }),
            &*signature,
            true,
            "alg none, the token is not signed",
        ),
        (
            json!({ "alg": "RS256", "kid": "k" }),
            "",
            false,
            "empty signature",
        ),
        (
            json!({ "alg": "RS256", "kid": "k" }),
            "",
            true,
            "empty signature: there is no signature (RFC 8725, 3.3)",
        ),
        (
            json!({ "alg": "HS256", "kid": "k" }),
            &signature,
            true,
            "\"HS256\": not allowed here (RFC 8725, 3.1)",
        ),
        (
            json!({ "alg": "RS257", "kid": "k" }),
            &signature,
            true,
            "\"RS257\": not allowed here (RFC 8725, 3.1)",
        ),
        (
            json!({ "kid": "k" }),
            &signature,
            true,
            "absent: no algorithm is named (RFC 7515, 4.1.1)",
        ),
        (
            json!({ "alg": "RS256", "kid": "e" }),
            &signature,
            true,
            "wrong key type: the published key is \"EC\" \"P-256\", which is not for RS256 (RFC 8725, 3.1)",
        ),
        (
            json!({ "alg": "ES256", "kid": "k" }),
            &signature,
            true,
            "wrong key type",
        ),
        (json!({ "alg": "RS256" }), &signature, true, "`kid` missing"),
        (
            json!({ "alg": "RS256" }),
            &signature,
            false,
            "no published key is named (RFC 7515, 4.1.4)",
        ),
        (
            json!({ "alg": "RS256", "kid": "x" }),
            &signature,
            true,
            "no published key has the kid",
        ),
        (
            json!({ "alg": "RS256", "kid": "k" }),
            &signature,
            true,
            "InvalidSignature: the published key did not sign this (RFC 8725, 3.3)",
        ),
        (
            json!({ "alg": "RS256", "kid": "k" }),
            "AAAA",
            true,
            "the signature has 3 bytes",
        ),
        (
            json!({ "alg": "RS256", "kid": "k", "crit": ["x"] }),
            &signature,
            true,
            "RFC 7515, 4.1.11",
        ),
    ] {
        let found = mismatches(wanted(keys), foreign(header.clone(), signature));
        assert!(found[0].contains(rule), "{header}: {found:#?}");
        let pattern = found.iter().position(|one| one.starts_with("claim"));
        assert!(pattern.is_some_and(|at| at > 0), "{header}: {found:#?}");
    }
}
