//! Too much of everything: each is a mistake with its numbers, told before anything is made of it.

use std::fs;

use probity::{diag::Diagnostic, suite};

use super::{load, project, put};
use crate::cli::temporary;

const CASES: &str = "cases/ciam/skip-update/wrong.yaml";

const HEAD: &str = "edition: ciam\noperation: skipPasswordUpdate\nrequest: { headers: { X-client-id: c1, X-state-token: t1 } }\ncontrol: { covers: CIAM-SKIP-R01, expect: { status: 200 } }\ncases:\n";

/// A case with this matrix.
fn case(id: &str, matrix: &str) -> String {
    format!(
        "  - {{ id: {id}, covers: CIAM-SKIP-R01, matrix: {matrix}, expect: {{ status: 200 }} }}\n"
    )
}

/// The only mistake of the project with these cases.
#[track_caller]
fn mistake(cases: &str) -> Diagnostic {
    let place = project();
    put(place.path(), CASES, format!("{HEAD}{cases}").as_bytes());
    let mut found = load(place.path());
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

#[track_caller]
fn says(mistake: &Diagnostic, words: &[&str]) {
    let text = mistake.render(false);
    for word in words {
        assert!(text.contains(word), "{word} is not in\n{text}");
    }
}

#[test]
fn a_file_too_long_to_read_is_refused_unread() {
    let place = project();
    let long = vec![b'#'; 50 * 1024 * 1024];
    put(place.path(), CASES, &long);
    let found = load(place.path());
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].code, "unreadable-file");
    says(
        &found[0],
        &[
            CASES,
            "52428800 bytes",
            "at most 4194304",
            "split it into several files",
        ],
    );
}

#[test]
fn a_file_of_too_many_values_is_to_be_split() {
    let mut cases = String::new();
    for number in 0..5_000 {
        cases.push_str(&case(&format!("r{number}"), "[{ v: 1 }]"));
    }
    let mistake = mistake(&cases);
    assert_eq!(mistake.code, "yaml-limits");
    says(
        &mistake,
        &[
            "more than 60000 values",
            "split it into several files",
            CASES,
        ],
    );
}

#[test]
fn ten_thousand_files_are_read() {
    let place = temporary();
    super::copy(&super::folder().join("project"), place.path());
    for number in 0..10_000 {
        put(
            place.path(),
            &format!("cases/ciam/many/{number}.yaml"),
            HEAD.trim_end_matches("cases:\n").as_bytes(),
        );
    }
    let suite = suite::load(place.path(), None);
    assert_eq!(suite.diagnostics, []);
    assert_eq!(suite.plan.cases.len(), 10_001);
}

/// To read any of these would never end.
#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_read() {
    let place = project();
    let folder = place.path().join("cases/ciam/skip-update");
    std::os::unix::fs::symlink("/dev/zero", folder.join("device.yaml")).expect("a link");
    rustix::fs::mkfifoat(
        rustix::fs::CWD,
        folder.join("pipe.yaml"),
        rustix::fs::Mode::RWXU,
    )
    .expect("a pipe");
    fs::create_dir(folder.join("folder.yaml")).expect("a folder");
    let found = load(place.path());
    assert_eq!(found.len(), 3, "{found:#?}");
    for (mistake, name) in found.iter().zip(["device", "folder", "pipe"]) {
        assert_eq!(mistake.code, "unreadable-file");
        says(mistake, &[name, "it is no file"]);
    }
}
