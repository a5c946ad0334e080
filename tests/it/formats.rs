//! Snapshots of every report format over the same files, and of the help.

use crate::harness::{TestDir, project};
use serde_json::Value;

/// Creates one file of each kind: passing, with a warning, locked, scanned, not a PDF, empty,
/// duplicate, with a hostile name.
fn sample_files() -> TestDir {
    let folder = TestDir::new();
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
        folder.copy(case, name);
    }
    folder
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
    sample_files().run(all).all()
}

#[test]
fn text_report() {
    insta::assert_snapshot!(report(&[]));
}

#[test]
fn verbose_text_report_in_colour() {
    insta::assert_snapshot!(report(&["-v", "--color", "always"]));
}

#[test]
fn quiet_text_report() {
    insta::assert_snapshot!(report(&["-q"]));
}

#[test]
fn text_report_in_ascii() {
    let folder = sample_files();
    let mut command = folder.command(["--check"].iter().chain(&FILES[..4]));
    let output = command.env("LC_ALL", "C").output().unwrap();
    assert!(output.stdout.is_ascii());
    insta::assert_snapshot!(String::from_utf8(output.stdout).unwrap());
}

#[test]
fn json_report() {
    insta::assert_snapshot!(report(&["--format", "json"]));
}

#[test]
fn ndjson_report() {
    insta::assert_snapshot!(report(&["--format", "ndjson"]));
}

#[test]
fn csv_report() {
    insta::assert_snapshot!(report(&["--format", "csv"]));
}

#[test]
fn sarif_report() {
    insta::assert_snapshot!(report(&["--format", "sarif"]));
}

#[test]
fn junit_report() {
    insta::assert_snapshot!(report(&["--format", "junit"]));
}

#[test]
fn github_report() {
    insta::assert_snapshot!(report(&["--format", "github"]));
}

/// Returns the body of a page without its script, and with DAY in place of the day of the run.
fn body(page: &str) -> String {
    // The head contains the style, and the hashes of style and script.
    let (_, rest) = page.split_once("<body>").unwrap();
    let (body, rest) = rest.split_once("<script>").unwrap();
    let (_, rest) = rest.split_once("</script>").unwrap();
    let (before, time) = body.split_once("<time").unwrap();
    let (_, after) = time.split_once("</time>").unwrap();
    [before, "DAY", after, rest].concat()
}

#[test]
fn html_report() {
    insta::assert_snapshot!(body(&report(&["--format", "html"])));
}

#[test]
fn pages_start_with_the_bytes_that_identify_reports_of_the_program() {
    let start = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
                 <meta name=\"generator\" content=\"bankscreen\">\n";
    let folder = TestDir::new();
    folder.copy("banks/hdfc.pdf", "a.pdf");
    let check = folder.run(["--check", "--format", "html", "a.pdf"]);
    assert!(check.stdout.starts_with(start), "{}", check.stdout);
    let period = ["--from", "2024-04-01", "--to", "2024-06-30"];
    let upload = ["--sandbox", "upload", "--format", "html", "a.pdf"];
    let upload = folder.run(upload.iter().chain(&period));
    assert!(upload.stdout.starts_with(start), "{}", upload.stdout);
}

