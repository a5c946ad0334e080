//! Reads one file in a child of ourselves that may be killed: screens it, or draws a page of it.
//!
//! Some engines can't be stopped once they run: they hang, grow or overflow their stack on hostile
//! input. They run here: in a process with bounds on memory and time, without files, network or
//! children. Whatever happens to it costs one file and nothing else.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the child is started and timed"
)]

mod child;
mod drawing;
mod pipes;
mod wire;

pub use child::run as run_child;
pub use drawing::{DrawError, PageRequest, draw, draw_by};

use crate::pdf::{FileBytes, LimitHit};
use crate::screen::{Code, Finding, Policy, Screening};
use std::io::{self, IoSlice, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use wire::Work;

/// The hidden argument that makes the program the child.
pub const ARGUMENT: &str = "screen-in-jail";

/// The path that Linux keeps leads to us even when an update has replaced the file.
const PROGRAM: &str = "/proc/self/exe";
/// Address space of the child, beyond the file itself.
///
/// What genuine files need stays below 100 MB; 384 MiB keep the process under half a gigabyte.
const MEMORY_BYTES: u64 = 384 << 20;
/// Starting and ending the child takes some of the time, on a busy machine more.
const OVERHEAD: Duration = Duration::from_millis(500);
/// The child is given at least this long, however late it is begun.
const LEAST_TIME: Duration = Duration::from_millis(500);

/// Screens bytes with all engines within `time`.
///
/// Once `given_up` says so, the child is killed and the answer means nothing.
///
/// # Errors
///
/// What became of the child, as a finding about the file.
pub fn screen(
    bytes: &FileBytes,
    policy: &Policy,
    time: Duration,
    given_up: &dyn Fn() -> bool,
) -> Result<Screening, Finding> {
    let asked = ask(
        Path::new(PROGRAM),
        Work::Screen,
        bytes,
        policy,
        time,
        given_up,
    );
    let ended = asked.map_err(|error| {
        let message = format!("the process for risky files could not be used: {error}");
        Finding::error(Code::InternalError, message)
            .with_hint("look at the file by hand; the other files are not affected")
    })?;
    let Some(ended) = ended else {
        return Err(Finding::limit_exceeded(&too_slow(policy)));
    };
    serde_json::from_slice(&ended.answer).map_err(|_no_screening| autopsy(&ended, policy))
}

/// How a child ended, in time.
struct Ended {
    answer: Vec<u8>,
    status: ExitStatus,
    last_words: String,
    /// The address space that it had.
    memory: u64,
}

/// A child that is killed and buried when nobody waits for it any more.
struct Jailed(Child);

impl Jailed {
    /// How it ends, by itself or at the deadline: one that is silent need not have ended.
    fn end(&mut self, deadline: Instant) -> io::Result<ExitStatus> {
        while Instant::now() < deadline {
            if let Some(status) = self.0.try_wait()? {
                return Ok(status);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        self.0.kill()?;
        self.0.wait()
    }
}

impl Drop for Jailed {
    fn drop(&mut self) {
        // One that has ended and was waited for is left alone by both.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Has a child do something with a file; `None` once the time is over or `given_up` says so.
fn ask(
    program: &Path,
    work: Work,
    bytes: &FileBytes,
    policy: &Policy,
    time: Duration,
    given_up: &dyn Fn() -> bool,
) -> io::Result<Option<Ended>> {
    let deadline = Instant::now() + time.saturating_sub(OVERHEAD).max(LEAST_TIME);
    let child = Command::new(program)
        .arg(ARGUMENT)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut child = Jailed(child);
    let memory = MEMORY_BYTES + bytes.len() as u64;
    let head = wire::Request::new(work, policy, bytes.len(), memory).head()?;
    let secrets = policy.candidates.iter().map(|c| c.password.expose());
    let mut parts = vec![IoSlice::new(&head)];
    parts.extend(secrets.map(|secret| IoSlice::new(secret.as_bytes())));
    parts.push(IoSlice::new(bytes));
    let Some(answer) = pipes::converse(&mut child.0, &mut parts, deadline, given_up)? else {
        return Ok(None);
    };
    if answer.len() > pipes::MOST_OUTPUT {
        // It may wait for us to read on, and we would wait for it to end.
        child.0.kill()?;
    }
    let status = child.end(deadline)?;
    let mut last_words = Vec::new();
    if let Some(stderr) = child.0.stderr.take() {
        stderr.take(4096).read_to_end(&mut last_words)?;
    }
    Ok(Some(Ended {
        answer,
        status,
        last_words: String::from_utf8_lossy(&last_words).into_owned(),
        memory,
    }))
}

impl Ended {
    /// The limit that ended it, if one did.
    fn limit(&self, policy: &Policy) -> Option<LimitHit> {
        const SIGXCPU: i32 = 24;
        let said = |words: &str| self.last_words.contains(words);
        if said("memory allocation") || said("capacity overflow") {
            return Some(LimitHit::Memory(self.memory));
        }
        if said("overflowed its stack") {
            return Some(LimitHit::Nesting);
        }
        (self.status.signal() == Some(SIGXCPU)).then(|| too_slow(policy))
    }
}

/// Why the child ended without an answer.
fn autopsy(ended: &Ended, policy: &Policy) -> Finding {
    if let Some(hit) = ended.limit(policy) {
        return Finding::limit_exceeded(&hit);
    }
    let message = format!("the screener failed on this file ({})", ended.status);
    Finding::error(Code::InternalError, message)
        .with_hint("please report it; the other files are not affected")
}

/// In the words of the limit that was set, not of the time that happened to be left: two runs say
/// the same.
fn too_slow(policy: &Policy) -> LimitHit {
    LimitHit::Time(policy.limits.time)
}
