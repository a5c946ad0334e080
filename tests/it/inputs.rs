//! Inputs that are not regular files: each gets its finding, and none is opened or waited for.

use crate::harness::{RunOutput, TestDir};
use serde_json::Value;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

fn check(sandbox: &TestDir, args: &[&str]) -> RunOutput {
    let options = ["--check", "--format", "ndjson"];
    sandbox.run(options.iter().chain(args))
}

fn finding(record: &Value) -> (&str, &str) {
    let finding = &record["findings"][0];
    (
        finding["code"].as_str().unwrap(),
        finding["message"].as_str().unwrap(),
    )
}

#[track_caller]
fn assert_finding(record: &Value, code: &str, word: &str) {
    let (found, message) = finding(record);
    assert_eq!(found, code, "{record}");
    assert!(message.contains(word), "{message:?} does not say {word:?}");
}

fn make_fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn pipes_devices_and_sockets_are_reported_unopened() {
    let sandbox = TestDir::new();
    sandbox.copy("banks/hdfc.pdf", "good.pdf");
    make_fifo(&sandbox.path().join("pipe.pdf"));
    let _socket = UnixListener::bind(sandbox.path().join("s.pdf")).unwrap();
    let others = [
        ("pipe.pdf", "named pipe"),
        ("/dev/zero", "device"),
        ("/dev/null", "device"),
        ("s.pdf", "socket"),
    ];
    let mut args: Vec<_> = others.iter().map(|(path, _)| *path).collect();
    args.push("good.pdf");
    let said = check(&sandbox, &args);
    let records = said.records();
    for (record, (_, word)) in records.iter().zip(others) {
        assert_finding(record, "MISSING_FILE_OBJECT", word);
    }
    assert_eq!(records[others.len()]["verdict"], "pass");
    assert_eq!(said.code, Some(1));
}

#[test]
fn a_folder_with_a_pdf_name_is_searched_and_what_lies_in_it_blocks_nothing() {
    let sandbox = TestDir::new();
    sandbox.copy("banks/hdfc.pdf", "in/folder.pdf/good.pdf");
    make_fifo(&sandbox.path().join("in/folder.pdf/pipe.pdf"));
    sandbox.write("list", "in/folder.pdf\n");
    for args in [&["in"][..], &["in/folder.pdf"], &["--files-from", "list"]] {
        let said = check(&sandbox, args);
        let records = said.records();
        assert_eq!(records.len(), 2, "{}", said.all());
        assert_eq!(records[0]["verdict"], "pass");
        assert_finding(&records[1], "MISSING_FILE_OBJECT", "named pipe");
    }
}

#[test]
fn a_file_that_vanished_or_may_not_be_read_is_told_and_ends_with_2() {
    let sandbox = TestDir::new();
    // Found when the folder is searched, gone when it is opened.
    std::fs::create_dir(sandbox.path().join("in")).unwrap();
    symlink("nowhere.pdf", sandbox.path().join("in/gone.pdf")).unwrap();
    sandbox.copy("banks/hdfc.pdf", "in/good.pdf");
    let said = check(&sandbox, &["in"]);
    assert_finding(&said.records()[0], "MISSING_FILE_OBJECT", "no such file");
    assert_eq!(said.records()[1]["verdict"], "pass");
    assert_eq!(said.code, Some(2));

    let secret = sandbox.copy("banks/hdfc.pdf", "secret.pdf");
    std::fs::set_permissions(&secret, PermissionsExt::from_mode(0o000)).unwrap();
    if std::fs::File::open(&secret).is_ok() {
        let _nobody_reads = writeln!(std::io::stderr(), "skipped, root reads all: permissions");
        return;
    }
    let said = check(&sandbox, &["secret.pdf"]);
    assert_finding(&said.records()[0], "MISSING_FILE_OBJECT", "can't be read");
    assert_eq!(said.code, Some(2));
}

#[test]
fn a_file_that_never_stops_growing_is_not_followed() {
    let sandbox = TestDir::new();
    let path = sandbox.copy("banks/hdfc.pdf", "growing.pdf");
    let mut file = std::fs::OpenOptions::new().append(true).open(path).unwrap();
    let done = AtomicBool::new(false);
    let said = std::thread::scope(|scope| {
        scope.spawn(|| {
            // Bounded, in case the program does follow it.
            for _ in 0..200_000 {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                file.write_all(&[b' '; 512]).unwrap();
            }
        });
        let said = check(&sandbox, &["growing.pdf"]);
        done.store(true, Ordering::Relaxed);
        said
    });
    let records = said.records();
    assert_eq!(records.len(), 1, "{}", said.all());
    // Whether it grew between the two looks is chance; then it is said.
    if records[0]["bytes"].is_null() {
        assert_finding(&records[0], "INVALID_FILE_OBJECT", "still writes to it");
    }
}

#[test]
fn standard_input_above_the_limit_has_no_known_size() {
    let sandbox = TestDir::new();
    let args = [
        "--check",
        "--format",
        "ndjson",
        "--max-file-size",
        "1K",
        "-",
    ];
    let said = sandbox.run_with_input(args, &[b'x'; 5000]);
    let record = &said.records()[0];
    assert_eq!(finding(record).0, "FILE_TOO_LARGE");
    assert!(
        finding(record)
            .1
            .contains("larger than the limit of 1024 bytes")
    );
    assert_eq!(record["bytes"], Value::Null);
    assert_eq!(said.code, Some(1));
}

#[test]
fn a_password_file_is_taken_whole_or_not_at_all() {
    let sandbox = TestDir::new();
    sandbox.copy("encrypted/user_rc4_40.pdf", "locked.pdf");
    let args = ["--password-file", "pw.txt", "locked.pdf"];
    sandbox.write("pw.txt", "x\n".repeat(1 << 19));
    let said = check(&sandbox, &args);
    assert!(said.stderr.contains("are not tried"), "{}", said.all());
    sandbox.write("pw.txt", "x\n".repeat((1 << 19) + 1));
    let said = check(&sandbox, &args);
    assert_eq!((said.code, said.stdout.as_str()), (Some(2), ""));
    assert!(said.stderr.contains("larger than 1 MiB"), "{}", said.stderr);
    sandbox.write("pw.txt", b"caf\xE9\n");
    let said = check(&sandbox, &args);
    assert_eq!(said.code, Some(2));
    assert!(said.stderr.contains("UTF-8"), "{}", said.stderr);
}

#[test]
fn candidates_beyond_the_limit_are_counted_and_not_forgotten() {
    let sandbox = TestDir::new();
    sandbox.copy("encrypted/user_rc4_40.pdf", "locked.pdf");
    sandbox.write("pw.txt", "wrong\n".repeat(520));
    let said = check(&sandbox, &["--password-file", "pw.txt", "locked.pdf"]);
    let told = "20 passwords of the password file are not tried: the limit is 500 a file";
    assert!(said.stderr.contains(told), "{}", said.stderr);
    let records = said.records();
    let (code, message) = finding(&records[0]);
    assert_eq!(code, "PASSWORD_INCORRECT");
    assert!(message.contains("none of the first 500"), "{message}");
    assert!(
        message.contains("keeps 20 more from being tried"),
        "{message}"
    );
}
