//! Accepted uploads teach the form of statements that name no bank.

use crate::generator::banks::design;
use crate::generator::statement::statement;
use crate::harness::{RunOutput, TestDir, run_without_leaks};
use crate::service::{Request, Service, receipt, rejection, response};
use crate::upload::outcome_names;
use serde_json::Value;

/// A form that many banks share, so that the program does not know it.
const DESIGN: &str = "shared_form";
const HOLDER: &str = "HEMLATA";
const ACCOUNTS: [&str; 7] = [
    "00000307715401184",
    "00000307715402284",
    "00000307715403384",
    "00000307715404484",
    "00000307715405584",
    "00000307715406684",
    "00000307715407784",
];

/// Creates a folder with one statement of each account.
fn folder() -> TestDir {
    let folder = TestDir::new();
    for (index, account) in ACCOUNTS.into_iter().enumerate() {
        let mut own = *design(DESIGN);
        own.account = Some(account);
        own.seed = 900 + u64::try_from(index).unwrap();
        folder.write(format!("{index}.pdf"), statement(&own).bytes());
    }
    folder
}

fn upload(folder: &TestDir, service: &Service, args: &[&str]) -> RunOutput {
    let mut command = folder.command(["upload", "--format", "ndjson"].iter().chain(args));
    command
        .env("BANKSCREEN_BASE_URL", service.base_url())
        .env("BANKSCREEN_API_KEY", "canary-key");
    run_without_leaks(command)
}

/// A service that accepts every file as this bank's.
fn service(bank: &'static str) -> Service {
    let service = Service::start();
    service.answer(move |request| request.is_upload().then(|| accepted(request, bank)));
    service
}

fn accepted(request: &Request, bank: &str) -> String {
    let body = receipt(request, "").replace("\"axis\"", &format!("\"{bank}\""));
    response("200 OK", "", &body)
}

/// The bank of a file and its finding codes.
fn check(folder: &TestDir, file: &str) -> (Option<String>, Vec<String>) {
    let record = folder
        .run(["--check", "--format", "ndjson", file])
        .records()[0]
        .clone();
    let findings = record["findings"].as_array().unwrap();
    let code = |finding: &Value| finding["code"].as_str().unwrap().to_owned();
    let bank = record["bank"]["id"].as_str().map(str::to_owned);
    (bank, findings.iter().map(code).collect())
}

const UNKNOWN: &str = "BANK_NAME_UNDETECTED";
const LIKELY: &str = "BANK_UNCERTAIN";

#[test]
fn three_accounts_make_a_bank_likely_five_detected_and_a_contradiction_withdraws_it() {
    let folder = folder();
    let service = service("axis");
    let send = |files: &[&str]| {
        let args = ["--session-id", "s-1", "--bank", "spcb"];
        let output = upload(&folder, &service, &[&args[..], files].concat());
        assert_eq!(
            outcome_names(&output),
            vec!["accepted"; files.len()],
            "{}",
            output.all()
        );
    };
    let spcb = Some("spcb".to_owned());
    assert_eq!(check(&folder, "6.pdf"), (None, vec![UNKNOWN.to_owned()]));
    send(&["0.pdf", "1.pdf"]);
    assert_eq!(check(&folder, "6.pdf"), (None, vec![UNKNOWN.to_owned()]));
    send(&["2.pdf"]);
    assert_eq!(
        check(&folder, "6.pdf"),
        (spcb.clone(), vec![LIKELY.to_owned()])
    );
    let alone = folder.run(["--check", "--no-state", "--format", "ndjson", "6.pdf"]);
    assert!(alone.records()[0]["bank"].is_null());
    send(&["3.pdf", "4.pdf"]);
    assert_eq!(check(&folder, "6.pdf"), (spcb, Vec::new()));

    service.answer(|request| {
        let refused = || rejection("400 Bad Request", "BANK_NAME_MISMATCH");
        request.is_upload().then(refused)
    });
    let args = ["--session-id", "s-1", "--bank", "spcb", "5.pdf"];
    let output = upload(&folder, &service, &args);
    assert_eq!(outcome_names(&output), ["rejected"], "{}", output.all());
    assert_eq!(check(&folder, "6.pdf"), (None, vec![UNKNOWN.to_owned()]));
    let listed = folder.run(["forms"]).stdout;
    assert!(
        listed.contains("not used: 5 accounts, 1 account against it"),
        "{listed}"
    );
}

