//! Evidence from web and mail hosts that a bank prints about itself.

use super::{Evidence, EvidenceKind};
use crate::statement::banks::{BankRegistry, Owner};
use crate::statement::page::{Page, Zone};

/// The longest host name (RFC 1035, 2.3.4).
const MAX_HOST_BYTES: usize = 253;

/// Returns the owners of host names that are printed outside of the transactions.
pub(super) fn evidence<'r>(pages: &[Page], banks: &'r BankRegistry) -> Vec<Evidence<'r>> {
    let mut evidence = Vec::new();
    for line in pages.iter().flat_map(Page::around_table) {
        for word in line.text.split(' ').filter(|word| word.contains('.')) {
            let is_mail = word.contains('@');
            let Some((host, owner)) =
                hosts(word).find_map(|host| Some((host, banks.by_host(host)?)))
            else {
                continue;
            };
            // A mail address above the transactions may be the holder's, who may work at a bank.
            let kind = match owner {
                Owner::Unlisted => EvidenceKind::UnlistedDomain,
                Owner::Bank(_) if is_mail && line.zone == Zone::Head => EvidenceKind::MailDomain,
                Owner::Bank(_) => EvidenceKind::Domain,
            };
            evidence.push(Evidence::new(kind, owner, format!("domain {host}")));
        }
    }
    evidence
}

/// Returns the host names in a word. UPI handles such as `name@okhdfcbank` have no dot and are
/// skipped.
fn hosts(word: &str) -> impl Iterator<Item = &str> {
    word.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-')))
        .map(|part| part.trim_matches(['.', '-']))
        .filter(|part| part.contains('.') && part.len() <= MAX_HOST_BYTES)
}
