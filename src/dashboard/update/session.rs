//! Where files are sent: opening a session, and its end.

use super::{told, work};
use crate::dashboard::Effect;
use crate::dashboard::model::{
    Choice, ChoiceOption, Chosen, Level, Model, Overlay, Session, SessionState, Start,
};
use jiff::{Timestamp, ToSpan as _};

/// When a session's end is near enough to warn of, in minutes.
const WARN_MINUTES: i64 = 10;

/// Asks where to send.
pub(super) fn ask(model: &mut Model) -> Vec<Effect> {
    let progress = model.queue.progress();
    if progress.ended < progress.asked {
        return told(
            model,
            Level::Warning,
            "files are on their way to this session: wait, or cancel them",
        );
    }
    let option = |key, label: &str, chosen| ChoiceOption {
        key,
        label: label.to_owned(),
        chosen,
    };
    let text = match &model.session {
        SessionState::None => {
            "Files are screened on this machine. To send them, a session is needed."
        }
        SessionState::Opening(_) => "A session is being opened.",
        SessionState::Open(_) => "Another session takes the place of the one that is open.",
    };
    model.overlays.push(Overlay::Choice(Choice {
        title: "Session".to_owned(),
        text: text.to_owned(),
        options: vec![
            option(
                's',
                "sandbox: try it, no key needed, nothing leaves this machine",
                Chosen::Sandbox,
            ),
            option('n', "new session of BankConnect", Chosen::NewSession),
            option(
                'e',
                "session that exists: by its id",
                Chosen::ExistingSession,
            ),
            option('l', "later: screen only", Chosen::Stay),
        ],
        selected: 0,
    }));
    Vec::new()
}

/// Opens a session.
pub(super) fn open(model: &mut Model, start: Start) -> Vec<Effect> {
    let what = match &start {
        Start::Sandbox => "a sandbox",
        Start::New(_) => "a new session",
        Start::Existing(_) => "the session",
    };
    model.session = SessionState::Opening(what);
    vec![Effect::Open(start)]
}

/// Takes in a session that was opened, or why not.
pub(super) fn opened(model: &mut Model, opened: Result<Session, String>) -> Vec<Effect> {
    let session = match opened {
        Ok(session) => session,
        Err(why) => {
            model.session = SessionState::None;
            return told(model, Level::Error, &why);
        }
    };
    let text = format!("session {} is open: u uploads", session.id);
    told(model, Level::Info, &text);
    let range = session.range;
    model.session = SessionState::Open(session);
    match range {
        Some(range) => work::use_range(model, range),
        None => Vec::new(),
    }
}

/// Warns once, when the end of the session comes near.
pub(super) fn warn_of_the_end(model: &mut Model, before: Timestamp, now: Timestamp) {
    let Some(expires) = model.open_session().and_then(|session| session.expires) else {
        return;
    };
    let Ok(near) = expires.checked_sub(WARN_MINUTES.minutes()) else {
        return;
    };
    if before < near && near <= now {
        told(
            model,
            Level::Warning,
            "the session ends in 10 minutes: what is not sent by then needs a new one",
        );
    }
    if before < expires && expires <= now {
        told(
            model,
            Level::Error,
            "the session has ended: S opens a new one",
        );
    }
}
