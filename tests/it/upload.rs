//! `bankscreen upload` end to end: outcomes that are true, nothing sent twice, nothing lost.

use crate::counting_server::{CountingServer, Turn, answer};
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
pub(crate) const TAKE: Turn = Turn::Take(Duration::ZERO);

/// A folder with statements of so many banks below `in`.
pub(crate) fn folder(files: usize) -> TestDir {
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

/// Outcome and code of each file.
pub(crate) fn outcomes(said: &RunOutput) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let records = said.records();
    let of = |record: &Value| {
        (
            text(&record["upload"]["outcome"]),
            text(&record["upload"]["code"]),
        )
    };
    records.iter().map(of).collect()
}

pub(crate) fn words(said: &RunOutput) -> Vec<String> {
    outcomes(said).into_iter().map(|(word, _)| word).collect()
}

/// What was said of each content.
pub(crate) fn by_content(said: &RunOutput) -> BTreeMap<String, String> {
    let records = said.records();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let of = |r: &Value| (text(&r["sha256"]), text(&r["upload"]["outcome"]));
    records.iter().map(of).collect()
}

/// Nothing was taken twice, what was taken is not called anything else, and the other way round.
pub(crate) fn check_truth(said: &RunOutput, server: &CountingServer) {
    let taken = server.taken();
    assert!(taken.values().all(|times| *times == 1), "{taken:?}");
    for (content, word) in by_content(said) {
        match word.as_str() {
            "accepted" | "already-uploaded" => assert!(taken.contains_key(&content), "{word}"),
            "unknown" => {}
            word => assert!(!taken.contains_key(&content), "{word}"),
        }
    }
}

#[test]
fn the_embedded_sandbox_needs_nothing_and_leaves_nothing() {
    let folder = folder(3);
    let said = folder.run(["--sandbox", "upload", "in"]);
    assert_eq!(said.code, Some(0), "{}", said.all());
    assert!(
        said.stdout.contains("Uploads: 3 accepted."),
        "{}",
        said.all()
    );
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "only the inbox is there: {left:?}");
}

