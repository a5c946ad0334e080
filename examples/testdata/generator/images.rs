//! Pages as images, with each image filter that scanners and phones use.

use fax::encoder::Encoder as FaxEncoder;
use fax::{Color, VecWriter};
use jpeg_encoder::{ColorType, Encoder as JpegEncoder};

use super::filters::flate;
use super::glyphs::{ADVANCE, CELL, strokes};
use super::jbig2;
use super::jpx;
use super::object::{Body, Dict, Id, Object, name};
use super::random::Random;
use super::sheet::{Element, POINT, Sheet};
use super::writer::{Document, PAGE_HEIGHT, PAGE_WIDTH};

/// The encoding of image samples.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// `DCTDecode`, greyscale.
    Jpeg,
    /// `CCITTFaxDecode`, group 4.
    Fax,
    /// `JBIG2Decode`, one generic region.
    Jbig2,
    /// `JPXDecode`; always the same small image, regardless of the bitmap.
    Jpeg2000,
    /// `FlateDecode` of 8-bit RGB.
    FlateRgb,
}

/// A two-colour image.
pub struct Bitmap {
    width: usize,
    height: usize,
    /// Row by row; `true` is ink.
    ink: Vec<bool>,
}

impl Bitmap {
    /// Draws a sheet on an A4 page with a resolution of `dpi`.
    pub fn of(sheet: &Sheet, dpi: i64) -> Self {
        let pixels = |points: i64| usize::try_from(points * dpi / 72).expect("not negative");
        let (width, height) = (pixels(PAGE_WIDTH), pixels(PAGE_HEIGHT));
        let mut bitmap = Self {
            width,
            height,
            ink: vec![false; width * height],
        };
        for element in &sheet.elements {
            match element {
                Element::Text {
                    x, y, size, text, ..
                } => bitmap.text(dpi, (*x, *y), *size, text),
                Element::Rule { from, to } => bitmap.fill(dpi, *from, *to),
                Element::Panel { .. } => {}
            }
        }
        bitmap
    }

    fn text(&mut self, dpi: i64, (x, y): (i64, i64), size: i64, text: &str) {
        for (index, character) in (0..).zip(text.chars()) {
            let left = x + index * ADVANCE * size / 1000;
            for stroke in strokes(character) {
                let from = (
                    left + stroke.column * CELL * size / 1000,
                    y + stroke.bottom * CELL * size / 1000,
                );
                let to = (
                    from.0 + CELL * size / 1000,
                    from.1 + stroke.height * CELL * size / 1000,
                );
                self.fill(dpi, from, to);
            }
        }
    }

    /// Fills a rectangle, in thousandths of a point, with at least one pixel in each direction.
    fn fill(&mut self, dpi: i64, from: (i64, i64), to: (i64, i64)) {
        let scaled = |length: i64| {
            usize::try_from((length * dpi / 72 / POINT).max(0)).expect("not negative")
        };
        let page = PAGE_HEIGHT * POINT;
        let (left, right) = (scaled(from.0), scaled(to.0).max(scaled(from.0) + 1));
        let (top, bottom) = (
            scaled(page - to.1),
            scaled(page - from.1).max(scaled(page - to.1) + 1),
        );
        for row in top..bottom.min(self.height) {
            for column in left..right.min(self.width) {
                self.ink[row * self.width + column] = true;
            }
        }
    }

    /// Returns the rows from `from` (inclusive) to `to` (exclusive).
    pub fn strip(&self, from: usize, to: usize) -> Self {
        let ink = self.ink[from * self.width..to * self.width].to_vec();
        Self {
            width: self.width,
            height: to - from,
            ink,
        }
    }

    /// Returns the height in pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Adds the bitmap to a document as an image object.
    pub fn add_to(&self, document: &mut Document, codec: Codec) -> Id {
        let (dict, bytes) = self.encoded(codec);
        document.add(Body::Stream(
            dict.with("Type", name("XObject"))
                .with("Subtype", name("Image")),
            bytes,
        ))
    }

