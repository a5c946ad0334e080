//! Where files are sent.

use crate::bankconnect::wire::SessionRequest;
use crate::statement::DateRange;
use jiff::Timestamp;

/// What is known of the session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SessionState {
    /// There is none: files are screened only.
    #[default]
    None,
    /// It is being opened; what that is.
    Opening(&'static str),
    /// It is open.
    Open(Session),
}

/// An open session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The service's name for it.
    pub id: String,
    /// Whether it is a sandbox's: nothing leaves this machine.
    pub sandbox: bool,
    /// The days that statements must touch, where they are known.
    pub range: Option<DateRange>,
    /// When it ends, where that is known.
    pub expires: Option<Timestamp>,
    /// Whether the service can be asked what became of uploads.
    pub can_ask: bool,
}

/// How a session is to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// In a sandbox of this run.
    Sandbox,
    /// A new one.
    New(Box<SessionRequest>),
    /// This one.
    Existing(String),
}