#[test]
fn html_reports_of_equal_runs_differ_in_their_day_only() {
    let folder = sample_files();
    let page = |zone: &str| {
        let mut command = folder.command(["--check", "--format", "html"].iter().chain(&FILES));
        let output = command.env("TZ", zone).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    // It is never the same day in both: they are 26 hours apart.
    let (one, other) = (page("WEST12"), page("EAST-14"));
    assert_ne!(one, other);
    assert_eq!(body(&one), body(&other));
}

/// Returns the page of some files with the period from March to June 2024.
fn page_for_the_requested_period(files: &[(&str, &str)]) -> String {
    let folder = TestDir::new();
    let names = files.iter().map(|(case, name)| {
        folder.copy(case, name);
        *name
    });
    let names: Vec<_> = names.collect();
    let check = ["--check", "--format", "html"];
    let period = ["--from", "2024-03-01", "--to", "2024-06-30"];
    let output = folder.run(check.iter().chain(&period).chain(&names));
    assert!(matches!(output.code, Some(0 | 1)), "{}", output.stderr);
    output.stdout
}

/// Returns the text to copy for the customer; `None` if there is nothing to request.
fn letter(page: &str) -> Option<&str> {
    let (_, rest) = page.split_once("<pre class=\"letter\">")?;
    rest.split_once("</pre>").map(|(text, _)| text)
}

#[test]
fn the_page_contains_the_text_to_ask_the_customer_with() {
    let page = page_for_the_requested_period(&[
        // 2024-04-01 to 2024-06-30.
        ("banks/hdfc.pdf", "inbox/april.pdf"),
        ("banks/hdfc.pdf", "inbox/april copy.pdf"),
        ("encrypted/user_rc4_128.pdf", "inbox/locked.pdf"),
        ("pages/scan_jpeg.pdf", "inbox/scan.pdf"),
        ("foreign/page.html.pdf", "inbox/download.pdf"),
        ("foreign/empty.pdf", "inbox/empty.pdf"),
    ]);
    assert!(page.contains("1 March 2024 to 30 June 2024"));
    insta::assert_snapshot!(letter(&page).unwrap());
}

#[test]
fn the_page_requests_nothing_if_nothing_is_missing() {
    let folder = TestDir::new();
    folder.copy("banks/hdfc.pdf", "a.pdf");
    let output = folder.run(["--check", "--format", "html", "a.pdf"]);
    assert_eq!(letter(&output.stdout), None);
    assert!(output.stdout.contains("No file has to be replaced."));
    // Without a requested period, the page does not mention one.
    assert!(!body(&output.stdout).to_lowercase().contains("requested"));
}

#[test]
fn accounts_whose_files_are_all_out_of_range_stay_in_the_coverage() {
    let folder = TestDir::new();
    folder.copy("banks/hdfc.pdf", "a.pdf");
    let period = ["--from", "2023-01-01", "--to", "2023-02-28", "a.pdf"];
    let run = |format| folder.run(["--check", "--format", format].iter().chain(&period));
    let text = run("text").stdout;
    assert!(
        text.contains("hdfc XXXXXXXXXX3645  2023-01 ·· 2023-02  missing 2023-01, 2023-02"),
        "{text}"
    );
    let page = run("html").stdout;
    assert!(page.contains("All files of this account are outside of the requested period."));
    let letter = letter(&page).unwrap();
    let request = "HDFC Bank account ending 3645: the statements for January 2023 and February \
                   2023 are missing. a.pdf (1 April 2024 to 30 June 2024) is outside the period \
                   that we need.";
    assert!(letter.contains(request), "{letter}");
}

#[test]
fn the_page_lists_failed_files_first_and_passed_files_last() {
    let page = page_for_the_requested_period(&[
        ("banks/sbi.pdf", "1.pdf"),
        ("pages/scan_jpeg.pdf", "2.pdf"),
        ("structure/javascript.pdf", "3.pdf"),
        ("foreign/empty.pdf", "4.pdf"),
    ]);
    let (_, list) = page.split_once("<section class=\"list\"").unwrap();
    let names = list.split("<span class=\"name\"><bdi>").skip(1);
    let names: Vec<_> = names
        .filter_map(|rest| rest.split("</bdi>").next())
        .collect();
    let verdict = |name: &&str| {
        let (before, _) = list.split_once(&format!("<bdi>{name}</bdi>")).unwrap();
        let (_, class) = before.rsplit_once("<li class=\"file ").unwrap();
        ["fail", "warn", "pass"]
            .iter()
            .position(|verdict| class.starts_with(verdict))
            .unwrap()
    };
    assert_eq!(names.len(), 4);
    let order: Vec<_> = names.iter().map(|name| (verdict(name), *name)).collect();
    assert!(order.is_sorted(), "{order:?}");
    assert_ne!(names, ["1.pdf", "2.pdf", "3.pdf", "4.pdf"]);
}

#[test]
fn the_page_mentions_no_flags() {
    let data = project().join("testdata");
    let folders = [
        "banks",
        "encrypted",
        "foreign",
        "not_statements",
        "pages",
        "traps",
    ];
    let folders = folders.map(|name| data.join(name).into_os_string());
    let args = [
        "--check",
        "--format",
        "html",
        "--bank",
        "sbi",
        "--from",
        "2024-03-01",
    ];
    let limits = [
        "--to",
        "2024-06-30",
        "--max-pages",
        "2",
        "--max-file-size",
        "20K",
    ];
    let args = args.iter().chain(&limits).map(Into::into);
    let output = TestDir::new().run(args.chain(folders));
    let page = body(&output.stdout);
    for code in [
        "FILE_TOO_LARGE",
        "STATEMENT_TOO_MANY_PAGES",
        "BANK_NAME_MISMATCH",
    ] {
        assert!(page.contains(code), "{code}");
    }
    assert_eq!(page.lines().find(|line| line.contains("--")), None);
}

/// Parses a CSV report into rows of cells.
fn rows(csv: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = reader.has_headers(false).from_reader(csv.as_bytes());
    // The reader rejects rows with another number of cells than the first.
    let rows = reader.records().map(|row| row.unwrap());
    rows.map(|row| row.iter().map(str::to_owned).collect())
        .collect()
}

#[test]
fn csv_lists_all_messages_in_the_order_of_the_codes() {
    let folder = TestDir::new();
    folder.copy("banks/hdfc.pdf", "statement.pdf");
    // The name has the separator of the messages, and the message of the duplicate has the name.
    folder.copy("structure/attachment.pdf", "a | b.pdf");
    folder.copy("structure/javascript.pdf", "c.pdf");
    let args = ["--check", "--format", "csv", "statement.pdf", "a | b.pdf"];
    let rows = rows(&folder.run(args.iter().chain(&["c.pdf"])).stdout);
    let cell = |row: usize, name: &str| {
        let column = rows[0].iter().position(|cell| cell == name).unwrap();
        rows[row][column].as_str()
    };
    assert_eq!(cell(1, "messages"), "");
    assert_eq!(cell(1, "bank_name"), "HDFC Bank");
    assert_eq!((cell(1, "case"), cell(1, "state")), ("", ""));
    assert_eq!(cell(2, "codes"), "ACTIVE_CONTENT");
    assert_eq!(cell(2, "messages"), "Contains embedded files");
    assert_eq!(cell(3, "codes"), "ACTIVE_CONTENT STATEMENT_DUPLICATE");
    assert_eq!(cell(3, "message"), "Same text and page count as a | b.pdf");
    let messages: Vec<_> = cell(3, "messages").split(" | ").collect();
    let duplicate = "Same text and page count as a / b.pdf";
    assert_eq!(messages, ["Contains JavaScript", duplicate]);
}

#[test]
fn csv_columns_keep_their_order() {
    let folder = TestDir::new();
    folder.copy("banks/hdfc.pdf", "a.pdf");
    let header = |args: &[&str]| {
        let output = folder.run(args.iter().chain(&["--format", "csv", "a.pdf"]));
        rows(&output.stdout).remove(0).join(" ")
    };
    let check = header(&["--check"]);
    assert!(check.starts_with("path verdict codes message hint bank bank_confidence "));
    assert!(check.ends_with(" sha256 duplicate_of messages bank_name case state type"));
    assert_eq!(
        header(&["--check", "--timings"]),
        format!("{check} elapsed_ms")
    );
    let upload = header(&[
        "--sandbox",
        "upload",
        "--from",
        "2024-04-01",
        "--to",
        "2024-06-30",
    ]);
    assert!(
        upload.starts_with(&format!("{check} upload_outcome ")),
        "{upload}"
    );
}

#[test]
fn csv_starts_with_a_byte_order_mark_on_request() {
    let folder = TestDir::new();
    folder.copy("banks/hdfc.pdf", "a.pdf");
    let run = |args: &[&str]| folder.run(["--check", "a.pdf"].iter().chain(args));
    let plain = run(&["--format", "csv"]).stdout;
    assert!(plain.starts_with("path,"));
    let marked = run(&["--format", "csv", "--csv-bom"]).stdout;
    assert_eq!(marked, format!("\u{FEFF}{plain}"));
    for format in ["text", "json", "ndjson", "html"] {
        let marked = run(&["--format", format, "--csv-bom"]);
        assert_eq!(marked.stdout, run(&["--format", format]).stdout, "{format}");
    }
}

#[test]
fn json_and_ndjson_have_the_same_records() {
    let folder = sample_files();
    let run = |format| folder.run(["--check", "--format", format].iter().chain(&FILES));
    let json: Value = serde_json::from_str(&run("json").stdout).unwrap();
    assert_eq!(json["files"].as_array().unwrap(), &run("ndjson").records());
}

/// A file name with special characters of every format.
const HOSTILE_NAME: &str =
    "'\"]]><script>alert(1)<%0A::error::x,title=&\u{FFFE}\r\n::add-mask::y{0}[z](q).pdf";

/// Returns the report of a file with a hostile name.
fn report_of_hostile_name(format: &str) -> String {
    let folder = TestDir::new();
    folder.copy("pages/scan_jpeg.pdf", HOSTILE_NAME);
    let args = ["--check", "--format", format, "--from", "2024-01-01"];
    folder
        .run([&args[..], &["--to", "2024-06-30", HOSTILE_NAME]].concat())
        .stdout
}

#[test]
fn sarif_results_refer_to_rules_and_artifacts() {
    let log: Value = serde_json::from_str(&report_of_hostile_name("sarif")).unwrap();
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
fn junit_is_valid_xml_with_correct_counts() {
    let text = report_of_hostile_name("junit");
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
        HOSTILE_NAME
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
fn github_reports_contain_no_injected_command() {
    let text = report_of_hostile_name("github");
    assert!(text.lines().count() >= 2);
    for line in text.lines() {
        let expected = [
            "::error file=",
            "::warning file=",
            "::notice title=bankscreen::",
        ];
        assert!(
            expected.iter().any(|start| line.starts_with(start)),
            "{line}"
        );
        let properties = line.split("::").nth(1).unwrap();
        assert!(properties.matches(',').count() <= 1, "{line}");
    }
}

#[test]
fn html_escapes_file_names_and_loads_no_resources() {
    let page = report_of_hostile_name("html");
    assert_eq!(page.matches("<script>").count(), 1);
    assert!(page.contains("&#39;&quot;]]&gt;&lt;script&gt;alert(1)&lt;"));
    let (head, _) = page.split_once("<style>").unwrap();
    assert!(head.contains("default-src 'none'"));
    for reference in [
        "http:",
        "https:",
        "//",
        "url(",
        "@import",
        " src=",
        "<img",
        "<link rel=\"s",
    ] {
        let found = page.replace("</", "").contains(reference);
        assert!(!found, "{reference}");
    }
}

#[test]
fn upload_reports_contain_outcomes_in_every_format() {
    let folder = TestDir::new();
    folder.copy("banks/hdfc.pdf", "good.pdf");
    folder.copy("pages/scan_jpeg.pdf", "scan.pdf");
    for format in ["sarif", "junit", "github", "html"] {
        let args = ["--sandbox", "upload", "--format", format];
        let period = ["--from", "01/04/2024", "--to", "30/06/2024"];
        let output = folder.run([&args[..], &period, &["good.pdf", "scan.pdf"]].concat());
        assert_eq!(output.code, Some(1), "{}", output.stderr);
        assert!(output.stdout.contains("PDF_IS_IMAGE"), "{}", output.stdout);
        assert!(
            output.stdout.contains("UPLOAD_SKIPPED"),
            "{}",
            output.stdout
        );
        assert!(output.stdout.contains("accepted"), "{}", output.stdout);
    }
}

#[test]
fn no_report_contains_raw_control_characters() {
    for format in [
        "text", "json", "ndjson", "csv", "sarif", "junit", "github", "html",
    ] {
        let text = report(&["--format", format]);
        let raw = |c: char| c != '\n' && (c.is_control() || c == '\u{202E}');
        assert!(!text.contains(raw), "{format}:\n{text:?}");
    }
}

#[test]
fn banks_found_by_a_query() {
    let folder = TestDir::new();
    insta::assert_snapshot!(folder.run(["banks", "baroda"]).all());
    assert_eq!(folder.run(["banks"]).stdout.lines().count(), 346);
    assert_eq!(folder.run(["banks", "no-such-bank"]).code, Some(1));
}
