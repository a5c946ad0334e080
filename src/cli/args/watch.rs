//! Options that watch a folder.

use super::values::seconds;
use crate::uploads::drop_folder::WatchOptions;
use std::path::PathBuf;
use std::time::Duration;

/// Options of `upload` that a watch can't have: it has no path but its folder, its report has no
/// end, and it would repeat a decision about one upload for every case.
const CONFLICTS: [&str; 8] = [
    "paths",
    "files_from",
    "dry_run",
    "output",
    "report",
    "require_ready",
    "resend_unknown",
    "resend_refused",
];

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Watch")]
pub(in crate::cli) struct WatchArgs {
    /// Upload the cases of this folder as their files arrive, until a signal ends the program.
    /// Requires --cases folders
    #[arg(long, value_name = "DIR", requires = "cases", conflicts_with_all = CONFLICTS)]
    watch: Option<PathBuf>,

    /// Files that have not changed for this time are complete
    #[arg(long, value_name = "SECONDS", default_value = "10", requires = "watch")]
    #[arg(value_parser = seconds)]
    settle: Duration,

    /// Move the folders of finished cases to this folder
    #[arg(long, value_name = "DIR", requires = "watch")]
    move_done: Option<PathBuf>,
}

impl WatchArgs {
    /// Returns what is watched; `None` without `--watch`.
    pub(in crate::cli) fn options(&self) -> Option<WatchOptions> {
        Some(WatchOptions {
            folder: self.watch.clone()?,
            settle: self.settle,
            move_done: self.move_done.clone(),
        })
    }
}
