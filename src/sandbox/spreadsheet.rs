//! Writes a spreadsheet with one sheet in the format Office Open XML (ECMA-376).
//!
//! The file is a ZIP archive whose entries are stored without compression: the sheets are small.

use crate::text::sanitize;
use flate2::Crc;
use std::fmt::Write as _;

/// The first line of every part.
const DECLARATION: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;
/// The types of the parts, by extension and by name.
const CONTENT_TYPES: &str = concat!(
    r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">"#,
    r#"<Default Extension="rels" ContentType="#,
    r#""application/vnd.openxmlformats-package.relationships+xml"/>"#,
    r#"<Default Extension="xml" ContentType="application/xml"/>"#,
    r#"<Override PartName="/xl/workbook.xml" ContentType="#,
    r#""application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>"#,
    r#"<Override PartName="/xl/worksheets/sheet1.xml" ContentType="#,
    r#""application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>"#,
    "</Types>"
);
/// The namespace of relationships inside of the workbook.
const RELATIONSHIPS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

/// A value in a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    /// Text, which is never a formula.
    Text(String),
    Number(u64),
}

impl Cell {
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// Returns a workbook with one sheet. `name` is plain text of at most 31 characters.
pub(super) fn workbook(name: &str, rows: &[Vec<Cell>]) -> Vec<u8> {
    let workbook = format!(
        "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{RELATIONSHIPS}\"><sheets><sheet name=\"{}\" \
         sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>",
        escape(name)
    );
    let parts = [
        ("[Content_Types].xml", CONTENT_TYPES.to_owned()),
        (
            "_rels/.rels",
            relationship("officeDocument", "xl/workbook.xml"),
        ),
        ("xl/workbook.xml", workbook),
        (
            "xl/_rels/workbook.xml.rels",
            relationship("worksheet", "worksheets/sheet1.xml"),
        ),
        ("xl/worksheets/sheet1.xml", sheet(rows)),
    ];
    archive(&parts.map(|(name, part)| (name, format!("{DECLARATION}\n{part}"))))
}

/// Returns the relationships of a part that has one.
fn relationship(kind: &str, target: &str) -> String {
    format!(
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
         <Relationship Id=\"rId1\" Type=\"{RELATIONSHIPS}/{kind}\" Target=\"{target}\"/>\
         </Relationships>"
    )
}

fn sheet(rows: &[Vec<Cell>]) -> String {
    let mut xml = format!("<worksheet xmlns=\"{MAIN}\"><sheetData>");
    for (number, row) in (1..).zip(rows) {
        let _infallible = write!(xml, "<row r=\"{number}\">");
        for (column, cell) in ('A'..='Z').zip(row) {
            let place = format!("{column}{number}");
            let _infallible = match cell {
                Cell::Text(text) => write!(
                    xml,
                    "<c r=\"{place}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is>\
                     </c>",
                    escape(text)
                ),
                Cell::Number(number) => write!(xml, "<c r=\"{place}\"><v>{number}</v></c>"),
            };
        }
        xml.push_str("</row>");
    }
    xml + "</sheetData></worksheet>"
}

/// Escapes text for XML, in which control characters are not allowed.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in sanitize(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Returns a ZIP archive of stored entries (APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16).
fn archive(entries: &[(&str, String)]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut directory = Vec::new();
    for (name, content) in entries {
        let offset = length(file.len());
        let header = entry_header(name, content);
        file.extend(b"PK\x03\x04");
        file.extend(&header);
        file.extend(name.as_bytes());
        file.extend(content.as_bytes());
        directory.extend(b"PK\x01\x02");
        // The version that made the entry: 2.0.
        directory.extend([20, 0]);
        directory.extend(&header);
        // No comment, disk 0, no attributes.
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let start = length(file.len());
    let count = u16::try_from(entries.len()).unwrap_or(u16::MAX);
    file.extend(&directory);
    file.extend(b"PK\x05\x06");
    // This disk, and the disk of the directory.
    file.extend([0; 4]);
    file.extend(count.to_le_bytes());
    file.extend(count.to_le_bytes());
    file.extend(length(directory.len()).to_le_bytes());
    file.extend(start.to_le_bytes());
    // No comment.
    file.extend([0; 2]);
    file
}

/// Returns the fields that an entry has both before its content and in the directory.
fn entry_header(name: &str, content: &str) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(content.as_bytes());
    let bytes = length(content.len()).to_le_bytes();
    let name_bytes = u16::try_from(name.len()).unwrap_or(u16::MAX);
    let mut header = Vec::new();
    // The version needed to extract: 2.0. No flags, stored, midnight of 1 January 1980, which is
    // the earliest time that the format can express.
    header.extend([20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0]);
    header.extend(crc.sum().to_le_bytes());
    // Compressed size and size.
    header.extend(bytes);
    header.extend(bytes);
    header.extend(name_bytes.to_le_bytes());
    // No extra field.
    header.extend([0; 2]);
    header
}

/// Returns a length for a header. A sheet of this sandbox is far smaller than the maximum.
fn length(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_has_consistent_offsets_and_checksums() {
        let file = archive(&[("a.txt", "123456789".to_owned()), ("b/c", String::new())]);
        let at = |offset: usize, bytes: usize| {
            file[offset..offset + bytes]
                .iter()
                .rev()
                .fold(0_usize, |value, byte| value << 8 | usize::from(*byte))
        };
        let end = file.len() - 22;
        assert_eq!(&file[end..end + 4], b"PK\x05\x06");
        assert_eq!((at(end + 8, 2), at(end + 10, 2)), (2, 2));
        let (size, start) = (at(end + 12, 4), at(end + 16, 4));
        assert_eq!(start + size, end);
        assert_eq!(&file[start..start + 4], b"PK\x01\x02");
        // The check value of the standard CRC-32.
        assert_eq!(at(start + 16, 4), 0xCBF4_3926);
        let second = start + 46 + "a.txt".len();
        assert_eq!(&file[second..second + 4], b"PK\x01\x02");
        let offset = at(second + 42, 4);
        assert_eq!(&file[offset..offset + 4], b"PK\x03\x04");
        assert_eq!(&file[offset + 30..offset + 33], b"b/c");
    }

    #[test]
    fn text_is_escaped_and_never_a_formula() {
        let xml = sheet(&[vec![Cell::text("=1+1<&\"\x07"), Cell::Number(7)]]);
        assert!(
            xml.contains("t=\"inlineStr\"><is><t xml:space=\"preserve\">=1+1&lt;&amp;&quot;^G<")
        );
        assert!(xml.contains("<c r=\"B1\"><v>7</v></c>"));
    }
}
