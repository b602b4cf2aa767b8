//! Proofs of strength: what is caught, what is a hole, and when a proof proves nothing.

use std::{fs, path::Path, sync::Arc};

use probity::{
    plan::TestCase,
    prove::{self, Accepted, Options},
    report::proof,
    result::{MutantResult, Outcome, Proof, Strength, Undecided},
    session::{self, Session},
    suite::Suite,
    target::Target,
};
use serde_json::Value;

use crate::support;

/// The rows and the mutants of these tests: one operation, and one of its codes.
const ROWS: &str = "ciam/skip-update/errors/";
const CODE: &str = "ciam/skipPasswordUpdate/code/IDAAS.SDK.PARAM.0013:other-documented";

/// What is to be proved.
struct Subject {
    suite: Suite,
    target: Target,
    accepted: Vec<Accepted>,
}

/// The shipped suite, one operation of it, on the embedded mock.
fn subject(wants: impl Fn(&TestCase) -> bool) -> Subject {
    let mut suite = support::shipped();
    let mut target = suite.target.take().expect("the mock's target file");
    target.editions.retain(|name, _| *name == support::CIAM);
    suite.plan.cases.retain(|case| {
        // Controls stay, because other rows need them.
        case.id.starts_with(ROWS) && (case.control || wants(case))
    });
    Subject {
        suite,
        target,
        accepted: Vec::new(),
    }
}

async fn proved(subject: Subject, filters: &[&str]) -> Proof {
    let Subject {
        suite,
        target,
        accepted,
    } = subject;
    let session = Session::open(suite, target, &session::Options::default(), None).await;
    let options = Options {
        filters: filters.iter().map(|filter| (*filter).to_owned()).collect(),
        open: true,
        variations: 1,
        accepted,
        ..Options::default()
    };
    prove::prove(&Arc::new(session.expect("a session")), &options, |_| {})
        .await
        .expect("the proof runs")
}

fn only(proof: &Proof) -> &MutantResult {
    match &proof.mutants[..] {
        [mutant] => mutant,
        other => panic!("one mutant was asked for: {other:?}"),
    }
}

