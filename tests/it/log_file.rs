//! End-to-end tests of `--log-file`: events, file handling and write errors.

use crate::counting_server::CountingServer;
use crate::harness::{TestDir, run_without_leaks as run};
use crate::log_lines::{LOG, events, mixed, named, only};
use crate::pty::Terminal;
use crate::terminal::try_passwords;
use crate::upload::{ACCEPT, command, statement_folder};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

#[test]
fn a_check_logs_what_it_reports() {
    let folder = mixed();
    let range = ["--from", "01/03/2024", "--to", "30/06/2024"];
    let args = ["--check", "--format", "ndjson", "--log-file", LOG, "in"];
    let output = folder.run(args.iter().chain(&range));
    let events = events(&folder);
    let run_began = &events[0];
    assert_eq!(run_began["event"], "run_began");
    assert_eq!(
        (&run_began["mode"], &run_began["paths"]),
        (&json!("check"), &json!(1))
    );
    assert_eq!(run_began["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(run_began["settings"]["from"], "01/03/2024");
    assert_eq!(run_began["settings"]["strict"], json!(false));
    assert_eq!(only(&events, "files_found")["files"], 4);
    let screened = named(&events, "file_screened");
    let added = named(&events, "finding_added");
    assert_eq!(screened.len(), 4);
    for (event, record) in screened.iter().zip(output.records()) {
        assert_eq!(event["sha256"], record["sha256"]);
        assert_eq!(event["bytes"], record["bytes"]);
        assert!(event["elapsed_ms"].as_f64().unwrap() > 0.0);
        let findings = record["findings"].as_array().unwrap();
        // Findings across files are added after all files are screened.
        let later = added.iter().filter(|added| added["path"] == event["path"]);
        let later: Vec<_> = later.collect();
        let codes = event["codes"].as_array().unwrap().iter();
        let codes = codes.chain(later.iter().map(|later| &later["code"]));
        let mut codes: Vec<_> = codes.map(Value::to_string).collect();
        codes.sort();
        let reported = findings.iter().map(|finding| finding["code"].to_string());
        let mut reported: Vec<_> = reported.collect();
        reported.sort();
        assert_eq!(codes, reported);
        let verdict = later
            .last()
            .map_or(&event["verdict"], |later| &later["verdict"]);
        assert_eq!(verdict, &record["verdict"]);
    }
    let added: Vec<_> = added.iter().map(|added| &added["code"]).collect();
    assert!(added.contains(&&json!("MISSING_MONTHS")), "{added:?}");
    // A period is judged over all files of an account.
    assert!(added.contains(&&json!("PARTIAL_PERIOD")), "{added:?}");
    let path = screened[2]["path"].as_str().unwrap();
    assert!(
        path.ends_with("_XXXXXXXXXX6789.pdf") && path.contains('\n'),
        "{path}"
    );
    let run_ended = events.last().unwrap();
    assert_eq!(
        (&run_ended["event"], &run_ended["exit_code"]),
        (&json!("run_ended"), &json!(1))
    );
    let summary = output.stdout.lines().last().unwrap();
    let summary: Value = serde_json::from_str(summary).unwrap();
    assert_eq!(run_ended["counts"]["screened"], summary["verdicts"]);
}

#[test]
fn file_names_cannot_inject_lines_or_control_characters() {
    let folder = mixed();
    let output = folder.run(["--check", "--log-file", LOG, "in"]);
    assert_eq!(output.code, Some(1), "{}", output.all());
    let text = fs::read_to_string(folder.path().join(LOG)).unwrap();
    let is_unsafe = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202e}');
    assert!(
        !text.lines().any(|line| line.chars().any(is_unsafe)),
        "{text}"
    );
    assert_eq!(named(&events(&folder), "run_ended").len(), 1);
}

#[test]
fn quiet_and_verbose_runs_log_the_same_events() {
    let log_and_stderr = |flag: &str, path: &str| {
        let folder = mixed();
        fs::create_dir(folder.path().join("empty")).unwrap();
        let output = folder.run(["--check", "--allow-empty", flag, "--log-file", LOG, path]);
        let mut events = events(&folder);
        for event in &mut events {
            for varying in ["time", "run", "pid", "settings", "elapsed_ms", "seconds"] {
                event.as_object_mut().unwrap().remove(varying);
            }
        }
        (events, output.stderr)
    };
    assert_eq!(log_and_stderr("-q", "in").0, log_and_stderr("-v", "in").0);
    let (quiet, stderr) = log_and_stderr("-q", "empty");
    assert_eq!(stderr, "");
    assert_eq!(quiet, log_and_stderr("-v", "empty").0);
    assert_eq!(only(&quiet, "files_found")["files"], 0);
}

#[test]
fn parallel_runs_can_share_a_log_file() {
    let folder = mixed();
    for number in 0..60 {
        folder.copy("banks/sbi.pdf", &format!("in/{number:03}.pdf"));
    }
    let earlier_line = "{\"time\":\"2026-11-22T19:19:23.817Z\",\"event\":\"run_ended\"}";
    folder.write(LOG, format!("{earlier_line}\n"));
    let start = || {
        let mut command = folder.command(["--check", "-q", "--log-file", LOG, "in"]);
        command.stdout(Stdio::null()).spawn().unwrap()
    };
    for mut child in [start(), start()] {
        assert_eq!(child.wait().unwrap().code(), Some(1));
    }
    let text = fs::read_to_string(folder.path().join(LOG)).unwrap();
    let (earlier, text) = text.split_once('\n').unwrap();
    assert_eq!(earlier, earlier_line);
    folder.write(LOG, text);
    let events = events(&folder);
    let runs: BTreeSet<_> = events
        .iter()
        .map(|event| event["run"].as_str().unwrap())
        .collect();
    assert_eq!(runs.len(), 2);
    for run in runs {
        let own: Vec<_> = events.iter().filter(|event| event["run"] == run).collect();
        assert_eq!((&own[0]["event"], own.len()), (&json!("run_began"), 67));
    }
}

#[test]
fn a_new_log_file_is_private_and_can_be_set_in_the_config_file() {
    let folder = mixed();
    let config = folder.write(
        ".config/bankscreen/config.toml",
        "log_file = \"../../night.log\"\n",
    );
    fs::set_permissions(config, fs::Permissions::from_mode(0o600)).unwrap();
    let output = folder.run(["--check", "in"]);
    assert_eq!(output.code, Some(1), "{}", output.all());
    let mode = fs::metadata(folder.path().join(LOG))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let events = events(&folder);
    let config = events[0]["settings"]["config"].as_str().unwrap();
    assert!(config.ends_with("bankscreen/config.toml"), "{config}");
    assert_eq!(events.last().unwrap()["exit_code"], 1);
}

#[test]
fn an_unusable_log_file_ends_the_run_before_it_starts() {
    let folder = statement_folder(1);
    let server = CountingServer::start([ACCEPT]);
    let pdf = fs::read(folder.path().join("in/0.pdf")).unwrap();
    for log in ["missing/night.log", "in", "in/0.pdf", "report", "./report"] {
        let args = [
            "--session-id",
            "s-1",
            "--output",
            "report",
            "--log-file",
            log,
            "in",
        ];
        let output = run(command(&folder, &server.base_url(), &args));
        assert_eq!(
            (output.code, output.stdout.as_str()),
            (Some(2), ""),
            "{}",
            output.all()
        );
        assert!(output.stderr.contains(log), "{}", output.stderr);
        assert!(!folder.path().join("report").exists());
    }
    assert!(server.requests().is_empty());
    assert_eq!(fs::read(folder.path().join("in/0.pdf")).unwrap(), pdf);
}

#[test]
fn a_full_disk_is_reported_once_and_stops_no_upload() {
    let folder = statement_folder(3);
    let server = CountingServer::start([ACCEPT]);
    let args = ["--session-id", "s-1", "--log-file", "/dev/full", "in"];
    let output = run(command(&folder, &server.base_url(), &args));
    assert_eq!(output.code, Some(0), "{}", output.all());
    assert_eq!(server.accepted().len(), 3);
    assert_eq!(output.stderr.lines().count(), 1, "{}", output.stderr);
    assert!(output.stderr.contains("/dev/full"), "{}", output.stderr);
}

#[test]
fn the_dashboard_logs_what_the_user_did() {
    let folder = TestDir::new();
    folder.copy("banks/hdfc.pdf", "inbox/april.pdf");
    folder.copy("encrypted/user_aes_256_r6.pdf", "inbox/locked.pdf");
    folder.copy("pages/scan_jpeg.pdf", "inbox/scan.pdf");
    let period = ["--from", "01/04/2024", "--to", "30/06/2024"];
    let mut command = folder.command([&["inbox", "--log-file", LOG], &period[..]].concat());
    command.env("TERM", "xterm-256color");
    let mut terminal = Terminal::start(&command, 100, 28);
    terminal.wait_for("1 ready");
    terminal.wait_for("Sandbox: try it");
    terminal.type_text("s");
    terminal.wait_for("SANDBOX");
    try_passwords(&mut terminal, "canary-typed");
    terminal.type_text("u\r");
    terminal.wait_for("All 2 files uploaded");
    terminal.type_text("q");
    assert_eq!(
        terminal.wait_for_exit().code(),
        Some(0),
        "{}",
        terminal.text()
    );
    let events = events(&folder);
    assert_eq!(events[0]["mode"], "dashboard");
    assert_eq!(only(&events, "files_found")["files"], 3);
    // Three files at first, and the locked file once per password.
    assert_eq!(named(&events, "file_screened").len(), 5);
    assert_eq!(only(&events, "call")["endpoint"], "session");
    let session = &only(&events, "session_used")["session_id"];
    let outcomes = named(&events, "file_outcome");
    assert_eq!(
        (outcomes.len(), named(&events, "attempt_ended").len()),
        (2, 2)
    );
    for outcome in outcomes {
        assert_eq!(
            (&outcome["outcome"], &outcome["session_id"]),
            (&json!("accepted"), session)
        );
        assert!(outcome["sha256"].is_string());
    }
    let notices = named(&events, "notice");
    let has_notice = |text: &str| {
        notices
            .iter()
            .any(|notice| notice["text"].as_str().unwrap().contains(text))
    };
    assert!(
        has_notice("The password matches") && has_notice("uploaded 2 of 2"),
        "{notices:#?}"
    );
    assert_eq!(events.last().unwrap()["exit_code"], 0);
    let text = fs::read_to_string(folder.path().join(LOG)).unwrap();
    assert!(
        !text.contains("LEENA") && !text.contains("canary"),
        "{text}"
    );
}

#[test]
fn a_named_pipe_without_a_reader_is_rejected_without_blocking() {
    let folder = statement_folder(1);
    let pipe = folder.path().join("pipe");
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    let kind = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, kind, mode, 0).unwrap();
    let output = folder.run([
        Path::new("--check"),
        Path::new("--log-file"),
        &pipe,
        Path::new("in"),
    ]);
    assert_eq!(output.code, Some(2), "{}", output.all());
}
