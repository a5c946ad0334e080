//! The checks, one function each, and their order.
//!
//! The order is that of the report: what stops everything else comes first.

use super::tampering;
use super::{CONFIDENCE_THRESHOLD, Code, DocumentFacts, Finding, Policy, Reading};
use crate::pdf::{Encryption, FileKind, OpenError, PageClass};
use crate::statement::{AccountCategory, Bank, DocumentKind, Issuer, PeriodSource, banks};

type Check = fn(&Reading, &Policy) -> Option<Finding>;

const CHECKS: [Check; 16] = [
    not_opened,
    too_many_pages,
    limit_hit,
    no_usable_text,
    partly_scanned,
    ocr_text_layer,
    unmapped_text,
    no_statement,
    bank_mismatch,
    bank_undetected,
    invalid_category,
    out_of_range,
    partial_period,
    edited,
    damaged,
    active_content,
];

/// Runs every check.
pub(super) fn run(reading: &Reading, policy: &Policy) -> Vec<Finding> {
    let fired = CHECKS.iter().filter_map(|check| check(reading, policy));
    fired.collect()
}

fn not_opened(reading: &Reading, policy: &Policy) -> Option<Finding> {
    Some(match reading.error.as_ref()? {
        OpenError::Empty => Finding::error(Code::EmptyFile, "the file is empty (0 bytes)")
            .with_hint("the download or copy was cut off: ask for the file again"),
        OpenError::NotPdf(kind) => Finding::error(
            Code::InvalidFileObject,
            format!("this is {kind}, not a PDF"),
        )
        .with_hint(not_pdf_hint(*kind)),
        OpenError::Unreadable => Finding::error(
            Code::InvalidFileObject,
            "it begins like a PDF, but no page can be read: damaged or cut off",
        )
        .with_hint("ask for the file again; a re-download from net banking is usually whole"),
        OpenError::Locked(encryption) => locked(encryption, policy),
        OpenError::NeedsIsolation => Finding::error(
            Code::LimitExceeded,
            "screening stopped: it provokes costs that can't be bounded in this process",
        )
        .with_hint("no statement does: look at the file by hand before it goes anywhere"),
        OpenError::Limit(hit) => Finding::limit_exceeded(hit),
    })
}

fn not_pdf_hint(kind: FileKind) -> &'static str {
    if kind == FileKind::Html {
        "the link was saved instead of the file, often after the session expired: download it again"
    } else if kind.is_image() {
        "a photo is not read by the service: ask for the PDF from net banking"
    } else if kind.is_archive() {
        "unpack it and screen what is inside"
    } else {
        "ask for the statement as the PDF that the bank issued"
    }
}

fn locked(encryption: &Encryption, policy: &Policy) -> Finding {
    let method = encryption.method.as_deref().unwrap_or("method unknown");
    let standard = encryption.revision.is_some() || encryption.method.is_none();
    if !standard {
        return Finding::error(
            Code::PasswordIncorrect,
            format!("it is encrypted by a handler that no password opens ({method})"),
        )
        .with_hint("ask for a copy that is not locked to a certificate");
    }
    let given = policy.candidates.len() + policy.untried;
    let tried = policy.candidates.len().min(policy.limits.candidates);
    let message = match tried {
        few if few < given => format!(
            "it needs a password; none of the first {few} candidates opens it, and the limit \
             keeps {} more from being tried ({method})",
            given - few
        ),
        0 => format!("it needs a password, and none was given ({method})"),
        1 => format!("it needs a password; the one candidate does not open it ({method})"),
        many => format!("it needs a password; none of {many} candidates opens it ({method})"),
    };
    Finding::error(Code::PasswordIncorrect, message).with_hint(
        "banks often use the customer ID, or letters of the name with the birth date: put it on a \
         line of a --password-file",
    )
}

fn limit_hit(reading: &Reading, _: &Policy) -> Option<Finding> {
    let opened = reading.error.is_none();
    reading
        .limit
        .as_ref()
        .filter(|_| opened)
        .map(Finding::limit_exceeded)
}

