//! The JSON record of a file and the summary of a run.
//!
//! The fields are a stable interface: fields may be added, but none is renamed or removed. A change
//! of meaning increments [`SCHEMA`].

use super::case_report::CaseCounts;
use super::upload_record::{OutcomeCounts, UploadRecord};
use crate::pdf::{EncryptionStatus, PageClass};
use crate::screen::{AccountCoverage, Code, ContentHash, Finding, Policy, Screening};
use crate::statement::coverage::MonthCoverage;
use crate::statement::{
    AccountCategory, Bank, BreakKind, Facts, HolderMatch, Issuer, Ledger, LedgerBreak, Month,
    OpeningBalance, PageNumbers, References, RowOrder, Totals,
};
use crate::text::sanitize;
use crate::uploads::plan::OutcomeRecord;
use base64::Engine as _;
use serde::{Serialize, Serializer};
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The version of the record format.
pub const SCHEMA: u32 = 1;

/// The name of a file. Untrusted text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileName {
    /// The path as the user entered it, with invalid UTF-8 replaced.
    pub text: String,
    /// The bytes of the path in base64, if they are not valid UTF-8.
    pub bytes: Option<String>,
}

impl FileName {
    /// Returns the name of the file at a path.
    pub fn of(path: &Path) -> Self {
        let text = path.to_string_lossy().into_owned();
        let bytes = path.to_str().is_none().then(|| {
            let bytes = path.as_os_str().as_encoded_bytes();
            base64::engine::general_purpose::STANDARD.encode(bytes)
        });
        Self { text, bytes }
    }
}

/// One file in a report.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportEntry {
    /// The name of the file.
    pub name: FileName,
    /// The size of the file; `None` if it could not be read.
    pub bytes: Option<u64>,
    /// The findings and the verdict.
    pub screening: Screening,
    /// The earlier file that has the same content.
    pub duplicate_of: Option<FileName>,
    /// The name of its case; `None` if it is in none.
    pub case: Option<Arc<str>>,
    /// The duration of the screening in milliseconds, if timings are requested.
    pub elapsed_ms: Option<f64>,
    /// The upload; `None` if the run uploads nothing.
    pub upload: Option<UploadRecord>,
}

impl ReportEntry {
    /// Adds the upload, and a warning if the service suspects fraud.
    pub fn set_upload(&mut self, upload: UploadRecord, policy: &Policy) {
        if let Some(answer) = upload.answer().filter(|answer| answer.is_fraud) {
            let kind = answer.fraud_type.as_deref();
            let kind = kind.map_or_else(|| "fraud".to_owned(), |kind| sanitize(kind).into_owned());
            let code = Code::FlaggedByService;
            let finding = Finding::warning(code, format!("The service suspects {kind}"))
                .with_hint(code.explain().hint);
            self.screening.add_finding(finding, policy);
        }
        self.upload = Some(upload);
    }
}

/// The counts of a run.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct ReportSummary {
    schema: u32,
    #[serde(rename = "type")]
    kind: &'static str,
    /// Number of files.
    pub files: usize,
    /// Number of pages in all files.
    pub pages: usize,
    /// Total size of the files.
    pub bytes: u64,
    /// Number of files by verdict.
    pub verdicts: VerdictCounts,
    /// Number of files by finding code.
    pub codes: BTreeMap<&'static str, usize>,
    /// Number of calls that were avoided: distinct files that the service would have rejected with
    /// one of its own codes.
    pub calls_saved: usize,
    /// Whether a signal ended the run before all files were screened.
    #[serde(skip_serializing_if = "is_false")]
    pub interrupted: bool,
    /// Whether the network or the service was not available for a file.
    #[serde(skip)]
    pub has_unavailable: bool,
    /// Number of files by verdict for each detected or likely bank; `None` if there is none.
    #[serde(skip)]
    pub banks: BTreeMap<Option<String>, VerdictCounts>,
    /// Time spent on screening, summed over all files.
    #[serde(skip)]
    pub screening_time: Duration,
    /// Duration of the run, at its end.
    #[serde(skip)]
    pub run_time: Duration,
    #[serde(skip)]
    saved: HashSet<ContentHash>,
    /// Number of files by upload outcome; `None` if the run uploads nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcomes: Option<OutcomeCounts>,
    /// Number of cases by state; `None` for a run without cases.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cases: Option<CaseCounts>,
    /// The months that each account covers; empty without a requested period, and with cases, which
    /// have their own.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "accounts")]
    pub accounts: Vec<AccountCoverage>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_false(value: &bool) -> bool {
    !value
}

