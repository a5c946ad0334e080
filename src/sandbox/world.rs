//! What the sandbox remembers: sessions, their statements, and what was received.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: sessions expire, and processing takes time"
)]

use super::Settings;
use super::faults::Fault;
use crate::bankconnect::wire::{ErrorCode, SessionRequest};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// Uploads remembered; older ones are only counted.
const MOST_REMEMBERED: usize = 1000;
/// Minutes that a session lasts where nothing else is asked for. The documentation does not say;
/// its sample suggests an hour.
const DEFAULT_MINUTES: u32 = 60;
/// Months of the period assumed where none is given.
const DEFAULT_MONTHS: i64 = 6;

/// Everything behind the endpoints.
pub(super) struct World {
    pub(super) settings: Settings,
    pub(super) address: SocketAddr,
    memory: Mutex<Memory>,
}

/// What changes while the sandbox runs.
pub(super) struct Memory {
    pub(super) sessions: BTreeMap<String, Session>,
    pub(super) received: VecDeque<Received>,
    /// Uploads received in all.
    pub(super) count: u64,
    /// Calls received in all; the number that decides the luck of the next.
    calls: u64,
    ids: fastrand::Rng,
}

/// One session.
pub(super) struct Session {
    pub(super) link_id: String,
    pub(super) period: (Date, Date),
    pub(super) redirect_url: Option<String>,
    pub(super) accept_anything: bool,
    pub(super) expires: Timestamp,
    pub(super) processing_since: Option<Timestamp>,
    pub(super) statements: Vec<Taken>,
}

/// One statement that was taken.
#[derive(Debug, Clone)]
pub(super) struct Taken {
    pub(super) statement_id: String,
    pub(super) account_id: String,
    pub(super) sha256: String,
    pub(super) file_name: String,
    pub(super) bank: String,
    pub(super) account: String,
    pub(super) period: (Date, Date),
    /// What lets the account fail when it is processed.
    pub(super) processing: Option<ErrorCode>,
    pub(super) at: Timestamp,
}

/// One upload as it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The session it named.
    pub session_id: String,
    /// The file's name, raw.
    pub file_name: String,
    /// The SHA-256 of its bytes, in hex; empty where no file came.
    pub sha256: String,
    /// Its size.
    pub bytes: usize,
    /// `accepted`, or the code of the refusal.
    pub outcome: String,
    /// When, in UTC.
    pub at: Timestamp,
}

pub(super) fn now() -> Timestamp {
    Timestamp::try_from(SystemTime::now()).unwrap_or_default()
}

impl World {
    pub(super) fn new(settings: Settings, address: SocketAddr) -> Self {
        let memory = Memory {
            sessions: BTreeMap::new(),
            received: VecDeque::new(),
            count: 0,
            calls: 0,
            ids: fastrand::Rng::with_seed(settings.seed),
        };
        Self {
            settings,
            address,
            memory: Mutex::new(memory),
        }
    }

    /// The memory. A panic in another call leaves it usable: every change is a single step.
    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn received(&self) -> Vec<Received> {
        self.memory().received.iter().cloned().collect()
    }

    /// What goes wrong with the call that has just come in.
    pub(super) fn next_fault(&self, is_upload: bool) -> Option<Fault> {
        let mut memory = self.memory();
        memory.calls += 1;
        self.settings
            .faults
            .roll(self.settings.seed, memory.calls, is_upload)
    }

    /// Opens a session for a request that was checked.
    pub(super) fn open(&self, request: &SessionRequest) -> String {
        let now = now();
        let minutes = request.session_expiry.unwrap_or(DEFAULT_MINUTES);
        let asked = SignedDuration::from_mins(i64::from(minutes));
        let lasts = match self.settings.lifetime {
            Some(lifetime) => SignedDuration::try_from(lifetime).unwrap_or(asked),
            None => asked,
        };
        let session = Session {
            link_id: request.link_id.clone(),
            period: request
                .period
                .days()
                .ok()
                .flatten()
                .unwrap_or_else(|| last_months(now)),
            redirect_url: request.redirect_url.clone(),
            accept_anything: request.accept_anything,
            expires: now.checked_add(lasts).unwrap_or(Timestamp::MAX),
            processing_since: None,
            statements: Vec::new(),
        };
        let mut memory = self.memory();
        let id = memory.new_id();
        memory.sessions.insert(id.clone(), session);
        id
    }

    /// Notes an upload for the page.
    pub(super) fn note(&self, received: Received) {
        let mut memory = self.memory();
        memory.count += 1;
        memory.received.push_back(received);
        if memory.received.len() > MOST_REMEMBERED {
            memory.received.pop_front();
        }
    }
}

/// From the first day of the month half a year ago until today.
fn last_months(now: Timestamp) -> (Date, Date) {
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let from = today.checked_sub(DEFAULT_MONTHS.months()).unwrap_or(today);
    (from.first_of_month(), today)
}

impl Memory {
    /// An id in the form of a random UUID, from the seed.
    pub(super) fn new_id(&mut self) -> String {
        let random = self.ids.u128(..);
        let version = (random & !(0xF << 76) & !(0b11 << 62)) | (0x4 << 76) | (0b10 << 62);
        let hex = format!("{version:032x}");
        let mut id = String::with_capacity(36);
        for (place, digit) in hex.chars().enumerate() {
            if matches!(place, 8 | 12 | 16 | 20) {
                id.push('-');
            }
            id.push(digit);
        }
        id
    }
}

impl Session {
    /// Whether it takes no more uploads: past its time, or processing.
    pub(super) fn is_closed(&self) -> bool {
        self.processing_since.is_some() || now() >= self.expires
    }

    /// The statements of each account, accounts in the order of their first statement.
    pub(super) fn accounts(&self) -> Vec<Vec<&Taken>> {
        let mut accounts: Vec<Vec<&Taken>> = Vec::new();
        for taken in &self.statements {
            let known = accounts.iter_mut().find(|account| {
                account
                    .first()
                    .is_some_and(|first| first.account_id == taken.account_id)
            });
            match known {
                Some(account) => account.push(taken),
                None => accounts.push(vec![taken]),
            }
        }
        accounts
    }
}
