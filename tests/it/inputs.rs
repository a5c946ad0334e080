//! Inputs: files that are not regular, lists of paths, repeated files, and runs without a file.

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

/// The paths of the records.
fn paths(output: &RunOutput) -> Vec<String> {
    let records = output.records().into_iter();
    records
        .map(|record| record["path"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_list_may_have_a_byte_order_mark_and_carriage_returns() {
    let dir = TestDir::new();
    dir.copy("banks/hdfc.pdf", "a.pdf");
    dir.copy("banks/sbi.pdf", "b c.pdf");
    let list = "\u{FEFF}a.pdf\r\n\r\n\nb c.pdf\r\n";
    dir.write("list.txt", list);
    let from_file = check(&dir, &["--files-from", "list.txt"]);
    assert_eq!(paths(&from_file), ["a.pdf", "b c.pdf"]);
    assert_eq!((from_file.code, from_file.stderr.as_str()), (Some(0), ""));
    let args = ["--check", "--format", "ndjson", "--files-from", "-"];
    let from_pipe = dir.run_with_input(args, list.as_bytes());
    assert_eq!(from_pipe.stdout, from_file.stdout);
}

#[test]
fn a_list_in_another_encoding_is_rejected() {
    let dir = TestDir::new();
    dir.copy("banks/hdfc.pdf", "a.pdf");
    let utf16 = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    };
    for (list, why, hint) in [
        (
            utf16("\u{FEFF}a.pdf\r\n", u16::to_le_bytes),
            "UTF-16",
            "save the list as UTF-8",
        ),
        (
            utf16("\u{FEFF}a.pdf\r\n", u16::to_be_bytes),
            "UTF-16",
            "save the list as UTF-8",
        ),
        (utf16("a.pdf\n", u16::to_le_bytes), "NUL byte", "add --null"),
        (b"a.pdf\0".to_vec(), "NUL byte", "add --null"),
    ] {
        dir.write("list.txt", list);
        let output = check(&dir, &["--files-from", "list.txt"]);
        assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""));
        let error = "error: the list list.txt: ";
        assert!(output.stderr.starts_with(error), "{}", output.stderr);
        assert!(output.stderr.contains(why) && output.stderr.contains(hint));
    }
    let output = check(&dir, &["-0", "--files-from", "list.txt"]);
    assert_eq!(
        (output.code, paths(&output)),
        (Some(0), vec!["a.pdf".to_owned()])
    );
}

#[test]
fn a_file_that_several_paths_lead_to_is_screened_once_under_the_first() {
    let dir = TestDir::new();
    dir.copy("banks/hdfc.pdf", "in/deep/a.pdf");
    let file = dir.path().join("in/deep/a.pdf");
    std::fs::hard_link(&file, dir.path().join("in/hard.pdf")).unwrap();
    symlink("in/deep/a.pdf", dir.path().join("soft.pdf")).unwrap();
    symlink("in", dir.path().join("folder")).unwrap();
    // The same bytes in another file are a duplicate, not the same file.
    dir.copy("banks/hdfc.pdf", "copy.pdf");
    let absolute = file.to_str().unwrap().to_owned();
    dir.write(
        "list.txt",
        format!("./in/deep/../deep/a.pdf\n{absolute}\nin\n"),
    );
    dir.write("m.csv", "path\nin\nfolder/deep\nsoft.pdf\n");
    for (first, args) in [
        (
            "in/deep/a.pdf",
            &["in", "in/deep", "folder", "soft.pdf"][..],
        ),
        ("soft.pdf", &["soft.pdf", "in/hard.pdf", "in"]),
        (
            "in/hard.pdf",
            &["in/hard.pdf", "./in/deep/a.pdf", &absolute],
        ),
        ("./in/deep/../deep/a.pdf", &["--files-from", "list.txt"]),
        (
            "folder/hard.pdf",
            &["folder/hard.pdf", "--files-from", "list.txt"],
        ),
        ("in/deep/a.pdf", &["--manifest", "m.csv"]),
        ("folder/deep/a.pdf", &["folder/deep", "--manifest", "m.csv"]),
    ] {
        let output = check(&dir, args);
        assert_eq!(paths(&output), [first], "{args:?}");
        assert_eq!(output.code, Some(0), "{}", output.all());
        let args = [&["copy.pdf"], args].concat();
        let output = check(&dir, &args);
        assert_eq!(paths(&output).len(), 2, "{args:?}");
        assert_finding(&output.records()[1], "STATEMENT_DUPLICATE", "copy.pdf");
    }
    // Also if it can't be read.
    let output = check(&dir, &["gone.pdf", "./gone.pdf"]);
    assert_eq!(
        (paths(&output), output.code),
        (vec!["gone.pdf".to_owned()], Some(2))
    );
}

#[test]
fn no_file_to_screen_is_an_error_unless_it_is_allowed() {
    let dir = TestDir::new();
    std::fs::create_dir_all(dir.path().join("empty/deep")).unwrap();
    dir.write("empty/notes.txt", "no PDF");
    dir.write("list.txt", "\u{FEFF}\r\n\n");
    dir.write("m.csv", "path,bank\n,\n");
    for (args, why) in [
        (&["empty"][..], "no PDF file in empty"),
        (&["empty", "empty/deep"], "no PDF file in empty, empty/deep"),
        (&["--files-from", "list.txt"], "none in the list list.txt"),
        (&["--files-from", "/dev/null"], "none in the list /dev/null"),
        (&["--manifest", "m.csv"], "none in the manifest m.csv"),
        (
            &["empty", "--files-from", "list.txt", "--manifest", "m.csv"],
            "no PDF file in empty, none in the list list.txt, none in the manifest m.csv",
        ),
    ] {
        for command in [
            &["--check"][..],
            &["upload", "--sandbox"],
            &["upload", "--dry-run"],
        ] {
            for quiet in [&[][..], &["-q"]] {
                let output = dir.run([command, quiet, args].concat());
                assert_eq!(
                    (output.code, output.stdout.as_str()),
                    (Some(2), ""),
                    "{args:?}"
                );
                let error = format!("error: no file to screen: {why}\n");
                assert!(output.stderr.starts_with(&error), "{}", output.stderr);
            }
        }
        for command in [
            &["--check"][..],
            &["upload", "--sandbox"],
            &["upload", "--dry-run"],
        ] {
            let output = dir.run([command, &["--allow-empty"], args].concat());
            assert_eq!(output.code, Some(0), "{}", output.all());
            let report = output.stdout.trim_start();
            let total = "0 files, 0 pages: 0 pass, 0 warn, 0 fail.\n";
            assert!(report.starts_with(total), "{report:?}");
            assert!(!report.contains(": ."), "{report}");
            assert!(!output.stderr.contains("error"), "{}", output.stderr);
        }
    }
}
