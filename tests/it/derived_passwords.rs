//! Passwords that are derived from details of the applicant: in the manifest and in a file.

use crate::counting_server::CountingServer;
use crate::generator::applicants::{
    Applicant, LockedStatement, MANIFEST_HEADER, locked_statements, locked_with,
};
use crate::generator::encrypt::Scheme;
use crate::harness::{RunOutput, TestDir};
use crate::upload::{ACCEPT, outcome_names, upload};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const CHECK: [&str; 3] = ["--check", "--format", "ndjson"];

/// Restricts a file to its owner.
fn make_private(path: &Path) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

fn write_private(dir: &TestDir, name: &str, text: impl AsRef<[u8]>) {
    make_private(&dir.write(name, text));
}

/// Screens statements with the details that `change` leaves in a manifest.
fn screen(
    statements: &[LockedStatement],
    change: impl Fn(&mut Applicant),
    options: &[&str],
) -> RunOutput {
    let dir = TestDir::new();
    let mut manifest = format!("{MANIFEST_HEADER}\n");
    for file in statements {
        dir.write(&file.name, &file.bytes);
        let mut applicant = file.applicant.clone();
        change(&mut applicant);
        manifest += &applicant.manifest_row(&file.name);
        manifest.push('\n');
    }
    write_private(&dir, "manifest.csv", manifest);
    let manifest = ["--manifest", "manifest.csv"];
    dir.run(CHECK.iter().chain(&manifest).chain(options))
}

fn assert_no_details(output: &RunOutput, statements: &[LockedStatement]) {
    let text = output.all();
    for file in statements {
        let secrets = file.applicant.values();
        let secrets = secrets.into_iter().chain([file.password.as_str()]);
        // Short values occur by chance.
        for secret in secrets.filter(|secret| secret.len() > 5) {
            assert!(!text.contains(secret), "{secret} of {}", file.name);
        }
    }
}

#[test]
fn passwords_of_every_rule_open_files_and_the_record_names_the_rule() {
    let statements: Vec<_> = locked_statements(96).collect();
    let output = screen(&statements, |_| {}, &["--no-ledger"]);
    assert_no_details(&output, &statements);
    let records = output.records();
    assert_eq!(records.len(), statements.len());
    for (record, file) in records.iter().zip(&statements) {
        let encryption = &record["encryption"];
        let context = format!("{} {}: {record}", file.bank, file.rule);
        assert_eq!(encryption["status"], "unlocked", "{context}");
        assert_eq!(encryption["method"], file.scheme.method(), "{context}");
        assert!(
            record["pages"]["map"].as_str().unwrap().starts_with('T'),
            "{context}"
        );
        let from = encryption["password_from"].as_str().unwrap();
        assert!(from.starts_with("rule:"), "{context}");
        if file.is_of_bank {
            let fields: Vec<_> = file
                .rule
                .split('+')
                .filter(|segment| !segment.starts_with('"'))
                .map(|segment| segment.split(':').next().unwrap())
                .collect();
            let expected = format!("rule:{}:{}", file.bank, fields.join("+"));
            // An earlier rule of the bank can give the same text.
            let is_rule = from.trim_end_matches('~') == expected;
            let is_of_bank = from.starts_with(&format!("rule:{}:", file.bank));
            assert!(is_rule || is_of_bank, "{context}");
        }
    }
}

#[test]
fn a_wrong_date_of_birth_opens_no_file_whose_rule_uses_it() {
    let with_date = |file: &LockedStatement| file.rule.contains("dob");
    let fast = |file: &LockedStatement| file.scheme != Scheme::Aes256;
    let statements = locked_statements(60).filter(|file| with_date(file) && fast(file));
    let statements: Vec<_> = statements.collect();
    let output = screen(
        &statements,
        |applicant| applicant.born = "29/02/1940".to_owned(),
        &[],
    );
    assert_eq!(output.code, Some(1));
    for record in output.records() {
        assert_eq!(record["encryption"]["status"], "locked", "{record}");
        let finding = &record["findings"][0];
        assert_eq!(finding["code"], "PASSWORD_INCORRECT");
        let message = finding["message"].as_str().unwrap();
        assert!(
            message.contains("formed from the applicant's details"),
            "{message}"
        );
        assert!(
            finding["hint"]
                .as_str()
                .unwrap()
                .contains("bankscreen banks")
        );
    }
    assert_no_details(&output, &statements);
}

