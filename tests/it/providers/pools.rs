//! An account of a pool is had by one row at a time, in whatever process, and is free again however
//! that process ends.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Read as _,
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
};

use probity::{
    mock::{Answer, Dialect, MockOptions, MockServer},
    report::explain,
    result::{CaseResult, Shard, Verdict},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{FILE, LOGIN, ROW, planned, project, run};
use crate::{
    cli::{program, temporary},
    support,
};

/// How often each account logged in.
type Logins = Arc<Mutex<BTreeMap<String, usize>>>;

/// A mock with accounts made beforehand, and what logged in there.
async fn tenant(accounts: usize) -> (MockServer, Logins, Value) {
    let logins = Logins::default();
    let seen = Arc::clone(&logins);
    let mut options = MockOptions::new(Dialect::Ciam);
    options.prepared = accounts;
    options.rewrite = Some(Arc::new(move |operation: &str, answer: &mut Answer| {
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        if let (true, Some(token)) = (operation.contains("ogin"), body["state_token"].as_str()) {
            let mut seen = seen.lock().expect("no panic before");
            *seen.entry(owner(token)).or_default() += 1;
        }
    }));
    let mock = MockServer::start(options).await.expect("a mock");
    let accounts = mock.prepared()["warn"].clone();
    (mock, logins, accounts)
}

/// Whose state token it is: nobody but this test looks into one.
fn owner(token: &str) -> String {
    use base64::Engine as _;
    let payload = token.split('.').nth(1).unwrap_or_default();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload);
    let claims: Value = serde_json::from_slice(&bytes.unwrap_or_default()).unwrap_or_default();
    claims["id"].as_str().unwrap_or("nobody").to_owned()
}

fn pooled(mock: &MockServer, accounts: &Value, reuse: &str) -> TempDir {
    let pool = format!("  entry: {{ pool: {{ file: accounts.json, reuse: {reuse}, wait: 1m }} }}");
    let folder = project(mock.base_url(), &format!("{LOGIN}{pool}"));
    fs::write(folder.path().join("accounts.json"), accounts.to_string()).expect("a file");
    folder
}

/// `probity run` of these rows in a process of its own.
fn start(folder: &Path, output: &Path, row: &str) -> Child {
    let mut command: Command = program();
    // A look at the target beforehand is no row, and would lease an account too.
    command.args(["run", row, "--no-preflight", "--target"]);
    command
        .arg(folder.join("own.yaml"))
        .arg("--output-dir")
        .arg(output);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the program starts")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_side_by_side_never_share_an_account() {
    const PROCESSES: usize = 3;
    let rows = support::rows(&support::shipped(), FILE).len();
    let needed = PROCESSES * rows;
    let (mock, logins, accounts) = tenant(needed).await;
    let folder = pooled(&mock, &accounts, "never");
    let outputs: Vec<TempDir> = (0..PROCESSES).map(|_| temporary()).collect();
    let children: Vec<Child> = outputs
        .iter()
        .map(|output| start(folder.path(), output.path(), FILE))
        .collect();
    for child in children {
        let ended = tokio::task::spawn_blocking(|| child.wait_with_output()).await;
        let ended = ended.unwrap().unwrap();
        let told = String::from_utf8_lossy(&ended.stdout).into_owned();
        assert_eq!(ended.status.code(), Some(0), "{told}");
        assert!(
            told.contains(&format!("conformant in {rows} selected rows")),
            "{told}"
        );
    }
    let logins = logins.lock().expect("a sound lock").clone();
    assert_eq!(logins.len(), needed, "every account has logged in");
    assert!(logins.values().all(|count| *count == 1), "{logins:?}");
    // All are spent now, and the next run says so at once.
    let late = run(folder.path(), ROW, None).await;
    let told = explain::message(&late[0]);
    let all = format!("{needed} of {needed} accounts spent or leased ({needed} spent, 0 leased;");
    assert!(
        told.contains("the pool is exhausted") && told.contains(&all),
        "{told}"
    );
    assert!(told.contains("own.yaml:"), "{told}");
}

#[tokio::test]
async fn a_refused_row_leaves_its_account_and_a_row_that_succeeds_spends_it() {
    let (mock, _, accounts) = tenant(2).await;
    let folder = pooled(&mock, &accounts, "unspent");
    // One account is spent by the control; the other goes from refusal to refusal.
    let results = run(
        folder.path(),
        "ciam/skip-update/headers/client-id-missing",
        None,
    )
    .await;
    assert_eq!(results.len(), 2);
    super::assert_passed(&results);
    let again = run(
        folder.path(),
        "ciam/skip-update/headers/client-id-missing",
        None,
    )
    .await;
    let spent: Vec<&CaseResult> = again.iter().filter(|r| !r.verdict.is_pass()).collect();
    assert_eq!(spent.len(), 1, "{again:?}");
    let told = explain::message(spent[0]);
    assert!(
        told.contains("2 of 2 accounts spent or leased (2 spent"),
        "{told}"
    );
}

