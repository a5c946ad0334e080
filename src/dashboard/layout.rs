//! Where the parts of the screen lie. Keys that move by the page and clicks go by it too.

use super::model::Tab;
use ratatui::layout::Rect;

/// Columns from which the detail stands beside the table.
const WIDE: u16 = 100;
/// Rows from which the header has two lines, and the detail a pane below the table.
const TALL: u16 = 20;
/// Rows from which there is a header at all, and from which a line of detail.
const LEAST: (u16, u16) = (4, 8);
/// Columns of the detail beside the table.
const DETAIL_COLUMNS: (u16, u16) = (38, 72);
/// Rows of the detail below the table.
const DETAIL_ROWS: (u16, u16) = (8, 18);

/// The parts of a screen. Parts for which there is no room have no rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Program, session, progress; and the tabs, where it has two lines.
    pub header: Rect,
    /// Everything between header and footer.
    pub body: Rect,
    /// Keys, filter, or a word to the person.
    pub footer: Rect,
    /// The table, or the list of another tab, with its headings.
    pub list: Rect,
    /// What is known of the selected file.
    pub detail: Detail,
}

/// Where the detail of the selected file is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Nowhere.
    None,
    /// In one line.
    Line(Rect),
    /// Below the table; the first row parts them.
    Below(Rect),
    /// Beside the table; the first column parts them.
    Beside(Rect),
    /// In place of the table.
    Whole(Rect),
}

impl Layout {
    /// Divides a screen on which a tab is shown, with the detail in place of the table or not.
    pub fn of(screen: Rect, tab: Tab, whole_detail: bool) -> Self {
        let rows = screen.height;
        let header = match rows {
            TALL.. => 2,
            rows if rows >= LEAST.0 => 1,
            _ => 0,
        };
        let footer = u16::from(rows >= 2);
        let (header, rest) = split_rows(screen, header);
        let (body, footer) = split_rows(rest, rest.height - footer.min(rest.height));
        let (list, detail) = match tab {
            Tab::Queue if whole_detail => (split_rows(body, 0).0, Detail::Whole(body)),
            Tab::Queue => divide(body, screen),
            Tab::Coverage | Tab::Log | Tab::History => (body, Detail::None),
        };
        Self {
            header,
            body,
            footer,
            list,
            detail,
        }
    }

    /// Rows of the table below its headings; at least one, so that moving by them moves.
    pub fn list_rows(&self) -> usize {
        let list = if self.list.is_empty() {
            self.body
        } else {
            self.list
        };
        usize::from(Self::rows_of(list).height).max(1)
    }

    /// Where the rows of the table are: below its headings, where there is room for them.
    pub fn rows(&self) -> Rect {
        Self::rows_of(self.list)
    }

    fn rows_of(list: Rect) -> Rect {
        let heading = u16::from(list.height >= 3);
        split_rows(list, heading).1
    }
}

fn divide(body: Rect, screen: Rect) -> (Rect, Detail) {
    if screen.width >= WIDE && body.height >= LEAST.1 {
        let columns = (screen.width * 2 / 5).clamp(DETAIL_COLUMNS.0, DETAIL_COLUMNS.1);
        let (list, detail) = split_columns(body, body.width - columns);
        return (list, Detail::Beside(detail));
    }
    if screen.height >= TALL {
        let rows = (body.height * 2 / 5).clamp(DETAIL_ROWS.0, DETAIL_ROWS.1) + 1;
        let (list, detail) = split_rows(body, body.height - rows);
        return (list, Detail::Below(detail));
    }
    if screen.height >= LEAST.1 {
        let (list, line) = split_rows(body, body.height - 1);
        return (list, Detail::Line(line));
    }
    (body, Detail::None)
}

/// The first so many rows, and the others.
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

/// The first so many columns, and the others.
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
            let layout = Layout::of(Rect::new(0, 0, width, height), Tab::Queue, false);
            assert_eq!(layout.list_rows(), rows, "{width}x{height}");
        };
        check(80, 24, 11);
        check(60, 15, 11);
        check(100, 28, 24);
        check(200, 50, 46);
        check(1, 1, 1);
    }

    #[test]
    fn parts_never_leave_the_screen() {
        for width in 0..120 {
            for height in 0..40 {
                let screen = Rect::new(0, 0, width, height);
                for whole in [false, true] {
                    let layout = Layout::of(screen, Tab::Queue, whole);
                    let parts = [layout.header, layout.body, layout.footer, layout.list];
                    for part in parts {
                        assert_eq!(part.intersection(screen), part);
                    }
                }
            }
        }
    }
}
