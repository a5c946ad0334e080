//! Gets a file open: plain, without its password, with a candidate, or after lopdf rewrote it.

use super::encryption::{Encryption, EncryptionStatus, Lock, Role};
use super::filter::{self, Encoded};
use super::guard::Risk;
use super::inflate::{Inflate, Progress};
use super::limits::{Budget, Limits};
use super::marks::Marks;
use super::password::Password;
use super::{FileBytes, OpenError, contain, structure};
use hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use std::sync::Arc;
use std::time::Duration;

/// Pages whose content is looked at to confirm a password.
const PAGES_CONFIRMED: usize = 3;
/// Streams of them.
const STREAMS_CONFIRMED: usize = 16;

/// A file that the structural engine has opened.
pub(super) struct Opened {
    pub(super) pdf: Pdf,
    pub(super) encryption: Encryption,
    /// The password that opened it, for the engines that are asked afterwards.
    pub(super) password: Password,
}

/// Opens a file by whatever way its encryption asks for.
pub(super) fn open(
    bytes: &FileBytes,
    marks: &Marks<'_>,
    risk: Risk,
    candidates: &[&Password],
    budget: &Budget<'_>,
) -> Result<Opened, OpenError> {
    let Some(lock) = Lock::find(marks) else {
        contain_risk(risk, budget)?;
        return open_plain(bytes, budget);
    };
    // A locked file is told from its dictionary alone, whatever else it holds.
    let Some(key) = find_key(&lock, candidates, budget)? else {
        return Err(OpenError::Locked(
            lock.describe(EncryptionStatus::Locked, None),
        ));
    };
    contain_risk(risk, budget)?;
    open_locked(bytes, &lock, key, candidates, budget)
}

