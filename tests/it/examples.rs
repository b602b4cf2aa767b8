//! The target files that are to be copied for a live tenant: they are sound but for the secrets that
//! nobody has here, and what they do by themselves works on a server of that edition.

use std::path::PathBuf;

use probity::{
    engine::{Depth, StopSignal, Undone},
    ids::Edition,
    mock::{Dialect, MockOptions, MockServer},
    suite::{self, Suite},
    target::Settings,
};
use serde_json::Value;

use crate::{cli::target::write, support};

const EXAMPLES: [(Edition, Dialect); 3] = [
    (support::EIAM, Dialect::Eiam),
    (support::CIAM, Dialect::Ciam),
    (support::ONEACCESS, Dialect::OneAccess),
];

/// What has to be set by who copies a file.
const SECRETS: [&str; 5] = [
    "PROBITY_CLIENT_ID",
    "PROBITY_CLIENT_SECRET",
    "PROBITY_OTHER_CLIENT_ID",
    "PROBITY_ISV_TENANT_ID",
    "PROBITY_ISV_CLIENT_ID",
];

/// Providers that need nobody's help and no account made beforehand.
const ALONE: [&str; 5] = [
    "account-ok",
    "account-expired",
    "keys",
    "management",
    "policy",
];

fn file(edition: Edition) -> PathBuf {
    support::root().join(format!("tenants/example-live-{edition}.yaml"))
}

/// The example with these values in its environment.
fn with_values(edition: Edition, value: impl Fn(&str) -> String) -> Suite {
    let folder = tempfile::tempdir().expect("a folder");
    let lines: Vec<String> = SECRETS
        .iter()
        .map(|name| format!("{name}='{}'\n", value(name)))
        .collect();
    let settings = Settings {
        env_file: Some(write(folder.path(), "values", &lines.concat())),
        ..Settings::default()
    };
    suite::load_with(support::root(), Some(&file(edition)), &settings)
}

#[test]
fn without_secrets_an_example_lacks_nothing_but_them() {
    for (edition, _) in EXAMPLES {
        let suite = suite::load(support::root(), Some(&file(edition)));
        let mistakes = suite.diagnostics.iter().filter(|mistake| !mistake.warning);
        let mut found: Vec<&str> = Vec::new();
        for mistake in mistakes {
            let named = SECRETS.iter().any(|name| mistake.message.contains(name));
            assert!(named, "{edition}: {mistake:?}");
            found.push(mistake.code);
        }
        found.sort_unstable();
        assert_eq!(found, ["bad-variable", "secret-missing"], "{edition}");
    }
}

#[test]
fn with_secrets_an_example_is_sound_and_says_what_it_does_not_offer() {
    for (edition, _) in EXAMPLES {
        let suite = with_values(edition, str::to_owned);
        assert!(!suite.is_broken(), "{edition}: {:#?}", suite.diagnostics);
        let text = std::fs::read_to_string(file(edition)).expect("the file");
        for warning in &suite.diagnostics {
            if warning.code == "unknown-provider" {
                let name = warning.message.split('`').nth(3).unwrap_or_default();
                assert!(text.contains(&format!("`{name}`")), "{edition}: {name}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn providers_that_need_no_person_and_no_pool_work_on_a_server_of_the_edition() {
    for (edition, dialect) in EXAMPLES {
        let mock = MockServer::start(MockOptions::new(dialect))
            .await
            .expect("a mock");
        let url = format!("{}/__mock/application", mock.base_url());
        let answer = reqwest::get(url).await.expect("an answer");
        let text = answer.text().await.expect("a text");
        let application: Value = serde_json::from_str(&text).expect("an application");
        let mut suite = with_values(edition, |name| {
            let member = match name {
                "PROBITY_CLIENT_ID" => "client_id",
                "PROBITY_CLIENT_SECRET" => "client_secret",
                _ => "other_client_id",
            };
            let value = application[member].as_str();
            value.unwrap_or_default().to_owned()
        });
        let mut target = support::target_at(&mut suite, &[edition], mock.base_url());
        target.limits.pace = None;
        let folder = tempfile::tempdir().expect("a folder");
        target.state = folder.path().to_owned();
        let mut rows = suite.plan.cases.clone();
        rows.retain(|row| {
            let mut needs = row.needs.iter();
            row.edition == edition && needs.all(|need| ALONE.contains(&need.provider.as_str()))
        });
        let engine = support::engine(suite.contracts, &suite.plan.cases, target);
        let found = engine.preflight(&rows, Depth::Providers).await;
        assert_eq!(found.faults, [], "{edition}");
        let called = found.lines.iter().find(|line| line.what == "providers");
        let called = called.expect("a line").text.clone();
        assert!(called.contains("account-"), "{edition}: {called}");
        // What was made is gone again.
        for swept in engine.finish(StopSignal::never()).await {
            assert!(
                !matches!(swept.undone, Undone::Left(_)),
                "{edition}: {swept:?}"
            );
        }
    }
}
