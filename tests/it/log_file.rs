//! `--log-file`: what a run writes down, where to, and what becomes of it when that fails.

use crate::counting_server::CountingServer;
use crate::harness::{Sandbox as Folder, said};
use crate::log_lines::{LOG, events, mixed, named, only};
use crate::pty::Terminal;
use crate::terminal::try_passwords;
use crate::upload::{TAKE, command, folder};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

#[test]
fn a_check_writes_down_what_it_reports() {
    let folder = mixed();
    let range = ["--from", "01/03/2024", "--to", "30/06/2024"];
    let args = ["--check", "--format", "ndjson", "--log-file", LOG, "in"];
    let said = folder.run(args.iter().chain(&range));
    let events = events(&folder);
    let began = &events[0];
    assert_eq!(began["event"], "run_began");
    assert_eq!(
        (&began["mode"], &began["paths"]),
        (&json!("check"), &json!(1))
    );
    assert_eq!(began["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(began["settings"]["from"], "01/03/2024");
    assert_eq!(began["settings"]["strict"], json!(false));
    assert_eq!(only(&events, "files_found")["files"], 4);
    let screened = named(&events, "file_screened");
    let added = named(&events, "finding_added");
    assert_eq!(screened.len(), 4);
    for (event, record) in screened.iter().zip(said.records()) {
        assert_eq!(event["sha256"], record["sha256"]);
        assert_eq!(event["bytes"], record["bytes"]);
        assert!(event["elapsed_ms"].as_f64().unwrap() > 0.0);
        let findings = record["findings"].as_array().unwrap();
        let later = added.iter().find(|added| added["path"] == event["path"]);
        let codes = event["codes"].as_array().unwrap().iter();
        let codes = codes.chain(later.map(|later| &later["code"]));
        let reported = findings.iter().map(|finding| &finding["code"]);
        assert_eq!(codes.collect::<Vec<_>>(), reported.collect::<Vec<_>>());
        let verdict = later.map_or(&event["verdict"], |later| &later["verdict"]);
        assert_eq!(verdict, &record["verdict"]);
    }
    assert_eq!(added[0]["code"], "MISSING_MONTHS");
    let path = screened[2]["path"].as_str().unwrap();
    assert!(
        path.ends_with("_XXXXXXXXXX6789.pdf") && path.contains('\n'),
        "{path}"
    );
    let ended = events.last().unwrap();
    assert_eq!(
        (&ended["event"], &ended["exit_code"]),
        (&json!("run_ended"), &json!(1))
    );
    let summary = said.stdout.lines().last().unwrap();
    let summary: Value = serde_json::from_str(summary).unwrap();
    assert_eq!(ended["counts"]["screened"], summary["verdicts"]);
}

#[test]
fn names_of_files_stay_within_their_lines() {
    let folder = mixed();
    let said = folder.run(["--check", "--log-file", LOG, "in"]);
    assert_eq!(said.code, Some(1), "{}", said.all());
    let text = fs::read_to_string(folder.path().join(LOG)).unwrap();
    let raw = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202e}');
    assert!(!text.lines().any(|line| line.chars().any(raw)), "{text}");
    assert_eq!(named(&events(&folder), "run_ended").len(), 1);
}

#[test]
fn quiet_and_verbose_runs_write_the_same() {
    let write = |flag: &str, what: &str| {
        let folder = mixed();
        fs::create_dir(folder.path().join("empty")).unwrap();
        let said = folder.run(["--check", flag, "--log-file", LOG, what]);
        let mut events = events(&folder);
        for event in &mut events {
            for own in ["time", "run", "pid", "settings", "elapsed_ms", "seconds"] {
                event.as_object_mut().unwrap().remove(own);
            }
        }
        (events, said.stderr)
    };
    assert_eq!(write("-q", "in").0, write("-v", "in").0);
    let (quiet, nothing) = write("-q", "empty");
    assert_eq!((&quiet, nothing.as_str()), (&write("-v", "empty").0, ""));
    let notice = only(&quiet, "notice");
    assert_eq!(notice["level"], "warning");
    assert!(notice["text"].as_str().unwrap().contains("no PDF file"));
}

#[test]
fn runs_that_share_a_file_are_told_apart() {
    let folder = mixed();
    for number in 0..60 {
        folder.copy("banks/sbi.pdf", &format!("in/{number:03}.pdf"));
    }
    folder.write(LOG, "{\"an\": \"earlier line\"}\n");
    let start = || {
        let mut command = folder.command(["--check", "-q", "--log-file", LOG, "in"]);
        command.stdout(Stdio::null()).spawn().unwrap()
    };
    for mut child in [start(), start()] {
        assert_eq!(child.wait().unwrap().code(), Some(1));
    }
    let text = fs::read_to_string(folder.path().join(LOG)).unwrap();
    let (earlier, text) = text.split_once('\n').unwrap();
    assert_eq!(earlier, "{\"an\": \"earlier line\"}");
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
fn a_new_file_is_for_its_owner_only_and_may_come_from_the_config_file() {
    let folder = mixed();
    let config = folder.write(
        ".config/bankscreen/config.toml",
        "log_file = \"../../night.log\"\n",
    );
    fs::set_permissions(config, fs::Permissions::from_mode(0o600)).unwrap();
    let said = folder.run(["--check", "in"]);
    assert_eq!(said.code, Some(1), "{}", said.all());
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
fn a_file_that_cannot_be_opened_ends_the_run_before_it_begins() {
    let folder = folder(1);
    let server = CountingServer::start([TAKE]);
    let pdf = fs::read(folder.path().join("in/0.pdf")).unwrap();
    for (log, why) in [
        ("nowhere/night.log", "No such file"),
        ("in", "directory"),
        ("in/0.pdf", "PDF"),
        ("report", "--output"),
        ("./report", "--output"),
    ] {
        let args = [
            "--session-id",
            "s-1",
            "--output",
            "report",
            "--log-file",
            log,
            "in",
        ];
        let said = said(command(&folder, &server.base_url(), &args));
        assert_eq!(
            (said.code, said.stdout.as_str()),
            (Some(2), ""),
            "{}",
            said.all()
        );
        assert!(
            said.stderr.contains(log) && said.stderr.contains(why),
            "{}",
            said.stderr
        );
        assert!(said.stderr.contains("  try: "), "{}", said.stderr);
        assert!(!folder.path().join("report").exists());
    }
    assert!(server.requests().is_empty());
    assert_eq!(fs::read(folder.path().join("in/0.pdf")).unwrap(), pdf);
}

#[test]
fn a_full_disk_is_told_once_and_costs_no_upload() {
    let folder = folder(3);
    let server = CountingServer::start([TAKE]);
    let args = ["--session-id", "s-1", "--log-file", "/dev/full", "in"];
    let said = said(command(&folder, &server.base_url(), &args));
    assert_eq!(said.code, Some(0), "{}", said.all());
    assert_eq!(server.taken().len(), 3);
    assert_eq!(said.stderr.lines().count(), 1, "{}", said.stderr);
    assert!(
        said.stderr.contains("/dev/full can't be written"),
        "{}",
        said.stderr
    );
}

#[test]
fn the_dashboard_writes_down_what_a_person_did_with_it() {
    let folder = Folder::new();
    folder.copy("banks/hdfc.pdf", "inbox/april.pdf");
    folder.copy("encrypted/user_aes_256_r6.pdf", "inbox/locked.pdf");
    folder.copy("pages/scan_jpeg.pdf", "inbox/scan.pdf");
    let mut command = folder.command(["inbox", "--log-file", LOG]);
    command.env("TERM", "xterm-256color");
    let mut terminal = Terminal::start(&command, 100, 28);
    terminal.wait_for("1 pass");
    terminal.wait_for("sandbox: try it");
    terminal.type_text("s");
    terminal.wait_for("SANDBOX");
    try_passwords(&mut terminal, "canary-typed");
    terminal.type_text("u");
    terminal.wait_for("the service has");
    terminal.type_text("q");
    assert_eq!(terminal.end().code(), Some(0), "{}", terminal.text());
    let events = events(&folder);
    assert_eq!(events[0]["mode"], "dashboard");
    assert_eq!(only(&events, "files_found")["files"], 3);
    // Three at first, and the locked one with each password.
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
    let tells = |text: &str| {
        notices
            .iter()
            .any(|n| n["text"].as_str().unwrap().contains(text))
    };
    assert!(
        tells("that password opens it") && tells("uploaded 2 of 2"),
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
fn a_pipe_without_a_reader_is_refused_at_once() {
    let folder = folder(1);
    let pipe = folder.path().join("pipe");
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    let kind = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, kind, mode, 0).unwrap();
    let said = folder.run([
        Path::new("--check"),
        Path::new("--log-file"),
        &pipe,
        Path::new("in"),
    ]);
    assert_eq!(said.code, Some(2), "{}", said.all());
}
