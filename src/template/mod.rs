//! Values that differ from run to run: `${…}` in the texts of cases and target files.
//!
//! Takes: a node of a file and bindings. Gives: the JSON value it stands for. Never: changes a
//! value's type, or renders a name that is not bound as empty text.

mod error;
mod form;
mod function;
mod lint;

pub(crate) use error::TemplateError;
pub(crate) use form::{could_give, fill_unique, holds_unique};
pub(crate) use lint::{Members, Names, Use, each_text, no_member};

use std::sync::LazyLock;

use minijinja::{Environment, UndefinedBehavior};
use serde_json::{Map, Value};

use crate::{
    diag::{Diagnostic, Span},
    yaml::{Kind, Node, holds_expression},
};

/// The names in force: variables, captures, what providers gave.
pub(crate) type Bindings = Map<String, Value>;

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    function::register(&mut environment);
    environment
});

/// A piece of a text: as it stands, or an expression with the byte range it had in the text.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'t> {
    Literal(&'t str),
    Expression(&'t str),
}

/// Splits a text at `${…}`; `$${` is a literal `${`.
fn pieces(text: &str) -> Result<Vec<Piece<'_>>, TemplateError> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        if rest[..at].ends_with('$') {
            out.push(Piece::Literal(&rest[..at - 1]));
            out.push(Piece::Literal("${"));
            rest = &rest[at + 2..];
            continue;
        }
        out.push(Piece::Literal(&rest[..at]));
        let inner = &rest[at + 2..];
        let end = inner.find('}').ok_or_else(|| TemplateError::Unclosed {
            text: text.to_owned(),
        })?;
        out.push(Piece::Expression(inner[..end].trim()));
        rest = &inner[end + 1..];
    }
    out.push(Piece::Literal(rest));
    out.retain(|piece| *piece != Piece::Literal(""));
    Ok(out)
}

/// Called with each expression that was computed and did not only name a value, and its result.
pub(crate) type Note<'n> = &'n mut dyn FnMut(&str, &Value);

/// Computes one expression.
///
/// # Errors
/// When it is not well formed, names what is not bound, or fails.
fn evaluate(expression: &str, bindings: &Bindings, note: Note<'_>) -> Result<Value, TemplateError> {
    if let Some(value) = named(expression, bindings) {
        return Ok(value.clone());
    }
    let failed = |source| TemplateError::Expression {
        expression: expression.to_owned(),
        source,
    };
    let compiled = ENVIRONMENT.compile_expression(expression).map_err(failed)?;
    let value = compiled
        .eval(minijinja::Value::from(minijinja::value::Serde(bindings)))
        .map_err(failed)?;
    if value.is_undefined() {
        return Err(TemplateError::Unbound {
            expression: expression.to_owned(),
        });
    }
    let value = serde_json::to_value(&value).map_err(|source| TemplateError::NotJson {
        expression: expression.to_owned(),
        source,
    })?;
    note(expression, &value);
    Ok(value)
}

/// Words of the language, which are no names of values.
const WORDS: [&str; 16] = [
    "True", "False", "None", "true", "false", "none", "and", "or", "not", "in", "is", "if", "else",
    "loop", "self", "super",
];

/// The names of an expression that is nothing but the name of a binding, or of a member of one:
/// `account`, `account.password`. Most are, and the expression language is slow to say so.
fn path(expression: &str) -> Option<impl Iterator<Item = &str>> {
    let plain = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_')
    };
    let names = || expression.trim().split('.');
    // A member may be called as it likes.
    let word = names().next().is_some_and(|first| WORDS.contains(&first));
    (!word && names().all(plain)).then(names)
}

/// The names that an expression takes values from, with the members it names: `account.password`.
#[must_use]
pub(crate) fn names(expression: &str) -> Vec<String> {
    if path(expression).is_some() {
        return vec![expression.trim().to_owned()];
    }
    let compiled = ENVIRONMENT.compile_expression(expression);
    let mut names: Vec<String> = compiled
        .map(|compiled| compiled.undeclared_variables(true).into_iter().collect())
        .unwrap_or_default();
    names.sort();
    names
}