fn too_many_pages(reading: &Reading, policy: &Policy) -> Option<Finding> {
    let pages = reading.document.as_ref()?.page_count;
    let limit = policy.limits.pages;
    (pages > limit).then(|| {
        Finding::error(
            Code::StatementTooManyPages,
            format!("it has {pages} pages; the limit is {limit}"),
        )
        .with_hint("split it by period, or raise --max-pages")
    })
}

/// Page numbers, from 1, of the pages of some classes.
fn pages_of(document: &DocumentFacts, classes: &[PageClass]) -> Vec<usize> {
    let pages = document.pages.iter().enumerate();
    pages
        .filter(|(_, class)| classes.contains(class))
        .map(|(index, _)| index + 1)
        .collect()
}

/// Classes whose text can be copied.
const USABLE: [PageClass; 2] = [PageClass::Text, PageClass::Ocr];

fn no_usable_text(reading: &Reading, _: &Policy) -> Option<Finding> {
    let document = reading.document.as_ref()?;
    let complete = document.pages.len() == document.page_count;
    if !complete || !pages_of(document, &USABLE).is_empty() {
        return None;
    }
    let all = document.page_count;
    let count = |class| pages_of(document, &[class]).len();
    let whole = match all {
        1 => "its only page".to_owned(),
        2 => "both pages".to_owned(),
        many => format!("all {many} pages"),
    };
    let (message, hint) = if count(PageClass::Scanned) == all {
        let what = if all == 1 {
            "is a scanned image"
        } else {
            "are scanned images"
        };
        (
            format!("{whole} {what}"),
            "ask for the PDF from net banking; a photo or scan is not read",
        )
    } else if count(PageClass::Blank) == all {
        let what = if all == 1 { "is blank" } else { "are blank" };
        (format!("{whole} {what}"), "ask for the statement again")
    } else if count(PageClass::Unmapped) > 0 {
        (
            "its text is shown in fonts that do not say which characters they show".to_owned(),
            "ask for the PDF from net banking; copying text from this one gives nonsense",
        )
    } else if count(PageClass::Vector) == all {
        let what = if all == 1 {
            "has no text"
        } else {
            "have no text"
        };
        (
            format!("{whole} {what}, only drawn shapes, as print-to-PDF programs make them"),
            "ask for the original PDF instead of a print of it",
        )
    } else if count(PageClass::Unreadable) == all {
        (
            format!("{whole} could not be read"),
            "the file is damaged: ask for it again",
        )
    } else {
        (
            format!("none of its {all} pages has text that can be read"),
            "ask for the PDF from net banking; a photo or scan is not read",
        )
    };
    Some(Finding::error(Code::PdfIsImage, message).with_hint(hint))
}

/// Pages that show something, none of it text. Blank pages lack nothing, and the other classes
/// have codes of their own.
fn partly_scanned(reading: &Reading, _: &Policy) -> Option<Finding> {
    let document = reading.document.as_ref()?;
    let scanned = pages_of(document, &[PageClass::Scanned]).len();
    let pages = pages_of(document, &[PageClass::Scanned, PageClass::Vector]);
    if pages.is_empty() || pages_of(document, &USABLE).is_empty() {
        return None;
    }
    let drawn = pages.len() - scanned;
    let all = document.page_count;
    let images = if scanned == 1 {
        "is a scanned image"
    } else {
        "are scanned images"
    };
    let shapes = if drawn == 1 {
        "has drawn shapes or small images and no text"
    } else {
        "have drawn shapes or small images and no text"
    };
    let (message, hint) = match (scanned, drawn) {
        (0, drawn) => (
            format!("{drawn} of {all} pages {shapes}"),
            "look at these pages: figures on them are not read; if there are any, ask for the \
             original PDF",
        ),
        (scanned, 0) => (
            format!("{scanned} of {all} pages {images}"),
            "ask for the PDF from net banking; a photo or scan of these pages is not read",
        ),
        (scanned, drawn) => (
            format!("{scanned} of {all} pages {images}, and {drawn} {shapes}"),
            "ask for the PDF from net banking; what is on these pages is not read",
        ),
    };
    let finding = Finding::warning(Code::PartlyScanned, message).with_hint(hint);
    Some(finding.on_pages(pages))
}

