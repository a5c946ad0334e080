//! `text`: for people. A line a file, what is wrong below it, and a summary.

use super::columns::{counted, pad, page_ranges, shorten_end, shorten_front, thousands, wrap};
use super::record::{Entry, Summary, status_name};
use super::sent::Sent;
use super::strip::{page_sign, scale};
use super::{Renderer, clean, coverage};
use crate::pdf::{EncryptionStatus, PageClass};
use crate::screen::{Finding, Severity, Verdict};
use crate::statement::{Facts, PeriodSource};
use crate::uploads::plan::OutcomeKind;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::time::Duration;

/// How the text report looks: decided where the terminal is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether to colour.
    pub color: bool,
    /// Which signs the locale can show.
    pub symbols: Symbols,
    /// Columns to fill; `None` where nothing need be cut.
    pub width: Option<usize>,
    /// Columns of the longest name in the run.
    pub name_width: usize,
    /// Whether to tell evidence and metadata too.
    pub verbose: bool,
    /// Whether to leave out files that pass.
    pub quiet: bool,
}

/// Signs for verdicts and pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symbols {
    /// Block elements and check marks.
    Unicode,
    /// For locales without UTF-8.
    Ascii,
}

impl Symbols {
    /// Stands for what was cut off.
    pub(crate) fn cut(self) -> &'static str {
        match self {
            Self::Unicode => "…",
            Self::Ascii => "...",
        }
    }

    /// Untrusted text, and text that quotes it, ready to be printed.
    fn clean(self, text: &str) -> Cow<'_, str> {
        let text = clean(text);
        match self {
            Self::Ascii if text.contains('…') => Cow::Owned(text.replace('…', self.cut())),
            _ => text,
        }
    }
}

/// Cells of a page strip; longer documents are scaled to fit.
const STRIP_CELLS: usize = 20;
/// Columns of the bank's name.
const BANK_COLUMNS: usize = 20;
/// The name column is no narrower and no wider than this.
const NAME_COLUMNS: (usize, usize) = (12, 44);
/// Columns of a finding's code.
const CODE_COLUMNS: usize = 20;
/// Where the lines below a file begin: under its name.
const INDENT: &str = "           ";

/// What a stretch of text is, which decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    Verdict(Verdict),
    Severity(Severity),
    Outcome(Option<OutcomeKind>),
    Page(PageClass),
    Faint,
    Strong,
}

impl Label {
    /// Parameters of the SGR sequence, from the sixteen colours every terminal theme has.
    fn sgr(self) -> &'static str {
        match self {
            Self::Verdict(Verdict::Pass)
            | Self::Outcome(Some(OutcomeKind::Accepted | OutcomeKind::AlreadyUploaded)) => "32",
            Self::Verdict(Verdict::Fail)
            | Self::Severity(Severity::Error)
            | Self::Outcome(Some(OutcomeKind::Rejected)) => "31",
            Self::Page(PageClass::Text) => "36",
            Self::Page(PageClass::Blank | PageClass::Vector) | Self::Faint => "2",
            Self::Severity(Severity::Note) | Self::Outcome(None) => "34",
            Self::Verdict(Verdict::Warn)
            | Self::Severity(Severity::Warning)
            | Self::Outcome(Some(OutcomeKind::Unknown | OutcomeKind::Skipped))
            | Self::Page(_) => "33",
            Self::Strong => "1",
        }
    }
}

/// The report for people.
pub(super) struct Text {
    style: Style,
}

impl Text {
    pub(super) fn new(style: Style) -> Self {
        Self { style }
    }

    fn paint(&self, label: Label, text: &str) -> String {
        if self.style.color && !text.is_empty() {
            format!("\x1b[{}m{text}\x1b[0m", label.sgr())
        } else {
            text.to_owned()
        }
    }

    fn name_columns(&self) -> usize {
        let (least, most) = NAME_COLUMNS;
        let most = match self.style.width {
            // Verdict, bank, confidence, pages and strip need the rest.
            Some(width) => most.min(width.saturating_sub(62)).max(least),
            None => most,
        };
        self.style.name_width.clamp(least, most)
    }