/// What the expressions of a text take values from, as [`names`] gives it; functions left out.
#[must_use]
pub(crate) fn named_in(text: &str) -> Vec<String> {
    let expressions = pieces(text).unwrap_or_default().into_iter();
    let each = expressions.flat_map(|piece| match piece {
        Piece::Expression(expression) => names(expression),
        Piece::Literal(_) => Vec::new(),
    });
    each.filter(|name| !function::NAMES.contains(&name.as_str()))
        .collect()
}

/// The value of an expression that only names a binding or a member of one: the expression language
/// would copy all bindings to find it.
fn named<'b>(expression: &str, bindings: &'b Bindings) -> Option<&'b Value> {
    let mut names = path(expression)?;
    let first = bindings.get(names.next()?)?;
    names.try_fold(first, |value, name| value.as_object()?.get(name))
}

/// Computes a text. A text that is one expression keeps the expression's type.
///
/// # Errors
/// When an expression is not well formed, names what is not bound, or fails.
pub(crate) fn render_text(text: &str, bindings: &Bindings) -> Result<Value, TemplateError> {
    note_text(text, bindings, &mut |_, _| {})
}

fn note_text(text: &str, bindings: &Bindings, note: Note<'_>) -> Result<Value, TemplateError> {
    if !holds_expression(text) {
        return Ok(Value::String(text.to_owned()));
    }
    let pieces = pieces(text)?;
    if let [Piece::Expression(expression)] = pieces.as_slice() {
        return evaluate(expression, bindings, note);
    }
    let mut out = String::new();
    for piece in pieces {
        match piece {
            Piece::Literal(literal) => out.push_str(literal),
            Piece::Expression(expression) => match evaluate(expression, bindings, note)? {
                Value::String(text) => out.push_str(&text),
                other => out.push_str(&other.to_string()),
            },
        }
    }
    Ok(Value::String(out))
}

/// Computes a whole value, every text in it.
///
/// # Errors
/// As [`render_text`], for the first text that cannot be computed.
pub(crate) fn render(value: &Value, bindings: &Bindings) -> Result<Value, TemplateError> {
    render_noting(value, bindings, &mut |_, _| {})
}

/// As [`render`], telling of every expression that was computed: who masks secrets has to know what
/// was made of them.
///
/// # Errors
/// As [`render`].
pub(crate) fn render_noting(
    value: &Value,
    bindings: &Bindings,
    note: Note<'_>,
) -> Result<Value, TemplateError> {
    match value {
        Value::String(text) => note_text(text, bindings, note),
        Value::Array(items) => items
            .iter()
            .map(|item| render_noting(item, bindings, note))
            .collect::<Result<_, _>>()
            .map(Value::Array),
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| {
                let name = match note_text(name, bindings, note)? {
                    Value::String(name) => name,
                    other => other.to_string(),
                };
                Ok((name, render_noting(member, bindings, note)?))
            })
            .collect::<Result<Map<_, _>, TemplateError>>()
            .map(Value::Object),
        other => Ok(other.clone()),
    }
}

/// Whether any text of a value is computed.
#[must_use]
pub(crate) fn is_computed(value: &Value) -> bool {
    let mut found = false;
    each_text(value, &mut |text| found |= holds_expression(text));
    found
}

