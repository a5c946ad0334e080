//! End-to-end tests of `bankscreen session` and `bankscreen sandbox`.

use crate::harness::{RunOutput, TestDir, run_without_leaks};
use crate::raw_server::{RawServer, response};
use bankscreen::sandbox::{Sandbox, SandboxOptions, Script};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Stdio};
use std::time::Duration;

const KEY: &str = "canary-key-8d2e";
const HASH: &str = "canary-hash-03aa";

fn start_sandbox(script: &str) -> Sandbox {
    let options = SandboxOptions {
        api_key: KEY.to_owned(),
        server_hash: HASH.to_owned(),
        script: Script::parse(script.as_bytes()).unwrap(),
        processing: Duration::from_millis(200),
        ..SandboxOptions::default()
    };
    Sandbox::start(options).unwrap()
}

/// Runs a session command with credentials in the environment and asserts that it prints no secret.
fn run(base: &str, args: &[&str]) -> RunOutput {
    let folder = TestDir::new();
    let mut command = folder.command(["session"].iter().chain(args));
    command
        .env("BANKSCREEN_BASE_URL", base)
        .env("BANKSCREEN_API_KEY", KEY)
        .env("BANKSCREEN_SERVER_HASH", HASH);
    run_without_leaks(command)
}

fn new_session(base: &str) -> String {
    let output = run(base, &["new", "--link-id", "c-1", "--format", "json"]);
    let record: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(
        (record["type"].as_str(), output.code),
        (Some("session"), Some(0))
    );
    record["session_id"].as_str().unwrap().to_owned()
}

#[test]
fn session_new_prints_the_created_session() {
    let sandbox = start_sandbox("{}");
    let args = [
        "new",
        "--link-id",
        "c-1",
        "--from",
        "01/11/2023",
        "--to",
        "2024-04-30",
        "--qr",
    ];
    let output = run(&sandbox.base_url(), &args);
    assert_eq!(output.code, Some(0), "{}", output.all());
    assert!(
        output.stdout.contains("2023-11-01 to 2024-04-30"),
        "{}",
        output.stdout
    );
    assert!(output.stdout.contains("http://127.0.0.1:"));
    assert!(output.stdout.contains('█'), "the QR code is missing");
}

