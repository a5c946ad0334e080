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
use super::repair::Damage;
use memchr::{memchr, memmem};
use std::borrow::Cow;

/// The largest factor by which deflate expands (RFC 1951: 258 bytes from two bits).
const MAX_EXPANSION: usize = 1032;
/// How far before its data the dictionary of a stream begins at most.
const DICTIONARY_WINDOW: usize = 4096;
const PIECE: usize = 64 << 10;
/// Object streams are made for a hundred objects and more each.
const MOST_STRUCTURAL_STREAMS: usize = 10_000;
/// Bytes that object streams are inflated to for a look at their objects.
const PACKED_BYTES: usize = 16 << 20;
/// Raw bytes of a stream that may inflate beyond the limits.
const LARGE: usize = 64 << 10;
/// Bytes looked at in the middle of a stream, and how many different ones real data has there.
const SAMPLE: usize = 1024;
const FEWEST_DIFFERENT: usize = 32;
/// Filters that unpack, as their names begin (ISO 32000-2, tables 6 and 92).
const PACKERS: [&[u8]; 4] = [b"/Fl", b"/LZW", b"/RunLength", b"/RL"];
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
    let streams = streams_to_size(marks);
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
    if streams.iter().all(sized)
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

/// A stream of a file, found by its bytes.
struct RawStream<'b> {
    /// From the start of the file.
    place: usize,
    /// Its names as they read without escapes.
    dictionary: Cow<'b, [u8]>,
    data: &'b [u8],
}

/// The streams that a reader may take for object or cross-reference streams, and those that are
/// packed so densely that they can't be what any document needs.
///
/// Every place that says `stream` counts: what claims to lie inside another stream may not.
fn streams_to_size<'b>(marks: &Marks<'b>) -> Vec<RawStream<'b>> {
    let bytes = marks.bytes();
    let mut found = Vec::new();
    let mut open: Vec<RawStream<'_>> = Vec::new();
    for place in marks.places(Mark::Stream) {
        let head = bytes
            .get(place.saturating_sub(DICTIONARY_WINDOW)..place)
            .unwrap_or_default();
        if head.ends_with(b"end") {
            let behind = bytes.len() - (place - b"end".len());
            found.extend(open.drain(..).filter_map(|stream| stream.ending(behind)));
        } else {
            let data = bytes.get(place + b"stream".len()..).unwrap_or_default();
            let data = data.strip_prefix(b"\r").unwrap_or(data);
            open.push(RawStream {
                place,
                dictionary: unescaped(
                    memmem::rfind(head, b"obj").map_or(head, |at| head.get(at..).unwrap_or(head)),
                ),
                data: data.strip_prefix(b"\n").unwrap_or(data),
            });
        }
        if found.len() + open.len() > MOST_STRUCTURAL_STREAMS {
            // Too many either way: streams that never end are no better.
            found.append(&mut open);
            return found;
        }
    }
    found.extend(open.into_iter().filter_map(|stream| stream.ending(0)));
    if !found.iter().any(RawStream::may_hold_structure) {
        // Nothing can name another stream as one that holds structure.
        found.retain(|stream| !stream.may_multiply());
    }
    found
}

