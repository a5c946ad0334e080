//! The dashboard from one run to the next, and to the end of a session: processing, an interrupted
//! queue, recent sessions, and a service that repeats secrets.

use crate::harness::TestDir;
use crate::path_server::{PathServer, respond};
use crate::pty::Terminal;
use crate::upload::{HASH, KEY};
use rustix::process::{Signal, kill_process};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

const ESCAPE: &str = "\x1b";
const ENTER: &str = "\r";
const PERIOD: [&str; 4] = ["--from", "01/04/2024", "--to", "30/06/2024"];

/// Creates a folder with two statements.
fn inbox() -> TestDir {
    let dir = TestDir::new();
    dir.copy("banks/hdfc.pdf", "inbox/april.pdf");
    dir.copy("banks/sbi.pdf", "inbox/may.pdf");
    dir
}

fn start(dir: &TestDir, args: &[&str], server: Option<&PathServer>) -> Terminal {
    let mut command = dir.command(args);
    command.env("TERM", "xterm-256color");
    if let Some(server) = server {
        command
            .env("BANKSCREEN_BASE_URL", server.url("/bank-connect"))
            .env("BANKSCREEN_API_KEY", KEY)
            .env("BANKSCREEN_SERVER_HASH", HASH);
    }
    Terminal::start(&command, 120, 40)
}

fn quit(terminal: &mut Terminal) {
    // Escape and a key in one write would be Alt and that key.
    terminal.settle(Duration::from_millis(200));
    terminal.type_text("q");
    terminal.wait_for_exit();
    let written = String::from_utf8_lossy(&terminal.written);
    assert!(!written.contains(KEY) && !written.contains(HASH));
}

fn stored(dir: &TestDir, name: &str) -> PathBuf {
    dir.path().join(".local/state/bankscreen").join(name)
}

/// Returns the paths of the stored queues.
fn stored_queues(dir: &TestDir) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(stored(dir, "")).into_iter().flatten();
    let paths = entries.map(|entry| entry.unwrap().path());
    let is_queue = |path: &PathBuf| path.to_string_lossy().contains("dashboard-queue");
    paths.filter(is_queue).collect()
}

#[test]
fn a_session_is_processed_to_its_end() {
    let dir = inbox();
    let args = [&["--sandbox"], &PERIOD[..], &["inbox/april.pdf"]].concat();
    let mut terminal = start(&dir, &args, None);
    terminal.wait_for("SANDBOX");
    terminal.wait_for("1 ready");
    terminal.type_text("P");
    terminal.wait_for("Nothing to process");
    terminal.type_text("u\r");
    terminal.wait_for("1 file uploaded");
    terminal.type_text("P");
    terminal.wait_for("End uploads to the sandbox and process? Nothing can be added");
    terminal.type_text(ENTER);
    terminal.wait_for("the sandbox: processed, 1 account");
    terminal.type_text("u");
    terminal.wait_for("have ended: the service processes it");
    quit(&mut terminal);
}

/// Closes the question for the session. A key that follows too soon would be read together with
/// Escape, as Alt and that key.
fn close_question(terminal: &mut Terminal) {
    terminal.wait_for("Later: only screen files");
    terminal.type_text(ESCAPE);
    terminal.wait_until_gone("Later: only screen files");
}

