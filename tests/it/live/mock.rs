//! The mock as a live tenant: each thing that can surround it, from outside.

use std::{io, sync::Arc};

use probity::mock::{Dialect, MockOptions, MockServer, Tls};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

use super::Authority;

async fn start(change: impl FnOnce(&mut MockOptions)) -> MockServer {
    let mut options = MockOptions::new(Dialect::Eiam);
    change(&mut options);
    let edition = options.edition;
    MockServer::start(options)
        .await
        .unwrap_or_else(|error| panic!("the mock of {edition} does not start: {error}"))
}

async fn read(response: reqwest::Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().await.expect("a body");
    (status, serde_json::from_str(&text).unwrap_or_default())
}

async fn get(url: String) -> (u16, Value) {
    read(reqwest::get(url).await.expect("an answer")).await
}

/// A request with the headers that every operation of the SDK wants.
fn sdk(server: &MockServer, path: &str) -> reqwest::RequestBuilder {
    let client_id = server.application()["client_id"].clone();
    reqwest::Client::new()
        .post(format!("{}/api/v2/sdk{path}", server.base_url()))
        .header("X-operating-sys-version", "windows10.1.1")
        .header("X-device-fingerprint", "156aysdna213sc50")
        .header("X-agent", "Mozilla/5.0")
        .header("X-client-id", client_id.as_str().expect("an id"))
}

async fn login(server: &MockServer, account: &Value) -> (u16, Value) {
    let body = json!({ "user_name": account["user_name"], "password": account["password"] });
    let request = sdk(server, "/login").body(body.to_string());
    read(request.send().await.expect("an answer")).await
}

/// The management API of a server, with an access token.
struct Manager<'s> {
    server: &'s MockServer,
    token: String,
}

impl<'s> Manager<'s> {
    async fn of(server: &'s MockServer) -> Self {
        let application = server.application();
        let text = |name: &str| application[name].as_str().expect("a text").to_owned();
        let (id, secret) = (text("client_id"), text("client_secret"));
        // A Basic header suits EIAM and OneAccess, the form suits CIAM and OneAccess.
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        let response = reqwest::Client::new()
            .post(format!("{}/api/v2/tenant/token", server.base_url()))
            .basic_auth(id, Some(secret))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(form)
            .send()
            .await
            .expect("an answer");
        let (_, body) = read(response).await;
        let token = body["access_token"].as_str().expect("a token").to_owned();
        Self { server, token }
    }

    async fn call(&self, method: reqwest::Method, path: &str, body: Value) -> (u16, Value) {
        let response = reqwest::Client::new()
            .request(
                method,
                format!("{}/api/v2/tenant/users{path}", self.server.base_url()),
            )
            .bearer_auth(&self.token)
            .header("Content-Type", "application/json")
            .body(body.to_string())
            .send()
            .await
            .expect("an answer");
        read(response).await
    }
}

#[tokio::test]
async fn a_user_is_made_found_by_name_and_deleted_through_the_management_api_alone() {
    let editions = [
        (Dialect::Eiam, "password", 204, "USER.0001"),
        (Dialect::Ciam, "pwd", 200, "IDAAS.TENANT.USER.0001"),
        (Dialect::OneAccess, "password", 204, "USER.0001"),
    ];
    for (edition, password, deleted, unknown) in editions {
        let server = start(|options| options.edition = edition).await;
        let manager = Manager::of(&server).await;
        let mut wanted =
            json!({ "user_name": "Pr0be123", "name": "王小明", "pwd_must_modify": false });
        wanted[password] = json!("0ld-Passw0rd7");
        let (status, made) = manager.call(reqwest::Method::POST, "", wanted).await;
        assert_eq!(status, 200, "{edition}: {made}");

        let by_name = json!({ "user_name": "Pr0be123" });
        let find = || manager.call(reqwest::Method::POST, "/user-by-username", by_name.clone());
        let (status, found) = find().await;
        assert_eq!(status, 200, "{edition}");
        assert_eq!(found["user_id"], made["user_id"], "{edition}");
        assert_eq!(found["pwd_must_modify"], false, "{edition}");

        let path = format!("/{}", made["user_id"].as_str().expect("an id"));
        let delete = || manager.call(reqwest::Method::DELETE, &path, Value::Null);
        assert_eq!(delete().await, (deleted, Value::Null), "{edition}");
        for (status, told) in [delete().await, find().await] {
            assert_eq!(
                (status, &told["error_code"]),
                (400, &json!(unknown)),
                "{edition}"
            );
        }
    }
}

