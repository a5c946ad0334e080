//! Identifies the bank that issued a statement.
//!
//! Statements are full of other banks: every transfer names one. So only text that banks print
//! about themselves counts, and only outside of the transactions: the IFSC in its own field, the
//! bank's own domain, its name in the places where issuers put it, its registered office, its
//! column headings.
//!
//! Each kind of evidence has a weight: the odds at which it was right on the statements that were
//! studied. A bank without an identifier is a candidate like any other. Conflicting evidence lowers
//! the confidence of all candidates. A wrong bank costs more than no bank.

mod abbreviations;
mod bank_names;
mod domains;
mod forms;
mod ifsc;
mod layout_markers;
pub(super) mod logos;

use super::DocumentContents;
use super::banks::{self, Bank, BankRegistry, Owner};
use super::learnt_forms::{FormKey, LearntForms, Strength};
use super::page::Page;
use super::table::Table;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The bank that probably issued a statement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Issuer {
    /// The most likely bank.
    pub bank: Bank,
    /// The share of results with this confidence that are right, between 0 and 1.
    pub confidence: f32,
    /// The evidence for the bank, in words that the user can check. Never empty. Whoever keeps many
    /// issuers can share equal words.
    pub evidence: Vec<Arc<str>>,
    /// Less likely banks, each with its confidence.
    pub alternatives: Vec<(Bank, f32)>,
}

impl Issuer {
    /// Returns whether a logo that the bank embeds in its statements is on the first page.
    pub fn has_logo(&self) -> bool {
        self.evidence
            .iter()
            .any(|words| **words == *logos::IN_WORDS)
    }

    /// Replaces all banks by those of a registry that have the same identifiers.
    ///
    /// Returns `None` when the registry has no bank with one of the identifiers.
    pub(super) fn resolve_banks(mut self, banks: &BankRegistry) -> Option<Self> {
        self.bank = banks.by_id(self.bank.id())?.clone();
        for (bank, _) in &mut self.alternatives {
            *bank = banks.by_id(bank.id())?.clone();
        }
        Some(self)
    }
}

/// The result of [`identify`].
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Identification {
    /// The likely bank, if there is evidence for one.
    pub(super) issuer: Option<Issuer>,
    /// The account's own IFSC, from its labelled field.
    pub(super) ifsc: Option<String>,
    /// Whether the bank that the document names has signed it.
    pub(super) is_signed: bool,
    /// Whether the document names a bank that the registry does not list.
    pub(super) is_unlisted: bool,
    /// Whether the document has a form of that bank and is from a program not known to write it.
    pub(super) is_other_program: bool,
}

/// A kind of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum EvidenceKind {
    LabelledIfsc,
    LabelledBank,
    Domain,
    MailDomain,
    /// A mail address that may be the holder's. It only supports other evidence.
    PersonalMail,
    /// A domain of an issuer without identifier: often an advertisement of the same group.
    UnlistedDomain,
    HeaderName,
    HeaderPhrase,
    Abbreviation,
    Office,
    /// An office on one page behind the first ones, which can be an advertisement.
    LoneOffice,
    Disclaimer,
    Mention,
    Headings,
    Label,
    Phone,
    Metadata,
    Logo,
    /// A picture that is similar to a logo.
    LogoPicture,
    Signature,
    /// A form that was seen on several independent files.
    Form,
    /// A form that was seen once.
    SingleForm,
    /// A form that uploads of several accounts have taught.
    LearntForm(Strength),
}

