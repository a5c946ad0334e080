//! `bankscreen session` and `bankscreen sandbox` as people and scripts meet them.

use crate::harness::{Said, Sandbox as Folder};
use crate::raw_server::{RawServer, answer};
use bankscreen::sandbox::{Sandbox, SandboxOptions, Script};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Stdio};
use std::time::Duration;

const KEY: &str = "canary-key-8d2e";
const HASH: &str = "canary-hash-03aa";

fn sandbox(script: &str) -> Sandbox {
    let settings = SandboxOptions {
        api_key: KEY.to_owned(),
        server_hash: HASH.to_owned(),
        script: Script::parse(script.as_bytes()).unwrap(),
        processing: Duration::from_millis(200),
        ..SandboxOptions::default()
    };
    Sandbox::start(settings).unwrap()
}

/// Runs a session command with the credentials in the environment; no secret comes back.
fn run(base: &str, args: &[&str]) -> Said {
    let folder = Folder::new();
    let mut command = folder.command(["session"].iter().chain(args));
    command
        .env("BANKSCREEN_BASE_URL", base)
        .env("BANKSCREEN_API_KEY", KEY)
        .env("BANKSCREEN_SERVER_HASH", HASH);
    let output = command.output().unwrap();
    let said = Said {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code(),
    };
    assert!(!said.all().contains("canary"), "{}", said.all());
    said
}

fn new_session(base: &str) -> String {
    let said = run(base, &["new", "--link-id", "c-1", "--format", "json"]);
    let record: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(
        (record["type"].as_str(), said.code),
        (Some("session"), Some(0))
    );
    record["session_id"].as_str().unwrap().to_owned()
}

#[test]
fn a_session_is_created_and_printed() {
    let sandbox = sandbox("{}");
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
    let said = run(&sandbox.base_url(), &args);
    assert_eq!(said.code, Some(0), "{}", said.all());
    assert!(
        said.stdout.contains("period     2023-11-01 to 2024-04-30"),
        "{}",
        said.stdout
    );
    assert!(said.stdout.contains("journey    http://127.0.0.1:"));
    assert!(said.stdout.contains('█'), "the QR code is drawn");
}

#[test]
fn mistakes_are_found_before_anything_is_sent() {
    let server = RawServer::start(answer("200 OK", "", "{}"));
    let check = |args: &[&str], expected: &str| {
        let said = run(&server.base_url(), args);
        assert_eq!(said.code, Some(2), "{}", said.all());
        assert!(said.stderr.contains(expected), "{}", said.stderr);
    };
    check(&["new"], "--link-id ID");
    check(
        &["new", "--link-id", " "],
        "link_id, This field is required.",
    );
    check(
        &["new", "--link-id", "c", "--mode", "pdf"],
        "MISSING_BANK_NAME",
    );
    check(
        &["new", "--link-id", "c", "--session-expiry", "4"],
        "Min = 5, Max = 43200",
    );
    check(
        &[
            "new",
            "--link-id",
            "c",
            "--from",
            "1/1/24",
            "--to",
            "2024-02-01",
        ],
        "that is no date",
    );
    check(
        &[
            "new",
            "--link-id",
            "c",
            "--from",
            "2024-02-01",
            "--to",
            "2024-02-01",
        ],
        "'from_date' cannot be greater or equal to 'to_date'.",
    );
    check(
        &[
            "new",
            "--link-id",
            "c",
            "--from",
            "2024-02-01",
            "--to",
            "2999-01-01",
        ],
        "must end before today",
    );
    check(
        &["new", "--link-id", "c", "--base-url", "http://example.com"],
        "plain http",
    );
    check(
        &["new", "--link-id", "c", "--api-key-file", "missing"],
        "key file missing",
    );
    check(&["status", "--session-id", "a/b"], "invalid session ID");
    assert_eq!(server.connections(), 0);
}

#[test]
fn no_credentials_are_no_mystery() {
    let folder = Folder::new();
    let said = folder.run(["session", "new", "--link-id", "c"]);
    assert_eq!(said.code, Some(2));
    assert!(said.stderr.contains("no API key") && said.stderr.contains("BANKSCREEN_API_KEY"));
    let mut command = folder.command(["session", "status", "--session-id", "s"]);
    let output = command.env("BANKSCREEN_API_KEY", KEY).output().unwrap();
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("BANKSCREEN_SERVER_HASH")
    );
}

