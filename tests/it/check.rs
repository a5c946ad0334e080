//! End-to-end tests of `--check`: paths, lists, limits, signals and exit codes.

use crate::harness::{HANG_GUARD, TestDir, project};
use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};

const CHECK: [&str; 3] = ["--check", "--format", "ndjson"];

fn check_args(args: &[&str]) -> Vec<String> {
    CHECK.iter().chain(args).map(ToString::to_string).collect()
}

fn codes(record: &Value) -> Vec<&str> {
    let findings = record["findings"].as_array().unwrap();
    findings.iter().filter_map(|f| f["code"].as_str()).collect()
}

#[test]
fn the_exit_code_is_0_if_all_files_pass_and_1_if_one_fails() {
    let folder = TestDir::new();
    folder.copy("banks/hdfc.pdf", "good.pdf");
    folder.copy("foreign/page.html.pdf", "bad.pdf");
    let good = folder.run(check_args(&["good.pdf"]));
    assert_eq!((good.code, good.stderr.as_str()), (Some(0), ""));
    assert_eq!(good.records()[0]["verdict"], "pass");
    assert_eq!(good.records()[0]["bank"]["id"], "hdfc");
    let bad = folder.run(check_args(&["good.pdf", "bad.pdf"]));
    assert_eq!(bad.code, Some(1));
    assert_eq!(codes(&bad.records()[1]), ["INVALID_FILE_OBJECT"]);
}

#[test]
fn every_path_is_reported_once_and_an_unreadable_one_sets_exit_code_2() {
    let folder = TestDir::new();
    folder.copy("banks/hdfc.pdf", "in/a.pdf");
    folder.copy("banks/sbi.pdf", "in/b.PDF");
    let output = folder.run(check_args(&["missing.pdf", "in", "in/a.pdf"]));
    let paths: Vec<_> = output.records().iter().map(|r| r["path"].clone()).collect();
    assert_eq!(paths, ["missing.pdf", "in/a.pdf", "in/b.PDF"]);
    assert_eq!(codes(&output.records()[0]), ["MISSING_FILE_OBJECT"]);
    assert_eq!(output.code, Some(2));
    assert!(
        output.stderr.contains("could not read 1 path"),
        "{}",
        output.stderr
    );
}

#[test]
fn warnings_fail_only_in_strict_mode() {
    let folder = TestDir::new();
    folder.copy("pages/mixed.pdf", "mixed.pdf");
    let lenient = folder.run(check_args(&["mixed.pdf"]));
    assert_eq!(lenient.code, Some(0));
    assert_eq!(lenient.records()[0]["verdict"], "warn");
    let strict = folder.run(check_args(&["--strict", "mixed.pdf"]));
    assert_eq!(strict.code, Some(1));
    assert_eq!(strict.records()[0]["verdict"], "fail");
}

#[test]
fn standard_input_can_be_a_pdf_or_a_list_with_either_separator() {
    let folder = TestDir::new();
    let pdf = std::fs::read(project().join("testdata/banks/hdfc.pdf")).unwrap();
    let piped = folder.run_with_input(check_args(&["-"]), &pdf);
    assert_eq!(piped.code, Some(0));
    assert_eq!(piped.records()[0]["path"], "-");

    folder.write("new\nline.pdf", &pdf);
    folder.copy("banks/sbi.pdf", "b.pdf");
    let nul = folder.run_with_input(
        check_args(&["-0", "--files-from", "-"]),
        b"new\nline.pdf\0b.pdf\0",
    );
    assert_eq!(nul.records().len(), 2);
    assert_eq!(nul.code, Some(0));
    folder.write("list.txt", "b.pdf\r\n\nb.pdf\n");
    let lines = folder.run(check_args(&["--files-from", "list.txt"]));
    assert_eq!(lines.records().len(), 1, "a repeated path is screened once");
}

#[test]
fn usage_errors_exit_with_2_and_a_message() {
    let folder = TestDir::new();
    for args in [
        &["--check"][..],
        &["--check", "--jobs", "0", "x"],
        &["--check", "--bank", "nobank", "x"],
        &["--check", "--password", "secret", "x"],
        &["--check", "-", "--files-from", "-"],
        &["--check", "--password-file", "none.txt", "x"],
        &["--check", "--output", "no/such/folder/report", "x"],
    ] {
        let output = folder.run(args);
        assert_eq!(output.code, Some(2), "{args:?}");
        assert!(
            output.stdout.is_empty() && !output.stderr.is_empty(),
            "{args:?}"
        );
    }
    let output = folder.run(["--check", "--bank", "hdf", "x"]);
    let nearest = "one of the nearest identifiers, hdfc, ";
    assert!(output.stderr.contains(nearest), "{}", output.stderr);
}

#[test]
fn without_a_terminal_the_error_suggests_check() {
    let folder = TestDir::new();
    folder.copy("banks/hdfc.pdf", "inbox/a.pdf");
    let output = folder.run(["inbox"]);
    assert_eq!(output.code, Some(2));
    assert!(output.stderr.contains("--check"), "{}", output.stderr);
}

