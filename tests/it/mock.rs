//! The embedded mock from outside: its routes are the contract's, and it lives and dies as told.

use std::collections::BTreeSet;

use probity::{
    contract::Contract,
    mock::{Dialect, MockOptions, MockServer, faults, operation_routes, rule_names},
};
use serde_json::{Value, json};

use crate::support;

/// What the mock answers in some edition although that edition's contract does not describe it.
const BEYOND: [&str; 5] = [
    "forgotPasswordByMobile",
    "listCountryCodes",
    "showPublicKey",
    "showServerDate",
    "skipPasswordUpdate",
];

fn dialect(contract: &Contract) -> Dialect {
    Dialect::of(contract.edition).expect("a mock of every shipped edition")
}

async fn start(edition: Dialect) -> MockServer {
    MockServer::start(MockOptions::new(edition))
        .await
        .unwrap_or_else(|error| panic!("the mock of {edition} does not start: {error}"))
}

/// A path with every varying segment written `{}`.
fn shape(path: &str) -> String {
    path.split('/')
        .map(|part| if part.starts_with('{') { "{}" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    let text = response.text().await.expect("a body");
    (status, serde_json::from_str(&text).unwrap_or_default())
}

#[test]
fn every_operation_of_the_mock_is_one_of_its_editions_contract() {
    let suite = support::shipped();
    let mut beyond = BTreeSet::new();
    for contract in &suite.contracts {
        for (name, method, path) in operation_routes(dialect(contract)) {
            let Some(documented) = contract.operation(name) else {
                beyond.insert(name);
                continue;
            };
            assert_eq!(
                (method, shape(path)),
                (documented.method.clone(), shape(&documented.path)),
                "{} {name}",
                contract.edition
            );
        }
    }
    assert_eq!(beyond, BTreeSet::from(BEYOND));
}

#[test]
fn the_mock_serves_every_operation_of_the_contracts() {
    let suite = support::shipped();
    let mut missing = Vec::new();
    for contract in &suite.contracts {
        let served = operation_routes(dialect(contract));
        for operation in &contract.operations {
            if !served.iter().any(|(name, _, _)| operation.id == *name) {
                missing.push(format!("{}/{}", contract.edition, operation.id));
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn no_two_rules_or_operations_of_an_edition_share_a_name() {
    for edition in Dialect::ALL {
        let rules = rule_names(edition);
        assert!(!rules.is_empty());
        assert_eq!(
            rules.iter().collect::<BTreeSet<_>>().len(),
            rules.len(),
            "{edition}"
        );
        let routes = operation_routes(edition);
        let names: BTreeSet<_> = routes.iter().map(|(name, _, _)| name).collect();
        assert_eq!(names.len(), routes.len(), "{edition}");
        let places: BTreeSet<_> = routes
            .iter()
            .map(|(_, method, path)| (method, path))
            .collect();
        assert_eq!(places.len(), routes.len(), "{edition}");
    }
}

#[tokio::test]
async fn a_bare_call_of_any_operation_gets_an_answer_and_never_an_undocumented_refusal() {
    let suite = support::shipped();
    let client = reqwest::Client::new();
    let mut judged = 0;
    for contract in &suite.contracts {
        let server = start(dialect(contract)).await;
        for (name, method, path) in operation_routes(dialect(contract)) {
            let method = method.parse::<reqwest::Method>().expect("a method");
            let url = format!("{}{}", server.base_url(), path.replace("{}", "nobody"));
            let response = client.request(method, url).send().await.expect("an answer");
            let status = response.status().as_u16();
            assert!(
                !matches!(status, 404 | 405) && status < 500,
                "{name} answers {status}"
            );
            // Neighbours are described by their successes alone.
            let refusals = contract.operation(name).filter(|operation| {
                operation
                    .responses
                    .iter()
                    .any(|rule| rule.statuses.one() >= Some(400))
            });
            if let Some(operation) = refusals {
                judged += 1;
                let edition = contract.edition;
                assert!(
                    operation.response(status).is_some(),
                    "{edition} {name} answers {status}"
                );
            }
        }
    }
    assert!(
        judged >= 5,
        "the operations under test document their refusals: {judged}"
    );
}

/// The answer to a management call with this body.
async fn managed(server: &MockServer, path: &str, token: &str, body: &Value) -> (u16, Value) {
    let client = reqwest::Client::new();
    let call = client.post(format!("{}{path}", server.base_url()));
    let call = call.header("Authorization", format!("Bearer {token}"));
    let call = call.header("Content-Type", "application/json");
    answer(call.body(body.to_string())).await
}

#[tokio::test]
async fn a_value_of_another_type_is_no_name_no_token_and_no_ticket() {
    let server = start(Dialect::OneAccess).await;
    let client = reqwest::Client::new();
    let (_, known) = answer(client.get(format!("{}/__mock/application", server.base_url()))).await;
    let known = |name: &str| known[name].as_str().expect("a text").to_owned();
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        known("client_id"),
        known("client_secret")
    );
    let call = client.post(format!("{}/api/v2/tenant/token", server.base_url()));
    let call = call.header("Content-Type", "application/x-www-form-urlencoded");
    let (status, granted) = answer(call.body(form)).await;
    assert_eq!(status, 200, "{granted}");
    let token = granted["access_token"].as_str().expect("a token");
    for (path, member) in [
        ("/api/v2/tenant/users/user-by-username", "user_name"),
        ("/api/v2/tenant/users", "user_name"),
        (
            "/api/v2/tenant/sso/session-token/sso-ticket",
            "session_token",
        ),
        ("/api/v2/tenant/sso/sso-ticket/verify", "sso_ticket"),
    ] {
        for value in [json!(5), json!(true), json!({}), json!([])] {
            let body = json!({ member: value, "device_fingerprint": "d" });
            let (status, answered) = managed(&server, path, token, &body).await;
            assert_eq!(status, 400, "{path} {body}: {answered}");
            assert!(
                answered["error_code"].is_string(),
                "{path} {body}: {answered}"
            );
        }
    }
}

#[tokio::test]
async fn a_dropped_mock_takes_no_further_connection() {
    let server = start(Dialect::OneAccess).await;
    let urls = [
        server.base_url(),
        server.common_url().expect("a common domain"),
    ];
    let addresses = urls.map(|url| url.trim_start_matches("http://").to_owned());
    for address in &addresses {
        assert!(tokio::net::TcpStream::connect(address).await.is_ok());
    }
    drop(server);
    tokio::task::yield_now().await;
    for address in &addresses {
        let error = tokio::net::TcpStream::connect(address).await.err();
        assert_eq!(
            error.map(|error| error.kind()),
            Some(std::io::ErrorKind::ConnectionRefused)
        );
    }
}

#[tokio::test]
async fn three_editions_serve_at_once_from_addresses_of_their_own() {
    let (eiam, ciam, oneaccess) = tokio::join!(
        start(Dialect::Eiam),
        start(Dialect::Ciam),
        start(Dialect::OneAccess)
    );
    let servers = [&eiam, &ciam, &oneaccess];
    let urls: BTreeSet<_> = servers.iter().map(|server| server.base_url()).collect();
    assert_eq!(urls.len(), 3);
    for server in servers {
        let keys = reqwest::Client::new().get(format!("{}/api/v1/oauth2/keys", server.base_url()));
        let (status, body) = answer(keys).await;
        assert_eq!(status, 200);
        assert_eq!(body["keys"][0]["kty"], "RSA");
    }
    assert!(eiam.common_url().is_none() && ciam.common_url().is_none());
    assert!(oneaccess.common_url().is_some());
}

#[tokio::test]
async fn what_one_call_makes_a_later_one_finds_and_another_mock_does_not() {
    let (server, other) = (start(Dialect::Ciam).await, start(Dialect::Ciam).await);
    let client = reqwest::Client::new();
    let (status, user) = answer(
        client
            .post(format!("{}/__mock/users", server.base_url()))
            .body(json!({ "password_state": "warn" }).to_string()),
    )
    .await;
    assert!((200..300).contains(&status), "{status} {user}");
    let id = user["user_id"].as_str().expect("an id");
    let at = |server: &MockServer| format!("{}/__mock/users/{id}", server.base_url());
    let (status, found) = answer(client.get(at(&server))).await;
    assert_eq!((status, &found["user_name"]), (200, &user["user_name"]));
    assert_eq!(answer(client.get(at(&other))).await.0, 404);
    assert_eq!(answer(client.delete(at(&server))).await.0, 200);
    assert_eq!(answer(client.get(at(&server))).await.0, 404);
}

#[tokio::test]
async fn an_unknown_path_is_404_and_another_method_on_a_known_one_is_405() {
    let client = reqwest::Client::new();
    for edition in Dialect::ALL {
        let server = start(edition).await;
        let nowhere = client.get(format!("{}/api/v2/sdk/nowhere", server.base_url()));
        assert_eq!(answer(nowhere).await.0, 404, "{edition}");
        let keys = client.delete(format!("{}/api/v1/oauth2/keys", server.base_url()));
        let response = keys.send().await.expect("an answer");
        assert_eq!(response.status(), 405, "{edition}");
        assert_eq!(response.headers()["allow"], "GET");
    }
}

#[tokio::test]
async fn a_mock_starts_with_every_departure_and_with_no_unknown_one() {
    for edition in Dialect::ALL {
        for fault in faults(edition) {
            let mut options = MockOptions::new(edition);
            options.fault = Some(fault.name.clone());
            let started = MockServer::start(options).await;
            assert!(started.is_ok(), "{edition} {}: {started:?}", fault.name);
        }
        let mut options = MockOptions::new(edition);
        options.fault = Some("skipPasswordUpdate/x-agent-present:weak-nothing".to_owned());
        let error = MockServer::start(options).await.err();
        assert_eq!(
            error.map(|error| error.kind()),
            Some(std::io::ErrorKind::InvalidInput)
        );
    }
}

#[tokio::test]
async fn a_departure_changes_the_answer_to_the_call_it_is_about_and_to_no_other() {
    let mut options = MockOptions::new(Dialect::Ciam);
    options.fault = Some("skipPasswordUpdate/x-agent-present:weak-missing".to_owned());
    let server = MockServer::start(options).await.expect("a mock");
    let skip = || {
        reqwest::Client::new()
            .get(format!("{}/api/v2/sdk/pwd/skip-update", server.base_url()))
            .header("X-operating-sys-version", "windows10.1.1")
            .header("X-device-fingerprint", "156aysdna213sc50")
    };
    let (_, missing) = answer(skip()).await;
    assert_eq!(missing["error_code"], "IDAAS.SDK.PARAM.0002");
    let (_, blank) = answer(skip().header("X-agent", " ")).await;
    assert_eq!(blank["error_code"], "IDAAS.SDK.PARAM.0001");
}

#[tokio::test]
async fn a_taken_port_is_an_error_and_not_a_panic() {
    let server = start(Dialect::Eiam).await;
    let port = server.base_url().rsplit(':').next().expect("a port");
    let mut options = MockOptions::new(Dialect::Eiam);
    options.port = port.parse().expect("a number");
    let error = MockServer::start(options).await.err();
    assert_eq!(
        error.map(|error| error.kind()),
        Some(std::io::ErrorKind::AddrInUse)
    );
}
