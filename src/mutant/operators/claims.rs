//! The id_token is signed by the tenant and wrong in one thing it says: what only the holder of the
//! tenant's key can do.

use serde_json::{Value, json};

use super::token::{Edit, Row, mutant, places, promised};
use crate::contract::UserClaims;
use crate::mutant::{
    Mutant, TokenSigner,
    scope::{Scope, allowed},
    token_signer::Token,
};

/// A month in seconds; far from any lifetime and any clock difference.
const LONG: i64 = 30 * 86_400;

const HOLDER: [Row<fn(&mut Token)>; 12] = [
    (
        "kid-missing",
        &["kid"],
        "does not say which key edit it",
        |token| {
            token.header.shift_remove("kid");
        },
    ),
    (
        "kid-empty",
        &["kid"],
        "names its key with an empty text",
        |token| {
            token.header.insert("kid".into(), "".into());
        },
    ),
    (
        "kid-unknown",
        &["kid"],
        "names a key that is not published",
        |token| {
            token.header.insert("kid".into(), "0000".into());
        },
    ),
    // RFC 7515, section 4.1.11: a reader refuses an extension it does not know.
    (
        "critical",
        &["signature"],
        "demands an extension that nobody knows",
        |token| {
            token.header.insert("crit".into(), json!(["probity"]));
            token.header.insert("probity".into(), json!(1));
        },
    ),
    ("expired", &["exp"], "expired long ago", |token| {
        token.move_times(-LONG);
    }),
    ("future", &["iat"], "is issued in the future", |token| {
        token.move_times(LONG);
    }),
    ("half-life", &["lifetime"], "lives half as long", |token| {
        token.live(|life| life / 2);
    }),
    (
        "double-life",
        &["lifetime"],
        "lives twice as long",
        |token| token.live(|life| life * 2),
    ),
    (
        "second-longer",
        &["lifetime"],
        "lives a second longer",
        |token| token.live(|life| life + 1),
    ),
    (
        "exp-missing",
        &["exp", "lifetime"],
        "does not say when it expires",
        |token| {
            token.claims.shift_remove("exp");
        },
    ),
    (
        "iat-missing",
        &["iat", "lifetime"],
        "does not say when it was issued",
        |token| {
            token.claims.shift_remove("iat");
        },
    ),
    (
        "exp-text",
        &["exp", "lifetime"],
        "says in quotes when it expires",
        |token| {
            if let Some(time) = token.claims.get_mut("exp") {
                *time = time.to_string().into();
            }
        },
    ),
];

/// As above, where the edition says how a token names its user.
type ByUser = Row<fn(&mut Token, &UserClaims)>;

const OF_USER: [ByUser; 3] = [
    (
        "other-user",
        &["user"],
        "is about another user",
        |token, user| {
            token.user(&user.places, |held| {
                for name in &user.identify {
                    if let Some(value) = held.get(name).and_then(Value::as_str).map(another) {
                        held.insert(name.clone(), value.into());
                    }
                }
            });
        },
    ),
    (
        "id-missing",
        &["user"],
        "does not have the user's id",
        |token, user| {
            token.user(&user.places, |held| {
                if let Some(name) = user.identify.first() {
                    held.shift_remove(name);
                }
            });
        },
    ),
    (
        "no-user",
        &["user"],
        "does not say whose it is",
        |token, user| {
            for place in &user.places {
                if let Some(name) = place.strip_prefix('/') {
                    token.claims.shift_remove(name);
                }
            }
            token.user(&user.places, |held| {
                for name in &user.identify {
                    held.shift_remove(name);
                }
            });
        },
    ),
];

