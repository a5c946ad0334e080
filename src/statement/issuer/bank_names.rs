//! Evidence from bank names in the places where only an issuer prints them.

use super::{Evidence, EvidenceKind};
use crate::pdf::Metadata;
use crate::statement::banks::{BankRegistry, Owner};
use crate::statement::dates::{self, DateOrder};
use crate::statement::normalize;
use crate::statement::page::{self, Cell, Page, TextLine, Zone};

/// Lines at the top of the first page that can contain the name of the issuer.
const HEADER_LINES: usize = 15;
/// Lines that are the title of the page.
const TITLE_LINES: usize = 2;
/// Words of the longest line that is a name and not running text.
const MAX_NAME_WORDS: usize = 10;
/// Cells whose left ends are closer than this, in points, are in one column.
const SAME_COLUMN: f32 = 3.0;
/// Lines closer than this, in multiples of their size, are in one block.
const SAME_BLOCK: f32 = 1.9;
/// Lines of an address above its last line.
const MAX_BLOCK_LINES: usize = 7;
/// Words before the name of a bank that is a landmark, a sponsor or a party.
const NOT_ISSUER_BEFORE: [&str; 17] = [
    "near",
    "nr",
    "opp",
    "opposite",
    "behind",
    "beside",
    "besides",
    "above",
    "sponsored",
    "sponsor",
    "promoted",
    "subsidiary",
    "to",
    "employer",
    "co",
    "drawn",
    "via",
];
/// Words after the name of a bank that make it a place, a company or a product.
const NOT_ISSUER_AFTER: [&str; 22] = [
    "colony",
    "building",
    "bldg",
    "quarters",
    "staff",
    "employees",
    "road",
    "lane",
    "chowk",
    "society",
    "layout",
    "nagar",
    "atm",
    "insurance",
    "mutual",
    "securities",
    "life",
    "amc",
    "uk",
    "bahrain",
    "plc",
    "usa",
];
/// Words before "bank of …" that do not make it the tail of a longer name.
///
/// "Reserve Bank of India" contains the name of another bank, "statement of Bank of India" does
/// not.
const JOINING_WORDS: [&str; 11] = [
    "of", "by", "at", "with", "from", "for", "your", "our", "in", "and", "name",
];
/// Words that make a line part of a title or of the bank's own block, not of an address.
const TITLE_WORDS: [&str; 17] = [
    "statement",
    "account",
    "bank",
    "banking",
    "branch",
    "page",
    "summary",
    "period",
    "date",
    "welcome",
    "customer",
    "report",
    "passbook",
    "mpassbook",
    "ledger",
    "details",
    "transactions",
];
/// Labels of fields that name the issuer.
const BANK_LABELS: [&str; 6] = [
    "bank name",
    "name of bank",
    "bank",
    "home bank",
    "name bank",
    "issued by",
];
/// Labels of fields about the holder, a nominee or an employer.
const HOLDER_LABELS: [&str; 8] = [
    "address",
    "holder",
    "nominee",
    "customer name",
    "account name",
    "a/c name",
    "joint",
    "employer",
];
/// Words that announce an office of the issuer.
const OFFICES: [&str; 12] = [
    "registered office",
    "regd. office",
    "regd office",
    "reg. office",
    "registered & corporate",
    "registered and corporate",
    "corporate office",
    "corp. office",
    "head office",
    "central office",
    "corporate centre",
    "registered off",
];

/// Returns the banks that the pages name where an issuer prints its own name.
pub(super) fn evidence<'r>(pages: &[Page], banks: &'r BankRegistry) -> Vec<Evidence<'r>> {
    let mut evidence = Vec::new();
    for (page_index, page) in pages.iter().enumerate() {
        let has_header = page_index == 0 || page.is_running;
        for (index, line) in page.lines.iter().enumerate() {
            if line.zone == Zone::Table {
                continue;
            }
            let line = LineContext {
                page,
                line,
                index,
                is_header: has_header && line.zone == Zone::Head && index < HEADER_LINES,
                banks,
            };
            line.collect_evidence(&mut evidence);
        }
    }
    evidence
}

/// Returns the bank whose office the pages name, if it is only one.
pub(super) fn lone_office<'r>(pages: &[Page], banks: &'r BankRegistry) -> Option<Evidence<'r>> {
    let all = evidence(pages, banks).into_iter();
    let offices = all.filter(|piece| piece.kind == EvidenceKind::Office);
    let mut offices: Vec<_> = offices.collect();
    let mut office = offices.pop()?;
    office.kind = EvidenceKind::LoneOffice;
    let is_only = offices.iter().all(|other| other.bank == office.bank);
    (is_only && office.bank.is_some()).then_some(office)
}

/// Returns the bank in the names of the programs that created the file.
pub(super) fn metadata_evidence<'r>(
    metadata: &Metadata,
    banks: &'r BankRegistry,
) -> Option<Evidence<'r>> {
    let programs = [&metadata.creator, &metadata.producer];
    programs.into_iter().flatten().find_map(|program| {
        let lower = program.to_lowercase();
        let words = normalize::words(&lower);
        let (owner, _) = banks.name_at(&words, 0)?;
        Some(Evidence::new(
            EvidenceKind::Metadata,
            owner,
            "name of the program that created the file",
        ))
    })
}

