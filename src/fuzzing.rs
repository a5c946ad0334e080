//! The fuzz targets: functions that take any bytes and assert properties.
//!
//! A fuzzer calls one function per target, so an ordinary test can replay a crash. A violated
//! property is a panic, which the fuzzer reports.

#![expect(
    clippy::missing_panics_doc,
    reason = "a panic is how a target reports a violated property"
)]

use crate::archive::{Archive, ArchiveLimits, Listed, Tries};
use crate::bankconnect::wire::{
    self, ApiError, ApiResponse, ErrorCode, ResponseHead, SanitizedText,
};
use crate::pdf::{
    Budget, Document, EncryptionStatus, Limits, Line, OpenError, PageClass, PageText, Password,
    Word,
    testing::{self, InflateEnd},
};
use crate::screen::{CandidateId, CandidatePassword, Policy, Severity, Verdict, screen};
use crate::statement::{LedgerBreak, LedgerReader};
use flate2::{Decompress, FlushDecompress, Status};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Limits that are low enough to process any input quickly.
fn limits() -> Limits {
    Limits {
        stream_bytes: 1 << 20,
        inflated_bytes: 4 << 20,
        operators: 200_000,
        forms: 1000,
        pages: 200,
        text_chars: 20_000,
        ..Limits::default()
    }
}

/// Opens a document, classifies its pages and reads their text. Two runs give the same result.
pub fn document(data: &[u8]) {
    let read = || -> Option<(usize, Vec<PageClass>, usize)> {
        let limits = limits();
        let mut budget = Budget::new(&limits, &|| Duration::ZERO);
        let document = Document::open(&Arc::new(data.to_vec()), &[], &mut budget).ok()?;
        let pages = document.page_count();
        assert!(pages > 0, "an open document has no pages");
        let mut reader = document.reader();
        let mut classes = Vec::new();
        let mut words = 0;
        for index in 0..pages.min(limits.pages) {
            let class = reader.classify(index, &mut budget).ok()?;
            classes.push(class);
            let text = reader.text(index, class, &mut budget).ok()?;
            assert!(text.lines.iter().all(|line| line.words().len() > 0));
            words += text
                .lines
                .iter()
                .map(|line| line.words().len())
                .sum::<usize>();
        }
        Some((pages, classes, words))
    };
    assert_eq!(read(), read(), "reading is not deterministic");
}

/// Interprets bytes as the content stream of a page. Two runs give the same result.
pub fn content(data: &[u8]) {
    let limits = limits();
    let run = || testing::content(data, &limits);
    assert_eq!(run(), run(), "interpretation is not deterministic");
}

/// Lists and reads bytes as archives of each format. Two runs give the same result, names are
/// distinct, and no member exceeds its limit.
pub fn archive(data: &[u8]) {
    const MAX: u64 = 1 << 20;
    let limits = ArchiveLimits {
        archive_bytes: 4 * MAX,
        total_bytes: 16 * MAX,
        members: 200,
        ..ArchiveLimits::new(MAX)
    };
    let password = Password::new("user");
    let read = |name: &str| -> Option<BTreeMap<_, Option<_>>> {
        let bytes = Arc::new(data.to_vec());
        let archive = Archive::open(bytes, name.as_bytes(), &limits).ok()?;
        let mut files = BTreeMap::new();
        for listed in archive.list(&limits, &[&password]).entries {
            let Listed::Pdf(member) = listed else {
                continue;
            };
            // Members of nested archives are read as their archive was for the list.
            let content = match member.indices.as_slice() {
                [index] => archive.read(*index, MAX, &Tries::of(&[&password])).ok(),
                _ => None,
            };
            let bytes = content.map(|content| content.bytes);
            assert!(bytes.as_ref().is_none_or(|bytes| bytes.len() as u64 <= MAX));
            let earlier = files.insert(member.name, bytes);
            assert!(earlier.is_none(), "two members have the same name");
        }
        Some(files)
    };
    for name in ["a.zip", "a.tgz", "a.eml", "a"] {
        assert_eq!(read(name), read(name), "reading is not deterministic");
    }
}

