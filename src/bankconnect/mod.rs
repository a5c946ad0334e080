//! The client of the BankConnect API: one origin, no redirects, no automatic retries, and limits on
//! every size and time. Only the spreadsheet of a report may be at another origin, which receives
//! no credentials.
//!
//! This module is a shell and the only one that uses the network. Each call returns a value that
//! states whether the service acted on the request. The callers decide whether and when to retry.
//! [`wire`] is the pure part: the message types and their parsers.

pub mod wire;

mod base_url;
mod call_observer;
mod client;
mod credentials;
mod download;
mod multipart;
mod redirect_listener;
mod request_body;
mod secret_source;
mod transport;
mod webhook_url;

pub use base_url::{BaseUrl, BaseUrlError};
pub use call_observer::{CallObserver, CallOutcome, CallReport};
pub use client::{
    Client, ClientError, ResponseExtras, UploadPayload, UploadRequest, WEBHOOK_MODE, runtime,
};
pub use credentials::{Credentials, Secret, SecretError, disable_core_dumps};
pub use download::{DownloadError, LinkError, MAX_REPORT_BYTES};
pub use redirect_listener::{JourneyEnd, RedirectListener};
pub use request_body::{BodyProgress, StartFuture};
pub use secret_source::{SecretCommand, SecretSourceError, secret_from_command, secret_from_file};
pub use transport::Deadlines;
pub use webhook_url::{WebhookUrl, WebhookUrlError};
