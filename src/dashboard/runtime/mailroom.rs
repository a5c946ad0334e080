//! Sends files in the background: one thread, on which sessions are opened and queues driven.

use super::event_loop::{Event, in_background};
use super::office::{Office, Terms};
use crate::bankconnect;
use crate::cli::failure::Failure;
use crate::cli::network::failed;
use crate::dashboard::model::{FileId, Level, Start};
use crate::dashboard::{Delivered as Told, Message, Step};
use crate::report::SettledUpload;
use crate::uploads::plan::{JobId, OutcomeKind, PriorAttempt, StopReason};
use crate::uploads::{Delivered, Parcel, Turn, delivered, earlier, stands};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

/// A file's progress is told so often at most.
const MOVED: Duration = Duration::from_millis(250);

/// What the mailroom is asked to do.
pub(super) enum Command {
    Open(Start),
    Send(Vec<Parcel>),
    Cancel(FileId),
    Settle,
    /// Starts nothing more, and ends when what is under way has ended.
    Finish,
    /// Ends what is under way.
    Abort,
}

/// The thread that sends.
pub(super) struct Mailroom {
    commands: UnboundedSender<Command>,
    /// Where the journal in use is.
    journal: Arc<Mutex<Option<PathBuf>>>,
}

impl Mailroom {
    pub(super) fn start(terms: Terms, events: Sender<Event>) -> Self {
        let (commands, orders) = mpsc::unbounded_channel();
        let journal = Arc::default();
        let desk = Desk {
            terms,
            events: events.clone(),
            journal: Arc::clone(&journal),
            office: None,
            jobs: Vec::new(),
            finishing: false,
        };
        in_background(move || {
            match bankconnect::runtime() {
                Ok(runtime) => runtime.block_on(desk.run(orders)),
                Err(error) => {
                    let why = format!("the network can't be used: {error}");
                    drop(events.send(Message::Opened(Err(why)).into()));
                }
            }
            drop(events.send(Event::MailroomClosed));
        });
        Self { commands, journal }
    }

    /// Asks for something. A mailroom that has closed has said so.
    pub(super) fn ask(&self, command: Command) {
        drop(self.commands.send(command));
    }

