//! Names of banks, where only an issuer puts them.

use super::{Kind, Vote};
use crate::pdf::Metadata;
use crate::statement::banks::{self, Owner};
use crate::statement::normalize;
use crate::statement::page::{self, Cell, Page, TextLine, Zone};

/// Lines of the first page in which a bank prints its own name.
const HEADER_LINES: usize = 15;
/// Lines that are the title of the page.
const FIRST_LINES: usize = 2;
/// Words of a line that is a name and not running text.
const MOST_NAME_WORDS: usize = 10;
/// Left ends nearer than this, in points, are one column.
const SAME_COLUMN: f32 = 3.0;
/// Lines nearer than this, in their size, are one block.
const SAME_BLOCK: f32 = 1.9;
/// Lines of an address above its end.
const MOST_BLOCK_LINES: usize = 7;
/// What stands before the name of a bank that is only a neighbour, a sponsor or a party.
const NOT_THE_ISSUER_BEFORE: [&str; 17] = [
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
/// What stands behind the name of a bank that is a place, a company or a product.
const NOT_THE_ISSUER_BEHIND: [&str; 22] = [
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
/// Words that make a line part of a title or of a bank's own block, not of an address.
const TITLES: [&str; 17] = [
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
/// Labels behind which the issuer names itself.
const BANK_LABELS: [&str; 6] = [
    "bank name",
    "name of bank",
    "bank",
    "home bank",
    "name bank",
    "issued by",
];
/// Labels of what is the holder's.
const PERSONS: [&str; 8] = [
    "address",
    "holder",
    "nominee",
    "customer name",
    "account name",
    "a/c name",
    "joint",
    "employer",
];
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

/// The banks that the pages name as an issuer is named.
pub(super) fn votes(pages: &[Page]) -> Vec<Vote> {
    let mut votes = Vec::new();
    for (number, page) in pages.iter().enumerate() {
        for (index, line) in page.lines.iter().enumerate() {
            if line.zone == Zone::Table {
                continue;
            }
            let place = Place {
                page,
                line,
                index,
                is_header: number == 0 && line.zone == Zone::Head && index < HEADER_LINES,
            };
            place.votes(&mut votes);
        }
    }
    votes
}

/// The bank that the programs which made the file are named after.
pub(super) fn metadata_vote(metadata: &Metadata) -> Option<Vote> {
    let programs = [&metadata.creator, &metadata.producer];
    programs.into_iter().flatten().find_map(|program| {
        let lower = program.to_lowercase();
        let words = normalize::words(&lower);
        let (owner, _) = banks::name_at(&words, 0)?;
        Some(Vote::new(
            Kind::Metadata,
            owner,
            "name of the program that made the file",
        ))
    })
}

/// One line and where it stands.
struct Place<'p> {
    page: &'p Page,
    line: &'p TextLine,
    index: usize,
    is_header: bool,
}

impl Place<'_> {
    fn votes(&self, votes: &mut Vec<Vote>) {
        if normalize::is_letter_spaced(&self.line.text) {
            votes.extend(self.letter_spaced());
            return;
        }
        let office = self.is_office();
        for cell in &self.line.cells {
            let text = self.line.cell(cell);
            let words = normalize::words(text);
            if office {
                votes.extend(office_vote(&words));
            } else if let Some((owner, start, end)) = first_name(&words) {
                let whole = start == 0 && end == words.len();
                votes.extend(self.judge(cell, &words, owner, start, whole));
            } else if self.is_header && is_unlisted(&words) && !self.in_address(cell) {
                votes.push(Vote::new(
                    Kind::HeaderName,
                    Owner::Unlisted,
                    "name in the header",
                ));
            }
        }
    }

    /// What a name in a cell is worth.
    fn judge(
        &self,
        cell: &Cell,
        words: &[&str],
        owner: Owner,
        start: usize,
        whole: bool,
    ) -> Option<Vote> {
        let vote = |kind, words: &str| Some(Vote::new(kind, owner, words));
        match self.label(cell, words, start).as_deref() {
            Some(label) if BANK_LABELS.contains(&label) => {
                return vote(Kind::LabelledBank, "name behind its label");
            }
            // The holder, the employer, the nominee.
            Some(_) => return None,
            None if self.in_address(cell) => return None,
            None => {}
        }
        let short = words.len() <= MOST_NAME_WORDS;
        let has_pin = words.iter().any(|word| is_pin(word));
        match self.line.zone {
            Zone::Foot if start == 0 && has_pin => {
                vote(Kind::Office, "name and address in the footer")
            }
            Zone::Foot if start == 0 || !short => {
                vote(Kind::Disclaimer, "named below the transactions")
            }
            Zone::Head if self.is_header && whole => vote(Kind::HeaderName, "name in the header"),
            Zone::Head if self.is_header && start == 0 && short => vote(
                Kind::HeaderPhrase,
                "name at the head of a line of the header",
            ),
            Zone::Head if !short => vote(Kind::Mention, "named in the text around the table"),
            // "Passbook - Bank of Baroda".
            Zone::Head if self.is_header && self.index < FIRST_LINES && short => {
                vote(Kind::HeaderPhrase, "named in the first line")
            }
            Zone::Head | Zone::Foot | Zone::Table => None,
        }
    }

    /// The label that a name in a cell is the value of: in the same cell, or in the one before.
    fn label(&self, cell: &Cell, words: &[&str], start: usize) -> Option<String> {
        let text = self.line.cell(cell);
        if let Some((label, _)) = text.split_once(':').filter(|_| start > 0) {
            let label = normalize::words(label);
            let announces = label.len() == start && words.starts_with(&label);
            return announces.then(|| label.join(" "));
        }
        let mut before = self.line.cells.iter().rev().skip_while(|c| c.x0 >= cell.x0);
        let nearest = before.next()?;
        let text_before = self.line.cell(nearest);
        let announces = text_before.ends_with(':') || text.starts_with(':');
        if !announces {
            return None;
        }
        let bare = normalize::words(text_before);
        if bare.is_empty() {
            let further = before
                .next()
                .map(|cell| normalize::words(self.line.cell(cell)));
            return further.map(|words| words.join(" "));
        }
        Some(bare.join(" "))
    }

    /// Whether the line, or the one above it, speaks of an office of the issuer.
    fn is_office(&self) -> bool {
        let above = self
            .index
            .checked_sub(1)
            .and_then(|index| self.page.lines.get(index));
        let says = |line: &TextLine| OFFICES.iter().any(|office| line.text.contains(office));
        says(self.line) || above.is_some_and(|above| above.zone == self.line.zone && says(above))
    }

    /// Whether a cell goes on a block that began with a person or a place: an address.
    fn in_address(&self, cell: &Cell) -> bool {
        if announces_person(self.line, cell) {
            return true;
        }
        let mut y = self.line.y;
        for above in self
            .page
            .lines
            .iter()
            .take(self.index)
            .rev()
            .take(MOST_BLOCK_LINES)
        {
            if above.zone != Zone::Head || y - above.y > SAME_BLOCK * above.size.max(1.0) {
                return false;
            }
            // The first line of an address often stands behind its label in one cell.
            let over = above
                .cells
                .iter()
                .find(|other| other.x0 - SAME_COLUMN < cell.x0 && cell.x0 < other.x1);
            let Some(over) = over else {
                return false;
            };
            let text = above.cell(over).trim_start_matches([':', ' ']);
            let is_title = page::words(text).any(|word| TITLES.contains(&word));
            if !is_title || announces_person(above, over) {
                return true;
            }
            y = above.y;
        }
        false
    }

    fn letter_spaced(&self) -> Option<Vote> {
        let letters: String = self
            .line
            .text
            .chars()
            .filter(|c| c.is_alphanumeric())
            .collect();
        let bare = letters.strip_prefix("the").unwrap_or(&letters);
        let bare = bare
            .strip_suffix("limited")
            .or_else(|| bare.strip_suffix("ltd"));
        let names = [
            bare.unwrap_or(&letters),
            letters.strip_prefix("the").unwrap_or(&letters),
        ];
        let owner = names.into_iter().find_map(banks::by_compact_name)?;
        self.is_header
            .then(|| Vote::new(Kind::HeaderName, owner, "name in the header"))
    }
}

/// Whether a cell, or one to the left of it on its line, is the field of a person or a place.
fn announces_person(line: &TextLine, cell: &Cell) -> bool {
    let up_to = line.text.get(..cell.range.end).unwrap_or_default();
    PERSONS.iter().any(|label| up_to.contains(label))
}

/// Whether a word is an Indian postal code.
fn is_pin(word: &str) -> bool {
    word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// The first name among words that can be the issuer's, and where it starts and ends.
fn first_name(words: &[&str]) -> Option<(Owner, usize, usize)> {
    (0..words.len()).find_map(|start| {
        let (owner, end) = banks::name_at(words, start)?;
        stands_alone(words, start, end).then_some((owner, start, end))
    })
}

/// Whether nothing around a name makes it part of another name, or of a place.
fn stands_alone(words: &[&str], start: usize, end: usize) -> bool {
    let first = words.get(start).copied().unwrap_or_default();
    let before = start.checked_sub(1).and_then(|index| words.get(index));
    let two_before = start.checked_sub(2).and_then(|index| words.get(index));
    let behind = words.get(end);
    let joined = [
        "of", "by", "at", "with", "from", "for", "your", "our", "in", "and", "name",
    ];
    // "Reserve Bank of India" holds the name of another bank.
    let inside = first == "bank"
        && before.is_some_and(|word| !joined.contains(word) && !TITLES.contains(word));
    let sponsor = two_before.is_some_and(|word| NOT_THE_ISSUER_BEFORE.contains(word))
        || before.is_some_and(|word| NOT_THE_ISSUER_BEFORE.contains(word));
    let place = behind.is_some_and(|word| NOT_THE_ISSUER_BEHIND.contains(word));
    !inside && !sponsor && !place
}

fn office_vote(words: &[&str]) -> Option<Vote> {
    let (owner, ..) = first_name(words)?;
    Some(Vote::new(
        Kind::Office,
        owner,
        "name beside its registered office",
    ))
}

/// Whether a line is the name of a local bank that the service does not know.
fn is_unlisted(words: &[&str]) -> bool {
    words.len() <= MOST_NAME_WORDS && normalize::is_local_bank(words) && first_name(words).is_none()
}
