//! `text`: the terminal report. One line per file, its findings below, and a summary.

use super::case_report::{CaseReport, outcomes};
use super::case_table;
use super::page_map::{page_symbol, scale};
use super::record::{ReportEntry, ReportSummary, status_name};
use super::symbols::Symbols;
use super::upload_record::UploadRecord;
use super::{Renderer, coverage};
use super::{ledger, signatures, statistics};
use crate::pdf::{EncryptionStatus, PageClass};
use crate::screen::cases::CaseState;
use crate::screen::{Finding, Severity, Verdict};
use crate::statement::{Facts, PeriodSource};
use crate::text::columns::{
    counted, pad, page_ranges, shorten_end, shorten_front, thousands, wrap,
};
use crate::text::sanitize;
use crate::uploads::plan::OutcomeKind;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::time::Duration;

/// The style of the text report. The caller derives it from the terminal and the flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent options, each on or off"
)]
pub struct Style {
    /// Whether to use colours.
    pub color: bool,
    /// The characters that the locale can display.
    pub symbols: Symbols,
    /// Width of the terminal in columns; `None` disables truncation and wrapping.
    pub width: Option<usize>,
    /// Width of the longest file name of the run, in columns.
    pub name_width: usize,
    /// Whether to print evidence and metadata.
    pub verbose: bool,
    /// Whether to omit files that pass.
    pub quiet: bool,
    /// Whether to omit everything except files that fail, with their errors.
    pub errors_only: bool,
    /// Whether to print the totals of the run.
    pub totals: bool,
    /// Whether to print counts by code and by bank.
    pub statistics: bool,
    /// Whether to print the amounts of rows whose balance does not follow.
    pub show_amounts: bool,
}

impl Style {
    /// Returns the style of a report that is not shown on a terminal.
    pub fn plain(symbols: Symbols) -> Self {
        Self {
            color: false,
            symbols,
            width: None,
            name_width: 0,
            verbose: false,
            quiet: false,
            errors_only: false,
            totals: true,
            statistics: false,
            show_amounts: false,
        }
    }
}

/// Maximum width of a page map; longer documents are scaled down.
const PAGE_MAP_COLUMNS: usize = 20;
/// Width of the bank's name.
const BANK_COLUMNS: usize = 20;
/// Minimum width of the name column.
const MIN_NAME_COLUMNS: usize = 12;
/// Maximum width of the name column.
const MAX_NAME_COLUMNS: usize = 44;
/// Width of all other columns together: verdict, bank, confidence, page count and page map.
const OTHER_COLUMNS: usize = 62;
/// Minimum width of wrapped text, even on narrow terminals.
const MIN_TEXT_COLUMNS: usize = 24;
/// Minimum width of a finding's code.
const CODE_COLUMNS: usize = 20;
/// Indentation of the lines below a file, which aligns them with its name.
const INDENT: &str = "           ";

/// Indentation of the lines below a case.
const CASE_INDENT: &str = "    ";
/// Up to this number of cases, their lines are enough.
const MAX_CASES_WITHOUT_TABLE: usize = 5;

/// The meaning of a piece of text, which determines its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    Verdict(Verdict),
    Severity(Severity),
    Outcome(Option<OutcomeKind>),
    Page(PageClass),
    State(CaseState),
    Faint,
    Strong,
}

impl Label {
    /// Returns the parameters of the SGR escape sequence.
    ///
    /// Uses only the 16 basic colours, because terminal themes adapt those to their background.
    fn sgr(self) -> &'static str {
        match self {
            Self::Verdict(Verdict::Pass)
            | Self::State(CaseState::Ready)
            | Self::Outcome(Some(OutcomeKind::Accepted | OutcomeKind::AlreadyUploaded)) => "32",
            Self::Verdict(Verdict::Fail)
            | Self::State(CaseState::Blocked)
            | Self::Severity(Severity::Error)
            | Self::Outcome(Some(OutcomeKind::Rejected)) => "31",
            Self::Page(PageClass::Text) => "36",
            Self::Page(PageClass::Blank | PageClass::Vector) | Self::Faint => "2",
            Self::Severity(Severity::Note) | Self::Outcome(None) => "34",
            Self::Verdict(Verdict::Warn)
            | Self::State(CaseState::Incomplete)
            | Self::Severity(Severity::Warning)
            | Self::Outcome(Some(OutcomeKind::Unknown | OutcomeKind::Skipped))
            | Self::Page(_) => "33",
            Self::Strong => "1",
        }
    }
}

