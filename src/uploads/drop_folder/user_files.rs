//! The files of the user that a watch reads again when they change: the password file and the
//! manifest.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: changes of the user's files are noticed here"
)]

use super::backoff::Backoff;
use super::scan::FileStamp;
use super::{DropFolder, WatchScreening};
use crate::error::AppError;
use crate::event_log::Notices;
use crate::screening_run::Manifest;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

type Stamps = Vec<Option<FileStamp>>;

/// The password file and the manifest, as they were read last.
pub(super) struct UserFiles {
    stamps: Stamps,
    /// How the files were seen last, and since when.
    seen: (Stamps, Duration),
    pub(super) manifest: Option<Manifest>,
    /// Why the manifest can't be used. Without the periods in it, cases would be sent too early, so
    /// none is judged.
    problem: Option<String>,
    /// When a manifest with a problem is read again, although it seems unchanged.
    retry_at: Duration,
    backoff: Backoff,
}

impl UserFiles {
    /// Reads the manifest for the first time. The password file was read for the policy.
    ///
    /// # Errors
    ///
    /// If the manifest can't be used, or can be read only once.
    pub(super) fn read(
        screening: &WatchScreening<'_>,
        settle: Duration,
        notices: &Notices,
    ) -> Result<Self, AppError> {
        let stamps = stamps(screening);
        if screening.inputs.manifest.is_some() && !matches!(stamps.as_slice(), [_, Some(_)]) {
            return Err(AppError::usage(
                "--watch reads the manifest again whenever it changes",
                "set --manifest to a file, not to a pipe",
            ));
        }
        Ok(Self {
            seen: (stamps.clone(), Duration::ZERO),
            stamps,
            manifest: screening
                .inputs
                .read_manifest(screening.settings, notices)?,
            problem: None,
            retry_at: Duration::ZERO,
            backoff: Backoff::new(settle),
        })
    }
}

impl DropFolder<'_> {
    /// Reads the password file and the manifest again if they have changed. Returns whether cases
    /// can be judged.
    ///
    /// A file is read once it has not changed for the settle time: of a manifest that is being
    /// written, rows could be missing. If the password file can't be used, the earlier policy
    /// stays. If the manifest can't be used, all cases wait until it can.
    pub(super) fn refresh(&mut self) -> bool {
        let now = self.now();
        let screening = &self.screening;
        let files = &mut self.user_files;
        let found = stamps(screening);
        let is_retried = files.problem.is_some() && now >= files.retry_at;
        if found == files.stamps && !is_retried {
            return files.problem.is_none();
        }
        if found != files.seen.0 {
            files.seen = (found.clone(), now);
        }
        let (_, since) = files.seen;
        if found != files.stamps && now.saturating_sub(since) < self.options.settle {
            return false;
        }
        files.stamps = found;
        // Warnings about files that other users can read were printed at the start.
        let quiet = Notices::new(self.log.clone(), true);
        match screening.inputs.read_manifest(screening.settings, &quiet) {
            Ok(manifest) => files.manifest = manifest,
            Err(error) => {
                let problem = error.to_string();
                if files.problem.as_ref() != Some(&problem) {
                    self.notices.warning(format_args!(
                        "{problem}; no case is judged until the manifest is corrected"
                    ));
                }
                files.problem = Some(problem);
                files.retry_at = now + files.backoff.next_delay();
                return false;
            }
        }
        files.problem = None;
        files.backoff.reset();
        match screening.policy.build(screening.settings, &quiet) {
            Ok(policy) => self.policy = policy,
            Err(error) => self.notices.warning(format_args!(
                "{error}; using the passwords that were read before"
            )),
        }
        self.arrivals.judge_unfinished();
        self.paused_until = now;
        self.notices
            .note("the password file or the manifest has changed; judging unfinished cases again");
        true
    }
}

/// Returns the stamps of the files that are read again when they change. A pipe can be read only
/// once.
fn stamps(screening: &WatchScreening<'_>) -> Stamps {
    let files = [&screening.policy.password_file, &screening.inputs.manifest];
    let stamp = |path: &Option<PathBuf>| {
        let metadata = fs::metadata(path.as_ref()?).ok()?;
        metadata.is_file().then(|| FileStamp::of(&metadata))
    };
    files.into_iter().map(stamp).collect()
}
