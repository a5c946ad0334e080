//! Evidence from the form of a statement as a whole: its title, column headings, field labels and
//! the look of its rows.
//!
//! Some banks print their name nowhere. Each part of a form is common, but together they are
//! nobody else's. A form matches by similarity, because a bank adds and renames fields. A form of
//! another bank that is nearly as similar makes the match worthless.

use super::{Evidence, EvidenceKind, layout_markers};
use crate::pdf::Metadata;
use crate::statement::banks::{self, BankRegistry, Owner};
use crate::statement::page::{self, Page, Zone};
use crate::statement::phrase_matcher::PhraseMatcher;
use crate::statement::table::Table;
use std::sync::LazyLock;

const FORMS: &str = include_str!("../../data/statement_forms.tsv");
const PROGRAMS: &str = include_str!("../../data/bank_programs.tsv");
/// Marks a cell of the table without content.
const UNKNOWN: &str = "-";
/// Marks a part that no other bank's form has.
const OWN: char = '*';
/// Similarity from which a form matches. At this value, 31 of 31 forms named the right bank.
const MIN_SIMILARITY: f32 = 0.7;
/// Similarity by which a form must exceed those of other banks.
const MIN_MARGIN: f32 = 0.1;
/// Parts of its own that must occur; at least half of them.
const MIN_OWN_PARTS: usize = 2;
/// The weight of a label or a title. A word of the headings or a shape weighs 1.
const LABEL_WEIGHT: f32 = 2.0;
/// The weight of a word of the headings that is spelt or abbreviated differently.
const SYNONYM_WEIGHT: f32 = 0.6;
/// Lines at the top of the first page that can contain the title.
const TITLE_LINES: usize = 8;
/// Lines of the transactions whose shapes are compared.
const MAX_ROW_LINES: usize = 120;
/// Sources from which a form proves its bank.
const MIN_SOURCES: u32 = 2;
/// Sources from which the programs of a bank count as known.
const MIN_PROGRAM_SOURCES: u32 = 2;

static KNOWN: LazyLock<KnownForms> = LazyLock::new(KnownForms::load);

/// One form of a bank's statements.
#[derive(Debug, PartialEq)]
pub(super) struct Form {
    pub(super) bank: &'static str,
    /// For the user, such as "ICICI corporate net banking".
    name: &'static str,
    /// Independent files on which it was seen.
    sources: u32,
    /// The number of the title's phrase.
    title: Option<usize>,
    headings: Vec<Part<&'static str>>,
    /// Numbers of phrases.
    labels: Vec<Part<usize>>,
    rows: Vec<Part<&'static str>>,
}

/// A part of a form, and whether no other bank's form has it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Part<T> {
    value: T,
    is_own: bool,
}

struct KnownForms {
    forms: Vec<Form>,
    /// The phrases of titles and labels, by their numbers.
    phrases: PhraseMatcher<usize>,
    /// Bank, text in the name of a program, sources.
    programs: Vec<(&'static str, &'static str, u32)>,
}

impl KnownForms {
    fn load() -> Self {
        let mut phrases: Vec<&'static str> = Vec::new();
        let forms = banks::rows(FORMS);
        let forms = forms.filter_map(|row| Form::parse(&row, &mut phrases));
        let forms = forms.collect();
        let numbered = phrases.iter().enumerate();
        let numbered: Vec<_> = numbered.map(|(number, phrase)| (*phrase, number)).collect();
        let programs = banks::rows(PROGRAMS).filter_map(|row| {
            let [bank, text, sources] = row[..] else {
                return None;
            };
            Some((bank, text, sources.parse().ok()?))
        });
        Self {
            forms,
            phrases: PhraseMatcher::spaced(&numbered),
            programs: programs.collect(),
        }
    }
}