/// Computes a whole value, every part of it at its place.
///
/// # Errors
/// As [`render_text`], for the first text that cannot be computed, with its place.
pub(crate) fn render_node(node: &Node, bindings: &Bindings) -> Result<Node, (Span, TemplateError)> {
    let kind = match &node.kind {
        Kind::Text(text) => {
            let value = render_text(text, bindings);
            let value = value.map_err(|error| (node.span.clone(), error))?;
            return Ok(Node::from_json(&value, &node.span));
        }
        Kind::List(items) => {
            let items = items.iter().map(|item| render_node(item, bindings));
            Kind::List(items.collect::<Result<_, _>>()?)
        }
        Kind::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| {
                let name = render_node(key, bindings)?;
                // A key of JSON is a text.
                let text = name.scalar().unwrap_or_else(|| name.to_json().to_string());
                let kind = Kind::Text(text);
                Ok((Node { kind, ..name }, render_node(value, bindings)?))
            });
            Kind::Map(entries.collect::<Result<_, _>>()?)
        }
        other => other.clone(),
    };
    Ok(Node {
        kind,
        span: node.span.clone(),
    })
}

/// Puts a matrix row's values into a node and leaves every other expression as it stands.
///
/// An expression that names nothing but `matrix` is replaced; places stay those of the case.
///
/// # Errors
/// A diagnostic at the text whose `${matrix.…}` has no value in this row.
pub(crate) fn fill_matrix(node: &Node, row: &Value) -> Result<Node, Diagnostic> {
    let bindings = Bindings::from_iter([("matrix".to_owned(), row.clone())]);
    fill(node, &bindings)
}

/// As [`fill_matrix`], with the row bound.
fn fill(node: &Node, row: &Bindings) -> Result<Node, Diagnostic> {
    let kind = match &node.kind {
        Kind::Text(text) if holds_expression(text) => {
            return fill_text(text, row)
                .map(|value| Node::from_json(&value, &node.span))
                .map_err(|error| Diagnostic::new("unknown-value", &node.span, error.to_string()));
        }
        Kind::List(items) => Kind::List(
            items
                .iter()
                .map(|item| fill(item, row))
                .collect::<Result<_, _>>()?,
        ),
        Kind::Map(entries) => Kind::Map(
            entries
                .iter()
                .map(|(key, value)| Ok((fill(key, row)?, fill(value, row)?)))
                .collect::<Result<_, Diagnostic>>()?,
        ),
        other => other.clone(),
    };
    Ok(Node {
        kind,
        span: node.span.clone(),
    })
}

fn fill_text(text: &str, row: &Bindings) -> Result<Value, TemplateError> {
    let pieces = pieces(text)?;
    if let [Piece::Expression(expression)] = pieces.as_slice() {
        if only_matrix(expression) {
            return evaluate(expression, row, &mut |_, _| {});
        }
        return Ok(Value::String(text.to_owned()));
    }
    let mut out = String::new();
    for piece in pieces {
        match piece {
            Piece::Literal("${") => out.push_str("$${"),
            Piece::Literal(literal) => out.push_str(literal),
            Piece::Expression(expression) if only_matrix(expression) => {
                match evaluate(expression, row, &mut |_, _| {})? {
                    Value::String(text) => out.push_str(&text),
                    other => out.push_str(&other.to_string()),
                }
            }
            Piece::Expression(expression) => {
                out.push_str("${");
                out.push_str(expression);
                out.push('}');
            }
        }
    }
    Ok(Value::String(out))
}

