//! The checks, one function each, in the order of the report.
//!
//! Problems that prevent all other checks come first.

use super::ledger_checks;
use super::locked::locked;
use super::{CONFIDENCE_THRESHOLD, Code, DocumentFacts, Finding, Policy, Reading};
use super::{edits, remade};
use crate::pdf::{Cover, Defect, FileKind, OpenError, PageClass, SignatureStatus, is_pdf, listed};
use crate::statement::{AccountCategory, DocumentKind, HolderMatch, Issuer, Period, PeriodSource};
use crate::text::columns::{counted, thousands};
use crate::text::sanitize;
use std::collections::BTreeSet;

type Check = fn(&Reading, &Policy) -> Option<Finding>;

const CHECKS: [Check; 26] = [
    not_opened,
    too_many_pages,
    limit_exceeded,
    no_usable_text,
    partly_scanned,
    ocr_text_layer,
    unmapped_text,
    not_a_statement,
    bank_mismatch,
    bank_undetected,
    ledger_checks::no_transactions,
    invalid_category,
    out_of_range,
    partial_period,
    ledger_checks::balance_mismatch,
    ledger_checks::missing_transactions,
    ledger_checks::totals_mismatch,
    ledger_checks::period_mismatch,
    ledger_checks::mixed_statements,
    ledger_checks::reference_dates,
    holder_mismatch,
    signature_broken,
    edited,
    remade,
    damaged,
    active_content,
];

/// Page classes with text that can be copied.
const USABLE: [PageClass; 2] = [PageClass::Text, PageClass::Ocr];

/// Hint for pages that are scans or photos.
const SCANS_NOT_SUPPORTED: &str =
    "Request the PDF downloaded from net banking; scans and photos are not supported";

/// Hint for pages whose text is outside the page or in a layer that is off.
const HIDDEN_TEXT_HINT: &str =
    "Check these pages; if they should contain transactions, request the original PDF";

/// Hint for signatures that do not hold.
const SIGNATURE_HINT: &str =
    "Request the file as the bank sent it; printing, saving or unlocking it breaks the signature";

/// Runs all checks.
pub(super) fn run(reading: &Reading, policy: &Policy) -> Vec<Finding> {
    let findings = CHECKS.iter().filter_map(|check| check(reading, policy));
    findings.collect()
}

fn not_opened(reading: &Reading, policy: &Policy) -> Option<Finding> {
    Some(match reading.error.as_ref()? {
        OpenError::Empty => Finding::error(Code::EmptyFile, "The file is empty (0 bytes)")
            .with_hint("Request the file again; the download or copy was interrupted"),
        OpenError::NotPdf(kind) => {
            let message = format!("The file is {kind}, not a PDF");
            Finding::error(Code::InvalidFileObject, message).with_hint(unread_hint(kind))
        }
        OpenError::Unreadable => Finding::error(
            Code::InvalidFileObject,
            "The file starts like a PDF, but no page can be read; it is damaged or truncated",
        )
        .with_hint("Request the file again; a new download from net banking is usually complete"),
        OpenError::Locked { encryption, .. } => locked(encryption, reading.tried, policy),
        OpenError::NeedsIsolation => Finding::error(
            Code::LimitExceeded,
            "Screening stopped: resource use cannot be limited in this process",
        )
        .with_hint("Inspect the file manually; no statement needs this much"),
        OpenError::Limit(hit) => Finding::limit_exceeded(hit),
    })
}

/// Returns what to do with a file that is not a PDF, or with an archive that is not read.
pub fn unread_hint(kind: &FileKind) -> &'static str {
    match kind {
        FileKind::Html | FileKind::SavedWebPage => {
            "Download the file again; a web page was saved instead, often after the session expired"
        }
        FileKind::Email(names) | FileKind::Mailbox(names) if !names.is_empty() => {
            "Screen the attachments with `--archive`, or save them"
        }
        FileKind::OutlookMessage => {
            "Save the message as .eml, or its attachment as a file, and screen that"
        }
        FileKind::Tnef => {
            "Save the attachments with Outlook, or ask the sender for a mail in plain text or HTML"
        }
        FileKind::SecureMail => "Open the e-mail in a mail program and save the attachments",
        FileKind::AppleDouble => {
            "Screen the file of the same name without `._`; this one contains only its attributes"
        }
        FileKind::LockedZip => {
            "Screen the files in it with `--archive` and a password file, or extract them"
        }
        FileKind::Zip | FileKind::Tar | FileKind::Gzip => {
            "Screen the files in it with `--archive`, or extract them"
        }
        _ if kind.is_encoded_pdf() => {
            "Decode the text and screen the PDF, or request the PDF itself"
        }
        _ if kind.is_spreadsheet() => {
            "Request the statement as a PDF; spreadsheets are not supported"
        }
        _ if kind.is_image() => SCANS_NOT_SUPPORTED,
        _ if kind.is_archive() => {
            "Extract the archive with another program and screen the files in it"
        }
        _ => Code::InvalidFileObject.explain().hint,
    }
}

