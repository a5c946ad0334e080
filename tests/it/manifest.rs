//! `--manifest` as spreadsheets and other programs write it: encodings, separators, quotes, rows of
//! folders, repeated paths, and every mistake with its line and column.

use crate::counting_server::{CountingServer, Reaction};
use crate::harness::{RunOutput, TestDir, run_without_leaks};
use serde_json::Value;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

fn check<'a>(dir: &TestDir, args: impl IntoIterator<Item = &'a str>) -> RunOutput {
    let options = ["--check", "--format", "ndjson"];
    dir.run(options.into_iter().chain(args))
}

fn check_manifest(dir: &TestDir, manifest: impl AsRef<[u8]>) -> RunOutput {
    let path = dir.write("m.csv", manifest);
    fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
    check(dir, ["--manifest", "m.csv"])
}

fn codes(record: &Value) -> Vec<&str> {
    let findings = record["findings"].as_array().unwrap();
    findings.iter().filter_map(|f| f["code"].as_str()).collect()
}

/// The paths of the records, with their codes.
fn paths_and_codes(output: &RunOutput) -> Vec<(String, Vec<String>)> {
    let records = output.records();
    let records = records.iter().map(|record| {
        let codes = codes(record).into_iter().map(str::to_owned);
        (record["path"].as_str().unwrap().to_owned(), codes.collect())
    });
    records.collect()
}

fn paths(output: &RunOutput) -> Vec<String> {
    let records = paths_and_codes(output).into_iter();
    records.map(|(path, _)| path).collect()
}

/// Asserts that a manifest is rejected before anything is screened; returns standard error.
#[track_caller]
fn assert_rejected(output: &RunOutput, expected: &str) {
    assert_eq!(output.stdout, "", "{expected}");
    assert_eq!(output.code, Some(2), "{}", output.all());
    let found = output.stderr.contains(expected);
    assert!(found, "{expected:?} is not in {}", output.stderr);
    assert_eq!(
        output.stderr.matches("error:").count(),
        1,
        "{}",
        output.stderr
    );
}

/// The password of `encrypted/user_rc4_128.pdf`.
const PASSWORD: &str = "20518@120491";

#[test]
fn every_spelling_of_a_table_gives_the_same_records() {
    let dir = TestDir::new();
    dir.copy("banks/hdfc.pdf", "März.pdf");
    dir.copy("banks/sbi.pdf", "a, b; c\td.pdf");
    dir.copy("banks/icici.pdf", "two\nlines.pdf");
    dir.copy("encrypted/user_rc4_128.pdf", "locked.pdf");
    let table = |separator: char, end: &str| {
        let rows = [
            ["\"path\"", "Bank", " password ", "ACCOUNT_CATEGORY", "", ""],
            ["März.pdf", "ICICI", "", "", "", ""],
            ["", "", "", "", "", ""],
            ["\"a, b; c\td.pdf\"", "\" sbi \"", "", "\"JOINT\"", "", ""],
            ["\"two\nlines.pdf\"", "icici", "", "savings", "", ""],
            ["locked.pdf", "", &format!("\"{PASSWORD}\""), "", "", ""],
        ];
        let rows = rows.map(|row| row.join(&separator.to_string()));
        rows.join(end)
    };
    let mut expected = None;
    let mut compare = |name: &str, bytes: &[u8], shift: u64| {
        let output = check_manifest(&dir, bytes);
        assert_eq!(output.stderr, "", "{name}");
        let mut records = output.records();
        assert_eq!(records.len(), 4, "{name}");
        // The quoted line break is a line of the file.
        let origin = format!("manifest:{}", 7 + shift);
        let encryption = &mut records[3]["encryption"];
        assert_eq!(encryption["password_from"], origin.as_str(), "{name}");
        encryption["password_from"] = Value::Null;
        let expected = expected.get_or_insert_with(|| records.clone());
        assert_eq!(&records, expected, "{name}");
    };
    for separator in [',', ';', '\t'] {
        for end in ["\n", "\r\n", "\r"] {
            let text = table(separator, end);
            let with_line = format!("sep={separator}{end}{text}{end}");
            let name = format!("{separator:?} {end:?}");
            compare(&name, text.as_bytes(), 0);
            compare(&format!("{name} sep="), with_line.as_bytes(), 1);
        }
    }
    let with_line = format!("\u{FEFF}sep=;\r\n{}\r\n\r\n", table(';', "\r\n"));
    compare("byte order mark", with_line.as_bytes(), 1);
    for (name, bytes) in [
        ("UTF-16 LE", u16::to_le_bytes as fn(u16) -> [u8; 2]),
        ("UTF-16 BE", u16::to_be_bytes),
    ] {
        let with_line: Vec<u8> = with_line.encode_utf16().flat_map(bytes).collect();
        compare(&format!("{name} sep="), &with_line, 1);
        let tabs = format!("\u{FEFF}{}", table('\t', "\r\n"));
        let tabs: Vec<u8> = tabs.encode_utf16().flat_map(bytes).collect();
        compare(name, &tabs, 0);
    }
    let records = expected.unwrap();
    assert_eq!(codes(&records[0]), ["BANK_NAME_MISMATCH"]);
    assert_eq!(codes(&records[1]), ["INVALID_ACCOUNT_CATEGORY"]);
    assert_eq!(records[2]["path"], "two\nlines.pdf");
    assert_eq!(records[3]["encryption"]["status"], "unlocked");
}

