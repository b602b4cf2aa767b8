//! What each server is asked: the documented call, and one change of it after another.

use serde_json::{Value, json};

use super::tenant::{NEW, OLD, OTHER_CODE, OTHER_PURPOSE};

/// Lives on the plain reading of the documents, in seconds.
const STATE_TOKEN_SECONDS: i64 = 600;
const SESSION_SECONDS: i64 = 43_200;

/// The headers that some operation requires.
const REQUIRED: [&str; 6] = [
    "X-operating-sys-version",
    "X-device-fingerprint",
    "X-agent",
    "X-client-id",
    "X-state-token",
    "X-tenant-id",
];

/// Passwords at and beyond the bounds of every clause of the policy.
const PASSWORDS: [&str; 22] = [
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

/// One call of the operation and what is asked afterwards.
#[derive(Debug, Clone)]
pub(super) struct Exchange {
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
    pub(super) body: Body,
    pub(super) old_password: &'static str,
    pub(super) new_password: &'static str,
    /// How long after the call the session is tried.
    pub(super) session_after: i64,
}

/// What is sent as the body.
#[derive(Debug, Clone)]
pub(super) enum Body {
    Absent,
    /// The documented one, with these members instead of its own.
    With(Vec<(&'static str, Value)>),
    /// The documented one, with a code that is sent just before.
    WithFreshCode,
}

/// The documented call, as far as one exchange says nothing else.
pub(super) fn documented() -> Exchange {
    Exchange {
        user: "u-own",
        stage: "PASSWORD_WARN",
        age: 0,
        at: 0,
        common_domain: false,
        token: |token| token,
        headers: Vec::new(),
        body: Body::With(Vec::new()),
        old_password: OLD,
        new_password: NEW,
        session_after: 1,
    }
}

fn header(name: &'static str, value: Option<&'static str>) -> Exchange {
    Exchange {
        headers: vec![(name, value)],
        ..documented()
    }
}

fn member(name: &'static str, value: Value) -> Exchange {
    Exchange {
        body: Body::With(vec![(name, value)]),
        ..documented()
    }
}

fn setting(password: &'static str) -> Exchange {
    Exchange {
        new_password: password,
        ..documented()
    }
}

/// Everything that each server is asked, scenario by scenario.
pub(super) fn scenarios() -> Vec<Vec<Exchange>> {
    let mut single = vec![documented()];
    single.extend(headers());
    single.extend(members());
    single.extend(PASSWORDS.map(setting));
    single.extend(users());
    single.extend(codes());
    single.extend(old_passwords());
    single.extend(state_tokens());
    single.extend(spoilt_tokens());
    single.extend(clients());
    single.extend(sessions_and_languages());
    single.extend(forgotten_passwords());
    let mut all: Vec<_> = single.into_iter().map(|exchange| vec![exchange]).collect();
    all.extend(repeated());
    all
}

fn headers() -> Vec<Exchange> {
    let mut out = Vec::new();
    for name in REQUIRED {
        for value in [None, Some(""), Some(" ")] {
            out.push(Exchange {
                common_domain: name == "X-tenant-id",
                ..header(name, value)
            });
        }
    }
    out
}

fn members() -> Vec<Exchange> {
    let mut out = Vec::new();
    for name in ["verify_code", "password", "new_password", "old_password"] {
        for value in [Value::Null, json!(""), json!(12_345_678), json!(135_790)] {
            out.push(member(name, value));
        }
    }
    out.push(Exchange {
        body: Body::Absent,
        ..documented()
    });
    out
}

fn users() -> Vec<Exchange> {
    let names = [
        "u-no-mobile",
        "u-denied",
        "u-factor",
        "u-disabled",
        "u-gone",
    ];
    let of = |user| Exchange {
        user,
        ..documented()
    };
    names.map(of).to_vec()
}

fn codes() -> Vec<Exchange> {
    let wrong = ["999999", "135791", OTHER_CODE, OTHER_PURPOSE];
    let mut out = wrong
        .map(|code| member("verify_code", json!(code)))
        .to_vec();
    // The code lives 300 seconds; the state token is as new as the call.
    out.extend([299, 300, 301].map(|at| Exchange {
        at,
        age: -at,
        ..documented()
    }));
    out
}

fn old_passwords() -> Vec<Exchange> {
    let wrong = [
        "Wr0ng-Passw0rd",
        "Kept-2bb",
        "0LD-PASSW0RD7",
        "0ld-Passw0rd8",
    ];
    let mut out = wrong
        .map(|old_password| Exchange {
            old_password,
            ..documented()
        })
        .to_vec();
    out.push(Exchange {
        user: "u-number",
        ..member("old_password", json!(12_345_678))
    });
    out
}

fn state_tokens() -> Vec<Exchange> {
    let stages = ["PASSWORD_EXPIRED", "MFA_AUTH"].map(|stage| Exchange {
        stage,
        ..documented()
    });
    let ages = [STATE_TOKEN_SECONDS + 1, 301, 7_201, 100_000].map(|age| Exchange {
        age,
        ..documented()
    });
    stages.into_iter().chain(ages).collect()
}

fn spoilt_tokens() -> Vec<Exchange> {
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
    let with = |token| Exchange {
        token,
        ..documented()
    };
    spoilt.map(with).to_vec()
}

fn clients() -> Vec<Exchange> {
    let mut out = Vec::new();
    for client in ["AAAAbbbbCCCCddddEEEEffffGGGG0000", "none", "own", "isv"] {
        for common_domain in [false, true] {
            out.push(Exchange {
                common_domain,
                ..header("X-client-id", Some(client))
            });
        }
    }
    for tenant in ["0123456789abcdef0123456789abcdef", "none", "own"] {
        out.push(Exchange {
            common_domain: true,
            ..header("X-tenant-id", Some(tenant))
        });
    }
    out
}

fn sessions_and_languages() -> Vec<Exchange> {
    let mut out = vec![Exchange {
        session_after: SESSION_SECONDS + 1,
        ..documented()
    }];
    out.extend(["en", "zh"].map(|language| Exchange {
        headers: vec![("X-client-id", None), ("X-L", Some(language))],
        ..documented()
    }));
    out
}

fn forgotten_passwords() -> Vec<Exchange> {
    let of = |mobile| Exchange {
        headers: vec![("Authorization", None)],
        ..member("mobile", mobile)
    };
    [Value::Null, json!("13812345678")].map(of).to_vec()
}

fn repeated() -> Vec<Vec<Exchange>> {
    let later = |exchange: Exchange| Exchange {
        at: 5,
        age: 1,
        ..exchange
    };
    let next_change = || Exchange {
        old_password: NEW,
        ..setting("An0ther-Word")
    };
    vec![
        // The same token and the same code once more. A login in the same second would hand out the
        // same text again, so this token is older.
        vec![
            Exchange {
                age: 9,
                ..documented()
            },
            Exchange {
                age: 9,
                ..next_change()
            },
        ],
        // Only the same code.
        vec![documented(), later(next_change())],
        // Back to the first password.
        vec![
            documented(),
            later(Exchange {
                old_password: NEW,
                body: Body::WithFreshCode,
                ..setting(OLD)
            }),
        ],
        vec![setting("short"), later(documented())],
    ]
}