/// Renders the terminal report.
pub(super) struct TextRenderer {
    style: Style,
    /// Whether a case was written last, which ends with an empty line.
    is_after_case: bool,
}

impl TextRenderer {
    pub(super) fn new(style: Style) -> Self {
        Self {
            style,
            is_after_case: false,
        }
    }

    fn paint(&self, label: Label, text: &str) -> String {
        if self.style.color && !text.is_empty() {
            format!("\x1b[{}m{text}\x1b[0m", label.sgr())
        } else {
            text.to_owned()
        }
    }

    fn name_columns(&self) -> usize {
        let max = match self.style.width {
            Some(width) => width
                .saturating_sub(OTHER_COLUMNS)
                .clamp(MIN_NAME_COLUMNS, MAX_NAME_COLUMNS),
            None => MAX_NAME_COLUMNS,
        };
        self.style.name_width.clamp(MIN_NAME_COLUMNS, max)
    }

    fn verdict(&self, verdict: Verdict) -> String {
        let symbol = match (self.style.symbols, verdict) {
            (Symbols::Unicode, Verdict::Pass) => "✔",
            (Symbols::Unicode, Verdict::Warn) => "▲",
            (Symbols::Unicode, Verdict::Fail) => "✖",
            (Symbols::Ascii, Verdict::Pass) => "+",
            (Symbols::Ascii, Verdict::Warn) => "!",
            (Symbols::Ascii, Verdict::Fail) => "x",
        };
        let text = format!("{symbol} {}", verdict.name());
        self.paint(Label::Verdict(verdict), &text)
    }

    fn headline(&self, entry: &ReportEntry) -> String {
        let screening = &entry.screening;
        let name = sanitize(&entry.name.text);
        let columns = self.name_columns();
        let ellipsis = self.style.symbols.ellipsis();
        // Output that is not a terminal gets full names, so that other tools can match them.
        let name = if self.style.width.is_some() {
            shorten_front(&name, columns, ellipsis)
        } else {
            name.into_owned()
        };
        let issuer = screening.statement.issuer.as_ref();
        let bank = issuer.map_or("-", |issuer| issuer.bank.name());
        let confidence = issuer.map_or_else(String::new, |issuer| {
            // Rounded down, because 99.9 % must not be displayed as 100 %.
            format!("{:.0}%", (issuer.confidence * 100.0).floor())
        });
        let line = format!(
            "  {}   {}  {}  {confidence:>4}  {}",
            self.verdict(screening.verdict),
            pad(&name, columns),
            pad(&shorten_end(bank, BANK_COLUMNS, ellipsis), BANK_COLUMNS),
            self.pages(entry),
        );
        line.trim_end().to_owned()
    }

    /// Formats page count and page map, or the reason why there is none.
    fn pages(&self, entry: &ReportEntry) -> String {
        let screening = &entry.screening;
        let locked = screening
            .encryption
            .as_ref()
            .is_some_and(|encryption| encryption.status == EncryptionStatus::Locked);
        match &screening.document {
            Some(document) if locked => format!("{:>5} p  locked", document.page_count),
            Some(document) => format!(
                "{:>5} p  {}",
                document.page_count,
                self.page_map(&document.pages)
            ),
            None if locked => "  locked".to_owned(),
            None => "      -".to_owned(),
        }
    }

