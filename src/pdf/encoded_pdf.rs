//! Recognizes text that carries a PDF: e-mails, base64, data URIs and hexadecimal digits.

use super::file_kind::FileKind;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use encoding_rs::Encoding;
use memchr::memmem;

/// Bytes of decoded data that are searched for the header of a PDF.
const HEADER_WINDOW: usize = 1024;
/// Bytes of text from which these are decoded.
const TEXT_WINDOW: usize = 4096;
/// Bytes of an e-mail that are searched for attachments.
const MAIL_WINDOW: usize = 64 << 20;
/// Attachments that are listed.
const MAX_ATTACHMENTS: usize = 20;
/// Characters kept of a name.
const MAX_NAME_CHARS: usize = 80;
/// Header fields that only programs write.
const TECHNICAL_FIELDS: [&str; 10] = [
    "received",
    "return-path",
    "delivered-to",
    "message-id",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "dkim-signature",
    "arc-seal",
    "authentication-results",
];
/// Further header fields of e-mails.
const FIELDS: [&str; 7] = ["from", "to", "cc", "subject", "date", "reply-to", "sender"];

/// Returns the kind of a text that carries a PDF, or of an e-mail with or without one.
pub(super) fn detect(bytes: &[u8]) -> Option<FileKind> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = bytes.trim_ascii_start();
    let Some(form) = mail_form(text) else {
        return encoded(text);
    };
    Some(match form {
        MailForm::WebPage => FileKind::SavedWebPage,
        MailForm::Mailbox => FileKind::Mailbox(attachments(text)),
        MailForm::Mail => FileKind::Email(attachments(text)),
    })
}

/// Returns whether a file is an e-mail. Its attachments can contain what looks like objects.
pub(super) fn is_mail(bytes: &[u8]) -> bool {
    mail_form(bytes).is_some()
}

/// The forms of text with the fields of an e-mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MailForm {
    Mail,
    Mailbox,
    WebPage,
}

/// Returns the form of an e-mail by its first bytes, some KiB or all of them.
///
/// Lines that are no fields end its head, also the last one if it is cut. Text has fields by
/// accident (`From: 01/04/2024`), so one that only programs write is required, or three common
/// ones. Behind the line that begins a mailbox, any known field suffices.
pub(super) fn mail_form(start: &[u8]) -> Option<MailForm> {
    let start = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start);
    let text = start.trim_ascii_start();
    let is_mailbox = text.starts_with(b"From ");
    let lines = text.split(|byte| *byte == b'\n');
    let (mut technical, mut known) = (0, Vec::new());
    for line in lines.skip(usize::from(is_mailbox)) {
        if line.starts_with(b" ") || line.starts_with(b"\t") || line.starts_with(b">From ") {
            continue;
        }
        let Some(name) = field_name(line) else {
            break;
        };
        technical += usize::from(TECHNICAL_FIELDS.contains(&name.as_str()));
        known.extend(FIELDS.into_iter().find(|field| *field == name));
    }
    let has = |field| known.contains(&field);
    let is_mail = technical > 0 && technical + known.len() >= 2
        || has("from") && has("subject") && known.len() >= 3
        || is_mailbox && technical + known.len() > 0;
    if !is_mail {
        return None;
    }
    let head = text.get(..TEXT_WINDOW).unwrap_or(text).to_ascii_lowercase();
    let is_page = memmem::find(&head, b"multipart/related").is_some()
        && (memmem::find(&head, b"snapshot-content-location").is_some()
            || memmem::find(&head, b"saved by").is_some());
    Some(match is_mailbox {
        _ if is_page => MailForm::WebPage,
        true => MailForm::Mailbox,
        false => MailForm::Mail,
    })
}

/// Returns the name of the field in a line, in lower case.
pub(super) fn field_name(line: &[u8]) -> Option<String> {
    let colon = memchr::memchr(b':', line)?;
    let name = line.get(..colon)?.trim_ascii_end();
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let is_field = !name.is_empty() && name.iter().all(is_name);
    is_field.then(|| String::from_utf8_lossy(name).to_ascii_lowercase())
}

