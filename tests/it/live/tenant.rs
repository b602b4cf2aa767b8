//! A whole live-style tenant: three mocks and the shipped `tenants/live-mock.yaml` that reaches them.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use probity::{
    mock::{Dialect, MockOptions, MockServer, Tls},
    suite::{self, Suite},
    target::Profile,
};
use serde_json::Value;

use super::Authority;
use crate::support::root;

/// Mocks behind TLS, and a folder with the target file and all it names.
pub(super) struct Tenant {
    servers: Vec<(Dialect, MockServer)>,
    folder: tempfile::TempDir,
}

/// What a tenant is like; the rest is as its README says.
pub(super) struct Wanted {
    /// Requests that each edition takes within a second.
    pub rate: usize,
    /// Requests that the target file lets go within a second; none for as fast as it goes.
    pub pace: Option<usize>,
    /// Accounts made ready of the common kind.
    pub prepared: usize,
}

impl Tenant {
    pub(super) async fn start(wanted: &Wanted) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let authority = Authority::new();
        let (certificate, key) = authority.server();
        let tls = Tls {
            certificate,
            key,
            client_ca: Some(authority.pem().into_bytes()),
        };
        let mut servers = Vec::new();
        for dialect in Dialect::ALL {
            let options = MockOptions {
                tls: Some(tls.clone()),
                rate: Some(wanted.rate),
                control: false,
                gateway_port: Some(0),
                prepared: wanted.prepared,
                ..MockOptions::new(dialect)
            };
            servers.push((dialect, MockServer::start(options).await.expect("a mock")));
        }
        let tenant = Self { servers, folder };
        tenant.write_down(&authority, wanted.pace);
        tenant
    }

    /// The files of the owner, and the shipped target file with this tenant's addresses and pace.
    fn write_down(&self, authority: &Authority, pace: Option<usize>) {
        let files = self.folder.path().join("live-mock");
        let write = |path: PathBuf, bytes: &[u8]| {
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, bytes).expect("written");
        };
        write(files.join("ca.pem"), authority.pem().as_bytes());
        let (certificate, key) = authority.client_parts();
        write(files.join("client.pem"), certificate.as_bytes());
        write(files.join("client-key.pem"), key.as_bytes());

        let shipped = root().join("tenants/live-mock.yaml");
        let mut text = fs::read_to_string(shipped).expect("the target file");
        let mut put = |old: &str, new: &str| {
            assert!(text.contains(old), "the target file has no `{old}`");
            text = text.replace(old, new);
        };
        // A port that is chosen may begin like one that is still to be replaced.
        for port in ["4010", "4011", "4012", "4013", "4020", "4021", "4022"] {
            put(
                &format!("127.0.0.1:{port}"),
                &format!("port-{port}.invalid"),
            );
        }
        let addresses = ["4010", "4011", "4012"]
            .into_iter()
            .zip(["4020", "4021", "4022"]);
        for ((dialect, server), (tenant, gateway)) in self.servers.iter().zip(addresses) {
            put(&format!("https://port-{tenant}.invalid"), server.base_url());
            let owner = server.gateway_url().expect("an owner's side");
            put(&format!("http://port-{gateway}.invalid"), owner);
            if let Some(common) = server.common_url() {
                put("https://port-4013.invalid", common);
            }
            let of_edition = files.join(dialect.as_str());
            for (kind, accounts) in server.prepared() {
                let text = accounts.to_string();
                write(of_edition.join(format!("{kind}.json")), text.as_bytes());
            }
            let secret = server.application()["client_secret"].clone();
            let secret = secret.as_str().expect("a secret").as_bytes();
            write(of_edition.join("client-secret"), secret);
        }
        put(
            "requests_per_second: 4, ",
            &pace.map_or_else(String::new, |pace| format!("requests_per_second: {pace}, ")),
        );
        write(self.file(), text.as_bytes());
    }

    /// The target file.
    pub(super) fn file(&self) -> PathBuf {
        self.folder.path().join("live-mock.yaml")
    }

    /// The shipped suite with this tenant for its target.
    /// Everything may be sent to it: its file says whose it is.
    pub(super) fn suite(&self) -> Suite {
        let mut suite = suite_at(&self.file());
        let target = suite.target.as_mut().expect("a target");
        target.permit(Profile::Destructive).expect("a test tenant");
        suite
    }

    /// The most requests that one of the mocks got within a second, and how many all turned away.
    pub(super) fn traffic(&self) -> (usize, u64) {
        let each = self.servers.iter().map(|(_, server)| server.traffic());
        each.fold((0, 0), |(peak, refused), one| {
            (peak.max(one.peak), refused + one.refused)
        })
    }

    /// The names of all users, as the owners see them.
    pub(super) async fn users(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for (_, server) in &self.servers {
            let url = format!("{}/users", server.gateway_url().expect("an owner's side"));
            let text = reqwest::get(url).await.expect("an answer").text().await;
            let listed: Value = serde_json::from_str(&text.expect("a body")).expect("JSON");
            let users = listed["users"].as_array().expect("a list");
            let each = users.iter().filter_map(|user| user["user_name"].as_str());
            names.extend(each.map(ToOwned::to_owned));
        }
        names
    }
}

pub(super) fn suite_at(file: &Path) -> Suite {
    let suite = suite::load(root(), Some(file));
    assert!(!suite.is_broken(), "{:#?}", suite.diagnostics);
    suite
}