    fn page_map(&self, pages: &[PageClass]) -> String {
        let mut map = String::new();
        let mut cells = scale(pages, PAGE_MAP_COLUMNS).into_iter().peekable();
        while let Some(class) = cells.next() {
            // One escape sequence per run of equal classes, instead of one per cell.
            let mut run = 1;
            while cells.next_if_eq(&class).is_some() {
                run += 1;
            }
            let symbols = page_symbol(class, self.style.symbols).repeat(run);
            map.push_str(&self.paint(Label::Page(class), &symbols));
        }
        map
    }

    fn write_finding(&self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        let mut message = self.style.symbols.sanitize(&finding.message).into_owned();
        if !finding.pages.is_empty() {
            let _infallible = write!(message, " ({})", page_ranges(&finding.pages));
        }
        let label = Label::Severity(finding.severity);
        let hint = finding.hint.as_deref();
        self.write_labeled(label, finding.code.name(), &message, hint, out)
    }

    fn write_upload(&self, upload: &UploadRecord, out: &mut dyn Write) -> io::Result<()> {
        let label = Label::Outcome(upload.kind());
        let message = self.style.symbols.sanitize(upload.message());
        self.write_labeled(label, upload.outcome_name(), &message, upload.hint(), out)
    }

    /// Writes a code or outcome in its column, then the message and the hint.
    fn write_labeled(
        &self,
        label: Label,
        name: &str,
        message: &str,
        hint: Option<&str>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let columns = CODE_COLUMNS.max(name.len());
        let gap = " ".repeat(columns - name.len());
        let head = format!("{INDENT}{}{gap}  ", self.paint(label, name));
        self.write_wrapped(&head, columns + 2, message, out)?;
        if let Some(hint) = hint {
            let arrow = match self.style.symbols {
                Symbols::Unicode => "→ ",
                Symbols::Ascii => "> ",
            };
            let head = format!(
                "{INDENT}{}{}",
                " ".repeat(columns + 2),
                self.paint(Label::Faint, arrow)
            );
            let hint = self.style.symbols.sanitize(hint);
            self.write_wrapped(&head, columns + 4, &hint, out)?;
        }
        Ok(())
    }

    /// Writes `head`, then the text, wrapped at the terminal width.
    ///
    /// `columns` is the width of `head` after the indentation; continuation lines align with it.
    fn write_wrapped(
        &self,
        head: &str,
        columns: usize,
        text: &str,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        self.write_wrapped_at(head, INDENT.len() + columns, text, out)
    }

    /// Writes `head`, which is `margin` columns wide, then the wrapped text.
    fn write_wrapped_at(
        &self,
        head: &str,
        margin: usize,
        text: &str,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let room = self.style.width.map_or(usize::MAX, |width| {
            width.saturating_sub(margin).max(MIN_TEXT_COLUMNS)
        });
        for (index, line) in wrap(text, room).into_iter().enumerate() {
            if index == 0 {
                writeln!(out, "{head}{line}")?;
            } else {
                writeln!(out, "{}{line}", " ".repeat(margin))?;
            }
        }
        Ok(())
    }

    fn write_amounts(&self, entry: &ReportEntry, out: &mut dyn Write) -> io::Result<()> {
        let ledger = entry.screening.statement.ledger.as_ref();
        let ledger = ledger.filter(|ledger| ledger.is_understood());
        let breaks = ledger.map_or(&[][..], |ledger| &ledger.breaks);
        let code = self.paint(Label::Faint, &pad("", CODE_COLUMNS));
        let head = format!("{INDENT}{code}  ");
        for found in breaks {
            let text = ledger::describe_amounts(found);
            self.write_wrapped(&head, CODE_COLUMNS + 2, &text, out)?;
        }
        Ok(())
    }

