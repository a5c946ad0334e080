//! The dashboard with `--archive`: files in archives and mails are rows, from the screening to the
//! upload and the next start.

use crate::archive_files::{ZipLock, locked_zip, mail};
use crate::harness::{TestDir, project};
use crate::pty::Terminal;
use rustix::process::{Signal, kill_process};
use std::time::Duration;

fn statement(bank: &str) -> Vec<u8> {
    std::fs::read(project().join(format!("testdata/banks/{bank}.pdf"))).unwrap()
}

fn start(dir: &TestDir, args: &[&str]) -> Terminal {
    let mut command = dir.command(args);
    command.env("TERM", "xterm-256color");
    Terminal::start(&command, 120, 40)
}

/// Creates a folder with a mail, and a locked archive with two statements.
fn inbox() -> TestDir {
    let dir = TestDir::new();
    let (hdfc, sbi, axis) = (statement("hdfc"), statement("sbi"), statement("axis"));
    let files = [("april.pdf", hdfc.as_slice()), ("may.pdf", sbi.as_slice())];
    dir.write(
        "inbox/both.zip",
        locked_zip(&files, ZipLock::Aes256("secret")),
    );
    let attachment = [("june.pdf", "application/pdf", axis.as_slice())];
    dir.write("inbox/in.eml", mail("a@example.com", "June", &attachment));
    dir
}

#[test]
fn members_are_unlocked_previewed_and_uploaded() {
    let dir = inbox();
    let args = ["--from", "01/01/2024", "--to", "31/12/2024", "--archive"];
    let mut terminal = start(&dir, &[&args[..], &["--sandbox", "inbox"]].concat());
    terminal.wait_for("in.eml!june.pdf");
    terminal.wait_for("1 ready");
    terminal.wait_for("2 need you");
    terminal.type_text("p");
    terminal.wait_for("Tried on 2 locked files");
    terminal.type_text("secret\r");
    terminal.wait_for("3 ready");
    terminal.type_text("v");
    terminal.wait_for("both.zip!april.pdf  page 1 of");
    terminal.type_text("\x1b");
    terminal.wait_until_gone("page 1 of");
    terminal.type_text("u\r");
    terminal.wait_for("3 uploaded");
    // The same archive by another path adds no row.
    terminal.type_text("a");
    terminal.wait_for("Path");
    terminal.type_text("./inbox/../inbox/both.zip\r");
    terminal.wait_until_gone("Path");
    terminal.settle(Duration::from_millis(300));
    assert!(terminal.screen().contents().contains("1/3"));
    terminal.type_text("q");
    assert_eq!(terminal.wait_for_exit().code(), Some(0));
}

#[test]
fn members_return_with_an_interrupted_queue() {
    let dir = inbox();
    let mut terminal = start(&dir, &["--archive", "inbox"]);
    terminal.wait_for("Later: only screen files");
    terminal.type_text("\x1b");
    terminal.wait_for("1 ready");
    kill_process(terminal.pid(), Signal::TERM).unwrap();
    assert_eq!(terminal.wait_for_exit().code(), Some(143));
    let mut terminal = start(&dir, &[]);
    terminal.wait_for("The last dashboard was interrupted at");
    terminal.type_text("\r");
    terminal.wait_for("3 files of the interrupted queue returned");
    terminal.wait_for("in.eml!june.pdf");
    terminal.wait_for("1 ready");
    kill_process(terminal.pid(), Signal::TERM).unwrap();
    let _code = terminal.wait_for_exit();
}
