//! However a run ends, what lies in its report folder is about it and says no more than it knows.

mod folder;
mod providers;
#[cfg(unix)]
mod signals;
mod tenant;

use std::{fs, path::Path};

use probity::{
    report::{junit, record},
    result::{Conclusion, Ending, RunReport},
};

use regex::Regex;

use self::tenant::{Project, Quirk, Tenant};
use crate::{
    cli::{Outcome, finish},
    loopback::DEAD,
};

/// The run that both reports in a folder are of. They have to be valid, of the same moment, and every
/// planned row has to be accounted for.
#[track_caller]
fn told(folder: &Path) -> RunReport {
    let read = |file: &str| {
        let path = folder.join(file);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let record = record::read(&read("run.jsonl")).expect("a valid record");
    let report = record.report().clone();
    // The record keeps microseconds, so a sum of times may be another one in the last place.
    let times = Regex::new(r#" time="[^"]*""#).expect("an expression");
    let written = read("junit.xml");
    assert_eq!(
        times.replace_all(&written, ""),
        times.replace_all(&junit::render(&report), "")
    );
    let counts = report.counts();
    let done = counts.passed + counts.failed + counts.waived + counts.errors + counts.skipped;
    assert_eq!(done + report.not_run(), report.planned);
    report
}

/// The names of what lies in a folder, in order.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder").flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// A project that has run, so that conformant reports of an earlier run lie in its folder.
async fn conformant() -> (Tenant, Project) {
    let tenant = Tenant::start(Quirk::None).await;
    let project = tenant.project();
    finish(project.call("run", &[])).expect(0);
    assert_eq!(
        told(&project.reports()).conclusion(),
        Conclusion::Conformant
    );
    (tenant, project)
}

/// The reports say that the run did not start, and the earlier ones are set aside.
#[track_caller]
fn assert_not_started(project: &Project, outcome: &Outcome, why: &str) {
    assert_eq!(outcome.code, 3, "{}{}", outcome.out, outcome.err);
    let report = told(&project.reports());
    assert_eq!(report.conclusion(), Conclusion::NotStarted);
    let reason = report.because().expect("a reason");
    assert!(reason.contains(why), "`{why}` in `{reason}`");
    let before = told(&project.reports().join(".previous"));
    assert_eq!(before.conclusion(), Conclusion::Conformant);
    assert_eq!(
        names(&project.reports()),
        [".previous", "junit.xml", "report.html", "run.jsonl"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_way_to_end_with_3_says_so_in_the_reports_and_sets_green_ones_aside() {
    let (tenant, project) = conformant().await;
    let before = tenant.requests();
    for (arguments, why) in [
        (vec!["--no-such-flag"], "--no-such-flag"),
        (vec!["--jobs", "0"], "--jobs"),
        (vec!["no-such-row"], "no row matches"),
        (vec!["--edition", "eiam"], "no edition `eiam`"),
        (vec!["--profile", "everything"], "everything"),
        (vec!["--profile", "destructive"], "test_tenant"),
        (vec!["--env-file", "nowhere.env"], "nowhere.env"),
    ] {
        let outcome = finish(project.call("run", &arguments));
        assert_not_started(&project, &outcome, why);
    }
    let cases = project.root().join("cases/ciam/skip-update/sound.yaml");
    let text = fs::read_to_string(&cases).expect("cases");
    fs::write(&cases, text.replace("without:", "wihtout:")).expect("written");
    let outcome = finish(project.call("run", &[]));
    assert_not_started(&project, &outcome, "sound.yaml:13:5: error[unknown-key]");
    fs::write(&cases, text).expect("written");

    let target = project.root().join("tenants/tenant.yaml");
    fs::remove_file(&target).expect("removed");
    let outcome = finish(project.call("run", &[]));
    assert_not_started(&project, &outcome, "unreadable-file");
    assert_eq!(tenant.requests(), before, "nothing was sent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_cannot_be_reached_leaves_reports_that_say_so() {
    let (_tenant, project) = conformant().await;
    let target = project.root().join("tenants/tenant.yaml");
    let text = fs::read_to_string(&target).expect("a target");
    let url = text.split('"').nth(1).expect("an address").to_owned();
    fs::write(&target, text.replace(&url, DEAD)).expect("written");
    let outcome = finish(project.call("run", &[]));
    assert_not_started(&project, &outcome, "error[cannot-connect]");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_subcommand_with_wrong_arguments_leaves_the_reports_alone() {
    let (_tenant, project) = conformant().await;
    let mut command = project.call("lint", &["--no-such-flag", "--output-dir"]);
    command.arg(project.reports());
    finish(command).expect(3);
    assert_eq!(
        told(&project.reports()).conclusion(),
        Conclusion::Conformant
    );
    assert_eq!(
        names(&project.reports()),
        ["junit.xml", "report.html", "run.jsonl"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_ends_replaces_the_reports_of_the_run_before_and_keeps_them_aside() {
    let (_tenant, project) = conformant().await;
    let first = told(&project.reports()).run_id;
    finish(project.call("run", &["without-users"])).expect(0);
    let second = told(&project.reports());
    assert_ne!(second.run_id, first);
    assert_eq!(second.ending, Ending::Complete);
    assert_eq!(told(&project.reports().join(".previous")).run_id, first);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn coverage_of_a_record_without_a_run_is_refused() {
    let (_tenant, project) = conformant().await;
    finish(project.call("run", &["no-such-row"])).expect(3);
    let mut command = crate::cli::program();
    command.arg("coverage").arg("--root").arg(project.root());
    command
        .arg("--record")
        .arg(project.reports().join("run.jsonl"));
    let outcome = finish(command).expect(3);
    assert!(outcome.err.contains("holds no run"), "{}", outcome.err);
}
