//! Judging a record again: the same suite says the same of it, a changed suite is told from a changed target,
//! and nothing passes that depends on a value which the record does not hold.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::LazyLock,
};

use probity::{
    compare::{Before, RunFacts, attribute},
    ids::CaseId,
    mock::{Answer, Dialect, MockOptions, MockServer, Rewrite},
    rejudge::{RejudgeError, rejudge},
    report::{
        comparison::{Options, text},
        record,
    },
    result::{
        Blocker, CaseResult, ChangeKind, Comparison, Decision, ErrorReason, RunReport, SkipReason,
        Verdict,
    },
    session::{self, Session},
    suite::{self, Suite},
    target::Target,
};
use tempfile::TempDir;

use crate::{
    cli::{probity, temporary},
    support,
};

const DOCUMENTED: &str = "cases/ciam/skip-update/documented.yaml";
const HEADERS: &str = "cases/ciam/skip-update/headers.yaml";
const OPENAPI: &str = "specs/ciam/openapi.yaml";
const ERRORS: &str = "specs/ciam/errors.yaml";
const REQUIREMENTS: &str = "specs/ciam/requirements.yaml";

/// A part of the shipped suite that can be changed.
fn project() -> TempDir {
    let folder = temporary();
    for file in [
        DOCUMENTED,
        HEADERS,
        OPENAPI,
        ERRORS,
        REQUIREMENTS,
        "specs/ciam/edition.yaml",
        "specs/ciam/rulings.yaml",
        "specs/ciam/survivors.yaml",
    ] {
        let to = folder.path().join(file);
        fs::create_dir_all(to.parent().expect("a folder")).expect("it can be made");
        fs::copy(support::root().join(file), to).expect("it can be copied");
    }
    folder
}

fn edit(root: &Path, file: &str, from: &str, to: &str) {
    let path = root.join(file);
    let text = fs::read_to_string(&path).expect("it is there");
    assert!(text.contains(from), "{file} has no {from:?}");
    fs::write(path, text.replacen(from, to, 1)).expect("it can be written");
}

fn load(root: &Path) -> Suite {
    let suite = suite::load(root, None);
    let mistakes: Vec<String> = suite
        .diagnostics
        .iter()
        .filter(|one| !one.warning)
        .map(ToString::to_string)
        .collect();
    assert!(!suite.is_broken(), "{mistakes:?}");
    suite
}

/// The target file of the mock.
static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let target = support::shipped().target;
    target.expect("the mock's target file is there")
});

/// A run of everything in the project, read back from its record.
async fn run(root: &Path, rewrite: Option<Rewrite>) -> RunReport {
    let mut options = MockOptions::new(Dialect::Ciam);
    options.rewrite = rewrite;
    let mock = MockServer::start(options).await.expect("a mock");
    let target = support::at(TARGET.clone(), &[support::CIAM], mock.base_url());
    let options = session::Options::default();
    let session = Session::open(load(root), target, &options, None).await;
    let report = session.expect("a session").complete().await;
    let text = record::render(&report);
    record::read(&text).expect("a record").report().clone()
}

fn facts(report: &RunReport) -> RunFacts {
    RunFacts::of(report).expect("results in memory")
}

/// The run before, judged by the suite as it is now, beside the run after.
fn attributed(before: &RunReport, suite: &Suite, after: &RunReport) -> Comparison {
    let again = rejudge(before, suite).expect("a record of this suite");
    let before = Before {
        recorded: facts(before),
        rejudged: Some(facts(&again.report)),
    };
    attribute(&[before], &facts(after)).expect("runs of one suite")
}

/// What is said of a row, apart from its times.
fn said(case: &CaseResult) -> String {
    let checks: Vec<_> = case.steps.iter().map(|step| &step.checks).collect();
    let said = format!(
        "{} {:?} {:?} {} {:?} {checks:#?}",
        case.id, case.verdict, case.outcome, case.stands, case.requirements
    );
    // A token that a finding shows is cut at its end.
    said.replace(")…", ")\\\"")
}

/// Makes the suite look as if its contract had changed, so that every answer is judged anew.
fn as_another(mut suite: Suite) -> Suite {
    suite.digest.contract = "0".repeat(64);
    suite
}