    /// Returns the image dictionary without `Type` and `Subtype`, and the encoded samples.
    pub fn encoded(&self, codec: Codec) -> (Dict, Vec<u8>) {
        let sized = |bits: i64, space: &str, filter: &str| {
            Dict::new()
                .with("Width", self.width)
                .with("Height", self.height)
                .with("ColorSpace", name(space))
                .with("BitsPerComponent", bits)
                .with("Filter", name(filter))
        };
        match codec {
            Codec::Jpeg => (sized(8, "DeviceGray", "DCTDecode"), self.jpeg(0, 35)),
            Codec::Fax => {
                let parameters = Dict::new()
                    .with("K", -1)
                    .with("Columns", self.width)
                    .with("Rows", self.height);
                let dict = sized(1, "DeviceGray", "CCITTFaxDecode");
                (dict.with("DecodeParms", parameters), self.fax())
            }
            Codec::Jbig2 => (
                sized(1, "DeviceGray", "JBIG2Decode"),
                jbig2::stream(&self.ink, self.width),
            ),
            Codec::Jpeg2000 => {
                let dict = Dict::new()
                    .with("Width", jpx::WIDTH)
                    .with("Height", jpx::HEIGHT)
                    .with("Filter", name("JPXDecode"));
                (dict, jpx::FILE.to_vec())
            }
            Codec::FlateRgb => {
                // Blue ink on yellowish paper, so that the three components differ.
                let samples: Vec<u8> = self
                    .ink
                    .iter()
                    .flat_map(|&ink| if ink { [30, 30, 110] } else { [252, 250, 235] })
                    .collect();
                (sized(8, "DeviceRGB", "FlateDecode"), flate(&samples))
            }
        }
    }

    /// Encodes a greyscale JPEG. `noise` is the maximum deviation of paper and ink.
    fn jpeg(&self, noise: u8, quality: u8) -> Vec<u8> {
        let mut random = Random::new(0x5CA4);
        let samples: Vec<u8> = self
            .ink
            .iter()
            .map(|&ink| {
                let deviation = match noise {
                    0 => 0,
                    _ => random.bits().to_le_bytes()[0] % noise,
                };
                if ink { 40 + deviation } else { 250 - deviation }
            })
            .collect();
        let side = |length: usize| u16::try_from(length).expect("a page is not that large");
        let mut file = Vec::new();
        JpegEncoder::new(&mut file, quality)
            .encode(
                &samples,
                side(self.width),
                side(self.height),
                ColorType::Luma,
            )
            .expect("writing to memory does not fail");
        file
    }

    fn fax(&self) -> Vec<u8> {
        let mut encoder = FaxEncoder::new(VecWriter::new());
        let width = u32::try_from(self.width).expect("a page is not that wide");
        for row in self.ink.chunks(self.width) {
            let colours = row
                .iter()
                .map(|&ink| if ink { Color::Black } else { Color::White });
            let Ok(()) = encoder.encode_line(colours, width);
        }
        let Ok(writer) = encoder.finish();
        writer.finish()
    }
}

/// Returns the operators that draw an image over the whole page.
pub fn full_page(image: &str) -> Vec<u8> {
    format!("q {PAGE_WIDTH} 0 0 {PAGE_HEIGHT} 0 0 cm /{image} Do Q\n").into_bytes()
}

/// Returns resources with one image named `Im1`.
pub fn image_resources(image: Id) -> Dict {
    Dict::new().with("XObject", Dict::new().with("Im1", image))
}

/// Adds a page that consists of one image of a sheet.
pub fn add_scanned_page(document: &mut Document, sheet: &Sheet, codec: Codec) -> Id {
    let image = Bitmap::of(sheet, 100).add_to(document, codec);
    let content = document.add_flate(Dict::new(), &full_page("Im1"));
    document.add_page(Object::from(content), image_resources(image))
}

/// Creates a document of noisy scans with about `bytes_per_page` per page.
pub fn noisy_scan(sheets: &[Sheet], bytes_per_page: usize) -> Document {
    let mut document = Document::new(0x5CA4);
    // Measured: at quality 80, this noise takes about 3 bits per pixel.
    let dpi = (bytes_per_page as u64 * 8 / 3 * 72 * 72
        / PAGE_WIDTH.unsigned_abs()
        / PAGE_HEIGHT.unsigned_abs())
    .isqrt();
    for sheet in sheets {
        let bitmap = Bitmap::of(sheet, i64::try_from(dpi).expect("a sensible size"));
        let dict = Dict::new()
            .with("Type", name("XObject"))
            .with("Subtype", name("Image"))
            .with("Width", bitmap.width)
            .with("Height", bitmap.height)
            .with("ColorSpace", name("DeviceGray"))
            .with("BitsPerComponent", 8)
            .with("Filter", name("DCTDecode"));
        let image = document.add(Body::Stream(dict, bitmap.jpeg(60, 80)));
        let content = document.add_flate(Dict::new(), &full_page("Im1"));
        document.add_page(Object::from(content), image_resources(image));
    }
    document
}
