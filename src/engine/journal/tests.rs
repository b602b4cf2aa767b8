//! What is written before a request leaves, and which lines a sweep believes.

use serde_json::json;

use super::{error::LineError, read::all, verify::Verify, *};

const RUN: &str = "0198c0de-0000-7000-8000-000000000001";

/// Goes by whatever is well formed, but for what is called after somebody.
struct Anything;

impl Verify for Anything {
    fn header(&self, run: &str) -> Header {
        header(run)
    }

    fn entry(&self, _: &Header, entry: &Entry) -> Result<(), LineError> {
        if entry.names["user_name"] == "admin" {
            return Err(LineError::Unlearnable("admin".to_owned()));
        }
        Ok(())
    }
}

fn header(run: &str) -> Header {
    Header {
        version: VERSION,
        run: run.to_owned(),
        target: "t".to_owned(),
        served: [("ciam".to_owned(), "http://a".to_owned())].into(),
    }
}

fn make(journal: &Journal, edition: &str, name: &str) -> u64 {
    let number = journal.reserve();
    let entry = Entry {
        number,
        edition: edition.to_owned(),
        provider: "user".into(),
        names: [("user_name".to_owned(), json!(name))]
            .into_iter()
            .collect(),
        known: Map::new(),
    };
    journal.begin(entry).unwrap();
    number
}

fn begun(place: &tempfile::TempDir) -> Journal {
    Journal::new(place.path(), header(RUN))
}

fn found(place: &tempfile::TempDir) -> Journals {
    all(place.path(), &Anything).unwrap()
}

