//! The client against failing servers: classification of failures, redirects and secrecy.

use crate::harness::HANG_GUARD;
use crate::raw_server::{Action, RawServer, response};
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
/// A body size that exceeds the buffers of a local connection.
const LARGE: usize = 24 << 20;

/// Returns short deadlines for servers that stall, because the test waits for one to pass.
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

/// Uploads `size` bytes to a server that performs `action`.
fn upload_to(action: Action, size: usize) -> Result<AcceptedUpload, ApiError> {
    let deadlines = match action {
        Action::ReadNothing | Action::NoResponse | Action::RespondSlowly => short_deadlines(),
        _ => Deadlines::default(),
    };
    let server = RawServer::start(action);
    let client = client(&server.base_url(), deadlines);
    let upload = upload("s-1", "a.pdf", vec![b'x'; size]);
    let result = wait(client.upload(&upload, &BodyProgress::default()));
    assert_eq!(server.connections(), 1, "the request was sent once");
    result.map(|(_, accepted)| accepted)
}

#[track_caller]
fn not_sent(result: &Result<AcceptedUpload, ApiError>, expected: NotSent) {
    let Err(ApiError::NotSent { reason, .. }) = result else {
        panic!("{result:?}");
    };
    assert_eq!(*reason, expected);
}

#[track_caller]
fn indeterminate(result: &Result<AcceptedUpload, ApiError>, expected: Indeterminate) {
    let Err(error @ ApiError::Indeterminate { reason, .. }) = result else {
        panic!("{result:?}");
    };
    assert_eq!(*reason, expected);
    assert!(!error.to_string().chars().any(char::is_control));
}

#[test]
fn an_incomplete_body_is_not_sent() {
    not_sent(&upload_to(Action::ResetBeforeBody, LARGE), NotSent::BodyCut);
    not_sent(&upload_to(Action::ResetDuringBody, LARGE), NotSent::BodyCut);
    not_sent(&upload_to(Action::ReadNothing, LARGE), NotSent::BodyCut);
}

#[test]
fn a_complete_body_without_a_valid_response_is_indeterminate() {
    indeterminate(
        &upload_to(Action::ResetAfterBody, 5000),
        Indeterminate::ConnectionLost,
    );
    indeterminate(
        &upload_to(Action::NoResponse, 5000),
        Indeterminate::TimedOut,
    );
    indeterminate(
        &upload_to(Action::RespondSlowly, 5000),
        Indeterminate::Truncated,
    );
    indeterminate(
        &upload_to(Action::RespondEndlessly, 5000),
        Indeterminate::TooLong,
    );
    let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"statement_id\": \"s\"".to_vec();
    indeterminate(
        &upload_to(Action::Respond(cut), 5000),
        Indeterminate::Truncated,
    );
    indeterminate(
        &upload_to(Action::Respond(b"SSH-2.0-x\r\n".to_vec()), 5000),
        Indeterminate::ConnectionLost,
    );
    let html = "<h1>Bad\x1b[31m Gateway</h1>";
    indeterminate(
        &upload_to(response("502 Bad Gateway", "", html), 5000),
        Indeterminate::ServerError,
    );
    indeterminate(
        &upload_to(response("503 Busy", "", ""), 5000),
        Indeterminate::ServerError,
    );
    indeterminate(
        &upload_to(response("500 Oops", "Retry-After: 1\r\n", ""), 5000),
        Indeterminate::ServerError,
    );
    indeterminate(
        &upload_to(response("200 OK", "", html), 5000),
        Indeterminate::InvalidBody,
    );
    let bomb = "[".repeat(100_000);
    indeterminate(
        &upload_to(response("200 OK", "", &bomb), 5000),
        Indeterminate::InvalidBody,
    );
}

#[test]
fn busy_responses_have_the_time_to_wait() {
    let wait = |status: &str, headers: &str| match upload_to(response(status, headers, "later"), 9)
    {
        Err(ApiError::Busy { retry_after, .. }) => retry_after.map(|wait| wait.as_secs()),
        other => panic!("{other:?}"),
    };
    assert_eq!(wait("429 Slow Down", ""), None);
    assert_eq!(wait("429 Slow Down", "Retry-After: 7\r\n"), Some(7));
    let dates = "Date: Sun, 06 Nov 1994 08:49:30 GMT\r\n\
                 Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
    assert_eq!(wait("503 Busy", dates), Some(7));
    // The head is sufficient, although the body is truncated.
    let cut = b"HTTP/1.1 429 X\r\nRetry-After: 3\r\nContent-Length: 90\r\n\r\n{".to_vec();
    let Err(ApiError::Busy { .. }) = upload_to(Action::Respond(cut), 9) else {
        panic!("a truncated 429 is a 429");
    };
}

