//! The sandbox through the client: checks, codes, coverage, faults.

use crate::bankconnect::wait;
use bankscreen::bankconnect::wire::{
    AcceptedUpload, AccountState, ApiError, ErrorCode, ProcessingState, SessionRequest, UploadState,
};
use bankscreen::bankconnect::{
    BaseUrl, BodyProgress, Client, Credentials, Deadlines, ResponseExtras, Secret, UploadPayload,
    UploadRequest,
};
use bankscreen::sandbox::{FaultPlan, ReceivedOutcome, Sandbox, SandboxOptions, Script};
use std::time::Duration;

fn start(change: impl FnOnce(&mut SandboxOptions)) -> Sandbox {
    let mut settings = SandboxOptions {
        processing: Duration::ZERO,
        ..SandboxOptions::default()
    };
    change(&mut settings);
    Sandbox::start(settings).unwrap()
}

fn client_with(sandbox: &Sandbox, key: &str, hash: &str) -> Client {
    let credentials = Credentials {
        api_key: Secret::new(key).unwrap(),
        server_hash: Some(Secret::new(hash).unwrap()),
    };
    let deadlines = Deadlines {
        send_idle: Duration::from_millis(300),
        response: Duration::from_millis(300),
        read: Duration::from_millis(300),
        ..Deadlines::default()
    };
    let base = BaseUrl::parse(&sandbox.base_url()).unwrap();
    Client::new(base, credentials, deadlines).unwrap()
}

fn client(sandbox: &Sandbox) -> Client {
    client_with(sandbox, "sandbox-key", "sandbox-hash")
}

fn session(client: &Client) -> String {
    let mut request = SessionRequest {
        link_id: "customer-1".to_owned(),
        ..SessionRequest::default()
    };
    request.period.from_date = Some("01/11/2023".to_owned());
    request.period.to_date = Some("30/04/2024".to_owned());
    let created = wait(client.create_session(&request)).unwrap();
    assert!(
        created
            .redirect_url
            .unwrap()
            .as_str()
            .contains("/journey?session_id=")
    );
    created.session_id.as_str().to_owned()
}

fn send(
    client: &Client,
    session_id: &str,
    name: &str,
    bytes: &[u8],
) -> Result<AcceptedUpload, ApiError> {
    let upload = UploadRequest {
        session_id: session_id.to_owned(),
        payload: UploadPayload::Pdf {
            name: name.to_owned(),
            bytes: bytes.to_vec().into(),
        },
        bank: Some("HDFC".to_owned()),
        account_category: None,
        password: None,
        extras: ResponseExtras {
            identity: true,
            progress: true,
        },
    };
    wait(client.upload(&upload, &BodyProgress::default()))
}

#[track_caller]
fn accepted(result: Result<AcceptedUpload, ApiError>) -> AcceptedUpload {
    result.unwrap()
}

#[track_caller]
fn refused(outcome: &Result<AcceptedUpload, ApiError>, code: &ErrorCode, status: u16) {
    let Err(ApiError::Rejected(refusal)) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(
        (refusal.code.as_ref(), refusal.http_status),
        (Some(code), status)
    );
}

#[test]
fn a_statement_is_taken_once_a_session_and_its_months_are_told() {
    let script = br#"{"files": {"a.pdf": {"from": "2023-12-01", "to": "2024-03-05",
        "account": "50100012345678", "pages": 4, "fraud": "author_fraud"}}}"#;
    let sandbox = start(|settings| settings.script = Script::parse(script).unwrap());
    let client = client(&sandbox);
    let id = session(&client);
    let taken = accepted(send(&client, &id, "a.pdf", b"%PDF-1.4 a"));
    let months = |months: &[bankscreen::bankconnect::wire::Month]| -> Vec<String> {
        months.iter().map(ToString::to_string).collect()
    };
    assert_eq!(
        months(&taken.months),
        ["2023-12", "2024-01", "2024-02", "2024-03"]
    );
    assert_eq!(months(&taken.missing_months), ["2023-11", "2024-04"]);
    assert_eq!(taken.account.unwrap().as_str(), "XXXXXXXXXX5678");
    assert_eq!(taken.page_count, Some(4));
    assert_eq!(taken.fraud.unwrap().as_str(), "author_fraud");
    let again = send(&client, &id, "b.pdf", b"%PDF-1.4 a");
    refused(&again, &ErrorCode::StatementDuplicate, 400);
    let other_session = session(&client);
    accepted(send(&client, &other_session, "a.pdf", b"%PDF-1.4 a"));

    let status = wait(client.upload_status(&id)).unwrap();
    assert_eq!(status.state, UploadState::InProgress);
    assert_eq!(status.accounts[0].state, AccountState::Partial);
    assert_eq!(
        months(&status.missing_months(&status.accounts[0])),
        ["2023-11", "2024-04"]
    );
    assert_eq!(status.accounts[0].gaps.len(), 2);
    let hashes: Vec<_> = sandbox.received().into_iter().map(|r| r.sha256).collect();
    assert!(
        hashes.iter().all(|hash| *hash == hashes[0]),
        "the bytes came as they were sent"
    );
}

