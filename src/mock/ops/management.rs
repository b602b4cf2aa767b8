//! User management by an application, and what the tenant publishes about itself.

use serde_json::{Value, json};

use super::session;
use crate::mock::{
    call::Call,
    dialect::Dialect,
    keys, people,
    reply::Reply,
    rules::user,
    state::State,
    users::{PasswordState, User},
};

/// Life of a management access token (CIAM token page: default).
const ACCESS_SECONDS: i64 = 1_800;

/// `POST /tenant/token`.
pub(crate) fn token(call: &Call, state: &mut State) -> Reply {
    let token = state.alphanumeric(64);
    state
        .tokens
        .access
        .insert(token.clone(), call.now + ACCESS_SECONDS);
    let kind = match call.edition {
        Dialect::Eiam => "bearer",
        Dialect::Ciam | Dialect::OneAccess => "Bearer",
    };
    let reply = Reply::json(json!({
        "access_token": token,
        "token_type": kind,
        "expires_in": ACCESS_SECONDS - 1,
        "scope": "all",
    }));
    if call.edition != Dialect::Eiam {
        return reply;
    }
    let application = User {
        user_name: state.applications.client_id.clone(),
        ..User::default()
    };
    let claims = session::id_claims(call, state, &application, call.now);
    reply.with_id_token(claims)
}

/// `POST /api/oap/oauth/token` of EIAM's older server API.
pub(crate) fn token_oap(call: &Call, state: &mut State) -> Reply {
    let token = state.alphanumeric(64);
    state
        .tokens
        .access
        .insert(token.clone(), call.now + ACCESS_SECONDS);
    Reply::json(json!({
        "access_token": token,
        "token_type": "bearer",
        "expires_in": ACCESS_SECONDS - 1,
        "scope": "all",
    }))
}

/// `POST /tenant/users`. The forced change is the default except in EIAM.
pub(crate) fn create_user(call: &Call, state: &mut State) -> Reply {
    let text = |name: &str| call.text(name).map(ToOwned::to_owned);
    let user_name = text("user_name").unwrap_or_else(|| format!("user{}", state.alphanumeric(10)));
    let name = text("name").unwrap_or_else(|| user_name.clone());
    let user = User {
        id: state.new_user_id(),
        pinyin: people::pinyin(&name),
        name,
        user_name,
        mobile: text("mobile"),
        email: text("email"),
        password: text("password").or_else(|| text("pwd")),
        must_modify: call
            .flag("pwd_must_modify")
            .unwrap_or(call.edition != Dialect::Eiam),
        ..User::default()
    };
    let id = user.id.clone();
    state.users.insert(user);
    Reply::json(json!({ "user_id": id }))
}

/// `PUT /tenant/users/{user_id}/change-password`. The forced change is the default everywhere.
pub(crate) fn set_password(call: &Call, state: &mut State) -> Reply {
    let flag = match call.edition {
        Dialect::Ciam => "must_modify",
        Dialect::Eiam | Dialect::OneAccess => "pwd_must_modify",
    };
    let must_modify = call.flag(flag).unwrap_or(true);
    change(call, state, |user| {
        if let Some(password) = call.text("password") {
            user.set_password(password);
        }
        user.must_modify = must_modify;
        user.password_state = PasswordState::Fresh;
    })
}

/// `PUT /tenant/users/{user_id}/disable`.
pub(crate) fn disable(call: &Call, state: &mut State) -> Reply {
    change(call, state, |user| user.disabled = true)
}

/// `PUT /tenant/users/{user_id}/enable`.
pub(crate) fn enable(call: &Call, state: &mut State) -> Reply {
    change(call, state, |user| user.disabled = false)
}

/// `DELETE /tenant/users/{user_id}`: CIAM's page shows 200, the others 204; none shows a body.
pub(crate) fn delete(call: &Call, state: &mut State) -> Reply {
    let id = user::acting(call, state).map(|user| user.id.clone());
    if let Some(id) = id {
        state.users.remove(&id);
    }
    match call.edition {
        Dialect::Ciam => Reply::empty(),
        Dialect::Eiam | Dialect::OneAccess => Reply::nothing(),
    }
}

/// `POST /tenant/users/user-by-username`. EIAM's example has `locked` as a Boolean, OneAccess' table
/// as a text, and CIAM's page was not to be had: the member stays out of the answer.
pub(crate) fn find_by_name(call: &Call, state: &mut State) -> Reply {
    let user = user::acting(call, state).cloned().unwrap_or_default();
    let mut told = json!({
        "user_id": user.id,
        "user_name": user.user_name,
        "name": user.name,
        "mobile": user.mobile,
        "email": user.email,
        "pwd_must_modify": user.must_modify,
        "disabled": user.disabled,
    });
    if let Some(members) = told.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    Reply::json(told)
}

fn change(call: &Call, state: &mut State, edit: impl FnOnce(&mut User)) -> Reply {
    let id = user::acting(call, state)
        .map(|user| user.id.clone())
        .unwrap_or_default();
    if let Some(user) = state.user_mut(&id) {
        edit(user);
    }
    Reply::json(json!({ "user_id": id }))
}

/// `GET /api/v1/oauth2/keys`.
pub(crate) fn keys(_: &Call, state: &mut State) -> Reply {
    Reply::json(keys::public_set(state.variation.second_key))
}

/// `GET /api/v1/oauth2/.well-known/openid-configuration` (OpenID Connect Discovery 1.0, section 3).
pub(crate) fn discovery(_: &Call, state: &mut State) -> Reply {
    let issuer = format!("{}/api/v1/oauth2", state.base_url);
    let at = |path: &str| Value::String(format!("{issuer}{path}"));
    Reply::json(json!({
        "issuer": issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/userinfo"),
        "jwks_uri": at("/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }))
}

/// `GET /sdk/server-date`: milliseconds as text.
pub(crate) fn server_date(call: &Call, _: &mut State) -> Reply {
    Reply::json(json!({ "timestamp": (call.now * 1000).to_string() }))
}

/// `GET /sdk/public-key`.
pub(crate) fn public_key(_: &Call, _: &mut State) -> Reply {
    Reply::json(json!({ "public_key": keys::public_text() }))
}

/// `GET /sdk/country-codes`: the one area the mock's users live in.
pub(crate) fn country_codes(call: &Call, _: &mut State) -> Reply {
    let mut codes = json!({
        "phoneAreaCodeDefinitions": [{
            "areaCode": "86",
            "displayMapping": { "zh-TW": "中國", "en": "China", "zh-CN": "中国" },
            "countryCode": "CN",
            "mobileRegex": r"^(\+86){0,1}\-?1\d{10}$",
            "areaCodeSuffixes": [],
        }]
    });
    if call.edition == Dialect::OneAccess {
        codes["preferredAreaCode"] = json!("CN");
    }
    Reply::json(codes)
}
