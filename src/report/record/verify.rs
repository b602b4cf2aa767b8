//! Whether a record is what a run wrote: its seal, and its totals, counted once more.
//!
//! It counts from the JSON of the lines and shares no code with what wrote them, so that a mistake in one of
//! the two does not hide in the other.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    FIRST_VERSION, VERSION,
    seal::{Parted, parted},
};

/// A record that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    pub version: u64,
    pub target: String,
    pub conclusion: String,
    pub exit_code: u64,
    /// Lines of test cases, and of requirements.
    pub cases: usize,
    pub requirements: usize,
    /// The digest; `None` in a record of version 4, which has none.
    pub digest: Option<String>,
    pub signature: Signature,
}

/// What the signature of a record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    /// It has none.
    None,
    /// It has one, and no key was given to check it.
    NotChecked,
    /// It was made with this key over this text.
    Good,
}

/// Why a record does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    #[error("it is empty")]
    Empty,
    #[error("line 1 is no header of a record")]
    NoRecord,
    #[error("it is of version {0}; only the versions {FIRST_VERSION} to {VERSION} are known")]
    Version(u64),
    #[error("it ends at line {0} without a footer: it was cut, or the run was killed")]
    Cut(usize),
    #[error("line {0} is not JSON: the record was cut or damaged")]
    Syntax(usize),
    #[error("line {line} is no line of a record: `kind` is {kind}")]
    Kind { line: usize, kind: String },
    #[error("something stands behind the footer on line {0}")]
    AfterFooter(usize),
    #[error("line {line} tells `{id}` a second time")]
    Twice { line: usize, id: String },
    #[error("the footer has no digest")]
    NoSeal,
    #[error("the digest in the footer is not that of the lines above: it was damaged or changed")]
    Digest,
    #[error("it is not signed, so that nothing shows who wrote it")]
    NotSigned,
    #[error("its signature was made with another key, or it was changed after it was signed")]
    Signature,
    #[error("the footer says {stated} {what}, and the lines add up to {counted}")]
    Total {
        what: String,
        stated: String,
        counted: usize,
    },
    #[error("the conclusion `{conclusion}` has exit code {code}, and the footer says {stated}")]
    ExitCode {
        conclusion: String,
        code: u64,
        stated: String,
    },
    #[error("the conclusion is `{conclusion}`, although {why}")]
    Conclusion { conclusion: String, why: String },
}

impl Damage {
    /// Whether it never was a record that can be read here.
    #[must_use]
    pub const fn is_no_record(&self) -> bool {
        matches!(self, Self::Empty | Self::NoRecord | Self::Version(_))
    }
}

/// Verifies a record, with the key that its run had, where it had one.
///
/// # Errors
/// The first thing that is wrong.
pub fn verify(text: &str, key: Option<&[u8]>) -> Result<Verified, Damage> {
    if text.trim().is_empty() {
        return Err(Damage::Empty);
    }
    let header = header(text)?;
    let version = header["version"].as_u64().unwrap_or_default();
    if !(u64::from(FIRST_VERSION)..=u64::from(VERSION)).contains(&version) {
        return Err(Damage::Version(version));
    }
    let tally = Tally::of(text)?;
    let sealed = parted(text);
    let signature = signature(version, sealed.as_ref(), key)?;
    tally.agrees()?;
    let of = |name: &str| tally.footer[name].as_str().unwrap_or_default().to_owned();
    Ok(Verified {
        version,
        target: header["target"].as_str().unwrap_or_default().to_owned(),
        conclusion: of("conclusion"),
        exit_code: tally.footer["exit_code"].as_u64().unwrap_or_default(),
        cases: tally.count("total"),
        requirements: tally.requirements.values().sum(),
        digest: sealed.map(|sealed| sealed.digest.to_owned()),
        signature,
    })
}

fn header(text: &str) -> Result<Value, Damage> {
    let first = text.lines().next().unwrap_or_default();
    let header: Value = serde_json::from_str(first).map_err(|_| Damage::NoRecord)?;
    if header["kind"] == "header" {
        Ok(header)
    } else {
        Err(Damage::NoRecord)
    }
}

fn signature(
    version: u64,
    sealed: Option<&Parted<'_>>,
    key: Option<&[u8]>,
) -> Result<Signature, Damage> {
    let Some(sealed) = sealed else {
        return match (version, key) {
            (..5, None) => Ok(Signature::None),
            (..5, Some(_)) => Err(Damage::NotSigned),
            _ => Err(Damage::NoSeal),
        };
    };
    if !sealed.holds() {
        return Err(Damage::Digest);
    }
    match (sealed.signature, key) {
        (None, None) => Ok(Signature::None),
        (None, Some(_)) => Err(Damage::NotSigned),
        (Some(_), None) => Ok(Signature::NotChecked),
        (Some(_), Some(key)) if sealed.is_signed_with(key) == Some(true) => Ok(Signature::Good),
        (Some(_), Some(_)) => Err(Damage::Signature),
    }
}

/// What the lines add up to.
#[derive(Default)]
struct Tally {
    /// Test cases, by the names of the footer.
    cases: BTreeMap<&'static str, usize>,
    requirements: BTreeMap<String, usize>,
    matrices: usize,
    footer: Value,
}

