//! Reads mails (RFC 5322, MIME by RFC 2045 to 2047 and RFC 2231): their attachments and texts.

mod fields;
mod transfer;

pub(super) use transfer::Transfer;

use super::{Archive, ArchiveError, ArchiveKind, Member, MemberData, MemberList, Unread, damaged};
use fields::{Fields, Parameters};
use memchr::memmem;
use std::ops::Range;

/// Maximum depth of parts in parts.
const MAX_PART_DEPTH: usize = 16;
/// Bytes of a text that are read, before decoding. Mails of banks have some ten thousand.
const MAX_TEXT_BYTES: usize = 64 << 10;

/// The result of reading a mail.
pub(super) struct Mail {
    pub(super) list: MemberList,
    pub(super) text: TextParts,
}

/// The texts of a mail, and its sender.
#[derive(Debug, Default)]
pub(super) struct TextParts {
    /// The fields `From` and `Subject`, as they are written.
    head: String,
    parts: Vec<TextPart>,
}

#[derive(Debug)]
struct TextPart {
    range: Range<usize>,
    transfer: Transfer,
    is_html: bool,
}

/// What a mail states, for hints about the passwords of its attachments. It is untrusted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MailText {
    /// Sender, subject and texts, with the markup of HTML removed.
    pub text: String,
    /// The host names of mail addresses in it, in lower case: those of the sender first.
    pub hosts: Vec<String>,
}

/// Lists the attachments of a mail, at most `max`, and mails in it. Texts are not members.
pub(super) fn list(bytes: &[u8], max: usize) -> Mail {
    let mut reader = Reader {
        bytes,
        max,
        parts: max,
        list: MemberList::default(),
        text: TextParts::default(),
    };
    reader.read_part(0..bytes.len(), 0);
    Mail {
        list: reader.list,
        text: reader.text,
    }
}

struct Reader<'b> {
    bytes: &'b [u8],
    max: usize,
    /// Parts that may still be read, texts and empty ones included.
    parts: usize,
    list: MemberList,
    text: TextParts,
}

impl Reader<'_> {
    fn slice(&self, range: &Range<usize>) -> &[u8] {
        self.bytes.get(range.clone()).unwrap_or_default()
    }

    /// Returns whether a limit was reached.
    fn is_exhausted(&self) -> bool {
        matches!(
            self.list.incomplete,
            Some(ArchiveError::Members(_) | ArchiveError::Depth(_))
        )
    }

    fn read_part(&mut self, part: Range<usize>, depth: usize) {
        let Some(left) = self.parts.checked_sub(1) else {
            self.list.incomplete = Some(ArchiveError::Members(self.max));
            return;
        };
        self.parts = left;
        let bytes = self.slice(&part);
        let (head, body) = fields::split(bytes);
        let fields = Fields::parse(bytes.get(..head).unwrap_or_default());
        let body = part.start + body..part.end;
        if depth == 0 {
            let stated = |name| fields.get(name).unwrap_or_default();
            self.text.head = format!("{}\n{}\n", stated("from"), stated("subject"));
        }
        let content_type = fields.get("content-type").unwrap_or_default();
        let content_type = Parameters::parse(&content_type);
        let transfer = fields.get("content-transfer-encoding").unwrap_or_default();
        let transfer = Transfer::parse(&transfer);
        if content_type.value.starts_with("multipart/") {
            let boundary = content_type.get("boundary");
            let boundary = boundary.filter(|boundary| !boundary.is_empty());
            let has_parts =
                boundary.is_some_and(|boundary| self.read_parts(&body, &boundary, depth));
            if !has_parts && !self.slice(&body).trim_ascii().is_empty() {
                let what = "nothing separates its parts";
                let error = damaged(ArchiveKind::Mail, what);
                self.list.incomplete.get_or_insert(error);
            }
            return;
        }
        let disposition = fields.get("content-disposition").unwrap_or_default();
        let disposition = Parameters::parse(&disposition);
        let name = disposition
            .get("filename")
            .or_else(|| content_type.get("name"))
            .filter(|name| !name.is_empty());
        let is_text = content_type.value.is_empty() || content_type.value.starts_with("text/");
        if is_text && name.is_none() && disposition.value != "attachment" {
            self.text.parts.push(TextPart {
                range: body,
                transfer,
                is_html: content_type.value == "text/html",
            });
            return;
        }
        let kind = match content_type.value.as_str() {
            "message/rfc822" => Some(ArchiveKind::Mail),
            "application/ms-tnef" | "application/vnd.ms-tnef" => {
                Some(ArchiveKind::Unread(Unread::Tnef))
            }
            // A signature has a name of its own, and no content.
            "application/pkcs7-mime" | "application/x-pkcs7-mime" | "application/pgp-encrypted" => {
                Some(ArchiveKind::Unread(Unread::SecureMail))
            }
            _ => None,
        };
        let number = self.list.members.len() + 1;
        let name = name.unwrap_or_else(|| match content_type.value.as_str() {
            "application/pdf" => format!("attachment-{number}.pdf"),
            "message/rfc822" => format!("attachment-{number}.eml"),
            _ => format!("attachment-{number}"),
        });
        self.list.members.push(Member {
            name: name.into_bytes(),
            size: transfer.max_size(body.len()),
            kind,
            data: MemberData::Encoded(body, transfer),
        });
    }

    /// Reads the parts between the lines that begin with `--` and the boundary. Returns whether
    /// there is one.
    fn read_parts(&mut self, body: &Range<usize>, boundary: &str, depth: usize) -> bool {
        if depth >= MAX_PART_DEPTH {
            self.list.incomplete = Some(ArchiveError::Depth(MAX_PART_DEPTH));
            return true;
        }
        let delimiter = format!("--{boundary}");
        let found = delimiters(self.slice(body), delimiter.as_bytes(), self.parts);
        let ends = found.iter().skip(1).map(|next| next.start);
        // A mail that is cut short has no last delimiter.
        let ends = ends.chain([body.len()]);
        for (delimiter, end) in found.iter().zip(ends) {
            if delimiter.is_last || self.is_exhausted() {
                break;
            }
            self.read_part(body.start + delimiter.end..body.start + end, depth + 1);
        }
        !found.is_empty()
    }
}