fn limit_exceeded(reading: &Reading, _: &Policy) -> Option<Finding> {
    // `not_opened` reports limits that stopped the opening.
    let was_opened = reading.error.is_none();
    reading
        .limit
        .as_ref()
        .filter(|_| was_opened)
        .map(Finding::limit_exceeded)
}

fn too_many_pages(reading: &Reading, policy: &Policy) -> Option<Finding> {
    let pages = reading.document.as_ref()?.page_count;
    let limit = policy.limits.pages;
    (pages > limit).then(|| {
        let (pages, limit) = (counted(pages, "page"), thousands(limit));
        Finding::error(
            Code::StatementTooManyPages,
            format!("{pages} exceed the limit of {limit}"),
        )
        .with_hint("Split the file by period, or raise --max-pages")
    })
}

/// Returns the numbers, from 1, of the pages in some classes.
fn pages_of(document: &DocumentFacts, classes: &[PageClass]) -> Vec<usize> {
    let pages = document.pages.iter().enumerate();
    pages
        .filter(|(_, class)| classes.contains(class))
        .map(|(index, _)| index + 1)
        .collect()
}

/// Returns `is` or `are`, and so on, to agree with a count.
fn agree(count: usize, singular: &'static str, plural: &'static str) -> &'static str {
    if count == 1 { singular } else { plural }
}

fn no_usable_text(reading: &Reading, _: &Policy) -> Option<Finding> {
    let document = reading.document.as_ref()?;
    let is_complete = document.pages.len() == document.page_count;
    if !is_complete || !pages_of(document, &USABLE).is_empty() {
        return None;
    }
    if let Some((message, hint)) = content_elsewhere(document) {
        return Some(Finding::error(Code::PdfIsImage, message).with_hint(hint));
    }
    let all = document.page_count;
    let count = |class| pages_of(document, &[class]).len();
    let pages = match all {
        1 => "The only page".to_owned(),
        2 => "Both pages".to_owned(),
        many => format!("All {}", counted(many, "page")),
    };
    let (message, hint) = if count(PageClass::Scanned) == all {
        let are = agree(all, "is a scanned image", "are scanned images");
        (format!("{pages} {are}"), SCANS_NOT_SUPPORTED)
    } else if document.unshown_text_pages.len() == all {
        let show = agree(all, "shows nothing and has", "show nothing and have");
        (format!("{pages} {show} hidden text"), HIDDEN_TEXT_HINT)
    } else if count(PageClass::Blank) == all {
        let are = agree(all, "is blank", "are blank");
        (format!("{pages} {are}"), "Request the statement again")
    // More specific than the message for a mix of page classes.
    } else if count(PageClass::Unmapped) > 0 {
        (
            "The fonts do not map the text to characters".to_owned(),
            "Request the PDF downloaded from net banking; text copied from this file is unreadable",
        )
    } else if count(PageClass::Vector) == all {
        let have = agree(all, "has", "have");
        (
            format!("{pages} {have} drawn shapes and no text, as print-to-PDF programs produce"),
            "Request the original PDF instead of a printed copy",
        )
    } else if count(PageClass::Unreadable) == all {
        (
            format!("{pages} could not be read"),
            "Request the file again; it is damaged",
        )
    } else {
        (
            format!("None of the {} has readable text", counted(all, "page")),
            SCANS_NOT_SUPPORTED,
        )
    };
    Some(Finding::error(Code::PdfIsImage, message).with_hint(hint))
}

