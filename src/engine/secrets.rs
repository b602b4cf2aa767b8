//! Which values of a row are secret: found by the names they have.

use serde_json::Value;

use crate::{
    exchange::{Exchange, Request},
    secret::is_secret_member,
};

/// Adds the secret members of a value.
pub(super) fn collect(value: &Value, secrets: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if is_secret_member(name) => secrets.push(text.clone()),
                    other => collect(other, secrets),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, secrets)),
        _ => {}
    }
}

/// Adds the secrets that a request carries in its body and its `Authorization` header.
pub(super) fn of_request(request: &Request, secrets: &mut Vec<String>) {
    if let Some(body) = request
        .body
        .as_deref()
        .and_then(|body| serde_json::from_slice::<Value>(body).ok())
    {
        collect(&body, secrets);
    }
    if let Some((_, token)) = request
        .header("authorization")
        .and_then(|value| value.split_once(' '))
    {
        secrets.push(token.to_owned());
    }
}

/// Adds the cookies of an answer that no script may read: sessions, wherever they are shown again.
pub(super) fn of_answer(exchange: &Exchange, secrets: &mut Vec<String>) {
    let Ok(response) = &exchange.outcome else {
        return;
    };
    for cookie in response.cookies().values() {
        if let (Value::Bool(true), Value::String(value)) = (&cookie["http-only"], &cookie["value"])
        {
            secrets.push(value.clone());
        }
    }
}
