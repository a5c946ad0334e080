//! Brings parcels to their outcomes: the session, what earlier runs left, the queue, the doubts.

use super::UploadArgs;
use super::bar::Bar;
use super::desk::Desk;
use super::session::Wanted;
use crate::bankconnect::Client;
use crate::cli::failure::Failure;
use crate::cli::interrupt::Interrupt;
use crate::cli::notice::notice;
use crate::event_log::Log;
use crate::journal::Journal;
use crate::uploads::plan::{Outcome, OutcomeKind, PriorAttempt, StopReason};
use crate::uploads::{
    Delivered, Kept, Parcel, Post, Queue, Travel, Turn, delivered as told, earlier, kept, stands,
};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// How long attempts under way may go on after a signal.
const GRACE: Duration = Duration::from_secs(5);

/// Waits for a moment, or for ever.
async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// The code of files that the journal withholds.
const JOURNAL: &str = "JOURNAL_WITHHELD";

/// What a run needs to deliver.
pub(super) struct Delivery<'d> {
    pub(super) args: &'d UploadArgs,
    pub(super) client: Client,
    pub(super) wanted: Wanted,
    pub(super) interrupt: &'d Interrupt,
    pub(super) log: &'d Log,
}

/// How a delivery ended, every parcel having its outcome.
pub(super) struct Done {
    pub(super) post: Arc<Post>,
    /// Why it could not be done to its end.
    pub(super) failure: Option<Failure>,
}

