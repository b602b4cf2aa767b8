//! The id_token is none, or not signed as it should be: what anybody can do to a token.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    contract::Requirement,
    exchange::Response,
    mutant::{
        Family, Mutant,
        edit::{edit_object, text},
        scope::{Judged, Named, Scope, edit, judged},
        token_signer::{Token, unknown_key},
    },
};

/// Operator, the parts of the token that are wrong, what the token does, and how it is done.
pub(super) type Row<F> = (&'static str, &'static [&'static str], &'static str, F);

/// Makes another text of a token.
pub(super) type Edit = Box<dyn Fn(Token) -> String + Send + Sync>;

/// What cannot be read says nothing: every part of the token is wrong.
const ALL: &[&str] = &[
    "form",
    "alg",
    "kid",
    "signature",
    "exp",
    "iat",
    "lifetime",
    "user",
];

type ByAnybody = Row<fn(Token) -> String>;

const ANYBODY: [ByAnybody; 10] = [
    (
        "alg-none",
        &["alg", "signature", "form"],
        "says alg none and has no signature",
        |mut token| {
            token.header.insert("alg".into(), "none".into());
            format!("{}.", token.unsigned())
        },
    ),
    (
        "other-key",
        &["signature"],
        "is signed by a key of nobody's",
        |token| unknown_key().map_or_else(String::new, |key| token.signed(key)),
    ),
    (
        "flipped",
        &["signature"],
        "has one bit of its signature turned",
        |token| {
            let mut signature = URL_SAFE_NO_PAD.decode(&token.parts[2]).unwrap_or_default();
            if let Some(byte) = signature.first_mut() {
                *byte ^= 1;
            }
            let [header, claims, _] = token.parts;
            format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode(signature))
        },
    ),
    (
        "hs256",
        &["alg", "signature"],
        "is signed with a shared secret",
        |token| token.shared("secret"),
    ),
    (
        "unsigned",
        &["signature", "form"],
        "has an empty signature",
        |token| {
            let [header, claims, _] = token.parts;
            format!("{header}.{claims}.")
        },
    ),
    ("two-parts", ALL, "has two parts", |token| {
        let [header, claims, _] = token.parts;
        format!("{header}.{claims}")
    }),
    ("four-parts", ALL, "has four parts", |token| {
        format!("{}.e30", token.parts.join("."))
    }),
    ("opaque", ALL, "is no token but a word", |_| {
        "0123456789abcdef0123456789abcdef".into()
    }),
    (
        "not-base64",
        ALL,
        "has claims that are not base64url",
        |token| {
            let [header, claims, signature] = token.parts;
            format!("{header}.{claims}=!.{signature}")
        },
    ),
    ("not-json", ALL, "has claims that are not JSON", |token| {
        let [header, _, signature] = token.parts;
        format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode("claims"))
    }),
];

pub(super) fn enumerate(scope: &Scope<'_>) -> Vec<Mutant> {
    let mut out = Vec::new();
    for (status, member) in places(scope) {
        for (operator, claims, what, change) in ANYBODY {
            let judged = promised(scope, status, &member, claims);
            out.push(mutant(
                scope,
                (status, &member),
                operator,
                what,
                judged,
                Box::new(change),
            ));
        }
    }
    out
}

/// The members of answers that some row calls a token: a row that names a part of it.
pub(super) fn places(scope: &Scope<'_>) -> Vec<(u16, String)> {
    let mut out = Vec::new();
    for rule in scope.statuses() {
        for member in &rule.members {
            let token = |row: &Requirement| {
                !row.about.claims.is_empty()
                    && scope.promises_member(row, rule.status, &member.name)
            };
            if scope.rows(token).next().is_some() {
                out.push((rule.status, member.name.clone()));
            }
        }
    }
    out
}

pub(super) fn promised(scope: &Scope<'_>, status: u16, member: &str, claims: &[&str]) -> Judged {
    let breaks = scope.ids(|row| {
        scope.promises_member(row, status, member)
            && row
                .about
                .claims
                .iter()
                .any(|claim| claims.contains(&claim.as_str()))
    });
    judged(breaks, "no requirement promises this part of the token")
}

