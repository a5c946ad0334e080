//! Order and wording of what the command line reports before and after a command runs.

use crate::harness::TestDir;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::PermissionsExt;

#[test]
fn a_failed_write_to_standard_output_suggests_only_existing_options() {
    let folder = TestDir::new();
    for command in ["banks", "schema", "man"] {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = folder.command([command]).stdout(full).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{command}: {stderr}");
        assert!(stderr.contains("standard output"), "{command}: {stderr}");
        assert!(!stderr.contains("--output"), "{command}: {stderr}");
    }
}

#[test]
fn a_malformed_session_id_is_rejected_before_the_key_command_runs() {
    let folder = TestDir::new();
    folder.copy("banks/hdfc.pdf", "a.pdf");
    let config = folder.write(
        ".config/bankscreen/config.toml",
        "api_key_command = [\"touch\", \"key-command-ran\"]\n",
    );
    fs::set_permissions(&config, fs::Permissions::from_mode(0o600)).unwrap();
    for args in [
        ["upload", "--session-id", "not an id", "a.pdf"].as_slice(),
        ["session", "status", "--session-id", "not an id"].as_slice(),
        ["session", "process", "--session-id", "not an id"].as_slice(),
    ] {
        let output = folder.run(args);
        assert_eq!(output.code, Some(2), "{}", output.all());
        assert!(output.stderr.contains("--session-id"), "{}", output.all());
        let ran = folder.path().join("key-command-ran").exists();
        assert!(!ran, "{args:?} ran the key command");
    }
}
