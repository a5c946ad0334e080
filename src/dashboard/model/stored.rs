//! What the dashboard stores between runs: references of sessions, and the queue of a run that was
//! interrupted. Neither contains a secret.

use super::file::{File, FileId};
use super::queue::Queue;
use crate::screen::cases::Case;
use crate::statement::DateRange;
use crate::text::sanitize;
use crate::uploads::plan::OutcomeKind;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// A session that was used: enough to find it again by its reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecentSession {
    /// The reference. Untrusted text.
    pub reference: String,
    /// The requested period; `None` for the service's default, which moves from day to day.
    pub period: Option<DateRange>,
    /// When it was opened.
    pub used_at: Timestamp,
}

/// The queue of a dashboard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredQueue {
    /// ID of the process whose queue it is.
    pub process: i32,
    /// When it was stored.
    pub saved_at: Timestamp,
    /// The cases of the files, in their order; empty if they are in none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<StoredCase>,
    /// The files, in the order of addition.
    pub files: Vec<StoredFile>,
}

/// A case of a stored queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredCase {
    /// Its name. Untrusted text.
    pub name: String,
    /// Its requested period, if it has one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<DateRange>,
    /// The names of cases that may have the same statements.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<String>,
}

/// A file of a stored queue, with what the user chose for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFile {
    /// The absolute path, with invalid UTF-8 replaced.
    pub path: String,
    /// The bytes of the path in base64, if they are not valid UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_bytes: Option<String>,
    /// The name of its case; `None` if it is in none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// Whether it is uploaded. Such a file is stored for its case only, which needs all of them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub uploaded: bool,
    /// Whether the user marked it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub marked: bool,
    /// ID of the bank that the user set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<String>,
    /// The account category that the user set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Codes of the warnings that the user ignored.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<String>,
}

/// A file that returned from a stored queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoredFile {
    /// The file.
    pub file: FileId,
    /// What the user had chosen for it.
    pub stored: StoredFile,
}

impl StoredCase {
    /// Returns a case as it is stored.
    pub fn of(case: &Case) -> Self {
        Self {
            name: case.name.clone(),
            period: case.requested,
            related: case.related.clone(),
        }
    }

    /// Returns the case; `None` if its name can't be used, which another version stored.
    pub fn case(self) -> Option<Case> {
        Some(Case {
            requested: self.period,
            related: self.related,
            ..Case::new(&self.name).ok()?
        })
    }
}

impl StoredFile {
    /// Returns what the user chose for a file; its path and its case are empty.
    pub fn choices_of(file: &File) -> Self {
        Self {
            uploaded: file.outcome().is_some_and(OutcomeKind::is_uploaded),
            marked: file.marked,
            bank: file.expected.bank.as_ref().map(|bank| bank.id().to_owned()),
            category: file.expected.account_category.clone(),
            ignored: file
                .ignored
                .iter()
                .map(|code| code.name().to_owned())
                .collect(),
            ..Self::default()
        }
    }
}

/// Returns the files to store, in the order of addition: those that are in the queue and are not
/// uploaded, and all files of the cases of those, which are judged by all of their files.
pub fn unfinished(queue: &Queue) -> impl Iterator<Item = (FileId, &File)> {
    let is_unfinished = |file: &File| !file.outcome().is_some_and(OutcomeKind::is_uploaded);
    let present = queue.present();
    let cases = present.filter_map(|(_, file)| file.case.filter(|_| is_unfinished(file)));
    let cases: HashSet<usize> = cases.collect();
    queue.present().filter(move |(_, file)| match file.case {
        Some(case) => cases.contains(&case),
        None => is_unfinished(file),
    })
}

/// Describes the latest recent sessions for a question; `None` without any.
pub fn recent_label(recent: &[RecentSession]) -> Option<String> {
    /// References that the label names.
    const MAX_NAMES: usize = 3;
    let names = recent.iter().take(MAX_NAMES);
    let names: Vec<_> = names.map(|recent| sanitize(&recent.reference)).collect();
    (!names.is_empty()).then(|| format!("Recent session: {}", names.join(", ")))
}
