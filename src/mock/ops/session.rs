//! Sessions: how a login ends, and what a session token can be exchanged for.

use serde_json::{Map, Value, json};

use crate::mock::{
    call::Call,
    dialect::Dialect,
    jwt::IdClaims,
    keys, messages,
    reply::Reply,
    rules::{tokens, user},
    state::{Session, State, Ticket},
    users::User,
};

/// `expire` after OneAccess' password operations.
const ONEACCESS_OPERATION_SECONDS: i64 = 43_200;

/// Life of an sso_ticket (session exchange pages).
const TICKET_SECONDS: i64 = 300;

/// Which endings besides `SUCCESS` the operation's page knows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Endings {
    pub mfa: bool,
    pub denied: bool,
}

/// `expire` after a login or a refresh; the examples differ, and nothing but an example is printed.
pub(crate) fn login_seconds(state: &State) -> i64 {
    state
        .variation
        .sessions
        .login_seconds
        .unwrap_or(match state.edition {
            Dialect::Ciam => 432_000,
            Dialect::Eiam | Dialect::OneAccess => 604_800,
        })
}

/// `expire` after a password operation.
pub(crate) fn operation_seconds(state: &State) -> i64 {
    match state.edition {
        Dialect::Eiam | Dialect::Ciam => state.variation.sessions.operation_seconds,
        Dialect::OneAccess => ONEACCESS_OPERATION_SECONDS,
    }
}

/// Default life of an id_token: 5 minutes in CIAM, 2 hours elsewhere.
pub(crate) const fn id_token_seconds(edition: Dialect) -> i64 {
    match edition {
        Dialect::Ciam => 300,
        Dialect::Eiam | Dialect::OneAccess => 7_200,
    }
}

/// Ends a login for the acting user: turned away, second factor, or a session.
pub(crate) fn conclude(call: &Call, state: &mut State, seconds: i64, endings: Endings) -> Reply {
    let user = user::acting(call, state).cloned().unwrap_or_default();
    if user.denied && endings.denied {
        if call.edition != Dialect::Eiam && state.variation.answers.bare_denial {
            return Reply::json(json!({ "status": "ACCESS_DENIED" }));
        }
        let data = messages::access_denied(call.language()).to_owned();
        return stop(call, state, "ACCESS_DENIED", &user.id, Some(data));
    }
    if !user.mfa.is_empty() && endings.mfa {
        let methods = json!(user.mfa).to_string();
        return stop(call, state, "MFA_AUTH", &user.id, Some(methods));
    }
    open(call, state, &user, seconds)
}

/// A login that stops short of a session: status, state_token and, if any, `data` as text.
pub(crate) fn stop(
    call: &Call,
    state: &mut State,
    status: &str,
    user_id: &str,
    data: Option<String>,
) -> Reply {
    let token = state.issue_state_token(status, user_id, call.now);
    if let Some(device) = call.header("X-device-fingerprint") {
        state.tokens.devices.insert(token.clone(), device);
    }
    let newest = &mut state.tokens.newest;
    let former = newest.insert(user_id.to_owned(), token.clone());
    if let Some(former) = former
        && state.variation.credentials.newest_alone
        && former != token
    {
        state.tokens.spent.insert(former);
    }
    let mut reply = Map::new();
    reply.insert("status".into(), json!(status));
    reply.insert("state_token".into(), json!(token));
    if let Some(data) = data {
        reply.insert("data".into(), json!(data));
    }
    Reply::json(Value::Object(reply))
}

/// A session: `SUCCESS`, `expire`, `session_token`, `id_token`, in the order of the examples.
pub(crate) fn open(call: &Call, state: &mut State, user: &User, seconds: i64) -> Reply {
    let token = state.alphanumeric(state.variation.sessions.token_length);
    state.tokens.sessions.insert(
        token.clone(),
        Session {
            user_id: user.id.clone(),
            expires: call.now + seconds,
            fingerprint: call.header("X-device-fingerprint"),
        },
    );
    let claims = id_claims(call, state, user, call.now);
    Reply::json(json!({ "status": "SUCCESS", "expire": seconds, "session_token": token }))
        .with_id_token(claims)
}

