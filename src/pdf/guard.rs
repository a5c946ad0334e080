//! Checks the bytes of a file for what the engines can't protect themselves against: streams that
//! inflate without limit, and syntax that makes repair quadratic.
//!
//! hayro-syntax inflates object streams and cross-reference streams completely as soon as it opens
//! a file, so decompression bombs must be found in the bytes. Deflate expands data at most 1,032
//! times. Streams with few enough bytes are therefore safe; all others are inflated here to count
//! their bytes, and the output is discarded.

use super::damage::Damage;
use super::inflate::{Inflate, InflateStatus};
use super::keyword_index::{Keyword, KeywordIndex};
use super::limits::{Budget, LimitHit};
use super::object_scan::{IrregularObjects, ObjectScan};
use super::raw_stream::RawStream;
use std::collections::BTreeSet;

/// The largest factor by which deflate expands (RFC 1951: 258 bytes from two bits).
const MAX_EXPANSION: usize = 1032;
/// Bytes before a stream's data that are searched for its dictionary.
const DICTIONARY_WINDOW: usize = 4096;
/// Bytes inflated per call.
const CHUNK: usize = 64 << 10;
/// Object and cross-reference streams per file. Writers put a hundred objects or more into each.
const MAX_STRUCTURAL_STREAMS: usize = 10_000;
/// Bytes inflated from all object streams of a file to scan their objects.
const MAX_SCANNED_BYTES: usize = 16 << 20;
/// Smaller files are repaired quickly even if every byte triggers repair.
const MIN_REPAIR_BYTES: usize = 64 << 10;
/// Dictionaries open at a time. hayro-syntax stops at 512, and then retries from each of them.
const MAX_OPEN_DICTIONARIES: usize = 256;

/// Whether engines without limits of their own are safe for a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Risk {
    /// Their time and memory stay within limits.
    Bounded,
    /// A stream has unknown size, or the syntax triggers endless repair.
    Unbounded,
}

/// What the guard found out about a file.
#[derive(Debug)]
pub(super) struct Assessment {
    pub(super) risk: Risk,
    pub(super) irregular: IrregularObjects,
    /// The damage that the object scan found.
    pub(super) damage: BTreeSet<Damage>,
}

/// Measures the streams that contain structure, and finds syntax that makes repair slow.
///
/// # Errors
///
/// If a stream would inflate beyond the limits.
pub(super) fn assess(
    keywords: &KeywordIndex<'_>,
    budget: &Budget<'_>,
) -> Result<Assessment, LimitHit> {
    let mut scan = ObjectScan::of_file(keywords);
    let is_exhausting = scan.is_exhausting();
    let streams = Streams::find(keywords);
    scan_object_streams(&mut scan, &streams.to_measure);
    let irregular = scan.irregular_objects(keywords.bytes());
    Ok(Assessment {
        risk: measure(keywords, &streams, is_exhausting, budget)?,
        irregular,
        damage: scan.into_damage(),
    })
}

/// Measures streams; `is_exhausting` is whether the objects make repair slow.
fn measure(
    keywords: &KeywordIndex<'_>,
    streams: &Streams<'_>,
    is_exhausting: bool,
    budget: &Budget<'_>,
) -> Result<Risk, LimitHit> {
    let may_multiply = streams.may_multiply;
    let streams = &streams.to_measure;
    if streams.len() > MAX_STRUCTURAL_STREAMS {
        return Ok(Risk::Unbounded);
    }
    let sizes = streams.iter().map(|stream| stream.data.len());
    let (total, largest) = sizes.fold((0, 0), |(sum, max), len| (sum + len, len.max(max)));
    let limits = budget.limits();
    let is_small = total.saturating_mul(MAX_EXPANSION) <= limits.inflated_bytes
        && largest.saturating_mul(MAX_EXPANSION) <= limits.stream_bytes;
    if !is_small {
        measure_all(streams, budget)?;
    }
    // The expansion of a filter chain is the product of its steps, and encrypted data can't be
    // inflated without the key.
    let is_measured =
        |stream: &RawStream<'_>| stream.has_one_filter() && (is_small || stream.looks_like_flate());
    // Only a file with structure in streams can refer to another stream as an object stream.
    let multiplies = may_multiply && streams.iter().any(RawStream::may_hold_structure);
    if streams.iter().all(is_measured)
        && !multiplies
        && !(keywords.bytes().len() >= MIN_REPAIR_BYTES
            && (is_exhausting || opens_too_many_dictionaries(keywords)))
    {
        Ok(Risk::Bounded)
    } else {
        Ok(Risk::Unbounded)
    }
}

