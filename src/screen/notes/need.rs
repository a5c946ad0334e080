//! One thing that an applicant should send.

use super::password_words::password_words;
use super::texts::NoteTexts;
use crate::screen::Request;
use crate::statement::{Bank, DateRange, Month};
use crate::text::columns::page_ranges;
use jiff::civil::Date;

/// One request to an applicant, without words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// Something in place of files.
    Files {
        /// What.
        request: Request,
        /// The files, in input order.
        files: Vec<NeededFile>,
        /// The requested period, if the request mentions it.
        period: Option<DateRange>,
        /// The banks of locked files, each once.
        banks: Vec<Bank>,
    },
    /// The statements of months that an account lacks.
    Months {
        /// The bank, if it is known.
        bank: Option<Bank>,
        /// The masked account number.
        account: String,
        /// Months of which no day is covered.
        missing: Vec<Month>,
        /// Months of which only a part is covered.
        partial: Vec<Month>,
        /// Statements of the account of another period.
        outside: Vec<NeededFile>,
        /// Whether a file that could not be read may contain the months.
        may_be_unread: bool,
    },
    /// Statements of the requested period in place of others.
    OtherPeriod {
        /// The statements of another period.
        files: Vec<NeededFile>,
        /// The requested period.
        period: DateRange,
    },
    /// Any statement.
    AnyStatement {
        /// The requested period, if there is one.
        period: Option<DateRange>,
    },
}

impl Need {
    /// Frees the memory that its lists have for more elements.
    pub fn shrink_to_fit(&mut self) {
        match self {
            Self::Files { files, banks, .. } => {
                files.shrink_to_fit();
                banks.shrink_to_fit();
            }
            Self::Months {
                missing,
                partial,
                outside,
                ..
            } => {
                missing.shrink_to_fit();
                partial.shrink_to_fit();
                outside.shrink_to_fit();
            }
            Self::OtherPeriod { files, .. } => files.shrink_to_fit(),
            Self::AnyStatement { .. } => {}
        }
    }
}

/// A file in a request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NeededFile {
    /// Its name without folders; `None` for standard input. Untrusted text.
    pub name: Option<String>,
    /// Its folder, if another file has the same name. Untrusted text.
    pub folder: Option<String>,
    /// The affected pages, from 1; empty if the whole file is affected.
    pub pages: Vec<usize>,
    /// The days that it covers, if they are mentioned.
    pub covered: Option<DateRange>,
}

/// Returns the key of the texts of a request about files.
fn key(request: Request) -> &'static str {
    match request {
        Request::Password => "password",
        Request::Original => "original",
        Request::Pdf => "pdf",
        Request::Again => "again",
        Request::AllPages => "all_pages",
        Request::Statement => "statement",
        Request::OtherPeriod | Request::Months => "outside",
    }
}

