//! What a run makes it takes away again, even when it is killed; and it takes nothing else.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::Child,
    sync::{Arc, Mutex},
};

use crate::{
    cli::{Outcome, finish, program, temporary},
    loopback::{self, http},
};

/// Rooms that were there before any run, one of them under a name much like a run's own.
const BEFORE: [&str; 3] = ["hall", "probity-", "probity-abcdefghij"];

const ROWS: usize = 6;

/// A hotel: rooms are made, found by name, shown and removed.
#[derive(Default)]
struct Hotel {
    rooms: Mutex<BTreeMap<u64, String>>,
    /// Requests so far, and at which of them the guest dies.
    requests: Mutex<(usize, Option<usize>)>,
    guest: Mutex<Option<Child>>,
    /// Told when the guest is dead.
    dead: Mutex<Option<tokio::sync::oneshot::Sender<()>>>,
    /// What removing a room is answered with, when not honestly.
    stubborn: Mutex<Option<&'static str>>,
}

impl Hotel {
    fn new() -> Arc<Self> {
        let hotel = Self::default();
        let rooms = (1..).zip(BEFORE.map(str::to_owned)).collect();
        *hotel.rooms.lock().expect("a sound lock") = rooms;
        Arc::new(hotel)
    }

    fn names(&self) -> Vec<String> {
        self.rooms
            .lock()
            .expect("a sound lock")
            .values()
            .cloned()
            .collect()
    }

    /// Answers one request; the guest dies before it when its number is odd, else after it.
    fn answer(&self, request: &[u8]) -> Vec<u8> {
        let dies = {
            let mut requests = self.requests.lock().expect("a sound lock");
            requests.0 += 1;
            (requests.1 == Some(requests.0)).then_some(requests.0 % 2)
        };
        if dies == Some(1) {
            self.kill();
            return Vec::new();
        }
        let answer = self.serve(&String::from_utf8_lossy(request));
        if dies == Some(0) {
            self.kill();
        }
        answer.into_bytes()
    }

    fn kill(&self) {
        let mut guest = self.guest.lock().expect("a sound lock");
        if let Some(guest) = guest.as_mut() {
            guest.kill().expect("a kill");
            guest.wait().expect("its end");
        }
        if let Some(dead) = self.dead.lock().expect("a sound lock").take() {
            dead.send(()).expect("a listener");
        }
    }

