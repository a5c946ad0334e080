//! The dashboard with cases, against an independent server: each case has a session of its own, and
//! no file is sent twice.

use crate::case_files::CustomerAccount;
use crate::case_server::{CaseServer, Faults};
use crate::cases::write_files;
use crate::harness::TestDir;
use crate::pty::Terminal;
use crate::upload::{HASH, KEY};
use serde_json::Value;
use std::collections::BTreeSet;

const PERIOD: [&str; 4] = ["--from", "2024-01-01", "--to", "2024-03-31"];

/// Writes a ready case with two accounts, a ready one, an incomplete one, and one with a locked
/// file.
fn inbox() -> TestDir {
    let dir = TestDir::new();
    let mut two = CustomerAccount::new("hdfc", 2).months(&[1, 2, 3]);
    two.extend(CustomerAccount::new("sbi", 3).months(&[1, 2, 3]));
    write_files(&dir, "in/Asha", &two);
    let one = CustomerAccount::new("hdfc", 1).months(&[1, 2, 3]);
    write_files(&dir, "in/Ben", &one);
    let missing = CustomerAccount::new("axis", 4).months(&[1, 3]);
    write_files(&dir, "in/Chitra", &missing);
    dir.copy("encrypted/user_aes_256_r6.pdf", "in/Dev/locked.pdf");
    dir
}

fn start(dir: &TestDir, server: &CaseServer) -> Terminal {
    start_with(dir, server, "2 ready")
}

/// Starts the dashboard, and waits for the count of the cases that are ready or uploaded.
fn start_with(dir: &TestDir, server: &CaseServer, count: &str) -> Terminal {
    let args = [&["--cases", "folders", "in"][..], &PERIOD].concat();
    let mut command = dir.command(args);
    command
        .env("TERM", "xterm-256color")
        .env("BANKSCREEN_BASE_URL", server.base_url())
        .env("BANKSCREEN_API_KEY", KEY)
        .env("BANKSCREEN_SERVER_HASH", HASH);
    let mut terminal = Terminal::start(&command, 120, 40);
    terminal.wait_for(count);
    terminal.wait_for("2 incomplete");
    terminal
}

fn quit(terminal: &mut Terminal) -> Option<i32> {
    terminal.type_text("q");
    let code = terminal.wait_for_exit().code();
    let written = String::from_utf8_lossy(&terminal.written);
    assert!(!written.contains(KEY) && !written.contains(HASH));
    code
}

#[test]
fn two_keys_send_all_ready_cases_each_to_its_session() {
    let dir = inbox();
    let server = CaseServer::start(Faults::default());
    let mut terminal = start(&dir, &server);
    terminal.type_text("u");
    terminal.wait_for("Send 2 cases with 9 files");
    assert_eq!(server.sessions().len(), 0, "nothing before the answer");
    terminal.type_text("\r");
    terminal.wait_for("All 9 files uploaded");
    assert_eq!(quit(&mut terminal), Some(0));
    let accepted = server.accepted();
    assert_eq!(accepted.len(), 9);
    assert!(accepted.values().all(|times| *times == 1));
    let links: BTreeSet<&str> = accepted.keys().map(|(link, _)| link.as_str()).collect();
    assert_eq!(links, BTreeSet::from(["Asha", "Ben"]));
    assert_eq!(server.used_sessions(), 2);

    // The next start shows the uploads, and sends nothing again.
    let mut terminal = start_with(
        &dir,
        &server,
        "0 ready  ▲ 2 incomplete  ✖ 0 blocked  ✔ 2 uploaded",
    );
    terminal.wait_for("uploaded (6 files)");
    terminal.wait_for("9 uploaded");
    terminal.type_text("u");
    terminal.wait_for("all ready ones were sent");
    terminal.type_text("y");
    terminal.wait_for("11 uploaded");
    assert_eq!(quit(&mut terminal), Some(0));
    assert!(server.accepted().values().all(|times| *times == 1));
    assert_eq!(server.used_sessions(), 3);
}

#[test]
fn lost_answers_are_reconciled_and_nothing_is_sent_twice() {
    let dir = inbox();
    let server = CaseServer::start(Faults {
        lost: 3,
        busy: 4,
        ..Faults::default()
    });
    let mut terminal = start(&dir, &server);
    terminal.type_text("u");
    terminal.wait_for("Send 2 cases with 9 files");
    terminal.type_text("\r");
    terminal.wait_for("9 files uploaded");
    assert!(server.accepted().values().all(|times| *times == 1));
    assert_eq!(quit(&mut terminal), Some(0));
}