#[test]
fn an_interrupted_queue_is_offered_once_and_has_no_secret() {
    let dir = inbox();
    dir.copy("encrypted/user_aes_256_r6.pdf", "inbox/locked.pdf");
    let mut terminal = start(&dir, &["inbox"], None);
    close_question(&mut terminal);
    terminal.wait_for("2 ready");
    terminal.type_text(" ");
    terminal.wait_for("1 marked");
    crate::terminal::try_passwords(&mut terminal, "wrong");
    kill_process(terminal.pid(), Signal::TERM).unwrap();
    assert_eq!(terminal.wait_for_exit().code(), Some(143));
    let queues = stored_queues(&dir);
    let [path] = queues.as_slice() else {
        panic!("{queues:?}");
    };
    let mode = path.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = std::fs::read_to_string(path).unwrap();
    assert!(
        text.contains("april.pdf") && !text.contains("LEENA"),
        "{text}"
    );

    std::fs::remove_file(dir.path().join("inbox/may.pdf")).unwrap();
    let mut terminal = start(&dir, &[], None);
    terminal.wait_for("The last dashboard was interrupted at");
    terminal.type_text(ENTER);
    terminal.wait_for("2 files of the interrupted queue returned; 1 file no longer there");
    close_question(&mut terminal);
    terminal.wait_for("1 marked");
    quit(&mut terminal);
    assert_eq!(stored_queues(&dir).len(), 0);
    let mut terminal = start(&dir, &[], None);
    terminal.wait_for("Later: only screen files");
    assert!(!terminal.screen().contents().contains("interrupted"));
    close_question(&mut terminal);
    quit(&mut terminal);
}

