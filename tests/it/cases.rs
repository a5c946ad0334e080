//! `--check --cases`: files are grouped into cases, each with its state and what it needs.

use crate::case_files::CustomerAccount;
use crate::harness::{RunOutput, TestDir};
use serde_json::Value;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

const PERIOD: [&str; 4] = ["--from", "2024-01-01", "--to", "2024-03-31"];

/// Writes files to `folder`, named by their number.
pub(crate) fn write_files(dir: &TestDir, folder: &str, files: &[Vec<u8>]) {
    for (number, bytes) in files.iter().enumerate() {
        dir.write(format!("{folder}/{}.pdf", number + 1), bytes);
    }
}

fn check(dir: &TestDir, args: &[&str]) -> RunOutput {
    dir.run([&["--check", "--format", "ndjson"], args].concat())
}

/// Returns the records of cases.
pub(crate) fn cases(output: &RunOutput) -> Vec<Value> {
    let lines = output.stdout.lines();
    let records = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
    records.filter(|record| record["type"] == "case").collect()
}

/// Returns name and state of each case.
fn states(output: &RunOutput) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let records = cases(output);
    let states = records
        .iter()
        .map(|record| (text(&record["case"]), text(&record["state"])));
    states.collect()
}

fn codes(record: &Value) -> Vec<&str> {
    let findings = record["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|f| f["code"].as_str().unwrap())
        .collect()
}

#[track_caller]
fn assert_rejected(output: &RunOutput, expected: &str) {
    assert_eq!(output.code, Some(2), "{}", output.all());
    assert_eq!(output.stdout, "");
    assert!(output.stderr.contains(expected), "{}", output.all());
}

fn write_manifest(dir: &TestDir, text: &str) {
    let path = dir.write("m.csv", text);
    fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn a_complete_case_of_monthly_statements_has_no_warnings() {
    let dir = TestDir::new();
    write_files(
        &dir,
        "in/Asha",
        &CustomerAccount::new("hdfc", 1).months(&[1, 2, 3]),
    );
    let output = check(
        &dir,
        &[&["--cases", "folders", "--strict", "in"], &PERIOD[..]].concat(),
    );
    assert_eq!(output.code, Some(0), "{}", output.all());
    assert!(
        output
            .records()
            .iter()
            .all(|record| codes(record).is_empty())
    );
    let case = &cases(&output)[0];
    assert_eq!(case["state"], "ready");
    let months = ["2024-01", "2024-02", "2024-03"];
    assert_eq!(case["accounts"][0]["months"], serde_json::json!(months));
    assert_eq!(case["requests"], serde_json::json!([]));
    // Without cases, the run is one case.
    let output = check(&dir, &[&["--strict", "in"], &PERIOD[..]].concat());
    assert_eq!(output.code, Some(0), "{}", output.all());
}

#[test]
fn each_case_has_its_line_after_its_files_in_every_format() {
    let dir = TestDir::new();
    write_files(
        &dir,
        "in/Asha",
        &CustomerAccount::new("hdfc", 1).months(&[1, 2, 3]),
    );
    write_files(
        &dir,
        "in/Ben & Co",
        &CustomerAccount::new("sbi", 2).months(&[1, 3]),
    );
    dir.copy("encrypted/user_rc4_128.pdf", "in/Chitra/locked.pdf");
    dir.copy("banks/icici.pdf", "in/loose.pdf");
    fs::create_dir(dir.path().join("in/Empty")).unwrap();
    let mut all = String::new();
    for format in ["text", "ndjson", "json", "csv", "junit", "sarif", "github"] {
        let args = ["--check", "--cases", "folders", "--format", format, "in"];
        let output = dir.run([&args, &PERIOD[..]].concat());
        let text = output.all();
        assert_eq!(output.code, Some(1), "{text}");
        let text = match format {
            "ndjson" | "json" => {
                let lines = text
                    .lines()
                    .filter(|line| !line.contains("\"type\":\"file\""));
                lines.collect::<Vec<_>>().join("\n") + "\n"
            }
            "sarif" => text.split_once("\"properties\":").unwrap().1.to_owned(),
            "csv" => {
                let lines = text.lines().filter(|line| line.contains(",case"));
                lines.collect::<Vec<_>>().join("\n") + "\n"
            }
            _ => text,
        };
        all = format!("{all}== {format}\n{text}");
    }
    insta::assert_snapshot!(all);
    let output = dir.run(["--check", "--cases", "folders", "--format", "html", "in"]);
    let (_, page) = output.stdout.split_once("<main>").unwrap();
    for text in [
        "Asha",
        "Ben &amp; Co",
        "What to ask this customer for",
        "incomplete",
    ] {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn many_cases_are_listed_in_a_table_first() {
    let dir = TestDir::new();
    for name in ["A", "B", "C", "D", "E", "F"] {
        fs::create_dir_all(dir.path().join("in").join(name)).unwrap();
    }
    write_files(
        &dir,
        "in/B",
        &CustomerAccount::new("hdfc", 1).months(&[1, 2]),
    );
    let output = dir.run(["--check", "--cases", "folders", "in"]);
    insta::assert_snapshot!(output.all());
}

#[test]
fn ready_cases_can_be_required() {
    let dir = TestDir::new();
    write_files(
        &dir,
        "in/A",
        &CustomerAccount::new("hdfc", 1).months(&[1, 3]),
    );
    let args = ["--cases", "folders", "in"];
    assert_eq!(check(&dir, &args).code, Some(0));
    let required = [&args[..], &["--require-ready"]].concat();
    let output = check(&dir, &required);
    assert_eq!(output.code, Some(1), "{}", output.all());
    assert_eq!(states(&output), [("A".to_owned(), "incomplete".to_owned())]);
}

#[test]
fn a_manifest_groups_files_and_sets_the_period_of_a_case() {
    let dir = TestDir::new();
    let account = CustomerAccount::new("hdfc", 1);
    write_files(&dir, "x", &account.months(&[1, 2, 3]));
    write_files(&dir, "y", &CustomerAccount::new("sbi", 2).months(&[2]));
    dir.copy("banks/icici.pdf", "none.pdf");
    write_manifest(
        &dir,
        "path,case,from,to\nx/1.pdf,A,2024-01-01,2024-03-31\nx/2.pdf,A,,\nx/3.pdf, A ,,\n\
         y,B,,\nnone.pdf,,,\n",
    );
    let args = ["--cases", "manifest", "--manifest", "m.csv"];
    let output = check(&dir, &args);
    assert_eq!(output.code, Some(0), "{}", output.all());
    let ready = |name: &str| (name.to_owned(), "ready".to_owned());
    assert_eq!(states(&output), [ready("A"), ready("B")]);
    let records = output.records();
    let last = records.last().unwrap();
    assert_eq!(last["path"], "none.pdf");
    assert_eq!(last["case"], Value::Null);
    // The other rows of the case have the period, too.
    assert!(
        records.iter().all(|record| codes(record).is_empty()),
        "{}",
        output.stdout
    );
}

#[test]
fn an_account_of_the_manifest_without_a_file_lacks_all_months() {
    let dir = TestDir::new();
    let customer = CustomerAccount::new("hdfc", 1);
    write_files(&dir, "x", &customer.months(&[1, 2]));
    write_manifest(
        &dir,
        "path,case,from,to,account_number\nx/1.pdf,A,2024-01-01,2024-02-29,\n\
         x/2.pdf,A,,,90000000004242\n",
    );
    let args = ["--cases", "manifest", "--manifest", "m.csv"];
    let output = check(&dir, &args);
    let case = &cases(&output)[0];
    assert_eq!(case["state"], "incomplete", "{}", output.all());
    let account = &case["accounts"][1];
    assert_eq!(account["account"], "XXXXXXXXXX4242");
    let missing = serde_json::json!(["2024-01", "2024-02"]);
    assert_eq!(account["missing_months"], missing);
    let requests = case["requests"].to_string();
    assert!(requests.contains("4242"), "{requests}");
    assert!(!output.all().contains("90000000004242"));
}

#[test]
fn rows_describe_folders_of_cases_and_add_no_files() {
    let dir = TestDir::new();
    write_files(
        &dir,
        "in/A",
        &CustomerAccount::new("hdfc", 1).months(&[1, 2]),
    );
    dir.copy("banks/icici.pdf", "elsewhere.pdf");
    dir.copy("banks/axis.pdf", "in/A/skipped.pdf");
    write_manifest(
        &dir,
        "path,bank,from,to,skip\nin/A,hdfc,2024-01-01,2024-04-30,\nelsewhere.pdf,,,,\n\
         in/A/skipped.pdf,,,,yes\n",
    );
    let args = ["--cases", "folders", "--manifest", "m.csv", "in"];
    let output = check(&dir, &args);
    assert_eq!(output.records().len(), 2, "{}", output.all());
    let case = &cases(&output)[0];
    assert_eq!(case["state"], "incomplete");
    let missing = serde_json::json!(["2024-03", "2024-04"]);
    assert_eq!(case["accounts"][0]["missing_months"], missing);
}

#[test]
fn the_same_statement_in_two_cases_is_found_unless_they_are_related() {
    let dir = TestDir::new();
    let account = CustomerAccount::new("hdfc", 1);
    write_files(&dir, "in/A", &account.months(&[1, 2]));
    write_files(&dir, "in/B", &account.months(&[1]));
    write_files(&dir, "in/C", &account.months(&[1, 2, 3])[2..]);
    // Another account with the same last four digits.
    write_files(&dir, "in/D", &CustomerAccount::new("hdfc", 2).months(&[1]));
    let code = "STATEMENT_IN_OTHER_CASE";
    let found = |args: &[&str]| {
        let output = check(&dir, args);
        let records = output.records();
        let found = records
            .iter()
            .filter(|record| codes(record).contains(&code));
        let paths: Vec<String> = found
            .map(|record| record["path"].as_str().unwrap().to_owned())
            .collect();
        (paths, states(&output))
    };
    let (paths, states) = found(&["--cases", "folders", "in"]);
    assert_eq!(
        paths,
        ["in/A/1.pdf", "in/A/2.pdf", "in/B/1.pdf", "in/C/1.pdf"]
    );
    let blocked: Vec<_> = states.iter().map(|(_, state)| state.as_str()).collect();
    assert_eq!(blocked, ["blocked", "blocked", "blocked", "ready"]);
    write_manifest(&dir, "path,related\nin/A,B;C\nin/C,B|A\n");
    let args = ["--cases", "folders", "--manifest", "m.csv", "in"];
    assert_eq!(found(&args).0, <[&str; 0]>::default());
}

#[test]
fn a_file_can_be_in_two_related_cases() {
    let dir = TestDir::new();
    write_files(&dir, "x", &CustomerAccount::new("hdfc", 1).months(&[1]));
    write_manifest(&dir, "path,case,related\nx/1.pdf,A,B\nx/1.pdf,B,\n");
    let args = ["--cases", "manifest", "--manifest", "m.csv"];
    let output = check(&dir, &args);
    let names: Vec<_> = states(&output).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["A", "B"], "{}", output.all());
    assert_eq!(output.records().len(), 2);
    write_manifest(&dir, "path,case\nx/1.pdf,A\nx/1.pdf,B\n");
    assert_rejected(
        &check(&dir, &args),
        "line 3, column path: line 2 names the same path",
    );
}

#[test]
fn wrong_cases_are_rejected_before_anything_is_screened() {
    let dir = TestDir::new();
    dir.copy("banks/hdfc.pdf", "in/A/1.pdf");
    dir.copy("banks/hdfc.pdf", "other/A/1.pdf");
    let folders = |args: &[&str]| check(&dir, &[&["--cases", "folders"], args].concat());
    assert_rejected(
        &folders(&["in", "other"]),
        "two folders have the same name: in/A and other/A",
    );
    assert_rejected(&folders(&["-"]), "--cases groups files");
    assert_rejected(&folders(&["--files-only", "in"]), "cannot be used with");
    let first_week = ["in", "--from", "2024-05-02", "--to", "2024-05-06"];
    assert_rejected(
        &folders(&first_week),
        "the service counts no month of 2024-05-02",
    );
    assert_rejected(
        &check(&dir, &["--cases", "manifest", "in"]),
        "requires --manifest",
    );
    assert_rejected(&check(&dir, &["--require-ready", "in"]), "--cases");
    let manifest = |text: &str, by: &str| {
        write_manifest(&dir, text);
        check(&dir, &["--cases", by, "--manifest", "m.csv", "in"])
    };
    assert_rejected(
        &manifest("path\nin/A/1.pdf\n", "manifest"),
        "has no column case",
    );
    assert_rejected(
        &manifest("path,case\nin/A/1.pdf,A\n", "folders"),
        "has a column case",
    );
    let two = "path,case,from,to\nin/A/1.pdf,A,2024-01-01,2024-03-31\n\
               other/A/1.pdf,A,2024-01-01,2024-04-30\n";
    let message = "line 3, column from: 2024-01-01 to 2024-04-30 is another period of the case A";
    assert_rejected(&manifest(two, "manifest"), message);
    let one = "path,case,from,to\nin/A/1.pdf,A,2024-01-01,\n";
    assert_rejected(
        &manifest(one, "manifest"),
        "line 2, column to: a date is required",
    );
    let long = format!("path,case\nin/A/1.pdf,{}\n", "x".repeat(501));
    assert_rejected(
        &manifest(&long, "manifest"),
        "line 2, column case: the name of the case",
    );
    let control = "path,case\nin/A/1.pdf,a\u{7}b\n";
    assert_rejected(
        &manifest(control, "manifest"),
        "contains a control character",
    );
}

/// Returns the names and texts of the messages in a folder, without the list.
fn notes(dir: &TestDir, folder: &str) -> Vec<(String, String)> {
    let entries = fs::read_dir(dir.path().join(folder)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut notes: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect();
    notes.sort();
    notes
}

#[test]
fn incomplete_cases_get_a_message_which_is_removed_when_they_are_complete() {
    let dir = TestDir::new();
    let account = CustomerAccount::new("hdfc", 1).months(&[1, 2, 3]);
    write_files(&dir, "in/Asha 1", &account[..2]);
    dir.copy("encrypted/user_rc4_128.pdf", "in/Asha 1/lo_cked.pdf");
    write_files(&dir, "in/a*b", &CustomerAccount::new("sbi", 2).months(&[1]));
    write_files(&dir, "in/a?b", &CustomerAccount::new("sbi", 3).months(&[1]));
    write_files(
        &dir,
        "in/ready",
        &CustomerAccount::new("axis", 4).months(&[1, 2, 3]),
    );
    dir.write("out/ready.txt", "mine");
    let args = [&["--cases", "folders", "--notes", "out", "in"], &PERIOD[..]].concat();
    let output = check(&dir, &args);
    let found = notes(&dir, "out");
    let names: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
    let expected = ["Asha 1.txt", "a_b-2.txt", "a_b.txt", "ready.txt"];
    assert_eq!(names, expected, "{}", output.all());
    assert_eq!(found[3].1, "mine", "other files are never touched");
    let message = &found[0].1;
    for part in [
        "lo_cked.pdf is locked with a password",
        "HDFC Bank usually forms the password",
        "HDFC Bank account ending 3645: the statement for March 2024 is missing",
        "unless it is in one of the files named above",
        "मार्च 2024 का स्टेटमेंट नहीं मिला",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    for internal in ["PASSWORD_INCORRECT", "in/", "%", "--password"] {
        assert!(!message.contains(internal), "{internal}: {message}");
    }
    let mode = fs::metadata(dir.path().join("out/Asha 1.txt")).unwrap();
    assert_eq!(mode.permissions().mode() & 0o777, 0o600);
    // The same run writes the same; a message that was changed is kept.
    dir.write("out/a_b.txt", "changed by hand");
    check(&dir, &args).records();
    let again = notes(&dir, "out");
    assert!(again.contains(&("a_b.txt".to_owned(), "changed by hand".to_owned())));
    assert_eq!(again[0], found[0]);
    write_files(&dir, "in/Asha 1", &account);
    fs::remove_file(dir.path().join("in/Asha 1/lo_cked.pdf")).unwrap();
    check(&dir, &args).records();
    let left = notes(&dir, "out");
    assert!(
        left.iter().all(|(name, _)| name != "Asha 1.txt"),
        "{left:?}"
    );
}

#[test]
fn a_team_changes_the_words_of_messages() {
    let dir = TestDir::new();
    write_files(
        &dir,
        "in/A",
        &CustomerAccount::new("hdfc", 1).months(&[1, 3]),
    );
    let texts = "months.missing.one = we have no statement for {months}\n";
    dir.write(".config/bankscreen/notes/en.txt", texts);
    dir.write(".config/bankscreen/notes/mr.txt", "greeting = नमस्कार,\n");
    let args = ["--cases", "folders", "--notes", "out", "in"];
    let output = check(&dir, &args);
    let request = "HDFC Bank account ending 3645: we have no statement for February 2024. Please \
                   send the statement of this month.";
    assert_eq!(
        cases(&output)[0]["requests"][0],
        request,
        "{}",
        output.all()
    );
    let message = &notes(&dir, "out")[0].1;
    assert!(
        message.contains(request) && message.contains("नमस्कार"),
        "{message}"
    );
    dir.write(".config/bankscreen/notes/en.txt", "gruss = Hi\n");
    assert_rejected(
        &check(&dir, &args),
        "notes/en.txt: line 1: unknown key gruss",
    );
}