/// Returns the kind of a text that is an encoding of a PDF.
fn encoded(text: &[u8]) -> Option<FileKind> {
    let start = text.get(..TEXT_WINDOW).unwrap_or(text);
    if start
        .get(..5)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"data:"))
    {
        let comma = memchr::memchr(b',', start)?;
        let (head, data) = start.split_at(comma);
        let head = String::from_utf8_lossy(head);
        let is_pdf = head.to_ascii_lowercase().contains("application/pdf");
        return (is_pdf || is_base64_pdf(data.get(1..)?))
            .then(|| FileKind::DataUri(parameter(&head, "name")));
    }
    // Some programs put quotation marks around the text.
    let start = start.strip_prefix(b"\"").unwrap_or(start);
    if is_base64_pdf(start) {
        return Some(FileKind::Base64Pdf);
    }
    if is_hexadecimal_pdf(start) {
        return Some(FileKind::HexadecimalPdf);
    }
    // The base64 form of `%PDF-`.
    let is_json = start.starts_with(b"{") || start.starts_with(b"[");
    (is_json && memmem::find(text, b"JVBERi0").is_some()).then_some(FileKind::JsonWithPdf)
}

/// Returns whether base64 text, in lines or not, begins with a PDF.
fn is_base64_pdf(text: &[u8]) -> bool {
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte);
    // Lines of PEM files begin and end with hyphens.
    let lines = text.split(|byte| matches!(byte, b'\n' | b'\r'));
    let lines = lines.filter(|line| !line.starts_with(b"-----"));
    let mut digits: Vec<u8> = Vec::new();
    for byte in lines.flatten().filter(|byte| !byte.is_ascii_whitespace()) {
        if !is_digit(byte) {
            // Padding, a quotation mark or an escaped line end follows the data.
            if !matches!(byte, b'=' | b'"' | b'\\' | b'%') {
                return false;
            }
            break;
        }
        digits.push(match byte {
            b'-' => b'+',
            b'_' => b'/',
            byte => *byte,
        });
    }
    digits.truncate((HEADER_WINDOW * 4 / 3).min(digits.len() / 4 * 4) / 4 * 4);
    let engine = GeneralPurpose::new(&alphabet::STANDARD, config);
    let decoded = engine.decode(&digits);
    decoded.is_ok_and(|data| memmem::find(&data, b"%PDF-").is_some())
}

fn is_hexadecimal_pdf(text: &[u8]) -> bool {
    let mut digits = text.iter().filter(|byte| !byte.is_ascii_whitespace());
    let header: Vec<u8> = digits.by_ref().take(10).copied().collect();
    header.eq_ignore_ascii_case(b"255044462d") && digits.take(100).all(u8::is_ascii_hexdigit)
}

/// Returns the names of the attachments of an e-mail: those of PDFs, or of all files if there is no
/// PDF. An unnamed PDF has an empty name.
fn attachments(mail: &[u8]) -> Vec<String> {
    let mail = mail.get(..MAIL_WINDOW).unwrap_or(mail);
    let mut headers: Vec<String> = Vec::new();
    let mut is_open = false;
    for line in mail.split(|byte| *byte == b'\n') {
        let is_continuation = line.starts_with(b" ") || line.starts_with(b"\t");
        let is_content = ["content-type:", "content-disposition:"]
            .iter()
            .any(|field| {
                line.get(..field.len())
                    .is_some_and(|start| start.eq_ignore_ascii_case(field.as_bytes()))
            });
        is_open = is_content || is_open && is_continuation;
        if !is_open || headers.len() > 20 * MAX_ATTACHMENTS {
            continue;
        }
        let text = String::from_utf8_lossy(line);
        match headers.last_mut().filter(|_| is_continuation) {
            Some(header) => header.push_str(text.trim_end_matches('\r')),
            None => headers.push(text.trim().to_owned()),
        }
    }
    let (mut pdfs, mut others) = (Vec::new(), Vec::new());
    let mut has_unnamed = false;
    for header in &headers {
        let name = ["filename", "name"]
            .iter()
            .find_map(|key| parameter(header, key));
        let is_pdf = header.to_ascii_lowercase().contains("application/pdf");
        match name {
            Some(name) if is_pdf || name.to_lowercase().ends_with(".pdf") => pdfs.push(name),
            Some(name) => others.push(name),
            None => has_unnamed |= is_pdf,
        }
    }
    if pdfs.is_empty() && has_unnamed {
        pdfs.push(String::new());
    }
    let mut names = if pdfs.is_empty() { others } else { pdfs };
    let mut seen = Vec::new();
    names.retain(|name| {
        let is_new = !seen.contains(name);
        seen.push(name.clone());
        is_new
    });
    names.truncate(MAX_ATTACHMENTS);
    names
}