fn ocr_text_layer(reading: &Reading, _: &Policy) -> Option<Finding> {
    let document = reading.document.as_ref()?;
    let pages = pages_of(document, &[PageClass::Ocr]);
    if pages.is_empty() {
        return None;
    }
    let message = format!(
        "{} of {} pages {} only text that OCR put under a scan",
        pages.len(),
        document.page_count,
        if pages.len() == 1 { "has" } else { "have" }
    );
    let finding = Finding::warning(Code::OcrTextLayer, message)
        .with_hint("recognised digits may be wrong: better ask for the PDF from net banking");
    Some(finding.on_pages(pages))
}

fn unmapped_text(reading: &Reading, _: &Policy) -> Option<Finding> {
    let document = reading.document.as_ref()?;
    let pages = pages_of(document, &[PageClass::Unmapped]);
    if pages.is_empty() || pages_of(document, &USABLE).is_empty() {
        return None;
    }
    let message = format!(
        "{} of {} pages {} text that does not map to characters",
        pages.len(),
        document.page_count,
        if pages.len() == 1 { "shows" } else { "show" }
    );
    let finding = Finding::warning(Code::UnmappedText, message)
        .with_hint("copying from these pages gives nonsense: better ask for the original PDF");
    Some(finding.on_pages(pages))
}

/// Whether there was text to tell a bank from.
fn has_text(reading: &Reading) -> bool {
    let document = reading.document.as_ref();
    document.is_some_and(|document| !pages_of(document, &USABLE).is_empty())
}

fn no_statement(reading: &Reading, _: &Policy) -> Option<Finding> {
    if reading.limit.is_some() {
        return None;
    }
    let document = reading.document.as_ref()?;
    let code = Code::StatementUnsupportedFormat;
    match reading.statement.kind.as_ref()? {
        DocumentKind::Statement => None,
        DocumentKind::Uncertain(why) => Some(
            Finding::warning(
                code,
                format!("it may be no statement of a bank account: {why}"),
            )
            .with_hint("look at it before it is uploaded"),
        ),
        // What can't be read may hold what is missing.
        DocumentKind::Other(what) if pages_of(document, &USABLE).len() < document.page_count => {
            let message = format!("the pages that can be read look like {what}");
            Some(Finding::warning(code, message).with_hint("look at it before it is uploaded"))
        }
        DocumentKind::Other(what) => Some(
            Finding::error(
                code,
                format!("it looks like {what}, not like the statement of a bank account"),
            )
            .with_hint("ask for the account statement: dates, amounts and the balance after each"),
        ),
    }
}

/// Whether a document is nothing that a bank could be asked for.
fn is_no_statement(reading: &Reading) -> bool {
    matches!(reading.statement.kind, Some(DocumentKind::Other(_)))
}

fn bank_mismatch(reading: &Reading, policy: &Policy) -> Option<Finding> {
    let given = policy.expected_bank?;
    let issuer = reading.statement.issuer.as_ref()?;
    let is_given = |bank: &Bank| bank == given;
    // Merged banks go on printing each other's marks.
    let is_related = is_given(issuer.bank) || banks::family(issuer.bank).any(is_given);
    (!is_related && issuer.confidence >= CONFIDENCE_THRESHOLD).then(|| {
        let message = format!(
            "it is from {} ({}), not from {} ({}): {}",
            issuer.bank.name,
            issuer.bank.id,
            given.name,
            given.id,
            issuer.evidence.join(", "),
        );
        let hint = format!(
            "give --bank {}, or ask for the statement of {}",
            issuer.bank.id, given.name
        );
        Finding::error(Code::BankNameMismatch, message).with_hint(hint)
    })
}

fn bank_undetected(reading: &Reading, policy: &Policy) -> Option<Finding> {
    if !has_text(reading) || reading.limit.is_some() || is_no_statement(reading) {
        return None;
    }
    match (&reading.statement.issuer, policy.expected_bank) {
        (Some(issuer), None) if issuer.confidence < CONFIDENCE_THRESHOLD => Some(uncertain(issuer)),
        (Some(_), _) => None,
        (None, Some(_)) => Some(Finding::note(
            Code::BankNameUndetected,
            "no bank can be told from its text",
        )),
        (None, None) => Some(
            Finding::error(
                Code::BankNameUndetected,
                "no bank can be told from its text",
            )
            .with_hint("name the bank with --bank; `bankscreen banks` lists the identifiers"),
        ),
    }
}

