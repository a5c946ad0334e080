//! `csv`: a header row, one row per file and one after the files of each case (RFC 4180), without
//! a summary.
//!
//! Names and order of the columns are a stable interface: new columns follow the last of their
//! group. Every row of a report has the same columns.

use super::case_report::{CaseReport, accounts_in_words, outcomes};
use super::record::{ReportEntry, ReportSummary, status_name};
use super::upload_record::UploadRecord;
use super::{Renderer, ReportContext, Scope};
use crate::bankconnect::wire::UploadAnswer;
use crate::screen::Finding;
use crate::statement::{AccountCategory, Period};
use crate::text::sanitize;
use crate::uploads::plan::OutcomeCode;
use jiff::civil::Date;
use std::io::{self, Write};
use std::time::Duration;

const HEADER: [&str; 22] = [
    "path",
    "verdict",
    "codes",
    "message",
    "hint",
    "bank",
    "bank_confidence",
    "from",
    "to",
    "period_source",
    "account",
    "ifsc",
    "category",
    "pages",
    "page_map",
    "encryption",
    "encryption_method",
    "password_from",
    "producer",
    "bytes",
    "sha256",
    "duplicate_of",
];

/// Columns after those of [`HEADER`], added later.
const LATER_HEADER: [&str; 5] = ["messages", "bank_name", "case", "state", "type"];

/// The column after those of [`LATER_HEADER`] in reports with timings.
const ELAPSED: &str = "elapsed_ms";

/// Columns after all those above in reports of uploads.
const UPLOAD_HEADER: [&str; 6] = [
    "upload_outcome",
    "upload_code",
    "upload_http_status",
    "statement_id",
    "session_id",
    "attempts",
];

/// Prefix of the columns with fields of the answer.
const ANSWER_PREFIX: &str = "answer_";
/// The fields of the answer, in columns after those of [`UPLOAD_HEADER`].
const ANSWER_FIELDS: [&str; 14] = [
    "is_fraud",
    "fraud_type",
    "page_count",
    "from",
    "to",
    "extracted_from",
    "extracted_to",
    "account",
    "account_id",
    "country_code",
    "currency_code",
    "status",
    "has_balances",
    "name_matches",
];

/// Between the messages of a file. Messages themselves contain commas and semicolons.
const MESSAGE_SEPARATOR: &str = " | ";

/// The byte order mark, by which spreadsheets recognize UTF-8.
const BOM: &str = "\u{FEFF}";

/// Writes one row per file.
pub(super) struct CsvRenderer {
    scope: Scope,
    timings: bool,
    bom: bool,
}

impl CsvRenderer {
    pub(super) fn new(context: &ReportContext) -> Self {
        Self {
            scope: context.scope,
            timings: context.timings,
            bom: context.csv_bom,
        }
    }

    fn header(&self) -> Vec<String> {
        let mut header = HEADER.map(str::to_owned).to_vec();
        header.extend(LATER_HEADER.map(str::to_owned));
        header.extend(self.timings.then(|| ELAPSED.to_owned()));
        if self.scope == Scope::Upload {
            header.extend(UPLOAD_HEADER.map(str::to_owned));
            header.extend(answer_header());
        }
        header
    }
}

impl Renderer for CsvRenderer {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if self.bom {
            out.write_all(BOM.as_bytes())?;
        }
        write_row(&self.header(), out)
    }

    fn entry(&mut self, entry: &ReportEntry, out: &mut dyn Write) -> io::Result<()> {
        let mut cells = row(entry).to_vec();
        cells.extend(later(entry));
        if self.timings {
            let elapsed = entry.elapsed_ms.map(|ms| ms.to_string());
            cells.push(elapsed.unwrap_or_default());
        }
        if self.scope == Scope::Upload {
            cells.extend(upload(entry));
            cells.extend(answer_cells(
                entry.upload.as_ref().and_then(UploadRecord::answer),
            ));
        }
        let cells: Vec<_> = cells.iter().map(|cell| escape_cell(cell)).collect();
        write_row(&cells, out)
    }

    /// Requests are in the column of messages, and actions in that of hints.
    fn case(&mut self, case: &CaseReport, out: &mut dyn Write) -> io::Result<()> {
        let value = |name: &str| match name {
            "message" | "messages" => joined(&case.requests),
            "hint" => joined(&case.actions),
            "account" => accounts_in_words(case),
            "case" => case.name.clone(),
            "state" => case.state.name().to_owned(),
            "type" => "case".to_owned(),
            "session_id" => case.session.clone().unwrap_or_default(),
            "upload_outcome" => outcomes(case).unwrap_or_default(),
            _ => String::new(),
        };
        let cells: Vec<_> = self
            .header()
            .iter()
            .map(|name| escape_cell(&value(name)))
            .collect();
        write_row(&cells, out)
    }

    fn end(
        &mut self,
        _: &ReportSummary,
        _: Option<Duration>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        out.flush()
    }
}

/// Writes one row.
pub(crate) fn write_row(cells: &[impl AsRef<[u8]>], out: &mut dyn Write) -> io::Result<()> {
    // The sink may change between rows, so a row is formatted in a buffer of its own.
    let mut writer = ::csv::WriterBuilder::new().from_writer(Vec::new());
    writer.write_record(cells)?;
    let row = writer
        .into_inner()
        .map_err(::csv::IntoInnerError::into_error)?;
    out.write_all(&row)
}

