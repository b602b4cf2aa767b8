//! Too much of everything: each is a mistake with its numbers, told before anything is made of it.

use std::{fmt::Write as _, fs};

use probity::{
    diag::Diagnostic,
    suite::{self, Options, Suite},
};

use super::{load, project, put};
use crate::cli::{finish, program, temporary};

const CASES: &str = "cases/ciam/skip-update/wrong.yaml";

const HEAD: &str = "edition: ciam\noperation: skipPasswordUpdate\nrequest: { headers: { X-client-id: c1, X-state-token: t1 } }\ncontrol: { covers: CIAM-SKIP-R01, expect: { status: 200 } }\ncases:\n";

/// A case with this matrix.
fn case(id: &str, matrix: &str) -> String {
    format!(
        "  - {{ id: {id}, covers: CIAM-SKIP-R01, matrix: {matrix}, expect: {{ status: 200 }} }}\n"
    )
}

fn axis(name: &str, length: usize) -> String {
    let values: Vec<String> = (0..length).map(|value| value.to_string()).collect();
    format!("{name}: [{}]", values.join(", "))
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
fn a_million_rows_of_one_matrix_are_counted_and_not_made() {
    let matrix = format!("{{ {}, {} }}", axis("a", 1_000), axis("b", 1_000));
    let mistake = mistake(&case("row", &matrix));
    assert_eq!(mistake.code, "too-many-rows");
    says(
        &mistake,
        // The rows of this file, its control, and that of the file beside it.
        &[
            "1000002 rows",
            "at most 100000",
            "1000000 of them",
            CASES,
            "`--max-rows 1000002`",
        ],
    );
    assert_eq!(mistake.span.expect("a place").position().0, 6);
}

#[test]
fn more_rows_than_a_number_holds_are_a_mistake_too() {
    let axes: Vec<String> = (0..70)
        .map(|number| axis(&format!("a{number}"), 10))
        .collect();
    let mistake = mistake(&case("row", &format!("{{ {} }}", axes.join(", "))));
    says(
        &mistake,
        &[
            "more than 18446744073709551614 rows",
            "no memory holds so many",
        ],
    );
}

#[test]
fn rows_of_several_matrices_count_together() {
    let matrix = format!("{{ {}, {} }}", axis("a", 300), axis("b", 300));
    let mut cases = String::new();
    for id in ["one", "two", "three"] {
        cases.push_str(&case(id, &matrix));
    }
    says(&mistake(&cases), &["270002 rows", "90000 of them"]);
}

#[test]
fn few_rows_that_hold_too_much_are_a_mistake() {
    let mut text = format!("{HEAD}  - id: row\n    covers: CIAM-SKIP-R01\n");
    let _ = writeln!(text, "    matrix: {{ {} }}", axis("a", 10_000));
    let _ = writeln!(
        text,
        "    expect: {{ status: 200 }}\n    body: {{ {} }}",
        axis("list", 30_000)
    );
    let place = project();
    put(place.path(), CASES, text.as_bytes());
    let found = load(place.path());
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].code, "too-many-rows");
    says(
        &found[0],
        &["the 10002 rows", "at most 10000000", "`--max-rows 30"],
    );
}

#[test]
fn the_bound_is_what_the_caller_says() {
    let place = project();
    let cases = case("row", "{ a: [1, 2, 3] }");
    put(place.path(), CASES, format!("{HEAD}{cases}").as_bytes());
    let with = |max_cases: usize| -> Suite {
        let options = Options {
            max_cases,
            ..Options::default()
        };
        suite::load_as(place.path(), None, &options)
    };
    assert_eq!(with(5).plan.cases.len(), 5);
    let suite = with(4);
    assert!(suite.is_broken() && suite.plan.cases.is_empty());
    says(&suite.diagnostics[0], &["5 rows", "at most 4"]);
}

#[test]
fn every_command_refuses_a_suite_that_is_too_large_with_the_option_that_lets_it_in() {
    let place = project();
    let matrix = format!("{{ {}, {} }}", axis("a", 1_000), axis("b", 1_000));
    put(
        place.path(),
        CASES,
        format!("{HEAD}{}", case("row", &matrix)).as_bytes(),
    );
    for arguments in [
        &[
            "run",
            "--target",
            "tenants/tenant.yaml",
            "--output-dir",
            "out",
        ][..],
        &["list"],
        &["lint", "--target", "tenants/tenant.yaml"],
        &["coverage"],
    ] {
        let mut call = program();
        call.current_dir(place.path()).args(arguments);
        let outcome = finish(call).expect(3);
        for word in ["1000002 rows", "`--max-rows 1000002`", CASES] {
            assert!(outcome.err.contains(word), "{arguments:?}: {}", outcome.err);
        }
    }
    let report = fs::read_to_string(place.path().join("out/junit.xml")).expect("a report");
    assert!(report.contains("1000002 rows"), "{report}");
    let mut call = program();
    call.current_dir(place.path())
        .args(["list", "--max-rows", "1"]);
    assert!(finish(call).expect(3).err.contains("at most 1 are read"));
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
