//! The second factor after the password.

use super::{
    codes,
    session::{self, Endings},
};
use crate::mock::{call::Call, reply::Reply, state::State};

/// `POST /sdk/mfa/sms`: the code was right, so the login ends; a policy may still turn it away.
pub(crate) fn by_sms(call: &Call, state: &mut State) -> Reply {
    codes::consume(call, state);
    session::spend_state_token(call, state);
    let endings = Endings {
        mfa: false,
        denied: true,
    };
    session::conclude(call, state, session::operation_seconds(state), endings)
}
