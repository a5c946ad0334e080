//! Integration tests: the program through its command line, and the library on whole files.

#![expect(
    clippy::disallowed_methods,
    reason = "tests read files, start programs and measure time"
)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a failed assumption fails the test"
)]

mod archive;
mod archive_files;
mod archive_passwords;
mod bankconnect;
mod call_endings;
mod case_files;
mod case_server;
mod case_uploads;
mod cases;
mod check;
mod command_line;
mod config;
mod corpus;
mod counting_server;
mod dashboard;
mod dashboard_archives;
mod dashboard_cases;
mod dashboard_counts;
mod dashboard_runs;
mod dashboard_settings;
mod derived_passwords;
mod documents;
mod drop_folder_arrivals;
mod drop_folders;
mod errors;
mod expectations;
mod file_kinds;
mod formats;
mod harness;
mod help;
mod hidden_members;
mod history;
mod holder_names;
mod imports;
mod inputs;
mod isolation;
mod journal;
mod learnt_forms;
mod ledger;
mod log_file;
mod log_lines;
mod log_upload;
mod logos;
mod manifest;
mod object_store;
mod output_guard;
mod overlays;
mod packages;
mod passwords;
mod path_server;
mod picture;
mod project_file;
mod properties;
mod prose;
mod pty;
mod raw_server;
mod readers;
mod repairs;
mod run_counts;
mod running_lines;
mod sandbox;
mod sandbox_answers;
mod schema;
mod serve;
mod service;
mod session;
mod session_report;
mod session_webhook;
mod signals;
mod signatures;
mod tables;
mod terminal;
mod tidy;
mod upload;
mod upload_journal;
mod upload_promises;
mod view;
mod view_rules;

#[expect(dead_code, reason = "the tests use only a part of the generator")]
#[path = "../../examples/testdata/generator/mod.rs"]
mod generator;
