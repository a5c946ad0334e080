//! The client against servers that fail: what it makes of each failure, and what it never does.

use crate::harness::HANG_GUARD;
use crate::raw_server::{Act, RawServer, answer};
use bankscreen::bankconnect::wire::{
    AcceptedUpload, ApiError, ErrorCode, Indeterminate, NotSent, SessionRequest,
};
use bankscreen::bankconnect::{
    BaseUrl, BodyProgress, Client, Credentials, Deadlines, ResponseExtras, Secret, UploadPayload,
    UploadRequest, runtime,
};
use bankscreen::pdf::Password;
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const KEY: &str = "canary-key-5f1c";
const HASH: &str = "canary-hash-77ab";
const PASSWORD: &str = "canary-password-91";
/// More than the buffers of a connection on this machine take.
const LARGE: usize = 24 << 20;

/// Deadlines for servers that stall: short, because the test waits for one to pass.
fn short_deadlines() -> Deadlines {
    Deadlines {
        // Calls without a body wait this much longer for their response.
        connect: Duration::from_secs(5),
        send_idle: Duration::from_millis(400),
        response: Duration::from_millis(400),
        read: Duration::from_millis(400),
        total: HANG_GUARD,
    }
}

pub(crate) fn client(base: &str, deadlines: Deadlines) -> Client {
    let credentials = Credentials {
        api_key: Secret::new(KEY).unwrap(),
        server_hash: Some(Secret::new(HASH).unwrap()),
    };
    Client::new(BaseUrl::parse(base).unwrap(), credentials, deadlines).unwrap()
}

pub(crate) fn upload(session_id: &str, name: &str, bytes: Vec<u8>) -> UploadRequest {
    UploadRequest {
        session_id: session_id.to_owned(),
        payload: UploadPayload::Pdf {
            name: name.to_owned(),
            bytes: bytes.into(),
        },
        bank: Some("hdfc".to_owned()),
        account_category: None,
        password: Some(Password::new(PASSWORD)),
        extras: ResponseExtras::default(),
    }
}

pub(crate) fn wait<T>(calls: impl Future<Output = T>) -> T {
    runtime().unwrap().block_on(calls)
}

/// Uploads `size` bytes to a server that does `act`.
fn outcome(act: Act, size: usize) -> Result<AcceptedUpload, ApiError> {
    let deadlines = match act {
        Act::Stall | Act::Silence | Act::Drip => short_deadlines(),
        _ => Deadlines::default(),
    };
    let server = RawServer::start(act);
    let client = client(&server.base_url(), deadlines);
    let upload = upload("s-1", "a.pdf", vec![b'x'; size]);
    let outcome = wait(client.upload(&upload, &BodyProgress::default()));
    assert_eq!(server.connections(), 1, "nothing is sent twice");
    outcome
}

#[track_caller]
fn not_sent(result: &Result<AcceptedUpload, ApiError>, expected: NotSent) {
    let Err(ApiError::NotSent { reason, .. }) = result else {
        panic!("{result:?}");
    };
    assert_eq!(*reason, expected);
}

#[track_caller]
fn unknown(result: &Result<AcceptedUpload, ApiError>, expected: Indeterminate) {
    let Err(error @ ApiError::Indeterminate { reason, .. }) = result else {
        panic!("{result:?}");
    };
    assert_eq!(*reason, expected);
    assert!(!error.to_string().chars().any(char::is_control));
}

#[test]
fn a_body_that_did_not_go_out_whole_was_not_taken() {
    not_sent(&outcome(Act::BreakBeforeBody, LARGE), NotSent::BodyCut);
    not_sent(&outcome(Act::BreakDuringBody, LARGE), NotSent::BodyCut);
    not_sent(&outcome(Act::Stall, LARGE), NotSent::BodyCut);
}