    fn serve(&self, request: &str) -> String {
        let json = |status: &str, body: &str| http(status, "application/json", body);
        let mut words = request.split_whitespace();
        let (method, target) = (
            words.next().unwrap_or_default(),
            words.next().unwrap_or_default(),
        );
        let mut rooms = self.rooms.lock().expect("a sound lock");
        match (method, target.split_once('?')) {
            ("POST", None) => {
                let body = request.split_once("\r\n\r\n").map_or("", |(_, body)| body);
                let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
                let number = rooms.keys().last().map_or(1, |last| last + 1);
                rooms.insert(number, body["name"].as_str().expect("a name").to_owned());
                json("201 Created", &format!("{{\"id\":{number}}}"))
            }
            ("GET", Some(("/rooms", query))) => {
                let wanted = query.trim_start_matches("name=");
                let found = rooms.iter().find(|(_, name)| *name == wanted);
                let list = found.map_or("[]".to_owned(), |(id, _)| format!("[{{\"id\":{id}}}]"));
                json("200 OK", &list)
            }
            ("GET", Some(("/room", query))) => {
                let id = query.trim_start_matches("id=").parse().unwrap_or(0);
                match rooms.get(&id) {
                    Some(name) => json("200 OK", &format!("{{\"name\":\"{name}\"}}")),
                    None => json("404 Not Found", "{\"code\":\"NO_ROOM\",\"text\":\"none\"}"),
                }
            }
            ("PUT", None) => {
                let body = request.split_once("\r\n\r\n").map_or("", |(_, body)| body);
                let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
                let name = body["name"].as_str().expect("a name").to_owned();
                let lies = self.stubborn.lock().expect("a sound lock").is_some();
                let id = target.trim_start_matches("/rooms/").parse().unwrap_or(0);
                if !(lies && name == BEFORE[0]) {
                    rooms.insert(id, name);
                }
                json("200 OK", "{}")
            }
            ("DELETE", None) => {
                if let Some(status) = *self.stubborn.lock().expect("a sound lock") {
                    return json(status, "{}");
                }
                let id = target.trim_start_matches("/rooms/").parse().unwrap_or(0);
                match rooms.remove(&id) {
                    Some(_) => "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".to_owned(),
                    None => json("404 Not Found", "{}"),
                }
            }
            _ => json("400 Bad Request", "{}"),
        }
    }
}

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
        ("specs/hotel/errors.yaml", "edition: hotel\npattern: '^[A-Z_]+$'\ncodes: []\n".to_owned()),
        (
            "specs/hotel/requirements.yaml",
            r"
edition: hotel
requirements:
  - { id: HOTEL-R01, operation: showRoom, oracle: D, level: must, kind: response, page: Rooms, row: Name, text: A room has its name. }
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
        unless: room_id
        capture: {{ room_id: /0/id }}
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

async fn open(hotel: &Arc<Hotel>) -> loopback::Server {
    let hotel = Arc::clone(hotel);
    loopback::answering(move |request| hotel.answer(request)).await
}

fn journals(place: &Path) -> usize {
    let folder = place.join("tenants/.probity/journals/hotel");
    fs::read_dir(folder).map_or(0, Iterator::count)
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
    // Two for each row, what is shown of it between them, and two for the lobby.
    assert_eq!(hotel.requests.lock().expect("a sound lock").0, 3 * ROWS + 2);
    assert_eq!(journals(place.path()), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_kill_at_any_moment_a_sweep_leaves_nothing_and_removes_nothing_else() {
    let mut left = 0;
    for moment in 1..=3 * ROWS {
        let hotel = Hotel::new();
        hotel.requests.lock().expect("a sound lock").1 = Some(moment);
        let (dead, died) = tokio::sync::oneshot::channel();
        *hotel.dead.lock().expect("a sound lock") = Some(dead);
        let server = open(&hotel).await;
        let place = temporary();
        project(place.path(), &server.url);
        {
            // The server waits at this lock when it is faster than the assignment.
            let mut guest = hotel.guest.lock().expect("a sound lock");
            let mut command = call(place.path(), &RUN);
            command
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null());
            *guest = Some(command.spawn().unwrap());
        }
        died.await
            .unwrap_or_else(|_| panic!("the run ended before request {moment}"));
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
    *hotel.stubborn.lock().expect("a sound lock") = Some("500 Internal Server Error");
    let server = open(&hotel).await;
    let place = temporary();
    project(place.path(), &server.url);
    let outcome = sent(place.path(), &RUN).await.expect(0);
    let told = format!("{} things made by this run could not be removed", ROWS + 1);
    assert!(outcome.err.contains(&told), "{}", outcome.err);
    assert!(
        outcome.err.contains("step `remove-room` answered 500"),
        "{}",
        outcome.err
    );

    let sweep = cleanup(place.path(), &[]).await.expect(2);
    assert!(
        sweep.err.contains("still there: hotel room"),
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

    *hotel.stubborn.lock().expect("a sound lock") = None;
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
    assert_eq!(
        (hotel.names(), outcome.err),
        (BEFORE.map(str::to_owned).to_vec(), String::new())
    );

    // A hotel that says it has put the name back, and has not.
    *hotel.stubborn.lock().expect("a sound lock") = Some("200 OK");
    let outcome = sent(place.path(), &run).await.expect(0);
    assert!(outcome.err.contains("step `verify`"), "{}", outcome.err);
    assert_eq!(hotel.names()[0], "spoiled");

    *hotel.stubborn.lock().expect("a sound lock") = None;
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
    assert_eq!(
        (
            hotel.names(),
            hotel.requests.lock().expect("a sound lock").0
        ),
        (BEFORE.map(str::to_owned).to_vec(), 0)
    );
}
