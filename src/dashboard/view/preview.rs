//! The page preview: draws a page as a picture, two pixels per cell.

use super::canvas::{draw_frame, draw_line, draw_lines, paragraph, sanitized};
use super::colors::{luminance, nearest_indexed};
use super::labels;
use super::theme::{Role, Theme};
use crate::dashboard::model::{Colors, File, MarkKind, Model, PageMark, PagePreview, PixelArea};
use crate::pdf::Picture;
use crate::report::Symbols;
use crate::text::columns::shorten_front;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span};

/// Shades from no ink to full ink. Paper is left empty: a page is mostly paper, so a picture takes
/// few bytes, and it is readable on dark and on light terminals.
const SHADES: [&str; 5] = [" ", "░", "▒", "▓", "█"];
const ASCII_SHADES: [&str; 10] = [" ", ".", ":", "-", "=", "+", "*", "#", "%", "@"];

/// Red, green and blue.
type Pixel = [u8; 3];

/// Draws a preview over the whole screen.
pub(super) fn draw(
    preview: &PagePreview,
    model: &Model,
    theme: Theme,
    screen: Rect,
    cells: &mut Buffer,
) {
    let columns = usize::from(screen.width).saturating_sub(4);
    let title = title(preview, model, theme, columns);
    let size = (screen.width, screen.height);
    let inside = draw_frame(cells, theme, screen, size, title);
    match &preview.picture {
        None => {
            let text = format!("rendering{}", theme.symbol("…", "..."));
            let line = Line::from(theme.span(Role::InProgress, text));
            draw_line(cells, inside, 0, &line);
        }
        Some(Err(why)) => {
            let text = format!("{} {}", theme.symbol("✖", "x"), sanitized(why));
            let columns = usize::from(inside.width);
            let lines = paragraph(theme, Role::Error, (0, columns), &text);
            draw_lines(cells, inside, &lines);
        }
        Some(Ok(picture)) => {
            let shown = draw_picture(preview, picture, theme, inside, cells);
            // Of several marks on one row, the first kind of the legend stays.
            for mark in marks(preview, model).iter().rev() {
                draw_mark(*mark, preview, shown, (theme, inside), cells);
            }
        }
    }
}

/// Returns what screening found on the page, in the order of the legend.
fn marks(preview: &PagePreview, model: &Model) -> Vec<PageMark> {
    let file = model.queue.file(preview.file);
    let mut marks = file.map_or_else(Vec::new, |file| file.page_marks(preview.page + 1));
    let order = |kind: MarkKind| MarkKind::ALL.iter().position(|other| *other == kind);
    marks.sort_by_key(|mark| order(mark.kind));
    marks
}

/// Marks a row at the left of the picture, if its place is known.
fn draw_mark(
    mark: PageMark,
    preview: &PagePreview,
    picture: Rect,
    (theme, inside): (Theme, Rect),
    cells: &mut Buffer,
) {
    let Some(place) = mark.place else { return };
    let row = preview.row_of(place, pixels(inside));
    let Some(row) = row.and_then(|row| row.checked_sub(preview.offset.1)) else {
        return;
    };
    let row = u16::try_from(row / 2).unwrap_or(u16::MAX);
    if row < picture.height {
        let x = picture.x.saturating_sub(2).max(inside.x);
        let (role, symbol, _) = appearance(mark.kind, theme);
        cells.set_span(x, picture.y + row, &theme.span(role, symbol), 1);
    }
}

/// Returns the role, the symbol and the meaning of a kind of mark.
fn appearance(kind: MarkKind, theme: Theme) -> (Role, &'static str, &'static str) {
    match kind {
        MarkKind::BrokenRow => (
            Role::Error,
            theme.symbol("▶", ">"),
            "balance does not follow",
        ),
        MarkKind::Covered => (Role::Warning, theme.symbol("■", "#"), "digits covered"),
        MarkKind::Edited => (Role::Warning, theme.symbol("◆", "*"), "edited"),
        MarkKind::Logo => (Role::Success, theme.symbol("✔", "+"), "logo of the bank"),
    }
}

