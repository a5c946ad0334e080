//! The sandbox server, called through the client: checks, error codes, coverage and faults.

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

fn start(configure: impl FnOnce(&mut SandboxOptions)) -> Sandbox {
    let mut options = SandboxOptions {
        processing: Duration::ZERO,
        ..SandboxOptions::default()
    };
    configure(&mut options);
    Sandbox::start(options).unwrap()
}

fn client_with(sandbox: &Sandbox, key: &str, hash: &str, deadlines: Deadlines) -> Client {
    let credentials = Credentials {
        api_key: Secret::new(key).unwrap(),
        server_hash: Some(Secret::new(hash).unwrap()),
    };
    let base = BaseUrl::parse(&sandbox.base_url()).unwrap();
    Client::new(base, credentials, deadlines).unwrap()
}

fn client(sandbox: &Sandbox) -> Client {
    let deadlines = Deadlines::default();
    client_with(sandbox, "sandbox-key", "sandbox-hash", deadlines)
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
    wait(client.upload(&upload, &BodyProgress::default())).map(|(_, accepted)| accepted)
}

#[track_caller]
fn accepted(result: Result<AcceptedUpload, ApiError>) -> AcceptedUpload {
    result.unwrap()
}

#[track_caller]
fn assert_rejected(outcome: &Result<AcceptedUpload, ApiError>, code: &ErrorCode, status: u16) {
    let Err(ApiError::Rejected(rejection)) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(
        (rejection.code.as_ref(), rejection.http_status),
        (Some(code), status)
    );
}

#[test]
fn a_session_accepts_a_statement_once_and_reports_its_months() {
    let script = br#"{"files": {"a.pdf": {"from": "2023-12-01", "to": "2024-03-05",
        "account": "50100012345678", "pages": 4, "fraud": "author_fraud"}}}"#;
    let sandbox = start(|options| options.script = Script::parse(script).unwrap());
    let client = client(&sandbox);
    let id = session(&client);
    let upload = accepted(send(&client, &id, "a.pdf", b"%PDF-1.4 a"));
    let months = |months: &[bankscreen::bankconnect::wire::Month]| -> Vec<String> {
        months.iter().map(ToString::to_string).collect()
    };
    assert_eq!(
        months(&upload.months),
        ["2023-12", "2024-01", "2024-02", "2024-03"]
    );
    assert_eq!(months(&upload.missing_months), ["2023-11", "2024-04"]);
    assert_eq!(upload.answer.account.unwrap(), "XXXXXXXXXX5678");
    assert_eq!(upload.answer.page_count, Some(4));
    assert_eq!(upload.answer.fraud_type.unwrap(), "author_fraud");
    let repeated = send(&client, &id, "b.pdf", b"%PDF-1.4 a");
    assert_rejected(&repeated, &ErrorCode::StatementDuplicate, 400);
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
        "the received bytes differ from the sent bytes"
    );
}

#[test]
fn checks_run_in_the_documented_order() {
    let script = br#"{"files": {"scan.pdf": {"code": "PDF_IS_IMAGE"}, "axis.pdf": {"bank": "axis"},
        "old.pdf": {"from": "2020-01-01", "to": "2020-02-01"}}}"#;
    let sandbox = start(|options| options.script = Script::parse(script).unwrap());
    let client = client(&sandbox);
    let id = session(&client);
    // Order of the checks: API key, file object, session, content, bank, period.
    let unauthorized = client_with(&sandbox, "wrong", "wrong", Deadlines::default());
    assert_rejected(
        &send(&unauthorized, "no-session", "a.pdf", b""),
        &ErrorCode::InvalidApiKey,
        403,
    );
    assert_rejected(
        &send(&client, "no-session", "a.pdf", b""),
        &ErrorCode::EmptyFile,
        400,
    );
    assert_rejected(
        &send(&client, "no-session", "a.pdf", b"GIF89a"),
        &ErrorCode::InvalidFileObject,
        400,
    );
    assert_rejected(
        &send(&client, "no-session", "scan.pdf", b"%PDF-"),
        &ErrorCode::SessionNotFound,
        404,
    );
    assert_rejected(
        &send(&client, &id, "scan.pdf", b"%PDF-"),
        &ErrorCode::PdfIsImage,
        400,
    );
    assert_rejected(
        &send(&client, &id, "axis.pdf", b"%PDF-"),
        &ErrorCode::BankNameMismatch,
        400,
    );
    assert_rejected(
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
    let upload_with = |change: &dyn Fn(&mut UploadRequest)| {
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
        wait(client.upload(&upload, &BodyProgress::default())).map(|(_, accepted)| accepted)
    };
    assert_rejected(&upload_with(&|_| {}), &ErrorCode::BankNameUndetected, 400);
    assert_rejected(
        &upload_with(&|upload| upload.account_category = Some("GOLD".to_owned())),
        &ErrorCode::InvalidAccountCategory,
        400,
    );
    assert_rejected(
        &upload_with(&|upload| upload.payload = UploadPayload::Url("ftp://x".to_owned())),
        &ErrorCode::InvalidFileUrl,
        400,
    );
    accepted(upload_with(&|upload| upload.bank = Some("sbi".to_owned())));
    let Err(ApiError::Rejected(rejection)) =
        upload_with(&|upload| upload.bank = Some("nobank".to_owned()))
    else {
        panic!("an unknown bank must be rejected");
    };
    assert_eq!(rejection.code, None);
    assert!(
        rejection
            .message
            .as_str()
            .starts_with("bank_name: Please use")
    );
}

