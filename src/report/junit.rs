//! The run as `JUnit` XML, in the one shape that every common reader understands.
//!
//! One level of suites (one an operation), one test case a row, at most one result element a case,
//! always with `message`, `type` and text. A run that lost rows or judged none gets one test case
//! more, an error, so that no reader takes its file for a green one.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
    fmt::Write as _,
    io::{self, Write},
    time::Duration,
};

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

use super::{
    explain,
    text::{one_line, visible},
};
use crate::result::{CaseResult, Conclusion, ErrorReason, RunReport, State, Tally, Verdict};

/// `ReportPortal` cuts longer names, and two cut names may become one.
const MAX_NAME: usize = 256;

/// Names by class that stand already.
type Names = HashSet<(String, String)>;

/// Writes the whole file, one test case after the other.
///
/// # Errors
/// When the results cannot be read from their spool, or the text cannot be written.
pub fn write(report: &RunReport, out: &mut dyn Write) -> io::Result<()> {
    let stamp = jiff::Timestamp::from_millisecond(report.started)
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .strftime("%Y-%m-%dT%H:%M:%S")
        .to_string();
    let suites = suites(report);
    let conclusion = report.conclusion();
    let of_the_run = is_about_the_run(report, conclusion);
    let mut total = Totals::default();
    for (_, places) in &suites {
        total.add(&Totals::of(report, places));
    }
    if of_the_run {
        total.tests += 1;
        total.errors += 1;
    }
    let mut xml = Xml(Writer::new_with_indent(out, b' ', 4));
    xml.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let name = format!("probity {}", one_line(&report.target));
    let mut root = Tag::new("testsuites").with("name", name.trim_end());
    root = root
        .with("tests", &total.tests.to_string())
        .with("skipped", &total.skipped.to_string())
        .with("failures", &total.failures.to_string())
        .with("errors", &total.errors.to_string())
        .with("time", &seconds(report.elapsed));
    xml.open(root)?;
    let mut names = Names::new();
    for (name, places) in &suites {
        suite(&mut xml, report, name, places, &stamp, &mut names)?;
    }
    if of_the_run {
        suite_of_the_run(&mut xml, report, conclusion, &stamp)?;
    }
    xml.close("testsuites")?;
    xml.0.write_indent()
}

/// The whole file as a text.
///
/// # Panics
/// When results lie in a spool that cannot be read.
#[must_use]
pub fn render(report: &RunReport) -> String {
    super::text_of(|out| write(report, out))
}

/// Makes any text fit for XML 1.0 without dropping anything: what the format forbids is spelled
/// out as `\u{…}`, and a tab, which would be lost on the way, becomes four blanks.
#[must_use]
pub fn xml_text(text: &str) -> String {
    visible(text)
}

/// Elements with attributes, escaped.
struct Xml<'w>(Writer<&'w mut dyn Write>);

/// A start tag.
struct Tag {
    name: &'static str,
    start: BytesStart<'static>,
}

impl Tag {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            start: BytesStart::new(name),
        }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.start.push_attribute((name, xml_text(value).as_str()));
        self
    }
}

impl Xml<'_> {
    fn event(&mut self, event: Event<'_>) -> io::Result<()> {
        self.0.write_event(event)
    }

    fn open(&mut self, tag: Tag) -> io::Result<()> {
        self.event(Event::Start(tag.start))
    }

    fn empty(&mut self, tag: Tag) -> io::Result<()> {
        self.event(Event::Empty(tag.start))
    }

    fn close(&mut self, name: &'static str) -> io::Result<()> {
        self.event(Event::End(BytesEnd::new(name)))
    }

    fn text(&mut self, tag: Tag, text: &str) -> io::Result<()> {
        let name = tag.name;
        self.open(tag)?;
        self.event(Event::Text(BytesText::new(&xml_text(text))))?;
        self.close(name)
    }

    /// Names and values, where there are any.
    fn properties(&mut self, all: &[(Cow<'_, str>, Cow<'_, str>)]) -> io::Result<()> {
        if all.is_empty() {
            return Ok(());
        }
        self.open(Tag::new("properties"))?;
        for (name, value) in all {
            let tag = Tag::new("property").with("name", name);
            self.empty(tag.with("value", &one_line(value)))?;
        }
        self.close("properties")
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.3}", time.as_secs_f64())
}

/// What a suite, or all of them, add up to.
#[derive(Debug, Clone, Copy, Default)]
struct Totals {
    tests: usize,
    skipped: usize,
    failures: usize,
    errors: usize,
}

