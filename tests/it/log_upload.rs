//! Event logs of uploads: every attempt and every outcome, without secrets and personal data.

use crate::counting_server::{CountingServer, Reaction, response};
use crate::harness::{RunOutput, TestDir, run_without_leaks as run};
use crate::log_lines::{LOG, documented, events, mixed, named, only};
use crate::upload::{
    ACCEPT, HASH, KEY, command, outcome_by_hash, outcomes, statement_folder,
    terminate_during_upload,
};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;
use std::time::Duration;

/// Account number and holder in `banks/hdfc.pdf`.
const ACCOUNT: &str = "50100418273645";
const HOLDER: &str = "DEVPALLI";

fn names(events: &[Value]) -> Vec<&str> {
    events
        .iter()
        .map(|event| event["event"].as_str().unwrap())
        .collect()
}

/// Uploads to a service that fails in many ways and echoes the key and personal data.
fn run_with_failures() -> (TestDir, CountingServer, RunOutput) {
    let folder = statement_folder(8);
    folder.copy("encrypted/user_object_streams.pdf", "in/locked.pdf");
    folder.write("passwords.txt", "canary-wrong\n318840275\n");
    folder.write("in/manifest.csv", "path,password\n7.pdf,canary-manifest\n");
    for secret in ["passwords.txt", "in/manifest.csv"] {
        let private = fs::Permissions::from_mode(0o600);
        fs::set_permissions(folder.path().join(secret), private).unwrap();
    }
    let respond = |status, body: &str| Reaction::Respond(response(status, "", body));
    let rate_limited = response("429 Too Many Requests", "Retry-After: 0\r\n", "{}");
    let scan_rejected = format!(
        r#"{{"error": {{"code": "PDF_IS_IMAGE", "message": "{ACCOUNT} {KEY} is no key"}}}}"#
    );
    let server = CountingServer::start([
        Reaction::Respond(rate_limited),
        Reaction::AcceptAndReset,
        respond("400 Bad Request", &scan_rejected),
        Reaction::AcceptAndRespond(
            "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{\"name\": \"SURAJ DEVPALLI\"",
        ),
        Reaction::AcceptAndRespond(
            "HTTP/1.1 502 No\r\nContent-Length: 24\r\n\r\nthe key canary-key-5f1c\n",
        ),
        ACCEPT,
        ACCEPT,
        respond(
            "401 Unauthorized",
            &format!(r#"{{"message": "{KEY} is no key"}}"#),
        ),
    ]);
    let args = [
        "--session-id",
        "s-1",
        "--concurrency",
        "1",
        "--log-file",
        LOG,
        "--password-file",
        "passwords.txt",
        "--manifest",
        "in/manifest.csv",
        "in",
    ];
    let output = run(command(&folder, &server.base_url(), &args));
    (folder, server, output)
}

#[test]
fn an_upload_logs_every_attempt_and_every_outcome() {
    let (folder, server, output) = run_with_failures();
    assert_eq!(output.code, Some(2), "{}", output.all());
    let events = events(&folder);
    let settings = &events[0]["settings"];
    assert_eq!(settings["base_url"], server.base_url());
    assert_eq!(settings["include_warnings"], json!(true));
    assert_eq!(settings["concurrency"], "1");
    assert_eq!(only(&events, "session_used")["session_id"], "s-1");
    let began = named(&events, "attempt_began");
    let ended = named(&events, "attempt_ended");
    assert_eq!(
        (began.len(), ended.len()),
        (server.requests().len(), began.len())
    );
    let results: Vec<_> = ended
        .iter()
        .map(|event| event["result"].as_str().unwrap())
        .collect();
    assert_eq!(
        results,
        [
            "not_taken",
            "unknown",
            "refused",
            "unknown",
            "unknown",
            "accepted",
            "accepted",
            "refused"
        ]
    );
    assert_eq!(ended[0]["code"], "RATE_LIMITED");
    assert_eq!(
        (&ended[0]["http_status"], &ended[0]["attempt"]),
        (&json!(429), &json!(1))
    );
    assert_eq!(ended[0]["retry_after_ms"], json!(0.0));
    assert!(ended[0]["wait_ms"].is_f64());
    assert_eq!(
        (&ended[1]["code"], &ended[1]["wait_ms"]),
        (&json!("ANSWER_LOST"), &Value::Null)
    );
    assert_eq!(ended[2]["message"], "XXXXXXXXXX3645 *** is no key");
    assert_eq!(
        (&ended[3]["code"], &ended[3]["message"]),
        (&json!("ANSWER_CUT"), &Value::Null)
    );
    assert_eq!(
        (&ended[4]["http_status"], &ended[4]["message"]),
        (&json!(502), &Value::Null)
    );
    assert!(ended[5]["statement_id"].as_str().unwrap().starts_with("s-"));
    // Each outcome is logged once and equals the reported outcome.
    let logged = named(&events, "file_outcome");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let logged_outcomes = logged
        .iter()
        .map(|event| (text(&event["sha256"]), text(&event["outcome"])));
    assert_eq!(
        logged_outcomes.collect::<BTreeMap<_, _>>(),
        outcome_by_hash(&output)
    );
    assert_eq!(logged.len(), outcomes(&output).len());
    assert_eq!(only(&events, "queue_stopped")["code"], "HTTP_401");
    let notice = only(&events, "notice");
    assert_eq!(
        (&notice["level"], notice["text"].as_str().unwrap()),
        (&json!("error"), output.stderr.trim_end())
    );
    let counts = &events.last().unwrap()["counts"];
    assert_eq!(counts["attempts"], 8);
    assert_eq!(counts["outcomes"]["unknown"], 3);
    assert_eq!(counts["errors"], 4);
}

#[test]
fn a_log_contains_no_secrets_and_no_personal_data() {
    let (folder, server, output) = run_with_failures();
    let requests = server.requests().join("\n");
    assert!(requests.contains(KEY), "the key was not sent");
    let text = fs::read_to_string(folder.path().join(LOG)).unwrap();
    assert!(!output.all().contains(HOLDER), "{}", output.all());
    for secret in ["canary", "318840275", ACCOUNT, HOLDER] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    // A base URL that contains a key is rejected and not logged.
    let rejected = TestDir::new();
    let address = format!("http://user:{KEY}@127.0.0.1:9/");
    let args = [
        "--session-id",
        "s",
        "--log-file",
        LOG,
        "--base-url",
        &address,
        ".",
    ];
    let output = run(command(&rejected, &address, &args));
    assert_eq!(output.code, Some(2));
    let text = fs::read_to_string(rejected.path().join(LOG)).unwrap();
    assert!(!text.contains("canary"), "{text}");
    assert_eq!(only(&events(&rejected), "notice")["level"], "error");
}

/// Uploads two files; the unknown outcome of one is reconciled with the service.
fn run_with_reconciliation() -> Vec<Value> {
    let folder = statement_folder(2);
    let server = CountingServer::start([Reaction::AcceptAndReset, ACCEPT]);
    let args = [
        "--session-id",
        "s-1",
        "--concurrency",
        "1",
        "--log-file",
        LOG,
        "in",
    ];
    let mut command = command(&folder, &server.base_url(), &args);
    command.env("BANKSCREEN_SERVER_HASH", HASH);
    let output = run(command);
    assert_eq!(output.code, Some(0), "{}", output.all());
    events(&folder)
}

#[test]
fn calls_for_reconciliation_are_logged() {
    let events = run_with_reconciliation();
    let calls = named(&events, "call");
    assert!(!calls.is_empty());
    for call in calls {
        assert_eq!(
            (&call["method"], &call["result"]),
            (&json!("GET"), &json!("ok"))
        );
        assert_eq!(call["endpoint"], "session_upload_status");
        assert_eq!(call["session_id"], "s-1");
    }
    assert_eq!(named(&events, "file_outcome").len(), 2);
    assert_eq!(events.last().unwrap()["counts"]["outcomes"]["unknown"], 0);
}

/// Starts an upload and ends it by SIGTERM.
fn interrupted_run() -> Vec<Value> {
    let folder = statement_folder(8);
    let server = CountingServer::start([Reaction::Accept(Duration::from_millis(150))]);
    let args = [
        "--session-id",
        "s-1",
        "--concurrency",
        "2",
        "--log-file",
        LOG,
        "in",
    ];
    terminate_during_upload(command(&folder, &server.base_url(), &args), &server);
    events(&folder)
}

#[test]
fn a_signal_and_the_outcomes_after_it_are_logged() {
    let events = interrupted_run();
    let signal = only(&events, "signal");
    assert_eq!(
        (&signal["signal"], &signal["name"]),
        (&json!(15), &json!("SIGTERM"))
    );
    assert_eq!(named(&events, "file_outcome").len(), 8);
    let ended = events.last().unwrap();
    assert_eq!(
        (&ended["exit_code"], &ended["level"]),
        (&json!(143), &json!("warning"))
    );
}

#[test]
fn a_call_abandoned_after_a_signal_is_logged() {
    let folder = statement_folder(1);
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/bank-connect", silent.local_addr().unwrap());
    let mut upload = command(
        &folder,
        &base,
        &[
            "--link-id",
            "c-1",
            "--from",
            "2015-01-01",
            "--to",
            "2026-01-31",
            "--log-file",
            LOG,
            "in",
        ],
    );
    upload.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = upload.spawn().unwrap();
    let connection = silent.accept().unwrap();
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    drop(connection);
    let events = events(&folder);
    let call = only(&events, "call");
    assert_eq!(
        (&call["endpoint"], &call["result"]),
        (&json!("session"), &json!("abandoned"))
    );
    assert_eq!(call["level"], "warning");
}

#[test]
fn every_documented_event_occurs_in_a_log() {
    let folder = mixed();
    let range = [
        "--from",
        "01/03/2024",
        "--to",
        "30/06/2024",
        "--log-file",
        LOG,
    ];
    let check = folder.run(["--check", "in"].iter().chain(&range));
    let plan = folder.run(
        ["upload", "--dry-run", "--session-id", "s", "in"]
            .iter()
            .chain(&range),
    );
    assert_eq!(
        (check.code, plan.code),
        (Some(1), Some(1)),
        "{}",
        plan.all()
    );
    let (failing, _, _) = run_with_failures();
    let runs = [
        events(&folder),
        events(&failing),
        run_with_reconciliation(),
        interrupted_run(),
    ];
    let seen: BTreeSet<_> = runs.iter().flat_map(|events| names(events)).collect();
    let documented = documented();
    assert_eq!(seen, documented.keys().map(String::as_str).collect());
}
