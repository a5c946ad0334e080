//! The child's side: give up every right that reading a file does not need, then do the work.

use super::drawing::draw_here;
use super::wire::{self, Request, Work};
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

/// The stack that engines recurse on.
const STACK_BYTES: usize = 32 << 20;

/// Reads a request and a file from standard input and writes the answer to standard output.
///
/// # Errors
///
/// When the request can't be read, or a right can't be given up; the file is not looked at then.
pub fn run() -> io::Result<()> {
    // Whoever asked is gone: so are we.
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let started = Instant::now();
    let mut input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let (request, policy) = Request::read(&mut input)?;
    if getppid().map(Pid::as_raw_nonzero).map(NonZero::get) != Some(request.parent.cast_signed()) {
        return Err(io::Error::other("whoever asked has gone"));
    }
    let mut bytes = Vec::with_capacity(request.file_bytes);
    input
        .take(request.file_bytes as u64)
        .read_to_end(&mut bytes)?;
    if bytes.len() < request.file_bytes {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let work = move || -> io::Result<Vec<u8>> {
        restrict(&request, &policy)?;
        let (bytes, spent) = (Arc::new(bytes), || started.elapsed());
        match request.work {
            Work::Screen => Ok(serde_json::to_vec(&screen(&bytes, &policy, &spent))?),
            Work::Draw {
                page,
                width,
                height,
            } => {
                let most = PictureSize::new(width, height);
                wire::write_drawn(&draw_here(&bytes, &policy, page, most, &spent))
            }
        }
    };
    let worker = thread::Builder::new().stack_size(STACK_BYTES).spawn(work)?;
    let answer = worker
        .join()
        .map_err(|_panic| io::Error::other("the screener panicked"))??;
    io::stdout().lock().write_all(&answer)
}

/// Bounds memory, time and rights of this process, for good.
fn restrict(request: &Request, policy: &Policy) -> io::Result<()> {
    let bound = |resource, most: u64, and_then: u64| {
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most + and_then),
        };
        setrlimit(resource, limit)
    };
    let seconds = policy.limits.time.as_secs() + 1;
    bound(Resource::As, request.memory, 0)?;
    // The first limit sends a signal that tells what happened, the second kills.
    bound(Resource::Cpu, seconds, 1)?;
    bound(Resource::Core, 0, 0)?;
    bound(Resource::Fsize, 0, 0)?;
    bound(Resource::Nproc, 0, 0)?;
    filter_system_calls()
}

/// What reading a file never does. Threads are made before this is in force.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
const REFUSED: &[i64] = &[
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

/// The same by the names that one architecture keeps from its early days.
#[cfg(target_arch = "x86_64")]
const REFUSED_OLD: &[i64] = &[
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
const REFUSED_OLD: &[i64] = &[libc::SYS_renameat];

/// Refuses files, network and processes from now on, where the kernel can.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn filter_system_calls() -> io::Result<()> {
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};
    use std::collections::BTreeMap;

    let refused = REFUSED.iter().chain(REFUSED_OLD);
    let rules: BTreeMap<i64, Vec<_>> = refused.map(|call| (*call, Vec::new())).collect();
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
        // A kernel without filters, or a container that forbids them: the bounds above still hold.
        Ok(()) | Err(seccompiler::Error::Prctl(_) | seccompiler::Error::Seccomp(_)) => Ok(()),
        Err(error) => Err(io::Error::other(error)),
    }
}

/// Other processors name their calls otherwise; the bounds on resources hold there too.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn filter_system_calls() -> io::Result<()> {
    Ok(())
}
