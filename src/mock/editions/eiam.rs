//! EIAM: employees. One global list of codes; every refusal names its parameter.

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

const BLANK: &str = "SDK.COMMON.1001";
const FORMAT: &str = "SDK.COMMON.1002";
const EXPIRED: &str = "SDK.COMMON.1005";
const WRONG: &str = "SDK.COMMON.1006";
const TYPE: &str = "SDK.COMMON.1007";
const NO_APPLICATION: &str = "SDK.COMMON.1012";
const NO_USER: &str = "SDK.COMMON.1013";
const LOCKED: &str = "SDK.LOGIN.1003";
const BAD_LOGIN: &str = "SDK.LOGIN.1005";
const BAD_CODE: &str = "SDK.SMS.1005";
const BAD_CAPTCHA: &str = "SDK.CAPTCHA.1001";
const DISABLED: &str = "SDK.USER.1001";
const NO_MOBILE: &str = "SDK.USER.1002";

/// The numbers are the mock's: EIAM's password group is not public. Order as in CIAM.
const POLICY: PolicyCodes = PolicyCodes {
    history: "SDK.PWD.1001",
    reverse: "SDK.PWD.1002",
    user_data: "SDK.PWD.1003",
    types: "SDK.PWD.1004",
    weak: "SDK.PWD.1005",
    repeat: "SDK.PWD.1006",
    length: "SDK.PWD.1007",
};

/// The management family counts differently and has one code for all it does not name.
const MANAGED_POLICY: PolicyCodes = PolicyCodes {
    history: "PWD.0005",
    reverse: "PWD.0004",
    user_data: "PWD.0003",
    types: "PWD.0005",
    weak: "PWD.0005",
    repeat: "PWD.0005",
    length: "PWD.0002",
};

/// What the SMS list names; each is good for one purpose only.
const SMS_PURPOSES: &[&str] = &[
    "LOGIN_SMS",
    "REGISTER_SMS",
    "MFA_AUTH_SMS",
    "FORGET_PWD_SMS",
    "CHANGE_PWD_SMS",
    "BIND_MOBILE_SMS",
    "UPDATE_MOBILE_SMS",
];

/// A login that stopped at an old password.
const OLD_PASSWORD: &[&str] = &["PASSWORD_WARN", "PASSWORD_EXPIRED"];

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
        .rules(json_body())
        .rules(text("user_name", ["user_name-present", "user_name-string"]))
        .rules(text("password", ["password-present", "password-string"]))
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
        .rules(json_body())
        .rules(text(
            "point_json",
            ["point_json-present", "point_json-string"],
        ))
        .rules(text("token", ["token-present", "token-string"]))
        .rules(text("sender", ["sender-present", "sender-string"]))
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
        .rules(json_body())
        .rules(text("mobile", ["mobile-present", "mobile-string"]))
        .rules(text("type", ["type-present", "type-string"]))
        .rules(text(
            "captcha_token",
            ["captcha_token-present", "captcha_token-string"],
        ))
        .rules([
            Rule::new("type-known", codes::purpose_known(SMS_PURPOSES, WRONG)),
            Rule::new("captcha_token-known", codes::captcha_token_known(WRONG)),
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
        .rules([
            Rule::new("user-exists", user::exists(NO_USER)),
            Rule::new("user-enabled", user::enabled(DISABLED)),
            Rule::new("mobile-known", user::mobile_known(NO_MOBILE)),
        ]),
        Operation::post(
            "mfaSms",
            "/api/v2/sdk/mfa/sms",
            Actor::StateToken,
            mfa::by_sms,
        )
        .rules(caller())
        .rules(state_token(&["MFA_AUTH"]))
        .rules(json_body())
        .rules(text("mobile", ["mobile-present", "mobile-string"]))
        .rules(text(
            "verify_code",
            ["verify_code-present", "verify_code-string"],
        ))
        .rules([Rule::new("mobile-known", user::mobile_known(NO_MOBILE))])
        .rules([sms_code(&["MFA_AUTH_SMS"])])
        .rules([
            Rule::new("user-exists", user::exists(NO_USER)),
            Rule::new("user-enabled", user::enabled(DISABLED)),
        ]),
    ]
}

