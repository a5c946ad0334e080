//! Requests of `--serve-stdio`: frames on a stream, each with the bytes of one file.
//!
//! A frame is a length of 4 bytes (big-endian), a JSON object of that length, and as many bytes of
//! the file as its member `bytes` states.

use serde::Deserialize;
use serde_json::Value;
use std::io::{self, Read};

/// Bytes of the length in front of a header.
const LENGTH_BYTES: usize = 4;
/// Maximum length of a header in bytes. A path has at most 4096.
const MAX_HEADER_BYTES: u32 = 1 << 16;

/// The header of a frame.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FrameHeader {
    /// Identifies the request in its answer: a string or an integer.
    pub(super) id: Value,
    /// The name of the file. Untrusted text.
    pub(super) name: String,
    /// The size of the file, which follows the header.
    pub(super) bytes: u64,
    /// Identifier of the bank that the file must be from.
    pub(super) bank: Option<String>,
    /// The name of the case, for the record.
    pub(super) case: Option<String>,
}

impl FrameHeader {
    /// Returns the name of the case; `None` if it is empty, as in a manifest.
    pub(super) fn case_name(&self) -> Option<&str> {
        let name = self.case.as_deref().map(str::trim);
        name.filter(|name| !name.is_empty())
    }
}

/// Why a stream is not a sequence of frames.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FrameError {
    /// The stream ends inside the length.
    #[error("the stream ends after {found} of the {LENGTH_BYTES} bytes of a length")]
    LengthCut {
        /// Number of bytes that were found.
        found: usize,
    },
    /// The length is 0 or above the limit.
    #[error("the header has {length} bytes; expected 1 to {MAX_HEADER_BYTES}")]
    Length {
        /// The length of the header.
        length: u32,
    },
    /// The stream ends inside the header.
    #[error("the stream ends after {found} of the {length} bytes of a header")]
    HeaderCut {
        /// Number of bytes that were found.
        found: usize,
        /// The length of the header.
        length: u32,
    },
    /// The header is not a JSON object with these members.
    #[error("the header is not valid")]
    Header(#[source] serde_json::Error),
    /// The id is neither a string nor an integer.
    #[error("the id is neither a string nor an integer")]
    Id,
    /// The stream ends inside the file.
    #[error("the stream ends after {found} of the {bytes} bytes of the file")]
    FileCut {
        /// Number of bytes that were found.
        found: u64,
        /// The size of the file according to its header.
        bytes: u64,
    },
    /// The stream could not be read.
    #[error("the stream could not be read")]
    Io(#[from] io::Error),
}

/// Reads the header of the next frame. Returns `None` at the end of the stream.
///
/// # Errors
///
/// If the stream ends inside the header, or the header is not valid.
pub(super) fn read_header(stream: &mut impl Read) -> Result<Option<FrameHeader>, FrameError> {
    let mut length = Vec::with_capacity(LENGTH_BYTES);
    stream.take(LENGTH_BYTES as u64).read_to_end(&mut length)?;
    let length = match <[u8; LENGTH_BYTES]>::try_from(length.as_slice()) {
        Ok(length) => u32::from_be_bytes(length),
        Err(_short) if length.is_empty() => return Ok(None),
        Err(_short) => {
            let found = length.len();
            return Err(FrameError::LengthCut { found });
        }
    };
    if length == 0 || length > MAX_HEADER_BYTES {
        return Err(FrameError::Length { length });
    }
    let mut header = Vec::with_capacity(length as usize);
    stream.take(u64::from(length)).read_to_end(&mut header)?;
    if header.len() < length as usize {
        let found = header.len();
        return Err(FrameError::HeaderCut { found, length });
    }
    let header: FrameHeader = serde_json::from_slice(&header).map_err(FrameError::Header)?;
    if !(header.id.is_string() || header.id.is_u64() || header.id.is_i64()) {
        return Err(FrameError::Id);
    }
    Ok(Some(header))
}

/// Reads the file of a frame.
///
/// # Errors
///
/// If the stream ends inside the file.
pub(super) fn read_file(stream: &mut impl Read, bytes: u64) -> Result<Vec<u8>, FrameError> {
    // The caller compares the size with the limit first.
    let mut file = Vec::with_capacity(usize::try_from(bytes).unwrap_or_default());
    stream.take(bytes).read_to_end(&mut file)?;
    check_size(file.len() as u64, bytes)?;
    Ok(file)
}

/// Reads and drops the file of a frame.
///
/// # Errors
///
/// If the stream ends inside the file.
pub(super) fn skip_file(stream: &mut impl Read, bytes: u64) -> Result<(), FrameError> {
    let found = io::copy(&mut stream.take(bytes), &mut io::sink())?;
    check_size(found, bytes)
}

fn check_size(found: u64, bytes: u64) -> Result<(), FrameError> {
    if found < bytes {
        return Err(FrameError::FileCut { found, bytes });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(header: &str, file: &[u8]) -> Vec<u8> {
        let length = u32::try_from(header.len()).unwrap();
        [&length.to_be_bytes(), header.as_bytes(), file].concat()
    }

    fn error(mut stream: &[u8]) -> String {
        let error = match read_header(&mut stream) {
            Ok(header) => {
                let bytes = header.expect("a header").bytes;
                read_file(&mut stream, bytes).expect_err("no error")
            }
            Err(error) => error,
        };
        error.to_string()
    }

    #[test]
    fn frames_follow_one_another() {
        let one = frame(r#"{"id": 1, "name": "a.pdf", "bytes": 3}"#, b"abc");
        let header = r#"{"id":"x","name":"b","bytes":1,"bank":"hdfc","case":"C 1"}"#;
        let stream = [one, frame(header, b"d")].concat();
        let mut stream = stream.as_slice();
        let first = read_header(&mut stream).unwrap().unwrap();
        assert_eq!((first.id, first.name.as_str()), (1.into(), "a.pdf"));
        assert_eq!((first.bank, first.case), (None, None));
        assert_eq!(read_file(&mut stream, 3).unwrap(), b"abc");
        let second = read_header(&mut stream).unwrap().unwrap();
        assert_eq!(second.id, "x");
        assert_eq!(second.bank.as_deref(), Some("hdfc"));
        assert_eq!(second.case.as_deref(), Some("C 1"));
        skip_file(&mut stream, 1).unwrap();
        assert_eq!(read_header(&mut stream).unwrap(), None);
    }

    #[test]
    fn what_is_not_a_frame_is_an_error_that_names_the_place() {
        let header = r#"{"id":1,"name":"a","bytes":3}"#;
        let whole = frame(header, b"abc");
        for end in 1..whole.len() {
            let expected = match end {
                1..4 => format!("after {end} of the 4 bytes of a length"),
                4..33 => format!("after {} of the 29 bytes of a header", end - 4),
                _ => format!("after {} of the 3 bytes of the file", end - 33),
            };
            let error = error(&whole[..end]);
            assert!(error.contains(&expected), "{end}: {error}");
        }
        assert!(error(&[0; 8]).contains("the header has 0 bytes"));
        assert!(error(b"%PDF-1.4").contains("the header has 626017350 bytes"));
        for (header, expected) in [
            ("[]", "not valid"),
            ("{}", "not valid"),
            (r#"{"id":1,"name":"a","bytes":-1}"#, "not valid"),
            (r#"{"id":1,"name":"a","bytes":1,"size":1}"#, "not valid"),
            (r#"{"id":1,"name":7,"bytes":1}"#, "not valid"),
            (
                r#"{"id":1.5,"name":"a","bytes":1}"#,
                "neither a string nor an integer",
            ),
            (
                r#"{"id":null,"name":"a","bytes":1}"#,
                "neither a string nor an integer",
            ),
        ] {
            let error = error(&frame(header, b""));
            assert!(error.contains(expected), "{header}: {error}");
        }
    }
}
