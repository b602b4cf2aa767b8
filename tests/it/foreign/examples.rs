//! The examples against servers that nobody here wrote: read and planned without a mistake. Running
//! them needs the servers and is left to their READMEs.

use std::fs;

use probity::suite;

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
