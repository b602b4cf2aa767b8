//! A step with every value computed: the request that is sent, or shown.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use thiserror::Error;

use crate::{
    contract::server_behind,
    exchange::Request,
    plan::{Alteration, Body, Step, TestCase},
    result::Part,
    target::TargetEdition,
    template::{self, Bindings, TemplateError},
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

/// The target's headers that the test case's own request carries too: all but those that the test case
/// says something of, be it that they are left out.
pub(super) fn common_headers(all: &[(String, Value)], case: &TestCase) -> Vec<(String, Value)> {
    let altered = |name: &str| {
        case.alterations.iter().any(
            |one| matches!(one, Alteration::Header(known, _) if known.eq_ignore_ascii_case(name)),
        )
    };
    let kept = all.iter().filter(|(name, _)| !altered(name));
    kept.cloned().collect()
}

/// Why the request of a step cannot be computed.
#[derive(Debug, Error)]
pub enum RequestError {
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error("the target has no host `{0}`")]
    NoHost(String),
    /// It would go on with the host's name, and so lead to another one.
    #[error("the path `{0}` does not begin with `/`")]
    Path(String),
    /// A step repeats the request under test before that was sent.
    #[error("the request was not sent yet")]
    NotSent,
}

/// Computes a step's request; of the common headers it gets those that it has not itself.
///
/// # Errors
/// What is not bound, or the host the target does not have.
pub(super) fn render_request(
    step: &Step,
    part: Part,
    settings: &TargetEdition,
    common: &[(String, Value)],
    bindings: &Bindings,
    note: template::Note<'_>,
) -> Result<Request, RequestError> {
    let mut renderer = Renderer { bindings, note };
    let url = renderer.url(step, settings)?;
    let mut headers = renderer.headers(step, common)?;
    let body = renderer.body(&step.body)?;
    // The operation under test declares its content type like any header, so that leaving it out
    // really leaves it out; provider steps and neighbours get the natural one.
    if part != Part::Request
        && let Some(value) = content_type(&step.body)
        && !has(&headers, "content-type")
    {
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

/// Computes the parts of a request.
struct Renderer<'r, 'n> {
    bindings: &'r Bindings,
    note: template::Note<'n>,
}

impl Renderer<'_, '_> {
    fn value(&mut self, value: &Value) -> Result<Value, TemplateError> {
        template::render_noting(value, self.bindings, self.note)
    }

    fn text(&mut self, value: &Value) -> Result<String, TemplateError> {
        Ok(match self.value(value)? {
            Value::String(text) => text,
            other => other.to_string(),
        })
    }

    fn url(&mut self, step: &Step, settings: &TargetEdition) -> Result<String, RequestError> {
        let base = match &step.host {
            Some(name) => {
                let host = settings.hosts.get(name);
                host.ok_or_else(|| RequestError::NoHost(name.clone()))?
            }
            None => &settings.base_url,
        };
        let path = self.path(step)?;
        if !path.starts_with('/') {
            return Err(RequestError::Path(path));
        }
        let server = server_behind(base, &step.server_path);
        let query = self.form(&step.query)?;
        Ok(if step.query.is_empty() {
            format!("{base}{server}{path}")
        } else {
            format!("{base}{server}{path}?{query}")
        })
    }

    fn path(&mut self, step: &Step) -> Result<String, TemplateError> {
        let mut parts = Vec::new();
        for (name, value) in &step.params {
            let value = self.text(value)?;
            let part = utf8_percent_encode(&value, NO_PART).to_string();
            parts.push((name.as_str(), part));
        }
        // The path is computed before it is filled, so that no value can bring an expression.
        let path = self.text(&Value::from(step.path.as_str()))?;
        Ok(filled(&path, &parts))
    }

    /// Pairs as a query or a form has them.
    fn form(&mut self, pairs: &[(String, Value)]) -> Result<String, TemplateError> {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in pairs {
            form.append_pair(name, &self.text(value)?);
        }
        Ok(form.finish())
    }

    fn headers(
        &mut self,
        step: &Step,
        common: &[(String, Value)],
    ) -> Result<Vec<(String, String)>, TemplateError> {
        let missing = common.iter().filter(|(name, _)| !has(&step.headers, name));
        let all = step.headers.iter().chain(missing);
        all.map(|(name, value)| Ok((name.clone(), self.text(value)?)))
            .collect()
    }

    fn body(&mut self, body: &Body) -> Result<Option<Vec<u8>>, TemplateError> {
        Ok(match body {
            Body::None => None,
            Body::Json(value) => Some(self.value(value)?.to_string().into_bytes()),
            Body::Form(pairs) => Some(self.form(pairs)?.into_bytes()),
            Body::Raw(value) => Some(self.text(value)?.into_bytes()),
        })
    }
}

/// The natural content type of a body.
fn content_type(body: &Body) -> Option<&'static str> {
    match body {
        Body::Json(_) => Some("application/json"),
        Body::Form(_) => Some("application/x-www-form-urlencoded"),
        Body::None | Body::Raw(_) => None,
    }
}

fn has<V>(headers: &[(String, V)], name: &str) -> bool {
    let mut names = headers.iter().map(|(name, _)| name);
    names.any(|own| own.eq_ignore_ascii_case(name))
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
            version: None,
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
