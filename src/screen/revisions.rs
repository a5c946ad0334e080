//! Compares what pages show with what they showed before something was appended to the file.

use crate::pdf::{
    Budget, Document, Edit, EditKind, FileBytes, LimitHit, PageClass, PageReader, PageText,
    Password, is_amount,
};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// Returns the pages that show other words with digits than before the first update, or one more
/// amount, and how many pages with numbers are missing at the end. Comments, highlights and form
/// fields rarely change these.
pub(super) fn changed_pages(
    document: &Document,
    classes: &[PageClass],
    bytes: &FileBytes,
    passwords: &[&Password],
    budget: &Budget<'_>,
) -> Result<Vec<Edit>, LimitHit> {
    let Some(end) = document.first_revision_end() else {
        return Ok(Vec::new());
    };
    let first = Arc::new(bytes.get(..end).unwrap_or_default().to_vec());
    // The pages were read within the budget before; only the time adds up. What the first revision
    // lacks is no damage of the file.
    let (mut budget, mut earlier_budget) = (budget.renewed(), budget.renewed());
    let Ok(earlier) = Document::open(&first, passwords, &mut earlier_budget) else {
        return Ok(Vec::new());
    };
    let (mut now, mut before) = (document.reader(), earlier.reader());
    let mut found = Vec::new();
    let behind = document.page_count()..earlier.page_count();
    found.extend(removed_pages(behind, &mut before, &mut earlier_budget)?);
    for (index, class) in classes.iter().enumerate() {
        if !matches!(class, PageClass::Text | PageClass::Ocr) {
            continue;
        }
        let new = now.text(index, *class, &mut budget)?;
        let old = before.text(index, *class, &mut earlier_budget)?;
        let change = Change::between(&old, &new);
        if change.is_essential {
            found.push(Edit {
                page: index + 1,
                line: change.line,
                kind: EditKind::Update,
                place: change.line.and_then(|line| new.place_of_line(line)),
            });
        }
    }
    Ok(found)
}

/// Returns the sign that pages with numbers were removed at the end. `behind` are the indices of
/// the pages that only the earlier file has.
fn removed_pages(
    behind: Range<usize>,
    earlier: &mut PageReader<'_>,
    budget: &mut Budget<'_>,
) -> Result<Option<Edit>, LimitHit> {
    let last = behind.start;
    let mut removed = 0;
    for index in behind {
        let text = earlier.text(index, PageClass::Text, budget)?;
        removed += usize::from(numbers_of(&text).next().is_some());
    }
    Ok((removed > 0).then_some(Edit {
        page: last,
        line: None,
        kind: EditKind::RemovedPages(removed),
        place: None,
    }))
}

/// How the numbers of a page differ from those that it showed before.
struct Change {
    /// Whether a number was removed, or an amount added.
    is_essential: bool,
    /// The number of the first line, from 1, with a new number.
    line: Option<usize>,
}

impl Change {
    fn between(old: &PageText, new: &PageText) -> Self {
        let mut counts: HashMap<&str, i32> = HashMap::new();
        for (_, word) in numbers_of(old) {
            *counts.entry(word).or_default() += 1;
        }
        for (_, word) in numbers_of(new) {
            *counts.entry(word).or_default() -= 1;
        }
        let is_essential =
            |(word, count): (&&str, &i32)| *count > 0 || *count < 0 && is_amount(word);
        let is_new = |word: &str| counts.get(word).is_some_and(|count| *count < 0);
        let mut added = numbers_of(new).filter(|(_, word)| is_new(word));
        Self {
            is_essential: counts.iter().any(is_essential),
            line: added.next().map(|(index, _)| index + 1),
        }
    }
}

/// Returns the words with digits, each with the index of its line.
fn numbers_of(page: &PageText) -> impl Iterator<Item = (usize, &str)> {
    let lines = page.lines.iter().enumerate();
    let words = lines.flat_map(|(index, line)| line.words().map(move |word| (index, word.text)));
    words.filter(|(_, word)| word.bytes().any(|byte| byte.is_ascii_digit()))
}