#[test]
fn the_service_names_the_bank_of_files_without_one_and_printed_banks_teach_nothing() {
    let folder = folder();
    let service = service("SPCB");
    let bankless = [
        "--session-id",
        "s-1",
        "--bankless",
        "0.pdf",
        "1.pdf",
        "2.pdf",
    ];
    // The program refuses what names no bank, unless the user ignores that.
    let args = [&["--ignore", UNKNOWN][..], &bankless].concat();
    let output = upload(&folder, &service, &args);
    assert_eq!(outcome_names(&output), ["accepted"; 3], "{}", output.all());
    assert_eq!(check(&folder, "6.pdf").0.as_deref(), Some("spcb"));

    let before = folder.run(["forms"]).stdout;
    folder.copy("banks/federal.pdf", "federal.pdf");
    let output = upload(&folder, &service, &["--session-id", "s-1", "federal.pdf"]);
    assert_eq!(outcome_names(&output), ["accepted"], "{}", output.all());
    assert_eq!(folder.run(["forms"]).stdout, before);
}

#[test]
fn forms_are_shared_as_a_file_without_personal_data_and_forgotten() {
    let folder = folder();
    let service = service("axis");
    let files = ["0.pdf", "1.pdf", "2.pdf"];
    let args = [&["--session-id", "s-1", "--bank", "spcb"][..], &files].concat();
    let output = upload(&folder, &service, &args);
    assert_eq!(outcome_names(&output), ["accepted"; 3], "{}", output.all());
    let exported = folder.run(["forms", "export"]).stdout;
    let lines: Vec<&str> = exported.lines().collect();
    assert_eq!(lines[0], "form,bank,accounts,contradictions");
    assert_eq!(lines.len(), 2);
    assert!(lines[1].ends_with(",spcb,3,0"), "{exported}");
    let state = folder.path().join(".local/state/bankscreen");
    for entry in std::fs::read_dir(state).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        for canary in ACCOUNTS.iter().chain([&HOLDER]) {
            assert!(!text.contains(canary), "{canary} in {}", path.display());
        }
    }

    let team = self::folder();
    team.write("theirs.csv", &exported);
    // Once more in place of the first.
    for _ in 0..2 {
        let imported = team.run(["forms", "import", "theirs.csv"]);
        assert_eq!(imported.stdout, "imported 1 form\n", "{}", imported.all());
    }
    assert_eq!(check(&team, "6.pdf").0.as_deref(), Some("spcb"));
    assert!(team.run(["forms"]).stdout.contains("3 accounts"));
    // What was imported is not passed on as one's own.
    assert_eq!(team.run(["forms", "export"]).stdout.lines().count(), 1);
    let form = &lines[1][..6];
    assert_eq!(
        team.run(["forms", "forget", form]).stdout,
        "forgot 1 form\n"
    );
    assert_eq!(team.run(["forms", "forget", form]).code, Some(1));
    assert_eq!(team.run(["forms"]).stdout, "no form was learnt yet\n");
    assert_eq!(check(&team, "6.pdf").0, None);

    for wrong in ["form,bank\n", &exported.replace("spcb", "nobank"), "x"] {
        team.write("wrong.csv", wrong);
        let refused = team.run(["forms", "import", "wrong.csv"]);
        assert_eq!(refused.code, Some(2), "{}", refused.all());
    }
    assert_eq!(team.run(["forms", "forget", "x"]).code, Some(2));
}

#[test]
fn a_run_without_its_journal_reports_it_on_request() {
    let dir = TestDir::new();
    dir.copy("banks/axis.pdf", "a.pdf");
    let note = "note: screening runs without the journal";
    let errors = |args: &[&str]| dir.run(["--check", "a.pdf"].iter().chain(args)).stderr;
    assert!(!errors(&["-v"]).contains(note), "no journal is no fault");
    let journal = ".local/state/bankscreen/journal.sqlite3";
    dir.write(journal, "not a database");
    let found = errors(&["-v"]);
    assert!(
        found.contains(note) && found.contains("journal.sqlite3"),
        "{found}"
    );
    assert!(!errors(&[]).contains(note));
    assert!(!errors(&["-v", "--no-state"]).contains(note));
}
