//! Follows the processing of sessions, without delaying uploads or the screen.

use super::event::Event;
use crate::bankconnect::Client;
use crate::bankconnect::wire::SessionReport;
use crate::dashboard::model::{ProcessingRequest, ProcessingState};
use crate::dashboard::{Message, ProcessingUpdate};
use crate::text::columns::counted;
use crate::uploads::{Processing, ProcessingStep, SharedJournal, is_completed, record_codes};
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::mpsc::Sender;
use std::task::Poll;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// Pause between two queries of a session.
const INTERVAL: Duration = Duration::from_secs(2);
/// Maximum time that a session is followed, as by `bankscreen session process`.
const MAX_TIME: Duration = Duration::from_mins(30);
/// Sessions that are followed at the same time.
const MAX_SESSIONS: usize = 8;

/// The sessions that are being processed.
pub(super) struct Processings {
    running: Vec<Pin<Box<dyn Future<Output = ()>>>>,
    permits: Rc<Semaphore>,
}

impl Default for Processings {
    fn default() -> Self {
        Self {
            running: Vec::new(),
            permits: Rc::new(Semaphore::new(MAX_SESSIONS)),
        }
    }
}

impl Processings {
    /// Starts the processing of a session. Its steps and its end are events.
    pub(super) fn start(
        &mut self,
        request: ProcessingRequest,
        client: Client,
        journal: SharedJournal,
        events: Sender<Event>,
    ) {
        let permits = Rc::clone(&self.permits);
        self.running.push(Box::pin(async move {
            // The semaphore is never closed.
            let _permit = permits.acquire().await;
            let state = follow(&request.session, &client, &journal, &events).await;
            send(&events, &request.session, state);
        }));
    }

    /// Waits until one of the sessions has ended; forever without any.
    pub(super) async fn next_end(&mut self) {
        poll_fn(|context| {
            let before = self.running.len();
            self.running
                .retain_mut(|one| one.as_mut().poll(context).is_pending());
            if self.running.len() < before {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }
}

/// Processes a session, and returns how it ended.
async fn follow(
    session: &str,
    client: &Client,
    journal: &SharedJournal,
    events: &Sender<Event>,
) -> ProcessingState {
    let processing = Processing::new(client, INTERVAL, |step| {
        send(
            events,
            session,
            match step {
                ProcessingStep::AlreadyStarted => ProcessingState::Started,
                ProcessingStep::Progress(done, all) => ProcessingState::Progress(done, all),
                ProcessingStep::Retrying(why) => ProcessingState::Retrying(why),
            },
        );
    });
    let report = match timeout(MAX_TIME, processing.run(session)).await {
        Ok(Ok(report)) => report,
        Ok(Err(error)) => return ProcessingState::Stopped(error.to_string()),
        Err(_elapsed) => {
            let minutes = MAX_TIME.as_secs() / 60;
            return ProcessingState::Stopped(format!("it did not end within {minutes} minutes"));
        }
    };
    let state = ended(&report);
    let id = session.to_owned();
    // The report is shown even if the journal can't be written, which the next upload reports.
    drop(
        journal
            .run(move |journal| record_codes(journal, &id, &report.accounts))
            .await,
    );
    state
}

/// Returns the end that a report states.
fn ended(report: &SessionReport) -> ProcessingState {
    let accounts = counted(report.accounts.len(), "account");
    if is_completed(report) {
        return ProcessingState::Completed(accounts);
    }
    let errors = report.accounts.iter().flat_map(|account| {
        let statements = account.statements.iter();
        let statements = statements.filter_map(|statement| statement.error.as_ref());
        account.error.iter().chain(statements)
    });
    let mut codes: Vec<String> = errors.map(|error| error.code.name().to_owned()).collect();
    codes.sort();
    codes.dedup();
    ProcessingState::Failed(if codes.is_empty() {
        accounts
    } else {
        format!("{accounts}: {}", codes.join(", "))
    })
}

fn send(events: &Sender<Event>, session: &str, state: ProcessingState) {
    let update = ProcessingUpdate {
        session: session.to_owned(),
        state,
    };
    // If the receiver is gone, the program is ending.
    drop(events.send(Message::ProcessingUpdated(update).into()));
}
