//! Runs the program in an environment of its own, and gives everything it says as one text.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// The root of the project.
pub(crate) fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder of its own for one test, and the program started in it.
pub(crate) struct Sandbox {
    folder: TempDir,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file below the folder and gives its path.
    pub(crate) fn write(&self, name: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Copies a file of `testdata` and gives its name in the folder.
    pub(crate) fn copy(&self, case: &str, name: &str) -> PathBuf {
        let bytes = std::fs::read(project().join("testdata").join(case)).unwrap();
        self.write(name, bytes)
    }

    /// The program, with nothing of this machine in its environment.
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

    pub(crate) fn run<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Said {
        Said::new(self.command(args).output().unwrap())
    }

    pub(crate) fn run_with_input<S: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = S>,
        input: &[u8],
    ) -> Said {
        let mut command = self.command(args);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A program that fails early closes its end; that is its answer.
        drop(child.stdin.take().unwrap().write_all(input));
        Said::new(child.wait_with_output().unwrap())
    }
}

/// Runs a command that has been given secrets, none of which may be said.
pub(crate) fn said(mut command: Command) -> Said {
    let said = Said::new(command.output().unwrap());
    assert!(!said.all().contains("canary"), "{}", said.all());
    said
}

/// What the program said, and how it ended.
#[must_use = "compare what was said, or assert on it"]
pub(crate) struct Said {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: Option<i32>,
}

impl Said {
    fn new(output: Output) -> Self {
        Self {
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code(),
        }
    }

    /// All of it, for snapshots.
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

    /// The records of `--format ndjson`, without the summary.
    pub(crate) fn records(&self) -> Vec<serde_json::Value> {
        let lines = self
            .stdout
            .lines()
            .map(|l| serde_json::from_str(l).unwrap());
        let is_file = |record: &serde_json::Value| record["type"] == "file";
        lines.filter(is_file).collect()
    }
}
