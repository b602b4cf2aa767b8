//! Which of several possible codes a tenant gives, and which of several possible rules it has.

use crate::mock::draw::Draw;

/// A code in place of the table's own; absent means the table's own.
pub(in crate::mock) type Other = Option<&'static str>;

/// What is open about codes and rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::mock) struct Codes {
    pub eiam: EiamCodes,
    pub ciam: CiamCodes,
    /// Whether CIAM and OneAccess refuse a call without a content type.
    pub demands_content_type: bool,
    pub oneaccess: OneAccessCodes,
    /// Whether a state token also serves where another stop of the login leads.
    pub ignores_stage: bool,
    /// Whether a state token is good on the device alone that got it.
    pub binds_device: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::mock) struct EiamCodes {
    pub device: Other,
    pub wrong_token: Other,
    pub old_token: Other,
    pub wrong_type: Other,
    pub disabled: Other,
    pub policy: Other,
    /// For a member that is there and blank: the verification code, the new password.
    pub blank: (Other, Other),
    /// For a name or password that does not fit at login.
    pub login: Other,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::mock) struct CiamCodes {
    pub login: Other,
    /// For a disabled user who changes the password by mobile.
    pub disabled: Other,
    /// Whether a change by mobile without `Authorization` is refused for just that.
    pub demands_authorization: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::mock) struct OneAccessCodes {
    /// For an application id that is missing, and for one that is unknown.
    pub client: (Other, Other),
    /// Whether the codes that are only inferred have other numbers.
    pub renumbered: bool,
    /// Whether the device headers are only logged.
    pub logs_device: bool,
}

impl Codes {
    pub(super) fn draw(draw: &mut Draw) -> Self {
        Self {
            eiam: EiamCodes::draw(draw),
            ciam: CiamCodes::draw(draw),
            demands_content_type: draw.flag(
                "a call without a content type (CIAM, OneAccess)",
                "is answered",
                "is refused",
            ),
            oneaccess: OneAccessCodes::draw(draw),
            ignores_stage: draw.flag(
                "a state token serves",
                "where its stop of the login leads",
                "wherever one is asked for",
            ),
            binds_device: draw.flag(
                "a state token is good",
                "on any device",
                "on the one that got it",
            ),
        }
    }
}

impl EiamCodes {
    fn draw(draw: &mut Draw) -> Self {
        Self {
            device: code(
                draw,
                "EIAM's code for a missing device header",
                ["SDK.COMMON.1001", "SDK.COMMON.1003"],
            ),
            wrong_token: code(
                draw,
                "EIAM's code for a wrong token",
                ["SDK.COMMON.1006", "SDK.COMMON.1005", "SDK.COMMON.1002"],
            ),
            old_token: code(
                draw,
                "EIAM's code for an expired token",
                ["SDK.COMMON.1005", "SDK.COMMON.1006"],
            ),
            wrong_type: code(
                draw,
                "EIAM's code for a verification code that is no text",
                ["SDK.COMMON.1007", "SDK.SMS.1005"],
            ),
            disabled: code(
                draw,
                "EIAM's code for a disabled user",
                ["SDK.USER.1001", "SDK.LOGIN.1006"],
            ),
            policy: draw.one(
                "EIAM's codes for a password against the policy",
                [
                    ("one for each clause", None),
                    ("one for all", Some("SDK.USER.1010")),
                ],
            ),
            blank: draw.one(
                "EIAM's codes for a blank verification code and a blank new password",
                [
                    ("SDK.COMMON.1001 for both", (None, None)),
                    (
                        "SDK.SMS.1005, SDK.USER.1010",
                        (Some("SDK.SMS.1005"), Some("SDK.USER.1010")),
                    ),
                ],
            ),
            login: code(
                draw,
                "EIAM's code for a wrong password at login",
                ["SDK.LOGIN.1005", "SDK.LOGIN.1015"],
            ),
        }
    }
}

impl CiamCodes {
    fn draw(draw: &mut Draw) -> Self {
        Self {
            login: code(
                draw,
                "CIAM's code for a wrong password at login",
                ["IDAAS.SDK.LOGIN.0002", "IDAAS.SDK.LOGIN.0012"],
            ),
            disabled: code(
                draw,
                "CIAM's code for a disabled user who changes the password",
                ["IDAAS.SDK.USER.0039", "IDAAS.SDK.PARAM.0016"],
            ),
            demands_authorization: draw.flag(
                "a CIAM change by mobile without Authorization",
                "is taken for a forgotten password",
                "is refused",
            ),
        }
    }
}

impl OneAccessCodes {
    fn draw(draw: &mut Draw) -> Self {
        Self {
            client: draw.one(
                "OneAccess' codes for a missing and an unknown application id",
                [
                    ("PARAM.0002, APP.0001", (None, None)),
                    ("APP.0002, APP.0001", (Some("APP.0002"), None)),
                    ("PARAM.0003, APP.0001", (Some("PARAM.0003"), None)),
                    ("PARAM.0002, PARAM.0003", (None, Some("PARAM.0003"))),
                ],
            ),
            renumbered: draw.flag(
                "OneAccess' codes that are only inferred",
                "numbered as CIAM's",
                "numbered otherwise",
            ),
            logs_device: draw.flag("OneAccess' device headers", "required", "only logged"),
        }
    }
}

/// One of these codes; the first is the table's own.
fn code<const N: usize>(draw: &mut Draw, topic: &'static str, codes: [&'static str; N]) -> Other {
    let answers = codes.map(|code| (code, (code != codes[0]).then_some(code)));
    draw.one(topic, answers)
}
