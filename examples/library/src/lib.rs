//! A service of users in memory: what the example tests.

use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use http_body_util::{BodyExt as _, Full};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{AUTHORIZATION, CONTENT_TYPE},
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The names of all users.
type Users = Arc<Mutex<Vec<String>>>;

/// Serves on a free port until the runtime ends.
///
/// # Errors
/// When there is no free port.
pub async fn start() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let users = Users::default();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let users = Arc::clone(&users);
            let service = service_fn(move |request| answer(Arc::clone(&users), request));
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service);
            tokio::spawn(connection);
        }
    });
    Ok(address)
}

async fn answer(
    users: Users,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let is_known = request
        .headers()
        .get(AUTHORIZATION)
        .is_some_and(|value| value == "Bearer sesame");
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    // A body that cannot be read is no user.
    let body = request.into_body().collect().await;
    let body = body
        .map(http_body_util::Collected::to_bytes)
        .unwrap_or_default();
    let mut users = users.lock().unwrap_or_else(PoisonError::into_inner);
    let (status, body) = match (method, &*path) {
        (Method::POST, "/users") if !is_known => (401, json!({ "error": "unknown caller" })),
        (Method::POST, "/users") => created(&mut users, &body),
        (Method::GET, "/users") => (200, json!({ "users": *users })),
        _ => (404, json!({ "error": "nothing here" })),
    };
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    let json = hyper::header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    Ok(response)
}

fn created(users: &mut Vec<String>, body: &[u8]) -> (u16, Value) {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let Some(name) = body["name"].as_str().filter(|name| !name.is_empty()) else {
        return (400, json!({ "error": "a user has a name" }));
    };
    users.push(name.to_owned());
    (201, json!({ "id": users.len(), "name": name }))
}
