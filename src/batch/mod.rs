//! Finds files, reads them and screens them on a pool of threads, in input order.
//!
//! A shell: this is where files, threads and the clock are. Every input ends as exactly one
//! [`Screened`], whatever happens to its file.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: the time spent on a file is measured here"
)]

mod claims;
mod discover;
mod panics;
mod read;

pub use discover::{Input, Origin, Separator, add_manifest, discover, read_list};
pub use panics::{install_hook, is_guarded};
pub use read::{ReadError, read, read_standard_input};

use crate::pdf::FileBytes;
use crate::screen::{Code, ContentHash, Finding, Policy, Screening, screen};
use claims::Claims;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Bytes of a file from which on it is worth it to hash it on another thread, if one is idle: less
/// is hashed before a thread is woken.
const HASHED_APART: usize = 1 << 20;
/// The stack of a screening thread. The engines recurse within bounds that fit into it.
const STACK_BYTES: usize = 16 << 20;

/// One input and what became of it.
#[derive(Debug)]
pub struct Screened {
    /// Its place in the input, from 0.
    pub index: usize,
    /// The size of the file, where it is known.
    pub bytes: Option<u64>,
    /// What it is worth.
    pub screening: Screening,
    /// How long it took.
    pub elapsed: Duration,
    /// Whether the path could not be read at all, which makes the run incomplete.
    pub unreadable: bool,
}

/// Why the run ended before all inputs were screened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// The pool of threads could not be started.
    #[error("start {jobs} screening threads")]
    Threads {
        /// Threads asked for.
        jobs: usize,
        /// What the pool says.
        source: rayon::ThreadPoolBuildError,
    },
    /// The receiver of results failed.
    #[error("write the report")]
    Output(#[from] io::Error),
}

/// Screens bytes with engines that may not run in this process, within the time given, and gives up
/// as soon as the last argument says that nobody waits any more.
pub type SecondLook<'s> = &'s (
        dyn Fn(&FileBytes, &Policy, Duration, &dyn Fn() -> bool) -> Result<Screening, Finding>
            + Sync
    );

/// Screens inputs on `jobs` threads and hands the results to `sink` in input order, each as soon as
/// it and all before it are done. Few wait for a slower one before them: threads are held back.
///
/// `sink` runs on the screening threads, one result at a time. Files that want more than the
/// engines allowed here are given to `second_look`.
///
/// Once `stop` is set, no further input is begun, and what is under way is dropped.
///
/// # Errors
///
/// When no thread can be started, or `sink` fails; inputs not yet begun are then left.
pub fn run(
    inputs: &[Input],
    policy: &Policy,
    jobs: usize,
    stop: &AtomicBool,
    second_look: SecondLook<'_>,
    sink: impl FnMut(Screened) -> io::Result<()> + Send,
) -> Result<(), BatchError> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(jobs)
        .stack_size(STACK_BYTES)
        .build()
        .map_err(|source| BatchError::Threads { jobs, source })?;
    let claims = Claims::new(inputs.len());
    let sink = Mutex::new(sink);
    // Set when the results can't be handed on: there is no one to work for.
    let abandoned = AtomicBool::new(false);
    let halted = || stop.load(Ordering::Relaxed) || abandoned.load(Ordering::Relaxed);
    let work = || {
        // Inputs are claimed one by one, not in halves: results can then be handed on in order
        // while few of them wait.
        while let Some(index) = claims.claim(&halted) {
            let Some(input) = inputs.get(index) else {
                break;
            };
            let screened = screen_input(index, input, policy, second_look, &halted);
            if halted() {
                break;
            }
            if let Err(error) = claims.finish(index, screened, &sink) {
                abandoned.store(true, Ordering::Relaxed);
                return Err(error);
            }
        }
        Ok(())
    };
    let ended = pool.broadcast(|_| work());
    ended.into_iter().collect::<io::Result<()>>()?;
    // After an interruption there are gaps; what was done is still reported.
    let mut sink = sink.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(claims.into_waiting().try_for_each(&mut sink)?)
}

fn screen_input(
    index: usize,
    input: &Input,
    policy: &Policy,
    second_look: SecondLook<'_>,
    halted: &(dyn Fn() -> bool + Sync),
) -> Screened {
    let own = input.expected.as_ref().map(|own| policy.expecting(own));
    let look = Look {
        policy: own.as_ref().unwrap_or(policy),
        started: Instant::now(),
        second: second_look,
        halted,
    };
    let (bytes, screening, unreadable) = match read(input, look.policy.limits.file_bytes) {
        Ok(bytes) => (
            Some(bytes.len() as u64),
            look.screen_and_hash(&bytes),
            false,
        ),
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
        elapsed: look.started.elapsed(),
        unreadable,
    }
}

/// A look at one file, besides its bytes.
struct Look<'l> {
    policy: &'l Policy,
    started: Instant,
    second: SecondLook<'l>,
    halted: &'l (dyn Fn() -> bool + Sync),
}

impl Look<'_> {
    fn screen_and_hash(&self, bytes: &FileBytes) -> Screening {
        let (mut screening, content) = if bytes.len() < HASHED_APART {
            (self.screen(bytes), ContentHash::of(bytes))
        } else {
            rayon::join(|| self.screen(bytes), || ContentHash::of(bytes))
        };
        screening.content = Some(content);
        screening
    }

    fn screen(&self, bytes: &FileBytes) -> Screening {
        let spent = || {
            if (self.halted)() {
                Duration::MAX
            } else {
                self.started.elapsed()
            }
        };
        let mut screening = screen_guarded(bytes, self.policy, &spent);
        if screening.needs_isolation && !(self.halted)() {
            let left = self
                .policy
                .limits
                .time
                .saturating_sub(self.started.elapsed());
            let second = (self.second)(bytes, self.policy, left, &self.halted);
            look_again(&mut screening, second, self.policy);
        }
        screening
    }
}

/// Takes over the second look, or says what became of it.
fn look_again(first: &mut Screening, second: Result<Screening, Finding>, policy: &Policy) {
    match second {
        Ok(second) => *first = second,
        // What the first look has read stands.
        Err(finding) if first.document.is_some() => first.add_finding(finding, policy),
        Err(finding) => *first = Screening::not_screened(finding),
    }
}

/// Screens bytes; a panic costs this file alone.
fn screen_guarded(bytes: &FileBytes, policy: &Policy, spent: &dyn Fn() -> Duration) -> Screening {
    panics::guard(|| screen(bytes, policy, spent)).unwrap_or_else(|panic| {
        let finding = Finding::error(
            Code::InternalError,
            format!("the screener failed on this file: {panic}"),
        );
        Screening::not_screened(
            finding.with_hint("please report it; the other files are not affected"),
        )
    })
}
