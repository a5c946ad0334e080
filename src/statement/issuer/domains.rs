//! Evidence from web and mail hosts that a bank prints about itself.

use super::{Evidence, EvidenceKind};
use crate::statement::banks::{BankRegistry, Owner};
use crate::statement::page::{self, Page, TextLine, Zone};

/// The longest host name (RFC 1035, 2.3.4).
const MAX_HOST_BYTES: usize = 253;
/// Parts of mail addresses that belong to an office and not to an employee.
const OFFICE_NAMES: [&str; 22] = [
    "ask",
    "alert",
    "bank",
    "branch",
    "care",
    "complaint",
    "contact",
    "customer",
    "desk",
    "feedback",
    "grievance",
    "help",
    "info",
    "manager",
    "nodal",
    "office",
    "queries",
    "query",
    "reply",
    "service",
    "statement",
    "support",
];
/// Words before an address to which holders are to write.
const INVITATIONS: [&str; 4] = ["write to us", "mail us", "us at", "contact us"];
/// Letters that the name of an office has in common with the host of its bank.
const MIN_COMMON_LETTERS: usize = 3;
/// What the labels of a branch contain.
const BRANCH: &str = "branch";
/// Words between "branch" and an address: "e-mail id".
const MAX_LABEL_WORDS: usize = 4;
/// Digits of a branch code.
const MIN_BRANCH_DIGITS: usize = 3;

/// Returns the owners of host names that are printed outside of the transactions.
pub(super) fn evidence<'r>(pages: &[Page], banks: &'r BankRegistry) -> Vec<Evidence<'r>> {
    let mut evidence = Vec::new();
    for line in pages.iter().flat_map(Page::around_table) {
        let mut before = "";
        for word in line.text.split(' ').filter(|word| !word.is_empty()) {
            let previous = std::mem::replace(&mut before, word);
            if !word.contains('.') {
                continue;
            }
            let Some((host, owner)) =
                hosts(word).find_map(|host| Some((host, banks.by_host(host)?)))
            else {
                continue;
            };
            // "name @example.com" and "name@ example.com" are addresses, too.
            let is_mail = word.contains('@') || previous.ends_with('@');
            let kind = match owner {
                Owner::Unlisted => EvidenceKind::UnlistedDomain,
                Owner::Bank(_) if is_mail && line.zone == Zone::Head => {
                    let name = word.split_once('@').map_or(previous, |(name, _)| name);
                    let name = if name.is_empty() { previous } else { name };
                    if is_office(name, host, line, pages) {
                        EvidenceKind::MailDomain
                    } else {
                        EvidenceKind::PersonalMail
                    }
                }
                Owner::Bank(_) => EvidenceKind::Domain,
            };
            evidence.push(Evidence::new(kind, owner, format!("domain {host}")));
        }
    }
    evidence
}

/// Returns whether a mail address above the transactions is that of an office of the bank.
///
/// Otherwise it may be the holder's, who may work at a bank. Offices are named by a task, by the
/// bank itself, by a code, or by the place of the branch.
fn is_office(name: &str, host: &str, line: &TextLine, pages: &[Page]) -> bool {
    let name = name.trim_end_matches('@');
    let name = name
        .rsplit([':', '<', '(', ',', ';'])
        .next()
        .unwrap_or(name);
    let label = host.split('.').next().unwrap_or_default();
    let letters: String = name.chars().filter(|c| c.is_alphabetic()).collect();
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    let common = letters.bytes().zip(label.bytes());
    let common = common.take_while(|(a, b)| a == b).count();
    OFFICE_NAMES.iter().any(|task| letters.contains(task))
        || INVITATIONS.iter().any(|words| line.text.contains(words))
        || is_labelled_branch(name, line)
        || common >= MIN_COMMON_LETTERS
        || digits >= MIN_BRANCH_DIGITS && is_short_form(&letters, label)
        || is_branch(&letters, pages)
}

/// Returns whether letters are a short form of a name: its first letter and further ones in order.
fn is_short_form(letters: &str, name: &str) -> bool {
    let mut rest = name.chars();
    letters.chars().next().is_some_and(|c| name.starts_with(c))
        && letters.chars().all(|c| rest.any(|other| other == c))
}

/// Returns whether the label of an address is that of a branch: "Branch E-mail ID".
fn is_labelled_branch(name: &str, line: &TextLine) -> bool {
    let before = line.text.split_once(name).map_or("", |(before, _)| before);
    let words: Vec<_> = page::words(before).collect();
    let mut label = words.iter().rev().take(MAX_LABEL_WORDS);
    label.any(|word| *word == BRANCH)
}

/// Returns whether a cell about the branch contains a name.
fn is_branch(name: &str, pages: &[Page]) -> bool {
    let mut lines = pages.iter().flat_map(Page::around_table);
    lines.any(|line| {
        let cells = line.cells.iter().map(|cell| line.cell(cell));
        let mut cells = cells.filter(|cell| *cell != ":");
        let mut label = "";
        cells.any(|cell| {
            let before = std::mem::replace(&mut label, cell);
            let is_branch = before.contains(BRANCH) || cell.contains(BRANCH);
            is_branch && !cell.contains('@') && page::words(cell).any(|word| word == name)
        })
    })
}

/// Returns the host names in a word. UPI handles such as `name@okhdfcbank` have no dot and are
/// skipped.
fn hosts(word: &str) -> impl Iterator<Item = &str> {
    word.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-')))
        .map(|part| part.trim_matches(['.', '-']))
        .filter(|part| part.contains('.') && part.len() <= MAX_HOST_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::page::tests::typed;

    fn kinds(lines: &[&str]) -> Vec<EvidenceKind> {
        let banks = BankRegistry::default();
        let pages = [Page::new(&typed(lines))];
        let evidence = evidence(&pages, &banks);
        evidence.into_iter().map(|piece| piece.kind).collect()
    }

    #[test]
    fn addresses_of_offices_are_distinguished_from_those_of_employees() {
        for line in [
            "Email : iob0163@iob.in",
            "Email : SBI.01234@SBI.CO.IN",
            "Email : cb1234@canarabank.com",
            "Write to us: priya@axisbank.com",
            "customer.service@axisbank.com",
            "yestouch@yesbank.in",
            "banker@idfcfirstbank.com",
            "Branch E-mail ID : priya@hdfcbank.com",
        ] {
            assert_eq!(kinds(&[line]), [EvidenceKind::MailDomain], "{line}");
        }
        let branch = ["Branch : LALITPUR", "Email : lalitpur@tmbank.in"];
        assert_eq!(kinds(&branch), [EvidenceKind::MailDomain]);
        for line in [
            "Mail : priya.rao@hdfcbank.com",
            "Mail : rk1985@hdfcbank.com",
            "Mail : priya@ hdfcbank.com",
            "Mail : priya @hdfcbank.com",
            "Mail : priya @ hdfcbank.com",
            "Name : PRIYA  Branch : KOCHI  Mail : priya@hdfcbank.com",
        ] {
            assert_eq!(kinds(&[line]), [EvidenceKind::PersonalMail], "{line}");
        }
        assert_eq!(kinds(&["www.hdfcbank.com"]), [EvidenceKind::Domain]);
    }
}
