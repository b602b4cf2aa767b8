//! What all pages have in common: how their templates are read, how values are written into them, how each
//! page begins, and that nothing but its own style and script acts on it.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use minijinja::{Environment, Error, Output, State, Value, syntax::SyntaxConfig, value::Serde};
use ring::digest::{SHA256, digest};
use serde::Serialize;

use super::Language;

/// The style of every page.
const STYLE: &str = include_str!("page.css");

/// The beginning of every page: it takes `title`, `style` and, where there is one, `script`.
pub(super) const START: (&str, &str) = ("start.html", include_str!("start.html"));

/// A style or a script that stands in the page itself.
#[derive(Debug, Serialize)]
pub(in crate::report) struct Inline {
    text: String,
    /// As a content security policy names it.
    digest: String,
}

impl Inline {
    /// The style of every page, followed by what one page has beside it.
    pub(in crate::report) fn style(further: &str) -> Self {
        Self::of(format!("{STYLE}{further}"))
    }

    pub(super) fn of(text: String) -> Self {
        let digest = BASE64_STANDARD.encode(digest(&SHA256, text.as_bytes()));
        Self {
            digest: format!("sha256-{digest}"),
            text,
        }
    }
}

/// A page without script, in English: the first of these templates filled, the others being its parts.
///
/// # Errors
/// Never for templates that can be read, which tests hold.
pub(in crate::report) fn page(
    templates: &[(&'static str, &'static str)],
    facts: &impl Serialize,
) -> Result<String, Error> {
    let mut all = environment(Language::English)?;
    for (name, text) in templates {
        all.add_template(name, text)?;
    }
    let first = templates.first().map_or("", |(name, _)| name);
    all.get_template(first)?.render(Value::from(Serde(facts)))
}

/// What reads the templates of a page in one language; it knows how every page begins.
///
/// # Errors
/// Never for templates that can be read, which tests hold.
pub(super) fn environment(language: Language) -> Result<Environment<'static>, Error> {
    let mut out = Environment::new();
    out.set_formatter(escaped);
    let mut syntax = SyntaxConfig::builder();
    out.set_syntax(syntax.trim_blocks(true).lstrip_blocks(true).build()?);
    out.add_filter("word", move |key: String| {
        language.word(&key).map_or(key, str::to_owned)
    });
    let (name, text) = START;
    out.add_template(name, text)?;
    Ok(out)
}

/// Writes a value as text of HTML, or as it is where the template says that it is safe. A slash stays
/// as it is: ids have many, and it is harmless in text and in quoted attributes.
fn escaped(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if value.is_undefined() || value.is_none() {
        return Ok(());
    }
    let text = value.to_string();
    if value.is_safe() {
        return Ok(out.write_str(&text)?);
    }
    let mut rest = text.as_str();
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        out.write_str(&rest[..at])?;
        out.write_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#39;",
        })?;
        rest = &rest[at + 1..];
    }
    Ok(out.write_str(rest)?)
}
