//! What a run makes it takes away again, even when it is killed; and it takes nothing else.

mod forged;
mod hotel;
mod lies;
#[cfg(unix)]
mod rights;

use std::{fs, path::Path, sync::Arc};

use crate::{
    cli::{Outcome, finish, program, temporary},
    loopback::{self, Server},
};

use tempfile::TempDir;

use hotel::{BEFORE, Hotel, Lists};

const ROWS: usize = 6;

/// A project about rooms, with this address as its target.
fn project(place: &Path, url: &str) {
    let files = [
        (
            "specs/hotel/openapi.yaml",
            r"
openapi: 3.1.0
info: { title: Rooms, version: 1.0.0 }
paths:
  /room:
    get:
      operationId: showRoom
      responses:
        '200':
          description: A room.
          content:
            application/json:
              schema: { type: object, required: [name], properties: { name: { type: string } } }
"
            .to_owned(),
        ),
        ("specs/hotel/errors.yaml", "edition: hotel\npattern: '^[A-Z_]+$'\ncode_at: /error_code\nmessage_at: /error_msg\ncodes: []\n".to_owned()),
        (
            "specs/hotel/requirements.yaml",
            r"
edition: hotel
requirements:
  - { id: HOTEL-R01, operation: showRoom, oracle: D, level: must, kind: response, page: Rooms, row: Name, text: A room has its name., about: { response: 200, at: /name } }
"
            .to_owned(),
        ),
        (
            "cases/hotel/rooms/names.yaml",
            format!(
                r#"
edition: hotel
operation: showRoom
needs: {{ room: room }}
request: {{ query: {{ id: "${{room.room_id}}" }} }}
control: {{ covers: HOTEL-R01, expect: {{ status: 200 }} }}
cases:
  - id: named
    matrix: {{ number: [{}] }}
    covers: HOTEL-R01
    set: {{ headers: {{ X-Guest: "${{matrix.number}}" }} }}
    expect: {{ status: 200, body: {{ name: "${{room.name}}" }} }}
"#,
                (1..ROWS).map(|n| n.to_string()).collect::<Vec<_>>().join(", ")
            ),
        ),
        (
            "tenants/hotel.yaml",
            format!(
                r#"
name: hotel
limits: {{ jobs: 3 }}
editions:
  hotel: {{ base_url: "{url}" }}
providers:
  # One for the whole run, besides one for each row.
  lobby:
    scope: run
    creates: {{ name: "probity-${{unique()}}" }}
    steps:
      - name: make-lobby
        request: POST /rooms
        body: {{ name: "${{created.name}}" }}
        capture: {{ room_id: /id }}
    cleanup: &cleanup
      - name: find-room
        request: GET /rooms
        query: {{ name: "${{created.name}}" }}
        finds: {{ shows: {{ name: /name }}, gives: {{ room_id: /id }} }}
      - name: remove-room
        request: DELETE /rooms/${{room_id}}
  room:
    needs: {{ lobby: lobby }}
    creates: {{ name: "probity-${{unique()}}" }}
    steps:
      - name: make-room
        request: POST /rooms
        body: {{ name: "${{created.name}}" }}
        capture: {{ room_id: /id }}
    yields: {{ room_id: "${{room_id}}", name: "${{created.name}}" }}
    cleanup: *cleanup
"#
            ),
        ),
    ];
    for (path, text) in files {
        let path = place.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it can be written");
        fs::write(path, text).expect("it can be written");
    }
}

fn call(place: &Path, arguments: &[&str]) -> std::process::Command {
    let mut command = program();
    command.current_dir(place).args(arguments);
    command
}

async fn cleanup(place: &Path, arguments: &[&str]) -> Outcome {
    sent(
        place,
        &[&["cleanup", "--target", "tenants/hotel.yaml"], arguments].concat(),
    )
    .await
}

const RUN: [&str; 4] = ["run", "--no-preflight", "--target", "tenants/hotel.yaml"];

/// Calls the program off the server's threads, which have to answer meanwhile.
async fn sent(place: &Path, arguments: &[&str]) -> Outcome {
    let command = call(place, arguments);
    tokio::task::spawn_blocking(move || finish(command))
        .await
        .expect("its outcome")
}

async fn open(hotel: &Arc<Hotel>) -> Server {
    let hotel = Arc::clone(hotel);
    loopback::answering(move |request| hotel.answer(request)).await
}

fn journals(place: &Path) -> usize {
    fs::read_dir(place.join(JOURNALS)).map_or(0, Iterator::count)
}

const JOURNALS: &str = "tenants/.probity/journals/hotel";

/// For who looks with `--nocapture`.
#[expect(clippy::print_stdout, reason = "a test has no other voice")]
fn show(what: &str, before: &[String], after: &[String]) {
    println!("{what}\n  before {before:?}\n  after  {after:?}");
}

fn before() -> Vec<String> {
    BEFORE.map(str::to_owned).to_vec()
}

/// A run that is killed at that request.
async fn killed(hotel: &Arc<Hotel>, place: &Path, moment: usize) {
    let died = hotel.kills_at(moment, || {
        let mut command = call(place, &RUN);
        command
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null());
        command.spawn().expect("it starts")
    });
    died.await
        .unwrap_or_else(|_| panic!("the run ended before request {moment}"));
}

/// With one row at a time, the lobby and the second row's room have been made by then, and the first
/// row's has been removed.
const MOMENT: usize = 6;

/// A hotel that answers so, and a project that sends its rows one after the other.
async fn lying(lists: Lists) -> (Arc<Hotel>, Server, TempDir) {
    let hotel = Hotel::new();
    hotel.lists(lists);
    let server = open(&hotel).await;
    let place = temporary();
    project(place.path(), &server.url);
    change(&place, "jobs: 3", "jobs: 1");
    (hotel, server, place)
}

