//! The child process: drops all privileges that reading a file does not need, then runs the task.

use super::drawing::{draw_page, read_page};
#[cfg(debug_assertions)]
use super::probe;
use super::wire::{self, Request, Task};
use crate::pdf::PictureSize;
use crate::screen::{Policy, screen};
use rustix::process::{
    Pid, Resource, Rlimit, Signal, getppid, set_parent_process_death_signal, setrlimit,
};
use std::fs::File;
use std::io::{self, Read, Write};
use std::num::NonZero;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

/// Stack size of the thread that runs the engines, which recurse.
const STACK_BYTES: usize = 32 << 20;

/// Reads a request and a file from standard input and writes the answer to standard output.
///
/// # Errors
///
/// Returns an error if the request cannot be read or a restriction cannot be applied. The file is
/// not parsed in that case.
pub fn run() -> io::Result<()> {
    // The kernel kills this process when the parent exits.
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let started = Instant::now();
    let mut input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let (request, policy) = Request::read(&mut input)?;
    if getppid().map(Pid::as_raw_nonzero).map(NonZero::get) != Some(request.parent.cast_signed()) {
        // The parent exited before the death signal was set.
        return Err(io::Error::other("the parent process has exited"));
    }
    let mut bytes = Vec::with_capacity(request.file_bytes);
    input
        .take(request.file_bytes as u64)
        .read_to_end(&mut bytes)?;
    // A truncated file must not be screened: its result would be wrong.
    if bytes.len() < request.file_bytes {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    #[cfg(debug_assertions)]
    let (task, parent) = (request.task, request.parent);
    let work = move || -> io::Result<Vec<u8>> {
        // Here, because all threads exist now: the filter denies new ones.
        restrict(&request, &policy)?;
        let (bytes, spent) = (Arc::new(bytes), || started.elapsed());
        match request.task {
            Task::Screen => Ok(serde_json::to_vec(&screen(&bytes, &policy, &spent))?),
            Task::Draw {
                page,
                width,
                height,
            } => {
                let max_size = PictureSize::new(width, height);
                wire::write_picture(&draw_page(&bytes, &policy, page, max_size, &spent))
            }
            Task::Text {
                page,
                is_ocr,
                columns,
            } => wire::write_text(&read_page(&bytes, &policy, (page, is_ocr), columns, &spent)),
            #[cfg(debug_assertions)]
            Task::Probe(probe) => probe::run(probe, "worker", request.parent),
        }
    };
    let worker = thread::Builder::new().stack_size(STACK_BYTES).spawn(work)?;
    let answer = worker
        .join()
        .map_err(|_panic| io::Error::other("the task panicked"))??;
    #[cfg(debug_assertions)]
    let answer = match task {
        Task::Probe(probe) => [answer, probe::run(probe, "main", parent)?].concat(),
        Task::Screen | Task::Draw { .. } | Task::Text { .. } => answer,
    };
    io::stdout().lock().write_all(&answer)
}

/// Limits memory, time and system calls of all threads of this process, irreversibly.
fn restrict(request: &Request, policy: &Policy) -> io::Result<()> {
    let limit = |resource, soft: u64, hard: u64| {
        let limit = Rlimit {
            current: Some(soft),
            maximum: Some(hard),
        };
        setrlimit(resource, limit)
    };
    let seconds = policy.limits.time.as_secs() + 1;
    limit(Resource::As, request.memory, request.memory)?;
    // The soft limit sends SIGXCPU, by which the parent recognizes the cause; the hard limit kills.
    limit(Resource::Cpu, seconds, seconds + 1)?;
    // A core dump would contain the file and the passwords.
    limit(Resource::Core, 0, 0)?;
    limit(Resource::Fsize, 0, 0)?;
    limit(Resource::Nproc, 0, 0)?;
    // No new descriptors. The filter denies them too, but not every kernel has filters.
    limit(Resource::Nofile, 0, 0)?;
    filter_system_calls()
}

/// Denies all system calls that the task does not need, in all threads.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn filter_system_calls() -> io::Result<()> {
    super::filter::apply()
}

/// Does nothing on other architectures, whose call numbers differ. Resource limits still apply.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn filter_system_calls() -> io::Result<()> {
    Ok(())
}
