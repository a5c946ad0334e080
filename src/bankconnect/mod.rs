//! Speaks to BankConnect: one origin, no redirects, no retries of its own, bounds on everything.
//!
//! A shell: the only module that uses the network. Every call ends as a value that tells what is
//! certain; deciding what to do about it, and when, is for others. [`wire`] is the pure part: the
//! types and how they are read.

pub mod wire;

mod base_url;
mod client;
mod credentials;
mod deadlines;
mod landing;
mod multipart;
mod outgoing;
mod secret_source;
mod transport;
mod watch;

pub use base_url::{BaseUrl, BaseUrlError};
pub use client::{Client, ClientError, Document, Extras, Upload, is_session_id, runtime};
pub use credentials::{Credentials, Secret, SecretError, keep_out_of_core_dumps};
pub use deadlines::Deadlines;
pub use landing::{Landed, Landing};
pub use outgoing::Progress;
pub use secret_source::{SecretCommand, SourceError, secret_from_command, secret_from_file};
pub use watch::{CallEnd, CallReport, Watch};
