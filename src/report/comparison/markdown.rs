//! A comparison as Markdown, for a ticket or a pull request.

use super::{
    broken::{Causes, of_kind},
    text::{SUITE_CHANGES, conclusion, difference, otherwise_kept, suite},
};
use crate::{
    ids::CaseId,
    report::{
        markdown::{code, words},
        text::counted,
    },
    result::{AnswerChange, ChangeClass, ChangeKind, Comparison, RunReport},
};

/// Entries of a list that are told.
const ENTRIES: usize = 50;
const NAMES: usize = 10;

/// The text; `after` is the run after with its exchanges.
#[must_use]
pub fn markdown(comparison: &Comparison, after: &RunReport) -> String {
    let mut out = Vec::new();
    out.push(format!("## {}\n", words(&conclusion(comparison))));
    out.push("| | target | version | started | conclusion |\n|---|---|---|---|---|".to_owned());
    for (name, side) in [("before", &comparison.before), ("after", &comparison.after)] {
        let cells = [
            name.to_owned(),
            code(&side.target),
            side.version.as_deref().map(code).unwrap_or_default(),
            side.started.strftime("%Y-%m-%d %H:%M UTC").to_string(),
            side.conclusion.clone(),
        ];
        let cells = cells.map(|cell| cell.replace('|', "\\|"));
        out.push(format!("| {} |", cells.join(" | ")));
    }
    out.push(format!("\nSuite: {}.\n", words(&suite(comparison))));
    suite_change(&mut out, comparison);
    let causes = Causes::of(comparison, after);
    if !causes.new.is_empty() {
        out.push(format!(
            "### Broken: {}\n",
            counted(causes.new.len(), "cause")
        ));
    }
    for one in causes.new.iter().take(ENTRIES) {
        let brief = &one.brief;
        out.push(format!("- {} ({})", code(&brief.sentence), brief.reach()));
        if let Some(change) = one.change {
            out.push(format!("  - changed {}", code(&difference(change))));
        }
        for promise in &brief.violates {
            let (id, sentence) = (words(promise.id), words(&promise.sentence));
            out.push(format!("  - violates **{id}** {sentence}"));
        }
        if !one.not_proven.is_empty() {
            let ids = one.not_proven.iter().take(NAMES).map(|id| words(id));
            let mut ids: Vec<String> = ids.collect();
            if one.not_proven.len() > NAMES {
                ids.push(format!("and {} more", one.not_proven.len() - NAMES));
            }
            out.push(format!("  - not proven any more: {}", ids.join(", ")));
        }
        out.push(format!("  - again {}", code(&brief.again)));
    }
    for kind in ChangeKind::ALL {
        if matches!(
            kind,
            ChangeKind::Same | ChangeKind::Broken | ChangeKind::Changed
        ) {
            continue;
        }
        let all = of_kind(comparison, kind);
        if !all.is_empty() {
            let names: Vec<&CaseId> = all.iter().map(|row| &row.id).collect();
            out.push(format!("\n### {}: {}\n", words(kind.label()), rows(&names)));
        }
    }
    answers(&mut out, comparison);
    requirements(&mut out, comparison);
    out.join("\n") + "\n"
}

/// What the suite says otherwise of the answers that it had before.
fn suite_change(out: &mut Vec<String>, comparison: &Comparison) {
    let Some(change) = comparison.suite_change.as_ref() else {
        return;
    };
    out.push("### What the suite says otherwise of the run before\n".to_owned());
    if change.is_nothing() {
        out.push("Nothing.\n".to_owned());
    }
    for (kind, title) in SUITE_CHANGES {
        let all = change.cases.iter().filter(|row| row.kind == kind);
        let names: Vec<&CaseId> = all.map(|row| &row.id).collect();
        if !names.is_empty() {
            out.push(format!("- {title}: {}", rows(&names)));
        }
    }
    if !change.unknown.is_empty() {
        let names: Vec<&CaseId> = change.unknown.iter().collect();
        out.push(format!(
            "- not re-judgeable from the record: {}",
            rows(&names)
        ));
    }
    out.push("\n### What the target changed\n".to_owned());
}

fn answers(out: &mut Vec<String>, comparison: &Comparison) {
    let green = |change: &&AnswerChange| {
        matches!(
            change.class,
            ChangeClass::Undocumented | ChangeClass::Compatible
        )
    };
    let all: Vec<&AnswerChange> = comparison.answers.iter().filter(green).collect();
    if all.is_empty() {
        return;
    }
    out.push("\n### Answered otherwise\n".to_owned());
    out.push("| class | call | difference | rows |\n|---|---|---|--:|".to_owned());
    for change in all.iter().take(ENTRIES) {
        let call = code(&format!("{} {}", change.edition, change.call));
        let what = code(&difference(change));
        let cells = [
            change.class.label().to_owned(),
            call,
            what,
            change.cases.len().to_string(),
        ];
        let cells = cells.map(|cell| cell.replace('|', "\\|"));
        out.push(format!("| {} |", cells.join(" | ")));
    }
    if all.len() > ENTRIES {
        out.push(format!("\nand {} more", all.len() - ENTRIES));
    }
}

/// Requirements that are violated, not proven or kept anew.
fn requirements(out: &mut Vec<String>, comparison: &Comparison) {
    let lists = otherwise_kept(&comparison.requirements);
    if lists.iter().all(Vec::is_empty) {
        return;
    }
    out.push("\n### Requirements\n".to_owned());
    let titles = ["violated", "not proven any more", "kept again"];
    for (title, list) in titles.into_iter().zip(lists) {
        if !list.is_empty() {
            let ids = list.iter().take(ENTRIES).map(|id| words(id));
            out.push(format!("- {title}: {}", ids.collect::<Vec<_>>().join(", ")));
        }
    }
}

fn rows(names: &[&CaseId]) -> String {
    let mut list: Vec<String> = names.iter().take(NAMES).map(|id| code(id)).collect();
    if names.len() > NAMES {
        list.push("…".to_owned());
    }
    format!("{}: {}", counted(names.len(), "row"), list.join(", "))
}
