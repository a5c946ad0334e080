//! Looks at the bytes of a file before any engine does, for what engines can't defend themselves
//! against: streams that inflate without limit, and syntax that makes repair quadratic.
//!
//! hayro-syntax inflates object and cross-reference streams whole, already when it opens a file, so
//! a bomb must be found in the bytes. Deflate expands at most 1,032 times: streams whose raw bytes
//! are few enough need no look; the others are inflated here, counted and thrown away.

use super::claims::Claims;
use super::inflate::{Inflate, Progress};
use super::limits::{Budget, LimitHit};
use super::marks::{Mark, Marks};
use super::raw_stream::RawStream;
use super::repair::Damage;

/// The largest factor by which deflate expands (RFC 1951: 258 bytes from two bits).
const MAX_EXPANSION: usize = 1032;
/// How far before its data the dictionary of a stream begins at most.
const DICTIONARY_WINDOW: usize = 4096;
const PIECE: usize = 64 << 10;
/// Object streams are made for a hundred objects and more each.
const MOST_STRUCTURAL_STREAMS: usize = 10_000;
/// Bytes that object streams are inflated to for a look at their objects.
const PACKED_BYTES: usize = 16 << 20;
/// Files smaller than this cost little even when every byte provokes repair.
const REPAIR_BYTES: usize = 64 << 10;
/// Dictionaries opened and not closed. hayro-syntax gives up at 512, and then tries each of them.
const MOST_OPEN_DICTIONARIES: usize = 256;

/// Whether a file may be given to engines that nothing can stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Risk {
    /// What they will do is known to stay within bounds.
    Known,
    /// Something can't be sized, or provokes endless repair.
    Unknown,
}

/// Sizes the streams that hold structure, and looks for syntax that has no end.
///
/// # Errors
///
/// When a stream would inflate beyond the limits.
pub(super) fn assess(marks: &Marks<'_>, budget: &mut Budget<'_>) -> Result<Risk, LimitHit> {
    let mut claims = Claims::read(marks);
    let exhausting = claims.is_exhausting();
    let Streams {
        to_size: streams,
        may_multiply,
    } = Streams::find(marks);
    notice(&mut claims, &streams, budget);
    claims
        .found()
        .into_iter()
        .for_each(|damage| budget.notice(damage));
    if streams.len() > MOST_STRUCTURAL_STREAMS {
        return Ok(Risk::Unknown);
    }
    let raw = streams.iter().map(|stream| stream.data.len());
    let (total, largest) = raw.fold((0, 0), |(sum, most), len| (sum + len, len.max(most)));
    let limits = budget.limits();
    let small = total.saturating_mul(MAX_EXPANSION) <= limits.inflated_bytes
        && largest.saturating_mul(MAX_EXPANSION) <= limits.stream_bytes;
    if !small {
        size_all(&streams, budget)?;
    }
    // Chains of filters multiply; encrypted data can't be sized without the key.
    let sized =
        |stream: &RawStream<'_>| stream.has_one_filter() && (small || stream.looks_like_flate());
    // Without structure in streams no stream can be named as one that holds it.
    let multiply = may_multiply && streams.iter().any(RawStream::may_hold_structure);
    if streams.iter().all(sized)
        && !multiply
        && !(marks.bytes().len() >= REPAIR_BYTES && (exhausting || opens_too_deep(marks)))
    {
        Ok(Risk::Known)
    } else {
        Ok(Risk::Unknown)
    }
}

