//! One file of the queue: what is known of it and how far it is.

use crate::pdf::{EncryptionStatus, Password};
use crate::report::{Name, SettledUpload};
use crate::screen::{CONFIDENCE_THRESHOLD, Code, Expected, Screening, Severity, Verdict};
use crate::statement::Bank;
use crate::text::sanitize;

/// A file's place in the queue, from 0. It keeps it for the whole run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

impl FileId {
    /// As an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// One file.
#[derive(Debug, Clone)]
pub struct File {
    /// What it is called. Untrusted text.
    pub name: Name,
    /// The same, safe to show.
    pub shown: String,
    /// Its size, where it is known.
    pub bytes: Option<u64>,
    /// What is expected of it.
    pub expected: Expected,
    /// Warnings that a person has looked at.
    pub ignored: Vec<Code>,
    /// What screening says.
    pub stage: Stage,
    /// Screenings ordered.
    pub round: u32,
    /// Whether it is marked.
    pub marked: bool,
    /// Whether a person took it out of the queue.
    pub dropped: bool,
    /// The earlier file that it is a copy of.
    pub twin: Option<FileId>,
    /// How far it is on its way to the service.
    pub delivery: Delivery,
}

/// What screening says of a file.
#[derive(Debug, Clone)]
pub enum Stage {
    /// Nothing yet.
    Waiting,
    /// It is done.
    Screened {
        /// What it found.
        screening: Box<Screening>,
        /// Findings, from the first, that are the file's own; those behind come from its siblings.
        own: usize,
    },
}

/// How far a file is on its way to the service.
#[derive(Debug, Clone, Default)]
pub enum Delivery {
    /// Nobody asked for it to be sent.
    #[default]
    Idle,
    /// It waits for its turn.
    Queued,
    /// It is being sent: so many of so many bytes.
    Sending(u64, u64),
    /// It was certainly not taken and is tried again; why.
    Again(String),
    /// It has its outcome.
    Ended(Box<SettledUpload>),
}

impl File {
    /// A file of which nothing is known.
    pub fn new(name: Name, bytes: Option<u64>, expected: Expected) -> Self {
        Self {
            shown: sanitize(&name.text).into_owned(),
            name,
            bytes,
            expected,
            ignored: Vec::new(),
            stage: Stage::Waiting,
            round: 0,
            marked: false,
            dropped: false,
            twin: None,
            delivery: Delivery::Idle,
        }
    }

    /// What screening found, once it is done.
    pub fn screening(&self) -> Option<&Screening> {
        match &self.stage {
            Stage::Waiting => None,
            Stage::Screened { screening, .. } => Some(screening),
        }
    }

    /// What it is worth, once that is known.
    pub fn verdict(&self) -> Option<Verdict> {
        self.screening().map(|screening| screening.verdict)
    }

    /// The bank given by a person, else the one told from the file, with its confidence.
    pub fn bank(&self) -> Option<(&Bank, Option<f32>)> {
        if let Some(bank) = &self.expected.bank {
            return Some((bank, None));
        }
        let issuer = self.screening()?.statement.issuer.as_ref()?;
        Some((&issuer.bank, Some(issuer.confidence)))
    }

    /// The bank to name to the service, if it is sure enough.
    pub fn sure_bank(&self) -> Option<&Bank> {
        match self.bank()? {
            (bank, None) => Some(bank),
            (bank, Some(confidence)) => (confidence >= CONFIDENCE_THRESHOLD).then_some(bank),
        }
    }

    /// Whether a password is needed that nobody gave.
    pub fn is_locked(&self) -> bool {
        let encryption = self.screening().and_then(|s| s.encryption.as_ref());
        encryption.is_some_and(|found| found.status == EncryptionStatus::Locked)
    }

    /// Whether a candidate password opened it.
    pub fn is_unlocked(&self) -> bool {
        let encryption = self.screening().and_then(|s| s.encryption.as_ref());
        encryption.is_some_and(|found| found.status == EncryptionStatus::Unlocked)
    }

    /// The password typed for it, if that is what opened it.
    pub fn typed_password(&self) -> Option<&Password> {
        let candidate = self.expected.candidate.as_ref()?;
        let opened_by = self.screening()?.password_from.as_deref()?;
        (opened_by == candidate.origin).then_some(&candidate.password)
    }

    /// Pages found.
    pub fn pages(&self) -> Option<usize> {
        Some(self.screening()?.document.as_ref()?.page_count)
    }

    /// The worst of what was found.
    pub fn worst(&self) -> Option<Code> {
        let findings = &self.screening()?.findings;
        let worst = findings.iter().map(|finding| finding.severity).max()?;
        let first = findings.iter().find(|finding| finding.severity == worst)?;
        (worst > Severity::Note).then_some(first.code)
    }

    /// Whether it is on its way.
    pub fn is_moving(&self) -> bool {
        matches!(
            self.delivery,
            Delivery::Queued | Delivery::Sending(..) | Delivery::Again(_)
        )
    }

    /// The outcome of its upload, once it has one.
    pub fn sent(&self) -> Option<&SettledUpload> {
        match &self.delivery {
            Delivery::Ended(sent) => Some(sent),
            Delivery::Idle | Delivery::Queued | Delivery::Sending(..) | Delivery::Again(_) => None,
        }
    }
}