impl Totals {
    fn of(report: &RunReport, places: &[usize]) -> Self {
        let mut out = Self::default();
        for place in places {
            out.tests += 1;
            match element(&report.cases[*place]) {
                Some("failure") => out.failures += 1,
                Some("error") => out.errors += 1,
                Some(_) => out.skipped += 1,
                None => {}
            }
        }
        out
    }

    fn add(&mut self, other: &Self) {
        self.tests += other.tests;
        self.skipped += other.skipped;
        self.failures += other.failures;
        self.errors += other.errors;
    }

    fn of_suite(&self, name: &str) -> Tag {
        Tag::new("testsuite")
            .with("name", name)
            .with("tests", &self.tests.to_string())
            .with("skipped", &self.skipped.to_string())
            .with("errors", &self.errors.to_string())
            .with("failures", &self.failures.to_string())
    }
}

/// The result element of a test case; `None` where it passed.
fn element(case: &CaseResult) -> Option<&'static str> {
    match &case.verdict {
        // The departure stays to be read, and a gate is not stopped by what somebody answers for.
        Verdict::Fail(_) if case.waiver.is_some() => Some("skipped"),
        Verdict::Pass(_) => None,
        Verdict::Fail(_) => Some("failure"),
        Verdict::Error(_) => Some("error"),
        Verdict::Skip(_) => Some("skipped"),
    }
}

/// Whether the run says by a test case of its own that it is worth nothing.
fn is_about_the_run(report: &RunReport, conclusion: Conclusion) -> bool {
    let red = |case: &CaseResult| matches!(element(case), Some("failure" | "error"));
    match conclusion {
        Conclusion::NotStarted | Conclusion::Unfinished => true,
        Conclusion::Inconclusive => !report.ending.is_complete(),
        Conclusion::Invalid => {
            report.cases.len() != report.planned || !report.cases.iter().any(red)
        }
        _ => false,
    }
}

/// The places of the rows by suite: suites in order of first appearance, rows in the plan's order.
fn suites(report: &RunReport) -> Vec<(String, Vec<usize>)> {
    let mut numbers = BTreeMap::new();
    let mut suites: Vec<(String, Vec<usize>)> = Vec::new();
    for (place, case) in report.cases.iter().enumerate() {
        let name = dotted(case.id.file().split('/').take(2));
        let number = *numbers.entry(name.clone()).or_insert_with(|| {
            suites.push((name, Vec::new()));
            suites.len() - 1
        });
        suites[number].1.push(place);
    }
    suites
}

fn suite(
    xml: &mut Xml<'_>,
    report: &RunReport,
    name: &str,
    places: &[usize],
    stamp: &str,
    names: &mut Names,
) -> io::Result<()> {
    let times = places.iter().map(|place| report.cases[*place].elapsed);
    let tag = Totals::of(report, places).of_suite(name);
    let tag = tag.with("time", &seconds(times.sum()));
    xml.open(tag.with("timestamp", stamp))?;
    let mut properties = vec![
        ("run".into(), report.run_id.as_str().into()),
        ("target".into(), report.target.as_str().into()),
    ];
    let left = report.left.iter();
    properties.extend(left.map(|left| ("left behind".into(), left.as_str().into())));
    if let Some(first) = places.first() {
        let standings = standings(report, &report.cases[*first]).into_iter();
        properties.extend(standings.map(|(state, count)| {
            let name = format!("requirements {state}");
            (name.into(), count.to_string().into())
        }));
    }
    xml.properties(&properties)?;
    for place in places {
        test_case(xml, report, *place, names)?;
    }
    xml.close("testsuite")
}

/// How many requirements of a row's operation are in which state; none when none are known.
fn standings(report: &RunReport, case: &CaseResult) -> Vec<(&'static str, usize)> {
    let own = report
        .requirements
        .iter()
        .filter(|one| one.edition == case.edition && one.operation == case.operation);
    let tally = Tally::of(own.map(|one| one.state));
    let states = State::ALL.into_iter().filter(|_| tally.total() > 0);
    states
        .filter(|state| *state != State::Cased)
        .map(|state| (state.label(), tally.count(state)))
        .collect()
}

