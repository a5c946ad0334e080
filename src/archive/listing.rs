//! Lists the PDF files in an archive, and in archives in it.
//!
//! A member counts if it is a PDF file by its name or by its content, or if it is encrypted and its
//! name is not that of another format. Other members are not listed, as other files in a folder are
//! not. What can't be read is listed as a problem under its name; everything else goes on.

use super::{
    Archive, ArchiveError, ArchiveKind, ArchiveLimits, MailText, Member, MemberData, Tries,
    last_component, starts_like_pdf,
};
use crate::pdf::Password;
use std::collections::HashMap;
use std::sync::Arc;

/// What separates the names of an archive and its member.
const SEPARATOR: u8 = b'!';
/// Bytes of a member's name that are shown: its end. Systems have at most 255 in one name.
const MAX_NAME_BYTES: usize = 1024;
/// The start of files in which macOS stores attributes, under the names of other files.
const APPLE_DOUBLE: &[u8] = b"\x00\x05\x16\x07";

/// The PDF files of an archive and its problems, in the order of its members.
#[derive(Debug, Default)]
pub struct Listing {
    /// The files and problems.
    pub entries: Vec<Listed>,
    /// The passwords that opened nested archives, which are named by their indices.
    pub opened: Vec<(Vec<usize>, Password)>,
}

/// An entry of a [`Listing`].
#[derive(Debug)]
pub enum Listed {
    /// A PDF file.
    Pdf(PdfMember),
    /// What can't be read.
    Problem(Problem),
}

/// A PDF file in an archive.
#[derive(Debug)]
pub struct PdfMember {
    /// Its name in the archive, distinct from the others. Names of nested archives precede it, each
    /// followed by `!`.
    pub name: Vec<u8>,
    /// Its name in the archive that directly contains it.
    pub own_name: Vec<u8>,
    /// Its index in the archive; for nested archives, the index of each archive before.
    pub indices: Vec<usize>,
    /// Whether a password is needed to read it.
    pub is_encrypted: bool,
    /// What the mail around it states.
    pub mail: Option<Arc<MailText>>,
}

/// An archive that can't be read, or not completely.
#[derive(Debug)]
pub struct Problem {
    /// The name of the nested archive; empty for the archive itself.
    pub name: Vec<u8>,
    /// What is wrong.
    pub error: ArchiveError,
}

impl Archive {
    /// Lists the PDF files. Passwords open nested archives in locked ones.
    pub fn list(&self, limits: &ArchiveLimits, passwords: &[&Password]) -> Listing {
        let mut walk = Walk {
            limits,
            passwords,
            members: limits.members,
            bytes: limits.total_bytes,
            locked: 0,
            names: HashMap::new(),
            listing: Listing::default(),
            is_exhausted: false,
        };
        walk.visit(self, &Place::default());
        walk.listing
    }
}

/// Locked archives in one archive for which all passwords are tried. Each takes up to half a
/// second, and archives are listed before the first file is screened.
const MAX_LOCKED_ARCHIVES: usize = 20;

/// An archive in the archive that is listed.
#[derive(Debug, Clone, Default)]
struct Place {
    name: Vec<u8>,
    indices: Vec<usize>,
    mail: Option<Arc<MailText>>,
}

struct Walk<'w> {
    limits: &'w ArchiveLimits,
    passwords: &'w [&'w Password],
    /// Members that may still be seen.
    members: usize,
    /// Bytes that may still be read.
    bytes: u64,
    /// Archives that no password opened.
    locked: usize,
    /// How often each name has occurred.
    names: HashMap<Vec<u8>, usize>,
    listing: Listing,
    /// Whether a limit of the whole archive was reached.
    is_exhausted: bool,
}