impl Delivery<'_> {
    /// Delivers; every parcel has its outcome at the desk afterwards.
    pub(super) async fn run(
        &self,
        mut journal: Journal,
        parcels: Vec<Parcel>,
        desk: &mut Desk<'_>,
    ) -> Result<Done, Failure> {
        let session = if self.interrupt.signal().is_some() {
            None
        } else {
            tokio::select! {
                obtained = self.wanted.obtain(&self.client, &mut journal) => Some(obtained),
                _ = self.interrupt.came() => None,
            }
        };
        let (session, failure) = match session {
            Some(Ok(session)) => (session, None),
            Some(Err(failure)) => (String::new(), Some(("SESSION_NOT_CREATED", Some(failure)))),
            None => (String::new(), Some(("CANCELLED", None))),
        };
        let files = parcels.len();
        let bytes = parcels.iter().map(|parcel| parcel.bytes).sum();
        let bar = Bar::new(&self.args.screening, files, bytes);
        let sending = &self.args.sending;
        let post = Arc::new(Post::new(
            self.client.clone(),
            session,
            journal,
            Travel {
                kind: sending.upload_type,
                extras: sending.extras(),
                most_bytes: self.args.screening.max_file_size,
            },
            {
                let bar = bar.clone();
                Box::new(move |parcel: &Parcel| Box::new(bar.mover(parcel.bytes)))
            },
            self.log.clone(),
        ));
        let kept = desk.kept(&post.session);
        let recorded = post
            .journal()
            .record_skipped(kept.iter().map(|(i, o)| (i, o)));
        let failure = match recorded {
            Err(error) => Some((JOURNAL, Some(error.into()))),
            Ok(()) => failure,
        };
        if let Some((code, failure)) = failure {
            give_up(&post, &parcels, code, desk)?;
            return Ok(Done { post, failure });
        }
        desk.bar = Some(bar);
        self.settle_doubts(&post).await?;
        let parcels = without_earlier(&post, parcels, desk)?;
        let mut queue = Queue::new(Arc::clone(&post), usize::from(sending.concurrency));
        for (parcel, doubt) in parcels {
            queue.add(parcel, doubt);
        }
        let mut doubts = Vec::new();
        let mut sink = |parcel: &Parcel, delivered: Delivered| -> io::Result<()> {
            if delivered.outcome.kind == OutcomeKind::Unknown && self.client.has_server_hash() {
                doubts.push((parcel.clone(), delivered));
                return Ok(());
            }
            desk.settle(parcel, told(delivered, &post))
        };
        let stop = self.run_queue(queue, &mut sink).await?;
        if !doubts.is_empty() {
            self.settle_doubts(&post).await?;
        }
        for (parcel, mut delivered) in doubts {
            let found = post.journal().find(parcel.content, &post.session)?;
            if let Some(settled) = found.and_then(|entry| entry.settled)
                && settled.outcome.kind != OutcomeKind::Unknown
            {
                delivered.outcome = settled.outcome;
                delivered.at = settled.at;
                delivered.message = None;
            }
            desk.settle(&parcel, told(delivered, &post))?;
        }
        let failure = match stop {
            Some(stop) => self.failure(&stop, &post)?,
            None => None,
        };
        Ok(Done { post, failure })
    }

    /// Runs a queue to its end, and hands on every file with its outcome. Why it stopped early, if
    /// it did.
    ///
    /// A sink that fails stops the queue as a signal does; its error is given at the end.
    async fn run_queue(
        &self,
        mut queue: Queue,
        sink: &mut dyn FnMut(&Parcel, Delivered) -> io::Result<()>,
    ) -> io::Result<Option<StopReason>> {
        let mut reported = Ok(());
        let mut grace = None;
        let mut aborted = false;
        loop {
            tokio::select! {
                turn = queue.turn() => match turn {
                    Turn::Began(_) | Turn::Again(..) => {}
                    Turn::Ended(job, delivered) => {
                        let Some(parcel) = queue.parcel(job) else { continue };
                        if let Err(error) = sink(parcel, delivered) {
                            reported = reported.and(Err(error));
                            queue.stop(StopReason::Cancelled);
                        }
                    }
                    Turn::Done => return reported.map(|()| None),
                    Turn::Stopped(stop) => return reported.map(|()| Some(stop)),
                },
                _ = self.interrupt.came(), if grace.is_none() => {
                    queue.stop(StopReason::Cancelled);
                    grace = Some(Instant::now() + GRACE);
                }
                () = at(grace), if grace.is_some() && !aborted => {
                    queue.abort();
                    aborted = true;
                }
            }
        }
    }

    /// Asks the service about what may have been taken, where it can be asked.
    async fn settle_doubts(&self, post: &Post) -> Result<(), Failure> {
        let asked = tokio::select! {
            asked = post.settle_unknown() => asked?,
            _ = self.interrupt.came() => return Ok(()),
        };
        if let Err(error) = asked {
            notice(format_args!(
                "note: the service was asked about unknown uploads in vain: {error}"
            ));
        }
        Ok(())
    }

    /// What a queue that stopped early means for the command.
    fn failure(&self, stop: &StopReason, post: &Post) -> Result<Option<Failure>, Failure> {
        let heading = match stop {
            StopReason::Cancelled => return Ok(None),
            StopReason::Rejected(refusal) => {
                let code = stop.code();
                if stop.ends_session() {
                    self.wanted.forget(&mut post.journal())?;
                }
                let status = refusal.http_status;
                format!("the service takes no upload: {code} (HTTP {status})")
            }
            StopReason::Unreachable => "the service can't be reached".to_owned(),
            StopReason::Busy => "the service asks to wait for too long".to_owned(),
            StopReason::AnswersLost => "one answer after the other was lost".to_owned(),
            StopReason::JournalUnavailable => {
                return Ok(Some(match post.take_broken() {
                    Some(error) => error.into(),
                    None => Failure::usage("the journal withheld a file", "it again"),
                }));
            }
        };
        let hint = match stop {
            StopReason::Rejected(refusal) if refusal.code.as_deref() == Some("REDIRECTED") => {
                "another --base-url; redirects are never followed"
            }
            StopReason::Rejected(refusal) if matches!(refusal.http_status, 401 | 403) => {
                "the key that belongs to this base URL"
            }
            StopReason::Rejected(_) => {
                "the same call again once that is settled; it goes on from here"
            }
            _ => "the same call again later; it goes on where it stopped",
        };
        Ok(Some(Failure::usage(heading, hint)))
    }
}

/// Gives every parcel up before anything was sent.
fn give_up(
    post: &Post,
    parcels: &[Parcel],
    code: &str,
    desk: &mut Desk<'_>,
) -> Result<(), Failure> {
    for parcel in parcels {
        if code != JOURNAL {
            let outcome = Outcome::own(OutcomeKind::Skipped, code, 0);
            // Where that fails the next call fails as well, and says why.
            let _noted = post.record_skipped(parcel, &outcome);
        }
        let why = Kept {
            code: code.to_owned(),
            told: "not sent".to_owned(),
            hint: None,
        };
        desk.settle(parcel, kept(why))?;
    }
    Ok(())
}

/// Leaves out what an earlier run has sent or may have, which gets its outcome from then.
fn without_earlier(
    post: &Post,
    parcels: Vec<Parcel>,
    desk: &mut Desk<'_>,
) -> Result<Vec<(Parcel, PriorAttempt)>, Failure> {
    let mut left = Vec::new();
    for parcel in parcels {
        let found = post.journal().find(parcel.content, &post.session)?;
        let doubt = found
            .as_ref()
            .map_or(PriorAttempt::None, |entry| entry.prior_attempt);
        match found.and_then(|found| stands(found, parcel.resend)) {
            Some(settled) => desk.settle(&parcel, earlier(settled, &post.session))?,
            None => left.push((parcel, doubt)),
        }
    }
    Ok(left)
}
