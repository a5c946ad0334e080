//! A page as pixels, for a person to look at.
//!
//! hayro draws it. Nothing bounds its time or memory, so it runs only where any engine may.

use super::limits::LimitHit;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};
use hayro_interpret::InterpreterSettings;
use hayro_syntax::page::Page;

/// A drawn page: opaque pixels, 8 bits a channel, at least one each way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    width: u32,
    pixels: Vec<[u8; 3]>,
}

/// The most pixels of a picture each way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureSize {
    width: u32,
    height: u32,
}

/// Why there is no [`Picture`] of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// The document ends before, or the page is missing.
    #[error("there is no such page")]
    NoSuchPage,
    /// Pages are drawn by an engine that may not run here ([`Engines`](super::Engines)).
    #[error("it can be drawn in a process of its own only")]
    Risky,
    /// Drawing it would cost more than is allowed.
    #[error("{0}")]
    Limit(#[from] LimitHit),
}

impl PictureSize {
    /// No picture is larger: a page of A4 at 140 pixels an inch.
    pub const MOST: Self = Self {
        width: 1200,
        height: 1600,
    };

    /// A size of at least one pixel and at most [`Self::MOST`] each way: others are brought there.
    pub fn new(width: u32, height: u32) -> Self {
        Self {
            width: width.clamp(1, Self::MOST.width),
            height: height.clamp(1, Self::MOST.height),
        }
    }

    /// In pixels.
    pub fn width(self) -> u32 {
        self.width
    }

    /// In pixels.
    pub fn height(self) -> u32 {
        self.height
    }

    /// The largest size inside this one with the proportions of a page, whose sides are in points.
    fn fitting(self, (width, height): (f32, f32)) -> Self {
        let scale = (self.width as f32 / width).min(self.height as f32 / height);
        let side = |points: f32, most: u32| ((points * scale).round() as u32).clamp(1, most);
        Self {
            width: side(width, self.width),
            height: side(height, self.height),
        }
    }
}

impl Picture {
    /// Takes rows of pixels from the top; `None` unless they are whole rows, and not too many.
    pub fn new(width: u32, pixels: Vec<[u8; 3]>) -> Option<Self> {
        let height = pixels.len().checked_div(width as usize)?;
        let is_whole = height > 0 && height * width as usize == pixels.len();
        let most = PictureSize::MOST;
        let fits = width <= most.width && height <= most.height as usize;
        (is_whole && fits).then_some(Self { width, pixels })
    }

    /// In pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// In pixels.
    pub fn height(&self) -> u32 {
        // No more than `PictureSize::MOST` by construction.
        (self.pixels.len() / self.width as usize) as u32
    }

    /// Red, green and blue of all pixels, row by row from the top.
    pub fn pixels(&self) -> &[[u8; 3]] {
        &self.pixels
    }

    /// The rows from the top; each holds [`Self::width`] pixels.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[[u8; 3]]> {
        self.pixels.chunks_exact(self.width as usize)
    }
}

/// Draws a page as viewers show it, on white.
pub(super) fn draw<'p>(page: &'p Page<'p>, most: PictureSize) -> Picture {
    let (page_width, page_height) = page.render_dimensions();
    let size = most.fitting((page_width, page_height));
    // The engine cuts fractions off: half a pixel more keeps the last one.
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
        let size = |most: (u32, u32), page| {
            let size = PictureSize::new(most.0, most.1).fitting(page);
            (size.width, size.height)
        };
        assert_eq!(size((200, 200), (595.0, 842.0)), (141, 200));
        assert_eq!(size((100, 1000), (842.0, 595.0)), (100, 71));
        assert_eq!(size((80, 50), (1.0, 1e9)), (1, 50));
        assert_eq!(size((80, 50), (f32::MAX, f32::MIN_POSITIVE)), (80, 1));
        let most = (PictureSize::MOST.width, 1);
        assert_eq!(size((u32::MAX, 0), (1e9, 1.0)), most);
    }

    #[test]
    fn pixels_that_make_no_rows_are_no_picture() {
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
