//! `bankscreen session forget`: a session that is used no more on this machine.

use crate::cli::args::ForgetSessionArgs;
use crate::cli::{ExitStatus, stdout};
use crate::error::AppError;
use crate::journal::{Journal, JournalReader};
use crate::settings::environment::state_folder;

/// Marks the session as forgotten. What was sent there stays protected.
pub(super) fn run(args: &ForgetSessionArgs) -> Result<ExitStatus, AppError> {
    let folder = state_folder()?;
    let has_journal = JournalReader::open(&folder)?.is_some();
    let is_known =
        has_journal && Journal::open(&folder, None, None)?.forget_session(&args.session_id)?;
    if !is_known {
        return Err(AppError::usage(
            "the journal has no such session",
            "run bankscreen history to see the sessions of uploads",
        ));
    }
    stdout::print(|out| {
        writeln!(
            out,
            "the next upload of its request creates a new session; what was sent to this one is \
             not sent again"
        )
    })?;
    Ok(ExitStatus::Passed)
}
