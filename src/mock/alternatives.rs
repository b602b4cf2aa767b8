//! Codes and rules where the documents name several, or none.
//!
//! EIAM's general list has more than one code for some mistakes and breaks off before
//! others; the OneAccess page is known in parts, the rest is CIAM's numbering by analogy.

use http::Method;

use super::{
    call::Call,
    operation::{Operation, Refusal, Rule},
    rules::{headers, tokens},
    variation::Draw,
};
use crate::mock::Dialect;

/// The rules about headers that one revision of OneAccess' pages calls log entries.
const DEVICE: &[&str] = &[
    "x-operating-sys-version-present",
    "x-device-fingerprint-present",
    "x-agent-present",
];

const WRONG_TOKEN: &[&str] = &[
    "x-state-token-signed",
    "x-state-token-stage",
    "x-state-token-unspent",
    "x-state-token-device",
    "id-token-signed",
];

const OLD_TOKEN: &[&str] = &["x-state-token-fresh", "id-token-fresh"];

const POLICY: &[&str] = &[
    "password-length",
    "password-types",
    "password-repeat",
    "password-user-data",
    "password-reversed-name",
    "password-weak",
    "password-history",
];

/// OneAccess codes that no readable part of its page shows, and a number they may have as well.
const INFERRED: &[(&str, &str)] = &[
    ("PARAM.0001", "PARAM.0101"),
    ("PARAM.0009", "PARAM.0109"),
    ("PARAM.0013", "PARAM.0113"),
    ("PARAM.0014", "PARAM.0114"),
    ("PARAM.0023", "PARAM.0123"),
    ("PARAM.0024", "PARAM.0124"),
    ("PARAM.0025", "PARAM.0125"),
    ("PARAM.0026", "PARAM.0126"),
    ("CAPTCHA.0005", "CAPTCHA.0105"),
    ("CAPTCHA.0006", "CAPTCHA.0106"),
    ("CAPTCHA.0007", "CAPTCHA.0107"),
    ("TENANT.0001", "TENANT.0101"),
    ("USER.0001", "USER.0101"),
    ("USER.0002", "USER.0102"),
    ("USER.0004", "USER.0104"),
    ("USER.0006", "USER.0106"),
    ("USER.0039", "USER.0139"),
    ("USER.0040", "USER.0140"),
    ("PWD.0001", "PWD.0101"),
    ("PWD.0002", "PWD.0102"),
    ("PWD.0003", "PWD.0103"),
    ("PWD.0004", "PWD.0104"),
    ("PWD.0005", "PWD.0105"),
    ("PWD.0006", "PWD.0106"),
    ("PWD.0007", "PWD.0107"),
];

/// A code in place of the table's own.
type Other = Option<&'static str>;

/// Which of the possible codes this tenant gives. Absent means the table's own.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question of its own that no other one decides"
)]
pub(super) struct Codes {
    eiam_device: Other,
    eiam_wrong_token: Other,
    eiam_old_token: Other,
    eiam_type: Other,
    eiam_disabled: Other,
    eiam_policy: Other,
    /// For a member that is there and blank: the verification code, the new password.
    eiam_blank: (Other, Other),
    /// For a name or password that does not fit at login.
    eiam_login: Other,
    ciam_login: Other,
    /// For a disabled user who changes the password by mobile.
    ciam_disabled: Other,
    /// Whether a change by mobile without `Authorization` is refused for just that.
    ciam_demands_authorization: bool,
    /// Whether CIAM and OneAccess refuse a call without a content type.
    demands_content_type: bool,
    /// For an application id that is missing, and for one that is unknown.
    oneaccess_client: (Other, Other),
    oneaccess_renumbered: bool,
    oneaccess_logs_device: bool,
    /// Whether a state token also serves where another stop of the login leads.
    ignores_stage: bool,
    /// Whether a state token is good on the device alone that got it.
    binds_device: bool,
}

