//! Rows that nothing may be carried out beside.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    sync::{Arc, Mutex},
};

use probity::plan::Selection;
use tokio::sync::Barrier;

use super::{passed, project, run};
use crate::loopback::{Server, http, read_request, serve, write};

const ERRORS: &str = "pattern: '^[a-z]+$'\ncode_at: /error\ncodes: []\n";

const PATHS: &str = "
  /work: { get: { operationId: work, responses: { '200': { description: d } } } }
";

/// The path that a request asks for.
fn path(request: &[u8]) -> String {
    let text = String::from_utf8_lossy(request);
    let path = text.split(' ').nth(1);
    path.unwrap_or_default().to_owned()
}

/// A service that notes every path in order; `/meet` is answered when two ask for it at a time.
async fn noting() -> (Server, Arc<Mutex<Vec<String>>>) {
    let all: Arc<Mutex<Vec<String>>> = Arc::default();
    let (shared, two) = (Arc::clone(&all), Arc::new(Barrier::new(2)));
    let server = serve(move |mut stream| {
        let (notes, two) = (Arc::clone(&shared), Arc::clone(&two));
        async move {
            let path = path(&read_request(&mut stream).await);
            notes.lock().expect("no other panic").push(path.clone());
            if path == "/meet" {
                two.wait().await;
            }
            let answer = http("200 OK", "application/json", "{}");
            write(&mut stream, answer.as_bytes()).await;
        }
    })
    .await;
    (server, all)
}

/// Rows that say when they begin and when they end, and two that meet.
fn rows() -> String {
    let mut out = "
edition: ciam
operation: work
request: {}
control: { expect: { status: 200 } }
cases:
"
    .to_owned();
    for number in 0..12 {
        let exclusive = number % 3 == 0;
        let meet = if matches!(number, 1 | 2) {
            "{ request: GET /meet, expect: { status: 200 } }, "
        } else {
            ""
        };
        let _ = writeln!(
            out,
            "  - {{ id: row-{number}, exclusive: {exclusive}, setup: [{{ request: GET /begin/{number} }}, {meet}{{ request: GET /on/{number} }}], \
             expect: {{ status: 200 }}, then: [{{ request: GET /on/{number}, expect: {{ status: 200 }} }}], cleanup: [{{ request: GET /end/{number} }}] }}"
        );
    }
    out
}

#[tokio::test]
async fn an_exclusive_row_is_carried_out_alone_whatever_else_runs_side_by_side() {
    let (server, notes) = noting().await;
    let results = run(&server, PATHS, ERRORS, &rows()).await;
    let all: Vec<&str> = results.keys().map(String::as_str).collect();
    passed(&results, &all);
    let notes = notes.lock().expect("no other panic");
    for number in [0, 3, 6, 9] {
        let at = |what: &str| {
            let wanted = format!("/{what}/{number}");
            notes
                .iter()
                .position(|path| *path == wanted)
                .expect("it was asked for")
        };
        let meanwhile = &notes[at("begin")..=at("end")];
        let own = format!("/{number}");
        let others: Vec<_> = meanwhile
            .iter()
            .filter(|path| !path.ends_with(&own) && *path != "/work")
            .collect();
        assert!(others.is_empty(), "beside row {number}: {others:?}");
        let requests = meanwhile.iter().filter(|path| *path == "/work").count();
        assert_eq!(requests, 1, "{meanwhile:?}");
    }
}

#[test]
fn a_whole_file_may_be_exclusive_and_a_row_of_it_may_not() {
    let case = "
edition: ciam
operation: work
exclusive: true
request: {}
control: { expect: { status: 200 } }
cases:
  - { id: with-the-file, expect: { status: 200 } }
  - { id: of-its-own, exclusive: false, expect: { status: 200 } }
  - { id: of-the-matrix, matrix: [{ alone: true }, { alone: false }], exclusive: '${matrix.alone}', expect: { status: 200 } }
";
    let suite = project("http://127.0.0.1:1", PATHS, ERRORS, case);
    assert!(!suite.is_broken(), "{:#?}", suite.diagnostics);
    let exclusive: Vec<_> = suite.plan.cases.iter().map(|case| case.exclusive).collect();
    assert_eq!(exclusive, [true, true, false, true, false]);
}

#[test]
fn all_exclusive_rows_are_in_one_shard() {
    let suite = project("http://127.0.0.1:1", PATHS, ERRORS, &rows());
    assert!(!suite.is_broken(), "{:#?}", suite.diagnostics);
    let mut of = BTreeSet::new();
    let mut count = 0;
    for index in 1..=5 {
        let selection = Selection {
            shard: Some(format!("{index}/5").parse().expect("a shard")),
            ..Selection::default()
        };
        let asked = selection.asked(&suite.plan.cases);
        count += asked.len();
        if asked.iter().any(|case| case.exclusive) {
            of.insert(index);
        }
    }
    assert_eq!((of.len(), count), (1, suite.plan.cases.len()));
}