impl Form {
    /// Parses a row of the table and numbers its phrases.
    fn parse(row: &[&'static str], phrases: &mut Vec<&'static str>) -> Option<Self> {
        let [bank, name, sources, title, headings, labels, rows] = *row else {
            return None;
        };
        let mut number = |phrase| {
            let known = phrases.iter().position(|known| *known == phrase);
            known.unwrap_or_else(|| {
                phrases.push(phrase);
                phrases.len() - 1
            })
        };
        let labels = parts(labels).map(|part| Part {
            value: number(part.value),
            is_own: part.is_own,
        });
        let labels = labels.collect();
        Some(Self {
            bank,
            name,
            sources: sources.parse().ok()?,
            title: (title != UNKNOWN).then(|| number(title)),
            headings: parts(headings).collect(),
            labels,
            rows: parts(rows).collect(),
        })
    }

    /// Returns the evidence that the form gives.
    pub(super) fn evidence<'r>(&self, banks: &'r BankRegistry) -> Option<Evidence<'r>> {
        let bank = Owner::Bank(banks.by_id(self.bank)?);
        let kind = match self.sources {
            ..MIN_SOURCES => EvidenceKind::SingleForm,
            _ => EvidenceKind::Form,
        };
        Some(Evidence::new(kind, bank, format!("form of {}", self.name)))
    }

    /// Returns the similarity of a document to the form, from 0 to 1, and whether enough of what is
    /// the form's own occurs.
    fn compare(&self, printed: &Printed) -> (f32, bool) {
        let own_words: Vec<&str> = self.heading_words().collect();
        let mut similarity = Similarity::default();
        let headings = printed.nearest_headings(&own_words);
        if headings.is_none_or(|headings| headings.share() < MIN_SIMILARITY) {
            return (0.0, false);
        }
        similarity.extend(headings);
        let is_title = |title: &usize| printed.title.contains(title);
        similarity.extend(
            self.title
                .map(|title| found(is_title(&title), LABEL_WEIGHT)),
        );
        let mut own = (0, 0);
        let mut count = |is_own: bool, is_found: bool| {
            own.0 += usize::from(is_own && is_found);
            own.1 += usize::from(is_own);
        };
        for heading in &self.headings {
            count(heading.is_own, printed.has_heading(heading.value));
        }
        for label in &self.labels {
            let is_found = printed.labels.contains(&label.value) || is_title(&label.value);
            count(label.is_own, is_found);
            similarity.extend([found(is_found, LABEL_WEIGHT)]);
        }
        for row in &self.rows {
            let is_found = printed.has_in_rows(row.value);
            count(row.is_own, is_found);
            similarity.extend([found(is_found, 1.0)]);
        }
        let (found_own, all_own) = own;
        let is_own = found_own >= MIN_OWN_PARTS && found_own * 2 >= all_own;
        (similarity.share(), is_own)
    }

    fn heading_words(&self) -> impl Iterator<Item = &'static str> {
        let phrases = self.headings.iter().map(|part| part.value);
        phrases.flat_map(|phrase| phrase.split(' '))
    }
}

/// Splits a cell of the table into its parts.
fn parts(cell: &'static str) -> impl Iterator<Item = Part<&'static str>> {
    let parts = cell.split(" | ").filter(|part| *part != UNKNOWN);
    parts.map(|part| Part {
        value: part.trim_start_matches(OWN),
        is_own: part.starts_with(OWN),
    })
}

/// What two sets have in common, by weight.
#[derive(Debug, Clone, Copy, Default)]
struct Similarity {
    common: f32,
    /// The weight of both together.
    all: f32,
}

impl Similarity {
    /// Compares two lists of words, in any order. Words of the same meaning count in part.
    fn of_words(a: &[&str], b: &[&str]) -> Self {
        let mut rest: Vec<&str> = b.to_vec();
        let mut unmatched = Vec::new();
        let mut common = 0.0;
        for word in a {
            match rest.iter().position(|other| other == word) {
                Some(index) => {
                    rest.swap_remove(index);
                    common += 1.0;
                }
                None => unmatched.push(canonical(word)),
            }
        }
        for word in unmatched {
            if let Some(index) = rest.iter().position(|other| canonical(other) == word) {
                rest.swap_remove(index);
                common += SYNONYM_WEIGHT;
            }
        }
        let all = (a.len() + b.len()) as f32 - common;
        Self { common, all }
    }

    fn share(self) -> f32 {
        if self.all > 0.0 {
            self.common / self.all
        } else {
            0.0
        }
    }
}

impl Extend<Self> for Similarity {
    fn extend<I: IntoIterator<Item = Self>>(&mut self, parts: I) {
        for part in parts {
            self.common += part.common;
            self.all += part.all;
        }
    }
}

/// Returns the similarity of one part.
fn found(is_found: bool, weight: f32) -> Similarity {
    Similarity {
        common: if is_found { weight } else { 0.0 },
        all: weight,
    }
}

/// Returns one word for those that headings use with the same meaning.
fn canonical(word: &str) -> &str {
    match word {
        "sl" | "sr" | "srl" | "serial" | "sno" => "s",
        "number" | "num" | "nos" => "no",
        "dt" | "dated" => "date",
        "chq" | "check" | "instrument" => "cheque",
        "reference" => "ref",
        "txn" | "tran" | "trans" | "transactions" => "transaction",
        "amt" | "amounts" => "amount",
        "withdrawals" | "withdrawl" | "withdraw" => "withdrawal",
        "deposits" => "deposit",
        "debits" | "dr" => "debit",
        "credits" | "cr" => "credit",
        "bal" | "balances" => "balance",
        word => word,
    }
}

/// Returns the texts that may be the headings of a table.
///
/// A label such as "Transaction Type: Debit and Credit" above the headings looks like one of their
/// lines.
fn possible_headings(table: &Table) -> impl Iterator<Item = &str> {
    let texts = table.headings.iter().map(String::as_str);
    let first = texts.clone().next().unwrap_or_default();
    let below = texts
        .clone()
        .filter_map(move |text| text.strip_prefix(first));
    texts.chain(below).filter(|text| !text.is_empty())
}

/// Returns the words of headings without currencies, which forms add and leave out.
fn words_of_headings(text: &str) -> Vec<&str> {
    let words = page::words(text);
    words
        .filter(|word| !matches!(*word, "rs" | "inr"))
        .collect()
}

/// The parts of a document that forms are compared with.
struct Printed<'p> {
    /// Possible headings, as words.
    headings: Vec<Vec<&'p str>>,
    /// Numbers of the known phrases around the transactions.
    labels: Vec<usize>,
    /// Numbers of the known phrases at the top of the first page.
    title: Vec<usize>,
    /// The first lines of the transactions.
    rows: Vec<&'p str>,
    /// Their shapes.
    shapes: Vec<String>,
}

