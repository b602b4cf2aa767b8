//! OneAccess: CIAM's codes without their prefix, and tenants behind a common domain.

use crate::mock::{
    actor::Actor,
    operation::Operation,
    ops::{captcha, codes as messages, login, management, mfa, password, session},
    rules::{
        Rule, body,
        codes::{self, Channel},
        headers, management as credentials,
        password::{self as passwords, PolicyCodes},
        tokens, user,
    },
};

const DEVICE: &str = "PARAM.0001";
const NO_CLIENT: &str = "PARAM.0002";
const NO_CODE: &str = "PARAM.0009";
const NO_STATE_TOKEN: &str = "PARAM.0013";
const BAD_STATE_TOKEN: &str = "PARAM.0014";
const BAD_SESSION: &str = "PARAM.0023";
const NO_TENANT_ID: &str = "PARAM.0024";
const OTHER_DEVICE: &str = "PARAM.0025";
const BAD_TICKET: &str = "PARAM.0026";
const NO_APPLICATION: &str = "APP.0001";
const NO_TENANT: &str = "TENANT.0001";
const BAD_CAPTCHA: &str = "CAPTCHA.0002";
const BAD_CAPTCHA_TOKEN: &str = "CAPTCHA.0004";
const NO_CAPTCHA_TOKEN: &str = "CAPTCHA.0005";
const NOT_SENT: &str = "CAPTCHA.0006";
const BAD_CODE: &str = "CAPTCHA.0007";
const LOCKED: &str = "LOGIN.0001";
const BAD_LOGIN: &str = "LOGIN.0002";
const NO_USER: &str = "USER.0001";
const NO_NAME: &str = "USER.0002";
const NO_MOBILE: &str = "USER.0004";
const NO_PASSWORD: &str = "USER.0006";
const DISABLED: &str = "USER.0039";

const POLICY: PolicyCodes = PolicyCodes {
    history: "PWD.0001",
    reverse: "PWD.0002",
    user_data: "PWD.0003",
    types: "PWD.0004",
    weak: "PWD.0005",
    repeat: "PWD.0006",
    length: "PWD.0007",
};

/// The list has no second factor, yet its operation exists; the name is EIAM's.
const SMS_PURPOSES: &[&str] = &[
    "LOGIN_SMS",
    "REGISTER_SMS",
    "MFA_AUTH_SMS",
    "FORGET_PWD_SMS",
    "BIND_MOBILE_SMS",
    "UPDATE_MOBILE_SMS",
];

pub(super) fn operations() -> Vec<Operation> {
    let mut table = system();
    table.extend(sign_in());
    table.extend(own_password());
    table.extend(sessions());
    table.extend(managed());
    table
}

fn system() -> Vec<Operation> {
    vec![
        Operation::get(
            "showServerDate",
            "/api/v2/sdk/server-date",
            Actor::Nobody,
            management::server_date,
        )
        .rules(caller()),
        Operation::get(
            "showPublicKey",
            "/api/v2/sdk/public-key",
            Actor::Nobody,
            management::public_key,
        )
        .rules(caller()),
        Operation::get(
            "listCountryCodes",
            "/api/v2/sdk/country-codes",
            Actor::Nobody,
            management::country_codes,
        )
        .rules(caller()),
        Operation::get(
            "getDiscovery",
            "/api/v1/oauth2/.well-known/openid-configuration",
            Actor::Nobody,
            management::discovery,
        ),
        Operation::get(
            "getKeys",
            "/api/v1/oauth2/keys",
            Actor::Nobody,
            management::keys,
        ),
    ]
}

