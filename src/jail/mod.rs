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
mod wire;

pub use child::run as run_child;

use crate::pdf::{FileBytes, LimitHit};
use crate::screen::{Code, Finding, Policy, Screening};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::{self, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// The hidden argument that makes the program the child.
pub const ARGUMENT: &str = "screen-in-jail";

/// Address space of the child, beyond the file itself.
///
/// What genuine files need stays below 100 MB; 384 MiB keep the process under half a gigabyte.
const MEMORY_BYTES: u64 = 384 << 20;
/// The answer and the last words of the child are cut beyond this.
const MOST_OUTPUT: usize = 16 << 20;
/// How often the wait for the child looks up whether anyone still wants its answer.
const LOOK_UP: Duration = Duration::from_millis(50);
/// Starting and ending the child takes some of the time.
const OVERHEAD: Duration = Duration::from_millis(200);
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

fn ask_child(
    bytes: &FileBytes,
    policy: &Policy,
    time: Duration,
    given_up: &dyn Fn() -> bool,
) -> io::Result<Answer> {
    let deadline = Instant::now() + time;
    let mut child = Command::new(own_executable()?)
        .arg(ARGUMENT)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let memory = MEMORY_BYTES + bytes.len() as u64;
    let request = wire::Request::new(policy, memory);
    let sent = send(&mut child, &request, bytes);
    let answer = match sent {
        Ok(()) => read_until(&mut child, deadline, given_up),
        // It died before it had read everything: its end says why.
        Err(_) => Ok(Some(Vec::new())),
    };
    let answer = match answer {
        Ok(Some(answer)) => answer,
        late_or_broken => {
            child.kill()?;
            child.wait()?;
            late_or_broken?;
            return Ok(Answer::Died(too_slow(policy)));
        }
    };
    if answer.len() > MOST_OUTPUT {
        // It may wait for us to read on, and we would wait for it to end.
        child.kill()?;
    }
    let status = child.wait()?;
    if let Ok(screening) = serde_json::from_slice::<Screening>(&answer) {
        return Ok(Answer::Screening(Box::new(screening)));
    }
    let mut last_words = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        stderr.take(4096).read_to_end(&mut last_words)?;
    }
    let last_words = String::from_utf8_lossy(&last_words);
    Ok(Answer::Died(autopsy(status, &last_words, memory, policy)))
}

/// The path that Linux keeps leads to us even when an update has replaced the file.
fn own_executable() -> io::Result<PathBuf> {
    if cfg!(target_os = "linux") {
        return Ok(PathBuf::from("/proc/self/exe"));
    }
    std::env::current_exe()
}

fn send(child: &mut Child, request: &wire::Request, bytes: &[u8]) -> io::Result<()> {
    let Some(mut stdin) = child.stdin.take() else {
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    request.write(&mut stdin)?;
    stdin.write_all(bytes)
}

/// Reads what the child says until it closes its end; `None` once the deadline has passed.
fn read_until(
    child: &mut Child,
    deadline: Instant,
    given_up: &dyn Fn() -> bool,
) -> io::Result<Option<Vec<u8>>> {
    let Some(stdout) = &mut child.stdout else {
        return Ok(Some(Vec::new()));
    };
    let mut answer = Vec::new();
    let mut piece = vec![0; 64 << 10];
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || given_up() {
            return Ok(None);
        }
        let timeout = Timespec::try_from(left.min(LOOK_UP)).map_err(io::Error::other)?;
        let ready = poll(&mut [PollFd::new(stdout, PollFlags::IN)], Some(&timeout));
        match ready {
            Ok(0) | Err(rustix::io::Errno::INTR) => continue,
            other => other?,
        };
        let read = stdout.read(&mut piece)?;
        answer.extend_from_slice(piece.get(..read).unwrap_or_default());
        if read == 0 || answer.len() > MOST_OUTPUT {
            return Ok(Some(answer));
        }
    }
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
