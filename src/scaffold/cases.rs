//! The cases of one operation.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use serde_json::Value;

use super::yaml::{block, flow, scalar};
use crate::{
    contract::{Blank, Credential, ExampleAnswer, ExampleRequest, ExampleValue},
    ids::Edition,
};

/// A name for the file of each operation, all different.
pub(super) fn names(requests: &[ExampleRequest]) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let name = |request: &ExampleRequest| {
        let mut slug = String::new();
        for letter in request.operation.chars() {
            match letter {
                'A'..='Z' | 'a'..='z' | '0'..='9' | '_' | '.' => slug.push(letter),
                _ if slug.ends_with('-') || slug.is_empty() => {}
                _ => slug.push('-'),
            }
        }
        let slug = slug.trim_matches(['-', '.']);
        let slug = if slug.is_empty() { "operation" } else { slug };
        // Some file systems take letters of both sizes for the same.
        let names = (1..).map(|number| match number {
            1 => slug.to_owned(),
            _ => format!("{slug}-{number}"),
        });
        let mut free = names.filter(|name| taken.insert(name.to_ascii_lowercase()));
        free.next().unwrap_or_default()
    };
    requests.iter().map(name).collect()
}

/// The file of an operation.
pub(super) fn file(edition: Edition, request: &ExampleRequest, values: &PathValues) -> String {
    let request = &written(request, values);
    let mut out = String::new();
    if !request.summary.is_empty() {
        let summary: String = request.summary.chars().take(110).collect();
        let _ = writeln!(out, "# {summary}");
    }
    let _ = writeln!(out, "edition: {edition}");
    let _ = writeln!(out, "operation: {}", scalar(&request.operation));
    let unknown = unknown(request).map(|param| values.name(request, &param.name));
    let login: BTreeSet<&str> = request.credentials.iter().map(provider).collect();
    let login = login.into_iter().map(str::to_owned);
    let needs = login.chain(unknown);
    let needs: Vec<String> = needs.map(|name| format!("{name}: {name}")).collect();
    if !needs.is_empty() {
        let _ = writeln!(out, "needs: {{ {} }}", needs.join(", "));
    }
    let _ = match documented(request) {
        text if text.is_empty() => writeln!(out, "request: {{}}"),
        text => write!(out, "request:\n{text}"),
    };
    out.push_str("control:\n");
    if let Some(todo) = todo(request) {
        let _ = writeln!(out, "  todo: {}", Value::from(todo));
    }
    // Where no success is documented, any answer is that of the control.
    let expected = request.success().or_else(|| request.answers.first());
    let _ = match expected {
        Some(answer) => writeln!(out, "  expect: {{ status: {} }}", answer.status),
        None => writeln!(
            out,
            "  expect: {{ status: 200, beyond-contract: No answer is documented. }}"
        ),
    };
    let rows = rows(request);
    if !rows.is_empty() {
        let _ = write!(out, "cases:\n{}", rows.join("\n"));
    }
    out
}

/// The request with what stands in the place of its values: an expression where only the target knows one,
/// and else the document's own, of which nothing is an expression.
fn written(request: &ExampleRequest, values: &PathValues) -> ExampleRequest {
    let mut out = request.clone();
    let expression = |name: &str| Value::from(format!("${{{}.value}}", values.name(request, name)));
    for param in &mut out.params {
        param.value = if param.is_given {
            escaped(&param.value)
        } else {
            expression(&param.name)
        };
    }
    for value in out.query.iter_mut().chain(&mut out.headers) {
        value.value = if value.is_secret {
            expression(&value.name)
        } else {
            escaped(&value.value)
        };
    }
    if let Some(body) = &mut out.body {
        body.value = escaped(&body.value);
        for member in body.members.iter().filter(|member| member.is_secret) {
            body.value[&member.name] = expression(&member.name);
        }
    }
    out
}

/// A value in which nothing is an expression.
fn escaped(value: &Value) -> Value {
    match value {
        Value::String(text) => text.replace("${", "$${").into(),
        Value::Array(items) => items.iter().map(escaped).collect(),
        Value::Object(members) => {
            let members = members.iter();
            let members = members.map(|(name, value)| (name.clone(), escaped(value)));
            Value::Object(members.collect())
        }
        other => other.clone(),
    }
}

