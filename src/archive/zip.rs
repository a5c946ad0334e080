//! Reads ZIP archives (APPNOTE.TXT 6.3.10): the directory, and single entries.
//!
//! Entries may overlap, lie about their size, have any name, and share one. Each is inflated up to
//! the size that the directory declares, whose sum the caller limits before anything is inflated.

mod encryption;

use super::{
    ArchiveError, ArchiveKind, Member, MemberContent, MemberData, MemberList, ReadFailure, Tries,
    damaged, read_limited,
};
use encryption::Cipher;
use flate2::Crc;
use flate2::read::DeflateDecoder;
use memchr::memmem;
use std::io::Read;
use std::ops::Range;

const LOCAL_HEADER: &[u8] = b"PK\x03\x04";
const DIRECTORY_HEADER: &[u8] = b"PK\x01\x02";
const END_RECORD: &[u8] = b"PK\x05\x06";
const END_RECORD_64: &[u8] = b"PK\x06\x06";
const END_LOCATOR_64: &[u8] = b"PK\x06\x07";
/// Size of the end record, without its comment of at most 64 KiB.
const END_RECORD_BYTES: usize = 22;
const MAX_COMMENT_BYTES: usize = 0xFFFF;
/// Size of an entry of the directory, without its name, extra fields and comment.
const DIRECTORY_HEADER_BYTES: usize = 46;
/// Bytes of compressed data that are read for the start of an entry.
const MAX_START_BYTES: usize = 64 << 10;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// The method of entries that are encrypted with AES; the extra field has the real one.
const AES: u16 = 99;

/// Characters of the second half of code page 437, in which names without a flag are written.
const CODE_PAGE_437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
                             └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}";

/// An entry of the directory.
#[derive(Debug)]
pub(super) struct Entry {
    /// The data in the archive, as it is stored.
    data: Range<usize>,
    method: u16,
    crc: u32,
    /// The declared size in bytes, inflated.
    size: u64,
    cipher: Option<Cipher>,
    /// Why the entry can't be read.
    obstacle: Option<ArchiveError>,
}

/// Lists the files of an archive, at most `max` members.
///
/// # Errors
///
/// If the directory is missing or damaged at its start.
pub(super) fn list(bytes: &[u8], max: usize) -> Result<MemberList, ArchiveError> {
    let end =
        EndRecord::find(bytes).ok_or_else(|| broken("it is cut short or has no directory"))?;
    let mut list = MemberList::default();
    let mut position = end.directory;
    let mut listed = Vec::new();
    let mut count = 0_u64;
    // The stated number can be wrong: other readers then show fewer entries, or more.
    while has(bytes, position, DIRECTORY_HEADER) || count < end.entries {
        let Some(found) = DirectoryEntry::parse(bytes, position) else {
            let error = broken("its directory is cut short");
            if count == 0 {
                return Err(error);
            }
            list.incomplete = Some(error);
            return Ok(list);
        };
        if count >= max as u64 {
            list.incomplete = Some(ArchiveError::Members(max));
            return Ok(list);
        }
        count += 1;
        position = found.next;
        listed.extend(found.place(bytes, end.shift));
        if found.name.ends_with(b"/") && found.size == 0 {
            continue;
        }
        list.members.push(Member {
            name: found.name.clone(),
            size: found.size,
            kind: None,
            data: MemberData::Zip(found.into_entry(bytes, end.shift)),
        });
    }
    if count > end.entries {
        list.incomplete = Some(broken("its directory has more entries than it states"));
    } else if has_unlisted_entry(bytes, listed) {
        list.incomplete = Some(broken("its directory does not list all of its entries"));
    }
    Ok(list)
}

/// Returns whether an entry begins outside of the ranges of the entries that are listed, such as
/// those of an archive before this one.
fn has_unlisted_entry(bytes: &[u8], mut listed: Vec<Range<usize>>) -> bool {
    listed.sort_by_key(|range| range.start);
    let mut ranges = listed.into_iter().peekable();
    let mut end = 0;
    memmem::find_iter(bytes, LOCAL_HEADER).any(|at| {
        while let Some(range) = ranges.next_if(|range| range.start <= at) {
            end = end.max(range.end);
        }
        at >= end && is_local_header(bytes, at)
    })
}