#[test]
fn the_matching_password_is_reported_by_its_line_and_never_printed() {
    let folder = TestDir::new();
    folder.copy("encrypted/user_aes_256_r6.pdf", "locked.pdf");
    let index = std::fs::read_to_string(project().join("testdata/passwords.txt")).unwrap();
    folder.write("pw.txt", format!("canary-one\n\n{index}"));
    for format in ["text", "json", "ndjson", "csv"] {
        let args = [
            "--check",
            "-v",
            "--password-file",
            "pw.txt",
            "--format",
            format,
            "locked.pdf",
        ];
        let output = folder.run(args);
        assert_eq!(output.code, Some(0), "{}", output.all());
        assert!(
            output.stdout.contains("password-file:"),
            "{}",
            output.stdout
        );
        for secret in index.lines().chain(["canary-one"]) {
            assert!(!output.all().contains(secret), "{format} prints a password");
        }
    }
    let output = folder.run(check_args(&["locked.pdf"]));
    assert_eq!(codes(&output.records()[0]), ["PASSWORD_INCORRECT"]);
}

#[test]
fn identical_bytes_are_a_duplicate_of_the_first_file() {
    let folder = TestDir::new();
    folder.copy("banks/hdfc.pdf", "a.pdf");
    folder.copy("banks/hdfc.pdf", "b.pdf");
    let output = folder.run(check_args(&["a.pdf", "b.pdf", "--jobs", "4"]));
    assert_eq!(output.records()[0]["duplicate_of"], Value::Null);
    assert_eq!(output.records()[1]["duplicate_of"], "a.pdf");
    assert_eq!(codes(&output.records()[1]), ["STATEMENT_DUPLICATE"]);
}

#[test]
fn the_expected_bank_is_compared_with_the_statement() {
    let folder = TestDir::new();
    folder.copy("banks/hdfc.pdf", "a.pdf");
    assert_eq!(
        folder.run(check_args(&["--bank", "HDFC", "a.pdf"])).code,
        Some(0)
    );
    let output = folder.run(check_args(&["--bank", "sbi", "a.pdf"]));
    assert_eq!(codes(&output.records()[0]), ["BANK_NAME_MISMATCH"]);
}

#[test]
fn limits_are_enforced_and_reported() {
    let folder = TestDir::new();
    folder.copy("banks/hdfc.pdf", "a.pdf");
    let large = folder.run(check_args(&["--max-file-size", "1K", "a.pdf"]));
    assert_eq!(codes(&large.records()[0]), ["FILE_TOO_LARGE"]);
    assert_eq!(large.code, Some(1));
    let long = folder.run(check_args(&["--max-pages", "2", "a.pdf"]));
    assert_eq!(codes(&long.records()[0]), ["STATEMENT_TOO_MANY_PAGES"]);
    assert_eq!(long.records()[0]["document"]["pages"], 3);
}

#[test]
fn a_report_file_is_written_atomically() {
    let folder = TestDir::new();
    folder.copy("banks/hdfc.pdf", "a.pdf");
    let output = folder.run(check_args(&["--output", "report.ndjson", "a.pdf"]));
    assert_eq!((output.code, output.stdout.as_str()), (Some(0), ""));
    let report = std::fs::read_to_string(folder.path().join("report.ndjson")).unwrap();
    assert_eq!(report.lines().count(), 2);
    let failed = folder.run(check_args(&[
        "--output",
        "other.ndjson",
        "--password-file",
        "none",
        "a",
    ]));
    assert_eq!(failed.code, Some(2));
    assert!(!folder.path().join("other.ndjson").exists());
}

#[test]
fn a_folder_without_pdfs_gives_a_message() {
    let folder = TestDir::new();
    std::fs::create_dir(folder.path().join("in")).unwrap();
    let output = folder.run(["--check", "--allow-empty", "in"]);
    assert_eq!(output.code, Some(0));
    assert_eq!(output.stderr, "");
    assert!(output.stdout.contains("0 files"), "{}", output.stdout);
    let output = folder.run(["--check", "in"]);
    assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""));
    assert!(
        output.stderr.contains("no PDF file in in"),
        "{}",
        output.stderr
    );
}

#[test]
fn files_alone_give_equal_records_in_any_partition() {
    let folder = TestDir::new();
    let banks = [
        "hdfc", "sbi", "axis", "icici", "uco", "kotak", "hdfc", "sbi",
    ];
    let names: Vec<_> = (0..16)
        .map(|number| format!("in/{number:02}.pdf"))
        .collect();
    for (name, bank) in names.iter().zip(banks.iter().cycle()) {
        folder.copy(&format!("banks/{bank}.pdf"), name);
    }
    let range = ["--from", "01/01/2024", "--to", "31/12/2024"];
    let records = |partitions: usize| {
        let mut records = Vec::new();
        for partition in names.chunks(names.len() / partitions) {
            let files = partition.iter().map(String::as_str);
            let output = folder.run(check_args(
                &["--files-only"]
                    .into_iter()
                    .chain(range)
                    .chain(files)
                    .collect::<Vec<_>>(),
            ));
            records.extend(output.records());
        }
        records
    };
    let whole = records(1);
    assert_eq!(whole.len(), 16);
    assert_eq!(records(8), whole);
    let codes: Vec<_> = whole.iter().flat_map(codes).collect();
    assert!(!codes.contains(&"STATEMENT_DUPLICATE"), "{codes:?}");
    assert!(!codes.contains(&"MISSING_MONTHS"), "{codes:?}");
}

