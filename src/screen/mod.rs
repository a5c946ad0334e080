//! Screens one file: bytes in, facts, findings and a verdict out.
//!
//! This module is pure: it opens no files, and a function argument returns the elapsed time. Equal
//! bytes and an equal policy give an equal [`Screening`], unless a time limit is hit. Screening is
//! total: every byte string gets a verdict, and a bad document is a finding, never an error.
//!
//! Reading files and uploading them is the task of `batch` and `uploads`.

mod accounts;
mod advice;
pub mod cases;
mod checks;
mod code;
mod cross_file;
mod edits;
mod finding;
mod ledger_checks;
mod locked;
#[cfg(feature = "app")]
mod logos;
pub mod notes;
mod passwords;
mod remade;
mod requests;
mod revisions;
mod seams;

pub use accounts::{AccountCoverage, RequiredMonths, all_months};
pub use advice::{Advice, Request};
pub use checks::unread_hint;
pub use code::{Code, Explanation};
pub use cross_file::{ComparedFile, CrossFileChecks, LateFinding};
pub use finding::{Finding, Severity, SeverityRules, Verdict};
#[cfg(feature = "app")]
pub use logos::logos_of;
pub use passwords::archive_passwords;
pub use requests::ApplicantRequests;

use crate::applicant::{
    Applicants, DerivedPassword, PasswordDescription, RuleId, RuleUses, compare_holders,
};
use crate::pdf::{
    ActiveContent, Budget, Cover, Damage, Document, Edit, Encryption, Engines, FileBytes, LimitHit,
    Limits, LockedStructure, Metadata, OpenError, PageClass, PageReader, PageText, Password,
    Signature, TrustAnchors,
};
use crate::prefetch;
use crate::statement::{
    Bank, BankRegistry, DateRange, DocumentContents, Facts, HolderMatch, Holders, KnownLogos,
    LearntForms, Ledger, LedgerReader, RunningLines, is_logo_size,
};
use passwords::{Tried, TriedCounts};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The confidence from which a bank counts as detected.
pub const CONFIDENCE_THRESHOLD: f32 = 0.9;

/// The SHA-256 of a file's bytes. Files with equal hashes are duplicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    /// Computes the hash.
    pub fn of(bytes: &[u8]) -> Self {
        let mut hash = Sha256::new();
        prefetch::pieces(bytes).for_each(|piece| hash.update(piece));
        Self(hash.finalize().into())
    }

    /// Parses the 64 digits that [`Display`](fmt::Display) writes; `None` for any other text.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != bytes.len() || !rest.is_empty() {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(pairs) {
            let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
            *byte = u8::try_from(high? << 4 | low?).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A candidate password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandidatePassword {
    /// The secret.
    pub password: Password,
    /// Identifies the candidate within a run, without its secret.
    pub id: CandidateId,
}

/// The source of a candidate password. Its text form is part of the records.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CandidateId {
    /// A line of the password file, from 1.
    PasswordFile(usize),
    /// A line of the manifest, from 1.
    Manifest(u64),
    /// Typed on the dashboard.
    Typed,
    /// Received together with the file.
    Request,
    /// Derived from details of the applicant by this rule.
    Rule(RuleId),
}

impl fmt::Display for CandidateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PasswordFile(line) => write!(f, "password-file:{line}"),
            Self::Manifest(line) => write!(f, "manifest:{line}"),
            Self::Typed => f.write_str("typed"),
            Self::Request => f.write_str("request"),
            Self::Rule(rule) => write!(f, "rule:{rule}"),
        }
    }
}

