//! The dashboard on a terminal: use, resizing, suspending, signals, lost connections.

use crate::counting_server::{CountingServer, Reaction};
use crate::harness::{HANG_GUARD, TestDir};
use crate::pty::Terminal;
use rustix::process::{Signal, kill_process};
use std::os::unix::process::ExitStatusExt as _;
use std::time::{Duration, Instant};

const ESCAPE: &str = "\x1b";
const ENTER: &str = "\r";

/// Creates a folder with a statement that passes, a locked one and a scan.
fn inbox() -> TestDir {
    let sandbox = TestDir::new();
    sandbox.copy("banks/hdfc.pdf", "inbox/april.pdf");
    sandbox.copy("encrypted/user_aes_256_r6.pdf", "inbox/locked.pdf");
    sandbox.copy("pages/scan_jpeg.pdf", "inbox/scan.pdf");
    sandbox
}

fn start(sandbox: &TestDir, args: &[&str], (columns, rows): (u16, u16)) -> Terminal {
    let mut command = sandbox.command(args);
    command.env("TERM", "xterm-256color");
    Terminal::start(&command, columns, rows)
}

/// The period of the statement in the inbox.
const PERIOD: [&str; 4] = ["--from", "01/04/2024", "--to", "30/06/2024"];

/// Starts the dashboard, closes the session choice and waits until the files are screened.
fn start_screened(sandbox: &TestDir) -> Terminal {
    start_screened_with(sandbox, &[])
}

/// Starts the dashboard like [`start_screened`], with more arguments.
fn start_screened_with(sandbox: &TestDir, args: &[&str]) -> Terminal {
    let args = [&["inbox"], args].concat();
    let mut terminal = start(sandbox, &args, (100, 28));
    terminal.wait_for("Later: only screen files");
    terminal.type_text(ESCAPE);
    terminal.wait_until_gone("Later: only screen files");
    terminal.wait_for("1 ready");
    terminal
}

fn is_restored(terminal: &Terminal) -> bool {
    let screen = terminal.screen();
    !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste()
}

/// Types a wrong password for the only locked file, then pastes the correct one.
pub(crate) fn try_passwords(terminal: &mut Terminal, wrong: &str) {
    terminal.type_text("p");
    terminal.wait_for("one locked file");
    terminal.type_text(&format!("{wrong}\r"));
    terminal.wait_for("The password does not match");
    terminal.type_text("p");
    terminal.wait_for("one locked file");
    terminal.type_text("\x1b[200~512LEENA1988\x1b[201~\r");
    terminal.wait_for("The password matches");
}

#[test]
fn every_eligible_file_gets_an_outcome() {
    let sandbox = inbox();
    let mut terminal = start_screened_with(&sandbox, &PERIOD);
    terminal.type_text("S");
    terminal.wait_for("Sandbox: try it");
    terminal.type_text("s");
    terminal.wait_for("SANDBOX");
    try_passwords(&mut terminal, "wrong");
    terminal.type_text("u\r");
    terminal.wait_for("All 2 files uploaded");
    terminal.wait_for("accepted");
    terminal.type_text("q");
    let status = terminal.wait_for_exit();
    assert_eq!(status.code(), Some(0), "{}", terminal.text());
    assert!(is_restored(&terminal));
    assert!(terminal.text().contains("uploaded"), "{}", terminal.text());
}

#[test]
fn uploaded_files_are_not_uploaded_again_by_the_next_run() {
    let sandbox = TestDir::new();
    for case in ["hdfc", "icici", "axis"] {
        sandbox.copy(&format!("banks/{case}.pdf"), &format!("inbox/{case}.pdf"));
    }
    let server =
        CountingServer::start([Reaction::AcceptAndReset, Reaction::Accept(Duration::ZERO)]);
    let id = "8d5ea22b-4f0c-4c1e-9e5d-0a1b2c3d4e5f";
    let args = ["inbox", "--session-id", id, "--concurrency", "1"];
    let run = |keys: &str, expected: &str| {
        let mut command = sandbox.command(args);
        command.env("TERM", "xterm-256color");
        command.env("BANKSCREEN_BASE_URL", server.base_url());
        command.env("BANKSCREEN_API_KEY", "canary-key-7f3a");
        let mut terminal = Terminal::start(&command, 100, 28);
        // The second and third start know the uploads of the first.
        let is_first = keys == "u\r";
        terminal.wait_for(if is_first { "3 ready" } else { "2 uploaded" });
        terminal.wait_for("u uploads");
        terminal.type_text(keys);
        terminal.wait_for(expected);
        terminal.type_text("q");
        let code = terminal.wait_for_exit().code();
        let written = String::from_utf8_lossy(&terminal.written).into_owned();
        assert!(!written.contains("canary-key-7f3a"));
        code
    };
    assert_eq!(run("u\r", "2 of 3 files uploaded; 1 unknown"), Some(1));
    // Known at once, from the journal.
    assert_eq!(run("", "2 uploaded · 1 unknown"), Some(1));
    assert_eq!(run("u", "Nothing to upload"), Some(1));
    assert_eq!(
        server.accepted().values().copied().collect::<Vec<_>>(),
        [1, 1, 1]
    );
}