mod system {
    use super::*;
    use std::io::Read;
    use std::process::{Child, Stdio};

    #[test]
    fn a_closed_output_pipe_ends_the_run_without_an_error() {
        let folder = TestDir::new();
        for index in 0..400 {
            folder.copy("banks/hdfc.pdf", &format!("in/{index}.pdf"));
        }
        let mut command = folder.command(check_args(&["in"]));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut out = child.stdout.take().unwrap();
        out.read_exact(&mut [0; 16]).unwrap();
        drop(out);
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert_eq!(output.status.code(), Some(141));
    }

    /// Starts a long run that writes its report to `report.json`.
    fn long_run(folder: &TestDir) -> Child {
        for index in 0..2000 {
            folder.copy("banks/hdfc.pdf", &format!("in/{index}.pdf"));
        }
        let args = "--check --jobs 1 --format json --output report.json in";
        let mut command = folder.command(args.split(' '));
        command.stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Waits until the report has content, instead of a fixed time.
    ///
    /// The report is an open file of the folder; it may have no name yet.
    fn wait_for_report(child: &Child, folder: &TestDir) {
        let size = |open: std::fs::DirEntry| {
            let target = std::fs::read_link(open.path()).unwrap_or_default();
            let is_below = target.starts_with(folder.path());
            let is_input = target
                .extension()
                .is_some_and(|extension| extension == "pdf");
            let metadata = std::fs::metadata(open.path()).ok();
            let report = metadata.filter(|file| is_below && !is_input && file.is_file());
            report.map_or(0, |file| file.len())
        };
        let has_started = || {
            let open = std::fs::read_dir(format!("/proc/{}/fd", child.id())).into_iter();
            open.flatten()
                .filter_map(Result::ok)
                .any(|open| size(open) > 0)
        };
        let deadline = Instant::now() + HANG_GUARD;
        while !has_started() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    #[test]
    fn a_killed_run_leaves_no_partial_report() {
        let folder = TestDir::new();
        let mut child = long_run(&folder);
        wait_for_report(&child, &folder);
        child.kill().unwrap();
        child.wait().unwrap();
        let remaining = std::fs::read_dir(folder.path()).unwrap();
        let remaining: Vec<_> = remaining.map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(remaining, ["in"]);
    }

    #[test]
    fn an_interrupted_run_reports_the_files_screened_so_far() {
        let folder = TestDir::new();
        let child = long_run(&folder);
        let report = folder.path().join("report.json");
        wait_for_report(&child, &folder);
        let pid = rustix::process::Pid::from_raw(child.id().cast_signed()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(143),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let report: Value = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
        let files = report["files"].as_array().unwrap();
        assert_eq!(report["summary"]["files"], files.len());
        assert!(files.len() < 2000, "the run was interrupted too late");
        assert!(files.iter().all(|file| file["document"]["pages"] == 3));
    }

    #[test]
    fn names_with_invalid_utf8_are_also_reported_in_base64() {
        use std::os::unix::ffi::OsStrExt;
        let folder = TestDir::new();
        let name = std::ffi::OsStr::from_bytes(b"\xFFstmt.pdf");
        folder.copy("banks/hdfc.pdf", "plain.pdf");
        std::fs::rename(folder.path().join("plain.pdf"), folder.path().join(name)).unwrap();
        let mut args: Vec<std::ffi::OsString> =
            check_args(&[]).into_iter().map(Into::into).collect();
        args.push(name.to_owned());
        let output = folder.run(args);
        assert_eq!(output.records()[0]["path"], "\u{FFFD}stmt.pdf");
        assert_eq!(output.records()[0]["path_bytes"], "/3N0bXQucGRm");
    }

    #[test]
    fn links_to_files_are_followed_and_links_to_folders_are_not() {
        let folder = TestDir::new();
        folder.copy("banks/hdfc.pdf", "real.pdf");
        std::fs::create_dir(folder.path().join("in")).unwrap();
        let link =
            |to: &Path, at: &str| std::os::unix::fs::symlink(to, folder.path().join(at)).unwrap();
        link(&folder.path().join("real.pdf"), "in/link.pdf");
        link(folder.path(), "in/loop");
        let output = folder.run(check_args(&["in"]));
        let paths: Vec<_> = output.records().iter().map(|r| r["path"].clone()).collect();
        assert_eq!(paths, ["in/link.pdf"]);
    }
}