/// Returns whether a signature is that of an entry, and not a constant in a program: the fields
/// behind it are possible, and the archive has its data.
fn is_local_header(bytes: &[u8], at: usize) -> bool {
    let field = |offset| u16_at(bytes, at + offset);
    let (Some(version), Some(method), Some(name), Some(extra), Some(size)) = (
        field(4),
        field(8),
        field(26),
        field(28),
        u32_at(bytes, at + 18),
    ) else {
        return false;
    };
    let start = at + 30 + usize::from(name) + usize::from(extra);
    let is_whole = size == u32::MAX || start + size as usize <= bytes.len();
    version & 0xFF <= 63 && method <= AES && (1..=1024).contains(&name) && is_whole
}

fn broken(what: &'static str) -> ArchiveError {
    damaged(ArchiveKind::Zip, what)
}

fn unsupported(what: impl Into<String>) -> ArchiveError {
    ArchiveError::Unsupported(what.into())
}

fn u16_at(bytes: &[u8], offset: usize) -> Option<u16> {
    let field = bytes.get(offset..offset.checked_add(2)?)?;
    Some(u16::from_le_bytes(field.try_into().ok()?))
}

fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    let field = bytes.get(offset..offset.checked_add(4)?)?;
    Some(u32::from_le_bytes(field.try_into().ok()?))
}

fn u64_at(bytes: &[u8], offset: usize) -> Option<u64> {
    let field = bytes.get(offset..offset.checked_add(8)?)?;
    Some(u64::from_le_bytes(field.try_into().ok()?))
}

fn has(bytes: &[u8], offset: usize, signature: &[u8]) -> bool {
    let found = bytes.get(offset..);
    found.is_some_and(|found| found.starts_with(signature))
}

/// The end of the directory.
struct EndRecord {
    /// Offset of the directory in the file.
    directory: usize,
    entries: u64,
    /// Number of bytes before the archive, by which its offsets are too small.
    shift: usize,
}

impl EndRecord {
    /// Searches backwards, because the record is followed by a comment.
    fn find(bytes: &[u8]) -> Option<Self> {
        let window = END_RECORD_BYTES + MAX_COMMENT_BYTES;
        let from = bytes.len().saturating_sub(window);
        let tail = bytes.get(from..)?;
        let mut records = memmem::rfind_iter(tail, END_RECORD);
        records.find_map(|at| Self::parse(bytes, from + at))
    }

    fn parse(bytes: &[u8], at: usize) -> Option<Self> {
        let mut entries = u64::from(u16_at(bytes, at + 10)?);
        let mut size = u64::from(u32_at(bytes, at + 12)?);
        let mut offset = u64::from(u32_at(bytes, at + 16)?);
        let mut end = at;
        if let Some(record) = Self::zip64(bytes, at) {
            entries = u64_at(bytes, record + 32)?;
            size = u64_at(bytes, record + 40)?;
            offset = u64_at(bytes, record + 48)?;
            end = record;
        }
        let offset = usize::try_from(offset).ok()?;
        // The directory ends where the record begins, whatever precedes the archive.
        let directory = end.checked_sub(usize::try_from(size).ok()?);
        let directory = directory.filter(|start| has(bytes, *start, DIRECTORY_HEADER));
        let directory = match directory {
            Some(directory) => directory,
            None if entries == 0 => end,
            // The stated size is wrong.
            None => Some(offset).filter(|start| has(bytes, *start, DIRECTORY_HEADER))?,
        };
        let shift = directory.saturating_sub(offset);
        Some(Self {
            directory,
            entries,
            shift: if entries == 0 { 0 } else { shift },
        })
    }

    /// Returns the offset of the record for large archives, which a locator before the other one
    /// names.
    fn zip64(bytes: &[u8], at: usize) -> Option<usize> {
        let locator = at.checked_sub(20)?;
        if !has(bytes, locator, END_LOCATOR_64) {
            return None;
        }
        let stated = usize::try_from(u64_at(bytes, locator + 8)?).ok()?;
        // With other bytes before the archive, the record is next to its locator.
        let usual = locator.checked_sub(56);
        [Some(stated), usual]
            .into_iter()
            .flatten()
            .find(|record| has(bytes, *record, END_RECORD_64))
    }
}

/// An entry of the directory, as it is written there.
struct DirectoryEntry {
    name: Vec<u8>,
    flags: u16,
    method: u16,
    /// Time of the last change in the format of DOS.
    time: u16,
    crc: u32,
    stored_size: u64,
    size: u64,
    /// Offset of the local header in the archive.
    offset: u64,
    aes: Option<AesField>,
    /// Offset of the next entry.
    next: usize,
}

