//! Follows the chain of a certificate to a trust anchor.

use super::anchors::{BUILT_IN, TrustAnchors};
use super::certificate::Certificate;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Certificates in a chain.
const MAX_LENGTH: usize = 8;
/// Signatures of certificates that are checked. Certificates can share a name, so that chains
/// branch.
const MAX_CHECKS: usize = 48;

/// Whether the signer is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trust {
    /// The chain ends at a trust anchor, and all its certificates were valid at the signing time.
    Anchored,
    /// The chain ends at another root, or is not acceptable.
    Untrusted,
    /// The chain has no root: it is neither in the file nor configured.
    Incomplete,
}

impl Trust {
    /// Returns the name in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Anchored => "anchored",
            Self::Untrusted => "untrusted",
            Self::Incomplete => "incomplete",
        }
    }
}

/// Judges the chain of a signer at the signing time.
///
/// `embedded` are the certificates of the file. Without a signing time, no chain is trusted.
pub(super) fn judge(
    signer: &Certificate<'_>,
    embedded: &[Certificate<'_>],
    anchors: &TrustAnchors,
    time: Option<Timestamp>,
) -> Trust {
    let known = anchors.certificates().iter().chain(&*BUILT_IN);
    let known: Vec<_> = known.filter_map(|der| Certificate::parse(der)).collect();
    let issuers: Vec<&Certificate<'_>> = known.iter().chain(embedded).collect();
    let mut search = Search {
        issuers,
        anchors,
        time,
        checks: 0,
        chain: Vec::new(),
        best: Trust::Incomplete,
    };
    search.follow(signer);
    match search.best {
        Trust::Anchored if !signer.may_sign_documents() => Trust::Untrusted,
        best => best,
    }
}

/// The search for a chain.
struct Search<'s, 'b> {
    issuers: Vec<&'s Certificate<'b>>,
    anchors: &'s TrustAnchors,
    time: Option<Timestamp>,
    checks: usize,
    /// The certificates from the signer to the current one.
    chain: Vec<&'s Certificate<'b>>,
    best: Trust,
}

impl<'s, 'b> Search<'s, 'b> {
    /// Follows the chain from a certificate; `best` becomes the result.
    fn follow(&mut self, certificate: &'s Certificate<'b>) {
        self.chain.push(certificate);
        let is_anchor = self.anchors.contains(certificate.encoding);
        if is_anchor {
            let is_valid = self.time.is_some_and(|time| {
                let mut chain = self.chain.iter();
                chain.all(|certificate| certificate.is_valid_at(time))
            });
            self.add(if is_valid {
                Trust::Anchored
            } else {
                Trust::Untrusted
            });
        } else if certificate.is_self_issued() {
            self.add(Trust::Untrusted);
        } else if self.chain.len() < MAX_LENGTH {
            self.follow_issuers(certificate);
        }
        self.chain.pop();
    }

    fn follow_issuers(&mut self, certificate: &'s Certificate<'b>) {
        let authorities = self.chain.len() - 1;
        for index in 0..self.issuers.len() {
            let Some(issuer) = self.issuers.get(index).copied() else {
                return;
            };
            let is_new = |known: &&Certificate<'_>| known.encoding != issuer.encoding;
            if self.best == Trust::Anchored
                || issuer.subject != certificate.issuer
                || !self.chain.iter().all(is_new)
            {
                continue;
            }
            self.checks += 1;
            if self.checks > MAX_CHECKS {
                return;
            }
            match certificate.is_issued_by(issuer) {
                Ok(true) if issuer.may_issue(authorities) => self.follow(issuer),
                // A certificate by something that may not issue any, or by an unknown algorithm.
                Ok(true) | Err(_) => self.add(Trust::Untrusted),
                Ok(false) => {}
            }
        }
    }

    /// Adds the result of one chain. A complete chain outweighs an incomplete one.
    fn add(&mut self, found: Trust) {
        if found == Trust::Anchored || self.best == Trust::Incomplete {
            self.best = found;
        }
    }
}
