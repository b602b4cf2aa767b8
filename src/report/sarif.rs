//! The causes of red as SARIF 2.1.0, for readers of static analysis: one result each.

use std::{
    collections::BTreeSet,
    io::{self, Write},
};

use serde_json::{Value, json};

use super::{causes, text::one_line};
use crate::result::RunReport;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Writes the whole log.
///
/// # Errors
/// When the text cannot be written.
pub fn write(report: &RunReport, base: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut rules = BTreeSet::new();
    let results: Vec<Value> = causes::briefs(report)
        .into_iter()
        .map(|one| {
            rules.insert(one.check);
            let ids: Vec<&str> = one
                .violates
                .iter()
                .map(|promise| promise.id.as_str())
                .collect();
            let rows: Vec<&str> = one.seen.iter().map(|case| case.id.as_str()).collect();
            Finding {
                rule: one.check,
                level: if one.is_fail { "error" } else { "warning" },
                text: &format!("{} ({})", one.sentence, one.reach()),
                file: &format!("{base}{}", one.source.file),
                line: one.source.line,
                column: one.source.column,
            }
            .result(
                Some(&one.fingerprint),
                &json!({ "requirements": ids, "rows": rows, "again": one.again }),
            )
        })
        .collect();
    let is_sound = report.conclusion().exit_code() == 0;
    log(rules.into_iter(), &results, is_sound, out)
}

/// What a result says.
pub struct Finding<'f> {
    /// The id of its rule.
    pub rule: &'f str,
    /// `error`, `warning` or `note`.
    pub level: &'f str,
    pub text: &'f str,
    /// Relative to the repository; empty where it is about no file.
    pub file: &'f str,
    /// From 1; 0 where it is about the whole file.
    pub line: usize,
    pub column: usize,
}

impl Finding<'_> {
    /// The result of a log.
    #[must_use]
    pub fn result(&self, fingerprint: Option<&str>, properties: &Value) -> Value {
        let mut out = json!({
            "ruleId": self.rule,
            "level": self.level,
            "message": { "text": one_line(self.text) },
        });
        if !self.file.is_empty() {
            let mut place = json!({ "artifactLocation": { "uri": uri(self.file) } });
            if self.line > 0 {
                place["region"] =
                    json!({ "startLine": self.line, "startColumn": self.column.max(1) });
            }
            out["locations"] = json!([{ "physicalLocation": place }]);
        }
        if let Some(fingerprint) = fingerprint {
            out["partialFingerprints"] = json!({ "probity/v1": fingerprint });
        }
        if !properties.is_null() {
            out["properties"] = properties.clone();
        }
        out
    }
}

/// Writes a log with these rules and results, and whether all that was to be looked at is sound.
///
/// # Errors
/// When the text cannot be written.
pub fn log<'r>(
    rules: impl Iterator<Item = &'r str>,
    results: &[Value],
    is_sound: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let rules: Vec<Value> = rules.map(|id| json!({ "id": id })).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "probity",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "invocations": [{ "executionSuccessful": is_sound }],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    out.write_all(b"\n")
}

/// A path as a relative reference of a URI.
fn uri(path: &str) -> String {
    use std::fmt::Write as _;

    let mut out = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_reference_whatever_it_holds() {
        assert_eq!(uri("cases/a b/ä.yaml"), "cases/a%20b/%C3%A4.yaml");
    }

    #[test]
    fn a_result_without_a_place_has_none() {
        let finding = Finding {
            rule: "r",
            level: "error",
            text: "a\nb",
            file: "",
            line: 0,
            column: 0,
        };
        assert_eq!(
            finding.result(None, &Value::Null),
            json!({ "ruleId": "r", "level": "error", "message": { "text": "a b" } })
        );
    }
}