impl EvidenceKind {
    /// Returns how often this evidence names the issuer, if it names a bank.
    ///
    /// Counted on the statements that were studied, with one miss added: labelled IFSC 72 of 72
    /// with the sub-member table, domains 52 of 52, registered offices 31 of 31, logos 29 of 29,
    /// names in the header 36 of 37, headings and labels 31 of 31, whole forms 31 of 31, metadata 5
    /// of 6. Kinds that were not counted separately are set below the nearest kind that was.
    fn reliability(self) -> f32 {
        match self {
            Self::LabelledIfsc => 0.986,
            Self::Domain | Self::Logo | Self::Signature => 0.98,
            Self::LabelledBank | Self::Office | Self::Headings | Self::Label | Self::Form => 0.97,
            Self::HeaderName => 0.96,
            Self::HeaderPhrase
            | Self::Abbreviation
            | Self::Disclaimer
            | Self::MailDomain
            | Self::LogoPicture
            | Self::LearntForm(Strength::Detected) => 0.92,
            Self::Metadata | Self::Mention | Self::SingleForm | Self::LoneOffice => 0.85,
            Self::UnlistedDomain | Self::LearntForm(Strength::Likely) => 0.8,
            Self::Phone | Self::PersonalMail => 0.75,
        }
    }

    /// Returns the logarithm of its odds.
    fn weight(self) -> f32 {
        let chance = self.reliability();
        (chance / (1.0 - chance)).ln()
    }
}

/// One piece of evidence for a bank, or for a bank without identifier.
struct Evidence<'r> {
    kind: EvidenceKind,
    bank: Option<&'r Bank>,
    /// For the user, such as "name in the header".
    description: String,
}

impl<'r> Evidence<'r> {
    fn new(kind: EvidenceKind, owner: Owner<'r>, description: impl Into<String>) -> Self {
        Self {
            kind,
            bank: match owner {
                Owner::Bank(bank) => Some(bank),
                Owner::Unlisted => None,
            },
            description: description.into(),
        }
    }
}

/// The highest confidence that is reported.
const MAX_CONFIDENCE: f32 = 0.99;
/// Confidence from which printed evidence needs no support by the form.
pub(super) const ENOUGH_CONFIDENCE: f32 = 0.9;
/// How often the references of outgoing transfers name the issuer. Not counted: set low.
const SENDER_RELIABILITY: f32 = 0.75;
/// Alternatives with less confidence are left out.
const MIN_ALTERNATIVE_CONFIDENCE: f32 = 0.01;

/// Collects the evidence of the pages, the metadata and the images, and weighs it.
///
/// The first page is the one with the statement's header.
pub(super) fn identify(
    pages: &[Page],
    tables: &[Table],
    contents: &DocumentContents<'_>,
    banks: &BankRegistry,
) -> Identification {
    let ifsc = pages.iter().find_map(ifsc::labelled);
    let mut evidence = Vec::new();
    evidence.extend(ifsc.as_deref().and_then(|ifsc| ifsc::evidence(ifsc, banks)));
    evidence.extend(bank_names::evidence(pages, banks));
    evidence.extend(abbreviations::evidence(pages, banks));
    evidence.extend(domains::evidence(pages, banks));
    evidence.extend(layout_markers::evidence(pages, tables, banks));
    evidence.extend(bank_names::metadata_evidence(contents.metadata, banks));
    evidence.extend(logos::evidence(contents.images, banks));
    drop_lone_addresses(&mut evidence);
    let signers = bank_names::signer_evidence(contents.signers, banks);
    // A bank that borrows a code prints much about the bank that lends it, too.
    if let Some(lender) = ifsc.as_deref().and_then(|ifsc| banks.lender(ifsc)) {
        evidence.retain(|evidence| evidence.bank != Some(lender));
    }
    // The document itself must name the bank: everybody can sign with a certificate of theirs.
    let is_signed = !signers.is_empty()
        && weigh(&evidence, banks).is_some_and(|named| {
            let mut signers = signers.iter();
            signers.all(|signer| signer.bank == Some(&named.bank))
        });
    evidence.extend(signers);
    let mut issuer = weigh(&evidence, banks);
    let is_lent = ifsc
        .as_deref()
        .is_some_and(|ifsc| banks.by_ifsc(ifsc).is_none());
    // A printed bank without identifier is the issuer, whatever its form is like.
    let is_unlisted = is_lent || evidence.iter().any(|piece| piece.bank.is_none());
    let is_certain = |issuer: &Issuer| issuer.confidence >= ENOUGH_CONFIDENCE;
    let form = match issuer.as_ref().filter(|issuer| is_certain(issuer)) {
        _ if is_unlisted => None,
        // The form is of interest only for the program that wrote it.
        Some(issuer) if !forms::is_other_program(issuer.bank.id(), contents.metadata) => None,
        Some(_) => forms::find(pages, tables),
        None => {
            let form = forms::find(pages, tables);
            evidence.extend(form.and_then(|form| form.evidence(banks)));
            let learnt = learnt_evidence(pages, tables, contents.learnt, banks);
            // Printed evidence outvotes what was learnt.
            evidence.extend(learnt.filter(|_| evidence.is_empty()));
            issuer = weigh(&evidence, banks);
            form
        }
    };
    let is_other_program = form.zip(issuer.as_ref()).is_some_and(|(form, issuer)| {
        issuer.bank.id() == form.bank && forms::is_other_program(form.bank, contents.metadata)
    });
    Identification {
        issuer,
        ifsc,
        is_signed,
        is_unlisted,
        is_other_program,
    }
}

