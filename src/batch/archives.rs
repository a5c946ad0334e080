//! Reads archives from disk: lists their PDF files as inputs, and reads single members again.
//!
//! Members are read when they are screened, and again when they are uploaded, so that few are in
//! memory at a time. The archive that was read last stays in memory for its next member.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where archives are read"
)]

use super::discover::{FileId, Input, Origin, is_pdf_name};
use super::panics;
use super::read::{ReadError, Unlocking, read_file};
use crate::applicant::PasswordDescription;
use crate::archive::{
    Archive, ArchiveError, ArchiveKind, ArchiveLimits, Listed, Listing, MailText, PdfMember, Tries,
    starts_like_pdf,
};
use crate::pdf::{FileBytes, Password};
use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes by which the format of a file is recognized.
const SNIFFED_BYTES: u64 = 8 << 10;
/// Passwords that are tried on all locked members of one archive: half a minute on one core.
const MAX_TRIES: usize = 200_000;
/// Passwords that are tried on each, however many members there are.
const MIN_PASSWORDS: usize = 50;
/// Passwords of other members that are tried before all.
const MAX_LIKELY_PASSWORDS: usize = 8;

/// How a path was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FoundBy {
    /// By the user: the content decides whether it is an archive.
    Path,
    /// By a folder: the name decides.
    Folder,
}

/// The archives of a run, each listed once.
#[derive(Debug)]
pub struct Archives {
    limits: ArchiveLimits,
    /// They open archives in locked archives.
    passwords: Vec<Password>,
    /// By the path, too: its members are named after it.
    listed: RefCell<HashMap<(FileId, PathBuf), Vec<Input>>>,
    without_pdf: RefCell<Vec<PathBuf>>,
    cache: Arc<Cache>,
}

/// The archives around the member that was read last, the outermost first.
type Cache = Mutex<Option<Cached>>;

#[derive(Debug)]
struct Cached {
    file: Arc<ArchiveFile>,
    /// Each archive with its indices in the outermost one.
    levels: Vec<(Vec<usize>, Arc<Archive>)>,
}

/// An archive on disk or from standard input.
#[derive(Debug)]
pub struct ArchiveFile {
    path: PathBuf,
    /// What was read from standard input.
    bytes: Option<FileBytes>,
    limits: ArchiveLimits,
    /// The passwords that opened members and archives in it.
    opened: Mutex<OpenedBy>,
    /// How many passwords are tried on each locked member.
    max_passwords: usize,
    /// Whether it has several members, for which it stays in memory.
    is_shared: bool,
    cache: Arc<Cache>,
}

/// The passwords that opened members of an archive and archives in it.
#[derive(Debug, Default)]
struct OpenedBy {
    /// By the indices of the member.
    by_member: HashMap<Vec<usize>, Password>,
    /// The first ones, each once.
    first: Vec<Password>,
}

impl OpenedBy {
    fn add(&mut self, member: &[usize], password: Password) {
        if self.first.len() < MAX_LIKELY_PASSWORDS && !self.first.contains(&password) {
            self.first.push(password.clone());
        }
        self.by_member.insert(member.to_vec(), password);
    }

    /// Returns the password of a member, or else those of others.
    fn likely(&self, member: &[usize]) -> Vec<Password> {
        match self.by_member.get(member) {
            Some(own) => vec![own.clone()],
            None => self.first.clone(),
        }
    }
}

/// A PDF file in an archive.
#[derive(Debug)]
pub struct MemberFile {
    archive: Arc<ArchiveFile>,
    member: PdfMember,
    mail: Option<Arc<MailHints>>,
}

/// What a mail suggests about the passwords of its attachments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MailHints {
    /// Host names of mail addresses, the sender's first.
    pub(super) hosts: Vec<String>,
    /// How the password is formed.
    pub(super) description: Option<PasswordDescription>,
}

