//! A run that is killed leaves users behind, and a sweep removes these and nothing else.

use std::{
    collections::BTreeSet,
    process::{Child, Stdio},
};

use super::tenant::{Tenant, Wanted};
use crate::cli::{probity, program, temporary};

/// Rows that each begin with a user of their own.
const ROWS: &str = "ciam/change-by-mobile/headers/";

/// A run in a process of its own; ended with the test, however that ends.
struct Run(Child);

impl Run {
    fn of(target: &str, output: &str) -> Self {
        let child = program()
            .args(["run", ROWS, "--target", target, "--output-dir", output])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(child.expect("it starts"))
    }

    fn is_going(&mut self) -> bool {
        self.0.try_wait().expect("a state").is_none()
    }

    /// Ends it without a warning: SIGKILL.
    fn kill(mut self) {
        self.0.kill().expect("it is ended");
        self.0.wait().expect("it has ended");
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_kill_at_any_moment_a_sweep_leaves_the_accounts_as_they_were() {
    let tenant = Tenant::start(&Wanted {
        rate: 100,
        pace: Some(40),
        prepared: 2,
    })
    .await;
    let before = tenant.users().await;
    let (target, output) = (tenant.file(), temporary());
    let target = target.to_str().expect("a name");
    let output = output.path().to_str().expect("a name");
    let mut found_some = false;
    for moment in [1, 6] {
        let mut run = Run::of(target, output);
        let mut seen = BTreeSet::new();
        while seen.len() < moment {
            assert!(run.is_going(), "the run ended before it could be killed");
            seen.extend(tenant.users().await.difference(&before).cloned());
        }
        run.kill();
        let left: Vec<String> = tenant.users().await.difference(&before).cloned().collect();
        found_some |= !left.is_empty();
        let swept = probity(&["cleanup", "--target", target]).expect(0);
        for name in left {
            assert!(swept.out.contains(&name), "{name} in {}", swept.out);
        }
        assert_eq!(tenant.users().await, before);
    }
    assert!(found_some, "no moment found a user in the making");
    let nothing = probity(&["cleanup", "--target", target]).expect(0);
    assert_eq!(nothing.out, "nothing was left behind\n");
}