/// Identifies the bank again, with what the pages behind the first ones print about themselves.
///
/// `running` has the lines that most of them repeat. `closing` are pages without transactions: what
/// they name counts only if nothing else names a bank.
pub(super) fn identify_again(
    pages: &mut Vec<Page>,
    tables: &mut Vec<Table>,
    (running, closing): (Page, Vec<Page>),
    contents: &DocumentContents<'_>,
    banks: &BankRegistry,
) -> Identification {
    if !running.lines.is_empty() {
        pages.push(running);
        tables.push(Table::default());
    }
    let mut identification = identify(pages, tables, contents, banks);
    if identification.issuer.is_none() && !identification.is_unlisted {
        let office = bank_names::lone_office(&closing, banks);
        identification.issuer = office.and_then(|office| weigh(&[office], banks));
    }
    identification
}

/// Returns the result for a document of which nothing but a picture of a logo identifies the bank.
pub(super) fn by_logo(bank: &Bank, banks: &BankRegistry) -> Option<Issuer> {
    let owner = Owner::Bank(bank);
    let evidence = Evidence::new(EvidenceKind::LogoPicture, owner, logos::IN_WORDS);
    weigh(&[evidence], banks)
}

/// Removes the mail addresses that may be the holder's, if nothing else names their bank.
fn drop_lone_addresses(evidence: &mut Vec<Evidence<'_>>) {
    let is_lone = |kind| kind == EvidenceKind::PersonalMail;
    let others = evidence.iter().filter(|piece| !is_lone(piece.kind));
    let named: Vec<_> = others.map(|piece| piece.bank).collect();
    evidence.retain(|piece| !is_lone(piece.kind) || named.contains(&piece.bank));
}

/// Returns the bank whose statements have the document's form, as earlier uploads have taught.
fn learnt_evidence<'r>(
    pages: &[Page],
    tables: &[Table],
    learnt: &LearntForms,
    banks: &'r BankRegistry,
) -> Option<Evidence<'r>> {
    if learnt.0.is_empty() {
        return None;
    }
    let (bank, accounts, strength) = learnt.bank(&FormKey::of(pages, tables)?)?;
    let bank = Owner::Bank(banks.by_id(bank)?);
    let description = format!("form of accepted statements of {accounts} accounts");
    let kind = EvidenceKind::LearntForm(strength);
    Some(Evidence::new(kind, bank, description))
}