/// Returns the AES-128 file of a rule.
fn locked_by(bank: &str, rule: &str) -> LockedStatement {
    let mut all = locked_statements(400);
    let found =
        all.find(|file| file.bank == bank && file.rule == rule && file.scheme == Scheme::Aes128);
    found.unwrap()
}

#[test]
fn an_applicant_file_gives_the_details_for_all_files() {
    let dir = TestDir::new();
    let file = locked_by("SBI", "mobile:last5+dob:ddmmyy");
    dir.write("a.pdf", &file.bytes);
    let Applicant {
        name, born, mobile, ..
    } = &file.applicant;
    let text = format!("name = \"{name}\"\ndob = \"{born}\"\nmobile = \"{mobile}\"\n");
    write_private(&dir, "who.toml", &text);
    let check = |args: &[&str]| dir.run(CHECK.iter().chain(args));
    let opened = check(&["--applicant", "who.toml", "a.pdf"]);
    let record = &opened.records()[0];
    assert_eq!(record["encryption"]["password_from"], "rule:SBI:mobile+dob");
    assert_eq!(opened.code, Some(0), "{}", opened.all());
    // The password file is tried, too.
    write_private(&dir, "pw.txt", &file.password);
    let both = check(&[
        "--applicant",
        "who.toml",
        "--password-file",
        "pw.txt",
        "a.pdf",
    ]);
    assert_eq!(both.records()[0], *record);
    let open = |path: &str| {
        let output = check(&["--applicant", path, "a.pdf"]);
        assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""));
        output.stderr
    };
    assert!(open("missing.toml").contains("could not read the applicant file missing.toml"));
    let shared = dir.write("shared.toml", &text);
    std::fs::set_permissions(&shared, std::fs::Permissions::from_mode(0o640)).unwrap();
    let rejected = open("shared.toml");
    assert!(
        rejected.contains("other users can access the applicant file"),
        "{rejected}"
    );
    assert!(rejected.contains("chmod 600 shared.toml"), "{rejected}");
    write_private(
        &dir,
        "wrong.toml",
        "name = \"Canary\"\ndob = \"31/02/1990\"\n",
    );
    let rejected = open("wrong.toml");
    assert!(
        rejected.contains("line 2: dob: February has no day 31"),
        "{rejected}"
    );
    assert!(!rejected.contains("Canary"));
    dir.write("manifest.csv", "path\na.pdf\n");
    let both = check(&["--applicant", "who.toml", "--manifest", "manifest.csv"]);
    assert_eq!(both.code, Some(2), "{}", both.all());
}

#[test]
fn details_in_a_manifest_are_validated_and_shared_ones_reported() {
    let dir = TestDir::new();
    let file = locked_by("HDFC", "customer_id");
    dir.write("in/a.pdf", &file.bytes);
    let id = &file.applicant.customer_id;
    let check = |manifest: &str| {
        let path = dir.write("manifest.csv", manifest);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).unwrap();
        dir.run(CHECK.iter().chain(&["--manifest", "manifest.csv"]))
    };
    // A file's own row has priority, field by field.
    let rows = format!("path,name,dob,customer_id\nin,Asha Rao,05/03/1988,{id}\nin/a.pdf,,,\n");
    let output = check(&rows);
    let from = output.records()[0]["encryption"]["password_from"].clone();
    assert!(
        from.as_str().unwrap().starts_with("rule:HDFC:customer_id"),
        "{from}"
    );
    let warning = "other users can access the details of applicants in manifest.csv";
    assert!(output.stderr.contains(warning), "{}", output.stderr);
    for (column, value, what) in [
        ("dob", "31/04/1990", "column dob: April has no day 31"),
        (
            "mobile",
            "9.87654E+09",
            "column mobile: the number is in scientific notation",
        ),
        (
            "account_number",
            "5,01E+13",
            "column account_number: the number is in scientific",
        ),
    ] {
        let output = check(&format!("path;{column}\nin/a.pdf;{value}\n"));
        assert_eq!(output.code, Some(2));
        assert!(
            output.stderr.contains(&format!("line 2, {what}")),
            "{}",
            output.stderr
        );
        assert!(!output.stderr.contains(value), "{}", output.stderr);
    }
}

