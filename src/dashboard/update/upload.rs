//! Uploads: their progress and their outcomes.

use super::screening;
use super::send::is_new;
use crate::dashboard::keymap::Action;
use crate::dashboard::model::{
    Choice, ChoiceAction, ChoiceOption, File, FileId, Level, Model, Overlay, SessionState, Tab,
    TransferRate, UploadState,
};
use crate::dashboard::{Effect, UploadProgress, UploadUpdate};
use crate::report::SettledUpload;
use crate::screen::ContentHash;
use crate::text::columns::{counted, thousands};
use crate::text::sanitize;
use crate::uploads::plan::OutcomeKind;
use jiff::Timestamp;
use std::fmt::Write as _;

/// Asks whether to cancel the uploads of the target files, or all. The first answer is the one with
/// the fewest files.
pub(super) fn cancel(model: &mut Model) {
    let all = model.queue.present();
    let all: Vec<FileId> = all
        .filter(|(_, file)| file.is_uploading())
        .map(|(id, _)| id)
        .collect();
    if all.is_empty() {
        let text = "Nothing to cancel: no upload is in progress";
        model.notify(Level::Warning, text);
        return;
    }
    if matches!(model.session, SessionState::PerCase { .. }) {
        ask_to_stop_cases(model);
        return;
    }
    let is_uploading = |id: &FileId| model.queue.file(*id).is_some_and(File::is_uploading);
    let mut targets = if model.tab == Tab::Files {
        screening::targets(model)
    } else {
        Vec::new()
    };
    targets.retain(is_uploading);
    let mut options = Vec::new();
    if !targets.is_empty() && targets.len() < all.len() {
        let label = match targets.as_slice() {
            [only] => format!("Cancel {}", name(model, *only)),
            targets => format!("Cancel {}", counted(targets.len(), "marked upload")),
        };
        let action = ChoiceAction::CancelUploads(targets);
        options.push(ChoiceOption::new('x', label, action));
    }
    let label = match all.as_slice() {
        [only] => format!("Cancel {}", name(model, *only)),
        all => format!("Cancel all {} uploads", thousands(all.len())),
    };
    let cancel_all = ChoiceAction::CancelUploads(all);
    options.push(ChoiceOption::new('a', label, cancel_all));
    options.push(ChoiceOption::new('n', "Go on", ChoiceAction::Dismiss));
    let totals = model.queue.upload_totals();
    let waiting = totals.left().saturating_sub(totals.sending);
    let text = format!(
        "{} in progress, {} waiting. A file in progress may reach the service all the same: its \
         outcome is then unknown. One that waits is not sent.",
        counted(totals.sending, "upload"),
        thousands(waiting)
    );
    model.overlays.push(Overlay::Choice(Choice {
        title: "Cancel uploads".to_owned(),
        text,
        options,
        selected: 0,
    }));
}

/// Returns the name of a file as the table shows it.
fn name(model: &Model, id: FileId) -> String {
    let file = model.queue.file(id);
    file.map_or_else(String::new, |file| model.queue.short_name(file).to_owned())
}

/// Asks whether to stop the uploads of all cases: they run together.
fn ask_to_stop_cases(model: &mut Model) {
    let totals = model.queue.upload_totals();
    let waiting = totals.left().saturating_sub(totals.sending);
    let text = format!(
        "Stop the uploads of all cases? {} in progress will end; {} will not be sent.",
        counted(totals.sending, "upload"),
        counted(waiting, "file")
    );
    model.overlays.push(Overlay::Choice(Choice {
        title: "Stop uploads".to_owned(),
        text,
        options: vec![
            ChoiceOption::new('a', "Stop all uploads", ChoiceAction::StopCases),
            ChoiceOption::new('n', "Go on", ChoiceAction::Dismiss),
        ],
        selected: 0,
    }));
}

