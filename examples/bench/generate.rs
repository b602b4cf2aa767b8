//! Writes the suites: one operation, a sixth of the rows accepted, the others without one of five headers.
//!
//! Row `i` is accepted where `i` is a multiple of six, else it leaves out header `i % 6`. Rows are told
//! apart by their turn, `i / 6`, which they send. A file holds whole turns, so that each begins with an
//! accepted row, its control.

use std::{fmt::Write as _, fs, io, ops::Range, path::Path};

pub(crate) const PATH: &str = "/api/v2/sdk/pwd/skip-update";

/// The headers that the target demands, as it looks for them, and what is sent.
pub(crate) const HEADERS: [(&str, &str); 5] = [
    ("X-operating-sys-version", "windows10.1.1"),
    ("X-device-fingerprint", "156aysdna213sc50"),
    (
        "X-agent",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 13_3 like Mac OS X)",
    ),
    ("X-client-id", "nTo1eRIub60vPb54WeE6aojPwYwImtl4"),
    ("X-state-token", "SyntheticStateToken0000000000001"),
];

/// What it answers where one of them is missing, in the same order.
pub(crate) const CODES: [&str; HEADERS.len()] = [
    "BENCH.PARAM.0001",
    "BENCH.PARAM.0002",
    "BENCH.PARAM.0003",
    "BENCH.PARAM.0004",
    "BENCH.PARAM.0005",
];

/// The accepted request and one without each header.
pub(crate) const TURN: usize = HEADERS.len() + 1;

/// Rows of a file as an author would write it.
const ROWS_A_FILE: usize = 10 * TURN;

/// Turns of one case, where a file has them all: a product may have 2,000 rows.
const TURNS_A_CASE: usize = 400;

const SPECS: [(&str, &str); 3] = [
    ("openapi.yaml", include_str!("suite/openapi.yaml")),
    ("errors.yaml", include_str!("suite/errors.yaml")),
    ("requirements.yaml", include_str!("suite/requirements.yaml")),
];

/// How rows are spread over files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Sixty a file, each written out.
    ManyFiles,
    /// All in one, as products: a file that wrote out ten thousand would be longer than files may be.
    OneFile,
}

/// What is to be written.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) rows: usize,
    pub(crate) layout: Layout,
    /// The last row expects the code of another header.
    pub(crate) wrong: bool,
    pub(crate) base_url: String,
}

impl Request {
    /// # Errors
    /// When there is no row, or none that can be wrong.
    pub(crate) fn check(&self) -> io::Result<()> {
        let refuse = |why| Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        if self.rows == 0 {
            return refuse("a suite has one row at least");
        }
        if self.wrong && missing(self.rows - 1).is_none() {
            return refuse("the last of so many rows is an accepted one; ask for one more");
        }
        Ok(())
    }

    /// The code that a row expects which leaves out this header.
    pub(crate) fn code(&self, row: usize, header: usize) -> &'static str {
        let wrong = self.wrong && row + 1 == self.rows;
        CODES[(header + usize::from(wrong)) % CODES.len()]
    }
}

/// The header that a row leaves out, by its place.
pub(crate) fn missing(row: usize) -> Option<usize> {
    (row % TURN).checked_sub(1)
}

/// A project of Probity.
pub(crate) fn project(request: &Request, out: &Path) -> io::Result<()> {
    request.check()?;
    fresh(out)?;
    let specs = out.join("specs/bench");
    fs::create_dir_all(&specs)?;
    for (name, text) in SPECS {
        fs::write(specs.join(name), covered(text, request.rows))?;
    }
    let tenants = out.join("tenants");
    fs::create_dir_all(&tenants)?;
    fs::write(tenants.join("local.yaml"), target(request))?;
    let cases = out.join("cases/bench/skip-update");
    fs::create_dir_all(&cases)?;
    if request.layout == Layout::OneFile {
        return fs::write(cases.join("headers.yaml"), one_file(request));
    }
    for (number, first) in (0..request.rows).step_by(ROWS_A_FILE).enumerate() {
        let rows = first..request.rows.min(first + ROWS_A_FILE);
        let name = format!("headers-{:05}.yaml", number + 1);
        fs::write(cases.join(name), file(request, rows))?;
    }
    Ok(())
}

/// A folder that holds nothing yet.
pub(crate) fn fresh(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    if fs::read_dir(folder)?.next().is_some() {
        let why = format!("{} is not empty", folder.display());
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, why));
    }
    Ok(())
}

/// A document without the requirements that the rows of less than a turn do not cover.
fn covered(text: &str, rows: usize) -> String {
    let absent =
        |line: &str| (rows..TURN).any(|header| line.contains(&format!("id: BENCH-H0{header},")));
    let kept = text.lines().filter(|line| !absent(line));
    kept.flat_map(|line| [line, "\n"]).collect()
}