#[test]
fn what_goes_wrong_in_the_background_is_in_the_log_and_not_on_the_screen() {
    let dir = inbox();
    let server = CaseServer::start(Faults {
        lost: 2,
        hides_status: true,
        ..Faults::default()
    });
    let mut terminal = start(&dir, &server);
    terminal.type_text("u");
    terminal.wait_for("Send 2 cases with 9 files");
    terminal.type_text("\r");
    terminal.wait_for("unknown (s resolves)");
    terminal.type_text("4");
    terminal.wait_for("could not reconcile unknown uploads");
    let written = String::from_utf8_lossy(&terminal.written);
    assert!(!written.contains("warning: "), "printed over the screen");
    assert_eq!(quit(&mut terminal), Some(1));
}

#[test]
fn a_case_is_opened_and_its_locked_file_gets_a_password() {
    let dir = inbox();
    let server = CaseServer::start(Faults::default());
    let mut terminal = start(&dir, &server);
    terminal.type_text("/dev\r");
    terminal.wait_for("1 password (p)");
    terminal.type_text("\r");
    terminal.wait_for("locked.pdf");
    terminal.type_text("p");
    terminal.wait_for("Birth date");
    terminal.type_text("512LEENA1988\r");
    terminal.wait_for("The password matches");
    terminal.type_text("\x1b");
    terminal.wait_for("accounts");
    assert_eq!(quit(&mut terminal), Some(0));
    assert_eq!(server.sessions().len(), 0);
}

#[test]
fn the_status_of_a_case_is_what_decides_about_it() {
    let dir = inbox();
    // It is listed first, and changes nothing.
    dir.copy("not_statements/credit_card.pdf", "in/Chitra/0.pdf");
    let server = CaseServer::start(Faults::default());
    let mut terminal = start(&dir, &server);
    terminal.wait_for("Feb 2024 missing");
    assert_eq!(quit(&mut terminal), Some(0));
}

/// The calls that screening saved, as the journal counts them.
fn saved_calls(dir: &TestDir) -> u64 {
    let list = dir.run(["history", "--format", "json"]);
    let list: Value = serde_json::from_str(&list.stdout).unwrap();
    list["summary"]["calls_saved"].as_u64().unwrap()
}

#[test]
fn the_dashboard_and_the_command_save_the_same_calls() {
    // A locked file is all that Dev has; another one lies beside the cases, and is never sent.
    let inbox = || {
        let dir = inbox();
        dir.copy("encrypted/user_aes_128.pdf", "in/Asha/locked.pdf");
        dir.copy("encrypted/user_rc4_128.pdf", "in/loose.pdf");
        dir
    };
    let of_command = inbox();
    let server = CaseServer::start(Faults::default());
    let args = [&["upload", "--cases", "folders", "in", "-q"][..], &PERIOD].concat();
    let mut command = of_command.command(args);
    command
        .env("BANKSCREEN_BASE_URL", server.base_url())
        .env("BANKSCREEN_API_KEY", KEY);
    assert_eq!(command.output().unwrap().status.code(), Some(1));
    assert_eq!(saved_calls(&of_command), 2, "one for each case");

    // Asha is incomplete with the locked file, so only Ben is sent.
    let of_dashboard = inbox();
    let server = CaseServer::start(Faults::default());
    let args = [&["--cases", "folders", "in"][..], &PERIOD].concat();
    let mut command = of_dashboard.command(args);
    command
        .env("TERM", "xterm-256color")
        .env("BANKSCREEN_BASE_URL", server.base_url())
        .env("BANKSCREEN_API_KEY", KEY);
    let mut terminal = Terminal::start(&command, 120, 40);
    terminal.wait_for("3 incomplete");
    terminal.type_text("u");
    terminal.wait_for("Send 1 case with 3 files");
    terminal.type_text("\r");
    terminal.wait_for("All 3 files uploaded");
    terminal.type_text("2");
    terminal.wait_for("2 saved");
    assert_eq!(quit(&mut terminal), Some(0));
    assert_eq!(saved_calls(&of_dashboard), saved_calls(&of_command));
}

#[test]
fn calls_are_saved_if_no_case_has_a_file_to_send() {
    let dir = TestDir::new();
    dir.copy("encrypted/user_aes_256_r6.pdf", "in/Dev/locked.pdf");
    let server = CaseServer::start(Faults::default());
    let args = [&["--cases", "folders", "in"][..], &PERIOD].concat();
    let mut command = dir.command(args);
    command
        .env("TERM", "xterm-256color")
        .env("BANKSCREEN_BASE_URL", server.base_url())
        .env("BANKSCREEN_API_KEY", KEY);
    let mut terminal = Terminal::start(&command, 120, 40);
    terminal.wait_for("1 incomplete");
    terminal.type_text("u");
    terminal.wait_for("No case to upload");
    terminal.type_text("2u");
    terminal.wait_for("1 call saved");
    assert_eq!(quit(&mut terminal), Some(0));
    assert_eq!(saved_calls(&dir), 1, "once, also if it is requested twice");
    assert_eq!(server.sessions().len(), 0);
}
