//! End-to-end tests of `bankscreen session report`.

use crate::harness::{RunOutput, TestDir, run_without_leaks};
use crate::path_server::{PathServer, respond};
use crate::pty::Terminal;
use crate::raw_server::{Action, RawServer, response};
use bankscreen::sandbox::{Sandbox, SandboxOptions};
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const KEY: &str = "canary-key-61b0";
const HASH: &str = "canary-hash-c94d";
/// The smallest ZIP file that has an entry header and an end record.
const SPREADSHEET: &[u8] = b"PK\x03\x04 content PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

/// Returns a command with credentials in the environment.
fn command(folder: &TestDir, base: &str, args: &[&str]) -> Command {
    let mut command = folder.command(["session", "report"].iter().chain(args));
    command
        .env("BANKSCREEN_BASE_URL", base)
        .env("BANKSCREEN_API_KEY", KEY)
        .env("BANKSCREEN_SERVER_HASH", HASH);
    command
}

/// Runs the command, and asserts that it prints no secret.
fn report(folder: &TestDir, base: &str, args: &[&str]) -> RunOutput {
    run_without_leaks(command(folder, base, args))
}

/// Saves the report of the session `s-1` as `out`, in the given format.
fn save(folder: &TestDir, base: &str, format: &str) -> RunOutput {
    let args = ["--session-id", "s-1", "--format", format, "--output", "out"];
    report(folder, base, &args)
}

fn base(server: &PathServer) -> String {
    server.url("/bank-connect")
}

