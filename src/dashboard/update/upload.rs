//! Uploads: which files are uploaded, their progress, and their outcomes.

use super::{screening, session};
use crate::dashboard::model::{
    Choice, ChoiceAction, ChoiceOption, File, FileId, Ineligible, Level, Model, Overlay,
    SessionState, TransferRate, UploadState,
};
use crate::dashboard::{Effect, UploadProgress, UploadRequest, UploadUpdate};
use crate::text::columns::counted;
use crate::uploads::plan::OutcomeKind;
use jiff::Timestamp;
use std::fmt::Write as _;

/// The eligible files of a selection, and the reasons why the others are not eligible.
#[derive(Debug, Default)]
struct Selection {
    requests: Vec<UploadRequest>,
    ineligible: Vec<Ineligible>,
}

impl Selection {
    /// Checks the eligibility of the files that `is_selected` accepts.
    fn new(model: &Model, resend: bool, is_selected: impl Fn(&File) -> bool) -> Self {
        let include_warnings = model.setup.include_warnings;
        let mut selection = Self::default();
        for (id, file) in model.queue.present().filter(|(_, file)| is_selected(file)) {
            // Checked for retries too: the verdict may have changed since the first attempt.
            match file.check_eligibility(include_warnings) {
                Ok(bank) => selection.requests.push(UploadRequest {
                    file: id,
                    bank,
                    resend,
                }),
                Err(why) => selection.ineligible.push(why),
            }
        }
        selection
    }

    /// Describes the files that are not eligible, if any.
    fn ineligible_files(&self) -> String {
        let counts = Ineligible::ALL.into_iter().filter_map(|reason| {
            let same = self.ineligible.iter().filter(|other| **other == reason);
            let count = Some(same.count()).filter(|count| *count > 0)?;
            Some(match reason {
                Ineligible::Fails => format!("{count} failed"),
                Ineligible::HasWarnings => {
                    format!("{count} with warnings (include_warnings = false)")
                }
                Ineligible::BankNotDetected => format!("{count} without a bank (b sets it)"),
                Ineligible::NotScreened => format!("{count} not screened yet"),
            })
        });
        let counts: Vec<_> = counts.collect();
        if counts.is_empty() {
            String::new()
        } else {
            format!("; not eligible: {}", counts.join(", "))
        }
    }

    /// Queues the eligible files.
    fn queue(self, model: &mut Model) -> Vec<Effect> {
        if self.requests.is_empty() {
            return Vec::new();
        }
        for request in &self.requests {
            model.queue.change(request.file, |file| {
                file.upload = UploadState::Queued;
                // The next command applies to other files.
                file.marked = false;
            });
        }
        vec![Effect::Upload(self.requests)]
    }
}

/// Uploads the eligible files of the marked ones, else of all files.
pub(super) fn upload(model: &mut Model) -> Vec<Effect> {
    match model.session {
        SessionState::None => {
            session::choose(model);
            return Vec::new();
        }
        SessionState::Opening(_) => {
            let text = "The session is being opened; try again in a moment";
            model.notify(Level::Warning, text);
            return Vec::new();
        }
        SessionState::Open(_) => {}
    }
    let only_marked = model.queue.counts().marked > 0;
    let selection = Selection::new(model, false, |file| {
        matches!(file.upload, UploadState::NotRequested) && (file.marked || !only_marked)
    });
    let (level, text) = match selection.requests.len() {
        0 => (Level::Warning, "Nothing to upload".to_owned()),
        count => (Level::Info, format!("Uploading {}", counted(count, "file"))),
    };
    model.show_notice(level, text + &selection.ineligible_files());
    selection.queue(model)
}

/// Cancels the uploads of the target files.
pub(super) fn cancel(model: &mut Model) -> Vec<Effect> {
    let is_uploading = |id: &FileId| model.queue.file(*id).is_some_and(File::is_uploading);
    let mut files = screening::targets(model);
    files.retain(is_uploading);
    if files.is_empty() {
        let text = "Nothing to cancel: the upload is not in progress";
        model.notify(Level::Warning, text);
        return Vec::new();
    }
    files.into_iter().map(Effect::CancelUpload).collect()
}

/// Retries skipped files, of the marked ones or of all; and rejected files, if they are marked.
///
/// The service rejects the same file again, so a rejected file is retried on explicit request only.
pub(super) fn retry(model: &mut Model) -> Vec<Effect> {
    if model.open_session().is_none() {
        session::choose(model);
        return Vec::new();
    }
    let only_marked = model.queue.counts().marked > 0;
    let selection = Selection::new(model, false, |file| match file.outcome() {
        Some(OutcomeKind::Skipped) => file.marked || !only_marked,
        Some(OutcomeKind::Rejected) => file.marked,
        Some(OutcomeKind::Accepted | OutcomeKind::AlreadyUploaded | OutcomeKind::Unknown)
        | None => false,
    });
    if selection.requests.is_empty() {
        let text = if selection.ineligible.is_empty() {
            "Nothing to retry; rejected files are retried only if marked".to_owned()
        } else {
            format!("Nothing to retry{}", selection.ineligible_files())
        };
        model.notify(Level::Warning, &text);
        return Vec::new();
    }
    let files = counted(selection.requests.len(), "file");
    let text = format!("Retrying {files}{}", selection.ineligible_files());
    model.show_notice(Level::Info, text);
    selection.queue(model)
}

