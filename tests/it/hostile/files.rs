//! A process with few file descriptors goes on with the connections that it can have.

use std::{collections::BTreeMap, fmt::Write as _, fs};

use super::{
    ERRORS, PATHS,
    script::{Act, scripted, send},
};
use crate::cli::{in_shell, program, temporary};

const ROWS: usize = 400;

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_many_open_files_cost_connections_and_no_row() {
    let answer = send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    // Slow enough that every row would like a connection of its own.
    let script = [("slow".to_owned(), vec![Act::Wait(30), answer])];
    let (server, _) = scripted(BTreeMap::from(script)).await;
    let folder = temporary();
    let mut rows = String::from(
        "edition: ciam\noperation: getAny\nrequest: { query: { b: slow } }\ncontrol: { expect: { status: 200 } }\ncases:\n",
    );
    for number in 0..ROWS {
        // Writing to a text cannot fail.
        let _ = writeln!(
            rows,
            "  - {{ id: r{number}, set: {{ headers: {{ X: \"{number}\" }} }}, expect: {{ status: 200 }} }}"
        );
    }
    for (inside, text) in [
        (
            "specs/ciam/openapi.yaml",
            format!("openapi: 3.1.0\ninfo: {{ title: t, version: 1.0.0 }}\npaths:\n{PATHS}"),
        ),
        ("specs/ciam/errors.yaml", format!("edition: ciam\n{ERRORS}")),
        (
            "specs/ciam/requirements.yaml",
            "edition: ciam\nrequirements: []\n".to_owned(),
        ),
        ("cases/ciam/thing/rows.yaml", rows),
        (
            "tenants/tenant.yaml",
            format!(
                "name: tenant\neditions: {{ ciam: {{ base_url: \"{}\" }} }}\n",
                server.url
            ),
        ),
    ] {
        let path = folder.path().join(inside);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    let mut call = program();
    call.current_dir(folder.path());
    call.args(["run", "--target", "tenants/tenant.yaml", "--jobs", "256"]);
    let limited = in_shell("ulimit -n 64", &call);
    let output = tokio::process::Command::from(limited)
        .output()
        .await
        .expect("a shell");
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert_eq!(output.status.code(), Some(0), "{out}\n{err}");
    let rows = ROWS + 1;
    assert!(
        out.contains(&format!("{rows} rows: {rows} passed")),
        "{out}"
    );
    assert!(err.contains("too many open files"), "{err}");
}
