//! Collects the evidence that a file is not as the bank made it, but printed or saved again.
//!
//! Customers do so for good reasons, mostly to remove a password. The content can be unchanged, but
//! the evidence of the original is lost.

use super::{CONFIDENCE_THRESHOLD, DocumentFacts};
use crate::pdf::Metadata;
use crate::statement::Facts;
use crate::text::columns::counted;
use jiff::{SignedDuration, Timestamp};

/// Programs with which people print, save, edit or write documents: a pattern in lower case and
/// the name.
const TOOLS: [(&str, &str); 61] = [
    ("ilovepdf", "iLovePDF"),
    ("sejda", "Sejda"),
    ("smallpdf", "Smallpdf"),
    ("pdfescape", "PDFescape"),
    ("pdf-xchange", "PDF-XChange"),
    ("foxit", "Foxit"),
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
    ("pdfcreator", "PDFCreator"),
    ("bullzip", "Bullzip PDF Printer"),
    ("cutepdf", "CutePDF"),
    ("dopdf", "doPDF"),
    ("primopdf", "PrimoPDF"),
    ("novapdf", "novaPDF"),
    ("pdftk", "PDFtk"),
    ("acrobat pro", "Acrobat Pro"),
    ("acrobat pdfmaker", "Acrobat PDFMaker"),
    ("photoshop", "Photoshop"),
    ("illustrator", "Illustrator"),
    ("indesign", "InDesign"),
    ("canva", "Canva"),
    ("coreldraw", "CorelDRAW"),
    ("inkscape", "Inkscape"),
    ("gimp", "GIMP"),
    ("microsoft® word", "Microsoft Word"),
    ("microsoft word", "Microsoft Word"),
    ("microsoft® office word", "Microsoft Word"),
    ("microsoft® excel", "Microsoft Excel"),
    ("microsoft excel", "Microsoft Excel"),
    ("microsoft® office excel", "Microsoft Excel"),
    ("libreoffice", "LibreOffice"),
    ("openoffice", "OpenOffice"),
    ("wps ", "WPS Office"),
    ("google docs", "Google Docs"),
    ("microsoft: print to pdf", "Microsoft Print to PDF"),
    ("quartz pdfcontext", "Apple's print to PDF"),
    ("pdfium", "a browser's print to PDF (PDFium)"),
    ("skia/pdf", "a browser's print to PDF (Skia)"),
    ("chromium", "a browser's print to PDF (Chromium)"),
    ("mozilla", "a browser's print to PDF"),
    ("firefox", "a browser's print to PDF (Firefox)"),
    ("ghostscript", "Ghostscript"),
    ("cairo", "cairo"),
    ("poppler", "Poppler"),
    ("pypdf", "pypdf"),
    ("pikepdf", "pikepdf"),
    ("qpdf", "qpdf"),
    ("mupdf", "MuPDF"),
    ("camscanner", "CamScanner"),
    ("adobe scan", "Adobe Scan"),
];
/// Libraries with which anybody's program writes documents.
const LIBRARIES: [(&str, &str); 9] = [
    ("reportlab", "ReportLab"),
    ("fpdf", "FPDF"),
    ("tcpdf", "TCPDF"),
    ("jspdf", "jsPDF"),
    ("pdfkit", "PDFKit"),
    ("pdfmake", "pdfmake"),
    ("dompdf", "dompdf"),
    ("mpdf", "mPDF"),
    ("pdf-lib", "pdf-lib"),
];
/// A modification later than this after the creation is another saving.
///
/// Generators stamp and encrypt a new file within moments.
const MAX_MODIFICATION_DELAY: SignedDuration = SignedDuration::from_hours(24);

/// Returns the evidence, as fragments for a message.
pub(super) fn evidence(document: &DocumentFacts, statement: &Facts) -> Vec<String> {
    let metadata = &document.metadata;
    let mut evidence = Vec::new();
    if let Some(tool) = named(metadata, &TOOLS) {
        evidence.push(format!("made or saved with {tool}"));
    }
    let is_named = statement
        .issuer
        .as_ref()
        .is_some_and(|issuer| issuer.confidence >= CONFIDENCE_THRESHOLD);
    if let Some(library) = named(metadata, &LIBRARIES).filter(|_| is_named) {
        evidence.push(format!("made with {library}, a library for any program"));
    }
    // A known tool says more than that it is another program.
    if statement.is_from_other_program
        && evidence.is_empty()
        && let Some(bank) = statement.issuer.as_ref().map(|issuer| issuer.bank.name())
    {
        evidence.push(format!(
            "not from the programs that write the forms of {bank}"
        ));
    }
    if let Some(days) = days_until_modification(metadata) {
        let days = counted(usize::try_from(days).unwrap_or(usize::MAX), "day");
        evidence.push(format!("saved again {days} after its creation"));
    }
    if statement.claims_signature && document.signatures.is_empty() {
        evidence.push("\"Digitally signed by\" is printed, but there is no signature".to_owned());
    }
    evidence
}

/// Returns the first program that the metadata names.
fn named(metadata: &Metadata, known: &[(&str, &'static str)]) -> Option<&'static str> {
    let programs = [&metadata.producer, &metadata.creator];
    programs.into_iter().flatten().find_map(|program| {
        let program = program.to_lowercase();
        let found = known.iter().find(|(pattern, _)| program.contains(pattern));
        found.map(|(_, name)| *name)
    })
}

/// Returns the days between creation and modification, if they are too many.
fn days_until_modification(metadata: &Metadata) -> Option<i64> {
    let time = |text: &Option<String>| text.as_ref()?.parse::<Timestamp>().ok();
    let (created, modified) = (time(&metadata.created)?, time(&metadata.modified)?);
    let delay = modified.duration_since(created);
    (delay > MAX_MODIFICATION_DELAY).then(|| delay.as_hours() / 24)
}
