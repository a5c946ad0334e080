//! `bankscreen upload` end to end: outcomes are correct, nothing is sent twice, nothing is lost.

use crate::counting_server::{CountingServer, Reaction, response};
use crate::harness::{RunOutput, TestDir, project, run_without_leaks};
use bankscreen::sandbox::{Sandbox, SandboxOptions, Script};
use bankscreen::screen::ContentHash;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::Duration;

pub(crate) const KEY: &str = "canary-key-5f1c";
pub(crate) const HASH: &str = "canary-hash-77b0";
const BANKS: [&str; 8] = [
    "axis", "hdfc", "icici", "sbi", "kotak", "yesbnk", "uco", "canara",
];
pub(crate) const ACCEPT: Reaction = Reaction::Accept(Duration::ZERO);

/// Creates a folder with statements of `files` banks in `in`.
pub(crate) fn statement_folder(files: usize) -> TestDir {
    let folder = TestDir::new();
    for (number, bank) in BANKS.iter().take(files).enumerate() {
        folder.copy(&format!("banks/{bank}.pdf"), &format!("in/{number}.pdf"));
    }
    folder
}

pub(crate) fn command(folder: &TestDir, base: &str, args: &[&str]) -> Command {
    let mut command = folder.command(["upload", "--format", "ndjson"].iter().chain(args));
    command
        .env("BANKSCREEN_BASE_URL", base)
        .env("BANKSCREEN_API_KEY", KEY);
    command
}

pub(crate) fn upload(folder: &TestDir, base: &str, args: &[&str]) -> RunOutput {
    run_without_leaks(command(folder, base, args))
}

/// Returns outcome and code of each file.
pub(crate) fn outcomes(output: &RunOutput) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let records = output.records();
    let of = |record: &Value| {
        (
            text(&record["upload"]["outcome"]),
            text(&record["upload"]["code"]),
        )
    };
    records.iter().map(of).collect()
}

pub(crate) fn outcome_names(output: &RunOutput) -> Vec<String> {
    outcomes(output)
        .into_iter()
        .map(|(outcome, _)| outcome)
        .collect()
}

/// Returns the outcome of each file by content hash.
pub(crate) fn outcome_by_hash(output: &RunOutput) -> BTreeMap<String, String> {
    let records = output.records();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let of = |r: &Value| (text(&r["sha256"]), text(&r["upload"]["outcome"]));
    records.iter().map(of).collect()
}

/// Asserts that no file was accepted twice and that the reported outcomes match the server.
pub(crate) fn assert_outcomes_match(output: &RunOutput, server: &CountingServer) {
    let accepted = server.accepted();
    assert!(accepted.values().all(|times| *times == 1), "{accepted:?}");
    for (content, outcome) in outcome_by_hash(output) {
        match outcome.as_str() {
            "accepted" | "already-uploaded" => {
                assert!(accepted.contains_key(&content), "{outcome}");
            }
            "unknown" => {}
            outcome => assert!(!accepted.contains_key(&content), "{outcome}"),
        }
    }
}

#[test]
fn the_embedded_sandbox_requires_no_setup_and_leaves_no_files() {
    let folder = statement_folder(3);
    let period = ["--from", "01/01/2024", "--to", "30/09/2024"];
    let output = folder.run([&["--sandbox", "upload"], &period[..], &["in"]].concat());
    assert_eq!(output.code, Some(0), "{}", output.all());
    assert!(
        output.stdout.contains("Uploads: 3 accepted."),
        "{}",
        output.all()
    );
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "only the input folder is left: {left:?}");
}

