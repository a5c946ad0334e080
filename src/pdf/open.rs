//! Opens a file with hayro-syntax. Decrypts it or rewrites it with lopdf first if necessary.

use super::catch_panic::catch_panic;
use super::cross_reference::{Check, CleanFile};
use super::decrypt;
use super::encryption::{Encryption, EncryptionStatus, Match, PasswordRole, SecurityHandler};
use super::file_kind::FileKind;
use super::filter::{self, Encoded};
use super::guard::{self, Risk};
use super::inflate::{Inflate, InflateStatus};
use super::keyword_index::KeywordIndex;
use super::limits::{Budget, LimitHit, Limits};
use super::metadata;
use super::password::Password;
use super::structure;
use hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use std::collections::HashSet;
use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// Pages whose content is read to confirm a password.
const CONFIRMATION_PAGES: usize = 3;
/// Content streams of these pages that are read.
const CONFIRMATION_STREAMS: usize = 16;
/// Bytes that are read of each stream.
const CONFIRMATION_BYTES: usize = 256;

/// Passwords that each of several threads checks between two looks at the clock.
const CHECKS_PER_THREAD: usize = 8;

/// The bytes of a file, shared with the engine that borrows from them.
pub type FileBytes = Arc<Vec<u8>>;

/// Why a file could not be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The file has no bytes.
    #[error("the file is empty")]
    Empty,
    /// The file is of another kind.
    #[error("the file is {0}, not a PDF")]
    NotPdf(FileKind),
    /// The file is a PDF, but no reader finds a page in it.
    #[error("the file is damaged and no page can be read")]
    Unreadable,
    /// The document is encrypted and no candidate password matches.
    #[error("the document is encrypted and no candidate password matches")]
    Locked {
        /// The encryption.
        encryption: Encryption,
        /// What can be read without a password.
        structure: Option<LockedStructure>,
    },
    /// The document needs engines that may only run in an isolated process
    /// ([`Engines::Bounded`](super::Engines::Bounded)).
    #[error("the document can only be read in an isolated process")]
    NeedsIsolation,
    /// The document exceeds a limit.
    #[error(transparent)]
    Limit(#[from] LimitHit),
}

/// What can be read of a locked document: only strings and streams are encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedStructure {
    /// The PDF version, such as `1.4`.
    pub version: String,
    /// The number of pages.
    pub page_count: usize,
}

/// A file that hayro-syntax has opened.
pub(super) struct Opened {
    pub(super) pdf: Pdf,
    pub(super) encryption: Encryption,
}

/// Opens a file, with the empty password or a candidate if it is encrypted.
pub(super) fn open(
    bytes: &FileBytes,
    keywords: &KeywordIndex<'_>,
    risk: Risk,
    candidates: &[&Password],
    budget: &Budget<'_>,
) -> Result<Opened, OpenError> {
    let Some(handler) = SecurityHandler::find(keywords) else {
        check_risk(risk, budget)?;
        return open_plain(bytes, budget);
    };
    // Checking passwords reads the encryption dictionary only, so it is safe whatever the risk.
    let mut search = CandidateSearch::new(candidates);
    let mut opened = None;
    while opened.is_none()
        && let Some(access) = find_access(&handler, &mut search, budget)?
    {
        check_risk(risk, budget)?;
        let is_last = !matches!(access, Access::Candidate(..));
        opened = open_encrypted(bytes, &handler, access, candidates, budget)?;
        if is_last {
            break;
        }
    }
    opened.ok_or_else(|| OpenError::Locked {
        encryption: handler.describe(EncryptionStatus::Locked, None, None),
        structure: (risk == Risk::Bounded)
            .then(|| locked_structure(bytes))
            .flatten(),
    })
}

/// Reads the page tree of a locked document, unless it is in an encrypted object stream.
fn locked_structure(bytes: &FileBytes) -> Option<LockedStructure> {
    let pdf = catch_panic(|| Pdf::new(decrypt::without_encryption(bytes)).ok())??;
    let page_count = pdf.pages().len();
    // An incomplete tree, or a search for pages, would be a guess.
    let is_complete =
        structure::has_page_tree(&pdf) && structure::declared_page_count(&pdf) == Some(page_count);
    (is_complete && page_count > 0).then(|| LockedStructure {
        version: metadata::version(pdf.version()).to_owned(),
        page_count,
    })
}

