//! Every operation of the three editions, one a line: they share names, paths and effects, and
//! differ in what they refuse.

use http::Method;

use crate::mock::{
    actor::Actor::{self, Bearer, BearerOrEmail, BearerOrMobile, Mobile, Nobody, Path, Session, StateToken, UserName},
    operation::{Effect, Route},
    ops::{captcha, codes, login, management as tenant, mfa, password, session},
};

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const PUT: Method = Method::PUT;
const DELETE: Method = Method::DELETE;

const fn route(method: Method, path: &'static str, name: &'static str, actor: Actor, effect: Effect) -> Route {
    Route { name, method, path, actor, effect }
}

// What a tenant publishes.
pub(super) const SERVER_DATE: Route = route(GET, "/api/v2/sdk/server-date", "showServerDate", Nobody, tenant::server_date);
pub(super) const PUBLIC_KEY: Route = route(GET, "/api/v2/sdk/public-key", "showPublicKey", Nobody, tenant::public_key);
pub(super) const COUNTRY_CODES: Route = route(GET, "/api/v2/sdk/country-codes", "listCountryCodes", Nobody, tenant::country_codes);
pub(super) const DISCOVERY: Route = route(GET, "/api/v1/oauth2/.well-known/openid-configuration", "getDiscovery", Nobody, tenant::discovery);
pub(super) const KEYS: Route = route(GET, "/api/v1/oauth2/keys", "getKeys", Nobody, tenant::keys);

// Signing in.
pub(super) const LOGIN: Route = route(POST, "/api/v2/sdk/login", "passwordLogin", UserName, login::by_password);
pub(super) const CAPTCHA: Route = route(GET, "/api/v2/sdk/captcha", "getCaptcha", Nobody, captcha::get);
pub(super) const VERIFY_CAPTCHA: Route = route(POST, "/api/v2/sdk/captcha/verify", "verifyCaptcha", Nobody, captcha::verify);
pub(super) const SEND_SMS: Route = route(POST, "/api/v2/sdk/sms/send", "sendSmsCode", Nobody, codes::send_sms);
pub(super) const SEND_EMAIL: Route = route(POST, "/api/v2/sdk/email/send", "sendEmailCode", Nobody, codes::send_email);
pub(super) const MOBILE_BY_TOKEN: Route = route(GET, "/api/v2/sdk/mobile-by-token", "mobileByToken", StateToken, codes::mobile_by_token);
pub(super) const MFA_SMS: Route = route(POST, "/api/v2/sdk/mfa/sms", "mfaSms", StateToken, mfa::by_sms);

// The user's own password. A change by mobile or e-mail without Authorization is one of a forgotten password.
pub(super) const FORCED_CHANGE_BY_MOBILE: Route = route(POST, "/api/v2/sdk/after-login/pwd/update-by-mobile", "forcedChangeByMobile", StateToken, password::forced_change_by_mobile);
pub(super) const FORCED_CHANGE: Route = route(POST, "/api/v2/sdk/pwd/update", "forcedChangeByOldPassword", StateToken, password::forced_change_by_old_password);
pub(super) const SKIP_UPDATE: Route = route(GET, "/api/v2/sdk/pwd/skip-update", "skipPasswordUpdate", StateToken, password::skip);
pub(super) const CHANGE: Route = route(POST, "/api/v2/sdk/pwd/change", "changePasswordByOldPassword", Bearer, password::change_by_old_password);
pub(super) const CHANGE_BY_MOBILE: Route = route(POST, "/api/v2/sdk/pwd/update-by-mobile", "changePasswordByMobile", BearerOrMobile, password::change_by_code);
pub(super) const CHANGE_BY_EMAIL: Route = route(POST, "/api/v2/sdk/pwd/update-by-email", "changePasswordByEmail", BearerOrEmail, password::change_by_code);
pub(super) const FORGOTTEN_BY_MOBILE: Route = route(POST, "/api/v2/sdk/pwd/update-by-mobile", "forgotPasswordByMobile", Mobile, password::change_by_code);
pub(super) const CHECK_EXISTS: Route = route(GET, "/api/v2/sdk/pwd/check-exist", "checkPasswordExists", Bearer, password::check_exist);

// Sessions. EIAM and CIAM name the header of the session token differently.
pub(super) const EIAM_REFRESH: Route = route(POST, "/api/v2/sdk/sso/session-token/id-token", "refreshIdToken", Session("X-session-token"), session::refresh_id_token);
pub(super) const CIAM_REFRESH: Route = route(POST, "/api/v2/sdk/sso/session-token/id-token", "refreshIdToken", Session("session-token"), session::refresh_id_token);
pub(super) const EXCHANGE_TICKET: Route = route(POST, "/api/v2/tenant/sso/session-token/sso-ticket", "exchangeSsoTicket", Session("session_token"), session::exchange_for_ticket);
pub(super) const VERIFY_TICKET: Route = route(POST, "/api/v2/tenant/sso/sso-ticket/verify", "verifySsoTicket", Nobody, session::verify_ticket);
pub(super) const OAP_TOKEN: Route = route(POST, "/api/oap/oauth/token", "oapToken", Nobody, tenant::token_oap);
pub(super) const OAP_TICKET: Route = route(POST, "/api/oap/v1/sso/session_ticket", "oapSessionTicket", Session("sessionToken"), session::exchange_for_ticket_oap);

// Users that an application manages.
pub(super) const MANAGEMENT_TOKEN: Route = route(POST, "/api/v2/tenant/token", "managementToken", Nobody, tenant::token);
pub(super) const CREATE_USER: Route = route(POST, "/api/v2/tenant/users", "createUser", Nobody, tenant::create_user);
pub(super) const SET_PASSWORD: Route = route(PUT, "/api/v2/tenant/users/{}/change-password", "setUserPassword", Path, tenant::set_password);
pub(super) const DISABLE_USER: Route = route(PUT, "/api/v2/tenant/users/{}/disable", "disableUser", Path, tenant::disable);
pub(super) const ENABLE_USER: Route = route(PUT, "/api/v2/tenant/users/{}/enable", "enableUser", Path, tenant::enable);
pub(super) const DELETE_USER: Route = route(DELETE, "/api/v2/tenant/users/{}", "deleteUser", Path, tenant::delete);
pub(super) const FIND_USER: Route = route(POST, "/api/v2/tenant/users/user-by-username", "findUserByName", UserName, tenant::find_by_name);
