//! A step with every value computed: the request that is sent, or shown.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::{
    exchange::Request,
    plan::{Alteration, Body, Step, TestCase},
    target::TargetEdition,
    template::{self, Bindings},
    transcript::Part,
};

/// What one part of a path cannot hold as it is (RFC 3986, 3.3).
const NO_PART: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// The target's headers that the row's own request carries too: all but those that the row says
/// something of, be it that they are left out.
pub(super) fn common_headers(all: &[(String, Value)], case: &TestCase) -> Vec<(String, Value)> {
    let said = |name: &str| {
        case.alterations.iter().any(
            |one| matches!(one, Alteration::Header(known, _) if known.eq_ignore_ascii_case(name)),
        )
    };
    let kept = all.iter().filter(|(name, _)| !said(name));
    kept.cloned().collect()
}

/// Computes a step's request; of the common headers it gets those that it has not itself.
///
/// # Errors
/// A sentence naming what is not bound, or the host the target does not have.
pub(super) fn render_request(
    step: &Step,
    part: Part,
    settings: &TargetEdition,
    common: &[(String, Value)],
    bindings: &Bindings,
    note: template::Note<'_>,
) -> Result<Request, String> {
    let mut text = |value: &Value| -> Result<String, String> {
        let value = template::render_noting(value, bindings, note);
        Ok(match value.map_err(|error| error.to_string())? {
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
    let mut parts = Vec::new();
    for (name, value) in &step.params {
        let value = text(value)?;
        let part = utf8_percent_encode(&value, NO_PART).to_string();
        parts.push((name.as_str(), part));
    }
    // The path is computed before it is filled, so that no value can bring an expression.
    let path = filled(&text(&Value::from(step.path.as_str()))?, &parts);
    // Anything else would go on with the host's name, and so lead to another one.
    if !path.starts_with('/') {
        return Err(format!("the path `{path}` does not begin with `/`"));
    }
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
    for (name, value) in common {
        if !step
            .headers
            .iter()
            .any(|(own, _)| own.eq_ignore_ascii_case(name))
        {
            headers.push((name.clone(), text(value)?));
        }
    }
    let mut content_type = None;
    let body = match &step.body {
        Body::None => None,
        Body::Json(value) => {
            content_type = Some("application/json");
            let value = template::render_noting(value, bindings, note);
            let value = value.map_err(|error| error.to_string())?;
            Some(value.to_string().into_bytes())
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
    if let (Some(value), false) = (content_type, declared || part == Part::Request) {
        headers.push(("Content-Type".to_owned(), value.to_owned()));
    }
    Ok(Request {
        method: step.method.clone(),
        url,
        headers,
        body,
        exact: step.exact,
        hostless: step.hostless,
    })
}

/// Whether a text is one part of a path as it stands, and leads nowhere else.
pub(super) fn is_part(text: &str) -> bool {
    let encoded = utf8_percent_encode(text, NO_PART);
    !matches!(text, "" | "." | "..") && encoded.to_string() == text
}

/// The path with every `{name}` replaced by its part; other braces stay.
fn filled(path: &str, parts: &[(&str, String)]) -> String {
    let mut out = String::new();
    let mut rest = path;
    while let Some((front, behind)) = rest.split_once('{') {
        out.push_str(front);
        let part = behind.split_once('}').and_then(|(name, after)| {
            let (_, part) = parts.iter().find(|(known, _)| *known == name)?;
            Some((part, after))
        });
        if let Some((part, after)) = part {
            out.push_str(part);
            rest = after;
        } else {
            out.push('{');
            rest = behind;
        }
    }
    out.push_str(rest);
    out
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
    let pairs = step.headers.iter_mut().chain(&mut step.query);
    for (_, value) in pairs.chain(&mut step.params) {
        keep(value);
    }
    let mut path = Value::from(step.path.as_str());
    keep(&mut path);
    path.as_str().unwrap_or_default().clone_into(&mut step.path);
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

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use serde_json::Map;

    use super::*;
    use crate::{plan::lower_step, yaml};

    /// The names of the headers of a step of this name and part, which sends JSON.
    fn header_names(name: &str, part: Part) -> Vec<String> {
        let text = format!("name: {name}\nrequest: POST /x\nbody: {{ a: 1 }}\n");
        let node = yaml::parse("a.yaml", text).unwrap();
        let step = lower_step(&node, None, &mut Vec::new()).unwrap();
        let settings = TargetEdition {
            base_url: "http://tenant.invalid".into(),
            hosts: BTreeMap::new(),
            variables: Map::new(),
            declared: BTreeSet::new(),
            variables_from: None,
            secrets: Vec::new(),
            providers: BTreeMap::new(),
        };
        let bindings = Bindings::new();
        let request = render_request(&step, part, &settings, &[], &bindings, &mut |_, _| {});
        let headers = request.unwrap().headers.into_iter();
        headers.map(|(name, _)| name).collect()
    }

    #[test]
    fn only_the_request_under_test_declares_its_content_type_whatever_a_step_is_called() {
        for part in [Part::Setup, Part::Then, Part::Cleanup] {
            assert_eq!(header_names("request", part), ["Content-Type"]);
        }
        assert_eq!(header_names("request", Part::Request), [""; 0]);
        assert_eq!(header_names("other", Part::Request), [""; 0]);
    }

    #[test]
    fn a_value_is_one_part_of_the_path_whatever_it_holds() {
        let parts = [("id", "a%2Fb".to_owned()), ("rev", "{id}".to_owned())];
        assert_eq!(filled("/x/{id}/r/{rev}", &parts), "/x/a%2Fb/r/{id}");
        assert_eq!(filled("/x/{other}/{", &parts), "/x/{other}/{");
        let encoded = utf8_percent_encode("a/b?c#d%e f:g@h.名", NO_PART).to_string();
        assert_eq!(encoded, "a%2Fb%3Fc%23d%25e%20f:g@h.%E5%90%8D");
    }
}
