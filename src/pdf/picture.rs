//! Renders a page to pixels with hayro.
//!
//! Nothing limits hayro's time or memory, so it runs only if the budget allows unbounded engines.

use super::limits::LimitHit;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};
use hayro_interpret::InterpreterSettings;
use hayro_syntax::page::Page;

/// A rendered page: opaque RGB pixels with 8 bits per channel, at least one pixel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    width: u32,
    pixels: Vec<[u8; 3]>,
}

/// The maximum width and height of a picture, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureSize {
    width: u32,
    height: u32,
}

/// Why a page could not be rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// The document has fewer pages, or the page is missing.
    #[error("the document has no such page")]
    NoSuchPage,
    /// The budget forbids the engine that renders pages ([`Engines`](super::Engines)).
    #[error("the page can only be rendered in an isolated process")]
    NeedsIsolation,
    /// Rendering exceeds a limit.
    #[error(transparent)]
    Limit(#[from] LimitHit),
}

impl PictureSize {
    /// The largest picture: an A4 page at about 140 pixels per inch.
    pub const MAX: Self = Self {
        width: 1200,
        height: 1600,
    };

    /// Creates a size, with both sides clamped to the range from one pixel to [`Self::MAX`].
    pub fn new(width: u32, height: u32) -> Self {
        Self {
            width: width.clamp(1, Self::MAX.width),
            height: height.clamp(1, Self::MAX.height),
        }
    }

    /// Returns the maximum width in pixels.
    pub fn width(self) -> u32 {
        self.width
    }

    /// Returns the maximum height in pixels.
    pub fn height(self) -> u32 {
        self.height
    }

    /// Returns the largest size within this one that has the proportions of a page.
    fn fitting(self, (width, height): (f32, f32)) -> Self {
        let scale = (self.width as f32 / width).min(self.height as f32 / height);
        let side = |points: f32, max: u32| ((points * scale).round() as u32).clamp(1, max);
        Self {
            width: side(width, self.width),
            height: side(height, self.height),
        }
    }
}

impl Picture {
    /// Creates a picture from rows of pixels, top row first.
    ///
    /// `None` if there is no row, the last row is incomplete, or the picture is larger than
    /// [`PictureSize::MAX`].
    pub fn new(width: u32, pixels: Vec<[u8; 3]>) -> Option<Self> {
        let height = pixels.len().checked_div(width as usize)?;
        let is_complete = height > 0 && height * width as usize == pixels.len();
        let max = PictureSize::MAX;
        let fits = width <= max.width && height <= max.height as usize;
        (is_complete && fits).then_some(Self { width, pixels })
    }

    /// Returns the width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Returns the height in pixels.
    pub fn height(&self) -> u32 {
        // At most `PictureSize::MAX` by construction, so the cast is lossless.
        (self.pixels.len() / self.width as usize) as u32
    }

    /// All pixels as red, green and blue, row by row from the top.
    pub fn pixels(&self) -> &[[u8; 3]] {
        &self.pixels
    }

    /// Returns the rows from the top, with [`Self::width`] pixels each.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[[u8; 3]]> {
        self.pixels.chunks_exact(self.width as usize)
    }
}

/// Renders a page on white, as viewers show it.
pub(super) fn draw<'p>(page: &'p Page<'p>, max_size: PictureSize) -> Picture {
    let (page_width, page_height) = page.render_dimensions();
    let size = max_size.fitting((page_width, page_height));
    // hayro truncates fractions of a pixel; half a pixel more keeps the last one.
    let scale = |pixels: u32, points: f32| (pixels as f32 + 0.5) / points;
    let pixmap = render(
        page,
        &RenderCache::new(),
        &InterpreterSettings::default(),
        &RenderSettings::default(),
        &PixmapSettings {
            x_scale: scale(size.width, page_width),
            y_scale: scale(size.height, page_height),
            bg_color: hayro::vello_cpu::color::palette::css::WHITE,
        },
    );
    Picture {
        width: pixmap.width().into(),
        pixels: pixmap.data().iter().map(|p| [p.r, p.g, p.b]).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_fills_one_side_and_keeps_its_proportions() {
        let size = |max: (u32, u32), page| {
            let size = PictureSize::new(max.0, max.1).fitting(page);
            (size.width, size.height)
        };
        assert_eq!(size((200, 200), (595.0, 842.0)), (141, 200));
        assert_eq!(size((100, 1000), (842.0, 595.0)), (100, 71));
        assert_eq!(size((80, 50), (1.0, 1e9)), (1, 50));
        assert_eq!(size((80, 50), (f32::MAX, f32::MIN_POSITIVE)), (80, 1));
        let widest = (PictureSize::MAX.width, 1);
        assert_eq!(size((u32::MAX, 0), (1e9, 1.0)), widest);
    }

    #[test]
    fn incomplete_rows_and_oversized_pictures_are_rejected() {
        let picture = Picture::new(2, vec![[0; 3]; 6]).unwrap();
        assert_eq!((picture.width(), picture.height()), (2, 3));
        assert_eq!(picture.rows().len(), 3);
        assert_eq!(Picture::new(2, vec![[0; 3]; 5]), None);
        assert_eq!(Picture::new(0, vec![[0; 3]; 5]), None);
        assert_eq!(Picture::new(2, Vec::new()), None);
        assert_eq!(Picture::new(1201, vec![[0; 3]; 1201]), None);
        assert_eq!(Picture::new(1, vec![[0; 3]; 1601]), None);
    }
}