fn contain_risk(risk: Risk, budget: &Budget<'_>) -> Result<(), OpenError> {
    if risk == Risk::Unknown && !budget.may_run_any_engine() {
        return Err(OpenError::Risky);
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
        // The trailer names its encryption in a way that the peek does not see.
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

/// What the encryption dictionary says opens the document.
enum Key {
    /// Nothing is needed: streams and strings are stored in the clear.
    None,
    /// The empty user password.
    Empty,
    /// These candidates, by their place in the list.
    Candidates(Vec<(usize, Role)>),
}

fn find_key(
    lock: &Lock,
    candidates: &[&Password],
    budget: &Budget<'_>,
) -> Result<Option<Key>, OpenError> {
    if lock.encrypts_nothing() {
        return Ok(Some(Key::None));
    }
    if !lock.is_standard() {
        return Ok(None);
    }
    if lock.check(&Password::new("")).is_some() {
        return Ok(Some(Key::Empty));
    }
    let mut accepted = Vec::new();
    for (index, candidate) in candidates
        .iter()
        .take(budget.limits().candidates)
        .enumerate()
    {
        budget.check_time()?;
        accepted.extend(lock.check(candidate).map(|role| (index, role)));
    }
    Ok((!accepted.is_empty()).then_some(Key::Candidates(accepted)))
}

fn open_locked(
    bytes: &FileBytes,
    lock: &Lock,
    key: Key,
    candidates: &[&Password],
    budget: &Budget<'_>,
) -> Result<Opened, OpenError> {
    match key {
        Key::None => open_unencrypted(bytes, lock, candidates, budget),
        Key::Empty => {
            let empty = Password::new("");
            let pdf = Pdf::new(Arc::clone(bytes)).ok();
            Ok(Opened {
                pdf: pdf
                    .or_else(|| rewrite(bytes, &empty, budget))
                    .ok_or(OpenError::Unreadable)?,
                encryption: lock.describe(EncryptionStatus::Open, None),
                password: Password::new(""),
            })
        }
        Key::Candidates(accepted) => {
            for (index, role) in accepted {
                let Some(candidate) = candidates.get(index) else {
                    continue;
                };
                let Some(pdf) = unlock(bytes, lock, candidate, role, budget) else {
                    continue;
                };
                if decrypts(&pdf) {
                    return Ok(Opened {
                        pdf,
                        encryption: lock.describe(EncryptionStatus::Unlocked, Some(index)),
                        password: Password::clone(candidate),
                    });
                }
            }
            Err(OpenError::Locked(
                lock.describe(EncryptionStatus::Locked, None),
            ))
        }
    }
}

/// Opens a document whose encryption encrypts nothing; a candidate that fits is told all the same.
fn open_unencrypted(
    bytes: &FileBytes,
    lock: &Lock,
    candidates: &[&Password],
    budget: &Budget<'_>,
) -> Result<Opened, OpenError> {
    let pdf = Pdf::new(without_encryption(bytes)).map_err(|_cause| OpenError::Unreadable)?;
    let opened_by = candidates
        .iter()
        .take(budget.limits().candidates)
        .position(|candidate| lock.check(candidate).is_some());
    let status = match opened_by {
        Some(_) => EncryptionStatus::Unlocked,
        None => EncryptionStatus::Open,
    };
    Ok(Opened {
        pdf,
        encryption: lock.describe(status, opened_by),
        password: Password::new(""),
    })
}

/// Opens a document with a password that the encryption dictionary accepts.
fn unlock(
    bytes: &FileBytes,
    lock: &Lock,
    password: &Password,
    role: Role,
    budget: &Budget<'_>,
) -> Option<Pdf> {
    let open =
        |password: &Password| Pdf::new_with_password(Arc::clone(bytes), password.expose()).ok();
    let derived = || (role == Role::Owner).then(|| lock.user_password(password))?;
    // hayro-syntax knows no owner passwords before revision 5, and takes passwords as they are.
    open(password)
        .or_else(|| open(&derived()?))
        .or_else(|| rewrite(bytes, password, budget))
}

/// Has lopdf load, decrypt and write the whole document again: the slow way, for passwords that
/// need to be prepared and for files that hayro-syntax can't make sense of.
fn rewrite(bytes: &FileBytes, password: &Password, budget: &Budget<'_>) -> Option<Pdf> {
    if !budget.may_run_any_engine() {
        return None;
    }
    let options = lopdf::LoadOptions {
        password: Some(password.expose().to_owned()),
        max_decompressed_size: Some(budget.limits().stream_bytes),
        ..lopdf::LoadOptions::default()
    };
    let plain = contain::panics(|| {
        let mut document = lopdf::Document::load_mem_with_options(bytes, options).ok()?;
        document.trailer.remove(b"Encrypt");
        let mut plain = Vec::with_capacity(bytes.len());
        document.save_to(&mut plain).ok()?;
        Some(plain)
    })??;
    Pdf::new(plain).ok()
}

/// The same file with the key of its encryption dictionary made unknown.
fn without_encryption(bytes: &[u8]) -> Vec<u8> {
    let mut plain = bytes.to_vec();
    let places: Vec<_> = memchr::memmem::find_iter(bytes, b"/Encrypt").collect();
    for place in places {
        if let Some(key) = plain.get_mut(place + 1..place + 8) {
            key.copy_from_slice(b"Unknown");
        }
    }
    plain
}

/// Whether page content really comes out decrypted.
///
/// Checks of a password are hashes of few bits in old files; content that inflates is proof.
fn decrypts(pdf: &Pdf) -> bool {
    let pages = pdf.pages();
    let mut streams = pages
        .iter()
        .take(PAGES_CONFIRMED)
        .flat_map(structure::contents)
        .take(STREAMS_CONFIRMED)
        .peekable();
    if streams.peek().is_none() {
        return true;
    }
    let limits = Limits::default();
    let mut budget = Budget::new(&limits, &|| Duration::ZERO);
    streams.any(|stream| match filter::open(&stream, &mut budget) {
        Ok(Encoded::Flate(packed)) => {
            let mut out = Vec::new();
            Inflate::default().read(&packed, &mut out, 256) != Progress::Damaged
                || out.iter().all(u8::is_ascii)
        }
        Ok(Encoded::Plain(data)) => {
            let start = data.get(..256).unwrap_or(&data);
            let odd = start.iter().filter(|byte| !byte.is_ascii()).count();
            odd * 4 <= start.len()
        }
        Err(_) => false,
    })
}