#[tokio::test]
async fn a_record_is_judged_again_as_the_run_was_from_masks_alone() {
    let folder = project();
    for rewrite in [None, Some(spoiled(|a| set(a, "expire", "\"soon\"")))] {
        let before = run(folder.path(), rewrite).await;
        let suite = as_another(load(folder.path()));
        let again = rejudge(&before, &suite).expect("a record of this suite");
        assert_eq!((again.gone.len(), again.missing.len()), (0, 0));
        assert_eq!(again.report.cases.len(), before.cases.len());
        for (was, now) in before.cases.iter().zip(&again.report.cases) {
            assert_eq!(said(was), said(now));
        }
        assert_eq!(before.requirements, again.report.requirements);
        assert_eq!(before.conclusion(), again.report.conclusion());
    }
}

/// Changes the answers of the operation.
fn spoiled(edit: fn(&mut Answer)) -> Rewrite {
    std::sync::Arc::new(move |name: &str, answer: &mut Answer| {
        if name == "skipPasswordUpdate" && answer.status == 200 {
            edit(answer);
        }
    })
}

/// Gives a member of an answer another value, in JSON.
fn set(answer: &mut Answer, name: &str, value: &str) {
    let mut body: serde_json::Map<_, _> = serde_json::from_slice(&answer.body).expect("an object");
    if body.contains_key(name) {
        body.insert(name.to_owned(), serde_json::from_str(value).expect("JSON"));
        answer.body = serde_json::to_vec(&body).expect("JSON");
    }
}

#[tokio::test]
async fn every_kind_of_wrong_answer_is_found_again_from_its_record() {
    let spoil: [fn(&mut Answer); 8] = [
        |a| a.status = 201,
        |a| a.body = b"<p>no</p>".to_vec(),
        |a| set(a, "session_token", "\"\""),
        |a| set(a, "session_token", "17"),
        |a| set(a, "id_token", "\"none\""),
        |a| set(a, "id_token", "\"e30.e30.\""),
        |a| {
            let text = String::from_utf8_lossy(&a.body);
            a.body = text.replace('{', "{\"expire\":1,").into_bytes();
        },
        |a| {
            let text = String::from_utf8_lossy(&a.body);
            let text = text.replace("eyJ", "eyJhIjoxfQ.eyJ");
            a.body = text.into_bytes();
        },
    ];
    let folder = project();
    let suite = as_another(load(folder.path()));
    for (number, edit) in spoil.into_iter().enumerate() {
        let before = run(folder.path(), Some(spoiled(edit))).await;
        assert!(
            before.counts().failed > 0,
            "{number}: {:?}",
            before.counts()
        );
        let again = rejudge(&before, &suite)
            .expect("a record of this suite")
            .report;
        for (was, now) in before.cases.iter().zip(&again.cases) {
            let unknown = now.verdict == Verdict::Skip(SkipReason::NotRejudgeable);
            assert!(
                !now.verdict.is_pass() || was.verdict.is_pass(),
                "{number} {}",
                said(now)
            );
            assert!(
                unknown || was.verdict == now.verdict,
                "{number} {} {}",
                said(was),
                said(now)
            );
        }
        let unknown = again.cases.iter();
        let unknown = unknown
            .filter(|case| case.verdict == Verdict::Skip(SkipReason::NotRejudgeable))
            .count();
        assert_eq!(unknown, 0, "{number}");
        assert_eq!(again.counts().failed, before.counts().failed, "{number}");
    }
}

/// A change of the suite, and what it must be found to have changed.
struct Planted {
    what: &'static str,
    file: &'static str,
    from: &'static str,
    to: &'static str,
    /// Ends of the ids of rows whose verdict the suite changes, with how.
    rows: &'static [(&'static str, ChangeKind)],
    /// Ends of the ids of rows that the record does not hold enough of.
    unknown: &'static [&'static str],
    gate: Decision,
}

const fn planted(
    what: &'static str,
    file: &'static str,
    edit: (&'static str, &'static str),
    rows: &'static [(&'static str, ChangeKind)],
    unknown: &'static [&'static str],
    gate: Decision,
) -> Planted {
    Planted {
        what,
        file,
        from: edit.0,
        to: edit.1,
        rows,
        unknown,
        gate,
    }
}

const BROKEN: ChangeKind = ChangeKind::Broken;