#[test]
fn every_fault_has_a_correct_outcome_and_a_second_run_sends_nothing() {
    let folder = statement_folder(8);
    let busy = |status| Reaction::Respond(response(status, "Retry-After: 0\r\n", "{}"));
    let server = CountingServer::start([
        busy("429 Too Many Requests"),
        Reaction::AcceptAndReset,
        busy("503 Service Unavailable"),
        Reaction::AcceptAndRespond("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"),
        Reaction::AcceptAndRespond("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nnonsense"),
        Reaction::AcceptAndRespond("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"statement"),
        Reaction::ResetBeforeBody,
        Reaction::ResetDuringBody,
        ACCEPT,
    ]);
    let args = ["--session-id", "s-1", "--concurrency", "1", "in"];
    let first = upload(&folder, &server.base_url(), &args);
    assert_eq!(first.code, Some(1), "{}", first.all());
    assert_outcomes_match(&first, &server);
    let found = outcomes(&first);
    let expect = |index: usize, outcome: &str, code: &str| {
        assert_eq!(
            found[index],
            (outcome.to_owned(), code.to_owned()),
            "{index}"
        );
    };
    expect(0, "accepted", "-");
    expect(1, "unknown", "ANSWER_LOST");
    expect(2, "accepted", "-");
    expect(3, "unknown", "SERVER_ERROR");
    expect(4, "unknown", "ANSWER_UNREADABLE");
    expect(5, "unknown", "ANSWER_CUT");
    let calls = server.requests().len();
    let second = upload(&folder, &server.base_url(), &args);
    assert_eq!(server.requests().len(), calls, "nothing is sent again");
    assert!(
        outcome_names(&second)
            .iter()
            .all(|w| w == "already-uploaded" || w == "unknown")
    );
    // With a server hash, unknown outcomes are reconciled.
    let mut reconciling = command(&folder, &server.base_url(), &args);
    reconciling.env("BANKSCREEN_SERVER_HASH", HASH);
    let third = run_without_leaks(reconciling);
    assert_outcomes_match(&third, &server);
    let accepted = server.accepted();
    for (content, outcome) in outcome_by_hash(&third) {
        let expected = if accepted.contains_key(&content) {
            "already-uploaded"
        } else {
            "unknown"
        };
        assert_eq!(outcome, expected);
    }
}

#[test]
fn a_redirect_stops_the_queue_and_is_not_followed() {
    let folder = statement_folder(4);
    let target = CountingServer::start([ACCEPT]);
    let location = format!("Location: {}\r\n", target.base_url());
    let server = CountingServer::start([Reaction::Respond(response(
        "307 Temporary Redirect",
        &location,
        "",
    ))]);
    let args = ["--session-id", "s-1", "--concurrency", "1", "in"];
    let output = upload(&folder, &server.base_url(), &args);
    assert_eq!(output.code, Some(2), "{}", output.all());
    assert_eq!(
        outcome_names(&output),
        ["unknown", "skipped", "skipped", "skipped"]
    );
    assert_eq!(outcomes(&output)[1].1, "REDIRECTED");
    assert_eq!((server.requests().len(), target.requests().len()), (1, 0));
}

#[test]
fn a_rejected_api_key_stops_the_queue() {
    let folder = statement_folder(3);
    let server = CountingServer::start([Reaction::Respond(response("403 Forbidden", "", "{}"))]);
    let args = ["--session-id", "s-1", "--concurrency", "1", "in"];
    let output = upload(&folder, &server.base_url(), &args);
    assert_eq!(output.code, Some(2), "{}", output.all());
    assert_eq!(outcome_names(&output), ["skipped"; 3]);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn every_file_has_an_outcome_if_no_session_can_be_created() {
    let folder = statement_folder(2);
    let output = upload(
        &folder,
        "http://127.0.0.1:9/",
        &[
            "--link-id",
            "c-1",
            "--from",
            "2020-01-01",
            "--to",
            "2026-01-01",
            "in",
        ],
    );
    assert_eq!(output.code, Some(75), "{}", output.all());
    assert_eq!(outcome_names(&output), ["skipped", "skipped"]);
    assert_eq!(outcomes(&output)[0].1, "SESSION_NOT_CREATED");
}

#[test]
fn the_matching_password_is_sent_and_never_printed() {
    let folder = TestDir::new();
    folder.copy("encrypted/user_object_streams.pdf", "in/locked.pdf");
    let passwords = folder.write("passwords.txt", "canary-wrong\n318840275\ncanary-other\n");
    let server = CountingServer::start([ACCEPT]);
    let passwords = passwords.to_str().unwrap();
    let args = [
        "--session-id",
        "s-1",
        "--password-file",
        passwords,
        "-v",
        "in",
    ];
    let plan = upload(
        &folder,
        &server.base_url(),
        &[&args[..], &["--dry-run"]].concat(),
    );
    assert_eq!(
        (plan.code, server.requests().len()),
        (Some(0), 0),
        "{}",
        plan.all()
    );
    let output = upload(&folder, &server.base_url(), &args);
    assert_eq!(outcome_names(&output), ["accepted"], "{}", output.all());
    let request = &server.requests()[0];
    assert!(request.contains("name=\"pdf_password\"\r\n\r\n318840275\r\n"));
    assert!(!request.contains("canary-wrong") && !request.contains("canary-other"));
    assert!(!output.all().contains("318840275") && !plan.all().contains("318840275"));
    assert!(
        output.stderr.contains("1/1 accepted: in/locked.pdf"),
        "{}",
        output.stderr
    );
    let state = folder.path().join(".local/state/bankscreen");
    let files = std::fs::read_dir(state).unwrap().map(|file| file.unwrap());
    for file in files.filter(|file| file.path().is_file()) {
        let bytes = std::fs::read(file.path()).unwrap();
        for secret in ["318840275", "canary"] {
            let found = bytes.windows(secret.len()).any(|w| w == secret.as_bytes());
            assert!(!found, "the journal contains {secret}");
        }
    }
}

#[test]
fn a_dry_run_reports_what_would_be_sent() {
    let folder = statement_folder(1);
    folder.copy("banks/unlisted.pdf", "in/unlisted.pdf");
    let output = folder.run(["upload", "--dry-run", "--session-id", "s", "in"]);
    assert!(output.stdout.contains("axis, "), "{}", output.all());
    assert!(
        output.stdout.contains("BANK_NAME_UNDETECTED: not sent"),
        "{}",
        output.all()
    );
    assert!(output.stdout.contains("Uploads: 1 to-send, 1 skipped."));
    assert_eq!(output.code, Some(1));
    let output = folder.run([
        "upload",
        "--dry-run",
        "--session-id",
        "s",
        "--bankless",
        "in",
    ]);
    assert!(
        output.stdout.contains("no bank named, "),
        "{}",
        output.all()
    );
    assert_eq!(output.code, Some(0));
}

#[test]
fn a_file_replaced_after_screening_is_not_sent() {
    let folder = statement_folder(2);
    let second = folder.path().join("in/1.pdf");
    let server = CountingServer::start([Reaction::ReplaceFile(second), ACCEPT]);
    let args = ["--session-id", "s-1", "--concurrency", "1", "in"];
    let output = upload(&folder, &server.base_url(), &args);
    assert_eq!(output.code, Some(1), "{}", output.all());
    let expected = [("accepted", "-"), ("skipped", "FILE_CHANGED")];
    let expected = expected.map(|(outcome, code)| (outcome.to_owned(), code.to_owned()));
    assert_eq!(outcomes(&output), expected);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_second_run_resumes_the_session_of_the_first() {
    let folder = statement_folder(3);
    let hash = |name: &str| {
        let bytes = std::fs::read(project().join("testdata/banks").join(name)).unwrap();
        ContentHash::of(&bytes).to_string()
    };
    let script = format!(
        r#"{{"otherwise": {{"bank": "axis"}}, "files": {{
            "{}": {{"bank": "axis", "account": "50100000012345"}},
            "{}": {{"code": "PDF_IS_IMAGE"}}, "{}": {{"fault": "reset-after-body"}}}}}}"#,
        hash("axis.pdf"),
        hash("hdfc.pdf"),
        hash("icici.pdf")
    );
    let sandbox = Sandbox::start(SandboxOptions {
        api_key: KEY.to_owned(),
        server_hash: HASH.to_owned(),
        script: Script::parse(script.as_bytes()).unwrap(),
        ..SandboxOptions::default()
    })
    .unwrap();
    let args = [
        "--link-id",
        "c-1",
        "--from",
        "2020-01-01",
        "--to",
        "2026-01-01",
        "in",
    ];
    let first = upload(&folder, &sandbox.base_url(), &args);
    let found = outcome_names(&first);
    assert_eq!(found[..2], ["accepted", "rejected"], "{}", first.all());
    assert_eq!(found[2], "unknown", "{}", first.all());
    assert_eq!(first.code, Some(1));
    let received = sandbox.received().len();
    let second = upload(&folder, &sandbox.base_url(), &args);
    assert_eq!(
        outcome_names(&second),
        ["already-uploaded", "skipped", "unknown"]
    );
    // Not even the rejected file is sent again.
    let all = sandbox.received();
    assert_eq!(all.len(), received);
    assert!(all.iter().all(|r| r.session_id == all[0].session_id));
}

