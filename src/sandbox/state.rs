//! In-memory state of the sandbox: sessions, their statements and the received uploads.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: sessions expire, and processing takes time"
)]

use super::evaluator::Evaluation;
use super::faults::{CallKind, Fault};
use super::options::SandboxOptions;
use crate::bankconnect::wire::{ErrorCode, SanitizedText, SessionRequest, mask_account_number};
use crate::statement::AccountKey;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// Number of received uploads to keep; older uploads are only counted.
const MAX_RECEIVED: usize = 1000;
/// Session lifetime when the client requests none. The documentation states no default; the
/// timestamps of its sample suggest one hour.
const DEFAULT_LIFETIME_MINUTES: u32 = 60;
/// Length of the session's period when the client requests none.
const DEFAULT_PERIOD_MONTHS: i64 = 6;

/// State shared by all request handlers.
pub(super) struct ServerState {
    pub(super) options: SandboxOptions,
    pub(super) address: SocketAddr,
    store: Mutex<Store>,
}

/// The part of the state that changes while the sandbox runs.
pub(super) struct Store {
    pub(super) sessions: BTreeMap<String, Session>,
    pub(super) received: VecDeque<ReceivedUpload>,
    /// The number of uploads received since the start.
    pub(super) received_count: u64,
    /// The webhook that was registered last. It is never called.
    pub(super) webhook: Option<Webhook>,
    /// The number of API calls since the start. Selects the fault of the next call.
    calls: u64,
    ids: fastrand::Rng,
}

/// A registered webhook.
pub(super) struct Webhook {
    pub(super) url: String,
    pub(super) mode: u64,
}

/// One session.
pub(super) struct Session {
    pub(super) link_id: String,
    pub(super) period: (Date, Date),
    pub(super) redirect_url: Option<String>,
    pub(super) accept_anything: bool,
    pub(super) expires: Timestamp,
    pub(super) processing_since: Option<Timestamp>,
    pub(super) statements: Vec<StoredStatement>,
    /// The links in insights that were returned, oldest first.
    pub(super) report_links: Vec<ReportLink>,
}

/// A link to the spreadsheet of a session.
pub(super) struct ReportLink {
    /// The last segment of its path, which cannot be guessed.
    pub(super) token: String,
    /// The account that the spreadsheet is about; `None` for all accounts.
    pub(super) account: Option<String>,
    pub(super) expires: Timestamp,
}

/// An accepted statement.
#[derive(Debug, Clone)]
pub(super) struct StoredStatement {
    pub(super) statement_id: String,
    pub(super) account_id: String,
    pub(super) sha256: String,
    pub(super) file_name: String,
    pub(super) bank: String,
    /// `None` if unknown.
    pub(super) account: Option<String>,
    pub(super) account_key: Option<AccountKey>,
    /// The first and the last day; `None` if unknown.
    pub(super) period: Option<(Date, Date)>,
    pub(super) pages: u64,
    /// The error with which processing of the account fails.
    pub(super) processing: Option<ErrorCode>,
    pub(super) created: Timestamp,
}

/// An upload that the sandbox received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedUpload {
    /// The session ID in the request.
    pub session_id: String,
    /// The file name in the request, not sanitized.
    pub file_name: String,
    /// The SHA-256 of the file in hex; empty if the request has no file.
    pub sha256: String,
    /// The size of the file in bytes.
    pub bytes: usize,
    /// The outcome on the sandbox's side.
    pub outcome: ReceivedOutcome,
    /// The time of receipt.
    pub time: Timestamp,
}

/// The outcome of an upload on the sandbox's side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReceivedOutcome {
    /// The statement was stored.
    Accepted,
    /// The upload was rejected. Errors about form fields have no code.
    Rejected(Option<ErrorCode>),
    /// A fault discarded the upload.
    Discarded,
}

impl fmt::Display for ReceivedOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted => f.write_str("accepted"),
            Self::Rejected(Some(code)) => f.write_str(code.name()),
            Self::Rejected(None) => f.write_str("rejected without a code"),
            Self::Discarded => f.write_str("discarded by a fault"),
        }
    }
}

/// Returns the current time.
pub(super) fn now() -> Timestamp {
    Timestamp::try_from(SystemTime::now()).unwrap_or_default()
}

impl ServerState {
    pub(super) fn new(options: SandboxOptions, address: SocketAddr) -> Self {
        let store = Store {
            sessions: BTreeMap::new(),
            received: VecDeque::new(),
            received_count: 0,
            webhook: None,
            calls: 0,
            ids: fastrand::Rng::with_seed(options.seed),
        };
        Self {
            options,
            address,
            store: Mutex::new(store),
        }
    }