impl<'p> Printed<'p> {
    /// Returns `None` for a document without column headings.
    fn read(pages: &'p [Page], tables: &'p [Table]) -> Option<Self> {
        let texts: Vec<&str> = tables.iter().flat_map(possible_headings).collect();
        if texts.is_empty() {
            return None;
        }
        let headings = texts.iter().map(|text| words_of_headings(text)).collect();
        let (mut labels, mut title) = (Vec::new(), Vec::new());
        for text in &texts {
            let words: Vec<&str> = page::words(text).collect();
            labels.extend(KNOWN.phrases.find_all(&words));
        }
        for (page_index, page) in pages.iter().enumerate() {
            for (line_index, line) in page.around_table().enumerate() {
                let words: Vec<&str> = line.words().collect();
                let phrases = KNOWN.phrases.find_all(&words);
                if page_index == 0 && line_index < TITLE_LINES {
                    title.extend(&phrases);
                }
                labels.extend(phrases);
            }
        }
        let lines = pages.iter().flat_map(|page| &page.lines);
        let rows = lines.filter(|line| line.zone == Zone::Table);
        let rows: Vec<&str> = rows.take(MAX_ROW_LINES).map(|line| &*line.text).collect();
        let shapes = rows.iter().map(|row| shape(row)).collect();
        Some(Self {
            headings,
            labels,
            title,
            rows,
            shapes,
        })
    }

    fn nearest_headings(&self, words: &[&str]) -> Option<Similarity> {
        let known = self.headings.iter();
        let similar = known.map(|printed| Similarity::of_words(printed, words));
        similar.max_by(|a, b| a.share().total_cmp(&b.share()))
    }

    /// Returns whether the headings contain all words of a phrase.
    fn has_heading(&self, phrase: &str) -> bool {
        let mut headings = self.headings.iter();
        headings.any(|printed| phrase.split(' ').all(|word| printed.contains(&word)))
    }

    fn has_in_rows(&self, part: &str) -> bool {
        if !part.contains('9') {
            return self.rows.iter().any(|row| row.contains(part));
        }
        let part = format!(" {part} ");
        self.shapes.iter().any(|shape| shape.contains(&part))
    }
}

/// Returns the shape of a line: 9 for each number, a for each run of letters.
fn shape(line: &str) -> String {
    let mut shape = String::with_capacity(line.len() + 2);
    shape.push(' ');
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        let is_digit = |c: &char| c.is_ascii_digit() || *c == ',';
        if character.is_ascii_digit() {
            while characters.next_if(is_digit).is_some() {}
            shape.push('9');
        } else if character.is_alphabetic() {
            while characters.next_if(|c| c.is_alphabetic()).is_some() {}
            shape.push('a');
        } else {
            shape.push(character);
        }
    }
    shape.push(' ');
    shape
}

