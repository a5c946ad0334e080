//! A program on a terminal of its own, and the screen as a person sees it.
//!
//! Tests wait for text on the screen, never for a time.

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

/// Detects hangs and does not measure speed. The harness has the same; examples use this file alone.
const HANG_GUARD: Duration = Duration::from_mins(2);

/// The least of columns and of rows that the screen is kept with, however small the terminal is: a
/// screen of one row panics when a line wraps (vt100-rust#29), one of one column when a wide
/// character is drawn (vt100-rust#37). Both happen to a program that is right, when the terminal
/// shrinks between its looking at the size and its drawing.
const SMALLEST: u16 = 2;

/// A program on a terminal.
pub(crate) struct Terminal {
    child: Child,
    /// Our end; `None` once it was closed.
    master: Option<File>,
    /// Has the reader of our end let go of it.
    vanished: Arc<AtomicBool>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    /// Everything that was written to the terminal.
    pub(crate) written: Vec<u8>,
}

impl Terminal {
    /// Starts a program on a terminal of so many columns and rows, in a session of its own.
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
        // It makes the terminal the one that the program's signals come from.
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
        let end = || Stdio::from(slave.try_clone().unwrap());
        let child = command
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .unwrap();
        let master = File::from(master);
        let vanished = Arc::new(AtomicBool::new(false));
        let output = read(master.try_clone().unwrap(), Arc::clone(&vanished));
        Self {
            child,
            master: Some(master),
            vanished,
            output,
            screen: vt100::Parser::new(rows.max(SMALLEST), columns.max(SMALLEST), 0),
            written: Vec::new(),
        }
    }

    /// Types text.
    pub(crate) fn type_text(&mut self, text: &str) {
        let master = self.master.as_mut().unwrap();
        // A program that has gone takes nothing more.
        drop(master.write_all(text.as_bytes()));
    }

    /// The screen as text.
    pub(crate) fn text(&self) -> String {
        self.screen.screen().contents()
    }

    /// The screen with its colours.
    pub(crate) fn screen(&self) -> &vt100::Screen {
        self.screen.screen()
    }

    /// Takes in what the program writes until the screen is as wanted.
    pub(crate) fn wait(&mut self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        let deadline = Instant::now() + HANG_GUARD;
        while !wanted(self.screen.screen()) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Timeout) => {
                    panic!("waited in vain for {what}; the screen is\n{}", self.text())
                }
                Err(RecvTimeoutError::Disconnected) => {
                    panic!(
                        "the program ended before {what}; the screen is\n{}",
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

    /// Waits until a text is no more on the screen.
    pub(crate) fn wait_until_gone(&mut self, text: &str) {
        self.wait(&format!("{text} to go"), |screen| {
            !screen.contents().contains(text)
        });
    }

    /// Waits until nothing has been written for so long; gives the bytes written meanwhile.
    pub(crate) fn settle(&mut self, quiet: Duration) -> usize {
        let mut count = 0;
        while let Ok(bytes) = self.output.recv_timeout(quiet) {
            count += bytes.len();
            self.take(&bytes);
        }
        count
    }

    fn take(&mut self, bytes: &[u8]) {
        self.screen.process(bytes);
        self.written.extend_from_slice(bytes);
    }

    /// Changes the size of the terminal.
    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        self.screen
            .screen_mut()
            .set_size(rows.max(SMALLEST), columns.max(SMALLEST));
        tcsetwinsize(self.master.as_ref().unwrap(), size(columns, rows)).unwrap();
    }

    /// The program's process.
    pub(crate) fn pid(&self) -> rustix::process::Pid {
        rustix::process::Pid::from_child(&self.child)
    }

    /// Closes our end of the terminal, as a connection that drops does.
    pub(crate) fn vanish(&mut self) {
        self.vanished.store(true, Ordering::Relaxed);
        self.master = None;
    }

    /// Waits for the end of the program, and takes in its last words.
    pub(crate) fn end(&mut self) -> ExitStatus {
        let deadline = Instant::now() + HANG_GUARD;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                self.settle(Duration::from_millis(200));
                return status;
            }
            assert!(
                Instant::now() < deadline,
                "it does not end; the screen is\n{}",
                self.text()
            );
            if let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(20)) {
                self.take(&bytes);
            }
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A test that fails leaves nothing behind.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Reads a terminal until its program has gone, or until it is let go of.
fn read(mut terminal: File, vanished: Arc<AtomicBool>) -> Receiver<Vec<u8>> {
    let (sender, output) = mpsc::channel();
    std::thread::spawn(move || {
        let mut buffer = vec![0; 65536];
        while !vanished.load(Ordering::Relaxed) {
            let mut ready = [PollFd::new(&terminal, PollFlags::IN)];
            let moment = Timespec {
                tv_sec: 0,
                tv_nsec: 20_000_000,
            };
            if poll(&mut ready, Some(&moment)) == Ok(0) {
                continue;
            }
            // Reading fails when the program has gone.
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
fn a_terminal_of_one_cell_takes_whatever_is_drawn() {
    let mut program = Command::new("printf");
    program.args(["%s", "wider than it is, and 日本語"]);
    let mut terminal = Terminal::start(&program, 1, 1);
    assert!(terminal.end().success());
    assert!(terminal.written.ends_with("日本語".as_bytes()));
}
