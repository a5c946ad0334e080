//! The status of a file in a few words: what happened to it, or what to do.

use super::labels;
use super::theme::{Role, Theme};
use crate::dashboard::keymap::{Action, KeyMap};
use crate::dashboard::model::{File, Ineligible, Model, UploadState};
use crate::pdf::PageClass;
use crate::screen::cases::{CodeEffect, code_effect};
use crate::screen::{Code, Finding, Severity, Verdict};
use crate::text::sanitize;
use unicode_width::UnicodeWidthStr as _;

/// A status. Its symbol has the same meaning as its color.
#[derive(Debug)]
pub(super) struct Status {
    pub(super) role: Role,
    pub(super) symbol: &'static str,
    /// Sanitized text.
    pub(super) text: String,
    /// The text for narrow columns, if it has another one.
    pub(super) short: Option<String>,
    /// The action that helps most, if a key solves it.
    pub(super) key: Option<Action>,
}

impl Status {
    pub(super) fn new(role: Role, symbol: &'static str, text: impl Into<String>) -> Self {
        Self {
            role,
            symbol,
            text: text.into(),
            short: None,
            key: None,
        }
    }

    pub(super) fn with_short(self, short: impl Into<String>) -> Self {
        Self {
            short: Some(short.into()),
            ..self
        }
    }

    fn with_key(self, action: Action) -> Self {
        Self {
            key: Some(action),
            ..self
        }
    }

    /// Returns the symbol and the text; the short text if the other one is wider than `columns`.
    pub(super) fn text_within(&self, columns: usize) -> String {
        let text = format!("{} {}", self.symbol, self.text);
        match &self.short {
            Some(short) if text.width() > columns => format!("{} {short}", self.symbol),
            _ => text,
        }
    }

    /// Returns the name of the key that helps most.
    pub(super) fn key_name(&self, keys: &KeyMap) -> Option<String> {
        Some(keys.name(self.key?))
    }
}

/// Returns the status of a file: of its upload, once that was requested; else what its screening
/// found.
pub(super) fn of_file(model: &Model, file: &File, theme: Theme) -> Status {
    match &file.upload {
        UploadState::NotRequested => not_requested(model, file, theme),
        UploadState::Queued => Status::new(Role::Muted, theme.symbol("…", "."), "queued"),
        UploadState::Sending { sent, total } => {
            let text = format!("{}%", labels::percent_of(*sent, *total));
            Status::new(Role::InProgress, theme.symbol("↑", "^"), text)
        }
        UploadState::Retrying(_) => Status::new(Role::Warning, theme.symbol("↻", "@"), "retrying"),
        UploadState::Finished(record) => {
            let outcome = &record.outcome;
            let (role, symbol) = theme.outcome(Some(outcome.kind));
            let mut text = labels::outcome(outcome.kind).to_owned();
            if let Some(code) = outcome
                .code
                .as_ref()
                .filter(|_| !outcome.kind.is_uploaded())
            {
                text = format!("{text} {}", sanitize(code.name()));
            }
            Status::new(role, symbol, text)
        }
    }
}

