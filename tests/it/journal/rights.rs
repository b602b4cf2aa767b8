//! What a run keeps on disk is its owner's alone, and stands behind no symbolic link.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
};

use super::{BEFORE, Hotel, JOURNALS, RUN, cleanup, finish, open, project, sent};
use crate::cli::{Outcome, in_shell, program, temporary};

/// A target whose rows lease the hall.
const LEASED: &str = r#"
name: leased
extends: hotel.yaml
providers:
  hall: { pool: { file: halls.yaml, reuse: always } }
  room: { needs: { hall: hall }, yields: { room_id: "${hall.room_id}", name: "${hall.name}" } }
"#;

const LEASES: &str = "tenants/.probity/leases/halls.yaml";

fn mode(path: &Path) -> u32 {
    let about =
        fs::symlink_metadata(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    about.permissions().mode() & 0o777
}

/// A folder's files, each with its mode.
fn modes(folder: &Path) -> Vec<u32> {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.map(|path: PathBuf| mode(&path)).collect()
}

/// A run by somebody who keeps nothing from others.
async fn careless(place: &Path, arguments: &[&str]) -> Outcome {
    let mut call = program();
    call.args(arguments).current_dir(place);
    let command = in_shell("umask 0", &call);
    tokio::task::spawn_blocking(move || finish(command))
        .await
        .expect("its outcome")
}

#[tokio::test(flavor = "multi_thread")]
async fn journals_and_leases_are_their_owners_alone_whatever_the_umask() {
    let hotel = Hotel::new();
    *hotel.stubborn() = Some("500 Internal Server Error");
    let server = open(&hotel).await;
    let place = temporary();
    project(place.path(), &server.url);
    let tenants = place.path().join("tenants");
    fs::write(tenants.join("leased.yaml"), LEASED).expect("it can be written");
    fs::write(tenants.join("halls.yaml"), "- { room_id: 1, name: hall }\n").expect("written");
    // What cannot be removed leaves the journal to be looked at.
    careless(place.path(), &RUN).await.expect(5);
    let leased = ["run", "--no-preflight", "--target", "tenants/leased.yaml"];
    careless(place.path(), &leased).await.expect(0);
    for folder in [
        "tenants/.probity",
        "tenants/.probity/journals",
        JOURNALS,
        "tenants/.probity/leases",
        LEASES,
    ] {
        assert_eq!(mode(&place.path().join(folder)), 0o700, "{folder}");
    }
    for folder in [JOURNALS, LEASES] {
        assert_eq!(modes(&place.path().join(folder)), [0o600], "{folder}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_is_open_to_others_is_shut_before_it_is_read() {
    let hotel = Hotel::new();
    *hotel.stubborn() = Some("500 Internal Server Error");
    let server = open(&hotel).await;
    let place = temporary();
    project(place.path(), &server.url);
    sent(place.path(), &RUN).await.expect(5);
    let folder = place.path().join(JOURNALS);
    let journal = fs::read_dir(&folder).expect("a folder").next();
    let journal = journal.expect("a journal").expect("an entry").path();
    for (path, open) in [(&folder, 0o777), (&journal, 0o666)] {
        fs::set_permissions(path, fs::Permissions::from_mode(open)).expect("opened");
    }
    cleanup(place.path(), &["--dry-run"]).await.expect(0);
    assert_eq!((mode(&folder), mode(&journal)), (0o700, 0o600));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_link_leads_a_run_or_a_sweep_elsewhere() {
    let hotel = Hotel::new();
    let server = open(&hotel).await;
    let place = temporary();
    project(place.path(), &server.url);
    let (state, elsewhere) = (
        place.path().join("tenants/.probity"),
        place.path().join("elsewhere"),
    );
    fs::create_dir(&elsewhere).expect("a folder");
    symlink(&elsewhere, &state).expect("a link");
    let run = sent(place.path(), &RUN).await.expect(2);
    let words: Vec<&str> = run.out.split_whitespace().collect();
    let told = words.join(" ");
    assert!(told.contains("is a link and no folder"), "{told}");
    assert_eq!((hotel.count(), hotel.names()), (0, super::before()));
    assert_eq!(fs::read_dir(&elsewhere).expect("a folder").count(), 0);

    // A journal that is a link to somebody's file is no journal.
    fs::remove_file(&state).expect("removed");
    let folder = place.path().join(JOURNALS);
    fs::create_dir_all(&folder).expect("a folder");
    let theirs = elsewhere.join("theirs");
    fs::write(&theirs, "theirs").expect("written");
    let link = folder.join("0198c0de-0000-7000-8000-000000000001.jsonl");
    symlink(&theirs, link).expect("a link");
    let told = cleanup(place.path(), &[]).await.expect(2);
    assert!(told.err.contains("is no file but a link"), "{}", told.err);
    assert_eq!(fs::read_to_string(&theirs).expect("it stays"), "theirs");
    assert_eq!(hotel.names(), BEFORE);
}