/// Finds the form of a document, if one is similar enough and no other bank's nearly as much.
pub(super) fn find(pages: &[Page], tables: &[Table]) -> Option<&'static Form> {
    find_among(KNOWN.forms.iter(), pages, tables)
}

fn find_among<'f>(
    forms: impl Iterator<Item = &'f Form>,
    pages: &[Page],
    tables: &[Table],
) -> Option<&'f Form> {
    let printed = Printed::read(pages, tables)?;
    let compared = forms.map(|form| (form, form.compare(&printed)));
    let compared: Vec<_> = compared.collect();
    let candidates = compared.iter().filter(|(_, (_, is_own))| *is_own);
    let candidates = candidates.map(|(form, (similarity, _))| (*form, *similarity));
    let (form, similarity) = candidates.max_by(|a, b| a.1.total_cmp(&b.1))?;
    let forms = compared
        .iter()
        .map(|(form, (similarity, _))| (form.bank, *similarity));
    let headings = layout_markers::headings().filter_map(|(words, bank)| {
        let nearest = printed.nearest_headings(words)?;
        Some((bank, nearest.share()))
    });
    let others = forms.chain(headings).filter(|(bank, _)| *bank != form.bank);
    let second = others.map(|(_, similarity)| similarity).fold(0.0, f32::max);
    (similarity >= MIN_SIMILARITY && similarity - second >= MIN_MARGIN).then_some(form)
}

