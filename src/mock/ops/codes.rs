//! Verification codes by SMS and e-mail, and the number they go to.

use serde_json::json;

use crate::mock::{call::Call, reply::Reply, rules::user, state::State};

/// `POST /sdk/sms/send`.
pub(crate) fn send_sms(call: &Call, state: &mut State) -> Reply {
    send(call, state, "mobile")
}

/// `POST /sdk/email/send`.
pub(crate) fn send_email(call: &Call, state: &mut State) -> Reply {
    send(call, state, "email")
}

fn send(call: &Call, state: &mut State, receiver: &str) -> Reply {
    let code = state.code();
    if let (Some(receiver), Some(purpose)) = (call.text(receiver), call.text("type")) {
        let expires = call.now + state.variation.credentials.code_seconds;
        state.outbox.send(receiver, purpose, code, expires);
    }
    Reply::empty()
}

/// `GET /sdk/mobile-by-token`: where a code for the user of the state token would go.
pub(crate) fn mobile_by_token(call: &Call, state: &mut State) -> Reply {
    let mobile = user::acting(call, state).and_then(|user| user.mobile.clone());
    Reply::json(json!({ "mobile": mobile.unwrap_or_default() }))
}

/// Forgets the code this call used.
pub(crate) fn consume(call: &Call, state: &mut State) {
    let (Some(user), Some(code)) = (user::acting(call, state).cloned(), call.text("verify_code"))
    else {
        return;
    };
    for receiver in [user.mobile, user.email].into_iter().flatten() {
        state.outbox.consume(&receiver, code);
    }
}
