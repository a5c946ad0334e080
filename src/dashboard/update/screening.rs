//! Screening requests, and corrections by the user: password, bank, category, ignored warnings.

use crate::applicant::{Applicants, Details, RuleTable};
use crate::dashboard::keymap::Action;
use crate::dashboard::model::{
    File, FileId, Level, Model, PasswordTrial, TrialKey, Undo, UploadState,
};
use crate::dashboard::{Effect, ScreenedFile, ScreeningRequest};
use crate::pdf::Password;
use crate::screen::{CandidateId, CandidatePassword, Code, PeriodOrigin, Severity};
use crate::statement::{AccountCategory, Bank, DateRange};
use crate::text::columns::counted;
use crate::uploads::plan::OutcomeKind;
use std::collections::BTreeMap;

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
pub(super) fn screened(model: &mut Model, screened: ScreenedFile) -> Vec<Effect> {
    let ScreenedFile {
        file: id,
        request_id,
        bytes,
        screening,
        shared_before,
        stamp,
        elapsed: _,
    } = screened;
    let file = model.queue.file(id);
    // The expectations may have changed since this request.
    if file.is_none_or(|file| file.request_id != request_id) {
        return Vec::new();
    }
    model.queue.change(id, |file| {
        file.bytes = bytes.or(file.bytes);
        file.shared_before = shared_before;
        file.stamp = stamp;
    });
    model.queue.set_screening(id, screening);
    update_password_trial(model, id)
}

/// Counts a screened file in the password trial. After the last one, tries the next password, or
/// notifies the user.
fn update_password_trial(model: &mut Model, id: FileId) -> Vec<Effect> {
    let Some(trial) = &mut model.password_trial else {
        return Vec::new();
    };
    let pending = trial.pending.len();
    trial.pending.retain(|pending| *pending != id);
    if trial.pending.is_empty() && pending > 0 {
        try_next_key(model)
    } else {
        Vec::new()
    }
}

/// Tries typed or pasted passwords and details on locked files, one after the other.
pub(super) fn unlock(
    model: &mut Model,
    files: &[FileId],
    passwords: &[&str],
    details: Details,
) -> Vec<Effect> {
    let passwords = passwords.iter().rev();
    let passwords = passwords.map(|password| TrialKey::Password(Password::new(*password)));
    let details = Some(details).filter(|details| !details.is_empty());
    let details = details.map(TrialKey::Details);
    let keys: Vec<TrialKey> = details.into_iter().chain(passwords).collect();
    if keys.is_empty() {
        return Vec::new();
    }
    model.password_trial = Some(PasswordTrial {
        files: files.to_vec(),
        pending: Vec::new(),
        keys,
        passwords: 0,
        details: false,
    });
    try_next_key(model)
}

/// Tries the next password, or the details, on the files that are still locked; without one,
/// states the result.
fn try_next_key(model: &mut Model) -> Vec<Effect> {
    let Some(mut trial) = model.password_trial.take() else {
        return Vec::new();
    };
    let is_locked = |id: &FileId| model.queue.file(*id).is_some_and(File::is_locked);
    let locked = trial.files.iter().copied().filter(is_locked);
    let locked: Vec<FileId> = locked.collect();
    let next = trial.keys.pop().filter(|_| !locked.is_empty());
    let Some(key) = next else {
        state_result(model, &trial, trial.files.len() - locked.len());
        return Vec::new();
    };
    match key {
        TrialKey::Password(password) => {
            trial.passwords += 1;
            correct(model, &locked, |file| {
                file.expected_mut().candidate = Some(CandidatePassword {
                    password: password.clone(),
                    id: CandidateId::Typed,
                });
            });
        }
        TrialKey::Details(details) => {
            trial.details = true;
            let rules = model.setup.rules.clone();
            correct(model, &locked, |file| add_details(file, &details, &rules));
        }
    }
    let requests = screening_requests(model, locked);
    if requests.is_empty() {
        return Vec::new();
    }
    trial.pending = requests.iter().map(|request| request.file).collect();
    model.password_trial = Some(trial);
    vec![Effect::Screen(requests)]
}

/// Adds details to those of a file: they come first.
fn add_details(file: &mut File, details: &Details, rules: &RuleTable) {
    let known = file.expected_mut().applicants.take();
    let known = known.as_ref().map_or(&[][..], Applicants::people);
    let others = known.iter().filter(|known| *known != details).cloned();
    let people = std::iter::once(details.clone()).chain(others);
    file.expected_mut().applicants = Some(Applicants::new(people.collect(), rules.clone()));
}

