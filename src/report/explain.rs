//! One row's verdict in words, the same for the console, `JUnit` and the conformance tests.

use super::text::{bounded, columns, counted, cut, one_line, visible, wrap};
use crate::{
    ids::RequirementId,
    result::{
        self, CaseResult, CheckResult, ErrorReason, Mismatch, PassReason, RecordedExchange,
        RecordedToken, SkipReason, Source, Spent, StepOwner, StepResult, Verdict,
    },
};

/// How many columns a page has that no terminal shows.
pub(super) const WIDTH: usize = 100;
/// Names of a list that are shown where there are more.
const MAX_NAMES: usize = 5;
const MAX_HEADLINE_VALUE: usize = 120;
const MAX_VALUE: usize = 2_000;

/// What a finding says that no requirement is about.
pub(super) const NO_REQUIREMENT: &str = "no requirement speaks of it";

pub(super) type Finding<'a> = (&'a StepResult, &'a CheckResult, &'a Mismatch);

/// What a line says, so that the console can choose its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Title,
    Place,
    Expected,
    Actual,
    Label,
    Detail,
}

pub(super) type Line = (Part, String);

/// A failed row in full, as plain text of several lines: what was expected where, what came
/// instead, where that is written, which requirements it proves, and how to send it again.
#[must_use]
pub fn failure(case: &CaseResult) -> String {
    plain(&lines(case))
}

/// The verdict on one line.
#[must_use]
pub fn message(case: &CaseResult) -> String {
    match case.flaky() {
        Some(tries) => format!("{} ({})", of_verdict(case), tries.sentence()),
        None => of_verdict(case),
    }
}

fn of_verdict(case: &CaseResult) -> String {
    match &case.verdict {
        Verdict::Fail(_) => {
            let findings = findings(case);
            let all: usize = findings.iter().map(|(_, check, _)| 1 + check.further).sum();
            match findings.first() {
                None => detail(case),
                Some((_, _, first)) if all == 1 => mismatch(first),
                Some((_, _, first)) => format!("{} (and {} more)", mismatch(first), all - 1),
            }
        }
        Verdict::Error(_) | Verdict::Skip(_) => detail(case),
        Verdict::Pass(_) => match case.warnings().next() {
            None => String::from("passed"),
            Some((_, _, warning)) => format!("passed with a warning: {}", mismatch(warning)),
        },
    }
}

/// `place: expected … but was …` on one line.
#[must_use]
pub fn mismatch(mismatch: &Mismatch) -> String {
    format!(
        "{}: expected {} but was {}",
        one_line(&mismatch.place),
        expected(mismatch),
        short(&mismatch.actual),
    )
}

/// What would have held, in a sentence.
pub(super) fn expected(mismatch: &Mismatch) -> String {
    let expected: Vec<String> = mismatch.expected.iter().map(|value| short(value)).collect();
    match expected.as_slice() {
        [] => String::from("something else"),
        values => cut(&values.join(" or "), 2 * MAX_HEADLINE_VALUE),
    }
}

/// Why an error or a skip is one, on one line; never empty.
pub(super) fn detail(case: &CaseResult) -> String {
    let trouble = || {
        let mut exchanges = case.steps.iter().filter_map(|step| step.exchange.as_ref());
        exchanges.find_map(|exchange| exchange.trouble.as_ref())
    };
    [case.detail.as_ref(), case.causes.first()]
        .into_iter()
        .flatten()
        .chain(trouble())
        .map(|text| one_line(text))
        .find(|text| !text.is_empty())
        .unwrap_or_else(|| reason(&case.verdict))
}