impl ArchiveFile {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the path; `None` for standard input.
    pub(super) fn file_path(&self) -> Option<&Path> {
        self.bytes.is_none().then_some(self.path.as_path())
    }

    /// Prepares for reading the members of a list.
    fn expect(&mut self, listing: &Listing) {
        let is_locked = |entry: &&Listed| matches!(entry, Listed::Pdf(pdf) if pdf.is_encrypted);
        let locked = listing.entries.iter().filter(is_locked).count();
        self.max_passwords = (MAX_TRIES / locked.max(1)).max(MIN_PASSWORDS);
        self.is_shared = listing.entries.len() > 1;
        let mut opened = self.opened();
        for (member, password) in &listing.opened {
            opened.add(member, password.clone());
        }
    }

    fn open(&self) -> Result<Archive, ReadError> {
        let limit = self.limits.archive_bytes;
        let bytes = match &self.bytes {
            Some(bytes) => Arc::clone(bytes),
            None => Arc::new(read_file(&self.path, limit).map_err(|error| match error {
                ReadError::TooLarge { size, limit } => {
                    ReadError::Archive(ArchiveError::TooLarge { size, limit })
                }
                error => error,
            })?),
        };
        let name = self.path.as_os_str().as_bytes();
        guarded(|| Archive::open(bytes, name, &self.limits))
    }

    /// Reads a member with the passwords that opened it or others before, then with all. What
    /// `read` returns beside the result is the password that opened it.
    fn with_passwords<T>(
        &self,
        member: &[usize],
        unlocking: &Unlocking<'_>,
        read: impl Fn(&Tries<'_>) -> Result<(T, Option<Password>), ArchiveError>,
    ) -> Result<T, ReadError> {
        let read = |passwords: &[&Password]| {
            let may_continue = unlocking.may_continue;
            let tries = Tries {
                passwords,
                may_continue,
            };
            guarded(|| read(&tries))
        };
        let likely = self.opened().likely(member);
        let tried: Vec<&Password> = likely.iter().collect();
        let (value, opened_by) = match read(&tried) {
            Err(ReadError::Archive(ArchiveError::Locked { .. })) => {
                let all = (unlocking.passwords)();
                let own = all.get(..self.max_passwords).unwrap_or(&all);
                let rest: Vec<&Password> = own.iter().filter(|own| !tried.contains(own)).collect();
                read(&rest).map_err(|error| match error {
                    // Whether another member was opened before must not show in the record.
                    ReadError::Archive(ArchiveError::Locked { method, .. }) => {
                        let tried = own.len();
                        ReadError::Archive(if tried < all.len() {
                            ArchiveError::Passwords(tried)
                        } else {
                            ArchiveError::Locked { method, tried }
                        })
                    }
                    error => error,
                })?
            }
            other => other?,
        };
        if let Some(password) = opened_by {
            self.opened().add(member, password);
        }
        Ok(value)
    }

    fn opened(&self) -> MutexGuard<'_, OpenedBy> {
        let opened = self.opened.lock();
        opened.unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs a reader of archives; a panic becomes an error.
fn guarded<T>(read: impl FnOnce() -> Result<T, ArchiveError>) -> Result<T, ReadError> {
    match panics::guard(read) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(ArchiveError::Changed)) => Err(ReadError::Changing),
        Ok(Err(error)) => Err(ReadError::Archive(error)),
        Err(panic) => Err(ReadError::Panicked(panic)),
    }
}

impl MemberFile {
    pub(super) fn archive(&self) -> &Arc<ArchiveFile> {
        &self.archive
    }

    /// Returns the name in the archive.
    pub(super) fn name(&self) -> &[u8] {
        &self.member.name
    }

    pub(super) fn mail(&self) -> Option<&MailHints> {
        self.mail.as_deref()
    }