impl Walk<'_> {
    fn visit(&mut self, archive: &Archive, place: &Place) {
        let mail = archive.mail_text().map(Arc::new);
        let place = Place {
            mail: mail.or_else(|| place.mail.clone()),
            ..place.clone()
        };
        for (index, member) in archive.members.iter().enumerate() {
            if self.is_exhausted {
                return;
            }
            let Some(left) = self.members.checked_sub(1) else {
                return self.exhaust(ArchiveError::Members(self.limits.members));
            };
            self.members = left;
            let inner = Place {
                name: self.unique_name(&place.name, &member.name),
                indices: [place.indices.as_slice(), &[index]].concat(),
                mail: place.mail.clone(),
            };
            self.visit_member(archive, member, inner);
        }
        if let Some(error) = &archive.incomplete {
            self.add_problem(place.name, error.clone());
        }
    }

    fn visit_member(&mut self, archive: &Archive, member: &Member, place: Place) {
        if archive.is_apple_double(member) {
            return;
        }
        if let MemberData::Unread(error) = &member.data {
            return self.add_problem(place.name, error.clone());
        }
        let start = archive.start(member);
        let by_name = member.kind.or_else(|| ArchiveKind::of_name(&member.name));
        let own_name = last_component(&member.name);
        let is_pdf = own_name.to_ascii_lowercase().ends_with(b".pdf");
        let kind = match (&start, by_name) {
            (_, None) if is_pdf => None,
            // Other files can have such a name, too.
            (Some(start), None | Some(ArchiveKind::Unread(_))) if member.kind.is_none() => {
                ArchiveKind::of_content(start, &member.name)
            }
            _ => by_name,
        };
        if let Some(kind) = kind {
            return self.visit_nested(archive, member, kind, &place);
        }
        let is_encrypted = matches!(&member.data, MemberData::Zip(entry) if entry.is_encrypted());
        let may_be_pdf = match &start {
            Some(start) => is_pdf || starts_like_pdf(start),
            None => is_pdf || !has_other_format(own_name),
        };
        if !may_be_pdf {
            return;
        }
        if start.is_none() && !is_pdf && !is_encrypted {
            return self.add_unread(archive, member, place.name);
        }
        // A member above its own limit is not read.
        let is_read = member.size <= self.limits.member_bytes;
        if is_read && !self.take(member.cost()) {
            return;
        }
        self.listing.entries.push(Listed::Pdf(PdfMember {
            name: place.name,
            own_name: member.name.clone(),
            indices: place.indices,
            is_encrypted,
            mail: place.mail,
        }));
    }

    fn visit_nested(
        &mut self,
        archive: &Archive,
        member: &Member,
        kind: ArchiveKind,
        place: &Place,
    ) {
        let depth = place.indices.len();
        if depth >= self.limits.depth {
            let error = ArchiveError::Depth(self.limits.depth);
            return self.add_problem(place.name.clone(), error);
        }
        let is_read = member.size <= self.limits.member_bytes;
        if is_read && !self.take(member.cost()) {
            return;
        }
        if let ArchiveKind::Unread(format) = kind {
            return self.add_problem(place.name.clone(), ArchiveError::Unread(format));
        }
        let index = place.indices.last().copied().unwrap_or_default();
        let is_tried = self.locked < MAX_LOCKED_ARCHIVES;
        let passwords = if is_tried { self.passwords } else { &[] };
        match archive.open_member(index, self.limits, &Tries::of(passwords)) {
            Ok((nested, opened_by)) => {
                let opened = opened_by.map(|password| (place.indices.clone(), password));
                self.listing.opened.extend(opened);
                // The content of a gzip file was inflated once more.
                let inflated = nested.bytes.len() as u64;
                if kind != ArchiveKind::Gzip || self.take(inflated) {
                    self.visit(&nested, place);
                }
            }
            Err(ArchiveError::Locked { .. }) if !is_tried => {
                let error = ArchiveError::LockedArchives(MAX_LOCKED_ARCHIVES);
                self.add_problem(place.name.clone(), error);
            }
            // An Office document, for example, which only looked like an archive.
            Err(ArchiveError::OtherFormat) if ArchiveKind::of_name(&member.name).is_none() => {}
            Err(error) => {
                self.locked += usize::from(matches!(error, ArchiveError::Locked { .. }));
                self.add_problem(place.name.clone(), error);
            }
        }
    }

    /// Adds the problem for which a member can't be read.
    fn add_unread(&mut self, archive: &Archive, member: &Member, name: Vec<u8>) {
        if let MemberData::Zip(entry) = &member.data
            && let Err(error) = entry.read(&archive.bytes, &Tries::of(&[]))
        {
            self.add_problem(name, error);
        }
    }

    /// Takes bytes from what may be read. Returns false if that is exhausted.
    fn take(&mut self, bytes: u64) -> bool {
        let left = self.bytes.checked_sub(bytes);
        match left {
            Some(left) => self.bytes = left,
            None => self.exhaust(ArchiveError::Total(self.limits.total_bytes)),
        }
        left.is_some()
    }

    /// Ends the list with a problem of the whole archive.
    fn exhaust(&mut self, error: ArchiveError) {
        self.is_exhausted = true;
        self.add_problem(Vec::new(), error);
    }

    fn add_problem(&mut self, name: Vec<u8>, error: ArchiveError) {
        let problem = Listed::Problem(Problem { name, error });
        self.listing.entries.push(problem);
    }

    /// Joins the names of an archive and its member. A name that occurred before gets a number, as
    /// in `april (2).pdf`.
    fn unique_name(&mut self, archive: &[u8], member: &[u8]) -> Vec<u8> {
        let member = member.strip_prefix(b"./").unwrap_or(member);
        let surplus = member.len().saturating_sub(MAX_NAME_BYTES);
        let member = member.get(surplus..).unwrap_or(member);
        let mut name = archive.to_vec();
        if !archive.is_empty() {
            name.push(SEPARATOR);
        }
        name.extend_from_slice(if member.is_empty() {
            b"unnamed"
        } else {
            member
        });
        let stem = last_component(member)
            .iter()
            .rposition(|byte| *byte == b'.');
        let ending = stem.map_or(0, |stem| last_component(member).len() - stem);
        let (stem, ending) = name.split_at(name.len() - ending);
        let (stem, ending) = (stem.to_vec(), ending.to_vec());
        let base = name.clone();
        loop {
            let number = self.names.entry(base.clone()).or_default();
            *number += 1;
            if *number == 1 {
                return name;
            }
            name = [&stem, format!(" ({number})").as_bytes(), &ending].concat();
            // That name can be the name of another member, too.
            if !self.names.contains_key(&name) {
                self.names.insert(name.clone(), 1);
                return name;
            }
        }
    }
}

