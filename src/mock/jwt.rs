//! The mock's own JSON Web Tokens: HS256 state tokens and RS256 id tokens.
//!
//! Written on the primitives and not on the library the harness judges with,
//! so that a fault in that library cannot agree with itself.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::hmac;
use serde_json::{Map, Value, json};

use super::{keys, order::Order};

/// How far `nbf` lies before `iat` in every documented id_token.
const NOT_BEFORE_SKEW: i64 = 120;

/// How tokens are laid out where examples differ or the documents are silent.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Form {
    /// Puts the user data into one claim `api` as JSON text, as the older example does.
    pub nested: bool,
    pub order: Order,
    /// Names the type of an id_token in its header; RFC 7519 section 5.1 makes it optional.
    pub names_type: bool,
    /// Adds claims that a reader has to ignore (RFC 7519, section 4).
    pub more_claims: bool,
}

/// The claims of a state token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StatePayload {
    pub state: String,
    pub user_id: String,
    pub expires: i64,
}

/// What the mock needs from an id_token it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct IdPayload {
    pub user_id: String,
    pub expires: i64,
}

/// The claims of an id_token before it is signed, in the documented order.
#[derive(Debug, Clone)]
pub(super) struct IdClaims {
    pub issuer: String,
    pub audience: String,
    pub subject: String,
    pub issued: i64,
    pub lifetime: i64,
    pub token_id: String,
    /// `id`, `name`, `userName`, `mobile`, `email`.
    pub user: Map<String, Value>,
    pub form: Form,
    /// Makes the signature.
    pub signer: keys::Signer,
}