/// Reports pages with images or shapes and no text, and pages that hide their text. Other blank
/// pages are not a problem, and the other classes have their own codes.
fn partly_scanned(reading: &Reading, _: &Policy) -> Option<Finding> {
    let document = reading.document.as_ref()?;
    let hidden = &document.unshown_text_pages;
    let scanned = pages_of(document, &[PageClass::Scanned]).len();
    let mut pages = pages_of(document, &[PageClass::Scanned, PageClass::Vector]);
    if pages.len() + hidden.len() == 0 || pages_of(document, &USABLE).is_empty() {
        return None;
    }
    let drawn = pages.len() - scanned;
    pages.extend(hidden);
    pages.sort_unstable();
    let all = counted(document.page_count, "page");
    let images = agree(scanned, "is a scanned image", "are scanned images");
    let have = agree(drawn, "has", "have");
    let shapes = format!("{have} drawn shapes or small images and no text");
    let shows = agree(
        hidden.len(),
        "shows nothing and has",
        "show nothing and have",
    );
    let (mut message, hint) = match (scanned, drawn) {
        (0, 0) => (
            format!("{} of {all} {shows} hidden text", hidden.len()),
            HIDDEN_TEXT_HINT,
        ),
        (0, drawn) => (
            format!("{drawn} of {all} {shapes}"),
            "Check these pages; if they contain figures, request the original PDF",
        ),
        (scanned, 0) => (format!("{scanned} of {all} {images}"), SCANS_NOT_SUPPORTED),
        (scanned, drawn) => (
            format!("{scanned} of {all} {images}, and {drawn} {shapes}"),
            "Request the PDF downloaded from net banking; these pages cannot be read",
        ),
    };
    if scanned + drawn > 0 && !hidden.is_empty() {
        message = format!("{message}; {} {shows} hidden text", hidden.len());
    }
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
        "{} of {} {} only invisible text, such as OCR under a scan",
        pages.len(),
        counted(document.page_count, "page"),
        agree(pages.len(), "has", "have")
    );
    let finding = Finding::warning(Code::OcrTextLayer, message)
        .with_hint("Request the PDF downloaded from net banking; OCR digits may be wrong");
    Some(finding.on_pages(pages))
}

fn unmapped_text(reading: &Reading, _: &Policy) -> Option<Finding> {
    let document = reading.document.as_ref()?;
    let pages = pages_of(document, &[PageClass::Unmapped]);
    if pages.is_empty() || pages_of(document, &USABLE).is_empty() {
        return None;
    }
    let message = format!(
        "{} of {} {} text that does not map to characters",
        pages.len(),
        counted(document.page_count, "page"),
        agree(pages.len(), "has", "have")
    );
    let finding = Finding::warning(Code::UnmappedText, message)
        .with_hint("Request the original PDF; text copied from these pages is unreadable");
    Some(finding.on_pages(pages))
}

/// Returns whether any page has text from which a bank could be identified.
fn has_text(reading: &Reading) -> bool {
    let document = reading.document.as_ref();
    document.is_some_and(|document| !pages_of(document, &USABLE).is_empty())
}

/// Returns message and hint for a document whose pages are only the cover of its content.
fn content_elsewhere(document: &DocumentFacts) -> Option<(String, &'static str)> {
    let names = listed(&document.embedded_files);
    let (message, hint) = match document.cover? {
        Cover::Portfolio if names.is_empty() => (
            "The file is a PDF portfolio; the statement may be an embedded file".to_owned(),
            "Save the embedded files and screen them",
        ),
        Cover::Portfolio => (
            format!("The file is a PDF portfolio; the statement may be embedded: {names}"),
            "Save the embedded files and screen them",
        ),
        Cover::Form { .. } => (
            "The file is a dynamic XFA form; its pages only ask to open it in another viewer"
                .to_owned(),
            "Request the statement as an ordinary PDF; only Adobe Reader shows this form",
        ),
    };
    Some((message, hint))
}

