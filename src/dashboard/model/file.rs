//! A file of the queue: its screening, its upload, and whether it may be uploaded.

use crate::pdf::{EditKind, EncryptionStatus};
use crate::report::{FileName, SettledUpload};
use crate::screen::cases::Shared;
use crate::screen::{CONFIDENCE_THRESHOLD, Code, Expected, Finding, Screening, Severity, Verdict};
use crate::statement::{Bank, LedgerBreak};
use crate::text::sanitize;
use crate::uploads::plan::{Eligibility, OutcomeKind};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;

/// Index of a file in the queue. It never changes during a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

impl FileId {
    /// Returns the ID as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A file, and the index of its case; `None` if it is in none.
pub type CaseOfFile = (FileId, Option<usize>);

/// A file of the queue.
#[derive(Debug, Clone)]
pub struct File {
    /// Its name. Untrusted text.
    pub name: FileName,
    /// Its name, sanitized for display; `None` if that is the name itself, as of nearly all files.
    sanitized_name: Option<Box<str>>,
    /// Its size in bytes, if known.
    pub bytes: Option<u64>,
    /// The index of its case; `None` if it is in none.
    pub case: Option<usize>,
    /// What it shares with an unrelated case of an earlier run.
    pub shared_before: Option<Shared>,
    /// The values to screen it against, which most files share.
    pub expected: Arc<Expected>,
    /// Warnings that the user ignored.
    pub ignored: Vec<Code>,
    /// Its screening.
    pub stage: Stage,
    /// Its stamp before it was screened; `None` if it is not known.
    pub stamp: Option<FileStamp>,
    /// ID of the latest screening request; 0 before the first.
    pub request_id: u32,
    /// Whether the user marked it.
    pub marked: bool,
    /// Whether the user removed it from the queue.
    pub removed: bool,
    /// The earlier file with the same content, if any.
    pub duplicate_of: Option<FileId>,
    /// Its upload to the session of the counts: see [`super::Model::enter_session`].
    pub upload: UploadState,
    /// Its uploads to sessions that were open before.
    pub earlier_uploads: Vec<SessionUpload>,
}

/// What shows that a file was changed: its size and the time of its last change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileStamp {
    /// Size in bytes.
    pub bytes: u64,
    /// Time of the last change, if the file system has it.
    pub modified: Option<SystemTime>,
}

/// An upload to a session that is no longer open.
#[derive(Debug, Clone)]
pub struct SessionUpload {
    /// The session.
    pub session: SessionName,
    /// The outcome.
    pub record: Box<SettledUpload>,
}

/// What identifies a session, for the program and for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionName {
    /// The session ID.
    pub id: String,
    /// The reference that the user gave it, if it is known. Untrusted text.
    pub reference: Option<String>,
}

impl SessionName {
    /// Returns the reference, else the first group of the ID.
    pub fn label(&self) -> &str {
        let id = self.id.split('-').next().unwrap_or_default();
        self.reference.as_deref().unwrap_or(id)
    }
}

/// The screening of a file.
#[derive(Debug, Clone)]
pub enum Stage {
    /// The file is not screened yet.
    Waiting,
    /// The file is screened.
    Screened {
        /// Facts, findings and verdict.
        screening: Box<Screening>,
        /// The findings of the file itself; `None` if the comparison with other files changed none
        /// of those of the screening, which has its results, too.
        own_findings: Option<Box<[Finding]>>,
    },
}

/// The upload of a file.
#[derive(Debug, Clone, Default)]
pub enum UploadState {
    /// The user has not requested the upload.
    #[default]
    NotRequested,
    /// The file is in the upload queue.
    Queued,
    /// An attempt is in progress.
    Sending {
        /// Bytes sent.
        sent: u64,
        /// Bytes of the whole body.
        total: u64,
    },
    /// An attempt failed and the file was certainly not accepted; why. Another attempt follows.
    Retrying(String),
    /// The upload has an outcome.
    Finished(Box<SettledUpload>),
}

/// A place of a page at which screening found something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageMark {
    /// What it found.
    pub kind: MarkKind,
    /// The number of the page, from 1.
    pub page: usize,
    /// From the top of the page, in ten-thousandths of its height, if that is known.
    pub place: Option<u16>,
    /// The number of the line of text, from 1, if that is known.
    pub line: Option<usize>,
}

/// What screening found at a place of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkKind {
    /// A row whose balance does not follow.
    BrokenRow,
    /// Digits that something covers.
    Covered,
    /// Another sign that the content was changed.
    Edited,
    /// A logo that the bank embeds in its statements. It is evidence for the bank, and its place on
    /// the page is not known.
    Logo,
}

impl MarkKind {
    /// All kinds, in the order of the legend.
    pub const ALL: [Self; 4] = [Self::BrokenRow, Self::Covered, Self::Edited, Self::Logo];