/// The extra field of entries that are encrypted with AES.
#[derive(Clone, Copy)]
struct AesField {
    version: u16,
    strength: u8,
    method: u16,
}

impl DirectoryEntry {
    fn parse(bytes: &[u8], at: usize) -> Option<Self> {
        if !has(bytes, at, DIRECTORY_HEADER) {
            return None;
        }
        let length = |offset| u16_at(bytes, at + offset).map(usize::from);
        let (name, extra, comment) = (length(28)?, length(30)?, length(32)?);
        let name_start = at + DIRECTORY_HEADER_BYTES;
        let extra_start = name_start + name;
        let next = extra_start + extra + comment;
        let raw_name = bytes.get(name_start..extra_start)?;
        let mut entry = Self {
            name: decoded(raw_name),
            flags: u16_at(bytes, at + 8)?,
            method: u16_at(bytes, at + 10)?,
            time: u16_at(bytes, at + 12)?,
            crc: u32_at(bytes, at + 16)?,
            stored_size: u64::from(u32_at(bytes, at + 20)?),
            size: u64::from(u32_at(bytes, at + 24)?),
            offset: u64::from(u32_at(bytes, at + 42)?),
            aes: None,
            next,
        };
        entry.read_extra(bytes.get(extra_start..extra_start + extra)?);
        Some(entry)
    }

    /// Reads the extra fields: large sizes, names in UTF-8, and encryption.
    fn read_extra(&mut self, extra: &[u8]) {
        let mut rest = extra;
        while let (Some(id), Some(length)) = (u16_at(rest, 0), u16_at(rest, 2)) {
            let end = 4 + usize::from(length);
            let Some(field) = rest.get(4..end) else {
                return;
            };
            match id {
                0x0001 => {
                    let mut at = 0;
                    // Present if the field of 32 bits is full, in this order.
                    for value in [&mut self.size, &mut self.stored_size, &mut self.offset] {
                        if *value == u64::from(u32::MAX)
                            && let Some(large) = u64_at(field, at)
                        {
                            *value = large;
                            at += 8;
                        }
                    }
                }
                0x7075 if field.first() == Some(&1) => {
                    let name = field.get(5..).unwrap_or_default();
                    if std::str::from_utf8(name).is_ok() {
                        self.name = name.to_vec();
                    }
                }
                0x9901 => {
                    let (version, method) = (u16_at(field, 0), u16_at(field, 5));
                    let strength = field.get(4).copied();
                    if let (Some(version), Some(strength), Some(method)) =
                        (version, strength, method)
                    {
                        self.aes = Some(AesField {
                            version,
                            strength,
                            method,
                        });
                    }
                }
                _ => {}
            }
            rest = rest.get(end..).unwrap_or_default();
        }
    }

    fn into_entry(self, bytes: &[u8], shift: usize) -> Entry {
        let data = self.data(bytes, shift);
        let is_encrypted = self.flags & 1 != 0;
        let aes = self.aes.filter(|_| self.method == AES);
        let method = aes.map_or(self.method, |aes| aes.method);
        let cipher = match aes {
            _ if !is_encrypted => None,
            // The second version omits the checksum, which would reveal short contents.
            Some(aes) => Cipher::aes(aes.strength, aes.version != 2),
            None => {
                // Writers that don't know the checksum beforehand use the time.
                let check = if self.flags & 8 != 0 {
                    self.time.to_be_bytes()[0]
                } else {
                    self.crc.to_be_bytes()[0]
                };
                Some(Cipher::zip_crypto(check))
            }
        };
        let obstacle = if data.is_none() {
            Some(broken("a member lies outside of it"))
        } else if self.flags & 0x40 != 0 || is_encrypted && cipher.is_none() {
            Some(unsupported("encryption of this kind"))
        } else if !matches!(method, STORED | DEFLATED) {
            Some(unsupported(method_name(method)))
        } else {
            None
        };
        Entry {
            data: data.unwrap_or_default(),
            method,
            crc: self.crc,
            size: self.size,
            cipher,
            obstacle,
        }
    }

    /// Returns the range of the entry's header and data.
    fn place(&self, bytes: &[u8], shift: usize) -> Option<Range<usize>> {
        let header = usize::try_from(self.offset).ok()?.checked_add(shift)?;
        Some(header..self.data(bytes, shift)?.end)
    }

