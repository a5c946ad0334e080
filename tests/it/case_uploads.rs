//! `upload --cases`: one session per ready case, with the promises of every upload.

use crate::case_files::CustomerAccount;
use crate::case_server::{CaseServer, Faults};
use crate::cases::{cases, write_files};
use crate::harness::{RunOutput, TestDir, project, run_without_leaks};
use crate::upload::{HASH, KEY, outcome_by_hash, outcome_names, outcomes};
use serde_json::Value;
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::time::Duration;

const PERIOD: [&str; 4] = ["--from", "2024-01-01", "--to", "2024-03-31"];

fn command(dir: &TestDir, server: &CaseServer, args: &[&str]) -> Command {
    let upload = ["upload", "--format", "ndjson", "--cases", "folders", "in"];
    let mut command = dir.command([&upload, args].concat());
    command
        .env("BANKSCREEN_BASE_URL", server.base_url())
        .env("BANKSCREEN_API_KEY", KEY)
        .env("BANKSCREEN_SERVER_HASH", HASH);
    command
}

fn upload(dir: &TestDir, server: &CaseServer, args: &[&str]) -> RunOutput {
    run_without_leaks(command(dir, server, args))
}

/// Writes two ready cases, an incomplete and a blocked one, and a loose file.
fn mixed_cases(dir: &TestDir) {
    write_files(
        dir,
        "in/Asha",
        &CustomerAccount::new("hdfc", 1).months(&[1, 2, 3]),
    );
    let mut two = CustomerAccount::new("hdfc", 2).months(&[1, 2, 3]);
    two.extend(CustomerAccount::new("sbi", 3).months(&[1, 2, 3]));
    write_files(dir, "in/Ben", &two);
    write_files(
        dir,
        "in/Chitra",
        &CustomerAccount::new("axis", 4).months(&[1, 3]),
    );
    dir.copy("not_statements/credit_card.pdf", "in/Chitra/card.pdf");
    dir.copy("traps/unlisted_under_sponsor.pdf", "in/Dev/1.pdf");
    write_files(dir, "in", &CustomerAccount::new("kotak", 5).months(&[1]));
}

fn sessions_by_link(server: &CaseServer) -> Vec<(String, Value)> {
    let sessions = server.sessions();
    let mut by_link: Vec<(String, Value)> = sessions
        .into_iter()
        .map(|session| (session["link_id"].as_str().unwrap().to_owned(), session))
        .collect();
    by_link.sort_by(|(a, _), (b, _)| a.cmp(b));
    by_link
}

#[test]
fn each_ready_case_has_its_own_session() {
    let dir = TestDir::new();
    mixed_cases(&dir);
    let server = CaseServer::start(Faults::default());
    let planned = upload(&dir, &server, &[&PERIOD[..], &["--dry-run"]].concat());
    assert_eq!(server.sessions().len(), 0, "{}", planned.all());
    let output = upload(&dir, &server, &[&PERIOD[..], &["--process"]].concat());
    assert_eq!(output.code, Some(1), "{}", output.all());
    let sessions = sessions_by_link(&server);
    let links: Vec<_> = sessions.iter().map(|(link, _)| link.as_str()).collect();
    assert_eq!(links, ["Asha", "Ben"]);
    assert_eq!(sessions[0].1["bank_name"], "hdfc");
    assert_eq!(sessions[1].1["bank_name"], Value::Null);
    assert_eq!(sessions[0].1["from_date"], "01/01/2024");
    assert_eq!(sessions[0].1["to_date"], "31/03/2024");
    assert_eq!(server.processed(), ["Asha", "Ben"]);
    let accepted = server.accepted();
    assert_eq!(accepted.len(), 9);
    assert!(accepted.values().all(|times| *times == 1));
    let found = outcomes(&output);
    let count = |code: &str| found.iter().filter(|(_, own)| own == code).count();
    assert_eq!(count("CASE_NOT_READY"), 4, "{found:?}");
    assert_eq!(count("NO_CASE"), 1);
    let records = cases(&output);
    let asha = &records[0];
    assert!(asha["session_id"].as_str().unwrap().starts_with("s-"));
    assert_eq!(asha["outcomes"]["accepted"], 3);
    assert_eq!(
        asha["service_missing_months"],
        serde_json::json!(["2024-02"])
    );
    assert_eq!(records[2]["session_id"], Value::Null);
    // The next run sends nothing.
    let again = upload(&dir, &server, &PERIOD);
    assert_eq!(server.accepted(), accepted);
    assert_eq!(
        cases(&again)[1]["outcomes"]["already-uploaded"],
        6,
        "{}",
        again.all()
    );
    let planned = upload(&dir, &server, &[&PERIOD[..], &["--dry-run"]].concat());
    assert_eq!(
        cases(&planned)[1]["outcomes"]["already-uploaded"],
        6,
        "{}",
        planned.all()
    );
}

