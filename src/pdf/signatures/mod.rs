//! Checks the digital signatures of a file (ISO 32000-2, 12.8).
//!
//! A signature is valid if it covers all bytes up to its end except itself, and if its digest and
//! its cryptographic signature hold. Two other questions are whether its signer is known, and what
//! was appended to the file after it. Nothing is asked over a network, so that revoked certificates
//! are not noticed. There is no clock: certificates are judged at the time of the signature.

mod algorithms;
mod anchors;
mod asn1;
mod canonical;
mod certificate;
mod chain;
mod cms;
mod comparison;
mod coverage;
mod dictionary;
mod find;
mod occupied;
mod revision;
mod signature_field;
mod signing_time;
mod validation_data;

pub use anchors::{TrustAnchors, certificates_of};
pub use chain::Trust;
pub use coverage::Coverage;

use super::keyword_index::KeywordIndex;
use super::limits::{Budget, LimitHit};
use super::open::FileBytes;
use super::password::Password;
use algorithms::Hash;
use cms::{Failure, SignedData, TimestampInfo};
use coverage::SignedFile;
use find::Found;
use hayro_syntax::Pdf;
use hayro_syntax::object::{Dict, ObjectIdentifier, String as PdfString};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use signing_time::SigningTime;
use std::ops::Range;

/// The form of signatures that are timestamps.
const TIMESTAMP: &[u8] = b"ETSI.RFC3161";

/// A digital signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Whether digest and signature hold.
    pub status: SignatureStatus,
    /// What follows the signed bytes.
    pub coverage: Coverage,
    /// Whether the signer is known.
    pub trust: Trust,
    /// The organisation of the signer. Untrusted text.
    pub organisation: Option<String>,
    /// The authority that issued the signer's certificate. Untrusted text.
    pub issuer: Option<String>,
    /// The time of the signature as RFC 3339, from a timestamp or as the signer claims.
    pub signed_at: Option<String>,
    /// The name of the digest algorithm.
    pub digest: Option<String>,
}

/// Whether a signature holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SignatureStatus {
    /// Digest and signature hold.
    Valid,
    /// They do not hold.
    Broken(Defect),
    /// The signature uses something that is not supported.
    Unsupported,
}

/// Why a signature does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Defect {
    /// It does not cover a range from the start of the file that leaves out only the signature.
    Range,
    /// The file ends before the signed bytes do.
    Truncated,
    /// The signed bytes are not those that were signed, or the signature is malformed.
    Content,
}

impl SignatureStatus {
    /// Returns the name in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Broken(_) => "broken",
            Self::Unsupported => "unsupported",
        }
    }
}

impl Signature {
    /// Returns whether the signature proves that the file is as its signer, who is known, made it.
    pub fn is_proof(&self) -> bool {
        self.status == SignatureStatus::Valid
            && self.coverage == Coverage::WholeFile
            && self.trust == Trust::Anchored
    }

    /// Returns whether the signature proves that the file was changed.
    pub fn is_violated(&self) -> bool {
        matches!(self.status, SignatureStatus::Broken(_))
            || self.status == SignatureStatus::Valid && self.coverage == Coverage::ChangedAfter
    }
}

/// Checks all signatures of a file, in file order.
///
/// `passwords` are those that open the document.
pub(super) fn check(
    bytes: &FileBytes,
    pdf: &Pdf,
    passwords: &[Password],
    anchors: &TrustAnchors,
    budget: &Budget<'_>,
) -> Result<Vec<Signature>, LimitHit> {
    if !find::may_exist(bytes, pdf) {
        return Ok(Vec::new());
    }
    let keywords = KeywordIndex::new(bytes);
    let found = find::signatures(&keywords, pdf);
    let limit = budget.limits().signatures;
    if found.len() > limit {
        return Err(LimitHit::Signatures(limit));
    }
    let examine = |found| examine(found, bytes, pdf, anchors, budget);
    let mut examined: Vec<Signature> = found.iter().map(examine).collect::<Result<_, _>>()?;
    let mut file = SignedFile::new(bytes, &keywords, pdf, passwords);
    for (found, signature) in found.iter().zip(&examined) {
        let is_valid = signature.status == SignatureStatus::Valid;
        // A timestamp authority stamps for anybody.
        let is_timestamp = found.sub_filter == TIMESTAMP;
        if is_valid && signature.trust == Trust::Anchored && !is_timestamp {
            file.trust(found.number);
        }
    }
    for (found, signature) in found.iter().zip(&mut examined) {
        budget.check_time()?;
        if let Ok(range) = SignedRange::of(found, bytes.len()) {
            signature.coverage = file.coverage(range.end, budget)?;
        }
    }
    Ok(examined)
}

