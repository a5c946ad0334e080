//! Reads and checks the signatures in CMS containers (RFC 5652), and timestamps (RFC 3161).

use super::algorithms::{Hash, Scheme, Unsupported};
use super::asn1::{
    Element, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, Reader, SEQUENCE, SET, constructed,
};
use super::certificate::Certificate;
use jiff::Timestamp;

/// Certificates that are read of one container.
const MAX_CERTIFICATES: usize = 32;
/// Attributes of a signer that are read.
const MAX_ATTRIBUTES: usize = 64;

const SIGNED_DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02];
const TIMESTAMP_INFO: &[u8] = &[
    0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x01, 0x04,
];
const CONTENT_TYPE: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x03];
const MESSAGE_DIGEST: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04];
const SIGNING_TIME: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x05];
/// A timestamp of the signature (RFC 3161, appendix A).
const SIGNATURE_TIMESTAMP: &[u8] = &[
    0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x02, 0x0E,
];
/// The digest of the signer's certificate (RFC 5035), by SHA-1 or by another algorithm.
const SIGNING_CERTIFICATE: &[u8] = &[
    0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x02, 0x0C,
];
const SIGNING_CERTIFICATE_V2: &[u8] = &[
    0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x02, 0x2F,
];

/// Why a signature is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// It is malformed, or does not hold.
    Broken,
    /// It uses something that is not supported.
    Unsupported,
}

impl From<Unsupported> for Failure {
    fn from(Unsupported: Unsupported) -> Self {
        Self::Unsupported
    }
}

/// A container with one signer.
pub(super) struct SignedData<'b> {
    content_type: &'b [u8],
    /// The signed content, if it is in the container.
    content: Option<Vec<u8>>,
    pub(super) certificates: Vec<Certificate<'b>>,
    signer: Signer<'b>,
}

/// A `SignerInfo`.
struct Signer<'b> {
    identifier: Element<'b>,
    digest_algorithm: Element<'b>,
    signed_attributes: Option<Element<'b>>,
    algorithm: Element<'b>,
    signature: Vec<u8>,
    unsigned_attributes: Option<Element<'b>>,
}

impl<'b> SignedData<'b> {
    /// Reads a container. Bytes may follow it: space is reserved before the signature is made.
    pub(super) fn parse(bytes: &'b [u8]) -> Result<Self, Failure> {
        Self::read(bytes).ok_or(Failure::Broken)?
    }

    fn read(bytes: &'b [u8]) -> Option<Result<Self, Failure>> {
        let mut info = Reader::new(bytes).require(SEQUENCE)?.reader();
        if info.require(OBJECT_IDENTIFIER)?.content != SIGNED_DATA {
            return None;
        }
        let data = info.require(constructed(0))?.reader().require(SEQUENCE)?;
        let mut data = data.reader();
        let _version = data.require(INTEGER)?;
        let _digest_algorithms = data.require(SET)?;
        let mut content = data.require(SEQUENCE)?.reader();
        let content_type = content.require(OBJECT_IDENTIFIER)?.content;
        let content = match content.optional(constructed(0)) {
            Some(content) => Some(content.reader().next()?.octets()?),
            None => None,
        };
        let certificates = data.optional(constructed(0));
        let certificates = certificates.into_iter().flat_map(Element::reader);
        let certificates = certificates
            .take(MAX_CERTIFICATES)
            .filter_map(|found| Certificate::parse(found.encoding))
            .collect();
        let _revocation_lists = data.optional(constructed(1));
        let mut signers = data.require(SET)?.reader();
        let signer = Signer::read(signers.require(SEQUENCE)?.reader())?;
        if !signers.is_empty() {
            // PDF allows one signer only (ISO 32000-2, 12.8.3.3.1).
            return Some(Err(Failure::Unsupported));
        }
        Some(Ok(Self {
            content_type,
            content,
            certificates,
            signer,
        }))
    }

