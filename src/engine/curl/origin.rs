//! Where a value of a request comes from: the target file, an earlier answer, a provider, a computation.

use serde_json::{Map, Value};

use super::hidden::Piece;
use crate::{
    contract::pointer_part, exchange::Response, ids::ProviderId, plan::Need, result::Part,
    template::Bindings, transcript::StepRecord,
};

/// Bindings that no provider gave and no answer.
const OWN: [&str; 4] = ["target", "run", "matrix", "sent"];

/// All that the values of a request can come from.
#[derive(Debug)]
pub(in crate::engine) struct Origins<'o> {
    /// What the target file declares, by name.
    pub declared: &'o Map<String, Value>,
    /// The steps before the request.
    pub earlier: &'o [StepRecord],
    pub bindings: &'o Bindings,
    /// The providers of the test case, by the names of what they give.
    pub needs: &'o [&'o Need],
    /// Expressions with the texts that they gave.
    pub computed: &'o [(String, String)],
    /// The provider whose step it is.
    pub provider: Option<&'o ProviderId>,
    /// Nothing was computed, so that expressions stand where their values will.
    pub is_preview: bool,
}

/// Where one value comes from.
#[derive(Debug)]
pub(super) struct Origin {
    pub sentence: String,
    /// The name by which the test case knows it: `account.password`.
    pub path: Option<String>,
    /// It stands for what is still to be computed.
    pub is_expression: bool,
}

impl Origins<'_> {
    /// The origin of a value in the letters in which it is sent.
    pub(super) fn of(&self, value: &str) -> Origin {
        if let Some(expression) = self.expression(value) {
            return Origin {
                sentence: self.computed_from(&expression),
                path: Some(expression),
                is_expression: true,
            };
        }
        let (sentence, path) = self.exact(value).unwrap_or_else(|| self.decoded(value));
        Origin {
            sentence,
            path,
            is_expression: false,
        }
    }

    /// The pieces, expressions cut out of the plain ones where nothing was computed yet.
    pub(super) fn with_expressions<'t>(&self, pieces: &[Piece<'t>]) -> Vec<Piece<'t>> {
        if !self.is_preview {
            return pieces.to_vec();
        }
        let cut = |piece: &Piece<'t>| match *piece {
            Piece::Plain(text) => cut(text),
            hidden @ Piece::Hidden(_) => vec![hidden],
        };
        pieces.iter().flat_map(cut).collect()
    }

    /// The expression that a text of a preview is, and nothing else.
    fn expression(&self, text: &str) -> Option<String> {
        let whole = self.is_preview && matches!(cut(text)[..], [Piece::Hidden(_)]);
        whole.then(|| {
            let plain = percent_decoded(text);
            let inner = plain.trim_start_matches("${").trim_end_matches('}');
            inner.trim().to_owned()
        })
    }

    fn exact(&self, value: &str) -> Option<(String, Option<String>)> {
        if let Some(name) = leaf(self.declared, value) {
            return Some((format!("from the target file: {name}"), Some(name)));
        }
        let given = self.bindings.iter();
        let mut given = given.filter(|(name, _)| !OWN.contains(&name.as_str()));
        let path = given.find_map(|(name, bound)| {
            let inner = find(bound, value)?;
            Some(format!("{name}{}", inner.replace('/', ".")))
        });
        let mut answers = self.earlier.iter();
        if let Some(sentence) = answers.find_map(|step| in_answer(step, value)) {
            return Some((sentence, path));
        }
        if let Some(path) = path {
            return Some((self.given(&path), Some(path)));
        }
        let mut computed = self.computed.iter();
        if let Some((expression, _)) = computed.find(|(_, text)| text == value) {
            return Some((format!("computed: {expression}"), None));
        }
        let inner = find(self.bindings.get("target")?, value)?;
        let path = format!("target{}", inner.replace('/', "."));
        Some((self.given(&path), Some(path)))
    }

    /// The origin of a value that is sent in other letters than those it came in.
    fn decoded(&self, value: &str) -> (String, Option<String>) {
        let json = serde_json::from_str::<String>(&format!("\"{value}\"")).unwrap_or_default();
        let forms = [
            (percent_decoded(value), "percent-encoded"),
            (json, "with the escapes of JSON"),
        ];
        for (plain, letters) in forms {
            if plain != value
                && let Some((sentence, path)) = self.exact(&plain)
            {
                return (format!("{sentence}, {letters}"), path);
            }
        }
        let mut pairs = value.split("; ").map(|pair| pair.split_once('='));
        let mut cookie = |pair: Option<(&str, &str)>| {
            let (_, value) = pair?;
            self.earlier.iter().find_map(|step| in_answer(step, value))
        };
        if let Some(first) = pairs.find_map(&mut cookie) {
            return (format!("all cookies, the first is {first}"), None);
        }
        let sentence = match self.provider {
            Some(provider) => format!("provider '{provider}' itself gives it"),
            None => "the test case itself gives it".to_owned(),
        };
        (sentence, None)
    }

    /// Who gave the value of a path.
    fn given(&self, path: &str) -> String {
        let name = path.split('.').next().unwrap_or_default();
        if name == "target" {
            return format!("{path}, which the target gives");
        }
        let need = self.needs.iter().find(|need| need.name == name);
        match (need, self.provider) {
            (Some(need), None) => format!("{path}, from provider '{}'", need.provider),
            (_, Some(provider)) => format!("{path} of provider '{provider}'"),
            (None, None) => format!("{path} of the test case"),
        }
    }

    fn computed_from(&self, expression: &str) -> String {
        let is_path = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        if expression.chars().all(is_path) {
            self.given(expression)
        } else {
            format!("computed: {expression}")
        }
    }
}

