//! Every count in the header of the dashboard against the journal, while uploads go wrong in
//! different ways.

use crate::counting_server::{CountingServer, Reaction, response};
use crate::harness::TestDir;
use crate::pty::Terminal;
use crate::upload::{ACCEPT, KEY, statement_folder};
use serde_json::Value;
use std::time::Duration;

const FIRST: &str = "8d5ea22b-4f0c-4c1e-9e5d-0a1b2c3d4e5f";
const SECOND: &str = "1f0c9e5d-77b0-4c1e-8d5e-5f4e3d2c1b0a";

/// The counts of uploads to one session, and of saved calls.
#[derive(Debug, PartialEq, Eq)]
struct Counts {
    uploaded: usize,
    unknown: usize,
    not_sent: usize,
    calls_saved: usize,
}

/// Reads the counts in the header; one that is not shown is 0.
fn header(terminal: &Terminal) -> Counts {
    let lines: Vec<String> = terminal.screen().rows(0, 200).take(2).collect();
    let header = lines.join(" ");
    let before = |label: &str| {
        let (before, _) = header.split_once(label)?;
        before.split_whitespace().last()?.parse().ok()
    };
    Counts {
        uploaded: before(" uploaded").unwrap_or(0),
        unknown: before(" unknown").unwrap_or(0),
        not_sent: before(" not sent").unwrap_or(0),
        calls_saved: before(" call saved")
            .or(before(" calls saved"))
            .unwrap_or(0),
    }
}

/// Reads the counts of a session in the journal. `saved_before` are the calls of other sessions.
fn journal(dir: &TestDir, session: &str, saved_before: usize) -> Counts {
    let output = dir.run(["history", "--format", "json"]);
    let list: Value = serde_json::from_str(&output.stdout).unwrap();
    let uploads = list["uploads"].as_array().unwrap().iter();
    let own = uploads.filter(|upload| upload["session_id"] == session);
    let outcomes: Vec<&str> = own
        .map(|upload| upload["upload"]["outcome"].as_str().unwrap())
        .collect();
    let count = |kinds: &[&str]| outcomes.iter().filter(|kind| kinds.contains(*kind)).count();
    let saved = list["summary"]["calls_saved"].as_u64().unwrap();
    Counts {
        uploaded: count(&["accepted", "already-uploaded"]),
        unknown: count(&["unknown"]),
        not_sent: count(&["rejected", "skipped"]),
        calls_saved: usize::try_from(saved).unwrap() - saved_before,
    }
}

fn refuse(status: &str, code: &str) -> Reaction {
    let body = format!(r#"{{"error": {{"code": "{code}", "message": "refused"}}}}"#);
    Reaction::Respond(response(status, "", &body))
}

fn start(dir: &TestDir, server: &CountingServer) -> Terminal {
    let args = ["in", "--session-id", FIRST, "--concurrency", "1"];
    let mut command = dir.command(args);
    command
        .env("TERM", "xterm-256color")
        .env("BANKSCREEN_BASE_URL", server.base_url())
        .env("BANKSCREEN_API_KEY", KEY);
    let mut terminal = Terminal::start(&command, 200, 40);
    terminal.wait_for("6 ready");
    terminal.wait_for("1 can't be sent");
    terminal.wait_for("u uploads");
    terminal
}

#[test]
fn every_count_in_the_header_is_that_of_the_journal() {
    let dir = statement_folder(6);
    dir.copy("pages/scan_jpeg.pdf", "in/scan.pdf");
    let server = CountingServer::start([
        ACCEPT,
        refuse("400 Bad Request", "STATEMENT_UNSUPPORTED_FORMAT"),
        Reaction::AcceptAndReset,
        refuse("402 Payment Required", "PAYMENT_REQUIRED"),
        ACCEPT,
        refuse("400 Bad Request", "SESSION_EXPIRED"),
        ACCEPT,
    ]);
    let mut terminal = start(&dir, &server);
    let check =
        |terminal: &mut Terminal, session: &str, saved_before: usize, counts: [usize; 4]| {
            terminal.settle(Duration::from_millis(500));
            let [uploaded, unknown, not_sent, calls_saved] = counts;
            let expected = Counts {
                uploaded,
                unknown,
                not_sent,
                calls_saved,
            };
            assert_eq!(header(terminal), expected, "{}", terminal.text());
            assert_eq!(journal(&dir, session, saved_before), expected);
        };
    assert_eq!(header(&terminal).calls_saved, 0, "nothing was sent");

    // Accepted, refused, lost, and stopped by 402: that file and those behind it are not sent.
    terminal.type_text("u");
    terminal.wait_for("Send 6 files");
    terminal.type_text("\r");
    terminal.wait_for("4 not sent");
    check(&mut terminal, FIRST, 0, [1, 1, 4, 1]);

    // The file whose outcome is unknown can't be dropped.
    terminal.type_text("gjjd");
    terminal.wait_for("1 file kept");
    check(&mut terminal, FIRST, 0, [1, 1, 4, 1]);

    // A retry: one file is accepted, for the next one the session has expired, and the last one was
    // changed.
    let changed = dir.path().join("in/5.pdf");
    let mut bytes = std::fs::read(&changed).unwrap();
    bytes.extend(b"\n% changed\n");
    std::fs::write(&changed, bytes).unwrap();
    terminal.type_text("r");
    terminal.wait_for("Retry 3 files");
    terminal.type_text("\r");
    terminal.wait_for("2 uploaded");
    terminal.wait_for("3 not sent");
    check(&mut terminal, FIRST, 0, [2, 1, 3, 1]);

    // Another session starts without uploads, and gets all files.
    terminal.type_text("S");
    terminal.wait_for("Existing session");
    terminal.type_text(&format!("e{SECOND}\r"));
    terminal.wait_for(&SECOND[..8]);
    terminal.wait_for("is open: u uploads");
    check(&mut terminal, SECOND, 1, [0, 0, 0, 0]);
    // First the file that changed is screened again; only then is the number stated.
    terminal.type_text("u");
    terminal.wait_for("1 file changed on disk");
    terminal.wait_for("Send 6 files");
    terminal.type_text("\r");
    terminal.wait_for("6 uploaded");
    check(&mut terminal, SECOND, 1, [6, 0, 0, 1]);
    terminal.type_text("q");
    assert_eq!(terminal.wait_for_exit().code(), Some(0));
    // The first session is as it was.
    assert_eq!(journal(&dir, FIRST, 1).uploaded, 2);
}
