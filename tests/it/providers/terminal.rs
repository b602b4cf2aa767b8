//! A person at a terminal, played by this test on the other side of one.

use std::{
    fs::File,
    io::{Read as _, Write as _},
    os::fd::OwnedFd,
    process::{Command, Stdio},
};

use rustix::{
    fs::{Mode, OFlags},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
};

use super::{ROW, mock, project};
use crate::cli::{program, temporary};

/// Both ends of a new terminal: the person's and the program's.
fn terminal() -> (File, OwnedFd) {
    let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&person).expect("a terminal");
    unlockpt(&person).expect("a terminal");
    let name = ptsname(&person, Vec::new()).expect("a name");
    let flags = OFlags::RDWR | OFlags::NOCTTY;
    let program = rustix::fs::open(name, flags, Mode::empty()).expect("the other end");
    (person.into(), program)
}

/// Types the answer when the question is there; gives all that was shown until the program ended.
fn person(mut end: File, question: &str, answer: &str) -> String {
    let (mut shown, mut part, mut typed) = (Vec::new(), [0; 1024], false);
    // The end of the program is an error on this side.
    while let Ok(read @ 1..) = end.read(&mut part) {
        shown.extend_from_slice(&part[..read]);
        if !typed && String::from_utf8_lossy(&shown).contains(question) {
            typed = true;
            writeln!(end, "{answer}").expect("the program listens");
        }
    }
    String::from_utf8_lossy(&shown).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_at_a_terminal_is_asked_and_the_answer_is_sent_and_not_shown() {
    let mock = mock().await;
    let ask = "  account-warn: { prompt: { ask: \"Which token?\", name: state_token } }";
    let (folder, output) = (project(mock.base_url(), ask), temporary());
    let (near, far) = terminal();
    let mut command: Command = program();
    command.args(["run", ROW, "--target"]);
    command.arg(folder.path().join("own.yaml"));
    command.arg("--output-dir").arg(output.path());
    command.stdin(Stdio::from(far.try_clone().expect("an end")));
    command.stderr(Stdio::from(far)).stdout(Stdio::piped());
    let child = command.spawn().expect("the program starts");
    // The ends that were given away must not stay open here.
    drop(command);
    let asked = tokio::task::spawn_blocking(|| person(near, "Which token?", "a-typed-token"));
    let shown = asked.await.expect("it was asked");
    let ended = child.wait_with_output().expect("it ended");
    let told = String::from_utf8_lossy(&ended.stdout).into_owned();
    assert!(shown.contains("Which token?"), "{shown}\n{told}");
    // The mock does not know the token, so the answer was sent and refused.
    assert_eq!(ended.status.code(), Some(1), "{shown}\n{told}");
    for text in [shown, told] {
        assert!(!text.contains("a-typed-token"), "{text}");
    }
    let record = std::fs::read_to_string(output.path().join("run.jsonl")).unwrap();
    assert!(!record.contains("a-typed-token"), "{record}");
}