/// The reason of a verdict as a person would say it.
pub(super) fn reason(verdict: &Verdict) -> String {
    let words = match verdict {
        Verdict::Fail(check) => {
            return format!("the check '{}' is broken", one_line(check.as_str()));
        }
        Verdict::Pass(PassReason::Clean) => "every check held",
        Verdict::Pass(PassReason::WithWarnings) => "held, with warnings",
        Verdict::Error(ErrorReason::ControlFailed) => "its positive control did not pass",
        Verdict::Error(ErrorReason::SetupFailed) => "its preparation failed",
        Verdict::Error(ErrorReason::Unreachable) => "no answer from the target",
        Verdict::Error(ErrorReason::Desync) => {
            "the target sent what nobody asked for, so its answers may belong elsewhere"
        }
        Verdict::Error(ErrorReason::RateLimited) => "the target kept asking to come again later",
        Verdict::Error(ErrorReason::Interrupted) => "the run was interrupted",
        Verdict::Error(ErrorReason::HarnessFault) => "a fault of the harness itself",
        Verdict::Skip(SkipReason::NotProvided) => "the target does not provide what it needs",
        Verdict::Skip(SkipReason::BreakerOpen) => "the target answered nothing any more",
        Verdict::Skip(SkipReason::BudgetSpent) => "a budget of the run does not suffice for it",
        Verdict::Skip(SkipReason::NotInProfile) => "the profile of the run leaves it out",
        Verdict::Skip(SkipReason::OnlyObserved) => "only observed, nothing is promised",
        Verdict::Skip(SkipReason::ToBeFilledIn) => "something in it is still to be filled in",
        Verdict::Skip(SkipReason::NotRejudgeable) => "the record does not hold what judging takes",
    };
    words.to_owned()
}

/// A failed or errored row in full, line by line.
pub(super) fn lines(case: &CaseResult) -> Vec<Line> {
    let mut out = Vec::new();
    let shape = case.verdict.label().to_uppercase();
    out.push((Part::Title, format!("{shape} {}", one_line(&case.id))));
    let title = cut(&one_line(&case.title), 2 * WIDTH);
    if !title.is_empty() {
        hang(&mut out, WIDTH, Part::Label, "  ", &title);
    }
    if findings(case).is_empty() {
        hang(&mut out, WIDTH, Part::Actual, "  ", &detail(case));
    }
    evidence(&mut out, case);
    out
}

/// All but the title and the detail.
pub(super) fn evidence(out: &mut Vec<Line>, case: &CaseResult) {
    causes(out, case);
    covered(out, case);
    for (step, exchange) in exchanges(case) {
        answered(out, step, exchange);
    }
}

/// The causes of an error, the broken checks, and where they are written.
fn causes(out: &mut Vec<Line>, case: &CaseResult) {
    for cause in further_causes(case) {
        hang(out, WIDTH, Part::Detail, "  because ", &cause);
    }
    let findings = findings(case);
    if findings.is_empty() {
        out.push((Part::Label, format!("  written   {}", place(&case.source))));
    }
    for finding in &findings {
        broken(out, case, finding);
    }
}

/// The causes of an error that its detail does not say, outermost first.
pub(super) fn further_causes(case: &CaseResult) -> Vec<String> {
    let detail_line = detail(case);
    let causes = case.causes.iter().map(|cause| one_line(cause));
    causes.filter(|cause| *cause != detail_line).collect()
}

/// What the test case covers beside what it violates.
fn covered(out: &mut Vec<Line>, case: &CaseResult) {
    let findings = findings(case);
    let is_violated = |id: &RequirementId| {
        let mut checks = findings.iter().map(|(_, check, _)| check);
        checks.any(|check| check.violates.contains(id))
    };
    let others = case.requirements.iter();
    let ids: Vec<String> = others
        .filter(|one| !is_violated(&one.id))
        .map(|one| one_line(&one.id))
        .collect();
    if !ids.is_empty() {
        let label = if findings.is_empty() {
            "covers"
        } else {
            "also covers"
        };
        let lead = format!("  {label} ");
        hang(out, WIDTH, Part::Label, &lead, &folded(&ids));
    }
}

/// The first names of a list, and how many there are beside.
pub(super) fn folded(names: &[String]) -> String {
    match names.len().checked_sub(MAX_NAMES) {
        None | Some(0) => names.join(", "),
        Some(rest) => format!("{} and {rest} more", names[..MAX_NAMES].join(", ")),
    }
}

/// The broken checks; under a strict run, where warnings fail a row, the warnings.
pub(super) fn findings(case: &CaseResult) -> Vec<Finding<'_>> {
    let broken: Vec<_> = case.broken().collect();
    if broken.is_empty() && matches!(case.verdict, Verdict::Fail(_)) {
        return case.warnings().collect();
    }
    broken
}

