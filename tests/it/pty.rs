//! Runs a program on a pseudo-terminal and emulates its screen.
//!
//! Tests wait for text on the screen, never for a duration.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// Time after which a test that waits for an event fails.
///
/// Detects hangs and does not measure speed: no event takes this long, even on a busy machine.
pub(crate) const HANG_GUARD: Duration = Duration::from_mins(2);

/// Minimum columns and rows of the emulated screen, however small the terminal is.
///
/// vt100 panics on a screen of one row when a line wraps (vt100-rust#29), and on one of one column
/// when a wide character is drawn (vt100-rust#37). A correct program can cause both: the terminal
/// may shrink after the program has read its size and before it draws.
const MIN_SIZE: u16 = 2;

/// A program on a pseudo-terminal.
pub(crate) struct Terminal {
    child: Child,
    /// The master end; `None` after [`Terminal::disconnect`].
    master: Option<File>,
    /// Makes the reading thread close its copy of the master end.
    disconnected: Arc<AtomicBool>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    /// All output of the program.
    pub(crate) written: Vec<u8>,
}

impl Terminal {
    /// Starts a program on a terminal of this size, in a new session.
    pub(crate) fn start(program: &Command, columns: u16, rows: u16) -> Self {
        let master =
            openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let path = std::ffi::OsStr::from_bytes(name.as_bytes());
        let slave = OpenOptions::new()
            .read(true)
            .write(true)
            .open(path)
            .unwrap();
        tcsetwinsize(&slave, size(columns, rows)).unwrap();
        // setsid makes the terminal the controlling one, which signals come from.
        let mut command = Command::new("setsid");
        command
            .arg("--ctty")
            .arg(program.get_program())
            .args(program.get_args());
        command.env_clear().envs(
            program
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        if let Some(folder) = program.get_current_dir() {
            command.current_dir(folder);
        }
        let stdio = || Stdio::from(slave.try_clone().unwrap());
        let child = command
            .stdin(stdio())
            .stdout(stdio())
            .stderr(stdio())
            .spawn()
            .unwrap();
        let master = File::from(master);
        let disconnected = Arc::new(AtomicBool::new(false));
        let output = read(master.try_clone().unwrap(), Arc::clone(&disconnected));
        Self {
            child,
            master: Some(master),
            disconnected,
            output,
            screen: vt100::Parser::new(rows.max(MIN_SIZE), columns.max(MIN_SIZE), 0),
            written: Vec::new(),
        }
    }

    /// Sends text to the program.
    pub(crate) fn type_text(&mut self, text: &str) {
        let master = self.master.as_mut().unwrap();
        // Fails if the program has ended.
        drop(master.write_all(text.as_bytes()));
    }

    /// Returns the text of the screen.
    pub(crate) fn text(&self) -> String {
        self.screen.screen().contents()
    }

    /// Returns the screen.
    pub(crate) fn screen(&self) -> &vt100::Screen {
        self.screen.screen()
    }

    /// Reads output until the screen satisfies a condition.
    pub(crate) fn wait(&mut self, description: &str, is_met: impl Fn(&vt100::Screen) -> bool) {
        let deadline = Instant::now() + HANG_GUARD;
        while !is_met(self.screen.screen()) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.process(&bytes),
                Err(RecvTimeoutError::Timeout) => {
                    panic!(
                        "timeout waiting for {description}; screen:\n{}",
                        self.text()
                    )
                }
                Err(RecvTimeoutError::Disconnected) => {
                    panic!(
                        "the program ended before {description}; screen:\n{}",
                        self.text()
                    )
                }
            }
        }
    }

    /// Waits until a text is on the screen.
    pub(crate) fn wait_for(&mut self, text: &str) {
        self.wait(text, |screen| screen.contents().contains(text));
    }

    /// Waits until a text is no longer on the screen.
    pub(crate) fn wait_until_gone(&mut self, text: &str) {
        self.wait(&format!("{text} to disappear"), |screen| {
            !screen.contents().contains(text)
        });
    }

    /// Reads output until there is none for a duration. Returns the number of bytes read.
    pub(crate) fn settle(&mut self, quiet: Duration) -> usize {
        let mut count = 0;
        while let Ok(bytes) = self.output.recv_timeout(quiet) {
            count += bytes.len();
            self.process(&bytes);
        }
        count
    }

    fn process(&mut self, bytes: &[u8]) {
        self.screen.process(bytes);
        self.written.extend_from_slice(bytes);
    }

    /// Changes the size of the terminal.
    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        self.screen
            .screen_mut()
            .set_size(rows.max(MIN_SIZE), columns.max(MIN_SIZE));
        tcsetwinsize(self.master.as_ref().unwrap(), size(columns, rows)).unwrap();
    }

    /// Returns the ID of the process.
    pub(crate) fn pid(&self) -> rustix::process::Pid {
        rustix::process::Pid::from_child(&self.child)
    }

    /// Closes the master end of the terminal, as a dropped connection does.
    pub(crate) fn disconnect(&mut self) {
        self.disconnected.store(true, Ordering::Relaxed);
        self.master = None;
    }

    /// Waits for the end of the program and reads its remaining output.
    pub(crate) fn wait_for_exit(&mut self) -> ExitStatus {
        let deadline = Instant::now() + HANG_GUARD;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                self.settle(Duration::from_millis(200));
                return status;
            }
            assert!(
                Instant::now() < deadline,
                "the program does not end; screen:\n{}",
                self.text()
            );
            if let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(20)) {
                self.process(&bytes);
            }
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // For tests that fail before the program ends.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Reads a terminal in the background until its program ends, or until it is disconnected.
fn read(mut terminal: File, disconnected: Arc<AtomicBool>) -> Receiver<Vec<u8>> {
    let (sender, output) = mpsc::channel();
    std::thread::spawn(move || {
        let mut buffer = vec![0; 65536];
        while !disconnected.load(Ordering::Relaxed) {
            let mut ready = [PollFd::new(&terminal, PollFlags::IN)];
            let interval = Timespec {
                tv_sec: 0,
                tv_nsec: 20_000_000,
            };
            if poll(&mut ready, Some(&interval)) == Ok(0) {
                continue;
            }
            // Fails after the program has ended.
            match terminal.read(&mut buffer) {
                Ok(count) if count > 0 && sender.send(buffer[..count].to_vec()).is_ok() => {}
                _ => break,
            }
        }
    });
    output
}

fn size(columns: u16, rows: u16) -> Winsize {
    Winsize {
        ws_row: rows,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    }
}

#[test]
fn a_terminal_of_one_cell_accepts_any_output() {
    let mut program = Command::new("printf");
    program.args(["%s", "wider than the terminal, and 日本語"]);
    let mut terminal = Terminal::start(&program, 1, 1);
    assert!(terminal.wait_for_exit().success());
    assert!(terminal.written.ends_with("日本語".as_bytes()));
}