#[tokio::test]
async fn rows_at_the_same_time_wait_for_the_only_account() {
    let (mock, logins, accounts) = tenant(1).await;
    let folder = pooled(&mock, &accounts, "always");
    let results = run(folder.path(), FILE, None).await;
    super::assert_passed(&results);
    let logins = logins.lock().expect("a sound lock");
    assert!(
        results.len() > 8 && logins.values().sum::<usize>() >= results.len(),
        "{logins:?}"
    );
}

/// A tenant that takes requests and never answers, so that a row stays where it is.
struct Silence(TcpListener);

impl Silence {
    fn new() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").expect("a port"))
    }

    fn project(&self, reuse: &str) -> TempDir {
        let url = format!("http://{}", self.0.local_addr().expect("an address"));
        let pool = format!(
            "  application: {{ values: {{ client_id: c, client_secret: s }} }}
  account-warn: {{ pool: {{ file: accounts.json, reuse: {reuse}, wait: 1ms }} }}"
        );
        let folder = project(&url, &pool);
        let account = json!([{ "state_token": "the-only-token", "user_name": "somebody", "password": "0ld-Passw0rd" }]);
        fs::write(folder.path().join("accounts.json"), account.to_string()).expect("a file");
        folder
    }

    /// Waits until a request of a row is here.
    fn request(&self) -> TcpStream {
        let (mut stream, _) = self.0.accept().expect("a connection");
        let mut head = [0; 64];
        assert!(stream.read(&mut head).expect("a request") > 0);
        stream
    }
}

/// The row's verdict in this process, where the pool is looked at once.
async fn told(folder: &Path) -> String {
    let results = run(folder, ROW, None).await;
    assert!(!matches!(results[0].verdict, Verdict::Pass(_)));
    explain::message(&results[0])
}

/// Every row of the file as this shard, on a machine of its own: leases of no other are there.
async fn as_shard(mock: &MockServer, accounts: &Value, shard: Shard) -> Vec<CaseResult> {
    let folder = pooled(mock, accounts, "always");
    let (suite, mut target, cases) = planned(folder.path(), FILE);
    target.share(shard);
    let engine = support::engine(suite.contracts, &suite.plan.cases, target);
    support::run_on(engine, &cases, 4).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shards_on_different_machines_never_share_an_account() {
    let (mock, logins, accounts) = tenant(5).await;
    let mut owners: Vec<BTreeSet<String>> = Vec::new();
    for shard in ["1/2", "2/2"] {
        let shard = shard.parse().expect("a shard");
        super::assert_passed(&as_shard(&mock, &accounts, shard).await);
        let seen = std::mem::take(&mut *logins.lock().expect("a sound lock"));
        owners.push(seen.into_keys().collect());
    }
    assert!(owners[0].is_disjoint(&owners[1]), "{owners:?}");
    let counts: Vec<usize> = owners.iter().map(BTreeSet::len).collect();
    assert_eq!(counts, [3, 2], "of five accounts");
}

#[tokio::test]
async fn a_shard_that_has_no_account_of_a_pool_says_so() {
    let (mock, _, accounts) = tenant(1).await;
    let shard = "2/2".parse().expect("a shard");
    let results = as_shard(&mock, &accounts, shard).await;
    let why = explain::message(&results[0]);
    let wanted = "the pool is too small: of its 1 account none is for shard 2/2";
    assert!(why.contains(wanted), "{why}");
}

#[tokio::test]
async fn the_lease_of_a_process_that_is_killed_is_free_at_once() {
    for reuse in ["always", "unspent"] {
        let tenant = Silence::new();
        let (folder, output) = (tenant.project(reuse), temporary());
        let mut child = start(folder.path(), output.path(), ROW);
        let held = tenant.request();
        let during = told(folder.path()).await;
        let leased = "1 of 1 accounts spent or leased (0 spent, 1 leased";
        assert!(during.contains(leased), "{during}");
        child.kill().expect("it is there");
        child.wait().expect("it has ended");
        drop(held);
        if reuse == "always" {
            // The next process has the account, because its request comes here.
            let mut next = start(folder.path(), output.path(), ROW);
            drop(tenant.request());
            next.kill().expect("it is there");
            next.wait().expect("it has ended");
        } else {
            // Nobody holds it, and nobody knows what the request did to it.
            let after = told(folder.path()).await;
            let spent = "1 of 1 accounts spent or leased (1 spent, 0 leased";
            assert!(after.contains(spent), "{after}");
        }
    }
}
