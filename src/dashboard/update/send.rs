//! Sending: which files a command sends, and the question that states their number first.
//!
//! A command applies to the marked files, else to the files shown. Nothing is sent that the
//! question did not count.

use super::session;
use crate::dashboard::keymap::Action;
use crate::dashboard::model::{
    Choice, ChoiceAction, ChoiceOption, File, FileId, Ineligible, Level, Model, Overlay, SendOrder,
    SessionState, UploadState,
};
use crate::dashboard::{Effect, UploadOrder, UploadRequest};
use crate::screen::{Code, Screening, Verdict};
use crate::text::capitalize;
use crate::text::columns::counted;
use crate::uploads::plan::OutcomeKind;
use std::collections::{BTreeSet, HashSet};

/// Names of files that a question lists.
const MAX_NAMES: usize = 12;

/// The files that a command applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// The marked files, also those that the filter hides.
    Marked,
    /// The rows of the table.
    Shown,
    /// All files of the queue.
    All,
    /// The files of the cases in the table of cases.
    ShownCases,
    /// The files of a case.
    Case(usize),
}

impl Scope {
    /// The marked files, else the files shown.
    fn of(model: &Model) -> Self {
        if model.queue.counts().marked > 0 {
            Self::Marked
        } else {
            Self::Shown
        }
    }

    /// Returns the files, in the order of the table; hidden ones last.
    fn files(self, model: &Model) -> Vec<(FileId, &File)> {
        match self {
            Self::Case(case) => return model.queue.files_of_case(case).collect(),
            Self::ShownCases => {
                let cases = model.case_table.rows().iter();
                return cases
                    .flat_map(|case| model.queue.files_of_case(*case))
                    .collect();
            }
            Self::Marked | Self::Shown | Self::All => {}
        }
        let rows = model.queue.rows().iter();
        let shown = rows.filter_map(|id| Some((*id, model.queue.file(*id)?)));
        if self == Self::Shown {
            return shown.collect();
        }
        let is_shown: HashSet<FileId> = model.queue.rows().iter().copied().collect();
        let hidden = model
            .queue
            .present()
            .filter(|(id, _)| !is_shown.contains(id));
        let files = shown.chain(hidden);
        files
            .filter(|(_, file)| self == Self::All || file.marked)
            .collect()
    }
}

/// The files of a scope that a command can send, and why it leaves others out.
#[derive(Debug, Default)]
pub(super) struct Selection {
    pub(super) files: Vec<FileId>,
    /// Those that the service would refuse.
    refused: Vec<FileId>,
    with_warnings: usize,
    ineligible: Vec<Ineligible>,
    /// How many of those that fail are outside of the requested period.
    out_of_period: usize,
    /// Whether files of incomplete cases are among them.
    pub(super) include_incomplete: bool,
}

impl Selection {
    /// Checks the eligibility of the files in a scope that `is_selected` accepts.
    pub(super) fn new(
        model: &Model,
        scope: Scope,
        include_incomplete: bool,
        is_selected: impl Fn(&File) -> bool,
    ) -> Self {
        let mut selection = Self {
            include_incomplete,
            ..Self::default()
        };
        let files = scope.files(model).into_iter();
        for (id, file) in files.filter(|(_, file)| is_selected(file)) {
            // Checked for retries too: the verdict may have changed since the first attempt.
            match model.check_eligibility(file, include_incomplete) {
                Ok(_) => {
                    selection.files.push(id);
                    let warns = file.verdict() == Some(Verdict::Warn);
                    selection.with_warnings += usize::from(warns);
                }
                Err(why) => {
                    let call = file.screening().and_then(Screening::saved_call);
                    let is_saved = call.is_some() && is_new(file);
                    selection.refused.extend(is_saved.then_some(id));
                    let is_out = file.worst_finding() == Some(Code::OutOfDateRange);
                    selection.out_of_period += usize::from(is_out && why == Ineligible::Fails);
                    selection.ineligible.push(why);
                }
            }
        }
        selection
    }

