//! `--check` from the outside: paths, lists, limits, signals and exit codes.

use crate::harness::{TestDir, project};
use crate::pty::HANG_GUARD;
use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};

const CHECK: [&str; 3] = ["--check", "--format", "ndjson"];

fn check(args: &[&str]) -> Vec<String> {
    CHECK.iter().chain(args).map(ToString::to_string).collect()
}

fn codes(record: &Value) -> Vec<&str> {
    let findings = record["findings"].as_array().unwrap();
    findings.iter().filter_map(|f| f["code"].as_str()).collect()
}

#[test]
fn a_good_statement_passes_with_0_and_a_bad_one_fails_with_1() {
    let sandbox = TestDir::new();
    sandbox.copy("banks/hdfc.pdf", "good.pdf");
    sandbox.copy("foreign/page.html.pdf", "bad.pdf");
    let good = sandbox.run(check(&["good.pdf"]));
    assert_eq!((good.code, good.stderr.as_str()), (Some(0), ""));
    assert_eq!(good.records()[0]["verdict"], "pass");
    assert_eq!(good.records()[0]["bank"]["id"], "hdfc");
    let bad = sandbox.run(check(&["good.pdf", "bad.pdf"]));
    assert_eq!(bad.code, Some(1));
    assert_eq!(codes(&bad.records()[1]), ["INVALID_FILE_OBJECT"]);
}

#[test]
fn every_path_appears_once_and_an_unreadable_one_ends_with_2_after_the_others() {
    let sandbox = TestDir::new();
    sandbox.copy("banks/hdfc.pdf", "in/a.pdf");
    sandbox.copy("banks/sbi.pdf", "in/b.PDF");
    let said = sandbox.run(check(&["missing.pdf", "in", "in/a.pdf"]));
    let paths: Vec<_> = said.records().iter().map(|r| r["path"].clone()).collect();
    assert_eq!(paths, ["missing.pdf", "in/a.pdf", "in/b.PDF"]);
    assert_eq!(codes(&said.records()[0]), ["MISSING_FILE_OBJECT"]);
    assert_eq!(said.code, Some(2));
    assert!(
        said.stderr.contains("1 path could not be read"),
        "{}",
        said.stderr
    );
}

#[test]
fn warnings_pass_unless_strict() {
    let sandbox = TestDir::new();
    sandbox.copy("pages/mixed.pdf", "mixed.pdf");
    let lenient = sandbox.run(check(&["mixed.pdf"]));
    assert_eq!(lenient.code, Some(0));
    assert_eq!(lenient.records()[0]["verdict"], "warn");
    let strict = sandbox.run(check(&["--strict", "mixed.pdf"]));
    assert_eq!(strict.code, Some(1));
    assert_eq!(strict.records()[0]["verdict"], "fail");
}

#[test]
fn a_pdf_comes_from_standard_input_and_lists_are_read_with_either_separator() {
    let sandbox = TestDir::new();
    let pdf = std::fs::read(project().join("testdata/banks/hdfc.pdf")).unwrap();
    let piped = sandbox.run_with_input(check(&["-"]), &pdf);
    assert_eq!(piped.code, Some(0));
    assert_eq!(piped.records()[0]["path"], "-");

    sandbox.write("new\nline.pdf", &pdf);
    sandbox.copy("banks/sbi.pdf", "b.pdf");
    let nul = sandbox.run_with_input(
        check(&["-0", "--files-from", "-"]),
        b"new\nline.pdf\0b.pdf\0",
    );
    assert_eq!(nul.records().len(), 2);
    assert_eq!(nul.code, Some(0));
    sandbox.write("list.txt", "b.pdf\r\n\nb.pdf\n");
    let lines = sandbox.run(check(&["--files-from", "list.txt"]));
    assert_eq!(lines.records().len(), 1, "the same path twice is one file");
}

#[test]
fn usage_errors_end_with_2_and_say_what_to_do() {
    let sandbox = TestDir::new();
    for args in [
        &["--check"][..],
        &["--check", "--jobs", "0", "x"],
        &["--check", "--bank", "nobank", "x"],
        &["--check", "--password", "secret", "x"],
        &["--check", "-", "--files-from", "-"],
        &["--check", "--password-file", "none.txt", "x"],
        &["--check", "--output", "no/such/folder/report", "x"],
    ] {
        let said = sandbox.run(args);
        assert_eq!(said.code, Some(2), "{args:?}");
        assert!(
            said.stdout.is_empty() && !said.stderr.is_empty(),
            "{args:?}"
        );
    }
    let said = sandbox.run(["--check", "--bank", "hdf", "x"]);
    assert!(said.stderr.contains("one of hdfc"), "{}", said.stderr);
}

