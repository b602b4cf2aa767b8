//! EIAM's messages. The documents print English only.

use super::Table;

// One message a line: code, English, Chinese.
#[rustfmt::skip]
pub(super) const TABLE: Table = Table {
    printed_in_both: &[],
    // The global list (returncode page), the change pages, the management pages.
    printed_in_english: &[
        ("SDK.COMMON.1001", "Parameter {0} cannot be left blank.", "参数{0}不能为空"),
        ("SDK.COMMON.1002", "The {0} parameter format is incorrect", "参数{0}格式不正确"),
        ("SDK.COMMON.1003", "Device information is incomplete", "设备信息不完整"),
        ("SDK.COMMON.1005", "The {0} has expired", "{0}已过期"),
        ("SDK.COMMON.1006", "The {0} parameter error", "参数{0}错误"),
        ("SDK.COMMON.1007", "The {0} parameter type error", "参数{0}类型错误"),
        ("SDK.COMMON.1008", "The system is busy. Try again later", "系统繁忙,请稍后重试"),
        ("SDK.COMMON.1012", "The x-client-ID is incorrect and the corresponding application cannot be found", "x-client-id不正确,未找到对应的应用"),
        ("SDK.COMMON.1013", "The corresponding user is not found", "未找到对应的用户"),
        ("SDK.LOGIN.1003", "The user has been locked due to too many unsuccessful login attempts. It will be unlocked in {0} minutes and {1} seconds", "登录失败次数过多,用户已被锁定,将在{0}分{1}秒后解锁"),
        ("SDK.SMS.1005", "SMS verification code verification is incorrect", "短信验证码不正确"),
        ("SDK.SMS.1006", "The email verification code is incorrect", "邮箱验证码不正确"),
        ("USER.0001", "User does not exist", "用户不存在"),
        ("PWD.0001", "Password cannot be empty", "密码不能为空"),
        ("PWD.0002", "Password length is {0}~{1} characters", "密码长度为{0}~{1}个字符"),
        ("PWD.0003", "Password cannot match username", "密码不能与用户名相同"),
        ("PWD.0004", "Password does not allow reverse username", "密码不允许使用用户名的倒写"),
        ("PWD.0005", "Password does not meet rules {0}", "密码不符合规则{0}"),
    ],
    // The mock's own: the list breaks off inside the login group.
    own: &[
        ("SDK.LOGIN.1005", "Incorrect user name or password. Remaining attempts: {0}", "用户名或密码错误,剩余{0}次机会"),
        ("SDK.USER.1001", "The user is disabled", "用户已被禁用"),
        ("SDK.USER.1002", "No mobile number is bound to the user", "用户未绑定手机号"),
        ("SDK.CAPTCHA.1001", "The graphic captcha is incorrect", "图形验证码不正确"),
        ("SDK.PWD.1001", "A former password cannot be used again", "不允许使用历史密码"),
        ("SDK.PWD.1002", "The password contains the reversed user name", "密码不允许使用用户名的倒写"),
        ("SDK.PWD.1003", "The password contains personal data", "密码中不允许包含个人信息"),
        ("SDK.PWD.1004", "The password is too simple: {0}", "密码复杂度低,{0}"),
        ("SDK.PWD.1005", "The password is on the list of weak passwords", "该密码为弱密码"),
        ("SDK.PWD.1006", "A character is repeated more than {0} times", "密码中最大字符重复数不能超过{0}"),
        ("SDK.PWD.1007", "The password needs {0} to {1} characters", "密码长度为{0}~{1}个字符"),
        ("USER.0002", "User name cannot be empty", "用户名不能为空"),
        ("USER.0011", "Mobile number is empty", "手机号为空"),
        ("USER.0012", "E-mail is empty", "邮箱为空"),
        ("USER.0020", "User name already exists", "用户名已存在"),
    ],
    // Codes that are printed with two texts: the example of a blank parameter ends with a full stop and
    // the list does not; the list calls an old token failed and expired.
    second_in_english: &[
        ("SDK.COMMON.1001", "Parameter {0} cannot be left blank"),
        ("SDK.COMMON.1005", "The {0} has failed"),
    ],
};
