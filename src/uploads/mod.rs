//! Brings files to their outcomes: read again, written down, sent once, settled. Whoever has files
//! to send, the command or the dashboard, drives a queue of these.

mod attempt;
mod doubt;
mod parcel;
pub mod plan;
mod queue;
mod session;
mod translate;
mod words;

pub(crate) use attempt::{Meter, Post, Travel};
pub(crate) use doubt::stands;
pub(crate) use parcel::{Kept, Parcel, Rules, password};
pub(crate) use queue::{Delivered, Queue, Turn};
pub(crate) use session::{period_of, session_key};
pub(crate) use translate::{not_processed, unknown_reason};
pub(crate) use words::{delivered, earlier, kept, planned};

use clap::ValueEnum;

/// How files travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum UploadType {
    /// As a file
    Pdf,
    /// As text, a third longer, and without the name by which an unknown upload could be found
    /// again
    Base64,
}