#[test]
fn without_a_terminal_and_without_check_the_program_points_to_check() {
    let said = TestDir::new().run(["inbox"]);
    assert_eq!(said.code, Some(2));
    assert!(said.stderr.contains("--check"), "{}", said.stderr);
}

#[test]
fn the_right_candidate_is_named_by_its_line_and_never_shown() {
    let sandbox = TestDir::new();
    sandbox.copy("encrypted/user_aes_256_r6.pdf", "locked.pdf");
    let index = std::fs::read_to_string(project().join("testdata/passwords.txt")).unwrap();
    sandbox.write("pw.txt", format!("canary-one\n\n{index}"));
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
        let said = sandbox.run(args);
        assert_eq!(said.code, Some(0), "{}", said.all());
        assert!(said.stdout.contains("password-file:"), "{}", said.stdout);
        for secret in index.lines().chain(["canary-one"]) {
            assert!(!said.all().contains(secret), "{format} shows a password");
        }
    }
    let said = sandbox.run(check(&["locked.pdf"]));
    assert_eq!(codes(&said.records()[0]), ["PASSWORD_INCORRECT"]);
}

#[test]
fn the_same_bytes_are_a_duplicate_of_the_first() {
    let sandbox = TestDir::new();
    sandbox.copy("banks/hdfc.pdf", "a.pdf");
    sandbox.copy("banks/hdfc.pdf", "b.pdf");
    let said = sandbox.run(check(&["a.pdf", "b.pdf", "--jobs", "4"]));
    assert_eq!(said.records()[0]["duplicate_of"], Value::Null);
    assert_eq!(said.records()[1]["duplicate_of"], "a.pdf");
    assert_eq!(codes(&said.records()[1]), ["STATEMENT_DUPLICATE"]);
}

#[test]
fn the_bank_given_is_checked_against_the_statement() {
    let sandbox = TestDir::new();
    sandbox.copy("banks/hdfc.pdf", "a.pdf");
    assert_eq!(
        sandbox.run(check(&["--bank", "HDFC", "a.pdf"])).code,
        Some(0)
    );
    let said = sandbox.run(check(&["--bank", "sbi", "a.pdf"]));
    assert_eq!(codes(&said.records()[0]), ["BANK_NAME_MISMATCH"]);
}

#[test]
fn limits_are_kept_and_named() {
    let sandbox = TestDir::new();
    sandbox.copy("banks/hdfc.pdf", "a.pdf");
    let large = sandbox.run(check(&["--max-file-size", "1K", "a.pdf"]));
    assert_eq!(codes(&large.records()[0]), ["FILE_TOO_LARGE"]);
    assert_eq!(large.code, Some(1));
    let long = sandbox.run(check(&["--max-pages", "2", "a.pdf"]));
    assert_eq!(codes(&long.records()[0]), ["STATEMENT_TOO_MANY_PAGES"]);
    assert_eq!(long.records()[0]["document"]["pages"], 3);
}

#[test]
fn a_report_file_appears_whole_or_not_at_all() {
    let sandbox = TestDir::new();
    sandbox.copy("banks/hdfc.pdf", "a.pdf");
    let said = sandbox.run(check(&["--output", "report.ndjson", "a.pdf"]));
    assert_eq!((said.code, said.stdout.as_str()), (Some(0), ""));
    let report = std::fs::read_to_string(sandbox.path().join("report.ndjson")).unwrap();
    assert_eq!(report.lines().count(), 2);
    let failed = sandbox.run(check(&[
        "--output",
        "other.ndjson",
        "--password-file",
        "none",
        "a",
    ]));
    assert_eq!(failed.code, Some(2));
    assert!(!sandbox.path().join("other.ndjson").exists());
}

#[test]
fn an_empty_folder_is_said_to_be_empty() {
    let sandbox = TestDir::new();
    std::fs::create_dir(sandbox.path().join("in")).unwrap();
    let said = sandbox.run(["--check", "in"]);
    assert_eq!(said.code, Some(0));
    assert!(said.stderr.contains("no PDF file"), "{}", said.stderr);
    assert!(said.stdout.contains("0 files"), "{}", said.stdout);
}

