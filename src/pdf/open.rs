//! Opens a file with hayro-syntax. Decrypts it or rewrites it with lopdf first if necessary.

use super::catch_panic::catch_panic;
use super::encryption::{Encryption, EncryptionStatus, Password, PasswordRole, SecurityHandler};
use super::file_kind::FileKind;
use super::filter::{self, Encoded};
use super::guard::Risk;
use super::inflate::{Inflate, InflateStatus};
use super::keyword_index::KeywordIndex;
use super::limits::{Budget, LimitHit, Limits};
use super::structure;
use hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use memchr::memmem;
use std::sync::Arc;
use std::time::Duration;

/// Pages whose content is read to confirm a password.
const CONFIRMATION_PAGES: usize = 3;
/// Content streams of these pages that are read.
const CONFIRMATION_STREAMS: usize = 16;
/// Bytes that are read of each stream.
const CONFIRMATION_BYTES: usize = 256;

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
    Locked(Encryption),
    /// The document needs engines that may only run in an isolated process
    /// ([`Engines::Bounded`](super::Engines::Bounded)).
    #[error("the document can only be read in an isolated process")]
    NeedsIsolation,
    /// The document exceeds a limit.
    #[error(transparent)]
    Limit(#[from] LimitHit),
}

/// A file that hayro-syntax has opened.
pub(super) struct Opened {
    pub(super) pdf: Pdf,
    pub(super) encryption: Encryption,
    /// The password that opened it, for the engines that check it for damage.
    pub(super) password: Password,
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
    let Some(access) = find_access(&handler, candidates, budget)? else {
        return Err(OpenError::Locked(
            handler.describe(EncryptionStatus::Locked, None),
        ));
    };
    check_risk(risk, budget)?;
    open_encrypted(bytes, &handler, access, candidates, budget)
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
            password: Password::new(""),
        }),
        // hayro-syntax found an encryption dictionary that the search by key missed.
        Err(LoadPdfError::Decryption(error)) => Err(OpenError::Locked(Encryption {
            status: EncryptionStatus::Locked,
            method: match error {
                DecryptionError::PasswordProtected => None,
                _ => Some("unknown".to_owned()),
            },
            revision: None,
            opened_by: None,
        })),
        Err(LoadPdfError::Invalid) => {
            let pdf = rewrite(bytes, &Password::new(""), budget).ok_or(OpenError::Unreadable)?;
            Ok(Opened {
                pdf,
                encryption: Encryption::NONE,
                password: Password::new(""),
            })
        }
    }
}

/// What decrypts a document, according to its encryption dictionary.
enum Access {
    /// Nothing: streams and strings are stored unencrypted.
    Unencrypted,
    /// The empty user password.
    EmptyPassword,
    /// The candidates with these indices.
    Candidates(Vec<(usize, PasswordRole)>),
}

fn find_access(
    handler: &SecurityHandler,
    candidates: &[&Password],
    budget: &Budget<'_>,
) -> Result<Option<Access>, OpenError> {
    if handler.encrypts_nothing() {
        return Ok(Some(Access::Unencrypted));
    }
    if !handler.is_supported() {
        return Ok(None);
    }
    if handler.check(&Password::new("")).is_some() {
        return Ok(Some(Access::EmptyPassword));
    }
    let mut accepted = Vec::new();
    for (index, candidate) in candidates
        .iter()
        .take(budget.limits().candidates)
        .enumerate()
    {
        budget.check_time()?;
        accepted.extend(handler.check(candidate).map(|role| (index, role)));
    }
    Ok((!accepted.is_empty()).then_some(Access::Candidates(accepted)))
}

fn open_encrypted(
    bytes: &FileBytes,
    handler: &SecurityHandler,
    access: Access,
    candidates: &[&Password],
    budget: &Budget<'_>,
) -> Result<Opened, OpenError> {
    match access {
        Access::Unencrypted => open_unencrypted(bytes, handler, candidates, budget),
        Access::EmptyPassword => {
            let empty = Password::new("");
            let pdf = Pdf::new(Arc::clone(bytes)).ok();
            Ok(Opened {
                pdf: pdf
                    .or_else(|| rewrite(bytes, &empty, budget))
                    .ok_or(OpenError::Unreadable)?,
                encryption: handler.describe(EncryptionStatus::Open, None),
                password: Password::new(""),
            })
        }
        Access::Candidates(accepted) => {
            for (index, role) in accepted {
                let Some(candidate) = candidates.get(index) else {
                    continue;
                };
                let Some(pdf) = open_with_password(bytes, handler, candidate, role, budget) else {
                    continue;
                };
                if content_is_decrypted(&pdf) {
                    return Ok(Opened {
                        pdf,
                        encryption: handler.describe(EncryptionStatus::Unlocked, Some(index)),
                        password: Password::clone(candidate),
                    });
                }
            }
            Err(OpenError::Locked(
                handler.describe(EncryptionStatus::Locked, None),
            ))
        }
    }
}

/// Opens a document whose handler encrypts nothing. Reports a matching candidate nevertheless.
fn open_unencrypted(
    bytes: &FileBytes,
    handler: &SecurityHandler,
    candidates: &[&Password],
    budget: &Budget<'_>,
) -> Result<Opened, OpenError> {
    let pdf = Pdf::new(without_encryption(bytes)).map_err(|_cause| OpenError::Unreadable)?;
    let opened_by = candidates
        .iter()
        .take(budget.limits().candidates)
        .position(|candidate| handler.check(candidate).is_some());
    let status = match opened_by {
        Some(_) => EncryptionStatus::Unlocked,
        None => EncryptionStatus::Open,
    };
    Ok(Opened {
        pdf,
        encryption: handler.describe(status, opened_by),
        password: Password::new(""),
    })
}

/// Opens a document with a password that its encryption dictionary accepts.
fn open_with_password(
    bytes: &FileBytes,
    handler: &SecurityHandler,
    password: &Password,
    role: PasswordRole,
    budget: &Budget<'_>,
) -> Option<Pdf> {
    let open =
        |password: &Password| Pdf::new_with_password(Arc::clone(bytes), password.expose()).ok();
    let derive = || (role == PasswordRole::Owner).then(|| handler.user_password(password))?;
    // hayro-syntax accepts no owner passwords before revision 5, and does not normalize passwords.
    open(password)
        .or_else(|| open(&derive()?))
        .or_else(|| rewrite(bytes, password, budget))
}

/// Loads, decrypts and rewrites the whole document with lopdf, then opens the result.
///
/// This is slow. It opens files whose passwords need normalization, and files that hayro-syntax
/// can't parse.
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

/// Copies a file and renames its `/Encrypt` keys, so that readers ignore the encryption dictionary.
///
/// The new name has the same length, so that all offsets stay valid.
fn without_encryption(bytes: &[u8]) -> Vec<u8> {
    let mut plain = bytes.to_vec();
    for offset in memmem::find_iter(bytes, b"/Encrypt") {
        if let Some(key) = plain.get_mut(offset + 1..offset + 8) {
            key.copy_from_slice(b"Unknown");
        }
    }
    plain
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
        .flat_map(structure::contents)
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
        Ok(Encoded::Plain(data)) => {
            let start = data.get(..CONFIRMATION_BYTES).unwrap_or(&data);
            let non_ascii = start.iter().filter(|byte| !byte.is_ascii()).count();
            // Content streams are mostly ASCII; half of the bytes of encrypted data are not.
            non_ascii * 4 <= start.len()
        }
        Err(_) => false,
    })
}
