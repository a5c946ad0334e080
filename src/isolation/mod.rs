//! Screens a file or draws a page in an isolated child process, which is killed if necessary.
//!
//! Some engines cannot be stopped while they run: on hostile input they hang, allocate without
//! bound or overflow their stack. They run only here, in a process with memory, time and system
//! call limits, without access to files, network or other processes. A failure of the child affects
//! only its file.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the child is started and timed"
)]

mod child;
mod drawing;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod filter;
mod pipes;
#[cfg(debug_assertions)]
mod probe;
mod wire;

pub use child::run as run_child;
pub use drawing::{DrawError, PageRequest, TextRequest, draw, draw_with_program, read_text};
#[cfg(debug_assertions)]
pub use probe::{Attempt, Probe, ProbeResult, probe_with_program};

use crate::pdf::{FileBytes, LimitHit};
use crate::screen::{Code, Finding, Policy, Screening};
use std::io::{self, IoSlice, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use wire::Task;

/// The hidden subcommand that runs the program as the child.
pub const ARGUMENT: &str = "screen-isolated";

/// Path of the running executable.
///
/// The kernel keeps it valid even if an update has replaced the file.
const PROGRAM: &str = "/proc/self/exe";
/// Address space of the child in bytes, in addition to the size of the file.
///
/// Genuine statements need less than 100 MB. With 384 MiB the process stays below half a gigabyte.
const MEMORY_BYTES: u64 = 384 << 20;
/// Time reserved for starting and ending the child on a busy machine.
const OVERHEAD: Duration = Duration::from_millis(500);
/// Minimum time for the child, even if less time remains.
const MIN_TIME: Duration = Duration::from_millis(500);
/// How often the exit status is polled after the child has closed its output.
const EXIT_POLL_INTERVAL: Duration = Duration::from_millis(1);
/// Maximum length of the child's standard error that is kept.
const MAX_STDERR_BYTES: u64 = 4096;

/// Screens bytes with all engines within `time`.
///
/// If `is_cancelled` returns true, the child is killed and the result is meaningless.
///
/// # Errors
///
/// Returns a finding with the reason why the child gave no screening.
pub fn screen(
    bytes: &FileBytes,
    policy: &Policy,
    time: Duration,
    is_cancelled: &dyn Fn() -> bool,
) -> Result<Screening, Finding> {
    let exit = run_in_child(
        Path::new(PROGRAM),
        Task::Screen,
        bytes,
        policy,
        time,
        is_cancelled,
    );
    let exit = exit.map_err(|error| {
        let message = format!("Could not use the isolated process: {error}");
        Finding::error(Code::InternalError, message)
            .with_hint("Check the file manually; other files are not affected")
    })?;
    let Some(exit) = exit else {
        return Err(Finding::limit_exceeded(&time_limit(policy)));
    };
    wire::read_screening(&exit.answer, policy).ok_or_else(|| diagnose_exit(&exit, policy))
}

/// The exit of a child that ended before the deadline.
struct ChildExit {
    answer: Vec<u8>,
    status: ExitStatus,
    stderr_tail: String,
    /// The address space limit of the child in bytes.
    memory: u64,
}

/// A child process that is killed and reaped on drop.
struct ChildGuard(Child);

impl ChildGuard {
    /// Waits for the child to exit and kills it at the deadline.
    ///
    /// A child that has closed its output may still be running.
    fn reap(&mut self, deadline: Instant) -> io::Result<ExitStatus> {
        while Instant::now() < deadline {
            if let Some(status) = self.0.try_wait()? {
                return Ok(status);
            }
            std::thread::sleep(EXIT_POLL_INTERVAL);
        }
        self.0.kill()?;
        self.0.wait()
    }
}

impl Drop for ChildGuard {
    fn drop(&mut self) {
        // Both calls do nothing if the child is already reaped.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Runs a task on a file in a child process.
///
/// Returns `None` if the deadline has passed or `is_cancelled` returned true.
fn run_in_child(
    program: &Path,
    task: Task,
    bytes: &FileBytes,
    policy: &Policy,
    time: Duration,
    is_cancelled: &dyn Fn() -> bool,
) -> io::Result<Option<ChildExit>> {
    let deadline = Instant::now() + time.saturating_sub(OVERHEAD).max(MIN_TIME);
    let child = Command::new(program)
        .arg(ARGUMENT)
        // The environment may contain credentials, which the child must not receive.
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut child = ChildGuard(child);
    let memory = MEMORY_BYTES + bytes.len() as u64;
    let head = wire::Request::new(task, policy, bytes.len(), memory).head()?;
    let secrets = wire::secrets(policy);
    let mut parts = vec![IoSlice::new(&head)];
    parts.extend(secrets.map(|secret| IoSlice::new(secret.as_bytes())));
    parts.push(IoSlice::new(bytes));
    let Some(answer) = pipes::exchange(&mut child.0, &mut parts, deadline, is_cancelled)? else {
        return Ok(None);
    };
    if answer.len() > pipes::MAX_ANSWER_BYTES {
        // The child may block on its full pipe, so waiting for its exit could take until the
        // deadline.
        child.0.kill()?;
    }
    let status = child.reap(deadline)?;
    let mut stderr_tail = Vec::new();
    if let Some(stderr) = child.0.stderr.take() {
        stderr
            .take(MAX_STDERR_BYTES)
            .read_to_end(&mut stderr_tail)?;
    }
    Ok(Some(ChildExit {
        answer,
        status,
        stderr_tail: String::from_utf8_lossy(&stderr_tail).into_owned(),
        memory,
    }))
}

impl ChildExit {
    /// Returns the limit that ended the child, if any.
    ///
    /// Memory and stack limits abort the process, so only the message of the Rust runtime
    /// distinguishes them.
    fn limit(&self, policy: &Policy) -> Option<LimitHit> {
        const SIGXCPU: i32 = 24;
        let printed = |message: &str| self.stderr_tail.contains(message);
        if printed("memory allocation") || printed("capacity overflow") {
            return Some(LimitHit::Memory(self.memory));
        }
        if printed("overflowed its stack") {
            return Some(LimitHit::Nesting);
        }
        (self.status.signal() == Some(SIGXCPU)).then(|| time_limit(policy))
    }
}

/// Returns a finding with the reason why the child exited without a valid answer.
fn diagnose_exit(exit: &ChildExit, policy: &Policy) -> Finding {
    if let Some(hit) = exit.limit(policy) {
        return Finding::limit_exceeded(&hit);
    }
    let message = format!("Screening failed in the isolated process ({})", exit.status);
    Finding::error(Code::InternalError, message)
        .with_hint("Report this as a bug; other files are not affected")
}

/// Returns the time limit of the policy as the limit that was hit.
///
/// The remaining time of this file would differ between runs, and so would the message.
fn time_limit(policy: &Policy) -> LimitHit {
    LimitHit::Time(policy.limits.time)
}