fn check_risk(risk: Risk, budget: &Budget<'_>) -> Result<(), OpenError> {
    if risk == Risk::Unbounded && !budget.request_unbounded_engine() {
        return Err(OpenError::NeedsIsolation);
    }
    Ok(())
}

fn open_plain(bytes: &FileBytes, budget: &Budget<'_>) -> Result<Opened, OpenError> {
    match Pdf::new(Arc::clone(bytes)) {
        Ok(pdf) => Ok(Opened {
            pdf,
            encryption: Encryption::NONE,
        }),
        // hayro-syntax found an encryption dictionary that the search by key missed.
        Err(LoadPdfError::Decryption(error)) => Err(OpenError::Locked {
            encryption: Encryption {
                status: EncryptionStatus::Locked,
                method: match error {
                    DecryptionError::PasswordProtected => None,
                    _ => Some("unknown".to_owned()),
                },
                ..Encryption::NONE
            },
            structure: None,
        }),
        Err(LoadPdfError::Invalid) => {
            let pdf = rewrite(bytes, &Password::new(""), budget).ok_or(OpenError::Unreadable)?;
            Ok(Opened {
                pdf,
                encryption: Encryption::NONE,
            })
        }
    }
}

/// What decrypts a document, according to its encryption dictionary.
enum Access {
    /// Nothing: streams and strings are stored unencrypted.
    Unencrypted,
    /// The empty user password.
    EmptyPassword(Match),
    /// The candidate with this index.
    Candidate(usize, Match),
}

/// The candidates that are not checked yet.
struct CandidateSearch<'c> {
    candidates: &'c [&'c Password],
    /// The candidates whose keys are derived from different bytes, by index; `None` before the
    /// first is checked.
    distinct: Option<Vec<usize>>,
    /// How many of these are checked.
    checked: usize,
    /// Whether the empty password is still to be checked.
    is_new: bool,
}

impl<'c> CandidateSearch<'c> {
    fn new(candidates: &'c [&'c Password]) -> Self {
        Self {
            candidates,
            distinct: None,
            checked: 0,
            is_new: true,
        }
    }

    /// Returns the next candidate that the encryption dictionary accepts, if any.
    fn next(
        &mut self,
        handler: &SecurityHandler,
        budget: &Budget<'_>,
    ) -> Result<Option<Access>, LimitHit> {
        let candidates = self.candidates;
        let distinct = self.distinct.get_or_insert_with(|| {
            let mut tried = HashSet::new();
            let all = candidates.iter().enumerate();
            let distinct = all.filter(|(_, candidate)| tried.insert(handler.key_input(candidate)));
            distinct.map(|(index, _)| index).collect()
        });
        let threads = budget.limits().password_threads;
        while let Some(rest) = distinct.get(self.checked..).filter(|rest| !rest.is_empty()) {
            budget.check_time()?;
            // Between two looks at the clock, each thread checks some.
            let share = if threads > 1 {
                threads * CHECKS_PER_THREAD
            } else {
                1
            };
            let rest = rest.get(..share).unwrap_or(rest);
            let check = |index: usize| {
                let candidate = rest.get(index).and_then(|index| candidates.get(*index))?;
                handler.check(candidate)
            };
            if let Some((position, found)) = first_match(rest.len(), threads, check) {
                self.checked += position + 1;
                let index = rest.get(position).copied();
                return Ok(index.map(|index| Access::Candidate(index, found)));
            }
            self.checked += rest.len();
        }
        Ok(None)
    }
}