/// Operator, why it is allowed, what the token does, and how it is done.
type Allowed = (&'static str, &'static str, &'static str, fn(&mut Token));

const ALLOWED: [Allowed; 3] = [
    (
        "typ",
        "a token may name its type (RFC 7519, section 5.1)",
        "says that its type is JWT",
        |token| {
            token.header.insert("typ".into(), "JWT".into());
        },
    ),
    (
        "extra-claim",
        "no page closes the claims",
        "has a claim that no page knows",
        |token| {
            token.claims.insert("probity_extra".into(), json!(1));
        },
    ),
    (
        "jti-missing",
        "no requirement names this claim",
        "has no number of its own",
        |token| {
            token.claims.shift_remove("jti");
        },
    ),
];

/// What is done to a token before it is signed anew.
type Change = dyn Fn(&mut Token) + Send + Sync;

fn signed(signer: &TokenSigner, change: Box<Change>) -> Edit {
    let signer = signer.clone();
    Box::new(move |mut token| {
        change(&mut token);
        token.signed(&signer)
    })
}

pub(super) fn forged(scope: &Scope<'_>, signer: &TokenSigner) -> Vec<Mutant> {
    let mut out = Vec::new();
    for (status, member) in places(scope) {
        let edit = |change: Box<Change>| signed(signer, change);
        let place = (status, member.as_str());
        for (operator, claims, what, change) in HOLDER {
            let judged = promised(scope, status, &member, claims);
            out.push(mutant(
                scope,
                place,
                operator,
                what,
                judged,
                edit(Box::new(change)),
            ));
        }
        for (operator, claims, what, change) in OF_USER {
            let judged = promised(scope, status, &member, claims);
            let user = scope.contract.convention.user_claims.clone();
            let edit = edit(Box::new(move |token| change(token, &user)));
            out.push(mutant(scope, place, operator, what, judged, edit));
        }
        for (operator, reason, what, change) in ALLOWED {
            out.push(mutant(
                scope,
                place,
                operator,
                what,
                allowed(reason),
                edit(Box::new(change)),
            ));
        }
        let secret = signer.public_pem();
        out.push(mutant(
            scope,
            place,
            "hs256-public-key",
            "is edit with the public key as a shared secret",
            promised(scope, status, &member, &["alg", "signature"]),
            Box::new(move |token| token.shared(&secret)),
        ));
    }
    out
}

/// Another text of the same form: every digit is the next one.
fn another(text: &str) -> String {
    let next = |c: char| {
        c.to_digit(10)
            .and_then(|digit| char::from_digit((digit + 1) % 10, 10))
    };
    let other: String = text.chars().map(|c| next(c).unwrap_or(c)).collect();
    if other == text {
        format!("{text}x")
    } else {
        other
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::mutant::{
        operators::sample::{answer, breaks, edited, request},
        token_signer::Token,
    };

    /// Header and claims after an edit of a token with these claims.
    fn after(operator: &str, claims: &Value) -> (Value, Value) {
        let id = format!("eiam/skipPasswordUpdate/token/id_token:{operator}");
        let mut token =
            Token::read("eyJraWQiOiJrIiwiYWxnIjoiUlMyNTYifQ.e30.c2ln").expect("a token");
        token.claims = claims.as_object().cloned().unwrap_or_default();
        let body = json!({ "status": "SUCCESS", "id_token": format!("{}.c2ln", token.unsigned()) });
        let right = answer(200, &body.to_string());
        let changed = edited(&id, &request(&[]), &right).expect("applies");
        let answer = changed.json().unwrap_or_default();
        assert_eq!(answer["status"], "SUCCESS");
        let token = Token::read(answer["id_token"].as_str().unwrap_or_default()).expect("a token");
        (Value::Object(token.header), Value::Object(token.claims))
    }

    fn claims() -> Value {
        json!({ "exp": 8200, "iat": 1000, "nbf": 880, "id": "u19", "userName": "ann", "x": 1 })
    }

    #[test]
    fn one_thing_is_wrong_and_the_rest_is_as_it_was() {
        let header = json!({ "kid": "k", "alg": "RS256" });
        let month = 30 * 86_400;
        let with = |changes: Value| {
            let mut all = claims();
            for (name, value) in changes.as_object().cloned().unwrap_or_default() {
                all[name] = value;
            }
            all
        };
        for (operator, wanted) in [
            (
                "expired",
                with(json!({ "exp": 8200 - month, "iat": 1000 - month, "nbf": 880 - month })),
            ),
            (
                "future",
                with(json!({ "exp": 8200 + month, "iat": 1000 + month, "nbf": 880 + month })),
            ),
            ("half-life", with(json!({ "exp": 4600 }))),
            ("double-life", with(json!({ "exp": 15_400 }))),
            ("second-longer", with(json!({ "exp": 8201 }))),
            ("exp-text", with(json!({ "exp": "8200" }))),
            (
                "other-user",
                with(json!({ "id": "u20", "userName": "annx" })),
            ),
        ] {
            assert_eq!(
                after(operator, &claims()),
                (header.clone(), wanted),
                "{operator}"
            );
        }
        for (operator, names) in [
            ("exp-missing", &["exp"][..]),
            ("iat-missing", &["iat"]),
            ("id-missing", &["id"]),
            ("no-user", &["id", "userName"]),
        ] {
            let mut wanted = claims();
            for name in names {
                wanted.as_object_mut().expect("claims").shift_remove(*name);
            }
            assert_eq!(
                after(operator, &claims()),
                (header.clone(), wanted),
                "{operator}"
            );
        }
        assert_eq!(
            after("kid-missing", &claims()),
            (json!({ "alg": "RS256" }), claims())
        );
        assert_eq!(after("kid-unknown", &claims()).0["kid"], "0000");
    }

    #[test]
    fn the_user_is_changed_inside_the_text_of_api_too() {
        let nested = json!({ "api": r#"{"id":"u1","name":"n"}"# });
        let (_, other) = after("other-user", &nested);
        assert_eq!(other["api"], r#"{"id":"u2","name":"n"}"#);
        let (_, without) = after("id-missing", &nested);
        assert_eq!(without["api"], r#"{"name":"n"}"#);
    }

    #[test]
    fn only_what_the_register_names_of_the_token_is_promised() {
        let of = |operation: &str, operator: &str| breaks_of(operation, operator);
        assert_eq!(
            of("eiam/skipPasswordUpdate", "second-longer"),
            Ok(vec!["EIAM-SKIP-R21"])
        );
        assert_eq!(
            of("eiam/skipPasswordUpdate", "kid-unknown"),
            Ok(vec!["EIAM-SKIP-R20"])
        );
        assert!(of("eiam/skipPasswordUpdate", "typ").is_err());
        assert!(of("oneaccess/forcedChangeByOldPassword", "kid-unknown").is_err());
        assert_eq!(
            of("oneaccess/forcedChangeByOldPassword", "other-user"),
            Ok(vec!["OA-FUP-R10"])
        );
    }

    fn breaks_of(operation: &str, operator: &str) -> Result<Vec<&'static str>, &'static str> {
        breaks(&format!("{operation}/token/id_token:{operator}"))
    }
}
