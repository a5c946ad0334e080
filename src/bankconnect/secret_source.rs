//! Reads a secret from a file that nobody else can read, or from a command that prints it.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the key file is opened and the key command run"
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

/// A file or output larger than this is no key.
const MAX_BYTES: u64 = 1 << 16;

/// How often the wait for the command looks whether it has ended.
const LOOK_UP: Duration = Duration::from_millis(10);

/// Why a secret could not be read from its source.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretSourceError {
    /// It can't be opened or read.
    #[error("it can't be read")]
    Read(#[from] io::Error),
    /// It is a folder, pipe or device.
    #[error("it is no regular file")]
    NoFile,
    /// Others than its owner may read or write it.
    #[error("others can read it (mode {0:o})")]
    Open(u32),
    /// It belongs to someone else.
    #[error("it belongs to another user")]
    Owner,
    /// The command ended without success.
    #[error("the command failed ({0})")]
    Failed(ExitStatus),
    /// The command did not end in time.
    #[error("the command did not end in time")]
    TimedOut,
    /// What was read is no key.
    #[error("what it holds is no key")]
    Secret(#[from] SecretError),
}

/// A command that prints a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretCommand {
    /// A line for `/bin/sh -c`.
    Shell(String),
    /// A program, looked up in `PATH`, which no shell comes near.
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

/// Reads a secret from a file, which only its owner may read.
///
/// # Errors
///
/// When it can't be read, others could read it, or it holds no key.
pub fn secret_from_file(path: &Path) -> Result<Secret, SecretSourceError> {
    // Not blocking: opening a pipe that nobody writes to would wait for ever.
    let flags =
        rustix::fs::OFlags::RDONLY | rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::CLOEXEC;
    let file = File::from(
        rustix::fs::open(path, flags, rustix::fs::Mode::empty()).map_err(io::Error::from)?,
    );
    // Asked of the open file, so that it can't be swapped in between.
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(SecretSourceError::NoFile);
    }
    let mode = found.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(SecretSourceError::Open(mode));
    }
    let user = rustix::process::geteuid();
    if found.uid() != user.as_raw() && !user.is_root() {
        return Err(SecretSourceError::Owner);
    }
    read(file)
}

/// Runs a command and takes the one line that it prints, which is wiped after use.
///
/// Its standard error stays the person's: it may ask for a finger or a PIN.
///
/// # Errors
///
/// When it can't be run, fails, prints no key, or does not end within `time`; it is then killed.
pub fn secret_from_command(
    command: &SecretCommand,
    time: Duration,
) -> Result<Secret, SecretSourceError> {
    let mut child = command.to_command().stdout(Stdio::piped()).spawn()?;
    let stdout = child.stdout.take();
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let secret = stdout.map_or(Err(SecretSourceError::Failed(ExitStatus::default())), read);
        // Nobody listens any more once the time is over.
        drop(sender.send(secret));
    });
    let deadline = Instant::now() + time;
    let secret = receiver.recv_timeout(time);
    // A command can close its output and still not end.
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if Instant::now() >= deadline {
            child.kill()?;
            child.wait()?;
            return Err(SecretSourceError::TimedOut);
        }
        thread::sleep(LOOK_UP);
    };
    if !status.success() {
        return Err(SecretSourceError::Failed(status));
    }
    secret.map_err(|_elapsed| SecretSourceError::TimedOut)?
}

fn read(source: impl Read) -> Result<Secret, SecretSourceError> {
    // Room for all of it at once: a buffer that grows leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(MAX_BYTES as usize + 1));
    source.take(MAX_BYTES).read_to_string(&mut text)?;
    Ok(Secret::new(&text)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};

    fn file(mode: u32, text: &str) -> Result<Secret, SecretSourceError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        secret_from_file(&path)
    }

    #[test]
    fn a_key_file_that_others_can_read_is_refused() {
        assert_eq!(file(0o600, "canary\n").unwrap().expose(), "canary");
        assert_eq!(file(0o400, "canary").unwrap().expose(), "canary");
        for mode in [0o640, 0o604, 0o660, 0o601] {
            assert!(matches!(
                file(mode, "canary"),
                Err(SecretSourceError::Open(_))
            ));
        }
        assert!(matches!(file(0o600, ""), Err(SecretSourceError::Secret(_))));
        let folder = tempfile::tempdir().unwrap();
        let error = secret_from_file(folder.path()).unwrap_err();
        assert!(matches!(error, SecretSourceError::NoFile));
    }

    #[test]
    fn a_program_gets_its_arguments_as_they_are() {
        let run = |program: &str, argument: &str| {
            let command = SecretCommand::Program {
                program: program.to_owned(),
                arguments: vec![argument.to_owned()],
            };
            secret_from_command(&command, Duration::from_secs(10))
        };
        assert_eq!(run("echo", "$HOME;`id`").unwrap().expose(), "$HOME;`id`");
        assert!(matches!(
            run("no-such-program", ""),
            Err(SecretSourceError::Read(_))
        ));
    }

    #[test]
    fn a_command_prints_the_key_or_fails() {
        let run = |line: &str, seconds| {
            let command = SecretCommand::Shell(line.to_owned());
            secret_from_command(&command, Duration::from_secs(seconds))
        };
        assert_eq!(run("echo canary", 10).unwrap().expose(), "canary");
        assert!(matches!(
            run("echo canary; exit 3", 10),
            Err(SecretSourceError::Failed(_))
        ));
        assert!(matches!(run("true", 10), Err(SecretSourceError::Secret(_))));
        for endless in ["exec sleep 60", "exec >&-; exec sleep 60"] {
            assert!(matches!(run(endless, 0), Err(SecretSourceError::TimedOut)));
        }
    }
}
