//! Signs that a file was edited, or saved again, after its bank made it. A warning, never a
//! verdict: honest people merge, print and unlock files.

use super::DocumentFacts;
use crate::pdf::Metadata;
use jiff::{SignedDuration, Timestamp};

/// Programs whose purpose is to change a PDF or to write a new one by hand, in lower case.
/// Browsers, printer drivers and the generators that banks use are not among them.
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
/// Generators stamp and encrypt what they made within moments.
const LATER: SignedDuration = SignedDuration::from_hours(24);
/// Pages from which one of another size is an oddity.
pub(super) const PAGES_ALIKE: usize = 3;

/// What points at an edited file, in words that follow "it"; empty where nothing does.
pub(super) fn signs(document: &DocumentFacts) -> Vec<String> {
    let metadata = &document.metadata;
    let mut signs = Vec::new();
    if let Some(editor) = editor(metadata) {
        signs.push(format!("was made or saved with {editor}"));
    }
    match document.appended_updates {
        0 => {}
        1 => signs.push("was changed once after it was made (an appended update)".to_owned()),
        many => signs.push(format!(
            "was changed {many} times after it was made (appended updates)"
        )),
    }
    if let Some(days) = days_until_change(metadata) {
        signs.push(format!(
            "says that it was changed {days} days after it was made"
        ));
    }
    if document.page_count >= PAGES_ALIKE
        && document.odd_size_pages.len() * 3 <= document.page_count
    {
        match document.odd_size_pages.as_slice() {
            [] => {}
            [page] => signs.push(format!("has one page of another size (page {page})")),
            pages => signs.push(format!("has {} pages of another size", pages.len())),
        }
    }
    // Generators that cut fonts in two, and joined files, do so on most pages. Whoever changes an
    // amount brings a copy of the font for the digits that are new, to one page.
    if let [page] = document.duplicate_font_pages.as_slice()
        && document.page_count >= PAGES_ALIKE
    {
        signs.push(format!(
            "has a second copy of a font on one page alone (page {page})"
        ));
    }
    signs
}

fn editor(metadata: &Metadata) -> Option<&'static str> {
    let programs = [&metadata.producer, &metadata.creator];
    programs.into_iter().flatten().find_map(|program| {
        let program = program.to_lowercase();
        let known = EDITORS.iter().find(|(mark, _)| program.contains(mark));
        known.map(|(_, name)| *name)
    })
}

fn days_until_change(metadata: &Metadata) -> Option<i64> {
    let time = |text: &Option<String>| text.as_ref()?.parse::<Timestamp>().ok();
    let (made, changed) = (time(&metadata.created)?, time(&metadata.modified)?);
    let later = changed.duration_since(made);
    (later > LATER).then(|| later.as_hours() / 24)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(document: &DocumentFacts, expected: &[&str]) {
        assert_eq!(signs(document), expected);
    }

    fn made(producer: &str, created: &str, modified: &str) -> DocumentFacts {
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
    fn generators_and_browsers_do_not_fire() {
        for producer in [
            "iText 2.1.7 by 1T3XT",
            "Skia/PDF m120",
            "Microsoft: Print To PDF",
            "PDFium",
            "JasperReports 6.2",
            "macOS Quartz PDFContext",
        ] {
            check(
                &made(
                    producer,
                    "2024-04-01T10:00:00+05:30",
                    "2024-04-01T10:00:04+05:30",
                ),
                &[],
            );
        }
    }

    #[test]
    fn fonts_that_are_cut_in_two_on_several_pages_do_not_fire() {
        let document = DocumentFacts {
            page_count: 9,
            duplicate_font_pages: vec![2, 7],
            ..DocumentFacts::default()
        };
        check(&document, &[]);
    }

    #[test]
    fn editors_late_changes_updates_and_odd_pages_do() {
        let made = made(
            "iLovePDF",
            "2024-04-01T10:00:00+05:30",
            "2024-04-11T10:00:00+05:30",
        );
        let document = DocumentFacts {
            appended_updates: 1,
            odd_size_pages: vec![4],
            duplicate_font_pages: vec![2],
            ..made
        };
        check(
            &document,
            &[
                "was made or saved with iLovePDF",
                "was changed once after it was made (an appended update)",
                "says that it was changed 10 days after it was made",
                "has one page of another size (page 4)",
                "has a second copy of a font on one page alone (page 2)",
            ],
        );
    }
}