fn row(entry: &ReportEntry) -> [String; 22] {
    let screening = &entry.screening;
    let document = screening.document.as_ref();
    let issuer = screening.statement.issuer.as_ref();
    let encryption = screening.encryption.as_ref();
    let facts = &screening.statement;
    let date = |end: fn(Period) -> Date| {
        let day = facts.period.map(end);
        day.map(|day| day.to_string()).unwrap_or_default()
    };
    // The first of the most severe findings, as in `diagnostic::worst`.
    let worst = screening.findings.iter().rev().max_by_key(|f| f.severity);
    let codes: Vec<_> = screening.findings.iter().map(|f| f.code.name()).collect();
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let hint = |finding: &Finding| finding.hint.as_deref().unwrap_or_default().to_owned();
    [
        entry.name.text.clone(),
        screening.verdict.name().to_owned(),
        codes.join(" "),
        worst.map(|f| f.message.clone()).unwrap_or_default(),
        worst.map(hint).unwrap_or_default(),
        text(issuer.map(|issuer| issuer.bank.id())),
        issuer
            .map(|i| format!("{:.2}", i.confidence))
            .unwrap_or_default(),
        date(|period| period.from),
        date(|period| period.to),
        text(facts.period.map(|period| period.source.name())),
        text(
            facts
                .account
                .as_ref()
                .map(|account| account.masked.as_str()),
        ),
        text(facts.ifsc.as_deref()),
        text(facts.category.map(AccountCategory::name)),
        document
            .map(|d| d.page_count.to_string())
            .unwrap_or_default(),
        document
            .map(|d| d.pages.iter().map(|p| p.letter()).collect())
            .unwrap_or_default(),
        text(encryption.map(|e| status_name(e.status))),
        text(encryption.and_then(|e| e.method.as_deref())),
        screening
            .password_from
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        text(document.and_then(|d| d.metadata.producer.as_deref())),
        entry
            .bytes
            .map(|bytes| bytes.to_string())
            .unwrap_or_default(),
        screening
            .content
            .map(|hash| hash.to_string())
            .unwrap_or_default(),
        text(entry.duplicate_of.as_ref().map(|name| name.text.as_str())),
    ]
}

/// Returns the cells of [`LATER_HEADER`].
fn later(entry: &ReportEntry) -> [String; 5] {
    let findings = entry.screening.findings.iter();
    let issuer = entry.screening.statement.issuer.as_ref();
    let bank_name = issuer.map(|issuer| issuer.bank.name().to_owned());
    [
        joined(findings.map(|finding| &finding.message)),
        bank_name.unwrap_or_default(),
        entry.case.as_deref().unwrap_or_default().to_owned(),
        // Only cases have a state.
        String::new(),
        "file".to_owned(),
    ]
}

/// Joins messages in one cell. A bar in a message would look like the separator.
fn joined<'m>(messages: impl IntoIterator<Item = &'m String>) -> String {
    let messages = messages.into_iter();
    let messages: Vec<_> = messages.map(|text| text.replace('|', "/")).collect();
    messages.join(MESSAGE_SEPARATOR)
}

fn upload(entry: &ReportEntry) -> [String; 6] {
    let upload = entry.upload.as_ref();
    let settled = upload.and_then(UploadRecord::settled);
    let outcome = settled.map(|settled| &settled.outcome);
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let status = outcome.and_then(|o| o.http_status);
    [
        text(upload.map(UploadRecord::outcome_name)),
        text(outcome.and_then(|o| o.code.as_ref().map(OutcomeCode::name))),
        status.map(|s| s.to_string()).unwrap_or_default(),
        text(outcome.and_then(|o| o.receipt.statement_id.as_deref())),
        text(settled.and_then(|settled| settled.session.as_deref())),
        outcome.map(|o| o.attempts.to_string()).unwrap_or_default(),
    ]
}

/// Returns the names of the columns of an answer.
pub(crate) fn answer_header() -> [String; 14] {
    ANSWER_FIELDS.map(|name| format!("{ANSWER_PREFIX}{name}"))
}

/// Returns the cells of an answer; empty ones if there is none.
pub(crate) fn answer_cells(answer: Option<&UploadAnswer>) -> [String; 14] {
    let fields = answer.map(UploadAnswer::fields).unwrap_or_default();
    let value = |name: &str| {
        let mut fields = fields.iter();
        let field = fields.find(|(known, _)| *known == name);
        field.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    ANSWER_FIELDS.map(value)
}

/// Signs that start a formula. Spreadsheets convert the wide ones to the others.
const FORMULA_SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// Sanitizes a cell and prevents spreadsheets from evaluating it as a formula.
///
/// A leading quote is the customary protection. Some spreadsheets remove it when they save the
/// file.
pub(crate) fn escape_cell(cell: &str) -> String {
    let cell = sanitize(cell);
    // A single sign is a placeholder for a missing value, not a formula.
    let is_formula = cell.starts_with(FORMULA_SIGNS) && cell.chars().nth(1).is_some();
    if is_formula {
        format!("'{cell}")
    } else {
        cell.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_and_control_characters_are_escaped() {
        assert_eq!(escape_cell("=cmd|'/C calc'!A0"), "'=cmd|'/C calc'!A0");
        assert_eq!(escape_cell("＝1+1"), "'＝1+1");
        assert_eq!(escape_cell("-"), "-");
        assert_eq!(escape_cell("a\nb"), "a^Jb");
    }
}
