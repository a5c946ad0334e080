//! Reads ASN.1 values in DER, and in BER as older signing programs write it (ITU-T X.690).

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// Nesting of values whose end is marked instead of their length given.
const MAX_DEPTH: u32 = 12;

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;
const BOOLEAN: u8 = 0x01;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const BMP_STRING: u8 = 0x1E;
const CONSTRUCTED: u8 = 0x20;
/// Two zero bytes, which end a value without a length.
const END: [u8; 2] = [0, 0];

/// Returns the tag of a context-specific value that contains other values.
pub(super) const fn constructed(number: u8) -> u8 {
    0xA0 | number
}

/// Returns the tag of a context-specific value that contains bytes.
pub(super) const fn primitive(number: u8) -> u8 {
    0x80 | number
}

/// A value with its tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Element<'b> {
    pub(super) tag: u8,
    /// The bytes between the length and the end of the value.
    pub(super) content: &'b [u8],
    /// The whole value, with tag and length.
    pub(super) encoding: &'b [u8],
}

impl<'b> Element<'b> {
    /// Reads the value at the start of the bytes.
    pub(super) fn parse(bytes: &'b [u8]) -> Option<Self> {
        Reader::new(bytes).next()
    }

    /// Reads the values inside this one.
    pub(super) fn reader(self) -> Reader<'b> {
        Reader::new(self.content)
    }

    /// Returns the values inside this one as a set in DER: with a length, and in the order of their
    /// encodings (ITU-T X.690, 11.6).
    pub(super) fn as_set(self) -> Vec<u8> {
        let mut members: Vec<&[u8]> = self.reader().map(|member| member.encoding).collect();
        members.sort_unstable();
        let content = members.concat();
        let length = content.len().to_be_bytes();
        let zeros = length.iter().take_while(|byte| **byte == 0).count();
        let digits = length.get(zeros..).unwrap_or_default();
        let mut set = vec![SET];
        match digits {
            [] => set.push(0),
            [short] if *short < 0x80 => set.push(*short),
            _ => {
                set.push(0x80 | u8::try_from(digits.len()).unwrap_or(u8::MAX));
                set.extend_from_slice(digits);
            }
        }
        set.extend_from_slice(&content);
        set
    }

    /// Returns the bytes of an octet string. BER can split it into pieces.
    pub(super) fn octets(self) -> Option<Vec<u8>> {
        match self.tag {
            tag if tag & CONSTRUCTED == 0 => Some(self.content.to_vec()),
            _ => {
                let mut octets = Vec::new();
                let mut pieces = self.reader();
                while !pieces.is_empty() {
                    octets.extend_from_slice(pieces.require(OCTET_STRING)?.content);
                }
                Some(octets)
            }
        }
    }

    /// Returns the bytes of a bit string of whole bytes.
    pub(super) fn bits(self) -> Option<&'b [u8]> {
        match self.content {
            [0, bits @ ..] => Some(bits),
            _ => None,
        }
    }

    pub(super) fn is_true(self) -> bool {
        self.tag == BOOLEAN && self.content.iter().any(|byte| *byte != 0)
    }

    /// Returns the value of a small integer that is not negative.
    pub(super) fn number(self) -> Option<u32> {
        let is_negative = self.content.first().is_none_or(|first| first & 0x80 != 0);
        if self.tag != INTEGER || is_negative || self.content.len() > 5 {
            return None;
        }
        let mut digits = self.content.iter();
        digits.try_fold(0_u32, |sum, byte| {
            sum.checked_mul(256)?.checked_add(u32::from(*byte))
        })
    }

    /// Returns the text of a string type.
    pub(super) fn text(self) -> String {
        if self.tag == BMP_STRING {
            let decoded = encoding_rs::UTF_16BE.decode_without_bom_handling(self.content);
            return decoded.0.into_owned();
        }
        String::from_utf8_lossy(self.content).into_owned()
    }

    /// Returns the time of a time type. Certificates and signatures use UTC (RFC 5280, 4.1.2.5).
    pub(super) fn time(self) -> Option<Timestamp> {
        let digits = self.content.strip_suffix(b"Z")?;
        let digits = std::str::from_utf8(digits).ok()?;
        let (year, rest) = match self.tag {
            UTC_TIME => {
                let (year, rest) = digits.split_at_checked(2)?;
                let year: i16 = year.parse().ok()?;
                (if year < 50 { 2000 + year } else { 1900 + year }, rest)
            }
            GENERALIZED_TIME => {
                let (year, rest) = digits.split_at_checked(4)?;
                (year.parse().ok()?, rest)
            }
            _ => return None,
        };
        // Fractions of a second follow a point.
        let rest = rest.split('.').next()?;
        let part = |index: usize| rest.get(2 * index..2 * index + 2)?.parse::<i8>().ok();
        let second = if rest.len() > 8 { part(4)? } else { 0 };
        let time = DateTime::new(year, part(0)?, part(1)?, part(2)?, part(3)?, second, 0).ok()?;
        Offset::UTC.to_timestamp(time).ok()
    }
}

/// Reads values one after another.
#[derive(Debug, Clone)]
pub(super) struct Reader<'b> {
    rest: &'b [u8],
}

