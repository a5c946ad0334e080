//! Decodes the filters of a stream within the document's budget.
//!
//! Nearly every content stream has one plain Flate filter; [`Inflate`] decodes it, so that readers
//! can stop early. lopdf decodes every other chain: of the engines measured, only its decoders
//! limit the output of each step.

use super::end_of_data;
use super::inflate::{Inflate, InflateStatus};
use super::limits::{Budget, LimitHit};
use hayro_syntax::Filter;
use hayro_syntax::object::{Array, Dict, Object, Stream};
use std::borrow::Cow;

/// The decrypted data of a stream, with the filter that remains to be decoded.
#[derive(Debug)]
pub(super) enum Encoded<'s> {
    /// Decoded data.
    Plain {
        data: Cow<'s, [u8]>,
        /// Whether the encoded data ended early.
        is_cut: bool,
    },
    /// Data to inflate in pieces.
    Flate(Cow<'s, [u8]>),
}

/// Why a stream could not be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DecodeError {
    /// The data is damaged, or a filter is for images only.
    Damaged,
    /// Decoding exceeds a limit.
    Limit(LimitHit),
}

impl From<LimitHit> for DecodeError {
    fn from(hit: LimitHit) -> Self {
        Self::Limit(hit)
    }
}

/// Decrypts a stream and decodes its filters, except a single plain Flate filter.
pub(super) fn open<'s>(
    stream: &Stream<'s>,
    budget: &mut Budget<'_>,
) -> Result<Encoded<'s>, DecodeError> {
    // `raw_data` already applies a leading Crypt filter.
    let filters = stream.filters();
    let filters = match filters.as_slice() {
        [Filter::Crypt, rest @ ..] => rest,
        all => all,
    };
    match filters {
        [] => Ok(Encoded::Plain {
            data: stream.raw_data(),
            is_cut: false,
        }),
        [Filter::FlateDecode] if !has_predictor(stream.dict()) => {
            Ok(Encoded::Flate(stream.raw_data()))
        }
        // Own code detects the early end of data, and lopdf does not.
        [prefix @ .., Filter::FlateDecode]
            if prefix.iter().copied().all(is_text_filter) && !any_predictor(stream.dict()) =>
        {
            decode_chain(stream, prefix, budget).map(|data| Encoded::Flate(Cow::Owned(data)))
        }
        chain => Ok(Encoded::Plain {
            data: Cow::Owned(decode_chain(stream, chain, budget)?),
            is_cut: is_cut(stream, chain, budget)?,
        }),
    }
}

/// Returns whether the data of a stream whose filters are not Flate is cut short.
fn is_cut(
    stream: &Stream<'_>,
    chain: &[Filter],
    budget: &mut Budget<'_>,
) -> Result<bool, DecodeError> {
    let Some((last, prefix)) = chain.split_last() else {
        return Ok(false);
    };
    if !prefix.iter().copied().all(is_text_filter) {
        return Ok(false);
    }
    let max_bytes = budget.limits().stream_bytes;
    // Those of the last filter, as of every chain.
    let parms = parameters(stream.dict());
    let parms = parms.last().and_then(|parms| parms.as_dict().ok());
    let early_change = parms.and_then(|parms| parms.get(b"EarlyChange").ok()?.as_i64().ok());
    let early_change = early_change != Some(0);
    let data = match prefix {
        [] => stream.raw_data(),
        _ => Cow::Owned(decode_chain(stream, prefix, budget)?),
    };
    Ok(end_of_data::is_cut(*last, &data, early_change, max_bytes))
}

/// Decodes a whole stream of less than `max_bytes`. Keeps the data before damage.
pub(super) fn decode(
    stream: &Stream<'_>,
    max_bytes: usize,
    budget: &mut Budget<'_>,
) -> Result<Vec<u8>, DecodeError> {
    let data = match open(stream, budget)? {
        Encoded::Plain { data, .. } => data.into_owned(),
        Encoded::Flate(data) => {
            let mut out = Vec::new();
            let status = Inflate::default().read(&data, &mut out, max_bytes);
            budget.spend_inflated(out.len())?;
            if status == InflateStatus::Damaged && out.is_empty() {
                return Err(DecodeError::Damaged);
            }
            out
        }
    };
    if data.len() >= max_bytes {
        return Err(LimitHit::StreamBytes(max_bytes).into());
    }
    Ok(data)
}

/// Returns whether a filter encodes data as text.
fn is_text_filter(filter: Filter) -> bool {
    matches!(filter, Filter::AsciiHexDecode | Filter::Ascii85Decode)
}

/// Returns whether any filter of a stream has a predictor.
fn any_predictor(dict: &Dict<'_>) -> bool {
    let mut parameters = parameters(dict).into_iter();
    parameters.any(|parms| {
        let predictor = parms.as_dict().and_then(|parms| parms.get(b"Predictor"));
        let predictor = predictor.and_then(lopdf::Object::as_i64);
        predictor.is_ok_and(|predictor| predictor > 1)
    })
}