/// Inflates streams to count their bytes.
fn measure_all(streams: &[RawStream<'_>], budget: &Budget<'_>) -> Result<(), LimitHit> {
    let limits = budget.limits();
    let mut inflate = Inflate::default();
    let mut chunk = Vec::new();
    let mut total = 0;
    for stream in streams {
        inflate.restart();
        let mut size = 0;
        loop {
            chunk.clear();
            let status = inflate.read(stream.data, &mut chunk, CHUNK);
            size += chunk.len();
            total += chunk.len();
            if size > limits.stream_bytes {
                return Err(LimitHit::StreamBytes(limits.stream_bytes));
            }
            if total > limits.inflated_bytes {
                return Err(LimitHit::InflatedBytes(limits.inflated_bytes));
            }
            if status != InflateStatus::More {
                break;
            }
            budget.check_time()?;
        }
    }
    Ok(())
}

/// Adds the objects of object streams to the scan.
fn scan_object_streams(scan: &mut ObjectScan, streams: &[RawStream<'_>]) {
    let mut inflate = Inflate::default();
    let mut remaining = MAX_SCANNED_BYTES;
    for stream in streams.iter().filter(|stream| stream.may_hold_structure()) {
        if stream.is_disguised() {
            scan.add_damage(Damage::ObjectStream);
        }
        let Some((count, first)) = stream.objects() else {
            continue;
        };
        if !stream.looks_like_flate() || !stream.has_one_filter() || remaining == 0 {
            continue;
        }
        inflate.restart();
        let mut data = Vec::new();
        // If the stream exceeds the remaining bytes, its last objects are cut off. They would be
        // reported as damage, so the stream is skipped.
        let status = inflate.read(stream.data, &mut data, remaining);
        if matches!(status, InflateStatus::End | InflateStatus::Cut) {
            // White space ends the last object, as a keyword does outside of streams.
            data.push(b'\n');
            scan.add_object_stream(&data, count, first, stream.offset);
        }
        remaining = remaining.saturating_sub(data.len());
    }
}

/// Returns whether more dictionaries are open at some offset than any reader follows.
///
/// This includes the data of streams, whose boundaries depend on untrusted lengths. On average,
/// random data has as many end keywords as start keywords.
fn opens_too_many_dictionaries(keywords: &KeywordIndex<'_>) -> bool {
    let mut ends = keywords.offsets(Keyword::DictionaryEnd).peekable();
    let mut open = 0_usize;
    for start in keywords.offsets(Keyword::DictionaryStart) {
        while ends.next_if(|end| *end < start).is_some() {
            open = open.saturating_sub(1);
        }
        open += 1;
        if open > MAX_OPEN_DICTIONARIES {
            return true;
        }
    }
    false
}

/// The streams of a file.
///
/// Every `stream` keyword counts, since a keyword that seems to be inside another stream may not
/// be.
#[derive(Default)]
struct Streams<'b> {
    /// Streams that a reader may take for object or cross-reference streams, and streams that are
    /// compressed more densely than any genuine document needs.
    to_measure: Vec<RawStream<'b>>,
    /// Whether a stream may inflate data that is already inflated.
    may_multiply: bool,
}

impl<'b> Streams<'b> {
    fn find(keywords: &KeywordIndex<'b>) -> Self {
        let bytes = keywords.bytes();
        let mut found = Self::default();
        let mut open: Vec<RawStream<'_>> = Vec::new();
        for offset in keywords.offsets(Keyword::Stream) {
            let start = offset.saturating_sub(DICTIONARY_WINDOW);
            let head = bytes.get(start..offset).unwrap_or_default();
            if head.ends_with(b"end") {
                let remaining = bytes.len() - (offset - b"end".len());
                let ended = open.drain(..).filter_map(|stream| stream.ending(remaining));
                found.to_measure.extend(ended);
            } else {
                let stream = RawStream::at(bytes, offset, head);
                found.may_multiply = found.may_multiply || stream.may_multiply();
                open.push(stream);
            }
            if found.to_measure.len() + open.len() > MAX_STRUCTURAL_STREAMS {
                // The caller only needs to see that the limit is exceeded.
                found.to_measure.append(&mut open);
                return found;
            }
        }
        let unended = open.into_iter().filter_map(|stream| stream.ending(0));
        found.to_measure.extend(unended);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::limits::Limits;
    use std::io::Write;
    use std::time::Duration;

    fn risk_of(bytes: &[u8], budget: &Budget<'_>) -> Result<Risk, LimitHit> {
        assess(&KeywordIndex::new(bytes), budget).map(|assessment| assessment.risk)
    }

    fn object_stream(inflated: usize) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&vec![b' '; inflated]).unwrap();
        let data = encoder.finish().unwrap();
        [
            b"1 0 obj<</Type/ObjStm>>stream\n",
            &data[..],
            b"\nendstream",
        ]
        .concat()
    }

    #[test]
    fn a_bomb_in_an_object_stream_is_found_before_it_is_opened() {
        let limits = Limits {
            stream_bytes: 1 << 20,
            ..Limits::default()
        };
        let check = |inflated| {
            let budget = Budget::new(&limits, &|| Duration::ZERO);
            risk_of(&object_stream(inflated), &budget)
        };
        assert_eq!(check(1 << 20), Ok(Risk::Bounded));
        assert_eq!(check(2 << 20), Err(LimitHit::StreamBytes(1 << 20)));
    }

    #[test]
    fn a_bomb_after_a_false_endstream_is_found_by_its_length() {
        let limits = Limits {
            stream_bytes: 1 << 20,
            ..Limits::default()
        };
        let mut encoder =
            flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&vec![b' '; 2 << 20]).unwrap();
        let bomb = encoder.finish().unwrap();
        // A zlib header, and nine bytes stored as they are.
        let head = *b"\x78\x01\x00\x09\x00\xF6\xFFendstream";
        let check = |length: &str| {
            let start = format!("1 0 obj<</Type/ObjStm/Filter/FlateDecode{length}>>stream\n");
            let file = [start.as_bytes(), &head, &bomb, b"\nendstream"].concat();
            let budget = Budget::new(&limits, &|| Duration::ZERO);
            risk_of(&file, &budget)
        };
        let found = Err(LimitHit::StreamBytes(1 << 20));
        let length = head.len() + bomb.len();
        assert_eq!(check(&format!("/Length {length}")), found);
        assert_eq!(check("/Length 9 0 R"), found);
        assert_eq!(check("/Length 7/Length 1000000000"), found);
        assert_eq!(check(""), Ok(Risk::Bounded));
    }

    #[test]
    fn an_image_with_indirect_filters_is_unbounded_but_not_a_bomb() {
        let limits = Limits {
            stream_bytes: 1 << 20,
            ..Limits::default()
        };
        let mut file = object_stream(9);
        file.extend(b"2 0 obj<</Subtype/Image/Filter 7 0 R>>stream\n");
        file.extend(object_stream(2 << 20).split_off(b"1 0 obj<</Type/ObjStm>>stream\n".len()));
        let budget = Budget::new(&limits, &|| Duration::ZERO);
        assert_eq!(risk_of(&file, &budget), Ok(Risk::Unbounded));
    }

    #[test]
    fn streams_of_unknown_size_are_unbounded() {
        let limits = Limits::default();
        let check = |bytes: &[u8], expected| {
            let budget = Budget::new(&limits, &|| Duration::ZERO);
            assert_eq!(risk_of(bytes, &budget), Ok(expected));
        };
        let chain = b"1 0 obj<</Type/ObjStm/Filter[/FlateDecode/FlateDecode]>>stream\nx\nendstream";
        check(chain, Risk::Unbounded);
        for (filter, expected) in [
            ("/Filter/FlateDecode/Length 9", Risk::Bounded),
            ("/Filter [ /FlateDecode ]", Risk::Bounded),
            ("/Filter /Fl", Risk::Bounded),
            (
                "/DecodeParms<</Columns 4>>/Filter/FlateDecode",
                Risk::Bounded,
            ),
            ("/Filter[/Fl/Fl/Fl]", Risk::Unbounded),
            ("/Filter[/LZW]", Risk::Unbounded),
            ("/Filter/A85", Risk::Unbounded),
            ("/Filter[/F#6cateDecode]", Risk::Bounded),
            ("/F#69lter[/Fl/F#6C]", Risk::Unbounded),
            ("/Filter 7 0 R", Risk::Unbounded),
            ("/Filter/FlateDecode/Filter[/Fl/Fl]", Risk::Unbounded),
        ] {
            let text = format!("1 0 obj<</Type/ObjStm{filter}>>stream\nx\nendstream");
            check(text.as_bytes(), expected);
        }
        for (filter, expected) in [
            ("/Filter[/FlateDecode/FlateDecode]", Risk::Unbounded),
            ("/Filter[/LZWDecode /A85 /Fl]", Risk::Unbounded),
            ("/Filter 7 0 R", Risk::Unbounded),
            ("/Filter[/FlateDecode/DCTDecode]", Risk::Bounded),
            ("/Filter[/ASCII85Decode/FlateDecode]", Risk::Bounded),
            ("/Filter/FlateDecode", Risk::Bounded),
        ] {
            // The second object has the number of an object stream, so readers use it as one.
            let text = format!(
                "1 0 obj<</Type/ObjStm/First 4/N 1>>stream\nx\nendstream endobj \
                 1 0 obj<<{filter}>>stream\nx\nendstream endobj"
            );
            check(text.as_bytes(), expected);
        }
        let head = b"1 0 obj<</Type/ObjStm/Filter/FlateDecode>>stream\n";
        let encrypted = |len| [&head[..], &vec![0x07; len], b"\nendstream"].concat();
        check(&encrypted(100), Risk::Bounded);
        check(&encrypted(100_000), Risk::Unbounded);
        for flood in [
            &b"1 0 obj <<"[..],
            b"1 0 obj ( endobj ",
            b"<</Root 1 0 R ",
            b"1 0 obj[endobj ",
        ] {
            check(&flood.repeat(20_000), Risk::Unbounded);
        }
        check(&b"1 0 obj<</A[1(x)]>>endobj ".repeat(20_000), Risk::Bounded);
        check(
            &b"1 0 obj<</Filter/DCTDecode/Width 9>>stream\nx\nendstream ".repeat(9),
            Risk::Bounded,
        );
    }
}
