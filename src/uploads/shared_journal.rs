//! Makes the changes of the journal on a thread of its own, several in one commit.
//!
//! A commit waits for the disk. On the network thread it would delay every upload; here the changes
//! that arrive meanwhile share the next commit.

use crate::journal::{Journal, JournalError, SessionLocks};
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use tokio::sync::oneshot;

/// Maximum number of changes in one commit.
const MAX_CHANGES_PER_COMMIT: usize = 64;

/// A change or a query.
struct Request {
    /// Whether it needs a transaction.
    is_change: bool,
    work: Work,
}

/// It gets the journal, or the error for which no transaction could begin.
type Work = Box<dyn FnOnce(Result<&mut Journal, JournalError>) -> Delivery + Send>;
/// Delivers the result of a change after the commit, or the error of the commit.
type Delivery = Box<dyn FnOnce(Result<(), JournalError>)>;

/// A journal that a thread owns. Clones share it; it is closed with the last of them.
#[derive(Clone)]
pub(crate) struct SharedJournal {
    thread: Arc<JournalThread>,
    locks: SessionLocks,
}

struct JournalThread {
    /// Both are `Some` until the thread is ended.
    requests: Option<Sender<Request>>,
    thread: Option<JoinHandle<()>>,
}

impl SharedJournal {
    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// If the operating system denies a thread.
    pub(crate) fn start(journal: Journal) -> io::Result<Self> {
        let locks = journal.locks();
        let (requests, receiver) = channel();
        let name = thread::Builder::new().name("journal".to_owned());
        let thread = name.spawn(move || run(journal, &receiver))?;
        Ok(Self {
            thread: Arc::new(JournalThread {
                requests: Some(requests),
                thread: Some(thread),
            }),
            locks,
        })
    }

    /// Returns the session locks. They are independent of transactions.
    pub(crate) fn locks(&self) -> &SessionLocks {
        &self.locks
    }

    /// Makes a query, after the changes that were requested before.
    ///
    /// # Errors
    ///
    /// The error of the query.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&mut Journal) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        let result = self.send(false, query).await;
        result.unwrap_or(Err(JournalError::Ended))
    }

    /// Makes a change and waits for its commit. Changes are made in the order of the calls.
    ///
    /// # Errors
    ///
    /// The error of the change or of the commit. Then nothing of it is stored.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Journal) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        let result = self.send(true, change).await;
        result.unwrap_or(Err(JournalError::Ended))
    }

    /// Makes a change and blocks until its commit. Call it outside the async runtime only.
    ///
    /// # Errors
    ///
    /// As [`SharedJournal::run`].
    pub(crate) fn run_blocking<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Journal) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        let result = self.send(true, change).blocking_recv();
        result.unwrap_or(Err(JournalError::Ended))
    }

    fn send<T: Send + 'static>(
        &self,
        is_change: bool,
        work: impl FnOnce(&mut Journal) -> Result<T, JournalError> + Send + 'static,
    ) -> oneshot::Receiver<Result<T, JournalError>> {
        let (sender, receiver) = oneshot::channel();
        let work: Work = Box::new(move |journal| {
            let result = journal.and_then(|journal| {
                if is_change {
                    journal.group(work)
                } else {
                    work(journal)
                }
            });
            Box::new(move |committed| {
                // The receiver is gone if its upload was abandoned.
                drop(sender.send(committed.and(result)));
            })
        });
        if let Some(requests) = &self.thread.requests {
            drop(requests.send(Request { is_change, work }));
        }
        receiver
    }
}

impl Drop for JournalThread {
    fn drop(&mut self) {
        // The thread ends when nobody can send requests any more.
        drop(self.requests.take());
        let _ended = self.thread.take().map(JoinHandle::join);
    }
}

/// Performs requests until no more can be sent.
fn run(mut journal: Journal, requests: &Receiver<Request>) {
    while let Ok(first) = requests.recv() {
        let mut waiting = vec![first];
        waiting.extend(requests.try_iter().take(MAX_CHANGES_PER_COMMIT - 1));
        let mut deliveries = Vec::with_capacity(waiting.len());
        let has_changes = waiting.iter().any(|request| request.is_change);
        let mut perform = |journal: &mut Journal| {
            let work = waiting.drain(..).map(|request| request.work);
            deliveries.extend(work.map(|work| work(Ok(&mut *journal))));
            Ok(())
        };
        let committed = if has_changes {
            journal.group(perform)
        } else {
            perform(&mut journal)
        };
        match committed {
            Ok(()) => deliveries.into_iter().for_each(|deliver| deliver(Ok(()))),
            Err(error) => {
                // No change was made if the transaction did not begin.
                let unmade = waiting.into_iter().map(|request| request.work);
                deliveries.extend(unmade.map(|work| work(Err(error.repeated()))));
                for deliver in deliveries {
                    deliver(Err(error.repeated()));
                }
            }
        }
    }
}
