//! CIAM: customers. Every operation page has its own table of codes, in two languages.

use crate::mock::{
    actor::Actor,
    operation::Operation,
    ops::{captcha, codes as messages, login, management, password, session},
    rules::{
        Rule, body,
        codes::{self, Channel},
        headers, management as credentials,
        password::{self as passwords, PolicyCodes},
        tokens, user,
    },
};

const DEVICE: &str = "IDAAS.SDK.PARAM.0001";
const NO_CLIENT: &str = "IDAAS.SDK.PARAM.0002";
const NO_APPLICATION: &str = "IDAAS.SDK.PARAM.0003";
const NO_CODE: &str = "IDAAS.SDK.PARAM.0009";
const NO_STATE_TOKEN: &str = "IDAAS.SDK.PARAM.0013";
const BAD_STATE_TOKEN: &str = "IDAAS.SDK.PARAM.0014";
const BAD_ID_TOKEN: &str = "IDAAS.SDK.PARAM.0016";
const BAD_SESSION: &str = "IDAAS.SDK.PARAM.0023";
const OTHER_DEVICE: &str = "IDAAS.SDK.PARAM.0024";
const BAD_CAPTCHA: &str = "IDAAS.SDK.CAPTCHA.0002";
const BAD_CAPTCHA_TOKEN: &str = "IDAAS.SDK.CAPTCHA.0004";
const NOT_SENT: &str = "IDAAS.SDK.CAPTCHA.0006";
const BAD_CODE: &str = "IDAAS.SDK.CAPTCHA.0007";
const LOCKED: &str = "IDAAS.SDK.LOGIN.0001";
const BAD_LOGIN: &str = "IDAAS.SDK.LOGIN.0002";
const NO_USER: &str = "IDAAS.SDK.USER.0001";
const NO_NAME: &str = "IDAAS.SDK.USER.0002";
const NO_MOBILE: &str = "IDAAS.SDK.USER.0004";
const NO_EMAIL: &str = "IDAAS.SDK.USER.0005";
const NO_PASSWORD: &str = "IDAAS.SDK.USER.0006";
const DISABLED: &str = "IDAAS.SDK.USER.0039";

const POLICY: PolicyCodes = PolicyCodes {
    history: "IDAAS.SDK.PWD.0001",
    reverse: "IDAAS.SDK.PWD.0002",
    user_data: "IDAAS.SDK.PWD.0003",
    types: "IDAAS.SDK.PWD.0004",
    weak: "IDAAS.SDK.PWD.0005",
    repeat: "IDAAS.SDK.PWD.0006",
    length: "IDAAS.SDK.PWD.0007",
};

const MANAGED_POLICY: PolicyCodes = PolicyCodes {
    history: "IDAAS.TENANT.PWD.0001",
    reverse: "IDAAS.TENANT.PWD.0002",
    user_data: "IDAAS.TENANT.PWD.0003",
    types: "IDAAS.TENANT.PWD.0004",
    weak: "IDAAS.TENANT.PWD.0005",
    repeat: "IDAAS.TENANT.PWD.0006",
    length: "IDAAS.TENANT.PWD.0007",
};

const SMS_PURPOSES: &[&str] = &[
    "LOGIN_SMS",
    "REGISTER_SMS",
    "FORGET_PWD_SMS",
    "UPDATE_PWD_SMS",
    "BIND_MOBILE_SMS",
    "UPDATE_MOBILE_SMS",
];

const EMAIL_PURPOSES: &[&str] = &[
    "REGISTER_EMS",
    "LOGIN_EMS",
    "FORGET_PWD_EMS",
    "BIND_EMAIL_EMS",
    "UPDATE_PWD_EMS",
    "UPDATE_EMAIL_EMS",
];

pub(super) fn operations() -> Vec<Operation> {
    let mut table = sign_in();
    table.extend(own_password());
    table.extend(sessions());
    table.extend(managed());
    table
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
            "IDAAS.SDK.PARAM.0004",
        ))
        .rules(text(
            "token",
            ["token-present", "token-string"],
            "IDAAS.SDK.PARAM.0005",
        ))
        .rules(text(
            "sender",
            ["sender-present", "sender-string"],
            "IDAAS.SDK.PARAM.0006",
        ))
        .rules([Rule::new(
            "captcha-solved",
            codes::captcha_solved(BAD_CAPTCHA),
        )]),
        Operation::get(
            "listCountryCodes",
            "/api/v2/sdk/country-codes",
            Actor::Nobody,
            management::country_codes,
        )
        .rules(caller()),
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
        .rules(message())
        .rules([
            Rule::new("type-known", codes::purpose_known(SMS_PURPOSES, NOT_SENT)),
            Rule::new(
                "mobile-area-code",
                codes::area_code_given("UPDATE_PWD_SMS", NOT_SENT),
            ),
        ]),
        Operation::post(
            "sendEmailCode",
            "/api/v2/sdk/email/send",
            Actor::Nobody,
            messages::send_email,
        )
        .rules(caller())
        .rules(text("email", ["email-present", "email-string"], NO_EMAIL))
        .rules(message())
        .rules([Rule::new(
            "type-known",
            codes::purpose_known(EMAIL_PURPOSES, NOT_SENT),
        )]),
    ]
}