/// The rows that expect a whole session.
const SESSION_ROWS: [&str; 15] = [
    "documented/control",
    "documented/success-members",
    "documented/identity-in-id-token",
    "documented/id-token-verifies",
    "documented/id-token-lifetime",
    "documented/after-a-login-of-its-own",
    "headers/control",
    "optional-header-missing[X-device-ip]",
    "optional-header-missing[X-L]",
    "language-accepted[zh]",
    "language-accepted[en]",
    "header-names-in-other-letters[small]",
    "header-names-in-other-letters[capitals]",
    "content-type-missing",
    "content-type-blank",
];

/// All of them broken.
const SESSIONS: [(&str, ChangeKind); 15] = [
    ("documented/control", BROKEN),
    ("documented/success-members", BROKEN),
    ("documented/identity-in-id-token", BROKEN),
    ("documented/id-token-verifies", BROKEN),
    ("documented/id-token-lifetime", BROKEN),
    ("documented/after-a-login-of-its-own", BROKEN),
    ("headers/control", BROKEN),
    ("optional-header-missing[X-device-ip]", BROKEN),
    ("optional-header-missing[X-L]", BROKEN),
    ("language-accepted[zh]", BROKEN),
    ("language-accepted[en]", BROKEN),
    ("header-names-in-other-letters[small]", BROKEN),
    ("header-names-in-other-letters[capitals]", BROKEN),
    ("content-type-missing", BROKEN),
    ("content-type-blank", BROKEN),
];

/// The end of the schema of a success, and of that schema with a further rule for its members.
const SCHEMA: &str =
    "then: { required: [expire, session_token, id_token] }\n    ChangePasswordRequest";