fn accounts<S: Serializer>(accounts: &[AccountCoverage], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct AccountRecord<'a> {
        bank: Option<&'a str>,
        account: &'a str,
        months: Vec<Month>,
        partial_months: Vec<Month>,
        missing_months: Vec<Month>,
    }
    serializer.collect_seq(accounts.iter().map(|account| AccountRecord {
        bank: account.bank.as_ref().map(Bank::id),
        account: &account.account,
        months: account.months_with(MonthCoverage::Full),
        partial_months: account.months_with(MonthCoverage::Partial),
        missing_months: account.missing(),
    }))
}

/// Number of files by verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct VerdictCounts {
    /// Files that passed.
    pub pass: usize,
    /// Files that passed with warnings.
    pub warn: usize,
    /// Files that failed.
    pub fail: usize,
}

impl ReportSummary {
    /// Returns the summary of an empty run.
    pub fn new() -> Self {
        Self {
            schema: SCHEMA,
            kind: "summary",
            ..Self::default()
        }
    }

    /// Returns whether every case is ready; also true for a run without cases.
    pub fn has_only_ready_cases(&self) -> bool {
        let cases = self.cases.unwrap_or_default();
        cases.incomplete == 0 && cases.blocked == 0
    }

    /// Adds one file to the counts.
    pub fn add(&mut self, entry: &ReportEntry) {
        let screening = &entry.screening;
        self.files += 1;
        self.pages += screening.document.as_ref().map_or(0, |d| d.page_count);
        self.bytes += entry.bytes.unwrap_or(0);
        self.verdicts.add(screening.verdict);
        let issuer = screening.statement.issuer.as_ref();
        let bank = issuer.map(|issuer| issuer.bank.id().to_owned());
        self.banks.entry(bank).or_default().add(screening.verdict);
        let mut codes: Vec<Code> = screening.findings.iter().map(|f| f.code).collect();
        // A code counts once per file, even if several findings have it.
        codes.sort_unstable();
        codes.dedup();
        for code in codes {
            *self.codes.entry(code.name()).or_default() += 1;
        }
        if let Some((content, _)) = screening.saved_call()
            && self.saved.insert(content)
        {
            self.calls_saved += 1;
        }
        if let Some(upload) = &entry.upload {
            self.outcomes.get_or_insert_default().add(upload);
            self.has_unavailable |= upload.is_unavailable();
        }
    }
}

/// The record of a file, ready for serialization.
#[derive(Serialize)]
pub(super) struct FileRecord<'e> {
    schema: u32,
    #[serde(rename = "type")]
    kind: &'static str,
    path: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_bytes: Option<&'e str>,
    sha256: Option<String>,
    bytes: Option<u64>,
    verdict: &'static str,
    findings: Vec<FindingRecord<'e>>,
    document: Option<DocumentRecord<'e>>,
    encryption: Option<EncryptionRecord<'e>>,
    pages: Option<PagesRecord>,
    bank: Option<BankRecord<'e>>,
    statement: Option<StatementRecord<'e>>,
    duplicate_of: Option<&'e str>,
    case: Option<&'e str>,
    ledger: Option<LedgerRecord>,
    signatures: Vec<SignatureRecord<'e>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    elapsed_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upload: Option<OutcomeRecord<'e>>,
}

#[derive(Serialize)]
struct FindingRecord<'e> {
    code: &'static str,
    severity: &'static str,
    message: &'e str,
    hint: Option<&'e str>,
    pages: &'e [usize],
}

#[derive(Serialize)]
struct DocumentRecord<'e> {
    pdf_version: &'e str,
    pages: usize,
    repaired: bool,
    producer: Option<&'e str>,
    creator: Option<&'e str>,
    created: Option<&'e str>,
    modified: Option<&'e str>,
}

#[derive(Serialize)]
struct EncryptionRecord<'e> {
    status: &'static str,
    method: Option<&'e str>,
    revision: Option<i64>,
    password_from: Option<String>,
}

