//! The session: choosing it, opening it, and warning of its expiry.

use super::screening;
use crate::dashboard::Effect;
use crate::dashboard::keymap::Action;
use crate::dashboard::model::{
    Choice, ChoiceAction, ChoiceOption, FirstOffer, Level, Model, Overlay, Session, SessionSource,
    SessionState, recent_label,
};
use crate::screen::PeriodOrigin;
use crate::statement::DateRange;
use jiff::{Timestamp, ToSpan as _};

/// Minutes before the expiry of a session at which the user is warned.
const WARNING_MINUTES: i64 = 10;

/// Gives each case a session of its own: in the sandbox if it was requested or there is no key.
pub(super) fn use_one_per_case(model: &mut Model) {
    let initial = model.setup.initial_session.take();
    let sandbox = matches!(initial, Some(SessionSource::Sandbox(_)))
        || model.setup.first_offer == FirstOffer::Sandbox;
    model.session = SessionState::PerCase { sandbox };
}

/// Asks the user which session to open.
pub(super) fn choose(model: &mut Model) {
    if matches!(model.session, SessionState::PerCase { .. }) {
        let text = "Each case has a session of its own, which its first upload opens";
        model.show_notice(Level::Info, text);
        return;
    }
    let totals = model.queue.upload_totals();
    // A job belongs to the session that it was queued for.
    if totals.left() > 0 {
        let text = format!(
            "Uploads to this session are in progress: wait, or cancel them ({})",
            model.key(Action::CancelUpload)
        );
        model.notify(Level::Warning, &text);
        return;
    }
    let text = match &model.session {
        SessionState::None => "Files are screened on this machine. Uploading requires a session.",
        SessionState::Planned(_) => "The new session replaces the one that is not opened yet.",
        SessionState::Opening(_) => "A session is being opened.",
        SessionState::Open(_) | SessionState::PerCase { .. } => {
            "The new session replaces the open one."
        }
    };
    let sandbox = ChoiceOption::new(
        's',
        "Sandbox: try it without a key; nothing leaves this machine",
        ChoiceAction::OpenSandbox,
    );
    let service = [
        ChoiceOption::new('n', "New BankConnect session", ChoiceAction::NewSession),
        ChoiceOption::new(
            'e',
            "Existing session, by its ID",
            ChoiceAction::ExistingSession,
        ),
    ];
    let later = ChoiceOption::new('l', "Later: only screen files", ChoiceAction::Dismiss);
    let mut options = Vec::from(service);
    // Enter chooses the first.
    let index = match model.setup.first_offer {
        FirstOffer::Sandbox => 0,
        FirstOffer::Service => options.len(),
    };
    options.insert(index, sandbox);
    if let Some(label) = recent_label(&model.recent_sessions) {
        let recent = ChoiceOption::new('r', label, ChoiceAction::RecentSessions);
        options.insert(1, recent);
    }
    options.push(later);
    model.overlays.push(Overlay::Choice(Choice {
        title: "Session".to_owned(),
        text: text.to_owned(),
        options,
        selected: 0,
    }));
}

/// Uses a session from now on. A new one is created by the first upload; an existing one or that
/// of the sandbox costs nothing and is opened at once.
pub(super) fn choose_source(model: &mut Model, source: SessionSource) -> Vec<Effect> {
    let SessionSource::New(request) = &source else {
        return open(model, source);
    };
    let days = request.period.days().ok().flatten();
    let name = request.link_id.clone();
    model.session = SessionState::Planned(source);
    let text = format!(
        "The first upload opens the session for {name}: {} uploads",
        model.key(Action::Upload)
    );
    model.notify(Level::Info, &text);
    days.map_or_else(Vec::new, |(from, to)| {
        let period = DateRange { from, to };
        screening::set_requested_period(model, period, PeriodOrigin::Session)
    })
}

/// Opens a session.
pub(super) fn open(model: &mut Model, source: SessionSource) -> Vec<Effect> {
    model.session = SessionState::Opening(source.clone());
    vec![Effect::OpenSession(source)]
}

/// Stores an opened session, or reports why it could not be opened. The next upload tries again,
/// except to open a sandbox.
pub(super) fn opened(model: &mut Model, opened: Result<Session, String>) -> Vec<Effect> {
    let session = match opened {
        Ok(session) => session,
        Err(why) => {
            let state = std::mem::take(&mut model.session);
            if let SessionState::Opening(source) = state
                && !matches!(source, SessionSource::Sandbox(_))
            {
                model.session = SessionState::Planned(source);
            }
            model.notify(Level::Error, &why);
            return Vec::new();
        }
    };
    model.enter_session(&session.name);
    let text = format!(
        "Session {} is open: {} uploads",
        session.name.id,
        model.key(Action::Upload)
    );
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
        let text = format!(
            "The session expires in {WARNING_MINUTES} minutes; later uploads need a new one ({})",
            model.key(Action::Session)
        );
        model.notify(Level::Warning, &text);
    }
    if before < expires && expires <= now {
        let key = model.key(Action::Session);
        let text = format!("The session has expired: {key} opens a new one");
        model.notify(Level::Error, &text);
    }
}
