//! The run as one page to hand over: `report.html`, a single file that loads nothing.
//!
//! All content is there without script; the script only filters and opens rows. What the target sent is
//! always text, never markup and never the address of a link. The content security policy allows the page's
//! own style and script, by their digests, and nothing else. Rows are written one after the other, so that
//! the memory it takes does not grow with the evidence.

mod body;
mod exchange;
mod facts;
mod links;
mod matrices;
mod options;
mod rows;
mod strength;
pub(in crate::report) mod templates;
mod words;

pub use options::{Evidence, Options};
pub use words::Language;

use std::{
    io::{self, Write},
    sync::LazyLock,
};

use minijinja::{Environment, Value, value::Serde};
use serde::Serialize;

use self::{
    facts::{Cause, Head, Operation},
    links::Places,
    matrices::{EditionMatrices, SIGNS},
    rows::{File, Row},
    strength::StrengthView,
    templates::Inline,
};
use crate::result::RunReport;

/// The page's name in the report folder.
pub const FILE: &str = "report.html";

/// The parts of the page, in their order, and what these share.
const TEMPLATES: [(&str, &str); 14] = [
    ("head.html", include_str!("head.html")),
    ("strength.html", include_str!("strength.html")),
    ("section.html", include_str!("section.html")),
    ("cause.html", include_str!("cause.html")),
    ("signs.html", include_str!("signs.html")),
    ("edition.html", include_str!("edition.html")),
    ("operation.html", include_str!("operation.html")),
    ("file.html", include_str!("file.html")),
    ("row.html", include_str!("row.html")),
    ("foot.html", include_str!("foot.html")),
    // Parts of those above.
    ("grid.html", include_str!("grid.html")),
    ("exchange.html", include_str!("exchange.html")),
    ("link.html", include_str!("link.html")),
    ("links.html", include_str!("links.html")),
];

/// Writes the whole page.
///
/// # Errors
/// When the results cannot be read from their spool, or the text cannot be written.
pub fn write(report: &RunReport, out: &mut dyn Write) -> io::Result<()> {
    write_with(report, Options::default(), out)
}

/// Writes the whole page as it is asked for.
///
/// # Errors
/// When the results cannot be read from their spool, or the text cannot be written.
pub fn write_with(report: &RunReport, options: Options, out: &mut dyn Write) -> io::Result<()> {
    let page = match options.language {
        Language::English => &ENGLISH,
        Language::Chinese => &CHINESE,
    };
    let page = page
        .as_ref()
        .map_err(|error| io::Error::other(error.to_string()))?;
    let places = Places::of(report);
    let causes = Cause::all(report, &places);
    let head = Head::of(report, &places, causes.len(), options.language);
    page.part(out, "head.html", &head)?;
    if let Some(beside) = &report.proof {
        page.part(out, "strength.html", &StrengthView::of(beside))?;
    }
    page.causes(out, report, causes)?;
    page.matrices(out, report, &places)?;
    page.section(out, "requirements", "coverage-title", None)?;
    for operation in Operation::all(report, &places) {
        page.part(out, "operation.html", &operation)?;
    }
    out.write_all(END)?;
    page.section(out, "rows", "all-rows", None)?;
    for file in File::all(report) {
        page.part(out, "file.html", &file)?;
        for at in file.places {
            let row = Row::of(report, &places, at, options.evidence)?;
            page.part(out, "row.html", &row)?;
        }
        out.write_all(END)?;
    }
    out.write_all(END)?;
    page.section(out, "legend", "legend", None)?;
    let foot = Foot {
        all: options.evidence == Evidence::All,
        script: &SCRIPT,
    };
    page.part(out, "foot.html", &foot)
}

/// Ends a section.
const END: &[u8] = b"</section>\n";

/// The beginning of a section; title and note are keys of words.
#[derive(Serialize)]
struct Section {
    name: &'static str,
    title: &'static str,
    note: Option<&'static str>,
}

/// What the cells of the matrices can be.
#[derive(Serialize)]
struct Signs {
    signs: [(&'static str, &'static str); SIGNS.len()],
    /// Rows were left out by a filter.
    partial: bool,
}

#[derive(Serialize)]
struct Foot {
    /// What was exchanged is shown of every row.
    all: bool,
    script: &'static Inline,
}

/// The style and the script of the page.
static STYLE: LazyLock<Inline> = LazyLock::new(|| Inline::style(""));
static SCRIPT: LazyLock<Inline> = LazyLock::new(|| Inline::of(include_str!("page.js").to_owned()));

/// The templates, read once: a run writes its page several times, first as unfinished.
static ENGLISH: LazyLock<Result<Page, minijinja::Error>> =
    LazyLock::new(|| Page::new(Language::English));
