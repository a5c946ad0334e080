//! Golden outputs of every format over the same few files, and of the help.

use crate::harness::Sandbox;

/// One of each: passes, warns, locked, scanned, no PDF, empty, duplicate, hostile name.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    for (case, name) in [
        ("banks/hdfc.pdf", "hdfc_apr-jun.pdf"),
        ("pages/mixed.pdf", "mixed.pdf"),
        ("encrypted/user_rc4_128.pdf", "stmt(1).pdf"),
        ("pages/scan_jpeg.pdf", "IMG_2041.pdf"),
        ("foreign/page.html.pdf", "download.pdf"),
        ("foreign/empty.pdf", "empty.pdf"),
        ("banks/hdfc.pdf", "hdfc copy.pdf"),
        ("structure/javascript.pdf", "=cmd\u{202E}\x1b[2J,\"x\".pdf"),
    ] {
        sandbox.copy(case, name);
    }
    sandbox
}

const FILES: [&str; 9] = [
    "hdfc_apr-jun.pdf",
    "mixed.pdf",
    "stmt(1).pdf",
    "IMG_2041.pdf",
    "download.pdf",
    "empty.pdf",
    "hdfc copy.pdf",
    "=cmd\u{202E}\x1b[2J,\"x\".pdf",
    "missing.pdf",
];

fn report(args: &[&str]) -> String {
    let all = ["--check"].iter().chain(args).chain(&FILES);
    sandbox().run(all).all()
}

#[test]
fn text_for_people() {
    insta::assert_snapshot!(report(&[]));
}

#[test]
fn text_with_evidence_and_colour() {
    insta::assert_snapshot!(report(&["-v", "--color", "always"]));
}

#[test]
fn text_of_faults_only() {
    insta::assert_snapshot!(report(&["-q"]));
}

#[test]
fn text_in_a_locale_without_unicode() {
    let sandbox = sandbox();
    let mut command = sandbox.command(["--check"].iter().chain(&FILES[..4]));
    let output = command.env("LC_ALL", "C").output().unwrap();
    assert!(output.stdout.is_ascii());
    insta::assert_snapshot!(String::from_utf8(output.stdout).unwrap());
}

#[test]
fn json_for_programs() {
    insta::assert_snapshot!(report(&["--format", "json"]));
}

#[test]
fn ndjson_for_pipelines() {
    insta::assert_snapshot!(report(&["--format", "ndjson"]));
}

#[test]
fn csv_for_spreadsheets() {
    insta::assert_snapshot!(report(&["--format", "csv"]));
}

#[test]
fn json_and_ndjson_say_the_same() {
    let sandbox = sandbox();
    let run = |format| sandbox.run(["--check", "--format", format].iter().chain(&FILES));
    let json: serde_json::Value = serde_json::from_str(&run("json").stdout).unwrap();
    assert_eq!(json["files"].as_array().unwrap(), &run("ndjson").records());
}

#[test]
fn nothing_reaches_a_terminal_raw() {
    for format in ["text", "json", "ndjson", "csv"] {
        let text = report(&["--format", format]);
        let raw = |c: char| c != '\n' && (c.is_control() || c == '\u{202E}');
        assert!(!text.contains(raw), "{format}:\n{text:?}");
    }
}

#[test]
fn the_help() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.run(["--help"]).all());
}

#[test]
fn the_banks_that_a_query_finds() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.run(["banks", "baroda"]).all());
    assert_eq!(sandbox.run(["banks"]).stdout.lines().count(), 346);
    assert_eq!(sandbox.run(["banks", "no-such-bank"]).code, Some(2));
}