impl RawStream<'_> {
    /// The same, which ends so many bytes before the end of the file, if it is to be sized.
    fn ending(mut self, behind: usize) -> Option<Self> {
        let structural = self.may_hold_structure();
        let marked = self.data.len().saturating_sub(behind);
        let length = if structural {
            marked.max(self.claimed_length())
        } else {
            marked
        };
        self.data = self.data.get(..length).unwrap_or(self.data);
        (structural || self.is_dense() || self.may_multiply()).then_some(self)
    }

    /// The most bytes that its dictionary may say its data has, all that follow if it leaves that
    /// open. Readers believe it over the word that ends a stream, which can stand in data as well.
    fn claimed_length(&self) -> usize {
        let lengths = self.values(b"/Length").map(whole_number);
        let all = self.data.len();
        lengths
            .map(|length| length.unwrap_or(all))
            .max()
            .unwrap_or(0)
    }

    fn has(&self, needle: &[u8]) -> bool {
        memmem::find(&self.dictionary, needle).is_some()
    }

    /// Readers find object streams by the cross-reference, not by their type: `First` and `W` are
    /// what they need.
    fn may_hold_structure(&self) -> bool {
        self.values(b"/W").any(|value| !value.is_empty())
            || self.has(b"/First")
            || self.has(b"/ObjStm")
            || self.has(b"/XRef")
    }

    /// Whether its type is not that of what it holds, or it claims to hold what it has no room for.
    fn is_disguised(&self) -> bool {
        // Of a dictionary longer than is looked at the beginning is missing.
        if !self.dictionary.starts_with(b"obj") {
            return false;
        }
        let first = self.integer(b"/First");
        let count = self.integer(b"/N");
        let holds_objects = first.is_some() && count.is_some();
        let is_table = self.values(b"/W").any(|value| value.starts_with(b"["));
        let says_table = self.values(b"/XRef").next().is_some();
        // A number and a place, two digits at least, for each object.
        let crowded = match (count, first) {
            (Some(count), Some(first)) => count.saturating_mul(4) > first.saturating_add(1),
            _ => false,
        };
        self.has(b"/ObjStm") && (!holds_objects || crowded)
            || holds_objects && !self.has(b"/ObjStm")
            || says_table != is_table
    }

    /// The number of objects in it, and where the first begins.
    fn objects(&self) -> Option<(usize, usize)> {
        self.integer(b"/N").zip(self.integer(b"/First"))
    }

    /// Whether it must inflate to a hundred times its size and more: what is packed so densely
    /// repeats itself. Images are never inflated.
    fn is_dense(&self) -> bool {
        if self.data.len() < LARGE || self.has(b"/Image") || !self.has(b"/Fl") {
            return false;
        }
        let middle = self.data.get(self.data.len() / 2..).unwrap_or_default();
        let mut seen = [false; 256];
        for byte in middle.iter().take(SAMPLE) {
            if let Some(seen) = seen.get_mut(usize::from(*byte)) {
                *seen = true;
            }
        }
        let different = seen.iter().filter(|seen| **seen).count();
        different < FEWEST_DIFFERENT && self.has_one_filter() && self.looks_like_flate()
    }

    /// Whether it may unpack what was unpacked, by factors that multiply.
    ///
    /// Cross-references can name any stream as an object stream, and an object stream's number can
    /// be given to another: readers then unpack it without a look at its type.
    fn may_multiply(&self) -> bool {
        self.values(b"/Filter").any(|value| match value.first() {
            Some(b'/') => false,
            Some(b'[') => {
                let count = |name: &&[u8]| memmem::find_iter(value, name).count();
                PACKERS.iter().map(count).sum::<usize>() > 1
            }
            // The filters stand elsewhere.
            _ => true,
        })
    }

    /// What stands behind the places of a name.
    fn values(&self, name: &[u8]) -> impl Iterator<Item = &[u8]> {
        let places = memmem::find_iter(&self.dictionary, name).map(|at| at + name.len());
        let values = places.filter_map(|end| self.dictionary.get(end..));
        values
            .filter(|value| !value.first().is_some_and(u8::is_ascii_alphanumeric))
            .map(<[u8]>::trim_ascii_start)
    }

    /// The whole number behind a key.
    fn integer(&self, key: &[u8]) -> Option<usize> {
        self.values(key).find_map(whole_number)
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

/// The whole number that a value is, if it is no reference.
fn whole_number(value: &[u8]) -> Option<usize> {
    let digits = value.iter().take_while(|byte| byte.is_ascii_digit());
    let (digits, behind) = value.split_at_checked(digits.count())?;
    let next = behind.trim_ascii_start().first();
    let is_reference = next.is_some_and(u8::is_ascii_digit);
    let number = std::str::from_utf8(digits).ok()?.parse().ok()?;
    (!is_reference).then_some(number)
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
