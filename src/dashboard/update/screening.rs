//! Screening requests, and corrections by the user: password, bank, category, ignored warnings.

use crate::dashboard::model::{File, FileId, Level, Model, PasswordTrial, UploadState};
use crate::dashboard::{Effect, ScreenedFile, ScreeningRequest};
use crate::pdf::Password;
use crate::screen::{CandidateId, CandidatePassword, Code, PeriodOrigin, Severity};
use crate::statement::{AccountCategory, Bank, DateRange};
use crate::text::columns::counted;
use crate::uploads::plan::OutcomeKind;

/// Returns the marked files, else the selected one.
pub(super) fn targets(model: &Model) -> Vec<FileId> {
    let marked: Vec<FileId> = model.queue.marked().map(|(id, _)| id).collect();
    if !marked.is_empty() {
        return marked;
    }
    let current = model.queue.current().map(|(id, _)| id);
    current.into_iter().collect()
}

/// Requests the screening of files. Files that are uploading or uploaded are left out.
pub(super) fn screen(model: &mut Model, ids: impl IntoIterator<Item = FileId>) -> Vec<Effect> {
    let requests = screening_requests(model, ids);
    if requests.is_empty() {
        return Vec::new();
    }
    vec![Effect::Screen(requests)]
}

fn screening_requests(
    model: &mut Model,
    ids: impl IntoIterator<Item = FileId>,
) -> Vec<ScreeningRequest> {
    let mut requests = Vec::new();
    for id in ids {
        let Some(file) = model.queue.file(id) else {
            continue;
        };
        let is_uploaded = file.outcome().is_some_and(OutcomeKind::is_uploaded);
        // A new verdict could no longer change what is sent or was sent.
        if file.removed || file.is_uploading() || is_uploaded {
            continue;
        }
        let request_id = file.request_id + 1;
        requests.push(ScreeningRequest {
            file: id,
            request_id,
            expected: file.expected.clone(),
        });
        model.queue.change(id, |file| file.request_id = request_id);
    }
    requests
}

/// Stores a screening, unless a later request is in progress.
pub(super) fn screened(model: &mut Model, screened: ScreenedFile) {
    let ScreenedFile {
        file: id,
        request_id,
        bytes,
        screening,
        elapsed: _,
    } = screened;
    let file = model.queue.file(id);
    // The expectations may have changed since this request.
    if file.is_none_or(|file| file.request_id != request_id) {
        return;
    }
    model
        .queue
        .change(id, |file| file.bytes = bytes.or(file.bytes));
    model.queue.set_screening(id, screening);
    update_password_trial(model, id);
}

/// Counts a screened file in the password trial. Notifies the user after the last one.
fn update_password_trial(model: &mut Model, id: FileId) {
    let Some(mut trial) = model.password_trial else {
        return;
    };
    let Some(file) = model.queue.file(id) else {
        return;
    };
    let candidate = file.expected.candidate.as_ref();
    if candidate.is_none_or(|candidate| candidate.id != CandidateId::Typed) {
        return;
    }
    trial.pending = trial.pending.saturating_sub(1);
    trial.opened += usize::from(file.is_opened_by_typed_password());
    model.password_trial = (trial.pending > 0).then_some(trial);
    if trial.pending > 0 {
        return;
    }
    let (opened, files) = (trial.opened, trial.files);
    let (level, text) = match (opened, files) {
        (0, 1) => (Level::Error, "The password does not match".to_owned()),
        (0, _) => (
            Level::Error,
            format!("The password matches none of the {files} files"),
        ),
        (1, 1) => (Level::Info, "The password matches".to_owned()),
        _ => (
            Level::Info,
            format!("The password matches {opened} of {files} files"),
        ),
    };
    model.notify(level, &text);
}

/// Tries a typed password on files.
pub(super) fn try_password(model: &mut Model, files: &[FileId], password: &str) -> Vec<Effect> {
    correct(model, files, |file| {
        file.expected.candidate = Some(CandidatePassword {
            password: Password::new(password),
            id: CandidateId::Typed,
        });
    });
    let requests = screening_requests(model, files.iter().copied());
    let files = requests.len();
    model.password_trial = (files > 0).then_some(PasswordTrial {
        files,
        pending: files,
        opened: 0,
    });
    if requests.is_empty() {
        return Vec::new();
    }
    vec![Effect::Screen(requests)]
}