/// Returns the legend of the marks: each kind with its symbol, and the lines of text it is on.
fn legend(marks: &[PageMark], theme: Theme) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    for kind in MarkKind::ALL {
        let own: Vec<&PageMark> = marks.iter().filter(|mark| mark.kind == kind).collect();
        if own.is_empty() {
            continue;
        }
        let (role, symbol, meaning) = appearance(kind, theme);
        let mut lines: Vec<usize> = own.iter().filter_map(|mark| mark.line).collect();
        lines.dedup();
        let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
        let place = match lines.len() {
            0 => String::new(),
            1 => format!(", line {}", lines.join("")),
            _ => format!(", lines {}", lines.join(", ")),
        };
        spans.push(theme.span(role, format!("{symbol} {meaning}{place} ")));
    }
    spans
}

/// Returns the columns and rows of pixels of an area.
fn pixels(area: Rect) -> (u32, u32) {
    (u32::from(area.width), u32::from(area.height) * 2)
}

/// Returns the name of the file, the page number and the page class.
fn title(preview: &PagePreview, model: &Model, theme: Theme, columns: usize) -> Line<'static> {
    let file = model.queue.file(preview.file);
    let document = file.and_then(|file| file.screening()?.document.as_ref());
    let class = document.and_then(|document| document.pages.get(preview.page));
    let mut position = format!(" page {} of {} ", preview.page + 1, preview.pages);
    if let Some(class) = class {
        let (_, symbol) = theme.page(*class);
        position = format!("{position} {symbol} {} ", labels::page_class(*class));
    }
    let legend = legend(&marks(preview, model), theme);
    let name = file.map_or("", File::display_name);
    let legend_columns: usize = legend.iter().map(Span::width).sum();
    let room = columns.saturating_sub(position.len() + 2 + legend_columns);
    let name = shorten_front(name, room, theme.ellipsis());
    let mut spans = vec![
        theme.span(Role::Emphasis, format!(" {name} ")),
        theme.span(Role::Normal, position),
    ];
    spans.extend(legend);
    Line::from(spans)
}

/// Draws the visible part of a picture centered in an area. Returns its cells.
fn draw_picture(
    preview: &PagePreview,
    picture: &Picture,
    theme: Theme,
    area: Rect,
    cells: &mut Buffer,
) -> Rect {
    let available = pixels(area);
    let Some(scaled) = Scaled::new(picture, preview.printed, available, preview.zoom) else {
        return Rect::ZERO;
    };
    // The screen may be larger than at the last movement.
    let max = preview.max_offset(available);
    let (x0, y0) = (preview.offset.0.min(max.0), preview.offset.1.min(max.1));
    let columns = scaled.width.min(available.0) as u16;
    let rows = scaled.height.min(available.1).div_ceil(2) as u16;
    let left = area.x + (area.width - columns) / 2;
    for row in 0..rows {
        for column in 0..columns {
            let (x, y) = (x0 + u32::from(column), y0 + u32::from(row) * 2);
            let (upper, lower) = (scaled.pixel(x, y), scaled.pixel(x, y + 1));
            let position = (left + column, area.y + row);
            if let Some(cell) = cells.cell_mut(position) {
                let (symbol, style) = half_blocks(upper, lower, theme);
                cell.set_symbol(symbol).set_style(style);
            }
        }
    }
    Rect::new(left, area.y, columns, rows)
}

/// An area of a picture, scaled down. Each pixel is the mean of the pixels that it replaces.
struct Scaled<'p> {
    picture: &'p Picture,
    source: PixelArea,
    width: u32,
    height: u32,
}

impl<'p> Scaled<'p> {
    /// Returns `None` if the area or the screen is empty.
    fn new(
        picture: &'p Picture,
        source: PixelArea,
        available: (u32, u32),
        zoom: u32,
    ) -> Option<Self> {
        let is_empty = |size: (u32, u32)| size.0 == 0 || size.1 == 0;
        if is_empty((source.width, source.height)) || is_empty(available) {
            return None;
        }
        let (width, height) = source.scaled(available, zoom);
        Some(Self {
            picture,
            source,
            width,
            height,
        })
    }

