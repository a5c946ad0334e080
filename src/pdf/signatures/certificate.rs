//! Reads X.509 certificates (RFC 5280).

use super::algorithms::{PublicKey, Scheme, Unsupported};
use super::asn1::{
    BIT_STRING, Element, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, Reader, SEQUENCE, SET,
    constructed, primitive,
};
use jiff::Timestamp;

const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const ORGANISATION: &[u8] = &[0x55, 0x04, 0x0A];
const SUBJECT_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1D, 0x0E];
const KEY_USAGE: &[u8] = &[0x55, 0x1D, 0x0F];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1D, 0x13];
/// Critical extensions that do not restrict what is checked here: alternative names, policies and
/// purposes.
const IGNORED: [&[u8]; 6] = [
    &[0x55, 0x1D, 0x11],
    &[0x55, 0x1D, 0x12],
    &[0x55, 0x1D, 0x20],
    &[0x55, 0x1D, 0x21],
    &[0x55, 0x1D, 0x24],
    &[0x55, 0x1D, 0x25],
];
/// Bits of the key usage, from the first byte (RFC 5280, 4.2.1.3).
const DIGITAL_SIGNATURE: u8 = 0x80;
const NON_REPUDIATION: u8 = 0x40;
const CERTIFICATE_SIGNATURE: u8 = 0x04;
/// Characters kept of a name.
const MAX_CHARS: usize = 200;
/// The organisation that certificates of private persons name in place of one.
const NO_ORGANISATION: &str = "Personal";

/// A certificate.
#[derive(Debug, Clone, Copy)]
pub(super) struct Certificate<'b> {
    pub(super) encoding: &'b [u8],
    /// The part that is signed.
    body: &'b [u8],
    pub(super) serial: &'b [u8],
    pub(super) issuer: &'b [u8],
    pub(super) subject: &'b [u8],
    not_before: Timestamp,
    not_after: Timestamp,
    pub(super) key: PublicKey<'b>,
    algorithm: Element<'b>,
    signature: &'b [u8],
    pub(super) key_identifier: Option<&'b [u8]>,
    is_authority: bool,
    /// Authorities that may be between this one and the signer.
    path_length: Option<u32>,
    key_usage: Option<u8>,
    /// Whether it has a critical extension that is not checked here.
    has_unknown_constraint: bool,
}

impl<'b> Certificate<'b> {
    pub(super) fn parse(encoding: &'b [u8]) -> Option<Self> {
        let certificate = Element::parse(encoding).filter(|found| found.tag == SEQUENCE)?;
        let mut parts = certificate.reader();
        let body = parts.require(SEQUENCE)?;
        let algorithm = parts.require(SEQUENCE)?;
        let signature = parts.require(BIT_STRING)?.bits()?;
        let mut reader = body.reader();
        let version = reader.optional(constructed(0));
        let serial = reader.require(INTEGER)?.content;
        let _same_algorithm = reader.require(SEQUENCE)?;
        let issuer = reader.require(SEQUENCE)?.encoding;
        let mut validity = reader.require(SEQUENCE)?.reader();
        let (not_before, not_after) = (validity.next()?.time()?, validity.next()?.time()?);
        let subject = reader.require(SEQUENCE)?.encoding;
        let key = PublicKey::parse(reader.require(SEQUENCE)?)?;
        let mut certificate = Self {
            encoding: certificate.encoding,
            body: body.encoding,
            serial,
            issuer,
            subject,
            not_before,
            not_after,
            key,
            algorithm,
            signature,
            key_identifier: None,
            // The first version has no extensions; only old roots use it.
            is_authority: version.is_none() && issuer == subject,
            path_length: None,
            key_usage: None,
            has_unknown_constraint: false,
        };
        if let Some(extensions) = reader.find(|found| found.tag == constructed(3)) {
            for extension in extensions.reader().require(SEQUENCE)?.reader() {
                certificate.add(extension.reader())?;
            }
        }
        Some(certificate)
    }