/// Endings, in lower case, of files that applicants send beside statements.
const OTHER_ENDINGS: [&[u8]; 24] = [
    b"avif", b"bmp", b"csv", b"doc", b"docx", b"gif", b"heic", b"htm", b"html", b"ics", b"jpeg",
    b"jpg", b"json", b"mp4", b"odt", b"png", b"ppt", b"pptx", b"rtf", b"txt", b"webp", b"xls",
    b"xlsx", b"xml",
];

/// Returns whether the ending of a name is that of another format than PDF.
fn has_other_format(name: &[u8]) -> bool {
    let dot = name.iter().rposition(|byte| *byte == b'.');
    let ending = dot.and_then(|dot| name.get(dot + 1..)).unwrap_or_default();
    let mut others = OTHER_ENDINGS.iter();
    others.any(|other| ending.eq_ignore_ascii_case(other))
}

impl Archive {
    /// Opens an archive that is a member of this one. Also returns the password that opened it, if
    /// it is encrypted.
    ///
    /// # Errors
    ///
    /// As [`Archive::read`], or if the archive in the member can't be read.
    pub fn open_member(
        &self,
        index: usize,
        limits: &ArchiveLimits,
        tries: &Tries<'_>,
    ) -> Result<(Self, Option<Password>), ArchiveError> {
        let member = self.members.get(index).ok_or(ArchiveError::Changed)?;
        let limits = ArchiveLimits {
            archive_bytes: limits.member_bytes,
            ..*limits
        };
        let content = self.read(index, limits.archive_bytes, tries)?;
        // A mail without a name, in another mail or a mailbox, has the kind of its part.
        let name = match member.kind {
            Some(ArchiveKind::Mail) => b".eml",
            _ => member.name.as_slice(),
        };
        let nested = Self::open(Arc::new(content.bytes), name, &limits)?;
        Ok((nested, content.opened_by))
    }

    fn is_apple_double(&self, member: &Member) -> bool {
        if !last_component(&member.name).starts_with(b"._") {
            return false;
        }
        match &member.data {
            MemberData::Plain(range) => self.slice(range).starts_with(APPLE_DOUBLE),
            MemberData::Zip(entry) => {
                let start = entry.start(&self.bytes, APPLE_DOUBLE.len());
                start.as_deref() == Some(APPLE_DOUBLE)
            }
            MemberData::Encoded(..) | MemberData::Unread(_) => false,
        }
    }
}