    /// Returns the certificate of the signer.
    pub(super) fn signer_certificate(&self) -> Option<&Certificate<'b>> {
        let mut certificates = self.certificates.iter();
        certificates.find(|certificate| certificate.has_identifier(self.signer.identifier))
    }

    /// Returns the algorithm by which the signer has digested the content.
    pub(super) fn hash(&self) -> Result<Hash, Failure> {
        Ok(Hash::parse(self.signer.digest_algorithm)?)
    }

    /// Returns the content of the container.
    pub(super) fn content(&self) -> Result<&[u8], Failure> {
        self.content.as_deref().ok_or(Failure::Broken)
    }

    /// Returns the time that the signer claims.
    pub(super) fn signing_time(&self) -> Option<Timestamp> {
        let value = attribute(self.signer.signed_attributes?, SIGNING_TIME).ok()??;
        value.time()
    }

    /// Checks the signature of a content with this digest, by the algorithm of [`Self::hash`].
    pub(super) fn check(&self, digest: &[u8]) -> Result<(), Failure> {
        // Without the certificate, nothing shows whether the signature holds.
        let certificate = self.signer_certificate().ok_or(Failure::Unsupported)?;
        let scheme = Scheme::parse(self.signer.algorithm, self.hash().ok())?;
        let signature = &self.signer.signature;
        let holds = |signed: &[u8]| certificate.key.verify(scheme, signed, signature);
        let Some(attributes) = self.signer.signed_attributes else {
            // Without attributes, the content itself is signed.
            return match Ok(scheme.hash) == self.hash() {
                true if holds(digest)? => Ok(()),
                true => Err(Failure::Broken),
                false => Err(Failure::Unsupported),
            };
        };
        self.check_attributes(attributes, digest, certificate)?;
        // Attributes are stored with another tag and in any order, but signed as a set in DER (RFC
        // 5652, 5.4).
        if holds(&scheme.hash.digest(&attributes.as_set()))? {
            return Ok(());
        }
        // Some programs sign them in the order in which they store them. What verifiers make of it
        // differs.
        let (_, rest) = attributes.encoding.split_first().ok_or(Failure::Broken)?;
        if holds(&scheme.hash.digest(&[&[SET], rest].concat()))? {
            return Err(Failure::Unsupported);
        }
        Err(Failure::Broken)
    }

    /// Checks the signature of a content outside the container. Verifiers differ in what they make
    /// of a container with another content, which must have none (ISO 32000-2, 12.8.3.3.1).
    pub(super) fn check_detached(&self, digest: &[u8]) -> Result<(), Failure> {
        self.check(digest)?;
        match self.content {
            None => Ok(()),
            Some(_) => Err(Failure::Unsupported),
        }
    }

    fn check_attributes(
        &self,
        attributes: Element<'_>,
        digest: &[u8],
        certificate: &Certificate<'_>,
    ) -> Result<(), Failure> {
        let found = attribute(attributes, MESSAGE_DIGEST)?.ok_or(Failure::Broken)?;
        if found.tag != OCTET_STRING || found.content != digest {
            return Err(Failure::Broken);
        }
        let content_type = attribute(attributes, CONTENT_TYPE)?;
        if content_type.is_some_and(|found| found.content != self.content_type) {
            return Err(Failure::Broken);
        }
        for (identifier, default) in [
            (SIGNING_CERTIFICATE, Hash::Sha1),
            (SIGNING_CERTIFICATE_V2, Hash::Sha256),
        ] {
            if let Some(reference) = attribute(attributes, identifier)? {
                check_reference(reference, default, certificate)?;
            }
        }
        Ok(())
    }

    /// Returns the time in a timestamp of the signature, if there is one and it holds.
    pub(super) fn timestamp(&self) -> Option<Timestamp> {
        let token = attribute(self.signer.unsigned_attributes?, SIGNATURE_TIMESTAMP).ok()??;
        let token = SignedData::parse(token.encoding).ok()?;
        let info = TimestampInfo::of(&token).ok()?;
        let digest = info.hash.digest(&self.signer.signature);
        info.check(&token, &digest).ok()?;
        Some(info.time)
    }
}