/// The settings of screening.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Resource limits for one file.
    pub limits: Limits,
    /// Candidate passwords for encrypted files, tried in order.
    pub candidates: Vec<CandidatePassword>,
    /// The number of candidates beyond [`Limits::candidates`], which are not tried.
    pub untried: usize,
    /// The applicants whose details give further candidates, and whose names are compared with the
    /// holder.
    pub applicants: Option<Applicants>,
    /// The rules that opened earlier files, which are tried first.
    pub rule_uses: Arc<RuleUses>,
    /// The forms that earlier uploads have taught.
    pub learnt_forms: Arc<LearntForms>,
    /// The logos that the user added.
    pub logos: Arc<KnownLogos>,
    /// The bank that the file's name suggests. It only orders what is tried.
    pub suggested_bank: Option<Bank>,
    /// How a mail with the file describes its password. It only orders what is tried.
    pub described_password: Option<PasswordDescription>,
    /// The banks that can be identified.
    pub banks: BankRegistry,
    /// The expected bank.
    pub expected_bank: Option<Bank>,
    /// The account category, as the user wrote it.
    pub account_category: Option<String>,
    /// The requested period.
    pub requested_period: Option<DateRange>,
    /// Who set the requested period, for messages.
    pub period_origin: PeriodOrigin,
    /// Certificates that are trusted in addition to the built-in ones.
    pub anchors: TrustAnchors,
    /// The severities that the user overrides.
    pub severities: SeverityRules,
    /// The engines that may read the file in this process.
    pub engines: Engines,
    /// Whether the transactions of all pages are read.
    pub ledger: LedgerUse,
}

/// Whether the transactions of all pages are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum LedgerUse {
    /// They are read and proven.
    #[default]
    Read,
    /// Only some pages are read, which takes less time.
    Skip,
}

/// The origin of a requested period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum PeriodOrigin {
    /// The user requests it.
    #[default]
    User,
    /// It is that of the session; the user did not request a period.
    Session,
}

impl PeriodOrigin {
    /// Returns the name of the period in messages.
    fn period_name(self) -> &'static str {
        match self {
            Self::User => "the requested period",
            Self::Session => "the session's period",
        }
    }
}

/// Expectations for one file, in addition to the [`Policy`] for all files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    /// The expected bank.
    pub bank: Option<Bank>,
    /// A candidate password for this file; tried before all others.
    pub candidate: Option<CandidatePassword>,
    /// The account category, as the user wrote it.
    pub account_category: Option<String>,
    /// The requested period of this file; `None` for that of the run.
    pub requested_period: Option<DateRange>,
    /// The applicants of this file; `None` for those of the run.
    pub applicants: Option<Applicants>,
}

impl Policy {
    /// Returns the policy for a file with these expectations.
    #[must_use]
    pub fn expecting(&self, expected: &Expected) -> Self {
        let mut policy = self.clone();
        if expected.bank.is_some() {
            policy.expected_bank.clone_from(&expected.bank);
        }
        policy
            .account_category
            .clone_from(&expected.account_category);
        if expected.requested_period.is_some() {
            policy.requested_period = expected.requested_period;
            policy.period_origin = PeriodOrigin::User;
        }
        if expected.applicants.is_some() {
            policy.applicants.clone_from(&expected.applicants);
        }
        // Candidates cost time, and this one is the most likely to match.
        policy.candidates.splice(0..0, expected.candidate.clone());
        policy
    }

    /// Returns the password of a candidate, which a screening by this policy named.
    pub fn password(&self, id: &CandidateId) -> Option<&Password> {
        if let CandidateId::Rule(rule) = id {
            let derived = self.applicants.as_ref()?.derived();
            return derived.get(rule.password).map(DerivedPassword::password);
        }
        let mut candidates = self.candidates.iter();
        let found = candidates.find(|candidate| candidate.id == *id)?;
        Some(&found.password)
    }
}

/// The result of screening one file: facts, findings and verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Screening {
    /// The overall result.
    pub verdict: Verdict,
    /// In the order of the checks.
    pub findings: Vec<Finding>,
    /// The hash of the bytes; `None` if they were not read.
    ///
    /// [`screen`] leaves it out, so that the caller can hash a large file at the same time.
    pub content: Option<ContentHash>,
    /// Facts about the PDF; `None` if it could not be opened.
    pub document: Option<DocumentFacts>,
    /// The encryption; `None` if it is unknown, such as for files that are not PDFs.
    pub encryption: Option<Encryption>,
    /// The origin of the password that opened the file.
    pub password_from: Option<CandidateId>,
    /// Facts from the text.
    pub statement: Facts,
    /// Whether engines that [`Policy::engines`] excludes could find more.
    pub needs_isolation: bool,
}

