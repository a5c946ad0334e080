//! `upload --watch`: screens the cases of a folder as their files arrive, and uploads ready ones.
//!
//! The folder is listed at intervals, which works on network file systems. [`Arrivals`] decides
//! which cases are due. A [round](DropFolder::round) screens some of them as one part of a long
//! run, and sends the ready ones as `upload --cases` does, with the same promises. All lasting
//! state is in the journal: after a restart every case is judged again, and nothing is sent twice.
//!
//! Only what no later attempt can repair ends a watch: rejected credentials, a redirect, a damaged
//! journal. A folder that disappears, a full disk, or a service that is not available is reported
//! once, and the watch waits.

mod arrivals;
mod backoff;
mod case_end;
mod done;
mod names;
mod round;
mod scan;
mod user_files;

use super::attempt::UploadOptions;
use super::identity_file::IdentityFile;
use super::journal_folder::JournalFolder;
use super::ordered_report::Selection;
use crate::bankconnect::Client;
use crate::error::AppError;
use crate::event_log::{EventLog, Notices};
use crate::interrupt::Interrupt;
use crate::report::CaseCounts;
use crate::screen::Policy;
use crate::screening_run::{
    InputOptions, KnownCase, PausedRun, PolicyOptions, ReportOptions, Reports,
};
use crate::settings::Settings;
use crate::text::columns::counted;
use crate::text::sanitize;
use arrivals::Arrivals;
use backoff::Backoff;
use done::DoneFolder;
use names::Screened;
use scan::scan;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use user_files::UserFiles;

/// The longest time between two listings of the folder, unless a listing takes long.
const MAX_INTERVAL: Duration = Duration::from_secs(2);
/// Listings per settle time.
const LISTINGS_PER_SETTLE: u32 = 5;
/// A listing takes at most this share of the time: one part in so many.
const REST_PER_LISTING: u32 = 4;
/// Interval at which a signal is noticed.
const SIGNAL_INTERVAL: Duration = Duration::from_millis(50);
/// Cases of one round. The first is uploaded before the last of a full folder is screened.
const MAX_CASES_PER_ROUND: usize = 32;

/// What is watched, and what happens to finished cases.
#[derive(Debug, Clone)]
pub(crate) struct WatchOptions {
    /// The folder, whose direct sub-folders are cases.
    pub(crate) folder: PathBuf,
    /// Files that have not changed for this time are complete.
    pub(crate) settle: Duration,
    /// Where finished cases are moved; `None` if they stay.
    pub(crate) move_done: Option<PathBuf>,
}

/// How the cases are screened.
pub(crate) struct WatchScreening<'w> {
    pub(crate) settings: &'w Settings,
    /// How folders are resolved; its manifest is read again by each round.
    pub(crate) inputs: InputOptions,
    /// How the policy is built, again whenever the password file changes.
    pub(crate) policy: PolicyOptions,
    pub(crate) report: &'w ReportOptions,
    pub(crate) jobs: usize,
}

impl WatchScreening<'_> {
    /// Returns which files are screened.
    fn screened(&self) -> Screened {
        if self.inputs.archive {
            Screened::PdfAndArchives
        } else {
            Screened::Pdf
        }
    }
}

/// How the cases are sent.
pub(crate) struct WatchSending<'w> {
    pub(crate) client: Client,
    pub(crate) options: UploadOptions,
    pub(crate) identities: Option<Arc<IdentityFile>>,
    pub(crate) concurrency: usize,
    pub(crate) selection: Selection,
    pub(crate) process: bool,
    pub(crate) runtime: &'w Runtime,
}

