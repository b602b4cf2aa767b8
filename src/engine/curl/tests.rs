//! Command lines, run by `sh` with a program called `curl` that only tells its arguments.

#![cfg(test)]
#![cfg(unix)]

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};

use super::{Origins, curl, with_variables};
use crate::{
    exchange::{Body, Exchange, Request, Response, Tape},
    plan::Need,
    result::{Part, StepOwner},
    secret::{Mask, Redactor},
    target::{Proxy, Reach},
    template::Bindings,
    transcript::StepRecord,
};

/// A program that keeps its arguments, a NUL behind each, and what is piped into it.
const STUB: &str = r#"#!/bin/sh
for word in "$@"; do printf '%s\0' "$word" >> "$KEPT/words"; done
case " $* " in *" --data-binary @- "*) cat > "$KEPT/body" ;; esac
"#;

/// What `curl` was called with.
struct Called {
    succeeded: bool,
    words: Vec<String>,
    piped: Option<Vec<u8>>,
}

impl Called {
    fn after(&self, option: &str) -> Vec<&str> {
        let pairs = self.words.windows(2).filter(|pair| pair[0] == option);
        pairs.map(|pair| pair[1].as_str()).collect()
    }
}

/// Runs a command line with these variables and no others.
fn run(line: &str, variables: &[(&str, &str)]) -> Called {
    let folder = tempfile::tempdir().unwrap();
    let stub = folder.path().join("curl");
    fs::write(&stub, STUB).unwrap();
    fs::set_permissions(&stub, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", folder.path().display());
    let status = Command::new("sh")
        .args(["-c", line])
        .env_clear()
        .env("PATH", path)
        .env("KEPT", folder.path())
        .envs(variables.iter().copied())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    let kept = |name: &str| fs::read(Path::new(folder.path()).join(name)).ok();
    let words = String::from_utf8(kept("words").unwrap_or_default()).unwrap();
    let words = words.split_terminator('\0').map(str::to_owned).collect();
    Called {
        succeeded: status.success(),
        words,
        piped: kept("body"),
    }
}

fn request(headers: &[(&str, &str)], body: Option<&[u8]>) -> Request {
    let headers = headers.iter();
    Request {
        method: "POST".into(),
        url: "http://host/a?b=c&token=in-the-qu3ry".into(),
        headers: headers
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        body: body.map(<[u8]>::to_vec),
        exact: false,
        hostless: false,
    }
}

fn bound(bindings: Value) -> Bindings {
    match bindings {
        Value::Object(members) => members,
        _ => Bindings::new(),
    }
}

fn line_of(request: &Request, secrets: &[&str], origins: &Origins<'_>) -> String {
    let redactor = Redactor::new(secrets.iter().copied());
    let line = curl(request, &redactor, origins, &Reach::default());
    for secret in secrets {
        assert!(!line.contains(secret), "`{secret}` in\n{line}");
    }
    line
}

fn origins<'o>(bindings: &'o Bindings, earlier: &'o [StepRecord]) -> Origins<'o> {
    Origins {
        declared: bindings,
        earlier,
        bindings,
        needs: &[],
        computed: &[],
        provider: None,
        is_preview: false,
    }
}

fn answered(name: &str, provider: &str, body: &Value) -> StepRecord {
    let response = Response {
        status: 200,
        headers: vec![("Set-Cookie".into(), "sid=c00kie-of-it; Path=/".into())],
        body: Body::from(body.to_string().into_bytes()),
        defects: Vec::new(),
    };
    StepRecord {
        name: name.into(),
        owner: StepOwner::Provider(provider.into()),
        part: Part::Setup,
        index: None,
        route: String::new(),
        attempts: vec![Exchange {
            request: request(&[], None),
            sent_line: String::new(),
            sent_headers: Vec::new(),
            outcome: Ok(response),
            fault: None,
            again: None,
            tape: Tape::default(),
            at_ms: 0,
            elapsed: Duration::ZERO,
        }],
        bindings: Bindings::new(),
    }
}

#[test]
fn what_curl_is_called_with_is_the_request_once_the_variables_are_set() {
    let nothing = Bindings::new();
    let body =
        br#"{"password":"it's $HOME \"q\" `x`","verify_code":123456,"note":"don't !! \\ $1"}"#;
    let request = request(
        &[
            ("X-state-token", "st4te-token"),
            ("Authorization", "Bearer b3arer-of-it"),
            ("X-plain", "a 'quoted' \"text\" $PATH"),
            ("X-empty", ""),
            ("X-blank", "  "),
            ("Content-Type", "application/json"),
        ],
        Some(body),
    );
    let password = "it's $HOME \"q\" `x`";
    let secrets = [
        password,
        "123456",
        "st4te-token",
        "b3arer-of-it",
        "in-the-qu3ry",
    ];
    let line = line_of(&request, &secrets, &origins(&nothing, &[]));
    let escaped = r#"it's $HOME \"q\" `x`"#;
    let variables = [
        ("PASSWORD", escaped),
        ("VERIFY_CODE", "123456"),
        ("X_STATE_TOKEN", "st4te-token"),
        ("AUTHORIZATION", "b3arer-of-it"),
        ("TOKEN", "in-the-qu3ry"),
    ];
    let called = run(&line, &variables);
    assert!(called.succeeded, "{line}");
    assert_eq!(
        called.after("-H"),
        [
            "Accept:",
            "X-state-token: st4te-token",
            "Authorization: Bearer b3arer-of-it",
            "X-plain: a 'quoted' \"text\" $PATH",
            "X-empty;",
            "X-blank;",
            "Content-Type: application/json",
        ],
        "{line}"
    );
    assert_eq!(
        called.after("--data-raw"),
        [std::str::from_utf8(body).unwrap()]
    );
    assert_eq!(called.words.last(), Some(&request.url));
    for (left_out, _) in variables {
        let others: Vec<_> = variables
            .into_iter()
            .filter(|one| one.0 != left_out)
            .collect();
        let called = run(&line, &others);
        assert!(
            !called.succeeded && called.words.is_empty(),
            "{left_out}:\n{line}"
        );
    }
}

#[test]
fn a_body_that_no_quotes_can_hold_is_piped_byte_by_byte() {
    #[track_caller]
    fn check(body: &[u8], secrets: &[&str], variables: &[(&str, &str)]) {
        let nothing = Bindings::new();
        let line = line_of(&request(&[], Some(body)), secrets, &origins(&nothing, &[]));
        assert!(
            line.lines().all(|line| line.chars().all(super::is_plain)),
            "{line:?}"
        );
        let mut variables = variables.to_vec();
        variables.push(("TOKEN", "x"));
        let called = run(&line, &variables);
        assert_eq!(called.piped.as_deref(), Some(body), "{line}");
        if variables.len() > 1 {
            let called = run(&line, &[("TOKEN", "x")]);
            assert!(called.words.is_empty(), "{line}");
        }
    }
    check(b"-a\tb\r\n100% \\n 'x'\n\n", &[], &[]);
    check(b"\xff\x00\xfe", &[], &[]);
    check("\u{feff}{}".as_bytes(), &[], &[]);
    check(
        b"{\n \"pass\": \"s3cret-of-it\"\n}",
        &["s3cret-of-it"],
        &[("PASS", "s3cret-of-it")],
    );
}

#[test]
fn a_body_that_cannot_be_shown_is_asked_for_as_a_file() {
    let nothing = Bindings::new();
    for body in [
        "x".repeat(super::LONGEST + 1).into_bytes(),
        b"\xff s3cret-of-it".to_vec(),
        br#"{"password":"abcd","password":"s3cret-of-it"}"#.to_vec(),
    ] {
        let request = request(&[], Some(&body));
        let line = line_of(&request, &["s3cret-of-it"], &origins(&nothing, &[]));
        let length = format!("BODY_FILE: a file with the body, {} bytes", body.len());
        assert!(line.contains(&length), "{line}");
        assert!(!run(&line, &[("TOKEN", "x")]).succeeded, "{line}");
        let called = run(&line, &[("TOKEN", "x"), ("BODY_FILE", "a b")]);
        assert_eq!(called.after("--data-binary"), ["@a b"], "{line}");
    }
}

#[test]
fn curl_adds_nothing_that_the_request_does_not_have() {
    let nothing = Bindings::new();
    let origins = origins(&nothing, &[]);
    let mut unquoted = request(&[], Some(b"x"));
    unquoted.method = "HEAD".into();
    unquoted.url = "https://host/a/../b{c}".into();
    unquoted.hostless = true;
    let called = run(&line_of(&unquoted, &[], &origins), &[]);
    assert_eq!(called.after("-A"), [""]);
    assert_eq!(called.after("-H"), ["Accept:", "Content-Type:", "Host:"]);
    for option in ["-I", "--http1.1", "--globoff", "--path-as-is"] {
        assert!(called.words.iter().any(|word| word == option), "{option}");
    }
    let full = request(
        &[
            ("accept", "a/b"),
            ("User-agent", "me"),
            ("content-type", "c/d"),
        ],
        None,
    );
    let called = run(&line_of(&full, &[], &origins), &[("TOKEN", "x")]);
    assert_eq!(
        called.after("-H"),
        ["accept: a/b", "User-agent: me", "content-type: c/d"]
    );
    assert_eq!(called.after("-A"), [""; 0]);
}

#[test]
fn every_variable_is_named_with_the_step_and_the_pointer_that_it_comes_from() {
    let bindings = bound(json!({
        "target": { "client_secret": "cl1ent-of-it" },
        "account": { "state_token": "st4te-token", "password": "pa55word-of-it" },
    }));
    let declared = bound(json!({ "client_secret": "cl1ent-of-it" }));
    let body = json!({ "data": [{ "state_token": "st4te-token" }] });
    let earlier = [answered("login", "account-warn", &body)];
    let need = Need {
        name: "account".into(),
        provider: "account-warn".into(),
        with: Value::Null,
        span: crate::yaml::parse("a.yaml", "a: b\n".into()).unwrap().span,
    };
    let computed = [(
        "reverse(account.password)".to_owned(),
        "ti-fo-drow55ap".to_owned(),
    )];
    let all = Origins {
        declared: &declared,
        needs: &[&need],
        computed: &computed,
        ..origins(&bindings, &earlier)
    };
    let body = br#"{"password":"pa55word-of-it","client":"cl1ent-of-it","pwd":"0ther-of-it"}"#;
    let request = request(
        &[
            ("X-state-token", "st4te-token"),
            ("Cookie", "sid=c00kie-of-it"),
            ("X-secret", "ti-fo-drow55ap"),
        ],
        Some(body),
    );
    let secrets = [
        "st4te-token",
        "pa55word-of-it",
        "cl1ent-of-it",
        "0ther-of-it",
    ];
    let line = line_of(&request, &secrets, &all);
    for comment in [
        "# X_STATE_TOKEN: /data/0/state_token of step 'login' of provider 'account-warn'",
        "# COOKIE: all cookies, the first is cookie sid of step 'login' of provider 'account-warn'",
        "# X_SECRET: computed: reverse(account.password)",
        "# ACCOUNT_PASSWORD: account.password, from provider 'account-warn'",
        "# CLIENT_SECRET: from the target file: client_secret",
        "# PWD_VALUE: the test case itself gives it",
    ] {
        assert!(
            line.lines().any(|line| line == comment),
            "no `{comment}` in\n{line}"
        );
    }
}

#[test]
fn a_value_that_is_sent_in_other_letters_keeps_its_origin() {
    let bindings = bound(json!({ "account": { "password": "p&ss w0rd\"of it" } }));
    let nothing = Bindings::new();
    let all = Origins {
        declared: &nothing,
        ..origins(&bindings, &[])
    };
    for (body, letters) in [
        (&b"password=p%26ss+w0rd%22of+it"[..], "percent-encoded"),
        (
            br#"{"password":"p&ss w0rd\"of it"}"#,
            "with the escapes of JSON",
        ),
    ] {
        let line = line_of(&request(&[], Some(body)), &["p&ss w0rd\"of it"], &all);
        let comment = format!("# ACCOUNT_PASSWORD: account.password of the test case, {letters}\n");
        assert!(line.contains(&comment), "{line}");
        let sent = std::str::from_utf8(body).unwrap();
        let value = sent
            .trim_start_matches("{\"password\":\"")
            .trim_start_matches("password=");
        let value = value.trim_end_matches("\"}");
        let called = run(&line, &[("ACCOUNT_PASSWORD", value), ("TOKEN", "x")]);
        assert_eq!(called.after("--data-raw"), [sent], "{line}");
    }
}

#[test]
fn what_a_preview_cannot_compute_is_a_variable_too() {
    let nothing = Bindings::new();
    let all = Origins {
        is_preview: true,
        ..origins(&nothing, &[])
    };
    let mut request = request(
        &[
            ("X-state-token", "${account.state_token}"),
            ("X-id", "a-${ account.id }-b"),
        ],
        Some(br#"{"x":"${account.mobile | reverse}"}"#),
    );
    request.url = "http://host/%24%7Bpath.part%7D/$%7Bpath.other%7D".into();
    let line = line_of(&request, &[], &all);
    let called = run(
        &line,
        &[
            ("ACCOUNT_STATE_TOKEN", "1"),
            ("ACCOUNT_ID", "2"),
            ("ACCOUNT_MOBILE_REVERSE", "3"),
            ("PATH_PART", "4"),
            ("PATH_OTHER", "5"),
        ],
    );
    assert!(
        called.words.contains(&"X-state-token: 1".to_owned()),
        "{line}"
    );
    assert!(called.words.contains(&"X-id: a-2-b".to_owned()), "{line}");
    assert_eq!(called.after("--data-raw"), [r#"{"x":"3"}"#], "{line}");
    assert_eq!(called.words.last().unwrap(), "http://host/4/5", "{line}");
}

#[test]
fn a_mask_that_is_put_into_a_line_later_becomes_a_variable() {
    let nothing = Bindings::new();
    let request = request(&[("X-note", "it's l4ter-known here")], None);
    let line = line_of(&request, &[], &origins(&nothing, &[]));
    assert_eq!(with_variables(&line), None);
    let mask = Mask::of("l4ter-known").to_string();
    let line = with_variables(&line.replace("l4ter-known", &mask)).unwrap();
    let name = mask
        .trim_matches(['[', ']'])
        .replace(':', "_")
        .to_uppercase();
    assert!(line.contains(&format!("# {name}: ")), "{line}");
    let called = run(&line, &[(&name, "now"), ("TOKEN", "x")]);
    assert!(
        called.words.contains(&"X-note: it's now here".to_owned()),
        "{line}"
    );
    assert!(!run(&line, &[("TOKEN", "x")]).succeeded, "{line}");
}

#[test]
fn curl_reaches_the_target_as_the_target_file_says() {
    let nothing = Bindings::new();
    let mut request = request(&[], None);
    request.url = "https://host.example/a".into();
    let mut reach = Reach {
        only_tls_13: true,
        proxy: Some(Proxy {
            url: "http://proxy.example:3128".parse().unwrap(),
            login: Some(("me".into(), "pr0xy-secret".into())),
        }),
        ..Reach::default()
    };
    let address = "[::1]:0".parse().unwrap();
    reach.resolve.insert("host.example".into(), address);
    let line = curl(
        &request,
        &Redactor::default(),
        &origins(&nothing, &[]),
        &reach,
    );
    assert!(
        line.contains("# PROXY_USER: user:password of the proxy"),
        "{line}"
    );
    assert!(!line.contains("pr0xy-secret"), "{line}");
    assert!(!run(&line, &[]).succeeded, "{line}");
    let called = run(&line, &[("PROXY_USER", "me:it")]);
    assert_eq!(called.after("--connect-to"), ["host.example:443:[::1]:443"]);
    assert_eq!(called.after("-x"), ["http://proxy.example:3128/"]);
    assert_eq!(called.after("--proxy-user"), ["me:it"]);
    assert!(called.words.contains(&"--tlsv1.3".to_owned()), "{line}");
    request.url = "http://elsewhere.example/a".into();
    reach.proxy = None;
    let line = curl(
        &request,
        &Redactor::default(),
        &origins(&nothing, &[]),
        &reach,
    );
    let called = run(&line, &[]);
    assert_eq!(called.after("--connect-to"), [""; 0]);
    assert!(!called.words.contains(&"--tlsv1.3".to_owned()), "{line}");
}