fn invalid_category(_: &Reading, policy: &Policy) -> Option<Finding> {
    let given = policy.account_category.as_deref()?;
    AccountCategory::parse(given).is_none().then(|| {
        Finding::error(
            Code::InvalidAccountCategory,
            format!("the account category {given:?} is none that the service knows"),
        )
        .with_hint("SAVINGS, CURRENT or OVERDRAFT")
    })
}

fn out_of_range(reading: &Reading, policy: &Policy) -> Option<Finding> {
    let range = policy.requested_period?;
    let period = reading.statement.period?;
    let outside = period.to < range.from || period.from > range.to;
    // Transactions tell only where a statement begins to be silent.
    (outside && period.source == PeriodSource::Printed).then(|| {
        Finding::error(
            Code::OutOfDateRange,
            format!(
                "it covers {} to {}; asked for is {} to {}",
                period.from, period.to, range.from, range.to
            ),
        )
        .with_hint("ask for the statement of the months that are wanted")
    })
}

fn partial_period(reading: &Reading, policy: &Policy) -> Option<Finding> {
    let range = policy.requested_period?;
    let period = reading.statement.period?;
    let touches = period.from <= range.to && period.to >= range.from;
    let whole = period.from <= range.from && period.to >= range.to;
    let printed = period.source == PeriodSource::Printed;
    (touches && !whole && printed).then(|| {
        Finding::warning(
            Code::PartialPeriod,
            format!(
                "it covers {} to {}, a part of {} to {}",
                period.from, period.to, range.from, range.to
            ),
        )
        .with_hint("other files of the account must cover the rest")
    })
}

fn uncertain(issuer: &Issuer) -> Finding {
    let others: Vec<_> = issuer
        .alternatives
        .iter()
        .map(|(bank, _)| bank.name)
        .collect();
    let others = if others.is_empty() {
        String::new()
    } else {
        format!("; {} is also possible", others.join(" or "))
    };
    Finding::warning(
        Code::BankUncertain,
        format!(
            "probably {}, but not surely ({}){others}",
            issuer.bank.name,
            issuer.evidence.join(", ")
        ),
    )
    .with_hint("name the bank with --bank")
}

fn edited(reading: &Reading, _: &Policy) -> Option<Finding> {
    let signs = tampering::signs(reading.document.as_ref()?);
    (!signs.is_empty()).then(|| {
        let message = format!("it {}", signs.join(", and it "));
        Finding::warning(Code::EditedPdf, message)
            .with_hint("compare it with a copy from net banking, or ask for the original")
    })
}

fn damaged(reading: &Reading, _: &Policy) -> Option<Finding> {
    let document = reading.document.as_ref()?;
    let unreadable = pages_of(document, &[PageClass::Unreadable]);
    let mut words: Vec<_> = document.damage.iter().map(ToString::to_string).collect();
    match unreadable.len() {
        0 => {}
        1 => words.push("one page could not be read".to_owned()),
        many => words.push(format!("{many} pages could not be read")),
    }
    if words.is_empty() {
        return None;
    }
    let message = format!("read after repair: {}", words.join("; "));
    let finding = Finding::warning(Code::DamagedPdf, message)
        .with_hint("pages may be missing: compare with the original, or ask for the file again");
    Some(finding.on_pages(unreadable))
}

fn active_content(reading: &Reading, _: &Policy) -> Option<Finding> {
    let active = &reading.document.as_ref()?.active_content;
    let words: Vec<_> = active.iter().map(ToString::to_string).collect();
    (!active.is_empty()).then(|| {
        Finding::warning(
            Code::ActiveContent,
            format!("it contains {}", words.join(", ")),
        )
        .with_hint(
            "statements need none of it: make sure where the file comes from before opening it",
        )
    })
}
