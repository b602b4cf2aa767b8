//! OneAccess' messages. The documents print English only.

use super::Table;

// One message a line: code, English, Chinese.
#[rustfmt::skip]
pub(super) const TABLE: Table = Table {
    printed_in_both: &[],
    // The error code page as far as known.
    printed_in_english: &[
        ("APP.0001", "Application does not exist.", "应用不存在。"),
        ("CAPTCHA.0002", "Invalid CAPTCHA code.", "图形验证码错误。"),
        ("CAPTCHA.0003", "CAPTCHA token expired.", "图形验证码令牌已过期。"),
        ("CAPTCHA.0004", "Invalid CAPTCHA token.", "图形验证码令牌无效。"),
        ("LOGIN.0001", "User has been locked due to multiple login failures. It will be unlocked in {0} minutes and {1} seconds", "登录失败次数过多,用户已被锁定,将在{0}分{1}秒后解锁"),
        ("LOGIN.0002", "Invalid account name or password. Remaining attempts: {0}", "用户名或密码错误,剩余{0}次机会"),
        ("PARAM.0004", "Coordinates required.", "坐标不能为空。"),
        ("PARAM.0005", "Token required.", "token不能为空。"),
        ("PARAM.0002", "clientId cannot be empty", "clientId不能为空"),
        ("APP.0002", "Application ID required.", "应用ID不能为空。"),
    ],
    // The mock's own: mostly CIAM's text without the prefix of its code.
    own: &[
        ("PARAM.0001", "Device information is incomplete", "设备信息不完整"),
        ("PARAM.0009", "Verification code cannot be empty", "验证码不能为空"),
        ("PARAM.0013", "State token cannot be empty", "临时令牌不能为空"),
        ("PARAM.0014", "Invalid state token", "临时令牌无效"),
        ("PARAM.0023", "Invalid or expired session token", "会话令牌无效或已过期"),
        ("CAPTCHA.0006", "Failed to send verification code", "验证码发送失败"),
        ("CAPTCHA.0007", "Incorrect verification code", "验证码不正确"),
        ("USER.0001", "User not found", "用户未找到"),
        ("USER.0002", "Username cannot be empty", "用户名不能为空"),
        ("USER.0004", "Mobile number cannot be empty", "手机号不能为空"),
        ("USER.0006", "Password cannot be empty", "密码不能为空"),
        ("USER.0039", "User is disabled", "用户已被禁用"),
        ("PWD.0001", "The password is used before, cannot be used again", "不允许使用历史密码"),
        ("PWD.0002", "Password cannot username in reverse order", "密码不允许使用用户名的倒写"),
        ("PWD.0003", "Password cannot contain :username, phone number, email prefix, name in PinYing", "密码中不允许包含:用户名、手机号、邮箱前缀、姓名拼音"),
        ("PWD.0004", "Your password complexity is low, {0}", "密码复杂度低,{0}"),
        ("PWD.0005", "The password is weak", "该密码为弱密码"),
        ("PWD.0006", "Number of character repeat in password should not exceed {0}", "密码中最大字符重复数不能超过{0}"),
        ("PWD.0007", "The password must contain {0} to {1} characters", "密码长度为{0}~{1}个字符"),
        ("PARAM.0006", "Receiver required.", "接收者不能为空。"),
        ("PARAM.0007", "Verification code type required.", "验证码类型不能为空。"),
        ("PARAM.0024", "Tenant ID required.", "租户ID不能为空。"),
        ("PARAM.0025", "Device differs from the one that logged in.", "与登录设备不一致。"),
        ("PARAM.0026", "Invalid or expired SSO ticket.", "单点登录票据无效或已过期。"),
        ("CAPTCHA.0005", "CAPTCHA token required.", "图形验证码令牌不能为空。"),
        ("TENANT.0001", "Tenant does not exist.", "租户不存在。"),
        ("USER.0040", "Username already exists.", "用户名已存在。"),
    ],
    second_in_english: &[],
};