fn only_matrix(expression: &str) -> bool {
    if let Some(mut names) = path(expression) {
        return names.next() == Some("matrix");
    }
    ENVIRONMENT
        .compile_expression(expression)
        .is_ok_and(|compiled| {
            let names = compiled.undeclared_variables(false).into_iter();
            names
                .filter(|name| !function::NAMES.contains(&name.as_str()))
                .eq(["matrix"])
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_plain_name_gives_what_the_expression_language_gives_and_nothing_else_is_one() {
        let Value::Object(bindings) = json!({ "a": { "n": 5, "none": null, "b": { "c": [1] } } })
        else {
            unreachable!("the literal above is a map")
        };
        for name in ["a", "a.n", " a.none ", "a.b.c"] {
            let shown = render_text(&format!("${{{name}}}"), &bindings);
            assert_eq!(named(name, &bindings).cloned(), shown.ok(), "{name}");
        }
        for name in ["a.m", "b", "a.n.x", "a['n']", "a.n + 1", "a.", ""] {
            assert_eq!(named(name, &bindings), None, "{name}");
        }
    }

    #[test]
    fn what_is_taken_for_a_plain_name_names_what_the_expression_language_says() {
        let words = [
            "a",
            "a.b",
            "a.b.c",
            " a.b ",
            "_a1.b_2",
            "matrix",
            "matrix.v",
            "range",
            "dict",
            "debug",
            "namespace",
            "lipsum",
            "uuid",
            "unique",
            "caller",
            "varargs",
            "block",
            "set",
            "for",
            "endif",
            "recursive",
            "a.true",
            "a.not",
            "a.loop",
            "a.is",
            "ctx",
            "import",
        ];
        for word in words.into_iter().chain(WORDS) {
            if path(word).is_none() {
                continue;
            }
            let compiled = ENVIRONMENT.compile_expression(word).expect(word);
            let names = |nested: bool| -> Vec<String> {
                compiled.undeclared_variables(nested).into_iter().collect()
            };
            assert_eq!(names(true), [word.trim()], "{word}");
            let first: Vec<&str> = path(word).into_iter().flatten().take(1).collect();
            assert_eq!(names(false), first, "{word}");
        }
        for other in [
            "", "a.", ".a", "a b", "a['n']", "1a", "a+b", "a()", "ü", "not",
        ] {
            assert!(path(other).is_none(), "{other}");
        }
    }

    #[track_caller]
    fn rendered(text: &str) -> Value {
        let Value::Object(bindings) = json!({ "a": { "n": 5, "t": "x" }, "list": [1, 2] }) else {
            unreachable!("the literal above is a map")
        };
        render_text(text, &bindings).unwrap_or_else(|error| error.to_string().into())
    }

    #[test]
    fn a_text_that_is_one_expression_keeps_its_type() {
        assert_eq!(rendered("${a.n}"), json!(5));
        assert_eq!(rendered("${list}"), json!([1, 2]));
        assert_eq!(rendered("n=${a.n}"), json!("n=5"));
    }

    #[test]
    fn a_doubled_dollar_is_a_literal() {
        assert_eq!(rendered("$${a.n}"), json!("${a.n}"));
    }

    #[test]
    fn a_name_that_is_not_bound_is_an_error_and_never_empty() {
        let message = rendered("${a.nothing}");
        assert!(message.as_str().unwrap().contains("a.nothing"), "{message}");
    }

    #[test]
    fn an_error_names_the_expression_and_keeps_its_cause() {
        let error = |text: &str| render_text(text, &Bindings::new()).unwrap_err();
        let unclosed = error("a ${b");
        assert!(
            matches!(&unclosed, TemplateError::Unclosed { text } if text == "a ${b"),
            "{unclosed}"
        );
        for text in ["${ a + }", "${a.b}", "${digits(0)}"] {
            let failed = error(text);
            let cause = std::error::Error::source(&failed).expect("a cause");
            assert!(cause.is::<minijinja::Error>(), "{text}");
        }
        assert_eq!(
            error("${digits(0)}").to_string(),
            "`${digits(0)}`: `digits` makes 1 to 18 of them"
        );
    }

    #[test]
    fn filters_change_texts() {
        assert_eq!(rendered("${a.t ~ 'yz' | reverse}"), json!("xzy"));
        assert_eq!(rendered("${('x' ~ 'yz') | reverse}"), json!("zyx"));
    }

    #[test]
    fn a_matrix_value_is_put_in_and_other_names_wait() {
        let node = crate::yaml::parse("a.yaml", "k: '${matrix.v}/${a.t}'\nl: ${matrix.c}\n".into())
            .unwrap();
        let filled = fill_matrix(&node, &json!({ "v": "1", "c": ["A", "B"] })).unwrap();
        assert_eq!(
            filled.to_json(),
            json!({ "k": "1/${a.t}", "l": ["A", "B"] })
        );
    }
}