/// Terminates a command by a signal as soon as the server has received a request.
pub(crate) fn terminate_during_upload(mut command: Command, server: &CountingServer) {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    while server.requests().is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(143));
}

#[test]
fn a_second_run_resumes_after_a_signal() {
    let folder = statement_folder(8);
    let server = CountingServer::start([Reaction::Accept(Duration::from_millis(150))]);
    let args = ["--session-id", "s-1", "--concurrency", "2", "in"];
    terminate_during_upload(command(&folder, &server.base_url(), &args), &server);
    let second = upload(&folder, &server.base_url(), &args);
    assert_eq!(second.code, Some(0), "{}", second.all());
    assert_outcomes_match(&second, &server);
    assert_eq!(server.accepted().len(), 8);
}

#[test]
fn killed_runs_upload_nothing_twice_and_lose_nothing() {
    let folder = statement_folder(8);
    let server = CountingServer::start([Reaction::Accept(Duration::from_millis(20))]);
    let args = ["--session-id", "s-1", "--concurrency", "2", "in"];
    let run = || {
        let mut command = command(&folder, &server.base_url(), &args);
        command.env("BANKSCREEN_SERVER_HASH", HASH);
        command
    };
    for wait in [60, 90, 75, 120, 100, 140] {
        let mut command = run();
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        std::thread::sleep(Duration::from_millis(wait));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let last = run_without_leaks(run());
    assert_outcomes_match(&last, &server);
    for (content, outcome) in outcome_by_hash(&last) {
        let expected = ["accepted", "already-uploaded", "unknown"];
        assert!(
            expected.contains(&outcome.as_str()),
            "{content} is {outcome}"
        );
    }
    let accepted = server.accepted();
    let unknown = outcome_names(&last)
        .iter()
        .filter(|outcome| *outcome == "unknown")
        .count();
    assert!(
        accepted.len() + unknown >= 8,
        "{} accepted, {unknown} unknown",
        accepted.len()
    );
}

#[test]
fn a_new_session_that_ends_in_the_first_week_of_a_month_is_noted_once() {
    let options = SandboxOptions {
        api_key: KEY.to_owned(),
        ..SandboxOptions::default()
    };
    let sandbox = Sandbox::start(options).unwrap();
    let folder = statement_folder(2);
    let period = ["--from", "2024-01-01", "--to", "2024-06-05", "in"];
    let run = |args: &[&str]| upload(&folder, &sandbox.base_url(), &[args, &period].concat());
    let note = "note: the requested period ends on 2024-06-05, in the first 7 days of a month";
    let created = run(&["--link-id", "c-1"]);
    assert!(created.stderr.contains(note), "{}", created.all());
    assert!(created.stderr.contains("the service ignores 2024-06\n"));
    let resumed = run(&["--link-id", "c-1"]);
    assert!(!resumed.stderr.contains("2024-06"), "{}", resumed.all());
    let planned = run(&["--link-id", "c-2", "--dry-run"]);
    assert!(!planned.stderr.contains("2024-06"), "{}", planned.all());
}
