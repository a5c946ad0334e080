//! A session with sample uploads, for trying commands in a sandbox that has just started.

use crate::bankconnect::wire::{ProcessingState, SessionRequest};
use crate::bankconnect::{BodyProgress, Client, ResponseExtras, UploadPayload, UploadRequest};
use crate::error::AppError;
use std::time::Duration;
use tokio::time::sleep;

/// Interval between progress queries. They stay on this machine.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);

/// The files that the script of the embedded sandbox defines.
const NAMES: [&str; 2] = ["sample-savings.pdf", "sample-current.pdf"];

/// Creates a session and uploads the samples.
pub(crate) async fn upload(client: &Client) -> Result<String, AppError> {
    let request = SessionRequest {
        link_id: "sample".to_owned(),
        ..SessionRequest::default()
    };
    let created = client.create_session(&request).await;
    let created = created.map_err(|error| AppError::call("create a sample session", error))?;
    let session_id = created.session_id.as_str().to_owned();
    for name in NAMES {
        let upload = UploadRequest {
            session_id: session_id.clone(),
            payload: UploadPayload::Pdf {
                name: name.to_owned(),
                bytes: format!("%PDF-1.4 {name}").into(),
            },
            bank: None,
            account_category: None,
            password: None,
            extras: ResponseExtras::default(),
        };
        let uploaded = client.upload(&upload, &BodyProgress::default()).await;
        if uploaded.is_err() {
            return Err(AppError::internal(format!("the sandbox rejects {name}")));
        }
    }
    Ok(session_id)
}

/// Creates a session with the samples, and processes it.
pub(crate) async fn process(client: &Client) -> Result<String, AppError> {
    let reject = |error| AppError::call("process the sample session", error);
    let id = upload(client).await?;
    client.initiate_processing(&id).await.map_err(reject)?;
    loop {
        let progress = client.progress(&id).await.map_err(reject)?;
        if progress.session != ProcessingState::Processing {
            return Ok(id);
        }
        sleep(PROGRESS_INTERVAL).await;
    }
}