/// Changes the target file.
fn change(place: &TempDir, old: &str, new: &str) {
    let file = place.path().join("tenants/hotel.yaml");
    let text = fs::read_to_string(&file).expect("a file");
    assert!(text.contains(old), "{text}");
    fs::write(&file, text.replace(old, new)).expect("it can be written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_ends_leaves_nothing_on_the_target_and_no_journal() {
    let hotel = Hotel::new();
    let server = open(&hotel).await;
    let place = temporary();
    project(place.path(), &server.url);
    let outcome = sent(place.path(), &RUN).await.expect(0);
    assert!(outcome.out.contains("conformant"), "{}", outcome.out);
    assert_eq!(hotel.names(), BEFORE);
    // Three for each row, what is shown of it among them, and three for the lobby.
    assert_eq!(hotel.count(), 4 * ROWS + 3);
    assert_eq!(journals(place.path()), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_kill_at_any_moment_a_sweep_leaves_nothing_and_removes_nothing_else() {
    let mut left = 0;
    for moment in 1..=4 * ROWS {
        let hotel = Hotel::new();
        let server = open(&hotel).await;
        let place = temporary();
        project(place.path(), &server.url);
        killed(&hotel, place.path(), moment).await;
        left += hotel.names().len() - BEFORE.len();
        let outcome = cleanup(place.path(), &[]).await.expect(0);
        assert_eq!(hotel.names(), BEFORE, "{moment}: {}", outcome.out);
        assert_eq!(journals(place.path()), 0, "{moment}");
        let again = cleanup(place.path(), &[]).await.expect(0);
        assert!(
            again.out.contains("nothing was left behind"),
            "{}",
            again.out
        );
    }
    assert!(left >= 10, "the kills left only {left} rooms to be swept");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_removed_is_told_and_tried_again() {
    let hotel = Hotel::new();
    *hotel.stubborn() = Some("500 Internal Server Error");
    let server = open(&hotel).await;
    let place = temporary();
    project(place.path(), &server.url);
    let outcome = sent(place.path(), &RUN).await.expect(5);
    let told = format!("{} things made by this run could not be removed", ROWS + 1);
    assert!(outcome.err.contains(&told), "{}", outcome.err);
    assert!(
        outcome.err.contains("step `remove-room` answered 500"),
        "{}",
        outcome.err
    );

    let sweep = cleanup(place.path(), &[]).await.expect(2);
    assert!(
        sweep.err.contains("not removed: hotel room"),
        "{}",
        sweep.err
    );
    let dry = cleanup(place.path(), &["--dry-run"]).await.expect(0);
    assert_eq!(
        dry.out
            .lines()
            .filter(|line| line.starts_with("would remove"))
            .count(),
        ROWS + 1
    );
    assert_eq!(hotel.names().len(), BEFORE.len() + ROWS + 1);

    *hotel.stubborn() = None;
    let outcome = cleanup(place.path(), &[]).await.expect(0);
    assert_eq!(
        outcome
            .out
            .lines()
            .filter(|line| line.starts_with("removed "))
            .count(),
        ROWS + 1
    );
    assert_eq!(hotel.names(), BEFORE);
}

/// A target whose rows spoil the hall, which was there before, and put it back.
const BORROWED: &str = r#"
name: borrowed
extends: hotel.yaml
limits: { jobs: 1 }
providers:
  hall: { values: { room_id: 1, name: hall } }
  room:
    needs: { hall: hall }
    restores: { room_id: "${hall.room_id}", name: "${hall.name}" }
    steps:
      - name: spoil
        request: PUT /rooms/${hall.room_id}
        body: { name: spoiled }
    yields: { room_id: "${hall.room_id}", name: spoiled }
    cleanup:
      - name: put-back
        request: PUT /rooms/${created.room_id}
        body: { name: "${created.name}" }
      - name: verify
        request: GET /room
        query: { id: "${created.room_id}" }
        expect: { status: 200, body: { name: "${created.name}" } }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_there_before_is_put_back_and_that_is_verified() {
    let hotel = Hotel::new();
    let server = open(&hotel).await;
    let place = temporary();
    project(place.path(), &server.url);
    let file = "tenants/borrowed.yaml";
    fs::write(place.path().join(file), BORROWED).expect("it can be written");
    let run = ["run", "--target", file];
    let outcome = sent(place.path(), &run).await.expect(0);
    assert_eq!((hotel.names(), outcome.err), (before(), String::new()));

    // A hotel that says it has put the name back, and has not.
    *hotel.stubborn() = Some("200 OK");
    let outcome = sent(place.path(), &run).await.expect(5);
    assert!(outcome.err.contains("step `verify`"), "{}", outcome.err);
    assert_eq!(hotel.names()[0], "spoiled");

    *hotel.stubborn() = None;
    let sweep = ["cleanup", "--target", file];
    sent(place.path(), &sweep).await.expect(0);
    assert_eq!(hotel.names(), BEFORE);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_made_when_the_journal_cannot_be_written() {
    let hotel = Hotel::new();
    let server = open(&hotel).await;
    let place = temporary();
    project(place.path(), &server.url);
    // A file stands where the folder would be.
    fs::write(place.path().join("tenants/.probity"), "").expect("it can be written");
    let outcome = sent(place.path(), &RUN).await.expect(2);
    assert!(
        outcome.out.contains("the journal cannot be written"),
        "{}",
        outcome.out
    );
    assert_eq!((hotel.names(), hotel.count()), (before(), 0));
}
