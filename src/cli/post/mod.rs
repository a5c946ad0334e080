//! Brings files to their outcomes: read again, written down, sent once, settled. Whoever has files
//! to send, the command or the dashboard, drives a queue of these.

mod attempt;
mod doubt;
mod parcel;
mod queue;
mod session;
mod translate;
mod words;

pub(in crate::cli) use attempt::{Meter, Post, Travel};
pub(in crate::cli) use doubt::stands;
pub(in crate::cli) use parcel::{Kept, Parcel, Rules, password};
pub(in crate::cli) use queue::{Delivered, Queue, Turn};
pub(in crate::cli) use session::{period_of, session_key};
pub(in crate::cli) use translate::{lost, not_taken};
pub(in crate::cli) use words::{delivered, earlier, kept, planned};

use clap::ValueEnum;

/// How files travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum UploadType {
    /// As a file
    Pdf,
    /// As text, a third longer, and without the name by which an unknown upload could be found
    /// again
    Base64,
}