fn has_predictor(dict: &Dict<'_>) -> bool {
    let parms = dict
        .get::<Dict<'_>>("DecodeParms")
        .or_else(|| dict.get::<Dict<'_>>("DP"))
        .or_else(|| first_of_array(dict, "DecodeParms"));
    parms
        .and_then(|parms| parms.get::<i32>("Predictor"))
        .is_some_and(|predictor| predictor > 1)
}

fn first_of_array<'a>(dict: &Dict<'a>, key: &str) -> Option<Dict<'a>> {
    dict.get::<Array<'a>>(key)?.iter::<Dict<'a>>().next()
}

fn decode_chain(
    stream: &Stream<'_>,
    chain: &[Filter],
    budget: &mut Budget<'_>,
) -> Result<Vec<u8>, DecodeError> {
    let limits = budget.limits();
    if chain.len() > limits.filters {
        return Err(LimitHit::Filters(limits.filters).into());
    }
    let max_bytes = limits.stream_bytes;
    let parms = parameters(stream.dict());
    // A leading Crypt filter is already applied, so its parameters are skipped.
    let skipped = usize::from(stream.filters().first() == Some(&Filter::Crypt));
    let parms = parms.get(skipped..).unwrap_or_default().to_vec();
    let names = chain
        .iter()
        .map(|filter| lopdf::Object::from(name(*filter)));
    // lopdf decodes a stream by its dictionary, so it gets one with the remaining filters.
    let mut dict = lopdf::Dictionary::new();
    dict.set("Filter", names.collect::<Vec<_>>());
    dict.set("DecodeParms", parms);
    let stream = lopdf::Stream::new(dict, stream.raw_data().into_owned());
    let data = stream
        .decompressed_content_with_limit(max_bytes)
        .map_err(|error| match error {
            lopdf::Error::Decompress(lopdf::DecompressError::MemoryLimitExceeded { .. }) => {
                LimitHit::StreamBytes(max_bytes).into()
            }
            _ => DecodeError::Damaged,
        })?;
    budget.spend_inflated(data.len())?;
    Ok(data)
}

/// Returns the full name of a filter: lopdf does not accept abbreviations.
fn name(filter: Filter) -> &'static str {
    match filter {
        Filter::AsciiHexDecode => "ASCIIHexDecode",
        Filter::Ascii85Decode => "ASCII85Decode",
        Filter::LzwDecode => "LZWDecode",
        Filter::FlateDecode => "FlateDecode",
        Filter::RunLengthDecode => "RunLengthDecode",
        Filter::CcittFaxDecode => "CCITTFaxDecode",
        Filter::Jbig2Decode => "JBIG2Decode",
        Filter::DctDecode => "DCTDecode",
        Filter::JpxDecode => "JPXDecode",
        Filter::Crypt => "Crypt",
    }
}

/// Returns the decode parameters, one object per filter (ISO 32000-2, table 5).
fn parameters(dict: &Dict<'_>) -> Vec<lopdf::Object> {
    let value = ["DecodeParms", "DP"]
        .iter()
        .find_map(|key| dict.get::<Object<'_>>(key));
    match value {
        Some(Object::Dict(parms)) => vec![numbers(&parms).into()],
        Some(Object::Array(items)) => items
            .iter::<Object<'_>>()
            .map(|item| match item {
                Object::Dict(parms) => numbers(&parms).into(),
                _ => lopdf::Object::Null,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Returns the numeric parameters. Filters for data have no others.
fn numbers(parms: &Dict<'_>) -> lopdf::Dictionary {
    [
        "Predictor",
        "Colors",
        "BitsPerComponent",
        "Columns",
        "EarlyChange",
    ]
    .iter()
    .filter_map(|key| Some((key.as_bytes().to_vec(), parms.get::<i32>(key)?.into())))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::limits::Limits;
    use crate::pdf::structure;
    use hayro_syntax::Pdf;
    use std::time::Duration;
    use weezl::BitOrder;
    use weezl::encode::Encoder;

    #[test]
    fn parameters_of_complete_data_are_those_of_the_last_filter() {
        // Long enough for codes of more bits, whose start depends on the parameter.
        let text: Vec<u8> = (0..2_000_u32).flat_map(u32::to_le_bytes).collect();
        let late = Encoder::new(BitOrder::Msb, 8).encode(&text).unwrap();
        let early = Encoder::with_tiff_size_switch(BitOrder::Msb, 8);
        let early = { early }.encode(&text).unwrap();
        for (parameters, data) in [
            ("/Filter/LZWDecode", &early),
            ("/Filter/LZWDecode/DecodeParms<</EarlyChange 0>>", &late),
            ("/Filter[/LZWDecode]/DecodeParms[<</EarlyChange 0>>]", &late),
        ] {
            let mut file = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
                2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
                3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>endobj\n"
                .to_vec();
            let head = format!("4 0 obj<<{parameters}/Length {}>>stream\n", data.len());
            file.extend(head.as_bytes());
            file.extend(data);
            file.extend(b"\nendstream endobj\ntrailer<</Root 1 0 R>>");
            let pdf = Pdf::new(file).unwrap();
            let contents = structure::contents(&pdf.pages()[0]);
            let limits = Limits::default();
            let mut budget = Budget::new(&limits, &|| Duration::ZERO);
            let opened = open(&contents.streams[0], &mut budget).unwrap();
            let Encoded::Plain { data, is_cut } = opened else {
                panic!("{parameters}: not decoded");
            };
            assert!(!is_cut, "{parameters}");
            assert!(*data == text, "{parameters}");
        }
    }
}
