//! Finds files, reads them and screens them on a thread pool; emits results in input order.
//!
//! This module is a shell: it uses files, threads and the clock. Every input produces exactly one
//! [`Screened`], even if its file cannot be read or screened.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: the time spent on a file is measured here"
)]

mod archives;
mod discover;
mod intake;
mod panics;
mod read;
mod reorder_buffer;

pub use archives::Archives;
pub use discover::{
    Discovery, FileId, FileKey, Input, Member, Origin, Separator, absolute, discover, discover_in,
    member_of, members, read_list,
};
pub use intake::Intake;
pub use panics::{install_hook, is_guarded};
pub use read::{ReadError, has_end, read, read_standard_input};
use read::{Unlocking, read_with};

use crate::pdf::FileBytes;
use crate::screen::{Code, ContentHash, Finding, Policy, Screening, archive_passwords, screen};
use reorder_buffer::ReorderBuffer;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Minimum size of a file that is hashed on another thread while it is screened.
///
/// Hashing a smaller file takes less time than waking an idle thread.
const MIN_PARALLEL_HASH_BYTES: usize = 1 << 20;
/// How often a run over an [`Intake`] checks whether it was stopped.
const POLL_INTERVAL: Duration = Duration::from_millis(50);
/// Stack size of a screening thread. The engines bound their recursion to fit.
const STACK_BYTES: usize = 16 << 20;

/// The result of screening one input.
#[derive(Debug)]
pub struct Screened {
    /// Index of the input, from 0.
    pub index: usize,
    /// Size of the file; `None` if it is unknown.
    pub bytes: Option<u64>,
    /// Findings and verdict.
    pub screening: Screening,
    /// Time spent on reading and screening the file.
    pub elapsed: Duration,
    /// Whether the path could not be read, which makes the run incomplete.
    pub unreadable: bool,
}

/// Why a run ended before all inputs were screened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// The thread pool could not be started.
    #[error("start {jobs} screening threads")]
    Threads {
        /// Number of requested threads.
        jobs: usize,
        /// The error of the thread pool.
        source: rayon::ThreadPoolBuildError,
    },
    /// The receiver of the results failed.
    #[error("write the report")]
    Output(#[from] io::Error),
}

/// Screens a file with all engines in an isolated process.
///
/// The arguments are the file, the policy, the remaining time, and a function that returns true
/// once the result is no longer needed.
pub type IsolatedScreen<'s> = &'s (
        dyn Fn(&FileBytes, &Policy, Duration, &dyn Fn() -> bool) -> Result<Screening, Finding>
            + Sync
    );

/// Screens inputs on `jobs` threads and passes the results to `sink` in input order.
///
/// A result is emitted as soon as it and all earlier ones are available. Threads block if they are
/// too far ahead of a slow file, so few results are buffered.
///
/// `sink` runs on the screening threads, one result at a time. Files that need engines which the
/// policy does not allow in this process are passed to `isolated_screen`.
///
/// Once `stop` is set, no further input is started and files in progress are dropped.
///
/// # Errors
///
/// Returns an error if no thread can be started or `sink` fails. Inputs that are not yet started
/// are then skipped.
pub fn run(
    inputs: &[Input],
    policy: &Policy,
    jobs: usize,
    stop: &AtomicBool,
    isolated_screen: IsolatedScreen<'_>,
    sink: impl FnMut(Screened) -> io::Result<()> + Send,
) -> Result<(), BatchError> {
    let pool = start_threads(jobs)?;
    let own_policy = with_spare_threads(policy, jobs / inputs.len().max(1));
    let policy = own_policy.as_ref().unwrap_or(policy);
    let buffer = ReorderBuffer::new(inputs.len());
    let sink = Mutex::new(sink);
    // Set when the sink fails: further results could not be emitted.
    let failed = AtomicBool::new(false);
    let is_cancelled = || stop.load(Ordering::Relaxed) || failed.load(Ordering::Relaxed);
    let work = || {
        // Claiming one input at a time, instead of splitting the list in halves as rayon does,
        // keeps the results close to input order, so few of them wait.
        while let Some(index) = buffer.claim(&is_cancelled) {
            let Some(input) = inputs.get(index) else {
                break;
            };
            let screened = screen_input(index, input, policy, isolated_screen, &is_cancelled);
            if is_cancelled() {
                break;
            }
            if let Err(error) = buffer.submit(index, screened, &sink) {
                failed.store(true, Ordering::Relaxed);
                return Err(error);
            }
        }
        Ok(())
    };
    let results = pool.broadcast(|_| work());
    results.into_iter().collect::<io::Result<()>>()?;
    // A cancelled run leaves gaps; the results behind them are still reported.
    let mut sink = sink.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(buffer.into_pending().try_for_each(&mut sink)?)
}