    fn of(edit: EditKind) -> Self {
        match edit {
            EditKind::CoveredDigits | EditKind::Annotation(_) => Self::Covered,
            EditKind::LoneFont
            | EditKind::OddNumber(..)
            | EditKind::Update
            | EditKind::RemovedPages(_) => Self::Edited,
        }
    }
}

/// Why a file is not eligible for upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ineligible {
    /// It is not screened yet.
    NotScreened,
    /// Its verdict is fail.
    Fails,
    /// It is encrypted, and no candidate password matches.
    Locked,
    /// It has warnings, and the setting `include_warnings` is off.
    HasWarnings,
    /// Its bank is neither detected nor set.
    BankNotDetected,
    /// It is in no case, so it has no session.
    NoCase,
    /// Its case is incomplete, and the user did not confirm to send it all the same.
    CaseIncomplete,
    /// Its case is blocked.
    CaseBlocked,
    /// The uploads to the session of its case have ended.
    Processed,
}

impl Ineligible {
    /// All reasons, in the order of notices.
    pub const ALL: [Self; 9] = [
        Self::Fails,
        Self::Locked,
        Self::HasWarnings,
        Self::BankNotDetected,
        Self::NotScreened,
        Self::NoCase,
        Self::CaseIncomplete,
        Self::CaseBlocked,
        Self::Processed,
    ];
}

impl File {
    /// Creates a file that is not screened yet.
    pub fn new(name: FileName, bytes: Option<u64>, expected: Arc<Expected>) -> Self {
        let sanitized_name = match sanitize(&name.text) {
            Cow::Borrowed(_) => None,
            Cow::Owned(text) => Some(text.into_boxed_str()),
        };
        Self {
            sanitized_name,
            name,
            bytes,
            case: None,
            shared_before: None,
            expected,
            ignored: Vec::new(),
            stage: Stage::Waiting,
            stamp: None,
            request_id: 0,
            marked: false,
            removed: false,
            duplicate_of: None,
            upload: UploadState::NotRequested,
            earlier_uploads: Vec::new(),
        }
    }

    /// Puts the file into a case.
    #[must_use]
    pub fn in_case(self, case: Option<usize>) -> Self {
        Self { case, ..self }
    }

    /// Returns its name, sanitized for display.
    pub fn display_name(&self) -> &str {
        self.sanitized_name.as_deref().unwrap_or(&self.name.text)
    }

    /// Returns the values to screen it against, to change them for this file only.
    pub fn expected_mut(&mut self) -> &mut Expected {
        Arc::make_mut(&mut self.expected)
    }

    /// Checks whether the file may be uploaded, by the same rules as `bankscreen upload`. Returns
    /// the ID of the bank to send.
    ///
    /// # Errors
    ///
    /// Returns the reason why the file may not be uploaded.
    pub fn check_eligibility(&self, include_warnings: bool) -> Result<Option<String>, Ineligible> {
        let screening = self.screening().ok_or(Ineligible::NotScreened)?;
        let rules = Eligibility {
            include_warnings,
            ..Eligibility::default()
        };
        rules
            .check(screening, self.expected.bank.as_ref())
            .map_err(|_skipped| match screening.verdict {
                _ if self.is_locked() => Ineligible::Locked,
                Verdict::Fail if self.needs_user() => Ineligible::BankNotDetected,
                Verdict::Fail => Ineligible::Fails,
                Verdict::Warn if !include_warnings => Ineligible::HasWarnings,
                Verdict::Warn | Verdict::Pass => Ineligible::BankNotDetected,
            })
    }

    /// Returns the screening, once it is complete.
    pub fn screening(&self) -> Option<&Screening> {
        match &self.stage {
            Stage::Waiting => None,
            Stage::Screened { screening, .. } => Some(screening),
        }
    }

    /// Returns the screening to change its findings.
    pub(super) fn screening_mut(&mut self) -> Option<&mut Screening> {
        match &mut self.stage {
            Stage::Waiting => None,
            Stage::Screened {
                screening,
                own_findings,
            } => {
                own_findings.get_or_insert_with(|| screening.findings.clone().into_boxed_slice());
                Some(screening)
            }
        }
    }

    /// Returns the verdict, once the file is screened.
    pub fn verdict(&self) -> Option<Verdict> {
        self.screening().map(|screening| screening.verdict)
    }

    /// Returns the expected bank, else the detected or likely bank with its confidence.
    pub fn bank(&self) -> Option<(&Bank, Option<f32>)> {
        // The bank that the user named has precedence over any evidence.
        if let Some(bank) = &self.expected.bank {
            return Some((bank, None));
        }
        let issuer = self.screening()?.statement.issuer.as_ref()?;
        Some((&issuer.bank, Some(issuer.confidence)))
    }

    /// Returns the expected or the detected bank; a likely bank is below the threshold.
    pub fn confirmed_bank(&self) -> Option<&Bank> {
        match self.bank()? {
            (bank, None) => Some(bank),
            (bank, Some(confidence)) => (confidence >= CONFIDENCE_THRESHOLD).then_some(bank),
        }
    }

