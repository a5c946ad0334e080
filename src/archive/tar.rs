//! Lists the members of tar archives. The crate `tar` reads the headers: of POSIX.1-1988 (`ustar`),
//! POSIX.1-2001 (`pax`) and GNU.

use super::{ArchiveError, ArchiveKind, Member, MemberData, MemberList, damaged};
use std::io::{self, Cursor};
use std::ops::Range;
use tar::{Archive, Entry, EntryType};

const BLOCK: usize = 512;
/// The start of the keys by which PAX headers describe a sparse file.
const SPARSE_KEYS: &str = "GNU.sparse.";

/// Lists the files of an archive, at most `max` members. What is cut short or damaged ends the
/// list. An archive behind the end of another one belongs to it, as with `cat a.tar b.tar`.
///
/// # Errors
///
/// If the first header is damaged.
pub(super) fn list(bytes: &[u8], max: usize) -> Result<MemberList, ArchiveError> {
    let mut list = MemberList::default();
    // Some programs omit the end, or leave a part of a block behind it.
    let blocks = bytes.len() / BLOCK * BLOCK;
    let mut archive = Archive::new(Cursor::new(bytes.get(..blocks).unwrap_or(bytes)));
    archive.set_ignore_zeros(true);
    let entries = archive
        .entries_with_seek()
        .map_err(|_unread| wrong_header())?;
    for (index, entry) in entries.enumerate() {
        if index >= max {
            list.incomplete = Some(ArchiveError::Members(max));
            break;
        }
        match entry.and_then(|entry| member(entry, bytes)) {
            Ok(Some(member)) => list.members.push(member),
            Ok(None) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                list.incomplete = Some(damaged(ArchiveKind::Tar, "it is cut short"));
                break;
            }
            Err(_) if index == 0 => return Err(wrong_header()),
            Err(_) => {
                list.incomplete = Some(wrong_header());
                break;
            }
        }
    }
    Ok(list)
}

fn wrong_header() -> ArchiveError {
    damaged(ArchiveKind::Tar, "a header is wrong")
}

/// Returns the member of an entry; `None` for folders, links and devices, which have no content.
fn member(mut entry: Entry<'_, Cursor<&[u8]>>, bytes: &[u8]) -> io::Result<Option<Member>> {
    let kind = entry.header().entry_type();
    let name = entry.path_bytes().into_owned();
    let is_empty_kind = match kind {
        EntryType::Link
        | EntryType::Symlink
        | EntryType::Char
        | EntryType::Block
        | EntryType::Fifo
        | EntryType::Directory
        | EntryType::XGlobalHeader => true,
        // Folders of archives that are older than the field.
        EntryType::Regular => name.ends_with(b"/"),
        // GNU: a list of files, and the name of a volume.
        _ => matches!(kind.as_byte(), b'D' | b'V'),
    };
    if is_empty_kind {
        return Ok(None);
    }
    let size = entry.size();
    let data = if is_sparse(&mut entry)? {
        MemberData::Unread(ArchiveError::Unsupported("a sparse file".to_owned()))
    } else if kind.as_byte() == b'M' {
        MemberData::Unread(ArchiveError::Unsupported(
            "the rest of a file in an earlier volume".to_owned(),
        ))
    } else {
        let range = data_range(entry.raw_file_position(), size, bytes.len());
        MemberData::Plain(range.ok_or(io::ErrorKind::UnexpectedEof)?)
    };
    Ok(Some(Member {
        name,
        size,
        kind: None,
        data,
    }))
}

/// Returns whether the content of a file lacks its zeros. Two formats are older than the records
/// of PAX headers.
fn is_sparse(entry: &mut Entry<'_, Cursor<&[u8]>>) -> io::Result<bool> {
    if entry.header().entry_type().is_gnu_sparse() {
        return Ok(true);
    }
    let Some(mut records) = entry.pax_extensions()? else {
        return Ok(false);
    };
    Ok(records.any(|record| {
        let key = record.as_ref().map(tar::PaxExtension::key);
        matches!(key, Ok(Ok(key)) if key.starts_with(SPARSE_KEYS))
    }))
}