#[test]
fn checks_come_in_the_documented_order() {
    let script = br#"{"files": {"scan.pdf": {"code": "PDF_IS_IMAGE"}, "axis.pdf": {"bank": "axis"},
        "old.pdf": {"from": "2020-01-01", "to": "2020-02-01"}}}"#;
    let sandbox = start(|settings| settings.script = Script::parse(script).unwrap());
    let client = client(&sandbox);
    let id = session(&client);
    // The key comes before everything, the file before the session, the session before its bank.
    let stranger = client_with(&sandbox, "wrong", "wrong");
    refused(
        &send(&stranger, "no-session", "a.pdf", b""),
        &ErrorCode::InvalidApiKey,
        403,
    );
    refused(
        &send(&client, "no-session", "a.pdf", b""),
        &ErrorCode::EmptyFile,
        400,
    );
    refused(
        &send(&client, "no-session", "a.pdf", b"GIF89a"),
        &ErrorCode::InvalidFileObject,
        400,
    );
    refused(
        &send(&client, "no-session", "scan.pdf", b"%PDF-"),
        &ErrorCode::SessionNotFound,
        404,
    );
    refused(
        &send(&client, &id, "scan.pdf", b"%PDF-"),
        &ErrorCode::PdfIsImage,
        400,
    );
    refused(
        &send(&client, &id, "axis.pdf", b"%PDF-"),
        &ErrorCode::BankNameMismatch,
        400,
    );
    refused(
        &send(&client, &id, "old.pdf", b"%PDF-"),
        &ErrorCode::OutOfDateRange,
        400,
    );
}

#[test]
fn every_field_of_the_form_is_checked() {
    let sandbox = start(|_| {});
    let client = client(&sandbox);
    let id = session(&client);
    let with = |change: &dyn Fn(&mut UploadRequest)| {
        let mut upload = UploadRequest {
            session_id: id.clone(),
            payload: UploadPayload::Base64 {
                bytes: b"%PDF-1.4 base64".to_vec().into(),
            },
            bank: None,
            account_category: None,
            password: None,
            extras: ResponseExtras::default(),
        };
        change(&mut upload);
        wait(client.upload(&upload, &BodyProgress::default()))
    };
    refused(&with(&|_| {}), &ErrorCode::BankNameUndetected, 400);
    refused(
        &with(&|upload| upload.account_category = Some("GOLD".to_owned())),
        &ErrorCode::InvalidAccountCategory,
        400,
    );
    refused(
        &with(&|upload| upload.payload = UploadPayload::Url("ftp://x".to_owned())),
        &ErrorCode::InvalidFileUrl,
        400,
    );
    accepted(with(&|upload| upload.bank = Some("sbi".to_owned())));
    let Err(ApiError::Rejected(refusal)) = with(&|upload| upload.bank = Some("nobank".to_owned()))
    else {
        panic!("a bank that is not in the list is refused");
    };
    assert_eq!(refusal.code, None);
    assert!(
        refusal
            .message
            .as_str()
            .starts_with("bank_name: Please use")
    );
}