/// Stores the progress of an upload.
pub(super) fn updated(model: &mut Model, update: UploadUpdate) {
    let UploadUpdate { file: id, progress } = update;
    let Some(file) = model.queue.file(id) else {
        return;
    };
    let name = file.display_name().to_owned();
    let is_finished = matches!(progress, UploadProgress::Finished(_));
    let state = match progress {
        UploadProgress::Started => {
            let text = format!("Uploading {name}");
            model.log.add(model.now, Level::Info, &text);
            // The queue sends again.
            model.stopped = None;
            UploadState::Sending {
                sent: 0,
                total: file.bytes.unwrap_or(0),
            }
        }
        UploadProgress::BytesSent { sent, total } => {
            // The message may arrive after the outcome, which it must not replace.
            if !matches!(file.upload, UploadState::Sending { .. }) {
                return;
            }
            UploadState::Sending { sent, total }
        }
        UploadProgress::Retrying(why) => {
            let text = format!("{name}: attempt failed ({why}); retrying");
            model.log.add(model.now, Level::Warning, &text);
            UploadState::Retrying(why)
        }
        UploadProgress::Finished(mut record) => {
            add_key_hint(model, &mut record);
            let kind = record.outcome.kind;
            let level = match kind {
                OutcomeKind::Accepted | OutcomeKind::AlreadyUploaded => Level::Info,
                OutcomeKind::Rejected => Level::Error,
                OutcomeKind::Unknown | OutcomeKind::Skipped => Level::Warning,
            };
            let text = format!("{name}: {}, {}", kind.name(), record.message);
            model.log.add(model.now, level, &text);
            UploadState::Finished(record)
        }
    };
    model.queue.change(id, |file| file.upload = state);
    if is_finished {
        notify_if_all_finished(model);
    }
}

/// Replaces a hint that names a flag with one that names a key.
fn add_key_hint(model: &Model, record: &mut SettledUpload) {
    if record.outcome.kind == OutcomeKind::Unknown {
        let key = model.key(Action::ResolveUnknown);
        record.hint = Some(format!("Press {key} to reconcile it or to send it again"));
    }
}

/// Shows a summary once every requested upload has an outcome.
fn notify_if_all_finished(model: &mut Model) {
    let totals = model.queue.upload_totals();
    if totals.left() > 0 {
        return;
    }
    model.transfer_rate = TransferRate::default();
    let requested = counted(totals.requested, "file");
    let (level, mut text) = if totals.uploaded < totals.requested {
        let text = format!("{} of {requested} uploaded", totals.uploaded);
        (Level::Warning, text)
    } else if totals.requested == 1 {
        (Level::Info, format!("{requested} uploaded"))
    } else {
        (Level::Info, format!("All {requested} uploaded"))
    };
    if totals.not_sent > 0 {
        let _infallible = write!(
            text,
            "; {} not sent ({} retries)",
            totals.not_sent,
            model.key(Action::Retry)
        );
    }
    if totals.unknown > 0 {
        let _infallible = write!(
            text,
            "; {} unknown ({} resolves)",
            totals.unknown,
            model.key(Action::ResolveUnknown)
        );
    }
    model.show_notice(level, text);
}

/// Looks up what the journal knows of files in the open session: they may have been sent before
/// this start.
pub(super) fn recall(model: &Model, files: impl IntoIterator<Item = FileId>) -> Option<Effect> {
    model.open_session()?;
    unsent(model, files).map(Effect::Recall)
}

/// Looks up outcomes of the files of judged cases in the journal: their accounts determine the
/// session.
pub(super) fn recall_cases(model: &Model, cases: &[usize]) -> Option<Effect> {
    let queue = &model.queue;
    let judged = cases
        .iter()
        .filter(|case| queue.cases().judged(**case).is_some());
    let files = judged.flat_map(|case| queue.files_of_case(*case));
    unsent(model, files.map(|(id, _)| id)).map(Effect::RecallCases)
}

