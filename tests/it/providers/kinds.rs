//! What each kind gives, and what is told when it cannot.

use std::{
    fs,
    future::Future,
    io,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use probity::{
    engine::Asker,
    report::explain,
    result::{CaseResult, ErrorReason, SkipReason, Verdict},
};

use super::{FILE, LOGIN, ROW, assert_passed, each, mock, project, row, run};

#[track_caller]
fn assert_stopped(result: &CaseResult, verdict: &Verdict, words: &[&str]) {
    let told = explain::message(result);
    assert_eq!(result.verdict, *verdict, "{told}");
    for word in words {
        assert!(told.contains(word), "no `{word}` in: {told}");
    }
}

const SETUP: Verdict = Verdict::Error(ErrorReason::SetupFailed);
const LACKING: Verdict = Verdict::Skip(SkipReason::NotProvided);

/// `cat` gives back what it is given.
#[cfg(unix)]
#[tokio::test]
async fn a_command_reads_the_bindings_and_gives_the_object_that_it_prints() {
    let providers = format!(
        "{LOGIN}
  entry:
    needs: {{ echo: echo }}
    values: {{ user_name: \"${{echo.made.user_name}}\", password: \"${{echo.made.password}}\" }}
  echo:
    needs: {{ made: {{ provider: user, with: {{ password_state: warn }} }} }}
    command: {{ argv: [cat], stdin: json }}"
    );
    assert_passed(&[row(&providers).await]);
}

#[cfg(unix)]
#[tokio::test]
async fn a_path_is_run_from_beside_the_target_file_with_its_arguments() {
    use std::os::unix::fs::PermissionsExt as _;
    let mock = mock().await;
    let providers = format!(
        "{LOGIN}
  made: {{ needs: {{ user: {{ provider: user, with: {{ password_state: warn }} }} }}, yields: \"${{user}}\" }}
  entry:
    needs: {{ made: made }}
    command: {{ argv: [./tools/entry, \"${{made.user_name}}\", \"${{made.password}}\"] }}"
    );
    let folder = project(mock.base_url(), &providers);
    let program = folder.path().join("tools/entry");
    fs::create_dir_all(program.parent().unwrap()).unwrap();
    let script = "#!/bin/sh\nprintf '{\"user_name\":\"%s\",\"password\":\"%s\"}' \"$1\" \"$2\"\n";
    fs::write(&program, script).expect("it can be written");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    assert_passed(&run(folder.path(), ROW, None).await);
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_wrong_with_a_command_is_told_with_its_place_and_its_last_words() {
    let wrong = [
        (
            "[sh, -c, \"echo first >&2; echo last words >&2; exit 3\"]",
            "exit code 3: first / last words",
        ),
        ("[sh, -c, \"kill -9 $$\"]", "was ended by a signal"),
        ("[echo, nothing]", "printed no JSON object"),
        ("[echo, \"[1]\"]", "JSON that is no object"),
        ("[\"yes\"]", "more than 1048576 bytes"),
        ("[./no-such-program]", "does not start"),
        (
            "[tail, -f, /dev/null], timeout: 50ms",
            "did not end within 50ms",
        ),
    ];
    let providers = wrong.map(|(argv, _)| format!("{{ command: {{ argv: {argv} }} }}"));
    let results = each(&providers.each_ref().map(String::as_str)).await;
    for (result, (_, word)) in results.iter().zip(wrong) {
        let place = ["provider `account-warn` (", "own.yaml:", word];
        assert_stopped(result, &SETUP, &place);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn what_a_failing_command_says_is_told_without_the_secrets_it_was_given() {
    let providers = "  account-warn:
    needs: { entry: { provider: user, with: { password_state: warn, password: Hidden-Passw0rd } } }
    command: { argv: [sh, -c, \"cat >&2; exit 1\"], stdin: json }";
    let told = explain::message(&row(providers).await);
    assert!(told.contains("exit code 1"), "{told}");
    assert!(
        told.contains("[secret:") && !told.contains("Hidden-Passw0rd"),
        "{told}"
    );
}

#[tokio::test]
async fn values_come_from_files_and_are_not_shown_and_those_written_out_keep_their_type() {
    let mock = mock().await;
    let providers = "  account-warn:
    values: { state_token: { file: token.txt }, password: \"${run.id}\", number: 7 }";
    let folder = project(mock.base_url(), providers);
    fs::write(folder.path().join("token.txt"), "value-of-a-file\n").expect("it can be written");
    let results = run(folder.path(), ROW, None).await;
    let [result] = &results[..] else {
        panic!("one row: {results:?}");
    };
    // The mock does not know the token: the row was sent, and it is the answer that is wrong.
    assert!(matches!(result.verdict, Verdict::Fail(_)), "{result:?}");
    assert!(
        !format!("{result:?}").contains("value-of-a-file"),
        "{result:?}"
    );
}

#[tokio::test]
async fn a_value_that_is_not_there_is_a_skip_that_names_where_it_would_be() {
    let results = each(&[
        "{ values: { state_token: { env: PROBITY_TEST_OF_A_VARIABLE_THAT_NOBODY_SETS } } }",
        "{ values: { state_token: { file: no-such-file.txt } } }",
    ])
    .await;
    let variable = "`PROBITY_TEST_OF_A_VARIABLE_THAT_NOBODY_SETS` is not set";
    assert_stopped(&results[0], &LACKING, &["account-warn", variable]);
    assert_stopped(&results[1], &LACKING, &["account-warn", "no-such-file.txt"]);
}

/// Says the same to everyone, and notes whether two asked at once.
#[derive(Debug, Default)]
struct Person {
    answer: Mutex<Option<String>>,
    asked: Mutex<Vec<(String, bool)>>,
    open: AtomicUsize,
    most: AtomicUsize,
}

impl Asker for Person {
    fn ask<'a>(
        &'a self,
        question: &'a str,
        secret: bool,
    ) -> Pin<Box<dyn Future<Output = io::Result<String>> + Send + 'a>> {
        Box::pin(async move {
            let open = self.open.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(open, Ordering::SeqCst);
            self.asked
                .lock()
                .expect("no panic before")
                .push((question.to_owned(), secret));
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
            let answer = self.answer.lock().expect("no panic before").clone();
            self.open.fetch_sub(1, Ordering::SeqCst);
            match answer {
                Some(answer) => Ok(answer),
                None => std::future::pending().await,
            }
        })
    }
}

const PROMPT: &str = "  account-warn: { prompt: { ask: \"The token of ${run.id}\", name: state_token, timeout: 20ms } }";

#[tokio::test]
async fn a_prompt_asks_one_question_at_a_time_and_hides_the_answer() {
    let mock = mock().await;
    let folder = project(mock.base_url(), PROMPT.replace("20ms", "1m").as_str());
    let person = Arc::new(Person::default());
    *person.answer.lock().expect("a sound lock") = Some("a-typed-answer".to_owned());
    // Controls of several files need no other row, so that their questions come at once.
    let results = run(folder.path(), "ciam/skip-update/", Some(person.clone())).await;
    let asked = person.asked.lock().expect("a sound lock");
    assert!(asked.len() > 2, "{asked:?}");
    assert!(
        asked
            .iter()
            .all(|(question, secret)| question.starts_with("The token of ") && *secret)
    );
    assert_eq!(person.most.load(Ordering::SeqCst), 1);
    assert!(!format!("{results:?}").contains("a-typed-answer"));
}

#[tokio::test]
async fn a_prompt_that_nobody_answers_is_an_error_and_one_with_nobody_there_a_skip() {
    let mock = mock().await;
    let folder = project(mock.base_url(), PROMPT);
    let silent = Arc::new(Person::default());
    for result in run(folder.path(), ROW, Some(silent)).await {
        assert_stopped(
            &result,
            &SETUP,
            &["account-warn", "nobody answered in 20ms"],
        );
    }
    for result in run(folder.path(), FILE, None).await {
        assert_stopped(
            &result,
            &LACKING,
            &["account-warn", "nobody is at a terminal"],
        );
    }
}
