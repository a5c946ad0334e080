//! The transfer encodings of mails (RFC 2045, section 6).

use super::fields::decode_escapes;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Tolerates what mail programs produce: missing padding, and bits behind the last byte.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// How the bytes of a part are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::archive) enum Transfer {
    /// As they are.
    Identity,
    Base64,
    QuotedPrintable,
}

impl Transfer {
    /// Parses the field `Content-Transfer-Encoding`. Unknown encodings are left as they are.
    pub(super) fn parse(field: &str) -> Self {
        match field.trim().to_ascii_lowercase().as_str() {
            "base64" => Self::Base64,
            "quoted-printable" => Self::QuotedPrintable,
            _ => Self::Identity,
        }
    }

    /// Returns the size of decoded data in bytes, or more.
    pub(super) fn max_size(self, encoded: usize) -> u64 {
        match self {
            Self::Base64 => encoded as u64 / 4 * 3 + 3,
            Self::Identity | Self::QuotedPrintable => encoded as u64,
        }
    }

    /// Decodes data. What is not in the alphabet of base64 is skipped, as the standard requires.
    pub(in crate::archive) fn decode(self, encoded: &[u8]) -> Vec<u8> {
        match self {
            Self::Identity => encoded.to_vec(),
            Self::Base64 => decode_base64(encoded),
            Self::QuotedPrintable => decode_quoted(encoded),
        }
    }
}

fn decode_base64(encoded: &[u8]) -> Vec<u8> {
    let mut digits = Vec::with_capacity(encoded.len());
    for line in encoded.split(|byte| *byte == b'\n') {
        digits.extend_from_slice(line.trim_ascii());
    }
    if let Ok(bytes) = BASE64.decode(&digits) {
        return bytes;
    }
    // Text of mailing lists behind the data, for example. Padding ends the data.
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let mut digits: Vec<u8> = digits
        .into_iter()
        .take_while(|byte| *byte != b'=')
        .filter(is_digit)
        .collect();
    if digits.len() % 4 == 1 {
        digits.pop();
    }
    BASE64.decode(&digits).unwrap_or_default()
}

fn decode_quoted(encoded: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(encoded.len());
    for line in encoded.split_inclusive(|byte| *byte == b'\n') {
        let content = line.trim_ascii_end();
        match content.strip_suffix(b"=") {
            Some(content) => text.extend_from_slice(content),
            None => text.extend_from_slice(line),
        }
    }
    decode_escapes(&text, b'=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_tolerates_lines_missing_padding_and_other_bytes() {
        let decode = |text: &str| Transfer::Base64.decode(text.as_bytes());
        assert_eq!(decode("JVBE\r\nRi0xLjc=\r\n"), b"%PDF-1.7");
        assert_eq!(decode("JVBERi0xLjc"), b"%PDF-1.7");
        assert_eq!(decode("JV*BE Ri0xLjc=\n____\nlist"), b"%PDF-1.7");
        assert_eq!(decode("JVBER"), b"%PD");
        assert_eq!(decode("\u{1}\u{2}"), b"");
    }

    #[test]
    fn quoted_printable_joins_lines_at_an_equals_sign() {
        let decode = |text: &str| Transfer::QuotedPrintable.decode(text.as_bytes());
        assert_eq!(decode("a=3Db= \r\nc=\nd\r\n=ZZ"), b"a=bcd\r\n=ZZ");
    }
}