fn not_a_statement(reading: &Reading, _: &Policy) -> Option<Finding> {
    if reading.limit.is_some() {
        return None;
    }
    let document = reading.document.as_ref()?;
    let code = Code::StatementUnsupportedFormat;
    let elsewhere = content_elsewhere(document);
    let mut embedded = document.embedded_files.iter();
    match reading.statement.kind.as_ref()? {
        DocumentKind::Statement => None,
        kind if elsewhere.is_some() => {
            let (message, hint) = elsewhere?;
            let finding = match kind {
                DocumentKind::Other(_) => Finding::error(code, message),
                _ => Finding::warning(code, message),
            };
            Some(finding.with_hint(hint))
        }
        DocumentKind::Uncertain(reason) => Some(
            Finding::warning(code, format!("Possibly not a bank statement: {reason}"))
                .with_hint("Check the file before you upload it"),
        ),
        // The transactions may be on pages that cannot be read.
        DocumentKind::Other(kind) if pages_of(document, &USABLE).len() < document.page_count => {
            let message = format!("The readable pages look like {kind}");
            Some(Finding::warning(code, message).with_hint("Check the file before you upload it"))
        }
        DocumentKind::Other(kind) if embedded.any(|name| is_pdf(name)) => {
            let names = listed(&document.embedded_files);
            let message = format!(
                "Not a bank statement; the file looks like {kind}, but the statement may be \
                 embedded: {names}"
            );
            let finding = Finding::error(code, message);
            Some(finding.with_hint("Save the embedded files and screen them"))
        }
        DocumentKind::Other(kind) => Some(
            Finding::error(
                code,
                format!("Not a bank statement; the file looks like {kind}"),
            )
            .with_hint("Request the account statement with dates, amounts and running balance"),
        ),
    }
}

fn is_other_document(reading: &Reading) -> bool {
    matches!(reading.statement.kind, Some(DocumentKind::Other(_)))
}

fn bank_mismatch(reading: &Reading, policy: &Policy) -> Option<Finding> {
    let expected = policy.expected_bank.as_ref()?;
    let issuer = reading.statement.issuer.as_ref()?;
    // Merged banks still print each other's names.
    let mut family = policy.banks.family(&issuer.bank);
    let is_expected = issuer.bank == *expected || family.any(|bank| bank == expected);
    (!is_expected && issuer.confidence >= CONFIDENCE_THRESHOLD).then(|| {
        let (detected, evidence) = (&issuer.bank, issuer.evidence.join(", "));
        let message = format!(
            "Detected bank is {} ({}: {evidence}), expected bank is {} ({})",
            detected.name(),
            detected.id(),
            expected.name(),
            expected.id(),
        );
        let hint = format!(
            "Use --bank {}, or request the statement of {}",
            detected.id(),
            expected.name()
        );
        Finding::error(Code::BankNameMismatch, message).with_hint(hint)
    })
}

fn bank_undetected(reading: &Reading, policy: &Policy) -> Option<Finding> {
    if !has_text(reading) || reading.limit.is_some() || is_other_document(reading) {
        return None;
    }
    let undetected = "The bank could not be identified";
    match (&reading.statement.issuer, &policy.expected_bank) {
        (Some(issuer), None) if issuer.confidence < CONFIDENCE_THRESHOLD => {
            Some(bank_uncertain(issuer))
        }
        // A detected bank needs no finding; `bank_mismatch` compares it with the expected bank.
        (Some(_), _) => None,
        // The user has named the bank, so an undetected bank prevents nothing.
        (None, Some(_)) => Some(Finding::note(Code::BankNameUndetected, undetected)),
        (None, None) => Some(
            Finding::error(Code::BankNameUndetected, undetected)
                .with_hint("Set the bank with --bank; `bankscreen banks` lists the identifiers"),
        ),
    }
}

fn bank_uncertain(issuer: &Issuer) -> Finding {
    let others: Vec<_> = issuer
        .alternatives
        .iter()
        .map(|(bank, _)| bank.name())
        .collect();
    let others = if others.is_empty() {
        String::new()
    } else {
        format!("; also possible: {}", others.join(", "))
    };
    // Rounded down: a confidence below the threshold must not be shown as the threshold.
    let message = format!(
        "Likely {} (confidence {:.0} %, below the threshold of {:.0} %): {}{others}",
        issuer.bank.name(),
        (issuer.confidence * 100.0).floor(),
        CONFIDENCE_THRESHOLD * 100.0,
        issuer.evidence.join(", ")
    );
    Finding::warning(Code::BankUncertain, message).with_hint("Set the bank with --bank")
}

fn invalid_category(_: &Reading, policy: &Policy) -> Option<Finding> {
    let category = policy.account_category.as_deref()?;
    AccountCategory::parse(category).is_none().then(|| {
        Finding::error(
            Code::InvalidAccountCategory,
            format!("The service has no account category {category:?}"),
        )
        .with_hint("Use SAVINGS, CURRENT or OVERDRAFT")
    })
}

