//! What each operation does once no rule has refused, by its name: the same in every edition.

use crate::mock::{
    operation::Effect,
    ops::{captcha, codes, login, management as tenant, mfa, password, session},
};

const EFFECTS: &[(&str, Effect)] = &[
    ("showServerDate", tenant::server_date),
    ("showPublicKey", tenant::public_key),
    ("listCountryCodes", tenant::country_codes),
    ("getDiscovery", tenant::discovery),
    ("getKeys", tenant::keys),
    ("passwordLogin", login::by_password),
    ("getCaptcha", captcha::get),
    ("verifyCaptcha", captcha::verify),
    ("sendSmsCode", codes::send_sms),
    ("sendEmailCode", codes::send_email),
    ("mobileByToken", codes::mobile_by_token),
    ("mfaSms", mfa::by_sms),
    ("forcedChangeByMobile", password::forced_change_by_mobile),
    (
        "forcedChangeByOldPassword",
        password::forced_change_by_old_password,
    ),
    ("skipPasswordUpdate", password::skip),
    (
        "changePasswordByOldPassword",
        password::change_by_old_password,
    ),
    ("changePasswordByMobile", password::change_by_code),
    ("changePasswordByEmail", password::change_by_code),
    // A change by mobile without Authorization is one of a forgotten password.
    ("forgotPasswordByMobile", password::change_by_code),
    ("checkPasswordExists", password::check_exist),
    ("refreshIdToken", session::refresh_id_token),
    ("exchangeSsoTicket", session::exchange_for_ticket),
    ("verifySsoTicket", session::verify_ticket),
    ("oapToken", tenant::token_oap),
    ("oapSessionTicket", session::exchange_for_ticket_oap),
    ("managementToken", tenant::token),
    ("createUser", tenant::create_user),
    ("setUserPassword", tenant::set_password),
    ("disableUser", tenant::disable),
    ("enableUser", tenant::enable),
    ("deleteUser", tenant::delete),
    ("findUserByName", tenant::find_by_name),
];

/// What the operation of this name does.
pub(super) fn of(operation: &str) -> Option<Effect> {
    let (_, effect) = EFFECTS.iter().find(|(known, _)| *known == operation)?;
    Some(*effect)
}

/// The names of all operations.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    EFFECTS.iter().map(|(name, _)| *name)
}
