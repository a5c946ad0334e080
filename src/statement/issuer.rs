//! Tells the bank that issued a statement, from evidence that names the issuer and no one else.
//!
//! Statements are full of other banks: every transfer names one. So only what banks print about
//! themselves counts: the IFSC in its own field, the bank's own domain, its name alone on a line
//! of the header. Conflicting evidence gives no answer; a wrong bank costs more than silence.

use super::banks::{self, Bank, IfscOwner};
use crate::pdf::{Line, PageText};
use serde::{Deserialize, Serialize};

/// A bank and how surely it issued the statement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Issuer {
    /// The likely bank.
    pub bank: &'static Bank,
    /// Of answers given with this confidence, this share is right. Between 0 and 1.
    pub confidence: f32,
    /// What speaks for it, in words a person can check. Never empty.
    pub evidence: Vec<String>,
    /// Other banks that something speaks for, less surely.
    pub alternatives: Vec<(&'static Bank, f32)>,
}

/// What the reading of a document's pages found about its issuer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct IssuerEvidence {
    /// The likely bank, if anything points to one.
    pub issuer: Option<Issuer>,
    /// The account's own IFSC, from its labelled field.
    pub ifsc: Option<String>,
}

/// A kind of evidence and how often it was right, on its own, on the statements that were studied
/// (72 of 72 with the sub-member table, 52 of 52, 36 of 37).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    LabelledIfsc,
    Domain,
    HeaderName,
}

impl Kind {
    /// The chance that this kind alone is wrong, with one case added to what was counted.
    fn doubt(self) -> f32 {
        match self {
            Self::LabelledIfsc => 0.014,
            Self::Domain => 0.02,
            Self::HeaderName => 0.05,
        }
    }
}

struct Vote {
    kind: Kind,
    bank: &'static Bank,
    words: String,
}

/// Lines of the first page in which a bank prints its own name.
const HEADER_LINES: usize = 15;
/// Labels looked at on one page; a statement has one or two.
const MOST_LABELS: usize = 32;
/// Longest name of a host (RFC 1035, 2.3.4).
const MOST_HOST_BYTES: usize = 253;
/// How far below its label, in lines, the value of a column stands.
const VALUE_BELOW: usize = 3;
/// How far from its label, in points, the value of a column may begin.
const COLUMN_SHIFT: f32 = 40.0;

/// Weighs what the pages say; the first page counts as the one with the header.
pub(super) fn recognise(pages: &[PageText]) -> IssuerEvidence {
    let mut votes = Vec::new();
    let mut ifsc = None;
    for page in pages {
        if ifsc.is_none()
            && let Some(found) = labelled_ifsc(&page.lines)
        {
            if let IfscOwner::Bank(bank) = banks::by_ifsc(&found) {
                votes.push(Vote {
                    kind: Kind::LabelledIfsc,
                    bank,
                    words: format!("IFSC {}…", found.get(..5).unwrap_or_default()),
                });
            }
            ifsc = Some(found);
        }
        votes.extend(domains(&page.lines));
    }
    if let Some(first) = pages.first() {
        votes.extend(header_names(&first.lines));
    }
    // An IFSC that belongs to no listed bank outweighs a name or a host: the issuer is unlisted,
    // and what else is printed is its sponsor.
    let unlisted = ifsc
        .as_deref()
        .is_some_and(|ifsc| banks::by_ifsc(ifsc) == IfscOwner::Unlisted);
    IssuerEvidence {
        issuer: if unlisted { None } else { weigh(&votes) },
        ifsc,
    }
}

fn weigh(votes: &[Vote]) -> Option<Issuer> {
    let mut banks: Vec<&'static Bank> = Vec::new();
    for vote in votes {
        if !banks.contains(&vote.bank) {
            banks.push(vote.bank);
        }
    }
    let confidence = |bank: &Bank| {
        let kinds = [Kind::LabelledIfsc, Kind::Domain, Kind::HeaderName];
        let doubt: f32 = kinds
            .iter()
            .filter(|kind| votes.iter().any(|v| v.bank == bank && v.kind == **kind))
            .map(|kind| kind.doubt())
            .product();
        1.0 - doubt
    };
    let mut ranked: Vec<_> = banks.iter().map(|bank| (*bank, confidence(bank))).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    let (bank, own) = *ranked.first()?;
    let alternatives: Vec<_> = ranked.iter().skip(1).copied().collect();
    // Two banks with evidence of their own: either may be a counterparty.
    let confidence = if alternatives.is_empty() {
        own.min(0.99)
    } else {
        0.5 * own
    };
    let mut evidence: Vec<String> = Vec::new();
    for vote in votes.iter().filter(|vote| vote.bank == bank) {
        if !evidence.contains(&vote.words) {
            evidence.push(vote.words.clone());
        }
    }
    Some(Issuer {
        bank,
        confidence,
        evidence,
        alternatives: alternatives
            .into_iter()
            .map(|(bank, own)| (bank, (1.0 - confidence) * own))
            .collect(),
    })
}