/// Adds the evidence of the references of outgoing transfers, which begin with a bank's code.
///
/// Small banks send through others, so a code that other banks use only supports a bank that other
/// evidence names.
pub(super) fn add_sender(
    issuer: Option<Issuer>,
    code: &str,
    banks: &BankRegistry,
) -> Option<Issuer> {
    let Some(bank) = banks.by_code(code) else {
        return issuer;
    };
    let description = "bank code in the references of outgoing transfers".to_owned();
    match issuer {
        Some(mut issuer) if issuer.bank == *bank && issuer.confidence < ENOUGH_CONFIDENCE => {
            let odds = SENDER_RELIABILITY / (1.0 - SENDER_RELIABILITY);
            let all = issuer.confidence * odds + (1.0 - issuer.confidence);
            issuer.confidence = (issuer.confidence * odds / all).min(MAX_CONFIDENCE);
            for (_, confidence) in &mut issuer.alternatives {
                *confidence /= all;
            }
            issuer.evidence.push(description.into());
            Some(issuer)
        }
        None if !banks::is_lent(code) => Some(Issuer {
            bank: bank.clone(),
            confidence: SENDER_RELIABILITY,
            evidence: vec![description.into()],
            alternatives: Vec::new(),
        }),
        issuer => issuer,
    }
}

