//! The cache of parsed files as a caller meets it: nothing but time tells whether there is one.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use crate::{
    cli::{Outcome, finish, program, temporary},
    diagnostics::project,
};

/// A project with a mistake in it, and a place for caches.
struct Place {
    project: TempDir,
    caches: TempDir,
}

const CASE: &str = "cases/ciam/skip-update/sound.yaml";

impl Place {
    fn new() -> Self {
        Self {
            project: project(),
            caches: temporary(),
        }
    }

    fn call(&self, arguments: &[&str]) -> Command {
        let mut command = program();
        command
            .args(arguments)
            .current_dir(self.project.path())
            .env("PROBITY_CACHE_DIR", self.folder());
        command
    }

    /// `probity lint` of the project.
    fn lint(&self, arguments: &[&str]) -> Outcome {
        let words = [&["lint", "--target", "tenants/tenant.yaml"], arguments].concat();
        finish(self.call(&words))
    }

    fn folder(&self) -> PathBuf {
        self.caches.path().join("probity")
    }

    fn files(&self) -> Vec<PathBuf> {
        files(&self.folder())
    }

    /// Adds something to the case file.
    fn change(&self, text: &str) {
        let path = self.project.path().join(CASE);
        let before = fs::read_to_string(&path).expect("a file");
        fs::write(path, format!("{before}{text}")).expect("written");
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries
        .map(|entry| entry.expect("an entry").path())
        .collect()
}

/// The same words with and without a cache, and with one from before.
#[track_caller]
fn the_same_three_times(place: &Place, code: i32) -> Outcome {
    let without = place.lint(&["--no-cache"]).expect(code);
    let first = place.lint(&["-v"]).expect(code);
    let second = place.lint(&["-v"]).expect(code);
    for with in [&first, &second] {
        assert_eq!((&with.out, &with.err), (&without.out, &without.err));
    }
    without
}

#[test]
fn mistakes_are_the_same_with_and_without_a_cache_and_after_every_change() {
    let place = Place::new();
    the_same_three_times(&place, 0);
    place.change("zzz: 1\n");
    let outcome = the_same_three_times(&place, 3);
    assert!(
        outcome.err.contains(&format!("{CASE}:7:1")),
        "{}",
        outcome.err
    );
    // What moves, moves with its place.
    let path = place.project.path().join(CASE);
    let text = fs::read_to_string(&path).expect("a file");
    fs::write(&path, format!("# ü\n{text}")).expect("written");
    let outcome = the_same_three_times(&place, 3);
    assert!(
        outcome.err.contains(&format!("{CASE}:8:1")),
        "{}",
        outcome.err
    );
    // What is no YAML is told of each time.
    place.change("a: [\n");
    let outcome = the_same_three_times(&place, 3);
    assert!(outcome.err.contains("yaml-syntax"), "{}", outcome.err);
    assert_eq!(place.files().len(), 1);
}

#[test]
fn a_file_that_did_not_change_is_not_written_again_and_what_is_gone_from_it_is_parsed() {
    let place = Place::new();
    place.lint(&[]).expect(0);
    let [file] = &place.files()[..] else {
        panic!("one file: {:?}", place.files());
    };
    let written = fs::metadata(file).and_then(|about| about.modified());
    let bytes = fs::read(file).expect("a file");
    place.lint(&[]).expect(0);
    let later = fs::metadata(file).and_then(|about| about.modified());
    assert_eq!(later.expect("a time"), written.expect("a time"));
    fs::write(file, &bytes[..bytes.len() / 2]).expect("written");
    let quiet = place.lint(&[]).expect(0);
    assert_eq!(quiet.err, "");
    assert_eq!(
        fs::read(file).expect("a file"),
        bytes,
        "it was written anew"
    );
    fs::write(file, &bytes[..bytes.len() / 2]).expect("written");
    let told = place.lint(&["-v"]).expect(0);
    assert!(told.err.contains("it is damaged"), "{}", told.err);
    fs::remove_dir_all(place.folder()).expect("it is safe to delete");
    assert_eq!(place.lint(&["-v"]).expect(0).err, "");
}

#[test]
fn without_a_cache_nothing_is_left() {
    let place = Place::new();
    place.lint(&["--no-cache"]).expect(0);
    assert!(!place.folder().exists());
    let mut empty = place.call(&["list", "-v"]);
    empty.env("PROBITY_CACHE_DIR", "");
    assert_eq!(finish(empty).expect(0).err, "");
    assert_eq!(
        files(place.project.path()).len(),
        3,
        "nothing beside the project"
    );
}

#[test]
fn a_folder_that_cannot_be_used_is_told_of_when_somebody_asks() {
    let place = Place::new();
    fs::write(place.folder(), "a file").expect("written");
    assert_eq!(place.lint(&[]).expect(0).err, "");
    let told = place.lint(&["-v"]).expect(0);
    assert!(told.err.contains("the cache folder"), "{}", told.err);
    assert_eq!(told.err.lines().count(), 1, "{}", told.err);
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_name_it_is_in_the_users_folder_for_caches() {
    let place = Place::new();
    let home = temporary();
    let lint = |caches: Option<&Path>| {
        let mut call = place.call(&["list"]);
        call.env_remove("PROBITY_CACHE_DIR")
            .env_remove("XDG_CACHE_HOME")
            .env("HOME", home.path());
        call.envs(caches.map(|path| ("XDG_CACHE_HOME", path)));
        finish(call).expect(0);
    };
    lint(None);
    assert_eq!(files(&home.path().join(".cache/probity")).len(), 1);
    lint(Some(place.caches.path()));
    assert_eq!(place.files().len(), 1);
}

#[test]
fn calls_at_the_same_time_do_not_disturb_each_other() {
    let place = Place::new();
    let alone = finish(place.call(&["list", "--long", "--no-cache"]))
        .expect(0)
        .out;
    let calls: Vec<_> = (0..6)
        .map(|_| {
            let call = place.call(&["list", "--long", "-v"]);
            std::thread::spawn(move || finish(call))
        })
        .collect();
    for call in calls {
        let outcome = call.join().expect("an outcome").expect(0);
        assert_eq!((outcome.out, outcome.err), (alone.clone(), String::new()));
    }
    assert_eq!(place.files().len(), 1);
}

/// Subcommands that read a suite.
const READING: [&str; 9] = [
    "run", "list", "check", "lint", "coverage", "show", "rerun", "cleanup", "prove",
];

#[test]
fn every_command_that_reads_a_suite_can_do_without_a_cache_and_with_more_rows() {
    for name in READING {
        let mut call = program();
        call.args([name, "--help"]);
        let help = finish(call).expect(0).out;
        for option in ["--no-cache", "--cache-dir", "--max-rows", "--verbose"] {
            assert!(help.contains(option), "{name} has no {option}:\n{help}");
        }
    }
}

#[test]
fn every_test_starts_the_program_with_a_cache_of_its_own_or_none() {
    let tests = crate::support::root().join("tests");
    let mut found = Vec::new();
    let mut folders = vec![tests];
    while let Some(folder) = folders.pop() {
        for path in files(&folder) {
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = fs::read_to_string(&path)
                && text.contains(concat!("CARGO_BIN_", "EXE"))
            {
                found.push(path);
            }
        }
    }
    assert_eq!(
        found.len(),
        1,
        "more than `cli::program` starts it: {found:?}"
    );
}
