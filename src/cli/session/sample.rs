//! A session with sample uploads, for trying commands on a sandbox that has just begun.

use super::Failure;
use crate::bankconnect::wire::SessionRequest;
use crate::bankconnect::{BodyProgress, Client, ResponseExtras, UploadPayload, UploadRequest};
use crate::cli::network::failed;

/// The files that the script of the embedded sandbox knows.
const NAMES: [&str; 2] = ["sample-savings.pdf", "sample-current.pdf"];

/// Creates a session and uploads the samples.
pub(super) async fn upload(client: &Client) -> Result<String, Failure> {
    let request = SessionRequest {
        link_id: "sample".to_owned(),
        ..SessionRequest::default()
    };
    let created = client.create_session(&request).await;
    let created = created.map_err(|error| failed("create a sample session", error))?;
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
            let heading = format!("the sandbox does not take {name}");
            return Err(Failure::usage(heading, "please report it"));
        }
    }
    Ok(session_id)
}
