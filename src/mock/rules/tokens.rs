//! Rules about the tokens a call carries.

use super::{Check, Verdict, ensure};
use crate::mock::{call::Call, jwt, state::State};

/// `X-state-token` is one of the tenant's own, as the printed examples are: HS256.
pub(crate) fn state_token_signed(call: &Call, _: &State) -> Verdict {
    let Some(token) = call.header("X-state-token") else {
        return Ok(());
    };
    let genuine = call.state_claims.is_some() && jwt::state_signature_holds(&token);
    ensure(genuine, "X-state-token")
}

/// `X-state-token` is not past its `exp`.
pub(crate) fn state_token_fresh(call: &Call, _: &State) -> Verdict {
    let fresh = call
        .state_claims
        .as_ref()
        .is_none_or(|claims| call.now < claims.expires);
    ensure(fresh, "X-state-token")
}

/// `X-state-token` belongs to a login that stopped where this operation goes on.
pub(crate) fn state_token_stage(stages: &'static [String]) -> impl Check {
    move |call: &Call, _: &State| {
        let claims = call.state_claims.as_ref();
        let right = claims.is_none_or(|claims| stages.contains(&claims.state));
        ensure(right, "X-state-token")
    }
}

/// `X-state-token` has not led to success before. Undocumented, so a seed may switch it off.
pub(crate) fn state_token_unspent(call: &Call, state: &State) -> Verdict {
    let token = call.header("X-state-token");
    let unspent = token.is_none_or(|token| !state.tokens.spent.contains(&token));
    ensure(unspent, "X-state-token")
}

/// `X-state-token` is shown by the device that got it. Undocumented, so only a seed asks for it.
pub(crate) fn state_token_device(call: &Call, state: &State) -> Verdict {
    let known = call
        .header("X-state-token")
        .and_then(|token| state.tokens.devices.get(&token));
    let (Some(known), Some(given)) = (known, call.header("X-device-fingerprint")) else {
        return Ok(());
    };
    ensure(*known == given, "X-state-token")
}

/// `Authorization` carries one of the tenant's own id tokens.
pub(crate) fn id_token_signed(call: &Call, _: &State) -> Verdict {
    let Some(token) = call.bearer() else {
        return Ok(());
    };
    let genuine = call.id_claims.is_some() && jwt::id_signature_holds(&token);
    ensure(genuine, "Authorization")
}

/// The id token in `Authorization` is not past its `exp`.
pub(crate) fn id_token_fresh(call: &Call, _: &State) -> Verdict {
    let fresh = call
        .id_claims
        .as_ref()
        .is_none_or(|claims| call.now < claims.expires);
    ensure(fresh, "Authorization")
}

/// The session token in this header or body member is alive.
pub(crate) fn session_alive(place: &'static str) -> impl Check {
    move |call: &Call, state: &State| {
        let Some(token) = session_token(call, place) else {
            return Ok(());
        };
        let session = state.tokens.sessions.get(&token);
        let alive = session.is_some_and(|session| call.now < session.expires);
        ensure(alive, place)
    }
}

/// The server names the device that logged in (session exchange pages, `device_fingerprint` row).
pub(crate) fn same_device(place: &'static str) -> impl Check {
    move |call: &Call, state: &State| {
        let session = session_token(call, place).and_then(|t| state.tokens.sessions.get(&t));
        let Some(known) = session.and_then(|session| session.fingerprint.as_deref()) else {
            return Ok(());
        };
        let given = call.text("device_fingerprint");
        ensure(
            given.is_none_or(|given| given == known),
            "device_fingerprint",
        )
    }
}

/// The ticket in `sso_ticket` was issued, is alive and was not used.
pub(crate) fn ticket_alive(call: &Call, state: &State) -> Verdict {
    let Some(ticket) = call.text("sso_ticket") else {
        return Ok(());
    };
    let ticket = state.tokens.tickets.get(ticket);
    ensure(
        ticket.is_some_and(|ticket| call.now < ticket.expires),
        "sso_ticket",
    )
}

/// `Authorization` carries a live management access token.
pub(crate) fn access_token_live(call: &Call, state: &State) -> Verdict {
    let token = call.bearer();
    let end = token.and_then(|token| state.tokens.access.get(&token));
    let live = end.is_some_and(|end| call.now < *end);
    ensure(live, "Invalid access")
}

/// A session token, from a header or from the body member of that name.
pub(crate) fn session_token(call: &Call, place: &str) -> Option<String> {
    call.header(place)
        .or_else(|| call.text(place).map(ToOwned::to_owned))
}
