//! Digests of a test case: of what it sends, and of what it expects.
//!
//! A record holds both, so that a later suite can tell whether an answer in it is one to the same request,
//! and whether the same is still expected of it. Places in files take no part: a line that moved changes
//! nothing.

use std::{io, ops::Deref, time::Duration};

use data_encoding::HEXLOWER;
use ring::digest::{Context, SHA256};
use serde::Serialize;

use super::{Body, Capture, CaptureFrom, Step, TestCase};
use crate::check::BoundCheck;

/// So many bytes of a digest are kept: two test cases of one id have to be told apart, and no more.
const KEPT: usize = 8;

impl TestCase {
    /// The digest of everything that decides what is sent: needs, computed values, and the requests with
    /// what they take from answers. Sixteen hexadecimal digits.
    #[must_use]
    pub fn sends(&self) -> String {
        let mut digest = Digest::new();
        for need in &self.needs {
            digest.add(&("need", &need.name, &*need.provider, &need.with));
        }
        digest.add(&("let", &self.lets, &self.matrix));
        for (part, steps) in self.parts() {
            digest.add(&part);
            for step in steps {
                sent(&mut digest, step);
            }
        }
        digest.hex()
    }

    /// The digest of everything that decides how its answers are judged, but for the contract. Sixteen
    /// hexadecimal digits.
    #[must_use]
    pub fn expects(&self) -> String {
        let mut digest = Digest::new();
        digest.add(&(self.observe.is_some(), &*self.control_id));
        digest.add(&(texts(&self.prerequisites), texts(&self.covers)));
        for (part, steps) in self.parts() {
            digest.add(&part);
            for step in steps {
                expected(&mut digest, step);
            }
        }
        digest.hex()
    }

    /// The steps that have a say in the verdict.
    fn parts(&self) -> [(&'static str, &[Step]); 3] {
        [
            ("setup", &self.setup),
            ("request", std::slice::from_ref(&self.request)),
            ("then", &self.then),
        ]
    }
}

fn texts<I: Deref<Target = str>>(ids: &[I]) -> Vec<&str> {
    ids.iter().map(|id| &**id).collect()
}

fn sent(digest: &mut Digest, step: &Step) {
    digest.add(&(&*step.name, &step.method, &step.path, &step.params));
    if !step.server_path.is_empty() {
        digest.add(&step.server_path);
    }
    digest.add(&(&step.actor, &step.host, &step.headers, &step.query));
    match &step.body {
        Body::None => digest.add(&"none"),
        Body::Json(value) => digest.add(&("json", value)),
        Body::Form(pairs) => digest.add(&("form", pairs)),
        Body::Raw(value) => digest.add(&("raw", value)),
    }
    digest.add(&(step.exact, step.hostless, step.repeat, step.follow));
    if let Some(until) = &step.until {
        let time = |time: Option<Duration>| time.map(|time| time.as_millis());
        digest.add(&(time(until.within), until.at_most, time(until.pause)));
    }
    for capture in &step.captures {
        captured(digest, capture);
    }
    for need in &step.needs {
        digest.add(&("need", &need.name, &*need.provider, &need.with));
    }
}

fn captured(digest: &mut Digest, capture: &Capture) {
    let (place, at) = match &capture.from {
        CaptureFrom::Body(at) => ("body", at.as_str()),
        CaptureFrom::Node(path) => ("node", path.as_str()),
        CaptureFrom::Text => ("text", ""),
        CaptureFrom::Header(name) => ("header", name.as_str()),
        CaptureFrom::Cookie(name) => ("cookie", name.as_str()),
        CaptureFrom::Location(at) => ("location", at.as_str()),
    };
    let pattern = capture.pattern.as_ref().map(regex::Regex::as_str);
    digest.add(&(&capture.name, place, at, pattern));
}

fn expected(digest: &mut Digest, step: &Step) {
    let operation = step.operation.as_deref();
    digest.add(&(&*step.name, operation, texts(&step.covers), step.prepares));
    for one in step.checks.iter() {
        check(digest, one);
    }
}

fn check(digest: &mut Digest, check: &BoundCheck) {
    match check {
        BoundCheck::One {
            kind,
            value,
            beyond_contract,
            ..
        } => digest.add(&(kind.field.name, value, beyond_contract)),
        BoundCheck::AnyOf { alternatives, .. } => {
            digest.add(&("any-of", alternatives.len()));
            for checks in alternatives {
                digest.add(&("any-of", checks.len()));
                for one in checks {
                    self::check(digest, one);
                }
            }
        }
    }
}

/// SHA-256 over JSON texts, each with a line break behind it, which no compact JSON holds.
struct Digest(Context);

impl Digest {
    fn new() -> Self {
        Self(Context::new(&SHA256))
    }

    fn add(&mut self, value: &impl Serialize) {
        // Texts and numbers are always JSON, and a digest takes whatever is written.
        let written = serde_json::to_writer(&mut *self, value);
        debug_assert!(written.is_ok(), "{written:?}");
        self.0.update(b"\n");
    }

    fn hex(self) -> String {
        HEXLOWER.encode(&self.0.finish().as_ref()[..KEPT])
    }
}

impl io::Write for Digest {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
