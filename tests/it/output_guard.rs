//! No output replaces a file that the run reads or keeps, or a file of another program.

use crate::counting_server::CountingServer;
use crate::harness::{RunOutput, TestDir};
use crate::pty::HANG_GUARD;
use crate::upload::{ACCEPT, HASH, KEY, command};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

const RANGE: [&str; 4] = ["--from", "01/03/2024", "--to", "30/06/2024"];
/// Files that every run below reads or keeps.
const USED: [&str; 8] = [
    "in/april.pdf",
    "manifest.csv",
    "names.txt",
    "passwords.txt",
    "api.key",
    ".config/bankscreen/config.toml",
    ".config/bankscreen/banks.toml",
    ".local/state/bankscreen/journal.sqlite3",
];
/// Files of other programs.
const FOREIGN: [(&str, &str); 6] = [
    ("notes.txt", "call the customer\n"),
    ("other.json", "{\"files\":[]}\n"),
    ("other.ndjson", "{\"type\":\"file\"}\n"),
    ("other.csv", "path,verdict\n"),
    (
        "other.html",
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n",
    ),
    ("scan.pdf", "%PDF-1.4\n"),
];

/// A folder with every file that a run can read, and with foreign files.
fn workplace() -> TestDir {
    let folder = TestDir::new();
    let statement = folder.copy("banks/hdfc.pdf", "in/april.pdf");
    folder.write("manifest.csv", "path\nin/april.pdf\n");
    folder.write("names.txt", "in/april.pdf\n");
    folder.write("passwords.txt", "canary-password\n");
    let key = folder.write("api.key", KEY);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let config = format!("api_key_file = \"{}\"\n", key.display());
    folder.write(".config/bankscreen/config.toml", config);
    let bank = "[[bank]]\nid = \"example\"\nname = \"Example Bank\"\nifsc = [\"EXMP\"]\n";
    folder.write(".config/bankscreen/banks.toml", bank);
    for (name, text) in FOREIGN {
        folder.write(name, text);
    }
    let server = CountingServer::start([ACCEPT]);
    let sent = command(&folder, &server.base_url(), &["--session-id", "s-1", "in"])
        .output()
        .unwrap();
    assert_eq!(sent.status.code(), Some(0), "{sent:?}");
    assert!(statement.exists());
    folder
}

/// Returns the content of each file, without what SQLite writes beside the journal.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_symlink() {
                let target = fs::read_link(&path).unwrap();
                found.insert(path, target.into_os_string().into_encoded_bytes());
            } else if !path.to_string_lossy().ends_with("-shm") {
                let bytes = fs::read(&path).unwrap();
                found.insert(path, bytes);
            }
        }
    }
    found
}

/// Returns names that lead to the same file.
fn spellings(folder: &TestDir, name: &str) -> Vec<String> {
    let root = folder.path();
    let (parent, file) = name.rsplit_once('/').unwrap_or((".", name));
    let slug = name.replace(['/', '.'], "_");
    symlink(root.join(parent), root.join(format!("folder_{slug}"))).unwrap();
    symlink(root.join(name), root.join(format!("link_{slug}"))).unwrap();
    fs::hard_link(root.join(name), root.join(format!("hard_{slug}"))).unwrap();
    vec![
        name.to_owned(),
        format!("./{name}"),
        format!("in/../{name}"),
        root.join(name).to_str().unwrap().to_owned(),
        format!("folder_{slug}/{file}"),
        format!("link_{slug}"),
        format!("hard_{slug}"),
    ]
}

/// Returns the calls that write a file, with `FILE` for its name.
fn writers() -> Vec<Vec<&'static str>> {
    let check = "--check --manifest manifest.csv --files-from names.txt \
                 --password-file passwords.txt in";
    let upload = "upload --dry-run --link-id loan-1 --manifest manifest.csv \
                  --files-from names.txt --password-file passwords.txt in";
    let calls = [
        (check, "--output FILE"),
        (check, "--force --output FILE"),
        (check, "--report json=FILE"),
        (check, "--force --report html=FILE"),
        (check, "--log-file FILE"),
        (upload, "--output FILE"),
        (upload, "--force --report csv=FILE"),
        (upload, "--log-file FILE"),
        (upload, "--identity --keep-identity FILE"),
    ];
    let call = |(call, option): (&'static str, &'static str)| {
        let mut words: Vec<_> = call.split_whitespace().collect();
        if call.starts_with("upload") {
            words.extend(RANGE);
        }
        words.extend(option.split(' '));
        words
    };
    let mut calls: Vec<_> = calls.into_iter().map(call).collect();
    calls.push(vec!["history", "--format", "csv", "--output", "FILE"]);
    calls
}

