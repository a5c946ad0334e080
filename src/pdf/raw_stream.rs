//! Finds a stream and its dictionary in the bytes of a file, without parsing the file.
//!
//! The guard uses it to check streams before any engine reads the file. Dictionaries are not parsed
//! but searched for keys, because readers disagree about which of several equal keys counts.

use memchr::{memchr, memmem};
use std::borrow::Cow;

/// Minimum raw bytes of a stream that may inflate beyond the limits.
const MIN_LARGE_BYTES: usize = 64 << 10;
/// Bytes sampled in the middle of a stream.
const SAMPLE: usize = 1024;
/// Minimum number of distinct byte values in a sample of ordinary compressed data.
const MIN_DISTINCT_BYTES: usize = 32;
/// Prefixes of the names of filters that decompress (ISO 32000-2, tables 6 and 92).
const DECOMPRESSION_FILTERS: [&[u8]; 4] = [b"/Fl", b"/LZW", b"/RunLength", b"/RL"];

/// A stream in the bytes of a file.
pub(super) struct RawStream<'b> {
    /// The offset of the `stream` keyword in the file.
    pub(super) offset: usize,
    /// The bytes before the keyword, from the start of the object, with names unescaped.
    dictionary: Cow<'b, [u8]>,
    pub(super) data: &'b [u8],
}

impl<'b> RawStream<'b> {
    /// Returns the stream with its keyword at `offset`; `head` are the bytes before the keyword.
    pub(super) fn at(bytes: &'b [u8], offset: usize, head: &'b [u8]) -> Self {
        let data = bytes.get(offset + b"stream".len()..).unwrap_or_default();
        let data = data.strip_prefix(b"\r").unwrap_or(data);
        let object = memmem::rfind(head, b"obj").and_then(|at| head.get(at..));
        Self {
            offset,
            dictionary: unescaped(object.unwrap_or(head)),
            data: data.strip_prefix(b"\n").unwrap_or(data),
        }
    }

    /// Cuts the data at its `endstream`, which is `remaining` bytes before the end of the file.
    ///
    /// Returns the stream if it must be measured.
    pub(super) fn ending(mut self, remaining: usize) -> Option<Self> {
        let is_structural = self.may_hold_structure();
        let delimited = self.data.len().saturating_sub(remaining);
        let length = if is_structural {
            delimited.max(self.declared_length())
        } else {
            delimited
        };
        self.data = self.data.get(..length).unwrap_or(self.data);
        (is_structural || self.is_dense()).then_some(self)
    }

    /// Returns the largest declared length. If it is a reference, returns that of all data.
    ///
    /// Readers trust the declared length more than `endstream`, which can also be part of the data.
    fn declared_length(&self) -> usize {
        let all = self.data.len();
        let lengths = self.values(b"/Length").map(integer);
        let longest = lengths.map(|length| length.unwrap_or(all)).max();
        longest.unwrap_or(0)
    }

    fn has(&self, needle: &[u8]) -> bool {
        memmem::find(&self.dictionary, needle).is_some()
    }

    /// Returns whether a reader may use it as an object or cross-reference stream.
    ///
    /// Readers find these streams by the cross-reference table, not by their type. They require
    /// the keys `First` or `W`.
    pub(super) fn may_hold_structure(&self) -> bool {
        self.values(b"/W").any(|value| !value.is_empty())
            || self.has(b"/First")
            || self.has(b"/ObjStm")
            || self.has(b"/XRef")
    }

    /// Returns whether its type does not match its keys, or it declares more objects than fit.
    pub(super) fn is_disguised(&self) -> bool {
        // If the dictionary is longer than the window, its start is missing.
        if !self.dictionary.starts_with(b"obj") {
            return false;
        }
        let first = self.integer(b"/First");
        let count = self.integer(b"/N");
        let holds_objects = first.is_some() && count.is_some();
        let is_table = self.values(b"/W").any(|value| value.starts_with(b"["));
        let is_named_table = self.values(b"/XRef").next().is_some();
        // Each object has a number and an offset in the header: at least two digits and two spaces.
        let is_overfull = match (count, first) {
            (Some(count), Some(first)) => count.saturating_mul(4) > first.saturating_add(1),
            _ => false,
        };
        self.has(b"/ObjStm") && (!holds_objects || is_overfull)
            || holds_objects && !self.has(b"/ObjStm")
            || is_named_table != is_table
    }

    /// Returns the number of objects in it, and the offset of the first.
    pub(super) fn objects(&self) -> Option<(usize, usize)> {
        self.integer(b"/N").zip(self.integer(b"/First"))
    }

