//! A hotel: rooms are made, found by name, shown and removed. It may lie about whose they are.

use std::{
    collections::BTreeMap,
    process::Child,
    sync::{Arc, Mutex, MutexGuard},
};

use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::loopback::http;

/// Rooms that were there before any run, one of them under a name much like a run's own.
pub(super) const BEFORE: [&str; 3] = ["hall", "probity-", "probity-abcdefghij"];

/// How it answers who looks for a room by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Lists {
    #[default]
    Honestly,
    /// Whatever was asked for.
    Everybody,
    Nothing,
    Null,
    Html,
    /// HTML with the status of what is not there.
    Lost,
    Failing,
    Elsewhere,
    /// The one that was asked for, two times.
    Twice,
    /// That one, and the hall under its name.
    TwoOfThem,
    /// The hall, under a name much like the one that was asked for.
    OtherCase,
    Prefix,
    Longer,
    Number,
    InAList,
    Nameless,
    /// That one without an id.
    NoId,
    /// That one, with an id that leads to the hall.
    PathId,
    /// Others alone, as on another page.
    OtherPage,
}

#[derive(Default)]
pub(super) struct Hotel {
    rooms: Mutex<BTreeMap<u64, String>>,
    /// Requests so far, and at which of them the guest dies.
    requests: Mutex<(usize, Option<usize>)>,
    guest: Mutex<Option<Child>>,
    /// Told when the guest is dead.
    dead: Mutex<Option<oneshot::Sender<()>>>,
    /// What removing a room is answered with, when not honestly.
    stubborn: Mutex<Option<&'static str>>,
    lists: Mutex<Lists>,
    /// Names another's room to who made one.
    swaps: Mutex<bool>,
}

fn sound<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().expect("a sound lock")
}

impl Hotel {
    pub(super) fn new() -> Arc<Self> {
        let hotel = Self::default();
        *sound(&hotel.rooms) = (1..).zip(BEFORE.map(str::to_owned)).collect();
        Arc::new(hotel)
    }

    pub(super) fn names(&self) -> Vec<String> {
        sound(&self.rooms).values().cloned().collect()
    }

    /// The rooms that no run made.
    pub(super) fn others(&self) -> Vec<String> {
        let rooms = sound(&self.rooms);
        let old = 1..=u64::try_from(BEFORE.len()).expect("a small number");
        rooms.range(old).map(|(_, name)| name.clone()).collect()
    }

    pub(super) fn count(&self) -> usize {
        sound(&self.requests).0
    }

    pub(super) fn stubborn(&self) -> MutexGuard<'_, Option<&'static str>> {
        sound(&self.stubborn)
    }

    pub(super) fn lists(&self, lists: Lists) {
        *sound(&self.lists) = lists;
    }

    pub(super) fn swaps(&self) {
        *sound(&self.swaps) = true;
    }

    /// Kills the guest at that request; gives its end.
    pub(super) fn kills_at(
        &self,
        moment: usize,
        guest: impl FnOnce() -> Child,
    ) -> oneshot::Receiver<()> {
        *sound(&self.requests) = (0, Some(moment));
        let (dead, died) = oneshot::channel();
        *sound(&self.dead) = Some(dead);
        // The server waits at this lock when it is faster than the assignment.
        let mut place = sound(&self.guest);
        *place = Some(guest());
        died
    }

