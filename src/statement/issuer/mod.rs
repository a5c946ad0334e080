//! Tells the bank that issued a statement, from evidence that names the issuer and no one else.
//!
//! Statements are full of other banks: every transfer names one. So only what banks print about
//! themselves counts, and only outside of the transactions: the IFSC in its own field, the bank's
//! own domain, its name where an issuer puts it, its registered office, its column headings.
//!
//! Each kind of evidence votes once, with the odds at which it was right on the statements that
//! were studied. A bank without an identifier is a candidate like any other. Conflicting evidence
//! lowers the confidence of all; a wrong bank costs more than silence.

mod bank_names;
mod domains;
mod ifsc;
mod layout_markers;
pub(super) mod logos;

use super::banks::{self, Bank, Owner};
use super::page::Page;
use super::table::Table;
use crate::pdf::{ImageDigest, Metadata};
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
pub(super) struct IssuerEvidence {
    /// The likely bank, if anything points to one.
    pub(super) issuer: Option<Issuer>,
    /// The account's own IFSC, from its labelled field.
    pub(super) ifsc: Option<String>,
}

/// A kind of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    LabelledIfsc,
    LabelledBank,
    Domain,
    MailDomain,
    /// Of an issuer without identifier: often only an advertisement of the same group.
    OtherDomain,
    HeaderName,
    HeaderPhrase,
    Office,
    Disclaimer,
    Mention,
    Headings,
    Label,
    Phone,
    Metadata,
    Logo,
}

impl Kind {
    /// How often it names the issuer where it names a bank at all, with one miss added to what was
    /// counted: labelled IFSC 72 of 72 with the sub-member table, domains 52 of 52, registered
    /// offices 31 of 31, logos 29 of 29, names in the header 36 of 37, headings and labels 31 of
    /// 31, metadata 5 of 6. Those that were not counted apart are set below the nearest that was.
    fn reliability(self) -> f32 {
        match self {
            Self::LabelledIfsc => 0.986,
            Self::Domain | Self::Logo => 0.98,
            Self::LabelledBank | Self::Office | Self::Headings | Self::Label => 0.97,
            Self::HeaderName => 0.96,
            Self::HeaderPhrase | Self::Disclaimer | Self::MailDomain => 0.92,
            Self::Metadata | Self::Mention => 0.85,
            Self::OtherDomain => 0.8,
            Self::Phone => 0.75,
        }
    }

    /// The logarithm of its odds.
    fn weight(self) -> f32 {
        let chance = self.reliability();
        (chance / (1.0 - chance)).ln()
    }
}

/// One piece of evidence for a bank, or for one without an identifier.
struct Vote {
    kind: Kind,
    bank: Option<&'static Bank>,
    /// For a person to check: "name in the header".
    words: String,
}

impl Vote {
    fn new(kind: Kind, owner: Owner, words: impl Into<String>) -> Self {
        Self {
            kind,
            bank: match owner {
                Owner::Bank(bank) => Some(bank),
                Owner::Unlisted => None,
            },
            words: words.into(),
        }
    }
}

/// The highest confidence that is ever claimed.
const MOST_SURE: f32 = 0.99;
/// Below this an alternative is not worth a line.
const LEAST_ALTERNATIVE: f32 = 0.01;

/// Weighs what the pages say; the first counts as the one with the header.
pub(super) fn recognise(
    pages: &[Page],
    tables: &[Table],
    metadata: &Metadata,
    images: &[ImageDigest],
) -> IssuerEvidence {
    let ifsc = pages.iter().find_map(ifsc::labelled);
    let mut votes = Vec::new();
    votes.extend(ifsc.as_deref().and_then(ifsc::vote));
    votes.extend(bank_names::votes(pages));
    votes.extend(domains::votes(pages));
    votes.extend(layout_markers::votes(pages, tables));
    votes.extend(bank_names::metadata_vote(metadata));
    votes.extend(logos::votes(images));
    // Who borrows a code prints much of the bank that lends it, too.
    if let Some(lender) = ifsc.as_deref().and_then(banks::lender) {
        votes.retain(|vote| vote.bank != Some(lender));
    }
    IssuerEvidence {
        issuer: weigh(&votes),
        ifsc,
    }
}