    fn verdict(&self, verdict: Verdict) -> String {
        let sign = match (self.style.symbols, verdict) {
            (Symbols::Unicode, Verdict::Pass) => "✔",
            (Symbols::Unicode, Verdict::Warn) => "▲",
            (Symbols::Unicode, Verdict::Fail) => "✖",
            (Symbols::Ascii, Verdict::Pass) => "+",
            (Symbols::Ascii, Verdict::Warn) => "!",
            (Symbols::Ascii, Verdict::Fail) => "x",
        };
        let word = format!("{sign} {}", verdict.name());
        self.paint(Label::Verdict(verdict), &word)
    }

    fn headline(&self, entry: &Entry) -> String {
        let screening = &entry.screening;
        let name = clean(&entry.name.text);
        let columns = self.name_columns();
        let cut = self.style.symbols.cut();
        let name = if self.style.width.is_some() {
            shorten_front(&name, columns, cut)
        } else {
            name.into_owned()
        };
        let issuer = screening.statement.issuer.as_ref();
        let bank = issuer.map_or("-", |issuer| issuer.bank.name);
        let confidence = issuer.map_or_else(String::new, |issuer| {
            format!("{:.0}%", (issuer.confidence * 100.0).floor())
        });
        let line = format!(
            "  {}   {}  {}  {confidence:>4}  {}",
            self.verdict(screening.verdict),
            pad(&name, columns),
            pad(&shorten_end(bank, BANK_COLUMNS, cut), BANK_COLUMNS),
            self.pages(entry),
        );
        line.trim_end().to_owned()
    }

    /// The page count and the strip, or why there is none.
    fn pages(&self, entry: &Entry) -> String {
        let screening = &entry.screening;
        let locked = screening
            .encryption
            .as_ref()
            .is_some_and(|found| found.status == EncryptionStatus::Locked);
        match &screening.document {
            Some(document) => format!(
                "{:>5} p  {}",
                document.page_count,
                self.strip(&document.pages)
            ),
            None if locked => "  locked".to_owned(),
            None => "      -".to_owned(),
        }
    }

    fn strip(&self, pages: &[PageClass]) -> String {
        let mut strip = String::new();
        let mut cells = scale(pages, STRIP_CELLS).into_iter().peekable();
        while let Some(class) = cells.next() {
            let mut run = 1;
            while cells.next_if_eq(&class).is_some() {
                run += 1;
            }
            let sign = page_sign(class, self.style.symbols).repeat(run);
            strip.push_str(&self.paint(Label::Page(class), &sign));
        }
        strip
    }

    fn finding(&self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        let mut message = self.style.symbols.clean(&finding.message).into_owned();
        if !finding.pages.is_empty() {
            let _infallible = write!(message, " ({})", page_ranges(&finding.pages));
        }
        let label = Label::Severity(finding.severity);
        let hint = finding.hint.as_deref();
        self.told(label, finding.code.name(), &message, hint, out)
    }

    fn sent(&self, sent: &Sent, out: &mut dyn Write) -> io::Result<()> {
        let label = Label::Outcome(sent.outcome.as_ref().map(|outcome| outcome.kind));
        let told = self.style.symbols.clean(&sent.told);
        self.told(label, sent.word(), &told, sent.hint.as_deref(), out)
    }