fn not_requested(model: &Model, file: &File, theme: Theme) -> Status {
    if let Some(session) = file.uploaded_before() {
        let name = sanitize(session.label());
        let text = format!("uploaded to {name}");
        let status = Status::new(Role::Muted, theme.symbol("✔", "+"), text);
        return status.with_short(format!("in {name}"));
    }
    let Some(screening) = file.screening() else {
        return Status::new(Role::Muted, theme.symbol("…", "."), "waiting");
    };
    if file.is_locked() {
        return Status::new(Role::Warning, "#", "password").with_key(Action::Password);
    }
    if let Some(original) = file.duplicate_of.and_then(|id| model.queue.file(id)) {
        let name = model.queue.short_name(original);
        let own = model.queue.short_name(file);
        // The folder is only of interest if it is another one.
        let folder = own
            .rfind('/')
            .map_or("", |slash| own.get(..=slash).unwrap_or_default());
        let in_folder = name.strip_prefix(folder);
        let name = in_folder.filter(|name| !name.contains('/')).unwrap_or(name);
        let name = name.strip_suffix(".pdf").unwrap_or(name);
        return Status::new(Role::Error, "=", name);
    }
    let findings = &screening.findings;
    let is_about_bank =
        |finding: &&Finding| matches!(finding.code, Code::BankNameUndetected | Code::BankUncertain);
    let worst = |severity: Severity| {
        let found = findings.iter().filter(|own| own.severity == severity);
        let found = found.filter(|own| !is_about_bank(own));
        // What blocks a case needs the staff; the first one of the others is as good as any.
        found.min_by_key(|own| code_effect(own.code) != CodeEffect::Blocked)
    };
    if let Some(finding) = worst(Severity::Error) {
        return found(file, finding, Role::Error, theme.symbol("✖", "x"));
    }
    if file.needs_bank() {
        return Status::new(Role::Warning, "?", "bank").with_key(Action::Bank);
    }
    if file.case.is_none() && !model.queue.cases().is_empty() {
        return Status::new(Role::Warning, theme.symbol("–", "-"), "in no case")
            .with_key(Action::MoveToCase);
    }
    let eligibility = file.check_eligibility(model.setup.include_warnings);
    if let Some(finding) = worst(Severity::Warning) {
        if eligibility == Err(Ineligible::HasWarnings) {
            let text = format!("excluded: {}", words(file, finding));
            return Status::new(Role::Muted, theme.symbol("–", "-"), text);
        }
        if eligibility == Err(Ineligible::Fails) {
            return found(file, finding, Role::Error, theme.symbol("✖", "x"));
        }
        return found(file, finding, Role::Warning, theme.symbol("▲", "!"));
    }
    match screening.verdict {
        Verdict::Pass => match model.check_eligibility(file, false) {
            Ok(_) => Status::new(Role::Normal, theme.symbol("✔", "+"), "ready"),
            Err(obstacle) => on_hold(obstacle, theme),
        },
        Verdict::Warn | Verdict::Fail => {
            let (role, symbol, label) = theme.verdict(Some(screening.verdict));
            Status::new(role, symbol, label)
        }
    }
}

/// Returns the status of a file that is ready by itself, but is not sent with its case.
fn on_hold(obstacle: Ineligible, theme: Theme) -> Status {
    let (text, short) = match obstacle {
        Ineligible::CaseIncomplete => ("ready, case incomplete", "case incomplete"),
        Ineligible::CaseBlocked => ("ready, case blocked", "case blocked"),
        Ineligible::Processed => ("case processed", "processed"),
        // Its other files are not screened yet.
        Ineligible::NotScreened => ("ready, case not screened", "case waiting"),
        Ineligible::Fails
        | Ineligible::Locked
        | Ineligible::HasWarnings
        | Ineligible::BankNotDetected
        | Ineligible::NoCase => ("on hold", "on hold"),
    };
    Status::new(Role::Muted, theme.symbol("–", "-"), text).with_short(short)
}

/// Returns the status of a file by a finding; in a narrow column without its page.
fn found(file: &File, finding: &Finding, role: Role, symbol: &'static str) -> Status {
    let status = Status::new(role, symbol, words(file, finding));
    if finding.code == Code::PartlyScanned {
        return status;
    }
    status.with_short(labels::finding(finding.code))
}

/// Describes a finding: `2/6 scanned`, `balance breaks, p. 3`.
fn words(file: &File, finding: &Finding) -> String {
    if finding.code == Code::PartlyScanned
        && let Some(document) = file.screening().and_then(|own| own.document.as_ref())
    {
        let is_scanned = |class: &&PageClass| **class == PageClass::Scanned;
        let scanned = document.pages.iter().filter(is_scanned).count();
        return format!("{scanned}/{} scanned", document.pages.len());
    }
    let label = labels::finding(finding.code);
    match finding.pages.first() {
        Some(page) => format!("{label}, p. {page}"),
        None => label.to_owned(),
    }
}
