//! Reads a secret from a private file, or from the output of a command.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this module opens the key file and runs the key command"
)]

use super::credentials::{Secret, SecretError};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// Maximum size of a key file or of a command's output.
const MAX_BYTES: u64 = 1 << 16;

/// Interval at which the exit of the command is polled.
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// An error while reading a secret from a file or command.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretSourceError {
    /// The source could not be opened, read or run.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// The path is a directory, pipe or device.
    #[error("not a regular file")]
    NotAFile,
    /// Users other than the owner have access to the file. Holds the permission bits.
    #[error("other users have access to it (mode {0:o})")]
    NotPrivate(u32),
    /// Another user owns the file.
    #[error("owned by another user")]
    Owner,
    /// The command exited with an error.
    #[error("the command failed ({0})")]
    Failed(ExitStatus),
    /// The command did not exit in time.
    #[error("the command timed out")]
    TimedOut,
    /// The content is not a valid key.
    #[error(transparent)]
    Invalid(#[from] SecretError),
}

/// A command that prints a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretCommand {
    /// A line for `/bin/sh -c`.
    Shell(String),
    /// A program that is looked up in `PATH` and run without a shell.
    Program {
        /// The program.
        program: String,
        /// Its arguments.
        arguments: Vec<String>,
    },
}

impl SecretCommand {
    fn to_command(&self) -> Command {
        match self {
            Self::Shell(line) => {
                let mut command = Command::new("/bin/sh");
                command.args(["-c", line]);
                command
            }
            Self::Program { program, arguments } => {
                let mut command = Command::new(program);
                command.args(arguments);
                command
            }
        }
    }
}

/// Reads a secret from a file to which only its owner has access.
///
/// # Errors
///
/// Returns an error if the file cannot be read, other users have access to it, or its content is
/// not a valid secret.
pub fn secret_from_file(path: &Path) -> Result<Secret, SecretSourceError> {
    // Non-blocking: opening a pipe without a writer would block forever.
    let flags =
        rustix::fs::OFlags::RDONLY | rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::CLOEXEC;
    let file = File::from(
        rustix::fs::open(path, flags, rustix::fs::Mode::empty()).map_err(io::Error::from)?,
    );
    // Checks the open file, not the path, because the path could be replaced in between.
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(SecretSourceError::NotAFile);
    }
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(SecretSourceError::NotPrivate(mode));
    }
    // A file of another user could be replaced by that user. Root can read every file anyway.
    let user = rustix::process::geteuid();
    if metadata.uid() != user.as_raw() && !user.is_root() {
        return Err(SecretSourceError::Owner);
    }
    read(file)
}

/// Runs a command and parses the one line of its output. The output is wiped after use.
///
/// The command inherits standard error, because it may prompt for a PIN or a fingerprint.
///
/// # Errors
///
/// Returns an error if the command cannot be run, fails, prints no valid secret, or does not exit
/// within `timeout`. After the timeout it is killed.
pub fn secret_from_command(
    command: &SecretCommand,
    timeout: Duration,
) -> Result<Secret, SecretSourceError> {
    let mut child = command.to_command().stdout(Stdio::piped()).spawn()?;
    let stdout = child.stdout.take();
    let (sender, receiver) = mpsc::channel();
    // Read on a thread of its own: a read from a pipe has no timeout.
    thread::spawn(move || {
        let secret = stdout.map_or(Err(SecretSourceError::Failed(ExitStatus::default())), read);
        // Fails after a timeout, when the receiver is gone.
        drop(sender.send(secret));
    });
    let deadline = Instant::now() + timeout;
    let secret = receiver.recv_timeout(timeout);
    // A command can close its output and still keep running.
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if Instant::now() >= deadline {
            child.kill()?;
            child.wait()?;
            return Err(SecretSourceError::TimedOut);
        }
        thread::sleep(POLL_INTERVAL);
    };
    if !status.success() {
        return Err(SecretSourceError::Failed(status));
    }
    secret.map_err(|_elapsed| SecretSourceError::TimedOut)?
}

fn read(source: impl Read) -> Result<Secret, SecretSourceError> {
    // Allocates the whole capacity at once: a buffer that grows leaves copies in memory.
    let mut text = Zeroizing::new(String::with_capacity(MAX_BYTES as usize + 1));
    source.take(MAX_BYTES).read_to_string(&mut text)?;
    Ok(Secret::new(&text)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};

    /// Ends a test that hangs. It never measures speed.
    const HANG_GUARD: Duration = Duration::from_mins(2);

    fn file(mode: u32, text: &str) -> Result<Secret, SecretSourceError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        secret_from_file(&path)
    }

    #[test]
    fn key_files_that_other_users_can_access_are_rejected() {
        assert_eq!(file(0o600, "canary\n").unwrap().expose(), "canary");
        assert_eq!(file(0o400, "canary").unwrap().expose(), "canary");
        for mode in [0o640, 0o604, 0o660, 0o601] {
            assert!(matches!(
                file(mode, "canary"),
                Err(SecretSourceError::NotPrivate(_))
            ));
        }
        assert!(matches!(
            file(0o600, ""),
            Err(SecretSourceError::Invalid(_))
        ));
        let folder = tempfile::tempdir().unwrap();
        let error = secret_from_file(folder.path()).unwrap_err();
        assert!(matches!(error, SecretSourceError::NotAFile));
    }

    #[test]
    fn program_arguments_are_passed_without_a_shell() {
        let run = |program: &str, argument: &str| {
            let command = SecretCommand::Program {
                program: program.to_owned(),
                arguments: vec![argument.to_owned()],
            };
            secret_from_command(&command, HANG_GUARD)
        };
        assert_eq!(run("echo", "$HOME;`id`").unwrap().expose(), "$HOME;`id`");
        assert!(matches!(
            run("no-such-program", ""),
            Err(SecretSourceError::Read(_))
        ));
    }

    #[test]
    fn commands_that_print_no_key_are_errors() {
        let run = |line: &str, time| {
            let command = SecretCommand::Shell(line.to_owned());
            secret_from_command(&command, time)
        };
        assert_eq!(run("echo canary", HANG_GUARD).unwrap().expose(), "canary");
        assert!(matches!(
            run("echo canary; exit 3", HANG_GUARD),
            Err(SecretSourceError::Failed(_))
        ));
        assert!(matches!(
            run("true", HANG_GUARD),
            Err(SecretSourceError::Invalid(_))
        ));
        for endless in ["exec sleep 60", "exec >&-; exec sleep 60"] {
            assert!(matches!(
                run(endless, Duration::ZERO),
                Err(SecretSourceError::TimedOut)
            ));
        }
    }
}
