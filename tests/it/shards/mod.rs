//! A run that several processes share: which rows each has, and that their records make the whole again.

mod merged;
mod refused;
mod rows;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Stdio},
    sync::LazyLock,
};

use probity::{merge::Part, report::record, result::RunReport};
use tempfile::TempDir;

use crate::cli::{Outcome, program, run_into, temporary};

/// Rows of one file, enough for each of three shards to have some.
const FILTER: &str = "ciam/skip-update/headers/";

/// The records of the shards of a small run, in their order.
static SMALL: LazyLock<Vec<String>> = LazyLock::new(|| {
    let folder = temporary();
    let shards = (1..=3).map(|index| {
        let output = folder.path().join(index.to_string());
        let shard = format!("{index}/3");
        run_into(&output, &["--shard", &shard, FILTER]).expect(0);
        fs::read_to_string(output.join(record::FILE)).expect("a record")
    });
    shards.collect()
});

/// The report of a record.
fn report(text: &str) -> RunReport {
    record::read(text).expect("a record").into_report()
}

/// The shards of the small run, as they are merged.
fn parts() -> Vec<Part> {
    let parts = (1..).zip(SMALL.iter()).map(|(index, text)| Part {
        name: format!("shard-{index}"),
        made_by: "1".to_owned(),
        report: report(text),
    });
    parts.collect()
}

/// A folder with these records, and where they are.
fn written(texts: &[&str]) -> (TempDir, Vec<PathBuf>) {
    let folder = temporary();
    let paths = (1..).zip(texts).map(|(number, text)| {
        let path = folder.path().join(format!("{number}.jsonl"));
        fs::write(&path, text).expect("written");
        path
    });
    let paths = paths.collect();
    (folder, paths)
}

/// `probity merge` of these records into a folder.
fn merge(records: &[PathBuf], output: &Path) -> Outcome {
    let mut command = program();
    command.arg("merge").args(records);
    command.arg("--output-dir").arg(output);
    crate::cli::finish(command)
}

/// A process that the test waits for or kills.
struct Going(Child);

impl Going {
    fn start(mut command: std::process::Command) -> Self {
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Self(child.expect("it starts"))
    }

    fn code(mut self) -> Option<i32> {
        self.0.wait().expect("an end").code()
    }
}

impl Drop for Going {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
