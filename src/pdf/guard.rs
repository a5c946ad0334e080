//! Looks at the bytes of a file before any engine does, for what engines can't defend themselves
//! against: streams that inflate without limit, and syntax that makes repair quadratic.
//!
//! hayro-syntax inflates object and cross-reference streams whole, already when it opens a file, so
//! a bomb must be found in the bytes. Deflate expands at most 1,032 times: streams whose raw bytes
//! are few enough need no look; the others are inflated here, counted and thrown away.

use super::content::syntax;
use super::inflate::{Inflate, Progress};
use super::limits::{Budget, LimitHit};
use memchr::{memchr, memmem};
use std::borrow::Cow;

/// The largest factor by which deflate expands (RFC 1951: 258 bytes from two bits).
const MAX_EXPANSION: usize = 1032;
/// How far before its data the dictionary of a stream begins at most.
const DICTIONARY_WINDOW: usize = 4096;
const PIECE: usize = 64 << 10;
/// Object streams are made for a hundred objects and more each.
const MOST_STRUCTURAL_STREAMS: usize = 10_000;
/// Files smaller than this cost little even when every byte provokes repair.
const REPAIR_BYTES: usize = 64 << 10;
/// Dictionaries opened and not closed. hayro-syntax gives up at 512, and then tries each of them.
const MOST_OPEN_DICTIONARIES: usize = 256;
/// Objects without an end near by. Repair reads on from each of them to the end of the file.
const MOST_ENDLESS_OBJECTS: usize = 16;
/// How often the objects of a sound file cover it: once, and less.
const MOST_PASSES: usize = 4;
/// An object that is no stream ends within so many bytes, but for a few long arrays.
const OBJECT_WINDOW: usize = 64 << 10;

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
pub(super) fn assess(bytes: &[u8], budget: &mut Budget<'_>) -> Result<Risk, LimitHit> {
    let streams = structural_streams(bytes);
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
    if streams.iter().all(sized) && !provokes_repair(bytes) {
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

/// Whether a reader that repairs would read the same bytes over and over.
///
/// Measured: 2 MB of `1 0 obj <<` cost hayro-syntax 4.3 s, 3 MB of `1 0 obj (` over 300 s.
fn provokes_repair(bytes: &[u8]) -> bool {
    bytes.len() >= REPAIR_BYTES && (opens_too_deep(bytes) || has_endless_objects(bytes))
}

/// Whether more dictionaries are open at some point than any reader follows.
///
/// Stream data is not left out: where it begins and ends is the file's own claim. By chance it
/// holds as many closing marks as opening ones.
fn opens_too_deep(bytes: &[u8]) -> bool {
    let mut closing = memmem::find_iter(bytes, b">>").peekable();
    let mut open = 0_usize;
    for opening in memmem::find_iter(bytes, b"<<") {
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

fn has_endless_objects(bytes: &[u8]) -> bool {
    // Objects inside one another are read again and again, here as well.
    let mut to_read = bytes.len().saturating_mul(MOST_PASSES);
    let mut endless = 0;
    for place in memmem::find_iter(bytes, b" obj") {
        let rest = bytes.get(place + b" obj".len()..).unwrap_or_default();
        let window = rest.get(..OBJECT_WINDOW).unwrap_or(rest);
        let length = syntax::object_length(window);
        endless += usize::from(length.is_none());
        let Some(left) = to_read.checked_sub(length.unwrap_or(window.len())) else {
            return true;
        };
        to_read = left;
        if endless > MOST_ENDLESS_OBJECTS {
            return true;
        }
    }
    false
}

/// A stream of a file, found by its bytes.
struct RawStream<'b> {
    /// Its names as they read without escapes.
    dictionary: Cow<'b, [u8]>,
    data: &'b [u8],
}

/// The streams that a reader may take for object or cross-reference streams.
///
/// Every place that says `stream` counts: what claims to lie inside another stream may not.
fn structural_streams(bytes: &[u8]) -> Vec<RawStream<'_>> {
    let mut found: Vec<RawStream<'_>> = Vec::new();
    let mut ended = 0;
    // Beginnings and ends in one pass: each over a large scan costs a tenth of hashing it.
    for place in memmem::find_iter(bytes, b"stream") {
        let head = bytes
            .get(place.saturating_sub(DICTIONARY_WINDOW)..place)
            .unwrap_or_default();
        if head.ends_with(b"end") {
            let behind = bytes.len() - (place - b"end".len());
            for stream in found.iter_mut().skip(ended) {
                let length = stream.data.len().saturating_sub(behind);
                stream.data = stream.data.get(..length).unwrap_or_default();
            }
            ended = found.len();
            continue;
        }
        let data = bytes.get(place + b"stream".len()..).unwrap_or_default();
        let data = data.strip_prefix(b"\r").unwrap_or(data);
        let stream = RawStream {
            dictionary: unescaped(
                memmem::rfind(head, b"obj").map_or(head, |at| head.get(at..).unwrap_or(head)),
            ),
            data: data.strip_prefix(b"\n").unwrap_or(data),
        };
        if stream.may_hold_structure() {
            found.push(stream);
        }
        if found.len() > MOST_STRUCTURAL_STREAMS {
            break;
        }
    }
    found
}

impl RawStream<'_> {
    fn has(&self, needle: &[u8]) -> bool {
        memmem::find(&self.dictionary, needle).is_some()
    }

    /// Readers find object streams by the cross-reference, not by their type: `First` and `W` are
    /// what they need.
    fn may_hold_structure(&self) -> bool {
        let widths = memmem::find_iter(&self.dictionary, b"/W").any(|at| {
            let next = self.dictionary.get(at + 2);
            next.is_some_and(|byte| !byte.is_ascii_alphanumeric())
        });
        widths || self.has(b"/First") || self.has(b"/ObjStm") || self.has(b"/XRef")
    }

    /// Whether it has no filter, or Flate alone.
    fn has_one_filter(&self) -> bool {
        let mut keys = memmem::find_iter(&self.dictionary, b"/Filter");
        let Some(key) = keys.next() else {
            return !self.has(b"Decode") || self.has(b"/DecodeParms");
        };
        let value = self.dictionary.get(key + b"/Filter".len()..);
        keys.next().is_none() && value.is_some_and(is_flate_alone)
    }

    fn looks_like_flate(&self) -> bool {
        self.data.first().is_some_and(|byte| byte & 0x0F == 8)
    }
}

/// A dictionary with `#4F` in its names replaced by what it stands for (ISO 32000-2, 7.3.5).
fn unescaped(dictionary: &[u8]) -> Cow<'_, [u8]> {
    if memchr(b'#', dictionary).is_none() {
        return Cow::Borrowed(dictionary);
    }
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let mut rest = dictionary;
    let mut plain = Vec::with_capacity(dictionary.len());
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        let escaped = match (first, behind) {
            (b'#', [high, low, further @ ..]) => digit(*high)
                .zip(digit(*low))
                .map(|(high, low)| ((high * 16 + low) as u8, further)),
            _ => None,
        };
        if let Some((byte, further)) = escaped {
            plain.push(byte);
            rest = further;
        } else {
            plain.push(*first);
        }
    }
    Cow::Owned(plain)
}

/// Whether the value of a filter key is Flate, by its name or in an array of its own.
fn is_flate_alone(value: &[u8]) -> bool {
    let value = value.trim_ascii_start();
    let names = match value.strip_prefix(b"[") {
        Some(array) => array.split(|byte| *byte == b']').next(),
        // What follows the name is the next key.
        None => value.get(1..).and_then(|rest| {
            let end = rest.iter().position(|byte| !byte.is_ascii_alphanumeric());
            value.get(..=end.unwrap_or(rest.len()))
        }),
    };
    let names = names.unwrap_or_default().trim_ascii();
    matches!(names, b"" | b"/FlateDecode" | b"/Fl" | b"null")
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
            assess(&object_stream(inflated), &mut budget)
        };
        assert_eq!(check(1 << 20), Ok(Risk::Known));
        assert_eq!(check(2 << 20), Err(LimitHit::StreamBytes(1 << 20)));
    }

    #[test]
    fn what_cannot_be_sized_is_a_risk() {
        let limits = Limits::default();
        let check = |bytes: &[u8], expected| {
            let mut budget = Budget::new(&limits, &|| Duration::ZERO);
            assert_eq!(assess(bytes, &mut budget), Ok(expected));
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