    /// Where the journal in use is, if a session is open.
    pub(super) fn journal_folder(&self) -> Option<PathBuf> {
        self.journal
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

struct Desk {
    terms: Terms,
    events: Sender<Event>,
    journal: Arc<Mutex<Option<PathBuf>>>,
    office: Option<Office>,
    /// The file of each job of the queue.
    jobs: Vec<FileId>,
    finishing: bool,
}

impl Desk {
    async fn run(mut self, mut orders: UnboundedReceiver<Command>) {
        let mut idle = true;
        loop {
            let turn = async {
                match &mut self.office {
                    Some(office) if !idle => office.queue.turn().await,
                    _ => std::future::pending().await,
                }
            };
            tokio::select! {
                order = orders.recv() => {
                    let Some(order) = order else { break };
                    idle = false;
                    if self.take(order).await {
                        break;
                    }
                }
                turn = turn => {
                    idle = self.tell(turn);
                    if idle && self.finishing {
                        break;
                    }
                }
            }
        }
    }

    fn say(&self, event: impl Into<Event>) {
        // Where nobody listens any more, the program is ending.
        drop(self.events.send(event.into()));
    }

    fn log(&self, level: Level, text: impl Into<String>) {
        self.say(Message::Log(level, text.into()));
    }

    /// Does what was asked for; tells whether the mailroom is to close.
    async fn take(&mut self, order: Command) -> bool {
        match order {
            Command::Open(start) => self.open(start).await,
            Command::Send(parcels) => {
                for parcel in parcels {
                    self.accept(parcel);
                }
            }
            Command::Cancel(file) => {
                let jobs = self.jobs.iter().enumerate();
                let jobs: Vec<_> = jobs.filter(|(_, sent)| **sent == file).collect();
                if let (Some((job, _)), Some(office)) = (jobs.last(), &mut self.office) {
                    office.queue.cancel(JobId(*job));
                }
            }
            Command::Settle => {
                let learnt = self.settle().await;
                self.say(match learnt {
                    Ok(text) => Event::from(Message::Settled(text)),
                    Err(failure) => Event::error(failure.to_string()),
                });
            }
            Command::Finish | Command::Abort => {
                self.finishing = true;
                let Some(office) = &mut self.office else {
                    return true;
                };
                office.queue.stop(StopReason::Cancelled);
                if matches!(order, Command::Abort) {
                    office.queue.abort();
                }
            }
        }
        false
    }

    async fn open(&mut self, start: Start) {
        // Its journal is let go before it is opened again.
        self.office = None;
        self.jobs.clear();
        let events = self.events.clone();
        let meter = Box::new(move |parcel: &Parcel| mover(file(parcel), events.clone()));
        self.log(Level::Info, format!("opening {}", words(&start)));
        match Office::open(start, &self.terms, meter).await {
            Ok(office) => {
                let left = office.post.journal().recovered().unknown;
                if left > 0 {
                    let text = format!(
                        "an earlier run was cut off: of {left} files nobody knows yet whether they \
                         were taken"
                    );
                    self.log(Level::Warning, text);
                }
                let folder = Some(office.folder().to_owned());
                *self.journal.lock().unwrap_or_else(PoisonError::into_inner) = folder;
                self.say(Message::Opened(Ok(office.session.clone())));
                self.office = Some(office);
            }
            Err(failure) => self.say(Message::Opened(Err(failure.to_string()))),
        }
    }

    /// Takes a file in, unless an earlier run has sent it or may have.
    fn accept(&mut self, parcel: Parcel) {
        let Some(post) = self.office.as_ref().map(|office| Arc::clone(&office.post)) else {
            return;
        };
        let found = match post.journal().find(parcel.content, &post.session) {
            Ok(found) => found,
            Err(error) => {
                let why = Failure::from(error).to_string();
                let sent = withheld(&why);
                self.end(file(&parcel), sent);
                return;
            }
        };
        let doubt = found
            .as_ref()
            .map_or(PriorAttempt::None, |entry| entry.prior_attempt);
        let before = found.and_then(|found| stands(found, parcel.resend));
        if let Some(settled) = before {
            let sent = earlier(settled, &post.session);
            self.end(file(&parcel), sent);
            return;
        }
        if let Some(office) = &mut self.office {
            self.jobs.push(file(&parcel));
            office.queue.add(parcel, doubt);
        }
    }

    /// Tells what a turn brought; and whether there is nothing more to wait for.
    fn tell(&mut self, turn: Turn) -> bool {
        match turn {
            Turn::Began(job) => self.step(job, Step::Began),
            Turn::Again(job, why) => self.step(job, Step::Again(why.to_owned())),
            Turn::Ended(job, ended) => self.ended(job, ended),
            Turn::Done => return true,
            Turn::Stopped(stop) => {
                self.stopped(&stop);
                return true;
            }
        }
        false
    }

    fn step(&self, JobId(job): JobId, step: Step) {
        if let Some(file) = self.jobs.get(job) {
            self.say(Message::Delivery(Told { file: *file, step }));
        }
    }

    fn ended(&self, job: JobId, ended: Delivered) {
        let Some(office) = &self.office else { return };
        let sent = delivered(ended, &office.post);
        self.step(job, Step::Ended(Box::new(for_keys(sent))));
    }

    fn end(&self, file: FileId, sent: SettledUpload) {
        let step = Step::Ended(Box::new(for_keys(sent)));
        self.say(Message::Delivery(Told { file, step }));
    }

    /// A queue that stopped is followed by a new one, for when the person tries again.
    fn stopped(&mut self, stop: &StopReason) {
        let Some(office) = &mut self.office else {
            return;
        };
        let code = stop.code().into_owned();
        let ended = stop.ends_session();
        if ended {
            office.forget_session();
        }
        office.renew_queue();
        self.jobs.clear();
        if *stop == StopReason::Cancelled {
            return;
        }
        let why = match stop {
            StopReason::Rejected(_) if ended => {
                "the session takes no more uploads: S opens a new one"
            }
            StopReason::Rejected(refusal) if matches!(refusal.http_status, 401 | 403) => {
                "the service does not take the key: quit, and give the one of this base URL"
            }
            StopReason::Rejected(_) => {
                "the service takes no upload now: r tries again once that is settled"
            }
            StopReason::Unreachable => "the service can't be reached: r tries again",
            StopReason::Busy => "the service asks to wait for long: r tries again later",
            StopReason::AnswersLost => {
                "one answer after the other was lost: s settles, r tries the rest"
            }
            StopReason::Cancelled | StopReason::JournalUnavailable => {
                "the journal can't be written to: nothing is sent"
            }
        };
        let detail = office.post.take_broken();
        let detail =
            detail.map_or_else(String::new, |error| format!(" ({})", Failure::from(error)));
        self.say(Message::Stopped(format!("{code}: {why}{detail}")));
    }

    /// Asks the service about what may have been taken.
    async fn settle(&mut self) -> Result<String, Failure> {
        let Some(office) = &self.office else {
            return Ok("no session is open".to_owned());
        };
        let asked = office.post.settle_unknown().await?;
        let asked = asked.map_err(|error| failed("ask about the session", error))?;
        self.say(Event::Resolved(self.resolved(&asked.unknown)?));
        Ok(format!(
            "the service lists {} of {} unknown uploads",
            asked.found,
            asked.unknown.len()
        ))
    }

    /// The entries that are settled by now.
    fn resolved(
        &self,
        entries: &[crate::journal::UploadEntry],
    ) -> Result<Vec<(crate::screen::ContentHash, SettledUpload)>, Failure> {
        let Some(office) = &self.office else {
            return Ok(Vec::new());
        };
        let mut resolved = Vec::new();
        for entry in entries {
            let found = office
                .post
                .journal()
                .find(entry.content, &office.post.session)?;
            if let Some(settled) = found.and_then(|entry| entry.settled)
                && settled.outcome.kind != OutcomeKind::Unknown
            {
                let sent = delivered(
                    Delivered {
                        outcome: settled.outcome,
                        at: settled.at,
                        message: None,
                    },
                    &office.post,
                );
                resolved.push((entry.content, sent));
            }
        }
        Ok(resolved)
    }
}

/// The file of a parcel: its place is that of the file in the queue.
fn file(parcel: &Parcel) -> FileId {
    FileId(u32::try_from(parcel.place).unwrap_or(u32::MAX))
}

fn words(start: &Start) -> String {
    match start {
        Start::Sandbox => "a sandbox of this run".to_owned(),
        Start::New(request) => format!("a session for {}", request.link_id),
        Start::Existing(id) => format!("session {id}"),
    }
}

/// What to do is a key here, not a flag.
fn for_keys(mut sent: SettledUpload) -> SettledUpload {
    if sent.outcome.kind == OutcomeKind::Unknown {
        sent.hint = Some("s settles it, or sends it again".to_owned());
    }
    sent
}

fn withheld(why: &str) -> SettledUpload {
    crate::uploads::kept(crate::uploads::Kept {
        code: StopReason::JournalUnavailable.code().into_owned(),
        told: why.to_owned(),
        hint: None,
    })
}

/// Tells how far a file is, not too often.
fn mover(file: FileId, events: Sender<Event>) -> Box<dyn Fn(u64, u64) + Send + Sync> {
    let begun = super::event_loop::now();
    let told = AtomicU64::new(0);
    Box::new(move |sent, total| {
        let now = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let interval = u64::try_from(MOVED.as_millis()).unwrap_or(u64::MAX);
        let last = told.load(Ordering::Relaxed);
        if now < last.saturating_add(interval) {
            return;
        }
        told.store(now, Ordering::Relaxed);
        let step = Step::Moved(sent, total);
        drop(events.send(Message::Delivery(Told { file, step }).into()));
    })
}
