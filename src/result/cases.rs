//! The results of a run: of each what all of them are needed for at once, and the whole of it.
//!
//! A run of a hundred thousand test cases cannot hold a hundred thousand exchanges. What counts,
//! concludes and groups needs verdicts and findings, and these are in memory; what is written down
//! needs everything, one result after the other, and reads it from a [`Spool`].

use std::{
    borrow::Cow,
    collections::HashMap,
    fmt,
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{CaseResult, PassReason, Verdict};

/// Bytes that are gathered before they are written.
const GATHERED: usize = 256 * 1024;

/// So many results that are no pass are held with all that was exchanged, to be shown in a summary.
/// Of further ones a summary tells what was asked and what the status was.
const SHOWN: usize = 2_000;

/// Bytes of a body that are held for a summary.
const SUMMARIZED: usize = 4_096;

/// The results of a run, in the plan's order. As a slice it has of each what counting and grouping
/// need; [`Self::whole`] has everything.
#[derive(Debug, Clone, Default)]
pub struct Cases {
    kept: Vec<CaseResult>,
    /// Where the whole results are, and the number of each there.
    spool: Option<(Arc<Spool>, Vec<usize>)>,
}

impl Cases {
    /// Results that lie in a spool: what is kept of each, and its number there.
    #[must_use]
    pub fn spooled(
        results: impl IntoIterator<Item = (CaseResult, usize)>,
        spool: Arc<Spool>,
    ) -> Self {
        let (kept, numbers) = results.into_iter().unzip();
        Self {
            kept,
            spool: Some((spool, numbers)),
        }
    }

    /// Everything that is known of the test case at this place.
    ///
    /// # Errors
    /// When the spool cannot be read.
    pub fn whole(&self, at: usize) -> io::Result<Cow<'_, CaseResult>> {
        let kept = &self.kept[at];
        let Some(line) = self.spooled_line(at)? else {
            return Ok(Cow::Borrowed(kept));
        };
        let mut whole: CaseResult = serde_json::from_str(&line)?;
        whole.waiver.clone_from(&kept.waiver);
        Ok(Cow::Owned(whole))
    }

    /// The same as one line of JSON.
    ///
    /// # Errors
    /// When the spool cannot be read.
    pub fn line(&self, at: usize) -> io::Result<String> {
        // Waivers are known when the run is over.
        if self.kept[at].waiver.is_none()
            && let Some(line) = self.spooled_line(at)?
        {
            return Ok(line);
        }
        Ok(serde_json::to_string(&*self.whole(at)?)?)
    }

    fn spooled_line(&self, at: usize) -> io::Result<Option<String>> {
        match &self.spool {
            Some((spool, numbers)) => spool.line(numbers[at]),
            None => Ok(None),
        }
    }
}

impl Deref for Cases {
    type Target = [CaseResult];

    fn deref(&self) -> &[CaseResult] {
        &self.kept
    }
}

impl DerefMut for Cases {
    fn deref_mut(&mut self) -> &mut [CaseResult] {
        &mut self.kept
    }
}

impl From<Vec<CaseResult>> for Cases {
    fn from(kept: Vec<CaseResult>) -> Self {
        Self { kept, spool: None }
    }
}

impl FromIterator<CaseResult> for Cases {
    fn from_iter<I: IntoIterator<Item = CaseResult>>(results: I) -> Self {
        results.into_iter().collect::<Vec<_>>().into()
    }
}

impl<'c> IntoIterator for &'c Cases {
    type Item = &'c CaseResult;
    type IntoIter = std::slice::Iter<'c, CaseResult>;

    fn into_iter(self) -> Self::IntoIter {
        self.kept.iter()
    }
}

/// What is kept of the results; whole ones where there is no spool.
impl IntoIterator for Cases {
    type Item = CaseResult;
    type IntoIter = std::vec::IntoIter<CaseResult>;

    fn into_iter(self) -> Self::IntoIter {
        self.kept.into_iter()
    }
}