    /// Returns whether it inflates to at least a hundred times its size: data that is compressed so
    /// densely has few distinct bytes. Images are excluded, since they are never inflated.
    fn is_dense(&self) -> bool {
        if self.data.len() < MIN_LARGE_BYTES || self.has(b"/Image") || !self.has(b"/Fl") {
            return false;
        }
        let middle = self.data.get(self.data.len() / 2..).unwrap_or_default();
        let mut seen = [false; 256];
        for byte in middle.iter().take(SAMPLE) {
            if let Some(seen) = seen.get_mut(usize::from(*byte)) {
                *seen = true;
            }
        }
        let distinct = seen.iter().filter(|seen| **seen).count();
        distinct < MIN_DISTINCT_BYTES && self.has_one_filter() && self.looks_like_flate()
    }

    /// Returns whether it has two decompression filters, whose expansion factors multiply.
    ///
    /// A cross-reference table can refer to any stream as an object stream, and a later stream can
    /// have the number of an object stream. Readers then inflate it whatever its type.
    pub(super) fn may_multiply(&self) -> bool {
        self.values(b"/Filter").any(|value| match value.first() {
            Some(b'/') => false,
            Some(b'[') => {
                let count = |name: &&[u8]| memmem::find_iter(value, name).count();
                DECOMPRESSION_FILTERS.iter().map(count).sum::<usize>() > 1
            }
            // The filters are a reference.
            _ => true,
        })
    }

    /// Returns the bytes after each occurrence of a name. Skips longer names with this prefix.
    fn values(&self, name: &[u8]) -> impl Iterator<Item = &[u8]> {
        let ends = memmem::find_iter(&self.dictionary, name).map(|at| at + name.len());
        let values = ends.filter_map(|end| self.dictionary.get(end..));
        values
            .filter(|value| !value.first().is_some_and(u8::is_ascii_alphanumeric))
            .map(<[u8]>::trim_ascii_start)
    }

    /// Returns the first integer value of a key.
    fn integer(&self, key: &[u8]) -> Option<usize> {
        self.values(key).find_map(integer)
    }

    /// Returns whether it has no filter, or only Flate.
    pub(super) fn has_one_filter(&self) -> bool {
        let mut keys = memmem::find_iter(&self.dictionary, b"/Filter");
        let Some(key) = keys.next() else {
            // Without the key, a filter name is suspicious; decode parameters are not.
            return !self.has(b"Decode") || self.has(b"/DecodeParms");
        };
        let value = self.dictionary.get(key + b"/Filter".len()..);
        keys.next().is_none() && value.is_some_and(is_only_flate)
    }

    /// Returns whether the data begins like zlib data (RFC 1950: compression method 8).
    pub(super) fn looks_like_flate(&self) -> bool {
        self.data.first().is_some_and(|byte| byte & 0x0F == 8)
    }
}

/// Parses a value that is an integer, not a reference.
fn integer(value: &[u8]) -> Option<usize> {
    let digits = value.iter().take_while(|byte| byte.is_ascii_digit());
    let (digits, rest) = value.split_at_checked(digits.count())?;
    let next = rest.trim_ascii_start().first();
    let is_reference = next.is_some_and(u8::is_ascii_digit);
    let number = std::str::from_utf8(digits).ok()?.parse().ok()?;
    (!is_reference).then_some(number)
}

/// Replaces escapes such as `#4F` in names by the bytes they encode (ISO 32000-2, 7.3.5).
fn unescaped(dictionary: &[u8]) -> Cow<'_, [u8]> {
    if memchr(b'#', dictionary).is_none() {
        return Cow::Borrowed(dictionary);
    }
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let mut rest = dictionary;
    let mut plain = Vec::with_capacity(dictionary.len());
    while let Some((first, after_first)) = rest.split_first() {
        rest = after_first;
        let escaped = match (first, after_first) {
            (b'#', [high, low, after_escape @ ..]) => digit(*high)
                .zip(digit(*low))
                .map(|(high, low)| ((high * 16 + low) as u8, after_escape)),
            _ => None,
        };
        if let Some((byte, after_escape)) = escaped {
            plain.push(byte);
            rest = after_escape;
        } else {
            plain.push(*first);
        }
    }
    Cow::Owned(plain)
}

/// Returns whether the value of a filter key is Flate alone, as a name or in an array.
fn is_only_flate(value: &[u8]) -> bool {
    let value = value.trim_ascii_start();
    let names = match value.strip_prefix(b"[") {
        Some(array) => array.split(|byte| *byte == b']').next(),
        // The next key follows the name.
        None => value.get(1..).and_then(|rest| {
            let end = rest.iter().position(|byte| !byte.is_ascii_alphanumeric());
            value.get(..=end.unwrap_or(rest.len()))
        }),
    };
    let names = names.unwrap_or_default().trim_ascii();
    matches!(names, b"" | b"/FlateDecode" | b"/Fl" | b"null")
}
