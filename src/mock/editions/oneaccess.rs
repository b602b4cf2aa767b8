//! OneAccess: CIAM's codes without their prefix, and tenants behind a common domain. There is no
//! code for a wrong type, so a member that is no string counts as missing.

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
        headers,
        password::{self, PolicyCodes},
        tokens::{self, StateTokenCodes},
        user,
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

const STATE_TOKEN: StateTokenCodes = StateTokenCodes {
    missing: NO_STATE_TOKEN,
    wrong: BAD_STATE_TOKEN,
    expired: BAD_STATE_TOKEN,
};

const POLICY: PolicyCodes = PolicyCodes {
    history: "PWD.0001",
    reverse: "PWD.0002",
    user_data: "PWD.0003",
    types: "PWD.0004",
    weak: "PWD.0005",
    repeat: "PWD.0006",
    length: "PWD.0007",
};

const MANAGED: Managed = Managed {
    no_user: NO_USER,
    no_name: NO_NAME,
    requires_name: true,
    name_taken: "USER.0040",
    first_password: "password",
    no_password: NO_PASSWORD,
    policy: POLICY,
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

/// A login that stopped at an old password.
const OLD_PASSWORD: &[&str] = &["PASSWORD_WARN", "PASSWORD_EXPIRED"];

/// Every stop of a login at which a code may be sent.
const ANY_STOP: &[&str] = &["PASSWORD_WARN", "PASSWORD_EXPIRED", "MFA_AUTH"];

pub(super) fn operations() -> Vec<Operation> {
    let mut table = system();
    table.extend(sign_in());
    table.extend(second_factor());
    table.extend(own_password());
    table.extend(sessions());
    table.extend(managed::operations(&MANAGED));
    table
}

fn system() -> Vec<Operation> {
    vec![
        Operation::at(routes::SERVER_DATE).rules(caller()),
        Operation::at(routes::PUBLIC_KEY).rules(caller()),
        Operation::at(routes::COUNTRY_CODES).rules(caller()),
        Operation::at(routes::DISCOVERY),
        Operation::at(routes::KEYS),
    ]
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
            .rules(text!("point_json", "PARAM.0004"))
            .rules(text!("token", "PARAM.0005"))
            .rules(text!("sender", "PARAM.0006"))
            .rules([Rule::new(
                "captcha-solved",
                BAD_CAPTCHA,
                codes::captcha_solved,
            )]),
        Operation::at(routes::SEND_SMS)
            .rules(caller())
            .rules(text!("mobile", NO_MOBILE))
            .rules(text!("type", "PARAM.0007"))
            .rules(text!("captcha_token", NO_CAPTCHA_TOKEN))
            .rules([
                Rule::new("type-known", NOT_SENT, codes::purpose_known(SMS_PURPOSES)),
                Rule::new(
                    "captcha_token-known",
                    BAD_CAPTCHA_TOKEN,
                    codes::captcha_token_known,
                ),
            ]),
        Operation::at(routes::MOBILE_BY_TOKEN)
            .rules(caller())
            .rules(tokens::state_token(ANY_STOP, STATE_TOKEN))
            .rules(mobile_known())
            .rules(active_user()),
    ]
}

fn second_factor() -> Vec<Operation> {
    vec![
        Operation::at(routes::MFA_SMS)
            .rules(caller())
            .rules(tokens::state_token(&["MFA_AUTH"], STATE_TOKEN))
            .rules(text!("verify_code", NO_CODE))
            .rules(mobile_known())
            .rules(sms_code(&["MFA_AUTH_SMS", "LOGIN_SMS"]))
            .rules(active_user()),
    ]
}

fn own_password() -> Vec<Operation> {
    vec![
        Operation::at(routes::FORCED_CHANGE)
            .rules(caller())
            .rules(tokens::state_token(OLD_PASSWORD, STATE_TOKEN))
            .rules([
                Rule::new("body-object", NO_PASSWORD, body::object),
                Rule::new(
                    "old_password-present",
                    NO_PASSWORD,
                    body::present("old_password"),
                ),
            ])
            .rules(text!("new_password", NO_PASSWORD))
            .rules(password::old(NO_USER, BAD_LOGIN, DISABLED))
            .rules(password::policy("new_password", POLICY)),
        Operation::at(routes::SKIP_UPDATE)
            .rules(caller())
            .rules(tokens::state_token(&["PASSWORD_WARN"], STATE_TOKEN))
            .rules(active_user()),
        Operation::at(routes::FORGOTTEN_BY_MOBILE)
            .rules(caller())
            .rules(text!("mobile", NO_MOBILE))
            .rules(text!("verify_code", NO_CODE))
            .rules(text!("password", NO_PASSWORD))
            .rules(sms_code(&["FORGET_PWD_SMS"]))
            .rules(active_user())
            .rules(password::policy("password", POLICY)),
    ]
}

fn sessions() -> Vec<Operation> {
    vec![
        Operation::at(routes::EXCHANGE_TICKET)
            .rules(tokens::access_token())
            .rules(tokens::exchanged_session(BAD_SESSION, DEVICE, OTHER_DEVICE)),
        Operation::at(routes::VERIFY_TICKET)
            .rules(tokens::access_token())
            .rules([
                Rule::new("sso_ticket-present", BAD_TICKET, body::filled("sso_ticket")),
                Rule::new("sso_ticket-alive", BAD_TICKET, tokens::ticket_alive),
            ]),
    ]
}

/// The headers every SDK operation requires, and the tenant where it must be named.
///
/// One revision of the documents calls the device headers log-only; the mock follows the table.
fn caller() -> impl Iterator<Item = Rule> {
    let tenant = [
        Rule::new("x-tenant-id-present", NO_TENANT_ID, headers::tenant_present),
        Rule::new("x-tenant-id-known", NO_TENANT, headers::tenant_known),
    ];
    let application = headers::client(NO_CLIENT, NO_APPLICATION);
    let device = headers::device(DEVICE).into_iter();
    device.chain(tenant).chain(application)
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