/// Screens the inputs of `intake` on `jobs` threads, and passes each result to `sink` with the
/// input and its tag, in the order in which they are complete.
///
/// Returns when the intake is complete and every result was emitted. Everything else is as in
/// [`run`]; the index of a result is 0.
///
/// # Errors
///
/// Returns an error if no thread can be started or `sink` fails; the intake is then cancelled.
pub fn run_intake<T: Send>(
    intake: &Intake<T>,
    policy: &Policy,
    jobs: usize,
    stop: &AtomicBool,
    isolated_screen: IsolatedScreen<'_>,
    sink: impl FnMut(&T, &Input, Screened) -> io::Result<()> + Send,
) -> Result<(), BatchError> {
    let pool = start_threads(jobs)?;
    let sink = Mutex::new(sink);
    let failure = Mutex::new(None);
    let failed = AtomicBool::new(false);
    let is_cancelled = || stop.load(Ordering::Relaxed) || failed.load(Ordering::Relaxed);
    let work = || {
        while let Some(job) = intake.take() {
            let screened = screen_input(0, &job.input, policy, isolated_screen, &is_cancelled);
            if is_cancelled() {
                break;
            }
            let mut sink = sink.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(error) = sink(&job.tag, &job.input, screened) {
                failed.store(true, Ordering::Relaxed);
                let mut failure = failure.lock().unwrap_or_else(PoisonError::into_inner);
                failure.get_or_insert(error);
                intake.cancel();
                break;
            }
            drop(sink);
            intake.release(&job);
        }
    };
    pool.in_place_scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|_| work());
        }
        while !intake.wait_for_end(POLL_INTERVAL) {
            if is_cancelled() {
                intake.cancel();
            }
        }
    });
    let failure = failure.into_inner();
    match failure.unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error.into()),
        None => Ok(()),
    }
}

fn start_threads(jobs: usize) -> Result<rayon::ThreadPool, BatchError> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(jobs)
        .stack_size(STACK_BYTES)
        .build()
        .map_err(|source| BatchError::Threads { jobs, source })
}

/// Returns a policy with so many threads per file; `None` if that is one, as it is by default.
fn with_spare_threads(policy: &Policy, threads: usize) -> Option<Policy> {
    (threads > 1).then(|| {
        let mut own = policy.clone();
        own.limits.password_threads = threads;
        own
    })
}

fn screen_input(
    index: usize,
    input: &Input,
    policy: &Policy,
    isolated_screen: IsolatedScreen<'_>,
    is_cancelled: &(dyn Fn() -> bool + Sync),
) -> Screened {
    let file_policy = file_policy(input, policy);
    let job = FileJob {
        policy: file_policy.as_ref().unwrap_or(policy),
        started: Instant::now(),
        isolated_screen,
        is_cancelled,
    };
    let unlocking = Unlocking {
        passwords: &|| archive_passwords(job.policy),
        may_continue: &|| job.spent() < job.policy.limits.time,
    };
    let limit = job.policy.limits.file_bytes;
    let (bytes, screening, unreadable) = match read_with(input, limit, &unlocking) {
        Ok(bytes) => (Some(bytes.len() as u64), job.screen_and_hash(&bytes), false),
        Err(error) => (
            error.size(),
            Screening::not_screened(error.finding()),
            error.is_unreadable(),
        ),
    };
    Screened {
        index,
        bytes,
        screening,
        elapsed: job.started.elapsed(),
        unreadable,
    }
}

