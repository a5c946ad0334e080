//! Changes to statements that banks and programs make: other wording, columns, order, typeface and
//! program, lines that are missing, and lines that name other banks.

use super::generator::fonts::Typeface;
use super::generator::layout::{Column, Design, Line};
use super::generator::ledger::Grouping;
use super::generator::random::Random;

/// Headings and other usual ways to write them.
const WORDINGS: [(&str, &str); 9] = [
    ("Transaction", "Txn"),
    ("Tran", "Transaction"),
    ("Number", "No"),
    ("Amount", "Amt"),
    ("Withdrawals", "Withdrawal"),
    ("Deposits", "Deposit"),
    ("Narration", "Particulars"),
    ("Description", "Narration"),
    ("Particulars", "Description"),
];
/// Lines above the transactions that name other banks.
const MENTIONS: [&str; 6] = [
    "Your account comes with cover by SBI General Insurance and HDFC ERGO",
    "Address : NEAR STATE BANK OF INDIA, STATION ROAD",
    "Employer : BANK OF BARODA STAFF SOCIETY",
    "Cheques drawn on ICICI Bank are credited on realisation",
    "Nominee : PRIYA, AXIS BANK COLONY",
    "Mail : someone@hdfcbank.com",
];
const DATE_PATTERNS: [&str; 5] = [
    "dd/mm/yyyy",
    "dd-mm-yyyy",
    "dd-Mon-yyyy",
    "dd Mon yyyy",
    "dd-MON-yyyy",
];
const COUNTERPARTIES: [&str; 5] = ["HDFC", "SBIN", "ICIC", "UTIB", "PUNB"];
const PROGRAMS: [&[(&str, &str)]; 3] = [
    &[],
    &[("Producer", "Skia/PDF m124")],
    &[("Producer", "Example Writer 3.1")],
];
/// Kinds of changes.
const KINDS: u64 = 11;
/// Changes to one copy.
const MAX_CHANGES: u64 = 5;

/// Returns a design with changes; equal numbers of the copy give equal ones.
pub(crate) fn changed(original: &Design, copy: u64) -> Design {
    let mut random = Random::new(original.seed.wrapping_mul(1_000_003) ^ copy);
    let mut design = Design {
        seed: original.seed + 1000 * (copy + 1),
        rows: usize::try_from(random.between(5, 120)).unwrap(),
        ..*original
    };
    for _ in 0..random.between(1, MAX_CHANGES) {
        change(&mut design, &mut random);
    }
    design
}

fn change(design: &mut Design, random: &mut Random) {
    match random.between(1, KINDS) {
        1 => design.header = without_some(design.header, random, 8),
        2 => design.header = without_some(design.header, random, 2),
        3 => design.footer = &[],
        4 => design.closing = &[],
        5 => design.columns = reworded(design.columns, random),
        6 => design.columns = reordered(design.columns, random),
        7 => {
            // The base fonts have ASCII only.
            if design.typeface != Typeface::Embedded {
                design.typeface = random.pick(&[Typeface::Helvetica, Typeface::Courier]);
            }
            design.has_running_headings = !design.has_running_headings;
        }
        8 => design.info = random.pick(&PROGRAMS),
        9 => {
            design.date_pattern = random.pick(&DATE_PATTERNS);
            design.grouping = random.pick(&[Grouping::Plain, Grouping::Indian]);
        }
        10 => {
            let others = COUNTERPARTIES.into_iter();
            let others: Vec<_> = others.filter(|code| *code != design.ifsc_prefix).collect();
            design.counterparty = Some(random.pick(&others));
        }
        _ => {
            let mut lines = design.header.to_vec();
            lines.push(Line::Left(random.pick(&MENTIONS)));
            design.header = lines.leak();
        }
    }
}

/// Removes each line with the probability of one in `of`.
fn without_some(lines: &[Line], random: &mut Random, of: u64) -> &'static [Line] {
    let kept = lines.iter().filter(|_| random.between(1, of) > 1);
    kept.copied().collect::<Vec<_>>().leak()
}

fn reworded(columns: &[Column], random: &mut Random) -> &'static [Column] {
    let reworded = columns.iter().map(|(heading, width, cell)| {
        let (from, to) = random.pick(&WORDINGS);
        let heading: &'static str = heading.replace(from, to).leak();
        (heading, *width, *cell)
    });
    reworded.collect::<Vec<_>>().leak()
}

/// Exchanges two neighbouring columns.
fn reordered(columns: &[Column], random: &mut Random) -> &'static [Column] {
    let mut columns = columns.to_vec();
    let last = u64::try_from(columns.len() - 1).unwrap();
    let index = usize::try_from(random.between(1, last)).unwrap();
    columns.swap(index - 1, index);
    columns.leak()
}