    /// Describes the files that are not eligible, if any.
    pub(super) fn ineligible_files(&self, model: &Model) -> Option<String> {
        let counts = Ineligible::ALL.into_iter().filter_map(|reason| {
            let same = self.ineligible.iter().filter(|other| **other == reason);
            let count = Some(same.count()).filter(|count| *count > 0)?;
            Some(match reason {
                Ineligible::Fails if self.out_of_period > 0 => {
                    let out = self.out_of_period;
                    format!("{count} failed ({out} outside of the requested period)")
                }
                Ineligible::Fails => format!("{count} failed"),
                Ineligible::Locked => {
                    let key = model.key(Action::Password);
                    format!("{count} locked ({key} opens)")
                }
                Ineligible::HasWarnings => {
                    format!("{count} with warnings (include_warnings = false)")
                }
                Ineligible::BankNotDetected => {
                    let key = model.key(Action::Bank);
                    format!("{count} without a bank ({key} sets it)")
                }
                Ineligible::NotScreened => format!("{count} not screened yet"),
                Ineligible::NoCase => {
                    let key = model.key(Action::MoveToCase);
                    format!("{count} in no case ({key} moves)")
                }
                Ineligible::CaseIncomplete => format!("{count} of incomplete cases"),
                Ineligible::Processed => format!("{count} of cases that are processed"),
                Ineligible::CaseBlocked => format!("{count} of blocked cases"),
            })
        });
        let counts: Vec<_> = counts.collect();
        (!counts.is_empty()).then(|| format!("not eligible: {}", counts.join(", ")))
    }

    /// Returns the order for these files.
    pub(super) fn order(&self) -> SendOrder {
        SendOrder {
            files: self.files.clone(),
            refused: self.refused.clone(),
            resend: false,
            include_incomplete: self.include_incomplete,
        }
    }

    /// Counts the calls that screening avoids if no file of the scope can be sent.
    pub(super) fn saved_calls(&self, model: &Model) -> Option<Effect> {
        let order = UploadOrder {
            requests: Vec::new(),
            refused: self.refused.clone(),
        };
        let has_session = matches!(
            model.session,
            SessionState::Open(_) | SessionState::PerCase { .. }
        );
        (has_session && !order.refused.is_empty()).then(|| upload_effect(model, order))
    }

    /// Returns the number of files with warnings, in parentheses, if any.
    pub(super) fn warnings(&self) -> String {
        match self.with_warnings {
            0 => String::new(),
            count => format!(" ({count} with warnings)"),
        }
    }
}

/// Returns whether a file was not sent to the session of its case or of the dashboard.
pub(super) fn is_new(file: &File) -> bool {
    matches!(file.upload, UploadState::NotRequested)
}

/// Prepares the session, and returns whether files can be sent. A session that can be opened first
/// is no obstacle.
pub(super) fn prepare_session(model: &mut Model) -> bool {
    let open = model.open_session().map(|session| &session.name);
    let ended = open.filter(|name| model.processing.has_ended_uploads(&name.id));
    if let Some(name) = ended {
        let text = format!(
            "Uploads to {} have ended: the service processes it; {} opens another session",
            name.label(),
            model.key(Action::Session)
        );
        model.notify(Level::Warning, &text);
        return false;
    }
    match model.session {
        SessionState::None => session::choose(model),
        SessionState::Opening(_) => {
            let text = "The session is being opened; try again in a moment";
            model.notify(Level::Warning, text);
        }
        SessionState::Planned(_) | SessionState::Open(_) | SessionState::PerCase { .. } => {
            return true;
        }
    }
    false
}