fn weigh(votes: &[Vote]) -> Option<Issuer> {
    let mut candidates: Vec<(Option<&'static Bank>, f32)> = vec![(None, 0.0)];
    let mut counted: Vec<(Kind, Option<&'static Bank>)> = Vec::new();
    for vote in votes {
        if counted.contains(&(vote.kind, vote.bank)) {
            continue;
        }
        counted.push((vote.kind, vote.bank));
        match candidates.iter_mut().find(|(bank, _)| *bank == vote.bank) {
            Some((_, weight)) => *weight += vote.kind.weight(),
            None => candidates.push((vote.bank, vote.kind.weight())),
        }
    }
    let total: f32 = candidates.iter().map(|(_, weight)| weight.exp()).sum();
    let mut ranked: Vec<(&'static Bank, f32)> = candidates
        .iter()
        .filter_map(|(bank, weight)| Some(((*bank)?, (weight.exp() / total).min(MOST_SURE))))
        .collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    let (bank, confidence) = *ranked.first()?;
    let mut evidence: Vec<String> = Vec::new();
    for vote in votes.iter().filter(|vote| vote.bank == Some(bank)) {
        if !evidence.contains(&vote.words) {
            evidence.push(vote.words.clone());
        }
    }
    let mut alternatives: Vec<_> = ranked
        .into_iter()
        .skip(1)
        .filter(|(_, chance)| *chance >= LEAST_ALTERNATIVE)
        .collect();
    for relative in banks::family(bank) {
        if alternatives.iter().all(|(known, _)| *known != relative) {
            alternatives.push((relative, 1.0 - confidence));
        }
    }
    Some(Issuer {
        bank,
        confidence,
        evidence,
        alternatives,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::dates::Order;
    use crate::statement::page::tests::typed;
    use crate::statement::table;

    fn recognise_typed(lines: &[&str]) -> Option<Issuer> {
        let mut page = Page::of(&typed(lines));
        let table = table::find(&mut page, Order::DayFirst);
        recognise(&[page], &[table], &Metadata::default(), &[]).issuer
    }

    fn check(lines: &[&str], expected: Option<&str>) {
        let found = recognise_typed(lines).filter(|issuer| issuer.confidence >= 0.9);
        assert_eq!(found.map(|issuer| issuer.bank.id), expected, "{lines:?}");
    }

    #[test]
    fn the_ifsc_in_its_field_names_the_issuer() {
        check(&["RTGS/NEFT IFSC : HDFC0001234"], Some("hdfc"));
        check(&["IFSC:SBIN0001234"], Some("sbi"));
        check(&["IFS Code : SBIN0001234"], Some("sbi"));
        check(
            &[
                "Branch    IFSC            MICR",
                "Pune      UTIB0000123     411012345",
            ],
            Some("axis"),
        );
        check(
            &["Branch        IFSC", "              KARB0000527"],
            Some("karnataka"),
        );
    }

    #[test]
    fn names_count_where_an_issuer_puts_them() {
        check(&["HDFC BANK LTD", "Statement of account"], Some("hdfc"));
        check(
            &["T H E  K A R N A T A K A  B A N K  L T D"],
            Some("karnataka"),
        );
        check(
            &["Co\u{2212}operative: THE SUTEX CO\u{2212}OP BANK LTD."],
            None,
        );
        check(&["THE SUTEX CO\u{2212}OP BANK LTD."], Some("sutexbnk"));
        check(&["CENTRAL BANK OF INDIA"], Some("central"));
        check(&["RESERVE BANK OF INDIA"], None);
        check(&["Bank Name : Axis Bank"], Some("axis"));
        check(
            &[
                "statement",
                "Registered Office: The Federal Bank Ltd, Federal Towers, Aluva",
            ],
            Some("federal"),
        );
    }

    #[test]
    fn counterparties_do_not_vote() {
        let table = [
            "Statement of account",
            "Date        Narration                     Debit      Credit    Balance",
            "01/04/2024  NEFT IFSC: HDFC0001234        100.00               900.00",
            "            STATE BANK OF INDIA",
            "02/04/2024  UPI/someone@okhdfcbank                   50.00     950.00",
            "            www.axisbank.com",
            "03/04/2024  NEFT*ICIC0000123*ICICI Bank              50.00   1,000.00",
        ];
        assert_eq!(recognise_typed(&table), None);
        check(&["UPI/someone@okhdfcbank/axl"], None);
    }

    #[test]
    fn a_bank_in_the_holders_address_does_not_vote() {
        for name in [
            "STATE BANK OF INDIA",
            "NEAR AXIS BANK",
            "STATE BANK OF INDIA COLONY",
        ] {
            let labelled = format!("Address : 12 MG ROAD       {name}");
            let behind_label = format!("          {name}");
            let value = format!("        : {name}");
            for lines in [
                &["RAMESH KUMAR", "12 MG ROAD", name, "PUNE 411001"][..],
                &[
                    "Name    : RAMESH KUMAR",
                    "Address : 12 MG ROAD",
                    &behind_label,
                ],
                &["Address : 12 MG ROAD", &value, "        : PUNE 411001"],
                &[&labelled],
                &["Account Name : ", name],
            ] {
                assert_eq!(recognise_typed(lines), None, "{lines:?}");
            }
            let holder = format!("Account Holder : {name}");
            assert_eq!(recognise_typed(&[&holder]), None, "{holder}");
        }
    }

    #[test]
    fn a_bank_without_identifier_is_not_its_sponsor() {
        check(&["HDFC Bank", "IFSC HDFC0CXYZZY"], None);
        check(
            &[
                "MAHARASHTRA GRAMIN BANK",
                "(Sponsored by Bank of Maharashtra)",
                "IFSC MAHB0RRBMGB",
            ],
            Some("mahagrambnk"),
        );
        check(
            &["SOMETOWN NAGARIK SAHAKARI BANK LTD", "www.hdfcbank.com"],
            None,
        );
        check(
            &[
                "Aryavart Gramin Bank",
                "(Sponsored by Bank of India)",
                "Statement",
            ],
            None,
        );
    }

    #[test]
    fn conflicting_evidence_lowers_the_confidence() {
        let issuer = recognise_typed(&["Axis Bank", "", "IFSC HDFC0001234"]).unwrap();
        assert_eq!(issuer.bank.id, "hdfc");
        assert!(issuer.confidence < 0.8, "{}", issuer.confidence);
        assert_eq!(issuer.alternatives.len(), 1);
    }

    #[test]
    fn merged_banks_are_named_as_alternatives() {
        let issuer = recognise_typed(&["IFSC : LAVB0000123"]).unwrap();
        assert_eq!(issuer.bank.id, "vilas");
        assert_eq!(issuer.alternatives[0].0.id, "dbsbnk");
    }
}