/// By what is kept.
impl PartialEq for Cases {
    fn eq(&self, other: &Self) -> bool {
        self.kept == other.kept
    }
}

impl Eq for Cases {}

/// Masks a line that holds a secret which was not known when it was written; `None` where it holds none.
pub type MaskLine = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Whole results on the disk, in a file that has no name: it is gone with the process, however that
/// ends, and nobody else can open it.
pub struct Spool {
    state: Mutex<State>,
    mask: MaskLine,
}

#[derive(Default)]
struct State {
    /// `None` before the first write.
    file: Option<File>,
    /// Bytes in the file.
    written: u64,
    /// What comes after them.
    gathered: Vec<u8>,
    /// Where the line of each number is.
    lines: HashMap<usize, (u64, usize)>,
    /// Results that are no pass and are held whole.
    shown: usize,
    /// Why it cannot be written; what comes afterwards is held in memory.
    trouble: Option<String>,
}

impl fmt::Debug for Spool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spool").finish_non_exhaustive()
    }
}

impl Spool {
    /// An empty one, in the folder for temporary files.
    #[must_use]
    pub fn new(mask: MaskLine) -> Self {
        Self {
            state: Mutex::default(),
            mask,
        }
    }

    /// Takes the whole of a result under this number, in place of an earlier one, and gives what is to
    /// be kept of it. Where the disk is full that is everything: no result is lost for it.
    #[must_use]
    pub fn take(&self, number: usize, result: CaseResult) -> CaseResult {
        let mut state = self.state();
        if state.trouble.is_none()
            && let Err(error) = state.add(number, &result)
        {
            state.trouble = Some(error.to_string());
        }
        if !state.lines.contains_key(&number) {
            return result;
        }
        let mut kept = result;
        let is_shown = matches!(kept.verdict, Verdict::Fail(_) | Verdict::Error(_));
        state.shown += usize::from(is_shown);
        slim(&mut kept, is_shown && state.shown <= SHOWN);
        kept
    }

    /// Why results are held in memory instead, where they are.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        self.state().trouble.clone()
    }

    /// The whole result of this number as JSON; `None` where there is none.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn line(&self, number: usize) -> io::Result<Option<String>> {
        let Some(line) = self.state().read(number)? else {
            return Ok(None);
        };
        Ok(Some((self.mask)(&line).unwrap_or(line)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn add(&mut self, number: usize, result: &CaseResult) -> io::Result<()> {
        let start = self.gathered.len();
        serde_json::to_writer(&mut self.gathered, result)?;
        let place = self.written + u64::try_from(start).map_err(io::Error::other)?;
        let length = self.gathered.len() - start;
        if self.gathered.len() >= GATHERED
            && let Err(error) = self.flush()
        {
            // Earlier results are read from what was gathered.
            self.gathered.truncate(start);
            return Err(error);
        }
        self.lines.insert(number, (place, length));
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile()?),
        };
        file.seek(SeekFrom::Start(self.written))?;
        file.write_all(&self.gathered)?;
        self.written += u64::try_from(self.gathered.len()).map_err(io::Error::other)?;
        self.gathered.clear();
        Ok(())
    }

    fn read(&mut self, number: usize) -> io::Result<Option<String>> {
        let Some((place, length)) = self.lines.get(&number).copied() else {
            return Ok(None);
        };
        let bytes = if let Some(after) = place.checked_sub(self.written) {
            let start = usize::try_from(after).map_err(io::Error::other)?;
            self.gathered[start..start + length].to_vec()
        } else {
            let mut bytes = vec![0; length];
            let file = self.file.as_mut();
            let file = file.ok_or_else(|| io::Error::other("the spool is not there"))?;
            file.seek(SeekFrom::Start(place))?;
            file.read_exact(&mut bytes)?;
            bytes
        };
        String::from_utf8(bytes).map(Some).map_err(io::Error::other)
    }
}