#[test]
fn the_help_leads_to_the_list_that_runs_commands() {
    let sandbox = inbox();
    let mut terminal = start_screened(&sandbox);
    terminal.type_text("?");
    terminal.wait_for("open locked files");
    terminal.type_text(":");
    terminal.wait_for("Run a command");
    terminal.type_text("mark all files");
    terminal.wait_for("Mark all files shown");
    terminal.type_text(ENTER);
    terminal.wait_until_gone("Run a command");
    terminal.wait("marks", |screen| {
        screen.contents().matches('●').count() >= 3
    });
}

#[test]
fn the_dashboard_survives_any_size() {
    let sandbox = inbox();
    let mut terminal = start_screened(&sandbox);
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..300 {
        terminal.resize(random.u16(1..160), random.u16(1..60));
        terminal.type_text(["j", "v", ESCAPE, "?", ESCAPE, "\t"][random.usize(0..6)]);
        terminal.settle(Duration::from_millis(1));
    }
    terminal.resize(100, 28);
    for key in [ESCAPE, ESCAPE, ESCAPE, "2"] {
        // Escape and a key in one write would be Alt and that key.
        terminal.settle(Duration::from_millis(100));
        terminal.type_text(key);
    }
    terminal.wait_for("2 Files");
    terminal.wait_for("april.pdf");
    kill_process(terminal.pid(), Signal::TERM).unwrap();
    assert_eq!(terminal.wait_for_exit().code(), Some(143));
}

#[test]
fn signals_end_the_dashboard_and_restore_the_terminal() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130)] {
        let sandbox = inbox();
        let mut terminal = start_screened(&sandbox);
        kill_process(terminal.pid(), signal).unwrap();
        assert_eq!(terminal.wait_for_exit().code(), Some(code));
        assert!(is_restored(&terminal), "{signal:?}");
    }
}

fn state(pid: rustix::process::Pid) -> String {
    let status = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
    let status = status.unwrap_or_default();
    let after_name = status.rsplit(") ").next().unwrap_or_default();
    after_name.chars().take(1).collect()
}

#[test]
fn the_dashboard_can_be_suspended_and_resumed() {
    let sandbox = inbox();
    let mut terminal = start_screened(&sandbox);
    terminal.type_text("\x1a");
    terminal.wait("the primary screen", |screen| !screen.alternate_screen());
    let deadline = Instant::now() + HANG_GUARD;
    while state(terminal.pid()) != "T" {
        assert!(Instant::now() < deadline, "the process does not stop");
        terminal.settle(Duration::from_millis(10));
    }
    kill_process(terminal.pid(), Signal::CONT).unwrap();
    terminal.wait("the dashboard", vt100::Screen::alternate_screen);
    terminal.wait_for("april.pdf");
    terminal.type_text("3");
    terminal.wait_for("account");
}

#[test]
fn the_dashboard_ends_when_the_terminal_is_closed() {
    let sandbox = inbox();
    let mut terminal = start_screened(&sandbox);
    terminal.disconnect();
    let status = terminal.wait_for_exit();
    assert!(
        status.code() == Some(129) || status.signal().is_some(),
        "{status:?}"
    );
}

#[test]
fn an_idle_dashboard_writes_nothing() {
    let sandbox = inbox();
    let mut terminal = start_screened(&sandbox);
    // On a busy machine, the last frame may be late. A timer that redraws would never be silent.
    let deadline = Instant::now() + HANG_GUARD;
    while terminal.settle(Duration::from_secs(2)) > 0 {
        assert!(Instant::now() < deadline, "an idle dashboard keeps writing");
    }
}

#[test]
fn hostile_names_are_sanitized_on_the_terminal() {
    let sandbox = TestDir::new();
    let names = [
        "a\x1b]0;owned\x07b.pdf",
        "c\u{202E}fdp.pdf",
        "d\x1b[2J\n.pdf",
        "e\u{9b}31m.pdf",
    ];
    for name in names {
        sandbox.copy("banks/hdfc.pdf", &format!("inbox/{name}"));
    }
    let mut terminal = start(&sandbox, &["inbox"], (100, 28));
    terminal.wait_for("Later: only screen files");
    terminal.type_text(ESCAPE);
    terminal.wait_for("^[]0;owned^Gb.pdf");
    for key in [
        "j", "j", "j", ENTER, ESCAPE, "y", ESCAPE, "4", "3", "1", "2",
    ] {
        terminal.type_text(key);
        terminal.settle(Duration::from_millis(50));
    }
    let written = String::from_utf8_lossy(&terminal.written).into_owned();
    for raw in ["\x1b]0;owned", "\u{202E}", "\x1b[2J\n", "\u{9b}31m"] {
        assert!(!written.contains(raw), "{raw:?}");
    }
}

#[test]
fn without_a_terminal_the_error_suggests_check() {
    let sandbox = inbox();
    let said = sandbox.run(["inbox"]);
    assert_eq!(said.code, Some(2));
    assert!(said.stderr.contains("--check"), "{}", said.stderr);
}