/// Returns the first of some indices for which a check has a result, and the result. The checks run
/// on several threads, of which this is one.
fn first_match<T: Send>(
    count: usize,
    threads: usize,
    check: impl Fn(usize) -> Option<T> + Sync,
) -> Option<(usize, T)> {
    if threads <= 1 || count <= 1 {
        return (0..count).find_map(|index| Some((index, check(index)?)));
    }
    let next = AtomicUsize::new(0);
    let first: Mutex<Option<(usize, T)>> = Mutex::new(None);
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let is_behind = |first: &Option<(usize, T)>| {
                let found = first.as_ref().map(|(found, _)| *found);
                found.is_some_and(|found| found < index)
            };
            if index >= count || is_behind(&lock(&first)) {
                break;
            }
            if let Some(result) = check(index) {
                let mut first = lock(&first);
                if !is_behind(&first) {
                    *first = Some((index, result));
                }
                break;
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads.min(count) {
            // Without another thread, this one checks more.
            let _thread = thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
    first.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Finds what decrypts a document: nothing, the empty password, or the next candidate that the
/// encryption dictionary accepts. A key derivation that was tried is not repeated.
fn find_access(
    handler: &SecurityHandler,
    search: &mut CandidateSearch<'_>,
    budget: &Budget<'_>,
) -> Result<Option<Access>, OpenError> {
    if handler.encrypts_nothing() {
        return Ok(Some(Access::Unencrypted));
    }
    if !handler.is_supported() {
        return Ok(None);
    }
    if mem::replace(&mut search.is_new, false)
        && let Some(found) = handler.check(&Password::new(""))
    {
        return Ok(Some(Access::EmptyPassword(found)));
    }
    Ok(search.next(handler, budget)?)
}

/// Opens an encrypted document; `None` if the content can't be decrypted.
fn open_encrypted(
    bytes: &FileBytes,
    handler: &SecurityHandler,
    access: Access,
    candidates: &[&Password],
    budget: &Budget<'_>,
) -> Result<Option<Opened>, OpenError> {
    match access {
        Access::Unencrypted => open_unencrypted(bytes, handler, candidates).map(Some),
        Access::EmptyPassword(found) => {
            let empty = Password::new("");
            let pdf = match Pdf::new(with_fast_key(bytes, handler, &found)) {
                Ok(pdf) if is_complete(&pdf) => Some(pdf),
                other => open_decrypted(bytes, handler, &found, budget)?
                    .filter(is_complete)
                    .or(other.ok()),
            };
            Ok(Some(Opened {
                pdf: pdf
                    .or_else(|| rewrite(bytes, &empty, budget))
                    .ok_or(OpenError::Unreadable)?,
                encryption: handler.describe(EncryptionStatus::Open, None, Some(&found)),
            }))
        }
        Access::Candidate(index, found) => {
            let Some(candidate) = candidates.get(index) else {
                return Ok(None);
            };
            let password = candidate.in_form(found.form);
            let pdf = open_with_password(bytes, handler, &password, &found, budget)?;
            let status = EncryptionStatus::Unlocked;
            Ok(pdf.map(|pdf| Opened {
                pdf,
                encryption: handler.describe(status, Some(index), Some(&found)),
            }))
        }
    }
}

/// Opens a document whose handler encrypts nothing. Reports a matching candidate nevertheless.
fn open_unencrypted(
    bytes: &FileBytes,
    handler: &SecurityHandler,
    candidates: &[&Password],
) -> Result<Opened, OpenError> {
    let plain = decrypt::without_encryption(bytes);
    let pdf = Pdf::new(plain).map_err(|_cause| OpenError::Unreadable)?;
    let opened_by = candidates
        .iter()
        .enumerate()
        .find_map(|(index, candidate)| Some((index, handler.check(candidate)?)));
    let (status, index) = match &opened_by {
        Some((index, _)) => (EncryptionStatus::Unlocked, Some(*index)),
        None => (EncryptionStatus::Open, None),
    };
    let found = opened_by.as_ref().map(|(_, found)| found);
    Ok(Opened {
        pdf,
        encryption: handler.describe(status, index, found),
    })
}

/// Opens a document with a password that its encryption dictionary accepts; `None` if no engine
/// decrypts the content.
fn open_with_password(
    bytes: &FileBytes,
    handler: &SecurityHandler,
    password: &Password,
    found: &Match,
    budget: &Budget<'_>,
) -> Result<Option<Pdf>, OpenError> {
    let open = |password: Option<Password>| {
        let password = password?;
        let bytes = with_fast_key(bytes, handler, found);
        Pdf::new_with_password(bytes, password.expose()).ok()
    };
    let derive = || (found.role == PasswordRole::Owner).then(|| handler.user_password(found))?;
    // hayro-syntax accepts no owner passwords before revision 5, and no bytes that are not UTF-8.
    let opened = open(found.text()).or_else(|| open(derive()));
    let opened = opened.filter(content_is_decrypted);
    if opened.as_ref().is_some_and(is_complete) {
        return Ok(opened);
    }
    let decrypted = open_decrypted(bytes, handler, found, budget)?;
    let decrypted = decrypted.filter(content_is_decrypted);
    if decrypted.as_ref().is_some_and(is_complete) || opened.is_none() && decrypted.is_some() {
        return Ok(decrypted);
    }
    if opened.is_some() {
        return Ok(opened);
    }
    Ok(rewrite(bytes, password, budget).filter(content_is_decrypted))
}

/// Returns a copy of a file whose key takes less time to derive, if there is one, or the file.
fn with_fast_key(bytes: &FileBytes, handler: &SecurityHandler, found: &Match) -> FileBytes {
    let copy = handler.copy_with_fast_key(bytes, found);
    copy.map_or_else(|| Arc::clone(bytes), Arc::new)
}

/// Opens a copy of a document that this crate decrypts.
fn open_decrypted(
    bytes: &FileBytes,
    handler: &SecurityHandler,
    found: &Match,
    budget: &Budget<'_>,
) -> Result<Option<Pdf>, OpenError> {
    let Some(key) = handler.content_key(found) else {
        return Ok(None);
    };
    let plain = Arc::new(key.decrypt(&KeywordIndex::new(bytes), budget)?);
    // Only now, the content of object streams can be checked.
    let keywords = KeywordIndex::new(&plain);
    let guard::Assessment {
        risk, irregular, ..
    } = guard::assess(&keywords, budget)?;
    check_risk(risk, budget)?;
    let clean = CleanFile::of(&plain, &keywords, &irregular, Check::Irregular);
    let Some(clean) = clean.filter(|clean| !clean.damage.is_empty()) else {
        return Ok(Pdf::new(plain).ok());
    };
    for damage in &clean.damage {
        budget.record_damage(*damage);
    }
    Ok(Pdf::new(clean.bytes).ok())
}

/// Returns whether all pages that an encrypted document declares were found, and nothing about
/// them is irregular.
///
/// The object scan can't read encrypted object streams.
fn is_complete(pdf: &Pdf) -> bool {
    structure::has_page_tree(pdf)
        && !structure::has_odd_entries(pdf)
        && structure::declared_page_count(pdf).is_none_or(|declared| declared <= pdf.pages().len())
}

/// Loads, decrypts and rewrites the whole document with lopdf, then opens the result.
///
/// This is slow. It opens files that hayro-syntax can't parse.
fn rewrite(bytes: &FileBytes, password: &Password, budget: &Budget<'_>) -> Option<Pdf> {
    if !budget.request_unbounded_engine() {
        return None;
    }
    let options = lopdf::LoadOptions {
        password: Some(password.expose().to_owned()),
        max_decompressed_size: Some(budget.limits().stream_bytes),
        ..lopdf::LoadOptions::default()
    };
    let plain = catch_panic(|| {
        let mut document = lopdf::Document::load_mem_with_options(bytes, options).ok()?;
        document.trailer.remove(b"Encrypt");
        let mut plain = Vec::with_capacity(bytes.len());
        document.save_to(&mut plain).ok()?;
        Some(plain)
    })??;
    Pdf::new(plain).ok()
}

/// Returns whether page content is readable after decryption.
///
/// Old revisions check passwords by hashes of few bits, so a wrong password can be accepted.
/// Content that inflates proves that the password is right.
fn content_is_decrypted(pdf: &Pdf) -> bool {
    let pages = pdf.pages();
    let mut streams = pages
        .iter()
        .take(CONFIRMATION_PAGES)
        .flat_map(|page| structure::contents(page).streams)
        .take(CONFIRMATION_STREAMS)
        .peekable();
    if streams.peek().is_none() {
        return true;
    }
    let limits = Limits::default();
    let mut budget = Budget::new(&limits, &|| Duration::ZERO);
    streams.any(|stream| match filter::open(&stream, &mut budget) {
        Ok(Encoded::Flate(data)) => {
            let mut out = Vec::new();
            let status = Inflate::default().read(&data, &mut out, CONFIRMATION_BYTES);
            status != InflateStatus::Damaged || out.iter().all(u8::is_ascii)
        }
        Ok(Encoded::Plain { data, .. }) => {
            let start = data.get(..CONFIRMATION_BYTES).unwrap_or(&data);
            let non_ascii = start.iter().filter(|byte| !byte.is_ascii()).count();
            // Content streams are mostly ASCII; half of the bytes of encrypted data are not.
            non_ascii * 4 <= start.len()
        }
        Err(_) => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_threads_find_the_first_match() {
        for threads in 1..=4 {
            let first = first_match(100, threads, |index| (index % 30 == 29).then_some(index));
            assert_eq!(first, Some((29, 29)), "{threads} threads");
            assert_eq!(first_match(100, threads, |_| None::<()>), None);
        }
    }
}
