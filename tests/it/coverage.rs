//! Taking a row away takes exactly its cells out of the coverage, and the suite names the hole.

use std::{collections::BTreeSet, fs, path::Path, sync::Arc};

use probity::{
    diag::Diagnostic,
    ids::{CaseId, RequirementId},
    judge,
    plan::TestCase,
    report::coverage::{Options, json, text},
    result::{Coverage, Covered, Matrix, State},
    suite::{self, Suite},
};
use tempfile::TempDir;

use crate::{
    cli::{probity, run_into, temporary},
    support::{self, root},
};

/// A requirement or a cell, as text: operation, then what.
type Place = (String, String);

/// Everything that at least one row is about, each with those rows.
fn places(coverage: &Coverage) -> Vec<(Place, Vec<CaseId>)> {
    let mut out = Vec::new();
    for one in &coverage.operations {
        let operation = format!("{} {}", one.edition, one.operation);
        for state in &one.requirements {
            let place = (operation.clone(), format!("requirement {}", state.id));
            out.push((place, state.cases.clone()));
        }
        for cell in &one.cells {
            let (matrix, mode) = (cell.matrix.label(), cell.mode.unwrap_or_default());
            let place = (operation.clone(), format!("{matrix} {} {mode}", cell.item));
            out.push((place, cell.cases.clone()));
        }
    }
    out.retain(|(_, rows)| !rows.is_empty());
    out
}

fn filled(coverage: &Coverage) -> BTreeSet<Place> {
    places(coverage).into_iter().map(|(at, _)| at).collect()
}

/// What only these rows are about.
fn only(coverage: &Coverage, ids: &BTreeSet<CaseId>) -> BTreeSet<Place> {
    let sole = |rows: &[CaseId]| rows.iter().all(|row| ids.contains(row));
    let places = places(coverage).into_iter();
    places
        .filter(|(_, rows)| sole(rows))
        .map(|(at, _)| at)
        .collect()
}

fn planned(suite: &Suite) -> Coverage {
    judge::coverage(&suite.contracts, &suite.plan.cases, None)
}

/// D and S requirements that nothing would judge.
fn open(coverage: &Coverage) -> BTreeSet<RequirementId> {
    let all = coverage.operations.iter().flat_map(|one| &one.requirements);
    all.filter(|one| one.is_unproven())
        .map(|one| one.id.clone())
        .collect()
}

/// What lint says about holes; each speaks of something that no row is about any more.
const HOLES: [&str; 3] = ["uncovered-requirement", "no-omission", "code-without-row"];

fn holes(found: &[Diagnostic]) -> BTreeSet<(&str, &str)> {
    let holes = found.iter().filter(|one| HOLES.contains(&one.code));
    holes.map(|one| (one.code, one.message.as_str())).collect()
}

/// A copy of what one edition needs.
struct Project(TempDir);

impl Project {
    fn new(edition: &str) -> Self {
        let folder = temporary();
        for part in ["specs", "cases"] {
            let from = root().join(part).join(edition);
            copy(&from, &folder.path().join(part).join(edition));
        }
        Self(folder)
    }

    fn load(&self) -> Suite {
        suite::load(self.0.path(), None)
    }

    fn file(&self, row: &TestCase) -> std::path::PathBuf {
        self.0.path().join(&row.span.file.path)
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder of the project") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("a copy");
        }
    }
}

