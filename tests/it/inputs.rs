//! Inputs that are not regular files: each gets its finding, and none is opened or waited for.

use crate::harness::{RunOutput, TestDir};
use serde_json::Value;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

fn check(dir: &TestDir, args: &[&str]) -> RunOutput {
    let options = ["--check", "--format", "ndjson"];
    dir.run(options.iter().chain(args))
}

fn finding(record: &Value) -> (&str, &str) {
    let finding = &record["findings"][0];
    (
        finding["code"].as_str().unwrap(),
        finding["message"].as_str().unwrap(),
    )
}

#[track_caller]
fn assert_finding(record: &Value, code: &str, text: &str) {
    let (found, message) = finding(record);
    assert_eq!(found, code, "{record}");
    assert!(
        message.contains(text),
        "{message:?} does not contain {text:?}"
    );
}

fn make_fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn pipes_devices_and_sockets_are_reported_unopened() {
    let dir = TestDir::new();
    dir.copy("banks/hdfc.pdf", "good.pdf");
    make_fifo(&dir.path().join("pipe.pdf"));
    let _socket = UnixListener::bind(dir.path().join("s.pdf")).unwrap();
    let special = [
        ("pipe.pdf", "named pipe"),
        ("/dev/zero", "device"),
        ("/dev/null", "device"),
        ("s.pdf", "socket"),
    ];
    let mut args: Vec<_> = special.iter().map(|(path, _)| *path).collect();
    args.push("good.pdf");
    let output = check(&dir, &args);
    let records = output.records();
    for (record, (_, text)) in records.iter().zip(special) {
        assert_finding(record, "MISSING_FILE_OBJECT", text);
    }
    assert_eq!(records[special.len()]["verdict"], "pass");
    assert_eq!(output.code, Some(1));
}

#[test]
fn a_folder_named_like_a_pdf_is_searched_and_a_pipe_in_it_does_not_block() {
    let dir = TestDir::new();
    dir.copy("banks/hdfc.pdf", "in/folder.pdf/good.pdf");
    make_fifo(&dir.path().join("in/folder.pdf/pipe.pdf"));
    dir.write("list", "in/folder.pdf\n");
    for args in [&["in"][..], &["in/folder.pdf"], &["--files-from", "list"]] {
        let output = check(&dir, args);
        let records = output.records();
        assert_eq!(records.len(), 2, "{}", output.all());
        assert_eq!(records[0]["verdict"], "pass");
        assert_finding(&records[1], "MISSING_FILE_OBJECT", "named pipe");
    }
}

#[test]
fn a_missing_or_unreadable_file_is_reported_and_exits_with_2() {
    let dir = TestDir::new();
    // The search finds the link, but opening it fails.
    std::fs::create_dir(dir.path().join("in")).unwrap();
    symlink("nowhere.pdf", dir.path().join("in/gone.pdf")).unwrap();
    dir.copy("banks/hdfc.pdf", "in/good.pdf");
    let output = check(&dir, &["in"]);
    assert_finding(&output.records()[0], "MISSING_FILE_OBJECT", "not found");
    assert_eq!(output.records()[1]["verdict"], "pass");
    assert_eq!(output.code, Some(2));

    let secret = dir.copy("banks/hdfc.pdf", "secret.pdf");
    std::fs::set_permissions(&secret, PermissionsExt::from_mode(0o000)).unwrap();
    if std::fs::File::open(&secret).is_ok() {
        let _ignored = writeln!(std::io::stderr(), "skipped: root can read the file");
        return;
    }
    let output = check(&dir, &["secret.pdf"]);
    assert_finding(&output.records()[0], "MISSING_FILE_OBJECT", "not read");
    assert_eq!(output.code, Some(2));
}

#[test]
fn a_growing_file_is_not_followed() {
    let dir = TestDir::new();
    let path = dir.copy("banks/hdfc.pdf", "growing.pdf");
    let mut file = std::fs::OpenOptions::new().append(true).open(path).unwrap();
    let done = AtomicBool::new(false);
    let output = std::thread::scope(|scope| {
        scope.spawn(|| {
            // Ends even if the program does follow the file.
            for _ in 0..200_000 {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                file.write_all(&[b' '; 512]).unwrap();
            }
        });
        let output = check(&dir, &["growing.pdf"]);
        done.store(true, Ordering::Relaxed);
        output
    });
    let records = output.records();
    assert_eq!(records.len(), 1, "{}", output.all());
    // If it grew between the two size checks, which is random, the finding reports that.
    if records[0]["bytes"].is_null() {
        assert_finding(&records[0], "INVALID_FILE_OBJECT", "changed");
    }
}

#[test]
fn standard_input_above_the_limit_has_an_unknown_size() {
    let dir = TestDir::new();
    let args = [
        "--check",
        "--format",
        "ndjson",
        "--max-file-size",
        "1K",
        "-",
    ];
    let output = dir.run_with_input(args, &[b'x'; 5000]);
    let record = &output.records()[0];
    assert_finding(record, "FILE_TOO_LARGE", "limit of 1024 bytes");
    assert_eq!(record["bytes"], Value::Null);
    assert_eq!(output.code, Some(1));
}

#[test]
fn a_password_file_that_is_too_large_or_not_utf8_is_an_error() {
    let dir = TestDir::new();
    dir.copy("encrypted/user_rc4_40.pdf", "locked.pdf");
    let args = ["--password-file", "pw.txt", "locked.pdf"];
    dir.write("pw.txt", "x\n".repeat(1 << 19));
    let output = check(&dir, &args);
    assert!(output.stderr.contains("are not tried"), "{}", output.all());
    dir.write("pw.txt", "x\n".repeat((1 << 19) + 1));
    let output = check(&dir, &args);
    assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""));
    assert!(
        output.stderr.contains("larger than 1 MiB"),
        "{}",
        output.stderr
    );
    dir.write("pw.txt", b"caf\xE9\n");
    let output = check(&dir, &args);
    assert_eq!(output.code, Some(2));
    assert!(output.stderr.contains("UTF-8"), "{}", output.stderr);
}

#[test]
fn passwords_beyond_the_limit_are_counted_in_the_note_and_the_finding() {
    let dir = TestDir::new();
    dir.copy("encrypted/user_rc4_40.pdf", "locked.pdf");
    dir.write("pw.txt", "wrong\n".repeat(520));
    let output = check(&dir, &["--password-file", "pw.txt", "locked.pdf"]);
    let note = "20 passwords of the password file are not tried: the limit is 500";
    assert!(output.stderr.contains(note), "{}", output.stderr);
    let records = output.records();
    assert_finding(&records[0], "PASSWORD_INCORRECT", "none of the first 500");
    assert_finding(&records[0], "PASSWORD_INCORRECT", "20 more not tried");
}