#[test]
fn every_fault_ends_with_a_true_outcome_and_the_same_call_sends_nothing_again() {
    let folder = folder(8);
    let busy = |status| Turn::Say(answer(status, "Retry-After: 0\r\n", "{}"));
    let server = CountingServer::start([
        busy("429 Too Many Requests"),
        Turn::TakeAndReset,
        busy("503 Service Unavailable"),
        Turn::TakeAndSay("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"),
        Turn::TakeAndSay("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nnonsense"),
        Turn::TakeAndSay("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"statement"),
        Turn::ResetBefore,
        Turn::ResetDuring,
        TAKE,
    ]);
    let args = ["--session-id", "s-1", "--concurrency", "1", "in"];
    let first = upload(&folder, &server.base_url(), &args);
    assert_eq!(first.code, Some(1), "{}", first.all());
    check_truth(&first, &server);
    let found = outcomes(&first);
    let expect = |at: usize, word: &str, code: &str| {
        assert_eq!(found[at], (word.to_owned(), code.to_owned()), "{at}");
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
        words(&second)
            .iter()
            .all(|w| w == "already-uploaded" || w == "unknown")
    );
    // With a server hash the service is asked, and lists what it has.
    let mut asking = command(&folder, &server.base_url(), &args);
    asking.env("BANKSCREEN_SERVER_HASH", HASH);
    let third = run_without_leaks(asking);
    check_truth(&third, &server);
    let taken = server.taken();
    for (content, word) in by_content(&third) {
        let expected = if taken.contains_key(&content) {
            "already-uploaded"
        } else {
            "unknown"
        };
        assert_eq!(word, expected);
    }
}

#[test]
fn a_redirect_stops_the_queue_and_is_not_followed() {
    let folder = folder(4);
    let elsewhere = CountingServer::start([TAKE]);
    let to = format!("Location: {}\r\n", elsewhere.base_url());
    let server = CountingServer::start([Turn::Say(answer("307 Temporary Redirect", &to, ""))]);
    let args = ["--session-id", "s-1", "--concurrency", "1", "in"];
    let said = upload(&folder, &server.base_url(), &args);
    assert_eq!(said.code, Some(2), "{}", said.all());
    assert_eq!(words(&said), ["unknown", "skipped", "skipped", "skipped"]);
    assert_eq!(outcomes(&said)[1].1, "REDIRECTED");
    assert_eq!(
        (server.requests().len(), elsewhere.requests().len()),
        (1, 0)
    );
}

#[test]
fn a_key_that_is_refused_stops_the_queue() {
    let folder = folder(3);
    let server = CountingServer::start([Turn::Say(answer("403 Forbidden", "", "{}"))]);
    let args = ["--session-id", "s-1", "--concurrency", "1", "in"];
    let said = upload(&folder, &server.base_url(), &args);
    assert_eq!(said.code, Some(2), "{}", said.all());
    assert_eq!(words(&said), ["rejected", "skipped", "skipped"]);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_service_that_is_not_there_costs_no_file_its_outcome() {
    let folder = folder(2);
    let said = upload(
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
    assert_eq!(said.code, Some(2), "{}", said.all());
    assert_eq!(words(&said), ["skipped", "skipped"]);
    assert_eq!(outcomes(&said)[0].1, "SESSION_NOT_CREATED");
}

#[test]
fn the_password_that_opened_a_file_travels_and_is_never_shown() {
    let folder = TestDir::new();
    folder.copy("encrypted/user_object_streams.pdf", "in/locked.pdf");
    let passwords = folder.write("passwords.txt", "canary-wrong\n318840275\ncanary-other\n");
    let server = CountingServer::start([TAKE]);
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
    let said = upload(&folder, &server.base_url(), &args);
    assert_eq!(words(&said), ["accepted"], "{}", said.all());
    let request = &server.requests()[0];
    assert!(request.contains("name=\"pdf_password\"\r\n\r\n318840275\r\n"));
    assert!(!request.contains("canary-wrong") && !request.contains("canary-other"));
    assert!(!said.all().contains("318840275") && !plan.all().contains("318840275"));
    assert!(
        said.stderr.contains("1/1 accepted: in/locked.pdf"),
        "{}",
        said.stderr
    );
    let state = folder.path().join(".local/state/bankscreen");
    for file in std::fs::read_dir(state).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for secret in ["318840275", "canary"] {
            let found = bytes.windows(secret.len()).any(|w| w == secret.as_bytes());
            assert!(!found, "the journal holds {secret}");
        }
    }
}

#[test]
fn a_dry_run_tells_people_what_would_be_sent() {
    let folder = folder(1);
    folder.copy("banks/unlisted.pdf", "in/unlisted.pdf");
    let said = folder.run(["upload", "--dry-run", "--session-id", "s", "in"]);
    assert!(said.stdout.contains("axis, "), "{}", said.all());
    assert!(
        said.stdout.contains("BANK_NAME_UNDETECTED: not sent"),
        "{}",
        said.all()
    );
    assert!(said.stdout.contains("Uploads: 1 to-send, 1 skipped."));
    assert_eq!(said.code, Some(1));
    let said = folder.run([
        "upload",
        "--dry-run",
        "--session-id",
        "s",
        "--bankless",
        "in",
    ]);
    assert!(said.stdout.contains("no bank named, "), "{}", said.all());
    assert_eq!(said.code, Some(0));
}

#[test]
fn a_file_swapped_after_the_screening_is_not_sent() {
    let folder = folder(2);
    let second = folder.path().join("in/1.pdf");
    let server = CountingServer::start([Turn::Swap(second), TAKE]);
    let args = ["--session-id", "s-1", "--concurrency", "1", "in"];
    let said = upload(&folder, &server.base_url(), &args);
    assert_eq!(said.code, Some(1), "{}", said.all());
    let expected = [("accepted", "-"), ("skipped", "FILE_CHANGED")];
    let expected = expected.map(|(word, code)| (word.to_owned(), code.to_owned()));
    assert_eq!(outcomes(&said), expected);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn the_same_call_goes_on_in_the_session_that_it_created() {
    let folder = folder(3);
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
    let found = words(&first);
    assert_eq!(found[..2], ["accepted", "rejected"], "{}", first.all());
    assert_eq!(found[2], "unknown", "{}", first.all());
    assert_eq!(first.code, Some(1));
    let received = sandbox.received().len();
    let second = upload(&folder, &sandbox.base_url(), &args);
    assert_eq!(words(&second), ["already-uploaded", "rejected", "unknown"]);
    // Only what was refused is tried again, and in the same session.
    let all = sandbox.received();
    assert_eq!(all.len(), received + 1);
    assert!(all.iter().all(|r| r.session_id == all[0].session_id));
}

/// Ends a command by a signal as soon as the server has a request of it.
pub(crate) fn terminate_at_work(mut command: Command, server: &CountingServer) {
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
fn a_signal_leaves_a_journal_from_which_the_same_call_goes_on() {
    let folder = folder(8);
    let server = CountingServer::start([Turn::Take(Duration::from_millis(150))]);
    let args = ["--session-id", "s-1", "--concurrency", "2", "in"];
    terminate_at_work(command(&folder, &server.base_url(), &args), &server);
    let second = upload(&folder, &server.base_url(), &args);
    assert_eq!(second.code, Some(0), "{}", second.all());
    check_truth(&second, &server);
    assert_eq!(server.taken().len(), 8);
}

#[test]
fn a_run_killed_at_any_moment_takes_nothing_twice_and_forgets_nothing() {
    let folder = folder(8);
    let server = CountingServer::start([Turn::Take(Duration::from_millis(20))]);
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
    check_truth(&last, &server);
    for (content, word) in by_content(&last) {
        let known = ["accepted", "already-uploaded", "unknown"].contains(&word.as_str());
        assert!(known, "{content} is {word}");
    }
    let taken = server.taken();
    let unknown = words(&last)
        .iter()
        .filter(|word| *word == "unknown")
        .count();
    assert!(
        taken.len() + unknown >= 8,
        "{} taken, {unknown} unknown",
        taken.len()
    );
}