#[test]
fn a_row_of_a_folder_holds_for_its_files_and_the_nearest_row_has_priority() {
    let dir = TestDir::new();
    dir.copy("banks/hdfc.pdf", "in/a.pdf");
    dir.copy("banks/icici.pdf", "in/deep/b.PDF");
    dir.copy("banks/sbi.pdf", "in/deep/c.pdf");
    dir.copy("banks/axis.pdf", "out/d.pdf");
    symlink("in", dir.path().join("link")).unwrap();
    let manifest = "path,bank,account_category\n\
                    link/deep/,icici,\n\
                    ./in,sbi,CURRENT\n\
                    in/deep/c.pdf,,JOINT\n";
    let output = check_manifest(&dir, manifest);
    assert_eq!(
        paths_and_codes(&output),
        [
            // Found first under the link.
            ("link/deep/b.PDF".to_owned(), vec![]),
            (
                "link/deep/c.pdf".to_owned(),
                vec![
                    "BANK_NAME_MISMATCH".to_owned(),
                    "INVALID_ACCOUNT_CATEGORY".to_owned()
                ]
            ),
            (
                "./in/a.pdf".to_owned(),
                vec!["BANK_NAME_MISMATCH".to_owned()]
            ),
        ]
    );
    // Given paths come first, and rows hold for them, too.
    let output = check(&dir, ["--manifest", "m.csv", "out", "in/a.pdf", "in"]);
    let found = paths(&output);
    assert_eq!(
        found,
        ["out/d.pdf", "in/a.pdf", "in/deep/b.PDF", "in/deep/c.pdf"]
    );
    assert_eq!(codes(&output.records()[0]), <[&str; 0]>::default());
    assert_eq!(codes(&output.records()[1]), ["BANK_NAME_MISMATCH"]);
}

#[test]
fn skipped_files_are_neither_screened_nor_counted() {
    let dir = TestDir::new();
    for name in ["a.pdf", "in/b.pdf", "in/c.pdf", "in/deep/d.pdf"] {
        dir.copy("banks/hdfc.pdf", name);
    }
    let manifest = "path,skip\na.pdf,\nin,YES\nin/c.pdf,no\nin/deep,no\nmissing.pdf,yes\n";
    let output = check_manifest(&dir, manifest);
    assert_eq!(paths(&output), ["a.pdf", "in/c.pdf", "in/deep/d.pdf"]);
    let summary: Value = serde_json::from_str(output.stdout.lines().last().unwrap()).unwrap();
    assert_eq!(summary["files"], 3);
    // Also a file that is given as a path.
    let output = check(&dir, ["--manifest", "m.csv", "in/b.pdf"]);
    assert_eq!(paths(&output), ["a.pdf", "in/c.pdf", "in/deep/d.pdf"]);

    dir.write("m.csv", "path,skip\nin,yes\n");
    let output = check(&dir, ["--manifest", "m.csv"]);
    assert_rejected(&output, "no file to screen: none in the manifest m.csv");
    let output = check(&dir, ["--manifest", "m.csv", "--allow-empty"]);
    assert_eq!((output.code, output.records().len()), (Some(0), 0));
}