fn run(folder: &TestDir, call: &[&str], file: &str) -> RunOutput {
    folder.run(call.iter().map(|word| word.replace("FILE", file)))
}

#[track_caller]
fn assert_untouched(folder: &TestDir, call: &[&str], file: &str) {
    let before = contents(folder.path());
    let output = run(folder, call, file);
    assert_eq!(output.code, Some(2), "{call:?} {file}\n{}", output.all());
    assert_eq!(output.stdout, "", "{call:?} {file}");
    let option = call
        .iter()
        .find(|word| ["--output", "--report", "--log-file", "--keep-identity"].contains(*word));
    assert!(output.stderr.contains(option.unwrap()), "{}", output.stderr);
    let after = contents(folder.path());
    let paths = before.keys().chain(after.keys());
    let changed: Vec<_> = paths
        .filter(|path| before.get(*path) != after.get(*path))
        .collect();
    assert!(changed.is_empty(), "{call:?} {file}: {changed:?}");
}

#[test]
fn a_file_that_the_run_reads_or_keeps_is_never_written_by_any_name() {
    let folder = workplace();
    for name in USED {
        for spelling in spellings(&folder, name) {
            for call in writers() {
                assert_untouched(&folder, &call, &spelling);
            }
        }
    }
}

#[test]
fn another_letter_case_of_a_file_that_the_run_uses_is_rejected() {
    let folder = workplace();
    for name in USED {
        let (parent, file) = name.rsplit_once('/').unwrap_or((".", name));
        let other = format!("{parent}/{}", file.to_uppercase());
        for call in writers().iter().filter(|call| call[0] != "history") {
            assert_untouched(&folder, call, &other);
        }
    }
}

#[test]
fn a_file_of_another_program_is_written_only_by_force() {
    let folder = workplace();
    for (name, _) in FOREIGN {
        for spelling in spellings(&folder, name) {
            for call in writers().iter().filter(|call| !call.contains(&"--force")) {
                assert_untouched(&folder, call, &spelling);
            }
        }
    }
    // The link stays, and its target is replaced.
    let link = "link_notes_txt";
    let forced = [
        "--check", "--format", "json", "--force", "--output", "FILE", "in",
    ];
    let output = run(&folder, &forced, link);
    assert_eq!(output.code, Some(0), "{}", output.all());
    assert!(folder.path().join(link).is_symlink());
    let report = fs::read(folder.path().join("notes.txt")).unwrap();
    serde_json::from_slice::<serde_json::Value>(&report).unwrap();
}

#[test]
fn logs_and_identities_are_never_forced() {
    let folder = workplace();
    for call in [
        &["--check", "--force", "--log-file", "FILE", "in"][..],
        &[
            "upload",
            "--dry-run",
            "--link-id",
            "loan-1",
            "--from",
            "01/03/2024",
            "--to",
        ]
        .into_iter()
        .chain([
            "30/06/2024",
            "--identity",
            "--force",
            "--keep-identity",
            "FILE",
            "in",
        ])
        .collect::<Vec<_>>(),
    ] {
        assert_untouched(&folder, call, "notes.txt");
    }
}

#[test]
fn two_outputs_never_share_a_file() {
    let folder = workplace();
    symlink(".", folder.path().join("here")).unwrap();
    let pairs = [
        ["--output=a", "--report=json=./a"],
        ["--report=json=a", "--report=csv=here/a"],
        ["--output=a", "--log-file=A"],
        ["--report=json=-", "--report=csv=-"],
        ["--output=-", "--report=csv=-"],
    ];
    for pair in pairs {
        let before = contents(folder.path());
        let output = folder.run(["--check", "in"].iter().chain(&pair));
        assert_eq!(output.code, Some(2), "{pair:?}\n{}", output.all());
        let same = ["are the same file", "are both standard output"];
        assert!(
            same.iter().any(|same| output.stderr.contains(same)),
            "{}",
            output.stderr
        );
        assert_eq!(output.stdout, "");
        assert_eq!(contents(folder.path()), before, "{pair:?}");
    }
}

#[test]
fn every_report_is_recognized_and_replaced_by_the_next() {
    let folder = workplace();
    let formats = [
        "text", "json", "ndjson", "csv", "sarif", "junit", "github", "html",
    ];
    for inputs in [
        &["in"][..],
        &["in", "scan.pdf"],
        &["in", "--timings"],
        &["in", "-v"],
    ] {
        for format in formats {
            for next in formats {
                let check = ["--check", "--output", "report", "--format"];
                for format in [format, next] {
                    let output = folder.run(check.iter().chain([&format]).chain(inputs));
                    let expected = i32::from(inputs.contains(&"scan.pdf"));
                    assert_eq!(output.code, Some(expected), "{format}\n{}", output.all());
                }
            }
        }
    }
    // Lists of the history, too, and an empty file.
    folder.write("list", "");
    for format in ["text", "json", "ndjson", "csv", "text"] {
        let output = folder.run(["history", "--output", "list", "--format", format]);
        assert_eq!(output.code, Some(0), "{format}\n{}", output.all());
    }
}

