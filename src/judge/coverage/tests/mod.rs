//! Coverage on rows about the door: cells, standings, and what a run of them proved.

#![cfg(test)]

mod cells;
mod run;
mod statuses;
