//! What uploads write down, and what they know from it: every file has its outcome in the journal.

use crate::counting_server::{CountingServer, Turn};
use crate::harness::{RunOutput, TestDir, run_without_leaks};
use crate::upload::{HASH, KEY, TAKE, check_truth, command, folder, outcomes, upload, words};
use bankscreen::sandbox::{Sandbox, SandboxOptions, Script};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::Value;
use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::Duration;

const ARGS: [&str; 5] = ["--session-id", "s-1", "--concurrency", "1", "in"];

/// The name, outcome and code of each entry of the journal, in the order of the names.
fn journal(folder: &TestDir) -> Vec<(String, String, String)> {
    let said = folder.run(["history", "--format", "json"]);
    let history: Value = serde_json::from_str(&said.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let entries = history["uploads"].as_array().unwrap();
    let mut rows: Vec<_> = entries
        .iter()
        .map(|e| {
            (
                text(&e["name"]),
                text(&e["upload"]["outcome"]),
                text(&e["upload"]["code"]),
            )
        })
        .collect();
    rows.sort();
    rows
}

fn row(name: &str, outcome: &str, code: &str) -> (String, String, String) {
    (name.to_owned(), outcome.to_owned(), code.to_owned())
}

#[test]
fn files_that_are_not_sent_have_their_outcome_in_the_journal_too() {
    let folder = folder(2);
    folder.copy("pages/scan_fax.pdf", "in/scan.pdf");
    folder.copy("banks/unlisted.pdf", "in/unlisted.pdf");
    let server = CountingServer::start([TAKE]);
    let said = upload(&folder, &server.base_url(), &ARGS);
    assert_eq!(said.code, Some(1), "{}", said.all());
    let expected = [
        row("in/0.pdf", "accepted", "-"),
        row("in/1.pdf", "accepted", "-"),
        row("in/scan.pdf", "skipped", "PDF_IS_IMAGE"),
        row("in/unlisted.pdf", "skipped", "BANK_NAME_UNDETECTED"),
    ];
    assert_eq!(journal(&folder), expected);
    // The same call again changes none of it.
    let again = upload(&folder, &server.base_url(), &ARGS);
    assert_eq!(words(&again)[..2], ["already-uploaded", "already-uploaded"]);
    assert_eq!(journal(&folder), expected);
}

#[test]
fn files_behind_a_stop_are_in_the_journal_as_skipped_and_sent_by_the_next_call() {
    let folder = folder(3);
    let redirect = "HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\n{}".to_owned();
    let server = CountingServer::start([Turn::Say(redirect), TAKE]);
    let first = upload(&folder, &server.base_url(), &ARGS);
    assert_eq!(words(&first), ["rejected", "skipped", "skipped"]);
    let rows = journal(&folder);
    let outcomes: Vec<_> = rows
        .iter()
        .map(|(_, outcome, _)| outcome.as_str())
        .collect();
    assert_eq!(outcomes, ["rejected", "skipped", "skipped"], "{rows:?}");
    let second = upload(&folder, &server.base_url(), &ARGS);
    assert_eq!(words(&second), ["accepted"; 3], "{}", second.all());
    check_truth(&second, &server);
}

#[test]
fn what_nobody_knows_is_sent_again_only_when_asked_for() {
    let folder = folder(3);
    let server = CountingServer::start([Turn::ResetDuring, Turn::TakeAndReset, TAKE]);
    let first = upload(&folder, &server.base_url(), &ARGS);
    let unknown = words(&first).iter().filter(|w| *w == "unknown").count();
    assert!(unknown > 0, "{}", first.all());
    let calls = server.requests().len();
    let second = upload(&folder, &server.base_url(), &ARGS);
    assert_eq!(server.requests().len(), calls, "{}", second.all());
    assert_eq!(second.code, Some(1));
    let resent = [&["--resend-unknown"], &ARGS[..]].concat();
    let third = upload(&folder, &server.base_url(), &resent);
    assert_eq!(third.code, Some(0), "{}", third.all());
    assert_eq!(server.requests().len(), calls + unknown);
    let fourth = upload(&folder, &server.base_url(), &resent);
    assert_eq!(words(&fourth), ["already-uploaded"; 3]);
    assert_eq!(server.requests().len(), calls + unknown);
}

#[test]
fn a_dry_run_knows_what_was_sent_before() {
    let folder = folder(2);
    let server = CountingServer::start([TAKE]);
    let dry = |session: &str| {
        let args = ["--dry-run", "--session-id", session, "in"];
        words(&upload(&folder, &server.base_url(), &args))
    };
    assert_eq!(dry("s-1"), ["-", "-"], "nothing was sent yet");
    let sent = upload(
        &folder,
        &server.base_url(),
        &["--session-id", "s-1", "in/0.pdf"],
    );
    assert_eq!(words(&sent), ["accepted"]);
    assert_eq!(dry("s-1"), ["already-uploaded", "-"]);
    assert_eq!(dry("s-2"), ["-", "-"], "that is another session");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_manifest_tells_the_service_bank_and_category_and_gives_the_password() {
    let folder = TestDir::new();
    folder.copy("banks/unlisted.pdf", "in/plain.pdf");
    folder.copy("encrypted/user_object_streams.pdf", "in/locked.pdf");
    let manifest = "path,bank,password,account_category\n\
                    in/plain.pdf,axis,,current\nin/locked.pdf,,318840275,SAVINGS\n";
    folder.write("manifest.csv", manifest);
    let server = CountingServer::start([TAKE]);
    let args = [&["--manifest", "manifest.csv"], &ARGS[..4]].concat();
    let said = upload(&folder, &server.base_url(), &args);
    assert_eq!(words(&said), ["accepted"; 2], "{}", said.all());
    let requests = server.requests().concat();
    for (name, value) in [
        ("bank_name", "axis"),
        ("account_category", "CURRENT"),
        ("account_category", "SAVINGS"),
        ("pdf_password", "318840275"),
    ] {
        let field = format!("name=\"{name}\"\r\n\r\n{value}\r\n");
        assert!(requests.contains(&field), "{name} {value}");
    }
}

#[test]
fn the_period_of_a_session_that_is_given_is_that_of_the_session() {
    let folder = folder(1);
    let sandbox = Sandbox::start(SandboxOptions {
        api_key: KEY.to_owned(),
        server_hash: HASH.to_owned(),
        script: Script::parse(br#"{"otherwise": {"bank": "axis"}}"#).unwrap(),
        ..SandboxOptions::default()
    })
    .unwrap();
    let base = sandbox.base_url();
    let run = |folder: &TestDir, args: &[&str], hash: bool| -> RunOutput {
        let mut command = command(folder, &base, args);
        if hash {
            command.env("BANKSCREEN_SERVER_HASH", HASH);
        }
        run_without_leaks(command)
    };
    // Long before the statement, so that nothing of it is sent by this call.
    let years = [
        "--link-id",
        "c-1",
        "--from",
        "2015-01-01",
        "--to",
        "2015-06-30",
        "in",
    ];
    let created = run(&folder, &years, false);
    assert_eq!(
        outcomes(&created)[0].1,
        "OUT_OF_DATE_RANGE",
        "{}",
        created.all()
    );
    let session = created_session(&folder);
    let given = ["--session-id", session.as_str(), "in"];
    let remembered = run(&folder, &given, false);
    assert_eq!(outcomes(&remembered)[0].1, "OUT_OF_DATE_RANGE");
    // Another machine has another journal, and asks.
    let elsewhere = crate::upload::folder(1);
    let asked = run(&elsewhere, &given, true);
    assert_eq!(
        outcomes(&asked)[0].1,
        "OUT_OF_DATE_RANGE",
        "{}",
        asked.all()
    );
    assert!(sandbox.received().is_empty());
}

/// The session of the only entry of the journal.
fn created_session(folder: &TestDir) -> String {
    let said = folder.run(["history", "--format", "json"]);
    let history: Value = serde_json::from_str(&said.stdout).unwrap();
    let session = &history["uploads"][0]["session_id"];
    session.as_str().unwrap().to_owned()
}

#[test]
fn a_full_disk_stops_the_queue_and_the_same_call_goes_on_once_there_is_room() {
    let mut stopped = 0;
    // Blocks of 512 bytes that a file may grow to: commits fail at different places.
    for blocks in [40, 120, 180, 240, 320] {
        let folder = folder(6);
        let server = CountingServer::start([TAKE]);
        let mut full = Command::new("sh");
        let limited = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        full.args(["-c", &limited, env!("CARGO_BIN_EXE_bankscreen"), "upload"]);
        full.args(["--format", "ndjson"]).args(ARGS);
        full.current_dir(folder.path()).env_clear();
        full.env("HOME", folder.path()).env("LC_ALL", "C.UTF-8");
        full.env("BANKSCREEN_BASE_URL", server.base_url());
        full.env("BANKSCREEN_API_KEY", KEY);
        let cut = run_without_leaks(full);
        if cut.code != Some(0) {
            stopped += 1;
            assert_eq!(cut.code, Some(2), "{}", cut.all());
            assert!(cut.stderr.contains("journal"), "{}", cut.stderr);
            check_truth(&cut, &server);
        }
        let rest = upload(&folder, &server.base_url(), &ARGS);
        check_truth(&rest, &server);
        let known = |word: &String| word == "unknown" || word == "already-uploaded";
        let ended = |word: &String| known(word) || word == "accepted";
        assert!(words(&rest).iter().all(ended), "{}", rest.all());
        assert_eq!(words(&rest).len(), 6);
    }
    assert!(stopped >= 2, "only {stopped} limits were small enough");
}

#[test]
fn on_a_terminal_a_bar_tells_how_far_the_uploads_are() {
    let folder = folder(6);
    let server = CountingServer::start([Turn::Take(Duration::from_millis(150))]);
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new())
        .unwrap()
        .into_string()
        .unwrap();
    let mut options = std::fs::OpenOptions::new();
    let errors = options.read(true).write(true).open(name).unwrap();
    let mut command = command(&folder, &server.base_url(), &ARGS);
    command
        .env("TERM", "xterm")
        .stderr(errors)
        .stdout(Stdio::null());
    let mut child = command.spawn().unwrap();
    // The last end of the terminal that programs write to.
    drop(command);
    let mut shown = Vec::new();
    // Reading fails once nobody can write any more.
    drop(std::fs::File::from(terminal).read_to_end(&mut shown));
    assert!(child.wait().unwrap().success());
    let shown = String::from_utf8_lossy(&shown);
    for part in ["0/6 files", "3/6 files", "KiB/s", "left"] {
        assert!(shown.contains(part), "{part} is not in {shown:?}");
    }
}
