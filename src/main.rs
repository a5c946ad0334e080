//! Parses what was typed, runs it, and turns the outcome into an exit code.

use bankscreen::cli;
use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run(cli::Args::parse()).into()
}
