//! Screens bank statement PDFs before they are uploaded to FinBox BankConnect.
//!
//! # The problem
//!
//! Lenders collect statements as PDF files and upload them to a service that charges per call. Many
//! calls are wasted: the file is locked, a scan, from another bank than the one named, a duplicate,
//! or no statement at all. This crate finds that out first, on the machine where the files are.
//!
//! # The flow
//!
//! ```text
//! bytes ──► pdf::Document ──► statement::Facts ──► screen::Screening ──► report, dashboard
//!            pages, words,      bank                findings,
//!            encryption                             verdict
//!
//!            core: pure, values in, values out                shells: files, threads, terminal
//! ```
//!
//! # The map
//!
//! Modules use those above them in this list, never those below; a test reads the `use` lines.
//!
//! - `prefetch`: memory fetched before it is worked through.
//! - `text`: text for output: sanitized, redacted, fitted into columns.
//! - [`pdf`]: what is in the file, under limits; knows nothing of banks.
//! - [`statement`]: what the document says it is; knows nothing of files.
//! - [`screen`]: what it is worth: findings and a verdict.
//! - [`uploads::plan`]: the plan of the queue: which file next, when again, when to stop; sends nothing.
//! - [`report`]: one renderer a format.
//! - [`bankconnect::wire`]: what goes over the wire to the service; pure.
//! - [`dashboard`]: the dashboard without its terminal: model, update, view.
//! - [`bankconnect`]: a shell; the client, the only module that speaks to the network.
//! - [`batch`]: a shell; finds files, reads them, screens them on threads, in input order.
//! - [`isolation`]: a shell; screens one risky file, or draws a page, in a child that may be killed.
//! - [`journal`]: a shell; what is sent, and what became of it, on disk before and after.
//! - [`sandbox`]: a shell; serves the service's API on loopback, for trying and testing.
//! - `settings`: what is in force, of flags, environment and config file.
//! - `event_log`: the log file.
//! - `uploads`: sends files and brings each to its outcome.
//! - `dashboard::runtime`: the dashboard on a terminal.
//! - [`cli`]: a shell; from what was typed to an exit code.
//! - `fuzzing`: what the fuzz targets run; there with the feature of that name only.
//! - [`guide`]: documents, no code: what to do in which situation, pipelines, settings.
//!
//! The shells and [`dashboard`] are there with the feature `app` only, which is on unless it is turned
//! off.
//!
//! # Invariants, written as absences
//!
//! - The shells do not use one another; [`cli`] drives them.
//! - The core ([`pdf`], [`statement`], [`screen`], [`uploads::plan`], [`report`],
//!   [`bankconnect::wire`], [`dashboard`]) opens no file, reads no clock, environment or network, starts no thread and prints
//!   nothing. It never sees a path, only bytes and names.
//! - [`screen::screen`] is total: every byte string gets a verdict. A bad document is a finding,
//!   never an `Err`.
//! - Nothing inflates or allocates without a budget; nothing recurses without a depth.
//! - Only `cli::config`, `cli::settings` and `cli::network` read the environment. Only `main`
//!   decides the exit.
//! - Only `cli::dashboard::terminal` writes to a terminal's screen, and asks it nothing.
//! - Only [`bankconnect`] speaks to the network: to one origin, following no redirect, sending
//!   nothing a second time by itself. [`sandbox`] listens on loopback only.
//! - Keys, hashes and passwords are in no output, log, error or debug form, and wiped after use.
//! - Untrusted text (file names, metadata) is cleaned once, where it enters a line or a cell.
//!
//! Held by `disallowed-methods` in `.clippy.toml`, from which shells opt out with a reason, and by
//! the tidy test.
//!
//! # Which engine does what
//!
//! - **hayro-syntax**: structure, page list, repair, decrypted raw streams. Its decoders are never
//!   called: they have no limit.
//! - **Ours**: capped inflate, the content interpreter that stops early, light fonts, the guard
//!   against bombs, the peek at the encryption dictionary, word layout.
//! - **lopdf**: authority on passwords; says whether a file had to be recovered; undoes odd chains
//!   of filters under a limit; rewrites what hayro-syntax can't open.
//! - **pdf**: strict second opinion (opens without any repair?) and second checker of passwords.
//! - **hayro-interpret**: glyphs of pages whose fonts must be read to know their characters; and
//!   **hayro**, which draws with it, pages that a person wants to see.
//!
//! Each was chosen by measurement on some six thousand public test files. A panic in any of them is
//! caught and costs one file, or one opinion. What can't be caught (hangs, exhausted memory, stack
//! overflow) is kept out of this process: hayro, hayro-interpret and rewriting by lopdf run in the
//! [`isolation`] only, and so does everything on a file that the guard can't size.

// The core builds on every system; the shells need Linux to isolate processes.
#[cfg(all(feature = "app", not(target_os = "linux")))]
compile_error!("the feature `app` requires Linux, whose system calls isolate processes");

#[cfg(feature = "app")]
pub mod bankconnect;
#[cfg(feature = "app")]
pub mod batch;
#[cfg(feature = "app")]
pub mod cli;
#[cfg(feature = "app")]
pub mod dashboard;
#[cfg(feature = "app")]
mod event_log;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
pub mod guide;
#[cfg(feature = "app")]
pub mod isolation;
#[cfg(feature = "app")]
pub mod journal;
pub mod pdf;
mod prefetch;
pub mod report;
#[cfg(feature = "app")]
pub mod sandbox;
pub mod screen;
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