    /// Answers one request; the guest dies before it when its number is odd, else after it.
    pub(super) fn answer(&self, request: &[u8]) -> Vec<u8> {
        let dies = {
            let mut requests = sound(&self.requests);
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
        let mut guest = sound(&self.guest);
        if let Some(guest) = guest.as_mut() {
            guest.kill().expect("a kill");
            guest.wait().expect("its end");
        }
        if let Some(dead) = sound(&self.dead).take() {
            dead.send(()).expect("a listener");
        }
    }

    fn serve(&self, request: &str) -> String {
        let mut words = request.split_whitespace();
        let (method, target) = (
            words.next().unwrap_or_default(),
            words.next().unwrap_or_default(),
        );
        let body = request.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        let id = target.trim_start_matches("/rooms/").parse().unwrap_or(0);
        match (method, target.split_once('?')) {
            ("POST", None) => self.make(body["name"].as_str().expect("a name")),
            ("GET", Some(("/rooms", query))) => self.list(query.trim_start_matches("name=")),
            ("GET", Some(("/room", query))) => {
                self.show(query.trim_start_matches("id=").parse().unwrap_or(0))
            }
            ("GET", None) if target.starts_with("/rooms/") => match sound(&self.rooms).get(&id) {
                Some(name) => ok(&json!({ "id": id, "name": name })),
                None => answer("404 Not Found", &json!({})),
            },
            ("PUT", None) => {
                let name = body["name"].as_str().expect("a name").to_owned();
                let lies = self.stubborn().is_some();
                if !(lies && name == BEFORE[0]) {
                    sound(&self.rooms).insert(id, name);
                }
                ok(&json!({}))
            }
            ("DELETE", None) => self.remove(id),
            _ => answer("400 Bad Request", &json!({})),
        }
    }

    fn make(&self, name: &str) -> String {
        let mut rooms = sound(&self.rooms);
        let number = rooms.keys().last().map_or(1, |last| last + 1);
        rooms.insert(number, name.to_owned());
        let shown = if *sound(&self.swaps) { 1 } else { number };
        answer("201 Created", &json!({ "id": shown }))
    }

    fn show(&self, id: u64) -> String {
        match sound(&self.rooms).get(&id) {
            Some(name) => ok(&json!({ "name": name })),
            None => answer(
                "404 Not Found",
                &json!({ "code": "NO_ROOM", "text": "none" }),
            ),
        }
    }

    fn remove(&self, id: u64) -> String {
        if let Some(status) = *self.stubborn() {
            return answer(status, &json!({}));
        }
        match sound(&self.rooms).remove(&id) {
            Some(_) => "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".to_owned(),
            None => answer("404 Not Found", &json!({})),
        }
    }

    fn list(&self, wanted: &str) -> String {
        let rooms = sound(&self.rooms);
        let hit = |id: &u64, name: &str| json!({ "id": id, "name": name });
        let all: Vec<Value> = rooms.iter().map(|(id, name)| hit(id, name)).collect();
        let ours: Vec<Value> = rooms
            .iter()
            .filter(|(_, name)| *name == wanted)
            .map(|(id, name)| hit(id, name))
            .collect();
        let others = || all.iter().filter(|one| !ours.contains(one));
        // Only who asks for a room that is there is lied to.
        let hall = |name: Value| json!([{ "id": 1, "name": name }]);
        let lists = *sound(&self.lists);
        match lists {
            Lists::Honestly => ok(&json!(ours)),
            Lists::Everybody => ok(&json!(all)),
            Lists::Nothing => ok(&json!([])),
            Lists::Null => ok(&Value::Null),
            Lists::Html => http("200 OK", "text/html", "<html>rooms</html>"),
            Lists::Lost => http("404 Not Found", "text/html", "<html>no page</html>"),
            Lists::Failing => answer("500 Internal Server Error", &json!(all)),
            Lists::Elsewhere => {
                "HTTP/1.1 302 Found\r\nLocation: /rooms?name=hall\r\nContent-Length: 0\r\n\
                 Connection: close\r\n\r\n"
                    .to_owned()
            }
            Lists::Twice => ok(&json!([ours.clone(), ours].concat())),
            Lists::TwoOfThem => ok(&json!([vec![hit(&1, wanted)], ours].concat())),
            Lists::OtherCase => ok(&hall(json!(wanted.to_uppercase()))),
            Lists::Prefix => ok(&hall(json!(&wanted[..wanted.len() - 1]))),
            Lists::Longer => ok(&hall(json!(format!("{wanted}x")))),
            Lists::Number => ok(&hall(json!(7))),
            Lists::InAList => ok(&hall(json!([wanted]))),
            Lists::Nameless => ok(&json!([{ "id": 1 }])),
            Lists::NoId => ok(&json!([{ "name": wanted }])),
            Lists::PathId => ok(&json!([{ "id": "../rooms/1", "name": wanted }])),
            Lists::OtherPage => ok(&json!(others().collect::<Vec<_>>())),
        }
    }
}

fn ok(body: &Value) -> String {
    answer("200 OK", body)
}

fn answer(status: &str, body: &Value) -> String {
    http(status, "application/json", &body.to_string())
}