/// The text of a case file without one row: the whole case, or one line of its matrix.
fn without(text: &str, suite: &Suite, row: &TestCase, all: bool) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let (line, _) = row.span.position();
    let start = line - 1;
    assert!(lines[start].starts_with("  - id: "), "{}", lines[start]);
    let length = lines[start + 1..]
        .iter()
        .position(|line| line.starts_with("  - "))
        .unwrap_or(lines.len() - start - 1);
    let case = start..=start + length;
    let variants = variants(suite, row);
    let cut = if all || variants.len() == 1 {
        case
    } else {
        let place = variants.iter().position(|id| *id == row.id);
        let is_variant = |at: &usize| lines[*at].starts_with("      - ");
        let matrix: Vec<usize> = case.filter(is_variant).collect();
        assert_eq!(matrix.len(), variants.len(), "a matrix of one line a row");
        let at = matrix[place.expect("the row is one of them")];
        at..=at
    };
    let mut out = String::new();
    for (_, line) in lines.iter().enumerate().filter(|(at, _)| !cut.contains(at)) {
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// The rows that one case of a file makes.
fn variants(suite: &Suite, row: &TestCase) -> Vec<CaseId> {
    let all = suite.plan.cases.iter().filter(|one| one.span == row.span);
    all.map(|one| one.id.clone()).collect()
}

/// Takes each row out of the files in turn; `[*]` after a case means all its rows. Gives what
/// vanished with any of them.
fn vanished(ids: &[&str]) -> BTreeSet<Place> {
    let mut all = BTreeSet::new();
    for id in ids {
        let edition = id.split('/').next().expect("an edition");
        let project = Project::new(edition);
        let before = project.load();
        assert!(!before.is_broken(), "{:#?}", before.diagnostics);
        let begin = id.strip_suffix("*]");
        let row = before.plan.cases.iter().find(|case| match begin {
            Some(begin) => case.id.starts_with(begin),
            None => case.id == *id,
        });
        let row = row.unwrap_or_else(|| panic!("there is no row {id}"));
        let rows: BTreeSet<CaseId> = match begin {
            Some(_) => variants(&before, row).into_iter().collect(),
            None => BTreeSet::from([row.id.clone()]),
        };
        let file = project.file(row);
        let whole = fs::read_to_string(&file).expect("a case file");
        fs::write(&file, without(&whole, &before, row, begin.is_some()))
            .expect("the file is written");
        let after = project.load();
        let kept = before.plan.cases.iter().map(|case| &case.id);
        let kept: Vec<&CaseId> = kept.filter(|id| !rows.contains(*id)).collect();
        let left: Vec<&CaseId> = after.plan.cases.iter().map(|case| &case.id).collect();
        assert_eq!(left, kept, "{id}");

        let (had, has) = (planned(&before), planned(&after));
        let gone: BTreeSet<Place> = filled(&had).difference(&filled(&has)).cloned().collect();
        assert_eq!(gone, only(&had, &rows), "{id}");
        assert!(filled(&has).is_subset(&filled(&had)), "{id}");

        let opened: BTreeSet<RequirementId> = open(&has).difference(&open(&had)).cloned().collect();
        let (told, known) = (holes(&after.diagnostics), holes(&before.diagnostics));
        let told: BTreeSet<_> = told.difference(&known).collect();
        for requirement in &opened {
            let message = format!("no case covers `{requirement}`");
            assert!(
                told.contains(&("uncovered-requirement", message.as_str())),
                "{id}: {requirement} in {told:?}"
            );
        }
        let uncovered = told.iter().filter(|(code, _)| *code == HOLES[0]);
        assert_eq!(uncovered.count(), opened.len(), "{id}: {told:?}");
        for (code, message) in told {
            assert!(
                gone.iter().any(|(_, what)| about(code, message, what)),
                "{id}: {message} in {gone:?}"
            );
        }
        all.extend(gone);
    }
    all
}

/// Whether a hole that lint names is the place that vanished.
fn about(code: &str, message: &str, place: &str) -> bool {
    let mut words = place.split(' ');
    let (matrix, item) = (words.next(), words.next().unwrap_or_default());
    let kinds: &[&str] = match code {
        "uncovered-requirement" => &["requirement"],
        "no-omission" => &["headers", "members"],
        _ => &["errors"],
    };
    matrix.is_some_and(|matrix| kinds.contains(&matrix)) && message.contains(&format!("`{item}`"))
}

/// Each of these rows takes something with it that no other row has.
#[track_caller]
fn takes(ids: &[&str], expected: &[&str]) {
    let gone = vanished(ids);
    let gone: BTreeSet<&str> = gone.iter().map(|(_, what)| what.trim_end()).collect();
    for what in expected {
        assert!(gone.contains(what), "{what} in {gone:?}");
    }
}

#[test]
fn a_row_that_leaves_a_header_out_is_missed() {
    takes(
        &[
            "ciam/skip-update/headers/device-header-missing[X-agent]",
            "oneaccess/forced-change/headers/logged-header-missing[X-device-fingerprint]",
        ],
        &[
            "requirement CIAM-SKIP-H11",
            "headers X-agent omitted",
            "requirement OA-FUP-H04",
            "headers X-device-fingerprint omitted",
        ],
    );
}

#[test]
fn a_row_that_sends_a_header_empty_is_missed() {
    takes(
        &[
            "eiam/skip-update/token/blank",
            "ciam/change-by-mobile/headers/device-header-blank[X-agent]",
        ],
        &[
            "requirement EIAM-SKIP-H24",
            "headers X-state-token blank",
            "requirement CIAM-CPM-H12",
            "headers X-agent blank",
        ],
    );
}

#[test]
fn a_row_about_a_member_of_the_body_is_missed() {
    takes(
        &[
            "eiam/forced-change-by-mobile/body/member-missing[new_password]",
            "oneaccess/forced-change/body/member-blank[/old_password]",
        ],
        &[
            "requirement EIAM-FUM-B12",
            "members /new_password omitted",
            "requirement OA-FUP-B02",
            "members /old_password blank",
        ],
    );
}

#[test]
fn a_row_that_alone_provokes_a_code_is_missed() {
    takes(
        &[
            "eiam/forced-change-by-mobile/headers/client-id-unregistered",
            "eiam/forced-change-by-mobile/errors/user-deleted",
        ],
        &["errors SDK.COMMON.1012", "errors SDK.COMMON.1013"],
    );
}

#[test]
fn a_row_about_a_message_in_one_language_is_missed() {
    takes(
        &[
            "ciam/skip-update/errors/client-id-missing[zh]",
            "ciam/change-by-mobile/password-policy/weak[en]",
        ],
        &["requirement CIAM-SKIP-E06", "requirement CIAM-CPM-E38"],
    );
}

#[test]
fn a_row_about_the_body_of_a_success_is_missed() {
    takes(
        &[
            "ciam/skip-update/documented/success-members",
            "eiam/skip-update/documented/exact-members",
        ],
        &["requirement CIAM-SKIP-X01", "requirement EIAM-SKIP-R25"],
    );
}

#[test]
fn a_row_about_a_token_is_missed() {
    takes(
        &[
            "ciam/skip-update/documented/id-token-lifetime",
            "eiam/forced-change-by-mobile/documented/id-token-signature",
        ],
        &["requirement CIAM-SKIP-R16", "requirement EIAM-FUM-R16"],
    );
}

#[test]
fn a_row_about_an_effect_is_missed() {
    takes(
        &[
            "ciam/skip-update/effects/password-untouched",
            "eiam/forced-change-by-mobile/effects/old-password-refused",
        ],
        &["requirement CIAM-SKIP-P04", "requirement EIAM-FUM-B16"],
    );
}

#[test]
fn a_row_that_writes_header_names_in_other_letters_is_missed() {
    takes(
        &[
            "eiam/skip-update/headers/header-case[*]",
            "oneaccess/forced-change/headers/names-in-other-letters[*]",
        ],
        &[
            "headers X-state-token other-case",
            "headers Content-Type other-case",
        ],
    );
}

#[test]
fn a_row_that_only_observes_is_missed_although_no_promise_hangs_on_it() {
    let rows = [
        "ciam/skip-update/open/fingerprint-unlike-the-login",
        "eiam/forced-change-by-mobile/open/additional-member",
    ];
    takes(
        &rows,
        &[
            "requirement CIAM-SKIP-H07",
            "headers X-device-fingerprint malformed",
            "requirement EIAM-FUM-B19",
        ],
    );
}

#[test]
fn a_row_beside_others_of_its_kind_takes_nothing_away() {
    let gone = vanished(&["ciam/skip-update/token/state-token-cut-short"]);
    assert!(gone.is_empty(), "{gone:?}");
}

/// No shipped row sends a header twice, so two are written first.
#[test]
fn a_row_that_sends_a_header_twice_fills_its_cell_and_is_missed() {
    let project = Project::new("ciam");
    let before = project.load();
    let control = "ciam/skip-update/open/control";
    let file = project.file(before.plan.get(control).expect("the control"));
    let whole = fs::read_to_string(&file).expect("a case file");
    let row = |header: &str| {
        format!(
            "\n  - id: twice-{header}\n    title: A header twice\n    covers: CIAM-SKIP-H07\n    \
             duplicate: {{ header: {header} }}\n    observe: What a second one does is recorded.\n"
        )
    };
    let written = format!("{whole}{}{}", row("X-agent"), row("X-L"));
    fs::write(&file, &written).expect("the file is written");
    let both = project.load();
    assert!(!both.is_broken(), "{:#?}", both.diagnostics);
    let new: Vec<Place> = filled(&planned(&both))
        .difference(&filled(&planned(&before)))
        .cloned()
        .collect();
    let new: Vec<&str> = new.iter().map(|(_, what)| what.as_str()).collect();
    assert_eq!(new, ["headers X-L duplicate", "headers X-agent duplicate"]);

    let id = "ciam/skip-update/open/twice-X-agent";
    let row = both.plan.get(id).expect("the row");
    fs::write(&file, without(&written, &both, row, false)).expect("the file is written");
    let gone: Vec<Place> = filled(&planned(&both))
        .difference(&filled(&planned(&project.load())))
        .cloned()
        .collect();
    assert_eq!(gone.len(), 1);
    assert_eq!(gone[0].1, "headers X-agent duplicate");
}

/// The same for every row there is, without the files.
#[test]
fn every_row_takes_exactly_what_only_it_is_about() {
    let suite = support::shipped();
    for contract in &suite.contracts {
        let contracts = std::slice::from_ref(contract);
        let own = suite.plan.cases.iter();
        let mut own: Vec<Arc<TestCase>> = own
            .filter(|case| case.edition == contract.edition)
            .cloned()
            .collect();
        let had = judge::coverage(contracts, &own, None);
        let before = filled(&had);
        let places = places(&had);
        for _ in 0..own.len() {
            let row = own.remove(0);
            let after = filled(&judge::coverage(contracts, &own, None));
            let gone: BTreeSet<&Place> = before.difference(&after).collect();
            let sole = places.iter().filter(|(_, rows)| *rows == [row.id.clone()]);
            let sole: BTreeSet<&Place> = sole.map(|(at, _)| at).collect();
            assert_eq!(gone, sole, "{}", row.id);
            own.push(row);
        }
    }
}

#[test]
fn the_denominators_are_those_of_the_documents() {
    let suite = support::shipped();
    let none = judge::coverage(&suite.contracts, &[], None);
    let full = planned(&suite);
    assert_eq!(none.operations.len(), 5);
    for (empty, full) in none.operations.iter().zip(&full.operations) {
        assert_eq!(empty.requirements.len(), full.requirements.len());
        assert_eq!(empty.satisfied().done, 0);
        for matrix in Matrix::ALL {
            let (empty, full) = (empty.share(matrix), full.share(matrix));
            assert_eq!(empty.done, 0, "{matrix:?}");
            assert_eq!(
                empty.of + empty.excluded,
                full.of + full.excluded,
                "{matrix:?}"
            );
        }
    }
}

#[test]
fn everything_that_the_cases_promise_to_prove_is_proven_on_the_mock() {
    let out = temporary();
    run_into(out.path(), &["--edition", "ciam"]).expect(0);
    let record = out.path().join("run.jsonl");
    let record = record.to_string_lossy();
    let planned = probity(&["coverage"]).expect(0);
    assert!(planned.out.starts_with("What "), "{}", planned.out);
    assert!(planned.out.contains("nothing was run"), "{}", planned.out);
    let ran = probity(&["coverage", "--edition", "ciam", "--record", &record]).expect(0);
    let zero = "0 requirements unproven\n-----------------------\nnone\n";
    assert!(ran.out.contains(zero), "{}", ran.out);
    let shown = |arguments: &[&str]| -> serde_json::Value {
        let out = probity(arguments).expect(0).out;
        serde_json::from_str(&out).expect("JSON")
    };
    let planned = shown(&["coverage", "--edition", "ciam", "--format", "json"]);
    let proven = shown(&[
        "coverage",
        "--edition",
        "ciam",
        "--format",
        "json",
        "--record",
        &record,
    ]);
    assert_eq!(planned["version"], 1);
    assert!(planned["target"].is_null());
    assert_eq!(proven["target"], "mock");
    let operations = |document: &serde_json::Value| document["operations"].clone();
    let (planned, proven) = (operations(&planned), operations(&proven));
    for (planned, proven) in planned
        .as_array()
        .into_iter()
        .flatten()
        .zip(proven.as_array().into_iter().flatten())
    {
        let cells = |one: &serde_json::Value, state: &str| -> Vec<String> {
            let cells = one["cells"].as_array().into_iter().flatten();
            cells
                .filter(|cell| cell["state"] == state)
                .map(|cell| format!("{} {} {}", cell["matrix"], cell["item"], cell["mode"]))
                .collect()
        };
        assert_eq!(cells(planned, "cased"), cells(proven, "satisfied"));
    }
}

#[test]
fn a_gate_that_is_not_reached_ends_in_exit_2_and_says_which() {
    probity(&["coverage", "--min", "satisfied=100", "--min", "errors=100"]).expect(0);
    let below = probity(&["coverage", "--edition", "ciam", "--min", "headers=100"]).expect(2);
    assert!(
        below.err.contains("ciam skipPasswordUpdate: headers "),
        "{}",
        below.err
    );
    assert!(!below.err.contains("eiam "), "{}", below.err);
    let wrong = probity(&["coverage", "--min", "header=100"]).expect(3);
    assert!(
        wrong.err.contains("there is no share `header`"),
        "{}",
        wrong.err
    );
    probity(&["coverage", "--operation", "nowhere"]).expect(3);
    let wrong = probity(&["coverage", "--record", "README.md"]).expect(3);
    assert!(wrong.err.contains("not a record"), "{}", wrong.err);
}

/// A run of a part proves a part: what was left out is said, and is no finding.
#[test]
fn a_run_of_some_rows_leaves_the_requirements_of_the_others_open() {
    let out = temporary();
    let ran = run_into(out.path(), &["ciam/skip-update/headers"]).expect(0);
    assert!(ran.out.contains(" selected rows of "), "{}", ran.out);
    assert!(ran.out.contains("partial (exit code 0)"), "{}", ran.out);
    assert!(!ran.out.contains("requirements unproven"), "{}", ran.out);
    let record = out.path().join("run.jsonl");
    let arguments = [
        "coverage",
        "--edition",
        "ciam",
        "--operation",
        "skipPasswordUpdate",
        "--record",
        &record.to_string_lossy(),
        "--min",
        "satisfied=100",
        "--long",
    ];
    let shown = probity(&arguments).expect(2);
    let (_, behind) = shown.out.split_once("\nCIAM-SKIP-H15  ").expect("H15");
    let why = behind.lines().find(|line| line.contains("not run"));
    assert_eq!(why, Some("  not run: 1 of its 3 rows"), "{}", shown.out);
    assert!(shown.err.contains("satisfied "), "{}", shown.err);
}

#[test]
fn one_failure_among_passes_violates_its_requirement_and_its_cells() {
    let suite = support::shipped();
    let results: Vec<_> = suite
        .plan
        .cases
        .iter()
        .map(|case| {
            let requirements = case.covers.iter().map(|id| Covered {
                evidence: probity::result::Evidence::Held,
                id: id.clone(),
                text: String::new(),
            });
            let verdict = probity::result::Verdict::Pass(probity::result::PassReason::Clean);
            probity::result::CaseResult {
                outcome: None,
                stands: false,
                waiver: None,
                blocked_by: None,
                id: case.id.clone(),
                title: case.title.clone(),
                edition: case.edition.to_string(),
                operation: case.operation.clone(),
                control: case.control,
                source: judge::source(&case.span),
                requirements: requirements.collect(),
                verdict,
                detail: None,
                causes: Vec::new(),
                steps: Vec::new(),
                tags: Vec::new(),
                basis: probity::result::Basis::default(),
                elapsed: std::time::Duration::ZERO,
            }
        })
        .collect();
    let state = |results: &[_], matrix: Matrix, item: &str| {
        let coverage = judge::coverage(&suite.contracts, &suite.plan.cases, Some(results));
        let ciam = coverage.operations.iter().find(|one| {
            (one.edition.as_str(), one.operation.as_str()) == ("ciam", "skipPasswordUpdate")
        });
        let ciam = ciam.expect("the operation");
        let cell = ciam.documented(matrix).find(|cell| cell.item == item);
        let one = ciam
            .requirements
            .iter()
            .find(|one| one.id == "CIAM-SKIP-E04");
        (
            cell.expect("the cell").state,
            one.expect("the requirement").state,
        )
    };
    let code = "IDAAS.SDK.PARAM.0002";
    let both = (State::Satisfied, State::Satisfied);
    assert_eq!(state(&results, Matrix::Errors, code), both);
    let mut failed = results.clone();
    let row = "ciam/skip-update/errors/client-id-missing[zh]";
    let at = failed
        .iter()
        .position(|case| case.id == row)
        .expect("a row");
    failed[at].verdict = probity::result::Verdict::Fail("conforms".into());
    for covered in &mut failed[at].requirements {
        covered.evidence = probity::result::Evidence::Violated;
    }
    let both = (State::Violated, State::Violated);
    assert_eq!(state(&failed, Matrix::Errors, code), both);
    failed.remove(at);
    let both = (State::Unproven, State::Unproven);
    assert_eq!(state(&failed, Matrix::Errors, code), both);
}

#[test]
fn a_page_shows_what_is_violated_first_and_what_is_open_before_any_number() {
    let suite = support::shipped();
    let coverage = judge::coverage(&suite.contracts, &[], None);
    let long = Options {
        long: true,
        ..Options::default()
    };
    let page = text(&coverage, long);
    let place = |what: &str| {
        page.find(what)
            .unwrap_or_else(|| panic!("{what} in {page}"))
    };
    assert!(place("requirements violated") < place("requirements unproven"));
    assert!(place("requirements unproven") < place("by operation and kind"));
    let sentence = "CIAM-SKIP-H18  A skip without X-client-id answers 400";
    assert!(page.contains(sentence), "{page}");
    assert!(page.contains("\n  no case covers it\n"), "{page}");
    let words: Vec<&str> = page.split_whitespace().collect();
    assert!(words.join(" ").contains("X-agent omitted,"), "{page}");
    assert!(page.contains("Neighbours in eiam"), "{page}");
    let document = json(&coverage);
    assert!(document.contains("\"version\": 1"));
}

#[test]
fn the_short_page_has_sixty_lines_at_most_however_much_is_open() {
    let suite = support::shipped();
    let mut coverage = judge::coverage(&suite.contracts, &[], None);
    for operation in &mut coverage.operations {
        for one in operation.requirements.iter_mut().step_by(2) {
            one.state = State::Violated;
        }
    }
    let more = coverage.operations.clone();
    coverage.operations.extend(more);
    let page = text(&coverage, Options::default());
    assert!(page.lines().count() <= 60, "{page}");
    assert!(page.contains("--long"), "{page}");
}