#[derive(Serialize)]
struct PagesRecord {
    text: usize,
    scanned: usize,
    ocr: usize,
    blank: usize,
    vector: usize,
    unmapped: usize,
    unreadable: usize,
    map: String,
}

#[derive(Serialize)]
struct BankRecord<'e> {
    id: &'e str,
    name: &'e str,
    confidence: f64,
    evidence: &'e [Arc<str>],
    alternatives: Vec<AlternativeRecord<'e>>,
}

#[derive(Serialize)]
struct AlternativeRecord<'e> {
    id: &'e str,
    confidence: f64,
}

#[derive(Serialize)]
struct StatementRecord<'e> {
    from: Option<String>,
    to: Option<String>,
    /// Whether the period is printed or derived from the transactions.
    period_source: Option<&'static str>,
    account: Option<&'e str>,
    ifsc: Option<&'e str>,
    category: Option<&'static str>,
    /// Only if the applicant's name is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    holder_match: Option<HolderRecord>,
}

/// Whether the printed holder is the applicant; `null` if that is uncertain.
#[derive(Serialize)]
#[serde(untagged)]
enum HolderRecord {
    Certain(bool),
    Uncertain,
}

/// A digital signature: the organisation that signed, never a person.
#[derive(Serialize)]
struct SignatureRecord<'e> {
    status: &'static str,
    coverage: &'static str,
    trust: &'static str,
    organisation: Option<&'e str>,
    issuer: Option<&'e str>,
    signed_at: Option<&'e str>,
    digest: Option<&'e str>,
}

#[derive(Serialize)]
struct BreakRecord {
    page: u32,
    row: u32,
    kind: BreakKind,
}

/// What the transactions prove. Counts only, never an amount.
#[derive(Serialize)]
struct LedgerRecord {
    accounts: usize,
    transactions: usize,
    unread: usize,
    debits: usize,
    credits: usize,
    links: usize,
    broken: usize,
    order: RowOrder,
    breaks: Vec<BreakRecord>,
    opening: OpeningBalance,
    totals: Totals,
    page_numbers: PageNumbers,
    references: References,
}

impl<'e> FileRecord<'e> {
    pub(super) fn new(entry: &'e ReportEntry) -> Self {
        let screening = &entry.screening;
        let statement = &screening.statement;
        Self {
            schema: SCHEMA,
            kind: "file",
            path: &entry.name.text,
            path_bytes: entry.name.bytes.as_deref(),
            sha256: screening.content.map(|hash| hash.to_string()),
            bytes: entry.bytes,
            verdict: screening.verdict.name(),
            findings: screening.findings.iter().map(finding).collect(),
            document: document(screening),
            encryption: encryption(screening),
            pages: pages(screening),
            bank: statement.issuer.as_ref().map(bank),
            statement: statement_record(statement),
            duplicate_of: entry.duplicate_of.as_ref().map(|name| name.text.as_str()),
            case: entry.case.as_deref(),
            ledger: statement.ledger.as_ref().map(ledger),
            signatures: signatures(screening),
            elapsed_ms: entry.elapsed_ms,
            upload: entry.upload.as_ref().and_then(UploadRecord::record),
        }
    }
}

fn finding(finding: &Finding) -> FindingRecord<'_> {
    FindingRecord {
        code: finding.code.name(),
        severity: finding.severity.name(),
        message: &finding.message,
        hint: finding.hint.as_deref(),
        pages: &finding.pages,
    }
}

fn document(screening: &Screening) -> Option<DocumentRecord<'_>> {
    let document = screening.document.as_ref()?;
    let metadata = &document.metadata;
    Some(DocumentRecord {
        pdf_version: &metadata.version,
        pages: document.page_count,
        repaired: !document.damage.is_empty(),
        producer: metadata.producer.as_deref(),
        creator: metadata.creator.as_deref(),
        created: metadata.created.as_deref(),
        modified: metadata.modified.as_deref(),
    })
}

/// Returns the name of an encryption status.
pub(crate) fn status_name(status: EncryptionStatus) -> &'static str {
    match status {
        EncryptionStatus::None => "none",
        EncryptionStatus::Open => "open",
        EncryptionStatus::Unlocked => "unlocked",
        EncryptionStatus::Locked => "locked",
    }
}