#[tokio::test]
async fn without_an_access_token_nobody_is_deleted_or_found() {
    let server = start(|options| options.prepared = 1).await;
    let user = server.prepared()["ok"][0].clone();
    let manager = Manager {
        server: &server,
        token: "made-up".to_owned(),
    };
    let path = format!("/{}", user["user_id"].as_str().expect("an id"));
    let by_name = json!({ "user_name": user["user_name"] });
    let answers = [
        manager
            .call(reqwest::Method::DELETE, &path, Value::Null)
            .await,
        manager
            .call(reqwest::Method::POST, "/user-by-username", by_name)
            .await,
    ];
    for (status, told) in answers {
        assert_eq!((status, &told["error"]), (400, &json!("invalid_token")));
    }
    assert_eq!(login(&server, &user).await.0, 200);
}

#[tokio::test]
async fn calls_beyond_the_rate_are_turned_away_and_told_when_to_come_back() {
    let server = start(|options| options.rate = Some(1)).await;
    let url = format!("{}/api/v1/oauth2/keys", server.base_url());
    let client = reqwest::Client::new();
    // So many calls cannot all come more than a second apart.
    let calls: Vec<_> = (0..40)
        .map(|_| tokio::spawn(client.get(&url).send()))
        .collect();
    let (mut answered, mut refused) = (0, 0);
    for call in calls {
        let response = call.await.expect("no panic").expect("an answer");
        match response.status().as_u16() {
            200 => answered += 1,
            429 => {
                refused += 1;
                assert_eq!(response.headers()["Retry-After"], "1");
            }
            other => panic!("an answer {other}"),
        }
    }
    assert!(answered >= 1 && refused >= 1, "{answered} and {refused}");
    let traffic = server.traffic();
    assert_eq!((traffic.answered, traffic.refused), (answered, refused));
    assert!(traffic.peak > 1, "{traffic:?}");
}

#[tokio::test]
async fn a_variation_names_the_time_in_place_of_the_seconds() {
    let mut ways = std::collections::BTreeSet::new();
    for seed in 1..=8 {
        let server = start(|options| {
            options.rate = Some(1);
            options.variation = seed;
        })
        .await;
        let url = format!("{}/api/v1/oauth2/keys", server.base_url());
        let told = loop {
            let response = reqwest::get(&url).await.expect("an answer");
            if let Some(value) = response.headers().get("Retry-After") {
                break value.to_str().expect("a text").to_owned();
            }
        };
        ways.insert(told.ends_with(" GMT"));
    }
    assert_eq!(ways.len(), 2, "seconds and a date");
}

#[tokio::test]
async fn what_is_turned_away_changes_nothing() {
    let server = start(|options| {
        options.rate = Some(1);
        options.prepared = 1;
        options.gateway_port = Some(0);
    })
    .await;
    let user = &server.prepared()["ok"][0];
    loop {
        let (status, told) = login(&server, user).await;
        if status == 429 {
            assert_eq!(told, Value::Null);
            break;
        }
    }
    let (_, listed) = get(format!("{}/users", server.gateway_url().expect("one"))).await;
    let lines = listed["users"].as_array().expect("a list").len();
    let kinds = server.prepared().len();
    assert_eq!(lines, kinds);
}

#[tokio::test]
async fn a_live_tenant_has_no_control_path() {
    for (control, status) in [(true, 200), (false, 404)] {
        let server = start(|options| options.control = control).await;
        let answer = get(format!("{}/__mock/policy", server.base_url())).await;
        assert_eq!(answer.0, status);
    }
}

#[tokio::test]
async fn the_gateway_shows_the_newest_message_and_is_not_the_tenant() {
    let server = start(|options| {
        options.gateway_port = Some(0);
        options.prepared = 1;
    })
    .await;
    let gateway = server.gateway_url().expect("a gateway").to_owned();
    let mobile = server.prepared()["warn"][0]["mobile"].clone();
    let mobile = mobile.as_str().expect("a number");
    let inbox = format!(
        "{gateway}/messages?to={}&type=CHANGE_PWD_SMS",
        mobile.replace('+', "%2B")
    );
    assert_eq!(get(inbox.clone()).await.0, 404);

    let (_, captcha) = {
        let client_id = server.application()["client_id"].clone();
        let response = reqwest::Client::new()
            .get(format!("{}/api/v2/sdk/captcha", server.base_url()))
            .header("X-operating-sys-version", "windows10.1.1")
            .header("X-device-fingerprint", "156aysdna213sc50")
            .header("X-agent", "Mozilla/5.0")
            .header("X-client-id", client_id.as_str().expect("an id"))
            .send()
            .await;
        read(response.expect("an answer")).await
    };
    let solution = json!({
        "point_json": r#"{"x":237.0,"y":5.0}"#, "token": captcha["token"], "sender": mobile,
    });
    let verify = sdk(&server, "/captcha/verify").body(solution.to_string());
    let (_, solved) = read(verify.send().await.expect("an answer")).await;
    let wanted = json!({
        "mobile": mobile, "type": "CHANGE_PWD_SMS", "captcha_token": solved["captcha_token"],
    });
    let send = sdk(&server, "/sms/send").body(wanted.to_string());
    assert_eq!(send.send().await.expect("an answer").status(), 200);

    let (status, message) = get(inbox).await;
    assert_eq!((status, &message["to"]), (200, &json!(mobile)));
    let code = message["code"].as_str().expect("a code");
    assert!(code.len() == 6 && code.chars().all(|c| c.is_ascii_digit()));

    for path in ["/api/v1/oauth2/keys", "/__mock/users", "/"] {
        assert_eq!(get(format!("{gateway}{path}")).await.0, 404, "{path}");
    }
    assert_eq!(get(format!("{gateway}/messages?to=1")).await.0, 400);
    // Only what the tenant was sent is traffic: captcha, its solution and the message.
    let (_, traffic) = get(format!("{gateway}/traffic")).await;
    assert_eq!(traffic["answered"], 3);
}