/// Returns a parameter of a header field (RFC 2045), also in parts or percent-encoded (RFC 2231).
fn parameter(header: &str, key: &str) -> Option<String> {
    let mut parts: Vec<(usize, String)> = Vec::new();
    for field in fields(header) {
        let Some((name, value)) = field.split_once('=') else {
            continue;
        };
        let name = name.trim().to_ascii_lowercase();
        let Some(suffix) = name.strip_prefix(key) else {
            continue;
        };
        if !suffix.is_empty() && !suffix.starts_with('*') {
            continue;
        }
        let value = value.trim().trim_matches('"');
        let value = if suffix.ends_with('*') {
            percent_decoded(value)
        } else {
            encoded_words(value)
        };
        let index = suffix.trim_matches('*').parse().unwrap_or(0);
        parts.push((index, value));
    }
    parts.sort_by_key(|(index, _)| *index);
    parts.dedup_by_key(|(index, _)| *index);
    let name: String = parts.into_iter().map(|(_, part)| part).collect();
    let name = clean_name(&name);
    (!name.is_empty()).then_some(name)
}

/// Removes folders and control characters from a file name, and shortens it.
pub(super) fn clean_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = name.chars().filter(|c| !c.is_control());
    name.take(MAX_NAME_CHARS)
        .collect::<String>()
        .trim()
        .to_owned()
}

/// Splits a header field at semicolons outside quotation marks.
fn fields(header: &str) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    header.split(move |c: char| {
        is_quoted ^= c == '"';
        c == ';' && !is_quoted
    })
}

/// Decodes `UTF-8'language'%41` (RFC 2231); later parts have no prefix.
fn percent_decoded(value: &str) -> String {
    let mut parts = value.splitn(3, '\'');
    let (encoding, text) = match (parts.next(), parts.next(), parts.next()) {
        (Some(encoding), Some(_), Some(text)) => (encoding, text),
        _ => ("utf-8", value),
    };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        let code = after.first_chunk::<2>().filter(|_| *first == b'%');
        let code = code.and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => bytes.push(*first),
        }
    }
    decoded(encoding, &bytes)
}

/// Decodes `=?UTF-8?B?…?=` (RFC 2047).
fn encoded_words(value: &str) -> String {
    let mut out = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("=?") {
        let mut parts = after.splitn(3, '?');
        let word = (parts.next(), parts.next(), parts.next());
        let (Some(encoding), Some(method), Some(text)) = word else {
            break;
        };
        let Some((text, after)) = text.split_once("?=") else {
            break;
        };
        // White space between encoded words is not part of the text.
        out.push_str(if out.is_empty() {
            before
        } else {
            before.trim()
        });
        let bytes = if method.eq_ignore_ascii_case("b") {
            let engine = base64::engine::general_purpose::STANDARD;
            engine.decode(text).unwrap_or_default()
        } else {
            return out + &percent_decoded(&text.replace('_', " ").replace('=', "%")) + after;
        };
        out.push_str(&decoded(encoding, &bytes));
        rest = after;
    }
    out + rest
}

