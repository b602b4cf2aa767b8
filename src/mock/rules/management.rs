//! Rules about the credentials of an application that manages users.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{Verdict, ensure};
use crate::mock::{call::Call, dialect::Dialect, state::State};

/// `grant_type` is `client_credentials`.
pub(crate) fn grant_type(call: &Call, _: &State) -> Verdict {
    let given = call.pair("grant_type").or_else(|| call.text("grant_type"));
    ensure(
        given == Some("client_credentials"),
        "Unsupported grant type",
    )
}

/// The client id and secret are those of the application.
pub(crate) fn credentials(call: &Call, state: &State) -> Verdict {
    let known = &state.applications;
    let right = shown(call)
        .is_some_and(|(id, secret)| id == known.client_id && secret == known.client_secret);
    ensure(right, "Invalid access")
}

/// EIAM takes them in a Basic header, CIAM as query or form, OneAccess in either form.
fn shown(call: &Call) -> Option<(String, String)> {
    let basic = || {
        let header = call.header("Authorization")?;
        let (scheme, encoded) = header.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        let (id, secret) = decoded.split_once(':')?;
        Some((id.to_owned(), secret.to_owned()))
    };
    let listed = || {
        let value = |name| {
            call.pair(name)
                .or_else(|| call.text(name))
                .map(ToOwned::to_owned)
        };
        Some((value("client_id")?, value("client_secret")?))
    };
    match call.edition {
        Dialect::Eiam => basic(),
        Dialect::Ciam => listed(),
        Dialect::OneAccess => basic().or_else(listed),
    }
}
