//! Login with user name and password.

use super::session::{self, Endings};
use crate::mock::{
    call::Call, dialect::Dialect, reply::Reply, rules::user, state::State, users::PasswordState,
};

/// `POST /sdk/login` (login pages): an old password is reported before a second factor is asked.
pub(crate) fn by_password(call: &Call, state: &mut State) -> Reply {
    let user = user::acting(call, state).cloned().unwrap_or_default();
    if let Some(user) = state.user_mut(&user.id) {
        user.failures = 0;
    }
    // Which of the two an administrator's demand leads to is undocumented.
    let demand_warns = state.variation.answers.demand_warns;
    if user.password_state == PasswordState::Expired || (user.must_modify && !demand_warns) {
        return session::stop(call, state, "PASSWORD_EXPIRED", &user.id, None);
    }
    if user.password_state == PasswordState::Warn || user.must_modify {
        let data = (call.edition == Dialect::Ciam).then(|| state.policy.as_login_data());
        return session::stop(call, state, "PASSWORD_WARN", &user.id, data);
    }
    let endings = Endings {
        mfa: call.edition != Dialect::Ciam,
        denied: true,
    };
    session::conclude(call, state, session::login_seconds(state), endings)
}