fn broken(out: &mut Vec<Line>, case: &CaseResult, (step, check, mismatch): &Finding<'_>) {
    out.push((Part::Place, format!("  {}", one_line(&mismatch.place))));
    for (index, expected) in mismatch.expected.iter().enumerate() {
        let label = if index == 0 { "expected" } else { "or" };
        value(out, Part::Expected, label, expected);
    }
    value(out, Part::Actual, "actual", &mismatch.actual);
    if check.violates.is_empty() {
        let words = format!("    violates  {NO_REQUIREMENT}");
        out.push((Part::Label, words));
    }
    for id in check.violates.iter().take(MAX_NAMES) {
        let covered = case.requirements.iter().find(|one| one.id == *id);
        let text = covered.map_or("", |one| &one.text);
        let words = one_line(&format!("{id} {text}"));
        hang(out, WIDTH, Part::Label, "    violates  ", &words);
    }
    if let Some(rest) = check.violates.len().checked_sub(MAX_NAMES + 1) {
        let more = counted(rest + 1, "requirement");
        out.push((Part::Label, format!("              and {more} more")));
    }
    let check_words = format!(
        "{} in {}, fingerprint {}",
        one_line(check.check.as_str()),
        owner(step),
        check.fingerprint().unwrap_or_default()
    );
    out.push((Part::Label, format!("    check     {check_words}")));
    out.push((
        Part::Label,
        format!("    written   {}", place(&check.source)),
    ));
    if check.further > 0 {
        let further = counted(check.further, "further finding");
        let words = format!("    and       {further} of this check");
        out.push((Part::Label, words));
    }
    let excerpt = visible(&check.source.excerpt);
    if !excerpt.trim().is_empty() {
        let excerpt = cut(&one_line(&excerpt), WIDTH - 20);
        out.push((
            Part::Label,
            format!("      {} | {excerpt}", check.source.line),
        ));
    }
}

/// A short value stands beside its label, a long one under it behind a bar.
///
/// The bar also keeps text of the target's from beginning a line, where a pipeline would read
/// `::error::` and its like as orders.
fn value(out: &mut Vec<Line>, part: Part, label: &str, text: &str) {
    let text = bounded(&visible(text), MAX_VALUE);
    if text.contains('\n') || columns(&text) > WIDTH - 14 {
        out.push((part, format!("    {label}")));
        bars(out, part, &text);
    } else {
        out.push((part, format!("    {label:<9} {text}")));
    }
}

fn bars(out: &mut Vec<Line>, part: Part, text: &str) {
    for line in text.lines() {
        out.push((part, format!("      | {line}")));
    }
}

/// The exchanges that broke, with their steps: those of findings, else the one at which the test case
/// stopped.
pub(super) fn exchanges(case: &CaseResult) -> Vec<(&StepResult, &RecordedExchange)> {
    let findings = findings(case);
    let is_broken = |step: &&StepResult| {
        let mut findings = findings.iter();
        findings.any(|(broken, _, _)| std::ptr::eq(*broken, *step))
    };
    let mut shown: Vec<_> = case
        .steps
        .iter()
        .filter(is_broken)
        .filter_map(|step| Some((step, step.exchange.as_ref()?)))
        .collect();
    if shown.is_empty() {
        shown.extend(case.last_exchange());
    }
    shown
}

/// Whose step it is: `step 'login' of the provider 'user'`, `the request`, `then, step 'me'`.
pub(super) fn owner(step: &StepResult) -> String {
    let name = one_line(&step.name);
    match (&step.owner, step.part) {
        (StepOwner::Provider(provider), _) => {
            format!("step '{name}' of the provider '{}'", one_line(provider))
        }
        (StepOwner::Cleanup(provider), _) => {
            format!("step '{name}' of the clean-up of '{}'", one_line(provider))
        }
        (StepOwner::Preflight, _) => format!("pre-flight, step '{name}'"),
        (StepOwner::Case, result::Part::Request) => "the request".to_owned(),
        (StepOwner::Case, part) => format!("{}, step '{name}'", part.label()),
    }
}

/// `accounts 12, sms 3 of 20`.
pub(super) fn spent(spent: &[Spent]) -> String {
    let each = spent.iter().map(|one| {
        let bound = one.budget.map(|budget| format!(" of {budget}"));
        let bound = bound.unwrap_or_default();
        format!("{} {}{bound}", one_line(&one.what), one.spent)
    });
    each.collect::<Vec<_>>().join(", ")
}

/// The path of a URL, its query left out.
pub(super) fn path(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.find('/').map_or("/", |at| &rest[at..]);
    path.split('?').next().unwrap_or_default()
}