fn is_unknown(file: &File) -> bool {
    file.outcome() == Some(OutcomeKind::Unknown)
}

/// Asks the user how to resolve the uploads with unknown outcome.
pub(super) fn choose_resolution(model: &mut Model) {
    let files = model.queue.present();
    let count = files.filter(|(_, file)| is_unknown(file)).count();
    if count == 0 {
        model.notify(Level::Info, "No upload has an unknown outcome");
        return;
    }
    let session = model.open_session();
    let can_reconcile = session.is_some_and(|session| session.has_server_hash);
    let mut text = format!(
        "The response to {} was lost: the service may or may not have accepted the data. Nothing \
         is uploaded again without your confirmation.",
        counted(count, "upload"),
    );
    let mut options = Vec::new();
    if can_reconcile {
        options.push(ChoiceOption::new(
            'a',
            "Ask the service for the outcomes; uploads nothing",
            ChoiceAction::Reconcile,
        ));
    } else {
        text.push_str(" Asking the service needs a server hash (BANKSCREEN_SERVER_HASH).");
    }
    options.push(ChoiceOption::new(
        's',
        "Upload again; the service may charge twice",
        ChoiceAction::Resend,
    ));
    options.push(ChoiceOption::new(
        'l',
        "Leave the outcomes unknown",
        ChoiceAction::Dismiss,
    ));
    model.overlays.push(Overlay::Choice(Choice {
        title: "Unknown outcomes".to_owned(),
        text,
        options,
        selected: 0,
    }));
}

/// Uploads files with unknown outcome again, after the user confirmed it.
pub(super) fn resend_unknown(model: &mut Model) -> Vec<Effect> {
    let selection = Selection::new(model, true, is_unknown);
    let files = counted(selection.requests.len(), "file");
    let text = format!("Uploading {files} again{}", selection.ineligible_files());
    model.show_notice(Level::Info, text);
    selection.queue(model)
}

/// Stores the progress of an upload.
pub(super) fn updated(model: &mut Model, update: UploadUpdate) {
    let UploadUpdate { file: id, progress } = update;
    let Some(file) = model.queue.file(id) else {
        return;
    };
    let name = file.display_name.clone();
    let is_finished = matches!(progress, UploadProgress::Finished(_));
    let state = match progress {
        UploadProgress::Started => {
            let text = format!("Uploading {name}");
            model.log.add(model.now, Level::Info, &text);
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
        UploadProgress::Finished(record) => {
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

/// Shows a summary once every requested upload has an outcome.
fn notify_if_all_finished(model: &mut Model) {
    let totals = model.queue.upload_totals();
    if totals.finished < totals.requested {
        return;
    }
    model.transfer_rate = TransferRate::default();
    // Rejected and skipped files.
    let failed = totals.requested - totals.uploaded - totals.unknown;
    let requested = counted(totals.requested, "file");
    let (level, mut text) = if totals.uploaded < totals.requested {
        let text = format!("{} of {requested} uploaded", totals.uploaded);
        (Level::Warning, text)
    } else if totals.requested == 1 {
        (Level::Info, format!("{requested} uploaded"))
    } else {
        (Level::Info, format!("All {requested} uploaded"))
    };
    if failed > 0 {
        let _infallible = write!(text, "; {failed} failed (r retries)");
    }
    if totals.unknown > 0 {
        let _infallible = write!(text, "; {} unknown (s resolves)", totals.unknown);
    }
    model.show_notice(level, text);
}

/// Reports why the upload queue stopped.
pub(super) fn stopped(model: &mut Model, why: &str) {
    model.transfer_rate = TransferRate::default();
    model.notify(Level::Error, why);
}

/// Samples the transfer rate. It is averaged over some seconds, so that the number stays readable.
pub(super) fn sample_transfer_rate(model: &mut Model, now: Timestamp) {
    /// Weight of the latest sample in the average.
    const WEIGHT: f64 = 0.3;
    /// Minimum time between two samples. Ticks are a second apart, more or less.
    const MIN_SECONDS: f64 = 0.9;
    let totals = model.queue.upload_totals();
    if totals.finished == totals.requested {
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
    let unfinished = totals.requested - totals.finished;
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
