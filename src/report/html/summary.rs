//! The parts of the page around the files: counts, coverage, legend and codes.

use super::groups::Groups;
use super::markup::{class_name, code_spans, escape};
use crate::pdf::PageClass;
use crate::report::{CaseCounts, OutcomeCounts, ReportContext, ReportSummary};
use crate::screen::{AccountCoverage, Code, Verdict};
use crate::statement::Bank;
use crate::statement::coverage::MonthCoverage;
use crate::statement::day_in_words;
use crate::text::columns::{counted, thousands};
use std::io::{self, Write};

/// Writes what the page is about: the result in one sentence, the requested period and the day.
pub(super) fn write_lead(
    summary: &ReportSummary,
    groups: &Groups,
    context: &ReportContext,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(
        out,
        "<p class=\"lead\">{}</p>\n<dl class=\"about\">",
        lead(summary.files, groups)
    )?;
    if let Some(period) = context.requested_period {
        writeln!(
            out,
            "<div><dt>Requested period</dt><dd>{}</dd></div>",
            period.in_words()
        )?;
    }
    let day = context.day;
    writeln!(
        out,
        "<div><dt>Screened on</dt><dd><time datetime=\"{day}\">{}</time></dd></div>\n</dl>",
        day_in_words(day)
    )
}

fn lead(files: usize, groups: &Groups) -> String {
    let (failed, warned) = (groups.count(Verdict::Fail), groups.count(Verdict::Warn));
    match (failed, warned) {
        _ if files == 0 => "No files were screened.".to_owned(),
        (0, 0) if files == 1 => "The file passed.".to_owned(),
        (0, 0) => format!("All {} passed.", counted(files, "file")),
        (0, warned) => format!("No file failed; {} to check.", counted(warned, "file")),
        (_, _) if files == 1 => "The file failed.".to_owned(),
        (failed, _) if failed == files => format!("All {} failed.", counted(files, "file")),
        (failed, _) => format!(
            "{} of {} failed.",
            thousands(failed),
            counted(files, "file")
        ),
    }
}

/// Writes the counts of the run and the share of each verdict.
pub(super) fn write_counts(
    summary: &ReportSummary,
    groups: &Groups,
    out: &mut dyn Write,
) -> io::Result<()> {
    let verdicts = &summary.verdicts;
    writeln!(out, "<dl class=\"figures\">")?;
    let figures = [
        ("", "Files", summary.files),
        ("", "Pages", summary.pages),
        ("fail", "Fail", verdicts.fail),
        ("warn", "Warn", verdicts.warn),
        ("pass", "Pass", verdicts.pass),
        ("", "Calls saved", summary.calls_saved),
    ];
    for (class, label, count) in figures {
        let count = thousands(count);
        let verdicts = [Verdict::Fail, Verdict::Warn, Verdict::Pass];
        let linked = verdicts.into_iter().find(|verdict| verdict.name() == class);
        let value = match linked.filter(|verdict| groups.count(*verdict) > 0) {
            Some(verdict) => format!("<a href=\"#{}\">{count}</a>", verdict.name()),
            None => count,
        };
        writeln!(
            out,
            "<div class=\"{class}\"><dt>{label}</dt><dd>{value}</dd></div>"
        )?;
    }
    for (class, label, count) in summary.cases.map(CaseCounts::labelled).iter().flatten() {
        let count = thousands(*count);
        writeln!(
            out,
            "<div class=\"{class}\"><dt>{label}</dt><dd>{count}</dd></div>"
        )?;
    }
    let outcomes = summary.outcomes.iter().flat_map(OutcomeCounts::by_name);
    for (name, count) in outcomes.filter(|(_, count)| *count > 0) {
        let count = thousands(count);
        writeln!(out, "<div><dt>Upload: {name}</dt><dd>{count}</dd></div>")?;
    }
    writeln!(out, "</dl>")?;
    write_share(summary, out)
}