#[test]
fn the_key_comes_from_a_file_that_nobody_else_can_read() {
    let sandbox = sandbox("{}");
    let folder = Folder::new();
    let path = folder.write("key", format!("{KEY}\n"));
    let new = |mode: u32| {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let base = sandbox.base_url();
        let args = ["session", "new", "--link-id", "c", "--base-url", &base];
        folder.run(args.iter().chain(&["--api-key-file", "key"]))
    };
    assert_eq!(new(0o600).code, Some(0));
    let said = new(0o644);
    assert_eq!(said.code, Some(2));
    assert!(
        said.stderr.contains("(mode 644)"),
        "{}",
        said.stderr
    );
}

#[test]
fn a_refusal_says_what_to_do() {
    let sandbox = sandbox("{}");
    let said = run(&sandbox.base_url(), &["status", "--session-id", "unknown"]);
    assert_eq!(said.code, Some(2));
    assert!(
        said.stderr.contains("SESSION_NOT_FOUND (HTTP 404)"),
        "{}",
        said.stderr
    );
    assert!(
        said.stderr.contains("check that the session ID"),
        "{}",
        said.stderr
    );
    let html = "<b>\x1b]0;owned\x07</b>";
    let server = RawServer::start(answer("502 Bad Gateway", "", html));
    let said = run(&server.base_url(), &["status", "--session-id", "s"]);
    assert!(
        said.stderr.contains("<b>^[]0;owned^G</b>"),
        "{}",
        said.stderr
    );
}

#[test]
fn processing_is_followed_and_its_outcome_is_the_exit_code() {
    let script = r#"{"files": {"bad.pdf": {"processing": "UNPARSABLE"}}}"#;
    for (name, code) in [("good.pdf", 0), ("bad.pdf", 1)] {
        let sandbox = sandbox(script);
        let id = new_session(&sandbox.base_url());
        post(&sandbox, &id, name);
        let args = ["process", "--session-id", &id, "--every", "0.05"];
        let said = run(&sandbox.base_url(), &args);
        assert_eq!(said.code, Some(code), "{}", said.all());
        assert!(
            said.stderr.contains("1 of 1 statements are processed"),
            "{}",
            said.all()
        );
        assert_eq!(
            said.stdout.contains("UNPARSABLE"),
            code == 1,
            "{}",
            said.all()
        );
        // The same call again finds it done.
        let again = run(&sandbox.base_url(), &args);
        assert_eq!((again.code, again.stdout), (Some(code), said.stdout));
        assert!(again.stderr.contains("begun already"));
    }
}

/// An upload in the plainest form, by hand.
fn post(sandbox: &Sandbox, id: &str, name: &str) {
    let body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"session_id\"\r\n\r\n{id}\r\n\
         --b\r\nContent-Disposition: form-data; name=\"upload_type\"\r\n\r\nPDF\r\n\
         --b\r\nContent-Disposition: form-data; name=\"bank_name\"\r\n\r\nhdfc\r\n\
         --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n\
         %PDF-1.4\r\n--b--\r\n"
    );
    let head = format!(
        "POST /bank-connect/v1/statement/upload_session/ HTTP/1.1\r\nHost: x\r\n\
         x-api-key: {KEY}\r\nContent-Type: multipart/form-data; boundary=b\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let said = talk(&sandbox.page_url(), &(head + &body));
    assert!(said.starts_with("HTTP/1.1 200"), "{said}");
}

/// Sends bytes to the host of a URL and reads all that comes back.
fn talk(url: &str, request: &str) -> String {
    let host = url
        .strip_prefix("http://")
        .unwrap()
        .split('/')
        .next()
        .unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).unwrap();
    said
}

