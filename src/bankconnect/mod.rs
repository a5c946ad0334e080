//! Speaks to BankConnect: one origin, no redirects, no retries of its own, bounds on everything.
//!
//! A shell: the only module that uses the network. Every call ends as a value that tells what is
//! certain; deciding what to do about it, and when, is for others. [`wire`] is the pure part: the
//! types and how they are read.

pub mod wire;

mod base_url;
mod call_observer;
mod client;
mod credentials;
mod deadlines;
mod multipart;
mod redirect_listener;
mod request_body;
mod secret_source;
mod transport;

pub use base_url::{BaseUrl, BaseUrlError};
pub use call_observer::{CallObserver, CallOutcome, CallReport};
pub use client::{
    Client, ClientError, ResponseExtras, UploadPayload, UploadRequest, is_session_id, runtime,
};
pub use credentials::{Credentials, Secret, SecretError, disable_core_dumps};
pub use deadlines::Deadlines;
pub use redirect_listener::{JourneyEnd, RedirectListener};
pub use request_body::BodyProgress;
pub use secret_source::{SecretCommand, SecretSourceError, secret_from_command, secret_from_file};
