//! A stream as it stands in the bytes of a file, and what its dictionary says without being read.
//!
//! For the guard, which must know streams before any engine has read the file.

use memchr::{memchr, memmem};
use std::borrow::Cow;

/// Raw bytes of a stream that may inflate beyond the limits.
const LARGE: usize = 64 << 10;
/// Bytes looked at in the middle of a stream, and how many different ones real data has there.
const SAMPLE: usize = 1024;
const FEWEST_DIFFERENT: usize = 32;
/// Filters that unpack, as their names begin (ISO 32000-2, tables 6 and 92).
const PACKERS: [&[u8]; 4] = [b"/Fl", b"/LZW", b"/RunLength", b"/RL"];

/// A stream of a file, found by its bytes.
pub(super) struct RawStream<'b> {
    /// From the start of the file.
    pub(super) place: usize,
    /// Its names as they read without escapes.
    dictionary: Cow<'b, [u8]>,
    pub(super) data: &'b [u8],
}

impl<'b> RawStream<'b> {
    /// The stream whose data begins behind the word at `place`, and its dictionary in `head`.
    pub(super) fn at(bytes: &'b [u8], place: usize, head: &'b [u8]) -> Self {
        let data = bytes.get(place + b"stream".len()..).unwrap_or_default();
        let data = data.strip_prefix(b"\r").unwrap_or(data);
        let object = memmem::rfind(head, b"obj").and_then(|at| head.get(at..));
        Self {
            place,
            dictionary: unescaped(object.unwrap_or(head)),
            data: data.strip_prefix(b"\n").unwrap_or(data),
        }
    }

    /// The same, which ends so many bytes before the end of the file, if it is to be sized.
    pub(super) fn ending(mut self, behind: usize) -> Option<Self> {
        let structural = self.may_hold_structure();
        let marked = self.data.len().saturating_sub(behind);
        let length = if structural {
            marked.max(self.claimed_length())
        } else {
            marked
        };
        self.data = self.data.get(..length).unwrap_or(self.data);
        (structural || self.is_dense()).then_some(self)
    }

    /// The most bytes that its dictionary may say its data has, all that follow if it leaves that
    /// open. Readers believe it over the word that ends a stream, which can stand in data as well.
    fn claimed_length(&self) -> usize {
        let all = self.data.len();
        let lengths = self.values(b"/Length").map(whole_number);
        let longest = lengths.map(|length| length.unwrap_or(all)).max();
        longest.unwrap_or(0)
    }

    fn has(&self, needle: &[u8]) -> bool {
        memmem::find(&self.dictionary, needle).is_some()
    }

    /// Readers find object streams by the cross-reference, not by their type: `First` and `W` are
    /// what they need.
    pub(super) fn may_hold_structure(&self) -> bool {
        self.values(b"/W").any(|value| !value.is_empty())
            || self.has(b"/First")
            || self.has(b"/ObjStm")
            || self.has(b"/XRef")
    }

    /// Whether its type is not that of what it holds, or it claims to hold what it has no room for.
    pub(super) fn is_disguised(&self) -> bool {
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
    pub(super) fn objects(&self) -> Option<(usize, usize)> {
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
    pub(super) fn may_multiply(&self) -> bool {
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
    pub(super) fn has_one_filter(&self) -> bool {
        let mut keys = memmem::find_iter(&self.dictionary, b"/Filter");
        let Some(key) = keys.next() else {
            return !self.has(b"Decode") || self.has(b"/DecodeParms");
        };
        let value = self.dictionary.get(key + b"/Filter".len()..);
        keys.next().is_none() && value.is_some_and(is_flate_alone)
    }

    pub(super) fn looks_like_flate(&self) -> bool {
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