    /// Locks the store.
    pub(super) fn store(&self) -> MutexGuard<'_, Store> {
        // A handler that panicked leaves a consistent store: every change is a single step.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn received(&self) -> Vec<ReceivedUpload> {
        self.store().received.iter().cloned().collect()
    }

    /// Counts an API call and returns the fault that hits it.
    pub(super) fn next_fault(&self, kind: CallKind) -> Option<Fault> {
        let mut store = self.store();
        store.calls += 1;
        self.options
            .faults
            .select(self.options.seed, store.calls, kind)
    }

    /// Opens a session for a validated request and returns the session ID.
    pub(super) fn open_session(&self, request: &SessionRequest) -> String {
        let now = now();
        let minutes = request.session_expiry.unwrap_or(DEFAULT_LIFETIME_MINUTES);
        let requested = SignedDuration::from_mins(i64::from(minutes));
        let lifetime = match self.options.lifetime {
            Some(lifetime) => SignedDuration::try_from(lifetime).unwrap_or(requested),
            None => requested,
        };
        let session = Session {
            link_id: request.link_id.clone(),
            period: request
                .period
                .days()
                .ok()
                .flatten()
                .unwrap_or_else(|| default_period(now)),
            redirect_url: request.redirect_url.clone(),
            accept_anything: request.accept_anything,
            expires: now.checked_add(lifetime).unwrap_or(Timestamp::MAX),
            processing_since: None,
            statements: Vec::new(),
            report_links: Vec::new(),
        };
        let mut store = self.store();
        let id = store.new_id();
        store.sessions.insert(id.clone(), session);
        id
    }

    /// Adds an upload to the list of received uploads.
    pub(super) fn record_upload(&self, upload: ReceivedUpload) {
        let mut store = self.store();
        store.received_count += 1;
        store.received.push_back(upload);
        // The limit keeps the web page usable and bounds the memory of a long run.
        if store.received.len() > MAX_RECEIVED {
            store.received.pop_front();
        }
    }
}

/// Returns the period from the first day of the month six months ago to today.
fn default_period(now: Timestamp) -> (Date, Date) {
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let from = today
        .checked_sub(DEFAULT_PERIOD_MONTHS.months())
        .unwrap_or(today);
    (from.first_of_month(), today)
}

impl Store {
    /// Returns a new ID in the format of a version 4 UUID, generated from the seed.
    pub(super) fn new_id(&mut self) -> String {
        let random = self.ids.u128(..);
        // Version 4 and the RFC 9562 variant, which clients may validate.
        let uuid = (random & !(0xF << 76) & !(0b11 << 62)) | (0x4 << 76) | (0b10 << 62);
        let hex = format!("{uuid:032x}");
        let mut id = String::with_capacity(36);
        for (index, digit) in hex.chars().enumerate() {
            if matches!(index, 8 | 12 | 16 | 20) {
                id.push('-');
            }
            id.push(digit);
        }
        id
    }
}

impl StoredStatement {
    /// Returns the masked account number, if it is known.
    pub(super) fn masked_account(&self) -> Option<SanitizedText> {
        let number = self.account.as_deref()?;
        Some(mask_account_number(&SanitizedText::new(number)))
    }

    /// Whether a statement of this bank with this evaluation is of the same account.
    ///
    /// Statements without an account number are of different accounts: nothing connects them.
    pub(super) fn has_account(&self, bank: &str, evaluation: &Evaluation) -> bool {
        self.account.is_some()
            && self.bank == bank
            && self.account == evaluation.account
            && self.account_key == evaluation.account_key
    }
}

impl Session {
    /// Whether the session accepts no more uploads because it expired or processing started.
    pub(super) fn is_closed(&self) -> bool {
        self.processing_since.is_some() || now() >= self.expires
    }

    /// Adds links to spreadsheets, and removes the oldest links beyond a maximum.
    pub(super) fn add_report_links(&mut self, links: Vec<ReportLink>, max: usize) {
        self.report_links.extend(links);
        let excess = self.report_links.len().saturating_sub(max);
        self.report_links.drain(..excess);
    }

    /// Groups the statements by account, in the order of each account's first statement.
    pub(super) fn accounts(&self) -> Vec<Vec<&StoredStatement>> {
        let mut accounts: Vec<Vec<&StoredStatement>> = Vec::new();
        for statement in &self.statements {
            let existing = accounts.iter_mut().find(|account| {
                account
                    .first()
                    .is_some_and(|first| first.account_id == statement.account_id)
            });
            match existing {
                Some(account) => account.push(statement),
                None => accounts.push(vec![statement]),
            }
        }
        accounts
    }
}