/// Returns the statement period if it is printed. Transactions do not show where a period begins
/// and ends.
fn printed_period(reading: &Reading) -> Option<Period> {
    let period = reading.statement.period?;
    (period.source == PeriodSource::Printed).then_some(period)
}

fn out_of_range(reading: &Reading, policy: &Policy) -> Option<Finding> {
    let requested = policy.requested_period?;
    let period = printed_period(reading)?;
    let is_outside = period.to < requested.from || period.from > requested.to;
    is_outside.then(|| {
        let requested = format!("{} to {}", requested.from, requested.to);
        let message = format!(
            "Statement period {} to {} is outside {} {requested}",
            period.from,
            period.to,
            policy.period_origin.period_name()
        );
        Finding::error(Code::OutOfDateRange, message)
            .with_hint(format!("Request a statement that covers {requested}"))
    })
}

fn partial_period(reading: &Reading, policy: &Policy) -> Option<Finding> {
    let requested = policy.requested_period?;
    let period = printed_period(reading)?;
    let overlaps = period.from <= requested.to && period.to >= requested.from;
    let covers_all = period.from <= requested.from && period.to >= requested.to;
    (overlaps && !covers_all).then(|| {
        let message = format!(
            "Statement period {} to {} covers only part of {} {} to {}",
            period.from,
            period.to,
            policy.period_origin.period_name(),
            requested.from,
            requested.to
        );
        Finding::warning(Code::PartialPeriod, message)
            .with_hint("Check that other files of the account cover the rest")
    })
}

fn signature_broken(reading: &Reading, _: &Policy) -> Option<Finding> {
    let signatures = &reading.document.as_ref()?.signatures;
    let violated: Vec<_> = signatures
        .iter()
        .filter(|found| found.is_violated())
        .collect();
    let first = violated.first()?;
    let signer = first.organisation.as_deref().map(sanitize);
    let signer = signer.map_or_else(String::new, |signer| format!(" of {signer}"));
    let what = match first.status {
        SignatureStatus::Broken(Defect::Truncated) => {
            "does not hold: the file ends before the signed bytes do"
        }
        SignatureStatus::Broken(Defect::Range) => {
            "does not hold: it does not cover the whole file up to its end"
        }
        SignatureStatus::Broken(Defect::Content) => {
            "does not hold: the signed bytes were changed, or it is malformed"
        }
        SignatureStatus::Valid | SignatureStatus::Unsupported => {
            "holds, but the file was changed after it"
        }
    };
    let others = match violated.len() - 1 {
        0 => String::new(),
        others => format!("; {} also violated", counted(others, "other signature")),
    };
    let message = format!("The digital signature{signer} {what}{others}");
    Some(Finding::error(Code::SignatureBroken, message).with_hint(SIGNATURE_HINT))
}

fn edited(reading: &Reading, _: &Policy) -> Option<Finding> {
    if reading.statement.is_signed_by_issuer {
        return None;
    }
    let signs = edits::Signs::of(reading.document.as_ref()?, &reading.statement);
    (!signs.is_empty()).then(|| {
        let message = format!("Signs of editing: {}", signs.descriptions.join("; "));
        Finding::warning(Code::EditedPdf, message)
            .with_hint("Compare the file with a copy from net banking, or request the original")
            .on_pages(signs.pages)
    })
}

fn remade(reading: &Reading, _: &Policy) -> Option<Finding> {
    if reading.statement.is_signed_by_issuer {
        return None;
    }
    let evidence = remade::evidence(reading.document.as_ref()?, &reading.statement);
    (!evidence.is_empty()).then(|| {
        let message = format!("Probably not the original: {}", evidence.join("; "));
        Finding::note(Code::RemadePdf, message).with_hint(
            "Request the file as the bank sent it or as net banking offers it, with its password",
        )
    })
}