/// Returns the name of the session that files are sent to.
fn destination(model: &Model, files: &[FileId]) -> String {
    match &model.session {
        SessionState::Planned(source) | SessionState::Opening(source) => source.label().to_owned(),
        SessionState::Open(session) if session.sandbox => "the sandbox".to_owned(),
        SessionState::Open(session) => session.name.label().to_owned(),
        SessionState::PerCase { .. } => {
            let cases = cases_of(model, files);
            let name = model
                .queue
                .cases()
                .list()
                .get(cases.first().copied().unwrap_or(0));
            match (name, cases.len()) {
                (Some(case), 1) => case.name.clone(),
                _ => format!("{}, one for each case", counted(cases.len(), "session")),
            }
        }
        SessionState::None => String::new(),
    }
}

/// Returns the cases of files.
pub(super) fn cases_of(model: &Model, files: &[FileId]) -> BTreeSet<usize> {
    let cases = files.iter().filter_map(|id| model.queue.file(*id)?.case);
    cases.collect()
}

/// Asks whether to send files that were not sent yet. If screening shows that the service would
/// refuse all of them, their calls are saved, as `bankscreen upload` counts them.
pub(super) fn upload(model: &mut Model) -> Option<Effect> {
    if !prepare_session(model) {
        return None;
    }
    let scope = Scope::of(model);
    let complete = Selection::new(model, scope, false, is_new);
    let extended = Selection::new(model, scope, true, is_new);
    let all = Selection::new(model, Scope::All, false, is_new);
    let selection = if complete.files.is_empty() {
        &extended
    } else {
        &complete
    };
    if selection.files.is_empty() {
        let mut parts = vec!["Nothing to upload".to_owned()];
        parts.extend(selection.ineligible_files(model));
        if !all.files.is_empty() {
            let ready = counted(all.files.len(), "other ready file");
            parts.push(format!("{ready} not marked or not shown"));
        }
        model.notify(Level::Warning, &parts.join("; "));
        return selection.saved_calls(model);
    }
    let files = describe(model, selection, scope, all.files.len());
    let destination = destination(model, &selection.files);
    let first = if complete.files.is_empty() && !model.queue.cases().is_empty() {
        format!("The case is incomplete. Send {files} to {destination} all the same?")
    } else {
        format!("Send {files} to {destination}?")
    };
    let mut question = Question::new("Upload", first, selection.order());
    if !complete.files.is_empty() && extended.files.len() > complete.files.len() {
        question.or_incomplete(&extended);
    }
    if all.files.len() > selection.files.len() {
        question.or_all(&all);
    }
    question.note(selection.ineligible_files(model));
    question.ask(model);
    None
}

/// Describes the files of a question: `2 shown of 6 ready (1 with warnings)`.
fn describe(model: &Model, selection: &Selection, scope: Scope, ready: usize) -> String {
    let count = selection.files.len();
    let files = match scope {
        Scope::Marked => {
            let shown: HashSet<&FileId> = model.queue.rows().iter().collect();
            let is_hidden = |id: &&FileId| !shown.contains(id);
            let files = counted(count, "marked file");
            match selection.files.iter().filter(is_hidden).count() {
                0 => files,
                hidden => format!("{files}, {hidden} hidden"),
            }
        }
        Scope::Shown if count < ready => format!("{count} shown of {ready} ready"),
        _ => counted(count, "file"),
    };
    files + &selection.warnings()
}

/// Asks whether to send skipped files again; and rejected files, if they are marked.
///
/// The service rejects the same file again, so a rejected file is sent on explicit request only.
pub(super) fn retry(model: &mut Model) {
    if !prepare_session(model) {
        return;
    }
    let scope = Scope::of(model);
    let selection = Selection::new(model, scope, true, |file| match file.outcome() {
        Some(OutcomeKind::Skipped) => true,
        Some(OutcomeKind::Rejected) => file.marked,
        Some(OutcomeKind::Accepted | OutcomeKind::AlreadyUploaded | OutcomeKind::Unknown)
        | None => false,
    });
    if selection.files.is_empty() {
        let text = match selection.ineligible_files(model) {
            Some(files) => format!("Nothing to retry; {files}"),
            None => "Nothing to retry; rejected files are retried only if marked".to_owned(),
        };
        model.notify(Level::Warning, &text);
        return;
    }
    let files = describe(model, &selection, scope, selection.files.len());
    let first = format!("Retry {files} to {}?", destination(model, &selection.files));
    let mut question = Question::new("Retry", first, selection.order());
    question.note(selection.ineligible_files(model));
    question.ask(model);
}