    /// Returns whether the file is encrypted and no candidate password matches.
    pub fn is_locked(&self) -> bool {
        let Some(screening) = self.screening() else {
            return false;
        };
        // A file in a locked archive was not read.
        let mut findings = screening.findings.iter();
        let is_refused = findings.any(|finding| finding.code == Code::PasswordIncorrect);
        screening
            .encryption
            .as_ref()
            .map_or(is_refused, |found| found.status == EncryptionStatus::Locked)
    }

    /// Returns whether the document could be read, but its bank is neither detected nor set.
    pub fn needs_bank(&self) -> bool {
        self.confirmed_bank().is_none() && self.pages().is_some()
    }

    /// Returns whether the file lacks a password or a bank, which the user can set, and nothing
    /// else.
    pub fn needs_user(&self) -> bool {
        if self.is_locked() {
            return true;
        }
        let is_error = |finding: &&Finding| finding.severity == Severity::Error;
        let is_about_bank = |finding: &Finding| finding.code == Code::BankNameUndetected;
        let findings = self.screening().map_or(&[][..], |own| &own.findings);
        self.needs_bank() && findings.iter().filter(is_error).all(is_about_bank)
    }

    /// Returns the balances that do not follow, in the order of the pages.
    pub fn breaks(&self) -> &[LedgerBreak] {
        let ledger = self
            .screening()
            .and_then(|screening| screening.statement.ledger.as_ref());
        ledger.map_or(&[], |ledger| &ledger.breaks)
    }

    /// Returns what screening found at certain places of a page with this number, from 1.
    pub fn page_marks(&self, page: usize) -> Vec<PageMark> {
        let breaks = self.breaks().iter().map(|found| PageMark {
            kind: MarkKind::BrokenRow,
            page: found.page as usize,
            place: Some(found.place),
            line: None,
        });
        let document = self.screening().and_then(|own| own.document.as_ref());
        let edits = document.map_or(&[][..], |document| &document.edits);
        let edits = edits.iter().map(|edit| PageMark {
            kind: MarkKind::of(edit.kind),
            page: edit.page,
            place: edit.place,
            line: edit.line,
        });
        let issuer = self
            .screening()
            .and_then(|own| own.statement.issuer.as_ref());
        let logo = issuer.filter(|issuer| issuer.has_logo()).map(|_| PageMark {
            kind: MarkKind::Logo,
            // Logos are looked for on the first page only.
            page: 1,
            place: None,
            line: None,
        });
        breaks
            .chain(edits)
            .chain(logo)
            .filter(|mark| mark.page == page)
            .collect()
    }

    /// Returns the number, from 1, of the first page with a problem.
    pub fn first_marked_page(&self) -> Option<usize> {
        let first_break = self.breaks().first().map(|found| found.page as usize);
        let document = self.screening().and_then(|own| own.document.as_ref());
        let edits = document.map_or(&[][..], |document| &document.edits);
        first_break.or(edits.first().map(|edit| edit.page))
    }

    /// Returns the number of pages, if the document could be read.
    pub fn pages(&self) -> Option<usize> {
        Some(self.screening()?.document.as_ref()?.page_count)
    }

    /// Returns the code of the first error, else of the first warning.
    pub fn worst_finding(&self) -> Option<Code> {
        let findings = &self.screening()?.findings;
        let worst = findings.iter().map(|finding| finding.severity).max()?;
        let first = findings.iter().find(|finding| finding.severity == worst)?;
        (worst > Severity::Note).then_some(first.code)
    }

    /// Returns whether the upload was requested and has no outcome yet.
    pub fn is_uploading(&self) -> bool {
        match self.upload {
            UploadState::Queued | UploadState::Sending { .. } | UploadState::Retrying(_) => true,
            UploadState::NotRequested | UploadState::Finished(_) => false,
        }
    }

    /// Returns the record of the upload, once it has an outcome.
    pub fn upload_record(&self) -> Option<&SettledUpload> {
        match &self.upload {
            UploadState::Finished(record) => Some(record),
            UploadState::NotRequested
            | UploadState::Queued
            | UploadState::Sending { .. }
            | UploadState::Retrying(_) => None,
        }
    }

    /// Returns the latest session before this one that has the file.
    pub fn uploaded_before(&self) -> Option<&SessionName> {
        let mut uploads = self.earlier_uploads.iter().rev();
        let upload = uploads.find(|upload| upload.record.outcome.kind.is_uploaded())?;
        Some(&upload.session)
    }

    /// Returns whether the service may have the file, but no answer said so.
    pub fn is_unknown(&self) -> bool {
        self.outcome() == Some(OutcomeKind::Unknown)
    }

    /// Returns the outcome of the upload, once it has one.
    pub fn outcome(&self) -> Option<OutcomeKind> {
        self.upload_record().map(|record| record.outcome.kind)
    }
}
