//! Detects data that ends before its end-of-data marker (ISO 32000-2, 7.4.2 to 7.4.5).
//!
//! lopdf decodes such data without a word. For Flate, [`Inflate`](super::inflate::Inflate) does
//! the same while it decodes.

use hayro_syntax::Filter;
use weezl::{BitOrder, LzwStatus, decode::Decoder};

/// Bytes of LZW data decoded, and discarded, per call.
const CHUNK: usize = 16 << 10;

/// Returns whether data encoded with a filter is cut short.
///
/// `early_change` is the parameter `/EarlyChange` of LZW. Data that decodes to more than
/// `max_bytes` counts as complete: its reader reports the limit.
pub(super) fn is_cut(filter: Filter, data: &[u8], early_change: bool, max_bytes: usize) -> bool {
    match filter {
        Filter::LzwDecode => lzw_is_cut(data, early_change, max_bytes),
        Filter::RunLengthDecode => run_length_is_cut(data),
        Filter::Ascii85Decode => !data.is_empty() && !ends_with(data, b"~>"),
        Filter::AsciiHexDecode => !data.is_empty() && !ends_with(data, b">"),
        _ => false,
    }
}

/// Returns whether nothing but white space follows the marker.
fn ends_with(data: &[u8], marker: &[u8]) -> bool {
    data.trim_ascii_end().ends_with(marker)
}

fn lzw_is_cut(mut data: &[u8], early_change: bool, max_bytes: usize) -> bool {
    let mut decoder = if early_change {
        Decoder::with_tiff_size_switch(BitOrder::Msb, 8)
    } else {
        Decoder::new(BitOrder::Msb, 8)
    };
    let mut discarded = vec![0; CHUNK];
    let mut output = 0;
    while output <= max_bytes {
        let result = decoder.decode_bytes(data, &mut discarded);
        data = data.get(result.consumed_in..).unwrap_or_default();
        output += result.consumed_out;
        match result.status {
            Ok(LzwStatus::Ok) => {}
            Ok(LzwStatus::Done) => return false,
            Ok(LzwStatus::NoProgress) | Err(_) => return true,
        }
    }
    false
}

/// Returns whether the last run is incomplete.
///
/// A missing marker alone is no sign: many writers omit it.
fn run_length_is_cut(data: &[u8]) -> bool {
    const END: u8 = 128;
    let mut rest = data;
    while let Some((&length, after)) = rest.split_first() {
        let run = match length {
            END => return false,
            0..END => usize::from(length) + 1,
            _ => 1,
        };
        let Some(next) = after.get(run..) else {
            return true;
        };
        rest = next;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use weezl::encode::Encoder;

    fn check(filter: Filter, data: &[u8], expected: bool) {
        assert_eq!(is_cut(filter, data, true, 1 << 20), expected, "{data:?}");
    }

    #[test]
    fn lzw_data_ends_with_its_code() {
        let text: Vec<u8> = (0..20_000_u32).flat_map(u32::to_le_bytes).collect();
        let encoded = Encoder::with_tiff_size_switch(BitOrder::Msb, 8)
            .encode(&text)
            .unwrap();
        check(Filter::LzwDecode, &encoded, false);
        let with_newline = [&encoded[..], b"\r\n"].concat();
        check(Filter::LzwDecode, &with_newline, false);
        for length in [1, 100, encoded.len() / 2, encoded.len() - 3] {
            check(Filter::LzwDecode, &encoded[..length], true);
        }
        assert!(!is_cut(Filter::LzwDecode, &encoded[..100], true, 10));
    }

    #[test]
    fn runs_are_complete() {
        let data = [2, b'a', b'b', b'c', 255, b'd', 128];
        check(Filter::RunLengthDecode, &data, false);
        check(Filter::RunLengthDecode, &data[..6], false);
        for length in [1, 3, 5] {
            check(Filter::RunLengthDecode, &data[..length], true);
        }
    }

    #[test]
    fn text_encodings_end_with_their_marker() {
        for (filter, text) in [
            (Filter::Ascii85Decode, "87cURD]i,\"Ebo80~>"),
            (Filter::AsciiHexDecode, "48656C6C6F>"),
        ] {
            check(filter, text.as_bytes(), false);
            check(filter, format!("{text}\r\n").as_bytes(), false);
            check(filter, &text.as_bytes()[..5], true);
            check(filter, b"", false);
        }
    }
}