/// Returns where files with unknown outcome are, and how many: among the marked ones, else among
/// those shown, else among all.
fn unknown_files(model: &Model) -> Option<(Scope, usize)> {
    let count = |scope: Scope| {
        let files = scope.files(model).into_iter();
        files.filter(|(_, file)| file.is_unknown()).count()
    };
    let scopes = [Scope::of(model), Scope::All].into_iter();
    let mut counted = scopes.map(|scope| (scope, count(scope)));
    counted.find(|(_, count)| *count > 0)
}

/// Asks the service for the outcomes of all unknown uploads, session by session.
pub(super) fn reconcile(model: &Model) -> Effect {
    let unknown = model.queue.present().filter(|(_, file)| file.is_unknown());
    let sessions = unknown.filter_map(|(_, file)| file.upload_record()?.session.clone());
    let sessions: BTreeSet<String> = sessions.collect();
    Effect::Reconcile(sessions.into_iter().collect())
}

/// Asks the user how to resolve the uploads with unknown outcome.
pub(super) fn choose_resolution(model: &mut Model) {
    let Some((_, count)) = unknown_files(model) else {
        model.notify(Level::Info, "No upload has an unknown outcome");
        return;
    };
    let can_reconcile = match &model.session {
        SessionState::Open(session) => session.has_server_hash,
        SessionState::PerCase { sandbox } => *sandbox || model.setup.has_server_hash,
        SessionState::None | SessionState::Planned(_) | SessionState::Opening(_) => false,
    };
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
        ChoiceAction::AskToResend,
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

/// Asks whether to send files with unknown outcome again. Names what may be charged twice.
pub(super) fn ask_to_resend(model: &mut Model) {
    if !prepare_session(model) {
        return;
    }
    let scope = unknown_files(model).map_or(Scope::All, |(scope, _)| scope);
    let files = Selection::new(model, scope, true, File::is_unknown).files;
    if files.is_empty() {
        model.notify(Level::Warning, "No file with unknown outcome can be sent");
        return;
    }
    let name = |id: &FileId| {
        let file = model.queue.file(*id)?;
        Some(model.queue.short_name(file))
    };
    let mut names: Vec<&str> = files.iter().take(MAX_NAMES).filter_map(name).collect();
    let others = counted(files.len().saturating_sub(MAX_NAMES), "other");
    if files.len() > MAX_NAMES {
        names.push(&others);
    }
    let count = counted(files.len(), "file");
    let text = format!(
        "Send {count} again to {}? The service may have accepted this before, and may charge \
         twice for: {}",
        destination(model, &files),
        names.join(", ")
    );
    let order = SendOrder {
        files,
        refused: Vec::new(),
        resend: true,
        include_incomplete: true,
    };
    Question::new("Upload again", text, order).ask(model);
}

/// A question that states what is sent.
pub(super) struct Question {
    title: &'static str,
    text: String,
    options: Vec<ChoiceOption>,
}

impl Question {
    pub(super) fn new(title: &'static str, text: String, order: SendOrder) -> Self {
        let label = format!("Send {}", counted(order.files.len(), "file"));
        let options = vec![ChoiceOption::new('y', label, ChoiceAction::Send(order))];
        Self {
            title,
            text,
            options,
        }
    }

    /// Offers to send other files instead.
    pub(super) fn or(&mut self, key: char, what: &str, files: &Selection) {
        let label = format!("Send {what}{}", files.warnings());
        let action = ChoiceAction::Send(files.order());
        self.options.push(ChoiceOption::new(key, label, action));
    }

    /// Offers to send all files instead.
    fn or_all(&mut self, all: &Selection) {
        let files = counted(all.files.len(), "ready file");
        self.or('a', &format!("all {files}"), all);
    }

    /// Offers to send the files of incomplete cases, too.
    pub(super) fn or_incomplete(&mut self, extended: &Selection) {
        // The number of warnings must not be cut on a narrow screen.
        let files = counted(extended.files.len(), "file");
        self.or('i', &format!("incomplete cases, too: {files}"), extended);
    }

    pub(super) fn note(&mut self, note: Option<String>) {
        if let Some(note) = note {
            self.text.push(' ');
            self.text.push_str(&capitalize(&note));
            self.text.push('.');
        }
    }

    pub(super) fn ask(mut self, model: &mut Model) {
        let nothing = ChoiceOption::new('n', "Send nothing", ChoiceAction::Dismiss);
        self.options.push(nothing);
        if let SessionState::Planned(source) = &model.session {
            let text = format!(" Opens the session for {} first.", source.label());
            self.text.push_str(&text);
        }
        model.overlays.push(Overlay::Choice(Choice {
            title: self.title.to_owned(),
            text: self.text,
            options: self.options,
            selected: 0,
        }));
    }
}

/// Sends the files that were confirmed before the session was opened. If the session requests
/// another period than the files were screened against, the user has to confirm again.
pub(super) fn send_pending(model: &mut Model, is_same_period: bool) -> Vec<Effect> {
    let Some(order) = model.pending_order.take() else {
        return Vec::new();
    };
    if model.open_session().is_none() {
        return Vec::new();
    }
    if is_same_period {
        return send(model, order);
    }
    let text = format!(
        "The session requests another period: files are screened again; then press {}",
        model.key(Action::Upload)
    );
    model.notify(Level::Warning, &text);
    Vec::new()
}

/// Sends the files of an order that can still be sent. A planned session is opened first.
pub(super) fn send(model: &mut Model, order: SendOrder) -> Vec<Effect> {
    if let SessionState::Planned(source) = &model.session {
        let source = source.clone();
        model.pending_order = Some(order);
        return session::open(model, source);
    }
    let has_session = matches!(
        model.session,
        SessionState::Open(_) | SessionState::PerCase { .. }
    );
    if !has_session {
        return Vec::new();
    }
    let can_send = |file: &File| match (&file.upload, file.outcome()) {
        (UploadState::NotRequested, _)
        | (_, Some(OutcomeKind::Skipped | OutcomeKind::Rejected)) => !order.resend,
        (_, Some(OutcomeKind::Unknown)) => order.resend,
        _ => false,
    };
    let request = |id: &FileId| {
        let file = model.queue.file(*id).filter(|file| can_send(file))?;
        let bank = model
            .check_eligibility(file, order.include_incomplete)
            .ok()?;
        Some(UploadRequest {
            file: *id,
            bank,
            resend: order.resend,
        })
    };
    let requests: Vec<UploadRequest> = order.files.iter().filter_map(request).collect();
    let left_out = order.files.len() - requests.len();
    let mut text = format!("Uploading {}", counted(requests.len(), "file"));
    if left_out > 0 {
        let files = counted(left_out, "file");
        text = format!("{text}; left out: {files} that can no longer be sent");
    }
    model.show_notice(Level::Info, text);
    if requests.is_empty() {
        return Vec::new();
    }
    for request in &requests {
        model.queue.change(request.file, |file| {
            file.upload = UploadState::Queued;
            // The next command applies to other files.
            file.marked = false;
        });
    }
    let uploads = UploadOrder {
        requests,
        refused: order.refused,
    };
    vec![upload_effect(model, uploads)]
}

fn upload_effect(model: &Model, order: UploadOrder) -> Effect {
    if matches!(model.session, SessionState::PerCase { .. }) {
        Effect::UploadCases(order)
    } else {
        Effect::Upload(order)
    }
}
