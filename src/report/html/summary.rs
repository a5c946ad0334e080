//! The parts of the page around the files: counts, coverage, filter, legend and codes.

use super::markup::{class_name, code_spans, escape};
use crate::pdf::PageClass;
use crate::report::{OutcomeCounts, ReportSummary};
use crate::screen::{AccountCoverage, Code, Verdict};
use crate::statement::Bank;
use crate::statement::coverage::MonthCoverage;
use crate::text::columns::thousands;
use std::io::{self, Write};

/// Writes the counts of the run and the share of each verdict.
pub(super) fn write_counts(summary: &ReportSummary, out: &mut dyn Write) -> io::Result<()> {
    let verdicts = &summary.verdicts;
    writeln!(
        out,
        "<p class=\"lead\">{}</p>\n<dl class=\"figures\">",
        lead(summary)
    )?;
    let figures = [
        ("", "Files", thousands(summary.files)),
        ("", "Pages", thousands(summary.pages)),
        ("pass", "Pass", thousands(verdicts.pass)),
        ("warn", "Warn", thousands(verdicts.warn)),
        ("fail", "Fail", thousands(verdicts.fail)),
        ("", "Wasted calls saved", thousands(summary.calls_saved)),
    ];
    for (class, label, value) in figures {
        writeln!(
            out,
            "<div class=\"{class}\"><dt>{label}</dt><dd>{value}</dd></div>"
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

fn lead(summary: &ReportSummary) -> &'static str {
    match (summary.files, summary.verdicts.fail, summary.verdicts.warn) {
        (0, ..) => "No files were screened.",
        (_, 0, 0) => "All files passed.",
        (_, 0, _) => "All files can be uploaded; some have warnings.",
        _ => "Some files would be rejected or could not be screened.",
    }
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
        (Verdict::Pass, verdicts.pass),
        (Verdict::Warn, verdicts.warn),
        (Verdict::Fail, verdicts.fail),
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

/// Writes the coverage table: one row per account, one column per month.
pub(super) fn write_coverage(accounts: &[AccountCoverage], out: &mut dyn Write) -> io::Result<()> {
    let Some(first) = accounts.first() else {
        return Ok(());
    };
    write!(
        out,
        "<section>\n<h2>Months covered</h2>\n<div class=\"scroll\"><table>\n<thead><tr>\
         <th scope=\"col\">Account</th>"
    )?;
    for (month, _) in &first.months {
        write!(out, "<th scope=\"col\" class=\"month\">{month}</th>")?;
    }
    writeln!(out, "</tr></thead>\n<tbody>")?;
    for account in accounts {
        let bank = account
            .bank
            .as_ref()
            .map_or("bank not detected", Bank::name);
        write!(
            out,
            "<tr><th scope=\"row\">{}<br><span class=\"mono\">{}</span></th>",
            escape(bank),
            escape(&account.account)
        )?;
        for (_, cover) in &account.months {
            let name = match cover {
                MonthCoverage::Full => "whole",
                MonthCoverage::Partial => "part",
                MonthCoverage::Missing => "missing",
            };
            write!(
                out,
                "<td class=\"month\"><span class=\"{name}\">{name}</span></td>"
            )?;
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</tbody></table></div>\n</section>")
}

/// Writes the filter by verdict, which works by CSS alone.
pub(super) fn write_filter(summary: &ReportSummary, out: &mut dyn Write) -> io::Result<()> {
    let verdicts = &summary.verdicts;
    let choices = [
        ("all", "All", summary.files),
        (Verdict::Fail.name(), "Fail", verdicts.fail),
        (Verdict::Warn.name(), "Warn", verdicts.warn),
        (Verdict::Pass.name(), "Pass", verdicts.pass),
    ];
    for (name, label, _) in choices {
        let checked = if name == "all" { " checked" } else { "" };
        writeln!(
            out,
            "<input class=\"pick\" type=\"radio\" name=\"show\" id=\"show-{name}\" \
             aria-label=\"Show: {label}\"{checked}>"
        )?;
    }
    write!(out, "<div class=\"tools\">")?;
    for (name, label, count) in choices {
        let count = thousands(count);
        write!(out, "<label for=\"show-{name}\">{label} {count}</label>")?;
    }
    writeln!(out, "</div>")
}

/// Writes the legend of the page maps.
pub(super) fn write_legend(out: &mut dyn Write) -> io::Result<()> {
    write!(out, "<ul class=\"legend\" aria-label=\"Pages\">")?;
    for class in PageClass::ALL {
        let (letter, name) = (class.letter(), class_name(class));
        write!(out, "<li><i class=\"{letter}\"></i>{name}</li>")?;
    }
    writeln!(out, "</ul>")
}

/// Writes the table of the finding codes that occur in the report.
pub(super) fn write_codes(summary: &ReportSummary, out: &mut dyn Write) -> io::Result<()> {
    if summary.codes.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<section>\n<h2>Finding codes</h2>\n<div class=\"scroll\"><table>\n<thead><tr>\
         <th scope=\"col\">Code</th><th scope=\"col\">Files</th><th scope=\"col\">When</th>\
         <th scope=\"col\">What to do</th></tr></thead>\n<tbody>"
    )?;
    for code in Code::ALL {
        let Some(count) = summary.codes.get(code.name()) else {
            continue;
        };
        let explanation = code.explain();
        writeln!(
            out,
            "<tr><th scope=\"row\"><code>{}</code></th><td class=\"number\">{}</td>\
             <td>{}</td><td>{}</td></tr>",
            code.name(),
            thousands(*count),
            code_spans(explanation.when),
            code_spans(explanation.hint)
        )?;
    }
    writeln!(out, "</tbody></table></div>\n</section>")
}