/// A text cut at its expressions, also where a URL has them encoded.
fn cut(text: &str) -> Vec<Piece<'_>> {
    const FRONTS: [&str; 4] = ["${", "$%7B", "%24{", "%24%7B"];
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((at, front)) = FRONTS
        .iter()
        .filter_map(|front| Some((rest.find(front)?, front)))
        .min()
    {
        let inner = &rest[at + front.len()..];
        let ends = ["}", "%7D"];
        let end = ends
            .iter()
            .filter_map(|end| Some(inner.find(end)? + end.len()))
            .min();
        let Some(end) = end else { break };
        let end = at + front.len() + end;
        out.push(Piece::Plain(&rest[..at]));
        out.push(Piece::Hidden(&rest[at..end]));
        rest = &rest[end..];
    }
    out.push(Piece::Plain(rest));
    out.retain(|piece| *piece != Piece::Plain(""));
    out
}

fn percent_decoded(text: &str) -> String {
    let plain = text.replace('+', " ");
    let plain = percent_encoding::percent_decode_str(&plain).decode_utf8_lossy();
    plain.into_owned()
}

/// The place of a value in an answer, in words.
fn in_answer(step: &StepRecord, value: &str) -> Option<String> {
    let exchange = step.attempts.last()?;
    let answer = exchange.outcome.as_ref().ok()?;
    let place = answer
        .json()
        .and_then(|body| find(body, value))
        .or_else(|| in_headers(answer, &exchange.request.url, value))?;
    let owner = match (step.owner.provider(), step.part) {
        (Some(provider), _) => format!("step '{}' of provider '{provider}'", step.name),
        (None, Part::Request) => "the request".to_owned(),
        (None, _) => format!("step '{}'", step.name),
    };
    Some(format!("{place} of {owner}"))
}

fn in_headers(answer: &Response, asked: &str, value: &str) -> Option<String> {
    for (name, cookie) in answer.cookies() {
        if find(&cookie, value).is_some() {
            return Some(format!("cookie {name}"));
        }
    }
    let mut headers = answer.headers.iter();
    if let Some((name, _)) = headers.find(|(_, own)| own == value) {
        return Some(format!("header {name}"));
    }
    let location = answer.location(asked)?;
    Some(format!("redirect {}", find(&location, value)?))
}

/// The name of the member that is this value.
fn leaf(members: &Map<String, Value>, value: &str) -> Option<String> {
    let mut each = members.iter();
    each.find_map(|(name, member)| {
        let inner = find(member, value)?;
        Some(format!("{name}{}", inner.replace('/', ".")))
    })
}

/// The pointer to a text or number that is this value; empty where it is the whole.
fn find(within: &Value, value: &str) -> Option<String> {
    match within {
        Value::String(text) => (text == value).then(String::new),
        Value::Number(number) => (number.to_string() == value).then(String::new),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(index, item)| Some(format!("/{index}{}", find(item, value)?))),
        Value::Object(members) => members.iter().find_map(|(name, member)| {
            let name = pointer_part(name);
            Some(format!("/{name}{}", find(member, value)?))
        }),
        Value::Null | Value::Bool(_) => None,
    }
}
