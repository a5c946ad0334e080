//! A page as a picture, two pixels a cell.

use super::detail::class_word;
use super::paint::{frame, paragraph, put, put_all, safe};
use super::theme::{Role, Theme};
use crate::dashboard::model::{Colors, Model, PageView};
use crate::pdf::Picture;
use crate::report::Symbols;
use crate::text::columns::shorten_front;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::text::Line;

/// Ink from none to full. What is light on paper is left empty: a page is mostly paper, so a
/// picture costs few bytes, and it can be read on dark terminals and on light ones.
const SHADES: [&str; 5] = [" ", "░", "▒", "▓", "█"];
const ASCII_SHADES: [&str; 10] = [" ", ".", ":", "-", "=", "+", "*", "#", "%", "@"];

/// A colour: red, green, blue.
type Pixel = [u8; 3];

/// Draws it.
pub(super) fn draw(page: &PageView, model: &Model, theme: Theme, screen: Rect, cells: &mut Buffer) {
    let size = (screen.width, screen.height);
    let columns = usize::from(screen.width).saturating_sub(4);
    let inside = frame(
        cells,
        theme,
        screen,
        size,
        title(page, model, theme, columns),
    );
    let columns = usize::from(inside.width);
    match &page.picture {
        None => {
            let words = format!("drawing{}", theme.either("…", "..."));
            put(
                cells,
                inside,
                0,
                &Line::from(theme.span(Role::Moving, words)),
            );
        }
        Some(Err(why)) => {
            let text = format!("{} {}", theme.either("✖", "x"), safe(why));
            let lines = paragraph(theme, Role::Bad, (0, columns), &text);
            put_all(cells, inside, &lines);
        }
        Some(Ok(picture)) => show(picture, theme, inside, cells),
    }
}

/// The file, the page, and what its class is.
fn title(page: &PageView, model: &Model, theme: Theme, columns: usize) -> Line<'static> {
    let file = model.queue.file(page.file);
    let document = file.and_then(|file| file.screening()?.document.as_ref());
    let class = document.and_then(|document| document.pages.get(page.page));
    let mut words = format!(" page {} of {} ", page.page + 1, page.pages);
    if let Some(class) = class {
        let (_, sign) = theme.page(*class);
        words = format!("{words} {sign} {} ", class_word(*class));
    }
    let name = file.map_or("", |file| file.shown.as_str());
    let room = columns.saturating_sub(words.len() + 2);
    let name = shorten_front(name, room, theme.cut());
    Line::from(vec![
        theme.span(Role::Strong, format!(" {name} ")),
        theme.span(Role::Plain, words),
    ])
}

/// Shows a picture in the middle of an area, made smaller where it has more pixels than that.
fn show(picture: &Picture, theme: Theme, area: Rect, cells: &mut Buffer) {
    let Some(scaled) = Scaled::new(picture, area) else {
        return;
    };
    let columns = scaled.width as u16;
    let rows = scaled.height.div_ceil(2) as u16;
    let left = area.x + (area.width - columns) / 2;
    for row in 0..rows {
        for column in 0..columns {
            let (x, y) = (u32::from(column), u32::from(row) * 2);
            let (upper, lower) = (scaled.pixel(x, y), scaled.pixel(x, y + 1));
            let place = (left + column, area.y + row);
            if let Some(cell) = cells.cell_mut(place) {
                let (symbol, style) = half_blocks(upper, lower, theme);
                cell.set_symbol(symbol).set_style(style);
            }
        }
    }
}

/// A picture in fewer pixels: each is the mean of those it stands for.
struct Scaled<'p> {
    picture: &'p Picture,
    width: u32,
    height: u32,
}

impl<'p> Scaled<'p> {
    /// `None` where there is nothing to show, or no room for it.
    fn new(picture: &'p Picture, area: Rect) -> Option<Self> {
        let (most_width, most_height) = (u32::from(area.width), u32::from(area.height) * 2);
        let (width, height) = (picture.width(), picture.height());
        if width == 0 || height == 0 || most_width == 0 || most_height == 0 {
            return None;
        }
        let by = |part: u32, of: u32, whole: u32| {
            let scaled = u64::from(whole) * u64::from(part) / u64::from(of);
            u32::try_from(scaled).unwrap_or(u32::MAX).max(1)
        };
        let (mut to_width, mut to_height) = (width, height);
        if to_width > most_width {
            (to_width, to_height) = (most_width, by(most_width, width, height));
        }
        if to_height > most_height {
            to_width = by(most_height, height, width).min(most_width);
            to_height = most_height;
        }
        Some(Self {
            picture,
            width: to_width,
            height: to_height,
        })
    }