#[test]
fn failures_to_connect_are_not_sent() {
    let upload = upload("s-1", "a.pdf", vec![0; 99]);
    let upload_with_base = |base: &str| {
        let client = client(base, Deadlines::default());
        let uploaded = wait(client.upload(&upload, &BodyProgress::default()));
        uploaded.map(|(_, accepted)| accepted)
    };
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    not_sent(
        &upload_with_base(&format!("http://{closed}")),
        NotSent::Connect,
    );
    // Responds to a TLS handshake in plain text, like a server on the wrong port.
    let plain = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = plain.local_addr().unwrap();
    let received = std::thread::spawn(move || {
        let (mut stream, _) = plain.accept().unwrap();
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .unwrap();
        let mut received = Vec::new();
        // The client may reset the connection.
        drop(stream.read_to_end(&mut received));
        received
    });
    not_sent(
        &upload_with_base(&format!("https://{address}")),
        NotSent::Tls,
    );
    let received = received.join().unwrap();
    assert!(!String::from_utf8_lossy(&received).contains("canary"));
}

#[test]
fn redirects_are_never_followed() {
    for status in ["301 M", "302 F", "303 S", "307 T", "308 P"] {
        let target = RawServer::start(response("200 OK", "", r#"{"statement_id": "s"}"#));
        let location = format!("Location: {}/v1/\x0b\r\n", target.base_url()).replace('\x0b', "");
        let error = upload_to(response(status, &location, ""), 99).unwrap_err();
        assert!(matches!(error, ApiError::Redirected { .. }), "{error:?}");
        assert!(
            error.to_string().contains(&target.address.to_string()),
            "{error}"
        );
        assert_eq!(target.connections(), 0);
    }
}

#[test]
fn a_call_without_a_response_times_out() {
    let server = RawServer::start(Action::NoResponse);
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
fn progress_counts_all_bytes() {
    let body = r#"{"statement_id": "s-9", "status": 1}"#;
    for base64 in [false, true] {
        let server = RawServer::start(response("200 OK", "", body));
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
        assert!(!progress.is_complete(), "nothing is sent yet");
        let client = client(&server.base_url(), Deadlines::default());
        let (_, uploaded) = wait(client.upload(&upload, &progress)).unwrap();
        assert_eq!(uploaded.statement_id.as_str(), "s-9");
        assert!(progress.is_complete());
        assert_eq!(last.load(Ordering::SeqCst), progress.total());
        assert!(progress.total() > if base64 { 400_000 } else { 300_000 });
    }
}

#[test]
fn progress_of_a_dropped_call_states_whether_the_body_was_complete() {
    let is_complete_after_drop = |action, size| {
        let server = RawServer::start(action);
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
    assert!(is_complete_after_drop(Action::NoResponse, 99));
    assert!(!is_complete_after_drop(Action::ReadNothing, LARGE));
}

#[test]
fn rejections_have_a_code_and_a_sanitized_message() {
    let body = r#"{"session_id":"","statement_id":"","error":
        {"code":"PASSWORD_INCORRECT","message":"another\u001b text"}}"#;
    let result = upload_to(response("400 Bad Request", "", body), 99);
    let Err(ApiError::Rejected(response)) = result else {
        panic!("{result:?}");
    };
    assert_eq!(response.code, Some(ErrorCode::PasswordIncorrect));
    assert_eq!(response.message.as_str(), "another^[ text");
}

#[test]
fn invalid_requests_are_not_sent() {
    let server = RawServer::start(response("200 OK", "", r#"{"session_id": "s"}"#));
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
fn secrets_are_sent_but_never_printed() {
    let server = RawServer::start(response("418 Teapot", "", KEY.split_once('-').unwrap().0));
    let client = client(&server.base_url(), Deadlines::default());
    let upload = upload("s-1", "a.pdf", vec![0; 99]);
    let request = SessionRequest {
        link_id: "c".to_owned(),
        ..SessionRequest::default()
    };
    let printed = wait(async {
        let progress = BodyProgress::default();
        let uploaded = client.upload(&upload, &progress).await;
        let created = client.create_session(&request).await.unwrap_err();
        let call_error = client.progress("s-1").await.unwrap_err();
        format!(
            "{client:?} {upload:?} {uploaded:?} {created:?} {created} {call_error:?} {progress:?}"
        )
    });
    for secret in [KEY, HASH, PASSWORD] {
        assert!(!printed.contains(secret), "{printed}");
        assert!(
            server
                .requests()
                .iter()
                .any(|request| request.contains(secret))
        );
    }
    for request in server.requests() {
        let line = request.lines().next().unwrap();
        assert!(!line.contains("canary"), "no secret in a URL: {line}");
    }
}