fn sign_in() -> Vec<Operation> {
    vec![
        Operation::post(
            "passwordLogin",
            "/api/v2/sdk/login",
            Actor::UserName,
            login::by_password,
        )
        .rules(caller())
        .rules(text(
            "user_name",
            ["user_name-present", "user_name-string"],
            NO_NAME,
        ))
        .rules(text(
            "password",
            ["password-present", "password-string"],
            NO_PASSWORD,
        ))
        .rules([
            Rule::new("user-unlocked", user::unlocked(LOCKED)),
            Rule::new(
                "password-correct",
                passwords::correct("password", BAD_LOGIN),
            ),
            Rule::new("user-enabled", user::enabled(DISABLED)),
        ]),
        Operation::get(
            "getCaptcha",
            "/api/v2/sdk/captcha",
            Actor::Nobody,
            captcha::get,
        )
        .rules(caller()),
        Operation::post(
            "verifyCaptcha",
            "/api/v2/sdk/captcha/verify",
            Actor::Nobody,
            captcha::verify,
        )
        .rules(caller())
        .rules(text(
            "point_json",
            ["point_json-present", "point_json-string"],
            "PARAM.0004",
        ))
        .rules(text(
            "token",
            ["token-present", "token-string"],
            "PARAM.0005",
        ))
        .rules(text(
            "sender",
            ["sender-present", "sender-string"],
            "PARAM.0006",
        ))
        .rules([Rule::new(
            "captcha-solved",
            codes::captcha_solved(BAD_CAPTCHA),
        )]),
        Operation::post(
            "sendSmsCode",
            "/api/v2/sdk/sms/send",
            Actor::Nobody,
            messages::send_sms,
        )
        .rules(caller())
        .rules(text(
            "mobile",
            ["mobile-present", "mobile-string"],
            NO_MOBILE,
        ))
        .rules(text("type", ["type-present", "type-string"], "PARAM.0007"))
        .rules(text(
            "captcha_token",
            ["captcha_token-present", "captcha_token-string"],
            NO_CAPTCHA_TOKEN,
        ))
        .rules([
            Rule::new("type-known", codes::purpose_known(SMS_PURPOSES, NOT_SENT)),
            Rule::new(
                "captcha_token-known",
                codes::captcha_token_known(BAD_CAPTCHA_TOKEN),
            ),
        ]),
        Operation::get(
            "mobileByToken",
            "/api/v2/sdk/mobile-by-token",
            Actor::StateToken,
            messages::mobile_by_token,
        )
        .rules(caller())
        .rules(state_token(&[
            "PASSWORD_WARN",
            "PASSWORD_EXPIRED",
            "MFA_AUTH",
        ]))
        .rules([Rule::new("mobile-known", user::mobile_known(NO_MOBILE))])
        .rules(active_user()),
        Operation::post(
            "mfaSms",
            "/api/v2/sdk/mfa/sms",
            Actor::StateToken,
            mfa::by_sms,
        )
        .rules(caller())
        .rules(state_token(&["MFA_AUTH"]))
        .rules(text(
            "verify_code",
            ["verify_code-present", "verify_code-string"],
            NO_CODE,
        ))
        .rules([Rule::new("mobile-known", user::mobile_known(NO_MOBILE))])
        .rules([sms_code(&["MFA_AUTH_SMS", "LOGIN_SMS"])])
        .rules(active_user()),
    ]
}

fn own_password() -> Vec<Operation> {
    vec![
        Operation::post(
            "forcedChangeByOldPassword",
            "/api/v2/sdk/pwd/update",
            Actor::StateToken,
            password::forced_change_by_old_password,
        )
        .rules(caller())
        .rules(state_token(&["PASSWORD_WARN", "PASSWORD_EXPIRED"]))
        .rules([Rule::new("body-object", body::object(NO_PASSWORD))])
        .rules([Rule::new(
            "old_password-present",
            body::present("old_password", NO_PASSWORD),
        )])
        .rules(text(
            "new_password",
            ["new_password-present", "new_password-string"],
            NO_PASSWORD,
        ))
        .rules([
            Rule::new("user-exists", user::exists(NO_USER)),
            Rule::new(
                "old_password-correct",
                passwords::correct("old_password", BAD_LOGIN),
            ),
            Rule::new("user-enabled", user::enabled(DISABLED)),
        ])
        .rules(passwords::policy("new_password", POLICY)),
        Operation::get(
            "skipPasswordUpdate",
            "/api/v2/sdk/pwd/skip-update",
            Actor::StateToken,
            password::skip,
        )
        .rules(caller())
        .rules(state_token(&["PASSWORD_WARN"]))
        .rules(active_user()),
        Operation::post(
            "forgotPasswordByMobile",
            "/api/v2/sdk/pwd/update-by-mobile",
            Actor::Mobile,
            password::change_by_code,
        )
        .rules(caller())
        .rules(text(
            "mobile",
            ["mobile-present", "mobile-string"],
            NO_MOBILE,
        ))
        .rules(text(
            "verify_code",
            ["verify_code-present", "verify_code-string"],
            NO_CODE,
        ))
        .rules(text(
            "password",
            ["password-present", "password-string"],
            NO_PASSWORD,
        ))
        .rules([sms_code(&["FORGET_PWD_SMS"])])
        .rules(active_user())
        .rules(passwords::policy("password", POLICY)),
    ]
}

fn sessions() -> Vec<Operation> {
    vec![
        Operation::post(
            "exchangeSsoTicket",
            "/api/v2/tenant/sso/session-token/sso-ticket",
            Actor::Session("session_token"),
            session::exchange_for_ticket,
        )
        .rules([
            Rule::new("access-token-live", tokens::access_token),
            Rule::new(
                "session_token-present",
                body::present("session_token", BAD_SESSION),
            ),
            Rule::new(
                "session_token-alive",
                tokens::session_alive("session_token", BAD_SESSION),
            ),
            Rule::new(
                "device_fingerprint-present",
                body::present("device_fingerprint", DEVICE),
            ),
            Rule::new(
                "same-device",
                tokens::same_device("session_token", OTHER_DEVICE),
            ),
        ]),
        Operation::post(
            "verifySsoTicket",
            "/api/v2/tenant/sso/sso-ticket/verify",
            Actor::Nobody,
            session::verify_ticket,
        )
        .rules([
            Rule::new("access-token-live", tokens::access_token),
            Rule::new(
                "sso_ticket-present",
                body::present("sso_ticket", BAD_TICKET),
            ),
            Rule::new("sso_ticket-alive", tokens::ticket_alive(BAD_TICKET)),
        ]),
    ]
}