/// What an id_token for this user says.
pub(crate) fn id_claims(call: &Call, state: &mut State, user: &User, issued: i64) -> IdClaims {
    let data = json!({
        "id": user.id,
        "name": user.name,
        "userName": user.user_name,
        "mobile": user.mobile,
        "email": user.email,
    });
    IdClaims {
        issuer: format!("{}/api/v1/oauth2", state.base_url),
        audience: call
            .header("X-client-id")
            .unwrap_or_else(|| state.applications.client_id.clone()),
        subject: user.user_name.clone(),
        issued,
        lifetime: id_token_seconds(call.edition),
        token_id: state.alphanumeric(22),
        user: data.as_object().cloned().unwrap_or_default(),
        form: state.variation.token_form,
        signer: keys::sign_rs256,
    }
}

/// Marks the state token of this call as used up.
pub(crate) fn spend_state_token(call: &Call, state: &mut State) {
    if let Some(token) = call.header("X-state-token")
        && state.variation.credentials.single_use
    {
        state.tokens.spent.insert(token);
    }
}

/// `POST /sso/session-token/id-token`: the same session, a new id_token (refresh pages).
pub(crate) fn refresh_id_token(call: &Call, state: &mut State) -> Reply {
    let place = match call.edition {
        Dialect::Ciam => "session-token",
        Dialect::Eiam | Dialect::OneAccess => "X-session-token",
    };
    let mut token = call.header(place).unwrap_or_default();
    let user = user::acting(call, state).cloned().unwrap_or_default();
    if state.variation.sessions.renewed_by_refresh {
        let renewed = state.alphanumeric(state.variation.sessions.token_length);
        if let Some(session) = state.tokens.sessions.remove(&token) {
            state.tokens.sessions.insert(renewed.clone(), session);
            token = renewed;
        }
    }
    let claims = id_claims(call, state, &user, call.now);
    let seconds = login_seconds(state);
    Reply::json(json!({ "session_token": token, "expire": seconds })).with_id_token(claims)
}

/// `POST /tenant/sso/session-token/sso-ticket`.
pub(crate) fn exchange_for_ticket(call: &Call, state: &mut State) -> Reply {
    let ticket = new_ticket(call, state, "session_token");
    Reply::json(json!({ "expire": TICKET_SECONDS, "sso_ticket": ticket }))
}

/// `POST /api/oap/v1/sso/session_ticket`: the same through EIAM's older server API.
pub(crate) fn exchange_for_ticket_oap(call: &Call, state: &mut State) -> Reply {
    let ticket = new_ticket(call, state, "sessionToken");
    Reply::json(json!({
        "code": 0,
        "message": "success",
        "data": { "expire": TICKET_SECONDS, "ssoTicket": ticket },
    }))
}

/// `POST /tenant/sso/sso-ticket/verify`: the ticket is used up, the user is told.
pub(crate) fn verify_ticket(call: &Call, state: &mut State) -> Reply {
    let ticket = call.text("sso_ticket").unwrap_or_default();
    let user = state
        .tokens
        .tickets
        .remove(ticket)
        .and_then(|ticket| state.users.get(&ticket.user_id).cloned())
        .unwrap_or_default();
    let told = json!({
        "userName": user.user_name,
        "id": user.id,
        "name": user.name,
        "mobile": user.mobile,
        "email": user.email,
    });
    let data = if call.edition == Dialect::OneAccess && state.variation.sessions.flat_user {
        told
    } else {
        json!({ "user": told })
    };
    Reply::json(json!({ "code": "200", "message": "success", "data": data }))
}

fn new_ticket(call: &Call, state: &mut State, place: &str) -> String {
    let user_id = tokens::session_token(call, place)
        .and_then(|token| state.tokens.sessions.get(&token))
        .map(|session| session.user_id.clone())
        .unwrap_or_default();
    let ticket = format!("ssoTicket-{}", state.alphanumeric(32));
    let expires = call.now + TICKET_SECONDS;
    state
        .tokens
        .tickets
        .insert(ticket.clone(), Ticket { user_id, expires });
    ticket
}
