//! Uploading: what is sent, how far it is, what became of it.

use super::told;
use super::work::targets;
use crate::dashboard::model::{
    Choice, ChoiceOption, Chosen, Delivery, File, FileId, Level, Model, Overlay, SessionState,
};
use crate::dashboard::{Delivered, Effect, Request, Step};
use crate::screen::Verdict;
use crate::uploads::plan::OutcomeKind;
use jiff::Timestamp;
use std::fmt::Write as _;

/// Why a file is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    Waiting,
    Fails,
    NoBank,
    Sent,
}

fn may_send(file: &File) -> Result<(), Kept> {
    if !matches!(file.delivery, Delivery::Idle) {
        return Err(Kept::Sent);
    }
    match file.verdict() {
        None => Err(Kept::Waiting),
        Some(Verdict::Fail) => Err(Kept::Fails),
        Some(Verdict::Pass | Verdict::Warn) if file.sure_bank().is_none() => Err(Kept::NoBank),
        Some(Verdict::Pass | Verdict::Warn) => Ok(()),
    }
}

fn request(id: FileId, file: &File, resend: bool) -> Request {
    Request {
        file: id,
        bank: file.sure_bank().map(|bank| bank.id().to_owned()),
        resend,
    }
}

/// Uploads the marked files, else all that may be.
pub(super) fn upload(model: &mut Model) -> Vec<Effect> {
    match model.session {
        SessionState::None => return super::session::ask(model),
        SessionState::Opening(_) => {
            return told(
                model,
                Level::Warning,
                "the session is being opened: a moment, please",
            );
        }
        SessionState::Open(_) => {}
    }
    let marked = model.queue.tally().marked > 0;
    let mut kept = Vec::new();
    let mut requests = Vec::new();
    for (id, file) in model
        .queue
        .present()
        .filter(|(_, file)| file.marked || !marked)
    {
        match may_send(file) {
            Ok(()) => requests.push(request(id, file, false)),
            Err(why) => kept.push(why),
        }
    }
    let (level, text) = tell(requests.len(), &kept);
    model.tell(level, text);
    send(model, requests)
}

/// What is sent and what is not, in words.
fn tell(sent: usize, kept: &[Kept]) -> (Level, String) {
    let mut text = match sent {
        0 => "nothing to send".to_owned(),
        1 => "1 file is sent".to_owned(),
        _ => format!("{sent} files are sent"),
    };
    let reasons = [
        (Kept::Fails, "would be refused"),
        (Kept::NoBank, "need a bank (b)"),
        (Kept::Waiting, "are still screened"),
    ];
    for (why, words) in reasons {
        let count = kept.iter().filter(|kept| **kept == why).count();
        if count > 0 {
            let _infallible = write!(text, "; {count} {words}");
        }
    }
    let level = if sent == 0 {
        Level::Warning
    } else {
        Level::Info
    };
    (level, text)
}

fn send(model: &mut Model, requests: Vec<Request>) -> Vec<Effect> {
    if requests.is_empty() {
        return Vec::new();
    }
    for request in &requests {
        model.queue.change(request.file, |file| {
            file.delivery = Delivery::Queued;
            file.marked = false;
        });
    }
    vec![Effect::Send(requests)]
}

/// Cancels the upload of files.
pub(super) fn cancel(model: &mut Model) -> Vec<Effect> {
    let moving = |id: &FileId| model.queue.file(*id).is_some_and(File::is_moving);
    let files: Vec<FileId> = targets(model).into_iter().filter(moving).collect();
    if files.is_empty() {
        return told(
            model,
            Level::Warning,
            "it is not on its way: there is nothing to cancel",
        );
    }
    files.into_iter().map(Effect::Cancel).collect()
}

/// Sends again what the service did certainly not take, of the marked files or of all; what it
/// refused only where that is marked, since the same file is refused again.
pub(super) fn retry(model: &mut Model) -> Vec<Effect> {
    if model.open_session().is_none() {
        return super::session::ask(model);
    }
    let marked = model.queue.tally().marked > 0;
    let again = |file: &File| match file.sent().map(|sent| sent.outcome.kind) {
        Some(OutcomeKind::Skipped) => file.marked || !marked,
        Some(OutcomeKind::Rejected) => file.marked,
        _ => false,
    };
    let files = model.queue.present().filter(|(_, file)| again(file));
    let requests: Vec<_> = files.map(|(id, file)| request(id, file, false)).collect();
    if requests.is_empty() {
        let text = "nothing to try again: a refused file is sent again only when it is marked";
        return told(model, Level::Warning, text);
    }
    model.tell(Level::Info, format!("{} tried again", requests.len()));
    send(model, requests)
}

fn unknown(model: &Model) -> impl Iterator<Item = (FileId, &File)> {
    model.queue.present().filter(|(_, file)| {
        let sent = file.sent();
        sent.is_some_and(|sent| sent.outcome.kind == OutcomeKind::Unknown)
    })
}

/// Asks what to do about uploads whose outcome is unknown.
pub(super) fn ask_to_settle(model: &mut Model) -> Vec<Effect> {
    let count = unknown(model).count();
    if count == 0 {
        return told(model, Level::Info, "every upload has a known outcome");
    }
    let can_ask = model.open_session().is_some_and(|session| session.can_ask);
    let option = |key, label: &str, chosen| ChoiceOption {
        key,
        label: label.to_owned(),
        chosen,
    };
    let mut options = Vec::new();
    if can_ask {
        options.push(option(
            'a',
            "ask the service what it has; nothing is sent",
            Chosen::Settle,
        ));
    }
    options.push(option(
        's',
        "send them again; the service may then have them twice, and charge twice",
        Chosen::Resend,
    ));
    options.push(option('l', "leave them as they are", Chosen::Stay));
    let asked = if can_ask {
        ""
    } else {
        " It can't be asked without a server hash (BANKSCREEN_SERVER_HASH)."
    };
    let text = format!(
        "The answer to {} was lost: the service may have them, or not. They are never sent again \
         by themselves.{asked}",
        crate::text::columns::counted(count, "upload"),
    );
    model.overlays.push(Overlay::Choice(Choice {
        title: "Unknown outcomes".to_owned(),
        text,
        options,
        selected: 0,
    }));
    Vec::new()
}

