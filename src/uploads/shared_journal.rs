//! Makes the changes of the journal on a thread of its own, several in one commit.
//!
//! A commit waits for the disk. On the network thread it would delay every upload; here the changes
//! that arrive meanwhile share the next commit.

use crate::journal::{Journal, JournalError};
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use tokio::sync::oneshot;

/// Maximum number of changes in one commit.
const MAX_CHANGES_PER_COMMIT: usize = 64;

/// A change. It gets the journal, or the error for which no transaction could begin.
type Change = Box<dyn FnOnce(Result<&mut Journal, JournalError>) -> Delivery + Send>;
/// Delivers the result of a change after the commit, or the error of the commit.
type Delivery = Box<dyn FnOnce(Result<(), JournalError>)>;

/// A journal that a thread owns. Clones share it; it is closed with the last of them.
#[derive(Clone)]
pub(crate) struct SharedJournal(Arc<JournalThread>);

struct JournalThread {
    /// Both are `Some` until the thread is ended.
    changes: Option<Sender<Change>>,
    thread: Option<JoinHandle<()>>,
}

impl SharedJournal {
    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// If the operating system denies a thread.
    pub(crate) fn start(journal: Journal) -> io::Result<Self> {
        let (changes, receiver) = channel();
        let name = thread::Builder::new().name("journal".to_owned());
        let thread = name.spawn(move || run(journal, &receiver))?;
        Ok(Self(Arc::new(JournalThread {
            changes: Some(changes),
            thread: Some(thread),
        })))
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
        self.send(change).await.unwrap_or(Err(JournalError::Ended))
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
        let result = self.send(change).blocking_recv();
        result.unwrap_or(Err(JournalError::Ended))
    }

    fn send<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Journal) -> Result<T, JournalError> + Send + 'static,
    ) -> oneshot::Receiver<Result<T, JournalError>> {
        let (sender, receiver) = oneshot::channel();
        let change: Change = Box::new(move |journal| {
            let result = journal.and_then(|journal| journal.group(change));
            Box::new(move |committed| {
                // The receiver is gone if its upload was abandoned.
                drop(sender.send(committed.and(result)));
            })
        });
        if let Some(changes) = &self.0.changes {
            drop(changes.send(change));
        }
        receiver
    }
}

impl Drop for JournalThread {
    fn drop(&mut self) {
        // The thread ends when nobody can send changes any more.
        drop(self.changes.take());
        let _ended = self.thread.take().map(JoinHandle::join);
    }
}

/// Makes changes until no more can be sent.
fn run(mut journal: Journal, changes: &Receiver<Change>) {
    while let Ok(first) = changes.recv() {
        let mut waiting = vec![first];
        waiting.extend(changes.try_iter().take(MAX_CHANGES_PER_COMMIT - 1));
        let mut deliveries = Vec::with_capacity(waiting.len());
        let committed = journal.group(|journal| {
            deliveries.extend(waiting.drain(..).map(|change| change(Ok(&mut *journal))));
            Ok(())
        });
        match committed {
            Ok(()) => deliveries.into_iter().for_each(|deliver| deliver(Ok(()))),
            Err(error) => {
                // No change was made if the transaction did not begin.
                let unmade = waiting.into_iter();
                deliveries.extend(unmade.map(|change| change(Err(error.repeated()))));
                for deliver in deliveries {
                    deliver(Err(error.repeated()));
                }
            }
        }
    }
}