static CHINESE: LazyLock<Result<Page, minijinja::Error>> =
    LazyLock::new(|| Page::new(Language::Chinese));

/// The templates.
struct Page(Environment<'static>);

impl Page {
    fn new(language: Language) -> Result<Self, minijinja::Error> {
        let mut templates = templates::environment(language)?;
        for (name, text) in TEMPLATES {
            // The templates live as long as the process.
            templates.add_template(name, language.fill(text).leak())?;
        }
        Ok(Self(templates))
    }

    fn causes(
        &self,
        out: &mut dyn Write,
        report: &RunReport,
        causes: Vec<Cause>,
    ) -> io::Result<()> {
        let none = match (report.cases.is_empty(), causes.is_empty()) {
            (true, _) => Some("no-row-run"),
            (false, true) => Some("none"),
            (false, false) => None,
        };
        self.section(out, "causes", "causes", none)?;
        for cause in causes {
            self.part(out, "cause.html", &cause)?;
        }
        out.write_all(END)
    }

    fn matrices(
        &self,
        out: &mut dyn Write,
        report: &RunReport,
        places: &Places<'_>,
    ) -> io::Result<()> {
        let matrices = EditionMatrices::all(report, places);
        if matrices.is_empty() {
            return Ok(());
        }
        self.section(out, "matrices", "matrices-title", None)?;
        let signs = Signs {
            signs: SIGNS,
            partial: !report.is_whole(),
        };
        self.part(out, "signs.html", &signs)?;
        for edition in matrices {
            self.part(out, "edition.html", &edition)?;
        }
        out.write_all(END)
    }

    fn section(
        &self,
        out: &mut dyn Write,
        name: &'static str,
        title: &'static str,
        note: Option<&'static str>,
    ) -> io::Result<()> {
        self.part(out, "section.html", &Section { name, title, note })
    }

    fn part(&self, out: &mut dyn Write, name: &str, facts: &impl Serialize) -> io::Result<()> {
        let template = self.0.get_template(name).map_err(io::Error::other)?;
        let text = template
            .render(Value::from(Serde(facts)))
            .map_err(io::Error::other)?;
        out.write_all(text.as_bytes())
    }
}

/// A name as an id of the page and as the end of a link to it: made from what is named, never from
/// its place, so that a link holds for the next run as well.
fn slug(prefix: &str, name: &str) -> String {
    use std::fmt::Write as _;

    let mut out = format!("{prefix}-");
    for char in name.chars() {
        if char.is_ascii_alphanumeric() || matches!(char, '-' | '.' | '/') {
            out.push(char);
        } else {
            let _ = write!(out, "_{:x}_", u32::from(char));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_names_never_share_a_link() {
        let names = [
            "a/b[en]",
            "a/b_en_",
            "a/b_5b_en_5d_",
            "a/b",
            "a/b[zh]",
            "a b",
        ];
        let slugs: std::collections::BTreeSet<String> =
            names.iter().map(|name| slug("row", name)).collect();
        assert_eq!(slugs.len(), names.len(), "{slugs:?}");
        assert_eq!(slug("row", "a/b[en]"), "row-a/b_5b_en_5d_");
    }

    #[test]
    fn every_template_can_be_read_in_every_language_and_all_its_words_are_known() {
        for (_, language) in Language::ALL {
            Page::new(language).expect("the templates are sound");
            for (name, text) in TEMPLATES {
                let filled = language.fill(text);
                assert!(!filled.contains("[["), "{name} has a key without a word");
            }
        }
    }

    #[test]
    fn no_template_has_a_word_of_its_own() {
        let expression = regex::Regex::new(r"(?s)\{\{.*?\}\}|\{%.*?%\}|\[\[.*?\]\]");
        let expression = expression.expect("a pattern");
        let read_aloud = r#"(aria-label|placeholder|title|alt|data-shown)="([^"]*)""#;
        let read_aloud = regex::Regex::new(read_aloud).expect("a pattern");
        let tag = regex::Regex::new(r"(?s)<[^>]*>").expect("a pattern");
        for (name, text) in TEMPLATES.into_iter().chain([templates::START]) {
            let plain = expression.replace_all(text, "");
            let labels = read_aloud
                .captures_iter(&plain)
                .map(|found| found[2].to_owned());
            assert_eq!(labels.collect::<String>().trim(), "", "{name}");
            let shown = tag.replace_all(&plain, "");
            let word = shown.chars().find(|char| char.is_alphabetic());
            assert_eq!(word, None, "{name}: {shown}");
        }
    }
}
