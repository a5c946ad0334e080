//! `--check` with what is expected of the files: a range, a manifest; and files beside one another.

use crate::harness::{RunOutput, TestDir};
use serde_json::Value;

fn codes(record: &Value) -> Vec<&str> {
    let findings = record["findings"].as_array().unwrap();
    findings.iter().filter_map(|f| f["code"].as_str()).collect()
}

/// The one account of a run's summary.
fn account(said: &RunOutput) -> Value {
    let summary: Value = serde_json::from_str(said.stdout.lines().last().unwrap()).unwrap();
    summary["accounts"][0].clone()
}

const CHECK: [&str; 3] = ["--check", "--format", "ndjson"];

#[test]
fn a_range_is_compared_with_the_period_that_is_printed() {
    let sandbox = TestDir::new();
    // 2024-04-01 to 2024-06-30.
    sandbox.copy("banks/hdfc.pdf", "a.pdf");
    let check = |from: &str, to: &str| {
        let range = ["--from", from, "--to", to, "a.pdf"];
        sandbox.run(CHECK.iter().chain(&range))
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
fn a_range_that_makes_no_sense_is_refused() {
    let sandbox = TestDir::new();
    sandbox.copy("banks/hdfc.pdf", "a.pdf");
    for (range, why) in [
        (
            ["--from", "30/06/2024", "--to", "01/04/2024"],
            "is not before --to",
        ),
        (
            ["--from", "01/04/2024", "--to", "01/01/2999"],
            "is not before today",
        ),
        (["--from", "31/02/2024", "--to", "01/04/2024"], "DD/MM/YYYY"),
    ] {
        let said = sandbox.run(CHECK.iter().chain(&range).chain(&["a.pdf"]));
        assert_eq!(said.code, Some(2), "{range:?}");
        assert!(said.stderr.contains(why), "{}", said.stderr);
    }
}

#[test]
fn the_text_report_shows_which_months_an_account_lacks() {
    let sandbox = TestDir::new();
    sandbox.copy("banks/hdfc.pdf", "a.pdf");
    let said = sandbox.run([
        "--check",
        "--from",
        "2024-03-01",
        "--to",
        "2024-06-30",
        "a.pdf",
    ]);
    assert!(said.stdout.contains("XXXXXXXXXX3645"), "{}", said.stdout);
    assert!(said.stdout.contains("2024-03"), "{}", said.stdout);
}

#[test]
fn a_manifest_tells_bank_password_and_category_of_each_file() {
    let sandbox = TestDir::new();
    sandbox.copy("encrypted/user_rc4_128.pdf", "in/locked.pdf");
    sandbox.copy("banks/hdfc.pdf", "in/hdfc.pdf");
    sandbox.copy("banks/icici.pdf", "in/other.pdf");
    let passwords =
        std::fs::read_to_string(crate::harness::project().join("testdata/passwords.txt"));
    let passwords = passwords.unwrap();
    let opens = |password: &&str| {
        sandbox.write("one.txt", format!("{password}\n"));
        let args = ["--password-file", "one.txt", "in/locked.pdf"];
        let said = sandbox.run(CHECK.iter().chain(&args));
        said.records()[0]["encryption"]["status"] == "unlocked"
    };
    let password = passwords.lines().find(opens).unwrap();
    let manifest = format!(
        "Path,bank,password,account_category\nlocked.pdf,SBI,\"{password}\",savings\n\
         hdfc.pdf,icici,,\nother.pdf,,,JOINT\n"
    );
    sandbox.write("in/manifest.csv", manifest);
    // One file is named twice: what the manifest says of it holds, and it appears once.
    let args = ["--manifest", "in/manifest.csv", "in/hdfc.pdf"];
    let said = sandbox.run(CHECK.iter().chain(&args));
    let records = said.records();
    let paths: Vec<_> = records.iter().filter_map(|r| r["path"].as_str()).collect();
    assert_eq!(paths, ["in/hdfc.pdf", "in/locked.pdf", "in/other.pdf"]);
    assert_eq!(codes(&records[0]), ["BANK_NAME_MISMATCH"]);
    assert_eq!(records[1]["encryption"]["password_from"], "manifest:2");
    assert_eq!(codes(&records[1]), <[&str; 0]>::default());
    assert_eq!(codes(&records[2]), ["INVALID_ACCOUNT_CATEGORY"]);
    assert!(!said.all().contains(password));
}

#[test]
fn a_manifest_that_makes_no_sense_is_refused() {
    let sandbox = TestDir::new();
    for (manifest, why) in [
        ("file\na.pdf\n", "no column \"file\" is known"),
        ("bank\nhdfc\n", "no column is named path"),
        ("path,bank\na.pdf,hdfcx\n", "line 2: bank hdfcx"),
    ] {
        sandbox.write("m.csv", manifest);
        let said = sandbox.run(["--check", "--manifest", "m.csv"]);
        assert_eq!(said.code, Some(2), "{manifest}");
        assert!(said.stderr.contains(why), "{}", said.stderr);
    }
}

#[test]
fn the_same_statement_in_other_bytes_is_a_duplicate() {
    let sandbox = TestDir::new();
    sandbox.copy("banks/sbi.pdf", "a.pdf");
    sandbox.copy("banks/hdfc.pdf", "b.pdf");
    let mut saved_again = std::fs::read(sandbox.path().join("a.pdf")).unwrap();
    saved_again.extend_from_slice(b"\n% saved again\n");
    sandbox.write("c.pdf", saved_again);
    let said = sandbox.run(CHECK.iter().chain(&["a.pdf", "b.pdf", "c.pdf"]));
    let records = said.records();
    assert_eq!(codes(&records[2]), ["STATEMENT_DUPLICATE"]);
    assert_eq!(records[2]["duplicate_of"], "a.pdf");
    let message = records[2]["findings"][0]["message"].as_str().unwrap();
    assert_eq!(message, "the same text and pages as a.pdf");
}

#[test]
fn the_users_own_file_adds_banks() {
    let sandbox = TestDir::new();
    sandbox.copy("banks/unlisted.pdf", "a.pdf");
    let told = || {
        let said = sandbox.run(CHECK.iter().chain(&["a.pdf"]));
        said.records()[0]["bank"]["id"].clone()
    };
    assert_eq!(told(), Value::Null);
    let own = |id: &str| {
        let name = "Koshalpur Zila Sahakari Gramodaya Bank Mydt";
        let text = format!("[[bank]]\nid = \"{id}\"\nname = \"{name}\"\nifsc = [\"KZSG\"]\n");
        sandbox.write(".config/bankscreen/banks.toml", text);
    };
    own("koshalpur");
    assert_eq!(told(), "koshalpur");
    let listed = sandbox.run(["banks", "koshalpur"]);
    assert!(listed.stdout.contains("KZSG"), "{}", listed.stdout);
    own("Koshalpur");
    let refused = sandbox.run(["banks"]);
    assert_eq!(refused.code, Some(2));
    let why = "id: lower-case letters";
    assert!(refused.stderr.contains(why), "{}", refused.stderr);
}
