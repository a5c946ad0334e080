//! The message to the customer: what to ask for, as text to copy.

use super::markup::escape;
use crate::statement::DateRange;
use std::io::{self, Write};

const GREETING: &str =
    "Dear customer,\n\nto continue with your application, we need the following from you:\n";

/// Writes the requests as one numbered text, or that there are none.
pub(super) fn write(
    texts: &[String],
    requested: Option<DateRange>,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(
        out,
        "<section aria-labelledby=\"ask\">\n<h2 id=\"ask\">What to ask this customer for</h2>"
    )?;
    if texts.is_empty() {
        let months = match requested {
            Some(_) => "No file has to be replaced, and no requested month is known to be missing.",
            None => "No file has to be replaced.",
        };
        return writeln!(out, "<p class=\"none\">{months}</p>\n</section>");
    }
    write!(out, "<pre class=\"letter\" id=\"letter\">{GREETING}")?;
    for (index, text) in texts.iter().enumerate() {
        writeln!(out, "\n{}. {}", index + 1, escape(text))?;
    }
    // The script adds the button to copy the text; without it, the text can be selected.
    writeln!(out, "</pre>\n<p class=\"copy\"></p>\n</section>")
}
