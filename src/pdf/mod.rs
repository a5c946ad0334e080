//! What is in a PDF file: pages, words, encryption, damage.
//!
//! This layer turns untrusted bytes into facts, under [`Limits`]. It knows nothing of banks, and
//! opens, prints and times nothing itself. Its main type is [`Document`].
//!
//! Four engines do what each was measured to do best: hayro-syntax reads the structure, lopdf and
//! `pdf` check passwords and damage, hayro-interpret decodes fonts that need their programs read.
//! Content is inflated and scanned by our own interpreter, which stops early.

mod bare;
mod contain;
mod content;
mod encryption;
mod filter;
mod guard;
mod inflate;
mod limits;
mod metadata;
mod page_class;
mod password;
mod repair;
mod signature;
mod structure;
mod text;

pub use encryption::{Encryption, EncryptionStatus};
pub use limits::{Budget, LimitHit, Limits};
pub use metadata::Metadata;
pub use page_class::PageClass;
pub use password::Password;
pub use repair::Damage;
pub use text::{Line, PageText, Word};

use content::Workspace;
use encryption::{Lock, Role};
use filter::Encoded;
use hayro_syntax::page::Page;
use hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use inflate::{Inflate, Progress};
use std::sync::Arc;

/// The bytes of a file, shared with the engine that borrows from them.
pub type FileBytes = Arc<Vec<u8>>;

/// Why a file has no [`Document`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// It has no bytes.
    #[error("the file is empty")]
    Empty,
    /// It is something else; the text completes "it is …".
    #[error("it is {0}, not a PDF")]
    NotPdf(&'static str),
    /// It is a PDF, but no reader finds a page in it.
    #[error("it is damaged beyond reading")]
    Unreadable,
    /// It is encrypted, and nothing opens it.
    #[error("it is locked")]
    Locked(Encryption),
    /// Reading it would cost more than is allowed.
    #[error("{0}")]
    Limit(#[from] LimitHit),
}

/// An open document, decrypted and with its page tree walked.
pub struct Document {
    pdf: Pdf,
    encryption: Encryption,
    damage: Vec<Damage>,
    /// Where pages of the tree are missing: the engine's page for each of them, if it has one.
    places: Option<Vec<Option<usize>>>,
}

/// Pages whose content is looked at to confirm a password.
const PAGES_CONFIRMED: usize = 3;

impl Document {
    /// Opens a file, with the empty password or one of the candidates where it is encrypted.
    ///
    /// # Errors
    ///
    /// When the bytes hold no PDF, no page, or nothing that a password given opens, or when
    /// opening them would exceed the budget.
    pub fn open(
        bytes: &FileBytes,
        candidates: &[&Password],
        budget: &mut Budget<'_>,
    ) -> Result<Self, OpenError> {
        if bytes.is_empty() {
            return Err(OpenError::Empty);
        }
        let has_header = signature::header_offset(bytes).is_some();
        if !has_header && !signature::has_objects(bytes) {
            return Err(OpenError::NotPdf(signature::describe(bytes)));
        }
        guard::check(bytes, budget)?;
        let opened = match Lock::find(bytes) {
            None => open_plain(bytes, budget)?,
            Some(lock) => open_locked(bytes, &lock, candidates, budget)?,
        };
        budget.check_time()?;
        let Opened {
            pdf,
            encryption,
            password,
        } = opened;
        let pages = pdf.pages().len();
        if pages == 0 {
            return Err(OpenError::Unreadable);
        }
        let mut damage = Vec::new();
        if !has_header {
            damage.push(Damage::NoHeader);
        }
        if repair::cross_reference_is_broken(bytes, pages, &password) {
            damage.push(Damage::CrossReference);
        }
        let mut places = None;
        if let Some(announced) = structure::announced_pages(&pdf).filter(|count| *count != pages) {
            damage.push(Damage::PageCount {
                announced,
                found: pages,
            });
            places = structure::page_places(&pdf).filter(|places| places.len() == announced);
        }
        Ok(Self {
            pdf,
            encryption,
            damage,
            places,
        })
    }

    /// The number of pages, found by walking the page tree, missing ones included. Never zero.
    pub fn page_count(&self) -> usize {
        self.places
            .as_ref()
            .map_or(self.pdf.pages().len(), Vec::len)
    }

    /// How it is encrypted, and what opened it.
    pub fn encryption(&self) -> &Encryption {
        &self.encryption
    }

    /// What had to be repaired. Empty for a sound document.
    pub fn damage(&self) -> &[Damage] {
        &self.damage
    }

    /// What the document says of its making.
    pub fn metadata(&self) -> Metadata {
        Metadata::of(&self.pdf)
    }

    /// Content that a viewer would execute or unpack, in words.
    pub fn active_content(&self) -> Vec<&'static str> {
        structure::active_content(&self.pdf)
    }

    /// Starts reading pages. One reader serves all pages, which share fonts and buffers.
    pub fn reader(&self) -> PageReader<'_> {
        PageReader {
            document: self,
            workspace: Workspace::new(structure::hidden_layers(&self.pdf)),
        }
    }
}

