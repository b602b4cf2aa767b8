//! Changing, skipping and asking about the user's own password.

use serde_json::json;

use super::{
    codes,
    session::{self, Endings},
};
use crate::mock::{call::Call, dialect::Dialect, reply::Reply, rules::user, state::State};

/// EIAM, forced change by mobile: `SUCCESS` is the only status its return table lists.
pub(crate) fn forced_change_by_mobile(call: &Call, state: &mut State) -> Reply {
    codes::consume(call, state);
    set(call, state, "new_password");
    session::spend_state_token(call, state);
    let endings = Endings {
        mfa: false,
        denied: false,
    };
    session::conclude(call, state, session::operation_seconds(state), endings)
}

/// Forced change by old password: the login then goes on as it would have.
pub(crate) fn forced_change_by_old_password(call: &Call, state: &mut State) -> Reply {
    set(call, state, "new_password");
    session::spend_state_token(call, state);
    let mut reply = session::conclude(
        call,
        state,
        session::operation_seconds(state),
        endings(call.edition),
    );
    if call.edition == Dialect::OneAccess && state.variation.answers.drops_id_token {
        reply.id_token = None;
    }
    reply
}

/// `GET /sdk/pwd/skip-update`: the password stays, and so does its warning.
pub(crate) fn skip(call: &Call, state: &mut State) -> Reply {
    session::spend_state_token(call, state);
    session::conclude(
        call,
        state,
        session::operation_seconds(state),
        endings(call.edition),
    )
}

/// Sets `password` after a code was shown: own change and forgotten password alike. Empty answer.
pub(crate) fn change_by_code(call: &Call, state: &mut State) -> Reply {
    codes::consume(call, state);
    set(call, state, "password");
    Reply::empty()
}

/// `POST /sdk/pwd/change`. Empty answer.
pub(crate) fn change_by_old_password(call: &Call, state: &mut State) -> Reply {
    set(call, state, "new_password");
    Reply::empty()
}

/// `GET /sdk/pwd/check-exist`: a Boolean, as in the example, or a text, as in the table.
pub(crate) fn check_exist(call: &Call, state: &mut State) -> Reply {
    let set = user::acting(call, state).is_some_and(|user| user.password.is_some());
    let said = if state.variation.answers.flag_as_text {
        json!(set.to_string())
    } else {
        json!(set)
    };
    Reply::json(json!({ "is_set_pwd": said }))
}

/// CIAM's pages know no second factor here.
const fn endings(edition: Dialect) -> Endings {
    Endings {
        mfa: !matches!(edition, Dialect::Ciam),
        denied: true,
    }
}

fn set(call: &Call, state: &mut State, member: &str) {
    let id = user::acting(call, state).map(|user| user.id.clone());
    let (Some(id), Some(password)) = (id, call.text(member)) else {
        return;
    };
    if let Some(user) = state.user_mut(&id) {
        user.set_password(password);
    }
    // What becomes of sessions opened before is undocumented.
    if state.variation.sessions.end_with_password {
        let sessions = &mut state.tokens.sessions;
        sessions.retain(|_, session| session.user_id != id);
    }
}
