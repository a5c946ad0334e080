//! One section per case: its state, what to do, what to ask the applicant for, and its months.

use super::markup::escape;
use super::requests::write_letter;
use super::summary::write_months;
use crate::report::case_report::{CaseReport, outcomes};
use crate::screen::cases::CaseState;
use crate::screen::notes::NoteTexts;
use crate::text::columns::counted;
use crate::text::sanitize;
use std::io::{self, Write};

/// Writes a case.
pub(super) fn write(case: &CaseReport, texts: &NoteTexts, out: &mut dyn Write) -> io::Result<()> {
    // Classes of the verdicts, whose colours have the same meaning.
    let class = match case.state {
        CaseState::Ready => "pass",
        CaseState::Incomplete => "warn",
        CaseState::Blocked => "fail",
    };
    let mut parts = vec![counted(case.files, "file")];
    parts.extend(outcomes(case).map(|list| format!("uploads: {list}")));
    parts.extend(case.session.as_ref().map(|id| format!("session {id}")));
    writeln!(
        out,
        "<section class=\"case\">\n<h2>{} <span class=\"{class}\">{}</span></h2>\n<p>{}</p>",
        escape(&sanitize(&case.name)),
        case.state.name(),
        escape(&sanitize(&parts.join(", ")))
    )?;
    if !case.actions.is_empty() {
        writeln!(out, "<h3>What to do</h3>\n<ul>")?;
        for action in &case.actions {
            writeln!(out, "<li>{}</li>", escape(&sanitize(action)))?;
        }
        writeln!(out, "</ul>")?;
    }
    if !case.requests.is_empty() {
        writeln!(out, "<h3>What to ask this customer for</h3>")?;
        write_letter(&case.needs, texts, out)?;
    }
    write_months(&case.accounts, out)?;
    writeln!(out, "</section>")
}