fn own_password() -> Vec<Operation> {
    vec![
        // Without Authorization the same path serves a forgotten password.
        Operation::post(
            "changePasswordByMobile",
            "/api/v2/sdk/pwd/update-by-mobile",
            Actor::BearerOrMobile,
            password::change_by_code,
        )
        .rules(caller())
        .rules(id_token())
        .rules([Rule::new("mobile-known", user::mobile_known(NO_MOBILE))])
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
        .rules([Rule::new(
            "verify_code-correct",
            codes::correct(
                "verify_code",
                Channel::Sms,
                &["UPDATE_PWD_SMS"],
                &["FORGET_PWD_SMS"],
                BAD_CODE,
            ),
        )])
        .rules(active_user())
        .rules(passwords::policy("password", POLICY)),
        // One path on two pages: with Authorization a change, without it a forgotten password.
        Operation::post(
            "changePasswordByEmail",
            "/api/v2/sdk/pwd/update-by-email",
            Actor::BearerOrEmail,
            password::change_by_code,
        )
        .rules(caller())
        .rules(id_token())
        .rules([Rule::new("email-known", user::email_known(NO_EMAIL))])
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
        .rules([Rule::new(
            "verify_code-correct",
            codes::correct(
                "verify_code",
                Channel::Email,
                &["UPDATE_PWD_EMS"],
                &["FORGET_PWD_EMS"],
                BAD_CODE,
            ),
        )])
        .rules(active_user())
        .rules(passwords::policy("password", POLICY)),
        Operation::post(
            "changePasswordByOldPassword",
            "/api/v2/sdk/pwd/change",
            Actor::Bearer,
            password::change_by_old_password,
        )
        .rules(caller())
        .rules([Rule::new(
            "authorization-present",
            headers::present("Authorization", BAD_ID_TOKEN),
        )])
        .rules(id_token())
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
        Operation::post(
            "forcedChangeByOldPassword",
            "/api/v2/sdk/pwd/update",
            Actor::StateToken,
            password::forced_change_by_old_password,
        )
        .rules(caller())
        .rules(state_token(&["PASSWORD_WARN", "PASSWORD_EXPIRED"]))
        .rules(text(
            "old_password",
            ["old_password-present", "old_password-string"],
            NO_PASSWORD,
        ))
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
        Operation::get(
            "checkPasswordExists",
            "/api/v2/sdk/pwd/check-exist",
            Actor::Bearer,
            password::check_exist,
        )
        .rules(caller())
        .rules([Rule::new(
            "authorization-present",
            headers::present("Authorization", BAD_ID_TOKEN),
        )])
        .rules(id_token())
        .rules(active_user()),
    ]
}

fn sessions() -> Vec<Operation> {
    vec![
        Operation::post(
            "refreshIdToken",
            "/api/v2/sdk/sso/session-token/id-token",
            Actor::Session("session-token"),
            session::refresh_id_token,
        )
        .rules(caller())
        .rules([
            Rule::new(
                "session-token-present",
                headers::present("session-token", BAD_SESSION),
            ),
            Rule::new(
                "session-token-alive",
                tokens::session_alive("session-token", BAD_SESSION),
            ),
        ])
        .rules(active_user()),
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
        Operation::get(
            "getKeys",
            "/api/v1/oauth2/keys",
            Actor::Nobody,
            management::keys,
        ),
    ]
}

fn managed() -> Vec<Operation> {
    let manager = || [Rule::new("access-token-live", tokens::access_token)];
    let known = || {
        [Rule::new(
            "user-exists",
            user::exists("IDAAS.TENANT.USER.0001"),
        )]
    };
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
        // A user name is made up when none is given.
        Operation::post(
            "createUser",
            "/api/v2/tenant/users",
            Actor::Nobody,
            management::create_user,
        )
        .rules(manager())
        .rules([Rule::new(
            "user_name-free",
            user::name_free("IDAAS.TENANT.USER.0040"),
        )])
        .rules(passwords::policy("pwd", MANAGED_POLICY)),
        Operation::put(
            "setUserPassword",
            "/api/v2/tenant/users/{}/change-password",
            Actor::Path,
            management::set_password,
        )
        .rules(manager())
        .rules([Rule::new(
            "password-present",
            body::present("password", "IDAAS.TENANT.USER.0006"),
        )])
        .rules(known())
        .rules(passwords::policy("password", MANAGED_POLICY)),
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
            body::present("user_name", "IDAAS.TENANT.USER.0002"),
        )])
        .rules(known()),
    ]
}

/// The headers every SDK operation requires. Three of them make up the device.
fn caller() -> [Rule; 5] {
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
        Rule::new(
            "x-client-id-present",
            headers::present("X-client-id", NO_CLIENT),
        ),
        Rule::new("x-client-id-known", headers::client_known(NO_APPLICATION)),
    ]
}

/// Wrong and expired share one code here.
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

/// Judges an id_token that is there; whether it must be is a rule of its own.
fn id_token() -> [Rule; 2] {
    [
        Rule::new("id-token-signed", tokens::id_token_signed(BAD_ID_TOKEN)),
        Rule::new("id-token-fresh", tokens::id_token_fresh(BAD_ID_TOKEN)),
    ]
}

fn active_user() -> [Rule; 2] {
    [
        Rule::new("user-exists", user::exists(NO_USER)),
        Rule::new("user-enabled", user::enabled(DISABLED)),
    ]
}

/// What both ways of sending a code ask for beside the receiver.
fn message() -> impl Iterator<Item = Rule> {
    text(
        "type",
        ["type-present", "type-string"],
        "IDAAS.SDK.PARAM.0007",
    )
    .into_iter()
    .chain(text(
        "captcha_token",
        ["captcha_token-present", "captcha_token-string"],
        "IDAAS.SDK.CAPTCHA.0005",
    ))
    .chain([Rule::new(
        "captcha_token-known",
        codes::captcha_token_known(BAD_CAPTCHA_TOKEN),
    )])
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