/// The IFSC behind, or in the column below, a label that says IFSC.
fn labelled_ifsc(lines: &[Line]) -> Option<String> {
    let mut labels = 0;
    for (index, line) in lines.iter().enumerate() {
        for (place, word) in line.words.iter().enumerate() {
            let Some(label_end) = ifsc_label(&word.text) else {
                continue;
            };
            labels += 1;
            if labels > MOST_LABELS {
                return None;
            }
            let rest = word.text.get(label_end..).unwrap_or_default();
            let behind = line.words.iter().skip(place + 1).map(|w| w.text.as_str());
            if let Some(found) = std::iter::once(rest).chain(behind).find_map(ifsc_in) {
                return Some(found);
            }
            let below = lines.iter().skip(index + 1).take(VALUE_BELOW);
            let mut in_column = below.flat_map(|line| &line.words).filter(|candidate| {
                candidate.x0 < word.x1 + COLUMN_SHIFT && candidate.x1 > word.x0 - COLUMN_SHIFT
            });
            if let Some(found) = in_column.find_map(|word| ifsc_in(&word.text)) {
                return Some(found);
            }
        }
    }
    None
}

/// Where a label ends in a word such as `IFSC`, `IFSC:` or `RTGS/NEFT` `IFSC:HDFC0001234`.
fn ifsc_label(word: &str) -> Option<usize> {
    let upper = word.to_ascii_uppercase();
    let at = upper.find("IFSC").or_else(|| {
        // "IFS Code" in two words.
        (upper == "IFS" || upper == "IFSCODE").then_some(0)
    })?;
    Some((at + 4).min(word.len()))
}

/// An IFSC standing by itself: glued to other text it is part of a narration.
fn ifsc_in(word: &str) -> Option<String> {
    let bare = word.trim_matches(|c: char| matches!(c, ':' | ',' | '.' | '(' | ')' | ';' | '-'));
    let bytes = bare.as_bytes();
    let (code, rest) = bytes.split_at_checked(4)?;
    let shaped = bytes.len() == 11
        && code.iter().all(u8::is_ascii_uppercase)
        && rest.first() == Some(&b'0')
        && rest
            .iter()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    shaped.then(|| bare.to_owned())
}

/// Own web and e-mail domains. Handles such as `name@okhdfcbank` are no domains.
fn domains(lines: &[Line]) -> Vec<Vote> {
    let mut votes: Vec<Vote> = Vec::new();
    for word in lines.iter().flat_map(|line| &line.words) {
        let Some((host, bank)) = own_host(&word.text) else {
            continue;
        };
        if votes.iter().all(|vote| vote.bank != bank) {
            votes.push(Vote {
                kind: Kind::Domain,
                bank,
                words: format!("domain {host}"),
            });
        }
    }
    votes
}

fn own_host(word: &str) -> Option<(String, &'static Bank)> {
    if !word.contains('.') {
        return None;
    }
    let lower = word.to_lowercase();
    lower
        .split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-')))
        .map(|part| part.trim_matches(|c| matches!(c, '.' | '-')))
        .filter(|part| part.contains('.') && part.len() <= MOST_HOST_BYTES)
        .find_map(|host| Some((host.to_owned(), banks::by_host(host)?)))
}

fn header_names(lines: &[Line]) -> Vec<Vote> {
    let named = lines.iter().take(HEADER_LINES).filter_map(|line| {
        let text = line.text();
        Some(Vote {
            kind: Kind::HeaderName,
            bank: banks::by_name(&text)?,
            words: "name in the header".to_owned(),
        })
    });
    let mut votes: Vec<Vote> = Vec::new();
    for vote in named {
        if votes.iter().all(|known| known.bank != vote.bank) {
            votes.push(vote);
        }
    }
    votes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::Word;

    /// Lines of words, each at 10 points a character.
    fn page(lines: &[&str]) -> PageText {
        let line = |(row, text): (usize, &&str)| {
            let mut x = 0.0;
            let word = |text: &str| {
                let x0 = x;
                x += text.len() as f32 * 10.0 + 10.0;
                Word {
                    text: text.to_owned(),
                    x0,
                    x1: x - 10.0,
                }
            };
            Line {
                words: text
                    .split(' ')
                    .filter(|w| !w.is_empty())
                    .map(word)
                    .collect(),
                y: row as f32 * 12.0,
                size: 10.0,
            }
        };
        PageText {
            width: 600.0,
            height: 800.0,
            lines: lines.iter().enumerate().map(line).collect(),
        }
    }

    fn check(lines: &[&str], expected: Option<&str>) {
        let found = recognise(&[page(lines)]).issuer;
        assert_eq!(found.map(|issuer| issuer.bank.id), expected, "{lines:?}");
    }

    #[test]
    fn the_ifsc_in_its_field_names_the_issuer() {
        check(&["RTGS/NEFT IFSC : HDFC0001234"], Some("hdfc"));
        check(&["IFSC:SBIN0001234"], Some("sbi"));
        check(&["IFS Code : SBIN0001234"], Some("sbi"));
        check(&["Branch IFSC MICR", "Pune UTIB0000123 4110"], Some("axis"));
    }

    #[test]
    fn counterparties_do_not_vote() {
        check(
            &["NEFT-BARB0XXXXXX-IFSC payment", "NEFT*ICIC0000123*"],
            None,
        );
        check(&["UPI/someone@okhdfcbank/axl"], None);
        check(&["Paid to State Bank of India card"], None);
    }

    #[test]
    fn a_sub_member_is_not_its_sponsor() {
        check(&["HDFC Bank", "IFSC HDFC0CXYZZY", "www.hdfcbank.com"], None);
    }

    #[test]
    fn conflicting_evidence_lowers_the_confidence() {
        let text = page(&["Axis Bank", "IFSC HDFC0001234"]);
        let issuer = recognise(&[text]).issuer.unwrap();
        assert_eq!(issuer.bank.id, "hdfc");
        assert!(issuer.confidence < 0.6, "{}", issuer.confidence);
        assert_eq!(issuer.alternatives.len(), 1);
    }
}
