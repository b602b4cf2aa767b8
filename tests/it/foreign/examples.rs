//! The examples against servers that nobody here wrote: read and planned without a mistake. Running
//! them needs the servers and is left to their READMEs.

#[path = "../../../examples/bench/generate.rs"]
mod generate;
#[path = "../../../examples/bench/hurl.rs"]
mod hurl;

use std::fs;

use probity::{judge, result::Matrix, suite};

use self::generate::{Layout, Request};
use crate::support::root;

#[test]
fn every_example_is_a_project_of_its_own_without_a_mistake() {
    let mut seen = 0;
    for entry in fs::read_dir(root().join("examples")).expect("the examples") {
        let folder = entry.expect("a folder").path();
        // The one that writes its projects has a test of its own.
        if !folder.join("specs").is_dir() {
            continue;
        }
        let target = folder.join("tenants/local.yaml");
        let suite = suite::load(&folder, Some(&target));
        let name = folder.display();
        assert!(
            suite.diagnostics.is_empty(),
            "{name}: {:#?}",
            suite.diagnostics
        );
        // Of a server that somebody else wrote there is enough to say; the service that tests itself is small.
        let fewest = if folder.join("start.sh").is_file() {
            15
        } else {
            5
        };
        assert!(suite.plan.cases.len() >= fewest, "{name}");
        assert!(folder.join("README.md").is_file(), "{name}");
        seen += 1;
    }
    assert!(seen > 0);
}

/// The rows of a cell of a planned example.
fn rows(example: &str, operation: &str, matrix: Matrix, item: &str, mode: Option<&str>) -> usize {
    let suite = suite::load(&root().join("examples").join(example), None);
    let coverage = judge::coverage(&suite.contracts, &suite.plan.cases, None);
    let one = coverage
        .operations
        .iter()
        .find(|one| one.operation == operation);
    let cells = one.iter().flat_map(|one| &one.cells);
    cells
        .filter(|cell| (cell.matrix, cell.item.as_str(), cell.mode) == (matrix, item, mode))
        .map(|cell| cell.cases.len())
        .sum()
}

#[test]
fn another_part_of_the_path_is_the_same_operation_and_fields_of_forms_are_members() {
    let missing = rows("kinto", "patchRecord", Matrix::Statuses, "404", None);
    assert_eq!(missing, 1);
    let fields = |item, mode| rows("oidc-provider", "token", Matrix::Members, item, Some(mode));
    assert!(fields("/grant_type", "valid") > 1);
    assert_eq!(fields("/grant_type", "omitted"), 1);
    assert_eq!(fields("/code_verifier", "omitted"), 1);
}

/// A suite to measure with, and how many files Hurl gets for it.
fn generated(rows: usize, layout: Layout, wrong: bool) -> (suite::Suite, usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let request = Request {
        rows,
        layout,
        wrong,
        base_url: "http://127.0.0.1:4100".to_owned(),
    };
    let (project, for_hurl) = (folder.path().join("project"), folder.path().join("hurl"));
    generate::project(&request, &project).expect("a project");
    hurl::files(&request, &for_hurl).expect("files");
    let target = project.join("tenants/local.yaml");
    let files = fs::read_dir(for_hurl).expect("files").count();
    (suite::load(&project, Some(&target)), files)
}

#[test]
fn suites_to_measure_with_have_no_mistake_and_the_rows_that_were_asked_for() {
    for rows in [6, 60, 61, 130] {
        // A last row that is refused, and another one that shows its code.
        let wrong = rows > 6 && rows % 6 != 1;
        for (layout, wrong) in [
            (Layout::ManyFiles, false),
            (Layout::OneFile, false),
            (Layout::OneFile, wrong),
        ] {
            let (suite, files) = generated(rows, layout, wrong);
            let about = format!("{rows} rows, {layout:?}, wrong: {wrong}");
            assert!(
                suite.diagnostics.is_empty(),
                "{about}: {:#?}",
                suite.diagnostics
            );
            assert_eq!((suite.plan.cases.len(), files), (rows, rows), "{about}");
            let accepted = suite.plan.cases.iter();
            let accepted = accepted.filter(|case| case.expected_statuses() == [200]);
            assert_eq!(accepted.count(), rows.div_ceil(6), "{about}");
        }
    }
    let (alone, _) = generated(1, Layout::ManyFiles, false);
    assert!(!alone.is_broken(), "{:#?}", alone.diagnostics);
    assert_eq!(alone.plan.cases.len(), 1);
}
