//! End-to-end tests of `bankscreen session webhook`, and of the sandbox's side of it.

use crate::harness::{RunOutput, TestDir, run_without_leaks};
use crate::path_server::{PathServer, respond};
use bankscreen::sandbox::{Sandbox, SandboxOptions};
use std::io::{Read, Write};
use std::net::TcpStream;

const KEY: &str = "canary-key-07fa";
const HASH: &str = "canary-hash-5b11";

fn register(base: &str, args: &[&str]) -> RunOutput {
    let folder = TestDir::new();
    let mut command = folder.command(["session", "webhook"].iter().chain(args));
    command
        .env("BANKSCREEN_BASE_URL", base)
        .env("BANKSCREEN_API_KEY", KEY)
        .env("BANKSCREEN_SERVER_HASH", HASH);
    run_without_leaks(command)
}

fn server(status: &str, body: &str) -> PathServer {
    let server = PathServer::start();
    let path = "/bank-connect/v1/session_data/update_webhook/";
    server.route(path, respond(status, "", body.as_bytes()));
    server
}

#[test]
fn the_request_names_the_url_and_always_the_mode() {
    let server = server("200 OK", r#"{"message": "success"}"#);
    let base = server.url("/bank-connect");
    let url = "https://hooks.example.com:8443/canary/hook?token=canary";
    let output = register(&base, &[url]);
    assert_eq!(output.code, Some(0), "{}", output.all());
    assert!(
        output
            .stdout
            .contains("registered at https://hooks.example.com:8443\n")
    );
    assert!(output.stderr.is_empty(), "{}", output.stderr);
    let output = register(&base, &[url, "--format", "json"]);
    let record: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(record["type"], "webhook");
    assert_eq!(record["mode"], 1);
    let requests = server.requests();
    let (head, body) = requests[0].split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /bank-connect/v1/session_data/update_webhook/ HTTP/1.1\r\n"));
    let head = head.to_lowercase();
    for header in [
        &format!("x-api-key: {KEY}"),
        &format!("server-hash: {HASH}"),
        "content-type: application/json",
    ] {
        assert!(head.contains(header), "{header}: {head}");
    }
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    let expected = serde_json::json!({ "webhook_url": url, "webhook_mode": 1 });
    assert_eq!(body, expected);
}

#[test]
fn an_invalid_url_is_reported_before_a_key_is_read_and_not_repeated() {
    let long = format!("https://hooks.example.com/canary{}", "x".repeat(200));
    let folder = TestDir::new();
    for (url, text) in [
        ("http://hooks.example.com/canary", "plain http"),
        ("http://127.0.0.1@example.com/canary", "plain http"),
        ("ftp://127.0.0.1/canary", "unsupported scheme"),
        ("https://user:canary@example.com/", "user name or password"),
        ("https://canary@example.com/", "user name or password"),
        ("canary.example.com", "invalid URL"),
        ("https://example.com/canary hook", "white space"),
        (&long, "longer than 200 characters"),
    ] {
        // Without credentials: reading them would be another error.
        let output = run_without_leaks(folder.command(["session", "webhook", url]));
        assert_eq!(output.code, Some(2), "{}", output.all());
        assert!(output.stderr.contains(text), "{text}: {}", output.all());
        assert!(output.stderr.contains("hint: "), "{}", output.all());
    }
    let url = "https://example.com/";
    let output = folder.run(["session", "webhook", url]);
    assert!(output.stderr.contains("no API key"), "{}", output.all());
    let mut command = folder.command(["session", "webhook", url]);
    command.env("BANKSCREEN_API_KEY", KEY);
    let output = run_without_leaks(command);
    assert_eq!(output.code, Some(2));
    assert!(output.stderr.contains("no server hash"), "{}", output.all());
}

#[test]
fn a_rejected_or_unclear_answer_is_an_error_with_a_hint() {
    for (status, body, text, hint) in [
        (
            "401 Unauthorized",
            r#"{"detail": "Authentication credentials were not provided."}"#,
            "HTTP 401",
            "API key is correct",
        ),
        (
            "400 Bad Request",
            r#"{"error": {"code": "INVALID_REQUEST",
                "message": "webhook_url, Enter a valid URL."}}"#,
            "webhook_url, Enter a valid URL.",
            "field named in the message",
        ),
        (
            "200 OK",
            "<html>",
            "invalid response",
            "run the same command",
        ),
        (
            "200 OK",
            r#"{"message": "failed"}"#,
            "invalid response",
            "run the same command",
        ),
        (
            "502 Bad Gateway",
            "",
            "server error",
            "run the same command",
        ),
    ] {
        let server = server(status, body);
        let output = register(&server.url("/bank-connect"), &["https://example.com/"]);
        let code = if status.starts_with("502") { 75 } else { 2 };
        assert_eq!(output.code, Some(code), "{}", output.all());
        assert!(output.stdout.is_empty(), "{}", output.stdout);
        for text in [text, hint, "could not register the webhook"] {
            assert!(output.stderr.contains(text), "{text}: {}", output.stderr);
        }
    }
}

