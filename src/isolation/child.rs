//! The child process: drops all privileges that reading a file does not need, then runs the task.

use super::drawing::draw_page;
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
    let work = move || -> io::Result<Vec<u8>> {
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
        }
    };
    let worker = thread::Builder::new().stack_size(STACK_BYTES).spawn(work)?;
    let answer = worker
        .join()
        .map_err(|_panic| io::Error::other("the task panicked"))??;
    io::stdout().lock().write_all(&answer)
}

/// Limits memory, time and system calls of this process, irreversibly.
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
    filter_system_calls()
}

/// System calls that screening never needs. The threads exist before the filter is applied.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
const DENIED_CALLS: &[i64] = &[
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_sendto,
    libc::SYS_sendmsg,
    libc::SYS_sendmmsg,
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_clone,
    libc::SYS_clone3,
    libc::SYS_openat,
    libc::SYS_openat2,
    libc::SYS_open_by_handle_at,
    libc::SYS_unlinkat,
    libc::SYS_renameat2,
    libc::SYS_linkat,
    libc::SYS_symlinkat,
    libc::SYS_mkdirat,
    libc::SYS_mknodat,
    libc::SYS_fchmodat,
    libc::SYS_fchownat,
    libc::SYS_truncate,
    libc::SYS_mount,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_open,
    libc::SYS_kill,
    libc::SYS_bpf,
    libc::SYS_io_uring_setup,
];

/// Legacy system calls of the architecture with the same effects.
#[cfg(target_arch = "x86_64")]
const DENIED_LEGACY_CALLS: &[i64] = &[
    libc::SYS_open,
    libc::SYS_creat,
    libc::SYS_fork,
    libc::SYS_vfork,
    libc::SYS_unlink,
    libc::SYS_rmdir,
    libc::SYS_rename,
    libc::SYS_renameat,
    libc::SYS_link,
    libc::SYS_symlink,
    libc::SYS_mkdir,
    libc::SYS_mknod,
    libc::SYS_chmod,
    libc::SYS_chown,
];
#[cfg(target_arch = "aarch64")]
const DENIED_LEGACY_CALLS: &[i64] = &[libc::SYS_renameat];

/// Denies access to files, network and processes, if the kernel supports it.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn filter_system_calls() -> io::Result<()> {
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};
    use std::collections::BTreeMap;

    let denied = DENIED_CALLS.iter().chain(DENIED_LEGACY_CALLS);
    let rules: BTreeMap<i64, Vec<_>> = denied.map(|call| (*call, Vec::new())).collect();
    let filter = SeccompFilter::new(
        rules,
        SeccompAction::Allow,
        SeccompAction::Errno(libc::EPERM.unsigned_abs()),
        std::env::consts::ARCH
            .try_into()
            .map_err(io::Error::other)?,
    );
    let program: BpfProgram = filter
        .and_then(TryInto::try_into)
        .map_err(io::Error::other)?;
    match seccompiler::apply_filter(&program) {
        // The kernel has no filters or the container forbids them. The resource limits still apply.
        Ok(()) | Err(seccompiler::Error::Prctl(_) | seccompiler::Error::Seccomp(_)) => Ok(()),
        Err(error) => Err(io::Error::other(error)),
    }
}

/// Does nothing on other architectures, whose call numbers differ. Resource limits still apply.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn filter_system_calls() -> io::Result<()> {
    Ok(())
}
