//! Moving files into cases.

use super::screening;
use crate::dashboard::Effect;
use crate::dashboard::keymap::Action;
use crate::dashboard::model::{CaseOfFile, File, FileId, Level, Model, Moved, Undo, UploadState};
use crate::screen::Expected;
use crate::screen::cases::Case;
use crate::text::columns::counted;
use crate::uploads::plan::OutcomeKind;
use std::sync::Arc;

/// Returns why none of the target files can be moved into a case; `None` if some can.
pub(super) fn obstacle(model: &Model) -> Option<(Level, String)> {
    if model.queue.cases().is_empty() {
        let text = "There are no cases: start with --cases to group files by applicant";
        return Some((Level::Info, text.to_owned()));
    }
    let files = screening::targets(model);
    let can_move = |id: &FileId| model.queue.file(*id).is_some_and(can_move);
    (!files.iter().any(can_move)).then(|| (Level::Warning, kept(model, files.len())))
}

/// Returns whether a file can change its case. What the service has or may have stays with the
/// session of the case that it was sent for.
fn can_move(file: &File) -> bool {
    let is_there = file
        .outcome()
        .is_some_and(|kind| kind.is_uploaded() || kind == OutcomeKind::Unknown);
    !file.is_uploading() && !is_there
}

fn kept(model: &Model, count: usize) -> String {
    format!(
        "{} kept: uploaded, in upload ({} cancels) or of unknown outcome ({} resolves)",
        counted(count, "file"),
        model.key(Action::CancelUpload),
        model.key(Action::ResolveUnknown)
    )
}

/// Moves files into the case with this name, which is added if the queue does not have it.
pub(super) fn move_to_named(model: &mut Model, files: Vec<FileId>, case: &Case) -> Vec<Effect> {
    let position = |model: &Model| {
        let mut cases = model.queue.cases().list().iter();
        cases.position(|known| known.name == case.name)
    };
    let mut effects = Vec::new();
    if position(model).is_none() {
        effects.push(Effect::AddCase(case.clone()));
        model.queue.add_case(case.clone());
    }
    if let Some(case) = position(model) {
        effects.extend(move_to(model, files, case));
    }
    effects
}

/// Moves files into a case, except those that the service has or may have.
pub(super) fn move_to(model: &mut Model, files: Vec<FileId>, case: usize) -> Vec<Effect> {
    let (moved, others): (Vec<FileId>, Vec<FileId>) = files
        .into_iter()
        .filter(|id| {
            model
                .queue
                .file(*id)
                .is_some_and(|file| file.case != Some(case))
        })
        .partition(|id| model.queue.file(*id).is_some_and(can_move));
    let name = model.queue.cases().list().get(case);
    let name = name.map_or_else(String::new, |case| case.name.clone());
    let before: Vec<Moved> = moved.iter().filter_map(|id| before(model, *id)).collect();
    let mut parts = Vec::new();
    if !moved.is_empty() {
        let files = counted(moved.len(), "file");
        let key = model.key(Action::Undo);
        parts.push(format!("{files} moved to {name}; {key} undoes it"));
    }
    if !others.is_empty() {
        parts.push(kept(model, others.len()));
    }
    if parts.is_empty() {
        parts.push(format!("Nothing to move: already in {name}"));
    }
    let level = if others.is_empty() {
        Level::Info
    } else {
        Level::Warning
    };
    model.show_notice(level, parts.join("; "));
    model.remember(Undo::MovedToCase(before));
    for id in &moved {
        let expected = expected_in(model, *id, case);
        model.queue.change(*id, |file| {
            file.expected = expected;
            // The next command applies to other files, and these are perhaps no longer shown.
            file.marked = false;
            // Such an outcome belongs to the session of the case before.
            file.upload = UploadState::NotRequested;
        });
    }
    let places = moved.iter().map(|id| (*id, Some(case)));
    set_cases(model, places.collect())
}

/// Returns what a file was before it is moved.
fn before(model: &Model, id: FileId) -> Option<Moved> {
    let file = model.queue.file(id)?;
    Some(Moved {
        file: id,
        case: file.case,
        expected: file.expected.clone(),
        marked: file.marked,
    })
}

/// Returns what is expected of a file in another case: its bank and category stay, and the period
/// and the applicants are those of the case.
fn expected_in(model: &Model, id: FileId, case: usize) -> Arc<Expected> {
    let file = model.queue.file(id);
    let own = file.map_or_else(Expected::default, |file| Expected::clone(&file.expected));
    let requested = model.queue.cases().list().get(case);
    let mut others = model.queue.files_of_case(case);
    Arc::new(Expected {
        requested_period: requested.and_then(|case| case.requested),
        applicants: others.find_map(|(_, other)| other.expected.applicants.clone()),
        ..own
    })
}

/// Returns files to the cases that they were in before.
pub(super) fn undo(model: &mut Model, before: Vec<Moved>) -> Vec<Effect> {
    // A file that was sent meanwhile stays where it was sent.
    let (undone, kept): (Vec<Moved>, Vec<Moved>) = before
        .into_iter()
        .partition(|moved| model.queue.file(moved.file).is_some_and(can_move));
    let mut text = format!(
        "{} returned to the case before",
        counted(undone.len(), "file")
    );
    if !kept.is_empty() {
        text = format!("{text}; {} sent meanwhile", counted(kept.len(), "file"));
    }
    model.show_notice(Level::Info, text);
    let places = undone.iter().map(|moved| (moved.file, moved.case));
    let places: Vec<CaseOfFile> = places.collect();
    for moved in undone {
        model.queue.change(moved.file, |file| {
            file.expected = moved.expected;
            file.marked = moved.marked;
            file.upload = UploadState::NotRequested;
        });
    }
    set_cases(model, places)
}

/// Moves files of an interrupted queue into the cases in which they were: `(file, case)`.
pub(super) fn restore(model: &mut Model, places: Vec<CaseOfFile>) -> Option<Effect> {
    for (id, case) in &places {
        let Some(case) = *case else { continue };
        let expected = expected_in(model, *id, case);
        model.queue.change(*id, |file| file.expected = expected);
    }
    model.queue.move_files(&places);
    (!places.is_empty()).then_some(Effect::MoveFiles(places))
}

/// Puts files into cases, and screens them against what the cases expect.
fn set_cases(model: &mut Model, places: Vec<CaseOfFile>) -> Vec<Effect> {
    if places.is_empty() {
        return Vec::new();
    }
    model.queue.move_files(&places);
    let ids: Vec<FileId> = places.iter().map(|(id, _)| *id).collect();
    // First, so that the screening compares the files with the right cases.
    let mut effects = vec![Effect::MoveFiles(places)];
    effects.extend(screening::screen(model, ids));
    effects
}
