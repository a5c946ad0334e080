//! Runs the program in a hermetic environment and captures its output.
//!
//! The environment of the test process is cleared. Home directory and working directory are a
//! temporary folder, locale and time zone are fixed, and standard input is empty.

pub(crate) use crate::pty::HANG_GUARD;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Once};
use tempfile::TempDir;

/// A string that every test secret contains, so that leaks can be detected.
const SECRET_MARKER: &str = "canary";

/// Returns the root of the project.
pub(crate) fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A temporary folder in which one test runs the program.
pub(crate) struct TestDir {
    folder: TempDir,
}

impl TestDir {
    pub(crate) fn new() -> Self {
        restore_signals();
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file below the folder and returns its path.
    pub(crate) fn write(&self, name: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Copies a file of `testdata` to `name` below the folder and returns its path.
    pub(crate) fn copy(&self, case: &str, name: &str) -> PathBuf {
        let bytes = std::fs::read(project().join("testdata").join(case)).unwrap();
        self.write(name, bytes)
    }

    /// Returns a command that runs the program in the hermetic environment.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bankscreen"));
        command
            .args(args)
            .current_dir(self.path())
            .env_clear()
            .env("HOME", self.path())
            .env("LC_ALL", "C.UTF-8")
            .env("TZ", "UTC")
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> RunOutput {
        RunOutput::new(self.command(args).output().unwrap())
    }

    pub(crate) fn run_with_input<S: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = S>,
        input: &[u8],
    ) -> RunOutput {
        let mut command = self.command(args);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // Writing fails if the program exits before it reads; the test then checks its output.
        drop(child.stdin.take().unwrap().write_all(input));
        RunOutput::new(child.wait_with_output().unwrap())
    }
}

/// Makes signals end the programs that the tests start, even if this process was started with the
/// signals ignored, as by `nohup` or in the background of a script. Ignored signals are inherited,
/// and handlers are not.
fn restore_signals() {
    static RESTORED: Once = Once::new();
    RESTORED.call_once(|| {
        for signal in [SIGHUP, SIGINT, SIGTERM] {
            let always = Arc::new(AtomicBool::new(true));
            flag::register_conditional_default(signal, always).unwrap();
        }
    });
}

/// Runs a command with test secrets and asserts that its output contains none of them.
pub(crate) fn run_without_leaks(mut command: Command) -> RunOutput {
    let output = RunOutput::new(command.output().unwrap());
    assert!(!output.all().contains(SECRET_MARKER), "{}", output.all());
    output
}

/// The output and the exit code of the program.
#[must_use = "compare the output or assert on it"]
pub(crate) struct RunOutput {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// `None` if a signal ended the program.
    pub(crate) code: Option<i32>,
}

impl RunOutput {
    pub(crate) fn new(output: Output) -> Self {
        Self {
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code(),
        }
    }

    /// Formats standard output, standard error and exit code as one text for snapshots.
    pub(crate) fn all(&self) -> String {
        let mut text = self.stdout.clone();
        if !self.stderr.is_empty() {
            write!(text, "--- stderr ---\n{}", self.stderr).unwrap();
        }
        let code = self
            .code
            .map_or("signal".to_owned(), |code| code.to_string());
        writeln!(text, "--- exit {code} ---").unwrap();
        text
    }

    /// Parses the records of `--format ndjson`, without the summary.
    pub(crate) fn records(&self) -> Vec<serde_json::Value> {
        let lines = self
            .stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap());
        let is_file = |record: &serde_json::Value| record["type"] == "file";
        lines.filter(is_file).collect()
    }
}