#[test]
fn rules_of_the_user_are_tried_and_validated() {
    let dir = TestDir::new();
    dir.write("a.pdf", locked_with("hdfc", "ASHA@77", Scheme::Aes128));
    write_private(
        &dir,
        "who.toml",
        "name = \"Asha Rao\"\ncustomer_id = \"100077\"\n",
    );
    let args = ["--applicant", "who.toml", "a.pdf"];
    let check = || dir.run(CHECK.iter().chain(&args));
    assert_eq!(check().records()[0]["encryption"]["status"], "locked");
    let rules = ".config/bankscreen/password_rules.tsv";
    dir.write(
        rules,
        "# own\nhdfc\taccount\tname4:upper+\"@\"+customer_id:last2\t9B\n",
    );
    let record: Value = check().records()[0].clone();
    assert_eq!(
        record["encryption"]["password_from"],
        "rule:HDFC:name4+customer_id"
    );
    for (row, what) in [
        ("hdfc\taccount\tname5\t1", "line 1: unknown field \"name5\""),
        (
            "nobank\taccount\tpan\t1",
            "line 1: unknown bank identifier \"NOBANK\"",
        ),
    ] {
        dir.write(rules, row);
        let output = check();
        assert_eq!(output.code, Some(2));
        assert!(output.stderr.contains(what), "{}", output.stderr);
    }
}

/// Screens a statement of a design as that of an applicant.
fn screen_as(design_name: &str, applicant: &str) -> RunOutput {
    let dir = TestDir::new();
    dir.copy(&format!("banks/{design_name}.pdf"), "a.pdf");
    write_private(&dir, "who.toml", format!("name = \"{applicant}\"\n"));
    dir.run(CHECK.iter().chain(&["--applicant", "who.toml", "a.pdf"]))
}

#[test]
fn the_holder_is_compared_with_the_applicant_and_never_printed() {
    let outcome = |design_name: &str, applicant: &str| {
        let output = screen_as(design_name, applicant);
        let text = output.all().to_lowercase();
        for word in applicant
            .to_lowercase()
            .split(' ')
            .filter(|word| word.len() > 3)
        {
            assert!(!text.contains(word), "{word}: {text}");
        }
        let record = output.records().remove(0);
        let findings = record["findings"].as_array().unwrap();
        let differs = findings
            .iter()
            .any(|found| found["code"] == "HOLDER_MISMATCH");
        (record["statement"]["holder_match"].clone(), differs)
    };
    for (design_name, holder) in [
        ("hdfc", "Suraj Devpalli"),
        ("sbi", "Omkar Jadhavare"),
        ("yesbnk", "Aditi Ranpura"),
        ("idfc", "Gauri S Shenvekar"),
        ("cosmos", "Mandar Pendsekar"),
        ("axis", "Karnalli Smitha"),
    ] {
        assert_eq!(
            outcome(design_name, holder),
            (Value::Bool(true), false),
            "{design_name}"
        );
    }
    for design_name in ["hdfc", "sbi", "yesbnk", "idfc"] {
        let other = outcome(design_name, "Farida Sheikh");
        assert_eq!(other, (Value::Bool(false), true), "{design_name}");
    }
    // Without a label, the holder is not certain.
    assert_eq!(outcome("axis", "Farida Sheikh"), (Value::Null, false));
    let dir = TestDir::new();
    dir.copy("banks/hdfc.pdf", "a.pdf");
    let record = dir.run(CHECK.iter().chain(&["a.pdf"])).records().remove(0);
    assert!(
        record["statement"].get("holder_match").is_none(),
        "{record}"
    );
}

#[test]
fn an_exact_identifier_shows_the_rules_of_the_bank_in_words() {
    let dir = TestDir::new();
    let output = dir.run(["banks", "HDFC"]);
    insta::assert_snapshot!(output.all());
    // Further matches of a query are listed without rules.
    let many = dir.run(["banks", "hdfc", "bank"]);
    assert!(!many.stdout.contains("Passwords"), "{}", many.stdout);
}

