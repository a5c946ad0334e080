//! Files of other formats that are named like a PDF.

use super::images::{Bitmap, Codec};
use super::random::Random;
use super::sheet::{POINT, Sheet, Weight};
use super::{Case, GroundTruth};

/// Returns all cases of other formats.
pub fn cases() -> Vec<Case> {
    let word = zip(&[
        ("[Content_Types].xml", b"<?xml version=\"1.0\"?><Types/>"),
        ("word/document.xml", b"<?xml version=\"1.0\"?><w:document/>"),
    ]);
    let html = "<!DOCTYPE html>\n<html><head><title>Session expired</title></head>\n\
                <body><p>Please log in again to download your statement.</p></body></html>\n";
    let text = "STATEMENT OF ACCOUNT\nA/C NO 30017482695\nDATE        DEBIT     CREDIT   BALANCE\n\
                01/04/2024  500.00              12,500.00\n";
    let rtf = "{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}\\f0 Statement of account\\par}\n";
    let named: [(&str, &'static str, Vec<u8>); 12] = [
        ("page.html", "an HTML page with a login prompt", html.into()),
        (
            "archive.zip",
            "a ZIP archive",
            zip(&[("statement.txt", text.as_bytes())]),
        ),
        (
            "letter.docx",
            "a word processor document, which is also a ZIP archive",
            word,
        ),
        ("photo.jpg", "a JPEG", photo()),
        ("screen.png", "a PNG of one pixel", PNG.to_vec()),
        ("dot.gif", "a GIF of one pixel", GIF.to_vec()),
        ("fax.tiff", "a TIFF of eight pixels", TIFF.to_vec()),
        ("rows.txt", "a statement as plain text", text.into()),
        ("letter.rtf", "rich text", rtf.into()),
        (
            "noise.bin",
            "random bytes",
            Random::new(77).bytes::<3000>().to_vec(),
        ),
        ("header_only", "only a PDF header", b"%PDF-1.4\n".to_vec()),
        ("empty", "an empty file", Vec::new()),
    ];
    named
        .into_iter()
        .map(|(name, note, bytes)| {
            let code = if bytes.is_empty() {
                "EMPTY_FILE"
            } else {
                "INVALID_FILE_OBJECT"
            };
            let path = format!("foreign/{name}.pdf");
            Case {
                path,
                note,
                bytes,
                truth: GroundTruth::unreadable(),
            }
            .with_code(code)
        })
        .collect()
}

/// Returns a JPEG of a statement.
fn photo() -> Vec<u8> {
    let mut sheet = Sheet::default();
    sheet.text(
        60 * POINT,
        700 * POINT,
        24 * POINT,
        Weight::Bold,
        "PHOTO OF A STATEMENT",
    );
    Bitmap::of(&sheet, 36).encoded(Codec::Jpeg).1
}

/// Returns a ZIP archive of uncompressed members.
fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    for (name, data) in members {
        let size = u32::try_from(data.len()).expect("small").to_le_bytes();
        let name_length = u16::try_from(name.len()).expect("short").to_le_bytes();
        let offset = u32::try_from(out.len()).expect("small").to_le_bytes();
        // Version 1.0, no flags, stored, midnight of 1980-01-01, checksum, both sizes, name.
        let common = [
            &[10, 0, 0, 0, 0, 0, 0, 0, 0x21, 0][..],
            &crc32(data).to_le_bytes(),
            &size,
            &size,
            &name_length,
            &[0, 0],
        ]
        .concat();
        directory.extend([b"PK\x01\x02\x0A\0", &common[..], &[0; 10], &offset].concat());
        directory.extend(name.bytes());
        out.extend([b"PK\x03\x04", &common[..], name.as_bytes(), data].concat());
    }
    let count = u16::try_from(members.len()).expect("few").to_le_bytes();
    let start = u32::try_from(out.len()).expect("small").to_le_bytes();
    let size = u32::try_from(directory.len()).expect("small").to_le_bytes();
    out.extend(directory);
    out.extend(
        [
            b"PK\x05\x06\0\0\0\0",
            &count[..],
            &count,
            &size,
            &start,
            &[0, 0],
        ]
        .concat(),
    );
    out
}

fn crc32(data: &[u8]) -> u32 {
    let sum = data.iter().fold(u32::MAX, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| {
            if sum & 1 == 1 {
                (sum >> 1) ^ 0xEDB8_8320
            } else {
                sum >> 1
            }
        })
    });
    !sum
}

const PNG: &[u8] =
    b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3A\x7E\x9B\x55\
\0\0\0\x0AIDAT\x78\x9C\x63\xF8\x0F\0\x01\x01\x01\0\x1B\xB6\xEE\x56\0\0\0\0IEND\xAE\x42\x60\x82";

const GIF: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xFF\xFF\xFF\x2C\0\0\0\0\x01\0\x01\0\0\
\x02\x02\x44\x01\0\x3B";

/// Little-endian, one strip, one bit per pixel.
const TIFF: &[u8] = b"II*\0\x0A\0\0\0\xA5\0\x06\0\
\x00\x01\x03\0\x01\0\0\0\x08\0\0\0\x01\x01\x03\0\x01\0\0\0\x01\0\0\0\
\x03\x01\x03\0\x01\0\0\0\x01\0\0\0\x06\x01\x03\0\x01\0\0\0\x01\0\0\0\
\x11\x01\x04\0\x01\0\0\0\x08\0\0\0\x17\x01\x04\0\x01\0\0\0\x01\0\0\0\0\0\0\0";