/// Sends again what the service may have, because a person said so.
pub(super) fn resend(model: &mut Model) -> Vec<Effect> {
    let requests = unknown(model)
        .map(|(id, file)| request(id, file, true))
        .collect();
    send(model, requests)
}

/// Takes in how far a file came.
pub(super) fn delivered(model: &mut Model, delivered: Delivered) -> Vec<Effect> {
    let Delivered { file: id, step } = delivered;
    let Some(file) = model.queue.file(id) else {
        return Vec::new();
    };
    let (bytes, name) = (file.bytes.unwrap_or(0), file.shown.clone());
    match step {
        Step::Began => {
            model
                .log
                .add(model.screen.now, Level::Info, &format!("sending {name}"));
            model
                .queue
                .change(id, |file| file.delivery = Delivery::Sending(0, bytes));
        }
        Step::Moved(sent, total) => {
            // A late word of progress does not undo an outcome.
            if matches!(file.delivery, Delivery::Sending(..)) {
                model
                    .queue
                    .change(id, |file| file.delivery = Delivery::Sending(sent, total));
            }
        }
        Step::Again(why) => {
            let text = format!("{name} was not taken ({why}); it is tried again");
            model.log.add(model.screen.now, Level::Warning, &text);
            model
                .queue
                .change(id, |file| file.delivery = Delivery::Again(why));
        }
        Step::Ended(sent) => {
            let kind = sent.outcome.kind;
            let level = match kind {
                OutcomeKind::Accepted | OutcomeKind::AlreadyUploaded => Level::Info,
                OutcomeKind::Rejected => Level::Error,
                OutcomeKind::Unknown | OutcomeKind::Skipped => Level::Warning,
            };
            let text = format!("{name}: {}, {}", kind.name(), sent.message);
            model.log.add(model.screen.now, level, &text);
            model
                .queue
                .change(id, |file| file.delivery = Delivery::Ended(sent));
            tell_the_end(model);
        }
    }
    Vec::new()
}

/// Tells what it all came to, once nothing is on its way.
fn tell_the_end(model: &mut Model) {
    let progress = model.queue.progress();
    if progress.ended < progress.asked {
        return;
    }
    model.pace = crate::dashboard::model::Pace::default();
    let (asked, uploaded, unknown) = (progress.asked, progress.uploaded, progress.unknown);
    let failed = asked - uploaded - unknown;
    let mut text = format!("the service has {uploaded} of {asked}");
    if failed > 0 {
        let _infallible = write!(text, "; {failed} not taken (r tries again)");
    }
    if unknown > 0 {
        let _infallible = write!(text, "; {unknown} unknown (s settles)");
    }
    let level = if uploaded == asked {
        Level::Info
    } else {
        Level::Warning
    };
    model.tell(level, text);
}

/// The queue stopped: nothing more is sent by itself.
pub(super) fn stopped(model: &mut Model, why: &str) -> Vec<Effect> {
    model.pace = crate::dashboard::model::Pace::default();
    told(model, Level::Error, why)
}

/// Measures how fast the uploads are, over some seconds so that the number stays calm.
pub(super) fn measure(model: &mut Model, now: Timestamp) {
    /// Share of the newest measurement in the pace that is shown.
    const WEIGHT: f64 = 0.3;
    let progress = model.queue.progress();
    if progress.ended == progress.asked {
        return;
    }
    let Some((at, sent)) = model.pace.measured else {
        model.pace.measured = Some((now, progress.sent));
        return;
    };
    let seconds = (now - at).total(jiff::Unit::Second).unwrap_or(0.0);
    if seconds < 0.9 {
        return;
    }
    let newest = progress.sent.saturating_sub(sent) as f64 / seconds;
    let before = model.pace.bytes_per_second.unwrap_or(newest);
    model.pace.bytes_per_second = Some(before + (newest - before) * WEIGHT);
    model.pace.measured = Some((now, progress.sent));
}

/// Asks before leaving while something is on its way.
pub(super) fn quit(model: &mut Model) -> Vec<Effect> {
    let progress = model.queue.progress();
    let moving = progress.asked - progress.ended;
    if moving == 0 {
        return vec![Effect::Quit { finish: false }];
    }
    let option = |key, label: String, chosen| ChoiceOption { key, label, chosen };
    let sending = progress.sending;
    let text = format!(
        "{sending} being sent, {} waiting.",
        moving - sending.min(moving)
    );
    model.overlays.push(Overlay::Choice(Choice {
        title: "Leave while files are on their way?".to_owned(),
        text,
        options: vec![
            option(
                'f',
                "finish what is being sent, then leave; the rest stays unsent".to_owned(),
                Chosen::FinishAndQuit,
            ),
            option(
                'd',
                format!("leave now; the outcome of up to {sending} will be unknown"),
                Chosen::QuitNow,
            ),
            option('s', "stay".to_owned(), Chosen::Stay),
        ],
        selected: 0,
    }));
    Vec::new()
}
