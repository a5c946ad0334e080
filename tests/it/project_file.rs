//! The table `[check]` of the config file, and the project's own file.

use crate::harness::{RunOutput, TestDir};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const CONFIG: &str = ".config/bankscreen/config.toml";
const PROJECT: &str = "bankscreen.toml";

/// Writes a file that only its owner can write.
fn write(folder: &TestDir, name: &str, text: &str) {
    let path = folder.write(name, text);
    fs::set_permissions(path, Permissions::from_mode(0o644)).unwrap();
}

/// A folder with a statement of HDFC Bank in `in`.
fn folder() -> TestDir {
    let folder = TestDir::new();
    folder.copy("banks/hdfc.pdf", "in/a.pdf");
    folder
}

/// Runs the program in a folder below that of the test.
fn run_in(folder: &TestDir, below: &str, args: &[&str]) -> RunOutput {
    let mut command = folder.command(args);
    command.current_dir(folder.path().join(below));
    crate::harness::run_without_leaks(command)
}

/// The codes of the only file.
fn codes(output: &RunOutput) -> Vec<String> {
    let records = output.records();
    let findings = records[0]["findings"].as_array().unwrap();
    let codes = findings.iter().map(|found| found["code"].as_str().unwrap());
    codes.map(str::to_owned).collect()
}

const CHECK: [&str; 3] = ["--check", "--format", "ndjson"];

fn check(folder: &TestDir, below: &str, args: &[&str]) -> RunOutput {
    run_in(folder, below, &[&CHECK[..], args].concat())
}

#[test]
fn the_check_table_sets_flags_of_check_only() {
    let folder = folder();
    write(&folder, CONFIG, "max_pages = 100\n[check]\nmax_pages = 1\n");
    let pages = ["STATEMENT_TOO_MANY_PAGES"];
    assert_eq!(codes(&check(&folder, "", &["in"])), pages);
    assert_eq!(
        codes(&check(&folder, "", &["in", "--max-pages=9"])),
        [""; 0]
    );
    let period = ["--from", "2024-04-01", "--to", "2024-06-30"];
    let upload = ["upload", "--dry-run", "--format", "ndjson", "in"];
    let output = run_in(&folder, "", &[&upload[..], &period].concat());
    assert_eq!(codes(&output), [""; 0], "{}", output.all());
    write(&folder, CONFIG, "[check]\noutput = \"x\"\n");
    let output = check(&folder, "", &["in"]);
    assert_eq!(output.code, Some(2));
    assert!(
        output.stderr.contains("config.toml line 2"),
        "{}",
        output.stderr
    );
    write(
        &folder,
        CONFIG,
        "[check]\nignore = [\"PASSWORD_INCORRECT\"]\n",
    );
    let output = check(&folder, "", &["in"]);
    assert_eq!(output.code, Some(2));
    assert!(
        output.stderr.contains("config.toml line 2"),
        "{}",
        output.stderr
    );
}

#[test]
fn the_file_of_a_project_is_found_upwards_and_overrides_the_config_file() {
    let folder = folder();
    write(
        &folder,
        CONFIG,
        "bank = \"hdfc\"\n[check]\nbank = \"axis\"\n",
    );
    assert_eq!(codes(&check(&folder, "", &["in"])), ["BANK_NAME_MISMATCH"]);
    write(&folder, PROJECT, "bank = \"hdfc\"\n");
    assert_eq!(codes(&check(&folder, "", &["in"])), [""; 0]);
    folder.write("work/below/x", "");
    let inbox = folder.path().join("in");
    let inbox = inbox.to_str().unwrap();
    assert_eq!(codes(&check(&folder, "work/below", &[inbox])), [""; 0]);
    write(&folder, "work/bankscreen.toml", "[check]\nbank = \"sbi\"\n");
    let nearest = check(&folder, "work/below", &[inbox, "-v"]);
    assert_eq!(codes(&nearest), ["BANK_NAME_MISMATCH"]);
    assert!(
        nearest.stderr.contains("work/bankscreen.toml"),
        "{}",
        nearest.stderr
    );
    let flag = check(&folder, "work/below", &[inbox, "--bank", "hdfc"]);
    assert_eq!(codes(&flag), [""; 0]);
    let doctor = run_in(&folder, "work", &["doctor"]).stdout;
    assert!(doctor.contains("work/bankscreen.toml line 2"), "{doctor}");
}

#[test]
fn the_folder_of_an_applicant_never_configures_the_program() {
    let folder = folder();
    write(
        &folder,
        "in/bankscreen.toml",
        "ignore = [\"BANK_NAME_MISMATCH\"]\n",
    );
    folder.write("in/case/x", "");
    let mismatch = ["BANK_NAME_MISMATCH"];
    for (below, path) in [("in", "."), ("in", "../in"), ("in/case", ".."), ("", "in")] {
        let output = check(&folder, below, &[path, "--bank", "axis", "-v"]);
        assert_eq!(codes(&output), mismatch, "{below} {path}");
        assert!(!output.stderr.contains(PROJECT), "{}", output.stderr);
    }
    // That of a project above it still does.
    write(&folder, PROJECT, "bank = \"axis\"\n");
    assert_eq!(codes(&check(&folder, "in", &["."])), mismatch);
}

#[test]
fn the_file_of_a_project_is_rejected_if_others_can_write_it_or_it_sets_anything_else() {
    let folder = folder();
    write(&folder, PROJECT, "strict = true\n");
    let path = folder.path().join(PROJECT);
    fs::set_permissions(&path, Permissions::from_mode(0o666)).unwrap();
    let rejected = |expected: &str| {
        let output = check(&folder, "", &["in"]);
        assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""));
        assert!(output.stderr.contains(expected), "{}", output.stderr);
    };
    rejected("other users can write it");
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    for key in [
        "output",
        "api_key_command",
        "exit_zero",
        "link_id",
        "log_file",
        "metrics",
    ] {
        write(&folder, PROJECT, &format!("\n{key} = \"canary\"\n"));
        rejected("bankscreen.toml line 2");
    }
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    rejected("not a regular file");
    assert!(Path::new(&path).is_dir());
}
