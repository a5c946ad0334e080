//! Detects signs that a file was edited, or saved again, after the bank created it.
//!
//! The signs cause a warning, not an error: users merge, print and unlock files for good reasons.

use super::DocumentFacts;
use crate::pdf::Metadata;
use crate::text::columns::counted;
use jiff::{SignedDuration, Timestamp};

/// Programs for editing PDFs or for writing documents: a pattern in lower case and the name.
///
/// Browsers, printer drivers and the generators that banks use are not included.
const EDITORS: [(&str, &str); 36] = [
    ("ilovepdf", "iLovePDF"),
    ("sejda", "Sejda"),
    ("smallpdf", "Smallpdf"),
    ("pdfescape", "PDFescape"),
    ("pdf-xchange", "PDF-XChange"),
    ("foxit phantom", "Foxit PhantomPDF"),
    ("foxit pdf editor", "Foxit PDF Editor"),
    ("nitro", "Nitro"),
    ("pdfelement", "PDFelement"),
    ("wondershare", "Wondershare"),
    ("pdf24", "PDF24"),
    ("pdffiller", "pdfFiller"),
    ("dochub", "DocHub"),
    ("soda pdf", "Soda PDF"),
    ("pdfsam", "PDFsam"),
    ("able2extract", "Able2Extract"),
    ("master pdf", "Master PDF Editor"),
    ("pdf candy", "PDF Candy"),
    ("lightpdf", "LightPDF"),
    ("xodo", "Xodo"),
    ("acrobat pro", "Acrobat Pro"),
    ("photoshop", "Photoshop"),
    ("illustrator", "Illustrator"),
    ("indesign", "InDesign"),
    ("canva", "Canva"),
    ("coreldraw", "CorelDRAW"),
    ("inkscape", "Inkscape"),
    ("gimp", "GIMP"),
    ("microsoft® word", "Microsoft Word"),
    ("microsoft word", "Microsoft Word"),
    ("microsoft® excel", "Microsoft Excel"),
    ("microsoft excel", "Microsoft Excel"),
    ("libreoffice", "LibreOffice"),
    ("openoffice", "OpenOffice"),
    ("wps ", "WPS Office"),
    ("google docs", "Google Docs"),
];
/// A modification later than this after the creation is a sign of editing.
///
/// Generators stamp and encrypt a new file within moments.
const MAX_MODIFICATION_DELAY: SignedDuration = SignedDuration::from_hours(24);
/// Page count from which a single page that differs from the others is a sign of editing.
pub(super) const MIN_PAGES: usize = 3;

/// Returns the signs of editing, as fragments for a message.
pub(super) fn signs(document: &DocumentFacts) -> Vec<String> {
    let metadata = &document.metadata;
    let mut signs = Vec::new();
    if let Some(editor) = editor(metadata) {
        signs.push(format!("created or saved with {editor}"));
    }
    match document.incremental_updates {
        0 => {}
        1 => signs.push("changed once after creation (incremental update)".to_owned()),
        many => signs.push(format!(
            "changed {many} times after creation (incremental updates)"
        )),
    }
    if let Some(days) = days_until_modification(metadata) {
        signs.push(format!(
            "modified {} after creation, according to its metadata",
            counted(usize::try_from(days).unwrap_or(usize::MAX), "day")
        ));
    }
    if document.page_count >= MIN_PAGES && document.odd_size_pages.len() * 3 <= document.page_count
    {
        match document.odd_size_pages.as_slice() {
            [] => {}
            [page] => signs.push(format!("1 page has another size (page {page})")),
            pages => signs.push(format!(
                "{} have another size",
                counted(pages.len(), "page")
            )),
        }
    }
    // Generators that split fonts, and merged files, have duplicate fonts on most pages. An edited
    // amount adds a copy of the font with the new digits to a single page.
    if let [page] = document.duplicate_font_pages.as_slice()
        && document.page_count >= MIN_PAGES
    {
        signs.push(format!("only 1 page has a duplicate font (page {page})"));
    }
    signs
}

fn editor(metadata: &Metadata) -> Option<&'static str> {
    let programs = [&metadata.producer, &metadata.creator];
    programs.into_iter().flatten().find_map(|program| {
        let program = program.to_lowercase();
        let editor = EDITORS
            .iter()
            .find(|(pattern, _)| program.contains(pattern));
        editor.map(|(_, name)| *name)
    })
}

/// Returns the days between creation and modification, if they are too many.
fn days_until_modification(metadata: &Metadata) -> Option<i64> {
    let time = |text: &Option<String>| text.as_ref()?.parse::<Timestamp>().ok();
    let (created, modified) = (time(&metadata.created)?, time(&metadata.modified)?);
    let delay = modified.duration_since(created);
    (delay > MAX_MODIFICATION_DELAY).then(|| delay.as_hours() / 24)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(document: &DocumentFacts, expected: &[&str]) {
        assert_eq!(signs(document), expected);
    }

    fn document(producer: &str, created: &str, modified: &str) -> DocumentFacts {
        DocumentFacts {
            metadata: Metadata {
                producer: Some(producer.to_owned()),
                created: Some(created.to_owned()),
                modified: Some(modified.to_owned()),
                ..Metadata::default()
            },
            page_count: 9,
            ..DocumentFacts::default()
        }
    }

    #[test]
    fn generators_and_browsers_are_not_signs() {
        for producer in [
            "iText 2.1.7 by 1T3XT",
            "Skia/PDF m120",
            "Microsoft: Print To PDF",
            "PDFium",
            "JasperReports 6.2",
            "macOS Quartz PDFContext",
        ] {
            check(
                &document(
                    producer,
                    "2024-04-01T10:00:00+05:30",
                    "2024-04-01T10:00:04+05:30",
                ),
                &[],
            );
        }
    }

    #[test]
    fn duplicate_fonts_on_several_pages_are_not_a_sign() {
        let document = DocumentFacts {
            page_count: 9,
            duplicate_font_pages: vec![2, 7],
            ..DocumentFacts::default()
        };
        check(&document, &[]);
    }

    #[test]
    fn editors_late_changes_updates_and_differing_pages_are_signs() {
        let document = document(
            "iLovePDF",
            "2024-04-01T10:00:00+05:30",
            "2024-04-11T10:00:00+05:30",
        );
        let document = DocumentFacts {
            incremental_updates: 1,
            odd_size_pages: vec![4],
            duplicate_font_pages: vec![2],
            ..document
        };
        check(
            &document,
            &[
                "created or saved with iLovePDF",
                "changed once after creation (incremental update)",
                "modified 10 days after creation, according to its metadata",
                "1 page has another size (page 4)",
                "only 1 page has a duplicate font (page 2)",
            ],
        );
    }
}