/// Returns the contents of those files that were not sent since the start; `None` without any.
fn unsent(
    model: &Model,
    files: impl IntoIterator<Item = FileId>,
) -> Option<Vec<(FileId, ContentHash)>> {
    let unsent = files.into_iter().filter_map(|id| {
        // The upload of a file is not that of its copies, too.
        let is_wanted = |file: &&File| is_new(file) && file.duplicate_of.is_none();
        let file = model.queue.file(id).filter(is_wanted)?;
        Some((id, file.screening()?.content?))
    });
    let unsent: Vec<_> = unsent.collect();
    (!unsent.is_empty()).then_some(unsent)
}

/// Looks up all files.
pub(super) fn recall_all(model: &Model) -> Option<Effect> {
    let files: Vec<FileId> = model.queue.present().map(|(id, _)| id).collect();
    recall(model, files)
}

/// Shows what the journal knows of files that were not sent since the start.
pub(super) fn recalled(model: &mut Model, records: Vec<(FileId, SettledUpload)>) {
    for (id, mut record) in records {
        add_key_hint(model, &mut record);
        let file = model.queue.file(id);
        if file.is_some_and(|file| is_new(file) && file.duplicate_of.is_none()) {
            model.queue.change(id, |file| {
                file.upload = UploadState::Finished(Box::new(record));
            });
        }
    }
}

/// Reports why the upload queue stopped.
pub(super) fn stopped(model: &mut Model, why: &str) {
    model.transfer_rate = TransferRate::default();
    model.stopped = Some(sanitize(why).into_owned());
    model.notify(Level::Error, why);
}

/// Samples the transfer rate. It is averaged over some seconds, so that the number stays readable.
pub(super) fn sample_transfer_rate(model: &mut Model, now: Timestamp) {
    /// Weight of the latest sample in the average.
    const WEIGHT: f64 = 0.3;
    /// Minimum time between two samples. Ticks are a second apart, more or less.
    const MIN_SECONDS: f64 = 0.9;
    let totals = model.queue.upload_totals();
    if totals.left() == 0 {
        return;
    }
    let rate = &mut model.transfer_rate;
    let Some((at, bytes_sent)) = rate.last_sample else {
        rate.last_sample = Some((now, totals.bytes_sent));
        return;
    };
    let seconds = (now - at).total(jiff::Unit::Second).unwrap_or(0.0);
    if seconds < MIN_SECONDS {
        return;
    }
    let sample = totals.bytes_sent.saturating_sub(bytes_sent) as f64 / seconds;
    let average = rate.bytes_per_second.unwrap_or(sample);
    rate.bytes_per_second = Some(average + (sample - average) * WEIGHT);
    rate.last_sample = Some((now, totals.bytes_sent));
}

/// Quits, or asks the user for confirmation if uploads are in progress.
pub(super) fn quit(model: &mut Model) -> Vec<Effect> {
    let totals = model.queue.upload_totals();
    let unfinished = totals.left();
    // Nothing is lost by quitting now.
    if unfinished == 0 {
        return vec![Effect::Quit {
            finish_uploads: false,
        }];
    }
    let sending = totals.sending;
    let text = format!(
        "{} in progress, {} queued.",
        counted(sending, "upload"),
        unfinished.saturating_sub(sending)
    );
    let options = vec![
        ChoiceOption::new(
            'f',
            "Finish uploads in progress, then quit; start no others",
            ChoiceAction::FinishAndQuit,
        ),
        ChoiceOption::new(
            'd',
            format!(
                "Quit now; the outcome of up to {} is unknown",
                counted(sending, "upload")
            ),
            ChoiceAction::QuitNow,
        ),
        ChoiceOption::new('s', "Stay", ChoiceAction::Dismiss),
    ];
    model.overlays.push(Overlay::Choice(Choice {
        title: "Quit while uploads are in progress?".to_owned(),
        text,
        options,
        selected: 0,
    }));
    Vec::new()
}
