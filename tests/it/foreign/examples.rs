//! The examples against servers that nobody here wrote: read and planned without a mistake. Running
//! them needs the servers and is left to their READMEs.

use std::fs;

use probity::{judge, result::Matrix, suite};

use crate::support::root;

#[test]
fn every_example_is_a_project_of_its_own_without_a_mistake() {
    let mut seen = 0;
    for entry in fs::read_dir(root().join("examples")).expect("the examples") {
        let folder = entry.expect("a folder").path();
        let target = folder.join("tenants/local.yaml");
        let suite = suite::load(&folder, Some(&target));
        let name = folder.display();
        assert!(
            suite.diagnostics.is_empty(),
            "{name}: {:#?}",
            suite.diagnostics
        );
        assert!(suite.plan.cases.len() >= 15, "{name}");
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
