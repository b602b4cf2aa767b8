//! Where a target is, said outside of its file: by the environment, or on the command line.

use std::fs;

use probity::{
    suite::{self, Suite},
    target::Settings,
};
use tempfile::TempDir;

use super::openapi::project;

const DOCUMENT: &str = "openapi: 3.0.3\ninfo: { title: t, version: '1' }\npaths:\n  /thing: { get: { operationId: read, responses: { '200': { description: d } } } }\n";

/// A project of two editions with this target file.
fn written(target: &str) -> TempDir {
    let files = [("openapi.yaml", DOCUMENT.to_owned())];
    let (folder, _) = project("http://127.0.0.1:1", &files, "read", "{ status: 200 }");
    fs::create_dir_all(folder.path().join("specs/y")).expect("a folder");
    fs::write(folder.path().join("specs/y/openapi.yaml"), DOCUMENT).expect("a file");
    fs::write(folder.path().join("tenants/tenant.yaml"), target).expect("a file");
    folder
}

fn loaded(folder: &TempDir, base_urls: &[&str]) -> Suite {
    let settings = Settings {
        base_urls: base_urls.iter().map(|text| (*text).to_owned()).collect(),
        ..Settings::default()
    };
    let target = folder.path().join("tenants/tenant.yaml");
    suite::load_with(folder.path(), Some(&target), &settings)
}

/// The base URL of the first edition.
fn address(suite: &Suite) -> &str {
    let target = suite.target.as_ref().expect("a target");
    let settings = target.editions.values().next().expect("an edition");
    &settings.base_url
}

#[test]
fn an_address_is_that_of_the_command_line_then_of_the_environment_then_of_the_file() {
    let from_environment =
        "name: t\neditions: { x: { base_url: { env: URL_OF_X, default: 'http://default' } } }\n";
    let folder = written(from_environment);
    assert_eq!(address(&loaded(&folder, &[])), "http://default");
    let beside = folder.path().join("tenants/.env");
    fs::write(beside, "URL_OF_X=https://of.the.environment/\n").expect("a file");
    assert_eq!(address(&loaded(&folder, &[])), "https://of.the.environment");
    assert_eq!(
        address(&loaded(&folder, &["x=http://said/v1/"])),
        "http://said/v1"
    );
    // A file need not say what the command line says.
    let silent = written("name: t\neditions: { x: { variables: { a: 1 } } }\n");
    let suite = loaded(&silent, &["x=http://said"]);
    assert_eq!(address(&suite), "http://said");
    assert!(!suite.is_broken(), "{:#?}", suite.diagnostics);
}

#[test]
fn an_address_that_is_none_is_a_mistake_of_its_author() {
    let plain = "name: t\neditions: { x: { base_url: 'http://plain' } }\n";
    for (target, said, code, message) in [
        (
            plain,
            "http://one",
            "bad-variable",
            "`--base-url` does not say of which edition it is",
        ),
        (
            plain,
            "z=http://one",
            "unknown-edition",
            "`--base-url` is for the edition `z`, which is not there",
        ),
        (
            plain,
            "x=ftp://one",
            "bad-url",
            "`ftp://one` is not an http or https URL",
        ),
        (
            "name: t\neditions: { x: { base_url: { env: NOBODY_SETS_THIS } } }\n",
            "y=http://y",
            "bad-variable",
            "the environment variable `NOBODY_SETS_THIS` is not set, and `base_url` has no default",
        ),
    ] {
        let suite = loaded(&written(target), &[said]);
        let found: Vec<(&str, &str)> = suite
            .diagnostics
            .iter()
            .filter(|one| !one.warning)
            .map(|one| (one.code, one.message.as_str()))
            .collect();
        assert!(found.contains(&(code, message)), "{said}: {found:?}");
        let mut helps = suite
            .diagnostics
            .iter()
            .filter_map(|one| one.help.as_deref());
        assert!(
            !message.contains("environment")
                || helps.any(|help| help.ends_with("or say --base-url …"))
        );
    }
}