/// Returns the bytes of a file that has `size` bytes, if the archive has them.
fn data_range(start: u64, size: u64, archive: usize) -> Option<Range<usize>> {
    let start = usize::try_from(start).ok()?;
    let end = start.checked_add(usize::try_from(size).ok()?)?;
    (end <= archive).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &str, size: &str, kind: u8) -> Vec<u8> {
        let mut block = vec![0; BLOCK];
        block[..name.len()].copy_from_slice(name.as_bytes());
        block[124..124 + size.len()].copy_from_slice(size.as_bytes());
        block[156] = kind;
        let magic = if kind == b'S' {
            b"ustar  \0"
        } else {
            b"ustar\x0000"
        };
        block[257..265].copy_from_slice(magic);
        sealed(block)
    }

    /// Adds the checksum.
    fn sealed(mut block: Vec<u8>) -> Vec<u8> {
        block[148..156].fill(b' ');
        let sum: u64 = block.iter().map(|byte| u64::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        block
    }

    fn padded(data: &[u8]) -> Vec<u8> {
        let mut data = data.to_vec();
        data.resize(data.len().next_multiple_of(BLOCK), 0);
        data
    }

    fn names(list: &MemberList) -> Vec<String> {
        let names = list.members.iter().map(|member| &member.name);
        names
            .map(|name| String::from_utf8_lossy(name).into_owned())
            .collect()
    }

    #[test]
    fn long_names_come_from_the_headers_before() {
        let pax = b"21 path=dir/long.pdf\n13 comment=x\n";
        let archive = [
            header("./PaxHeaders/x", "42", b'x'),
            padded(pax),
            header("short", "3", b'0'),
            padded(b"abc"),
            header("././@LongLink", "10", b'L'),
            padded(b"gnu.pdf\0"),
            header("gnu", "0", b'0'),
            header("folder/", "0", b'5'),
            header("link.pdf", "0", b'2'),
        ]
        .concat();
        let list = list(&archive, 99).unwrap();
        assert_eq!(names(&list), ["dir/long.pdf", "gnu.pdf"]);
        assert_eq!(list.members[0].size, 3);
        assert_eq!(list.incomplete, None);
    }

    #[test]
    fn sizes_beyond_the_end_and_wrong_checksums_end_the_list() {
        let good = [
            header("a.pdf", "0", b'0'),
            header("b.pdf", "7777777777", b'0'),
        ]
        .concat();
        let cut = list(&good, 99).unwrap();
        assert_eq!(names(&cut), ["a.pdf"]);
        assert_eq!(
            cut.incomplete,
            Some(damaged(ArchiveKind::Tar, "it is cut short"))
        );
        let mut wrong = good;
        wrong[BLOCK] = b'c';
        assert!(list(&wrong, 99).unwrap().incomplete.is_some());
        wrong[0] = b'b';
        assert!(list(&wrong, 99).is_err());
    }

    #[test]
    fn sparse_files_are_listed_and_not_read() {
        // One block of data at the offset 512, in a file of 1,024 bytes.
        let mut gnu = header("gnu.pdf", "00000001000", b'S');
        gnu[386..398].copy_from_slice(b"00000001000\0");
        gnu[398..410].copy_from_slice(b"00000001000\0");
        gnu[483..495].copy_from_slice(b"00000002000\0");
        let pax = b"22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n";
        let archive = [
            sealed(gnu),
            padded(b"data"),
            header("./PaxHeaders/x", "54", b'x'),
            padded(pax),
            header("pax.pdf", "3", b'0'),
            padded(b"map"),
            header("next.pdf", "0", b'0'),
        ]
        .concat();
        let list = list(&archive, 99).unwrap();
        assert_eq!(names(&list), ["gnu.pdf", "pax.pdf", "next.pdf"]);
        let is_read = list.members.iter();
        let is_read = is_read.map(|member| matches!(member.data, MemberData::Plain(_)));
        assert_eq!(is_read.collect::<Vec<_>>(), [false, false, true]);
        assert_eq!(list.incomplete, None);
    }

    #[test]
    fn an_archive_behind_the_end_of_another_one_is_read() {
        let one = [header("a.pdf", "0", b'0'), vec![0; 2 * BLOCK]].concat();
        let other = [header("b.pdf", "0", b'0'), vec![0; 2 * BLOCK]].concat();
        let list = list(&[one, other, vec![b'\n']].concat(), 99).unwrap();
        assert_eq!(names(&list), ["a.pdf", "b.pdf"]);
        assert_eq!(list.incomplete, None);
    }

    #[test]
    fn the_number_of_members_is_limited() {
        let archive = header("a.pdf", "0", b'0').repeat(5);
        let list = list(&archive, 3).unwrap();
        assert_eq!(list.members.len(), 3);
        assert_eq!(list.incomplete, Some(ArchiveError::Members(3)));
    }
}
