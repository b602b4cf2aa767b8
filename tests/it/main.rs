//! The integration tests, one crate: what the product does, seen from outside its modules.

mod about;
mod care;
mod cli;
mod coverage;
mod diagnostics;
mod fail_closed;
mod foreign;
mod journal;
mod judge;
mod live;
mod loopback;
mod mock;
mod mutants;
mod order;
mod prove;
mod reach;
mod reports;
mod secrets;
mod support;
mod targets;
mod tidy;
mod trivial;
mod twins;
mod variations;
mod verdicts;
mod wire;
