//! Settings that the dashboard and the command line both obey: the same files get the same records,
//! and the service the same requests.

use crate::case_server::{CaseServer, Faults};
use crate::harness::TestDir;
use crate::path_server::{PathServer, respond};
use crate::pty::Terminal;
use serde_json::Value;
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

/// The arguments of uploads.
const SENT: [&str; 5] = ["in", "--from", "2024-04-01", "--to", "2024-06-30"];
/// The period as settings of the project's file.
const PERIOD: [&str; 2] = ["from = \"2024-04-01\"", "to = \"2024-06-30\""];

/// Creates a folder with files that settings judge differently.
fn inbox() -> TestDir {
    let dir = TestDir::new();
    dir.copy("banks/hdfc.pdf", "in/april.pdf");
    dir.copy("banks/hdfc.pdf", "in/again.pdf");
    dir.copy("banks/axis.pdf", "in/axis.pdf");
    dir.copy("pages/mixed.pdf", "in/mixed.pdf");
    dir.copy("edits/printed_by_browser.pdf", "in/printed.pdf");
    dir.copy("encrypted/user_aes_256_r6.pdf", "in/locked.pdf");
    let large = std::fs::read(dir.path().join("in/axis.pdf")).unwrap();
    dir.write("in/large.pdf", [large, vec![b' '; 200_000]].concat());
    let passwords = dir.write("passwords.txt", "512LEENA1988\n");
    make_private(&passwords);
    dir
}

fn make_private(path: &Path) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// Returns the records of files, without their order.
fn files(report: &str) -> BTreeSet<String> {
    let records = report
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let files = records.filter(|record: &Value| record["type"] == "file");
    files.map(|record| record.to_string()).collect()
}

/// Screens the folder on the command line with these lines in the project's file.
fn check(dir: &TestDir, settings: &[&str]) -> String {
    dir.write("bankscreen.toml", settings.join("\n"));
    let output = dir.run(["--check", "--format", "ndjson", "--no-state", "in"]);
    assert_eq!(output.stderr, "", "{settings:?}");
    output.stdout
}

/// Screens the folder on the dashboard, and returns its report.
fn export(dir: &TestDir, summary: &Value) -> String {
    let mut command = dir.command(["in"]);
    command.env("TERM", "xterm-256color");
    let mut terminal = Terminal::start(&command, 140, 40);
    terminal.wait_for("Later: only screen files");
    terminal.type_text("l");
    let count = |verdict: &str| summary["verdicts"][verdict].as_u64().unwrap();
    terminal.wait_for(&format!(" {} ready", count("pass") + count("warn")));
    terminal.settle(Duration::from_millis(500));
    terminal.type_text("e");
    terminal.wait_for("Export the files shown as");
    terminal.type_text("ndjson\r");
    terminal.wait_for("Write a report");
    terminal.type_text("\r");
    terminal.wait_for("written to bankscreen-report.ndjson");
    terminal.type_text("q");
    terminal.wait_for_exit();
    std::fs::read_to_string(dir.path().join("bankscreen-report.ndjson")).unwrap()
}

/// Checks that the dashboard obeys settings of the project's file like the command line does, and
/// that each of them changes the report at all.
#[track_caller]
fn assert_obeyed(settings: &[&str]) {
    let dir = inbox();
    let expected = check(&dir, settings);
    for setting in settings {
        let others: Vec<&str> = settings
            .iter()
            .copied()
            .filter(|other| other != setting)
            .collect();
        // Neither of the dates is a period.
        let others = if PERIOD.contains(setting) {
            others
                .into_iter()
                .filter(|other| !PERIOD.contains(other))
                .collect()
        } else {
            others
        };
        let without = check(&dir, &others);
        assert_ne!(files(&without), files(&expected), "{setting} has no effect");
    }
    check(&dir, settings);
    let summary = serde_json::from_str(expected.lines().last().unwrap()).unwrap();
    assert_eq!(files(&export(&dir, &summary)), files(&expected));
}

#[test]
fn period_limits_and_codes_hold_on_the_dashboard() {
    assert_obeyed(&[
        PERIOD[0],
        PERIOD[1],
        "ignore = [\"PARTLY_SCANNED\"]",
        "error = [\"STATEMENT_NO_TRANSACTIONS\", \"PARTIAL_PERIOD\"]",
        "strict_originals = true",
        "max_file_size = \"100k\"",
    ]);
}

#[test]
fn strictness_and_single_files_hold_on_the_dashboard() {
    assert_obeyed(&["strict = true", "files_only = true", "no_ledger = true"]);
}

#[test]
fn bank_and_page_limit_hold_on_the_dashboard() {
    assert_obeyed(&["bank = \"hdfc\"", "max_pages = 2"]);
}

#[test]
fn settings_of_the_config_file_hold_on_the_dashboard() {
    let dir = inbox();
    let config = ".config/bankscreen/config.toml";
    let without = check(&dir, &[]);
    let passwords = dir.path().join("passwords.txt");
    let settings = format!(
        "password_file = {:?}\njobs = 2\ntime_limit = 60\nmax_pages = 2\n",
        passwords.to_str().unwrap()
    );
    dir.write(config, settings);
    let expected = check(&dir, &[]);
    assert_ne!(files(&without), files(&expected));
    let summary = serde_json::from_str(expected.lines().last().unwrap()).unwrap();
    assert_eq!(files(&export(&dir, &summary)), files(&expected));
}