const CHANGES: [Planted; 31] = [
    planted(
        "the contract has a bound for a hidden value",
        OPENAPI,
        (
            SCHEMA,
            "then: { required: [expire, session_token, id_token], properties: { session_token: { maxLength: 3 } } }\n    ChangePasswordRequest",
        ),
        &[],
        &SESSION_ROWS,
        Decision::Broken,
    ),
    planted(
        "another code is expected",
        HEADERS,
        (
            "blank: { header: X-client-id }\n    expect: { error: IDAAS.SDK.PARAM.0002 }",
            "blank: { header: X-client-id }\n    expect: { error: IDAAS.SDK.PARAM.0003 }",
        ),
        &[("client-id-blank", BROKEN)],
        &[],
        Decision::Stricter,
    ),
    planted(
        "the code of an unknown client is another",
        HEADERS,
        ("error: IDAAS.SDK.PARAM.0003", "error: IDAAS.SDK.PARAM.0002"),
        &[("client-id-unregistered", BROKEN)],
        &[],
        Decision::Stricter,
    ),
    planted(
        "the message is expected in another language",
        HEADERS,
        ("message: { language: en }", "message: { language: zh }"),
        &[("client-id-missing", BROKEN)],
        &[],
        Decision::Stricter,
    ),
    planted(
        "another lifetime of the session",
        DOCUMENTED,
        ("expire: \"${target.session_expire}\"", "expire: 1"),
        &[("documented/success-members", BROKEN)],
        &[],
        Decision::Stricter,
    ),
    planted(
        "a member less is allowed",
        DOCUMENTED,
        (
            "only-members: [status, expire, session_token, id_token]",
            "only-members: [status, expire, id_token]",
        ),
        &[("documented/success-members", BROKEN)],
        &[],
        Decision::Stricter,
    ),
    planted(
        "a claim is compared with another value of the user",
        DOCUMENTED,
        (
            "user: { id: \"${account.user_id}\"",
            "user: { id: \"${account.user_name}\"",
        ),
        &[("documented/identity-in-id-token", BROKEN)],
        &[],
        Decision::Stricter,
    ),
    planted(
        "another lifetime of the token",
        DOCUMENTED,
        ("lifetime: \"${target.id_token_lifetime}\"", "lifetime: 301"),
        &[("documented/id-token-lifetime", BROKEN)],
        &[],
        Decision::Stricter,
    ),
    planted(
        "another algorithm of the token",
        DOCUMENTED,
        ("alg: RS256, lifetime", "alg: ES256, lifetime"),
        &[("documented/id-token-lifetime", BROKEN)],
        &[],
        Decision::Stricter,
    ),
    planted(
        "a claim is demanded that is not there",
        DOCUMENTED,
        (
            "claims: { exp: { type: integer }",
            "claims: { nickname: { type: string }",
        ),
        &[("documented/identity-in-id-token", BROKEN)],
        &[],
        Decision::Stricter,
    ),
    planted(
        "the other outcome of a denial",
        DOCUMENTED,
        (
            "body: { status: ACCESS_DENIED }",
            "body: { status: SUCCESS }",
        ),
        &[("documented/access-denied", BROKEN)],
        &[],
        Decision::Stricter,
    ),
    planted(
        "an optional header is called required",
        HEADERS,
        (
            "    without: { header: \"${matrix.header}\" }\n    expect: *session",
            "    without: { header: \"${matrix.header}\" }\n    expect: { status: 400, error: any }",
        ),
        &[
            ("optional-header-missing[X-device-ip]", BROKEN),
            ("optional-header-missing[X-L]", BROKEN),
        ],
        &[],
        Decision::Stricter,
    ),
    planted(
        "another status of a refusal",
        HEADERS,
        (
            "blank: { header: \"${matrix.header}\" }\n    expect: { status: 400, error: any }",
            "blank: { header: \"${matrix.header}\" }\n    expect: { status: 401, error: any, beyond-contract: tried }",
        ),
        &[
            ("device-header-blank[X-operating-sys-version]", BROKEN),
            ("device-header-blank[X-device-fingerprint]", BROKEN),
            ("device-header-blank[X-agent]", BROKEN),
        ],
        &[],
        Decision::Stricter,
    ),
    planted(
        "another title",
        HEADERS,
        ("title: The client id is left out", "title: No client id"),
        &[],
        &[],
        Decision::Same,
    ),
    planted(
        "lines that moved",
        DOCUMENTED,
        (
            "# What the page shows",
            "# A further line.\n\n# What the page shows",
        ),
        &[],
        &[],
        Decision::Same,
    ),
    planted(
        "a row is taken out",
        HEADERS,
        (
            "  - id: client-id-blank\n    title: The client id is sent empty\n    covers: [CIAM-SKIP-H19, CIAM-SKIP-E04]\n    blank: { header: X-client-id }\n    expect: { error: IDAAS.SDK.PARAM.0002 }\n",
            "",
        ),
        &[("client-id-blank", ChangeKind::Lost)],
        &[],
        Decision::LessProven,
    ),
    planted(
        "a row has another id",
        HEADERS,
        ("- id: client-id-blank", "- id: client-id-empty"),
        &[("client-id-blank", ChangeKind::Lost)],
        &[],
        Decision::Changed,
    ),
    planted(
        "a row comes in",
        HEADERS,
        (
            "  - id: client-id-blank\n",
            "  - id: client-id-odd\n    title: odd\n    set: { headers: { X-client-id: odd } }\n    expect: { error: IDAAS.SDK.PARAM.0003 }\n\n  - id: client-id-blank\n",
        ),
        &[],
        &[],
        Decision::Changed,
    ),
    planted(
        "a header has another value",
        HEADERS,
        (
            "X-client-id: \"${target.unregistered_client_id}\"",
            "X-client-id: nobody",
        ),
        &[],
        &["client-id-unregistered"],
        Decision::Changed,
    ),
    planted(
        "a further account",
        HEADERS,
        (
            "    blank: { header: X-client-id }\n",
            "    needs: { other: account-warn }\n    blank: { header: X-client-id }\n",
        ),
        &[],
        &["client-id-blank"],
        Decision::Changed,
    ),
    planted(
        "the body of a step before is another",
        DOCUMENTED,
        (
            "body: { user_name: \"${account.user_name}\", password",
            "body: { note: a, user_name: \"${account.user_name}\", password",
        ),
        &[],
        &["documented/after-a-login-of-its-own"],
        Decision::Changed,
    ),
    planted(
        "the contract calls a number a text",
        OPENAPI,
        (
            SCHEMA,
            "then: { required: [expire, session_token, id_token], properties: { expire: { type: string } } }\n    ChangePasswordRequest",
        ),
        &SESSIONS,
        &[],
        Decision::Stricter,
    ),
    planted(
        "the contract has a bound that is kept",
        OPENAPI,
        (
            SCHEMA,
            "then: { required: [expire, session_token, id_token], properties: { expire: { maximum: 999999 } } }\n    ChangePasswordRequest",
        ),
        &[],
        &[],
        Decision::Same,
    ),
    planted(
        "the contract has another text for a code",
        ERRORS,
        ("en: clientId cannot be empty", "en: no client id"),
        &[("client-id-missing", BROKEN)],
        &[],
        Decision::Stricter,
    ),
    planted(
        "a pattern for a hidden value that may hold",
        DOCUMENTED,
        (
            "        session_token: { type: string, non-empty: true }\n        id_token: { type: string, non-empty: true }\n      only-members",
            "        session_token: { pattern: \"^[A-Za-z0-9]+$\" }\n        id_token: { type: string, non-empty: true }\n      only-members",
        ),
        &[],
        &["documented/success-members"],
        Decision::Changed,
    ),
    planted(
        "a hidden value is compared with a text",
        DOCUMENTED,
        (
            "        session_token: { type: string, non-empty: true }\n        id_token: { type: string, non-empty: true }\n      only-members",
            "        session_token: abc\n        id_token: { type: string, non-empty: true }\n      only-members",
        ),
        &[],
        &["documented/success-members"],
        Decision::Broken,
    ),
    planted(
        "a hidden value is compared with another hidden one",
        DOCUMENTED,
        (
            "        session_token: { type: string, non-empty: true }\n        id_token: { type: string, non-empty: true }\n      only-members",
            "        session_token: \"${account.password}\"\n        id_token: { type: string, non-empty: true }\n      only-members",
        ),
        &[("documented/success-members", BROKEN)],
        &[],
        Decision::Stricter,
    ),
    planted(
        "a token is verified that was not before",
        DOCUMENTED,
        (
            "jwt: { at: /id_token, alg: RS256, lifetime",
            "jwt: { at: /id_token, alg: RS256, verify: { jwks: /api/v1/oauth2/keys }, lifetime",
        ),
        &[],
        &["documented/id-token-lifetime"],
        Decision::Changed,
    ),
    planted(
        "a check is taken out",
        DOCUMENTED,
        (
            "lifetime: \"${target.id_token_lifetime}\", fresh: true",
            "lifetime: \"${target.id_token_lifetime}\"",
        ),
        &[],
        &[],
        Decision::Same,
    ),
    planted(
        "a row is only observed",
        HEADERS,
        (
            "    covers: [CIAM-SKIP-H20, CIAM-SKIP-E07]\n    set: { headers: { X-client-id: \"${target.unregistered_client_id}\" } }\n    expect: { error: IDAAS.SDK.PARAM.0003 }",
            "    observe: The page is silent.\n    covers: [CIAM-SKIP-H20, CIAM-SKIP-E07]\n    set: { headers: { X-client-id: \"${target.unregistered_client_id}\" } }",
        ),
        &[],
        &[],
        Decision::LessProven,
    ),
    planted(
        "a header of the answer is another",
        DOCUMENTED,
        (
            "media-type: application/json } }\n      body: { status: ACCESS_DENIED }",
            "media-type: text/plain } }\n      body: { status: ACCESS_DENIED }",
        ),
        &[("documented/access-denied", BROKEN)],
        &[],
        Decision::Stricter,
    ),
];