/// Facts about a PDF, apart from its text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DocumentFacts {
    /// The document information.
    pub metadata: Metadata,
    /// The number of pages.
    pub page_count: usize,
    /// One class per page; fewer if screening stopped before the end.
    pub pages: Vec<PageClass>,
    /// The numbers, from 1, of blank pages with text that no viewer shows.
    pub unshown_text_pages: Vec<usize>,
    /// The repaired damage.
    pub damage: Vec<Damage>,
    /// The numbers, from 1, of the pages whose content is damaged.
    pub damaged_pages: Vec<usize>,
    /// Scripts, programs and embedded files.
    pub active_content: Vec<ActiveContent>,
    /// What the pages are a cover of, if they are not the content.
    pub cover: Option<Cover>,
    /// The names of embedded files, PDFs first.
    pub embedded_files: Vec<String>,
    /// The digital signatures, in file order.
    pub signatures: Vec<Signature>,
    /// Signs that pages were edited, by page and line.
    pub edits: Vec<Edit>,
}

impl Screening {
    /// Creates the result for a file that was not screened; the finding is the reason.
    pub fn not_screened(finding: Finding) -> Self {
        Self {
            verdict: Verdict::Fail,
            findings: vec![finding],
            content: None,
            document: None,
            encryption: None,
            password_from: None,
            statement: Facts::default(),
            needs_isolation: false,
        }
    }

    /// Replaces all banks by those of a registry that have the same identifiers.
    ///
    /// Returns `None` when the registry has no bank with one of the identifiers. See
    /// [`Facts::resolve_banks`].
    pub fn resolve_banks(mut self, banks: &BankRegistry) -> Option<Self> {
        self.statement = self.statement.resolve_banks(banks)?;
        Some(self)
    }

    /// Turns the findings with a code into notes, unless the user made them errors, and updates
    /// the verdict.
    pub fn downgrade_to_note(&mut self, code: Code, policy: &Policy) {
        for finding in self.findings.iter_mut().filter(|f| f.code == code) {
            finding.severity = Severity::Note;
            policy.severities.apply(finding);
        }
        self.verdict = policy.severities.verdict(&self.findings);
    }

    /// Replaces the findings, and updates the verdict.
    pub fn set_findings(&mut self, findings: Vec<Finding>, policy: &Policy) {
        self.findings = findings;
        self.verdict = policy.severities.verdict(&self.findings);
    }

    /// Returns the content and the code of a file that the service would refuse with one of its
    /// own codes: an upload that is then avoided saves a call.
    pub fn saved_call(&self) -> Option<(ContentHash, Code)> {
        let mut findings = self.findings.iter();
        let refused = findings
            .find(|finding| finding.severity == Severity::Error && finding.code.is_service_code());
        // Without content there was nothing to send.
        Some((self.content?, refused?.code))
    }

    /// Adds a finding of the cross-file checks, and updates the verdict.
    pub fn add_finding(&mut self, mut finding: Finding, policy: &Policy) {
        policy.severities.apply(&mut finding);
        self.findings.push(finding);
        self.verdict = policy.severities.verdict(&self.findings);
    }
}

/// Screens one file; `elapsed` returns the time spent on it so far.
pub fn screen(bytes: &FileBytes, policy: &Policy, elapsed: &dyn Fn() -> Duration) -> Screening {
    let reading = Reading::new(bytes, policy, elapsed);
    let mut findings = checks::run(&reading, policy);
    for finding in &mut findings {
        policy.severities.apply(finding);
    }
    let verdict = policy.severities.verdict(&findings);
    let Reading {
        document,
        encryption,
        password_from,
        statement,
        needs_isolation,
        ..
    } = reading;
    Screening {
        verdict,
        findings,
        content: None,
        document,
        password_from,
        encryption,
        statement,
        needs_isolation,
    }
}

/// The input of the checks.
#[derive(Debug, Default)]
struct Reading {
    /// Why the document could not be opened.
    error: Option<OpenError>,
    /// The limit that stopped the reading.
    limit: Option<LimitHit>,
    document: Option<DocumentFacts>,
    encryption: Option<Encryption>,
    password_from: Option<CandidateId>,
    /// The numbers of passwords that were tried if the file is locked.
    tried: TriedCounts,
    statement: Facts,
    needs_isolation: bool,
}

