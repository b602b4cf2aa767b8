//! Reports write sentences; they never read them back.