fn damaged(reading: &Reading, _: &Policy) -> Option<Finding> {
    let document = reading.document.as_ref()?;
    let unreadable = pages_of(document, &[PageClass::Unreadable]);
    let mut damage: Vec<_> = document.damage.iter().map(ToString::to_string).collect();
    if !unreadable.is_empty() {
        damage.push(format!(
            "{} could not be read",
            counted(unreadable.len(), "page")
        ));
    }
    if damage.is_empty() {
        return None;
    }
    let message = format!("Read after repair: {}", damage.join("; "));
    let finding = Finding::warning(Code::DamagedPdf, message)
        .with_hint("Compare the file with the original, or request it again; pages may be missing");
    let pages: BTreeSet<_> = document
        .damaged_pages
        .iter()
        .chain(&unreadable)
        .copied()
        .collect();
    Some(finding.on_pages(pages.into_iter().collect()))
}

/// Whether every page is text or blank.
pub(super) fn has_text_on_all_pages(document: &DocumentFacts) -> bool {
    let is_read = |class: &PageClass| matches!(class, PageClass::Text | PageClass::Blank);
    document.pages.iter().all(is_read)
}

fn holder_mismatch(reading: &Reading, _: &Policy) -> Option<Finding> {
    let facts = &reading.statement;
    let is_statement = !matches!(facts.kind, Some(DocumentKind::Other(_)) | None);
    (is_statement && facts.holder_match == HolderMatch::Differs).then(|| {
        let message = "The account holder shares no name with the applicant";
        Finding::warning(Code::HolderMismatch, message)
            .on_pages(vec![1])
            .with_hint("Check whose account it is, or correct the applicant's name")
    })
}

fn active_content(reading: &Reading, _: &Policy) -> Option<Finding> {
    let active = &reading.document.as_ref()?.active_content;
    let kinds: Vec<_> = active.iter().map(ToString::to_string).collect();
    (!active.is_empty()).then(|| {
        let message = format!("Contains {}", kinds.join(", "));
        Finding::warning(Code::ActiveContent, message).with_hint(
            "Check where the file comes from before you open it; statements need no active content",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::Limits;
    use crate::text::columns::assert_message_agrees;

    #[test]
    fn messages_about_pages_agree_with_their_numbers() {
        let classes = [
            PageClass::Scanned,
            PageClass::Ocr,
            PageClass::Unmapped,
            PageClass::Vector,
            PageClass::Blank,
            PageClass::Unreadable,
        ];
        for (class, is_hidden) in classes
            .map(|class| (class, false))
            .into_iter()
            .chain([(PageClass::Blank, true), (PageClass::Scanned, true)])
        {
            for (count, text) in [(1, 0), (2, 0), (3, 0), (1, 1), (1, 2), (2, 1), (1500, 1)] {
                let pages = [vec![class; count], vec![PageClass::Text; text]].concat();
                let document = DocumentFacts {
                    page_count: pages.len(),
                    unshown_text_pages: (1..=count).filter(|_| is_hidden).collect(),
                    pages,
                    ..DocumentFacts::default()
                };
                let reading = Reading {
                    document: Some(document),
                    ..Reading::default()
                };
                let policy = Policy {
                    limits: Limits {
                        pages: 1000,
                        ..Limits::default()
                    },
                    ..Policy::default()
                };
                for finding in run(&reading, &policy) {
                    assert_message_agrees(&finding.message);
                }
            }
        }
    }

    #[test]
    fn a_message_mentions_a_requested_period_only_if_the_user_requested_one() {
        use crate::screen::PeriodOrigin;
        use crate::statement::{DateRange, Facts};
        use jiff::civil::date;
        let reading = Reading {
            statement: Facts {
                period: Some(Period {
                    from: date(2024, 4, 1),
                    to: date(2024, 6, 30),
                    source: PeriodSource::Printed,
                }),
                ..Facts::default()
            },
            ..Reading::default()
        };
        let message = |period_origin, from, to| {
            let policy = Policy {
                requested_period: Some(DateRange { from, to }),
                period_origin,
                ..Policy::default()
            };
            let finding = out_of_range(&reading, &policy);
            let finding = finding.or_else(|| partial_period(&reading, &policy));
            finding.unwrap().message
        };
        let outside = (date(2023, 1, 1), date(2023, 2, 1));
        let partly = (date(2024, 3, 1), date(2024, 6, 30));
        for (from, to) in [outside, partly] {
            let requested = message(PeriodOrigin::User, from, to);
            assert!(requested.contains("the requested period"), "{requested}");
            let session = message(PeriodOrigin::Session, from, to);
            assert!(session.contains("the session's period"), "{session}");
            assert!(!session.contains("requested"), "{session}");
        }
    }
}