    /// A word in its column, what it means for this file, and what to do about it.
    fn told(
        &self,
        label: Label,
        word: &str,
        message: &str,
        hint: Option<&str>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let columns = CODE_COLUMNS.max(word.len());
        let gap = " ".repeat(columns - word.len());
        let head = format!("{INDENT}{}{gap}  ", self.paint(label, word));
        self.wrapped(&head, columns + 2, message, out)?;
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
            let hint = self.style.symbols.clean(hint);
            self.wrapped(&head, columns + 4, &hint, out)?;
        }
        Ok(())
    }

    /// Writes words behind a head that takes `columns` after the indent, broken at the width.
    fn wrapped(
        &self,
        head: &str,
        columns: usize,
        text: &str,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let margin = INDENT.len() + columns;
        let room = self
            .style
            .width
            .map_or(usize::MAX, |width| width.saturating_sub(margin).max(24));
        for (index, line) in wrap(text, room).into_iter().enumerate() {
            if index == 0 {
                writeln!(out, "{head}{line}")?;
            } else {
                writeln!(out, "{}{line}", " ".repeat(margin))?;
            }
        }
        Ok(())
    }

    fn details(&self, entry: &Entry, out: &mut dyn Write) -> io::Result<()> {
        let screening = &entry.screening;
        let mut rows = Vec::new();
        if let Some(issuer) = &screening.statement.issuer {
            rows.push(("bank", issuer.evidence.join(", ")));
        }
        rows.extend(statement(&screening.statement).map(|words| ("statement", words)));
        if let Some(document) = &screening.document {
            let metadata = &document.metadata;
            let made = [&metadata.producer, &metadata.creator, &metadata.created];
            let mut words = vec![format!("PDF {}", metadata.version)];
            words.extend(made.into_iter().flatten().cloned());
            rows.push(("made", words.join(", ")));
        }
        if let Some(found) = &screening.encryption
            && found.status != EncryptionStatus::None
        {
            let mut words = status_name(found.status).to_owned();
            let parts = [found.method.as_deref(), screening.password_from.as_deref()];
            for part in parts.into_iter().flatten() {
                words.push_str(", ");
                words.push_str(part);
            }
            rows.push(("encryption", words));
        }
        if let Some(hash) = screening.content {
            rows.push(("sha256", hash.to_string()));
        }
        for (label, value) in rows {
            let head = format!(
                "{INDENT}{}  ",
                self.paint(Label::Faint, &pad(label, CODE_COLUMNS))
            );
            let value = self.style.symbols.clean(&value);
            self.wrapped(&head, CODE_COLUMNS + 2, &value, out)?;
        }
        Ok(())
    }
}

impl Renderer for Text {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn entry(&mut self, entry: &Entry, out: &mut dyn Write) -> io::Result<()> {
        let uploaded = entry.upload.as_ref().is_none_or(|sent| {
            let outcome = sent.outcome.as_ref();
            outcome.is_none_or(|outcome| outcome.kind.is_uploaded())
        });
        if self.style.quiet && entry.screening.verdict == Verdict::Pass && uploaded {
            return Ok(());
        }
        writeln!(out, "{}", self.headline(entry))?;
        for finding in &entry.screening.findings {
            self.finding(finding, out)?;
        }
        if let Some(sent) = &entry.upload {
            self.sent(sent, out)?;
        }
        if self.style.verbose {
            self.details(entry, out)?;
        }
        if let Some(ms) = entry.elapsed_ms {
            writeln!(
                out,
                "{INDENT}{}",
                self.paint(Label::Faint, &format!("{ms:.1} ms"))
            )?;
        }
        out.flush()
    }

    fn end(
        &mut self,
        summary: &Summary,
        elapsed: Option<Duration>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        if summary.files > 0 && !self.style.quiet {
            writeln!(out)?;
        }
        if !summary.accounts.is_empty() {
            coverage::write(&summary.accounts, self.style.symbols, out)?;
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
        if let Some(outcomes) = &summary.outcomes {
            let words = outcomes.words().into_iter().filter(|(_, count)| *count > 0);
            let words: Vec<_> = words
                .map(|(word, count)| format!("{} {word}", thousands(count)))
                .collect();
            let head = self.paint(Label::Strong, "Uploads:");
            writeln!(out, "  {head} {}.", words.join(", "))?;
        }
        out.flush()
    }
}

/// What a statement covers, and of which account.
fn statement(facts: &Facts) -> Option<String> {
    let period = facts.period.map(|period| match period.source {
        PeriodSource::Printed => format!("{} to {}", period.from, period.to),
        PeriodSource::Transactions => {
            format!("transactions seen from {} to {}", period.from, period.to)
        }
    });
    let account = facts
        .account
        .as_ref()
        .map(|account| format!("account {}", account.masked));
    let category = facts.category.map(|category| category.name().to_owned());
    let words: Vec<_> = [period, account, category].into_iter().flatten().collect();
    (!words.is_empty()).then(|| words.join(", "))
}