pub(super) fn mutant(
    scope: &Scope<'_>,
    (status, member): (u16, &str),
    operator: &str,
    what: &str,
    judged: Judged,
    change: Edit,
) -> Mutant {
    let (wanted, name) = (member.to_owned(), member.to_owned());
    scope.answer(
        Named(Family::Token, member, operator),
        format!("the {member} {what}"),
        judged,
        edit(
            move |_, response| response.status == status && token_of(response, &wanted).is_some(),
            move |response| {
                if let Some(token) = token_of(response, &name) {
                    let changed = change(token);
                    edit_object(response, |members| {
                        members.insert(name.clone(), changed.into());
                    });
                }
            },
        ),
    )
}

fn token_of(response: &Response, member: &str) -> Option<Token> {
    Token::read(&text(response, member)?)
}

#[cfg(test)]
mod tests {
    use crate::mutant::operators::sample::{answer, body, breaks, edited, request};

    /// Header `{"kid":"k","alg":"RS256"}`, claims `{}`, signature `sig`.
    const TOKEN: &str = "eyJraWQiOiJrIiwiYWxnIjoiUlMyNTYifQ.e30.c2ln";

    fn with(token: &str) -> String {
        format!(r#"{{"status":"SUCCESS","id_token":"{token}","expire":1}}"#)
    }

    #[test]
    fn the_token_is_another_one_in_its_place() {
        for (operator, wanted) in [
            ("alg-none", "eyJraWQiOiJrIiwiYWxnIjoibm9uZSJ9.e30."),
            ("flipped", "eyJraWQiOiJrIiwiYWxnIjoiUlMyNTYifQ.e30.cmln"),
            ("unsigned", "eyJraWQiOiJrIiwiYWxnIjoiUlMyNTYifQ.e30."),
            ("two-parts", "eyJraWQiOiJrIiwiYWxnIjoiUlMyNTYifQ.e30"),
            (
                "not-json",
                "eyJraWQiOiJrIiwiYWxnIjoiUlMyNTYifQ.Y2xhaW1z.c2ln",
            ),
            ("opaque", "0123456789abcdef0123456789abcdef"),
        ] {
            let id = format!("ciam/skipPasswordUpdate/token/id_token:{operator}");
            let changed = body(&id, &request(&[]), &answer(200, &with(TOKEN)));
            assert_eq!(changed, Some(with(wanted)), "{id}");
        }
    }

    #[test]
    fn another_key_changes_the_signature_alone() {
        for operator in ["other-key", "hs256", "hs256-public-key"] {
            let id = format!("ciam/skipPasswordUpdate/token/id_token:{operator}");
            let changed = body(&id, &request(&[]), &answer(200, &with(TOKEN))).expect("applies");
            assert!(
                changed.contains(".e30.") && !changed.contains(".c2ln"),
                "{changed}"
            );
            let renamed = changed.contains("eyJraWQiOiJrIiwiYWxnIjoiSFMyNTYifQ.");
            assert_eq!(renamed, operator != "other-key");
            assert_eq!(breaks(&id), Ok(vec!["CIAM-SKIP-R15"]));
        }
    }

    #[test]
    fn what_cannot_be_read_breaks_every_row_about_the_token() {
        assert_eq!(
            breaks("ciam/skipPasswordUpdate/token/id_token:two-parts"),
            Ok(vec![
                "CIAM-SKIP-R13",
                "CIAM-SKIP-R14",
                "CIAM-SKIP-R15",
                "CIAM-SKIP-R16"
            ])
        );
        assert_eq!(
            breaks("ciam/skipPasswordUpdate/token/id_token:unsigned"),
            Ok(vec!["CIAM-SKIP-R13", "CIAM-SKIP-R15"])
        );
    }

    #[test]
    fn what_is_no_token_stays() {
        let id = "ciam/skipPasswordUpdate/token/id_token:flipped";
        assert_eq!(
            edited(id, &request(&[]), &answer(200, &with("opaque"))),
            None
        );
        assert_eq!(edited(id, &request(&[]), &answer(200, "{}")), None);
    }
}