impl Tally {
    fn of(text: &str) -> Result<Self, Damage> {
        let mut out = Self::default();
        let mut ids = std::collections::HashSet::new();
        let mut last = 0;
        for (line, content) in (1..).zip(text.lines()) {
            last = line;
            if !out.footer.is_null() {
                return Err(Damage::AfterFooter(line - 1));
            }
            let value: Value = serde_json::from_str(content).map_err(|_| Damage::Syntax(line))?;
            let kind = value["kind"].as_str().unwrap_or_default().to_owned();
            let mut id = value["id"].as_str().unwrap_or_default().to_owned();
            match kind.as_str() {
                "header" if line == 1 => continue,
                "footer" => {
                    out.footer = value;
                    continue;
                }
                "case" => out.case(&value),
                "requirement" => {
                    let state = value["state"].as_str().unwrap_or_default().to_owned();
                    *out.requirements.entry(state).or_default() += 1;
                }
                "matrix" => {
                    out.matrices += 1;
                    let part = |name: &str| value[name].as_str().unwrap_or_default();
                    let parts = ["edition", "operation", "matrix"].map(part);
                    id = parts.join(" ");
                }
                _ => return Err(Damage::Kind { line, kind }),
            }
            if !ids.insert((kind, id.clone())) {
                return Err(Damage::Twice { line, id });
            }
        }
        if out.footer.is_null() {
            return Err(Damage::Cut(last));
        }
        Ok(out)
    }

    fn case(&mut self, case: &Value) {
        let waived = !case["waiver"].is_null();
        let reason = case["reason"].as_str().unwrap_or_default();
        self.add("total");
        match case["verdict"].as_str() {
            Some("pass") => {
                self.add("passed");
                if reason == "with-warnings" {
                    self.add("warned");
                }
            }
            Some("fail") if waived => self.add("waived"),
            Some("fail") => self.add("failed"),
            Some("skip") => {
                self.add("skipped");
                if reason == "only-observed" {
                    self.add("observed");
                }
            }
            // What is no verdict was not judged.
            _ => self.add("errors"),
        }
    }

    fn add(&mut self, name: &'static str) {
        *self.cases.entry(name).or_default() += 1;
    }

    fn count(&self, name: &str) -> usize {
        self.cases.get(name).copied().unwrap_or_default()
    }

    fn agrees(&self) -> Result<(), Damage> {
        let check = |what: &str, stated: &Value, counted: usize| {
            if stated.as_u64() == u64::try_from(counted).ok() {
                return Ok(());
            }
            Err(Damage::Total {
                what: what.to_owned(),
                stated: stated.to_string(),
                counted,
            })
        };
        check("cases", &self.footer["cases"], self.count("total"))?;
        for name in [
            "total", "passed", "warned", "failed", "waived", "errors", "skipped", "observed",
        ] {
            check(name, &self.footer["counts"][name], self.count(name))?;
        }
        let of = |state: &str| self.requirements.get(state).copied().unwrap_or_default();
        let requirements = &self.footer["requirements"];
        check(
            "requirements",
            &requirements["total"],
            self.requirements.values().sum(),
        )?;
        // Records counted them among the violated before.
        if of("waived") > 0 || !requirements["waived"].is_null() {
            check("requirements waived", &requirements["waived"], of("waived"))?;
        }
        for (name, state) in [
            ("satisfied", "satisfied"),
            ("violated", "violated"),
            ("unproven", "unproven"),
            ("observed", "observed"),
            ("not_testable", "not testable"),
            ("empty", "empty"),
        ] {
            check(
                &format!("requirements {state}"),
                &requirements[name],
                of(state),
            )?;
        }
        // Records had no matrices before, and no count of them.
        if self.matrices > 0 || !self.footer["matrices"].is_null() {
            check("matrices", &self.footer["matrices"], self.matrices)?;
        }
        self.concludes()
    }

    /// Whether the conclusion can follow from the lines.
    fn concludes(&self) -> Result<(), Damage> {
        let conclusion = self.footer["conclusion"].as_str().unwrap_or_default();
        let code = match conclusion {
            "conformant" | "conformant with waivers" => 0,
            "not conformant" => 1,
            "inconclusive" => 2,
            "not started" => 3,
            "waivers need attention" | "conformant, but something is left behind" => 5,
            _ => 4,
        };
        let stated = &self.footer["exit_code"];
        let conclusion = conclusion.to_owned();
        if stated.as_u64() != Some(code) {
            return Err(Damage::ExitCode {
                conclusion,
                code,
                stated: stated.to_string(),
            });
        }
        let skipped = self.count("skipped") - self.count("observed");
        let why = match code {
            0 | 5 if self.count("failed") > 0 => Some("test cases failed"),
            0 | 5 if self.count("errors") > 0 => Some("test cases could not be judged"),
            0 | 5 if skipped > 0 => Some("test cases were skipped"),
            0 | 5 if self.count("total") == 0 => Some("there is no test case"),
            1 if self.count("failed") == 0 => Some("no test case failed"),
            _ => None,
        };
        match why {
            Some(why) => Err(Damage::Conclusion {
                conclusion,
                why: why.to_owned(),
            }),
            None => Ok(()),
        }
    }
}