    /// The mean of the pixels behind one; `None` outside of the picture.
    fn pixel(&self, x: u32, y: u32) -> Option<Pixel> {
        if y >= self.height {
            return None;
        }
        let span = |at: u32, scaled: u32, whole: u32| {
            let edge = |at: u32| u64::from(at) * u64::from(whole) / u64::from(scaled);
            let (from, to) = (edge(at) as usize, edge(at + 1) as usize);
            from..to.max(from + 1)
        };
        let columns = span(x, self.width, self.picture.width());
        let rows = span(y, self.height, self.picture.height());
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

/// The sign and colours that show one pixel above another.
fn half_blocks(upper: Option<Pixel>, lower: Option<Pixel>, theme: Theme) -> (&'static str, Style) {
    let color = |pixel: Pixel| match theme.colors() {
        Colors::True => Some(Color::Rgb(pixel[0], pixel[1], pixel[2])),
        Colors::Indexed => Some(Color::Indexed(nearest(pixel))),
        Colors::Sixteen | Colors::None => None,
    };
    let colored = theme.symbols() == Symbols::Unicode;
    let (above, below) = (upper.and_then(color), lower.and_then(color));
    match (colored, above, below) {
        (true, Some(above), Some(below)) => ("▀", Style::new().fg(above).bg(below)),
        (true, Some(above), None) => ("▀", Style::new().fg(above)),
        _ => (shade(upper, lower, theme.symbols()), Style::new()),
    }
}

/// The shade that stands for both pixels of a cell.
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
    let place = mean * shades.len() / 256;
    shades.get(place).copied().unwrap_or(" ")
}

/// How bright a colour is, from 0 to 255 (ITU-R BT.601).
fn luminance([red, green, blue]: Pixel) -> u32 {
    (299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue)) / 1000
}

/// The nearest of the 240 colours that 256-colour terminals share: a cube, and greys.
fn nearest(pixel: Pixel) -> u8 {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let step = |part: u8| {
        let distance = |place: &usize| STEPS.get(*place).map_or(255, |step| step.abs_diff(part));
        (0..STEPS.len()).min_by_key(distance).unwrap_or(0)
    };
    let places = pixel.map(step);
    let in_cube = places.map(|place| STEPS.get(place).copied().unwrap_or(0));
    let mean = luminance(pixel);
    let grey = (mean.saturating_sub(3) / 10).min(23) as u8;
    let as_grey = [8 + 10 * grey; 3];
    let distance = |other: Pixel| -> u32 {
        let parts = pixel.iter().zip(other);
        parts.map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
    };
    if distance(as_grey) < distance(in_cube) {
        return 232 + grey;
    }
    let [red, green, blue] = places.map(|place| place as u8);
    16 + 36 * red + 6 * green + blue
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_matched_to_the_nearest_that_there_is() {
        assert_eq!(nearest([255, 255, 255]), 231);
        assert_eq!(nearest([0, 0, 0]), 16);
        assert_eq!(nearest([255, 0, 0]), 196);
        assert_eq!(nearest([128, 128, 128]), 244);
    }

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
    fn a_picture_is_made_to_fit() {
        let rows = [[[0; 3]; 4], [[255; 3]; 4]].concat().repeat(4);
        let picture = Picture::new(4, rows).unwrap();
        let size = |width, height| {
            let scaled = Scaled::new(&picture, Rect::new(0, 0, width, height)).unwrap();
            (scaled.width, scaled.height)
        };
        assert_eq!(size(10, 10), (4, 8));
        assert_eq!(size(2, 10), (2, 4));
        assert_eq!(size(10, 2), (2, 4));
        let small = Scaled::new(&picture, Rect::new(0, 0, 2, 10)).unwrap();
        assert_eq!(small.pixel(0, 0), Some([127; 3]));
        assert_eq!(small.pixel(0, 4), None);
    }
}