#[test]
fn a_row_may_have_its_own_requested_period() {
    let dir = TestDir::new();
    // 2024-04-01 to 2024-06-30.
    dir.copy("banks/hdfc.pdf", "in/hdfc.pdf");
    dir.copy("banks/sbi.pdf", "sbi.pdf");
    let manifest = "path;from;to\nin;01-03-2024;30/06/2024\n";
    let output = check_manifest(&dir, manifest);
    assert_eq!(output.code, Some(0), "{}", output.all());
    assert_eq!(
        codes(&output.records()[0]),
        ["PARTIAL_PERIOD", "MISSING_MONTHS"]
    );

    // It has priority over the options; files without their own use these.
    let manifest = "path;from;to\nin;2024-04-01;2024-06-30\nsbi.pdf;;\n";
    dir.write("m.csv", manifest);
    let options = [
        "--manifest",
        "m.csv",
        "--from",
        "01/01/2020",
        "--to",
        "31/01/2020",
    ];
    let output = check(&dir, options);
    let records = output.records();
    assert_eq!(codes(&records[0]), <[&str; 0]>::default());
    assert_eq!(codes(&records[1]), ["OUT_OF_DATE_RANGE"]);
    let summary: Value = serde_json::from_str(output.stdout.lines().last().unwrap()).unwrap();
    let accounts = summary["accounts"].as_array().unwrap();
    assert_eq!(accounts.len(), 2, "{summary}");
    assert_eq!(accounts[0]["months"][0], "2024-04");
    assert_eq!(accounts[1]["missing_months"][0], "2020-01");

    // A day or a future day is a period for screening, but not for an upload.
    let partial = ["PARTIAL_PERIOD", "MISSING_MONTHS"];
    for (period, found, why) in [
        (
            "01/04/2024;01/04/2024",
            &partial[..0],
            "line 2, column from: 2024-04-01 is not before to, 2024-04-01",
        ),
        (
            "01/04/2024;01/01/2999",
            &partial,
            "line 2, column to: 2999-01-01 is not before today",
        ),
    ] {
        dir.write("m.csv", format!("path;from;to\nsbi.pdf;{period}\n"));
        let output = check(&dir, ["--manifest", "m.csv"]);
        assert_eq!(codes(&output.records()[0]), found, "{}", output.stderr);
        let output = dir.run(["upload", "--sandbox", "--manifest", "m.csv"]);
        assert_rejected(&output, why);
    }
}

#[test]
fn a_repeated_path_needs_equal_values() {
    let dir = TestDir::new();
    dir.copy("banks/hdfc.pdf", "in/a.pdf");
    fs::hard_link(dir.path().join("in/a.pdf"), dir.path().join("hard.pdf")).unwrap();
    symlink("in/a.pdf", dir.path().join("link.pdf")).unwrap();
    for other in ["in/a.pdf", "./in/../in/a.pdf", "hard.pdf", "link.pdf"] {
        let rows = |second: &str| format!("path,bank\nin/a.pdf,HDFC\n\n{other},{second}\n");
        let output = check_manifest(&dir, rows("hdfc"));
        assert_eq!(paths(&output), ["in/a.pdf"], "{other}");
        assert_eq!(
            (output.code, output.stderr.as_str()),
            (Some(0), ""),
            "{other}"
        );
        for second in ["icici", ""] {
            let output = check_manifest(&dir, rows(second));
            let expected = "the manifest m.csv, line 4, column path: line 2 names the same path \
                            with other values";
            assert_rejected(&output, expected);
        }
    }
    let output = check_manifest(&dir, "path,skip\nin,no\nin/.,yes\n");
    assert_rejected(&output, "line 3, column path: line 2 names the same path");
    let output = check_manifest(&dir, "path,bank\ngone.pdf,hdfc\n./gone.pdf,icici\n");
    assert_rejected(&output, "line 3, column path: line 2 names the same path");
}

