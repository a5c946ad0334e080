//! The system calls that the child may make after it has read its input.
//!
//! The filter lists what is allowed, so that forgotten calls and those of newer kernels are denied.
//! What remains is memory, locks, the clock, the answer and the exit. No thread can open a file or
//! a socket, start a process, signal another one or change a file.
//!
//! A denied call fails with `EPERM`. Killing the process instead would lose the message by which
//! the parent recognizes an exceeded limit: the C libraries make some calls that may fail, such as
//! opening a file of `/proc` before memory is returned.

use rustix::thread::gettid;
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule,
};
use std::collections::BTreeMap;
use std::io;

/// Calls that are allowed with any arguments. They affect this process only.
const ALLOWED_CALLS: &[i64] = &[
    // Memory. `mmap` and `mprotect` are restricted further.
    libc::SYS_brk,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    // Locks, and waiting for the other thread.
    libc::SYS_futex,
    libc::SYS_sched_yield,
    libc::SYS_restart_syscall,
    // The number of processors, from which glibc derives the number of its memory arenas.
    libc::SYS_sched_getaffinity,
    // The time limit, if the clock can't be read without the kernel. Seeds of hash tables.
    libc::SYS_clock_gettime,
    libc::SYS_getrandom,
    // The handler that reports a stack overflow. `tgkill` and `tkill`, by which it aborts, are
    // restricted further.
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_getpid,
    libc::SYS_gettid,
    // The end of a thread and of the process.
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// Standard output and standard error, the only descriptors that can be written to.
const OUTPUTS: [u32; 2] = [1, 2];

/// Applies the filter to all threads of this process, irreversibly.
///
/// The calling thread and the main thread may abort the process. All threads must exist.
pub(super) fn apply() -> io::Result<()> {
    let caller = gettid().as_raw_nonzero().get().unsigned_abs();
    let program = program(std::process::id(), caller).map_err(io::Error::other)?;
    match seccompiler::apply_filter_all_threads(&program) {
        // The kernel has no filters or the container forbids them. The resource limits still apply.
        Ok(()) | Err(seccompiler::Error::Prctl(_) | seccompiler::Error::Seccomp(_)) => Ok(()),
        Err(error) => Err(io::Error::other(error)),
    }
}

/// Returns the filter of a process with this ID, whose main thread has the same ID.
fn program(process: u32, thread: u32) -> Result<BpfProgram, BackendError> {
    SeccompFilter::new(
        rules(process, thread)?,
        SeccompAction::Errno(libc::EPERM.unsigned_abs()),
        SeccompAction::Allow,
        std::env::consts::ARCH.try_into()?,
    )?
    .try_into()
}

/// Returns the rules by system call. One of the rules of a call must match; no rules match always.
fn rules(process: u32, thread: u32) -> Result<BTreeMap<i64, Vec<SeccompRule>>, BackendError> {
    let mut rules: BTreeMap<_, _> = ALLOWED_CALLS
        .iter()
        .map(|call| (*call, Vec::new()))
        .collect();
    for call in [libc::SYS_write, libc::SYS_writev] {
        let to_outputs = OUTPUTS.map(|output| SeccompRule::new(vec![equals(0, output)?]));
        rules.insert(call, to_outputs.into_iter().collect::<Result<_, _>>()?);
    }
    // Not from a descriptor: an inherited one would give access to its file.
    let anonymous = libc::MAP_ANONYMOUS.unsigned_abs();
    let map = SeccompRule::new(vec![not_executable()?, has_bits(3, anonymous, anonymous)?])?;
    rules.insert(libc::SYS_mmap, vec![map]);
    let protect = SeccompRule::new(vec![not_executable()?])?;
    rules.insert(libc::SYS_mprotect, vec![protect]);
    let abort = libc::SIGABRT.unsigned_abs();
    // glibc aborts with `tgkill`, which names the process.
    let own_process = SeccompRule::new(vec![equals(0, process)?, equals(2, abort)?])?;
    rules.insert(libc::SYS_tgkill, vec![own_process]);
    // musl aborts with `tkill`, which reaches threads of other processes too.
    let own_threads = [process, thread]
        .map(|thread| SeccompRule::new(vec![equals(0, thread)?, equals(1, abort)?]));
    rules.insert(
        libc::SYS_tkill,
        own_threads.into_iter().collect::<Result<_, _>>()?,
    );
    Ok(rules)
}

/// The protection, argument 2 of `mmap` and `mprotect`, does not include execution.
fn not_executable() -> Result<SeccompCondition, BackendError> {
    has_bits(2, libc::PROT_EXEC.unsigned_abs(), 0)
}

fn equals(argument: u8, value: u32) -> Result<SeccompCondition, BackendError> {
    let length = SeccompCmpArgLen::Dword;
    SeccompCondition::new(argument, length, SeccompCmpOp::Eq, value.into())
}

fn has_bits(argument: u8, mask: u32, bits: u32) -> Result<SeccompCondition, BackendError> {
    let operator = SeccompCmpOp::MaskedEq(mask.into());
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, bits.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROCESS: u32 = 4711;
    const THREAD: u32 = 4712;
    /// A process that the child must not reach.
    const PARENT: u64 = 4000;
    /// More than any system call number, so that calls of newer kernels are covered.
    const MAX_CALL: i64 = 2000;
    /// `fchmodat2`, which the constants of some architectures lack. New calls have the same number
    /// on all of them.
    const FCHMODAT2: i64 = 452;
    /// The flag that distinguishes the calls of the x32 interface of x86-64.
    const X32: i64 = 0x4000_0000;

    #[cfg(target_arch = "x86_64")]
    const ARCHITECTURE: u32 = 0xC000_003E;
    #[cfg(target_arch = "aarch64")]
    const ARCHITECTURE: u32 = 0xC000_00B7;

    /// What the kernel passes to a filter, as 32-bit words: number, architecture, instruction
    /// pointer and arguments.
    fn call_data(architecture: u32, call: i64, arguments: [u64; 6]) -> Vec<u32> {
        let arguments = arguments.iter().flat_map(|a| [*a as u32, (a >> 32) as u32]);
        [call as u32, architecture, 0, 0]
            .into_iter()
            .chain(arguments)
            .collect()
    }

    /// Runs a filter as the kernel does and returns its answer. Knows the instructions that
    /// seccompiler generates.
    fn run(program: &BpfProgram, data: &[u32]) -> u32 {
        let (mut position, mut accumulator) = (0, 0);
        loop {
            let step = &program[position];
            position += 1;
            let mut jump = |condition: bool| {
                position += usize::from(if condition { step.jt } else { step.jf });
            };
            match step.code {
                0x20 => accumulator = data[step.k as usize / 4],
                0x54 => accumulator &= step.k,
                0x15 => jump(accumulator == step.k),
                0x25 => jump(accumulator > step.k),
                0x35 => jump(accumulator >= step.k),
                0x05 => position += step.k as usize,
                0x06 => return step.k,
                code => panic!("unknown instruction {code:#x}"),
            }
        }
    }

    const ALLOW: u32 = 0x7FFF_0000;
    const DENY: u32 = 0x0005_0000 | libc::EPERM as u32;

    fn answer(call: i64, arguments: [u64; 6]) -> u32 {
        let program = program(PROCESS, THREAD).unwrap();
        run(&program, &call_data(ARCHITECTURE, call, arguments))
    }

    #[track_caller]
    fn check(call: i64, arguments: &[u64], expected: u32) {
        let mut all = [0; 6];
        all[..arguments.len()].copy_from_slice(arguments);
        assert_eq!(answer(call, all), expected, "{call} {arguments:?}");
    }

    #[test]
    fn only_listed_calls_are_allowed() {
        let restricted = [
            libc::SYS_write,
            libc::SYS_writev,
            libc::SYS_mmap,
            libc::SYS_mprotect,
            libc::SYS_tgkill,
            libc::SYS_tkill,
        ];
        let program = program(PROCESS, THREAD).unwrap();
        for call in 0..MAX_CALL {
            if restricted.contains(&call) {
                continue;
            }
            let listed = ALLOWED_CALLS.contains(&call);
            for value in [0, 1, PROCESS.into(), PARENT, u64::MAX] {
                let answer = |call| run(&program, &call_data(ARCHITECTURE, call, [value; 6]));
                assert_eq!(answer(call), if listed { ALLOW } else { DENY }, "{call}");
                assert_eq!(answer(call | X32), DENY, "{call} of x32");
            }
        }
    }

    /// The list itself: a call that is added to it by mistake is not noticed otherwise.
    #[test]
    fn nothing_reaches_files_the_network_or_other_processes() {
        let forbidden = [
            libc::SYS_openat,
            libc::SYS_openat2,
            libc::SYS_open_by_handle_at,
            libc::SYS_memfd_create,
            libc::SYS_read,
            libc::SYS_sendfile,
            libc::SYS_splice,
            libc::SYS_ioctl,
            libc::SYS_fcntl,
            libc::SYS_dup,
            libc::SYS_socket,
            libc::SYS_socketpair,
            libc::SYS_connect,
            libc::SYS_bind,
            libc::SYS_sendto,
            libc::SYS_sendmsg,
            libc::SYS_recvmsg,
            libc::SYS_pipe2,
            libc::SYS_clone,
            libc::SYS_clone3,
            libc::SYS_unshare,
            libc::SYS_execve,
            libc::SYS_execveat,
            libc::SYS_kill,
            libc::SYS_rt_sigqueueinfo,
            libc::SYS_rt_tgsigqueueinfo,
            libc::SYS_pidfd_open,
            libc::SYS_pidfd_send_signal,
            libc::SYS_pidfd_getfd,
            libc::SYS_ptrace,
            libc::SYS_process_vm_readv,
            libc::SYS_process_vm_writev,
            libc::SYS_fchmod,
            libc::SYS_fchmodat,
            FCHMODAT2,
            libc::SYS_fchown,
            libc::SYS_fchownat,
            libc::SYS_setxattr,
            libc::SYS_lsetxattr,
            libc::SYS_fsetxattr,
            libc::SYS_removexattr,
            libc::SYS_utimensat,
            libc::SYS_truncate,
            libc::SYS_ftruncate,
            libc::SYS_unlinkat,
            libc::SYS_renameat2,
            libc::SYS_linkat,
            libc::SYS_symlinkat,
            libc::SYS_mkdirat,
            libc::SYS_mknodat,
            libc::SYS_mount,
            libc::SYS_chroot,
            libc::SYS_prctl,
            libc::SYS_prlimit64,
            libc::SYS_setpriority,
            libc::SYS_sched_setaffinity,
            libc::SYS_bpf,
            libc::SYS_perf_event_open,
            libc::SYS_userfaultfd,
            libc::SYS_io_uring_setup,
            libc::SYS_io_uring_enter,
            libc::SYS_seccomp,
            libc::SYS_keyctl,
        ];
        for call in forbidden {
            check(call, &[], DENY);
        }
    }

    #[test]
    fn only_the_answer_and_messages_can_be_written() {
        for call in [libc::SYS_write, libc::SYS_writev] {
            check(call, &[1], ALLOW);
            check(call, &[2], ALLOW);
            check(call, &[0], DENY);
            check(call, &[3], DENY);
        }
    }

    #[test]
    fn memory_is_anonymous_and_not_executable() {
        let (read_write, execute) = (3, 4);
        let private_anonymous = 0x22;
        let private_file = 0x02;
        let map = libc::SYS_mmap;
        check(map, &[0, 4096, read_write, private_anonymous], ALLOW);
        check(map, &[0, 4096, 0, private_anonymous | 0x4000], ALLOW);
        check(map, &[0, 4096, read_write, private_file, 3], DENY);
        check(map, &[0, 4096, execute, private_anonymous], DENY);
        check(
            map,
            &[0, 4096, read_write | execute, private_anonymous],
            DENY,
        );
        check(libc::SYS_mprotect, &[0, 4096, read_write], ALLOW);
        check(libc::SYS_mprotect, &[0, 4096, 1 | execute], DENY);
    }

    #[test]
    fn only_the_own_process_can_be_signalled_and_only_to_abort() {
        let [process, thread] = [PROCESS, THREAD].map(u64::from);
        let [abort, kill] = [libc::SIGABRT, libc::SIGKILL].map(|signal| signal as u64);
        check(libc::SYS_tgkill, &[process, thread, abort], ALLOW);
        check(libc::SYS_tgkill, &[process, thread, kill], DENY);
        check(libc::SYS_tgkill, &[PARENT, PARENT, abort], DENY);
        check(libc::SYS_tkill, &[process, abort], ALLOW);
        check(libc::SYS_tkill, &[thread, abort], ALLOW);
        check(libc::SYS_tkill, &[thread, kill], DENY);
        check(libc::SYS_tkill, &[PARENT, abort], DENY);
    }

    #[test]
    fn calls_of_another_architecture_end_the_process() {
        let program = program(PROCESS, THREAD).unwrap();
        let i386 = 0x4000_0003;
        let data = call_data(i386, libc::SYS_getpid, [0; 6]);
        assert_eq!(run(&program, &data), 0x8000_0000);
    }
}