/// Pages at the front whose words are read, in addition to the last page with text.
const FRONT_PAGES: usize = 2;
/// Further pages that are read when the first ones have no transactions.
const MAX_FURTHER_PAGES: usize = 4;
/// Further pages on which the bank is searched if the ledger is not read.
const MAX_SEARCHED_PAGES: usize = 8;

impl Reading {
    fn new(bytes: &FileBytes, policy: &Policy, elapsed: &dyn Fn() -> Duration) -> Self {
        let mut budget = Budget::new(&policy.limits, elapsed).with_engines(policy.engines);
        let tried = Tried::new(policy, bytes);
        let mut reading = Self::read(bytes, policy, &tried, &mut budget);
        reading.needs_isolation = budget.needs_isolation();
        let opened_by = reading.encryption.as_ref().and_then(|own| own.opened_by);
        let bank = reading.statement.issuer.as_ref();
        let bank = bank.filter(|issuer| issuer.confidence >= CONFIDENCE_THRESHOLD);
        let bank = bank.map(|issuer| &issuer.bank);
        reading.password_from = opened_by.and_then(|index| tried.id(index, policy, bank));
        reading.tried = tried.counts();
        reading
    }

    fn read(
        bytes: &FileBytes,
        policy: &Policy,
        tried: &Tried<'_>,
        budget: &mut Budget<'_>,
    ) -> Self {
        let passwords = tried.passwords();
        let mut reading = Self::default();
        let document = match Document::open(bytes, passwords, budget) {
            Ok(document) => document,
            Err(error) => {
                match &error {
                    OpenError::Locked {
                        encryption,
                        structure,
                    } => {
                        reading.encryption = Some(encryption.clone());
                        reading.document = structure.as_ref().map(locked_facts);
                    }
                    OpenError::Limit(hit) => reading.limit = Some(*hit),
                    _ => {}
                }
                reading.error = Some(error);
                return reading;
            }
        };
        reading.read_document(&document, bytes, passwords, policy, budget);
        // Objects that could not be read are repaired before they are read again.
        if document.has_lost_objects()
            && reading.limit.is_none()
            && let Ok(document) = Document::open_thoroughly(bytes, passwords, budget)
        {
            reading.read_document(&document, bytes, passwords, policy, budget);
        }
        reading
    }

    fn read_document(
        &mut self,
        document: &Document,
        bytes: &FileBytes,
        passwords: &[&Password],
        policy: &Policy,
        budget: &mut Budget<'_>,
    ) {
        self.encryption = Some(document.encryption().clone());
        let mut facts = DocumentFacts {
            metadata: document.metadata(),
            page_count: document.page_count(),
            ..DocumentFacts::default()
        };
        match document.signatures(bytes, passwords, &policy.anchors, budget) {
            Ok(signatures) => facts.signatures = signatures,
            Err(hit) => self.limit = Some(hit),
        }
        // `checks::too_many_pages` reports the other case.
        if self.limit.is_none() && facts.page_count <= policy.limits.pages {
            match read_pages(document, &mut facts, policy, budget) {
                Ok(statement) => self.statement = statement,
                Err(hit) => self.limit = Some(hit),
            }
        }
        if self.limit.is_none() {
            match revisions::changed_pages(document, &facts.pages, bytes, passwords, budget) {
                Ok(updates) => facts.edits.extend(updates),
                Err(hit) => self.limit = Some(hit),
            }
            facts.edits.sort();
        }
        // Some damage is found only while pages are read.
        let mut damage = document.damage().to_vec();
        let found_later = budget.recorded_damage().into_iter();
        let found_later: Vec<_> = found_later
            .filter(|found| !damage.contains(found))
            .collect();
        damage.extend(found_later);
        facts.damage = damage;
        facts.damaged_pages = budget.damaged_pages().into_iter().collect();
        self.document = Some(facts);
    }
}

