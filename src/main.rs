//! Parses what was typed, runs it, and turns the outcome into an exit code.

use bankscreen::cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run(std::env::args_os()).into()
}