#[test]
fn incomplete_cases_are_sent_on_request_and_blocked_ones_never() {
    let dir = TestDir::new();
    mixed_cases(&dir);
    let server = CaseServer::start(Faults::default());
    let output = upload(
        &dir,
        &server,
        &[&PERIOD[..], &["--include-incomplete", "--process"]].concat(),
    );
    let links: Vec<_> = sessions_by_link(&server)
        .into_iter()
        .map(|(link, _)| link)
        .collect();
    assert_eq!(links, ["Asha", "Ben", "Chitra"], "{}", output.all());
    assert_eq!(
        server.processed(),
        ["Asha", "Ben"],
        "an incomplete case is not processed"
    );
    let sent = server
        .accepted()
        .into_keys()
        .filter(|(link, _)| link == "Chitra");
    assert_eq!(sent.count(), 2, "{}", output.all());
}

#[test]
fn a_case_without_a_period_has_that_of_its_months() {
    let dir = TestDir::new();
    let days = [("2024-01-05", "2024-01-31"), ("2024-02-01", "2024-02-20")];
    write_files(
        &dir,
        "in/A",
        &CustomerAccount::new("hdfc", 1).statements(&days),
    );
    let server = CaseServer::start(Faults::default());
    let output = upload(&dir, &server, &[]);
    assert_eq!(output.code, Some(0), "{}", output.all());
    let session = &server.sessions()[0];
    assert_eq!(session["from_date"], "01/01/2024");
    assert_eq!(session["to_date"], "29/02/2024");
    // A later month and another bank belong to the same session.
    write_files(
        &dir,
        "in/A/more",
        &CustomerAccount::new("sbi", 2).months(&[1, 2, 3]),
    );
    let output = upload(&dir, &server, &[]);
    assert_eq!(output.code, Some(0), "{}", output.all());
    assert_eq!(server.sessions().len(), 1);
    assert_eq!(server.accepted().len(), 5);
}

#[test]
fn a_case_with_an_ended_session_stops_alone() {
    let dir = TestDir::new();
    let account = CustomerAccount::new("hdfc", 1).months(&[1, 2, 3]);
    write_files(&dir, "in/A", &account[..2]);
    write_files(&dir, "in/B", &CustomerAccount::new("sbi", 2).months(&[1]));
    let server = CaseServer::start(Faults::default());
    assert_eq!(upload(&dir, &server, &[]).code, Some(0));
    server.expire("A");
    write_files(&dir, "in/A", &account);
    write_files(
        &dir,
        "in/B",
        &CustomerAccount::new("sbi", 2).months(&[1, 2]),
    );
    let output = upload(&dir, &server, &[]);
    assert_eq!(output.code, Some(1), "{}", output.all());
    let of = |output: &RunOutput| -> Vec<String> {
        outcomes(output)
            .into_iter()
            .map(|(outcome, _)| outcome)
            .collect()
    };
    let found = of(&output);
    assert_eq!(found[..2], ["already-uploaded", "already-uploaded"]);
    assert!(
        ["skipped", "rejected"].contains(&found[2].as_str()),
        "{found:?}"
    );
    assert_eq!(found[3..], ["already-uploaded", "accepted"]);
    assert!(server.accepted().values().all(|times| *times == 1));
    // The next run does not divide the case between two sessions.
    let output = upload(&dir, &server, &[]);
    assert_eq!(of(&output)[2], "skipped", "{}", output.all());
    assert_eq!(server.sessions().len(), 2);
    let text = dir_text(&dir, &server);
    assert!(text.contains("--resend-expired"), "{text}");
    let output = upload(&dir, &server, &["--resend-expired"]);
    assert_eq!(output.code, Some(0), "{}", output.all());
    assert_eq!(of(&output)[..3], ["accepted", "accepted", "accepted"]);
    assert_eq!(server.sessions().len(), 3);
}

