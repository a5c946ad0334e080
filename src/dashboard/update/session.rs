//! The session: choosing it, opening it, and warning of its expiry.

use super::screening;
use crate::dashboard::Effect;
use crate::dashboard::model::{
    Choice, ChoiceAction, ChoiceOption, Level, Model, Overlay, Session, SessionSource, SessionState,
};
use crate::screen::PeriodOrigin;
use jiff::{Timestamp, ToSpan as _};

/// Minutes before the expiry of a session at which the user is warned.
const WARNING_MINUTES: i64 = 10;

/// Asks the user which session to open.
pub(super) fn choose(model: &mut Model) {
    let totals = model.queue.upload_totals();
    // A job belongs to the session that it was queued for.
    if totals.finished < totals.requested {
        let text = "Uploads to this session are in progress: wait, or cancel them (x)";
        model.notify(Level::Warning, text);
        return;
    }
    let text = match &model.session {
        SessionState::None => "Files are screened on this machine. Uploading requires a session.",
        SessionState::Opening(_) => "A session is being opened.",
        SessionState::Open(_) => "The new session replaces the open one.",
    };
    let options = vec![
        ChoiceOption::new(
            's',
            "Sandbox: try it without a key; nothing leaves this machine",
            ChoiceAction::OpenSandbox,
        ),
        ChoiceOption::new('n', "New BankConnect session", ChoiceAction::NewSession),
        ChoiceOption::new(
            'e',
            "Existing session, by its ID",
            ChoiceAction::ExistingSession,
        ),
        ChoiceOption::new('l', "Later: only screen files", ChoiceAction::Dismiss),
    ];
    model.overlays.push(Overlay::Choice(Choice {
        title: "Session".to_owned(),
        text: text.to_owned(),
        options,
        selected: 0,
    }));
}

/// Opens a session.
pub(super) fn open(model: &mut Model, source: SessionSource) -> Vec<Effect> {
    let label = match &source {
        SessionSource::Sandbox(_) => "a sandbox session",
        SessionSource::New(_) => "a new session",
        SessionSource::Existing(_) => "the session",
    };
    model.session = SessionState::Opening(label);
    vec![Effect::OpenSession(source)]
}

/// Stores an opened session, or reports why it could not be opened.
pub(super) fn opened(model: &mut Model, opened: Result<Session, String>) -> Vec<Effect> {
    let session = match opened {
        Ok(session) => session,
        Err(why) => {
            model.session = SessionState::None;
            model.notify(Level::Error, &why);
            return Vec::new();
        }
    };
    let text = format!("Session {} is open: u uploads", session.id);
    model.notify(Level::Info, &text);
    let period = session.requested_period;
    model.session = SessionState::Open(session);
    match period {
        Some(period) => screening::set_requested_period(model, period, PeriodOrigin::Session),
        None => Vec::new(),
    }
}

/// Notifies the user when the session is about to expire, and when it has expired.
pub(super) fn warn_of_expiry(model: &mut Model, before: Timestamp, now: Timestamp) {
    let Some(expires) = model.open_session().and_then(|session| session.expires) else {
        return;
    };
    let Ok(warning) = expires.checked_sub(WARNING_MINUTES.minutes()) else {
        return;
    };
    // Compares with the previous tick, so that each notice appears once.
    if before < warning && warning <= now {
        let text = "The session expires in 10 minutes; later uploads need a new one (S)";
        model.notify(Level::Warning, text);
    }
    if before < expires && expires <= now {
        model.notify(Level::Error, "The session has expired: S opens a new one");
    }
}
