//! Files that are truncated, concatenated, repetitive or almost empty.

use super::super::damage;
use super::{Case, case, sample};

const INVALID: &str = "INVALID_FILE_OBJECT";

/// Returns all cases.
pub fn cases() -> Vec<Case> {
    [concatenated(), without_objects(), floods()]
        .into_iter()
        .flatten()
        .collect()
}

fn concatenated() -> Vec<Case> {
    let whole = sample().bytes();
    let other = sample().seed(77).bytes();
    vec![
        case(
            "junk_1500_bytes",
            "1,500 bytes before the header, more than viewers skip",
            damage::inserted(&whole, 0, &b"From: the bank\r\n".repeat(94)[..1500]),
        )
        .any_outcome(),
        case(
            "two_files",
            "two statements in one file, one after the other",
            damage::padded(&other, &whole),
        )
        .repairable()
        .tolerating("EDITED_PDF"),
        case(
            "archive_behind",
            "a statement that is also a ZIP archive",
            damage::padded(&whole, b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        )
        .repairable(),
        case(
            "program_before",
            "a statement after the first bytes of a program",
            damage::inserted(&whole, 0, b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xFF\xFF\0\0\n"),
        )
        .any_outcome(),
    ]
}

/// Files in which no reader can find a page.
fn without_objects() -> Vec<Case> {
    let whole = sample().bytes();
    let unreadable = |name, note, bytes: Vec<u8>| {
        case(name, note, bytes)
            .without_statement()
            .with_code(INVALID)
    };
    vec![
        unreadable(
            "first_120_bytes",
            "only the first 120 bytes",
            whole[..120].to_vec(),
        ),
        unreadable(
            "comments",
            "a header and 800 comments",
            [b"%PDF-1.7\n".to_vec(), b"% 1 0 obj\n".repeat(800)].concat(),
        ),
        unreadable(
            "zeros",
            "the first half of a header, and 8,000 zero bytes",
            [b"%PDF-".to_vec(), vec![0; 8_000]].concat(),
        ),
        unreadable(
            "tail_alone",
            "startxref and a header, without an offset",
            b"startxref%PDF-".to_vec(),
        ),
        unreadable(
            "trailer_alone",
            "a trailer that refers to a catalog, but no object",
            b"%PDF-1.4\ntrailer\n<< /Root 1 0 R /Size 2 >>\nstartxref\n0\n%%EOF\n".to_vec(),
        ),
    ]
}

/// Files of one repeated element, which take some readers quadratic time.
fn floods() -> Vec<Case> {
    let flood = |name, note, unit: &str, bytes: usize| {
        let units = unit.repeat(bytes / unit.len());
        let file = ["%PDF-1.4\n", &units].concat();
        case(name, note, file.into_bytes())
            .without_statement()
            .any_outcome()
    };
    vec![
        flood(
            "flood_of_objects",
            "the beginning of the same object, 9,000 times",
            "1 0 obj <<\n",
            99_000,
        ),
        flood(
            "flood_of_trailers",
            "unterminated trailers",
            "trailer << /Root 1 0 R\n",
            8_000,
        ),
        flood(
            "flood_of_starts",
            "many startxref, each pointing to the next",
            "startxref\n9\n%%EOF\n",
            8_000,
        ),
        flood(
            "flood_of_streams",
            "streams that begin and never end",
            "1 0 obj<</Length 9>>stream\n",
            8_000,
        ),
    ]
}