/// What came back to a request, and the call that sends it again.
pub(super) fn answered(out: &mut Vec<Line>, step: &StepResult, exchange: &RecordedExchange) {
    let millis = exchange.elapsed.as_millis();
    if step.part != result::Part::Request {
        hang(out, WIDTH, Part::Label, "  sent by   ", &owner(step));
    }
    if let Some(status) = exchange.status {
        out.push((Part::Label, format!("  answered  {status} in {millis} ms")));
    } else {
        let why = exchange.trouble.as_deref().unwrap_or("no reason is known");
        hang(out, WIDTH, Part::Label, "  no answer ", &one_line(why));
    }
    if let Some(body) = exchange
        .response_body
        .as_deref()
        .filter(|body| !body.trim().is_empty())
    {
        bars(out, Part::Detail, &bounded(&visible(body), MAX_VALUE));
    }
    for token in &exchange.tokens {
        decoded(out, token);
    }
    let curl = visible(&exchange.curl);
    let mut curl = curl.trim_end().lines();
    if let Some(first) = curl.next() {
        out.push((Part::Label, String::from("  send it again")));
        out.push((Part::Detail, format!("    {first}")));
        out.extend(curl.map(|line| (Part::Detail, format!("    {line}"))));
    }
}

/// A token that was sent or answered: whether it is signed first, then what it says.
fn decoded(out: &mut Vec<Line>, token: &RecordedToken) {
    let place = one_line(&token.place);
    let words = format!("{place}: {}", one_line(&token.summary));
    hang(out, WIDTH, Part::Label, "  token     ", &words);
    for (label, text) in [("header", &token.header), ("claims", &token.claims)] {
        let text = bounded(&one_line(text), MAX_VALUE);
        bars(out, Part::Detail, &format!("{label} {text}"));
    }
}

pub(super) fn place(source: &Source) -> String {
    format!(
        "{}:{}:{}",
        one_line(&source.file),
        source.line,
        source.column
    )
}

/// `text` after `lead`, wrapped at this width, further lines under the first.
pub(super) fn hang(out: &mut Vec<Line>, width: usize, part: Part, lead: &str, text: &str) {
    let used = columns(lead);
    for (index, line) in wrap(text, width.saturating_sub(used)).iter().enumerate() {
        let lead = if index == 0 { lead } else { &" ".repeat(used) };
        out.push((part, format!("{lead}{line}")));
    }
}

pub(super) fn plain(lines: &[Line]) -> String {
    let mut out = String::new();
    for (_, line) in lines {
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// A value that may stand in a sentence: one line, cut, never nothing.
pub(super) fn short(text: &str) -> String {
    let text = cut(&one_line(text), MAX_HEADLINE_VALUE);
    if text.is_empty() {
        String::from("nothing")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mismatch_reads_as_one_sentence() {
        #[track_caller]
        fn check(expected: &[&str], actual: &str, sentence: &str) {
            let broken = Mismatch {
                subject: result::Subject::Status,
                place: "body /expire".into(),
                expected: expected.iter().map(ToString::to_string).collect(),
                actual: actual.into(),
            };
            assert_eq!(mismatch(&broken), sentence);
        }
        check(
            &["43200"],
            "\"43200\"",
            "body /expire: expected 43200 but was \"43200\"",
        );
        check(&["1", "2"], "3", "body /expire: expected 1 or 2 but was 3");
        check(&["1"], "", "body /expire: expected 1 but was nothing");
        check(
            &[],
            "{\n\t\"a\": 1\n}",
            "body /expire: expected something else but was { \"a\": 1 }",
        );
    }

    #[test]
    fn a_long_value_stands_behind_a_bar_and_says_what_is_missing() {
        let mut out = Vec::new();
        value(&mut out, Part::Actual, "actual", &"x".repeat(MAX_VALUE + 5));
        let text = plain(&out);
        assert!(text.starts_with("    actual\n      | xxx"));
        assert!(text.ends_with("      | … 5 more characters\n"));
    }

    #[test]
    fn every_line_of_the_targets_text_is_led_by_ours() {
        let mut out = Vec::new();
        value(&mut out, Part::Actual, "actual", "fine\n::error::not ours");
        assert!(
            out.iter()
                .all(|(_, line)| !line.trim_start().starts_with("::"))
        );
    }
}