impl<'b> Reader<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Reads the next value, which must have this tag.
    pub(super) fn require(&mut self, tag: u8) -> Option<Element<'b>> {
        self.next().filter(|element| element.tag == tag)
    }

    /// Reads the next value if it has this tag.
    pub(super) fn optional(&mut self, tag: u8) -> Option<Element<'b>> {
        let mut ahead = self.clone();
        let element = ahead.require(tag)?;
        *self = ahead;
        Some(element)
    }
}

impl<'b> Iterator for Reader<'b> {
    type Item = Element<'b>;

    /// Reads the next value; `None` at the end or if it is malformed.
    fn next(&mut self) -> Option<Element<'b>> {
        let (element, rest) = split(self.rest, MAX_DEPTH)?;
        self.rest = rest;
        Some(element)
    }
}

/// Splits off the first value.
fn split(bytes: &[u8], depth: u32) -> Option<(Element<'_>, &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    // Tags of several bytes are in no structure that is read here.
    if tag & 0x1F == 0x1F {
        return None;
    }
    let (content, rest) = match first {
        0..0x80 => rest.split_at_checked(usize::from(first))?,
        0x80 => until_end(rest, tag, depth)?,
        0x81..=0x84 => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x7F))?;
            let length = length
                .iter()
                .fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
            rest.split_at_checked(length)?
        }
        _ => return None,
    };
    let encoding = bytes.get(..bytes.len() - rest.len())?;
    let element = Element {
        tag,
        content,
        encoding,
    };
    Some((element, rest))
}

/// Splits off the content of a value without a length, and the two bytes that end it.
fn until_end(bytes: &[u8], tag: u8, depth: u32) -> Option<(&[u8], &[u8])> {
    let depth = depth.checked_sub(1).filter(|_| tag & CONSTRUCTED != 0)?;
    let mut rest = bytes;
    loop {
        if let Some(after) = rest.strip_prefix(&END) {
            let content = bytes.get(..bytes.len() - rest.len())?;
            return Some((content, after));
        }
        (_, rest) = split(rest, depth)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_with_and_without_a_length() {
        let definite = [0x30, 0x05, 0x02, 0x01, 0x07, 0x04, 0x00];
        let indefinite = [0x30, 0x80, 0x02, 0x01, 0x07, 0x04, 0x00, 0x00, 0x00];
        for bytes in [&definite[..], &indefinite[..]] {
            let sequence = Element::parse(bytes).unwrap();
            assert_eq!(sequence.encoding, bytes);
            let mut reader = sequence.reader();
            assert_eq!(reader.require(INTEGER).unwrap().number(), Some(7));
            assert!(reader.optional(SEQUENCE).is_none());
            assert_eq!(reader.require(OCTET_STRING).unwrap().content, b"");
            assert!(reader.is_empty());
        }
    }

    #[test]
    fn a_set_is_ordered_and_has_a_length() {
        let set = |bytes: &[u8]| Element::parse(bytes).unwrap().as_set();
        let ordered = [0x31, 0x06, 0x02, 0x01, 0x07, 0x04, 0x01, 0x09];
        assert_eq!(set(&ordered), ordered);
        assert_eq!(
            set(&[0xA0, 0x06, 0x04, 0x01, 0x09, 0x02, 0x01, 0x07]),
            ordered
        );
        let indefinite = [0xA0, 0x80, 0x04, 0x01, 0x09, 0x02, 0x01, 0x07, 0, 0];
        assert_eq!(set(&indefinite), ordered);
        let long = [&[0xA0, 0x81, 0x83, 0x04, 0x81, 0x80][..], &[1; 128]].concat();
        assert_eq!(set(&long), [&[0x31][..], &long[1..]].concat());
    }

    #[test]
    fn pieces_of_an_octet_string_are_joined() {
        let bytes = [0x24, 0x80, 0x04, 0x01, b'a', 0x04, 0x02, b'b', b'c', 0, 0];
        let string = Element::parse(&bytes).unwrap();
        assert_eq!(string.octets().unwrap(), b"abc");
    }

    #[test]
    fn malformed_values_are_rejected() {
        for bytes in [
            &b""[..],
            &[0x30],
            &[0x30, 0x02, 0x00],
            &[0x30, 0x85, 1, 1, 1, 1, 1],
            &[0x04, 0x80, 0, 0],
            &[0x1F, 0x81, 0x01, 0x00],
        ] {
            assert_eq!(Element::parse(bytes), None, "{bytes:?}");
        }
        let nested = [[0x30, 0x80]; 40].concat();
        assert_eq!(Element::parse(&nested), None);
    }

    #[test]
    fn times_are_in_utc() {
        let check = |tag: u8, text: &str, expected: Option<&str>| {
            let element = Element {
                tag,
                content: text.as_bytes(),
                encoding: &[],
            };
            let expected = expected.map(|time| time.parse::<Timestamp>().unwrap());
            assert_eq!(element.time(), expected, "{text}");
        };
        check(UTC_TIME, "220202120437Z", Some("2022-02-02T12:04:37Z"));
        check(UTC_TIME, "9901010000Z", Some("1999-01-01T00:00:00Z"));
        check(
            GENERALIZED_TIME,
            "20420202120437.5Z",
            Some("2042-02-02T12:04:37Z"),
        );
        check(UTC_TIME, "220202120437+0530", None);
        check(UTC_TIME, "229902120437Z", None);
        check(INTEGER, "220202120437Z", None);
    }
}
