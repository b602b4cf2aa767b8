//! A writer that looks for secrets in all that goes through it: the last look before a report is
//! there. It holds a bounded part of the text, and so does not grow with the report.

use std::io::{self, Write};

use crate::secret::{Leak, SecretIndex};

/// Bytes that are looked at together, and those of them that are looked at again with what follows:
/// a secret that is parted over more of a text is not found.
const PART: usize = 64 * 1024;
const OVERLAP: usize = 4 * 1024;

/// Passes a text on, its secrets masked.
pub(super) struct Searched<'k, W> {
    inner: W,
    known: &'k SecretIndex,
    /// What was not passed on yet.
    held: Vec<u8>,
    /// Lines that were passed on.
    lines: usize,
    /// Whether a secret was found; from then on all is held, so that no mask is cut in two.
    has_found: bool,
}

impl<'k, W: Write> Searched<'k, W> {
    pub(super) fn new(inner: W, known: &'k SecretIndex) -> Self {
        Self {
            inner,
            known,
            held: Vec::with_capacity(PART + OVERLAP),
            lines: 0,
            has_found: false,
        }
    }

    /// Passes on what is left, and gives the secrets that the text held, each told once.
    ///
    /// # Errors
    /// When the text cannot be written.
    pub(super) fn finish(mut self) -> io::Result<(W, Vec<Leak>)> {
        let text = String::from_utf8_lossy(&self.held);
        let mut leaks = self.known.leaks(&text);
        for leak in &mut leaks {
            leak.line += self.lines;
        }
        let masked = if leaks.is_empty() {
            None
        } else {
            self.known.redact(&text)
        };
        match masked {
            Some(masked) => self.inner.write_all(masked.as_bytes())?,
            None => self.inner.write_all(&self.held)?,
        }
        Ok((self.inner, leaks))
    }

    /// Passes on whole lines that hold no secret, but for the last few.
    fn pass(&mut self) -> io::Result<()> {
        let Some(end) = end_of_lines(&self.held) else {
            return Ok(());
        };
        let text = String::from_utf8_lossy(&self.held);
        if self.known.may_stand_in(&text) && !self.known.leaks(&text).is_empty() {
            self.has_found = true;
            return Ok(());
        }
        self.inner.write_all(&self.held[..end])?;
        self.lines += memchr::memchr_iter(b'\n', &self.held[..end]).count();
        self.held.drain(..end);
        Ok(())
    }
}

/// Where the lines end that need not be looked at again.
fn end_of_lines(held: &[u8]) -> Option<usize> {
    let before = held.len().checked_sub(OVERLAP)?;
    memchr::memrchr(b'\n', &held[..before]).map(|at| at + 1)
}

impl<W: Write> Write for Searched<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        if self.held.len() >= PART && !self.has_found {
            self.pass()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::{Documented, Secret};

    const HELD: &str = "s3cret-Value-7/9";

    fn known() -> SecretIndex {
        let known = SecretIndex::default();
        known.learn(&[Secret::from(HELD)], &Documented::default());
        known
    }

    /// The text as it is passed on when it is written in parts of this length, and its leaks.
    fn passed(text: &str, part: usize) -> (String, Vec<Leak>) {
        let known = known();
        let mut searched = Searched::new(Vec::new(), &known);
        for part in text.as_bytes().chunks(part) {
            searched.write_all(part).expect("memory takes all");
        }
        let (bytes, leaks) = searched.finish().expect("memory takes all");
        (String::from_utf8(bytes).expect("UTF-8"), leaks)
    }

    fn lines(count: usize) -> String {
        let each = (0..count).map(|n| format!("line {n} of a long text, é\n"));
        each.collect::<Vec<_>>().concat()
    }

    #[test]
    fn a_text_without_a_secret_is_passed_on_as_it_is() {
        let text = lines(20_000);
        assert!(text.len() > 5 * PART);
        for part in [1_000, 70_001] {
            assert_eq!(passed(&text, part), (text.clone(), Vec::new()));
        }
        assert_eq!(passed("", 1).0, "");
        let one_line = "x".repeat(3 * PART);
        assert_eq!(passed(&one_line, 999).0, one_line, "a line of any length");
    }

    #[test]
    fn a_secret_is_masked_and_told_with_its_line_wherever_it_stands() {
        for before in [0, 1, 2_000, 2_400, 15_000] {
            let text = format!("{}x {HELD} y\n{}", lines(before), lines(5_000));
            let (shown, leaks) = passed(&text, 777);
            assert_eq!(leaks.len(), 1, "{before}");
            assert_eq!(leaks[0].line, before + 1);
            assert_eq!(shown, text.replace(HELD, &leaks[0].mask.to_string()));
        }
    }

    #[test]
    fn a_secret_is_found_across_the_lines_at_which_a_text_is_passed_on() {
        let (front, back) = HELD.split_at(9);
        for before in (2_100..2_240).step_by(35) {
            let text = format!("{}{front}\n{back}\n{}", lines(before), lines(500));
            let (shown, leaks) = passed(&text, 1_000);
            assert_eq!(leaks.len(), 1, "{before}");
            assert!(!shown.contains(front), "{before}");
        }
    }
}
