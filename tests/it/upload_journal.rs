//! Uploads and the journal: every file has its outcome in it, and later runs use it.

use crate::counting_server::{CountingServer, Reaction};
use crate::harness::{RunOutput, TestDir, run_without_leaks};
use crate::upload::{
    ACCEPT, HASH, KEY, assert_outcomes_match, command, outcome_names, outcomes, statement_folder,
    upload,
};
use bankscreen::sandbox::{Sandbox, SandboxOptions, Script};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::Value;
use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::Duration;

const ARGS: [&str; 5] = ["--session-id", "s-1", "--concurrency", "1", "in"];

/// Returns name, outcome and code of all journal entries, sorted by name.
fn journal(folder: &TestDir) -> Vec<(String, String, String)> {
    let output = folder.run(["history", "--format", "json"]);
    let history: Value = serde_json::from_str(&output.stdout).unwrap();
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
fn skipped_files_have_their_outcome_in_the_journal() {
    let folder = statement_folder(2);
    folder.copy("pages/scan_fax.pdf", "in/scan.pdf");
    folder.copy("banks/unlisted.pdf", "in/unlisted.pdf");
    let server = CountingServer::start([ACCEPT]);
    let output = upload(&folder, &server.base_url(), &ARGS);
    assert_eq!(output.code, Some(1), "{}", output.all());
    let expected = [
        row("in/0.pdf", "accepted", "-"),
        row("in/1.pdf", "accepted", "-"),
        row("in/scan.pdf", "skipped", "PDF_IS_IMAGE"),
        row("in/unlisted.pdf", "skipped", "BANK_NAME_UNDETECTED"),
    ];
    assert_eq!(journal(&folder), expected);
    // A second run changes none of them.
    let again = upload(&folder, &server.base_url(), &ARGS);
    assert_eq!(
        outcome_names(&again)[..2],
        ["already-uploaded", "already-uploaded"]
    );
    assert_eq!(journal(&folder), expected);
}

#[test]
fn files_after_a_stop_are_skipped_and_sent_by_the_next_run() {
    let folder = statement_folder(3);
    let forbidden = "HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\n{}".to_owned();
    let server = CountingServer::start([Reaction::Respond(forbidden), ACCEPT]);
    let first = upload(&folder, &server.base_url(), &ARGS);
    assert_eq!(outcome_names(&first), ["skipped"; 3]);
    let rows = journal(&folder);
    let outcomes: Vec<_> = rows
        .iter()
        .map(|(_, outcome, _)| outcome.as_str())
        .collect();
    assert_eq!(outcomes, ["skipped"; 3], "{rows:?}");
    let second = upload(&folder, &server.base_url(), &ARGS);
    assert_eq!(outcome_names(&second), ["accepted"; 3], "{}", second.all());
    assert_outcomes_match(&second, &server);
}

#[test]
fn files_with_unknown_outcome_are_sent_again_only_on_request() {
    let folder = statement_folder(3);
    let server =
        CountingServer::start([Reaction::ResetDuringBody, Reaction::AcceptAndReset, ACCEPT]);
    let first = upload(&folder, &server.base_url(), &ARGS);
    let unknown = outcome_names(&first)
        .iter()
        .filter(|w| *w == "unknown")
        .count();
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
    assert_eq!(outcome_names(&fourth), ["already-uploaded"; 3]);
    assert_eq!(server.requests().len(), calls + unknown);
}

#[test]
fn a_dry_run_reports_files_of_earlier_runs() {
    let folder = statement_folder(2);
    let server = CountingServer::start([ACCEPT]);
    let dry = |session: &str| {
        let args = ["--dry-run", "--session-id", session, "in"];
        outcome_names(&upload(&folder, &server.base_url(), &args))
    };
    assert_eq!(dry("s-1"), ["-", "-"], "nothing is sent yet");
    let sent = upload(
        &folder,
        &server.base_url(),
        &["--session-id", "s-1", "in/0.pdf"],
    );
    assert_eq!(outcome_names(&sent), ["accepted"]);
    assert_eq!(dry("s-1"), ["already-uploaded", "-"]);
    assert_eq!(dry("s-2"), ["-", "-"], "another session");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn bank_category_and_password_of_a_manifest_are_sent() {
    let folder = TestDir::new();
    folder.copy("banks/unlisted.pdf", "in/plain.pdf");
    folder.copy("encrypted/user_object_streams.pdf", "in/locked.pdf");
    let manifest = "path,bank,password,account_category\n\
                    in/plain.pdf,axis,,current\nin/locked.pdf,,318840275,SAVINGS\n";
    folder.write("manifest.csv", manifest);
    let server = CountingServer::start([ACCEPT]);
    let args = [&["--manifest", "manifest.csv"], &ARGS[..4]].concat();
    let output = upload(&folder, &server.base_url(), &args);
    assert_eq!(outcome_names(&output), ["accepted"; 2], "{}", output.all());
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
fn files_are_screened_against_the_period_of_an_existing_session() {
    let folder = statement_folder(1);
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
    // The period of the first statement, and not of the second.
    let args = [
        "--link-id",
        "c-1",
        "--from",
        "2024-01-01",
        "--to",
        "2024-03-31",
        "in",
    ];
    let created = run(&folder, &args, false);
    assert_eq!(outcome_names(&created), ["accepted"], "{}", created.all());
    let session = created_session(&folder);
    let args = ["--session-id", session.as_str(), "in"];
    folder.copy("banks/hdfc.pdf", "in/1.pdf");
    let from_journal = run(&folder, &args, false);
    assert_eq!(outcomes(&from_journal)[1].1, "OUT_OF_DATE_RANGE");
    // Without an entry in the journal, the period is requested from the service.
    let other_folder = TestDir::new();
    other_folder.copy("banks/hdfc.pdf", "in/1.pdf");
    let from_service = run(&other_folder, &args, true);
    assert_eq!(
        outcomes(&from_service)[0].1,
        "OUT_OF_DATE_RANGE",
        "{}",
        from_service.all()
    );
    assert_eq!(sandbox.received().len(), 1);
}

/// Returns the session of the first journal entry.
fn created_session(folder: &TestDir) -> String {
    let output = folder.run(["history", "--format", "json"]);
    let history: Value = serde_json::from_str(&output.stdout).unwrap();
    let session = &history["uploads"][0]["session_id"];
    session.as_str().unwrap().to_owned()
}

#[test]
fn a_full_disk_stops_the_queue_and_a_later_run_resumes() {
    let mut stopped = 0;
    // The limit of the file size in blocks of 512 bytes. Each value makes another commit fail.
    for blocks in [40, 120, 180, 240, 320] {
        let folder = statement_folder(6);
        let server = CountingServer::start([ACCEPT]);
        let mut full = Command::new("sh");
        let limited = format!("ulimit -f {blocks}; exec \"$0\" \"$@\"");
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
            assert_outcomes_match(&cut, &server);
        }
        let rest = upload(&folder, &server.base_url(), &ARGS);
        assert_outcomes_match(&rest, &server);
        let is_expected = |outcome: &String| {
            ["accepted", "already-uploaded", "unknown"].contains(&outcome.as_str())
        };
        assert!(
            outcome_names(&rest).iter().all(is_expected),
            "{}",
            rest.all()
        );
        assert_eq!(outcome_names(&rest).len(), 6);
    }
    assert!(stopped >= 2, "only {stopped} limits were small enough");
}

#[test]
fn the_progress_bar_shows_files_speed_and_time_left() {
    let folder = statement_folder(6);
    let server = CountingServer::start([Reaction::Accept(Duration::from_millis(150))]);
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
    // Closes the last writing end of the terminal.
    drop(command);
    let mut shown = Vec::new();
    // Reading fails when no process can write any more.
    drop(std::fs::File::from(terminal).read_to_end(&mut shown));
    assert!(child.wait().unwrap().success());
    let shown = String::from_utf8_lossy(&shown);
    for part in ["0/6 files", "3/6 files", "KiB/s", "left"] {
        assert!(shown.contains(part), "{part} is not in {shown:?}");
    }
}
