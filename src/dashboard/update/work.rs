//! Screening, and what a person mends.

use super::told;
use crate::dashboard::model::{Delivery, FileId, Level, Model, Stage, Trial};
use crate::dashboard::{Effect, Finished, Order};
use crate::pdf::Password;
use crate::screen::{CandidatePassword, Code, Severity};
use crate::statement::{Bank, DateRange};

/// Where a typed password comes from, as records and logs tell it.
const TYPED: &str = "typed";

/// The marked files, else the one under the cursor.
pub(super) fn targets(model: &Model) -> Vec<FileId> {
    let marked: Vec<FileId> = model.queue.marked().map(|(id, _)| id).collect();
    if !marked.is_empty() {
        return marked;
    }
    model
        .queue
        .current()
        .map(|(id, _)| id)
        .into_iter()
        .collect()
}

/// Has files screened. Those on their way, or taken, are left as they are.
pub(super) fn screen(model: &mut Model, ids: impl IntoIterator<Item = FileId>) -> Vec<Effect> {
    let mut orders = Vec::new();
    for id in ids {
        let Some(file) = model.queue.file(id) else {
            continue;
        };
        let taken = file.sent();
        let taken = taken.is_some_and(|sent| sent.outcome.kind.is_uploaded());
        if file.dropped || file.is_moving() || taken {
            continue;
        }
        let round = file.round + 1;
        orders.push(Order {
            file: id,
            round,
            expected: file.expected.clone(),
        });
        model.queue.change(id, |file| file.round = round);
    }
    if orders.is_empty() {
        return Vec::new();
    }
    vec![Effect::Screen(orders)]
}

/// Takes in a screening, unless a newer one is under way.
pub(super) fn screened(model: &mut Model, finished: Finished) -> Vec<Effect> {
    let Finished {
        file: id,
        round,
        bytes,
        screening,
        elapsed: _,
    } = finished;
    if model.queue.file(id).is_none_or(|file| file.round != round) {
        return Vec::new();
    }
    model
        .queue
        .change(id, |file| file.bytes = bytes.or(file.bytes));
    model.queue.screened(id, screening);
    tell_trial(model, id);
    Vec::new()
}

/// Tells what became of a typed password, once it was tried on all files.
fn tell_trial(model: &mut Model, id: FileId) {
    let Some(mut trial) = model.trial else { return };
    let Some(file) = model.queue.file(id) else {
        return;
    };
    if file
        .expected
        .candidate
        .as_ref()
        .is_none_or(|candidate| candidate.origin != TYPED)
    {
        return;
    }
    trial.left = trial.left.saturating_sub(1);
    trial.opened += usize::from(file.typed_password().is_some());
    model.trial = (trial.left > 0).then_some(trial);
    if trial.left > 0 {
        return;
    }
    let (opened, files) = (trial.opened, trial.files);
    let (level, text) = match (opened, files) {
        (0, 1) => (Level::Error, "that password does not open it".to_owned()),
        (0, _) => (
            Level::Error,
            format!("that password opens none of the {files} files"),
        ),
        (1, 1) => (Level::Info, "that password opens it".to_owned()),
        _ => (
            Level::Info,
            format!("that password opens {opened} of {files} files"),
        ),
    };
    told(model, level, &text);
}

/// Tries a typed password on files.
pub(super) fn try_password(model: &mut Model, files: &[FileId], password: &str) -> Vec<Effect> {
    for id in files {
        let candidate = CandidatePassword {
            password: Password::new(password),
            origin: TYPED.to_owned(),
        };
        model.queue.change(*id, |file| {
            file.expected.candidate = Some(candidate);
            forget_refusal(&mut file.delivery);
        });
    }
    let effects = screen(model, files.iter().copied());
    let ordered = effects.iter().map(|effect| match effect {
        Effect::Screen(orders) => orders.len(),
        _ => 0,
    });
    let files = ordered.sum();
    model.trial = (files > 0).then_some(Trial {
        files,
        left: files,
        opened: 0,
    });
    effects
}

