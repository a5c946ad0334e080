//! Golden outputs of every format over the same few files, and of the help.

use crate::harness::TestDir;
use serde_json::Value;

/// One of each: passes, warns, locked, scanned, no PDF, empty, duplicate, hostile name.
fn sandbox() -> TestDir {
    let sandbox = TestDir::new();
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
fn sarif_for_code_scanning() {
    insta::assert_snapshot!(report(&["--format", "sarif"]));
}

#[test]
fn junit_for_ci_servers() {
    insta::assert_snapshot!(report(&["--format", "junit"]));
}

#[test]
fn github_for_annotations() {
    insta::assert_snapshot!(report(&["--format", "github"]));
}

#[test]
fn html_for_browsers() {
    let page = report(&["--format", "html"]);
    // Style and script are files of their own, and the head holds their hashes.
    let (_, rest) = page.split_once("<body>").unwrap();
    let (body, rest) = rest.split_once("<script>").unwrap();
    let (_, rest) = rest.split_once("</script>").unwrap();
    insta::assert_snapshot!([body, rest].join(""));
}

#[test]
fn json_and_ndjson_say_the_same() {
    let sandbox = sandbox();
    let run = |format| sandbox.run(["--check", "--format", format].iter().chain(&FILES));
    let json: Value = serde_json::from_str(&run("json").stdout).unwrap();
    assert_eq!(json["files"].as_array().unwrap(), &run("ndjson").records());
}

/// A name that would leave every format, were it not escaped.
const HOSTILE: &str =
    "'\"]]><script>alert(1)<%0A::error::x,title=&\u{FFFE}\r\n::add-mask::y{0}[z](q).pdf";

fn hostile(format: &str) -> String {
    let sandbox = TestDir::new();
    sandbox.copy("pages/scan_jpeg.pdf", HOSTILE);
    let args = ["--check", "--format", format, "--from", "2024-01-01"];
    sandbox
        .run([&args[..], &["--to", "2024-06-30", HOSTILE]].concat())
        .stdout
}

#[test]
fn sarif_has_what_its_readers_look_for() {
    let log: Value = serde_json::from_str(&hostile("sarif")).unwrap();
    let run = &log["runs"][0];
    let result = &run["results"][0];
    assert_eq!(result["ruleId"], "PDF_IS_IMAGE");
    let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules[index]["id"], result["ruleId"]);
    let location = &result["locations"][0]["physicalLocation"]["artifactLocation"];
    let uri = location["uri"].as_str().unwrap();
    assert!(
        uri.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"%-._".contains(&b)),
        "{uri}"
    );
    assert_eq!(run["artifacts"][0]["location"]["uri"], location["uri"]);
    assert_eq!(run["properties"]["summary"]["files"], 1);
}

#[test]
fn junit_is_xml_with_the_counts_that_it_tells() {
    let text = hostile("junit");
    let document = roxmltree::Document::parse(&text).unwrap();
    let suites = document.root_element();
    let cases: Vec<_> = suites
        .descendants()
        .filter(|n| n.has_tag_name("testcase"))
        .collect();
    assert_eq!(suites.attribute("tests"), Some("1"));
    assert_eq!(cases.len(), 1);
    let name = cases[0].attribute("name").unwrap();
    assert_eq!(
        name,
        HOSTILE
            .replace('\u{FFFE}', "<U+FFFE>")
            .replace("\r\n", "^M^J")
    );
    let failures = suites
        .descendants()
        .filter(|n| n.has_tag_name("failure"))
        .count();
    assert_eq!(
        suites.attribute("failures"),
        Some(failures.to_string().as_str())
    );
}

#[test]
fn github_has_commands_of_ours_only() {
    let text = hostile("github");
    assert!(text.lines().count() >= 2);
    for line in text.lines() {
        let known = [
            "::error file=",
            "::warning file=",
            "::notice title=bankscreen::",
        ];
        assert!(known.iter().any(|start| line.starts_with(start)), "{line}");
        let properties = line.split("::").nth(1).unwrap();
        assert!(properties.matches(',').count() <= 1, "{line}");
    }
}

#[test]
fn html_lets_no_name_become_markup_and_loads_nothing() {
    let page = hostile("html");
    assert_eq!(page.matches("<script>").count(), 1);
    assert!(page.contains("&#39;&quot;]]&gt;&lt;script&gt;alert(1)&lt;"));
    let (head, _) = page.split_once("<style>").unwrap();
    assert!(head.contains("default-src 'none'"));
    for outside in [
        "http:",
        "https:",
        "//",
        "url(",
        "@import",
        " src=",
        "<img",
        "<link rel=\"s",
    ] {
        let found = page.replace("</", "").contains(outside);
        assert!(!found, "{outside}");
    }
}

#[test]
fn reports_of_uploads_tell_outcomes_in_every_format() {
    let sandbox = TestDir::new();
    sandbox.copy("banks/hdfc.pdf", "good.pdf");
    sandbox.copy("pages/scan_jpeg.pdf", "scan.pdf");
    for format in ["sarif", "junit", "github", "html"] {
        let args = ["--sandbox", "upload", "--format", format];
        let said = sandbox.run([&args[..], &["good.pdf", "scan.pdf"]].concat());
        assert_eq!(said.code, Some(1), "{}", said.stderr);
        assert!(said.stdout.contains("PDF_IS_IMAGE"), "{}", said.stdout);
        assert!(said.stdout.contains("UPLOAD_SKIPPED"), "{}", said.stdout);
        assert!(said.stdout.contains("accepted"), "{}", said.stdout);
    }
}

#[test]
fn nothing_reaches_a_terminal_raw() {
    for format in [
        "text", "json", "ndjson", "csv", "sarif", "junit", "github", "html",
    ] {
        let text = report(&["--format", format]);
        let raw = |c: char| c != '\n' && (c.is_control() || c == '\u{202E}');
        assert!(!text.contains(raw), "{format}:\n{text:?}");
    }
}

#[test]
fn the_banks_that_a_query_finds() {
    let sandbox = TestDir::new();
    insta::assert_snapshot!(sandbox.run(["banks", "baroda"]).all());
    assert_eq!(sandbox.run(["banks"]).stdout.lines().count(), 346);
    assert_eq!(sandbox.run(["banks", "no-such-bank"]).code, Some(2));
}
