//! Faults of configuration, one at a time: each is told with its code at the place of the key to
//! change, the call ends with 3, the reports say that no row was sent, and what was wrong in the file
//! alone opens no connection.

mod files;
mod servers;

use std::path::{Path, PathBuf};

use regex::Regex;
use tempfile::TempDir;

use self::servers::{Kind, Made};
use crate::{
    cli::{Outcome, finish, program, target::write},
    diagnostics::project,
};

/// What is wrong, and how it has to be told.
struct Fault {
    name: &'static str,
    /// The target file.
    text: String,
    /// Further files beside it.
    files: Vec<(&'static str, String)>,
    arguments: Vec<String>,
    environment: Vec<(&'static str, &'static str)>,
    code: &'static str,
    /// A piece of the line that is pointed at; none when there is no line to show.
    at: Option<&'static str>,
    /// What the message or its help says.
    says: &'static str,
}

/// A fault of a target file that says this.
fn fault(name: &'static str, text: impl Into<String>, code: &'static str) -> Fault {
    Fault {
        name,
        text: text.into(),
        files: Vec::new(),
        arguments: Vec::new(),
        environment: Vec::new(),
        code,
        at: None,
        says: "",
    }
}

impl Fault {
    fn at(mut self, line: &'static str) -> Self {
        self.at = Some(line);
        self
    }

    fn says(mut self, words: &'static str) -> Self {
        self.says = words;
        self
    }

    fn file(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.files.push((name, text.into()));
        self
    }

    fn arguments(mut self, words: &[&str]) -> Self {
        self.arguments
            .extend(words.iter().map(|word| (*word).to_owned()));
        self
    }

    fn environment(mut self, name: &'static str, value: &'static str) -> Self {
        self.environment.push((name, value));
        self
    }

    /// Puts the files down in a small project.
    fn lay(&self) -> (TempDir, PathBuf) {
        let place = project();
        for (name, text) in &self.files {
            write(place.path(), &format!("tenants/{name}"), text);
        }
        let file = write(place.path(), "tenants/tenant.yaml", &self.text);
        (place, file)
    }

    fn call(&self, subcommand: &str, root: &Path, file: &Path) -> Outcome {
        let mut command = program();
        command
            .arg(subcommand)
            .arg("--root")
            .arg(root)
            .arg("--target")
            .arg(file)
            .args(&self.arguments)
            .envs(self.environment.iter().copied());
        if subcommand == "run" {
            command.arg("--output-dir").arg(root.join("reports"));
        }
        finish(command)
    }