#[tokio::test]
async fn the_owner_sees_all_accounts_and_no_password() {
    let server = start(|options| {
        options.gateway_port = Some(0);
        options.prepared = 2;
    })
    .await;
    let gateway = server.gateway_url().expect("a gateway");
    let (status, listed) = get(format!("{gateway}/users")).await;
    assert_eq!(status, 200);
    let users = listed["users"].as_array().expect("a list");
    let lists = server.prepared().values().filter_map(Value::as_array);
    assert_eq!(users.len(), lists.map(Vec::len).sum::<usize>());
    assert!(!listed.to_string().contains("0ld-Passw0rd7"));
}

#[tokio::test]
async fn prepared_accounts_log_in_the_way_their_kind_says() {
    let table = [
        ("ok", "SUCCESS"),
        ("warn", "PASSWORD_WARN"),
        ("warn-no-mobile", "PASSWORD_WARN"),
        ("warn-mfa", "PASSWORD_WARN"),
        ("warn-denied", "PASSWORD_WARN"),
        ("expired", "PASSWORD_EXPIRED"),
        ("expired-mfa", "PASSWORD_EXPIRED"),
        ("expired-denied", "PASSWORD_EXPIRED"),
        ("mfa", "MFA_AUTH"),
    ];
    let server = start(|options| options.prepared = 1).await;
    assert_eq!(server.prepared().len(), table.len());
    for (kind, wanted) in table {
        let account = &server.prepared()[kind][0];
        let (status, answer) = login(&server, account).await;
        assert_eq!((status, &answer["status"]), (200, &json!(wanted)), "{kind}");
        assert_eq!(account["mobile"].is_null(), kind == "warn-no-mobile");
    }
}

/// What a server of `own` answers to a client that shows a certificate of `shown`.
async fn ask_over_tls(own: &Authority, shown: Option<&Authority>, url: &str) -> io::Result<String> {
    let certificate = |pem: &str| CertificateDer::from_pem_slice(pem.as_bytes()).expect("one");
    let mut roots = RootCertStore::empty();
    roots.add(certificate(&own.pem())).expect("an authority");
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots);
    let config = match shown.map(Authority::client_parts) {
        None => builder.with_no_client_auth(),
        Some((shown, key)) => {
            let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("a key");
            builder
                .with_client_auth_cert(vec![certificate(&shown)], key)
                .expect("a key that fits")
        }
    };
    let authority = url.strip_prefix("https://").expect("TLS");
    let (host, _) = authority.split_once(':').expect("a port");
    let name = ServerName::try_from(host.to_owned()).expect("a name");
    let stream = TcpStream::connect(authority).await?;
    let connector = TlsConnector::from(Arc::new(config));
    let mut stream = connector.connect(name, stream).await?;
    let request = "GET /api/v1/oauth2/keys HTTP/1.1\r\nConnection: close\r\nHost: ";
    let request = format!("{request}{authority}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn behind_tls_only_clients_with_a_certificate_of_the_right_authority_are_served() {
    let (own, clients, others) = (Authority::new(), Authority::new(), Authority::new());
    let (certificate, key) = own.server();
    let server = start(|options| {
        options.edition = Dialect::OneAccess;
        options.tls = Some(Tls {
            certificate,
            key,
            client_ca: Some(clients.pem().into_bytes()),
        });
    })
    .await;
    let urls = [server.base_url(), server.common_url().expect("one")];
    for url in urls {
        let answer = ask_over_tls(&own, Some(&clients), url).await;
        let answer = answer.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        let why = ask_over_tls(&own, None, url).await.expect_err("a refusal");
        assert!(
            format!("{why:?}").contains("CertificateRequired"),
            "{why:?}"
        );
        assert!(ask_over_tls(&own, Some(&others), url).await.is_err());
    }
    assert_eq!(server.traffic().answered, 2);
}

#[tokio::test]
async fn certificates_that_cannot_be_used_stop_the_mock_from_starting() {
    let mut options = MockOptions::new(Dialect::Ciam);
    options.tls = Some(Tls {
        certificate: b"none".to_vec(),
        key: b"none".to_vec(),
        client_ca: None,
    });
    let error = MockServer::start(options).await.expect_err("an error");
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
}