    /// Reads the member, of at most `limit` bytes.
    ///
    /// # Errors
    ///
    /// If the archive has changed, or the member exceeds the limit, can't be read or stays locked.
    pub(super) fn read(&self, limit: u64, unlocking: &Unlocking<'_>) -> Result<Vec<u8>, ReadError> {
        let archive = self.open_nearest(unlocking)?;
        let Some(index) = self.member.indices.last().copied() else {
            return Err(ReadError::Changing);
        };
        if archive.name(index) != Some(&self.member.own_name) {
            return Err(ReadError::Changing);
        }
        let read = |tries: &Tries<'_>| {
            let content = archive.read(index, limit, tries)?;
            Ok((content.bytes, content.opened_by))
        };
        let indices = &self.member.indices;
        let bytes = self.archive.with_passwords(indices, unlocking, read);
        bytes.map_err(|error| match error {
            ReadError::Archive(ArchiveError::TooLarge { size, limit }) => {
                ReadError::TooLarge { size, limit }
            }
            error => error,
        })
    }

    /// Opens the archive that directly contains the member.
    fn open_nearest(&self, unlocking: &Unlocking<'_>) -> Result<Arc<Archive>, ReadError> {
        let own = &self.member.indices;
        let around = own.get(..own.len().saturating_sub(1)).unwrap_or_default();
        // While one thread opens the archive, others wait for it instead of opening it, too.
        let mut cached = self.archive.is_shared.then(|| {
            let cache = self.archive.cache.lock();
            cache.unwrap_or_else(PoisonError::into_inner)
        });
        let mut levels = match cached.as_mut().and_then(|cached| cached.take()) {
            Some(earlier) if Arc::ptr_eq(&earlier.file, &self.archive) => earlier.levels,
            _ => Vec::new(),
        };
        levels.retain(|(indices, _)| around.starts_with(indices));
        if levels.is_empty() {
            levels.push((Vec::new(), Arc::new(self.archive.open()?)));
        }
        while let Some((indices, archive)) = levels.last()
            && let Some(next) = around.get(indices.len())
        {
            let limits = &self.archive.limits;
            let open = |tries: &Tries<'_>| archive.open_member(*next, limits, tries);
            let indices = [indices.as_slice(), &[*next]].concat();
            let nested = self.archive.with_passwords(&indices, unlocking, open)?;
            levels.push((indices, Arc::new(nested)));
        }
        let nearest = levels.last().map(|(_, archive)| Arc::clone(archive));
        if let Some(cached) = &mut cached {
            **cached = Some(Cached {
                file: Arc::clone(&self.archive),
                levels,
            });
        }
        nearest.ok_or(ReadError::Changing)
    }
}

impl Archives {
    /// Returns the archives of a run. `member_bytes` is the maximum size of a PDF file, and
    /// `passwords` open archives in locked ones.
    pub fn new(member_bytes: u64, passwords: Vec<Password>) -> Self {
        Self {
            limits: ArchiveLimits::new(member_bytes),
            passwords,
            listed: RefCell::default(),
            without_pdf: RefCell::default(),
            cache: Arc::default(),
        }
    }

    /// Returns the maximum size of an archive in bytes.
    pub fn max_bytes(&self) -> u64 {
        self.limits.archive_bytes
    }

    /// Returns the archives in which no PDF file was found, in the order in which they were listed.
    pub fn without_pdf(&self) -> Vec<PathBuf> {
        self.without_pdf.borrow().clone()
    }

    /// Returns whether a path that the user named leads to an archive. Lists it, because the first
    /// bytes of an Office document are those of an archive.
    pub fn is_archive(&self, path: &Path) -> bool {
        let input = Input::existing(path.to_owned());
        self.members(&input, FoundBy::Path).is_some()
    }

    fn is_archive_file(path: &Path, found_by: FoundBy) -> bool {
        let name = path.as_os_str().as_bytes();
        if ArchiveKind::of_name(name).is_some() {
            return true;
        }
        // Under the name of a PDF file, an archive would fail as one.
        if found_by == FoundBy::Folder && !is_pdf_name(path.as_os_str()) {
            return false;
        }
        let mut start = Vec::new();
        let read = File::open(path).and_then(|file| {
            let mut file = file.take(SNIFFED_BYTES);
            file.read_to_end(&mut start)
        });
        read.is_ok() && ArchiveKind::of_content(&start, name).is_some()
    }

