//! Splits mailboxes in the mbox format (RFC 4155) into mails.

use super::{ArchiveError, ArchiveKind, Member, MemberData, MemberList};
use memchr::memmem;

/// Lists the mails of a mailbox, at most `max`.
///
/// A mail begins behind a line that starts with `From `, follows an empty line, and is followed by
/// a field. Lines of a text that start so are escaped or not, depending on the program; a field
/// behind them is rare. Escaped lines stay as they are: encoded PDF files have none.
pub(super) fn list(bytes: &[u8], max: usize) -> MemberList {
    let mut starts = Vec::new();
    let mut last_end = bytes.len();
    let mut list = MemberList::default();
    for found in memmem::find_iter(bytes, b"From ") {
        if !is_separator(bytes, found) {
            continue;
        }
        if starts.len() == max {
            list.incomplete = Some(ArchiveError::Members(max));
            last_end = found;
            break;
        }
        starts.push(found);
    }
    let ends = starts.iter().skip(1).copied().chain([last_end]);
    for (index, (start, end)) in starts.iter().copied().zip(ends).enumerate() {
        let line = bytes.get(start..end).unwrap_or_default();
        let skipped = memchr::memchr(b'\n', line).map_or(line.len(), |end| end + 1);
        list.members.push(Member {
            name: format!("message-{}", index + 1).into_bytes(),
            size: (end - start - skipped) as u64,
            kind: Some(ArchiveKind::Mail),
            data: MemberData::Plain(start + skipped..end),
        });
    }
    list
}

fn is_separator(bytes: &[u8], start: usize) -> bool {
    let before = bytes.get(..start).unwrap_or_default();
    let follows_empty_line =
        before.is_empty() || before.ends_with(b"\n\n") || before.ends_with(b"\n\r\n");
    if !follows_empty_line {
        return false;
    }
    let line = bytes.get(start..).unwrap_or_default();
    let next = memchr::memchr(b'\n', line).and_then(|end| line.get(end + 1..));
    next.is_some_and(|next| {
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
        let name = next.iter().position(|byte| !is_name(byte));
        let colon = name.filter(|end| *end > 0).and_then(|end| next.get(end));
        // Old mailboxes repeat the separator, escaped.
        colon == Some(&b':') || next.starts_with(b">From ")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mails_begin_behind_separators_only() {
        let text = "From a@example.com Mon\nSubject: one\n\nFrom now on, text.\n\nFrom here\n\n\
                    From b@example.com Tue\r\nSubject: two\r\n\r\ntext\r\n\r\n\
                    From c@example.com Wed\nSubject: three\n\n";
        let list = list(text.as_bytes(), 99);
        let texts: Vec<&str> = list
            .members
            .iter()
            .map(|member| match &member.data {
                MemberData::Plain(range) => text.get(range.clone()).unwrap(),
                _ => "",
            })
            .collect();
        let first = "Subject: one\n\nFrom now on, text.\n\nFrom here\n\n";
        assert_eq!(texts[0], first);
        assert_eq!(texts[1], "Subject: two\r\n\r\ntext\r\n\r\n");
        assert_eq!(texts.len(), 3);
        assert_eq!(list.members[2].name, b"message-3");
    }

    #[test]
    fn the_number_of_mails_is_limited() {
        let text = "From a\nTo: b\n\n".repeat(4);
        let list = list(text.as_bytes(), 2);
        assert_eq!(list.members.len(), 2);
        assert_eq!(list.incomplete, Some(ArchiveError::Members(2)));
    }
}
