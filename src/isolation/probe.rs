//! Tests of the restrictions, which run in the isolated process itself.
//!
//! Exists only in builds with debug assertions. What a probe attempts has no effect where it is not
//! denied: it uses paths that do not exist, the signal 0 and its own descriptors.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: attempts what the process must not be able to do"
)]

use super::run_in_child;
use super::wire::Task;
use crate::pdf::{FileBytes, LimitHit, Limits};
use crate::screen::Policy;
use rustix::fs::{CWD, MemfdFlags, Mode, Timestamps, XattrFlags};
use rustix::process::{Pid, PidfdFlags, Resource, Rlimit};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, Permissions};
use std::hint::black_box;
use std::io;
use std::net::{TcpListener, UdpSocket};
use std::os::fd::AsFd;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

/// What the child does after it has restricted itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Probe {
    /// Attempts everything forbidden, in every thread.
    Forbidden,
    /// Overflows the stack of the worker thread.
    Stack,
    /// Computes without end.
    Processor,
    /// Allocates without end.
    Memory,
}

/// A forbidden action that a thread of the child attempted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// `worker` or `main`.
    pub thread: String,
    /// What was attempted.
    pub action: String,
    /// The error of the system; `None` if the action was not denied.
    pub errno: Option<i32>,
}

/// What remained of a probe.
#[derive(Debug)]
pub struct ProbeResult {
    /// The attempts of all threads.
    pub attempts: Vec<Attempt>,
    /// The limit that ended the child, as the parent diagnoses it.
    pub limit: Option<LimitHit>,
}

/// Runs a probe in a child, whose executable is at `program`, and waits for its end.
///
/// # Errors
///
/// Returns an error if the child could not be started or does not end within `time`.
pub fn probe_with_program(program: &Path, probe: Probe, time: Duration) -> io::Result<ProbeResult> {
    let policy = Policy {
        limits: Limits {
            // The shortest limit of processor time: one second.
            time: Duration::ZERO,
            ..Limits::default()
        },
        ..Policy::default()
    };
    let bytes = FileBytes::default();
    let exit = run_in_child(program, Task::Probe(probe), &bytes, &policy, time, &|| {
        false
    })?;
    let exit = exit.ok_or(io::ErrorKind::TimedOut)?;
    let lines = serde_json::Deserializer::from_slice(&exit.answer).into_iter::<Vec<Attempt>>();
    let attempts: Vec<_> = lines.collect::<Result<_, _>>()?;
    Ok(ProbeResult {
        attempts: attempts.concat(),
        limit: exit.limit(&policy),
    })
}

/// Runs a probe in the current thread of the child.
pub(super) fn run(probe: Probe, thread: &str, parent: u32) -> io::Result<Vec<u8>> {
    match probe {
        Probe::Forbidden => Ok(serde_json::to_vec(&attempt_all(thread, parent))?),
        Probe::Stack => Ok(vec![black_box(depth(0)) as u8]),
        Probe::Processor => loop {
            std::hint::spin_loop();
        },
        Probe::Memory => {
            let mut all = Vec::new();
            loop {
                all.push(black_box(vec![1_u8; 1 << 20]));
            }
        }
    }
}

/// Recurses until the stack overflows.
fn depth(level: u64) -> u64 {
    let level = black_box(level);
    if level == u64::MAX {
        return level;
    }
    black_box(depth(level + 1)).wrapping_add(level)
}

/// A path whose folder does not exist.
const NOWHERE: &str = "/nonexistent/bankscreen";

type Action<'a> = (&'static str, Box<dyn FnOnce() -> io::Result<()> + 'a>);

/// Creates an action that discards its result.
fn action<'a, T>(name: &'static str, run: impl FnOnce() -> io::Result<T> + 'a) -> Action<'a> {
    (name, Box::new(move || run().map(drop)))
}