    #[track_caller]
    fn assert_told(&self, outcome: Outcome) {
        let name = self.name;
        let told = outcome.expect(3).err;
        let head = format!("error[{}]", self.code);
        assert!(told.contains(&head), "{name}: no {head} in\n{told}");
        assert!(told.contains(self.says), "{name}: not told so:\n{told}");
        assert!(!told.contains("panicked"), "{name}: {told}");
        let Some(at) = self.at else { return };
        let line = self.text.lines().position(|line| line.contains(at));
        let line = line.unwrap_or_else(|| panic!("{name}: no line has `{at}`")) + 1;
        let rest = told.split(&head).nth(1).unwrap_or_default();
        let place = Regex::new(r"--> [^\n]*tenant\.yaml:(\d+):\d+").expect("an expression");
        let found = place.captures(rest).map(|found| found[1].to_owned());
        assert_eq!(found, Some(line.to_string()), "{name}: told at\n{told}");
    }
}

/// A target file whose CIAM is served here, with these lines more.
fn served(url: &str, lines: &str) -> String {
    format!(
        "name: tenant\neditions:\n  ciam:\n    base_url: {url}\nproviders:\n  account-warn:\n    \
         steps: [{{ operation: passwordLogin, capture: {{ state_token: /state_token }} }}]\n{lines}"
    )
}

#[test]
fn a_mistake_in_the_file_alone_is_told_and_nobody_is_called() {
    let listener = crate::cli::target::Listener::start();
    let faults = files::all(&listener.url());
    assert!(faults.len() >= 30, "only {}", faults.len());
    for fault in &faults {
        let (place, file) = fault.lay();
        fault.assert_told(fault.call("check", place.path(), &file));
        assert_eq!(listener.connections(), 0, "{}", fault.name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_cannot_be_reached_or_trusted_is_told_with_the_key_to_change() {
    let made = Made::new();
    let mut count = 0;
    for kind in Kind::ALL {
        let (fault, _server) = servers::fault_of(kind, &made).await;
        let (place, file) = fault.lay();
        let outcome = fault.call("check", place.path(), &file);
        fault.assert_told(outcome);
        count += 1;
    }
    assert!(count >= 25, "only {count}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_looks_first_and_its_reports_say_that_it_did_not_start() {
    let (fault, server) = servers::fault_of(Kind::Page, &Made::new()).await;
    let (place, file) = fault.lay();
    fault.assert_told(fault.call("run", place.path(), &file));
    let junit = std::fs::read_to_string(place.path().join("reports/junit.xml")).expect("a report");
    assert!(
        junit.contains(r#"name="reason" value="not-started""#),
        "{junit}"
    );
    assert!(junit.contains("error[not-the-service]"), "{junit}");
    let before = server.requests();
    assert_eq!(before, 1, "one request looks, and no row follows");
    // Who wants the rows all the same gets them.
    let mut all_the_same = fault;
    all_the_same.arguments = vec!["--no-preflight".to_owned()];
    let outcome = all_the_same.call("run", place.path(), &file);
    assert_eq!(outcome.code, 2, "{}", outcome.err);
    assert!(server.requests() > before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sound_target_is_listed_thing_by_thing() {
    let server = servers::sound().await;
    let fault = fault("nothing", served(&server.url(), ""), "");
    let (place, file) = fault.lay();
    let told = fault.call("check", place.path(), &file).expect(0).out;
    for what in ["file", "address", "host", "http", "clock", "providers"] {
        assert!(
            told.lines().any(|line| {
                let mut words = line.split_whitespace();
                words.next() == Some("ok") && words.any(|word| word == what)
            }),
            "{what}: {told}"
        );
    }
    // Without accounts, nobody logs in.
    let before = server.requests();
    let mut without = fault;
    without.arguments = vec!["--no-accounts".to_owned()];
    without.call("check", place.path(), &file).expect(0);
    assert_eq!(server.requests(), before + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_profile_or_a_budget_keeps_from_the_rows_is_not_sent_before_them_either() {
    for lines in ["profile: read-only\n", "budget: { logins: 1 }\n"] {
        let server = servers::sound().await;
        let text =
            served(&server.url(), lines).replace("passwordLogin,", "passwordLogin, costs: logins,");
        let (place, file) = fault("nothing", text.as_str(), "").lay();
        fault("nothing", text, "")
            .call("check", place.path(), &file)
            .expect(0);
        assert_eq!(server.requests(), 1, "{lines}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_that_do_not_hide_each_other_are_told_in_one_go() {
    let page = servers::fault_of(Kind::Page, &Made::new()).await.1;
    let text = served(&page.url(), "    # further below\n").replace(
        "providers:\n",
        "    hosts: { common: \"http://127.0.0.1:1\" }\nproviders:\n",
    );
    let both = fault("two", text, "not-the-service").at("base_url");
    let (place, file) = both.lay();
    let outcome = both.call("check", place.path(), &file);
    assert!(
        outcome.err.contains("error[cannot-connect]"),
        "{}",
        outcome.err
    );
    assert!(outcome.err.contains("2 faults"), "{}", outcome.err);
    both.assert_told(outcome);
}

/// A refusal of the service's own, with an error code where the contract has it.
const OWN_WORDS: &str = r#"{"error_code":"IDAAS.SDK.PARAM.0002","error_msg":"no"}"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_service_itself_answers_is_left_to_the_rows() {
    for status in [
        "404 Not Found",
        "405 Method Not Allowed",
        "500 Internal Server Error",
    ] {
        let server = servers::server(None, move |line| {
            Some(if line.starts_with("GET") {
                servers::answer(status, "", "application/json", OWN_WORDS)
            } else {
                servers::answer("200 OK", "", "application/json", r#"{"state_token":"t"}"#)
            })
        })
        .await;
        let sound = fault("its own words", served(&server.url(), ""), "");
        let (place, file) = sound.lay();
        let told = sound.call("check", place.path(), &file).expect(0).out;
        let number = status.split(' ').next().unwrap_or_default();
        assert!(
            told.contains(&format!("skip-update answers {number}")),
            "{told}"
        );
        // The rows say what is wrong with it, and the run is not kept from telling.
        let outcome = sound.call("run", place.path(), &file);
        assert_eq!(outcome.code, 1, "{}{}", outcome.out, outcome.err);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_an_operation_that_the_rows_are_about_is_asked() {
    for (status, kind) in [
        ("503 Service Unavailable", "text/html"),
        ("404 Not Found", "text/plain"),
    ] {
        // The operation that anybody may call is broken, and no row is about it.
        let server = servers::server(None, move |line| {
            Some(if line.starts_with("GET") {
                servers::answer(status, "", kind, "")
            } else {
                servers::answer("200 OK", "", "application/json", r#"{"state_token":"t"}"#)
            })
        })
        .await;
        let sound = fault("another operation", served(&server.url(), ""), "");
        let (place, file) = sound.lay();
        write(
            place.path(),
            "cases/ciam/skip-update/sound.yaml",
            "edition: ciam\noperation: passwordLogin\nneeds: { account: account-warn }\n\
             request: { headers: { X-client-id: c1 } }\ncontrol: { expect: { status: 200 } }\n",
        );
        let told = sound.call("check", place.path(), &file).expect(0).out;
        assert!(told.contains("without a login or a body"), "{told}");
    }
}
