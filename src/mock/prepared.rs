//! Accounts that the tenant's owner made ready before a run, because no call can make them.
//!
//! How old a password is, and what an access policy demands of a user, is set in a console. An owner
//! who wants a run to cover such users makes them beforehand, and keeps tokens of theirs until they
//! have expired.

use serde_json::{Map, Value, json};

use super::{
    actor::Actor,
    call::Call,
    jwt,
    ops::session,
    people,
    state::State,
    users::{PasswordState, User},
};
use crate::clock;

/// Seconds that a kept token is past its life.
const PAST: i64 = 3_600;

/// A kind of account: its name and what sets it apart from a plain user.
type Kind = (&'static str, fn(&mut User));

const KINDS: &[Kind] = &[
    ("ok", |_| {}),
    ("warn", |user| user.password_state = PasswordState::Warn),
    ("warn-no-mobile", |user| {
        user.password_state = PasswordState::Warn;
        user.mobile = None;
    }),
    ("warn-mfa", |user| {
        user.password_state = PasswordState::Warn;
        user.mfa = second_factors();
    }),
    ("warn-denied", |user| {
        user.password_state = PasswordState::Warn;
        user.denied = true;
    }),
    ("expired", |user| {
        user.password_state = PasswordState::Expired;
    }),
    ("expired-mfa", |user| {
        user.password_state = PasswordState::Expired;
        user.mfa = second_factors();
    }),
    ("expired-denied", |user| {
        user.password_state = PasswordState::Expired;
        user.denied = true;
    }),
    ("mfa", |user| user.mfa = second_factors()),
];

fn second_factors() -> Vec<String> {
    ["SMS", "EMAIL"].map(String::from).to_vec()
}

/// The kind that nearly every row about an old password uses up; the others are asked for rarely.
const COMMON: &str = "warn";

/// Makes so many accounts of the common kind and a tenth of each other one, and tells of each account
/// what its owner wrote down.
pub(super) fn make(state: &mut State, count: usize) -> Map<String, Value> {
    let mut kinds = Map::new();
    for (name, settle) in KINDS {
        let count = if *name == COMMON {
            count
        } else {
            count.div_ceil(10)
        };
        let accounts = (0..count).map(|_| {
            let mut user = people::invent(state);
            settle(&mut user);
            let told = written_down(state, &user);
            state.users.insert(user);
            told
        });
        kinds.insert((*name).to_owned(), accounts.collect());
    }
    kinds
}

/// The account, and tokens of two logins long ago.
fn written_down(state: &mut State, user: &User) -> Value {
    let nobody = Call::new(
        state.edition,
        Actor::Nobody,
        false,
        clock::unix_seconds(),
        http::HeaderMap::new(),
        "",
        b"",
    );
    let mut told = people::describe(user);
    let reached = match user.password_state {
        PasswordState::Fresh if user.mfa.is_empty() => None,
        PasswordState::Fresh => Some("MFA_AUTH"),
        PasswordState::Warn => Some("PASSWORD_WARN"),
        PasswordState::Expired => Some("PASSWORD_EXPIRED"),
    };
    let issued = nobody.now - state.variation.credentials.state_token_seconds - PAST;
    told["expired_state_token"] = reached.map_or(Value::Null, |reached| {
        json!(state.issue_state_token(reached, &user.id, issued))
    });
    let issued = nobody.now - session::id_token_seconds(state.edition) - PAST;
    let claims = session::id_claims(&nobody, state, user, issued);
    told["expired_id_token"] = json!(jwt::issue_id(&claims));
    told
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::mock::dialect::Dialect;

    #[test]
    fn every_kind_has_its_accounts_and_every_account_is_another_user() {
        let mut state = State::new(Dialect::Ciam, 0, String::new(), None);
        let kinds = make(&mut state, 11);
        assert_eq!(kinds.len(), KINDS.len());
        let accounts: Vec<&Value> = kinds
            .values()
            .filter_map(Value::as_array)
            .flatten()
            .collect();
        let ids: BTreeSet<&str> = accounts
            .iter()
            .filter_map(|account| account["user_id"].as_str())
            .collect();
        assert_eq!(ids.len(), 11 + 2 * (KINDS.len() - 1));
        assert_eq!(ids.len(), state.users.iter().count());
    }

    #[test]
    fn a_kept_token_is_the_accounts_own_and_past_its_life() {
        let mut state = State::new(Dialect::Eiam, 0, String::new(), None);
        let now = clock::unix_seconds();
        for (kind, account) in make(&mut state, 1) {
            let account = &account[0];
            let text = |name: &str| account[name].as_str().unwrap_or_default().to_owned();
            let state_token = jwt::read_state(&text("expired_state_token"));
            assert_eq!(state_token.is_none(), kind == "ok", "{kind}");
            if let Some(state_token) = state_token {
                assert_eq!(state_token.user_id, text("user_id"));
                assert!(state_token.expires < now);
            }
            let id_token = jwt::read_id(&text("expired_id_token")).expect("a token");
            assert_eq!(id_token.user_id, text("user_id"));
            assert!(id_token.expires < now);
        }
    }
}