/// Reads pages of one document, by their index from 0.
pub struct PageReader<'d> {
    document: &'d Document,
    workspace: Workspace,
}

impl<'d> PageReader<'d> {
    fn page(&self, index: usize) -> Option<&'d Page<'d>> {
        let document = self.document;
        let index = match &document.places {
            Some(places) => places.get(index).copied().flatten()?,
            None => index,
        };
        document.pdf.pages().get(index)
    }

    /// Classifies a page; a page that does not exist is unreadable.
    ///
    /// # Errors
    ///
    /// When the document's budget is used up.
    pub fn classify(
        &mut self,
        index: usize,
        budget: &mut Budget<'_>,
    ) -> Result<PageClass, LimitHit> {
        match self.page(index) {
            Some(page) => page_class::classify(page, &mut self.workspace, budget),
            None => Ok(PageClass::Unreadable),
        }
    }

    /// Reads the words of a page; a page that does not exist has none.
    ///
    /// # Errors
    ///
    /// When the document's budget is used up.
    pub fn text(&mut self, index: usize, budget: &mut Budget<'_>) -> Result<PageText, LimitHit> {
        match self.page(index) {
            Some(page) => text::extract(page, &mut self.workspace, budget),
            None => Ok(PageText::default()),
        }
    }
}

struct Opened {
    pdf: Pdf,
    encryption: Encryption,
    /// The password that opened it, for the engines that are asked afterwards.
    password: String,
}

fn open_plain(bytes: &FileBytes, budget: &Budget<'_>) -> Result<Opened, OpenError> {
    match Pdf::new(Arc::clone(bytes)) {
        Ok(pdf) => Ok(Opened {
            pdf,
            encryption: Encryption::NONE,
            password: String::new(),
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
                password: String::new(),
            })
        }
    }
}

fn open_locked(
    bytes: &FileBytes,
    lock: &Lock,
    candidates: &[&Password],
    budget: &Budget<'_>,
) -> Result<Opened, OpenError> {
    let locked = || OpenError::Locked(lock.describe(EncryptionStatus::Locked, None));
    if lock.encrypts_nothing() {
        let pdf = Pdf::new(without_encryption(bytes)).map_err(|_cause| OpenError::Unreadable)?;
        // Readable without a password; a candidate that fits is told all the same.
        let opened_by = candidates
            .iter()
            .position(|candidate| lock.check(candidate).is_some());
        let status = match opened_by {
            Some(_) => EncryptionStatus::Unlocked,
            None => EncryptionStatus::Open,
        };
        return Ok(Opened {
            pdf,
            encryption: lock.describe(status, opened_by),
            password: String::new(),
        });
    }
    if !lock.is_standard() {
        return Err(locked());
    }
    let empty = Password::new("");
    if lock.check(&empty).is_some() {
        let pdf = Pdf::new(Arc::clone(bytes)).ok();
        return Ok(Opened {
            pdf: pdf
                .or_else(|| rewrite(bytes, &empty, budget))
                .ok_or(OpenError::Unreadable)?,
            encryption: lock.describe(EncryptionStatus::Open, None),
            password: String::new(),
        });
    }
    for (index, candidate) in candidates
        .iter()
        .take(budget.limits().candidates)
        .enumerate()
    {
        budget.check_time()?;
        let Some(role) = lock.check(candidate) else {
            continue;
        };
        let Some(pdf) = unlock(bytes, lock, candidate, role, budget) else {
            continue;
        };
        if decrypts(&pdf) {
            return Ok(Opened {
                pdf,
                encryption: lock.describe(EncryptionStatus::Unlocked, Some(index)),
                password: candidate.expose().to_owned(),
            });
        }
    }
    Err(locked())
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
        .peekable();
    if streams.peek().is_none() {
        return true;
    }
    let limits = Limits::default();
    let mut budget = Budget::new(&limits, &|| std::time::Duration::ZERO);
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

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Document")
            .field("pages", &self.page_count())
            .field("encryption", &self.encryption)
            .field("damage", &self.damage)
            .finish_non_exhaustive()
    }
}
