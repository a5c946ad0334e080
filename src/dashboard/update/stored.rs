//! What an earlier run stored: recent sessions, and its queue if it was interrupted.

use super::{forms, move_files, screening, session};
use crate::bankconnect::wire::{SessionPeriod, SessionRequest, default_period};
use crate::dashboard::Effect;
use crate::dashboard::model::{
    CaseOfFile, Choice, ChoiceAction, ChoiceOption, Level, Model, Overlay, Picker, PickerAction,
    PickerItem, RecentSession, RestoredFile, SessionSource,
};
use crate::screen::Code;
use crate::statement::DateRange;
use crate::text::columns::counted;
use crate::text::sanitize;
use jiff::Timestamp;

/// Asks whether to continue with the queue of an interrupted run.
pub(super) fn offer_queue(model: &mut Model) {
    let Some((files, saved_at)) = model.setup.interrupted_queue else {
        return;
    };
    let when = local_time(model, saved_at);
    let files = counted(files, "file");
    let text = format!(
        "The last dashboard was interrupted at {when}, with {files} in its queue that were not \
         uploaded. Continue with their cases, marks, banks, categories and ignored warnings?"
    );
    model.overlays.push(Overlay::Choice(Choice {
        title: "Interrupted queue".to_owned(),
        text,
        options: vec![
            ChoiceOption::new(
                'y',
                format!("Continue with {files}"),
                ChoiceAction::RestoreQueue,
            ),
            ChoiceOption::new('n', "Start without them", ChoiceAction::Dismiss),
        ],
        selected: 0,
    }));
}

fn local_time(model: &Model, at: Timestamp) -> String {
    let zoned = at.to_zoned(model.setup.time_zone.clone());
    zoned.strftime("%Y-%m-%d %H:%M").to_string()
}

/// Applies what the user had chosen for files that returned from the stored queue.
pub(super) fn restored(model: &mut Model, files: Vec<RestoredFile>, missing: usize) -> Vec<Effect> {
    // The question counted those that are not uploaded.
    let uploaded = files.iter().filter(|file| file.stored.uploaded).count();
    let mut text = format!(
        "{} of the interrupted queue returned",
        counted(files.len() - uploaded, "file")
    );
    if uploaded > 0 {
        text = format!("{text}, and {uploaded} uploaded of the same cases");
    }
    if missing > 0 {
        text = format!("{text}; {} no longer there", counted(missing, "file"));
    }
    let mut effects: Vec<Effect> = moved_places(model, &files)
        .and_then(|places| move_files::restore(model, places))
        .into_iter()
        .collect();
    let banks = model.setup.banks.clone();
    let ids: Vec<_> = files.iter().map(|restored| restored.file).collect();
    for RestoredFile { file, stored } in files {
        let codes = stored
            .ignored
            .iter()
            .filter_map(|name| Code::from_name(name));
        let codes: Vec<Code> = codes.collect();
        model.queue.change(file, |file| {
            file.marked = stored.marked;
            file.ignored = codes;
            if let Some(bank) = stored.bank.as_deref().and_then(|id| banks.by_id(id)) {
                file.expected_mut().bank = Some(bank.clone());
            }
            if stored.category.is_some() {
                file.expected_mut().account_category = stored.category;
            }
        });
    }
    model.notify(Level::Info, &text);
    effects.extend(screening::screen(model, ids));
    effects
}

/// Returns the cases of files that the user had moved there: this start found them in others.
fn moved_places(model: &Model, files: &[RestoredFile]) -> Option<Vec<CaseOfFile>> {
    let cases = model.queue.cases().list();
    let moved = files.iter().filter_map(|restored| {
        let name = restored.stored.case.as_ref()?;
        let case = cases.iter().position(|case| case.name == *name);
        let own = model.queue.file(restored.file)?.case;
        (case.is_some() && case != own).then_some((restored.file, case))
    });
    let moved: Vec<CaseOfFile> = moved.collect();
    (!moved.is_empty()).then_some(moved)
}

/// Returns the record of a session that was opened for a reference; `None` for a sandbox or an
/// unknown reference.
pub(super) fn recent(model: &mut Model) -> Option<Effect> {
    let session = model.open_session().filter(|session| !session.sandbox)?;
    let reference = session.name.reference.clone()?;
    let (from, to) = default_period(model.setup.today);
    let is_default = session.requested_period == Some(DateRange { from, to });
    let recent = RecentSession {
        reference,
        period: session.requested_period.filter(|_| !is_default),
        used_at: model.now,
    };
    model
        .recent_sessions
        .retain(|known| known.reference != recent.reference);
    model.recent_sessions.insert(0, recent.clone());
    Some(Effect::RememberSession(recent))
}

/// Opens the list of recent sessions.
pub(super) fn choose_recent(model: &mut Model) {
    let items = model.recent_sessions.iter().map(|recent| {
        let period = recent.period.map_or_else(
            || "default period".to_owned(),
            |period| format!("{} to {}", period.from, period.to),
        );
        PickerItem {
            label: recent.reference.clone(),
            detail: format!("{period}, used {}", local_time(model, recent.used_at)),
            names: Vec::new(),
            enabled: true,
            action: PickerAction::UseSession(recent.clone()),
        }
    });
    let picker = Picker::new("Recent sessions", items.collect());
    model.overlays.push(Overlay::Picker(picker));
}

/// Uses the session of a reference: the one that is known and not expired, else a new one, which
/// the first upload creates.
pub(super) fn use_recent(model: &mut Model, recent: RecentSession) -> Vec<Effect> {
    let days = recent.period.map_or_else(
        || default_period(model.setup.today),
        |period| (period.from, period.to),
    );
    let request = SessionRequest {
        link_id: recent.reference,
        period: SessionPeriod::between(days.0, days.1),
        ..SessionRequest::default()
    };
    if request.check().is_err() {
        // Stored by another version; the form states what is wrong.
        model.setup.link_id = sanitize(&request.link_id).into_owned();
        forms::new_session(model);
        return Vec::new();
    }
    session::choose_source(model, SessionSource::New(Box::new(request)))
}
