//! Writes to a child and reads what it says, both within one deadline.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: the deadline is looked up here"
)]

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::io::Errno;
use std::io::{self, IoSlice, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout};
use std::time::{Duration, Instant};

/// What the child says is cut beyond this.
pub(super) const MOST_OUTPUT: usize = 16 << 20;
/// How often the wait looks up whether anyone still wants the answer.
const LOOK_UP: Duration = Duration::from_millis(50);

/// Writes all parts to the child, closes its input, and reads until it closes its output.
///
/// `None` once the deadline has passed or `given_up` says so. A child that closes its input early
/// is read to its end: that says why.
pub(super) fn converse(
    child: &mut Child,
    parts: &mut [IoSlice<'_>],
    deadline: Instant,
    given_up: &dyn Fn() -> bool,
) -> io::Result<Option<Vec<u8>>> {
    let (Some(input), Some(mut output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    // A child that reads slowly, or not at all, must not hold us in a write.
    fcntl_setfl(&input, fcntl_getfl(&input)? | OFlags::NONBLOCK)?;
    let mut input = Some(input);
    let mut unsent = Unsent { parts };
    let mut answer = Vec::new();
    let mut piece = vec![0; 64 << 10];
    while answer.len() <= MOST_OUTPUT {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || given_up() {
            return Ok(None);
        }
        let ready = wait(input.as_ref(), &output, left.min(LOOK_UP))?;
        if ready.to_write
            && let Some(pipe) = &mut input
            && unsent.write(pipe)?
        {
            input = None;
        }
        if ready.to_read {
            let read = output.read(&mut piece)?;
            if read == 0 {
                break;
            }
            answer.extend_from_slice(piece.get(..read).unwrap_or_default());
        }
    }
    Ok(Some(answer))
}

struct Ready {
    to_write: bool,
    to_read: bool,
}

/// Waits until a pipe can be used without blocking, has been closed, or the time is over.
fn wait(input: Option<&ChildStdin>, output: &ChildStdout, time: Duration) -> io::Result<Ready> {
    let timeout = Timespec::try_from(time).map_err(io::Error::other)?;
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

/// What the child has not taken yet.
struct Unsent<'p, 'b> {
    parts: &'p mut [IoSlice<'b>],
}

impl Unsent<'_, '_> {
    /// Writes what fits, and says whether that was all that the child will take.
    fn write(&mut self, pipe: &mut ChildStdin) -> io::Result<bool> {
        // Empty parts are dropped first: nothing written must mean that the child takes no more.
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

    fn child(program: &str, argument: &str) -> Child {
        let mut command = Command::new(program);
        command.arg(argument).stdin(Stdio::piped());
        command.stdout(Stdio::piped()).spawn().unwrap()
    }

    fn bury(mut child: Child) {
        child.kill().unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn more_than_a_pipe_holds_comes_back_whole() {
        let mut child = child("cat", "-");
        let (head, body) = (vec![1; 3], vec![2; 1 << 20]);
        let mut parts = [&head[..], &[], &body].map(IoSlice::new);
        let deadline = Instant::now() + Duration::from_secs(30);
        let answer = converse(&mut child, &mut parts, deadline, &|| false).unwrap();
        assert!(answer == Some([head, body].concat()));
        bury(child);
    }

    #[test]
    fn a_child_that_does_not_read_is_given_up_at_the_deadline_or_on_demand() {
        let body = vec![0; 1 << 20];
        for (time, given_up) in [(200, false), (60_000, true)] {
            let mut child = child("sleep", "60");
            let started = Instant::now();
            let deadline = started + Duration::from_millis(time);
            let mut parts = [IoSlice::new(&body)];
            let answer = converse(&mut child, &mut parts, deadline, &|| given_up).unwrap();
            assert_eq!(answer, None);
            assert!(started.elapsed() < Duration::from_secs(5));
            bury(child);
        }
    }

    #[test]
    fn a_child_that_dies_early_is_read_to_its_end() {
        let mut child = child("echo", "gone");
        let body = vec![0; 1 << 20];
        let deadline = Instant::now() + Duration::from_secs(30);
        let mut parts = [IoSlice::new(&body)];
        let answer = converse(&mut child, &mut parts, deadline, &|| false).unwrap();
        assert_eq!(answer.as_deref(), Some(&b"gone\n"[..]));
        bury(child);
    }
}
