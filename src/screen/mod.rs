//! Decides what one file is worth: bytes in, facts, findings and a verdict out.
//!
//! This module is pure. It opens nothing, and the time spent is asked of a function passed in.
//! Equal bytes and an equal policy give an equal [`Screening`] unless a time limit is hit. It is
//! total: every byte string gets a verdict, and a bad document is a finding, never an error.
//!
//! It does not know where a file came from or where it goes.

mod checks;
mod cross_file;
mod explain;
mod finding;
mod tampering;

pub use cross_file::{AccountCoverage, CrossFileChecks};
pub use explain::Explanation;
pub use finding::{Code, Finding, Severity, Verdict};

use crate::pdf::{
    ActiveContent, Budget, Damage, Document, Encryption, Engines, FileBytes, LimitHit, Limits,
    Metadata, OpenError, PageClass, PageReader, PageText, Password,
};
use crate::prefetch;
use crate::statement::{Bank, DateRange, DocumentContents, Facts, is_logo_size};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::time::Duration;

/// The confidence from which a bank counts as detected.
pub const CONFIDENCE_THRESHOLD: f32 = 0.9;

/// The SHA-256 of a file's bytes: what makes two files the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    /// Hashes bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let mut hash = Sha256::new();
        prefetch::pieces(bytes).for_each(|piece| hash.update(piece));
        Self(hash.finalize().into())
    }

    /// Reads the 64 digits that [`Display`](fmt::Display) writes; `None` for any other text.
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

/// A password to try, and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandidatePassword {
    /// The secret.
    pub password: Password,
    /// `password-file:3` or `manifest:7`: the source and its line, never the secret.
    pub origin: String,
}

/// The knobs of screening.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Bounds on what one file may cost.
    pub limits: Limits,
    /// Passwords for locked files, tried in order.
    pub candidates: Vec<CandidatePassword>,
    /// Candidates that were given beyond [`Limits::candidates`]: nothing tries them.
    pub untried: usize,
    /// The bank that the file must be from.
    pub expected_bank: Option<&'static Bank>,
    /// The account category given for it, as it was given.
    pub account_category: Option<String>,
    /// The days that the statement must touch.
    pub requested_period: Option<DateRange>,
    /// Whether warnings fail the file.
    pub strict: bool,
    /// Which engines may read it in this process.
    pub engines: Engines,
}

/// What is expected of one file, besides what is expected of all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    /// The bank that it must be from.
    pub bank: Option<&'static Bank>,
    /// The password that should open it; tried before all others.
    pub candidate: Option<CandidatePassword>,
    /// The account category, as it was given.
    pub account_category: Option<String>,
}

impl Policy {
    /// The policy for a file of which more is expected.
    #[must_use]
    pub fn expecting(&self, expected: &Expected) -> Self {
        let mut policy = self.clone();
        policy.expected_bank = expected.bank.or(self.expected_bank);
        policy
            .account_category
            .clone_from(&expected.account_category);
        policy.candidates.splice(0..0, expected.candidate.clone());
        policy
    }
}

/// What was found out about one file, and what it is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Screening {
    /// Pass, warn or fail.
    pub verdict: Verdict,
    /// In the order of the checks.
    pub findings: Vec<Finding>,
    /// Identifies the bytes; `None` where they were not read, and from [`screen`]: a large file
    /// is hashed while it is screened.
    pub content: Option<ContentHash>,
    /// What the PDF is; `None` where it could not be opened.
    pub document: Option<DocumentFacts>,
    /// How it is encrypted; `None` where that is unknown, as for what is no PDF.
    pub encryption: Option<Encryption>,
    /// Where the password that opened it came from.
    pub password_from: Option<String>,
    /// What the text says.
    pub statement: Facts,
    /// Whether engines that were not allowed could tell more ([`Policy::engines`]).
    pub needs_isolation: bool,
}