fn managed() -> Vec<Operation> {
    let manager = || [Rule::new("access-token-live", tokens::access_token)];
    let known = || [Rule::new("user-exists", user::exists(NO_USER))];
    vec![
        Operation::post(
            "managementToken",
            "/api/v2/tenant/token",
            Actor::Nobody,
            management::token,
        )
        .rules([
            Rule::new("grant_type-known", credentials::grant_type),
            Rule::new("client-credentials", credentials::credentials),
        ]),
        Operation::post(
            "createUser",
            "/api/v2/tenant/users",
            Actor::Nobody,
            management::create_user,
        )
        .rules(manager())
        .rules([
            Rule::new("user_name-present", body::present("user_name", NO_NAME)),
            Rule::new("user_name-free", user::name_free("USER.0040")),
        ])
        .rules(passwords::policy("password", POLICY)),
        Operation::put(
            "setUserPassword",
            "/api/v2/tenant/users/{}/change-password",
            Actor::Path,
            management::set_password,
        )
        .rules(manager())
        .rules([Rule::new(
            "password-present",
            body::present("password", NO_PASSWORD),
        )])
        .rules(known())
        .rules(passwords::policy("password", POLICY)),
        Operation::put(
            "disableUser",
            "/api/v2/tenant/users/{}/disable",
            Actor::Path,
            management::disable,
        )
        .rules(manager())
        .rules(known()),
        Operation::put(
            "enableUser",
            "/api/v2/tenant/users/{}/enable",
            Actor::Path,
            management::enable,
        )
        .rules(manager())
        .rules(known()),
        Operation::delete(
            "deleteUser",
            "/api/v2/tenant/users/{}",
            Actor::Path,
            management::delete,
        )
        .rules(manager())
        .rules(known()),
        Operation::post(
            "findUserByName",
            "/api/v2/tenant/users/user-by-username",
            Actor::UserName,
            management::find_by_name,
        )
        .rules(manager())
        .rules([Rule::new(
            "user_name-present",
            body::present("user_name", NO_NAME),
        )])
        .rules(known()),
    ]
}

/// The headers every SDK operation requires, and the tenant where it must be named.
///
/// One revision of the documents calls the device headers log-only; the mock follows the table.
fn caller() -> [Rule; 7] {
    [
        Rule::new(
            "x-operating-sys-version-present",
            headers::present("X-operating-sys-version", DEVICE),
        ),
        Rule::new(
            "x-device-fingerprint-present",
            headers::present("X-device-fingerprint", DEVICE),
        ),
        Rule::new("x-agent-present", headers::present("X-agent", DEVICE)),
        Rule::new("x-tenant-id-present", headers::tenant_present(NO_TENANT_ID)),
        Rule::new("x-tenant-id-known", headers::tenant_known(NO_TENANT)),
        Rule::new(
            "x-client-id-present",
            headers::present("X-client-id", NO_CLIENT),
        ),
        Rule::new("x-client-id-known", headers::client_known(NO_APPLICATION)),
    ]
}

fn state_token(stages: &'static [&'static str]) -> [Rule; 5] {
    [
        Rule::new(
            "x-state-token-present",
            headers::present("X-state-token", NO_STATE_TOKEN),
        ),
        Rule::new(
            "x-state-token-signed",
            tokens::state_token_signed(BAD_STATE_TOKEN),
        ),
        Rule::new(
            "x-state-token-fresh",
            tokens::state_token_fresh(BAD_STATE_TOKEN),
        ),
        Rule::new(
            "x-state-token-stage",
            tokens::state_token_stage(stages, BAD_STATE_TOKEN),
        ),
        Rule::new(
            "x-state-token-unspent",
            tokens::state_token_unspent(BAD_STATE_TOKEN),
        ),
    ]
}

fn active_user() -> [Rule; 2] {
    [
        Rule::new("user-exists", user::exists(NO_USER)),
        Rule::new("user-enabled", user::enabled(DISABLED)),
    ]
}

/// A required String member. There is no code for a wrong type, so it counts as missing.
fn text(
    member: &'static str,
    [present, string]: [&'static str; 2],
    code: &'static str,
) -> [Rule; 2] {
    [
        Rule::new(present, body::present(member, code)),
        Rule::new(string, body::string(member, code)),
    ]
}

fn sms_code(purposes: &'static [&'static str]) -> Rule {
    let check = codes::correct("verify_code", Channel::Sms, purposes, &[], BAD_CODE);
    Rule::new("verify_code-correct", check)
}
