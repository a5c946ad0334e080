//! Writes a request to a child and reads its answer, both within one deadline.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: the deadline is checked here"
)]

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::io::Errno;
use std::io::{self, IoSlice, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout};
use std::time::{Duration, Instant};

/// Maximum length of an answer; a longer one is truncated.
pub(super) const MAX_ANSWER_BYTES: usize = 16 << 20;
/// Size of the read buffer.
const CHUNK_BYTES: usize = 64 << 10;
/// How often a blocked exchange checks for cancellation.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Writes all parts to the child, closes its input, and reads until it closes its output.
///
/// Returns `None` if the deadline has passed or `is_cancelled` returned true. If the child closes
/// its input early, its output is still read to the end, because it may contain the reason.
pub(super) fn exchange(
    child: &mut Child,
    parts: &mut [IoSlice<'_>],
    deadline: Instant,
    is_cancelled: &dyn Fn() -> bool,
) -> io::Result<Option<Vec<u8>>> {
    let (Some(input), Some(mut output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    // A child that does not read must not block this process in a write.
    fcntl_setfl(&input, fcntl_getfl(&input)? | OFlags::NONBLOCK)?;
    let mut input = Some(input);
    let mut unsent = Unsent { parts };
    let mut answer = Vec::new();
    let mut chunk = vec![0; CHUNK_BYTES];
    while answer.len() <= MAX_ANSWER_BYTES {
        let remaining = deadline.saturating_duration_since(Instant::now());
        if remaining.is_zero() || is_cancelled() {
            return Ok(None);
        }
        let ready = wait(input.as_ref(), &output, remaining.min(POLL_INTERVAL))?;
        if ready.to_write
            && let Some(pipe) = &mut input
            && unsent.write(pipe)?
        {
            input = None;
        }
        if ready.to_read {
            let read = output.read(&mut chunk)?;
            if read == 0 {
                break;
            }
            answer.extend_from_slice(chunk.get(..read).unwrap_or_default());
        }
    }
    Ok(Some(answer))
}

struct Ready {
    to_write: bool,
    to_read: bool,
}

/// Waits until a pipe is ready or closed, or the timeout expires.
fn wait(input: Option<&ChildStdin>, output: &ChildStdout, timeout: Duration) -> io::Result<Ready> {
    let timeout = Timespec::try_from(timeout).map_err(io::Error::other)?;
    let mut pipes = vec![PollFd::new(output, PollFlags::IN)];
    pipes.extend(input.map(|input| PollFd::new(input, PollFlags::OUT)));
    match poll(&mut pipes, Some(&timeout)) {
        Ok(_) | Err(Errno::INTR) => {}
        Err(error) => return Err(error.into()),
    }
    let is_ready = |index: usize| {
        let pipe: Option<&PollFd<'_>> = pipes.get(index);
        pipe.is_some_and(|pipe| !pipe.revents().is_empty())
    };
    Ok(Ready {
        to_read: is_ready(0),
        to_write: is_ready(1),
    })
}

/// The parts of the request that are not written yet.
struct Unsent<'p, 'b> {
    parts: &'p mut [IoSlice<'b>],
}

impl Unsent<'_, '_> {
    /// Writes without blocking; returns whether everything is written or the child has closed its
    /// input.
    fn write(&mut self, pipe: &mut ChildStdin) -> io::Result<bool> {
        // Empty parts are removed first, so that a write of 0 bytes means a closed pipe.
        IoSlice::advance_slices(&mut self.parts, 0);
        if self.parts.is_empty() {
            return Ok(true);
        }
        match pipe.write_vectored(self.parts) {
            Ok(0) => Ok(true),
            Ok(written) => {
                IoSlice::advance_slices(&mut self.parts, written);
                Ok(self.parts.is_empty())
            }
            Err(error) => match error.kind() {
                io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted => Ok(false),
                io::ErrorKind::BrokenPipe => Ok(true),
                _ => Err(error),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    /// Ends a test that hangs. It never measures speed.
    const HANG_GUARD: Duration = Duration::from_mins(2);

    fn child(program: &str, argument: &str) -> Child {
        let mut command = Command::new(program);
        command.arg(argument).stdin(Stdio::piped());
        command.stdout(Stdio::piped()).spawn().unwrap()
    }

    fn kill_and_reap(mut child: Child) {
        child.kill().unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn an_answer_larger_than_the_pipe_buffer_is_complete() {
        let mut child = child("cat", "-");
        let (head, body) = (vec![1; 3], vec![2; 1 << 20]);
        let mut parts = [&head[..], &[], &body].map(IoSlice::new);
        let deadline = Instant::now() + HANG_GUARD;
        let answer = exchange(&mut child, &mut parts, deadline, &|| false).unwrap();
        assert!(answer == Some([head, body].concat()));
        kill_and_reap(child);
    }

    #[test]
    fn an_exchange_ends_at_the_deadline_or_on_cancellation_if_the_child_does_not_read() {
        let body = vec![0; 1 << 20];
        // A child that ended by itself would give an answer, though an empty one.
        for (deadline, cancelled) in [(Duration::from_millis(200), false), (HANG_GUARD, true)] {
            let mut child = child("sleep", "60");
            let deadline = Instant::now() + deadline;
            let mut parts = [IoSlice::new(&body)];
            let answer = exchange(&mut child, &mut parts, deadline, &|| cancelled).unwrap();
            assert_eq!(answer, None);
            kill_and_reap(child);
        }
    }

    #[test]
    fn the_output_of_a_child_that_exits_early_is_read() {
        let mut child = child("echo", "gone");
        let body = vec![0; 1 << 20];
        let deadline = Instant::now() + HANG_GUARD;
        let mut parts = [IoSlice::new(&body)];
        let answer = exchange(&mut child, &mut parts, deadline, &|| false).unwrap();
        assert_eq!(answer.as_deref(), Some(&b"gone\n"[..]));
        kill_and_reap(child);
    }
}
