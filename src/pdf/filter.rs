//! Undoes the filters of one stream, under the document's budget.
//!
//! A single plain Flate filter, which nearly every content stream has, is left to [`Inflate`] so
//! that readers can stop early. Every other chain goes through lopdf, whose decoders are the only
//! measured ones that bound what each step may produce.

use super::inflate::{Inflate, Progress};
use super::limits::{Budget, LimitHit};
use hayro_syntax::Filter;
use hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, Stream};
use std::borrow::Cow;

/// A stream, decrypted, with what remains to be done to read it.
#[derive(Debug)]
pub(super) enum Encoded<'s> {
    /// Nothing: these are the bytes.
    Plain(Cow<'s, [u8]>),
    /// To be inflated, piece by piece.
    Flate(Cow<'s, [u8]>),
}

/// Why a stream has no readable bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Undecodable {
    /// The data is damaged, or packed by something that is no filter for data.
    Damaged,
    /// Reading it would cost more than is allowed.
    Limit(LimitHit),
}

impl From<LimitHit> for Undecodable {
    fn from(hit: LimitHit) -> Self {
        Self::Limit(hit)
    }
}

/// Decrypts a stream and undoes its filters but for a last, plain Flate.
pub(super) fn open<'s>(
    stream: &Stream<'s>,
    budget: &mut Budget<'_>,
) -> Result<Encoded<'s>, Undecodable> {
    // The Crypt filter is part of `raw_data`.
    let filters = stream.filters();
    let filters = match filters.as_slice() {
        [Filter::Crypt, rest @ ..] => rest,
        all => all,
    };
    match filters {
        [] => Ok(Encoded::Plain(stream.raw_data())),
        [Filter::FlateDecode] if !has_predictor(stream.dict()) => {
            Ok(Encoded::Flate(stream.raw_data()))
        }
        chain => decode_chain(stream, chain, budget).map(|data| Encoded::Plain(Cow::Owned(data))),
    }
}

/// Reads a whole stream, keeping what comes before damage.
pub(super) fn decode(
    stream: &Stream<'_>,
    max_bytes: usize,
    budget: &mut Budget<'_>,
) -> Result<Vec<u8>, Undecodable> {
    let data = match open(stream, budget)? {
        Encoded::Plain(data) => data.into_owned(),
        Encoded::Flate(packed) => {
            let mut out = Vec::new();
            let progress = Inflate::default().read(&packed, &mut out, max_bytes);
            budget.spend_inflated(out.len())?;
            if progress == Progress::Damaged && out.is_empty() {
                return Err(Undecodable::Damaged);
            }
            out
        }
    };
    if data.len() >= max_bytes {
        return Err(LimitHit::StreamBytes(max_bytes).into());
    }
    Ok(data)
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
) -> Result<Vec<u8>, Undecodable> {
    let limits = budget.limits();
    if chain.len() > limits.filters {
        return Err(LimitHit::Filters(limits.filters).into());
    }
    let max_bytes = limits.stream_bytes;
    let mut dict = lopdf::Dictionary::new();
    for key in ["Filter", "F", "DecodeParms", "DP"] {
        if let Some(value) = stream.dict().get::<Object<'_>>(key) {
            let long_key = match key {
                "F" => "Filter",
                "DP" => "DecodeParms",
                long => long,
            };
            dict.set(long_key, convert(&value));
        }
    }
    strip_crypt(&mut dict);
    let stream = lopdf::Stream::new(dict, stream.raw_data().into_owned());
    let data = stream
        .decompressed_content_with_limit(max_bytes)
        .map_err(|error| match error {
            lopdf::Error::Decompress(lopdf::DecompressError::MemoryLimitExceeded { .. }) => {
                LimitHit::StreamBytes(max_bytes).into()
            }
            _ => Undecodable::Damaged,
        })?;
    budget.spend_inflated(data.len())?;
    Ok(data)
}

/// lopdf knows no Crypt filter; the stream is decrypted by now.
fn strip_crypt(dict: &mut lopdf::Dictionary) {
    let Ok(lopdf::Object::Array(names)) = dict.get_mut(b"Filter") else {
        return;
    };
    if names.first().and_then(|name| name.as_name().ok()) != Some(b"Crypt".as_slice()) {
        return;
    }
    names.remove(0);
    if let Ok(lopdf::Object::Array(parms)) = dict.get_mut(b"DecodeParms")
        && !parms.is_empty()
    {
        parms.remove(0);
    }
}

/// Filter names and their numeric parameters; nothing else of a stream dictionary is needed.
fn convert(object: &Object<'_>) -> lopdf::Object {
    match object {
        Object::Name(name) => lopdf::Object::Name(name.as_ref().to_vec()),
        Object::Number(number) => lopdf::Object::Integer(number.as_i64()),
        Object::Boolean(flag) => lopdf::Object::Boolean(*flag),
        Object::Array(items) => {
            lopdf::Object::Array(items.iter::<Object<'_>>().map(|item| convert(&item)).collect())
        }
        Object::Dict(dict) => lopdf::Object::Dictionary(convert_parms(dict)),
        _ => lopdf::Object::Null,
    }
}

fn convert_parms(dict: &Dict<'_>) -> lopdf::Dictionary {
    let flat = |(key, value): (Name<'_>, MaybeRef<Object<'_>>)| {
        let value = match value {
            MaybeRef::NotRef(Object::Number(number)) => lopdf::Object::Integer(number.as_i64()),
            MaybeRef::NotRef(Object::Boolean(flag)) => lopdf::Object::Boolean(flag),
            _ => dict
                .get::<i32>(key.as_ref())
                .map_or(lopdf::Object::Null, |number| i64::from(number).into()),
        };
        (key.as_ref().to_vec(), value)
    };
    dict.entries().map(flat).collect()
}