    fn write_details(&self, entry: &ReportEntry, out: &mut dyn Write) -> io::Result<()> {
        let screening = &entry.screening;
        let mut rows = Vec::new();
        if let Some(issuer) = &screening.statement.issuer {
            rows.push(("bank", issuer.evidence.join(", ")));
        }
        rows.extend(statement(&screening.statement).map(|text| ("statement", text)));
        let ledger = screening.statement.ledger.as_ref();
        rows.extend(ledger.map(|ledger| ("transactions", ledger::describe(ledger))));
        if let Some(document) = &screening.document {
            let metadata = &document.metadata;
            let origin = [&metadata.producer, &metadata.creator, &metadata.created];
            let mut parts = vec![format!("PDF {}", metadata.version)];
            parts.extend(origin.into_iter().flatten().cloned());
            rows.push(("metadata", parts.join(", ")));
        }
        let document = screening.document.as_ref();
        for signature in document
            .into_iter()
            .flat_map(|document| &document.signatures)
        {
            let signer = signatures::describe_signer(signature);
            let text = format!("{}; {signer}", signatures::describe(signature));
            rows.push(("signature", text));
        }
        if let Some(encryption) = &screening.encryption
            && encryption.status != EncryptionStatus::None
        {
            let password_from = screening.password_from.as_ref().map(ToString::to_string);
            let parts = [
                Some(status_name(encryption.status)),
                encryption.method.as_deref(),
                password_from.as_deref(),
            ];
            let parts: Vec<_> = parts.into_iter().flatten().collect();
            rows.push(("encryption", parts.join(", ")));
        }
        if let Some(hash) = screening.content {
            rows.push(("sha256", hash.to_string()));
        }
        let answer = entry.upload.as_ref().and_then(UploadRecord::answer);
        rows.extend(answer.map(|answer| ("answer", answer.line())));
        for (label, value) in rows {
            let head = format!(
                "{INDENT}{}  ",
                self.paint(Label::Faint, &pad(label, CODE_COLUMNS))
            );
            let value = self.style.symbols.sanitize(&value);
            self.write_wrapped(&head, CODE_COLUMNS + 2, &value, out)?;
        }
        Ok(())
    }
}

impl TextRenderer {
    fn state(&self, state: CaseState) -> String {
        self.paint(Label::State(state), state.name())
    }

    /// Writes what to ask for and what to do, below a case.
    fn write_case_lines(&self, case: &CaseReport, out: &mut dyn Write) -> io::Result<()> {
        let requests = case.requests.iter().map(|text| ("ask", text));
        let actions = case.actions.iter().map(|text| ("do", text));
        for (label, text) in requests.chain(actions) {
            let head = format!(
                "{CASE_INDENT}{}  ",
                self.paint(Label::Faint, &pad(label, 3))
            );
            let text = self.style.symbols.sanitize(text);
            self.write_wrapped_at(&head, CASE_INDENT.len() + 5, &text, out)?;
        }
        Ok(())
    }
}

impl Renderer for TextRenderer {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn entry(&mut self, entry: &ReportEntry, out: &mut dyn Write) -> io::Result<()> {
        let outcome = entry.upload.as_ref().and_then(UploadRecord::kind);
        // A failed upload is printed in quiet mode too.
        let upload_failed = outcome.is_some_and(|kind| !kind.is_uploaded());
        let is_hidden = match entry.screening.verdict {
            Verdict::Pass => self.style.quiet,
            Verdict::Warn => self.style.errors_only,
            Verdict::Fail => false,
        };
        if is_hidden && !upload_failed {
            return Ok(());
        }
        self.is_after_case = false;
        writeln!(out, "{}", self.headline(entry))?;
        for finding in &entry.screening.findings {
            if finding.severity == Severity::Error || !self.style.errors_only {
                self.write_finding(finding, out)?;
            }
        }
        if self.style.show_amounts {
            self.write_amounts(entry, out)?;
        }
        if let Some(upload) = &entry.upload {
            self.write_upload(upload, out)?;
        }
        if self.style.verbose {
            self.write_details(entry, out)?;
        }
        if let Some(ms) = entry.elapsed_ms {
            writeln!(
                out,
                "{INDENT}{}",
                self.paint(Label::Faint, &format!("{ms:.1} ms"))
            )?;
        }
        // The user follows the report while files are screened.
        out.flush()
    }

