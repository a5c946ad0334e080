//! Web and mail hosts that a bank prints about itself.

use super::{Kind, Vote};
use crate::statement::banks::{self, Owner};
use crate::statement::page::{Page, Zone};

/// Longest name of a host (RFC 1035, 2.3.4).
const MOST_HOST_BYTES: usize = 253;

/// The banks whose hosts stand outside of the transactions.
pub(super) fn votes(pages: &[Page]) -> Vec<Vote> {
    let mut votes: Vec<Vote> = Vec::new();
    for line in pages.iter().flat_map(Page::around_table) {
        for word in line.text.split(' ').filter(|word| word.contains('.')) {
            let mail = word.contains('@');
            let Some((host, owner)) =
                hosts(word).find_map(|host| Some((host, banks::by_host(host)?)))
            else {
                continue;
            };
            // The holder may work at a bank and get mail there.
            let kind = match owner {
                Owner::Unlisted => Kind::OtherDomain,
                Owner::Bank(_) if mail && line.zone == Zone::Head => Kind::MailDomain,
                Owner::Bank(_) => Kind::Domain,
            };
            votes.push(Vote::new(kind, owner, format!("domain {host}")));
        }
    }
    votes
}

/// The hosts in a word. Handles such as `name@okhdfcbank` have no dot, and are none.
fn hosts(word: &str) -> impl Iterator<Item = &str> {
    word.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-')))
        .map(|part| part.trim_matches(['.', '-']))
        .filter(|part| part.contains('.') && part.len() <= MOST_HOST_BYTES)
}