fn own_password() -> Vec<Operation> {
    vec![
        Operation::post(
            "forcedChangeByMobile",
            "/api/v2/sdk/after-login/pwd/update-by-mobile",
            Actor::StateToken,
            password::forced_change_by_mobile,
        )
        .rules(caller())
        .rules(state_token(OLD_PASSWORD))
        .rules(json_body())
        .rules(text(
            "verify_code",
            ["verify_code-present", "verify_code-string"],
        ))
        .rules(text(
            "new_password",
            ["new_password-present", "new_password-string"],
        ))
        .rules([Rule::new("mobile-known", user::mobile_known(NO_MOBILE))])
        .rules([sms_code(&["CHANGE_PWD_SMS"])])
        .rules([
            Rule::new("user-exists", user::exists(NO_USER)),
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
        .rules(state_token(OLD_PASSWORD))
        .rules(json_body())
        .rules(text(
            "old_password",
            ["old_password-present", "old_password-string"],
        ))
        .rules(text(
            "new_password",
            ["new_password-present", "new_password-string"],
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
        .rules([
            Rule::new("user-exists", user::exists(NO_USER)),
            Rule::new("user-enabled", user::enabled(DISABLED)),
        ]),
        Operation::post(
            "changePasswordByOldPassword",
            "/api/v2/sdk/pwd/change",
            Actor::Bearer,
            password::change_by_old_password,
        )
        .rules(caller())
        .rules(id_token())
        .rules(json_body())
        .rules(text(
            "old_password",
            ["old_password-present", "old_password-string"],
        ))
        .rules(text(
            "new_password",
            ["new_password-present", "new_password-string"],
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
        // The operation page and the list of SMS purposes disagree, so both are taken.
        Operation::post(
            "forgotPasswordByMobile",
            "/api/v2/sdk/pwd/update-by-mobile",
            Actor::Mobile,
            password::change_by_code,
        )
        .rules(caller())
        .rules(json_body())
        .rules(text("mobile", ["mobile-present", "mobile-string"]))
        .rules(text(
            "verify_code",
            ["verify_code-present", "verify_code-string"],
        ))
        .rules(text("password", ["password-present", "password-string"]))
        .rules([sms_code(&["CHANGE_PWD_SMS", "FORGET_PWD_SMS"])])
        .rules([
            Rule::new("user-exists", user::exists(NO_USER)),
            Rule::new("user-enabled", user::enabled(DISABLED)),
        ])
        .rules(passwords::policy("password", POLICY)),
        Operation::get(
            "checkPasswordExists",
            "/api/v2/sdk/pwd/check-exist",
            Actor::Bearer,
            password::check_exist,
        )
        .rules(caller())
        .rules(id_token())
        .rules([
            Rule::new("user-exists", user::exists(NO_USER)),
            Rule::new("user-enabled", user::enabled(DISABLED)),
        ]),
    ]
}

fn sessions() -> Vec<Operation> {
    vec![
        Operation::post(
            "refreshIdToken",
            "/api/v2/sdk/sso/session-token/id-token",
            Actor::Session("X-session-token"),
            session::refresh_id_token,
        )
        .rules(caller())
        .rules([
            Rule::new(
                "x-session-token-present",
                headers::present("X-session-token", BLANK),
            ),
            Rule::new(
                "x-session-token-alive",
                tokens::session_alive("X-session-token", WRONG),
            ),
            Rule::new("user-exists", user::exists(NO_USER)),
            Rule::new("user-enabled", user::enabled(DISABLED)),
        ]),
        Operation::post(
            "oapToken",
            "/api/oap/oauth/token",
            Actor::Nobody,
            management::token_oap,
        )
        .rules([
            Rule::new("grant_type-known", credentials::grant_type),
            Rule::new("client-credentials", credentials::credentials),
        ]),
        Operation::post(
            "oapSessionTicket",
            "/api/oap/v1/sso/session_ticket",
            Actor::Session("sessionToken"),
            session::exchange_for_ticket_oap,
        )
        .rules([Rule::new("access-token-live", tokens::access_token)])
        .rules(json_body())
        .rules(text(
            "sessionToken",
            ["sessionToken-present", "sessionToken-string"],
        ))
        .rules([
            Rule::new(
                "sessionToken-alive",
                tokens::session_alive("sessionToken", WRONG),
            ),
            Rule::new("same-device", tokens::same_device("sessionToken", WRONG)),
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
    let known = || [Rule::new("user-exists", user::exists("USER.0001"))];
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
            Rule::new("user_name-present", body::present("user_name", "USER.0002")),
            Rule::new("user_name-free", user::name_free("USER.0020")),
        ])
        .rules(passwords::policy("password", MANAGED_POLICY)),
        Operation::put(
            "setUserPassword",
            "/api/v2/tenant/users/{}/change-password",
            Actor::Path,
            management::set_password,
        )
        .rules(manager())
        .rules([Rule::new(
            "password-present",
            body::present("password", "PWD.0001"),
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
            body::present("user_name", "USER.0002"),
        )])
        .rules(known()),
    ]
}

/// The headers every SDK operation requires.
fn caller() -> [Rule; 5] {
    [
        Rule::new(
            "x-operating-sys-version-present",
            headers::present("X-operating-sys-version", BLANK),
        ),
        Rule::new(
            "x-device-fingerprint-present",
            headers::present("X-device-fingerprint", BLANK),
        ),
        Rule::new("x-agent-present", headers::present("X-agent", BLANK)),
        Rule::new(
            "x-client-id-present",
            headers::present("X-client-id", BLANK),
        ),
        Rule::new("x-client-id-known", headers::client_known(NO_APPLICATION)),
    ]
}

fn state_token(stages: &'static [&'static str]) -> [Rule; 5] {
    [
        Rule::new(
            "x-state-token-present",
            headers::present("X-state-token", BLANK),
        ),
        Rule::new("x-state-token-signed", tokens::state_token_signed(WRONG)),
        Rule::new("x-state-token-fresh", tokens::state_token_fresh(EXPIRED)),
        Rule::new(
            "x-state-token-stage",
            tokens::state_token_stage(stages, WRONG),
        ),
        Rule::new("x-state-token-unspent", tokens::state_token_unspent(WRONG)),
    ]
}

fn id_token() -> [Rule; 3] {
    [
        Rule::new(
            "authorization-present",
            headers::present("Authorization", BLANK),
        ),
        Rule::new("id-token-signed", tokens::id_token_signed(WRONG)),
        Rule::new("id-token-fresh", tokens::id_token_fresh(EXPIRED)),
    ]
}

/// The body, where there is one, is a JSON object.
fn json_body() -> [Rule; 1] {
    [Rule::new("body-object", body::object(FORMAT))]
}

/// A required String member.
fn text(member: &'static str, [present, string]: [&'static str; 2]) -> [Rule; 2] {
    [
        Rule::new(present, body::present(member, BLANK)),
        Rule::new(string, body::string(member, TYPE)),
    ]
}

fn sms_code(purposes: &'static [&'static str]) -> Rule {
    let check = codes::correct("verify_code", Channel::Sms, purposes, &[], BAD_CODE);
    Rule::new("verify_code-correct", check)
}