/// Ranks the candidates by the sum of their weights and turns the sums into confidences.
fn weigh(evidence: &[Evidence<'_>], banks: &BankRegistry) -> Option<Issuer> {
    // An unlisted bank is a candidate from the start, so that little evidence gives no certainty.
    let mut candidates: Vec<(Option<&Bank>, f32)> = vec![(None, 0.0)];
    let mut counted: Vec<(EvidenceKind, Option<&Bank>)> = Vec::new();
    for piece in evidence {
        // Repetition proves nothing: each kind counts once for each bank.
        if counted.contains(&(piece.kind, piece.bank)) {
            continue;
        }
        counted.push((piece.kind, piece.bank));
        match candidates.iter_mut().find(|(bank, _)| *bank == piece.bank) {
            Some((_, weight)) => *weight += piece.kind.weight(),
            None => candidates.push((piece.bank, piece.kind.weight())),
        }
    }
    // Adding the logarithms of the odds multiplies the odds, as for independent evidence.
    let total: f32 = candidates.iter().map(|(_, weight)| weight.exp()).sum();
    let mut ranked: Vec<(&Bank, f32)> = candidates
        .iter()
        .filter_map(|(bank, weight)| Some(((*bank)?, (weight.exp() / total).min(MAX_CONFIDENCE))))
        .collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    let (bank, confidence) = *ranked.first()?;
    let mut descriptions: Vec<Arc<str>> = Vec::new();
    for piece in evidence.iter().filter(|piece| piece.bank == Some(bank)) {
        let words = piece.description.as_str();
        if descriptions.iter().all(|known| **known != *words) {
            descriptions.push(words.into());
        }
    }
    let mut alternatives: Vec<(Bank, f32)> = ranked
        .into_iter()
        .skip(1)
        .filter(|(_, chance)| *chance >= MIN_ALTERNATIVE_CONFIDENCE)
        .map(|(bank, chance)| (bank.clone(), chance))
        .collect();
    // A statement of a merged bank can show the evidence of the other bank only.
    for relative in banks.family(bank) {
        if alternatives.iter().all(|(known, _)| known != relative) {
            alternatives.push((relative.clone(), 1.0 - confidence));
        }
    }
    Some(Issuer {
        bank: bank.clone(),
        confidence,
        evidence: descriptions,
        alternatives,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::Metadata;
    use crate::statement::dates::DateOrder;
    use crate::statement::page::tests::typed;
    use crate::statement::table;

    fn identify_lines(lines: &[&str]) -> Option<Issuer> {
        identify_signed(lines, &[]).issuer
    }

    fn identify_signed(lines: &[&str], signers: &[&str]) -> Identification {
        let mut page = Page::new(&typed(lines));
        let table = table::find(&mut page, DateOrder::DayFirst);
        let contents = DocumentContents {
            pages: &[],
            page_count: 1,
            metadata: &Metadata::default(),
            images: &[],
            signers,
            learnt: &LearntForms::default(),
        };
        identify(&[page], &[table], &contents, &BankRegistry::default())
    }

    #[test]
    fn a_signature_is_evidence_for_its_bank_and_proof_if_the_document_names_it() {
        let own = &["IFSC : FDRL0001846"];
        for (lines, signer, bank, is_signed) in [
            (&own[..], "THE FEDERAL BANK LIMITED", Some("federal"), true),
            (&own[..], "Federal Bank Ltd.", Some("federal"), true),
            (&own[..], "Personal", Some("federal"), false),
            (
                &own[..],
                "Federal Bank Staff Society",
                Some("federal"),
                false,
            ),
            // The evidence contradicts itself.
            (&own[..], "HDFC BANK LIMITED", None, false),
            (&[], "HDFC BANK LIMITED", Some("hdfc"), false),
            (&[], "Example Bank Ltd", None, false),
        ] {
            let found = identify_signed(lines, &[signer]);
            let issuer = found.issuer.filter(|issuer| issuer.confidence >= 0.9);
            assert_eq!(
                issuer.as_ref().map(|found| found.bank.id()),
                bank,
                "{signer}"
            );
            assert_eq!(found.is_signed, is_signed, "{signer}");
        }
    }

    fn check(lines: &[&str], expected: Option<&str>) {
        let found = identify_lines(lines).filter(|issuer| issuer.confidence >= 0.9);
        let bank = found.as_ref().map(|issuer| issuer.bank.id());
        assert_eq!(bank, expected, "{lines:?}");
    }

    #[test]
    fn the_labelled_ifsc_identifies_the_issuer() {
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
    fn bank_names_count_only_in_the_places_of_an_issuer() {
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
    fn counterparties_are_not_evidence() {
        let table = [
            "Statement of account",
            "Date        Narration                     Debit      Credit    Balance",
            "01/04/2024  NEFT IFSC: HDFC0001234        100.00               900.00",
            "            STATE BANK OF INDIA",
            "02/04/2024  UPI/someone@okhdfcbank                   50.00     950.00",
            "            www.axisbank.com",
            "03/04/2024  NEFT*ICIC0000123*ICICI Bank              50.00   1,000.00",
        ];
        assert_eq!(identify_lines(&table), None);
        check(&["UPI/someone@okhdfcbank/axl"], None);
    }

    #[test]
    fn an_address_of_the_holder_only_supports_other_evidence() {
        check(&["Mail : priya@hdfcbank.com"], None);
        check(&["Axis Bank", "Mail : priya@hdfcbank.com"], Some("axis"));
        let alone = identify_lines(&["HDFC Bank"]).unwrap();
        let both = identify_lines(&["HDFC Bank", "Mail : priya@hdfcbank.com"]).unwrap();
        assert!(both.confidence > alone.confidence, "{both:?}");
    }

    #[test]
    fn a_bank_in_the_row_of_another_table_is_not_evidence() {
        check(
            &["A-1   05/03/2024   CITIBANK - TRAVEL CARD   920.68"],
            None,
        );
        check(&["05/03/2024   CITIBANK - TRAVEL CARD"], Some("citi"));
        check(&["CITIBANK - TRAVEL CARD   920.68"], Some("citi"));
    }

    #[test]
    fn a_bank_in_the_address_of_the_holder_is_not_evidence() {
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
                assert_eq!(identify_lines(lines), None, "{lines:?}");
            }
            let holder = format!("Account Holder : {name}");
            assert_eq!(identify_lines(&[&holder]), None, "{holder}");
        }
    }

    #[test]
    fn a_bank_without_identifier_is_not_taken_for_its_sponsor() {
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
        let issuer = identify_lines(&["Axis Bank", "", "IFSC HDFC0001234"]).unwrap();
        assert_eq!(issuer.bank.id(), "hdfc");
        assert!(issuer.confidence < 0.8, "{}", issuer.confidence);
        assert_eq!(issuer.alternatives.len(), 1);
    }

    #[test]
    fn merged_banks_are_listed_as_alternatives() {
        let issuer = identify_lines(&["IFSC : LAVB0000123"]).unwrap();
        assert_eq!(issuer.bank.id(), "vilas");
        assert_eq!(issuer.alternatives[0].0.id(), "dbsbnk");
    }
}
