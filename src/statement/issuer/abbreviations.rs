//! Evidence from banks that name themselves only by the letters of their IFSC codes: "This is SPCB
//! Mobile Banking", "HSBC Account Statement".

use super::{Evidence, EvidenceKind};
use crate::statement::banks::{self, BankRegistry, Owner};
use crate::statement::page::{self, Page, Zone};

/// Letters of an IFSC code that identify the bank.
const CODE_LETTERS: usize = 4;
/// Lines at the top of the first page that can be its title.
const TITLE_LINES: usize = 3;
/// Words before "banking" in the name of a service.
const CHANNELS: [&str; 7] = ["mobile", "internet", "net", "online", "phone", "e", "m"];
/// Codes that are words: "Corp Internet Banking".
const WORDS: [&str; 1] = ["corp"];
/// What follows the name of the bank in a title.
const TITLES: [&[&str]; 4] = [
    &["account", "statement"],
    &["bank", "statement"],
    &["statement"],
    &["statement", "of", "account"],
];

/// Returns the banks that the pages name so.
///
/// Codes that other banks use name none: a bank without a code of its own prints its sponsor's.
pub(super) fn evidence<'r>(pages: &[Page], banks: &'r BankRegistry) -> Vec<Evidence<'r>> {
    let mut evidence = Vec::new();
    for (page_index, page) in pages.iter().enumerate() {
        // The lines of the head precede the table.
        for (index, line) in page.around_table().enumerate() {
            let is_title = page_index == 0 && line.zone == Zone::Head && index < TITLE_LINES;
            let codes = line.cells.iter().filter_map(|cell| {
                let text = line.cell(cell);
                let is_candidate = text.contains("banking") || is_title;
                let words: Vec<&str> = page::words(text).filter(|_| is_candidate).collect();
                let titled = titled(&words).filter(|_| is_title);
                let code = service(&words).or(titled);
                code.filter(|code| !WORDS.contains(code))
                    .map(str::to_uppercase)
            });
            evidence.extend(codes.filter_map(|code| {
                let bank = banks.by_code(&code).filter(|_| !banks::is_lent(&code))?;
                let description = format!("name {code} by the letters of its IFSC");
                Some(Evidence::new(
                    EvidenceKind::Abbreviation,
                    Owner::Bank(bank),
                    description,
                ))
            }));
        }
    }
    evidence
}

/// Returns the code in the name of a service: `spcb mobile banking`.
fn service<'w>(words: &[&'w str]) -> Option<&'w str> {
    let banking = words.iter().position(|word| *word == "banking")?;
    let channel = words.get(banking.checked_sub(1)?)?;
    let code = words.get(banking.checked_sub(2)?)?;
    (CHANNELS.contains(channel) && code.len() == CODE_LETTERS).then_some(*code)
}

/// Returns the code in a title: `hsbc account statement`.
fn titled<'w>(words: &[&'w str]) -> Option<&'w str> {
    let (code, rest) = words.split_first()?;
    (TITLES.contains(&rest) && code.len() == CODE_LETTERS).then_some(*code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::page::tests::typed;

    #[test]
    fn the_letters_of_its_own_ifsc_name_a_bank() {
        let banks = BankRegistry::default();
        for (line, expected) in [
            (
                "(This is SPCB Mobile Banking, computer-generated)",
                Some("spcb"),
            ),
            ("HSBC Account Statement", Some("hsbc")),
            ("HSBC UK Account Statement", None),
            ("Register for Mobile Banking", None),
            // A sponsor, a code of no bank, and other letters than those of the IFSC.
            ("YESB Mobile Banking", None),
            ("ZZZZ Mobile Banking", None),
            ("BANK Statement", None),
            ("Corp Internet Banking", None),
        ] {
            let found = evidence(&[Page::new(&typed(&[line]))], &banks);
            let found = found.first().map(|found| found.bank.unwrap().id());
            assert_eq!(found, expected, "{line}");
        }
    }
}