/// Returns where the signed bytes end.
fn end_of(byte_range: &[u64]) -> Option<usize> {
    match byte_range {
        [_, _, start, length] => usize::try_from(start.checked_add(*length)?).ok(),
        _ => None,
    }
}

/// The signed bytes: all up to an end, except the signature.
struct SignedRange {
    gap: Range<usize>,
    end: usize,
}

impl SignedRange {
    /// Checks that the range starts at the start of the file, ends in it and leaves out nothing but
    /// the signature.
    fn of(found: &Found, length: usize) -> Result<Self, Defect> {
        let ranges = found.byte_range.as_deref().ok_or(Defect::Range)?;
        let end = end_of(ranges).ok_or(Defect::Range)?;
        let [0, first, second, _] = *ranges else {
            return Err(Defect::Range);
        };
        if end > length {
            return Err(Defect::Truncated);
        }
        let offset = |offset| usize::try_from(offset).map_err(|_huge| Defect::Range);
        let gap = offset(first)?..offset(second)?;
        let contents = found.contents.as_ref().ok_or(Defect::Range)?;
        // Some signers sign the delimiters, too, which leaves out even less.
        let digits = contents.start + 1..contents.end.saturating_sub(1);
        if gap != *contents && gap != digits {
            return Err(Defect::Range);
        }
        Ok(Self { gap, end })
    }
}

/// Checks one signature, but not what follows it.
fn examine(
    found: &Found,
    bytes: &[u8],
    pdf: &Pdf,
    anchors: &TrustAnchors,
    budget: &Budget<'_>,
) -> Result<Signature, LimitHit> {
    budget.check_time()?;
    let range = SignedRange::of(found, bytes.len());
    let claimed = claimed_time(found, pdf);
    let mut signature = Signature {
        status: SignatureStatus::Broken(Defect::Content),
        coverage: Coverage::ChangedAfter,
        trust: Trust::Incomplete,
        organisation: None,
        issuer: None,
        signed_at: claimed.as_ref().map(ToString::to_string),
        digest: None,
    };
    let text = found.contents.clone().and_then(|range| bytes.get(range));
    let text = text.unwrap_or_default();
    let limit = budget.limits().signature_bytes;
    let container = hexadecimal(text, limit).unwrap_or_default();
    let parsed = match SignedData::parse(&container) {
        _ if !is_supported(&found.sub_filter) => Err(Failure::Unsupported),
        Err(_) if text.len() > 2 * limit => Err(Failure::Unsupported),
        parsed => parsed,
    };
    let checked = match &parsed {
        Ok(data) => {
            describe(data, claimed, anchors, &mut signature);
            match &range {
                Ok(range) => check_content(found, data, range, bytes, &mut signature, budget)?,
                Err(_) => Err(Failure::Broken),
            }
        }
        Err(failure) => Err(*failure),
    };
    signature.status = match (range, checked) {
        (Err(defect), _) => SignatureStatus::Broken(defect),
        (Ok(_), Ok(())) => SignatureStatus::Valid,
        (Ok(_), Err(Failure::Broken)) => SignatureStatus::Broken(Defect::Content),
        (Ok(_), Err(Failure::Unsupported)) => SignatureStatus::Unsupported,
    };
    Ok(signature)
}

fn is_supported(sub_filter: &[u8]) -> bool {
    let supported: [&[u8]; 4] = [
        b"adbe.pkcs7.detached",
        b"adbe.pkcs7.sha1",
        b"ETSI.CAdES.detached",
        TIMESTAMP,
    ];
    supported.contains(&sub_filter)
}