fn test_case(
    xml: &mut Xml<'_>,
    report: &RunReport,
    place: usize,
    names: &mut Names,
) -> io::Result<()> {
    let case = &report.cases[place];
    let class = dotted(case.id.file().split('/'));
    let name = format!("{} {}", case.id.name(), case.title);
    let name = unique(&class, &one_line(&name), names);
    let tag = Tag::new("testcase")
        .with("name", &name)
        .with("classname", &class)
        .with("time", &seconds(case.elapsed))
        .with("file", &one_line(&case.source.file))
        .with("line", &case.source.line.to_string());
    xml.open(tag)?;
    let required = case.requirements.iter();
    let mut properties: Vec<(Cow<'_, str>, Cow<'_, str>)> = required
        .map(|one| ("requirement".into(), one.id.as_str().into()))
        .collect();
    properties.push(("verdict".into(), case.verdict.label().into()));
    properties.push(("reason".into(), case.verdict.reason().into()));
    if let Some(sentence) = case.repeated().sentence() {
        properties.push(("sent again".into(), sentence.into()));
    }
    xml.properties(&properties)?;
    if let Some(element) = element(case) {
        let whole = report.cases.whole(place)?;
        let (message, text) = message_and_text(&whole);
        let tag = Tag::new(element).with("message", &message);
        xml.text(tag.with("type", case.verdict.label()), &text)?;
    }
    let warnings = warnings(case);
    if !warnings.is_empty() {
        xml.text(Tag::new("system-out"), &warnings)?;
    }
    xml.close("testcase")
}

/// What is said of a row that did not pass: in one line, and in full.
fn message_and_text(case: &CaseResult) -> (String, String) {
    let message = match &case.waiver {
        Some(waiver) => one_line(&format!(
            "{}: {}",
            waiver.sentence(),
            explain::message(case)
        )),
        None => explain::message(case),
    };
    let mut lines = Vec::new();
    if matches!(case.verdict, Verdict::Skip(_)) {
        let reason = explain::reason(&case.verdict);
        explain::hang(
            &mut lines,
            explain::WIDTH,
            explain::Part::Detail,
            "  ",
            &reason,
        );
        for one in &case.requirements {
            let words = one_line(&format!("{} {}", one.id, one.text));
            explain::hang(
                &mut lines,
                explain::WIDTH,
                explain::Part::Label,
                "  unproven ",
                &words,
            );
        }
    } else {
        explain::evidence(&mut lines, case);
    }
    let text = format!("{message}\n{}", explain::plain(&lines));
    (message, text)
}

fn warnings(case: &CaseResult) -> String {
    let mut out = String::new();
    for (_, check, mismatch) in case.warnings() {
        let (place, words) = (&check.source, explain::mismatch(mismatch));
        let file = one_line(&place.file);
        let (line, column) = (place.line, place.column);
        let _ = writeln!(out, "warning: {words} ({file}:{line}:{column})");
    }
    out
}

/// One error that says why the run is worth nothing, where no row of its own says so.
fn suite_of_the_run(
    xml: &mut Xml<'_>,
    report: &RunReport,
    conclusion: Conclusion,
    stamp: &str,
) -> io::Result<()> {
    let why = report.because().unwrap_or_default();
    let (name, reason, effect) = match conclusion {
        Conclusion::NotStarted => (
            "the run starts",
            "not-started",
            "No row was sent, so nothing is known about the target.",
        ),
        Conclusion::Unfinished => (
            "the run finishes",
            "unfinished",
            "This file was written when the run began; the run did not live to replace it.",
        ),
        Conclusion::Inconclusive => (
            "the run finishes",
            ErrorReason::Interrupted.label(),
            "No row was sent, so nothing is known about the target.",
        ),
        _ => (
            "the run is valid",
            ErrorReason::Interrupted.label(),
            "The run is not valid, whatever the other rows say.",
        ),
    };
    let one = Totals {
        tests: 1,
        errors: 1,
        ..Totals::default()
    };
    let time = seconds(Duration::ZERO);
    let tag = one.of_suite("probity.run").with("time", &time);
    xml.open(tag.with("timestamp", stamp))?;
    let tag = Tag::new("testcase").with("name", name);
    xml.open(tag.with("classname", "probity.run").with("time", &time))?;
    xml.properties(&[
        ("verdict".into(), "error".into()),
        ("reason".into(), reason.into()),
    ])?;
    let tag = Tag::new("error").with("message", &one_line(&why));
    xml.text(tag.with("type", "error"), &format!("{why}\n{effect}\n"))?;
    xml.close("testcase")?;
    xml.close("testsuite")
}

/// A name that stands once under its class and is at most [`MAX_NAME`] characters long.
fn unique(class: &str, name: &str, names: &mut Names) -> String {
    let mut candidate = shortened(name, MAX_NAME);
    let mut turn = 2;
    while !names.insert((class.to_owned(), candidate.clone())) {
        let suffix = format!(" ({turn})");
        candidate = format!("{}{suffix}", shortened(name, MAX_NAME - suffix.len()));
        turn += 1;
    }
    candidate
}

