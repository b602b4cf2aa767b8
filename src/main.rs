//! The process: arguments in, exit code out.

use std::process::ExitCode;

/// A run makes and drops many small values. With the system's allocator that was a fifth of its time, and
/// the threads of a proof waited for each other.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    probity::cli::main()
}
