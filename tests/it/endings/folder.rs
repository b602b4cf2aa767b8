//! Report folders that are in use, in the way, full, or gone.

use std::{fs, fs::File};

use probity::{
    report::FORMATS,
    result::{Conclusion, Ending, RunReport},
};

use super::{
    conformant, names,
    tenant::{Going, Quirk, Tenant},
    told,
};
use crate::cli::{finish, in_shell, program};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_run_into_the_same_folder_is_refused_and_disturbs_nothing() {
    let (_tenant, project) = conformant().await;
    let held = File::open(project.reports()).expect("a folder");
    held.lock().expect("a lock");
    let outcome = finish(project.call("run", &[])).expect(3);
    assert!(
        outcome.err.contains("another run is writing"),
        "{}",
        outcome.err
    );
    assert_eq!(
        names(&project.reports()),
        ["junit.xml", "report.html", "run.jsonl"]
    );
    assert_eq!(
        told(&project.reports()).conclusion(),
        Conclusion::Conformant
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_in_the_place_of_the_folder_is_told_and_kept() {
    let tenant = Tenant::start(Quirk::None).await;
    let project = tenant.project();
    fs::write(project.reports(), "mine").expect("written");
    let outcome = finish(project.call("run", &[])).expect(3);
    assert!(outcome.err.contains("cannot write to"), "{}", outcome.err);
    assert_eq!(
        fs::read_to_string(project.reports()).expect("a file"),
        "mine"
    );
    assert_eq!(tenant.requests(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_in_the_place_of_a_report_is_told_and_the_other_report_is_set_aside() {
    let (_tenant, project) = conformant().await;
    let junit = project.reports().join("junit.xml");
    fs::remove_file(&junit).expect("removed");
    fs::create_dir(&junit).expect("a folder");
    fs::write(junit.join("mine"), "kept").expect("written");
    let outcome = finish(project.call("run", &[])).expect(3);
    assert!(
        outcome.err.contains("`junit.xml` is a folder"),
        "{}",
        outcome.err
    );
    assert!(junit.join("mine").exists());
    assert!(!project.reports().join("run.jsonl").exists());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_are_replaced_and_what_they_lead_to_is_untouched() {
    use std::os::unix::fs::symlink;
    let tenant = Tenant::start(Quirk::None).await;
    let project = tenant.project();
    fs::create_dir(project.reports()).expect("a folder");
    let precious = project.root().join("precious");
    fs::write(&precious, "kept").expect("written");
    for name in [
        "junit.xml",
        "run.jsonl",
        "junit.tmp",
        "run.tmp",
        ".previous",
    ] {
        symlink(&precious, project.reports().join(name)).expect("a link");
    }
    finish(project.call("run", &[])).expect(0);
    assert_eq!(fs::read_to_string(&precious).expect("a file"), "kept");
    assert_eq!(
        told(&project.reports()).conclusion(),
        Conclusion::Conformant
    );
    let kind = fs::symlink_metadata(project.reports().join("junit.xml")).expect("a report");
    assert!(kind.is_file());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reports_that_do_not_fit_on_the_disk_are_told_after_the_summary_and_none_is_replaced() {
    let (_tenant, project) = conformant().await;
    let run = project.call("run", &[]);
    // The unfinished reports fit, those of the run do not.
    let unfinished = RunReport::without_cases(0, Ending::Unfinished);
    let largest = FORMATS
        .iter()
        .map(|one| one.render(&unfinished).len())
        .max();
    let blocks = largest.expect("a format").div_ceil(512) + 1;
    let limit = format!("trap '' XFSZ; ulimit -f {blocks}");
    let outcome = finish(in_shell(&limit, &run)).expect(4);
    assert!(
        outcome.out.contains("tenant: conformant"),
        "{}",
        outcome.out
    );
    assert!(!outcome.out.contains("Written:"), "{}", outcome.out);
    assert!(outcome.err.contains("cannot be written"), "{}", outcome.err);
    let left = told(&project.reports());
    assert_eq!(left.ending, Ending::Unfinished);
    assert_eq!(
        names(&project.reports()),
        [".previous", "junit.xml", "report.html", "run.jsonl"]
    );
}

#[cfg(unix)]
#[test]
fn a_full_standard_output_is_an_error_of_every_subcommand() {
    for arguments in [&["lint"][..], &["list"], &["--help"], &["coverage"]] {
        let mut command = program();
        command.args(arguments);
        let full = File::options().write(true).open("/dev/full");
        command.stdout(full.expect("a device that is always full"));
        command.stderr(std::process::Stdio::null());
        let status = command.status().expect("it starts");
        assert_eq!(status.code(), Some(4), "{arguments:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_that_vanishes_during_the_run_is_made_again() {
    let tenant = Tenant::start(Quirk::SkipHangs).await;
    let project = tenant.project();
    let target = project.root().join("tenants/tenant.yaml");
    let text = fs::read_to_string(&target).expect("a target");
    let quick = text.replace("timeout_ms: 60000", "timeout_ms: 1000");
    fs::write(&target, quick).expect("written");
    let mut going = Going::start(project.call("run", &["--no-preflight"]));
    while tenant.requests() < 2 {
        assert!(
            !going.has_ended(),
            "the run ended before its second request"
        );
    }
    fs::remove_dir_all(project.reports()).expect("removed");
    assert_eq!(going.code(), Some(2));
    assert_eq!(
        told(&project.reports()).conclusion(),
        Conclusion::Inconclusive
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_kill_the_reports_say_that_the_run_is_unfinished_and_how_many_rows_it_had() {
    let (_tenant, project) = conformant().await;
    let hanging = Tenant::start(Quirk::SkipHangs).await;
    let target = project.root().join("tenants/tenant.yaml");
    let other = fs::read_to_string(hanging.project().root().join("tenants/tenant.yaml"));
    fs::write(&target, other.expect("a target")).expect("written");
    let mut going = Going::start(project.call("run", &["--no-preflight"]));
    while hanging.requests() < 2 {
        assert!(
            !going.has_ended(),
            "the run ended before its second request"
        );
    }
    going.0.kill().expect("killed");
    drop(going);
    let left = told(&project.reports());
    assert_eq!(left.ending, Ending::Unfinished);
    assert_eq!((left.planned, left.not_run()), (9, 9));
    // The next run goes on as if nothing had been.
    finish(project.call("run", &["no-such-row"])).expect(3);
    assert_eq!(
        told(&project.reports().join(".previous")).conclusion(),
        Conclusion::Conformant
    );
}