    /// Reads an extension.
    fn add(&mut self, mut extension: Reader<'b>) -> Option<()> {
        let identifier = extension.require(OBJECT_IDENTIFIER)?.content;
        let mut value = extension.next()?;
        let is_critical = value.is_true();
        if value.tag != OCTET_STRING {
            value = extension.require(OCTET_STRING)?;
        }
        match identifier {
            SUBJECT_KEY_IDENTIFIER => {
                self.key_identifier = Some(value.reader().require(OCTET_STRING)?.content);
            }
            KEY_USAGE => {
                let bits = value.reader().require(BIT_STRING)?.content;
                self.key_usage = Some(bits.get(1).copied().unwrap_or(0));
            }
            BASIC_CONSTRAINTS => {
                let mut constraints = value.reader().require(SEQUENCE)?.reader();
                let first = constraints.next();
                self.is_authority = first.is_some_and(Element::is_true);
                self.path_length = constraints.next().and_then(Element::number);
            }
            other => {
                self.has_unknown_constraint |= is_critical && !IGNORED.contains(&other);
            }
        }
        Some(())
    }

    pub(super) fn is_self_issued(&self) -> bool {
        self.issuer == self.subject
    }

    pub(super) fn is_valid_at(&self, time: Timestamp) -> bool {
        (self.not_before..=self.not_after).contains(&time) && !self.has_unknown_constraint
    }

    /// Returns whether the key may sign documents.
    pub(super) fn may_sign_documents(&self) -> bool {
        let usage = self.key_usage.unwrap_or(DIGITAL_SIGNATURE);
        usage & (DIGITAL_SIGNATURE | NON_REPUDIATION) != 0
    }

    /// Returns whether this is an authority that may issue certificates with `authorities` other
    /// authorities between it and the signer.
    pub(super) fn may_issue(&self, authorities: usize) -> bool {
        let usage = self.key_usage.unwrap_or(CERTIFICATE_SIGNATURE);
        let length = self
            .path_length
            .map_or(usize::MAX, |length| length as usize);
        self.is_authority && usage & CERTIFICATE_SIGNATURE != 0 && authorities <= length
    }

    /// Returns whether this certificate is signed by the key of another one.
    pub(super) fn is_issued_by(&self, issuer: &Certificate<'_>) -> Result<bool, Unsupported> {
        if self.issuer != issuer.subject {
            return Ok(false);
        }
        let scheme = Scheme::parse(self.algorithm, None)?;
        let digest = scheme.hash.digest(self.body);
        issuer.key.verify(scheme, &digest, self.signature)
    }

    /// Returns the organisation of the subject. Never the name of a person.
    pub(super) fn organisation(&self) -> Option<String> {
        organisation_of(self.subject)
    }

    /// Returns the name of the issuing authority. The issuer of a certificate that a person has
    /// made is that person, so that only the organisation counts.
    pub(super) fn issuer_name(&self) -> Option<String> {
        let authority = (!self.is_self_issued())
            .then(|| attribute(self.issuer, COMMON_NAME))
            .flatten();
        authority.or_else(|| organisation_of(self.issuer))
    }

    /// Returns whether a signer's identifier is that of this certificate (RFC 5652, 5.3).
    pub(super) fn has_identifier(&self, identifier: Element<'_>) -> bool {
        if identifier.tag == primitive(0) {
            return self.key_identifier == Some(identifier.content);
        }
        let mut reader = identifier.reader();
        let issuer = reader.require(SEQUENCE).map(|issuer| issuer.encoding);
        let serial = reader.require(INTEGER).map(|serial| serial.content);
        issuer == Some(self.issuer) && serial == Some(self.serial)
    }
}

fn organisation_of(name: &[u8]) -> Option<String> {
    attribute(name, ORGANISATION).filter(|name| name != NO_ORGANISATION)
}

/// Returns an attribute of a distinguished name.
fn attribute(name: &[u8], identifier: &[u8]) -> Option<String> {
    let sets = Element::parse(name)?.reader();
    let sets = sets.filter(|set| set.tag == SET);
    let mut attributes = sets.flat_map(Element::reader);
    attributes.find_map(|attribute| {
        let mut parts = attribute.reader();
        let found = parts.require(OBJECT_IDENTIFIER)?.content == identifier;
        let text = parts.next().filter(|_| found)?.text();
        let text: String = text.trim().chars().take(MAX_CHARS).collect();
        (!text.is_empty()).then_some(text)
    })
}
