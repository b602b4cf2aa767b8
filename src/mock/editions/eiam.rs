//! EIAM: employees. One global list of codes; every refusal names its parameter.

use super::{
    managed::{self, Managed},
    routes,
};
use crate::mock::{
    operation::Operation,
    rules::{
        Rule,
        body::{self, text},
        codes::{self, Channel},
        headers, management,
        password::{self, PolicyCodes},
        tokens::{self, StateTokenCodes},
        user,
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

const STATE_TOKEN: StateTokenCodes = StateTokenCodes {
    missing: BLANK,
    wrong: WRONG,
    expired: EXPIRED,
};

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
const MANAGED: Managed = Managed {
    no_user: "USER.0001",
    no_name: "USER.0002",
    requires_name: true,
    name_taken: "USER.0020",
    first_password: "password",
    no_password: "PWD.0001",
    policy: PolicyCodes {
        history: "PWD.0005",
        reverse: "PWD.0004",
        user_data: "PWD.0003",
        types: "PWD.0005",
        weak: "PWD.0005",
        repeat: "PWD.0005",
        length: "PWD.0002",
    },
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

/// Every stop of a login at which a code may be sent.
const ANY_STOP: &[&str] = &["PASSWORD_WARN", "PASSWORD_EXPIRED", "MFA_AUTH"];

pub(super) fn operations() -> Vec<Operation> {
    let mut table = sign_in();
    table.extend(second_factor());
    table.extend(forced_changes());
    table.extend(own_password());
    table.extend(sessions());
    table.extend(managed::operations(&MANAGED));
    table
}

fn sign_in() -> Vec<Operation> {
    vec![
        Operation::at(routes::LOGIN)
            .rules(caller())
            .rules(json_body())
            .rules(text!("user_name", BLANK, TYPE))
            .rules(text!("password", BLANK, TYPE))
            .rules(password::login(LOCKED, BAD_LOGIN, DISABLED)),
        Operation::at(routes::CAPTCHA).rules(caller()),
        Operation::at(routes::VERIFY_CAPTCHA)
            .rules(caller())
            .rules(json_body())
            .rules(text!("point_json", BLANK, TYPE))
            .rules(text!("token", BLANK, TYPE))
            .rules(text!("sender", BLANK, TYPE))
            .rules([Rule::new(
                "captcha-solved",
                BAD_CAPTCHA,
                codes::captcha_solved,
            )]),
        Operation::at(routes::SEND_SMS)
            .rules(caller())
            .rules(json_body())
            .rules(text!("mobile", BLANK, TYPE))
            .rules(text!("type", BLANK, TYPE))
            .rules(text!("captcha_token", BLANK, TYPE))
            .rules([
                Rule::new("type-known", WRONG, codes::purpose_known(SMS_PURPOSES)),
                Rule::new("captcha_token-known", WRONG, codes::captcha_token_known),
            ]),
        Operation::at(routes::MOBILE_BY_TOKEN)
            .rules(caller())
            .rules(tokens::state_token(ANY_STOP, STATE_TOKEN))
            .rules(active_user())
            .rules(mobile_known()),
    ]
}

fn second_factor() -> Vec<Operation> {
    vec![
        Operation::at(routes::MFA_SMS)
            .rules(caller())
            .rules(tokens::state_token(&["MFA_AUTH"], STATE_TOKEN))
            .rules(json_body())
            .rules(text!("mobile", BLANK, TYPE))
            .rules(text!("verify_code", BLANK, TYPE))
            .rules(mobile_known())
            .rules(sms_code(&["MFA_AUTH_SMS"]))
            .rules(active_user()),
    ]
}

fn forced_changes() -> Vec<Operation> {
    vec![
        Operation::at(routes::FORCED_CHANGE_BY_MOBILE)
            .rules(caller())
            .rules(tokens::state_token(OLD_PASSWORD, STATE_TOKEN))
            .rules(json_body())
            .rules(text!("verify_code", BLANK, TYPE))
            .rules(text!("new_password", BLANK, TYPE))
            .rules(mobile_known())
            .rules(sms_code(&["CHANGE_PWD_SMS"]))
            .rules(active_user())
            .rules(password::policy("new_password", POLICY)),
        Operation::at(routes::FORCED_CHANGE)
            .rules(caller())
            .rules(tokens::state_token(OLD_PASSWORD, STATE_TOKEN))
            .rules(json_body())
            .rules(text!("old_password", BLANK, TYPE))
            .rules(text!("new_password", BLANK, TYPE))
            .rules(password::old(NO_USER, BAD_LOGIN, DISABLED))
            .rules(password::policy("new_password", POLICY)),
        Operation::at(routes::SKIP_UPDATE)
            .rules(caller())
            .rules(tokens::state_token(&["PASSWORD_WARN"], STATE_TOKEN))
            .rules(active_user()),
    ]
}

fn own_password() -> Vec<Operation> {
    vec![
        Operation::at(routes::CHANGE)
            .rules(caller())
            .rules(id_token())
            .rules(json_body())
            .rules(text!("old_password", BLANK, TYPE))
            .rules(text!("new_password", BLANK, TYPE))
            .rules(password::old(NO_USER, BAD_LOGIN, DISABLED))
            .rules(password::policy("new_password", POLICY)),
        // The operation page and the list of SMS purposes disagree, so both are taken.
        Operation::at(routes::FORGOTTEN_BY_MOBILE)
            .rules(caller())
            .rules(json_body())
            .rules(text!("mobile", BLANK, TYPE))
            .rules(text!("verify_code", BLANK, TYPE))
            .rules(text!("password", BLANK, TYPE))
            .rules(sms_code(&["CHANGE_PWD_SMS", "FORGET_PWD_SMS"]))
            .rules(active_user())
            .rules(password::policy("password", POLICY)),
        Operation::at(routes::CHECK_EXISTS)
            .rules(caller())
            .rules(id_token())
            .rules(active_user()),
    ]
}

fn sessions() -> Vec<Operation> {
    vec![
        Operation::at(routes::EIAM_REFRESH)
            .rules(caller())
            .rules([
                Rule::new(
                    "x-session-token-present",
                    BLANK,
                    headers::present("X-session-token"),
                ),
                Rule::new(
                    "x-session-token-alive",
                    WRONG,
                    tokens::session_alive("X-session-token"),
                ),
            ])
            .rules(active_user()),
        Operation::at(routes::OAP_TOKEN).rules(management::application()),
        Operation::at(routes::OAP_TICKET)
            .rules(tokens::access_token())
            .rules(json_body())
            .rules(text!("sessionToken", BLANK, TYPE))
            .rules([
                Rule::new(
                    "sessionToken-alive",
                    WRONG,
                    tokens::session_alive("sessionToken"),
                ),
                Rule::new("same-device", WRONG, tokens::same_device("sessionToken")),
            ]),
        Operation::at(routes::KEYS),
    ]
}

/// The headers every SDK operation requires.
fn caller() -> impl Iterator<Item = Rule> {
    let application = headers::client(BLANK, NO_APPLICATION);
    headers::device(BLANK).into_iter().chain(application)
}

fn id_token() -> impl Iterator<Item = Rule> {
    let token = tokens::id_token(WRONG, EXPIRED);
    tokens::authorization(BLANK).into_iter().chain(token)
}

/// The body, where there is one, is a JSON object.
fn json_body() -> [Rule; 1] {
    [Rule::new("body-object", FORMAT, body::object)]
}

fn active_user() -> [Rule; 2] {
    user::active(NO_USER, DISABLED)
}

fn mobile_known() -> [Rule; 1] {
    [Rule::new("mobile-known", NO_MOBILE, user::mobile_known)]
}

fn sms_code(purposes: &'static [&'static str]) -> [Rule; 1] {
    let check = codes::correct(Channel::Sms, purposes, &[]);
    [Rule::new("verify_code-correct", BAD_CODE, check)]
}
