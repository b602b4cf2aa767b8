//! A step with every value computed: the request that is sent, or shown.

use serde_json::Value;

use crate::{
    exchange::Request,
    plan::{Body, Step},
    target::TargetEdition,
    template::{self, Bindings},
};

/// Computes a step's request.
///
/// # Errors
/// A sentence naming what is not bound, or the host the target does not have.
pub(super) fn render_request(
    step: &Step,
    settings: &TargetEdition,
    bindings: &Bindings,
) -> Result<Request, String> {
    let text = |value: &Value| -> Result<String, String> {
        Ok(match template::render(value, bindings)? {
            Value::String(text) => text,
            other => other.to_string(),
        })
    };
    let base = match &step.host {
        Some(name) => settings
            .hosts
            .get(name)
            .ok_or_else(|| format!("the target has no host `{name}`"))?,
        None => &settings.base_url,
    };
    let path = text(&Value::from(step.path.as_str()))?;
    let mut url = format!("{base}{path}");
    if !step.query.is_empty() {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in &step.query {
            query.append_pair(name, &text(value)?);
        }
        url = format!("{url}?{}", query.finish());
    }
    let mut headers = Vec::new();
    for (name, value) in &step.headers {
        headers.push((name.clone(), text(value)?));
    }
    let mut content_type = None;
    let body = match &step.body {
        Body::None => None,
        Body::Json(value) => {
            content_type = Some("application/json");
            Some(template::render(value, bindings)?.to_string().into_bytes())
        }
        Body::Form(pairs) => {
            content_type = Some("application/x-www-form-urlencoded");
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            for (name, value) in pairs {
                form.append_pair(name, &text(value)?);
            }
            Some(form.finish().into_bytes())
        }
        Body::Raw(value) => Some(text(value)?.into_bytes()),
    };
    // The operation under test declares its content type like any header, so that leaving it out
    // really leaves it out; provider steps and neighbours get the natural one.
    let declared = headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if let (Some(value), false, false) = (content_type, declared, step.name == "request") {
        headers.push(("Content-Type".to_owned(), value.to_owned()));
    }
    Ok(Request {
        method: step.method.clone(),
        url,
        headers,
        body,
        exact: step.exact,
    })
}

/// Escapes every text that cannot be computed before a provider was called, so that a preview shows
/// it as written.
pub(super) fn leave_unbound(step: &mut Step, bindings: &Bindings) {
    let keep = |value: &mut Value| {
        if let Value::String(text) = value
            && template::render_text(text, bindings).is_err()
        {
            *text = text.replace("${", "$${");
        }
    };
    for (_, value) in step.headers.iter_mut().chain(&mut step.query) {
        keep(value);
    }
    match &mut step.body {
        Body::Json(body) => visit_texts(body, &keep),
        Body::Form(pairs) => pairs.iter_mut().for_each(|(_, value)| keep(value)),
        Body::Raw(value) => keep(value),
        Body::None => {}
    }
}

fn visit_texts(value: &mut Value, visit: &impl Fn(&mut Value)) {
    match value {
        Value::Object(members) => members.values_mut().for_each(|v| visit_texts(v, visit)),
        Value::Array(items) => items.iter_mut().for_each(|v| visit_texts(v, visit)),
        other => visit(other),
    }
}
