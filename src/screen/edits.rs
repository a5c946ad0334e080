//! Describes the signs that the content of a statement was changed after the bank wrote it.
//!
//! Only signs with a low rate of false alarms on genuine statements are used; each names its place.
//! That a file was saved again, or a comment added, is none: see [`super::remade`].

use super::DocumentFacts;
use crate::pdf::{Budget, CoveringAnnotation, Difference, Edit, EditKind, LimitHit, PageReader};
use crate::statement::{Facts, Ledger};
use crate::text::columns::counted;
use jiff::civil::Date;

/// Links from which the days of the transactions count as read.
const MIN_LINKS: usize = 3;
/// Days by which a clock or a time zone can be wrong.
const MAX_CLOCK_DAYS: i32 = 1;
/// Signs that a message lists.
const MAX_LISTED: usize = 3;
/// Rows whose form is compared with their column.
const MAX_COMPARED_ROWS: usize = 10;

/// Finds amounts that differ in form from their column, in rows from which the balance does not
/// follow. Either of the two alone is no sign of editing. Pages with another sign are left out.
///
/// # Errors
///
/// If the budget is exceeded.
pub(super) fn odd_numbers(
    reader: &mut PageReader<'_>,
    ledger: Option<&Ledger>,
    budget: &mut Budget<'_>,
) -> Result<Vec<Edit>, LimitHit> {
    let understood = ledger.filter(|ledger| ledger.is_understood());
    let breaks = understood.map_or(&[][..], |ledger| &ledger.breaks);
    if breaks.is_empty() {
        return Ok(Vec::new());
    }
    let known = reader.edits();
    let is_unknown = |page: usize| known.iter().all(|edit| edit.page != page);
    let mut found = Vec::new();
    for broken in breaks.iter().take(MAX_COMPARED_ROWS) {
        let page = broken.page as usize;
        let place = f32::from(broken.place) / 10_000.0;
        let Some(index) = page.checked_sub(1).filter(|_| is_unknown(page)) else {
            continue;
        };
        let difference = reader.odd_number(index, place, budget)?;
        found.extend(difference.map(|difference| Edit {
            page,
            line: None,
            kind: EditKind::OddNumber(broken.row, difference),
            place: Some(broken.place),
        }));
    }
    Ok(found)
}

/// The signs of editing in a document.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Signs {
    /// Fragments for a message, each with its place.
    pub(super) descriptions: Vec<String>,
    /// The numbers of the pages with a sign, from 1.
    pub(super) pages: Vec<usize>,
}

impl Signs {
    /// Finds the signs.
    pub(super) fn of(document: &DocumentFacts, statement: &Facts) -> Self {
        let mut descriptions: Vec<String> = Vec::new();
        descriptions.extend(created_early(document, statement));
        let listed = document.edits.iter().take(MAX_LISTED).map(describe);
        descriptions.extend(listed);
        let others = document.edits.len().saturating_sub(MAX_LISTED);
        if others > 0 {
            descriptions.push(format!("{} more", counted(others, "place")));
        }
        let mut pages: Vec<usize> = document.edits.iter().map(|edit| edit.page).collect();
        pages.dedup();
        Self {
            descriptions,
            pages,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.descriptions.is_empty()
    }
}

fn describe(edit: &Edit) -> String {
    let place = match (edit.kind, edit.line) {
        (EditKind::OddNumber(row, _), _) => format!("page {}, row {row}", edit.page),
        (_, Some(line)) => format!("page {}, line {line}", edit.page),
        (_, None) => format!("page {}", edit.page),
    };
    let what = match edit.kind {
        EditKind::OddNumber(_, difference) => describe_odd_number(difference),
        EditKind::LoneFont => "a font writes this number and nothing else on the page",
        EditKind::CoveredDigits => "digits are covered, and others are written over them",
        EditKind::Annotation(CoveringAnnotation::FreeText) => "a text box is over digits",
        EditKind::Annotation(CoveringAnnotation::Stamp) => "a stamp is over digits",
        EditKind::Annotation(CoveringAnnotation::Square) => "a filled rectangle is over digits",
        EditKind::RemovedPages(count) => {
            let pages = counted(count, "page");
            return format!("{place}: an update removed {pages} after this one");
        }
        EditKind::Update => "an update that was appended to the file changed what it shows",
    };
    format!("{place}: {what}")
}

fn describe_odd_number(difference: Difference) -> &'static str {
    match difference {
        Difference::Font => {
            "an amount is in another font than its column, and the balance is wrong"
        }
        Difference::Size => "an amount has another size than its column, and the balance is wrong",
        Difference::Colour => {
            "an amount has another colour than its column, and the balance is wrong"
        }
        Difference::Baseline => "an amount is above or below its row, and the balance is wrong",
        Difference::RightEdge => {
            "an amount is not aligned with its column, and the balance is wrong"
        }
    }
}

/// Describes a creation date before the last day that the statement shows.
fn created_early(document: &DocumentFacts, statement: &Facts) -> Option<String> {
    let created = document.metadata.created.as_deref()?;
    let created: Date = created.get(..10)?.parse().ok()?;
    let ledger = statement.ledger.as_ref();
    let ledger = ledger.filter(|ledger| ledger.links >= MIN_LINKS && ledger.is_understood())?;
    let last = ledger.days?.to;
    ((last - created).get_days() > MAX_CLOCK_DAYS).then(|| {
        format!(
            "the file says that it was created on {created}, before its last transaction of {last}"
        )
    })
}