/// Returns the facts about a locked document.
fn locked_facts(structure: &LockedStructure) -> DocumentFacts {
    DocumentFacts {
        metadata: Metadata {
            version: structure.version.clone(),
            ..Metadata::default()
        },
        page_count: structure.page_count,
        ..DocumentFacts::default()
    }
}

/// Finds active content, classifies all pages and extracts facts from the words of some pages.
fn read_pages(
    document: &Document,
    facts: &mut DocumentFacts,
    policy: &Policy,
    budget: &mut Budget<'_>,
) -> Result<Facts, LimitHit> {
    // Before the pages, so that these facts are reported even if a limit stops the reading.
    facts.active_content = document.active_content(budget)?;
    facts.cover = document.cover();
    let has_files = facts.active_content.contains(&ActiveContent::EmbeddedFile);
    if has_files || facts.cover == Some(Cover::Portfolio) {
        facts.embedded_files = document.embedded_files();
    }
    let mut reader = document.reader();
    let count = document.page_count();
    let (with_text, last, mut text) = loop {
        classify_pages(&mut reader, count, facts, budget)?;
        let with_text: Vec<_> = facts.pages.iter().copied().enumerate().collect();
        let is_text = |(_, class): &_| matches!(class, PageClass::Text | PageClass::Ocr);
        let with_text: Vec<_> = with_text.into_iter().filter(is_text).collect();
        // The bank's own address is often at the end of the text. Scans can follow it.
        let last = with_text.last().map_or(0, |(index, _)| *index);
        let mut text = Vec::new();
        for (index, class) in with_text.iter().filter(|page| is_front(page.0, last)) {
            text.push(reader.text(*index, *class, budget)?);
        }
        if !reader.restart_classification() {
            break (with_text, last, text);
        }
    };
    facts.cover = facts.cover.filter(|cover| match cover {
        Cover::Portfolio => true,
        Cover::Form { is_dynamic } => *is_dynamic || asks_to_wait(&text),
    });
    let images = reader.image_digests(0, &is_logo_size, budget)?;
    let signers = signers(&facts.signatures);
    let contents = DocumentContents {
        pages: &[],
        page_count: count,
        metadata: &facts.metadata,
        images: &images,
        signers: &signers,
        learnt: &policy.learnt_forms,
    };
    let extract = |pages: &[PageText]| {
        let contents = DocumentContents { pages, ..contents };
        Facts::extract(&contents, &policy.banks)
    };
    let mut statement = extract(&text);
    let is_read = |page: &&(usize, PageClass)| is_front(page.0, last);
    let mut read: Vec<_> = with_text.iter().filter(is_read).copied().collect();
    if !statement.is_statement() {
        // The transactions can begin after a letter and a summary.
        let further = with_text.iter().filter(|page| !is_read(page));
        let further: Vec<_> = further.take(MAX_FURTHER_PAGES).copied().collect();
        for (index, class) in &further {
            text.push(reader.text(*index, *class, budget)?);
        }
        if !further.is_empty() {
            read.extend(further);
            statement = extract(&text);
        }
    }
    // A statement whose bank is known needs none of this.
    let mut running = statement.needs_bank().then(RunningLines::default);
    if let Some(running) = &mut running {
        text.iter().skip(1).for_each(|page| running.add(page));
    }
    let mut pages_read = text.len();
    let mut odd_numbers = Vec::new();
    let mut ledger = None;
    let reads_ledger = policy.ledger == LedgerUse::Read && !text.is_empty();
    if reads_ledger {
        let known: Vec<_> = read.iter().map(|(index, _)| *index).zip(&text).collect();
        let period = statement.printed_period();
        let running = running.as_mut();
        ledger = read_ledger(&mut reader, &facts.pages, &known, period, running, budget)?;
        odd_numbers = edits::odd_numbers(&mut reader, ledger.as_ref(), budget)?;
        pages_read = with_text.len();
    } else if let Some(running) = &mut running {
        let further = with_text.iter().filter(|page| !read.contains(page));
        for (index, class) in further.take(MAX_SEARCHED_PAGES) {
            let page = reader.text(*index, *class, budget)?;
            running.add(&page);
            reader.recycle(page);
        }
    }
    if let Some(running) = running {
        let pages = &text;
        let contents = DocumentContents { pages, ..contents };
        statement.add_running_lines(running, &contents, &policy.banks);
    }
    if reads_ledger {
        statement.add_ledger(ledger, &policy.banks);
    }
    // Without the app, nothing renders pages.
    #[cfg(feature = "app")]
    logos::add(&mut statement, &reader, policy, budget)?;
    let blank = facts
        .pages
        .iter()
        .filter(|class| **class == PageClass::Blank);
    if pages_read < count - blank.count() {
        statement.set_partial();
    }
    facts.edits = reader.edits();
    facts.edits.extend(odd_numbers);
    statement.holder_match = holder_match(&read, &text, policy);
    Ok(statement)
}

