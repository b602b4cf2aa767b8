//! A thread with a stack for what recurses deep: a parser into a generated document, a compiler of schemas
//! into schemas that refer to each other.

use std::{io, panic, thread};

/// Bytes of stack, of which the system gives no more than are used: enough for some ten thousand schemas,
/// each inside the one before.
const STACK: usize = 512 * 1024 * 1024;

/// Runs `work` on such a thread. A panic goes on in this one.
///
/// # Errors
/// Where there can be no further thread.
pub fn deep<T: Send>(work: impl FnOnce() -> T + Send) -> io::Result<T> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(STACK);
        let joined = thread.spawn_scoped(scope, work)?.join();
        Ok(joined.unwrap_or_else(|panic| panic::resume_unwind(panic)))
    })
}
