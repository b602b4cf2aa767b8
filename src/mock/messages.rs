//! The text of every error code, in English and Chinese.
//!
//! CIAM prints both languages. EIAM and OneAccess are known in English only; what no page
//! prints is the mock's own, and a variation may word it otherwise.

use super::{dialect::Dialect, language::Language, refusal::Refusal};

/// How a message reads whose text is not documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wording {
    /// As the tables below have it.
    Specific,
    /// One sentence for every mistake.
    General,
    /// As `Specific`, with the code behind.
    WithCode,
}

type Row = (&'static str, &'static str, &'static str);

/// EIAM, English documented: the global list (returncode page), the change pages, the management pages.
const EIAM: &[Row] = &[
    (
        "SDK.COMMON.1001",
        "Parameter {0} cannot be left blank.",
        "参数{0}不能为空",
    ),
    (
        "SDK.COMMON.1002",
        "The {0} parameter format is incorrect",
        "参数{0}格式不正确",
    ),
    (
        "SDK.COMMON.1003",
        "Device information is incomplete",
        "设备信息不完整",
    ),
    ("SDK.COMMON.1005", "The {0} has expired", "{0}已过期"),
    ("SDK.COMMON.1006", "The {0} parameter error", "参数{0}错误"),
    (
        "SDK.COMMON.1007",
        "The {0} parameter type error",
        "参数{0}类型错误",
    ),
    (
        "SDK.COMMON.1008",
        "The system is busy. Try again later",
        "系统繁忙,请稍后重试",
    ),
    (
        "SDK.COMMON.1012",
        "The x-client-ID is incorrect and the corresponding application cannot be found",
        "x-client-id不正确,未找到对应的应用",
    ),
    (
        "SDK.COMMON.1013",
        "The corresponding user is not found",
        "未找到对应的用户",
    ),
    (
        "SDK.LOGIN.1003",
        "The user has been locked due to too many unsuccessful login attempts. It will be unlocked in {0} minutes and {1} seconds",
        "登录失败次数过多,用户已被锁定,将在{0}分{1}秒后解锁",
    ),
    (
        "SDK.SMS.1005",
        "SMS verification code verification is incorrect",
        "短信验证码不正确",
    ),
    (
        "SDK.SMS.1006",
        "The email verification code is incorrect",
        "邮箱验证码不正确",
    ),
    ("USER.0001", "User does not exist", "用户不存在"),
    ("PWD.0001", "Password cannot be empty", "密码不能为空"),
    (
        "PWD.0002",
        "Password length is {0}~{1} characters",
        "密码长度为{0}~{1}个字符",
    ),
    (
        "PWD.0003",
        "Password cannot match username",
        "密码不能与用户名相同",
    ),
    (
        "PWD.0004",
        "Password does not allow reverse username",
        "密码不允许使用用户名的倒写",
    ),
    (
        "PWD.0005",
        "Password does not meet rules {0}",
        "密码不符合规则{0}",
    ),
];

/// EIAM, the mock's own: the list breaks off inside the login group.
const EIAM_OWN: &[Row] = &[
    (
        "SDK.LOGIN.1005",
        "Incorrect user name or password. Remaining attempts: {0}",
        "用户名或密码错误,剩余{0}次机会",
    ),
    ("SDK.USER.1001", "The user is disabled", "用户已被禁用"),
    (
        "SDK.USER.1002",
        "No mobile number is bound to the user",
        "用户未绑定手机号",
    ),
    (
        "SDK.CAPTCHA.1001",
        "The graphic captcha is incorrect",
        "图形验证码不正确",
    ),
    (
        "SDK.PWD.1001",
        "A former password cannot be used again",
        "不允许使用历史密码",
    ),
    (
        "SDK.PWD.1002",
        "The password contains the reversed user name",
        "密码不允许使用用户名的倒写",
    ),
    (
        "SDK.PWD.1003",
        "The password contains personal data",
        "密码中不允许包含个人信息",
    ),
    (
        "SDK.PWD.1004",
        "The password is too simple: {0}",
        "密码复杂度低,{0}",
    ),
    (
        "SDK.PWD.1005",
        "The password is on the list of weak passwords",
        "该密码为弱密码",
    ),
    (
        "SDK.PWD.1006",
        "A character is repeated more than {0} times",
        "密码中最大字符重复数不能超过{0}",
    ),
    (
        "SDK.PWD.1007",
        "The password needs {0} to {1} characters",
        "密码长度为{0}~{1}个字符",
    ),
    ("USER.0002", "User name cannot be empty", "用户名不能为空"),
    ("USER.0011", "Mobile number is empty", "手机号为空"),
    ("USER.0012", "E-mail is empty", "邮箱为空"),
    ("USER.0020", "User name already exists", "用户名已存在"),
];

/// CIAM, both languages documented: the error tables of the operation pages.
const CIAM: &[Row] = &[
    (
        "IDAAS.SDK.PARAM.0001",
        "Device information is incomplete",
        "设备信息不完整",
    ),
    (
        "IDAAS.SDK.PARAM.0002",
        "clientId cannot be empty",
        "clientId不能为空",
    ),
    (
        "IDAAS.SDK.PARAM.0003",
        "The app is not registered, please register the app first",
        "应用未注册,请先注册应用",
    ),
    (
        "IDAAS.SDK.PARAM.0009",
        "Verification code cannot be empty",
        "验证码不能为空",
    ),
    (
        "IDAAS.SDK.PARAM.0013",
        "State token cannot be empty",
        "临时令牌不能为空",
    ),
    (
        "IDAAS.SDK.PARAM.0014",
        "Invalid state token",
        "临时令牌无效",
    ),
    (
        "IDAAS.SDK.CAPTCHA.0007",
        "Incorrect verification code",
        "验证码不正确",
    ),
    ("IDAAS.SDK.USER.0001", "User not found", "用户未找到"),
    (
        "IDAAS.SDK.USER.0004",
        "Mobile number cannot be empty",
        "手机号不能为空",
    ),
    (
        "IDAAS.SDK.USER.0006",
        "Password cannot be empty",
        "密码不能为空",
    ),
    ("IDAAS.SDK.USER.0039", "User is disabled", "用户已被禁用"),
    (
        "IDAAS.SDK.PWD.0001",
        "The password is used before, cannot be used again",
        "不允许使用历史密码",
    ),
    (
        "IDAAS.SDK.PWD.0002",
        "Password cannot username in reverse order",
        "密码不允许使用用户名的倒写",
    ),
    (
        "IDAAS.SDK.PWD.0003",
        "Password cannot contain :username, phone number, email prefix, name in PinYing",
        "密码中不允许包含:用户名、手机号、邮箱前缀、姓名拼音",
    ),
    (
        "IDAAS.SDK.PWD.0004",
        "Your password complexity is low, {0}",
        "密码复杂度低,{0}",
    ),
    (
        "IDAAS.SDK.PWD.0005",
        "The password is weak",
        "该密码为弱密码",
    ),
    (
        "IDAAS.SDK.PWD.0006",
        "Number of character repeat in password should not exceed {0}",
        "密码中最大字符重复数不能超过{0}",
    ),
    (
        "IDAAS.SDK.PWD.0007",
        "The password must contain {0} to {1} characters",
        "密码长度为{0}~{1}个字符",
    ),
];

/// CIAM, English documented: pages whose Chinese column is not known, and the management family.
const CIAM_ENGLISH: &[Row] = &[
    (
        "IDAAS.SDK.PARAM.0016",
        "IdToken is invalid or expired",
        "IdToken无效或已过期",
    ),
    (
        "IDAAS.SDK.PARAM.0023",
        "Invalid or expired session token",
        "会话令牌无效或已过期",
    ),
    (
        "IDAAS.SDK.CAPTCHA.0002",
        "Graphic verification code verification failed",
        "图形验证码验证失败",
    ),
    ("IDAAS.TENANT.USER.0001", "User not found", "用户未找到"),
    (
        "IDAAS.TENANT.USER.0002",
        "Username cannot be empty",
        "用户名不能为空",
    ),
    (
        "IDAAS.TENANT.USER.0006",
        "Password cannot be empty",
        "密码不能为空",
    ),
    (
        "IDAAS.TENANT.PWD.0001",
        "The password is used before, cannot be used again",
        "不允许使用历史密码",
    ),
    (
        "IDAAS.TENANT.PWD.0002",
        "Password cannot username in reverse order",
        "密码不允许使用用户名的倒写",
    ),
    (
        "IDAAS.TENANT.PWD.0003",
        "Password cannot contain :username, mobile number, email prefix, name in PinYing",
        "密码中不允许包含:用户名、手机号、邮箱前缀、姓名拼音",
    ),
    (
        "IDAAS.TENANT.PWD.0004",
        "Your password complexity is low, {0}",
        "密码复杂度低,{0}",
    ),
    (
        "IDAAS.TENANT.PWD.0005",
        "The password is weak",
        "该密码为弱密码",
    ),
    (
        "IDAAS.TENANT.PWD.0006",
        "Number of character repeat in password should not exceed {0}",
        "密码中最大字符重复数不能超过{0}",
    ),
    (
        "IDAAS.TENANT.PWD.0007",
        "The password must contain {0} to {1} characters",
        "密码长度为{0}~{1}个字符",
    ),
];

/// CIAM, the mock's own: the login and captcha pages break off before their tables.
const CIAM_OWN: &[Row] = &[
    (
        "IDAAS.SDK.CAPTCHA.0006",
        "Failed to send verification code",
        "验证码发送失败",
    ),
    (
        "IDAAS.SDK.USER.0002",
        "Username cannot be empty",
        "用户名不能为空",
    ),
    (
        "IDAAS.SDK.USER.0005",
        "E-mail cannot be empty",
        "邮箱不能为空",
    ),
    (
        "IDAAS.SDK.LOGIN.0001",
        "The user is locked and will be unlocked in {0} minutes and {1} seconds",
        "用户已被锁定,将在{0}分{1}秒后解锁",
    ),
    (
        "IDAAS.SDK.LOGIN.0002",
        "Invalid account name or password. Remaining attempts: {0}",
        "用户名或密码错误,剩余{0}次机会",
    ),
    (
        "IDAAS.SDK.PARAM.0004",
        "Coordinates cannot be empty",
        "坐标不能为空",
    ),
    (
        "IDAAS.SDK.PARAM.0005",
        "Token cannot be empty",
        "token不能为空",
    ),
    (
        "IDAAS.SDK.PARAM.0006",
        "Receiver cannot be empty",
        "接收者不能为空",
    ),
    (
        "IDAAS.SDK.PARAM.0007",
        "Verification code type cannot be empty",
        "验证码类型不能为空",
    ),
    (
        "IDAAS.SDK.PARAM.0024",
        "Device differs from the one that logged in",
        "与登录设备不一致",
    ),
    (
        "IDAAS.SDK.CAPTCHA.0004",
        "Invalid captcha token",
        "图形验证码令牌无效",
    ),
    (
        "IDAAS.SDK.CAPTCHA.0005",
        "Captcha token cannot be empty",
        "图形验证码令牌不能为空",
    ),
    (
        "IDAAS.TENANT.USER.0040",
        "Username already exists",
        "用户名已存在",
    ),
];

/// OneAccess, English documented: the error code page as far as known.
const ONEACCESS: &[Row] = &[
    ("APP.0001", "Application does not exist.", "应用不存在。"),
    ("CAPTCHA.0002", "Invalid CAPTCHA code.", "图形验证码错误。"),
    (
        "CAPTCHA.0003",
        "CAPTCHA token expired.",
        "图形验证码令牌已过期。",
    ),
    (
        "CAPTCHA.0004",
        "Invalid CAPTCHA token.",
        "图形验证码令牌无效。",
    ),
    (
        "LOGIN.0001",
        "User has been locked due to multiple login failures. It will be unlocked in {0} minutes and {1} seconds",
        "登录失败次数过多,用户已被锁定,将在{0}分{1}秒后解锁",
    ),
    (
        "LOGIN.0002",
        "Invalid account name or password. Remaining attempts: {0}",
        "用户名或密码错误,剩余{0}次机会",
    ),
    ("PARAM.0004", "Coordinates required.", "坐标不能为空。"),
    ("PARAM.0005", "Token required.", "token不能为空。"),
    ("PARAM.0002", "clientId cannot be empty", "clientId不能为空"),
    ("APP.0002", "Application ID required.", "应用ID不能为空。"),
];

/// OneAccess, the mock's own: mostly CIAM's text without the prefix of its code.
const ONEACCESS_OWN: &[Row] = &[
    (
        "PARAM.0001",
        "Device information is incomplete",
        "设备信息不完整",
    ),
    (
        "PARAM.0009",
        "Verification code cannot be empty",
        "验证码不能为空",
    ),
    (
        "PARAM.0013",
        "State token cannot be empty",
        "临时令牌不能为空",
    ),
    ("PARAM.0014", "Invalid state token", "临时令牌无效"),
    (
        "PARAM.0023",
        "Invalid or expired session token",
        "会话令牌无效或已过期",
    ),
    (
        "CAPTCHA.0006",
        "Failed to send verification code",
        "验证码发送失败",
    ),
    (
        "CAPTCHA.0007",
        "Incorrect verification code",
        "验证码不正确",
    ),
    ("USER.0001", "User not found", "用户未找到"),
    ("USER.0002", "Username cannot be empty", "用户名不能为空"),
    (
        "USER.0004",
        "Mobile number cannot be empty",
        "手机号不能为空",
    ),
    ("USER.0006", "Password cannot be empty", "密码不能为空"),
    ("USER.0039", "User is disabled", "用户已被禁用"),
    (
        "PWD.0001",
        "The password is used before, cannot be used again",
        "不允许使用历史密码",
    ),
    (
        "PWD.0002",
        "Password cannot username in reverse order",
        "密码不允许使用用户名的倒写",
    ),
    (
        "PWD.0003",
        "Password cannot contain :username, phone number, email prefix, name in PinYing",
        "密码中不允许包含:用户名、手机号、邮箱前缀、姓名拼音",
    ),
    (
        "PWD.0004",
        "Your password complexity is low, {0}",
        "密码复杂度低,{0}",
    ),
    ("PWD.0005", "The password is weak", "该密码为弱密码"),
    (
        "PWD.0006",
        "Number of character repeat in password should not exceed {0}",
        "密码中最大字符重复数不能超过{0}",
    ),
    (
        "PWD.0007",
        "The password must contain {0} to {1} characters",
        "密码长度为{0}~{1}个字符",
    ),
    ("PARAM.0006", "Receiver required.", "接收者不能为空。"),
    (
        "PARAM.0007",
        "Verification code type required.",
        "验证码类型不能为空。",
    ),
    ("PARAM.0024", "Tenant ID required.", "租户ID不能为空。"),
    (
        "PARAM.0025",
        "Device differs from the one that logged in.",
        "与登录设备不一致。",
    ),
    (
        "PARAM.0026",
        "Invalid or expired SSO ticket.",
        "单点登录票据无效或已过期。",
    ),
    (
        "CAPTCHA.0005",
        "CAPTCHA token required.",
        "图形验证码令牌不能为空。",
    ),
    ("TENANT.0001", "Tenant does not exist.", "租户不存在。"),
    ("USER.0040", "Username already exists.", "用户名已存在。"),
];

/// EIAM, the other text of a code that is printed twice: the example of a blank parameter ends
/// with a full stop and the list does not; the list calls an old token failed and expired.
const EIAM_SECOND: &[(&str, &str)] = &[
    ("SDK.COMMON.1001", "Parameter {0} cannot be left blank"),
    ("SDK.COMMON.1005", "The {0} has failed"),
];

/// The texts of an edition, most documented first.
struct Texts {
    /// Documented in both languages.
    both: &'static [Row],
    /// Documented in English.
    english: &'static [Row],
    own: &'static [Row],
}

impl Texts {
    const fn of(edition: Dialect) -> Self {
        match edition {
            Dialect::Eiam => Self {
                both: &[],
                english: EIAM,
                own: EIAM_OWN,
            },
            Dialect::Ciam => Self {
                both: CIAM,
                english: CIAM_ENGLISH,
                own: CIAM_OWN,
            },
            Dialect::OneAccess => Self {
                both: &[],
                english: ONEACCESS,
                own: ONEACCESS_OWN,
            },
        }
    }

    /// The text of a code, and whether the documents print it.
    fn find(&self, code: &str, language: Language) -> Option<(&'static str, bool)> {
        let listed = |rows: &'static [Row]| rows.iter().find(|(known, ..)| *known == code);
        let chosen = |(_, english, chinese): &Row| match language {
            Language::English => *english,
            Language::Chinese => *chinese,
        };
        listed(self.both)
            .map(|row| (chosen(row), true))
            .or_else(|| {
                listed(self.english).map(|row| (chosen(row), language == Language::English))
            })
            .or_else(|| listed(self.own).map(|row| (chosen(row), false)))
    }
}

/// What a refusal says, placeholders filled. A code without a text speaks for itself.
pub(super) fn text(
    edition: Dialect,
    refusal: &Refusal,
    language: Language,
    wording: Wording,
    second: bool,
) -> String {
    let texts = Texts::of(edition);
    let code = refusal.given_as.unwrap_or(refusal.code);
    let found = texts
        .find(code, language)
        // A code given in place of another has that one's text if it has none itself.
        .or_else(|| texts.find(refusal.code, language));
    let (mut template, documented) = found.unwrap_or((code, false));
    // The example is about this very header, so there it holds to the letter.
    let exemplary = refusal.args.first().is_some_and(|arg| arg == "X-client-id");
    if second && edition == Dialect::Eiam && language == Language::English && !exemplary {
        let other = EIAM_SECOND.iter().find(|(known, _)| *known == code);
        template = other.map_or(template, |(_, text)| text);
    }
    let mut text = template.to_owned();
    for (index, arg) in refusal.args.iter().enumerate() {
        text = text.replace(&format!("{{{index}}}"), arg);
    }
    match (wording, language) {
        _ if documented => text,
        (Wording::Specific, _) => text,
        (Wording::WithCode, _) => format!("{text} [{code}]"),
        (Wording::General, Language::English) => "The request was refused".to_owned(),
        (Wording::General, Language::Chinese) => "请求被拒绝".to_owned(),
    }
}

/// What `data` says beside `ACCESS_DENIED` (EIAM skip page, third example).
pub(super) const fn access_denied(language: Language) -> &'static str {
    match language {
        Language::English => "Access denied",
        Language::Chinese => "拒绝访问",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(edition: Dialect, code: &'static str, language: Language, wording: Wording) -> String {
        let refusal = Refusal::code(code).arg("8").arg("18");
        text(edition, &refusal, language, wording, false)
    }

    #[test]
    fn placeholders_are_filled_in_both_languages() {
        let say = |language| {
            let code = "IDAAS.SDK.PWD.0007";
            said(Dialect::Ciam, code, language, Wording::Specific)
        };
        assert_eq!(
            say(Language::English),
            "The password must contain 8 to 18 characters"
        );
        assert_eq!(say(Language::Chinese), "密码长度为8~18个字符");
    }

    #[test]
    fn a_documented_text_is_never_worded_otherwise_and_another_one_may_be() {
        for (edition, code, language, documented) in [
            (
                Dialect::Ciam,
                "IDAAS.SDK.PARAM.0014",
                Language::Chinese,
                true,
            ),
            (
                Dialect::Ciam,
                "IDAAS.SDK.PARAM.0016",
                Language::English,
                true,
            ),
            (
                Dialect::Ciam,
                "IDAAS.SDK.PARAM.0016",
                Language::Chinese,
                false,
            ),
            (
                Dialect::Ciam,
                "IDAAS.SDK.LOGIN.0002",
                Language::English,
                false,
            ),
            (Dialect::Eiam, "SDK.COMMON.1012", Language::English, true),
            (Dialect::Eiam, "SDK.COMMON.1012", Language::Chinese, false),
            (Dialect::OneAccess, "APP.0001", Language::English, true),
            (Dialect::OneAccess, "PWD.0001", Language::English, false),
        ] {
            let plain = said(edition, code, language, Wording::Specific);
            for wording in [Wording::General, Wording::WithCode] {
                let other = said(edition, code, language, wording);
                assert_eq!(
                    plain == other,
                    documented,
                    "{code} {language:?} {wording:?}"
                );
            }
        }
    }

    #[test]
    fn a_code_in_place_of_another_has_its_own_text_or_else_that_one_s() {
        let say = |code, given_as| {
            let refusal = Refusal {
                given_as: Some(given_as),
                ..Refusal::code(code)
            };
            text(
                Dialect::OneAccess,
                &refusal,
                Language::English,
                Wording::Specific,
                false,
            )
        };
        assert_eq!(say("PARAM.0002", "APP.0002"), "Application ID required.");
        assert_eq!(say("PARAM.0014", "PARAM.0114"), "Invalid state token");
    }

    #[test]
    fn the_second_text_spares_the_one_that_an_example_prints() {
        let say = |subject, second| {
            let refusal = Refusal::code("SDK.COMMON.1001").arg(subject);
            let language = Language::English;
            text(Dialect::Eiam, &refusal, language, Wording::Specific, second)
        };
        assert!(say("X-agent", false).ends_with("blank."));
        assert!(say("X-agent", true).ends_with("blank"));
        assert!(say("X-client-id", true).ends_with("blank."));
    }

    #[test]
    fn no_code_is_listed_twice_in_an_edition() {
        for edition in Dialect::ALL {
            let texts = Texts::of(edition);
            let rows = [texts.both, texts.english, texts.own].concat();
            let mut codes: Vec<_> = rows.iter().map(|(code, ..)| *code).collect();
            let all = codes.len();
            codes.sort_unstable();
            codes.dedup();
            assert_eq!(codes.len(), all, "{edition:?}");
        }
    }
}
