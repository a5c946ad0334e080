//! Files that change on disk after they were screened: they are screened again, on request and
//! before they are uploaded.

use super::screening;
use crate::dashboard::model::{ChoiceAction, FileId, Level, Model, Overlay};
use crate::dashboard::{CheckReason, Effect};
use crate::text::columns::counted;

/// Requests the comparison of all files with their stamps, except those that are sent.
pub(super) fn check(model: &Model, reason: CheckReason) -> Vec<Effect> {
    let files = model.queue.present().filter_map(|(id, file)| {
        let is_sent = file.is_uploading() || file.upload_record().is_some();
        let stamp = file.stamp.filter(|_| !is_sent)?;
        Some((id, stamp))
    });
    let files: Vec<_> = files.collect();
    if files.is_empty() {
        return Vec::new();
    }
    vec![Effect::CheckFiles(files, reason)]
}

/// Screens changed files again. A question that counted them is closed until that is done.
pub(super) fn checked(model: &mut Model, changed: &[FileId], reason: CheckReason) -> Vec<Effect> {
    if changed.is_empty() {
        if reason == CheckReason::Command {
            model.show_notice(Level::Info, "No file changed since it was screened");
        }
        return Vec::new();
    }
    let files = counted(changed.len(), "file");
    let text = format!("{files} changed on disk: screening again");
    model.notify(Level::Warning, &text);
    if reason == CheckReason::Upload && close_question(model) {
        model.changed_files = Some(changed.to_vec());
    }
    screening::screen(model, changed.iter().copied())
}

/// Closes the question whether to upload. Returns whether it was open.
fn close_question(model: &mut Model) -> bool {
    let is_question = |overlay: &Overlay| match overlay {
        Overlay::Choice(choice) => {
            let mut options = choice.options.iter();
            options.any(|option| matches!(option.action, ChoiceAction::Send(_)))
        }
        Overlay::Picker(_)
        | Overlay::Form(_)
        | Overlay::Preview(_)
        | Overlay::Text(_)
        | Overlay::Help(_) => false,
    };
    let is_open = model.top_overlay().is_some_and(is_question);
    if is_open {
        model.overlays.pop();
    }
    is_open
}

/// Notes that a file was screened.
pub(super) fn screened(model: &mut Model, id: FileId) {
    if let Some(changed) = &mut model.changed_files {
        changed.retain(|changed| *changed != id);
    }
}

/// Returns whether the last of the changed files was screened, after which the user is asked again.
pub(super) fn are_screened(model: &mut Model) -> bool {
    model
        .changed_files
        .take_if(|changed| changed.is_empty())
        .is_some()
}
