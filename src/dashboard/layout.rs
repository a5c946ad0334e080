//! Divides the screen into areas. The view, scrolling by pages and mouse clicks all use it.

use super::tab::Tab;
use ratatui::layout::Rect;

/// Columns of the table beside a detail pane: at least what it shows on narrower screens. That of
/// cases shows the accounts and the names of six months.
const TABLE_OF_FILES: u16 = 82;
const TABLE_OF_CASES: u16 = 102;
/// Screen rows from which header and footer have two lines, and the detail pane is below the table.
const MIN_ROWS_FOR_LOWER_PANE: u16 = 20;
/// Screen columns from which tabs and counts share a line. On narrower screens, each has its own if
/// there are enough rows.
const MIN_COLUMNS_FOR_SHARED_LINE: u16 = 120;
/// Screen rows from which there is a header.
const MIN_ROWS_FOR_HEADER: u16 = 4;
/// Rows from which there is a line of detail, or a pane beside the table.
const MIN_ROWS_FOR_DETAIL: u16 = 8;
/// Minimum and maximum columns of the detail pane beside the table.
const DETAIL_COLUMNS: (u16, u16) = (38, 72);
/// Minimum and maximum rows of the detail pane below the table.
const DETAIL_ROWS: (u16, u16) = (8, 18);

/// The areas of a screen. An area that does not fit has no rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// One line: session, tab and counts; two: tabs and counts below the session; three: the
    /// counts and the uploads below the tabs.
    pub header: Rect,
    /// Everything between header and footer.
    pub body: Rect,
    /// Keys, or the filter while the user edits it; on tall screens also a line of messages above.
    pub footer: Rect,
    /// The table of cases or files, or the list of another tab, with its headings.
    pub list: Rect,
    /// Detail of the selected case or file.
    pub detail: DetailArea,
}

/// The area of the detail of the selected file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DetailArea {
    /// Nowhere.
    None,
    /// In one line.
    Line(Rect),
    /// Below the table; the first row is a rule.
    Below(Rect),
    /// Beside the table; the first column is a rule.
    Beside(Rect),
    /// In place of the table.
    Full(Rect),
}

impl Layout {
    /// Divides a screen that shows `tab`. With `full_detail`, the detail replaces the table.
    pub fn new(screen: Rect, tab: Tab, full_detail: bool) -> Self {
        let rows = screen.height;
        let header = match rows {
            MIN_ROWS_FOR_LOWER_PANE.. if screen.width < MIN_COLUMNS_FOR_SHARED_LINE => 3,
            MIN_ROWS_FOR_LOWER_PANE.. => 2,
            MIN_ROWS_FOR_HEADER.. => 1,
            _ => 0,
        };
        // On a screen of one row, the selected file is more useful than the keys.
        let footer = match rows {
            MIN_ROWS_FOR_LOWER_PANE.. => 2,
            2.. => 1,
            _ => 0,
        };
        let (header, rest) = split_rows(screen, header);
        let (body, footer) = split_rows(rest, rest.height - footer.min(rest.height));
        let (list, detail) = match tab {
            // An empty list area: the table is not drawn.
            Tab::Files if full_detail => (split_rows(body, 0).0, DetailArea::Full(body)),
            Tab::Cases => split_body(body, screen, TABLE_OF_CASES),
            Tab::Files => split_body(body, screen, TABLE_OF_FILES),
            Tab::Coverage | Tab::Log | Tab::History => (body, DetailArea::None),
        };
        Self {
            header,
            body,
            footer,
            list,
            detail,
        }
    }

    /// Returns the number of table rows below the headings; at least 1, so that paging moves.
    pub fn list_rows(&self) -> usize {
        let list = if self.list.is_empty() {
            self.body
        } else {
            self.list
        };
        usize::from(below_headings(list).height).max(1)
    }

    /// Returns the area of the table rows.
    pub fn rows(&self) -> Rect {
        below_headings(self.list)
    }
}

/// Removes the row of headings, which a list of at least three rows has.
fn below_headings(list: Rect) -> Rect {
    // In fewer rows, the headings would leave one row for files or none.
    let headings = u16::from(list.height >= 3);
    split_rows(list, headings).1
}

/// Splits the body into a table and the detail, which is beside it if the table has at least
/// `table_columns` then.
fn split_body(body: Rect, screen: Rect, table_columns: u16) -> (Rect, DetailArea) {
    let has_room = screen.width >= table_columns + DETAIL_COLUMNS.0;
    if has_room && body.height >= MIN_ROWS_FOR_DETAIL {
        let columns = screen.width.saturating_sub(table_columns);
        let columns = columns.min(screen.width * 2 / 5);
        let columns = columns.clamp(DETAIL_COLUMNS.0, DETAIL_COLUMNS.1);
        let (list, detail) = split_columns(body, body.width - columns);
        return (list, DetailArea::Beside(detail));
    }
    if screen.height >= MIN_ROWS_FOR_LOWER_PANE {
        let rows = (body.height * 2 / 5).clamp(DETAIL_ROWS.0, DETAIL_ROWS.1) + 1;
        let (list, detail) = split_rows(body, body.height - rows);
        return (list, DetailArea::Below(detail));
    }
    if screen.height >= MIN_ROWS_FOR_DETAIL {
        let (list, line) = split_rows(body, body.height - 1);
        return (list, DetailArea::Line(line));
    }
    (body, DetailArea::None)
}

/// Splits an area below its first `rows` rows.
pub(super) fn split_rows(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    let upper = Rect {
        height: rows,
        ..area
    };
    let lower = Rect {
        y: area.y.saturating_add(rows),
        height: area.height - rows,
        ..area
    };
    (upper, lower)
}

/// Splits an area to the right of its first `columns` columns.
pub(super) fn split_columns(area: Rect, columns: u16) -> (Rect, Rect) {
    let columns = columns.min(area.width);
    let left = Rect {
        width: columns,
        ..area
    };
    let right = Rect {
        x: area.x.saturating_add(columns),
        width: area.width - columns,
        ..area
    };
    (left, right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_keeps_most_of_the_screen() {
        let check = |width, height, rows| {
            let layout = Layout::new(Rect::new(0, 0, width, height), Tab::Files, false);
            assert_eq!(layout.list_rows(), rows, "{width}x{height}");
        };
        check(80, 24, 9);
        check(60, 15, 11);
        check(100, 28, 12);
        check(120, 40, 35);
        check(200, 50, 45);
        check(1, 1, 1);
    }

    #[test]
    fn areas_stay_within_the_screen() {
        for width in 0..120 {
            for height in 0..40 {
                let screen = Rect::new(0, 0, width, height);
                for full_detail in [false, true] {
                    let layout = Layout::new(screen, Tab::Files, full_detail);
                    let areas = [layout.header, layout.body, layout.footer, layout.list];
                    for area in areas {
                        assert_eq!(area.intersection(screen), area);
                    }
                }
            }
        }
    }
}
