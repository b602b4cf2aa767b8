//! A small user directory that is not our mock, with the one operation of the small project, and the
//! project that is run against it.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    cli::program,
    diagnostics::project,
    loopback::{self, http},
};

/// What the directory does otherwise than its documents say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quirk {
    None,
    /// Creating a user is answered with 500.
    CreateFails,
    /// Creating a user answers without the token that the rows need.
    NoToken,
    /// Deleting a user is never answered.
    DeleteHangs,
    /// The operation under test is never answered.
    SkipHangs,
}

#[derive(Debug, Default)]
struct State {
    users: Mutex<BTreeSet<String>>,
    requests: AtomicUsize,
}

/// The running directory.
pub(super) struct Tenant {
    server: loopback::Server,
    state: Arc<State>,
}

/// The user who was there before anyone.
const KEEPER: &str = "keeper";

impl Tenant {
    pub(super) async fn start(quirk: Quirk) -> Self {
        let state = Arc::new(State::default());
        state
            .users
            .lock()
            .expect("a lock")
            .insert(KEEPER.to_owned());
        let own = Arc::clone(&state);
        let server = loopback::serve(move |mut stream| {
            let state = Arc::clone(&own);
            async move {
                let request = loopback::read_request(&mut stream).await;
                let request = String::from_utf8_lossy(&request).into_owned();
                if request.is_empty() {
                    return;
                }
                state.requests.fetch_add(1, Ordering::SeqCst);
                let Some(answer) = state.answer(&request, quirk) else {
                    // Held open until the client has had enough.
                    loopback::read_request(&mut stream).await;
                    return;
                };
                loopback::write(&mut stream, answer.as_bytes()).await;
            }
        })
        .await;
        Self { server, state }
    }

    pub(super) fn users(&self) -> BTreeSet<String> {
        self.state.users.lock().expect("a lock").clone()
    }

    /// How many requests were read so far.
    pub(super) fn requests(&self) -> usize {
        self.state.requests.load(Ordering::SeqCst)
    }

    /// A project whose rows each bring a user of this directory.
    pub(super) fn project(&self) -> Project {
        Project::at(&self.server.url)
    }
}

impl State {
    /// `None` for a request that is not answered.
    fn answer(&self, request: &str, quirk: Quirk) -> Option<String> {
        let mut words = request.split_whitespace();
        let (method, path) = (words.next()?, words.next()?);
        let json = |status: &str, body: Value| http(status, "application/json", &body.to_string());
        let mut users = self.users.lock().expect("a lock");
        Some(match (method, path.strip_prefix("/users/")) {
            ("POST", None) if path == "/users" => {
                let (_, body) = request.split_once("\r\n\r\n")?;
                let body: Value = serde_json::from_str(body).ok()?;
                users.insert(body["userName"].as_str()?.to_owned());
                match quirk {
                    Quirk::CreateFails => json("500 Internal Server Error", json!({"why": "disk"})),
                    Quirk::NoToken => json("201 Created", json!({})),
                    _ => json("201 Created", json!({ "state_token": "a-state-token" })),
                }
            }
            ("DELETE", Some(_)) if quirk == Quirk::DeleteHangs => return None,
            ("DELETE", Some(name)) => {
                if users.remove(name) {
                    json("200 OK", json!({}))
                } else {
                    json("404 Not Found", json!({}))
                }
            }
            ("GET", None) if path.starts_with("/api/") => {
                let lower = request.to_ascii_lowercase();
                if quirk == Quirk::SkipHangs && lower.contains("x-state-token:") {
                    return None;
                }
                if lower.contains("x-client-id:") {
                    json("200 OK", json!({ "status": "SUCCESS" }))
                } else {
                    http("400 Bad Request", "application/json", &loopback::refusal())
                }
            }
            _ => http("404 Not Found", "text/plain", "no such thing"),
        })
    }
}

/// A project in a folder of its own, and the reports of its runs.
pub(super) struct Project {
    place: TempDir,
}

const CASES: &str = r#"
edition: ciam
operation: skipPasswordUpdate
needs: { account: account-warn }
request:
  headers: { X-client-id: c1, X-state-token: "${account.state_token}" }
control: { covers: CIAM-SKIP-R01, expect: { status: 200 } }
cases:
  - id: refused
    title: A call that does not say which application it is
    matrix: [{ n: a }, { n: b }, { n: c }, { n: d }, { n: e }, { n: f }]
    covers: [CIAM-SKIP-R01]
    without: { header: X-client-id }
    expect: { status: 400, error: IDAAS.SDK.PARAM.0002 }
"#;

/// Rows that need nobody.
const CASES_WITHOUT_USERS: &str = r"
edition: ciam
operation: skipPasswordUpdate
request:
  headers: { X-client-id: c1 }
control: { covers: CIAM-SKIP-R01, expect: { status: 200 } }
cases:
  - id: refused
    title: A call that does not say which application it is
    covers: [CIAM-SKIP-R01]
    without: { header: X-client-id }
    expect: { status: 400, error: IDAAS.SDK.PARAM.0002 }
";

impl Project {
    pub(super) fn at(url: &str) -> Self {
        let place = project();
        let write = |name: &str, text: &str| {
            std::fs::write(place.path().join(name), text).expect("written");
        };
        write("cases/ciam/skip-update/sound.yaml", CASES);
        write(
            "cases/ciam/skip-update/without-users.yaml",
            CASES_WITHOUT_USERS,
        );
        write(
            "tenants/tenant.yaml",
            &format!(
                r#"
name: tenant
editions: {{ ciam: {{ base_url: "{url}" }} }}
limits: {{ timeout_ms: 60000, jobs: 2, retries: 0 }}
providers:
  account-warn:
    creates: {{ user_name: "probity-${{unique()}}" }}
    steps:
      - name: create
        request: POST /users
        body: {{ userName: "${{created.user_name}}" }}
        capture: {{ state_token: /state_token }}
    cleanup:
      - {{ name: delete, request: "DELETE /users/${{created.user_name}}" }}
"#
            ),
        );
        Self { place }
    }

    pub(super) fn root(&self) -> &Path {
        self.place.path()
    }

    pub(super) fn reports(&self) -> PathBuf {
        self.root().join("reports")
    }

    /// A call of a subcommand for this project.
    pub(super) fn call(&self, subcommand: &str, arguments: &[&str]) -> Command {
        let mut command = program();
        command
            .arg(subcommand)
            .arg("--root")
            .arg(self.root())
            .args(["--target", "tenants/tenant.yaml"])
            .args(arguments);
        if subcommand == "run" {
            command.arg("--output-dir").arg(self.reports());
        }
        command
    }
}

/// A call that is going on; ended with the test, however that ends.
pub(super) struct Going(pub(super) Child);

impl Going {
    pub(super) fn start(mut command: Command) -> Self {
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Self(child.expect("it starts"))
    }

    pub(super) fn has_ended(&mut self) -> bool {
        self.0.try_wait().expect("a state").is_some()
    }

    pub(super) fn code(mut self) -> Option<i32> {
        self.0.wait().expect("an end").code()
    }
}

impl Drop for Going {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