#[test]
fn an_undocumented_journey_mode_is_sent_with_a_warning() {
    let server = RawServer::start(response("200 OK", "", r#"{"session_id": "s-1"}"#));
    let new = |mode: &str| {
        let args = ["new", "--link-id", "c", "--journey-mode", mode];
        let period = ["--from", "2024-01-01", "--to", "2024-06-30"];
        let output = run(&server.base_url(), &[&args[..], &period].concat());
        assert_eq!(output.code, Some(0), "{}", output.all());
        output.stderr
    };
    for mode in ["", "multi_pdf", "multi_banking", "AA_MULTI_BANKING"] {
        assert_eq!(new(mode), "", "{mode}");
    }
    let stderr = new("MULTI_PDF");
    assert!(
        stderr.starts_with("warning: \"MULTI_PDF\" is not a documented journey mode"),
        "{stderr}"
    );
    let requests = server.requests();
    assert!(
        requests[0].contains(r#""journey_mode":"""#),
        "{}",
        requests[0]
    );
    assert!(requests[4].contains(r#""journey_mode":"MULTI_PDF""#));
}

#[test]
fn a_period_that_ends_in_the_first_week_of_a_month_is_noted() {
    let sandbox = start_sandbox("{}");
    let new = |to: &str| {
        let args = ["new", "--link-id", "c", "--from", "2024-01-01", "--to", to];
        run(&sandbox.base_url(), &args).stderr
    };
    assert_eq!(new("2024-06-08"), "");
    assert_eq!(
        new("2024-06-07"),
        "note: the requested period ends on 2024-06-07, in the first 7 days of a month; the \
         service ignores 2024-06\n"
    );
}

#[test]
fn session_status_shows_the_local_time_with_its_offset() {
    let server = RawServer::start(response(
        "200 OK",
        "",
        r#"{"upload_status": "IN_PROGRESS", "session_expiry_timestamp": "2025-11-10 20:48:34"}"#,
    ));
    let folder = TestDir::new();
    let status = |zone: &str| {
        let mut command = folder.command(["session", "status", "--session-id", "s-1"]);
        command
            .env("TZ", zone)
            .env("BANKSCREEN_BASE_URL", server.base_url())
            .env("BANKSCREEN_API_KEY", KEY)
            .env("BANKSCREEN_SERVER_HASH", HASH);
        run_without_leaks(command).stdout
    };
    assert!(status("UTC").contains("expires    2025-11-10 20:48:34 +00:00\n"));
    assert!(status("IST-5:30").contains("expires    2025-11-11 02:18:34 +05:30\n"));
}

#[test]
fn an_invalid_request_ends_with_2_and_sends_nothing() {
    let server = RawServer::start(response("200 OK", "", "{}"));
    let new = |args: &str| {
        let args = ["new", "--link-id", "c"].into_iter().chain(args.split(' '));
        run(&server.base_url(), &args.collect::<Vec<_>>())
    };
    for output in [
        run(&server.base_url(), &["new"]),
        run(&server.base_url(), &["new", "--link-id", " "]),
        run(&server.base_url(), &["status", "--session-id", "a/b"]),
        new("--mode pdf"),
        new("--session-expiry 4"),
        new("--from 1/1/24 --to 2024-02-01"),
        new("--from 2024-02-01 --to 2024-02-01"),
        new("--from 2024-02-01 --to 2999-01-01"),
        new("--base-url http://example.com"),
        new("--api-key-file missing"),
    ] {
        assert_eq!(output.code, Some(2), "{}", output.all());
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_key_file_must_be_private() {
    let sandbox = start_sandbox("{}");
    let folder = TestDir::new();
    let path = folder.write("key", format!("{KEY}\n"));
    let new = |mode: u32| {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let base = sandbox.base_url();
        let args = ["session", "new", "--link-id", "c", "--base-url", &base];
        folder.run(args.iter().chain(&["--api-key-file", "key"]))
    };
    assert_eq!(new(0o600).code, Some(0));
    let output = new(0o644);
    assert_eq!(output.code, Some(2));
    assert!(output.stderr.contains("mode 644"), "{}", output.stderr);
}

#[test]
fn escape_sequences_in_a_response_are_sanitized() {
    let html = "<b>\x1b]0;owned\x07</b>";
    let server = RawServer::start(response("502 Bad Gateway", "", html));
    let output = run(&server.base_url(), &["status", "--session-id", "s"]);
    assert!(
        output.stderr.contains("<b>^[]0;owned^G</b>"),
        "{}",
        output.stderr
    );
}

#[test]
fn process_waits_for_the_outcome_and_reports_it_by_exit_code() {
    let script = r#"{"files": {"bad.pdf": {"processing": "UNPARSABLE"}}}"#;
    for (name, code) in [("good.pdf", 0), ("bad.pdf", 1)] {
        let sandbox = start_sandbox(script);
        let id = new_session(&sandbox.base_url());
        upload(&sandbox, &id, name);
        let args = ["process", "--session-id", &id, "--every", "0.05"];
        let output = run(&sandbox.base_url(), &args);
        assert_eq!(output.code, Some(code), "{}", output.all());
        assert!(output.stderr.contains("1 of 1"), "{}", output.all());
        assert_eq!(
            output.stdout.contains("UNPARSABLE"),
            code == 1,
            "{}",
            output.all()
        );
        // Repeating the call reports the same outcome without a second request for processing.
        let repeated = run(&sandbox.base_url(), &args);
        assert_eq!(
            (repeated.code, repeated.stdout),
            (Some(code), output.stdout)
        );
        assert!(repeated.stderr.contains("already"), "{}", repeated.stderr);
    }
}

/// Uploads a minimal file through a raw HTTP request.
fn upload(sandbox: &Sandbox, id: &str, name: &str) {
    let body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"session_id\"\r\n\r\n{id}\r\n\
         --b\r\nContent-Disposition: form-data; name=\"upload_type\"\r\n\r\nPDF\r\n\
         --b\r\nContent-Disposition: form-data; name=\"bank_name\"\r\n\r\nhdfc\r\n\
         --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n\
         %PDF-1.4\r\n--b--\r\n"
    );
    let page = sandbox.page_url();
    let host = host(&page);
    let head = format!(
        "POST /bank-connect/v1/statement/upload_session/ HTTP/1.1\r\nHost: {host}\r\n\
         x-api-key: {KEY}\r\nContent-Type: multipart/form-data; boundary=b\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let response = send_raw(&page, &(head + &body));
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
}

/// Returns the host and port of a URL.
fn host(url: &str) -> &str {
    let rest = url.strip_prefix("http://").unwrap();
    rest.split('/').next().unwrap()
}

/// Sends a raw HTTP request to the host of a URL and returns the response.
fn send_raw(url: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(host(url)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

fn get(url: &str) -> String {
    let path = url.splitn(4, '/').nth(3).unwrap();
    send_raw(
        url,
        &format!(
            "GET /{path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            host(url)
        ),
    )
}

#[test]
fn session_commands_work_in_a_sandbox_without_configuration() {
    let folder = TestDir::new();
    let output = folder.run(["--sandbox", "session", "status"]);
    assert_eq!(output.code, Some(0), "{}", output.all());
    assert!(output.stdout.contains("HDFC Bank") && output.stdout.contains("Axis Bank"));
    let output = folder.run(["session", "process", "--sandbox", "--every", "0.1", "-q"]);
    assert_eq!(
        output.code,
        Some(1),
        "processing of the sample {}",
        output.all()
    );
    assert!(output.stdout.contains("BALANCE_MISMATCH") && output.stderr.is_empty());
    let output = folder.run(["session", "status"]);
    assert_eq!(
        output.code,
        Some(2),
        "--session-id is required without --sandbox"
    );
}

/// A running program that is killed at the end of the test.
struct KillOnDrop(Child);

impl Drop for KillOnDrop {
    fn drop(&mut self) {
        // Both fail if the program has already ended.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Starts a command and returns the first URL that it prints.
fn start(args: &[&str]) -> (KillOnDrop, String) {
    let folder = TestDir::new();
    let mut command = folder.command(args);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut running = KillOnDrop(child);
    let mut lines = BufReader::new(running.0.stdout.take().unwrap()).lines();
    let url = lines.find_map(|line| {
        let line = line.unwrap();
        let start = line.find("http://")?;
        Some(line[start..].to_owned())
    });
    // Drain the pipe, so that the program never blocks on a write.
    std::thread::spawn(move || lines.for_each(drop));
    (running, url.unwrap())
}

#[test]
fn session_link_waits_for_the_redirect_at_the_end_of_the_journey() {
    for (link, code) in [("Finish", 0), ("Leave", 1)] {
        let args = ["session", "link", "--sandbox", "--wait", "60"];
        let (mut running, journey) = start(&args);
        let page = get(&journey);
        let before = page.split_once(&format!("\">{link}")).unwrap().0;
        let redirect = before
            .rsplit_once("href=\"")
            .unwrap()
            .1
            .replace("&amp;", "&");
        let other_session = redirect.replace("session_id=", "session_id=0");
        if link == "Finish" {
            assert!(
                get(&other_session).starts_with("HTTP/1.1 400"),
                "a redirect of another session must be rejected"
            );
        }
        assert!(get(&redirect).starts_with("HTTP/1.1 200"));
        assert_eq!(running.0.wait().unwrap().code(), Some(code));
    }
}

#[test]
fn a_process_with_a_key_disables_core_dumps_and_hides_the_key() {
    let folder = TestDir::new();
    let server = RawServer::start(crate::raw_server::Action::NoResponse);
    let base = server.base_url();
    let mut command = folder.command(["session", "new", "--link-id", "c", "--base-url", &base]);
    command.env("BANKSCREEN_API_KEY", KEY).stderr(Stdio::null());
    let running = KillOnDrop(command.spawn().unwrap());
    while server.requests().is_empty() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let proc = format!("/proc/{}", running.0.id());
    let limits = std::fs::read_to_string(format!("{proc}/limits")).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"))
        .unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
    let cmdline = std::fs::read(format!("{proc}/cmdline")).unwrap();
    assert!(!String::from_utf8_lossy(&cmdline).contains("canary"));
}

#[test]
fn a_proxy_gets_a_connect_request_without_the_key() {
    let proxy = RawServer::start(response("403 Forbidden", "", ""));
    let folder = TestDir::new();
    let mut command = folder.command(["session", "new", "--link-id", "c"]);
    command
        .env("BANKSCREEN_API_KEY", KEY)
        .env("HTTPS_PROXY", format!("http://{}", proxy.address));
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(75));
    let requests = proxy.requests();
    assert!(
        requests[0].starts_with("CONNECT apis.bankconnect.finbox.in:443"),
        "{requests:?}"
    );
    assert!(!requests[0].contains("canary"));
}

#[test]
fn the_sandbox_command_serves_until_it_is_interrupted() {
    let script = r#"{"files": {"<b>.pdf": {"bank": "sbi"}}}"#;
    let folder = TestDir::new();
    let path = folder.write("script.json", script);
    let args = [
        "sandbox",
        "--script",
        path.to_str().unwrap(),
        "--fault",
        "hang:0",
    ];
    let (mut running, base) = start(&args);
    let page = get(&base.replace("/bank-connect", "/"));
    assert!(page.contains("Received uploads (0)"), "{page}");
    let pid = rustix::process::Pid::from_child(&running.0);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    assert_eq!(running.0.wait().unwrap().code(), Some(130));
}
