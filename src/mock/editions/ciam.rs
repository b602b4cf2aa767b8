//! CIAM: customers. Every operation page has its own table of codes, in two languages. There is no
//! code for a wrong type, so a member that is no string counts as missing.

use super::{
    managed::{self, Managed},
    routes,
};
use crate::mock::{
    operation::Operation,
    rules::{
        Rule,
        body::text,
        codes::{self, Channel},
        headers,
        password::{self, PolicyCodes},
        tokens::{self, StateTokenCodes},
        user,
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

/// Wrong and expired share one code here.
const STATE_TOKEN: StateTokenCodes = StateTokenCodes {
    missing: NO_STATE_TOKEN,
    wrong: BAD_STATE_TOKEN,
    expired: BAD_STATE_TOKEN,
};

const POLICY: PolicyCodes = PolicyCodes {
    history: "IDAAS.SDK.PWD.0001",
    reverse: "IDAAS.SDK.PWD.0002",
    user_data: "IDAAS.SDK.PWD.0003",
    types: "IDAAS.SDK.PWD.0004",
    weak: "IDAAS.SDK.PWD.0005",
    repeat: "IDAAS.SDK.PWD.0006",
    length: "IDAAS.SDK.PWD.0007",
};

const MANAGED: Managed = Managed {
    no_user: "IDAAS.TENANT.USER.0001",
    no_name: "IDAAS.TENANT.USER.0002",
    requires_name: false,
    name_taken: "IDAAS.TENANT.USER.0040",
    first_password: "pwd",
    no_password: "IDAAS.TENANT.USER.0006",
    policy: PolicyCodes {
        history: "IDAAS.TENANT.PWD.0001",
        reverse: "IDAAS.TENANT.PWD.0002",
        user_data: "IDAAS.TENANT.PWD.0003",
        types: "IDAAS.TENANT.PWD.0004",
        weak: "IDAAS.TENANT.PWD.0005",
        repeat: "IDAAS.TENANT.PWD.0006",
        length: "IDAAS.TENANT.PWD.0007",
    },
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

/// A login that stopped at an old password.
const OLD_PASSWORD: &[&str] = &["PASSWORD_WARN", "PASSWORD_EXPIRED"];

pub(super) fn operations() -> Vec<Operation> {
    let mut table = sign_in();
    table.extend(codes_by_message());
    table.extend(changes_by_code());
    table.extend(own_password());
    table.extend(sessions());
    table.extend(managed::operations(&MANAGED));
    table
}

fn sign_in() -> Vec<Operation> {
    vec![
        Operation::at(routes::LOGIN)
            .rules(caller())
            .rules(text!("user_name", NO_NAME))
            .rules(text!("password", NO_PASSWORD))
            .rules(password::login(LOCKED, BAD_LOGIN, DISABLED)),
        Operation::at(routes::CAPTCHA).rules(caller()),
        Operation::at(routes::VERIFY_CAPTCHA)
            .rules(caller())
            .rules(text!("point_json", "IDAAS.SDK.PARAM.0004"))
            .rules(text!("token", "IDAAS.SDK.PARAM.0005"))
            .rules(text!("sender", "IDAAS.SDK.PARAM.0006"))
            .rules([Rule::new(
                "captcha-solved",
                BAD_CAPTCHA,
                codes::captcha_solved,
            )]),
        Operation::at(routes::COUNTRY_CODES).rules(caller()),
    ]
}

fn codes_by_message() -> Vec<Operation> {
    vec![
        Operation::at(routes::SEND_SMS)
            .rules(caller())
            .rules(text!("mobile", NO_MOBILE))
            .rules(message())
            .rules([
                Rule::new("type-known", NOT_SENT, codes::purpose_known(SMS_PURPOSES)),
                Rule::new(
                    "mobile-area-code",
                    NOT_SENT,
                    codes::area_code_given("UPDATE_PWD_SMS"),
                ),
            ]),
        Operation::at(routes::SEND_EMAIL)
            .rules(caller())
            .rules(text!("email", NO_EMAIL))
            .rules(message())
            .rules([Rule::new(
                "type-known",
                NOT_SENT,
                codes::purpose_known(EMAIL_PURPOSES),
            )]),
    ]
}

/// One path on two pages each: with Authorization a change, without it a forgotten password.
fn changes_by_code() -> Vec<Operation> {
    let by_sms = || codes::correct(Channel::Sms, &["UPDATE_PWD_SMS"], &["FORGET_PWD_SMS"]);
    let by_email = || codes::correct(Channel::Email, &["UPDATE_PWD_EMS"], &["FORGET_PWD_EMS"]);
    vec![
        Operation::at(routes::CHANGE_BY_MOBILE)
            .rules(caller())
            .rules(id_token())
            .rules([Rule::new("mobile-known", NO_MOBILE, user::mobile_known)])
            .rules(text!("verify_code", NO_CODE))
            .rules(text!("password", NO_PASSWORD))
            .rules([Rule::new("verify_code-correct", BAD_CODE, by_sms())])
            .rules(active_user())
            .rules(password::policy("password", POLICY)),
        Operation::at(routes::CHANGE_BY_EMAIL)
            .rules(caller())
            .rules(id_token())
            .rules([Rule::new("email-known", NO_EMAIL, user::email_known)])
            .rules(text!("verify_code", NO_CODE))
            .rules(text!("password", NO_PASSWORD))
            .rules([Rule::new("verify_code-correct", BAD_CODE, by_email())])
            .rules(active_user())
            .rules(password::policy("password", POLICY)),
    ]
}

fn own_password() -> Vec<Operation> {
    vec![
        Operation::at(routes::CHANGE)
            .rules(caller())
            .rules(tokens::authorization(BAD_ID_TOKEN))
            .rules(id_token())
            .rules(text!("new_password", NO_PASSWORD))
            .rules(password::old(NO_USER, BAD_LOGIN, DISABLED))
            .rules(password::policy("new_password", POLICY)),
        Operation::at(routes::FORCED_CHANGE)
            .rules(caller())
            .rules(tokens::state_token(OLD_PASSWORD, STATE_TOKEN))
            .rules(text!("old_password", NO_PASSWORD))
            .rules(text!("new_password", NO_PASSWORD))
            .rules(password::old(NO_USER, BAD_LOGIN, DISABLED))
            .rules(password::policy("new_password", POLICY)),
        Operation::at(routes::SKIP_UPDATE)
            .rules(caller())
            .rules(tokens::state_token(&["PASSWORD_WARN"], STATE_TOKEN))
            .rules(active_user()),
        Operation::at(routes::CHECK_EXISTS)
            .rules(caller())
            .rules(tokens::authorization(BAD_ID_TOKEN))
            .rules(id_token())
            .rules(active_user()),
    ]
}

fn sessions() -> Vec<Operation> {
    vec![
        Operation::at(routes::CIAM_REFRESH)
            .rules(caller())
            .rules([
                Rule::new(
                    "session-token-present",
                    BAD_SESSION,
                    headers::present("session-token"),
                ),
                Rule::new(
                    "session-token-alive",
                    BAD_SESSION,
                    tokens::session_alive("session-token"),
                ),
            ])
            .rules(active_user()),
        Operation::at(routes::EXCHANGE_TICKET)
            .rules(tokens::access_token())
            .rules(tokens::exchanged_session(BAD_SESSION, DEVICE, OTHER_DEVICE)),
        Operation::at(routes::KEYS),
    ]
}

/// The headers every SDK operation requires. Three of them make up the device.
fn caller() -> impl Iterator<Item = Rule> {
    let application = headers::client(NO_CLIENT, NO_APPLICATION);
    headers::device(DEVICE).into_iter().chain(application)
}

/// Judges an id_token that is there; whether it must be is a rule of its own.
fn id_token() -> [Rule; 2] {
    tokens::id_token(BAD_ID_TOKEN, BAD_ID_TOKEN)
}

fn active_user() -> [Rule; 2] {
    user::active(NO_USER, DISABLED)
}

/// What both ways of sending a code ask for beside the receiver.
fn message() -> impl Iterator<Item = Rule> {
    let known = Rule::new(
        "captcha_token-known",
        BAD_CAPTCHA_TOKEN,
        codes::captcha_token_known,
    );
    text!("type", "IDAAS.SDK.PARAM.0007")
        .into_iter()
        .chain(text!("captcha_token", "IDAAS.SDK.CAPTCHA.0005"))
        .chain([known])
}
