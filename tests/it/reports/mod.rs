//! One constructed run becomes exactly the files beside this one, and they agree with it.

mod html;
mod junit;
mod matrices;
mod proof;
mod record;
pub(crate) mod run;
mod summary;

use std::{env, fs, path::PathBuf};

use probity::report::formats;

/// Compares with the golden file in this folder, or rewrites it when `PROBITY_UPDATE` is `1`.
#[track_caller]
pub(crate) fn golden(name: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/reports")
        .join(name);
    if env::var("PROBITY_UPDATE").is_ok_and(|value| value == "1") {
        fs::write(&path, text).expect("the golden file can be written");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    for (index, (expected, actual)) in expected.lines().zip(text.lines()).enumerate() {
        let line = index + 1;
        assert_eq!(
            actual, expected,
            "{name}:{line}; PROBITY_UPDATE=1 rewrites it"
        );
    }
    assert_eq!(text, expected, "{name}; PROBITY_UPDATE=1 rewrites it");
}

#[test]
fn a_run_becomes_exactly_the_golden_files() {
    let version = format!("\"probity\":\"{}\"", env!("CARGO_PKG_VERSION"));
    let own_version = concat!("probity ", env!("CARGO_PKG_VERSION"));
    for format in formats() {
        let text = format.render(&run::mixed());
        let text = text.replace(&version, "\"probity\":\"[VERSION]\"");
        let tools = [(":", ""), (": ", " ")];
        let text = tools.iter().fold(text, |text, (colon, blank)| {
            let version = format!("\"version\"{colon}\"{}\"", env!("CARGO_PKG_VERSION"));
            text.replace(&version, &format!("\"version\":{blank}\"[VERSION]\""))
        });
        // The digest is also of the version.
        let text = match text.split_once(",\"sha256\"") {
            Some((sealed, _)) => format!("{sealed},\"sha256\":\"[DIGEST]\"}}\n"),
            None => text,
        };
        golden(format.file, &text.replace(own_version, "probity [VERSION]"));
    }
}

#[test]
fn rendering_twice_gives_the_same_bytes() {
    for format in formats() {
        assert_eq!(format.render(&run::mixed()), format.render(&run::mixed()));
    }
}
