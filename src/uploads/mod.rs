//! Uploads files and brings each to exactly one outcome.
//!
//! The command `upload` and the dashboard both use this module. [`plan`] decides, purely, which
//! file to send next and when to retry. `Uploader` performs single attempts and journals each
//! before its first byte is sent. `Driver` connects both. `UploadRun` is the whole service for a
//! list of files: open the session, restore earlier outcomes, drive the queue, reconcile.

pub(crate) mod convert;
pub mod plan;

mod attempt;
mod case_queue;
mod case_session;
mod cases;
mod driver;
pub(crate) mod drop_folder;
mod dry_run;
mod earlier;
mod gate;
mod identity_file;
mod item;
mod journal_folder;
mod messages;
mod ordered_report;
mod processing;
mod progress;
mod reconcile;
mod run;
mod run_record;
mod saved_calls;
mod session;
mod shared_journal;
mod target;

pub(crate) use attempt::{ProgressFn, ProgressObserver, UploadOptions, UploadType, Uploader};
pub(crate) use case_queue::{CaseQueue, session_of_case};
pub(crate) use case_session::{case_session, remember_cases};
pub(crate) use cases::CaseUpload;
pub(crate) use driver::{Driver, DriverEvent, UploadResult};
pub(crate) use dry_run::{EarlierUploads, plan_uploads};
pub(crate) use earlier::{EarlierQuery, EarlierReason, EarlierUpload};
pub(crate) use identity_file::is_identity_file;
pub(crate) use item::{Skipped, UploadItem, opening_password};
pub(crate) use journal_folder::JournalFolder;
pub(crate) use messages::{earlier_record, settled_record, skipped_record};
pub(crate) use ordered_report::{OrderedReport, Selection};
pub(crate) use processing::{Processing, ProcessingStep, is_completed, record_codes};
pub(crate) use progress::UploadProgress;
pub(crate) use reconcile::reconcile;
pub(crate) use run::{UploadReport, UploadRun};
pub(crate) use run_record::record_run;
pub(crate) use saved_calls::{SavedCall, SavedCalls};
pub(crate) use session::{
    LockWait, SessionSelector, check_request, default_period, ignored_month_note, remember_wait,
    session_period, session_request,
};
pub(crate) use shared_journal::SharedJournal;
pub(crate) use target::{SessionChoice, UploadTarget};