/// Words after the name of a bank in that of its company.
const COMPANY_WORDS: [&str; 8] = [
    "bank",
    "ltd",
    "limited",
    "co",
    "operative",
    "cooperative",
    "the",
    "india",
];

/// Returns the banks among the organisations that signed the file.
pub(super) fn signer_evidence<'r>(signers: &[&str], banks: &'r BankRegistry) -> Vec<Evidence<'r>> {
    let evidence = signers.iter().filter_map(|signer| {
        let lower = signer.to_lowercase();
        let words = normalize::words(&lower);
        let (owner, end) = banks.name_at(&words, 0)?;
        let mut rest = words.get(end..).unwrap_or_default().iter();
        let is_whole = rest.all(|word| COMPANY_WORDS.contains(word));
        is_whole.then(|| Evidence::new(EvidenceKind::Signature, owner, "digital signature"))
    });
    evidence.collect()
}

/// One line outside of the transactions and its surroundings.
struct LineContext<'p, 'r> {
    page: &'p Page,
    line: &'p TextLine,
    index: usize,
    is_header: bool,
    banks: &'r BankRegistry,
}

/// A bank name among the words of a cell.
struct BankName<'r> {
    owner: Owner<'r>,
    start: usize,
    end: usize,
}

impl<'r> LineContext<'_, 'r> {
    fn collect_evidence(&self, evidence: &mut Vec<Evidence<'r>>) {
        if normalize::is_letter_spaced(&self.line.text) {
            evidence.extend(self.letter_spaced_name());
            return;
        }
        let is_office = self.is_office();
        for cell in &self.line.cells {
            let words = normalize::words(self.line.cell(cell));
            match issuer_name(&words, self.banks) {
                Some(name) if is_office => evidence.push(Evidence::new(
                    EvidenceKind::Office,
                    name.owner,
                    "name next to the registered office",
                )),
                Some(name) => evidence.extend(self.assess(cell, &words, &name)),
                None if !is_office && self.is_unlisted_header(cell, &words) => {
                    evidence.push(Evidence::new(
                        EvidenceKind::HeaderName,
                        Owner::Unlisted,
                        "name in the header",
                    ));
                }
                None => {}
            }
        }
    }

    /// Returns the evidence that a name in a cell gives, depending on its position.
    fn assess(&self, cell: &Cell, words: &[&str], name: &BankName<'r>) -> Option<Evidence<'r>> {
        let found = |kind, description: &str| Some(Evidence::new(kind, name.owner, description));
        match self.label(cell, words, name.start).as_deref() {
            Some(label) if BANK_LABELS.contains(&label) => {
                return found(EvidenceKind::LabelledBank, "labelled bank name");
            }
            // The holder, the employer or the nominee.
            Some(_) => return None,
            None if self.is_in_address(cell) || self.is_in_row(cell) => return None,
            None => {}
        }
        // Names in the middle of a line are less reliable than names at its start: text about
        // other banks begins with other words.
        let begins = name.start == 0;
        let is_whole = begins && name.end == words.len();
        // Running text mentions banks for many reasons.
        let is_short = words.len() <= MAX_NAME_WORDS;
        let has_postal_code = words.iter().any(|word| is_postal_code(word));
        match self.line.zone {
            Zone::Foot if begins && has_postal_code => {
                found(EvidenceKind::Office, "name and address in the footer")
            }
            Zone::Foot if begins || !is_short => {
                found(EvidenceKind::Disclaimer, "name below the transactions")
            }
            Zone::Head if self.is_header && is_whole => {
                found(EvidenceKind::HeaderName, "name in the header")
            }
            Zone::Head if self.is_header && begins && is_short => found(
                EvidenceKind::HeaderPhrase,
                "name at the start of a header line",
            ),
            Zone::Head if !is_short => found(
                EvidenceKind::Mention,
                "name in the text above the transactions",
            ),
            // "Passbook - Bank of Baroda".
            Zone::Head if self.is_header && self.index < TITLE_LINES => {
                found(EvidenceKind::HeaderPhrase, "name in the title")
            }
            Zone::Head | Zone::Foot | Zone::Table => None,
        }
    }

    /// Returns the label of the field that contains a name: in the same cell, or in a cell to the
    /// left.
    fn label(&self, cell: &Cell, words: &[&str], start: usize) -> Option<String> {
        let text = self.line.cell(cell);
        if let Some((label, _)) = text.split_once(':').filter(|_| start > 0) {
            let label = normalize::words(label);
            let announces = label.len() == start && words.starts_with(&label);
            return announces.then(|| label.join(" "));
        }
        let mut before = self.line.cells.iter().rev().skip_while(|c| c.x0 >= cell.x0);
        let nearest = self.line.cell(before.next()?);
        let announces = nearest.ends_with(':') || text.starts_with(':');
        if !announces {
            return None;
        }
        let label = normalize::words(nearest);
        if !label.is_empty() {
            return Some(label.join(" "));
        }
        // The colon has a cell of its own.
        let further = before.next()?;
        Some(normalize::words(self.line.cell(further)).join(" "))
    }

    /// Returns whether the line, or the line above it, announces an office of the issuer.
    fn is_office(&self) -> bool {
        let above = self.index.checked_sub(1);
        let above = above.and_then(|index| self.page.lines.get(index));
        let announces = |line: &TextLine| OFFICES.iter().any(|office| line.text.contains(office));
        announces(self.line)
            || above.is_some_and(|above| above.zone == self.line.zone && announces(above))
    }

    /// Returns whether a cell of the header is the name of a local bank that the registry does not
    /// list.
    fn is_unlisted_header(&self, cell: &Cell, words: &[&str]) -> bool {
        self.is_header
            && words.len() <= MAX_NAME_WORDS
            && normalize::is_local_bank(words)
            && !self.is_in_address(cell)
    }

    /// Returns whether a line is the row of a table that was not recognised: a date precedes the
    /// cell, and an amount ends the line.
    fn is_in_row(&self, cell: &Cell) -> bool {
        let before = self.line.cells.iter().take_while(|c| c.x0 < cell.x0);
        let mut before = before.map(|cell| self.line.cell(cell));
        let has_date = |text| dates::find(text, DateOrder::DayFirst).next().is_some();
        let is_amount = |word: &str| {
            let decimals = word.rsplit_once('.').map(|(_, decimals)| decimals);
            decimals.is_some_and(|decimals| {
                decimals.len() == 2 && decimals.bytes().all(|byte| byte.is_ascii_digit())
            })
        };
        let last = self.line.text.rsplit(' ').next();
        last.is_some_and(is_amount) && before.any(has_date)
    }

    /// Returns whether a cell continues a block that began with a name or an address.
    fn is_in_address(&self, cell: &Cell) -> bool {
        if is_holder_field(self.line, cell) {
            return true;
        }
        let mut y = self.line.y;
        let lines_above = self.page.lines.iter().take(self.index).rev();
        for above in lines_above.take(MAX_BLOCK_LINES) {
            if above.zone != Zone::Head || y - above.y > SAME_BLOCK * above.size.max(1.0) {
                return false;
            }
            // The first line of an address is often in one cell with its label, so compare the left
            // end of this cell with the whole cell above.
            let over = above
                .cells
                .iter()
                .find(|other| other.x0 - SAME_COLUMN < cell.x0 && cell.x0 < other.x1);
            let Some(over) = over else {
                return false;
            };
            let text = above.cell(over).trim_start_matches([':', ' ']);
            let is_title = page::words(text).any(|word| TITLE_WORDS.contains(&word));
            if !is_title || is_holder_field(above, over) {
                return true;
            }
            y = above.y;
        }
        false
    }

    fn letter_spaced_name(&self) -> Option<Evidence<'r>> {
        let letters = self.line.text.chars().filter(|c| c.is_alphanumeric());
        let letters: String = letters.collect();
        let name = letters.strip_prefix("the").unwrap_or(&letters);
        let without_suffix = name
            .strip_suffix("limited")
            .or_else(|| name.strip_suffix("ltd"));
        let spellings = [without_suffix.unwrap_or(&letters), name];
        let mut spellings = spellings.into_iter();
        let owner = spellings.find_map(|name| self.banks.by_compact_name(name))?;
        self.is_header
            .then(|| Evidence::new(EvidenceKind::HeaderName, owner, "name in the header"))
    }
}