#[tokio::test]
async fn a_wrong_code_is_caught_by_the_row_about_it_and_its_file_keeps_the_published_shape() {
    let proof = proved(subject(|_| true), &[CODE]).await;
    let mutant = only(&proof);
    assert_eq!(mutant.outcome, Outcome::Caught, "{mutant:?}");
    assert!(mutant.noticed_by.iter().all(|id| id.starts_with(ROWS)));
    assert_eq!(
        proof.strength(),
        Strength::Partial,
        "{}",
        proof::summary(&proof)
    );
    assert!(!proof.self_checks.is_empty() && proof.transcripts.judged > 0);

    let schema = fs::read(support::root().join("specs/proof.schema.json")).expect("the schema");
    let schema: Value = serde_json::from_slice(&schema).expect("JSON");
    let file: Value = serde_json::from_str(&proof::render(&proof)).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let complaints: Vec<String> = validator
        .iter_errors(&file)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[tokio::test]
async fn without_the_rows_about_it_the_same_server_is_a_hole_and_the_exit_code_says_so() {
    let subject = subject(|case| !case.id.contains("state-token-missing"));
    let proof = proved(subject, &[CODE]).await;
    assert_ne!(only(&proof).outcome, Outcome::Caught);
    assert_eq!(proof.strength().exit_code(), 1);
    let page = proof::summary(&proof);
    assert!(page.contains(CODE), "{page}");
    assert!(page.contains("holes in the suite (exit code 1)"), "{page}");
}

#[tokio::test]
async fn a_survivor_with_a_written_reason_is_no_hole_and_one_that_is_caught_is_stale() {
    let accepted = |mutant: &str| Accepted {
        mutant: mutant.to_owned(),
        reason: "nothing promises it".to_owned(),
        place: "survivors.yaml:3:5".to_owned(),
    };
    let mut without = subject(|case| !case.id.contains("state-token-missing"));
    without.accepted.push(accepted(CODE));
    let proof = proved(without, &[CODE]).await;
    assert_eq!(
        proof.strength(),
        Strength::Partial,
        "{}",
        proof::summary(&proof)
    );
    assert_eq!(proof.accepted().count(), 1);

    let mut whole = subject(|_| true);
    whole.accepted.push(accepted(CODE));
    let proof = proved(whole, &[CODE]).await;
    assert_eq!(proof.strength(), Strength::Holes);
    assert_eq!(proof.stale.len(), 1, "{:?}", proof.stale);
}

#[tokio::test]
async fn on_a_red_baseline_nothing_is_run_and_nothing_is_proved() {
    let mut subject = subject(|_| true);
    let settings = subject
        .target
        .editions
        .get_mut(&support::CIAM)
        .expect("the edition");
    settings.variables_from = None;
    settings
        .variables
        .insert("client_id".into(), "nobody".into());
    let proof = proved(subject, &[CODE]).await;
    assert!(!proof.baseline_red.is_empty() && proof.mutants.is_empty());
    assert_eq!(proof.strength().exit_code(), 4);
}

/// A proof that would hold, to break it in one place at a time.
async fn sound() -> Proof {
    let proof = proved(subject(|_| true), &[CODE]).await;
    assert_eq!(proof.strength(), Strength::Partial);
    proof
}

/// What a sound proof comes to with one thing in it changed.
fn strength_with(sound: &Proof, edit: fn(&mut Proof)) -> Strength {
    let mut proof = sound.clone();
    edit(&mut proof);
    proof.strength()
}

#[tokio::test]
async fn a_part_of_the_mutants_proves_that_part_and_one_that_counts_nothing_proves_nothing() {
    let sound = sound().await;
    let changed = |edit: fn(&mut Proof)| strength_with(&sound, edit);
    assert_eq!(
        changed(|proof| proof.enumerated = proof.mutants.len()),
        Strength::Proved
    );
    assert_eq!(
        changed(|proof| proof.mutants[0].outcome = Outcome::Open(String::new())),
        Strength::Inconclusive
    );
    assert_eq!(Strength::Partial.exit_code(), 0);
    assert_eq!(Strength::Inconclusive.exit_code(), 2);
}

#[tokio::test]
async fn a_proof_whose_machinery_fails_or_that_ran_nothing_is_void() {
    let sound = sound().await;
    let broken = |edit: fn(&mut Proof)| strength_with(&sound, edit);
    assert_eq!(
        broken(|proof| proof.self_checks[0].held = false),
        Strength::Void
    );
    assert_eq!(broken(|proof| proof.self_checks.clear()), Strength::Void);
    assert_eq!(broken(|proof| proof.mutants.clear()), Strength::Void);
    assert_eq!(broken(|proof| proof.whole = false), Strength::Partial);
    assert_eq!(
        broken(|proof| {
            proof.mutants.clear();
            proof.undecided.insert(Undecided::RowsLeftOut, 1);
        }),
        Strength::Inconclusive
    );
    assert_eq!(broken(|proof| proof.cases.clear()), Strength::Void);
    assert_eq!(
        broken(|proof| proof.false_positives.red.push((1, "a row".into()))),
        Strength::Holes
    );
    assert_eq!(
        broken(|proof| proof.stale.push("x".into())),
        Strength::Holes
    );
}

#[test]
fn reasons_for_survivors_are_read_and_their_mistakes_are_told() {
    let place = tempfile::tempdir().expect("a folder");
    let write = |text: &str| {
        let folder = place.path().join("specs/ciam");
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("survivors.yaml"), text).expect("a file");
    };
    let load = |root: &Path| {
        let mut found = Vec::new();
        let accepted = prove::load_accepted(root, &mut found);
        let codes: Vec<&str> = found.iter().map(|mistake| mistake.code).collect();
        (accepted.len(), codes.join(" "))
    };
    assert_eq!(load(place.path()), (0, String::new()));
    write("edition: ciam\nsurvivors:\n  - { mutant: a, reason: b }\n");
    assert_eq!(load(place.path()), (1, String::new()));
    write("edition: ciam\nsurvivors:\n  - { mutant: a }\n");
    assert_eq!(load(place.path()), (0, "missing-key".to_owned()));
    write(
        "edition: ciam\nsurvivors:\n  - { mutant: a, reason: b }\n  - { mutant: a, reason: c }\n",
    );
    assert_eq!(load(place.path()).1, "duplicate-id");
}
