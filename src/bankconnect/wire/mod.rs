//! What goes over the wire: requests, answers and errors as values, parsed by code, never by text.
//!
//! Pure: bytes in, values out. Parsing is total: any bytes give a value, and what is unknown is
//! kept as cleaned text. Nothing personal is kept: names, addresses and balances in answers are
//! never read, and account numbers are masked as they enter.
//!
//! Facts come from the public documentation of the session flow; where its pages contradict each
//! other, all spellings are understood.

mod account;
mod answer;
mod call;
mod catalogue;
mod code;
mod json;
mod refusal;
mod session;
mod status;
mod text;
mod upload;

pub use crate::statement::Month;
pub use account::{Account, AccountError, AccountState, Gap, Statement, Step};
pub use answer::{Answer, Head, MAX_ANSWER_BYTES, excerpt, retry_after};
pub use call::{ApiError, NotSent, Unclear};
pub use catalogue::{CatalogueBank, catalogue};
pub use code::{ErrorCode, Fault, Retry};
pub use json::parse_date;
pub use refusal::Refusal;
pub use session::{
    Metadata, Period, SessionCreated, SessionRequest, Violation, date_on_wire, default_days,
    session_created,
};
pub use status::{
    ProgressReport, SessionReport, StatementProgress, UploadState, UploadStatus, processing_begun,
    progress, session_report, upload_status,
};
pub use text::{Text, mask};
pub use upload::{UploadOutcome, Uploaded, uploaded};