/// Returns whether a file on a bank's own form comes from a program that is not known to write it.
///
/// `false` if the programs of the bank are not known, or the file names none.
pub(super) fn is_other_program(bank: &str, metadata: &Metadata) -> bool {
    let known = || KNOWN.programs.iter().filter(|(own, ..)| *own == bank);
    let sources: u32 = known().map(|(.., sources)| sources).sum();
    let programs = [&metadata.producer, &metadata.creator];
    let mut programs = programs
        .into_iter()
        .flatten()
        .map(|name| name.to_lowercase())
        .peekable();
    sources >= MIN_PROGRAM_SOURCES
        && programs.peek().is_some()
        && !programs.any(|name| known().any(|(_, text, _)| name.contains(text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::dates::DateOrder;
    use crate::statement::page::tests::typed;
    use crate::statement::table;

    /// Changes that a bank may make to a form, each in `seed`'s own way.
    const PERTURBATIONS: usize = 20;

    /// The cells of one row of the table of forms.
    #[derive(Clone)]
    struct Printout {
        title: String,
        labels: Vec<String>,
        headings: Vec<String>,
        rows: Vec<String>,
    }

    impl Printout {
        fn new(row: &[&'static str]) -> Self {
            let texts = |cell| parts(cell).map(|part| part.value.to_owned()).collect();
            Self {
                title: row[3].trim_matches('-').to_owned(),
                headings: texts(row[4]),
                labels: texts(row[5]),
                rows: texts(row[6]),
            }
        }

        /// Changes wording, columns or their order.
        fn perturb(&mut self, seed: usize) {
            let column = seed % self.headings.len();
            match seed % 5 {
                0 => self.headings.reverse(),
                1 => self.headings.insert(column, "branch code".to_owned()),
                2 => self.labels.push("home branch".to_owned()),
                3 => self.headings[column] = abbreviate(&self.headings[column]),
                _ => self.headings.rotate_left(column),
            }
            match seed / 5 {
                0 => self.labels.reverse(),
                1 => self.labels.push("customer id".to_owned()),
                2 => self.title.push_str(" of your account"),
                _ => self.labels.sort(),
            }
        }

        /// Sets it as a page whose table has two rows.
        fn lines(&self) -> Vec<String> {
            let mut lines = vec![self.title.clone()];
            lines.extend(self.labels.iter().map(|label| format!("{label} : x")));
            lines.push(self.headings.join("   "));
            let extra: Vec<String> = self
                .rows
                .iter()
                .map(|part| part.replace('a', "apr"))
                .collect();
            for day in 1..=2 {
                let extra = extra.join("   ");
                lines.push(format!(
                    "{day:02}-04-2024   payment   {extra}   100.00   1,900.00"
                ));
            }
            lines.retain(|line| !line.is_empty());
            lines
        }

        fn find(&self, forms: impl Iterator<Item = &'static Form>) -> Option<&'static Form> {
            let lines = self.lines();
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            let mut page = Page::new(&typed(&lines));
            let table = table::find(&mut page, DateOrder::DayFirst);
            find_among(forms, &[page], &[table])
        }
    }

    /// Writes a heading in another usual way.
    fn abbreviate(heading: &str) -> String {
        let pairs = [
            ("transaction", "txn"),
            ("number", "no"),
            ("amount", "amt"),
            ("withdrawals", "withdrawal"),
            ("deposits", "deposit"),
            ("date", "dt"),
            ("no", "number"),
        ];
        let found = pairs.iter().find(|(long, _)| heading.contains(long));
        found.map_or(heading.to_owned(), |(long, short)| {
            heading.replace(long, short)
        })
    }

    #[test]
    fn every_row_of_the_tables_is_parsed_and_belongs_to_a_built_in_bank() {
        assert_eq!(KNOWN.forms.len(), banks::rows(FORMS).count());
        for form in &KNOWN.forms {
            assert!(banks::is_built_in(form.bank), "{form:?}");
            let headings = form.headings.iter().map(|part| part.is_own);
            let labels = form.labels.iter().map(|part| part.is_own);
            let rows = form.rows.iter().map(|part| part.is_own);
            let own = headings.chain(labels).chain(rows).filter(|is_own| *is_own);
            assert!(own.count() >= MIN_OWN_PARTS, "{form:?}");
        }
        assert_eq!(KNOWN.programs.len(), banks::rows(PROGRAMS).count());
        assert!(
            KNOWN
                .programs
                .iter()
                .all(|(bank, ..)| banks::is_built_in(bank))
        );
    }

    #[test]
    fn perturbed_forms_are_recognised_and_never_taken_for_another_bank() {
        let (mut right, mut all) = (0, 0);
        for (row, form) in banks::rows(FORMS).zip(&KNOWN.forms) {
            let printout = Printout::new(&row);
            assert_eq!(printout.find(KNOWN.forms.iter()), Some(form));
            for seed in 0..PERTURBATIONS {
                let mut changed = printout.clone();
                changed.perturb(seed);
                let found = changed.find(KNOWN.forms.iter());
                let bank = found.map(|found| found.bank);
                assert!(
                    bank.is_none_or(|bank| bank == form.bank),
                    "{:?}",
                    changed.lines()
                );
                all += 1;
                right += usize::from(found.is_some());
                // Without its own row: silence, or another form of the bank.
                let others = KNOWN.forms.iter().filter(|other| *other != form);
                let found = changed.find(others).map(|found| found.bank);
                assert!(
                    found.is_none_or(|bank| bank == form.bank),
                    "{:?}",
                    changed.lines()
                );
            }
        }
        assert!(right * 100 >= all * 95, "{right} of {all}");
    }

    #[test]
    fn headings_alone_are_no_form() {
        for row in banks::rows(FORMS) {
            let mut printout = Printout::new(&row);
            printout.title.clear();
            printout.labels.clear();
            printout.rows.clear();
            let found = printout.find(KNOWN.forms.iter());
            // Some headings are the bank's own.
            let own = parts(row[4]).filter(|part| part.is_own).count();
            assert!(found.is_none() || own >= MIN_OWN_PARTS, "{row:?}");
        }
    }

    #[test]
    fn programs_that_write_the_forms_of_a_bank_are_no_evidence_of_a_copy() {
        let made_by = |producer: Option<&str>, creator: Option<&str>| Metadata {
            producer: producer.map(str::to_owned),
            creator: creator.map(str::to_owned),
            ..Metadata::default()
        };
        for (bank, producer, creator, is_other) in [
            ("icici", Some("iText 2.1.5 (by lowagie.com)"), None, false),
            (
                "icici",
                Some("Example PDF 3"),
                Some("JasperReports (OpTransactionHistory)"),
                false,
            ),
            ("icici", Some("Example PDF 3"), None, true),
            ("icici", None, None, false),
            // Seen once, and not at all.
            ("kotak", Some("Example PDF 3"), None, false),
            ("hdfc", Some("Example PDF 3"), None, false),
        ] {
            let metadata = made_by(producer, creator);
            assert_eq!(
                is_other_program(bank, &metadata),
                is_other,
                "{bank} {producer:?}"
            );
        }
    }
}
