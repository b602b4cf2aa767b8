//! Mistakes in the files of a suite, for machines: JSON, SARIF, a GitHub workflow, a GitLab code quality
//! report.

use std::{
    collections::BTreeSet,
    io::{self, Write},
};

use data_encoding::HEXLOWER;
use ring::digest::{SHA256, digest};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    github::{self, Place},
    gitlab::{self, Entry},
    sarif::{self, Finding},
};

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// A stable word, such as `unknown-key`.
    pub code: &'static str,
    /// `error`, which keeps a run from starting, or `warning`.
    pub severity: &'static str,
    pub message: String,
    /// What would help.
    pub help: Option<String>,
    /// `None` where it is about no text.
    pub file: Option<String>,
    /// From 1; 0 without a file.
    pub line: usize,
    pub column: usize,
}

impl Problem {
    fn text(&self) -> String {
        match &self.help {
            Some(help) => format!("{} ({help})", self.message),
            None => self.message.clone(),
        }
    }

    /// The same mistake has the same in another version of its file, unless something in its message changed.
    fn fingerprint(&self) -> String {
        let file = self.file.as_deref().unwrap_or_default();
        let text = format!("{}\0{file}\0{}", self.code, self.message);
        HEXLOWER.encode(&digest(&SHA256, text.as_bytes()).as_ref()[..16])
    }
}

/// Writes one object: `problems`, and how many are errors and warnings.
///
/// # Errors
/// When the text cannot be written.
pub fn json(problems: &[Problem], out: &mut dyn Write) -> io::Result<()> {
    let errors = problems
        .iter()
        .filter(|one| one.severity == "error")
        .count();
    let document = json!({
        "version": 1,
        "errors": errors,
        "warnings": problems.len() - errors,
        "problems": problems,
    });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

/// Writes a SARIF log; a file is named from `base` on.
///
/// # Errors
/// When the text cannot be written.
pub fn sarif(problems: &[Problem], base: &str, out: &mut dyn Write) -> io::Result<()> {
    let rules: BTreeSet<&str> = problems.iter().map(|one| one.code).collect();
    let results: Vec<Value> = problems
        .iter()
        .map(|one| {
            let file = one.file.as_ref().map(|file| format!("{base}{file}"));
            let finding = Finding {
                rule: one.code,
                level: one.severity,
                text: &one.text(),
                file: file.as_deref().unwrap_or_default(),
                line: one.line,
                column: one.column,
            };
            finding.result(Some(&one.fingerprint()), &Value::Null)
        })
        .collect();
    let is_sound = problems.iter().all(|one| one.severity != "error");
    sarif::log(rules.into_iter(), &results, is_sound, out)
}

/// Writes an annotation for each, as many as GitHub shows.
///
/// # Errors
/// When the text cannot be written.
pub fn github(problems: &[Problem], base: &str, out: &mut dyn Write) -> io::Result<()> {
    for severity in ["error", "warning"] {
        let own = problems.iter().filter(|one| one.severity == severity);
        let count = own.clone().count();
        let shown = github::shown(count);
        for one in own.take(shown) {
            let file = one.file.as_ref().map(|file| format!("{base}{file}"));
            let place = file.as_ref().map(|file| Place {
                file,
                line: one.line,
                column: one.column,
            });
            let message = [one.text()];
            github::annotation(out, severity, place.as_ref(), one.code, &message)?;
        }
        if shown < count {
            let title = format!("{} more: see the log of this step", count - shown);
            github::annotation(out, severity, None, &title, &[])?;
        }
    }
    Ok(())
}

/// Writes a GitLab code quality report; what is about no file is left out, because GitLab wants one.
///
/// # Errors
/// When the text cannot be written.
pub fn gitlab(problems: &[Problem], base: &str, out: &mut dyn Write) -> io::Result<()> {
    let entries = problems.iter().filter_map(|one| {
        let file = one.file.as_ref()?;
        Some(Entry {
            description: one.text(),
            check: one.code.to_owned(),
            severity: if one.severity == "error" {
                "major"
            } else {
                "minor"
            },
            path: format!("{base}{file}"),
            line: one.line,
            fingerprint: one.fingerprint(),
        })
    });
    gitlab::array(entries, out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(message: &str, severity: &'static str) -> Problem {
        Problem {
            code: "unknown-key",
            severity,
            message: message.to_owned(),
            help: Some("did you mean `b`?".to_owned()),
            file: Some("cases/a.yaml".to_owned()),
            line: 3,
            column: 5,
        }
    }

    type Writer = fn(&[Problem], &str, &mut dyn Write) -> io::Result<()>;

    fn text(write: Writer, problems: &[Problem]) -> String {
        let mut out = Vec::new();
        write(problems, "sub/", &mut out).expect("memory takes all");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn every_form_has_code_place_and_help() {
        let all = [problem("a", "error")];
        for write in [sarif as Writer, github, gitlab] {
            let text = text(write, &all);
            for part in ["unknown-key", "sub/cases/a.yaml", "3", "did you mean"] {
                assert!(text.contains(part), "{part}: {text}");
            }
        }
    }

    #[test]
    fn two_mistakes_of_the_same_words_are_two_entries() {
        let all = [problem("a", "error"), problem("a", "error")];
        let report: Value = serde_json::from_str(&text(gitlab, &all)).expect("JSON");
        assert_eq!(report.as_array().map(Vec::len), Some(2));
        assert_ne!(report[0]["fingerprint"], report[1]["fingerprint"]);
    }

    #[test]
    fn of_more_mistakes_than_github_shows_the_last_line_counts_the_rest() {
        let all: Vec<Problem> = (0..25)
            .map(|at| problem(&at.to_string(), "error"))
            .collect();
        let text = text(github, &all);
        assert_eq!(text.lines().count(), 10);
        assert!(text.contains("16 more"), "{text}");
    }
}
