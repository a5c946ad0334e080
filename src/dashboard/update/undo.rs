//! Undoes the latest change by the user.

use super::{move_files, screening};
use crate::dashboard::Effect;
use crate::dashboard::model::{FileId, Level, Model, Undo};
use crate::text::columns::counted;

/// Undoes the latest change.
pub(super) fn undo(model: &mut Model) -> Vec<Effect> {
    let Some(change) = model.changes.take() else {
        model.show_notice(Level::Info, "Nothing to undo");
        return Vec::new();
    };
    match change {
        Undo::Removed(files) => restore(model, files),
        Undo::Marked(files) => {
            let count = counted(files.len(), "file");
            for (id, marked) in files {
                model.queue.change(id, |file| file.marked = marked);
            }
            model.show_notice(Level::Info, format!("Marks of {count} restored"));
            Vec::new()
        }
        Undo::Corrected(files) => {
            let count = counted(files.len(), "file");
            let ids: Vec<FileId> = files.iter().map(|(id, _)| *id).collect();
            for (id, expected) in files {
                model.queue.change(id, |file| file.expected = expected);
            }
            let text = format!("Bank and category of {count} are as before");
            model.show_notice(Level::Info, text);
            screening::screen(model, ids)
        }
        Undo::MovedToCase(files) => move_files::undo(model, files),
        Undo::Ignored(files) => {
            let count = counted(files.len(), "file");
            let ids: Vec<FileId> = files.iter().map(|(id, _)| *id).collect();
            for (id, codes) in files {
                model.queue.change(id, |file| file.ignored = codes);
            }
            model.show_notice(Level::Info, format!("Warnings of {count} are as before"));
            model.queue.recheck_files(&ids);
            Vec::new()
        }
    }
}

/// Returns files to the queue that were removed and found again.
pub(super) fn restore_removed(model: &mut Model, mut files: Vec<FileId>) -> Vec<Effect> {
    files.retain(|id| model.queue.file(*id).is_some_and(|file| file.removed));
    if files.is_empty() {
        return Vec::new();
    }
    restore(model, files)
}

/// Returns removed files to the queue.
fn restore(model: &mut Model, files: Vec<FileId>) -> Vec<Effect> {
    let text = format!("{} returned to the queue", counted(files.len(), "file"));
    for id in &files {
        model.queue.change(*id, |file| file.removed = false);
    }
    model.queue.recheck_files(&files);
    model.show_notice(Level::Info, text);
    screening::screen(model, files)
}