/// What a PDF is, apart from its text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DocumentFacts {
    /// What it says of its making.
    pub metadata: Metadata,
    /// Pages found.
    pub page_count: usize,
    /// A class a page; fewer where screening stopped before the end.
    pub pages: Vec<PageClass>,
    /// What had to be repaired.
    pub damage: Vec<Damage>,
    /// Scripts, programs and files inside.
    pub active_content: Vec<ActiveContent>,
    /// How often it was changed by appending to it, but for signatures.
    pub appended_updates: usize,
    /// Pages, from 1, whose size is not that of most.
    pub odd_size_pages: Vec<usize>,
    /// Pages, from 1, that have the same font in two copies.
    pub duplicate_font_pages: Vec<usize>,
}

impl Screening {
    /// A file whose bytes were not screened, and why.
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

    /// Makes errors of one kind notes, where the run copes with them, and judges again.
    pub fn downgrade_to_note(&mut self, code: Code, policy: &Policy) {
        for finding in self.findings.iter_mut().filter(|f| f.code == code) {
            finding.severity = Severity::Note;
        }
        self.verdict = verdict(&self.findings, policy.strict);
    }

    /// Keeps so many findings from the first, and judges again.
    pub fn truncate_findings(&mut self, count: usize, policy: &Policy) {
        self.findings.truncate(count);
        self.verdict = verdict(&self.findings, policy.strict);
    }

    /// Adds a finding that only the run as a whole can make, and judges again.
    pub fn add_finding(&mut self, finding: Finding, policy: &Policy) {
        self.findings.push(finding);
        self.verdict = verdict(&self.findings, policy.strict);
    }
}

fn verdict(findings: &[Finding], strict: bool) -> Verdict {
    match findings.iter().map(|finding| finding.severity).max() {
        Some(Severity::Error) => Verdict::Fail,
        Some(Severity::Warning) if strict => Verdict::Fail,
        Some(Severity::Warning) => Verdict::Warn,
        Some(Severity::Note) | None => Verdict::Pass,
    }
}

/// Screens one file; `spent` gives the time spent on it so far.
pub fn screen(bytes: &FileBytes, policy: &Policy, spent: &dyn Fn() -> Duration) -> Screening {
    let reading = Reading::of(bytes, policy, spent);
    let findings = checks::run(&reading, policy);
    let verdict = verdict(&findings, policy.strict);
    let Reading {
        document,
        encryption,
        statement,
        needs_isolation,
        ..
    } = reading;
    let opened_by = encryption.as_ref().and_then(|found| found.opened_by);
    Screening {
        verdict,
        findings,
        content: None,
        document,
        password_from: opened_by
            .and_then(|index| policy.candidates.get(index))
            .map(|candidate| candidate.origin.clone()),
        encryption,
        statement,
        needs_isolation,
    }
}

/// Everything that the checks judge.
#[derive(Debug, Default)]
struct Reading {
    /// Why there is no document, if there is none.
    error: Option<OpenError>,
    /// The limit at which reading stopped, if it did.
    limit: Option<LimitHit>,
    document: Option<DocumentFacts>,
    encryption: Option<Encryption>,
    statement: Facts,
    needs_isolation: bool,
}

/// Pages at the front whose words are read; the last page's are read as well.
const FRONT_PAGES: usize = 2;
/// Sizes of pages that are told apart; with more, no page is odd.
const MOST_SIZES: usize = 8;
/// Pages read besides where the first ones hold no transactions.
const MORE_PAGES: usize = 4;

impl Reading {
    fn of(bytes: &FileBytes, policy: &Policy, spent: &dyn Fn() -> Duration) -> Self {
        let mut budget = Budget::new(&policy.limits, spent).with_engines(policy.engines);
        let mut reading = Self::read(bytes, policy, &mut budget);
        reading.needs_isolation = budget.needs_isolation();
        reading
    }