impl Codes {
    pub(super) fn draw(draw: &mut Draw) -> Self {
        Self {
            eiam_device: draw.one(
                "EIAM's code for a missing device header",
                [
                    ("SDK.COMMON.1001", None),
                    ("SDK.COMMON.1003", Some("SDK.COMMON.1003")),
                ],
            ),
            eiam_wrong_token: draw.one(
                "EIAM's code for a wrong token",
                [
                    ("SDK.COMMON.1006", None),
                    ("SDK.COMMON.1005", Some("SDK.COMMON.1005")),
                    ("SDK.COMMON.1002", Some("SDK.COMMON.1002")),
                ],
            ),
            eiam_old_token: draw.one(
                "EIAM's code for an expired token",
                [
                    ("SDK.COMMON.1005", None),
                    ("SDK.COMMON.1006", Some("SDK.COMMON.1006")),
                ],
            ),
            eiam_type: draw.one(
                "EIAM's code for a verification code that is no text",
                [
                    ("SDK.COMMON.1007", None),
                    ("SDK.SMS.1005", Some("SDK.SMS.1005")),
                ],
            ),
            eiam_disabled: draw.one(
                "EIAM's code for a disabled user",
                [
                    ("SDK.USER.1001", None),
                    ("SDK.LOGIN.1006", Some("SDK.LOGIN.1006")),
                ],
            ),
            eiam_policy: draw.one(
                "EIAM's codes for a password against the policy",
                [
                    ("one for each clause", None),
                    ("one for all", Some("SDK.USER.1010")),
                ],
            ),
            eiam_blank: draw.one(
                "EIAM's codes for a blank verification code and a blank new password",
                [
                    ("SDK.COMMON.1001 for both", (None, None)),
                    (
                        "SDK.SMS.1005, SDK.USER.1010",
                        (Some("SDK.SMS.1005"), Some("SDK.USER.1010")),
                    ),
                ],
            ),
            eiam_login: draw.one(
                "EIAM's code for a wrong password at login",
                [
                    ("SDK.LOGIN.1005", None),
                    ("SDK.LOGIN.1015", Some("SDK.LOGIN.1015")),
                ],
            ),
            ciam_login: draw.one(
                "CIAM's code for a wrong password at login",
                [
                    ("IDAAS.SDK.LOGIN.0002", None),
                    ("IDAAS.SDK.LOGIN.0012", Some("IDAAS.SDK.LOGIN.0012")),
                ],
            ),
            ciam_disabled: draw.one(
                "CIAM's code for a disabled user who changes the password",
                [
                    ("IDAAS.SDK.USER.0039", None),
                    ("IDAAS.SDK.PARAM.0016", Some("IDAAS.SDK.PARAM.0016")),
                ],
            ),
            ciam_demands_authorization: draw.flag(
                "a CIAM change by mobile without Authorization",
                "is taken for a forgotten password",
                "is refused",
            ),
            demands_content_type: draw.flag(
                "a call without a content type (CIAM, OneAccess)",
                "is answered",
                "is refused",
            ),
            oneaccess_client: draw.one(
                "OneAccess' codes for a missing and an unknown application id",
                [
                    ("PARAM.0002, APP.0001", (None, None)),
                    ("APP.0002, APP.0001", (Some("APP.0002"), None)),
                    ("PARAM.0003, APP.0001", (Some("PARAM.0003"), None)),
                    ("PARAM.0002, PARAM.0003", (None, Some("PARAM.0003"))),
                ],
            ),
            oneaccess_renumbered: draw.flag(
                "OneAccess' codes that are only inferred",
                "numbered as CIAM's",
                "numbered otherwise",
            ),
            oneaccess_logs_device: draw.flag(
                "OneAccess' device headers",
                "required",
                "only logged",
            ),
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

    /// Gives the rules of an operation the chosen codes.
    pub(super) fn apply(&self, edition: Dialect, operation: &mut Operation) {
        if self.ignores_stage {
            operation
                .rules
                .retain(|rule| rule.name != "x-state-token-stage");
        }
        let takes_state_token = operation
            .rules
            .iter()
            .any(|rule| rule.name == "x-state-token-signed");
        if self.binds_device && takes_state_token {
            let code = match edition {
                Dialect::Eiam => "SDK.COMMON.1006",
                Dialect::Ciam => "IDAAS.SDK.PARAM.0014",
                Dialect::OneAccess => "PARAM.0014",
            };
            let check = tokens::state_token_device(code);
            operation
                .rules
                .push(Rule::new("x-state-token-device", check));
        }
        let sdk = operation.path.starts_with("/api/v2/sdk/");
        // OneAccess leaves the header out of its pages about GET.
        let typed = match edition {
            Dialect::Eiam => None,
            Dialect::Ciam => Some("IDAAS.SDK.PARAM.0001"),
            Dialect::OneAccess => (operation.method == Method::POST).then_some("PARAM.0001"),
        };
        if let (true, true, Some(code)) = (self.demands_content_type, sdk, typed) {
            let check = headers::present("Content-Type", code);
            operation
                .rules
                .push(Rule::new("content-type-present", check));
        }
        match edition {
            Dialect::Eiam if sdk => {
                for (names, code) in [
                    (DEVICE, self.eiam_device),
                    (WRONG_TOKEN, self.eiam_wrong_token),
                    (OLD_TOKEN, self.eiam_old_token),
                    (&["verify_code-string"], self.eiam_type),
                    (&["user-enabled"], self.eiam_disabled),
                    (POLICY, self.eiam_policy),
                ] {
                    recode(operation, names, code);
                }
                let (code, password) = self.eiam_blank;
                recode_blank(operation, "verify_code-present", "verify_code", code);
                recode_blank(operation, "new_password-present", "new_password", password);
                if operation.name == "passwordLogin" {
                    recode(operation, &["password-correct"], self.eiam_login);
                }
            }
            Dialect::Ciam if operation.name == "passwordLogin" => {
                recode(operation, &["password-correct"], self.ciam_login);
            }
            Dialect::Ciam if operation.name == "changePasswordByMobile" => {
                recode(operation, &["user-enabled"], self.ciam_disabled);
                if self.ciam_demands_authorization {
                    let check = headers::present("Authorization", "IDAAS.SDK.PARAM.0016");
                    operation
                        .rules
                        .push(Rule::new("authorization-present", check));
                }
            }
            Dialect::Eiam | Dialect::Ciam => {}
            Dialect::OneAccess => {
                if self.oneaccess_logs_device {
                    operation.rules.retain(|rule| !DEVICE.contains(&rule.name));
                }
                if self.oneaccess_renumbered {
                    for rule in &mut operation.rules {
                        renumber(rule);
                    }
                }
                let (missing, unknown) = self.oneaccess_client;
                recode(operation, &["x-client-id-present"], missing);
                recode(operation, &["x-client-id-known"], unknown);
            }
        }
    }
}

fn recode(operation: &mut Operation, names: &[&str], code: Other) {
    let Some(code) = code else { return };
    for rule in &mut operation.rules {
        if names.contains(&rule.name) {
            refuse_otherwise(rule, move |_, _| Some(code));
        }
    }
}

/// Another code only where the member is there, and blank.
fn recode_blank(operation: &mut Operation, name: &str, member: &'static str, code: Other) {
    for rule in &mut operation.rules {
        if rule.name == name && code.is_some() {
            refuse_otherwise(rule, move |call, _| call.member(member).and(code));
        }
    }
}

fn renumber(rule: &mut Rule) {
    refuse_otherwise(rule, |_, code| {
        let found = INFERRED.iter().find(|(known, _)| *known == code);
        found.map(|(_, other)| *other)
    });
}

/// The rule looks at the same thing as before and names what it found differently.
fn refuse_otherwise(
    rule: &mut Rule,
    other: impl Fn(&Call, &'static str) -> Other + Send + Sync + 'static,
) {
    let check = std::mem::replace(&mut rule.check, Box::new(|_, _| Ok(())));
    rule.check = Box::new(move |call, state| {
        check(call, state).map_err(|refusal| Refusal {
            given_as: other(call, refusal.code).or(refusal.given_as),
            ..refusal
        })
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mock::{editions, variation::Variation};

    #[test]
    fn every_rule_that_may_have_another_code_exists() {
        let names = |edition| -> Vec<&str> {
            let table = editions::operations(edition);
            let rules = table.iter().flat_map(|row| row.rules.iter());
            rules.map(|rule| rule.name).collect()
        };
        let (eiam, oneaccess) = (names(Dialect::Eiam), names(Dialect::OneAccess));
        let mut token = WRONG_TOKEN.to_vec();
        token.retain(|name| *name != "x-state-token-device");
        for name in [DEVICE, &token, OLD_TOKEN, POLICY]
            .concat()
            .iter()
            .chain(&["verify_code-string", "user-enabled"])
        {
            assert!(eiam.contains(name), "{name}");
        }
        for name in DEVICE
            .iter()
            .chain(&["x-client-id-present", "x-client-id-known"])
        {
            assert!(oneaccess.contains(name), "{name}");
        }
    }

    #[test]
    fn the_plain_reading_keeps_every_table() {
        let plain = Variation::from_seed(0);
        for edition in Dialect::ALL {
            let mut table = editions::operations(edition);
            let names = |table: &[Operation]| -> Vec<&str> {
                let rules = table.iter().flat_map(|row| row.rules.iter());
                rules.map(|rule| rule.name).collect()
            };
            let before = names(&table);
            plain.arrange(edition, &mut table);
            assert_eq!(before, names(&table), "{edition}");
        }
    }
}
