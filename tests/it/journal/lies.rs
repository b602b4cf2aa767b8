//! Targets that answer who looks for something with anything but that: no account but the run's own
//! is ever touched, by the run or by a sweep.

use std::fs;

use tempfile::TempDir;

use super::{
    BEFORE, MOMENT, RUN, before, change, cleanup,
    hotel::Lists::{self, *},
    journals, killed, lying, sent, show,
};

/// Every answer, and what becomes of the run's own room: removed, taken for gone, or left and told.
const LIES: [(Lists, Result<&str, &str>); 18] = [
    (Everybody, Ok("removed")),
    (Twice, Ok("removed")),
    (Nothing, Ok("was not there")),
    (Null, Ok("was not there")),
    (Lost, Ok("was not there")),
    (Html, Err("answered something else than JSON")),
    (Failing, Err("answered 500")),
    (Elsewhere, Err("answered 302")),
    (TwoOfThem, Err("which it is cannot be told")),
    (OtherCase, Err("answered 1 hit, and it does not show")),
    (Prefix, Err("answered 1 hit, and it does not show")),
    (Longer, Err("answered 1 hit, and it does not show")),
    (Number, Err("answered 1 hit, and it does not show")),
    (InAList, Err("answered 1 hit, and it does not show")),
    (Nameless, Err("answered 1 hit, and it does not show")),
    (NoId, Err("no `room_id` at `/id`")),
    (PathId, Err("is not one part of a path")),
    (OtherPage, Err("it may be on another page")),
];

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_target_lists_a_sweep_removes_nothing_that_the_run_did_not_make() {
    for (lists, outcome) in LIES {
        let (hotel, _server, place) = lying(Honestly).await;
        killed(&hotel, place.path(), MOMENT).await;
        let left = hotel.names();
        assert_eq!(left.len(), BEFORE.len() + 2, "{left:?}");
        hotel.lists(lists);
        let swept = cleanup(place.path(), &[]).await;
        show(&format!("{lists:?}, sweep"), &left, &hotel.names());
        assert_eq!(hotel.others(), BEFORE, "{lists:?}");
        match outcome {
            Ok(told) => {
                let swept = swept.expect(0);
                assert!(swept.out.contains(told), "{lists:?}: {}", swept.out);
                let removed = told == "removed";
                assert_eq!(hotel.names() == BEFORE, removed, "{lists:?}");
                assert_eq!(journals(place.path()), 0, "{lists:?}");
            }
            Err(told) => {
                let swept = swept.expect(2);
                assert!(swept.err.contains("not removed"), "{}", swept.err);
                assert!(swept.err.contains(told), "{lists:?}: {}", swept.err);
                assert_eq!(hotel.names(), left, "{lists:?}");
                // What is left can be removed when the target tells the truth.
                hotel.lists(Honestly);
                cleanup(place.path(), &[]).await.expect(0);
                assert_eq!(hotel.names(), BEFORE, "{lists:?}");
                assert_eq!(journals(place.path()), 0, "{lists:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_target_lists_a_run_removes_nothing_that_it_did_not_make() {
    for (lists, outcome) in LIES {
        let (hotel, _server, place) = lying(lists).await;
        let run = sent(place.path(), &RUN).await;
        show(&format!("{lists:?}, run"), &before(), &hotel.names());
        assert_eq!(hotel.others(), BEFORE, "{lists:?}");
        match outcome {
            Ok(told) => {
                let removed = told == "removed";
                assert_eq!(hotel.names() == BEFORE, removed, "{lists:?}");
                // What only the target says is gone is told.
                let absent = "not there when it was looked for: hotel ";
                assert_eq!(run.err.contains(absent), !removed, "{}", run.err);
            }
            Err(told) => {
                assert!(run.err.contains(told), "{lists:?}: {}", run.err);
                assert_eq!(journals(place.path()), 1, "{lists:?}");
                hotel.lists(Honestly);
                cleanup(place.path(), &[]).await.expect(0);
                assert_eq!(hotel.names(), BEFORE, "{lists:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pre_flight_removes_nothing_that_it_did_not_make() {
    for lists in [Everybody, OtherCase, TwoOfThem, Honestly] {
        let (hotel, _server, place) = lying(lists).await;
        let check = ["check", "--target", "tenants/hotel.yaml"];
        sent(place.path(), &check).await;
        assert!(hotel.count() > 2, "{lists:?}: pre-flight made nothing");
        assert_eq!(hotel.others(), BEFORE, "{lists:?}");
        let all_gone = matches!(lists, Everybody | Honestly);
        assert_eq!(hotel.names() == BEFORE, all_gone, "{lists:?}");
    }
}

/// The id that creating a room told is only asked about, and the room that is shown then is compared.
const BY_ID: &str = r#"
name: hotel
extends: by-name.yaml
providers:
  room:
    needs: { lobby: lobby }
    creates: { name: "probity-${unique()}" }
    steps:
      - name: make-room
        request: POST /rooms
        body: { name: "${created.name}" }
        capture: { room_id: /id }
    yields: { room_id: "${room_id}", name: "${created.name}" }
    cleanup:
      - name: find-room
        request: GET /rooms
        query: { name: "${created.name}" }
        unless: room_id
        finds: { shows: { name: /name }, gives: { room_id: /id } }
      - name: show-room
        request: GET /rooms/${room_id}
        finds: { shows: { name: /name }, gives: { room_id: /id } }
      - name: remove-room
        request: DELETE /rooms/${room_id}
"#;

fn asks_by_id(place: &TempDir) {
    asks_by(place, BY_ID);
}

/// Puts a target file before the project's own, which it extends.
fn asks_by(place: &TempDir, target: &str) {
    let tenants = place.path().join("tenants");
    fs::rename(tenants.join("hotel.yaml"), tenants.join("by-name.yaml")).expect("moved");
    fs::write(tenants.join("hotel.yaml"), target).expect("it can be written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_names_another_room_to_who_made_one_does_not_get_that_removed() {
    for by_id in [false, true] {
        let (hotel, _server, place) = lying(Honestly).await;
        hotel.swaps();
        if by_id {
            asks_by_id(&place);
        }
        // The rows see another room than theirs, and say so.
        let run = sent(place.path(), &RUN).await;
        show(&format!("by id {by_id}"), &before(), &hotel.names());
        assert_eq!(hotel.others(), BEFORE, "by id {by_id}: {}", run.err);
        assert_eq!(hotel.names() == BEFORE, !by_id);
        assert_eq!(run.err.contains("step `show-room` answered 1 hit"), by_id);
        let again = cleanup(place.path(), &[]).await;
        assert_eq!(
            (again.code, hotel.others()),
            (if by_id { 2 } else { 0 }, before())
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_was_told_when_the_room_was_made_saves_looking_for_it() {
    // Nobody who looks for a room finds it, so only its id leads to it.
    let (hotel, _server, place) = lying(Failing).await;
    asks_by_id(&place);
    let run = sent(place.path(), &RUN).await.expect(5);
    // The lobby alone is looked for by its name.
    assert!(
        run.err.contains("one thing made by this run"),
        "{}",
        run.err
    );
    assert_eq!(hotel.names().len(), BEFORE.len() + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_that_is_not_among_all_that_are_listed_is_not_taken_for_gone() {
    // Killed before the lobby was made, and after its name was written down.
    let (hotel, _server, place) = lying(Everybody).await;
    killed(&hotel, place.path(), 1).await;
    let swept = cleanup(place.path(), &[]).await.expect(2);
    let told = "answered 3 hits, and none shows \"probity-";
    assert!(swept.err.contains(told), "{}", swept.err);
    assert_eq!((hotel.names(), journals(place.path())), (before(), 1));
    hotel.lists(Honestly);
    let swept = cleanup(place.path(), &[]).await.expect(0);
    assert!(swept.out.contains("was not there"), "{}", swept.out);
    assert_eq!((hotel.names(), journals(place.path())), (before(), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_that_is_not_in_a_complete_list_is_gone() {
    let (hotel, _server, place) = lying(Honestly).await;
    let given = "gives: { room_id: /id }";
    change(&place, given, &format!("{given}, complete: true"));
    killed(&hotel, place.path(), MOMENT).await;
    hotel.lists(OtherPage);
    let swept = cleanup(place.path(), &[]).await.expect(0);
    assert!(swept.out.contains("was not there"), "{}", swept.out);
    assert_eq!((hotel.others(), journals(place.path())), (before(), 0));
}

/// What a row is given may come from a target, and the path that it is put into must stay that path.
const PUT_BACK: &str = r#"
name: hotel
extends: by-name.yaml
providers:
  hall: { values: { room_id: "${'ROOM'}", name: spoiled } }
  room:
    needs: { hall: hall }
    restores: { room_id: "${hall.room_id}", name: "${hall.name}" }
    steps: []
    yields: { room_id: 1, name: hall }
    cleanup:
      - { name: put-back, request: "PUT /rooms/PLACE", PARAMS body: { name: "${created.name}" } }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_put_back_leads_nowhere_but_to_what_is_named() {
    for (place_of, params) in [
        ("${created.room_id}", ""),
        ("${created['room_id']}", ""),
        ("{id}", "params: { id: \"${created.room_id}\" },"),
    ] {
        for (room, sent_back) in [
            ("1", true),
            ("..", false),
            (".", false),
            ("../rooms/1", false),
        ] {
            // A parameter is encoded.
            let sent_back = sent_back || room.contains('/') && !params.is_empty();
            let (hotel, _server, place) = lying(Honestly).await;
            asks_by(
                &place,
                &PUT_BACK
                    .replace("PLACE", place_of)
                    .replace("PARAMS", params)
                    .replace("ROOM", room),
            );
            let run = sent(place.path(), &RUN).await;
            let told = run.err.contains("is not one part of a path");
            assert_eq!(told, !sent_back, "{place_of} {room}: {}", run.err);
            assert_eq!(
                hotel.others()[0] == "spoiled",
                room == "1",
                "{place_of} {room}"
            );
        }
    }
}