    /// Writes a table of all cases, if they are too many to be read one by one.
    fn overview(&mut self, cases: &[CaseReport], out: &mut dyn Write) -> io::Result<()> {
        if cases.len() <= MAX_CASES_WITHOUT_TABLE {
            return Ok(());
        }
        let symbols = self.style.symbols;
        let rows: Vec<case_table::Row> = cases.iter().map(case_table::Row::new).collect();
        let widths = case_table::Widths::of(&rows);
        for row in &rows {
            let state = pad(row.state.name(), case_table::STATE_COLUMNS);
            let state = self.paint(Label::State(row.state), &state);
            writeln!(out, "  {state}  {}", row.format(&widths, symbols))?;
        }
        writeln!(out)?;
        out.flush()
    }

    fn case(&mut self, case: &CaseReport, out: &mut dyn Write) -> io::Result<()> {
        let has_problem = case.state != CaseState::Ready || !case.actions.is_empty();
        if self.style.quiet && !has_problem {
            return Ok(());
        }
        self.is_after_case = true;
        let name = self.style.symbols.sanitize(&case.name).into_owned();
        let name = self.paint(Label::Strong, &format!("Case {name}:"));
        let mut parts = vec![counted(case.files, "file")];
        parts.extend(outcomes(case));
        parts.extend(case.session.as_ref().map(|id| format!("session {id}")));
        let parts = parts.join(", ");
        writeln!(out, "  {name} {}, {parts}", self.state(case.state))?;
        self.write_case_lines(case, out)?;
        if case.accounts.is_empty() {
            writeln!(out)?;
        } else {
            coverage::write(&case.accounts, self.style.symbols, out)?;
        }
        out.flush()
    }

    fn end(
        &mut self,
        summary: &ReportSummary,
        elapsed: Option<Duration>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        if summary.files > 0 && !self.style.quiet && !self.is_after_case {
            writeln!(out)?;
        }
        if !summary.accounts.is_empty() && self.style.totals {
            coverage::write(&summary.accounts, self.style.symbols, out)?;
        }
        if self.style.statistics {
            statistics::write(summary, out)?;
        }
        if !self.style.totals {
            return out.flush();
        }
        let time = elapsed.map_or_else(String::new, |elapsed| {
            format!(" in {:.2} s", elapsed.as_secs_f64())
        });
        let verdicts = &summary.verdicts;
        let saved = match summary.calls_saved {
            0 => String::new(),
            calls => format!("  {} saved.", counted(calls, "wasted call")),
        };
        let total = format!(
            "{}, {}{time}:",
            counted(summary.files, "file"),
            counted(summary.pages, "page"),
        );
        writeln!(
            out,
            "  {} {} pass, {} warn, {} fail.{saved}",
            self.paint(Label::Strong, &total),
            thousands(verdicts.pass),
            thousands(verdicts.warn),
            thousands(verdicts.fail),
        )?;
        if let Some(cases) = summary.cases {
            let head = self.paint(Label::Strong, "Cases:");
            let counts = cases.in_words();
            let (_, counts) = counts.split_once(": ").unwrap_or(("", &counts));
            writeln!(out, "  {head} {counts}.")?;
        }
        if let Some(outcomes) = &summary.outcomes {
            let head = self.paint(Label::Strong, "Uploads:");
            writeln!(out, "  {head} {}.", outcomes.list())?;
        }
        out.flush()
    }
}

/// Formats the statement's period, account and category.
fn statement(facts: &Facts) -> Option<String> {
    let period = facts.period.map(|period| match period.source {
        PeriodSource::Printed => format!("{} to {}", period.from, period.to),
        PeriodSource::Transactions => {
            format!("transactions from {} to {}", period.from, period.to)
        }
        PeriodSource::Partial => {
            format!(
                "transactions of some pages from {} to {}",
                period.from, period.to
            )
        }
    });
    let account = facts
        .account
        .as_ref()
        .map(|account| format!("account {}", account.masked));
    let category = facts.category.map(|category| category.name().to_owned());
    let parts: Vec<_> = [period, account, category].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}