/// Compares the holder on the first page with the applicants' names, if they are known.
fn holder_match(read: &[(usize, PageClass)], text: &[PageText], policy: &Policy) -> HolderMatch {
    let applicants = policy.applicants.as_ref();
    let Some(applicants) = applicants.filter(|own| own.names().next().is_some()) else {
        return HolderMatch::NotCompared;
    };
    let first = read.iter().zip(text).find(|((index, _), _)| *index == 0);
    first.map_or(HolderMatch::Unknown, |(_, page)| {
        compare_holders(&applicants.names(), &Holders::read(page))
    })
}

/// Returns the organisations of known signers who signed the whole file.
fn signers(signatures: &[Signature]) -> Vec<&str> {
    let proven = signatures.iter().filter(|signature| signature.is_proof());
    proven
        .filter_map(|signature| signature.organisation.as_deref())
        .collect()
}

/// Reads the transactions of all pages, and the running lines of pages whose words are not `read`
/// already.
fn read_ledger(
    reader: &mut PageReader<'_>,
    classes: &[PageClass],
    read: &[(usize, &PageText)],
    period: Option<DateRange>,
    mut running: Option<&mut RunningLines>,
    budget: &mut Budget<'_>,
) -> Result<Option<Ledger>, LimitHit> {
    let mut ledger = LedgerReader::new(read.iter().map(|(_, page)| *page));
    for (index, class) in classes.iter().enumerate() {
        let number = u32::try_from(index).unwrap_or(u32::MAX);
        match class {
            PageClass::Text | PageClass::Ocr => {}
            PageClass::Blank => continue,
            _ => {
                ledger.skip_page(number);
                continue;
            }
        }
        if let Some((_, page)) = read.iter().find(|(known, _)| *known == index) {
            ledger.add_page(number, page);
        } else {
            let page = reader.text(index, *class, budget)?;
            ledger.add_page(number, &page);
            if let Some(running) = running.as_deref_mut() {
                running.add(&page);
            }
            reader.recycle(page);
        }
    }
    let pages = u32::try_from(classes.len()).unwrap_or(u32::MAX);
    Ok(ledger.finish(pages, period))
}

/// Returns whether a page is read first; `last` is the index of the last page with text.
fn is_front(index: usize, last: usize) -> bool {
    index < FRONT_PAGES || index == last
}

/// Returns whether the text is that of a page in place of a form, as Adobe's programs write it.
fn asks_to_wait(pages: &[PageText]) -> bool {
    let lines = pages.iter().flat_map(|page| &page.lines);
    let text: String = lines.flat_map(|line| [line.text(), " "]).collect();
    let text = text.to_lowercase();
    ["please wait", "adobe reader", "adobe acrobat"]
        .iter()
        .any(|phrase| text.contains(phrase))
}

/// Classifies all pages.
fn classify_pages(
    reader: &mut PageReader<'_>,
    count: usize,
    facts: &mut DocumentFacts,
    budget: &mut Budget<'_>,
) -> Result<(), LimitHit> {
    facts.pages.clear();
    for index in 0..count {
        facts.pages.push(reader.classify(index, budget)?);
    }
    for index in reader.text_over_backgrounds() {
        if let Some(class) = facts.pages.get_mut(index) {
            *class = PageClass::Text;
        }
    }
    let unshown = reader.unshown_text_pages().iter();
    facts.unshown_text_pages = unshown.map(|index| index + 1).collect();
    Ok(())
}
