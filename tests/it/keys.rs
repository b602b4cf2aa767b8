//! Published keys that a case wants fetched: how often, from where, and what their absence means.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use probity::{
    check::{self, Lint},
    contract::Contract,
    judge, mock,
    plan::TestCase,
    result::{CaseResult, ErrorReason, Verdict},
    transcript::Transcript,
    yaml,
};
use ring::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents},
};
use serde_json::{Value, json};

use crate::{
    loopback::{answering, http, with_constants},
    support,
};

/// The mock's own key.
fn pair() -> RsaKeyPair {
    let lines = mock::signing_key().lines();
    let lines: String = lines.filter(|line| !line.starts_with("---")).collect();
    RsaKeyPair::from_pkcs8(&STANDARD.decode(lines).expect("base64")).expect("a key")
}

/// A token of this key's and about this subject, signed by the mock's own.
pub(crate) fn token(kid: &str, subject: &str) -> String {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = part(json!({ "alg": "RS256", "kid": kid }));
    let signed = format!("{header}.{}", part(json!({ "sub": subject })));
    let pair = pair();
    let mut signature = vec![0; pair.public().modulus_len()];
    let random = SystemRandom::new();
    pair.sign(
        &RSA_PKCS1_SHA256,
        &random,
        signed.as_bytes(),
        &mut signature,
    )
    .expect("a signature");
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The public half of the mock's key under this name.
pub(crate) fn set(kid: &str) -> String {
    let pair = pair();
    let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public());
    let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    json!({ "keys": [{ "kty": "RSA", "kid": kid, "n": text(&public.n), "e": text(&public.e) }] })
        .to_string()
}

/// Rows, as many as asked for, that want nothing but a token which verifies so, sent to a server that
/// gives the tokens of `kids` in turn and, at `/keys`, what `keys` makes of the number of the fetch.
async fn rows(
    kids: &'static [&'static str],
    verify: &str,
    keys: impl Fn(usize) -> String + Send + Sync + 'static,
) -> (Vec<CaseResult>, usize) {
    let (fetches, answers) = (Arc::new(AtomicUsize::new(0)), AtomicUsize::new(0));
    let counted = Arc::clone(&fetches);
    let server = answering(move |request| {
        let text = String::from_utf8_lossy(request);
        let host = text.lines().find_map(|line| line.to_lowercase().strip_prefix("host: ").map(str::to_owned));
        let host = format!("http://{}", host.unwrap_or_default());
        let json = |body: &str| http("200 OK", "application/json", body).into_bytes();
        if text.starts_with("GET /keys ") {
            json(&keys(counted.fetch_add(1, Ordering::SeqCst)))
        } else if text.starts_with("GET /.well-known/openid-configuration ") {
            json(&json!({ "issuer": host, "jwks_uri": format!("{host}/keys") }).to_string())
        } else if text.starts_with("GET /gone ") {
            http("404 Not Found", "text/plain", "gone").into_bytes()
        } else {
            let kid = kids[answers.fetch_add(1, Ordering::SeqCst) % kids.len()];
            json(&json!({ "status": "SUCCESS", "expire": 1, "session_token": "s", "id_token": token(kid, "somebody") }).to_string())
        }
    })
    .await;
    let mut suite = support::shipped();
    let target = support::target_at(&mut suite, &[support::CIAM], &server.url);
    let target = with_constants(target);
    let text = format!("{{ status: 200, jwt: {{ at: /id_token, verify: {verify} }} }}\n")
        .replace("HOST", &server.url);
    let node = yaml::parse("a.yaml", text).expect("YAML");
    let contract = suite
        .contracts
        .iter()
        .find(|one| one.edition == support::CIAM)
        .expect("a contract");
    let mut found = Vec::new();
    let lint = Lint {
        contract,
        operation: None,
        beyond_contract: false,
        rendered: false,
    };
    let checks: Arc<[_]> = check::bind(&node, &lint, &mut found).into();
    assert!(found.is_empty(), "{found:?}");
    let control = support::rows(&suite, "ciam/skip-update/headers/control").remove(0);
    let cases: Vec<Arc<TestCase>> = (0..kids.len())
        .map(|index| {
            let mut case = TestCase::clone(&control);
            case.id = format!("row-{index}").into();
            case.control_id.clone_from(&case.id);
            case.request.checks.clone_from(&checks);
            Arc::new(case)
        })
        .collect();
    let engine = support::engine(suite.contracts, &cases, target);
    let engine = Arc::new(engine);
    // One at a time, so that the tokens come in the order of the rows.
    let results = support::run_on(Arc::clone(&engine), &cases, 1).await;
    let (_, transcript) = engine.execute(&cases[0]).await;
    judged_again(&cases[0], &results[0], transcript, engine.contracts());
    (results, fetches.load(Ordering::SeqCst))
}