/// Sets or clears the bank of the target files.
pub(super) fn set_bank(model: &mut Model, bank: Option<&Bank>) -> Vec<Effect> {
    let files = targets(model);
    correct(model, &files, |file| file.expected.bank = bank.cloned());
    screen(model, files)
}

/// Sets or clears the account category of the target files.
pub(super) fn set_category(model: &mut Model, category: Option<AccountCategory>) -> Vec<Effect> {
    let files = targets(model);
    let name = category.map(|category| category.name().to_owned());
    correct(model, &files, |file| {
        file.expected.account_category.clone_from(&name);
    });
    screen(model, files)
}

/// Changes files, and allows the upload of those that were rejected or skipped before.
fn correct(model: &mut Model, files: &[FileId], change: impl Fn(&mut File)) {
    for id in files {
        model.queue.change(*id, |file| {
            change(file);
            match file.outcome() {
                // The reason of the outcome may be gone with the correction.
                Some(OutcomeKind::Rejected | OutcomeKind::Skipped) => {
                    file.upload = UploadState::NotRequested;
                }
                Some(
                    OutcomeKind::Accepted | OutcomeKind::AlreadyUploaded | OutcomeKind::Unknown,
                )
                | None => {}
            }
        });
    }
}

/// Returns the warnings of the selected file, and whether each is ignored.
pub(super) fn warnings(model: &Model) -> Vec<(Code, bool)> {
    let Some((_, file)) = model.queue.current() else {
        return Vec::new();
    };
    let Some(screening) = file.screening() else {
        return Vec::new();
    };
    let active = screening
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Warning);
    let mut codes: Vec<_> = active.map(|finding| (finding.code, false)).collect();
    // Ignored warnings are listed too, so that the user can restore them.
    codes.extend(file.ignored.iter().map(|code| (*code, true)));
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// Ignores a warning of the selected file, or restores it.
pub(super) fn toggle_warning(model: &mut Model, code: Code) -> Vec<Effect> {
    let Some((id, file)) = model.queue.current() else {
        return Vec::new();
    };
    let was_ignored = file.ignored.contains(&code);
    model.queue.change(id, |file| {
        if was_ignored {
            file.ignored.retain(|ignored| *ignored != code);
        } else {
            file.ignored.push(code);
        }
    });
    let state = if was_ignored {
        "no longer ignored"
    } else {
        "ignored"
    };
    model.show_notice(Level::Info, format!("{code} is {state}"));
    if was_ignored {
        // The severity was overwritten when the warning was ignored: only a screening restores it.
        return screen(model, [id]);
    }
    model.queue.recheck_all();
    Vec::new()
}

/// Removes the target files from the queue, except those that are uploading.
pub(super) fn remove_files(model: &mut Model) {
    let files = targets(model);
    let mut removed = 0;
    for id in &files {
        let Some(file) = model.queue.file(*id) else {
            continue;
        };
        if file.is_uploading() {
            continue;
        }
        model.queue.change(*id, |file| {
            file.removed = true;
            file.marked = false;
        });
        removed += 1;
    }
    if removed == 0 && !files.is_empty() {
        let text = "Files that are uploading can't be removed: cancel first (x)";
        model.notify(Level::Warning, text);
        return;
    }
    // A duplicate of a removed file is no longer a duplicate.
    model.queue.recheck_all();
    if removed > 0 {
        let files = counted(removed, "file");
        let text = format!("{files} removed from the queue; nothing was deleted");
        model.show_notice(Level::Info, text);
    }
}

/// Changes the requested period and screens all files against it.
pub(super) fn set_requested_period(
    model: &mut Model,
    period: DateRange,
    origin: PeriodOrigin,
) -> Vec<Effect> {
    if model.setup.requested_period == Some(period) {
        return Vec::new();
    }
    model.setup.requested_period = Some(period);
    model.queue.clear_coverage();
    // Includes files whose screening is in progress: changing the period cancels it.
    let files: Vec<FileId> = model.queue.present().map(|(id, _)| id).collect();
    // First, so that the requests are screened against the new period.
    let mut effects = vec![Effect::SetRequestedPeriod(period, origin)];
    effects.extend(screen(model, files));
    effects
}
