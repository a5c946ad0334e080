//! A page of a document as a picture: its printed area, and the part of it that is shown.

use super::file::FileId;
use crate::pdf::Picture;

/// Luminance from 0 to 255 from which a pixel is paper.
const PAPER: u32 = 248;
/// Paper around the printed area, in pixels.
const MARGIN: u32 = 8;
/// The largest zoom: this many times the width of the screen.
const MAX_ZOOM: u32 = 6;

/// A page of a document as a picture.
#[derive(Debug)]
pub struct PagePreview {
    /// The file.
    pub file: FileId,
    /// Index of the page.
    pub page: usize,
    /// Number of pages of the document.
    pub pages: usize,
    /// ID of the latest rendering request.
    pub request_id: u64,
    /// The picture or the reason why it could not be rendered; `None` while rendering.
    pub picture: Option<Result<Picture, String>>,
    /// The part of the picture that is not empty.
    pub printed: PixelArea,
    /// Width of the printed area in widths of the screen; 0 shows all of it.
    pub zoom: u32,
    /// The first visible column and row of the scaled printed area.
    pub offset: (u32, u32),
}

/// An area of a picture, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PixelArea {
    /// First column.
    pub x: u32,
    /// First row.
    pub y: u32,
    /// Number of columns.
    pub width: u32,
    /// Number of rows.
    pub height: u32,
}

impl PixelArea {
    /// Returns the part of a picture that has ink, with some paper around it; all of an empty page.
    pub fn printed(picture: &Picture) -> Self {
        let (width, height) = (picture.width(), picture.height());
        let (mut left, mut top, mut right, mut bottom) = (width, height, 0, 0);
        let rows = picture.pixels().chunks_exact(width.max(1) as usize);
        for (y, row) in (0..).zip(rows) {
            let is_ink = |[red, green, blue]: &[u8; 3]| {
                let sum = 299 * u32::from(*red) + 587 * u32::from(*green) + 114 * u32::from(*blue);
                sum / 1000 < PAPER
            };
            let Some(first) = row.iter().position(is_ink) else {
                continue;
            };
            let last = row.iter().rposition(is_ink).unwrap_or(first);
            left = left.min(u32::try_from(first).unwrap_or(0));
            right = right.max(u32::try_from(last).unwrap_or(0) + 1);
            top = top.min(y);
            bottom = y + 1;
        }
        if right <= left {
            (left, top, right, bottom) = (0, 0, width, height);
        }
        let (x, y) = (left.saturating_sub(MARGIN), top.saturating_sub(MARGIN));
        Self {
            x,
            y,
            width: (right + MARGIN).min(width) - x,
            height: (bottom + MARGIN).min(height) - y,
        }
    }

    /// Returns the scaled size of the area on a screen of `available` pixels. It is scaled down
    /// only, to `zoom` widths of the screen, or to fit if `zoom` is 0.
    pub fn scaled(self, available: (u32, u32), zoom: u32) -> (u32, u32) {
        // Returns `whole * part / of`, at least 1.
        let scale = |part: u32, of: u32, whole: u32| {
            let scaled = u64::from(whole) * u64::from(part) / u64::from(of.max(1));
            u32::try_from(scaled).unwrap_or(u32::MAX).max(1)
        };
        let (columns, rows) = available;
        let width = self.width.min(columns.saturating_mul(zoom.max(1)));
        let height = scale(width, self.width, self.height);
        if zoom == 0 && height > rows {
            return (scale(rows, self.height, self.width).min(columns), rows);
        }
        (width, height)
    }
}

impl PagePreview {
    /// Creates the preview of a page that is not rendered yet, as wide as the screen.
    pub fn new(file: FileId, page: usize, pages: usize) -> Self {
        Self {
            file,
            page,
            pages,
            request_id: 0,
            picture: None,
            printed: PixelArea::default(),
            zoom: 1,
            offset: (0, 0),
        }
    }

    /// Shows a rendered page from its top.
    pub fn set_picture(&mut self, picture: Result<Picture, String>) {
        self.printed = picture.as_ref().map(PixelArea::printed).unwrap_or_default();
        self.offset = (0, 0);
        self.picture = Some(picture);
    }

    /// Returns the largest offset on a screen of `available` pixels.
    pub fn max_offset(&self, available: (u32, u32)) -> (u32, u32) {
        let (width, height) = self.printed.scaled(available, self.zoom);
        (
            width.saturating_sub(available.0),
            height.saturating_sub(available.1),
        )
    }