fn dir_text(dir: &TestDir, server: &CaseServer) -> String {
    let mut command = command(dir, server, &[]);
    command.args(["--report", "text=out.txt"]);
    let _output = run_without_leaks(command);
    std::fs::read_to_string(dir.path().join("out.txt")).unwrap()
}

#[test]
fn the_limit_holds_over_all_cases_and_a_slow_case_does_not_delay_the_others() {
    let dir = TestDir::new();
    for case in 0..8 {
        let files = CustomerAccount::new("hdfc", case + 1).months(&[1, 2, 3]);
        write_files(&dir, &format!("in/case {case}"), &files);
    }
    let server = CaseServer::start(Faults {
        delay: Duration::from_millis(5),
        ..Faults::default()
    });
    server.slow_down("case 0", Duration::from_millis(700));
    let output = upload(&dir, &server, &["--concurrency", "2"]);
    assert_eq!(output.code, Some(0), "{}", output.all());
    assert!(server.max_active() <= 2, "{}", server.max_active());
    let order = server.order();
    let last_slow: Vec<_> = order.iter().rev().take(2).collect();
    assert_eq!(last_slow, ["case 0", "case 0"], "{order:?}");
}

#[test]
fn a_service_that_loses_its_answers_stops_all_cases() {
    let dir = TestDir::new();
    for case in 0..40 {
        let files = CustomerAccount::new("hdfc", case + 1).months(&[1]);
        write_files(&dir, &format!("in/case {case}"), &files);
    }
    let server = CaseServer::start(Faults {
        lost: 1,
        ..Faults::default()
    });
    let mut command = command(&dir, &server, &["--concurrency", "2"]);
    command.env_remove("BANKSCREEN_SERVER_HASH");
    let output = run_without_leaks(command);
    assert_eq!(output.code, Some(75), "{}", output.all());
    let lost = output.stderr.matches("answers of the service were lost");
    assert_eq!(lost.count(), 1, "{}", output.stderr);
    let names = outcome_names(&output);
    let count = |name: &str| names.iter().filter(|own| **own == name).count();
    // Two calls at a time: one may be on its way when the tenth outcome is unknown.
    assert!((10..=11).contains(&count("unknown")), "{names:?}");
    assert_eq!(count("unknown") + count("skipped"), 40);
    assert_eq!(server.accepted().len(), count("unknown"));
}

/// Cases of five files that are uploaded under faults: 200, or the number in this variable.
const CASES: &str = "BANKSCREEN_TEST_CASES";

