//! Journals that somebody else wrote, or that were cut: nothing is undone by what the run did not write.

use std::{fs, path::PathBuf, sync::Arc};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    BEFORE, Hotel, JOURNALS, MOMENT, cleanup, hotel::Lists, journals, killed, lying, open, project,
    show,
};
use crate::{cli::Outcome, loopback::Server};

/// What a killed run left.
struct Left {
    hotel: Arc<Hotel>,
    server: Server,
    place: TempDir,
    journal: PathBuf,
    text: String,
}

impl Left {
    async fn new() -> Self {
        let (hotel, server, place) = lying(Lists::Honestly).await;
        killed(&hotel, place.path(), MOMENT).await;
        let mut files = fs::read_dir(place.path().join(JOURNALS)).expect("journals");
        let journal = files.next().expect("a journal").expect("a file").path();
        let text = fs::read_to_string(&journal).expect("its text");
        Self {
            hotel,
            server,
            place,
            journal,
            text,
        }
    }

    /// The number that the next line has.
    fn next(&self) -> usize {
        self.text.lines().count() + 1
    }

    /// The last line that made something, changed.
    fn forged(&self, change: impl FnOnce(&mut Value)) -> String {
        let mut lines = self.text.lines().rev();
        let line = lines
            .find(|line| line.contains("\"made\""))
            .expect("a line");
        let mut line: Value = serde_json::from_str(line).expect("JSON");
        change(&mut line);
        line.to_string()
    }

    async fn cleanup(&self) -> Outcome {
        cleanup(self.place.path(), &[]).await
    }
}

type Change = Box<dyn FnOnce(&mut Value)>;

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_the_run_cannot_have_written_removes_nothing() {
    let names = |names: Value| {
        move |line: &mut Value| {
            line["number"] = json!(99);
            line["names"] = names;
        }
    };
    let changes: Vec<(&str, Change)> = vec![
        (
            "has a `name` that `creates` did not give",
            Box::new(names(json!({ "name": "hall" }))),
        ),
        // Of the right form, and nothing that this run has chosen.
        (
            "has a `name` that `creates` did not give",
            Box::new(names(json!({ "name": "probity-abcdefghij" }))),
        ),
        (
            "has a `name` that `creates` did not give",
            Box::new(names(json!({ "name": 1 }))),
        ),
        ("does not say `name`", Box::new(names(json!({})))),
        (
            "has a `name` that `creates` did not give",
            Box::new(|line: &mut Value| line["number"] = json!(99)),
        ),
        (
            "has the number",
            Box::new(|line: &mut Value| line["names"] = json!({ "name": "hall" })),
        ),
        (
            "is of the provider attic, which the target does not have",
            Box::new(|line: &mut Value| {
                line["number"] = json!(99);
                line["provider"] = json!("attic");
            }),
        ),
        (
            "is of the edition motel, which the target does not serve",
            Box::new(|line: &mut Value| {
                line["number"] = json!(99);
                line["edition"] = json!("motel");
            }),
        ),
        (
            "is no line",
            Box::new(|line: &mut Value| line["also"] = json!(true)),
        ),
    ];
    for (why, change) in changes {
        let left = Left::new().await;
        let line = left.forged(change);
        fs::write(&left.journal, format!("{}{line}\n", left.text)).expect("it can be written");
        let before = left.hotel.names();
        let told = left.cleanup().await.expect(2);
        let expected = format!("line {} {why}", left.next());
        assert!(told.err.contains(&expected), "{expected}: {}", told.err);
        show(&line, &before, &left.hotel.names());
        // What the run itself wrote is gone by, and the file stays for a person to look at.
        assert_eq!(left.hotel.names(), BEFORE, "{why}");
        assert_eq!(journals(left.place.path()), 1, "{why}");
        let again = left.cleanup().await.expect(2);
        assert!(again.err.contains(&expected), "{}", again.err);
        assert_eq!(left.hotel.names(), BEFORE, "{why}");
        let dry = cleanup(left.place.path(), &["--dry-run"]).await.expect(2);
        assert!(dry.err.contains(&expected), "{}", dry.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_cannot_say_what_the_cleanup_goes_by() {
    for (name, value) in [
        ("created", json!({ "name": "hall" })),
        ("created", json!("hall")),
        ("target", json!("x")),
        ("room_id", json!(1)),
    ] {
        let left = Left::new().await;
        let line = left.forged(|line| {
            *line = json!({ "line": "learned", "number": line["number"], "known": { name: value } });
        });
        fs::write(&left.journal, format!("{}{line}\n", left.text)).expect("it can be written");
        let told = left.cleanup().await.expect(2);
        let expected = format!("line {} knows a `{name}`", left.next());
        assert!(told.err.contains(&expected), "{expected}: {}", told.err);
        assert_eq!(left.hotel.names(), BEFORE);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_was_cut_removes_what_its_whole_lines_name() {
    let left = Left::new().await;
    let whole = left.text.trim_end();
    let last = whole.rsplit_once('\n').expect("lines").1;
    for cut in [1, last.len() / 2, last.len() - 1] {
        let left = Left::new().await;
        let text = left.text.trim_end();
        fs::write(&left.journal, &text[..text.len() - cut]).expect("it can be written");
        let told = left.cleanup().await.expect(2);
        let expected = format!("line {} was cut off", left.next() - 1);
        assert!(told.err.contains(&expected), "{expected}: {}", told.err);
        assert_eq!(left.hotel.others(), BEFORE);
        // The rest of such a journal is done with.
        let again = left.cleanup().await.expect(0);
        assert!(
            again.out.contains("nothing was left behind"),
            "{}",
            again.out
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_of_another_run_target_or_form_removes_nothing() {
    let other_run = "0198c0de-0000-7000-8000-000000000001";
    for (from, to, name, why) in [
        (
            "\"version\":2",
            "\"version\":1",
            None,
            "line 1 has the form 1",
        ),
        ("", "", Some(other_run), "line 1 is of the run"),
        ("", "", Some("hall"), "the file is not called after a run"),
        (
            "\"target\":\"hotel\"",
            "\"target\":\"motel\"",
            None,
            "line 1 is of the target motel, and this is hotel",
        ),
        (
            "\"line\":\"run\"",
            "\"line\":\"walk\"",
            None,
            "line 1 is not that of a journal",
        ),
    ] {
        let left = Left::new().await;
        let text = left.text.replacen(from, to, 1);
        fs::remove_file(&left.journal).expect("removed");
        let journal = match name {
            Some(name) => left.journal.with_file_name(format!("{name}.jsonl")),
            None => left.journal.clone(),
        };
        fs::write(&journal, &text).expect("it can be written");
        let before = left.hotel.names();
        let told = left.cleanup().await.expect(2);
        assert!(told.err.contains(why), "{why}: {}", told.err);
        assert!(
            told.err.contains("nothing is removed by it"),
            "{}",
            told.err
        );
        assert_eq!(left.hotel.names(), before, "{why}");
        assert_eq!(fs::read_to_string(&journal).expect("it stays"), text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_made_at_another_address_is_not_looked_for_at_this_one() {
    let left = Left::new().await;
    let elsewhere = Hotel::new();
    let other = open(&elsewhere).await;
    project(left.place.path(), &other.url);
    let told = left.cleanup().await.expect(2);
    let expected = format!("line 2 was made at {}", left.server.url);
    assert!(told.err.contains(&expected), "{}", told.err);
    assert_eq!((elsewhere.count(), elsewhere.names()), (0, super::before()));
    project(left.place.path(), &left.server.url);
    left.cleanup().await.expect(0);
    assert_eq!(left.hotel.names(), BEFORE);
}