mod system {
    use super::*;
    use std::io::Read;
    use std::process::{Child, Stdio};

    #[test]
    fn a_reader_that_goes_away_ends_the_run_quietly() {
        let sandbox = TestDir::new();
        for index in 0..400 {
            sandbox.copy("banks/hdfc.pdf", &format!("in/{index}.pdf"));
        }
        let mut command = sandbox.command(check(&["in"]));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut out = child.stdout.take().unwrap();
        out.read_exact(&mut [0; 16]).unwrap();
        drop(out);
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert_eq!(output.status.code(), Some(0));
    }

    /// Starts a long run that writes its report to `report.json`.
    fn long_run(sandbox: &TestDir) -> Child {
        for index in 0..2000 {
            sandbox.copy("banks/hdfc.pdf", &format!("in/{index}.pdf"));
        }
        let args = "--check --jobs 1 --format json --output report.json in";
        let mut command = sandbox.command(args.split(' '));
        command.stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Waits for the work to begin, not for a time: the report is written to an open file of the
    /// folder, with or without a name.
    fn wait_for_report(child: &Child, sandbox: &TestDir) {
        let size = |open: std::fs::DirEntry| {
            let place = std::fs::read_link(open.path()).unwrap_or_default();
            let is_report = place.starts_with(sandbox.path());
            let is_input = place
                .extension()
                .is_some_and(|extension| extension == "pdf");
            let found = std::fs::metadata(open.path()).ok();
            let found = found.filter(|found| is_report && !is_input && found.is_file());
            found.map_or(0, |found| found.len())
        };
        let begun = || {
            let open = std::fs::read_dir(format!("/proc/{}/fd", child.id())).into_iter();
            open.flatten()
                .filter_map(Result::ok)
                .any(|open| size(open) > 0)
        };
        let deadline = Instant::now() + HANG_GUARD;
        while !begun() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    #[test]
    fn a_run_that_is_killed_leaves_nothing_of_its_report_behind() {
        let sandbox = TestDir::new();
        let mut child = long_run(&sandbox);
        wait_for_report(&child, &sandbox);
        child.kill().unwrap();
        child.wait().unwrap();
        let left = std::fs::read_dir(sandbox.path()).unwrap();
        let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["in"]);
    }

    #[test]
    fn an_interrupted_run_reports_what_was_done() {
        let sandbox = TestDir::new();
        let child = long_run(&sandbox);
        let report = sandbox.path().join("report.json");
        wait_for_report(&child, &sandbox);
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
        assert!(files.len() < 2000, "it was interrupted too late to tell");
        assert!(files.iter().all(|file| file["document"]["pages"] == 3));
    }

    #[test]
    fn names_that_are_no_text_are_kept_in_base64() {
        use std::os::unix::ffi::OsStrExt;
        let sandbox = TestDir::new();
        let name = std::ffi::OsStr::from_bytes(b"\xFFstmt.pdf");
        sandbox.copy("banks/hdfc.pdf", "plain.pdf");
        std::fs::rename(sandbox.path().join("plain.pdf"), sandbox.path().join(name)).unwrap();
        let mut args: Vec<std::ffi::OsString> = check(&[]).into_iter().map(Into::into).collect();
        args.push(name.to_owned());
        let said = sandbox.run(args);
        assert_eq!(said.records()[0]["path"], "\u{FFFD}stmt.pdf");
        assert_eq!(said.records()[0]["path_bytes"], "/3N0bXQucGRm");
    }

    #[test]
    fn links_to_files_are_followed_and_links_to_folders_are_not() {
        let sandbox = TestDir::new();
        sandbox.copy("banks/hdfc.pdf", "real.pdf");
        std::fs::create_dir(sandbox.path().join("in")).unwrap();
        let link =
            |to: &Path, at: &str| std::os::unix::fs::symlink(to, sandbox.path().join(at)).unwrap();
        link(&sandbox.path().join("real.pdf"), "in/link.pdf");
        link(sandbox.path(), "in/loop");
        let said = sandbox.run(check(&["in"]));
        let paths: Vec<_> = said.records().iter().map(|r| r["path"].clone()).collect();
        assert_eq!(paths, ["in/link.pdf"]);
    }
}
