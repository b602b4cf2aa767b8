//! Proofs in front of a server that nobody here wrote: what is known of it is the baseline, and everything
//! that a run goes by is gone by.

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::Value;

use crate::{
    cli::{Outcome, finish, program, temporary},
    loopback::{self, DEAD, Server, http, read_request, write},
    waivers,
};

const ROW: &str = "lamp/state/names/colour";

/// A mutant that the row about the colour can notice, although it fails: the colour is not there at all.
const NO_COLOUR: &str = "lamp/showLamp/member/colour:dropped";

const NOTHING: &str = "waivers: []\n";

fn waiver(departs: &str) -> String {
    format!(
        "waivers:\n  - rows: {ROW}\n    departs: {departs}\n    owner: lamp-team\n    reason: ordered\n    \
         expires: 2999-12-31\n"
    )
}

const RED: &str = "{ body /colour: '\"red\"' }";

/// What the lamp answers: it is red where green is promised, and refuses to show nothing.
fn lamp(request: &str) -> String {
    if request.contains("X-Ask: nothing") || request.contains("x-ask: nothing") {
        let body = "{\"error_code\":\"NO_ANSWER\",\"error_msg\":\"ask\"}";
        return http("400 Bad Request", "application/json", body);
    }
    http(
        "200 OK",
        "application/json",
        "{\"on\":true,\"colour\":\"red\"}",
    )
}

async fn red_lamp() -> Server {
    loopback::answering(|request| lamp(&String::from_utf8_lossy(request)).into_bytes()).await
}

/// The project about the lamp, which has to say whether it is on and of which colour.
fn project(place: &Path, url: &str, waivers: &str) {
    waivers::project(place, url, waivers);
    let document = place.join("specs/lamp/openapi.yaml");
    let text = fs::read_to_string(&document).expect("the document");
    let (members, required) = (
        "properties: { on:",
        "required: [on, colour], properties: { on:",
    );
    fs::write(&document, text.replace(members, required)).expect("it can be written");
}

/// Calls the program in the project.
async fn call(place: &Path, arguments: &[&str]) -> Outcome {
    let mut command = program();
    command.current_dir(place).args(arguments);
    tokio::task::spawn_blocking(move || finish(command))
        .await
        .expect("its outcome")
}

async fn prove(place: &Path, arguments: &[&str]) -> Outcome {
    let all = ["prove", "--target", "tenants/lamp.yaml"];
    call(place, &[&all, arguments].concat()).await
}

/// The file of the proof.
fn proof(place: &Path) -> Value {
    let text = fs::read_to_string(place.join("reports/proof.json")).expect("the proof");
    serde_json::from_str(&text).expect("JSON")
}