/// Inflates streams to count their bytes.
fn size_all(streams: &[RawStream<'_>], budget: &Budget<'_>) -> Result<(), LimitHit> {
    let limits = budget.limits();
    let mut inflate = Inflate::default();
    let mut piece = Vec::new();
    let mut total = 0;
    for stream in streams {
        inflate.restart();
        let mut size = 0;
        loop {
            piece.clear();
            let progress = inflate.read(stream.data, &mut piece, PIECE);
            size += piece.len();
            total += piece.len();
            if size > limits.stream_bytes {
                return Err(LimitHit::StreamBytes(limits.stream_bytes));
            }
            if total > limits.inflated_bytes {
                return Err(LimitHit::InflatedBytes(limits.inflated_bytes));
            }
            if progress != Progress::More {
                break;
            }
            budget.check_time()?;
        }
    }
    Ok(())
}

/// Looks into object streams for what the objects in them claim.
fn notice(claims: &mut Claims, streams: &[RawStream<'_>], budget: &Budget<'_>) {
    let mut inflate = Inflate::default();
    let mut left = PACKED_BYTES;
    for stream in streams.iter().filter(|stream| stream.may_hold_structure()) {
        if stream.is_disguised() {
            budget.notice(Damage::Packing);
        }
        let Some((count, first)) = stream.objects() else {
            continue;
        };
        if !stream.looks_like_flate() || !stream.has_one_filter() || left == 0 {
            continue;
        }
        inflate.restart();
        let mut data = Vec::new();
        // Of a stream cut short here the objects behind the cut are not there to be read.
        if inflate.read(stream.data, &mut data, left) == Progress::End {
            // What ends the last object.
            data.push(b'\n');
            claims.read_packed(&data, count, first, stream.place);
        }
        left = left.saturating_sub(data.len());
    }
}

/// Whether more dictionaries are open at some point than any reader follows.
///
/// Stream data is not left out: where it begins and ends is the file's own claim. By chance it
/// holds as many closing marks as opening ones.
fn opens_too_deep(marks: &Marks<'_>) -> bool {
    let mut closing = marks.places(Mark::DictionaryEnd).peekable();
    let mut open = 0_usize;
    for opening in marks.places(Mark::DictionaryStart) {
        while closing.next_if(|place| *place < opening).is_some() {
            open = open.saturating_sub(1);
        }
        open += 1;
        if open > MOST_OPEN_DICTIONARIES {
            return true;
        }
    }
    false
}

/// The streams of a file. Every place that says `stream` counts: what claims to lie inside another
/// stream may not.
#[derive(Default)]
struct Streams<'b> {
    /// Those that a reader may take for object or cross-reference streams, and those that are
    /// packed so densely that they can't be what any document needs.
    to_size: Vec<RawStream<'b>>,
    /// Whether any may unpack what was unpacked.
    may_multiply: bool,
}

impl<'b> Streams<'b> {
    fn find(marks: &Marks<'b>) -> Self {
        let bytes = marks.bytes();
        let mut found = Self::default();
        let mut open: Vec<RawStream<'_>> = Vec::new();
        for place in marks.places(Mark::Stream) {
            let start = place.saturating_sub(DICTIONARY_WINDOW);
            let head = bytes.get(start..place).unwrap_or_default();
            if head.ends_with(b"end") {
                let behind = bytes.len() - (place - b"end".len());
                let ended = open.drain(..).filter_map(|stream| stream.ending(behind));
                found.to_size.extend(ended);
            } else {
                let stream = RawStream::at(bytes, place, head);
                found.may_multiply = found.may_multiply || stream.may_multiply();
                open.push(stream);
            }
            if found.to_size.len() + open.len() > MOST_STRUCTURAL_STREAMS {
                // Too many either way: streams that never end are no better.
                found.to_size.append(&mut open);
                return found;
            }
        }
        let unended = open.into_iter().filter_map(|stream| stream.ending(0));
        found.to_size.extend(unended);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::limits::Limits;
    use std::io::Write;
    use std::time::Duration;

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
            let mut budget = Budget::new(&limits, &|| Duration::ZERO);
            assess(&Marks::of(&object_stream(inflated)), &mut budget)
        };
        assert_eq!(check(1 << 20), Ok(Risk::Known));
        assert_eq!(check(2 << 20), Err(LimitHit::StreamBytes(1 << 20)));
    }

    #[test]
    fn a_bomb_behind_the_word_that_ends_a_stream_is_found_by_its_length() {
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
            let mut budget = Budget::new(&limits, &|| Duration::ZERO);
            assess(&Marks::of(&file), &mut budget)
        };
        let found = Err(LimitHit::StreamBytes(1 << 20));
        let length = head.len() + bomb.len();
        assert_eq!(check(&format!("/Length {length}")), found);
        assert_eq!(check("/Length 9 0 R"), found);
        assert_eq!(check("/Length 7/Length 1000000000"), found);
        assert_eq!(check(""), Ok(Risk::Known));
    }

    #[test]
    fn an_image_whose_filters_stand_elsewhere_is_a_risk_and_no_bomb() {
        let limits = Limits {
            stream_bytes: 1 << 20,
            ..Limits::default()
        };
        let mut file = object_stream(9);
        file.extend(b"2 0 obj<</Subtype/Image/Filter 7 0 R>>stream\n");
        file.extend(object_stream(2 << 20).split_off(b"1 0 obj<</Type/ObjStm>>stream\n".len()));
        let mut budget = Budget::new(&limits, &|| Duration::ZERO);
        assert_eq!(assess(&Marks::of(&file), &mut budget), Ok(Risk::Unknown));
    }

    #[test]
    fn what_cannot_be_sized_is_a_risk() {
        let limits = Limits::default();
        let check = |bytes: &[u8], expected| {
            let mut budget = Budget::new(&limits, &|| Duration::ZERO);
            assert_eq!(assess(&Marks::of(bytes), &mut budget), Ok(expected));
        };
        let chain = b"1 0 obj<</Type/ObjStm/Filter[/FlateDecode/FlateDecode]>>stream\nx\nendstream";
        check(chain, Risk::Unknown);
        for (filter, expected) in [
            ("/Filter/FlateDecode/Length 9", Risk::Known),
            ("/Filter [ /FlateDecode ]", Risk::Known),
            ("/Filter /Fl", Risk::Known),
            ("/DecodeParms<</Columns 4>>/Filter/FlateDecode", Risk::Known),
            ("/Filter[/Fl/Fl/Fl]", Risk::Unknown),
            ("/Filter[/LZW]", Risk::Unknown),
            ("/Filter/A85", Risk::Unknown),
            ("/Filter[/F#6cateDecode]", Risk::Known),
            ("/F#69lter[/Fl/F#6C]", Risk::Unknown),
            ("/Filter 7 0 R", Risk::Unknown),
            ("/Filter/FlateDecode/Filter[/Fl/Fl]", Risk::Unknown),
        ] {
            let text = format!("1 0 obj<</Type/ObjStm{filter}>>stream\nx\nendstream");
            check(text.as_bytes(), expected);
        }
        for (filter, expected) in [
            ("/Filter[/FlateDecode/FlateDecode]", Risk::Unknown),
            ("/Filter[/LZWDecode /A85 /Fl]", Risk::Unknown),
            ("/Filter 7 0 R", Risk::Unknown),
            ("/Filter[/FlateDecode/DCTDecode]", Risk::Known),
            ("/Filter[/ASCII85Decode/FlateDecode]", Risk::Known),
            ("/Filter/FlateDecode", Risk::Known),
        ] {
            // It has the number of an object stream, and so is read as one.
            let text = format!(
                "1 0 obj<</Type/ObjStm/First 4/N 1>>stream\nx\nendstream endobj \
                 1 0 obj<<{filter}>>stream\nx\nendstream endobj"
            );
            check(text.as_bytes(), expected);
        }
        let head = b"1 0 obj<</Type/ObjStm/Filter/FlateDecode>>stream\n";
        let encrypted = |len| [&head[..], &vec![0x07; len], b"\nendstream"].concat();
        check(&encrypted(100), Risk::Known);
        check(&encrypted(100_000), Risk::Unknown);
        for flood in [
            &b"1 0 obj <<"[..],
            b"1 0 obj ( endobj ",
            b"<</Root 1 0 R ",
            b"1 0 obj[endobj ",
        ] {
            check(&flood.repeat(20_000), Risk::Unknown);
        }
        check(&b"1 0 obj<</A[1(x)]>>endobj ".repeat(20_000), Risk::Known);
        check(
            &b"1 0 obj<</Filter/DCTDecode/Width 9>>stream\nx\nendstream ".repeat(9),
            Risk::Known,
        );
    }
}
