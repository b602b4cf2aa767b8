//! No secret leaves: planted values are looked for in everything that a run or a preview says.

use std::{
    io::Write as _,
    sync::{Arc, Mutex, PoisonError},
};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use probity::{
    engine::Engine,
    mock::{Dialect, MockOptions, MockServer},
    report::{self, FORMATS},
    result::Verdict,
    suite,
};
use serde_json::{Value, json};

use crate::support;

const PLANTED: &str = "pl4nted / s3cret+\"value\"";
const FIRST_PASSWORD: &str = "0ld-Passw0rd7";

/// The spellings in which a value could leave.
fn forms(secret: &str) -> Vec<String> {
    let percent: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    vec![
        secret.to_owned(),
        json!(secret).to_string().trim_matches('"').to_owned(),
        percent.replace('+', "%20"),
        percent,
        STANDARD_NO_PAD.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
    ]
}

fn assert_hidden(text: &str, secrets: &[String]) {
    for form in secrets.iter().flat_map(|secret| forms(secret)) {
        if let Some(at) = text.find(&form) {
            let around: String = text[..at].chars().rev().take(80).collect();
            let around: String = around.chars().rev().collect();
            panic!("{form} is shown after: {around}");
        }
    }
}

#[tokio::test]
async fn no_output_of_a_failing_run_shows_a_secret() {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let into = Arc::clone(&seen);
    let mut options = MockOptions::new(Dialect::Ciam);
    options.rewrite = Some(Arc::new(move |operation, answer| {
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let mut seen = into.lock().unwrap_or_else(PoisonError::into_inner);
        for name in ["state_token", "id_token", "session_token", "captcha_token"] {
            seen.extend(body[name].as_str().map(str::to_owned));
        }
        // Every refusal is spoilt and the control kept, so that many rows fail at length.
        if operation == "changePasswordByMobile" && answer.status == 400 {
            answer.status = 418;
        }
    }));
    let server = MockServer::start(options).await.expect("a mock");
    let mut suite = support::shipped();
    let cases = support::rows(&suite, "ciam/change-by-mobile/body/");
    let mut target = support::target_at(&mut suite, &[support::CIAM], server.base_url());
    for settings in target.editions.values_mut() {
        settings.secrets.push(PLANTED.into());
        settings.variables.insert("planted".into(), json!(PLANTED));
    }
    let mut cases = cases;
    for case in &mut cases {
        case.request
            .headers
            .push(("X-planted".into(), json!("${target.planted | base64}")));
        case.request
            .query
            .push(("planted".into(), json!("${target.planted}")));
    }
    let engine = Engine::new(suite.contracts, &cases, target, false).expect("an engine");
    let (_stop, stopped) = tokio::sync::watch::channel(false);
    let results = Arc::new(engine).run(&cases, 4, stopped, |_| {}).await;
    assert!(
        results
            .iter()
            .any(|row| matches!(row.verdict, Verdict::Fail(_)))
    );
    let mut secrets = seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert!(secrets.len() > 3, "tokens were issued: {}", secrets.len());
    secrets.extend([PLANTED.to_owned(), FIRST_PASSWORD.to_owned()]);
    let mut said: Vec<String> = results.iter().map(report::explain::failure).collect();
    let run = support::report(results);
    said.extend(FORMATS.iter().map(|format| (format.render)(&run)));
    said.push(report::console::summary(&run, &[], false));
    said.push(format!("{run:?}"));
    let all = said.join("\n");
    assert!(
        all.contains("[secret:"),
        "masks stand in place of the values"
    );
    assert_hidden(&all, &secrets);
}

#[test]
fn a_preview_shows_no_secret_of_the_target_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let held = folder.path().join("held");
    std::fs::write(&held, format!("{PLANTED}\n")).expect("written");
    let file = folder.path().join("target.yaml");
    let mut out = std::fs::File::create(&file).expect("made");
    write!(
        out,
        "name: private\neditions:\n  ciam:\n    base_url: http://tenant.invalid\n    secrets:\n      client_id: {{ file: {:?} }}\n",
        held.display().to_string()
    )
    .expect("written");
    let mut suite = suite::load(support::root(), Some(&file));
    let target = suite.target.take().expect("a target");
    assert_eq!(target.editions[&support::CIAM].secrets, [PLANTED.into()]);
    let cases = support::rows(&suite, "ciam/skip-update/headers/");
    let engine = Engine::new(suite.contracts, &suite.plan.cases, target, false).expect("an engine");
    for case in &cases {
        let shown = engine.preview(case).expect("a preview");
        assert_hidden(&shown, &[PLANTED.to_owned()]);
    }
    let control = engine.preview(&cases[0]).expect("a preview");
    assert!(control.contains("X-client-id: [secret:"), "{control}");
}