/// Creates a folder with a file that passes and one with a warning, and a config file that names a
/// server and how to upload to it.
fn outbox(base_url: &str) -> TestDir {
    let dir = TestDir::new();
    dir.copy("banks/hdfc.pdf", "in/hdfc.pdf");
    dir.copy("banks/kotak.pdf", "in/kotak.pdf");
    dir.copy("banks/sbi.pdf", "in/sbi.pdf");
    // It covers the period in part.
    dir.copy("banks/federal.pdf", "in/federal.pdf");
    let key = dir.write("key", "canary-key-of-the-file\n");
    make_private(&key);
    let settings = format!(
        "base_url = {base_url:?}\napi_key_file = {:?}\nlink_id = \"LOAN-4711\"\n\
         include_warnings = false\nupload_type = \"base64\"\nconcurrency = 1\n",
        key.to_str().unwrap()
    );
    dir.write(".config/bankscreen/config.toml", settings);
    dir
}

/// Sends the folder from the dashboard.
fn send(dir: &TestDir) {
    let mut command = dir.command(SENT);
    command.env("TERM", "xterm-256color");
    let mut terminal = Terminal::start(&command, 140, 40);
    terminal.wait_for("LOAN-4711");
    terminal.wait_for("3 ready");
    terminal.wait_for("1 on hold");
    terminal.type_text("u");
    terminal.wait_for("Send 3 files to LOAN-4711?");
    terminal.type_text("\r");
    terminal.wait_for("3 files uploaded");
    terminal.type_text("q");
    terminal.wait_for_exit();
}

/// Returns what the requests of uploads have in common: method and path, key, and form fields.
fn requests(server: &PathServer) -> Vec<BTreeSet<String>> {
    let uploads = server
        .requests()
        .into_iter()
        .filter(|request| request.contains("/upload_session"));
    let facts = uploads.map(|request| {
        let lines = request.lines().filter(|line| {
            let lower = line.to_ascii_lowercase();
            lower.starts_with("post ")
                || lower.starts_with("x-api-key")
                || lower.contains("name=\"")
        });
        // File names have the hash of the file, which differs from request to request.
        let fact = |line: &str| {
            line.split("filename=")
                .next()
                .unwrap_or_default()
                .to_owned()
        };
        lines.map(fact).collect()
    });
    facts.collect()
}

#[test]
fn uploads_obey_the_same_settings_on_the_dashboard() {
    let server = || {
        let server = PathServer::start();
        let receipt = r#"{"statement_id": "11111111-2222-3333-4444-555555555555"}"#;
        server.route("/upload_session", respond("200 OK", "", receipt.as_bytes()));
        let created = r#"{"session_id": "s-1", "redirect_url": "https://example.com/s-1"}"#;
        server.route("/v1/session/", respond("200 OK", "", created.as_bytes()));
        server
    };
    let (by_command, by_dashboard) = (server(), server());
    let dir = outbox(&by_command.url("/bank-connect"));
    let output = dir.run(["upload"].iter().chain(&SENT));
    assert_eq!(output.code, Some(1), "one file has warnings");
    let dir = outbox(&by_dashboard.url("/bank-connect"));
    send(&dir);
    let sent = requests(&by_command);
    assert_eq!(
        sent.len(),
        3,
        "without the file that has warnings: {sent:?}"
    );
    assert_eq!(requests(&by_dashboard), sent);
    let text = format!("{sent:?}");
    assert!(text.contains("canary-key-of-the-file"), "{text}");
    // The beginning of a PDF in base64.
    let kind = |server: &PathServer| {
        let requests = server.requests();
        requests
            .iter()
            .filter(|request| request.contains("JVBERi0"))
            .count()
    };
    assert_eq!((kind(&by_command), kind(&by_dashboard)), (3, 3));
}

#[test]
fn the_concurrency_holds_on_the_dashboard() {
    let server = || {
        CaseServer::start(Faults {
            delay: Duration::from_millis(150),
            ..Faults::default()
        })
    };
    let (by_command, by_dashboard) = (server(), server());
    let pdf = |dir: &TestDir| {
        let path = dir.path().join(".config/bankscreen/config.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, text.replace("\"base64\"", "\"pdf\"")).unwrap();
    };
    let dir = outbox(&by_command.base_url());
    pdf(&dir);
    assert_eq!(
        dir.run(["upload"].iter().chain(&SENT)).code,
        Some(1),
        "one file has warnings"
    );
    let dir = outbox(&by_dashboard.base_url());
    pdf(&dir);
    send(&dir);
    assert_eq!((by_command.max_active(), by_dashboard.max_active()), (1, 1));
    assert_eq!(by_command.sessions(), by_dashboard.sessions());
    assert_eq!(by_command.accepted(), by_dashboard.accepted());
}

/// Settings that are tested here, or that only one of both has.
const KNOWN: [&str; 16] = [
    "profile",
    "base_url",
    "link_id",
    "bank",
    "password_file",
    "jobs",
    "max_file_size",
    "max_pages",
    "time_limit",
    "concurrency",
    "upload_type",
    "include_warnings",
    // Of the terminal, or of the log, which tests of their own compare.
    "log_file",
    "color",
    "symbols",
    "mouse",
];

#[test]
fn every_setting_is_known_to_these_tests() {
    let output = TestDir::new().run(["doctor"]).stdout;
    let settings = output
        .lines()
        .skip_while(|line| *line != "settings")
        .skip(1);
    let settings = settings.take_while(|line| !line.is_empty());
    let names: Vec<&str> = settings
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(names, KNOWN);
}