    fn read(bytes: &FileBytes, policy: &Policy, budget: &mut Budget<'_>) -> Self {
        let passwords: Vec<&Password> = policy.candidates.iter().map(|c| &c.password).collect();
        let mut reading = Self::default();
        let document = match Document::open(bytes, &passwords, budget) {
            Ok(document) => document,
            Err(error) => {
                match &error {
                    OpenError::Locked(encryption) => reading.encryption = Some(encryption.clone()),
                    OpenError::Limit(hit) => reading.limit = Some(*hit),
                    _ => {}
                }
                reading.error = Some(error);
                return reading;
            }
        };
        reading.encryption = Some(document.encryption().clone());
        let mut facts = DocumentFacts {
            metadata: document.metadata(),
            page_count: document.page_count(),
            damage: document.damage().to_vec(),
            appended_updates: document.appended_updates(),
            ..DocumentFacts::default()
        };
        if facts.page_count <= policy.limits.pages {
            match read_pages(&document, &mut facts, budget) {
                Ok(statement) => reading.statement = statement,
                Err(hit) => reading.limit = Some(hit),
            }
        }
        facts.damage.extend(budget.recorded_damage());
        reading.document = Some(facts);
        reading
    }
}

/// Looks for active content, classifies all pages and reads the words of some.
fn read_pages(
    document: &Document,
    facts: &mut DocumentFacts,
    budget: &mut Budget<'_>,
) -> Result<Facts, LimitHit> {
    facts.active_content = document.active_content(budget)?;
    let mut reader = document.reader();
    let count = document.page_count();
    facts.odd_size_pages = odd_size_pages(&reader, count);
    if count >= tampering::PAGES_ALIKE {
        let twice = (0..count).filter(|index| reader.has_duplicate_font(*index));
        facts.duplicate_font_pages = twice.map(|index| index + 1).collect();
    }
    for index in 0..count {
        facts.pages.push(reader.classify(index, budget)?);
    }
    let last = count.saturating_sub(1);
    let is_text = |class: &PageClass| matches!(class, PageClass::Text | PageClass::Ocr);
    let with_text: Vec<usize> = (0..count)
        .filter(|index| facts.pages.get(*index).is_some_and(is_text))
        .collect();
    let mut text = Vec::new();
    for index in &with_text {
        if *index < FRONT_PAGES || *index == last {
            text.push(reader.text(*index, budget)?);
        }
    }
    let images = reader.image_digests(0, &is_logo_size, budget)?;
    let read = |pages: &[PageText]| {
        Facts::read(&DocumentContents {
            pages,
            page_count: count,
            metadata: &facts.metadata,
            images: &images,
        })
    };
    let statement = read(&text);
    if statement.is_statement() {
        return Ok(statement);
    }
    // The transactions may begin behind a letter and a summary.
    let unread = with_text
        .iter()
        .filter(|index| **index >= FRONT_PAGES && **index != last);
    let before = text.len();
    for index in unread.take(MORE_PAGES) {
        text.push(reader.text(*index, budget)?);
    }
    if text.len() == before {
        return Ok(statement);
    }
    Ok(read(&text))
}

/// The pages, from 1, whose size is not that of most.
fn odd_size_pages(reader: &PageReader<'_>, count: usize) -> Vec<usize> {
    let mut sizes: Vec<((u32, u32), Vec<usize>)> = Vec::new();
    for index in 0..count {
        let Some(size) = reader.size(index) else {
            continue;
        };
        if let Some((_, pages)) = sizes.iter_mut().find(|(known, _)| *known == size) {
            pages.push(index + 1);
        } else if sizes.len() < MOST_SIZES {
            sizes.push((size, vec![index + 1]));
        } else {
            return Vec::new();
        }
    }
    sizes.sort_by_key(|(_, pages)| std::cmp::Reverse(pages.len()));
    let mut odd: Vec<_> = sizes
        .into_iter()
        .skip(1)
        .flat_map(|(_, pages)| pages)
        .collect();
    odd.sort_unstable();
    odd
}