impl<'b> Signer<'b> {
    fn read(mut reader: Reader<'b>) -> Option<Self> {
        let _version = reader.require(INTEGER)?;
        Some(Self {
            identifier: reader.next()?,
            digest_algorithm: reader.require(SEQUENCE)?,
            signed_attributes: reader.optional(constructed(0)),
            algorithm: reader.require(SEQUENCE)?,
            signature: reader.next()?.octets()?,
            unsigned_attributes: reader.optional(constructed(1)),
        })
    }
}

/// Returns the value of an attribute. An attribute of this kind must not occur twice.
fn attribute<'b>(
    attributes: Element<'b>,
    identifier: &[u8],
) -> Result<Option<Element<'b>>, Failure> {
    let mut found = None;
    for attribute in attributes.reader().take(MAX_ATTRIBUTES) {
        let mut parts = attribute.reader();
        let is_it = parts
            .require(OBJECT_IDENTIFIER)
            .is_some_and(|found| found.content == identifier);
        if !is_it {
            continue;
        }
        let value = parts.require(SET).and_then(|values| values.reader().next());
        if found.replace(value.ok_or(Failure::Broken)?).is_some() {
            return Err(Failure::Broken);
        }
    }
    Ok(found)
}

/// Checks that the first reference to a certificate is one to the signer's (RFC 5035, 5.4).
fn check_reference(
    reference: Element<'_>,
    default: Hash,
    certificate: &Certificate<'_>,
) -> Result<(), Failure> {
    let first = || {
        let certificates = reader_of(reference)?.require(SEQUENCE)?;
        certificates.reader().require(SEQUENCE)
    };
    let mut parts = first().ok_or(Failure::Broken)?.reader();
    let hash = match parts.optional(SEQUENCE) {
        Some(algorithm) => Hash::parse(algorithm)?,
        None => default,
    };
    let digest = parts.require(OCTET_STRING).ok_or(Failure::Broken)?.content;
    if digest == hash.digest(certificate.encoding) {
        Ok(())
    } else {
        Err(Failure::Broken)
    }
}

fn reader_of(element: Element<'_>) -> Option<Reader<'_>> {
    (element.tag == SEQUENCE).then(|| element.reader())
}

/// What a timestamp states: a digest existed at a time.
pub(super) struct TimestampInfo<'t> {
    pub(super) hash: Hash,
    digest: &'t [u8],
    pub(super) time: Timestamp,
}

impl<'t> TimestampInfo<'t> {
    /// Reads the statement of a timestamp.
    pub(super) fn of(token: &'t SignedData<'_>) -> Result<Self, Failure> {
        if token.content_type != TIMESTAMP_INFO {
            return Err(Failure::Broken);
        }
        Self::read(token.content()?).ok_or(Failure::Broken)?
    }

    fn read(content: &'t [u8]) -> Option<Result<Self, Failure>> {
        let mut info = Reader::new(content).require(SEQUENCE)?.reader();
        let _version = info.require(INTEGER)?;
        let _policy = info.require(OBJECT_IDENTIFIER)?;
        let mut imprint = info.require(SEQUENCE)?.reader();
        let hash = Hash::parse(imprint.require(SEQUENCE)?);
        let digest = imprint.require(OCTET_STRING)?.content;
        let _serial = info.require(INTEGER)?;
        let time = info.next()?.time()?;
        Some(
            hash.map_err(Failure::from)
                .map(|hash| Self { hash, digest, time }),
        )
    }

    /// Checks that the token states this digest, and its signature.
    pub(super) fn check(&self, token: &SignedData<'_>, digest: &[u8]) -> Result<(), Failure> {
        if self.digest != digest {
            return Err(Failure::Broken);
        }
        token.check(&token.hash()?.digest(token.content()?))
    }
}