fn decoded(encoding: &str, bytes: &[u8]) -> String {
    let encoding = Encoding::for_label(encoding.as_bytes()).unwrap_or(encoding_rs::UTF_8);
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE64: &str =
        "JVBERi0xLjQKJeLjz9MKMSAwIG9iago8PCAvVHlwZSAvQ2F0YWxvZyAvUGFnZXMgMiAwIFIgPj4";

    fn check(text: &str, expected: impl Into<Option<FileKind>>) {
        assert_eq!(detect(text.as_bytes()), expected.into(), "{text}");
    }

    #[test]
    fn encodings_of_a_pdf_are_recognized() {
        check(BASE64, Some(FileKind::Base64Pdf));
        check(
            &format!("\u{FEFF}\n{BASE64}\r\n{BASE64}==\n"),
            Some(FileKind::Base64Pdf),
        );
        check(&format!("\"{BASE64}\""), Some(FileKind::Base64Pdf));
        check(
            &format!("-----BEGIN PDF-----\n{BASE64}\n"),
            Some(FileKind::Base64Pdf),
        );
        check(
            &format!("{{\"file\": \"{BASE64}\"}}"),
            Some(FileKind::JsonWithPdf),
        );
        check(
            "255044462D312E340A25E2E3CFD30A",
            Some(FileKind::HexadecimalPdf),
        );
        let uri = format!("data:application/pdf;base64,{BASE64}");
        check(&uri, Some(FileKind::DataUri(None)));
        let named = format!("DATA:application/octet-stream;name=april.pdf;base64,{BASE64}");
        check(
            &named,
            Some(FileKind::DataUri(Some("april.pdf".to_owned()))),
        );
        check("Date,Narration,Balance\n01/04/2024,UPI,100\n", None);
        check("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ", None);
        check("data:image/png;base64,iVBORw0KGgo", None);
        check("", None);
    }

    #[test]
    fn attachments_of_an_email_are_named() {
        let mail = |part: &str| {
            format!(
                "Received: from x\r\n\tby y\r\nFrom: a@example.org\r\nSubject: Statement\r\n\
                 Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\n{part}\r\n\r\n\
                 {BASE64}\r\n--b--\r\n"
            )
        };
        let check_part = |part: &str, names: &[&str]| {
            let names = names.iter().map(|name| (*name).to_owned()).collect();
            check(&mail(part), Some(FileKind::Email(names)));
        };
        check_part("Content-Type: text/plain", &[]);
        check_part("Content-Type: application/pdf", &[""]);
        check_part(
            "Content-Type: application/pdf; name=\"a; b.pdf\"",
            &["a; b.pdf"],
        );
        check_part(
            "Content-Type: image/png; name=logo.png\r\n\r\nx\r\n\
             Content-Type: x/y;\r\n name=\"S.PDF\"",
            &["S.PDF"],
        );
        check_part(
            "content-disposition: attachment;\r\n filename=../../a.zip",
            &["a.zip"],
        );
        check_part(
            "Content-Disposition: attachment; filename*=UTF-8''%E0%A4%85%20x.pdf",
            &["\u{905} x.pdf"],
        );
        check_part(
            "Content-Disposition: attachment; filename*0=\"long \";\r\n\tfilename*1=\"name.pdf\"",
            &["long name.pdf"],
        );
        check_part(
            "Content-Type: application/pdf; name=\"=?UTF-8?B?YXByaWw=?= =?UTF-8?Q?_1=2Epdf?=\"",
            &["april 1.pdf"],
        );
        let mailbox = format!(
            "From a@example.org Mon Apr  1\n{}",
            mail("Content-Type: text/plain")
        );
        check(&mailbox, Some(FileKind::Mailbox(Vec::new())));
        check("From: 01/04/2024\nTo: 30/06/2024\n\nDate Amount\n", None);
        check(
            "From: a@b.c\nTo: d@e.f\nSubject: April\n\ntext\n",
            Some(FileKind::Email(Vec::new())),
        );
        let page =
            "From: <Saved by Blink>\nMIME-Version: 1.0\nContent-Type: multipart/related;\n\n";
        check(page, Some(FileKind::SavedWebPage));
    }
}