/// Asserts that each manifest is rejected, by an upload before a session is created.
fn assert_all_rejected(cases: impl IntoIterator<Item = (Vec<u8>, &'static str)>) {
    let dir = TestDir::new();
    dir.copy("banks/hdfc.pdf", "a.pdf");
    let server = CountingServer::start([Reaction::Accept(Duration::ZERO)]);
    for (manifest, expected) in cases {
        assert_rejected(&check_manifest(&dir, &manifest), expected);
        let mut command = dir.command(["upload", "--link-id", "loan-1", "--manifest", "m.csv"]);
        command
            .env("BANKSCREEN_API_KEY", "canary-key")
            .env("BANKSCREEN_BASE_URL", server.base_url());
        assert_rejected(&run_without_leaks(command), expected);
    }
    assert_eq!(server.requests(), <[String; 0]>::default());
}

/// A manifest whose third line is the second row of `a.pdf`, with further columns.
fn row(columns: &str, row: &str) -> Vec<u8> {
    format!("path{columns}\na.pdf\na.pdf{row}\n").into_bytes()
}

#[test]
fn a_mistake_in_the_table_is_rejected_with_its_line() {
    assert_all_rejected([
        (b"".to_vec(), "the manifest m.csv is empty"),
        (b"\n,,\r\n \n".to_vec(), "the manifest m.csv is empty"),
        (b"sep=|\npath|bank\n".to_vec(), "line 1: sep= does not name"),
        (b"bank\nhdfc\n".to_vec(), "line 1: column path is missing"),
        (
            b"\n\npath,bnak\na.pdf,x\n".to_vec(),
            "line 3: unknown column \"bnak\"",
        ),
        (
            b"path,bnak\n".to_vec(),
            "hint: rename it to bank, the nearest known column",
        ),
        (
            b"file_path\n".to_vec(),
            "hint: rename it to path, the nearest known column",
        ),
        (
            b"path,bank,Path\n".to_vec(),
            "line 1: column path is named twice",
        ),
        (b"path,,bank\n".to_vec(), "line 1: column 2 has no name"),
        (
            row(",bank", ",hdfc,x"),
            "line 3: the row has 3 fields, but the header row has 2 columns",
        ),
        (
            row("", ",b.pdf"),
            "line 3: the row has 2 fields, but the header row has 1 column",
        ),
        (
            row("", "\n\"b.pdf"),
            "line 4: the quote that opens on this line is not closed",
        ),
        (
            row("", "\n\"b.pdf\n\"c.pdf\""),
            "line 4: the quote that opens on this line is not closed before the text on line 5",
        ),
        (
            row("", "\n\"b\".pdf"),
            "line 4: text follows a closing quote",
        ),
        (
            b"path\r\na.pdf\r\ncaf\xE9.pdf\r\n".to_vec(),
            "line 3: not valid UTF-8",
        ),
        (
            b"path\ra.pdf\rcaf\xE9.pdf".to_vec(),
            "line 3: not valid UTF-8",
        ),
        (b"p\0a\0t\0h\0\n\0".to_vec(), "line 1: a NUL byte"),
        (
            b"\xFF\xFEp\0a\0t\0h\0\n\0\x00\xD8a\0".to_vec(),
            "line 2: not valid UTF-16",
        ),
    ]);
}

#[test]
fn an_invalid_value_is_rejected_with_its_line_and_column() {
    assert_all_rejected([
        (
            b"path,bank\n ,hdfc\n".to_vec(),
            "line 2, column path: the path is empty",
        ),
        (
            row(",bank", ",hdfcx"),
            "line 3, column bank: hdfcx: unknown bank identifier",
        ),
        (
            row(",bank", ",hdfcx"),
            "hint: use one of the nearest identifiers, hdfc, ",
        ),
        (
            row(",skip", ",true"),
            "line 3, column skip: \"true\" is neither yes nor no",
        ),
        (
            row(",from,to", ",31/02/2024,01/04/2024"),
            "line 3, column from: 31/02/2024: February has no day 31",
        ),
        (
            row(",from,to", ",1/1/24,1/4/2024"),
            "column from: 1/1/24: the year 24 has two digits",
        ),
        (
            row(",from,to", ",04/13/2024,1/4/2024"),
            "there is no month 13",
        ),
        (
            row(",from,to", ",01/04/2024"),
            "line 3, column to: a date is required, because from has one",
        ),
        (
            row(",from,to", ",,01/04/2024"),
            "line 3, column from: a date is required, because to",
        ),
        (
            row(",from,to", ",02/04/2024,01/04/2024"),
            "line 3, column from: 2024-04-02 is after to",
        ),
    ]);
}

#[test]
fn a_path_that_does_not_exist_is_reported_after_the_other_files() {
    let dir = TestDir::new();
    dir.copy("banks/hdfc.pdf", "a.pdf");
    let output = check_manifest(&dir, "path,bank\nin/gone.pdf,hdfc\na.pdf,hdfc\n");
    assert_eq!(output.code, Some(2));
    assert_eq!(
        paths_and_codes(&output),
        [
            (
                "in/gone.pdf".to_owned(),
                vec!["MISSING_FILE_OBJECT".to_owned()]
            ),
            ("a.pdf".to_owned(), vec![]),
        ]
    );
    let expected = "could not read 1 path: in/gone.pdf";
    assert!(output.stderr.contains(expected), "{}", output.stderr);
}

#[test]
fn paths_are_relative_to_the_manifest_and_to_the_working_directory_if_it_is_a_pipe() {
    let dir = TestDir::new();
    dir.copy("banks/hdfc.pdf", "in/ a.pdf");
    dir.copy("banks/sbi.pdf", "b.pdf");
    // A path is not trimmed.
    dir.write("in/m.csv", "path\n a.pdf\n../b.pdf\n");
    let output = check(&dir, ["--manifest", "in/m.csv"]);
    assert_eq!(paths(&output), ["in/ a.pdf", "in/../b.pdf"]);
    assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""));
    let program = env!("CARGO_BIN_EXE_bankscreen");
    let script = format!("printf 'path\\nb.pdf\\n' | '{program}' --check --manifest /dev/stdin");
    let output = Command::new("sh")
        .args(["-c", &script])
        .current_dir(dir.path())
        .env("HOME", dir.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && text.contains(" b.pdf"), "{text}");
}