fn encryption(screening: &Screening) -> Option<EncryptionRecord<'_>> {
    let encryption = screening.encryption.as_ref()?;
    Some(EncryptionRecord {
        status: status_name(encryption.status),
        method: encryption.method.as_deref(),
        revision: encryption.revision,
        password_from: screening.password_from.as_ref().map(ToString::to_string),
    })
}

fn pages(screening: &Screening) -> Option<PagesRecord> {
    let classes = &screening.document.as_ref()?.pages;
    if classes.is_empty() {
        return None;
    }
    let count = |class| classes.iter().filter(|page| **page == class).count();
    Some(PagesRecord {
        text: count(PageClass::Text),
        scanned: count(PageClass::Scanned),
        ocr: count(PageClass::Ocr),
        blank: count(PageClass::Blank),
        vector: count(PageClass::Vector),
        unmapped: count(PageClass::Unmapped),
        unreadable: count(PageClass::Unreadable),
        map: classes.iter().map(|class| class.letter()).collect(),
    })
}

fn statement_record(facts: &Facts) -> Option<StatementRecord<'_>> {
    let is_empty = facts.period.is_none()
        && facts.account.is_none()
        && facts.ifsc.is_none()
        && facts.category.is_none()
        && facts.holder_match.verdict().is_none();
    (!is_empty).then(|| StatementRecord {
        from: facts.period.map(|period| period.from.to_string()),
        to: facts.period.map(|period| period.to.to_string()),
        period_source: facts.period.map(|period| period.source.name()),
        account: facts
            .account
            .as_ref()
            .map(|account| account.masked.as_str()),
        ifsc: facts.ifsc.as_deref(),
        category: facts.category.map(AccountCategory::name),
        holder_match: holder_record(facts.holder_match),
    })
}

fn holder_record(found: HolderMatch) -> Option<HolderRecord> {
    let is_compared = found != HolderMatch::NotCompared;
    let verdict = found.verdict();
    is_compared.then(|| verdict.map_or(HolderRecord::Uncertain, HolderRecord::Certain))
}

fn ledger(ledger: &Ledger) -> LedgerRecord {
    LedgerRecord {
        accounts: ledger.accounts,
        transactions: ledger.transactions,
        unread: ledger.unread,
        debits: ledger.debits,
        credits: ledger.credits,
        links: ledger.links,
        broken: ledger.broken,
        order: ledger.order,
        breaks: ledger.breaks.iter().map(break_record).collect(),
        opening: ledger.opening,
        totals: ledger.totals,
        page_numbers: ledger.page_numbers,
        references: ledger.references,
    }
}

fn signatures(screening: &Screening) -> Vec<SignatureRecord<'_>> {
    let document = screening.document.as_ref();
    let signatures = document
        .into_iter()
        .flat_map(|document| &document.signatures);
    let signatures = signatures.map(|signature| SignatureRecord {
        status: signature.status.name(),
        coverage: signature.coverage.name(),
        trust: signature.trust.name(),
        organisation: signature.organisation.as_deref(),
        issuer: signature.issuer.as_deref(),
        signed_at: signature.signed_at.as_deref(),
        digest: signature.digest.as_deref(),
    });
    signatures.collect()
}

fn break_record(found: &LedgerBreak) -> BreakRecord {
    BreakRecord {
        page: found.page,
        row: found.row,
        kind: found.kind,
    }
}

fn bank(issuer: &Issuer) -> BankRecord<'_> {
    BankRecord {
        id: issuer.bank.id(),
        name: issuer.bank.name(),
        confidence: two_decimals(issuer.confidence),
        evidence: &issuer.evidence,
        alternatives: issuer
            .alternatives
            .iter()
            .map(|(bank, confidence)| AlternativeRecord {
                id: bank.id(),
                confidence: two_decimals(*confidence),
            })
            .collect(),
    }
}

/// Rounds a confidence down to two decimals.
///
/// Calibration is not more precise than that. Rounding down never overstates the confidence.
fn two_decimals(confidence: f32) -> f64 {
    (f64::from(confidence) * 100.0 + 1e-4).floor() / 100.0
}
