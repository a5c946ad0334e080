//! The files of the page: failed ones first, then those with warnings, then those that passed.

use super::file;
use super::summary::write_legend;
use crate::report::ReportEntry;
use crate::report::diagnostic::is_failed;
use crate::screen::Verdict;
use crate::text::columns::thousands;
use std::io::{self, Write};

/// The files by group, in input order within each group.
#[derive(Default)]
pub(super) struct Groups {
    groups: [Group; 3],
}

#[derive(Default)]
struct Group {
    files: usize,
    /// The list items.
    items: Vec<u8>,
}

/// The groups in page order. Their names are also the names of classes and the identifiers.
const ORDER: [(Verdict, &str); 3] = [
    (Verdict::Fail, "Failed"),
    (Verdict::Warn, "With warnings"),
    (Verdict::Pass, "Passed"),
];

impl Groups {
    /// Adds a file. A file whose upload failed is in the first group, whatever its verdict.
    pub(super) fn add(&mut self, entry: &ReportEntry) -> io::Result<()> {
        let verdict = if is_failed(entry) {
            Verdict::Fail
        } else {
            entry.screening.verdict
        };
        let mut groups = ORDER.iter().zip(&mut self.groups);
        let Some((_, group)) = groups.find(|((own, _), _)| *own == verdict) else {
            return Ok(());
        };
        group.files += 1;
        file::write(entry, &mut group.items)
    }

    /// Returns the number of files in a group.
    pub(super) fn count(&self, verdict: Verdict) -> usize {
        let mut shown = self.shown();
        let group = shown.find(|(own, ..)| *own == verdict);
        group.map_or(0, |(.., group)| group.files)
    }

    /// Returns the groups with files.
    fn shown(&self) -> impl Iterator<Item = (Verdict, &'static str, &Group)> {
        let groups = ORDER.iter().zip(&self.groups);
        let shown = groups.filter(|(_, group)| group.files > 0);
        shown.map(|((verdict, title), group)| (*verdict, *title, group))
    }

    /// Writes the section of the files.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(
            out,
            "<section class=\"list\" aria-labelledby=\"files\">\n<h2 id=\"files\">Files</h2>"
        )?;
        if self.shown().next().is_none() {
            return writeln!(
                out,
                "<p class=\"none\">No files were screened.</p>\n</section>"
            );
        }
        self.write_filter(out)?;
        for (verdict, title, group) in self.shown() {
            let (name, count) = (verdict.name(), thousands(group.files));
            writeln!(
                out,
                "<div class=\"group {name}\">\n\
                 <h3 id=\"{name}\">{title} <span class=\"count\">{count}</span></h3>\n\
                 <ul class=\"files\">"
            )?;
            out.write_all(&group.items)?;
            writeln!(out, "</ul>\n</div>")?;
        }
        write_legend(out)?;
        writeln!(out, "</section>")
    }

    /// Writes the filter by group, which works by CSS alone. A single group needs none. The script
    /// adds a search box.
    fn write_filter(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.shown().count() < 2 {
            return writeln!(out, "<div class=\"tools\"></div>");
        }
        write!(
            out,
            "<div class=\"tools\"><div class=\"filter\" role=\"radiogroup\" \
             aria-label=\"Show files\">"
        )?;
        let all = [("all", "All", " checked")].into_iter();
        let groups = self
            .shown()
            .map(|(verdict, title, _)| (verdict.name(), title, ""));
        for (name, label, checked) in all.chain(groups) {
            write!(
                out,
                "<label><input type=\"radio\" name=\"show\" id=\"show-{name}\"{checked}>\
                 <span>{label}</span></label>"
            )?;
        }
        writeln!(out, "</div></div>")
    }
}
