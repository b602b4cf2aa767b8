//! `probity verify`: whole, damaged, or no record; and who signed it.

use std::fs;

use super::{probity, run_into, temporary};

const ROW: &str = "ciam/skip-update/headers/client-id-missing";

#[test]
fn a_record_is_whole_until_it_is_cut_or_changed() {
    let folder = temporary();
    run_into(folder.path(), &[ROW]).expect(0);
    let path = folder.path().join("run.jsonl");
    let name = path.to_string_lossy().into_owned();
    let told = probity(&["verify", &name]).expect(0);
    assert!(told.out.contains("whole: 2 rows"), "{}", told.out);
    assert!(told.out.contains("not signed"), "{}", told.out);
    // It is not what anybody signed.
    let key = folder.path().join("key");
    fs::write(&key, "a key\n").unwrap();
    let key = key.to_string_lossy().into_owned();
    let told = probity(&["verify", &name, "--key", &key]).expect(4);
    assert!(told.err.contains("not signed"), "{}", told.err);

    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let check = |text: &str, code: i32, word: &str| {
        fs::write(&path, text).unwrap();
        let told = probity(&["verify", &name]).expect(code);
        assert!(told.err.contains(word), "{}", told.err);
        assert_eq!(told.err.lines().count(), 1, "{}", told.err);
    };
    check(&lines[..2].join("\n"), 4, "cut");
    check(&text[..text.len() - 40], 4, "line");
    check(&text.replacen("GET", "PUT", 1), 4, "digest");
    check("", 3, "empty");
    check("{}", 3, "no header");
    check(
        &text.replacen("\"version\":6", "\"version\":99", 1),
        3,
        "99",
    );
    let gone = folder.path().join("none.jsonl");
    let told = probity(&["verify", &gone.to_string_lossy(), &name]).expect(3);
    assert!(told.err.contains("cannot be read"), "{}", told.err);
}

#[test]
fn a_signed_record_is_told_from_one_that_was_changed_afterwards() {
    let folder = temporary();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_string_lossy().into_owned()
    };
    let (key, other) = (file("key", "a key\n"), file("other", "another\n"));
    let reports = folder.path().join("reports");
    run_into(&reports, &[ROW, "--record-key", &key]).expect(0);
    let path = reports.join("run.jsonl");
    let name = path.to_string_lossy().into_owned();
    let told = probity(&["verify", &name, "--key", &key]).expect(0);
    assert!(told.out.contains("signed with this key"), "{}", told.out);
    let told = probity(&["verify", &name]).expect(0);
    assert!(told.out.contains("no --key"), "{}", told.out);
    let told = probity(&["verify", &name, "--key", &other]).expect(4);
    assert!(told.err.contains("another key"), "{}", told.err);

    let empty = file("empty", "\n");
    let told = run_into(&reports, &[ROW, "--record-key", &empty]).expect(3);
    assert!(told.err.contains("is empty"), "{}", told.err);
    let told = probity(&["verify", &name, "--key", "/nowhere"]).expect(3);
    assert!(told.err.contains("cannot read the key"), "{}", told.err);
}