    /// Moves the visible part by columns and rows, to the edges of the printed area at most.
    /// Returns whether it moved.
    pub fn pan(&mut self, by: (i32, i32), available: (u32, u32)) -> bool {
        let max = self.max_offset(available);
        let (x, y) = self.offset;
        let before = self.offset;
        self.offset = (
            x.saturating_add_signed(by.0).min(max.0),
            y.saturating_add_signed(by.1).min(max.1),
        );
        self.offset != before
    }

    /// Changes the zoom, and keeps the center of the visible part in place.
    pub fn set_zoom(&mut self, zoom: u32, available: (u32, u32)) {
        let before = self.printed.scaled(available, self.zoom);
        self.zoom = zoom.min(MAX_ZOOM);
        let after = self.printed.scaled(available, self.zoom);
        let moved = |offset: u32, shown: u32, before: u32, after: u32| {
            let shown = u64::from(shown);
            let center = u64::from(offset) + shown.min(u64::from(before)) / 2;
            let center = center * u64::from(after) / u64::from(before.max(1));
            u32::try_from(center.saturating_sub(shown / 2)).unwrap_or(0)
        };
        self.offset = (
            moved(self.offset.0, available.0, before.0, after.0),
            moved(self.offset.1, available.1, before.1, after.1),
        );
        self.pan((0, 0), available);
    }

    /// Returns the row of the scaled printed area that shows a place of the page, in
    /// ten-thousandths of its height; `None` outside of it.
    pub fn row_of(&self, place: u16, available: (u32, u32)) -> Option<u32> {
        let Some(Ok(picture)) = &self.picture else {
            return None;
        };
        let row = u64::from(picture.height()) * u64::from(place) / 10_000;
        let row = row.checked_sub(u64::from(self.printed.y))?;
        let (_, height) = self.printed.scaled(available, self.zoom);
        let row = row * u64::from(height) / u64::from(self.printed.height.max(1));
        u32::try_from(row).ok().filter(|row| *row < height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page of 400 x 600 pixels with ink from (100, 200) to (300, 500).
    fn page() -> PagePreview {
        let ink = |index: u32| {
            let (x, y) = (index % 400, index / 400);
            let is_ink = (100..300).contains(&x) && (200..500).contains(&y);
            if is_ink { [0; 3] } else { [255; 3] }
        };
        let picture = Picture::new(400, (0..400 * 600).map(ink).collect()).unwrap();
        let mut page = PagePreview::new(FileId(0), 0, 1);
        page.set_picture(Ok(picture));
        page
    }

    #[test]
    fn the_printed_area_has_the_ink_and_some_paper() {
        let expected = PixelArea {
            x: 92,
            y: 192,
            width: 216,
            height: 316,
        };
        assert_eq!(page().printed, expected);
        let blank = Picture::new(4, vec![[255; 3]; 8]).unwrap();
        let all = PixelArea {
            width: 4,
            height: 2,
            ..PixelArea::default()
        };
        assert_eq!(PixelArea::printed(&blank), all);
    }

    #[test]
    fn a_page_is_as_wide_as_the_screen_and_can_be_moved_to_its_edges() {
        let screen = (108, 60);
        let mut page = page();
        assert_eq!(page.printed.scaled(screen, 1), (108, 158));
        assert_eq!(page.printed.scaled(screen, 0), (41, 60));
        // Never enlarged.
        assert_eq!(page.printed.scaled(screen, 5), (216, 316));
        assert_eq!(page.max_offset(screen), (0, 98));
        assert!(page.pan((50, 200), screen));
        assert_eq!(page.offset, (0, 98));
        assert!(!page.pan((0, 1), screen));
        page.set_zoom(2, screen);
        assert_eq!(page.max_offset(screen), (108, 256));
        assert_eq!(page.offset, (54, 226));
        page.set_zoom(0, screen);
        assert_eq!(page.offset, (0, 0));
    }

    #[test]
    fn a_place_of_the_page_has_a_row() {
        let page = page();
        // The middle of the page is 300 of 600 pixels: 108 of 316 below the printed area's top.
        assert_eq!(page.row_of(5_000, (216, 60)), Some(108));
        assert_eq!(page.row_of(5_000, (108, 60)), Some(54));
        assert_eq!(page.row_of(100, (108, 60)), None);
    }
}