#[test]
fn a_whole_body_without_a_readable_answer_is_unknown() {
    unknown(
        &outcome(Act::BreakAfterBody, 5000),
        Indeterminate::ConnectionLost,
    );
    unknown(&outcome(Act::Silence, 5000), Indeterminate::TimedOut);
    unknown(&outcome(Act::Drip, 5000), Indeterminate::Truncated);
    unknown(&outcome(Act::Flood, 5000), Indeterminate::TooLong);
    let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"statement_id\": \"s\"".to_vec();
    unknown(&outcome(Act::Say(cut), 5000), Indeterminate::Truncated);
    unknown(
        &outcome(Act::Say(b"SSH-2.0-x\r\n".to_vec()), 5000),
        Indeterminate::ConnectionLost,
    );
    let html = "<h1>Bad\x1b[31m Gateway</h1>";
    unknown(
        &outcome(answer("502 Bad Gateway", "", html), 5000),
        Indeterminate::ServerError,
    );
    unknown(
        &outcome(answer("503 Busy", "", ""), 5000),
        Indeterminate::ServerError,
    );
    unknown(
        &outcome(answer("500 Oops", "Retry-After: 1\r\n", ""), 5000),
        Indeterminate::ServerError,
    );
    unknown(
        &outcome(answer("200 OK", "", html), 5000),
        Indeterminate::InvalidBody,
    );
    let bomb = "[".repeat(100_000);
    unknown(
        &outcome(answer("200 OK", "", &bomb), 5000),
        Indeterminate::InvalidBody,
    );
}

#[test]
fn a_service_that_asks_to_wait_has_not_taken_it() {
    let wait = |status: &str, headers: &str| match outcome(answer(status, headers, "later"), 9) {
        Err(ApiError::Busy { retry_after, .. }) => retry_after.map(|wait| wait.as_secs()),
        other => panic!("{other:?}"),
    };
    assert_eq!(wait("429 Slow Down", ""), None);
    assert_eq!(wait("429 Slow Down", "Retry-After: 7\r\n"), Some(7));
    let dates = "Date: Sun, 06 Nov 1994 08:49:30 GMT\r\n\
                 Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
    assert_eq!(wait("503 Busy", dates), Some(7));
    // The head says it all, though the body breaks off.
    let cut = b"HTTP/1.1 429 X\r\nRetry-After: 3\r\nContent-Length: 90\r\n\r\n{".to_vec();
    let Err(ApiError::Busy { .. }) = outcome(Act::Say(cut), 9) else {
        panic!("a cut 429 is a 429");
    };
}

#[test]
fn no_host_no_listener_and_no_tls_mean_not_sent() {
    let upload = upload("s-1", "a.pdf", vec![0; 99]);
    let outcome = |base: &str| {
        let client = client(base, Deadlines::default());
        wait(client.upload(&upload, &BodyProgress::default()))
    };
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    not_sent(&outcome(&format!("http://{closed}")), NotSent::Connect);
    // Answers a greeting in TLS with plain text, as a server on the wrong port does.
    let plain = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = plain.local_addr().unwrap();
    let heard = std::thread::spawn(move || {
        let (mut stream, _) = plain.accept().unwrap();
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .unwrap();
        let mut heard = Vec::new();
        // The client may reset the connection.
        drop(stream.read_to_end(&mut heard));
        heard
    });
    not_sent(&outcome(&format!("https://{address}")), NotSent::Tls);
    let heard = heard.join().unwrap();
    assert!(!String::from_utf8_lossy(&heard).contains("canary"));
}