impl Need {
    /// Returns the request in a language, of complete sentences.
    pub(super) fn text(&self, texts: &NoteTexts) -> String {
        match self {
            Self::Files {
                request,
                files,
                period,
                banks,
            } => {
                let mut sentences = vec![texts.plural(
                    key(*request),
                    files.len(),
                    &[("files", &labels(files, texts))],
                )];
                let period = period.map(|period| range(period, texts));
                sentences.extend(
                    period.map(|period| texts.fill("statement.period", &[("period", &period)])),
                );
                sentences.extend(banks.iter().filter_map(|bank| password_words(bank, texts)));
                sentences.join(" ")
            }
            Self::Months {
                bank,
                account,
                missing,
                partial,
                outside,
                may_be_unread,
            } => {
                let account = account_name(bank.as_ref(), account, texts);
                let mut problems = Vec::new();
                if !missing.is_empty() {
                    let months = months(missing, texts);
                    let values = [("months", months.as_str())];
                    problems.push(texts.plural("months.missing", missing.len(), &values));
                }
                if !partial.is_empty() {
                    let months = months(partial, texts);
                    problems.push(texts.fill("months.partial", &[("months", &months)]));
                }
                let problems = problems.join(texts.get("months.separator"));
                let values = [("account", account.as_str()), ("problems", &problems)];
                let mut sentences = vec![texts.fill("months", &values)];
                if !outside.is_empty() {
                    let files = labels(outside, texts);
                    sentences.push(texts.plural("outside", outside.len(), &[("files", &files)]));
                }
                let send = if *may_be_unread {
                    "months.send_unless"
                } else {
                    "months.send"
                };
                sentences.push(texts.plural(send, missing.len() + partial.len(), &[]));
                sentences.join(" ")
            }
            Self::OtherPeriod { files, period } => {
                let period = range(*period, texts);
                let named = labels(files, texts);
                let outside = texts.plural("outside", files.len(), &[("files", &named)]);
                let values = [("period", period.as_str())];
                let send = texts.plural("outside.send", files.len(), &values);
                format!("{outside} {send}")
            }
            Self::AnyStatement { period: None } => texts.get("no_statement").to_owned(),
            Self::AnyStatement {
                period: Some(period),
            } => {
                let period = range(*period, texts);
                texts.fill("no_statement.period", &[("period", &period)])
            }
        }
    }
}

/// Lists files, each with what distinguishes it and the affected part in brackets.
fn labels(files: &[NeededFile], texts: &NoteTexts) -> String {
    let labels = files.iter().map(|file| {
        let Some(name) = &file.name else {
            return texts.get("file.standard_input").to_owned();
        };
        let folder = file.folder.as_ref();
        let folder = folder.map(|folder| texts.fill("file.folder", &[("folder", folder)]));
        let pages = (!file.pages.is_empty()).then(|| pages(&file.pages, texts));
        let covered = file.covered.map(|covered| range(covered, texts));
        let notes: Vec<String> = folder.into_iter().chain(pages).chain(covered).collect();
        if notes.is_empty() {
            name.clone()
        } else {
            format!("{name} ({})", notes.join(", "))
        }
    });
    texts.list(&labels.collect::<Vec<_>>(), "list.and")
}

fn pages(pages: &[usize], texts: &NoteTexts) -> String {
    let ranges = page_ranges(pages);
    let (_, ranges) = ranges.split_once(' ').unwrap_or(("", &ranges));
    texts.plural("pages", pages.len(), &[("pages", ranges)])
}

/// Names an account as its holder knows it: by the bank and the digits that are not masked.
fn account_name(bank: Option<&Bank>, masked: &str, texts: &NoteTexts) -> String {
    let shown = masked.trim_start_matches('X');
    let (digits, key) = match (bank, shown) {
        (Some(_), "") => (masked, "account.no_digits"),
        (Some(_), shown) => (shown, "account"),
        (None, "") => (masked, "account.neither"),
        (None, shown) => (shown, "account.no_bank"),
    };
    let bank = bank.map_or("", Bank::name);
    texts.fill(key, &[("bank", bank), ("digits", digits)])
}

fn months(months: &[Month], texts: &NoteTexts) -> String {
    let days = months.iter().filter_map(|month| month.first_day());
    let words = days.map(|day| {
        let (name, year) = (month_name(day, texts), day.year().to_string());
        texts.fill("month", &[("month", name), ("year", &year)])
    });
    texts.list(&words.collect::<Vec<_>>(), "list.and")
}

fn month_name(day: Date, texts: &NoteTexts) -> &str {
    texts.get(&format!("month.{}", day.month()))
}

fn range(range: DateRange, texts: &NoteTexts) -> String {
    let day = |day: Date| {
        let (number, year) = (day.day().to_string(), day.year().to_string());
        let month = month_name(day, texts);
        let values = [("day", number.as_str()), ("month", month), ("year", &year)];
        texts.fill("day", &values)
    };
    let (from, to) = (day(range.from), day(range.to));
    texts.fill("period", &[("from", &from), ("to", &to)])
}