#[test]
fn standard_output_is_never_a_file_named_dash() {
    let folder = workplace();
    let output = folder.run(["--check", "--format", "json", "--output", "-", "in"]);
    assert_eq!(output.code, Some(0));
    serde_json::from_str::<serde_json::Value>(&output.stdout).unwrap();
    assert!(!folder.path().join("-").exists());
    // An additional report on standard output takes the place of the text report.
    let output = folder.run(["--check", "--report", "csv=-", "--report", "json=j", "in"]);
    assert_eq!(output.code, Some(0));
    assert!(
        output.stdout.starts_with("path,verdict,"),
        "{}",
        output.stdout
    );
    let json = fs::read(folder.path().join("j")).unwrap();
    serde_json::from_slice::<serde_json::Value>(&json).unwrap();
    assert!(!folder.path().join("-").exists());
}

#[test]
fn devices_and_pipes_are_written_in_place() {
    let folder = workplace();
    let output = folder.run(["--check", "--output", "/dev/null", "in"]);
    assert_eq!((output.code, output.stdout.as_str()), (Some(0), ""));
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
    let full = folder.run(["--check", "--output", "/dev/full", "in"]);
    assert_eq!(full.code, Some(2), "{}", full.all());
    assert!(full.stderr.contains("/dev/full"), "{}", full.stderr);
    let script = "\"$0\" --check --format json --output >(cat > copied; echo > done) in";
    let mut bash = folder.command([""; 0]);
    let program = bash.get_program().to_owned();
    bash = std::process::Command::new("bash");
    bash.args(["-c", script])
        .arg(program)
        .current_dir(folder.path());
    bash.env("PATH", "/usr/bin:/bin").env("HOME", folder.path());
    assert_eq!(bash.status().unwrap().code(), Some(0));
    let deadline = Instant::now() + HANG_GUARD;
    while !folder.path().join("done").exists() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    let copied = fs::read(folder.path().join("copied")).unwrap();
    serde_json::from_slice::<serde_json::Value>(&copied).unwrap();
}

#[test]
fn an_abandoned_temporary_file_is_removed_and_never_named() {
    let folder = workplace();
    folder.write(".bankscreen-0123456789ab.tmp", "{\"schema\":1");
    // Of another program.
    folder.write(".bankscreen-notes.tmp", "mine");
    let output = folder.run(["--check", "--format", "json", "--output", "report", "in"]);
    assert_eq!(output.code, Some(0), "{}", output.all());
    assert!(!output.all().contains(".tmp"));
    assert!(!folder.path().join(".bankscreen-0123456789ab.tmp").exists());
    assert!(folder.path().join(".bankscreen-notes.tmp").exists());
}

#[test]
fn a_report_in_a_folder_without_permission_names_only_the_report() {
    let folder = workplace();
    // A folder that does not exist is unwritable for every user, also for root.
    let output = folder.run(["--check", "--output", "none/report.json", "in"]);
    assert_eq!(output.code, Some(2));
    assert!(
        output.stderr.contains("none/report.json"),
        "{}",
        output.stderr
    );
    assert!(!output.stderr.contains(".tmp"), "{}", output.stderr);
    assert_eq!(output.stdout, "");
}

#[test]
fn a_shell_pattern_never_makes_a_statement_a_report() {
    let folder = workplace();
    folder.copy("banks/hdfc.pdf", "in/b.pdf");
    folder.copy("banks/icici.pdf", "in/c.pdf");
    let expanded = [
        "--check",
        "--output",
        "in/april.pdf",
        "in/b.pdf",
        "in/c.pdf",
    ];
    let before = contents(folder.path());
    let output = folder.run(expanded);
    assert_eq!(output.code, Some(2), "{}", output.all());
    assert_eq!(contents(folder.path()), before);
}

#[test]
fn session_reports_are_guarded_before_any_call() {
    let folder = workplace();
    let server = CountingServer::start([ACCEPT]);
    for name in ["notes.txt", "api.key", ".config/bankscreen/config.toml"] {
        let before = contents(folder.path());
        let args = ["session", "report", "--session-id", "s-1", "--output", name];
        let mut call = folder.command(args);
        call.env("BANKSCREEN_BASE_URL", server.base_url())
            .env("BANKSCREEN_SERVER_HASH", HASH)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let output = call.output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert_eq!(contents(folder.path()), before, "{name}");
    }
    assert_eq!(server.requests(), [""; 0]);
}
