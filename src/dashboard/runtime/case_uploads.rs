//! Uploads the cases of the dashboard, each to a session of its own.

use super::active_session::SessionOptions;
use super::event::Event;
use super::saved_calls;
use super::upload_worker::{file, progress};
use crate::bankconnect::{Client, ResponseExtras};
use crate::connection::{Connection, ConnectionOptions, Required};
use crate::dashboard::{Message, UploadProgress, UploadUpdate};
use crate::error::AppError;
use crate::event_log::Notices;
use crate::interrupt::Interrupt;
use crate::journal::Intent;
use crate::report::UploadRecord;
use crate::screen::AccountCoverage;
use crate::screen::cases::{Case, StatementIdentity};
use crate::statement::DateRange;
use crate::uploads::plan::Outcome;
use crate::uploads::{
    CaseUpload, JournalFolder, ProgressObserver, SavedCalls, SharedJournal, UploadItem,
    UploadOptions, UploadReport, UploadRun, case_session, remember_cases,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::pin::Pin;
use std::sync::mpsc::Sender;

/// A case whose files are sent.
pub(super) struct CaseOrder {
    /// The index of the case.
    pub(super) index: usize,
    pub(super) case: Case,
    /// The months that its accounts cover.
    pub(super) accounts: Vec<AccountCoverage>,
    /// What identifies its statements.
    pub(super) identities: Vec<StatementIdentity>,
    pub(super) items: Vec<UploadItem>,
}

/// The cases to send.
pub(super) struct CaseOrders {
    pub(super) cases: Vec<CaseOrder>,
    /// The calls that screening avoids, also of cases without a file to send.
    pub(super) saved_calls: SavedCalls,
    /// The requested period of cases without one.
    pub(super) requested: Option<DateRange>,
    /// Whether they are sent to the sandbox.
    pub(super) sandbox: bool,
}

/// What all uploads of cases share: the connection and the journal.
pub(super) struct CaseConnection {
    connection: Connection,
    journal: JournalFolder,
}

/// A running upload of cases. It returns the errors for which cases were stopped.
pub(super) struct CaseRun {
    pub(super) interrupt: Interrupt,
    pub(super) end: Pin<Box<dyn Future<Output = Result<Vec<AppError>, AppError>>>>,
}

impl CaseConnection {
    /// Connects to the service or to a sandbox, and opens the journal.
    ///
    /// # Errors
    ///
    /// If there is no key, or the journal can't be used.
    pub(super) fn open(sandbox: bool, options: &SessionOptions) -> Result<Self, AppError> {
        let connection = ConnectionOptions {
            sandbox,
            ..options.connection.clone()
        };
        let connection = Connection::open(&connection, &options.settings, Required::ApiKey)?;
        let connection = connection.with_log(&options.log);
        let owner = connection.client.owner();
        let journal = JournalFolder::open(sandbox, owner, &options.notices)?;
        Ok(Self {
            connection,
            journal,
        })
    }

    /// Returns the folder of the journal.
    pub(super) fn journal_folder(&self) -> &Path {
        self.journal.path()
    }

    /// Returns the client and the journal.
    pub(super) fn parts(&self) -> (Client, SharedJournal) {
        (self.connection.client.clone(), self.journal.journal.clone())
    }

    /// Journals the calls that screening avoids.
    ///
    /// # Errors
    ///
    /// If the journal can't be written.
    pub(super) async fn record_saved_calls(
        &self,
        calls: SavedCalls,
        events: &Sender<Event>,
    ) -> Result<(), AppError> {
        let recorded = saved_calls::record(&self.journal.journal, calls).await?;
        // If the receiver is gone, the program is ending.
        drop(events.send(Message::CallsSaved(recorded).into()));
        Ok(())
    }

    /// Starts the uploads of cases.
    ///
    /// # Errors
    ///
    /// If the service would reject the request of a session, or the journal can't be written.
    pub(super) async fn start(
        &self,
        orders: CaseOrders,
        options: &SessionOptions,
        events: &Sender<Event>,
    ) -> Result<CaseRun, AppError> {
        let client = self.connection.client.clone();
        let identities = orders.cases.iter();
        let identities = identities.map(|order| (&order.case, order.identities.clone()));
        remember_cases(&self.journal, identities).await?;
        self.record_saved_calls(orders.saved_calls, events).await?;
        let mut uploads = Vec::new();
        let mut items = BTreeMap::new();
        for order in orders.cases {
            let session = case_session(
                &order.case,
                &order.accounts,
                orders.requested,
                client.base(),
            )?;
            items.insert(order.index, order.items);
            uploads.push(CaseUpload {
                case: order.index,
                session,
                process: false,
            });
        }
        let interrupt = Interrupt::manual(&options.log);
        let run = OwnedRun {
            interrupt: interrupt.clone(),
            notices: options.notices.clone(),
            events: events.clone(),
        };
        let (journal, log) = (self.journal.journal.clone(), options.log.clone());
        let concurrency = options.concurrency;
        let upload_options = UploadOptions {
            upload_type: options.upload_type,
            extras: ResponseExtras::default(),
            max_bytes: options.max_bytes,
        };
        let end = async move {
            let upload_run = UploadRun {
                client,
                session: None,
                options: upload_options,
                identities: None,
                concurrency,
                case: None,
                gate: None,
                interrupt: &run.interrupt,
                notices: &run.notices,
                log: &log,
            };
            let observer = || run.observer();
            let mut report = EventReport {
                events: run.events.clone(),
                items,
            };
            let ended = upload_run.run_cases(&journal, uploads, &observer, &mut report);
            ended.await
        };
        Ok(CaseRun {
            interrupt,
            end: Box::pin(end),
        })
    }
}

/// What a run refers to while it lasts.
struct OwnedRun {
    interrupt: Interrupt,
    notices: Notices,
    events: Sender<Event>,
}

impl OwnedRun {
    fn observer(&self) -> ProgressObserver {
        let events = self.events.clone();
        Box::new(move |item: &UploadItem| progress(file(item), events.clone()))
    }
}

/// Reports each step of an upload as an event.
struct EventReport {
    /// The items of the cases whose turn has not come.
    items: BTreeMap<usize, Vec<UploadItem>>,
    events: Sender<Event>,
}

impl EventReport {
    fn send(&self, item: &UploadItem, progress: UploadProgress) {
        let update = UploadUpdate {
            file: file(item),
            progress,
        };
        // If the receiver is gone, the program is ending.
        drop(self.events.send(Message::UploadUpdated(update).into()));
    }
}

impl UploadReport for EventReport {
    fn items(&mut self, case: usize) -> Vec<UploadItem> {
        self.items.remove(&case).unwrap_or_default()
    }

    /// Files that are not sent are counted when they are ordered.
    fn skipped(&self, _session: &str, _case: Option<usize>) -> Vec<(Intent, Outcome)> {
        Vec::new()
    }

    fn settle(&mut self, item: &UploadItem, record: UploadRecord) -> Result<(), AppError> {
        if let UploadRecord::Settled(record) = record {
            self.send(item, UploadProgress::Finished(record));
        }
        Ok(())
    }

    fn started(&mut self, item: &UploadItem) {
        self.send(item, UploadProgress::Started);
    }

    fn retrying(&mut self, item: &UploadItem, reason: &'static str) {
        self.send(item, UploadProgress::Retrying(reason.to_owned()));
    }
}
