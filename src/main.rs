//! Parses what was typed, runs it, and turns the outcome into an exit code.

use bankscreen::cli;
use std::process::ExitCode;

/// Runs before the standard library opens `/dev/null` in place of closed streams, after which a
/// closed standard output looks like a written report.
#[used]
#[expect(
    unsafe_code,
    reason = "a function in this section runs before `main`; it makes one system call and stores \
              one flag, neither of which needs the runtime"
)]
#[unsafe(link_section = ".init_array")]
static BEFORE_MAIN: extern "C" fn() = record_closed_stdout;

extern "C" fn record_closed_stdout() {
    cli::record_closed_stdout();
}

fn main() -> ExitCode {
    cli::run(std::env::args_os()).into()
}