struct Delimiter {
    /// Offset of the end of the part before it.
    start: usize,
    /// Offset of the next line.
    end: usize,
    is_last: bool,
}

/// Returns the delimiters in a body: those of `max` parts, and one more if there are more.
fn delimiters(body: &[u8], delimiter: &[u8], max: usize) -> Vec<Delimiter> {
    let mut found = Vec::new();
    for at in memmem::find_iter(body, delimiter) {
        let before = body.get(..at).unwrap_or_default();
        // First of all, so that the rest of a line is searched once, however often it repeats the
        // delimiter.
        if !before.is_empty() && !before.ends_with(b"\n") {
            continue;
        }
        let after = body.get(at + delimiter.len()..).unwrap_or_default();
        let line = memchr::memchr(b'\n', after).unwrap_or(after.len());
        let rest = after.get(..line).unwrap_or_default();
        let (is_last, rest) = match rest.strip_prefix(b"--") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        if found.len() > max + 1 {
            break;
        }
        // Another boundary can begin with this one.
        if !rest.trim_ascii().is_empty() {
            continue;
        }
        let before = before.strip_suffix(b"\n").unwrap_or(before);
        let before = before.strip_suffix(b"\r").unwrap_or(before);
        found.push(Delimiter {
            start: before.len(),
            end: (at + delimiter.len() + line + 1).min(body.len()),
            is_last,
        });
    }
    found
}

impl Archive {
    /// Returns the texts of a mail; `None` for another archive.
    pub fn mail_text(&self) -> Option<MailText> {
        let own = self.text.as_ref()?;
        let mut text = own.head.clone();
        for part in &own.parts {
            let encoded = self.slice(&part.range);
            let encoded = encoded.get(..MAX_TEXT_BYTES).unwrap_or(encoded);
            let decoded = part.transfer.decode(encoded);
            let decoded = String::from_utf8_lossy(&decoded);
            text.push('\n');
            if part.is_html {
                push_without_markup(&mut text, &decoded);
            } else {
                text.push_str(&decoded);
            }
            if text.len() > MAX_TEXT_BYTES {
                break;
            }
        }
        let hosts = hosts(&text);
        Some(MailText { text, hosts })
    }
}

/// Adds the text of an HTML page: elements become spaces, and common references characters.
fn push_without_markup(text: &mut String, page: &str) {
    const HIDDEN: [&str; 2] = ["style", "script"];
    let lower_page = page.to_ascii_lowercase();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        text.push(' ');
        let tag = after.split(['>', ' ']).next().unwrap_or_default();
        let tag = tag.to_ascii_lowercase();
        let Some((_, after)) = after.split_once('>') else {
            rest = "";
            break;
        };
        rest = after;
        if HIDDEN.contains(&tag.as_str()) {
            let end = format!("</{tag}");
            // Lower case of ASCII letters keeps all offsets.
            let lower = lower_page.get(page.len() - after.len()..);
            let skipped = lower.unwrap_or_default().find(&end);
            rest = skipped.and_then(|end| after.get(end..)).unwrap_or_default();
        }
    }
    text.push_str(rest);
    for (reference, character) in [("&nbsp;", " "), ("&amp;", "&"), ("&#39;", "'")] {
        if text.contains(reference) {
            *text = text.replace(reference, character);
        }
    }
}