/// What was refused or put off may be sent again once it is mended.
fn forget_refusal(delivery: &mut Delivery) {
    if let Delivery::Ended(sent) = delivery
        && matches!(
            sent.outcome.kind,
            crate::uploads::plan::OutcomeKind::Rejected
                | crate::uploads::plan::OutcomeKind::Skipped
        )
    {
        *delivery = Delivery::Idle;
    }
}

/// Says which bank files are from.
pub(super) fn set_bank(model: &mut Model, bank: Option<&Bank>) -> Vec<Effect> {
    let files = targets(model);
    for id in &files {
        model.queue.change(*id, |file| {
            file.expected.bank = bank.cloned();
            forget_refusal(&mut file.delivery);
        });
    }
    screen(model, files)
}

/// Says which category accounts are of.
pub(super) fn set_category(model: &mut Model, category: Option<&str>) -> Vec<Effect> {
    let files = targets(model);
    for id in &files {
        model.queue.change(*id, |file| {
            file.expected.account_category = category.map(str::to_owned);
            forget_refusal(&mut file.delivery);
        });
    }
    screen(model, files)
}

/// Warnings of the file under the cursor: those heeded, and those ignored.
pub(super) fn warnings(model: &Model) -> Vec<(Code, bool)> {
    let Some((_, file)) = model.queue.current() else {
        return Vec::new();
    };
    let Some(screening) = file.screening() else {
        return Vec::new();
    };
    let heeded = screening
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Warning);
    let mut codes: Vec<_> = heeded.map(|finding| (finding.code, false)).collect();
    codes.extend(file.ignored.iter().map(|code| (*code, true)));
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// Ignores a warning of the file under the cursor, or heeds it again.
pub(super) fn toggle_warning(model: &mut Model, code: Code) -> Vec<Effect> {
    let Some((id, file)) = model.queue.current() else {
        return Vec::new();
    };
    let was_ignored = file.ignored.contains(&code);
    model.queue.change(id, |file| {
        if was_ignored {
            file.ignored.retain(|known| *known != code);
        } else {
            file.ignored.push(code);
        }
    });
    let word = if was_ignored {
        "heeded again"
    } else {
        "ignored"
    };
    model.tell(Level::Info, format!("{code} is {word}"));
    if was_ignored {
        // How bad it was is known to a screening only.
        return screen(model, [id]);
    }
    model.queue.judge_all();
    Vec::new()
}

/// Takes files out of the queue. What is on its way stays.
pub(super) fn drop_files(model: &mut Model) -> Vec<Effect> {
    let files = targets(model);
    let mut dropped = 0;
    for id in &files {
        let Some(file) = model.queue.file(*id) else {
            continue;
        };
        if file.is_moving() {
            continue;
        }
        model.queue.change(*id, |file| {
            file.dropped = true;
            file.marked = false;
        });
        dropped += 1;
    }
    if dropped == 0 && !files.is_empty() {
        return told(
            model,
            Level::Warning,
            "it is on its way: x cancels it first",
        );
    }
    model.queue.judge_all();
    if dropped > 0 {
        let noun = if dropped == 1 { "file is" } else { "files are" };
        model.tell(
            Level::Info,
            format!("{dropped} {noun} out of the queue; nothing was deleted"),
        );
    }
    Vec::new()
}

/// Screens everything by other days.
pub(super) fn use_range(model: &mut Model, range: DateRange) -> Vec<Effect> {
    if model.setup.range == Some(range) {
        return Vec::new();
    }
    model.setup.range = Some(range);
    model.queue.uncover();
    let all: Vec<FileId> = model
        .queue
        .present()
        .filter(|(_, file)| !matches!(file.stage, Stage::Waiting) || file.round == 0)
        .map(|(id, _)| id)
        .collect();
    // Those that wait are begun after the new days are known.
    let mut effects = vec![Effect::UseRange(range)];
    effects.extend(screen(model, all));
    effects
}