/// A watched folder.
pub(crate) struct DropFolder<'w> {
    options: WatchOptions,
    screening: WatchScreening<'w>,
    sending: WatchSending<'w>,
    interrupt: &'w Interrupt,
    notices: &'w Notices,
    log: &'w EventLog,
    started: Instant,
    arrivals: Arrivals,
    done: Option<DoneFolder>,
    policy: Policy,
    user_files: UserFiles,
    /// `None` after a failure, until it is opened again.
    journal: Option<JournalFolder>,
    journal_path: PathBuf,
    is_sandbox: bool,
    /// `None` only during a round.
    paused: Option<PausedRun>,
    /// The cases that were judged, for comparison.
    known: Vec<KnownCase>,
    calls_saved: usize,
    /// Number of cases that were moved, which were ready.
    moved: usize,
    /// Counts failures that concern all cases.
    outage: Backoff,
    /// When the next round may begin.
    paused_until: Duration,
    /// Whether the folder was listed last time.
    is_available: bool,
}

/// How a watch ended.
pub(crate) struct WatchEnd {
    /// Whether the reports are complete.
    pub(crate) written: Result<(), AppError>,
    /// The errors for which no further attempt is made; empty after a signal.
    pub(crate) errors: Vec<AppError>,
}

impl<'w> DropFolder<'w> {
    /// Prepares a watch with a policy that was built already.
    ///
    /// # Errors
    ///
    /// If the folder can't be listed, the folder for finished cases can't be used, or the manifest
    /// can't be used or can be read only once.
    pub(crate) fn new(
        options: WatchOptions,
        screening: WatchScreening<'w>,
        sending: WatchSending<'w>,
        (policy, reports): (Policy, Reports),
        (journal, is_sandbox): (JournalFolder, bool),
        (interrupt, notices, log): (&'w Interrupt, &'w Notices, &'w EventLog),
    ) -> Result<Self, AppError> {
        let folder = &options.folder;
        let screened = screening.screened();
        scan(folder, screened).map_err(|error| {
            AppError::environment(
                format!("could not watch {}", folder.display()),
                error,
                "set --watch to an existing folder whose sub-folders are cases",
            )
        })?;
        let done = options.move_done.as_deref();
        let done = done
            .map(|path| DoneFolder::open(path, folder))
            .transpose()?;
        let settle = options.settle;
        let user_files = UserFiles::read(&screening, settle, notices)?;
        Ok(Self {
            options,
            screening,
            sending,
            interrupt,
            notices,
            log,
            started: now(),
            arrivals: Arrivals::new(settle),
            done,
            policy,
            user_files,
            journal_path: journal.path().to_owned(),
            journal: Some(journal),
            is_sandbox,
            paused: Some(PausedRun::new(reports)),
            known: Vec::new(),
            calls_saved: 0,
            moved: 0,
            outage: Backoff::new(settle),
            paused_until: Duration::ZERO,
            is_available: true,
        })
    }

    /// Watches until a signal, or until no later attempt can succeed.
    pub(crate) fn run(mut self) -> WatchEnd {
        self.notices.note(format_args!(
            "watching {}; files are complete when they have not changed for {}",
            name_of(&self.options.folder),
            in_words(self.options.settle)
        ));
        self.publish_metrics();
        let mut errors = Vec::new();
        while errors.is_empty() && self.interrupt.signal().is_none() {
            let listing = now();
            if self.look() {
                match self.round() {
                    Ok(true) => {
                        self.publish_metrics();
                        continue;
                    }
                    Ok(false) => {}
                    Err(fatal) => errors = fatal,
                }
                self.move_finished();
            }
            let interval = self.options.settle / LISTINGS_PER_SETTLE;
            let rest = listing.elapsed() * REST_PER_LISTING;
            self.wait(interval.min(MAX_INTERVAL).max(rest));
        }
        self.end(errors)
    }

    fn end(mut self, errors: Vec<AppError>) -> WatchEnd {
        let paused = self.paused_with_counts();
        let written = paused.map_or(Ok(()), |mut paused| {
            paused.summary.interrupted = true;
            paused.reports.end(&paused.summary, None)
        });
        WatchEnd { written, errors }
    }

    /// Takes the paused run, with the counts of the whole watch.
    fn paused_with_counts(&mut self) -> Option<PausedRun> {
        let mut paused = self.paused.take()?;
        let mut cases = CaseCounts {
            ready: self.moved,
            ..CaseCounts::default()
        };
        self.arrivals.states().for_each(|state| cases.add(state));
        let summary = &mut paused.summary;
        summary.cases = Some(cases);
        summary.calls_saved = self.calls_saved;
        summary.run_time = self.started.elapsed();
        Some(paused)
    }

    /// Writes the counts so far, if the user wants metrics.
    fn publish_metrics(&mut self) {
        if let Some(mut paused) = self.paused_with_counts() {
            if let Err(error) = paused.reports.publish_metrics(&paused.summary) {
                self.notices
                    .warning(format_args!("{error}; trying again after the next case"));
            }
            self.paused = Some(paused);
        }
    }

    /// Returns the time since the start.
    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    fn wait(&self, time: Duration) {
        let end = self.now() + time;
        while self.interrupt.signal().is_none() {
            let remaining = end.saturating_sub(self.now());
            if remaining.is_zero() {
                return;
            }
            thread::sleep(remaining.min(SIGNAL_INTERVAL));
        }
    }

    /// Lists the folder. Returns whether it is available.
    ///
    /// An unmounted folder is missing, unreadable or empty. What was seen in it is kept, so that
    /// nothing is screened again when it returns.
    fn look(&mut self) -> bool {
        let folder = name_of(&self.options.folder);
        let problem = match scan(&self.options.folder, self.screening.screened()) {
            Ok(found) if found.cases.is_empty() && !self.arrivals.is_empty() => {
                "has no case any more".to_owned()
            }
            Ok(found) => {
                if !self.is_available {
                    self.notices
                        .note(format_args!("{folder} is available again"));
                }
                self.is_available = true;
                self.arrivals.update(found, self.started.elapsed());
                return true;
            }
            Err(error) => format!("could not be read: {error}"),
        };
        if self.is_available {
            self.notices
                .warning(format_args!("{folder} {problem}; waiting"));
        }
        self.is_available = false;
        false
    }

    /// Moves finished cases, if the user wants that.
    fn move_finished(&mut self) {
        for (name, files) in self.arrivals.to_move(self.started.elapsed()) {
            let Some(done) = &self.done else { return };
            if self.interrupt.signal().is_some() {
                return;
            }
            let case = sanitize(&name.to_string_lossy()).into_owned();
            let error = match done.take(&self.options.folder.join(&name), &files) {
                Ok(moved) => {
                    self.arrivals.moved(&name);
                    self.moved += 1;
                    let target = name_of(&moved.target);
                    let notices = self.notices;
                    notices.note(format_args!("case {case}: moved to {target}"));
                    if moved.remaining > 0 {
                        let files = counted(moved.remaining, "other file");
                        notices.note(format_args!(
                            "case {case}: the watched folder keeps {files}"
                        ));
                    }
                    for path in moved.stranded {
                        notices.warning(format_args!(
                            "case {case}: {} arrived while the case was moved, and could not be \
                             returned; move it back yourself",
                            name_of(&path)
                        ));
                    }
                    continue;
                }
                Err(error) => error,
            };
            let problem = format!("could not move it: {error}");
            let now = self.started.elapsed();
            if self.arrivals.not_moved(&name, &problem, now) {
                self.notices.warning(format_args!(
                    "case {case}: {}; trying again until it succeeds",
                    sanitize(&problem)
                ));
            }
        }
    }
}

/// Returns a path that is safe to print.
fn name_of(path: &Path) -> String {
    sanitize(&path.to_string_lossy()).into_owned()
}

/// Formats a time in seconds or minutes.
fn in_words(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds >= 120 {
        format!("{} minutes", seconds / 60)
    } else if time == Duration::from_secs(1) {
        "1 second".to_owned()
    } else {
        format!("{} seconds", (time.as_secs_f64() * 10.0).round() / 10.0)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a shell: the time of the watch is measured here"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_in_seconds_or_minutes() {
        let check = |seconds: f64, expected: &str| {
            assert_eq!(in_words(Duration::from_secs_f64(seconds)), expected);
        };
        check(0.25, "0.3 seconds");
        check(1.0, "1 second");
        check(10.0, "10 seconds");
        check(600.0, "10 minutes");
    }
}