fn get(url: &str) -> String {
    let path = url.splitn(4, '/').nth(3).unwrap();
    talk(
        url,
        &format!("GET /{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
    )
}

#[test]
fn commands_can_be_tried_with_nothing_set_up() {
    let folder = Folder::new();
    let said = folder.run(["--sandbox", "session", "status"]);
    assert_eq!(said.code, Some(0), "{}", said.all());
    assert!(said.stdout.contains("HDFC Bank") && said.stdout.contains("Axis Bank"));
    let said = folder.run(["session", "process", "--sandbox", "--every", "0.1", "-q"]);
    assert_eq!(
        said.code,
        Some(1),
        "one of the samples fails on purpose: {}",
        said.all()
    );
    assert!(said.stdout.contains("BALANCE_MISMATCH") && said.stderr.is_empty());
    let said = folder.run(["session", "status"]);
    assert_eq!(
        said.code,
        Some(2),
        "a session is wanted where there are no samples"
    );
}

/// A running program, ended with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Starts a command and reads its output up to the first line that `wanted` accepts.
fn start(args: &[&str], wanted: &str) -> (Running, String) {
    let folder = Folder::new();
    let mut command = folder.command(args);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut running = Running(child);
    let mut lines = BufReader::new(running.0.stdout.take().unwrap()).lines();
    let line = lines.find_map(|line| line.unwrap().strip_prefix(wanted).map(str::to_owned));
    std::thread::spawn(move || lines.for_each(drop));
    (running, line.unwrap())
}

#[test]
fn a_journey_returns_to_the_program_that_waits_for_it() {
    for (link, code) in [("Finish", 0), ("Leave", 1)] {
        let args = ["session", "link", "--sandbox", "--wait", "60"];
        let (mut running, journey) = start(&args, "journey    ");
        let page = get(&journey);
        let before = page.split_once(&format!("\">{link}")).unwrap().0;
        let back = before
            .rsplit_once("href=\"")
            .unwrap()
            .1
            .replace("&amp;", "&");
        let stranger = back.replace("session_id=", "session_id=0");
        if link == "Finish" {
            assert!(
                get(&stranger).starts_with("HTTP/1.1 400"),
                "another session is turned away"
            );
        }
        assert!(get(&back).starts_with("HTTP/1.1 200"));
        assert_eq!(running.0.wait().unwrap().code(), Some(code));
    }
}

#[test]
fn a_process_that_holds_a_key_leaves_no_core() {
    let folder = Folder::new();
    let server = RawServer::start(crate::raw_server::Act::Silence);
    let base = server.base_url();
    let mut command = folder.command(["session", "new", "--link-id", "c", "--base-url", &base]);
    command.env("BANKSCREEN_API_KEY", KEY).stderr(Stdio::null());
    let running = Running(command.spawn().unwrap());
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
    let typed = std::fs::read(format!("{proc}/cmdline")).unwrap();
    assert!(!String::from_utf8_lossy(&typed).contains("canary"));
}

#[test]
fn a_proxy_is_asked_for_a_tunnel_and_never_sees_the_key() {
    let proxy = RawServer::start(answer("403 Forbidden", "", ""));
    let folder = Folder::new();
    let mut command = folder.command(["session", "new", "--link-id", "c"]);
    command
        .env("BANKSCREEN_API_KEY", KEY)
        .env("HTTPS_PROXY", format!("http://{}", proxy.address));
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let requests = proxy.requests();
    assert!(
        requests[0].starts_with("CONNECT apis.bankconnect.finbox.in:443"),
        "{requests:?}"
    );
    assert!(!requests[0].contains("canary"));
}

#[test]
fn the_sandbox_serves_until_it_is_interrupted() {
    let script = r#"{"files": {"<b>.pdf": {"bank": "sbi"}}}"#;
    let folder = Folder::new();
    let path = folder.write("script.json", script);
    let args = [
        "sandbox",
        "--script",
        path.to_str().unwrap(),
        "--fault",
        "hang:0",
    ];
    let (mut running, base) = start(&args, "export BANKSCREEN_BASE_URL=");
    let page = get(&base.replace("/bank-connect", "/"));
    assert!(page.contains("Received uploads (0)"), "{page}");
    let pid = rustix::process::Pid::from_child(&running.0);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    assert_eq!(running.0.wait().unwrap().code(), Some(130));
    for wrong in [["--fault", "teapot"], ["--script", "missing"]] {
        let said = folder.run(["sandbox"].iter().chain(&wrong));
        assert_eq!(said.code, Some(2), "{}", said.all());
    }
}
