//! A run that several processes share: which rows each has.

mod rows;

/// Rows of one file, enough for each of three shards to have some.
const FILTER: &str = "ciam/skip-update/headers/";