/// What a comparison says that the suite changed: rows with how, and rows of which nothing is known.
fn by_suite(comparison: &Comparison) -> (BTreeMap<String, ChangeKind>, BTreeSet<String>) {
    let change = comparison.suite_change.as_ref().expect("it is told apart");
    let rows = change.cases.iter();
    let rows = rows.map(|row| (short(&row.id), row.kind));
    (
        rows.collect(),
        change.unknown.iter().map(|id| short(id)).collect(),
    )
}

fn short(id: &str) -> String {
    let own = id.strip_prefix("ciam/skip-update/").unwrap_or(id);
    own.to_owned()
}

#[tokio::test]
async fn what_a_suite_changed_is_told_from_what_a_target_changed() {
    let untouched = project();
    let before = run(untouched.path(), None).await;
    let mut wrong = Vec::new();
    for planted in &CHANGES {
        let folder = project();
        edit(folder.path(), planted.file, planted.from, planted.to);
        let suite = load(folder.path());
        let after = run(folder.path(), None).await;
        let comparison = attributed(&before, &suite, &after);
        let (rows, unknown) = by_suite(&comparison);
        let is_one = |found: &str, wanted: &str| found.ends_with(wanted);
        let all_rows = rows.len() == planted.rows.len()
            && planted.rows.iter().all(|(wanted, kind)| {
                rows.iter()
                    .any(|(found, is)| is_one(found, wanted) && is == kind)
            });
        let all_unknown = unknown.len() == planted.unknown.len()
            && planted
                .unknown
                .iter()
                .all(|wanted| unknown.iter().any(|found| is_one(found, wanted)));
        let (gate, why) = comparison.decision();
        if !all_rows || !all_unknown || gate != planted.gate || !comparison.answers.is_empty() {
            wrong.push(format!(
                "{}: {gate:?} ({why}) {rows:#?} {unknown:?} {:?} {:?}",
                planted.what,
                comparison.answers,
                comparison.suite_change.as_ref().map(|s| &s.requirements)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_target_and_a_suite_that_change_together_are_each_told_of_their_own() {
    let folder = project();
    let before = run(folder.path(), None).await;
    edit(
        folder.path(),
        HEADERS,
        "error: IDAAS.SDK.PARAM.0003",
        "error: IDAAS.SDK.PARAM.0002",
    );
    let later = spoiled(|answer| set(answer, "expire", "\"soon\""));
    let after = run(folder.path(), Some(later)).await;
    let comparison = attributed(&before, &load(folder.path()), &after);
    let (rows, unknown) = by_suite(&comparison);
    let own = BTreeMap::from([("headers/client-id-unregistered".to_owned(), BROKEN)]);
    assert_eq!((rows, unknown.len()), (own, 0));
    let broken = comparison.cases.iter();
    let broken = broken.filter(|row| row.kind == BROKEN);
    let broken: Vec<String> = broken.map(|row| short(&row.id)).collect();
    assert!(broken.contains(&"headers/control".to_owned()), "{broken:?}");
    assert!(!broken.contains(&"headers/client-id-unregistered".to_owned()));
    assert_eq!(comparison.decision().0, Decision::Broken);
    let options = Options {
        width: 80,
        long: false,
    };
    let page = text(&comparison, &after, options);
    let at = |words: &str| {
        page.find(words)
            .unwrap_or_else(|| panic!("no {words:?}: {page}"))
    };
    assert!(
        at("THE SUITE CHANGED ITS MIND") < at("WHAT THE TARGET CHANGED"),
        "{page}"
    );
    assert!(
        at("client-id-unregistered") < at("WHAT THE TARGET CHANGED"),
        "{page}"
    );
    assert!(at("body /expire") > at("WHAT THE TARGET CHANGED"), "{page}");
}

#[tokio::test]
async fn what_a_corrected_suite_lets_pass_is_the_suite_s_doing_and_no_fix_of_the_target() {
    let folder = project();
    let wrong = ("error: IDAAS.SDK.PARAM.0003", "error: IDAAS.SDK.PARAM.0002");
    edit(folder.path(), HEADERS, wrong.0, wrong.1);
    let before = run(folder.path(), None).await;
    assert_eq!(before.counts().failed, 1);
    let right = project();
    let after = run(right.path(), None).await;
    let comparison = attributed(&before, &load(right.path()), &after);
    let (rows, _) = by_suite(&comparison);
    let fixed = BTreeMap::from([(
        "headers/client-id-unregistered".to_owned(),
        ChangeKind::Fixed,
    )]);
    assert_eq!(rows, fixed);
    assert_eq!(comparison.count(ChangeKind::Fixed), 0);
    assert_eq!(comparison.decision().0, Decision::Changed);
}

/// The project with this expectation of the control of the headers; the others expect what they did.
fn with_control(expect: &str) -> TempDir {
    let folder = project();
    let path = folder.path().join(HEADERS);
    let text = fs::read_to_string(&path).expect("it is there");
    let (head, rest) = text
        .split_once("  expect: &session\n")
        .expect("the control");
    let (session, cases) = rest.split_once("cases:\n").expect("the cases");
    let session = session.replace("\n    ", "\n      ");
    let head = head.replace(
        "needs:\n",
        &format!("  session: &session\n  {session}needs:\n"),
    );
    let changed = format!("{head}  expect: {expect}\ncases:\n{cases}");
    fs::write(&path, changed).expect("it can be written");
    folder
}

#[tokio::test]
async fn rows_behind_a_control_that_the_suite_had_wrong_are_the_suite_s_doing() {
    let folder = with_control("{ status: 400, error: any }");
    let before = run(folder.path(), None).await;
    let behind = before.cases.iter().filter(|case| case.blocked_by.is_some());
    assert!(behind.count() > 10, "{:?}", before.counts());
    let right = project();
    let after = run(right.path(), None).await;
    let comparison = attributed(&before, &load(right.path()), &after);
    let (rows, unknown) = by_suite(&comparison);
    let fixed = BTreeMap::from([("headers/control".to_owned(), ChangeKind::Fixed)]);
    // The others were not sent, and so nobody knows what they would have been answered.
    assert_eq!(rows, fixed);
    assert!(unknown.contains("headers/client-id-missing"), "{unknown:?}");
    for kind in [ChangeKind::Fixed, ChangeKind::JudgedNow, ChangeKind::Broken] {
        assert_eq!(comparison.count(kind), 0, "{kind:?}");
    }
    // The other way round, what is judged stands behind a control that does not stand any more.
    let back = attributed(&after, &load(folder.path()), &before);
    let (rows, _) = by_suite(&back);
    assert_eq!(rows["headers/control"], BROKEN);
    let kinds = [ChangeKind::Behind, ChangeKind::BehindAsBefore];
    assert!(
        kinds.contains(&rows["headers/client-id-missing"]),
        "{rows:?}"
    );
}

#[tokio::test]
async fn a_row_that_was_sent_and_not_judged_is_judged_when_its_control_stands() {
    let folder = project();
    let whole = run(folder.path(), None).await;
    let mut before = whole.clone();
    let is_it = |case: &&mut CaseResult| case.id.ends_with("headers/client-id-missing");
    // As behind a control that was refused, on a target where that costs nothing.
    let behind = before.cases.iter_mut().find(is_it).expect("the row");
    let control = CaseId::from("ciam/skip-update/headers/control");
    behind.verdict = Verdict::Error(ErrorReason::ControlFailed);
    (behind.blocked_by, behind.stands) = (Some(Blocker::Control(control)), false);
    for step in &mut behind.steps {
        step.checks.clear();
    }
    let again = rejudge(&before, &load(folder.path())).expect("a record of this suite");
    for (was, now) in whole.cases.iter().zip(&again.report.cases) {
        assert_eq!(said(was), said(now));
    }
}

#[tokio::test]
async fn a_row_that_needs_one_which_the_record_does_not_have_is_not_called_passed() {
    let folder = project();
    let mut before = run(folder.path(), None).await;
    let others: Vec<CaseResult> = before
        .cases
        .iter()
        .filter(|case| !case.id.ends_with("headers/control"))
        .cloned()
        .collect();
    before.cases = others.into();
    let again = rejudge(&before, &as_another(load(folder.path()))).expect("a record");
    let unknown = Verdict::Skip(SkipReason::NotRejudgeable);
    let mut behind = 0;
    for case in &again.report.cases {
        if case.id.contains("/headers/") {
            assert_eq!(case.verdict, unknown, "{}", said(case));
            behind += 1;
        }
    }
    assert!(behind > 10, "{behind}");
}

#[tokio::test]
async fn a_record_that_cannot_be_judged_again_says_why() {
    let folder = project();
    let before = run(folder.path(), None).await;
    let suite = load(folder.path());
    let mut old = before.clone();
    for case in old.cases.iter_mut() {
        case.basis = probity::result::Basis::default();
    }
    let error = rejudge(&old, &suite).expect_err("it has no basis");
    assert!(matches!(error, RejudgeError::NoBasis), "{error}");
    let mut other = before.clone();
    for case in other.cases.iter_mut() {
        case.id = format!("x/{}", case.id).as_str().into();
    }
    let error = rejudge(&other, &suite).expect_err("it is of another suite");
    assert!(matches!(error, RejudgeError::AnotherSuite), "{error}");

    let record = folder.path().join("before.jsonl");
    fs::write(&record, record::render(&before)).expect("it can be written");
    let (root, record) = (
        folder.path().display().to_string(),
        record.display().to_string(),
    );
    let judged = probity(&["judge", &record, "--root", &root]).expect(2);
    assert!(
        judged.out.contains("ciam skipPasswordUpdate"),
        "{}",
        judged.out
    );
    let missing = probity(&["judge", "nowhere.jsonl", "--root", &root]).expect(3);
    assert!(
        missing.err.contains("cannot read the record"),
        "{}",
        missing.err
    );
    fs::write(&record, "cut\n").expect("it can be written");
    probity(&["judge", &record, "--root", &root]).expect(3);
    edit(folder.path(), HEADERS, "edition: ciam", "edition: cia");
    fs::write(&record, record::render(&before)).expect("it can be written");
    let broken = probity(&["judge", &record, "--root", &root]).expect(3);
    assert!(broken.err.contains("headers.yaml:"), "{}", broken.err);
}

#[tokio::test]
async fn the_program_judges_the_run_before_by_the_suite_of_the_run_after() {
    let folder = project();
    let before = run(folder.path(), None).await;
    edit(
        folder.path(),
        HEADERS,
        "error: IDAAS.SDK.PARAM.0003",
        "error: IDAAS.SDK.PARAM.0002",
    );
    let after = run(folder.path(), None).await;
    let path = |name: &str, report: &RunReport| {
        let path = folder.path().join(name);
        fs::write(&path, record::render(report)).expect("it can be written");
        path.display().to_string()
    };
    let (before, after) = (path("a.jsonl", &before), path("b.jsonl", &after));
    let root = folder.path().display().to_string();
    let told = probity(&["compare", &before, &after, "--root", &root]).expect(1);
    assert!(
        told.out.contains("THE SUITE CHANGED ITS MIND"),
        "{}",
        told.out
    );
    assert!(told.out.contains("fails what it let pass"), "{}", told.out);
    // Elsewhere nobody knows what the suite was.
    let told = probity(&["compare", &before, &after]).expect(1);
    assert!(told.err.contains("--root"), "{}", told.err);
    let json = probity(&[
        "compare", &before, &after, "--root", &root, "--format", "json",
    ])
    .expect(1);
    let json: serde_json::Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!(json["gate"], "stricter");
    assert_eq!(json["suite_change"]["rows"][0]["kind"], "broken");
    let markdown = probity(&[
        "compare", &before, &after, "--root", &root, "--format", "markdown",
    ]);
    let markdown = markdown.expect(1).out;
    assert!(
        markdown.contains("What the suite says otherwise"),
        "{markdown}"
    );
}

#[tokio::test]
async fn a_page_shows_both_answers_side_by_side_and_loads_nothing() {
    let folder = project();
    let before = run(folder.path(), None).await;
    let later = spoiled(|answer| set(answer, "expire", "\"<b>soon</b>\""));
    let after = run(folder.path(), Some(later)).await;
    let path = |name: &str, report: &RunReport| {
        let path = folder.path().join(name);
        fs::write(&path, record::render(report)).expect("it can be written");
        path.display().to_string()
    };
    let (before, after) = (path("a.jsonl", &before), path("b.jsonl", &after));
    let page = folder.path().join("page.html").display().to_string();
    let made = probity(&["compare", &before, &after, "--format", "html", "-o", &page]).expect(1);
    assert!(made.out.contains("Written: "), "{}", made.out);
    let text = fs::read_to_string(&page).expect("it was written");
    for words in [
        "<mark>  &quot;expire&quot;: 43200,</mark>",
        "<mark>  &quot;expire&quot;: &quot;&lt;b&gt;soon&lt;/b&gt;&quot;,</mark>",
        "default-src 'none'",
        "body /expire: integer -&gt; string",
        "<th scope=\"row\">CIAM-SKIP-R08</th><td>satisfied</td><td>violated</td>",
    ] {
        assert!(text.contains(words), "no {words}");
    }
    for never in [
        "<script",
        "src=",
        "<b>soon",
        "http-equiv=\"refresh\"",
        "<mark>date",
    ] {
        assert!(!text.contains(never), "{never}");
    }
    // A baseline holds no answers.
    let base = folder.path().join("base.jsonl").display().to_string();
    probity(&["baseline", &before, "-o", &base]).expect(0);
    let made = probity(&["compare", &base, &after, "--format", "html"]).expect(1);
    assert!(
        made.out.contains("A baseline holds no answers."),
        "{}",
        made.out
    );
    let twice = probity(&["compare", &base, &after, "--format", "html"]).expect(1);
    assert_eq!(made.out, twice.out);
    let nowhere = folder
        .path()
        .join("no/such/page.html")
        .display()
        .to_string();
    probity(&[
        "compare", &before, &after, "--format", "html", "-o", &nowhere,
    ])
    .expect(4);
}