/// The transcript says the same without a server; without the keys it says nothing.
fn judged_again(
    case: &TestCase,
    first: &CaseResult,
    mut transcript: Transcript,
    contracts: &[Contract],
) {
    let contract = contracts
        .iter()
        .find(|one| one.edition == case.edition)
        .expect("a contract");
    let again = judge::case(case, &transcript, contract, false);
    assert_eq!(again.verdict, first.verdict);
    for step in &mut transcript.steps {
        step.bindings.remove(check::FETCHED);
    }
    let bare = judge::case(case, &transcript, contract, false);
    assert_eq!(bare.verdict, Verdict::Error(ErrorReason::SetupFailed));
}

fn told(result: &CaseResult) -> String {
    let broken = result.broken().map(|(_, _, told)| told.to_string());
    let told: Vec<String> = result.detail.clone().into_iter().chain(broken).collect();
    format!("{:?} {}", result.verdict, told.join("; "))
}

#[tokio::test]
async fn keys_are_fetched_once_a_run_and_judge_every_token() {
    for verify in [
        "{ jwks: /keys }",
        "{ jwks: HOST/keys }",
        "{ discovery: HOST }",
    ] {
        let (results, fetches) = rows(&["a", "a", "a"], verify, |_| set("a")).await;
        for result in &results {
            assert!(result.verdict.is_pass(), "{verify}: {}", told(result));
        }
        assert_eq!(fetches, 1, "{verify}");
    }
}

#[tokio::test]
async fn an_unknown_key_is_looked_for_once_more_and_then_is_the_targets_fault() {
    let rotated = |fetch: usize| set(if fetch == 0 { "a" } else { "b" });
    let (results, fetches) = rows(&["a", "b", "b", "c", "d"], "{ jwks: /keys }", rotated).await;
    let passed: Vec<bool> = results
        .iter()
        .map(|result| result.verdict.is_pass())
        .collect();
    assert_eq!(passed, [true, true, true, false, false]);
    assert_eq!(results[3].verdict, Verdict::Fail("jwt".into()));
    assert!(
        told(&results[3]).contains("no published key has the kid \"c\""),
        "{}",
        told(&results[3])
    );
    assert_eq!(
        fetches, 2,
        "a server that names ever new keys is not asked for ever"
    );
}

#[tokio::test]
async fn keys_that_cannot_be_had_make_the_row_an_error_and_no_fail() {
    for (verify, why) in [
        ("{ jwks: /gone }", "it answered 404"),
        (
            "{ jwks: \"http://127.0.0.1:1/keys\" }",
            "it is on no host of the target",
        ),
        ("{ jwks: no-url }", "it is on no host of the target"),
        ("{ discovery: HOST/ }", "names another issuer"),
        ("{ jwks: /api }", "the answer is not a JWK set"),
    ] {
        let (results, fetches) = rows(&["a"], verify, |_| set("a")).await;
        assert_eq!(
            results[0].verdict,
            Verdict::Error(ErrorReason::SetupFailed),
            "{verify}: {}",
            told(&results[0])
        );
        assert!(
            told(&results[0]).contains(why),
            "{verify}: {}",
            told(&results[0])
        );
        assert_eq!(fetches, 0, "{verify}");
    }
}