/// At most so many characters, the last of them `…` when something was left out.
fn shortened(name: &str, limit: usize) -> String {
    if name.chars().nth(limit).is_none() {
        return name.to_owned();
    }
    let kept: String = name.chars().take(limit - 1).collect();
    format!("{}…", kept.trim_end())
}

/// `eiam.forced-change-by-mobile.headers`: dots between the parts, no blank and no slash in them.
fn dotted<'a>(segments: impl Iterator<Item = &'a str>) -> String {
    let parts: Vec<String> = segments
        .map(|segment| one_line(segment).replace([' ', '/'], "-"))
        .filter(|segment| !segment.is_empty())
        .collect();
    if parts.is_empty() {
        String::from("probity")
    } else {
        parts.join(".")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::result::{
        CheckResult, Covered, Evidence, Mismatch, Part, PassReason, Repeated, RequirementState,
        SkipReason, Source, StepResult,
    };

    fn row(id: &str, verdict: Verdict) -> CaseResult {
        CaseResult {
            waiver: None,
            blocked_by: None,
            id: id.into(),
            title: "says <this>".into(),
            edition: "ciam".into(),
            operation: "openDoor".into(),
            control: false,
            source: Source {
                file: "cases/a b.yaml".into(),
                line: 7,
                ..Source::default()
            },
            requirements: vec![Covered {
                evidence: Evidence::Held,
                id: "D-1".into(),
                text: "Door, first: it opens".into(),
            }],
            verdict,
            outcome: None,
            stands: false,
            detail: None,
            causes: Vec::new(),
            steps: Vec::new(),
            tags: Vec::new(),
            elapsed: Duration::from_millis(1_500),
        }
    }

    fn run(cases: Vec<CaseResult>) -> RunReport {
        RunReport {
            leaks: Vec::new(),
            ending: crate::result::Ending::Complete,
            left: Vec::new(),
            waivers: Vec::new(),
            run_id: "run 1".into(),
            target: "a  tenant".into(),
            provenance: crate::result::Provenance::default(),
            started: 1_768_469_400_250,
            elapsed: Duration::from_secs(4),
            suite_size: cases.len(),
            planned: cases.len(),
            cases: cases.into(),
            strict: false,
            requirements: Vec::new(),
            spent: Vec::new(),
        }
    }

    /// A step with one check that does not hold.
    fn broken(warning: bool) -> StepResult {
        StepResult {
            name: "request".into(),
            owner: crate::result::StepOwner::Case,
            part: Part::Request,
            checks: vec![CheckResult {
                check: "status".into(),
                source: Source {
                    file: "cases/a b.yaml".into(),
                    line: 9,
                    column: 3,
                    excerpt: String::new(),
                },
                mismatch: Some(Mismatch {
                    subject: crate::result::Subject::Status,
                    place: "status".into(),
                    expected: vec!["200".into()],
                    actual: "500".into(),
                }),
                warning,
                violates: if warning { vec![] } else { vec!["D-1".into()] },
                further: 0,
            }],
            exchange: None,
            attempts: 1,
            repeated: Repeated::default(),
        }
    }

    fn state(id: &str, edition: &str, operation: &str, state: State) -> RequirementState {
        RequirementState {
            id: id.into(),
            edition: edition.into(),
            operation: operation.into(),
            kind: "flow".into(),
            sentence: String::new(),
            place: String::new(),
            judged: true,
            state,
            why: None,
            left_out: false,
            cases: Vec::new(),
        }
    }

    #[test]
    fn a_run_is_told_row_by_row_under_the_suites_of_its_operations() {
        let mut warned = row(
            "ciam/door/rows/warned",
            Verdict::Pass(PassReason::WithWarnings),
        );
        warned.steps = vec![broken(true)];
        let mut failed = row("ciam/door/rows/failed", Verdict::Fail("status".into()));
        failed.steps = vec![broken(false)];
        let mut skipped = row(
            "ciam/door/other/skipped",
            Verdict::Skip(SkipReason::NotProvided),
        );
        skipped.detail = Some("the target provides no `bell`".into());
        let mut run = run(vec![
            row("ciam/door/rows/control", Verdict::Pass(PassReason::Clean)),
            row(
                "ciam/bell/rows/control",
                Verdict::Error(ErrorReason::Unreachable),
            ),
            warned,
            failed,
            skipped,
        ]);
        run.cases[1].operation = "ringBell".into();
        run.requirements = vec![
            state("D-1", "ciam", "openDoor", State::Satisfied),
            state("D-2", "ciam", "openDoor", State::Satisfied),
            state("D-3", "ciam", "openDoor", State::Unproven),
            state("E-1", "eiam", "openDoor", State::Violated),
            state("D-4", "ciam", "logIn", State::Violated),
        ];
        assert_eq!(render(&run), include_str!("junit.sample.xml"));
    }

    #[test]
    fn a_class_name_has_neither_blank_nor_slash() {
        assert_eq!(
            dotted(["ciam", "skip update", "h[a/b]"].into_iter()),
            "ciam.skip-update.h[a-b]"
        );
        assert_eq!(dotted([].into_iter()), "probity");
    }

    #[test]
    fn a_name_stands_once_under_its_class_even_when_cut() {
        let mut names = Names::new();
        let long = "x".repeat(400);
        let first = unique("a", &long, &mut names);
        let second = unique("a", &long, &mut names);
        let elsewhere = unique("b", &long, &mut names);
        assert_ne!(first, second);
        assert_eq!(first, elsewhere);
        assert_eq!([first, second].map(|name| name.chars().count()), [256, 256]);
    }

    #[test]
    fn further_rows_of_one_name_are_counted() {
        let mut names = Names::new();
        let given: Vec<_> = (0..4).map(|_| unique("a", "x", &mut names)).collect();
        assert_eq!(given, ["x", "x (2)", "x (3)", "x (4)"]);
    }

    #[test]
    fn a_class_name_has_no_empty_part() {
        assert_eq!(dotted(["", "a", " ", "b"].into_iter()), "a.b");
    }

    #[test]
    fn a_waived_departure_is_skipped_and_says_who_answers_for_it() {
        let fail = || Verdict::Fail("status".into());
        let mut waived = row("ciam/a/b/c", fail());
        waived.steps = vec![broken(false)];
        waived.waiver = Some(crate::result::Waived {
            owner: "ann".into(),
            reason: "known".into(),
            expires: "2027-03-10".into(),
        });
        let mut run = run(vec![waived]);
        let xml = render(&run);
        let message = "waived by ann until 2027-03-10: known: status: expected 200 but was 500";
        let element = format!("<skipped message=\"{message}\" type=\"fail\">{message}\n");
        assert!(xml.contains(&element), "{xml}");
        // It stops no gate, so a run that lost a row has to say so itself.
        assert!(xml.contains("failures=\"0\" errors=\"0\""), "{xml}");
        run.planned += 1;
        assert!(render(&run).contains("the run is valid"));
    }

    #[test]
    fn a_run_that_is_worth_nothing_says_so_in_a_row_of_its_own_unless_a_row_does() {
        #[track_caller]
        fn check(verdicts: &[Verdict], lost: usize, message: Option<&str>) {
            let row =
                |(at, verdict): (usize, &Verdict)| row(&format!("ciam/a/b/{at}"), verdict.clone());
            let mut run = run(verdicts.iter().enumerate().map(row).collect());
            run.planned += lost;
            let xml = render(&run);
            let ending = message.map_or_else(String::new, |message| {
                format!(
                    r#"    <testsuite name="probity.run" tests="1" skipped="0" errors="1" failures="0" time="0.000" timestamp="2026-01-15T09:30:00">
        <testcase name="the run is valid" classname="probity.run" time="0.000">
            <properties>
                <property name="verdict" value="error"/>
                <property name="reason" value="interrupted"/>
            </properties>
            <error message="{message}" type="error">{message}
The run is not valid, whatever the other rows say.
</error>
        </testcase>
    </testsuite>
</testsuites>
"#
                )
            });
            assert_eq!(xml.contains("probity.run"), message.is_some(), "{xml}");
            assert!(xml.ends_with(&ending), "{xml}");
        }
        let pass = || Verdict::Pass(PassReason::Clean);
        let fail = || Verdict::Fail("status".into());
        let error = || Verdict::Error(ErrorReason::HarnessFault);
        let skip = || Verdict::Skip(SkipReason::NotProvided);
        check(&[pass(), pass()], 0, None);
        check(&[pass(), fail()], 0, None);
        check(&[pass(), skip()], 0, None);
        check(&[pass(), Verdict::Error(ErrorReason::Unreachable)], 0, None);
        check(&[pass(), error()], 0, None);
        check(
            &[pass(), error()],
            1,
            Some("the harness itself failed in 1 row"),
        );
        check(&[pass(), fail()], 1, Some("3 planned, but 2 have a result"));
        check(&[pass(), pass()], 2, Some("4 planned, but 2 have a result"));
        check(
            &[skip(), skip()],
            0,
            Some("every row was skipped, so nothing was judged"),
        );
        check(&[], 0, Some("there was no row, so nothing was judged"));
    }
}
