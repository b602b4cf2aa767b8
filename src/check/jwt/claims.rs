//! What a token says: its times, for whom it is, its other claims.

use serde_json::Value;

use super::{Matcher, Part, Unusable, show};
use crate::{check::Evidence, result::Mismatch};

/// Clock difference that is forgiven where nothing else is written, in seconds.
const SKEW: i128 = 300;

pub(super) fn claims(
    wanted: &Value,
    claims: &Value,
    part: Part<'_>,
    evidence: &Evidence<'_>,
    broken: &mut Vec<Mismatch>,
) -> Result<(), Unusable> {
    let at = |name: &str| part(name, &format!("claim {name}"));
    times(wanted, claims, part, evidence.at, broken)?;
    for names in wanted["required"].as_array().into_iter().flatten() {
        let names = names.as_str().unwrap_or_default();
        if named(claims, names).is_none() {
            broken.push(at(names).mismatch("present", "absent"));
        }
    }
    if let Some(issuer) = wanted.get("iss") {
        Matcher::parse(issuer)?.compare(claims.get("iss"), &at("iss"), broken);
    }
    if let Some(audience) = wanted.get("aud") {
        let actual = &claims["aud"];
        // RFC 7519, section 4.1.3: one text, or a list of them.
        let meant = actual == audience
            || actual
                .as_array()
                .is_some_and(|all| all.iter().any(|one| one == audience));
        if !meant || !audience.is_string() {
            broken.push(at("aud").mismatch(show(audience), show(actual)));
        }
    }
    for (names, matcher) in wanted["claims"].as_object().into_iter().flatten() {
        Matcher::parse(matcher)?.compare(named(claims, names), &at(names), broken);
    }
    let user_claims = &evidence.contract.convention.user_claims;
    for (name, matcher) in wanted["user"].as_object().into_iter().flatten() {
        let actual = user_claims.find(claims, name);
        let place = part("user", &format!("claim {name}"));
        Matcher::parse(matcher)?.compare(actual.as_ref(), &place, broken);
    }
    Ok(())
}

fn times(
    wanted: &Value,
    claims: &Value,
    part: Part<'_>,
    now: i64,
    broken: &mut Vec<Mismatch>,
) -> Result<(), Unusable> {
    // Wider than any time that can be written, so that no difference of two overflows.
    let time = |name: &str| claims[name].as_i64().map(i128::from);
    let (issued, expires) = (time("iat"), time("exp"));
    if let Some(lifetime) = wanted.get("lifetime") {
        let actual = issued.zip(expires).map(|(iat, exp)| exp - iat);
        let actual = actual.map(|seconds| match i64::try_from(seconds) {
            Ok(seconds) => Value::from(seconds),
            Err(_) => Value::from(seconds.to_string()),
        });
        let place = part("lifetime", "claim exp minus iat");
        Matcher::parse(lifetime)?.compare(actual.as_ref(), &place, broken);
    }
    if wanted["fresh"] != true {
        return Ok(());
    }
    let (at_once, skew) = (
        i128::from(now),
        wanted["skew"].as_u64().map_or(SKEW, i128::from),
    );
    match (issued, expires) {
        (Some(iat), Some(exp)) if (iat - at_once).abs() <= skew && exp > at_once - skew => {}
        _ => broken.push(part("exp", "claim iat, exp").mismatch(
            format!("issued about {now} and not expired"),
            format!("iat {}, exp {}", claims["iat"], claims["exp"]),
        )),
    }
    if let Some(nbf) = claims.get("nbf")
        && nbf
            .as_i64()
            .is_none_or(|nbf| i128::from(nbf) > at_once + skew)
    {
        broken.push(part("nbf", "claim nbf").mismatch("not in the future", show(nbf)));
    }
    Ok(())
}

/// The claim of the first of these names, written `a|b`, that is there.
fn named<'c>(claims: &'c Value, names: &str) -> Option<&'c Value> {
    names.split('|').find_map(|name| claims.get(name))
}
