//! `--check` with expectations (a requested period, a manifest) and cross-file checks.

use crate::harness::{RunOutput, TestDir};
use serde_json::Value;

fn codes(record: &Value) -> Vec<&str> {
    let findings = record["findings"].as_array().unwrap();
    findings.iter().filter_map(|f| f["code"].as_str()).collect()
}

/// The first account in the summary of a run.
fn account(output: &RunOutput) -> Value {
    let summary: Value = serde_json::from_str(output.stdout.lines().last().unwrap()).unwrap();
    summary["accounts"][0].clone()
}

const CHECK: [&str; 3] = ["--check", "--format", "ndjson"];

#[test]
fn the_requested_period_is_compared_with_the_printed_period() {
    let dir = TestDir::new();
    // 2024-04-01 to 2024-06-30.
    dir.copy("banks/hdfc.pdf", "a.pdf");
    let check = |from: &str, to: &str| {
        let range = ["--from", from, "--to", to, "a.pdf"];
        dir.run(CHECK.iter().chain(&range))
    };
    let whole = check("01/04/2024", "30/06/2024");
    assert_eq!(codes(&whole.records()[0]), <[&str; 0]>::default());
    let accounts = account(&whole);
    assert_eq!(accounts["months"].as_array().unwrap().len(), 3);
    assert_eq!(accounts["missing_months"].as_array().unwrap().len(), 0);

    let part = check("2024-03-01", "2024-06-30");
    assert_eq!(
        codes(&part.records()[0]),
        ["PARTIAL_PERIOD", "MISSING_MONTHS"]
    );
    let accounts = account(&part);
    assert_eq!(accounts["missing_months"][0], "2024-03");
    assert_eq!(part.code, Some(0));

    let outside = check("2023-01-01", "2023-06-30");
    assert_eq!(codes(&outside.records()[0]), ["OUT_OF_DATE_RANGE"]);
    assert_eq!(outside.code, Some(1));
}

#[test]
fn an_invalid_requested_period_is_rejected() {
    let dir = TestDir::new();
    dir.copy("banks/hdfc.pdf", "a.pdf");
    let reversed = ["--from", "30/06/2024", "--to", "01/04/2024"];
    let one_day = ["--from", "01/04/2024", "--to", "2024-04-01"];
    let future = ["--from", "01/04/2024", "--to", "01/01/2999"];
    let rejected = |command: &[&str], range: &[&str], why: &str| {
        let output = dir.run([command, range, &["a.pdf"]].concat());
        assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""));
        assert!(output.stderr.contains(why), "{}", output.stderr);
    };
    let upload = ["upload", "--sandbox"];
    for command in [&CHECK[..], &upload] {
        rejected(
            command,
            &reversed,
            "--from 2024-06-30 is after --to 2024-04-01",
        );
        let dates = ["--from", "31/02/2024", "--to", "01/04/2024"];
        rejected(command, &dates, "February has no day 31");
        let dates = ["--from", "01/03/2024", "--to", "29/02/2023"];
        rejected(command, &dates, "February 2023 has no day 29");
        let dates = ["--from", "1.4.2024", "--to", "01/06/2024"];
        rejected(command, &dates, "expected DD/MM/YYYY or YYYY-MM-DD");
        rejected(command, &one_day[..2], "--to <DATE>");
    }
    // The service requires at least two days before today; screening does not.
    rejected(
        &upload,
        &one_day,
        "--from 2024-04-01 is not before --to 2024-04-01",
    );
    rejected(&upload, &future, "--to 2999-01-01 is not before today");
    let session = ["session", "new", "--sandbox"];
    for (range, why) in [
        (one_day, "is not before --to"),
        (future, "is not before today"),
    ] {
        let output = dir.run(session.iter().chain(&range));
        assert_eq!(output.code, Some(2), "{}", output.all());
        assert!(output.stderr.contains(why), "{}", output.stderr);
    }
    let output = dir.run(CHECK.iter().chain(&one_day).chain(&["a.pdf"]));
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    assert_eq!(codes(&output.records()[0]), <[&str; 0]>::default());
    let output = dir.run(CHECK.iter().chain(&future).chain(&["a.pdf"]));
    assert_eq!(
        codes(&output.records()[0]),
        ["PARTIAL_PERIOD", "MISSING_MONTHS"]
    );
}

#[test]
fn a_message_mentions_a_requested_period_only_if_there_is_one() {
    let dir = TestDir::new();
    // 2024-04-01 to 2024-06-30: before the period of a session that is created without one.
    dir.copy("banks/hdfc.pdf", "a.pdf");
    let upload = ["upload", "--sandbox", "--format", "ndjson", "a.pdf"];
    let output = dir.run(upload);
    let record = &output.records()[0];
    assert_eq!(codes(record), ["OUT_OF_DATE_RANGE"], "{}", output.all());
    let message = record["findings"][0]["message"].as_str().unwrap();
    assert!(
        message.contains("is outside the session's period 20"),
        "{message}"
    );
    let range = ["--from", "01/01/2023", "--to", "30/06/2023"];
    let output = dir.run(upload.iter().chain(&range));
    let record = &output.records()[0];
    let message = record["findings"][0]["message"].as_str().unwrap();
    let expected = "is outside the requested period 2023-01-01 to 2023-06-30";
    assert!(message.ends_with(expected), "{message}");
}