fn target(request: &Request) -> String {
    let [.., (_, client), (_, token)] = HEADERS;
    format!(
        "\
# The target that `bench serve` serves.
name: bench
editions:
  bench:
    base_url: {}
    variables: {{ client_id: {client}, state_token: {token} }}
",
        request.base_url
    )
}

/// What a case file begins with, to its control.
fn head(title: &str, turn: usize) -> String {
    let [
        (system, system_value),
        (device, device_value),
        (agent, agent_value),
        (client, _),
        (token, _),
    ] = HEADERS;
    format!(
        "\
edition: bench
operation: skipPasswordUpdate
title: {title}
tags: [headers]
request:
  headers:
    {system}: {system_value}
    {device}: {device_value}
    {agent}: {agent_value}
    {client}: ${{target.client_id}}
    {token}: ${{target.state_token}}
    X-turn: t{turn}
control:
  covers: [BENCH-U01, BENCH-R01]
  expect: &session
    status: 200
    headers: &json {{ Content-Type: {{ media-type: application/json }} }}
    body: {{ status: SUCCESS, expire: 43200, session_token: {{ type: string, non-empty: true }} }}
"
    )
}

const ACCEPTED: &str = "
    title: The documented request in another turn
    covers: [BENCH-U01, BENCH-R01]
    set: { headers: { X-turn: \"t${matrix.turn}\" } }
    expect: *session
    matrix:";

const REFUSED: &str = "
    title: A required header is left out
    covers: \"${matrix.covers}\"
    without: { header: \"${matrix.header}\" }
    set: { headers: { X-turn: \"t${matrix.turn}\" } }
    expect: { error: \"${matrix.error}\", message: { language: en }, headers: *json }
    matrix:";

/// A file of rows that are written out.
fn file(request: &Request, rows: Range<usize>) -> String {
    let (first, last) = (rows.start / TURN, (rows.end - 1) / TURN);
    let mut out = head(&format!("Turns {first} to {last}"), first);
    let mut begun = false;
    written(request, rows.start + 1..rows.end, "", &mut begun, &mut out);
    out
}

/// Rows as lists; `begun` says whether the file has a case already.
fn written(
    request: &Request,
    rows: Range<usize>,
    suffix: &str,
    begun: &mut bool,
    out: &mut String,
) {
    let (accepted, refused): (Vec<usize>, Vec<usize>) =
        rows.partition(|row| missing(*row).is_none());
    if !accepted.is_empty() {
        case("accepted", suffix, ACCEPTED, begun, out);
        for row in accepted {
            let turn = row / TURN;
            let _ = writeln!(out, "      - {{ name: t{turn}, turn: {turn} }}");
        }
    }
    if !refused.is_empty() {
        case("header-missing", suffix, REFUSED, begun, out);
        for row in refused {
            let header = missing(row).unwrap_or_default();
            let turn = row / TURN;
            let name = HEADERS[header].0;
            let code = request.code(row, header);
            let _ = writeln!(
                out,
                "      - {{ name: \"{name},{turn}\", turn: {turn}, header: {name}, error: {code}, covers: BENCH-H0{} }}",
                header + 1
            );
        }
    }
}

fn case(id: &str, suffix: &str, rest: &str, begun: &mut bool, out: &mut String) {
    if !*begun {
        out.push_str("cases:\n");
        *begun = true;
    }
    let _ = writeln!(out, "  - id: {id}{suffix}{rest}");
}

/// All rows in one file, as products of headers and turns. What is left of the last turn is written out.
fn one_file(request: &Request) -> String {
    let mut out = head("All turns", 0);
    let mut begun = false;
    // The row that is wrong is one of those written out.
    let whole = (request.rows - usize::from(request.wrong)) / TURN;
    for first in (0..whole).step_by(TURNS_A_CASE) {
        let turns: Vec<usize> = (first..whole.min(first + TURNS_A_CASE)).collect();
        let suffix = format!("-{}", first / TURNS_A_CASE + 1);
        // The first of all is the control.
        let accepted = &turns[usize::from(first == 0)..];
        if !accepted.is_empty() {
            case("accepted", &suffix, ACCEPTED, &mut begun, &mut out);
            let _ = writeln!(out, "      turn: {accepted:?}");
        }
        let refused = REFUSED.replace("${matrix.", "${matrix.missing.");
        let refused = refused.replace("${matrix.missing.turn", "${matrix.turn");
        case("header-missing", &suffix, &refused, &mut begun, &mut out);
        out.push_str("      missing:\n");
        for (header, (name, _)) in HEADERS.iter().enumerate() {
            let _ = writeln!(
                out,
                "        - {{ name: {name}, header: {name}, error: {}, covers: BENCH-H0{} }}",
                CODES[header],
                header + 1
            );
        }
        let _ = writeln!(out, "      turn: {turns:?}");
    }
    let rest = (whole * TURN).max(1)..request.rows;
    written(request, rest, "-last", &mut begun, &mut out);
    out
}