    fn data(&self, bytes: &[u8], shift: usize) -> Option<Range<usize>> {
        let header = usize::try_from(self.offset).ok()?.checked_add(shift)?;
        if !has(bytes, header, LOCAL_HEADER) {
            return None;
        }
        let name = usize::from(u16_at(bytes, header + 26)?);
        let extra = usize::from(u16_at(bytes, header + 28)?);
        let start = header + 30 + name + extra;
        let end = start.checked_add(usize::try_from(self.stored_size).ok()?)?;
        (end <= bytes.len()).then_some(start..end)
    }
}

fn method_name(method: u16) -> String {
    let name = match method {
        9 => "Deflate64",
        12 => "bzip2",
        14 => "LZMA",
        93 => "Zstandard",
        95 => "XZ",
        98 => "PPMd",
        _ => return format!("compression method {method}"),
    };
    format!("{name} compression")
}

/// Returns a name in UTF-8: many programs write UTF-8 without the flag for it.
fn decoded(name: &[u8]) -> Vec<u8> {
    if std::str::from_utf8(name).is_ok() {
        return name.to_vec();
    }
    let character = |byte: &u8| match byte.checked_sub(0x80) {
        None => char::from(*byte),
        Some(index) => CODE_PAGE_437.chars().nth(index.into()).unwrap_or('?'),
    };
    name.iter().map(character).collect::<String>().into_bytes()
}

impl Entry {
    /// Returns the number of bytes that reading the entry processes: those in the archive, or
    /// inflated. Compressed data can be large and inflate to little.
    pub(super) fn cost(&self) -> u64 {
        self.size.max(self.data.len() as u64)
    }

    /// Returns the first bytes of an entry that is not encrypted, at most `max`.
    pub(super) fn start(&self, archive: &[u8], max: usize) -> Option<Vec<u8>> {
        if self.cipher.is_some() || self.obstacle.is_some() {
            return None;
        }
        let data = archive.get(self.data.clone())?;
        let data = data.get(..MAX_START_BYTES).unwrap_or(data);
        let mut start = Vec::new();
        if self.method == STORED {
            start.extend(data.iter().take(max));
        } else {
            // What was inflated before an error is enough to recognize a file.
            let _ended_early = DeflateDecoder::new(data)
                .take(max as u64)
                .read_to_end(&mut start);
        }
        Some(start)
    }

    /// Returns whether a password is needed.
    pub(super) fn is_encrypted(&self) -> bool {
        self.cipher.is_some()
    }

    /// Reads the entry, with the first of the passwords that opens it.
    ///
    /// # Errors
    ///
    /// If it is damaged, no password opens it in time, or its format is not supported.
    pub(super) fn read(
        &self,
        archive: &[u8],
        tries: &Tries<'_>,
    ) -> Result<MemberContent, ArchiveError> {
        if let Some(obstacle) = &self.obstacle {
            return Err(obstacle.clone());
        }
        let data = archive.get(self.data.clone()).unwrap_or_default();
        let Some(cipher) = &self.cipher else {
            return Ok(MemberContent::plain(self.inflate(data)?));
        };
        // A wrong password can pass the check of ZipCrypto, one in 256 does, and then fails later.
        for password in tries.passwords {
            if !(tries.may_continue)() {
                return Err(ArchiveError::TimeLimit);
            }
            let opened = cipher
                .decrypt(data, password.expose().as_bytes())
                .and_then(|plain| self.inflate(&plain).ok());
            if let Some(bytes) = opened {
                let opened_by = Some((*password).clone());
                return Ok(MemberContent { bytes, opened_by });
            }
        }
        Err(ArchiveError::Locked {
            method: cipher.name(),
            tried: tries.passwords.len(),
        })
    }

    fn inflate(&self, data: &[u8]) -> Result<Vec<u8>, ArchiveError> {
        let bytes = if self.method == STORED {
            data.to_vec()
        } else {
            read_limited(DeflateDecoder::new(data), self.size).map_err(|error| {
                broken(match error {
                    ReadFailure::TooLarge => "a member is larger than it declares",
                    ReadFailure::Damaged => "a member can't be inflated",
                })
            })?
        };
        if bytes.len() as u64 != self.size {
            return Err(broken("a member has another size than it declares"));
        }
        let is_checked = self.cipher.as_ref().is_none_or(Cipher::has_checksum);
        let mut crc = Crc::new();
        crc.update(&bytes);
        if is_checked && crc.sum() != self.crc {
            return Err(broken("the checksum of a member is wrong"));
        }
        Ok(bytes)
    }
}
