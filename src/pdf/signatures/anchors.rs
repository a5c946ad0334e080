//! Certificates that are trusted, and certificates that complete chains to them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::sync::{Arc, LazyLock};

/// The SHA-256 of the roots of India's public key infrastructure, as published by the Controller of
/// Certifying Authorities: CCA India 2022, 2022 SPL and 2014.
///
/// Each was found in several independent sources. CCA India 2015 SPL is left out: only one source
/// has its fingerprint, and the signature of the published certificate does not hold.
const ROOTS: [[u8; 32]; 3] = [
    [
        0x9A, 0x3F, 0xD3, 0x17, 0x67, 0x98, 0xE8, 0x42, 0xDD, 0xCB, 0x12, 0xC2, 0x62, 0xF1, 0x1C,
        0xFA, 0xCC, 0xA7, 0x0A, 0x8B, 0x84, 0xC6, 0xEA, 0x6F, 0xDA, 0x30, 0x84, 0x2A, 0x95, 0xA9,
        0x4C, 0xD8,
    ],
    [
        0xB7, 0x24, 0x68, 0x9B, 0x79, 0xB2, 0xEF, 0x94, 0x21, 0xEF, 0x8F, 0x5C, 0xC7, 0x33, 0xEB,
        0x09, 0x38, 0x51, 0xB1, 0x70, 0xEE, 0x71, 0x51, 0x77, 0x00, 0x5A, 0x09, 0xF2, 0x26, 0xD8,
        0xC9, 0x1A,
    ],
    [
        0x60, 0x10, 0x9B, 0xC6, 0xC3, 0x83, 0x28, 0x59, 0x8A, 0x11, 0x2C, 0x7A, 0x25, 0xE3, 0x8B,
        0x0F, 0x23, 0xE5, 0xA7, 0x51, 0x1C, 0xB8, 0x15, 0xFB, 0x64, 0xE0, 0xC4, 0xFF, 0x05, 0xDB,
        0x7D, 0xF7,
    ],
];
/// The roots, and the certificates of licensed authorities whose bytes were available.
const CERTIFICATES: &str = include_str!("../../data/certificates.pem");

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// The trust anchors of the user, in addition to the built-in ones. Clones share the certificates.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrustAnchors {
    certificates: Arc<Vec<Vec<u8>>>,
}

impl TrustAnchors {
    /// Creates anchors from certificates in DER.
    pub fn new(certificates: Vec<Vec<u8>>) -> Self {
        Self {
            certificates: Arc::new(certificates),
        }
    }

    /// Returns the certificates in DER.
    pub fn certificates(&self) -> &[Vec<u8>] {
        &self.certificates
    }

    /// Returns whether a certificate in DER is trusted.
    pub(super) fn contains(&self, certificate: &[u8]) -> bool {
        let mut own = self.certificates.iter();
        own.any(|own| own == certificate) || ROOTS.contains(&Sha256::digest(certificate).into())
    }
}

/// The built-in certificates in DER.
pub(super) static BUILT_IN: LazyLock<Vec<Vec<u8>>> =
    LazyLock::new(|| certificates_of(CERTIFICATES).unwrap_or_default());

/// Returns the certificates of a text in PEM (RFC 7468). Text outside of them is ignored.
///
/// Returns `None` if one of them is malformed.
pub fn certificates_of(pem: &str) -> Option<Vec<Vec<u8>>> {
    let blocks = pem.split(BEGIN).skip(1);
    let decode = |block: &str| {
        let (base64, _) = block.split_once(END)?;
        let digits: String = base64.split_ascii_whitespace().collect();
        let der = STANDARD.decode(digits).ok()?;
        super::certificate::Certificate::parse(&der)?;
        Some(der)
    };
    blocks.map(decode).collect()
}

#[cfg(test)]
mod tests {
    use super::super::certificate::Certificate;
    use super::*;

    #[test]
    fn the_built_in_certificates_are_the_roots_and_what_they_have_signed() {
        let all: Vec<_> = BUILT_IN
            .iter()
            .map(|der| Certificate::parse(der).unwrap())
            .collect();
        let anchors = TrustAnchors::default();
        let (roots, others): (Vec<&Certificate<'_>>, Vec<_>) = all
            .iter()
            .partition(|certificate| anchors.contains(certificate.encoding));
        assert_eq!(roots.len(), ROOTS.len());
        assert!(!others.is_empty());
        for certificate in roots {
            assert_eq!(certificate.is_issued_by(certificate), Ok(true));
            assert!(certificate.may_issue(3));
        }
        for certificate in others {
            let mut issuers = all
                .iter()
                .filter(|issuer| issuer.encoding != certificate.encoding);
            assert!(
                issuers.any(|issuer| certificate.is_issued_by(issuer) == Ok(true)),
                "{:?}",
                certificate.organisation()
            );
            assert!(certificate.may_issue(0));
        }
    }

    #[test]
    fn malformed_certificates_are_rejected() {
        assert_eq!(certificates_of("no certificate"), Some(Vec::new()));
        assert_eq!(certificates_of(&format!("{BEGIN}\nAAAA\n{END}")), None);
        assert_eq!(certificates_of(&format!("{BEGIN}\nMIIF")), None);
    }
}
