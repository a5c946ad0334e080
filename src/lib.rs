//! Screens bank statement PDFs before they are uploaded to FinBox BankConnect.
//!
//! # The problem
//!
//! Lenders collect bank statements as PDF files and upload them to a service that charges per call.
//! Many calls are wasted: the file is locked, a scan, from another bank than the expected one, a
//! duplicate, or not a statement. This crate detects that first, on the machine that has the files.
//!
//! # The flow
//!
//! ```text
//! bytes ─► pdf::Document ─► statement::Facts ─► screen::Screening ─► report, dashboard, uploads
//!          pages, words,    bank, period,       findings,
//!          encryption       account, kind       verdict
//!
//!          core: pure, values in, values out        shells: files, processes, network, terminal
//! ```
//!
//! # The map
//!
//! Modules use those above them in this list, never those below. A test reads the `use` lines.
//!
//! The core is pure:
//!
//! - `prefetch`: fetches memory before it is processed.
//! - `text`: sanitizes, redacts and aligns text for everything that prints.
//! - [`pdf`]: what is in the file, under limits; independent of banks.
//! - [`archive`]: lists and reads the PDF files in archives and mails, under limits.
//! - [`statement`]: bank, period, account and kind of a document; independent of files.
//! - [`applicant`]: details of applicants, the passwords that follow from them, and their names.
//! - [`screen`]: findings and a verdict.
//! - `uploads::plan`: the plan of the upload queue: which file next, when to retry, when to stop.
//! - [`report`]: one renderer per format.
//! - [`bankconnect::wire`]: requests and responses of the service.
//! - `uploads::convert`: converts responses for the plan.
//! - [`dashboard`]: the dashboard without its terminal: model, update, view, key map.
//!
//! The shells touch the outside world and do not use one another:
//!
//! - [`bankconnect`]: the client, the only module that sends requests.
//! - [`batch`]: finds files, reads them, and screens them on threads, in input order.
//! - [`isolation`]: screens one unbounded file, or draws a page, in an isolated process.
//! - [`journal`]: stores uploads and their outcomes on disk, before and after they are sent.
//! - [`sandbox`]: serves the service's API on loopback, for trials and tests.
//!
//! The application implements what the commands and the dashboard share:
//!
//! - `error`: errors with kind, cause and hints.
//! - `event_log`: the log file, and messages to the user.
//! - `interrupt`: signals that end a run.
//! - `settings`: the effective settings from environment and config file, and secrets.
//! - `output`: guards the files of the user against outputs, and writes reports atomically.
//! - `connection`: opens the way to the service, or to an embedded sandbox.
//! - `screening_run`: resolves inputs, screens them and writes the report.
//! - [`uploads`]: sends files and brings each to exactly one outcome.
//! - `session_report`: saves what the service found in a session.
//! - `history`: what was uploaded, in the formats of the list, and what predictions were worth.
//! - `diagnosis`: the effective settings, where they come from, and what prevents uploads.
//! - `dashboard::runtime`: runs the dashboard on a terminal.
//!
//! At the top:
//!
//! - [`cli`]: arguments, one file per command, printing and exit codes.
//! - `fuzzing`: entry points of the fuzz targets, with the feature of that name only.
//! - [`guide`]: the guide, which is text only: codes, cookbook, settings and further pages.
//!
//! The feature `app`, on by default, contains everything except the core without [`dashboard`].
//!
//! # Invariants, written as absences
//!
//! - The core opens no file, reads no clock, environment or network, starts no thread and prints
//!   nothing. It never sees a path, only bytes and names.
//! - [`screen::screen`] is total: every byte string gets a verdict. A bad document is a finding,
//!   never an `Err`.
//! - Nothing inflates or allocates without a budget; nothing recurses without a depth limit.
//! - Only `settings::environment` reads the environment. Only `main` decides the exit.
//! - Only `dashboard::runtime::terminal` writes to a terminal's screen, and it sends no queries.
//! - Only [`bankconnect`] sends requests: to one origin, without redirects or automatic retries.
//!   The spreadsheet of a report can be at another origin, which receives no credentials.
//!   [`sandbox`] listens on loopback only.
//! - Keys, hashes and passwords are in no output, log, error or debug form, and are wiped after
//!   use.
//! - Untrusted text (file names, metadata, answers) is sanitized once, where it enters a line or a
//!   cell.
//! - No import cycle has more than three files.
//!
//! `disallowed-methods` in `.clippy.toml`, from which shells opt out with a reason, and the tidy
//! test enforce them.
//!
//! # Glossary
//!
//! - *statement, document*: a bank statement; the content of a PDF file
//! - *applicant, user, service*: the lender's customer; the bankscreen user at the lender;
//!   BankConnect
//! - *check, finding, verdict*: a rule; a rule that fired, with code, severity, message and hint;
//!   pass, warn or fail
//! - *expected bank*: the bank from `--bank` or the manifest
//! - *detected bank, likely bank*: a bank with a confidence at or above the threshold, or below it
//! - *statement period, requested period*: the days that a statement covers; the days that are
//!   required
//! - *page class, page map*: what one page consists of; one letter per page
//! - *candidate password*: a password that is tried on locked files; it is supplied, or derived
//!   by a *rule* from *details* of the applicant
//! - *session, link ID*: a set of uploads at the service; the lender's own name for its applicant
//! - *upload item, attempt*: a file to send; one try to send it
//! - *outcome*: accepted, already uploaded, rejected, unknown or skipped
//! - *reconcile*: resolve unknown outcomes by asking the service
//! - *journal, history, event log*: stored uploads; their list for the user; one line per event of
//!   a run
//! - *isolated process*: a child process with limits on memory, time and system calls
//! - *guard*: sizes streams before a parser sees them
//!
//! # Which engine does what
//!
//! - **hayro-syntax**: structure, page list, repair, decrypted raw streams. Its decoders are never
//!   called, because they have no limit.
//! - **Own code**: cross-reference tables, the repair of single objects, capped inflate, the
//!   content interpreter with early exit, light fonts, the guard against decompression bombs, the
//!   encryption dictionary, word layout.
//! - **lopdf**: authority on passwords; detects files that need recovery; decodes chains of filters
//!   under a limit; rewrites files that hayro-syntax can't open.
//! - **pdf**: strict second opinion (does the file open without repair?) and second password check.
//! - **hayro-interpret**: glyphs of pages whose embedded fonts are needed to map characters. With
//!   it, **hayro** draws page previews.
//!
//! Each was chosen by measurements on some six thousand public test files. A panic in any of them
//! is caught and costs one file, or one opinion. What can't be caught (hangs, exhausted memory,
//! stack overflow) stays out of this process: hayro, hayro-interpret and rewriting by lopdf run in
//! [`isolation`] only, and so does everything on a file that the guard can't size.