/// The documented request.
fn documented(request: &ExampleRequest) -> String {
    let mut out = String::new();
    // What is there is changed or removed by these.
    if !request.params.is_empty() && ["DELETE", "PUT", "PATCH"].contains(&&*request.method) {
        out.push_str("  risk: destructive\n");
    }
    let map = |values: &[ExampleValue]| -> Value {
        let values = values.iter();
        let values = values.map(|value| (value.name.clone(), text_of(&value.value)));
        Value::Object(values.collect())
    };
    if !request.params.is_empty() {
        out.push_str(&block("params", &map(&request.params), 2));
    }
    let mut query: Vec<String> = lines(&map(&request.query));
    let mut headers: Vec<String> = Vec::new();
    if let Some(body) = &request.body {
        headers.push(format!("Content-Type: {}", scalar(&body.media_type)));
    }
    let is_own = |name: &str| {
        let taken = ["Content-Type", "Accept", "Authorization"];
        taken.iter().any(|known| known.eq_ignore_ascii_case(name))
    };
    let own: Vec<ExampleValue> = request
        .headers
        .iter()
        .filter(|header| !is_own(&header.name))
        .cloned()
        .collect();
    headers.extend(lines(&map(&own)));
    for credential in &request.credentials {
        match credential {
            Credential::Bearer => {
                headers.push("Authorization: \"Bearer ${login.token}\"".to_owned());
            }
            Credential::Basic => headers.push(
                "Authorization: \"Basic ${basic(basic_login.user, basic_login.password)}\""
                    .to_owned(),
            ),
            Credential::Header(name) => {
                headers.push(format!("{}: \"${{api_key.value}}\"", scalar(name)));
            }
            Credential::Query(name) => {
                query.push(format!("{}: \"${{api_key.value}}\"", scalar(name)));
            }
            Credential::Cookie(name) => {
                headers.push(format!("Cookie: \"{name}=${{api_key.value}}\""));
            }
        }
    }
    for (key, lines) in [("query", query), ("headers", headers)] {
        if !lines.is_empty() {
            let _ = writeln!(out, "  {key}:");
            for line in lines {
                let _ = writeln!(out, "    {line}");
            }
        }
    }
    if let Some(body) = &request.body {
        out.push_str(&body_of(&body.media_type, &body.value));
    }
    out
}

/// A body of a media type, as a request has it.
fn body_of(media_type: &str, value: &Value) -> String {
    let is_form = media_type.starts_with("application/x-www-form-urlencoded");
    let is_json = media_type.contains("json") || media_type.contains('*');
    match value {
        Value::Object(members) if is_form => {
            let fields = members.iter();
            let fields = fields.map(|(name, value)| (name.clone(), text_of(value)));
            block("form", &Value::Object(fields.collect()), 2)
        }
        _ if is_json => block("body", value, 2),
        Value::String(text) => format!("  raw-body: {}\n", flow(&text.as_str().into())),
        _ => "  raw-body: \"\"\n".to_owned(),
    }
}

fn lines(map: &Value) -> Vec<String> {
    let members = map.as_object().into_iter().flatten();
    members
        .map(|(name, value)| format!("{}: {}", scalar(name), flow(value)))
        .collect()
}

/// A value as a path, a query or a header has it.
fn text_of(value: &Value) -> Value {
    match value {
        Value::String(_) => value.clone(),
        Value::Array(items) => items.first().map_or_else(|| "".into(), text_of),
        other => other.to_string().into(),
    }
}

/// The provider of the target that gives a credential.
pub(super) const fn provider(credential: &Credential) -> &'static str {
    match credential {
        Credential::Bearer => "login",
        Credential::Basic => "basic_login",
        Credential::Header(_) | Credential::Query(_) | Credential::Cookie(_) => "api_key",
    }
}

