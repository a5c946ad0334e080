//! The answers of `bankscreen sandbox` to statements, and what it refuses to answer.

use crate::bankconnect::wait;
use crate::harness::{RunOutput, TestDir, project};
use bankscreen::bankconnect::wire::{AcceptedUpload, ApiError, ErrorCode, SessionRequest};
use bankscreen::bankconnect::{
    BaseUrl, BodyProgress, Client, Credentials, Deadlines, ResponseExtras, Secret, UploadPayload,
    UploadRequest,
};
use bankscreen::sandbox::{EvaluatedPeriod, Evaluation, Sandbox, SandboxOptions};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::sync::Arc;

/// `bankscreen sandbox`, killed on drop.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// Starts the program and returns its base URL.
fn start_program(folder: &TestDir) -> (Program, String) {
    let mut command = folder.command(["sandbox"]);
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    output.read_line(&mut line).unwrap();
    let (_, base) = line.trim().split_once("BANKSCREEN_BASE_URL=").unwrap();
    (Program(child), base.to_owned())
}

fn client(base: &str) -> Client {
    let credentials = Credentials {
        api_key: Secret::new("sandbox-key").unwrap(),
        server_hash: Some(Secret::new("sandbox-hash").unwrap()),
    };
    Client::new(
        BaseUrl::parse(base).unwrap(),
        credentials,
        Deadlines::default(),
    )
    .unwrap()
}

/// Creates a session; without a period, that of the last six months.
fn session(client: &Client, period: Option<(&str, &str)>) -> String {
    let mut request = SessionRequest {
        link_id: "customer-1".to_owned(),
        ..SessionRequest::default()
    };
    request.period.from_date = period.map(|(from, _)| from.to_owned());
    request.period.to_date = period.map(|(_, to)| to.to_owned());
    let created = wait(client.create_session(&request)).unwrap();
    created.session_id.as_str().to_owned()
}

fn send(client: &Client, session_id: &str, bytes: Vec<u8>) -> Result<AcceptedUpload, ApiError> {
    let upload = UploadRequest {
        session_id: session_id.to_owned(),
        payload: UploadPayload::Pdf {
            name: "a.pdf".to_owned(),
            bytes: bytes.into(),
        },
        bank: None,
        account_category: None,
        password: None,
        extras: ResponseExtras::default(),
    };
    wait(client.upload(&upload, &BodyProgress::default())).map(|(_, accepted)| accepted)
}

fn testdata(name: &str) -> Vec<u8> {
    std::fs::read(project().join("testdata").join(name)).unwrap()
}