/// Inflates bytes in small pieces and in one call. Output and end are the same in both cases, and
/// the same as those of flate2 with one large output buffer.
pub fn inflate(data: &[u8]) {
    const MAX: usize = 1 << 16;
    let whole = testing::inflate(data, MAX, MAX);
    assert!(whole.0.len() <= MAX);
    assert_eq!(whole, testing::inflate(data, 7, MAX));
    // If the zlib header is broken, the stream is read as raw deflate data after two bytes.
    let with_header = inflate_with_flate2(Decompress::new(true), data, MAX);
    let expected = match with_header {
        (out, InflateEnd::Damaged) if out.is_empty() => inflate_with_flate2(
            Decompress::new(false),
            data.get(2..).unwrap_or_default(),
            MAX,
        ),
        other => other,
    };
    // A wrong checksum behind complete data is ignored.
    let raw = data.get(2..).unwrap_or_default();
    let raw = inflate_with_flate2(Decompress::new(false), raw, MAX);
    let expected = match expected {
        (out, InflateEnd::Damaged) if raw == (out.clone(), InflateEnd::Ended) => raw,
        other => other,
    };
    assert_eq!(whole, expected);
}

/// Inflates all bytes with flate2 into one buffer of `max` bytes.
fn inflate_with_flate2(mut state: Decompress, data: &[u8], max: usize) -> (Vec<u8>, InflateEnd) {
    let mut out = vec![0; max];
    let mut end = InflateEnd::Full;
    while (state.total_out() as usize) < max {
        let before = (state.total_in(), state.total_out());
        let input = data.get(before.0 as usize..).unwrap_or_default();
        let free = out.get_mut(before.1 as usize..).unwrap_or_default();
        let status = state.decompress(input, free, FlushDecompress::Finish);
        let is_stuck = before == (state.total_in(), state.total_out());
        end = match status {
            Err(_) => InflateEnd::Damaged,
            Ok(Status::StreamEnd) => InflateEnd::Ended,
            Ok(_) if is_stuck => InflateEnd::Ended,
            Ok(_) => continue,
        };
        break;
    }
    out.truncate(state.total_out() as usize);
    (out, end)
}

/// Opens a document with and without a candidate password. A password only ever unlocks it.
pub fn encryption(data: &[u8]) {
    let bytes = Arc::new(data.to_vec());
    let limits = limits();
    let open = |passwords: &[&Password]| {
        let mut budget = Budget::new(&limits, &|| Duration::ZERO);
        match Document::open(&bytes, passwords, &mut budget) {
            Ok(document) => Some(document.encryption().clone()),
            Err(OpenError::Locked { encryption, .. }) => Some(encryption),
            Err(_) => None,
        }
    };
    let secret = Password::new("userpassword");
    let with = open(&[&secret]);
    let without = open(&[]);
    // A wrong or unnecessary password must not change the status.
    if let (Some(with), Some(without)) = (with, without) {
        assert_ne!(without.status, EncryptionStatus::Unlocked);
        assert!(with.status == without.status || with.status == EncryptionStatus::Unlocked);
    }
}

/// Parses bytes as each kind of response of the service.
///
/// The first three bytes select the status and headers; the body follows. Parsing is total and
/// deterministic, and values and messages contain no control characters.
pub fn api_response(data: &[u8]) {
    let (choice, body) = data.split_at(data.len().min(3));
    let at = |index: usize| choice.get(index).copied().unwrap_or_default();
    let status = 100 + 2 * u16::from(at(0)) + u16::from(at(1) & 1);
    let header = String::from_utf8_lossy(body.get(..32).unwrap_or(body)).into_owned();
    let read = || {
        let now = SystemTime::UNIX_EPOCH;
        let head = ResponseHead {
            status,
            retry_after: wire::retry_after(&header, None, now)
                .or_else(|| (at(2) & 1 == 1).then_some(Duration::from_secs(1))),
            location: Some(SanitizedText::new(&header)),
        };
        let answer = ApiResponse { head: &head, body };
        let outcome = answer.read(wire::parse_upload, wire::is_taken);
        let shown = [
            answer
                .read(wire::parse_session_created, |_| false)
                .map_or_else(|e| e.to_string(), debug),
            answer
                .read(wire::parse_upload_status, |_| false)
                .map_or_else(|e| e.to_string(), debug),
            answer
                .read(wire::parse_processing_started, |_| false)
                .map_or_else(|e| e.to_string(), debug),
            answer
                .read(wire::parse_progress, |_| false)
                .map_or_else(|e| e.to_string(), debug),
            answer
                .read(wire::parse_session_report, |_| false)
                .map_or_else(|e| e.to_string(), debug),
            answer
                .read(wire::parse_bank_list, |_| false)
                .map_or_else(|e| e.to_string(), debug),
            answer
                .read(wire::parse_webhook_registered, |_| false)
                .map_or_else(|e| e.to_string(), debug),
            answer
                .read(|body| wire::parse_insights(body), |_| false)
                .map_or_else(|e| e.to_string(), debug),
            format!("{outcome:?}"),
        ];
        (outcome, shown)
    };
    let (outcome, shown) = read();
    assert_eq!(
        (&outcome, &shown),
        (&read().0, &read().1),
        "parsing is not deterministic"
    );
    assert!(
        shown.iter().all(|text| !text.chars().any(char::is_control)),
        "{shown:?}"
    );
    match outcome {
        Ok(upload) => {
            assert!((200..300).contains(&status) && !upload.statement_id.is_empty());
        }
        Err(ApiError::Rejected(response)) => {
            assert!((400..500).contains(&status));
            if let Some(code) = response.code {
                assert_eq!(
                    ErrorCode::from_name(code.name()),
                    code,
                    "the code changed in a round trip"
                );
            }
        }
        Err(error) if error.has_no_effect() => assert!(matches!(status, 429 | 503)),
        Err(_) => assert_ne!(status, 429),
    }
}