/// States how many of the files were opened.
fn state_result(model: &mut Model, trial: &PasswordTrial, opened: usize) {
    let files = trial.files.len();
    let (subject, verb) = match (trial.passwords, trial.details) {
        (0, _) => ("The details", "open"),
        (_, true) => ("The passwords and details", "open"),
        (1, false) => ("The password", "matches"),
        (_, false) => ("The passwords", "match"),
    };
    let level = if opened == 0 {
        Level::Error
    } else {
        Level::Info
    };
    let text = match (opened, files) {
        (0, 1) if trial.details => format!("{subject} do not open the file"),
        (0, 1) if trial.passwords == 1 => "The password does not match".to_owned(),
        (0, 1) => format!("None of the {} passwords matches", trial.passwords),
        (1, 1) if trial.details => format!("{subject} open the file"),
        (0, _) => format!("{subject} {verb} none of the {files} files"),
        (1, 1) if trial.passwords == 1 => "The password matches".to_owned(),
        (1, 1) => "One of the passwords matches".to_owned(),
        _ => format!("{subject} {verb} {opened} of {files} files"),
    };
    model.notify(level, &text);
}

/// Sets or clears the bank of the target files.
pub(super) fn set_bank(model: &mut Model, bank: Option<&Bank>) -> Vec<Effect> {
    let files = targets(model);
    remember_expectations(model, &files);
    correct(model, &files, |file| {
        file.expected_mut().bank = bank.cloned();
    });
    screen(model, files)
}

/// Sets or clears the account category of the target files.
pub(super) fn set_category(model: &mut Model, category: Option<AccountCategory>) -> Vec<Effect> {
    let files = targets(model);
    let name = category.map(|category| category.name().to_owned());
    remember_expectations(model, &files);
    correct(model, &files, |file| {
        file.expected_mut().account_category.clone_from(&name);
    });
    screen(model, files)
}

/// Remembers what is expected of files, so that a correction can be undone.
fn remember_expectations(model: &mut Model, files: &[FileId]) {
    let before = files.iter().filter_map(|id| {
        let file = model.queue.file(*id)?;
        Some((*id, file.expected.clone()))
    });
    let before = before.collect();
    model.remember(Undo::Corrected(before));
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

/// Returns the warnings of the target files, and whether each is ignored in all of them.
pub(super) fn warnings(model: &Model) -> Vec<(Code, bool)> {
    let mut codes: BTreeMap<Code, bool> = BTreeMap::new();
    for id in targets(model) {
        let Some(file) = model.queue.file(id) else {
            continue;
        };
        codes.extend(active_warnings(file).map(|code| (code, false)));
        // Ignored warnings are listed too, so that the user can restore them.
        for code in &file.ignored {
            codes.entry(*code).or_insert(true);
        }
    }
    codes.into_iter().collect()
}

/// Returns the warnings of a file that are not ignored.
fn active_warnings(file: &File) -> impl Iterator<Item = Code> {
    let findings = file.screening().map_or(&[][..], |found| &found.findings);
    let active = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Warning);
    active.map(|finding| finding.code)
}

/// Ignores a warning of the target files, or restores it.
pub(super) fn toggle_warning(model: &mut Model, code: Code, was_ignored: bool) {
    let can_change = |file: &File| {
        let is_ignored = file.ignored.contains(&code);
        is_ignored == was_ignored
            && (was_ignored || active_warnings(file).any(|active| active == code))
    };
    let mut files = targets(model);
    files.retain(|id| model.queue.file(*id).is_some_and(can_change));
    let before = files.iter().filter_map(|id| {
        let file = model.queue.file(*id)?;
        Some((*id, file.ignored.clone()))
    });
    let before = before.collect();
    model.remember(Undo::Ignored(before));
    for id in &files {
        model.queue.change(*id, |file| {
            if was_ignored {
                file.ignored.retain(|ignored| *ignored != code);
            } else {
                file.ignored.push(code);
            }
        });
    }
    let state = if was_ignored {
        "no longer ignored"
    } else {
        "ignored"
    };
    let count = counted(files.len(), "file");
    model.show_notice(Level::Info, format!("{code} is {state} in {count}"));
    model.queue.recheck_files(&files);
}

/// Removes files from the queue, except those that are uploading, and those that the service may
/// have and charge for: they stay in sight until their outcome is known.
pub(super) fn remove_files(model: &mut Model, files: Vec<FileId>) {
    let can_remove = |file: &File| !file.is_uploading() && !file.is_unknown();
    let (removed, kept): (Vec<FileId>, Vec<FileId>) = files
        .into_iter()
        .partition(|id| model.queue.file(*id).is_some_and(can_remove));
    for id in &removed {
        model.queue.change(*id, |file| {
            file.removed = true;
            file.marked = false;
        });
    }
    // A duplicate of a removed file is no longer a duplicate.
    model.queue.recheck_files(&removed);
    let mut parts = Vec::new();
    if !removed.is_empty() {
        let files = counted(removed.len(), "file");
        parts.push(format!(
            "{files} removed from the queue; nothing was deleted, {} undoes it",
            model.key(Action::Undo)
        ));
    }
    if !kept.is_empty() {
        let files = counted(kept.len(), "file");
        parts.push(format!(
            "{files} kept: in upload ({} cancels) or of unknown outcome ({} resolves)",
            model.key(Action::CancelUpload),
            model.key(Action::ResolveUnknown)
        ));
    }
    let level = if kept.is_empty() {
        Level::Info
    } else {
        Level::Warning
    };
    model.show_notice(level, parts.join("; "));
    model.remember(Undo::Removed(removed));
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
