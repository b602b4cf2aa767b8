//! CIAM's messages. The operation pages print both languages.

use super::Table;

// One message a line: code, English, Chinese.
#[rustfmt::skip]
pub(super) const TABLE: Table = Table {
    // The error tables of the operation pages.
    printed_in_both: &[
        ("IDAAS.SDK.PARAM.0001", "Device information is incomplete", "设备信息不完整"),
        ("IDAAS.SDK.PARAM.0002", "clientId cannot be empty", "clientId不能为空"),
        ("IDAAS.SDK.PARAM.0003", "The app is not registered, please register the app first", "应用未注册,请先注册应用"),
        ("IDAAS.SDK.PARAM.0009", "Verification code cannot be empty", "验证码不能为空"),
        ("IDAAS.SDK.PARAM.0013", "State token cannot be empty", "临时令牌不能为空"),
        ("IDAAS.SDK.PARAM.0014", "Invalid state token", "临时令牌无效"),
        ("IDAAS.SDK.CAPTCHA.0007", "Incorrect verification code", "验证码不正确"),
        ("IDAAS.SDK.USER.0001", "User not found", "用户未找到"),
        ("IDAAS.SDK.USER.0004", "Mobile number cannot be empty", "手机号不能为空"),
        ("IDAAS.SDK.USER.0006", "Password cannot be empty", "密码不能为空"),
        ("IDAAS.SDK.USER.0039", "User is disabled", "用户已被禁用"),
        ("IDAAS.SDK.PWD.0001", "The password is used before, cannot be used again", "不允许使用历史密码"),
        ("IDAAS.SDK.PWD.0002", "Password cannot username in reverse order", "密码不允许使用用户名的倒写"),
        ("IDAAS.SDK.PWD.0003", "Password cannot contain :username, phone number, email prefix, name in PinYing", "密码中不允许包含:用户名、手机号、邮箱前缀、姓名拼音"),
        ("IDAAS.SDK.PWD.0004", "Your password complexity is low, {0}", "密码复杂度低,{0}"),
        ("IDAAS.SDK.PWD.0005", "The password is weak", "该密码为弱密码"),
        ("IDAAS.SDK.PWD.0006", "Number of character repeat in password should not exceed {0}", "密码中最大字符重复数不能超过{0}"),
        ("IDAAS.SDK.PWD.0007", "The password must contain {0} to {1} characters", "密码长度为{0}~{1}个字符"),
    ],
    // Pages whose Chinese column is not known, and the management family.
    printed_in_english: &[
        ("IDAAS.SDK.PARAM.0016", "IdToken is invalid or expired", "IdToken无效或已过期"),
        ("IDAAS.SDK.PARAM.0023", "Invalid or expired session token", "会话令牌无效或已过期"),
        ("IDAAS.SDK.CAPTCHA.0002", "Graphic verification code verification failed", "图形验证码验证失败"),
        ("IDAAS.TENANT.USER.0001", "User not found", "用户未找到"),
        ("IDAAS.TENANT.USER.0002", "Username cannot be empty", "用户名不能为空"),
        ("IDAAS.TENANT.USER.0006", "Password cannot be empty", "密码不能为空"),
        ("IDAAS.TENANT.PWD.0001", "The password is used before, cannot be used again", "不允许使用历史密码"),
        ("IDAAS.TENANT.PWD.0002", "Password cannot username in reverse order", "密码不允许使用用户名的倒写"),
        ("IDAAS.TENANT.PWD.0003", "Password cannot contain :username, mobile number, email prefix, name in PinYing", "密码中不允许包含:用户名、手机号、邮箱前缀、姓名拼音"),
        ("IDAAS.TENANT.PWD.0004", "Your password complexity is low, {0}", "密码复杂度低,{0}"),
        ("IDAAS.TENANT.PWD.0005", "The password is weak", "该密码为弱密码"),
        ("IDAAS.TENANT.PWD.0006", "Number of character repeat in password should not exceed {0}", "密码中最大字符重复数不能超过{0}"),
        ("IDAAS.TENANT.PWD.0007", "The password must contain {0} to {1} characters", "密码长度为{0}~{1}个字符"),
    ],
    // The mock's own: the login and captcha pages break off before their tables.
    own: &[
        ("IDAAS.SDK.CAPTCHA.0006", "Failed to send verification code", "验证码发送失败"),
        ("IDAAS.SDK.USER.0002", "Username cannot be empty", "用户名不能为空"),
        ("IDAAS.SDK.USER.0005", "E-mail cannot be empty", "邮箱不能为空"),
        ("IDAAS.SDK.LOGIN.0001", "The user is locked and will be unlocked in {0} minutes and {1} seconds", "用户已被锁定,将在{0}分{1}秒后解锁"),
        ("IDAAS.SDK.LOGIN.0002", "Invalid account name or password. Remaining attempts: {0}", "用户名或密码错误,剩余{0}次机会"),
        ("IDAAS.SDK.PARAM.0004", "Coordinates cannot be empty", "坐标不能为空"),
        ("IDAAS.SDK.PARAM.0005", "Token cannot be empty", "token不能为空"),
        ("IDAAS.SDK.PARAM.0006", "Receiver cannot be empty", "接收者不能为空"),
        ("IDAAS.SDK.PARAM.0007", "Verification code type cannot be empty", "验证码类型不能为空"),
        ("IDAAS.SDK.PARAM.0024", "Device differs from the one that logged in", "与登录设备不一致"),
        ("IDAAS.SDK.CAPTCHA.0004", "Invalid captcha token", "图形验证码令牌无效"),
        ("IDAAS.SDK.CAPTCHA.0005", "Captcha token cannot be empty", "图形验证码令牌不能为空"),
        ("IDAAS.TENANT.USER.0040", "Username already exists", "用户名已存在"),
    ],
    second_in_english: &[],
};
