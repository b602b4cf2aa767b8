//! Signals at any moment: the reports are written, what was made is removed or named in the journal,
//! and the process ends in time.

use probity::result::{Conclusion, Ending};
use rustix::process::{Pid, Signal, kill_process};

use super::{
    names,
    tenant::{Going, Project, Quirk, Tenant},
    told,
};
use crate::cli::{Outcome, finish, in_shell};

fn send(going: &Going, signal: Signal) {
    let pid = i32::try_from(going.0.id()).ok().and_then(Pid::from_raw);
    // One that has ended meanwhile needs no signal.
    let _ = kill_process(pid.expect("a process"), signal);
}

/// Waits until the tenant read so many requests, or the call has ended.
fn wait_for_requests(tenant: &Tenant, count: usize, going: &mut Going) {
    while tenant.requests() < count && !going.has_ended() {
        std::thread::yield_now();
    }
}

/// Whether anything that a run left is named in a journal, and a clean-up removes exactly that.
#[track_caller]
fn assert_journalled(
    tenant: &Tenant,
    project: &Project,
    before: &std::collections::BTreeSet<String>,
) {
    let left: Vec<String> = tenant.users().difference(before).cloned().collect();
    let Outcome { out, .. } = finish(project.call("cleanup", &[])).expect(0);
    for name in &left {
        assert!(out.contains(name.as_str()), "{name} in\n{out}");
    }
    assert_eq!(tenant.users(), *before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_at_any_request_ends_with_reports_and_nothing_left_behind() {
    let tenant = Tenant::start(Quirk::None).await;
    let project = tenant.project();
    let before = tenant.users();
    finish(project.call("run", &[])).expect(0);
    let whole = tenant.requests();
    let mut random = fastrand::Rng::with_seed(20_261_129);
    for turn in 0..30 {
        let signal = [Signal::TERM, Signal::INT, Signal::HUP][turn % 3];
        let moment = random.usize(0..=whole);
        let start = tenant.requests();
        let mut going = Going::start(project.call("run", &[]));
        // Before the folder is taken, nothing of the process can be seen or changed.
        while !began(&project) && !going.has_ended() {
            std::thread::yield_now();
        }
        wait_for_requests(&tenant, start + moment, &mut going);
        send(&going, signal);
        let code = going.code();
        let report = told(&project.reports());
        assert_eq!(code, Some(i32::from(report.conclusion().exit_code())));
        if tenant.requests() < start + whole {
            assert_eq!(code, Some(2), "{signal:?} at request {moment}");
        }
        assert_eq!(tenant.users(), before, "{signal:?} at request {moment}");
        assert!(report.left.is_empty());
    }
}

/// Whether the reports are no longer those of the turn before, which had come to an end.
fn began(project: &Project) -> bool {
    let record = std::fs::read_to_string(project.reports().join("run.jsonl"));
    record.is_ok_and(|text| text.contains(r#""conclusion":"unfinished""#))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_signal_shortens_a_clean_up_that_hangs_and_what_is_left_is_told() {
    let tenant = Tenant::start(Quirk::DeleteHangs).await;
    let project = tenant.project();
    let before = tenant.users();
    let mut going = Going::start(project.call("run", &["--no-preflight", "sound/control"]));
    // The creation, the row, and the deletion that is never answered.
    wait_for_requests(&tenant, 3, &mut going);
    send(&going, Signal::TERM);
    send(&going, Signal::INT);
    assert_eq!(going.code(), Some(2));
    let report = told(&project.reports());
    assert_eq!(report.conclusion(), Conclusion::Inconclusive);
    assert_eq!(report.left.len(), 1, "{:?}", report.left);
    let left: Vec<String> = tenant.users().difference(&before).cloned().collect();
    assert_eq!(left.len(), 1);
    assert!(report.left[0].contains(&left[0]), "{:?}", report.left);
    let journals = project.root().join("tenants/.probity/journals");
    assert_eq!(names(&journals).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_third_signal_ends_at_once_and_loses_no_report() {
    let tenant = Tenant::start(Quirk::DeleteHangs).await;
    let project = tenant.project();
    let mut going = Going::start(project.call("run", &["--no-preflight", "sound/control"]));
    wait_for_requests(&tenant, 3, &mut going);
    // Of different kinds: those of one kind that come at once are one.
    for signal in [Signal::HUP, Signal::TERM, Signal::INT] {
        send(&going, signal);
    }
    assert_eq!(going.code(), Some(2));
    let report = told(&project.reports());
    assert_eq!(report.ending, Ending::Complete);
    assert_eq!(report.left.len(), 1, "{:?}", report.left);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_under_nohup_outlives_its_terminal() {
    let tenant = Tenant::start(Quirk::SkipHangs).await;
    let project = tenant.project();
    let run = project.call("run", &["--no-preflight", "sound/control"]);
    let mut going = Going::start(in_shell("trap '' HUP", &run));
    wait_for_requests(&tenant, 2, &mut going);
    send(&going, Signal::HUP);
    assert!(!going.has_ended());
    send(&going, Signal::TERM);
    send(&going, Signal::INT);
    assert_eq!(going.code(), Some(2));
    let report = told(&project.reports());
    assert_eq!(report.counts().errors, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_during_pre_flight_undoes_what_it_made_and_names_every_row() {
    let tenant = Tenant::start(Quirk::None).await;
    let project = tenant.project();
    let before = tenant.users();
    let mut going = Going::start(project.call("run", &[]));
    // The look at the address, then the first creation.
    wait_for_requests(&tenant, 2, &mut going);
    send(&going, Signal::INT);
    let code = going.code();
    let report = told(&project.reports());
    assert_eq!(code, Some(2));
    assert_eq!(report.cases.len(), report.planned);
    assert_journalled(&tenant, &project, &before);
}
