//! Rules about the user a call acts for, and who that is.

use super::{Objection, Verdict, ensure, tokens};
use crate::mock::{actor::Actor, call::Call, state::State, users::User};

/// How a call names its user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Key {
    Id(String),
    UserName(String),
    Mobile(String),
    Email(String),
}

/// How this call names its user, if it does. Nothing is verified or looked up yet.
pub(crate) fn key(call: &Call, state: &State) -> Option<Key> {
    let member = |name: &str| call.text(name).map(ToOwned::to_owned);
    let bearer = || {
        call.id_claims
            .as_ref()
            .map(|claims| Key::Id(claims.user_id.clone()))
    };
    let anonymous = call.bearer().is_none();
    match call.actor {
        Actor::Nobody => None,
        Actor::StateToken => call
            .state_claims
            .as_ref()
            .map(|claims| Key::Id(claims.user_id.clone())),
        Actor::BearerOrMobile if anonymous => member("mobile").map(Key::Mobile),
        Actor::BearerOrEmail if anonymous => member("email").map(Key::Email),
        Actor::Bearer | Actor::BearerOrMobile | Actor::BearerOrEmail => bearer(),
        Actor::Mobile => member("mobile").map(Key::Mobile),
        Actor::UserName => member("user_name").map(Key::UserName),
        Actor::Session(place) => tokens::session_token(call, place)
            .and_then(|token| state.tokens.sessions.get(&token))
            .map(|session| Key::Id(session.user_id.clone())),
        Actor::Path => call.segments.first().cloned().map(Key::Id),
    }
}

/// The user this call acts for, if there is one.
pub(crate) fn acting<'state>(call: &Call, state: &'state State) -> Option<&'state User> {
    match key(call, state)? {
        Key::Id(id) => state.users.get(&id),
        Key::UserName(name) => state.users.named(&name),
        Key::Mobile(mobile) => state.users.with_mobile(&mobile),
        Key::Email(email) => state.users.with_email(&email),
    }
}

/// The user who is named exists.
pub(crate) fn exists(call: &Call, state: &State) -> Verdict {
    let missing = key(call, state).is_some() && acting(call, state).is_none();
    ensure(!missing, "user")
}

/// The user is not disabled.
pub(crate) fn enabled(call: &Call, state: &State) -> Verdict {
    let disabled = acting(call, state).is_some_and(|user| user.disabled);
    ensure(!disabled, "user")
}

/// The user is not locked after too many failed logins; the message counts down.
pub(crate) fn unlocked(call: &Call, state: &State) -> Verdict {
    match acting(call, state) {
        Some(user) if user.is_locked(call.now) => {
            let left = user.locked_until - call.now;
            Err(Objection::naming([left / 60, left % 60]))
        }
        _ => Ok(()),
    }
}

/// There is a number to send to: the user's own, or `mobile` when nobody is logged in.
///
/// CIAM's change page lists this error without a mobile parameter. Read as: the
/// operation also serves forgotten passwords, and then needs one.
pub(crate) fn mobile_known(call: &Call, state: &State) -> Verdict {
    let holds = match (key(call, state), acting(call, state)) {
        (_, Some(user)) => user.mobile.is_some(),
        (Some(_), None) => true,
        (None, None) => !must_name_receiver(call),
    };
    ensure(holds, "mobile")
}

/// There is an address to send to, as with [`mobile_known`].
pub(crate) fn email_known(call: &Call, state: &State) -> Verdict {
    let holds = match (key(call, state), acting(call, state)) {
        (_, Some(user)) => user.email.is_some(),
        (Some(_), None) => true,
        (None, None) => !must_name_receiver(call),
    };
    ensure(holds, "email")
}

/// Whether the body is the only place left that can name the user.
///
/// A missing or unreadable token is for another rule to refuse.
fn must_name_receiver(call: &Call) -> bool {
    let either = matches!(call.actor, Actor::BearerOrMobile | Actor::BearerOrEmail);
    either && call.bearer().is_none()
}

/// Nobody has this user name yet.
pub(crate) fn name_free(call: &Call, state: &State) -> Verdict {
    let taken = call
        .text("user_name")
        .is_some_and(|name| state.users.named(name).is_some());
    ensure(!taken, "user_name")
}