/// Waits until a number of queues is stored.
fn wait_for_queues(dir: &TestDir, count: usize) {
    let start = std::time::Instant::now();
    while stored_queues(dir).len() != count {
        assert!(start.elapsed() < crate::harness::HANG_GUARD);
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn dashboards_that_start_together_have_queues_of_their_own() {
    let dir = inbox();
    let begin = |path: &str| start(&dir, &[path], None);
    let mut both = [begin("inbox/april.pdf"), begin("inbox/may.pdf")];
    for terminal in &mut both {
        close_question(terminal);
        terminal.wait_for("1 ready");
    }
    wait_for_queues(&dir, 2);
    for mut terminal in both {
        kill_process(terminal.pid(), Signal::KILL).unwrap();
        terminal.wait_for_exit();
    }
    // Each is offered once, the latest first.
    for left in [1, 0] {
        let mut terminal = start(&dir, &[], None);
        terminal.wait_for("Continue with 1 file");
        terminal.type_text(ENTER);
        terminal.wait_for("1 file of the interrupted queue returned");
        close_question(&mut terminal);
        quit(&mut terminal);
        assert_eq!(stored_queues(&dir).len(), left);
    }
}

#[test]
fn an_interrupted_queue_returns_with_its_cases() {
    let dir = TestDir::new();
    dir.copy("banks/hdfc.pdf", "in/Asha/april.pdf");
    dir.copy("banks/sbi.pdf", "in/Ben/may.pdf");
    let args = ["--cases", "folders", "in"];
    let mut terminal = start(&dir, &args, None);
    terminal.wait_for("2 ready");
    terminal.type_text("\r ");
    terminal.wait_for("1 marked");
    kill_process(terminal.pid(), Signal::TERM).unwrap();
    terminal.wait_for_exit();
    let mut terminal = start(&dir, &[], None);
    terminal.wait_for("The last dashboard was interrupted at");
    terminal.type_text(ENTER);
    terminal.wait_for("2 files of the interrupted queue returned");
    terminal.wait_for("2 ready");
    // The mark returned, too; each case has a session of its own.
    terminal.type_text("2");
    terminal.wait_for("1 marked");
    terminal.type_text("S");
    terminal.wait_for("Each case has a session of its own");
    // A new file belongs to the case of its folder.
    dir.copy("banks/axis.pdf", "in/Ben/june.pdf");
    dir.copy("banks/icici.pdf", "in/Chitra/july.pdf");
    terminal.type_text("ain\r");
    terminal.wait_for("1 file found for Chitra, 1 file found for Ben");
    terminal.type_text("1");
    terminal.wait_for("Chitra");
    quit(&mut terminal);
    assert_eq!(stored_queues(&dir).len(), 0);
}

#[test]
fn a_file_that_was_moved_into_a_case_is_in_it_at_the_next_start() {
    let dir = TestDir::new();
    dir.copy("banks/hdfc.pdf", "in/Asha/april.pdf");
    dir.copy("banks/sbi.pdf", "in/Ben/may.pdf");
    dir.copy("banks/axis.pdf", "in/Ben/wrong.pdf");
    let args = ["--cases", "folders", "in"];
    let mut terminal = start(&dir, &args, None);
    terminal.wait_for("2 ready");
    terminal.type_text("2/wrong\r");
    terminal.wait_for("1 of 3");
    terminal.type_text("M");
    terminal.wait_for("Move Ben/wrong.pdf into a case");
    terminal.type_text("Asha\r");
    terminal.wait_for("1 file moved to Asha; z undoes it");
    terminal.wait_for("Asha, ready");
    kill_process(terminal.pid(), Signal::TERM).unwrap();
    terminal.wait_for_exit();

    // The folder of the file is still that of the other case.
    let mut terminal = start(&dir, &args, None);
    terminal.wait_for("The last dashboard was interrupted at");
    terminal.type_text(ENTER);
    terminal.wait_for("3 files of the interrupted queue returned");
    terminal.type_text("2/wrong\r");
    terminal.wait_for("Asha, ready");
    dir.copy("banks/icici.pdf", "in/Ben/new.pdf");
    terminal.type_text("ain\r");
    terminal.wait_for("1 file found for Ben");
    quit(&mut terminal);
}

/// Starts a server that creates a session, and answers uploads with a refusal that repeats secrets
/// in several encodings.
fn repeating_server() -> PathServer {
    let server = PathServer::start();
    let spaced = KEY.replace('-', "\u{200b}-");
    let message = format!("key {KEY}, {}, {spaced}; hash {HASH}", KEY.to_uppercase());
    let refusal = serde_json::json!({"error": {"code": "INVALID_FILE", "message": message}});
    let refusal = respond("400 Bad Request", "", refusal.to_string().as_bytes());
    server.route("/upload_session", refusal);
    let created = serde_json::json!({
        "session_id": "s-1", "redirect_url": "https://example.com/s-1", "message": message,
    });
    let created = respond("200 OK", "", created.to_string().as_bytes());
    server.route("/v1/session/", created);
    server
}

#[test]
fn secrets_that_the_service_repeats_appear_in_no_view() {
    let dir = inbox();
    let server = repeating_server();
    let args = [
        &["--link-id", "LOAN-4711"],
        &PERIOD[..],
        &["inbox/april.pdf"],
    ]
    .concat();
    let mut terminal = start(&dir, &args, Some(&server));
    terminal.wait_for("LOAN-4711");
    terminal.wait_for("1 ready");
    terminal.type_text("u\r");
    terminal.wait_for("not sent (r retries)");
    for key in ["2", ENTER, ESCAPE, "4", "5", "2", "s", "P"] {
        terminal.settle(Duration::from_millis(200));
        terminal.type_text(key);
    }
    terminal.settle(Duration::from_millis(300));
    let written = String::from_utf8_lossy(&terminal.written).to_lowercase();
    let visible: String = written.chars().filter(|c| *c != '\u{200b}').collect();
    assert!(visible.contains("***"), "the message is shown");
    for secret in [KEY, HASH] {
        assert!(!visible.contains(secret), "{secret}");
    }
    terminal.type_text(ESCAPE);
    terminal.settle(Duration::from_millis(500));
    quit(&mut terminal);

    // The session is offered by its reference at the next start.
    let mut terminal = start(&dir, &[], Some(&server));
    terminal.wait_for("Recent session: LOAN-4711");
    terminal.type_text("r");
    terminal.wait_for("Recent sessions");
    terminal.type_text(ENTER);
    terminal.wait_for("The first upload opens the session for LOAN-4711");
    quit(&mut terminal);
    let text = std::fs::read_to_string(stored(&dir, "dashboard-sessions.json")).unwrap();
    assert!(!text.contains(KEY), "{text}");
}