fn write_share(summary: &ReportSummary, out: &mut dyn Write) -> io::Result<()> {
    let verdicts = &summary.verdicts;
    if summary.files == 0 {
        return Ok(());
    }
    write!(
        out,
        "<svg class=\"share\" viewBox=\"0 0 {} 1\" preserveAspectRatio=\"none\" \
         aria-hidden=\"true\">",
        summary.files
    )?;
    let mut x = 0;
    for (verdict, count) in [
        (Verdict::Fail, verdicts.fail),
        (Verdict::Warn, verdicts.warn),
        (Verdict::Pass, verdicts.pass),
    ] {
        let name = verdict.name();
        write!(
            out,
            "<rect class=\"{name}\" x=\"{x}\" width=\"{count}\" height=\"1\"/>"
        )?;
        x += count;
    }
    writeln!(out, "</svg>")
}

/// Writes the requested months of each account. The months wrap, so that any number of them fits
/// on a telephone and on paper.
pub(super) fn write_coverage(accounts: &[AccountCoverage], out: &mut dyn Write) -> io::Result<()> {
    if accounts.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<section aria-labelledby=\"months\">\n<h2 id=\"months\">Months covered</h2>"
    )?;
    write_months(accounts, out)?;
    writeln!(out, "</section>")
}

/// Writes the months of each account.
pub(super) fn write_months(accounts: &[AccountCoverage], out: &mut dyn Write) -> io::Result<()> {
    for account in accounts {
        let bank = account
            .bank
            .as_ref()
            .map_or("Bank not detected", Bank::name);
        writeln!(
            out,
            "<div class=\"account\">\n<h3>{} <span class=\"mono\">{}</span></h3>\n\
             <p>{}</p>\n<ul class=\"months\">",
            escape(bank),
            escape(&account.account),
            coverage_in_words(account)
        )?;
        for (month, cover) in &account.months {
            let name = match cover {
                MonthCoverage::Full => "whole",
                MonthCoverage::Partial => "part",
                MonthCoverage::Missing => "missing",
            };
            writeln!(
                out,
                "<li class=\"{name}\">{} <b>{name}</b></li>",
                month.short()
            )?;
        }
        writeln!(out, "</ul>\n</div>")?;
    }
    Ok(())
}

fn coverage_in_words(account: &AccountCoverage) -> String {
    let all = account.months.len();
    let months = |count: usize| match (count, all) {
        (count, all) if count == all => format!("all {}", counted(all, "requested month")),
        (count, all) => format!(
            "{} of {}",
            thousands(count),
            counted(all, "requested month")
        ),
    };
    let missing = account.missing().len();
    let partial = account.months_with(MonthCoverage::Partial).len();
    if account.last_file.is_none() {
        return "All files of this account are outside of the requested period.".to_owned();
    }
    match (missing, partial) {
        (0, 0) => "Complete.".to_owned(),
        (0, partial) => format!("Covered only in part: {}.", months(partial)),
        (missing, 0) => format!("Missing: {}.", months(missing)),
        (missing, partial) => format!(
            "Missing: {}. Covered only in part: {}.",
            months(missing),
            thousands(partial)
        ),
    }
}

/// Writes the legend of the page maps.
pub(super) fn write_legend(out: &mut dyn Write) -> io::Result<()> {
    write!(out, "<ul class=\"legend\" aria-label=\"Colours of pages\">")?;
    for class in PageClass::ALL {
        let (letter, name) = (class.letter(), class_name(class));
        write!(out, "<li><i class=\"{letter}\"></i>{name}</li>")?;
    }
    writeln!(out, "</ul>")
}

/// Writes the meaning of the finding codes that occur in the report.
pub(super) fn write_codes(summary: &ReportSummary, out: &mut dyn Write) -> io::Result<()> {
    if summary.codes.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<section aria-labelledby=\"codes\">\n<h2 id=\"codes\">Finding codes</h2>\n\
         <dl class=\"codes\">"
    )?;
    for code in Code::ALL {
        let Some(count) = summary.codes.get(code.name()) else {
            continue;
        };
        writeln!(
            out,
            "<div><dt><code>{}</code> <span>{}</span></dt><dd>{}</dd>\
             <dd class=\"hint\">{}</dd></div>",
            code.name(),
            counted(*count, "file"),
            code_spans(code.explain().when),
            escape(&code.advice().hint())
        )?;
    }
    writeln!(out, "</dl>\n</section>")
}
