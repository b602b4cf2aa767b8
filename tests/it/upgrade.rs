//! The upgrade that the README tells from end to end, run as it stands there.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::{
    cli::{program, temporary},
    support::root,
};

/// The mock that runs in the background; ended when another one is started, and at the end.
struct Background(Option<Child>);

impl Background {
    fn replace(&mut self, child: Option<Child>) {
        if let Some(mut old) = std::mem::replace(&mut self.0, child) {
            old.kill().expect("it can be ended");
            old.wait().expect("it ends");
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.replace(None);
    }
}

/// The folders of the project that the lines use.
fn project(place: &Path) {
    for folder in ["specs", "cases", "tenants"] {
        copy(&root().join(folder), &place.join(folder));
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("it can be made");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let (name, kind) = (entry.file_name(), entry.file_type().expect("a kind"));
        if name.to_string_lossy().starts_with('.') {
            continue;
        }
        if kind.is_dir() {
            copy(&entry.path(), &to.join(name));
        } else {
            fs::copy(entry.path(), to.join(name)).expect("it can be copied");
        }
    }
}

/// A line of the shell, with the program where `probity` stands.
fn shell(line: &str, place: &Path) -> Command {
    let own = program();
    let folder = Path::new(own.get_program()).parent().expect("a folder");
    let paths = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new("sh");
    command
        .args(["-c", line])
        .current_dir(place)
        .env("PATH", format!("{}:{paths}", folder.display()))
        .env_remove("GITHUB_ACTIONS");
    for (name, value) in own.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

/// Starts a mock and waits until it says where it listens; a free port takes the place of the one in the
/// line, and the target file gets it.
fn start(line: &str, place: &Path) -> Child {
    let line = line.replace("--port 4011", "--port 0");
    let mut child = shell(&format!("exec {line}"), place)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it can be started");
    let output = child.stdout.take().expect("its output");
    let mut first = String::new();
    BufReader::new(output)
        .read_line(&mut first)
        .expect("a line");
    let url = first.trim().rsplit(' ').next().unwrap_or_default();
    let text = format!(
        "name: local-mock\nextends: mock.yaml\neditions: {{ ciam: {{ base_url: \"{url}\" }} }}\n"
    );
    fs::write(place.join("tenants/local-mock.yaml"), text).expect("it can be written");
    child
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every line of the README's part about an upgrade: a command, and the lines that follow it.
fn commands() -> Vec<(String, Vec<String>)> {
    let readme = fs::read_to_string(root().join("README.md")).expect("the README");
    let part = readme.split("#### An upgrade from end to end").nth(1);
    let part = part.expect("the part about an upgrade");
    let part = part.split("\n| Exit code").next().unwrap_or_default();
    let mut out: Vec<(String, Vec<String>)> = Vec::new();
    for block in part.split("```console\n").skip(1) {
        for line in block.split("```").next().unwrap_or_default().lines() {
            match (line.strip_prefix("$ "), out.last_mut()) {
                (Some(command), _) => out.push((command.to_owned(), Vec::new())),
                (None, Some((_, lines))) => lines.push(line.to_owned()),
                (None, None) => panic!("{line:?} follows no command"),
            }
        }
    }
    out
}

#[test]
fn the_upgrade_in_the_readme_goes_as_it_is_told() {
    let place = temporary();
    project(place.path());
    let mut mock = Background(None);
    let commands = commands();
    assert!(commands.len() > 10, "{commands:?}");
    let mut checked = 0;
    for (line, expected) in commands {
        if let Some(background) = line.strip_suffix(" &") {
            // The port is free before the next one is asked for.
            mock.replace(None);
            mock.replace(Some(start(background, place.path())));
            continue;
        }
        let output = shell(&line, place.path()).output().expect("it runs");
        let text = [output.stdout, output.stderr].concat();
        let text = words(&String::from_utf8_lossy(&text));
        for words_of_it in &expected {
            assert!(
                text.contains(&words(words_of_it)),
                "{line}\n{words_of_it}\nis not in\n{text}"
            );
            checked += 1;
        }
        let told = expected
            .last()
            .and_then(|last| last.split_once("(exit code "));
        let code = told.map_or(0, |(_, rest)| {
            rest.trim_end_matches(')').parse().expect("a code")
        });
        assert_eq!(output.status.code(), Some(code), "{line}\n{text}");
    }
    assert!(checked > 12, "{checked}");
}