/// Values that only the target knows: those of the path for which the document has no example, which are of
/// things that are there, and those that are secrets.
fn unknown(request: &ExampleRequest) -> impl Iterator<Item = &ExampleValue> {
    let params = request.params.iter().filter(|param| !param.is_given);
    let members = request.body.iter().flat_map(|body| &body.members);
    let others = request.query.iter().chain(&request.headers).chain(members);
    params.chain(others.filter(|value| value.is_secret))
}

/// What has to be filled in before the documented request can be sent.
fn todo(request: &ExampleRequest) -> Option<String> {
    if request.success().is_none() {
        return Some("the document names no success: say which status is one".to_owned());
    }
    let body = request.body.as_ref()?;
    let is_sendable = body.media_type.contains("json")
        || body.media_type.contains('*')
        || body
            .media_type
            .starts_with("application/x-www-form-urlencoded")
        || body.value.is_string();
    (!is_sendable).then(|| {
        format!(
            "a body of the type {} has to be written out",
            body.media_type
        )
    })
}

/// Each required part left out, blank and of the wrong type, and each documented error.
fn rows(request: &ExampleRequest) -> Vec<String> {
    let mut out = Vec::new();
    let own = |header: &&ExampleValue| {
        let name = &header.name;
        !["accept", "content-type", "authorization"].contains(&&*name.to_ascii_lowercase())
    };
    let headers: Vec<&ExampleValue> = request.headers.iter().filter(own).collect();
    let query: Vec<&ExampleValue> = request.query.iter().collect();
    let members: Vec<&ExampleValue> = request.body.iter().flat_map(|body| &body.members).collect();
    for (what, key, values) in [
        ("header", "name", &headers),
        ("query", "name", &query),
        ("member", "at", &members),
    ] {
        let (values, recorded): (Vec<&ExampleValue>, Vec<&ExampleValue>) =
            values.iter().copied().partition(|value| value.is_required);
        if !recorded.is_empty() {
            let some: Vec<String> = recorded.iter().map(|value| place(what, value)).collect();
            out.push(format!(
                "  - id: left-out-{what}\n    matrix: {{ {what}: [{}] }}\n    \
                 without: {{ {what}: \"${{matrix.{what}}}\" }}\n    \
                 observe: It was recorded, and nobody says whether it is needed.\n",
                some.join(", ")
            ));
        }
        if !values.is_empty() {
            out.push(format!(
                "  - id: without-{what}\n    matrix: {{ {what}: {{ each: required-{what} }} }}\n    \
                 without: {{ {what}: \"${{matrix.{what}.{key}}}\" }}\n    expect: {{ not-success: true }}\n"
            ));
        }
        for (blank, name, end) in [
            (Blank::Refused, "blank", "expect: { not-success: true }"),
            (
                Blank::Allowed,
                "empty",
                "observe: The document does not say what an empty one means.",
            ),
        ] {
            let some = values.iter().filter(|value| value.blank == Some(blank));
            let some: Vec<String> = some.map(|value| place(what, value)).collect();
            if !some.is_empty() {
                out.push(format!(
                    "  - id: {name}-{what}\n    matrix: {{ {what}: [{}] }}\n    \
                     blank: {{ {what}: \"${{matrix.{what}}}\" }}\n    {end}\n",
                    some.join(", ")
                ));
            }
        }
        let wrong = values.iter().filter_map(|value| {
            let wrong = value.wrong.as_ref()?;
            Some(format!(
                "      - {{ {what}: {}, value: {} }}\n",
                place(what, value),
                flow(wrong)
            ))
        });
        let wrong: String = wrong.collect();
        if !wrong.is_empty() {
            let place = match what {
                "header" => "headers",
                "member" => "members",
                _ => what,
            };
            out.push(format!(
                "  - id: wrong-{what}\n    title: A value of another type than documented\n    matrix:\n{wrong}    \
                 set: {{ {place}: {{ \"${{matrix.{what}}}\": \"${{matrix.value}}\" }} }}\n    \
                 expect: {{ not-success: true }}\n"
            ));
        }
    }
    let success = request.success().or_else(|| request.answers.first());
    let success = success.map(|answer| answer.key.clone());
    let others = request.answers.iter();
    let others = others.filter(|answer| Some(&answer.key) != success.as_ref());
    out.extend(others.map(|answer| other_answer(request, answer)));
    out
}