    /// Returns the PDF files in an archive, and what can't be read; `None` if the input is not an
    /// archive.
    pub(super) fn members(&self, input: &Input, found_by: FoundBy) -> Option<Vec<Input>> {
        let bytes = match &input.origin {
            Origin::StandardInput(bytes) => {
                ArchiveKind::of_content(bytes, b"")?;
                Some(Arc::clone(bytes))
            }
            Origin::File => None,
            _ => return None,
        };
        // Anything that is not a regular file is reported as such.
        if bytes.is_none() && (input.file_id().is_none() || !is_regular(&input.path)) {
            return None;
        }
        let key = input.file_id().map(|id| (id, input.path.clone()));
        let known = key.as_ref().and_then(|key| {
            let listed = self.listed.borrow();
            listed.get(key).cloned()
        });
        if known.is_some() {
            return known;
        }
        if bytes.is_none() && !Self::is_archive_file(&input.path, found_by) {
            return None;
        }
        let listed = self.list(input, bytes)?;
        if listed.is_empty() {
            self.without_pdf.borrow_mut().push(input.path.clone());
        }
        if let Some(key) = key {
            self.listed.borrow_mut().insert(key, listed.clone());
        }
        Some(listed)
    }

    /// Lists an archive. Returns `None` for a PDF file under the name of an archive.
    fn list(&self, input: &Input, bytes: Option<FileBytes>) -> Option<Vec<Input>> {
        let mut file = ArchiveFile {
            path: input.path.clone(),
            bytes,
            limits: self.limits,
            opened: Mutex::default(),
            max_passwords: MAX_TRIES,
            is_shared: false,
            cache: Arc::clone(&self.cache),
        };
        let problem = |file: ArchiveFile, error| {
            let file = Arc::new(file);
            vec![input.rejected(input.path.clone(), &file, error)]
        };
        let archive = match file.open() {
            Ok(archive) => archive,
            // Reading it as a file gives the same error, or names its format.
            Err(
                ReadError::Io(_)
                | ReadError::NotRegular(_)
                | ReadError::Changing
                | ReadError::Archive(ArchiveError::OtherFormat),
            ) => return None,
            Err(error) if is_pdf(&file) => {
                drop(error);
                return None;
            }
            Err(error) => return Some(problem(file, error)),
        };
        let passwords: Vec<&Password> = self.passwords.iter().collect();
        let listing = match guarded(|| Ok(archive.list(&self.limits, &passwords))) {
            Ok(listing) => listing,
            Err(error) => return Some(problem(file, error)),
        };
        file.expect(&listing);
        let file = Arc::new(file);
        let mut mails = MailCache::default();
        let inputs = listing.entries.into_iter().map(|listed| match listed {
            Listed::Pdf(member) => {
                let path = member_path(&input.path, &member.name);
                let mail = member.mail.as_ref().map(|mail| mails.hints(mail));
                let member = MemberFile {
                    archive: Arc::clone(&file),
                    member,
                    mail,
                };
                input.member(path, member)
            }
            Listed::Problem(problem) => {
                let path = match problem.name.as_slice() {
                    [] => input.path.clone(),
                    name => member_path(&input.path, name),
                };
                input.rejected(path, &file, ReadError::Archive(problem.error))
            }
        });
        Some(inputs.collect())
    }

    /// Returns the members that a path such as `a.zip!b.pdf` names, or those in a nested archive;
    /// `None` if its start is not an archive.
    pub(super) fn named(&self, path: &Path) -> Option<Vec<Input>> {
        let (archive, name) = split_member_path(path)?;
        let members = self.members(&Input::existing(archive), FoundBy::Path)?;
        let is_named = |input: &Input| {
            let own = input.member_name();
            let rest = own.and_then(|own| own.strip_prefix(name.as_slice()));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"!"))
        };
        let named: Vec<Input> = members.into_iter().filter(is_named).collect();
        (!named.is_empty()).then_some(named)
    }
}