/// Returns a server with insights that link to this spreadsheet.
fn server_with_link(link: &str) -> PathServer {
    let server = PathServer::start();
    let body = format!(r#"{{"session_id": "s-1", "aggregate_xlsx_report_url": "{link}"}}"#);
    server.route("/insights/", respond("200 OK", "", body.as_bytes()));
    server
}

fn names(folder: &TestDir) -> Vec<String> {
    let entries = fs::read_dir(folder.path()).unwrap();
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
    entries
        .map(|entry| name(entry).into_string().unwrap())
        .collect()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[track_caller]
fn assert_failed(output: &RunOutput, texts: &[&str], folder: &TestDir) {
    // 75 if the same call can succeed later.
    assert!(matches!(output.code, Some(2 | 75)), "{}", output.all());
    for text in texts {
        assert!(output.stderr.contains(text), "{text}: {}", output.all());
    }
    assert!(output.stderr.contains("hint: "), "{}", output.all());
    assert!(output.stdout.is_empty(), "{}", output.all());
    assert_eq!(names(folder), [""; 0], "a failed download left a file");
}

#[test]
fn insights_are_saved_whole_in_a_private_file() {
    // Larger than other responses can be.
    let row = r#"{"amount": 1.50, "note": "CAFÉ  ASHA EXAMPLE"}"#;
    let rows = vec![row; 60_000].join(", ");
    let body = format!(r#"{{"session_id": "s-1", "accounts": [], "rows": [{rows}] }}"#);
    assert!(body.len() > 2 << 20);
    let server = PathServer::start();
    server.route("/insights/", respond("200 OK", "", body.as_bytes()));
    let folder = TestDir::new();
    let output = save(&folder, &base(&server), "json");
    assert_eq!(output.code, Some(0), "{}", output.all());
    let path = folder.path().join("out");
    assert!(fs::read(&path).unwrap() == body.as_bytes());
    assert_eq!(mode(&path), 0o600);
    assert_eq!(names(&folder), ["out"]);
    assert!(output.stdout.is_empty(), "{}", output.stdout);
    assert!(output.stderr.contains("to out ("), "{}", output.stderr);
    assert!(!output.stderr.contains("ASHA"), "{}", output.stderr);
    let request = &server.requests()[0];
    assert!(request.starts_with("GET /bank-connect/v1/session_data/s-1/insights/ HTTP/1.1\r\n"));
    assert!(request.contains(KEY) && request.contains(HASH));
}

#[test]
fn credentials_that_the_service_echoes_are_not_saved() {
    let padding = "x".repeat(1 << 20);
    let body = format!(r#"{{"session_id": "s-1", "pad": "{padding}", "echo": "{KEY} {HASH}"}}"#);
    let server = PathServer::start();
    server.route("/insights/", respond("200 OK", "", body.as_bytes()));
    let folder = TestDir::new();
    let output = save(&folder, &base(&server), "json");
    assert_eq!(output.code, Some(0), "{}", output.all());
    let saved = fs::read_to_string(folder.path().join("out")).unwrap();
    assert_eq!(saved.len(), body.len());
    assert!(!saved.contains("canary"));
}

#[test]
fn the_spreadsheet_is_requested_without_credentials_and_its_link_is_not_printed() {
    let files = PathServer::start();
    files.route("/canary-token", respond("200 OK", "", SPREADSHEET));
    let server = server_with_link(&files.url("/canary-token?signature=canary"));
    let folder = TestDir::new();
    let output = save(&folder, &base(&server), "xlsx");
    assert_eq!(output.code, Some(0), "{}", output.all());
    let path = folder.path().join("out");
    assert_eq!(fs::read(&path).unwrap(), SPREADSHEET);
    assert_eq!(mode(&path), 0o600);
    let requests = files.requests();
    assert_eq!(requests.len(), 1, "{requests:?}");
    let (line, headers) = requests[0].split_once("\r\n").unwrap();
    assert_eq!(line, "GET /canary-token?signature=canary HTTP/1.1");
    let headers = headers.to_lowercase();
    for name in [
        "canary",
        "key",
        "hash",
        "cookie",
        "referer",
        "authorization",
    ] {
        assert!(!headers.contains(name), "{name}: {headers}");
    }
}

#[test]
fn a_link_that_cannot_be_used_leaves_no_file() {
    let other = RawServer::start(response("200 OK", "", "x"));
    let location = format!("Location: http://{}/\r\n", other.address);
    let files = PathServer::start();
    let cut = &respond("200 OK", "", SPREADSHEET)[..60];
    let half = respond("200 OK", "", &SPREADSHEET[..8]);
    for (name, response) in [
        ("/expired", respond("403 Forbidden", "", b"<Error/>")),
        ("/gone", respond("404 Not Found", "", b"")),
        ("/redirect", respond("302 Found", &location, b"")),
        ("/failed", respond("500 Internal Server Error", "", b"")),
        ("/page", respond("200 OK", "", b"<html>Sign in</html>")),
        ("/cut", cut.to_vec()),
        ("/half", half),
    ] {
        files.route(name, response);
    }
    let cases: &[(&str, &[&str])] = &[
        ("/expired", &["has expired", "HTTP 403", "new link"]),
        ("/gone", &["has expired", "HTTP 404"]),
        ("/redirect", &["redirect", "HTTP 302"]),
        ("/failed", &["failed (HTTP 500)"]),
        ("/page", &["another kind of file"]),
        ("/cut", &["truncated", "nothing was saved"]),
        ("/half", &["incomplete"]),
    ];
    for (path, texts) in cases {
        let server = server_with_link(&files.url(&format!("{path}?canary")));
        let folder = TestDir::new();
        let output = save(&folder, &base(&server), "xlsx");
        assert_failed(&output, texts, &folder);
    }
    assert_eq!(other.connections(), 0, "the redirect was followed");
    for link in [
        "http://files.example.com/canary",
        "file:///canary",
        "canary.xlsx",
        "http://127.0.0.1@files.example.com/canary",
    ] {
        let folder = TestDir::new();
        let output = save(&folder, &base(&server_with_link(link)), "xlsx");
        assert_failed(&output, &["the link to the spreadsheet"], &folder);
    }
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    let link = format!("http://{address}/canary");
    let folder = TestDir::new();
    let output = save(&folder, &base(&server_with_link(&link)), "xlsx");
    assert_failed(
        &output,
        &["could not download the spreadsheet", "another host"],
        &folder,
    );
    let without = PathServer::start();
    let body = br#"{"session_id": "s-1", "accounts": [{"data": {}}, {"data": {}}]}"#;
    without.route("/insights/", respond("200 OK", "", body));
    let folder = TestDir::new();
    let output = save(&folder, &base(&without), "xlsx");
    assert_failed(&output, &["no link to a spreadsheet"], &folder);
}

#[test]
fn the_spreadsheet_of_the_only_account_is_used_if_the_session_has_none() {
    let files = PathServer::start();
    files.route("/account", respond("200 OK", "", SPREADSHEET));
    let server = PathServer::start();
    let body = format!(
        r#"{{"session_id": "s-1", "aggregate_xlsx_report_url": null,
            "accounts": [{{"data": {{"xlsx_report_url": "{}"}}}}]}}"#,
        files.url("/account")
    );
    server.route("/insights/", respond("200 OK", "", body.as_bytes()));
    let folder = TestDir::new();
    let output = save(&folder, &base(&server), "xlsx");
    assert_eq!(output.code, Some(0), "{}", output.all());
    assert_eq!(fs::read(folder.path().join("out")).unwrap(), SPREADSHEET);
}

#[test]
fn an_error_of_the_service_is_explained_and_leaves_no_file() {
    let cases: &[(&str, &str, &[&str])] = &[
        (
            "404 Not Found",
            "SESSION_NOT_FOUND",
            &["session ID is correct"],
        ),
        (
            "400 Bad Request",
            "PROCESSING_NOT_REQUESTED",
            &["start processing"],
        ),
        (
            "400 Bad Request",
            "PROCESSING_NOT_COMPLETED",
            &["wait until"],
        ),
        ("410 Gone", "SESSION_DELETED", &["new session"]),
        ("403 Forbidden", "ACCESS_DENIED", &["server hash"]),
    ];
    for (status, code, hints) in cases {
        let server = PathServer::start();
        let body = format!(r#"{{"error": {{"code": "{code}", "message": "a message"}}}}"#);
        server.route("/insights/", respond(status, "", body.as_bytes()));
        for format in ["json", "xlsx"] {
            let folder = TestDir::new();
            let output = save(&folder, &base(&server), format);
            let texts = [&[*code, "could not download the report"], *hints].concat();
            assert_failed(&output, &texts, &folder);
        }
    }
}

#[test]
fn an_incomplete_or_wrong_answer_leaves_no_file() {
    let head = "HTTP/1.1 200 OK\r\n";
    let start = r#"{"session_id": "s-1", "accounts": [{"name": "ASHA"#;
    let chunked = format!(
        "{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{start}\r\n",
        start.len()
    );
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (
            format!("{head}Content-Length: 500\r\n\r\n{start}").into_bytes(),
            "truncated",
        ),
        (chunked.into_bytes(), "truncated"),
        // Without a length, the end of the connection is the end of the body.
        (
            format!("{head}\r\n{start}").into_bytes(),
            "not a complete report",
        ),
        (respond("200 OK", "", b"<html>"), "not a complete report"),
        (
            respond("200 OK", "", br#"{"session_id": "s-2", "accounts": []}"#),
            "another session",
        ),
        (
            format!("{head}Content-Length: 67108865\r\n\r\n{start}").into_bytes(),
            "at most 64 MiB",
        ),
        (respond("502 Bad Gateway", "", b"<html>"), "server error"),
    ];
    for (response, text) in cases {
        let server = PathServer::start();
        server.route("/insights/", response);
        let folder = TestDir::new();
        let output = save(&folder, &base(&server), "json");
        assert_failed(&output, &[text], &folder);
        assert!(!output.stderr.contains("ASHA"), "{}", output.stderr);
    }
}

#[test]
fn an_endless_answer_ends_at_the_limit_and_leaves_no_file() {
    let server = RawServer::start(Action::RespondEndlessly);
    let folder = TestDir::new();
    let output = save(&folder, &server.base_url(), "json");
    assert_failed(&output, &["too long", "at most 64 MiB"], &folder);
}

#[test]
fn a_download_that_a_signal_ends_leaves_no_file() {
    for (signal, code) in [(Signal::KILL, None), (Signal::INT, Some(130))] {
        let server = RawServer::start(Action::RespondSlowly);
        let folder = TestDir::new();
        let base = server.base_url();
        let args = ["--session-id", "s-1", "--output", "out"];
        let mut running = command(&folder, &base, &args).spawn().unwrap();
        while server.requests().is_empty() {
            std::thread::sleep(Duration::from_millis(10));
        }
        kill_process(Pid::from_child(&running), signal).unwrap();
        assert_eq!(running.wait().unwrap().code(), code);
        assert_eq!(names(&folder), [""; 0]);
    }
}

#[test]
fn an_existing_file_is_replaced_only_by_force() {
    let server = PathServer::start();
    let body = br#"{"session_id": "s-1", "accounts": []}"#;
    server.route("/insights/", respond("200 OK", "", body));
    let base = base(&server);
    let folder = TestDir::new();
    let path = folder.write("out", "precious");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let output = save(&folder, &base, "json");
    assert_eq!(output.code, Some(2), "{}", output.all());
    assert!(
        output.stderr.contains("already exists"),
        "{}",
        output.stderr
    );
    assert!(output.stderr.contains("--force"), "{}", output.stderr);
    assert_eq!(fs::read(&path).unwrap(), b"precious");
    assert_eq!(server.requests(), [""; 0], "the service was called in vain");
    let args = ["--session-id", "s-1", "--output", "out", "--force"];
    assert_eq!(report(&folder, &base, &args).code, Some(0));
    assert_eq!(fs::read(&path).unwrap(), body);
    assert_eq!(mode(&path), 0o600);
    // As mktemp creates it.
    folder.write("out", "");
    assert_eq!(save(&folder, &base, "json").code, Some(0));
    assert_eq!(fs::read(&path).unwrap(), body);
}

#[test]
fn a_file_that_bankscreen_uses_is_never_replaced() {
    let folder = TestDir::new();
    let key = folder.write("key", KEY);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    symlink(&key, folder.path().join("link")).unwrap();
    fs::hard_link(&key, folder.path().join("copy")).unwrap();
    folder.write(".config/bankscreen/banks.toml", "# mine\n");
    folder.write(".local/state/bankscreen/journal.sqlite3", "not read");
    for name in [
        "key",
        "link",
        "copy",
        ".config/bankscreen/banks.toml",
        ".local/state/bankscreen/journal.sqlite3",
    ] {
        let path = folder.path().join(name);
        let before = fs::read(&path).unwrap();
        let args = ["--session-id", "s-1", "--output", name, "--force"];
        let mut command = command(&folder, "http://127.0.0.1:1", &args);
        command.args(["--api-key-file", "key"]);
        let output = run_without_leaks(command);
        assert_eq!(output.code, Some(2), "{}", output.all());
        assert!(
            output.stderr.contains("error: --output "),
            "{}",
            output.all()
        );
        assert_eq!(fs::read(&path).unwrap(), before, "{name}");
    }
}

#[test]
fn an_unusable_destination_is_reported_before_a_key_is_read() {
    let folder = TestDir::new();
    folder.write("folder/file", "x");
    // Without credentials: reading them would be another error.
    let run = |args: &[&str]| {
        let args = [&["session", "report", "--session-id", "s-1"], args].concat();
        folder.run(args)
    };
    for (args, text) in [
        (&["--output", "folder"][..], "is a folder"),
        (&["--output", "folder/file"], "already exists"),
        (&["--output", "missing/file"], "could not write"),
        (&["--output", "folder/file/x"], "could not write"),
        (
            &["--output", "-", "--format", "xlsx"],
            "not written to standard output",
        ),
        (&["--format", "json"], "--output <FILE>"),
        (&["--output", "new"], "no API key is configured"),
    ] {
        let output = run(args);
        assert_eq!(output.code, Some(2), "{}", output.all());
        assert!(output.stderr.contains(text), "{text}: {}", output.all());
    }
    assert!(!names(&folder).contains(&"new".to_owned()));
}

#[test]
fn standard_output_gets_the_insights_only_and_never_on_a_terminal() {
    let server = PathServer::start();
    let body = r#"{"session_id": "s-1", "accounts": [], "name": "ASHA"}"#;
    server.route("/insights/", respond("200 OK", "", body.as_bytes()));
    let base = base(&server);
    let folder = TestDir::new();
    let args = ["--session-id", "s-1", "--output", "-"];
    let output = report(&folder, &base, &args);
    assert_eq!(
        (output.code, output.stdout.as_str(), output.stderr.as_str()),
        (Some(0), body, "")
    );
    for name in ["-", "/dev/tty"] {
        let args = ["--session-id", "s-1", "--output", name];
        let mut terminal = Terminal::start(&command(&folder, &base, &args), 200, 20);
        assert_eq!(
            terminal.wait_for_exit().code(),
            Some(2),
            "{}",
            terminal.text()
        );
        assert!(
            terminal.text().contains("personal data"),
            "{}",
            terminal.text()
        );
        assert!(!terminal.text().contains("ASHA"));
    }
    let args = ["--session-id", "s-1", "--output", "-", "--force"];
    let mut terminal = Terminal::start(&command(&folder, &base, &args), 200, 20);
    terminal.wait_for("ASHA");
    assert_eq!(terminal.wait_for_exit().code(), Some(0));
}

#[test]
fn the_sandbox_serves_reports_without_configuration() {
    let folder = TestDir::new();
    let run = |format: &str, name: &str| {
        let args = ["--sandbox", "session", "report", "--format", format];
        let output = folder.run(args.iter().chain(&["--output", name]));
        assert_eq!(output.code, Some(0), "{}", output.all());
        assert!(!output.all().contains("/report/"), "{}", output.all());
        fs::read(folder.path().join(name)).unwrap()
    };
    let insights: serde_json::Value = serde_json::from_slice(&run("json", "a.json")).unwrap();
    assert_eq!(insights["accounts"].as_array().unwrap().len(), 2);
    let account = &insights["accounts"][0]["data"];
    assert_eq!(account["account_details"]["bank_name"], "hdfc");
    assert_eq!(account["statement_stats"][0]["page_count"], 6);
    let from = insights["session_date_range"]["from_date"]
        .as_str()
        .unwrap();
    assert!(from.parse::<jiff::civil::Date>().is_ok(), "{from}");
    let sheet = read_spreadsheet(&run("xlsx", "a.xlsx"));
    assert_eq!(sheet.len(), 3);
    assert_eq!(
        sheet[0],
        ["Account", "Bank", "Statement", "From", "To", "Pages"]
    );
    assert_eq!(sheet[1][..2], ["XXXXXXXXXX2345", "hdfc"]);
    assert_eq!(sheet[2][5], "9");
}

/// Reads the cells of a spreadsheet, and checks its archive and its parts strictly.
fn read_spreadsheet(file: &[u8]) -> Vec<Vec<String>> {
    let parts = read_archive(file);
    let part = |name: &str| {
        let found = parts.iter().find(|(existing, _)| existing == name);
        found
            .unwrap_or_else(|| panic!("{name} is missing"))
            .1
            .as_str()
    };
    let types = roxmltree::Document::parse(part("[Content_Types].xml")).unwrap();
    assert_eq!(parts[0].0, "[Content_Types].xml");
    for name in types
        .descendants()
        .filter_map(|node| node.attribute("PartName"))
    {
        part(name.strip_prefix('/').unwrap());
    }
    let workbook = target(part("_rels/.rels"), "", "/officeDocument");
    let relationships = part("xl/_rels/workbook.xml.rels");
    let sheet = target(relationships, "xl/", "/worksheet");
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let workbook = roxmltree::Document::parse(part(&workbook)).unwrap();
    let mut sheets = workbook
        .descendants()
        .filter(|n| n.has_tag_name((main, "sheet")));
    let relationships = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let id = sheets.next().unwrap().attribute((relationships, "id"));
    assert_eq!((id, sheets.count()), (Some("rId1"), 0));
    let sheet = roxmltree::Document::parse(part(&sheet)).unwrap();
    let rows = sheet
        .descendants()
        .filter(|n| n.has_tag_name((main, "row")));
    rows.map(|row| {
        let cells = row.children().filter(|n| n.has_tag_name((main, "c")));
        cells
            .map(|cell| {
                cell.descendants()
                    .filter(roxmltree::Node::is_text)
                    .filter_map(|n| n.text())
                    .collect()
            })
            .collect()
    })
    .collect()
}

/// Returns the part to which the only relationship leads.
fn target(relationships: &str, folder: &str, kind: &str) -> String {
    let document = roxmltree::Document::parse(relationships).unwrap();
    let mut nodes = document
        .descendants()
        .filter(|n| n.attribute("Id").is_some());
    let node = nodes.next().unwrap();
    assert_eq!(node.attribute("Id"), Some("rId1"));
    assert!(node.attribute("Type").unwrap().ends_with(kind));
    assert!(nodes.next().is_none());
    format!("{folder}{}", node.attribute("Target").unwrap())
}

/// Reads the entries of a ZIP archive without compression, and checks sizes and checksums.
fn read_archive(file: &[u8]) -> Vec<(String, String)> {
    let number = |offset: usize, bytes: usize| {
        let field = &file[offset..offset + bytes];
        let digits = field.iter().rev();
        digits.fold(0, |value: usize, digit| value << 8 | usize::from(*digit))
    };
    let end = file.len() - 22;
    assert_eq!(&file[end..end + 4], b"PK\x05\x06");
    let mut directory = number(end + 16, 4);
    let mut entries = Vec::new();
    for _ in 0..number(end + 10, 2) {
        assert_eq!(&file[directory..directory + 4], b"PK\x01\x02");
        let name_bytes = number(directory + 28, 2);
        let local = number(directory + 42, 4);
        // Both headers have the same fields from the version to the length of the name.
        assert_eq!(&file[local..local + 4], b"PK\x03\x04");
        assert_eq!(
            file[local + 4..local + 30],
            file[directory + 6..directory + 32]
        );
        assert_eq!(number(local + 8, 2), 0, "the entry is compressed");
        let name = &file[local + 30..local + 30 + name_bytes];
        let start = local + 30 + name_bytes;
        let content = &file[start..start + number(local + 22, 4)];
        let mut crc = flate2::Crc::new();
        crc.update(content);
        assert_eq!(number(local + 14, 4), crc.sum() as usize);
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        entries.push((text(name), text(content)));
        directory += 46 + name_bytes;
    }
    assert_eq!(directory, end);
    entries
}

#[test]
fn a_session_that_was_not_processed_has_no_report() {
    let options = SandboxOptions {
        api_key: KEY.to_owned(),
        server_hash: HASH.to_owned(),
        processing: Duration::from_hours(1),
        ..SandboxOptions::default()
    };
    let sandbox = Sandbox::start(options).unwrap();
    let base = sandbox.base_url();
    let folder = TestDir::new();
    let credentials = |mut command: Command| {
        command
            .env("BANKSCREEN_BASE_URL", &base)
            .env("BANKSCREEN_API_KEY", KEY)
            .env("BANKSCREEN_SERVER_HASH", HASH);
        run_without_leaks(command)
    };
    let new = ["session", "new", "--link-id", "c", "--format", "json"];
    let created = credentials(folder.command(new));
    let created: serde_json::Value = serde_json::from_str(&created.stdout).unwrap();
    let id = created["session_id"].as_str().unwrap();
    let args = ["--session-id", id, "--output", "out"];
    let output = report(&folder, &base, &args);
    assert_failed(&output, &["PROCESSING_NOT_REQUESTED (HTTP 400)"], &folder);
    let process = ["session", "process", "--session-id", id, "--wait", "0.2"];
    let output = credentials(folder.command(process));
    assert_eq!(output.code, Some(75), "{}", output.all());
    let output = report(&folder, &base, &args);
    assert_failed(&output, &["PROCESSING_NOT_COMPLETED (HTTP 400)"], &folder);
    let args = ["--session-id", "other", "--output", "out"];
    let output = report(&folder, &base, &args);
    assert_failed(&output, &["SESSION_NOT_FOUND (HTTP 404)"], &folder);
}