fn file(place: &tempfile::TempDir) -> PathBuf {
    place.path().join(format!("{RUN}.jsonl"))
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn an_entry_is_on_the_disk_before_it_is_acted_on_and_gone_when_undone() {
    let place = folder();
    let journal = begun(&place);
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    let one = make(&journal, "ciam", "a");
    let two = make(&journal, "ciam", "b");
    let text = fs::read_to_string(file(&place)).unwrap();
    assert!(text.contains("\"user_name\":\"a\"") && text.contains("\"user_name\":\"b\""));
    let open: Vec<u64> = journal.open().iter().map(|entry| entry.number).collect();
    assert_eq!(open, [two, one]);
    journal.undone(one);
    journal.end();
    assert!(file(&place).exists());
    journal.undone(two);
    journal.end();
    assert!(!file(&place).exists());
}

#[test]
fn a_journal_of_a_run_that_is_alive_is_left_alone() {
    let place = folder();
    let journal = begun(&place);
    make(&journal, "ciam", "a");
    let seen = found(&place);
    assert_eq!((seen.left.len(), seen.alive), (0, vec![RUN.to_owned()]));
    drop(journal);
    let seen = found(&place);
    assert_eq!((seen.left.len(), seen.alive.len()), (1, 0));
}

#[test]
fn a_sweep_knows_what_the_dead_run_knew() {
    let place = folder();
    let journal = begun(&place);
    let one = make(&journal, "ciam", "a");
    let two = make(&journal, "eiam", "b");
    let known = [("user_id".to_owned(), json!("7"))].into_iter().collect();
    journal.update(two, known);
    journal.undone(one);
    drop(journal);
    let Left(dead) = found(&place).left.remove(0);
    let open = dead.open();
    assert_eq!(open.len(), 1);
    assert_eq!(
        (open[0].edition.as_str(), &open[0].known["user_id"]),
        ("eiam", &json!("7"))
    );
    dead.undone(two);
    dead.end();
    assert!(found(&place).left.is_empty());
}

#[test]
fn a_line_that_was_cut_off_is_told_and_gone_with_the_next_that_is_written() {
    let place = folder();
    let journal = begun(&place);
    make(&journal, "ciam", "a");
    drop(journal);
    let whole = fs::read_to_string(file(&place)).unwrap();
    fs::write(file(&place), format!("{whole}{{\"line\":\"made\",\"numb")).unwrap();
    for _ in 0..2 {
        let seen = found(&place);
        assert_eq!(seen.left[0].0.open().len(), 1);
        assert!(seen.refused[0].contains("line 3 was cut off"), "{seen:?}");
    }
    let seen = found(&place);
    seen.left[0].0.undone(1);
    let text = fs::read_to_string(file(&place)).unwrap();
    assert_eq!(
        text,
        format!("{whole}{{\"line\":\"undone\",\"number\":1}}\n")
    );
    drop(seen);
    let seen = found(&place);
    assert!(seen.refused.is_empty() && seen.left[0].0.open().is_empty());
    seen.left[0].0.end();
    assert!(!file(&place).exists());
}

#[test]
fn a_run_that_died_before_its_first_line_was_whole_left_nothing() {
    let first = text(&Line::Run(header(RUN))).unwrap();
    for (cut, refused) in [(0, 0), (9, 1), (first.len() - 1, 1), (first.len(), 0)] {
        let place = folder();
        fs::write(file(&place), &first[..cut]).unwrap();
        let seen = found(&place);
        assert_eq!((seen.left.len(), seen.refused.len()), (1, refused), "{cut}");
        seen.left[0].0.end();
        assert!(!file(&place).exists());
    }
}

/// A journal of these lines after the first; what is open in it, and what is reported.
fn lines(lines: &[&str]) -> (usize, Vec<String>) {
    let place = folder();
    let mut all = text(&Line::Run(header(RUN))).unwrap();
    for line in lines {
        all.push_str(line);
        all.push('\n');
    }
    fs::write(file(&place), &all).unwrap();
    let seen = found(&place);
    let Left(journal) = &seen.left[0];
    for entry in journal.open() {
        journal.undone(entry.number);
    }
    let open = journal.open().len();
    journal.end();
    assert_eq!(open, 0);
    // What cannot be gone by stays for a person to look at.
    assert_eq!(file(&place).exists(), !seen.refused.is_empty());
    let refused = seen.refused.iter();
    let messages = refused.map(|message| message.split(": ").nth(1).unwrap().to_owned());
    (all.matches("\"made\"").count(), messages.collect())
}

#[test]
fn a_line_that_no_run_wrote_is_told_with_its_number_and_kept() {
    let good = r#"{"line":"made","number":1,"edition":"ciam","provider":"user","names":{"user_name":"a"}}"#;
    let again = good.replace("\"a\"", "\"b\"");
    let forged = good.replace("\"a\"", "\"admin\"").replace(":1,", ":2,");
    let strange = good.replace("\"names\"", "\"also\":1,\"names\"");
    let another = text(&Line::Run(header(RUN))).unwrap();
    for (line, why) in [
        (again.as_str(), "line 3 has the number 1 of another line"),
        (&forged, "line 3 knows a `admin`"),
        (&strange, "line 3 is no line"),
        (another.trim(), "line 3 begins another journal"),
        ("{\"line\":\"made\"", "line 3 is no line"),
        ("", "line 3 is no line"),
        ("[]", "line 3 is no line"),
        (r#"{"line":"undone","number":9}"#, "line 3 is about 9"),
        (
            r#"{"line":"learned","number":9,"known":{}}"#,
            "line 3 is about 9",
        ),
        (
            r#"{"line":"undone","number":1,"all":true}"#,
            "line 3 is no line",
        ),
    ] {
        let (_, refused) = lines(&[good, line]);
        assert_eq!(refused.len(), 1, "{line}: {refused:?}");
        assert!(refused[0].starts_with(why), "{line}: {refused:?}");
    }
    assert_eq!(lines(&[good]), (1, Vec::new()));
}

#[test]
fn what_is_no_journal_of_this_target_is_told_and_stays() {
    let other = |change: fn(&mut Header)| {
        let mut other = header(RUN);
        change(&mut other);
        text(&Line::Run(other)).unwrap()
    };
    let made = r#"{"line":"made","number":1,"edition":"ciam","provider":"user","names":{}}"#;
    for (name, text, why) in [
        (RUN, "{}\n".to_owned(), "line 1 is not that of a journal"),
        (RUN, "hello".to_owned(), "line 1 is not that of a journal"),
        (RUN, "\n".to_owned(), "line 1 is not that of a journal"),
        (RUN, format!("{made}\n"), "line 1 is not that of a journal"),
        (RUN, other(|one| one.version = 9), "line 1 has the form 9"),
        (
            RUN,
            other(|one| one.run = "b".into()),
            "line 1 is of the run b",
        ),
        (
            RUN,
            other(|one| one.target = "x".into()),
            "line 1 is of the target x",
        ),
        (
            "admin",
            text(&Line::Run(header("admin"))).unwrap(),
            "the file is not called after a run",
        ),
    ] {
        let place = folder();
        let path = place.path().join(format!("{name}.jsonl"));
        fs::write(&path, text).unwrap();
        let seen = found(&place);
        assert_eq!((seen.left.len(), seen.refused.len()), (0, 1), "{why}");
        assert!(seen.refused[0].contains(why), "{:?}", seen.refused);
        assert!(path.exists());
    }
    let nowhere = folder().path().join("nowhere");
    assert!(all(&nowhere, &Anything).unwrap().left.is_empty());
}

#[test]
fn a_line_that_the_disk_did_not_take_is_not_before_the_next_one() {
    let place = folder();
    let journal = begun(&place);
    make(&journal, "ciam", "a");
    {
        // As after a write that failed halfway.
        let mut written = journal.written();
        let file = written.file.as_mut().unwrap();
        file.write_all(b"{\"line\":\"ma").unwrap();
        written.torn = true;
    }
    make(&journal, "ciam", "b");
    drop(journal);
    let seen = found(&place);
    assert!(seen.refused.is_empty(), "{:?}", seen.refused);
    assert_eq!(seen.left[0].0.open().len(), 2);
}