#[test]
fn processing_ends_the_uploads_and_tells_each_account() {
    let script = br#"{"otherwise": {"account": "111122223333"},
        "files": {"bad.pdf": {"account": "444455556666", "processing": "UNPARSABLE"}}}"#;
    let sandbox = start(|settings| settings.script = Script::parse(script).unwrap());
    let client = client(&sandbox);
    let id = session(&client);
    let refusal = |error: ApiError| match error {
        ApiError::Rejected(refusal) => refusal.code.unwrap(),
        other => panic!("{other:?}"),
    };
    let code = refusal(wait(client.progress(&id)).unwrap_err());
    assert_eq!(code, ErrorCode::ProcessingNotRequested);
    accepted(send(&client, &id, "good.pdf", b"%PDF-1"));
    accepted(send(&client, &id, "bad.pdf", b"%PDF-2"));
    wait(client.initiate_processing(&id)).unwrap();
    let code = refusal(wait(client.initiate_processing(&id)).unwrap_err());
    assert_eq!(code, ErrorCode::DuplicateProcessingRequest);
    refused(
        &send(&client, &id, "c.pdf", b"%PDF-3"),
        &ErrorCode::SessionExpired,
        400,
    );
    let progress = wait(client.progress(&id)).unwrap();
    assert_eq!(
        (progress.session, progress.statements.len()),
        (ProcessingState::Completed, 2)
    );
    let report = wait(client.session_report(&id)).unwrap();
    let states: Vec<_> = report
        .accounts
        .iter()
        .map(|account| &account.state)
        .collect();
    assert_eq!(states, [&AccountState::Completed, &AccountState::Failed]);
    assert_eq!(
        report.accounts[1].statements[0].state,
        ProcessingState::Completed
    );
    assert_eq!(report.insights_available, Some(false));
    let stranger = client_with(&sandbox, "sandbox-key", "wrong");
    let code = refusal(wait(stranger.session_report(&id)).unwrap_err());
    assert_eq!(code, ErrorCode::AccessDenied);
    let code = refusal(wait(client.session_report("unknown")).unwrap_err());
    assert_eq!(code, ErrorCode::SessionNotFound);
    assert!(
        wait(client.bank_list())
            .unwrap()
            .iter()
            .any(|bank| bank.id.as_str() == "sbi")
    );
}

#[test]
fn sessions_expire() {
    let sandbox = start(|settings| settings.lifetime = Some(Duration::ZERO));
    let client = client(&sandbox);
    let id = session(&client);
    refused(
        &send(&client, &id, "a.pdf", b"%PDF-"),
        &ErrorCode::SessionExpired,
        400,
    );
    let status = wait(client.upload_status(&id)).unwrap();
    assert_eq!(status.state, UploadState::Expired);
}

#[test]
fn every_fault_ends_as_the_promise_says() {
    for name in FaultPlan::names().split(", ") {
        let sandbox = start(|settings| settings.faults = FaultPlan::parse([name]).unwrap());
        let client = client(&sandbox);
        let id = session(&client);
        let outcome = send(
            &client,
            &id,
            "a.pdf",
            &[b"%PDF-".as_slice(), &[0; 9000]].concat(),
        );
        let taken = sandbox
            .received()
            .iter()
            .any(|received| received.outcome == ReceivedOutcome::Accepted);
        match &outcome {
            Ok(_) | Err(ApiError::Rejected(_)) => panic!("{name}: {outcome:?}"),
            Err(error) => assert!(!error.has_no_effect() || !taken, "{name} was taken"),
        }
        let certain = ["429", "503"].contains(&name);
        if certain || taken {
            let unknown = outcome.as_ref().is_err_and(|error| !error.has_no_effect());
            assert_eq!(unknown, taken, "{name}: {outcome:?}");
        }
    }
}

#[test]
fn a_file_can_be_scripted_to_get_lost() {
    let script = br#"{"files": {"lost.pdf": {"fault": "reset-after-body"},
        "kept.pdf": {"fault": "503"}}}"#;
    let sandbox = start(|settings| settings.script = Script::parse(script).unwrap());
    let client = client(&sandbox);
    let id = session(&client);
    let lost = send(&client, &id, "lost.pdf", b"%PDF-1");
    assert!(
        matches!(lost, Err(ApiError::Indeterminate { .. })),
        "{lost:?}"
    );
    let kept = send(&client, &id, "kept.pdf", b"%PDF-2");
    assert!(matches!(kept, Err(ApiError::Busy { .. })), "{kept:?}");
    let status = wait(client.upload_status(&id)).unwrap();
    let statements = status
        .accounts
        .iter()
        .map(|account| account.statements.len());
    assert_eq!(
        statements.sum::<usize>(),
        1,
        "what was lost was taken, what was turned away not"
    );
}