#[test]
fn details_are_in_no_output_log_or_journal_and_accepted_files_teach_their_rule() {
    let server = CountingServer::start([ACCEPT]);
    let dir = TestDir::new();
    let files = [
        locked_by("HDFC", "customer_id"),
        locked_by("SBI", "mobile:last5+dob:ddmmyy"),
        // No rule forms its password.
        LockedStatement {
            bytes: locked_with("icici", "no-rule-forms-this", Scheme::Aes128),
            ..locked_by("ICICI", "dob:ddmmyyyy")
        },
    ];
    let mut manifest = format!("{MANIFEST_HEADER}\n");
    for file in &files {
        dir.write(&file.name, &file.bytes);
        manifest += &file.applicant.manifest_row(&file.name);
        manifest.push('\n');
    }
    write_private(&dir, "manifest.csv", manifest);
    let args = [
        "--session-id",
        "s-1",
        "--manifest",
        "manifest.csv",
        "--log-file",
        "run.log",
        "--report",
        "html=report.html",
        "--report",
        "csv=report.csv",
    ];
    let output = upload(&dir, &server.base_url(), &args);
    assert_eq!(outcome_names(&output), ["accepted", "accepted", "skipped"]);
    assert_no_details(&output, &files);
    let mut checked = 0;
    for entry in walk(dir.path()) {
        let name = entry.to_string_lossy().into_owned();
        let is_pdf = entry
            .extension()
            .is_some_and(|extension| extension == "pdf");
        if is_pdf || name.ends_with("manifest.csv") {
            continue;
        }
        let text = String::from_utf8_lossy(&std::fs::read(&entry).unwrap()).into_owned();
        for file in &files {
            let secrets = file
                .applicant
                .values()
                .into_iter()
                .chain([file.password.as_str()]);
            for secret in secrets.filter(|secret| secret.len() > 5) {
                assert!(!text.contains(secret), "{secret} in {name}");
            }
        }
        checked += 1;
    }
    assert!(checked >= 4, "log, reports and journal: {checked}");
    let journal = dir.path().join(".local/state/bankscreen/journal.sqlite3");
    let journal = rusqlite::Connection::open(journal).unwrap();
    let count = |rule: &str| -> i64 {
        let sql = "SELECT coalesce(sum(files), 0) FROM rule_uses WHERE rule = ?1";
        journal.query_row(sql, [rule], |row| row.get(0)).unwrap()
    };
    let total = |sql: &str| -> i64 { journal.query_row(sql, [], |row| row.get(0)).unwrap() };
    assert_eq!(total("SELECT sum(files) FROM rule_uses"), 2);
    assert_eq!(count("HDFC:customer_id") + count("HDFC:customer_id~"), 1);
    assert_eq!(count("SBI:mobile:last5+dob:ddmmyy"), 1);
    drop(journal);
    // A second run sends nothing and counts nothing.
    let again = upload(&dir, &server.base_url(), &args);
    assert_eq!(
        outcome_names(&again)[..2],
        ["already-uploaded", "already-uploaded"]
    );
}

/// Returns all files below a folder.
fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files = entries.flat_map(|path| {
        if path.is_dir() {
            walk(&path)
        } else {
            vec![path]
        }
    });
    files.collect()
}

#[test]
fn the_details_of_a_case_open_all_of_its_files_and_no_other_case() {
    let locked: Vec<_> = locked_statements(400)
        .filter(|file| file.scheme != Scheme::Aes256)
        .take(2)
        .collect();
    let [first, second] = locked.as_slice() else {
        panic!("two locked statements");
    };
    let dir = TestDir::new();
    for name in ["one", "two", "three"] {
        dir.write(format!("{name}.pdf"), &first.bytes);
    }
    // The details are in the row of another file of the case.
    let row = |case: &str, applicant: &Applicant, name: &str| {
        format!("{},{case}\n", applicant.manifest_row(name))
    };
    let blank = ",".repeat(MANIFEST_HEADER.matches(',').count());
    let manifest = [
        format!("{MANIFEST_HEADER},case\n"),
        row("A", &first.applicant, "one.pdf"),
        format!("two.pdf{blank},A\n"),
        row("B", &second.applicant, "three.pdf"),
    ];
    write_private(&dir, "manifest.csv", manifest.concat());
    let cases = ["--manifest", "manifest.csv", "--cases", "manifest"];
    let output = dir.run(CHECK.iter().chain(&cases));
    assert_no_details(&output, &locked);
    let records = output.records();
    let status = |name: &str| {
        let mut records = records.iter();
        let record = records.find(|record| record["path"] == name).unwrap();
        record["encryption"]["status"].clone()
    };
    assert_eq!(status("one.pdf"), "unlocked");
    assert_eq!(status("two.pdf"), "unlocked");
    assert_eq!(status("three.pdf"), "locked");
}