/// The hints of mails, each formed once.
#[derive(Default)]
struct MailCache(Option<(Arc<MailText>, Arc<MailHints>)>);

impl MailCache {
    fn hints(&mut self, mail: &Arc<MailText>) -> Arc<MailHints> {
        match &self.0 {
            Some((known, hints)) if Arc::ptr_eq(known, mail) => Arc::clone(hints),
            _ => {
                let hints = Arc::new(MailHints {
                    hosts: mail.hosts.clone(),
                    description: PasswordDescription::find(&mail.text),
                });
                self.0 = Some((Arc::clone(mail), Arc::clone(&hints)));
                hints
            }
        }
    }
}

fn is_pdf(file: &ArchiveFile) -> bool {
    let mut start = Vec::new();
    let read = File::open(&file.path).and_then(|file| file.take(1024).read_to_end(&mut start));
    read.is_ok() && starts_like_pdf(&start)
}

fn is_regular(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
}

fn member_path(archive: &Path, name: &[u8]) -> PathBuf {
    let mut path = archive.as_os_str().to_owned();
    path.push("!");
    path.push(OsStr::from_bytes(name));
    path.into()
}

/// Splits the path of a member at the first `!` behind an existing file.
pub(super) fn split_member_path(path: &Path) -> Option<(PathBuf, Vec<u8>)> {
    let bytes = path.as_os_str().as_bytes();
    memchr::memchr_iter(b'!', bytes).find_map(|at| {
        let (archive, name) = bytes.split_at_checked(at)?;
        let archive = PathBuf::from(OsString::from_vec(archive.to_vec()));
        let name = name.get(1..).filter(|name| !name.is_empty())?;
        is_regular(&archive).then(|| (archive, name.to_vec()))
    })
}

#[cfg(test)]
mod tests {
    use super::super::discover::discover_in;
    use super::super::file_policy;
    use super::*;
    use crate::applicant::{Applicants, Details, RuleTable};
    use crate::screen::Policy;

    #[test]
    fn a_mail_suggests_the_bank_and_describes_the_password() {
        let folder = tempfile::tempdir().unwrap();
        let mail = "From: SBI <alerts@sbi.co.in>\nSubject: hdfc\n\
                    Content-Type: multipart/mixed; boundary=b\n\n--b\n\n\
                    The password is your customer ID.\n--b\n\
                    Content-Disposition: attachment; filename=axis.pdf\n\n%PDF\n--b--\n";
        fs::write(folder.path().join("in.eml"), mail).unwrap();
        let archives = Archives::new(1 << 20, Vec::new());
        let inputs = discover_in([Input::from(folder.path().to_owned())], Some(&archives));
        let applicants = Applicants::new(vec![Details::default()], RuleTable::default());
        let policy = Policy {
            applicants: Some(applicants),
            ..Policy::default()
        };
        let policy = file_policy(&inputs[0], &policy).unwrap();
        assert_eq!(policy.suggested_bank.unwrap().id(), "sbi");
        let expected = PasswordDescription::find("password: customer ID");
        assert!(expected.is_some());
        assert_eq!(policy.described_password, expected);
    }

    #[test]
    fn the_path_of_a_member_begins_with_an_existing_file() {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("a!b.zip");
        fs::write(&archive, "").unwrap();
        let split = |name: &str| split_member_path(&folder.path().join(name));
        assert_eq!(
            split("a!b.zip!c!d.pdf"),
            Some((archive, b"c!d.pdf".to_vec()))
        );
        assert_eq!(split("a!b.zip!"), None);
        assert_eq!(split("other.zip!c.pdf"), None);
    }
}