/// Keeps the beginning of a body, which is all that a summary shows.
fn shorten(body: &mut String) {
    if body.len() > SUMMARIZED {
        body.truncate(body.floor_char_boundary(SUMMARIZED));
        body.push_str("… (cut)");
        body.shrink_to_fit();
    }
}

/// Takes away what only the whole result is read for.
fn slim(result: &mut CaseResult, is_shown: bool) {
    for exchange in result
        .steps
        .iter_mut()
        .filter_map(|step| step.exchange.as_mut())
    {
        let bodies = [&mut exchange.request_body, &mut exchange.response_body];
        bodies.into_iter().flatten().for_each(shorten);
    }
    // Whether an operation refuses is told by the status where the outcome does not tell it.
    if is_shown || result.outcome.is_none() && result.verdict.is_pass() {
        return;
    }
    if result.verdict == Verdict::Pass(PassReason::Clean) && result.repeated().total() == 0 {
        result.steps = Vec::new();
    }
    for step in &mut result.steps {
        step.checks.retain(|check| check.mismatch.is_some());
        if let Some(exchange) = &mut step.exchange {
            exchange.request_headers = Vec::new();
            exchange.response_headers = Vec::new();
            exchange.request_body = None;
            exchange.response_body = None;
            exchange.message = None;
            exchange.tokens = Vec::new();
            exchange.curl = String::new();
        }
    }
    for covered in &mut result.requirements {
        covered.text = String::new();
    }
    result.requirements.shrink_to_fit();
    result.source.excerpt = String::new();
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::result::{
        Covered, ErrorReason, Evidence, Part, RecordedExchange, Repeated, RequestOutcome, Source,
        StepOwner, StepResult, Waived,
    };

    fn result(id: &str, verdict: Verdict) -> CaseResult {
        CaseResult {
            id: id.into(),
            title: "opens".to_owned(),
            edition: "ciam".to_owned(),
            operation: "openDoor".into(),
            control: false,
            source: Source {
                excerpt: "- id: x".to_owned(),
                ..Source::default()
            },
            requirements: vec![Covered {
                id: "D-1".into(),
                evidence: Evidence::Held,
                text: "It opens.".to_owned(),
            }],
            verdict,
            outcome: Some(RequestOutcome::Accepted),
            stands: true,
            waiver: None,
            blocked_by: None,
            detail: None,
            causes: Vec::new(),
            steps: vec![StepResult {
                name: "request".into(),
                part: Part::Request,
                owner: StepOwner::Case,
                checks: Vec::new(),
                exchange: Some(RecordedExchange {
                    method: "GET".to_owned(),
                    status: Some(200),
                    response_body: Some("\"an answer\"".to_owned()),
                    ..RecordedExchange::default()
                }),
                attempts: 1,
                repeated: Repeated::default(),
                earlier: Vec::new(),
            }],
            tags: vec!["fast".to_owned()],
            basis: crate::result::Basis::default(),
            elapsed: Duration::from_micros(7),
        }
    }

    fn spool() -> Arc<Spool> {
        Arc::new(Spool::new(Box::new(|line| {
            line.contains("late")
                .then(|| line.replace("late", "[masked]"))
        })))
    }

    fn spooled(spool: &Arc<Spool>, results: &[CaseResult]) -> Cases {
        let kept = results.iter().enumerate();
        let kept = kept.map(|(number, one)| (spool.take(number, one.clone()), number));
        Cases::spooled(kept.collect::<Vec<_>>(), Arc::clone(spool))
    }

    #[test]
    fn a_result_comes_back_whole_in_whatever_order_it_is_asked_for_and_however_much_lies_there() {
        let spool = spool();
        let mut results = Vec::new();
        for number in 0..300 {
            let mut one = result(&format!("a/b/{number}"), Verdict::Pass(PassReason::Clean));
            if let Some(exchange) = &mut one.steps[0].exchange {
                exchange.response_body = Some("x".repeat(number * 40));
            }
            results.push(one);
        }
        let cases = spooled(&spool, &results);
        assert!(spool.state().file.is_some(), "more than is gathered");
        for at in [299, 0, 150, 298, 1] {
            assert_eq!(*cases.whole(at).expect("it is there"), results[at]);
            let line = serde_json::to_string(&results[at]).expect("JSON");
            assert_eq!(cases.line(at).expect("it is there"), line);
        }
        let kept = serde_json::to_string(&*cases).expect("JSON").len();
        let whole = serde_json::to_string(&results).expect("JSON").len();
        assert!(kept * 10 < whole, "{kept} of {whole}");
    }

    #[test]
    fn what_is_kept_of_a_result_counts_as_the_whole_does() {
        let failed = result("a/b/failed", Verdict::Fail("status".into()));
        let passed = result("a/b/passed", Verdict::Pass(PassReason::Clean));
        let cases = spooled(&spool(), &[failed.clone(), passed.clone()]);
        assert_eq!(cases[0], failed, "what is red is shown in the summary");
        assert!(cases[1].steps.is_empty() && cases[1].requirements[0].text.is_empty());
        assert_eq!(cases[1].requirements[0].evidence, Evidence::Held);
        assert_eq!(cases[1].verdict, passed.verdict);
    }

    #[test]
    fn of_many_red_results_the_later_ones_keep_what_was_asked_and_the_status() {
        let spool = spool();
        let red = result("a/b/red", Verdict::Error(ErrorReason::Unreachable));
        let kept: Vec<_> = (0..=SHOWN).map(|at| spool.take(at, red.clone())).collect();
        assert_eq!(kept[SHOWN - 1], red);
        let last = kept[SHOWN].steps[0].exchange.as_ref().expect("an exchange");
        assert_eq!((last.status, last.method.as_str()), (Some(200), "GET"));
        assert_eq!(last.response_body, None);
    }

    #[test]
    fn a_secret_that_became_known_later_is_masked_and_a_waiver_is_added() {
        let mut failed = result("a/b/c", Verdict::Fail("status".into()));
        failed.detail = Some("too late".to_owned());
        let mut cases = spooled(&spool(), &[failed]);
        cases[0].waiver = Some(Waived {
            owner: "ann".to_owned(),
            reason: "known".to_owned(),
            expires: "2027-03-10".to_owned(),
            days_left: None,
            age_days: None,
        });
        let whole = cases.whole(0).expect("it is there");
        assert_eq!(whole.detail.as_deref(), Some("too [masked]"));
        assert_eq!(whole.waiver, cases[0].waiver);
        assert!(cases.line(0).expect("it is there").contains("\"ann\""));
    }

    #[test]
    fn a_result_that_was_taken_back_stands_in_place_of_the_first() {
        let spool = spool();
        let _ = spool.take(4, result("a/b/c", Verdict::Pass(PassReason::Clean)));
        let again = result("a/b/c", Verdict::Error(ErrorReason::Desync));
        let kept = spool.take(4, again.clone());
        let cases = Cases::spooled([(kept, 4)], spool);
        assert_eq!(*cases.whole(0).expect("it is there"), again);
    }

    #[test]
    fn results_that_cannot_be_written_are_held_and_nothing_is_lost() {
        let spool = spool();
        let one = result("a/b/1", Verdict::Pass(PassReason::Clean));
        let first = spool.take(0, one.clone());
        spool.state().trouble = Some("no space left on device".to_owned());
        let second = spool.take(1, one.clone());
        assert_eq!(second, one, "held whole");
        let cases = Cases::spooled([(first, 0), (second, 1)], spool);
        assert_eq!(*cases.whole(0).expect("it is there"), one);
        assert_eq!(*cases.whole(1).expect("it is there"), one);
        assert_eq!(cases.line(0).expect("one"), cases.line(1).expect("other"));
    }
}
