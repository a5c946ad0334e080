//! What the fuzz targets run: public functions on any bytes, with the properties that must hold.
//!
//! A target is one call, so that a crash it finds can be replayed by an ordinary test. A property
//! that does not hold is a panic: that is what a fuzzer looks for.

#![expect(
    clippy::missing_panics_doc,
    reason = "a panic is the finding of a fuzzer"
)]

use crate::bankconnect::wire::{
    self, ApiError, ApiResponse, ErrorCode, ResponseHead, SanitizedText,
};
use crate::pdf::{
    Budget, Document, EncryptionStatus, Limits, OpenError, PageClass, Password,
    probe::{self, Ending},
};
use crate::screen::{Candidate, Policy, Severity, Verdict, screen};
use flate2::{Decompress, FlushDecompress, Status};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Bounds small enough that a single input stays fast.
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

/// Opens a document, classifies its pages and reads their text; twice the same.
pub fn document(data: &[u8]) {
    let read = || -> Option<(usize, Vec<PageClass>, usize)> {
        let limits = limits();
        let mut budget = Budget::new(&limits, &|| Duration::ZERO);
        let document = Document::open(&Arc::new(data.to_vec()), &[], &mut budget).ok()?;
        let pages = document.page_count();
        assert!(pages > 0, "an open document has pages");
        let mut reader = document.reader();
        let mut classes = Vec::new();
        let mut words = 0;
        for index in 0..pages.min(limits.pages) {
            classes.push(reader.classify(index, &mut budget).ok()?);
            let text = reader.text(index, &mut budget).ok()?;
            assert!(text.lines.iter().all(|line| line.words().len() > 0));
            words += text
                .lines
                .iter()
                .map(|line| line.words().len())
                .sum::<usize>();
        }
        Some((pages, classes, words))
    };
    assert_eq!(read(), read(), "reading is deterministic");
}

/// Runs bytes as the content stream of a page.
pub fn content(data: &[u8]) {
    let limits = limits();
    let run = || probe::content(data, &limits);
    assert_eq!(run(), run(), "running is deterministic");
}

/// Inflates bytes in small pieces and at once: the same comes out, it ends in the same way, and
/// both are what the library says that does the work, given all the room at once.
pub fn inflate(data: &[u8]) {
    const MOST: usize = 1 << 16;
    let whole = probe::inflate(data, MOST, MOST);
    assert!(whole.0.len() <= MOST);
    assert_eq!(whole, probe::inflate(data, 7, MOST));
    // A stream whose header is broken is read as if it had none.
    let with_header = plainly(Decompress::new(true), data, MOST);
    let expected = match with_header {
        (out, Ending::Damaged) if out.is_empty() => plainly(
            Decompress::new(false),
            data.get(2..).unwrap_or_default(),
            MOST,
        ),
        other => other,
    };
    assert_eq!(whole, expected);
}

/// What flate2 itself makes of all bytes and all room.
fn plainly(mut state: Decompress, data: &[u8], most: usize) -> (Vec<u8>, Ending) {
    let mut out = vec![0; most];
    let mut ending = Ending::Full;
    while (state.total_out() as usize) < most {
        let before = (state.total_in(), state.total_out());
        let input = data.get(before.0 as usize..).unwrap_or_default();
        let room = out.get_mut(before.1 as usize..).unwrap_or_default();
        let status = state.decompress(input, room, FlushDecompress::Finish);
        let stuck = before == (state.total_in(), state.total_out());
        ending = match status {
            Err(_) => Ending::Damaged,
            Ok(Status::StreamEnd) => Ending::Ended,
            Ok(_) if stuck => Ending::Ended,
            Ok(_) => continue,
        };
        break;
    }
    out.truncate(state.total_out() as usize);
    (out, ending)
}

/// Checks passwords against whatever looks like an encryption dictionary.
pub fn encryption(data: &[u8]) {
    let bytes = Arc::new(data.to_vec());
    let limits = limits();
    let open = |passwords: &[&Password]| {
        let mut budget = Budget::new(&limits, &|| Duration::ZERO);
        match Document::open(&bytes, passwords, &mut budget) {
            Ok(document) => Some(document.encryption().clone()),
            Err(OpenError::Locked(encryption)) => Some(encryption),
            Err(_) => None,
        }
    };
    let secret = Password::new("userpassword");
    let with = open(&[&secret]);
    let without = open(&[]);
    if let (Some(with), Some(without)) = (with, without) {
        assert_ne!(without.status, EncryptionStatus::Unlocked);
        assert!(with.status == without.status || with.status == EncryptionStatus::Unlocked);
    }
}

/// Reads bytes as every answer of the service: the first three choose the status and the headers,
/// the rest is the body. Total, deterministic, and what is shown holds no control character.
pub fn api_response(data: &[u8]) {
    let (choice, body) = data.split_at(data.len().min(3));
    let at = |place: usize| choice.get(place).copied().unwrap_or_default();
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
        let outcome = answer.read(wire::parse_upload);
        let shown = [
            answer
                .read(wire::parse_session_created)
                .map_or_else(|e| e.to_string(), debug),
            answer
                .read(wire::parse_upload_status)
                .map_or_else(|e| e.to_string(), debug),
            answer
                .read(wire::parse_processing_started)
                .map_or_else(|e| e.to_string(), debug),
            answer
                .read(wire::parse_progress)
                .map_or_else(|e| e.to_string(), debug),
            answer
                .read(wire::parse_session_report)
                .map_or_else(|e| e.to_string(), debug),
            answer
                .read(wire::parse_bank_list)
                .map_or_else(|e| e.to_string(), debug),
            format!("{outcome:?}"),
        ];
        (outcome, shown)
    };
    let (outcome, shown) = read();
    assert_eq!(
        (&outcome, &shown),
        (&read().0, &read().1),
        "reading is deterministic"
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
                    "codes survive a round trip"
                );
            }
        }
        Err(error) if error.has_no_effect() => assert!(matches!(status, 429 | 503)),
        Err(_) => assert_ne!(status, 429),
    }
}

fn debug(value: impl std::fmt::Debug) -> String {
    format!("{value:?}")
}

/// Screens bytes: total, deterministic, and a verdict that agrees with the findings.
pub fn screening(data: &[u8]) {
    let policy = Policy {
        limits: limits(),
        candidates: vec![Candidate {
            password: Password::new("user"),
            origin: "fuzz".to_owned(),
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
