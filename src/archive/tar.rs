//! Lists the members of tar archives (POSIX.1-1988 `ustar`, POSIX.1-2001 `pax`, GNU).

use super::{ArchiveError, ArchiveKind, Member, MemberData, MemberList, damaged};

const BLOCK: usize = 512;
/// Maximum size of an extended header: a path, which systems limit to 4 KiB, and further records.
const MAX_EXTENDED_BYTES: usize = 1 << 20;

/// Lists the regular files of an archive, at most `max` members. What is cut short or damaged ends
/// the list.
///
/// # Errors
///
/// If the first header is damaged.
pub(super) fn list(bytes: &[u8], max: usize) -> Result<MemberList, ArchiveError> {
    let mut list = MemberList::default();
    let mut position = 0;
    let mut seen = 0;
    let mut long = LongNames::default();
    while let Some(block) = bytes.get(position..position + BLOCK) {
        if block.iter().all(|byte| *byte == 0) {
            return Ok(list);
        }
        let Some(header) = Header::parse(block) else {
            let error = damaged(ArchiveKind::Tar, "a header has a wrong checksum");
            if position == 0 {
                return Err(error);
            }
            list.incomplete = Some(error);
            return Ok(list);
        };
        let start = position + BLOCK;
        let size = long.size.take().unwrap_or(header.size);
        let end = usize::try_from(size).ok();
        let end = end.and_then(|size| start.checked_add(size));
        let Some(data) = end.and_then(|end| bytes.get(start..end)) else {
            list.incomplete = Some(damaged(ArchiveKind::Tar, "it is cut short"));
            return Ok(list);
        };
        seen += 1;
        if seen > max {
            list.incomplete = Some(ArchiveError::Members(max));
            return Ok(list);
        }
        match header.kind {
            b'L' if data.len() <= MAX_EXTENDED_BYTES => long.name = Some(until_nul(data).to_vec()),
            b'x' if data.len() <= MAX_EXTENDED_BYTES => long.read_pax(data),
            b'g' | b'K' => {}
            // Regular files; 7 is a contiguous one.
            0 | b'0' | b'7' => list.members.push(Member {
                name: long.name.take().unwrap_or(header.name),
                size,
                kind: None,
                data: MemberData::Plain(start..start + data.len()),
            }),
            _ => long = LongNames::default(),
        }
        position = start + data.len().next_multiple_of(BLOCK);
    }
    // Some programs omit the two blocks of zeros at the end.
    Ok(list)
}

/// What the headers before a member state about it.
#[derive(Default)]
struct LongNames {
    name: Option<Vec<u8>>,
    size: Option<u64>,
}

impl LongNames {
    /// Reads the records of a `pax` header: a length, a space, a key, `=`, a value, a line feed.
    fn read_pax(&mut self, data: &[u8]) {
        let mut rest = data;
        loop {
            let space = rest.iter().position(|byte| *byte == b' ');
            let length = space.and_then(|space| decimal(rest.get(..space)?));
            let Some((space, length)) = space.zip(length) else {
                return;
            };
            let length = length as usize;
            let (Some(record), Some(next)) = (rest.get(space + 1..length), rest.get(length..))
            else {
                return;
            };
            let record = record.strip_suffix(b"\n").unwrap_or(record);
            if let Some(path) = record.strip_prefix(b"path=") {
                self.name = Some(path.to_vec());
            } else if let Some(size) = record.strip_prefix(b"size=") {
                self.size = decimal(size);
            }
            rest = next;
        }
    }
}

/// Returns a decimal number of at most 19 digits.
fn decimal(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

struct Header {
    name: Vec<u8>,
    size: u64,
    kind: u8,
}

impl Header {
    /// Parses a header; `None` if its checksum is wrong or its size is not a number.
    fn parse(block: &[u8]) -> Option<Self> {
        let stated = number(block.get(148..156)?)?;
        let fields = block.iter().enumerate();
        let fields = fields.map(|(index, byte)| match index {
            148..156 => b' ',
            _ => *byte,
        });
        let sum: u64 = fields.clone().map(u64::from).sum();
        // Some old programs added signed bytes.
        let signed: i64 = fields.map(|byte| i64::from(byte.cast_signed())).sum();
        if stated != sum && i64::try_from(stated) != Ok(signed) {
            return None;
        }
        let mut name = until_nul(block.get(..100)?).to_vec();
        // GNU archives use the prefix for other fields.
        let is_posix = block.get(257..263)? == b"ustar\0";
        let prefix = until_nul(block.get(345..500)?);
        if is_posix && !prefix.is_empty() {
            name = [prefix, b"/", &name].concat();
        }
        Some(Self {
            name,
            size: number(block.get(124..136)?)?,
            kind: *block.get(156)?,
        })
    }
}

fn until_nul(field: &[u8]) -> &[u8] {
    let end = memchr::memchr(0, field).unwrap_or(field.len());
    field.get(..end).unwrap_or(field)
}

/// Returns a number in octal digits, or in binary if the first bit is set.
fn number(field: &[u8]) -> Option<u64> {
    if field.first().is_some_and(|first| first & 0x80 != 0) {
        // A negative number begins with 0xFF.
        let (first, rest) = field.split_first()?;
        let (high, low) = rest.split_at_checked(rest.len().checked_sub(8)?)?;
        let is_small = *first == 0x80 && high.iter().all(|byte| *byte == 0);
        return is_small.then(|| u64::from_be_bytes(low.try_into().unwrap_or([0xFF; 8])));
    }
    let text = std::str::from_utf8(until_nul(field)).ok()?.trim();
    if text.is_empty() {
        return Some(0);
    }
    u64::from_str_radix(text, 8).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &str, size: &str, kind: u8) -> Vec<u8> {
        let mut block = vec![0; BLOCK];
        block[..name.len()].copy_from_slice(name.as_bytes());
        block[124..124 + size.len()].copy_from_slice(size.as_bytes());
        block[156] = kind;
        block[257..263].copy_from_slice(b"ustar\0");
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
        let pax = b"20 path=dir/long.pdf\n13 comment=x\n";
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
    fn sizes_are_octal_or_binary() {
        assert_eq!(number(b"0000644\0"), Some(0o644));
        assert_eq!(number(b" 17 \0\0"), Some(15));
        let binary = [0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0];
        assert_eq!(number(&binary), Some(2 << 32));
        assert_eq!(number(&[0xFF; 12]), None);
        assert_eq!(number(b"9"), None);
    }

    #[test]
    fn the_number_of_members_is_limited() {
        let archive = header("a.pdf", "0", b'0').repeat(5);
        let list = list(&archive, 3).unwrap();
        assert_eq!(list.members.len(), 3);
        assert_eq!(list.incomplete, Some(ArchiveError::Members(3)));
    }
}