#[test]
fn passwords_that_other_users_can_read_are_reported() {
    let dir = TestDir::new();
    dir.copy("encrypted/user_rc4_128.pdf", "a.pdf");
    let set_mode = |name: &str, mode: u32| {
        fs::set_permissions(dir.path().join(name), Permissions::from_mode(mode)).unwrap();
    };
    let warns = |args: [&str; 2], path: &Path| {
        let output = check(&dir, args.into_iter().chain(["a.pdf"]));
        let warning = format!("hint: chmod 600 {}", path.display());
        let warns = output.stderr.contains("warning: other users can access");
        assert_eq!(warns, output.stderr.contains(&warning), "{}", output.stderr);
        assert_eq!(output.records().len(), 1);
        assert_eq!(output.code, Some(1));
        warns
    };
    dir.write("pw.txt", "wrong\n");
    dir.write("m.csv", "path,password\na.pdf,wrong\n");
    for (mode, expected) in [(0o644, true), (0o640, true), (0o604, true), (0o600, false)] {
        set_mode("pw.txt", mode);
        set_mode("m.csv", mode);
        let pw = warns(["--password-file", "pw.txt"], Path::new("pw.txt"));
        let manifest = warns(["--manifest", "m.csv"], Path::new("m.csv"));
        assert_eq!((pw, manifest), (expected, expected), "{mode:o}");
    }
    // Without passwords, a manifest is not secret.
    dir.write("m.csv", "path,bank\na.pdf,sbi\n");
    set_mode("m.csv", 0o644);
    assert!(!warns(["--manifest", "m.csv"], Path::new("m.csv")));
}