#[test]
fn a_redirect_is_never_followed() {
    for status in ["301 M", "302 F", "303 S", "307 T", "308 P"] {
        let elsewhere = RawServer::start(answer("200 OK", "", r#"{"statement_id": "s"}"#));
        let location =
            format!("Location: {}/v1/\x0b\r\n", elsewhere.base_url()).replace('\x0b', "");
        let error = outcome(answer(status, &location, ""), 99).unwrap_err();
        assert!(matches!(error, ApiError::Redirected { .. }), "{error:?}");
        assert!(
            error.to_string().contains(&elsewhere.address.to_string()),
            "{error}"
        );
        assert_eq!(elsewhere.connections(), 0);
    }
}

#[test]
fn a_deadline_counts_from_the_last_byte_that_moved() {
    let server = RawServer::start(Act::Silence);
    let client = client(&server.base_url(), short_deadlines());
    let error = wait(client.bank_list()).unwrap_err();
    let ApiError::Indeterminate {
        reason: Indeterminate::TimedOut,
        ..
    } = error
    else {
        panic!("{error:?}");
    };
}

#[test]
fn bytes_are_counted_up_to_the_last() {
    let body = r#"{"statement_id": "s-9", "status": 1}"#;
    for base64 in [false, true] {
        let server = RawServer::start(answer("200 OK", "", body));
        let mut upload = upload("s-1", "a.pdf", vec![b'x'; 300_000]);
        if base64 {
            upload.payload = UploadPayload::Base64 {
                bytes: vec![b'x'; 300_000].into(),
            };
        }
        let last = Arc::new(AtomicU64::new(0));
        let seen = Arc::clone(&last);
        let progress = BodyProgress::with_observer(move |sent, total| {
            assert!(sent > seen.swap(sent, Ordering::SeqCst) && sent <= total);
        });
        assert!(!progress.is_complete(), "nothing was sent yet");
        let client = client(&server.base_url(), Deadlines::default());
        let uploaded = wait(client.upload(&upload, &progress)).unwrap();
        assert_eq!(uploaded.statement_id.as_str(), "s-9");
        assert!(progress.is_complete());
        assert_eq!(last.load(Ordering::SeqCst), progress.total());
        assert!(progress.total() > if base64 { 400_000 } else { 300_000 });
    }
}

#[test]
fn a_call_that_is_dropped_tells_whether_it_may_have_been_taken() {
    let dropped = |act, size| {
        let server = RawServer::start(act);
        let client = client(&server.base_url(), Deadlines::default());
        let progress = BodyProgress::default();
        let upload = upload("s-1", "a.pdf", vec![0; size]);
        wait(async {
            let call = client.upload(&upload, &progress);
            tokio::time::timeout(Duration::from_millis(300), call)
                .await
                .unwrap_err()
        });
        progress.is_complete()
    };
    assert!(dropped(Act::Silence, 99));
    assert!(!dropped(Act::Stall, LARGE));
}

#[test]
fn refusals_are_told_by_code() {
    let body = r#"{"session_id":"","statement_id":"","error":
        {"code":"PASSWORD_INCORRECT","message":"another\u001b text"}}"#;
    let result = outcome(answer("400 Bad Request", "", body), 99);
    let Err(ApiError::Rejected(response)) = result else {
        panic!("{result:?}");
    };
    assert_eq!(response.code, Some(ErrorCode::PasswordIncorrect));
    assert_eq!(response.message.as_str(), "another^[ text");
}

#[test]
fn a_request_that_breaks_a_rule_is_not_sent() {
    let server = RawServer::start(answer("200 OK", "", r#"{"session_id": "s"}"#));
    let client = client(&server.base_url(), Deadlines::default());
    let error = wait(client.create_session(&SessionRequest::default())).unwrap_err();
    assert!(matches!(&error, ApiError::Invalid(_)) && error.has_no_effect());
    let error = wait(client.upload_status("../admin")).unwrap_err();
    assert!(matches!(
        error,
        ApiError::NotSent {
            reason: NotSent::InvalidRequest,
            ..
        }
    ));
    assert_eq!(server.connections(), 0);
}

#[test]
fn secrets_are_in_what_is_sent_and_in_nothing_that_is_shown() {
    let server = RawServer::start(answer("418 Teapot", "", KEY.split_once('-').unwrap().0));
    let client = client(&server.base_url(), Deadlines::default());
    let upload = upload("s-1", "a.pdf", vec![0; 99]);
    let request = SessionRequest {
        link_id: "c".to_owned(),
        ..SessionRequest::default()
    };
    let shown = wait(async {
        let progress = BodyProgress::default();
        let uploaded = client.upload(&upload, &progress).await;
        let created = client.create_session(&request).await.unwrap_err();
        let asked = client.progress("s-1").await.unwrap_err();
        format!("{client:?} {upload:?} {uploaded:?} {created:?} {created} {asked:?} {progress:?}")
    });
    for secret in [KEY, HASH, PASSWORD] {
        assert!(!shown.contains(secret), "{shown}");
        assert!(
            server
                .requests()
                .iter()
                .any(|request| request.contains(secret))
        );
    }
    for request in server.requests() {
        let line = request.lines().next().unwrap();
        assert!(!line.contains("canary"), "secrets are in no URL: {line}");
    }
}