#[test]
fn processing_closes_the_session_and_reports_an_outcome_per_account() {
    let script = br#"{"otherwise": {"account": "111122223333"},
        "files": {"bad.pdf": {"account": "444455556666", "processing": "UNPARSABLE"}}}"#;
    let sandbox = start(|options| options.script = Script::parse(script).unwrap());
    let client = client(&sandbox);
    let id = session(&client);
    let rejection_code = |error: ApiError| match error {
        ApiError::Rejected(rejection) => rejection.code.unwrap(),
        other => panic!("{other:?}"),
    };
    let code = rejection_code(wait(client.progress(&id)).unwrap_err());
    assert_eq!(code, ErrorCode::ProcessingNotRequested);
    accepted(send(&client, &id, "good.pdf", b"%PDF-1"));
    accepted(send(&client, &id, "bad.pdf", b"%PDF-2"));
    wait(client.initiate_processing(&id)).unwrap();
    let code = rejection_code(wait(client.initiate_processing(&id)).unwrap_err());
    assert_eq!(code, ErrorCode::DuplicateProcessingRequest);
    assert_rejected(
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
    let unauthorized = client_with(&sandbox, "sandbox-key", "wrong", Deadlines::default());
    let code = rejection_code(wait(unauthorized.session_report(&id)).unwrap_err());
    assert_eq!(code, ErrorCode::AccessDenied);
    let code = rejection_code(wait(client.session_report("unknown")).unwrap_err());
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
    let sandbox = start(|options| options.lifetime = Some(Duration::ZERO));
    let client = client(&sandbox);
    let id = session(&client);
    assert_rejected(
        &send(&client, &id, "a.pdf", b"%PDF-"),
        &ErrorCode::SessionExpired,
        400,
    );
    let status = wait(client.upload_status(&id)).unwrap();
    assert_eq!(status.state, UploadState::Expired);
}

#[test]
fn the_client_classifies_every_fault_correctly() {
    // Short, because some faults end by a deadline only.
    let deadlines = Deadlines {
        send_idle: Duration::from_millis(300),
        response: Duration::from_millis(300),
        read: Duration::from_millis(300),
        ..Deadlines::default()
    };
    for name in FaultPlan::names().split(", ") {
        let sandbox = start(|options| options.faults = FaultPlan::parse([name]).unwrap());
        let id = session(&client(&sandbox));
        let client = client_with(&sandbox, "sandbox-key", "sandbox-hash", deadlines);
        let outcome = send(
            &client,
            &id,
            "a.pdf",
            &[b"%PDF-".as_slice(), &[0; 9000]].concat(),
        );
        let stored = sandbox
            .received()
            .iter()
            .any(|upload| upload.outcome == ReceivedOutcome::Accepted);
        match &outcome {
            Ok(_) | Err(ApiError::Rejected(_)) => panic!("{name}: {outcome:?}"),
            Err(error) => assert!(
                !error.has_no_effect() || !stored,
                "{name}: the statement was stored"
            ),
        }
        // 429 and 503 guarantee that the service did not process the upload.
        let guaranteed = ["429", "503"].contains(&name);
        if guaranteed || stored {
            let unknown = outcome.as_ref().is_err_and(|error| !error.has_no_effect());
            assert_eq!(unknown, stored, "{name}: {outcome:?}");
        }
    }
}

#[test]
fn a_script_can_assign_a_fault_to_a_file() {
    let script = br#"{"files": {"lost.pdf": {"fault": "reset-after-body"},
        "unavailable.pdf": {"fault": "503"}}}"#;
    let sandbox = start(|options| options.script = Script::parse(script).unwrap());
    let client = client(&sandbox);
    let id = session(&client);
    let lost = send(&client, &id, "lost.pdf", b"%PDF-1");
    assert!(
        matches!(lost, Err(ApiError::Indeterminate { .. })),
        "{lost:?}"
    );
    let unavailable = send(&client, &id, "unavailable.pdf", b"%PDF-2");
    assert!(
        matches!(unavailable, Err(ApiError::Busy { .. })),
        "{unavailable:?}"
    );
    let status = wait(client.upload_status(&id)).unwrap();
    let statements = status
        .accounts
        .iter()
        .map(|account| account.statements.len());
    assert_eq!(statements.sum::<usize>(), 1, "only lost.pdf must be stored");
}