#[track_caller]
fn rejection_code(result: Result<AcceptedUpload, ApiError>) -> ErrorCode {
    match result {
        Err(ApiError::Rejected(rejection)) => rejection.code.unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_statement_is_judged_as_screening_judges_it() {
    let (_program, base) = start_program(&TestDir::new());
    let client = client(&base);
    let id = session(&client, Some(("01/03/2024", "30/09/2024")));
    let accepted = |name: &str| send(&client, &id, testdata(name)).unwrap();

    let hdfc = accepted("banks/hdfc.pdf");
    let day = |text: &str| Some(text.parse().unwrap());
    assert_eq!(
        (hdfc.answer.from, hdfc.answer.to),
        (day("2024-04-01"), day("2024-06-30"))
    );
    assert_eq!(hdfc.answer.account.as_deref().unwrap(), "XXXXXXXXXX3645");
    assert_eq!(hdfc.answer.fraud_type, None);
    let months: Vec<_> = hdfc.months.iter().map(ToString::to_string).collect();
    assert_eq!(months, ["2024-04", "2024-05", "2024-06"]);
    assert_eq!(hdfc.missing_months.len(), 4, "{:?}", hdfc.missing_months);

    // An original and an edited copy of the same account, then a statement without a number.
    let original = accepted("banks/federal.pdf");
    let edited = accepted("structure/revised.pdf");
    assert_eq!(original.answer.fraud_type, None);
    assert_eq!(edited.answer.fraud_type.as_deref().unwrap(), "author_fraud");
    assert_eq!(edited.answer.account, original.answer.account);
    assert_eq!(edited.answer.account_id, original.answer.account_id);
    assert_ne!(hdfc.answer.account_id, original.answer.account_id);
    let unnumbered = accepted("hostile/widths_first_huge.pdf");
    assert_eq!(unnumbered.answer.account, None);
    assert_ne!(unnumbered.answer.account_id, original.answer.account_id);

    let repeated = send(&client, &id, testdata("banks/hdfc.pdf"));
    assert_eq!(rejection_code(repeated), ErrorCode::StatementDuplicate);
    let scan = send(&client, &id, testdata("pages/scan_jpeg.pdf"));
    assert_eq!(rejection_code(scan), ErrorCode::PdfIsImage);
    let status = wait(client.upload_status(&id)).unwrap();
    assert_eq!(status.accounts.len(), 3, "one per account");
}

#[test]
fn a_statement_outside_the_period_of_the_session_is_rejected() {
    let (_program, base) = start_program(&TestDir::new());
    let client = client(&base);
    for period in [None, Some(("01/07/2024", "31/12/2024"))] {
        let id = session(&client, period);
        let result = send(&client, &id, testdata("banks/hdfc.pdf"));
        assert_eq!(
            rejection_code(result),
            ErrorCode::OutOfDateRange,
            "{period:?}"
        );
    }
}

#[test]
fn the_embedded_sandbox_requires_its_period_of_files() {
    let folder = TestDir::new();
    folder.copy("banks/hdfc.pdf", "a.pdf");
    let run = |period: &[&str]| -> RunOutput {
        let args = [
            &["--sandbox", "upload", "--format", "ndjson"],
            period,
            &["a.pdf"],
        ];
        folder.run(args.concat())
    };
    let default = run(&[]);
    assert_eq!(default.code, Some(1), "{}", default.all());
    let record = &default.records()[0];
    assert_eq!(record["findings"][0]["code"], "OUT_OF_DATE_RANGE");
    assert_eq!(record["upload"]["outcome"], "skipped");
    assert!(
        default
            .stderr
            .contains("set other days with --from and --to"),
        "{}",
        default.stderr
    );
    let matching = run(&["--from", "2024-04-01", "--to", "2024-06-30"]);
    assert_eq!(matching.code, Some(0), "{}", matching.all());
    assert_eq!(matching.records()[0]["upload"]["outcome"], "accepted");
    assert!(!matching.stderr.contains("--from"), "{}", matching.stderr);
}

#[test]
fn an_unknown_period_and_account_stay_unknown() {
    let unknown = Evaluation {
        bank: Some("hdfc".to_owned()),
        pages: 1,
        ..Evaluation::default()
    };
    assert_eq!(unknown.period, EvaluatedPeriod::Unknown);
    let sandbox = Sandbox::start(SandboxOptions {
        evaluator: Arc::new(move |_, _| unknown.clone()),
        processing: std::time::Duration::ZERO,
        ..SandboxOptions::default()
    })
    .unwrap();
    let client = client(&sandbox.base_url());
    let id = session(&client, Some(("01/04/2024", "30/06/2024")));
    let first = send(&client, &id, b"%PDF-1".to_vec()).unwrap();
    let answer = &first.answer;
    assert_eq!(
        (answer.from, answer.to, answer.account.clone()),
        (None, None, None)
    );
    assert_eq!((first.months.len(), first.missing_months.len()), (0, 3));
    let second = send(&client, &id, b"%PDF-2".to_vec()).unwrap();
    assert_ne!(
        first.answer.account_id, second.answer.account_id,
        "nothing connects them"
    );
    let status = wait(client.upload_status(&id)).unwrap();
    assert_eq!(status.accounts.len(), 2);
    assert_eq!(status.accounts[0].number, None);
    assert_eq!(status.accounts[0].statements[0].period, (None, None));
    wait(client.initiate_processing(&id)).unwrap();
    assert_eq!(wait(client.session_report(&id)).unwrap().accounts.len(), 2);
}

const SESSION: &str = "/bank-connect/v1/session/";
const UPLOAD: &str = "/bank-connect/v1/statement/upload_session/";

/// The pages and endpoints, and a path that does not exist.
const ENDPOINTS: [(&str, &str); 13] = [
    ("GET", "/"),
    ("GET", "/journey?session_id=x"),
    ("POST", SESSION),
    ("POST", UPLOAD),
    (
        "GET",
        "/bank-connect/v1/session_data/x/session_upload_status/",
    ),
    (
        "POST",
        "/bank-connect/v1/session_data/x/initiate_processing/",
    ),
    ("GET", "/bank-connect/v1/session_data/x/progress/"),
    ("GET", "/bank-connect/v1/session_data/x/session_status/"),
    ("GET", "/bank-connect/v1/session_data/x/insights/"),
    ("POST", "/bank-connect/v1/session_data/update_webhook/"),
    ("GET", "/bank-connect/v1/banks/catalogue/"),
    ("GET", "/report/x"),
    ("POST", "/nothing/here"),
];

/// A sandbox that is called without an HTTP library.
struct RawCalls {
    /// Keeps the server running.
    sandbox: Sandbox,
    host: String,
}

impl RawCalls {
    fn start() -> Self {
        let sandbox = Sandbox::start(SandboxOptions::default()).unwrap();
        let url = sandbox.page_url();
        let host = url.strip_prefix("http://").unwrap().trim_end_matches('/');
        Self {
            host: host.to_owned(),
            sandbox,
        }
    }

    /// Sends a head with these lines and then a body, and returns the status of the answer.
    fn status(&self, (method, path): (&str, &str), lines: &[&str], body: &[u8]) -> u16 {
        let head = format!(
            "{method} {path} HTTP/1.1\r\n{}\r\nConnection: close\r\n\r\n",
            lines.join("\r\n")
        );
        let mut stream = TcpStream::connect(&self.host).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        // A server that refuses a body may close the connection while it is sent.
        drop(stream.write_all(body));
        let mut answer = Vec::new();
        match stream.read_to_end(&mut answer) {
            Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("{error}"),
            _ => {}
        }
        let answer = String::from_utf8_lossy(&answer);
        let status = answer.strip_prefix("HTTP/1.1 ").unwrap_or_default();
        status.get(..3).map_or(0, |status| status.parse().unwrap())
    }

    fn host_line(&self) -> String {
        format!("Host: {}", self.host)
    }
}

#[test]
fn every_page_and_endpoint_refuses_foreign_hosts_and_origins() {
    let server = RawCalls::start();
    let own = server.host_line();
    let own = own.as_str();
    let port = server.host.split_once(':').unwrap().1;
    let by_name = &*format!("Host: localhost:{port}");
    let foreign = &*format!("Host: attacker.example:{port}");
    let own_origin = &*format!("Origin: http://{}", server.host);
    let other_port = port.parse::<u16>().unwrap() ^ 1;
    let other_port = &*format!("Origin: http://127.0.0.1:{other_port}");
    for endpoint in ENDPOINTS {
        let status = |lines: &[&str]| {
            let key = "x-api-key: sandbox-key";
            let lines = [
                lines,
                &[key, "server-hash: sandbox-hash", "Content-Length: 0"],
            ];
            server.status(endpoint, &lines.concat(), b"")
        };
        let expected = status(&[own]);
        assert!(![0, 421].contains(&expected), "{endpoint:?}");
        assert_eq!(status(&[by_name]), expected, "{endpoint:?}");
        assert_eq!(status(&[own, own_origin]), expected, "{endpoint:?}");
        for host in [&[foreign][..], &[], &["Host:"], &[own, foreign]] {
            let refused = status(host);
            // Some requests do not get past the parser of HTTP.
            assert!(
                [400, 421].contains(&refused),
                "{endpoint:?} {host:?}: {refused}"
            );
        }
        assert_eq!(status(&[foreign]), 421, "{endpoint:?}");
        assert_eq!(status(&[]), 421, "{endpoint:?}");
        for origin in [
            "Origin: https://attacker.example",
            "Origin: null",
            other_port,
        ] {
            assert_eq!(status(&[own, origin]), 403, "{endpoint:?} {origin}");
        }
    }
    assert_eq!(server.sandbox.received(), []);
}

/// A chunk of a chunked body, of `size` bytes.
fn chunk(size: usize) -> Vec<u8> {
    let mut chunk = format!("{size:x}\r\n").into_bytes();
    chunk.resize(chunk.len() + size, b' ');
    chunk.extend_from_slice(b"\r\n");
    chunk
}

#[test]
fn request_bodies_are_bounded_before_they_are_read() {
    let server = RawCalls::start();
    let host = server.host_line();
    let post = |path: &'static str, lines: &[&str], body: &[u8]| {
        server.status(("POST", path), &[&[host.as_str()], lines].concat(), body)
    };
    let json = "Content-Type: application/json";
    let key = "x-api-key: sandbox-key";
    // Only announced: an answer means that the body is not waited for.
    let huge = "Content-Length: 100663296";
    let other = "/bank-connect/v1/session_data/x/initiate_processing/";
    assert_eq!(post(SESSION, &[json, huge], b""), 413);
    assert_eq!(
        post(other, &[key, "server-hash: sandbox-hash", huge], b""),
        413
    );
    assert_eq!(post("/nothing/here", &[huge], b""), 413);
    assert_eq!(server.status(("GET", "/"), &[&host, huge], b""), 413);
    // Without an announced size.
    let chunked = "Transfer-Encoding: chunked";
    assert_eq!(post(SESSION, &[json, chunked], &chunk((64 << 10) + 1)), 413);
    assert_eq!(post(other, &[chunked], &chunk((4 << 10) + 1)), 413);

    let request = br#"{"api_key": "sandbox-key", "link_id": "customer-1"}"#;
    let padded = [&request[..], &vec![b' '; (64 << 10) - request.len()]].concat();
    let length = format!("Content-Length: {}", padded.len());
    assert_eq!(post(SESSION, &[json, &length], &padded), 200);
}

#[test]
fn the_key_is_checked_before_the_body_of_an_upload_is_read() {
    let server = RawCalls::start();
    let host = server.host_line();
    let post = |lines: &[&str]| {
        let form = "Content-Type: multipart/form-data; boundary=b";
        server.status(
            ("POST", UPLOAD),
            &[&[host.as_str(), form], lines].concat(),
            b"",
        )
    };
    let (size, too_large) = ("Content-Length: 268435456", "Content-Length: 268435457");
    assert_eq!(post(&[size]), 403);
    assert_eq!(post(&["x-api-key: wrong", size]), 403);
    assert_eq!(post(&["x-api-key: wrong", too_large]), 403);
    assert_eq!(post(&["x-api-key: sandbox-key", too_large]), 413);
}