fn attempt_all(thread: &str, parent: u32) -> Vec<Attempt> {
    let parent = Pid::from_raw(parent.cast_signed());
    let mut actions = files();
    actions.extend(descriptors());
    actions.extend(processes(parent));
    let attempts = actions.into_iter().map(|(name, run)| Attempt {
        thread: thread.to_owned(),
        action: name.to_owned(),
        errno: run().err().and_then(|error| error.raw_os_error()),
    });
    attempts.collect()
}

/// Actions on files by their paths.
fn files() -> Vec<Action<'static>> {
    let timestamps = Timestamps {
        last_access: rustix::fs::Timespec::default(),
        last_modification: rustix::fs::Timespec::default(),
    };
    vec![
        action("open a file", || File::open("/dev/null")),
        action("create a file", || File::create(NOWHERE)),
        action("read the metadata of a file", || fs::metadata("/")),
        action("list a folder", || fs::read_dir("/")),
        action("read a link", || fs::read_link("/proc/self/exe")),
        action("change the mode of a file", || {
            fs::set_permissions(NOWHERE, Permissions::from_mode(0o600))
        }),
        action("change the owner of a file", || {
            chown(NOWHERE, Some(u32::MAX), None)
        }),
        action("change an attribute of a file", || {
            let result = rustix::fs::setxattr(NOWHERE, "user.x", b"", XattrFlags::empty());
            Ok(result?)
        }),
        action("change the times of a file", move || {
            let flags = rustix::fs::AtFlags::empty();
            Ok(rustix::fs::utimensat(CWD, NOWHERE, &timestamps, flags)?)
        }),
        action("remove a file", || fs::remove_file(NOWHERE)),
        action("rename a file", || fs::rename(NOWHERE, NOWHERE)),
        action("link a file", || fs::hard_link(NOWHERE, NOWHERE)),
        action("create a link", || symlink("/", NOWHERE)),
        action("create a folder", || fs::create_dir(NOWHERE)),
        action("change the root", || Ok(rustix::process::chroot(NOWHERE)?)),
    ]
}

/// Actions that create descriptors or change existing ones.
fn descriptors() -> Vec<Action<'static>> {
    vec![
        action("read standard input", || {
            io::Read::read(&mut io::stdin(), &mut [0])
        }),
        action("duplicate a descriptor", || {
            io::stdout().as_fd().try_clone_to_owned()
        }),
        action("change the mode of a descriptor", || {
            Ok(rustix::fs::fchmod(io::stdout(), Mode::RUSR)?)
        }),
        action("truncate a descriptor", || {
            Ok(rustix::fs::ftruncate(io::stdout(), 0)?)
        }),
        action("create a pipe", io::pipe),
        action("create a file in memory", || {
            Ok(rustix::fs::memfd_create("x", MemfdFlags::empty())?)
        }),
        action("listen on a TCP socket", || {
            TcpListener::bind(("127.0.0.1", 0))
        }),
        action("create a UDP socket", || UdpSocket::bind(("127.0.0.1", 0))),
        action("connect", || std::net::TcpStream::connect(("127.0.0.1", 9))),
        action("create a pair of sockets", UnixStream::pair),
    ]
}

/// Actions on processes and threads.
fn processes(parent: Option<Pid>) -> Vec<Action<'static>> {
    let parent = move || parent.ok_or_else(|| io::Error::other("no parent"));
    let unlimited = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    vec![
        action("signal the parent", move || {
            Ok(rustix::process::test_kill_process(parent()?)?)
        }),
        action("open the parent", move || {
            Ok(rustix::process::pidfd_open(parent()?, PidfdFlags::empty())?)
        }),
        action("start a thread", || {
            thread::Builder::new().spawn(|| {}).map(drop)
        }),
        action("start a process", || Command::new("/bin/true").spawn()),
        action("execute a program", || {
            Err::<(), _>(Command::new(NOWHERE).exec())
        }),
        action("change a limit", move || {
            Ok(rustix::process::setrlimit(Resource::Core, unlimited)?)
        }),
        action("survive the parent", || {
            Ok(rustix::process::set_parent_process_death_signal(None)?)
        }),
    ]
}