/// Returns the host names of the mail addresses in a text, each once.
fn hosts(text: &str) -> Vec<String> {
    const MAX_HOSTS: usize = 20;
    let mut hosts: Vec<String> = Vec::new();
    for after in text.split('@').skip(1) {
        let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        let end = after.find(|c| !is_host(c)).unwrap_or(after.len());
        let host = after.get(..end).unwrap_or_default().trim_end_matches('.');
        let host = host.to_ascii_lowercase();
        if host.contains('.') && !hosts.contains(&host) {
            hosts.push(host);
        }
        if hosts.len() == MAX_HOSTS {
            break;
        }
    }
    hosts
}

#[cfg(test)]
mod tests {
    use super::super::{ArchiveLimits, Tries};
    use super::*;
    use std::sync::Arc;

    fn open(mail: &str) -> Archive {
        let bytes = Arc::new(mail.as_bytes().to_vec());
        Archive::open(bytes, b"a.eml", &ArchiveLimits::new(1 << 20)).unwrap()
    }

    fn members(mail: &Archive) -> Vec<(String, Vec<u8>)> {
        let all = 0..mail.members.len();
        let read = all.map(|index| {
            let name = String::from_utf8_lossy(mail.name(index).unwrap()).into_owned();
            (
                name,
                mail.read(index, 1 << 20, &Tries::of(&[])).unwrap().bytes,
            )
        });
        read.collect()
    }

    #[test]
    fn parts_are_attachments_or_texts() {
        let mail = open(
            "From: Bank <alerts@hdfcbank.net>\r\nSubject: =?utf-8?B?QXByaWw=?=\r\n\
             Content-Type: multipart/mixed;\r\n boundary=\"b;1\"\r\n\r\npreamble\r\n--b;1\r\n\
             Content-Type: multipart/alternative; boundary=b;1x\r\n\r\n\
             --b\r\n\r\n--b;1\r\nContent-Type: text/html\r\n\r\n<style>p{}</style>\
             <p>Your&nbsp;password</p>\r\n--b;1\r\n\
             Content-Type: application/pdf; name=\"a.pdf\"\r\n\
             Content-Transfer-Encoding: base64\r\n\r\nJVBE\r\nRi0=\r\n--b;1\r\n\
             Content-Disposition: attachment; filename*0*=utf-8''b%20; filename*1=c.pdf\r\n\r\n\
             plain\r\n--b;1--\r\nepilogue",
        );
        let expected = [("a.pdf", "%PDF-"), ("b c.pdf", "plain")];
        let expected = expected.map(|(name, text)| (name.to_owned(), text.into()));
        assert_eq!(members(&mail), expected);
        let text = mail.mail_text().unwrap();
        assert_eq!(text.hosts, ["hdfcbank.net"]);
        assert!(text.text.contains("April"), "{}", text.text);
        assert!(text.text.contains("Your password"), "{}", text.text);
        assert!(!text.text.contains("p{}"));
    }

    #[test]
    fn a_mail_that_is_one_file_or_cut_short_is_read() {
        let mail = open(
            "Content-Type: application/pdf\nContent-Transfer-Encoding: quoted-printable\n\
             MIME-Version: 1.0\n\n%PDF=2D=\n1",
        );
        let expected = ("attachment-1.pdf".to_owned(), b"%PDF-1".to_vec());
        assert_eq!(members(&mail), [expected]);
        let cut = open(
            "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: application/pdf\n\n\
             %PDF",
        );
        assert_eq!(members(&cut)[0].1, b"%PDF");
    }

    #[test]
    fn mails_in_mails_are_members_and_deep_parts_are_limited() {
        let mail = open(
            "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: message/rfc822\n\n\
             Subject: inner\n\ntext\n--x--\n",
        );
        assert_eq!(mail.members[0].kind, Some(ArchiveKind::Mail));
        assert_eq!(mail.members[0].name, b"attachment-1.eml");
        let mut deep = String::new();
        for depth in 0..50 {
            let part =
                format!("Content-Type: multipart/mixed; boundary=x{depth}.\n\n--x{depth}.\n");
            deep.push_str(&part);
        }
        let deep = open(&deep);
        let many = format!(
            "Content-Type: multipart/mixed; boundary=x\n\n{}",
            "--x\n".repeat(20_000)
        );
        let many = open(&many);
        assert_eq!(many.incomplete, Some(ArchiveError::Members(10_000)));
        assert!(many.text.unwrap().parts.len() <= 10_000);
        // A line that repeats the delimiter is searched once: otherwise this takes hours.
        let line = format!(
            "Content-Type: multipart/mixed; boundary=x\n\n{}",
            "--x".repeat(8 << 20)
        );
        assert_eq!(open(&line).members.len(), 0);
        assert_eq!(deep.incomplete, Some(ArchiveError::Depth(MAX_PART_DEPTH)));
    }
}