#[test]
fn the_text_report_lists_the_missing_months_of_an_account() {
    let dir = TestDir::new();
    dir.copy("banks/hdfc.pdf", "a.pdf");
    let output = dir.run([
        "--check",
        "--from",
        "2024-03-01",
        "--to",
        "2024-06-30",
        "a.pdf",
    ]);
    assert!(
        output.stdout.contains("XXXXXXXXXX3645"),
        "{}",
        output.stdout
    );
    assert!(output.stdout.contains("2024-03"), "{}", output.stdout);
}

#[test]
fn a_manifest_sets_bank_password_and_category_of_each_file() {
    let dir = TestDir::new();
    dir.copy("encrypted/user_rc4_128.pdf", "in/locked.pdf");
    dir.copy("banks/hdfc.pdf", "in/hdfc.pdf");
    dir.copy("banks/icici.pdf", "in/other.pdf");
    let passwords =
        std::fs::read_to_string(crate::harness::project().join("testdata/passwords.txt"));
    let passwords = passwords.unwrap();
    let opens = |password: &&str| {
        dir.write("one.txt", format!("{password}\n"));
        let args = ["--password-file", "one.txt", "in/locked.pdf"];
        let output = dir.run(CHECK.iter().chain(&args));
        output.records()[0]["encryption"]["status"] == "unlocked"
    };
    let password = passwords.lines().find(opens).unwrap();
    let manifest = format!(
        "Path,bank,password,account_category\nlocked.pdf,SBI,\"{password}\",savings\n\
         hdfc.pdf,icici,,\nother.pdf,,,JOINT\n"
    );
    dir.write("in/manifest.csv", manifest);
    // `hdfc.pdf` is listed twice: the manifest applies to it, and it is reported once.
    let args = ["--manifest", "in/manifest.csv", "in/hdfc.pdf"];
    let output = dir.run(CHECK.iter().chain(&args));
    let records = output.records();
    let paths: Vec<_> = records.iter().filter_map(|r| r["path"].as_str()).collect();
    assert_eq!(paths, ["in/hdfc.pdf", "in/locked.pdf", "in/other.pdf"]);
    assert_eq!(codes(&records[0]), ["BANK_NAME_MISMATCH"]);
    assert_eq!(records[1]["encryption"]["password_from"], "manifest:2");
    assert_eq!(codes(&records[1]), <[&str; 0]>::default());
    assert_eq!(codes(&records[2]), ["INVALID_ACCOUNT_CATEGORY"]);
    assert!(!output.all().contains(password));
}

#[test]
fn a_statement_with_the_same_text_in_other_bytes_is_a_duplicate() {
    let dir = TestDir::new();
    dir.copy("banks/sbi.pdf", "a.pdf");
    dir.copy("banks/hdfc.pdf", "b.pdf");
    let mut saved_again = std::fs::read(dir.path().join("a.pdf")).unwrap();
    saved_again.extend_from_slice(b"\n% saved again\n");
    dir.write("c.pdf", saved_again);
    let output = dir.run(CHECK.iter().chain(&["a.pdf", "b.pdf", "c.pdf"]));
    let records = output.records();
    assert_eq!(codes(&records[2]), ["STATEMENT_DUPLICATE"]);
    assert_eq!(records[2]["duplicate_of"], "a.pdf");
    let message = records[2]["findings"][0]["message"].as_str().unwrap();
    assert_eq!(message, "Same text and page count as a.pdf");
}

#[test]
fn banks_toml_adds_custom_banks() {
    let dir = TestDir::new();
    dir.copy("banks/unlisted.pdf", "a.pdf");
    let detected = || {
        let output = dir.run(CHECK.iter().chain(&["a.pdf"]));
        output.records()[0]["bank"]["id"].clone()
    };
    assert_eq!(detected(), Value::Null);
    let write_bank = |id: &str| {
        let name = "Koshalpur Zila Sahakari Gramodaya Bank Mydt";
        let text = format!("[[bank]]\nid = \"{id}\"\nname = \"{name}\"\nifsc = [\"KZSG\"]\n");
        dir.write(".config/bankscreen/banks.toml", text);
    };
    write_bank("koshalpur");
    assert_eq!(detected(), "koshalpur");
    let listed = dir.run(["banks", "koshalpur"]);
    assert!(listed.stdout.contains("KZSG"), "{}", listed.stdout);
    let unknown = dir.run(["banks", "koshalpurr"]);
    assert_eq!((unknown.code, unknown.stdout.as_str()), (Some(1), ""));
    let nearest = "hint: use one of the nearest identifiers, koshalpur, ";
    assert!(unknown.stderr.contains(nearest), "{}", unknown.stderr);
    write_bank("Koshalpur");
    let refused = dir.run(["banks"]);
    assert_eq!(refused.code, Some(2));
    let why = "id must consist of lower-case letters";
    assert!(refused.stderr.contains(why), "{}", refused.stderr);
}