fn start_sandbox() -> Sandbox {
    let options = SandboxOptions {
        api_key: KEY.to_owned(),
        server_hash: HASH.to_owned(),
        ..SandboxOptions::default()
    };
    Sandbox::start(options).unwrap()
}

/// Sends a raw HTTP request to a sandbox and returns the response.
fn send(sandbox: &Sandbox, request: &str) -> String {
    let host = sandbox.page_url().replace("http://", "");
    let host = host.trim_end_matches('/');
    let mut stream = TcpStream::connect(host).unwrap();
    let request = request.replace("HOST", host);
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

fn overview(sandbox: &Sandbox) -> String {
    send(
        sandbox,
        "GET / HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n",
    )
}

#[test]
fn the_sandbox_shows_the_webhook_on_its_page() {
    let sandbox = start_sandbox();
    assert!(overview(&sandbox).contains("None is registered"));
    let output = register(&sandbox.base_url(), &["https://example.com/?a=1&b=<b>"]);
    assert_eq!(output.code, Some(0), "{}", output.all());
    let page = overview(&sandbox);
    assert!(
        page.contains("<code>https://example.com/?a=1&amp;b=%3Cb%3E</code>, mode 1"),
        "{page}"
    );
    let output = register(&sandbox.base_url(), &["https://other.example.com/"]);
    assert_eq!(output.code, Some(0), "{}", output.all());
    let page = overview(&sandbox);
    assert!(
        page.contains("other.example.com") && !page.contains("?a=1"),
        "{page}"
    );
}

#[test]
fn the_sandbox_validates_credentials_and_fields() {
    let sandbox = start_sandbox();
    let post = |credentials: &str, media_type: &str, body: &str| {
        let path = "/bank-connect/v1/session_data/update_webhook/";
        let length = body.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: HOST\r\n{credentials}Content-Type: {media_type}\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n"
        );
        send(&sandbox, &(head + body))
    };
    let both = format!("x-api-key: {KEY}\r\nserver-hash: {HASH}\r\n");
    let json = "application/json";
    let valid = r#"{"webhook_url": "https://a.com/"}"#;
    for credentials in ["", &format!("x-api-key: {KEY}\r\n")] {
        let response = post(credentials, json, valid);
        assert!(response.starts_with("HTTP/1.1 401"), "{response}");
        assert!(response.contains("credentials were not provided."));
    }
    assert!(post(&both, "text/plain", valid).starts_with("HTTP/1.1 415"));
    let long = format!(r#"{{"webhook_url": "https://a.com/{}"}}"#, "x".repeat(200));
    for (body, text) in [
        ("{", "Something went wrong"),
        ("{}", "This field is required."),
        (r#"{"webhook_url": 7}"#, "Not a valid string."),
        (r#"{"webhook_url": "a.com"}"#, "Enter a valid URL."),
        (&long, "no more than 200 characters."),
        (
            r#"{"webhook_url": "https://a.com/", "webhook_mode": 9}"#,
            "is not a valid choice.",
        ),
    ] {
        let response = post(&both, json, body);
        assert!(response.starts_with("HTTP/1.1 400"), "{response}");
        assert!(response.contains(text), "{text}: {response}");
    }
    assert!(overview(&sandbox).contains("None is registered"));
    // As documented: without a mode, the service calls the webhook for net banking only.
    assert!(post(&both, json, valid).starts_with("HTTP/1.1 200"));
    assert!(overview(&sandbox).contains("mode 0"));
}