/// A state token as login, skip and forced change hand it out.
pub(super) fn issue_state(
    state: &str,
    user_id: &str,
    issued: i64,
    lifetime: i64,
    form: Form,
) -> String {
    let subject = json!({ "state": state, "userId": user_id }).to_string();
    let mut payload = Map::new();
    payload.insert("subject".into(), json!(subject));
    payload.insert("id".into(), json!(user_id));
    payload.insert("exp".into(), json!(issued + lifetime));
    payload.insert("iat".into(), json!(issued));
    if form.more_claims {
        payload.insert("nbf".into(), json!(issued));
        payload.insert("client".into(), json!({ "channel": "sdk" }));
    }
    let payload = Value::Object(form.order.arrange(payload));
    let signed = format!(
        "{}.{}",
        encode(br#"{"alg":"HS256","typ":"JWT"}"#),
        encode(payload.to_string().as_bytes())
    );
    let tag = hmac::sign(keys::state_key(), signed.as_bytes());
    format!("{signed}.{}", encode(tag.as_ref()))
}

/// Reads a state token's claims without believing them.
pub(super) fn read_state(token: &str) -> Option<StatePayload> {
    let claims = payload(token)?;
    let subject: Value = serde_json::from_str(claims.get("subject")?.as_str()?).ok()?;
    Some(StatePayload {
        state: subject.get("state")?.as_str()?.to_owned(),
        user_id: subject.get("userId")?.as_str()?.to_owned(),
        expires: claims.get("exp")?.as_i64()?,
    })
}

/// Whether the token is HS256 and signed with the tenant's secret.
pub(super) fn state_signature_holds(token: &str) -> bool {
    let Some((signed, signature)) = parts(token, "HS256") else {
        return false;
    };
    hmac::verify(keys::state_key(), signed.as_bytes(), &signature).is_ok()
}

/// Signs an id_token (return parameter tables; layout of the realistic example).
pub(super) fn issue_id(claims: &IdClaims) -> String {
    let mut payload = Map::new();
    payload.insert("iss".into(), json!(claims.issuer));
    payload.insert("aud".into(), json!(claims.audience));
    payload.insert("sub".into(), json!(claims.subject));
    payload.insert("exp".into(), json!(claims.issued + claims.lifetime));
    payload.insert("jti".into(), json!(claims.token_id));
    payload.insert("iat".into(), json!(claims.issued));
    payload.insert("nbf".into(), json!(claims.issued - NOT_BEFORE_SKEW));
    if claims.form.more_claims {
        payload.insert("auth_time".into(), json!(claims.issued));
        payload.insert("scope".into(), json!(["get_user_info"]));
    }
    if claims.form.nested {
        let text = Value::Object(claims.user.clone()).to_string();
        payload.insert("api".into(), json!(text));
    } else {
        payload.extend(claims.user.clone());
    }
    let payload = claims.form.order.arrange(payload);
    let mut header = json!({ "kid": keys::KEY_ID, "alg": "RS256" });
    if claims.form.names_type {
        header["typ"] = json!("JWT");
    }
    let signed = format!(
        "{}.{}",
        encode(header.to_string().as_bytes()),
        encode(Value::Object(payload).to_string().as_bytes())
    );
    let signature = (claims.signer)(signed.as_bytes());
    format!("{signed}.{}", encode(&signature))
}

/// Reads an id_token's user and expiry without believing them.
pub(super) fn read_id(token: &str) -> Option<IdPayload> {
    let claims = payload(token)?;
    let nested: Option<Map<String, Value>> = claims
        .get("api")
        .and_then(Value::as_str)
        .and_then(|text| serde_json::from_str(text).ok());
    let user_id = nested
        .as_ref()
        .unwrap_or(&claims)
        .get("id")?
        .as_str()?
        .to_owned();
    Some(IdPayload {
        user_id,
        expires: claims.get("exp")?.as_i64()?,
    })
}

/// Whether the token is RS256 and signed with the tenant's key.
pub(super) fn id_signature_holds(token: &str) -> bool {
    let Some((signed, signature)) = parts(token, "RS256") else {
        return false;
    };
    keys::verify_rs256(signed.as_bytes(), &signature)
}

/// Whether the first half of the state token's signature is right.
pub(super) fn state_signature_begins_right(token: &str) -> bool {
    begins_right(token, "HS256", |signed| {
        hmac::sign(keys::state_key(), signed).as_ref().to_vec()
    })
}

/// Whether the first half of the id_token's signature is right.
pub(super) fn id_signature_begins_right(token: &str) -> bool {
    begins_right(token, "RS256", keys::sign_rs256)
}

/// Whether the token names no algorithm and carries no signature (RFC 7519, section 6).
pub(super) fn is_unsecured(token: &str) -> bool {
    parts(token, "none").is_some_and(|(_, signature)| signature.is_empty())
}

/// Both algorithms are deterministic, so the right signature can be made again.
fn begins_right(token: &str, algorithm: &str, sign: impl Fn(&[u8]) -> Vec<u8>) -> bool {
    parts(token, algorithm).is_some_and(|(signed, signature)| {
        let right = sign(signed.as_bytes());
        right.len() == signature.len() && signature.starts_with(&right[..right.len() / 2])
    })
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decode_object(segment: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(segment).ok()?).ok()
}

fn payload(token: &str) -> Option<Map<String, Value>> {
    let mut segments = token.split('.');
    let (_, body, _) = (segments.next()?, segments.next()?, segments.next()?);
    if segments.next().is_some() {
        return None;
    }
    decode_object(body)
}

/// The signed text and the signature, if the header names exactly this algorithm.
fn parts<'a>(token: &'a str, algorithm: &str) -> Option<(&'a str, Vec<u8>)> {
    let (signed, signature) = token.rsplit_once('.')?;
    let header = decode_object(signed.split('.').next()?)?;
    if header.get("alg").and_then(Value::as_str) != Some(algorithm) {
        return None;
    }
    Some((signed, URL_SAFE_NO_PAD.decode(signature).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_token_reads_back_and_a_changed_one_does_not_hold() {
        let token = issue_state(
            "PASSWORD_WARN",
            "20260101000000000-ABCD-012345678",
            1000,
            600,
            Form::default(),
        );
        let claims = read_state(&token).expect("readable");
        assert_eq!(claims.state, "PASSWORD_WARN");
        assert_eq!(claims.expires, 1600);
        assert!(state_signature_holds(&token));

        let foreign = issue_state("PASSWORD_WARN", "someone-else", 1000, 600, Form::default());
        let (head, _) = token.rsplit_once('.').expect("three parts");
        let (_, tail) = foreign.rsplit_once('.').expect("three parts");
        assert!(!state_signature_holds(&format!("{head}.{tail}")));
        assert!(!state_signature_holds("abc"));
    }

    #[test]
    fn a_state_token_starts_like_the_documented_ones() {
        let token = issue_state("PASSWORD_WARN", "x", 1, 600, Form::default());
        assert!(token.starts_with("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWJqZWN0Ijoie1"));
    }

    #[test]
    fn an_id_token_reads_back_in_both_layouts() {
        for nested in [false, true] {
            let claims = IdClaims {
                issuer: "i".into(),
                audience: "a".into(),
                subject: "s".into(),
                issued: 5000,
                lifetime: 300,
                token_id: "t".into(),
                user: json!({ "id": "u1" })
                    .as_object()
                    .cloned()
                    .unwrap_or_default(),
                form: Form {
                    nested,
                    ..Form::default()
                },
                signer: keys::sign_rs256,
            };
            let token = issue_id(&claims);
            assert!(id_signature_holds(&token));
            assert_eq!(
                read_id(&token),
                Some(IdPayload {
                    user_id: "u1".into(),
                    expires: 5300
                })
            );
        }
    }

    #[test]
    fn an_unsigned_token_never_holds() {
        let token = format!("{}.{}.", encode(br#"{"alg":"none"}"#), encode(b"{}"));
        assert!(!id_signature_holds(&token));
        assert!(!state_signature_holds(&token));
    }
}
