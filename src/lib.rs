//! Probity answers one question: does this tenant keep the contract its vendor documented?
//!
//! # Bird's eye
//!
//! `specs/` say what the vendor promises, `cases/` what we assert, a target file where to send.
//! A run reads all three, sends every test case, and judges what came back:
//!
//! ```text
//! specs ─ contract ─┐
//! cases ─ case ─────┴─ plan ─ session ─ report
//! tenants ─ target ───────────┘  │
//!                     engine ─ judge ─ result
//! ```
//!
//! `compare` takes two or more runs and says what changed; `rejudge` takes a run from its record and judges
//! its answers by another suite, so that the two can be told apart.
//! `merge` makes one run of the parts into which `plan` and `session` divided it.
//! `prove` runs the same stages against targets that `mutant` has spoiled, and asks who noticed.
//!
//! Types in that order: `Contract`, `CaseFile`, `TestCase`, `Transcript`, `CheckResult`,
//! `CaseResult`, `RunReport`. Each stage takes one and gives the next. `result` is what the record
//! holds: its types are written and read as they are. What is told apart later is a type and no
//! sentence: ids ([`ids`]), what a finding is about ([`result::Subject`]), what blocked a test case
//! ([`result::Blocker`]), whose step it was ([`result::StepOwner`]).
//!
//! # Entry points
//!
//! [`cli::main`] is the process. [`suite::load`] is the one path from files to a plan; the command
//! line and [`conformance()`] both take it. [`session::Session`] is a run: select, pre-flight, run,
//! clean up, conclude; the command line, the proof and the library all use its one scheduler.
//! [`engine::Engine`] executes one test case. [`mock::MockServer`] is a tenant to run them against.
//!
//! # Code map
//!
//! The modules below are in reading order, which is dependency order: a module imports only from
//! those above it, and no file imports one that imports it. `tests/it/tidy/` holds the table and the
//! rules, and reads the source for them. Where a folder is worth a map:
//!
//! - `engine`: `outcomes` decides what is sent first, `case_run` carries one test case out with what
//!   `case_context` has of it, `step` sends one step, `sender` repeats it where that is harmless, `wire`
//!   is the client. `provide`, `undo` and `journal` are for what comes before and must go afterwards,
//!   `preflight` for what a person has to put right, `curl` for commands to send it again.
//! - `judge`: `checks` evaluates a step's expectations, `steps` orders what they found in a `judged_step`,
//!   `blame` says which requirements that violates or shows to hold, `coverage` what a run proved.
//! - `check`: one file an expectation; `matcher` compares values, `place` names parts of an answer.
//! - `yaml`: `reader` gives the files of a suite, `cache` keeps their trees between calls, `shape` checks
//!   what a file may hold.
//! - `rejudge`: `transcript` makes a transcript of a record, `fill` puts values in the place of its masks,
//!   `certain` keeps what does not depend on them.
//! - `mock`: `rules` refuse and `ops` act on `state`, `operation` is a row of both, `editions` and
//!   `messages` are tables in files of its own; `fault` and `alternatives` change a table, `variation` draws
//!   what no document fixes.
//!
//! Lists of what exists are constants in capitals: `CHECKS`, `FORMATS`, `OPERATORS`.
//! To add a check, write `check/<key>.rs` and a row in `CHECKS`; a report, `report/<format>.rs` and
//! a row in `FORMATS`; a case field, a row in `case/model.rs`, where the shape that checks the file
//! also generates the editors' schema; a subcommand, `cli/<name>.rs` and an arm in `cli`;
//! a mutant operator, `mutant/operators/<name>.rs` and a row in `OPERATORS`. A rule added to the mock
//! is a mutant by itself and wants a ruling in `specs/<edition>/rulings.yaml`; a lint of the whole suite, a file in
//! `suite`, as `suite/unjudged.rs` is.
//!
//! # Invariants
//!
//! - `mock` imports no stage, and its files are its own. It never sees a case, an expectation or the
//!   contract, so that its agreement with the contract is evidence.
//! - A check judges and never acts: no I/O, no clock, no severity.
//! - JSON values are never coerced on the way to a check: `"43200"` is not `43200`.
//! - `plan` sends nothing; `list` and `lint` work offline.
//! - To which shard a test case belongs is its own matter: its id says it, and no other test case. What a
//!   divided run may use up is divided too. A merge takes results and judges them together; it adds up
//!   nothing that it can work out.
//! - Loading never stops at the first mistake: it gives what it could read and all diagnostics.
//! - A cache holds what the parser made of a text, by the digest of that text, and nothing that follows
//!   from it; with one, without one and with a damaged one a load gives the same.
//! - What would be too much is counted before it is made: bytes and values of a file, rows of a suite.
//! - What a test case sent and got is what its connection took and gave, byte by byte, and no log and no
//!   client's word. A byte that left undeclared, or not as declared, makes the test case an
//!   error of the harness.
//! - One client sends, and one reader frames every answer, whatever was asked and by whom; it repeats
//!   nothing by itself. A byte that nobody asked for puts all answers of its connection in doubt, and
//!   results are taken back until the run is over.
//! - What a mutant breaks is read from the registers, never from what a test case notices.
//! - Only `engine::wire` sends, and `mutant::relay` hands on; only `clock` reads
//!   time; only `cli` prints, and `conformance` to the standard error of a test.
//! - What a provider makes is in the journal, on the disk, before the request that makes it leaves;
//!   a sweep removes only what a journal names in a line that the run can have written, and such names
//!   hold what no other run can have.
//! - A cleanup acts on nothing that the target only said is ours: it goes by a name that the run chose,
//!   or by what a hit gave that showed this name.
//! - A shared provider is called once, and its failure is kept: it is one cause.
//! - Keys that a check wants are fetched by the engine and put into the transcript, so that judging
//!   stays pure and can be repeated.
//! - A test case is held once, and shared; ids are resolved when a plan is made, never searched for in a
//!   list.
//! - A result is written to the spool, a temporary file without a name, when its test case ends; what
//!   stays in memory is what all results are needed for at once. Reports are written in one pass over the
//!   spool, and every secret that the run met is masked in each line, whenever it was learned.
//! - Anything iterated into an output is ordered.
//! - A test case is passed only if its control and its other prerequisites stand in the same run: their
//!   requests came to the outcome that they expect. What else is found in them blocks nothing.
//! - A requirement is judged by its own subject alone: violated by a finding on it in a test case that covers
//!   it, satisfied where it was judged and held in all of them, else unproven. Acceptances alone prove
//!   nothing while the operation was not seen to refuse.
//! - A conclusion and the sentence that gives its reason are made in one place, `result::RunReport`.
//! - What lies in the report folder is about the run that holds its lock, from before the first file
//!   is read: unfinished reports first, then those of the ending, all files or none.
//!   `rerun` reads the record there and writes nothing.
//! - A curl line sends what the test case sent, or the shell stops: its secrets are variables that a person
//!   has to set.
//! - What the target answered never stops a run before its test cases; what only a person can put right
//!   (an address, a certificate, a secret, an empty pool) always does.
//!
//! # Decisions
//!
//! - `yaml` is a module of its own, below everything that reads files: all YAML is read there, which puts a
//!   span on every value, and one `Shape` table both checks a file and generates its JSON Schema.
//!   A derive would lose the spans behind every flattened or untagged field.
//! - What is cached are trees, and no plan: parsing is most of a load, a tree depends on one text alone, and
//!   what all files say together is still found each time. Their form is `postcard`'s, a value after
//!   the other, so that depth and places are checked while they are read.
//! - `target` imports `plan`, because a provider is a flow of the same steps that cases are made of.
//! - `result` imports only `ids`: places are copied into it as plain data, so that a report can be made
//!   from a stored record where no source file is at hand.
//!
//! # Cross-cutting
//!
//! *Errors.* An author's mistake is a [`diag::Diagnostic`]; the target's is a [`result::Mismatch`];
//! the world's is an [`exchange::TransportError`], which becomes the verdict *error*; a panic of ours
//! is caught at the test case and makes the run invalid. *Time* comes from [`clock`]. *Secrets* are found
//! by name, by declaration and by what is computed from them, and masked in one place,
//! [`secret::Redactor`], before a result exists. Evidence stays: names, paths and what the contract
//! states are never masked, and a token shows whether it is signed. What is then written is searched
//! once more for all that the run met, [`secret::SecretIndex`], and a find makes the run invalid.
//! *Cryptography* is `ring`'s everywhere, that of `jsonwebtoken` and `rustls` too.
//! *Memory*: [`result::Cases`] says what is held of a result and what is read back.
//! *Determinism*: results stand in the plan's order, never completion's.

pub mod ids;

pub mod diag;

pub mod clock;

pub mod secret;

mod visible;

pub mod exchange;

pub mod yaml;

pub mod result;

pub mod transcript;

pub mod contract;

pub mod scaffold;

pub mod jsonpath;

pub(crate) mod template;

pub mod check;

pub mod case;

pub mod plan;

pub mod target;

pub mod judge;

pub mod suite;

pub mod rejudge;

pub mod engine;

pub mod compare;

pub mod report;

pub mod mock;

pub mod embedded;

pub mod session;

pub mod merge;

pub mod mutant;

pub mod prove;

pub mod conformance;

pub mod cli;

pub use conformance::conformance;