/// Returns whether a cell, or a cell to the left of it, is a field about the holder.
fn is_holder_field(line: &TextLine, cell: &Cell) -> bool {
    let up_to = line.text.get(..cell.range.end).unwrap_or_default();
    HOLDER_LABELS.iter().any(|label| up_to.contains(label))
}

/// Returns whether a word is an Indian postal code.
fn is_postal_code(word: &str) -> bool {
    word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns the first bank name among words that can be the issuer's.
fn issuer_name<'r>(words: &[&str], banks: &'r BankRegistry) -> Option<BankName<'r>> {
    (0..words.len()).find_map(|start| {
        let (owner, end) = banks.name_at(words, start)?;
        is_separate_name(words, start, end).then_some(BankName { owner, start, end })
    })
}

/// Returns whether no word next to a name makes it part of another name, or of a place.
fn is_separate_name(words: &[&str], start: usize, end: usize) -> bool {
    let before = |back: usize| start.checked_sub(back).and_then(|index| words.get(index));
    // "Reserve Bank of India" contains the name of another bank.
    let is_tail = words.get(start) == Some(&"bank")
        && before(1)
            .is_some_and(|word| !JOINING_WORDS.contains(word) && !TITLE_WORDS.contains(word));
    let is_party = [before(1), before(2)]
        .into_iter()
        .flatten()
        .any(|word| NOT_ISSUER_BEFORE.contains(word));
    let is_place = words
        .get(end)
        .is_some_and(|word| NOT_ISSUER_AFTER.contains(word));
    !is_tail && !is_party && !is_place
}
