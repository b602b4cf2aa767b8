//! What is said to each server: the documented call, and one change of it after another.

use serde_json::{Value, json};

use super::setting::{NEW, OLD, OTHER_CODE, OTHER_PURPOSE};

/// Lives on the plain reading of the documents, in seconds.
const STATE_TOKEN_SECONDS: i64 = 600;
const SESSION_SECONDS: i64 = 43_200;

/// One call of the operation and what is asked afterwards.
#[derive(Debug, Clone)]
pub(super) struct Turn {
    pub(super) user: &'static str,
    pub(super) stage: &'static str,
    /// How long ago the token was issued.
    pub(super) age: i64,
    /// Seconds after the first call.
    pub(super) at: i64,
    pub(super) common_domain: bool,
    /// Changes the token after it is made.
    pub(super) token: fn(String) -> String,
    pub(super) headers: Vec<(&'static str, Option<&'static str>)>,
    pub(super) members: Vec<(&'static str, Value)>,
    pub(super) old_password: &'static str,
    pub(super) new_password: &'static str,
    /// How long after the call the session is tried.
    pub(super) session_after: i64,
}

pub(super) fn turn() -> Turn {
    Turn {
        user: "u-own",
        stage: "PASSWORD_WARN",
        age: 0,
        at: 0,
        common_domain: false,
        token: |token| token,
        headers: Vec::new(),
        members: Vec::new(),
        old_password: OLD,
        new_password: NEW,
        session_after: 1,
    }
}

fn header(name: &'static str, value: Option<&'static str>) -> Turn {
    Turn {
        headers: vec![(name, value)],
        ..turn()
    }
}

fn member(name: &'static str, value: Value) -> Turn {
    Turn {
        members: vec![(name, value)],
        ..turn()
    }
}

fn setting(password: &'static str) -> Turn {
    Turn {
        new_password: password,
        ..turn()
    }
}

fn of_user(user: &'static str) -> Turn {
    Turn { user, ..turn() }
}

/// Everything that is said to each server.
pub(super) fn conversations() -> Vec<Vec<Turn>> {
    let required = [
        "X-operating-sys-version",
        "X-device-fingerprint",
        "X-agent",
        "X-client-id",
        "X-state-token",
        "X-tenant-id",
    ];
    let mut single = vec![turn()];
    for name in required {
        for value in [None, Some(""), Some(" ")] {
            let common_domain = name == "X-tenant-id";
            single.push(Turn {
                common_domain,
                ..header(name, value)
            });
        }
    }
    for name in ["verify_code", "password", "new_password", "old_password"] {
        for value in [Value::Null, json!(""), json!(12_345_678), json!(135_790)] {
            single.push(member(name, value));
        }
    }
    let passwords = [
        "Ab1#xyz",
        "Ab1#xyzz",
        "Ab1#xyzAb1#xyzAb1#",
        "Ab1#xyzAb1#xyzAb1#x",
        "abcdefghijk",
        "abcdefgh1",
        "Abbb1111#x",
        "Ab1111#xy",
        "Abbb1#xyz",
        "x-Probe7kq2-A",
        "x-PROBE7KQ2-a",
        "13812345678aB#",
        "Mail4f8k2w#",
        "wangxiaoming7A#",
        "2qk7eborP",
        "2QK7EBORp",
        "2qk7eborP#",
        "P@ssw0rd1",
        "p@ssW0rd1",
        "Kept-1aa",
        "Kept-3cc",
        OLD,
    ];
    single.extend(passwords.map(setting));
    single.extend(
        [
            "u-no-mobile",
            "u-denied",
            "u-factor",
            "u-disabled",
            "u-gone",
        ]
        .map(of_user),
    );
    for code in ["999999", "135791", OTHER_CODE, OTHER_PURPOSE] {
        single.push(member("verify_code", json!(code)));
    }
    for old_password in [
        "Wr0ng-Passw0rd",
        "Kept-2bb",
        "0LD-PASSW0RD7",
        "0ld-Passw0rd8",
    ] {
        single.push(Turn {
            old_password,
            ..turn()
        });
    }
    for stage in ["PASSWORD_EXPIRED", "MFA_AUTH"] {
        single.push(Turn { stage, ..turn() });
    }
    for age in [STATE_TOKEN_SECONDS + 1, 301, 7_201, 100_000] {
        single.push(Turn { age, ..turn() });
    }
    let spoilt: [fn(String) -> String; 4] = [
        |_| "abc".to_owned(),
        |token| token.replace(token.split('.').next_back().unwrap_or_default(), "AAAA"),
        |mut token| {
            let last = if token.pop() == Some('A') { "Q" } else { "A" };
            // The last character may hold bits that mean nothing, so the one before goes too.
            token.pop();
            token + last + "A"
        },
        |token| {
            let payload = token.split('.').nth(1).unwrap_or_default();
            // {"alg":"none"}
            format!("eyJhbGciOiJub25lIn0.{payload}.")
        },
    ];
    single.extend(spoilt.map(|token| Turn { token, ..turn() }));
    for at in [299, 300, 301] {
        single.push(Turn {
            at,
            age: -at,
            ..turn()
        });
    }
    let clients = ["AAAAbbbbCCCCddddEEEEffffGGGG0000", "none", "own", "isv"];
    for client in clients {
        for common_domain in [false, true] {
            single.push(Turn {
                common_domain,
                ..header("X-client-id", Some(client))
            });
        }
    }
    for tenant in ["0123456789abcdef0123456789abcdef", "none", "own"] {
        single.push(Turn {
            common_domain: true,
            ..header("X-tenant-id", Some(tenant))
        });
    }
    single.push(Turn {
        session_after: SESSION_SECONDS + 1,
        ..turn()
    });
    for language in ["en", "zh"] {
        single.push(Turn {
            headers: vec![("X-client-id", None), ("X-L", Some(language))],
            ..turn()
        });
    }
    for mobile in [Value::Null, json!("13812345678")] {
        single.push(Turn {
            headers: vec![("Authorization", None)],
            members: vec![("mobile", mobile)],
            ..turn()
        });
    }
    single.push(Turn {
        user: "u-number",
        ..member("old_password", json!(12_345_678))
    });
    let mut all: Vec<_> = single.into_iter().map(|turn| vec![turn]).collect();
    let later = |turn: Turn| Turn {
        at: 5,
        age: 1,
        ..turn
    };
    all.push(vec![Turn {
        members: vec![("body", json!("none"))],
        ..turn()
    }]);
    // The same token and the same code once more; only the same code; back to the first password.
    // A login in the same second would hand out the same text again, so this token is older.
    all.push(vec![
        Turn { age: 9, ..turn() },
        Turn {
            age: 9,
            old_password: NEW,
            ..setting("An0ther-Word")
        },
    ]);
    all.push(vec![
        turn(),
        later(Turn {
            old_password: NEW,
            ..setting("An0ther-Word")
        }),
    ]);
    all.push(vec![
        turn(),
        later(Turn {
            old_password: NEW,
            members: vec![("verify_code", json!("fresh"))],
            ..setting(OLD)
        }),
    ]);
    all.push(vec![setting("short"), later(turn())]);
    all
}