#[test]
fn cases_survive_faults_and_kills_with_each_file_once_in_its_own_session() {
    let count = std::env::var(CASES).map_or(200, |count| count.parse().unwrap());
    let dir = TestDir::new();
    let scan = std::fs::read(project().join("testdata/pages/scan_jpeg.pdf")).unwrap();
    let mut expected = BTreeSet::new();
    for case in 0..count {
        let bank = ["hdfc", "sbi", "axis", "kotak"][usize::try_from(case % 4).unwrap()];
        // Every fifth case lacks a month, and every seventh has a scan instead of one.
        let months: &[usize] = if case % 5 == 0 {
            &[1, 2, 3, 5]
        } else {
            &[1, 2, 3, 4, 5]
        };
        let files = CustomerAccount::new(bank, case + 1).months(months);
        let name = format!("case {case:04}");
        write_files(&dir, &format!("in/{name}"), &files);
        let mut state = if case % 5 == 0 { "incomplete" } else { "ready" };
        if case % 5 == 0 {
            dir.copy(
                "not_statements/credit_card.pdf",
                &format!("in/{name}/5.pdf"),
            );
        } else if case % 7 == 0 {
            // Equal scans in two cases would be found.
            let mut scan = scan.clone();
            scan.extend(format!("%{name}\n").bytes());
            dir.write(format!("in/{name}/5.pdf"), scan);
            state = "incomplete";
        }
        expected.insert((name, state.to_owned()));
    }
    let server = CaseServer::start(Faults {
        lost: 17,
        busy: 11,
        delay: Duration::from_millis(1),
        ..Faults::default()
    });
    let args = [
        "--from",
        "2024-01-01",
        "--to",
        "2024-05-31",
        "--concurrency",
        "8",
    ];
    for wait in [3000, 4000, 5000] {
        let mut command = command(&dir, &server, &args);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        std::thread::sleep(Duration::from_millis(wait));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let output = upload(&dir, &server, &args);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let records = cases(&output);
    let states: BTreeSet<_> = records
        .iter()
        .map(|case| (text(&case["case"]), text(&case["state"])))
        .collect();
    assert_eq!(states, expected);
    let accepted = server.accepted();
    assert!(accepted.values().all(|times| *times == 1));
    let ready: BTreeSet<String> = expected
        .iter()
        .filter(|(_, state)| state == "ready")
        .map(|(name, _)| name.clone())
        .collect();
    assert_eq!(
        server.used_sessions(),
        ready.len(),
        "one session per ready case"
    );
    // A session whose creation was interrupted before its ID was stored stays empty.
    let empty = server.sessions().len() - ready.len();
    assert!(empty <= 3 * 8, "{empty} empty sessions after three kills");
    let mut sent = 0;
    for record in output.records() {
        let case = text(&record["case"]);
        let key = (case.clone(), text(&record["sha256"]));
        let outcome = text(&record["upload"]["outcome"]);
        if ready.contains(&case) {
            sent += 1;
            assert!(
                accepted.contains_key(&key) || outcome == "unknown",
                "{record}"
            );
        } else {
            assert_eq!(outcome, "skipped", "{record}");
        }
    }
    assert_eq!(sent, 5 * ready.len());
    let own = |(case, _): &(String, String)| ready.contains(case);
    assert!(accepted.keys().all(own), "only ready cases are sent");
    assert_eq!(
        outcome_by_hash(&output)
            .values()
            .filter(|o| *o == "rejected")
            .count(),
        0
    );
}

#[test]
fn statements_and_accounts_of_earlier_cases_are_remembered_by_keyed_hash() {
    let dir = TestDir::new();
    let account = CustomerAccount::new("hdfc", 1).months(&[1, 2, 3]);
    write_files(&dir, "in/Asha", &account[..1]);
    let server = CaseServer::start(Faults::default());
    assert_eq!(upload(&dir, &server, &[]).code, Some(0));
    // The same case again is not another one.
    assert_eq!(upload(&dir, &server, &[]).code, Some(0));
    let key = dir.path().join(".local/state/bankscreen/case-key");
    let mode = std::fs::metadata(&key).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    std::fs::rename(dir.path().join("in/Asha"), dir.path().join("in/Other")).unwrap();
    write_files(&dir, "in/Third", &account[1..2]);
    write_files(
        &dir,
        "in/Fourth",
        &CustomerAccount::new("hdfc", 2).months(&[1]),
    );
    let check = |args: &[&str]| {
        let check = ["--check", "--format", "ndjson", "--cases", "folders", "in"];
        dir.run([&check[..], args].concat())
    };
    let states = |output: &RunOutput| -> Vec<String> {
        let records = cases(output);
        let states = records
            .iter()
            .map(|case| case["state"].as_str().unwrap().to_owned());
        states.collect()
    };
    // The order of the cases is Fourth, Other, Third; the last two share their account in this run.
    let output = check(&[]);
    assert_eq!(
        states(&output),
        ["ready", "blocked", "blocked"],
        "{}",
        output.all()
    );
    let earlier = "is also in case Third, a case of an earlier run";
    assert!(output.stdout.contains(earlier), "{}", output.stdout);
    std::fs::remove_dir_all(dir.path().join("in/Other")).unwrap();
    let output = check(&[]);
    assert_eq!(states(&output), ["ready", "blocked"], "{}", output.all());
    assert!(
        output
            .stdout
            .contains("The same account is also in a case of an earlier run")
    );
    assert_eq!(states(&check(&["--no-state"])), ["ready", "ready"]);
    let sent = upload(&dir, &server, &[]);
    assert_eq!(outcomes(&sent)[1].1, "CASE_NOT_READY", "{}", sent.all());
    let related = "path,related\nin/Third,Asha\n";
    dir.write("m.csv", related);
    assert_eq!(states(&check(&["--manifest", "m.csv"])), ["ready", "ready"]);
}