/// How a mutant fared, and the rows that noticed it.
fn fared(proof: &Value, id: &str) -> (String, Vec<String>) {
    let mutants = proof["mutants"].as_array().expect("mutants");
    let mutant = mutants.iter().find(|one| one["id"] == id);
    let mutant = mutant.unwrap_or_else(|| panic!("no {id} in {mutants:#?}"));
    let rows = mutant["noticed_by"].as_array().expect("rows").iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&mutant["outcome"]), rows.map(text).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waived_departure_makes_no_proof_void_and_its_row_notices_what_it_does_not_find_else() {
    let server = red_lamp().await;
    let place = temporary();
    project(place.path(), &server.url, &waiver(RED));
    let told = prove(place.path(), &[]).await;
    let known = format!(
        "known  {ROW}: body /colour: expected \"green\" but was \"red\" (waived by lamp-team until \
         2999-12-31)"
    );
    assert!(told.out.contains(&known), "{}\n{}", told.out, told.err);
    assert!(
        told.out.contains("3 baseline rows, 1 red, 1 of them known"),
        "{}",
        told.out
    );
    let proof = proof(place.path());
    assert_ne!(proof["strength"], "void", "{}", told.out);
    // By the row about it, and so by a finding that is not among those that are known.
    let (outcome, rows) = fared(&proof, NO_COLOUR);
    assert_eq!(outcome, "caught");
    assert!(rows.iter().any(|row| row == ROW), "{rows:?}");
    // The others are counted as ever.
    let (outcome, _) = fared(&proof, "lamp/showLamp/member/on:dropped");
    assert_eq!(outcome, "caught");
    assert!(proof["score"]["counted"].as_u64() > Some(5), "{}", told.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_waiver_accepts_whatever_it_is_notices_nothing() {
    let server = red_lamp().await;
    let place = temporary();
    project(place.path(), &server.url, &waiver("{ body /colour: '*' }"));
    let told = prove(place.path(), &[NO_COLOUR]).await.expect(1);
    // The schema says it to the control, which is about something else.
    let hole = format!("CAUGHT-ELSEWHERE  {NO_COLOUR}");
    assert!(told.out.contains(&hole), "{}", told.out);
    let (_, rows) = fared(&proof(place.path()), NO_COLOUR);
    assert!(rows.iter().all(|row| row != ROW), "{rows:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_red_for_a_reason_nobody_knows_makes_the_proof_void_and_is_named() {
    let server = red_lamp().await;
    let place = temporary();
    for waivers in [NOTHING, &waiver("{ body /colour: '\"blue\"' }")] {
        project(place.path(), &server.url, waivers);
        let told = prove(place.path(), &[]).await.expect(4);
        let red = format!("RED  {ROW}: body /colour: expected \"green\" but was \"red\"");
        assert_eq!(told.out.lines().next(), Some(red.as_str()));
        assert_eq!(proof(place.path())["mutants"], Value::Array(Vec::new()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_record_or_a_baseline_of_a_run_shows_is_known() {
    let server = red_lamp().await;
    let place = temporary();
    project(place.path(), &server.url, NOTHING);
    let record = "reports/run.jsonl";
    call(place.path(), &["run", "--target", "tenants/lamp.yaml"])
        .await
        .expect(1);
    call(place.path(), &["baseline", record, "-o", "known.jsonl"])
        .await
        .expect(0);
    for file in [record, "known.jsonl"] {
        let told = prove(place.path(), &["--baseline", file]).await;
        let known = format!(
            "known  {ROW}: body /colour: expected \"green\" but was \"red\" (as in the baseline)"
        );
        assert!(told.out.contains(&known), "{}\n{}", told.out, told.err);
        let (outcome, rows) = fared(&proof(place.path()), NO_COLOUR);
        assert_eq!(outcome, "caught");
        assert!(rows.iter().any(|row| row == ROW), "{rows:?}");
    }
    prove(place.path(), &["--baseline", "no-such-file"])
        .await
        .expect(3);
}

/// A lamp below `/house/v1` that is of the colour that it is asked for, of those who know the word.
async fn obedient_lamp() -> Server {
    loopback::answering(|request| {
        let request = String::from_utf8_lossy(request).to_ascii_lowercase();
        let answer = if !request.starts_with("get /house/v1/lamp ") {
            http("404 Not Found", "text/plain", "no lamp")
        } else if request.contains("x-word: open-sesame") {
            lamp(&request.replace("x-ask", "X-Ask"))
        } else {
            http("401 Unauthorized", "text/plain", "no")
        };
        answer.into_bytes()
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_goes_by_the_variables_the_environment_and_the_address_that_a_run_goes_by() {
    let server = obedient_lamp().await;
    let place = temporary();
    project(place.path(), DEAD, NOTHING);
    let target = format!(
        "name: lamp\nheaders: {{ X-Word: '${{target.word}}' }}\neditions:\n  lamp:\n    base_url: {DEAD}\n    \
         variables: {{ colour: green }}\n    secrets: {{ word: {{ env: LAMP_WORD }} }}\n"
    );
    let put = |inside: &str, text: &str| {
        fs::write(place.path().join(inside), text).expect("it can be written");
    };
    put("tenants/lamp.yaml", &target);
    put("lamp.env", "LAMP_WORD=open-sesame\n");
    let cases = place.path().join("cases/lamp/state/names.yaml");
    let rows = fs::read_to_string(&cases).expect("rows");
    let rows = rows.replace("colour: green", "colour: '${target.colour}'");
    fs::write(&cases, rows).expect("it can be written");
    let address = format!("{}/house/v1", server.url);
    let given = [
        "--env-file",
        "lamp.env",
        "--var",
        "colour=red",
        "--base-url",
        &address,
    ];
    let run = ["run", "--target", "tenants/lamp.yaml"];
    call(place.path(), &[&run[..], &given].concat())
        .await
        .expect(0);
    let told = prove(place.path(), &given).await;
    let proof = proof(place.path());
    assert_ne!(proof["strength"], "void", "{}\n{}", told.out, told.err);
    assert_eq!(fared(&proof, NO_COLOUR).0, "caught");
    assert!(!told.out.contains("open-sesame"), "{}", told.out);
    // Without the address nothing is sent, and the first line is the cause.
    let told = prove(place.path(), &given[..4]).await.expect(3);
    assert!(told.err.contains("error[cannot-connect]"), "{}", told.err);
    let told = prove(place.path(), &given[2..]).await;
    assert_ne!(told.code, 0, "{}", told.out);
    assert!(told.err.contains("LAMP_WORD"), "{}\n{}", told.out, told.err);
}

/// A lamp that counts how many requests it has at once.
async fn counting_lamp(most: &Arc<AtomicUsize>) -> Server {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::clone(most));
    loopback::serve(move |mut stream| {
        let (now, most) = (Arc::clone(&now), Arc::clone(&most));
        async move {
            let request = read_request(&mut stream).await;
            if request.is_empty() {
                return;
            }
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            // Whoever may send as well has the time to.
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            now.fetch_sub(1, Ordering::SeqCst);
            let answer = lamp(&String::from_utf8_lossy(&request));
            write(&mut stream, answer.as_bytes()).await;
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn over_all_mutants_no_more_rows_are_in_flight_than_the_target_allows() {
    let most = Arc::new(AtomicUsize::new(0));
    let server = counting_lamp(&most).await;
    let place = temporary();
    project(place.path(), &server.url, &waiver(RED));
    let file = place.path().join("tenants/lamp.yaml");
    let target = fs::read_to_string(&file).expect("the target");
    fs::write(&file, format!("{target}limits: {{ jobs: 1 }}\n")).expect("it can be written");
    let told = prove(place.path(), &[]).await;
    assert_ne!(proof(place.path())["strength"], "void", "{}", told.out);
    assert_eq!(most.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_rows_might_have_noticed_that_were_left_out_is_not_decided() {
    let server = red_lamp().await;
    let place = temporary();
    project(place.path(), &server.url, &waiver(RED));
    let told = prove(place.path(), &["--rows", "names/refused"]).await;
    let undecided = "not decided: rows about what they break were left out";
    assert!(told.out.contains(undecided), "{}\n{}", told.out, told.err);
    let file = proof(place.path());
    assert_eq!(file["baseline"]["whole"], false);
    let mutants = file["mutants"].as_array().expect("mutants");
    assert!(mutants.iter().all(|one| one["id"] != NO_COLOUR));
    let told = prove(place.path(), &["--rows", "no-such-row"])
        .await
        .expect(3);
    assert!(told.err.starts_with("no row matches"), "{}", told.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn mutants_that_the_budget_does_not_suffice_for_are_not_decided() {
    let server = red_lamp().await;
    let place = temporary();
    project(place.path(), &server.url, &waiver(RED));
    let file = place.path().join("tenants/lamp.yaml");
    let target = fs::read_to_string(&file).expect("the target");
    fs::write(&file, format!("{target}budget: {{ lamps: 30 }}\n")).expect("it can be written");
    let cases = place.path().join("cases/lamp/state/names.yaml");
    let rows = fs::read_to_string(&cases).expect("rows");
    let rows = rows.replace("request: {}", "request: { costs: lamps }");
    fs::write(&cases, rows).expect("it can be written");
    let told = prove(place.path(), &["member"]).await;
    let file = proof(place.path());
    assert!(
        told.out
            .contains("not decided: the budget of the target was spent")
            || file["strength"] == "void"
                && told.out.contains("the budget of the target was spent"),
        "{}\n{}",
        told.out,
        told.err
    );
    assert_ne!(file["strength"], "proved");
}