#![forbid(unsafe_code)]

#[cfg(all(feature = "app", not(target_os = "linux")))]
compile_error!("the feature `app` requires Linux, whose system calls isolate processes");

pub mod applicant;
pub mod archive;
#[cfg(feature = "app")]
pub mod bankconnect;
#[cfg(feature = "app")]
pub mod batch;
#[cfg(feature = "app")]
pub mod cli;
#[cfg(feature = "app")]
mod connection;
#[cfg(feature = "app")]
pub mod dashboard;
#[cfg(feature = "app")]
mod diagnosis;
#[cfg(feature = "app")]
mod error;
#[cfg(feature = "app")]
mod event_log;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
pub mod guide;
#[cfg(feature = "app")]
mod history;
#[cfg(feature = "app")]
mod interrupt;
#[cfg(feature = "app")]
pub mod isolation;
#[cfg(feature = "app")]
pub mod journal;
#[cfg(feature = "app")]
mod output;
pub mod pdf;
mod prefetch;
pub mod report;
#[cfg(feature = "app")]
pub mod sandbox;
pub mod screen;
#[cfg(feature = "app")]
mod screening_run;
#[cfg(feature = "app")]
mod session_report;
#[cfg(feature = "app")]
mod settings;
pub mod statement;
mod text;
#[cfg(feature = "app")]
pub mod uploads;

/// Without the shells, what goes over the wire remains.
#[cfg(not(feature = "app"))]
pub mod bankconnect {
    pub mod wire;
}

/// Without the shells, the plan of the queue remains.
#[cfg(not(feature = "app"))]
pub mod uploads {
    pub mod plan;
}
