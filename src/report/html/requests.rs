//! The message to the customer: what to ask for, as text to copy.

use super::markup::escape;
use crate::report::ReportContext;
use crate::screen::notes::{Need, NoteTexts};
use std::io::{self, Write};

/// Writes the requests as one numbered text, or that there are none.
pub(super) fn write(
    needs: &[Need],
    context: &ReportContext,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(
        out,
        "<section aria-labelledby=\"ask\">\n<h2 id=\"ask\">What to ask this customer for</h2>"
    )?;
    if needs.is_empty() {
        let months = match context.requested_period {
            Some(_) => "No file has to be replaced, and no requested month is known to be missing.",
            None => "No file has to be replaced.",
        };
        return writeln!(out, "<p class=\"none\">{months}</p>\n</section>");
    }
    write_letter(needs, &context.texts, out)?;
    writeln!(out, "</section>")
}

/// Writes the message as a text to copy.
pub(super) fn write_letter(
    needs: &[Need],
    texts: &NoteTexts,
    out: &mut dyn Write,
) -> io::Result<()> {
    let opening = texts.opening();
    write!(out, "<pre class=\"letter\">{}", escape(&opening))?;
    for (index, text) in texts.requests(needs).iter().enumerate() {
        writeln!(out, "\n{}. {}", index + 1, escape(text))?;
    }
    // The script adds the button to copy the text; without it, the text can be selected.
    writeln!(out, "</pre>\n<p class=\"copy\"></p>")
}