/// Returns what is expected of a file in addition to what is expected of all; `None` for nothing.
fn file_policy(input: &Input, policy: &Policy) -> Option<Policy> {
    let mut own = input.expected.as_ref().map(|own| policy.expecting(own));
    if own.as_ref().unwrap_or(policy).applicants.is_some() {
        let own = own.get_or_insert_with(|| policy.clone());
        // The folder may be that of a bank.
        let parts: Vec<_> = input.path.components().rev().take(2).collect();
        let mut names = parts.iter().map(|part| part.as_os_str().to_string_lossy());
        own.suggested_bank = names.find_map(|name| own.banks.named_in(&name).cloned());
        if let Some(mail) = input.mail() {
            let mut hosts = mail.hosts.iter();
            let sender = hosts.find_map(|host| own.banks.of_host(host).cloned());
            own.suggested_bank = sender.or(own.suggested_bank.take());
            own.described_password.clone_from(&mail.description);
        }
    }
    own
}

/// The screening of one file, without its bytes.
struct FileJob<'j> {
    policy: &'j Policy,
    started: Instant,
    isolated_screen: IsolatedScreen<'j>,
    is_cancelled: &'j (dyn Fn() -> bool + Sync),
}

impl FileJob<'_> {
    fn screen_and_hash(&self, bytes: &FileBytes) -> Screening {
        let (mut screening, content) = if bytes.len() < MIN_PARALLEL_HASH_BYTES {
            (self.screen(bytes), ContentHash::of(bytes))
        } else {
            rayon::join(|| self.screen(bytes), || ContentHash::of(bytes))
        };
        screening.content = Some(content);
        screening
    }

    /// Returns the time spent on the file. A cancelled run exhausts the time budget, so that the
    /// engines return early.
    fn spent(&self) -> Duration {
        if (self.is_cancelled)() {
            Duration::MAX
        } else {
            self.started.elapsed()
        }
    }

    fn screen(&self, bytes: &FileBytes) -> Screening {
        let mut screening = screen_guarded(bytes, self.policy, &|| self.spent());
        if screening.needs_isolation && !(self.is_cancelled)() {
            let time_limit = self.policy.limits.time;
            let remaining = time_limit.saturating_sub(self.started.elapsed());
            let isolated =
                (self.isolated_screen)(bytes, self.policy, remaining, &self.is_cancelled);
            merge_isolated(&mut screening, isolated, self.policy);
        }
        screening
    }
}

/// Replaces the screening by that of the isolated process, or adds the reason for its failure.
fn merge_isolated(
    screening: &mut Screening,
    isolated: Result<Screening, Finding>,
    policy: &Policy,
) {
    match isolated {
        Ok(isolated) => *screening = isolated,
        // The facts that were read in this process remain valid.
        Err(finding) if screening.document.is_some() => screening.add_finding(finding, policy),
        Err(finding) => *screening = Screening::not_screened(finding),
    }
}

/// Screens bytes; a panic becomes a finding of this file.
fn screen_guarded(bytes: &FileBytes, policy: &Policy, spent: &dyn Fn() -> Duration) -> Screening {
    panics::guard(|| screen(bytes, policy, spent)).unwrap_or_else(|panic| {
        let finding = Finding::error(Code::InternalError, format!("Screening failed: {panic}"));
        Screening::not_screened(
            finding.with_hint("Report this as a bug; other files are not affected"),
        )
    })
}
