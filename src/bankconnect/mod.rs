//! The client of the BankConnect API: one origin, no redirects, no automatic retries, and limits on
//! every size and time.
//!
//! This module is a shell and the only one that uses the network. Each call returns a value that
//! states whether the service acted on the request. The callers decide whether and when to retry.
//! [`wire`] is the pure part: the message types and their parsers.

pub mod wire;

mod base_url;
mod call_observer;
mod client;
mod credentials;
mod multipart;
mod redirect_listener;
mod request_body;
mod secret_source;
mod transport;

pub use base_url::{BaseUrl, BaseUrlError};
pub use call_observer::{CallObserver, CallOutcome, CallReport};
pub use client::{Client, ClientError, ResponseExtras, UploadPayload, UploadRequest, runtime};
pub use credentials::{Credentials, Secret, SecretError, disable_core_dumps};
pub use redirect_listener::{JourneyEnd, RedirectListener};
pub use request_body::{BodyProgress, StartFuture};
pub use secret_source::{SecretCommand, SecretSourceError, secret_from_command, secret_from_file};
pub use transport::Deadlines;
