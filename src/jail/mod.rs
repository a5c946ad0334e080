//! Screens one file in a child of ourselves that may be killed.
//!
//! Some engines can't be stopped once they run: they hang, grow or overflow their stack on hostile
//! input. They run here: in a process with bounds on memory and time, without files, network or
//! children. Whatever happens to it costs one file and nothing else.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the child is started and timed"
)]

mod child;
mod pipes;
mod wire;

pub use child::run as run_child;

use crate::pdf::{FileBytes, LimitHit};
use crate::screen::{Code, Finding, Policy, Screening};
use std::io::{self, IoSlice, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// The hidden argument that makes the program the child.
pub const ARGUMENT: &str = "screen-in-jail";

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
    let time = time.saturating_sub(OVERHEAD).max(LEAST_TIME);
    match ask_child(bytes, policy, time, given_up) {
        Ok(Answer::Screening(screening)) => Ok(*screening),
        Ok(Answer::Died(finding)) => Err(finding),
        Err(error) => Err(Finding::error(
            Code::InternalError,
            format!("the process for risky files could not be used: {error}"),
        )
        .hint("look at the file by hand; the other files are not affected")),
    }
}

enum Answer {
    Screening(Box<Screening>),
    Died(Finding),
}

/// A child that is killed and buried when nobody waits for it any more.
struct Jailed(Child);

impl Drop for Jailed {
    fn drop(&mut self) {
        // One that has ended and was waited for is left alone by both.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn ask_child(
    bytes: &FileBytes,
    policy: &Policy,
    time: Duration,
    given_up: &dyn Fn() -> bool,
) -> io::Result<Answer> {
    let deadline = Instant::now() + time;
    // The path that Linux keeps leads to us even when an update has replaced the file.
    let child = Command::new("/proc/self/exe")
        .arg(ARGUMENT)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut child = Jailed(child);
    let memory = MEMORY_BYTES + bytes.len() as u64;
    let head = wire::Request::new(policy, bytes.len(), memory).head()?;
    let secrets = policy.candidates.iter().map(|c| c.password.expose());
    let mut parts = vec![IoSlice::new(&head)];
    parts.extend(secrets.map(|secret| IoSlice::new(secret.as_bytes())));
    parts.push(IoSlice::new(bytes));
    let Some(answer) = pipes::converse(&mut child.0, &mut parts, deadline, given_up)? else {
        return Ok(Answer::Died(too_slow(policy)));
    };
    if answer.len() > pipes::MOST_OUTPUT {
        // It may wait for us to read on, and we would wait for it to end.
        child.0.kill()?;
    }
    let status = child.0.wait()?;
    if let Ok(screening) = serde_json::from_slice::<Screening>(&answer) {
        return Ok(Answer::Screening(Box::new(screening)));
    }
    let mut last_words = Vec::new();
    if let Some(stderr) = child.0.stderr.take() {
        stderr.take(4096).read_to_end(&mut last_words)?;
    }
    let last_words = String::from_utf8_lossy(&last_words);
    Ok(Answer::Died(autopsy(status, &last_words, memory, policy)))
}

/// Why the child ended without an answer.
fn autopsy(status: ExitStatus, last_words: &str, memory: u64, policy: &Policy) -> Finding {
    const SIGXCPU: i32 = 24;
    if last_words.contains("memory allocation") || last_words.contains("capacity overflow") {
        return Finding::stopped(&LimitHit::Memory(memory));
    }
    if last_words.contains("overflowed its stack") {
        return Finding::stopped(&LimitHit::Nesting);
    }
    if status.signal() == Some(SIGXCPU) {
        return too_slow(policy);
    }
    let message = format!("the screener failed on this file ({status})");
    Finding::error(Code::InternalError, message)
        .hint("please report it; the other files are not affected")
}

/// In the words of the limit that was set, not of the time that happened to be left: two runs say
/// the same.
fn too_slow(policy: &Policy) -> Finding {
    Finding::stopped(&LimitHit::Time(policy.limits.time))
}

/// Shim.
#[derive(Debug)]
pub struct PageRequest {
    #[allow(missing_docs)]
    pub page: usize,
    #[allow(missing_docs)]
    pub size: crate::pdf::PictureSize,
    #[allow(missing_docs)]
    pub password: Option<crate::pdf::Password>,
}
/// Shim.
pub fn draw(
    _: &FileBytes,
    _: &PageRequest,
    _: Duration,
    _: &dyn Fn() -> bool,
) -> Result<crate::pdf::Picture, String> {
    Err("not yet".to_owned())
}