/// Adds what a container states about the signer, and the signing time.
fn describe(
    data: &SignedData<'_>,
    claimed: Option<SigningTime>,
    anchors: &TrustAnchors,
    signature: &mut Signature,
) {
    let stamped = data.timestamp();
    let stated = TimestampInfo::of(data).ok().map(|info| info.time);
    let stated = stamped.or(stated).or_else(|| data.signing_time());
    let time: Option<Timestamp> = stated.or_else(|| claimed.map(SigningTime::timestamp));
    if let Some(stated) = stated {
        signature.signed_at = Some(SigningTime::utc(stated).to_string());
    }
    if let Some(signer) = data.signer_certificate() {
        signature.organisation = signer.organisation();
        signature.issuer = signer.issuer_name();
        signature.trust = chain::judge(signer, &data.certificates, anchors, time);
    }
}

/// Checks digest and signature.
fn check_content(
    found: &Found,
    data: &SignedData<'_>,
    range: &SignedRange,
    bytes: &[u8],
    signature: &mut Signature,
    budget: &Budget<'_>,
) -> Result<Result<(), Failure>, LimitHit> {
    let before = bytes.get(..range.gap.start).unwrap_or_default();
    let after = bytes.get(range.gap.end..range.end).unwrap_or_default();
    let mut digest = |hash: Hash| {
        signature.digest = Some(hash.name().to_owned());
        hash.digest_parts([before, after], budget)
    };
    Ok(match found.sub_filter.as_slice() {
        TIMESTAMP => match TimestampInfo::of(data) {
            Ok(info) => info.check(data, &digest(info.hash)?),
            Err(failure) => Err(failure),
        },
        // The container has the digest of the file as its content.
        b"adbe.pkcs7.sha1" => {
            let digest = digest(Hash::Sha1)?;
            match (data.content(), data.hash()) {
                (Ok(content), Ok(hash)) if content == digest => data.check(&hash.digest(content)),
                (Err(failure), _) | (_, Err(failure)) => Err(failure),
                _ => Err(Failure::Broken),
            }
        }
        _ => match data.hash() {
            Ok(hash) => data.check_detached(&digest(hash)?),
            Err(failure) => Err(failure),
        },
    })
}

/// Returns the signing time that the dictionary claims.
fn claimed_time(found: &Found, pdf: &Pdf) -> Option<SigningTime> {
    let id = ObjectIdentifier::new(found.number, i32::from(found.generation));
    let mut dictionary = pdf.xref().get::<Dict<'_>>(id)?;
    if found.is_direct {
        dictionary = dictionary.get::<Dict<'_>>("V")?;
    }
    SigningTime::parse(&dictionary.get::<PdfString<'_>>("M")?)
}

/// Decodes a hexadecimal string with its delimiters (ISO 32000-2, 7.3.4.3), of at most `limit`
/// bytes. Nothing but digits and white space may be in it.
fn hexadecimal(text: &[u8], limit: usize) -> Option<Vec<u8>> {
    let digits = text.strip_prefix(b"<")?.strip_suffix(b">")?;
    let mut bytes = Vec::with_capacity(limit.min(digits.len() / 2 + 1));
    let mut high = None;
    for byte in digits.iter().filter(|byte| !byte.is_ascii_whitespace()) {
        let digit = char::from(*byte).to_digit(16)?;
        let digit = u8::try_from(digit).ok()?;
        match high.take() {
            None => high = Some(digit),
            Some(high) => bytes.push(high << 4 | digit),
        }
        if bytes.len() > limit {
            return None;
        }
    }
    bytes.extend(high.map(|high| high << 4));
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_signature_is_left_out_of_the_signed_range() {
        let check = |byte_range: [u64; 4], expected: Result<usize, Defect>| {
            let found = Found {
                number: 1,
                generation: 0,
                is_direct: false,
                sub_filter: b"adbe.pkcs7.detached".to_vec(),
                byte_range: Some(byte_range.to_vec()),
                contents: Some(10..20),
            };
            let range = SignedRange::of(&found, 30).map(|range| range.end);
            assert_eq!(range, expected, "{byte_range:?}");
        };
        check([0, 10, 20, 10], Ok(30));
        // Its delimiters may be signed.
        check([0, 11, 19, 11], Ok(30));
        check([0, 10, 20, 5], Ok(25));
        check([0, 10, 20, 11], Err(Defect::Truncated));
        check([0, 9, 20, 10], Err(Defect::Range));
        check([0, 10, 21, 9], Err(Defect::Range));
        check([0, 12, 18, 12], Err(Defect::Range));
        check([1, 9, 20, 10], Err(Defect::Range));
        check([0, 10, u64::MAX, 10], Err(Defect::Range));
    }
}