/// Where a value stands in the request.
fn place(what: &str, value: &ExampleValue) -> String {
    if what == "member" {
        scalar(&value.at())
    } else {
        scalar(&value.name)
    }
}

/// The row of a further documented answer. Who asks without saying who he is gets the 401; what brings the
/// others about, no document says.
fn other_answer(request: &ExampleRequest, answer: &ExampleAnswer) -> String {
    let (status, key) = (answer.status, &answer.key);
    let why: String = answer.description.chars().take(100).collect();
    let without = match request.credentials.first() {
        _ if status != 401 => None,
        Some(Credential::Bearer | Credential::Basic) => Some("header: Authorization".to_owned()),
        Some(Credential::Header(name)) => Some(format!("header: {}", scalar(name))),
        Some(Credential::Query(name)) => Some(format!("query: {}", scalar(name))),
        Some(Credential::Cookie(_)) => Some("header: Cookie".to_owned()),
        None => None,
    };
    let title = if why.is_empty() {
        String::new()
    } else {
        format!("    title: {}\n", Value::from(why.replace("${", "$${")))
    };
    let cause = without.map_or_else(
        || format!("    todo: \"alter the request so that it is answered with {status}\"\n"),
        |without| format!("    without: {{ {without} }}\n"),
    );
    format!("  - id: answered-{key}\n{title}{cause}    expect: {{ status: {status} }}\n")
}

/// Names of the providers that give values of the path, by the operation's path and the value's name.
pub(super) struct PathValues(BTreeMap<(String, String), String>);

impl PathValues {
    /// The same name behind different words of the path is not the same thing: `/users/{id}` and
    /// `/groups/{id}`.
    pub(super) fn of(requests: &[ExampleRequest]) -> Self {
        let mut behind: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        let all = || {
            requests
                .iter()
                .flat_map(|request| unknown(request).map(move |param| (request, &*param.name)))
        };
        for (request, name) in all() {
            behind
                .entry(name)
                .or_default()
                .insert(word_before(&request.path, name));
        }
        let mut names = BTreeMap::new();
        for (request, name) in all() {
            let word = word_before(&request.path, name);
            let is_alone = behind.get(name).is_none_or(|words| words.len() == 1);
            let full = if is_alone {
                name.to_owned()
            } else {
                format!("{word}_{name}")
            };
            names.insert((request.path.clone(), name.to_owned()), identifier(&full));
        }
        Self(names)
    }

    fn name(&self, request: &ExampleRequest, param: &str) -> String {
        let key = (request.path.clone(), param.to_owned());
        self.0
            .get(&key)
            .cloned()
            .unwrap_or_else(|| identifier(param))
    }

    /// All of them, each once.
    pub(super) fn all(&self) -> BTreeSet<&str> {
        self.0.values().map(String::as_str).collect()
    }
}

/// The word of a path right before a value.
fn word_before(path: &str, name: &str) -> String {
    let place = format!("{{{name}}}");
    let parts: Vec<&str> = path.split('/').collect();
    let at = parts
        .iter()
        .position(|part| part.contains(&place))
        .unwrap_or_default();
    let mut words = parts[..at].iter().rev().filter(|part| !part.contains('{'));
    words
        .next()
        .map_or_else(String::new, |word| (*word).to_owned())
}

/// A name as an expression can have it.
fn identifier(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        if letter.is_ascii_alphanumeric() {
            out.push(letter.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
    }
    let out = out.trim_end_matches('_');
    // These are bound already.
    let is_taken = [
        "target",
        "run",
        "login",
        "basic_login",
        "api_key",
        "matrix",
        "sent",
        "with",
        "created",
        "base",
    ]
    .contains(&out);
    if is_taken || !out.starts_with(|c: char| c.is_ascii_alphabetic()) {
        format!("the_{out}")
    } else {
        out.to_owned()
    }
}
