//! The process: arguments in, exit code out.

use std::process::ExitCode;

/// A run makes and drops many small values, on one thread or on several: the system's allocator took a
/// fifth of its time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    probity::cli::main()
}