    /// Returns a pixel; `None` below the area.
    fn pixel(&self, x: u32, y: u32) -> Option<Pixel> {
        if y >= self.height {
            return None;
        }
        // Returns the source pixels of the scaled pixel `index`, in one dimension.
        let span = |index: u32, scaled: u32, first: u32, whole: u32| {
            let edge = |index: u32| u64::from(index) * u64::from(whole) / u64::from(scaled);
            let (from, to) = (edge(index) as usize, edge(index + 1) as usize);
            let first = first as usize;
            first + from..first + to.max(from + 1)
        };
        let columns = span(x, self.width, self.source.x, self.source.width);
        let rows = span(y, self.height, self.source.y, self.source.height);
        let (mut sum, mut count) = ([0_u64; 3], 0_u64);
        let width = self.picture.width() as usize;
        for row in rows {
            let (from, to) = (row * width + columns.start, row * width + columns.end);
            for pixel in self.picture.pixels().get(from..to)? {
                for (total, part) in sum.iter_mut().zip(pixel) {
                    *total += u64::from(*part);
                }
                count += 1;
            }
        }
        Some(sum.map(|total| (total / count.max(1)) as u8))
    }
}

/// Returns the symbol and style of a cell that shows one pixel above another.
fn half_blocks(upper: Option<Pixel>, lower: Option<Pixel>, theme: Theme) -> (&'static str, Style) {
    let color = |pixel: Pixel| match theme.colors() {
        Colors::True => Some(Color::Rgb(pixel[0], pixel[1], pixel[2])),
        Colors::Indexed => Some(Color::Indexed(nearest_indexed(pixel))),
        Colors::Sixteen | Colors::None => None,
    };
    let is_unicode = theme.symbols() == Symbols::Unicode;
    let (above, below) = (upper.and_then(color), lower.and_then(color));
    match (is_unicode, above, below) {
        // The upper half block: foreground above, background below.
        (true, Some(above), Some(below)) => ("▀", Style::new().fg(above).bg(below)),
        (true, Some(above), None) => ("▀", Style::new().fg(above)),
        _ => (shade(upper, lower, theme.symbols()), Style::new()),
    }
}

/// Returns the shade for the mean of both pixels of a cell.
fn shade(upper: Option<Pixel>, lower: Option<Pixel>, symbols: Symbols) -> &'static str {
    let shades: &[&str] = match symbols {
        Symbols::Unicode => &SHADES,
        Symbols::Ascii => &ASCII_SHADES,
    };
    let ink: Vec<u32> = [upper, lower]
        .into_iter()
        .flatten()
        .map(|pixel| 255 - luminance(pixel))
        .collect();
    let mean = ink.iter().sum::<u32>() as usize / ink.len().max(1);
    let index = mean * shades.len() / 256;
    shades.get(index).copied().unwrap_or(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ink_is_dark_and_paper_is_empty() {
        let check = |pixel, unicode, ascii| {
            assert_eq!(shade(Some(pixel), Some(pixel), Symbols::Unicode), unicode);
            assert_eq!(shade(Some(pixel), None, Symbols::Ascii), ascii);
        };
        check([255; 3], " ", " ");
        check([0; 3], "█", "@");
        check([128; 3], "▒", "=");
    }

    #[test]
    fn each_pixel_is_the_mean_of_those_it_replaces() {
        let rows = [[[0; 3]; 4], [[255; 3]; 4]].concat().repeat(4);
        let picture = Picture::new(4, rows).unwrap();
        let area = PixelArea {
            width: 4,
            height: 8,
            ..PixelArea::default()
        };
        let small = Scaled::new(&picture, area, (2, 20), 0).unwrap();
        assert_eq!((small.width, small.height), (2, 4));
        assert_eq!(small.pixel(0, 0), Some([127; 3]));
        assert_eq!(small.pixel(0, 4), None);
        let part = PixelArea {
            y: 1,
            height: 1,
            ..area
        };
        let part = Scaled::new(&picture, part, (2, 20), 1).unwrap();
        assert_eq!(part.pixel(0, 0), Some([255; 3]));
        assert!(Scaled::new(&picture, area, (0, 20), 1).is_none());
    }
}