/// Reads bytes as the words of several pages, and proves their balances. Two runs give the same
/// result, and the counts are consistent.
///
/// Four bytes make a word: two for its position, two for its text. Words with the same row are on
/// one line.
pub fn ledger(data: &[u8]) {
    let pages: Vec<PageText> = data.chunks(WORDS_PER_PAGE * 4).map(page_of_words).collect();
    let read = || {
        let mut reader = LedgerReader::new(pages.iter());
        for (index, page) in (0..).zip(&pages) {
            if page.lines.is_empty() {
                reader.skip_page(index);
            } else {
                reader.add_page(index, page);
            }
        }
        reader.finish(pages.len() as u32, None)
    };
    let ledger = read();
    assert_eq!(ledger, read(), "reading is not deterministic");
    let Some(ledger) = ledger else { return };
    assert!(ledger.broken <= ledger.links);
    assert!(ledger.debits + ledger.credits <= ledger.transactions);
    assert!(ledger.breaks.len() <= ledger.broken);
    assert!(ledger.references.disagree <= ledger.references.dated);
    let is_page =
        |found: &LedgerBreak| found.row > 0 && (1..=pages.len()).contains(&(found.page as usize));
    assert!(ledger.breaks.iter().all(is_page), "{ledger:?}");
}

const WORDS_PER_PAGE: usize = 256;

/// Words that statements have; the others are amounts.
const WORDS: [&str; 24] = [
    "Date",
    "Narration",
    "Withdrawal",
    "Deposit",
    "Balance",
    "Amount",
    "Opening Balance",
    "Closing",
    "Total",
    "B/F",
    "C/F",
    "Dr",
    "Cr",
    "-",
    "+",
    "01/04/2024",
    "2 Apr",
    "2024",
    "Page 1 of 3",
    "Page 3 of 3",
    "IMPS-400115123456",
    "Account No : 123456789",
    "NA",
    "0.00",
];

fn page_of_words(data: &[u8]) -> PageText {
    let mut rows: BTreeMap<u8, BTreeMap<u8, String>> = BTreeMap::new();
    for word in data.as_chunks::<4>().0 {
        let [row, column, kind, value] = *word;
        let text = match WORDS.get(usize::from(kind)) {
            Some(word) => (*word).to_owned(),
            None => format!(
                "{},{:03}.{:02}",
                kind % 16,
                u16::from(value) * 3,
                value % 100
            ),
        };
        rows.entry(row % 64).or_default().insert(column % 64, text);
    }
    let line = |(row, words): (&u8, &BTreeMap<u8, String>)| {
        let words = words.iter().map(|(column, text)| {
            let x0 = f32::from(*column) * 10.0;
            let x1 = x0 + text.len() as f32 * 5.0;
            Word { text, x0, x1 }
        });
        Line::new(words, f32::from(*row) * 12.0, 10.0)
    };
    PageText {
        width: 640.0,
        height: 800.0,
        lines: rows.iter().map(line).collect(),
    }
}

fn debug(value: impl std::fmt::Debug) -> String {
    format!("{value:?}")
}

/// Screens bytes. Screening is total and deterministic, and the verdict follows from the findings.
pub fn screening(data: &[u8]) {
    let policy = Policy {
        limits: limits(),
        candidates: vec![CandidatePassword {
            password: Password::new("user"),
            id: CandidateId::Request,
        }],
        ..Policy::default()
    };
    let bytes = Arc::new(data.to_vec());
    let first = screen(&bytes, &policy, &|| Duration::ZERO);
    assert_eq!(first, screen(&bytes, &policy, &|| Duration::ZERO));
    assert_eq!(
        first.verdict == Verdict::Pass,
        first.findings.iter().all(|f| f.severity == Severity::Note)
    );
}
