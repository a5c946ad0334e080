//! A signal ends a run in order: the report stays well formed, and the exit code is 128 plus the
//! number of the signal.

use crate::harness::TestDir;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::io::{BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

/// Files of a run that lasts long enough to be interrupted.
const FILES: usize = 600;

fn statements(files: usize) -> TestDir {
    let folder = TestDir::new();
    for index in 0..files {
        folder.copy("banks/hdfc.pdf", &format!("in/{index}.pdf"));
    }
    folder
}

fn check(folder: &TestDir, format: &str) -> Command {
    let mut command = folder.command(["--check", "--jobs", "1", "--format", format, "in"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn send(child: &Child, signal: Signal) {
    // The process may have ended.
    let _ = kill_process(Pid::from_child(child), signal);
}

/// Sends signals after the first bytes of the report, and returns the whole output.
fn interrupt(mut command: Command, signals: &[Signal]) -> Output {
    let mut child = command.spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut stdout = vec![0; 64];
    out.read_exact(&mut stdout).unwrap();
    for signal in signals {
        send(&child, *signal);
    }
    out.read_to_end(&mut stdout).unwrap();
    let mut output = child.wait_with_output().unwrap();
    output.stdout = stdout;
    output
}

#[track_caller]
fn assert_interrupted(output: &Output, codes: &[i32]) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code().unwrap();
    assert!(codes.contains(&code), "{code}\n{stderr}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let files = report["files"].as_array().unwrap();
    assert_eq!(report["summary"]["files"], files.len());
    assert_eq!(report["summary"]["interrupted"], true);
    assert!(files.len() < FILES, "the run was interrupted too late");
}

#[test]
fn each_signal_has_its_exit_code_and_the_report_stays_whole() {
    let folder = statements(FILES);
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        assert_interrupted(&interrupt(check(&folder, "json"), &[signal]), &[code]);
    }
}

#[test]
fn signals_within_a_second_are_one_signal() {
    let folder = statements(FILES);
    // `timeout` signals the process and its group; a closed terminal adds another signal.
    for signals in [
        &[Signal::TERM, Signal::TERM][..],
        &[Signal::TERM, Signal::HUP],
        &[Signal::TERM, Signal::INT, Signal::TERM, Signal::HUP],
    ] {
        // The system may deliver signals of the same moment in any order.
        let output = interrupt(check(&folder, "json"), signals);
        assert_interrupted(&output, &[143, 129, 130]);
    }
}

#[test]
fn a_line_format_ends_at_a_line_with_a_summary() {
    let folder = statements(FILES);
    let output = interrupt(check(&folder, "ndjson"), &[Signal::TERM, Signal::TERM]);
    assert_eq!(output.status.code(), Some(143));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.ends_with('\n'));
    let records = text.lines().map(|line| serde_json::from_str(line).unwrap());
    let records: Vec<Value> = records.collect();
    let summary = records.last().unwrap();
    assert_eq!(summary["type"], "summary");
    assert_eq!(summary["interrupted"], true);
    assert_eq!(summary["files"], records.len() - 1);
}

#[test]
fn a_complete_run_does_not_say_that_it_was_interrupted() {
    let folder = statements(1);
    let output = folder.run(["--check", "--format", "json", "in"]);
    assert!(!output.stdout.contains("interrupted"), "{}", output.stdout);
}

#[test]
fn a_signal_that_was_ignored_at_the_start_stays_ignored() {
    let folder = statements(FILES);
    let check = check(&folder, "json");
    let mut nohup = Command::new("nohup");
    nohup.arg(check.get_program()).args(check.get_args());
    nohup.current_dir(folder.path()).env("HOME", folder.path());
    nohup.stdin(Stdio::null());
    nohup.stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = interrupt(nohup, &[Signal::HUP]);
    assert_eq!(output.status.code(), Some(1), "duplicates fail");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["summary"]["files"], FILES);
    assert!(report["summary"]["interrupted"].is_null());
}

#[test]
fn a_run_that_waits_for_its_input_ends_at_the_signal() {
    let folder = TestDir::new();
    for args in [&["--check", "-"][..], &["--check", "--files-from", "-"]] {
        let mut command = folder.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let _input = child.stdin.take();
        std::thread::sleep(Duration::from_millis(300));
        send(&child, Signal::TERM);
        std::thread::sleep(Duration::from_millis(1200));
        // Within a second it would count as the same signal.
        send(&child, Signal::TERM);
        let output = child.wait_with_output().unwrap();
        // Nothing was reported yet, so that the signal itself may end the process.
        let status = output.status;
        assert!(
            status.code() == Some(143) || status.signal() == Some(15),
            "{args:?}"
        );
        assert_eq!(output.stdout, b"", "{args:?}");
    }
}

#[test]
fn a_run_that_is_stopped_at_any_moment_leaves_a_whole_report_or_none() {
    let folder = statements(40);
    for round in 0..40_u64 {
        let mut command = folder.command(["--check", "--jobs", "2", "--format", "json", "in"]);
        if round % 2 == 0 {
            command.args(["--output", "report.json"]);
        }
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        std::thread::sleep(Duration::from_micros(round * 1_300));
        send(&child, Signal::TERM);
        send(&child, Signal::TERM);
        let output = child.wait_with_output().unwrap();
        let report = folder.path().join("report.json");
        let file = std::fs::read(&report).ok();
        let written = file.as_ref().unwrap_or(&output.stdout);
        if !written.is_empty() {
            serde_json::from_slice::<Value>(written).unwrap();
        }
        drop(std::fs::remove_file(report));
        let left = std::fs::read_dir(folder.path()).unwrap();
        let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["in"], "round {round}");
    }
}
