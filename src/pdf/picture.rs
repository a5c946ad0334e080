//! A page as a picture.

/// Shim.
#[derive(Debug, Clone, Copy)]
pub struct PictureSize;
impl PictureSize {
    /// Shim.
    pub fn new(_width: u32, _height: u32) -> Self {
        Self
    }
}
/// A picture of red, green and blue, row by row from the top left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
    /// Three bytes a pixel.
    pub pixels: Vec<u8>,
}
